//! The card of brightness, contrast, gamma, inversion and false colours, with the histogram
//! they act on.
//!
//! Changes how levels are shown, never the levels.

use super::Viewer;
use crate::micrograph::Pixels;
use crate::micrograph::display::{ColourMap, DisplayMap, FULL_SCALE, GAMMA_RANGE, Histogram};
use crate::window::command::Command;
use crate::window::icons::Icon;
use crate::window::shortcuts::Action;
use crate::window::state::Image;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use crate::worker::Opened;
use egui::{
    Align2, Area, Button, Color32, CornerRadius, DragValue, FontId, Frame, Id, Margin, Mesh, Order,
    Rect, ScrollArea, Sense, Shape, Slider, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Width of what is in the card, in points.
const WIDTH: f32 = 260.0;
/// Height of the histogram.
const HISTOGRAM_HEIGHT: f32 = 84.0;
/// Bars of the histogram.
const BINS: usize = 128;

/// Draws the card while it is open.
pub fn show(
    ui: &mut Ui,
    viewer: &mut Viewer,
    screen: Rect,
    image: &Image,
    opened: &Arc<Opened>,
    out: &mut Vec<Command>,
) {
    if !viewer.options.contrast {
        return;
    }
    let before = viewer.map(image);
    let mut map = before;
    let margin = theme::SPACE_L;
    let corner = screen.right_top() + vec2(-margin, margin);
    Area::new(Id::unique("contrast"))
        .order(Order::Middle)
        .pivot(Align2::RIGHT_TOP)
        .fixed_pos(corner)
        .default_size(screen.size())
        .constrain_to(screen)
        .show(ui.ctx(), |ui| {
            let room = (screen.height() - 2.0 * margin).max(80.0);
            ui.set_max_height(room);
            // The scroll bar lies in the right margin.
            let inner = Margin {
                right: 0,
                ..Margin::same(margin as i8)
            };
            let aside = Margin {
                right: margin as i8,
                ..Margin::ZERO
            };
            Frame::popup(ui.style()).inner_margin(inner).show(ui, |ui| {
                ui.set_width((WIDTH + margin).min(screen.width() - 3.0 * margin));
                ScrollArea::vertical()
                    .max_height(room - 2.0 * margin)
                    .content_margin(aside)
                    .show(ui, |ui| {
                        widgets::name_scroll(ui, "Brightness and contrast");
                        card(ui, &mut map, opened, out);
                    });
            });
        });
    if map != before
        && let Some(sheet) = viewer.sheet_mut(image)
    {
        sheet.display = Some(map);
    }
}

fn card(ui: &mut Ui, map: &mut DisplayMap, opened: &Opened, out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            widgets::section_title(ui, "Brightness and contrast");
        },
        |ui| {
            if widgets::icon_button(ui, Icon::Cross, "Close brightness and contrast").clicked() {
                out.push(Command::Do(Action::Contrast));
            }
        },
    );
    histogram(ui, map, opened);
    ui.add_space(theme::SPACE_S);
    visible_controls(ui);
    let (mut brightness, mut contrast) = (map.brightness() * 100.0, map.contrast());
    let moved = slider(
        ui,
        "Brightness",
        &mut brightness,
        -100.0..=100.0,
        false,
        " %",
    ) | slider(
        ui,
        "Contrast",
        &mut contrast,
        DisplayMap::contrast_range(),
        true,
        " ×",
    );
    if moved {
        *map = map.with(brightness / 100.0, contrast);
    }
    slider(ui, "Gamma", &mut map.gamma, GAMMA_RANGE, true, "");
    ui.add_space(theme::SPACE_S);
    ui.horizontal(|ui| {
        let size = vec2((ui.available_width() - theme::SPACE_M) / 2.0, 26.0);
        for (action, words) in [
            (Action::AutoContrast, "Auto"),
            (Action::AsRecorded, "As recorded"),
        ] {
            let key = action.key_text(ui.ctx());
            let button = ui.add_sized(size, Button::new(words).min_size(size));
            if button
                .on_hover_text(format!("{} ({key})", action.title()))
                .clicked()
            {
                out.push(Command::Do(action));
            }
        }
    });
    ui.checkbox(&mut map.invert, "Invert");
    let is_grey = opened.micrograph.pixels.samples() == 1;
    ui.add_enabled_ui(is_grey, |ui| {
        widgets::muted(ui, format!("Colours: {}", map.colours.title()));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let width = (ui.available_width() - 18.0) / 4.0;
            for colours in ColourMap::ALL {
                swatch(ui, colours, width, &mut map.colours);
            }
        });
    })
    .response
    .on_disabled_hover_text("False colours are for grey micrographs");
}

