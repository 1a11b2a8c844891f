//! Frames around an image and gutters between the panels of a composite figure: bands of white
//! or black that run straight through.
//!
//! A dark background is as black as a frame, but it does not end along a straight line. Called
//! by `mod`.

use super::place::Place;
use super::{OverlayKind, Rect};
use crate::micrograph::scale_bar::{Plane, median};

/// Paper is at least this bright or at most this dark.
const WHITE: u8 = 242;
const BLACK: u8 = 10;
/// How far a pixel of a band may be from its paper, and the part of a row that must be near.
const EVEN: i32 = 12;
const FILLED: f32 = 0.975;
/// The part of a band's edge at which the grey must change, and by how much; the other edge may
/// have less where a panel is as bright as the paper.
const EDGE: f32 = 0.6;
const LESSER_EDGE: f32 = 0.3;
const CHANGE: i32 = 18;
/// The widest gutter as a part of the side it divides, and the smallest panel.
const WIDEST: f32 = 0.1;
const SMALLEST_PANEL: f32 = 0.12;
/// How deep panels may be divided.
const DEEPEST: u32 = 6;

/// Frames and gutters, the outer ones first.
pub fn bands(plane: Plane, banner: Option<Rect>) -> Vec<(OverlayKind, Place)> {
    let mut found = Vec::new();
    for part in around(plane, banner) {
        divide(plane, part, 0, &mut |kind, place| found.push((kind, place)));
    }
    found
}

/// The panels that gutters leave of an image of `size`, row by row; one where there are none.
pub fn panels(overlays: &[super::Overlay], size: [u32; 2]) -> Vec<Rect> {
    let mut panels = vec![Place::from([0, 0, size[0], size[1]])];
    for overlay in overlays {
        let band = Place::from(overlay.rect);
        if !matches!(overlay.kind, OverlayKind::Gutter | OverlayKind::Frame) {
            continue;
        }
        panels = panels
            .into_iter()
            .flat_map(|panel| without(panel, band))
            .collect();
    }
    panels.sort_by_key(|panel| (panel.y0, panel.x0));
    panels.iter().map(Place::rect).collect()
}

/// What a band that runs through a panel leaves of it.
fn without(panel: Place, band: Place) -> Vec<Place> {
    let is_across = band.x0 <= panel.x0 && band.x1 >= panel.x1;
    let is_down = band.y0 <= panel.y0 && band.y1 >= panel.y1;
    if panel.share_of(&band) == 0.0 || !(is_across || is_down) {
        return vec![panel];
    }
    let (mut first, mut second) = (panel, panel);
    if is_across {
        (first.y1, second.y0) = (band.y0.max(panel.y0), band.y1.min(panel.y1));
    } else {
        (first.x1, second.x0) = (band.x0.max(panel.x0), band.x1.min(panel.x1));
    }
    [first, second]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect()
}

/// The parts of a plane over and under the banner.
fn around(plane: Plane, banner: Option<Rect>) -> Vec<Place> {
    let whole = Place {
        x0: 0,
        y0: 0,
        x1: plane.width(),
        y1: plane.height(),
    };
    match banner.map(Place::from) {
        Some(banner) if banner.width() * 10 >= plane.width() * 9 => without(whole, banner),
        _ => vec![whole],
    }
}

/// Takes the bands out of a part of the image and goes on with what is left.
fn divide(plane: Plane, part: Place, depth: u32, each: &mut impl FnMut(OverlayKind, Place)) {
    if depth > DEEPEST || part.width() < 24 || part.height() < 24 {
        return;
    }
    for is_upright in [false, true] {
        let lines = Lines { plane, is_upright };
        let found = lines.bands(part);
        if found.is_empty() {
            continue;
        }
        let (first, last) = lines.sides(part);
        let mut start = first;
        for (from, to) in found {
            let is_edge = from == first || to == last;
            let kind = if is_edge && depth == 0 {
                OverlayKind::Frame
            } else {
                OverlayKind::Gutter
            };
            each(kind, lines.cut(part, from, to));
            if from > start {
                divide(plane, lines.cut(part, start, from), depth + 1, each);
            }
            start = to;
        }
        if last > start {
            divide(plane, lines.cut(part, start, last), depth + 1, each);
        }
        return;
    }
}

