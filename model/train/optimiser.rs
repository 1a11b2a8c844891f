//! Adam (Kingma and Ba 2015), with decoupled weight decay (Loshchilov and Hutter 2019) and
//! clipping where a run wants them, over all variables at once.
//!
//! The moments of all variables lie in one row, so that a step costs a few operations and not a
//! dozen for each of some two hundred small variables: on a GPU those took half of the time.
//! Called by the training loop alone.

use crate::error::Result;
use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use std::collections::BTreeMap;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The optimiser of one run.
pub(super) struct Optimiser {
    vars: Vec<Var>,
    /// First moment of the gradients of all variables, [N].
    mean: Tensor,
    /// Second moment, [N].
    square: Tensor,
    /// The mean gradient of this step so far, [N], and of how many images.
    gathered: Option<(Tensor, usize)>,
    /// What each value loses a step, in parts of the rate, [N]; None without decay.
    decay: Option<Tensor>,
    clip: Option<f64>,
    steps: usize,
}

impl Optimiser {
    /// Starts with moments of zero; all variables must lie on `device`.
    pub fn new(
        vars: &BTreeMap<String, Var>,
        decay: f64,
        clip: Option<f64>,
        device: &Device,
    ) -> Result<Self> {
        let values: usize = vars.values().map(|var| var.elem_count()).sum();
        let zeros = || Tensor::zeros(values, DType::F32, device);
        let decays = |(name, var): (&String, &Var)| {
            let factor = if decaying(name, var) { decay } else { 0.0 };
            (Tensor::ones(var.elem_count(), DType::F32, device)? * factor)?.flatten_all()
        };
        let decay = match decay > 0.0 {
            true => {
                let decays = vars.iter().map(decays);
                let decays = decays.collect::<candle_core::Result<Vec<_>>>()?;
                Some(Tensor::cat(&decays, 0)?)
            }
            false => None,
        };
        Ok(Self {
            vars: vars.values().cloned().collect(),
            mean: zeros()?,
            square: zeros()?,
            gathered: None,
            decay,
            clip,
            steps: 0,
        })
    }

    /// Adds the gradients of one part of a step, which weighs as much as it has images; a
    /// variable that took no part has one of zero.
    pub fn gather(&mut self, gradients: &GradStore, images: usize) -> Result<()> {
        let gradient = |var: &Var| match gradients.get(var) {
            Some(gradient) => gradient.detach().flatten_all(),
            None => var.as_detached_tensor().zeros_like()?.flatten_all(),
        };
        let gradient = self.vars.iter().map(gradient);
        let gradient = Tensor::cat(&gradient.collect::<candle_core::Result<Vec<_>>>()?, 0)?;
        self.gathered = Some(match self.gathered.take() {
            Some((mean, before)) => {
                let share = images as f64 / (before + images) as f64;
                let mean = ((mean * (1.0 - share))? + (gradient * share)?)?;
                (mean, before + images)
            }
            None => (gradient, images),
        });
        Ok(())
    }

    /// Forgets what was gathered since the last step.
    pub fn forget(&mut self) {
        self.gathered = None;
    }

