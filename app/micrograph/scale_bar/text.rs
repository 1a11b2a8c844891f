//! Lines of print around a bar: boxes of ink that stand side by side on one line.
//!
//! Only says where lines are; `reader` says what they are. Called by `mod`.

use super::bars::Bar;
use super::plane::Plane;

/// Ink from here on is print, as a part of the bar's contrast.
const PRINTED: f32 = 0.45;
/// The smallest height of a letter that counts, in pixels.
const SMALLEST: i32 = 5;
/// The widest gap within a line, as a part of the height of its letters.
const WIDEST_GAP: f32 = 0.85;
/// Ink boxes looked at around one bar.
const MOST: usize = 600;

/// A box of pixels: columns `x0..x1` and rows `y0..y1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Box2 {
    pub x0: i32,
    pub y0: i32,
    pub x1: i32,
    pub y1: i32,
}

impl Box2 {
    pub fn width(&self) -> i32 {
        self.x1 - self.x0
    }

    pub fn height(&self) -> i32 {
        self.y1 - self.y0
    }

    fn with(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    fn gap_to(&self, other: &Self) -> i32 {
        (other.x0 - self.x1).max(self.x0 - other.x1)
    }

    fn common_rows(&self, other: &Self) -> i32 {
        self.y1.min(other.y1) - self.y0.max(other.y0)
    }
}

/// The lines of print around a bar.
pub fn lines_near(plane: Plane, bar: &Bar) -> Vec<Box2> {
    let wide = plane.width() as i32 / 5;
    let tall = (plane.height() as i32 / 12).max(40);
    let window = Box2 {
        x0: (bar.from as i32 - wide).max(0),
        y0: (bar.marks_top - tall).max(0),
        x1: (bar.to as i32 + wide).min(plane.width() as i32),
        y1: (bar.marks_bottom + tall).min(plane.height() as i32),
    };
    let boxes = ink_boxes(plane, bar, window);
    lines(boxes)
}

/// The boxes of connected ink that may be letters.
fn ink_boxes(plane: Plane, bar: &Bar, window: Box2) -> Vec<Box2> {
    let (width, height) = (
        window.width().max(0) as usize,
        window.height().max(0) as usize,
    );
    let mut open_ink = vec![false; width * height];
    for (index, ink) in open_ink.iter_mut().enumerate() {
        let (x, y) = (
            window.x0 + (index % width) as i32,
            window.y0 + (index / width) as i32,
        );
        *ink = (f32::from(plane.at(x, y)) - bar.paper) / (bar.ink - bar.paper) >= PRINTED;
    }
    let longest = (plane.width() / 28).max(32);
    open_ink
        .chunks_exact_mut(width.max(1))
        .for_each(|row| without_rules(row, longest));
    let mut boxes = Vec::new();
    let mut open = Vec::new();
    for start in 0..open_ink.len() {
        if !open_ink[start] {
            continue;
        }
        open_ink[start] = false;
        open.push(start);
        let (mut x0, mut x1, mut y0, mut y1) = (width, 0, height, 0);
        while let Some(index) = open.pop() {
            let (x, y) = (index % width, index / width);
            (x0, x1) = (x0.min(x), x1.max(x + 1));
            (y0, y1) = (y0.min(y), y1.max(y + 1));
            for ny in y.saturating_sub(1)..(y + 2).min(height) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    if std::mem::take(&mut open_ink[ny * width + nx]) {
                        open.push(ny * width + nx);
                    }
                }
            }
        }
        let found = Box2 {
            x0: window.x0 + x0 as i32,
            y0: window.y0 + y0 as i32,
            x1: window.x0 + x1 as i32,
            y1: window.y0 + y1 as i32,
        };
        let is_letter = found.width() <= found.height().max(SMALLEST) * 6
            && found.height() <= (plane.height() as i32 / 10).max(24)
            && !is_the_bar(&found, bar);
        if is_letter && boxes.len() < MOST {
            boxes.push(found);
        }
    }
    boxes
}

/// Clears ink that goes on for longer than any letter: the rules of a table, which letters may
/// touch.
fn without_rules(row: &mut [bool], longest: usize) {
    let mut start = 0;
    for x in 0..=row.len() {
        if row.get(x) == Some(&true) {
            continue;
        }
        if x - start >= longest {
            row[start..x].fill(false);
        }
        start = x + 1;
    }
}

/// Whether ink is the bar itself, one of its halves, or its end mark.
fn is_the_bar(ink: &Box2, bar: &Bar) -> bool {
    let crosses = ink.y0 < bar.bottom && ink.y1 > bar.top;
    let (from, to) = (bar.from.floor() as i32, bar.to.ceil() as i32);
    let near_end = |x: i32| ink.x0 <= x + 1 && ink.x1 >= x - 1;
    crosses && (near_end(from) || near_end(to) || ink.width() * 2 > to - from)
}

/// Joins boxes to lines.
fn lines(mut boxes: Vec<Box2>) -> Vec<Box2> {
    boxes.sort_unstable();
    let (letters, small): (Vec<Box2>, Vec<Box2>) =
        boxes.into_iter().partition(|b| b.height() >= SMALLEST);
    let mut lines: Vec<(Box2, i32)> = Vec::new();
    for letter in letters {
        let joins = |(line, tall): &(Box2, i32)| {
            let least = letter.height().min(line.height());
            line.gap_to(&letter) as f32 <= WIDEST_GAP * (*tall).max(letter.height()) as f32
                && line.common_rows(&letter) * 2 >= least
                && letter.height() * 5 >= tall * 2
                && letter.height() * 2 <= tall * 5
        };
        match lines.iter_mut().find(|line| joins(line)) {
            Some(line) => *line = (line.0.with(&letter), line.1.max(letter.height())),
            None => lines.push((letter, letter.height())),
        }
    }
    for dot in small {
        let near = |line: &Box2| {
            let reach = line.height() / 2;
            line.gap_to(&dot) <= reach && dot.y0 >= line.y0 - reach / 2 && dot.y1 <= line.y1 + 2
        };
        if let Some(line) = lines.iter_mut().find(|(line, _)| near(line)) {
            line.0 = line.0.with(&dot);
        }
    }
    lines.into_iter().map(|line| line.0).collect()
}
