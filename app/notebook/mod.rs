//! The notebook: what the user asked, was told, corrected, calibrated and drew, kept between
//! sessions in one SQLite file on the user's own machine.
//!
//! Micrographs are known by the hash of their content, never by their name. Nothing is sent
//! anywhere and no micrograph is copied into it. Starts no threads and draws nothing;
//! `worker` owns the [`Notebook`], `window` shares the types of [`note`](self).

mod error;
mod note;
mod schema;
mod store;

pub use error::NotebookError;
pub use note::{
    Annotation, CategorySource, Facts, FolderScale, Note, NoteId, Notes, StopReason, Subject, Turn,
    TurnState,
};
pub use store::Notebook;

use std::path::PathBuf;

/// The user's notebook, in the system's folder for data of programs that stays on this machine;
/// `None` where it names none.
pub fn of_user() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "askem")?;
    Some(dirs.data_local_dir().join("notebook.sqlite"))
}
