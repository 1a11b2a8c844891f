//! What a network learns from, in memory: images with their answers, grouped by data folder.
//!
//! Texts are told apart by number and tokenised once.

use crate::error::{ModelError, Result};
use crate::tokenizer::Tokenizer;
use std::collections::HashMap;

/// One image and what is known about it.
#[derive(Clone, Debug)]
pub struct Item {
    /// 8-bit grey pixels, row by row; kept at a working size by the caller.
    pub grey: Vec<u8>,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Index into the captions.
    pub category: Option<usize>,
    /// Index into the questions, and the answer.
    pub answers: Vec<(usize, String)>,
}

/// One data folder, split by specimen.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Shown in reports.
    pub name: String,
    /// Learned from.
    pub train: Vec<Item>,
    /// Only measured on.
    pub validation: Vec<Item>,
}

/// Everything a run needs to know about its data.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// The questions as the network reads them.
    pub questions: Vec<String>,
    /// The captions of the categories.
    pub captions: Vec<String>,
    /// Slot tokens to reserve in the vocabulary.
    pub reserved: Vec<String>,
    /// The data folders.
    pub folders: Vec<Folder>,
}

impl Corpus {
    /// Every text of the training parts, for the tokenizer.
    pub fn texts(&self) -> Vec<String> {
        let answers = self
            .folders
            .iter()
            .flat_map(|folder| &folder.train)
            .flat_map(|item| &item.answers);
        let answers = answers.map(|(_, text)| text.clone());
        self.questions
            .iter()
            .chain(&self.captions)
            .cloned()
            .chain(answers)
            .collect()
    }

    /// BLAKE3 hash, in hex, of all that a run learns from.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        for text in self
            .questions
            .iter()
            .chain(&self.captions)
            .chain(&self.reserved)
        {
            add(text.as_bytes());
        }
        for folder in &self.folders {
            add(folder.name.as_bytes());
            add(&(folder.train.len() as u64).to_le_bytes());
            for item in folder.train.iter().chain(&folder.validation) {
                add(&item.grey);
                add(format!("{} {:?} {:?}", item.width, item.category, item.answers).as_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Refuses a corpus that nothing can be learned from, and indices out of range.
    pub fn check(&self) -> Result<()> {
        let items = || {
            self.folders
                .iter()
                .flat_map(|folder| folder.train.iter().chain(&folder.validation))
        };
        let out_of_range = |item: &Item| {
            item.category.is_some_and(|c| c >= self.captions.len())
                || item.answers.iter().any(|(q, _)| *q >= self.questions.len())
                || item.grey.len() != item.width * item.height
        };
        if items().any(out_of_range) {
            return Err(ModelError::Data(
                "an item of the corpus names a category or question that is not there".into(),
            ));
        }
        let train = self
            .folders
            .iter()
            .map(|folder| folder.train.len())
            .sum::<usize>();
        let answered = self
            .folders
            .iter()
            .flat_map(|folder| &folder.train)
            .any(|item| !item.answers.is_empty());
        if train < 2 || !answered {
            let why = "there is nothing to train on: give a folder with at least two images, some with answers";
            return Err(ModelError::Data(why.into()));
        }
        Ok(())
    }
}

/// An item whose texts are numbers.
pub(super) struct Numbered<'a> {
    pub item: &'a Item,
    /// Which item of the whole run this is.
    pub index: usize,
    /// Question and text number of each answer.
    pub answers: Vec<(usize, usize)>,
}

/// All texts of a corpus, tokenised.
pub(super) struct Tokens {
    pub questions: Vec<Vec<u32>>,
    pub captions: Vec<Vec<u32>>,
    pub answers: Vec<Vec<u32>>,
}

/// Numbers the texts: the training and the validation items of each folder.
pub(super) fn number<'a>(
    corpus: &'a Corpus,
    tokenizer: &Tokenizer,
    most: usize,
) -> Result<(Vec<[Vec<Numbered<'a>>; 2]>, Tokens)> {
    let encode = |texts: &[String]| {
        texts
            .iter()
            .map(|text| tokenizer.encode(text, most))
            .collect::<Result<Vec<_>>>()
    };
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut answers = Vec::new();
    let mut folders = Vec::new();
    let mut index = 0;
    for folder in &corpus.folders {
        let mut parts = [Vec::new(), Vec::new()];
        for (part, items) in parts.iter_mut().zip([&folder.train, &folder.validation]) {
            for item in items {
                let mut numbered = Vec::with_capacity(item.answers.len());
                for (question, text) in &item.answers {
                    let number = match numbers.get(text.as_str()) {
                        Some(number) => *number,
                        None => {
                            answers.push(tokenizer.encode(text, most)?);
                            numbers.insert(text, answers.len() - 1);
                            answers.len() - 1
                        }
                    };
                    numbered.push((*question, number));
                }
                part.push(Numbered {
                    item,
                    index,
                    answers: numbered,
                });
                index += 1;
            }
        }
        folders.push(parts);
    }
    let tokens = Tokens {
        questions: encode(&corpus.questions)?,
        captions: encode(&corpus.captions)?,
        answers,
    };
    Ok((folders, tokens))
}
