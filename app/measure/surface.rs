//! The surface of a film: grain-like features by their mean intercept, and cracks.
//!
//! Intercepts are the ways between two dark boundaries along straight lines in four directions;
//! what bounds them is a dip of grey that stands out from noise, so they are features of the
//! surface and no crystallites. Cracks are long dark valleys, deeper than the surface around
//! them is uneven; their length is that of their middle line. Called by `readings`.

use super::fitness::Fitness;
use super::house::{edges, structure as house};
use super::quantity::{Quantity, Reason, Scale, Unit};
use super::segment::plane::Plane;
use super::uncertainty::{Parts, bootstrap, from_range, mean, median};
use super::{Field, words};

/// Pixels of the copy that is looked at, at most.
const PIXELS_MAX: usize = 700_000;
/// Smoothing of it, in its pixels.
const SIGMA_PX: f32 = 1.5;
/// Lines between two that intercepts are taken on, in its pixels.
const LINE_STEP: usize = 9;
/// How far to either side of a crack the surface is taken, in pixels of the copy.
const BESIDE_PX: usize = 6;
const SEED: u64 = 0x5eed;

/// A crack, in pixels of the field.
#[derive(Clone, Debug, PartialEq)]
pub struct Crack {
    /// Points of its middle line, in no order.
    pub points_px: Vec<(f64, f64)>,
    /// Length of that line.
    pub length_px: f64,
}

/// The surface of a film as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Surface {
    /// Mean intercept of grain-like features in pixels, if they could be told.
    pub intercept_px: Option<f64>,
    /// The cracks.
    pub cracks: Vec<Crack>,
    /// The word for the texture, if it can be said.
    pub texture: Option<&'static str>,
    /// `grain.median` and `crack.density`.
    pub quantities: Vec<Quantity>,
}

/// Measures the surface of a field.
///
/// # Errors
/// The reason why there is no surface: too small a field.
pub fn measure(field: &Field<'_>, fitness: &Fitness, scale: &Scale) -> Result<Surface, Reason> {
    let plane = Plane::of(field, PIXELS_MAX).smoothed(SIGMA_PX);
    if plane.width < 64 || plane.height < 64 {
        return Err(Reason::new(
            "No surface",
            "the field is smaller than 64 pixels",
            "Choose a larger region",
        ));
    }
    // Noise behind averaging and smoothing.
    let noise = f64::from(fitness.noise)
        / plane.step as f64
        / (2.0 * std::f64::consts::PI.sqrt() * f64::from(SIGMA_PX));
    let level = Level { plane, noise };
    let grains = level.grains();
    // Between grains a dark valley is a boundary, and nothing tells it from a crack.
    let cracks = if grains.is_ok() {
        Vec::new()
    } else {
        level.cracks()
    };
    let contrast = level.contrast();
    let is_fine = grains.as_ref().is_ok_and(|grains| {
        grains.intercept_px < 0.05 * level.plane.width.min(level.plane.height) as f64
    });
    let step = level.plane.step as f64;
    let half = 0.5 * (step - 1.0);
    Ok(Surface {
        intercept_px: grains
            .as_ref()
            .ok()
            .map(|grains| grains.intercept_px * step),
        cracks: cracks
            .iter()
            .map(|crack| {
                let placed = |place: &usize| {
                    let (x, y) = (place % level.plane.width, place / level.plane.width);
                    (x as f64 * step + half, y as f64 * step + half)
                };
                Crack {
                    points_px: crack.iter().map(placed).collect(),
                    length_px: length(crack, level.plane.width) * step,
                }
            })
            .collect(),
        texture: words::texture(contrast, level.noise, is_fine),
        quantities: vec![
            grain_quantity(grains, step, scale),
            level.crack_quantity(&cracks, scale),
        ],
    })
}

/// A smoothed copy and the noise that is left in it.
struct Level {
    plane: Plane,
    noise: f64,
}

/// Grain-like features.
struct Grains {
    intercept_px: f64,
    sampling_px: f64,
    /// With the depth of a boundary a third less and a third more.
    range_px: [f64; 2],
    boundaries: usize,
}

impl Level {
    /// The standard deviation of grey in tiles, noise included: the median of them.
    fn contrast(&self) -> f64 {
        const TILE: usize = 32;
        let (columns, rows) = (self.plane.width / TILE, self.plane.height / TILE);
        let mut all: Vec<f64> = (0..columns * rows)
            .filter_map(|tile| {
                let (x0, y0) = (tile % columns * TILE, tile / columns * TILE);
                let values: Vec<f64> = (0..TILE * TILE)
                    .map(|i| (y0 + i / TILE) * self.plane.width + x0 + i % TILE)
                    .filter(|place| self.plane.valid[*place])
                    .map(|place| f64::from(self.plane.grey[place]))
                    .collect();
                (values.len() == TILE * TILE)
                    .then(|| super::uncertainty::standard_deviation(&values))
            })
            .collect();
        median(&mut all)
    }

