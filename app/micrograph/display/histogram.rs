//! How often each level occurs: for the histogram under the contrast controls and for their
//! automatic setting.
//!
//! Levels are samples of any depth on the scale of 16 bits. Made by the readers of `worker`.

use crate::micrograph::shrink::LEVELS_FROM_8_BIT;
use crate::micrograph::stretch::Range;
use crate::micrograph::{Micrograph, Pixels};

/// Larger micrographs are counted in every second, third… row.
const COUNTED_MAX: usize = 16 << 20;

/// The counts of all levels of a micrograph; colours count with each of their samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    counts: Vec<u32>,
    total: u64,
}

impl Histogram {
    /// Counts the samples of a micrograph.
    pub fn of(micrograph: &Micrograph) -> Self {
        let width = micrograph.width().max(1) as usize;
        let pixels = width * micrograph.height() as usize;
        let step = pixels.div_ceil(COUNTED_MAX).max(1);
        let mut counts = vec![0_u32; 1 << 16];
        match &micrograph.pixels {
            Pixels::Grey16(samples) => count(samples, width, step, &mut counts, |level| level),
            Pixels::Rgb16(samples) => count(samples, width * 3, step, &mut counts, |level| level),
            Pixels::Float32(samples) => {
                let range = Range::of(samples);
                count(samples, width, step, &mut counts, |value| {
                    range.level(value)
                });
            }
            Pixels::Grey8(samples) => count(samples, width, step, &mut counts, from_8_bit),
            Pixels::Rgb8(samples) => count(samples, width * 3, step, &mut counts, from_8_bit),
        }
        let total = counts.iter().map(|count| u64::from(*count)).sum();
        Self { counts, total }
    }

    /// The lowest and highest level that occur; `None` without pixels.
    pub fn span(&self) -> Option<[u16; 2]> {
        let first = self.counts.iter().position(|count| *count > 0)?;
        let last = self.counts.iter().rposition(|count| *count > 0)?;
        Some([first as u16, last as u16])
    }

    /// The levels between which all but a share of the samples at each end lie; where those
    /// meet, the whole span. `None` without pixels or with only one level.
    pub fn ends(&self, clipped_share: f64) -> Option<[u16; 2]> {
        let clipped = (self.total as f64 * clipped_share) as u64;
        let low = reach(self.counts.iter().enumerate(), clipped);
        let high = reach(self.counts.iter().enumerate().rev(), clipped);
        match (low, high) {
            (Some(low), Some(high)) if high > low => Some([low, high]),
            _ => self.span().filter(|[low, high]| high > low),
        }
    }

    /// Counts in `bins` equal parts of the levels `from..=to`.
    pub fn bins(&self, bins: usize, [from, to]: [u16; 2]) -> Vec<u64> {
        let mut sums = vec![0; bins.max(1)];
        let range = usize::from(to.saturating_sub(from)) + 1;
        let levels = self.counts.iter().skip(usize::from(from)).take(range);
        for (offset, count) in levels.enumerate() {
            sums[offset * bins.max(1) / range] += u64::from(*count);
        }
        sums
    }
}

fn from_8_bit(sample: u8) -> u16 {
    u16::from(sample) * LEVELS_FROM_8_BIT
}

/// Counts the levels of every `step`-th row.
fn count<T: Copy>(
    samples: &[T],
    row_len: usize,
    step: usize,
    counts: &mut [u32],
    level: impl Fn(T) -> u16,
) {
    for row in samples.chunks(row_len.max(1)).step_by(step) {
        for sample in row {
            counts[usize::from(level(*sample))] += 1;
        }
    }
}

/// The first level at which more samples have been passed than are clipped.
fn reach<'a>(counts: impl Iterator<Item = (usize, &'a u32)>, clipped: u64) -> Option<u16> {
    let mut seen = 0;
    for (level, count) in counts {
        seen += u64::from(*count);
        if seen > clipped {
            return Some(level as u16);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::made::micrograph;

    #[test]
    fn every_sample_is_counted_once() {
        let histogram = Histogram::of(&micrograph(2, 2, Pixels::Grey16(vec![5, 5, 9, 60_000])));
        assert_eq!(histogram.span(), Some([5, 60_000]));
        assert_eq!(histogram.bins(4, [0, 65_535]), [3, 0, 0, 1]);
        assert_eq!(histogram.bins(2, [5, 14]), [3, 0]);
        assert_eq!(histogram.ends(0.0), Some([5, 60_000]));
    }

    #[test]
    fn the_ends_are_clipped_where_they_can_be() {
        let mut samples = vec![0_u8; 2];
        samples.extend((0..396).map(|i| 50 + (i % 100) as u8));
        samples.extend([255; 2]);
        let histogram = Histogram::of(&micrograph(20, 20, Pixels::Grey8(samples)));
        let level = |grey: u16| grey * LEVELS_FROM_8_BIT;
        assert_eq!(histogram.ends(0.005), Some([level(50), level(149)]));
        let even = Histogram::of(&micrograph(2, 1, Pixels::Grey8(vec![7, 7])));
        assert_eq!(even.ends(0.005), None);
        let none = Histogram::of(&micrograph(0, 0, Pixels::Grey8(Vec::new())));
        assert_eq!((none.span(), none.ends(0.1)), (None, None));
    }
}
