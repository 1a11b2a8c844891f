//! Objects with outlines: their sizes, shapes and places, and what each counts for where the
//! frame cuts large ones more often.
//!
//! Everything is measured on the outline, in pixels of the image. Called by `blobs.rs`.

use super::segment::Found;
use super::segment::shape::{hull, polygon_area};
use std::f64::consts::PI;

/// An object and what is measured on its outline; lengths in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its number in this measurement, from 1.
    pub id: u32,
    /// Its outline, corners of pixels at whole numbers.
    pub outline: Vec<[f64; 2]>,
    /// Centre of its area.
    pub centre: [f64; 2],
    /// Left, top, right and bottom of its outline.
    pub bounds: [f64; 4],
    /// Area.
    pub area_px: f64,
    /// Diameter of the circle of the same area.
    pub diameter_px: f64,
    /// Longest distance between parallel tangents.
    pub feret_max_px: f64,
    /// Shortest distance between parallel tangents.
    pub feret_min_px: f64,
    /// Length of the outline by Crofton's formula in four directions.
    pub perimeter_px: f64,
    /// Direction of the longest distance, in degrees from the x axis, counter-clockwise, 0 to 180.
    pub angle_deg: f64,
    /// Area over that of the convex hull.
    pub solidity: f64,
    /// Standard uncertainty of the place of a point of its edge, by noise.
    pub edge_px: f64,
    /// How far its edge may be off all around by the rule that places it.
    pub rule_px: f64,
    /// Share of its outline along which an edge is seen.
    pub seen: f64,
    /// Whether the frame, or something that is no specimen, cuts it.
    pub is_cut: bool,
    /// Whether it was split from others that it touches.
    pub is_split: bool,
    /// Grey between its surroundings and the crest of its edge, in the units of the file.
    pub contrast: f32,
    /// Whether it was drawn, joined or cut by hand.
    pub by_hand: bool,
}

impl Object {
    /// Measures what was found; `None` for an outline without an area.
    pub fn of(id: u32, found: Found) -> Option<Self> {
        let outline = found.outline.points;
        let hull = hull(outline.clone());
        let area_px = polygon_area(&outline);
        let hull_px = polygon_area(&hull);
        if hull.len() < 3 || area_px <= 0.0 || hull_px <= 0.0 {
            return None;
        }
        let ferets = Ferets::of(&hull);
        let start = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        let bounds = outline.iter().fold(start, |b, [x, y]| {
            [b[0].min(*x), b[1].min(*y), b[2].max(*x), b[3].max(*y)]
        });
        Some(Self {
            id,
            centre: centre(&outline),
            bounds,
            area_px,
            diameter_px: 2.0 * (area_px / PI).sqrt(),
            feret_max_px: ferets.most,
            feret_min_px: ferets.least,
            perimeter_px: crofton(&outline),
            angle_deg: ferets.angle_deg,
            solidity: (area_px / hull_px).min(1.0),
            edge_px: found.outline.edge_px,
            rule_px: found.outline.rule_px,
            seen: found.outline.seen,
            is_cut: found.is_cut,
            is_split: found.is_split,
            contrast: found.outline.contrast,
            by_hand: false,
            outline,
        })
    }

    /// Longest over shortest Feret diameter; at least 1.
    pub fn aspect(&self) -> f64 {
        (self.feret_max_px / self.feret_min_px).max(1.0)
    }

    /// 4πA/P²: 1 for a disc.
    pub fn form_factor(&self) -> f64 {
        4.0 * PI * self.area_px / self.perimeter_px.powi(2)
    }

    /// What a whole object counts for, as an object of its extent is cut the more often the
    /// larger it is (Miles and Lantuéjoul): the area of the frame over that of the places where
    /// it would be whole. `frame` is left, top, right, bottom.
    pub fn weight(&self, frame: [f64; 4]) -> f64 {
        let side = |axis: usize| {
            let whole = frame[axis + 2] - frame[axis];
            let extent = self.bounds[axis + 2] - self.bounds[axis];
            // An object that fills the frame would weigh without end.
            whole / (whole - extent).max(0.05 * whole)
        };
        side(0) * side(1)
    }

