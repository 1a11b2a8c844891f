//! The transcript of the shown micrograph: each question with its answer as it grows, how it
//! ended, and what the model says about it.

mod answer;
mod passage;

pub use answer::Pointed;
pub use passage::Passage;

use super::command::Command;
use super::icons::Icon;
use super::looking::{Looking, Word};
use super::measuring::{Evidence, Measuring, Standing};
use super::record::{CategorySource, Facts, Record, StopReason, Turn, TurnState};
use super::shortcuts::Action;
use super::state::Image;
use super::theme::{self, Palette};
use super::widgets;
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Label, RichText, TextWrapMode, Ui};
use std::ops::Range;
use std::time::Duration;

/// Half a blink of the caret behind a growing answer.
const CARET_HALF: Duration = Duration::from_millis(530);

/// What the answers read of the rest of the window.
pub struct Sight<'a> {
    /// Whether words are asked about.
    asks_words: bool,
    /// The word that was clicked.
    held: Option<Word>,
    hash: &'a str,
    measuring: &'a Measuring,
}

impl<'a> Sight<'a> {
    /// About the shown micrograph.
    pub fn new(image: &'a Image, measuring: &'a Measuring, looking: &Looking) -> Self {
        Self {
            asks_words: looking.is_on(),
            held: looking.held().cloned(),
            hash: image.hash().unwrap_or_default(),
            measuring,
        }
    }

    fn standing(&self, evidence: &Evidence) -> Standing {
        self.measuring.standing(self.hash, evidence)
    }

    fn word(&self, turn: &Turn, place: &Range<usize>) -> Option<Word> {
        matches!(turn.state, TurnState::Answered(_)).then(|| Word {
            hash: self.hash.to_owned(),
            turn: turn.id,
            place: place.clone(),
        })
    }
}

/// Draws the title with the button that copies everything, and the one that has words asked about.
pub fn header(
    ui: &mut Ui,
    record: Option<&Record>,
    name: &str,
    looks: bool,
    out: &mut Vec<Command>,
) {
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            widgets::section_title(ui, "Transcript");
        },
        |ui| {
            let Some(record) = record.filter(|record| !record.turns.is_empty()) else {
                return;
            };
            ui.spacing_mut().item_spacing.x = 0.0;
            if widgets::link(ui, "Copy transcript").clicked() {
                out.push(Command::Copy {
                    text: record.transcript(name),
                    what: "Transcript",
                });
            }
            ui.add_space(theme::SPACE_M);
            let action = Action::ShowLooks;
            let name = format!("{} ({})", action.title(), action.key_text(ui.ctx()));
            if widgets::icon_toggle(ui, Icon::Eye, &name, looks).clicked() {
                out.push(Command::Do(action));
            }
        },
    );
    widgets::hairline(ui);
}

/// Draws the questions and answers, oldest first. Returns what of them is pointed at.
pub fn turns(
    ui: &mut Ui,
    record: Option<&Record>,
    sight: &Sight<'_>,
    out: &mut Vec<Command>,
) -> Pointed {
    let mut pointed = Pointed::default();
    let turns = record.map_or(&[][..], |record| &record.turns);
    if turns.is_empty() {
        widgets::muted(
            ui,
            "Answers appear here. Press a question category above, or type a question below.",
        );
        return pointed;
    }
    let first_open = turns.iter().position(Turn::is_open);
    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
    for (place, turn) in turns.iter().enumerate() {
        if place > 0 {
            ui.add_space(theme::SPACE_M);
        }
        ui.push_id(place, |ui| {
            question(ui, turn);
            let is_next = first_open == Some(place);
            match &turn.state {
                TurnState::Answered(facts) => {
                    answer::show(ui, turn, Some(facts), sight, &mut pointed, out);
                    left_out(ui, &facts.warnings);
                    closing_line(ui, turn, Some(facts), place, out);
                }
                _ => unanswered(ui, turn, place, is_next, out),
            }
        });
    }
    ui.add_space(theme::SPACE_S);
    pointed
}

fn question(ui: &mut Ui, turn: &Turn) {
    let heading = RichText::new(turn.heading()).font(theme::semibold(theme::TEXT_BODY));
    widgets::running_text(ui, heading);
    if let (Some(_), Some(key)) = (&turn.typed, turn.key) {
        widgets::muted(ui, format!("Read as {key}: {}", key.wording()));
    }
    if let Some(words) = turn.about() {
        widgets::muted(ui, words);
    }
}

