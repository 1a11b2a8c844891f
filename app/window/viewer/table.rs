//! The drawer below the micrograph: every mark with its numbers, the scale they rest on, and
//! the profile of the chosen one.
//!
//! Draws, chooses and deletes; measures nothing itself.

use super::act::is_in_doubt;
use super::marks::{Kind, Mark};
use super::profile::EDGE_RULE;
use super::{Tool, Viewer, plot, toolbar};
use crate::micrograph::Calibration;
use crate::window::command::Command;
use crate::window::icons::{self, Icon};
use crate::window::metadata;
use crate::window::shortcuts::Action;
use crate::window::state::Image;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use crate::worker::Opened;
use egui::{
    CornerRadius, DragValue, FontId, Frame, Margin, Panel, Rect, ScrollArea, Sense, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use std::fmt::Write;
use std::sync::Arc;

/// Height of the drawer at first, in points.
const HEIGHT: f32 = 212.0;
/// Least height of the drawer where there is room for more.
const LEAST: f32 = 110.0;
/// What the drawer leaves of the micrograph, whatever else is open below it.
const VIEWER_HEIGHT: f32 = 150.0;
/// Height of a row.
const ROW: f32 = 26.0;
/// Wide enough for the list and a profile beside it.
const BOTH_WIDTH: f32 = 480.0;

/// A mark as listed.
struct Row {
    mark: Mark,
    readings: Vec<(&'static str, String)>,
}

/// Draws the drawer.
pub fn show(
    ui: &mut Ui,
    viewer: &mut Viewer,
    image: &Image,
    opened: &Arc<Opened>,
    out: &mut Vec<Command>,
) {
    let marks = viewer
        .sheet(image)
        .map(|sheet| sheet.now().marks.clone())
        .unwrap_or_default();
    let rows: Vec<Row> = marks
        .into_iter()
        .map(|mark| Row {
            readings: viewer.readings(image, opened, &mark),
            mark,
        })
        .collect();
    let room = ui.available_height();
    let frame = Frame::new()
        .fill(Palette::of(ui).panel)
        .inner_margin(Margin::symmetric(
            theme::SPACE_L as i8,
            theme::SPACE_M as i8,
        ));
    Panel::bottom("measurements")
        .resizable(true)
        .default_size(HEIGHT.min(room * 0.5))
        .min_size((room * 0.2).min(LEAST))
        .max_size((room * 0.7).min((room - VIEWER_HEIGHT).max(LEAST)))
        .frame(frame)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = theme::SPACE_S;
            header(ui, viewer, image, &rows, out);
            widgets::hairline(ui);
            let chosen = viewer
                .sheet(image)
                .and_then(|sheet| sheet.chosen().cloned());
            let profiled = chosen.filter(|mark| mark.kind.has_profile());
            let whole = ui.available_rect_before_wrap();
            match profiled {
                Some(mark) if whole.width() >= BOTH_WIDTH => {
                    let mut left = whole;
                    left.max.x = whole.left() + (whole.width() * 0.5).min(420.0);
                    let mut right = whole;
                    right.min.x = left.max.x + theme::SPACE_L;
                    part(ui, left, |ui| list(ui, viewer, image, &rows));
                    part(ui, right, |ui| profile(ui, viewer, image, opened, &mark));
                }
                Some(mark) => part(ui, whole, |ui| profile(ui, viewer, image, opened, &mark)),
                None => part(ui, whole, |ui| list(ui, viewer, image, &rows)),
            }
            ui.allocate_rect(whole, Sense::hover());
        });
}

fn part(ui: &mut Ui, rect: Rect, add: impl FnOnce(&mut Ui)) {
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        ui.set_clip_rect(rect.expand(1.0).intersect(ui.clip_rect()));
        add(ui);
    });
}

