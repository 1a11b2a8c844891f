//! The files that ship inside Askem, in a crate of their own so that edits elsewhere do not
//! pay for embedding them.

/// The built-in sample: a simulated micrograph of particles, PNG.
pub static SAMPLE_MICROGRAPH: &[u8] = include_bytes!("sample.png");
