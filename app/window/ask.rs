//! The Ask tab: the category, the ten question categories, the transcript, and the
//! field for a question of one's own.
//!
//! Puts the parts together and holds the text being typed; what was asked and answered is in
//! [`Session`]. Typed questions are read by [`questions::typed`](crate::questions::typed), in
//! the window, not here.

use super::command::Command;
use super::completion::Completion;
use super::icons::{self, Icon};
use super::looking::Looking;
use super::measuring::Measuring;
use super::settings::Settings;
use super::shortcuts::Action;
use super::state::{Image, Session};
use super::theme::{self, Palette};
use super::transcript::{self, Pointed};
use super::{category, widgets};
use crate::micrograph::Region;
use crate::questions::{Topic, typed};
use egui::{
    CornerRadius, FontId, Frame, Id, Key, Label, Margin, Panel, RectAlign, RichText, ScrollArea,
    Sense, Stroke, StrokeKind, TextEdit, Tooltip, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// Below this height the whole panel scrolls, so that the transcript always has room.
const ROOMY_HEIGHT: f32 = 600.0;

/// The same while all ten categories are listed.
const ROOMY_HEIGHT_ALL: f32 = 780.0;

/// Height of a button of the grid: two lines of text.
const TOPIC_HEIGHT: f32 = 40.0;

/// A longer question is cut off while it is typed.
const QUESTION_CHARS_MAX: usize = typed::MAX_CHARACTERS;

/// What the tab reads of the rest of the window.
pub struct Around<'a> {
    /// What was asked and answered.
    pub session: &'a Session,
    /// How categories are listed.
    pub settings: &'a Settings,
    /// The part that is asked about.
    pub region: Option<Region>,
    /// What was measured.
    pub measuring: &'a Measuring,
    /// The words that are asked about.
    pub looking: &'a Looking,
}

/// The panel's own state: what is being typed and where the focus should go.
#[derive(Debug, Default)]
pub struct AskPanel {
    /// The question being typed.
    pub question: String,
    /// What is offered for it.
    pub completion: Completion,
    /// Give the question field the focus in the next frame.
    pub focus_question: bool,
    /// Give the category list the focus in the next frame.
    pub focus_category: bool,
    /// What of the answers is pointed at in this frame.
    pub pointed: Pointed,
}

