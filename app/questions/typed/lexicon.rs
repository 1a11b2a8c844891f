//! The table of words and phrases, and which of its patterns a text holds.
//!
//! `lexicon.tsv` explains the pattern language; `reasons.tsv` has the sentence of each reason to
//! decline; `everyday.txt` lists words that tell of something else, `neutral.txt` words that mean
//! nothing here. Decides nothing: `clauses` weighs the matches.

use super::words::{STOP, within_one_slip};
use crate::questions::Key;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

const LEXICON: &str = include_str!("lexicon.tsv");
const REASONS: &str = include_str!("reasons.tsv");
const EVERYDAY: &str = include_str!("everyday.txt");
const NEUTRAL: &str = include_str!("neutral.txt");

/// Words that may stand before a pattern that begins a clause, and after one that ends it.
const OPENERS: [&str; 13] = [
    "and", "but", "can", "could", "hello", "hey", "hi", "now", "ok", "please", "so", "well", "you",
];
const CLOSERS: [&str; 7] = [
    "again", "exactly", "here", "please", "pls", "thanks", "then",
];

/// What the words of `everyday.txt` point to, and how much.
const EVERYDAY_REASON: &str = "-offtopic";
const EVERYDAY_WEIGHT: f32 = 7.0;
/// The weight of a word with a slip in it, as a share of the whole.
const SLIP_SHARE: f32 = 0.8;
/// Most words that a gap in a pattern stands for.
const MAX_GAP_WORDS: usize = 3;

/// What a pattern points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Class {
    /// A reason to decline, by its line in `reasons.tsv`.
    Reason(usize),
    /// One of the 22 questions.
    Key(Key),
    /// More about the question before.
    FollowUp,
    /// Nothing: the words stand for themselves, like "in this image".
    Nothing,
}

/// A pattern found in a text.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub class: Class,
    pub weight: f32,
    /// Places of the words it took, ascending, at least one; words in its gaps are not among them.
    pub words: Vec<usize>,
}

/// A word of a pattern: the word itself, or any that begins so.
#[derive(Debug, PartialEq, Eq, Hash, Clone)]
struct Stem {
    letters: Vec<char>,
    prefix: bool,
}

enum Part {
    /// One word, any of these stems.
    Word(Vec<usize>),
    /// Exactly one word, whichever.
    Any,
    /// Up to [`MAX_GAP_WORDS`] words that do not count as taken.
    Gap,
    Begin,
    End,
}

struct Pattern {
    class: Class,
    weight: f32,
    parts: Vec<Part>,
}

/// The tables, read once.
pub(super) struct Lexicon {
    patterns: Vec<Pattern>,
    stems: Vec<Stem>,
    neutral: HashSet<&'static str>,
    sentences: Vec<&'static str>,
}

/// The tables of this program.
pub(super) fn lexicon() -> &'static Lexicon {
    static TABLES: OnceLock<Lexicon> = OnceLock::new();
    TABLES.get_or_init(|| Lexicon::parse(LEXICON, REASONS, EVERYDAY, NEUTRAL))
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

impl Lexicon {
    /// Rows that do not follow the form are passed over; a test holds that there are none.
    fn parse(
        lexicon: &'static str,
        reasons: &'static str,
        everyday: &'static str,
        neutral: &'static str,
    ) -> Lexicon {
        let reasons: Vec<_> = rows(reasons)
            .filter_map(|row| row.split_once('\t'))
            .collect();
        let mut stems = Stems::default();
        let mut patterns = Vec::new();
        for row in rows(lexicon) {
            let mut columns = row.split('\t');
            let (Some(class), Some(weight), Some(texts)) =
                (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let (Some(class), Ok(weight)) = (class_named(class, &reasons), weight.parse()) else {
                continue;
            };
            for text in texts.split(" | ") {
                let parts = text
                    .split_whitespace()
                    .map(|part| stems.part(part))
                    .collect();
                patterns.push(Pattern {
                    class,
                    weight,
                    parts,
                });
            }
        }
        if let Some(class) = class_named(EVERYDAY_REASON, &reasons) {
            for word in rows(everyday).flat_map(str::split_whitespace) {
                patterns.push(Pattern {
                    class,
                    weight: EVERYDAY_WEIGHT,
                    parts: vec![stems.part(word)],
                });
            }
        }
        Lexicon {
            patterns,
            stems: stems.all,
            neutral: neutral.split_whitespace().collect(),
            sentences: reasons.into_iter().map(|(_, sentence)| sentence).collect(),
        }
    }

    /// The sentence of a reason to decline.
    pub(super) fn sentence(&self, reason: usize) -> &'static str {
        self.sentences.get(reason).copied().unwrap_or_default()
    }

