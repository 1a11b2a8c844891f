//! Draws the quantities: each with its uncertainty and what it was measured on, and those that
//! were not measured with the reason.
//!
//! Computes no number. While the pointer is on one, its objects are lit.

use super::Wish;
use crate::measure::Measurement;
use crate::measure::quantity::Quantity;
use crate::window::icons::{self, Icon};
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use egui::{CornerRadius, FontId, Margin, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use std::sync::Arc;

/// What a slot holds, as people say it.
pub fn title(slot: &str) -> String {
    let known = match slot {
        "size.median" => "Median diameter",
        "size.p10" => "A tenth is smaller than",
        "size.p90" => "A tenth is larger than",
        "size.cv" => "Spread (CV)",
        "count" => "Count",
        "spacing.median" => "Median spacing",
        "spacing.ratio" => "Spacing against chance",
        "coverage" => "Covered share",
        "porosity" => "Areal porosity",
        "aspect.median" => "Median aspect",
        "width.median" => "Median width",
        "length.median" => "Median length",
        "orientation.angle" => "Common direction",
        "orientation.order" => "Order of directions",
        "pitch" => "Pitch",
        "linewidth" => "Linewidth",
        "lwr" => "Linewidth roughness",
        "thickness" => "Thickness",
        "period" => "Period",
        "pore.median" => "Median pore diameter",
        "gap.median" => "Median gap",
        "grain.median" => "Grain-like features",
        "crack.density" => "Crack density",
        "layer.count" => "Layers",
        "tip.radius" => "Tip radius",
        "tip.angle" => "Tip angle",
        "defect.count" => "Defects",
        "aggregate.share" => "Share that touches",
        "aggregate.count" => "Groups that touch",
        other => other,
    };
    known.to_owned()
}

/// Draws them. Returns the objects that the number under the pointer rests on.
pub fn show(ui: &mut Ui, numbers: &Measurement, scrolls: bool, wishes: &mut Vec<Wish>) -> Vec<u32> {
    if scrolls {
        return list(ui, numbers, wishes);
    }
    // The scroll bar lies in the margin of the panel.
    let margin = Margin {
        right: theme::SPACE_S as i8,
        ..Margin::ZERO
    };
    let scroll = ScrollArea::vertical()
        .id_salt("numbers")
        .auto_shrink(false)
        .content_margin(margin);
    let shown = scroll.show(ui, |ui| {
        widgets::name_scroll(ui, "Numbers");
        list(ui, numbers, wishes)
    });
    shown.inner
}

fn list(ui: &mut Ui, numbers: &Measurement, wishes: &mut Vec<Wish>) -> Vec<u32> {
    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
    let mut lit = Vec::new();
    let (said, unsaid): (Vec<&Quantity>, Vec<&Quantity>) = numbers
        .quantities
        .iter()
        .partition(|one| one.value.is_some());
    for one in said {
        let response = number(ui, one);
        if response.hovered() {
            lit.clone_from(&one.evidence);
        }
        if response.clicked() && !one.evidence.is_empty() {
            wishes.push(Wish::ChooseAll(one.evidence.clone()));
        }
    }
    if !unsaid.is_empty() {
        ui.add_space(theme::SPACE_M);
        widgets::section_title(ui, "Not measured");
        for one in unsaid {
            refused(ui, one);
        }
    }
    lit
}

/// A number: its name and value in a line, then what it rests on and why it is to be taken with
/// reserve.
fn number(ui: &mut Ui, one: &Quantity) -> egui::Response {
    let palette = Palette::of(ui);
    let width = ui.available_width();
    let lay = |words: String, font: FontId, color, width: f32| {
        ui.painter().layout(words, font, color, width)
    };
    let (name, text) = (title(one.slot), one.text());
    let small = FontId::proportional(theme::TEXT_SMALL);
    let value = lay(
        text.clone(),
        theme::semibold(theme::TEXT_BODY),
        palette.text,
        width * 0.62,
    );
    let room = width - value.size().x - theme::SPACE_M;
    let label = lay(
        name.clone(),
        FontId::proportional(theme::TEXT_BODY),
        palette.text,
        room,
    );
    let note =
        (!one.note.is_empty()).then(|| lay(one.note.clone(), small.clone(), palette.muted, width));
    let sign = theme::ICON + theme::SPACE_S;
    let limited = one.limited.clone().map(|why| {
        lay(
            format!("Limited: {why}"),
            small,
            palette.warning,
            width - sign,
        )
    });
    let height =
        |galley: &Option<Arc<egui::Galley>>| galley.as_ref().map_or(0.0, |g| g.size().y + 1.0);
    let first = label.size().y.max(value.size().y);
    let size = vec2(
        width,
        first + height(&note) + height(&limited) + theme::SPACE_S,
    );
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let is_shown = !one.evidence.is_empty();
    response
        .widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("{name}: {text}")));
    if is_shown && (response.hovered() || response.has_focus()) {
        let ground = rect.expand2(vec2(theme::SPACE_S, 0.0));
        let round = CornerRadius::same(theme::RADIUS);
        ui.painter().rect_filled(ground, round, palette.hover);
    }
    let top = rect.top() + theme::SPACE_S / 2.0;
    let right = pos2(rect.right() - value.size().x, top);
    ui.painter()
        .galley(pos2(rect.left(), top), label, palette.text);
    ui.painter().galley(right, value, palette.text);
    let mut y = top + first + 1.0;
    if let Some(note) = note {
        let below = note.size().y + 1.0;
        ui.painter()
            .galley(pos2(rect.left(), y), note, palette.muted);
        y += below;
    }
    if let Some(limited) = limited {
        let square = Rect::from_min_size(pos2(rect.left(), y), vec2(theme::ICON, theme::ICON));
        icons::paint(ui.painter(), Icon::Warning, square, palette.warning);
        ui.painter()
            .galley(pos2(rect.left() + sign, y), limited, palette.warning);
    }
    match is_shown {
        true => response.on_hover_text("Click to choose the objects it was measured on"),
        false => response,
    }
}

/// What was not measured: what is missing, why, and what would help.
fn refused(ui: &mut Ui, one: &Quantity) {
    let palette = Palette::of(ui);
    ui.label(title(one.slot));
    if let Some(reason) = one.reason() {
        let words = egui::RichText::new(reason.to_string())
            .size(theme::TEXT_SMALL)
            .color(palette.muted);
        ui.add(egui::Label::new(words).wrap());
    }
    ui.add_space(theme::SPACE_S);
}
