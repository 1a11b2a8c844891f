//! The text file beside an image: `NAME.txt` for `NAME.tif`, where Hitachi and JEOL write what
//! their images lack.
//!
//! Only that one name in the same folder is looked at, only a regular file, never through a
//! link, and only up to a size. Called by `mod.rs`.

use super::text::decode;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Bytes of a text file; those of instruments have a few thousand.
const BYTES_MAX: u64 = 1 << 20;

/// The text beside an image, if there is one.
pub(super) fn text_beside(image: &Path) -> Option<String> {
    ["txt", "TXT"]
        .into_iter()
        .find_map(|extension| text_of(&image.with_extension(extension)))
}

fn text_of(path: &Path) -> Option<String> {
    let about = fs::symlink_metadata(path).ok()?;
    if !about.is_file() || about.len() > BYTES_MAX {
        return None;
    }
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(BYTES_MAX).read_to_end(&mut bytes).ok()?;
    Some(decode(&bytes))
}
