//! Multi-head attention over [B, T, D] without copying heads apart; the shares are computed
//! again in the backward pass instead of being kept.

use super::product::{across, add_to, gather, product, product_across};
use super::{LANES, exp, read, values};
use candle_core::{CpuStorage, CustomOp3, D, Device, Layout, Result, Shape, Tensor};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Which tokens of the memory a query may look at.
#[derive(Clone, Default)]
pub struct Visible {
    /// How many tokens of each memory are text and not padding; `None`: all of them.
    pub lengths: Option<Arc<Vec<usize>>>,
    /// Whether a query sees only the memory up to its own place; the last query sees all.
    pub causal: bool,
    /// Where the memory is one row of tokens [1, M, D] that several texts look at: the two
    /// stretches of it that each text sees, one after the other. Lengths are then not asked.
    pub shared: Option<Arc<Vec<[Range<usize>; 2]>>>,
}

/// Queries [B, T, D] look at keys and values [B, S, D], or shared ones [1, M, D], with `heads`
/// heads. Gives [B, T, D].
pub fn attention(
    queries: &Tensor,
    keys: &Tensor,
    values: &Tensor,
    heads: usize,
    visible: &Visible,
) -> Result<Tensor> {
    visible.check(queries.dim(0)?, keys)?;
    if !queries.device().is_cpu() {
        return composed(queries, keys, values, heads, visible);
    }
    let op = Attend {
        heads,
        visible: visible.clone(),
    };
    queries
        .contiguous()?
        .apply_op3(&keys.contiguous()?, &values.contiguous()?, op)
}

/// The same from candle's own operations.
fn composed(q: &Tensor, k: &Tensor, v: &Tensor, heads: usize, visible: &Visible) -> Result<Tensor> {
    if let Some(stretches) = &visible.shared {
        let (k, v) = (apart(k, stretches)?, apart(v, stretches)?);
        let lengths = stretches.iter().map(length).collect();
        let visible = Visible {
            lengths: Some(Arc::new(lengths)),
            causal: visible.causal,
            shared: None,
        };
        return composed(q, &k, &v, heads, &visible);
    }
    let (b, t, d) = q.dims3()?;
    let s = k.dim(1)?;
    let split = |x: &Tensor| {
        x.reshape((b, (), heads, d / heads))?
            .transpose(1, 2)?
            .contiguous()
    };
    let scores = (split(q)?.matmul(&split(k)?.t()?)? * scale(d / heads))?;
    let scores = match &visible.lengths {
        None if !visible.causal => scores,
        _ => scores.broadcast_add(&mask(visible, b, t, s, q.device())?)?,
    };
    let shares = candle_nn::ops::softmax(&scores, D::Minus1)?;
    shares
        .matmul(&split(v)?)?
        .transpose(1, 2)?
        .reshape((b, t, d))
}

fn length(stretches: &[Range<usize>; 2]) -> usize {
    stretches.iter().map(Range::len).sum()
}

/// A shared memory [1, M, D] as one memory a text, [B, S, D], padded to the longest.
fn apart(memory: &Tensor, stretches: &[[Range<usize>; 2]]) -> Result<Tensor> {
    let longest = stretches.iter().map(length).max().unwrap_or(0);
    let mut places = Vec::with_capacity(stretches.len() * longest);
    for text in stretches {
        let own = text.iter().cloned().flatten().map(|place| place as u32);
        let padding = std::iter::repeat_n(0, longest - length(text));
        places.extend(own.chain(padding));
    }
    let places = Tensor::from_vec(places, stretches.len() * longest, memory.device())?;
    let apart = memory.squeeze(0)?.contiguous()?.index_select(&places, 0)?;
    apart.reshape((stretches.len(), longest, ()))
}

