//! METEOR: words that two texts share, as they are, by stem or by meaning, and how much in the
//! same order (Banerjee and Lavie, 2005), aligned as the NLTK does.
//!
//! What is found out about a word is kept: corpora repeat their words. Called by `text`; held to
//! reference values in `tests/metrics.rs`.

use super::stem::stem;
use super::tokens::words;
use super::wordnet::WordNet;
use std::collections::HashMap;
use std::rc::Rc;

/// Weight of precision in the mean of precision and recall.
const ALPHA: f64 = 0.9;
/// How the penalty grows with the number of chunks.
const BETA: f64 = 3.0;
/// The greatest penalty.
const GAMMA: f64 = 0.5;

/// How a text was aligned with the reference it fits best.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Alignment {
    /// METEOR, 0 to 1; that of the text with itself is 1 - 0.5/n³ for n words.
    pub score: f64,
    /// Words that are equal.
    pub exact: usize,
    /// Words with equal stems.
    pub stem: usize,
    /// Words that share a synset.
    pub synonym: usize,
    /// Runs of matches that stand side by side in both.
    pub chunks: usize,
    /// Which reference, counted from 0; the first of equals.
    pub reference: usize,
}

/// A word by its number.
type Word = u32;

/// Scores texts and remembers words.
#[derive(Default)]
pub struct Meteor {
    numbers: HashMap<Rc<str>, Word>,
    words: Vec<About>,
}

/// What is known of a word.
struct About {
    text: Rc<str>,
    stem: Option<Word>,
    /// Sorted.
    synonyms: Option<Rc<[Word]>>,
}

/// A word at its place.
#[derive(Clone, Copy)]
struct Placed {
    place: usize,
    word: Word,
}

impl Meteor {
    /// METEOR of a text against one or more references, split at white space.
    pub fn score(&mut self, hypothesis: &str, references: &[&str]) -> Alignment {
        let references: Vec<Vec<&str>> = references.iter().map(|text| words(text)).collect();
        self.score_words(&words(hypothesis), &references)
    }

    /// The same of texts that are split already.
    pub fn score_words<T: AsRef<str>>(
        &mut self,
        hypothesis: &[T],
        references: &[Vec<T>],
    ) -> Alignment {
        let hypothesis = self.placed(hypothesis);
        let mut best = Alignment::default();
        for (at, reference) in references.iter().enumerate() {
            let reference = self.placed(reference);
            let found = self.aligned(hypothesis.clone(), reference);
            if found.score > best.score {
                best = Alignment {
                    reference: at,
                    ..found
                };
            }
        }
        best
    }

    fn placed<T: AsRef<str>>(&mut self, words: &[T]) -> Vec<Placed> {
        let number = |(place, word): (usize, &T)| Placed {
            place,
            word: self.number(&word.as_ref().to_lowercase()),
        };
        words.iter().enumerate().map(number).collect()
    }

    fn number(&mut self, text: &str) -> Word {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.words.len() as Word;
        let text: Rc<str> = text.into();
        self.numbers.insert(Rc::clone(&text), number);
        self.words.push(About {
            text,
            stem: None,
            synonyms: None,
        });
        number
    }

    fn stem(&mut self, word: Word) -> Word {
        let about = &self.words[word as usize];
        if let Some(stem) = about.stem {
            return stem;
        }
        let text = stem(&about.text);
        let found = self.number(&text);
        self.words[word as usize].stem = Some(found);
        found
    }

    fn synonyms(&mut self, word: Word) -> Rc<[Word]> {
        let about = &self.words[word as usize];
        if let Some(synonyms) = &about.synonyms {
            return Rc::clone(synonyms);
        }
        let text = Rc::clone(&about.text);
        let found = WordNet::shipped().synonyms(&text);
        let mut numbers: Vec<Word> = found.iter().map(|text| self.number(text)).collect();
        numbers.sort_unstable();
        let synonyms: Rc<[Word]> = numbers.into();
        self.words[word as usize].synonyms = Some(Rc::clone(&synonyms));
        synonyms
    }

    fn aligned(&mut self, mut own: Vec<Placed>, mut theirs: Vec<Placed>) -> Alignment {
        let (count, their_count) = (own.len() as f64, theirs.len() as f64);
        let mut matches: Vec<(usize, usize)> = Vec::with_capacity(own.len());
        matched(&mut own, &mut theirs, &mut matches, |a, b| a == b);
        let exact = matches.len();
        for left in own.iter_mut().chain(&mut theirs) {
            left.word = self.stem(left.word);
        }
        matched(&mut own, &mut theirs, &mut matches, |a, b| a == b);
        let stem = matches.len() - exact;
        if !theirs.is_empty() {
            matched(&mut own, &mut theirs, &mut matches, |a, b| {
                self.synonyms(a).binary_search(&b).is_ok()
            });
        }
        if matches.is_empty() {
            return Alignment::default();
        }
        matches.sort_unstable();
        let breaks = matches.windows(2).filter(|pair| {
            let (a, b) = (pair[0], pair[1]);
            (a.0 + 1, a.1 + 1) != b
        });
        let chunks = 1 + breaks.count();
        let all = matches.len() as f64;
        let (precision, recall) = (all / count, all / their_count);
        let mean = precision * recall / (ALPHA * precision + (1.0 - ALPHA) * recall);
        let penalty = GAMMA * (chunks as f64 / all).powf(BETA);
        Alignment {
            score: mean * (1.0 - penalty),
            exact,
            stem,
            synonym: matches.len() - exact - stem,
            chunks,
            reference: 0,
        }
    }
}

/// Matches words greedily: from the last of a text to its first, each with the last one of the
/// other that is alike and left. What matches leaves both lists.
fn matched(
    own: &mut Vec<Placed>,
    theirs: &mut Vec<Placed>,
    matches: &mut Vec<(usize, usize)>,
    mut are_alike: impl FnMut(Word, Word) -> bool,
) {
    for at in (0..own.len()).rev() {
        let one = own[at];
        let found = theirs
            .iter()
            .rposition(|other| are_alike(one.word, other.word));
        if let Some(found) = found {
            let other = theirs.remove(found);
            own.remove(at);
            matches.push((one.place, other.place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_against_itself_is_one_chunk() {
        let text = "bright spheres on a dark ground";
        let found = Meteor::default().score(text, &["nothing alike", text]);
        assert_eq!((found.exact, found.chunks, found.reference), (6, 1, 1));
        assert!((found.score - (1.0 - 0.5 / 216.0)).abs() < 1e-12);
    }

    #[test]
    fn words_match_by_stem_and_by_meaning() {
        let found = Meteor::default().score("it shows particle", &["it depicts particles"]);
        assert_eq!((found.exact, found.stem, found.synonym), (1, 1, 1));
        assert_eq!(Meteor::default().score("", &[""]), Alignment::default());
    }
}
