//! Training: the three losses jointly, Adam, halving on a plateau, early stopping.
//!
//! The paper's setting: learning rate 1e-3, batch 48, at most 50 epochs, halved after five
//! epochs without a better validation loss. The best epoch's weights are what comes out.
//! The same corpus, settings and device give the same run.

mod adam;
mod augment;
mod batch;
mod corpus;
mod step;

pub use corpus::{Corpus, Folder, Item};
pub use step::Losses;

use crate::config::Config;
use crate::error::{ModelError, Result};
use crate::folder::Model;
use crate::layers::Dropout;
use crate::network::{Network, TEMPERATURE};
use crate::parameters::Parameters;
use crate::preprocess::Preprocessor;
use crate::tokenizer::Tokenizer;
use adam::Adam;
use batch::{Batch, Draw, Recipe, assemble, draw_all, draw_epoch};
use candle_core::{Device, Tensor};
use corpus::{Numbered, Tokens, number};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// How the learning rate falls during a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    /// The paper's: halved after so many epochs without a better validation loss.
    Plateau {
        /// Epochs.
        halve_after: usize,
    },
    /// Half a cosine from the start to zero at the end of the epochs or of the time,
    /// whichever comes first: for going on from a trained model.
    Cosine,
}

/// How to train.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Passes over the data at most.
    pub epochs: usize,
    /// Time at most, validation of the last epoch not counted.
    pub time: Option<Duration>,
    /// Images a step.
    pub batch: usize,
    /// Questions asked about each image in a step.
    pub questions: usize,
    /// Adam's learning rate at the start.
    pub learning_rate: f64,
    /// How the rate falls.
    pub schedule: Schedule,
    /// Share of states dropped. None by default: at width 64 the network fits its training
    /// texts no better than new ones, so that dropping states only slows it.
    pub dropout: f64,
    /// Epochs without a better validation loss before training ends.
    pub stop_after: usize,
    /// Pieces in a new vocabulary.
    pub vocabulary: usize,
    /// Seed of everything random.
    pub seed: u64,
}

impl Settings {
    /// The paper's, where it speaks.
    pub fn paper(seed: u64) -> Self {
        Self {
            epochs: 50,
            time: None,
            batch: 48,
            questions: 8,
            learning_rate: 1e-3,
            schedule: Schedule::Plateau { halve_after: 5 },
            dropout: 0.0,
            stop_after: 12,
            vocabulary: 4000,
            seed,
        }
    }
}

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
    },
    /// An epoch is done and measured.
    Epoch(EpochReport),
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
    /// The learning rate it was trained with.
    pub learning_rate: f64,
    /// Whether it is the best so far.
    pub best: bool,
    /// Seconds since the start.
    pub seconds: f64,
}

/// Trains a network, from `start` or from scratch. `on_report` returns whether to go on; a
/// stopped run still gives the best epoch so far, or the weights as they stand.
pub fn train(
    corpus: &Corpus,
    settings: &Settings,
    start: Option<Model>,
    device: &Device,
    on_report: &mut dyn FnMut(&Report) -> bool,
) -> Result<Model> {
    corpus.check()?;
    let (config, tokenizer, preprocessor, weights) = match start {
        Some(model) => (
            model.config,
            model.tokenizer,
            model.preprocessor,
            Some(model.weights),
        ),
        None => {
            let tokenizer =
                Tokenizer::train(&corpus.texts(), &corpus.reserved, settings.vocabulary)?;
            let config = Config::paper(tokenizer.vocab_size(), corpus.captions.clone());
            let preprocessor = Preprocessor::of(&config);
            (config, tokenizer, preprocessor, None)
        }
    };
    let parameters = Parameters::seeded(settings.seed);
    let network = Network::new(&config, parameters.builder(device))?;
    if let Some(weights) = weights {
        parameters.load(&weights)?;
    }
    let (items, tokens) = number(corpus, &tokenizer, config.max_tokens)?;
    let run = Run {
        settings,
        config: &config,
        preprocessor: &preprocessor,
        network: &network,
        parameters: &parameters,
        train: items.iter().map(|parts| parts[0].as_slice()).collect(),
        validation: items.iter().map(|parts| parts[1].as_slice()).collect(),
        tokens: &tokens,
        device,
    };
    let weights = run.epochs(on_report)?;
    Ok(Model {
        config,
        tokenizer,
        preprocessor,
        weights,
    })
}

/// What stays the same during a run.
struct Run<'a> {
    settings: &'a Settings,
    config: &'a Config,
    preprocessor: &'a Preprocessor,
    network: &'a Network,
    parameters: &'a Parameters,
    train: Vec<&'a [Numbered<'a>]>,
    validation: Vec<&'a [Numbered<'a>]>,
    tokens: &'a Tokens,
    device: &'a Device,
}