    /// Whether it is one of those that an unbiased frame counts: it may cross the left and the
    /// upper side, not the right and the lower one.
    pub fn is_counted(&self, frame: [f64; 4], margin_px: f64) -> bool {
        self.bounds[2] < frame[2] - margin_px && self.bounds[3] < frame[3] - margin_px
    }
}

/// The distances between parallel tangents of a convex polygon.
struct Ferets {
    most: f64,
    least: f64,
    angle_deg: f64,
}

impl Ferets {
    /// By rotating calipers: the least lies along the normal of a side, the most between two
    /// corners.
    fn of(hull: &[[f64; 2]]) -> Self {
        let (mut least, mut most, mut angle_deg) = (f64::MAX, 0.0, 0.0);
        let len = hull.len();
        let mut opposite = 1;
        for (i, a) in hull.iter().enumerate() {
            let b = hull[(i + 1) % len];
            let side = [b[0] - a[0], b[1] - a[1]];
            let length = side[0].hypot(side[1]);
            if length < 1e-12 {
                continue;
            }
            let off = |corner: [f64; 2]| {
                ((corner[0] - a[0]) * side[1] - (corner[1] - a[1]) * side[0]).abs() / length
            };
            while off(hull[(opposite + 1) % len]) > off(hull[opposite]) {
                opposite = (opposite + 1) % len;
            }
            least = least.min(off(hull[opposite]));
            for end in [*a, b] {
                for other in [hull[opposite], hull[(opposite + 1) % len]] {
                    let apart = [other[0] - end[0], other[1] - end[1]];
                    let length = apart[0].hypot(apart[1]);
                    if length > most {
                        most = length;
                        angle_deg = (-apart[1]).atan2(apart[0]).to_degrees().rem_euclid(180.0);
                    }
                }
            }
        }
        Self {
            most,
            least: least.min(most),
            angle_deg,
        }
    }
}

/// The centre of area of a polygon.
fn centre(points: &[[f64; 2]]) -> [f64; 2] {
    let origin = points.first().copied().unwrap_or_default();
    let (mut twice, mut sum) = (0.0, [0.0, 0.0]);
    for (i, a) in points.iter().enumerate() {
        let b = points[(i + 1) % points.len()];
        let [a, b] = [*a, b].map(|point| [point[0] - origin[0], point[1] - origin[1]]);
        let cross = a[0] * b[1] - b[0] * a[1];
        twice += cross;
        sum = [
            sum[0] + (a[0] + b[0]) * cross,
            sum[1] + (a[1] + b[1]) * cross,
        ];
    }
    if twice.abs() < 1e-12 {
        return origin;
    }
    [0, 1].map(|axis| origin[axis] + sum[axis] / (3.0 * twice))
}

/// The length of a closed polygon from how often lines in four directions cross it (Crofton).
fn crofton(points: &[[f64; 2]]) -> f64 {
    let next = points.iter().cycle().skip(1);
    let sum: f64 = points
        .iter()
        .zip(next)
        .map(|(a, b)| {
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            let slanted = ((dx + dy).abs() + (dx - dy).abs()) / 2f64.sqrt();
            dx.abs() + dy.abs() + slanted
        })
        .sum();
    sum * PI / 8.0
}

/// The sizes of the groups of objects whose outlines come as near to each other as `reach`.
pub fn groups(objects: &[Object], reach: f64) -> Vec<usize> {
    let mut within: Vec<usize> = (0..objects.len()).collect();
    fn root(within: &mut [usize], mut place: usize) -> usize {
        while within[place] != place {
            within[place] = within[within[place]];
            place = within[place];
        }
        place
    }
    // From left to right, so that only those that overlap along x are compared.
    let mut order: Vec<usize> = (0..objects.len()).collect();
    order.sort_by(|a, b| objects[*a].bounds[0].total_cmp(&objects[*b].bounds[0]));
    for (i, a) in order.iter().enumerate() {
        for b in &order[i + 1..] {
            let (first, second) = (&objects[*a], &objects[*b]);
            if second.bounds[0] > first.bounds[2] + reach {
                break;
            }
            let is_off = second.bounds[1] > first.bounds[3] + reach
                || first.bounds[1] > second.bounds[3] + reach;
            if !is_off && are_near(first, second, reach) {
                let (a, b) = (root(&mut within, *a), root(&mut within, *b));
                within[a.max(b)] = a.min(b);
            }
        }
    }
    let mut sizes = vec![0; objects.len()];
    for place in 0..objects.len() {
        sizes[root(&mut within, place)] += 1;
    }
    sizes.retain(|size| *size > 0);
    sizes
}

