//! What the engines see of a micrograph: stretched 8-bit grey at working size.
//!
//! Depends on the pixels alone, so that the same micrograph gives the same answers everywhere.
//! Called by `worker` and `command`.

use super::Micrograph;
use super::shrink::{LEVELS_FROM_8_BIT, fitted, levels, shrink};
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

    /// The same with the longest side at most `side_px`, for keeping many in memory.
    pub fn at_most(self, side_px: u32) -> Self {
        let size = [self.width, self.height];
        let to = fitted(size, side_px);
        if to == size {
            return self;
        }
        let width = self.width as usize;
        let fill = |y: usize, row: &mut [u16]| {
            for (level, grey) in row.iter_mut().zip(&self.grey[y * width..]) {
                *level = u16::from(*grey) * LEVELS_FROM_8_BIT;
            }
        };
        let levels = shrink(size, to, 1, fill);
        let half = LEVELS_FROM_8_BIT / 2;
        let grey = levels
            .iter()
            .map(|level| (level.saturating_add(half) / LEVELS_FROM_8_BIT) as u8);
        Self {
            grey: grey.collect(),
            width: to[0],
            height: to[1],
            hash: self.hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::Pixels;
    use crate::micrograph::made::micrograph;

    #[test]
    fn a_kept_copy_is_smaller_and_as_bright_and_never_empty() {
        let prepared = |width: usize, height: usize| Prepared {
            grey: vec![255; width * height],
            width: width as u32,
            height: height as u32,
            hash: "h".into(),
        };
        let kept = prepared(1000, 750).at_most(512);
        assert_eq!((kept.width, kept.height), (512, 384));
        assert!(kept.grey.len() == 512 * 384 && kept.grey.iter().all(|grey| *grey == 255));
        let thin = prepared(1000, 1).at_most(10);
        assert_eq!((thin.width, thin.height, thin.grey.len()), (10, 1, 10));
        assert_eq!(prepared(8, 6).at_most(512).width, 8);
    }

    #[test]
    fn a_ramp_of_any_depth_fills_the_scale() {
        let ramp = |i: usize| (100 + i / 40) as u8;
        let deep = (0..4000).map(|i| 1000 + i).collect();
        let grey = (0..4000).map(ramp).collect();
        let colour = (0..12_000).map(|i| ramp(i / 3)).collect();
        let deep_colour = (0..12_000).map(|i| 1000 + i / 3).collect();
        let float = (0..4000).map(|i| i as f32 / 1e6 - 7.0).collect();
        for pixels in [
            Pixels::Grey8(grey),
            Pixels::Grey16(deep),
            Pixels::Rgb8(colour),
            Pixels::Rgb16(deep_colour),
            Pixels::Float32(float),
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
        for pixels in [
            Pixels::Grey8(vec![3; 6]),
            Pixels::Grey16(vec![u16::MAX; 6]),
            Pixels::Rgb16(vec![7; 18]),
            Pixels::Float32(vec![-0.5; 6]),
            Pixels::Float32(vec![f32::NAN; 6]),
            Pixels::Float32(vec![f32::INFINITY; 6]),
        ] {
            assert_eq!(Prepared::new(&micrograph(3, 2, pixels)).grey, [128; 6]);
        }
    }

    #[test]
    fn what_is_no_number_is_black_and_spoils_nothing_else() {
        let mut samples: Vec<f32> = (0..900).map(|i| i as f32).collect();
        let clean = Prepared::new(&micrograph(30, 30, Pixels::Float32(samples.clone()))).grey;
        samples[450] = f32::NAN;
        samples[451] = f32::NEG_INFINITY;
        samples[452] = f32::INFINITY;
        let spoilt = Prepared::new(&micrograph(30, 30, Pixels::Float32(samples))).grey;
        assert_eq!(spoilt[450..453], [0, 0, 255]);
        let others = clean.iter().zip(&spoilt).enumerate();
        let mut others = others.filter(|(i, _)| !(450..453).contains(i));
        assert!(others.all(|(_, (clean, spoilt))| clean.abs_diff(*spoilt) <= 1));
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
