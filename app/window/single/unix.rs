//! Both ends of the local socket, and the lock that says who listens. Called by `single.rs`.

use super::Meeting;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::ffi::OsStr;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// What a message begins with; what follows is paths, each with a zero behind it.
const GREETING: &[u8] = b"askem open 1\n";
/// What is answered once the files are in line.
const TAKEN: &[u8] = b"taken\n";
/// The longest message, in bytes.
const MESSAGE_BYTES_MAX: u64 = 4 << 20;
/// The longest path, in bytes.
const PATH_BYTES_MAX: usize = 4096;
/// Files of one message.
const FILES_MAX: usize = 10_000;
/// How long a message or its answer may take.
const TALK_MAX: Duration = Duration::from_secs(2);
/// How long two programs that start at once may take to find out which is first.
const MEETING_MAX: Duration = Duration::from_secs(3);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

type Wake = Box<dyn Fn() + Send + Sync>;

/// Takes in the files of later starts, on a thread of its own.
pub struct Listener {
    socket: PathBuf,
    files: Receiver<Vec<PathBuf>>,
    wake: Arc<OnceLock<Wake>>,
    is_closed: Arc<AtomicBool>,
    /// Held until this is dropped.
    _lock: File,
}

/// Finds out whether a window is running and hands it the files, which must be absolute; an
/// empty list only brings it to the front. Waits a few seconds at most.
pub fn meet(folder: &Path, files: &[PathBuf]) -> Meeting {
    try_to_meet(folder, files).unwrap_or(Meeting::Apart)
}

/// Becomes the window that others hand their files to as soon as the one that is it has ended;
/// `None` where it does not within `patience`, or cannot be. Hands nothing over.
pub fn inherit(folder: &Path, patience: Duration) -> Option<Listener> {
    let (lock, socket) = private_place(folder).ok()?;
    let deadline = Instant::now() + patience;
    loop {
        match lock.try_lock() {
            Ok(()) => return Listener::open(socket, lock).ok(),
            Err(TryLockError::Error(_)) => return None,
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK_EVERY),
        }
    }
}

