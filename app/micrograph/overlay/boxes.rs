//! Filled boxes with print in them: callouts, labels and measured values on a ground of their
//! own.
//!
//! A box without readable print is specimen: squares are what people make. Called by `mod`.

use super::place::Place;
use crate::micrograph::scale_bar::{Plane, read_print};

/// Paper is at most this dark or at least this bright.
const BLACK: u8 = 14;
const WHITE: u8 = 244;
/// How far print must be from its paper.
const INK: i32 = 90;
/// The part of a box's outermost rows and columns that is paper.
const STRAIGHT: f32 = 0.92;
/// The part of a box that print may take.
const PRINTED: [f32; 2] = [0.02, 0.5];
/// How sure the reader must be of how many letters.
const SURE: f32 = 0.75;
const LETTERS: usize = 2;
/// Boxes that are read in one image.
const MOST: usize = 24;

/// The boxes of an image that hold print.
pub fn with_print(plane: Plane) -> Vec<Place> {
    let mut found = Vec::new();
    for is_dark in [true, false] {
        let is_paper = |grey: u8| {
            if is_dark {
                grey <= BLACK
            } else {
                grey >= WHITE
            }
        };
        let mut candidates = papers(plane, is_paper);
        candidates.truncate(MOST);
        found.extend(
            candidates
                .into_iter()
                .filter_map(|place| trimmed(plane, place, is_paper))
                .filter(|place| is_box(plane, place, is_paper) && has_print(plane, place, is_dark)),
        );
    }
    found
}

/// The boxes of connected paper that fill them, the largest first.
fn papers(plane: Plane, is_paper: impl Fn(u8) -> bool) -> Vec<Place> {
    let (width, height) = (plane.width(), plane.height());
    let mut open_paper: Vec<bool> = Vec::with_capacity(width * height);
    for y in 0..height {
        open_paper.extend(plane.row(y).iter().map(|grey| is_paper(*grey)));
    }
    let mut places = Vec::new();
    let mut open = Vec::new();
    for start in 0..open_paper.len() {
        if !std::mem::take(&mut open_paper[start]) {
            continue;
        }
        open.push(start);
        let (x, y) = (start % width, start / width);
        let (mut x0, mut x1, mut y0, mut y1) = (x, x + 1, y, y + 1);
        let mut area = 0_usize;
        while let Some(index) = open.pop() {
            let (x, y) = (index % width, index / width);
            area += 1;
            (x0, x1) = (x0.min(x), x1.max(x + 1));
            (y0, y1) = (y0.min(y), y1.max(y + 1));
            // Paper joins side by side alone, so that print does not connect boxes.
            let beside = [
                (x > 0).then(|| index - 1),
                (x + 1 < width).then(|| index + 1),
                (y > 0).then(|| index - width),
                (y + 1 < height).then(|| index + width),
            ];
            for neighbour in beside.into_iter().flatten() {
                if std::mem::take(&mut open_paper[neighbour]) {
                    open.push(neighbour);
                }
            }
        }
        let place = Place { x0, y0, x1, y1 };
        let is_sized = place.width() >= 16
            && place.height() >= 10
            && place.area() * 4 <= width * height
            && place.width() * 10 <= width * 9;
        if is_sized && area * 2 >= place.area() {
            places.push(place);
        }
    }
    places.sort_by_key(|place| (std::cmp::Reverse(place.area()), *place));
    places
}

/// The box without what only touches it: sides of which less than a half is paper.
fn trimmed(plane: Plane, mut place: Place, is_paper: impl Fn(u8) -> bool) -> Option<Place> {
    let is_paper = |x: usize, y: usize| is_paper(plane.at(x as i32, y as i32));
    for _ in 0..2 {
        let row = |place: &Place, y: usize| {
            let count = (place.x0..place.x1).filter(|x| is_paper(*x, y)).count();
            count * 2 >= place.width()
        };
        let column = |place: &Place, x: usize| {
            let count = (place.y0..place.y1).filter(|y| is_paper(x, *y)).count();
            count * 2 >= place.height()
        };
        while place.height() >= 10 && !row(&place, place.y0) {
            place.y0 += 1;
        }
        while place.height() >= 10 && !row(&place, place.y1 - 1) {
            place.y1 -= 1;
        }
        while place.width() >= 16 && !column(&place, place.x0) {
            place.x0 += 1;
        }
        while place.width() >= 16 && !column(&place, place.x1 - 1) {
            place.x1 -= 1;
        }
    }
    (place.width() >= 16 && place.height() >= 10).then_some(place)
}

