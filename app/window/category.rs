//! The category of the micrograph: what the model predicts, how sure it is, and the user's
//! correction, which goes before it.

use super::command::Command;
use super::icons::Icon;
use super::record::{Prediction, Record};
use super::state::{Image, Model, Session};
use super::theme::{self, Palette};
use super::widgets;
use crate::answer::Classification;
use crate::questions::Category;
use egui::{
    Align2, CornerRadius, FontId, Frame, Label, Margin, Rect, RichText, Sense, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};

/// Categories listed until all are asked for.
const TOP: usize = 3;
const ROW_HEIGHT: f32 = 24.0;

/// Draws the section. `focus` moves the keyboard to the list.
pub fn show(
    ui: &mut Ui,
    session: &Session,
    image: &Image,
    all: bool,
    focus: bool,
    out: &mut Vec<Command>,
) {
    let Some(record) = session.record(image.id) else {
        widgets::section_title(ui, "Category");
        widgets::muted(ui, "Reading the micrograph…");
        return;
    };
    let known = match &record.prediction {
        Prediction::Known(classification) => Some(classification),
        _ => None,
    };
    widgets::two_ends(
        ui,
        20.0,
        |ui| {
            widgets::section_title(ui, "Category");
        },
        |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let words = if all {
                "Show top three"
            } else {
                "Show all ten"
            };
            if widgets::link(ui, words).clicked() {
                out.push(Command::ListAllCategories(!all));
            }
        },
    );
    headline(ui, session, record, known, out);
    rows(ui, record, known, all, focus, out);
}

fn headline(
    ui: &mut Ui,
    session: &Session,
    record: &Record,
    known: Option<&Classification>,
    out: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let title = |words: &str| RichText::new(words).font(theme::semibold(theme::TEXT_HEADING));
    if let Some(category) = record.set_by_user {
        widgets::two_ends(
            ui,
            26.0,
            |ui| {
                ui.add(Label::new(title(category.words())).truncate());
                chip(ui, "set by you");
            },
            |ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                if widgets::link(ui, "Use the prediction").clicked() {
                    out.push(Command::SetCategory(None));
                }
            },
        );
        return;
    }
    match (&record.prediction, known) {
        (_, Some(classification)) if classification.none_of_these => {
            ui.add(Label::new(title("None of the ten")).truncate());
            widgets::muted(
                ui,
                "This looks like none of the categories the model knows. The least unlike come first; set one if you know better.",
            );
        }
        (_, Some(classification)) => {
            let (category, probability) = classification.best();
            widgets::two_ends(
                ui,
                26.0,
                |ui| {
                    ui.add(Label::new(title(category.words())).truncate());
                },
                |ui| {
                    ui.label(
                        RichText::new(widgets::percent(probability))
                            .font(theme::semibold(theme::TEXT_HEADING)),
                    );
                },
            );
        }
        (Prediction::Failed(sentence), _) => {
            widgets::sentence(ui, Icon::Warning, palette.error, sentence);
            if widgets::link(ui, "Try again").clicked() {
                out.push(Command::PredictAgain);
            }
        }
        _ => {
            let words = match session.model() {
                Model::Unknown | Model::Loading => "Waiting for the model to load…",
                Model::Ready(_) | Model::Failed(_) => "Looking at the micrograph…",
            };
            widgets::muted(ui, words);
        }
    }
}

fn chip(ui: &mut Ui, words: &str) {
    let palette = Palette::of(ui);
    Frame::new()
        .fill(palette.accent_soft)
        .corner_radius(CornerRadius::same(9))
        .inner_margin(Margin::symmetric(theme::SPACE_M as i8, 1))
        .show(ui, |ui| {
            ui.add(
                Label::new(
                    RichText::new(words)
                        .size(theme::TEXT_SMALL)
                        .color(palette.text),
                )
                .extend(),
            );
        });
}

