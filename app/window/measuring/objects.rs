//! Draws the list of objects, and the buttons that change them by hand.
//!
//! A row stands for an object of the image: what is chosen in one is chosen in the other.

use super::Wish;
use super::entry::{Column, Entry};
use super::histogram::SizeUnit;
use crate::measure::{Measurement, Object, has_objects};
use crate::window::command::Command;
use crate::window::icons::{self, Icon};
use crate::window::shortcuts::Action;
use crate::window::theme::{self, Palette};
use crate::window::viewer::{Tool, Viewer, size_colour};
use crate::window::widgets;
use egui::{
    Align2, CornerRadius, FontId, Rect, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// Height of a row, in points.
const ROW: f32 = 24.0;
/// Height of the list where the panel scrolls as a whole.
const HEIGHT: f32 = 260.0;
/// Side of a button.
const SIDE: f32 = 28.0;
/// Where the columns end, as shares of the width.
const ENDS: [f32; 5] = [0.14, 0.38, 0.56, 0.72, 0.88];

/// Draws it. Whether the object that was sought is in view now.
pub fn show(
    ui: &mut Ui,
    entry: &Entry,
    (numbers, viewer): (&Measurement, &Viewer),
    scrolls: bool,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) -> bool {
    if !has_objects(numbers.structure) {
        let words = "What was measured here are no single objects. Its outlines are drawn over the micrograph; Numbers says what they come to.";
        widgets::running_text(ui, egui::RichText::new(words).color(Palette::of(ui).muted));
        return false;
    }
    let listed = entry.listed();
    tools(ui, entry, viewer, wishes, out);
    let unit = SizeUnit::of(entry, numbers);
    header(ui, entry, &unit, wishes);
    widgets::hairline(ui);
    if listed.is_empty() {
        widgets::muted(ui, "No object counts. Draw one, or let more sizes count.");
        return false;
    }
    let height = match scrolls {
        true => HEIGHT,
        false => (ui.available_height() - 20.0).max(3.0 * ROW),
    };
    let mut scroll = ScrollArea::vertical()
        .id_salt("objects")
        .auto_shrink(false)
        .max_height(height);
    let sought = entry
        .sought
        .and_then(|id| listed.iter().position(|one| one.id == id));
    if let Some(place) = sought {
        let middle = ROW * (place as f32 + 0.5) - height / 2.0;
        scroll = scroll.vertical_scroll_offset(middle.max(0.0));
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        scroll.show_rows(ui, ROW, listed.len(), |ui, range| {
            widgets::name_scroll(ui, "Objects");
            for object in listed.get(range).unwrap_or_default() {
                row(ui, object, (entry, &unit), wishes);
            }
        });
    });
    let all = entry.objects.len();
    let chosen = match entry.chosen.len() {
        0 => String::new(),
        count => format!(", {count} chosen"),
    };
    let words = match listed.len() == all {
        true => format!("{all} in all{chosen}"),
        false => format!("{} of {all} count{chosen}", listed.len()),
    };
    widgets::muted(ui, words);
    sought.is_some()
}

/// The buttons that change objects by hand.
fn tools(
    ui: &mut Ui,
    entry: &Entry,
    viewer: &Viewer,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) {
    let chosen = entry.chosen.len();
    let unless = |is_so: bool, why: &'static str| (!is_so).then_some(why);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (icon, tool) in [
            (Icon::DrawObject, Tool::DrawObject),
            (Icon::Cut, Tool::CutObjects),
        ] {
            let action = Action::Pick(tool);
            let is_on = viewer.tool() == tool;
            let name = format!("{} ({})", action.title(), action.key_text(ui.ctx()));
            if button(ui, icon, &name, is_on, None) {
                let next = if is_on { Tool::Move } else { tool };
                out.push(Command::Do(Action::Pick(next)));
            }
        }
        let name = format!(
            "{} ({})",
            Action::JoinObjects.title(),
            Action::JoinObjects.key_text(ui.ctx())
        );
        let why_not = unless(chosen > 1, "Choose two or more with Shift");
        if button(ui, Icon::Join, &name, false, why_not) {
            wishes.push(Wish::Join);
        }
        let why_not = unless(chosen > 0, "Click an object first");
        if button(
            ui,
            Icon::Bin,
            "Take the chosen objects away (Delete)",
            false,
            why_not,
        ) {
            wishes.push(Wish::Remove);
        }
        ui.add_space(theme::SPACE_M);
        let why_not = unless(entry.can_undo(), "Nothing was changed yet");
        if button(
            ui,
            Icon::Undo,
            "Undo the last change of objects",
            false,
            why_not,
        ) {
            wishes.push(Wish::Undo);
        }
        let why_not = unless(entry.can_redo(), "Nothing was undone");
        if button(ui, Icon::Redo, "Redo the change of objects", false, why_not) {
            wishes.push(Wish::Redo);
        }
    });
}

