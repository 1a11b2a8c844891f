//! Answering: an image is encoded once and kept for every question about it; tokens are
//! chosen greedily with a key-value cache, so the same question gives the same answer.

mod look;

pub use look::Heat;

use crate::config::Config;
use crate::crowd::Crowd;
use crate::device::device_name;
use crate::error::{ModelError, Result};
use crate::files::ModelFiles;
use crate::folder::Model;
use crate::layers::Dropout;
use crate::network::{Network, TEMPERATURE, first};
use crate::ops::Visible;
use crate::preprocess::{GreyView, Preprocessor};
use crate::text::{Cache, Sight, Texts};
use crate::tokenizer::{CLS, DECODE, ENCODE, EOS, PAD, Tokenizer};
use candle_core::{D, Device, Tensor};
use std::sync::Arc;

/// An encoded image: what all its questions share.
pub struct ImageMemory {
    states: Tensor,
    vector: Tensor,
}

/// The predicted category.
pub struct Classified {
    /// One probability a caption, in the order of `Config::captions`.
    pub probabilities: Vec<f32>,
    /// Cosine similarity of the best caption.
    pub best_similarity: f32,
    /// Whether that is below the threshold chosen on validation.
    pub none_of_these: bool,
}

/// A written answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Generated {
    /// All pieces together.
    pub text: String,
    /// Tokens written, [EOS] not counted.
    pub tokens: usize,
    /// Mean probability of the chosen tokens, 0 to 1.
    pub confidence: f32,
    /// Whether the listener ended it.
    pub stopped: bool,
}

/// A model ready to answer.
pub struct Assistant {
    config: Config,
    tokenizer: Tokenizer,
    preprocessor: Preprocessor,
    network: Network,
    caption_vectors: Tensor,
    temperature: f32,
    /// Tokens an answer may hold, by id.
    writable: Vec<bool>,
    device: Device,
    crowd: Crowd,
}

impl Assistant {
    /// Believes the files, builds the network on `device` and encodes the captions.
    pub fn load(files: &ModelFiles, device: &Device) -> Result<Self> {
        Self::new(Model::parse(files)?, device)
    }

    /// The same from a model in memory.
    pub fn new(model: Model, device: &Device) -> Result<Self> {
        let network = model.network(device)?;
        let Model {
            config,
            tokenizer,
            preprocessor,
            ..
        } = model;
        let captions = config.captions.iter();
        let captions = captions.map(|caption| begin(CLS, &tokenizer, caption, config.max_tokens));
        let texts = pad(&captions.collect::<Result<Vec<_>>>()?, device)?;
        let caption_vectors = network.text_vector(&texts, &Dropout::off())?;
        let (low, high) = TEMPERATURE;
        let temperature = network
            .temperature
            .to_vec1::<f32>()?
            .first()
            .copied()
            .unwrap_or(0.07);
        let temperature = temperature.clamp(low as f32, high as f32);
        let ids = 0..config.vocab_size as u32;
        let writable = ids.map(|id| tokenizer.is_writable(id)).collect();
        Ok(Self {
            writable,
            crowd: Crowd::of(config.width, device)?,
            config,
            tokenizer,
            preprocessor,
            network,
            caption_vectors,
            temperature,
            device: device.clone(),
        })
    }

    /// "cpu" or "cuda:N".
    pub fn device(&self) -> String {
        device_name(&self.device)
    }

    /// Sizes and learned facts.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Sets the threshold of "none of these", as chosen on validation.
    pub fn set_none_below(&mut self, similarity: Option<f32>) {
        self.config.none_below = similarity;
    }

    /// Runs the image encoder.
    pub fn encode_image(&self, image: GreyView) -> Result<ImageMemory> {
        let patches = self
            .preprocessor
            .patches(&self.preprocessor.square(image, None)?);
        let shape = (
            1,
            self.config.patches(),
            self.config.patch_size * self.config.patch_size,
        );
        let patches = Tensor::from_vec(patches, shape, &self.device)?;
        self.crowd.share(|| {
            let states = self.network.image.forward_in_parts(&patches)?;
            let vector = self.network.image_vector(&states)?;
            Ok(ImageMemory { states, vector })
        })
    }

    /// What the image encoder makes of the image, before anything that was learned from texts:
    /// the state of [CLS], then the mean of those of the patches.
    pub fn features(&self, image: &ImageMemory) -> Result<Vec<f32>> {
        let whole = first(&image.states)?;
        let patches = image.states.narrow(1, 1, image.states.dim(1)? - 1)?;
        let both = Tensor::cat(&[whole, patches.mean(1)?], D::Minus1)?;
        Ok(both.squeeze(0)?.to_vec1()?)
    }

