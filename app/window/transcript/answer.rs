//! A finished answer as running text: its numbers are links to what they rest on, its sentences
//! say how well they fit, and its words can be pointed at to see where the model looked.
//!
//! Draws and tells what is pointed at; opens and measures nothing itself.

use super::Sight;
use super::passage::Passage;
use crate::answer::{Sentence, Slot, SlotKind};
use crate::window::command::Command;
use crate::window::looking::Word;
use crate::window::measuring::{Evidence, Standing, Wish};
use crate::window::record::{Facts, Turn};
use crate::window::shortcuts::Action;
use crate::window::theme::{self, Palette};
use crate::window::viewer::Tool;
use crate::window::widgets;
use egui::text::{CharIndex, Galley, LayoutJob, TextFormat};
use egui::text_selection::LabelSelectionState;
use egui::{
    CornerRadius, CursorIcon, FontId, Label, Pos2, Rect, Response, Sense, Shape, Stroke,
    TextWrapMode, Tooltip, Ui, WidgetInfo, vec2,
};
use std::ops::Range;

/// Behind a sentence that does not seem to fit its image.
const DOUBT: &str = "does not seem to fit";

/// What of the answers is pointed at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pointed {
    /// The objects that a number rests on.
    pub evidence: Option<Evidence>,
    /// A word, while words are asked about.
    pub word: Option<Word>,
}

/// Draws the answer of a turn.
pub fn show(
    ui: &mut Ui,
    turn: &Turn,
    facts: Option<&Facts>,
    sight: &Sight<'_>,
    pointed: &mut Pointed,
    out: &mut Vec<Command>,
) {
    let passage = Passage::of(&turn.text, facts);
    let (job, notes) = laid_out(ui, &passage);
    let label = Label::new(job).wrap_mode(TextWrapMode::Wrap);
    let (at, galley, response) = label.layout_in_ui(ui);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, galley.text()));
    // Grounds lie below the text but are known only after its links.
    let ground = ui.painter().add(Shape::Noop);
    let sheet = Sheet { at, galley, notes };
    let mut grounds = Vec::new();
    let mut is_on_link = false;
    for (index, (place, slot)) in passage.slots.iter().enumerate() {
        let rects = sheet.rects(place);
        let Some(link) = link(ui, index, slot, &rects) else {
            continue;
        };
        is_on_link |= link.contains_pointer();
        let is_lit = link.hovered() || link.has_focus();
        if is_lit {
            grounds.extend(rects);
        }
        let evidence = evidence(turn, slot);
        about(ui, &link, slot, evidence.as_ref(), sight);
        if is_lit && let Some(evidence) = &evidence {
            if sight.standing(evidence) == Standing::Missing {
                out.push(Command::Measure(Wish::Start));
            }
            pointed.evidence = Some(evidence.clone());
        }
        let word = || sight.word(turn, place);
        if is_lit && sight.asks_words {
            pointed.word = word();
        }
        if link.clicked() && sight.asks_words {
            out.extend(word().map(Command::HoldWord));
        } else if link.clicked() {
            out.extend(way_to(slot.kind, evidence));
        }
    }
    if !is_on_link && facts.is_some() {
        let (pointer, passage) = (response.hover_pos(), &passage);
        match pointer.filter(|_| sight.asks_words) {
            Some(pointer) => {
                let words = passage.words();
                let word = words.iter().find(|place| sheet.holds(place, pointer));
                pointed.word = word.and_then(|place| sight.word(turn, place));
                if word.is_some() {
                    ui.set_cursor_icon(CursorIcon::PointingHand);
                }
                if response.clicked() {
                    out.extend(pointed.word.clone().map(Command::HoldWord));
                }
            }
            None => fit_on_hover(&response, &sheet, passage),
        }
    }
    for word in [&pointed.word, &sight.held] {
        let of_turn = word.as_ref().filter(|word| word.turn == turn.id);
        grounds.extend(
            of_turn
                .into_iter()
                .flat_map(|word| sheet.rects(&word.place)),
        );
    }
    let palette = Palette::of(ui);
    let round = CornerRadius::same(3);
    let shapes = grounds.into_iter().map(|rect| {
        let rect = rect.expand2(vec2(2.0, 0.0));
        Shape::rect_filled(rect, round, palette.accent_soft)
    });
    ui.painter().set(ground, Shape::Vec(shapes.collect()));
    let Sheet { at, galley, .. } = sheet;
    LabelSelectionState::label_text_selection(
        ui,
        &response,
        at,
        galley,
        palette.text,
        Stroke::NONE,
    );
}