fn button(ui: &mut Ui, icon: Icon, name: &str, is_on: bool, why_not: Option<&str>) -> bool {
    let palette = Palette::of(ui);
    let is_enabled = why_not.is_none();
    let sense = if is_enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(SIDE), sense);
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, is_enabled, is_on, name));
    let fill = match (
        is_on,
        is_enabled && (response.hovered() || response.has_focus()),
    ) {
        (true, _) => Some(palette.accent_soft),
        (false, true) => Some(palette.hover),
        (false, false) => None,
    };
    if let Some(fill) = fill {
        let round = CornerRadius::same(theme::RADIUS);
        ui.painter().rect_filled(rect, round, fill);
    }
    let color = match (is_enabled, is_on) {
        (false, _) => palette.hairline,
        (true, true) => palette.accent,
        (true, false) => palette.text,
    };
    let square = rect.shrink((SIDE - theme::ICON) / 2.0);
    icons::paint(ui.painter(), icon, square, color);
    let clicked = is_enabled && response.clicked();
    match why_not {
        Some(why_not) => response.on_hover_text(format!("{name}\n{why_not}")),
        None => response.on_hover_text(name),
    };
    clicked
}

/// What a column is called, its unit with it.
fn heading(column: Column, unit: &SizeUnit) -> String {
    match column {
        Column::Number => "No.".to_owned(),
        Column::Diameter => format!("Diameter, {}", unit.name()),
        Column::Longest => format!("Feret, {}", unit.name()),
        Column::Aspect => "Aspect".to_owned(),
        Column::Form => "Round".to_owned(),
    }
}

/// What a column is, in a sentence.
fn about(column: Column) -> &'static str {
    match column {
        Column::Number => "The number of the object, which stays when others are taken away.",
        Column::Diameter => "The diameter of the circle of the same area.",
        Column::Longest => "The longest distance between two parallel tangents.",
        Column::Aspect => "Longest over shortest Feret diameter.",
        Column::Form => "4π area over perimeter squared: 1 for a circle.",
    }
}

fn header(ui: &mut Ui, entry: &Entry, unit: &SizeUnit, wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let mut left = rect.left();
    for (column, end) in Column::ALL.into_iter().zip(ENDS) {
        let right = rect.left() + rect.width() * end;
        let cell = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
        left = right;
        let id = ui.scope_id().with(("column", column as usize));
        let response = ui.interact(cell, id, Sense::click());
        let words = heading(column, unit);
        response.widget_info(|| {
            WidgetInfo::labeled(egui::Role::Button, true, format!("List by {words}"))
        });
        let is_chosen = entry.order.0 == column;
        let color = match is_chosen || response.hovered() {
            true => palette.text,
            false => palette.muted,
        };
        let arrow = match (is_chosen, entry.order.1) {
            (false, _) => "",
            (true, true) => " ↓",
            (true, false) => " ↑",
        };
        let font = theme::semibold(theme::TEXT_SMALL);
        ui.painter().text(
            cell.right_center(),
            Align2::RIGHT_CENTER,
            format!("{words}{arrow}"),
            font,
            color,
        );
        if response.on_hover_text(about(column)).clicked() {
            wishes.push(Wish::OrderBy(column));
        }
    }
}

fn row(ui: &mut Ui, object: &Object, (entry, unit): (&Entry, &SizeUnit), wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let is_chosen = entry.chosen.contains(&object.id);
    let state = match object {
        Object { by_hand: true, .. } => "by hand",
        Object { is_cut: true, .. } => "cut by the frame",
        Object { is_split: true, .. } => "split from others",
        _ => "",
    };
    let diameter = unit.number(object.diameter_px);
    response.widget_info(|| {
        let name = format!("Object {}: {diameter} {} {state}", object.id, unit.name());
        WidgetInfo::selected(egui::Role::Button, true, is_chosen, name.trim_end())
    });
    let round = CornerRadius::same(theme::RADIUS);
    if is_chosen {
        ui.painter().rect_filled(rect, round, palette.accent_soft);
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, round, palette.hover);
    }
    let [low, high] = entry.range_px;
    let share = (object.diameter_px - low) / (high - low).max(1e-9);
    let dot = pos2(rect.left() + theme::SPACE_M, rect.center().y);
    ui.painter().circle_filled(dot, 3.5, size_colour(share));
    let cells = [
        object.id.to_string(),
        diameter,
        unit.number(object.feret_max_px),
        format!("{:.2}", object.aspect()),
        format!("{:.2}", object.form_factor()),
    ];
    for (place, (words, end)) in cells.into_iter().zip(ENDS).enumerate() {
        let at = pos2(rect.left() + rect.width() * end, rect.center().y);
        let font = FontId::proportional(theme::TEXT_BODY);
        let color = if place == 0 {
            palette.muted
        } else {
            palette.text
        };
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, words, font, color);
    }
    let sign = match object {
        Object { by_hand: true, .. } => "hand",
        Object { is_cut: true, .. } => "cut",
        Object { is_split: true, .. } => "split",
        _ => "",
    };
    let at = pos2(rect.right() - theme::SPACE_S, rect.center().y);
    let font = FontId::proportional(theme::TEXT_SMALL);
    ui.painter()
        .text(at, Align2::RIGHT_CENTER, sign, font, palette.muted);
    let more = ui.input(|input| input.modifiers.shift || input.modifiers.command);
    if response.clicked() {
        wishes.push(Wish::Choose(object.id, more));
    }
    if !state.is_empty() {
        response.on_hover_text(state);
    }
}
