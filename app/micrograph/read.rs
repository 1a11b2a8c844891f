//! Reading image files: header first, limits, then pixels.

use super::Micrograph;
use std::path::Path;

/// What a file says before its pixels are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// "TIFF", "PNG", "JPEG" or "BMP", found from the content, not the name.
    pub format: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bits a sample: 8 or 16.
    pub bits: u8,
    /// Samples a pixel: 1 (grey) or 3 (colour).
    pub samples: u8,
    /// Images in the file.
    pub pages: u32,
}

/// The largest image that is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest side, in pixels.
    pub side_px: u32,
    /// Pixels in all.
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { side_px: 32_768, pixels: 500_000_000 }
    }
}

/// Why a file could not be read, as a sentence with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Placeholder until the reader lands.
    #[error("not read")]
    Unread,
}

/// Reads the header alone.
pub fn inspect(path: &Path, limits: Limits) -> Result<Header, ReadError> {
    let _ = (path, limits);
    Err(ReadError::Unread)
}

/// Reads the whole micrograph.
pub fn read(path: &Path, limits: Limits) -> Result<Micrograph, ReadError> {
    let _ = (path, limits);
    Err(ReadError::Unread)
}
