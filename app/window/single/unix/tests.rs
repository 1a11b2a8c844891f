//! Both ends of the socket, and everything that may be sent to it.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use std::os::unix::fs::PermissionsExt;

fn first(folder: &Path) -> Listener {
    match meet(folder, &[]) {
        Meeting::First(listener) => listener,
        Meeting::HandedOver => panic!("handed over to nobody"),
        Meeting::Apart => panic!("apart"),
    }
}

fn is_handed_over(folder: &Path, files: &[PathBuf]) -> bool {
    matches!(meet(folder, files), Meeting::HandedOver)
}

/// What a listener gets next.
fn next(listener: &Listener) -> Vec<PathBuf> {
    listener.files.recv_timeout(TALK_MAX * 2).unwrap()
}

/// A folder as the user has it: the socket's lies in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("askem/window");
    (folder, place)
}

#[test]
fn a_later_start_hands_its_files_over_and_the_last_window_leaves_no_socket() {
    let (_folder, place) = place();
    let listener = first(&place);
    let (woken, wait) = unbounded();
    listener.wake_with(move || {
        let _ = woken.send(());
    });
    // Any bytes but zero make a name here.
    let strange = PathBuf::from(OsStr::from_bytes(b"/lab/\xff\xfe \n.tif"));
    let files = [PathBuf::from("/lab/a.tif"), strange];
    assert!(is_handed_over(&place, &files));
    assert_eq!(next(&listener), files);
    wait.recv_timeout(TALK_MAX).unwrap();
    assert!(is_handed_over(&place, &[]), "only to the front");
    assert_eq!(next(&listener), Vec::<PathBuf>::new());
    let socket = listener.socket.clone();
    drop(listener);
    assert!(!socket.exists());
    let again = first(&place);
    assert!(is_handed_over(&place, &files));
    assert_eq!(next(&again), files);
}

#[test]
fn the_folder_is_its_owners_alone() {
    let (_folder, place) = place();
    let listener = first(&place);
    let mode = place.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    drop(listener);
    for mode in [0o755, 0o770, 0o777] {
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(meet(&place, &[]), Meeting::Apart), "{mode:o}");
    }
}

#[test]
fn a_folder_that_is_a_link_or_a_file_is_not_used() {
    let (folder, place) = place();
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    let elsewhere = folder.path().join("elsewhere");
    DirBuilder::new().mode(0o700).create(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &place).unwrap();
    assert!(matches!(meet(&place, &[]), Meeting::Apart));
    std::fs::remove_file(&place).unwrap();
    std::fs::write(&place, "").unwrap();
    assert!(matches!(meet(&place, &[]), Meeting::Apart));
}

#[test]
fn a_socket_left_by_a_crash_is_in_nobodys_way() {
    let (_folder, place) = place();
    let listener = first(&place);
    let socket = listener.socket.clone();
    drop(listener);
    // Bound and never answered: what a killed window leaves, without its lock.
    drop(UnixListener::bind(&socket).unwrap());
    assert!(socket.exists());
    let listener = first(&place);
    assert!(is_handed_over(&place, &["/a.tif".into()]));
    assert_eq!(next(&listener), [PathBuf::from("/a.tif")]);
}

#[test]
fn of_many_starts_at_once_one_is_first_and_gets_all_files() {
    for _ in 0..5 {
        let (_folder, place) = place();
        let starts: Vec<_> = (0..8)
            .map(|number| {
                let place = place.clone();
                std::thread::spawn(move || meet(&place, &[format!("/{number}.tif").into()]))
            })
            .collect();
        let meetings: Vec<_> = starts.into_iter().map(|s| s.join().unwrap()).collect();
        let mut listeners = Vec::new();
        let mut handed_over = 0;
        for meeting in meetings {
            match meeting {
                Meeting::First(listener) => listeners.push(listener),
                Meeting::HandedOver => handed_over += 1,
                Meeting::Apart => panic!("two windows"),
            }
        }
        assert_eq!((listeners.len(), handed_over), (1, 7));
        for _ in 0..7 {
            assert_eq!(next(&listeners[0]).len(), 1);
        }
        assert_eq!(listeners[0].take(), None);
    }
}

#[test]
fn nonsense_is_not_answered_and_opens_nothing() {
    let (_folder, place) = place();
    let listener = first(&place);
    let mut long = GREETING.to_vec();
    long.extend(vec![b'a'; MESSAGE_BYTES_MAX as usize + 1]);
    let mut many = GREETING.to_vec();
    many.extend(b"/a\0".repeat(FILES_MAX + 1));
    let long_path = [GREETING, b"/", &[b'a'; PATH_BYTES_MAX], b"\0"].concat();
    let messages: [&[u8]; 9] = [
        b"",
        b"\0",
        b"GET / HTTP/1.1\r\n\r\n",
        b"askem open 2\n/a.tif\0",
        b"askem open 1\n/a.tif",
        b"askem open 1\nrelative.tif\0",
        &long_path,
        &many,
        &long,
    ];
    for message in messages {
        let start = String::from_utf8_lossy(&message[..message.len().min(30)]).into_owned();
        let mut stream = UnixStream::connect(&listener.socket).unwrap();
        // The other end may hang up before all of it is sent.
        let _ = stream.write_all(message);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert_eq!(answer, b"", "{start}");
    }
    assert_eq!(listener.take(), None);
    assert!(is_handed_over(&place, &["/a.tif".into()]));
    assert_eq!(next(&listener), [PathBuf::from("/a.tif")]);
}

#[test]
fn one_that_sends_nothing_holds_up_others_for_a_moment_only() {
    let (_folder, place) = place();
    let listener = first(&place);
    let silent = UnixStream::connect(&listener.socket).unwrap();
    let began = Instant::now();
    assert!(is_handed_over(&place, &["/a.tif".into()]));
    assert!(began.elapsed() < MEETING_MAX + TALK_MAX);
    assert_eq!(next(&listener), [PathBuf::from("/a.tif")]);
    drop(silent);
}

#[test]
fn what_can_not_be_handed_over_opens_apart() {
    let (_folder, place) = place();
    let listener = first(&place);
    assert!(matches!(meet(&place, &["a.tif".into()]), Meeting::Apart));
    let too_many = vec![PathBuf::from("/a.tif"); FILES_MAX + 1];
    assert!(matches!(meet(&place, &too_many), Meeting::Apart));
    assert_eq!(listener.take(), None);
}

#[test]
fn a_window_that_takes_over_listens_once_the_one_before_has_ended() {
    let (_folder, place) = place();
    let before = first(&place);
    let short = Duration::from_millis(60);
    assert!(inherit(&place, short).is_none(), "two windows listen");
    assert!(before.take().is_none(), "something was handed over");
    let heir = std::thread::spawn({
        let place = place.clone();
        move || inherit(&place, TALK_MAX * 5)
    });
    std::thread::sleep(short);
    drop(before);
    let heir = heir.join().unwrap().unwrap();
    let files = [PathBuf::from("/lab/a.tif")];
    assert!(is_handed_over(&place, &files));
    assert_eq!(next(&heir), files);
}
