//! The few signs of the window, painted with strokes so that they share one weight and scale
//! with the text.
//!
//! Each is drawn into a square of [`theme::ICON`](super::theme::ICON) points on a grid of 16.
//! Knows no state; called by the panels through [`paint`] and [`atom`].

mod tools;

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
    /// Hide what is below.
    ChevronDown,
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
    /// Draw what is not the specimen.
    LeaveOut,
    /// Show what is not the specimen.
    LeftOut,
    /// Show where the model looks.
    Eye,
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
    /// Join objects.
    Join,
    /// Cut objects in two.
    Cut,
    /// Draw an object.
    DrawObject,
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
        Icon::ChevronDown => line(&[(4.0, 6.0), (8.0, 10.0), (12.0, 6.0)]),
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
        Icon::Micrograph => {
            painter.rect_stroke(square(2.0, 2.0, 12.0), corner, stroke, StrokeKind::Middle);
            painter.circle_stroke(at(6.2, 6.4), 2.0 * unit, stroke);
            painter.circle_stroke(at(10.4, 10.0), 1.6 * unit, stroke);
        }
        _ => tools::paint(
            icon,
            &Pen {
                painter,
                origin,
                unit,
                color,
            },
        ),
    }
}

/// Paints on a grid of 16 by 16.
struct Pen<'a> {
    painter: &'a Painter,
    origin: Pos2,
    unit: f32,
    color: Color32,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> Pos2 {
        self.origin + vec2(x, y) * self.unit
    }

    fn stroke(&self) -> Stroke {
        Stroke::new((1.4 * self.unit).max(1.0), self.color)
    }

    fn line(&self, points: &[(f32, f32)]) {
        let points: Vec<Pos2> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.painter.add(Shape::line(points, self.stroke()));
    }

    fn dot(&self, x: f32, y: f32, radius: f32) {
        self.painter
            .circle_filled(self.at(x, y), radius * self.unit, self.color);
    }

    fn ring(&self, x: f32, y: f32, radius: f32) {
        self.painter
            .circle_stroke(self.at(x, y), radius * self.unit, self.stroke());
    }
}
