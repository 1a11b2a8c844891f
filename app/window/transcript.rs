//! The transcript of the shown micrograph: each question with its answer as it grows, how it
//! ended, and what the model says about it.

use super::command::Command;
use super::icons::Icon;
use super::record::{CategorySource, Facts, Record, StopReason, Turn, TurnState};
use super::theme::{self, Palette};
use super::widgets;
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Label, RichText, TextWrapMode, Ui};
use std::time::Duration;

/// Half a blink of the caret behind a growing answer.
const CARET_HALF: Duration = Duration::from_millis(530);

/// Draws the title with the button that copies everything.
pub fn header(ui: &mut Ui, record: Option<&Record>, name: &str, out: &mut Vec<Command>) {
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
        },
    );
    widgets::hairline(ui);
}

/// Draws the questions and answers, oldest first.
pub fn turns(ui: &mut Ui, record: Option<&Record>, out: &mut Vec<Command>) {
    let turns = record.map_or(&[][..], |record| &record.turns);
    if turns.is_empty() {
        widgets::muted(
            ui,
            "Answers appear here. Press a question category above, or type a question below.",
        );
        return;
    }
    let first_open = turns.iter().position(Turn::is_open);
    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
    for (place, turn) in turns.iter().enumerate() {
        if place > 0 {
            ui.add_space(theme::SPACE_M);
        }
        ui.push_id(place, |ui| {
            one(ui, turn, place, first_open == Some(place), out)
        });
    }
    ui.add_space(theme::SPACE_S);
}

fn one(ui: &mut Ui, turn: &Turn, place: usize, is_next: bool, out: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let heading = RichText::new(turn.heading()).font(theme::semibold(theme::TEXT_BODY));
    widgets::running_text(ui, heading);
    if let (Some(_), Some(key)) = (&turn.typed, turn.key) {
        widgets::muted(ui, format!("Read as {key}: {}", key.wording()));
    }
    match &turn.state {
        TurnState::Waiting if is_next => pending(ui, "Waiting for the category…"),
        TurnState::Asked(_) if is_next && turn.text.is_empty() => growing(ui, ""),
        TurnState::Asked(_) if !turn.text.is_empty() => growing(ui, &turn.text),
        TurnState::Waiting | TurnState::Asked(_) => pending(ui, "Next in line"),
        TurnState::Answered(facts) => {
            answer(ui, &turn.text);
            for warning in &facts.warnings {
                widgets::sentence(ui, Icon::Info, palette.warning, warning);
            }
            closing_line(ui, turn, Some(facts), place, out);
        }
        TurnState::Stopped(reason) => {
            if !turn.text.is_empty() {
                answer(ui, &turn.text);
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

fn answer(ui: &mut Ui, text: &str) {
    widgets::running_text(ui, RichText::new(text));
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
            .map(|score| format!("Match {}", widgets::percent(score))),
    );
    parts.extend(
        facts
            .confidence
            .map(|score| format!("Confidence {}", widgets::percent(score))),
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
        ui.label("Match: how well the model finds that micrograph and answer belong together.");
    }
    if facts.confidence.is_some() {
        ui.label("Confidence: the mean probability the model gave to the words it chose. It is no measure of truth.");
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
