//! The feed-forward step of a layer as one operation: normed, widened, bent, narrowed, added to
//! what came in. Between its parts nothing is stored that the backward pass can compute again,
//! and no gradient passes through memory on its own.

use super::gelu::{bend, bend_and_slope};
use super::layer_norm::{backward as norm_backward, norm_rows};
use super::linear::{add_to_rows, column_sums};
use super::{SERIAL, floats, in_rows, read, values, vectorised};
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Storage, Tensor};
use rayon::prelude::*;

/// Sizes of a feed-forward step.
#[derive(Clone, Copy)]
pub struct Widths {
    /// Of the states, D.
    pub narrow: usize,
    /// Of what is between, W.
    pub wide: usize,
    /// Added to the variance by the norm.
    pub epsilon: f32,
}

/// `x` [.., D] plus what is kept of the step's result. `packed` holds, one after the other, gain
/// and shift of the norm, weight [W, D] and bias of the first map, weight [D, W] and bias of the
/// second. CPU alone.
pub fn feed_forward(
    x: &Tensor,
    packed: &Tensor,
    widths: Widths,
    keep: Option<Tensor>,
) -> Result<Tensor> {
    let keep = keep.map(|keep| keep.contiguous()).transpose()?;
    x.contiguous()?
        .apply_op2(packed, FeedForward { widths, keep })
}

struct FeedForward {
    widths: Widths,
    keep: Option<Tensor>,
}

/// Where the parts lie in `packed`.
struct Parts {
    gain: Layout,
    shift: Layout,
    widen: Layout,
    widen_bias: Layout,
    narrow: Layout,
    narrow_bias: Layout,
}

impl Widths {
    fn parts(self, packed: &Layout) -> Parts {
        let (d, w) = (self.narrow, self.wide);
        let mut start = packed.start_offset();
        let mut next = |shape: Shape| {
            let part = Layout::contiguous_with_offset(shape, start);
            start += part.shape().elem_count();
            part
        };
        Parts {
            gain: next(d.into()),
            shift: next(d.into()),
            widen: next((w, d).into()),
            widen_bias: next(w.into()),
            narrow: next((d, w).into()),
            narrow_bias: next(d.into()),
        }
    }
}

/// A product [m, n] of storages.
fn times(a: &CpuStorage, la: &Layout, b: &CpuStorage, lb: &Layout) -> Result<CpuStorage> {
    let ((m, k), (_, n)) = (la.shape().dims2()?, lb.shape().dims2()?);
    a.matmul(b, (1, m, n, k), la, lb)
}

fn matrix(rows: usize, columns: usize) -> Layout {
    Layout::contiguous((rows, columns))
}

impl FeedForward {
    /// The normed states, and what the first map makes of them, [N, D] and [N, W].
    fn widened(&self, x: &[f32], packed: &CpuStorage, parts: &Parts) -> Result<[CpuStorage; 2]> {
        let Widths { narrow: d, .. } = self.widths;
        let (gain, shift) = (values(packed, &parts.gain)?, values(packed, &parts.shift)?);
        let mut normed = vec![0f32; x.len()];
        in_rows(d, &mut normed, x, |out, x| {
            norm_rows(out, x, gain, shift, self.widths.epsilon);
        });
        let normed = CpuStorage::F32(normed);
        let mut wide = times(
            &normed,
            &matrix(x.len() / d, d),
            packed,
            &parts.widen.transpose(0, 1)?,
        )?;
        let bias = values(packed, &parts.widen_bias)?;
        if let CpuStorage::F32(wide) = &mut wide {
            let chunk = (SERIAL / bias.len()).max(1) * bias.len();
            wide.par_chunks_mut(chunk).for_each(|rows| {
                vectorised(
                    #[inline(always)]
                    || add_to_rows(rows, bias),
                );
            });
        }
        Ok([normed, wide])
    }

    fn kept(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        let Some(keep) = &self.keep else {
            return Ok(values);
        };
        let mut kept = values;
        read(keep, |keep| {
            vectorised(
                #[inline(always)]
                || {
                    for (value, keep) in kept.iter_mut().zip(keep) {
                        *value *= keep;
                    }
                },
            );
            Ok(())
        })?;
        Ok(kept)
    }

