//! The curves of a run: three losses over the epochs, in training and on validation.
//!
//! Paints only.

use super::desk::Run;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use egui::{
    Align2, Color32, CornerRadius, FontId, Pos2, Rect, RichText, Sense, Shape, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

/// Height of a plot, in points.
const HEIGHT: f32 = 60.0;
/// Height of the line above it.
const TITLE: f32 = 18.0;
/// Room for the numbers at the left.
const LEFT: f32 = 30.0;
/// Tops of the scale, times a power of ten.
const TOPS: [f32; 9] = [1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];

/// What each loss is about, in the order of the losses.
const NAMES: [(&str, &str); 3] = [
    ("ITC", "Image and text belong together"),
    ("ITM", "A text is true of an image"),
    ("LM", "Writing the answers"),
];

/// Draws one plot a loss, one below the other.
pub fn show(ui: &mut Ui, run: &Run) {
    for (loss, (name, about)) in NAMES.into_iter().enumerate() {
        title(ui, run, loss, name, about);
        plot(ui, run, loss, name);
    }
    legend(ui, run);
}

/// The losses of the steps and of validation, over the epochs done.
fn points(run: &Run) -> [&[(f32, [f32; 3])]; 2] {
    [run.steps.points(), run.epochs.points()]
}

/// The last losses in training and on validation.
fn last(run: &Run, loss: usize) -> [Option<f32>; 2] {
    points(run).map(|points| points.last().map(|(_, losses)| losses[loss]))
}

/// Epochs done.
fn end(run: &Run) -> f32 {
    let all = points(run).into_iter().flatten();
    all.map(|(at, _)| *at).fold(0.0, f32::max)
}

fn title(ui: &mut Ui, run: &Run, loss: usize, name: &str, about: &str) {
    let palette = Palette::of(ui);
    widgets::two_ends(
        ui,
        TITLE,
        |ui| {
            ui.spacing_mut().item_spacing.x = theme::SPACE_M;
            let name = RichText::new(name).font(theme::semibold(theme::TEXT_SMALL));
            ui.label(name);
            widgets::muted(ui, about);
        },
        |ui| {
            // The last value is written in the colour of its line.
            let [step, validation] = last(run, loss);
            let value = validation.map(|value| (value, palette.accent));
            if let Some((value, color)) = value.or(step.map(|value| (value, palette.muted))) {
                let words = RichText::new(format!("{value:.2}")).size(theme::TEXT_SMALL);
                ui.label(words.color(color));
            }
        },
    );
}

fn plot(ui: &mut Ui, run: &Run, loss: usize, name: &str) {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let told = told(run, loss, name);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &told));
    let area = Rect::from_min_max(
        pos2(rect.left() + LEFT, rect.top()),
        pos2(rect.right(), rect.bottom() - theme::SPACE_S),
    );
    let painter = ui.painter();
    painter.rect_filled(area, CornerRadius::same(3), palette.field);
    let curves = points(run);
    let all = || curves.iter().flat_map(|points| points.iter());
    let high = top(all().map(|(_, losses)| losses[loss]).fold(0.0, f32::max));
    let end = end(run);
    if high <= 0.0 || end <= 0.0 || !high.is_finite() {
        return;
    }
    for (value, y, align) in [
        (0.0, area.bottom(), Align2::RIGHT_BOTTOM),
        (high, area.top(), Align2::RIGHT_TOP),
    ] {
        let at = pos2(area.left() - 5.0, y);
        let font = FontId::proportional(11.0);
        painter.text(at, align, format!("{value}"), font, palette.muted);
    }
    // Lines along the edges could not be seen.
    let inner = area.shrink2(vec2(3.0, 2.0));
    let at = |(x, losses): &(f32, [f32; 3])| -> Pos2 {
        pos2(
            inner.left() + inner.width() * x / end,
            inner.bottom() - inner.height() * losses[loss] / high,
        )
    };
    let painter = painter.with_clip_rect(area.intersect(ui.clip_rect()));
    let line = |points: &[(f32, [f32; 3])], color: Color32, width: f32| {
        let points: Vec<Pos2> = points.iter().map(at).collect();
        if let [point] = points[..] {
            painter.circle_filled(point, 2.0, color);
        }
        painter.add(Shape::line(points, Stroke::new(width, color)));
    };
    line(curves[0], palette.bar, 1.0);
    line(curves[1], palette.accent, 2.0);
}

/// A round number above a value, for the top of the scale.
fn top(value: f32) -> f32 {
    let power = 10.0_f32.powf(value.log10().floor());
    let above = TOPS.into_iter().find(|top| top * power > value);
    let top = above.unwrap_or(10.0) * power;
    // Powers of ten are not exact.
    (top * 1000.0).round() / 1000.0
}

/// The curve in words, for screen readers.
fn told(run: &Run, loss: usize, name: &str) -> String {
    match last(run, loss) {
        [Some(train), Some(validation)] => {
            format!("{name}: {train:.2} in training, {validation:.2} on validation")
        }
        [Some(train), None] => format!("{name}: {train:.2} in training"),
        _ => format!("{name}: no step yet"),
    }
}

fn legend(ui: &mut Ui, run: &Run) {
    let palette = Palette::of(ui);
    widgets::two_ends(
        ui,
        TITLE,
        |ui| {
            ui.add_space(LEFT);
            for (color, width, words) in [
                (palette.bar, 1.0, "steps"),
                (palette.accent, 2.0, "validation"),
            ] {
                let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
                let stroke = Stroke::new(width, color);
                ui.painter().hline(rect.x_range(), rect.center().y, stroke);
                widgets::muted(ui, words);
            }
        },
        |ui| {
            let epochs = end(run);
            if epochs > 0.0 {
                let words = match epochs < 10.0 {
                    true => format!("{} epochs", (epochs * 10.0).round() / 10.0),
                    false => format!("{epochs:.0} epochs"),
                };
                widgets::muted(ui, words);
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_number_above_the_highest_value() {
        for (value, expected) in [
            (2.64, 3.0),
            (0.65, 0.8),
            (0.0312, 0.04),
            (1.0, 1.2),
            (9.3, 10.0),
            (47.0, 50.0),
        ] {
            assert_eq!(top(value), expected, "{value}");
        }
        assert_eq!(top(0.0), 0.0, "nothing to show");
    }
}
