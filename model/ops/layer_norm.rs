//! Layer normalisation (Ba et al. 2016) over the last dimension.

use super::{SERIAL, dot, read, sum, values, vectorised};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// To mean 0 and variance 1, `epsilon` added to the variance, then times `gain` plus `shift`,
/// both [D]. Shape kept.
pub fn layer_norm(x: &Tensor, gain: &Tensor, shift: &Tensor, epsilon: f32) -> Result<Tensor> {
    if x.device().is_cpu() {
        x.contiguous()?.apply_op3(gain, shift, Norm { epsilon })
    } else {
        candle_nn::ops::layer_norm_slow(x, gain, shift, epsilon)
    }
}

struct Norm {
    epsilon: f32,
}

type Gradients = (Option<Tensor>, Option<Tensor>, Option<Tensor>);

impl CustomOp3 for Norm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        gain: &CpuStorage,
        lg: &Layout,
        shift: &CpuStorage,
        ls: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, gain, shift) = (values(x, lx)?, values(gain, lg)?, values(shift, ls)?);
        let width = gain.len();
        let mut out = vec![0f32; x.len()];
        let chunk = (SERIAL / width).max(1) * width;
        out.par_chunks_mut(chunk)
            .zip(x.par_chunks(chunk))
            .for_each(|(out, x)| {
                vectorised(
                    #[inline(always)]
                    || norm_rows(out, x, gain, shift, self.epsilon),
                )
            });
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gain: &Tensor,
        shift: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<Gradients> {
        let width = gain.elem_count();
        let (to_x, to_gain, to_shift) = read(x, |x| {
            read(gradient, |gradient| {
                read(gain, |gain| Ok(backward(x, gain, gradient, self.epsilon)))
            })
        })?;
        Ok((
            Some(Tensor::from_vec(to_x, x.shape(), x.device())?),
            Some(Tensor::from_vec(to_gain, width, gain.device())?),
            Some(Tensor::from_vec(to_shift, width, shift.device())?),
        ))
    }
}

#[inline(always)]
pub(super) fn norm_rows(out: &mut [f32], x: &[f32], gain: &[f32], shift: &[f32], epsilon: f32) {
    let width = gain.len();
    for (out, x) in out.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
        let (mean, scale) = moments(x, epsilon);
        for (((out, x), gain), shift) in out.iter_mut().zip(x).zip(gain).zip(shift) {
            *out = (x - mean) * scale * gain + shift;
        }
    }
}

/// The mean of a row and the reciprocal of its standard deviation.
#[inline(always)]
fn moments(row: &[f32], epsilon: f32) -> (f32, f32) {
    let n = row.len() as f32;
    let mean = sum(row, |x| x) / n;
    let variance = sum(row, |x| (x - mean) * (x - mean)) / n;
    (mean, 1.0 / (variance + epsilon).sqrt())
}

/// Gradients of the input, of the gain and of the shift.
pub(super) fn backward(
    x: &[f32],
    gain: &[f32],
    gradient: &[f32],
    epsilon: f32,
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let width = gain.len();
    let mut to_x = vec![0f32; x.len()];
    let chunk = (SERIAL / width).max(1) * width;
    let outs = to_x.par_chunks_mut(chunk);
    let ins = x.par_chunks(chunk).zip(gradient.par_chunks(chunk));
    let partial = |(to_x, (x, gradient)): (&mut [f32], (&[f32], &[f32]))| {
        vectorised(
            #[inline(always)]
            || backward_rows(to_x, x, gain, gradient, epsilon),
        )
    };
    let partials: Vec<[Vec<f32>; 2]> = outs.zip(ins).map(partial).collect();
    let mut sums = [vec![0f32; width], vec![0f32; width]];
    for partials in &partials {
        for (sums, partial) in sums.iter_mut().zip(partials) {
            sums.iter_mut()
                .zip(partial)
                .for_each(|(sum, value)| *sum += value);
        }
    }
    let [to_gain, to_shift] = sums;
    (to_x, to_gain, to_shift)
}

/// The gradient of some rows into `to_x`, and their share of those of the gain and the shift.
#[inline(always)]
fn backward_rows(
    to_x: &mut [f32],
    x: &[f32],
    gain: &[f32],
    gradient: &[f32],
    epsilon: f32,
) -> [Vec<f32>; 2] {
    let width = gain.len();
    let n = width as f32;
    let (mut to_gain, mut to_shift) = (vec![0f32; width], vec![0f32; width]);
    let mut normed = vec![0f32; width];
    let ins = x.chunks_exact(width).zip(gradient.chunks_exact(width));
    for (to_x, (x, gradient)) in to_x.chunks_exact_mut(width).zip(ins) {
        let (mean, scale) = moments(x, epsilon);
        for i in 0..width {
            normed[i] = (x[i] - mean) * scale;
            to_gain[i] += gradient[i] * normed[i];
            to_shift[i] += gradient[i];
            to_x[i] = gradient[i] * gain[i];
        }
        let all = sum(to_x, |incoming| incoming) / n;
        let along = dot(to_x, &normed) / n;
        for (to_x, normed) in to_x.iter_mut().zip(&normed) {
            *to_x = (*to_x - all - normed * along) * scale;
        }
    }
    [to_gain, to_shift]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::tests::{agree, var};
    use super::*;

    #[test]
    fn one_pass_gives_what_the_composed_form_gives() {
        let (x, gain, shift) = (var(&[9, 33, 64], 0.0), var(&[64], 5.0), var(&[64], 9.0));
        let vars = [x.clone(), gain.clone(), shift.clone()];
        for epsilon in [1e-5, 1e-2] {
            let composed = || candle_nn::ops::layer_norm_slow(&x, &gain, &shift, epsilon).unwrap();
            let fused = || layer_norm(&x, &gain, &shift, epsilon).unwrap();
            agree(&vars, fused, composed);
        }
    }
}
