//! A model of ours as a folder in Hugging Face layout: config.json, model.safetensors,
//! tokenizer.json, preprocessor_config.json and README.md.

use crate::config::Config;
use crate::error::{ModelError, Result};
use crate::files::{Kind, ModelFiles, json, pretty};
use crate::network::Network;
use crate::preprocess::Preprocessor;
use crate::tokenizer::Tokenizer;
use crate::weights::{self, Weights};
use candle_core::{DType, Device};
use std::borrow::Cow;
use std::path::Path;

/// A model whose files fit each other.
pub struct Model {
    /// Sizes and learned facts.
    pub config: Config,
    /// Vocabulary.
    pub tokenizer: Tokenizer,
    /// Input.
    pub preprocessor: Preprocessor,
    /// Weights by name, 32-bit, on the CPU.
    pub weights: Weights,
}

impl Model {
    /// Believes the files only if they are whole: sizes within limits, every value finite.
    pub fn parse(files: &ModelFiles) -> Result<Self> {
        if files.kind()? != Kind::Askem {
            let why = "this is a BLIP and not a model of ours";
            return Err(ModelError::Data(why.into()));
        }
        let config: Config = json("config.json", &files.config)?;
        config.validate()?;
        let preprocessor: Preprocessor = json("preprocessor_config.json", &files.preprocessor)?;
        preprocessor.validate(&config)?;
        let tokenizer = Tokenizer::from_json(&files.tokenizer)?;
        if tokenizer.vocab_size() != config.vocab_size {
            let why = format!(
                "it has {} tokens and config.json says {}",
                tokenizer.vocab_size(),
                config.vocab_size
            );
            return Err(ModelError::Invalid {
                file: "tokenizer.json",
                why,
            });
        }
        let weights = weights::parse(&files.weights)?;
        Ok(Self {
            config,
            tokenizer,
            preprocessor,
            weights,
        })
    }

    /// Puts the weights into a network on `device`; every weight must have its place.
    pub fn network(&self, device: &Device) -> Result<Network> {
        weights::network(&self.weights, device, |vb| Network::new(&self.config, vb))
    }

    /// Mixes the weights of the model that this one was trained from into it: `share` of
    /// `base`, the rest its own. What fine-tuning forgot comes back, for some of what it
    /// learned.
    pub fn blend(&mut self, base: &Model, share: f32) -> Result<()> {
        weights::blend(&mut self.weights, &base.weights, share)
    }

    /// Its files in memory, as [`Model::write`] would write them.
    pub fn files(&self) -> Result<ModelFiles<'static>> {
        Ok(ModelFiles {
            config: Cow::Owned(pretty(&self.config)?),
            weights: Cow::Owned(weights::to_bytes(&self.weights, DType::F16)?),
            tokenizer: Cow::Owned(self.tokenizer.to_json()?.into_bytes()),
            preprocessor: Cow::Owned(pretty(&self.preprocessor)?),
        })
    }

    /// Writes the folder: weights in 16 bits, each file by way of a temporary one.
    pub fn write(&self, folder: &Path, card: &str) -> Result<()> {
        self.files()?.write(folder, card, &[])
    }
}
