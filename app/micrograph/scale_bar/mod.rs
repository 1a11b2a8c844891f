//! Finds the scale bar of a micrograph, reads its label and says how large a pixel is.
//!
//! A wrong scale is worse than none: where the label, its bar or their belonging together is in
//! doubt, there is no scale. Looks at grey values alone, so that the same picture always gives
//! the same scale. Never takes a printed magnification or a field width for a scale. How it
//! works and how often it is right: docs/SCALE_BARS.md. Called by `micrograph`.

mod bars;
mod label;
mod line;
mod plane;
mod print;
mod reader;
mod strokes;
mod text;

pub use plane::{Plane, median};
pub use print::read as read_print;

use super::printed::enlarged;
use bars::{Bar, bars, goes_on_behind};
use label::Label;
use reader::Reader;
use std::collections::HashMap;
use text::{Box2, lines_near};

/// Bars whose surroundings are looked at, and lines that are read, in one image.
const MOST_BARS: usize = 40;
const MOST_LINES: usize = 24;
/// Two readings that differ by less than this part say the same.
const SAME: f64 = 0.03;
/// How much better than the next other reading the best one must be.
const LEAD: f64 = 0.5;

/// A scale bar that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleBar {
    /// The label: number, space, unit.
    pub label: String,
    /// Length of the bar in pixels, to a fraction of one.
    pub length_px: f64,
    /// The bar's left end, in pixels from the image's left edge.
    pub x0: f64,
    /// Its upper edge, without end marks, in pixels from the image's upper edge.
    pub y0: f64,
    /// Its right end.
    pub x1: f64,
    /// Its lower edge.
    pub y1: f64,
    /// Size of a pixel, in nanometres.
    pub nm_per_px: f64,
    /// The label's box: left, top, right, bottom.
    pub label_box: [u32; 4],
}

impl ScaleBar {
    /// The box of bar and label: left, top, right, bottom.
    pub fn box_px(&self) -> [u32; 4] {
        let [left, top, right, bottom] = self.label_box;
        [
            left.min(self.x0 as u32),
            top.min(self.y0 as u32),
            right.max(self.x1.ceil() as u32),
            bottom.max(self.y1.ceil() as u32),
        ]
    }

    /// The same in an image that is larger by `scale` in x and y.
    pub(super) fn enlarged(self, scale: [f64; 2], full: [u32; 2]) -> Self {
        Self {
            length_px: self.length_px * scale[0],
            x0: self.x0 * scale[0],
            y0: self.y0 * scale[1],
            x1: self.x1 * scale[0],
            y1: self.y1 * scale[1],
            nm_per_px: self.nm_per_px / scale[0],
            label_box: enlarged(self.label_box, scale, full),
            label: self.label,
        }
    }
}

/// A bar with a label that may be its own; the higher the rank the better they fit.
struct Pair {
    bar: Bar,
    label: Label,
    at: Box2,
    rank: f64,
}

impl Pair {
    fn nm_per_px(&self) -> f64 {
        self.label.nm / self.bar.length_px()
    }
}

/// The scale bar of an image, looked for in its banner first; None where there is none or it is
/// in doubt.
pub fn find(plane: Plane, banner: Option<[u32; 4]>) -> Option<ScaleBar> {
    let whole = [0, 0, plane.width() as u32, plane.height() as u32];
    banner
        .and_then(|banner| find_in(plane, banner))
        .or_else(|| find_in(plane, whole))
}

fn find_in(plane: Plane, part: [u32; 4]) -> Option<ScaleBar> {
    let reader = Reader::shipped()?;
    let mut read: HashMap<(Box2, bool), Option<Label>> = HashMap::new();
    let mut pairs: Vec<Pair> = Vec::new();
    for (bar, at, rank) in beside(plane, part) {
        let best = pairs.first().map_or(f64::MIN, |pair| pair.rank);
        let is_dark = bar.ink < bar.paper;
        let is_new = !read.contains_key(&(at, is_dark));
        if best - rank >= LEAD || (is_new && read.len() >= MOST_LINES) {
            break;
        }
        let label = read.entry((at, is_dark)).or_insert_with(|| {
            let line = line::cut(plane, at, is_dark)?;
            label::label(reader.letters(), &reader.read(&line))
        });
        if let Some(label) = label.clone() {
            pairs.push(Pair {
                bar,
                label,
                at,
                rank,
            });
        }
    }
    choose(pairs).map(shown)
}