/// Rails and boxes that are seen on the ground of a card.
pub(super) fn visible_controls(ui: &mut Ui) {
    let palette = Palette::of(ui);
    let visuals = ui.visuals_mut();
    visuals.selection.bg_fill = palette.accent;
    for state in [
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
    ] {
        state.bg_fill = palette.pressed;
        state.bg_stroke.color = palette.outline;
    }
}

fn slider(
    ui: &mut Ui,
    name: &str,
    value: &mut f32,
    range: RangeInclusive<f32>,
    logarithmic: bool,
    suffix: &str,
) -> bool {
    let mut changed = false;
    ui.horizontal(|ui| {
        let row = 24.0;
        ui.spacing_mut().interact_size = vec2(62.0, row);
        let (rect, _) = ui.allocate_exact_size(vec2(72.0, row), Sense::hover());
        let color = ui.visuals().text_color();
        let font = FontId::proportional(theme::TEXT_BODY);
        ui.painter()
            .text(rect.left_center(), Align2::LEFT_CENTER, name, font, color);
        ui.spacing_mut().slider_width = (ui.available_width() - 62.0 - theme::SPACE_M).max(40.0);
        let rail = Slider::new(value, range.clone())
            .logarithmic(logarithmic)
            .trailing_fill(true)
            .show_value(false);
        changed |= ui.add(rail).accessible_name(name).changed();
        let speed = (range.end() - range.start()) / 400.0;
        let number = DragValue::new(value)
            .range(range)
            .speed(if logarithmic { 0.02 } else { speed })
            .suffix(suffix)
            .fixed_decimals(if logarithmic { 2 } else { 0 });
        let number = ui.add_sized(vec2(62.0, row), number);
        changed |= number
            .accessible_name(format!("{name} as a number"))
            .changed();
    });
    changed
}

/// The histogram with the curve of the mapping; its lower corners are dragged to set black and
/// white.
fn histogram(ui: &mut Ui, map: &mut DisplayMap, opened: &Opened) {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), HISTOGRAM_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    response.widget_info(|| {
        WidgetInfo::labeled(egui::Role::Image, true, "Histogram with black and white")
    });
    let span = shown_span(&opened.histogram);
    let width = f32::from(span[1]) - f32::from(span[0]) + 1.0;
    let x_of = |level: f32| rect.left() + (level - f32::from(span[0])) / width * rect.width();
    let level_of = |x: f32| f32::from(span[0]) + (x - rect.left()) / rect.width() * width;
    if let Some(pointer) = response.interact_pointer_pos() {
        let level = level_of(pointer.x.clamp(rect.left(), rect.right()));
        let black_is_nearer = (level - map.black).abs() < (level - map.white).abs();
        *map = if black_is_nearer {
            map.between(level.min(map.white - 1.0), map.white)
        } else {
            map.between(map.black, level.max(map.black + 1.0))
        };
    }
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, CornerRadius::same(theme::RADIUS), palette.field);
    bars(&painter, rect, &opened.histogram, span, palette.bar);
    let curve: Vec<_> = (0..=64)
        .map(|step| {
            let x = rect.left() + rect.width() * step as f32 / 64.0;
            let tone = map.tone(level_of(x));
            let tone = if map.invert { 1.0 - tone } else { tone };
            pos2(x, rect.bottom() - 2.0 - tone * (rect.height() - 4.0))
        })
        .collect();
    painter.add(Shape::line(curve, Stroke::new(1.5, palette.accent)));
    for level in [map.black, map.white] {
        let x = x_of(level).clamp(rect.left() + 1.0, rect.right() - 1.0);
        painter.vline(x, rect.y_range(), Stroke::new(1.5, palette.text));
    }
    painter.rect_stroke(
        rect,
        CornerRadius::same(theme::RADIUS),
        Stroke::new(1.0, palette.hairline),
        StrokeKind::Inside,
    );
    let value = |level: f32| match opened.micrograph.pixels {
        Pixels::Grey8(_) | Pixels::Rgb8(_) => format!("{:.0}", level / FULL_SCALE * 255.0),
        Pixels::Grey16(_) | Pixels::Rgb16(_) => format!("{level:.0}"),
        // Floats have no scale of their own: the share of their range.
        Pixels::Float32(_) => format!("{:.1} %", level / FULL_SCALE * 100.0),
    };
    widgets::two_ends(
        ui,
        18.0,
        |ui| {
            widgets::muted(ui, format!("Black {}", value(map.black)));
        },
        |ui| {
            widgets::muted(ui, format!("White {}", value(map.white)));
        },
    );
}

