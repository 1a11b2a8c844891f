//! What a whole model is, in a few facts, and how it leaves the program: called for every
//! folder that is imported, checked or exported.

use crate::blip::{self, BlipModel};
use crate::config::Config;
use crate::error::Result;
use crate::files::{Kind, ModelFiles, json, kind_of, read_config};
use crate::folder::Model;
use crate::weights::Weights;
use candle_core::Device;
use std::path::Path;

/// Our network as one PyTorch file that loads a model folder, answers with it and trains it.
pub const PYTORCH: &str = include_str!("pytorch/modeling_askem.py");

/// Facts of a model whose files fit each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Which network it is.
    pub kind: Kind,
    /// The preset its sizes came from; "blip" for BLIP.
    pub preset: String,
    /// Weights, each counted once.
    pub parameters: usize,
    /// Side of the square input, in pixels.
    pub image_px: usize,
    /// Tokens in the vocabulary.
    pub tokens: usize,
}

/// Believes the files only if a network can be made of them: every weight of the network is
/// there and finite, and nothing else is.
pub fn check(files: &ModelFiles) -> Result<Facts> {
    let count = |weights: &Weights| weights.values().map(|weight| weight.elem_count()).sum();
    let kind = files.kind()?;
    match kind {
        Kind::Askem => {
            let model = Model::parse(files)?;
            model.network(&Device::Cpu)?;
            Ok(Facts {
                kind,
                parameters: count(&model.weights),
                image_px: model.config.image_size,
                tokens: model.tokenizer.vocab_size(),
                preset: model.config.preset,
            })
        }
        Kind::Blip => {
            let model = BlipModel::parse(files)?;
            model.network(&Device::Cpu)?;
            Ok(Facts {
                kind,
                preset: "blip".into(),
                parameters: count(&model.weights),
                image_px: model.config.vision_config.image_size,
                tokens: model.tokenizer.vocab_size(),
            })
        }
    }
}

/// Which network a folder says it holds, and its preset, from its config.json alone.
pub fn glance(folder: &Path) -> Result<(Kind, String)> {
    let config = read_config(folder)?;
    match kind_of(&config)? {
        Kind::Askem => Ok((Kind::Askem, json::<Config>("config.json", &config)?.preset)),
        Kind::Blip => Ok((Kind::Blip, "blip".into())),
    }
}

/// Checks the files and writes them with what other programs need: a BLIP as `transformers`
/// loads it, ours with [`PYTORCH`] beside it.
pub fn export(files: &ModelFiles, folder: &Path, card: &str) -> Result<Facts> {
    let facts = check(files)?;
    match facts.kind {
        Kind::Askem => {
            files.write(folder, card, &[("modeling_askem.py", PYTORCH.as_bytes())])?;
        }
        Kind::Blip => blip::write(files, folder, card)?,
    }
    Ok(facts)
}