/// Bars with a line of print beside them that may be their label, the best fitting first.
fn beside(plane: Plane, part: [u32; 4]) -> Vec<(Bar, Box2, f64)> {
    let mut bars = bars(plane, part);
    without_halves(&mut bars);
    bars.sort_by_key(|bar| (bar.gap.is_none(), !bar.has_marks, -(bar.length_px() as i64)));
    let gaps: Vec<Bar> = bars.iter().filter(|b| b.gap.is_some()).cloned().collect();
    let mut beside = Vec::new();
    for bar in bars.into_iter().take(MOST_BARS) {
        let marks = f64::from(u8::from(bar.has_marks));
        let lines = lines_near(plane, &bar);
        // What stands between two halves is the label of no other bar.
        let is_free = |at: &Box2| {
            bar.gap.is_some()
                || at.y1 <= bar.top
                || at.y0 >= bar.bottom
                || !goes_on_behind(plane, &bar, (at.x0, at.x1))
        };
        let own = |at: &Box2| bar.gap.is_some() || !gaps.iter().any(|gap| fit(gap, at).is_some());
        let is_whole = |at: &Box2| !lines.iter().any(|other| at.continues(other));
        let fitting = lines
            .iter()
            .filter(|at| own(at) && is_free(at) && is_whole(at))
            .filter_map(|at| Some((bar.clone(), *at, fit(&bar, at)? + marks)));
        beside.extend(fitting);
    }
    beside.sort_by(|a, b| b.2.total_cmp(&a.2));
    beside
}

/// Drops the halves of bars that have their label between them: taken alone they would give a
/// scale that is wrong by more than a factor of two.
fn without_halves(bars: &mut Vec<Bar>) {
    let joined: Vec<Bar> = bars
        .iter()
        .filter(|bar| bar.gap.is_some())
        .cloned()
        .collect();
    bars.retain(|bar| {
        bar.gap.is_some()
            || !joined.iter().any(|whole| {
                (whole.top - bar.top).abs() <= 2
                    && bar.from >= whole.from - 3.0
                    && bar.to <= whole.to + 3.0
            })
    });
}

/// How well a line of print sits beside a bar, from 0 to 3; None where it does not.
fn fit(bar: &Bar, at: &Box2) -> Option<f64> {
    let shape = f64::from(at.width()) / f64::from(at.height().max(1));
    if !(1.1..=10.0).contains(&shape) {
        return None;
    }
    let tall = f64::from(at.height());
    let tallest = (bar.length_px() / 2.0).max(24.0);
    if tall > tallest {
        return None;
    }
    let middle_x = f64::from(at.x0 + at.x1) / 2.0;
    let middle_y = f64::from(at.y0 + at.y1) / 2.0;
    if let Some((from, to)) = bar.gap {
        let is_between = at.x0 >= from - 1
            && at.x1 <= to + 1
            && (middle_y - f64::from(bar.top + bar.bottom) / 2.0).abs() <= 0.6 * tall;
        return is_between.then_some(3.0);
    }
    let common = f64::from(at.x1).min(bar.to) - f64::from(at.x0).max(bar.from);
    let is_over = (bar.from..=bar.to).contains(&middle_x)
        || common >= 0.5 * f64::from(at.width())
        || common >= 0.7 * bar.length_px();
    let apart = if at.y1 <= bar.top {
        f64::from(bar.marks_top - at.y1).max(0.0)
    } else if at.y0 >= bar.bottom {
        f64::from(at.y0 - bar.marks_bottom).max(0.0)
    } else {
        f64::INFINITY
    };
    if is_over && apart <= 2.5 * tall {
        return Some(2.0 - apart / (2.5 * tall));
    }
    let is_beside = middle_y >= f64::from(bar.marks_top) - 0.4 * tall
        && middle_y <= f64::from(bar.marks_bottom) + 0.4 * tall;
    let aside = (f64::from(at.x0) - bar.to).max(bar.from - f64::from(at.x1));
    (is_beside && (0.0..=4.0 * tall).contains(&aside)).then(|| 1.5 - aside / (4.0 * tall))
}

/// The first and best pair, if no other with another scale comes near it.
fn choose(mut pairs: Vec<Pair>) -> Option<Pair> {
    let best = pairs.first()?;
    let differs = |other: &&Pair| (other.nm_per_px() / best.nm_per_px() - 1.0).abs() > SAME;
    let rival = pairs.iter().find(differs).map_or(0.0, |pair| pair.rank);
    (best.rank - rival >= LEAD).then(|| pairs.swap_remove(0))
}

fn shown(pair: Pair) -> ScaleBar {
    let nm_per_px = pair.nm_per_px();
    let side = |value: i32| value.max(0) as u32;
    ScaleBar {
        length_px: pair.bar.length_px(),
        x0: pair.bar.from,
        y0: f64::from(pair.bar.top),
        x1: pair.bar.to,
        y1: f64::from(pair.bar.bottom),
        nm_per_px,
        label: pair.label.text,
        label_box: [pair.at.x0, pair.at.y0, pair.at.x1, pair.at.y1].map(side),
    }
}
