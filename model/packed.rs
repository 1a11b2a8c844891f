//! Matrices in 8 bits, for answering with large networks: a quarter of the memory, and of what
//! must be fetched from it for every token. 32 weights in a row share one scale.
//!
//! Never in training: a gradient would end here. Made by `blip`, used through `layers`.

use crate::ops::{self, LANES, dot, vectorised};
use candle_core::{CpuStorage, D, Device, Result, Storage, Tensor};
use rayon::prelude::*;

/// Weights that share a scale.
const GROUP: usize = 32;
/// With more rows than this, a matrix is unpacked and multiplied as a whole.
const FEW_ROWS: usize = 24;
/// Products that are worth handing to another thread.
const WORTH: usize = 1 << 17;

/// The matrix [to, from] of a map, in the precision that it is kept in.
pub enum Matrix {
    /// 32 bits; gradients reach it.
    Full(Tensor),
    /// 8 bits.
    Packed(Packed),
}

impl Matrix {
    /// The same in 8 bits.
    pub fn packed(self) -> Result<Self> {
        match self {
            Self::Full(weight) => Packed::of(&weight).map(Self::Packed),
            packed => Ok(packed),
        }
    }

    /// [.., from] -> [.., to].
    pub fn map(&self, x: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
        let packed = match self {
            Self::Full(weight) => return ops::linear(x, weight, bias),
            Self::Packed(packed) => packed,
        };
        let mut shape = x.dims().to_vec();
        let mapped = packed.map(&x.reshape(((), x.dim(D::Minus1)?))?)?;
        if let Some(last) = shape.last_mut() {
            *last = packed.to;
        }
        let mapped = mapped.reshape(shape)?;
        match bias {
            Some(bias) => mapped.broadcast_add(bias),
            None => Ok(mapped),
        }
    }

    /// Some of its rows, [N, from].
    pub fn rows(&self, places: &Tensor) -> Result<Tensor> {
        match self {
            Self::Full(weight) => weight.index_select(places, 0),
            Self::Packed(packed) => packed.rows(&places.to_vec1()?),
        }
    }
}

/// A matrix [to, from]: each value is a whole number of -127 to 127 times the scale of its group.
pub struct Packed {
    to: usize,
    from: usize,
    values: Vec<i8>,
    /// Row by row, `from / GROUP` of them, rounded up.
    scales: Vec<f32>,
}

impl Packed {
    /// Rounds every value to the nearest step of its group.
    pub fn of(weight: &Tensor) -> Result<Self> {
        let (to, from) = weight.dims2()?;
        let weight = weight.contiguous()?.flatten_all()?.to_vec1::<f32>()?;
        let mut values = Vec::with_capacity(weight.len());
        let mut scales = Vec::with_capacity(to * from.div_ceil(GROUP));
        for row in weight.chunks(from.max(1)) {
            for group in row.chunks(GROUP) {
                let most = group.iter().fold(0f32, |most, v| most.max(v.abs()));
                let scale = most / 127.0;
                let steps = if scale > 0.0 { scale.recip() } else { 0.0 };
                values.extend(group.iter().map(|v| (v * steps).round() as i8));
                scales.push(scale);
            }
        }
        Ok(Self {
            to,
            from,
            values,
            scales,
        })
    }

    /// [N, from] -> [N, to].
    fn map(&self, x: &Tensor) -> Result<Tensor> {
        let (n, from) = x.dims2()?;
        if from != self.from {
            candle_core::bail!("a row of {from} values cannot be mapped by {}", self.from);
        }
        if n > FEW_ROWS {
            return x.matmul(&self.whole()?.t()?);
        }
        let x = x.contiguous()?;
        let (storage, layout) = x.storage_and_layout();
        let Storage::Cpu(CpuStorage::F32(values)) = &*storage else {
            candle_core::bail!("weights of 8 bits are for 32-bit states on the CPU");
        };
        let first = layout.start_offset();
        let x = &values[first..first + n * from];
        // One row of the matrix after the other, each against all of x: [to, N].
        let mut across = vec![0f32; self.to * n];
        let rows = (WORTH / (from * n).max(1)).max(1);
        let chunks = across.par_chunks_mut(rows * n).enumerate();
        chunks.for_each(|(chunk, out)| {
            vectorised(
                #[inline(always)]
                || self.map_rows(chunk * rows, x, out),
            );
        });
        drop(storage);
        Tensor::from_vec(across, (self.to, n), &Device::Cpu)?
            .t()?
            .contiguous()
    }

    /// The products of rows of the matrix, from `first` on, with all rows of x.
    #[inline(always)]
    fn map_rows(&self, first: usize, x: &[f32], out: &mut [f32]) {
        let n = x.len() / self.from;
        let mut unpacked = vec![0f32; if n > 1 { self.from } else { 0 }];
        for (row, out) in out.chunks_exact_mut(n).enumerate() {
            let (values, scales) = self.row(first + row);
            if let [out] = out {
                *out = dot_packed(values, scales, x);
                continue;
            }
            unpack(values, scales, &mut unpacked);
            for (out, x) in out.iter_mut().zip(x.chunks_exact(self.from)) {
                *out = dot(&unpacked, x);
            }
        }
    }

