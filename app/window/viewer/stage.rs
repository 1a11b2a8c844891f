//! What lies over the viewer or stands in its place: zoom buttons, the way back to the strip,
//! a word while a file is read, and how to open one.
//!
//! Draws and pushes commands; keeps no state.

use super::pane::ROOMY_WIDTH;
use super::zoom_text;
use crate::window::command::Command;
use crate::window::icons::{self, Icon};
use crate::window::shortcuts::Action;
use crate::window::state::Image;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use egui::{
    Align2, Color32, CornerRadius, FontId, Frame, Margin, Rect, RichText, Sense, Stroke,
    StrokeKind, Ui, UiBuilder, WidgetInfo, vec2,
};

/// Height of the grounds of buttons, in points.
const PILL_HEIGHT: f32 = 34.0;
/// Width of the zoom buttons.
const ZOOM_WIDTH: f32 = 4.0 * 24.0 + 48.0 + 4.0 * theme::SPACE_S + 2.0 * theme::SPACE_M + 12.0;

/// The buttons below: zoom in the middle, and beside it the pages of a file that has several.
pub fn controls(
    ui: &mut Ui,
    screen: Rect,
    zoom: Option<f32>,
    image: &Image,
    out: &mut Vec<Command>,
) {
    if screen.height() < 120.0 {
        return;
    }
    let room = screen.width() - 2.0 * theme::SPACE_L;
    let pages = PageButtons::fitting(ui, image, room);
    let beside = pages
        .as_ref()
        .map_or(0.0, |pages| theme::SPACE_M + pages.width);
    if room < ZOOM_WIDTH {
        return;
    }
    // Where the scale bar stands beside them, the zoom buttons keep the middle.
    let is_roomy = screen.width() >= ROOMY_WIDTH;
    let shift = if is_roomy { 0.0 } else { beside / 2.0 };
    let middle = screen.center_bottom() - vec2(shift, theme::SPACE_L + PILL_HEIGHT / 2.0);
    let rect = Rect::from_center_size(middle, vec2(ZOOM_WIDTH, PILL_HEIGHT));
    pill(ui, rect, |ui| zoom_buttons(ui, zoom, out));
    if let Some(pages) = pages {
        let corner = rect.right_top() + vec2(theme::SPACE_M, 0.0);
        let rect = Rect::from_min_size(corner, vec2(pages.width, PILL_HEIGHT));
        pill(ui, rect, |ui| pages.show(ui, out));
    }
}

fn zoom_buttons(ui: &mut Ui, zoom: Option<f32>, out: &mut Vec<Command>) {
    button(ui, Icon::Minus, Action::ZoomOut, out);
    let (text_rect, _) = ui.allocate_exact_size(vec2(48.0, 24.0), Sense::hover());
    ui.painter().text(
        text_rect.center(),
        Align2::CENTER_CENTER,
        zoom.map(zoom_text).unwrap_or_default(),
        FontId::proportional(theme::TEXT_SMALL),
        Palette::of(ui).text,
    );
    button(ui, Icon::Plus, Action::ZoomIn, out);
    button(ui, Icon::Fit, Action::Fit, out);
    let text = RichText::new("1:1").size(theme::TEXT_SMALL);
    ui.spacing_mut().interact_size.y = 24.0;
    ui.spacing_mut().button_padding = vec2(theme::SPACE_S, 0.0);
    let one = egui::Button::new(text)
        .frame_when_inactive(false)
        .min_size(vec2(36.0, 24.0));
    let key = Action::ActualSize.key_text(ui.ctx());
    let tip = format!("{} ({key})", Action::ActualSize.title());
    if ui.add(one).on_hover_text(tip).clicked() {
        out.push(Command::Do(Action::ActualSize));
    }
}

/// Which page of several is shown, and the way to the others.
struct PageButtons {
    page: u32,
    pages: u32,
    words: String,
    /// Of all of it, as wide as the last page needs, so that nothing jumps.
    width: f32,
}

impl PageButtons {
    /// "Page 2 of 5", or "2/5" where that is too wide, with an ellipsis while it is being turned
    /// to; `None` where nothing fits and for a file of one page.
    fn fitting(ui: &Ui, image: &Image, room: f32) -> Option<Self> {
        let (page, pages) = image.pages().filter(|(_, pages)| *pages > 1)?;
        let number = u64::from(page) + 1;
        let end = if image.is_turning() { "…" } else { "" };
        let long = |number: u64, end: &str| format!("Page {number} of {pages}{end}");
        let short = |number: u64, end: &str| format!("{number}/{pages}{end}");
        let width = |widest: String| {
            let font = FontId::proportional(theme::TEXT_SMALL);
            let color = Palette::of(ui).text;
            let text = ui.painter().layout_no_wrap(widest, font, color).size().x;
            let buttons = 2.0 * (24.0 + theme::SPACE_S) + 2.0 * theme::SPACE_M;
            text.ceil() + theme::SPACE_M + buttons + 2.0
        };
        let last = u64::from(pages);
        let candidates = [
            (long(number, end), width(long(last, "…"))),
            (short(number, end), width(short(last, "…"))),
        ];
        let is_fitting = |width: f32| ZOOM_WIDTH + theme::SPACE_M + width <= room;
        let found = candidates.into_iter().find(|(_, width)| is_fitting(*width));
        found.map(|(words, width)| Self {
            page,
            pages,
            words,
            width,
        })
    }

