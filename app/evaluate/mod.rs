//! Scores: how close an answer is to its reference, how often the material is right, what of it
//! is chance, and the pages that say so.
//!
//! Texts and probabilities in, figures and pages out; `validation` also asks an engine. It reads
//! and writes no files. Read in this order: `record` (what an evaluation wrote down), `figures`
//! (what it comes to), `pages` (what a reader is told), `print` (how a page becomes HTML or
//! Markdown). Called by `worker` and `command`.

mod accuracy;
pub mod baselines;
pub mod compare;
pub mod difference;
pub mod figures;
pub mod judged;
pub mod numbers;
pub mod page;
pub mod pages;
pub mod paper;
pub mod print;
pub mod record;
pub mod resample;
pub mod text;
pub mod texts;
mod validation;

pub use accuracy::{Accuracy, CategoryScore, Tally};
pub use text::{Rouge, mean_rouge_l, rouge_l};
pub use validation::{Reference, Validation, validate};
