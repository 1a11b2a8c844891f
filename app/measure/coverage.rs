//! The share of the specimen that is brighter, or darker, than the rest: coverage and pores.
//!
//! The threshold is Otsu's, after the shading of the ground is taken off; the share is given
//! at it and at a tenth of the gap between the two greys to either side. Where there are no two
//! greys there is no share. Called by `blobs.rs`.

use super::house::edges::THRESHOLD_SHARE;
use super::segment::Polarity;
use super::segment::plane::Plane;
use rayon::prelude::*;

/// Steps of grey that are told apart.
const BINS: usize = 256;

/// A share of the specimen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// At the threshold, 0 to 1.
    pub share: f64,
    /// With the threshold a tenth of the gap towards the ground and towards the objects: the
    /// lesser and the greater.
    pub range: [f64; 2],
    /// The valley between the two greys over the lower of their peaks.
    pub valley: f64,
}

/// The share of a smoothed plane that is of a polarity; `None` where it is even.
pub fn share(plane: &Plane, polarity: Polarity) -> Option<Share> {
    let (flat, valid) = (flattened(plane, polarity), &plane.valid);
    let seen = || {
        flat.iter()
            .zip(valid)
            .filter(|(_, is)| **is)
            .map(|(v, _)| *v)
    };
    let (least, most) = seen().fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(v), b.max(v)));
    if least >= most {
        return None;
    }
    let scale = (BINS - 1) as f32 / (most - least);
    let mut counts = [0.0f64; BINS];
    for value in seen() {
        counts[((value - least) * scale) as usize] += 1.0;
    }
    let total: f64 = counts.iter().sum();
    let (threshold, low, high) = otsu(&counts)?;
    let above = |level: f64| {
        let level = level.clamp(0.0, (BINS - 1) as f64);
        let cut = level as usize;
        let part = counts[cut] * (1.0 - (level - cut as f64));
        let more = (counts[cut + 1..].iter().sum::<f64>() + part) / total;
        if polarity == Polarity::Bright {
            more
        } else {
            1.0 - more
        }
    };
    let middle = threshold as f64 + 1.0;
    let shift = THRESHOLD_SHARE * (high - low);
    let (a, b) = (above(middle - shift), above(middle + shift));
    Some(Share {
        share: above(middle),
        range: [a.min(b), a.max(b)],
        valley: valley(&counts, low, high),
    })
}

/// Otsu's threshold as the last bin of the lower class, and the means of the classes in bins.
fn otsu(counts: &[f64; BINS]) -> Option<(usize, f64, f64)> {
    let total: f64 = counts.iter().sum();
    let all: f64 = counts
        .iter()
        .enumerate()
        .map(|(bin, n)| bin as f64 * n)
        .sum();
    let (mut below, mut sum) = (0.0, 0.0);
    let mut best: Option<(f64, usize, f64, f64)> = None;
    for (bin, n) in counts.iter().enumerate() {
        below += n;
        sum += bin as f64 * n;
        if below == 0.0 || below >= total {
            continue;
        }
        let (low, high) = (sum / below, (all - sum) / (total - below));
        let between = below * (total - below) * (high - low).powi(2);
        if best.is_none_or(|(most, ..)| between > most) {
            best = Some((between, bin, low, high));
        }
    }
    best.map(|(_, bin, low, high)| (bin, low, high))
}

/// How deep the histogram falls between two greys: the least count between them over the lower
/// of the peaks around them, of a smoothed histogram.
fn valley(counts: &[f64; BINS], low: f64, high: f64) -> f64 {
    let reach = ((high - low) / 12.0).max(1.0) as isize;
    let smooth: Vec<f64> = (0..BINS as isize)
        .map(|bin| {
            let near = (bin - reach).max(0)..=(bin + reach).min(BINS as isize - 1);
            near.clone().map(|i| counts[i as usize]).sum::<f64>() / near.count() as f64
        })
        .collect();
    let middle = (0.5 * (low + high)) as usize;
    let peak = |bins: &[f64]| bins.iter().copied().fold(0.0, f64::max);
    let lower = peak(&smooth[..middle.max(1)]).min(peak(&smooth[middle.min(BINS - 1)..]));
    let (from, to) = (low as usize, (high as usize).max(low as usize + 1));
    let least = smooth[from..=to.min(BINS - 1)]
        .iter()
        .copied()
        .fold(f64::MAX, f64::min);
    if lower > 0.0 {
        (least / lower).min(1.0)
    } else {
        1.0
    }
}

