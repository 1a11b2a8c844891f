//! Weights of a file: believed only whole. Every tensor of the network must be there in its
//! shape, every tensor of the file must have a place, and every value must be finite.

use crate::error::{ModelError, Result};
use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Weights by name, 32-bit, on the CPU.
pub type Weights = HashMap<String, Tensor>;

/// Names told in one sentence at most.
const MOST_NAMES: usize = 8;

/// Reads a model.safetensors.
pub(crate) fn parse(bytes: &[u8]) -> Result<Weights> {
    let stored = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)
        .map_err(|why| invalid(why.to_string()))?;
    let mut weights = HashMap::with_capacity(stored.len());
    for (name, tensor) in stored {
        // Places counted from 0, which older versions of transformers stored: no weight.
        if name.ends_with(".position_ids") && tensor.dtype() == DType::I64 {
            continue;
        }
        if !tensor.dtype().is_float() {
            return Err(invalid(format!("{name} holds whole numbers")));
        }
        let tensor = tensor.to_dtype(DType::F32)?;
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        if !values.iter().all(|v| v.is_finite()) {
            return Err(invalid(format!("{name} holds a value that is not finite")));
        }
        weights.insert(name, tensor);
    }
    Ok(weights)
}

/// Writes a model.safetensors in the given precision.
pub(crate) fn to_bytes(weights: &Weights, precision: DType) -> Result<Vec<u8>> {
    let mut stored = Vec::with_capacity(weights.len());
    for (name, tensor) in weights {
        stored.push((name.clone(), tensor.to_dtype(precision)?));
    }
    safetensors::serialize(stored, None)
        .map_err(|why| ModelError::Data(format!("the weights cannot be written: {why}")))
}

/// Makes a network of stored weights on `device`.
pub(crate) fn network<N>(
    weights: &Weights,
    device: &Device,
    make: impl FnOnce(VarBuilder) -> candle_core::Result<N>,
) -> Result<N> {
    let asked: Arc<Mutex<Asked>> = Arc::default();
    let backend = Stored {
        weights: weights.clone(),
        asked: asked.clone(),
    };
    let vb = VarBuilder::from_backend(Box::new(backend), DType::F32, device.clone());
    let network = make(vb)?;
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    let mut faults = asked.faults.clone();
    let extra = weights.keys().filter(|name| !asked.names.contains(*name));
    let mut extra: Vec<String> = extra
        .map(|name| format!("{name} has no place in the network"))
        .collect();
    extra.sort();
    faults.extend(extra);
    if faults.is_empty() {
        return Ok(network);
    }
    let more = faults.len().saturating_sub(MOST_NAMES);
    faults.truncate(MOST_NAMES);
    let mut why = format!("it does not fit config.json: {}", faults.join("; "));
    if more > 0 {
        why.push_str(&format!("; and {more} more"));
    }
    Err(invalid(why))
}

fn invalid(why: String) -> ModelError {
    ModelError::Invalid {
        file: "model.safetensors",
        why,
    }
}

/// What a network asked for while it was made.
#[derive(Default)]
struct Asked {
    names: BTreeSet<String>,
    faults: Vec<String>,
}

/// Hands stored weights to a network; in place of one that is missing or has another shape it
/// gives zeros that take no memory, and remembers the fault.
struct Stored {
    weights: Weights,
    asked: Arc<Mutex<Asked>>,
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
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.names.insert(name.to_owned());
        let fault = match self.weights.get(name) {
            Some(tensor) if tensor.shape() == &shape => {
                return tensor.to_dtype(dtype)?.to_device(device);
            }
            Some(tensor) => format!(
                "{name} has shape {:?} instead of {:?}",
                tensor.dims(),
                shape.dims()
            ),
            None => format!("{name} is missing"),
        };
        asked.faults.push(fault);
        Tensor::zeros((), dtype, device)?.broadcast_as(shape)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        candle_core::bail!("{name} was asked for without a shape")
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.weights.contains_key(name)
    }
}
