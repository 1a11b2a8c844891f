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
        let made = scene(Category::ALL[seed as usize % 10], seed, 160);
        let Some((from, to)) = made.truth.strip else {
            without += 1;
            assert!(matches!(made.truth.bar, Bar::None | Bar::Burnt));
            continue;
        };
        with += 1;
        assert!(from < to && to <= made.height && from > made.height / 2);
        assert_eq!(to < made.height, made.truth.bar == Bar::Floating);
        let rows = &made.grey[(from * made.width) as usize..(to * made.width) as usize];
        let is_paper = |level: &&u8| {
            if made.truth.bar == Bar::Black {
                **level < 60
            } else {
                **level > 195
            }
        };
        let share = rows.iter().filter(is_paper).count() as f32 / rows.len() as f32;
        assert!(
            share > 0.5 && share < 0.999,
            "seed {seed}: {share} of the strip is paper"
        );
    }
    assert!(
        with > 20 && without > 20,
        "{with} with a strip, {without} without"
    );
}

#[test]
fn nothing_but_the_overlay_changes_the_image() {
    let bars = [
        (Bar::White, Some(80..96)),
        (Bar::Floating, Some(70..80)),
        (Bar::Burnt, None),
    ];
    for (seed, (bar, rows)) in (0..30).flat_map(|seed| bars.clone().map(|bar| (seed, bar))) {
        let mut grey = vec![100u8; 128 * 96];
        let dice = &mut Dice::new(seed);
        let mut page = overlay::Page {
            grey: &mut grey,
            width: 128,
            height: 96,
            letters: overlay::Letters::choose(dice),
        };
        overlay::print(&mut page, bar, rows.clone(), dice);
        let changed = |row: usize| {
            grey[row * 128..(row + 1) * 128]
                .iter()
                .any(|level| *level != 100)
        };
        assert!((0..96).any(changed));
        if let Some(rows) = rows {
            assert!(
                (0..96).all(|row| changed(row) == rows.contains(&row)),
                "{bar:?}"
            );
        }
    }
}

#[test]
fn the_sample_is_what_its_description_says() {
    let sample = image::load_from_memory(askem_assets::SAMPLE_MICROGRAPH).unwrap();
    let made = scene(Category::Particles, dice::seed_of(11, 290), 1024);
    assert_eq!((sample.width(), sample.height()), (made.width, made.height));
    assert_eq!(made.truth.kind, Kind::BallsOnGrains);
    // Sines and powers may differ in their last bit from system to system.
    let sample = sample.into_luma8();
    let levels = sample.pixels().map(|level| level.0[0]).zip(&made.grey);
    let off: u64 = levels
        .map(|(sample, made)| u64::from(sample.abs_diff(*made)))
        .sum();
    assert!(off < made.grey.len() as u64 / 2, "{off}");
}

#[test]
fn data_bars_are_set_in_typefaces_and_in_dots() {
    let is_dots = |seed| {
        matches!(
            overlay::Letters::choose(&mut Dice::new(seed)),
            overlay::Letters::Dots
        )
    };
    let dots = (0..400).filter(|seed| is_dots(*seed)).count();
    assert!((80..160).contains(&dots), "{dots} of 400 in dots");
}

#[test]
fn words_follow_their_thresholds() {
    use std::f32::consts::FRAC_PI_2;
    use truth::{Align, Spread, Touch};
    assert_eq!(Spread::of(&[1.0; 4]), Spread::None);
    assert_eq!(Spread::of(&[1.0, 1.0, 1.05, 0.95, 1.0]), Spread::Narrow);
    assert_eq!(
        Spread::of(&[0.8, 1.2, 0.8, 1.2, 0.8, 1.2]),
        Spread::Moderate
    );
    assert_eq!(Spread::of(&[0.2, 1.8, 0.2, 1.8, 0.2, 1.8]), Spread::Broad);
    assert_eq!(
        (Touch::of(0.05), Touch::of(0.4), Touch::of(0.8)),
        (Touch::Separate, Touch::Partly, Touch::Mostly)
    );
    assert_eq!(Align::of(&[0.3; 20]), Align::Strong);
    assert_eq!(Align::of(&[0.0, FRAC_PI_2].repeat(10)), Align::No);
    assert_eq!(Align::of(&[1.0]), Align::NotApplicable);
}

#[test]
fn place_and_contrast_are_measured_on_the_pixels() {
    use truth::Place;
    let width = 60;
    let mut truth = Truth::new(Category::Particles, Kind::BallClusters);
    let square = |x0: usize, y0: usize| -> Vec<bool> {
        (0..width * 60)
            .map(|at| {
                (x0..x0 + 15).contains(&(at % width)) && (y0..y0 + 15).contains(&(at / width))
            })
            .collect()
    };
    for (x, y, place) in [
        (0, 22, Place::Left),
        (44, 22, Place::Right),
        (22, 0, Place::Upper),
        (22, 22, Place::Centre),
    ] {
        let mask = square(x, y);
        let grey: Vec<u8> = mask
            .iter()
            .map(|inside| if *inside { 40 } else { 90 })
            .collect();
        truth.measure(&mask, &grey, width);
        assert_eq!((truth.place, truth.contrast), (place, Contrast::Darker));
        assert!((truth.coverage - 0.0625).abs() < 1e-4);
        assert_eq!(truth.cover, Cover::Sparse);
        assert_eq!(truth.ground, truth::Ground::FlatGrey);
    }
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
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    std::fs::write(&file, "a file").unwrap();
    let error = write_folder(&file, 1, 1, None, 64, &mut |_| true).unwrap_err();
    assert!(error.to_string().contains("taken"), "{error}");
}

#[test]
fn a_stopped_run_leaves_no_list() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("truth.jsonl"), "of an earlier run").unwrap();
    let stopped = write_folder(folder.path(), 3, 1, Some(Category::Tips), 64, &mut |_| {
        false
    });
    assert!(matches!(stopped, Err(SimulateError::Stopped)));
    assert!(!folder.path().join("truth.jsonl").exists());
}