/// 0 where a query may look, -1e9 where not: [B, 1, T, S].
fn mask(visible: &Visible, b: usize, t: usize, s: usize, device: &Device) -> Result<Tensor> {
    let mut values = Vec::with_capacity(b * t * s);
    for row in 0..b {
        let length = visible.length(row, s);
        for query in 0..t {
            let end = visible.end(query, t, length, s);
            values.extend((0..s).map(|key| if key < end { 0f32 } else { -1e9 }));
        }
    }
    Tensor::from_vec(values, (b, 1, t, s), device)
}

fn scale(head_width: usize) -> f64 {
    (head_width as f64).powf(-0.5)
}

impl Visible {
    /// For texts that see no later token of themselves.
    pub const CAUSAL: Self = Self {
        lengths: None,
        causal: true,
        shared: None,
    };

    /// Memory tokens of a row that are no padding, of `s`.
    fn length(&self, row: usize, s: usize) -> usize {
        let lengths = self.lengths.as_ref();
        let length = lengths.and_then(|lengths| lengths.get(row).copied());
        length.unwrap_or(s).min(s)
    }

    /// How many of a memory of `s` tokens the query at place `t` of `queries` may see, of which
    /// `length` are no padding; at least one.
    fn end(&self, t: usize, queries: usize, length: usize, s: usize) -> usize {
        let causal = match self.causal {
            true => (s + t + 1).saturating_sub(queries),
            false => s,
        };
        length.min(causal).clamp(1, s.max(1))
    }

    /// The stretches of the flat memory that a row sees, padding included.
    fn stretches(&self, row: usize, s: usize) -> [Range<usize>; 2] {
        match self.shared.as_ref().and_then(|shared| shared.get(row)) {
            Some(stretches) => stretches.clone(),
            None => [row * s..(row + 1) * s, 0..0],
        }
    }

    fn check(&self, rows: usize, keys: &Tensor) -> Result<()> {
        let (b, s, _) = keys.dims3()?;
        let fits = match &self.shared {
            None => b == rows && s > 0,
            Some(shared) => {
                let inside = |text: &[Range<usize>; 2]| {
                    text.iter().all(|stretch| stretch.end <= s) && length(text) > 0
                };
                b == 1 && shared.len() == rows && shared.iter().all(inside)
            }
        };
        match fits {
            true => Ok(()),
            false => candle_core::bail!("{rows} texts cannot look at a memory of {b} x {s}"),
        }
    }
}

struct Attend {
    heads: usize,
    visible: Visible,
}

/// The sizes of one call.
#[derive(Clone, Copy)]
struct Sizes {
    t: usize,
    /// Tokens of a memory of its own.
    s: usize,
    d: usize,
    head: usize,
}

type Gradients = (Option<Tensor>, Option<Tensor>, Option<Tensor>);

impl CustomOp3 for Attend {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        lq: &Layout,
        k: &CpuStorage,
        lk: &Layout,
        v: &CpuStorage,
        lv: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = self.sizes(lq.shape(), lk.shape())?;
        let (q, k, v) = (values(q, lq)?, values(k, lk)?, values(v, lv)?);
        let mut out = vec![0f32; q.len()];
        let row = sizes.t * sizes.d;
        out.par_chunks_mut(row)
            .zip(q.par_chunks(row))
            .enumerate()
            .for_each(|(row, (out, q))| {
                let op = self;
                pulp::Arch::new().dispatch(Forward {
                    op,
                    row,
                    sizes,
                    ins: [q, k, v],
                    out,
                });
            });
        Ok((CpuStorage::F32(out), lq.shape().clone()))
    }

    fn bwd(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<Gradients> {
        let sizes = self.sizes(q.shape(), k.shape())?;
        let zeros = |like: &Tensor| vec![0f32; like.elem_count()];
        let (mut to_q, mut to_k, mut to_v) = (zeros(q), zeros(k), zeros(v));
        read(q, |q| {
            read(k, |k| {
                read(v, |v| {
                    read(gradient, |gradient| {
                        let outs = [&mut to_q, &mut to_k, &mut to_v];
                        let outs = outs.map(|values| values.as_mut_slice());
                        self.backward(sizes, [q, k, v, gradient], outs);
                        Ok(())
                    })
                })
            })
        })?;
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device());
        Ok((
            Some(tensor(to_q, q)?),
            Some(tensor(to_k, k)?),
            Some(tensor(to_v, v)?),
        ))
    }
}

