//! What a model makes of the validation part of a data folder: categories and answers.
//!
//! Called after training, on the model as it was written to disk. Never learns anything.

use super::{Accuracy, Rouge, mean_rouge_l, rouge_l};
use crate::answer::{AnswerError, Answerer, Flow, Prompt};
use crate::micrograph::Prepared;
use crate::questions::{Category, Key};
use rand::SeedableRng;
use rand::seq::{IndexedRandom, IteratorRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

/// An image of a validation part with the answers it should get.
pub struct Reference {
    /// What the engine sees.
    pub image: Prepared,
    /// The true material.
    pub category: Option<Category>,
    /// Questions and reference answers.
    pub answers: Vec<(Key, String)>,
}

/// The figures of one data folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation {
    /// The folder's name.
    pub name: String,
    /// How well the material was predicted; `None` without a category anywhere.
    pub accuracy: Option<Accuracy>,
    /// Answers compared.
    pub answers: usize,
    /// Mean ROUGE-L F1 with the true category given in the prompt.
    pub rouge_captioned: Option<f64>,
    /// The same without a category: the paper's zero-shot setting.
    pub rouge_bare: Option<f64>,
    /// What is left of `rouge_captioned` when each reference is compared with the model's answer
    /// about another image: the part that needs no look at the image.
    pub rouge_captioned_elsewhere: Option<f64>,
    /// The same for `rouge_bare`.
    pub rouge_bare_elsewhere: Option<f64>,
    /// The same for the training answer to the same question of an image drawn at random:
    /// what a model that does not look would reach.
    pub rouge_chance: Option<f64>,
    /// The same for a training answer drawn among images of the true category.
    pub rouge_category_chance: Option<f64>,
}

/// Answers compared at most in a folder; beyond, a seeded draw.
const MOST_ANSWERS: usize = 400;

/// Asks `engine` about every image of `references`. `training` holds the category, key and
/// text of training answers, for the comparison with chance.
pub fn validate(
    name: &str,
    engine: &mut dyn Answerer,
    references: &[Reference],
    training: &[(Option<Category>, Key, String)],
    seed: u64,
) -> Result<Validation, AnswerError> {
    let mut predictions = Vec::new();
    for reference in references {
        if let Some(category) = reference.category {
            predictions.push((category, engine.classify(&reference.image)?));
        }
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut asked: Vec<Asked> = references
        .iter()
        .enumerate()
        .flat_map(|(image, reference)| {
            reference.answers.iter().map(move |(key, text)| Asked {
                image,
                reference,
                key: *key,
                text,
            })
        })
        .collect();
    let (drawn, _) = asked.partial_shuffle(&mut rng, MOST_ANSWERS);
    let captioned = written(engine, drawn, |reference| reference.category)?;
    let bare = written(engine, drawn, |_| None)?;
    let mut chance = Vec::new();
    let mut category_chance = Vec::new();
    for asked in &*drawn {
        let same_key = |other: &&(Option<Category>, Key, String)| other.1 == asked.key;
        let anyones: Vec<_> = training.iter().filter(same_key).collect();
        let likewise: Vec<_> = anyones
            .iter()
            .filter(|other| other.0 == asked.reference.category)
            .collect();
        if let Some((_, _, guess)) = anyones.choose(&mut rng) {
            chance.push(rouge_l(guess, &[asked.text]));
        }
        if let Some((_, _, guess)) = likewise.choose(&mut rng) {
            category_chance.push(rouge_l(guess, &[asked.text]));
        }
    }
    Ok(Validation {
        name: name.to_owned(),
        accuracy: Accuracy::of(&predictions),
        answers: drawn.len(),
        rouge_captioned: mean_rouge_l(&own(drawn, &captioned)),
        rouge_bare: mean_rouge_l(&own(drawn, &bare)),
        rouge_captioned_elsewhere: mean_rouge_l(&elsewhere(drawn, &captioned, &mut rng)),
        rouge_bare_elsewhere: mean_rouge_l(&elsewhere(drawn, &bare, &mut rng)),
        rouge_chance: mean_rouge_l(&chance),
        rouge_category_chance: mean_rouge_l(&category_chance),
    })
}

/// One question about one image, and the answer it should get.
struct Asked<'a> {
    image: usize,
    reference: &'a Reference,
    key: Key,
    text: &'a str,
}

