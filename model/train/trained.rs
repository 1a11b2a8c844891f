//! The weights of a run: which are trained, which stand still, and adapters beside them.
//!
//! A network is built anew for every step, which costs microseconds, so that an adapted map is
//! simply the stored one plus the product of its adapter. Called by the training loop.

use super::learner::Blueprint;
use super::settings::{Settings, Trained};
use crate::error::{ModelError, Result};
use crate::parameters::Parameters;
use crate::precision::Precision;
use candle_core::{DType, Device, Shape, Tensor, Var};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Begins the names of adapters.
pub(super) const ADAPTER: &str = "adapter.";

/// The weights of one run.
pub(super) struct Weights<B> {
    blueprint: B,
    device: Device,
    precision: Precision,
    /// Every weight of the network; one that is trained is the same here and in `moved`.
    all: BTreeMap<String, Tensor>,
    /// What the optimiser moves: weights, or the two matrices of each adapter.
    moved: Arc<BTreeMap<String, Var>>,
}

impl<B: Blueprint> Weights<B> {
    /// The weights of a new network, replaced by those of `start` where there are any.
    pub fn new(
        blueprint: &B,
        settings: &Settings,
        start: Option<&HashMap<String, Tensor>>,
        device: &Device,
    ) -> Result<Self> {
        let seed = settings.seed;
        let mut all = blueprint.initial(seed, start, device)?;
        let moved = match settings.trained {
            Trained::All => variables(&mut all, |_| true)?,
            Trained::Decoder => variables(&mut all, B::is_of_decoder)?,
            Trained::Adapters { rank } => adapters(&all, rank, seed, device)?,
        };
        if moved.is_empty() {
            let why = "this model has no weights of the kind that was to be trained";
            return Err(ModelError::Data(why.into()));
        }
        Ok(Self {
            blueprint: blueprint.clone(),
            device: device.clone(),
            precision: settings.precision,
            all,
            moved: Arc::new(moved),
        })
    }

    /// What the optimiser moves, by name.
    pub fn moved(&self) -> &BTreeMap<String, Var> {
        &self.moved
    }

    /// The network of these weights as they are now; gradients reach what is trained.
    pub fn network(&self) -> Result<B::Network> {
        Ok(self.blueprint.build(self.builder(true))?)
    }

    /// The same for measuring: no graph is recorded.
    pub fn still(&self) -> Result<B::Network> {
        Ok(self.blueprint.build(self.builder(false))?)
    }

    fn builder(&self, graph: bool) -> VarBuilder<'static> {
        let backend = Adapted {
            all: self.all.clone(),
            moved: Arc::clone(&self.moved),
            graph,
        };
        // The backend gives 32-bit weights whatever is asked for.
        let dtype = self.precision.dtype();
        VarBuilder::from_backend(Box::new(backend), dtype, self.device.clone())
    }

    /// The network's weights on the CPU, adapters added in; the end of a run.
    pub fn merged(&self) -> Result<HashMap<String, Tensor>> {
        let merged = |(name, weight): (&String, &Tensor)| {
            let value = adapted(name, weight, &self.moved, false)?;
            Ok((name.clone(), value.to_device(&Device::Cpu)?))
        };
        self.all.iter().map(merged).collect()
    }

    /// Copies of what is trained, on the CPU.
    pub fn trained(&self) -> Result<BTreeMap<String, Tensor>> {
        let copy = |(name, var): (&String, &Var)| {
            let value = var.as_detached_tensor().to_device(&Device::Cpu)?;
            Ok((name.clone(), value.copy()?))
        };
        self.moved.iter().map(copy).collect()
    }

    /// Every value by name for a checkpoint: the network's and the adapters'.
    pub fn values(&self) -> BTreeMap<String, Tensor> {
        let moved = self.moved.iter();
        let moved = moved.map(|(name, var)| (name.clone(), var.as_detached_tensor()));
        let mut values = self.all.clone();
        values.extend(moved);
        values
    }

    /// Sets what is trained to stored values, which must be all there.
    pub fn set(&self, stored: &BTreeMap<String, Tensor>) -> Result<()> {
        for (name, var) in self.moved.iter() {
            let value = stored.get(name);
            let value = value.filter(|value| value.shape() == var.shape());
            let value =
                value.ok_or_else(|| ModelError::Checkpoint(format!("{name} is missing")))?;
            var.set(&value.to_device(&self.device)?)?;
        }
        Ok(())
    }
}

/// Makes variables of the chosen weights, in `all` too.
fn variables(
    all: &mut BTreeMap<String, Tensor>,
    chosen: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Var>> {
    let mut moved = BTreeMap::new();
    for (name, weight) in all.iter_mut().filter(|(name, _)| chosen(name)) {
        let var = Var::from_tensor(weight)?;
        *weight = var.as_detached_tensor();
        moved.insert(name.clone(), var);
    }
    Ok(moved)
}

fn down(name: &str) -> String {
    format!("{ADAPTER}{name}.down")
}

fn up(name: &str) -> String {
    format!("{ADAPTER}{name}.up")
}

/// The two matrices of every adapter: `down` drawn small, `up` zero, so that a run begins with
/// the network as it is.
fn adapters(
    all: &BTreeMap<String, Tensor>,
    rank: usize,
    seed: u64,
    device: &Device,
) -> Result<BTreeMap<String, Var>> {
    let drawn = Parameters::seeded(seed);
    let vb = drawn.builder(device);
    // BLIP's image encoder has queries, keys and values in one weight.
    let maps = [".query.weight", ".value.weight", ".qkv.weight"];
    for (name, weight) in all {
        if !maps.iter().any(|map| name.ends_with(map)) {
            continue;
        }
        let (to, from) = weight.dims2()?;
        let stdev = (1.0 / from as f64).sqrt();
        vb.get_with_hints((rank, from), &down(name), Init::Randn { mean: 0.0, stdev })?;
        vb.get_with_hints((to, rank), &up(name), Init::Const(0.0))?;
    }
    Ok(drawn.all())
}

/// A weight as the network sees it.
fn adapted(
    name: &str,
    weight: &Tensor,
    moved: &BTreeMap<String, Var>,
    graph: bool,
) -> candle_core::Result<Tensor> {
    let tensor = |var: &Var| match graph {
        true => var.as_tensor().clone(),
        false => var.as_detached_tensor(),
    };
    if let Some(var) = moved.get(name) {
        return Ok(tensor(var));
    }
    match (moved.get(&up(name)), moved.get(&down(name))) {
        (Some(up), Some(down)) => weight + tensor(up).matmul(&tensor(down))?,
        _ => Ok(weight.clone()),
    }
}

/// Hands the weights of a run to a network.
struct Adapted {
    all: BTreeMap<String, Tensor>,
    moved: Arc<BTreeMap<String, Var>>,
    graph: bool,
}

impl SimpleBackend for Adapted {
    fn get(
        &self,
        _: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        self.get_unchecked(name, dtype, device)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        match self.all.get(name) {
            Some(weight) => adapted(name, weight, &self.moved, self.graph),
            None => candle_core::bail!("no variable is called {name}"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.all.contains_key(name)
    }
}
