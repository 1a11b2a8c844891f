//! Patterns that repeat: their period, their lattice and the pitch of their holes or dots.
//!
//! The autocorrelation of a reduced copy, by FFT, has a peak at every vector of the lattice. The
//! shortest two of them are refined by a parabola and by following their multiples, and checked
//! against the power of the spectrum at the frequency they claim, so that a harmonic is not
//! taken for the period. Called by whatever knows, or tries, that an image shows a pattern.

use rayon::prelude::*;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

use super::Field;
use super::house::{edges, structure as house};
use super::quantity::{Quantity, Reason, Scale, Unit};
use super::uncertainty::Parts;

/// How a pattern repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lattice {
    /// In one direction.
    Lines,
    /// In two directions at a right angle, equally far.
    Square,
    /// In three directions at 60°, equally far.
    Hexagonal,
    /// In two directions otherwise.
    Oblique,
}

impl Lattice {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Lattice::Lines => "lines",
            Lattice::Square => "square",
            Lattice::Hexagonal => "hexagonal",
            Lattice::Oblique => "oblique",
        }
    }
}

/// A pattern as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The kind of lattice.
    pub lattice: Lattice,
    /// Its shortest vector, in pixels of the field.
    pub first_px: (f64, f64),
    /// Its second one; none for lines.
    pub second_px: Option<(f64, f64)>,
    /// Height of the first repeat peak, 1 at no shift.
    pub peak: f64,
    /// Periods in view along the shortest vector.
    pub periods: f64,
    /// `period` and `pitch`.
    pub quantities: Vec<Quantity>,
}

/// Longest side of the copy that is transformed.
const MOST_PX: usize = 1024;
/// Rows that a thread transforms at once.
const ROWS_AT_ONCE: usize = 16;
/// A period shorter than this, in pixels of the copy, is none.
const SHORTEST_PX: f64 = 2.0;

/// Measures the pattern of a field.
///
/// # Errors
/// The reason why no period could be told.
pub fn measure(field: &Field<'_>, scale: &Scale) -> Result<Pattern, Reason> {
    let map = Correlation::of(field).ok_or_else(|| refused("the field is too small"))?;
    let peaks = map.peaks();
    let Some(first) = peaks.first().copied() else {
        return Err(refused("nothing in view repeats"));
    };
    if first.height < edges::REPEAT_PEAK {
        return Err(refused("what repeats is too weak against the rest"));
    }
    let along = map.ridge(first.length());
    let (first, first_u) = match along {
        Some(along) => map
            .across_lines(first, along)
            .ok_or_else(|| refused("nothing repeats across its lines"))?,
        None => map.followed(first),
    };
    let second = second(&peaks, first)
        .filter(|_| along.is_none())
        .map(|peak| map.followed(peak));
    if !map.is_fundamental(&first) {
        return Err(refused("the period could be a multiple of the true one"));
    }
    let factor = map.factor;
    let lattice = lattice(&first, second.as_ref().map(|second| &second.0));
    let periods = map.periods(&first, lattice == Lattice::Lines);
    if periods < edges::PERIODS {
        return Err(refused("fewer than five periods lie in the field"));
    }
    let vectors = match (lattice, &second) {
        (Lattice::Square | Lattice::Hexagonal, Some(second)) => {
            0.5 * (first.length() + second.0.length())
        }
        _ => first.length(),
    };
    let parts = Parts {
        edge: first_u * factor,
        ..Parts::default()
    };
    let value = vectors * factor;
    let count = periods as usize;
    let quantity = |slot: &'static str, note: String| {
        Quantity::measured(slot, value, Unit::Px, parts, count)
            .noted(note)
            .scaled(scale)
    };
    let mean = format!("mean over {count} periods");
    let quantities = vec![
        quantity("period", format!("{mean}; {}", lattice.name())),
        quantity("pitch", mean.clone()),
    ];
    let px = |peak: &Peak| (peak.x * factor, peak.y * factor);
    Ok(Pattern {
        lattice,
        first_px: px(&first),
        second_px: second.as_ref().map(|second| px(&second.0)),
        peak: first.height,
        periods,
        quantities,
    })
}

fn refused(why: &str) -> Reason {
    let help = "Choose a region with the pattern alone, with more of its periods";
    Reason::new("No period", why, help)
}

/// A maximum of the autocorrelation, in pixels of the reduced copy.
#[derive(Clone, Copy, Debug)]
struct Peak {
    x: f64,
    y: f64,
    height: f64,
}

