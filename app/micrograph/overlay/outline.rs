//! Drawn rectangles: outlines of what somebody wanted to point at, and frames of insets.
//!
//! Four straight, upright or level lines of one ink that meet at their corners, solid or dashed.
//! Where the picture goes on behind the line, it is an outline and only its lines are left out;
//! where another picture begins, an inset, and all of it is. Called by `mod`.

use super::OverlayKind;
use super::ink::Ink;
use super::place::Place;
use crate::micrograph::scale_bar::{Plane, median};

/// The widest break of a dashed line, in pixels, and the fewest dashes of a side.
const BREAK: usize = 16;
const DASHES: usize = 5;
/// How far dashes and breaks may be from their median, in pixels and as a part of it.
const IRREGULAR_PX: usize = 2;
const IRREGULAR: f32 = 0.25;
/// The shortest side of a rectangle, in pixels.
const SHORTEST: usize = 20;
/// Lines of one direction and ink that are matched; the longest are.
const MOST: usize = 160;
/// How far the ends of lines may be apart at a corner, in pixels, besides their width.
const APART: usize = 2;
/// How far the grey of a line may be from its median, and how far its paper must be.
const EVEN: i32 = 30;
const CONTRAST: i32 = 40;
/// The part of a line where both hold: of each, where the specimen may be as bright as the ink,
/// and of the sides of a rectangle on average.
const DRAWN: f32 = 0.4;
const DRAWN_ON_AVERAGE: f32 = 0.8;
/// How much more must change across a line than beside it for another picture to begin there.
const CHANGES: f32 = 1.7;
/// The part of an image that an inset takes, at least and at most.
const INSET: [f32; 2] = [0.008, 0.45];

/// A straight line of ink.
#[derive(Clone, Copy, Debug)]
struct Line {
    place: Place,
    /// The break between two dashes; 0 for a solid line.
    broken: usize,
    /// The part of it that is even and has paper on both sides, 0 to 1.
    drawn: f32,
}

impl Line {
    fn thick(&self) -> usize {
        self.place.height().min(self.place.width())
    }
}

/// The pieces of all outlines, and all insets.
pub fn outlines(plane: Plane, inks: &[Ink; 2]) -> Vec<(OverlayKind, Place)> {
    let mut found = Vec::new();
    let of_ink = |ink: &Ink| {
        let (level, upright) = (|| lines(plane, ink, false), || lines(plane, ink, true));
        rayon::join(level, upright)
    };
    let [bright, dark] = inks;
    let (bright, dark) = rayon::join(|| of_ink(bright), || of_ink(dark));
    for (level, upright) in [bright, dark] {
        for sides in rectangles(&level, &upright) {
            let whole = sides.iter().fold(sides[0], |all, side| all.with(side));
            let is_known = found
                .iter()
                .any(|(kind, place): &(OverlayKind, Place)| match kind {
                    OverlayKind::Inset => place.share_of(&whole) > 0.9,
                    _ => sides.iter().any(|side| place.share_of(side) > 0.5),
                });
            if is_known {
                continue;
            }
            if is_inset(plane, &sides, &whole) {
                found.push((OverlayKind::Inset, whole));
            } else {
                found.extend(sides.map(|side| (OverlayKind::Outline, side)));
            }
        }
        for sides in corners(plane, &level, &upright) {
            let whole = sides[0].with(&sides[1]);
            if is_inset(plane, &sides, &whole) {
                found.push((OverlayKind::Inset, whole));
            } else {
                found.extend(sides.map(|side| (OverlayKind::Outline, side)));
            }
        }
    }
    found
}

