//! The few signs of the window, painted with strokes so that they share one weight and scale
//! with the text.
//!
//! Each is drawn into a square of [`theme::ICON`](super::theme::ICON) points on a grid of 16.
//! Knows no state; called by the panels through [`paint`] and [`atom`].

use super::theme::ICON;
use egui::{
    Atom, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2,
};

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Close, dismiss.
    Cross,
    /// Copy to the clipboard.
    Copy,
    /// Done.
    Check,
    /// End what runs.
    Stop,
    /// Put away to the left.
    ChevronLeft,
    /// Bring back from the left.
    ChevronRight,
    /// Larger.
    Plus,
    /// Smaller.
    Minus,
    /// Show the whole micrograph.
    Fit,
    /// Ask.
    Send,
    /// Something failed.
    Warning,
    /// A word to read.
    Info,
    /// A micrograph.
    Micrograph,
    /// Move the micrograph, choose marks.
    Pointer,
    /// Measure from point to point.
    Distance,
    /// Measure an angle.
    Angle,
    /// Draw a rectangle.
    Rectangle,
    /// Draw an ellipse.
    Ellipse,
    /// Draw a line of many points.
    Polyline,
    /// Grey values along a line.
    Profile,
    /// Measure from edge to edge.
    Caliper,
    /// Measure between parallel lines.
    Parallels,
    /// A circle through three points.
    Circle,
    /// The angle of a wall.
    Sidewall,
    /// Set the scale.
    Scale,
    /// Ask about a part.
    Region,
    /// Brightness and contrast.
    Contrast,
    /// The list of measurements.
    List,
    /// Two micrographs side by side.
    Compare,
    /// Write to a file.
    Export,
    /// A step back.
    Undo,
    /// A step forth.
    Redo,
    /// Delete.
    Bin,
    /// What does not fit.
    More,
}

/// The icon as part of a button.
pub fn atom(icon: Icon, color: Color32) -> Atom<'static> {
    Atom::paint(Vec2::splat(ICON), move |ui, args| {
        paint(ui.painter(), icon, args.rect, color)
    })
}

