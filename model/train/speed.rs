//! How fast training goes here: steps on a made-up batch, timed one by one.
//!
//! The texts have the lengths of the simulated ones. Only the time is of interest. Called by
//! `askem bench`, which tests/speed/training.py holds against PyTorch.

use super::batch::{Asked, Batch};
use super::crew::Crew;
use super::optimiser::Optimiser;
use super::settings::Settings;
use super::step::{How, Step};
use super::trained::Weights;
use crate::config::{Config, Preset};
use crate::error::Result;
use crate::layers::Dropout;
use crate::precision::Precision;
use crate::tokenizer::{DECODE, ENCODE, EOS};
use candle_core::Device;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

/// What a step is made of.
#[derive(Clone, Copy, Debug)]
pub struct StepSizes {
    /// Images.
    pub batch: usize,
    /// Questions about each.
    pub questions: usize,
    /// Side of the images, in pixels; None is the preset's.
    pub image_px: Option<usize>,
    /// Tokens of a statement, a prompt and an answer.
    pub tokens: [usize; 3],
    /// Tokens in the vocabulary.
    pub vocabulary: usize,
    /// How exactly linear maps multiply.
    pub precision: Precision,
}

impl Default for StepSizes {
    fn default() -> Self {
        Self {
            batch: 48,
            questions: 8,
            image_px: None,
            tokens: [14, 18, 18],
            vocabulary: 3000,
            precision: Precision::F32,
        }
    }
}

/// Seconds of each of some steps: forward, backward and the optimiser's move.
pub fn time_steps(
    preset: Preset,
    sizes: &StepSizes,
    steps: usize,
    device: &Device,
) -> Result<Vec<f64>> {
    let settings = Settings {
        precision: sizes.precision,
        ..Settings::of(preset, 1)
    };
    let mut config = Config::of(preset, sizes.vocabulary, Vec::new());
    config.image_size = sizes.image_px.unwrap_or(config.image_size);
    config.validate()?;
    let weights = Weights::new(&config, &settings, None, device)?;
    let mut optimiser = Optimiser::new(weights.moved(), settings.decay, settings.clip, device)?;
    let dropout = Dropout::seeded(settings.dropout, settings.seed, device)?;
    let crew = Crew::for_device(device)?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut seconds = Vec::with_capacity(steps);
    for _ in 0..steps {
        let batch = made_up(&config, sizes, &mut rng);
        let began = Instant::now();
        let network = weights.network()?;
        let how = How {
            learned: settings.learned,
            dropout: &dropout,
            crew: &crew,
            device,
            seed: 1,
        };
        let step = Step {
            network: &network,
            config: &config,
            how,
        };
        let (_, gradients) = step.gradients(&batch)?;
        optimiser.gather(&gradients, batch.size, 1.0)?;
        optimiser.step(settings.learning_rate)?;
        device.synchronize()?;
        seconds.push(began.elapsed().as_secs_f64());
    }
    Ok(seconds)
}

fn made_up(config: &Config, sizes: &StepSizes, rng: &mut ChaCha8Rng) -> Batch {
    let patch = config.patch_size * config.patch_size;
    let values = sizes.batch * config.patches() * patch;
    let patches = (0..values)
        .map(|_| rng.random_range(-1.0..1.0f32))
        .collect();
    let mut text = |tokens: usize| -> Vec<u32> {
        (0..tokens)
            .map(|_| rng.random_range(EOS + 1..config.vocab_size as u32))
            .collect()
    };
    let [statement, prompt, answer] = sizes.tokens;
    let begun = |first: u32, text: Vec<u32>| [vec![first], text].concat();
    let mut asked = Vec::with_capacity(sizes.batch * sizes.questions);
    for image in 0..sizes.batch {
        for _ in 0..sizes.questions {
            let answer = text(answer);
            asked.push(Asked {
                image,
                prompt: begun(ENCODE, text(prompt)),
                input: begun(DECODE, answer.clone()),
                target: [answer, vec![EOS]].concat(),
            });
        }
    }
    let places = 0..sizes.batch * sizes.batch;
    Batch {
        size: sizes.batch,
        patches,
        statements: (0..sizes.batch).map(|_| text(statement)).collect(),
        positives: places
            .map(|at| at / sizes.batch == at % sizes.batch)
            .collect(),
        asked,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use crate::test_device::{absent, device};

    #[test]
    fn steps_of_any_size_are_timed() {
        if absent() {
            return;
        }
        let sizes = StepSizes {
            batch: 2,
            questions: 1,
            image_px: Some(64),
            tokens: [3, 4, 5],
            vocabulary: 40,
            precision: Precision::Bf16,
        };
        let seconds = time_steps(Preset::Paper, &sizes, 2, &device()).unwrap();
        assert!(seconds.len() == 2 && seconds.iter().all(|s| *s > 0.0));
        let odd = StepSizes {
            image_px: Some(65),
            ..sizes
        };
        assert!(time_steps(Preset::Paper, &odd, 1, &device()).is_err());
    }
}