    fn show(&self, ui: &mut Ui, out: &mut Vec<Command>) {
        ui.add_enabled_ui(self.page > 0, |ui| {
            button(ui, Icon::ChevronLeft, Action::PreviousPage, out);
        });
        let text = self.width - 2.0 * (24.0 + theme::SPACE_S) - 2.0 * theme::SPACE_M - 2.0;
        let (rect, response) = ui.allocate_exact_size(vec2(text, 24.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &self.words));
        let font = FontId::proportional(theme::TEXT_SMALL);
        let color = Palette::of(ui).text;
        let (at, align) = (rect.center(), Align2::CENTER_CENTER);
        ui.painter().text(at, align, &self.words, font, color);
        ui.add_enabled_ui(u64::from(self.page) + 1 < self.pages.into(), |ui| {
            button(ui, Icon::ChevronRight, Action::NextPage, out);
        });
    }
}

/// A rounded ground with a row of controls.
fn pill(ui: &mut Ui, rect: Rect, add: impl FnOnce(&mut Ui)) {
    let palette = Palette::of(ui);
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        let frame = Frame::new()
            .fill(palette.raised)
            .stroke(Stroke::new(1.0, palette.hairline))
            .corner_radius(CornerRadius::same(17))
            .inner_margin(Margin::symmetric(theme::SPACE_M as i8, 4));
        frame.show(ui, |ui| {
            ui.set_min_size(rect.size() - vec2(2.0 * theme::SPACE_M + 2.0, 10.0));
            ui.horizontal_centered(|ui| {
                ui.spacing_mut().item_spacing.x = theme::SPACE_S;
                add(ui);
            });
        });
    });
}

fn button(ui: &mut Ui, icon: Icon, action: Action, out: &mut Vec<Command>) {
    let name = format!("{} ({})", action.title(), action.key_text(ui.ctx()));
    if widgets::icon_button(ui, icon, &name).clicked() {
        out.push(Command::Do(action));
    }
}

/// Brings the strip back.
pub fn strip_button(ui: &mut Ui, screen: Rect, out: &mut Vec<Command>) {
    let rect = Rect::from_min_size(
        screen.min + vec2(theme::SPACE_M, theme::SPACE_M),
        vec2(24.0, 24.0),
    );
    let mut corner = ui.new_child(UiBuilder::new().max_rect(rect));
    let ground = Palette::of(ui).raised;
    corner
        .painter()
        .rect_filled(rect, CornerRadius::same(theme::RADIUS), ground);
    let name = format!(
        "Show the strip ({})",
        Action::ToggleStrip.key_text(ui.ctx())
    );
    if widgets::icon_button(&mut corner, Icon::ChevronRight, &name).clicked() {
        out.push(Command::Do(Action::ToggleStrip));
    }
}

/// A file is being read.
pub fn reading(ui: &mut Ui, screen: Rect, image: &Image) {
    let palette = Palette::of(ui);
    ui.scope_builder(UiBuilder::new().max_rect(screen), |ui| {
        ui.centered_and_justified(|ui| {
            let words = RichText::new(format!("Reading {}…", image.name));
            ui.add(egui::Label::new(words.color(palette.on_surround)).selectable(false));
        });
    });
}

/// Nothing is open: how to change that.
pub fn empty(ui: &mut Ui, screen: Rect, out: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let size = vec2(
        (screen.width() - 32.0).clamp(120.0, 420.0),
        220.0_f32.min(screen.height()),
    );
    let rect = Rect::from_center_size(screen.center(), size);
    ui.painter().add(egui::Shape::dashed_line(
        &[
            rect.left_top(),
            rect.right_top(),
            rect.right_bottom(),
            rect.left_bottom(),
            rect.left_top(),
        ],
        Stroke::new(1.0, palette.outline),
        6.0,
        6.0,
    ));
    ui.scope_builder(
        UiBuilder::new().max_rect(rect.shrink(theme::SPACE_L)),
        |ui| {
            ui.vertical_centered(|ui| {
                ui.add_space(((size.y - 190.0) / 2.0).max(0.0));
                let (icon, _) = ui.allocate_exact_size(vec2(32.0, 32.0), Sense::hover());
                icons::paint(ui.painter(), Icon::Micrograph, icon, palette.on_surround);
                ui.add_space(theme::SPACE_S);
                let title = RichText::new("Drop a micrograph here")
                    .font(theme::semibold(theme::TEXT_TITLE));
                ui.label(title.color(Color32::WHITE));
                ui.label(
                    RichText::new("TIFF, PNG, JPEG or BMP. Nothing leaves this computer.")
                        .color(palette.on_surround),
                );
                ui.add_space(theme::SPACE_M);
                let width = 116.0;
                ui.horizontal(|ui| {
                    ui.add_space(
                        ((ui.available_width() - 2.0 * width - theme::SPACE_M) / 2.0).max(0.0),
                    );
                    ui.spacing_mut().interact_size.x = width;
                    if ui
                        .add_sized(
                            vec2(width, theme::CONTROL_HEIGHT),
                            egui::Button::new("Open…"),
                        )
                        .clicked()
                    {
                        out.push(Command::Do(Action::Open));
                    }
                    if ui
                        .add_sized(
                            vec2(width, theme::CONTROL_HEIGHT),
                            egui::Button::new("Open sample"),
                        )
                        .clicked()
                    {
                        out.push(Command::Do(Action::OpenSample));
                    }
                });
            });
        },
    );
}

/// Files are held over the window.
pub fn drop_hint(ui: &Ui, screen: Rect) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    painter.rect_filled(screen, CornerRadius::ZERO, Color32::from_black_alpha(170));
    let edge = CornerRadius::same(theme::RADIUS_CARD);
    painter.rect_stroke(
        screen.shrink(theme::SPACE_M),
        edge,
        Stroke::new(2.0, palette.accent),
        StrokeKind::Inside,
    );
    painter.text(
        screen.center(),
        Align2::CENTER_CENTER,
        "Drop to open",
        theme::semibold(theme::TEXT_TITLE),
        Color32::WHITE,
    );
}