/// The thin straight lines of ink in one direction.
fn lines(plane: Plane, ink: &Ink, is_upright: bool) -> Vec<Line> {
    let [width, height] = ink.size();
    let (count, length) = if is_upright {
        (width, height)
    } else {
        (height, width)
    };
    let thickest = (width.max(height) / 110).max(3);
    let thin = match is_upright {
        true => thin_across_rows(ink, thickest),
        false => thin_down_columns(ink, thickest),
    };
    let mut lines: Vec<Line> = Vec::new();
    for line in 0..count {
        let row = &thin[line * length..][..length];
        let inked = row.iter().filter(|pixel| **pixel != Pixel::Paper);
        if inked.count() < DASHES {
            continue;
        }
        chains(row, |from, to, broken| {
            let place = Place {
                x0: from,
                y0: line,
                x1: to,
                y1: line + 1,
            };
            let goes_on = |known: &&mut Line| {
                let widths = [known.place.width(), place.width()];
                let [shorter, longer] = [widths[0].min(widths[1]), widths[0].max(widths[1])];
                let width = if broken > 0 { shorter } else { longer };
                known.place.y1 == line
                    && (known.broken == 0) == (broken == 0)
                    && known.place.height() < thickest
                    && overlap(&known.place, &place) * 10 >= width * 8
            };
            match lines.iter_mut().rev().take(400).find(goes_on) {
                Some(known) if broken > 0 => {
                    // Ink of the specimen may lengthen some rows.
                    known.place.x0 = known.place.x0.max(place.x0);
                    known.place.x1 = known.place.x1.min(place.x1);
                    known.place.y1 = place.y1;
                    known.broken = known.broken.max(broken);
                }
                Some(known) => known.place = known.place.with(&place),
                None => lines.push(Line {
                    place,
                    broken,
                    drawn: 0.0,
                }),
            }
        });
    }
    lines.sort_by_key(|line| (std::cmp::Reverse(line.place.width()), line.place));
    for line in &mut lines {
        if is_upright {
            line.place = line.place.turned();
        }
        line.drawn = drawn(plane, line);
    }
    let drawn = lines.into_iter().filter(|line| line.drawn >= DRAWN);
    drawn.take(MOST).collect()
}

fn overlap(a: &Place, b: &Place) -> usize {
    a.x1.min(b.x1).saturating_sub(a.x0.max(b.x0))
}

/// A pixel as a line sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pixel {
    Paper,
    /// Ink no thicker than a line.
    Thin,
    /// Other ink, which a line may pass through.
    Thick,
}

/// What an ink's run of pixels across lines is, by its thickness.
fn kind(run: usize, thickest: usize) -> Pixel {
    match run <= thickest {
        true => Pixel::Thin,
        false => Pixel::Thick,
    }
}

/// The pixels of a plane, row by row; a run is as thick as it is high.
fn thin_down_columns(ink: &Ink, thickest: usize) -> Vec<Pixel> {
    let [width, height] = ink.size();
    let mut pixels = vec![Pixel::Paper; width * height];
    // Row by row, as the ink lies in memory, with the begin of the run in each column.
    let mut starts = vec![0; width];
    for y in 0..=height {
        for (x, start) in starts.iter_mut().enumerate() {
            if y < height && ink.holds(x, y) {
                continue;
            }
            for inked in *start..y {
                pixels[inked * width + x] = kind(y - *start, thickest);
            }
            *start = y + 1;
        }
    }
    pixels
}

/// The pixels of a plane, column by column; a run is as thick as it is wide.
fn thin_across_rows(ink: &Ink, thickest: usize) -> Vec<Pixel> {
    let [width, height] = ink.size();
    let mut pixels = vec![Pixel::Paper; width * height];
    for y in 0..height {
        let mut start = 0;
        for x in 0..=width {
            if x < width && ink.holds(x, y) {
                continue;
            }
            for inked in start..x {
                pixels[inked * height + y] = kind(x - start, thickest);
            }
            start = x + 1;
        }
    }
    pixels
}

/// The part of a line that is of one grey with paper close by on both sides.
fn drawn(plane: Plane, line: &Line) -> f32 {
    let place = &line.place;
    let is_upright = place.height() > place.width();
    let (from, to, first, last) = if is_upright {
        (place.y0, place.y1, place.x0, place.x1)
    } else {
        (place.x0, place.x1, place.y0, place.y1)
    };
    let grey = |across: i32, along: usize| {
        let (x, y) = if is_upright {
            (across, along as i32)
        } else {
            (along as i32, across)
        };
        i32::from(plane.at(x, y))
    };
    let middle = ((first + last - 1) / 2) as i32;
    let Some(ink) = median((from..to).map(|along| grey(middle, along) as u8)) else {
        return 0.0;
    };
    let ink = i32::from(ink);
    let (mut all, mut drawn) = (0, 0);
    for along in from + 2..to.saturating_sub(2) {
        let here = grey(middle, along);
        if line.broken > 0 && (here - ink).abs() > EVEN {
            continue;
        }
        all += 1;
        let beside = [grey(first as i32 - 2, along), grey(last as i32 + 1, along)];
        let is_clear = beside.iter().all(|paper| (here - paper).abs() >= CONTRAST);
        drawn += u32::from((here - ink).abs() <= EVEN && is_clear);
    }
    drawn as f32 / all.max(1) as f32
}

