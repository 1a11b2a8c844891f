//! A run that can be gone on with: one file that holds everything it depends on.
//!
//! Weights, optimiser, schedule and the place in the data. Batches, negatives and dropped
//! states are drawn from the seed, the epoch and the step, so that the place is all of the
//! random state there is. The file is a safetensors file with a hash over all it holds: it is
//! whole or it is refused. Called by the training loop, and by who resumes a run.

use super::settings::Settings;
use super::trained::ADAPTER;
use crate::error::{ModelError, Result};
use crate::files::{Kind, ModelFiles, write_file};
use crate::weights::to_bytes;
use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

const FILE: &str = "checkpoint.safetensors";
const MOST_BYTES: u64 = 32 << 30;

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Counted from 1.
    pub epoch: usize,
    /// Steps done of this epoch.
    pub step: usize,
    /// The parts that steps are computed in.
    pub parts: usize,
    /// Summed losses of this epoch's steps so far.
    pub sums: [f32; 3],
    /// Steps of the optimiser since the start.
    pub steps: usize,
    /// The least validation loss so far.
    pub least: Option<f32>,
    /// Epochs since then.
    pub stagnant: usize,
    /// How often a plateau halved the rate.
    pub halvings: u32,
    /// Seconds trained.
    pub seconds: f64,
}

/// Everything a run depends on.
pub struct Checkpoint {
    pub(super) settings: Settings,
    /// Of the model, without its weights.
    pub(super) files: ModelFiles<'static>,
    /// Hash of the data.
    pub(super) corpus: String,
    pub(super) place: Place,
    /// Every weight of the network, and of adapters.
    pub(super) now: BTreeMap<String, Tensor>,
    /// What is trained as it was after the best epoch; empty before one ended.
    pub(super) best: BTreeMap<String, Tensor>,
    /// Mean and square of the gradients, [N] each.
    pub(super) moments: [Tensor; 2],
}

/// What is not a tensor.
#[derive(Serialize, Deserialize)]
struct Told {
    settings: Settings,
    config: String,
    tokenizer: String,
    preprocessor: String,
    corpus: String,
    place: Place,
}

impl Checkpoint {
    /// Whether a folder holds one.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Steps done, and the epoch they belong to.
    pub fn place(&self) -> (usize, usize) {
        (self.place.steps, self.place.epoch)
    }

    /// Which network is trained.
    pub fn kind(&self) -> Result<Kind> {
        self.files.kind()
    }

