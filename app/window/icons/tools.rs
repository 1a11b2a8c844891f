//! The signs of the viewer's tools and of what is shown beside the micrograph.

use super::{Icon, Pen};
use egui::{Pos2, Shape, Stroke};

/// Paints one of them; nothing for any other sign.
pub(super) fn paint(icon: Icon, pen: &Pen<'_>) {
    match icon {
        Icon::Pointer => pen.line(&[
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
            pen.line(&[(3.5, 12.5), (12.5, 3.5)]);
            pen.line(&[(1.8, 10.8), (5.2, 14.2)]);
            pen.line(&[(10.8, 1.8), (14.2, 5.2)]);
        }
        Icon::Eye => {
            pen.line(&lid(1.0));
            pen.line(&lid(-1.0));
            pen.ring(8.0, 8.0, 2.0);
        }
        Icon::Angle => {
            pen.line(&[(11.5, 3.0), (2.5, 12.5), (13.5, 12.5)]);
            pen.line(&[(7.0, 8.0), (8.3, 10.0), (8.7, 12.5)]);
        }
        Icon::Rectangle => pen.line(&[
            (2.5, 4.0),
            (13.5, 4.0),
            (13.5, 12.0),
            (2.5, 12.0),
            (2.5, 4.0),
        ]),
        Icon::Ellipse => pen.line(&oval((8.0, 8.0), (6.0, 4.2))),
        Icon::Polyline => {
            pen.line(&[(2.5, 12.0), (6.0, 5.0), (10.0, 10.0), (13.5, 3.5)]);
            pen.dot(6.0, 5.0, 1.5);
            pen.dot(10.0, 10.0, 1.5);
        }
        Icon::Profile => {
            pen.line(&[(2.5, 2.5), (2.5, 13.5), (13.5, 13.5)]);
            pen.line(&[
                (4.5, 10.5),
                (7.0, 10.0),
                (8.2, 4.5),
                (10.2, 4.5),
                (11.2, 10.0),
                (13.5, 10.5),
            ]);
        }
        Icon::Caliper => {
            pen.line(&[(3.0, 2.5), (3.0, 13.5)]);
            pen.line(&[(13.0, 2.5), (13.0, 13.5)]);
            pen.line(&[(3.0, 8.0), (13.0, 8.0)]);
            pen.line(&[(5.2, 6.0), (3.2, 8.0), (5.2, 10.0)]);
            pen.line(&[(10.8, 6.0), (12.8, 8.0), (10.8, 10.0)]);
        }
        Icon::Parallels => {
            pen.line(&[(2.5, 9.0), (9.0, 2.5)]);
            pen.line(&[(7.0, 13.5), (13.5, 7.0)]);
        }
        Icon::Circle => {
            pen.ring(8.0, 8.0, 5.4);
            for (x, y) in [(8.0, 2.6), (3.3, 10.7), (12.7, 10.7)] {
                pen.dot(x, y, 1.7);
            }
        }
        Icon::Sidewall => {
            pen.line(&[(1.5, 12.5), (14.5, 12.5)]);
            pen.line(&[(4.0, 12.5), (6.2, 4.0), (13.0, 4.0)]);
            pen.line(&[(8.6, 12.5), (7.8, 9.6), (5.2, 8.4)]);
        }
        _ => paint_view(icon, pen),
    }
}

fn paint_view(icon: Icon, pen: &Pen<'_>) {
    match icon {
        Icon::Scale => {
            pen.line(&[(2.0, 6.0), (2.0, 11.0), (14.0, 11.0), (14.0, 6.0)]);
            pen.line(&[(5.0, 8.6), (5.0, 11.0)]);
            pen.line(&[(8.0, 7.4), (8.0, 11.0)]);
            pen.line(&[(11.0, 8.6), (11.0, 11.0)]);
        }
        Icon::Region => {
            for (x, y) in [(1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)] {
                let (x0, y0) = (8.0 - 5.5 * x, 8.0 - 5.5 * y);
                pen.line(&[(x0 + 3.4 * x, y0), (x0, y0), (x0, y0 + 3.4 * y)]);
            }
            pen.dot(8.0, 8.0, 1.6);
        }
        Icon::LeaveOut | Icon::LeftOut => struck_out(icon, pen),
        Icon::Contrast => {
            pen.ring(8.0, 8.0, 5.6);
            let half: Vec<Pos2> = oval((8.0, 8.0), (5.6, 5.6))
                .into_iter()
                .filter(|(x, _)| *x >= 8.0 - 1e-3)
                .map(|(x, y)| pen.at(x, y))
                .collect();
            let shape = Shape::convex_polygon(half, pen.color, Stroke::NONE);
            pen.painter.add(shape);
        }
        Icon::List => {
            for y in [4.0, 8.0, 12.0] {
                pen.dot(3.2, y, 1.1);
                pen.line(&[(6.0, y), (13.5, y)]);
            }
        }
        Icon::Compare => {
            pen.line(&[
                (2.0, 3.0),
                (14.0, 3.0),
                (14.0, 13.0),
                (2.0, 13.0),
                (2.0, 3.0),
            ]);
            pen.line(&[(8.0, 3.0), (8.0, 13.0)]);
        }
        Icon::Export => {
            pen.line(&[(8.0, 10.0), (8.0, 2.5)]);
            pen.line(&[(4.8, 5.7), (8.0, 2.5), (11.2, 5.7)]);
            pen.line(&[(2.5, 9.5), (2.5, 13.5), (13.5, 13.5), (13.5, 9.5)]);
        }
        Icon::Undo => turn(pen, |x| x),
        Icon::Redo => turn(pen, |x| 16.0 - x),
        Icon::Bin => {
            pen.line(&[(2.8, 4.5), (13.2, 4.5)]);
            pen.line(&[(6.0, 4.5), (6.0, 2.5), (10.0, 2.5), (10.0, 4.5)]);
            pen.line(&[(4.2, 4.5), (4.8, 13.5), (11.2, 13.5), (11.8, 4.5)]);
        }
        Icon::Join => {
            pen.ring(5.6, 8.0, 3.6);
            pen.ring(10.4, 8.0, 3.6);
        }
        Icon::Cut => {
            pen.line(&oval((8.0, 8.0), (5.6, 4.4)));
            pen.line(&[(10.8, 1.6), (5.2, 14.4)]);
        }
        Icon::DrawObject => {
            pen.line(&[
                (8.6, 13.2),
                (3.2, 11.0),
                (2.6, 5.6),
                (7.2, 2.8),
                (11.6, 4.6),
            ]);
            pen.line(&[(12.0, 8.2), (12.0, 14.2)]);
            pen.line(&[(9.0, 11.2), (15.0, 11.2)]);
        }
        Icon::More => {
            for x in [3.5, 8.0, 12.5] {
                pen.dot(x, 8.0, 1.3);
            }
        }
        _ => {}
    }
}

/// A rectangle that is crossed out, or hatched.
fn struck_out(icon: Icon, pen: &Pen<'_>) {
    pen.line(&[
        (2.5, 3.5),
        (13.5, 3.5),
        (13.5, 12.5),
        (2.5, 12.5),
        (2.5, 3.5),
    ]);
    if icon == Icon::LeaveOut {
        pen.line(&[(6.0, 6.0), (10.0, 10.0)]);
        pen.line(&[(10.0, 6.0), (6.0, 10.0)]);
    } else {
        pen.line(&[(2.5, 8.5), (7.5, 3.5)]);
        pen.line(&[(4.0, 12.5), (13.0, 3.5)]);
        pen.line(&[(8.5, 12.5), (13.5, 7.5)]);
    }
}

/// An arrow that turns back, or forth when mirrored.
fn turn(pen: &Pen<'_>, place: impl Fn(f32) -> f32) {
    let line = |points: &[(f32, f32)]| {
        let points: Vec<(f32, f32)> = points.iter().map(|&(x, y)| (place(x), y)).collect();
        pen.line(&points);
    };
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

/// A closed oval as points of the grid.
fn oval((x, y): (f32, f32), (half_width, half_height): (f32, f32)) -> Vec<(f32, f32)> {
    (0..=32)
        .map(|step| {
            let angle = step as f32 / 32.0 * std::f32::consts::TAU - std::f32::consts::FRAC_PI_2;
            (x + half_width * angle.cos(), y + half_height * angle.sin())
        })
        .collect()
}

/// A lid of an eye, the lower one by 1 and the upper one by -1.
fn lid(side: f32) -> Vec<(f32, f32)> {
    let point = |step: i32| {
        let along = step as f32 / 6.0 - 1.0;
        (8.0 + 6.4 * along, 8.0 + side * 4.4 * (1.0 - along * along))
    };
    (0..=12).map(point).collect()
}
