//! Part 1, the image encoder: a vision transformer (Dosovitskiy et al. 2021) with [CLS].

use crate::config::{Ablation, Config};
use crate::layers::{
    Attention, Dropout, FeedForward, KeyValue, LayerNorm, Linear, Normed, NormedFeedForward,
};
use crate::ops::Visible;
use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};
use rayon::prelude::*;

/// Tokens that are computed together, at most, where threads share one image.
const PART: usize = 100;

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
        let mut x = dropout.forward(&self.embed(patches)?)?;
        for layer in &self.layers {
            if let Some(own) = &layer.own {
                let seen = own.look_around(&x, &Visible::default())?;
                x = dropout.add(&x, &seen)?;
            }
            x = layer.feed_forward.add_to(&x, dropout)?;
        }
        self.norm.forward(&x)
    }

    /// The same for the patches [1, P, pixels of a patch] of one image, without dropout: parts
    /// of its tokens side by side on the caller's threads, which wait for one another twice a
    /// layer instead of at every operation.
    pub fn forward_in_parts(&self, patches: &Tensor) -> Result<Tensor> {
        let x = self.embed(patches)?;
        let tokens = x.dim(1)?;
        let parts = match x.device().is_cpu() {
            true => tokens.div_ceil(PART),
            false => 1,
        };
        let size = tokens.div_ceil(parts);
        let part = |start: usize| x.narrow(1, start, size.min(tokens - start))?.contiguous();
        let mut parts: Vec<Tensor> = (0..tokens).step_by(size).map(part).collect::<Result<_>>()?;
        for layer in &self.layers {
            if let Some(own) = &layer.own {
                let prepared = parts.par_iter().map(|x| own.prepare(x));
                let prepared: Vec<_> = prepared.collect::<Result<_>>()?;
                let memory = KeyValue::cat(prepared.iter().map(|(_, seen_as)| seen_as))?;
                let attend = |(x, (normed, _)): (&Tensor, &(Tensor, KeyValue))| {
                    let seen = own.attention.attend(normed, &memory, &Visible::default())?;
                    layer.feed_forward.add_to(&(x + seen)?, &Dropout::off())
                };
                parts = parts
                    .par_iter()
                    .zip(&prepared)
                    .map(attend)
                    .collect::<Result<_>>()?;
            } else {
                let bend = |x: &Tensor| layer.feed_forward.add_to(x, &Dropout::off());
                parts = parts.par_iter().map(bend).collect::<Result<_>>()?;
            }
        }
        self.norm.forward(&Tensor::cat(&parts, 1)?)
    }

    /// [CLS] and the patches, each at its place.
    fn embed(&self, patches: &Tensor) -> Result<Tensor> {
        let patches = self.patch.forward(patches)?;
        let (b, _, d) = patches.dims3()?;
        let class = self.class.expand((b, 1, d))?;
        Tensor::cat(&[&class, &patches], 1)?.broadcast_add(&self.positions)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use crate::parameters::Parameters;
    use candle_core::Device;

    #[test]
    fn an_image_in_parts_has_the_states_of_the_whole() {
        for without in [vec![], vec![Ablation::Sa]] {
            let config = Config {
                image_size: 16 * 15,
                vision_layers: 2,
                without,
                ..Config::standard(40, Vec::new())
            };
            assert!(
                config.patches() > 2 * PART,
                "its last part is smaller than the others"
            );
            let parameters = Parameters::seeded(4);
            let encoder = ImageEncoder::new(&config, parameters.builder(&Device::Cpu)).unwrap();
            let patches = Tensor::rand(-1f32, 1., (1, config.patches(), 256), &Device::Cpu);
            let patches = patches.unwrap();
            let whole = encoder.forward(&patches, &Dropout::off()).unwrap();
            let parts = encoder.forward_in_parts(&patches).unwrap();
            let off = (whole - parts).unwrap().abs().unwrap();
            let off = off.max_all().unwrap().to_scalar::<f32>().unwrap();
            assert!(off < 1e-4, "off by {off}");
        }
    }
}
