//! The loop: epochs of steps, validation, the learning rate, early stopping, checkpoints.
//!
//! Everything random is drawn from the seed, the epoch and the step, never from what went
//! before, so that a run left at any step goes on as if it had not been. Called by [`super::train`].

use super::batch::{Batch, Draw, Recipe, assemble, draw_all, draw_epoch};
use super::checkpoint::{Checkpoint, Place};
use super::corpus::{Numbered, Tokens};
use super::crew::Crew;
use super::learner::Learner;
use super::optimiser::Optimiser;
use super::settings::{Schedule, Settings};
use super::step::How;
use super::trained::Weights;
use super::{EpochReport, Report, Start};
use crate::error::{ModelError, Result};
use crate::files::ModelFiles;
use crate::layers::Dropout;
use crate::network::TEMPERATURE;
use candle_core::{Device, Tensor};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// Where and how often a run is written down.
#[derive(Clone, Debug)]
pub struct Keep {
    /// The folder of the checkpoint.
    pub folder: PathBuf,
    /// Time between two.
    pub every: Duration,
}

/// What a run learns from.
pub(super) struct Data<'a> {
    pub train: Vec<&'a [Numbered<'a>]>,
    pub validation: Vec<&'a [Numbered<'a>]>,
    pub tokens: &'a Tokens,
    /// Hash of the corpus.
    pub hash: String,
}

/// A run at work.
pub(super) struct Run<'a, L: Learner> {
    settings: &'a Settings,
    /// Without its weights.
    model: &'a L,
    /// Its files, for checkpoints.
    files: ModelFiles<'static>,
    data: &'a Data<'a>,
    weights: Weights<L::Blueprint>,
    optimiser: Optimiser,
    dropout: Dropout,
    crew: Crew,
    /// What is trained as it was after the best epoch.
    best: Option<BTreeMap<String, Tensor>>,
    place: Place,
    keep: Option<&'a Keep>,
    device: &'a Device,
    /// When this process began, less what earlier ones trained.
    began: Instant,
    earlier: f64,
    kept: Instant,
}

/// How a pass over the steps of an epoch ended.
enum Pass {
    Whole,
    OutOfTime,
    Stopped,
}

impl<'a, L: Learner> Run<'a, L> {
    pub fn new(
        settings: &'a Settings,
        model: &'a L,
        data: &'a Data<'a>,
        start: &Start<HashMap<String, Tensor>>,
        keep: Option<&'a Keep>,
        device: &'a Device,
    ) -> Result<Self> {
        let left: HashMap<String, Tensor>;
        let initial = match start {
            Start::Nothing => None,
            Start::Model(weights) => Some(&**weights),
            Start::Checkpoint(checkpoint) => {
                left = checkpoint.network();
                Some(&left)
            }
        };
        let seed = settings.seed;
        let weights = Weights::new(model.blueprint(), settings, initial, device)?;
        let moved = weights.moved();
        let optimiser = Optimiser::new(moved, settings.decay, settings.clip, device)?;
        let mut run = Self {
            settings,
            model,
            files: model.files()?,
            data,
            weights,
            optimiser,
            dropout: Dropout::seeded(settings.dropout, seed, device)?,
            crew: Crew::for_device(device)?,
            best: None,
            place: Place {
                epoch: 1,
                parts: settings.parts.max(1),
                ..Place::default()
            },
            keep,
            device,
            began: Instant::now(),
            earlier: 0.0,
            kept: Instant::now(),
        };
        if let Start::Checkpoint(left) = start {
            run.go_on_from(left)?;
        }
        Ok(run)
    }

    fn go_on_from(&mut self, left: &Checkpoint) -> Result<()> {
        self.weights.set(&left.now)?;
        let [mean, square] = &left.moments;
        let values: usize = self
            .weights
            .moved()
            .values()
            .map(|var| var.elem_count())
            .sum();
        if mean.dims() != [values] || square.dims() != [values] {
            return Err(ModelError::Checkpoint(
                "the optimiser is of another network".into(),
            ));
        }
        self.optimiser.restore(mean, square, left.place.steps)?;
        self.best = (!left.best.is_empty()).then(|| left.best.clone());
        self.place = left.place.clone();
        self.earlier = left.place.seconds;
        Ok(())
    }

    /// Trains to the end; the weights of the best epoch.
    pub fn epochs(
        &mut self,
        on_report: &mut dyn FnMut(&Report) -> bool,
    ) -> Result<HashMap<String, Tensor>> {
        while self.place.epoch <= self.settings.epochs && !self.is_stagnant() {
            match self.steps_with_room(on_report)? {
                Pass::Stopped => break,
                Pass::OutOfTime | Pass::Whole => {}
            }
            let go_on = self.end_epoch(on_report)?;
            self.keep_if_due()?;
            if !go_on || self.time_done() >= 1.0 {
                break;
            }
        }
        self.keep_now()?;
        if let Some(best) = self.best.take() {
            self.weights.set(&best)?;
        }
        self.weights.merged()
    }

