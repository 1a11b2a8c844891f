//! What a data folder holds, in counts: for who decides whether to train on it.
//!
//! Called by the trainer's lane for the window.

use super::{DatasetError, Deal, Example, Part, read_folder};
use crate::questions::Category;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Counts over one data folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// The folder.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Images to learn from.
    pub train: usize,
    /// Images to measure on.
    pub validation: usize,
    /// Images that are kept for a final test; the other counts leave them out.
    pub test: usize,
    /// Specimens and answers with those of the final test.
    pub with_test: [usize; 2],
    /// Specimens they show.
    pub specimens: usize,
    /// Answers that are given for them.
    pub answers: usize,
    /// Images of each category.
    pub categories: [usize; Category::ALL.len()],
    /// What was left out and why, one sentence each.
    pub warnings: Vec<String>,
}

/// Counts what a folder holds; no image is read.
pub fn survey(path: &Path, seed: u64) -> Result<Survey, DatasetError> {
    let mut data = read_folder(path, seed, Deal::AsGiven)?;
    let all = data.examples.len();
    let with_test = counts(&data.examples);
    data.examples.retain(|example| example.part != Part::Test);
    let test = all - data.examples.len();
    let of_part = |part| data.examples.iter().filter(move |e| e.part == part).count();
    let mut categories = [0; Category::ALL.len()];
    for category in data.examples.iter().filter_map(|example| example.category) {
        categories[category.index()] += 1;
    }
    let [specimens, answers] = counts(&data.examples);
    Ok(Survey {
        path: path.to_owned(),
        train: of_part(Part::Train),
        validation: of_part(Part::Val),
        test,
        specimens,
        with_test,
        answers,
        categories,
        name: data.name,
        warnings: data.warnings,
    })
}

/// Specimens and answers of examples.
fn counts(examples: &[Example]) -> [usize; 2] {
    let specimens: HashSet<&str> = examples.iter().map(|e| e.specimen.as_str()).collect();
    [
        specimens.len(),
        examples.iter().map(|e| e.answers.len()).sum(),
    ]
}
