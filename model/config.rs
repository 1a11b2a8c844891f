//! The sizes of a network and the facts learned with it: `config.json` of a model folder.

use crate::confidence::Confidence;
use crate::error::{ModelError, Result};
use serde::{Deserialize, Serialize};

/// Sizes that go by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// The paper's.
    Paper,
    /// Wider and with finer patches.
    Standard,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Paper, Self::Standard];

    /// As it is spelled in settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Standard => "standard",
        }
    }
}

/// An attention that a network does without, for the paper's ablations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ablation {
    /// Self-attention of the image encoder and of the text encoder: identity, and the mean of
    /// all tokens in place of \[CLS\].
    Sa,
    /// Cross-attention of the image-grounded encoder and of the decoder: identity.
    Ca,
    /// Causal self-attention of the decoder: identity, so that no token sees an earlier one
    /// either; still none sees a later one.
    Csa,
}

/// Everything that fixes the shape of a network, and what belongs to its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Always "askem".
    pub model_type: String,
    /// The preset the sizes came from.
    pub preset: String,
    /// Side of the square input, in pixels.
    pub image_size: usize,
    /// Side of a patch, in pixels.
    pub patch_size: usize,
    /// Width of every token state.
    pub width: usize,
    /// Attention heads in every layer.
    pub heads: usize,
    /// Layers of the image encoder.
    pub vision_layers: usize,
    /// Layers of the text encoder, the grounded encoder and the decoder.
    pub text_layers: usize,
    /// Width of the feed-forward layers, in multiples of `width`.
    pub mlp_ratio: usize,
    /// Tokens in the vocabulary.
    pub vocab_size: usize,
    /// The longest text, in tokens.
    pub max_tokens: usize,
    /// The captions of the categories, in the order of classification.
    pub captions: Vec<String>,
    /// Below this cosine similarity of the best caption the image is none of the categories;
    /// chosen on validation, absent before.
    pub none_below: Option<f32>,
    /// How probable it is that an answer is true; fitted on validation, absent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// What the network does without; nothing but in an ablation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<Ablation>,
}

impl Config {
    /// The paper's network: 224 px, patches of 32, width 64, 4 heads of 16. Where the paper is
    /// silent: depth 6 and 4, feed-forward ratio 4.
    pub fn paper(vocab_size: usize, captions: Vec<String>) -> Self {
        Self {
            model_type: "askem".into(),
            preset: "paper".into(),
            image_size: 224,
            patch_size: 32,
            width: 64,
            heads: 4,
            vision_layers: 6,
            text_layers: 4,
            mlp_ratio: 4,
            vocab_size,
            max_tokens: 128,
            captions,
            none_below: None,
            confidence: None,
            without: Vec::new(),
        }
    }

    /// Patches of 16 px, width 256, 8 heads of 32.
    pub fn standard(vocab_size: usize, captions: Vec<String>) -> Self {
        Self {
            preset: "standard".into(),
            patch_size: 16,
            width: 256,
            heads: 8,
            ..Self::paper(vocab_size, captions)
        }
    }

    /// The sizes of a preset.
    pub fn of(preset: Preset, vocab_size: usize, captions: Vec<String>) -> Self {
        match preset {
            Preset::Paper => Self::paper(vocab_size, captions),
            Preset::Standard => Self::standard(vocab_size, captions),
        }
    }

    /// Whether the network has this attention.
    pub fn has(&self, attention: Ablation) -> bool {
        !self.without.contains(&attention)
    }

    /// Patches of one image.
    pub fn patches(&self) -> usize {
        let side = self.image_size / self.patch_size;
        side * side
    }

    /// Refuses sizes that no network of ours has, before anything is allocated.
    pub fn validate(&self) -> Result<()> {
        let refuse = |why: &str| {
            Err(ModelError::Invalid {
                file: "config.json",
                why: why.into(),
            })
        };
        if self
            .confidence
            .as_ref()
            .is_some_and(|fitted| !fitted.is_sound())
        {
            return refuse("confidence holds a weight that is no number, or too many questions");
        }
        if self.model_type != "askem" {
            return refuse("model_type is not \"askem\"");
        }
        let within = |n: usize, most: usize| (1..=most).contains(&n);
        if !within(self.image_size, 1024) || !within(self.patch_size, self.image_size) {
            return refuse("image_size or patch_size is out of range");
        }
        if !self.image_size.is_multiple_of(self.patch_size) {
            return refuse("image_size is no multiple of patch_size");
        }
        if !within(self.width, 4096)
            || !within(self.heads, 64)
            || !self.width.is_multiple_of(self.heads)
        {
            return refuse("width or heads is out of range");
        }
        if !within(self.vision_layers, 64)
            || !within(self.text_layers, 64)
            || !within(self.mlp_ratio, 16)
        {
            return refuse("a depth or mlp_ratio is out of range");
        }
        if !within(self.vocab_size, 200_000) || !within(self.max_tokens, 4096) {
            return refuse("vocab_size or max_tokens is out of range");
        }
        Ok(())
    }
}
