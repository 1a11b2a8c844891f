//! Training some of the losses or some of the weights leaves the rest as it was.

use super::super::{Learned, Report, Settings, Start, Trained, train};
use super::{corpus, settings, view, weights};
use crate::ModelFiles;
use crate::folder::Model;
use crate::generate::Assistant;
use crate::test_device::{absent, device};
use std::sync::LazyLock;

/// What is trained further here, learned once from the corpus.
static BASE: LazyLock<ModelFiles<'static>> = LazyLock::new(|| {
    let start = Start::Nothing;
    let base = train(&corpus(), &settings(3), start, None, &device(), &mut |_| {
        true
    });
    base.unwrap().files().unwrap()
});

fn base() -> Model {
    Model::parse(&BASE).unwrap()
}

#[test]
fn a_loss_that_is_switched_off_leaves_its_head_as_it_was() {
    if absent() {
        return;
    }
    let start = |learned: Learned| {
        let settings = Settings {
            learned,
            ..settings(2)
        };
        let run = train(
            &corpus(),
            &settings,
            Start::Nothing,
            None,
            &device(),
            &mut |_| true,
        );
        weights(&run.unwrap())
    };
    let fresh = Settings {
        epochs: 0,
        ..settings(1)
    };
    let fresh = train(
        &corpus(),
        &fresh,
        Start::Nothing,
        None,
        &device(),
        &mut |_| true,
    );
    let fresh = weights(&fresh.unwrap());
    let all = start(Learned::ALL);
    let heads = ["project_text.weight", "matching.weight", "output_bias"];
    let off = [
        Learned {
            itc: false,
            ..Learned::ALL
        },
        Learned {
            itm: false,
            ..Learned::ALL
        },
        Learned {
            lm: false,
            ..Learned::ALL
        },
    ];
    for (head, learned) in heads.into_iter().zip(off) {
        let name = fresh.keys().find(|name| name.ends_with(head)).unwrap();
        let without = start(learned);
        assert!(
            without[name] == fresh[name],
            "{name} moved without its loss"
        );
        assert!(all[name] != fresh[name], "{name} did not move with it");
    }
}

#[test]
fn training_the_decoder_alone_leaves_classification_to_the_bit() {
    if absent() {
        return;
    }
    let corpus = corpus();
    let base = base();
    let similarity = |model: &Model| {
        let assistant = Assistant::load(&model.files().unwrap(), &device()).unwrap();
        let memory = assistant.encode_image(view(&corpus.folders[0].validation[0]));
        assistant
            .classify(&memory.unwrap())
            .unwrap()
            .best_similarity
    };
    let (before, was) = (similarity(&base), weights(&base));
    let settings = Settings {
        trained: Trained::Decoder,
        stop_after: 1000,
        ..settings(3)
    };
    let start = Start::Model(Box::new(base));
    let tuned = train(&corpus, &settings, start, None, &device(), &mut |_| true).unwrap();
    assert_eq!(similarity(&tuned), before);
    let is = weights(&tuned);
    let moved: Vec<&String> = was.keys().filter(|name| was[*name] != is[*name]).collect();
    assert!(!moved.is_empty());
    let own = |name: &&String| {
        ["causal", "norm_decoder", "output_bias"]
            .iter()
            .any(|part| name.contains(part))
    };
    assert!(moved.iter().all(own), "{moved:?}");
}

#[test]
fn adapters_begin_as_the_model_and_are_added_into_it() {
    if absent() {
        return;
    }
    let corpus = corpus();
    let base = base();
    let was = weights(&base);
    let settings = Settings {
        trained: Trained::Adapters { rank: 2 },
        learning_rate: 5e-3,
        ..settings(40)
    };
    let mut losses = Vec::new();
    let start = Start::Model(Box::new(base));
    let tuned = train(&corpus, &settings, start, None, &device(), &mut |report| {
        if let Report::Epoch(epoch) = report {
            losses.push(epoch.validation.iter().sum::<f32>());
        }
        true
    });
    let tuned = tuned.unwrap();
    let least = losses.iter().copied().fold(f32::MAX, f32::min);
    assert!(least < 0.8 * losses[0], "{losses:?}");
    let is = weights(&tuned);
    assert!(
        was.keys().eq(is.keys()),
        "adapters are left beside the weights"
    );
    for name in was.keys() {
        let adapted = name.ends_with("query.weight") || name.ends_with("value.weight");
        assert_eq!(was[name] != is[name], adapted, "{name}");
    }
    // The change of a map has the rank of its adapter: its third singular value is nothing.
    let name = "image.layers.0.attention.query.weight";
    let change: Vec<f32> = is[name]
        .iter()
        .zip(&was[name])
        .map(|(a, b)| a - b)
        .collect();
    assert!(rank(&change, 64) <= 2);
}

/// Rank of a square matrix by elimination with pivots.
fn rank(values: &[f32], side: usize) -> usize {
    let mut rows: Vec<Vec<f64>> = values
        .chunks(side)
        .map(|row| row.iter().map(|v| f64::from(*v)).collect())
        .collect();
    let size = |row: &Vec<f64>| row.iter().fold(0f64, |most, v| most.max(v.abs()));
    let scale = rows.iter().map(size).fold(0.0, f64::max);
    let mut rank = 0;
    for column in 0..side {
        let Some(pivot) =
            (rank..side).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))
        else {
            break;
        };
        if rows[pivot][column].abs() < 1e-4 * scale {
            continue;
        }
        rows.swap(rank, pivot);
        let (top, below) = rows.split_at_mut(rank + 1);
        for row in below {
            let factor = row[column] / top[rank][column];
            row.iter_mut()
                .zip(&top[rank])
                .for_each(|(v, p)| *v -= factor * p);
        }
        rank += 1;
    }
    rank
}