    /// Whether the word is in one of the tables, as it is written.
    pub(super) fn knows(&self, word: &str) -> bool {
        let letters: Vec<char> = word.chars().collect();
        self.neutral.contains(word) || self.stems.iter().any(|stem| stem.fits(&letters))
    }

    /// Whether the word could be a slip of one in the tables, or is a number or formula.
    pub(super) fn guesses(&self, word: &str) -> bool {
        let letters: Vec<char> = word.chars().collect();
        word == STOP
            || word.contains(|c: char| c.is_ascii_digit())
            || self.stems.iter().any(|s| s.nearly_fits(&letters))
    }

    /// All patterns found in the words, less those inside a longer one.
    pub(super) fn matches(&self, words: &[String]) -> Vec<Match> {
        let text = Text {
            words,
            meant: words.iter().map(|word| self.meant(word)).collect(),
        };
        let mut found = Vec::new();
        for pattern in &self.patterns {
            for start in 0..words.len() {
                let mut taken = Vec::new();
                if text.matches(&pattern.parts, start, &mut taken) && !taken.is_empty() {
                    let slip = taken.iter().any(|place| text.meant[*place].slip);
                    let weight = if slip {
                        pattern.weight * SLIP_SHARE
                    } else {
                        pattern.weight
                    };
                    found.push(Match {
                        class: pattern.class,
                        weight,
                        words: taken,
                    });
                }
            }
        }
        let inside = |a: &Match, b: &Match| {
            a.words.len() < b.words.len() && a.words.iter().all(|w| b.words.contains(w))
        };
        let longest = |m: &Match| !found.iter().any(|other| inside(m, other));
        found.iter().filter(|m| longest(m)).cloned().collect()
    }

    /// The stems a typed word can stand for: those that fit, or, for a word in no table, those one
    /// slip away.
    fn meant(&self, word: &str) -> Meant {
        let letters: Vec<char> = word.chars().collect();
        let all = |fits: &dyn Fn(&Stem) -> bool| -> HashSet<usize> {
            self.stems
                .iter()
                .enumerate()
                .filter(|(_, stem)| fits(stem))
                .map(|(id, _)| id)
                .collect()
        };
        let stems = all(&|stem| stem.fits(&letters));
        if !stems.is_empty() || self.neutral.contains(word) {
            return Meant { stems, slip: false };
        }
        Meant {
            stems: all(&|stem| stem.nearly_fits(&letters)),
            slip: true,
        }
    }
}

/// What a typed word can stand for.
struct Meant {
    stems: HashSet<usize>,
    slip: bool,
}

struct Text<'a> {
    words: &'a [String],
    meant: Vec<Meant>,
}

impl Text<'_> {
    /// Whether the parts stand at `place`; the words taken are added to `taken`.
    fn matches(&self, parts: &[Part], place: usize, taken: &mut Vec<usize>) -> bool {
        let Some((part, rest)) = parts.split_first() else {
            return true;
        };
        match part {
            Part::Begin => {
                let opened = self.words[..place]
                    .iter()
                    .rev()
                    .take_while(|word| *word != STOP);
                opened
                    .into_iter()
                    .all(|word| OPENERS.contains(&word.as_str()))
                    && self.matches(rest, place, taken)
            }
            Part::End => {
                let closing = self.words[place..].iter().take_while(|word| *word != STOP);
                closing
                    .into_iter()
                    .all(|word| CLOSERS.contains(&word.as_str()))
                    && self.matches(rest, place, taken)
            }
            Part::Gap => (0..=MAX_GAP_WORDS)
                .take_while(|gap| {
                    self.words[place..]
                        .iter()
                        .take(*gap)
                        .all(|word| word != STOP)
                })
                .any(|gap| {
                    place + gap <= self.words.len() && self.matches(rest, place + gap, taken)
                }),
            Part::Any => {
                let fits = self.words.get(place).is_some_and(|word| word != STOP);
                fits && self.take(rest, place, taken)
            }
            Part::Word(stems) => {
                let fits = self
                    .meant
                    .get(place)
                    .is_some_and(|meant| stems.iter().any(|id| meant.stems.contains(id)));
                fits && self.take(rest, place, taken)
            }
        }
    }

    /// Takes the word at `place` if the rest stands after it.
    fn take(&self, rest: &[Part], place: usize, taken: &mut Vec<usize>) -> bool {
        taken.push(place);
        let fits = self.matches(rest, place + 1, taken);
        if !fits {
            taken.pop();
        }
        fits
    }
}