impl Peak {
    fn length(&self) -> f64 {
        self.x.hypot(self.y)
    }

    /// Angle to another one, in degrees from 0 to 90.
    fn angle_to(&self, other: &Peak) -> f64 {
        let dot = (self.x * other.x + self.y * other.y) / (self.length() * other.length());
        dot.abs().min(1.0).acos().to_degrees()
    }
}

/// The shortest peak that is no multiple of the first and nearly as high.
fn second(peaks: &[Peak], first: Peak) -> Option<Peak> {
    peaks
        .iter()
        .copied()
        .find(|peak| peak.angle_to(&first) > 25.0 && peak.height > 0.5 * first.height)
}

fn lattice(first: &Peak, second: Option<&Peak>) -> Lattice {
    let Some(second) = second else {
        return Lattice::Lines;
    };
    let angle = first.angle_to(second);
    let alike = (second.length() / first.length() - 1.0).abs() < house::LATTICE_LENGTH;
    if alike && (angle - 90.0).abs() < house::LATTICE_DEG {
        Lattice::Square
    } else if alike && (angle - 60.0).abs() < house::LATTICE_DEG {
        Lattice::Hexagonal
    } else {
        Lattice::Oblique
    }
}

/// The autocorrelation of a field without its slow changes, by FFT with room around it, each
/// shift divided by the part of the field that overlaps there.
struct Correlation {
    values: Vec<f32>,
    power: Vec<f32>,
    width: usize,
    height: usize,
    /// Sides of the part that holds the field.
    inner: (usize, usize),
    factor: f64,
}

impl Correlation {
    fn of(field: &Field<'_>) -> Option<Self> {
        let [x0, y0, x1, y1] = field.specimen()?;
        let (full_width, full_height) = (x1 - x0, y1 - y0);
        let factor = full_width.max(full_height).div_ceil(MOST_PX).max(1);
        let (w, h) = (full_width / factor, full_height / factor);
        if w < 32 || h < 32 {
            return None;
        }
        let mut grey = vec![0.0f32; w * h];
        let mut known = vec![0.0f32; w * h];
        for y in 0..h {
            for x in 0..w {
                let (mut sum, mut count) = (0.0, 0.0);
                for py in 0..factor {
                    let row = (y0 + y * factor + py) * field.width + x0 + x * factor;
                    for px in 0..factor {
                        if field.valid[row + px] {
                            sum += field.grey[row + px];
                            count += 1.0;
                        }
                    }
                }
                if count > 0.0 {
                    grey[y * w + x] = sum / count;
                    known[y * w + x] = 1.0;
                }
            }
        }
        flatten(&mut grey, &known, w, h);
        let (width, height) = (room(w), room(h));
        // Both are real, so one transform does for the two: one in each part of a number.
        let mut plane = vec![Complex::new(0.0f32, 0.0); width * height];
        let rows = grey.chunks_exact(w).zip(known.chunks_exact(w));
        for (places, (grey, known)) in plane.chunks_exact_mut(width).zip(rows) {
            for (place, (grey, known)) in places.iter_mut().zip(grey.iter().zip(known)) {
                *place = Complex::new(*grey, *known);
            }
        }
        let (both, power) = self_products(plane, width, height);
        let (values, overlap): (Vec<f32>, Vec<f32>) =
            both.iter().map(|both| (both.re, both.im)).unzip();
        let zero = values[0] / overlap[0].max(1.0);
        let least = 0.15 * overlap[0];
        let values = values
            .iter()
            .zip(&overlap)
            .map(|(value, overlap)| {
                if *overlap > least && zero > 0.0 {
                    value / overlap / zero
                } else {
                    0.0
                }
            })
            .collect();
        Some(Self {
            values,
            power,
            width,
            height,
            inner: (w, h),
            factor: factor as f64,
        })
    }

    fn at(&self, x: isize, y: isize) -> f64 {
        let column = x.rem_euclid(self.width as isize) as usize;
        let row = y.rem_euclid(self.height as isize) as usize;
        f64::from(self.values[row * self.width + column])
    }

