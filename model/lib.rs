//! The vision-language network of Askem: four parts, three losses, training and answering.
//!
//! Read in this order: `config` (sizes), `network` (the four parts put together), `losses`
//! (the paper's three), `train` (the loop), `generate` (answering with a cache), `folder`
//! (the files of a model). `blip` is a second network, read from Hugging Face's files. This
//! crate knows nothing of files other than a model folder, of micrograph formats or of the
//! window; names and texts come from its caller as strings.

pub mod answer_times;
pub mod blip;
pub mod confidence;
pub mod config;
mod crowd;
pub mod device;
pub mod error;
mod files;
pub mod folder;
pub mod generate;
#[cfg(test)]
mod hostile;
pub mod layers;
pub mod losses;
pub mod network;
pub mod ops;
mod packed;
pub mod parameters;
mod precision;
pub mod preprocess;
#[cfg(test)]
mod test_device;
pub mod text;
pub mod tokenizer;
pub mod train;
pub mod vision;
mod vocabulary;
mod weights;
mod whole;
mod wordpiece;

pub use confidence::Confidence;
pub use config::Config;
pub use device::{Card, Fallback, Found, cards, choose_device, find_device, has_bf16};
pub use error::ModelError;
pub use files::{Kind, ModelFiles};
pub use generate::{Assistant, Generated, Heat, ImageMemory};
pub use precision::Precision;
pub use preprocess::{GreyView, Preprocessor};
pub use tokenizer::Tokenizer;
pub use whole::{Facts, PYTORCH, check, export, glance};
