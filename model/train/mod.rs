//! Training: the three losses jointly, to the paper's settings or `standard` ones.
//!
//! Read in this order: `settings`, `trained` (which weights), `batch` (what a step sees),
//! `step` (its losses), `run` (the loop), `checkpoint` (going on after an end).
//! The same corpus, settings and device give the same run, in one go or in several.

mod augment;
mod batch;
mod checkpoint;
mod corpus;
mod optimiser;
mod run;
#[cfg(test)]
mod scarcity;
mod settings;
mod speed;
mod step;
mod trained;

pub use checkpoint::Checkpoint;
pub use corpus::{Corpus, Folder, Item};
pub use run::Keep;
pub use settings::{Learned, Schedule, Settings, Trained};
pub use speed::{StepSizes, time_steps};
pub use step::Losses;

use crate::config::Config;
use crate::error::Result;
use crate::folder::Model;
use crate::preprocess::Preprocessor;
use crate::tokenizer::Tokenizer;
use candle_core::Device;
use corpus::number;
use run::Run;

/// A sign of life of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A step is done.
    Step {
        /// Of how many in this epoch.
        of: usize,
        /// Counted from 1.
        step: usize,
        /// Counted from 1.
        epoch: usize,
        /// itc, itm and lm of this batch.
        losses: [f32; 3],
        /// The learning rate it was taken with.
        learning_rate: f64,
        /// Images it was computed from.
        images: usize,
        /// Seconds trained, in all runs that this one goes on from.
        seconds: f64,
    },
    /// An epoch is done and measured.
    Epoch(EpochReport),
    /// The device had not memory enough: from here on a step is computed in so many parts, and
    /// still moves the weights once, by all of its images.
    Halved {
        /// Parts of a step.
        parts: usize,
        /// Images of a part at most.
        images: usize,
    },
}

/// What one epoch came to.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochReport {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean itc, itm and lm of the training batches.
    pub train: [f32; 3],
    /// itc, itm and lm, means over all validation images.
    pub validation: [f32; 3],
    /// The learning rate of its last step.
    pub learning_rate: f64,
    /// Whether it is the best so far.
    pub best: bool,
    /// Seconds trained.
    pub seconds: f64,
}

/// Where a run begins.
pub enum Start {
    /// From nothing: vocabulary and weights are new.
    Nothing,
    /// From a trained model.
    Model(Box<Model>),
    /// From where an earlier run of the same data and settings was left.
    Checkpoint(Box<Checkpoint>),
}

/// Trains a network. `on_report` returns whether to go on; a stopped run still gives the best
/// epoch so far, or the weights as they stand. With `keep`, what the run depends on is written
/// as it goes, and when it is stopped.
pub fn train(
    corpus: &Corpus,
    settings: &Settings,
    start: Start,
    keep: Option<&Keep>,
    device: &Device,
    on_report: &mut dyn FnMut(&Report) -> bool,
) -> Result<Model> {
    corpus.check()?;
    let hash = corpus.hash();
    let (config, tokenizer, preprocessor) = match &start {
        Start::Nothing => {
            let tokenizer =
                Tokenizer::train(&corpus.texts(), &corpus.reserved, settings.vocabulary)?;
            let captions = corpus.captions.clone();
            let config = Config {
                without: settings.without.clone(),
                ..Config::of(settings.preset, tokenizer.vocab_size(), captions)
            };
            let preprocessor = Preprocessor::of(&config);
            (config, tokenizer, preprocessor)
        }
        Start::Model(model) => (
            model.config.clone(),
            model.tokenizer.clone(),
            model.preprocessor.clone(),
        ),
        Start::Checkpoint(left) => {
            left.fits(settings, &hash)?;
            (
                left.config.clone(),
                left.tokenizer.clone(),
                left.preprocessor.clone(),
            )
        }
    };
    let (items, tokens) = number(corpus, &tokenizer, config.max_tokens)?;
    let data = run::Data {
        train: items.iter().map(|parts| parts[0].as_slice()).collect(),
        validation: items.iter().map(|parts| parts[1].as_slice()).collect(),
        tokens: &tokens,
        hash,
    };
    let model = Model {
        config,
        tokenizer,
        preprocessor,
        weights: Default::default(),
    };
    let mut run = Run::new(settings, &model, &data, &start, keep, device)?;
    let weights = run.epochs(on_report)?;
    Ok(Model { weights, ..model })
}

#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;
