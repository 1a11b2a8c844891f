//! Where the lines of a field are: their direction, and a profile across them.
//!
//! Called by `lines`.

use super::super::profile::smoothed;
use super::super::quantity::Reason;
use super::super::uncertainty::{median, quantile};
use super::super::{Field, Fitness};
use super::refused;

/// A field turned so that rows cross the lines, without copying it.
pub struct Across<'a> {
    field: &'a Field<'a>,
    /// True when the lines run along x.
    pub is_along_x: bool,
    /// Samples across the lines.
    pub width: usize,
    /// Rows along them.
    pub height: usize,
    /// Movement across the lines a row.
    pub shear: f64,
    /// Standard deviation of the grey noise.
    pub noise: f64,
    /// The brightest grey, if what is brighter is clipped there.
    pub clipped_at: Option<f64>,
}

/// Rows that a first look takes.
const LOOK_ROWS: usize = 256;

impl<'a> Across<'a> {
    /// Finds the direction of the lines.
    pub fn of(field: &'a Field<'a>, fitness: &Fitness) -> Result<Self, Reason> {
        let (angle, coherence) = direction(field);
        if coherence < 0.05 {
            return Err(refused(
                "the edges in view have no common direction",
                "Choose a region with lines alone",
            ));
        }
        let is_along_x = angle.cos().abs() > std::f64::consts::FRAC_1_SQRT_2;
        let (width, height) = if is_along_x {
            (field.height, field.width)
        } else {
            (field.width, field.height)
        };
        let shear = if is_along_x {
            angle.tan()
        } else {
            1.0 / angle.tan()
        };
        let mut across = Self {
            field,
            is_along_x,
            width,
            height,
            shear,
            noise: 0.0,
            clipped_at: fitness.clipped_at[1].map(f64::from),
        };
        if width < 16 || height < 16 {
            return Err(refused(
                "the field is less than 16 pixels wide",
                "Choose a larger region",
            ));
        }
        across.refine();
        across.noise = across.noise_along();
        Ok(across)
    }

    /// The grey value at a sample of a row, if it is specimen.
    pub fn at(&self, row: usize, sample: usize) -> Option<f64> {
        let (x, y) = if self.is_along_x {
            (row, sample)
        } else {
            (sample, row)
        };
        let place = y * self.field.width + x;
        (*self.field.valid.get(place)?).then(|| f64::from(self.field.grey[place]))
    }

    /// Some samples of a row from one on; what is no specimen takes the value of its neighbour.
    /// False, and nothing useful, where less than half of them are specimen.
    pub fn row_part(&self, row: usize, first: usize, count: usize, out: &mut Vec<f64>) -> bool {
        out.clear();
        let end = (first + count).min(self.width);
        out.extend((first..end).map(|sample| self.at(row, sample).unwrap_or(f64::NAN)));
        let found = out.iter().filter(|value| value.is_finite()).count();
        if found * 2 <= count {
            return false;
        }
        if found < out.len() {
            *out = fill_ends(std::mem::take(out));
        }
        true
    }

    /// How far a row is moved against the middle one.
    pub fn shift(&self, row: usize) -> f64 {
        self.shear * (row as f64 - 0.5 * (self.height - 1) as f64)
    }

