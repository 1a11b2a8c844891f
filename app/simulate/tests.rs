//! Tests of the simulator as a whole.

#![allow(clippy::unwrap_used)]

use super::*;
use truth::{Contrast, Cover, Layout};

#[test]
fn every_kind_renders_at_every_size() {
    for category in Category::ALL {
        for (index, kind) in Kind::of(category).iter().enumerate() {
            for longest in [1, 64, 150] {
                let mut dice = Dice::new(index as u64 + u64::from(longest));
                let made = scene_of(category, *kind, &mut dice, longest);
                assert_eq!(made.grey.len() as u32, made.width * made.height);
                assert_eq!(made.width, longest.max(32));
                assert_eq!((made.truth.category, made.truth.kind), (category, *kind));
                let (low, high) = (
                    made.grey.iter().min().unwrap(),
                    made.grey.iter().max().unwrap(),
                );
                assert!(
                    high - low > 30,
                    "{kind:?} at {longest}: greys {low} to {high}"
                );
            }
        }
    }
}

#[test]
fn a_seed_fixes_every_byte_and_another_changes_them() {
    for category in Category::ALL {
        let (one, again, other) = (
            scene(category, 7, 96),
            scene(category, 7, 96),
            scene(category, 8, 96),
        );
        assert_eq!(one.grey, again.grey);
        assert_eq!(
            serde_json::to_string(&one.truth).unwrap(),
            serde_json::to_string(&again.truth).unwrap()
        );
        assert_ne!(one.grey, other.grey);
    }
}

#[test]
fn a_data_bar_is_said_when_its_strip_is_there() {
    let (mut with, mut without) = (0, 0);
    for seed in 0..80 {
        let made = scene(Category::ALL[seed as usize % 10], seed, 128);
        let width = made.width as usize;
        // A row of a strip is mostly one level, white or black.
        let is_paper = |row: &&[u8]| {
            let near = |goal: u8| row.iter().filter(|level| level.abs_diff(goal) < 16).count();
            near(row[width - 1]) > width * 4 / 5 && (row[width - 1] < 16 || row[width - 1] > 235)
        };
        let whole = |row: &&[u8]| row.iter().all(|level| *level == row[0]);
        let strip = made
            .grey
            .chunks_exact(width)
            .rev()
            .take(made.height as usize / 3)
            .filter(whole)
            .count();
        match made.truth.bar {
            Bar::White | Bar::Black | Bar::Floating => {
                with += 1;
                let paper = made.grey.chunks_exact(width).filter(is_paper).count();
                assert!(
                    strip >= 1 || paper >= 1,
                    "seed {seed}: {:?} without a strip",
                    made.truth.bar
                );
            }
            Bar::None | Bar::Burnt => {
                without += 1;
                let saturated = made
                    .grey
                    .chunks_exact(width)
                    .all(|row| row.iter().all(|level| *level > 235));
                assert!(!saturated, "seed {seed}");
            }
        }
    }
    assert!(
        with > 20 && without > 15,
        "{with} with a strip, {without} without"
    );
}

#[test]
fn words_fit_what_is_measured() {
    for seed in 0..60 {
        let made = scene(Category::ALL[seed as usize % 10], seed, 96);
        let truth = &made.truth;
        assert!((0.0..=1.0).contains(&truth.coverage));
        assert_eq!(truth.cover, Cover::of(truth.coverage));
        assert!(truth.layout != Layout::Filled || truth.coverage >= 0.6);
        assert!(truth.coverage < 0.985 || truth.contrast == Contrast::NoGround);
    }
    let sparse = scene_of(
        Category::Particles,
        Kind::BrightSpecks,
        &mut Dice::new(1),
        200,
    );
    let full = scene_of(Category::Powder, Kind::PackedGrains, &mut Dice::new(1), 200);
    assert!(sparse.truth.coverage < 0.4 && full.truth.coverage > 0.6);
}

#[test]
fn a_folder_is_the_same_whoever_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let mut heard = Vec::new();
    write_folder(&one, 12, 4, None, 64, &mut |done| {
        heard.push(done);
        true
    })
    .unwrap();
    write_folder(&other, 12, 4, None, 64, &mut |_| true).unwrap();
    assert_eq!(heard.last(), Some(&12));
    let list = std::fs::read_to_string(one.join("truth.jsonl")).unwrap();
    assert_eq!(
        list,
        std::fs::read_to_string(other.join("truth.jsonl")).unwrap()
    );
    assert_eq!(list.lines().count(), 12);
    for (index, line) in list.lines().enumerate() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["category"], Category::ALL[index % 10].name());
        assert_eq!(entry["answers"].as_object().unwrap().len(), 22);
        let file = entry["file"].as_str().unwrap();
        assert_eq!(
            std::fs::read(one.join(file)).unwrap(),
            std::fs::read(other.join(file)).unwrap()
        );
    }
}

#[test]
fn a_stopped_run_leaves_no_list() {
    let folder = tempfile::tempdir().unwrap();
    let stopped = write_folder(folder.path(), 3, 1, Some(Category::Tips), 64, &mut |_| {
        false
    });
    assert!(matches!(stopped, Err(SimulateError::Stopped)));
    assert!(!folder.path().join("truth.jsonl").exists());
}
