//! Training in bf16: it learns as in 32 bits, into 32-bit weights.

use super::super::{Report, Settings, Start, train};
use super::{corpus, far_apart, settings, weights};
use crate::precision::Precision;
use crate::test_device::{absent, device};
use std::collections::BTreeMap;

/// The sums of the three losses of every epoch, and the weights.
fn run(precision: Precision) -> (Vec<f32>, BTreeMap<String, Vec<f32>>) {
    let settings = Settings {
        precision,
        ..settings(20)
    };
    let mut sums = Vec::new();
    let corpus = corpus();
    let start = Start::Nothing;
    let model = train(&corpus, &settings, start, None, &device(), &mut |report| {
        if let Report::Epoch(epoch) = report {
            sums.push(epoch.train.iter().sum::<f32>());
        }
        true
    });
    (sums, weights(&model.unwrap()))
}

#[test]
fn training_in_bf16_learns_as_in_32_bits() {
    if absent() {
        return;
    }
    let (exact, exact_weights) = run(Precision::F32);
    let (rounded, rounded_weights) = run(Precision::Bf16);
    assert!(far_apart(&exact_weights, &rounded_weights) > 1e-5);
    assert!(rounded[19] < 0.8 * rounded[0], "{rounded:?}");
    assert!(
        (rounded[19] - exact[19]).abs() < 0.15 * exact[0],
        "{} in bf16, {} in 32 bits",
        rounded[19],
        exact[19]
    );
    // Weights move by less than a bfloat tells apart, so they are kept in 32 bits.
    let values = rounded_weights.values().flatten();
    assert!(values.filter(|v| v.to_bits() & 0xffff != 0).count() > 1000);
}
