//! What a person found true or false, sentence by sentence, and the share that is false.
//!
//! A verdict belongs to the words, whichever model says them of that image. Read from and written
//! to `judged.jsonl` by `command` and by the worker.

use super::record::{Record, Setting, Teller};
use super::text::sentences;
use crate::questions::Key;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a person found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The image shows that it is so.
    True,
    /// The image shows that it is not.
    False,
    /// The image does not show it.
    Undecidable,
}

/// A verdict on a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// BLAKE3 of the image's file.
    pub image: String,
    /// The question's key, such as "surface.texture".
    pub key: String,
    /// The sentence.
    pub sentence: String,
    /// What the person found.
    pub verdict: Verdict,
}

/// Verdicts by image, question and sentence; of two on one sentence the later counts.
#[derive(Clone, Debug, Default)]
pub struct Verdicts(HashMap<(String, String, String), Verdict>);

impl Verdicts {
    /// Takes verdicts, in the order they were given.
    pub fn of(judged: impl IntoIterator<Item = Judged>) -> Self {
        let entry = |one: Judged| ((one.image, one.key, one.sentence), one.verdict);
        Self(judged.into_iter().map(entry).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was found of a sentence.
    pub fn on(&self, image: &str, key: Key, sentence: &str) -> Option<Verdict> {
        let name = (image.to_owned(), key.name().to_owned(), sentence.to_owned());
        self.0.get(&name).copied()
    }
}

/// How many of a model's sentences were found true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TruthFigures {
    /// Sentences that a person found true.
    pub found_true: usize,
    /// Sentences that a person found false.
    pub found_false: usize,
    /// Sentences that the image does not decide.
    pub undecidable: usize,
    /// Sentences that nobody judged.
    pub unjudged: usize,
}

impl TruthFigures {
    /// Counts the sentences of the model's answers in a setting, each once an image and question.
    pub fn of(record: &Record, setting: Setting, verdicts: &Verdicts) -> Self {
        let mut figures = Self::default();
        let mut seen = std::collections::HashSet::new();
        for (_, image) in record.images() {
            for asked in &image.questions {
                let text = asked.said_by(Teller::Model, setting).unwrap_or_default();
                for sentence in sentences(text) {
                    if !seen.insert((image.hash.as_str(), asked.key, sentence)) {
                        continue;
                    }
                    match verdicts.on(&image.hash, asked.key, sentence) {
                        Some(Verdict::True) => figures.found_true += 1,
                        Some(Verdict::False) => figures.found_false += 1,
                        Some(Verdict::Undecidable) => figures.undecidable += 1,
                        None => figures.unjudged += 1,
                    }
                }
            }
        }
        figures
    }

    /// Of a hundred sentences that the image decides, those that are false, with Wilson's interval
    /// of 95 in 100; none where none was decided.
    pub fn false_per_hundred(&self) -> Option<(f64, [f64; 2])> {
        let count = (self.found_true + self.found_false) as f64;
        if count == 0.0 {
            return None;
        }
        let share = self.found_false as f64 / count;
        let z2 = 1.959_964_f64.powi(2) / count;
        let middle = (share + z2 / 2.0) / (1.0 + z2);
        let half = (z2 * (share * (1.0 - share) + z2 / 4.0)).sqrt() / (1.0 + z2);
        let per_hundred = |share: f64| 100.0 * share.clamp(0.0, 1.0);
        Some((
            per_hundred(share),
            [per_hundred(middle - half), per_hundred(middle + half)],
        ))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::evaluate::record::{Asked, Run, Said, Seen};

    fn record(text: &str) -> Record {
        let said = Said {
            setting: Setting::Given,
            teller: Teller::Model,
            text: text.to_owned(),
        };
        let asked = Asked {
            key: Key::MorphologyShape,
            references: vec!["x".into()],
            said: vec![said],
        };
        let image = Seen {
            hash: "h".into(),
            questions: vec![asked],
            ..Seen::default()
        };
        Record {
            runs: vec![Run {
                images: vec![image],
                ..Run::default()
            }],
            ..Record::default()
        }
    }

    fn judged(sentence: &str, verdict: Verdict) -> Judged {
        Judged {
            image: "h".into(),
            key: Key::MorphologyShape.name().into(),
            sentence: sentence.into(),
            verdict,
        }
    }

    #[test]
    fn sentences_are_counted_by_what_was_found_last() {
        let verdicts = Verdicts::of([
            judged("Round grains.", Verdict::True),
            judged("They touch.", Verdict::True),
            judged("They touch.", Verdict::False),
            judged("Never said.", Verdict::False),
        ]);
        let record = record("Round grains. They touch. They shine.");
        let figures = TruthFigures::of(&record, Setting::Given, &verdicts);
        assert_eq!((figures.found_true, figures.found_false), (1, 1));
        assert_eq!((figures.undecidable, figures.unjudged), (0, 1));
        assert_eq!(figures.false_per_hundred().unwrap().0, 50.0);
        assert_eq!(
            TruthFigures::of(&record, Setting::Predicted, &verdicts),
            TruthFigures::default()
        );
    }

    /// scipy.stats.binomtest(3, 40).proportion_ci(method="wilson") gives these.
    #[test]
    fn the_interval_is_wilsons() {
        let figures = TruthFigures {
            found_true: 37,
            found_false: 3,
            ..TruthFigures::default()
        };
        let (share, [low, high]) = figures.false_per_hundred().unwrap();
        assert_eq!(share, 7.5);
        assert!(
            (low - 2.583_6).abs() < 1e-4 && (high - 19.864_2).abs() < 1e-4,
            "{low} {high}"
        );
    }

    #[test]
    fn verdicts_are_read_as_they_are_written() {
        let one = judged("Round grains.", Verdict::Undecidable);
        let line = serde_json::to_string(&one).unwrap();
        assert!(line.contains(r#""verdict":"undecidable""#), "{line}");
        assert_eq!(serde_json::from_str::<Judged>(&line).unwrap(), one);
    }
}
