//! Affine maps of the last dimension: one product and one pass for the bias, where candle's own
//! operations would copy every gradient four times on its way through reshapes and sums.

use super::{SERIAL, read, values, vectorised};
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, CustomOp3, D, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// [.., from] times the transpose of `weight` [to, from], plus `bias` [to]. Gives [.., to].
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    if x.device().is_cpu() {
        let x = x.contiguous()?;
        return match bias {
            Some(bias) => x.apply_op3(weight, bias, Map),
            None => x.apply_op2(weight, Map),
        };
    }
    composed(x, weight, bias)
}

/// The same from candle's own operations.
fn composed(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let mapped = rows(x)?.matmul(&weight.t()?)?;
    let mapped = match bias {
        Some(bias) => mapped.broadcast_add(bias)?,
        None => mapped,
    };
    mapped.reshape(mapped_shape(x.shape(), weight.dim(0)?))
}

/// All but the last dimension as one.
fn rows(x: &Tensor) -> Result<Tensor> {
    x.reshape(((), x.dim(D::Minus1)?))
}

fn mapped_shape(x: &Shape, to: usize) -> Shape {
    let mut dims = x.dims().to_vec();
    if let Some(last) = dims.last_mut() {
        *last = to;
    }
    Shape::from(dims)
}

struct Map;

impl Map {
    fn forward(
        x: &CpuStorage,
        lx: &Layout,
        weight: &CpuStorage,
        lw: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (to, from) = lw.shape().dims2()?;
        let rows = lx.shape().elem_count() / from.max(1);
        let flat = Layout::contiguous_with_offset((rows, from), lx.start_offset());
        let sizes = (1, rows, to, from);
        let mapped = x.matmul(weight, sizes, &flat, &lw.transpose(0, 1)?)?;
        Ok((mapped, mapped_shape(lx.shape(), to)))
    }

    /// Gradients of the input and of the weight, where they are wanted.
    fn backward(
        x: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = rows(gradient)?;
        let to_x = match x.track_op() {
            true => Some(gradient.matmul(&weight.detach())?.reshape(x.shape())?),
            false => None,
        };
        let to_weight = match weight.track_op() {
            true => Some(gradient.t()?.matmul(&rows(&x.detach())?)?),
            false => None,
        };
        Ok((to_x, to_weight))
    }
}

impl CustomOp2 for Map {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        weight: &CpuStorage,
        lw: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Self::forward(x, lx, weight, lw)
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Self::backward(x, weight, &gradient.contiguous()?)
    }
}

impl CustomOp3 for Map {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        weight: &CpuStorage,
        lw: &Layout,
        bias: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (mut mapped, shape) = Self::forward(x, lx, weight, lw)?;
        let bias = values(bias, lb)?;
        if let CpuStorage::F32(mapped) = &mut mapped {
            let chunk = (SERIAL / bias.len()).max(1) * bias.len();
            mapped.par_chunks_mut(chunk).for_each(|rows| {
                vectorised(
                    #[inline(always)]
                    || add_to_rows(rows, bias),
                )
            });
        }
        Ok((mapped, shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let (to_x, to_weight) = Self::backward(x, weight, &gradient)?;
        let to_bias = match bias.track_op() {
            true => {
                let width = bias.elem_count();
                let sums = read(&gradient, |gradient| Ok(column_sums(gradient, width)))?;
                Some(Tensor::from_vec(sums, width, bias.device())?)
            }
            false => None,
        };
        Ok((to_x, to_weight, to_bias))
    }
}

/// Adds `bias` to every row.
#[inline(always)]
pub(super) fn add_to_rows(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        row.iter_mut()
            .zip(bias)
            .for_each(|(out, bias)| *out += bias);
    }
}

/// Sums over rows in an order that does not depend on the number of threads.
pub(super) fn column_sums(rows: &[f32], width: usize) -> Vec<f32> {
    let chunk = (SERIAL / width).max(1) * width;
    let partial = |rows: &[f32]| {
        let mut sums = vec![0f32; width];
        vectorised(
            #[inline(always)]
            || {
                for row in rows.chunks_exact(width) {
                    sums.iter_mut()
                        .zip(row)
                        .for_each(|(sum, value)| *sum += value);
                }
            },
        );
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
        let (x, weight, bias) = (var(&[7, 40, 24], 0.0), var(&[64, 24], 2.0), var(&[64], 5.0));
        let vars = [x.clone(), weight.clone(), bias.clone()];
        for bias in [Some(bias.as_tensor()), None] {
            let vars = &vars[..2 + usize::from(bias.is_some())];
            agree(
                vars,
                || linear(&x, &weight, bias).unwrap(),
                || composed(&x, &weight, bias).unwrap(),
            );
        }
    }

    #[test]
    fn a_part_of_a_larger_weight_and_a_fixed_weight_are_served() {
        let (x, whole) = (var(&[5, 24], 0.0), var(&[96, 24], 2.0));
        let part = || whole.narrow(0, 32, 48).unwrap();
        agree(
            &[x.clone(), whole.clone()],
            || linear(&x, &part(), None).unwrap(),
            || composed(&x, &part(), None).unwrap(),
        );
        let fixed = whole.as_detached_tensor();
        let mapped = linear(&x, &fixed, None).unwrap();
        let gradients = mapped.sum_all().unwrap().backward().unwrap();
        assert!(gradients.get(&x).is_some() && gradients.get(&fixed).is_none());
    }
}
