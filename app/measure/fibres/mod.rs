//! Fibres and wires: how wide they are, how many are seen, where they run.
//!
//! Edges that face each other make strokes, strokes make strands; this is done on a few levels
//! of detail, of which the one that explains most of the field counts, so that a strand may be
//! four pixels wide or fill a third of the view. Widths are then measured in the field's own
//! pixels (`width`). What cannot be told apart is refused. Strands are taken to be brighter than
//! what is around them. Called by whatever knows, or tries, that an image shows strands.

mod level;
mod numbers;
mod strands;
mod strokes;
mod width;

use super::quantity::{Quantity, Reason, Scale};
use super::uncertainty::{median, quantile};
use super::{Field, Fitness};
use level::Level;
use strands::{Piece, Strand};

/// A strand as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Fibre {
    /// Its middle line in pixels of the field, piece by piece.
    pub middle_px: Vec<Vec<(f32, f32)>>,
    /// The course of its width along them, in pixels, for drawing: that of the search, brought to
    /// the measured median. Empty where the strand is seen in part only.
    pub course_px: Vec<Vec<f32>>,
    /// Median local width, in pixels; not a number where the strand is seen in part only.
    pub width_px: f64,
    /// Scatter of the local width along it: standard deviation in pixels.
    pub width_sd_px: f64,
    /// Places at which the width was measured.
    pub places: usize,
    /// Seen length, in pixels.
    pub length_px: f64,
    /// Direction to the x axis, in degrees from 0 up to but not including 180, y downward.
    pub angle_deg: f64,
    /// True when only one of its edges is seen.
    pub is_partly_hidden: bool,
}

/// The strands of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Fibres {
    /// The strands, widest first.
    pub fibres: Vec<Fibre>,
    /// Order of their directions, 0 to 1, weighted by length.
    pub order: f64,
    /// Their common direction to the x axis in degrees, y downward.
    pub angle_deg: f64,
    /// Share of the edges in view that belong to a strand.
    pub told_apart: f64,
    /// `width.median`, `count`, `orientation.order`, `orientation.angle` and `length.median`.
    pub quantities: Vec<Quantity>,
}

/// What one level came to.
struct Found {
    factor: usize,
    /// Strands that are darker than the rims that part them.
    is_rimmed: bool,
    strands: Vec<Strand>,
    hidden: Vec<Piece>,
    told_apart: f64,
    score: f64,
}

/// The most pixels of the finest level: thinner strands than it shows are refused anyway.
const MOST_PIXELS: usize = 3_000_000;

/// Measures the strands of a field. `seed` draws the bootstrap.
///
/// # Errors
/// The reason why strands could not be told apart.
pub fn measure(
    field: &Field<'_>,
    fitness: &Fitness,
    scale: &Scale,
    seed: u64,
) -> Result<Fibres, Reason> {
    let found = levels(field)
        .into_iter()
        .flat_map(|factor| at_level(field, factor))
        .max_by(|a, b| a.score.total_cmp(&b.score))
        .filter(|found| !found.strands.is_empty())
        .ok_or_else(|| {
            refused("no two edges in view run along each other as those of a strand do")
        })?;
    numbers::of(field, fitness, &found, scale, seed)
}

fn refused(why: &str) -> Reason {
    Reason::new(
        "Could not tell strands apart",
        why,
        "Choose a region where single strands are seen, or draw across one by hand",
    )
}

/// Factors of reduction, the finest first.
fn levels(field: &Field<'_>) -> Vec<usize> {
    let finest = ((field.width * field.height) as f64 / MOST_PIXELS as f64)
        .sqrt()
        .ceil()
        .max(1.0) as usize;
    let short = field.width.min(field.height);
    (0..5)
        .map(|step| finest << step)
        .take_while(|factor| *factor == finest || short / factor >= 60)
        .collect()
}

/// What a level shows: strands brighter than what parts them, and strands parted by bright rims.
fn at_level(field: &Field<'_>, factor: usize) -> Vec<Found> {
    let Some(level) = Level::of(field, factor) else {
        return Vec::new();
    };
    let ground = ground(&level);
    vec![on(&level, None), on(&level.inverted(), Some(ground))]
}

/// The grey below which it is as dark as the ground, or nearly.
fn ground(level: &Level) -> f32 {
    let mut all: Vec<f64> = level
        .grey
        .iter()
        .step_by(7)
        .map(|v| f64::from(*v))
        .collect();
    let (low, high) = (quantile(&mut all, 0.05), quantile(&mut all, 0.95));
    (low + 0.15 * (high - low)) as f32
}

/// Whether a piece on an inverted level is no darker than the ground: else it is the space
/// between bright strands.
fn is_body(level: &Level, piece: &Piece, ground: f32) -> bool {
    let points = piece.middle.iter();
    let mut cores: Vec<f64> = points
        .map(|(x, y)| f64::from(-level.between(*x, *y)))
        .collect();
    median(&mut cores) > f64::from(ground)
}

/// Strands of one kind on a level; on an inverted one, those brighter than the ground.
fn on(level: &Level, ground: Option<f32>) -> Found {
    let is_strand = |piece: &Piece| ground.is_none_or(|ground| is_body(level, piece, ground));
    let (width, height) = (level.width, level.height);
    let strokes = strokes::strokes(level);
    let mut pieces = strands::pieces(&strokes, false);
    pieces.retain(is_strand);
    let strands = strands::strands(pieces, width, height);
    let usual = strands::usual_width(&strands);
    let strands = strands::of_one_kind(strands, usual, 0.08 * width.min(height) as f32);
    let mut hidden = strands::hidden(&strokes, &strands, usual, (width, height));
    hidden.retain(is_strand);
    let edges = level.is_edge.iter().filter(|is| **is).count();
    let (mut explained, mut area) = (0.0, 0.0);
    for piece in strands.iter().flat_map(|strand| &strand.pieces) {
        let length = f64::from(piece.length());
        explained += 2.0 * length;
        area += length * f64::from(piece.median_width());
    }
    explained += hidden
        .iter()
        .map(|piece| f64::from(piece.length()))
        .sum::<f64>();
    let told_apart = (explained / (edges as f64).max(1.0)).min(1.0);
    let share = area / (width * height) as f64;
    // Rims, grooves and shadows run along a wide strand, but nothing wide runs along thin ones: of
    // two readings that cover as much, the wider strands are meant.
    Found {
        score: share.min(1.0)
            * told_apart.powf(0.3)
            * f64::from(usual * level.factor as f32).powf(0.4),
        factor: level.factor,
        is_rimmed: ground.is_some(),
        strands,
        hidden,
        told_apart,
    }
}
