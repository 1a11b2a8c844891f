//! What an evaluation wrote down: for every tested image what was predicted and answered, by the
//! model and by whatever it is compared with.
//!
//! Texts and probabilities, no figures: those are made of it by `figures` and `compare`. Filled by
//! `worker::evaluation`.

use crate::answer::Classification;
use crate::questions::{Category, Key};
use serde::Serialize;

/// Everything that an evaluation wrote down.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// What was evaluated, on what and how.
    pub about: About,
    /// One a seed and fold, in order.
    pub runs: Vec<Run>,
    /// What a reader must know: what was left out and why.
    pub notes: Vec<String>,
}

/// What was evaluated, on what and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct About {
    /// The version of the program, with its commit.
    pub version: String,
    /// The model's name.
    pub model: String,
    /// BLAKE3 of the model's files; of models trained on the way, that of each.
    pub model_hashes: Vec<String>,
    /// Where it computed.
    pub device: String,
    /// The data folder's name.
    pub data: String,
    /// BLAKE3 of the tested images' names and contents.
    pub data_hash: String,
    /// Whether the data is the NFFA-EUROPE set, by its file names.
    pub is_nffa: bool,
    /// Names and values of all settings.
    pub settings: Vec<(String, String)>,
}

/// One test: all images that were kept apart in it.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// Its fold, counted from 1, and of how many.
    pub fold: Option<(usize, usize)>,
    /// Its images, in the order of the data.
    pub images: Vec<Seen>,
}

/// A tested image.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Its path in the data folder.
    pub file: String,
    /// BLAKE3 of its file.
    pub hash: String,
    /// The specimen it shows.
    pub specimen: String,
    /// What it is.
    pub category: Option<Category>,
    /// What each takes it for.
    pub guesses: Vec<(Guesser, Classification)>,
    /// Questions about it with their answers.
    pub questions: Vec<Asked>,
    /// Numbers measured in it, beside those that are known.
    pub checks: Vec<Check>,
}

/// Who says what an image shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Guesser {
    /// The model, which was told nothing.
    Model,
    /// The shares of the categories among the training images.
    Majority,
    /// The five training images that are most alike by image statistics.
    Neighbours,
    /// Logistic regression on what the model's image encoder makes of the training images.
    Probe,
}

/// A question with what was answered.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question.
    pub key: Key,
    /// What should be answered; at least one.
    pub references: Vec<String>,
    /// What was.
    pub said: Vec<Said>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// What was known when it was given.
    pub setting: Setting,
    /// Who gave it.
    pub teller: Teller,
    /// Its text, with slots in place of numbers.
    pub text: String,
}

/// What is known of an image when it is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Setting {
    /// Its true category, in the caption: as in the paper's Table 1.
    Given,
    /// The category that the model predicts, in the caption.
    Predicted,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Teller {
    /// The model.
    Model,
    /// The most frequent training answer to the question: of the category where that is given.
    MostFrequent,
    /// The answer of the training image that looks most alike: of the category where that is given.
    Nearest,
    /// The model, shown an even grey instead.
    Blank,
    /// The model, shown noise instead.
    Noise,
    /// The model, shown an image of another specimen instead.
    Elsewhere,
}

impl Setting {
    /// All, in order.
    pub const ALL: [Self; 2] = [Self::Given, Self::Predicted];

    /// As people say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Given => "category given",
            Self::Predicted => "category predicted",
        }
    }
}

impl Guesser {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Model, Self::Majority, Self::Neighbours, Self::Probe];

    /// As people say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Model => "Model, told nothing",
            Self::Majority => "Most frequent category",
            Self::Neighbours => "5 nearest by image statistics",
            Self::Probe => "Linear probe on its image encoder",
        }
    }
}

impl Teller {
    /// All, in order.
    pub const ALL: [Self; 6] = [
        Self::Model,
        Self::MostFrequent,
        Self::Nearest,
        Self::Elsewhere,
        Self::Blank,
        Self::Noise,
    ];

    /// As people say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Model => "Model",
            Self::MostFrequent => "Most frequent answer",
            Self::Nearest => "Nearest training image's answer",
            Self::Elsewhere => "Model, another specimen's image",
            Self::Blank => "Model, blank image",
            Self::Noise => "Model, noise",
        }
    }

    /// Whether the model says it, of an image that is not the one asked about.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Blank | Self::Noise | Self::Elsewhere)
    }
}

/// What was measured beside what is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What.
    pub of: Measured,
    /// What is known: objects, or nanometres or pixels.
    pub known: f64,
    /// What was measured, in the same unit; none where the program would not say.
    pub found: Option<f64>,
    /// Its uncertainty.
    pub uncertainty: Option<f64>,
}

/// What can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Measured {
    /// The usual size.
    Size,
    /// The count.
    Count,
}

impl Asked {
    /// What somebody answered in a setting.
    pub fn said_by(&self, teller: Teller, setting: Setting) -> Option<&str> {
        let mut said = self.said.iter();
        said.find(|one| one.teller == teller && one.setting == setting)
            .map(|one| one.text.as_str())
    }

    /// What the model answered to the question, with the category where that is known.
    pub fn answer(&self) -> Option<(Setting, &str)> {
        let in_setting = |setting| Some((setting, self.said_by(Teller::Model, setting)?));
        Setting::ALL.into_iter().find_map(in_setting)
    }
}

impl Record {
    /// Every tested image, with the number of its run.
    pub fn images(&self) -> impl Iterator<Item = (usize, &Seen)> {
        let runs = self.runs.iter().enumerate();
        runs.flat_map(|(number, run)| run.images.iter().map(move |image| (number, image)))
    }

    /// The specimens that were tested, in the order of their names.
    pub fn specimens(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .images()
            .map(|(_, image)| image.specimen.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
