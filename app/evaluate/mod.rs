//! Scores: how close an answer is to its reference, how often the material is right.
//!
//! Pure functions on texts and probabilities; it asks no model and reads no files. Called by
//! `command` and by the trainer's reports.

mod accuracy;
mod rouge;

pub use accuracy::{Accuracy, CategoryScore};
pub use rouge::{Rouge, mean_rouge_l, rouge_l};
