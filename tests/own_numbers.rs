//! Hundreds of generated answers: no number with a unit and no count stands outside a slot.
//!
//! What the factory model writes about simulated micrographs is filled from their measurement, as
//! the program does it. The check here knows nothing of the program's own guard.

use askem::answer::{Answer, CategoryFrom, Facts, Flow, Prompt, SlotKind, open_engine, tell};
use askem::measure::{Field, Options, measure};
use askem::micrograph::{Calibration, Edits, Limits, Mask, Metadata, Prepared, Source, read};
use askem::questions::{Category, Key};
use askem::simulate::scene;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Images, of all categories in turn; 22 answers each.
const IMAGES: usize = 24;

/// Words for counts and shares.
const COUNTS: [&str; 40] = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "dozen",
    "dozens",
    "half",
    "quarter",
    "pair",
    "pairs",
    "twice",
    "couple",
];

/// All answers about a simulated micrograph of a category.
fn answers(category: Category, seed: u64) -> Vec<(Key, Answer)> {
    let made = scene(category, seed, 384);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scene.png");
    image::save_buffer(
        &file,
        &made.grey,
        made.width,
        made.height,
        image::ColorType::L8,
    )
    .unwrap();
    let mut micrograph = read(&file, Limits::default()).unwrap();
    micrograph.calibration = Calibration::new(3.5, 3.5, Source::Metadata, "tag");
    let size = [micrograph.width(), micrograph.height()];
    let mask = Mask::of(
        size,
        &askem::micrograph::Printed::of(&micrograph),
        &Edits::default(),
    );
    let prepared = Prepared::masked(&micrograph, &mask);
    let options = Options {
        category: Some(category),
        ..Options::default()
    };
    let measured = Arc::new(measure(&Field::of(&micrograph, &mask), &options));
    let metadata = Metadata {
        instrument: Some("Microscope 500".to_owned()),
        accelerating_voltage_kv: Some(5.0),
        ..Metadata::default()
    };
    let mut engine = open_engine(Some("factory"), "cpu").unwrap();
    let ask = |key: Key| {
        let mut facts = Facts {
            metadata: &metadata,
            calibration: micrograph.calibration.as_ref(),
            scale_bar: None,
            width_px: micrograph.width(),
            category: Some((category, CategoryFrom::Prediction)),
            measure: &mut || Ok(Arc::clone(&measured)),
        };
        let prompt = Prompt {
            key,
            category: seed.is_multiple_of(2).then_some(category),
        };
        let go_on = &mut |_| Flow::Continue;
        let answer = tell(engine.as_mut(), &prepared, &prompt, &mut facts, go_on).unwrap();
        (key, answer)
    };
    Key::ALL.into_iter().map(ask).collect()
}

/// The shown text without what stands in slots.
fn outside_slots(answer: &Answer) -> String {
    let mut text = answer.text.clone();
    let mut places: Vec<[usize; 2]> = answer.slots.iter().filter_map(|slot| slot.place).collect();
    places.sort_unstable();
    for [from, to] in places.into_iter().rev() {
        text.replace_range(from..to, "");
    }
    text
}

/// The first number or count of a text.
fn number(text: &str) -> Option<String> {
    let allowed = ["2D", "3D"];
    text.split(|c: char| c.is_whitespace() || ",;:()".contains(c))
        .map(|word| word.trim_matches(['.', '"', '\'']))
        .find(|word| {
            let is_digit = word.chars().any(char::is_numeric) && !allowed.contains(word);
            is_digit || COUNTS.contains(&word.to_lowercase().as_str())
        })
        .map(str::to_owned)
}

#[test]
fn five_hundred_answers_hold_no_number_of_the_models_own() {
    let (mut all, mut filled, mut left_out, mut empty) = (0, 0, 0, 0);
    let mut used = BTreeSet::new();
    for place in 0..IMAGES {
        let category = Category::ALL[place % Category::ALL.len()];
        for (key, answer) in answers(category, 60_000 + place as u64) {
            all += 1;
            let outside = outside_slots(&answer);
            assert_eq!(number(&outside), None, "{category} {key}: {}", answer.text);
            assert!(!answer.text.contains(['{', '}']), "{key}: {}", answer.text);
            assert!(!answer.text.is_empty(), "{category} {key} is not answered");
            for slot in &answer.slots {
                match slot.kind {
                    SlotKind::Unavailable => left_out += 1,
                    _ => {
                        filled += 1;
                        used.insert(slot.name.clone());
                    }
                }
            }
            empty += usize::from(answer.sentences.iter().all(|one| one.with_slots.is_empty()));
        }
    }
    println!(
        "{all} answers: {filled} slots filled, {left_out} without content; {empty} answers are a \
         reason alone; {} different slots: {used:?}",
        used.len()
    );
    assert!(all >= 500);
    // The check would be idle if the model wrote no slots.
    assert!(filled >= all / 4 && used.len() >= 15, "{filled}, {used:?}");
    assert!(
        empty * 10 <= all,
        "{empty} of {all} answers are a reason alone"
    );
}

#[test]
fn the_check_sees_numbers() {
    for text in [
        "They are 40 nm wide.",
        "About 4µm.",
        "Two layers.",
        "A dozen (half) lie here.",
    ] {
        assert!(number(text).is_some(), "{text}");
    }
    assert_eq!(number("A 2D net, often drawn out to one side."), None);
}
