//! Adam (Kingma and Ba 2015), with decoupled weight decay (Loshchilov and Hutter 2019) and
//! clipping where a run wants them, over all variables at once.
//!
//! The gradients and moments of all variables lie in one row each. On the CPU a step is one pass
//! over them; on a GPU a few operations, not a dozen for each of some two hundred small
//! variables. Called by the training loop alone.

use crate::error::Result;
use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use rayon::prelude::*;
use std::collections::BTreeMap;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The optimiser of one run.
pub(super) struct Optimiser {
    vars: Vec<Moved>,
    moments: Moments,
    /// How many images the next step was gathered from so far.
    images: usize,
    clip: Option<f64>,
    decay: f64,
    steps: usize,
    device: Device,
}

/// A variable, and whether it decays.
struct Moved {
    var: Var,
    decays: bool,
}

/// Rows over the values of all variables: the first and second moments of their gradients, and
/// the mean gradient of the next step so far.
enum Moments {
    Host([Vec<f32>; 3]),
    Device([Tensor; 3]),
}

/// The factors of one step.
#[derive(Clone, Copy)]
struct Factors {
    /// What brings the gathered gradient to its longest length.
    gradient: f32,
    /// What makes up for moments that began at zero.
    mean: f32,
    square: f32,
    rate: f32,
    /// What is left of a value that decays.
    kept: f32,
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
        let moved = |(name, var): (&String, &Var)| Moved {
            var: var.clone(),
            decays: decay > 0.0 && decaying(name, var),
        };
        let zeros = || Tensor::zeros(values, DType::F32, device);
        let moments = match device.is_cpu() {
            true => Moments::Host([0; 3].map(|_| vec![0.0; values])),
            false => Moments::Device([zeros()?, zeros()?, zeros()?]),
        };
        Ok(Self {
            vars: vars.iter().map(moved).collect(),
            moments,
            images: 0,
            clip,
            decay,
            steps: 0,
            device: device.clone(),
        })
    }

    /// Adds the gradients of one part of a step, which weighs as much as it has images: the sum
    /// over `stores`, of a loss that was `scaled`. A variable that took no part has one of zero.
    pub fn gather(&mut self, stores: &[GradStore], images: usize, scaled: f64) -> Result<()> {
        self.images += images;
        let share = images as f64 / self.images.max(1) as f64;
        let part = share / scaled;
        match &mut self.moments {
            Moments::Host([.., gathered]) => {
                let rows = by_variable(&self.vars, gathered).into_par_iter();
                let add = |(moved, row): (&Moved, &mut [f32])| {
                    row.iter_mut()
                        .for_each(|mean| *mean *= (1.0 - share) as f32);
                    for gradient in stores.iter().filter_map(|store| store.get(&moved.var)) {
                        let add = |(mean, value): (&mut f32, &f32)| *mean += value * part as f32;
                        with_values(gradient, |values| row.iter_mut().zip(values).for_each(add))?;
                    }
                    Ok(())
                };
                rows.map(add).collect()
            }
            Moments::Device([.., gathered]) => {
                let mut mean = (&*gathered * (1.0 - share))?;
                for store in stores {
                    let gradient = |moved: &Moved| match store.get(&moved.var) {
                        Some(gradient) => gradient.detach().flatten_all(),
                        None => moved.var.as_detached_tensor().zeros_like()?.flatten_all(),
                    };
                    let row = self.vars.iter().map(gradient);
                    let row = row.collect::<candle_core::Result<Vec<_>>>()?;
                    mean = (mean + (Tensor::cat(&row, 0)? * part)?)?;
                }
                *gathered = mean;
                Ok(())
            }
        }
    }

    /// Forgets what was gathered since the last step.
    pub fn forget(&mut self) -> Result<()> {
        self.images = 0;
        match &mut self.moments {
            Moments::Host([.., gathered]) => gathered.fill(0.0),
            Moments::Device([.., gathered]) => *gathered = gathered.zeros_like()?,
        }
        Ok(())
    }

    /// Moves every variable by the mean of the gathered gradients. Where this fails, for want of
    /// memory, nothing has moved.
    pub fn step(&mut self, rate: f64) -> Result<()> {
        if self.images == 0 {
            return Ok(());
        }
        let factors = self.factors(rate)?;
        #[cfg(test)]
        super::scarcity::of_a_move()?;
        match &mut self.moments {
            Moments::Host(rows) => move_on_host(&self.vars, rows, factors)?,
            Moments::Device(rows) => move_on_device(&self.vars, rows, factors)?,
        }
        self.steps += 1;
        self.forget()
    }

    fn factors(&self, rate: f64) -> Result<Factors> {
        let mut gradient = 1.0;
        if let Some(longest) = self.clip {
            let squares = match &self.moments {
                Moments::Host([.., gathered]) => sum_of_squares(gathered),
                Moments::Device([.., gathered]) => {
                    f64::from(gathered.sqr()?.sum_all()?.to_scalar::<f32>()?)
                }
            };
            let length = squares.sqrt();
            if length > longest {
                gradient = longest / length;
            }
        }
        let steps = i32::try_from(self.steps + 1).unwrap_or(i32::MAX);
        Ok(Factors {
            gradient: gradient as f32,
            mean: (1.0 / (1.0 - BETA1.powi(steps))) as f32,
            square: (1.0 / (1.0 - BETA2.powi(steps))) as f32,
            rate: rate as f32,
            kept: (1.0 - rate * self.decay) as f32,
        })
    }

    /// Both moments, and the steps taken.
    pub fn state(&self) -> Result<(Tensor, Tensor, usize)> {
        let [mean, square] = match &self.moments {
            Moments::Host([mean, square, _]) => {
                [mean, square].map(|row| Tensor::from_slice(row, row.len(), &Device::Cpu))
            }
            Moments::Device([mean, square, _]) => {
                [mean, square].map(|row| row.to_device(&Device::Cpu))
            }
        };
        Ok((mean?, square?, self.steps))
    }

    /// Goes on from the moments of an earlier run over the same variables.
    pub fn restore(&mut self, mean: &Tensor, square: &Tensor, steps: usize) -> Result<()> {
        self.steps = steps;
        match &mut self.moments {
            Moments::Host([own_mean, own_square, _]) => {
                *own_mean = mean.to_vec1()?;
                *own_square = square.to_vec1()?;
            }
            Moments::Device([own_mean, own_square, _]) => {
                *own_mean = mean.to_device(&self.device)?;
                *own_square = square.to_device(&self.device)?;
            }
        }
        self.forget()
    }
}

