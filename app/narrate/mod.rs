//! The canonical answers to the 22 questions, told from the truth of a simulated scene.
//!
//! Every sentence follows from a fact of the scene or states a limit of the image. It never
//! names a number, a material or a purpose as fact: where a number or a word with a threshold
//! belongs, a slot stands, and roles are "usual for such". Called by `simulate::write_folder` and by training.

mod form;
mod measured;
mod method;
mod spread;
mod surface;
mod words;

use crate::questions::Key;
use crate::simulate::Truth;
use crate::simulate::dice::{Dice, seed_of};
use words::Words;

/// The canonical answers: one for each key in [`Key::ALL`] order, in wording varied by seed.
/// No answer holds a digit or a number word from two up; slots stand as `{size.median}`.
pub fn answers(truth: &Truth, seed: u64) -> Vec<(Key, String)> {
    let tell = |key: Key| {
        let mut teller = Teller {
            truth,
            words: words::words(truth.category, truth.kind, truth.variant),
            dice: Dice::new(seed_of(seed, 1000 + key as u64)),
        };
        (key, teller.answer(key))
    };
    Key::ALL.into_iter().map(tell).collect()
}

/// Tells one answer.
struct Teller<'a> {
    truth: &'a Truth,
    words: Words,
    dice: Dice,
}

impl Teller<'_> {
    fn answer(&mut self, key: Key) -> String {
        match key {
            Key::BasicsType => self.basics_type(),
            Key::BasicsScale => self.basics_scale(),
            Key::MorphologyShape => self.morphology_shape(),
            Key::MorphologyLayers => self.morphology_layers(),
            Key::MorphologyConsistency => self.morphology_consistency(),
            Key::SizeRange => self.size_range(),
            Key::SizeDistribution => self.size_distribution(),
            Key::SizeAggregation => self.size_aggregation(),
            Key::SurfaceTexture => self.surface_texture(),
            Key::SurfaceImperfections => self.surface_imperfections(),
            Key::CompositionContrast => self.composition_contrast(),
            Key::CompositionLabels => self.composition_labels(),
            Key::InteractionsTouching => self.interactions_touching(),
            Key::InteractionsBoundaries => self.interactions_boundaries(),
            Key::EnvironmentSigns => self.environment_signs(),
            Key::EnvironmentObjects => self.environment_objects(),
            Key::TechniqueMethod => self.technique_method(),
            Key::TechniqueProcessing => self.technique_processing(),
            Key::FunctionRegions => self.function_regions(),
            Key::FunctionDynamics => self.function_dynamics(),
            Key::ApplicationUse => self.application_use(),
            Key::ApplicationOrigin => self.application_origin(),
        }
    }

    /// One of several phrasings, with `[unit]` and `[units]` filled in.
    fn say(&mut self, phrasings: &[&str]) -> String {
        self.dice
            .pick(phrasings)
            .replace("[units]", self.words.units)
            .replace("[unit]", self.words.unit)
    }
}

/// Joins sentences with a space; empty ones vanish.
fn join(sentences: &[String]) -> String {
    let kept: Vec<&str> = sentences
        .iter()
        .map(String::as_str)
        .filter(|sentence| !sentence.is_empty())
        .collect();
    kept.join(" ")
}

/// The text with its first letter in upper case.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |letter| {
        letter.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests;
