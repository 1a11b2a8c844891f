//! What the user has drawn on a micrograph, the scale set by hand and the region asked about,
//! with undo and redo; and the numbers of each mark.
//!
//! Plain data kept by content hash; paints nothing. Coordinates are in pixels of the image.

use super::geometry::{self, Point, Scale};
use super::noted::Agreed;
use super::profile::Caliper;
use crate::micrograph::display::DisplayMap;
use crate::micrograph::{Calibration, Edits, Region, Source};

/// Steps that can be undone.
const UNDO_MAX: usize = 200;

/// Width of a caliper's box at first, in pixels.
pub const BOX_PX: f64 = 15.0;

/// Width of the box of a new mark, in pixels.
pub fn first_box_px(kind: Kind) -> f64 {
    match kind {
        Kind::Caliper => BOX_PX,
        _ => 1.0,
    }
}

/// What a mark measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// From one point to another.
    Distance,
    /// At the second of three points.
    Angle,
    /// Between two corners.
    Rectangle,
    /// In the rectangle between two corners.
    Ellipse,
    /// Through any number of points; closed, it has an area.
    Polyline,
    /// Grey values from one point to another.
    Profile,
    /// From edge to edge, along a box.
    Caliper,
    /// From a line through two points to its parallel through a third.
    Parallels,
    /// Through three points.
    Circle,
    /// Between a base through two points and a wall through two more.
    Sidewall,
}

impl Kind {
    /// All, in the order of the toolbar.
    pub const ALL: [Kind; 10] = [
        Kind::Distance,
        Kind::Angle,
        Kind::Rectangle,
        Kind::Ellipse,
        Kind::Polyline,
        Kind::Profile,
        Kind::Caliper,
        Kind::Parallels,
        Kind::Circle,
        Kind::Sidewall,
    ];

    /// The word in lists and menus.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Distance => "Distance",
            Kind::Angle => "Angle",
            Kind::Rectangle => "Rectangle",
            Kind::Ellipse => "Ellipse",
            Kind::Polyline => "Polyline",
            Kind::Profile => "Line profile",
            Kind::Caliper => "Caliper",
            Kind::Parallels => "Parallel lines",
            Kind::Circle => "Circle",
            Kind::Sidewall => "Sidewall angle",
        }
    }

    /// How to draw it, in a sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Kind::Distance => "Drag from one point to another. Shift keeps the line straight.",
            Kind::Angle => "Click three points; the angle is at the second.",
            Kind::Rectangle => "Drag from corner to corner. Shift makes a square.",
            Kind::Ellipse => "Drag from corner to corner around it. Shift makes a circle.",
            Kind::Polyline => {
                "Click the points. Enter or a double-click ends it, a click on the first closes it."
            }
            Kind::Profile => "Drag along what you want to see the grey values of.",
            Kind::Caliper => "Drag about from edge to edge; the ends go to the edges.",
            Kind::Parallels => "Click two points of a line, then one of its parallel.",
            Kind::Circle => "Click three points of the outline.",
            Kind::Sidewall => "Click two points of the base, then the wall from its foot upwards.",
        }
    }

    /// Points that make it; `None` for any number.
    pub fn points(self) -> Option<usize> {
        match self {
            Kind::Distance | Kind::Rectangle | Kind::Ellipse | Kind::Profile | Kind::Caliper => {
                Some(2)
            }
            Kind::Angle | Kind::Parallels | Kind::Circle => Some(3),
            Kind::Sidewall => Some(4),
            Kind::Polyline => None,
        }
    }

    /// Whether it reads grey values along a line.
    pub fn has_profile(self) -> bool {
        matches!(self, Kind::Profile | Kind::Caliper)
    }
}

/// Something drawn on a micrograph.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its number on this micrograph.
    pub id: u64,
    /// What it measures.
    pub kind: Kind,
    /// As many as [`Kind::points`] says.
    pub points: Vec<Point>,
    /// Whether a polyline returns to its first point.
    pub closed: bool,
    /// Width of the box that a profile is averaged over, in pixels.
    pub box_px: f64,
}

