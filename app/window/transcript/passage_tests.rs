//! Tests of the parts of an answer: places are checked, words are found where the model wrote them.

use super::*;
use crate::answer::{Description, SlotKind, Timing};

fn slot(place: Option<[usize; 2]>, text: &str) -> Slot {
    Slot {
        name: "size.median".into(),
        kind: SlotKind::Measured,
        value: None,
        unit: String::new(),
        uncertainty: None,
        text: text.into(),
        n: 0,
        evidence: Vec::new(),
        note: String::new(),
        place,
    }
}

/// An answer of sentences, given as filled and as written; "⟨" and "⟩" stand around what fills a
/// slot.
fn answer(sentences: &[(&str, &str)]) -> (String, Facts) {
    let mut text = String::new();
    let mut facts = Facts {
        text_with_slots: String::new(),
        slots: Vec::new(),
        sentences: Vec::new(),
        match_score: None,
        confidence: None,
        timing: Timing::default(),
        warnings: Vec::new(),
        by: Description {
            model: "m".into(),
            device: "cpu".into(),
            fallback: None,
        },
    };
    for (filled, written) in sentences {
        if !text.is_empty() {
            text.push(' ');
        }
        let begin = text.len();
        let mut slot_begin = 0;
        for c in filled.chars() {
            match c {
                '⟨' => slot_begin = text.len(),
                '⟩' => {
                    let place = [slot_begin, text.len()];
                    let slot = slot(Some(place), &text[slot_begin..]);
                    facts.slots.push(slot);
                }
                c => text.push(c),
            }
        }
        if filled.is_empty() {
            // Left out.
            text.pop();
        } else {
            facts.sentences.push(Sentence {
                place: [begin, text.len()],
                with_slots: (*written).to_owned(),
                fits: None,
            });
        }
        let gap = if facts.text_with_slots.is_empty() || written.is_empty() {
            ""
        } else {
            " "
        };
        facts.text_with_slots += gap;
        facts.text_with_slots += written;
    }
    (text, facts)
}

fn written_as(text: &str, facts: &Facts, word: &str, nth: usize) -> Option<String> {
    let passage = Passage::of(text, Some(facts));
    let words = passage.words();
    let mut same = words.iter().filter(|place| &text[(*place).clone()] == word);
    let place = same.nth(nth).unwrap_or_else(|| panic!("{word} in {text}"));
    let found = passage.as_written(place, &facts.text_with_slots)?;
    let before: usize = facts.text_with_slots[..found.start].len();
    Some(format!("{before}:{}", &facts.text_with_slots[found]))
}

#[test]
fn words_are_found_where_the_model_wrote_them() {
    let (text, facts) = answer(&[
        ("The wires are thin.", "The wires are thin."),
        ("", "Their length is {length.median}."),
        (
            "⟨120 ± 9 nm⟩ wide wires, ⟨37⟩ of them, touch.",
            "{width.median} wide wires, {count} of them, touch.",
        ),
        ("What Askem left out: a banner.", ""),
        ("The wires are thin.", "The wires are thin."),
    ]);
    let with_slots = &facts.text_with_slots;
    let at = |needle: &str, nth: usize| {
        let found = with_slots.match_indices(needle).nth(nth).unwrap();
        Some(format!("{}:{needle}", found.0))
    };
    assert_eq!(written_as(&text, &facts, "wires", 0), at("wires", 0));
    assert_eq!(written_as(&text, &facts, "wires", 1), at("wires", 1));
    assert_eq!(written_as(&text, &facts, "wires", 2), at("wires", 2));
    assert_eq!(
        written_as(&text, &facts, "120 ± 9 nm", 0),
        at("{width.median}", 0)
    );
    assert_eq!(written_as(&text, &facts, "37", 0), at("{count}", 0));
    assert_eq!(written_as(&text, &facts, "touch", 0), at("touch", 0));
    assert_eq!(written_as(&text, &facts, "banner", 0), None);
    assert_eq!(written_as(&text, &facts, "thin", 1), at("thin", 1));
}

#[test]
fn a_sentence_that_was_changed_in_filling_gives_the_nearest_word_or_none() {
    let (text, facts) = answer(&[(
        "⟨One⟩ wire lies over wire there, alone.",
        "{count} wires lie over wire there.",
    )]);
    let found = written_as(&text, &facts, "there", 0).unwrap();
    assert!(found.ends_with(":there"), "{found}");
    assert_eq!(written_as(&text, &facts, "alone", 0), None);
    // More slots than the model wrote: nothing is believed.
    let (text, mut facts) = answer(&[("About ⟨5⟩ nm.", "About {pitch}.")]);
    facts.slots.push(slot(Some([0, 5]), "About"));
    assert_eq!(written_as(&text, &facts, "nm", 0), None);
}

#[test]
fn words_stand_without_the_signs_around_them() {
    let (text, facts) = answer(&[("(“Free-standing” wires: ⟨3.5 µm⟩ – well, about.)", "")]);
    let passage = Passage::of(&text, Some(&facts));
    let words: Vec<&str> = passage.words().into_iter().map(|at| &text[at]).collect();
    assert_eq!(words, ["Free-standing", "wires", "3.5 µm", "well", "about"]);
}

#[test]
fn no_place_from_a_file_is_believed() {
    let text = "5 µm wide";
    let (_, mut facts) = answer(&[]);
    for place in [
        Some([0, 3]),
        Some([3, 2]),
        Some([2, 2]),
        Some([7, 4000]),
        Some([usize::MAX, usize::MAX]),
        Some([0, usize::MAX]),
        None,
    ] {
        facts.slots.push(slot(place, "x"));
    }
    assert!(Passage::of(text, Some(&facts)).slots.is_empty());
    // Of those that overlap, the first.
    facts.slots.push(slot(Some([2, 5]), "µm"));
    facts.slots.push(slot(Some([0, 5]), "5 µm"));
    facts.slots.push(slot(Some([6, 10]), "wide"));
    let passage = Passage::of(text, Some(&facts));
    let places: Vec<&str> = passage
        .slots
        .iter()
        .map(|(at, _)| &text[at.clone()])
        .collect();
    assert_eq!(places, ["5 µm", "wide"]);
    facts.sentences.push(Sentence {
        place: [1, 3],
        with_slots: "{".into(),
        fits: Some(f32::NAN),
    });
    let passage = Passage::of(text, Some(&facts));
    assert!(passage.sentences.is_empty());
    assert_eq!(passage.as_written(&(0..5), "{"), None);
    assert_eq!(passage.words().len(), 2);
}

#[test]
fn only_a_sentence_that_was_judged_is_doubtful() {
    let sentence = |fits| Sentence {
        place: [0, 1],
        with_slots: String::new(),
        fits,
    };
    for (fits, doubtful) in [
        (Some(0.19), true),
        (Some(0.2), false),
        (None, false),
        (Some(f32::NAN), false),
    ] {
        assert_eq!(Passage::is_doubtful(&sentence(fits)), doubtful, "{fits:?}");
    }
}
