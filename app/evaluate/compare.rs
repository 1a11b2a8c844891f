//! Two models on the same questions: where one is better, where it is worse, and where that is
//! not decided.
//!
//! A paired test turns the signs of specimens' differences; of several parts of the data each is
//! held to what several tests at once allow. Called by `worker::evaluation`.

use super::figures::{Figures, Scored};
use super::record::{About, Guesser, Record, Seen};
use super::resample::{holm, sign_test};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is taken for chance below, for a whole group of tests.
pub const LEVEL: f64 = 0.05;

/// Two models compared.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The model before.
    pub before: String,
    /// The model after.
    pub after: String,
    /// On the whole.
    pub verdict: Verdict,
    /// Over all the data, a measure each.
    pub whole: Vec<Compared>,
    /// By category and by question.
    pub parts: Vec<Compared>,
}

/// How one measure changed.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// The part of the data; empty for all.
    pub part: String,
    /// The measure.
    pub measure: &'static str,
    /// Images or answers compared.
    pub count: usize,
    /// Specimens they belong to.
    pub specimens: usize,
    /// Mean before.
    pub before: f64,
    /// Mean after.
    pub after: f64,
    /// The probability of such a difference by chance, made larger for the tests beside it.
    pub probability: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// Better after than before.
    Better,
    /// Worse.
    Worse,
    /// The difference may be chance.
    Undecided,
    /// Better by one measure, worse by another.
    Mixed,
}

impl Verdict {
    /// As people say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Undecided => "undecided",
            Self::Mixed => "better in some, worse in others",
        }
    }

    fn of(before: f64, after: f64, probability: f64) -> Self {
        match probability < LEVEL {
            false => Self::Undecided,
            true if after > before => Self::Better,
            true => Self::Worse,
        }
    }

    /// What several measures say together.
    fn together(verdicts: impl Iterator<Item = Self>) -> Self {
        verdicts.fold(Self::Undecided, |so_far, one| match (so_far, one) {
            (Self::Undecided, one) | (one, Self::Undecided) => one,
            (a, b) if a == b => a,
            _ => Self::Mixed,
        })
    }
}

/// A value of the same thing before and after.
struct Pair<'a> {
    specimen: &'a str,
    before: f64,
    after: f64,
}

/// Pairs by part of the data and measure; the part is empty for all of it.
type Sorted<'a> = BTreeMap<(String, &'static str), Vec<Pair<'a>>>;

impl Comparison {
    /// Compares two evaluations of the same images and questions; what only one of them has is
    /// left out.
    pub fn of(before: (&Record, &Figures), after: (&Record, &Figures)) -> Self {
        let mut pairs = Sorted::new();
        add_guesses(before.0, after.0, &mut pairs);
        add_answers(before, after, &mut pairs);
        let (whole, parts): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .partition(|((part, _), _)| part.is_empty());
        let whole = tested(whole);
        let [before, after] = names(&before.0.about, &after.0.about);
        Self {
            before,
            after,
            verdict: Verdict::together(whole.iter().map(|one| one.verdict)),
            whole,
            parts: tested(parts),
        }
    }
}

/// What two models are called: two of one name by the beginning of their hashes too.
fn names(before: &About, after: &About) -> [String; 2] {
    if before.model != after.model {
        return [before.model.clone(), after.model.clone()];
    }
    [before, after].map(|about| {
        let hash = about.model_hashes.first().map_or("", String::as_str);
        let begin: String = hash.chars().take(8).collect();
        format!("{} {begin}", about.model).trim().to_owned()
    })
}

/// The images of a record by run and file: one that could be read only once has no pair.
fn by_file(record: &Record) -> BTreeMap<(usize, &str), &Seen> {
    let images = record.images();
    images
        .map(|(run, image)| ((run, image.file.as_str()), image))
        .collect()
}

/// Whether each image was told, by both.
fn add_guesses<'a>(before: &'a Record, after: &'a Record, pairs: &mut Sorted<'a>) {
    let is_right = |image: &Seen| {
        let category = image.category?;
        let mut guesses = image.guesses.iter();
        let (_, guess) = guesses.find(|(guesser, _)| *guesser == Guesser::Model)?;
        Some(f64::from(u8::from(guess.best().0 == category)))
    };
    let again = by_file(after);
    for (run, image) in before.images() {
        let again = again.get(&(run, image.file.as_str()));
        let again = again.and_then(|again| is_right(again));
        let (Some(before), Some(after), Some(category)) = (is_right(image), again, image.category)
        else {
            continue;
        };
        for part in [String::new(), category.name().to_owned()] {
            let of_part = pairs.entry((part, "Top-1")).or_default();
            of_part.push(Pair {
                specimen: &image.specimen,
                before,
                after,
            });
        }
    }
}