/// Paints the icon into the middle of `rect`.
pub fn paint(painter: &Painter, icon: Icon, rect: Rect, color: Color32) {
    let side = rect.width().min(rect.height());
    let origin = rect.center() - Vec2::splat(side / 2.0);
    let unit = side / 16.0;
    let at = |x: f32, y: f32| pos2(unit.mul_add(x, origin.x), unit.mul_add(y, origin.y));
    let stroke = Stroke::new((1.4 * unit).max(1.0), color);
    let line = |points: &[(f32, f32)]| {
        let points: Vec<Pos2> = points.iter().map(|&(x, y)| at(x, y)).collect();
        painter.add(Shape::line(points, stroke));
    };
    let square = |x: f32, y: f32, side: f32| Rect::from_min_size(at(x, y), vec2(side, side) * unit);
    let corner = CornerRadius::same((1.5 * unit) as u8);
    match icon {
        Icon::Cross => {
            line(&[(4.0, 4.0), (12.0, 12.0)]);
            line(&[(12.0, 4.0), (4.0, 12.0)]);
        }
        Icon::Copy => {
            painter.rect_stroke(square(5.5, 5.5, 8.0), corner, stroke, StrokeKind::Middle);
            line(&[
                (3.6, 10.5),
                (2.5, 10.5),
                (2.5, 2.5),
                (10.5, 2.5),
                (10.5, 3.6),
            ]);
        }
        Icon::Check => line(&[(3.0, 8.5), (6.5, 12.0), (13.0, 4.5)]),
        Icon::Stop => {
            painter.rect_filled(square(4.0, 4.0, 8.0), corner, color);
        }
        Icon::ChevronLeft => line(&[(10.0, 4.0), (6.0, 8.0), (10.0, 12.0)]),
        Icon::ChevronRight => line(&[(6.0, 4.0), (10.0, 8.0), (6.0, 12.0)]),
        Icon::Plus => {
            line(&[(8.0, 3.5), (8.0, 12.5)]);
            line(&[(3.5, 8.0), (12.5, 8.0)]);
        }
        Icon::Minus => line(&[(3.5, 8.0), (12.5, 8.0)]),
        Icon::Fit => {
            line(&[(2.5, 6.0), (2.5, 2.5), (6.0, 2.5)]);
            line(&[(10.0, 2.5), (13.5, 2.5), (13.5, 6.0)]);
            line(&[(13.5, 10.0), (13.5, 13.5), (10.0, 13.5)]);
            line(&[(6.0, 13.5), (2.5, 13.5), (2.5, 10.0)]);
        }
        Icon::Send => {
            line(&[(8.0, 13.0), (8.0, 3.5)]);
            line(&[(4.0, 7.5), (8.0, 3.5), (12.0, 7.5)]);
        }
        Icon::Warning => {
            line(&[
                (8.0, 2.5),
                (14.0, 13.0),
                (2.0, 13.0),
                (8.0, 2.5),
                (14.0, 13.0),
            ]);
            line(&[(8.0, 6.5), (8.0, 9.3)]);
            painter.circle_filled(at(8.0, 11.2), 0.9 * unit, color);
        }
        Icon::Info => {
            painter.circle_stroke(at(8.0, 8.0), 5.8 * unit, stroke);
            line(&[(8.0, 7.3), (8.0, 11.0)]);
            painter.circle_filled(at(8.0, 5.2), 0.9 * unit, color);
        }
        Icon::Pointer => line(&[
            (4.0, 2.5),
            (4.0, 12.0),
            (6.6, 9.6),
            (8.4, 13.5),
            (10.2, 12.7),
            (8.5, 9.0),
            (12.0, 9.0),
            (4.0, 2.5),
        ]),
        Icon::Distance => {
            line(&[(3.5, 12.5), (12.5, 3.5)]);
            line(&[(1.8, 10.8), (5.2, 14.2)]);
            line(&[(10.8, 1.8), (14.2, 5.2)]);
        }
        Icon::Angle => {
            line(&[(11.5, 3.0), (2.5, 12.5), (13.5, 12.5)]);
            line(&[(7.0, 8.0), (8.3, 10.0), (8.7, 12.5)]);
        }
        Icon::Rectangle => line(&[
            (2.5, 4.0),
            (13.5, 4.0),
            (13.5, 12.0),
            (2.5, 12.0),
            (2.5, 4.0),
        ]),
        Icon::Ellipse => line(&oval((8.0, 8.0), (6.0, 4.2))),
        Icon::Polyline => {
            line(&[(2.5, 12.0), (6.0, 5.0), (10.0, 10.0), (13.5, 3.5)]);
            painter.circle_filled(at(6.0, 5.0), 1.5 * unit, color);
            painter.circle_filled(at(10.0, 10.0), 1.5 * unit, color);
        }
        Icon::Profile => {
            line(&[(2.5, 2.5), (2.5, 13.5), (13.5, 13.5)]);
            line(&[
                (4.5, 10.5),
                (7.0, 10.0),
                (8.2, 4.5),
                (10.2, 4.5),
                (11.2, 10.0),
                (13.5, 10.5),
            ]);
        }
        Icon::Caliper => {
            line(&[(3.0, 2.5), (3.0, 13.5)]);
            line(&[(13.0, 2.5), (13.0, 13.5)]);
            line(&[(3.0, 8.0), (13.0, 8.0)]);
            line(&[(5.2, 6.0), (3.2, 8.0), (5.2, 10.0)]);
            line(&[(10.8, 6.0), (12.8, 8.0), (10.8, 10.0)]);
        }
        Icon::Parallels => {
            line(&[(2.5, 9.0), (9.0, 2.5)]);
            line(&[(7.0, 13.5), (13.5, 7.0)]);
        }
        Icon::Circle => {
            painter.circle_stroke(at(8.0, 8.0), 5.4 * unit, stroke);
            for (x, y) in [(8.0, 2.6), (3.3, 10.7), (12.7, 10.7)] {
                painter.circle_filled(at(x, y), 1.7 * unit, color);
            }
        }
        Icon::Sidewall => {
            line(&[(1.5, 12.5), (14.5, 12.5)]);
            line(&[(4.0, 12.5), (6.2, 4.0), (13.0, 4.0)]);
            line(&[(8.6, 12.5), (7.8, 9.6), (5.2, 8.4)]);
        }
        Icon::Scale => {
            line(&[(2.0, 6.0), (2.0, 11.0), (14.0, 11.0), (14.0, 6.0)]);
            line(&[(5.0, 8.6), (5.0, 11.0)]);
            line(&[(8.0, 7.4), (8.0, 11.0)]);
            line(&[(11.0, 8.6), (11.0, 11.0)]);
        }
        Icon::Region => {
            for (x, y) in [(1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)] {
                let (x0, y0) = (8.0 - 5.5 * x, 8.0 - 5.5 * y);
                line(&[(x0 + 3.4 * x, y0), (x0, y0), (x0, y0 + 3.4 * y)]);
            }
            painter.circle_filled(at(8.0, 8.0), 1.6 * unit, color);
        }
        Icon::Contrast => {
            painter.circle_stroke(at(8.0, 8.0), 5.6 * unit, stroke);
            let half: Vec<Pos2> = oval((8.0, 8.0), (5.6, 5.6))
                .into_iter()
                .filter(|(x, _)| *x >= 8.0 - 1e-3)
                .map(|(x, y)| at(x, y))
                .collect();
            painter.add(Shape::convex_polygon(half, color, Stroke::NONE));
        }
        Icon::List => {
            for y in [4.0, 8.0, 12.0] {
                painter.circle_filled(at(3.2, y), 1.1 * unit, color);
                line(&[(6.0, y), (13.5, y)]);
            }
        }
        Icon::Compare => {
            line(&[
                (2.0, 3.0),
                (14.0, 3.0),
                (14.0, 13.0),
                (2.0, 13.0),
                (2.0, 3.0),
            ]);
            line(&[(8.0, 3.0), (8.0, 13.0)]);
        }
        Icon::Export => {
            line(&[(8.0, 10.0), (8.0, 2.5)]);
            line(&[(4.8, 5.7), (8.0, 2.5), (11.2, 5.7)]);
            line(&[(2.5, 9.5), (2.5, 13.5), (13.5, 13.5), (13.5, 9.5)]);
        }
        Icon::Undo => {
            line(&[(6.0, 3.0), (2.8, 6.2), (6.0, 9.4)]);
            line(&[
                (2.8, 6.2),
                (9.8, 6.2),
                (12.4, 7.4),
                (13.2, 9.6),
                (12.4, 11.8),
                (9.8, 13.0),
                (7.0, 13.0),
            ]);
        }
        Icon::Redo => {
            line(&[(10.0, 3.0), (13.2, 6.2), (10.0, 9.4)]);
            line(&[
                (13.2, 6.2),
                (6.2, 6.2),
                (3.6, 7.4),
                (2.8, 9.6),
                (3.6, 11.8),
                (6.2, 13.0),
                (9.0, 13.0),
            ]);
        }
        Icon::Bin => {
            line(&[(2.8, 4.5), (13.2, 4.5)]);
            line(&[(6.0, 4.5), (6.0, 2.5), (10.0, 2.5), (10.0, 4.5)]);
            line(&[(4.2, 4.5), (4.8, 13.5), (11.2, 13.5), (11.8, 4.5)]);
        }
        Icon::More => {
            for x in [3.5, 8.0, 12.5] {
                painter.circle_filled(at(x, 8.0), 1.3 * unit, color);
            }
        }
        Icon::Micrograph => {
            painter.rect_stroke(square(2.0, 2.0, 12.0), corner, stroke, StrokeKind::Middle);
            painter.circle_stroke(at(6.2, 6.4), 2.0 * unit, stroke);
            painter.circle_stroke(at(10.4, 10.0), 1.6 * unit, stroke);
        }
    }
}

/// A closed oval as points of the grid.
fn oval((x, y): (f32, f32), (half_width, half_height): (f32, f32)) -> Vec<(f32, f32)> {
    (0..=32)
        .map(|step| {
            let angle = step as f32 / 32.0 * std::f32::consts::TAU - std::f32::consts::FRAC_PI_2;
            (x + half_width * angle.cos(), y + half_height * angle.sin())
        })
        .collect()
}
