//! The weights of a run: which are trained, which stand still, and adapters beside them.
//!
//! A network is built anew for every step, which costs microseconds, so that an adapted map is
//! simply the stored one plus the product of its adapter. Called by the training loop.

use super::settings::{Settings, Trained};
use crate::config::Config;
use crate::error::{ModelError, Result};
use crate::network::Network;
use crate::parameters::Parameters;
use crate::precision::Precision;
use candle_core::{DType, Device, Shape, Tensor, Var};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The weights of one run.
pub(super) struct Weights {
    config: Config,
    device: Device,
    precision: Precision,
    /// Every weight of the network.
    all: BTreeMap<String, Var>,
    /// What the optimiser moves: weights, or the two matrices of each adapter.
    moved: Arc<BTreeMap<String, Var>>,
}

impl Weights {
    /// The weights of a new network, replaced by those of `start` where there are any.
    pub fn new(
        config: &Config,
        settings: &Settings,
        start: Option<&HashMap<String, Tensor>>,
        device: &Device,
    ) -> Result<Self> {
        let seed = settings.seed;
        let parameters = Parameters::seeded(seed);
        Network::new(config, parameters.builder(device))?;
        if let Some(start) = start {
            parameters.load(start)?;
        }
        let all = parameters.all();
        let moved = match settings.trained {
            Trained::All => all.clone(),
            Trained::Decoder => only_decoder(&all),
            Trained::Adapters { rank } => adapters(&all, rank, seed, device)?,
        };
        if moved.is_empty() {
            let why = "this model has no weights of the kind that was to be trained";
            return Err(ModelError::Data(why.into()));
        }
        Ok(Self {
            config: config.clone(),
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
    pub fn network(&self) -> Result<Network> {
        let weights = self.builder(true);
        Ok(Network::new(&self.config, weights)?)
    }

    /// The same for measuring: no graph is recorded.
    pub fn still(&self) -> Result<Network> {
        let weights = self.builder(false);
        Ok(Network::new(&self.config, weights)?)
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

    /// Copies of the network's weights on the CPU, adapters added in.
    pub fn snapshot(&self) -> Result<HashMap<String, Tensor>> {
        let copy = |(name, var): (&String, &Var)| {
            let value = adapted(name, var, &self.moved, false)?;
            Ok((name.clone(), value.to_device(&Device::Cpu)?.copy()?))
        };
        self.all.iter().map(copy).collect()
    }

    /// Every variable by name for a checkpoint: the network's and the adapters'.
    pub fn variables(&self) -> BTreeMap<String, Var> {
        let mut variables = self.all.clone();
        variables.extend(self.moved.iter().map(|(k, v)| (k.clone(), v.clone())));
        variables
    }
}

/// The weights that parts 1 to 3 do not have.
fn only_decoder(all: &BTreeMap<String, Var>) -> BTreeMap<String, Var> {
    let own = [
        "norm_causal",
        "causal_attention",
        "norm_decoder",
        "output_bias",
    ];
    let of_decoder = |name: &str| name.split('.').any(|part| own.contains(&part));
    let mut decoder = all.clone();
    decoder.retain(|name, _| of_decoder(name));
    decoder
}

fn down(name: &str) -> String {
    format!("adapter.{name}.down")
}

fn up(name: &str) -> String {
    format!("adapter.{name}.up")
}

/// The two matrices of every adapter: `down` drawn small, `up` zero, so that a run begins with
/// the network as it is.
fn adapters(
    all: &BTreeMap<String, Var>,
    rank: usize,
    seed: u64,
    device: &Device,
) -> Result<BTreeMap<String, Var>> {
    let drawn = Parameters::seeded(seed);
    let vb = drawn.builder(device);
    for (name, var) in all {
        if !name.ends_with(".query.weight") && !name.ends_with(".value.weight") {
            continue;
        }
        let (to, from) = var.dims2()?;
        let stdev = (1.0 / from as f64).sqrt();
        vb.get_with_hints((rank, from), &down(name), Init::Randn { mean: 0.0, stdev })?;
        vb.get_with_hints((to, rank), &up(name), Init::Const(0.0))?;
    }
    Ok(drawn.all())
}

/// A weight as the network sees it.
fn adapted(
    name: &str,
    var: &Var,
    moved: &BTreeMap<String, Var>,
    graph: bool,
) -> candle_core::Result<Tensor> {
    let tensor = |var: &Var| match graph {
        true => var.as_tensor().clone(),
        false => var.as_detached_tensor(),
    };
    if moved.contains_key(name) {
        return Ok(tensor(var));
    }
    match (moved.get(&up(name)), moved.get(&down(name))) {
        (Some(up), Some(down)) => var.as_detached_tensor() + tensor(up).matmul(&tensor(down))?,
        _ => Ok(var.as_detached_tensor()),
    }
}

/// Hands the weights of a run to a network.
struct Adapted {
    all: BTreeMap<String, Var>,
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
            Some(var) => adapted(name, var, &self.moved, self.graph),
            None => candle_core::bail!("no variable is called {name}"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.all.contains_key(name)
    }
}
