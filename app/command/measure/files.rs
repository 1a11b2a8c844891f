//! Writes the files of `askem measure`: whole or not there.
//!
//! A file is written beside its place and then moved. Called by `measure.rs` and `overlay.rs`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system refused.
    #[error("{} could not be written: {error}. Name a folder that is there and may be written to.", file.display())]
    System {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The image could not be coded.
    #[error("{} could not be written as PNG: {error}.", file.display())]
    Image {
        /// The file.
        file: PathBuf,
        /// What the encoder said.
        error: image::ImageError,
    },
}

/// Writes bytes so that the file is whole or not there.
pub fn write(file: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |error| WriteError::System {
        file: file.to_owned(),
        error,
    };
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut beside = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    beside.write_all(bytes).map_err(failed)?;
    beside.as_file().sync_all().map_err(failed)?;
    beside.persist(file).map_err(|kept| failed(kept.error))?;
    Ok(())
}