/// The rows of a plane, or its columns.
#[derive(Clone, Copy)]
struct Lines<'a> {
    plane: Plane<'a>,
    is_upright: bool,
}

impl Lines<'_> {
    fn at(&self, line: usize, along: usize) -> u8 {
        let (x, y) = if self.is_upright {
            (line, along)
        } else {
            (along, line)
        };
        self.plane.at(x as i32, y as i32)
    }

    /// The first line of a part and the one beyond its last.
    fn sides(&self, part: Place) -> (usize, usize) {
        if self.is_upright {
            (part.x0, part.x1)
        } else {
            (part.y0, part.y1)
        }
    }

    fn cut(&self, part: Place, from: usize, to: usize) -> Place {
        let mut cut = part;
        if self.is_upright {
            (cut.x0, cut.x1) = (from, to);
        } else {
            (cut.y0, cut.y1) = (from, to);
        }
        cut
    }

    /// The paper of a line, if it is paper from end to end.
    fn paper(&self, part: Place, line: usize) -> Option<u8> {
        let (from, to) = self.along(part);
        let step = ((to - from) / 400).max(1);
        let paper = median((from..to).step_by(step).map(|along| self.at(line, along)))?;
        if (BLACK + 1..WHITE).contains(&paper) {
            return None;
        }
        let near = (from..to)
            .filter(|along| (i32::from(self.at(line, *along)) - i32::from(paper)).abs() <= EVEN)
            .count();
        (near as f32 >= FILLED * (to - from) as f32).then_some(paper)
    }

    fn along(&self, part: Place) -> (usize, usize) {
        if self.is_upright {
            (part.y0, part.y1)
        } else {
            (part.x0, part.x1)
        }
    }

    /// The bands of a part: first and last line of each.
    fn bands(&self, part: Place) -> Vec<(usize, usize)> {
        let (first, last) = self.sides(part);
        let side = last - first;
        let mut found = Vec::new();
        let mut line = first;
        while line < last {
            let Some(paper) = self.paper(part, line) else {
                line += 1;
                continue;
            };
            let start = line;
            while line < last
                && self
                    .paper(part, line)
                    .is_some_and(|p| p.abs_diff(paper) < 8)
            {
                line += 1;
            }
            let is_edge = start == first || line == last;
            let is_thin = (line - start) as f32 <= WIDEST * side as f32;
            let leaves_panels = is_edge
                || ((start - first) as f32 >= SMALLEST_PANEL * side as f32
                    && (last - line) as f32 >= SMALLEST_PANEL * side as f32);
            let edges = [start.checked_sub(2), line.checked_add(1)]
                .into_iter()
                .flatten()
                .filter(|beyond| (first..last).contains(beyond))
                .map(|beyond| self.changing(part, beyond, paper));
            let (least, most) = edges.fold((1.0_f32, 0.0_f32), |(least, most), edge| {
                (least.min(edge), most.max(edge))
            });
            let is_whole = start == first && line == last;
            if !is_whole
                && (is_thin || is_edge && line - start <= side / 3)
                && leaves_panels
                && least >= LESSER_EDGE
                && most >= EDGE
            {
                found.push((start, line));
            }
        }
        found
    }

    /// The part of a line that is another grey than the paper beside it.
    fn changing(&self, part: Place, line: usize, paper: u8) -> f32 {
        let (from, to) = self.along(part);
        let other = (from..to)
            .filter(|along| (i32::from(self.at(line, *along)) - i32::from(paper)).abs() >= CHANGE)
            .count();
        other as f32 / (to - from).max(1) as f32
    }
}
