//! What the loop must know of a model to train it: how its network is built, how it reads images
//! and texts, and which losses it learns from. Ours is here, BLIP in `blip`.
//!
//! Nothing here runs by itself; called by the loop, by `batch` and by `trained`.

use super::augment::augmented;
use super::batch::Batch;
use super::step::{Gradients, How, Step};
use crate::config::Config;
use crate::error::Result;
use crate::files::ModelFiles;
use crate::folder::Model;
use crate::network::Network;
use crate::parameters::Parameters;
use crate::preprocess::{GreyView, Preprocessor};
use crate::tokenizer::{DECODE, ENCODE, EOS, Tokenizer};
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, HashMap};

/// The sizes of a network, which is made of them and of weights.
pub(super) trait Blueprint: Clone {
    /// What is made.
    type Network;

    /// A network of the weights under `vb`.
    fn build(&self, vb: VarBuilder) -> candle_core::Result<Self::Network>;

    /// Whether only the decoder has this weight.
    fn is_of_decoder(name: &str) -> bool;

    /// The weights to begin with: those of `start`, and drawn ones where it has none.
    fn initial(
        &self,
        seed: u64,
        start: Option<&HashMap<String, Tensor>>,
        device: &Device,
    ) -> Result<BTreeMap<String, Tensor>>;
}

/// How a model reads.
pub(super) trait Input: Send + Sync {
    /// An image as the patches of the network, flat; changed by chance where there is a generator.
    fn patches(&self, image: GreyView, chance: Option<&mut ChaCha8Rng>) -> Result<Vec<f32>>;

    /// What stands around questions and answers.
    fn marks(&self) -> Marks;
}

/// Tokens around texts.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    /// Before a question.
    pub ask: u32,
    /// Behind it, if anything.
    pub asked: Option<u32>,
    /// Before an answer.
    pub answer: u32,
    /// Behind it.
    pub end: u32,
}

/// A model that the loop can train.
pub(super) trait Learner: Sized {
    /// Its sizes.
    type Blueprint: Blueprint;
    /// How it reads.
    type Input: Input;
    /// Images that a part of a step needs.
    const LEAST_IMAGES: usize;
    /// What its loss is multiplied by on the way back, a power of two.
    const SCALE: f64 = 1.0;

    /// Its sizes.
    fn blueprint(&self) -> &Self::Blueprint;

    /// How it reads images.
    fn input(&self) -> Self::Input;

    /// How it reads texts.
    fn tokenizer(&self) -> &Tokenizer;

    /// The longest text, in tokens.
    fn most_tokens(&self) -> usize;

    /// The losses of a batch.
    fn losses(
        &self,
        network: &<Self::Blueprint as Blueprint>::Network,
        batch: &Batch,
        how: &How,
    ) -> Result<[f32; 3]>;

    /// The same with the gradients of [`Self::SCALE`] times their sum.
    fn gradients(
        &self,
        network: &<Self::Blueprint as Blueprint>::Network,
        batch: &Batch,
        how: &How,
    ) -> Result<Gradients>;

    /// Its files; called where it holds no weights.
    fn files(&self) -> Result<ModelFiles<'static>>;

    /// The same model with these weights.
    fn with_weights(self, weights: HashMap<String, Tensor>) -> Self;
}

impl Blueprint for Config {
    type Network = Network;

    fn build(&self, vb: VarBuilder) -> candle_core::Result<Network> {
        Network::new(self, vb)
    }

    /// What parts 1 to 3 do not have.
    fn is_of_decoder(name: &str) -> bool {
        let own = [
            "norm_causal",
            "causal_attention",
            "norm_decoder",
            "output_bias",
        ];
        name.split('.').any(|part| own.contains(&part))
    }

    fn initial(
        &self,
        seed: u64,
        start: Option<&HashMap<String, Tensor>>,
        device: &Device,
    ) -> Result<BTreeMap<String, Tensor>> {
        let parameters = Parameters::seeded(seed);
        Network::new(self, parameters.builder(device))?;
        if let Some(start) = start {
            parameters.load(start)?;
        }
        let all = parameters.all().into_iter();
        Ok(all
            .map(|(name, var)| (name, var.as_detached_tensor()))
            .collect())
    }
}

impl Input for Preprocessor {
    fn patches(&self, image: GreyView, chance: Option<&mut ChaCha8Rng>) -> Result<Vec<f32>> {
        let square = match chance {
            Some(rng) => augmented(self, image, rng)?,
            None => self.square(image, None)?,
        };
        Ok(self.patches(&square))
    }

    fn marks(&self) -> Marks {
        Marks {
            ask: ENCODE,
            asked: None,
            answer: DECODE,
            end: EOS,
        }
    }
}

impl Learner for Model {
    type Blueprint = Config;
    type Input = Preprocessor;
    /// A single image has nothing to be contrasted with.
    const LEAST_IMAGES: usize = 2;

    fn blueprint(&self) -> &Config {
        &self.config
    }

    fn input(&self) -> Preprocessor {
        self.preprocessor.clone()
    }

    fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    fn most_tokens(&self) -> usize {
        self.config.max_tokens
    }

    fn losses(&self, network: &Network, batch: &Batch, how: &How) -> Result<[f32; 3]> {
        self.step(network, how).losses(batch)
    }

    fn gradients(&self, network: &Network, batch: &Batch, how: &How) -> Result<Gradients> {
        self.step(network, how).gradients(batch)
    }

    fn files(&self) -> Result<ModelFiles<'static>> {
        Self::files(self)
    }

    fn with_weights(self, weights: HashMap<String, Tensor>) -> Self {
        Self { weights, ..self }
    }
}

impl Model {
    fn step<'a>(&'a self, network: &'a Network, how: &How<'a>) -> Step<'a> {
        Step {
            network,
            config: &self.config,
            how: *how,
        }
    }
}
