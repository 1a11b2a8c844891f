//! Small pieces that several panels share, so that they look and speak alike.
//!
//! Each has a name for screen readers and tests. Knows no state.

use super::icons::{self, Icon};
use super::theme::{self, Palette};
use egui::{
    Align, Button, Color32, CornerRadius, FontId, FontSelection, Frame, Label, Layout, Margin,
    Rect, Response, RichText, Sense, Shape, Stroke, StrokeKind, TextWrapMode, Ui, UiBuilder, Vec2,
    WidgetInfo, WidgetText, pos2, vec2,
};

/// A square button with a sign and no words; `name` is its tooltip and its name.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    let side = 24.0;
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    let palette = Palette::of(ui);
    if response.hovered() || response.has_focus() {
        let fill = if response.is_pointer_button_down_on() {
            palette.pressed
        } else {
            palette.hover
        };
        ui.painter()
            .rect_filled(rect, CornerRadius::same(theme::RADIUS), fill);
    }
    let color = if response.hovered() {
        palette.text
    } else if ui.is_enabled() {
        palette.muted
    } else {
        palette.hairline
    };
    icons::paint(
        ui.painter(),
        icon,
        rect.shrink((side - theme::ICON) / 2.0),
        color,
    );
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, enabled, name));
    response.on_hover_text(name)
}

/// The same for something that is on or off.
pub fn icon_toggle(ui: &mut Ui, icon: Icon, name: &str, is_on: bool) -> Response {
    let ground = ui.painter().add(Shape::Noop);
    let response = icon_button(ui, icon, name);
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, ui.is_enabled(), is_on, name));
    if is_on {
        let palette = Palette::of(ui);
        let round = CornerRadius::same(theme::RADIUS);
        let fill = Shape::rect_filled(response.rect, round, palette.accent_soft);
        ui.painter().set(ground, fill);
        if !response.hovered() {
            let sign = response
                .rect
                .shrink((response.rect.width() - theme::ICON) / 2.0);
            icons::paint(ui.painter(), icon, sign, palette.accent);
        }
    }
    response
}

/// A quiet line that shows or hides what is below it.
pub fn unfold(ui: &mut Ui, is_open: bool, words: &str) -> Response {
    let palette = Palette::of(ui);
    let font = FontId::proportional(theme::TEXT_SMALL);
    let galley = ui
        .painter()
        .layout_no_wrap(words.to_owned(), font, palette.muted);
    let left = theme::ICON + theme::SPACE_S;
    let size = vec2(left + galley.size().x, 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_open, words));
    if response.hovered() || response.has_focus() {
        let ground = rect.expand2(vec2(theme::SPACE_S, 0.0));
        let round = CornerRadius::same(theme::RADIUS);
        ui.painter().rect_filled(ground, round, palette.hover);
    }
    let icon = match is_open {
        true => Icon::ChevronDown,
        false => Icon::ChevronRight,
    };
    let sign = Rect::from_min_size(
        pos2(rect.left(), rect.center().y - theme::ICON / 2.0),
        Vec2::splat(theme::ICON),
    );
    icons::paint(ui.painter(), icon, sign, palette.muted);
    let at = pos2(rect.left() + left, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.muted);
    response
}

/// Words that can be pressed, in the accent colour.
pub fn link(ui: &mut Ui, words: &str) -> Response {
    let palette = Palette::of(ui);
    let text = WidgetText::from(RichText::new(words).size(theme::TEXT_SMALL));
    let galley = text.into_galley(
        ui,
        Some(TextWrapMode::Truncate),
        ui.available_width(),
        FontSelection::Default,
    );
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, 20.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, enabled, words));
    // Words stay in line with what is above and below them; their ground reaches further.
    if response.hovered() || response.has_focus() {
        let style = ui.style().interact(&response);
        ui.painter().rect(
            rect.expand2(vec2(theme::SPACE_S, 0.0)),
            CornerRadius::same(theme::RADIUS),
            style.weak_bg_fill,
            style.bg_stroke,
            StrokeKind::Inside,
        );
    }
    let at = rect.left_center() - vec2(0.0, galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.accent);
    response
}

/// The one button to press: filled with the accent, plain while it can't be pressed.
pub fn primary(
    ui: &mut Ui,
    enabled: bool,
    icon: Option<Icon>,
    words: &str,
    size: Vec2,
) -> Response {
    let palette = Palette::of(ui);
    ui.add_enabled_ui(enabled, |ui| {
        let color = if enabled {
            palette.on_accent
        } else {
            palette.muted
        };
        let words = RichText::new(words).color(color);
        let button = match icon {
            Some(icon) => Button::new((icons::atom(icon, color), words)),
            None => Button::new(words),
        };
        let button = if enabled {
            button.fill(palette.accent).stroke(Stroke::NONE)
        } else {
            button
        };
        ui.add_sized(size, button.min_size(size))
    })
    .inner
}