impl Attend {
    fn sizes(&self, queries: &Shape, keys: &Shape) -> Result<Sizes> {
        let (_, t, d) = queries.dims3()?;
        let (_, s, _) = keys.dims3()?;
        let head = d / self.heads;
        Ok(Sizes { t, s, d, head })
    }

    /// Gradients of queries, keys and values: over rows with memories of their own side by
    /// side, over a shared memory one row after the other.
    fn backward(&self, sizes: Sizes, [q, k, v, gradient]: [&[f32]; 4], outs: [&mut [f32]; 3]) {
        let Sizes { t, s, d, .. } = sizes;
        let [to_q, to_k, to_v] = outs;
        let at = |row: usize| row * t * d..(row + 1) * t * d;
        if let Some(shared) = &self.visible.shared {
            for ((row, to_q), stretches) in to_q.chunks_mut(t * d).enumerate().zip(&**shared) {
                let ins = [&q[at(row)], k, v, &gradient[at(row)]];
                let outs = [to_q, &mut *to_k, &mut *to_v];
                let backward = Backward {
                    op: self,
                    row,
                    sizes,
                    stretches,
                    ins,
                    outs,
                };
                pulp::Arch::new().dispatch(backward);
            }
            return;
        }
        let memories = to_k.par_chunks_mut(s * d).zip(to_v.par_chunks_mut(s * d));
        let rows = to_q.par_chunks_mut(t * d).enumerate().zip(memories);
        rows.for_each(|((row, to_q), (to_k, to_v))| {
            let memory = row * s * d..(row + 1) * s * d;
            let ins = [
                &q[at(row)],
                &k[memory.clone()],
                &v[memory],
                &gradient[at(row)],
            ];
            let (stretches, outs) = (&[0..s, 0..0], [to_q, to_k, to_v]);
            let backward = Backward {
                op: self,
                row,
                sizes,
                stretches,
                ins,
                outs,
            };
            pulp::Arch::new().dispatch(backward);
        });
    }
}

/// The forward pass of one row of a batch.
struct Forward<'a> {
    op: &'a Attend,
    row: usize,
    sizes: Sizes,
    ins: [&'a [f32]; 3],
    out: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            op,
            row,
            sizes,
            ins: [q, k, v],
            out,
        } = self;
        let Sizes { t, d, head, .. } = sizes;
        let stretches = op.visible.stretches(row, sizes.s);
        let mut at_work = AtWork::new(sizes, &stretches);
        let whole = [0..t, 0..0];
        for first in (0..d).step_by(head) {
            at_work.share(simd, op, row, first, q, k);
            gather(v, &stretches, d, first, head, &mut at_work.memory);
            let shares = (&*at_work.shares, at_work.queries_padded);
            let wide = (&*at_work.memory, at_work.head_padded);
            product_across(simd, shares, t, wide, &mut at_work.out);
            add_to(out, &whole, d, first, head, wide.1, &at_work.out);
        }
    }
}