    /// Ways between boundaries along lines in one direction.
    fn intercepts(&self, (dx, dy): (isize, isize), depth: f64) -> Vec<f64> {
        let (width, height) = (self.plane.width as isize, self.plane.height as isize);
        let length = (dx as f64).hypot(dy as f64);
        let starts: Vec<(isize, isize)> = match (dx, dy) {
            (1, 0) => (0..height).step_by(LINE_STEP).map(|y| (0, y)).collect(),
            (0, 1) => (0..width).step_by(LINE_STEP).map(|x| (x, 0)).collect(),
            _ => {
                let left = if dx > 0 { 0 } else { width - 1 };
                let down = (0..height).step_by(LINE_STEP).map(|y| (left, y));
                let along = (0..width).step_by(LINE_STEP).map(|x| (x, 0));
                down.chain(along).collect()
            }
        };
        let mut all = Vec::new();
        for (x, y) in starts {
            let mut values = Vec::new();
            let (mut x, mut y) = (x, y);
            while (0..width).contains(&x) && (0..height).contains(&y) {
                let place = (y * width + x) as usize;
                if self.plane.valid[place] {
                    values.push(f64::from(self.plane.grey[place]));
                } else {
                    push_ways(&values, depth, length, &mut all);
                    values.clear();
                }
                (x, y) = (x + dx, y + dy);
            }
            push_ways(&values, depth, length, &mut all);
        }
        all
    }

    fn grains(&self) -> Result<Grains, Reason> {
        let range = f64::from(self.plane.range());
        let depth = house::BOUNDARY_DEPTH * range;
        let refused = |why: String, help: &str| Reason::new("No grain-like features", why, help);
        if depth < house::DIP_OF_NOISE * self.noise {
            return Err(refused(
                "the surface shows no texture above noise at this pixel size".to_owned(),
                "Take the image at a higher magnification or with a longer dwell time",
            ));
        }
        let ways = [(1, 0), (0, 1), (1, 1), (-1, 1)];
        let at = |depth: f64| ways.map(|way| self.intercepts(way, depth));
        let by_way = at(depth);
        let boundaries: usize = by_way.iter().map(Vec::len).sum();
        if boundaries < edges::BOUNDARIES {
            return Err(refused(
                format!(
                    "{boundaries} boundaries were crossed, {} are needed",
                    edges::BOUNDARIES
                ),
                "Take the image at a lower magnification",
            ));
        }
        let means = [0, 1, 2, 3].map(|way| mean(&by_way[way]));
        let (least, most) = means
            .iter()
            .fold((f64::MAX, 0.0f64), |(a, b), m| (a.min(*m), b.max(*m)));
        if most > house::INTERCEPT_RATIO * least {
            return Err(refused(
                "the texture runs in one direction".to_owned(),
                "Choose a region of grain-like features",
            ));
        }
        let all: Vec<f64> = by_way.into_iter().flatten().collect();
        let side = self.plane.width.min(self.plane.height) as f64;
        if mean(&all) > house::INTERCEPT_OF_SIDE * side {
            return Err(refused(
                "the few dark valleys in view are far apart".to_owned(),
                "Take the image at a lower magnification",
            ));
        }
        let other = |depth: f64| mean(&at(depth).into_iter().flatten().collect::<Vec<_>>());
        let (low, high) = (other(0.67 * depth), other(1.33 * depth));
        Ok(Grains {
            intercept_px: mean(&all),
            sampling_px: bootstrap(&all, SEED, |drawn| mean(drawn)),
            range_px: [low.min(high), low.max(high)],
            boundaries,
        })
    }

    /// Valleys that are long and deeper than the surface beside them is uneven, as pixels in
    /// order of discovery.
    fn cracks(&self) -> Vec<Vec<usize>> {
        let (width, height) = (self.plane.width, self.plane.height);
        let uneven = self.uneven();
        let least = (house::CRACK_DEPTH * uneven).max(house::DIP_OF_NOISE * self.noise);
        let mut is_valley = vec![false; width * height];
        let margin = BESIDE_PX + 1;
        for y in margin..height.saturating_sub(margin) {
            for x in margin..width.saturating_sub(margin) {
                let place = y * width + x;
                is_valley[place] = self.plane.valid[place] && self.is_valley(place, least);
            }
        }
        let shortest = house::CRACK_LENGTH * width.min(height) as f64;
        chains(&is_valley, width)
            .into_iter()
            .filter(|chain| extent(chain, width) >= shortest)
            .collect()
    }

