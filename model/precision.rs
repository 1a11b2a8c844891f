//! In which numbers the linear maps of a network multiply in training.
//!
//! Weights, gradients, moments, norms, attention and losses are 32-bit throughout. With
//! [`Precision::Bf16`] the two factors of each linear map are rounded to 16-bit bfloats, which
//! the matrix units of an NVIDIA GPU from Ampere on multiply several times as fast, summing in
//! 32 bits. A CPU has no such product in candle: there it is the 32-bit product of the same
//! rounded factors, so that tests see what a GPU rounds. Answering never rounds.

use candle_core::{DType, Result, Tensor};
use serde::{Deserialize, Serialize};

/// How exactly linear maps multiply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    /// 32-bit floats: what is held against PyTorch, and the same on every device.
    #[default]
    F32,
    /// 16-bit bfloats, sums in 32 bits.
    Bf16,
}

impl Precision {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::F32, Self::Bf16];

    /// As it is spelled: "f32", "bf16".
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        }
    }

    /// How a builder of variables passes it on to the maps; the variables stay 32-bit.
    pub(crate) fn dtype(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::Bf16 => DType::BF16,
        }
    }

    /// What a builder passes on.
    pub(crate) fn of(dtype: DType) -> Self {
        match dtype {
            DType::BF16 => Self::Bf16,
            _ => Self::F32,
        }
    }

    /// [.., from] times the transpose of `weight` [to, from], plus `bias` [to]: [.., to].
    pub(crate) fn map(self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
        let mut shape = x.dims().to_vec();
        let rows = x.reshape(((), weight.dim(1)?))?;
        let mapped = self.product(&rows, &weight.t()?)?;
        if let Some(last) = shape.last_mut() {
            *last = weight.dim(0)?;
        }
        let mapped = mapped.reshape(shape)?;
        match bias {
            Some(bias) => mapped.broadcast_add(bias),
            None => Ok(mapped),
        }
    }

    /// [N, from] times [from, to], both 32-bit, as is the result.
    fn product(self, x: &Tensor, map: &Tensor) -> Result<Tensor> {
        if self == Self::F32 {
            return x.matmul(map);
        }
        let (x, map) = (x.to_dtype(DType::BF16)?, map.to_dtype(DType::BF16)?);
        if x.device().is_cpu() {
            let exact = x.to_dtype(DType::F32)?.matmul(&map.to_dtype(DType::F32)?)?;
            return exact.to_dtype(DType::BF16)?.to_dtype(DType::F32);
        }
        x.matmul(&map)?.to_dtype(DType::F32)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use crate::test_device::{absent, device};
    use candle_core::Var;

    fn factors() -> (Var, Var) {
        let values = |count: u32, step: f32| -> Vec<f32> {
            (0..count).map(|i| (i as f32 * step).sin()).collect()
        };
        let var = |values, shape: (usize, usize)| {
            Var::from_tensor(&Tensor::from_vec(values, shape, &device()).unwrap()).unwrap()
        };
        (
            var(values(6 * 40, 0.7), (6, 40)),
            var(values(40 * 5, 1.3), (40, 5)),
        )
    }

    fn flat(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn bf16_rounds_and_no_more_and_its_gradient_goes_to_32_bit_weights() {
        if absent() {
            return;
        }
        let (x, map) = factors();
        let of = |precision: Precision| {
            let product = precision.product(&x, &map).unwrap();
            let gradients = product.sqr().unwrap().sum_all().unwrap().backward();
            let gradients = gradients.unwrap();
            [
                product,
                gradients.get(&x).unwrap().clone(),
                gradients.get(&map).unwrap().clone(),
            ]
        };
        for (exact, rounded) in of(Precision::F32).iter().zip(&of(Precision::Bf16)) {
            assert_eq!((exact.dtype(), rounded.dtype()), (DType::F32, DType::F32));
            let (exact, rounded) = (flat(exact), flat(rounded));
            assert_ne!(exact, rounded, "nothing was rounded");
            let size = exact.iter().fold(0f32, |most, v| most.max(v.abs()));
            // Eight bits of fraction: each rounding moves a value by 2^-9 of itself at most.
            for (a, b) in exact.iter().zip(&rounded) {
                assert!((a - b).abs() < 0.02 * size, "{a} became {b} of {size}");
            }
        }
        let product = flat(&Precision::Bf16.product(&x, &map).unwrap());
        assert!(product.iter().all(|value| value.to_bits() & 0xffff == 0));
    }

    #[test]
    fn a_builder_passes_it_on() {
        for precision in Precision::ALL {
            assert_eq!(Precision::of(precision.dtype()), precision);
        }
    }
}
