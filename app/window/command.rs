//! What panels ask for. Panels only read state and push commands; the window carries them out
//! once, between two frames.

use super::evaluating;
use super::looking::Word;
use super::measuring;
use super::shortcuts::Action;
use super::state::ImageId;
use super::training::Wish;
use crate::questions::Category;
use std::path::PathBuf;

/// One wish of the user.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Something from the table of actions.
    Do(Action),
    /// Open these files.
    Open(Vec<PathBuf>),
    /// Open what was typed into the path field.
    OpenTyped(String),
    /// Put the path field away.
    HidePathField,
    /// Show this micrograph.
    Select(ImageId),
    /// Take this micrograph off the strip.
    Close(ImageId),
    /// Ask what was typed.
    AskTyped(String),
    /// Ask the question of this turn once more.
    AskAgain(usize),
    /// Try the prediction once more.
    PredictAgain,
    /// Set the category by hand, or go back to the prediction.
    SetCategory(Option<Category>),
    /// List all ten categories, or the top three.
    ListAllCategories(bool),
    /// Choose a text size, in per cent.
    TextSize(u16),
    /// A region was chosen: ask about it, unless it is being measured.
    AskAboutRegion,
    /// Go to the objects that a number of an answer rests on.
    ShowEvidence(measuring::Evidence),
    /// Show what the file says.
    ShowMetadata,
    /// Keep where the model looked when it wrote a word, or let it go.
    HoldWord(Word),
    /// Something about measuring objects.
    Measure(measuring::Wish),
    /// Something about training.
    Train(Wish),
    /// Something about evaluating.
    Evaluate(evaluating::Wish),
    /// Stay on the CPU, and don't offer this GPU again.
    DeclineGpu,
    /// Say something in the corner.
    Tell(String),
    /// Put a text on the clipboard and say what it was.
    Copy {
        /// The text.
        text: String,
        /// "Answer", "Transcript", …
        what: &'static str,
    },
}