fn rows(
    ui: &mut Ui,
    record: &Record,
    known: Option<&Classification>,
    all: bool,
    focus: bool,
    out: &mut Vec<Command>,
) {
    let ranked = ranked(known);
    // Without a prediction there is no top three: all are offered, or none until asked for.
    let shown = match (all || focus, known) {
        (true, _) => ranked.len(),
        (false, Some(_)) => TOP,
        (false, None) => 0,
    };
    if focus && !all {
        out.push(Command::ListAllCategories(true));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    for (place, &(category, probability)) in ranked.iter().take(shown).enumerate() {
        let is_chosen = record
            .category()
            .is_some_and(|(chosen, _)| chosen == category);
        let response = row(ui, category, probability, is_chosen, place == 0);
        if focus && place == 0 {
            response.request_focus();
        }
        if response.clicked() {
            out.push(Command::SetCategory(Some(category)));
        }
    }
}

/// The ten as they are listed. The shares add up to 1 among the ten: where the micrograph looks
/// like none of them, they are not the chance of anything, and are not shown.
fn ranked(known: Option<&Classification>) -> Vec<(Category, Option<f32>)> {
    let Some(classification) = known else {
        return Category::ALL.map(|category| (category, None)).to_vec();
    };
    let ranked = classification.ranked().into_iter();
    let is_one = !classification.none_of_these;
    ranked
        .map(|(category, share)| (category, is_one.then_some(share)))
        .collect()
}

fn row(
    ui: &mut Ui,
    category: Category,
    probability: Option<f32>,
    is_chosen: bool,
    is_first: bool,
) -> egui::Response {
    let palette = Palette::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(egui::Role::Button, true, is_chosen, category.words())
    });
    let corner = CornerRadius::same(4);
    let ground = rect.expand2(vec2(theme::SPACE_S, 0.0));
    if response.hovered() {
        ui.painter().rect_filled(ground, corner, palette.hover);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(
            ground,
            corner,
            Stroke::new(1.5, palette.accent),
            StrokeKind::Inside,
        );
    }
    let name_width = (rect.width() * 0.52).min(200.0);
    let font = if is_chosen {
        theme::semibold(theme::TEXT_SMALL + 0.5)
    } else {
        FontId::proportional(theme::TEXT_SMALL + 0.5)
    };
    let color = if is_chosen {
        palette.text
    } else {
        palette.muted
    };
    let mut job =
        egui::text::LayoutJob::simple_singleline(category.words().to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(name_width - theme::SPACE_M);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(
        pos2(rect.left(), rect.center().y - galley.size().y / 2.0),
        galley,
        color,
    );

    if let Some(probability) = probability {
        let number_width = 44.0;
        let left = rect.left() + name_width;
        let room = (rect.right() - number_width - left).max(0.0);
        let track = Rect::from_min_size(pos2(left, rect.center().y - 3.0), vec2(room, 6.0));
        let round = CornerRadius::same(3);
        ui.painter().rect_filled(track, round, palette.pressed);
        let mut filled = track;
        filled.set_width(
            (room * probability.clamp(0.0, 1.0)).max(if probability > 0.0 { 3.0 } else { 0.0 }),
        );
        let bar = if is_first {
            palette.accent
        } else {
            palette.bar
        };
        ui.painter().rect_filled(filled, round, bar);
        ui.painter().text(
            rect.right_center(),
            Align2::RIGHT_CENTER,
            widgets::percent(probability),
            FontId::proportional(theme::TEXT_SMALL),
            color,
        );
    }
    response.on_hover_text(format!("Set the category to {}", category.words()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_share_stands_beside_none_of_the_ten() {
        let mut probabilities = [0.01; 10];
        probabilities[Category::Fibres.index()] = 0.91;
        let mut found = Classification {
            probabilities,
            none_of_these: false,
        };
        assert_eq!(ranked(Some(&found))[0], (Category::Fibres, Some(0.91)));
        found.none_of_these = true;
        let listed = ranked(Some(&found));
        assert_eq!(listed[0].0, Category::Fibres, "the order stays");
        assert!(listed.iter().all(|(_, share)| share.is_none()));
    }
}
