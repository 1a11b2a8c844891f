//! Part 1, the image encoder: a vision transformer (Dosovitskiy et al. 2021) with [CLS].

use crate::config::{Ablation, Config};
use crate::layers::{
    Attention, Dropout, FeedForward, LayerNorm, Linear, Normed, NormedFeedForward,
};
use crate::ops::Visible;
use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

/// One layer: each of its two steps is normed first and added to what came in.
pub(crate) struct Layer {
    /// None without self-attention.
    pub(crate) own: Option<Normed>,
    pub(crate) feed_forward: NormedFeedForward,
}

/// Patches in, token states out. BLIP's is the same under other names (`blip/vision.rs`).
pub struct ImageEncoder {
    pub(crate) patch: Linear,
    pub(crate) class: Tensor,
    pub(crate) positions: Tensor,
    pub(crate) layers: Vec<Layer>,
    pub(crate) norm: LayerNorm,
}

impl ImageEncoder {
    /// Builds or finds its variables under `vb`.
    pub fn new(config: &Config, vb: VarBuilder) -> Result<Self> {
        let width = config.width;
        let start = Init::Randn {
            mean: 0.0,
            stdev: 0.02,
        };
        let layer = |i: usize| {
            let vb = vb.pp("layers").pp(i);
            let own = || -> Result<Normed> {
                Ok(Normed {
                    norm: LayerNorm::new(width, vb.pp("norm_attention"))?,
                    attention: Attention::new(width, config.heads, vb.pp("attention"))?,
                })
            };
            Ok(Layer {
                own: config.has(Ablation::Sa).then(own).transpose()?,
                feed_forward: NormedFeedForward::new(
                    LayerNorm::new(width, vb.pp("norm_feed_forward"))?,
                    FeedForward::new(width, config.mlp_ratio, vb.pp("feed_forward"))?,
                )?,
            })
        };
        Ok(Self {
            patch: Linear::new(config.patch_size * config.patch_size, width, vb.pp("patch"))?,
            class: vb.get_with_hints((1, 1, width), "class", start)?,
            positions: vb.get_with_hints((1, config.patches() + 1, width), "positions", start)?,
            layers: (0..config.vision_layers)
                .map(layer)
                .collect::<Result<_>>()?,
            norm: LayerNorm::new(width, vb.pp("norm"))?,
        })
    }

    /// Patches [B, P, pixels of a patch] -> states [B, 1 + P, D]; the first is [CLS].
    pub fn forward(&self, patches: &Tensor, dropout: &Dropout) -> Result<Tensor> {
        let patches = self.patch.forward(patches)?;
        let (b, _, d) = patches.dims3()?;
        let class = self.class.expand((b, 1, d))?;
        let mut x = Tensor::cat(&[&class, &patches], 1)?.broadcast_add(&self.positions)?;
        x = dropout.forward(&x)?;
        for layer in &self.layers {
            if let Some(own) = &layer.own {
                let seen = own.look_around(&x, &Visible::default())?;
                x = dropout.add(&x, &seen)?;
            }
            x = layer.feed_forward.add_to(&x, dropout)?;
        }
        self.norm.forward(&x)
    }
}