impl Mark {
    /// What it measures, the main number first: names and texts. A caliper's numbers need the
    /// pixels and are given as `caliper`.
    pub fn readings(
        &self,
        scale: &Scale,
        caliper: Option<&Caliper>,
    ) -> Vec<(&'static str, String)> {
        let length = |value| scale.length_text(value);
        let angle = |value: Option<f64>| value.map_or("none".to_owned(), degrees);
        match (self.kind, &self.points[..]) {
            (Kind::Distance | Kind::Profile, &[from, to]) => {
                vec![("Length", length(scale.distance(from, to)))]
            }
            (Kind::Angle, &[arm, vertex, other]) => {
                vec![(
                    "Angle",
                    angle(geometry::angle_deg(scale, arm, vertex, other)),
                )]
            }
            (Kind::Rectangle, &[corner, opposite]) => {
                let [width, height] = geometry::sides(scale, corner, opposite);
                vec![
                    ("Area", scale.area_text(width * height)),
                    ("Width", length(width)),
                    ("Height", length(height)),
                ]
            }
            (Kind::Ellipse, &[corner, opposite]) => {
                let axes = geometry::sides(scale, corner, opposite);
                vec![
                    ("Area", scale.area_text(geometry::ellipse_area(axes))),
                    ("Width", length(axes[0])),
                    ("Height", length(axes[1])),
                    ("Outline", length(geometry::ellipse_outline(axes))),
                ]
            }
            (Kind::Polyline, points) => {
                let outline = geometry::path_length(scale, points, self.closed);
                if self.closed {
                    let area = geometry::polygon_area(scale, points);
                    vec![
                        ("Area", scale.area_text(area)),
                        ("Outline", length(outline)),
                    ]
                } else {
                    vec![("Length", length(outline))]
                }
            }
            (Kind::Caliper, &[from, to]) => {
                let drawn = length(scale.distance(from, to));
                match caliper.and_then(Caliper::width) {
                    Some(width) => vec![("Width", length(width)), ("As drawn", drawn)],
                    None => vec![("No edge, as drawn", drawn)],
                }
            }
            (Kind::Parallels, &[first, second, other]) => {
                let apart = geometry::distance_from_line(scale, [first, second], other);
                vec![("Apart", apart.map_or("none".to_owned(), length))]
            }
            (Kind::Circle, &[a, b, c]) => match geometry::circle_through(scale, [a, b, c]) {
                Some(circle) => vec![
                    ("Diameter", length(2.0 * circle.radius)),
                    (
                        "Area",
                        scale.area_text(geometry::ellipse_area([2.0 * circle.radius; 2])),
                    ),
                ],
                None => vec![("Diameter", "none: the points lie on a line".to_owned())],
            },
            (Kind::Sidewall, &[a, b, c, d]) => {
                let wall = geometry::sidewall_deg(scale, [a, b], [c, d]);
                let off = wall.map(|wall| (90.0 - wall).abs());
                vec![("Angle", angle(wall)), ("Off upright", angle(off))]
            }
            _ => Vec::new(),
        }
    }

    /// The distance of a place from what is drawn, in pixels.
    pub fn distance_px(&self, scale: &Scale, at: Point) -> f64 {
        let outline = self.outline(scale);
        let pieces = outline.iter().flat_map(|line| line.windows(2));
        pieces
            .map(|pair| geometry::distance_from_piece([pair[0], pair[1]], at))
            .fold(f64::INFINITY, f64::min)
    }

    /// The lines that are drawn, in pixels.
    pub fn outline(&self, scale: &Scale) -> Vec<Vec<Point>> {
        match (self.kind, &self.points[..]) {
            (Kind::Rectangle, &[a, c]) => {
                vec![vec![a, [c[0], a[1]], c, [a[0], c[1]], a]]
            }
            (Kind::Ellipse, &[a, c]) => {
                let centre = [(a[0] + c[0]) / 2.0, (a[1] + c[1]) / 2.0];
                let half = [(c[0] - a[0]) / 2.0, (c[1] - a[1]) / 2.0];
                vec![round(centre, half)]
            }
            (Kind::Circle, &[a, b, c]) => match geometry::circle_through(scale, [a, b, c]) {
                Some(circle) => {
                    let half = scale.to_px([circle.radius; 2]);
                    vec![round(circle.centre_px, half)]
                }
                None => vec![vec![a, b, c]],
            },
            (Kind::Parallels, &[a, b, p]) => match geometry::foot_on_line(scale, [a, b], p) {
                Some(foot) => {
                    let (dx, dy) = (p[0] - foot[0], p[1] - foot[1]);
                    let moved = |point: Point| [point[0] + dx, point[1] + dy];
                    vec![vec![a, b], vec![moved(a), moved(b)], vec![foot, p]]
                }
                None => vec![vec![a, b]],
            },
            (Kind::Sidewall, &[a, b, c, d]) => vec![vec![a, b], vec![c, d]],
            (Kind::Polyline, points) if self.closed => {
                let mut line = points.to_vec();
                line.extend(points.first());
                vec![line]
            }
            (_, points) => vec![points.to_vec()],
        }
    }
}

fn round(centre: Point, half: [f64; 2]) -> Vec<Point> {
    let corners = 72;
    (0..=corners)
        .map(|corner| {
            let angle = f64::from(corner) / f64::from(corners) * std::f64::consts::TAU;
            [
                centre[0] + half[0] * angle.cos(),
                centre[1] + half[1] * angle.sin(),
            ]
        })
        .collect()
}

fn degrees(angle: f64) -> String {
    format!("{angle:.1}°")
}

/// What undo and redo go back and forth over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// The marks, oldest first.
    pub marks: Vec<Mark>,
    /// The scale set or confirmed by the user.
    pub scale: Option<Calibration>,
    /// The part that is asked about.
    pub region: Option<Region>,
    /// The scale of its folder, as this micrograph knew it last.
    pub folder: Option<Calibration>,
    /// What the user has changed in what is left out.
    pub edits: Edits,
}

