//! The loop can learn by heart: 64 questions about 64 images are answered word for word.

#![allow(clippy::print_stdout, reason = "its figures are asked for")]

use super::super::{Corpus, Folder, Item, Report, Settings, Start, train};
use super::{settings, view};
use crate::config::Config;
use crate::folder::Model;
use crate::generate::Assistant;
use crate::network::Network;
use crate::parameters::Parameters;
use crate::preprocess::Preprocessor;
use crate::test_device::{absent, device};
use crate::tokenizer::Tokenizer;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

/// The loss that counts as learned by heart, and where a run may end.
const LEARNED: f32 = 0.05;
const ENOUGH: f32 = 0.02;

/// 64 images of blocks by chance, each with one of four questions and an answer of its own, to
/// learn from and to measure on: no two images and no two answers are alike.
fn triples() -> Corpus {
    let words = [
        ["Round", "Long", "Flat", "Sharp"],
        ["grains", "wires", "films", "tips"],
        ["apart", "side by side", "in heaps", "across each other"],
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let item = |number: usize| {
        let blocks: Vec<u8> = (0..64).map(|_| rng.random()).collect();
        let grey = (0..48 * 48).map(|i| blocks[i / 48 / 6 * 8 + i % 48 / 6]);
        let [shape, what, how] = [
            words[0][number % 4],
            words[1][number / 4 % 4],
            words[2][number / 16],
        ];
        Item {
            grey: grey.collect(),
            width: 48,
            height: 48,
            category: None,
            answers: vec![(number % 3, format!("{shape} {what} lie {how}."))],
        }
    };
    let items: Vec<Item> = (0..64).map(item).collect();
    Corpus {
        questions: vec![
            "What is seen here?".into(),
            "Describe the shape.".into(),
            "Do they touch?".into(),
        ],
        captions: vec!["A micrograph.".into()],
        reserved: Vec::new(),
        folders: vec![Folder {
            name: "triples".into(),
            validation: items.clone(),
            train: items,
        }],
    }
}

/// A network that learns them in seconds.
fn small(corpus: &Corpus) -> Model {
    let tokenizer = Tokenizer::train(&corpus.texts(), &[], 120).unwrap();
    let config = Config {
        image_size: 48,
        patch_size: 12,
        vision_layers: 2,
        text_layers: 2,
        ..Config::paper(tokenizer.vocab_size(), corpus.captions.clone())
    };
    let parameters = Parameters::seeded(2);
    Network::new(&config, parameters.builder(&device())).unwrap();
    Model {
        preprocessor: Preprocessor::of(&config),
        weights: parameters.snapshot().unwrap(),
        config,
        tokenizer,
    }
}

/// Trains until the texts are known, and compares what is written with what was taught.
fn learns_by_heart(start: Start, settings: &Settings) {
    let corpus = triples();
    let began = Instant::now();
    let mut told = String::new();
    let mut best = f32::INFINITY;
    let model = train(&corpus, settings, start, None, &device(), &mut |report| {
        let Report::Epoch(epoch) = report else {
            return true;
        };
        let lm = epoch.validation[2];
        if epoch.best {
            best = lm;
        }
        let seconds = began.elapsed().as_secs();
        told = format!(
            "{} epochs in {seconds} s: {:.3?}",
            epoch.epoch, epoch.validation
        );
        !(epoch.best && lm < ENOUGH)
    });
    let assistant = Assistant::new(model.unwrap(), &device()).unwrap();
    println!("{told}");
    assert!(best < LEARNED, "{told}");
    for item in &corpus.folders[0].train {
        let (question, taught) = &item.answers[0];
        let image = assistant.encode_image(view(item)).unwrap();
        let question = &corpus.questions[*question];
        let written = assistant.answer(&image, question, 40, &mut |_| true);
        assert_eq!(&written.unwrap().text, taught);
    }
}

#[test]
fn sixty_four_triples_are_learned_by_heart() {
    if absent() {
        return;
    }
    let start = Start::Model(Box::new(small(&triples())));
    let settings = Settings {
        batch: 32,
        augment: false,
        ..settings(300)
    };
    learns_by_heart(start, &settings);
}

/// The paper's network and settings; it takes minutes:
/// `cargo test -p askem-model by_heart_by_the_network_of_the_paper -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn sixty_four_triples_are_learned_by_heart_by_the_network_of_the_paper() {
    if absent() {
        return;
    }
    let settings = Settings {
        epochs: 400,
        stop_after: 1000,
        augment: false,
        ..Settings::paper(3)
    };
    learns_by_heart(Start::Nothing, &settings);
}
