//! The files of a model folder: read whole into memory or not at all, written with a manifest.
//!
//! Nothing is unpickled and nothing is mapped, so that neither a hostile file nor one that is
//! replaced while it is used does harm. What the files mean is for `folder` and `blip`.

use crate::error::{ModelError, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

/// The files of a model, read but not yet believed.
#[derive(Clone)]
pub struct ModelFiles<'a> {
    /// config.json.
    pub config: Cow<'a, [u8]>,
    /// model.safetensors.
    pub weights: Cow<'a, [u8]>,
    /// tokenizer.json, or vocab.txt where there is none.
    pub tokenizer: Cow<'a, [u8]>,
    /// preprocessor_config.json.
    pub preprocessor: Cow<'a, [u8]>,
}

/// The networks this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ours.
    Askem,
    /// BLIP by Hugging Face.
    Blip,
}

/// The most bytes read of each file: small JSON, and weights of a small model.
const MOST_JSON: u64 = 16 << 20;
const MOST_WEIGHTS: u64 = 4 << 30;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const TOKENIZER: &str = "tokenizer.json";
const VOCABULARY: &str = "vocab.txt";
const PREPROCESSOR: &str = "preprocessor_config.json";
const PROCESSOR: &str = "processor_config.json";
const CARD: &str = "README.md";
const MANIFEST: &str = "manifest.json";

impl ModelFiles<'static> {
    /// Reads the files of a folder into memory; where it has a manifest, they must be its files.
    pub fn read(folder: &Path) -> Result<Self> {
        refuse_other_forms(folder)?;
        let texts = if folder.join(TOKENIZER).exists() || !folder.join(VOCABULARY).exists() {
            TOKENIZER
        } else {
            VOCABULARY
        };
        let files = Self {
            config: Cow::Owned(read(folder, CONFIG, MOST_JSON)?),
            weights: Cow::Owned(read(folder, WEIGHTS, MOST_WEIGHTS)?),
            tokenizer: Cow::Owned(read(folder, texts, MOST_JSON)?),
            preprocessor: Cow::Owned(read_preprocessor(folder)?),
        };
        if folder.join(MANIFEST).exists() {
            let manifest = Manifest::parse(&read(folder, MANIFEST, MOST_JSON)?)?;
            for (name, bytes) in files.named() {
                manifest.check(name, bytes)?;
            }
        }
        Ok(files)
    }
}

impl ModelFiles<'_> {
    /// Which network config.json describes.
    pub fn kind(&self) -> Result<Kind> {
        kind_of(&self.config)
    }

    /// Whether the vocabulary is a vocab.txt, whose first line is a token and no brace.
    pub(crate) fn has_plain_vocabulary(&self) -> bool {
        let first = self
            .tokenizer
            .iter()
            .find(|byte| !byte.is_ascii_whitespace());
        first != Some(&b'{')
    }

    fn named(&self) -> [(&'static str, &[u8]); 4] {
        let texts = if self.has_plain_vocabulary() {
            VOCABULARY
        } else {
            TOKENIZER
        };
        [
            (WEIGHTS, &*self.weights),
            (texts, &*self.tokenizer),
            (PREPROCESSOR, &*self.preprocessor),
            (CONFIG, &*self.config),
        ]
    }

    /// Writes a folder: these files, the model card where there is one, `more`, then the manifest
    /// of all of them. Each goes by way of a temporary one; a crash in between leaves a folder
    /// that is refused.
    pub fn write(&self, folder: &Path, card: &str, more: &[(&'static str, &[u8])]) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(|why| ModelError::File {
            path: folder.to_owned(),
            why,
        })?;
        let mut manifest = Manifest::default();
        let card = (!card.is_empty()).then_some((CARD, card.as_bytes()));
        for (name, bytes) in self.named().iter().chain(&card).chain(more) {
            write_file(folder, name, bytes)?;
            manifest.files.insert((*name).into(), Entry::of(bytes));
        }
        write_file(folder, MANIFEST, &pretty(&manifest)?)
    }
}

/// manifest.json: what belongs to a folder, by name. Names are compared and never opened.
#[derive(Default, Serialize, Deserialize)]
struct Manifest {
    files: BTreeMap<String, Entry>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Entry {
    bytes: u64,
    blake3: String,
}

impl Entry {
    fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            blake3: blake3::hash(bytes).to_hex().to_string(),
        }
    }
}

