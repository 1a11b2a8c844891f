//! Answers: the trait every engine fulfils, and what an answer holds.
//!
//! Knows no threads and no micrograph files, only those of models; `worker` calls it from the
//! thread that owns the engine.
//! Answers never depend on what was asked before.

mod blip;
mod facts;
mod fill;
mod found;
mod guard;
mod heat;
mod installed;
mod kept;
mod network;
mod open;
mod slot;
mod tell;

pub use askem_model::Fallback;
pub use blip::BlipEngine;
pub use facts::{CategoryFrom, Facts};
pub use heat::HeatMap;
pub use installed::{FACTORY, Installed, InstalledError, card_of};
pub use network::NetworkEngine;
pub use open::{choose_engine, named, open_engine};
pub use slot::{Sentence, Slot, SlotKind};
pub use tell::tell;

use crate::micrograph::Prepared;
use crate::questions::{Category, Key};
use std::ops::Range;
use std::time::Instant;

/// What is asked of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The question; the engine reads the paper's wording of it.
    pub key: Key,
    /// The material, where it is known: becomes the caption of the prompt.
    pub category: Option<Category>,
}

impl Prompt {
    /// As engines read it: the caption, where the material is known, and the question.
    pub fn text(&self) -> String {
        match self.category {
            Some(category) => format!("{} {}", category.caption(), self.key.wording()),
            None => self.key.wording().to_owned(),
        }
    }
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The model's name, such as "factory".
    pub model: String,
    /// The device it runs on, such as "cpu" or "cuda:0".
    pub device: String,
    /// Why that is the CPU in a program that could use a GPU; None where nothing was given up.
    /// About this run: it is not noted.
    pub fallback: Option<Fallback>,
}

/// The predicted material.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification {
    /// One probability a category, in the order of [`Category::ALL`]; they add up to 1.
    pub probabilities: [f32; 10],
    /// Whether the image looks like none of the ten.
    pub none_of_these: bool,
}

impl Classification {
    /// The most probable category and its probability.
    pub fn best(&self) -> (Category, f32) {
        let mut best = (Category::ALL[0], self.probabilities[0]);
        for (category, p) in Category::ALL.into_iter().zip(self.probabilities) {
            if p > best.1 {
                best = (category, p);
            }
        }
        best
    }

    /// All ten, most probable first.
    pub fn ranked(&self) -> Vec<(Category, f32)> {
        let mut ranked: Vec<_> = Category::ALL.into_iter().zip(self.probabilities).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }
}

/// A finished answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The text as shown.
    pub text: String,
    /// The text as the model wrote it, with its slots unfilled and nothing left out.
    pub text_with_slots: String,
    /// The slots of the model's text, in its order.
    pub slots: Vec<Slot>,
    /// The sentences of `text`, in order.
    pub sentences: Vec<Sentence>,
    /// How well the image and the statement match by the model's own matching head, 0 to 1.
    pub match_score: Option<f32>,
    /// How probable it is that every sentence of it is true, 0 to 1, as calibrated on validation
    /// images; none where the model was not calibrated.
    pub confidence: Option<f32>,
    /// Tokens written.
    pub tokens: usize,
    /// Whether the listener stopped it before its end.
    pub stopped: bool,
    /// Where the time went.
    pub timing: Timing,
    /// Sentences that were left out, with the reason.
    pub warnings: Vec<String>,
}

/// Times of one answer, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timing {
    /// Encoding the image; 0 where the encoding was kept from an earlier question.
    pub encode_ms: f64,
    /// From the question to its first piece, encoding included.
    pub first_token_ms: f64,
    /// From the question to the end.
    pub total_ms: f64,
}

/// Some more text of an answer that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// To be appended to what came before.
    pub text: String,
}

/// Whether to go on after a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Write on.
    Continue,
    /// End here: somebody pressed Stop.
    Stop,
}

/// Why an engine could not answer, as a sentence with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// A model folder is missing or damaged.
    #[error(
        "The model {model} cannot be used: {why}. The model inside the program is called factory."
    )]
    Unusable {
        /// Its name or folder.
        model: String,
        /// What is wrong with it.
        why: String,
    },
    /// The choice of a model could not be written down.
    #[error("The model cannot be kept as the one in use: {0}.")]
    NotKept(String),
    /// The device is not there.
    #[error("{0}.")]
    Device(String),
    /// The network failed.
    #[error(
        "The model could not answer: {0}. Ask again; if it keeps failing, choose another model or device."
    )]
    Model(String),
    /// It cannot be told where the model looked; a sentence without its full stop.
    #[error("{0}.")]
    Look(String),
}

/// Something that answers questions about a prepared micrograph.
pub trait Answerer: Send {
    /// Who this is.
    fn describe(&self) -> Description;

    /// Predicts the material.
    fn classify(&mut self, image: &Prepared) -> Result<Classification, AnswerError>;

    /// What the image encoder makes of an image, as numbers of which there are always as many;
    /// none where the engine has no such encoder.
    fn features(&mut self, _image: &Prepared) -> Result<Option<Vec<f32>>, AnswerError> {
        Ok(None)
    }

    /// Answers one question, handing over each piece of text as it is written. The pieces put
    /// together are the answer's text, with its slots unfilled; [`tell`] fills them.
    fn answer(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, AnswerError>;

    /// Whether a sentence, its slots unfilled, fits the image by the model's matching head, 0 to
    /// 1; none where the model has no such head.
    fn fits(
        &mut self,
        _image: &Prepared,
        _prompt: &Prompt,
        _sentence: &str,
    ) -> Result<Option<f32>, AnswerError> {
        Ok(None)
    }

    /// Where the model looks in the image when it writes `word`, a range of bytes of `text`, which
    /// is what it wrote to `prompt` with its slots unfilled.
    ///
    /// # Errors
    /// Fails where the model cannot tell.
    fn look(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        text: &str,
        word: Range<usize>,
    ) -> Result<HeatMap, AnswerError> {
        let _ = (image, prompt, text, word);
        let why = "This model does not tell where it looks. Askem's own models do";
        Err(AnswerError::Look(why.into()))
    }
}

fn ms_since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
