//! Parts 2, 3 and 4: the text encoder, the image-grounded encoder and the decoder.
//!
//! The grounded encoder is the text encoder with cross-attention switched on in every layer.
//! The decoder has a causal self-attention of its own and shares cross-attention and
//! feed-forward with the grounded encoder, as the paper has it.

mod watch;

use crate::config::{Ablation, Config};
use crate::layers::{
    Attention, Dropout, FeedForward, KeyValue, LayerNorm, Normed, NormedFeedForward,
};
use crate::ops::{self, Visible};
use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

struct Layer {
    own: Normed,
    /// None without causal self-attention.
    causal: Option<Normed>,
    /// None without cross-attention.
    cross: Option<Normed>,
    feed_forward: NormedFeedForward,
}

/// Token ids of a batch of texts, padded to one length.
pub struct Texts {
    /// [B, T], u32.
    pub ids: Tensor,
    /// Hides the padding.
    pub visible: Visible,
}

impl Texts {
    /// The mean of the states [B, T, D] of tokens that are no padding. [B, D].
    pub fn mean(&self, states: &Tensor) -> Result<Tensor> {
        let (b, t, _) = states.dims3()?;
        let Some(lengths) = &self.visible.lengths else {
            return states.mean(1);
        };
        let share = |length: usize, at: usize| match at < length {
            true => 1.0 / length as f32,
            false => 0.0,
        };
        let shares = lengths
            .iter()
            .flat_map(|length| (0..t).map(move |at| share(*length, at)));
        let shares = Tensor::from_vec(shares.collect(), (b, t, 1), states.device())?;
        states.broadcast_mul(&shares)?.sum(1)
    }
}

/// What texts look at: states of tokens, and which of them each text sees.
pub struct Sight<'a> {
    /// [B, S, D], or [1, M, D] where texts share it.
    pub states: &'a Tensor,
    /// Of the states.
    pub visible: Visible,
}

impl<'a> Sight<'a> {
    /// All of `states` [B, S, D], each text its own.
    pub fn whole(states: &'a Tensor) -> Self {
        Self {
            states,
            visible: Visible::default(),
        }
    }
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
    /// Whether the text encoder has self-attention; the grounded encoder always has.
    attends_to_itself: bool,
}

impl TextParts {
    /// Builds or finds its variables under `vb`.
    pub fn new(config: &Config, vb: VarBuilder) -> Result<Self> {
        let width = config.width;
        let start = |stdev| Init::Randn { mean: 0.0, stdev };
        let layer = |i: usize| {
            let vb = vb.pp("layers").pp(i);
            let normed = |norm: &str, attention: &str| -> Result<Normed> {
                Ok(Normed {
                    norm: LayerNorm::new(width, vb.pp(norm))?,
                    attention: Attention::new(width, config.heads, vb.pp(attention))?,
                })
            };
            let unless = |without: Ablation, norm: &str, attention: &str| match config.has(without)
            {
                true => normed(norm, attention).map(Some),
                false => Ok(None),
            };
            Ok(Layer {
                own: normed("norm_self", "self_attention")?,
                causal: unless(Ablation::Csa, "norm_causal", "causal_attention")?,
                cross: unless(Ablation::Ca, "norm_cross", "cross_attention")?,
                feed_forward: NormedFeedForward::new(
                    LayerNorm::new(width, vb.pp("norm_feed_forward"))?,
                    FeedForward::new(width, config.mlp_ratio, vb.pp("feed_forward"))?,
                )?,
            })
        };
        Ok(Self {
            tokens: vb.get_with_hints((config.vocab_size, width), "tokens", start(0.05))?,
            positions: vb.get_with_hints((config.max_tokens, width), "positions", start(0.02))?,
            layers: (0..config.text_layers).map(layer).collect::<Result<_>>()?,
            norm_encoder: LayerNorm::new(width, vb.pp("norm_encoder"))?,
            norm_decoder: LayerNorm::new(width, vb.pp("norm_decoder"))?,
            output_bias: vb.get_with_hints(config.vocab_size, "output_bias", Init::Const(0.0))?,
            attends_to_itself: config.has(Ablation::Sa),
        })
    }

    /// Parts 2 and 3: states [B, T, D] of `texts`; with `image` each layer also looks at it.
    pub fn encode(
        &self,
        texts: &Texts,
        image: Option<&Sight>,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let mut x = dropout.forward(&self.embed(&texts.ids, 0)?)?;
        for layer in &self.layers {
            if self.attends_to_itself || image.is_some() {
                let seen = layer.own.look_around(&x, &texts.visible)?;
                x = dropout.add(&x, &seen)?;
            }
            if let (Some(image), Some(cross)) = (image, &layer.cross) {
                let memory = cross.attention.project(image.states)?;
                let seen = cross.look_at(&x, &memory, &image.visible)?;
                x = dropout.add(&x, &seen)?;
            }
            x = layer.feed_forward.add_to(&x, dropout)?;
        }
        self.norm_encoder.forward(&x)
    }

    /// Projects the decoder's memory [B, S, D] once for all tokens.
    pub fn cross_memory(&self, memory: &Tensor) -> Result<CrossMemory> {
        let crossing = self.layers.iter().filter_map(|layer| layer.cross.as_ref());
        let projected = crossing.map(|cross| cross.attention.project(memory));
        Ok(CrossMemory(projected.collect::<Result<_>>()?))
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
        let mut x = dropout.forward(&self.embed(ids, before)?)?;
        for (i, layer) in self.layers.iter().enumerate() {
            if let Some(own) = &layer.causal {
                let normed = own.norm.forward(&x)?;
                let mut past = own.attention.project(&normed)?;
                if let Some(cache) = cache.as_deref_mut() {
                    past = cache.extend(i, past)?;
                }
                let seen = own.attention.attend(&normed, &past, &Visible::CAUSAL)?;
                x = dropout.add(&x, &seen)?;
            }
            if let (Some(cross), Some(memory)) = (&layer.cross, memory.0.get(i)) {
                let seen = cross.look_at(&x, memory, visible)?;
                x = dropout.add(&x, &seen)?;
            }
            x = layer.feed_forward.add_to(&x, dropout)?;
        }
        if let Some(cache) = cache {
            cache.tokens += t;
        }
        self.norm_decoder.forward(&x)
    }

    /// Decoder states [N, D] -> logits [N, V]; the output embeddings are the input's.
    pub fn logits(&self, states: &Tensor) -> Result<Tensor> {
        ops::linear(states, &self.tokens, Some(&self.output_bias))
    }

    /// Language-modelling loss (LM): mean negative log-likelihood of the target tokens [N] behind
    /// decoder states [N, D]. Padding is left out by the caller.
    pub fn loss(&self, states: &Tensor, targets: &[u32]) -> Result<Tensor> {
        ops::likelihood(states, &self.tokens, &self.output_bias, targets)
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
            Some(past) => KeyValue::cat([past, &newest].into_iter())?,
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