    /// Maxima in the upper half plane, the shortest first; those that are far lower than the
    /// highest are left out, and so is the foot of the peak at no shift.
    fn peaks(&self) -> Vec<Peak> {
        let (w, h) = (self.inner.0 as isize * 2 / 3, self.inner.1 as isize * 2 / 3);
        let hollow = self.hollow();
        let mut peaks = Vec::new();
        for y in 0..h {
            for x in -w..w {
                if (y == 0 && x <= 0) || ((x * x + y * y) as f64) < hollow * hollow {
                    continue;
                }
                let here = self.at(x, y);
                if here < 0.1 {
                    continue;
                }
                let is_peak = (-2..=2isize).all(|dy| {
                    (-2..=2isize).all(|dx| (dx, dy) == (0, 0) || self.at(x + dx, y + dy) <= here)
                });
                if is_peak {
                    peaks.push(self.refined(x, y));
                }
            }
        }
        let highest = peaks.iter().map(|peak| peak.height).fold(0.0, f64::max);
        peaks.retain(|peak| peak.height > 0.6 * highest);
        peaks.sort_by(|a, b| a.length().total_cmp(&b.length()));
        peaks
    }

    /// The distance at which the peak at no shift has fallen to its first low, the nearest way.
    fn hollow(&self) -> f64 {
        let mut nearest = f64::MAX;
        for step in 0..24 {
            let (sin, cos) = (f64::from(step) * std::f64::consts::PI / 24.0).sin_cos();
            let mut last = 1.0;
            for distance in 1..(self.inner.0.min(self.inner.1) as i32 / 2) {
                let d = f64::from(distance);
                let here = self.at((d * cos).round() as isize, (d * sin).round() as isize);
                if here > last && last < 0.5 {
                    nearest = nearest.min(d);
                    break;
                }
                last = here;
            }
        }
        nearest
    }

    /// The values between shifts.
    fn between(&self, x: f64, y: f64) -> f64 {
        let (left, top) = (x.floor(), y.floor());
        let (u, v) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        (self.at(left, top) * (1.0 - u) + self.at(left + 1, top) * u) * (1.0 - v)
            + (self.at(left, top + 1) * (1.0 - u) + self.at(left + 1, top + 1) * u) * v
    }

    /// The direction of lines: the one in which the correlation stays high over twice the length
    /// of the shortest vector, and in which it is highest. None for other patterns.
    fn ridge(&self, length: f64) -> Option<f64> {
        let reach = (2.0 * length).min(0.4 * self.inner.0.min(self.inner.1) as f64);
        let along = |angle: f64| {
            let (sin, cos) = angle.sin_cos();
            let steps = 3..reach as i32;
            let values =
                steps.map(move |step| self.between(f64::from(step) * cos, f64::from(step) * sin));
            values.fold((f64::MAX, 0.0), |(least, sum), value| {
                (value.min(least), sum + value)
            })
        };
        let best = |centre: f64, step: f64, count: i32| {
            (-count..=count)
                .map(|index| centre + f64::from(index) * step)
                .max_by(|a, b| along(*a).1.total_cmp(&along(*b).1))
        };
        let degree = 1f64.to_radians();
        let coarse = best(0.5 * std::f64::consts::PI, degree, 90)?;
        let fine = best(coarse, 0.1 * degree, 12)?;
        (along(fine).0 > edges::REPEAT_PEAK).then_some(fine)
    }

    /// The vector across lines, from the correlation averaged along them, and its standard
    /// uncertainty; by its multiples as far as they are high.
    fn across_lines(&self, peak: Peak, along: f64) -> Option<(Peak, f64)> {
        let (sin, cos) = along.sin_cos();
        let start = (peak.y * cos - peak.x * sin).abs();
        let reach = (2.0 * start).min(0.2 * self.inner.0.min(self.inner.1) as f64) as i32;
        let mean = |across: f64| {
            let sum: f64 = (-reach..=reach)
                .map(|step| {
                    let way = f64::from(step);
                    self.between(way * cos - across * sin, way * sin + across * cos)
                })
                .sum();
            sum / f64::from(2 * reach + 1)
        };
        let top = |near: f64, reach: i32| {
            let best = (-reach..=reach)
                .map(|step| near.round() + f64::from(step))
                .max_by(|a, b| mean(*a).total_cmp(&mean(*b)))?;
            let (before, here, after) = (mean(best - 1.0), mean(best), mean(best + 1.0));
            let bend = before - 2.0 * here + after;
            let part = if bend < -1e-9 {
                0.5 * (before - after) / bend
            } else {
                0.0
            };
            Some((best + part.clamp(-0.5, 0.5), here))
        };
        if start < SHORTEST_PX {
            return None;
        }
        let (mut period, height) = top(start, (0.3 * start) as i32 + 1)?;
        let mut multiple = 1.0;
        let most = 0.6 * self.inner.0.min(self.inner.1) as f64;
        while period >= SHORTEST_PX && (multiple + 1.0) * period < most {
            let next = multiple + 1.0;
            let (far, far_height) = top(next * period, (0.2 * period).clamp(1.0, 4.0) as i32)?;
            if far_height < 0.4 * height {
                break;
            }
            multiple = next;
            period = far / multiple;
        }
        let found = Peak {
            x: -period * sin,
            y: period * cos,
            height,
        };
        Some((found, (edges::FLOOR_PX / multiple).max(2e-3)))
    }

