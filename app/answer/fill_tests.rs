//! Tests of filling, over a measurement of drawn discs.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::super::facts::CategoryFrom;
use super::*;
use crate::measure::{Field, Measurement, Options, measure};
use crate::micrograph::{Calibration, Metadata, Source};
use crate::questions::Category;
use std::sync::Arc;

/// Forty discs of 24 pixels in loose rows.
fn discs() -> Measurement {
    let (width, height) = (480, 400);
    let grey: Vec<f32> = (0..width * height)
        .map(|place| {
            let (x, y) = (place % width, place / width);
            let (column, row) = (x / 60, y / 80);
            let off = [(column * 7 + row * 5) % 11, (column * 3 + row * 8) % 13];
            let centre = [column * 60 + 22 + off[0], row * 80 + 30 + off[1]];
            let away = (x as f32 - centre[0] as f32).hypot(y as f32 - centre[1] as f32);
            let grain = ((place * 7919) % 13) as f32 * 0.3;
            60.0 + 90.0 * (12.5 - away).clamp(0.0, 1.0) + grain
        })
        .collect();
    let field = Field {
        grey: grey.into(),
        valid: vec![true; width * height],
        width,
        height,
        calibration: Calibration::new(2.0, 2.0, Source::Metadata, "tag"),
    };
    measure(&field, &Options::default())
}

/// Fills a text from the discs, in pieces of a few letters.
fn filled(text: &str, metadata: &Metadata) -> Filled {
    let calibration = Calibration::new(2.0, 2.0, Source::Metadata, "tag");
    let mut facts = Facts {
        metadata,
        calibration: calibration.as_ref(),
        scale_bar: None,
        width_px: 480,
        category: Some((Category::Particles, CategoryFrom::User)),
        measure: &mut || Ok(Arc::new(discs())),
    };
    let mut filler = Filler::new(&mut facts);
    let letters: Vec<char> = text.chars().collect();
    let mut shown = String::new();
    for piece in letters.chunks(3) {
        shown += &filler.push(&piece.iter().collect::<String>());
    }
    let (last, filled) = filler.end();
    shown += &last;
    assert_eq!(shown, filled.text, "what is handed over is the answer");
    assert_eq!(filled.text_with_slots, text);
    for (sentence, next) in filled.sentences.iter().zip(filled.sentences.iter().skip(1)) {
        assert_eq!(sentence.place[1] + 1, next.place[0]);
    }
    for slot in &filled.slots {
        let at = slot.place.map(|[from, to]| &filled.text[from..to]);
        assert!(at.is_none_or(|at| at == slot.text), "{slot:?}");
        assert_eq!(at.is_none(), slot.kind == SlotKind::Unavailable);
    }
    filled
}

#[test]
fn numbers_and_words_are_filled_in_and_keep_their_evidence() {
    let text = "They are {word.shape}. Their median diameter is {size.median}. {category} are seen at {voltage}.";
    let metadata = Metadata {
        accelerating_voltage_kv: Some(15.0),
        ..Metadata::default()
    };
    let filled = filled(text, &metadata);
    let [shape, size, category, voltage] = &filled.slots[..] else {
        panic!("{:?}", filled.slots)
    };
    assert!(
        filled
            .text
            .starts_with("They are near-round. Their median diameter is ")
    );
    let end = "nm. Particles (you) are seen at 15 kV (file).";
    assert!(filled.text.ends_with(end), "{}", filled.text);
    assert!((size.value.unwrap() / 49.0 - 1.0).abs() < 0.05, "{size:?}");
    assert!(size.uncertainty.unwrap() > 0.0 && size.unit == "nm" && size.n >= 35);
    assert!(size.evidence.len() == size.n && shape.evidence == size.evidence);
    assert_eq!(category.kind, SlotKind::Typed);
    assert_eq!(
        (voltage.kind, voltage.value),
        (SlotKind::Metadata, Some(15.0))
    );
    assert!(filled.reasons.is_empty());
    assert_eq!(filled.sentences.len(), 3);
}

#[test]
fn a_slot_without_content_takes_its_sentence_and_leaves_the_reason() {
    let text = "Lines are {linewidth} wide. Discs lie on a ground. The detector is {detector}.";
    let filled = filled(text, &Metadata::default());
    assert_eq!(filled.text, "Discs lie on a ground.");
    assert_eq!(filled.reasons.len(), 2);
    assert!(filled.reasons[1].contains("the file does not state it"));
    let kinds: Vec<SlotKind> = filled.slots.iter().map(|slot| slot.kind).collect();
    assert_eq!(kinds, [SlotKind::Unavailable; 2]);
    assert!(filled.slots.iter().all(|slot| slot.value.is_none()));
}

#[test]
fn where_nothing_is_left_the_reason_is_the_answer() {
    let filled = filled("The beam was at {voltage}.", &Metadata::default());
    assert!(
        filled
            .text
            .starts_with("Not known: the accelerating voltage: ")
    );
    assert!(filled.reasons.is_empty());
    assert_eq!(filled.sentences.len(), 1);
}

#[test]
fn numbers_of_the_models_own_and_unknown_slots_never_show() {
    let text =
        "They are 40 nm wide. Three lie apart. A {size.mode} is seen. An open {brace is text.";
    let filled = filled(text, &Metadata::default());
    assert_eq!(filled.text, "An open {brace is text.");
    assert_eq!(filled.reasons.len(), 3);
}

#[test]
fn words_that_numbers_decide_are_held_against_them() {
    let contrary = filled(
        "The particles are rod-like. They lie flat.",
        &Metadata::default(),
    );
    assert_eq!(contrary.text, "They lie flat.");
    assert!(
        contrary.reasons[0].contains("near-round"),
        "{:?}",
        contrary.reasons
    );
    let same = filled("The particles are near-round.", &Metadata::default());
    assert_eq!(same.text, "The particles are near-round.");
}
