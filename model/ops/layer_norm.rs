//! Layer normalisation (Ba et al. 2016) over the last dimension.

use super::bias::column_sums;
use super::{SERIAL, read, values};
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
                for (out, x) in out.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
                    let (mean, scale) = moments(x, self.epsilon);
                    for (((out, x), gain), shift) in out.iter_mut().zip(x).zip(gain).zip(shift) {
                        *out = (x - mean) * scale * gain + shift;
                    }
                }
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

/// The mean of a row and the reciprocal of its standard deviation.
fn moments(row: &[f32], epsilon: f32) -> (f32, f32) {
    let n = row.len() as f32;
    let mean = row.iter().sum::<f32>() / n;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
    (mean, 1.0 / (variance + epsilon).sqrt())
}

/// Gradients of the input, of the gain and of the shift.
fn backward(
    x: &[f32],
    gain: &[f32],
    gradient: &[f32],
    epsilon: f32,
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let width = gain.len();
    let n = width as f32;
    let mut to_x = vec![0f32; x.len()];
    let mut products = vec![0f32; x.len()];
    let chunk = (SERIAL / width).max(1) * width;
    let outs = to_x
        .par_chunks_mut(chunk)
        .zip(products.par_chunks_mut(chunk));
    outs.zip(x.par_chunks(chunk).zip(gradient.par_chunks(chunk)))
        .for_each(|((to_x, products), (x, gradient))| {
            let outs = to_x
                .chunks_exact_mut(width)
                .zip(products.chunks_exact_mut(width));
            for ((to_x, products), (x, gradient)) in
                outs.zip(x.chunks_exact(width).zip(gradient.chunks_exact(width)))
            {
                let (mean, scale) = moments(x, epsilon);
                let (mut sum, mut along) = (0f32, 0f32);
                for i in 0..width {
                    let normed = (x[i] - mean) * scale;
                    let incoming = gradient[i] * gain[i];
                    products[i] = gradient[i] * normed;
                    to_x[i] = incoming;
                    sum += incoming;
                    along += incoming * normed;
                }
                for i in 0..width {
                    let normed = (x[i] - mean) * scale;
                    to_x[i] = (to_x[i] - (sum + normed * along) / n) * scale;
                }
            }
        });
    (
        to_x,
        column_sums(&products, width),
        column_sums(gradient, width),
    )
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
