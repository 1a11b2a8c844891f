//! Makes images smaller by averaging the area under each new pixel: no aliasing, no invented
//! values, the same result everywhere.
//!
//! Works on levels: samples of any depth on the scale of 16 bits. Called by `prepare.rs` and
//! `display.rs`, never enlarges.

use super::stretch::Range;
use super::{Micrograph, Pixels};

/// What an 8-bit step is on the scale of 16 bits.
pub(super) const LEVELS_FROM_8_BIT: u16 = 257;

/// The size with the longest side at most `side_px` and the same shape.
pub(super) fn fitted([width, height]: [u32; 2], side_px: u32) -> [u32; 2] {
    let longest = width.max(height);
    if longest <= side_px {
        return [width, height];
    }
    let scale = f64::from(side_px) / f64::from(longest);
    [width, height].map(|side| ((f64::from(side) * scale).round() as u32).clamp(1, side_px))
}

/// Levels of `samples` a pixel (1: grey, colours weighed as the eye does, ITU-R 601; 3: as they
/// are) at a size that is no larger than the micrograph's. Floating-point samples are mapped
/// from their range without outliers; what is no number is as dark as can be.
pub(super) fn levels(micrograph: &Micrograph, samples: usize, to: [u32; 2]) -> Vec<u16> {
    let whole = [0, 0, micrograph.width(), micrograph.height()];
    levels_within(micrograph, whole, samples, to)
}

/// The same of a part: left, top, right and bottom within the micrograph.
pub(super) fn levels_within(
    micrograph: &Micrograph,
    [left, top, right, bottom]: [u32; 4],
    samples: usize,
    to: [u32; 2],
) -> Vec<u16> {
    let size = [right - left, bottom - top];
    let start = |y: usize| (y + top as usize) * micrograph.width() as usize + left as usize;
    match &micrograph.pixels {
        Pixels::Grey16(pixels) => shrink(size, to, samples, |y, row| {
            row.copy_from_slice(&pixels[start(y)..start(y) + row.len()]);
        }),
        Pixels::Grey8(pixels) => shrink(size, to, samples, |y, row| {
            for (level, grey) in row.iter_mut().zip(&pixels[start(y)..]) {
                *level = from_8_bit(*grey);
            }
        }),
        Pixels::Float32(pixels) => {
            let range = Range::of(pixels);
            shrink(size, to, samples, |y, row| {
                for (level, value) in row.iter_mut().zip(&pixels[start(y)..]) {
                    *level = range.level(*value);
                }
            })
        }
        Pixels::Rgb8(pixels) => shrink(size, to, samples, |y, row| {
            colours(&pixels[start(y) * 3..], samples, row, from_8_bit);
        }),
        Pixels::Rgb16(pixels) => shrink(size, to, samples, |y, row| {
            colours(&pixels[start(y) * 3..], samples, row, |sample| sample);
        }),
    }
}

fn from_8_bit(sample: u8) -> u16 {
    u16::from(sample) * LEVELS_FROM_8_BIT
}

/// A row of colours as they are, or as their brightness.
fn colours<T: Copy>(pixels: &[T], samples: usize, row: &mut [u16], level: impl Fn(T) -> u16) {
    if samples == 3 {
        row.iter_mut()
            .zip(pixels)
            .for_each(|(to, from)| *to = level(*from));
    } else {
        for (to, rgb) in row.iter_mut().zip(pixels.chunks_exact(3)) {
            *to = luma(level(rgb[0]), level(rgb[1]), level(rgb[2]));
        }
    }
}

/// The brightness of a colour, ITU-R BT.601, as a level.
fn luma(red: u16, green: u16, blue: u16) -> u16 {
    let weighed = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    ((weighed + 500) / 1000) as u16
}