    /// Softmax over the captions' similarities divided by the temperature.
    pub fn classify(&self, image: &ImageMemory) -> Result<Classified> {
        let similarities = image.vector.matmul(&self.caption_vectors.t()?)?;
        let scaled = (&similarities / f64::from(self.temperature))?;
        let probabilities = candle_nn::ops::softmax(&scaled, D::Minus1)?
            .squeeze(0)?
            .to_vec1()?;
        let best_similarity = similarities
            .squeeze(0)?
            .to_vec1()?
            .into_iter()
            .fold(-1f32, f32::max);
        let none_of_these = self
            .config
            .none_below
            .is_some_and(|limit| best_similarity < limit);
        Ok(Classified {
            probabilities,
            best_similarity,
            none_of_these,
        })
    }

    /// How well a statement matches the image by the matching head, 0 to 1.
    pub fn match_score(&self, image: &ImageMemory, statement: &str) -> Result<f32> {
        let ids = begin(ENCODE, &self.tokenizer, statement, self.config.max_tokens)?;
        let texts = pad(&[ids], &self.device)?;
        let logit =
            self.network
                .match_logit(&texts, &Sight::whole(&image.states), &Dropout::off())?;
        Ok(logit
            .to_vec1::<f32>()?
            .first()
            .map_or(0.5, |x| 1.0 / (1.0 + (-x).exp())))
    }

    /// Writes the answer to a prompt, at most `most` tokens, handing over each piece;
    /// `on_piece` returns whether to go on.
    pub fn answer(
        &self,
        image: &ImageMemory,
        prompt: &str,
        most: usize,
        on_piece: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Generated> {
        let off = Dropout::off();
        let memory = self.crowd.share(|| {
            let memory = self.memory(image, prompt)?;
            Ok::<_, ModelError>(self.network.text.cross_memory(&memory)?)
        })?;
        let mut cache = Cache::default();
        let mut writer = self.tokenizer.writer();
        let mut out = Generated::default();
        let mut newest = DECODE;
        while out.tokens < most.min(self.config.max_tokens - 1) {
            let ids = Tensor::new(&[[newest]], &self.device)?;
            let states = self.network.text.decode(
                &ids,
                &memory,
                &Visible::default(),
                Some(&mut cache),
                &off,
            )?;
            let (id, probability) = self.choose(&states.squeeze(0)?)?;
            if id == EOS {
                break;
            }
            let piece = writer.push(id);
            out.text.push_str(&piece);
            out.tokens += 1;
            out.confidence += probability;
            newest = id;
            if !on_piece(&piece) {
                out.stopped = true;
                break;
            }
        }
        out.confidence /= out.tokens.max(1) as f32;
        Ok(out)
    }

    /// The decoder's memory: image states, then the states of the prompt grounded in them.
    fn memory(&self, image: &ImageMemory, prompt: &str) -> Result<Tensor> {
        let ids = begin(ENCODE, &self.tokenizer, prompt, self.config.max_tokens)?;
        let texts = pad(&[ids], &self.device)?;
        let prompt = self.network.text.encode(
            &texts,
            Some(&Sight::whole(&image.states)),
            &Dropout::off(),
        )?;
        Ok(Tensor::cat(&[&image.states, &prompt], 1)?)
    }

    /// The most probable writable token of a state [1, D], and its probability.
    fn choose(&self, state: &Tensor) -> Result<(u32, f32)> {
        let shares = candle_nn::ops::softmax(&self.network.text.logits(state)?, D::Minus1)?;
        let shares = shares.squeeze(0)?.to_vec1::<f32>()?;
        let mut best = (EOS, 0f32);
        for ((id, share), writable) in (0u32..).zip(shares).zip(&self.writable) {
            if *writable && share > best.1 {
                best = (id, share);
            }
        }
        Ok(best)
    }
}

/// The ids of a text behind the token that begins it, at most `most` in all.
pub(crate) fn begin(
    first: u32,
    tokenizer: &Tokenizer,
    text: &str,
    most: usize,
) -> Result<Vec<u32>> {
    let mut ids = vec![first];
    ids.extend(tokenizer.encode(text, most - 1)?);
    Ok(ids)
}

/// Pads texts to the longest of them.
pub(crate) fn pad(texts: &[Vec<u32>], device: &Device) -> Result<Texts> {
    let longest = texts.iter().map(Vec::len).max().unwrap_or(1);
    let padded = |ids: &Vec<u32>| {
        let padding = std::iter::repeat_n(PAD, longest - ids.len());
        ids.iter().copied().chain(padding).collect::<Vec<_>>()
    };
    let ids: Vec<u32> = texts.iter().flat_map(padded).collect();
    let lengths: Vec<usize> = texts.iter().map(Vec::len).collect();
    Ok(Texts {
        ids: Tensor::from_vec(ids, (texts.len(), longest), device)?,
        visible: Visible {
            lengths: Some(Arc::new(lengths)),
            ..Visible::default()
        },
    })
}
