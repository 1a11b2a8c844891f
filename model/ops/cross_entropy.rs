//! Softmax and negative log-likelihood in one pass: over a whole vocabulary the composed form
//! goes through the logits some fifteen times.

use super::{exp, largest, read, sum, values, vectorised};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::Arc;

/// The mean negative log-likelihood of `targets` [N] under `logits` [N, V]. A scalar.
pub fn cross_entropy(logits: &Tensor, targets: &[u32]) -> Result<Tensor> {
    let (n, v) = logits.dims2()?;
    if targets.len() != n || targets.iter().any(|target| *target as usize >= v) {
        candle_core::bail!(
            "cross-entropy of {n} rows of {v} against {} targets",
            targets.len()
        );
    }
    if logits.device().is_cpu() {
        return logits.contiguous()?.apply_op1(CrossEntropy(targets.into()));
    }
    candle_nn::loss::cross_entropy(logits, &Tensor::new(targets, logits.device())?)
}

struct CrossEntropy(Arc<[u32]>);

impl CustomOp1 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, width) = layout.shape().dims2()?;
        let rows = values(logits, layout)?.par_chunks(width).zip(&*self.0);
        let losses: Vec<f32> = rows
            .map(|(row, target)| {
                let (most, sum) = vectorised(
                    #[inline(always)]
                    || moments(row),
                );
                most + sum.ln() - row[*target as usize]
            })
            .collect();
        let mean = losses.iter().sum::<f32>() / losses.len() as f32;
        Ok((CpuStorage::F32(vec![mean]), Shape::from(())))
    }

    fn bwd(&self, logits: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (n, width) = logits.dims2()?;
        let factor = gradient.to_scalar::<f32>()? / n as f32;
        let out = read(logits, |logits| {
            let mut out = vec![0f32; logits.len()];
            let rows = out
                .par_chunks_mut(width)
                .zip(logits.par_chunks(width))
                .zip(&*self.0);
            rows.for_each(|((out, row), target)| {
                out.copy_from_slice(row);
                to_gradient(out, *target as usize, factor);
            });
            Ok(out)
        })?;
        Ok(Some(Tensor::from_vec(out, (n, width), logits.device())?))
    }
}

/// Turns the logits of a row into the gradient of `factor` times its negative log-likelihood,
/// which it gives (without the factor).
pub(super) fn to_gradient(row: &mut [f32], target: usize, factor: f32) -> f32 {
    let of_target = row[target];
    let (most, sum) = vectorised(
        #[inline(always)]
        || {
            let (most, sum) = moments(row);
            let scale = factor / sum;
            for logit in row.iter_mut() {
                *logit = exp(*logit - most) * scale;
            }
            (most, sum)
        },
    );
    row[target] -= factor;
    most + sum.ln() - of_target
}

/// The largest logit of a row, and the sum of exponentials relative to it.
#[inline(always)]
fn moments(row: &[f32]) -> (f32, f32) {
    let most = largest(row);
    (most, sum(row, |logit| exp(logit - most)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::tests::{agree, var};
    use super::*;
    use candle_core::Device;

    #[test]
    fn one_pass_gives_what_the_composed_form_gives() {
        let logits = var(&[6, 50], 0.0);
        let targets = [0u32, 49, 7, 7, 20, 3];
        let composed = || {
            candle_nn::loss::cross_entropy(&logits, &Tensor::new(&targets, &Device::Cpu).unwrap())
                .unwrap()
        };
        agree(
            std::slice::from_ref(&logits),
            || cross_entropy(&logits, &targets).unwrap(),
            composed,
        );
        assert!(cross_entropy(&logits, &[50; 6]).is_err());
    }
}
