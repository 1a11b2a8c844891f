//! A slot of an answer and a sentence of it, as plain data: what the transcript keeps, `--json`
//! prints and the window makes links of.
//!
//! Decides nothing; `facts.rs` fills slots, `fill.rs` puts them into sentences.

use serde::{Deserialize, Serialize};

/// Where the content of a slot comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// Measured in this image.
    Measured,
    /// Stated by the file.
    Metadata,
    /// Read from the scale bar.
    ScaleBar,
    /// Said by the user.
    Typed,
    /// Predicted by the model: the material category alone.
    Predicted,
    /// Read from print in the image.
    Read,
    /// There is none; the text is the reason.
    Unavailable,
}

impl SlotKind {
    /// As `--json` and the notebook write it.
    pub fn name(self) -> &'static str {
        match self {
            SlotKind::Measured => "measured",
            SlotKind::Metadata => "metadata",
            SlotKind::ScaleBar => "scale_bar",
            SlotKind::Typed => "typed",
            SlotKind::Predicted => "predicted",
            SlotKind::Read => "read",
            SlotKind::Unavailable => "unavailable",
        }
    }
}

/// A slot that the model wrote, and what stands in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Its name, as in `questions::slots::ALL`.
    pub name: String,
    /// Where its content comes from.
    pub kind: SlotKind,
    /// The number, in `unit`; none for words and where it is unavailable.
    pub value: Option<f64>,
    /// The unit of value and uncertainty, such as "nm"; empty where there is none.
    pub unit: String,
    /// U, about 95 %.
    pub uncertainty: Option<f64>,
    /// As it stands in the answer; the reason, where it is unavailable.
    pub text: String,
    /// On how many objects, edges or periods it was measured; 0 where nothing was counted.
    pub n: usize,
    /// The ids of the objects it was measured on, in the measurement of the same view, scale and
    /// category.
    pub evidence: Vec<u32>,
    /// A sentence for the tooltip: rule, range and reserve.
    pub note: String,
    /// From which byte of the answer's text to which it stands; none where it is unavailable, as
    /// its sentence is left out.
    pub place: Option<[usize; 2]>,
}

/// A sentence of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sentence {
    /// From which byte of the answer's text to which.
    pub place: [usize; 2],
    /// As the model wrote it, with its slots unfilled; empty for what the program says itself.
    pub with_slots: String,
    /// Whether it fits the image, by the model's matching head, 0 to 1; none where there is no
    /// such head or the program says it itself.
    pub fits: Option<f32>,
}
