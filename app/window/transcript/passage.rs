//! An answer as its parts: slots, sentences and words, and where each stands in the text that the
//! model wrote.
//!
//! Pure functions on texts. Facts may come from a file, so that no place in them is believed
//! before it is looked at.

use crate::answer::{Sentence, Slot};
use crate::window::record::Facts;
use std::ops::Range;

/// Below this a sentence does not seem to fit its image. The matching head learned on whole
/// answers, so that it holds single sentences for less probable than they are.
pub const FITS_LEAST: f32 = 0.2;

/// The parts of an answer whose places are sound, each kind in the order of the text.
pub struct Passage<'a> {
    /// The answer.
    pub text: &'a str,
    /// Slots that stand in it.
    pub slots: Vec<(Range<usize>, &'a Slot)>,
    /// Its sentences.
    pub sentences: Vec<(Range<usize>, &'a Sentence)>,
}

impl<'a> Passage<'a> {
    /// Parts an answer.
    pub fn of(text: &'a str, facts: Option<&'a Facts>) -> Self {
        let slots = facts.map_or(&[][..], |facts| &facts.slots);
        let sentences = facts.map_or(&[][..], |facts| &facts.sentences);
        let placed = slots.iter().filter_map(|slot| Some((slot.place?, slot)));
        Self {
            text,
            slots: sound(text, placed),
            sentences: sound(text, sentences.iter().map(|one| (one.place, one))),
        }
    }

    /// The words of the answer without the signs around them; what fills a slot is one word.
    pub fn words(&self) -> Vec<Range<usize>> {
        let mut words = Vec::new();
        let mut begin = 0;
        for (place, _) in &self.slots {
            words_between(self.text, begin..place.start, &mut words);
            words.push(place.clone());
            begin = place.end;
        }
        words_between(self.text, begin..self.text.len(), &mut words);
        words
    }

    /// Whether a sentence does not seem to fit its image.
    pub fn is_doubtful(sentence: &Sentence) -> bool {
        sentence.fits.is_some_and(|fits| fits < FITS_LEAST)
    }

    /// Where a word stands in `with_slots`, the text as the model wrote it; none where the model
    /// did not write it, or that cannot be told.
    pub fn as_written(&self, word: &Range<usize>, with_slots: &str) -> Option<Range<usize>> {
        // Sentences are looked for one behind the other, since one may stand there twice.
        let mut behind = 0;
        for (place, sentence) in &self.sentences {
            let written = &sentence.with_slots;
            if written.is_empty() {
                if place.contains(&word.start) {
                    return None;
                }
                continue;
            }
            let found = with_slots.get(behind..)?.find(written.as_str())?;
            let begin = behind + found;
            if place.contains(&word.start) {
                let inside = self.in_sentence(word, place, written)?;
                return Some(begin + inside.start..begin + inside.end);
            }
            behind = begin + written.len();
        }
        None
    }

    /// Where a word of the sentence at `place` stands in it as it was `written`.
    fn in_sentence(
        &self,
        word: &Range<usize>,
        place: &Range<usize>,
        written: &str,
    ) -> Option<Range<usize>> {
        let tokens = slot_tokens(written);
        let filled: Vec<&Range<usize>> = self
            .slots
            .iter()
            .map(|(slot, _)| slot)
            .filter(|slot| place.start <= slot.start && slot.end <= place.end)
            .collect();
        if tokens.len() != filled.len() {
            return None;
        }
        // Between the slots the two texts are alike.
        let (mut text_from, mut written_from) = (place.start, 0);
        for (slot, token) in filled.iter().zip(&tokens) {
            if word.start < slot.end && slot.start < word.end {
                return Some(token.clone());
            }
            if word.end <= slot.start {
                break;
            }
            (text_from, written_from) = (slot.end, token.end);
        }
        let words = self.text.get(word.clone())?;
        let rest = written.get(written_from..)?;
        let at = word.start.checked_sub(text_from)?;
        let is_there = |at: &usize| rest.get(*at..).is_some_and(|rest| rest.starts_with(words));
        // Where filling has changed a letter or two before it, the nearest of its kind.
        let at = Some(at).filter(is_there).or_else(|| {
            let same = rest.match_indices(words).map(|(found, _)| found);
            same.min_by_key(|found| found.abs_diff(at))
        })?;
        Some(written_from + at..written_from + at + words.len())
    }
}

/// What lies in the text, on the borders of characters, behind one another and is not empty.
fn sound<'a, T>(
    text: &str,
    placed: impl Iterator<Item = ([usize; 2], &'a T)>,
) -> Vec<(Range<usize>, &'a T)> {
    let mut all: Vec<(Range<usize>, &T)> = placed
        .map(|([start, end], one)| (start..end, one))
        .filter(|(place, _)| text.get(place.clone()).is_some_and(|part| !part.is_empty()))
        .collect();
    all.sort_by_key(|(place, _)| place.start);
    let mut end = 0;
    all.retain(|(place, _)| {
        let is_behind = place.start >= end;
        if is_behind {
            end = place.end;
        }
        is_behind
    });
    all
}

fn words_between(text: &str, part: Range<usize>, words: &mut Vec<Range<usize>>) {
    let begin = part.start;
    let Some(text) = text.get(part) else { return };
    let mut from = 0;
    for word in text.split_whitespace() {
        // Each is looked for behind the one before, so that it is found where it stands.
        let Some(at) = text.get(from..).and_then(|rest| rest.find(word)) else {
            return;
        };
        let start = from + at;
        from = start + word.len();
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.is_empty() {
            continue;
        }
        let lead = word.find(bare).unwrap_or(0);
        let start = begin + start + lead;
        words.push(start..start + bare.len());
    }
}

/// The places of slots that are not filled, such as "{size.median}".
fn slot_tokens(written: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(start) = find_from(written, from, '{') {
        let Some(end) = find_from(written, start, '}') else {
            break;
        };
        tokens.push(start..end + 1);
        from = end + 1;
    }
    tokens
}

fn find_from(text: &str, from: usize, sign: char) -> Option<usize> {
    Some(from + text.get(from..)?.find(sign)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "passage_tests.rs"]
mod tests;
