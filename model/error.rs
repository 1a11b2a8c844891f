//! What can go wrong in this crate, as sentences for the person who chose the model.

use std::path::PathBuf;

/// Why a model could not be loaded, run or trained.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A tensor operation failed; the shapes or the device do not fit.
    #[error("the network failed: {0}")]
    Tensor(candle_core::Error),
    /// The device had not memory enough for an operation.
    #[error(
        "the GPU has not memory enough ({why}). Close other programs that use it, take fewer images a step (--batch) \
         or a smaller network, or use --device cpu"
    )]
    OutOfMemory {
        /// What the driver said.
        why: String,
    },
    /// A file of the model folder could not be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// A file of the model folder holds something else than it should.
    #[error("{file} is not valid: {why}. Copy the model folder again, whole")]
    Invalid {
        /// The file's name.
        file: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The folder holds another kind of model.
    #[error(
        "this model cannot be run here: {why}. Use a model that was trained here, or a BLIP that answers questions (BlipForQuestionAnswering)"
    )]
    Unsupported {
        /// What is in the way.
        why: String,
    },
    /// The weights are a pickle, which can run any code when it is read.
    #[error(
        "{file} is never opened, since a file of this kind can run a program. Convert it where you trust it, in Python: \
         BlipForQuestionAnswering.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER), then choose the new folder"
    )]
    Pickle {
        /// Its name.
        file: PathBuf,
    },
    /// A file was given where a folder is needed.
    #[error(
        "{path} is no folder. Unpack it, and choose the folder that holds config.json and model.safetensors"
    )]
    NoFolder {
        /// What was given.
        path: PathBuf,
    },
    /// The vocabulary cannot be made or used.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(String),
    /// The device that was asked for is not there.
    #[error("device {wanted} is not available: {why}. Use --device cpu, or auto")]
    Device {
        /// As asked for.
        wanted: String,
        /// Why not.
        why: String,
    },
    /// The file that a run was to go on from is not whole.
    #[error("the checkpoint is not valid: {0}. Train again without --resume")]
    Checkpoint(String),
    /// The training data cannot be learned from.
    #[error("{0}")]
    Data(String),
    /// The loss became infinite or not a number.
    #[error(
        "training diverged at step {step}: the loss is not finite. Train again with a lower learning rate"
    )]
    Diverged {
        /// Counted from the start of the run.
        step: usize,
    },
}

impl From<candle_core::Error> for ModelError {
    fn from(error: candle_core::Error) -> Self {
        let told = error.to_string();
        match tells_of_full_memory(&told) {
            true => Self::OutOfMemory {
                why: told.lines().next().unwrap_or_default().to_owned(),
            },
            false => Self::Tensor(error),
        }
    }
}

impl ModelError {
    /// Whether the device had not memory enough for an operation.
    pub fn is_out_of_memory(&self) -> bool {
        matches!(self, Self::OutOfMemory { .. })
    }
}

/// Whether an error of candle tells of memory that ran out, by what CUDA's driver, its matrix
/// library and its random numbers call that. The only place that decides it: candle hands over
/// their errors as texts alone.
pub(crate) fn tells_of_full_memory(error: &str) -> bool {
    [
        "CUDA_ERROR_OUT_OF_MEMORY",
        "CUBLAS_STATUS_ALLOC_FAILED",
        "CURAND_STATUS_ALLOCATION_FAILED",
        "out of memory",
    ]
    .iter()
    .any(|sign| error.contains(sign))
}

/// Short for results of this crate.
pub type Result<T> = std::result::Result<T, ModelError>;

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Error;

    #[test]
    fn only_what_tells_of_full_memory_counts_as_that() {
        let full = [
            "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")",
            "DriverError(CUDA_ERROR_OUT_OF_MEMORY, <Failure when calling cuGetErrorString()>) when loading affine",
            "CublasError(CUBLAS_STATUS_ALLOC_FAILED)",
            "CurandError(CURAND_STATUS_ALLOCATION_FAILED)",
        ];
        let other = [
            "DriverError(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, \"too many resources requested for launch\")",
            "DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"an illegal memory access was encountered\")",
            "CublasError(CUBLAS_STATUS_EXECUTION_FAILED)",
            "CublasError(CUBLAS_STATUS_NOT_INITIALIZED)",
            "shape mismatch in matmul, lhs: [2, 3], rhs: [4, 5]",
            "gather index 7 is out of range",
        ];
        for (texts, is_full) in [(&full[..], true), (&other[..], false)] {
            for text in texts {
                for error in [
                    Error::Cuda((*text).into()),
                    Error::Msg((*text).into()),
                    Error::Cuda((*text).into()).context("in a step").bt(),
                ] {
                    let error = ModelError::from(error);
                    assert_eq!(error.is_out_of_memory(), is_full, "{text}");
                    let told = error.to_string();
                    assert!(!is_full || told.contains("--batch") && !told.contains('\n'));
                }
            }
        }
    }
}
