//! Grey pixels to the network's input: resized, normalised and cut into patches.
//!
//! The numbers stand in `preprocessor_config.json` of the model folder. Training crops with
//! the same resampling that answering uses for the whole image.

use crate::config::Config;
use crate::error::{ModelError, Result};
use serde::{Deserialize, Serialize};

/// Borrowed 8-bit grey pixels, row by row.
#[derive(Clone, Copy)]
pub struct GreyView<'a> {
    /// `width * height` values.
    pub grey: &'a [u8],
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
}

/// A rectangle of an image, in pixels; may be fractional.
#[derive(Clone, Copy, Debug)]
pub struct Crop {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// How images become input: the whole image squeezed into a square, scaled to [-1, 1].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessor {
    /// Side of the square, in pixels.
    pub size: usize,
    /// Side of a patch, in pixels.
    pub patch_size: usize,
    /// Subtracted after scaling to [0, 1].
    pub image_mean: f32,
    /// Divided by after that.
    pub image_std: f32,
}

impl Preprocessor {
    /// The one that belongs to a network.
    pub fn of(config: &Config) -> Self {
        Self {
            size: config.image_size,
            patch_size: config.patch_size,
            image_mean: 0.5,
            image_std: 0.5,
        }
    }

    /// Refuses numbers that do not fit the network.
    pub fn validate(&self, config: &Config) -> Result<()> {
        let fits = self.size == config.image_size && self.patch_size == config.patch_size;
        if fits && self.image_std.is_finite() && self.image_std > 0.0 && self.image_mean.is_finite()
        {
            return Ok(());
        }
        let why = "its sizes are not those of config.json".into();
        Err(ModelError::Invalid {
            file: "preprocessor_config.json",
            why,
        })
    }

    /// The whole image resized to the square, values 0 to 255, row by row.
    pub fn square(&self, image: GreyView, crop: Option<Crop>) -> Result<Vec<f32>> {
        let GreyView {
            grey,
            width,
            height,
        } = image;
        if width == 0 || height == 0 || grey.len() != width * height {
            return Err(ModelError::Data(
                "an image without pixels cannot be encoded".into(),
            ));
        }
        let whole = Crop {
            x: 0.0,
            y: 0.0,
            width: width as f32,
            height: height as f32,
        };
        let crop = crop.unwrap_or(whole);
        let columns = taps(self.size, width, crop.x, crop.width);
        let rows = taps(self.size, height, crop.y, crop.height);
        Ok(resample(image, &columns, &rows))
    }

    /// Values 0 to 255 of a square -> normalised patches [P, pixels of a patch].
    pub fn patches(&self, square: &[f32]) -> Vec<f32> {
        let (side, patch) = (self.size, self.patch_size);
        let across = side / patch;
        let mut out = Vec::with_capacity(side * side);
        for p in 0..across * across {
            let (x, y) = (p % across * patch, p / across * patch);
            for row in y..y + patch {
                let start = row * side + x;
                let pixels = square[start..start + patch].iter();
                out.extend(pixels.map(|v| (v / 255.0 - self.image_mean) / self.image_std));
            }
        }
        out
    }
}

/// The source pixels of one target pixel: the first, and the weight of each.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// A triangle filter as wide as the step, so that shrinking averages instead of skipping.
fn taps(targets: usize, source: usize, start: f32, length: f32) -> Vec<Taps> {
    let step = length / targets as f32;
    let reach = step.max(1.0);
    let tap = |t: usize| {
        let centre = start + (t as f32 + 0.5) * step - 0.5;
        let last_px = source as f32 - 1.0;
        let first = (centre - reach).ceil().clamp(0.0, last_px) as usize;
        let last = (centre + reach).floor().clamp(first as f32, last_px) as usize;
        let weight = |px: usize| (1.0 - (px as f32 - centre).abs() / reach).max(1e-6);
        let sum: f32 = (first..=last).map(weight).sum();
        Taps {
            first,
            weights: (first..=last).map(|px| weight(px) / sum).collect(),
        }
    };
    (0..targets).map(tap).collect()
}

fn resample(image: GreyView, columns: &[Taps], rows: &[Taps]) -> Vec<f32> {
    let side = columns.len();
    let top = rows.iter().map(|tap| tap.first).min().unwrap_or(0);
    let end = rows
        .iter()
        .map(|tap| tap.first + tap.weights.len())
        .max()
        .unwrap_or(0);
    let mut narrow = Vec::with_capacity((end - top) * side);
    for y in top..end {
        let line = &image.grey[y * image.width..(y + 1) * image.width];
        for tap in columns {
            let pixels = &line[tap.first..tap.first + tap.weights.len()];
            narrow.push(
                pixels
                    .iter()
                    .zip(&tap.weights)
                    .map(|(v, w)| f32::from(*v) * w)
                    .sum::<f32>(),
            );
        }
    }
    let mut out = vec![0.0; side * rows.len()];
    for (tap, target) in rows.iter().zip(out.chunks_exact_mut(side)) {
        for (k, weight) in tap.weights.iter().enumerate() {
            let start = (tap.first + k - top) * side;
            for (value, source) in target.iter_mut().zip(&narrow[start..start + side]) {
                *value += source * weight;
            }
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;

    fn small() -> Preprocessor {
        Preprocessor {
            size: 4,
            patch_size: 2,
            image_mean: 0.5,
            image_std: 0.5,
        }
    }

    #[test]
    fn an_even_image_stays_even_at_any_size() {
        for (width, height) in [(1, 1), (3, 7), (4, 4), (640, 5)] {
            let grey = vec![120; width * height];
            let square = small()
                .square(
                    GreyView {
                        grey: &grey,
                        width,
                        height,
                    },
                    None,
                )
                .unwrap();
            assert!(square.iter().all(|v| (v - 120.0).abs() < 1e-3));
        }
    }

    #[test]
    fn shrinking_averages() {
        let grey: Vec<u8> = (0..64).map(|i| if i % 2 == 0 { 0 } else { 200 }).collect();
        let square = small()
            .square(
                GreyView {
                    grey: &grey,
                    width: 64,
                    height: 1,
                },
                None,
            )
            .unwrap();
        assert!(square.iter().all(|v| (v - 100.0).abs() < 8.0), "{square:?}");
    }

    #[test]
    fn patches_are_read_row_by_row_and_scaled_to_one() {
        let square: Vec<f32> = (0..16).map(|v| if v == 2 { 255.0 } else { 0.0 }).collect();
        let patches = small().patches(&square);
        assert_eq!(patches[4], 1.0);
        assert_eq!(patches.iter().filter(|v| **v == -1.0).count(), 15);
    }

    #[test]
    fn an_image_without_pixels_is_refused() {
        assert!(
            small()
                .square(
                    GreyView {
                        grey: &[],
                        width: 0,
                        height: 4
                    },
                    None
                )
                .is_err()
        );
        assert!(
            small()
                .square(
                    GreyView {
                        grey: &[1, 2],
                        width: 4,
                        height: 4
                    },
                    None
                )
                .is_err()
        );
    }
}
