//! Draws the plots of a report: confusions (a cell can be chosen), reliability and bars.
//!
//! Paints only, and says which cell was clicked.

use super::tables::centred;
use crate::evaluate::page::{Bar, Plot};
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use egui::{
    Align2, Color32, CornerRadius, FontId, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

/// Room for the names of rows.
const NAMES: f32 = 118.0;
/// The largest side of a cell.
const CELL_MAX: f32 = 40.0;
/// Height of a bar with the air around it.
const BAR: f32 = 20.0;
/// Room for the value behind a bar.
const VALUE: f32 = 34.0;
/// Letters of a name that fit there.
const LETTERS: usize = 19;
/// Size of small words.
const SMALL: f32 = 10.5;

/// Draws a plot with its caption; gives back the cell that was clicked.
pub fn show(ui: &mut Ui, plot: &Plot, chosen: Option<(usize, usize)>) -> Option<(usize, usize)> {
    let (caption, clicked) = match plot {
        Plot::Confusion {
            caption,
            labels,
            counts,
        } => (caption, confusion(ui, labels, counts, chosen)),
        Plot::Reliability { caption, bins } => {
            reliability(ui, caption, bins);
            (caption, None)
        }
        Plot::Bars { caption, bars } => {
            bars_of(ui, bars);
            (caption, None)
        }
    };
    widgets::muted(ui, caption.as_str());
    ui.add_space(theme::SPACE_L);
    clicked
}

fn confusion(
    ui: &mut Ui,
    labels: &[String],
    counts: &[Vec<usize>],
    chosen: Option<(usize, usize)>,
) -> Option<(usize, usize)> {
    let palette = Palette::of(ui);
    let side = ((ui.available_width() - NAMES) / labels.len().max(1) as f32).clamp(14.0, CELL_MAX);
    let whole = vec2(
        NAMES + side * labels.len() as f32,
        side * labels.len() as f32 + 22.0,
    );
    let (rect, _) = ui.allocate_exact_size(whole, Sense::hover());
    let corner = rect.left_top() + vec2(NAMES, 22.0);
    let mut clicked = None;
    for (row, (label, cells)) in labels.iter().zip(counts).enumerate() {
        let middle = corner.y + side * (row as f32 + 0.5);
        let font = FontId::proportional(SMALL);
        let name = short(label, LETTERS);
        let at = pos2(corner.x - 6.0, middle);
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, name, font, palette.text);
        // Whole names would not fit above the columns.
        let head = pos2(corner.x + side * (row as f32 + 0.5), corner.y - 10.0);
        centred(ui, head, &begin(label), palette.muted);
        let all = cells.iter().sum::<usize>().max(1);
        for (column, count) in cells.iter().enumerate() {
            let at = corner + vec2(side * column as f32, side * row as f32);
            let cell = Rect::from_min_size(at, vec2(side, side)).shrink(0.5);
            let share = *count as f32 / all as f32;
            ui.painter()
                .rect_filled(cell, CornerRadius::same(2), shade(palette, share));
            if *count > 0 {
                let color = if share > 0.55 {
                    palette.on_accent
                } else {
                    palette.text
                };
                centred(ui, cell.center(), &count.to_string(), color);
            }
            let is_chosen = chosen == Some((row, column));
            let id = ui.scope_id().with(("cell", row, column));
            let response = ui.interact(cell, id, Sense::click());
            let words = format!(
                "{count} of {} taken for {}",
                plain(label),
                plain(labels.get(column).map_or("", String::as_str))
            );
            response
                .widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_chosen, &words));
            if is_chosen || response.hovered() || response.has_focus() {
                let stroke = Stroke::new(if is_chosen { 2.0 } else { 1.0 }, palette.text);
                ui.painter()
                    .rect_stroke(cell, CornerRadius::same(2), stroke, StrokeKind::Inside);
            }
            if response.on_hover_text(words).clicked() {
                clicked = Some((row, column));
            }
        }
    }
    clicked
}

/// A shade of the accent by a share, from the colour of fields on.
fn shade(palette: &Palette, share: f32) -> Color32 {
    palette
        .field
        .lerp_to_gamma(palette.accent, share.clamp(0.0, 1.0))
}

fn plain(label: &str) -> String {
    label.replace('_', " ")
}

fn short(label: &str, most: usize) -> String {
    let label = plain(label);
    match label.chars().count() > most {
        true => format!("{}…", label.chars().take(most - 1).collect::<String>()),
        false => label,
    }
}

