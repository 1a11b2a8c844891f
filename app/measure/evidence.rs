//! How well a reading of an image fits its edges: one measure for all kinds of structure.
//!
//! The edges are ridges of the gradient on a small copy. A reading draws its outlines over them.
//! What counts is the share of the outlines that lies on edges, and the share of the edges
//! outside of its bodies that lies on its outlines; both against what outlines drawn anywhere
//! would reach, so that neither a texture full of edges nor a reading full of outlines helps.
//! Called by `readings`.

use super::Field;
use super::house::structure as house;
use super::segment::plane::Plane;

/// Pixels of the copy at most.
const PIXELS_MAX: usize = 400_000;
/// Smoothing before the gradient, in pixels of the copy.
const SIGMA_PX: f32 = 1.2;
/// How near to an edge an outline counts as on it, in pixels of the copy.
const NEAR_PX: f64 = 2.0;

/// An outline of a reading, in pixels of the field whose centres lie at whole numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Its corners.
    pub points: Vec<[f64; 2]>,
    /// True when it encloses a body.
    pub is_closed: bool,
}

/// How well outlines fit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// Of the edges outside of the bodies, the share on outlines, beyond chance; 0 to 1.
    pub explained: f64,
    /// Of the outlines, the share on edges, beyond chance; 0 to 1.
    pub supported: f64,
    /// Of the edges, the share within the bodies or on their outlines, beyond chance; 0 to 1.
    pub held: f64,
}

impl Fit {
    /// Both together: their harmonic mean.
    pub fn score(&self) -> f64 {
        let sum = self.explained + self.supported;
        if sum > 0.0 {
            2.0 * self.explained * self.supported / sum
        } else {
            0.0
        }
    }
}

/// The edges of a field.
pub struct Edges {
    plane: Plane,
    is_edge: Vec<bool>,
    /// Whether an edge is near.
    is_near: Vec<bool>,
    /// How much the directions of the edges agree: 0 to 1.
    pub coherence: f64,
}

const FREE: u8 = 0;
const INSIDE: u8 = 1;
const BORDER: u8 = 2;

impl Edges {
    /// Finds the edges. `noise` is the standard deviation of the field's noise.
    pub fn of(field: &Field<'_>, noise: f32) -> Self {
        let plane = Plane::of(field, PIXELS_MAX).smoothed(SIGMA_PX);
        let gradients = gradients(&plane);
        let strength = |place: usize| gradients[place].0.hypot(gradients[place].1);
        let mut some: Vec<f32> = (0..gradients.len())
            .filter(|place| plane.valid[*place])
            .map(strength)
            .collect();
        some.sort_by(f32::total_cmp);
        let steepest = some.get(some.len() * 99 / 100).copied().unwrap_or(0.0);
        // What noise of the copy has for a gradient behind the smoothing.
        let of_noise =
            noise / plane.step as f32 / ((8.0 * std::f32::consts::PI).sqrt() * SIGMA_PX * SIGMA_PX);
        let least = (house::EDGE_OF_STEEPEST * steepest).max(house::EDGE_OF_NOISE * of_noise);
        let (width, height) = (plane.width, plane.height);
        let mut is_edge = vec![false; gradients.len()];
        let (mut cos, mut sin, mut all) = (0.0f64, 0.0f64, 0.0f64);
        for y in 2..height.saturating_sub(2) {
            for x in 2..width.saturating_sub(2) {
                let place = y * width + x;
                let is_whole = [-2isize, 2].iter().all(|d| {
                    let (row, column) = (y.wrapping_add_signed(*d), x.wrapping_add_signed(*d));
                    plane.valid[row * width + x] && plane.valid[y * width + column]
                });
                if is_whole && strength(place) > least && is_ridge(&gradients, width, place) {
                    is_edge[place] = true;
                    let (dx, dy) = (f64::from(gradients[place].0), f64::from(gradients[place].1));
                    let square = (dx * dx + dy * dy).max(1e-12);
                    cos += (dx * dx - dy * dy) / square;
                    sin += 2.0 * dx * dy / square;
                    all += 1.0;
                }
            }
        }
        let is_near = widened(&is_edge, width, height);
        Self {
            plane,
            is_edge,
            is_near,
            coherence: cos.hypot(sin) / all.max(1.0),
        }
    }

