//! A file becomes pixels, what the file says about itself, and the input of the engines.
//!
//! Knows no model and no window. Files from outside are hostile: size and kind are read from
//! the header and checked against [`Limits`] before anything is decoded.
//! Called by `worker` (off the UI thread) and by `command`.

mod banner;
mod calibration;
pub mod display;
mod dm;
mod error;
mod ifd;
#[cfg(test)]
mod made;
mod metadata;
mod palette;
mod plain;
mod prepare;
mod printed;
mod read;
mod region;
mod scale_bar;
mod shrink;
mod stretch;
mod tags;
mod tiff;
mod vendor;
mod whole;

pub use calibration::{Calibration, Source, shown_length};
pub use error::{ReadError, steers_text};
pub use metadata::{Entry, Metadata, PixelSize, shown_pixel_size};
pub use prepare::{Prepared, WORKING_SIDE};
pub use printed::Printed;
pub use read::{
    Header, Limits, describe, inspect, inspect_page, read, read_bytes, read_page, read_unless,
};
pub use region::Region;
pub use scale_bar::ScaleBar;

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
    /// BLAKE3 hash of the file, in hex, with `-page-N` behind it for every page but the one with
    /// the science: the micrograph's name everywhere else.
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
    /// 16-bit red, green, blue; three samples a pixel.
    Rgb16(Vec<u16>),
    /// Floating-point grey, one sample a pixel; signed numbers and whole numbers of 32 bits
    /// too. May hold values that are no numbers, and infinite ones.
    Float32(Vec<f32>),
}

impl Pixels {
    /// Samples in all: pixels times samples a pixel.
    pub fn len(&self) -> usize {
        match self {
            Self::Grey8(samples) | Self::Rgb8(samples) => samples.len(),
            Self::Grey16(samples) | Self::Rgb16(samples) => samples.len(),
            Self::Float32(samples) => samples.len(),
        }
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Samples a pixel: 1 (grey) or 3 (colour).
    pub fn samples(&self) -> usize {
        match self {
            Self::Grey8(_) | Self::Grey16(_) | Self::Float32(_) => 1,
            Self::Rgb8(_) | Self::Rgb16(_) => 3,
        }
    }

    /// Bytes that the samples take in memory.
    pub fn bytes(&self) -> usize {
        let of_one = match self {
            Self::Grey8(_) | Self::Rgb8(_) => 1,
            Self::Grey16(_) | Self::Rgb16(_) => 2,
            Self::Float32(_) => 4,
        };
        self.len() * of_one
    }
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
