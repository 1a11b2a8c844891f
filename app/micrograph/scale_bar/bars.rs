//! Strokes become bars: where exactly they end, with or without end marks, in one piece or in
//! two with the label between them.
//!
//! Never reads text: any ruled line that stands alone is a bar here, and `mod` keeps the one
//! with a label. Called by `mod`.

use super::plane::{Plane, median};
use super::strokes::{Stroke, strokes};

/// Ink from here on counts as the bar's own; 0 is paper, 1 the bar.
const INKED: f32 = 0.4;
/// How far from the end of the stroke an end mark may stand, in pixels.
const NEAR: i32 = 4;
/// The longest and the shortest bar, as parts of the image's width and in pixels.
const LONGEST: f64 = 0.8;
const SHORTEST_PX: f64 = 16.0;

/// A bar and the box of its ink.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Where it begins and ends, in pixels from the left edge of the image: between the middles
    /// of the end marks, or at the ends of the ink where there are none.
    pub from: f64,
    pub to: f64,
    /// The columns and rows of its ink, without end marks: `top..bottom`.
    pub top: i32,
    pub bottom: i32,
    /// The rows with end marks.
    pub marks_top: i32,
    pub marks_bottom: i32,
    /// Grey values of ink and paper.
    pub ink: f32,
    pub paper: f32,
    /// The columns between two halves, where the label stands.
    pub gap: Option<(i32, i32)>,
    /// Whether both ends have marks.
    pub has_marks: bool,
}

impl Bar {
    /// Length in pixels.
    pub fn length_px(&self) -> f64 {
        self.to - self.from
    }
}

/// One end of a stroke.
#[derive(Clone, Copy, Debug)]
struct End {
    /// Where the ink ends.
    ink: f64,
    /// The middle of its end mark.
    mark: Option<f64>,
    /// How far the mark reaches over and under the stroke.
    up: i32,
    down: i32,
}

/// A stroke with its measured ends.
struct Measured {
    stroke: Stroke,
    paper: f32,
    left: End,
    right: End,
}

/// Everything in a part of an image that may be a scale bar.
pub fn bars(plane: Plane, part: [u32; 4]) -> Vec<Bar> {
    let measured: Vec<Measured> = strokes(plane, part)
        .into_iter()
        .filter_map(|stroke| measure(plane, stroke))
        .collect();
    let mut bars: Vec<Bar> = measured.iter().filter_map(|m| whole(plane, m)).collect();
    for (i, left) in measured.iter().enumerate() {
        for right in &measured[i + 1..] {
            bars.extend(joined(plane, left, right).or_else(|| joined(plane, right, left)));
        }
    }
    let longest = LONGEST * plane.width() as f64;
    bars.retain(|bar| (SHORTEST_PX..=longest).contains(&bar.length_px()));
    bars
}

/// The paper around a stroke and its ends.
fn measure(plane: Plane, stroke: Stroke) -> Option<Measured> {
    let reach = (stroke.bottom - stroke.top) as i32;
    let (top, bottom) = (stroke.top as i32, stroke.bottom as i32);
    let beside = (stroke.left as i32..stroke.right as i32)
        .flat_map(|x| [plane.at(x, top - 2), plane.at(x, bottom + 1)]);
    let paper = f32::from(median(beside)?);
    if (stroke.ink - paper).abs() < 20.0 || reach * 3 > stroke.len() as i32 {
        return None;
    }
    let left = end(plane, &stroke, paper, stroke.left as i32, -1)?;
    let right = end(plane, &stroke, paper, stroke.right as i32 - 1, 1)?;
    Some(Measured {
        stroke,
        paper,
        left,
        right,
    })
}

/// How much of the bar's ink there is at a place, 0 to 1 and a little beyond.
fn share(plane: Plane, ink: f32, paper: f32, x: i32, y: i32) -> f32 {
    ((f32::from(plane.at(x, y)) - paper) / (ink - paper)).clamp(-0.5, 1.3)
}

