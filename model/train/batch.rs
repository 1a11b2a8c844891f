//! Batches: which images are drawn, what is said about each, and which texts belong to which
//! images. Everything is drawn from a seed; nothing here touches a device.

use super::corpus::{Numbered, Tokens};
use super::learner::{Input, Marks};
use crate::error::Result;
use crate::preprocess::GreyView;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// One batch, on the host.
pub(super) struct Batch {
    /// Images.
    pub size: usize,
    /// [size, P, pixels of a patch], flat.
    pub patches: Vec<f32>,
    /// One statement an image, without its first token.
    pub statements: Vec<Vec<u32>>,
    /// [size, size], flat: whether the text of column j is true of the image of row i.
    pub positives: Vec<bool>,
    /// The questions asked about the images of this batch.
    pub asked: Vec<Asked>,
}

/// One question about one image of the batch.
pub(super) struct Asked {
    /// The place in the batch of the image that is shown.
    pub image: usize,
    /// The prompt between its marks.
    pub prompt: Vec<u32>,
    /// The answer behind its first mark.
    pub input: Vec<u32>,
    /// The answer and its last mark.
    pub target: Vec<u32>,
}

impl Asked {
    /// How many tokens the answer is learned by.
    pub fn tokens(&self) -> usize {
        self.target.len()
    }
}

/// How batches are put together.
#[derive(Clone, Copy)]
pub(super) struct Recipe {
    /// Questions asked about each image in one step.
    pub questions: usize,
    /// The longest text, in tokens.
    pub max_tokens: usize,
    /// Whether images are changed by chance, and now and then exchanged.
    pub augment: bool,
    /// The same for all batches of an epoch: which answers an image is asked for in which round.
    pub epoch_seed: u64,
}

/// One image drawn in an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Draw {
    folder: usize,
    item: usize,
    /// How often it was drawn before in this epoch.
    round: usize,
}

impl Draw {
    /// The drawn item and the round.
    pub fn of<'a, 'b>(&self, folders: &[&'a [Numbered<'b>]]) -> (&'a Numbered<'b>, usize) {
        (&folders[self.folder][self.item], self.round)
    }
}

/// Every item of a folder once, in order.
pub(super) fn draw_all(folder: usize, items: &[Numbered]) -> Vec<Draw> {
    let draw = |item| Draw {
        folder,
        item,
        round: 0,
    };
    (0..items.len()).map(draw).collect()
}

/// The order of one epoch: as many draws as there are items. A folder is drawn in proportion
/// to the square root of its size, an item in inverse proportion to the square root of its
/// category's share, so that neither a large folder nor a large category drowns the others.
pub(super) fn draw_epoch(folders: &[&[Numbered]], seed: u64) -> Vec<Draw> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let total: usize = folders.iter().map(|items| items.len()).sum();
    let roots: f64 = folders
        .iter()
        .map(|items| (items.len() as f64).sqrt())
        .sum();
    let mut order = Vec::with_capacity(total + folders.len());
    for (folder, items) in folders.iter().enumerate() {
        let draws = ((items.len() as f64).sqrt() / roots * total as f64).round() as usize;
        let weights = item_weights(items);
        let sum: f64 = weights.iter().sum();
        // Systematic sampling: every item is drawn close to its expected number of times.
        let mut at = rng.random::<f64>();
        for (item, weight) in weights.iter().enumerate() {
            at += weight / sum * draws as f64;
            let mut round = 0;
            while at >= 1.0 {
                order.push(Draw {
                    folder,
                    item,
                    round,
                });
                round += 1;
                at -= 1.0;
            }
        }
    }
    order.shuffle(&mut rng);
    order
}

fn item_weights(items: &[Numbered]) -> Vec<f64> {
    let mut counts = std::collections::HashMap::new();
    for numbered in items {
        *counts.entry(numbered.item.category).or_insert(0f64) += 1.0;
    }
    let weight = |numbered: &Numbered| {
        1.0 / counts
            .get(&numbered.item.category)
            .copied()
            .unwrap_or(1.0)
            .sqrt()
    };
    items.iter().map(weight).collect()
}

