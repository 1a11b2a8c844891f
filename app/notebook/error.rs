//! Why the notebook could not be read or written, as sentences with what to do next.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why the notebook could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum NotebookError {
    /// It was written by a later version.
    #[error(
        "The notebook {} was written by a newer Askem (its format is {found}, this one knows {known}). \
         It is left alone and nothing of this session is kept; update Askem to use it.", .file.display()
    )]
    Newer {
        /// The notebook.
        file: PathBuf,
        /// The version of its format.
        found: i64,
        /// The latest version this program knows.
        known: i64,
    },
    /// The disk is full.
    #[error(
        "The notebook {} could not be written, because its disk is full. Askem goes on and tries again; \
         free some space, or questions and answers of this session will be lost when it is closed.", .0.display()
    )]
    DiskFull(PathBuf),
    /// The file or its folder can't be written to or read.
    #[error(
        "The notebook {} can't be used: {why}. Askem goes on without it and tries again; check that the \
         folder can be written to, or switch off File > Keep a notebook.", .file.display()
    )]
    Unusable {
        /// The notebook.
        file: PathBuf,
        /// What the system says, without a full stop.
        why: String,
    },
    /// Its content is not what was written; opening it again puts it aside.
    #[error("The notebook {} is damaged. It will be put aside and a new one begun.", .0.display())]
    Damaged(PathBuf),
    /// This one note can't be written.
    #[error("This could not be noted in {}: {why}. Everything else is.", .file.display())]
    Refused {
        /// The notebook.
        file: PathBuf,
        /// Why, without a full stop.
        why: String,
    },
}

impl NotebookError {
    /// Whether the same note may go through later.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }

    pub(super) fn of(file: &Path, error: &rusqlite::Error) -> Self {
        let file = file.to_owned();
        let why = error.to_string();
        let Some(code) = error.sqlite_error_code() else {
            return Self::Refused { file, why };
        };
        match code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(file),
            ErrorCode::DiskFull => Self::DiskFull(file),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Unusable {
                file,
                why: "another program holds it".into(),
            },
            ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig => {
                Self::Refused { file, why }
            }
            _ => Self::Unusable { file, why },
        }
    }

    pub(super) fn unusable(file: &Path, why: impl std::fmt::Display) -> Self {
        Self::Unusable {
            file: file.to_owned(),
            why: why.to_string(),
        }
    }
}