fn header(ui: &mut Ui, viewer: &Viewer, image: &Image, rows: &[Row], out: &mut Vec<Command>) {
    let scale = viewer.calibration(image);
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            widgets::section_title(ui, "Measurements");
            widgets::muted(ui, scale_words(scale)).on_hover_text(match scale {
                Some(scale) => format!("From {}", scale.from),
                None => "Lengths are in pixels until the scale is set.".to_owned(),
            });
        },
        |ui| {
            ui.spacing_mut().item_spacing.x = theme::SPACE_S;
            if widgets::icon_button(ui, Icon::Cross, "Close the list").clicked() {
                out.push(Command::Do(Action::Measurements));
            }
            if !rows.is_empty() {
                if widgets::icon_button(ui, Icon::Bin, "Delete all marks").clicked() {
                    out.push(Command::Do(Action::DeleteMarks));
                }
                if widgets::icon_button(ui, Icon::Copy, "Copy the measurements").clicked() {
                    out.push(Command::Copy {
                        text: as_text(rows, &image.title(), scale),
                        what: "Measurements",
                    });
                }
            }
            let (words, action) = match scale {
                None => ("Set the scale", Action::Pick(Tool::SetScale)),
                Some(scale) if is_in_doubt(scale) => ("Confirm", Action::ConfirmScale),
                Some(_) => ("Use for all open", Action::ScaleForAll),
            };
            if widgets::link(ui, words).clicked() {
                out.push(Command::Do(action));
            }
        },
    );
}

/// The scale and who says so, or that it is not known.
pub fn scale_words(scale: Option<&Calibration>) -> String {
    scale.map_or_else(|| "Scale not known".to_owned(), metadata::scale_words)
}

/// One line a mark, with tabs between the columns. A name that a spreadsheet would take for a
/// formula gets the mark of a text.
fn as_text(rows: &[Row], name: &str, scale: Option<&Calibration>) -> String {
    let is_formula = name.starts_with(['=', '+', '-', '@']);
    let mark = if is_formula { "'" } else { "" };
    let mut text = format!("{mark}{name}\n{}\n", scale_words(scale));
    for row in rows {
        let _ = write!(text, "{}\t{}", row.mark.id, row.mark.kind.title());
        for (what, value) in &row.readings {
            let _ = write!(text, "\t{what}\t{value}");
        }
        text.push('\n');
    }
    text
}

fn list(ui: &mut Ui, viewer: &mut Viewer, image: &Image, rows: &[Row]) {
    if rows.is_empty() {
        widgets::muted(
            ui,
            "Nothing is measured yet. Choose a tool above, or press D for a distance.",
        );
        return;
    }
    let chosen = viewer.sheet(image).and_then(|sheet| sheet.chosen);
    let mut clicked = None;
    let mut deleted = None;
    ScrollArea::vertical()
        .id_salt("measurements")
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .stick_to_bottom(true)
        .show(ui, |ui| {
            widgets::name_scroll(ui, "Measurements");
            ui.spacing_mut().item_spacing.y = 0.0;
            for row in rows {
                let (was_clicked, was_deleted) = line(ui, row, chosen == Some(row.mark.id));
                if was_clicked {
                    clicked = Some(row.mark.id);
                }
                if was_deleted {
                    deleted = Some(row.mark.id);
                }
            }
        });
    let Some(sheet) = viewer.sheet_mut(image) else {
        return;
    };
    if let Some(id) = deleted {
        sheet.delete(id);
    } else if let Some(id) = clicked {
        sheet.chosen = (chosen != Some(id)).then_some(id);
    }
}