impl AskPanel {
    /// Draws the tab.
    pub fn show(&mut self, ui: &mut Ui, around: &Around<'_>, out: &mut Vec<Command>) {
        let session = around.session;
        let margin = Margin::same(theme::SPACE_L as i8);
        let field = Frame::new()
            .fill(Palette::of(ui).panel)
            .inner_margin(margin);
        // The scroll bar lies in the right margin.
        let margin = Margin { right: 0, ..margin };
        Panel::bottom("question").frame(field).show(ui, |ui| {
            if let Some(region) = around.region {
                about_region(ui, region, out);
                ui.add_space(theme::SPACE_M);
            }
            self.question_field(ui, session, out);
        });
        Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = theme::SPACE_S;
            match session.current() {
                Some(image) => self.about(ui, around, image, out),
                None => {
                    ui.set_max_width(ui.available_width() - theme::SPACE_L);
                    nothing_open(ui);
                }
            }
        });
    }

    fn about(&mut self, ui: &mut Ui, around: &Around<'_>, image: &Image, out: &mut Vec<Command>) {
        let (session, settings) = (around.session, around.settings);
        let (measuring, looking) = (around.measuring, around.looking);
        let sight = transcript::Sight::new(image, measuring, looking);
        let focus = std::mem::take(&mut self.focus_category);
        let top = |ui: &mut Ui, out: &mut Vec<Command>| {
            category::show(ui, session, image, settings.all_categories, focus, out);
            ui.add_space(theme::SPACE_L);
            topics(ui, out);
            ui.add_space(theme::SPACE_L);
            transcript::header(
                ui,
                session.record(image.id),
                &image.name,
                looking.is_on(),
                out,
            );
        };
        let record = session.record(image.id);
        let margin = Margin {
            right: theme::SPACE_L as i8,
            ..Margin::ZERO
        };
        let scroll = ScrollArea::vertical()
            .id_salt(image.id.0)
            .auto_shrink(false)
            .content_margin(margin)
            .stick_to_bottom(record.is_some_and(|record| !record.turns.is_empty()));
        let roomy_height = if settings.all_categories {
            ROOMY_HEIGHT_ALL
        } else {
            ROOMY_HEIGHT
        };
        if ui.available_height() >= roomy_height {
            Frame::new()
                .inner_margin(margin)
                .show(ui, |ui| top(ui, out));
            scroll.show(ui, |ui| {
                widgets::name_scroll(ui, "Transcript");
                self.pointed = transcript::turns(ui, record, &sight, out);
            });
        } else {
            scroll.show(ui, |ui| {
                widgets::name_scroll(ui, "Category, questions and transcript");
                top(ui, out);
                self.pointed = transcript::turns(ui, record, &sight, out);
            });
        }
    }

    fn question_field(&mut self, ui: &mut Ui, session: &Session, out: &mut Vec<Command>) {
        let is_open = session
            .current()
            .is_some_and(|image| session.record(image.id).is_some());
        ui.horizontal(|ui| {
            let is_busy = session
                .current()
                .and_then(|image| session.record(image.id))
                .is_some_and(|record| record.open_turns() > 0);
            let button_width = 84.0;
            let width = ui.available_width() - button_width - theme::SPACE_M;
            let hint = if is_open {
                "Ask about this micrograph"
            } else {
                "Open a micrograph to ask about it"
            };
            let field_id = Id::unique("question field");
            let typed = self.question.clone();
            let field = TextEdit::singleline(&mut self.question)
                .id(field_id)
                .hint_text(RichText::new(hint).color(Palette::of(ui).muted))
                .char_limit(QUESTION_CHARS_MAX)
                .margin(Margin::symmetric(theme::SPACE_M as i8, 7))
                .desired_width(width);
            ui.visuals_mut().widgets.inactive.bg_stroke.color = Palette::of(ui).outline;
            let is_focused = ui.memory(|memory| memory.has_focus(field_id));
            self.completion.read(ui, &typed, is_focused);
            let response = ui.add_enabled(is_open, field).accessible_name("Question");
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if std::mem::take(&mut self.focus_question) {
                response.request_focus();
            }
            let size = vec2(button_width, theme::CONTROL_HEIGHT);
            let pressed = if is_busy {
                stop_button(ui, size, out)
            } else {
                self.ask_button(ui, size, is_open)
            };
            let clicked = self.completion.show(ui, &response);
            let chosen = clicked.or(self.completion.chosen().filter(|_| entered));
            if let Some(key) = chosen {
                self.question = key.wording().to_owned();
            }
            let asked = entered || pressed || clicked.is_some();
            if asked && !self.question.trim().is_empty() {
                out.push(Command::AskTyped(std::mem::take(&mut self.question)));
            }
            if asked {
                response.request_focus();
            }
        });
    }

    fn ask_button(&self, ui: &mut Ui, size: Vec2, is_open: bool) -> bool {
        let is_empty = self.question.trim().is_empty();
        let why_not = if is_open {
            "Type a question first, or press one of the ten buttons"
        } else {
            "Open a micrograph first"
        };
        widgets::primary(ui, is_open && !is_empty, Some(Icon::Send), "Ask", size)
            .on_disabled_hover_text(why_not)
            .clicked()
    }
}