impl Run<'_> {
    fn epochs(
        &self,
        on_report: &mut dyn FnMut(&Report) -> bool,
    ) -> Result<HashMap<String, Tensor>> {
        let started = Instant::now();
        let dropout = Dropout::seeded(self.settings.dropout, self.settings.seed, self.device)?;
        let vars = self.parameters.all().into_values().collect();
        let mut adam = Adam::new(vars, self.settings.learning_rate, self.device)?;
        let mut best: Option<(f32, HashMap<String, Tensor>)> = None;
        let mut stagnant = 0;
        let time_done = || match self.settings.time {
            Some(time) => started.elapsed().as_secs_f64() / time.as_secs_f64().max(1e-3),
            None => 0.0,
        };
        let out_of_time = || time_done() >= 1.0;
        for epoch in 1..=self.settings.epochs {
            let Some(train) = self.epoch(epoch, &dropout, &mut adam, &time_done, on_report)? else {
                break;
            };
            let validation = self.validate()?;
            let score: f32 = validation.iter().sum();
            let is_best = best.as_ref().is_none_or(|(least, _)| score < *least);
            if is_best {
                best = Some((score, self.parameters.snapshot()?));
            }
            let report = EpochReport {
                epoch,
                train,
                validation,
                learning_rate: adam.rate,
                best: is_best,
                seconds: started.elapsed().as_secs_f64(),
            };
            let go_on = on_report(&Report::Epoch(report));
            stagnant = if is_best { 0 } else { stagnant + 1 };
            if !go_on || out_of_time() || stagnant >= self.settings.stop_after {
                break;
            }
            if let Schedule::Plateau { halve_after } = self.settings.schedule
                && stagnant > 0
                && stagnant % halve_after == 0
            {
                adam.rate /= 2.0;
            }
        }
        match best {
            Some((_, weights)) => Ok(weights),
            None => self.parameters.snapshot(),
        }
    }

    /// One pass; the mean losses, or `None` when the listener ended it.
    fn epoch(
        &self,
        epoch: usize,
        dropout: &Dropout,
        adam: &mut Adam,
        time_done: &dyn Fn() -> f64,
        on_report: &mut dyn FnMut(&Report) -> bool,
    ) -> Result<Option<[f32; 3]>> {
        let seed = self.settings.seed.wrapping_add((epoch as u64) << 32);
        let order = draw_epoch(&self.train, seed);
        let chunks = self.chunks(&order);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 1);
        let out_of_time = || time_done() >= 1.0;
        let mut sums = [0f32; 3];
        let mut steps = 0;
        let stopped = self.with_batches(&self.train, &chunks, seed, true, &mut |batch| {
            if self.settings.schedule == Schedule::Cosine {
                let epochs_done = epoch as f64 - 1.0 + steps as f64 / chunks.len() as f64;
                let done = time_done()
                    .max(epochs_done / self.settings.epochs as f64)
                    .min(1.0);
                let fall = 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
                adam.rate = self.settings.learning_rate * fall;
            }
            let losses = step::losses(
                self.network,
                self.config,
                batch,
                dropout,
                &mut rng,
                self.device,
            )?;
            let gradients = losses.sum()?.backward()?;
            adam.step(&gradients)?;
            self.clamp_temperature()?;
            let values = losses.values()?;
            steps += 1;
            if values.iter().any(|loss| !loss.is_finite()) {
                return Err(ModelError::Diverged { step: steps });
            }
            sums.iter_mut()
                .zip(values)
                .for_each(|(sum, value)| *sum += value);
            let go_on = on_report(&Report::Step {
                of: chunks.len(),
                step: steps,
                epoch,
                losses: values,
            });
            Ok(if go_on { !out_of_time() } else { false })
        })?;
        let ended_by_listener = stopped && !out_of_time();
        Ok((!ended_by_listener && steps > 0).then(|| sums.map(|sum| sum / steps as f32)))
    }

    /// The mean losses over all validation images.
    fn validate(&self) -> Result<[f32; 3]> {
        let mut sums = [0f32; 3];
        let mut images = 0f32;
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed ^ 2);
        for (folder, items) in self.validation.iter().enumerate() {
            let order = draw_all(folder, items);
            let chunks = self.chunks(&order);
            let seed = self.settings.seed;
            self.with_batches(&self.validation, &chunks, seed, false, &mut |batch| {
                let losses = step::losses(
                    self.network,
                    self.config,
                    batch,
                    &Dropout::off(),
                    &mut rng,
                    self.device,
                )?;
                let size = batch.size as f32;
                images += size;
                sums.iter_mut()
                    .zip(losses.values()?)
                    .for_each(|(sum, value)| *sum += size * value);
                Ok(true)
            })?;
        }
        Ok(sums.map(|sum| if images > 0.0 { sum / images } else { sum }))
    }

    /// An order in batches; a single image left over makes none, as there is nothing to contrast.
    fn chunks<'a>(&self, order: &'a [Draw]) -> Vec<&'a [Draw]> {
        let chunks = order.chunks(self.settings.batch);
        chunks.filter(|chunk| chunk.len() > 1).collect()
    }

    /// Hands over the batches in order while the next ones are put together in a thread.
    /// Gives whether `use_batch` ended it early.
    fn with_batches(
        &self,
        folders: &[&[Numbered]],
        chunks: &[&[Draw]],
        seed: u64,
        augment: bool,
        use_batch: &mut dyn FnMut(&Batch) -> Result<bool>,
    ) -> Result<bool> {
        let recipe = Recipe {
            questions: self.settings.questions,
            max_tokens: self.config.max_tokens,
            augment,
            epoch_seed: seed,
        };
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(3);
            scope.spawn(move || {
                for (i, chunk) in chunks.iter().enumerate() {
                    let drawn = chunk.iter().map(|draw| draw.of(folders));
                    let drawn: Vec<(&Numbered, usize)> = drawn.collect();
                    let seed = seed.wrapping_add(i as u64 + 1);
                    let batch = assemble(
                        &drawn,
                        self.tokens,
                        self.preprocessor,
                        recipe,
                        i % 2 == 0,
                        seed,
                    );
                    if send.send(batch).is_err() {
                        break;
                    }
                }
            });
            for batch in receive {
                if !use_batch(&batch?)? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    fn clamp_temperature(&self) -> Result<()> {
        if let Some(var) = self.parameters.all().get("temperature") {
            let (low, high) = TEMPERATURE;
            var.set(&var.as_detached_tensor().clamp(low, high)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
