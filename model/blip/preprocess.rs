//! BLIP's input: squeezed into a square by Pillow's bicubic filter, scaled by mean and
//! deviation of each colour. `preprocessor_config.json` in the schema of `BlipImageProcessor`.

use crate::error::{ModelError, Result};
use crate::preprocess::GreyView;
use serde::{Deserialize, Serialize};

/// What the file says; what it leaves out has the value of `transformers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BlipPreprocessor {
    /// The square.
    pub size: Size,
    /// Pillow's number of the filter; 3, bicubic, is the only one known here.
    pub resample: u32,
    /// Multiplied with the pixel values first.
    pub rescale_factor: f32,
    /// Subtracted, for each colour.
    pub image_mean: [f32; 3],
    /// Divided by after that.
    pub image_std: [f32; 3],
    /// Whether the image is resized.
    pub do_resize: bool,
    /// Whether pixel values are multiplied.
    pub do_rescale: bool,
    /// Whether mean and deviation are used.
    pub do_normalize: bool,
    /// For `transformers`.
    pub image_processor_type: String,
}

/// In pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Default for BlipPreprocessor {
    fn default() -> Self {
        Self {
            size: Size {
                height: 384,
                width: 384,
            },
            resample: 3,
            rescale_factor: 1.0 / 255.0,
            image_mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
            image_std: [0.268_629_54, 0.261_302_6, 0.275_777_1],
            do_resize: true,
            do_rescale: true,
            do_normalize: true,
            image_processor_type: "BlipImageProcessor".into(),
        }
    }
}

impl BlipPreprocessor {
    /// Refuses what does not fit a network with square inputs of `side_px`.
    pub fn validate(&self, side_px: usize) -> Result<()> {
        let invalid = |why: &str| {
            Err(ModelError::Invalid {
                file: "preprocessor_config.json",
                why: why.into(),
            })
        };
        if self.size.height != side_px || self.size.width != side_px {
            return invalid("its size is not that of config.json");
        }
        if self.resample != 3 || !self.do_resize || !self.do_rescale || !self.do_normalize {
            return invalid(
                "it asks for something else than bicubic, rescaled and normalised input",
            );
        }
        let sound = |values: &[f32]| values.iter().all(|v| v.is_finite());
        let scale = [self.rescale_factor];
        if !sound(&self.image_mean) || !sound(&self.image_std) || !sound(&scale) {
            return invalid("a number in it is not finite");
        }
        if self.image_std.iter().chain(&scale).any(|v| *v <= 0.0) {
            return invalid("a deviation or the scale is not above 0");
        }
        Ok(())
    }

    /// A whole grey image -> patches [P, 3 * pixels of a patch], the colours one after the other.
    pub fn patches(&self, image: GreyView, patch_px: usize) -> Result<Vec<f32>> {
        let square = bicubic(image, self.size.width)?;
        let square: Vec<f32> = square.into_iter().map(f32::from).collect();
        Ok(self.cut(&square, patch_px))
    }

    /// Values 0 to 255 of a square -> patches as above.
    pub(crate) fn cut(&self, square: &[f32], patch_px: usize) -> Vec<f32> {
        let side = self.size.width;
        let across = side / patch_px;
        let mut out = Vec::with_capacity(3 * side * side);
        for p in 0..across * across {
            let (x, y) = (p % across * patch_px, p / across * patch_px);
            for (mean, deviation) in self.image_mean.iter().zip(self.image_std) {
                for row in y..y + patch_px {
                    let pixels = &square[row * side + x..row * side + x + patch_px];
                    let scaled = pixels.iter().map(|v| v * self.rescale_factor);
                    out.extend(scaled.map(|v| (v - mean) / deviation));
                }
            }
        }
        out
    }
}

/// Resizes to a square as Pillow does: across, then down, each rounded to 8 bits.
fn bicubic(image: GreyView, side: usize) -> Result<Vec<u8>> {
    let GreyView {
        grey,
        width,
        height,
    } = image;
    if width == 0 || height == 0 || Some(grey.len()) != width.checked_mul(height) {
        let why = "an image without pixels cannot be encoded";
        return Err(ModelError::Data(why.into()));
    }
    let across = lines(grey, width, side);
    let down = lines(&transposed(&across, side), height, side);
    Ok(transposed(&down, side))
}

/// Resizes every line of `length` values to `to` values.
fn lines(values: &[u8], length: usize, to: usize) -> Vec<u8> {
    let taps: Vec<(usize, Vec<f64>)> = (0..to).map(|t| taps(t, length, to)).collect();
    let mut out = Vec::with_capacity(values.len() / length * to);
    for line in values.chunks_exact(length) {
        for (first, weights) in &taps {
            let seen = line[*first..].iter().zip(weights);
            let sum: f64 = seen.map(|(v, w)| f64::from(*v) * w).sum();
            out.push((sum + 0.5).floor().clamp(0.0, 255.0) as u8);
        }
    }
    out
}

/// The first source value of target `t` and the weight of each, widened when shrinking.
fn taps(t: usize, from: usize, to: usize) -> (usize, Vec<f64>) {
    let step = from as f64 / to as f64;
    let widened = step.max(1.0);
    let centre = (t as f64 + 0.5) * step;
    let first = (centre - 2.0 * widened + 0.5).max(0.0) as usize;
    let end = ((centre + 2.0 * widened + 0.5) as usize).min(from);
    let weight = |i: usize| kernel((i as f64 - centre + 0.5) / widened);
    let sum: f64 = (first..end).map(weight).sum();
    (first, (first..end).map(|i| weight(i) / sum).collect())
}

/// Keys' cubic convolution (1981) with a = -1/2.
fn kernel(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

/// Lines of `length` values as columns.
fn transposed(values: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len());
    for column in 0..length {
        out.extend(values.iter().skip(column).step_by(length));
    }
    out
}