fn try_to_meet(folder: &Path, files: &[PathBuf]) -> io::Result<Meeting> {
    let (lock, socket) = private_place(folder)?;
    let message = message_of(files)?;
    let deadline = Instant::now() + MEETING_MAX;
    loop {
        match lock.try_lock() {
            Ok(()) => return Listener::open(socket, lock).map(Meeting::First),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        if hand_over(&socket, &message).is_ok() {
            return Ok(Meeting::HandedOver);
        }
        if Instant::now() >= deadline {
            return Ok(Meeting::Apart);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The lock and the socket's path, in a folder that only this user can enter. An error where
/// it is another user's, or open to others.
fn private_place(folder: &Path) -> io::Result<(File, PathBuf)> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let about = folder.symlink_metadata()?;
    let display = name_of_display();
    let lock = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(folder.join(format!("{display}.lock")))?;
    let owner = lock.metadata()?.uid();
    if !about.is_dir() || about.mode() & 0o077 != 0 || about.uid() != owner {
        return Err(io::Error::other("the folder is not the user's alone"));
    }
    Ok((lock, folder.join(format!("{display}.socket"))))
}

/// Windows on different displays, or of different programs, do not meet.
fn name_of_display() -> String {
    let mut hasher = blake3::Hasher::new();
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        let value = std::env::var_os(name).unwrap_or_default();
        hasher.update(value.as_bytes()).update(b"\0");
    }
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_name().unwrap_or_default().as_bytes();
    // The program with CUDA and the one without stand for each other.
    let program = program.strip_suffix(b"-cuda").unwrap_or(program);
    hasher.update(program);
    hasher.finalize().to_hex().as_str()[..16].to_owned()
}

fn message_of(files: &[PathBuf]) -> io::Result<Vec<u8>> {
    let mut message = GREETING.to_vec();
    for file in files {
        message.extend_from_slice(file.as_os_str().as_bytes());
        message.push(0);
    }
    files_of(&message)
        .map(|_| message)
        .ok_or_else(|| io::Error::other("these paths can't be handed over"))
}

/// The files of a message; `None` for anything but a whole and sensible one.
fn files_of(message: &[u8]) -> Option<Vec<PathBuf>> {
    if message.len() as u64 > MESSAGE_BYTES_MAX {
        return None;
    }
    let rest = message.strip_prefix(GREETING)?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    let paths = rest.strip_suffix(b"\0")?.split(|byte| *byte == 0);
    let mut files = Vec::new();
    for bytes in paths {
        let path = Path::new(OsStr::from_bytes(bytes));
        if bytes.len() > PATH_BYTES_MAX || !path.is_absolute() || files.len() == FILES_MAX {
            return None;
        }
        files.push(path.to_owned());
    }
    Some(files)
}

fn hand_over(socket: &Path, message: &[u8]) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_write_timeout(Some(TALK_MAX))?;
    stream.set_read_timeout(Some(TALK_MAX))?;
    stream.write_all(message)?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream
        .take(TAKEN.len() as u64 + 1)
        .read_to_end(&mut answer)?;
    if answer == TAKEN {
        Ok(())
    } else {
        Err(io::Error::other("the files were not taken"))
    }
}

impl Listener {
    /// Listens in the name of whoever holds the lock; a socket that a crash left goes.
    fn open(socket: PathBuf, lock: File) -> io::Result<Self> {
        match std::fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&socket)?;
        let (sender, files) = unbounded();
        let wake: Arc<OnceLock<Wake>> = Arc::default();
        let is_closed = Arc::new(AtomicBool::new(false));
        let ear = Ear {
            sender,
            wake: Arc::clone(&wake),
            is_closed: Arc::clone(&is_closed),
        };
        std::thread::Builder::new()
            .name("askem-single".into())
            .spawn(move || ear.listen(&listener))?;
        Ok(Self {
            socket,
            files,
            wake,
            is_closed,
            _lock: lock,
        })
    }

    /// Calls `wake` whenever files have come, from the thread that takes them in.
    pub fn wake_with(&self, wake: impl Fn() + Send + Sync + 'static) {
        let _ = self.wake.set(Box::new(wake));
    }

    /// The files of the next start, if there was one; never waits.
    pub fn take(&self) -> Option<Vec<PathBuf>> {
        self.files.try_recv().ok()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Release);
        // Ends the wait for a next one; then nobody finds the way here any more.
        let _ = UnixStream::connect(&self.socket);
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// What the thread of a listener holds.
struct Ear {
    sender: Sender<Vec<PathBuf>>,
    wake: Arc<OnceLock<Wake>>,
    is_closed: Arc<AtomicBool>,
}

impl Ear {
    fn listen(&self, listener: &UnixListener) {
        for stream in listener.incoming() {
            if self.is_closed.load(Ordering::Acquire) {
                return;
            }
            match stream {
                // Whoever sends nonsense, or nothing, gets no answer.
                Ok(stream) => drop(self.take_in(stream)),
                Err(_) => std::thread::sleep(LOOK_EVERY),
            }
        }
    }

    fn take_in(&self, mut stream: UnixStream) -> io::Result<()> {
        let message = read_all(&mut stream, Instant::now() + TALK_MAX)?;
        let files = files_of(&message).ok_or(io::ErrorKind::InvalidData)?;
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.sender.send(files).map_err(gone)?;
        if let Some(wake) = self.wake.get() {
            wake();
        }
        stream.set_write_timeout(Some(TALK_MAX))?;
        stream.write_all(TAKEN)
    }
}

/// All that is sent, if it is not too long and comes in time, however slowly.
fn read_all(stream: &mut UnixStream, deadline: Instant) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut step = [0; 16 << 10];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || message.len() as u64 > MESSAGE_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        stream.set_read_timeout(Some(left))?;
        let got = stream.read(&mut step)?;
        if got == 0 {
            return Ok(message);
        }
        message.extend_from_slice(step.get(..got).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
