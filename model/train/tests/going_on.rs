//! A run that is left and gone on with ends where an uninterrupted one does.

use super::super::{Checkpoint, Corpus, Keep, Report, Schedule, Settings, Start, train};
use super::{corpus, far_apart, settings, weights};
use crate::test_device::{absent, device, is_exact};
use std::time::Duration;

#[test]
fn a_run_left_at_any_step_goes_on_as_if_it_had_not_been() {
    if absent() {
        return;
    }
    let corpus = corpus();
    // Every random thing is on: dropped states, parts, decay, clipping, a falling rate.
    let settings = Settings {
        batch: 4,
        parts: 2,
        dropout: 0.1,
        decay: 0.05,
        clip: Some(1.0),
        warm_up: 3,
        schedule: Schedule::Cosine,
        ..settings(4)
    };
    let run = |start: Start, keep: Option<&Keep>, stop_after: usize| {
        let mut steps = 0;
        let model = train(&corpus, &settings, start, keep, &device(), &mut |report| {
            steps += usize::from(matches!(report, Report::Step { .. }));
            steps < stop_after
        });
        model.unwrap()
    };
    let whole = weights(&run(Start::Nothing, None, usize::MAX));
    let folder = tempfile::tempdir().unwrap();
    let keep = Keep {
        folder: folder.path().to_owned(),
        every: Duration::from_secs(3600),
    };
    // Left after the 1st, 2nd (the end of an epoch), 5th and 6th of its 8 steps.
    run(Start::Nothing, Some(&keep), 1);
    for more in [1, 3, 1] {
        let left = Checkpoint::read(folder.path()).unwrap();
        run(Start::Checkpoint(left.into()), Some(&keep), more);
    }
    let left = Checkpoint::read(folder.path()).unwrap();
    assert_eq!(left.place(), (6, 3));
    let parted = weights(&run(
        Start::Checkpoint(left.into()),
        Some(&keep),
        usize::MAX,
    ));
    if is_exact() {
        assert!(whole == parted, "the parted run ended elsewhere");
    }
    assert!(far_apart(&whole, &parted) < 1e-3);
}

#[test]
fn a_checkpoint_of_other_data_or_settings_or_half_of_one_is_refused() {
    if absent() {
        return;
    }
    let made = corpus();
    let folder = tempfile::tempdir().unwrap();
    let keep = Keep {
        folder: folder.path().to_owned(),
        every: Duration::ZERO,
    };
    let start = Start::Nothing;
    train(
        &made,
        &settings(1),
        start,
        Some(&keep),
        &device(),
        &mut |_| true,
    )
    .unwrap();
    let refused = |corpus: &Corpus, settings: &Settings| {
        let left = Checkpoint::read(folder.path()).unwrap();
        let start = Start::Checkpoint(left.into());
        let model = train(corpus, settings, start, None, &device(), &mut |_| true);
        model.err().map(|why| why.to_string())
    };
    assert_eq!(refused(&made, &settings(2)), None);
    let mut changed = corpus();
    changed.folders[0].train[0].answers[0].1 = "Another text.".into();
    let why = refused(&changed, &settings(2)).unwrap();
    assert!(why.contains("data has changed"), "{why}");
    let seeded = Settings {
        seed: 8,
        ..settings(2)
    };
    let why = refused(&made, &seeded).unwrap();
    assert!(why.contains("other settings"), "{why}");

    let file = folder.path().join("checkpoint.safetensors");
    let whole = std::fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for spoilt in [&whole[..whole.len() - 1], &whole[..100], &[], &flipped] {
        std::fs::write(&file, spoilt).unwrap();
        let why = Checkpoint::read(folder.path()).err().unwrap().to_string();
        assert!(why.contains("--resume"), "{why}");
    }
}
