//! Writes a file so that it is whole or not there.
//!
//! It is written beside its place and then moved. Called by the measurer and by `report`.

use std::io::{self, Write};
use std::path::Path;

/// Writes bytes to a file, in place of what is there where that may be replaced.
pub(super) fn put(path: &Path, bytes: &[u8], may_replace: bool) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    // A temporary file is its owner's alone; this one stays, and is as readable as others.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut beside = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    match may_replace {
        true => beside.persist(path)?,
        false => beside.persist_noclobber(path)?,
    };
    Ok(())
}
