//! The notebook's file: opening it, and putting it aside where it is damaged. What goes into
//! it and comes out is in `write` and `recall`.
//!
//! Several windows may hold the same file: SQLite's write-ahead log lets them read while one
//! writes, and a writer waits for the other. Waits for the disk, so `worker` calls it from a
//! thread of its own.

mod recall;
mod write;

use super::schema::{self, Kind};
use super::{Note, NotebookError, Notes, Subject};
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long one window waits for another that is writing.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(5);

/// An open notebook.
#[derive(Debug)]
pub struct Notebook {
    connection: Connection,
    file: PathBuf,
    put_aside: Option<PathBuf>,
}

impl Notebook {
    /// Opens the notebook in `file`, or begins it. A damaged one is put aside under another
    /// name and a new one begun: see [`Notebook::put_aside`].
    ///
    /// # Errors
    /// Fails when the folder or file can't be used, and when a later version wrote it.
    pub fn open(file: &Path) -> Result<Self, NotebookError> {
        let unusable = |error: std::io::Error| NotebookError::unusable(file, error);
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(unusable)?;
        // One window after the other: SQLite waits for nobody while it changes to its log, and
        // only one may put a damaged notebook aside.
        let lock = lock(&folder.join("notebook.lock"));
        let opened = match Self::open_sound(file) {
            Err(NotebookError::Damaged(_)) => {
                let kept = put_aside(file).map_err(unusable)?;
                Self::open_sound(file).map(|opened| Self {
                    put_aside: Some(kept),
                    ..opened
                })
            }
            other => other,
        };
        drop(lock);
        opened
    }

    /// Where the damaged notebook that was found in its place is now.
    pub fn put_aside(&self) -> Option<&Path> {
        self.put_aside.as_deref()
    }

    /// Everything noted about a micrograph.
    ///
    /// # Errors
    /// Fails when the file can't be read.
    pub fn recall(&self, hash: &str) -> Result<Notes, NotebookError> {
        recall::notes(&self.connection, hash).map_err(|error| NotebookError::of(&self.file, &error))
    }

    /// Writes something down. It is on the disk when this returns.
    ///
    /// # Errors
    /// Fails when the file can't be written to; nothing of the note is in it then.
    pub fn note(&mut self, subject: &Subject, note: &Note) -> Result<(), NotebookError> {
        write::note(&mut self.connection, subject, note)
            .map_err(|error| NotebookError::of(&self.file, &error))
    }

    fn open_sound(file: &Path) -> Result<Self, NotebookError> {
        let unusable = |error: std::io::Error| NotebookError::unusable(file, error);
        if fs::metadata(file).is_ok_and(|found| !found.is_file()) {
            return Err(NotebookError::unusable(file, "it is no file"));
        }
        make_private(file).map_err(unusable)?;
        let of = |error: rusqlite::Error| NotebookError::of(file, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(file, flags).map_err(of)?;
        connection.busy_timeout(WAIT_FOR_OTHERS).map_err(of)?;
        match schema::prepare(&mut connection).map_err(of)? {
            Kind::Ours => {}
            Kind::Spoilt => return Err(NotebookError::Damaged(file.to_owned())),
            Kind::Newer(found) => {
                return Err(NotebookError::Newer {
                    file: file.to_owned(),
                    found,
                    known: schema::VERSION,
                });
            }
        }
        set_up(&connection).map_err(of)?;
        Ok(Self {
            connection,
            file: file.to_owned(),
            put_aside: None,
        })
    }
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    // Where the file system can't share memory between processes (some network drives) SQLite
    // stays with its older journal, which is as safe and only slower.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // What was shown survives a power cut too; the few writes a second wait on no one.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is forgotten is overwritten.
    connection.pragma_update(None, "secure_delete", true)
}

/// Makes the file, for its owner's eyes only, where there is none: SQLite gives its companions
/// the same rights.
fn make_private(file: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Holds other windows off while a notebook is opened. Where the system has no locks there is
/// none.
fn lock(file: &Path) -> Option<File> {
    make_private(file).ok()?;
    let lock = OpenOptions::new().write(true).open(file).ok()?;
    lock.lock().ok()?;
    Some(lock)
}

/// Renames a notebook and its log. Returns its new name.
fn put_aside(file: &Path) -> std::io::Result<PathBuf> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.unwrap_or_default().as_secs();
    let with = |file: &Path, end: &str| {
        let mut name = OsString::from(file);
        name.push(end);
        PathBuf::from(name)
    };
    let kept = (0..100)
        .map(|count| with(file, &format!(".damaged-{}", seconds.saturating_add(count))))
        .find(|kept| !kept.exists())
        .ok_or(std::io::ErrorKind::AlreadyExists)?;
    fs::rename(file, &kept)?;
    // Its log belongs to it; what the log's index held is made anew.
    match fs::rename(with(file, "-wal"), with(&kept, "-wal")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let _ = fs::remove_file(with(file, "-shm"));
    Ok(kept)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