/// Puts one batch together from items and the rounds they are drawn in. `captions_only` makes the statements bare captions, for which
/// every image of the same category is a positive.
pub(super) fn assemble(
    drawn: &[(&Numbered, usize)],
    tokens: &Tokens,
    input: &impl Input,
    recipe: Recipe,
    captions_only: bool,
    seed: u64,
) -> Result<Batch> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let items: Vec<&Numbered> = drawn.iter().map(|(numbered, _)| *numbered).collect();
    let seeds: Vec<u64> = items.iter().map(|_| rng.random()).collect();
    let images = items.par_iter().zip(seeds).map(|(numbered, seed)| {
        let item = numbered.item;
        let view = GreyView {
            grey: &item.grey,
            width: item.width,
            height: item.height,
        };
        let mut chance = recipe.augment.then(|| ChaCha8Rng::seed_from_u64(seed));
        input.patches(view, chance.as_mut())
    });
    let patches = images.collect::<Result<Vec<_>>>()?.concat();
    let said: Vec<Option<usize>> = items
        .iter()
        .map(|item| say(item, captions_only, &mut rng))
        .collect();
    let statement = |(numbered, answer): (&&Numbered, &Option<usize>)| {
        let caption = numbered
            .item
            .category
            .map(|c| tokens.captions[c].as_slice())
            .unwrap_or_default();
        let answer = answer
            .map(|a| tokens.answers[a].as_slice())
            .unwrap_or_default();
        caption
            .iter()
            .chain(answer)
            .copied()
            .take(recipe.max_tokens - 1)
            .collect()
    };
    let statements = items.iter().zip(&said).map(statement).collect();
    let positives = positives(&items, &said);
    let mut asked = Vec::new();
    let marks = input.marks();
    for (image, (numbered, round)) in drawn.iter().enumerate() {
        for answer in answers_of_round(numbered, *round, recipe) {
            asked.push(ask(image, answer, &items, tokens, recipe, marks, &mut rng));
        }
    }
    Ok(Batch {
        size: items.len(),
        patches,
        statements,
        positives,
        asked,
    })
}

/// The answer that this image's statement holds beside the caption.
fn say(numbered: &Numbered, captions_only: bool, rng: &mut ChaCha8Rng) -> Option<usize> {
    if (captions_only && numbered.item.category.is_some()) || numbered.answers.is_empty() {
        return None;
    }
    Some(numbered.answers[rng.random_range(0..numbered.answers.len())].1)
}

/// Text j is true of image i if it is the image's own, or equals any statement of it; a bare
/// caption is true of every image of its category.
fn positives(items: &[&Numbered], said: &[Option<usize>]) -> Vec<bool> {
    let mut positives = Vec::with_capacity(items.len() * items.len());
    for image in items {
        for (text, answer) in items.iter().zip(said) {
            let same_category = image.item.category == text.item.category;
            let same_text = answer.is_none_or(|a| image.answers.iter().any(|(_, own)| *own == a));
            positives.push(image.index == text.index || (same_category && same_text));
        }
    }
    positives
}

/// The questions an image is asked in this round, each with its answer. No answer is asked for
/// twice in an epoch, however often its image is drawn: a small folder would be learned by heart.
fn answers_of_round(numbered: &Numbered, round: usize, recipe: Recipe) -> Vec<(usize, usize)> {
    let mut answers = numbered.answers.clone();
    let seed = recipe.epoch_seed ^ ((numbered.index as u64) << 32);
    answers.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let first = round * recipe.questions;
    answers
        .into_iter()
        .skip(first)
        .take(recipe.questions)
        .collect()
}

/// One question about one image; the caption is dropped from half of the prompts. One caption
/// in four stands beside an image of another category, so that the category a person gives
/// counts for more than what the image looks like.
fn ask(
    image: usize,
    (question, answer): (usize, usize),
    items: &[&Numbered],
    tokens: &Tokens,
    recipe: Recipe,
    marks: Marks,
    rng: &mut ChaCha8Rng,
) -> Asked {
    let category = items[image].item.category.filter(|_| rng.random_bool(0.5));
    let mut shown = image;
    if category.is_some() && recipe.augment && rng.random_bool(0.25) {
        let other = rng.random_range(0..items.len());
        if items[other].item.category != category {
            shown = other;
        }
    }
    let caption = category
        .map(|c| tokens.captions[c].as_slice())
        .unwrap_or_default();
    let first = std::iter::once(marks.ask);
    let prompt = first
        .chain(caption.iter().copied())
        .chain(tokens.questions[question].iter().copied());
    let answer: Vec<u32> = tokens.answers[answer]
        .iter()
        .copied()
        .take(recipe.max_tokens - 1)
        .collect();
    Asked {
        image: shown,
        prompt: prompt
            .take(recipe.max_tokens - usize::from(marks.asked.is_some()))
            .chain(marks.asked)
            .collect(),
        input: std::iter::once(marks.answer)
            .chain(answer.iter().copied())
            .collect(),
        target: answer
            .iter()
            .copied()
            .chain(std::iter::once(marks.end))
            .collect(),
    }
}
