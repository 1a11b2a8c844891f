//! The tools and what is being drawn with one: points come in, a finished figure comes out.
//!
//! Knows neither screen nor pointer; coordinates are in pixels of the image.

use super::geometry::{self, Point};
use super::marks::Kind;
use crate::window::state::ImageId;

/// What a press on the micrograph does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Moves the micrograph; chooses and moves marks.
    #[default]
    Move,
    /// Draws a mark.
    Measure(Kind),
    /// Draws the line whose length the user will type.
    SetScale,
    /// Draws the region to ask about.
    Region,
    /// Draws what is not the specimen, or takes it back.
    LeaveOut,
    /// Draws a line that cuts measured objects in two.
    CutObjects,
    /// Draws the outline of an object to measure.
    DrawObject,
}

impl Tool {
    /// Points that finish a figure; `None` for any number.
    fn points(self) -> Option<usize> {
        match self {
            Tool::Measure(kind) => kind.points(),
            Tool::Move | Tool::SetScale | Tool::Region | Tool::LeaveOut | Tool::CutObjects => {
                Some(2)
            }
            Tool::DrawObject => None,
        }
    }

    /// How to use it, in a sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Tool::Move => "Drag to move the micrograph, click a mark to choose it.",
            Tool::Measure(kind) => kind.hint(),
            Tool::SetScale => "Drag along the scale bar from end to end, then type its length.",
            Tool::Region => "Drag from corner to corner around what you want to ask about.",
            Tool::LeaveOut => {
                "Drag around what is not the specimen; click a hatched place to take it back."
            }
            Tool::CutObjects => "Drag across an object, from side to side, to cut it in two.",
            Tool::DrawObject => {
                "Click around the object. Enter, or a click on the first point, closes it."
            }
        }
    }

    /// Whether Shift makes squares rather than straight lines.
    fn is_boxed(self) -> bool {
        matches!(
            self,
            Tool::Region | Tool::LeaveOut | Tool::Measure(Kind::Rectangle | Kind::Ellipse)
        )
    }
}

/// A figure being drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The micrograph it is drawn on.
    pub image: ImageId,
    /// With what.
    pub tool: Tool,
    /// The points set so far; at least one.
    pub points: Vec<Point>,
    /// Where the next point would go.
    pub next: Point,
}

/// A finished figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it was drawn with.
    pub tool: Tool,
    /// Its points.
    pub points: Vec<Point>,
    /// Whether it returns to its first point.
    pub closed: bool,
}

impl Draft {
    /// Begins a figure.
    pub fn begin(image: ImageId, tool: Tool, at: Point) -> Self {
        Self {
            image,
            tool,
            points: vec![at],
            next: at,
        }
    }

    /// Moves the point that is to be set next; `straight` as with Shift held.
    pub fn lead(&mut self, at: Point, straight: bool) {
        self.next = match self.points.last() {
            Some(&from) if straight && self.tool.is_boxed() => squared(from, at),
            Some(&from) if straight => geometry::straightened(from, at),
            _ => at,
        };
    }

    /// Sets the next point. Returns the figure if that finishes it. A line that can have any
    /// number of points is closed by a point within `near_px` of its first.
    pub fn set(&mut self, near_px: f64) -> Option<Figure> {
        let at = self.next;
        let needed = self.tool.points();
        if needed.is_none() && self.points.len() >= 3 {
            let first = self.points[0];
            if (at[0] - first[0]).hypot(at[1] - first[1]) <= near_px {
                return Some(self.figure(true));
            }
        }
        if self.points.last() != Some(&at) {
            self.points.push(at);
        }
        (needed == Some(self.points.len())).then(|| self.figure(false))
    }

    /// Ends a line that can have any number of points.
    pub fn end(&self) -> Option<Figure> {
        let may_end = self.tool.points().is_none() && self.points.len() >= 2;
        may_end.then(|| self.figure(false))
    }

    /// The points with the one that would be set next.
    pub fn preview(&self) -> Vec<Point> {
        let mut points = self.points.clone();
        points.push(self.next);
        points
    }

    fn figure(&self, closed: bool) -> Figure {
        Figure {
            tool: self.tool,
            points: self.points.clone(),
            closed,
        }
    }
}

/// The corner of a square with the longer of the two sides.
fn squared(from: Point, to: Point) -> Point {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let side = dx.abs().max(dy.abs());
    [from[0] + side.copysign(dx), from[1] + side.copysign(dy)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(tool: Tool, points: &[Point]) -> (Draft, Option<Figure>) {
        let mut draft = Draft::begin(ImageId(1), tool, points[0]);
        let mut figure = None;
        for &point in &points[1..] {
            draft.lead(point, false);
            figure = draft.set(2.0);
        }
        (draft, figure)
    }

    #[test]
    fn a_figure_is_finished_by_its_last_point_and_not_before() {
        let corners = [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]];
        for kind in Kind::ALL {
            let Some(needed) = kind.points() else {
                continue;
            };
            let (_, figure) = draw(Tool::Measure(kind), &corners[..needed]);
            assert_eq!(figure.map(|f| f.points.len()), Some(needed), "{kind:?}");
            let (draft, figure) = draw(Tool::Measure(kind), &corners[..needed - 1]);
            assert_eq!((figure, draft.end()), (None, None), "{kind:?}");
        }
    }

    #[test]
    fn a_polyline_is_closed_on_its_first_point_or_ended_open() {
        let line = Tool::Measure(Kind::Polyline);
        let (draft, figure) = draw(line, &[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]]);
        assert_eq!(figure, None);
        assert_eq!(
            draft.end().map(|f| (f.points.len(), f.closed)),
            Some((3, false))
        );
        let (_, figure) = draw(line, &[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [1.0, 1.0]]);
        assert_eq!(figure.map(|f| (f.points.len(), f.closed)), Some((3, true)));
    }

    #[test]
    fn a_point_on_the_one_before_is_not_counted() {
        let (draft, figure) = draw(Tool::Measure(Kind::Distance), &[[3.0, 3.0], [3.0, 3.0]]);
        assert_eq!((figure, draft.points.len()), (None, 1));
    }

    #[test]
    fn shift_makes_straight_lines_and_squares() {
        let mut draft = Draft::begin(ImageId(1), Tool::SetScale, [0.0, 0.0]);
        draft.lead([20.0, 1.0], true);
        assert!(draft.next[1].abs() < 1e-9);
        let mut draft = Draft::begin(ImageId(1), Tool::Region, [10.0, 10.0]);
        draft.lead([4.0, 12.0], true);
        assert_eq!(draft.next, [4.0, 16.0]);
    }
}
