//! A field reduced to one level of detail, with the edges that run on for a while.
//!
//! Thick strands are found on a small copy, where their texture is gone, thin ones on a large
//! one. Edges are ridges of the gradient's length that are above noise and part of a long chain.
//! Called by `fibres`.

use rayon::prelude::*;

use super::super::Field;
use super::super::uncertainty::{median, quantile};

/// Smoothing before the gradient, in pixels of the level.
const SIGMA_PX: f64 = 1.5;

/// One level.
pub struct Level {
    /// Pixels of the field along one of the level.
    pub factor: usize,
    /// Width in pixels of the level.
    pub width: usize,
    /// Height in pixels of the level.
    pub height: usize,
    /// Smoothed grey.
    pub grey: Vec<f32>,
    /// Whether a pixel and those around it are specimen.
    pub valid: Vec<bool>,
    /// Gradient, toward brighter.
    pub gradient: Vec<(f32, f32)>,
    /// True on edges that belong to a long chain.
    pub is_edge: Vec<bool>,
}

impl Level {
    /// Reduces a field by a whole factor and finds its edges.
    pub fn of(field: &Field<'_>, factor: usize) -> Option<Self> {
        let (width, height) = (field.width / factor, field.height / factor);
        if width < 24 || height < 24 {
            return None;
        }
        let (mut grey, valid) = reduced(field, factor, width, height);
        let noise = noise(&grey, &valid, width);
        blur(&mut grey, width, height, SIGMA_PX as f32);
        let mut level = Self {
            factor,
            width,
            height,
            gradient: gradient(&grey, width, height),
            is_edge: Vec::new(),
            valid: shrunk(&valid, width, height, 3),
            grey,
        };
        level.is_edge = level.edges(noise);
        Some(level)
    }

    /// The same with dark and bright exchanged.
    pub fn inverted(&self) -> Self {
        Self {
            grey: self.grey.iter().map(|value| -value).collect(),
            gradient: self.gradient.iter().map(|(dx, dy)| (-dx, -dy)).collect(),
            valid: self.valid.clone(),
            is_edge: self.is_edge.clone(),
            ..*self
        }
    }

