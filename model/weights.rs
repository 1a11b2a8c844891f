//! Weights of a file: believed only whole. Every tensor of the network must be there in its
//! shape, every tensor of the file must have a place, and every value must be finite.

use crate::error::{ModelError, Result};
use candle_core::safetensors::SliceSafetensors;
use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use safetensors::tensor::TensorView;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Weights by name, 32-bit, on the CPU.
pub type Weights = HashMap<String, Tensor>;

/// Names told in one sentence at most.
const MOST_NAMES: usize = 8;

/// Reads a model.safetensors.
pub(crate) fn parse(bytes: &[u8]) -> Result<Weights> {
    let file = File::of(bytes)?;
    let names = file.names().into_iter();
    names
        .map(|name| Ok((name.clone(), file.weight(&name)?)))
        .collect()
}

/// A model.safetensors whose weights are read one by one, so that they are never all in memory
/// as 32-bit values.
pub(crate) struct File<'a>(SliceSafetensors<'a>);

impl<'a> File<'a> {
    /// Reads the names and shapes.
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self> {
        let file = SliceSafetensors::new(bytes).map_err(|why| invalid(why.to_string()))?;
        Ok(Self(file))
    }

    /// All weights that it holds.
    pub(crate) fn names(&self) -> Vec<String> {
        let stored = self.0.tensors().into_iter();
        // Places counted from 0, which older versions of transformers stored: no weight.
        let is_weight = |(name, view): &(String, TensorView)| {
            !(name.ends_with(".position_ids") && view.dtype() == safetensors::Dtype::I64)
        };
        stored.filter(is_weight).map(|(name, _)| name).collect()
    }

    /// The bytes of a weight, where it holds one.
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).ok().map(|view| view.data())
    }

    /// A weight as 32-bit values, each finite.
    pub(crate) fn weight(&self, name: &str) -> Result<Tensor> {
        let tensor = self.0.load(name, &Device::Cpu);
        let tensor = tensor.map_err(|why| invalid(why.to_string()))?;
        if !tensor.dtype().is_float() {
            return Err(invalid(format!("{name} holds whole numbers")));
        }
        let tensor = tensor.to_dtype(DType::F32)?;
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        if !values.iter().all(|v| v.is_finite()) {
            return Err(invalid(format!("{name} holds a value that is not finite")));
        }
        Ok(tensor)
    }
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

/// Mixes `share` of `base` into weights of the same names and shapes.
pub(crate) fn blend(weights: &mut Weights, base: &Weights, share: f32) -> Result<()> {
    for (name, own) in weights {
        let of_base = base.get(name);
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

/// Makes a network of stored weights on `device`.
pub(crate) fn network<N>(
    weights: &Weights,
    device: &Device,
    make: impl FnOnce(VarBuilder) -> candle_core::Result<N>,
) -> Result<N> {
    let find = |name: &str| Ok(weights.get(name).cloned());
    network_of(weights.keys(), &find, DType::F32, device, make)
}

/// The same of weights that are found by name when the network asks for them; `dtype` tells it
/// how to keep them.
pub(crate) fn network_of<'n, N>(
    names: impl Iterator<Item = &'n String>,
    find: &(dyn Fn(&str) -> Result<Option<Tensor>> + Sync),
    dtype: DType,
    device: &Device,
    make: impl FnOnce(VarBuilder) -> candle_core::Result<N>,
) -> Result<N> {
    let asked: Arc<Mutex<Asked>> = Arc::default();
    let backend = Stored {
        find,
        asked: asked.clone(),
    };
    let vb = VarBuilder::from_backend(Box::new(backend), dtype, device.clone());
    let network = make(vb);
    let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(unreadable) = asked.unreadable.take() {
        return Err(unreadable);
    }
    let network = network?;
    let mut faults = asked.faults.clone();
    let extra = names.filter(|name| !asked.names.contains(*name));
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
    /// Why the first weight that cannot be believed cannot.
    unreadable: Option<ModelError>,
}

/// Hands stored weights to a network; in place of one that is missing or has another shape it
/// gives zeros that take no memory, and remembers the fault.
struct Stored<'a> {
    find: &'a (dyn Fn(&str) -> Result<Option<Tensor>> + Sync),
    asked: Arc<Mutex<Asked>>,
}

impl SimpleBackend for Stored<'_> {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        _: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        let found = (self.find)(name);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.names.insert(name.to_owned());
        let fault = match found {
            Ok(Some(tensor)) if tensor.shape() == &shape => return tensor.to_device(device),
            Ok(Some(tensor)) => format!(
                "{name} has shape {:?} instead of {:?}",
                tensor.dims(),
                shape.dims()
            ),
            Ok(None) => format!("{name} is missing"),
            Err(why) => {
                asked.unreadable.get_or_insert(why);
                candle_core::bail!("{name} cannot be read")
            }
        };
        asked.faults.push(fault);
        Tensor::zeros((), DType::F32, device)?.broadcast_as(shape)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        candle_core::bail!("{name} was asked for without a shape")
    }

    fn contains_tensor(&self, name: &str) -> bool {
        matches!((self.find)(name), Ok(Some(_)))
    }
}
