//! What the instrument does to a signal: focus, drift, charging, noise, contrast, file.
//!
//! Takes shaded signal and gives 8-bit grey. It adds no structure. Called by `mod`.

use super::dice::Dice;
use super::field::blur_xy;
use super::truth::{Level, Truth};

/// The settings of one exposure.
#[derive(Clone, Copy, Debug)]
pub struct Exposure {
    /// Blur radius in pixels, along and across the scan.
    pub blur: (f32, f32),
    /// Standard deviation of the noise in grey levels at mid grey.
    pub noise: f32,
    /// Gain of the brightness that changes from line to line, in grey levels.
    pub lines: f32,
    /// Grey level of the darkest and of the brightest parts.
    pub levels: (f32, f32),
    /// Exponent of the tone curve.
    pub gamma: f32,
    /// Darkening toward one side and the corners, 0 to 0.5.
    pub shading: f32,
    /// Strength of charging streaks, 0 for none.
    pub charging: f32,
    /// Largest sideways shift of lines in pixels.
    pub jitter: f32,
}

impl Exposure {
    /// A random exposure for pixels of `scale` (1 at 384 pixels longest side); writes what a
    /// reader could see into the truth.
    pub fn random(dice: &mut Dice, scale: f32, truth: &mut Truth) -> Self {
        let soft = dice.chance(0.18);
        let radius = if soft {
            dice.range(1.0, 2.2)
        } else {
            dice.range(0.25, 0.75)
        } * scale;
        let stretch = if dice.chance(0.12) {
            dice.range(1.3, 2.0)
        } else {
            1.0
        };
        let level = dice.pick(&[
            Level::Low,
            Level::Low,
            Level::Low,
            Level::Moderate,
            Level::Moderate,
            Level::Strong,
        ]);
        let noise = match level {
            Level::Low => dice.range(1.5, 4.5),
            Level::Moderate => dice.range(5.0, 11.0),
            Level::Strong => dice.range(13.0, 26.0),
        };
        let levels = match dice.int(0, 9) {
            0 => (dice.range(60.0, 95.0), dice.range(130.0, 180.0)),
            1 | 2 => (0.0, dice.range(245.0, 300.0)),
            _ => (dice.range(5.0, 45.0), dice.range(180.0, 250.0)),
        };
        truth.noise = level;
        truth.soft = soft;
        truth.flat_contrast = levels.1 - levels.0 < 110.0;
        truth.drift = dice.chance(0.05);
        Self {
            blur: if dice.chance(0.5) {
                (radius * stretch, radius)
            } else {
                (radius, radius * stretch)
            },
            noise,
            lines: if dice.chance(0.25) {
                dice.range(0.5, 4.0)
            } else {
                0.0
            },
            levels,
            gamma: dice.range(0.75, 1.25),
            shading: if dice.chance(0.5) {
                dice.range(0.05, 0.3)
            } else {
                0.0
            },
            charging: if truth.charging {
                dice.range(0.4, 1.0)
            } else {
                0.0
            },
            jitter: if truth.drift {
                dice.range(1.5, 4.0) * scale
            } else {
                0.0
            },
        }
    }

    /// Exposes a signal, row by row; also says whether charging streaks can be seen.
    pub fn expose(
        &self,
        mut signal: Vec<f32>,
        width: usize,
        height: usize,
        dice: &mut Dice,
    ) -> (Vec<u8>, bool) {
        let streaks = self.charging > 0.0 && streak(&mut signal, width, self.charging, dice);
        if self.jitter > 0.0 {
            shift_lines(&mut signal, width, self.jitter, dice);
        }
        blur_xy(&mut signal, width, height, self.blur.0, self.blur.1);
        self.shade_field(&mut signal, width, height, dice);
        let (low, high) = percentiles(&signal);
        let (from, to) = self.levels;
        let mut line_gain = 0.0;
        let mut grey = Vec::with_capacity(signal.len());
        for (place, value) in signal.iter().enumerate() {
            if place % width == 0 {
                line_gain = 0.5 * line_gain + self.lines * dice.normal();
            }
            let part = ((value - low) / (high - low).max(1e-4))
                .clamp(0.0, 1.4)
                .powf(self.gamma);
            let level = from + (to - from) * part;
            let noise = self.noise * (0.35 + 0.65 * (level.max(0.0) / 128.0).sqrt());
            grey.push((level + line_gain + noise * quick_normal(dice)).clamp(0.0, 255.0) as u8);
        }
        (grey, streaks)
    }

