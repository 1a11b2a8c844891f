//! Draws a table of a report: names at the left, numbers right-aligned with their intervals below.
//!
//! What is wider than the panel scrolls sideways. Paints only.

use crate::evaluate::page::{Cell, Mark, Row, Table};
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use egui::text::LayoutJob;
use egui::{
    Align, Align2, Color32, CornerRadius, FontId, Galley, Rect, RichText, ScrollArea, Sense, Ui,
    WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// Size of what stands smaller, below a number.
const SMALL: f32 = 10.5;
/// Between two columns.
const GAP: f32 = 14.0;
/// Above and below the words of a row.
const AIR: f32 = 4.0;
/// The widest that names of rows get.
const NAME_WIDTH: f32 = 150.0;
/// The widest that a column of numbers gets.
const CELL_WIDTH: f32 = 96.0;

/// Draws a table with its caption and notes.
pub fn show(ui: &mut Ui, table: &Table) {
    let palette = Palette::of(ui);
    let caption = RichText::new(&table.caption).font(theme::semibold(theme::TEXT_SMALL));
    ui.add(egui::Label::new(caption).wrap());
    let laid = Laid::of(ui, table, palette);
    ScrollArea::horizontal()
        .id_salt(&table.caption)
        .auto_shrink([false, true])
        .show(ui, |ui| laid.paint(ui, palette));
    for note in &table.notes {
        widgets::muted(ui, note.as_str());
    }
    ui.add_space(theme::SPACE_L);
}

/// A table with all its words laid out.
struct Laid {
    widths: Vec<f32>,
    heads: Vec<Arc<Galley>>,
    rows: Vec<LaidRow>,
}

struct LaidRow {
    cells: Vec<[Arc<Galley>; 2]>,
    height: f32,
    is_apart: bool,
    words: String,
}

impl Laid {
    fn of(ui: &Ui, table: &Table, palette: &Palette) -> Self {
        let lay = |words: &str, font: FontId, color: Color32, width: f32| {
            ui.painter().layout(words.to_owned(), font, color, width)
        };
        let width_of = |column: usize| if column == 0 { NAME_WIDTH } else { CELL_WIDTH };
        let heads: Vec<_> = table
            .columns
            .iter()
            .enumerate()
            .map(|(column, words)| {
                let font = theme::semibold(theme::TEXT_SMALL);
                lay(words, font, palette.muted, width_of(column))
            })
            .collect();
        let rows: Vec<LaidRow> = table
            .rows
            .iter()
            .map(|row| {
                let cells = row.cells.iter().enumerate().map(|(column, cell)| {
                    let (font, color) = look(cell, palette);
                    let mark = if cell.mark == Mark::Bad { "✗ " } else { "" };
                    let words = format!("{mark}{}", cell.text);
                    let width = width_of(column);
                    [
                        lay(&words, font, color, width),
                        small(ui, &cell.small, palette),
                    ]
                });
                let cells: Vec<_> = cells.collect();
                let tall = |[text, small]: &[Arc<Galley>; 2]| match small.is_empty() {
                    true => text.size().y,
                    false => text.size().y + small.size().y,
                };
                LaidRow {
                    height: cells.iter().map(tall).fold(0.0, f32::max) + 2.0 * AIR,
                    cells,
                    is_apart: row.is_apart,
                    words: told(&table.columns, row),
                }
            })
            .collect();
        let widths = (0..table.columns.len()).map(|column| {
            let head = heads.get(column).map_or(0.0, |head| head.size().x);
            let of_row = |row: &LaidRow| {
                let pair = row.cells.get(column);
                pair.map_or(0.0, |[text, small]| text.size().x.max(small.size().x))
            };
            rows.iter().map(of_row).fold(head, f32::max)
        });
        Self {
            widths: widths.collect(),
            heads,
            rows,
        }
    }

    fn paint(&self, ui: &mut Ui, palette: &Palette) {
        let gaps = GAP * self.widths.len().saturating_sub(1) as f32;
        let width = self.widths.iter().sum::<f32>() + gaps + theme::SPACE_S;
        ui.spacing_mut().item_spacing.y = 0.0;
        let tall = self.heads.iter().map(|head| head.size().y);
        let height = tall.fold(0.0, f32::max) + 2.0 * AIR;
        let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
        for (column, head) in self.heads.iter().enumerate() {
            let at = self.place(rect, column, head.size().x);
            let place = pos2(at, rect.bottom() - AIR - head.size().y);
            ui.painter().galley(place, Arc::clone(head), palette.muted);
        }
        line(ui, rect, palette.outline);
        for row in &self.rows {
            let (rect, response) = ui.allocate_exact_size(vec2(width, row.height), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &row.words));
            if row.is_apart {
                let above = Rect::from_min_max(rect.left_top(), pos2(rect.right(), rect.top()));
                line(ui, above, palette.outline);
            }
            for (column, [text, small]) in row.cells.iter().enumerate() {
                let place = pos2(self.place(rect, column, text.size().x), rect.top() + AIR);
                ui.painter().galley(place, Arc::clone(text), palette.text);
                // Its lines end at the place.
                let end = self.place(rect, column, small.size().x) + small.size().x;
                let below = pos2(end, place.y + text.size().y);
                ui.painter().galley(below, Arc::clone(small), palette.muted);
            }
            line(ui, rect, palette.hairline);
        }
    }

    /// Where words of a width begin in a column: names at its left, numbers at its right.
    fn place(&self, row: Rect, column: usize, width: f32) -> f32 {
        let before: f32 = self
            .widths
            .iter()
            .take(column)
            .map(|width| width + GAP)
            .sum();
        let room = self.widths.get(column).copied().unwrap_or(0.0);
        match column {
            0 => row.left(),
            _ => row.left() + before + room - width,
        }
    }
}

/// What stands smaller below a number: its interval, its deviation, a line each, ending alike.
fn small(ui: &Ui, words: &str, palette: &Palette) -> Arc<Galley> {
    let font = FontId::proportional(SMALL);
    let mut job = LayoutJob::simple(
        words.replace(", ", "\n"),
        font,
        palette.muted,
        f32::INFINITY,
    );
    job.halign = Align::RIGHT;
    ui.painter().layout_job(job)
}

/// A line at the bottom of a row.
fn line(ui: &Ui, rect: Rect, color: Color32) {
    let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 1.0), rect.right_bottom());
    ui.painter().rect_filled(line, CornerRadius::ZERO, color);
}

fn look(cell: &Cell, palette: &Palette) -> (FontId, Color32) {
    let plain = FontId::proportional(theme::TEXT_SMALL);
    match cell.mark {
        Mark::Plain => (plain, palette.text),
        Mark::Good => (theme::semibold(theme::TEXT_SMALL), palette.text),
        Mark::Bad => (theme::semibold(theme::TEXT_SMALL), palette.error),
        Mark::Muted => (plain, palette.muted),
    }
}

/// A row for those who hear it.
fn told(columns: &[String], row: &Row) -> String {
    let cells = row.cells.iter().zip(columns);
    let told = cells.map(|(cell, column)| match column.as_str() {
        "" => cell.text.clone(),
        column => format!("{column} {}", cell.text),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Words in the middle of a place, for plots.
pub(super) fn centred(ui: &Ui, place: egui::Pos2, words: &str, color: Color32) {
    let font = FontId::proportional(SMALL);
    ui.painter()
        .text(place, Align2::CENTER_CENTER, words, font, color);
}