/// Whether two outlines come as near as `reach`; only points near the box of the other count.
fn are_near(first: &Object, second: &Object, reach: f64) -> bool {
    let near = |object: &Object, [left, top, right, bottom]: [f64; 4]| -> Vec<[f64; 2]> {
        let is_near = |[x, y]: &[f64; 2]| {
            (left - reach..=right + reach).contains(x) && (top - reach..=bottom + reach).contains(y)
        };
        object.outline.iter().copied().filter(is_near).collect()
    };
    let (first, second) = (near(first, second.bounds), near(second, first.bounds));
    first.iter().any(|a| {
        let is_close =
            |b: &[f64; 2]| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) <= reach * reach;
        second.iter().any(is_close)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::super::segment::outline::Outline;
    use super::*;

    fn object(points: Vec<[f64; 2]>) -> Object {
        let outline = Outline {
            points,
            edge_px: 0.1,
            rule_px: 0.1,
            seen: 1.0,
            contrast: 1.0,
        };
        let found = Found {
            outline,
            is_cut: false,
            is_split: false,
        };
        Object::of(1, found).unwrap()
    }

    #[test]
    fn a_disc_reads_as_a_disc() {
        let points = (0..200).map(|i| {
            let turn = f64::from(i) / 100.0 * PI;
            [50.0 + 20.0 * turn.cos(), 40.0 + 20.0 * turn.sin()]
        });
        let disc = object(points.collect());
        assert!(
            (disc.diameter_px - 40.0).abs() < 0.02,
            "{}",
            disc.diameter_px
        );
        assert!(
            (disc.form_factor() - 1.0).abs() < 0.01,
            "{}",
            disc.form_factor()
        );
        assert!(disc.aspect() < 1.001 && disc.solidity > 0.999);
        assert!((disc.centre[0] - 50.0).abs() < 1e-9 && (disc.centre[1] - 40.0).abs() < 1e-9);
    }

    #[test]
    fn a_turned_box_has_its_sides_and_its_diagonal() {
        let (sin, cos) = 0.5f64.sin_cos();
        let corner = |x: f64, y: f64| [100.0 + x * cos - y * sin, 100.0 + x * sin + y * cos];
        let corners = [
            corner(-15.0, -5.0),
            corner(15.0, -5.0),
            corner(15.0, 5.0),
            corner(-15.0, 5.0),
        ];
        let found = object(corners.to_vec());
        assert!((found.area_px - 300.0).abs() < 1e-9);
        assert!(
            (found.feret_min_px - 10.0).abs() < 1e-9,
            "{}",
            found.feret_min_px
        );
        assert!((found.feret_max_px - 1000f64.sqrt()).abs() < 1e-9);
        let along: f64 = -0.5 - (1.0f64 / 3.0).atan();
        let other: f64 = -0.5 + (1.0f64 / 3.0).atan();
        let is = |angle: f64| (found.angle_deg - angle.to_degrees().rem_euclid(180.0)).abs() < 1e-6;
        assert!(is(along) || is(other), "{}", found.angle_deg);
    }

    #[test]
    fn a_large_object_weighs_more() {
        let square = |side: f64| object(vec![[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]]);
        let frame = [0.0, 0.0, 100.0, 100.0];
        assert!((square(50.0).weight(frame) - 4.0).abs() < 1e-9);
        assert!((square(10.0).weight(frame) - 1.0 / 0.81).abs() < 1e-9);
        assert!(square(50.0).is_counted(frame, 0.5) && !square(100.0).is_counted(frame, 0.5));
    }
}