    /// The smoothed grey between pixels.
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (
            x.clamp(0.0, (self.width - 1) as f32),
            y.clamp(0.0, (self.height - 1) as f32),
        );
        let (left, top) = (x as usize, y as usize);
        let (right, below) = (
            (left + 1).min(self.width - 1),
            (top + 1).min(self.height - 1),
        );
        let (u, v) = (x - left as f32, y - top as f32);
        let at = |x: usize, y: usize| self.grey[y * self.width + x];
        (at(left, top) * (1.0 - u) + at(right, top) * u) * (1.0 - v)
            + (at(left, below) * (1.0 - u) + at(right, below) * u) * v
    }

    /// The index of the pixel nearest to a place, if it is specimen.
    pub fn place(&self, x: f32, y: f32) -> Option<usize> {
        let (x, y) = (x.round(), y.round());
        if x < 0.0 || y < 0.0 || x >= self.width as f32 || y >= self.height as f32 {
            return None;
        }
        let place = y as usize * self.width + x as usize;
        self.valid[place].then_some(place)
    }

    /// The unit vector of the gradient.
    pub fn toward_bright(&self, place: usize) -> (f32, f32) {
        let (dx, dy) = self.gradient[place];
        let length = dx.hypot(dy).max(1e-9);
        (dx / length, dy / length)
    }

    /// Ridges of the gradient in long chains.
    fn edges(&self, noise: f64) -> Vec<bool> {
        let width = self.width;
        let strength = |place: usize| self.gradient[place].0.hypot(self.gradient[place].1);
        let mut is_ridge = vec![false; width * self.height];
        is_ridge
            .par_chunks_exact_mut(width)
            .enumerate()
            .skip(1)
            .take(self.height - 2)
            .for_each(|(y, row)| {
                for (x, is_ridge) in row.iter_mut().enumerate().take(width - 1).skip(1) {
                    let place = y * width + x;
                    *is_ridge = self.valid[place] && self.is_ridge(x, y, strength(place));
                }
            });
        let mut strengths: Vec<f64> = (0..is_ridge.len())
            .filter(|&place| is_ridge[place])
            .map(|place| f64::from(strength(place)))
            .collect();
        // What noise of standard deviation 1 has for a gradient behind the smoothing.
        let of_noise = noise / ((8.0 * std::f64::consts::PI).sqrt() * SIGMA_PX * SIGMA_PX);
        let strong = (6.0 * of_noise).max(0.12 * quantile(&mut strengths, 0.98)) as f32;
        let weak = 0.5 * strong;
        let least = (width + self.height) / 40 + 8;
        self.long_chains(&is_ridge, &strength, (weak, strong), least)
    }

    fn is_ridge(&self, x: usize, y: usize, strength: f32) -> bool {
        let (gx, gy) = self.toward_bright(y * self.width + x);
        let at = |side: f32| {
            let (x, y) = (x as f32 + side * gx, y as f32 + side * gy);
            let (left, top) = (x.floor() as usize, y.floor() as usize);
            let (u, v) = (x - left as f32, y - top as f32);
            let of = |x: usize, y: usize| {
                let (dx, dy) =
                    self.gradient[y.min(self.height - 1) * self.width + x.min(self.width - 1)];
                dx.hypot(dy)
            };
            (of(left, top) * (1.0 - u) + of(left + 1, top) * u) * (1.0 - v)
                + (of(left, top + 1) * (1.0 - u) + of(left + 1, top + 1) * u) * v
        };
        strength > at(-1.0) && strength >= at(1.0)
    }

    /// Connected ridge pixels of like direction: those chains that are somewhere strong and long
    /// enough.
    fn long_chains(
        &self,
        is_ridge: &[bool],
        strength: &dyn Fn(usize) -> f32,
        (weak, strong): (f32, f32),
        least: usize,
    ) -> Vec<bool> {
        let mut state = vec![0u8; is_ridge.len()];
        let mut kept = vec![false; is_ridge.len()];
        let mut chain = Vec::new();
        for start in 0..is_ridge.len() {
            if !is_ridge[start] || state[start] != 0 || strength(start) < weak {
                continue;
            }
            chain.clear();
            chain.push(start);
            state[start] = 1;
            let mut next = 0;
            let mut strong_pixels = 0;
            while let Some(&place) = chain.get(next) {
                next += 1;
                strong_pixels += usize::from(strength(place) >= strong);
                let (gx, gy) = self.toward_bright(place);
                for near in neighbours(place, self.width, self.height) {
                    let (nx, ny) = self.toward_bright(near);
                    if is_ridge[near]
                        && state[near] == 0
                        && strength(near) >= weak
                        && gx * nx + gy * ny > 0.8
                    {
                        state[near] = 1;
                        chain.push(near);
                    }
                }
            }
            if chain.len() >= least && strong_pixels * 4 >= chain.len() {
                chain.iter().for_each(|&place| kept[place] = true);
            }
        }
        kept
    }
}

/// The up to eight neighbours of a pixel.
fn neighbours(place: usize, width: usize, height: usize) -> impl Iterator<Item = usize> {
    let (x, y) = ((place % width) as isize, (place / width) as isize);
    (-1..=1isize)
        .flat_map(move |dy| (-1..=1isize).map(move |dx| (x + dx, y + dy)))
        .filter(move |&(nx, ny)| {
            (nx, ny) != (x, y) && nx >= 0 && ny >= 0 && nx < width as isize && ny < height as isize
        })
        .map(move |(nx, ny)| ny as usize * width + nx as usize)
}