/// The scores of each answer, by both.
fn add_answers<'a>(
    before: (&'a Record, &Figures),
    after: (&'a Record, &Figures),
    pairs: &mut Sorted<'a>,
) {
    let asked = |record: &'a Record, scored: &Scored| {
        let image = record.runs.get(scored.run)?.images.get(scored.image)?;
        Some((image, image.questions.get(scored.question)?.key))
    };
    let again: BTreeMap<_, _> = after
        .1
        .answers
        .iter()
        .filter_map(|scored| {
            let (image, key) = asked(after.0, scored)?;
            Some(((scored.run, image.file.as_str(), key), scored))
        })
        .collect();
    for scored in &before.1.answers {
        let Some((image, key)) = asked(before.0, scored) else {
            continue;
        };
        let Some(other) = again.get(&(scored.run, image.file.as_str(), key)) else {
            continue;
        };
        let measures = [
            ("ROUGE-L", scored.rouge_l, other.rouge_l),
            ("METEOR", scored.meteor, other.meteor),
        ];
        for (measure, before, after) in measures {
            for part in [String::new(), key.name().to_owned()] {
                if !part.is_empty() && measure != "METEOR" {
                    continue;
                }
                let of_part = pairs.entry((part, measure)).or_default();
                of_part.push(Pair {
                    specimen: &image.specimen,
                    before,
                    after,
                });
            }
        }
    }
}

/// Tests each group of pairs, and all of them as one family.
fn tested(groups: Vec<((String, &'static str), Vec<Pair<'_>>)>) -> Vec<Compared> {
    let by_specimen = |pairs: &[Pair<'_>]| -> Vec<f64> {
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for pair in pairs {
            *sums.entry(pair.specimen).or_default() += pair.after - pair.before;
        }
        sums.into_values().collect()
    };
    let sums: Vec<Vec<f64>> = groups.iter().map(|(_, pairs)| by_specimen(pairs)).collect();
    let alone: Vec<f64> = sums.iter().map(|sums| sign_test(sums)).collect();
    let probabilities = holm(&alone);
    let groups = groups.into_iter().zip(&sums).zip(probabilities);
    groups
        .map(|((((part, measure), pairs), sums), probability)| {
            let count = pairs.len();
            let mean = |of: fn(&Pair<'_>) -> f64| pairs.iter().map(of).sum::<f64>() / count as f64;
            let (before, after) = (mean(|pair| pair.before), mean(|pair| pair.after));
            Compared {
                part,
                measure,
                count,
                specimens: sums.len(),
                before,
                after,
                probability,
                verdict: Verdict::of(before, after, probability),
            }
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::answer::Classification;
    use crate::evaluate::judged::Verdicts;
    use crate::evaluate::record::{Asked, Run, Said, Setting, Teller};
    use crate::questions::{Category, Key};

    /// Twenty specimens, of which `right` are told and answered word by word.
    fn made(model: &str, right: impl Fn(usize) -> bool) -> (Record, Figures) {
        let image = |number: usize| {
            let best = if right(number) {
                Category::Tips
            } else {
                Category::Powder
            };
            let mut probabilities = [0.0; 10];
            probabilities[best.index()] = 1.0;
            let text = if right(number) {
                "round grains apart"
            } else {
                "long wires"
            };
            let said = Said {
                setting: Setting::Given,
                teller: Teller::Model,
                text: text.to_owned(),
            };
            Seen {
                file: format!("{number}.png"),
                specimen: format!("s{number:02}"),
                category: Some(Category::Tips),
                guesses: vec![(
                    Guesser::Model,
                    Classification {
                        probabilities,
                        none_of_these: false,
                    },
                )],
                questions: vec![Asked {
                    key: Key::MorphologyShape,
                    references: vec!["round grains apart".into()],
                    said: vec![said],
                }],
                ..Seen::default()
            }
        };
        let record = Record {
            about: About {
                model: model.into(),
                ..About::default()
            },
            runs: vec![Run {
                images: (0..20).map(image).collect(),
                ..Run::default()
            }],
            ..Record::default()
        };
        let figures = Figures::of(&record, &Verdicts::default());
        (record, figures)
    }

    fn compared(before: impl Fn(usize) -> bool, after: impl Fn(usize) -> bool) -> Comparison {
        let (before, after) = (made("a", before), made("b", after));
        Comparison::of((&before.0, &before.1), (&after.0, &after.1))
    }

    #[test]
    fn ten_of_twenty_more_is_better_and_back_is_worse() {
        let half = |number: usize| number.is_multiple_of(2);
        let comparison = compared(half, |_| true);
        assert_eq!(comparison.verdict, Verdict::Better);
        assert!(
            comparison
                .whole
                .iter()
                .all(|one| one.verdict == Verdict::Better)
        );
        let top1 = comparison
            .whole
            .iter()
            .find(|one| one.measure == "Top-1")
            .unwrap();
        assert_eq!(
            (top1.before, top1.after, top1.count, top1.specimens),
            (0.5, 1.0, 20, 20)
        );
        assert!(comparison.parts.iter().any(|one| one.part == "Tips"));
        assert!(
            comparison
                .parts
                .iter()
                .any(|one| one.part == Key::MorphologyShape.name())
        );
        assert_eq!(compared(|_| true, half).verdict, Verdict::Worse);
    }

    #[test]
    fn two_of_twenty_may_be_chance() {
        let comparison = compared(|number| number >= 2, |_| true);
        assert_eq!(comparison.verdict, Verdict::Undecided);
        assert!(comparison.whole.iter().all(|one| one.probability > LEVEL));
        assert_eq!(compared(|_| true, |_| true).verdict, Verdict::Undecided);
    }
}
