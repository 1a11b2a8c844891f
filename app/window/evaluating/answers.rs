//! The list of answers, and the chosen one beside its reference with the differences marked, to
//! be judged sentence by sentence.
//!
//! Pushes wishes; the order and the choice are the desk's.

use super::Wish;
use super::desk::{Order, Shown};
use crate::evaluate::difference::difference;
use crate::evaluate::judged::{Judged, Verdict};
use crate::evaluate::page::Piece;
use crate::evaluate::record::{Asked, Seen, Teller};
use crate::evaluate::text::sentences;
use crate::window::command::Command;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, CornerRadius, FontId, Frame, Label, Margin, RichText, ScrollArea, Sense, Stroke,
    TextureHandle, Ui, WidgetInfo, pos2, vec2,
};
use std::collections::HashMap;

/// Height of a row of the list.
const ROW: f32 = 24.0;
/// Rows of the list that are seen at once.
const ROWS_SEEN: f32 = 9.0;
/// The widest that the picture beside an answer gets.
const PICTURE: f32 = 120.0;

/// What can be found of a sentence, with its words.
const VERDICTS: [(Verdict, &str); 3] = [
    (Verdict::True, "True"),
    (Verdict::False, "False"),
    (Verdict::Undecidable, "Can't tell"),
];

/// Draws the list and the chosen answer.
pub fn show(
    ui: &mut Ui,
    shown: &mut Shown,
    pictures: &HashMap<String, TextureHandle>,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) {
    if shown.listed.is_empty() {
        widgets::muted(ui, "The folder holds no answers to compare with.");
        return;
    }
    ui.horizontal(|ui| {
        widgets::muted(ui, "By METEOR:");
        let mut order = shown.order;
        ui.selectable_value(&mut order, Order::Worst, "worst first");
        ui.selectable_value(&mut order, Order::Best, "best first");
        if order != shown.order {
            shown.sort(order);
        }
    });
    list(ui, shown);
    ui.add_space(theme::SPACE_M);
    match shown.answer {
        None => {
            widgets::muted(ui, "Choose an answer to see it beside its reference.");
        }
        Some(answer) => detail(ui, shown, answer, pictures, wishes, out),
    }
}

fn list(ui: &mut Ui, shown: &mut Shown) {
    let palette = Palette::of(ui);
    let count = shown.listed.len();
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("answers")
        .max_height(ROW * ROWS_SEEN)
        .auto_shrink([false, true])
        .show_rows(ui, ROW, count, |ui, range| {
            widgets::name_scroll(ui, "Answers");
            for place in range {
                let Some(answer) = shown.listed.get(place).copied() else {
                    continue;
                };
                let Some(scored) = shown.evaluation.figures.answers.get(answer) else {
                    continue;
                };
                let meteor = scored.meteor;
                let Some((image, asked)) = shown.asked(answer) else {
                    continue;
                };
                let words = format!("{meteor:.2} {} {}", asked.key.name(), image.file);
                let (key, file) = (asked.key.name(), image.file.clone());
                let size = vec2(ui.available_width(), ROW);
                let (rect, response) = ui.allocate_exact_size(size, Sense::click());
                let is_chosen = shown.answer == Some(answer);
                response.widget_info(|| {
                    WidgetInfo::selected(egui::Role::ListBoxOption, true, is_chosen, &words)
                });
                let ground = match (is_chosen, response.hovered() || response.has_focus()) {
                    (true, _) => Some(palette.accent_soft),
                    (false, true) => Some(palette.hover),
                    (false, false) => None,
                };
                let painter = ui.painter().with_clip_rect(rect);
                if let Some(ground) = ground {
                    painter.rect_filled(rect, CornerRadius::same(3), ground);
                }
                let font = FontId::proportional(theme::TEXT_SMALL);
                let middle = rect.center().y;
                let columns = [
                    (4.0, format!("{meteor:.2}"), palette.text),
                    (40.0, key.to_owned(), palette.text),
                    (180.0, file, palette.muted),
                ];
                for (x, words, color) in columns {
                    let at = pos2(rect.left() + x, middle);
                    painter.text(at, Align2::LEFT_CENTER, words, font.clone(), color);
                }
                if response.clicked() {
                    shown.answer = Some(answer);
                }
            }
        });
}