/// Measures the end of a stroke whose last column is `last`, looking towards `side` (-1 or 1).
/// None where the ink goes on, or runs off the image.
fn end(plane: Plane, stroke: &Stroke, paper: f32, last: i32, side: i32) -> Option<End> {
    let (top, bottom) = (stroke.top as i32, stroke.bottom as i32);
    let rows = (bottom - top) as f32;
    let column = |x: i32| {
        (top..bottom)
            .map(|y| share(plane, stroke.ink, paper, x, y))
            .sum::<f32>()
            / rows
    };
    // The ink ends where its share falls through a half of what it is along the stroke.
    let along = (4..8).map(|k| column(last - side * k)).sum::<f32>() / 4.0;
    let half = along / 2.0;
    let first_out = (-3..=NEAR + 3).find(|k| column(last + side * k) < half)?;
    let (inner, outer) = (
        column(last + side * (first_out - 1)),
        column(last + side * first_out),
    );
    let part = if inner > outer {
        ((inner - half) / (inner - outer)).clamp(0.0, 1.0)
    } else {
        0.5
    };
    let edge = f64::from(last + side * (first_out - 1)) + 0.5 + f64::from(side as f32 * part);
    if !plane.holds(last + side * (first_out + 1), top) {
        return None;
    }
    let mark = mark(plane, stroke, paper, last + side * (first_out - 1), side);
    Some(End {
        ink: edge,
        mark: mark.map(|m| m.0),
        up: mark.map_or(0, |m| m.1),
        down: mark.map_or(0, |m| m.2),
    })
}

/// The middle of an end mark and how far it reaches up and down; None for a plain end and for
/// an arrow's tip, which ends at its ink.
fn mark(
    plane: Plane,
    stroke: &Stroke,
    paper: f32,
    last: i32,
    side: i32,
) -> Option<(f64, i32, i32)> {
    let (top, bottom) = (stroke.top as i32, stroke.bottom as i32);
    let limit = (plane.height() as i32 / 8).max(8);
    let inked =
        |x: i32, y: i32| plane.holds(x, y) && share(plane, stroke.ink, paper, x, y) >= INKED;
    let up = |x: i32| (1..=limit).find(|k| !inked(x, top - k)).unwrap_or(limit) - 1;
    let down = |x: i32| (0..=limit).find(|k| !inked(x, bottom + k)).unwrap_or(limit);
    let (base_up, base_down) = {
        let inside = |k: i32| last - side * (8 + k);
        (
            (0..5).map(|k| up(inside(k))).min().unwrap_or(0),
            (0..5).map(|k| down(inside(k))).min().unwrap_or(0),
        )
    };
    let reach = |x: i32| (up(x) - base_up).max(down(x) - base_down);
    let least = 2.max((bottom - top) / 3);
    let widest = 3 + (bottom - top).max(3) + (plane.width() as i32 / 400);
    // From outside inwards: the first column that reaches out of the stroke, and those after it.
    let outermost = (-NEAR..=2).find(|k| reach(last - side * k) >= least)?;
    let columns: Vec<i32> = (outermost..outermost + widest + 2)
        .map(|k| last - side * k)
        .take_while(|x| reach(*x) >= least)
        .collect();
    let tallest = columns.iter().map(|x| reach(*x)).max()?;
    let first_reach = columns.first().map(|x| reach(*x))?;
    let is_arrow = columns.len() >= 3 && tallest >= first_reach + 2 && {
        let at = columns.iter().position(|x| reach(*x) == tallest)?;
        at >= 2
    };
    if columns.len() as i32 > widest || is_arrow {
        return None;
    }
    let highest = columns.iter().map(|x| up(*x)).max()?;
    let lowest = columns.iter().map(|x| down(*x)).max()?;
    let (mut sum, mut weight) = (0.0, 0.0);
    let from = columns.first().copied()?.min(columns.last().copied()?) - 2;
    for x in from..=from + columns.len() as i32 + 3 {
        let rows = (top - highest..top - base_up).chain(bottom + base_down..bottom + lowest);
        for y in rows {
            let ink = f64::from(share(plane, stroke.ink, paper, x, y).clamp(0.0, 1.0));
            let ink = if ink < 0.1 { 0.0 } else { ink };
            sum += ink * (f64::from(x) + 0.5);
            weight += ink;
        }
    }
    (weight > 0.0).then(|| (sum / weight, highest, lowest))
}

