//! The thickness of layers in a section view.
//!
//! Interfaces are followed column by column (or row by row) as edges of lines are, a straight
//! line is fitted to each, and the thickness is the distance between two such lines, normal to
//! them. Only a section shows a thickness: a top view is refused by whoever calls this. Called
//! by whatever knows, or was told, that an image shows a section.

use super::Field;
use super::house::{Fitness, edges, fitness};
use super::printing::range;
use super::profile::smoothed;
use super::quantity::{Bound, Quantity, Reason, Scale, Unit};
use super::uncertainty::{Parts, mean, median, quantile};

/// A straight interface: position across the layers as `at + slope * (way - middle)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// Position on the middle of the way, in pixels.
    pub at_px: f64,
    /// Movement across a pixel of way.
    pub slope: f64,
    /// Position at each step of the way; not a number where it was not found.
    pub traced_px: Vec<f64>,
    /// Standard deviation about the straight line, in pixels.
    pub roughness_px: f64,
}

/// A layer between two neighbouring interfaces.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Mean thickness, normal to its interfaces, in pixels.
    pub thickness_px: f64,
    /// Least and largest local thickness (1 and 99 of 100), in pixels.
    pub range_px: (f64, f64),
    /// Standard uncertainty of the mean from its interfaces, in pixels.
    pub uncertainty_px: f64,
}

/// The layers of a section.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    /// True when the layers lie along x.
    pub is_along_x: bool,
    /// The interfaces, in order.
    pub interfaces: Vec<Interface>,
    /// The layers between them, in order.
    pub layers: Vec<Layer>,
    /// `layer.count` and, for every layer, `thickness`.
    pub quantities: Vec<Quantity>,
}

/// Smoothing across an interface, in pixels.
const SIGMA_PX: f64 = 1.0;

/// Measures the layers of a section.
///
/// # Errors
/// The reason why no two interfaces run through the field.
pub fn measure(field: &Field<'_>, scale: &Scale) -> Result<Layers, Reason> {
    let is_along_x = is_along_x(field);
    let view = View { field, is_along_x };
    let places = view.places();
    let interfaces: Vec<Interface> = places
        .iter()
        .filter_map(|place| view.follow(*place, &places))
        .collect();
    if interfaces.len() < 2 {
        return Err(refused("fewer than two interfaces run through the field"));
    }
    let layers: Vec<Layer> = interfaces
        .windows(2)
        .map(|pair| layer(&pair[0], &pair[1]))
        .collect();
    let mut quantities = vec![
        Quantity::count("layer.count", layers.len()).noted("layers between two interfaces in view"),
    ];
    quantities.extend(layers.iter().map(|layer| thickness(layer, scale)));
    Ok(Layers {
        is_along_x,
        interfaces,
        layers,
        quantities,
    })
}

fn refused(why: &str) -> Reason {
    Reason::new(
        "No thickness",
        why,
        "Choose a region of the section with the layers alone",
    )
}

fn thickness(layer: &Layer, scale: &Scale) -> Quantity {
    if fitness::WIDTH_PX.at_least(layer.thickness_px) == Fitness::Refused {
        let bound = fitness::WIDTH_PX.refuse;
        return Quantity::bound("thickness", bound, Unit::Px, Bound::AtMost, 1)
            .noted("too few pixels across")
            .scaled(scale);
    }
    let parts = Parts {
        edge: layer.uncertainty_px,
        ..Parts::default()
    };
    let factor = scale.nm_from_px.unwrap_or(1.0);
    let unit = if scale.nm_from_px.is_some() {
        Unit::Nm
    } else {
        Unit::Px
    };
    let (low, high) = layer.range_px;
    let span = range(
        low * factor,
        high * factor,
        unit,
        layer.thickness_px * factor,
    );
    let few = fitness::WIDTH_PX.at_least(layer.thickness_px) == Fitness::Limited;
    Quantity::measured("thickness", layer.thickness_px, Unit::Px, parts, 1)
        .noted(format!("mean along the section, {span} locally"))
        .limited(few.then(|| "few pixels across".to_owned()))
        .scaled(scale)
}

fn layer(upper: &Interface, lower: &Interface) -> Layer {
    let slope = 0.5 * (upper.slope + lower.slope);
    let cos = 1.0 / (1.0 + slope * slope).sqrt();
    let mut local: Vec<f64> = upper
        .traced_px
        .iter()
        .zip(&lower.traced_px)
        .map(|(a, b)| (b - a) * cos)
        .filter(|value| value.is_finite())
        .collect();
    let steps = (local.len() as f64).max(1.0);
    let part = |interface: &Interface| {
        // Rows of an interface hang together: twenty share what one would tell alone.
        let independent = (steps / 20.0).max(1.0);
        (interface.roughness_px / independent.sqrt()).max(edges::FLOOR_PX)
    };
    Layer {
        thickness_px: (lower.at_px - upper.at_px) * cos,
        range_px: (quantile(&mut local, 0.01), quantile(&mut local, 0.99)),
        uncertainty_px: part(upper).hypot(part(lower)),
    }
}