    /// The scatter of grey against its neighbourhood: what is usual for the surface.
    fn uneven(&self) -> f64 {
        let width = self.plane.width;
        let mut off: Vec<f64> = (0..self.plane.grey.len())
            .step_by(7)
            .filter(|place| {
                let (x, y) = (place % width, place / width);
                x >= BESIDE_PX
                    && y >= BESIDE_PX
                    && x + BESIDE_PX < width
                    && y + BESIDE_PX < self.plane.height
                    && self.plane.valid[*place]
            })
            .map(|place| {
                let beside = 0.25
                    * [-1isize, 1]
                        .iter()
                        .map(|sign| {
                            let reach = sign * BESIDE_PX as isize;
                            self.grey(place, reach) + self.grey(place, reach * width as isize)
                        })
                        .sum::<f64>();
                (f64::from(self.plane.grey[place]) - beside).abs()
            })
            .collect();
        1.4826 * median(&mut off)
    }

    fn grey(&self, place: usize, step: isize) -> f64 {
        let value = self.plane.grey.get(place.wrapping_add_signed(step));
        value.copied().map_or(0.0, f64::from)
    }

    /// Whether grey is lowest here across one of four directions, and so much lower than beside.
    fn is_valley(&self, place: usize, least: f64) -> bool {
        let width = self.plane.width as isize;
        let here = f64::from(self.plane.grey[place]);
        [1, width, width + 1, width - 1].iter().any(|step| {
            let beside = |times: isize| self.grey(place, times * step);
            let reach = BESIDE_PX as isize;
            let lower_side = beside(-reach).min(beside(reach));
            here < beside(1)
                && here <= beside(-1)
                && here < beside(2)
                && here < beside(-2)
                && lower_side - here > least
        })
    }

    fn crack_quantity(&self, cracks: &[Vec<usize>], scale: &Scale) -> Quantity {
        if cracks.is_empty() {
            let reason = Reason::new(
                "No crack density",
                "no cracks were seen in this field apart from boundaries of grain-like features",
                "Take more fields, or a higher magnification",
            );
            return Quantity::unavailable("crack.density", Unit::PerPx, reason);
        }
        let step = self.plane.step as f64;
        let area = self.plane.valid.iter().filter(|is| **is).count() as f64;
        let lengths: Vec<f64> = cracks
            .iter()
            .map(|crack| length(crack, self.plane.width))
            .collect();
        let total: f64 = lengths.iter().sum();
        let value = total / area / step;
        let parts = Parts {
            sampling: value * bootstrap(&lengths, SEED, |drawn| mean(drawn)) / mean(&lengths),
            ..Parts::default()
        };
        Quantity::measured("crack.density", value, Unit::PerPx, parts, cracks.len())
            .noted("length of the middle lines of dark cracks by area")
            .limited((cracks.len() < 5).then(|| format!("only {} of them", cracks.len())))
            .scaled(scale)
    }
}

fn grain_quantity(grains: Result<Grains, Reason>, step: f64, scale: &Scale) -> Quantity {
    match grains {
        Ok(grains) => {
            let parts = Parts {
                threshold: step * from_range(grains.range_px[0], grains.range_px[1]),
                sampling: step * grains.sampling_px,
                ..Parts::default()
            };
            let value = step * grains.intercept_px;
            Quantity::measured("grain.median", value, Unit::Px, parts, grains.boundaries)
                .noted(format!(
                    "mean intercept of grain-like surface features, {} boundaries",
                    grains.boundaries
                ))
                .scaled(scale)
        }
        Err(reason) => Quantity::unavailable("grain.median", Unit::Px, reason),
    }
}

/// The ways between neighbouring dips of a row of values that are deeper than `depth`.
fn push_ways(values: &[f64], depth: f64, length: f64, all: &mut Vec<f64>) {
    let mut last: Option<usize> = None;
    // Alternates between looking for a low and for a rise out of it.
    let (mut low, mut low_at) = (f64::MAX, 0);
    let mut high = f64::MIN;
    let mut is_falling = false;
    for (at, value) in values.iter().copied().enumerate() {
        if is_falling {
            if value < low {
                (low, low_at) = (value, at);
            } else if value > low + depth {
                if let Some(before) = last {
                    all.push((low_at - before) as f64 * length);
                }
                last = Some(low_at);
                (is_falling, high) = (false, value);
            }
        } else if value > high {
            high = value;
        } else if value < high - depth {
            (is_falling, low, low_at) = (true, value, at);
        }
    }
}