/// A bar of one stroke.
fn whole(plane: Plane, measured: &Measured) -> Option<Bar> {
    let bar = bar_between(measured, measured, None);
    alone(plane, &bar).then_some(bar)
}

/// A bar of two halves on the same rows with something printed between them.
fn joined(plane: Plane, left: &Measured, right: &Measured) -> Option<Bar> {
    let (a, b) = (&left.stroke, &right.stroke);
    let near = |a: usize, b: usize| a.abs_diff(b) <= 1;
    if a.right >= b.left || !near(a.top, b.top) || !near(a.bottom, b.bottom) {
        return None;
    }
    let gap = b.left - a.right;
    let is_alike = a.is_bright == b.is_bright
        && (a.ink - b.ink).abs() < 30.0
        && (left.paper - right.paper).abs() < 30.0
        && a.len().abs_diff(b.len()) <= 4 + a.len() / 12;
    if !is_alike || gap < 10 || gap > 6 * a.len() || gap > plane.width() / 3 {
        return None;
    }
    let y = (a.top + a.bottom) as i32 / 2;
    let printed = (a.right as i32 + 2..b.left as i32 - 2)
        .flat_map(|x| (y - 6..=y + 6).map(move |y| (x, y)))
        .filter(|(x, y)| share(plane, a.ink, left.paper, *x, *y) >= 0.5)
        .count();
    if printed < gap {
        return None;
    }
    let bar = bar_between(left, right, Some((a.right as i32, b.left as i32)));
    alone(plane, &bar).then_some(bar)
}

fn bar_between(left: &Measured, right: &Measured, gap: Option<(i32, i32)>) -> Bar {
    let (from, to) = (left.left, right.right);
    let marks = from.mark.zip(to.mark);
    let (top, bottom) = (left.stroke.top as i32, left.stroke.bottom as i32);
    Bar {
        from: marks.map_or(from.ink, |m| m.0),
        to: marks.map_or(to.ink, |m| m.1),
        top,
        bottom,
        marks_top: top - from.up.max(to.up),
        marks_bottom: bottom + from.down.max(to.down),
        ink: left.stroke.ink,
        paper: left.paper,
        gap,
        has_marks: marks.is_some(),
    }
}

/// Whether the ink of a bar is joined to nothing beyond its ends: a rule of a table is not
/// alone, nor is an edge in the specimen.
fn alone(plane: Plane, bar: &Bar) -> bool {
    [0.5, 0.8].iter().any(|least| {
        let reach = 4 + plane.width() as i32 / 400;
        let left = bar.from.floor() as i32 - reach;
        let right = bar.to.ceil() as i32 + reach;
        !spreads(plane, bar, *least, left, right)
    })
}

/// Whether ink that is joined to the bar's reaches the columns `left` or `right`, or far up or
/// down.
fn spreads(plane: Plane, bar: &Bar, least: f32, left: i32, right: i32) -> bool {
    let tall = (plane.height() as i32 / 10).max(16);
    let (top, bottom) = (bar.top - tall, bar.bottom + tall);
    let width = (right - left + 1).max(1);
    let mut seen = vec![false; (width * (bottom - top + 1)) as usize];
    let middle = (bar.top + bar.bottom) / 2;
    let mut open = vec![
        (bar.from.ceil() as i32 + 2, middle),
        (bar.to.floor() as i32 - 3, middle),
    ];
    while let Some((x, y)) = open.pop() {
        if !plane.holds(x, y) || share(plane, bar.ink, bar.paper, x, y) < least {
            continue;
        }
        if x <= left || x >= right || y <= top || y >= bottom {
            return true;
        }
        let index = ((y - top) * width + (x - left)) as usize;
        if !std::mem::replace(&mut seen[index], true) {
            open.extend([(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]);
        }
    }
    false
}
