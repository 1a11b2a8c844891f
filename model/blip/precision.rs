//! In which precision a BLIP's weights are kept: 32 bits to train and to compare with others, 8
//! bits to answer on a processor, whose time goes into fetching weights from memory.
//!
//! The kind of number that a `VarBuilder` is asked for says which; `assistant` chooses.

use crate::layers::Linear;
use crate::packed::Matrix;
use candle_core::{DType, Result};
use candle_nn::VarBuilder;

/// Bits of a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32.
    Full,
    /// 8 with a scale for every 32 weights of a map or an embedding; norms and biases have 32.
    EightBits,
}

impl Precision {
    /// The kind of number by which it is told to the parts of a network.
    pub(super) fn dtype(self) -> DType {
        match self {
            Self::Full => DType::F32,
            Self::EightBits => DType::U8,
        }
    }
}

/// A map in the precision of `vb`.
pub(super) fn linear(from: usize, to: usize, vb: VarBuilder) -> Result<Linear> {
    of(Linear::new(from, to, vb.clone())?, &vb)
}

/// The same of a map that is made already.
pub(super) fn of(linear: Linear, vb: &VarBuilder) -> Result<Linear> {
    match vb.dtype() {
        DType::U8 => linear.packed(),
        _ => Ok(linear),
    }
}

/// Embeddings in the precision of `vb`.
pub(super) fn table(shape: (usize, usize), name: &str, vb: &VarBuilder) -> Result<Matrix> {
    let table = Matrix::Full(vb.get(shape, name)?);
    match vb.dtype() {
        DType::U8 => table.packed(),
        _ => Ok(table),
    }
}
