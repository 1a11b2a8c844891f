//! Adding one row to every row: the bias of a linear map.

use super::{SERIAL, read, values};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// [.., D] + [D]. Shape of the first kept.
pub fn add_bias(x: &Tensor, bias: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() {
        x.contiguous()?.apply_op2(bias, AddBias)
    } else {
        x.broadcast_add(bias)
    }
}

struct AddBias;

impl CustomOp2 for AddBias {
    fn name(&self) -> &'static str {
        "add-bias"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        bias: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let bias = values(bias, lb)?;
        let mut out = values(x, lx)?.to_vec();
        let rows = (SERIAL / bias.len()).max(1) * bias.len();
        out.par_chunks_mut(rows).for_each(|rows| {
            for row in rows.chunks_exact_mut(bias.len()) {
                row.iter_mut()
                    .zip(bias)
                    .for_each(|(out, bias)| *out += bias);
            }
        });
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(
        &self,
        _: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let width = bias.elem_count();
        let sums = read(gradient, |gradient| Ok(column_sums(gradient, width)))?;
        Ok((
            Some(gradient.clone()),
            Some(Tensor::from_vec(sums, width, bias.device())?),
        ))
    }
}

/// Sums over rows in an order that does not depend on the number of threads.
pub(super) fn column_sums(rows: &[f32], width: usize) -> Vec<f32> {
    let chunk = (SERIAL / width).max(1) * width;
    let partial = |rows: &[f32]| {
        let mut sums = vec![0f32; width];
        for row in rows.chunks_exact(width) {
            sums.iter_mut()
                .zip(row)
                .for_each(|(sum, value)| *sum += value);
        }
        sums
    };
    let partials: Vec<Vec<f32>> = rows.par_chunks(chunk).map(partial).collect();
    let mut sums = vec![0f32; width];
    for partial in partials {
        sums.iter_mut()
            .zip(partial)
            .for_each(|(sum, value)| *sum += value);
    }
    sums
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::tests::{agree, var};
    use super::*;

    #[test]
    fn one_pass_gives_what_the_composed_form_gives() {
        let (x, bias) = (var(&[7, 40, 64], 0.0), var(&[64], 5.0));
        let vars = [x.clone(), bias.clone()];
        agree(
            &vars,
            || add_bias(&x, &bias).unwrap(),
            || x.broadcast_add(&bias).unwrap(),
        );
    }
}