/// What the engine writes to each question, with the category that `given` takes.
fn written(
    engine: &mut dyn Answerer,
    asked: &[Asked],
    given: impl Fn(&Reference) -> Option<Category>,
) -> Result<Vec<String>, AnswerError> {
    let write = |asked: &Asked| {
        let prompt = Prompt {
            key: asked.key,
            category: given(asked.reference),
        };
        let answer = engine.answer(&asked.reference.image, &prompt, &mut |_| Flow::Continue)?;
        Ok(answer.text)
    };
    asked.iter().map(write).collect()
}

/// Each written answer against its own reference.
fn own(asked: &[Asked], written: &[String]) -> Vec<Rouge> {
    let pairs = asked.iter().zip(written);
    pairs
        .map(|(asked, text)| rouge_l(text, &[asked.text]))
        .collect()
}

/// Each reference against what was written to the same question about another image, drawn.
fn elsewhere(asked: &[Asked], written: &[String], rng: &mut ChaCha8Rng) -> Vec<Rouge> {
    let score = |one: &Asked| {
        let others = asked.iter().zip(written);
        let others = others.filter(|(other, _)| other.key == one.key && other.image != one.image);
        let (_, text) = others.choose(rng)?;
        Some(rouge_l(text, &[one.text]))
    };
    asked.iter().filter_map(score).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed answer fails the test")]
mod tests {
    use super::*;
    use crate::answer::{Answer, Classification, Description, Piece, Timing};
    use crate::micrograph::Mask;

    /// Reads the answer off the image's name; without a category it says the same of all.
    struct ByName;

    impl Answerer for ByName {
        fn describe(&self) -> Description {
            Description {
                model: "by name".into(),
                device: "cpu".into(),
                fallback: None,
            }
        }

        fn classify(&mut self, _: &Prepared) -> Result<Classification, AnswerError> {
            let mut probabilities = [0.0; 10];
            probabilities[Category::Fibres.index()] = 1.0;
            Ok(Classification {
                probabilities,
                none_of_these: false,
            })
        }

        fn answer(
            &mut self,
            image: &Prepared,
            prompt: &Prompt,
            _: &mut dyn FnMut(Piece) -> Flow,
        ) -> Result<Answer, AnswerError> {
            let text = match prompt.category {
                Some(_) => image.hash.clone(),
                None => "always this".to_owned(),
            };
            Ok(Answer {
                text,
                match_score: None,
                confidence: None,
                tokens: 2,
                stopped: false,
                timing: Timing::default(),
                ..Answer::default()
            })
        }
    }

    fn reference(text: &str) -> Reference {
        Reference {
            image: Prepared {
                grey: vec![0],
                width: 1,
                height: 1,
                hash: text.into(),
                mask: Mask::default(),
            },
            category: Some(Category::Fibres),
            answers: vec![(Key::MorphologyShape, text.to_owned())],
        }
    }

    #[test]
    fn what_needs_no_look_at_the_image_is_told_apart() {
        let references = [reference("one two"), reference("three four")];
        let training = [
            (
                Some(Category::Fibres),
                Key::MorphologyShape,
                "one four".to_owned(),
            ),
            (
                Some(Category::Fibres),
                Key::SizeRange,
                "three four".to_owned(),
            ),
        ];
        let figures = validate("made", &mut ByName, &references, &training, 1).unwrap();
        assert_eq!(figures.answers, 2);
        assert_eq!(figures.rouge_captioned, Some(1.0));
        assert_eq!(figures.rouge_captioned_elsewhere, Some(0.0));
        assert_eq!(figures.rouge_bare, figures.rouge_bare_elsewhere);
        assert_eq!(figures.rouge_chance, Some(0.5));
        assert_eq!(figures.accuracy.map(|a| a.top1), Some(1.0));
    }

    #[test]
    fn one_image_alone_has_no_other_to_compare_with() {
        let figures = validate("made", &mut ByName, &[reference("one")], &[], 1).unwrap();
        assert_eq!(figures.rouge_captioned_elsewhere, None);
        assert_eq!(figures.rouge_chance, None);
    }
}
