//! A line of print cut out of an image, at the size and contrast the reader was trained on.
//!
//! assets/recipe/label_reader.py cuts its training lines by the same rule. Called by `mod`.

use super::plane::Plane;
use super::text::Box2;

/// Rows of a cut line, those its ink takes, and what stays empty around it.
pub const HEIGHT: usize = 24;
const INK: f32 = 18.0;
const MARGIN: usize = 3;
/// The widest line that is read; labels are far shorter.
pub const WIDEST: usize = 224;

/// A cut line: `HEIGHT * width` values, 0 paper and 1 ink.
#[derive(Clone, Debug)]
pub struct Line {
    pub values: Vec<f32>,
    pub width: usize,
}

/// Cuts a line out; None where it is too long, or nothing.
pub fn cut(plane: Plane, at: Box2, ink_is_dark: bool) -> Option<Line> {
    if at.height() < 4 || at.width() < 2 {
        return None;
    }
    let scale = INK / at.height() as f32;
    let width = (at.width() as f32 * scale).round() as usize + 2 * MARGIN;
    if width > WIDEST {
        return None;
    }
    let fine = (1.0 / scale).ceil().max(1.0) as usize;
    let place = |index: usize, sub: usize, start: i32| {
        let along = index as f32 + (sub as f32 + 0.5) / fine as f32 - MARGIN as f32;
        start as f32 + along / scale - 0.5
    };
    let mut values = Vec::with_capacity(HEIGHT * width);
    for row in 0..HEIGHT {
        for column in 0..width {
            let mut sum = 0.0;
            for sub in 0..fine * fine {
                let y = place(row, sub / fine, at.y0);
                let x = place(column, sub % fine, at.x0);
                sum += between(plane, x, y);
            }
            values.push(sum / (fine * fine) as f32);
        }
    }
    let mut ordered = values.clone();
    ordered.sort_unstable_by(f32::total_cmp);
    let few = ordered.len() * 3 / 100;
    let paper = ordered[ordered.len() / 2];
    let mut ink = ordered[if ink_is_dark {
        few
    } else {
        ordered.len() - 1 - few
    }];
    if (paper - ink).abs() < 8.0 {
        ink = if ink_is_dark {
            paper - 8.0
        } else {
            paper + 8.0
        };
    }
    for value in &mut values {
        *value = ((*value - paper) / (ink - paper)).clamp(-0.5, 1.5);
    }
    Some(Line { values, width })
}

/// The grey value between four pixels.
fn between(plane: Plane, x: f32, y: f32) -> f32 {
    let x = x.clamp(0.0, plane.width() as f32 - 1.0);
    let y = y.clamp(0.0, plane.height() as f32 - 1.0);
    let (left, top) = (x.floor(), y.floor());
    let (right_part, lower_part) = (x - left, y - top);
    let grey = |dx: i32, dy: i32| f32::from(plane.at(left as i32 + dx, top as i32 + dy));
    let upper = grey(0, 0) * (1.0 - right_part) + grey(1, 0) * right_part;
    let lower = grey(0, 1) * (1.0 - right_part) + grey(1, 1) * right_part;
    upper * (1.0 - lower_part) + lower * lower_part
}
