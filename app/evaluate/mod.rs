//! Scores: how close an answer is to its reference, how often the material is right.
//!
//! Texts and probabilities in, figures out; `validation` also asks an engine. It reads no
//! files. Called by `command` and by the trainer's reports.

mod accuracy;
pub mod text;
mod validation;

pub use accuracy::{Accuracy, CategoryScore};
pub use text::{Rouge, mean_rouge_l, rouge_l};
pub use validation::{Reference, Validation, validate};
