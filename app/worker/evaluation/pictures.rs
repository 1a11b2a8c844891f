//! Small copies of tested images for a report.
//!
//! What cannot be read has no picture. Called by `evaluation` and by the window's lane.

use crate::micrograph::{self, Limits, Prepared};
use image::ExtendedColorType::L8;
use image::codecs::jpeg::JpegEncoder;
use std::path::Path;

/// The longest side, in pixels.
const SIDE_PX: u32 = 160;
/// The quality of the JPEG.
const QUALITY: u8 = 78;

/// A small copy of a file of a folder, where it can be read.
pub fn small(folder: &Path, file: &str) -> Option<Prepared> {
    let micrograph = micrograph::read(&folder.join(file), Limits::default()).ok()?;
    Some(Prepared::new(&micrograph).at_most(SIDE_PX))
}

/// The same as the bytes of a JPEG; empty where it cannot be read.
pub fn small_picture(folder: &Path, file: &str) -> Vec<u8> {
    let Some(small) = small(folder, file) else {
        return Vec::new();
    };
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    let written = write(encoder, &small);
    written.map_or(Vec::new(), |()| bytes)
}

fn write(mut encoder: JpegEncoder<&mut Vec<u8>>, small: &Prepared) -> image::ImageResult<()> {
    encoder.encode(&small.grey, small.width, small.height, L8)
}
