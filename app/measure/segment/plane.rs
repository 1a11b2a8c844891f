//! The image that objects are looked for in: no larger than needed, smoothed, with the pixels
//! that are no specimen filled from what is near.
//!
//! Made from a [`Field`] by averaging, never by picking pixels. Called by `segment`.

use super::super::Field;
use rayon::prelude::*;

/// A grey plane with a mask, smaller than its field by a whole number.
#[derive(Clone, Debug)]
pub struct Plane {
    /// Width in its pixels.
    pub width: usize,
    /// Height in its pixels.
    pub height: usize,
    /// Grey values, row by row.
    pub grey: Vec<f32>,
    /// Whether a pixel is specimen: all of the pixels under it are.
    pub valid: Vec<bool>,
    /// Pixels of the field along a side of one of its pixels.
    pub step: usize,
}

impl Plane {
    /// A plane of at most about `pixels_max` pixels, each the mean of `step` by `step` of the field.
    pub fn of(field: &Field<'_>, pixels_max: usize) -> Self {
        let mut step = 1;
        while (field.width / step) * (field.height / step) > pixels_max {
            step += 1;
        }
        let width = (field.width / step).max(1);
        let height = (field.height / step).max(1);
        let step_x = step.min(field.width.max(1));
        let step_y = step.min(field.height.max(1));
        let mut grey = vec![0.0; width * height];
        let mut valid = vec![false; width * height];
        let rows = grey.par_chunks_mut(width).zip(valid.par_chunks_mut(width));
        rows.enumerate().for_each(|(y, (grey, valid))| {
            let mut whole = vec![0u32; width];
            for row in y * step_y..(y + 1) * step_y {
                let from = row * field.width;
                for (x, (sum, count)) in grey.iter_mut().zip(&mut whole).enumerate() {
                    let place = from + x * step_x;
                    *sum += field.grey[place..place + step_x].iter().sum::<f32>();
                    let is_valid = &field.valid[place..place + step_x];
                    *count += is_valid.iter().map(|is| u32::from(*is)).sum::<u32>();
                }
            }
            let all = (step_x * step_y) as u32;
            for ((grey, valid), count) in grey.iter_mut().zip(valid).zip(whole) {
                *grey /= all as f32;
                *valid = count == all;
            }
        });
        Self {
            width,
            height,
            grey,
            valid,
            step,
        }
    }

    /// Whether a place of the field, in its pixels, is specimen.
    pub fn is_specimen(&self, x: f64, y: f64) -> bool {
        let (column, row) = (x as usize / self.step, y as usize / self.step);
        column < self.width && row < self.height && self.valid[row * self.width + column]
    }

    /// The range of greys of the specimen without its darkest and brightest hundredth.
    pub fn range(&self) -> f32 {
        let [low, high] = self.greys();
        high - low
    }

    /// The 1st and the 99th hundredth of the greys of the specimen.
    pub fn greys(&self) -> [f32; 2] {
        let seen = self.grey.iter().zip(&self.valid).filter(|(_, is)| **is);
        let mut values: Vec<f32> = seen.map(|(value, _)| *value).step_by(7).collect();
        if values.is_empty() {
            return [0.0; 2];
        }
        let last = values.len() - 1;
        let mut at = |share: usize| {
            *values
                .select_nth_unstable_by(last * share / 100, f32::total_cmp)
                .1
        };
        [at(1), at(99)]
    }

    /// The same, smoothed by a Gaussian of `sigma` of its pixels that takes no part of what is
    /// no specimen.
    pub fn smoothed(&self, sigma: f32) -> Self {
        let weight: Vec<f32> = self
            .valid
            .iter()
            .map(|is| f32::from(u8::from(*is)))
            .collect();
        let product: Vec<f32> = self.grey.iter().zip(&weight).map(|(v, w)| v * w).collect();
        let all_valid = self.valid.iter().all(|is| *is);
        let (sum, share) = rayon::join(
            || gaussian(&product, self.width, self.height, sigma),
            || {
                if all_valid {
                    weight.clone()
                } else {
                    gaussian(&weight, self.width, self.height, sigma)
                }
            },
        );
        let grey = sum.iter().zip(&share).zip(&self.grey);
        let grey = grey.map(|((sum, share), raw)| if *share > 1e-3 { sum / share } else { *raw });
        Self {
            grey: grey.collect(),
            ..self.clone()
        }
    }

