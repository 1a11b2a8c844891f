//! Follows the edges of found lines row by row.
//!
//! Levels come from rows averaged along the edge; a position comes from one row alone, smoothed
//! by one pixel across the edge and not at all along it. Called by `lines`.

use rayon::prelude::*;

use super::super::house;
use super::super::profile::{Edge, crossings, falling_edge, rising_edge, smoothed};
use super::super::quantity::Reason;
use super::super::uncertainty::mean;
use super::find::{Across, Place};
use super::{Line, Trace, refused};

/// Rows that share one pair of levels: slow changes of brightness along a line do not move it.
const BLOCK_ROWS: usize = 256;

/// Smoothing across the edge, in pixels.
const SIGMA_PX: f64 = 1.0;

/// Traces the edges of all lines; lines that are lost are left out.
pub fn lines(across: &Across<'_>, places: &[Place]) -> Result<Vec<Line>, Reason> {
    let found: Vec<Line> = places
        .par_iter()
        .filter_map(|place| line(across, place))
        .collect();
    if found.is_empty() {
        return Err(refused(
            "the edges are lost in noise",
            "Take the image with a longer dwell time",
        ));
    }
    Ok(found)
}

/// Which side of a line an edge is on.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Low,
    High,
}

/// The position of the first sample of a row's part, and its samples; none where too much of it
/// is no specimen.
type Segment = Option<(f64, Vec<f64>)>;

/// How far an edge is looked for to either side.
struct Window {
    outward: f64,
    inward: f64,
}

fn line(across: &Across<'_>, place: &Place) -> Option<Line> {
    let inward = 0.45 * (place.high - place.low);
    let low = Window {
        outward: 0.8 * place.before,
        inward,
    };
    let high = Window {
        outward: 0.8 * place.after,
        inward,
    };
    let (low_at, low_edges) = edge(across, place.low, &low, Side::Low)?;
    let (high_at, high_edges) = edge(across, place.high, &high, Side::High)?;
    let rows = extent(&low_at, &high_at, place.high - place.low)?;
    let trace = |at: Vec<f64>, edges: &[Edge]| {
        let widths: Vec<f64> = edges.iter().map(|edge| edge.width).collect();
        // A Gaussian of one pixel leaves this part of white noise.
        let noise = across.noise * (1.0 / (2.0 * SIGMA_PX * std::f64::consts::PI.sqrt())).sqrt();
        let uncertainties: Vec<f64> = edges.iter().map(|edge| edge.uncertainty(noise)).collect();
        let rules: Vec<f64> = edges
            .iter()
            .map(|edge| edge.rule(across.clipped_at))
            .collect();
        Trace {
            at_px: at[rows.clone()].to_vec(),
            edge_width_px: mean(&widths),
            uncertainty_px: mean(&uncertainties),
            rule_px: mean(&rules),
        }
    };
    let (low, high) = (trace(low_at, &low_edges), trace(high_at, &high_edges));
    let cos = 1.0 / (1.0 + across.shear * across.shear).sqrt();
    let pairs: Vec<(f64, f64)> = low
        .at_px
        .iter()
        .zip(&high.at_px)
        .enumerate()
        .filter(|(_, (a, b))| a.is_finite() && b.is_finite())
        .map(|(row, (a, b))| (b - a, 0.5 * (a + b) - across.shift(rows.start + row)))
        .collect();
    let widths: Vec<f64> = pairs.iter().map(|pair| pair.0 * cos).collect();
    let middles: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    Some(Line {
        rows,
        low,
        high,
        width_px: mean(&widths),
        middle_px: mean(&middles),
    })
}

/// The positions of an edge in every row, and its average shape in every block of rows.
fn edge(
    across: &Across<'_>,
    near: f64,
    window: &Window,
    side: Side,
) -> Option<(Vec<f64>, Vec<Edge>)> {
    let reach = (window.outward + window.inward).ceil() as usize + 2;
    let left = match side {
        Side::Low => window.outward,
        Side::High => window.inward,
    };
    let blocks = (across.height / BLOCK_ROWS).max(1);
    let mut at_px = vec![f64::NAN; across.height];
    let mut edges = Vec::new();
    let mut row_samples = Vec::new();
    for block in 0..blocks {
        let (from, to) = (
            block * across.height / blocks,
            (block + 1) * across.height / blocks,
        );
        // Segments across the edge, each beginning `left` below where the edge is expected.
        let offsets: Vec<f64> = (from..to)
            .map(|row| near + across.shift(row) - left - 1.0)
            .collect();
        let raw: Vec<Segment> = (from..to)
            .zip(&offsets)
            .map(|(row, offset)| {
                let first = offset.floor().max(0.0) as usize;
                let ok = across.row_part(row, first, reach, &mut row_samples);
                ok.then(|| (first as f64, row_samples.clone()))
            })
            .collect();
        let smooth: Vec<Segment> = raw
            .iter()
            .map(|segment| {
                let (first, samples) = segment.as_ref()?;
                Some((*first, smoothed(samples, SIGMA_PX)))
            })
            .collect();
        let Some(first) = averaged(&smooth, &offsets, reach)
            .and_then(|profile| shape(&profile, left + 1.0, window, side))
        else {
            continue;
        };
        let rough = positions(&smooth, &offsets, &first, window, side);
        // Again with every row moved to its own edge, so that roughness does not blur the levels.
        let moved: Vec<f64> = offsets
            .iter()
            .zip(calmed(&rough, &offsets, first.at))
            .map(|(offset, own)| offset + own - first.at)
            .collect();
        let shaped = |segments: &[Segment]| {
            averaged(segments, &moved, reach)
                .and_then(|profile| shape(&profile, first.at, window, side))
                .unwrap_or(first)
        };
        let (second, sharp) = (shaped(&smooth), shaped(&raw));
        let level = Edge {
            at: first.at,
            ..second
        };
        let mut found = positions(&smooth, &offsets, &level, window, side);
        // Smoothing lowers the crest and so moves the edge; the unsmoothed average says by how much.
        // It moves none by more than its own width: there the noise of a soft edge was taken for
        // a crest.
        let moved_by = second.at - sharp.at;
        let is_sharp = moved_by.abs() <= SIGMA_PX;
        if is_sharp {
            found.iter_mut().for_each(|at| *at -= moved_by);
        }
        at_px[from..to].copy_from_slice(&found);
        let width = if is_sharp { sharp.width } else { second.width };
        edges.push(Edge { width, ..second });
    }
    (!edges.is_empty()).then_some((at_px, edges))
}

