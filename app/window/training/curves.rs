//! The curves of a run: three losses over the epochs, in training and on validation.
//!
//! Paints only.

use super::desk::Run;
use crate::window::theme::{self, Palette};
use egui::{
    Align2, Color32, CornerRadius, FontId, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

/// Height of a plot, in points.
const HEIGHT: f32 = 74.0;
/// Room for the numbers at the left.
const LEFT: f32 = 34.0;

/// What each loss is about, in the order of the losses.
const NAMES: [(&str, &str); 3] = [
    ("ITC", "Image and text belong together"),
    ("ITM", "A text is true of an image"),
    ("LM", "Writing the answers"),
];

/// Draws one plot a loss, one below the other.
pub fn show(ui: &mut Ui, run: &Run) {
    for (loss, (name, about)) in NAMES.into_iter().enumerate() {
        plot(ui, run, loss, name, about);
    }
    legend(ui);
}

fn plot(ui: &mut Ui, run: &Run, loss: usize, name: &str, about: &str) {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let told = told(run, loss, name);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &told));
    response.on_hover_text(about);
    let area = Rect::from_min_max(
        pos2(rect.left() + LEFT, rect.top() + 2.0),
        pos2(rect.right(), rect.bottom() - theme::SPACE_S),
    );
    let painter = ui.painter();
    painter.rect_filled(area, CornerRadius::same(3), palette.field);
    let font = FontId::proportional(11.0);
    let curves = [run.steps.points(), run.epochs.points()];
    let all = || curves.iter().flat_map(|points| points.iter());
    // A line along the upper edge could not be seen.
    let high = 1.06 * all().map(|(_, losses)| losses[loss]).fold(0.0, f32::max);
    let end = all().map(|(at, _)| *at).fold(0.0, f32::max);
    painter.text(
        pos2(area.left() + 6.0, area.top() + 4.0),
        Align2::LEFT_TOP,
        name,
        font.clone(),
        palette.muted,
    );
    if high <= 0.0 || end <= 0.0 || !high.is_finite() {
        return;
    }
    for (share, align) in [(0.0, Align2::RIGHT_BOTTOM), (1.0, Align2::RIGHT_TOP)] {
        let y = area.bottom() - share * area.height();
        let words = format!("{:.2}", share * high);
        painter.text(
            pos2(area.left() - 5.0, y),
            align,
            words,
            font.clone(),
            palette.muted,
        );
    }
    let at = |(x, losses): &(f32, [f32; 3])| -> Pos2 {
        let y = losses[loss] / high;
        pos2(
            area.left() + area.width() * x / end,
            area.bottom() - (area.height() - 2.0) * y,
        )
    };
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

/// The curve in words, for screen readers.
fn told(run: &Run, loss: usize, name: &str) -> String {
    let last = |points: &[(f32, [f32; 3])]| points.last().map(|(_, losses)| losses[loss]);
    match (last(run.steps.points()), last(run.epochs.points())) {
        (Some(train), Some(validation)) => {
            format!("{name}: {train:.2} in training, {validation:.2} on validation")
        }
        (Some(train), None) => format!("{name}: {train:.2} in training"),
        _ => format!("{name}: no step yet"),
    }
}

fn legend(ui: &mut Ui) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.add_space(LEFT);
        for (color, words) in [(palette.bar, "steps"), (palette.accent, "validation")] {
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
            let stroke = Stroke::new(2.0, color);
            ui.painter().hline(rect.x_range(), rect.center().y, stroke);
            crate::window::widgets::muted(ui, words);
        }
    });
}