    /// Moves every variable by the mean of the gathered gradients. Where this fails, for want of
    /// memory, nothing has moved.
    pub fn step(&mut self, rate: f64) -> Result<()> {
        let Some((mut gradient, _)) = self.gathered.take() else {
            return Ok(());
        };
        if let Some(longest) = self.clip {
            let length = f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?).sqrt();
            if length > longest {
                gradient = (gradient * (longest / length))?;
            }
        }
        let mean = ((&self.mean * BETA1)? + (&gradient * (1.0 - BETA1))?)?;
        let square = ((&self.square * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
        let steps = i32::try_from(self.steps + 1).unwrap_or(i32::MAX);
        let unbiased = |moment: &Tensor, beta: f64| moment / (1.0 - beta.powi(steps));
        let spread = (unbiased(&square, BETA2)?.sqrt()? + EPSILON)?;
        let change = ((unbiased(&mean, BETA1)? * rate)? / spread)?;
        let kept = self.decay.as_ref().map(|decay| (decay * -rate)? + 1.0);
        let kept = kept.transpose()?;
        let mut at = 0;
        let mut moved = Vec::with_capacity(self.vars.len());
        for var in &self.vars {
            let own = |all: &Tensor| all.narrow(0, at, var.elem_count())?.reshape(var.shape());
            let before = match &kept {
                Some(kept) => (var.as_detached_tensor() * own(kept)?)?,
                None => var.as_detached_tensor(),
            };
            moved.push((before - own(&change)?)?);
            at += var.elem_count();
        }
        #[cfg(test)]
        super::scarcity::of_a_move()?;
        for (var, moved) in self.vars.iter().zip(&moved) {
            var.set(moved)?;
        }
        (self.mean, self.square) = (mean, square);
        self.steps += 1;
        Ok(())
    }

    /// Both moments, and the steps taken.
    pub fn state(&self) -> (&Tensor, &Tensor, usize) {
        (&self.mean, &self.square, self.steps)
    }

    /// Goes on from the moments of an earlier run over the same variables.
    pub fn restore(&mut self, mean: Tensor, square: Tensor, steps: usize) {
        self.mean = mean;
        self.square = square;
        self.steps = steps;
    }
}

/// Whether a variable decays: the matrices of linear maps do; biases, norms, positions, token
/// embeddings and the temperature do not.
fn decaying(name: &str, var: &Var) -> bool {
    let is_map = [".weight", ".up", ".down"]
        .iter()
        .any(|end| name.ends_with(end));
    is_map && var.rank() == 2
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::scarcity;
    use super::*;
    use crate::test_device::{absent, device};
    use candle_nn::{AdamW, Optimizer, ParamsAdamW};

    fn start() -> BTreeMap<String, Var> {
        let var = |values: Vec<f32>| {
            let rows = values.len() / 2;
            let tensor = Tensor::from_vec(values, (rows, 2), &device());
            Var::from_tensor(&tensor.unwrap()).unwrap()
        };
        let a = var(vec![1.0, -2.0, 0.5, 0.1]);
        BTreeMap::from([
            ("a.weight".into(), a),
            ("b.weight".into(), var(vec![3.0, 1.0])),
        ])
    }

    fn loss(vars: &BTreeMap<String, Var>) -> Tensor {
        let bowl = vars["a.weight"].sqr().unwrap().sum_all().unwrap();
        let first = vars["a.weight"].get(0).unwrap();
        let cross = (first * vars["b.weight"].get(0).unwrap()).unwrap();
        (bowl + cross.sin().unwrap().sum_all().unwrap()).unwrap()
    }

    fn values(vars: &BTreeMap<String, Var>) -> Vec<f32> {
        let flat = |var: &Var| var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        vars.values().flat_map(flat).collect()
    }

    #[test]
    fn it_walks_as_the_adam_of_candle_does_with_and_without_decay() {
        if absent() {
            return;
        }
        for decay in [0.0, 0.2] {
            let (ours, theirs) = (start(), start());
            let mut optimiser = Optimiser::new(&ours, decay, None, &device()).unwrap();
            let settings = ParamsAdamW {
                lr: 0.03,
                weight_decay: decay,
                ..Default::default()
            };
            let mut candle = AdamW::new(theirs.values().cloned().collect(), settings).unwrap();
            for _ in 0..25 {
                optimiser
                    .gather(&loss(&ours).backward().unwrap(), 3)
                    .unwrap();
                optimiser.step(0.03).unwrap();
                candle.backward_step(&loss(&theirs)).unwrap();
            }
            let (a, b) = (values(&ours), values(&theirs));
            let close = |(a, b): (&f32, &f32)| (a - b).abs() < 2e-6;
            assert!(a.iter().zip(&b).all(close), "{a:?} {b:?}");
            assert!((-1.5..-0.5).contains(&a[1]), "{}", a[1]);
        }
    }

    #[test]
    fn gathered_gradients_are_averaged_and_long_ones_are_shortened() {
        if absent() {
            return;
        }
        let (once, twice, short) = (start(), start(), start());
        for (vars, parts, clip) in [(&once, 1, None), (&twice, 2, None), (&short, 1, Some(0.1))] {
            let mut optimiser = Optimiser::new(vars, 0.0, clip, &device()).unwrap();
            for _ in 0..parts {
                optimiser
                    .gather(&loss(vars).backward().unwrap(), 3)
                    .unwrap();
            }
            optimiser.step(0.03).unwrap();
            let (mean, ..) = optimiser.state();
            let length = mean.sqr().unwrap().sum_all().unwrap();
            let length = length.to_scalar::<f32>().unwrap().sqrt();
            let longest = if clip.is_some() { 0.01 } else { f32::MAX };
            assert!(length <= longest * 1.0001, "{length}");
        }
        assert_eq!(values(&once), values(&twice));
    }

    #[test]
    fn a_part_weighs_as_much_as_it_has_images() {
        if absent() {
            return;
        }
        let vars = start();
        let constant = |slope: f64| (vars["b.weight"].sum_all().unwrap() * slope).unwrap();
        let mut optimiser = Optimiser::new(&vars, 0.0, None, &device()).unwrap();
        for (slope, images) in [(1.0, 1), (4.0, 2), (8.0, 5)] {
            let gradients = constant(slope).backward().unwrap();
            optimiser.gather(&gradients, images).unwrap();
        }
        optimiser.step(0.03).unwrap();
        let (mean, ..) = optimiser.state();
        let mean = mean.to_vec1::<f32>().unwrap();
        // (1 + 2 * 4 + 5 * 8) / 8, of which a tenth is taken in.
        assert!((mean[4] - 0.6125).abs() < 1e-6, "{mean:?}");
    }

    #[test]
    fn a_move_that_fails_moves_nothing() {
        if absent() {
            return;
        }
        let vars = start();
        let mut optimiser = Optimiser::new(&vars, 0.1, None, &device()).unwrap();
        let gather = |optimiser: &mut Optimiser| {
            let gradients = loss(&vars).backward().unwrap();
            optimiser.gather(&gradients, 3).unwrap();
        };
        gather(&mut optimiser);
        optimiser.step(0.03).unwrap();
        let state = |optimiser: &Optimiser| {
            let (mean, square, steps) = optimiser.state();
            let row = |tensor: &Tensor| tensor.to_vec1::<f32>().unwrap();
            (values(&vars), row(mean), row(square), steps)
        };
        let before = state(&optimiser);
        gather(&mut optimiser);
        scarcity::fail_moves(1);
        assert!(optimiser.step(0.03).unwrap_err().is_out_of_memory());
        assert_eq!(state(&optimiser), before);
        optimiser.forget();
        gather(&mut optimiser);
        optimiser.step(0.03).unwrap();
        assert_ne!(state(&optimiser), before);
    }

    #[test]
    fn only_matrices_of_maps_decay() {
        if absent() {
            return;
        }
        let zeros = |shape: &[usize]| {
            Var::from_tensor(&Tensor::zeros(shape, DType::F32, &device()).unwrap()).unwrap()
        };
        assert!(decaying("image.patch.weight", &zeros(&[2, 2])));
        assert!(!decaying("image.norm.weight", &zeros(&[2])));
        assert!(!decaying("text.tokens", &zeros(&[2, 2])));
        assert!(!decaying("temperature", &zeros(&[1])));
    }
}
