//! A device without memory enough for a batch: the run goes on in smaller parts, with the same
//! images a step, and comes out the same every time.

use super::super::scarcity::{with_room, with_room_for};
use super::super::{Checkpoint, EpochReport, Keep, Report, Settings, Start, train};
use super::{corpus, far_apart, settings, weights};
use crate::error::ModelError;
use crate::folder::Model;
use crate::test_device::{absent, device, is_exact};
use std::collections::BTreeMap;
use std::time::Duration;

type Trained = (Result<Model, ModelError>, Vec<Report>);

/// A run of the usual corpus, 8 images a step, with everything it reported.
fn run(settings: &Settings, start: Start, keep: Option<&Keep>, stop_after: usize) -> Trained {
    let mut reports = Vec::new();
    let mut steps = 0;
    let model = train(&corpus(), settings, start, keep, &device(), &mut |report| {
        reports.push(report.clone());
        steps += usize::from(matches!(report, Report::Step { .. }));
        steps < stop_after
    });
    (model, reports)
}

fn from_nothing(settings: &Settings) -> Trained {
    run(settings, Start::Nothing, None, usize::MAX)
}

fn halvings(reports: &[Report]) -> Vec<(usize, usize)> {
    let halved = |report: &Report| match report {
        Report::Halved { parts, images } => Some((*parts, *images)),
        _ => None,
    };
    reports.iter().filter_map(halved).collect()
}

/// Images of every step.
fn images(reports: &[Report]) -> Vec<usize> {
    let step = |report: &Report| match report {
        Report::Step { images, .. } => Some(*images),
        _ => None,
    };
    reports.iter().filter_map(step).collect()
}

/// Fails unless two runs came out the same, to the bit where the device allows it.
fn same(a: &BTreeMap<String, Vec<f32>>, b: &BTreeMap<String, Vec<f32>>) {
    assert!(!is_exact() || a == b);
    assert!(far_apart(a, b) < 1e-3);
}

#[test]
fn a_batch_that_does_not_fit_is_halved_and_its_images_still_move_the_weights_together() {
    if absent() {
        return;
    }
    let (model, reports) = with_room_for(3, || from_nothing(&settings(3)));
    assert_eq!(
        reports[0],
        Report::Halved {
            parts: 2,
            images: 4
        }
    );
    assert_eq!(halvings(&reports), [(2, 4), (4, 2)]);
    assert_eq!(images(&reports), [8, 8, 8], "the batch is smaller");
    // Nothing had moved before: it is the run that was in four parts from the beginning.
    let in_parts = Settings {
        parts: 4,
        ..settings(3)
    };
    let (parted, reports) = from_nothing(&in_parts);
    assert!(halvings(&reports).is_empty());
    same(&weights(&model.unwrap()), &weights(&parted.unwrap()));
}

#[test]
fn memory_that_runs_out_in_the_middle_gives_the_same_run_every_time() {
    if absent() {
        return;
    }
    let settings = Settings {
        batch: 4,
        dropout: 0.1,
        ..settings(4)
    };
    let scarce = || {
        let mut reports = Vec::new();
        let mut seen = 0;
        let model = with_room(|room| {
            train(
                &corpus(),
                &settings,
                Start::Nothing,
                None,
                &device(),
                &mut |report| {
                    reports.push(report.clone());
                    seen += usize::from(matches!(report, Report::Step { .. }));
                    if seen == 3 {
                        room.shrink_to(2);
                    }
                    true
                },
            )
        });
        (weights(&model.unwrap()), reports)
    };
    let (first, reports) = scarce();
    let (second, _) = scarce();
    same(&first, &second);
    assert_eq!(halvings(&reports), [(2, 2)]);
    assert_eq!(images(&reports), [4; 8], "two steps an epoch, four epochs");
    let before = reports
        .iter()
        .position(|r| matches!(r, Report::Halved { .. }));
    assert_eq!(images(&reports[..before.unwrap()]).len(), 3);
    let whole = weights(&from_nothing(&settings).0.unwrap());
    assert!(far_apart(&first, &whole) > 0.0);
}

#[test]
fn a_run_that_was_halved_and_left_goes_on_in_its_parts() {
    if absent() {
        return;
    }
    let (whole, _) = with_room_for(2, || from_nothing(&settings(4)));
    let folder = tempfile::tempdir().unwrap();
    let keep = Keep {
        folder: folder.path().to_owned(),
        every: Duration::from_secs(3600),
    };
    let left = with_room_for(2, || run(&settings(4), Start::Nothing, Some(&keep), 2));
    assert_eq!(halvings(&left.1), [(2, 4), (4, 2)]);
    let left = Checkpoint::read(folder.path()).unwrap();
    let start = Start::Checkpoint(left.into());
    let (parted, reports) = with_room_for(2, || run(&settings(4), start, None, usize::MAX));
    assert!(halvings(&reports).is_empty(), "it tried the whole batch");
    same(&weights(&whole.unwrap()), &weights(&parted.unwrap()));
}

#[test]
fn validation_that_does_not_fit_is_halved_too() {
    if absent() {
        return;
    }
    let mut epochs: Vec<EpochReport> = Vec::new();
    let mut halved = 0;
    let model = with_room(|room| {
        train(
            &corpus(),
            &settings(2),
            Start::Nothing,
            None,
            &device(),
            &mut |report| {
                match report {
                    // Room for the four images of validation goes after the first step.
                    Report::Step { epoch: 1, .. } => room.shrink_to(3),
                    Report::Halved { .. } => halved += 1,
                    Report::Epoch(epoch) => epochs.push(epoch.clone()),
                    Report::Step { .. } => {}
                }
                true
            },
        )
    });
    model.unwrap();
    assert_eq!((epochs.len(), halved), (2, 2));
    let finite = |epoch: &EpochReport| epoch.validation.iter().all(|v| *v > 0.0 && v.is_finite());
    assert!(epochs.iter().all(finite), "{epochs:?}");
}

#[test]
fn where_not_even_two_images_fit_the_error_says_what_to_do() {
    if absent() {
        return;
    }
    let (model, reports) = with_room_for(1, || from_nothing(&settings(1)));
    assert_eq!(halvings(&reports), [(2, 4), (4, 2)]);
    let why = model.err().unwrap();
    assert!(why.is_out_of_memory());
    let why = why.to_string();
    assert!(
        why.contains("--device cpu") && why.contains("CUDA_ERROR_OUT_OF_MEMORY"),
        "{why}"
    );
}
