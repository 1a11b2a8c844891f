//! What the decoder looks at while it writes: the shares of its cross-attention.
//!
//! The fused attention of `ops` keeps no shares, so that they are computed here, plainly. The
//! tests hold the two together. Called by the assistant when somebody wants to see them.

use super::{CrossMemory, TextParts};
use crate::layers::Dropout;
use crate::ops::Visible;
use candle_core::{D, Result, Tensor};

/// The shares of attention of queries [1, T, D] on keys [1, S, D]: [heads, T, S], each query's
/// adding up to 1.
pub(crate) fn shares(queries: &Tensor, keys: &Tensor, heads: usize) -> Result<Tensor> {
    let (_, _, width) = queries.dims3()?;
    let head = width / heads.max(1);
    let split = |x: &Tensor| {
        let (_, tokens, _) = x.dims3()?;
        x.reshape((tokens, heads, head))?
            .transpose(0, 1)?
            .contiguous()
    };
    let scores = split(queries)?.matmul(&split(keys)?.t()?)?;
    candle_nn::ops::softmax(&(scores * (head as f64).powf(-0.5))?, D::Minus1)
}

impl TextParts {
    /// The decoder over a whole text `ids` [1, T], as [`TextParts::decode`] does it without a
    /// cache. Gives its states [1, T, D], and the shares [heads, T, S] of cross-attention of each
    /// layer that has one.
    pub(crate) fn watch(
        &self,
        ids: &Tensor,
        memory: &CrossMemory,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let mut x = self.embed(ids, 0)?;
        let mut seen_shares = Vec::new();
        for (i, layer) in self.layers.iter().enumerate() {
            if let Some(own) = &layer.causal {
                x = (&x + own.look_around(&x, &Visible::CAUSAL)?)?;
            }
            if let (Some(cross), Some(memory)) = (&layer.cross, memory.0.get(i)) {
                let normed = cross.norm.forward(&x)?;
                let queries = cross.attention.query.forward(&normed)?;
                seen_shares.push(shares(&queries, &memory.keys, cross.attention.heads)?);
                x = (&x + cross.look_at(&x, memory, &Visible::default())?)?;
            }
            x = layer.feed_forward.add_to(&x, &Dropout::off())?;
        }
        Ok((self.norm_decoder.forward(&x)?, seen_shares))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::ops;
    use crate::parameters::Parameters;
    use candle_core::Device;

    /// Fixed, uneven values.
    fn tensor(shape: &[usize], seed: f32) -> Tensor {
        let n = shape.iter().product::<usize>();
        let value = |i: usize| ((i as f32 + seed) * 1.7).sin() * 1.5;
        Tensor::from_vec((0..n).map(value).collect(), shape, &Device::Cpu).unwrap()
    }

    fn flat(x: &Tensor) -> Vec<f32> {
        x.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn agree(a: &Tensor, b: &Tensor) {
        assert_eq!(a.dims(), b.dims());
        for (a, b) in flat(a).into_iter().zip(flat(b)) {
            assert!((a - b).abs() < 1e-4, "{a} against {b}");
        }
    }

    #[test]
    fn values_weighted_by_the_shares_are_what_the_fused_attention_gives() {
        let (heads, width) = (4, 32);
        let (q, k, v) = (
            tensor(&[1, 5, width], 0.0),
            tensor(&[1, 11, width], 1.0),
            tensor(&[1, 11, width], 2.0),
        );
        let shares = shares(&q, &k, heads).unwrap();
        assert_eq!(shares.dims(), [heads, 5, 11]);
        let sums = flat(&shares.sum(D::Minus1).unwrap());
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5), "{sums:?}");
        let by_heads = v.reshape((11, heads, width / heads)).unwrap();
        let by_heads = by_heads.transpose(0, 1).unwrap().contiguous().unwrap();
        let mixed = shares.matmul(&by_heads).unwrap().transpose(0, 1).unwrap();
        let mixed = mixed.contiguous().unwrap().reshape((1, 5, width)).unwrap();
        let fused = ops::attention(&q, &k, &v, heads, &Visible::default()).unwrap();
        agree(&mixed, &fused);
    }

    #[test]
    fn watching_changes_nothing_of_what_is_written() {
        let config = Config::paper(50, Vec::new());
        let parameters = Parameters::seeded(3);
        let vb = parameters.builder(&Device::Cpu);
        let parts = TextParts::new(&config, vb).unwrap();
        let memory = tensor(&[1, 20, config.width], 0.0);
        let memory = parts.cross_memory(&memory).unwrap();
        let ids = Tensor::new(&[[4u32, 9, 17, 30, 8]], &Device::Cpu).unwrap();
        let (states, shares) = parts.watch(&ids, &memory).unwrap();
        let off = Dropout::off();
        let written = parts.decode(&ids, &memory, &Visible::default(), None, &off);
        agree(&states, &written.unwrap());
        assert_eq!(shares.len(), config.text_layers);
        for shares in shares {
            assert_eq!(shares.dims(), [config.heads, 5, 20]);
        }
    }
}
