//! The loss of a language model behind its last states, as one operation: over a whole
//! vocabulary, logits are by far the largest thing a step would hold. They are made, used and
//! forgotten a few rows at a time, and the gradients are made on the way.

use super::cross_entropy::to_gradient;
use super::linear::{add_to_rows, column_sums};
use super::{cross_entropy, floats, linear, values, vectorised};
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use std::sync::{Arc, Mutex, PoisonError};

/// Rows of logits at a time.
const ROWS: usize = 96;

/// The mean negative log-likelihood of `targets` [N] under the logits that `weight` [V, D] and
/// `bias` [V] make of `states` [N, D]. A scalar.
pub fn likelihood(
    states: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    targets: &[u32],
) -> Result<Tensor> {
    let learning = [states, weight, bias].iter().any(|part| part.track_op());
    if !states.device().is_cpu() || !learning {
        return cross_entropy(&linear(states, weight, Some(bias))?, targets);
    }
    let (n, v) = (states.dim(0)?, weight.dim(0)?);
    if n == 0 || targets.len() != n || targets.iter().any(|target| *target as usize >= v) {
        candle_core::bail!("{n} states against {} targets of {v}", targets.len());
    }
    let op = Likelihood {
        targets: targets.into(),
        gradients: Arc::default(),
    };
    states.contiguous()?.apply_op3(weight, bias, op)
}

struct Likelihood {
    targets: Arc<[u32]>,
    /// Of states, weight and bias, once the forward pass ran.
    gradients: Arc<Mutex<Option<[Vec<f32>; 3]>>>,
}

type Gradients = (Option<Tensor>, Option<Tensor>, Option<Tensor>);

impl CustomOp3 for Likelihood {
    fn name(&self) -> &'static str {
        "likelihood"
    }

    fn cpu_fwd(
        &self,
        states: &CpuStorage,
        ls: &Layout,
        weight: &CpuStorage,
        lw: &Layout,
        bias: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let ((n, d), (v, _)) = (ls.shape().dims2()?, lw.shape().dims2()?);
        let bias = values(bias, lb)?;
        let mut loss = 0f32;
        let mut to_states = Vec::with_capacity(n * d);
        let (mut to_weight, mut to_bias) = (vec![0f32; v * d], vec![0f32; v]);
        for (part, targets) in self.targets.chunks(ROWS).enumerate() {
            let rows = targets.len();
            let start = ls.start_offset() + part * ROWS * d;
            let own = Layout::contiguous_with_offset((rows, d), start);
            let logits = states.matmul(weight, (1, rows, v, d), &own, &lw.transpose(0, 1)?)?;
            let mut logits = floats(logits)?;
            vectorised(
                #[inline(always)]
                || add_to_rows(&mut logits, bias),
            );
            for (row, target) in logits.chunks_exact_mut(v).zip(targets) {
                loss += to_gradient(row, *target as usize, 1.0 / n as f32);
            }
            add_all(&mut to_bias, &column_sums(&logits, v));
            let logits = CpuStorage::F32(logits);
            let broad = Layout::contiguous((rows, v));
            let part = logits.matmul(weight, (1, rows, d, v), &broad, lw)?;
            to_states.extend(floats(part)?);
            let sizes = (1, v, d, rows);
            let part = logits.matmul(states, sizes, &broad.transpose(0, 1)?, &own)?;
            add_all(&mut to_weight, &floats(part)?);
        }
        let mut gradients = self
            .gradients
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *gradients = Some([to_states, to_weight, to_bias]);
        Ok((CpuStorage::F32(vec![loss / n as f32]), Shape::from(())))
    }

    fn bwd(
        &self,
        states: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<Gradients> {
        let gradients = self
            .gradients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some([to_states, to_weight, to_bias]) = gradients else {
            candle_core::bail!("the likelihood was walked back through twice")
        };
        let factor = f64::from(gradient.to_scalar::<f32>()?);
        let scaled = |values: Vec<f32>, like: &Tensor| -> Result<Option<Tensor>> {
            match like.track_op() {
                true => Ok(Some(
                    (Tensor::from_vec(values, like.shape(), like.device())? * factor)?,
                )),
                false => Ok(None),
            }
        };
        Ok((
            scaled(to_states, states)?,
            scaled(to_weight, weight)?,
            scaled(to_bias, bias)?,
        ))
    }
}

fn add_all(sums: &mut [f32], values: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += value;
            }
        },
    );
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::tests::{agree, var};
    use super::*;

    #[test]
    fn one_operation_gives_what_its_parts_give() {
        let (n, v, d) = (ROWS + 7, 50, 16);
        let (states, weight, bias) = (var(&[n, d], 0.0), var(&[v, d], 3.0), var(&[v], 5.0));
        let targets: Vec<u32> = (0..n as u32).map(|i| i * 7 % v as u32).collect();
        agree(
            &[states.clone(), weight.clone(), bias.clone()],
            || (likelihood(&states, &weight, &bias, &targets).unwrap() * 0.7).unwrap(),
            || {
                let logits = linear(&states, &weight, Some(&bias)).unwrap();
                (cross_entropy(&logits, &targets).unwrap() * 0.7).unwrap()
            },
        );
        assert!(likelihood(&states, &weight, &bias, &[v as u32; ROWS + 7]).is_err());
        let fixed = weight.as_detached_tensor();
        let loss = likelihood(&states, &fixed, &bias, &targets).unwrap();
        assert!(loss.backward().unwrap().get(&fixed).is_none());
    }
}
