//! A model folder in Hugging Face layout: config.json, model.safetensors, tokenizer.json,
//! preprocessor_config.json and README.md. Nothing is unpickled and nothing is mapped.

use crate::config::Config;
use crate::error::{ModelError, Result};
use crate::network::Network;
use crate::preprocess::Preprocessor;
use crate::tokenizer::Tokenizer;
use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The files of a model, read but not yet believed.
pub struct ModelFiles<'a> {
    /// config.json.
    pub config: Cow<'a, [u8]>,
    /// model.safetensors.
    pub weights: Cow<'a, [u8]>,
    /// tokenizer.json.
    pub tokenizer: Cow<'a, [u8]>,
    /// preprocessor_config.json.
    pub preprocessor: Cow<'a, [u8]>,
}

/// The most bytes read of each file: small JSON, and weights of a small model.
const MOST_JSON: u64 = 16 << 20;
const MOST_WEIGHTS: u64 = 4 << 30;

impl ModelFiles<'static> {
    /// Reads the files of a folder into memory.
    pub fn read(folder: &Path) -> Result<Self> {
        let read = |name: &'static str, most: u64| -> Result<Cow<'static, [u8]>> {
            let path = folder.join(name);
            let failed = |why| ModelError::File {
                path: path.clone(),
                why,
            };
            if std::fs::metadata(&path).map_err(failed)?.len() > most {
                return Err(ModelError::Invalid {
                    file: name,
                    why: "it is too large".into(),
                });
            }
            Ok(Cow::Owned(std::fs::read(&path).map_err(failed)?))
        };
        Ok(Self {
            config: read("config.json", MOST_JSON)?,
            weights: read("model.safetensors", MOST_WEIGHTS)?,
            tokenizer: read("tokenizer.json", MOST_JSON)?,
            preprocessor: read("preprocessor_config.json", MOST_JSON)?,
        })
    }
}

/// A model whose files fit each other.
pub struct Model {
    /// Sizes and learned facts.
    pub config: Config,
    /// Vocabulary.
    pub tokenizer: Tokenizer,
    /// Input.
    pub preprocessor: Preprocessor,
    /// Weights by name, 32-bit, on the CPU.
    pub weights: HashMap<String, Tensor>,
}

impl Model {
    /// Believes the files only if they are whole: sizes within limits, every value finite.
    pub fn parse(files: &ModelFiles) -> Result<Self> {
        let config: Config = json("config.json", &files.config)?;
        config.validate()?;
        let preprocessor: Preprocessor = json("preprocessor_config.json", &files.preprocessor)?;
        preprocessor.validate(&config)?;
        let tokenizer = Tokenizer::from_json(&files.tokenizer)?;
        if tokenizer.vocab_size() != config.vocab_size {
            let why = format!(
                "it has {} tokens and config.json says {}",
                tokenizer.vocab_size(),
                config.vocab_size
            );
            return Err(ModelError::Invalid {
                file: "tokenizer.json",
                why,
            });
        }
        let weights = parse_weights(&files.weights)?;
        Ok(Self {
            config,
            tokenizer,
            preprocessor,
            weights,
        })
    }

    /// Puts the weights into a network on `device`; every weight must have its place.
    pub fn network(&self, device: &Device) -> Result<Network> {
        let backend = Stored {
            weights: self.weights.clone(),
            used: Arc::default(),
        };
        let used = backend.used.clone();
        let vb = VarBuilder::from_backend(Box::new(backend), DType::F32, device.clone());
        let network = Network::new(&self.config, vb)
            .map_err(|why| invalid_weights(format!("it does not fit config.json ({why})")))?;
        let used = used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(extra) = self.weights.keys().find(|name| !used.contains(*name)) {
            return Err(invalid_weights(format!(
                "config.json has no place for {extra}"
            )));
        }
        Ok(network)
    }

    /// Mixes the weights of the model that this one was trained from into it: `share` of
    /// `base`, the rest its own. What fine-tuning forgot comes back, for some of what it
    /// learned.
    pub fn blend(&mut self, base: &Model, share: f32) -> Result<()> {
        for (name, own) in &mut self.weights {
            let of_base = base.weights.get(name);
            let of_base = of_base.filter(|of_base| of_base.shape() == own.shape());
            let Some(of_base) = of_base else {
                let why = format!("the two models cannot be blended: {name} is not alike");
                return Err(ModelError::Data(why));
            };
            let share = f64::from(share.clamp(0.0, 1.0));
            *own = ((&*own * (1.0 - share))? + (of_base * share)?)?;
        }
        Ok(())
    }

    /// Its files in memory, as [`Model::write`] would write them.
    pub fn files(&self) -> Result<ModelFiles<'static>> {
        let mut halves = Vec::new();
        for (name, tensor) in &self.weights {
            halves.push((name.clone(), tensor.to_dtype(DType::F16)?));
        }
        let weights = safetensors::serialize(halves, None)
            .map_err(|why| ModelError::Data(format!("the weights cannot be written: {why}")))?;
        Ok(ModelFiles {
            config: Cow::Owned(pretty(&self.config)?),
            weights: Cow::Owned(weights),
            tokenizer: Cow::Owned(self.tokenizer.to_json()?.into_bytes()),
            preprocessor: Cow::Owned(pretty(&self.preprocessor)?),
        })
    }

    /// Writes the folder: weights in 16 bits, each file by way of a temporary one.
    pub fn write(&self, folder: &Path, card: &str) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(|why| ModelError::File {
            path: folder.to_owned(),
            why,
        })?;
        let files = self.files()?;
        write_file(folder, "model.safetensors", &files.weights)?;
        write_file(folder, "tokenizer.json", &files.tokenizer)?;
        write_file(folder, "preprocessor_config.json", &files.preprocessor)?;
        write_file(folder, "config.json", &files.config)?;
        write_file(folder, "README.md", card.as_bytes())
    }
}

fn pretty(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value)
        .map_err(|why| ModelError::Data(format!("the settings cannot be written: {why}")))
}

fn parse_weights(bytes: &[u8]) -> Result<HashMap<String, Tensor>> {
    let stored = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)
        .map_err(|why| invalid_weights(why.to_string()))?;
    let mut weights = HashMap::with_capacity(stored.len());
    for (name, tensor) in stored {
        let tensor = tensor.to_dtype(DType::F32)?;
        let finite = tensor
            .flatten_all()?
            .to_vec1::<f32>()?
            .iter()
            .all(|v| v.is_finite());
        if !finite {
            return Err(invalid_weights(format!(
                "{name} holds a value that is not finite"
            )));
        }
        weights.insert(name, tensor);
    }
    Ok(weights)
}

fn invalid_weights(why: String) -> ModelError {
    ModelError::Invalid {
        file: "model.safetensors",
        why,
    }
}

fn json<T: serde::de::DeserializeOwned>(file: &'static str, bytes: &[u8]) -> Result<T> {
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

/// Hands stored weights to a network and remembers which were asked for.
struct Stored {
    weights: HashMap<String, Tensor>,
    used: Arc<Mutex<HashSet<String>>>,
}

impl SimpleBackend for Stored {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        let tensor = self.get_unchecked(name, dtype, device)?;
        if tensor.shape() != &shape {
            candle_core::bail!("{name} has shape {:?} instead of {shape:?}", tensor.shape());
        }
        Ok(tensor)
    }

    fn get_unchecked(
        &self,
        name: &str,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        let Some(tensor) = self.weights.get(name) else {
            candle_core::bail!("{name} is missing")
        };
        self.used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned());
        tensor.to_dtype(dtype)?.to_device(device)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.weights.contains_key(name)
    }
}
