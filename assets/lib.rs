//! The files that ship inside Askem, in a crate of their own so that edits elsewhere do not
//! pay for embedding them.

/// Inter Regular, the window's text face (SIL Open Font License 1.1).
pub static FONT_REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.otf");

/// Inter SemiBold, for headings (SIL Open Font License 1.1).
pub static FONT_SEMIBOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.otf");

/// DejaVu Sans, for the signs Inter lacks (Bitstream Vera licence).
pub static FONT_WIDE: &[u8] = include_bytes!("fonts/DejaVuSans.ttf");

/// The program's icon, a PNG of 256 x 256 pixels.
pub static ICON_PNG: &[u8] = include_bytes!("icons/askem.png");

/// The built-in sample: a simulated micrograph of round particles on a grainy ground, 8-bit grey
/// PNG of 1024 x 768 pixels with a data bar. It is sim-000291.png of
/// `askem simulate --out DIR --count 291 --seed 11 --category Particles --size 1024`.
pub static SAMPLE_MICROGRAPH: &[u8] = include_bytes!("sample.png");

/// The weights of the reader of printed labels (`app/micrograph/scale_bar/reader.rs`), trained
/// on rendered text by `assets/recipe/label_reader.py`, which says their layout.
pub static LABEL_READER: &[u8] = include_bytes!("label_reader.bin");

/// Single words of WordNet 3.0 and their synsets, packed (`assets/recipe/wordnet.py` makes it and
/// says how it is written; its licence is `assets/wordnet/LICENSE`).
pub static WORDNET: &[u8] = include_bytes!("wordnet/synonyms.z");

/// The figures that the paper prints, and one of later work, as JSON.
pub static PAPER_TABLES: &str = include_str!("paper/tables.json");

/// The factory model: the files of its model folder.
pub mod factory {
    /// config.json.
    pub static CONFIG: &[u8] = include_bytes!("factory/config.json");
    /// model.safetensors.
    pub static WEIGHTS: &[u8] = include_bytes!("factory/model.safetensors");
    /// tokenizer.json.
    pub static TOKENIZER: &[u8] = include_bytes!("factory/tokenizer.json");
    /// README.md, the model card.
    pub static CARD: &str = include_str!("factory/README.md");
    /// preprocessor_config.json.
    pub static PREPROCESSOR: &[u8] = include_bytes!("factory/preprocessor_config.json");
}
