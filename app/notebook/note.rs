//! What the notebook holds, as plain data. Reads and writes nothing.
//!
//! `window` keeps its transcripts in these words, `store` turns them into rows.

use crate::answer::{Description, Sentence, Slot, Timing};
use crate::micrograph::{Calibration, Region};
use crate::questions::{Category, Key};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// Names a turn or an annotation, in this session and in all later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoteId(pub(super) i64);

impl NoteId {
    /// A name that no other process and no earlier session gives.
    #[allow(
        clippy::new_without_default,
        reason = "two of them are never the same, so there is no default"
    )]
    pub fn new() -> Self {
        static SESSION: LazyLock<String> =
            LazyLock::new(|| format!("{} {:?}", std::process::id(), SystemTime::now()));
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let hash = blake3::hash(format!("{} {number}", *SESSION).as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        Self(i64::from_le_bytes(first))
    }
}

/// The micrograph that is noted about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// BLAKE3 hash of the file, in hex: what it is known by.
    pub hash: String,
    /// The name it was last seen under.
    pub name: String,
    /// The file it was last read from, if it was one.
    pub path: Option<PathBuf>,
}

/// One thing to write down. Writing the same twice changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A question as it stands now, asked, being answered or ended; replaces what was noted
    /// under its name.
    Turn(Turn),
    /// The category the user set; `None` takes it back.
    Category(Option<Category>),
    /// The calibration the user set or confirmed; `None` takes it back.
    Calibration(Option<Calibration>),
    /// An annotation as it is now; replaces what was noted under its name.
    Annotation(Annotation),
    /// An annotation was removed.
    RemoveAnnotation(NoteId),
    /// The scale of a folder as it is now.
    FolderScale(FolderScale),
    /// All questions and answers about the micrograph are to be gone.
    ForgetTurns,
}

/// Everything noted about one micrograph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// The category the user set.
    pub category: Option<Category>,
    /// The calibration the user set or confirmed.
    pub calibration: Option<Calibration>,
    /// Questions and answers, in the order they were asked.
    pub turns: Vec<Turn>,
    /// Annotations, in the order they were made.
    pub annotations: Vec<Annotation>,
    /// The scales of all folders, whatever the micrograph.
    pub folder_scales: Vec<FolderScale>,
}

/// The scale that the user gave to all micrographs of one size in a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderScale {
    /// The folder's path.
    pub folder: String,
    /// Width and height of the micrographs, in pixels.
    pub size_px: [u32; 2],
    /// Their scale; `None` takes it back.
    pub calibration: Option<Calibration>,
}

/// One question and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Its name.
    pub id: NoteId,
    /// When it was asked; kept to the millisecond.
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
}

/// How far a question is.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all questions are answered ones"
)]
pub enum TurnState {
    /// Its answer is still to come. Comes back as [`StopReason::Unfinished`].
    Open,
    /// Answered to the end.
    Answered(Facts),
    /// Ended before its end, with the reason.
    Stopped(StopReason),
    /// The model failed, with a sentence.
    Failed(String),
    /// No question of ours covers what was typed; the sentence says why.
    Declined(String),
}

/// Where the category of a question came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategorySource {
    /// The model's prediction.
    Predicted,
    /// Set by the user.
    User,
}

/// Why an answer ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The user pressed Stop.
    User,
    /// Another micrograph was opened.
    NewerImage,
    /// The window was closed.
    Closed,
    /// The notebook holds no end of it: the program was ended from outside, or another window
    /// is still writing it.
    Unfinished,
}

/// What is known about a finished answer besides its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The text as the model wrote it, with its slots unfilled.
    pub text_with_slots: String,
    /// The numbers and fixed words of the text, and those that there are none for.
    pub slots: Vec<Slot>,
    /// The sentences of the text.
    pub sentences: Vec<Sentence>,
    /// How well image and text match, 0 to 1.
    pub match_score: Option<f32>,
    /// How probable it is that every sentence is true, 0 to 1.
    pub confidence: Option<f32>,
    /// Where the time went.
    pub timing: Timing,
    /// What was left out, as sentences.
    pub warnings: Vec<String>,
    /// Who answered.
    pub by: Description,
}

/// Something the user drew on a micrograph.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Its name.
    pub id: NoteId,
    /// What the tool that drew it calls it, such as "length"; kept as it is even where no tool
    /// of that name is known.
    pub kind: String,
    /// Its points, x and y in pixels of the micrograph, from its top left corner; finite.
    pub points_px: Vec<[f64; 2]>,
    /// What the user wrote beside it.
    pub label: String,
    /// What else its tool needs to draw it again, such as whether a line is closed; null for
    /// nothing.
    pub details: serde_json::Value,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_notes_share_a_name() {
        let names: HashSet<NoteId> = (0..10_000).map(|_| NoteId::new()).collect();
        assert_eq!(names.len(), 10_000);
    }
}