    /// The average of rows along the lines, every `step`-th of them, for a shear. Samples of
    /// which less than half of the rows are in view are not numbers.
    fn projection(&self, shear: f64, step: usize) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.width];
        let middle = 0.5 * (self.height - 1) as f64;
        let mut rows = 0.0;
        for row in (0..self.height).step_by(step) {
            rows += 1.0;
            let shift = shear * (row as f64 - middle);
            let whole = shift.floor();
            let part = shift - whole;
            for sample in 0..self.width {
                let Some(value) = self.at(row, sample) else {
                    continue;
                };
                let target = sample as isize - whole as isize;
                for (at, weight) in [(target, 1.0 - part), (target - 1, part)] {
                    if let Some(sum) = usize::try_from(at).ok().and_then(|at| sums.get_mut(at)) {
                        sum.0 += weight * value;
                        sum.1 += weight;
                    }
                }
            }
        }
        sums.iter()
            .map(|(sum, weight)| {
                if *weight > 0.4 * rows {
                    sum / weight
                } else {
                    f64::NAN
                }
            })
            .collect()
    }

    /// The average profile on the middle row, all rows together.
    pub fn profile(&self) -> Vec<f64> {
        let step = (self.height / 2048).max(1);
        fill_ends(self.projection(self.shear, step))
    }

    /// Turns to where the average profile has the steepest edges.
    fn refine(&mut self) {
        let step = (self.height / LOOK_ROWS).max(1);
        let score = |shear: f64| {
            let profile = smoothed(&fill_ends(self.projection(shear, step)), 1.0);
            profile
                .windows(2)
                .map(|pair| (pair[1] - pair[0]).powi(2))
                .sum::<f64>()
        };
        let mut best = (score(self.shear), self.shear);
        let mut reach = 0.04;
        // Down to a third of a pixel over the whole height.
        while reach * self.height as f64 > 0.3 {
            let centre = best.1;
            for part in [-1.0, -0.5, 0.5, 1.0] {
                let shear = centre + part * reach;
                let found = score(shear);
                if found > best.0 {
                    best = (found, shear);
                }
            }
            reach *= 0.5;
        }
        self.shear = best.1;
    }

    /// Noise from differences along the lines, where nothing but noise changes.
    fn noise_along(&self) -> f64 {
        let step = (self.width * self.height / 200_000).max(1);
        let mut differences: Vec<f64> = (0..self.width * (self.height - 2))
            .step_by(step)
            .filter_map(|index| {
                let (row, sample) = (index / self.width, index % self.width);
                let (a, b, c) = (
                    self.at(row, sample)?,
                    self.at(row + 1, sample)?,
                    self.at(row + 2, sample)?,
                );
                Some((a - 2.0 * b + c).abs())
            })
            .collect();
        let found = median(&mut differences) / (0.6745 * 6f64.sqrt());
        if found.is_finite() { found } else { 0.0 }
    }
}

fn fill_ends(mut profile: Vec<f64>) -> Vec<f64> {
    let Some(first) = profile.iter().copied().find(|value| value.is_finite()) else {
        return vec![0.0; profile.len()];
    };
    let mut last = first;
    for value in &mut profile {
        if value.is_finite() {
            last = *value;
        } else {
            *value = last;
        }
    }
    profile
}

/// The angle of the lines to the x axis in radians, and how much the gradients agree, 0 to 1.
fn direction(field: &Field<'_>) -> (f64, f64) {
    let (width, height) = (field.width, field.height);
    let step = ((width * height) as f64 / 250_000.0)
        .sqrt()
        .floor()
        .max(1.0) as usize;
    let (mut c, mut s, mut total) = (0.0, 0.0, 0.0);
    for y in (2..height.saturating_sub(2)).step_by(step) {
        for x in (2..width.saturating_sub(2)).step_by(step) {
            let (x, y) = (x as isize, y as isize);
            if ![(-2, -2), (2, -2), (-2, 2), (2, 2)]
                .iter()
                .all(|(dx, dy)| field.is_specimen(x + dx, y + dy))
            {
                continue;
            }
            let (mut dx, mut dy) = (0.0, 0.0);
            for side in -2..=2 {
                for reach in 1..=2 {
                    dx += f64::from(field.at(x + reach, y + side) - field.at(x - reach, y + side));
                    dy += f64::from(field.at(x + side, y + reach) - field.at(x + side, y - reach));
                }
            }
            let power = dx * dx + dy * dy;
            c += dx * dx - dy * dy;
            s += 2.0 * dx * dy;
            total += power;
        }
    }
    let across = 0.5 * s.atan2(c);
    let coherence = if total > 0.0 { c.hypot(s) / total } else { 0.0 };
    (across + std::f64::consts::FRAC_PI_2, coherence)
}

/// A line in the average profile: where its edges are about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// About the lower edge.
    pub low: f64,
    /// About the higher edge.
    pub high: f64,
    /// Samples of space below it that are free.
    pub before: f64,
    /// Samples of space above it.
    pub after: f64,
}

