//! Lines and spaces: linewidth, space, pitch and the roughness of edges and widths.
//!
//! Rows (or columns, whichever cross the lines) are used as they are, so nothing is smoothed
//! along an edge. An edge is at 50 % between background and rim crest (`profile`); its levels
//! come from an average along the line, its position from every single row. `find` looks for
//! the lines, `trace` follows their edges, `numbers` makes quantities of them. What cannot be
//! told is refused with a reason. Called by whatever knows, or tries, that an image shows lines.

mod find;
mod numbers;
mod trace;

use super::quantity::{Quantity, Reason, Scale};
use super::{Field, Fitness};

/// One edge of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Position across the lines for every row of [`Line::rows`], in pixels; not a number where
    /// the edge was not found.
    pub at_px: Vec<f64>,
    /// Edge width from 10 to 90 %, in pixels.
    pub edge_width_px: f64,
    /// Standard uncertainty of a single position from noise and slope, in pixels.
    pub uncertainty_px: f64,
    /// How far all of it may be off by the rule that places an edge, in pixels: a limit.
    pub rule_px: f64,
}

/// A line between two edges.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its rows (columns if the lines run along x), from and up to but not including.
    pub rows: std::ops::Range<usize>,
    /// The edge at the smaller position.
    pub low: Trace,
    /// The edge at the larger position.
    pub high: Trace,
    /// Mean width, normal to the line, in pixels.
    pub width_px: f64,
    /// Position of its middle on the middle row of the field, in pixels.
    pub middle_px: f64,
}

/// Roughness: three standard deviations, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roughness {
    /// As measured, noise included.
    pub biased_px: f64,
    /// Without the noise of single positions; none if there is no flat noise floor to take off
    /// or if it is too large a part.
    pub unbiased_px: Option<f64>,
    /// Correlation length, in pixels.
    pub correlation_px: f64,
    /// Length of the edges it was measured on, each, in pixels.
    pub length_px: f64,
    /// Standard uncertainty because the edges are no longer than they are, in pixels.
    pub sampling_px: f64,
    /// About what the blur along the edges hides of it, in pixels.
    pub hidden_px: f64,
}

/// The lines of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// True when the lines run along x and columns cross them.
    pub is_along_x: bool,
    /// Their angle to the axis they run along, in degrees.
    pub angle_deg: f64,
    /// The lines that were traced, in order.
    pub lines: Vec<Line>,
    /// Roughness of the width, if it can be said.
    pub lwr: Result<Roughness, Reason>,
    /// Roughness of single edges, if it can be said.
    pub ler: Result<Roughness, Reason>,
    /// Pitch in pixels, and over how many periods, by like edges; for two lines or more.
    pub pitch_px: Option<(f64, usize)>,
    /// `linewidth`, `gap.median`, `pitch`, `lwr` and `count`.
    pub quantities: Vec<Quantity>,
}

/// Measures the lines of a field that is so fit. `seed` draws the bootstrap.
///
/// # Errors
/// The reason why no lines could be told: no common direction, too little contrast, lines and
/// spaces that look alike, or edges that are lost in noise.
pub fn measure(
    field: &Field<'_>,
    fitness: &Fitness,
    scale: &Scale,
    seed: u64,
) -> Result<Lines, Reason> {
    let across = find::Across::of(field, fitness)?;
    let places = find::lines(&across)?;
    let lines = trace::lines(&across, &places)?;
    Ok(numbers::of(&across, lines, scale, seed))
}

/// A refusal of all that is said of lines.
fn refused(why: &str, help: &str) -> Reason {
    Reason::new("No linewidth", why, help)
}
