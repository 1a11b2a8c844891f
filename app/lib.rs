//! Askem answers questions about electron micrographs on the user's own machine.
//!
//! Follow one question from click to token in five files: `window/mod.rs` (the click),
//! `worker/protocol.rs` (the message), `worker/answerer.rs` (the thread that owns the model),
//! `answer/tell.rs` (slots are filled on the way back) and, in the crate `askem-model`, `generate.rs`.
//!
//! Arrows go one way: `micrograph` <- `measure` <- `answer` <- `worker` <- {`window`, `command`};
//! only `window` names egui, only `askem-model` names candle. `tests/tidy.rs` proves it.

pub mod answer;
pub mod command;
pub mod dataset;
pub mod evaluate;
pub mod gpu;
pub mod measure;
pub mod micrograph;
pub mod narrate;
pub mod notebook;
pub mod questions;
pub mod simulate;
pub mod worker;

#[cfg(feature = "window")]
pub mod window;

/// The version and the commit it was built from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("ASKEM_COMMIT"), ")");
