//! A BLIP folder as Hugging Face writes it: config.json, model.safetensors, tokenizer.json or
//! vocab.txt, preprocessor_config.json.

use super::config::BlipConfig;
use super::network::QuestionAnswerer;
use super::preprocess::BlipPreprocessor;
use crate::error::{ModelError, Result};
use crate::files::{ModelFiles, json, pretty};
use crate::tokenizer::Tokenizer;
use crate::weights::{self, Weights};
use candle_core::{DType, Device};
use std::borrow::Cow;
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
        let mut weights = weights::parse(&files.weights)?;
        untie(&mut weights)?;
        Ok(Self {
            config,
            tokenizer,
            preprocessor,
            weights,
            vocabulary: files.tokenizer.to_vec(),
        })
    }

    /// Puts the weights into a network on `device`; every weight must have its place.
    pub fn network(&self, device: &Device) -> Result<QuestionAnswerer> {
        weights::network(&self.weights, device, |vb| {
            QuestionAnswerer::new(&self.config, vb)
        })
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

/// Takes out what is stored twice; the two must be equal.
fn untie(weights: &mut Weights) -> Result<()> {
    for (copy, tied_to) in TIED {
        let Some(copy_values) = weights.remove(copy) else {
            continue;
        };
        let same = match weights.get(tied_to) {
            Some(kept) if kept.shape() == copy_values.shape() => {
                kept.ne(&copy_values)?
                    .to_dtype(DType::F32)?
                    .sum_all()?
                    .to_scalar::<f32>()?
                    == 0.0
            }
            Some(_) => false,
            None => {
                weights.insert(tied_to.into(), copy_values);
                continue;
            }
        };
        if !same {
            return Err(ModelError::Unsupported {
                why: format!("{copy} is not {tied_to}, to which it should be tied"),
            });
        }
    }
    Ok(())
}
