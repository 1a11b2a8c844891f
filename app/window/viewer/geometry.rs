//! Lengths, angles and areas of what is drawn on a micrograph, on the specimen's scale.
//!
//! Points are in pixels of the image, with the corner of the first pixel at 0, 0. A [`Scale`]
//! takes them to the specimen, where pixels need not be square; all geometry happens there.
//! Pure: paints nothing and looks at no pixel.

use crate::micrograph::{Calibration, shown_length};
use std::f64::consts::PI;

/// A place in the image: x and y in pixels.
pub type Point = [f64; 2];

/// How pixels become lengths: nanometres, or pixels where no calibration is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Length of a pixel in x and y.
    per_px: [f64; 2],
    /// Whether lengths are nanometres.
    is_calibrated: bool,
}

impl Scale {
    /// The scale of a calibration, or pixels without one.
    pub fn of(calibration: Option<&Calibration>) -> Self {
        match calibration {
            Some(known) => Self {
                per_px: [known.x_nm, known.y_nm],
                is_calibrated: true,
            },
            None => Self {
                per_px: [1.0, 1.0],
                is_calibrated: false,
            },
        }
    }

    /// A place on the specimen.
    pub fn place(&self, [x, y]: Point) -> Point {
        [x * self.per_px[0], y * self.per_px[1]]
    }

    /// The pixel coordinates of a place on the specimen.
    pub fn to_px(self, [x, y]: Point) -> Point {
        [x / self.per_px[0], y / self.per_px[1]]
    }

    /// The distance of two places in the image.
    pub fn distance(&self, from: Point, to: Point) -> f64 {
        let ([ax, ay], [bx, by]) = (self.place(from), self.place(to));
        (bx - ax).hypot(by - ay)
    }

    /// A length as shown: "4.52 µm" or "361.5 px".
    pub fn length_text(&self, length: f64) -> String {
        if self.is_calibrated {
            shown_length(length)
        } else {
            format!("{length:.1} px")
        }
    }

    /// The unit in which lengths up to `longest` are read well, and one of it in lengths.
    pub fn unit_for(&self, longest: f64) -> (&'static str, f64) {
        if !self.is_calibrated {
            return ("px", 1.0);
        }
        match longest.abs() {
            size if size < 1.0 => ("pm", 1e-3),
            size if size < 1e3 => ("nm", 1.0),
            size if size < 1e6 => ("µm", 1e3),
            _ => ("mm", 1e6),
        }
    }

    /// An area as shown: "4.52 µm²" or "361 px²".
    pub fn area_text(&self, area: f64) -> String {
        if !self.is_calibrated {
            return format!("{area:.0} px²");
        }
        let (value, unit) = match area.abs() {
            size if size < 1e5 => (area, "nm²"),
            size if size < 1e11 => (area / 1e6, "µm²"),
            _ => (area / 1e12, "mm²"),
        };
        if value == 0.0 {
            return format!("0 {unit}");
        }
        // Three digits that count, also above a thousand.
        let place = value.abs().log10().floor() as i32 - 2;
        let step = 10.0_f64.powi(place);
        let digits = (-place).clamp(0, 6) as usize;
        format!("{:.digits$} {unit}", (value / step).round() * step)
    }
}

/// The length of a line through points; closed, back to the first.
pub fn path_length(scale: &Scale, points: &[Point], closed: bool) -> f64 {
    let open: f64 = points
        .windows(2)
        .map(|pair| scale.distance(pair[0], pair[1]))
        .sum();
    match (closed, points) {
        (true, [first, .., last]) => open + scale.distance(*last, *first),
        _ => open,
    }
}

/// The area inside a closed line that does not cross itself.
pub fn polygon_area(scale: &Scale, points: &[Point]) -> f64 {
    let Some(&last) = points.last() else {
        return 0.0;
    };
    let mut before = scale.place(last);
    let mut twice = 0.0;
    for &point in points {
        let here = scale.place(point);
        twice += before[0] * here[1] - here[0] * before[1];
        before = here;
    }
    twice.abs() / 2.0
}

/// Width and height of the rectangle between two corners.
pub fn sides(scale: &Scale, corner: Point, opposite: Point) -> [f64; 2] {
    [
        scale.distance(corner, [opposite[0], corner[1]]),
        scale.distance(corner, [corner[0], opposite[1]]),
    ]
}

/// The area of an ellipse with these axes.
pub fn ellipse_area([width, height]: [f64; 2]) -> f64 {
    PI * width * height / 4.0
}

/// The outline of an ellipse with these axes (S. Ramanujan's second formula; its relative
/// error stays below 0.05 %).
pub fn ellipse_outline([width, height]: [f64; 2]) -> f64 {
    let (a, b) = (width / 2.0, height / 2.0);
    if a + b <= 0.0 {
        return 0.0;
    }
    let flatness = ((a - b) / (a + b)).powi(2);
    PI * (a + b) * (1.0 + 3.0 * flatness / (10.0 + (4.0 - 3.0 * flatness).sqrt()))
}

