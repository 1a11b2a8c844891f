//! GELU (Hendrycks and Gimpel 2016), the exact form by the error function.

use super::{SERIAL, exp, read, values, vectorised};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// x times the normal distribution function of x. Shape kept.
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() {
        x.contiguous()?.apply_op1(Gelu)
    } else {
        x.gelu_erf()
    }
}

struct Gelu;

impl CustomOp1 for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut out = values(x, layout)?.to_vec();
        bend(&mut out);
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (_, slope) = bend_and_slope(read(x, |x| Ok(x.to_vec()))?);
        let slope = Tensor::from_vec(slope, x.shape(), x.device())?;
        Ok(Some(gradient.mul(&slope)?))
    }
}

/// GELU of each value, in its place.
pub(super) fn bend(values: &mut [f32]) {
    values.par_chunks_mut(SERIAL).for_each(|values| {
        vectorised(
            #[inline(always)]
            || {
                for x in values {
                    *x *= distribution(*x);
                }
            },
        );
    });
}

/// GELU of each value, and its slope there.
pub(super) fn bend_and_slope(mut values: Vec<f32>) -> (Vec<f32>, Vec<f32>) {
    let mut slopes = vec![0f32; values.len()];
    let slopes_by_part = slopes.par_chunks_mut(SERIAL);
    values
        .par_chunks_mut(SERIAL)
        .zip(slopes_by_part)
        .for_each(|(values, slopes)| {
            vectorised(
                #[inline(always)]
                || {
                    for (x, slope) in values.iter_mut().zip(slopes) {
                        let below = distribution(*x);
                        let density = 0.398_942_3 * exp(-0.5 * *x * *x);
                        *slope = below + *x * density;
                        *x *= below;
                    }
                },
            );
        });
    (values, slopes)
}

/// The normal distribution function, by formula 7.1.26 of Abramowitz and Stegun.
#[inline(always)]
fn distribution(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = 1.061_405_4;
    let p = p * t - 1.453_152;
    let p = p * t + 1.421_413_7;
    let p = p * t - 0.284_496_74;
    let p = p * t + 0.254_829_6;
    let tail = 0.5 * p * t * exp(-z * z);
    if x < 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{agree, var};
    use super::*;

    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
    fn one_pass_gives_what_the_composed_form_gives() {
        let x = var(&[3, 5, 64], 0.0);
        agree(
            std::slice::from_ref(&x),
            || gelu(&x).unwrap(),
            || x.gelu_erf().unwrap(),
        );
    }
}
