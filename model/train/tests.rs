//! Training on a few made-up images: every weight learns, runs repeat, the cache changes nothing.

#![allow(clippy::unwrap_used, reason = "a failed operation fails the test")]

mod ablations;
mod going_on;
pub(super) mod gradients;
mod memory;
mod overfit;
mod partial;
mod rounding;

use super::batch::{Batch, Recipe, assemble, draw_epoch};
use super::corpus::Numbered;
use super::*;
use crate::folder::Model;
use crate::generate::{Assistant, pad};
use crate::layers::Dropout;
use crate::network::Network;
use crate::ops::Visible;
use crate::parameters::Parameters;
use crate::preprocess::GreyView;
use crate::test_device::{absent, device, is_exact};
use crate::text::{Cache, Sight};
use candle_core::Tensor;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Two categories told apart at a glance: upright stripes and a plain ground.
pub(crate) fn corpus() -> Corpus {
    let image = |striped: bool, shade: u8| {
        let stripe = |x: usize| {
            if striped && (x / 4).is_multiple_of(2) {
                220
            } else {
                shade
            }
        };
        (0..64 * 48).map(|i| stripe(i % 64)).collect::<Vec<u8>>()
    };
    let item = |striped: bool, shade: u8| Item {
        grey: image(striped, shade),
        width: 64,
        height: 48,
        category: Some(usize::from(striped)),
        answers: vec![
            (
                0,
                if striped {
                    "Straight lines stand side by side."
                } else {
                    "A smooth film without structure."
                }
                .into(),
            ),
            (
                1,
                if striped {
                    "The lines stay apart."
                } else {
                    "There is nothing to touch."
                }
                .into(),
            ),
        ],
    };
    let items = |shades: &[u8]| {
        shades
            .iter()
            .flat_map(|s| [item(true, *s), item(false, *s)])
            .collect::<Vec<_>>()
    };
    Corpus {
        questions: vec!["Describe the shape.".into(), "Touching or separate?".into()],
        captions: vec![
            "A micrograph of films.".into(),
            "A micrograph of lines.".into(),
        ],
        reserved: vec!["{count}".into()],
        folders: vec![Folder {
            name: "made".into(),
            train: items(&[20, 40, 60, 80]),
            validation: items(&[30, 70]),
        }],
    }
}

fn settings(epochs: usize) -> Settings {
    Settings {
        epochs,
        batch: 8,
        questions: 2,
        vocabulary: 120,
        stop_after: 1000,
        schedule: Schedule::Plateau { halve_after: 1000 },
        ..Settings::paper(7)
    }
}

fn view(item: &Item) -> GreyView<'_> {
    GreyView {
        grey: &item.grey,
        width: item.width,
        height: item.height,
    }
}

/// A network with its parameters and one batch of the corpus.
fn one_batch(corpus: &Corpus) -> (Config, Parameters, Network, Batch) {
    let tokenizer = Tokenizer::train(&corpus.texts(), &corpus.reserved, 120).unwrap();
    let config = Config::paper(tokenizer.vocab_size(), corpus.captions.clone());
    let parameters = Parameters::seeded(3);
    let network = Network::new(&config, parameters.builder(&device())).unwrap();
    let (items, tokens) = number(corpus, &tokenizer, config.max_tokens).unwrap();
    let drawn: Vec<(&Numbered, usize)> = items[0][0].iter().map(|item| (item, 0)).collect();
    let recipe = Recipe {
        questions: 2,
        max_tokens: 128,
        augment: true,
        epoch_seed: 5,
    };
    let batch = assemble(
        &drawn,
        &tokens,
        &Preprocessor::of(&config),
        recipe,
        false,
        5,
    )
    .unwrap();
    (config, parameters, network, batch)
}

#[test]
fn decoding_with_a_cache_gives_the_logits_of_decoding_without() {
    if absent() {
        return;
    }
    let (config, _, network, batch) = one_batch(&corpus());
    let shape = (
        batch.size,
        config.patches(),
        config.patch_size * config.patch_size,
    );
    let patches = Tensor::from_slice(&batch.patches, shape, &device()).unwrap();
    let off = Dropout::off();
    let image = network
        .image
        .forward(&patches, &off)
        .unwrap()
        .narrow(0, 0, 1)
        .unwrap();
    let prompt = pad(&[batch.asked[0].prompt.clone()], &device()).unwrap();
    let sight = Sight::whole(&image);
    let grounded = network.text.encode(&prompt, Some(&sight), &off).unwrap();
    let memory = network
        .text
        .cross_memory(&Tensor::cat(&[&image, &grounded], 1).unwrap())
        .unwrap();
    let input = &batch.asked[0].input;
    let ids = pad(std::slice::from_ref(input), &device()).unwrap().ids;
    let whole = network
        .text
        .decode(&ids, &memory, &Visible::default(), None, &off)
        .unwrap()
        .squeeze(0)
        .unwrap();
    let whole = network
        .text
        .logits(&whole)
        .unwrap()
        .to_vec2::<f32>()
        .unwrap();
    let mut cache = Cache::default();
    for (t, id) in input.iter().enumerate() {
        let id = Tensor::new(&[[*id]], &device()).unwrap();
        let state = network
            .text
            .decode(&id, &memory, &Visible::default(), Some(&mut cache), &off)
            .unwrap();
        let stepped = network
            .text
            .logits(&state.squeeze(0).unwrap())
            .unwrap()
            .to_vec2::<f32>()
            .unwrap();
        for (a, b) in whole[t].iter().zip(&stepped[0]) {
            assert!((a - b).abs() < 1e-4, "token {t}: {a} against {b}");
        }
    }
}

