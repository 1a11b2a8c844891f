//! A BLIP folder as Hugging Face writes it: config.json, model.safetensors, tokenizer.json or
//! vocab.txt, preprocessor_config.json.

use super::config::BlipConfig;
use super::network::QuestionAnswerer;
use super::precision::Precision;
use super::preprocess::BlipPreprocessor;
use crate::error::{ModelError, Result};
use crate::files::{ModelFiles, json, pretty};
use crate::tokenizer::Tokenizer;
use crate::weights::{self, File, Weights};
use candle_core::{DType, Device};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// A BLIP whose files fit each other.
pub struct BlipModel {
    /// Sizes.
    pub config: BlipConfig,
    /// Vocabulary.
    pub tokenizer: Tokenizer,
    /// Input.
    pub preprocessor: BlipPreprocessor,
    /// Weights by name, 32-bit, on the CPU.
    pub weights: Weights,
    /// The vocabulary's file as it was read.
    vocabulary: Vec<u8>,
}

/// Weights that `transformers` may store a second time, and the ones they are tied to.
const TIED: [(&str, &str); 2] = [
    (
        "text_decoder.cls.predictions.decoder.weight",
        "text_decoder.bert.embeddings.word_embeddings.weight",
    ),
    (
        "text_decoder.cls.predictions.decoder.bias",
        "text_decoder.cls.predictions.bias",
    ),
];

impl BlipModel {
    /// Believes the files only if they are whole: sizes within limits, every value finite.
    pub fn parse(files: &ModelFiles) -> Result<Self> {
        let mut model = Self::without_weights(files)?;
        let file = File::of(&files.weights)?;
        for (name, stored) in untied(&file)? {
            model.weights.insert(name, file.weight(&stored)?);
        }
        Ok(model)
    }

    /// All but its weights.
    pub(crate) fn without_weights(files: &ModelFiles) -> Result<Self> {
        let config: BlipConfig = json("config.json", &files.config)?;
        config.validate()?;
        let preprocessor: BlipPreprocessor = json("preprocessor_config.json", &files.preprocessor)?;
        preprocessor.validate(config.vision_config.image_size)?;
        let tokenizer = tokenizer_of(files)?;
        tokenizer.required("[CLS]")?;
        tokenizer.required("[SEP]")?;
        let (tokens, rows) = (tokenizer.vocab_size(), config.text_config.vocab_size);
        if tokens > rows {
            return Err(ModelError::Invalid {
                file: "tokenizer.json",
                why: format!("it has {tokens} tokens and config.json says {rows}"),
            });
        }
        Ok(Self {
            config,
            tokenizer,
            preprocessor,
            weights: Weights::new(),
            vocabulary: files.tokenizer.to_vec(),
        })
    }

    /// A network of the weights of a file that is kept as `precision` says; they are read one
    /// after the other, and the file's own bytes are all that stands in memory beside it.
    pub(super) fn network_of_file(
        &self,
        file: &[u8],
        precision: Precision,
        device: &Device,
    ) -> Result<QuestionAnswerer> {
        let file = File::of(file)?;
        let stored = untied(&file)?;
        let find = |name: &str| stored.get(name).map(|name| file.weight(name)).transpose();
        weights::network_of(stored.keys(), &find, precision.dtype(), device, |vb| {
            QuestionAnswerer::new(&self.config, vb)
        })
    }

    /// Puts the weights into a network on `device`; every weight must have its place.
    pub fn network(&self, device: &Device) -> Result<QuestionAnswerer> {
        weights::network(&self.weights, device, |vb| {
            QuestionAnswerer::new(&self.config, vb)
        })
    }

    /// Mixes `share` of the weights of the model it was trained from into it.
    pub fn blend(&mut self, base: &BlipModel, share: f32) -> Result<()> {
        weights::blend(&mut self.weights, &base.weights, share)
    }

    /// Its files in memory: the vocabulary as it came, the weights in 32 bits.
    pub fn files(&self) -> Result<ModelFiles<'static>> {
        Ok(ModelFiles {
            config: Cow::Owned(pretty(&self.config)?),
            weights: Cow::Owned(weights::to_bytes(&self.weights, DType::F32)?),
            tokenizer: Cow::Owned(self.vocabulary.clone()),
            preprocessor: Cow::Owned(pretty(&self.preprocessor)?),
        })
    }

    /// Writes a folder that `transformers` loads.
    pub fn write(&self, folder: &Path, card: &str) -> Result<()> {
        write(&self.files()?, folder, card)
    }
}

/// Writes a BLIP's files as they are, with what `transformers` reads besides.
pub(crate) fn write(files: &ModelFiles, folder: &Path, card: &str) -> Result<()> {
    let config: BlipConfig = json("config.json", &files.config)?;
    let tokenizer = pretty(&serde_json::json!({
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": tokenizer_of(files)?.lowers_case(),
        "model_max_length": config.text_config.max_position_embeddings,
    }))?;
    files.write(folder, card, &[("tokenizer_config.json", &tokenizer)])
}

fn tokenizer_of(files: &ModelFiles) -> Result<Tokenizer> {
    if files.has_plain_vocabulary() {
        Tokenizer::from_vocab_txt(&files.tokenizer)
    } else {
        Tokenizer::from_foreign_json(&files.tokenizer)
    }
}

/// The name of each weight, and the one that it is stored under. What is stored twice counts
/// once; the two must be equal.
fn untied(file: &File) -> Result<BTreeMap<String, String>> {
    let names = file.names().into_iter();
    let mut stored: BTreeMap<String, String> = names.map(|name| (name.clone(), name)).collect();
    for (copy, tied_to) in TIED {
        if stored.remove(copy).is_none() {
            continue;
        }
        if !stored.contains_key(tied_to) {
            stored.insert(tied_to.into(), copy.into());
        } else if file.bytes(copy) != file.bytes(tied_to) {
            return Err(ModelError::Unsupported {
                why: format!("{copy} is not {tied_to}, to which it should be tied"),
            });
        }
    }
    Ok(stored)
}