/// The angle at `vertex`, 0 to 180 degrees; `None` where an arm has no length.
pub fn angle_deg(scale: &Scale, arm: Point, vertex: Point, other: Point) -> Option<f64> {
    let v = scale.place(vertex);
    let towards = |point: Point| {
        let p = scale.place(point);
        [p[0] - v[0], p[1] - v[1]]
    };
    between_deg(towards(arm), towards(other))
}

/// The angle between a base line and a wall, each through two points, measured from the base
/// towards the wall: 0 to 180 degrees. The base runs from `base[0]` to `base[1]` and the wall
/// from its end at the base, `wall[0]`, upwards; 90 is an upright wall. `None` where one of
/// them has no length.
pub fn sidewall_deg(scale: &Scale, base: [Point; 2], wall: [Point; 2]) -> Option<f64> {
    let along = |line: [Point; 2]| {
        let (a, b) = (scale.place(line[0]), scale.place(line[1]));
        [b[0] - a[0], b[1] - a[1]]
    };
    between_deg(along(base), along(wall))
}

fn between_deg(a: Point, b: Point) -> Option<f64> {
    let (cross, dot) = (a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
    let has_length = a[0].hypot(a[1]) > 0.0 && b[0].hypot(b[1]) > 0.0;
    has_length.then(|| cross.abs().atan2(dot).to_degrees())
}

/// The distance of a point from the endless line through two others; `None` where those are
/// the same.
pub fn distance_from_line(scale: &Scale, line: [Point; 2], point: Point) -> Option<f64> {
    let foot = foot_on_line(scale, line, point)?;
    Some(scale.distance(foot, point))
}

/// The point of the endless line that is nearest to `point`, in pixels.
pub fn foot_on_line(scale: &Scale, line: [Point; 2], point: Point) -> Option<Point> {
    let [a, b, p] = [line[0], line[1], point].map(|point| scale.place(point));
    let along = [b[0] - a[0], b[1] - a[1]];
    let square = along[0].powi(2) + along[1].powi(2);
    if square <= 0.0 {
        return None;
    }
    let share = ((p[0] - a[0]) * along[0] + (p[1] - a[1]) * along[1]) / square;
    Some(scale.to_px([a[0] + share * along[0], a[1] + share * along[1]]))
}

/// A circle on the specimen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    /// Its centre, in pixels of the image.
    pub centre_px: Point,
    /// Its radius on the specimen's scale.
    pub radius: f64,
}

/// The circle through three points; `None` where they lie on one line.
pub fn circle_through(scale: &Scale, points: [Point; 3]) -> Option<Circle> {
    let [a, b, c] = points.map(|point| scale.place(point));
    let (bx, by) = (b[0] - a[0], b[1] - a[1]);
    let (cx, cy) = (c[0] - a[0], c[1] - a[1]);
    let twice = 2.0 * (bx * cy - by * cx);
    let size = bx.hypot(by) * cx.hypot(cy);
    if twice.abs() <= size * 1e-9 {
        return None;
    }
    let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
    let x = (cy * b2 - by * c2) / twice;
    let y = (bx * c2 - cx * b2) / twice;
    Some(Circle {
        centre_px: scale.to_px([a[0] + x, a[1] + y]),
        radius: x.hypot(y),
    })
}

/// The nearest place to `to` that lies level with, upright of or at 45 degrees to `from`.
pub fn straightened(from: Point, to: Point) -> Point {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let eighth = PI / 4.0;
    let angle = (dy.atan2(dx) / eighth).round() * eighth;
    let length = dx * angle.cos() + dy * angle.sin();
    [
        from[0] + length * angle.cos(),
        from[1] + length * angle.sin(),
    ]
}

