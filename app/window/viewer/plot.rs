//! The plot of a profile: grey value over distance, with round numbers on both axes and the
//! edges that were found.
//!
//! Paints only.

use super::geometry::Scale;
use super::profile::{Caliper, Profile};
use crate::window::theme::{self, Palette};
use egui::{
    Align2, CornerRadius, FontId, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

/// Room for the numbers at the left and below, in points.
const LEFT: f32 = 46.0;
const BELOW: f32 = 18.0;

/// Draws a profile into the room that is left.
pub fn show(ui: &mut Ui, profile: &Profile, caliper: Option<&Caliper>, scale: &Scale) {
    let size = ui.available_size().max(vec2(120.0, 32.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, "Plot of the profile"));
    let (Some([low, high]), true) = (profile.range(), profile.values.len() > 1) else {
        return;
    };
    let palette = Palette::of(ui);
    let area = Rect::from_min_max(
        pos2(rect.left() + LEFT, rect.top() + theme::SPACE_S),
        pos2(rect.right() - theme::SPACE_M, rect.bottom() - BELOW),
    );
    let painter = ui.painter();
    painter.rect_filled(area, CornerRadius::ZERO, palette.field);
    let slack = ((high - low) * 0.06).max(0.5);
    let (low, high) = (low - slack, high + slack);
    let (from, to) = (profile.start, profile.distance(profile.values.len() - 1));
    let at = |distance: f64, value: f64| -> Pos2 {
        let x = (distance - from) / (to - from);
        let y = (value - low) / (high - low);
        pos2(
            area.left() + area.width() * x as f32,
            area.bottom() - area.height() * y as f32,
        )
    };
    let font = FontId::proportional(11.0);
    let grid = Stroke::new(1.0, palette.hairline);
    for value in ticks(low, high, (area.height() / 28.0) as usize) {
        let y = at(from, value).y;
        painter.hline(area.x_range(), y, grid);
        let place = pos2(area.left() - theme::SPACE_S, y);
        let words = format!("{value}");
        painter.text(
            place,
            Align2::RIGHT_CENTER,
            words,
            font.clone(),
            palette.muted,
        );
    }
    let (unit, one) = scale.unit_for(to);
    for tick in ticks(from / one, to / one, (area.width() / 60.0) as usize) {
        let x = at(tick * one, low).x;
        painter.vline(x, area.y_range(), grid);
        let place = pos2(x, area.bottom() + 3.0);
        // The unit stands at the end of the axis.
        if x < area.right() - 34.0 {
            let words = format!("{tick}");
            painter.text(
                place,
                Align2::CENTER_TOP,
                words,
                font.clone(),
                palette.muted,
            );
        }
    }
    let end = pos2(area.right(), area.bottom() + 3.0);
    painter.text(end, Align2::RIGHT_TOP, unit, font, palette.muted);
    let line: Vec<Pos2> = profile
        .values
        .iter()
        .enumerate()
        .map(|(sample, &value)| at(profile.distance(sample), value))
        .collect();
    painter.add(Shape::line(line, Stroke::new(1.5, palette.accent)));
    for edge in caliper.iter().flat_map(|caliper| caliper.edges).flatten() {
        let x = at(edge, low).x;
        painter.vline(x, area.y_range(), Stroke::new(1.5, palette.warning));
    }
}

/// Round numbers between two ends, about `wanted` of them.
fn ticks(from: f64, to: f64, wanted: usize) -> Vec<f64> {
    let rough = (to - from) / wanted.clamp(1, 12) as f64;
    if !rough.is_finite() || rough <= 0.0 {
        return Vec::new();
    }
    let power = 10.0_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * power);
    let first = (from / step).ceil() as i64;
    let last = (to / step).floor() as i64;
    (first..=last.min(first.saturating_add(24)))
        // The last digit of a product such as 3 × 0.1 is no part of a round number.
        .map(|place| (place as f64 * step / power * 1e6).round() / 1e6 * power)
        .map(|value| (value * 1e9).round() / 1e9)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_between_the_ends() {
        assert_eq!(ticks(0.0, 100.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(-12.0, 31.0, 4), [0.0, 20.0]);
        assert_eq!(ticks(0.0, 0.35, 4), [0.0, 0.1, 0.2, 0.3]);
        for (from, to) in [(3.0, 3.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert!(ticks(from, to, 4).is_empty());
        }
    }
}
