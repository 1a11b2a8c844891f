//! Contrast: which levels become black and white, found from the levels themselves.
//!
//! A half per cent at each end is clipped, so that a few hot pixels or a black rim do not
//! decide. Called by `prepare.rs`, `display.rs` and `shrink.rs`; never touches the recorded pixels.

/// One part in this many is clipped at each end.
const CLIPPED: u64 = 200;

/// The levels that become black and white.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    black: u16,
    white: u16,
}

impl Stretch {
    /// Leaves levels as they are.
    pub const NONE: Self = Self {
        black: 0,
        white: u16::MAX,
    };

    /// From the darkest and brightest half per cent; where those meet, from all there is.
    pub fn of(levels: &[u16]) -> Self {
        let mut counts = vec![0_u32; 1 << 16];
        for level in levels {
            counts[usize::from(*level)] += 1;
        }
        let ends = |clipped| Self {
            black: reach(counts.iter().enumerate(), clipped),
            white: reach(counts.iter().enumerate().rev(), clipped),
        };
        let clipped = ends(levels.len() as u64 / CLIPPED);
        if clipped.white > clipped.black {
            clipped
        } else {
            ends(0)
        }
    }

    /// The share of the whole scale that is used, 0 to 1.
    pub fn share(self) -> f32 {
        f32::from(self.white.saturating_sub(self.black)) / f32::from(u16::MAX)
    }

    /// 8-bit grey for every level. An even image has no contrast to stretch and becomes
    /// middle grey.
    pub fn table(self) -> Vec<u8> {
        let range = f32::from(self.white) - f32::from(self.black);
        let grey = |level: u16| {
            if range <= 0.0 {
                return 128;
            }
            let share = (f32::from(level) - f32::from(self.black)) / range;
            (share.clamp(0.0, 1.0) * 255.0).round() as u8
        };
        (0..=u16::MAX).map(grey).collect()
    }
}

/// The first level at which more levels have been passed than are clipped.
fn reach<'a>(counts: impl Iterator<Item = (usize, &'a u32)>, clipped: u64) -> u16 {
    let mut seen = 0;
    for (level, count) in counts {
        seen += u64::from(*count);
        if seen > clipped {
            return level as u16;
        }
    }
    0
}

/// Samples that are looked at to find the range of floating-point pixels.
const LOOKED_AT: usize = 1 << 18;
/// One part in this many is left out of the range at each end.
const OUTLIERS: usize = 1000;

/// The range of floating-point samples that becomes the levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    lowest: f32,
    highest: f32,
}

impl Range {
    /// From finite samples spread over the image, without the most extreme at each end: one hot
    /// pixel of 1e30 would leave the rest one level. Where nothing is left between, from all.
    pub fn of(samples: &[f32]) -> Self {
        let step = samples.len().div_ceil(LOOKED_AT).max(1);
        // An odd step meets all columns of the usual widths.
        let spread = samples.iter().step_by(step | 1);
        let mut some: Vec<f32> = spread.copied().filter(|value| value.is_finite()).collect();
        some.sort_unstable_by(f32::total_cmp);
        let left_out = some.len() / OUTLIERS;
        let ends = (some.get(left_out), some.iter().rev().nth(left_out));
        if let (Some(&lowest), Some(&highest)) = ends
            && lowest < highest
        {
            return Self { lowest, highest };
        }
        let finite = samples.iter().filter(|value| value.is_finite());
        let start = (f32::INFINITY, f32::NEG_INFINITY);
        let (lowest, highest) = finite.fold(start, |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
        Self { lowest, highest }
    }

    /// The level of a sample: 0 for what lies below the range or is no number.
    pub fn level(self, value: f32) -> u16 {
        // Halved, because the whole range may be more than the largest number.
        let range = self.highest / 2.0 - self.lowest / 2.0;
        if value.is_nan() || range.is_nan() {
            return 0;
        }
        if range <= 0.0 {
            return if value > self.highest { u16::MAX } else { 0 };
        }
        let share = (value / 2.0 - self.lowest / 2.0) / range;
        (share.clamp(0.0, 1.0) * f32::from(u16::MAX)).round() as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_and_what_is_no_number_leave_floats_their_contrast() {
        let mut samples: Vec<f32> = (0..10_000).map(|i| i as f32 / 10_000.0).collect();
        samples[17] = 1e30;
        samples[18] = f32::NAN;
        samples[19] = f32::INFINITY;
        samples[20] = f32::NEG_INFINITY;
        let range = Range::of(&samples);
        let levels = [18, 20, 5000, 17, 19].map(|i| range.level(samples[i]));
        assert_eq!([levels[0], levels[1]], [0, 0]);
        assert_eq!([levels[3], levels[4]], [u16::MAX, u16::MAX]);
        assert!(levels[2].abs_diff(32_768) < 200, "{levels:?}");
    }

    #[test]
    fn floats_without_a_range_have_levels_all_the_same() {
        for samples in [
            vec![3.5; 9],
            vec![f32::NAN; 9],
            vec![f32::INFINITY; 9],
            vec![],
        ] {
            let range = Range::of(&samples);
            let levels: Vec<_> = samples.iter().map(|v| range.level(*v)).collect();
            assert!(levels.windows(2).all(|two| two[0] == two[1]), "{levels:?}");
        }
        let widest = Range::of(&[f32::MIN, f32::MAX, 0.0]);
        assert_eq!(widest.level(0.0), 32_768);
        let mut marks = vec![500.0; 10_000];
        marks[17] = 900.0;
        let range = Range::of(&marks);
        assert_eq!([range.level(500.0), range.level(900.0)], [0, u16::MAX]);
    }

    #[test]
    fn half_a_per_cent_is_clipped_at_each_end() {
        // 1000 levels: 5 too dark, 990 between 1000 and 2000, 5 too bright.
        let mut levels = vec![0; 5];
        levels.extend((0..990).map(|i| 1000 + (i * 1000 / 989) as u16));
        levels.extend([u16::MAX; 5]);
        let stretch = Stretch::of(&levels);
        assert_eq!(
            stretch,
            Stretch {
                black: 1000,
                white: 2000
            }
        );
        let table = stretch.table();
        assert_eq!(
            [
                table[0],
                table[1000],
                table[1500],
                table[2000],
                table[65535]
            ],
            [0, 0, 128, 255, 255]
        );
    }

    #[test]
    fn a_few_marks_on_an_even_ground_stay_visible() {
        let mut levels = vec![500; 10_000];
        levels[17] = 900;
        let table = Stretch::of(&levels).table();
        assert_eq!([table[500], table[900]], [0, 255]);
    }

    #[test]
    fn an_even_image_is_middle_grey() {
        for level in [0, 77, u16::MAX] {
            let table = Stretch::of(&[level; 9]).table();
            assert!(table.iter().all(|grey| *grey == 128));
        }
        assert!(Stretch::of(&[]).table().iter().all(|grey| *grey == 128));
    }

    #[test]
    fn none_keeps_8_bit_samples() {
        let table = Stretch::NONE.table();
        assert!((0..=255_u16).all(|grey| u16::from(table[usize::from(grey) * 257]) == grey));
    }
}