/// Calls `each` with the ends of every solid or evenly dashed line in a row, and how wide its
/// breaks are.
fn chains(row: &[Pixel], mut each: impl FnMut(usize, usize, usize)) {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    let mut thin = 0;
    for (x, pixel) in row.iter().chain([&Pixel::Paper]).enumerate() {
        thin += usize::from(*pixel == Pixel::Thin);
        match (start, *pixel) {
            (None, Pixel::Thin | Pixel::Thick) => start = Some(x),
            (Some(from), Pixel::Paper) => {
                start = None;
                let is_line = std::mem::take(&mut thin) * 10 >= (x - from) * 6;
                if !is_line || runs.last().is_some_and(|last| from - last.1 > BREAK) {
                    dashes(&runs, &mut each);
                    runs.clear();
                }
                match runs.last_mut() {
                    _ if !is_line => {}
                    Some(last) if from - last.1 <= 1 => last.1 = x,
                    _ => runs.push((from, x)),
                }
            }
            _ => {}
        }
    }
    dashes(&runs, &mut each);
}

/// The solid lines among some runs, and all of them where they are even dashes.
fn dashes(runs: &[(usize, usize)], each: &mut impl FnMut(usize, usize, usize)) {
    for (from, to) in runs.iter().filter(|(from, to)| to - from >= SHORTEST) {
        each(*from, *to, 0);
    }
    // What is far shorter than the others is a bright speck of the specimen.
    let mut ordered: Vec<usize> = runs.iter().map(|(from, to)| to - from).collect();
    ordered.sort_unstable_by(|a, b| b.cmp(a));
    let usual = ordered.get(ordered.len() / 3).copied().unwrap_or(0);
    let runs: Vec<(usize, usize)> = runs
        .iter()
        .filter(|(from, to)| (to - from) * 5 >= usual * 2)
        .copied()
        .collect();
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
        return;
    };
    if runs.len() < DASHES || last.1 - first.0 < SHORTEST {
        return;
    }
    // The dashes at the ends may be cut, and stand closer to the others.
    let inner = &runs[1..runs.len() - 1];
    let lengths: Vec<usize> = inner.iter().map(|(from, to)| to - from).collect();
    let breaks: Vec<usize> = inner.windows(2).map(|pair| pair[1].0 - pair[0].1).collect();
    if let (Some(_), Some(broken)) = (regular(lengths), regular(breaks)) {
        each(first.0, last.1, broken);
    }
}

/// The median of some lengths if few are far from it.
fn regular(mut lengths: Vec<usize>) -> Option<usize> {
    lengths.sort_unstable();
    let median = *lengths.get(lengths.len() / 2)?;
    let most = IRREGULAR_PX.max((median as f32 * IRREGULAR) as usize);
    let near = lengths
        .iter()
        .filter(|length| length.abs_diff(median) <= most);
    // A bright grain of the specimen may lengthen one.
    (median >= 2 && near.count() * 10 >= lengths.len() * 8).then_some(median)
}

/// Sets of four lines that meet at their corners: upper, lower, left and right.
fn rectangles(level: &[Line], upright: &[Line]) -> Vec<[Place; 4]> {
    let mut found: Vec<[Place; 4]> = Vec::new();
    for (index, first) in level.iter().enumerate() {
        for second in &level[index + 1..] {
            let (upper, lower) = if first.place.y0 < second.place.y0 {
                (first, second)
            } else {
                (second, first)
            };
            // The specimen may go on where a dashed line ends.
            let reach = |line: &Line| {
                let beyond = if line.broken > 0 {
                    line.broken + BREAK
                } else {
                    0
                };
                APART + line.thick() + beyond
            };
            let apart = reach(upper).max(reach(lower));
            let (top, bottom) = (&upper.place, &lower.place);
            let fits = |line: &Line| {
                line.thick().abs_diff(upper.thick()) <= 1
                    && (line.broken == 0) == (upper.broken == 0)
            };
            if top.x0.abs_diff(bottom.x0) > apart
                || top.x1.abs_diff(bottom.x1) > apart
                || bottom.y0.saturating_sub(top.y1) < SHORTEST / 2
                || !fits(lower)
            {
                continue;
            }
            let side = |x: usize| {
                upright.iter().find(|line| {
                    let apart = apart.max(reach(line));
                    line.place.x0.abs_diff(x) <= apart
                        && line.place.y0.abs_diff(top.y0) <= apart
                        && line.place.y1.abs_diff(bottom.y1) <= apart
                        && fits(line)
                })
            };
            let (Some(left), Some(right)) = (side(top.x0), side(top.x1.saturating_sub(1))) else {
                continue;
            };
            let average = (upper.drawn + lower.drawn + left.drawn + right.drawn) / 4.0;
            if average >= DRAWN_ON_AVERAGE
                && right.place.x0 > left.place.x1 + SHORTEST / 2
                && found.len() < MOST
            {
                found.push(cut_to_corners([*top, *bottom, left.place, right.place]));
            }
        }
    }
    found
}

