//! Measures what a micrograph shows: objects and quantities, each with an uncertainty.
//!
//! Pure: no files, no window, no model. The same field and options give the same measurement,
//! whatever the number of threads; work is shared among the threads of the caller's pool.
//! Called by `command` and `worker`.

pub mod fibres;
mod field;
pub mod house;
pub mod layers;
pub mod lines;
pub mod pattern;
pub mod printing;
pub mod profile;
pub mod psd;
pub mod quantity;
pub mod tilt;
pub mod tip;
pub mod uncertainty;
pub mod words;

pub use field::Field;
