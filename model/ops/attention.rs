//! Multi-head attention over [B, T, D] without copying heads apart; the shares are computed
//! again in the backward pass instead of being kept.

use super::{exp, read, values};
use candle_core::{CpuStorage, CustomOp3, D, Device, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::Arc;

/// Which tokens of the memory a query may look at.
#[derive(Clone, Default)]
pub struct Visible {
    /// How many tokens of each memory are text and not padding; `None`: all of them.
    pub lengths: Option<Arc<Vec<usize>>>,
    /// Whether a query sees only the memory up to its own place; the last query sees all.
    pub causal: bool,
}

/// Queries [B, T, D] look at keys and values [B, S, D] with `heads` heads. Gives [B, T, D].
pub fn attention(
    queries: &Tensor,
    keys: &Tensor,
    values: &Tensor,
    heads: usize,
    visible: &Visible,
) -> Result<Tensor> {
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
    let (b, t, d) = q.dims3()?;
    let s = k.dim(1)?;
    let split = |x: &Tensor| {
        x.reshape((b, (), heads, d / heads))?
            .transpose(1, 2)?
            .contiguous()
    };
    let scores = (split(q)?.matmul(&split(k)?.t()?)? * scale(d / heads))?;
    let scores = scores.broadcast_add(&mask(visible, b, t, s, q.device())?)?;
    let shares = candle_nn::ops::softmax(&scores, D::Minus1)?;
    shares
        .matmul(&split(v)?)?
        .transpose(1, 2)?
        .reshape((b, t, d))
}

/// 0 where a query may look, -1e9 where not: [B, 1, T, S].
fn mask(visible: &Visible, b: usize, t: usize, s: usize, device: &Device) -> Result<Tensor> {
    let mut values = Vec::with_capacity(b * t * s);
    for row in 0..b {
        for query in 0..t {
            let end = visible.end(row, query, t, s);
            values.extend((0..s).map(|key| if key < end { 0f32 } else { -1e9 }));
        }
    }
    Tensor::from_vec(values, (b, 1, t, s), device)
}

fn scale(head_width: usize) -> f64 {
    (head_width as f64).powf(-0.5)
}

impl Visible {
    /// How many of `s` memory tokens the query at place `t` of `queries` may see, at least one.
    fn end(&self, row: usize, t: usize, queries: usize, s: usize) -> usize {
        let length = self
            .lengths
            .as_ref()
            .and_then(|lengths| lengths.get(row).copied());
        let causal = if self.causal {
            (s + t + 1).saturating_sub(queries)
        } else {
            s
        };
        length.unwrap_or(s).min(causal).clamp(1, s)
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
        let (_, t, d) = lq.shape().dims3()?;
        let sizes = Sizes {
            t,
            s: lk.shape().dims3()?.1,
            d,
            head: d / self.heads,
        };
        let (q, k, v) = (values(q, lq)?, values(k, lk)?, values(v, lv)?);
        let mut out = vec![0f32; q.len()];
        let memories = k.par_chunks(sizes.s * d).zip(v.par_chunks(sizes.s * d));
        let rows = out
            .par_chunks_mut(t * d)
            .zip(q.par_chunks(t * d))
            .zip(memories);
        rows.enumerate()
            .for_each(|(row, ((out, q), (k, v)))| self.forward(row, sizes, q, k, v, out));
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
        let (_, t, d) = q.dims3()?;
        let sizes = Sizes {
            t,
            s: k.dim(1)?,
            d,
            head: d / self.heads,
        };
        let (mut to_q, mut to_k, mut to_v) = (
            vec![0f32; q.elem_count()],
            vec![0f32; k.elem_count()],
            vec![0f32; v.elem_count()],
        );
        read(q, |q| {
            read(k, |k| {
                read(v, |v| {
                    read(gradient, |gradient| {
                        let (queries, memory) = (t * d, sizes.s * d);
                        let outs = to_q
                            .par_chunks_mut(queries)
                            .zip(to_k.par_chunks_mut(memory));
                        let outs = outs.zip(to_v.par_chunks_mut(memory));
                        let ins = q
                            .par_chunks(queries)
                            .zip(k.par_chunks(memory))
                            .zip(v.par_chunks(memory));
                        let ins = ins.zip(gradient.par_chunks(queries));
                        outs.zip(ins).enumerate().for_each(
                            |(row, (((to_q, to_k), to_v), (((q, k), v), gradient)))| {
                                let outs = Outs { to_q, to_k, to_v };
                                self.backward(row, sizes, [q, k, v, gradient], outs);
                            },
                        );
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

struct Outs<'a> {
    to_q: &'a mut [f32],
    to_k: &'a mut [f32],
    to_v: &'a mut [f32],
}

impl Attend {
    fn forward(&self, row: usize, sizes: Sizes, q: &[f32], k: &[f32], v: &[f32], out: &mut [f32]) {
        let Sizes { t, s, d, head } = sizes;
        let mut shares = vec![0f32; s];
        for first in (0..d).step_by(head) {
            let across = transposed(k, sizes, first);
            for query in 0..t {
                let at = query * d + first;
                let end = self.visible.end(row, query, t, s);
                share(&q[at..at + head], &across, s, &mut shares[..end]);
                let out = &mut out[at..at + head];
                for (share, value) in shares[..end].iter().zip(v.chunks_exact(d)) {
                    add(out, &value[first..first + head], *share);
                }
            }
        }
    }

    fn backward(&self, row: usize, sizes: Sizes, [q, k, v, gradient]: [&[f32]; 4], outs: Outs) {
        let Sizes { t, s, d, head } = sizes;
        let scale = scale(head) as f32;
        let mut shares = vec![0f32; s];
        let mut to_scores = vec![0f32; s];
        for first in (0..d).step_by(head) {
            let across_k = transposed(k, sizes, first);
            let across_v = transposed(v, sizes, first);
            for query in 0..t {
                let at = query * d + first;
                let end = self.visible.end(row, query, t, s);
                let (q, gradient) = (&q[at..at + head], &gradient[at..at + head]);
                let (shares, to_scores) = (&mut shares[..end], &mut to_scores[..end]);
                share(q, &across_k, s, shares);
                dots(gradient, &across_v, s, to_scores);
                let mean: f32 = shares
                    .iter()
                    .zip(&*to_scores)
                    .map(|(share, to)| share * to)
                    .sum();
                shares
                    .iter()
                    .zip(&mut *to_scores)
                    .for_each(|(share, to)| *to = share * (*to - mean) * scale);
                for (key, (share, to_score)) in shares.iter().zip(&*to_scores).enumerate() {
                    let there = key * d + first..key * d + first + head;
                    add(&mut outs.to_q[at..at + head], &k[there.clone()], *to_score);
                    add(&mut outs.to_k[there.clone()], q, *to_score);
                    add(&mut outs.to_v[there], gradient, *share);
                }
            }
        }
    }
}

/// One head of a memory [S, D] as [head width, S], so that scores of all keys vectorise.
fn transposed(memory: &[f32], sizes: Sizes, first: usize) -> Vec<f32> {
    let Sizes { s, d, head, .. } = sizes;
    let mut across = vec![0f32; head * s];
    for (key, row) in memory.chunks_exact(d).enumerate() {
        for (i, value) in row[first..first + head].iter().enumerate() {
            across[i * s + key] = *value;
        }
    }
    across
}

/// Dot products of a vector with the first keys of a transposed memory.
fn dots(vector: &[f32], across: &[f32], s: usize, out: &mut [f32]) {
    out.fill(0.0);
    for (value, keys) in vector.iter().zip(across.chunks_exact(s)) {
        add(out, &keys[..out.len()], *value);
    }
}

/// Softmax of the scaled dot products.
fn share(query: &[f32], across: &[f32], s: usize, out: &mut [f32]) {
    dots(query, across, s, out);
    let scale = scale(query.len()) as f32;
    let most = out
        .iter()
        .fold(f32::NEG_INFINITY, |most, score| most.max(*score))
        * scale;
    out.iter_mut()
        .for_each(|score| *score = exp(*score * scale - most));
    let sum: f32 = out.iter().sum();
    out.iter_mut().for_each(|share| *share /= sum);
}

/// out += factor * x.
#[inline(always)]
fn add(out: &mut [f32], x: &[f32], factor: f32) {
    out.iter_mut()
        .zip(x)
        .for_each(|(out, x)| *out += factor * x);
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
        check(
            6,
            6,
            &Visible {
                lengths: None,
                causal: true,
            },
        );
        check(
            4,
            9,
            &Visible {
                lengths: Some(Arc::new(vec![9, 1, 5])),
                causal: false,
            },
        );
        check(
            2,
            6,
            &Visible {
                lengths: Some(Arc::new(vec![6, 6, 3])),
                causal: true,
            },
        );
    }
}
