//! BLIP's image encoder: ours (`crate::vision`), with three colours a pixel and the names of
//! Hugging Face. Queries, keys and values stand in one weight.

use super::config::VisionConfig;
use super::precision;
use crate::layers::{Attention, FeedForward, LayerNorm, Linear, Normed, NormedFeedForward};
use crate::vision::{ImageEncoder, Layer};
use candle_core::Result;
use candle_nn::{Init, VarBuilder};

/// Finds the weights of `vision_model` under `vb`.
pub(super) fn image_encoder(config: &VisionConfig, vb: VarBuilder) -> Result<ImageEncoder> {
    let width = config.hidden_size;
    let embeddings = vb.pp("embeddings");
    let layers = (0..config.num_hidden_layers)
        .map(|i| layer(config, vb.pp("encoder.layers").pp(i)))
        .collect::<Result<_>>()?;
    let tokens = 1 + (config.image_size / config.patch_size).pow(2);
    Ok(ImageEncoder {
        patch: patches(config, embeddings.pp("patch_embedding"))?,
        class: embeddings.get((1, 1, width), "class_embedding")?,
        positions: embeddings.get((1, tokens, width), "position_embedding")?,
        layers,
        norm: LayerNorm::with_epsilon(width, config.layer_norm_eps, vb.pp("post_layernorm"))?,
    })
}

/// The convolution over patches that do not overlap, as a map of a patch's values.
fn patches(config: &VisionConfig, vb: VarBuilder) -> Result<Linear> {
    let (width, side) = (config.hidden_size, config.patch_size);
    let weight = vb.get((width, 3, side, side), "weight")?;
    let patches = Linear::of(weight.reshape((width, ()))?, vb.get(width, "bias")?);
    precision::of(patches, &vb)
}

fn layer(config: &VisionConfig, vb: VarBuilder) -> Result<Layer> {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let norm = |name: &str| LayerNorm::with_epsilon(width, config.layer_norm_eps, vb.pp(name));
    let attention = vb.pp("self_attn");
    let weight = attention.get((3 * width, width), "qkv.weight")?;
    let bias = attention.get_with_hints(3 * width, "qkv.bias", Init::Const(0.0))?;
    let third = |i: usize| {
        let (weight, bias) = (
            weight.narrow(0, i * width, width)?,
            bias.narrow(0, i * width, width)?,
        );
        precision::of(Linear::of(weight, bias), &vb)
    };
    Ok(Layer {
        own: Some(Normed {
            norm: norm("layer_norm1")?,
            attention: Attention {
                query: third(0)?,
                key: third(1)?,
                value: third(2)?,
                output: precision::linear(width, width, attention.pp("projection"))?,
                heads: config.num_attention_heads,
            },
        }),
        feed_forward: NormedFeedForward::new(
            norm("layer_norm2")?,
            FeedForward {
                widen: precision::linear(width, inner, vb.pp("mlp.fc1"))?,
                narrow: precision::linear(inner, width, vb.pp("mlp.fc2"))?,
            },
        )?,
    })
}
