//! How a run is done: what the paper fixes, and what `standard` does otherwise.
//!
//! Plain values, written into a checkpoint, so that a run goes on as it began.

use crate::config::{Ablation, Preset};
use crate::precision::Precision;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How the learning rate falls during a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Schedule {
    /// The paper's: halved after so many epochs without a better validation loss.
    Plateau {
        /// Epochs.
        halve_after: usize,
    },
    /// Half a cosine from the start to zero at the end of the epochs or of the time,
    /// whichever comes first.
    Cosine,
}

/// Which of the three losses are learned from; the paper's ablations switch one off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// Image-text contrastive.
    pub itc: bool,
    /// Image-text matching.
    pub itm: bool,
    /// Language modelling.
    pub lm: bool,
}

impl Learned {
    /// All three.
    pub const ALL: Self = Self {
        itc: true,
        itm: true,
        lm: true,
    };
}

/// Which weights of the network are trained.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Trained {
    /// All of them.
    All,
    /// What only the decoder has. How images are classified stays exactly as it was.
    Decoder,
    /// Low-rank adapters (Hu et al. 2021) beside the query and value maps of every attention,
    /// added into them when the run is over. For folders of a few images.
    Adapters {
        /// Rank of the change of each map.
        rank: usize,
    },
}

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Sizes of a network that begins from nothing.
    pub preset: Preset,
    /// Passes over the data at most.
    pub epochs: usize,
    /// Time at most, validation of the last epoch not counted.
    pub time: Option<Duration>,
    /// Images a step.
    pub batch: usize,
    /// Parts that a step's images are computed in, one after the other, their gradients
    /// averaged: less memory, but fewer images to contrast with each other.
    pub parts: usize,
    /// Questions asked about each image in a step.
    pub questions: usize,
    /// The learning rate at the start, after warming up.
    pub learning_rate: f64,
    /// Steps in which the rate rises from nothing in a straight line.
    pub warm_up: usize,
    /// How the rate falls.
    pub schedule: Schedule,
    /// Decoupled weight decay (Loshchilov and Hutter 2019) of the matrices; vectors and
    /// embeddings never decay. 0 is plain Adam.
    pub decay: f64,
    /// The longest gradient, over all weights together; a longer one is shortened to it.
    pub clip: Option<f64>,
    /// Share of states dropped.
    pub dropout: f64,
    /// Whether images and captions are changed by chance; off only to see whether a network can
    /// learn its data by heart.
    #[serde(default = "yes")]
    pub augment: bool,
    /// Epochs without a better validation loss before training ends.
    pub stop_after: usize,
    /// Pieces in a new vocabulary.
    pub vocabulary: usize,
    /// What a network that begins from nothing does without.
    pub without: Vec<Ablation>,
    /// Which losses are learned from.
    pub learned: Learned,
    /// Which weights are trained.
    pub trained: Trained,
    /// How exactly linear maps multiply. A checkpoint that says nothing of it has 32 bits.
    #[serde(default)]
    pub precision: Precision,
    /// Seed of everything random.
    pub seed: u64,
}

impl Settings {
    /// The paper's, where it speaks: Adam at 1e-3, batch 48, 50 epochs, halved on a plateau of
    /// five, stopped early. No dropout: at width 64 the network fits its training texts no
    /// better than new ones, so that dropping states only slows it.
    pub fn paper(seed: u64) -> Self {
        Self {
            preset: Preset::Paper,
            epochs: 50,
            time: None,
            batch: 48,
            parts: 1,
            questions: 8,
            learning_rate: 1e-3,
            warm_up: 0,
            schedule: Schedule::Plateau { halve_after: 5 },
            decay: 0.0,
            clip: None,
            dropout: 0.0,
            augment: true,
            stop_after: 12,
            vocabulary: 4000,
            without: Vec::new(),
            learned: Learned::ALL,
            trained: Trained::All,
            precision: Precision::F32,
            seed,
        }
    }

    /// For the larger network: AdamW, warming up and half a cosine, gradients clipped at 1.
    pub fn standard(seed: u64) -> Self {
        Self {
            preset: Preset::Standard,
            learning_rate: 5e-4,
            warm_up: 200,
            schedule: Schedule::Cosine,
            decay: 0.05,
            clip: Some(1.0),
            dropout: 0.1,
            ..Self::paper(seed)
        }
    }

    /// Those of a preset.
    pub fn of(preset: Preset, seed: u64) -> Self {
        match preset {
            Preset::Paper => Self::paper(seed),
            Preset::Standard => Self::standard(seed),
        }
    }

    /// The learning rate of a step, counted from 0; `done` is the share of the run that is
    /// over, `halvings` what plateaus have cost so far.
    pub(super) fn rate(&self, step: usize, done: f64, halvings: u32) -> f64 {
        let fall = match self.schedule {
            Schedule::Plateau { .. } => 0.5f64.powi(halvings as i32),
            Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * done.clamp(0.0, 1.0)).cos()),
        };
        let rise = ((step + 1) as f64 / self.warm_up.max(1) as f64).min(1.0);
        self.learning_rate * fall * rise
    }

    /// Whether a run begun with `self` goes on as `other` would: all but its length agrees.
    pub(super) fn same_but_length(&self, other: &Self) -> bool {
        let other = Self {
            epochs: self.epochs,
            time: self.time,
            ..other.clone()
        };
        *self == other
    }
}

/// What a checkpoint of an earlier version means.
fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_is_followed_to_the_letter() {
        let paper = Settings::paper(0);
        assert_eq!(
            (paper.learning_rate, paper.batch, paper.epochs),
            (1e-3, 48, 50)
        );
        assert_eq!(paper.schedule, Schedule::Plateau { halve_after: 5 });
        assert_eq!((paper.decay, paper.clip, paper.warm_up), (0.0, None, 0));
        assert_eq!(paper.learned, Learned::ALL);
        assert_eq!(paper.rate(0, 0.5, 0), 1e-3);
        assert_eq!(paper.rate(900, 0.9, 2), 2.5e-4);
    }

    #[test]
    fn standard_warms_up_and_falls_to_nothing() {
        let standard = Settings::standard(0);
        let full = standard.learning_rate;
        assert!((standard.rate(0, 0.0, 0) - full / 200.0).abs() < 1e-12);
        assert!((standard.rate(99, 0.0, 0) - full / 2.0).abs() < 1e-12);
        assert!((standard.rate(500, 0.5, 0) - full / 2.0).abs() < 1e-12);
        assert!(standard.rate(999, 1.0, 0) < 1e-12);
    }
}
