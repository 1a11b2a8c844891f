//! The histogram of sizes, in the colours of the outlines, with the limits of what counts as lines
//! to drag and as numbers to type.
//!
//! Draws, and pushes wishes.

use super::Wish;
use super::entry::Entry;
use crate::measure::Measurement;
use crate::measure::bins::Bins;
use crate::measure::printing::{Shown, shown_unit, to_digits};
use crate::measure::quantity::Unit;
use crate::measure::recipe::Sizes;
use crate::window::theme::{self, Palette};
use crate::window::viewer::size_colour;
use crate::window::widgets;
use egui::{
    Align2, CornerRadius, CursorIcon, DragValue, FontId, Rect, Sense, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

/// Height of the bars, in points.
const HEIGHT: f32 = 72.0;
/// Height of the numbers below them.
const AXIS: f32 = 16.0;
/// How near to a limit the pointer takes hold of it.
const REACH: f32 = 5.0;

/// The unit that sizes are shown in, and how many of it a pixel is.
pub struct SizeUnit {
    /// nm, µm or px.
    pub shown: Shown,
    /// Shown units a pixel.
    pub per_px: f64,
    /// Whether it is a length.
    pub is_length: bool,
}

impl SizeUnit {
    /// For the objects of a measurement: one for all, after the largest of the usual sizes.
    pub fn of(entry: &Entry, numbers: &Measurement) -> Self {
        let [_, high] = entry.range_px;
        match numbers.scale.nm_from_px {
            Some(nm) => {
                let shown = shown_unit(Unit::Nm, high * nm);
                Self {
                    shown,
                    per_px: nm / shown.size,
                    is_length: true,
                }
            }
            None => Self {
                shown: shown_unit(Unit::Px, high),
                per_px: 1.0,
                is_length: false,
            },
        }
    }

    /// The name without the space before it.
    pub fn name(&self) -> &'static str {
        self.shown.name.trim_start()
    }

    /// A length in pixels, as shown, without its unit.
    pub fn number(&self, px: f64) -> String {
        let value = px * self.per_px;
        to_digits(value, if value.abs() >= 100.0 { 4 } else { 3 })
    }

    /// Limits in the shown unit as they are kept.
    fn sizes(&self, [least, most]: [Option<f64>; 2]) -> Sizes {
        let kept = |limit: Option<f64>| limit.map(|limit| limit * self.shown.size);
        Sizes {
            least: kept(least),
            most: kept(most),
            in_nm: self.is_length,
        }
    }

    /// The limits that are kept, in the shown unit.
    fn limits(&self, entry: &Entry) -> [Option<f64>; 2] {
        let is_set = |limit: f64| (limit > 0.0 && limit.is_finite()).then_some(limit);
        entry
            .limits_px()
            .map(|px| is_set(px).map(|px| px * self.per_px))
    }
}

/// Draws it.
pub fn show(ui: &mut Ui, entry: &Entry, numbers: &Measurement, wishes: &mut Vec<Wish>) {
    let unit = SizeUnit::of(entry, numbers);
    let values: Vec<f64> = entry
        .objects
        .iter()
        .map(|one| one.diameter_px * unit.per_px)
        .collect();
    let Some(bins) = Bins::of(&values) else {
        return;
    };
    let limits = unit.limits(entry);
    widgets::two_ends(
        ui,
        20.0,
        |ui| {
            widgets::section_title(ui, &format!("Diameter of equal area, {}", unit.name()));
        },
        |ui| {
            if limits != [None, None] && widgets::link(ui, "All sizes").clicked() {
                wishes.push(Wish::Sizes(Sizes::default()));
            }
        },
    );
    plot(ui, &bins, (entry, &unit), limits, wishes);
    fields(ui, &bins, &unit, limits, wishes);
}