/// The plane without the shading of its ground: a surface of second degree through the greys of
/// the ground, found twice, the second time without what the first left as objects.
fn flattened(plane: &Plane, polarity: Polarity) -> Vec<f32> {
    let mut flat = plane.grey.clone();
    for _ in 0..2 {
        let mut values: Vec<f32> = flat
            .iter()
            .zip(&plane.valid)
            .filter(|(_, is)| **is)
            .map(|(v, _)| *v)
            .step_by(11)
            .collect();
        if values.len() < 60 {
            return flat;
        }
        let middle = values.len() / 2;
        let median = *values.select_nth_unstable_by(middle, f32::total_cmp).1;
        let mut off: Vec<f32> = values.iter().map(|v| (v - median).abs()).collect();
        let width = 2.5 * 1.4826 * *off.select_nth_unstable_by(middle, f32::total_cmp).1;
        let is_ground = |value: f32| match polarity {
            Polarity::Bright => value - median <= width,
            Polarity::Dark => median - value <= width,
        };
        let Some(surface) = Surface::through(plane, &flat, is_ground) else {
            return flat;
        };
        surface.take_off(plane, &mut flat);
    }
    flat
}

/// A surface of second degree over a plane.
struct Surface([f64; 6]);

impl Surface {
    fn terms(plane: &Plane, at: usize) -> [f64; 6] {
        let x = (at % plane.width) as f64 / plane.width as f64 - 0.5;
        let y = (at / plane.width) as f64 / plane.height as f64 - 0.5;
        [1.0, x, y, x * x - 1.0 / 12.0, x * y, y * y - 1.0 / 12.0]
    }

    /// Least squares through some of the pixels that are ground.
    fn through(plane: &Plane, grey: &[f32], is_ground: impl Fn(f32) -> bool) -> Option<Self> {
        let mut matrix = [[0.0f64; 7]; 6];
        for at in (0..grey.len()).step_by(13) {
            if !plane.valid[at] || !is_ground(grey[at]) {
                continue;
            }
            let terms = Self::terms(plane, at);
            for (row, a) in matrix.iter_mut().zip(terms) {
                for (cell, b) in row.iter_mut().zip(terms) {
                    *cell += a * b;
                }
                row[6] += a * f64::from(grey[at]);
            }
        }
        for pivot in 0..6 {
            let best = (pivot..6)
                .max_by(|a, b| matrix[*a][pivot].abs().total_cmp(&matrix[*b][pivot].abs()))?;
            matrix.swap(pivot, best);
            if matrix[pivot][pivot].abs() < 1e-6 {
                return None;
            }
            let top = matrix[pivot];
            for (place, row) in matrix.iter_mut().enumerate() {
                if place != pivot {
                    let factor = row[pivot] / top[pivot];
                    row.iter_mut()
                        .zip(top)
                        .for_each(|(cell, of_top)| *cell -= factor * of_top);
                }
            }
        }
        Some(Self(
            [0, 1, 2, 3, 4, 5].map(|i| matrix[i][6] / matrix[i][i]),
        ))
    }

    /// Takes off by how much it differs from its mean at every pixel.
    fn take_off(&self, plane: &Plane, values: &mut [f32]) {
        let [_, by_x, by_y, by_xx, by_xy, by_yy] = self.0;
        let rows = values.par_chunks_mut(plane.width).enumerate();
        rows.for_each(|(row, values)| {
            let y = row as f64 / plane.height as f64 - 0.5;
            let of_row = by_y * y + by_yy * (y * y - 1.0 / 12.0);
            for (column, value) in values.iter_mut().enumerate() {
                let x = column as f64 / plane.width as f64 - 0.5;
                let of_column = (by_x + by_xy * y) * x + by_xx * (x * x - 1.0 / 12.0);
                *value -= (of_row + of_column) as f32;
            }
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::super::Field;
    use super::*;

    /// Stripes that take `share` of the width of each 40 pixels, on a ground with shading.
    fn stripes(share: f32, bright: f32, shading: f32) -> Plane {
        let (width, height) = (480, 360);
        let value = |i: usize| {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            let is_in = x % 40.0 < 40.0 * share;
            let grain: f32 = [7919, 104_729, 15_485_863]
                .iter()
                .map(|prime| (i * prime % 1013) as f32 / 250.0)
                .sum();
            60.0 + grain + shading * (x + y) / 840.0 + if is_in { bright } else { 0.0 }
        };
        let field = Field::from_values(width, height, (0..width * height).map(value).collect());
        Plane::of(&field.unwrap(), 1_000_000)
    }

    #[test]
    fn a_share_is_found_on_a_shaded_ground() {
        for (truth, polarity, bright) in
            [(0.25, Polarity::Bright, 90.0), (0.3, Polarity::Dark, -50.0)]
        {
            let found = share(&stripes(truth, bright, 60.0), polarity).unwrap();
            assert!((found.share - f64::from(truth)).abs() < 0.02, "{found:?}");
            assert!(found.range[0] <= found.share && found.share <= found.range[1]);
            assert!(found.valley < 0.5, "{found:?}");
        }
    }

    #[test]
    fn one_grey_has_no_valley() {
        let found = share(&stripes(0.25, 0.0, 0.0), Polarity::Bright).unwrap();
        assert!(found.valley > 0.5, "{found:?}");
    }
}