/// The distance of a place from the piece of a line between two others, in pixels.
pub fn distance_from_piece([a, b]: [Point; 2], p: Point) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let square = dx * dx + dy * dy;
    let share = if square > 0.0 {
        (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p[0] - a[0] - share * dx).hypot(p[1] - a[1] - share * dy)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::Source;

    /// Pixels twice as high as wide.
    fn tall() -> Scale {
        Scale::of(Calibration::new(2.0, 4.0, Source::User, "test").as_ref())
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
    }

    #[test]
    fn lengths_and_areas_follow_pixels_that_are_not_square() {
        near(tall().distance([0.0, 0.0], [3.0, 2.0]), 10.0);
        let square = [[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [0.0, 2.0]];
        near(polygon_area(&tall(), &square), 64.0);
        near(path_length(&tall(), &square, true), 32.0);
        near(path_length(&tall(), &square, false), 24.0);
        let reversed: Vec<Point> = square.into_iter().rev().collect();
        near(polygon_area(&tall(), &reversed), 64.0);
        assert_eq!(sides(&tall(), [1.0, 1.0], [3.0, 0.0]), [4.0, 4.0]);
        near(polygon_area(&tall(), &[]), 0.0);
    }

    #[test]
    fn angles_are_those_on_the_specimen() {
        let flat = Scale::of(None);
        let corner = [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]];
        near(
            angle_deg(&flat, corner[0], corner[1], corner[2]).unwrap(),
            45.0,
        );
        let steep = angle_deg(&tall(), corner[0], corner[1], corner[2]).unwrap();
        near(steep, 2.0_f64.atan().to_degrees());
        near(
            angle_deg(&flat, [1.0, 0.0], [0.0, 0.0], [-2.0, 0.0]).unwrap(),
            180.0,
        );
        assert_eq!(angle_deg(&flat, [1.0, 1.0], [1.0, 1.0], [2.0, 2.0]), None);
    }

    #[test]
    fn an_upright_wall_has_90_degrees_and_a_leaning_one_its_own() {
        let base = [[0.0, 10.0], [10.0, 10.0]];
        let flat = Scale::of(None);
        near(
            sidewall_deg(&flat, base, [[5.0, 10.0], [5.0, 0.0]]).unwrap(),
            90.0,
        );
        let lean = sidewall_deg(&flat, base, [[5.0, 10.0], [6.0, 0.0]]).unwrap();
        near(lean, 10.0_f64.atan2(1.0).to_degrees());
        let lean = sidewall_deg(&tall(), base, [[5.0, 10.0], [7.0, 9.0]]).unwrap();
        near(lean, 45.0);
    }

    #[test]
    fn a_circle_goes_through_its_three_points() {
        let scale = tall();
        // Radius 20 nm around 50, 60 nm.
        let points = [[35.0, 15.0], [25.0, 20.0], [15.0, 15.0]];
        let circle = circle_through(&scale, points).unwrap();
        near(circle.radius, 20.0);
        near(circle.centre_px[0], 25.0);
        near(circle.centre_px[1], 15.0);
        assert_eq!(circle_through(&scale, [[0.0; 2], [1.0; 2], [3.0; 2]]), None);
        assert_eq!(circle_through(&scale, [[1.0; 2]; 3]), None);
    }

    #[test]
    fn the_distance_of_parallels_is_upright_to_them_on_the_specimen() {
        let flat = Scale::of(None);
        let line = [[0.0, 0.0], [10.0, 10.0]];
        near(
            distance_from_line(&flat, line, [0.0, 2.0]).unwrap(),
            2.0_f64.sqrt(),
        );
        // On the specimen the line climbs 2 to 1.
        let apart = distance_from_line(&tall(), line, [0.0, 1.0]).unwrap();
        near(apart, 4.0 / 5.0_f64.sqrt());
        assert_eq!(distance_from_line(&flat, [[1.0; 2]; 2], [0.0; 2]), None);
    }

    #[test]
    fn ellipses_have_the_area_and_outline_of_a_circle_where_they_are_one() {
        near(ellipse_area([2.0, 2.0]), PI);
        near(ellipse_outline([2.0, 2.0]), 2.0 * PI);
        // Twice as long as wide: 4.84422411 a, from the complete elliptic integral.
        assert!((ellipse_outline([4.0, 2.0]) - 9.688_448_22).abs() < 1e-4);
        near(ellipse_outline([0.0, 0.0]), 0.0);
    }

    #[test]
    fn shown_numbers_have_three_digits_and_a_unit_that_fits() {
        let scale = tall();
        assert_eq!(scale.length_text(4520.0), "4.52 µm");
        assert_eq!(scale.area_text(4_520_000.0), "4.52 µm²");
        assert_eq!(scale.area_text(45_213.0), "45200 nm²");
        assert_eq!(scale.area_text(0.0), "0 nm²");
        assert_eq!(scale.area_text(310_000.0), "0.310 µm²");
        let pixels = Scale::of(None);
        assert_eq!(pixels.length_text(361.46), "361.5 px");
        assert_eq!(pixels.area_text(361.4), "361 px²");
    }

    #[test]
    fn straight_lines_keep_to_eighths_of_a_turn() {
        let to = straightened([10.0, 10.0], [30.0, 12.0]);
        near(to[1], 10.0);
        near(to[0], 30.0);
        let to = straightened([0.0, 0.0], [9.0, -11.0]);
        near(to[0], 10.0);
        near(to[1], -10.0);
    }

    #[test]
    fn a_piece_of_a_line_ends_at_its_ends() {
        let piece = [[0.0, 0.0], [10.0, 0.0]];
        near(distance_from_piece(piece, [5.0, 3.0]), 3.0);
        near(distance_from_piece(piece, [13.0, 4.0]), 5.0);
        near(distance_from_piece([[1.0; 2]; 2], [1.0, 3.0]), 2.0);
    }
}
