//! How fit a field is for measuring: its noise, its blur and what is clipped.
//!
//! Taken from the raw pixels, before anything is smoothed. Time is bounded: large fields are
//! looked at in samples. Called by `measure`.

use super::Field;
use rayon::prelude::*;

/// Side of the tiles that noise is looked for in, in pixels.
const TILE: usize = 8;
/// Tiles that are looked at, at most.
const TILES_MAX: usize = 20_000;
/// Of the tiles, how many are taken for flat; and what the standard deviation of 61 values
/// reads there in units of the true one (chi-square).
const FLAT_SHARE: f64 = 0.1;
const FLAT_READS: f32 = 0.885;
/// Pixels that clipping is looked for in, at most.
const CLIPPED_PIXELS_MAX: usize = 2_000_000;
/// Pixels that edges are looked for in, at most.
const EDGE_PIXELS_MAX: usize = 600_000;
/// Of the pixels, the steepest part that is followed as edges.
const EDGE_SHARE: f64 = 0.004;
/// How far an edge is followed to either side, in pixels.
const EDGE_REACH: isize = 12;

/// What was found about a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitness {
    /// Standard deviation of the noise in flat areas, in grey.
    pub noise: f32,
    /// Standard deviation of the blur of the sharpest edges along x and along y, in pixels;
    /// none where there are too few edges.
    pub blur_px: [Option<f32>; 2],
    /// Share of the specimen that is clipped, dark or bright.
    pub clipped: f64,
    /// The least and the greatest grey, where what lies beyond is clipped there.
    pub clipped_at: [Option<f32>; 2],
}

impl Fitness {
    /// Looks at a field.
    pub fn of(field: &Field<'_>) -> Self {
        let (clipped, clipped_at) = clipped(field);
        Self {
            noise: noise(field),
            blur_px: blur(field),
            clipped,
            clipped_at,
        }
    }

    /// The wider of the two blurs, in pixels.
    pub fn blur(&self) -> Option<f32> {
        let [x, y] = self.blur_px;
        x.into_iter().chain(y).max_by(f32::total_cmp)
    }
}

/// The scatter around a plane in the flattest tiles.
fn noise(field: &Field<'_>) -> f32 {
    let (columns, rows) = (field.width / TILE, field.height / TILE);
    let every = (columns * rows).div_ceil(TILES_MAX).max(1);
    let tiles: Vec<usize> = (0..columns * rows).step_by(every).collect();
    let scatter = |tile: &usize| scatter(field, tile % columns * TILE, tile / columns * TILE);
    let mut scatters: Vec<f32> = tiles.par_iter().filter_map(scatter).collect();
    if scatters.is_empty() {
        return 0.0;
    }
    let at = (FLAT_SHARE * (scatters.len() - 1) as f64) as usize;
    *scatters.select_nth_unstable_by(at, f32::total_cmp).1 / FLAT_READS
}

/// The standard deviation of a tile around its plane; none where it is clipped, even or not all
/// specimen.
fn scatter(field: &Field<'_>, left: usize, top: usize) -> Option<f32> {
    let middle = (TILE - 1) as f32 / 2.0;
    let (mut sum, mut by_x, mut by_y, mut squares) = (0.0f32, 0.0, 0.0, 0.0);
    let mut sum_of_squares = 0.0;
    let first = field.grey[top * field.width + left];
    for y in 0..TILE {
        let start = (top + y) * field.width + left;
        if field.valid[start..start + TILE].iter().any(|is| !is) {
            return None;
        }
        for (x, value) in field.grey[start..start + TILE].iter().enumerate() {
            let value = value - first;
            let (u, v) = (x as f32 - middle, y as f32 - middle);
            sum += value;
            by_x += value * u;
            by_y += value * v;
            squares += value * value;
            sum_of_squares += u * u;
        }
    }
    let count = (TILE * TILE) as f32;
    let left_over = squares - sum * sum / count - (by_x * by_x + by_y * by_y) / sum_of_squares;
    let scatter = (left_over.max(0.0) / (count - 3.0)).sqrt();
    (scatter > 0.0).then_some(scatter)
}

/// The share of pixels at the least and at the greatest grey, where they pile up there, and those
/// greys; of large fields, in some of the rows.
fn clipped(field: &Field<'_>) -> (f64, [Option<f32>; 2]) {
    let every = (field.width * field.height)
        .div_ceil(CLIPPED_PIXELS_MAX)
        .max(1);
    let rows: Vec<usize> = (0..field.height).step_by(every).collect();
    let seen = |y: &usize| {
        let row = y * field.width..(y + 1) * field.width;
        let pixels = field.grey[row.clone()].iter().zip(&field.valid[row]);
        pixels.filter(|(_, is)| **is).map(|(value, _)| *value)
    };
    let ends = |a: (f32, f32), b: (f32, f32)| (a.0.min(b.0), a.1.max(b.1));
    let (least, most) = rows
        .par_iter()
        .map(|y| seen(y).fold((f32::MAX, f32::MIN), |a, b| ends(a, (b, b))))
        .reduce(|| (f32::MAX, f32::MIN), ends);
    if least >= most {
        return (0.0, [None; 2]);
    }
    // A pile stands out against the next greys, as wide as a step of 8 bits.
    let near = ((most - least) / 255.0).max(1.0);
    let beside = [
        least + 0.5 * near..=least + 1.5 * near,
        most - 1.5 * near..=most - 0.5 * near,
    ];
    let count = |y: &usize| {
        let mut counts = [0usize; 5];
        for value in seen(y) {
            counts[0] += usize::from(value == least);
            counts[1] += usize::from(beside[0].contains(&value));
            counts[2] += usize::from(value == most);
            counts[3] += usize::from(beside[1].contains(&value));
            counts[4] += 1;
        }
        counts
    };
    let [low, above, high, below, all] = rows
        .par_iter()
        .map(count)
        .reduce(|| [0; 5], |a, b| std::array::from_fn(|i| a[i] + b[i]));
    let is_pile = |at: usize, beside: usize| at > 3 * beside.max(1);
    let piles = [(low, above, least), (high, below, most)];
    let held = piles.map(|(at, beside, _)| if is_pile(at, beside) { at } else { 0 });
    let clipped_at = piles.map(|(at, beside, grey)| is_pile(at, beside).then_some(grey));
    (
        held.iter().sum::<usize>() as f64 / all.max(1) as f64,
        clipped_at,
    )
}