impl Manifest {
    fn parse(bytes: &[u8]) -> Result<Self> {
        json(MANIFEST, bytes)
    }

    fn check(&self, name: &'static str, bytes: &[u8]) -> Result<()> {
        let invalid = |why: String| Err(ModelError::Invalid { file: name, why });
        match self.files.get(name) {
            None => invalid("manifest.json does not list it".into()),
            Some(entry) if entry.bytes != bytes.len() as u64 => invalid(format!(
                "it has {} bytes and manifest.json says {}",
                bytes.len(),
                entry.bytes
            )),
            Some(entry) if *entry != Entry::of(bytes) => {
                invalid("its content is not what manifest.json says (BLAKE3)".into())
            }
            Some(_) => Ok(()),
        }
    }
}

/// Which network a config.json describes.
pub(crate) fn kind_of(config: &[u8]) -> Result<Kind> {
    #[derive(Deserialize)]
    struct Named {
        model_type: String,
    }
    let named: Named = json(CONFIG, config)?;
    match named.model_type.as_str() {
        "askem" => Ok(Kind::Askem),
        "blip" => Ok(Kind::Blip),
        other => Err(ModelError::Unsupported {
            why: format!("its model_type is {other:?}"),
        }),
    }
}

/// The config.json of a folder.
pub(crate) fn read_config(folder: &Path) -> Result<Vec<u8>> {
    read(folder, CONFIG, MOST_JSON)
}

/// Archives, pickles and weights in several files, each with what to do instead.
fn refuse_other_forms(folder: &Path) -> Result<()> {
    let failed = |why| ModelError::File {
        path: folder.to_owned(),
        why,
    };
    if !std::fs::metadata(folder).map_err(failed)?.is_dir() {
        return Err(ModelError::NoFolder {
            path: folder.to_owned(),
        });
    }
    if folder.join(WEIGHTS).exists() {
        return Ok(());
    }
    if folder.join("model.safetensors.index.json").exists() {
        return Err(ModelError::Unsupported {
            why: "its weights stand in several files".into(),
        });
    }
    for entry in std::fs::read_dir(folder).map_err(failed)?.flatten() {
        let file = Path::new(&entry.file_name()).to_owned();
        let pickled = file.extension().is_some_and(|ending| {
            ["bin", "pt", "pth", "ckpt", "pkl"]
                .iter()
                .any(|known| ending.eq_ignore_ascii_case(known))
        });
        if pickled {
            return Err(ModelError::Pickle { file });
        }
    }
    Ok(())
}

/// How images become input. Where a folder of transformers 5 has it inside the file of its
/// processor, that part.
fn read_preprocessor(folder: &Path) -> Result<Vec<u8>> {
    #[derive(Deserialize)]
    struct Processor {
        image_processor: serde_json::Value,
    }
    if folder.join(PREPROCESSOR).exists() || !folder.join(PROCESSOR).exists() {
        return read(folder, PREPROCESSOR, MOST_JSON);
    }
    let processor: Processor = json(PROCESSOR, &read(folder, PROCESSOR, MOST_JSON)?)?;
    pretty(&processor.image_processor)
}

/// A regular file of at most `most` bytes, whole.
fn read(folder: &Path, name: &'static str, most: u64) -> Result<Vec<u8>> {
    let path = folder.join(name);
    let failed = |why| ModelError::File {
        path: path.clone(),
        why,
    };
    let invalid = |why: &str| ModelError::Invalid {
        file: name,
        why: why.into(),
    };
    let about = std::fs::metadata(&path).map_err(failed)?;
    if !about.is_file() {
        return Err(invalid("it is no regular file"));
    }
    if about.len() > most {
        return Err(invalid("it is too large"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&path).map_err(failed)?;
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 != about.len() {
        return Err(invalid("it changed while it was read"));
    }
    Ok(bytes)
}

pub(crate) fn pretty(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value)
        .map_err(|why| ModelError::Data(format!("the settings cannot be written: {why}")))
}

pub(crate) fn json<T: serde::de::DeserializeOwned>(file: &'static str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|why| ModelError::Invalid {
        file,
        why: why.to_string(),
    })
}

/// Temporary file, fsync, rename: a crash leaves the old file or the new one.
pub(crate) fn write_file(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let part = folder.join(format!(".{name}.part"));
    let write = || {
        let mut file = std::fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, &path)
    };
    write().map_err(|why| ModelError::File {
        path: path.clone(),
        why,
    })
}