/// One of several things to choose, with a note below where there is one.
pub fn choice(ui: &mut Ui, chosen: bool, words: &str, note: &str) -> Response {
    let palette = Palette::of(ui);
    let left = theme::ICON + theme::SPACE_M;
    let width = ui.available_width() - left;
    let layout = |words: &str, size: f32, color: Color32| {
        let font = FontId::proportional(size);
        ui.painter().layout(words.to_owned(), font, color, width)
    };
    let title = layout(words, theme::TEXT_BODY, palette.text);
    let note = (!note.is_empty()).then(|| layout(note, theme::TEXT_SMALL, palette.muted));
    let below = note.as_ref().map_or(0.0, |note| note.size().y + 1.0);
    let size = vec2(
        ui.available_width(),
        title.size().y + below + theme::SPACE_S,
    );
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(egui::Role::RadioButton, enabled, chosen, words));
    let first_line = title.size().y.min(18.0);
    let centre = pos2(
        rect.left() + theme::ICON / 2.0,
        rect.top() + 2.0 + first_line / 2.0,
    );
    let is_hot = response.hovered() || response.has_focus();
    let outline = match chosen || is_hot {
        true => palette.accent,
        false => palette.outline,
    };
    let painter = ui.painter();
    painter.circle(centre, 7.0, palette.field, Stroke::new(1.5, outline));
    if chosen {
        painter.circle_filled(centre, 3.5, palette.accent);
    }
    let at = pos2(rect.left() + left, rect.top() + 2.0);
    let note_at = pos2(at.x, at.y + title.size().y + 1.0);
    painter.galley(at, title, palette.text);
    if let Some(note) = note {
        painter.galley(note_at, note, palette.muted);
    }
    response
}

/// Several things of which one is shown, as one control with the chosen one raised. Gives back
/// the place of the one that was pressed.
pub fn segments(ui: &mut Ui, titles: &[&str], chosen: usize) -> Option<usize> {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let round = CornerRadius::same(theme::RADIUS);
    ui.painter().rect_filled(rect, round, palette.pressed);
    let width = rect.width() / titles.len().max(1) as f32;
    let mut pressed = None;
    for (place, title) in titles.iter().enumerate() {
        let left = rect.left() + width * place as f32;
        let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        let id = ui.scope_id().with(("segment", place));
        let response = ui.interact(cell, id, Sense::click());
        let is_chosen = place == chosen;
        response.widget_info(|| WidgetInfo::selected(egui::Role::Tab, true, is_chosen, *title));
        let inner = cell.shrink(2.0);
        if is_chosen {
            ui.painter().rect_filled(inner, round, palette.raised);
        } else if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(inner, round, palette.hover);
        }
        let color = match is_chosen {
            true => palette.text,
            false => palette.muted,
        };
        let font = FontId::proportional(theme::TEXT_BODY);
        let middle = egui::Align2::CENTER_CENTER;
        ui.painter().text(cell.center(), middle, title, font, color);
        if response.clicked() {
            pressed = Some(place);
        }
    }
    pressed
}

/// The title of a section: small, heavy, muted.
pub fn section_title(ui: &mut Ui, words: &str) -> Response {
    let color = Palette::of(ui).muted;
    ui.add(
        Label::new(
            RichText::new(words)
                .font(theme::semibold(theme::TEXT_SMALL))
                .color(color),
        )
        .selectable(false),
    )
}

/// A note that stands back.
pub fn muted(ui: &mut Ui, words: impl Into<String>) -> Response {
    let color = Palette::of(ui).muted;
    ui.label(RichText::new(words).size(theme::TEXT_SMALL).color(color))
}

/// A sign and a sentence beside it, in one colour; the sentence wraps.
pub fn sentence(ui: &mut Ui, icon: Icon, color: Color32, words: &str) -> Response {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme::SPACE_M;
        let (rect, _) = ui.allocate_exact_size(vec2(theme::ICON, 18.0), Sense::hover());
        icons::paint(ui.painter(), icon, rect, color);
        running_text(ui, RichText::new(words).color(color))
    })
    .inner
}

/// A line across the panel.
pub fn hairline(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, Palette::of(ui).hairline);
}

/// Running text with air between its lines.
pub fn running_text(ui: &mut Ui, words: RichText) -> Response {
    ui.add(Label::new(words.line_height(Some(theme::LINE_BODY))).wrap_mode(TextWrapMode::Wrap))
}

/// The frame of a panel.
pub fn panel_frame(ui: &Ui) -> Frame {
    Frame::new()
        .fill(Palette::of(ui).panel)
        .inner_margin(Margin::same(theme::SPACE_L as i8))
}

/// A row with something at its left and something at its right end, `height` points high.
pub fn two_ends(ui: &mut Ui, height: f32, left: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let right_layout = Layout::right_to_left(Align::Center);
    let mut used = ui.scope_builder(UiBuilder::new().max_rect(rect).layout(right_layout), |ui| {
        right(ui);
        ui.min_rect().left()
    });
    let mut rest = rect;
    rest.max.x = (used.inner - theme::SPACE_S).max(rect.left());
    used.response = ui
        .scope_builder(
            UiBuilder::new()
                .max_rect(rest)
                .layout(Layout::left_to_right(Align::Center)),
            |ui| {
                ui.style_mut().wrap_mode = Some(TextWrapMode::Truncate);
                left(ui);
            },
        )
        .response;
}

/// Tells screen readers where a scrolled list begins and ends. Called first inside it.
pub fn name_scroll(ui: &Ui, name: &str) {
    let seen = ui.clip_rect();
    ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
        node.set_role(egui::Role::ScrollView);
        node.set_label(name);
        let (min, max) = (seen.min.to_vec2(), seen.max.to_vec2());
        node.set_bounds(egui::accesskit::Rect {
            x0: min.x.into(),
            y0: min.y.into(),
            x1: max.x.into(),
            y1: max.y.into(),
        });
    });
}

/// "83 %", with a thin space that does not break.
pub fn percent(share: f32) -> String {
    format!("{:.0}\u{a0}%", share * 100.0)
}

/// "0.62 s" or "85 ms".
pub fn duration(ms: f64) -> String {
    if ms < 1000.0 {
        format!("{ms:.0}\u{a0}ms")
    } else {
        format!("{:.1}\u{a0}s", ms / 1000.0)
    }
}