    fn row(&self, row: usize) -> (&[i8], &[f32]) {
        let groups = self.from.div_ceil(GROUP);
        (
            &self.values[row * self.from..(row + 1) * self.from],
            &self.scales[row * groups..(row + 1) * groups],
        )
    }

    /// All of it in 32 bits.
    fn whole(&self) -> Result<Tensor> {
        let mut whole = vec![0f32; self.values.len()];
        let rows = (WORTH / self.from.max(1)).max(1);
        let chunks = whole.par_chunks_mut(rows * self.from).enumerate();
        chunks.for_each(|(chunk, out)| {
            vectorised(
                #[inline(always)]
                || {
                    for (row, out) in out.chunks_exact_mut(self.from).enumerate() {
                        let (values, scales) = self.row(chunk * rows + row);
                        unpack(values, scales, out);
                    }
                },
            );
        });
        Tensor::from_vec(whole, (self.to, self.from), &Device::Cpu)
    }

    fn rows(&self, places: &[u32]) -> Result<Tensor> {
        let mut out = vec![0f32; places.len() * self.from];
        for (place, out) in places.iter().zip(out.chunks_exact_mut(self.from)) {
            let place = *place as usize;
            if place >= self.to {
                candle_core::bail!("there is no row {place} of {}", self.to);
            }
            let (values, scales) = self.row(place);
            unpack(values, scales, out);
        }
        Tensor::from_vec(out, (places.len(), self.from), &Device::Cpu)
    }
}

#[inline(always)]
fn unpack(values: &[i8], scales: &[f32], out: &mut [f32]) {
    let groups = values.chunks(GROUP).zip(out.chunks_mut(GROUP)).zip(scales);
    for ((values, out), scale) in groups {
        let pairs = out.iter_mut().zip(values);
        pairs.for_each(|(out, value)| *out = f32::from(*value) * scale);
    }
}

#[inline(always)]
fn dot_packed(values: &[i8], scales: &[f32], x: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let (groups, rest) = values.as_chunks::<GROUP>();
    let (x, rest_x) = x.as_chunks::<GROUP>();
    for ((values, x), scale) in groups.iter().zip(x).zip(scales) {
        let mut sums = [0f32; LANES];
        for lane in 0..LANES {
            sums[lane] = f32::from(values[lane]) * x[lane];
        }
        for lane in 0..LANES {
            sums[lane] += f32::from(values[LANES + lane]) * x[LANES + lane];
        }
        for (lane, sum) in lanes.iter_mut().zip(sums) {
            *lane += sum * scale;
        }
    }
    let last = scales.get(groups.len()).copied().unwrap_or(0.0);
    let pairs = rest.iter().zip(rest_x);
    let rest: f32 = pairs.map(|(value, x)| f32::from(*value) * x).sum();
    lanes.iter().sum::<f32>() + rest * last
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;

    fn uneven(shape: (usize, usize), seed: f32) -> Tensor {
        let values = (0..shape.0 * shape.1).map(|i| ((i as f32 + seed) * 1.7).sin());
        Tensor::from_vec(values.collect(), shape, &Device::Cpu).unwrap()
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    /// Widths that fill groups and widths that do not; one row, few and many.
    #[test]
    fn a_packed_matrix_maps_as_what_it_unpacks_to() {
        for from in [24, 64, 100] {
            let weight = uneven((70, from), 0.5);
            let packed = Packed::of(&weight).unwrap();
            let whole = packed.whole().unwrap();
            for n in [1, 2, FEW_ROWS, FEW_ROWS + 1] {
                let x = uneven((n, from), 3.0);
                let expected = values(&x.matmul(&whole.t().unwrap()).unwrap());
                let mapped = values(&packed.map(&x).unwrap());
                assert_eq!(mapped.len(), n * 70);
                for (a, b) in mapped.iter().zip(expected) {
                    assert!((a - b).abs() < 1e-4, "{from} {n}: {a} against {b}");
                }
            }
            let rows = packed.rows(&[69, 0, 69]).unwrap();
            assert_eq!(values(&rows)[..from], values(&whole)[69 * from..]);
            assert!(packed.rows(&[70]).is_err());
        }
    }

    #[test]
    fn a_value_is_off_by_half_a_step_of_its_group_at_most() {
        let weight = uneven((8, 100), 0.5);
        let whole = values(&Packed::of(&weight).unwrap().whole().unwrap());
        for (a, b) in whole.iter().zip(values(&weight)) {
            assert!((a - b).abs() <= 0.5 / 127.0 + 1e-6);
        }
        assert!(whole != values(&weight));
        let zeros = Tensor::zeros((2, 40), candle_core::DType::F32, &Device::Cpu).unwrap();
        let packed = Packed::of(&zeros).unwrap().whole().unwrap();
        assert!(values(&packed).iter().all(|v| *v == 0.0));
    }
}