/// Everything the user has laid over one micrograph.
#[derive(Debug, Default)]
pub struct Sheet {
    now: Drawing,
    past: Vec<Drawing>,
    future: Vec<Drawing>,
    last_id: u64,
    /// What the record of the micrograph has of it.
    pub(super) agreed: Agreed,
    /// The chosen mark.
    pub chosen: Option<u64>,
    /// How levels are shown; `None` as at first.
    pub display: Option<DisplayMap>,
}

impl Sheet {
    /// What is drawn now.
    pub fn now(&self) -> &Drawing {
        &self.now
    }

    /// Changes the drawing in a step that can be undone.
    pub fn change(&mut self, edit: impl FnOnce(&mut Drawing)) {
        let before = self.now.clone();
        edit(&mut self.now);
        self.keep(before);
    }

    /// Changes the drawing without a step of its own: between [`Sheet::now`] kept at the start
    /// and [`Sheet::keep`] at the end of a drag.
    pub fn adjust(&mut self, edit: impl FnOnce(&mut Drawing)) {
        edit(&mut self.now);
    }

    /// Makes what has changed since `before` one step.
    pub fn keep(&mut self, before: Drawing) {
        if before != self.now {
            self.past.push(before);
            let surplus = self.past.len().saturating_sub(UNDO_MAX);
            self.past.drain(..surplus);
            self.future.clear();
        }
    }

    /// Adds a mark and chooses it.
    pub fn add(&mut self, kind: Kind, points: Vec<Point>, closed: bool) {
        let id = self.next_id();
        self.change(|drawing| {
            drawing.marks.push(Mark {
                id,
                kind,
                points,
                closed,
                box_px: first_box_px(kind),
            });
        });
        self.chosen = Some(id);
    }

    /// The number of a new mark.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Changes the drawing and all states that undo and redo lead to.
    pub(super) fn revise(&mut self, edit: impl Fn(&mut Drawing)) {
        let others = self.past.iter_mut().chain(&mut self.future);
        others.chain([&mut self.now]).for_each(edit);
    }

    /// Deletes a mark.
    pub fn delete(&mut self, id: u64) {
        self.change(|drawing| drawing.marks.retain(|mark| mark.id != id));
        self.repair_choice();
    }

    /// Goes a step back. Says whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.past.pop() else {
            return false;
        };
        self.future.push(std::mem::replace(&mut self.now, before));
        self.repair_choice();
        true
    }

    /// Goes a step forth again. Says whether there was one.
    pub fn redo(&mut self) -> bool {
        let Some(after) = self.future.pop() else {
            return false;
        };
        self.past.push(std::mem::replace(&mut self.now, after));
        self.repair_choice();
        true
    }

    /// Whether there is a step to go back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// How many steps there are to go back.
    pub fn steps(&self) -> usize {
        self.past.len()
    }

    /// Whether there is a step to go forth.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// The chosen mark.
    pub fn chosen(&self) -> Option<&Mark> {
        let id = self.chosen?;
        self.now.marks.iter().find(|mark| mark.id == id)
    }

    fn repair_choice(&mut self) {
        if self.chosen().is_none() {
            self.chosen = None;
        }
    }

    /// The calibration that holds: the user's, else that of the file.
    pub fn calibration<'a>(&'a self, of_file: Option<&'a Calibration>) -> Option<&'a Calibration> {
        self.now.scale.as_ref().or(of_file)
    }
}

/// The calibration by which the line between two points is `length_nm` long. Pixels keep the
/// proportion they are known to have, else they are square. `None` for a line or length of 0.
pub fn calibration_from(
    line: [Point; 2],
    length_nm: f64,
    known: Option<&Calibration>,
    typed: &str,
) -> Option<Calibration> {
    let y_per_x = known.map_or(1.0, |known| known.y_nm / known.x_nm);
    let (dx, dy) = (line[1][0] - line[0][0], line[1][1] - line[0][1]);
    let x_nm = length_nm / dx.hypot(dy * y_per_x);
    let from = format!("a line of {:.1} px typed as {typed}", dx.hypot(dy));
    Calibration::new(x_nm, x_nm * y_per_x, Source::User, from)
}

/// A typed length in nanometres: a number with a unit (pm, Å, nm, µm, um, mm), with a point or
/// a comma. The error is a sentence.
pub fn length_from_typed(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let split = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let nm_from_unit = match unit.trim() {
        "pm" => 1e-3,
        "Å" | "A" | "\u{212b}" | "angstrom" => 0.1,
        "nm" => 1.0,
        "µm" | "μm" | "um" | "micron" | "microns" => 1e3,
        "mm" => 1e6,
        "" => return Err("Add a unit: nm, µm (or um), mm or Å, such as 500 nm.".to_owned()),
        other => {
            return Err(format!(
                "“{other}” is no unit known here. Use nm, µm (or um), mm or Å."
            ));
        }
    };
    let value: f64 = number
        .replace(',', ".")
        .parse()
        .map_err(|_| "Type the length of the line as a number with a unit, such as 500 nm.")?;
    let nm = value * nm_from_unit;
    if nm.is_finite() && nm > 0.0 {
        Ok(nm)
    } else {
        Err("A length must be larger than 0, such as 500 nm.".to_owned())
    }
}

#[cfg(test)]
#[path = "marks_tests.rs"]
mod tests;
