//! Operations that candle composes from many passes over memory, each as one pass with a
//! backward pass of its own. On other devices than the CPU the composed forms run; the tests
//! beside each file hold the two to the same values and gradients.

mod attention;
mod cross_entropy;
mod dropped;
mod feed_forward;
mod gelu;
mod layer_norm;
mod likelihood;
mod linear;
mod product;

pub use attention::{Visible, attention};
pub use cross_entropy::cross_entropy;
pub use dropped::add_kept;
pub use feed_forward::{Widths, feed_forward};
pub use gelu::gelu;
pub use layer_norm::layer_norm;
pub use likelihood::likelihood;
pub use linear::linear;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, Layout, Result, Storage, Tensor};
use rayon::prelude::*;

/// Runs a loop with the widest vectors that this processor has, whatever the program was built
/// for; `run` is compiled once for each kind.
#[inline(always)]
pub(crate) fn vectorised<R>(run: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(run)
}

/// Values below this are not worth a second thread.
const SERIAL: usize = 1 << 14;

/// The values of a contiguous argument of a forward pass.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let values = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("a fused operation needs a contiguous argument"),
    }
}

/// The values of a product of ours.
fn floats(storage: CpuStorage) -> Result<Vec<f32>> {
    match storage {
        CpuStorage::F32(values) => Ok(values),
        other => candle_core::bail!("a fused operation gave {:?}", other.dtype()),
    }
}

/// Hands the values of a tensor on the CPU to `read`.
fn read<T>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => read(values(storage, layout)?),
        _ => candle_core::bail!("a fused operation ran on another device than the CPU"),
    }
}

/// Runs over whole rows of `width` values, many at a time.
fn in_rows(width: usize, out: &mut [f32], x: &[f32], run: impl Fn(&mut [f32], &[f32]) + Sync) {
    let chunk = (SERIAL / width).max(1) * width;
    let parts = out.par_chunks_mut(chunk).zip(x.par_chunks(chunk));
    parts.for_each(|(out, x)| {
        vectorised(
            #[inline(always)]
            || run(out, x),
        );
    });
}

/// Partial sums that run side by side, so that adding up vectorises; their number is fixed, so
/// that every processor gives the same sum.
pub(crate) const LANES: usize = 16;

/// The sum of `of` each value.
#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        lanes
            .iter_mut()
            .zip(block)
            .for_each(|(lane, value)| *lane += of(*value));
    }
    let rest: f32 = rest.iter().map(|value| of(*value)).sum();
    lanes.iter().sum::<f32>() + rest
}

/// The largest value.
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (lane, value) in lanes.iter_mut().zip(block) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    lanes
        .iter()
        .chain(rest)
        .copied()
        .fold(f32::NEG_INFINITY, f32::max)
}

/// The sum of products.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// The exponential to about two units in the last place, written so that loops vectorise
/// (Cody and Waite's reduction, a polynomial on [-ln 2 / 2, ln 2 / 2]).
#[inline(always)]
fn exp(x: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = (x - n * 0.693_359_4) - n * -2.121_944_4e-4;
    let p = 1.0 / 5040.0;
    let p = p * r + 1.0 / 720.0;
    let p = p * r + 1.0 / 120.0;
    let p = p * r + 1.0 / 24.0;
    let p = p * r + 1.0 / 6.0;
    let p = p * r + 0.5;
    let p = p * r + 1.0;
    let p = p * r + 1.0;
    let power = shifted
        .to_bits()
        .wrapping_sub(SHIFT.to_bits())
        .wrapping_add(127)
        << 23;
    p * f32::from_bits(power)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    /// A variable with fixed, uneven values.
    pub(super) fn var(shape: &[usize], seed: f32) -> Var {
        let n = shape.iter().product::<usize>();
        let values: Vec<f32> = (0..n)
            .map(|i| ((i as f32 + seed) * 1.7).sin() * 1.5)
            .collect();
        Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu).unwrap()).unwrap()
    }

    /// Holds two forms of an operation to the same values and the same gradients.
    pub(super) fn agree(vars: &[Var], fused: impl Fn() -> Tensor, composed: impl Fn() -> Tensor) {
        let run = |form: &dyn Fn() -> Tensor| {
            let out = form();
            let weights = var(out.dims(), 0.3);
            let loss = (&out * weights.as_tensor()).unwrap().sum_all().unwrap();
            let gradients = loss.backward().unwrap();
            let mut all = vec![out.flatten_all().unwrap().to_vec1::<f32>().unwrap()];
            for var in vars {
                let gradient = gradients.get(var).unwrap().contiguous().unwrap();
                all.push(gradient.flatten_all().unwrap().to_vec1().unwrap());
            }
            all
        };
        for (which, (a, b)) in run(&fused).iter().zip(run(&composed)).enumerate() {
            let size = b.iter().fold(0f32, |most, v| most.max(v.abs()));
            assert!(size > 0.0);
            for (x, y) in a.iter().zip(&b) {
                assert!((x - y).abs() <= 2e-5 * size, "{which}: {x} against {y}");
            }
        }
    }

    #[test]
    fn the_exponential_is_that_of_the_library() {
        for i in -800..800 {
            let x = i as f32 / 10.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 4e-7, "{x}");
        }
        assert!(exp(-1e9) < 1e-37);
    }
}
