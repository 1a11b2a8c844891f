//! Training data: a folder of micrographs with questions and answers becomes plain structs.
//!
//! Reads the formats of docs/DATA.md, never decodes an image, never writes. A list from outside
//! is hostile: every line is bounded, every path stays under the folder, and what is wrong with
//! a line becomes a warning that names it. Called by `command` and by the trainer's thread.

mod folders;
mod image_path;
mod known;
mod list;
mod split;
mod survey;
mod warnings;

pub use known::Known;
pub use split::{Deal, Fold};
pub use survey::{Survey, survey};

use crate::questions::{Category, Key};
use std::path::{Path, PathBuf};

/// Lists looked for by name, the first that is there is read.
const LIST_NAMES: [&str; 2] = ["truth.jsonl", "pairs.jsonl"];

/// Which side of the split an image is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Learned from.
    Train,
    /// Only looked at to judge and to stop.
    Val,
    /// Kept for a final test: neither learned from nor used to choose.
    Test,
}

/// One micrograph and what is said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The file, inside the data folder.
    pub image: PathBuf,
    /// Its path there, written with `/` on every system.
    pub file: String,
    /// The material, where the data says it.
    pub category: Option<Category>,
    /// The specimen it shows; never in two parts.
    pub specimen: String,
    /// The side of the split.
    pub part: Part,
    /// Numbers that are known of it.
    pub known: Known,
    /// Questions with their answers, in the order of the data; may be empty (classification
    /// only) and may answer a key more than once.
    pub answers: Vec<(Key, String)>,
}

impl Example {
    /// Whether it says anything that can be learned: a number alone cannot.
    pub fn teaches(&self) -> bool {
        self.category.is_some() || !self.answers.is_empty()
    }
}

/// What a data folder holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The folder's name.
    pub name: String,
    /// One entry an image, in the order of the list, or by category and file name.
    pub examples: Vec<Example>,
    /// What was left out and why, one sentence each.
    pub warnings: Vec<String>,
}

/// Why a data folder cannot be used at all, with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// No such folder, or it may not be read.
    #[error("{} is not a folder that can be read ({reason}). Choose the folder that holds the micrographs.", path.display())]
    NoFolder {
        /// The folder asked for.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// A list file cannot be read.
    #[error("{} cannot be read ({reason}).", path.display())]
    Unreadable {
        /// The list file.
        path: PathBuf,
        /// What is wrong, with what to do.
        reason: String,
    },
    /// Neither a list nor category folders.
    #[error("{} holds no list (pairs.jsonl) and no folders named as the ten categories. See docs/DATA.md for the formats.", path.display())]
    NoData {
        /// The folder.
        path: PathBuf,
    },
    /// Everything in it was left out.
    #[error("{} has no usable image. {first_warning}", path.display())]
    NoExamples {
        /// The folder.
        path: PathBuf,
        /// The first thing that was wrong.
        first_warning: String,
    },
    /// The given parts split a specimen.
    #[error(
        "Specimen \"{specimen}\" is in both {first} and {second}. Put all its images into one part, or, if they show several specimens, name these in a column `specimen`."
    )]
    SplitSpecimen {
        /// The specimen.
        specimen: String,
        /// A part and the line that gives it.
        first: String,
        /// Another part and the line that gives it.
        second: String,
    },
}

/// Reads a data folder in any of the formats of docs/DATA.md.
///
/// Parts that the data gives are kept; the other specimens are split by a hash of `seed` and
/// their name, about one in ten for validation, so that more data leaves the split as it is.
/// With folds all specimens are dealt anew.
pub fn read_folder(dir: &Path, seed: u64, deal: Deal) -> Result<Dataset, DatasetError> {
    let no_folder = |error: std::io::Error| DatasetError::NoFolder {
        path: dir.into(),
        reason: error.to_string(),
    };
    let root = dir.canonicalize().map_err(no_folder)?;
    let mut names = Vec::new();
    for entry in root.read_dir().map_err(no_folder)? {
        names.push(entry.map_err(no_folder)?.file_name());
    }
    names.sort();

    let mut warnings = warnings::Warnings::default();
    let found = match lists(&names).as_slice() {
        [] => folders::read(&root, &names, &mut warnings)?,
        lists => list::read(&root, lists, &mut warnings)?,
    };
    let examples = split::assign(found, seed, deal, &mut warnings)?;
    let warnings = warnings.into_sentences();
    if examples.is_empty() {
        let first_warning = warnings
            .into_iter()
            .next()
            .unwrap_or_else(|| "It is empty.".into());
        return Err(DatasetError::NoExamples {
            path: dir.into(),
            first_warning,
        });
    }
    let name = root
        .file_name()
        .unwrap_or(root.as_os_str())
        .to_string_lossy()
        .into_owned();
    Ok(Dataset {
        name,
        examples,
        warnings,
    })
}

/// The lists to read: the one of an expected name, else every `*.jsonl`, in the order of names.
fn lists(names: &[std::ffi::OsString]) -> Vec<&str> {
    let is_there = |wanted: &&str| names.iter().any(|name| name == wanted);
    if let Some(expected) = LIST_NAMES.into_iter().find(is_there) {
        return vec![expected];
    }
    let is_list = |name: &&str| {
        Path::new(name)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("jsonl"))
    };
    let names = names.iter().filter_map(|name| name.to_str());
    names.filter(is_list).collect()
}

/// An image of the data before it is given a part.
struct Found {
    image: PathBuf,
    /// Path under the folder, with `/` on every system: its name in the split.
    relative: String,
    category: Option<Category>,
    specimen: Option<String>,
    given: Option<split::Given>,
    known: Known,
    answers: Vec<(Key, String)>,
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]
mod tests;