fn detail(
    ui: &mut Ui,
    shown: &Shown,
    answer: usize,
    pictures: &HashMap<String, TextureHandle>,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let Some((image, asked)) = shown.asked(answer) else {
        return;
    };
    let Some(scored) = shown.evaluation.figures.answers.get(answer) else {
        return;
    };
    let text = asked
        .said_by(Teller::Model, scored.setting)
        .unwrap_or_default();
    let frame = Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.hairline))
        .corner_radius(theme::RADIUS_CARD)
        .inner_margin(Margin::same(theme::SPACE_M as i8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = theme::SPACE_S;
        ui.horizontal_top(|ui| {
            picture(ui, shown, image, pictures, wishes, out);
            ui.vertical(|ui| {
                ui.add(
                    Label::new(
                        RichText::new(&image.file)
                            .monospace()
                            .size(theme::TEXT_SMALL),
                    )
                    .truncate(),
                );
                let question = RichText::new(asked.key.wording()).italics();
                ui.add(Label::new(question.size(theme::TEXT_SMALL)).wrap());
                let scores = format!(
                    "BLEU-2 {:.2} · ROUGE-L {:.2} · METEOR {:.2}",
                    scored.bleu2, scored.rouge_l, scored.meteor
                );
                widgets::muted(ui, scores);
                widgets::muted(ui, scored.setting.words());
            });
        });
        let reference = asked.references.first().map_or("", String::as_str);
        let [of_reference, of_answer] = difference(reference, text);
        widgets::section_title(ui, "Reference");
        marked(ui, &of_reference, true);
        widgets::section_title(ui, "Answer");
        marked(ui, &of_answer, false);
        widgets::muted(
            ui,
            "Underlined: not in the answer. Shaded: not in the reference.",
        );
        widgets::section_title(ui, "Is it true?");
        judge(ui, shown, image, asked, text, wishes);
    });
}

fn picture(
    ui: &mut Ui,
    shown: &Shown,
    image: &Seen,
    pictures: &HashMap<String, TextureHandle>,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) {
    let Some(texture) = pictures.get(&image.file) else {
        wishes.push(Wish::Pictures(vec![image.file.clone()]));
        return;
    };
    let path = shown.evaluation.folder.join(&image.file);
    if small_picture(ui, texture, &image.file, PICTURE) {
        out.push(Command::Open(vec![path]));
    }
}

/// A small picture that opens its micrograph when it is pressed.
pub(super) fn small_picture(ui: &mut Ui, texture: &TextureHandle, file: &str, most: f32) -> bool {
    let size = texture.size_vec2();
    let size = size * (most / size.max_elem()).min(1.0);
    let picture = egui::Image::new(texture)
        .fit_to_exact_size(size)
        .corner_radius(3);
    let response = ui.add(picture.sense(Sense::click()));
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("Open {file}")));
    response.on_hover_text(format!("Open {file}")).clicked()
}

/// A text in which what the other lacks is marked.
fn marked(ui: &mut Ui, pieces: &[Piece], is_reference: bool) {
    let palette = Palette::of(ui);
    let font = FontId::proportional(theme::TEXT_BODY);
    let mut job = LayoutJob::default();
    for piece in pieces {
        let mut format = TextFormat::simple(font.clone(), palette.text);
        format.line_height = Some(theme::LINE_BODY);
        if !piece.is_shared && is_reference {
            format.underline = Stroke::new(1.5, palette.accent);
        } else if !piece.is_shared {
            format.background = palette.accent_soft;
        }
        job.append(&piece.text, 0.0, format);
    }
    ui.add(Label::new(job).wrap());
}

/// Three buttons for each sentence of the answer.
fn judge(
    ui: &mut Ui,
    shown: &Shown,
    image: &Seen,
    asked: &Asked,
    text: &str,
    wishes: &mut Vec<Wish>,
) {
    for sentence in sentences(text) {
        let found = shown.verdict(image, asked.key, sentence);
        ui.add(Label::new(RichText::new(sentence).size(theme::TEXT_SMALL)).wrap());
        ui.horizontal(|ui| {
            for (verdict, words) in VERDICTS {
                let is_chosen = found == Some(verdict);
                let response = ui.selectable_label(is_chosen, words);
                response.widget_info(|| {
                    let name = format!("{words}: {sentence}");
                    WidgetInfo::selected(egui::Role::RadioButton, true, is_chosen, name)
                });
                if response.clicked() && !is_chosen {
                    wishes.push(Wish::Judge(Judged {
                        image: image.hash.clone(),
                        key: asked.key.name().to_owned(),
                        sentence: sentence.to_owned(),
                        verdict,
                    }));
                }
            }
        });
    }
}
