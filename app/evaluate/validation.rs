//! What a model makes of the validation part of a data folder: categories and answers.
//!
//! Called after training, on the model as it was written to disk. Never learns anything.

use super::{Accuracy, mean_rouge_l, rouge_l};
use crate::answer::{AnswerError, Answerer, Flow, Prompt};
use crate::micrograph::Prepared;
use crate::questions::{Category, Key};
use rand::SeedableRng;
use rand::seq::{IndexedRandom, SliceRandom};
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
    let mut asked: Vec<(&Reference, Key, &str)> = references
        .iter()
        .flat_map(|reference| {
            reference
                .answers
                .iter()
                .map(move |(key, text)| (reference, *key, text.as_str()))
        })
        .collect();
    let (drawn, _) = asked.partial_shuffle(&mut rng, MOST_ANSWERS);
    let mut scores: [Vec<_>; 4] = Default::default();
    for (reference, key, text) in &*drawn {
        for (scores, category) in scores.iter_mut().zip([reference.category, None]) {
            let prompt = Prompt {
                key: *key,
                category,
            };
            let answer = engine.answer(&reference.image, &prompt, &mut |_| Flow::Continue)?;
            scores.push(rouge_l(&answer.text, &[text]));
        }
        let same_key = |other: &&(Option<Category>, Key, String)| other.1 == *key;
        let anyones: Vec<_> = training.iter().filter(same_key).collect();
        let likewise: Vec<_> = anyones
            .iter()
            .filter(|other| other.0 == reference.category)
            .collect();
        if let Some((_, _, guess)) = anyones.choose(&mut rng) {
            scores[2].push(rouge_l(guess, &[text]));
        }
        if let Some((_, _, guess)) = likewise.choose(&mut rng) {
            scores[3].push(rouge_l(guess, &[text]));
        }
    }
    Ok(Validation {
        name: name.to_owned(),
        accuracy: Accuracy::of(&predictions),
        answers: drawn.len(),
        rouge_captioned: mean_rouge_l(&scores[0]),
        rouge_bare: mean_rouge_l(&scores[1]),
        rouge_chance: mean_rouge_l(&scores[2]),
        rouge_category_chance: mean_rouge_l(&scores[3]),
    })
}