/// The blur of the sharpest edges by axis: the height of an edge over its slope. Of a Gaussian
/// blur, the slope is the height over σ√2π.
fn blur(field: &Field<'_>) -> [Option<f32>; 2] {
    [(1isize, 0isize), (0, 1)].map(|(dx, dy)| {
        let every = (field.width * field.height)
            .div_ceil(EDGE_PIXELS_MAX)
            .max(1);
        let rows: Vec<usize> = (0..field.height).step_by(every).collect();
        // Means of three across the direction calm the noise without widening the edge.
        let at = |x: isize, y: isize| {
            (field.at(x, y) + field.at(x + dy, y + dx) + field.at(x - dy, y - dx)) / 3.0
        };
        let slope = |x: isize, y: isize| 0.5 * (at(x + dx, y + dy) - at(x - dx, y - dy));
        let steep = |y: &usize| -> Vec<(f32, u32, u32)> {
            (0..field.width)
                .filter(|x| field.valid[y * field.width + x])
                .map(|x| (slope(x as isize, *y as isize), x as u32, *y as u32))
                .map(|(slope, x, y)| (slope.abs(), x, y))
                .collect()
        };
        let mut slopes: Vec<(f32, u32, u32)> = rows.par_iter().flat_map_iter(steep).collect();
        let wanted = (slopes.len() as f64 * EDGE_SHARE) as usize;
        if wanted < 20 {
            return None;
        }
        let at_least = slopes.len() - wanted;
        slopes.select_nth_unstable_by(at_least, |a, b| {
            a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2)))
        });
        let mut sigmas: Vec<f32> = slopes[at_least..]
            .iter()
            .filter_map(|(steepest, x, y)| {
                let (x, y) = (*x as isize, *y as isize);
                let sign = slope(x, y).signum();
                let along = |i: isize| sign * at(x + i * dx, y + i * dy);
                let is_crest = [-1, 1]
                    .iter()
                    .all(|i| slope(x + i * dx, y + i * dy).abs() <= *steepest);
                let end = |step: isize| {
                    let mut i = 0;
                    while i * step < EDGE_REACH
                        && (along(i + step) - along(i)) * step as f32 > 0.02 * steepest
                    {
                        i += step;
                    }
                    along(i)
                };
                let height = end(1) - end(-1);
                (is_crest && height > 0.0 && *steepest > 0.0)
                    .then(|| height / (steepest * (2.0 * std::f32::consts::PI).sqrt()))
            })
            .collect();
        if sigmas.len() < 10 {
            return None;
        }
        let quarter = sigmas.len() / 4;
        Some(*sigmas.select_nth_unstable_by(quarter, f32::total_cmp).1)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::super::segment::plane::gaussian;
    use super::*;
    use rand::{Rng, SeedableRng};

    /// Squares of 40 pixels, blurred by `sigma`, with noise.
    fn squares(sigma: f32, noise: f32) -> Field<'static> {
        let (width, height) = (400, 300);
        let sharp: Vec<f32> = (0..width * height)
            .map(|i| {
                if (i % width / 40 + i / width / 40) % 2 == 0 {
                    60.0
                } else {
                    180.0
                }
            })
            .collect();
        let mut values = gaussian(&sharp, width, height, sigma);
        let mut dice = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        for value in &mut values {
            let sum: f32 = (0..12).map(|_| dice.random::<f32>()).sum();
            *value += noise * (sum - 6.0);
        }
        Field::from_values(width, height, values).unwrap()
    }

    #[test]
    fn noise_and_blur_are_found_in_what_has_both() {
        for (sigma, noise) in [(1.0, 2.0), (2.0, 4.0), (3.0, 1.0)] {
            let fitness = Fitness::of(&squares(sigma, noise));
            assert!(
                (fitness.noise / noise - 1.0).abs() < 0.15,
                "{fitness:?} for {noise}"
            );
            for blur in fitness.blur_px {
                let blur = blur.unwrap();
                assert!((blur / sigma - 1.0).abs() < 0.25, "{fitness:?} for {sigma}");
            }
        }
    }

    #[test]
    fn only_piles_at_the_ends_are_clipped() {
        let field = squares(2.0, 6.0);
        assert_eq!(Fitness::of(&field).clipped, 0.0);
        let cut: Vec<f32> = field
            .grey
            .iter()
            .map(|value| value.min(170.0).round())
            .collect();
        let field = Field::from_values(400, 300, cut).unwrap();
        let clipped = Fitness::of(&field).clipped;
        assert!((0.3..0.5).contains(&clipped), "{clipped}");
    }
}
