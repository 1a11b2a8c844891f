//! Adding to the states what a layer made of them, some of it dropped: one pass each way.

use super::{SERIAL, read, values, vectorised};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// `x` + `y` * `keep`, all of one shape; `keep` is no variable.
pub fn add_kept(x: &Tensor, y: &Tensor, keep: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return x + y.mul(keep)?;
    }
    let keep = keep.contiguous()?;
    x.contiguous()?
        .apply_op2(&y.contiguous()?, AddKept { keep })
}

struct AddKept {
    keep: Tensor,
}

impl CustomOp2 for AddKept {
    fn name(&self) -> &'static str {
        "add-kept"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        y: &CpuStorage,
        ly: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (mut out, y) = (values(x, lx)?.to_vec(), values(y, ly)?);
        read(&self.keep, |keep| {
            let parts = y.par_chunks(SERIAL).zip(keep.par_chunks(SERIAL));
            out.par_chunks_mut(SERIAL)
                .zip(parts)
                .for_each(|(out, (y, keep))| {
                    vectorised(
                        #[inline(always)]
                        || {
                            for ((out, y), keep) in out.iter_mut().zip(y).zip(keep) {
                                *out += y * keep;
                            }
                        },
                    );
                });
            Ok(())
        })?;
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(
        &self,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(gradient.clone()), Some(gradient.mul(&self.keep)?)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::tests::{agree, var};
    use super::*;

    #[test]
    fn one_pass_gives_what_the_composed_form_gives() {
        let (x, y) = (var(&[3, 5, 64], 0.0), var(&[3, 5, 64], 4.0));
        let keep = var(&[3, 5, 64], 9.0).as_detached_tensor();
        let keep = keep.gt(0f32).unwrap().to_dtype(x.dtype()).unwrap();
        agree(
            &[x.clone(), y.clone()],
            || add_kept(&x, &y, &keep).unwrap(),
            || (x.as_tensor() + y.mul(&keep).unwrap()).unwrap(),
        );
    }
}
