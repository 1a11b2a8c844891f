//! BLIP's text layers: BERT (Devlin et al. 2019) with cross-attention, each step normed behind
//! its sum. The question encoder and the decoder are one such stack each, with weights of their
//! own; the decoder sees no later token and has a head over the vocabulary.

use super::config::TextConfig;
use super::precision;
use crate::layers::{Attention, Dropout, FeedForward, KeyValue, LayerNorm, Linear};
use crate::ops::{self, Visible};
use crate::packed::Matrix;
use crate::text::{Cache, CrossMemory};
use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

struct Layer {
    self_attention: Attention,
    norm_self: LayerNorm,
    cross_attention: Attention,
    norm_cross: LayerNorm,
    feed_forward: FeedForward,
    norm_feed_forward: LayerNorm,
}

/// Token ids in, states out.
pub struct TextStack {
    /// [V, D].
    pub(super) tokens: Matrix,
    positions: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

/// The other texts or the image that a stack looks at, and what is visible of it.
pub struct Memory {
    /// Projected for every layer.
    pub projected: CrossMemory,
    /// Hides padding.
    pub visible: Visible,
}

impl TextStack {
    /// Finds the weights of a `BlipTextModel` under `vb`.
    pub(super) fn new(config: &TextConfig, vb: VarBuilder) -> Result<Self> {
        let width = config.hidden_size;
        let embeddings = vb.pp("embeddings");
        let layers = (0..config.num_hidden_layers)
            .map(|i| layer(config, vb.pp("encoder.layer").pp(i)))
            .collect::<Result<_>>()?;
        Ok(Self {
            tokens: precision::table(
                (config.vocab_size, width),
                "word_embeddings.weight",
                &embeddings,
            )?,
            positions: embeddings.get(
                (config.max_position_embeddings, width),
                "position_embeddings.weight",
            )?,
            norm: LayerNorm::with_epsilon(
                width,
                config.layer_norm_eps,
                embeddings.pp("LayerNorm"),
            )?,
            layers,
        })
    }

    /// Projects what will be looked at, [B, S, D], once for all tokens.
    pub fn look_at(&self, states: &Tensor, visible: Visible) -> Result<Memory> {
        let project = |layer: &Layer| layer.cross_attention.project(states);
        let projected: Vec<KeyValue> = self.layers.iter().map(project).collect::<Result<_>>()?;
        Ok(Memory {
            projected: CrossMemory(projected),
            visible,
        })
    }

    /// States [B, T, D] of ids [B, T]; `visible` says whether later tokens are seen. With a
    /// cache, the ids follow the tokens it holds. Without a memory, only the text is read.
    pub fn forward(
        &self,
        ids: &Tensor,
        visible: &Visible,
        memory: Option<&Memory>,
        mut cache: Option<&mut Cache>,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let before = cache.as_ref().map_or(0, |cache| cache.tokens);
        let mut x = dropout.forward(&self.embed(ids, before)?)?;
        for (i, layer) in self.layers.iter().enumerate() {
            let mut past = layer.self_attention.project(&x)?;
            if let Some(cache) = cache.as_deref_mut() {
                past = cache.extend(i, past)?;
            }
            let seen = layer.self_attention.attend(&x, &past, visible)?;
            x = layer.norm_self.forward(&dropout.add(&x, &seen)?)?;
            if let Some((memory, projected)) = memory.and_then(|m| Some((m, m.projected.0.get(i)?)))
            {
                let seen = layer
                    .cross_attention
                    .attend(&x, projected, &memory.visible)?;
                x = layer.norm_cross.forward(&dropout.add(&x, &seen)?)?;
            }
            let fed = layer.feed_forward.forward(&x)?;
            x = layer.norm_feed_forward.forward(&dropout.add(&x, &fed)?)?;
        }
        if let Some(cache) = cache {
            cache.tokens += ids.dim(1)?;
        }
        Ok(x)
    }

    fn embed(&self, ids: &Tensor, before: usize) -> Result<Tensor> {
        let (b, t) = ids.dims2()?;
        let words = self.tokens.rows(&ids.flatten_all()?)?;
        let words = words.reshape((b, t, ()))?;
        self.norm
            .forward(&words.broadcast_add(&self.positions.narrow(0, before, t)?)?)
    }
}

fn layer(config: &TextConfig, vb: VarBuilder) -> Result<Layer> {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let norm = |name: &str| LayerNorm::with_epsilon(width, config.layer_norm_eps, vb.pp(name));
    let square = |name: String| precision::linear(width, width, vb.pp(name));
    let attention = |name: &str| {
        Ok::<_, candle_core::Error>(Attention {
            query: square(format!("{name}.self.query"))?,
            key: square(format!("{name}.self.key"))?,
            value: square(format!("{name}.self.value"))?,
            output: square(format!("{name}.output.dense"))?,
            heads: config.num_attention_heads,
        })
    };
    Ok(Layer {
        self_attention: attention("attention")?,
        norm_self: norm("attention.output.LayerNorm")?,
        cross_attention: attention("crossattention")?,
        norm_cross: norm("crossattention.output.LayerNorm")?,
        feed_forward: FeedForward {
            widen: precision::linear(width, inner, vb.pp("intermediate.dense"))?,
            narrow: precision::linear(inner, width, vb.pp("output.dense"))?,
        },
        norm_feed_forward: norm("output.LayerNorm")?,
    })
}

/// Decoder states to logits; the output embeddings are the decoder's input embeddings.
pub struct Head {
    transform: Linear,
    norm: LayerNorm,
    bias: Tensor,
}

impl Head {
    /// Finds the weights of `cls.predictions` under `vb`.
    pub(super) fn new(config: &TextConfig, vb: VarBuilder) -> Result<Self> {
        let width = config.hidden_size;
        let transform = vb.pp("transform");
        Ok(Self {
            transform: precision::linear(width, width, transform.pp("dense"))?,
            norm: LayerNorm::with_epsilon(width, config.layer_norm_eps, transform.pp("LayerNorm"))?,
            bias: vb.get(config.vocab_size, "bias")?,
        })
    }

    /// States [N, D] of a stack with embeddings `tokens` [V, D] -> logits [N, V].
    pub(super) fn forward(&self, states: &Tensor, tokens: &Matrix) -> Result<Tensor> {
        let states = ops::gelu(&self.transform.forward(states)?)?;
        let states = self.norm.forward(&states)?;
        tokens.map(&states, Some(&self.bias))
    }
}