/// What occurs, and a margin beside it.
fn shown_span(histogram: &Histogram) -> [u16; 2] {
    let [low, high] = histogram.span().unwrap_or([0, u16::MAX]);
    let margin = (high - low) / 16 + 64;
    [low.saturating_sub(margin), high.saturating_add(margin)]
}

fn bars(
    painter: &egui::Painter,
    rect: Rect,
    histogram: &Histogram,
    span: [u16; 2],
    color: Color32,
) {
    let bins = histogram.bins(BINS, span);
    // By its root, so that rare levels are seen beside common ones.
    let height = |count: u64| (count as f32).sqrt();
    let highest = bins.iter().copied().map(height).fold(1.0, f32::max);
    let step = rect.width() / BINS as f32;
    let mut mesh = Mesh::default();
    for (place, count) in bins.into_iter().enumerate() {
        let left = rect.left() + step * place as f32;
        let top = rect.bottom() - height(count) / highest * (rect.height() - 6.0);
        let bar = Rect::from_min_max(pos2(left, top), pos2(left + step, rect.bottom()));
        mesh.add_colored_rect(bar, color);
    }
    painter.add(Shape::mesh(mesh));
}

fn swatch(ui: &mut Ui, colours: ColourMap, width: f32, chosen: &mut ColourMap) {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 22.0), Sense::click());
    let palette = Palette::of(ui);
    let is_chosen = *chosen == colours;
    let enabled = ui.is_enabled();
    response.widget_info(|| {
        WidgetInfo::selected(egui::Role::Button, enabled, is_chosen, colours.title())
    });
    let ramp = rect.shrink(3.0);
    let mut mesh = Mesh::default();
    let all = colours.colours();
    let steps = 32;
    for step in 0..steps {
        let [red, green, blue] = all[(step * 255 + 127) / steps];
        let left = ramp.left() + ramp.width() * step as f32 / steps as f32;
        let right = ramp.left() + ramp.width() * (step + 1) as f32 / steps as f32;
        let bar = Rect::from_min_max(pos2(left, ramp.top()), pos2(right, ramp.bottom()));
        mesh.add_colored_rect(bar, Color32::from_rgb(red, green, blue));
    }
    ui.painter().add(Shape::mesh(mesh));
    let edge = if is_chosen {
        Stroke::new(2.0, palette.accent)
    } else if response.hovered() || response.has_focus() {
        Stroke::new(1.0, palette.text)
    } else {
        Stroke::new(1.0, palette.outline)
    };
    let round = CornerRadius::same(3);
    ui.painter()
        .rect_stroke(rect, round, edge, StrokeKind::Inside);
    if response.on_hover_text(colours.title()).clicked() {
        *chosen = colours;
    }
}
