//! The model card: what a model is, what it learned from, what it reaches.
//!
//! Called by `training` alone.

use super::data::Data;
use crate::evaluate::Validation;
use crate::worker::protocol::{TrainJob, TrainingSign};
use std::fmt::Write as _;

/// One line of figures.
pub(super) fn summary(figures: &Validation) -> String {
    let share = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.3}"));
    let accuracy = figures.accuracy.as_ref();
    format!(
        "{}: top-1 {}, top-5 {} of {} images; ROUGE-L of {} answers {} with the category ({} taken \
         from another image), {} without ({}); a training answer drawn by chance {}, within the \
         category {}",
        figures.name,
        share(accuracy.map(|a| a.top1)),
        share(accuracy.map(|a| a.top5)),
        accuracy.map_or(0, |a| a.images),
        figures.answers,
        share(figures.rouge_captioned),
        share(figures.rouge_captioned_elsewhere),
        share(figures.rouge_bare),
        share(figures.rouge_bare_elsewhere),
        share(figures.rouge_chance),
        share(figures.rouge_category_chance),
    )
}

/// What is said of a model.
pub(super) struct About {
    /// Which network.
    pub kind: String,
    pub weights: usize,
    pub tokens: usize,
}

/// The model card: what it is, what it learned from, what it reaches.
pub(super) fn card(
    job: &TrainJob,
    model: &About,
    data: &[Data],
    signs: &[TrainingSign],
    figures: &[Validation],
) -> String {
    let mut card = String::from(
        "# Model card\n\nA vision-language network of Askem that answers questions about electron micrographs.\n\n",
    );
    let epochs: Vec<Epoch> = signs.iter().filter_map(Epoch::of).collect();
    let best = epochs.iter().rfind(|epoch| epoch.best);
    let _ = writeln!(
        card,
        "- {}, {} weights, {} tokens",
        model.kind, model.weights, model.tokens
    );
    let _ = writeln!(
        card,
        "- Seed {}, {} epochs, the best was {}",
        job.seed,
        epochs.len(),
        best.map_or(0, |epoch| epoch.number)
    );
    if let Some(from) = &job.from {
        let name = from.file_name().unwrap_or(from.as_os_str());
        let _ = writeln!(card, "- Began with the model {}", name.to_string_lossy());
    }
    if let Some(Epoch {
        validation: [itc, itm, lm],
        seconds,
        ..
    }) = best
    {
        let _ = writeln!(
            card,
            "- Its validation losses: itc {itc:.3}, itm {itm:.3}, lm {lm:.3}, after {seconds:.0} s"
        );
    }
    card.push_str("\n## Data\n\n| folder | drawn | training images | validation images |\n|---|---|---|---|\n");
    for data in data {
        let _ = writeln!(
            card,
            "| {} | {} time(s) | {} | {} |",
            data.name,
            data.times,
            data.train.len(),
            data.validation.len()
        );
    }
    card.push_str("\n## Figures on the validation part\n\nNo specimen is in both parts. The validation losses chose the epoch, so these figures are not those of a test set.\n\n");
    for figures in figures {
        let _ = writeln!(card, "### {}\n\n{}\n", figures.name, summary(figures));
        if let Some(accuracy) = &figures.accuracy {
            let _ = writeln!(card, "```\n{accuracy}\n```\n");
        }
    }
    for data in data {
        if let Ok(attributions) = std::fs::read_to_string(data.path.join("attributions.md")) {
            let _ = writeln!(card, "{attributions}");
        }
    }
    card
}

/// An epoch as the card tells it.
struct Epoch {
    number: usize,
    validation: [f32; 3],
    best: bool,
    seconds: f64,
}

impl Epoch {
    fn of(sign: &TrainingSign) -> Option<Self> {
        match sign {
            TrainingSign::Epoch {
                epoch,
                validation,
                best,
                seconds,
                ..
            } => Some(Self {
                number: *epoch,
                validation: *validation,
                best: *best,
                seconds: *seconds,
            }),
            _ => None,
        }
    }
}