fn line(ui: &mut Ui, row: &Row, is_chosen: bool) -> (bool, bool) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let mut body = rect;
    body.max.x -= 28.0;
    let id = ui.scope_id().with(("mark", row.mark.id));
    let response = ui.interact(body, id, Sense::click());
    let title = format!("{} {}", row.mark.id, row.mark.kind.title());
    let values: Vec<String> = row
        .readings
        .iter()
        .map(|(what, value)| format!("{what} {value}"))
        .collect();
    response.widget_info(|| {
        let name = format!("{title}: {}", values.join(", "));
        WidgetInfo::selected(egui::Role::Button, true, is_chosen, name)
    });
    let round = CornerRadius::same(theme::RADIUS);
    if is_chosen {
        ui.painter().rect_filled(rect, round, palette.accent_soft);
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, round, palette.hover);
    }
    let sign = Rect::from_center_size(
        pos2(
            rect.left() + theme::SPACE_M + theme::ICON / 2.0,
            rect.center().y,
        ),
        vec2(theme::ICON, theme::ICON),
    );
    icons::paint(
        ui.painter(),
        toolbar::icon_of(row.mark.kind),
        sign,
        palette.muted,
    );
    let left = sign.right() + theme::SPACE_M;
    write_readings(ui, row, &title, body.with_min_x(left));
    let response = response.on_hover_text(values.join("   "));
    let mut corner = rect;
    corner.min.x = rect.right() - 26.0;
    let mut end = ui.new_child(UiBuilder::new().max_rect(corner.shrink(1.0)));
    let deleted = widgets::icon_button(&mut end, Icon::Cross, &format!("Delete {title}")).clicked();
    (response.clicked(), deleted)
}

/// Title and readings side by side; those that do not fit are left out with a sign of it.
fn write_readings(ui: &Ui, row: &Row, title: &str, rect: Rect) {
    let palette = Palette::of(ui);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let body = FontId::proportional(theme::TEXT_BODY);
    let layout = |words: &str, color, font: &FontId| {
        painter.layout_no_wrap(words.to_owned(), font.clone(), color)
    };
    let put = |x: f32, galley: Arc<egui::Galley>| {
        let at = pos2(x, rect.center().y - galley.size().y / 2.0);
        let end = x + galley.size().x;
        painter.galley(at, galley, palette.text);
        end
    };
    let mut x = rect.left();
    x = (put(x, layout(title, palette.text, &body)) + theme::SPACE_M).max(x + 132.0);
    for (place, (what, value)) in row.readings.iter().enumerate() {
        let heavy = theme::semibold(theme::TEXT_BODY);
        let font = if place == 0 { &heavy } else { &body };
        let value = layout(value, palette.text, font);
        let what = layout(&what.to_lowercase(), palette.muted, &body);
        let width = value.size().x + theme::SPACE_M + what.size().x;
        if place > 0 && x + width > rect.right() {
            put(x, layout("…", palette.muted, &body));
            break;
        }
        x = put(x, value) + theme::SPACE_M;
        x = put(x, what) + theme::SPACE_M;
    }
}

fn profile(ui: &mut Ui, viewer: &mut Viewer, image: &Image, opened: &Arc<Opened>, mark: &Mark) {
    let mut box_px = mark.box_px;
    widgets::two_ends(
        ui,
        22.0,
        |ui| {
            widgets::section_title(ui, &format!("{} {}", mark.id, mark.kind.title()));
            if mark.kind == Kind::Caliper {
                widgets::muted(ui, "edges half way up").on_hover_text(EDGE_RULE);
            }
        },
        |ui| {
            ui.spacing_mut().interact_size = vec2(56.0, 22.0);
            let width = DragValue::new(&mut box_px)
                .range(1.0..=401.0)
                .speed(0.5)
                .fixed_decimals(0)
                .suffix(" px");
            ui.add(width)
                .accessible_name("Width of the box")
                .on_hover_text("The profile is averaged over a box this wide.");
            widgets::muted(ui, "box");
        },
    );
    if let Some(measured) = viewer.measured(image, opened, mark) {
        plot::show(
            ui,
            &measured.profile,
            measured.caliper.as_ref(),
            &measured.scale,
        );
    }
    let rounded = box_px.round();
    if rounded != mark.box_px
        && let Some(sheet) = viewer.sheet_mut(image)
    {
        sheet.change(|drawing| {
            for known in drawing.marks.iter_mut().filter(|known| known.id == mark.id) {
                known.box_px = rounded;
            }
        });
    }
}
