//! The desktop's file dialog, on a thread of its own so that the window never waits for it.
//!
//! Not every desktop has one. Where none answers, the window offers its path field instead:
//! [`FileDialog::poll`] tells when.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// Blocks until the user has chosen files; `None` when there is no dialog or it was closed.
pub type PickFiles = Arc<dyn Fn() -> Option<Vec<PathBuf>> + Send + Sync>;

/// Blocks until the user has chosen where to write, with a proposal; asks before a file is to be
/// replaced. `None` when there is no dialog or it was closed.
pub type PickTarget = Arc<dyn Fn(&Path) -> Option<PathBuf> + Send + Sync>;

/// A dialog that has not come up after this time is not coming.
const SILENCE_MAX: Duration = Duration::from_secs(2);

/// Nobody closes a dialog this fast: it never came up.
const HUMAN_MIN: Duration = Duration::from_millis(400);

/// What became of the dialog.
#[derive(Debug, PartialEq, Eq)]
pub enum DialogAnswer {
    /// The user chose these.
    Files(Vec<PathBuf>),
    /// No dialog came up, with a sentence.
    Missing(&'static str),
}

struct Running {
    answer: Receiver<Option<Vec<PathBuf>>>,
    since: Instant,
    reported: bool,
}

/// Opens the dialog and listens for its answer.
pub struct FileDialog {
    pick: PickFiles,
    running: Option<Running>,
}

impl FileDialog {
    /// Nothing is opened yet.
    pub fn new(pick: PickFiles) -> Self {
        Self {
            pick,
            running: None,
        }
    }

    /// Whether a dialog may be on the screen.
    pub fn is_open(&self) -> bool {
        self.running.is_some()
    }

    /// Opens the dialog; `wake` is called when it has answered, and once when it is late.
    pub fn open(&mut self, wake: impl Fn(Duration) + Send + 'static) {
        let (send, answer) = channel();
        let pick = Arc::clone(&self.pick);
        self.running = Some(Running {
            answer,
            since: Instant::now(),
            reported: false,
        });
        wake(SILENCE_MAX);
        let thread = std::thread::Builder::new()
            .name("file dialog".to_owned())
            .spawn(move || {
                // The window may be gone by then: then nobody wants the answer.
                let _ = send.send(pick());
                wake(Duration::ZERO);
            });
        drop(thread);
    }

    /// Looks for news without waiting. A window that keeps the focus has no dialog before it.
    pub fn poll(&mut self, window_has_focus: bool) -> Option<DialogAnswer> {
        let running = self.running.as_mut()?;
        let waited = running.since.elapsed();
        let (answer, reported) = (running.answer.try_recv(), running.reported);
        match answer {
            Ok(Some(files)) => {
                self.running = None;
                (!files.is_empty()).then_some(DialogAnswer::Files(files))
            }
            Ok(None) | Err(TryRecvError::Disconnected) => {
                self.running = None;
                let missing = waited < HUMAN_MIN && !reported;
                missing.then_some(DialogAnswer::Missing(
                    "This desktop offers no file dialog. Type or paste the path of a micrograph.",
                ))
            }
            Err(TryRecvError::Empty) if waited >= SILENCE_MAX && window_has_focus && !reported => {
                running.reported = true;
                Some(DialogAnswer::Missing(
                    "The file dialog does not answer. Type or paste the path of a micrograph.",
                ))
            }
            Err(TryRecvError::Empty) => None,
        }
    }
}

/// The dialog of the desktop.
pub fn of_desktop() -> PickFiles {
    Arc::new(|| {
        rfd::FileDialog::new()
            .set_title("Open micrographs")
            .add_filter(
                "Micrographs",
                &[
                    "tif", "tiff", "png", "jpg", "jpeg", "bmp", "webp", "dm3", "dm4",
                ],
            )
            .add_filter("All files", &["*"])
            .pick_files()
    })
}

/// The dialog of the desktop for a folder.
pub fn folder_of_desktop() -> PickFiles {
    Arc::new(|| {
        let dialog = rfd::FileDialog::new().set_title("Choose a folder");
        Some(vec![dialog.pick_folder()?])
    })
}

/// The dialog of the desktop for a picture to write.
pub fn target_of_desktop() -> PickTarget {
    Arc::new(|proposal| {
        let mut dialog = rfd::FileDialog::new()
            .set_title("Export view")
            .add_filter("PNG", &["png"])
            .add_filter("TIFF", &["tif", "tiff"]);
        if let Some(folder) = proposal.parent().filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        if let Some(name) = proposal.file_name() {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
        dialog.save_file()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_of(pick: PickFiles) -> Option<DialogAnswer> {
        let (woken, wait) = channel();
        let mut dialog = FileDialog::new(pick);
        dialog.open(move |after| {
            if after.is_zero() {
                let _ = woken.send(());
            }
        });
        let _ = wait.recv_timeout(Duration::from_secs(5));
        let answer = dialog.poll(true);
        assert!(!dialog.is_open());
        answer
    }

    #[test]
    fn chosen_files_come_through() {
        let files = vec![PathBuf::from("/a.tif")];
        let chosen = files.clone();
        assert_eq!(
            answer_of(Arc::new(move || Some(chosen.clone()))),
            Some(DialogAnswer::Files(files))
        );
    }

    #[test]
    fn a_dialog_that_fails_at_once_is_missing() {
        assert!(matches!(
            answer_of(Arc::new(|| None)),
            Some(DialogAnswer::Missing(_))
        ));
    }

    #[test]
    fn a_dialog_the_user_closed_is_no_news() {
        let slow: PickFiles = Arc::new(|| {
            std::thread::sleep(HUMAN_MIN + Duration::from_millis(50));
            None
        });
        assert_eq!(answer_of(slow), None);
    }

    #[test]
    fn a_silent_dialog_is_reported_once_and_may_still_answer() {
        let (go, gate) = channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        let mut dialog = FileDialog::new(Arc::new(move || {
            let _ = gate.lock().map(|gate| gate.recv());
            Some(vec![PathBuf::from("/late.tif")])
        }));
        let (woken, wait) = channel();
        dialog.open(move |after| {
            if after.is_zero() {
                let _ = woken.send(());
            }
        });
        assert_eq!(dialog.poll(true), None);
        if let Some(running) = dialog.running.as_mut() {
            running.since -= SILENCE_MAX;
        }
        assert_eq!(
            dialog.poll(false),
            None,
            "the dialog has the focus: the user is choosing"
        );
        assert!(matches!(dialog.poll(true), Some(DialogAnswer::Missing(_))));
        assert_eq!(dialog.poll(true), None);
        drop(go);
        let _ = wait.recv_timeout(Duration::from_secs(5));
        assert!(matches!(dialog.poll(true), Some(DialogAnswer::Files(_))));
    }
}