    fn shade_field(&self, signal: &mut [f32], width: usize, height: usize, dice: &mut Dice) {
        if self.shading <= 0.0 {
            return;
        }
        let angle = dice.angle();
        let (sin, cos) = angle.sin_cos();
        let corners = dice.chance(0.4);
        for row in 0..height {
            let v = row as f32 / height as f32 - 0.5;
            for column in 0..width {
                let u = column as f32 / width as f32 - 0.5;
                let fall = if corners {
                    (u * u + v * v) * 2.0
                } else {
                    u * cos + v * sin + 0.5
                };
                signal[row * width + column] *= 1.0 - self.shading * fall;
            }
        }
    }
}

/// A cheap normal-like number: four 8-bit uniforms of one draw.
fn quick_normal(dice: &mut Dice) -> f32 {
    let bits = dice.bits();
    let sum: u32 = bits.to_le_bytes().iter().map(|&byte| u32::from(byte)).sum();
    (sum as f32 - 510.0) / 147.8
}

/// The levels below which 0.5 % and 99.5 % of the signal lie.
fn percentiles(signal: &[f32]) -> (f32, f32) {
    let mut bins = [0u32; 512];
    for &value in signal {
        bins[((value * 170.0) as usize).min(511)] += 1;
    }
    let goal = (signal.len() / 200) as u32;
    let level = |bin: usize| bin as f32 / 170.0;
    let (mut low, mut high, mut sum) = (0, 511, 0);
    while low < 511 && sum + bins[low] <= goal {
        sum += bins[low];
        low += 1;
    }
    sum = 0;
    while high > low && sum + bins[high] <= goal {
        sum += bins[high];
        high -= 1;
    }
    (level(low), level(high + 1))
}

/// Bright parts leave a bright or dark tail along their line, as a charging specimen does.
/// Says whether the tails are strong enough to be seen.
fn streak(signal: &mut [f32], width: usize, strength: f32, dice: &mut Dice) -> bool {
    let sign = if dice.chance(0.6) { -0.5 } else { 0.6 };
    let count = signal.len().max(1) as f32;
    let mean = signal.iter().sum::<f32>() / count;
    let spread = (signal
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f32>()
        / count)
        .sqrt();
    let (mut rough, mut change) = (0.0, 0.0);
    for row in signal.chunks_exact_mut(width) {
        rough = 0.6 * rough + 0.4 * dice.range(0.0, 2.0);
        let mut tail = 0.0f32;
        for value in row {
            let excess = (*value - mean - 0.6 * spread).max(0.0);
            tail = tail * 0.985 + 0.04 * excess;
            let before = *value;
            *value = (*value + sign * strength * rough * tail.min(0.6)).max(0.0);
            change += (*value - before).abs();
        }
    }
    change / count > 0.12 * spread
}

/// Moves lines sideways by a slow random walk with rare jumps: vibration and drift.
fn shift_lines(signal: &mut [f32], width: usize, most: f32, dice: &mut Dice) {
    let mut shift = 0.0f32;
    let mut copy = vec![0.0; width];
    for row in signal.chunks_exact_mut(width) {
        shift = (shift + 0.3 * dice.normal()).clamp(-most, most);
        if dice.chance(0.02) {
            shift = dice.range(-most, most);
        }
        copy.copy_from_slice(row);
        for (column, value) in row.iter_mut().enumerate() {
            let from = (column as f32 + shift).clamp(0.0, (width - 1) as f32);
            let (left, part) = (from as usize, from.fract());
            let right = (left + 1).min(width - 1);
            *value = copy[left] * (1.0 - part) + copy[right] * part;
        }
    }
}

/// Passes grey through JPEG at a quality from 1 to 100, as many stored micrographs have been.
/// What cannot be coded comes back unchanged.
pub fn compress(grey: Vec<u8>, width: usize, height: usize, quality: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality);
    let coded = encoder.encode(
        &grey,
        width as u32,
        height as u32,
        image::ExtendedColorType::L8,
    );
    let read = || image::load_from_memory_with_format(&file, image::ImageFormat::Jpeg).ok();
    match coded.ok().and_then(|()| read()) {
        Some(back) if back.width() as usize * back.height() as usize == grey.len() => {
            back.into_luma8().into_raw()
        }
        _ => grey,
    }
}
