//! Contrast: which levels become black and white, found from the levels themselves.
//!
//! A half per cent at each end is clipped, so that a few hot pixels or a black rim do not
//! decide. Called by `prepare.rs` and `display.rs`; never touches the recorded pixels.

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

#[cfg(test)]
mod tests {
    use super::*;

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
