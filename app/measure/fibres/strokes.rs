//! Strokes: straight ways across a strand, from one edge to the opposite one.
//!
//! From every pixel of an edge a ray goes toward the bright side. It ends where the strand ends:
//! at an edge that faces the first one and behind which it is as dark as before the first, or
//! where another strand begins at once (a valley). The inner side of a bright rim is no end. A
//! ray that meets the frame, or a brighter strand that lies over this one, gives an open stroke.
//! Called by `fibres`.

use rayon::prelude::*;

use super::level::Level;

/// A way across a strand, in pixels of the level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Where it starts.
    pub from: (f32, f32),
    /// Its direction, unit length.
    pub toward: (f32, f32),
    /// Its length; of an open stroke, how far the strand is seen at least.
    pub width: f32,
    /// True when the far edge was not seen.
    pub is_open: bool,
}

impl Stroke {
    /// The middle of a stroke.
    pub fn middle(&self) -> (f32, f32) {
        let half = 0.5 * self.width;
        (
            self.from.0 + half * self.toward.0,
            self.from.1 + half * self.toward.1,
        )
    }
}

/// Share of the rise at the near edge below which it is dark again.
const DARK: f32 = 0.4;

/// Least agreement of facing edges: the cosine of 35 degrees.
const FACING: f32 = 0.82;

/// All strokes of a level, in the order of their pixels.
pub fn strokes(level: &Level) -> Vec<Stroke> {
    let most = 0.75 * level.width.min(level.height) as f32;
    (0..level.is_edge.len())
        .into_par_iter()
        .filter(|&place| level.is_edge[place])
        .filter_map(|place| stroke(level, place, most))
        .collect()
}

fn stroke(level: &Level, place: usize, most: f32) -> Option<Stroke> {
    let from = ((place % level.width) as f32, (place / level.width) as f32);
    let toward = level.toward_bright(place);
    let at = |way: f32| (from.0 + way * toward.0, from.1 + way * toward.1);
    let grey = |way: f32| {
        let (x, y) = at(way);
        level.between(x, y)
    };
    // Behind the near edge, beyond the smoothing.
    let outside = (2..=5)
        .map(|step| grey(-(step as f32)))
        .fold(f32::MAX, f32::min);
    let mut crest = grey(0.0).max(grey(1.0)).max(grey(2.0));
    let mut way = 2.0f32;
    let mut seen = None;
    while way < most {
        let (x, y) = at(way);
        let Some(here) = level.place(x, y) else {
            seen = Some(way);
            break;
        };
        if way < 8.0 {
            crest = crest.max(grey(way));
        }
        let dark = outside + DARK * (crest - outside);
        if let Some((ahead, facing)) = edge_near(level, here, toward) {
            let behind = (2..=4)
                .map(|step| grey(way + step as f32))
                .fold(f32::MAX, f32::min);
            if facing < -FACING {
                let is_valley = is_valley(level, &at, way, toward);
                if behind < dark || is_valley {
                    return closed(from, toward, way + ahead);
                }
            } else if facing > FACING && way > 4.0 && is_step_up(&grey, way, crest, outside) {
                seen = Some(way);
                break;
            }
        } else if grey(way) < outside + 0.25 * (crest - outside) && way > 3.0 {
            // It became dark without an edge: the strand fades out.
            seen = Some(way);
            break;
        }
        way += 0.7;
    }
    let width = seen?;
    (width > 4.0).then_some(Stroke {
        from,
        toward,
        width,
        is_open: true,
    })
}

fn closed(from: (f32, f32), toward: (f32, f32), width: f32) -> Option<Stroke> {
    (width > 2.0).then_some(Stroke {
        from,
        toward,
        width,
        is_open: false,
    })
}

/// The edge pixel at a place or beside it: how far ahead it is and how much it looks along the
/// ray, -1 for facing it.
fn edge_near(level: &Level, here: usize, toward: (f32, f32)) -> Option<(f32, f32)> {
    let (x, y) = ((here % level.width) as isize, (here / level.width) as isize);
    let mut best: Option<(f32, f32)> = None;
    for (dx, dy) in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)] {
        let (nx, ny) = (x + dx, y + dy);
        if nx < 0 || ny < 0 || nx >= level.width as isize || ny >= level.height as isize {
            continue;
        }
        let near = ny as usize * level.width + nx as usize;
        if level.is_edge[near] {
            let (gx, gy) = level.toward_bright(near);
            let ahead = dx as f32 * toward.0 + dy as f32 * toward.1;
            let facing = gx * toward.0 + gy * toward.1;
            if best.is_none_or(|(_, other)| facing.abs() > other.abs()) {
                best = Some((ahead, facing));
            }
        }
    }
    best
}

/// Whether another strand begins soon behind a facing edge: an edge of like direction, nearer
/// than a third of the way so far.
fn is_valley(level: &Level, at: &dyn Fn(f32) -> (f32, f32), way: f32, toward: (f32, f32)) -> bool {
    let most = way + (0.35 * way).max(4.0);
    let mut ahead = way + 2.0;
    while ahead < most {
        let (x, y) = at(ahead);
        let Some(here) = level.place(x, y) else {
            return false;
        };
        if edge_near(level, here, toward).is_some_and(|(_, facing)| facing > 0.7) {
            return true;
        }
        ahead += 0.7;
    }
    false
}

/// Whether the grey rises here for good: a brighter strand begins, and no rim.
fn is_step_up(grey: &dyn Fn(f32) -> f32, way: f32, crest: f32, outside: f32) -> bool {
    let before = grey(way - 4.0);
    let after = (3..=10)
        .map(|step| grey(way + step as f32))
        .fold(f32::MAX, f32::min);
    after - before > 0.35 * (crest - outside)
}
