//! Filling: the model's text comes in token by token and goes out sentence by sentence, with its
//! slots filled.
//!
//! A sentence with a slot that has no content is left out and leaves the reason; so is one with
//! a number of the model's own. Words that numbers decide and that the model wrote itself are
//! held against the measurement. Called by `tell.rs`.

use super::facts::{Asked, Facts, capital};
use super::guard;
use super::slot::{Sentence, Slot, SlotKind};
use crate::questions::slots;

/// The filled answer so far.
#[derive(Default)]
pub(super) struct Filled {
    /// As shown.
    pub text: String,
    /// As the model wrote it.
    pub text_with_slots: String,
    /// The slots, in the model's order.
    pub slots: Vec<Slot>,
    /// The sentences that are shown.
    pub sentences: Vec<Sentence>,
    /// Why others are not, each reason once.
    pub reasons: Vec<String>,
}

/// Takes in text and fills it.
pub(super) struct Filler<'a, 'f> {
    facts: &'a mut Facts<'f>,
    measured: Option<Asked>,
    /// The sentence that is being written.
    open: String,
    filled: Filled,
}

impl<'a, 'f> Filler<'a, 'f> {
    pub(super) fn new(facts: &'a mut Facts<'f>) -> Self {
        Self {
            facts,
            measured: None,
            open: String::new(),
            filled: Filled::default(),
        }
    }

    /// Takes in some text; gives out what is to be shown behind what was shown before.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let shown = self.filled.text.len();
        for letter in piece.chars() {
            if letter.is_whitespace() && self.open.ends_with(['.', '!', '?']) {
                self.close();
            }
            self.filled.text_with_slots.push(letter);
            self.open.push(letter);
        }
        self.filled.text.get(shown..).unwrap_or_default().to_owned()
    }

    /// Forgets the sentence that is being written: it was stopped within.
    pub(super) fn forget_open(&mut self) {
        self.open.clear();
    }

    /// Ends the last sentence and, where nothing is left to show, says why. Gives out what is
    /// to be shown last, and the whole.
    pub(super) fn end(mut self) -> (String, Filled) {
        let shown = self.filled.text.len();
        self.close();
        if self.filled.text.is_empty() {
            for reason in std::mem::take(&mut self.filled.reasons) {
                self.filled.add(&reason, String::new());
            }
        }
        let last = self.filled.text.get(shown..).unwrap_or_default().to_owned();
        (last, self.filled)
    }

    /// Fills the open sentence, or leaves it out.
    fn close(&mut self) {
        let sentence = std::mem::take(&mut self.open);
        let sentence = sentence.trim();
        if sentence.is_empty() {
            return;
        }
        match self.fill(sentence) {
            Ok((text, slots)) => {
                let start = self.filled.add(&text, sentence.to_owned());
                self.filled.slots.extend(slots.into_iter().map(|slot| Slot {
                    place: slot.place.map(|place| place.map(|at| at + start)),
                    ..slot
                }));
            }
            Err(reason) => {
                if !self.filled.reasons.contains(&reason) {
                    self.filled.reasons.push(reason);
                }
            }
        }
    }

    /// The text of a sentence and its slots, placed within it; or why it is left out.
    fn fill(&mut self, sentence: &str) -> Result<(String, Vec<Slot>), String> {
        let parts = parts(sentence);
        let plain: Vec<&str> = parts.iter().map(|part| part.text()).collect();
        let plain = plain.join(" ");
        if let Some(reason) = guard::refusal(&plain) {
            return Err(reason);
        }
        if let Some(reason) = self.contradiction(&plain) {
            return Err(reason);
        }
        let (mut text, mut filled) = (String::new(), Vec::new());
        for part in parts {
            let name = match part {
                Part::Text(words) => {
                    text.push_str(words);
                    continue;
                }
                Part::Slot(name) => name,
            };
            if !slots::ALL.contains(&name) {
                return Err(format!(
                    "A sentence was left out: {{{name}}} is no known quantity."
                ));
            }
            let mut slot = self.facts.slot(name, &mut self.measured);
            if slot.kind == SlotKind::Unavailable {
                let reason = slot.text.clone();
                self.filled.slots.push(slot);
                return Err(reason);
            }
            if text.is_empty() {
                slot.text = capital(&slot.text);
            }
            let start = text.len();
            text.push_str(&slot.text);
            slot.place = Some([start, text.len()]);
            filled.push(slot);
        }
        Ok((text, filled))
    }

    /// Why a word that numbers decide may not stand as the model wrote it: the numbers decide
    /// otherwise.
    fn contradiction(&mut self, plain: &str) -> Option<String> {
        let plain = format!(" {} ", plain.to_lowercase());
        for (name, words) in DECIDED {
            let Some(said) = words.iter().find(|word| plain.contains(**word)) else {
                continue;
            };
            let slot = self.facts.slot(name, &mut self.measured);
            let said = said.trim();
            let decided = slot.kind != SlotKind::Unavailable;
            if decided && !said.contains(slot.text.as_str()) && !slot.text.contains(said) {
                return Some(format!(
                    "A sentence was left out: it says \u{201c}{said}\u{201d}, and by the numbers it is \u{201c}{}\u{201d}.",
                    slot.text
                ));
            }
        }
        None
    }
}

/// Words in free text that a measured word decides on.
const DECIDED: [(&str, &[&str]); 5] = [
    (
        "word.spread",
        &[
            " narrow spread",
            " moderate spread",
            " broad spread",
            " monodisperse",
        ],
    ),
    (
        "word.shape",
        &[" near-round", " elongated", " rod-like", " fibre-like"],
    ),
    (
        "word.touch",
        &[" mostly separate", " partly touching", " mostly aggregated"],
    ),
    (
        "word.align",
        &[
            " no alignment",
            " weak alignment",
            " partial alignment",
            " strong alignment",
        ],
    ),
    ("word.layout", &[" evenly spaced", " clustered"]),
];

impl Filled {
    /// Puts a sentence behind the others; gives back the byte it starts at.
    fn add(&mut self, sentence: &str, with_slots: String) -> usize {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        let start = self.text.len();
        self.text.push_str(sentence);
        self.sentences.push(Sentence {
            place: [start, self.text.len()],
            with_slots,
            fits: None,
        });
        start
    }

    /// The same for a sentence of the program's own; gives back what is to be shown.
    pub(super) fn add_own(&mut self, sentence: &str) -> String {
        let shown = self.text.len();
        self.add(sentence, String::new());
        self.text.get(shown..).unwrap_or_default().to_owned()
    }
}

/// A part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part<'a> {
    Text(&'a str),
    /// A slot by its name.
    Slot(&'a str),
}

impl<'a> Part<'a> {
    fn text(self) -> &'a str {
        match self {
            Part::Text(text) => text,
            Part::Slot(_) => "",
        }
    }
}

/// Text and slots in turn. A brace that is never closed is text.
fn parts(sentence: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), sentence);
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, after)) = behind.split_once('}') else {
            break;
        };
        parts.extend([Part::Text(before), Part::Slot(name)]);
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts.retain(|part| *part != Part::Text(""));
    parts
}

#[cfg(test)]
#[path = "fill_tests.rs"]
mod tests;
