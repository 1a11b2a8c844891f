//! The baselines of a round, fitted to its training images: what a material and an answer would be
//! guessed to be without the model.
//!
//! Called by `evaluation` and `asking`.

use super::looks::{Look, Looks};
use crate::answer::Classification;
use crate::dataset::Example;
use crate::evaluate::baselines::{Majority, Neighbours, Probe, Standard, nearest};
use crate::evaluate::record::Guesser;
use crate::evaluate::text::{Rouge, mean_rouge_l, rouge_l};
use crate::questions::{Category, Key};
use std::collections::{BTreeMap, HashMap};

/// Answers that are as frequent as each other are told apart by their likeness to so many others.
const JUDGES: usize = 40;

/// Baselines of one round.
pub(super) struct Fitted {
    majority: Majority,
    by_appearance: (Standard, Neighbours),
    by_features: Option<(Standard, Probe)>,
    /// Every training answer with the place of its image, by question.
    answers: HashMap<Key, Vec<Answer>>,
    /// The most frequent one, by question and category; of all categories under none.
    frequent: HashMap<(Key, Option<Category>), String>,
    /// How statistics of greys are made comparable, over all training images.
    likeness: Standard,
    /// What each image is compared by.
    vectors: Vec<Vec<f64>>,
}

struct Answer {
    image: usize,
    category: Option<Category>,
    text: String,
}

impl Fitted {
    /// Fits them to the training images that were looked at.
    pub fn of(training: &[Example], looks: &Looks) -> Self {
        let seen: Vec<(&Example, &Look)> = training
            .iter()
            .filter_map(|example| Some((example, looks.of(&example.file)?)))
            .collect();
        let classed = seen
            .iter()
            .filter(|(example, _)| example.category.is_some());
        let classed: Vec<&(&Example, &Look)> = classed.collect();
        let classes: Vec<usize> = classed
            .iter()
            .filter_map(|(example, _)| example.category.map(Category::index))
            .collect();
        let appearances: Vec<Vec<f64>> = classed
            .iter()
            .map(|(_, look)| look.appearance.clone())
            .collect();
        let features: Option<Vec<Vec<f64>>> = classed
            .iter()
            .map(|(_, look)| look.features.clone())
            .collect();
        let standard = Standard::fit(&appearances);
        let rows = applied(&standard, &appearances);
        let answers = answers(&seen);
        let all: Vec<Vec<f64>> = seen
            .iter()
            .map(|(_, look)| look.appearance.clone())
            .collect();
        let likeness = Standard::fit(&all);
        Self {
            majority: Majority::fit(&classes),
            by_appearance: (standard, Neighbours::fit(&rows, &classes)),
            by_features: features.map(|features| {
                let standard = Standard::fit(&features);
                let probe = Probe::fit(&applied(&standard, &features), &classes);
                (standard, probe)
            }),
            frequent: frequent(&answers),
            answers,
            vectors: seen
                .iter()
                .map(|(_, look)| vector(look, &likeness))
                .collect(),
            likeness,
        }
    }

    /// What each baseline takes an image for.
    pub fn guesses(&self, look: &Look) -> Vec<(Guesser, Classification)> {
        let (standard, neighbours) = &self.by_appearance;
        let near = neighbours.predict(&standard.apply(&look.appearance));
        let mut guesses = vec![
            (Guesser::Majority, self.majority.predict()),
            (Guesser::Neighbours, near),
        ];
        if let (Some((standard, probe)), Some(features)) = (&self.by_features, &look.features) {
            guesses.push((Guesser::Probe, probe.predict(&standard.apply(features))));
        }
        let classified = |probabilities: [f64; 10]| Classification {
            probabilities: probabilities.map(|p| p as f32),
            none_of_these: false,
        };
        guesses
            .into_iter()
            .map(|(who, guess)| (who, classified(guess)))
            .collect()
    }

