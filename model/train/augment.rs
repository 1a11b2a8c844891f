//! Chance changes of a training image: crop, mirror, contrast, noise, a covered patch.
//!
//! None of them changes what the answers say about the structure.

use crate::error::Result;
use crate::parameters::standard_normal;
use crate::preprocess::{Crop, GreyView, Preprocessor};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The network's square of a changed image, values 0 to 255.
pub(super) fn augmented(
    preprocessor: &Preprocessor,
    image: GreyView,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<f32>> {
    let mut square = preprocessor.square(image, Some(crop(image, rng)))?;
    let side = preprocessor.size;
    if rng.random_bool(0.5) {
        square.chunks_exact_mut(side).for_each(<[f32]>::reverse);
    }
    if rng.random_bool(0.25) {
        square = (0..side * side)
            .map(|i| square[(side - 1 - i / side) * side + i % side])
            .collect();
    }
    tone(&mut square, rng);
    if rng.random_bool(0.25) {
        cover(&mut square, side, rng);
    }
    Ok(square)
}

/// A window over 35 to 100 % of the area, up to a third wider or taller than the image.
fn crop(image: GreyView, rng: &mut ChaCha8Rng) -> Crop {
    let (width, height) = (image.width as f32, image.height as f32);
    let side = rng.random_range(0.35f32..1.0).sqrt();
    let stretch = rng.random_range(0.75f32..1.33).sqrt();
    let w = (width * side * stretch).min(width);
    let h = (height * side / stretch).min(height);
    let x = rng.random_range(0.0..=width - w);
    let y = rng.random_range(0.0..=height - h);
    Crop {
        x,
        y,
        width: w,
        height: h,
    }
}

/// Gain, offset, gamma and noise.
fn tone(square: &mut [f32], rng: &mut ChaCha8Rng) {
    let gain = rng.random_range(0.7f32..1.3);
    let offset = rng.random_range(-30f32..30.0);
    let gamma = rng.random_range(0.75f32..1.35);
    let sigma = if rng.random_bool(0.5) {
        rng.random_range(0f32..14.0)
    } else {
        0.0
    };
    for value in square {
        let grey = 255.0 * (*value / 255.0).clamp(0.0, 1.0).powf(gamma);
        let noise = if sigma > 0.0 {
            sigma * standard_normal(rng) as f32
        } else {
            0.0
        };
        *value = ((grey - 128.0) * gain + 128.0 + offset + noise).clamp(0.0, 255.0);
    }
}

/// A grey rectangle over up to a twelfth of the area.
fn cover(square: &mut [f32], side: usize, rng: &mut ChaCha8Rng) {
    let w = rng.random_range(side / 12..side / 3);
    let h = rng.random_range(side / 12..side / 4);
    let (x, y) = (rng.random_range(0..side - w), rng.random_range(0..side - h));
    let grey = rng.random_range(0f32..255.0);
    for row in y..y + h {
        square[row * side + x..row * side + x + w].fill(grey);
    }
}
