//! The blocks every part is made of: linear, layer norm, attention, feed-forward, dropout.
//!
//! Only operations whose backward pass is recorded are used (candle's own fused softmax and
//! layer norm silently cut the gradient); those in `ops` bring theirs.
//! Shapes: B batch, T tokens, S tokens of the memory, D width.

use crate::ops::{self, Visible, Widths};
use crate::packed::Matrix;
use crate::precision::Precision;
use candle_core::{Device, Result, Tensor};
use candle_nn::{Init, VarBuilder};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::{Mutex, PoisonError};

/// An affine map of the last dimension.
pub struct Linear {
    weight: Matrix,
    bias: Option<Tensor>,
    precision: Precision,
}

impl Linear {
    /// A map from `from` to `to` values, with a bias.
    pub fn new(from: usize, to: usize, vb: VarBuilder) -> Result<Self> {
        let bias = Some(vb.get_with_hints(to, "bias", Init::Const(0.0))?);
        Ok(Self {
            weight: Matrix::Full(glorot(from, to, &vb)?),
            bias,
            precision: Precision::of(vb.dtype()),
        })
    }

    /// The same without a bias.
    pub fn without_bias(from: usize, to: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            weight: Matrix::Full(glorot(from, to, &vb)?),
            bias: None,
            precision: Precision::of(vb.dtype()),
        })
    }

    /// Of weights [to, from] and a bias [to] that stand under other names.
    pub fn of(weight: Tensor, bias: Tensor) -> Self {
        Self {
            weight: Matrix::Full(weight),
            bias: Some(bias),
            precision: Precision::F32,
        }
    }

    /// The same in 8 bits, for answering alone.
    pub fn packed(self) -> Result<Self> {
        Ok(Self {
            weight: self.weight.packed()?,
            ..self
        })
    }

    /// [.., from] -> [.., to].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match (self.precision, &self.weight) {
            (Precision::Bf16, Matrix::Full(weight)) => {
                self.precision.map(x, weight, self.bias.as_ref())
            }
            _ => self.weight.map(x, self.bias.as_ref()),
        }
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
    epsilon: f32,
}

impl LayerNorm {
    /// For states of `width` values; 1e-5 is added to the variance.
    pub fn new(width: usize, vb: VarBuilder) -> Result<Self> {
        Self::with_epsilon(width, 1e-5, vb)
    }

    /// The same with another value added to the variance.
    pub fn with_epsilon(width: usize, epsilon: f32, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            gain: vb.get_with_hints(width, "weight", Init::Const(1.0))?,
            shift: vb.get_with_hints(width, "bias", Init::Const(0.0))?,
            epsilon,
        })
    }

    /// Shape kept.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        ops::layer_norm(x, &self.gain, &self.shift, self.epsilon)
    }
}

/// Drops states in training; in answering it does nothing.
///
/// The masks are windows into one long row of drawn values, so that they are seeded and cost
/// one pass on every device.
pub struct Dropout(Option<Pool>);

struct Pool {
    keep: Tensor,
    rng: Mutex<ChaCha8Rng>,
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
        let rng = Mutex::new(rng);
        Ok(Self(Some(Pool { keep, rng })))
    }

    /// The same row of values, its windows drawn anew from a seed.
    pub fn restarted(&self, seed: u64) -> Self {
        let restarted = |pool: &Pool| Pool {
            keep: pool.keep.clone(),
            rng: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        };
        Self(self.0.as_ref().map(restarted))
    }

    /// Shape kept.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match &self.0 {
            Some(pool) => x.mul(&pool.window(x)?),
            None => Ok(x.clone()),
        }
    }

    /// What is kept of values of the shape of `x`; None where all are.
    fn window(&self, x: &Tensor) -> Result<Option<Tensor>> {
        self.0.as_ref().map(|pool| pool.window(x)).transpose()
    }

    /// `x` plus what is kept of `y`, a layer's addition to it. Shapes alike and kept.
    pub fn add(&self, x: &Tensor, y: &Tensor) -> Result<Tensor> {
        match &self.0 {
            Some(pool) => ops::add_kept(x, y, &pool.window(y)?),
            None => x + y,
        }
    }
}

impl Pool {
    fn window(&self, x: &Tensor) -> Result<Tensor> {
        let n = x.elem_count();
        if n >= POOL {
            candle_core::bail!("dropout over {n} values at once: use a smaller batch");
        }
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        let start = rng.random_range(0..POOL - n);
        self.keep.narrow(0, start, n)?.reshape(x.shape())
    }
}

/// Keys and values of a memory: [B, S, D] each.
#[derive(Clone)]
pub struct KeyValue {
    /// What queries are compared with.
    pub keys: Tensor,
    /// What is summed.
    pub values: Tensor,
}

impl KeyValue {
    /// Memories, one behind the other.
    pub fn cat<'a>(parts: impl Iterator<Item = &'a KeyValue> + Clone) -> Result<Self> {
        let keys: Vec<_> = parts.clone().map(|part| &part.keys).collect();
        let values: Vec<_> = parts.map(|part| &part.values).collect();
        Ok(Self {
            keys: Tensor::cat(&keys, 1)?,
            values: Tensor::cat(&values, 1)?,
        })
    }
}