/// A laid out answer.
struct Sheet {
    at: Pos2,
    galley: std::sync::Arc<Galley>,
    /// Where notes were put into the text, and how long they are, in bytes.
    notes: Vec<(usize, usize)>,
}

impl Sheet {
    /// The rectangles of a part of the answer, one a row.
    fn rects(&self, place: &Range<usize>) -> Vec<Rect> {
        let text = self.galley.text();
        let noted = |counts: &dyn Fn(usize) -> bool| -> usize {
            let before = self.notes.iter().filter(|(at, _)| counts(*at));
            before.map(|(_, length)| length).sum()
        };
        // What begins where a note stands begins behind it; what ends there ends before it.
        let start = place.start + noted(&|at| at <= place.start);
        let end = place.end + noted(&|at| at < place.end);
        let chars = |bytes: usize| text.get(..bytes).map_or(0, |part| part.chars().count());
        let (start, end) = (chars(start), chars(end));
        let mut rects = Vec::new();
        let mut first = 0;
        for row in &self.galley.rows {
            let count = row.char_count_excluding_newline().0;
            let (from, to) = (start.max(first), end.min(first + count));
            if from < to {
                let x = |char: usize| row.pos.x + row.x_offset(CharIndex(char - first));
                let rect = row.rect();
                let rect = Rect::from_x_y_ranges(x(from)..=x(to), rect.y_range());
                rects.push(rect.translate(self.at.to_vec2()));
            }
            first += row.char_count_including_newline().0;
        }
        rects
    }

    fn holds(&self, place: &Range<usize>, pointer: Pos2) -> bool {
        self.rects(place).iter().any(|rect| rect.contains(pointer))
    }
}

/// The text with its links underlined and a note behind each sentence that does not seem to fit.
fn laid_out(ui: &Ui, passage: &Passage<'_>) -> (LayoutJob, Vec<(usize, usize)>) {
    let palette = Palette::of(ui);
    let font = FontId::proportional(theme::TEXT_BODY);
    let plain = TextFormat {
        line_height: Some(theme::LINE_BODY),
        ..TextFormat::simple(font, palette.text)
    };
    let linked = TextFormat {
        underline: Stroke::new(1.0, palette.accent),
        ..plain.clone()
    };
    let note = TextFormat {
        font_id: FontId::proportional(theme::TEXT_SMALL),
        color: palette.muted,
        ..plain.clone()
    };
    let doubted = passage.sentences.iter();
    let doubted = doubted.filter(|(_, sentence)| Passage::is_doubtful(sentence));
    let doubted: Vec<usize> = doubted.map(|(place, _)| place.end).collect();
    let mut cuts: Vec<usize> = vec![0, passage.text.len()];
    cuts.extend(passage.slots.iter().flat_map(|(at, _)| [at.start, at.end]));
    cuts.extend(&doubted);
    cuts.sort_unstable();
    cuts.dedup();
    let mut job = LayoutJob::default();
    let mut notes = Vec::new();
    for pair in cuts.windows(2) {
        let &[start, end] = pair else { continue };
        let part = passage.text.get(start..end).unwrap_or_default();
        let is_slot = passage.slots.iter().any(|(at, _)| at.contains(&start));
        let format = if is_slot { &linked } else { &plain };
        job.append(part, 0.0, format.clone());
        if doubted.contains(&end) {
            let words = format!("\u{a0}({DOUBT})");
            job.append(&words, 0.0, note.clone());
            notes.push((end, words.len()));
        }
    }
    (job, notes)
}

/// What can be pointed at, clicked and reached by Tab in place of a slot.
fn link(ui: &Ui, index: usize, slot: &Slot, rects: &[Rect]) -> Option<Response> {
    let id = ui.scope_id().with(("slot", index));
    let mut whole: Option<Response> = None;
    for (row, rect) in rects.iter().enumerate() {
        // The rows of one link are one stop of the Tab key.
        let sense = match row {
            0 => Sense::click(),
            _ => Sense::CLICK,
        };
        let part = ui.interact(*rect, id.with(row), sense);
        whole = Some(match whole {
            Some(whole) => whole | part,
            None => part,
        });
    }
    let whole = whole?;
    let name = format!("{}, {}", slot.text, words_of(slot.kind));
    whole.widget_info(|| WidgetInfo::labeled(egui::Role::Link, true, &name));
    if whole.gained_focus() {
        whole.scroll_to_me(None);
    }
    Some(whole.on_hover_cursor(CursorIcon::PointingHand))
}