#[test]
fn an_epoch_asks_for_every_answer_of_a_tiny_folder_once_however_often_it_is_drawn() {
    if absent() {
        return;
    }
    let mut corpus = corpus();
    let tiny = Folder {
        train: corpus.folders[0].train[..2].to_vec(),
        validation: Vec::new(),
        name: "tiny".into(),
    };
    let many = corpus.folders[0].train.iter().cycle().take(600).cloned();
    corpus.folders[0].train = many.collect();
    corpus.folders.push(tiny);
    let tokenizer = Tokenizer::train(&corpus.texts(), &corpus.reserved, 120).unwrap();
    let (items, tokens) = number(&corpus, &tokenizer, 128).unwrap();
    let folders: Vec<&[Numbered]> = items.iter().map(|parts| parts[0].as_slice()).collect();
    let drawn: Vec<(&Numbered, usize)> = draw_epoch(&folders, 9)
        .iter()
        .map(|draw| draw.of(&folders))
        .filter(|(numbered, _)| numbered.index >= folders[0].len() + 4)
        .collect();
    assert!(
        drawn.len() > 20,
        "the tiny folder is drawn {} times",
        drawn.len()
    );
    let recipe = Recipe {
        questions: 1,
        max_tokens: 128,
        augment: true,
        epoch_seed: 9,
    };
    let preprocessor = Preprocessor::of(&Config::paper(120, corpus.captions.clone()));
    let batch = assemble(&drawn, &tokens, &preprocessor, recipe, false, 5).unwrap();
    let mut answers: Vec<&[u32]> = batch.asked.iter().map(|a| a.target.as_slice()).collect();
    answers.sort();
    let asked = answers.len();
    answers.dedup();
    assert_eq!((asked, answers.len()), (4, 4));
}

#[test]
fn an_image_is_exchanged_only_beside_a_caption_and_only_for_another_category() {
    if absent() {
        return;
    }
    let corpus = corpus();
    let tokenizer = Tokenizer::train(&corpus.texts(), &corpus.reserved, 120).unwrap();
    let (items, tokens) = number(&corpus, &tokenizer, 128).unwrap();
    let preprocessor = Preprocessor::of(&Config::paper(120, corpus.captions.clone()));
    let drawn: Vec<(&Numbered, usize)> = items[0][0].iter().map(|item| (item, 0)).collect();
    let exchanged = |augment: bool| {
        let recipe = Recipe {
            questions: 2,
            max_tokens: 128,
            augment,
            epoch_seed: 9,
        };
        let mut exchanged = 0;
        for seed in 0..40 {
            let batch = assemble(&drawn, &tokens, &preprocessor, recipe, false, seed).unwrap();
            for (i, asked) in batch.asked.iter().enumerate() {
                let own = drawn[i / 2].0;
                let shown = drawn[asked.image].0;
                if shown.index != own.index {
                    let caption = &tokens.captions[own.item.category.unwrap()];
                    assert!(asked.prompt[1..].starts_with(caption));
                    assert_ne!(shown.item.category, own.item.category);
                    exchanged += 1;
                }
            }
        }
        exchanged
    };
    // 640 questions, half with a caption, a quarter of these tried, half of those in vain.
    let count = exchanged(true);
    assert!((20..70).contains(&count), "{count}");
    assert_eq!(exchanged(false), 0);
}

#[test]
fn hard_negatives_are_never_true_of_the_image() {
    if absent() {
        return;
    }
    let (_, _, _, batch) = one_batch(&corpus());
    let n = batch.size;
    // The corpus has two texts a category: without the rule half of the draws would be wrong.
    let truths = batch.positives.iter().filter(|yes| **yes).count();
    assert!(truths > n && truths < n * n);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let pairs = step::pairs(&batch, &vec![vec![0.0; n]; n], &mut rng);
    assert_eq!(pairs.labels.len(), 3 * n);
    let images = pairs.images.into_iter().zip(pairs.texts);
    for ((image, text), label) in images.zip(pairs.labels) {
        assert_eq!(batch.positives[image * n + text], label == 1.0);
    }
}