    fn backward(
        &self,
        x: &[f32],
        packed: &CpuStorage,
        parts: &Parts,
        gradient: &[f32],
    ) -> Result<(Vec<f32>, Vec<f32>)> {
        let Widths {
            narrow: d, wide: w, ..
        } = self.widths;
        let rows = x.len() / d;
        let [normed, wide] = self.widened(x, packed, parts)?;
        let bent = bend_and_slope(floats(wide)?);
        let (bent, mut slope) = (CpuStorage::F32(bent.0), bent.1);
        let incoming = CpuStorage::F32(self.kept(gradient.to_vec())?);
        let (tall, broad) = (matrix(rows, d), matrix(rows, w));
        let to_narrow = times(&incoming, &tall.transpose(0, 1)?, &bent, &broad)?;
        let to_narrow_bias = column_sums(incoming.as_slice()?, d);
        let to_bent = floats(times(&incoming, &tall, packed, &parts.narrow)?)?;
        multiply(&mut slope, &to_bent);
        let to_wide = CpuStorage::F32(slope);
        let to_widen = times(&to_wide, &broad.transpose(0, 1)?, &normed, &tall)?;
        let to_widen_bias = column_sums(to_wide.as_slice()?, w);
        let to_normed = floats(times(&to_wide, &broad, packed, &parts.widen)?)?;
        let gain = values(packed, &parts.gain)?;
        let (mut to_x, to_gain, to_shift) = norm_backward(x, gain, &to_normed, self.widths.epsilon);
        to_x.iter_mut()
            .zip(gradient)
            .for_each(|(to_x, gradient)| *to_x += gradient);
        let to_packed = [
            to_gain,
            to_shift,
            floats(to_widen)?,
            to_widen_bias,
            floats(to_narrow)?,
            to_narrow_bias,
        ];
        Ok((to_x, to_packed.concat()))
    }
}

fn multiply(out: &mut [f32], by: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (out, by) in out.iter_mut().zip(by) {
                *out *= by;
            }
        },
    );
}

impl CustomOp2 for FeedForward {
    fn name(&self) -> &'static str {
        "feed-forward"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        packed: &CpuStorage,
        lp: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let Widths {
            narrow: d, wide: w, ..
        } = self.widths;
        let parts = self.widths.parts(lp);
        let x = values(x, lx)?;
        let [_, wide] = self.widened(x, packed, &parts)?;
        let mut wide = floats(wide)?;
        bend(&mut wide);
        let bent = CpuStorage::F32(wide);
        let broad = matrix(x.len() / d, w);
        let mut out = floats(times(
            &bent,
            &broad,
            packed,
            &parts.narrow.transpose(0, 1)?,
        )?)?;
        let bias = values(packed, &parts.narrow_bias)?;
        vectorised(
            #[inline(always)]
            || add_to_rows(&mut out, bias),
        );
        let mut out = self.kept(out)?;
        out.iter_mut().zip(x).for_each(|(out, x)| *out += x);
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        packed: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (storage, layout) = packed.storage_and_layout();
        let Storage::Cpu(storage) = &*storage else {
            candle_core::bail!("a fused operation ran on another device than the CPU")
        };
        let parts = self.widths.parts(layout);
        let (to_x, to_packed) = read(x, |x| {
            read(gradient, |gradient| {
                self.backward(x, storage, &parts, gradient)
            })
        })?;
        Ok((
            Some(Tensor::from_vec(to_x, x.shape(), x.device())?),
            Some(Tensor::from_vec(
                to_packed,
                packed.shape(),
                packed.device(),
            )?),
        ))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::tests::{agree, var};
    use super::super::{gelu, layer_norm, linear};
    use super::*;

    #[test]
    fn one_operation_gives_what_its_parts_give() {
        let (d, w) = (24, 40);
        let x = var(&[5, 7, d], 0.0);
        let parts = [
            var(&[d], 1.0),
            var(&[d], 2.0),
            var(&[w, d], 3.0),
            var(&[w], 4.0),
            var(&[d, w], 5.0),
            var(&[d], 6.0),
        ];
        let keep = var(&[5, 7, d], 9.0).as_detached_tensor();
        let keep = keep.gt(0f32).unwrap().to_dtype(x.dtype()).unwrap();
        let widths = Widths {
            narrow: d,
            wide: w,
            epsilon: 1e-5,
        };
        let vars: Vec<_> = std::iter::once(&x).chain(&parts).cloned().collect();
        for keep in [None, Some(keep)] {
            let fused = || {
                let packed: Vec<_> = parts.iter().map(|p| p.flatten_all().unwrap()).collect();
                let packed = Tensor::cat(&packed, 0).unwrap();
                feed_forward(&x, &packed, widths, keep.clone()).unwrap()
            };
            let composed = || {
                let normed = layer_norm(&x, &parts[0], &parts[1], 1e-5).unwrap();
                let wide = linear(&normed, &parts[2], Some(&parts[3])).unwrap();
                let bent = gelu(&wide).unwrap();
                let narrow = linear(&bent, &parts[4], Some(&parts[5])).unwrap();
                let kept = match &keep {
                    Some(keep) => narrow.mul(keep).unwrap(),
                    None => narrow,
                };
                (x.as_tensor() + kept).unwrap()
            };
            agree(&vars, fused, composed);
        }
    }
}
