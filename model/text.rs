//! Parts 2, 3 and 4: the text encoder, the image-grounded encoder and the decoder.
//!
//! The grounded encoder is the text encoder with cross-attention switched on in every layer.
//! The decoder has a causal self-attention of its own and shares cross-attention and
//! feed-forward with the grounded encoder, as the paper has it.

use crate::config::Config;
use crate::layers::{Attention, Dropout, FeedForward, KeyValue, LayerNorm};
use crate::ops::{self, Visible};
use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

struct Layer {
    norm_self: LayerNorm,
    self_attention: Attention,
    norm_causal: LayerNorm,
    causal_attention: Attention,
    norm_cross: LayerNorm,
    cross_attention: Attention,
    norm_feed_forward: LayerNorm,
    feed_forward: FeedForward,
}

/// Token ids of a batch of texts, padded to one length.
pub struct Texts {
    /// [B, T], u32.
    pub ids: Tensor,
    /// Hides the padding.
    pub visible: Visible,
}

/// What the decoder and the grounded encoder look at, projected for every layer.
pub struct CrossMemory(pub(crate) Vec<KeyValue>);

/// The decoder's past: keys and values of the tokens so far, for every layer.
#[derive(Default)]
pub struct Cache {
    layers: Vec<KeyValue>,
    pub(crate) tokens: usize,
}

/// All three text parts: they share most of their weights.
pub struct TextParts {
    tokens: Tensor,
    positions: Tensor,
    layers: Vec<Layer>,
    norm_encoder: LayerNorm,
    norm_decoder: LayerNorm,
    output_bias: Tensor,
}

impl TextParts {
    /// Builds or finds its variables under `vb`.
    pub fn new(config: &Config, vb: VarBuilder) -> Result<Self> {
        let width = config.width;
        let start = |stdev| Init::Randn { mean: 0.0, stdev };
        let layer = |i: usize| {
            let vb = vb.pp("layers").pp(i);
            let norm = |name: &str| LayerNorm::new(width, vb.pp(name));
            let attention = |name: &str| Attention::new(width, config.heads, vb.pp(name));
            Ok(Layer {
                norm_self: norm("norm_self")?,
                self_attention: attention("self_attention")?,
                norm_causal: norm("norm_causal")?,
                causal_attention: attention("causal_attention")?,
                norm_cross: norm("norm_cross")?,
                cross_attention: attention("cross_attention")?,
                norm_feed_forward: norm("norm_feed_forward")?,
                feed_forward: FeedForward::new(width, config.mlp_ratio, vb.pp("feed_forward"))?,
            })
        };
        Ok(Self {
            tokens: vb.get_with_hints((config.vocab_size, width), "tokens", start(0.05))?,
            positions: vb.get_with_hints((config.max_tokens, width), "positions", start(0.02))?,
            layers: (0..config.text_layers).map(layer).collect::<Result<_>>()?,
            norm_encoder: LayerNorm::new(width, vb.pp("norm_encoder"))?,
            norm_decoder: LayerNorm::new(width, vb.pp("norm_decoder"))?,
            output_bias: vb.get_with_hints(config.vocab_size, "output_bias", Init::Const(0.0))?,
        })
    }

    /// Parts 2 and 3: states [B, T, D] of `texts`; with `image` (states [B, S, D]) each layer
    /// also looks at the image.
    pub fn encode(
        &self,
        texts: &Texts,
        image: Option<&Tensor>,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let mut x = dropout.forward(&self.embed(&texts.ids, 0)?)?;
        for layer in &self.layers {
            let normed = layer.norm_self.forward(&x)?;
            let attention = &layer.self_attention;
            let seen = attention.attend(&normed, &attention.project(&normed)?, &texts.visible)?;
            x = (x + dropout.forward(&seen)?)?;
            if let Some(image) = image {
                let memory = layer.cross_attention.project(image)?;
                let normed = layer.norm_cross.forward(&x)?;
                x = (x + dropout.forward(&layer.cross_attention.attend(
                    &normed,
                    &memory,
                    &Visible::default(),
                )?)?)?;
            }
            let fed = layer
                .feed_forward
                .forward(&layer.norm_feed_forward.forward(&x)?)?;
            x = (x + dropout.forward(&fed)?)?;
        }
        self.norm_encoder.forward(&x)
    }

    /// Projects the decoder's memory [B, S, D] once for all tokens.
    pub fn cross_memory(&self, memory: &Tensor) -> Result<CrossMemory> {
        let project = |layer: &Layer| layer.cross_attention.project(memory);
        Ok(CrossMemory(
            self.layers.iter().map(project).collect::<Result<_>>()?,
        ))
    }

    /// Part 4: states [B, T, D] of `ids` [B, T] given what is `visible` of
    /// the memory. With a cache, `ids` follow the tokens it holds and are added to it;
    /// without, they are the whole text.
    pub fn decode(
        &self,
        ids: &Tensor,
        memory: &CrossMemory,
        visible: &Visible,
        mut cache: Option<&mut Cache>,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let (_, t) = ids.dims2()?;
        let before = cache.as_ref().map_or(0, |cache| cache.tokens);
        let causal = Visible {
            lengths: None,
            causal: true,
        };
        let mut x = dropout.forward(&self.embed(ids, before)?)?;
        for (i, (layer, cross)) in self.layers.iter().zip(&memory.0).enumerate() {
            let normed = layer.norm_causal.forward(&x)?;
            let mut past = layer.causal_attention.project(&normed)?;
            if let Some(cache) = cache.as_deref_mut() {
                past = cache.extend(i, past)?;
            }
            let seen = layer.causal_attention.attend(&normed, &past, &causal)?;
            x = (x + dropout.forward(&seen)?)?;
            let normed = layer.norm_cross.forward(&x)?;
            let seen = layer.cross_attention.attend(&normed, cross, visible)?;
            x = (x + dropout.forward(&seen)?)?;
            let fed = layer
                .feed_forward
                .forward(&layer.norm_feed_forward.forward(&x)?)?;
            x = (x + dropout.forward(&fed)?)?;
        }
        if let Some(cache) = cache {
            cache.tokens += t;
        }
        self.norm_decoder.forward(&x)
    }

    /// Decoder states [N, D] -> logits [N, V]; the output embeddings are the input's.
    pub fn logits(&self, states: &Tensor) -> Result<Tensor> {
        ops::add_bias(&states.matmul(&self.tokens.t()?)?, &self.output_bias)
    }

    fn embed(&self, ids: &Tensor, before: usize) -> Result<Tensor> {
        let (b, t) = ids.dims2()?;
        let words = self
            .tokens
            .index_select(&ids.flatten_all()?, 0)?
            .reshape((b, t, ()))?;
        words.broadcast_add(&self.positions.narrow(0, before, t)?)
    }
}

impl Cache {
    /// Adds the newest keys and values of one layer; gives all of them. A cache is filled
    /// with one prompt token first, then one token at a time.
    pub(crate) fn extend(&mut self, layer: usize, newest: KeyValue) -> Result<KeyValue> {
        let all = match self.layers.get(layer) {
            Some(past) => past.append(&newest)?,
            None => newest,
        };
        if layer < self.layers.len() {
            self.layers[layer] = all.clone();
        } else {
            self.layers.push(all.clone());
        }
        Ok(all)
    }
}
