//! Paths that are no files, and files that are not what their name says or change meanwhile.

use super::{SMALL, grey_tiff, read_file, refused, sentence, specimens};
use askem::micrograph::{inspect, read, read_unless};
use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tiff::encoder::Compression;

#[test]
fn a_text_file_is_no_image_whatever_its_name() {
    refused(
        "notes.png",
        b"beam current 0.1 nA, sample 7\n",
        "no TIFF, PNG, JPEG, BMP",
    );
    refused("notes.tif", b"II", "no TIFF, PNG, JPEG, BMP");
}

#[test]
fn the_content_decides_not_the_name() {
    let specimens = specimens();
    for (index, (_, bytes)) in specimens.iter().enumerate() {
        let (other_name, _) = &specimens[(index + 5) % specimens.len()];
        read_file(other_name, bytes).unwrap();
    }
}

#[test]
fn an_empty_file_is_called_empty() {
    refused("blank.tif", b"", "is empty");
}

#[test]
fn folders_pipes_and_devices_are_named_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &Path, name: &str, what: &str| {
        let started = Instant::now();
        let text = sentence(&read(path, SMALL).unwrap_err(), name);
        assert!(text.contains(what), "{text}");
        sentence(&inspect(path, SMALL).unwrap_err(), name);
        assert!(started.elapsed() < Duration::from_secs(2));
    };
    let inner = folder.path().join("images.tif");
    fs::create_dir(&inner).unwrap();
    check(&inner, "images.tif", "a folder");
    check(
        &folder.path().join("gone.tif"),
        "gone.tif",
        "could not be read",
    );
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe.tif");
        let made = std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap();
        assert!(made.success());
        check(&pipe, "pipe.tif", "a pipe");
        let socket = folder.path().join("socket.tif");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        check(&socket, "socket.tif", "a socket");
        let link = folder.path().join("link.tif");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        check(&link, "link.tif", "a device");
    }
}

/// What happens to a file between two looks at whether it is still wanted.
fn changed_meanwhile(change: impl Fn(&Path)) -> Vec<Result<(), String>> {
    let mut results = Vec::new();
    for compression in [Compression::Uncompressed, Compression::Lzw] {
        let whole = grey_tiff(400, 300, compression, 1);
        for look in 0..12 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("changes.tif");
            fs::write(&path, &whole).unwrap();
            let looks = Cell::new(0);
            let is_cancelled = || {
                if looks.replace(looks.get() + 1) == look {
                    change(&path);
                }
                false
            };
            let read = read_unless(&path, None, SMALL, &is_cancelled);
            assert!(looks.get() > look, "it was never looked at");
            results.push(match read {
                Ok(read) => {
                    assert_eq!(read.pixels.len(), 400 * 300);
                    Ok(())
                }
                Err(error) => Err(sentence(&error, "changes.tif")),
            });
        }
    }
    results
}

#[test]
fn a_file_that_changes_while_it_is_read_breaks_nothing() {
    let length = |path: &Path, bytes| {
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(bytes).unwrap();
    };
    let cut = changed_meanwhile(|path| length(path, 20_000));
    assert!(cut.iter().any(Result::is_err), "{cut:?}");
    let emptied = changed_meanwhile(|path| length(path, 0));
    assert!(
        emptied
            .iter()
            .all(|read| read.as_ref().is_err_and(|text| text.contains("damaged"))),
        "{emptied:?}"
    );
    let grown = changed_meanwhile(|path| length(path, 5_000_000));
    assert!(grown.iter().all(Result::is_ok), "{grown:?}");
    // An open file stays readable on Unix; elsewhere it cannot be removed.
    let gone = changed_meanwhile(|path| drop(fs::remove_file(path)));
    assert!(gone.iter().all(Result::is_ok), "{gone:?}");
}
