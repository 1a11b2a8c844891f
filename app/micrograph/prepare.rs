//! What the engines see of a micrograph: its specimen as stretched 8-bit grey at working size.
//!
//! Depends on the pixels and on what the user has left out alone, so that the same micrograph
//! gives the same answers everywhere. What is not the specimen is cropped off at the edges and
//! filled from its surroundings elsewhere, and has no part in the contrast.
//! Called by `worker` and `command`.

use super::Micrograph;
use super::fill::fill;
use super::mask::{Edits, Mask};
use super::overlay::Rect;
use super::printed::Printed;
use super::shrink::{LEVELS_FROM_8_BIT, fitted, levels_within, shrink};
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
    /// Names the image as it is seen here: engines keep their encoding of it under this name.
    /// Begins with the micrograph's content hash; what is seen of it follows behind "#".
    pub hash: String,
    /// What was left out.
    pub mask: Mask,
}

impl Prepared {
    /// Prepares a micrograph without what is found to be no specimen.
    pub fn new(micrograph: &Micrograph) -> Self {
        let size = [micrograph.width(), micrograph.height()];
        let mask = Mask::of(size, &Printed::of(micrograph), &Edits::default());
        Self::masked(micrograph, &mask)
    }

    /// Prepares a micrograph without what a mask leaves out: grey, longest side at most
    /// [`WORKING_SIDE`], the darkest and brightest half per cent clipped. An even image becomes
    /// middle grey.
    pub fn masked(micrograph: &Micrograph, mask: &Mask) -> Self {
        let whole = [0, 0, micrograph.width(), micrograph.height()];
        Self::part(micrograph, whole, micrograph.hash.clone(), mask)
    }

    /// The same of a part, which lies in the image and is not empty, under a name of its own.
    pub(super) fn part(micrograph: &Micrograph, part: Rect, mut hash: String, mask: &Mask) -> Self {
        let seen = mask.cropped(part);
        let size = fitted([seen[2] - seen[0], seen[3] - seen[1]], WORKING_SIDE);
        let levels = levels_within(micrograph, seen, 1, size);
        let is_specimen = mask.at_size(seen, size);
        let of_specimen: Vec<u16> = levels
            .iter()
            .zip(&is_specimen)
            .filter_map(|(level, is)| is.then_some(*level))
            .collect();
        let table = Stretch::of(&of_specimen).table();
        let mut grey: Vec<u8> = levels
            .iter()
            .map(|level| table[usize::from(*level)])
            .collect();
        fill(&mut grey, size.map(|side| side as usize), &is_specimen);
        if let Some(name) = mask.name() {
            hash = format!("{hash}#without-{name}");
        }
        Self {
            grey,
            width: size[0],
            height: size[1],
            hash,
            mask: mask.clone(),
        }
    }

    /// The content hash of the micrograph it was made from.
    pub fn micrograph_hash(&self) -> &str {
        self.hash
            .split_once('#')
            .map_or(self.hash.as_str(), |(hash, _)| hash)
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
            mask: self.mask,
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
            mask: Mask::default(),
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

    #[test]
    fn what_is_left_out_is_neither_seen_nor_does_it_change_the_contrast() {
        let (width, height) = (120, 100);
        let specimen = |i: usize| 90 + (i * 7919 % 41) as u8;
        let mut grey: Vec<u8> = (0..width * height).map(specimen).collect();
        // A banner of black and white, and a white box inside.
        for (i, value) in grey.iter_mut().enumerate() {
            let (x, y) = (i % width, i / width);
            if y >= 88 {
                *value = if x % 3 == 0 { 0 } else { 255 };
            } else if (30..60).contains(&x) && (40..50).contains(&y) {
                *value = 255;
            }
        }
        let image = micrograph(width as u32, height as u32, Pixels::Grey8(grey));
        let printed = Printed {
            banner: Some([0, 88, 120, 100]),
            ..Printed::default()
        };
        let edits = Edits {
            added: vec![[30, 40, 60, 50]],
            kept: Vec::new(),
        };
        let mask = Mask::of([120, 100], &printed, &edits);
        let masked = Prepared::masked(&image, &mask);
        assert_eq!((masked.width, masked.height), (120, 88));
        let [least, most] = [0, 255].map(|end| masked.grey.contains(&end));
        assert!(least && most, "the specimen fills the scale");
        let inside = masked.grey[45 * 120 + 45];
        assert!((70..190).contains(&inside), "{inside} is not as around it");
        assert_eq!(masked.micrograph_hash(), "h");
        let whole = Prepared::masked(&image, &Mask::default());
        assert!(whole.hash == "h" && masked.hash != whole.hash);
        let other = Mask::of([120, 100], &printed, &Edits::default());
        assert_ne!(Prepared::masked(&image, &other).hash, masked.hash);
    }
}