/// Where what fills a slot comes from.
pub fn words_of(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::Measured => "measured here",
        SlotKind::Metadata => "stated by the file",
        SlotKind::ScaleBar => "read from the scale bar",
        SlotKind::Typed => "typed by you",
        SlotKind::Predicted => "predicted by the model",
        SlotKind::Read => "read from print in the micrograph",
        SlotKind::Unavailable => "not there",
    }
}

/// What is to light up for a slot.
fn evidence(turn: &Turn, slot: &Slot) -> Option<Evidence> {
    (slot.kind == SlotKind::Measured).then(|| Evidence {
        ids: slot.evidence.clone(),
        region: turn.region,
        category: turn.category.map(|(category, _)| category),
    })
}

/// Where a click on a slot leads.
fn way_to(kind: SlotKind, evidence: Option<Evidence>) -> Option<Command> {
    match kind {
        SlotKind::Measured => evidence.map(Command::ShowEvidence),
        SlotKind::Metadata => Some(Command::ShowMetadata),
        SlotKind::ScaleBar | SlotKind::Typed => Some(Command::Do(Action::Pick(Tool::SetScale))),
        SlotKind::Predicted => Some(Command::Do(Action::Correct)),
        SlotKind::Read | SlotKind::Unavailable => None,
    }
}

/// What is known of a slot, beside it while it is pointed at or has the focus.
fn about(ui: &Ui, link: &Response, slot: &Slot, evidence: Option<&Evidence>, sight: &Sight<'_>) {
    let tip = match link.has_focus() && !link.hovered() {
        true => Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), link.id, link.rect),
        false => Tooltip::for_enabled(link),
    };
    tip.show(|ui| {
        ui.spacing_mut().item_spacing.y = theme::SPACE_S;
        let text = egui::RichText::new(&slot.text).font(theme::semibold(theme::TEXT_BODY));
        ui.add(Label::new(text).wrap());
        let mut kind = words_of(slot.kind).to_owned();
        if let Some(first) = kind.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let line = match (slot.kind, slot.n) {
            (SlotKind::Measured, n) if n > 0 => format!("{kind}, n\u{a0}=\u{a0}{n}"),
            _ => kind,
        };
        ui.label(line);
        if !slot.note.is_empty() {
            ui.add(Label::new(&slot.note).wrap());
        }
        let foot = match (slot.kind, evidence.map(|one| sight.standing(one))) {
            _ if sight.asks_words => "Click to keep where the model looked",
            (_, Some(Standing::Shown)) => "Click for all of what was measured",
            (_, Some(Standing::Missing | Standing::Busy)) => {
                "Its objects light up once they are measured…"
            }
            (_, Some(Standing::Other)) => {
                "Its objects cannot be shown: region, category or objects are not those of the answer any more"
            }
            (_, Some(Standing::Failed)) => "Its objects cannot be shown: measuring has failed",
            (SlotKind::Metadata, _) => "Click for what the file says",
            (SlotKind::ScaleBar | SlotKind::Typed, _) => "Click to set the scale",
            (SlotKind::Predicted, _) => "Click to correct the category",
            _ => return,
        };
        widgets::muted(ui, foot);
    });
}

/// How well the sentence under the pointer fits the image.
fn fit_on_hover(response: &Response, sheet: &Sheet, passage: &Passage<'_>) {
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    let mut sentences = passage.sentences.iter();
    let under = sentences.find(|(place, _)| sheet.holds(place, pointer));
    let fits = under.and_then(|(_, sentence)| fit_words(sentence));
    if let Some(words) = fits {
        let tip = Tooltip::for_enabled(response).at_pointer();
        tip.show(|ui| ui.label(words));
    }
}

fn fit_words(sentence: &Sentence) -> Option<String> {
    let fits = sentence.fits?;
    let words = match Passage::is_doubtful(sentence) {
        true => "Does not seem to fit this image",
        false => "Fits this image",
    };
    let share = widgets::percent(fits.clamp(0.0, 1.0));
    Some(format!("{words}: {share}, by the model's matching head"))
}