    /// A maximum to a part of a pixel, by a parabola in x and in y.
    fn refined(&self, x: isize, y: isize) -> Peak {
        let here = self.at(x, y);
        let part = |before: f64, after: f64| {
            let bend = before - 2.0 * here + after;
            if bend < -1e-9 {
                (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
            } else {
                0.0
            }
        };
        Peak {
            x: x as f64 + part(self.at(x - 1, y), self.at(x + 1, y)),
            y: y as f64 + part(self.at(x, y - 1), self.at(x, y + 1)),
            height: here,
        }
    }

    /// A vector by its multiples as far as they are high, and its standard uncertainty: the error
    /// of a far peak is divided by how many periods it is away.
    fn followed(&self, peak: Peak) -> (Peak, f64) {
        let mut found = peak;
        let mut multiple = 1.0;
        loop {
            let next = multiple + 1.0;
            let (x, y) = (found.x * next, found.y * next);
            let inside = x.abs() < 0.7 * self.inner.0 as f64 && y.abs() < 0.7 * self.inner.1 as f64;
            if !inside || found.length() < SHORTEST_PX {
                break;
            }
            let reach = (0.2 * peak.length()).clamp(1.0, 4.0) as isize;
            let (cx, cy) = (x.round() as isize, y.round() as isize);
            let best = (-reach..=reach)
                .flat_map(|dy| (-reach..=reach).map(move |dx| (cx + dx, cy + dy)))
                .max_by(|a, b| self.at(a.0, a.1).total_cmp(&self.at(b.0, b.1)));
            let Some((bx, by)) = best else {
                break;
            };
            let far = self.refined(bx, by);
            if far.height < 0.4 * peak.height {
                break;
            }
            multiple = next;
            found = Peak {
                x: far.x / multiple,
                y: far.y / multiple,
                height: peak.height,
            };
        }
        (found, (edges::FLOOR_PX / multiple).max(2e-3))
    }

    /// Whether the spectrum has power at the frequency of the vector and not far more at a
    /// fraction of it.
    fn is_fundamental(&self, peak: &Peak) -> bool {
        let length = peak.length();
        let (ux, uy) = (peak.x / length, peak.y / length);
        let power = |periods_per_vector: f64| {
            let frequency = periods_per_vector / length;
            let (cx, cy) = (
                (frequency * ux * self.width as f64).round() as isize,
                (frequency * uy * self.height as f64).round() as isize,
            );
            let mut most = 0.0f64;
            for dy in -2..=2 {
                for dx in -2..=2 {
                    let column = (cx + dx).rem_euclid(self.width as isize) as usize;
                    let row = (cy + dy).rem_euclid(self.height as isize) as usize;
                    most = most.max(f64::from(self.power[row * self.width + column]));
                }
            }
            most
        };
        let own = (1..=3)
            .map(|order| power(f64::from(order)))
            .fold(0.0, f64::max);
        power(0.5) < 0.5 * own
    }

    fn periods(&self, peak: &Peak, is_lines: bool) -> f64 {
        let length = peak.length();
        let (ux, uy) = ((peak.x / length).abs(), (peak.y / length).abs());
        let (w, h) = (self.inner.0 as f64, self.inner.1 as f64);
        let span = if is_lines {
            w * ux + h * uy
        } else {
            (w / ux.max(1e-9)).min(h / uy.max(1e-9))
        };
        span / length
    }
}

/// Takes off the mean and slow changes: a plane of means of 4 by 4 tiles, interpolated.
fn flatten(grey: &mut [f32], known: &[f32], w: usize, h: usize) {
    const TILES: usize = 4;
    let mut means = [[0.0f32; TILES]; TILES];
    for (ty, row) in means.iter_mut().enumerate() {
        for (tx, mean) in row.iter_mut().enumerate() {
            let (mut sum, mut count) = (0.0f64, 0.0f64);
            for y in ty * h / TILES..(ty + 1) * h / TILES {
                for x in tx * w / TILES..(tx + 1) * w / TILES {
                    sum += f64::from(grey[y * w + x] * known[y * w + x]);
                    count += f64::from(known[y * w + x]);
                }
            }
            *mean = (sum / count.max(1.0)) as f32;
        }
    }
    for y in 0..h {
        let v = ((y as f32 + 0.5) / h as f32 * TILES as f32 - 0.5).clamp(0.0, (TILES - 1) as f32);
        let (top, part_y) = (
            (v as usize).min(TILES - 2),
            v - (v as usize).min(TILES - 2) as f32,
        );
        for x in 0..w {
            let u =
                ((x as f32 + 0.5) / w as f32 * TILES as f32 - 0.5).clamp(0.0, (TILES - 1) as f32);
            let (left, part_x) = (
                (u as usize).min(TILES - 2),
                u - (u as usize).min(TILES - 2) as f32,
            );
            let upper = means[top][left] * (1.0 - part_x) + means[top][left + 1] * part_x;
            let lower = means[top + 1][left] * (1.0 - part_x) + means[top + 1][left + 1] * part_x;
            let place = y * w + x;
            grey[place] = (grey[place] - upper * (1.0 - part_y) - lower * part_y) * known[place];
        }
    }
}

/// A length that a side is transformed at: shifts as far as they are looked at do not wrap.
fn room(side: usize) -> usize {
    (side * 7).div_ceil(4).next_multiple_of(64)
}

/// The products of the real and of the imaginary part of a plane with themselves at every shift,
/// in the same parts, and the power spectrum of the real part.
fn self_products(
    plane: Vec<Complex<f32>>,
    width: usize,
    height: usize,
) -> (Vec<Complex<f32>>, Vec<f32>) {
    let mut planner = FftPlanner::new();
    let (across, down) = (
        planner.plan_fft_forward(width),
        planner.plan_fft_forward(height),
    );
    let spectrum = transformed(plane, width, height, &across, &down);
    // Of a real plane the spectrum at a frequency and at its negative are conjugate.
    let opposite = |place: usize| {
        let (x, y) = (place % width, place / width);
        (height - y) % height * width + (width - x) % width
    };
    let powers: Vec<Complex<f32>> = (0..spectrum.len())
        .into_par_iter()
        .map(|place| {
            let (here, there) = (spectrum[place], spectrum[opposite(place)].conj());
            Complex::new((here + there).norm_sqr(), (here - there).norm_sqr()) * 0.25
        })
        .collect();
    let power = powers.iter().map(|both| both.re).collect();
    // Powers are even, so forward and back are the same but for the size.
    let mut products = transformed(powers, width, height, &across, &down);
    let size = 1.0 / (width * height) as f32;
    products.iter_mut().for_each(|value| *value *= size);
    (products, power)
}

fn transformed(
    mut plane: Vec<Complex<f32>>,
    width: usize,
    height: usize,
    across: &Arc<dyn Fft<f32>>,
    down: &Arc<dyn Fft<f32>>,
) -> Vec<Complex<f32>> {
    let each_row = |plane: &mut [Complex<f32>], side: usize, plan: &Arc<dyn Fft<f32>>| {
        let rows = plane.par_chunks_mut(side * ROWS_AT_ONCE);
        rows.for_each(|rows| plan.process(rows));
    };
    each_row(&mut plane, width, across);
    let mut turned = turned(&plane, width, height);
    each_row(&mut turned, height, down);
    self::turned(&turned, height, width)
}

/// Rows made columns, in blocks that stay near each other in memory.
fn turned(plane: &[Complex<f32>], width: usize, height: usize) -> Vec<Complex<f32>> {
    const BLOCK: usize = 16;
    let mut turned = vec![Complex::new(0.0, 0.0); plane.len()];
    let strips = turned.par_chunks_mut(height * BLOCK).enumerate();
    strips.for_each(|(strip, columns)| {
        let left = strip * BLOCK;
        for top in (0..height).step_by(BLOCK) {
            for (x, column) in columns.chunks_exact_mut(height).enumerate() {
                for y in top..(top + BLOCK).min(height) {
                    column[y] = plane[y * width + left + x];
                }
            }
        }
    });
    turned
}
