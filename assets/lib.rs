//! The files that ship inside Askem, in a crate of their own so that edits elsewhere do not
//! pay for embedding them.

/// The built-in sample: a simulated micrograph of particles, PNG.
pub static SAMPLE_MICROGRAPH: &[u8] = include_bytes!("sample.png");

/// The factory model: the files of its model folder.
pub mod factory {
    /// config.json.
    pub static CONFIG: &[u8] = include_bytes!("factory/config.json");
    /// model.safetensors.
    pub static WEIGHTS: &[u8] = include_bytes!("factory/model.safetensors");
    /// tokenizer.json.
    pub static TOKENIZER: &[u8] = include_bytes!("factory/tokenizer.json");
    /// preprocessor_config.json.
    pub static PREPROCESSOR: &[u8] = include_bytes!("factory/preprocessor_config.json");
}
