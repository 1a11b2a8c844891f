//! Lines, stripes and strands drawn with known truth, as an SEM would show them: a rim along every
//! edge, the blur of the beam and noise. Random edges by Thorsos' method: the spectrum's root
//! times a random phase, transformed back.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A seeded stream of normal numbers.
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// An edge of `count` rows with the spectrum of an exponential correlation: standard deviation
/// and correlation length in pixels. Twice the rows are made, so that its ends do not meet.
pub fn rough_edge(dice: &mut Dice, count: usize, sigma: f64, correlation: f64) -> Vec<f64> {
    let period = 2 * count;
    let step = 1.0 / period as f64;
    let waves: Vec<(f64, f64)> = (1..count)
        .map(|index| {
            let frequency = index as f64 * step;
            let power = 4.0 * sigma * sigma * correlation
                / (1.0 + (std::f64::consts::TAU * frequency * correlation).powi(2));
            let amplitude = (power * step).sqrt();
            (amplitude * dice.normal(), amplitude * dice.normal())
        })
        .collect();
    (0..count)
        .map(|row| {
            let (sin, cos) = (std::f64::consts::TAU * row as f64 * step).sin_cos();
            let (mut c, mut s) = (1.0, 0.0);
            let mut sum = 0.0;
            for (a, b) in &waves {
                (c, s) = (c * cos - s * sin, s * cos + c * sin);
                sum += a * c + b * s;
            }
            sum
        })
        .collect()
}

/// How an image of lines looks.
#[derive(Clone, Copy)]
pub struct Look {
    pub ground: f64,
    pub plateau: f64,
    pub rim: f64,
    pub rim_px: f64,
    pub blur_px: f64,
    pub noise: f64,
}

impl Look {
    pub const USUAL: Look = Look {
        ground: 60.0,
        plateau: 110.0,
        rim: 90.0,
        rim_px: 3.0,
        blur_px: 1.6,
        noise: 8.0,
    };

    /// Signal at a depth into a line of a width.
    fn signal(&self, depth: f64, width: f64) -> f64 {
        if depth < 0.0 || depth > width {
            return self.ground;
        }
        let rim = (-depth / self.rim_px).exp() + (-(width - depth) / self.rim_px).exp();
        self.plateau + self.rim * rim
    }

    /// Where the outer 50 % of a straight edge at 0 lies without noise or pixels; negative is
    /// outside. Calculated on a fine profile, apart from what is tested.
    pub fn edge_offset(&self, width: f64) -> f64 {
        let fine = 0.02;
        let at = |index: i32| f64::from(index) * fine;
        let reach = (4.0 * self.blur_px / fine) as i32;
        let weights: Vec<f64> = (-reach..=reach)
            .map(|step| (-0.5 * (at(step) / self.blur_px).powi(2)).exp())
            .collect();
        let total: f64 = weights.iter().sum();
        let (first, last) = ((-15.0 / fine) as i32, (12.0 / fine) as i32);
        let profile: Vec<f64> = (first..=last)
            .map(|index| {
                (-reach..=reach)
                    .zip(&weights)
                    .map(|(step, weight)| weight * self.signal(at(index + step), width))
                    .sum::<f64>()
                    / total
            })
            .collect();
        let crest = profile.iter().copied().fold(f64::MIN, f64::max);
        let level = 0.5 * (crest + self.ground);
        let crossing = profile.iter().position(|value| *value >= level).unwrap();
        at(first + crossing as i32)
    }
}

