//! The sizes of a BLIP: `config.json` in the schema of Hugging Face's `BlipConfig`. What a file
//! leaves out has the value that `transformers` gives it; what does not change the numbers
//! (dropout, initialisation) is read over.

use crate::error::{ModelError, Result};
use serde::{Deserialize, Serialize};

/// Both halves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlipConfig {
    /// Always "blip".
    pub model_type: String,
    /// Which of the BLIP models: "BlipForQuestionAnswering".
    #[serde(default)]
    pub architectures: Vec<String>,
    /// The question encoder and the decoder.
    #[serde(default)]
    pub text_config: TextConfig,
    /// The image encoder.
    #[serde(default)]
    pub vision_config: VisionConfig,
    /// Width of the contrastive vectors of the retrieval model.
    #[serde(default = "retrieval_width")]
    pub image_text_hidden_size: usize,
}

/// Sizes of the text parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextConfig {
    /// Rows of the embeddings.
    pub vocab_size: usize,
    /// Width of every token state.
    pub hidden_size: usize,
    /// Width between the two feed-forward maps.
    pub intermediate_size: usize,
    /// Layers of the question encoder, and of the decoder.
    pub num_hidden_layers: usize,
    /// Heads of equal width.
    pub num_attention_heads: usize,
    /// The longest text, in tokens.
    pub max_position_embeddings: usize,
    /// The activation; "gelu", the exact form, is the only one known here.
    pub hidden_act: String,
    /// Added to the variance in every layer norm.
    pub layer_norm_eps: f32,
    /// Begins an answer.
    pub bos_token_id: u32,
    /// Ends an answer.
    pub sep_token_id: u32,
    /// Fills up short texts.
    pub pad_token_id: u32,
    /// Whether the decoder's output embeddings are its input embeddings.
    pub tie_word_embeddings: bool,
}

/// Sizes of the image encoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VisionConfig {
    /// Width of every token state.
    pub hidden_size: usize,
    /// Width between the two feed-forward maps.
    pub intermediate_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Heads of equal width.
    pub num_attention_heads: usize,
    /// Side of the square input, in pixels.
    pub image_size: usize,
    /// Side of a patch, in pixels.
    pub patch_size: usize,
    /// As in the text parts.
    pub hidden_act: String,
    /// Added to the variance in every layer norm.
    pub layer_norm_eps: f32,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30_524,
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 512,
            hidden_act: "gelu".into(),
            layer_norm_eps: 1e-12,
            bos_token_id: 30_522,
            sep_token_id: 102,
            pad_token_id: 0,
            tie_word_embeddings: true,
        }
    }
}

impl Default for VisionConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 384,
            patch_size: 16,
            hidden_act: "gelu".into(),
            layer_norm_eps: 1e-5,
        }
    }
}

fn retrieval_width() -> usize {
    256
}

/// The name of the one BLIP model that answers questions.
const ANSWERER: &str = "BlipForQuestionAnswering";

impl BlipConfig {
    /// Patches of one image.
    pub fn patches(&self) -> usize {
        let side = self.vision_config.image_size / self.vision_config.patch_size;
        side * side
    }

    /// Refuses what is no BLIP that answers questions, and sizes beyond any that was published,
    /// before anything is allocated.
    pub fn validate(&self) -> Result<()> {
        if let Some(other) = self.architectures.iter().find(|name| *name != ANSWERER) {
            return unsupported(format!("it is a {other} and not a {ANSWERER}"));
        }
        self.validate_kind()?;
        self.validate_sizes()?;
        let (text, vision) = (&self.text_config, &self.vision_config);
        for epsilon in [text.layer_norm_eps, vision.layer_norm_eps] {
            if !(0.0..=0.1).contains(&epsilon) {
                return invalid(format!("layer_norm_eps is {epsilon}"));
            }
        }
        for id in [text.bos_token_id, text.sep_token_id, text.pad_token_id] {
            if id as usize >= text.vocab_size {
                return invalid(format!("it names token {id} and has {}", text.vocab_size));
            }
        }
        Ok(())
    }

    fn validate_kind(&self) -> Result<()> {
        let (text, vision) = (&self.text_config, &self.vision_config);
        for activation in [&text.hidden_act, &vision.hidden_act] {
            if activation != "gelu" {
                return unsupported(format!("its activation is {activation:?} and not \"gelu\""));
            }
        }
        if !text.tie_word_embeddings {
            return unsupported("its input and output embeddings are not tied".into());
        }
        if text.hidden_size != vision.hidden_size {
            return unsupported("text and image states differ in width".into());
        }
        Ok(())
    }

    fn validate_sizes(&self) -> Result<()> {
        let (text, vision) = (&self.text_config, &self.vision_config);
        let sizes = [
            ("text_config.vocab_size", text.vocab_size, 200_000),
            ("text_config.hidden_size", text.hidden_size, 4096),
            (
                "text_config.intermediate_size",
                text.intermediate_size,
                16_384,
            ),
            ("text_config.num_hidden_layers", text.num_hidden_layers, 64),
            (
                "text_config.num_attention_heads",
                text.num_attention_heads,
                64,
            ),
            (
                "text_config.max_position_embeddings",
                text.max_position_embeddings,
                4096,
            ),
            ("vision_config.hidden_size", vision.hidden_size, 4096),
            (
                "vision_config.intermediate_size",
                vision.intermediate_size,
                16_384,
            ),
            (
                "vision_config.num_hidden_layers",
                vision.num_hidden_layers,
                64,
            ),
            (
                "vision_config.num_attention_heads",
                vision.num_attention_heads,
                64,
            ),
            ("vision_config.image_size", vision.image_size, 1024),
            ("vision_config.patch_size", vision.patch_size, 64),
            ("image_text_hidden_size", self.image_text_hidden_size, 4096),
        ];
        for (name, size, most) in sizes {
            if !(1..=most).contains(&size) {
                return invalid(format!("{name} is {size} and not 1 to {most}"));
            }
        }
        for (name, size, of) in [
            ("a text head", text.num_attention_heads, text.hidden_size),
            (
                "an image head",
                vision.num_attention_heads,
                vision.hidden_size,
            ),
            ("a patch", vision.patch_size, vision.image_size),
        ] {
            if !of.is_multiple_of(size) {
                return invalid(format!(
                    "{of} values are not divided evenly by {name} ({size})"
                ));
            }
        }
        Ok(())
    }
}

fn invalid(why: String) -> Result<()> {
    let file = "config.json";
    Err(ModelError::Invalid { file, why })
}

fn unsupported(why: String) -> Result<()> {
    Err(ModelError::Unsupported { why })
}