#[test]
fn a_small_corpus_is_learned_saved_and_answered_from() {
    if absent() {
        return;
    }
    let corpus = corpus();
    let mut first = None;
    let mut last = None;
    let model = train(
        &corpus,
        &settings(150),
        Start::Nothing,
        None,
        &device(),
        &mut |report| {
            if let Report::Epoch(epoch) = report {
                first.get_or_insert(epoch.train);
                last = Some(epoch.train);
            }
            true
        },
    );
    let model = model.unwrap();
    let (first, last) = (first.unwrap(), last.unwrap());
    assert!(last[2] < 0.5 * first[2], "lm {} -> {}", first[2], last[2]);

    let folder = tempfile::tempdir().unwrap();
    model.write(folder.path(), "A card.").unwrap();
    let files = crate::ModelFiles::read(folder.path()).unwrap();
    let assistant = Assistant::load(&files, &device()).unwrap();
    for item in &corpus.folders[0].validation {
        let memory = assistant.encode_image(view(item)).unwrap();
        let classified = assistant.classify(&memory).unwrap();
        let own = item.category.unwrap();
        assert!(
            classified.probabilities[own] > 0.5,
            "{:?}",
            classified.probabilities
        );
        let mut pieces = String::new();
        let answer = assistant.answer(&memory, &corpus.questions[0], 40, &mut |piece| {
            pieces.push_str(piece);
            true
        });
        let answer = answer.unwrap();
        assert_eq!(answer.text, item.answers[0].1);
        assert_eq!(pieces, answer.text);
        let stopped = assistant
            .answer(&memory, &corpus.questions[0], 40, &mut |_| false)
            .unwrap();
        assert_eq!((stopped.tokens, stopped.stopped), (1, true));
    }
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_one_does_not() {
    if absent() {
        return;
    }
    let run = |seed: u64| {
        let mut losses = Vec::new();
        let settings = Settings {
            seed,
            ..settings(2)
        };
        train(
            &corpus(),
            &settings,
            Start::Nothing,
            None,
            &device(),
            &mut |report| {
                if let Report::Step { losses: step, .. } = report {
                    losses.push(*step);
                }
                true
            },
        )
        .unwrap();
        losses
    };
    let (one, again, other) = (run(1), run(1), run(2));
    let near = |a: &[f32; 3], b: &[f32; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3);
    assert!(one.iter().zip(&again).all(|(a, b)| near(a, b)));
    assert!(!is_exact() || one == again);
    assert!(!one.iter().zip(&other).all(|(a, b)| near(a, b)));
}

#[test]
fn a_cosine_ends_near_zero() {
    if absent() {
        return;
    }
    let mut rates = Vec::new();
    let settings = Settings {
        schedule: Schedule::Cosine,
        ..settings(4)
    };
    train(
        &corpus(),
        &settings,
        Start::Nothing,
        None,
        &device(),
        &mut |report| {
            if let Report::Epoch(epoch) = report {
                rates.push(epoch.learning_rate);
            }
            true
        },
    )
    .unwrap();
    assert!(rates.is_sorted_by(|a, b| a > b), "{rates:?}");
    assert!(rates[3] < 0.2 * settings.learning_rate, "{rates:?}");
}

#[test]
fn spoilt_weights_are_refused() {
    if absent() {
        return;
    }
    let model = train(
        &corpus(),
        &settings(1),
        Start::Nothing,
        None,
        &device(),
        &mut |_| true,
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    model.write(folder.path(), "").unwrap();
    let whole = std::fs::read(folder.path().join("model.safetensors")).unwrap();
    let refused = |weights: Vec<u8>| {
        let mut files = crate::ModelFiles::read(folder.path()).unwrap();
        files.weights = weights.into();
        Assistant::load(&files, &device()).is_err()
    };
    assert!(!refused(whole.clone()));
    assert!(refused(whole[..whole.len() - 2].to_vec()));
    assert!(refused(Vec::new()));
    let mut not_finite = whole.clone();
    let end = not_finite.len();
    not_finite[end - 2..].copy_from_slice(&0x7e00u16.to_le_bytes());
    assert!(refused(not_finite));
    let mut renamed = whole;
    let at = renamed
        .windows(11)
        .position(|w| w == b"temperature")
        .unwrap();
    renamed[at] = b'T';
    assert!(refused(renamed));
}

/// The values of every weight.
/// The root of the mean squared difference of two models' weights.
fn far_apart(a: &BTreeMap<String, Vec<f32>>, b: &BTreeMap<String, Vec<f32>>) -> f32 {
    assert!(a.keys().eq(b.keys()));
    let pairs = a.values().flatten().zip(b.values().flatten());
    let (sum, count) = pairs.fold((0f64, 0), |(sum, count), (a, b)| {
        (sum + f64::from(a - b).powi(2), count + 1)
    });
    (sum / f64::from(count.max(1))).sqrt() as f32
}

fn weights(model: &Model) -> BTreeMap<String, Vec<f32>> {
    let flat = |(name, tensor): (&String, &Tensor)| {
        let values = tensor.flatten_all().unwrap().to_vec1().unwrap();
        (name.clone(), values)
    };
    model.weights.iter().map(flat).collect()
}
