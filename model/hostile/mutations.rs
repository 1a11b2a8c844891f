//! Model folders changed at random: each is believed or refused, none panics, and none is taken
//! for what it is not. Beside a manifest no change at all is believed.
//!
//! `ASKEM_MUTATIONS` says how many.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    reason = "a broken rule fails the test; its figures are asked for"
)]

use super::good;
use crate::blip::BlipModel;
use crate::config::Config;
use crate::files::{Kind, ModelFiles};
use crate::folder::Model;
use crate::network::Network;
use crate::parameters::Parameters;
use crate::preprocess::{GreyView, Preprocessor};
use crate::tokenizer::Tokenizer;
use crate::weights::Weights;
use crate::whole::{check, export};
use crate::{Assistant, blip::BlipAssistant};
use candle_core::Device;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The files of a model of ours, as small as one can be.
fn ours() -> ModelFiles<'static> {
    let texts = ["What size are the grains?".to_owned()];
    let tokenizer = Tokenizer::train(&texts, &["{count}".into()], 60).unwrap();
    let config = Config {
        image_size: 16,
        patch_size: 8,
        width: 8,
        heads: 2,
        vision_layers: 1,
        text_layers: 1,
        mlp_ratio: 1,
        max_tokens: 12,
        ..Config::paper(tokenizer.vocab_size(), texts.to_vec())
    };
    let parameters = Parameters::seeded(1);
    Network::new(&config, parameters.builder(&Device::Cpu)).unwrap();
    let model = Model {
        preprocessor: Preprocessor::of(&config),
        weights: parameters.snapshot().unwrap(),
        config,
        tokenizer,
    };
    model.files().unwrap()
}

/// How many mutations: 400, or as many as the environment says.
fn rounds() -> u64 {
    let wanted = std::env::var("ASKEM_MUTATIONS");
    wanted.map_or(400, |wanted| wanted.parse().unwrap())
}

/// Changes, drops and cuts some bytes.
fn mutate(bytes: &mut Vec<u8>, most: usize, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..6) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.random_range(0..most.min(bytes.len()));
        match rng.random_range(0..4) {
            0 => bytes[at] = rng.random(),
            1 => bytes[at] = b"0192{}[]\",:-e"[rng.random_range(0..13)],
            2 => drop(bytes.drain(at..(at + rng.random_range(1..9)).min(bytes.len()))),
            _ => bytes.truncate(at.max(1)),
        }
    }
}

