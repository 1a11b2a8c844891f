//! What was asked and answered about one micrograph: its category and its transcript, as
//! plain data.
//!
//! Draws nothing and sends nothing. Kept by content hash in [`Session`](super::state::Session),
//! so that an answer can only stand under the micrograph it was asked about.

use crate::answer::{Classification, Description, Prompt, Timing};
use crate::micrograph::Region;
use crate::questions::{Category, Key};
use crate::worker::RequestId;
use std::fmt::Write;

/// Everything known about the content of one micrograph.
#[derive(Debug, Default)]
pub struct Record {
    /// What the model takes it for.
    pub prediction: Prediction,
    /// What the user says it is; goes before the prediction.
    pub set_by_user: Option<Category>,
    /// Questions and answers, oldest first.
    pub turns: Vec<Turn>,
}

/// The predicted category.
#[derive(Debug, Default)]
pub enum Prediction {
    /// Not asked for yet.
    #[default]
    Unknown,
    /// The model is looking.
    Running,
    /// Predicted.
    Known(Classification),
    /// The model failed, with a sentence.
    Failed(String),
}

/// Where the category of a question came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategorySource {
    /// The model's prediction.
    Predicted,
    /// Set by the user.
    User,
}

/// One question and what became of it.
#[derive(Debug)]
pub struct Turn {
    /// The question; `None` when a typed one was declined.
    pub key: Option<Key>,
    /// What the user typed, if it was typed.
    pub typed: Option<String>,
    /// The part of the micrograph it is about; `None` for the whole.
    pub region: Option<Region>,
    /// The category the question was asked with.
    pub category: Option<(Category, CategorySource)>,
    /// The answer as far as it has been written.
    pub text: String,
    /// How far it is.
    pub state: TurnState,
}

/// How far a question is.
#[derive(Debug)]
pub enum TurnState {
    /// Held back until the category is known.
    Waiting,
    /// Sent; the answer may be growing.
    Asked(RequestId),
    /// Answered to the end.
    Answered(Facts),
    /// Ended before its end, with the reason.
    Stopped(StopReason),
    /// The model failed, with a sentence.
    Failed(String),
    /// No question of ours covers what was typed; the sentence says why.
    Declined(String),
}

/// Why an answer ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The user pressed Stop.
    User,
    /// Another micrograph was opened.
    NewerImage,
}

/// What is known about a finished answer besides its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// How well image and text match, 0 to 1.
    pub match_score: Option<f32>,
    /// Mean probability of the chosen tokens, 0 to 1.
    pub confidence: Option<f32>,
    /// Where the time went.
    pub timing: Timing,
    /// What was left out, as sentences.
    pub warnings: Vec<String>,
    /// Who answered.
    pub by: Description,
}

impl Record {
    /// The category questions are asked with, and where it comes from.
    pub fn category(&self) -> Option<(Category, CategorySource)> {
        if let Some(category) = self.set_by_user {
            return Some((category, CategorySource::User));
        }
        match &self.prediction {
            Prediction::Known(classification) if !classification.none_of_these => {
                Some((classification.best().0, CategorySource::Predicted))
            }
            _ => None,
        }
    }

    /// Whether questions need not wait for a prediction any more.
    pub fn category_is_settled(&self) -> bool {
        self.set_by_user.is_some()
            || matches!(
                self.prediction,
                Prediction::Known(_) | Prediction::Failed(_)
            )
    }

    /// The key of the last question that has one: a bare follow-up inherits it.
    pub fn last_key(&self) -> Option<Key> {
        self.turns.iter().rev().find_map(|turn| turn.key)
    }

    /// The turn that waits for this request.
    pub fn turn_of(&mut self, request: RequestId) -> Option<&mut Turn> {
        self.turns
            .iter_mut()
            .find(|turn| matches!(turn.state, TurnState::Asked(asked) if asked == request))
    }

    /// The last answer that has text.
    pub fn last_answer(&self) -> Option<&str> {
        self.turns
            .iter()
            .rev()
            .map(|turn| turn.text.as_str())
            .find(|text| !text.is_empty())
    }

    /// Questions whose answers are still to come.
    pub fn open_turns(&self) -> usize {
        self.turns.iter().filter(|turn| turn.is_open()).count()
    }

    /// The transcript as plain text.
    pub fn transcript(&self, name: &str) -> String {
        let mut text = format!("{name}\n");
        if let Some((category, source)) = self.category() {
            let source = match source {
                CategorySource::Predicted => "predicted",
                CategorySource::User => "set by the user",
            };
            let _ = writeln!(text, "Category: {category} ({source})");
        }
        for turn in &self.turns {
            let _ = writeln!(text, "\n{}", turn.heading());
            if let Some(words) = turn.about() {
                let _ = writeln!(text, "{words}");
            }
            let _ = writeln!(text, "{}", turn.body());
        }
        text
    }
}

impl Turn {
    /// A question that will be asked as soon as the category is known.
    pub fn waiting(key: Key, typed: Option<String>, region: Option<Region>) -> Self {
        Self {
            key: Some(key),
            typed,
            region,
            category: None,
            text: String::new(),
            state: TurnState::Waiting,
        }
    }

    /// A typed question that no key covers.
    pub fn declined(typed: String, reason: String) -> Self {
        Self {
            key: None,
            typed: Some(typed),
            region: None,
            category: None,
            text: String::new(),
            state: TurnState::Declined(reason),
        }
    }

    /// Whether an answer is still to come.
    pub fn is_open(&self) -> bool {
        matches!(self.state, TurnState::Waiting | TurnState::Asked(_))
    }

    /// The line above the answer: what was typed, else the question's wording.
    pub fn heading(&self) -> &str {
        self.typed
            .as_deref()
            .or(self.key.map(Key::wording))
            .unwrap_or_default()
    }

    /// "About a region of 320 × 200 px at 10, 20"; `None` where it is about the whole.
    pub fn about(&self) -> Option<String> {
        Some(format!("About a region of {}", self.region?))
    }

    /// The answer and how it ended, as plain text.
    fn body(&self) -> String {
        match &self.state {
            TurnState::Answered(_) => self.text.clone(),
            TurnState::Stopped(_) if self.text.is_empty() => "(stopped)".to_owned(),
            TurnState::Stopped(_) => format!("{} (stopped)", self.text),
            TurnState::Failed(sentence) | TurnState::Declined(sentence) => sentence.clone(),
            TurnState::Waiting | TurnState::Asked(_) => format!("{}…", self.text),
        }
    }

    /// The prompt to send, with the category the record has now.
    pub fn prompt(&mut self, category: Option<(Category, CategorySource)>) -> Option<Prompt> {
        self.category = category;
        self.key.map(|key| Prompt {
            key,
            category: category.map(|(category, _)| category),
        })
    }
}
