//! The trainable variables of a network: made by name from a seed, so that the same seed
//! gives the same start on every device. candle's own initialisers cannot be seeded on the CPU.

use crate::error::Result;
use candle_core::{DType, Device, Shape, Tensor, Var};
use candle_nn::VarBuilder;
use candle_nn::init::Init;
use candle_nn::var_builder::SimpleBackend;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Variables by name, in a fixed order.
#[derive(Clone)]
pub struct Parameters {
    vars: Arc<Mutex<BTreeMap<String, Var>>>,
    seed: u64,
}

impl Parameters {
    /// No variables yet; each is made when a network first asks for it.
    pub fn seeded(seed: u64) -> Self {
        Self {
            vars: Arc::default(),
            seed,
        }
    }

    /// A builder that makes, or finds, the variables of this set.
    pub fn builder(&self, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), DType::F32, device.clone())
    }

    /// All variables in the order of their names.
    pub fn all(&self) -> BTreeMap<String, Var> {
        self.vars
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Copies of all values, cut from any graph, on the CPU.
    pub fn snapshot(&self) -> Result<HashMap<String, Tensor>> {
        let copy = |(name, var): (String, Var)| {
            Ok((
                name,
                var.as_detached_tensor().to_device(&Device::Cpu)?.copy()?,
            ))
        };
        self.all().into_iter().map(copy).collect()
    }

    /// Sets every variable that `values` names; the rest keep their start.
    pub fn load(&self, values: &HashMap<String, Tensor>) -> Result<()> {
        for (name, var) in self.all() {
            if let Some(value) = values.get(&name) {
                var.set(&value.to_dtype(var.dtype())?.to_device(var.device())?)?;
            }
        }
        Ok(())
    }

    /// A seed of its own for each name, by the FNV-1a hash.
    fn seed_of(&self, name: &str) -> u64 {
        let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ self.seed, fnv)
    }

    fn make(
        &self,
        shape: &Shape,
        name: &str,
        init: Init,
        device: &Device,
    ) -> candle_core::Result<Var> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed_of(name));
        let mut normal = |mean: f64, std: f64| -> Vec<f32> {
            (0..shape.elem_count())
                .map(|_| (mean + std * standard_normal(&mut rng)) as f32)
                .collect()
        };
        let values = match init {
            Init::Const(value) => vec![value as f32; shape.elem_count()],
            Init::Randn { mean, stdev } => normal(mean, stdev),
            Init::Uniform { lo, up } => normal((lo + up) / 2.0, (up - lo) / 12f64.sqrt()),
            Init::Kaiming {
                fan, non_linearity, ..
            } => normal(
                0.0,
                non_linearity.gain() / (fan.for_shape(shape) as f64).sqrt(),
            ),
        };
        Var::from_tensor(&Tensor::from_vec(values, shape, device)?)
    }
}

impl SimpleBackend for Parameters {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        init: Init,
        _: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        let mut vars = self.vars.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(var) = vars.get(name) {
            return Ok(var.as_tensor().clone());
        }
        let var = self.make(&shape, name, init, device)?;
        let tensor = var.as_tensor().clone();
        vars.insert(name.to_owned(), var);
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        match self
            .vars
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
        {
            Some(var) => Ok(var.as_tensor().clone()),
            None => candle_core::bail!("no variable is called {name}"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.vars
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(name)
    }
}

/// One draw from the normal distribution, by Box and Muller.
pub(crate) fn standard_normal(rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
