//! The blocks every part is made of: linear, layer norm, attention, feed-forward, dropout.
//!
//! Only operations whose backward pass is recorded are used: candle's fused softmax and layer
//! norm silently cut the gradient, so the composed forms stand here.
//! Shapes: B batch, T tokens, S tokens of the memory, D width, H heads.

use candle_core::{D, Device, Result, Tensor};
use candle_nn::{Init, Module, VarBuilder};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::cell::RefCell;

/// An affine map of the last dimension.
pub struct Linear(candle_nn::Linear);

impl Linear {
    /// A map from `from` to `to` values, with a bias.
    pub fn new(from: usize, to: usize, vb: VarBuilder) -> Result<Self> {
        let bias = vb.get_with_hints(to, "bias", Init::Const(0.0))?;
        Ok(Self(candle_nn::Linear::new(
            glorot(from, to, &vb)?,
            Some(bias),
        )))
    }

    /// The same without a bias.
    pub fn without_bias(from: usize, to: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self(candle_nn::Linear::new(glorot(from, to, &vb)?, None)))
    }

    /// [.., from] -> [.., to].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.0.forward(x)
    }
}

/// Weights by Glorot and Bengio (2010): variance 2 / (fan-in + fan-out).
fn glorot(from: usize, to: usize, vb: &VarBuilder) -> Result<Tensor> {
    let stdev = (2.0 / (from + to) as f64).sqrt();
    vb.get_with_hints((to, from), "weight", Init::Randn { mean: 0.0, stdev })
}

/// Layer normalisation (Ba et al. 2016) with a gain and a shift.
pub struct LayerNorm {
    gain: Tensor,
    shift: Tensor,
}

impl LayerNorm {
    /// For states of `width` values.
    pub fn new(width: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            gain: vb.get_with_hints(width, "weight", Init::Const(1.0))?,
            shift: vb.get_with_hints(width, "bias", Init::Const(0.0))?,
        })
    }

    /// Shape kept.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        candle_nn::ops::layer_norm_slow(x, &self.gain, &self.shift, 1e-5)
    }
}

/// Drops states in training; in answering it does nothing.
///
/// The masks are windows into one long row of drawn values, so that they are seeded and cost
/// one addition a state on every device.
pub struct Dropout(Option<Pool>);

struct Pool {
    keep: Tensor,
    rng: RefCell<ChaCha8Rng>,
}

const POOL: usize = 1 << 23;

impl Dropout {
    /// For answering.
    pub fn off() -> Self {
        Self(None)
    }

    /// For training: each state is dropped with probability `p`, the rest scaled by 1/(1-p).
    pub fn seeded(p: f64, seed: u64, device: &Device) -> Result<Self> {
        if p == 0.0 {
            return Ok(Self::off());
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let kept = (1.0 / (1.0 - p)) as f32;
        let threshold = (p * f64::from(u32::MAX)) as u32;
        let draw = |_| {
            if rng.random::<u32>() < threshold {
                0.0
            } else {
                kept
            }
        };
        let keep = Tensor::from_vec((0..POOL).map(draw).collect::<Vec<f32>>(), POOL, device)?;
        Ok(Self(Some(Pool {
            keep,
            rng: RefCell::new(rng),
        })))
    }

    /// Shape kept.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let Some(pool) = &self.0 else {
            return Ok(x.clone());
        };
        let n = x.elem_count();
        if n >= POOL {
            candle_core::bail!("dropout over {n} values at once: use a smaller batch");
        }
        let start = pool.rng.borrow_mut().random_range(0..POOL - n);
        x.mul(&pool.keep.narrow(0, start, n)?.reshape(x.shape())?)
    }
}

/// Keys and values of a memory, split by head: [B, H, S, D/H] each.
#[derive(Clone)]
pub struct KeyValue {
    /// What queries are compared with.
    pub keys: Tensor,
    /// What is summed.
    pub values: Tensor,
}

