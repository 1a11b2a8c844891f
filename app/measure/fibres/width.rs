//! The local width of a strand, in the field's own pixels.
//!
//! Across the strand, at places along its middle line, a profile is averaged over a short way
//! along it and never smoothed across; its two outer 50 % edges are the width. Called by
//! `fibres`.

use super::super::Field;
use super::super::profile::{Edge, falling_edge, rising_edge};
use super::strands::Piece;

/// Places along a piece at which the width is measured, at most.
const PLACES: usize = 48;

/// A width at one place.
#[derive(Clone, Copy, Debug)]
pub struct Local {
    /// The width in pixels of the field.
    pub width_px: f64,
    /// Standard uncertainty of its two edges, in pixels, from noise and slope.
    pub edges_px: f64,
    /// Mean width of its two edges, 10 to 90 %, in pixels.
    pub edge_width_px: f64,
    /// How far the width may be off by the rule that places edges, in pixels: a limit.
    pub rule_px: f64,
}

/// What is known of the greys of a field.
#[derive(Clone, Copy)]
pub struct Greys {
    /// Standard deviation of their noise.
    pub noise: f64,
    /// The brightest, if what is brighter is clipped there.
    pub clipped_at: Option<f64>,
}

/// Measures the width along a piece that was found on a level of that factor. Of a rimmed
/// strand the piece is what lies between the rims.
pub fn along(
    field: &Field<'_>,
    piece: &Piece,
    factor: usize,
    is_rimmed: bool,
    greys: Greys,
) -> Vec<Local> {
    let step = piece.middle.len().div_ceil(PLACES).max(1);
    (0..piece.middle.len())
        .step_by(step)
        .filter_map(|at| {
            let middle = to_field(piece.middle[at], factor);
            let along = (f64::from(piece.along[at].0), f64::from(piece.along[at].1));
            let expected = f64::from(piece.width[at]) * factor as f64;
            let across = Across {
                middle,
                along,
                expected,
                is_rimmed,
                greys,
            };
            local(field, &across)
        })
        .collect()
}

/// A place on a level in pixels of the field, whose centres are at whole numbers.
pub fn to_field((x, y): (f32, f32), factor: usize) -> (f64, f64) {
    let half = 0.5 * (factor as f64 - 1.0);
    let factor = factor as f64;
    (f64::from(x) * factor + half, f64::from(y) * factor + half)
}

/// Where a strand is crossed.
struct Across {
    middle: (f64, f64),
    along: (f64, f64),
    expected: f64,
    is_rimmed: bool,
    greys: Greys,
}

impl Across {
    /// The profile across, averaged over `run` pixels to either side along the strand.
    fn profile(&self, field: &Field<'_>, half: isize, run: isize) -> Option<Vec<f64>> {
        let ((x, y), (dx, dy)) = (self.middle, self.along);
        let mut profile = Vec::with_capacity(2 * half as usize + 1);
        for side in -half..=half {
            let (mut sum, mut count) = (0.0, 0.0);
            for ahead in -run..=run {
                let px = x - side as f64 * dy + ahead as f64 * dx;
                let py = y + side as f64 * dx + ahead as f64 * dy;
                if field.is_specimen(px.round() as isize, py.round() as isize) {
                    sum += f64::from(field.between(px as f32, py as f32));
                    count += 1.0;
                }
            }
            if count < 1.0 {
                return None;
            }
            profile.push(sum / count);
        }
        Some(profile)
    }
}

fn local(field: &Field<'_>, across: &Across) -> Option<Local> {
    let expected = across.expected;
    let beside = (0.3 * expected).max(4.0);
    let half = (0.5 * expected + beside).ceil() as isize;
    let run = (0.12 * expected).clamp(2.0, 10.0) as isize;
    let profile = across.profile(field, half, run)?;
    let middle = half as f64;
    let inward = (0.25 * expected).max(2.5);
    let (mut near_low, mut near_high) = (middle - 0.5 * expected, middle + 0.5 * expected);
    if across.is_rimmed {
        near_low = crest(&profile, near_low - 0.5 * beside, near_low + inward);
        near_high = crest(&profile, near_high - inward, near_high + 0.5 * beside);
    }
    let low = rising_edge(&profile, near_low, beside, inward)?;
    let high = falling_edge(&profile, near_high, inward, beside)?;
    let width_px = high.at - low.at;
    let averaged = across.greys.noise / ((2 * run + 1) as f64).sqrt();
    let uncertainty = |edge: &Edge| edge.uncertainty(averaged);
    (width_px > 0.6 * expected && width_px < 1.6 * expected).then(|| Local {
        width_px,
        edges_px: uncertainty(&low).hypot(uncertainty(&high)),
        edge_width_px: 0.5 * (low.width + high.width),
        rule_px: low.rule(across.greys.clipped_at) + high.rule(across.greys.clipped_at),
    })
}

/// The highest sample of a part of a profile.
fn crest(profile: &[f64], from: f64, to: f64) -> f64 {
    let last = profile.len() - 1;
    let (from, to) = (from.max(0.0) as usize, (to.max(0.0) as usize).min(last));
    let part = (from..=to).max_by(|&a, &b| profile[a].total_cmp(&profile[b]));
    part.unwrap_or(from) as f64
}
