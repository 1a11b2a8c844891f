//! The data of a run in memory: every image read and prepared once, and what is said about it.
//!
//! Called by `training` alone.

use crate::answer::{AnswerError, Answerer};
use crate::dataset::{self, Dataset, DatasetError, Deal, Example, Part};
use crate::evaluate::{Reference, Validation, validate};
use crate::micrograph::{self, Limits, Mask, Prepared};
use crate::questions::{Category, Key, slots};
use askem_model::train::{Corpus, Folder, Item};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// The longest side at which images are kept, in pixels: the network sees 224 of them, and
/// thousands of images stay in memory.
const KEPT_SIDE_PX: u32 = 512;

/// Reads data folders; one that is named several times is read once and drawn as often.
pub(super) fn read_all(
    folders: &[PathBuf],
    seed: u64,
    deal: Deal,
) -> Result<Vec<Data>, DatasetError> {
    let mut data: Vec<Data> = Vec::new();
    for folder in folders {
        match data.iter_mut().find(|data| data.path == *folder) {
            Some(data) => data.times += 1,
            None => data.push(Data::read(folder, seed, deal)?),
        }
    }
    Ok(data)
}

/// A data folder in memory.
pub(super) struct Data {
    pub name: String,
    /// How often it was named.
    pub times: usize,
    pub path: PathBuf,
    pub warnings: Vec<String>,
    /// Training images with their examples.
    pub train: Vec<(Prepared, Example)>,
    pub validation: Vec<Reference>,
}

impl Data {
    /// Reads and prepares every image; one that cannot be read becomes a warning.
    fn read(path: &Path, seed: u64, deal: Deal) -> Result<Self, DatasetError> {
        let Dataset {
            name,
            examples,
            mut warnings,
        } = dataset::read_folder(path, seed, deal)?;
        let read = |example: Example| match micrograph::read(&example.image, Limits::default()) {
            Ok(micrograph) => {
                let mut image = Prepared::new(&micrograph).at_most(KEPT_SIDE_PX);
                // The model's own words are measured, not what is added of what was left out.
                image.mask = Mask::default();
                Ok((image, example))
            }
            Err(why) => Err(why.to_string()),
        };
        let learned = examples.into_par_iter();
        let learned = learned.filter(|example| example.part != Part::Test && example.teaches());
        let read: Vec<_> = learned.map(read).collect();
        let mut data = Self {
            name,
            times: 1,
            path: path.to_owned(),
            warnings: Vec::new(),
            train: Vec::new(),
            validation: Vec::new(),
        };
        for result in read {
            match result {
                Ok((image, example)) if example.part == Part::Train => {
                    data.train.push((image, example))
                }
                Ok((image, example)) => data.validation.push(Reference {
                    image,
                    category: example.category,
                    answers: example.answers,
                }),
                Err(why) => warnings.push(why),
            }
        }
        data.warnings = warnings;
        Ok(data)
    }

    /// Measures an engine on the validation part.
    pub fn validate(
        &self,
        engine: &mut dyn Answerer,
        seed: u64,
    ) -> Result<Validation, AnswerError> {
        let answers = |(_, example): &(Prepared, Example)| {
            let category = example.category;
            example
                .answers
                .clone()
                .into_iter()
                .map(move |(key, text)| (category, key, text))
        };
        let training: Vec<(Option<Category>, Key, String)> =
            self.train.iter().flat_map(answers).collect();
        validate(&self.name, engine, &self.validation, &training, seed)
    }
}

/// The network's view of the data: questions and categories by number.
pub(super) fn corpus(data: &[Data]) -> Corpus {
    let item = |image: &Prepared, category: Option<Category>, answers: &[(Key, String)]| Item {
        grey: image.grey.clone(),
        width: image.width as usize,
        height: image.height as usize,
        category: category.map(Category::index),
        answers: answers
            .iter()
            .map(|(key, text)| (*key as usize, text.clone()))
            .collect(),
    };
    let mut folders = Vec::new();
    for data in data {
        let train = data
            .train
            .iter()
            .map(|(image, e)| item(image, e.category, &e.answers));
        let validation = data
            .validation
            .iter()
            .map(|r| item(&r.image, r.category, &r.answers));
        let folder = Folder {
            name: data.name.clone(),
            train: train.collect(),
            validation: validation.collect(),
        };
        let again = Folder {
            validation: Vec::new(),
            ..folder.clone()
        };
        folders.push(folder);
        folders.extend(std::iter::repeat_n(again, data.times - 1));
    }
    Corpus {
        questions: Key::ALL
            .iter()
            .map(|key| key.wording().to_owned())
            .collect(),
        captions: Category::ALL.map(Category::caption).to_vec(),
        reserved: slots::tokens(),
        folders,
    }
}