/// Connected pixels, each set from its first one.
fn chains(is_set: &[bool], width: usize) -> Vec<Vec<usize>> {
    let mut is_done = vec![false; is_set.len()];
    let mut all = Vec::new();
    for start in (0..is_set.len()).filter(|place| is_set[*place]) {
        if is_done[start] {
            continue;
        }
        is_done[start] = true;
        let mut chain = vec![start];
        let mut next = 0;
        while let Some(&place) = chain.get(next) {
            next += 1;
            // Gaps of one pixel are jumped.
            for dy in -2isize..=2 {
                for dx in -2isize..=2 {
                    let near = place.wrapping_add_signed(dy * width as isize + dx);
                    if is_set.get(near) == Some(&true) && !is_done[near] {
                        is_done[near] = true;
                        chain.push(near);
                    }
                }
            }
        }
        all.push(chain);
    }
    all
}

/// The longer side of the box around a chain.
fn extent(chain: &[usize], width: usize) -> f64 {
    let side = |of: &dyn Fn(&usize) -> usize| {
        let (low, high) = chain
            .iter()
            .map(of)
            .fold((usize::MAX, 0), |(a, b), v| (a.min(v), b.max(v)));
        (high + 1).saturating_sub(low)
    };
    side(&|place| place % width).max(side(&|place| place / width)) as f64
}

/// The length of the middle line of a chain that is about a pixel wide: pixels in 5 by 5 boxes,
/// each box once along the way.
fn length(chain: &[usize], width: usize) -> f64 {
    const BOX: usize = 5;
    let mut boxes: Vec<(usize, usize)> = chain
        .iter()
        .map(|place| (place % width / BOX, place / width / BOX))
        .collect();
    boxes.sort_unstable();
    boxes.dedup();
    // A straight line at random angles crosses 4 / π boxes a box's side (Steinhaus).
    boxes.len() as f64 * BOX as f64 * std::f64::consts::PI / 4.0
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::super::segment::plane::gaussian;
    use super::*;

    fn field(value: impl Fn(f64, f64) -> f32) -> Field<'static> {
        let (width, height) = (400, 300);
        let sharp: Vec<f32> = (0..width * height)
            .map(|i| value((i % width) as f64, (i / width) as f64))
            .collect();
        Field::from_values(width, height, gaussian(&sharp, width, height, 1.0)).unwrap()
    }

    fn surface(field: &Field<'_>) -> Surface {
        measure(field, &Fitness::of(field), &Scale::default()).unwrap()
    }

    fn value(surface: &Surface, slot: &str) -> Option<f64> {
        let found = surface.quantities.iter().find(|q| q.slot == slot);
        found.unwrap().value
    }

    #[test]
    fn tiles_have_their_mean_intercept() {
        // Squares of 20 px parted by dark grooves: along x and y the intercept is 20, along the
        // diagonals every groove of both kinds is met, 14.1 px apart on the mean, but for those
        // that run into one near a crossing.
        let tiles = field(|x, y| {
            if x % 20.0 < 3.0 || y % 20.0 < 3.0 {
                60.0
            } else {
                160.0
            }
        });
        let found = value(&surface(&tiles), "grain.median").unwrap();
        assert!((14.0..21.0).contains(&found), "{found}");
        let large = field(|x, y| {
            if x % 40.0 < 3.0 || y % 40.0 < 3.0 {
                60.0
            } else {
                160.0
            }
        });
        let twice = value(&surface(&large), "grain.median").unwrap();
        assert!((1.7..2.2).contains(&(twice / found)), "{twice} for {found}");
    }

    #[test]
    fn cracks_have_their_length_by_area() {
        let cracks = field(|x, y| {
            let is_crack = (y - 100.0).abs() < 1.5 || (x - y - 60.0).abs() < 2.0;
            if is_crack { 30.0 } else { 150.0 }
        });
        let found = surface(&cracks);
        // 400 px across, and a diagonal that is in view from y = 0 to 299.
        let truth = (400.0 + 299.0 * 2f64.sqrt()) / (400.0 * 300.0);
        let density = value(&found, "crack.density").unwrap();
        assert!(
            (density / truth - 1.0).abs() < 0.15,
            "{density} for {truth}"
        );
        assert!(value(&found, "grain.median").is_none());
    }

    #[test]
    fn an_even_surface_has_neither_grains_nor_cracks() {
        let even = field(|x, y| 100.0 + 0.05 * x as f32 + ((x * 7.0 + y * 13.0) % 5.0) as f32);
        let found = surface(&even);
        assert!(found.cracks.is_empty());
        assert!(
            found
                .quantities
                .iter()
                .all(|q| q.value.is_none() && q.reason().is_some())
        );
    }
}