/// A row over all variables, cut into their parts.
fn by_variable<'a>(vars: &'a [Moved], mut row: &'a mut [f32]) -> Vec<(&'a Moved, &'a mut [f32])> {
    let mut parts = Vec::with_capacity(vars.len());
    for moved in vars {
        let (own, rest) = std::mem::take(&mut row).split_at_mut(moved.var.elem_count());
        parts.push((moved, own));
        row = rest;
    }
    parts
}

/// Hands over the values of a tensor on the CPU, row by row.
fn with_values<T>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    let values = match &*storage {
        candle_core::Storage::Cpu(storage) => storage.as_slice::<f32>()?,
        _ => return Err(candle_core::Error::Msg("a gradient lies elsewhere".into()).into()),
    };
    let start = layout.start_offset();
    Ok(read(&values[start..start + layout.shape().elem_count()]))
}

/// In an order that does not depend on the number of threads.
fn sum_of_squares(row: &[f32]) -> f64 {
    let part = |part: &[f32]| part.iter().map(|x| f64::from(x * x)).sum::<f64>();
    let parts: Vec<f64> = row.par_chunks(1 << 16).map(part).collect();
    parts.iter().sum()
}

fn move_on_host(vars: &[Moved], rows: &mut [Vec<f32>; 3], factors: Factors) -> Result<()> {
    let [mean, square, gathered] = rows;
    let parts = by_variable(vars, mean)
        .into_iter()
        .zip(by_variable(vars, square))
        .zip(by_variable(vars, gathered));
    let parts: Vec<_> = parts.collect();
    let moved = |(((moved, mean), (_, square)), (_, gradient)): Parts| {
        let before = moved.var.as_detached_tensor();
        let kept = if moved.decays { factors.kept } else { 1.0 };
        let mut values = with_values(&before, <[f32]>::to_vec)?;
        let moments = mean.iter_mut().zip(square.iter_mut()).zip(gradient.iter());
        for (value, ((mean, square), gradient)) in values.iter_mut().zip(moments) {
            let gradient = gradient * factors.gradient;
            *mean = BETA1 as f32 * *mean + (1.0 - BETA1) as f32 * gradient;
            *square = BETA2 as f32 * *square + (1.0 - BETA2) as f32 * gradient * gradient;
            let spread = (*square * factors.square).sqrt() + EPSILON as f32;
            *value = *value * kept - factors.rate * (*mean * factors.mean) / spread;
        }
        let after = Tensor::from_vec(values, before.shape(), &Device::Cpu)?;
        Ok(moved.var.set(&after)?)
    };
    parts.into_par_iter().map(moved).collect()
}