/// Drawn lines along y: for every line its two edges, row by row.
pub struct Drawn {
    pub width: usize,
    pub height: usize,
    pub grey: Vec<f32>,
    pub lines: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Drawn {
    /// The grey values with rows as columns.
    pub fn turned(&self) -> Vec<f32> {
        (0..self.width * self.height)
            .map(|place| {
                let (x, y) = (place % self.height, place / self.height);
                self.grey[x * self.width + y]
            })
            .collect()
    }
}

/// Draws lines from their edges.
pub fn draw(
    width: usize,
    height: usize,
    lines: Vec<(Vec<f64>, Vec<f64>)>,
    look: &Look,
    dice: &mut Dice,
) -> Drawn {
    const FINE: usize = 8;
    let mut grey = vec![0.0f64; width * height];
    for row in 0..height {
        for (left, right) in &lines {
            let (from, to) = (left[row], right[row]);
            let pixels = (from.floor() as usize).saturating_sub(1)..(to as usize + 2).min(width);
            for column in pixels {
                let sum: f64 = (0..FINE)
                    .map(|part| {
                        let x = column as f64 - 0.5 + (part as f64 + 0.5) / FINE as f64;
                        look.signal(x - from, to - from) - look.ground
                    })
                    .sum();
                grey[row * width + column] += sum / FINE as f64;
            }
        }
    }
    blur(&mut grey, width, height, look.blur_px);
    let grey = grey
        .iter()
        .map(|value| (look.ground + value + look.noise * dice.normal()) as f32)
        .collect();
    Drawn {
        width,
        height,
        grey,
        lines,
    }
}

/// A round Gaussian blur.
pub fn blur(grey: &mut [f64], width: usize, height: usize, sigma: f64) {
    if sigma <= 0.0 {
        return;
    }
    let reach = (4.0 * sigma).ceil() as isize;
    let weights: Vec<f64> = (-reach..=reach)
        .map(|step| (-0.5 * (step as f64 / sigma).powi(2)).exp())
        .collect();
    let total: f64 = weights.iter().sum();
    for is_along_x in [true, false] {
        let source = grey.to_vec();
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0.0;
                for (step, weight) in (-reach..=reach).zip(&weights) {
                    let (sx, sy) = if is_along_x {
                        ((x as isize + step).clamp(0, width as isize - 1) as usize, y)
                    } else {
                        (
                            x,
                            (y as isize + step).clamp(0, height as isize - 1) as usize,
                        )
                    };
                    sum += weight * source[sy * width + sx];
                }
                grey[y * width + x] = sum / total;
            }
        }
    }
}

/// Evenly spaced lines with rough edges. `spread` is the standard deviation of their widths.
#[derive(Clone, Copy)]
pub struct Plan {
    pub size: (usize, usize),
    pub pitch: f64,
    pub line: f64,
    pub spread: f64,
    pub sigma: f64,
    pub correlation: f64,
    pub slant: f64,
}

impl Plan {
    pub fn draw(&self, look: &Look, seed: u64) -> Drawn {
        let mut dice = Dice::new(seed);
        let (width, height) = self.size;
        let start = 0.35 * self.pitch + dice.uniform() * 0.2 * self.pitch;
        let mut lines = Vec::new();
        let count = ((width as f64
            - start
            - self.line
            - 0.3 * self.pitch
            - (self.slant * height as f64).abs())
            / self.pitch)
            .floor() as usize
            + 1;
        for index in 0..count {
            let middle = start
                + 0.5 * self.line
                + index as f64 * self.pitch
                + 0.5 * (self.slant * height as f64).abs();
            let line = self.line + self.spread * dice.normal();
            let left = rough_edge(&mut dice, height, self.sigma, self.correlation);
            let right = rough_edge(&mut dice, height, self.sigma, self.correlation);
            let place = |row: usize| middle + self.slant * (row as f64 - 0.5 * height as f64);
            lines.push((
                left.iter()
                    .enumerate()
                    .map(|(row, at)| place(row) - 0.5 * line + at)
                    .collect(),
                right
                    .iter()
                    .enumerate()
                    .map(|(row, at)| place(row) + 0.5 * line + at)
                    .collect(),
            ));
        }
        draw(width, height, lines, look, &mut dice)
    }
}

impl Drawn {
    /// Three standard deviations of the true local widths about their mean a line.
    pub fn lwr(&self) -> f64 {
        let (mut squares, mut count) = (0.0, 0.0);
        for (left, right) in &self.lines {
            let widths: Vec<f64> = left.iter().zip(right).map(|(a, b)| b - a).collect();
            let mean = widths.iter().sum::<f64>() / widths.len() as f64;
            squares += widths.iter().map(|w| (w - mean).powi(2)).sum::<f64>();
            count += widths.len() as f64 - 1.0;
        }
        3.0 * (squares / count).sqrt()
    }

    /// Mean width between the walls, across the rows.
    pub fn line(&self) -> f64 {
        let widths = self
            .lines
            .iter()
            .flat_map(|(left, right)| left.iter().zip(right).map(|(a, b)| b - a));
        let (sum, count) =
            widths.fold((0.0, 0.0), |(sum, count), width| (sum + width, count + 1.0));
        sum / count
    }
}
