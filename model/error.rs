//! What can go wrong in this crate, as sentences for the person who chose the model.

use std::path::PathBuf;

/// Why a model could not be loaded, run or trained.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A tensor operation failed; the shapes or the device do not fit.
    #[error("the network failed: {0}")]
    Tensor(#[from] candle_core::Error),
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

impl ModelError {
    /// Whether the device had not memory enough for an operation.
    pub fn is_out_of_memory(&self) -> bool {
        let Self::Tensor(why) = self else {
            return false;
        };
        let why = why.to_string().to_lowercase();
        why.contains("out of memory") || why.contains("out_of_memory")
    }
}

/// Short for results of this crate.
pub type Result<T> = std::result::Result<T, ModelError>;