impl Stem {
    fn fits(&self, word: &[char]) -> bool {
        if self.prefix {
            word.starts_with(&self.letters)
        } else {
            word == self.letters
        }
    }

    /// Whether one slip makes the word fit. Short words are too near to each other: only their
    /// letters may have changed places.
    fn nearly_fits(&self, word: &[char]) -> bool {
        let length = self.letters.len();
        if length < 4 || word.len() < 4 {
            return false;
        }
        if length == 4 {
            let sorted = |letters: &[char]| {
                let mut letters = letters.to_vec();
                letters.sort_unstable();
                letters
            };
            return sorted(word) == sorted(&self.letters) && within_one_slip(word, &self.letters);
        }
        if !self.prefix {
            return within_one_slip(word, &self.letters);
        }
        let lengths = length - 1..=length + 1;
        lengths.into_iter().any(|n| {
            word.get(..n)
                .is_some_and(|begin| within_one_slip(begin, &self.letters))
        })
    }
}

#[derive(Default)]
struct Stems {
    all: Vec<Stem>,
    place: HashMap<Stem, usize>,
}

impl Stems {
    fn part(&mut self, text: &str) -> Part {
        match text {
            "_" => Part::Gap,
            "?" => Part::Any,
            "^" => Part::Begin,
            "$" => Part::End,
            words => Part::Word(words.split('/').map(|word| self.stem(word)).collect()),
        }
    }

    fn stem(&mut self, word: &str) -> usize {
        let letters = word.strip_suffix('*').unwrap_or(word).chars().collect();
        let stem = Stem {
            letters,
            prefix: word.ends_with('*'),
        };
        let next = self.all.len();
        *self.place.entry(stem.clone()).or_insert_with(|| {
            self.all.push(stem);
            next
        })
    }
}

fn class_named(name: &str, reasons: &[(&str, &str)]) -> Option<Class> {
    match name {
        "." => Some(Class::Nothing),
        "+" => Some(Class::FollowUp),
        _ if name.starts_with('-') => reasons
            .iter()
            .position(|(reason, _)| *reason == name)
            .map(Class::Reason),
        _ => name.parse().ok().map(Class::Key),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::questions::typed::words::words;

    #[test]
    fn every_row_of_the_tables_is_read() {
        let reasons: Vec<_> = rows(REASONS)
            .map(|row| row.split_once('\t').unwrap())
            .collect();
        let mut patterns = 0;
        for row in rows(LEXICON) {
            let columns: Vec<_> = row.split('\t').collect();
            assert_eq!(columns.len(), 3, "{row}");
            assert!(class_named(columns[0], &reasons).is_some(), "{row}");
            assert!(columns[1].parse::<f32>().is_ok(), "{row}");
            for text in columns[2].split(" | ") {
                patterns += 1;
                // a pattern is written as typed text is read, or it could never match
                for word in text
                    .split_whitespace()
                    .filter(|word| !["_", "?", "^", "$"].contains(word))
                {
                    for word in word.split('/') {
                        let bare = word.strip_suffix('*').unwrap_or(word);
                        assert_eq!(words(bare), [bare], "{text}");
                    }
                }
            }
        }
        let everyday = rows(EVERYDAY).flat_map(str::split_whitespace).count();
        assert_eq!(lexicon().patterns.len(), patterns + everyday);
        assert_eq!(lexicon().sentences.len(), reasons.len());
        for key in Key::ALL {
            assert!(
                lexicon()
                    .patterns
                    .iter()
                    .any(|p| p.class == Class::Key(key)),
                "{key}"
            );
        }
    }

    #[test]
    fn longer_patterns_replace_the_shorter_inside() {
        let found = lexicon().matches(&words("grain boundaries"));
        assert!(found.iter().all(|m| m.words == [0, 1]), "{found:?}");
        assert!(
            found
                .iter()
                .any(|m| m.class == Class::Key(Key::InteractionsBoundaries))
        );
    }
}