    fn is_stagnant(&self) -> bool {
        self.place.stagnant >= self.settings.stop_after
    }

    /// Measures the epoch that is over and moves on to the next; whether to go on.
    fn end_epoch(&mut self, on_report: &mut dyn FnMut(&Report) -> bool) -> Result<bool> {
        let steps = self.place.step.max(1) as f32;
        let measured = loop {
            match self.validate() {
                // The epoch's own report asks whether to go on.
                Err(why) if self.can_halve(&why) => self.halve(on_report),
                measured => break measured?,
            };
        };
        let validation = measured.unwrap_or_default();
        let score: Option<f32> = measured.map(|losses| losses.iter().sum());
        // With nothing to measure on, the newest epoch is the best.
        let best = match (score, self.place.least) {
            (Some(score), Some(least)) => score < least,
            _ => true,
        };
        if best {
            self.place.least = score;
            self.best = Some(self.weights.trained()?);
        }
        let report = EpochReport {
            epoch: self.place.epoch,
            train: self.place.sums.map(|sum| sum / steps),
            validation,
            learning_rate: self.rate(self.place.step),
            best,
            seconds: self.seconds(),
        };
        self.place.stagnant = if best { 0 } else { self.place.stagnant + 1 };
        if let Schedule::Plateau { halve_after } = self.settings.schedule
            && self.place.stagnant > 0
            && self.place.stagnant.is_multiple_of(halve_after)
        {
            self.place.halvings += 1;
        }
        self.place.epoch += 1;
        self.place.step = 0;
        self.place.sums = [0.0; 3];
        Ok(on_report(&Report::Epoch(report)))
    }

    /// The rest of an epoch; where the device has not memory enough, in smaller parts.
    fn steps_with_room(&mut self, on_report: &mut dyn FnMut(&Report) -> bool) -> Result<Pass> {
        loop {
            match self.steps(on_report) {
                Err(why) if self.can_halve(&why) => {
                    // The step that failed is done again from its beginning.
                    self.optimiser.forget()?;
                    if !self.halve(on_report) {
                        return Ok(Pass::Stopped);
                    }
                }
                ended => return ended,
            }
        }
    }

    /// Whether smaller parts may help.
    fn can_halve(&self, why: &ModelError) -> bool {
        why.is_out_of_memory() && self.settings.batch.div_ceil(self.place.parts) > L::LEAST_IMAGES
    }

    /// Computes each step in twice as many parts from here on; whether to go on.
    fn halve(&mut self, on_report: &mut dyn FnMut(&Report) -> bool) -> bool {
        self.place.parts *= 2;
        let parts = self.place.parts;
        on_report(&Report::Halved {
            parts,
            images: self.settings.batch.div_ceil(parts),
        })
    }

    /// The steps of an epoch from where the run stands.
    fn steps(&mut self, on_report: &mut dyn FnMut(&Report) -> bool) -> Result<Pass> {
        let (data, parts) = (self.data, self.place.parts);
        let seed = epoch_seed(self.settings.seed, self.place.epoch);
        let order = draw_epoch(&data.train, seed);
        let steps = self.in_steps(&order, parts, L::LEAST_IMAGES);
        let chunks: Vec<Chunk> = steps
            .iter()
            .skip(self.place.step)
            .flatten()
            .copied()
            .collect();
        let of = steps.len();
        let mut ended = Pass::Whole;
        let mut losses = Gathered::default();
        let augment = self.settings.augment;
        self.with_batches(&data.train, &chunks, seed, augment, |run, chunk, batch| {
            losses.add(run.gather(batch, chunk)?, batch.size);
            if !chunk.ends_step {
                return Ok(true);
            }
            let rate = run.rate(run.place.step);
            run.optimiser.step(rate)?;
            run.clamp_temperature()?;
            let gathered = std::mem::take(&mut losses);
            let values = gathered.mean();
            run.place.step += 1;
            run.place.steps += 1;
            let sums = run.place.sums.iter_mut().zip(values);
            sums.for_each(|(sum, value)| *sum += value);
            if values.iter().any(|loss| !loss.is_finite()) {
                return Err(ModelError::Diverged {
                    step: run.place.steps,
                });
            }
            let go_on = on_report(&Report::Step {
                of,
                step: run.place.step,
                epoch: run.place.epoch,
                losses: values,
                learning_rate: rate,
                images: gathered.images,
                seconds: run.seconds(),
            });
            run.keep_if_due()?;
            ended = match (go_on, run.time_done() >= 1.0) {
                (false, _) => Pass::Stopped,
                (true, true) => Pass::OutOfTime,
                (true, false) => return Ok(true),
            };
            Ok(false)
        })?;
        Ok(ended)
    }

