//! Baselines: what an evaluation's reader compares a network with, for ten categories.
//!
//! The commonest class, nearest neighbours and a linear probe, on any features or on statistics
//! of the greys. They know neither files nor engines, draw nothing at random and give the same
//! figures on any number of threads. Called by `evaluate`'s runs in `worker`.

mod appearance;
mod averaging;
mod descent;
mod greys;
mod majority;
mod neighbours;
mod pattern;
mod probe;
mod standard;

pub use appearance::{APPEARANCE, appearance};
pub use majority::Majority;
pub use neighbours::{NEIGHBOURS, Neighbours, REMAINDER, nearest};
pub use probe::Probe;
pub use standard::Standard;

/// Classes there are; a training row of any other class is left out.
pub const CLASSES: usize = 10;

/// What is said without any training row.
const UNIFORM: [f64; CLASSES] = [1.0 / CLASSES as f64; CLASSES];

/// A feature of a row; 0 where the row is too short for it.
fn feature(row: &[f64], column: usize) -> f64 {
    row.get(column).copied().unwrap_or(0.0)
}

/// Columns of the longest row.
fn width<'a>(rows: impl Iterator<Item = &'a [f64]>) -> usize {
    rows.map(<[f64]>::len).max().unwrap_or(0)
}

/// The training rows that have a class, each with it.
fn examples<'a>(
    rows: &'a [Vec<f64>],
    classes: &'a [usize],
) -> impl Iterator<Item = (&'a [f64], usize)> {
    let rows = rows.iter().map(Vec::as_slice);
    rows.zip(classes.iter().copied())
        .filter(|(_, class)| *class < CLASSES)
}