/// Averages segments, each read from its own offset on.
fn averaged(segments: &[Segment], offsets: &[f64], reach: usize) -> Option<Vec<f64>> {
    let mut sums = vec![(0.0, 0.0); reach];
    for (segment, offset) in segments.iter().zip(offsets) {
        let Some((first, samples)) = segment else {
            continue;
        };
        for (step, sum) in sums.iter_mut().enumerate() {
            let at = offset + step as f64 - first;
            if at >= 0.0 && at <= (samples.len() - 1) as f64 {
                sum.0 += super::super::profile::sample(samples, at);
                sum.1 += 1.0;
            }
        }
    }
    let enough = sums.iter().map(|sum| sum.1).fold(0.0, f64::max) * 0.5;
    let mut profile: Vec<f64> = sums
        .iter()
        .map(|sum| {
            if sum.1 > enough {
                sum.0 / sum.1
            } else {
                f64::NAN
            }
        })
        .collect();
    let first = profile.iter().position(|value| value.is_finite())?;
    let fill = profile[first];
    profile[..first].fill(fill);
    let mut last = fill;
    for value in &mut profile {
        if value.is_nan() {
            *value = last;
        }
        last = *value;
    }
    Some(profile)
}

fn shape(profile: &[f64], near: f64, window: &Window, side: Side) -> Option<Edge> {
    match side {
        Side::Low => rising_edge(profile, near, window.outward, window.inward),
        Side::High => falling_edge(profile, near, window.inward, window.outward),
    }
}

/// The crossing of the level nearest to where the edge is expected, in every row.
fn positions(
    segments: &[Segment],
    offsets: &[f64],
    edge: &Edge,
    window: &Window,
    side: Side,
) -> Vec<f64> {
    let most = 0.6 * window.outward.min(window.inward).max(2.0);
    segments
        .iter()
        .zip(offsets)
        .map(|(segment, offset)| {
            let Some((first, samples)) = segment else {
                return f64::NAN;
            };
            let expected = offset + edge.at - first;
            let is_rising = side == Side::Low;
            crossings(samples, 0, samples.len(), edge.level(), is_rising)
                .min_by(|a, b| (a - expected).abs().total_cmp(&(b - expected).abs()))
                .filter(|at| (at - expected).abs() <= most)
                .map_or(f64::NAN, |at| first + at)
        })
        .collect()
}

/// Positions against their offsets as a running mean over rows; `expected` where none are known.
fn calmed(positions: &[f64], offsets: &[f64], expected: f64) -> Vec<f64> {
    const REACH: usize = 3;
    (0..positions.len())
        .map(|row| {
            let range = row.saturating_sub(REACH)..(row + REACH + 1).min(positions.len());
            let known: Vec<f64> = range
                .map(|at| positions[at] - offsets[at])
                .filter(|at| at.is_finite())
                .collect();
            if known.is_empty() {
                expected
            } else {
                mean(&known)
            }
        })
        .collect()
}

/// The longest stretch of rows in which both edges are found in nearly all rows. Where a line
/// ends within the field, half its width is left out there, as its end is rounded.
fn extent(low: &[f64], high: &[f64], width: f64) -> Option<std::ops::Range<usize>> {
    const REACH: usize = 8;
    let rows = low.len();
    let both: Vec<bool> = low
        .iter()
        .zip(high)
        .map(|(a, b)| a.is_finite() && b.is_finite() && b > a)
        .collect();
    let is_line = |row: usize| {
        let range = row.saturating_sub(REACH)..(row + REACH + 1).min(rows);
        let count = range.len() as f64;
        let found = both[range].iter().filter(|is| **is).count() as f64;
        found / count >= house::edges::ROWS_FOUND.refuse
    };
    let (mut best, mut start) = (0..0, None);
    for row in 0..=rows {
        if row < rows && is_line(row) {
            start.get_or_insert(row);
        } else if let Some(from) = start.take()
            && row - from > best.len()
        {
            best = from..row;
        }
    }
    let rounded = (0.6 * width).ceil() as usize + REACH;
    let mut from = best.start;
    let mut to = best.end;
    if from > 0 {
        from += rounded;
    }
    if to < rows {
        to = to.saturating_sub(rounded);
    }
    let found = both.get(from..to)?.iter().filter(|is| **is).count();
    let enough = to.saturating_sub(from) >= 16
        && found as f64 >= house::edges::ROWS_FOUND.refuse * (to - from) as f64;
    enough.then_some(from..to)
}