/// Averages an image of `size`, whose rows `fill` writes on demand, to the size `to`.
pub(super) fn shrink(
    size: [u32; 2],
    to: [u32; 2],
    samples: usize,
    mut fill: impl FnMut(usize, &mut [u16]),
) -> Vec<u16> {
    let row_len = size[0] as usize * samples;
    let mut small = vec![0; to[0] as usize * to[1] as usize * samples];
    if size == to {
        small
            .chunks_exact_mut(row_len.max(1))
            .enumerate()
            .for_each(|(y, row)| fill(y, row));
        return small;
    }
    let columns = spans(size[0], to[0]);
    let mut row = vec![0; row_len];
    let mut sum = vec![0.0_f32; row_len];
    let small_rows = small.chunks_exact_mut((to[0] as usize * samples).max(1));
    for (span, small_row) in spans(size[1], to[1]).iter().zip(small_rows) {
        sum.fill(0.0);
        for (y, weight) in span.weights.iter().enumerate() {
            fill(span.first + y, &mut row);
            for (sum, level) in sum.iter_mut().zip(&row) {
                *sum += weight * f32::from(*level);
            }
        }
        for (column, pixel) in columns.iter().zip(small_row.chunks_exact_mut(samples)) {
            for (sample, level) in pixel.iter_mut().enumerate() {
                let under = sum[column.first * samples + sample..]
                    .iter()
                    .step_by(samples);
                let mean: f32 = column.weights.iter().zip(under).map(|(w, v)| w * v).sum();
                *level = (mean + 0.5) as u16;
            }
        }
    }
    small
}

/// The old pixels under a new one, and the share of each; the shares add up to 1.
struct Span {
    first: usize,
    weights: Vec<f32>,
}

fn spans(from: u32, to: u32) -> Vec<Span> {
    let scale = f64::from(from) / f64::from(to);
    let span = |new: u32| {
        let (start, end) = (
            f64::from(new) * scale,
            (f64::from(new + 1) * scale).min(f64::from(from)),
        );
        let first = start.floor() as u32;
        let last = (end.ceil() as u32).clamp(first + 1, from);
        let share = |old: u32| {
            let covered = f64::from(old + 1).min(end) - f64::from(old).max(start);
            (covered.max(0.0) / (end - start)) as f32
        };
        Span {
            first: first as usize,
            weights: (first..last).map(share).collect(),
        }
    };
    (0..to).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_the_longest_side_and_keeps_the_shape() {
        assert_eq!(fitted([640, 480], 1024), [640, 480]);
        assert_eq!(fitted([4096, 3072], 1024), [1024, 768]);
        assert_eq!(fitted([30_000, 3], 1024), [1024, 1]);
        assert_eq!(fitted([1, 5000], 4096), [1, 4096]);
    }

    #[test]
    fn averages_the_area_under_a_pixel() {
        let rows = [[0, 100, 7], [200, 300, 7]];
        let small = shrink([3, 2], [3, 1], 1, |y, row| row.copy_from_slice(&rows[y]));
        assert_eq!(small, [100, 200, 7]);
        // Three pixels under two: the middle one is shared.
        let small = shrink([3, 1], [2, 1], 1, |_, row| {
            row.copy_from_slice(&[0, 300, 900])
        });
        assert_eq!(small, [100, 700]);
    }

    #[test]
    fn keeps_the_mean_of_fine_patterns() {
        for (from, to) in [(1000, 137), (4096, 1024), (65, 64), (30_000, 1)] {
            let small = shrink([from, 1], [to, 1], 1, |_, row| {
                row.iter_mut()
                    .enumerate()
                    .for_each(|(x, v)| *v = if x % 2 == 0 { 0 } else { 60_000 });
            });
            let mean = small.iter().map(|v| f64::from(*v)).sum::<f64>() / f64::from(to);
            let expected = 60_000.0 * f64::from(from / 2) / f64::from(from);
            assert!(
                (mean - expected).abs() < 2.0,
                "{from} to {to}: {mean}, not {expected}"
            );
        }
    }

    #[test]
    fn colours_keep_their_places() {
        let small = shrink([2, 1], [1, 1], 3, |_, row| {
            row.copy_from_slice(&[10, 20, 30, 30, 40, 50])
        });
        assert_eq!(small, [20, 30, 40]);
    }

    #[test]
    fn brightness_runs_from_black_to_white_with_green_heaviest() {
        let white = u16::MAX;
        assert_eq!([luma(0, 0, 0), luma(white, white, white)], [0, white]);
        assert!(luma(0, 200, 0) > luma(200, 0, 0) && luma(200, 0, 0) > luma(0, 0, 200));
    }
}