/// The sides of a rectangle, each from corner to corner: upper, lower, left and right.
fn cut_to_corners([mut upper, mut lower, mut left, mut right]: [Place; 4]) -> [Place; 4] {
    let (x0, x1) = (left.x0, right.x1);
    let (y0, y1) = (upper.y0, lower.y1);
    for side in [&mut upper, &mut lower] {
        (side.x0, side.x1) = (x0, x1);
    }
    for side in [&mut left, &mut right] {
        (side.y0, side.y1) = (y0, y1);
    }
    [upper, lower, left, right]
}

/// Pairs of lines that cut off a corner of the image.
fn corners(plane: Plane, level: &[Line], upright: &[Line]) -> Vec<[Place; 2]> {
    let (width, height) = (plane.width(), plane.height());
    let mut found = Vec::new();
    for across in level.iter().filter(|line| line.broken == 0) {
        for down in upright.iter().filter(|line| line.broken == 0) {
            let (a, d) = (&across.place, &down.place);
            let from_left = a.x0 <= 2 && a.x1.abs_diff(d.x1) <= APART;
            let from_right = a.x1 + 2 >= width && a.x0.abs_diff(d.x0) <= APART;
            let from_top = d.y0 <= 2 && d.y1.abs_diff(a.y1) <= APART;
            let from_bottom = d.y1 + 2 >= height && d.y0.abs_diff(a.y0) <= APART;
            let is_corner = (from_left || from_right) && (from_top || from_bottom);
            if is_corner
                && across.drawn.min(down.drawn) >= DRAWN_ON_AVERAGE
                && across.thick().abs_diff(down.thick()) <= 1
            {
                found.push([*a, *d]);
            }
        }
    }
    found
}

/// Whether another picture begins within the sides.
fn is_inset(plane: Plane, sides: &[Place], whole: &Place) -> bool {
    let share = whole.area() as f32 / (plane.width() * plane.height()) as f32;
    if !(INSET[0]..=INSET[1]).contains(&share) {
        return false;
    }
    let mut changes: Vec<f32> = sides
        .iter()
        .filter_map(|side| change_across(plane, side, whole))
        .collect();
    changes.sort_by(f32::total_cmp);
    // An inset may by chance go on as its surroundings do at one side.
    changes
        .get(changes.len() / 2)
        .is_some_and(|middle| *middle >= CHANGES)
}

/// How much more the grey changes across a side than beside it; None at the image's edge.
fn change_across(plane: Plane, side: &Place, whole: &Place) -> Option<f32> {
    let is_upright = side.height() > side.width();
    let (from, to, first, last) = if is_upright {
        (side.y0, side.y1, side.x0, side.x1)
    } else {
        (side.x0, side.x1, side.y0, side.y1)
    };
    let middle = if is_upright {
        whole.x0 + whole.x1
    } else {
        whole.y0 + whole.y1
    };
    let is_inner_after = first + last < middle;
    let (mut across, mut beside) = (0.0, 0.0);
    let step = (last - first) as i32 + 4;
    // Places across the line: inside beyond its edge, outside, and one step further each way.
    let (inner, outer) = if is_inner_after {
        (last as i32 + 1, first as i32 - 3)
    } else {
        (first as i32 - 3, last as i32 + 1)
    };
    let way = if is_inner_after { step } else { -step };
    if outer < 0 {
        return None;
    }
    let mean = |at: i32, along: i32| {
        let mut sum = 0.0;
        for a in along - 3..=along + 3 {
            for k in 0..2 {
                let (x, y) = if is_upright { (at + k, a) } else { (a, at + k) };
                sum += f32::from(plane.at(x, y));
            }
        }
        sum / 14.0
    };
    let mut count = 0.0;
    for along in (from as i32 + 6..to as i32 - 6).step_by(3) {
        let (inside, outside) = (mean(inner, along), mean(outer, along));
        across += (inside - outside).abs();
        beside += (inside - mean(inner + way, along)).abs() / 2.0;
        beside += (outside - mean(outer - way, along)).abs() / 2.0;
        count += 1.0;
    }
    (count > 2.0).then(|| (across / count + 1.0) / (beside / count + 3.0))
}