/// The first letters of a name: those of the ten categories differ.
fn begin(label: &str) -> String {
    label.chars().take(3).collect()
}

fn reliability(ui: &mut Ui, caption: &str, bins: &[(f64, f64, usize)]) {
    let palette = Palette::of(ui);
    let side = ui.available_width().min(240.0);
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, caption));
    let area = Rect::from_min_max(
        rect.left_top() + vec2(34.0, 6.0),
        rect.right_bottom() - vec2(6.0, 32.0),
    );
    let at = |x: f64, y: f64| {
        pos2(
            area.left() + area.width() * x as f32,
            area.bottom() - area.height() * y as f32,
        )
    };
    let painter = ui.painter();
    painter.rect_filled(area, CornerRadius::same(3), palette.field);
    painter.line_segment(
        [at(0.0, 0.0), at(1.0, 1.0)],
        Stroke::new(1.0, palette.outline),
    );
    let font = FontId::proportional(SMALL);
    for tick in [0.0, 0.5, 1.0] {
        let (below, left) = (
            at(tick, 0.0) + vec2(0.0, 8.0),
            at(0.0, tick) - vec2(5.0, 0.0),
        );
        let words = format!("{tick}");
        painter.text(
            below,
            Align2::CENTER_CENTER,
            &words,
            font.clone(),
            palette.muted,
        );
        painter.text(
            left,
            Align2::RIGHT_CENTER,
            &words,
            font.clone(),
            palette.muted,
        );
    }
    let below = pos2(area.center().x, rect.bottom() - 6.0);
    painter.text(
        below,
        Align2::CENTER_CENTER,
        "mean probability; up: share right",
        font,
        palette.muted,
    );
    let points: Vec<Pos2> = bins.iter().map(|(p, right, _)| at(*p, *right)).collect();
    painter.add(Shape::line(
        points.clone(),
        Stroke::new(1.5, palette.accent),
    ));
    let most = bins
        .iter()
        .map(|(_, _, count)| *count)
        .max()
        .unwrap_or(1)
        .max(1);
    for (point, (_, _, count)) in points.into_iter().zip(bins) {
        let radius = 2.5 + 4.0 * (*count as f32 / most as f32).sqrt();
        painter.circle_filled(point, radius, palette.accent);
    }
}

fn bars_of(ui: &mut Ui, bars: &[Bar]) {
    let palette = Palette::of(ui);
    let width = ui.available_width();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (name, value, reach) in bars {
            let (rect, response) = ui.allocate_exact_size(vec2(width, BAR), Sense::hover());
            let words = format!("{}: {value:.2}", plain(name));
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &words));
            let font = FontId::proportional(SMALL);
            let area = Rect::from_min_max(
                rect.left_top() + vec2(NAMES, 4.0),
                rect.right_bottom() - vec2(VALUE, 4.0),
            );
            let at = |share: f64| area.left() + area.width() * share.clamp(0.0, 1.0) as f32;
            let painter = ui.painter();
            let name_at = pos2(area.left() - 6.0, rect.center().y);
            painter.text(
                name_at,
                Align2::RIGHT_CENTER,
                short(name, LETTERS),
                font.clone(),
                palette.text,
            );
            painter.rect_filled(area, CornerRadius::same(2), palette.field);
            let filled = Rect::from_min_max(area.left_top(), pos2(at(*value), area.bottom()));
            painter.rect_filled(filled, CornerRadius::same(2), palette.accent);
            if let Some((low, high)) = reach {
                let y = rect.center().y;
                let ends = [pos2(at(*low), y), pos2(at(*high), y)];
                painter.line_segment(ends, Stroke::new(1.5, palette.text));
            }
            let value_at = pos2(rect.right(), rect.center().y);
            painter.text(
                value_at,
                Align2::RIGHT_CENTER,
                format!("{value:.2}"),
                font,
                palette.text,
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::Category;

    #[test]
    fn names_are_shortened_to_fit() {
        let heads: std::collections::HashSet<String> =
            Category::ALL.iter().map(|one| begin(one.name())).collect();
        assert_eq!(heads.len(), Category::ALL.len());
        assert_eq!(
            short("MEMS_devices_and_electrodes", 20),
            "MEMS devices and el…"
        );
        assert_eq!(short("Tips", 20), "Tips");
    }
}
