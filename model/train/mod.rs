//! Training: the three losses jointly, to the paper's settings or `standard` ones.
//!
//! Read in this order: `settings`, `learner` (what the loop asks of a model; `blip` is the other
//! kind), `trained` (which weights), `batch` (what a step sees), `step` (its losses and their
//! gradients, on the threads of a `crew`), `run` (the loop), `checkpoint` (going on after an end).
//! The same corpus, settings and device give the same run, in one go or in several.

mod augment;
mod batch;
mod blip;
mod checkpoint;
mod corpus;
mod crew;
mod learner;
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

use crate::blip::BlipModel;
use crate::config::Config;
use crate::error::{ModelError, Result};
use crate::folder::Model;
use crate::preprocess::Preprocessor;
use crate::tokenizer::Tokenizer;
use candle_core::{Device, Tensor};
use corpus::number;
use learner::Learner;
use run::Run;
use std::collections::HashMap;

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
pub enum Start<M = Model> {
    /// From nothing: vocabulary and weights are new.
    Nothing,
    /// From a trained model.
    Model(Box<M>),
    /// From where an earlier run of the same data and settings was left.
    Checkpoint(Box<Checkpoint>),
}

/// Trains a network of ours. `on_report` returns whether to go on; a stopped run still gives the
/// best epoch so far, or the weights as they stand. With `keep`, what the run depends on is
/// written as it goes, and when it is stopped.
pub fn train(
    corpus: &Corpus,
    settings: &Settings,
    start: Start,
    keep: Option<&Keep>,
    device: &Device,
    on_report: &mut dyn FnMut(&Report) -> bool,
) -> Result<Model> {
    corpus.check()?;
    let (model, start) = match start {
        Start::Nothing => {
            let tokenizer =
                Tokenizer::train(&corpus.texts(), &corpus.reserved, settings.vocabulary)?;
            let captions = corpus.captions.clone();
            let config = Config {
                without: settings.without.clone(),
                ..Config::of(settings.preset, tokenizer.vocab_size(), captions)
            };
            let preprocessor = Preprocessor::of(&config);
            let weights = HashMap::new();
            let model = Model {
                config,
                tokenizer,
                preprocessor,
                weights,
            };
            (model, Start::Nothing)
        }
        Start::Model(mut model) => {
            let weights = std::mem::take(&mut model.weights);
            (*model, Start::Model(Box::new(weights)))
        }
        Start::Checkpoint(left) => (Model::parse(&left.files)?, Start::Checkpoint(left)),
    };
    run(model, corpus, settings, start, keep, device, on_report)
}

/// Trains a BLIP further, by the likelihood of its answers; all else as [`train`] does it.
pub fn train_blip(
    corpus: &Corpus,
    settings: &Settings,
    start: Start<BlipModel>,
    keep: Option<&Keep>,
    device: &Device,
    on_report: &mut dyn FnMut(&Report) -> bool,
) -> Result<BlipModel> {
    corpus.check()?;
    let (model, start) = match start {
        Start::Nothing => {
            let why = "a BLIP is not trained from nothing here: give one to go on from with --from";
            return Err(ModelError::Data(why.into()));
        }
        Start::Model(mut model) => {
            let weights = std::mem::take(&mut model.weights);
            (*model, Start::Model(Box::new(weights)))
        }
        Start::Checkpoint(left) => (BlipModel::parse(&left.files)?, Start::Checkpoint(left)),
    };
    if !settings.learned.lm {
        let why = "a BLIP learns from its answers alone: train without --without lm";
        return Err(ModelError::Data(why.into()));
    }
    run(model, corpus, settings, start, keep, device, on_report)
}

/// Trains a model whose weights stand in `start`.
fn run<L: Learner>(
    model: L,
    corpus: &Corpus,
    settings: &Settings,
    start: Start<HashMap<String, Tensor>>,
    keep: Option<&Keep>,
    device: &Device,
    on_report: &mut dyn FnMut(&Report) -> bool,
) -> Result<L> {
    let hash = corpus.hash();
    if let Start::Checkpoint(left) = &start {
        left.fits(settings, &hash)?;
    }
    let (items, tokens) = number(corpus, model.tokenizer(), model.most_tokens())?;
    let data = run::Data {
        train: items.iter().map(|parts| parts[0].as_slice()).collect(),
        validation: items.iter().map(|parts| parts[1].as_slice()).collect(),
        tokens: &tokens,
        hash,
    };
    let mut run = Run::new(settings, &model, &data, &start, keep, device)?;
    let weights = run.epochs(on_report)?;
    drop(run);
    Ok(model.with_weights(weights))
}

#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;