/// Finds the lines that lie whole in the average profile: they are brighter than the spaces,
/// rims aside.
pub fn lines(across: &Across<'_>) -> Result<Vec<Place>, Reason> {
    let profile = smoothed(&across.profile(), 1.0);
    let mut sorted = profile.clone();
    let (low, high) = (quantile(&mut sorted, 0.05), quantile(&mut sorted, 0.98));
    // What is left of noise in the average of rows, ten times.
    let least = 10.0 * across.noise / (across.height as f64).sqrt();
    let high_enough = (high - low) / across.noise.max(1e-9);
    if high - low < least || high_enough < 0.5 {
        return Err(refused(
            "no line stands out from the noise",
            "Take the image with a longer dwell time or a higher contrast",
        ));
    }
    let level = 0.5 * (low + high);
    let mut ups: Vec<f64> =
        super::super::profile::crossings(&profile, 0, profile.len(), level, true).collect();
    let mut downs: Vec<f64> =
        super::super::profile::crossings(&profile, 0, profile.len(), level, false).collect();
    ups.retain(|at| at.is_finite());
    downs.retain(|at| at.is_finite());
    let bright = runs(&ups, &downs);
    let bright = without_plateaus(&profile, bright, high - low)?;
    let last = (profile.len() - 1) as f64;
    let places: Vec<Place> = bright
        .iter()
        .enumerate()
        .map(|(index, &(low, high))| {
            let before = index
                .checked_sub(1)
                .map_or(low, |previous| low - bright[previous].1);
            let after = bright
                .get(index + 1)
                .map_or(last - high, |next| next.0 - high);
            Place {
                low,
                high,
                before,
                after,
            }
        })
        .filter(|place| {
            let least = 0.15 * (place.high - place.low);
            place.before > least.max(3.0) && place.after > least.max(3.0)
        })
        .collect();
    if places.is_empty() {
        return Err(refused(
            "no line lies whole in the field",
            "Take the image at a lower magnification",
        ));
    }
    Ok(places)
}

/// Bright runs that begin and end within the profile.
fn runs(ups: &[f64], downs: &[f64]) -> Vec<(f64, f64)> {
    ups.iter()
        .filter_map(|&up| {
            let down = downs.iter().copied().find(|&down| down > up)?;
            (down - up >= 1.0).then_some((up, down))
        })
        .collect()
}

/// Joins two rims whose plateau between them is darker than the level but brighter than the
/// spaces. Refuses where plateaus and spaces look alike.
fn without_plateaus(
    profile: &[f64],
    bright: Vec<(f64, f64)>,
    rise: f64,
) -> Result<Vec<(f64, f64)>, Reason> {
    if bright.len() < 3 {
        return Ok(bright);
    }
    let level_of = |from: f64, to: f64| {
        let (from, to) = (from.ceil() as usize, to.floor() as usize);
        let quarter = to.saturating_sub(from) / 4;
        let mut inner = profile[from + quarter..=(to - quarter).max(from + quarter)].to_vec();
        median(&mut inner)
    };
    let gaps: Vec<(f64, f64)> = bright
        .windows(2)
        .map(|pair| (level_of(pair[0].1, pair[1].0), pair[1].0 - pair[0].1))
        .collect();
    let every_other = |parity: usize, of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = gaps.iter().skip(parity).step_by(2).map(of).collect();
        median(&mut values)
    };
    let levels = [every_other(0, |gap| gap.0), every_other(1, |gap| gap.0)];
    let widths = [every_other(0, |gap| gap.1), every_other(1, |gap| gap.1)];
    let mut rims: Vec<f64> = bright.iter().map(|run| run.1 - run.0).collect();
    let rim = median(&mut rims);
    let differ = (levels[0] - levels[1]).abs() / rise;
    if differ > 0.1 {
        let plateau = usize::from(levels[1] > levels[0]);
        return Ok(joined(&bright, plateau));
    }
    // All gaps alike in level: rims of lines, or lines of their own? Lines are told by gaps of
    // one width; gaps of two widths between narrow runs are spaces and plateaus, unknown which.
    let uneven = (widths[0] - widths[1]).abs() / widths[0].max(widths[1]);
    if uneven > 0.1 && rim < 0.5 * widths[0].min(widths[1]) {
        return Err(refused(
            "lines and spaces are equally bright, and only their edges show",
            "Say which are the lines, or take the image with another detector",
        ));
    }
    Ok(bright)
}

/// Joins the runs on both sides of every other gap, from the gap `parity` on.
fn joined(bright: &[(f64, f64)], parity: usize) -> Vec<(f64, f64)> {
    bright
        .get(parity..)
        .unwrap_or_default()
        .chunks_exact(2)
        .map(|pair| (pair[0].0, pair[1].1))
        .collect()
}