/// A turn that has no finished answer, or none yet.
fn unanswered(ui: &mut Ui, turn: &Turn, place: usize, is_next: bool, out: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    match &turn.state {
        TurnState::Waiting if is_next => pending(ui, "Waiting for the category…"),
        TurnState::Asked(_) if is_next && turn.text.is_empty() => growing(ui, ""),
        TurnState::Asked(_) if !turn.text.is_empty() => growing(ui, &turn.text),
        TurnState::Waiting | TurnState::Asked(_) => pending(ui, "Next in line"),
        TurnState::Answered(_) => {}
        TurnState::Stopped(reason) => {
            if !turn.text.is_empty() {
                widgets::running_text(ui, RichText::new(&turn.text));
            }
            let words = match reason {
                StopReason::User => "Stopped by you",
                StopReason::NewerImage => "Stopped because another micrograph was opened",
                StopReason::Closed => "Stopped because Askem was closed",
                StopReason::Unfinished => {
                    "Unfinished: Askem ended before, or another window is still writing it"
                }
            };
            widgets::sentence(ui, Icon::Stop, palette.warning, words);
            closing_line(ui, turn, None, place, out);
        }
        TurnState::Failed(sentence) => {
            widgets::sentence(ui, Icon::Warning, palette.error, sentence);
            closing_line(ui, turn, None, place, out);
        }
        TurnState::Declined(sentence) => {
            widgets::sentence(ui, Icon::Info, palette.muted, sentence);
        }
    }
}

/// What was left out of an answer, with the reasons: one as a sentence, more behind a line that
/// unfolds.
fn left_out(ui: &mut Ui, warnings: &[String]) {
    let palette = Palette::of(ui);
    if let [warning] = warnings {
        widgets::sentence(ui, Icon::Info, palette.warning, warning);
    }
    if warnings.len() < 2 {
        return;
    }
    let id = ui.scope_id().with("left out");
    let mut is_open = ui.data(|data| data.get_temp(id).unwrap_or(false));
    let words = format!("Left out: {} sentences", warnings.len());
    if widgets::unfold(ui, is_open, &words).clicked() {
        is_open = !is_open;
        ui.data_mut(|data| data.insert_temp(id, is_open));
    }
    for warning in warnings.iter().filter(|_| is_open) {
        widgets::sentence(ui, Icon::Info, palette.muted, warning);
    }
}

fn pending(ui: &mut Ui, words: &str) {
    widgets::muted(ui, words);
}

/// An answer that is being written, with a caret behind it.
fn growing(ui: &mut Ui, text: &str) {
    let palette = Palette::of(ui);
    let font = FontId::proportional(theme::TEXT_BODY);
    let mut job = LayoutJob::default();
    let format = |color| TextFormat {
        line_height: Some(theme::LINE_BODY),
        ..TextFormat::simple(font.clone(), color)
    };
    job.append(text, 0.0, format(palette.text));
    let half = CARET_HALF.as_secs_f64();
    let is_lit = (ui.input(|input| input.time) / half) as i64 % 2 == 0;
    let caret = if is_lit {
        palette.accent
    } else {
        Color32::TRANSPARENT
    };
    job.append(" \u{258d}", 0.0, format(caret));
    ui.add(Label::new(job).wrap_mode(TextWrapMode::Wrap));
    ui.ctx().request_repaint_after(CARET_HALF);
}

/// What is known about an answer at the left, what can be done with it at the right.
fn closing_line(
    ui: &mut Ui,
    turn: &Turn,
    facts: Option<&Facts>,
    place: usize,
    out: &mut Vec<Command>,
) {
    let mut again = false;
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            if let Some(facts) = facts {
                widgets::muted(ui, facts_line(turn, facts)).on_hover_ui(|ui| explain(ui, facts));
            } else {
                again = widgets::link(ui, "Ask again").clicked();
            }
        },
        |ui| {
            if !turn.text.is_empty()
                && widgets::icon_button(ui, Icon::Copy, "Copy this answer").clicked()
            {
                out.push(Command::Copy {
                    text: turn.text.clone(),
                    what: "Answer",
                });
            }
        },
    );
    if again {
        out.push(Command::AskAgain(place));
    }
}

fn facts_line(turn: &Turn, facts: &Facts) -> String {
    let mut parts = Vec::new();
    parts.extend(
        facts
            .match_score
            .map(|score| format!("Fits {}", widgets::percent(score.clamp(0.0, 1.0)))),
    );
    parts.extend(
        facts
            .confidence
            .map(|score| format!("Confidence {}", widgets::percent(score.clamp(0.0, 1.0)))),
    );
    parts.push(widgets::duration(facts.timing.total_ms));
    if let Some((category, CategorySource::User)) = turn.category {
        parts.push(format!("as {}", category.words()));
    }
    parts.join("  ·  ")
}

fn explain(ui: &mut Ui, facts: &Facts) {
    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
    if facts.match_score.is_some() {
        ui.label("Fits: how probable it is, by the model's own matching head, that answer and micrograph belong together. Point at a sentence to see this for it alone.");
    }
    if let Some(confidence) = facts.confidence {
        ui.label(format!(
            "Confidence: how probable it is that every sentence is true. It was set on simulated micrographs that the model had not learned from: of a hundred answers like this one, about {:.0} were true throughout.",
            confidence.clamp(0.0, 1.0) * 100.0
        ));
    }
    let timing = &facts.timing;
    let first = widgets::duration(timing.first_token_ms);
    let encoded = if timing.encode_ms > 0.0 {
        format!(
            ", {} of it for looking at the micrograph",
            widgets::duration(timing.encode_ms)
        )
    } else {
        String::new()
    };
    ui.label(format!("First word after {first}{encoded}."));
    widgets::muted(
        ui,
        format!("Answered by {} on {}", facts.by.model, facts.by.device),
    );
}