    /// How well outlines fit the edges; nothing for none.
    pub fn fit(&self, outlines: &[Outline]) -> Fit {
        let mut label = vec![FREE; self.is_edge.len()];
        for outline in outlines.iter().filter(|outline| outline.is_closed) {
            self.fill(outline, &mut label);
        }
        let (mut on_edges, mut all) = (0.0f64, 0.0f64);
        for outline in outlines {
            self.walk(outline, |place| {
                all += 1.0;
                on_edges += f64::from(u8::from(self.is_near[place]));
                self.mark(place, &mut label);
            });
        }
        if all == 0.0 {
            return Fit::default();
        }
        let (mut near, mut valid) = (0.0f64, 0.0f64);
        let (mut on_border, mut border, mut edges, mut free) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
        let (mut within, mut edges_within) = (0.0f64, 0.0f64);
        for (place, label) in label.iter().enumerate() {
            if !self.plane.valid[place] {
                continue;
            }
            valid += 1.0;
            near += f64::from(u8::from(self.is_near[place]));
            if *label == INSIDE {
                within += 1.0;
                edges_within += f64::from(u8::from(self.is_edge[place]));
                continue;
            }
            let (is_border, is_edge) = (
                f64::from(u8::from(*label == BORDER)),
                f64::from(u8::from(self.is_edge[place])),
            );
            free += 1.0;
            border += is_border;
            edges += is_edge;
            on_border += is_border * is_edge;
        }
        Fit {
            explained: beyond_chance(on_border / edges.max(1.0), border / free.max(1.0)),
            supported: beyond_chance(on_edges / all, near / valid.max(1.0)),
            held: beyond_chance(
                (edges_within + on_border) / (edges_within + edges).max(1.0),
                (within + border) / valid.max(1.0),
            ),
        }
    }

    /// A place of the field in pixels of the copy.
    fn placed(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let step = self.plane.step as f64;
        [(x + 0.5) / step - 0.5, (y + 0.5) / step - 0.5]
    }

    /// Calls `visit` for every specimen pixel along an outline, about one a step.
    fn walk(&self, outline: &Outline, mut visit: impl FnMut(usize)) {
        let points: Vec<[f64; 2]> = outline.points.iter().map(|p| self.placed(*p)).collect();
        let (width, height) = (self.plane.width as f64, self.plane.height as f64);
        let closing = outline.is_closed.then(|| points.first().copied()).flatten();
        let next = points.iter().copied().skip(1).chain(closing);
        let mut last = usize::MAX;
        for (from, to) in points.iter().zip(next) {
            let steps = (to[0] - from[0])
                .hypot(to[1] - from[1])
                .ceil()
                .clamp(1.0, 1e5);
            for step in 0..steps as usize {
                let part = step as f64 / steps;
                let x = (from[0] + part * (to[0] - from[0])).round();
                let y = (from[1] + part * (to[1] - from[1])).round();
                if x >= 2.0 && y >= 2.0 && x < width - 2.0 && y < height - 2.0 {
                    let place = y as usize * self.plane.width + x as usize;
                    if place != last && self.plane.valid[place] {
                        visit(place);
                    }
                    last = place;
                }
            }
        }
    }

    /// Marks a place and what is near as border.
    fn mark(&self, place: usize, label: &mut [u8]) {
        let (x, y) = (place % self.plane.width, place / self.plane.width);
        let reach = NEAR_PX as usize;
        for row in y.saturating_sub(reach)..(y + reach + 1).min(self.plane.height) {
            let start = row * self.plane.width;
            let from = start + x.saturating_sub(reach);
            let to = start + (x + reach + 1).min(self.plane.width);
            label[from..to].fill(BORDER);
        }
    }