type Part<'a> = (&'a Moved, &'a mut [f32]);
type Parts<'a> = ((Part<'a>, Part<'a>), Part<'a>);

fn move_on_device(vars: &[Moved], rows: &mut [Tensor; 3], factors: Factors) -> Result<()> {
    let [mean, square, gathered] = rows;
    let gradient = (&*gathered * f64::from(factors.gradient))?;
    let next_mean = ((&*mean * BETA1)? + (&gradient * (1.0 - BETA1))?)?;
    let next_square = ((&*square * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
    let spread = ((&next_square * f64::from(factors.square))?.sqrt()? + EPSILON)?;
    let change = ((&next_mean * f64::from(factors.mean * factors.rate))? / spread)?;
    let mut at = 0;
    let mut after = Vec::with_capacity(vars.len());
    for moved in vars {
        let count = moved.var.elem_count();
        let own = change.narrow(0, at, count)?.reshape(moved.var.shape())?;
        let before = moved.var.as_detached_tensor();
        let kept = match moved.decays {
            true => (before * f64::from(factors.kept))?,
            false => before,
        };
        after.push((kept - own)?);
        at += count;
    }
    for (moved, after) in vars.iter().zip(&after) {
        moved.var.set(after)?;
    }
    (*mean, *square) = (next_mean, next_square);
    Ok(())
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
                    .gather(&[loss(&ours).backward().unwrap()], 3, 1.0)
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
                    .gather(&[loss(vars).backward().unwrap()], 3, 1.0)
                    .unwrap();
            }
            optimiser.step(0.03).unwrap();
            let (mean, ..) = optimiser.state().unwrap();
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
            optimiser.gather(&[gradients], images, 1.0).unwrap();
        }
        optimiser.step(0.03).unwrap();
        let (mean, ..) = optimiser.state().unwrap();
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
            optimiser.gather(&[gradients], 3, 1.0).unwrap();
        };
        gather(&mut optimiser);
        optimiser.step(0.03).unwrap();
        let state = |optimiser: &Optimiser| {
            let (mean, square, steps) = optimiser.state().unwrap();
            let row = |tensor: &Tensor| tensor.to_vec1::<f32>().unwrap();
            (values(&vars), row(&mean), row(&square), steps)
        };
        let before = state(&optimiser);
        gather(&mut optimiser);
        scarcity::fail_moves(1);
        assert!(optimiser.step(0.03).unwrap_err().is_out_of_memory());
        assert_eq!(state(&optimiser), before);
        optimiser.forget().unwrap();
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