/// Mutates the file of this number; weights mostly in their header, where lies are told.
fn mutated(whole: &ModelFiles<'static>, file: u64, rng: &mut ChaCha8Rng) -> ModelFiles<'static> {
    let mut files = whole.clone();
    let bytes = match file {
        0 => &mut files.config,
        1 => &mut files.tokenizer,
        2 => &mut files.preprocessor,
        _ => &mut files.weights,
    };
    let most = match file {
        3 if rng.random_bool(0.8) => 9000,
        _ => bytes.len(),
    };
    mutate(bytes.to_mut(), most, rng);
    files
}

/// What the weights of a model are, as the crate read them.
fn believed(files: &ModelFiles) -> Weights {
    match files.kind().unwrap() {
        Kind::Askem => Model::parse(files).unwrap().weights,
        Kind::Blip => BlipModel::parse(files).unwrap().weights,
    }
}

/// Shapes by name.
fn shapes(weights: &Weights) -> BTreeMap<String, Vec<usize>> {
    let shape =
        |(name, tensor): (&String, &candle_core::Tensor)| (name.clone(), tensor.dims().to_vec());
    weights.iter().map(shape).collect()
}

/// The value of 16 bits by IEEE 754, read without the library that the crate reads it with.
fn half(bits: u16) -> f32 {
    let fraction = f32::from(bits & 0x3ff) / 1024.0;
    let size = match bits >> 10 & 0x1f {
        0 => fraction * 2f32.powi(-14),
        31 => f32::INFINITY,
        exponent => (1.0 + fraction) * 2f32.powi(i32::from(exponent) - 15),
    };
    if bits >> 15 == 0 { size } else { -size }
}

/// Values of a tensor as they stand in the file.
fn values_of(stored: &safetensors::tensor::TensorView) -> Vec<f32> {
    let data = stored.data();
    match stored.dtype() {
        safetensors::Dtype::F16 => {
            let pairs = data.chunks_exact(2);
            pairs
                .map(|b| half(u16::from_le_bytes([b[0], b[1]])))
                .collect()
        }
        safetensors::Dtype::F32 => {
            let fours = data.chunks_exact(4);
            fours
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect()
        }
        other => panic!("weights of {other:?} were believed"),
    }
}

/// Fails unless every weight is finite, has the shape that the network asks for, and is what
/// stands in the file; then has the model answer.
fn assert_is_what_the_file_says(files: &ModelFiles, whole: &BTreeMap<String, Vec<usize>>) {
    let weights = believed(files);
    assert_eq!(&shapes(&weights), whole, "other weights than the network's");
    let file = safetensors::SafeTensors::deserialize(&files.weights).unwrap();
    for (name, tensor) in &weights {
        let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
        assert!(values.iter().all(|value| value.is_finite()), "{name}");
        let stored = values_of(&file.tensor(name).unwrap());
        assert!(values == stored, "{name} is not what the file says");
    }
    answer(files);
}

/// A question about an image, as a user would put it: an answer or a sentence.
fn answer(files: &ModelFiles) {
    let grey = [90u8; 12 * 9];
    let view = GreyView {
        grey: &grey,
        width: 12,
        height: 9,
    };
    let question = "What size are the grains?";
    let go_on = &mut |_: &str| true;
    // What is refused here is refused with a sentence, too.
    let _ = match files.kind().unwrap() {
        Kind::Askem => Assistant::load(files, &Device::Cpu).and_then(|assistant| {
            let image = assistant.encode_image(view)?;
            assistant.answer(&image, question, 3, go_on)
        }),
        Kind::Blip => BlipAssistant::load(files, &Device::Cpu).and_then(|assistant| {
            let image = assistant.encode_image(view)?;
            assistant.answer(&image, question, 3, go_on)
        }),
    };
}

/// Does a round, and says which one it was where it panics.
fn round<T>(number: u64, work: impl FnOnce(&mut ChaCha8Rng) -> T) -> T {
    let mut rng = ChaCha8Rng::seed_from_u64(number);
    let done = catch_unwind(AssertUnwindSafe(|| work(&mut rng)));
    done.unwrap_or_else(|_| panic!("mutation {number} panicked, see above"))
}

#[test]
fn mutated_files_are_believed_or_refused_and_never_panic() {
    let models = [good(), ours()];
    let shapes = models.each_ref().map(|files| shapes(&believed(files)));
    let (mut refused, rounds) = (0, rounds());
    for number in 0..rounds {
        let model = (number / 4 % 2) as usize;
        refused += round(number, |rng| {
            let files = mutated(&models[model], number % 4, rng);
            match check(&files) {
                Ok(_) => {
                    assert_is_what_the_file_says(&files, &shapes[model]);
                    0
                }
                Err(why) => {
                    assert!(!why.to_string().is_empty());
                    1
                }
            }
        });
    }
    println!("{refused} of {rounds} mutations were refused");
    assert!(
        refused > rounds / 2,
        "only {refused} of {rounds} were refused"
    );
}

/// The files of a folder that its manifest answers for.
const NAMED: [&str; 4] = [
    "config.json",
    "tokenizer.json",
    "preprocessor_config.json",
    "model.safetensors",
];

#[test]
fn no_change_is_believed_beside_a_manifest() {
    let folders = [good(), ours()].map(|files| {
        let folder = tempfile::tempdir().unwrap();
        export(&files, folder.path(), "A card.\n").unwrap();
        folder
    });
    let rounds = rounds();
    let mut refused = 0;
    for number in 0..rounds {
        let folder = folders[(number / 5 % 2) as usize].path();
        let name = *NAMED.get(number as usize % 5).unwrap_or(&"manifest.json");
        let path = folder.join(name);
        let whole = std::fs::read(&path).unwrap();
        let is_refused = round(number, |rng| {
            let mut bytes = whole.clone();
            mutate(&mut bytes, whole.len(), rng);
            std::fs::write(&path, &bytes).unwrap();
            let read = ModelFiles::read(folder);
            // A manifest may change where it says the same; its files are as they were.
            let is_other = bytes != whole && name != "manifest.json";
            assert!(!(is_other && read.is_ok()), "{name} was believed");
            read.is_err()
        });
        refused += u64::from(is_refused);
        std::fs::write(&path, &whole).unwrap();
        if number % 50 == 0 {
            ModelFiles::read(folder).unwrap();
        }
    }
    println!("{refused} of {rounds} changed folders were refused");
    assert!(refused > rounds * 3 / 4, "only {refused} of {rounds}");
}
