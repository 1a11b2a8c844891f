//! Held against our own PyTorch file, model/pytorch/modeling_askem.py: the stored values are
//! made by tests/parity/make_askem.py.

#![allow(clippy::unwrap_used, reason = "a failed operation fails the test")]

use super::batch::{Asked, Batch};
use super::tests::gradients::{gradient_of, step_on};
use crate::config::Config;
use crate::generate::pad;
use crate::layers::Dropout;
use crate::network::Network;
use crate::ops::Visible;
use crate::test_device::{absent, device};
use crate::text::Sight;
use crate::tokenizer::{DECODE, ENCODE, EOS};
use candle_core::{DType, Tensor, Var};
use candle_nn::VarBuilder;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// A network of the stored weights, as variables.
struct Stored {
    config: Config,
    values: HashMap<String, Tensor>,
    vars: BTreeMap<String, Var>,
    network: Network,
}

fn stored(preset: &str) -> Stored {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/parity");
    let config = std::fs::read(folder.join(format!("askem_{preset}.json"))).unwrap();
    let config: Config = serde_json::from_slice(&config).unwrap();
    config.validate().unwrap();
    let values = folder.join(format!("askem_{preset}.safetensors"));
    let values = candle_core::safetensors::load(values, &device()).unwrap();
    let weights = values
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("weight.")?, value)));
    let vars: BTreeMap<String, Var> = weights
        .map(|(name, value)| (name.to_owned(), Var::from_tensor(value).unwrap()))
        .collect();
    let tensors = vars
        .iter()
        .map(|(name, var)| (name.clone(), var.as_tensor().clone()));
    let vb = VarBuilder::from_tensors(tensors.collect(), DType::F32, &device());
    Stored {
        network: Network::new(&config, vb).unwrap(),
        config,
        values,
        vars,
    }
}

/// The batch of the script. Each image and each text has one that does not match it, so that
/// the negatives are the same whatever the seed.
fn batch(patches: &Tensor) -> Batch {
    let asked = |image: usize, prompt: &[u32], answer: &[u32]| Asked {
        image,
        prompt: [&[ENCODE], prompt].concat(),
        input: [&[DECODE], answer].concat(),
        target: [answer, &[EOS]].concat(),
    };
    Batch {
        size: 3,
        patches: flat(patches),
        statements: vec![vec![7, 8, 9], vec![10], vec![11, 12, 13, 14]],
        positives: [1, 1, 0, 0, 1, 1, 1, 0, 1].map(|yes| yes == 1).to_vec(),
        asked: vec![
            asked(0, &[15, 16, 17], &[18, 19]),
            asked(0, &[20], &[21, 22, 23, 24]),
            asked(2, &[25, 26], &[27]),
        ],
    }
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, v| most.max(v.abs()))
}

/// Fails where two differ by more than `share` of the larger of `size` and their largest value.
fn close(what: &str, ours: &[f32], theirs: &[f32], share: f32, size: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let size = largest(theirs).max(size);
    for (a, b) in ours.iter().zip(theirs) {
        assert!(
            (a - b).abs() <= share * size,
            "{what}: {a} against {b} of {size}"
        );
    }
}

#[test]
fn logits_losses_and_every_gradient_are_those_of_the_pytorch_file() {
    if absent() {
        return;
    }
    for preset in ["paper", "standard"] {
        let stored = stored(preset);
        let batch = batch(&stored.values["patches"]);
        let (losses, gradients) = step_on(&stored.network, &stored.config, &batch);
        let theirs = flat(&stored.values["losses"]);
        close("losses", &losses, &theirs, 1e-4, 0.0);
        assert!(theirs.iter().all(|loss| *loss > 0.1));
        let all = stored
            .values
            .iter()
            .filter(|(name, _)| name.starts_with("gradient."));
        let most_of_all = all.fold(0f32, |most, (_, g)| most.max(largest(&flat(g))));
        for (name, var) in &stored.vars {
            let ours = gradient_of(&gradients, var).unwrap();
            let theirs = flat(&stored.values[&format!("gradient.{name}")]);
            close(name, &flat(&ours), &theirs, 1e-3, 1e-3 * most_of_all);
        }
        let logits = logits(&stored, &batch);
        close(
            "logits",
            &logits,
            &flat(&stored.values["logits"]),
            1e-4,
            1.0,
        );
    }
}

/// The logits of the first answer.
fn logits(stored: &Stored, batch: &Batch) -> Vec<f32> {
    let off = Dropout::off();
    let (images, text) = (&stored.network.image, &stored.network.text);
    let patches = stored.values["patches"].narrow(0, 0, 1).unwrap();
    let image = images.forward(&patches, &off).unwrap();
    let prompt = pad(&[batch.asked[0].prompt.clone()], &device()).unwrap();
    let prompt = text
        .encode(&prompt, Some(&Sight::whole(&image)), &off)
        .unwrap();
    let memory = Tensor::cat(&[&image, &prompt], 1).unwrap();
    let memory = text.cross_memory(&memory).unwrap();
    let ids = Tensor::new(batch.asked[0].input.clone(), &device()).unwrap();
    let ids = ids.unsqueeze(0).unwrap();
    let states = text
        .decode(&ids, &memory, &Visible::default(), None, &off)
        .unwrap();
    flat(&text.logits(&states.squeeze(0).unwrap()).unwrap())
}
