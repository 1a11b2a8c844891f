//! Brightness, contrast, gamma, inversion and false colours: how recorded levels are shown.
//!
//! A [`DisplayMap`] says how, a [`Table`] has the answer for every level. Neither ever touches
//! the recorded pixels.

use super::colours::ColourMap;
use super::histogram::Histogram;
use crate::micrograph::shrink::LEVELS_FROM_8_BIT;
use crate::micrograph::{Micrograph, Pixels};
use std::ops::RangeInclusive;

/// The highest level.
pub const FULL_SCALE: f32 = 65_535.0;
/// The gammas on offer.
pub const GAMMA_RANGE: RangeInclusive<f32> = 0.2..=5.0;
/// Share of the samples that the automatic setting clips at each end.
const CLIPPED_SHARE: f64 = 0.005;
/// An 8-bit micrograph that uses less of its scale than this is stretched for showing.
const LOW_CONTRAST: f32 = 0.5;
/// Black and white stay at least so many levels apart.
const APART_MIN: f32 = 16.0;
/// The contrasts on offer: how many times steeper than recorded.
const CONTRAST_RANGE: RangeInclusive<f32> = 0.25..=256.0;

/// How levels become colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DisplayMap {
    /// The level shown as black; may lie below 0.
    pub black: f32,
    /// The level shown as white; above `black`, may lie above [`FULL_SCALE`].
    pub white: f32,
    /// 1 is straight; more lifts the dark parts.
    pub gamma: f32,
    /// Dark becomes bright.
    pub invert: bool,
    /// The colours of grey micrographs.
    pub colours: ColourMap,
}

impl Default for DisplayMap {
    fn default() -> Self {
        Self {
            black: 0.0,
            white: FULL_SCALE,
            gamma: 1.0,
            invert: false,
            colours: ColourMap::Grey,
        }
    }
}

impl DisplayMap {
    /// How a micrograph is shown at first: 16 bits stretched, 8 bits only where their contrast
    /// is low, else as recorded.
    pub fn at_first(micrograph: &Micrograph, histogram: &Histogram) -> Self {
        let stretched = Self::default().stretched(histogram);
        let share = (stretched.white - stretched.black) / FULL_SCALE;
        match micrograph.pixels {
            Pixels::Grey16(_) | Pixels::Rgb16(_) | Pixels::Float32(_) => stretched,
            _ if share < LOW_CONTRAST => stretched,
            _ => Self::default(),
        }
    }

    /// The same with the contrast set from the darkest and brightest half per cent; unchanged
    /// where there is only one level.
    pub fn stretched(self, histogram: &Histogram) -> Self {
        match histogram.ends(CLIPPED_SHARE) {
            Some([black, white]) => self.between(black.into(), white.into()),
            None => self,
        }
    }

    /// The same with other black and white levels, kept apart and finite.
    pub fn between(self, black: f32, white: f32) -> Self {
        let sound = |level: f32| level.clamp(-4.0 * FULL_SCALE, 5.0 * FULL_SCALE);
        let (black, white) = (sound(black), sound(white));
        if black.is_nan() || white.is_nan() {
            return self;
        }
        Self {
            black,
            white: white.max(black + APART_MIN),
            ..self
        }
    }

    /// −1 to 1: how far the middle of what is shown lies below the middle of the scale.
    pub fn brightness(self) -> f32 {
        1.0 - (self.black + self.white) / FULL_SCALE
    }

    /// How many times steeper than recorded.
    pub fn contrast(self) -> f32 {
        FULL_SCALE / (self.white - self.black).max(1.0)
    }

    /// The same with another brightness and contrast.
    pub fn with(self, brightness: f32, contrast: f32) -> Self {
        let contrast = contrast.clamp(*CONTRAST_RANGE.start(), *CONTRAST_RANGE.end());
        let middle = (1.0 - brightness) * FULL_SCALE / 2.0;
        let half = FULL_SCALE / contrast / 2.0;
        self.between(middle - half, middle + half)
    }

    /// The contrasts on offer.
    pub fn contrast_range() -> RangeInclusive<f32> {
        CONTRAST_RANGE
    }

    /// 0 (black) to 1 (white) for a level, before inversion.
    pub fn tone(self, level: f32) -> f32 {
        let share = ((level - self.black) / (self.white - self.black)).clamp(0.0, 1.0);
        if self.gamma == 1.0 {
            share
        } else {
            share.powf(1.0 / self.gamma)
        }
    }
}

/// The colour of every level, and for colour micrographs the shade of every sample.
#[derive(Clone)]
pub struct Table {
    /// For the 256 samples of 8 bits.
    narrow: Vec<[u8; 3]>,
    /// For the levels of 16 bits; empty where the micrograph has 8.
    wide: Vec<[u8; 3]>,
    shades: [u8; 256],
}