    /// Adds the gradients of a batch to those of its step; the values of its losses.
    fn gather(&mut self, batch: &Batch, chunk: Chunk) -> Result<[f32; 3]> {
        let seed = chunk.seed(epoch_seed(self.settings.seed, self.place.epoch));
        let network = self.weights.network()?;
        let how = self.how(&self.dropout, seed);
        let (losses, gradients) = self.model.gradients(&network, batch, &how)?;
        self.optimiser.gather(&gradients, batch.size, L::SCALE)?;
        Ok(losses)
    }

    fn how<'s>(&'s self, dropout: &'s Dropout, seed: u64) -> How<'s> {
        How {
            learned: self.settings.learned,
            dropout,
            crew: &self.crew,
            device: self.device,
            seed,
        }
    }

    /// The mean losses over all validation images, if there are any.
    fn validate(&mut self) -> Result<Option<[f32; 3]>> {
        let mut sums = [0f32; 3];
        let mut images = 0f32;
        let data = self.data;
        let network = self.weights.still()?;
        for (folder, items) in data.validation.iter().enumerate() {
            let order = draw_all(folder, items);
            let steps = self.in_steps(&order, self.place.parts, 1);
            let chunks: Vec<Chunk> = steps.into_iter().flatten().collect();
            let seed = self.settings.seed;
            self.with_batches(
                &data.validation,
                &chunks,
                seed,
                false,
                |run, chunk, batch| {
                    let off = Dropout::off();
                    let how = run.how(&off, chunk.seed(seed ^ 2));
                    let losses = run.model.losses(&network, batch, &how)?;
                    let size = batch.size as f32;
                    images += size;
                    sums.iter_mut()
                        .zip(losses)
                        .for_each(|(sum, value)| *sum += size * value);
                    Ok(true)
                },
            )?;
        }
        Ok((images > 0.0).then(|| sums.map(|sum| sum / images)))
    }

    /// An order in steps, and each in parts as equal as can be of at least so many images.
    fn in_steps<'o>(&self, order: &'o [Draw], parts: usize, least: usize) -> Vec<Vec<Chunk<'o>>> {
        let most = self.settings.batch.div_ceil(parts).max(least);
        let mut steps = Vec::new();
        for (step, drawn) in even(order, self.settings.batch).enumerate() {
            let sizes = equal_parts(drawn.len(), most, least);
            let count = sizes.len();
            let mut rest = drawn;
            let mut chunks = Vec::with_capacity(count);
            for (part, size) in sizes.into_iter().enumerate() {
                let (drawn, others) = rest.split_at(size);
                rest = others;
                chunks.push(Chunk {
                    drawn,
                    index: step * parts + part,
                    ends_step: part + 1 == count,
                });
            }
            if !chunks.is_empty() {
                steps.push(chunks);
            }
        }
        steps
    }

    /// Hands over the batches in order while the next ones are put together in a thread, until
    /// `use_batch` returns false.
    fn with_batches(
        &mut self,
        folders: &[&[Numbered]],
        chunks: &[Chunk],
        seed: u64,
        augment: bool,
        mut use_batch: impl FnMut(&mut Self, Chunk, &Batch) -> Result<bool>,
    ) -> Result<()> {
        let recipe = Recipe {
            questions: self.settings.questions,
            max_tokens: self.model.most_tokens(),
            augment,
            epoch_seed: seed,
        };
        let (data, input) = (self.data, self.model.input());
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(3);
            scope.spawn(move || {
                for chunk in chunks {
                    let drawn = chunk.drawn.iter().map(|draw| draw.of(folders));
                    let drawn: Vec<(&Numbered, usize)> = drawn.collect();
                    let captions_only = chunk.index.is_multiple_of(2);
                    let seed = chunk.seed(seed);
                    let batch = assemble(&drawn, data.tokens, &input, recipe, captions_only, seed);
                    if send.send((*chunk, batch)).is_err() {
                        break;
                    }
                }
            });
            for (chunk, batch) in receive {
                if !use_batch(self, chunk, &batch?)? {
                    break;
                }
            }
            Ok(())
        })
    }

    fn clamp_temperature(&self) -> Result<()> {
        if let Some(var) = self.weights.moved().get("temperature") {
            let (low, high) = TEMPERATURE;
            var.set(&var.as_detached_tensor().clamp(low, high)?)?;
        }
        Ok(())
    }

    fn rate(&self, step: usize) -> f64 {
        let order: usize = self.data.train.iter().map(|items| items.len()).sum();
        let steps = order.div_ceil(self.settings.batch).max(1) as f64;
        let epochs = self.place.epoch as f64 - 1.0 + step as f64 / steps;
        let done = self.time_done().max(epochs / self.settings.epochs as f64);
        self.settings
            .rate(self.place.steps, done, self.place.halvings)
    }

    fn seconds(&self) -> f64 {
        self.earlier + self.began.elapsed().as_secs_f64()
    }

    /// The share of the time that is over.
    fn time_done(&self) -> f64 {
        match self.settings.time {
            Some(time) => self.seconds() / time.as_secs_f64().max(1e-3),
            None => 0.0,
        }
    }

    fn keep_if_due(&mut self) -> Result<()> {
        match self.keep {
            Some(keep) if self.kept.elapsed() >= keep.every => self.keep_now(),
            _ => Ok(()),
        }
    }

    fn keep_now(&mut self) -> Result<()> {
        let Some(keep) = self.keep else {
            return Ok(());
        };
        let (mean, square, _) = self.optimiser.state()?;
        let to_cpu = |tensor: &Tensor| tensor.to_device(&Device::Cpu);
        let mut now = self.weights.values();
        for value in now.values_mut() {
            *value = to_cpu(value)?;
        }
        let checkpoint = Checkpoint {
            settings: self.settings.clone(),
            files: self.files.clone(),
            corpus: self.data.hash.clone(),
            place: Place {
                seconds: self.seconds(),
                ..self.place.clone()
            },
            now,
            best: self.best.clone().unwrap_or_default(),
            moments: [mean, square],
        };
        checkpoint.write(&keep.folder)?;
        self.kept = Instant::now();
        Ok(())
    }
}

