//! What was asked and answered about one micrograph: its category and its transcript, as
//! plain data.
//!
//! Draws nothing and sends nothing. Kept by content hash in [`Session`](super::state::Session),
//! so that an answer can only stand under the micrograph it was asked about.

use crate::answer::{Classification, Prompt};
use crate::measure::Measurement;
use crate::micrograph::{Calibration, Edits, Region};
use crate::notebook::{self, Annotation, NoteId, Subject};
pub use crate::notebook::{CategorySource, Facts, StopReason};
use crate::questions::{Category, Key};
use crate::worker::{RequestId, View};
use std::fmt::Write;
use std::mem::Discriminant;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Everything known about the content of one micrograph.
#[derive(Debug, Default)]
pub struct Record {
    /// What the model takes it for.
    pub prediction: Prediction,
    /// What was left out by the user when the prediction was asked for.
    pub predicted_without: Edits,
    /// What the user says it is; goes before the prediction.
    pub set_by_user: Option<Category>,
    /// Questions and answers, oldest first.
    pub turns: Vec<Turn>,
    /// What the user made the notebook forget; kept until the window closes, to bring it back.
    pub forgotten: Vec<Turn>,
    /// The calibration the user set or confirmed; goes before that of the file.
    pub calibration: Option<Calibration>,
    /// What numbers in answers rest on.
    pub grounds: Grounds,
    /// What the user drew.
    pub annotations: Vec<Annotation>,
    /// What the user changed in what is left out; follows the annotations.
    pub edits: Edits,
    /// The name and file it was last seen under.
    pub subject: Option<Arc<Subject>>,
    /// What the notebook has of all this.
    pub noted: Noted,
}

/// What numbers in answers rest on, as it was when the micrograph was shown last.
#[derive(Debug, Default)]
pub struct Grounds {
    /// The scale that holds, whoever says so.
    pub calibration: Option<Calibration>,
    /// What is measured, of which view and as which category, with what was changed by hand.
    pub measured: Option<(View, Option<Category>, Arc<Measurement>)>,
}

impl Grounds {
    /// What was measured of a view as a category.
    pub fn measured(&self, view: &View, category: Option<Category>) -> Option<Arc<Measurement>> {
        let (of, by, measured) = self.measured.as_ref()?;
        (of == view && *by == category).then(|| Arc::clone(measured))
    }
}

/// What the notebook has of a record, or is about to have. Turns know for themselves.
#[derive(Debug, Default)]
pub struct Noted {
    /// Whether the notebook has been asked.
    pub recall_asked: bool,
    /// Whether it is yet to be told to forget the turns.
    pub forget: bool,
    /// The category set by the user.
    pub category: Option<Category>,
    /// The calibration set by the user.
    pub calibration: Option<Calibration>,
    /// What the user drew.
    pub annotations: Vec<Annotation>,
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

/// One question and what became of it.
#[derive(Debug)]
pub struct Turn {
    /// Its name in the notebook.
    pub id: NoteId,
    /// When it was asked.
    pub asked: SystemTime,
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
    /// What the notebook has of it.
    pub noted: NotedTurn,
}

/// What the notebook has of a turn.
#[derive(Debug, Default)]
pub enum NotedTurn {
    /// Nothing yet.
    #[default]
    No,
    /// What it was like at a time.
    As(Shape, Instant),
    /// Nothing, ever: it began while no notebook was kept.
    LeftOut,
}

/// Tells whether a turn has changed: its text only grows, except at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    text_bytes: usize,
    state: Discriminant<TurnState>,
    category: Option<(Category, CategorySource)>,
}

/// How far a question is.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all questions are answered ones"
)]
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
            region,
            ..Self::new(Some(key), typed, TurnState::Waiting)
        }
    }

    /// A typed question that no key covers.
    pub fn declined(typed: String, reason: String) -> Self {
        Self::new(None, Some(typed), TurnState::Declined(reason))
    }

    fn new(key: Option<Key>, typed: Option<String>, state: TurnState) -> Self {
        Self {
            id: NoteId::new(),
            asked: SystemTime::now(),
            key,
            typed,
            region: None,
            category: None,
            text: String::new(),
            state,
            noted: NotedTurn::No,
        }
    }

    /// A turn of an earlier session.
    pub fn recalled(turn: notebook::Turn) -> Self {
        use notebook::TurnState as Noted;
        let mut recalled = Self {
            id: turn.id,
            asked: turn.asked,
            key: turn.key,
            typed: turn.typed,
            region: turn.region,
            category: turn.category,
            text: turn.text,
            state: match turn.state {
                Noted::Open => TurnState::Stopped(StopReason::Unfinished),
                Noted::Answered(facts) => TurnState::Answered(facts),
                Noted::Stopped(reason) => TurnState::Stopped(reason),
                Noted::Failed(sentence) => TurnState::Failed(sentence),
                Noted::Declined(sentence) => TurnState::Declined(sentence),
            },
            noted: NotedTurn::No,
        };
        recalled.noted = NotedTurn::As(recalled.shape(), Instant::now());
        recalled
    }

    /// Tells whether it has changed.
    pub fn shape(&self) -> Shape {
        Shape {
            text_bytes: self.text.len(),
            state: std::mem::discriminant(&self.state),
            category: self.category,
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