fn reduced(field: &Field<'_>, factor: usize, width: usize, height: usize) -> (Vec<f32>, Vec<bool>) {
    let pixels: Vec<(f32, bool)> = (0..width * height)
        .into_par_iter()
        .map(|place| {
            let (x0, y0) = (place % width * factor, place / width * factor);
            let (mut sum, mut count) = (0.0f32, 0usize);
            for y in y0..y0 + factor {
                let row = y * field.width;
                for x in x0..x0 + factor {
                    if field.valid[row + x] {
                        sum += field.grey[row + x];
                        count += 1;
                    }
                }
            }
            (sum / count.max(1) as f32, 2 * count >= factor * factor)
        })
        .collect();
    pixels.into_iter().unzip()
}

/// Noise from second differences along rows, which slow changes leave alone.
fn noise(grey: &[f32], valid: &[bool], width: usize) -> f64 {
    let step = (grey.len() / 100_000).max(1);
    let mut differences: Vec<f64> = (1..grey.len() - 1)
        .step_by(step)
        .filter(|&place| place % width != 0 && place % width != width - 1)
        .filter(|&place| valid[place - 1] && valid[place] && valid[place + 1])
        .map(|place| f64::from(grey[place - 1] - 2.0 * grey[place] + grey[place + 1]).abs())
        .collect();
    let found = median(&mut differences) / (0.6745 * 6f64.sqrt());
    if found.is_finite() { found } else { 0.0 }
}

/// A Gaussian blur, whose edges go on for ever.
pub fn blur(grey: &mut [f32], width: usize, height: usize, sigma: f32) {
    let reach = (3.0 * sigma).ceil() as isize;
    let weights: Vec<f32> = (-reach..=reach)
        .map(|step| (-0.5 * (step as f32 / sigma).powi(2)).exp())
        .collect();
    let total: f32 = weights.iter().sum();
    let mut rows = vec![0.0f32; grey.len()];
    rows.par_chunks_exact_mut(width)
        .zip(grey.par_chunks_exact(width))
        .for_each(|(out, row)| {
            for (x, value) in out.iter_mut().enumerate() {
                let sum: f32 = (-reach..=reach)
                    .zip(&weights)
                    .map(|(step, weight)| {
                        weight * row[(x as isize + step).clamp(0, width as isize - 1) as usize]
                    })
                    .sum();
                *value = sum / total;
            }
        });
    grey.par_chunks_exact_mut(width)
        .enumerate()
        .for_each(|(y, out)| {
            out.fill(0.0);
            for (step, weight) in (-reach..=reach).zip(&weights) {
                let from = (y as isize + step).clamp(0, height as isize - 1) as usize * width;
                for (value, other) in out.iter_mut().zip(&rows[from..from + width]) {
                    *value += weight / total * other;
                }
            }
        });
}

fn gradient(grey: &[f32], width: usize, height: usize) -> Vec<(f32, f32)> {
    (0..grey.len())
        .into_par_iter()
        .map(|place| {
            let (x, y) = (place % width, place / width);
            let at = |x: usize, y: usize| grey[y * width + x];
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
            (
                0.5 * (at(right, y) - at(left, y)),
                0.5 * (at(x, below) - at(x, above)),
            )
        })
        .collect()
}

/// Valid pixels that are this far from any that is not, and from the border.
fn shrunk(valid: &[bool], width: usize, height: usize, by: usize) -> Vec<bool> {
    let mut rows = vec![false; valid.len()];
    for (out, row) in rows.chunks_exact_mut(width).zip(valid.chunks_exact(width)) {
        let mut run = 0;
        for x in 0..width {
            run = if row[x] { run + 1 } else { 0 };
            if run > 2 * by {
                out[x - by] = true;
            }
        }
    }
    let mut both = vec![false; valid.len()];
    for x in 0..width {
        let mut run = 0;
        for y in 0..height {
            run = if rows[y * width + x] { run + 1 } else { 0 };
            if run > 2 * by {
                both[(y - by) * width + x] = true;
            }
        }
    }
    both
}