/// As few slices of at most `most` as hold all, none longer by more than one than another: a last
/// one of a few images would weigh as much as all others, and have little to contrast.
fn even<T>(all: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    let many = all.len().div_ceil(most.max(1));
    let end = move |slice: usize| slice * all.len() / many.max(1);
    (0..many).map(move |slice| &all[end(slice)..end(slice + 1)])
}

/// A part of a step: what becomes one batch.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    drawn: &'a [Draw],
    /// Counted through the epoch.
    index: usize,
    /// Whether the optimiser moves after it.
    ends_step: bool,
}

impl Chunk<'_> {
    fn seed(&self, epoch_seed: u64) -> u64 {
        epoch_seed.wrapping_add(self.index as u64 + 1)
    }
}

/// So many images in parts of at most `most` where `least` allows it, none left out and none
/// more than one larger than another; no part where there are fewer than `least`.
fn equal_parts(images: usize, most: usize, least: usize) -> Vec<usize> {
    if images < least.max(1) {
        return Vec::new();
    }
    let parts = images.div_ceil(most).min(images / least.max(1)).max(1);
    (0..parts)
        .map(|part| images / parts + usize::from(part < images % parts))
        .collect()
}

fn epoch_seed(seed: u64, epoch: usize) -> u64 {
    seed.wrapping_add((epoch as u64) << 32)
}

/// The losses of a step's parts so far.
#[derive(Default)]
struct Gathered {
    sums: [f32; 3],
    images: usize,
}

impl Gathered {
    fn add(&mut self, losses: [f32; 3], images: usize) {
        let sums = self.sums.iter_mut().zip(losses);
        sums.for_each(|(sum, loss)| *sum += loss * images as f32);
        self.images += images;
    }

    fn mean(&self) -> [f32; 3] {
        self.sums.map(|sum| sum / self.images.max(1) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::{equal_parts, even};

    #[test]
    fn steps_are_as_few_and_as_even_as_they_can_be() {
        let lengths = |all: usize, most: usize| -> Vec<usize> {
            even(&vec![0; all], most).map(<[i32]>::len).collect()
        };
        assert_eq!(lengths(52, 48), [26, 26]);
        assert_eq!(lengths(96, 48), [48, 48]);
        assert_eq!(lengths(7, 3), [2, 2, 3]);
        assert_eq!(lengths(0, 48), [0; 0]);
        let whole: Vec<usize> = (0..101).collect();
        assert!(even(&whole, 48).flatten().eq(&whole));
    }

    #[test]
    fn parts_leave_no_image_out() {
        assert_eq!(equal_parts(48, 48, 2), [48]);
        assert_eq!(equal_parts(48, 12, 2), [12; 4]);
        assert_eq!(equal_parts(10, 3, 2), [3, 3, 2, 2]);
        assert_eq!(equal_parts(5, 2, 2), [3, 2]);
        assert!(equal_parts(1, 4, 2).is_empty());
        assert_eq!(equal_parts(3, 1, 1), [1; 3]);
        for images in 2..60 {
            for most in 2..=images {
                let parts = equal_parts(images, most, 2);
                assert_eq!(parts.iter().sum::<usize>(), images);
                assert!(parts.iter().all(|part| (2..=most.max(3)).contains(part)));
            }
        }
    }
}