/// Whether brightness changes more along y than along x.
fn is_along_x(field: &Field<'_>) -> bool {
    let average = |by_row: bool| {
        let count = if by_row { field.height } else { field.width };
        let mut sums = vec![(0.0, 0.0); count];
        for (place, value) in field.grey.iter().enumerate() {
            let at = if by_row {
                place / field.width
            } else {
                place % field.width
            };
            if field.valid[place] {
                sums[at].0 += f64::from(*value);
                sums[at].1 += 1.0;
            }
        }
        let profile: Vec<f64> = sums
            .iter()
            .map(|sum| sum.0 / f64::max(sum.1, 1.0))
            .collect();
        let smooth = smoothed(&profile, 2.0);
        smooth
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).powi(2))
            .sum::<f64>()
    };
    average(true) >= average(false)
}

/// A field read so that samples run across the layers and steps along them.
struct View<'a> {
    field: &'a Field<'a>,
    is_along_x: bool,
}

/// A place in the average profile where brightness changes, and which way.
#[derive(Clone, Copy)]
struct Place {
    at: f64,
    is_rising: bool,
}

impl View<'_> {
    fn samples(&self) -> usize {
        if self.is_along_x {
            self.field.height
        } else {
            self.field.width
        }
    }

    fn steps(&self) -> usize {
        if self.is_along_x {
            self.field.width
        } else {
            self.field.height
        }
    }

    fn at(&self, step: usize, sample: usize) -> Option<f64> {
        let (x, y) = if self.is_along_x {
            (step, sample)
        } else {
            (sample, step)
        };
        let place = y * self.field.width + x;
        self.field.valid[place].then(|| f64::from(self.field.grey[place]))
    }

    /// A profile across, averaged over steps; what is no specimen takes the last known value.
    fn profile(&self, steps: std::ops::Range<usize>) -> Vec<f64> {
        let mut last = 0.0;
        (0..self.samples())
            .map(|sample| {
                let known: Vec<f64> = steps
                    .clone()
                    .filter_map(|step| self.at(step, sample))
                    .collect();
                if !known.is_empty() {
                    last = mean(&known);
                }
                last
            })
            .collect()
    }

    /// Where the average of the middle of the way changes by more than a tenth of all its
    /// range within a few pixels: interfaces and both sides of bright seams.
    fn places(&self) -> Vec<Place> {
        let steps = self.steps();
        let half = (steps / 16).clamp(4, 64).min(steps / 2);
        let profile = smoothed(&self.profile(steps / 2 - half..steps / 2 + half), 2.0);
        let mut sorted = profile.clone();
        let range = quantile(&mut sorted, 0.99) - quantile(&mut sorted, 0.01);
        let slope: Vec<f64> = profile.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mut noise: Vec<f64> = slope.iter().map(|value| value.abs()).collect();
        let floor = (8.0 * median(&mut noise)).max(0.02 * range);
        (2..slope.len().saturating_sub(2))
            .filter(|&at| {
                let here = slope[at].abs();
                let is_peak = (1..=2)
                    .all(|reach| here > slope[at - reach].abs() && here >= slope[at + reach].abs());
                is_peak && here > floor
            })
            .map(|at| Place {
                at: at as f64 + 0.5,
                is_rising: slope[at] > 0.0,
            })
            .collect()
    }

    /// Follows an interface from the middle to both ends: at every step the halfway crossing
    /// between the plateaus beside it, nearest to where the last steps lead.
    fn follow(&self, place: Place, places: &[Place]) -> Option<Interface> {
        let (samples, steps) = (self.samples(), self.steps());
        let last = (samples - 1) as f64;
        let neighbour = |is_above: bool| {
            let distances = places
                .iter()
                .map(|other| other.at - place.at)
                .filter(|distance| (*distance > 0.0) == is_above && *distance != 0.0)
                .map(f64::abs);
            distances.fold(f64::MAX, f64::min)
        };
        let below = neighbour(false).min(place.at).min(40.0);
        let above = neighbour(true).min(last - place.at).min(40.0);
        if below < 3.0 || above < 3.0 {
            return None;
        }
        let mut traced = vec![f64::NAN; steps];
        for is_forward in [true, false] {
            let mut track = Track {
                at: place.at,
                slope: 0.0,
            };
            let middle = steps / 2;
            let order: Vec<usize> = if is_forward {
                (middle..steps).collect()
            } else {
                (0..middle).rev().collect()
            };
            for block in order.chunks(8) {
                let profile = self.block_profile(block);
                let found = self.crossing(&profile, track.at, (below, above), place.is_rising);
                let Some((_, level)) = found else {
                    track.at += track.slope * block.len() as f64;
                    continue;
                };
                for &step in block {
                    traced[step] =
                        self.own_crossing(step, track.at, below.min(above), level, place);
                }
                let known: Vec<f64> = block
                    .iter()
                    .map(|step| traced[*step])
                    .filter(|at| at.is_finite())
                    .collect();
                if known.len() * 2 > block.len() {
                    let here = mean(&known);
                    let moved = (here - track.at) / block.len() as f64;
                    track.slope += 0.3 * (moved - track.slope);
                    track.at = here + track.slope * 0.5 * block.len() as f64;
                }
            }
        }
        let found = traced.iter().filter(|at| at.is_finite()).count();
        (found as f64 >= edges::ROWS_FOUND.refuse * steps as f64).then(|| fitted(traced))
    }

    fn block_profile(&self, block: &[usize]) -> Vec<f64> {
        let (from, to) = (block.iter().min(), block.iter().max());
        match (from, to) {
            (Some(&from), Some(&to)) => smoothed(&self.profile(from..to + 1), SIGMA_PX),
            _ => Vec::new(),
        }
    }

    /// The halfway crossing of a profile near a place, and its level.
    fn crossing(
        &self,
        profile: &[f64],
        near: f64,
        (below, above): (f64, f64),
        is_rising: bool,
    ) -> Option<(f64, f64)> {
        let plateau = |from: f64, to: f64| {
            let (from, to) = (
                from.max(0.0) as usize,
                (to.max(0.0) as usize).min(profile.len()),
            );
            let mut part = profile.get(from..to)?.to_vec();
            (!part.is_empty()).then(|| median(&mut part))
        };
        let (low, high) = (
            plateau(near - 0.7 * below, near - 0.25 * below)?,
            plateau(near + 0.25 * above, near + 0.7 * above)?,
        );
        if (high > low) != is_rising {
            return None;
        }
        let level = low + edges::LEVEL * (high - low);
        super::profile::crossings(profile, 0, profile.len(), level, is_rising)
            .min_by(|a, b| (a - near).abs().total_cmp(&(b - near).abs()))
            .map(|at| (at, level))
    }

    /// The crossing of a level in one step alone.
    fn own_crossing(&self, step: usize, near: f64, reach: f64, level: f64, place: Place) -> f64 {
        let first = (near - reach - 4.0).max(0.0) as usize;
        let end = ((near + reach + 5.0).max(0.0) as usize).min(self.samples());
        let samples: Vec<f64> = (first..end)
            .map(|sample| self.at(step, sample).unwrap_or(f64::NAN))
            .collect();
        let smooth = smoothed(&samples, SIGMA_PX);
        super::profile::crossings(&smooth, 0, smooth.len(), level, place.is_rising)
            .map(|at| first as f64 + at)
            .min_by(|a, b| (a - near).abs().total_cmp(&(b - near).abs()))
            .filter(|at| (at - near).abs() < 0.7 * reach)
            .unwrap_or(f64::NAN)
    }
}

struct Track {
    at: f64,
    slope: f64,
}

/// A straight line through what was traced.
fn fitted(traced_px: Vec<f64>) -> Interface {
    let middle = 0.5 * (traced_px.len() as f64 - 1.0);
    let known: Vec<(f64, f64)> = traced_px
        .iter()
        .enumerate()
        .filter(|(_, at)| at.is_finite())
        .map(|(step, at)| (step as f64 - middle, *at))
        .collect();
    let count = known.len() as f64;
    let mean_way = known.iter().map(|point| point.0).sum::<f64>() / count;
    let mean_at = known.iter().map(|point| point.1).sum::<f64>() / count;
    let (mut with_at, mut with_self) = (0.0, 0.0);
    for (way, at) in &known {
        with_at += (way - mean_way) * (at - mean_at);
        with_self += (way - mean_way).powi(2);
    }
    let slope = with_at / f64::max(with_self, 1e-9);
    let squares: f64 = known
        .iter()
        .map(|(way, at)| (at - mean_at - slope * (way - mean_way)).powi(2))
        .sum();
    Interface {
        at_px: mean_at - slope * mean_way,
        slope,
        roughness_px: (squares / (count - 2.0).max(1.0)).sqrt(),
        traced_px,
    }
}