    /// Fills the inside of a closed outline, row by row (even-odd).
    fn fill(&self, outline: &Outline, label: &mut [u8]) {
        let points: Vec<[f64; 2]> = outline.points.iter().map(|p| self.placed(*p)).collect();
        let low = points
            .iter()
            .map(|p| p[1])
            .fold(f64::MAX, f64::min)
            .max(0.0);
        let high = points.iter().map(|p| p[1]).fold(f64::MIN, f64::max);
        let (width, height) = (self.plane.width, self.plane.height);
        let mut row = low.ceil() as usize;
        while row < height && (row as f64) <= high {
            let y = row as f64;
            let next = points.iter().cycle().skip(1);
            let mut cuts: Vec<f64> = points
                .iter()
                .zip(next)
                .filter(|(a, b)| (a[1] <= y) != (b[1] <= y))
                .map(|(a, b)| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
                .collect();
            cuts.sort_by(f64::total_cmp);
            for pair in cuts.chunks_exact(2) {
                let from = pair[0].max(0.0).ceil() as usize;
                let to = (pair[1].max(-1.0) + 1.0).floor() as usize;
                let (from, to) = (from.min(width), to.min(width));
                if from < to {
                    label[row * width + from..row * width + to].fill(INSIDE);
                }
            }
            row += 1;
        }
    }
}

/// A share beyond the one that chance gives, over what there is beyond it.
fn beyond_chance(share: f64, chance: f64) -> f64 {
    if chance < 1.0 {
        ((share - chance) / (1.0 - chance)).max(0.0)
    } else {
        0.0
    }
}

fn gradients(plane: &Plane) -> Vec<(f32, f32)> {
    let (width, height) = (plane.width, plane.height);
    let at = |x: usize, y: usize| plane.grey[y * width + x];
    (0..width * height)
        .map(|place| {
            let (x, y) = (place % width, place / width);
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
            (
                0.5 * (at(right, y) - at(left, y)),
                0.5 * (at(x, below) - at(x, above)),
            )
        })
        .collect()
}

/// Whether the gradient is no shorter here than on both sides along it.
fn is_ridge(gradients: &[(f32, f32)], width: usize, place: usize) -> bool {
    let (dx, dy) = gradients[place];
    let strength = |place: usize| gradients[place].0.hypot(gradients[place].1);
    let here = strength(place);
    // The neighbour that lies most nearly along the gradient.
    let (across, down) = (dx.abs() > 0.414 * dy.abs(), dy.abs() > 0.414 * dx.abs());
    let step = isize::from(across) * if dx < 0.0 { -1 } else { 1 }
        + isize::from(down) * if dy < 0.0 { -1 } else { 1 } * width as isize;
    let (ahead, behind) = (
        place.wrapping_add_signed(step),
        place.wrapping_add_signed(-step),
    );
    here > strength(behind) && here >= strength(ahead)
}

/// What is set, and what is near to it.
fn widened(is_set: &[bool], width: usize, height: usize) -> Vec<bool> {
    let reach = NEAR_PX as usize;
    let mut wide = vec![false; is_set.len()];
    for place in (0..is_set.len()).filter(|place| is_set[*place]) {
        let (x, y) = (place % width, place / width);
        for row in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            let from = row * width + x.saturating_sub(reach);
            let to = row * width + (x + reach + 1).min(width);
            wide[from..to].fill(true);
        }
    }
    wide
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::super::segment::plane::gaussian;
    use super::*;

    /// A bright square from 60 to 140 on 200 by 200, and whether it has a textured inside.
    fn square(is_textured: bool) -> Field<'static> {
        let value = |i: usize| {
            let (x, y) = (i % 200, i / 200);
            let inside = (60..140).contains(&x) && (60..140).contains(&y);
            let texture = if is_textured && (x / 8 + y / 8) % 2 == 0 {
                60.0
            } else {
                0.0
            };
            if inside { 180.0 - texture } else { 50.0 }
        };
        let grey = gaussian(
            &(0..200 * 200).map(value).collect::<Vec<f32>>(),
            200,
            200,
            1.0,
        );
        Field::from_values(200, 200, grey).unwrap()
    }

    fn outline(from: f64, to: f64) -> Outline {
        Outline {
            points: vec![[from, from], [to, from], [to, to], [from, to]],
            is_closed: true,
        }
    }

    #[test]
    fn the_true_outline_fits_whatever_is_inside_it() {
        for is_textured in [false, true] {
            let edges = Edges::of(&square(is_textured), 1.0);
            let fit = edges.fit(&[outline(59.5, 139.5)]);
            assert!(fit.score() > 0.9, "{is_textured}: {fit:?}");
        }
    }

    #[test]
    fn an_outline_elsewhere_does_not_fit_nor_does_half_of_it() {
        let edges = Edges::of(&square(false), 1.0);
        let off = edges.fit(&[outline(20.0, 180.0)]);
        assert!(off.score() < 0.1, "{off:?}");
        let open = Outline {
            points: vec![[59.5, 59.5], [139.5, 59.5]],
            is_closed: false,
        };
        let half = edges.fit(&[open]);
        assert!(half.supported > 0.9 && half.explained < 0.4, "{half:?}");
        assert_eq!(edges.fit(&[]), Fit::default());
    }
}