    /// Writes it into a folder, by way of a temporary file: the folder holds the old one or
    /// this one, never part of it.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let told = Told {
            settings: self.settings.clone(),
            config: text(&self.files.config)?,
            tokenizer: text(&self.files.tokenizer)?,
            preprocessor: text(&self.files.preprocessor)?,
            corpus: self.corpus.clone(),
            place: self.place.clone(),
        };
        let told = serde_json::to_string(&told).map_err(unwritten)?;
        let tensors = self.tensors();
        let hash = hash_of(&told, &tensors)?;
        let about = HashMap::from([("run".to_owned(), told), ("hash".to_owned(), hash)]);
        let bytes = safetensors::serialize(tensors, Some(about)).map_err(unwritten)?;
        std::fs::create_dir_all(folder).map_err(|why| ModelError::File {
            path: folder.to_owned(),
            why,
        })?;
        write_file(folder, FILE, &bytes)
    }

    /// Whether a run with these settings, over data of this hash, goes on from here.
    pub(super) fn fits(&self, settings: &Settings, corpus: &str) -> Result<()> {
        if self.corpus != corpus {
            let why = "the data has changed since the run began. Train again without --resume";
            return Err(ModelError::Data(why.into()));
        }
        if !self.settings.same_but_length(settings) {
            let why = "the run was begun with other settings. Give the same ones, or train again without --resume";
            return Err(ModelError::Data(why.into()));
        }
        Ok(())
    }

    /// The weights of the network as they stand, without adapters.
    pub(super) fn network(&self) -> HashMap<String, Tensor> {
        let own = self.now.iter();
        let own = own.filter(|(name, _)| !name.starts_with(ADAPTER));
        own.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    fn tensors(&self) -> BTreeMap<String, Tensor> {
        let named = |part: &str, tensors: &BTreeMap<String, Tensor>| {
            let named =
                |(name, tensor): (&String, &Tensor)| (format!("{part}.{name}"), tensor.clone());
            tensors.iter().map(named).collect::<Vec<_>>()
        };
        let mut tensors: BTreeMap<String, Tensor> = BTreeMap::new();
        tensors.extend(named("now", &self.now));
        tensors.extend(named("best", &self.best));
        let [mean, square] = &self.moments;
        tensors.insert("moments.mean".into(), mean.clone());
        tensors.insert("moments.square".into(), square.clone());
        tensors
    }

    /// Reads the one of a folder, whole or not at all.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let failed = |why| ModelError::File {
            path: path.clone(),
            why,
        };
        if std::fs::metadata(&path).map_err(failed)?.len() > MOST_BYTES {
            return Err(invalid("it is too large"));
        }
        Self::parse(&std::fs::read(&path).map_err(failed)?)
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let (_, about) = safetensors::SafeTensors::read_metadata(bytes).map_err(invalid)?;
        let about = about.metadata().clone().unwrap_or_default();
        let (Some(told), Some(hash)) = (about.get("run"), about.get("hash")) else {
            return Err(invalid("it is not the checkpoint of a run"));
        };
        let tensors =
            candle_core::safetensors::load_buffer(bytes, &Device::Cpu).map_err(invalid)?;
        let mut tensors: BTreeMap<String, Tensor> = tensors.into_iter().collect();
        if hash_of(told, &tensors)? != *hash {
            return Err(invalid("its hash is that of other data"));
        }
        let told: Told = serde_json::from_str(told).map_err(invalid)?;
        let mut moment = |name: &str| {
            let moment = tensors.remove(name);
            moment.ok_or_else(|| invalid("the optimiser is missing"))
        };
        let moments = [moment("moments.mean")?, moment("moments.square")?];
        let (mut now, mut best) = (BTreeMap::new(), BTreeMap::new());
        for (name, tensor) in tensors {
            if let Some(name) = name.strip_prefix("now.") {
                now.insert(name.to_owned(), tensor);
            } else if let Some(name) = name.strip_prefix("best.") {
                best.insert(name.to_owned(), tensor);
            }
        }
        Ok(Self {
            settings: told.settings,
            files: ModelFiles {
                config: Cow::Owned(told.config.into_bytes()),
                weights: Cow::Owned(to_bytes(&HashMap::new(), DType::F32)?),
                tokenizer: Cow::Owned(told.tokenizer.into_bytes()),
                preprocessor: Cow::Owned(told.preprocessor.into_bytes()),
            },
            corpus: told.corpus,
            place: told.place,
            now,
            best,
            moments,
        })
    }
}

/// A hash over the text and every value, in the order of the names.
fn hash_of(told: &str, tensors: &BTreeMap<String, Tensor>) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(told.as_bytes());
    for (name, tensor) in tensors {
        hasher.update(name.as_bytes());
        for value in tensor.flatten_all()?.to_vec1::<f32>()?.chunks(4096) {
            let bytes: Vec<u8> = value.iter().flat_map(|v| v.to_le_bytes()).collect();
            hasher.update(&bytes);
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn text(file: &[u8]) -> Result<String> {
    String::from_utf8(file.to_vec()).map_err(unwritten)
}

fn unwritten(why: impl std::fmt::Display) -> ModelError {
    ModelError::Data(format!("the checkpoint cannot be written: {why}"))
}

fn invalid(why: impl std::fmt::Display) -> ModelError {
    ModelError::Checkpoint(why.to_string())
}
