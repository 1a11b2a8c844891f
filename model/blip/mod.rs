//! BLIP (Li et al. 2022) as Hugging Face writes it: read unchanged, run, and written back.
//!
//! A network of its own beside ours: its text layers norm behind each step, its question
//! encoder and its decoder share nothing, and its decoder sees the question alone. What is the
//! same is shared: the image encoder, attention, feed-forward, the cache. Read in this order:
//! `config`, `vision`, `text`, `network`, `assistant`.

mod assistant;
mod config;
mod folder;
mod network;
mod precision;
mod preprocess;
mod text;
mod vision;

pub use assistant::{BlipAssistant, EncodedImage};
pub use config::{BlipConfig, TextConfig, VisionConfig};
pub use folder::BlipModel;
pub(crate) use folder::write;
pub use network::{QuestionAnswerer, Retrieval};
pub use precision::Precision;
pub use preprocess::BlipPreprocessor;

#[cfg(test)]
mod tests;
