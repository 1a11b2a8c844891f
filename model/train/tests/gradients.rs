//! The gradients of a step: every weight has one, it is that of the losses, and it does not
//! depend on how a batch is cut into shards.

use super::super::Learned;
use super::super::batch::Batch;
use super::super::crew::Crew;
use super::super::step::{How, Step};
use super::{corpus, one_batch};
use crate::config::Config;
use crate::layers::Dropout;
use crate::network::Network;
use crate::test_device::{absent, device};
use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};

/// The losses of a batch, and the gradients of their sum.
pub(in super::super) fn step_on(
    network: &Network,
    config: &Config,
    batch: &Batch,
) -> ([f32; 3], Vec<GradStore>) {
    let crew = Crew::for_device(&device()).unwrap();
    step_with(&crew, network, config, batch)
}

fn step_with(
    crew: &Crew,
    network: &Network,
    config: &Config,
    batch: &Batch,
) -> ([f32; 3], Vec<GradStore>) {
    let how = How {
        learned: Learned::ALL,
        dropout: &Dropout::off(),
        crew,
        device: &device(),
        seed: 1,
    };
    let step = Step {
        network,
        config,
        how,
    };
    let (losses, gradients) = step.gradients(batch).unwrap();
    assert_eq!(step.losses(batch).unwrap(), losses);
    (losses, gradients)
}

/// The gradient of a variable: the sum over all shards that it took part in.
pub(in super::super) fn gradient_of(stores: &[GradStore], var: &Var) -> Option<Tensor> {
    let own = stores.iter().filter_map(|store| store.get(var));
    let own = own.map(|gradient| gradient.detach().contiguous().unwrap());
    own.reduce(|sum, gradient| (sum + gradient).unwrap())
}

#[test]
fn every_weight_receives_a_finite_gradient_that_is_not_zero() {
    if absent() {
        return;
    }
    let (config, parameters, network, batch) = one_batch(&corpus());
    let (_, gradients) = step_on(&network, &config, &batch);
    for (name, var) in parameters.all() {
        let gradient = gradient_of(&gradients, &var);
        assert!(gradient.is_some(), "{name} has no gradient");
        let gradient = gradient.unwrap();
        let size: f32 = gradient
            .sqr()
            .unwrap()
            .sum_all()
            .unwrap()
            .to_scalar()
            .unwrap();
        assert!(
            size.is_finite() && size > 1e-16,
            "the gradient of {name} has square norm {size}"
        );
    }
}

#[test]
fn how_a_batch_is_cut_changes_neither_losses_nor_gradients() {
    let (config, parameters, network, batch) = one_batch(&corpus());
    let cut = |shard: usize| {
        let mut crew = Crew::for_device(&device()).unwrap();
        crew.shard = shard;
        step_with(&crew, &network, &config, &batch)
    };
    let (whole, (losses, gradients)) = (cut(batch.size), cut(3));
    for (a, b) in losses.iter().zip(whole.0) {
        assert!(*a > 0.1 && (a - b).abs() < 1e-5 * b, "{a} against {b}");
    }
    for (name, var) in parameters.all() {
        let values = |stores: &[GradStore]| {
            let gradient = gradient_of(stores, &var).unwrap();
            gradient.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        let (cut, whole) = (values(&gradients), values(&whole.1));
        let size = whole
            .iter()
            .fold(1e-4f32, |most, value| most.max(value.abs()));
        for (a, b) in cut.iter().zip(&whole) {
            assert!(
                (a - b).abs() < 1e-3 * size,
                "{name}: {a} against {b} of {size}"
            );
        }
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    if absent() {
        return;
    }
    let (config, parameters, network, batch) = one_batch(&corpus());
    let loss = || step_on(&network, &config, &batch).0.iter().sum::<f32>();
    let (_, gradients) = step_on(&network, &config, &batch);
    for name in [
        "image.patch.weight",
        "text.layers.0.cross_attention.value.weight",
        "text.tokens",
        "matching.weight",
    ] {
        let var = parameters.all()[name].clone();
        let gradient = gradient_of(&gradients, &var).unwrap();
        // A step along the gradient changes the loss by its squared norm.
        let norm: f32 = gradient
            .sqr()
            .unwrap()
            .sum_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap()
            .sqrt();
        let start = var.as_detached_tensor().copy().unwrap();
        let at = |distance: f64| {
            let moved = (&start + (&gradient * (distance / f64::from(norm))).unwrap()).unwrap();
            var.set(&moved).unwrap();
            loss()
        };
        let slope = (at(0.02) - at(-0.02)) / 0.04;
        var.set(&start).unwrap();
        assert!(
            (slope - norm).abs() < 0.05 * norm + 1e-3,
            "{name}: slope {slope}, gradient {norm}"
        );
    }
}