/// The backward pass of one row of a batch.
struct Backward<'a> {
    op: &'a Attend,
    row: usize,
    sizes: Sizes,
    stretches: &'a [Range<usize>; 2],
    /// Queries, keys, values and the gradient of what was made of them.
    ins: [&'a [f32]; 4],
    /// Gradients of queries, keys and values.
    outs: [&'a mut [f32]; 3],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            op,
            row,
            sizes,
            stretches,
            ins: [q, k, v, gradient],
            outs: [to_q, to_k, to_v],
        } = self;
        let Sizes { t, d, head, .. } = sizes;
        let whole = [0..t, 0..0];
        let mut at_work = AtWork::new(sizes, stretches);
        let (keys, padded, wide) = (at_work.keys, at_work.queries_padded, at_work.head_padded);
        let mut to_scores = vec![0f32; keys * padded];
        let mut own = vec![0f32; t * wide];
        for first in (0..d).step_by(head) {
            at_work.share(simd, op, row, first, q, k);
            // How each score moves the loss: through its share, and through all others of its
            // query.
            across(gradient, t, d, first, head, padded, &mut at_work.across);
            gather(v, stretches, d, first, head, &mut at_work.memory);
            let values = (&*at_work.memory, wide);
            product(
                simd,
                values,
                keys,
                head,
                (&at_work.across, padded),
                &mut to_scores,
            );
            through_softmax(&at_work.shares, &mut to_scores, padded, scale(head) as f32);
            gather(k, stretches, d, first, head, &mut at_work.memory);
            let (scores, shares) = ((&*to_scores, padded), (&*at_work.shares, padded));
            product_across(simd, scores, t, (&at_work.memory, wide), &mut at_work.out);
            add_to(to_q, &whole, d, first, head, wide, &at_work.out);
            gather(q, &whole, d, first, head, &mut own);
            product(simd, scores, keys, t, (&own, wide), &mut at_work.out);
            add_to(to_k, stretches, d, first, head, wide, &at_work.out);
            gather(gradient, &whole, d, first, head, &mut own);
            product(simd, shares, keys, t, (&own, wide), &mut at_work.out);
            add_to(to_v, stretches, d, first, head, wide, &at_work.out);
        }
    }
}

/// What one row of a batch works with, one head at a time. The places of queries lie along the
/// rows of what is computed for pairs of key and query, so that softmax runs over rows.
struct AtWork<'a> {
    sizes: Sizes,
    stretches: &'a [Range<usize>; 2],
    /// Memory tokens.
    keys: usize,
    /// Queries and head width in whole [`LANES`].
    queries_padded: usize,
    head_padded: usize,
    /// One head of the queries or of their gradient, [head, queries].
    across: Vec<f32>,
    /// One head of the memory, [keys, head].
    memory: Vec<f32>,
    /// Which share of its look each query gives each key, [keys, queries].
    shares: Vec<f32>,
    /// A product, [keys or queries, head].
    out: Vec<f32>,
}

impl<'a> AtWork<'a> {
    fn new(sizes: Sizes, stretches: &'a [Range<usize>; 2]) -> Self {
        let keys = length(stretches);
        let queries_padded = sizes.t.next_multiple_of(LANES);
        let head_padded = sizes.head.next_multiple_of(LANES);
        Self {
            sizes,
            stretches,
            keys,
            queries_padded,
            head_padded,
            across: vec![0.0; sizes.head * queries_padded],
            memory: vec![0.0; keys * head_padded],
            shares: vec![0.0; keys * queries_padded],
            out: vec![0.0; keys.max(sizes.t) * head_padded],
        }
    }

    /// Softmax of the scaled dot products of one head's queries with the keys they see.
    #[inline(always)]
    fn share<S: Simd>(
        &mut self,
        simd: S,
        op: &Attend,
        row: usize,
        first: usize,
        q: &[f32],
        k: &[f32],
    ) {
        let Sizes { t, d, head, .. } = self.sizes;
        let padded = self.queries_padded;
        across(q, t, d, first, head, padded, &mut self.across);
        gather(k, self.stretches, d, first, head, &mut self.memory);
        let keys = (&*self.memory, self.head_padded);
        product(
            simd,
            keys,
            self.keys,
            head,
            (&self.across, padded),
            &mut self.shares,
        );
        let length = match op.visible.shared {
            Some(_) => self.keys,
            None => op.visible.length(row, self.keys),
        };
        if length < self.keys || op.visible.causal {
            for query in 0..t {
                let end = op.visible.end(query, t, length, self.keys);
                for hidden in self.shares.chunks_exact_mut(padded).skip(end) {
                    hidden[query] = f32::NEG_INFINITY;
                }
            }
        }
        softmax(&mut self.shares, padded, scale(head) as f32);
    }
}

