//! A file becomes pixels, what the file says about itself, and the input of the engines.
//!
//! Knows no model and no window. Files from outside are hostile: size and kind are read from
//! the header and checked against [`Limits`] before anything is decoded.
//! Called by `worker` (off the UI thread) and by `command`.

mod calibration;
pub mod display;
mod error;
#[cfg(test)]
mod made;
mod metadata;
mod pages;
mod palette;
mod plain;
mod prepare;
mod read;
mod shrink;
mod stretch;
mod tags;
mod tiff;
mod vendor;
mod whole;

pub use calibration::{Calibration, Source, shown_length};
pub use error::ReadError;
pub use metadata::{Entry, Metadata, PixelSize, shown_pixel_size};
pub use prepare::{Prepared, WORKING_SIDE};
pub use read::{Header, Limits, describe, inspect, read, read_bytes, read_unless};

use std::path::PathBuf;

/// A decoded image. Its pixels keep the depth of the file and are never changed by display.
#[derive(Clone, Debug)]
pub struct Micrograph {
    /// The samples, row by row.
    pub pixels: Pixels,
    /// What the header said.
    pub header: Header,
    /// How large a pixel is, where that is known.
    pub calibration: Option<Calibration>,
    /// What the file says about how the image was taken.
    pub metadata: Metadata,
    /// BLAKE3 hash of the file, in hex: the micrograph's name everywhere else.
    pub hash: String,
    /// The file it was read from.
    pub source: PathBuf,
}

/// Samples in the depth of the file.
#[derive(Clone, Debug)]
pub enum Pixels {
    /// 8-bit grey, one sample a pixel.
    Grey8(Vec<u8>),
    /// 16-bit grey, one sample a pixel.
    Grey16(Vec<u16>),
    /// 8-bit red, green, blue; three samples a pixel.
    Rgb8(Vec<u8>),
}

impl Micrograph {
    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.header.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.header.height
    }
}