    /// How strong the texture is around every pixel: the root mean square of the gradient, by a
    /// Gaussian of `sigma` of its pixels. Bodies with a texture stand out of a smooth ground
    /// there, whatever their grey.
    pub fn texture(&self, sigma: f32) -> Self {
        let squares = self.gradient().into_iter().map(|slope| slope * slope);
        let energy = Self {
            grey: squares.collect(),
            ..self.clone()
        };
        let mut texture = energy.smoothed(sigma);
        texture
            .grey
            .iter_mut()
            .for_each(|value| *value = value.sqrt());
        texture
    }

    /// The same without bright parts that are narrower than twice `reach` of its pixels one way
    /// or the other: what a square of that size can be moved into is left (grey opening).
    pub fn opened(&self, reach: usize) -> Self {
        let (width, height) = (self.width, self.height);
        let square = |values: &[f32], pick: fn(f32, f32) -> f32| {
            let across = along_rows(values, width, reach, pick);
            let turned = turned(&across, width, height);
            self::turned(&along_rows(&turned, height, reach, pick), height, width)
        };
        let least = square(&self.grey, f32::min);
        Self {
            grey: square(&least, f32::max),
            ..self.clone()
        }
    }

    /// The length of the grey gradient of every pixel, by central differences, in grey per pixel.
    pub fn gradient(&self) -> Vec<f32> {
        let (width, height) = (self.width, self.height);
        let mut length = vec![0.0; width * height];
        length
            .par_chunks_mut(width)
            .enumerate()
            .for_each(|(y, row)| {
                let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
                for (x, length) in row.iter_mut().enumerate() {
                    let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
                    let dx = self.grey[y * width + right] - self.grey[y * width + left];
                    let dy = self.grey[below * width + x] - self.grey[above * width + x];
                    *length = 0.5 * (dx * dx + dy * dy).sqrt();
                }
            });
        length
    }
}

/// The least or the greatest of what lies as near as `reach` along every row.
fn along_rows(values: &[f32], width: usize, reach: usize, pick: fn(f32, f32) -> f32) -> Vec<f32> {
    let rows = values.par_chunks(width).flat_map_iter(|row| {
        (0..width).map(move |x| {
            let near = &row[x.saturating_sub(reach)..(x + reach + 1).min(width)];
            near.iter().copied().fold(row[x], pick)
        })
    });
    rows.collect()
}

/// Columns as rows.
fn turned(values: &[f32], width: usize, height: usize) -> Vec<f32> {
    (0..width * height)
        .map(|place| values[(place % height) * width + place / height])
        .collect()
}

/// A Gaussian of `sigma` pixels; beyond the edges the nearest pixel counts.
pub fn gaussian(values: &[f32], width: usize, height: usize, sigma: f32) -> Vec<f32> {
    if sigma < 0.2 {
        return values.to_vec();
    }
    let reach = (3.0 * sigma).ceil() as usize;
    let mut kernel: Vec<f32> = (0..=2 * reach)
        .map(|i| (-0.5 * ((i as f32 - reach as f32) / sigma).powi(2)).exp())
        .collect();
    let sum: f32 = kernel.iter().sum();
    kernel.iter_mut().for_each(|weight| *weight /= sum);
    let mut across = vec![0.0; values.len()];
    across
        .par_chunks_mut(width)
        .enumerate()
        .for_each(|(y, row)| {
            let from = &values[y * width..(y + 1) * width];
            let mut padded = Vec::with_capacity(width + 2 * reach);
            padded.extend(std::iter::repeat_n(from[0], reach));
            padded.extend_from_slice(from);
            padded.extend(std::iter::repeat_n(from[width - 1], reach));
            for (i, weight) in kernel.iter().enumerate() {
                for (to, from) in row.iter_mut().zip(&padded[i..]) {
                    *to += weight * from;
                }
            }
        });
    let mut both = vec![0.0; values.len()];
    both.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        for (i, weight) in kernel.iter().enumerate() {
            let from = (y + i).saturating_sub(reach).min(height - 1);
            let from = &across[from * width..(from + 1) * width];
            for (to, from) in row.iter_mut().zip(from) {
                *to += weight * from;
            }
        }
    });
    both
}