/// Whether the outermost rows and columns are straight and end at something else.
fn is_box(plane: Plane, place: &Place, is_paper: impl Fn(u8) -> bool) -> bool {
    let share = |x0: i32, y0: i32, x1: i32, y1: i32| {
        let (mut all, mut paper) = (0_u32, 0_u32);
        for y in y0..y1 {
            for x in x0..x1 {
                all += 1;
                paper += u32::from(is_paper(plane.at(x, y)));
            }
        }
        paper as f32 / all.max(1) as f32
    };
    let [x0, y0, x1, y1] = place.rect().map(|side| side as i32);
    let sides = [
        ((x0, y0, x1, y0 + 1), (x0, y0 - 2, x1, y0 - 1)),
        ((x0, y1 - 1, x1, y1), (x0, y1 + 1, x1, y1 + 2)),
        ((x0, y0, x0 + 1, y1), (x0 - 2, y0, x0 - 1, y1)),
        ((x1 - 1, y0, x1, y1), (x1 + 1, y0, x1 + 2, y1)),
    ];
    sides.iter().all(|(inner, outer)| {
        let is_straight = share(inner.0, inner.1, inner.2, inner.3) >= STRAIGHT;
        // A box may lie at the edge of the image.
        let is_outside = !plane.holds(outer.0.max(x0.min(outer.0)), outer.1)
            || !plane.holds(outer.2 - 1, outer.3 - 1);
        is_straight && (is_outside || share(outer.0, outer.1, outer.2, outer.3) < 0.5)
    })
}

/// Whether letters stand in a box.
fn has_print(plane: Plane, place: &Place, is_dark: bool) -> bool {
    let inner = Place {
        x0: place.x0 + 1,
        y0: place.y0 + 1,
        x1: place.x1 - 1,
        y1: place.y1 - 1,
    };
    let paper = if is_dark { 0 } else { 255 };
    let is_ink =
        |x: usize, y: usize| (i32::from(plane.at(x as i32, y as i32)) - paper).abs() >= INK;
    let row = |y: usize| (inner.x0..inner.x1).filter(|x| is_ink(*x, y)).count();
    let counts: Vec<usize> = (inner.y0..inner.y1).map(row).collect();
    let share = counts.iter().sum::<usize>() as f32 / inner.area().max(1) as f32;
    if !(PRINTED[0]..=PRINTED[1]).contains(&share) {
        return false;
    }
    // The lines of print are rows with ink between rows without.
    let mut start = None;
    for (row, count) in counts.iter().chain([&0]).enumerate() {
        match (start, *count > 0) {
            (None, true) => start = Some(row),
            (Some(first), false) => {
                start = None;
                if row - first >= 6 && reads(plane, &inner, first, row, &is_ink, !is_dark) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn reads(
    plane: Plane,
    inner: &Place,
    first: usize,
    last: usize,
    is_ink: &impl Fn(usize, usize) -> bool,
    ink_is_dark: bool,
) -> bool {
    let rows = inner.y0 + first..inner.y0 + last;
    let has_ink = |x: &usize| rows.clone().any(|y| is_ink(*x, y));
    let left = (inner.x0..inner.x1).find(has_ink);
    let right = (inner.x0..inner.x1).rev().find(has_ink);
    let (Some(left), Some(right)) = (left, right) else {
        return false;
    };
    let at = [left, rows.start, right + 1, rows.end].map(|side| side as u32);
    let Some(print) = read_print(plane, at, ink_is_dark) else {
        return false;
    };
    // One letter is a panel's, in a box that is no larger than it needs.
    let is_letter = print.text.chars().all(|c| c.is_ascii_alphabetic())
        && (at[3] - at[1]) as usize * 3 >= inner.height();
    print.sure >= SURE && (print.text.chars().count() >= LETTERS || is_letter)
}
