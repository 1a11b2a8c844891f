//! What the engines see of a micrograph: stretched 8-bit grey at working size.
//!
//! Depends on the pixels alone, so that the same micrograph gives the same answers everywhere.
//! Called by `worker` and `command`.

use super::Micrograph;
use super::shrink::{fitted, levels};
use super::stretch::Stretch;

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
    /// brightest half per cent clipped. An even image becomes middle grey.
    pub fn new(micrograph: &Micrograph) -> Self {
        let size = fitted([micrograph.width(), micrograph.height()], WORKING_SIDE);
        let levels = levels(micrograph, 1, size);
        let table = Stretch::of(&levels).table();
        let grey = levels
            .iter()
            .map(|level| table[usize::from(*level)])
            .collect();
        Self {
            grey,
            width: size[0],
            height: size[1],
            hash: micrograph.hash.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::{Header, Pixels};

    fn micrograph(width: u32, height: u32, pixels: Pixels) -> Micrograph {
        let (bits, samples) = match pixels {
            Pixels::Grey8(_) => (8, 1),
            Pixels::Grey16(_) => (16, 1),
            Pixels::Rgb8(_) => (8, 3),
        };
        let header = Header {
            format: "TIFF",
            width,
            height,
            bits,
            samples,
            pages: 1,
        };
        Micrograph {
            pixels,
            header,
            hash: "h".into(),
            source: "made".into(),
        }
    }

    #[test]
    fn a_ramp_of_any_depth_fills_the_scale() {
        let ramp = |i: usize| (100 + i / 40) as u8;
        let deep = (0..4000).map(|i| 1000 + i).collect();
        let grey = (0..4000).map(ramp).collect();
        let colour = (0..12_000).map(|i| ramp(i / 3)).collect();
        for pixels in [
            Pixels::Grey8(grey),
            Pixels::Grey16(deep),
            Pixels::Rgb8(colour),
        ] {
            let prepared = Prepared::new(&micrograph(80, 50, pixels));
            assert_eq!(
                (prepared.width, prepared.height, prepared.grey.len()),
                (80, 50, 4000)
            );
            assert_eq!((prepared.grey[0], prepared.grey[3999]), (0, 255));
            assert!(
                prepared.grey[2000].abs_diff(128) <= 2,
                "{}",
                prepared.grey[2000]
            );
            assert_eq!(prepared.hash, "h");
        }
    }

    #[test]
    fn the_longest_side_is_the_working_side() {
        let pixels = Pixels::Grey16((0..2048 * 512_u32).map(|i| (i % 2048) as u16).collect());
        let prepared = Prepared::new(&micrograph(2048, 512, pixels));
        assert_eq!((prepared.width, prepared.height), (1024, 256));
        assert!(
            prepared.grey.chunks(1024).all(|row| row.is_sorted()),
            "the ramp is broken"
        );
    }

    #[test]
    fn an_even_image_is_middle_grey() {
        for pixels in [Pixels::Grey8(vec![3; 6]), Pixels::Grey16(vec![u16::MAX; 6])] {
            assert_eq!(Prepared::new(&micrograph(3, 2, pixels)).grey, [128; 6]);
        }
    }

    #[test]
    fn brightness_and_contrast_of_the_recording_do_not_matter() {
        let pattern: Vec<u16> = (0..900_u16).map(|i| i * 37 % 211).collect();
        let dim = Pixels::Grey16(pattern.iter().map(|v| v + 50).collect());
        let bright = Pixels::Grey16(pattern.iter().map(|v| v * 200 + 9000).collect());
        let [dim, bright] = [dim, bright].map(|p| Prepared::new(&micrograph(30, 30, p)).grey);
        assert_eq!(dim, bright);
    }
}