/// Never asks: a question typed meanwhile stays in the field.
fn stop_button(ui: &mut Ui, size: Vec2, out: &mut Vec<Command>) -> bool {
    let color = Palette::of(ui).error;
    let words = RichText::new("Stop").color(color);
    let icon = icons::atom(Icon::Stop, color);
    let button = egui::Button::new((icon, words))
        .stroke(Stroke::new(1.0, color))
        .min_size(size);
    let response = ui.add_sized(size, button);
    if response
        .on_hover_text(format!(
            "{} ({})",
            Action::Stop.title(),
            Action::Stop.key_text(ui.ctx())
        ))
        .clicked()
    {
        out.push(Command::Do(Action::Stop));
    }
    false
}

/// Says that questions are about a part, and offers the whole.
fn about_region(ui: &mut Ui, region: Region, out: &mut Vec<Command>) {
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(theme::ICON), Sense::hover());
            icons::paint(ui.painter(), Icon::Region, rect, Palette::of(ui).accent);
            let [width, height] = region.size();
            widgets::muted(ui, format!("About a region of {width} × {height} px"));
        },
        |ui| {
            if widgets::link(ui, "Ask about the whole").clicked() {
                out.push(Command::Do(Action::WholeImage));
            }
        },
    );
}

fn nothing_open(ui: &mut Ui) {
    widgets::section_title(ui, "Ask");
    ui.add_space(theme::SPACE_S);
    let palette = Palette::of(ui);
    for words in [
        "Open a micrograph, then press one of ten question categories or type a question.",
        "The model predicts what kind of structure it shows; you can correct it.",
        "Everything happens on this computer.",
    ] {
        ui.add(Label::new(RichText::new(words).color(palette.muted)).wrap());
        ui.add_space(theme::SPACE_S);
    }
}

fn topics(ui: &mut Ui, out: &mut Vec<Command>) {
    widgets::section_title(ui, "Ask about");
    ui.add_space(theme::SPACE_S);
    let gap = 6.0;
    let width = (ui.available_width() - gap) / 2.0;
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    for pair in Topic::ALL.chunks(2) {
        ui.horizontal(|ui| {
            for &topic in pair {
                if topic_button(ui, topic, width) {
                    out.push(Command::Do(Action::Ask(topic)));
                }
            }
        });
    }
}

fn topic_button(ui: &mut Ui, topic: Topic, width: f32) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(width, TOPIC_HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, topic.title()));
    let style = ui.style().interact(&response);
    let corner = CornerRadius::same(theme::RADIUS);
    ui.painter().rect(
        rect,
        corner,
        style.weak_bg_fill,
        style.bg_stroke,
        StrokeKind::Inside,
    );
    if response.has_focus() {
        let focus = Stroke::new(1.5, Palette::of(ui).accent);
        ui.painter()
            .rect_stroke(rect, corner, focus, StrokeKind::Inside);
    }
    let color = style.fg_stroke.color;
    let font = FontId::proportional(theme::TEXT_SMALL + 0.5);
    let galley = ui
        .painter()
        .layout(topic.title().to_owned(), font, color, width - 2.0 * 10.0);
    let at = pos2(rect.left() + 10.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, color);
    let clicked = response.clicked();
    // Beside the panel, so that the questions never hide the other buttons.
    let mut row = rect;
    row.min.x = ui.max_rect().left() - theme::SPACE_M;
    let mut tip = Tooltip::for_enabled(&response);
    tip.popup = tip.popup.anchor(row).align(RectAlign::LEFT_START);
    tip.show(|ui| questions(ui, topic));
    clicked
}

fn questions(ui: &mut Ui, topic: Topic) {
    ui.set_max_width(340.0);
    ui.spacing_mut().item_spacing.y = 2.0;
    for (place, key) in topic.keys().enumerate() {
        if place > 0 {
            ui.add_space(theme::SPACE_S);
        }
        ui.label(key.wording());
        widgets::muted(ui, key.name());
    }
    ui.add_space(theme::SPACE_S);
    widgets::muted(
        ui,
        format!("Key: {}", Action::Ask(topic).key_text(ui.ctx())),
    );
}