impl Table {
    /// Works out a mapping for the depth of a micrograph.
    pub fn new(map: DisplayMap, micrograph: &Micrograph) -> Self {
        let colours = map.colours.colours();
        let shade = |level: f32| {
            let shade = (map.tone(level) * 255.0).round() as u8;
            if map.invert { 255 - shade } else { shade }
        };
        let mut shades = [0; 256];
        for (sample, out) in (0_u16..).zip(&mut shades) {
            *out = shade(f32::from(sample * LEVELS_FROM_8_BIT));
        }
        let colour = |shade: u8| colours[usize::from(shade)];
        let wide = match micrograph.pixels {
            Pixels::Grey16(_) | Pixels::Float32(_) => (0..=u16::MAX)
                .map(|level| colour(shade(level.into())))
                .collect(),
            _ => Vec::new(),
        };
        Self {
            narrow: shades.iter().map(|&shade| colour(shade)).collect(),
            wide,
            shades,
        }
    }

    /// The colour of an 8-bit grey sample.
    pub fn narrow(&self, sample: u8) -> [u8; 3] {
        self.narrow[usize::from(sample)]
    }

    /// The colour of a 16-bit grey sample; black in a table made for 8 bits.
    pub fn wide(&self, sample: u16) -> [u8; 3] {
        self.wide
            .get(usize::from(sample))
            .copied()
            .unwrap_or_default()
    }

    /// A colour pixel: each sample gets brighter or darker, false colours do not apply.
    pub fn colour(&self, pixel: [u8; 3]) -> [u8; 3] {
        pixel.map(|sample| self.shades[usize::from(sample)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::made::micrograph;

    fn first(micrograph: &Micrograph) -> Table {
        let histogram = Histogram::of(micrograph);
        Table::new(DisplayMap::at_first(micrograph, &histogram), micrograph)
    }

    #[test]
    fn good_8_bit_contrast_is_shown_as_recorded() {
        let table = first(&micrograph(3, 1, Pixels::Grey8(vec![10, 100, 250])));
        assert_eq!([10, 100, 250].map(|s| table.narrow(s)[0]), [10, 100, 250]);
        let table = first(&micrograph(2, 1, Pixels::Rgb8(vec![0, 9, 200, 255, 80, 7])));
        assert_eq!(table.colour([0, 9, 200]), [0, 9, 200]);
        let even = first(&micrograph(1, 1, Pixels::Grey8(vec![7])));
        assert_eq!(even.narrow(7), [7; 3]);
    }

    #[test]
    fn low_contrast_and_16_bits_are_stretched() {
        let dim = first(&micrograph(2, 1, Pixels::Grey8(vec![10, 20])));
        assert_eq!((dim.narrow(10)[0], dim.narrow(20)[0]), (0, 255));
        let deep = first(&micrograph(3, 1, Pixels::Grey16(vec![100, 200, 300])));
        assert_eq!([100, 200, 300].map(|s| deep.wide(s)[0]), [0, 128, 255]);
    }

    #[test]
    fn gamma_and_inversion_do_what_they_say() {
        let image = micrograph(1, 1, Pixels::Grey8(vec![0]));
        let shown = |map| Table::new(map, &image).narrow(64)[0];
        let plain = DisplayMap::default();
        assert_eq!(shown(plain), 64);
        let map = DisplayMap {
            gamma: 2.0,
            ..plain
        };
        assert_eq!(shown(map), 128, "64/255 to the power of 1/2");
        let map = DisplayMap {
            invert: true,
            ..plain
        };
        assert_eq!(shown(map), 191);
    }

    #[test]
    fn brightness_and_contrast_come_back_as_set() {
        let map = DisplayMap::default();
        assert!(map.brightness().abs() < 1e-6 && (map.contrast() - 1.0).abs() < 1e-6);
        let map = map.with(0.3, 4.0);
        assert!((map.brightness() - 0.3).abs() < 1e-4, "{map:?}");
        assert!((map.contrast() - 4.0).abs() < 1e-3, "{map:?}");
        assert!(map.tone(30_000.0) > 0.5, "brighter than before");
    }

    #[test]
    fn black_stays_below_white() {
        let map = DisplayMap::default().between(50_000.0, 40_000.0);
        assert!(map.white > map.black);
        assert_eq!(
            DisplayMap::default().between(f32::NAN, 3.0),
            DisplayMap::default()
        );
        assert!(DisplayMap::default().with(0.0, 1e9).white.is_finite());
    }
}