impl KeyValue {
    /// The memory of `self` followed by that of `more`.
    pub fn append(&self, more: &KeyValue) -> Result<Self> {
        Ok(Self {
            keys: Tensor::cat(&[&self.keys, &more.keys], 2)?,
            values: Tensor::cat(&[&self.values, &more.values], 2)?,
        })
    }
}

/// Multi-head attention (Vaswani et al. 2017). Keys have no bias: softmax cancels it.
pub struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    heads: usize,
}

impl Attention {
    /// `heads` heads over states of `width` values.
    pub fn new(width: usize, heads: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            query: Linear::new(width, width, vb.pp("query"))?,
            key: Linear::without_bias(width, width, vb.pp("key"))?,
            value: Linear::new(width, width, vb.pp("value"))?,
            output: Linear::new(width, width, vb.pp("output"))?,
            heads,
        })
    }

    /// Keys and values of a memory [B, S, D].
    pub fn project(&self, memory: &Tensor) -> Result<KeyValue> {
        Ok(KeyValue {
            keys: self.split(&self.key.forward(memory)?)?,
            values: self.split(&self.value.forward(memory)?)?,
        })
    }

    /// States [B, T, D] look at a projected memory; `mask` is added to the scores and
    /// broadcasts to [B, H, T, S]. Gives [B, T, D].
    pub fn attend(&self, x: &Tensor, memory: &KeyValue, mask: Option<&Tensor>) -> Result<Tensor> {
        let (b, t, d) = x.dims3()?;
        let queries =
            self.split(&(self.query.forward(x)? * ((d / self.heads) as f64).powf(-0.5))?)?;
        let mut scores = queries.matmul(&memory.keys.t()?)?;
        if let Some(mask) = mask {
            scores = scores.broadcast_add(mask)?;
        }
        let shares = candle_nn::ops::softmax(&scores, D::Minus1)?;
        let mixed = shares
            .matmul(&memory.values)?
            .transpose(1, 2)?
            .reshape((b, t, d))?;
        self.output.forward(&mixed)
    }

    /// [B, T, D] -> [B, H, T, D/H].
    fn split(&self, x: &Tensor) -> Result<Tensor> {
        let (b, t, d) = x.dims3()?;
        x.reshape((b, t, self.heads, d / self.heads))?
            .transpose(1, 2)?
            .contiguous()
    }
}

/// The feed-forward pair with GELU between.
pub struct FeedForward {
    widen: Linear,
    narrow: Linear,
}

impl FeedForward {
    /// `width` -> `ratio * width` -> `width`.
    pub fn new(width: usize, ratio: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            widen: Linear::new(width, ratio * width, vb.pp("widen"))?,
            narrow: Linear::new(ratio * width, width, vb.pp("narrow"))?,
        })
    }

    /// Shape kept.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.narrow.forward(&self.widen.forward(x)?.gelu_erf()?)
    }
}

/// The mask that hides padding: 0 for the first `lengths[b]` tokens, -1e9 after. [B, 1, 1, T].
pub fn padding_mask(lengths: &[usize], tokens: usize, device: &Device) -> Result<Tensor> {
    let hide = |length: usize| (0..tokens).map(move |t| if t < length { 0f32 } else { -1e9 });
    let values: Vec<f32> = lengths.iter().copied().flat_map(hide).collect();
    Tensor::from_vec(values, (lengths.len(), 1, 1, tokens), device)
}

/// The mask that hides the future: token t sees tokens 0..=t. [1, 1, T, T].
pub fn causal_mask(tokens: usize, device: &Device) -> Result<Tensor> {
    let see = |t: usize| (0..tokens).map(move |s| if s <= t { 0f32 } else { -1e9 });
    let values: Vec<f32> = (0..tokens).flat_map(see).collect();
    Tensor::from_vec(values, (1, 1, tokens, tokens), device)
}