/// Softmax of scaled scores [keys, queries] over the keys.
#[inline(always)]
fn softmax(scores: &mut [f32], queries: usize, scale: f32) {
    for first in (0..queries).step_by(LANES) {
        let mut most = [f32::NEG_INFINITY; LANES];
        for row in scores.chunks_exact(queries) {
            for (most, score) in most.iter_mut().zip(&row[first..first + LANES]) {
                *most = if *score > *most { *score } else { *most };
            }
        }
        let mut sums = [0f32; LANES];
        for row in scores.chunks_exact_mut(queries) {
            let row = &mut row[first..first + LANES];
            for ((score, sum), most) in row.iter_mut().zip(&mut sums).zip(&most) {
                *score = exp((*score - most) * scale);
                *sum += *score;
            }
        }
        let whole = sums.map(|sum| 1.0 / sum);
        for row in scores.chunks_exact_mut(queries) {
            let row = &mut row[first..first + LANES];
            for (share, whole) in row.iter_mut().zip(&whole) {
                *share *= whole;
            }
        }
    }
}

/// Turns gradients of shares [keys, queries] into those of the scores behind them.
#[inline(always)]
fn through_softmax(shares: &[f32], gradients: &mut [f32], queries: usize, scale: f32) {
    for first in (0..queries).step_by(LANES) {
        let mut means = [0f32; LANES];
        let rows = gradients.chunks_exact(queries);
        for (gradient, share) in rows.zip(shares.chunks_exact(queries)) {
            let (gradient, share) = (&gradient[first..][..LANES], &share[first..][..LANES]);
            for ((mean, gradient), share) in means.iter_mut().zip(gradient).zip(share) {
                *mean += gradient * share;
            }
        }
        let rows = gradients.chunks_exact_mut(queries);
        for (gradient, share) in rows.zip(shares.chunks_exact(queries)) {
            let (gradient, share) = (&mut gradient[first..][..LANES], &share[first..][..LANES]);
            for ((gradient, share), mean) in gradient.iter_mut().zip(share).zip(&means) {
                *gradient = share * (*gradient - mean) * scale;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::tests::{agree, var};
    use super::*;

    fn check(t: usize, s: usize, visible: &Visible) {
        let (q, k, v) = (
            var(&[3, t, 64], 0.0),
            var(&[3, s, 64], 1.0),
            var(&[3, s, 64], 2.0),
        );
        let vars = [q.clone(), k.clone(), v.clone()];
        let fused = || attention(&q, &k, &v, 4, visible).unwrap();
        agree(&vars, fused, || composed(&q, &k, &v, 4, visible).unwrap());
    }

    #[test]
    fn one_pass_gives_what_the_composed_form_gives() {
        check(5, 7, &Visible::default());
        check(6, 6, &Visible::CAUSAL);
        check(
            4,
            9,
            &Visible {
                lengths: Some(Arc::new(vec![9, 1, 5])),
                ..Visible::default()
            },
        );
        check(
            2,
            6,
            &Visible {
                lengths: Some(Arc::new(vec![6, 6, 3])),
                ..Visible::CAUSAL
            },
        );
    }

    #[test]
    fn several_texts_look_at_one_memory() {
        let stretches = vec![[0..9, 20..21], [0..9, 21..40], [12..17, 0..0]];
        let visible = Visible {
            shared: Some(Arc::new(stretches)),
            ..Visible::default()
        };
        let (q, k, v) = (
            var(&[3, 5, 40], 0.0),
            var(&[1, 41, 40], 1.0),
            var(&[1, 41, 40], 2.0),
        );
        let vars = [q.clone(), k.clone(), v.clone()];
        let fused = || attention(&q, &k, &v, 2, &visible).unwrap();
        agree(&vars, fused, || composed(&q, &k, &v, 2, &visible).unwrap());
        let beyond = Visible {
            shared: Some(Arc::new(vec![[0..9, 40..42]; 3])),
            ..Visible::default()
        };
        assert!(attention(&q, &k, &v, 2, &beyond).is_err());
        assert!(attention(&q, &k, &v, 2, &Visible::default()).is_err());
    }
}