fn plot(
    ui: &mut Ui,
    bins: &Bins,
    (entry, unit): (&Entry, &SizeUnit),
    limits: [Option<f64>; 2],
    wishes: &mut Vec<Wish>,
) {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), HEIGHT + AXIS);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let count: usize = bins.counts.iter().sum();
    let told = format!(
        "Histogram of {count} sizes from {} to {} {}",
        to_digits(bins.low, 3),
        to_digits(bins.high(), 3),
        unit.name()
    );
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &told));
    let area = Rect::from_min_size(rect.min, vec2(rect.width(), HEIGHT));
    ui.painter()
        .rect_filled(area, CornerRadius::same(3), palette.field);
    let inner = area.shrink2(vec2(6.0, 0.0));
    let span = bins.high() - bins.low;
    let x_of = |value: f64| inner.left() + ((value - bins.low) / span) as f32 * inner.width();
    let highest = bins.counts.iter().copied().max().unwrap_or(1).max(1) as f32;
    let [low, high] = entry.range_px.map(|px| px * unit.per_px);
    let [least, most] = [limits[0].unwrap_or(0.0), limits[1].unwrap_or(f64::INFINITY)];
    for (class, count) in bins.counts.iter().enumerate() {
        let from = bins.low + bins.width * class as f64;
        let middle = from + 0.5 * bins.width;
        let share = (middle - low) / (high - low).max(1e-12);
        let color = match (least..=most).contains(&middle) {
            true => size_colour(share),
            false => palette.bar,
        };
        let top = area.bottom() - *count as f32 / highest * (HEIGHT - 6.0);
        let gap = if inner.width() / bins.counts.len() as f32 > 6.0 {
            1.0
        } else {
            0.0
        };
        let bar = Rect::from_min_max(
            pos2(x_of(from), top),
            pos2(x_of(from + bins.width) - gap, area.bottom()),
        );
        if *count > 0 {
            ui.painter().rect_filled(bar, CornerRadius::ZERO, color);
        }
    }
    let font = FontId::proportional(11.0);
    for (value, at, align) in [
        (bins.low, area.left_bottom(), Align2::LEFT_TOP),
        (bins.high(), area.right_bottom(), Align2::RIGHT_TOP),
    ] {
        let at = at + vec2(0.0, 2.0);
        ui.painter()
            .text(at, align, to_digits(value, 3), font.clone(), palette.muted);
    }
    let at = area.center_bottom() + vec2(0.0, 2.0);
    let words = format!(
        "at most {highest:.0} in a class of {} {}",
        to_digits(bins.width, 2),
        unit.name()
    );
    ui.painter()
        .text(at, Align2::CENTER_TOP, words, font, palette.muted);
    handles(ui, bins, (area, inner), unit, limits, wishes);
}

/// The lines of the limits, and dragging them.
fn handles(
    ui: &Ui,
    bins: &Bins,
    (area, inner): (Rect, Rect),
    unit: &SizeUnit,
    limits: [Option<f64>; 2],
    wishes: &mut Vec<Wish>,
) {
    let palette = Palette::of(ui);
    let ends = [bins.low, bins.high()];
    let span = ends[1] - ends[0];
    for place in 0..2 {
        let value = limits[place].unwrap_or(ends[place]).clamp(ends[0], ends[1]);
        let x = inner.left() + ((value - ends[0]) / span) as f32 * inner.width();
        let grip = Rect::from_center_size(pos2(x, area.center().y), vec2(2.0 * REACH, HEIGHT));
        let id = ui.scope_id().with(("limit", place));
        let response = ui
            .interact(grip, id, Sense::drag())
            .on_hover_cursor(CursorIcon::ResizeHorizontal);
        let name = ["Drag the smallest size", "Drag the largest size"][place];
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Slider, true, name));
        let is_hot = response.hovered() || response.dragged();
        let color = if is_hot {
            palette.accent
        } else {
            palette.outline
        };
        ui.painter().vline(
            x,
            area.y_range(),
            Stroke::new(if is_hot { 2.0 } else { 1.0 }, color),
        );
        let knob = Rect::from_center_size(pos2(x, area.bottom()), vec2(8.0, 8.0));
        ui.painter().rect_filled(knob, CornerRadius::same(4), color);
        if response.dragged()
            && let Some(at) = response.interact_pointer_pos()
        {
            let share = f64::from((at.x - inner.left()) / inner.width()).clamp(0.0, 1.0);
            let value = ends[0] + share * span;
            let mut new = limits;
            // At the end of the scale there is no limit.
            new[place] = (value != ends[place]).then_some(value);
            if let [Some(least), Some(most)] = new
                && least > most
            {
                new[place] = new[1 - place];
            }
            if new != limits {
                wishes.push(Wish::DragSizes(unit.sizes(new)));
            }
        }
        if response.drag_stopped() {
            wishes.push(Wish::SettleSizes);
        }
    }
}

/// The limits as numbers.
fn fields(
    ui: &mut Ui,
    bins: &Bins,
    unit: &SizeUnit,
    limits: [Option<f64>; 2],
    wishes: &mut Vec<Wish>,
) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size = vec2(84.0, 24.0);
        ui.spacing_mut().item_spacing.x = theme::SPACE_M;
        ui.visuals_mut().widgets.inactive.bg_stroke.color = Palette::of(ui).outline;
        let decimals = (1.0 - bins.width.log10().floor()).clamp(0.0, 4.0) as usize;
        for (place, words, name) in [
            (0, "From", "Smallest size that counts"),
            (1, "to", "Largest size that counts"),
        ] {
            widgets::muted(ui, words);
            let end = [bins.low, bins.high()][place];
            let mut value = limits[place].unwrap_or(end);
            let field = DragValue::new(&mut value)
                .speed(bins.width * 0.1)
                .range(0.0..=f64::MAX)
                .fixed_decimals(decimals)
                .update_while_editing(false)
                .suffix(unit.shown.name);
            let response = ui.add(field).accessible_name(name);
            if response.changed() {
                let mut new = limits;
                new[place] = (value > 0.0).then_some(value);
                let is_turned = matches!(new, [Some(least), Some(most)] if least > most);
                if !is_turned {
                    wishes.push(match response.dragged() {
                        true => Wish::DragSizes(unit.sizes(new)),
                        false => Wish::Sizes(unit.sizes(new)),
                    });
                }
            }
            if response.drag_stopped() {
                wishes.push(Wish::SettleSizes);
            }
        }
    });
}