/// Multi-head attention (Vaswani et al. 2017). Keys of ours have no bias: softmax cancels it.
pub struct Attention {
    /// What looks.
    pub query: Linear,
    /// What it is compared with.
    pub key: Linear,
    /// What is summed.
    pub value: Linear,
    /// Mixes the heads.
    pub output: Linear,
    /// Heads of equal width.
    pub heads: usize,
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
            keys: self.key.forward(memory)?,
            values: self.value.forward(memory)?,
        })
    }

    /// States [B, T, D] look at what they may see of a projected memory. Gives [B, T, D].
    pub fn attend(&self, x: &Tensor, memory: &KeyValue, visible: &Visible) -> Result<Tensor> {
        let queries = self.query.forward(x)?;
        let (keys, values) = (&memory.keys, &memory.values);
        let mixed = ops::attention(&queries, keys, values, self.heads, visible)?;
        self.output.forward(&mixed)
    }

    /// The same for one image alone: its heads as the rows of a batch, which threads share.
    fn attend_by_heads(&self, x: &Tensor, memory: &KeyValue, visible: &Visible) -> Result<Tensor> {
        let rows = |x: &Tensor| {
            let (_, tokens, width) = x.dims3()?;
            x.reshape((tokens, self.heads, width / self.heads))?
                .transpose(0, 1)?
                .contiguous()
        };
        let queries = self.query.forward(x)?;
        let (keys, values) = (rows(&memory.keys)?, rows(&memory.values)?);
        let mixed = ops::attention(&rows(&queries)?, &keys, &values, 1, visible)?;
        let mixed = mixed.transpose(0, 1)?.contiguous()?;
        self.output.forward(&mixed.reshape(queries.shape())?)
    }
}

/// An attention whose queries are normed first.
pub(crate) struct Normed {
    /// Before the queries; before keys and values too where states look at themselves.
    pub norm: LayerNorm,
    /// Looks.
    pub attention: Attention,
}

impl Normed {
    /// States [B, T, D] look at a projected memory. Gives [B, T, D].
    pub fn look_at(&self, x: &Tensor, memory: &KeyValue, visible: &Visible) -> Result<Tensor> {
        self.attention
            .attend(&self.norm.forward(x)?, memory, visible)
    }

    /// Normed states [B, T, D], and what they are to those that look at them.
    pub fn prepare(&self, x: &Tensor) -> Result<(Tensor, KeyValue)> {
        let normed = self.norm.forward(x)?;
        let seen_as = self.attention.project(&normed)?;
        Ok((normed, seen_as))
    }

    /// States [B, T, D] look at themselves. Gives [B, T, D].
    pub fn look_around(&self, x: &Tensor, visible: &Visible) -> Result<Tensor> {
        let (normed, memory) = self.prepare(x)?;
        let alone = x.dim(0)? == 1 && visible.lengths.is_none() && visible.shared.is_none();
        match alone && x.device().is_cpu() && rayon::current_num_threads() > 1 {
            true => self.attention.attend_by_heads(&normed, &memory, visible),
            false => self.attention.attend(&normed, &memory, visible),
        }
    }
}

/// The feed-forward pair with GELU between.
pub struct FeedForward {
    /// Before GELU.
    pub widen: Linear,
    /// Behind it.
    pub narrow: Linear,
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
        self.narrow.forward(&ops::gelu(&self.widen.forward(x)?)?)
    }
}

/// A feed-forward pair whose states are normed first.
pub(crate) struct NormedFeedForward {
    norm: LayerNorm,
    pair: FeedForward,
    /// All its weights in one row, where they are trained on the CPU.
    packed: Option<(Tensor, Widths)>,
}

impl NormedFeedForward {
    pub fn new(norm: LayerNorm, pair: FeedForward) -> Result<Self> {
        let packed = match (&pair.widen, &pair.narrow) {
            (
                Linear {
                    weight: Matrix::Full(widen),
                    bias: Some(widen_bias),
                    precision: Precision::F32,
                },
                Linear {
                    weight: Matrix::Full(narrow),
                    bias: Some(narrow_bias),
                    ..
                },
            ) if norm.gain.device().is_cpu() => {
                let (gain, shift) = (&norm.gain, &norm.shift);
                let parts = [gain, shift, widen, widen_bias, narrow, narrow_bias];
                let (wide, narrow) = widen.dims2()?;
                let epsilon = norm.epsilon;
                let widths = Widths {
                    narrow,
                    wide,
                    epsilon,
                };
                match parts.iter().all(|part| part.track_op()) {
                    true => Some((in_a_row(&parts)?, widths)),
                    false => None,
                }
            }
            _ => None,
        };
        Ok(Self { norm, pair, packed })
    }

    /// `x` plus what is kept of what the pair makes of it. Shape kept.
    pub fn add_to(&self, x: &Tensor, dropout: &Dropout) -> Result<Tensor> {
        match &self.packed {
            Some((packed, widths)) => ops::feed_forward(x, packed, *widths, dropout.window(x)?),
            None => dropout.add(x, &self.pair.forward(&self.norm.forward(x)?)?),
        }
    }
}

fn in_a_row(parts: &[&Tensor]) -> Result<Tensor> {
    let flat = parts.iter().map(|part| part.flatten_all());
    Tensor::cat(&flat.collect::<Result<Vec<_>>>()?, 0)
}