    /// The most frequent training answer: of a category where one is given and has any.
    pub fn most_frequent(&self, key: Key, category: Option<Category>) -> Option<&str> {
        let own = self.frequent.get(&(key, category));
        own.or_else(|| self.frequent.get(&(key, None)))
            .map(String::as_str)
    }

    /// The answer of the training image that looks most alike: of a category where one is given
    /// and has any.
    pub fn nearest(&self, look: &Look, key: Key, category: Option<Category>) -> Option<&str> {
        let all = self.answers.get(&key)?;
        let own = |answer: &&Answer| category.is_some() && answer.category == category;
        let is_there = all.iter().any(|answer| own(&answer));
        let among = all.iter().filter(|answer| !is_there || own(answer));
        let vectors = among
            .filter_map(|answer| Some((answer.image, self.vectors.get(answer.image)?.as_slice())));
        let image = nearest(&vector(look, &self.likeness), vectors)?;
        let found = all.iter().find(|answer| answer.image == image);
        found.map(|answer| answer.text.as_str())
    }
}

/// What an image is compared by: what the encoder makes of it, else the statistics of its greys.
fn vector(look: &Look, likeness: &Standard) -> Vec<f64> {
    let features = look.features.clone();
    features.unwrap_or_else(|| likeness.apply(&look.appearance))
}

fn applied(standard: &Standard, rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    rows.iter().map(|row| standard.apply(row)).collect()
}

fn answers(seen: &[(&Example, &Look)]) -> HashMap<Key, Vec<Answer>> {
    let mut answers: HashMap<Key, Vec<Answer>> = HashMap::new();
    for (image, (example, _)) in seen.iter().enumerate() {
        for (key, text) in &example.answers {
            answers.entry(*key).or_default().push(Answer {
                image,
                category: example.category,
                text: text.clone(),
            });
        }
    }
    answers
}

/// The most frequent text by question and category.
fn frequent(answers: &HashMap<Key, Vec<Answer>>) -> HashMap<(Key, Option<Category>), String> {
    let mut texts: BTreeMap<(Key, Option<Category>), Vec<&str>> = BTreeMap::new();
    for (key, answers) in answers {
        for answer in answers {
            texts.entry((*key, None)).or_default().push(&answer.text);
            if answer.category.is_some() {
                let own = texts.entry((*key, answer.category)).or_default();
                own.push(&answer.text);
            }
        }
    }
    let most = |(name, texts): ((Key, Option<Category>), Vec<&str>)| {
        Some((name, most_frequent(&texts)?.to_owned()))
    };
    texts.into_iter().filter_map(most).collect()
}

/// The text that stands there most often; of several the one that is most like the first others.
fn most_frequent<'a>(texts: &[&'a str]) -> Option<&'a str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    let mut first: Vec<&str> = Vec::new();
    for text in texts {
        if counts.get(text) == Some(&most) && !first.contains(text) && first.len() < JUDGES {
            first.push(text);
        }
    }
    let likeness = |text: &str| {
        let judges = texts.iter().take(JUDGES);
        let scores: Vec<Rouge> = judges.map(|judge| rouge_l(text, &[*judge])).collect();
        mean_rouge_l(&scores).unwrap_or(0.0)
    };
    let mut best: Option<(f64, &str)> = None;
    for text in first {
        let likeness = likeness(text);
        if best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, text));
        }
    }
    best.map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_that_stands_there_most_often_is_the_most_frequent() {
        assert_eq!(most_frequent(&["a b", "c d", "c d", "e"]), Some("c d"));
        assert_eq!(most_frequent(&[]), None);
    }

    #[test]
    fn of_texts_that_differ_all_the_one_that_is_most_like_the_others_is_taken() {
        let texts = [
            "long wires",
            "round grains apart",
            "round grains touch",
            "round grains",
        ];
        assert_eq!(most_frequent(&texts), Some("round grains"));
    }
}
