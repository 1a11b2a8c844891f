//! Operations that candle composes from many passes over memory, each as one pass with a
//! backward pass of its own. On other devices than the CPU the composed forms run; the tests
//! beside each file hold the two to the same values and gradients.

mod attention;
mod bias;
mod cross_entropy;
mod gelu;
mod layer_norm;

pub use attention::{Visible, attention};
pub use bias::add_bias;
pub use cross_entropy::cross_entropy;
pub use gelu::gelu;
pub use layer_norm::layer_norm;

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor};

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

/// Hands the values of a tensor on the CPU to `read`.
fn read<T>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => read(values(storage, layout)?),
        _ => candle_core::bail!("a fused operation ran on another device than the CPU"),
    }
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
