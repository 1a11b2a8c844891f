//! Objects changed by hand: taken away, joined, cut in two, drawn.
//!
//! An [`Edit`] names places in the image and never numbers of objects, so that it means the same
//! after objects were looked for anew. Outlines alone are changed; nothing looks at grey values.
//! Called by `worker`, and by `window` for what lies under the pointer.

use super::objects::Object;
use super::segment::Found;
use super::segment::outline::{Outline, around, evened};
use super::segment::shape::{Extent, polygon_area};
use std::borrow::Cow;

/// A place in pixels of the image; corners of pixels lie at whole numbers.
pub type Point = [f64; 2];

/// Standard uncertainty of an edge that was drawn by hand, in pixels.
const HAND_PX: f64 = 1.0;
/// The least area of a part or of a drawn object, in square pixels.
const AREA_MIN_PX: f64 = 9.0;
/// Of the way through an object, how much a line must run along to cut it.
const CUT_SHARE: f64 = 0.6;
/// Cells that objects are joined on, at most; and along a pixel.
const CELLS_MAX: f64 = 1_000_000.0;
const FINEST: f64 = 4.0;
/// The widest gap that is closed between objects to join, as a part of the smaller diameter.
const GAP_SHARE: f64 = 0.3;
/// Points around a joined outline, at most.
const POINTS_MAX: usize = 240;

/// A change by hand.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Takes away the objects at these places.
    Remove(Vec<Point>),
    /// Joins the objects at these places, where they touch or nearly do.
    Merge(Vec<Point>),
    /// Cuts every object that the line runs through.
    Split([Point; 2]),
    /// An object inside a drawn outline.
    Add(Vec<Point>),
}

/// The objects after all edits, and which of the edits changed nothing. Objects keep their
/// numbers; new ones get numbers of their own.
pub fn apply<'a>(objects: &'a [Object], edits: &[Edit]) -> (Cow<'a, [Object]>, Vec<usize>) {
    let mut all = Cow::Borrowed(objects);
    let mut idle = Vec::new();
    let mut next = objects.iter().map(|object| object.id).max().unwrap_or(0) + 1;
    for (place, edit) in edits.iter().enumerate() {
        match changed(&all, edit, next) {
            Some(objects) => {
                let newest = objects.iter().map(|object| object.id).max().unwrap_or(0);
                next = next.max(newest + 1);
                all = Cow::Owned(objects);
            }
            None => idle.push(place),
        }
    }
    (all, idle)
}

/// What was changed by hand, in a few words; `None` where nothing was.
pub fn words(edits: &[Edit]) -> Option<String> {
    let count = |is: fn(&Edit) -> bool| edits.iter().filter(|edit| is(edit)).count();
    let removed: usize = edits
        .iter()
        .map(|edit| match edit {
            Edit::Remove(places) => places.len(),
            _ => 0,
        })
        .sum();
    let parts = [
        (removed, "taken away"),
        (count(|edit| matches!(edit, Edit::Merge(_))), "joined"),
        (count(|edit| matches!(edit, Edit::Split(_))), "cut"),
        (count(|edit| matches!(edit, Edit::Add(_))), "drawn"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!parts.is_empty()).then(|| format!("by hand: {}", parts.join(", ")))
}

/// The objects after an edit; `None` where it changes nothing. New ones are numbered from `next`.
fn changed(objects: &[Object], edit: &Edit, next: u32) -> Option<Vec<Object>> {
    match edit {
        Edit::Remove(places) => {
            let gone = named(objects, places);
            let is_left = |object: &&Object| !gone.contains(&object.id);
            (!gone.is_empty()).then(|| objects.iter().filter(is_left).cloned().collect())
        }
        Edit::Merge(places) => merged(objects, &named(objects, places), next),
        Edit::Split(line) => split(objects, *line, next),
        Edit::Add(points) => {
            let drawn = object(next, points.clone(), HAND_PX, [false, false], 1.0)?;
            let contrast = usual_contrast(objects);
            let mut all = objects.to_vec();
            all.push(Object {
                by_hand: true,
                contrast,
                ..drawn
            });
            Some(all)
        }
    }
}

/// The object at a place: the smallest one, where they lie in each other.
pub fn object_at(objects: &[Object], at: Point) -> Option<&Object> {
    let within = objects.iter().filter(|object| holds(object, at));
    within.min_by(|a, b| a.area_px.total_cmp(&b.area_px))
}

/// A place inside an object: its centre if that lies inside, else the middle of the widest way
/// across at that height.
pub fn place_in(object: &Object) -> Point {
    let [x, y] = object.centre;
    if holds(object, [x, y]) {
        return [x, y];
    }
    let mut crossings: Vec<f64> = sides(&object.outline)
        .filter(|[a, b]| (a[1] > y) != (b[1] > y))
        .map(|[a, b]| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
        .collect();
    crossings.sort_by(f64::total_cmp);
    let widest = crossings.chunks_exact(2).max_by(|a, b| {
        let width = |pair: &[f64]| pair[1] - pair[0];
        width(a).total_cmp(&width(b))
    });
    widest.map_or([x, y], |pair| [0.5 * (pair[0] + pair[1]), y])
}

fn named(objects: &[Object], places: &[Point]) -> Vec<u32> {
    let at = |place: &Point| object_at(objects, *place).map(|object| object.id);
    let mut ids: Vec<u32> = places.iter().filter_map(at).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn sides(outline: &[Point]) -> impl Iterator<Item = [Point; 2]> {
    let next = outline.iter().cycle().skip(1);
    outline.iter().zip(next).map(|(a, b)| [*a, *b])
}

/// Whether a place lies inside of an object, by how often a ray leaves it.
fn holds(object: &Object, [x, y]: Point) -> bool {
    let [left, top, right, bottom] = object.bounds;
    if x < left || x > right || y < top || y > bottom {
        return false;
    }
    let crossed = sides(&object.outline)
        .filter(|[a, b]| (a[1] > y) != (b[1] > y))
        .filter(|[a, b]| x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
    crossed.count() % 2 == 1
}

fn usual_contrast(objects: &[Object]) -> f32 {
    let mut all: Vec<f32> = objects.iter().map(|object| object.contrast).collect();
    all.sort_by(f32::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

/// An object of an outline; `None` where it is none.
fn object(
    id: u32,
    points: Vec<Point>,
    edge_px: f64,
    [is_cut, is_split]: [bool; 2],
    contrast: f32,
) -> Option<Object> {
    let is_sound = points.iter().flatten().all(|side| side.is_finite());
    if points.len() < 3 || !is_sound || polygon_area(&points) < AREA_MIN_PX {
        return None;
    }
    Object::of(
        id,
        Found {
            outline: Outline {
                points,
                edge_px,
                rule_px: edge_px,
                seen: 1.0,
                contrast,
            },
            is_cut,
            is_split,
        },
    )
}

fn split(objects: &[Object], line: [Point; 2], next: u32) -> Option<Vec<Object>> {
    let mut all = Vec::with_capacity(objects.len() + 1);
    let mut id = next;
    for one in objects {
        match parts(one, line, id) {
            Some(parts) => {
                id += 2;
                all.extend(parts);
            }
            None => all.push(one.clone()),
        }
    }
    (id > next).then_some(all)
}

/// Where a side of an outline crosses a line: the number of the side, the place, and how far
/// along the line it lies, 0 at its beginning and 1 at its end.
type Crossing = (usize, Point, f64);

/// Both parts of an object that a line runs through.
fn parts(one: &Object, line: [Point; 2], id: u32) -> Option<[Object; 2]> {
    let [from, to] = line;
    let along = [to[0] - from[0], to[1] - from[1]];
    let length = along[0].hypot(along[1]);
    if length <= 0.0 {
        return None;
    }
    let off = |p: Point| (p[0] - from[0]) * along[1] - (p[1] - from[1]) * along[0];
    let mut crossings: Vec<Crossing> = Vec::new();
    for (place, [a, b]) in sides(&one.outline).enumerate() {
        let (of_a, of_b) = (off(a), off(b));
        if (of_a > 0.0) == (of_b > 0.0) {
            continue;
        }
        let share = of_a / (of_a - of_b);
        let at = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
        let t = ((at[0] - from[0]) * along[0] + (at[1] - from[1]) * along[1]) / length.powi(2);
        crossings.push((place, at, t));
    }
    crossings.sort_by(|a, b| a.2.total_cmp(&b.2));
    // Between the first and second crossing the line is inside, between third and fourth again.
    let run = |pair: &&[Crossing]| {
        let way = pair[1].2 - pair[0].2;
        let drawn = pair[1].2.min(1.0) - pair[0].2.max(0.0);
        (way > 0.0 && drawn >= CUT_SHARE * way).then_some(way)
    };
    let pairs = crossings.chunks_exact(2).filter(|pair| run(pair).is_some());
    let chosen = pairs.max_by(|a, b| {
        let way = |pair: &&[Crossing]| run(pair).unwrap_or(0.0);
        way(a).total_cmp(&way(b))
    })?;
    let (mut low, mut high) = (chosen[0], chosen[1]);
    if low.0 > high.0 {
        (low, high) = (high, low);
    }
    let count = one.outline.len();
    let walk = |from: Crossing, to: Crossing| -> Vec<Point> {
        let steps = (to.0 + count - from.0) % count;
        let inner = (1..=steps).map(|step| one.outline[(from.0 + step) % count]);
        let mut points = vec![from.1];
        points.extend(inner);
        points.push(to.1);
        points
    };
    let part = |id, points: Vec<Point>| {
        let part = object(id, points, one.edge_px, [false, true], one.contrast)?;
        // A part that does not reach the sides of the whole cannot be cut by the frame.
        let reaches = (0..4).any(|side| (part.bounds[side] - one.bounds[side]).abs() < 1.0);
        Some(Object {
            is_cut: one.is_cut && reaches,
            rule_px: one.rule_px,
            by_hand: true,
            ..part
        })
    };
    Some([part(id, walk(low, high))?, part(id + 1, walk(high, low))?])
}

fn merged(objects: &[Object], ids: &[u32], next: u32) -> Option<Vec<Object>> {
    let (joined, mut all): (Vec<&Object>, Vec<&Object>) =
        objects.iter().partition(|object| ids.contains(&object.id));
    if joined.len() < 2 {
        return None;
    }
    let points = Raster::of(&joined).joined()?;
    let edge_px = joined.iter().map(|one| one.edge_px).fold(0.0, f64::max);
    let is_cut = joined.iter().any(|one| one.is_cut);
    let contrasts: f32 = joined.iter().map(|one| one.contrast).sum();
    let contrast = contrasts / joined.len() as f32;
    let whole = object(next, points, edge_px, [is_cut, false], contrast)?;
    let whole = Object {
        rule_px: joined.iter().map(|one| one.rule_px).fold(0.0, f64::max),
        by_hand: true,
        ..whole
    };
    all.push(&whole);
    Some(all.into_iter().cloned().collect())
}

/// Objects on a grid of cells, to be joined.
struct Raster {
    width: usize,
    height: usize,
    is_in: Vec<bool>,
    /// Left and top of the grid in the image, and cells along a pixel.
    corner: Point,
    cells_per_px: f64,
    /// The widest gap to close, in cells.
    gap: usize,
}

impl Raster {
    fn of(objects: &[&Object]) -> Self {
        let start = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        let bounds = objects.iter().fold(start, |all, one| {
            let b = one.bounds;
            [
                all[0].min(b[0]),
                all[1].min(b[1]),
                all[2].max(b[2]),
                all[3].max(b[3]),
            ]
        });
        let [wide, high] = [bounds[2] - bounds[0], bounds[3] - bounds[1]];
        let cells_per_px = (CELLS_MAX / (wide * high).max(1.0)).sqrt().min(FINEST);
        let diameters = objects.iter().map(|one| one.diameter_px);
        let gap_px = GAP_SHARE * diameters.fold(f64::MAX, f64::min);
        let gap = (gap_px * cells_per_px).ceil().clamp(2.0, 80.0) as usize;
        // Closing a gap grows by half of it to all sides.
        let margin = gap as f64 + 2.0;
        let corner = [
            bounds[0] - margin / cells_per_px,
            bounds[1] - margin / cells_per_px,
        ];
        let cells = |side: f64| (side * cells_per_px + 2.0 * margin).ceil() as usize + 1;
        let (width, height) = (cells(wide), cells(high));
        let mut raster = Self {
            width,
            height,
            is_in: vec![false; width * height],
            corner,
            cells_per_px,
            gap,
        };
        for one in objects {
            raster.fill(&one.outline);
        }
        raster
    }

    /// Fills the cells whose centres lie in an outline.
    fn fill(&mut self, outline: &[Point]) {
        for row in 0..self.height {
            let y = self.corner[1] + (row as f64 + 0.5) / self.cells_per_px;
            let mut crossings: Vec<f64> = sides(outline)
                .filter(|[a, b]| (a[1] > y) != (b[1] > y))
                .map(|[a, b]| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
                .collect();
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                let cell = |x: f64| {
                    let cell = (x - self.corner[0]) * self.cells_per_px - 0.5;
                    (cell.ceil().max(0.0) as usize).min(self.width)
                };
                let (first, end) = (cell(pair[0]), cell(pair[1]));
                if let Some(cells) = self
                    .is_in
                    .get_mut(row * self.width + first..row * self.width + end.max(first))
                {
                    cells.fill(true);
                }
            }
        }
    }

    /// The one outline around all, once the smallest gap that does it is closed.
    fn joined(&self) -> Option<Vec<Point>> {
        let mut reach = 0;
        let whole = loop {
            let closed = self.closed(reach);
            if let Some(whole) = self.one_part(&closed) {
                break whole;
            }
            if reach >= self.gap {
                return None;
            }
            reach = (reach * 2).max(1).min(self.gap);
        };
        let extent = Extent::of(self.width, &whole);
        let corners = around(&extent);
        let count = corners.len().min(POINTS_MAX);
        let place = |[x, y]: Point| {
            [
                self.corner[0] + x / self.cells_per_px,
                self.corner[1] + y / self.cells_per_px,
            ]
        };
        Some(evened(&corners, count).into_iter().map(place).collect())
    }

    /// Grown by so many cells to all sides and shrunk again.
    fn closed(&self, reach: usize) -> Vec<bool> {
        let grown = self.spread(&self.is_in, reach, true);
        self.spread(&grown, reach, false)
    }

    /// What is `value` spreads by `reach` cells along rows and columns.
    fn spread(&self, cells: &[bool], reach: usize, value: bool) -> Vec<bool> {
        if reach == 0 {
            return cells.to_vec();
        }
        let along =
            |cells: &[bool], outer: usize, inner: usize, place: &dyn Fn(usize, usize) -> usize| {
                let mut spread = cells.to_vec();
                for i in 0..outer {
                    let mut last: Option<usize> = None;
                    for k in 0..inner {
                        if cells[place(i, k)] == value {
                            let from = last.map_or(0, |last| last + 1).max(k.saturating_sub(reach));
                            for near in from..k {
                                spread[place(i, near)] = value;
                            }
                            last = Some(k);
                        } else if last.is_some_and(|last| k - last <= reach) {
                            spread[place(i, k)] = value;
                        }
                    }
                }
                spread
            };
        let width = self.width;
        let rows = along(cells, self.height, width, &|y, x| y * width + x);
        along(&rows, width, self.height, &|x, y| y * width + x)
    }

    /// The cells that are in, if they hang together.
    fn one_part(&self, cells: &[bool]) -> Option<Vec<u32>> {
        let all = cells.iter().filter(|is| **is).count();
        let first = cells.iter().position(|is| *is)?;
        let mut seen = vec![false; cells.len()];
        let mut open = vec![first];
        let mut part = Vec::with_capacity(all);
        seen[first] = true;
        while let Some(at) = open.pop() {
            part.push(at as u32);
            let (x, y) = (at % self.width, at / self.width);
            let mut near = |is_there: bool, at: usize| {
                if is_there && cells[at] && !seen[at] {
                    seen[at] = true;
                    open.push(at);
                }
            };
            near(x > 0, at.wrapping_sub(1));
            near(x + 1 < self.width, at + 1);
            near(y > 0, at.wrapping_sub(self.width));
            near(y + 1 < self.height, at + self.width);
        }
        part.sort_unstable();
        (part.len() == all).then_some(part)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn disc(id: u32, centre: Point, radius: f64) -> Object {
        let points = (0..120).map(|i| {
            let (sin, cos) = (f64::from(i) / 120.0 * TAU).sin_cos();
            [centre[0] + radius * cos, centre[1] + radius * sin]
        });
        object(id, points.collect(), 0.1, [false, false], 20.0).unwrap()
    }

    #[test]
    fn an_object_is_taken_away_by_a_place_inside_it() {
        let objects = [disc(1, [50.0, 50.0], 20.0), disc(2, [120.0, 50.0], 20.0)];
        let (left, idle) = apply(&objects, &[Edit::Remove(vec![[125.0, 60.0]])]);
        assert_eq!((left.len(), left[0].id), (1, 1));
        assert!(idle.is_empty());
        let (left, idle) = apply(&objects, &[Edit::Remove(vec![[85.0, 50.0]])]);
        assert_eq!((left.len(), idle), (2, vec![0]), "nothing lies there");
    }

    #[test]
    fn a_line_through_an_object_cuts_it_and_one_into_it_does_not() {
        let objects = [disc(1, [50.0, 50.0], 20.0), disc(2, [120.0, 50.0], 20.0)];
        let cut = Edit::Split([[50.0, 20.0], [50.0, 80.0]]);
        let (parts, _) = apply(&objects, &[cut]);
        let ids: Vec<u32> = parts.iter().map(|one| one.id).collect();
        assert_eq!(ids, [3, 4, 2]);
        for part in &parts[..2] {
            let half = 0.5 * objects[0].area_px;
            assert!((part.area_px / half - 1.0).abs() < 1e-3, "{}", part.area_px);
            assert!(part.is_split && part.by_hand && !part.is_cut);
        }
        let into = Edit::Split([[50.0, 20.0], [50.0, 45.0]]);
        assert_eq!(apply(&objects, &[into]).1, [0], "it goes not half through");
        let both = Edit::Split([[10.0, 50.0], [160.0, 50.0]]);
        assert_eq!(apply(&objects, &[both]).0.len(), 4, "all on the way");
    }

    #[test]
    fn halves_joined_again_are_the_whole() {
        let objects = [disc(1, [50.0, 50.0], 20.0), disc(2, [120.0, 50.0], 20.0)];
        let edits = [
            Edit::Split([[50.0, 20.0], [50.0, 80.0]]),
            Edit::Merge(vec![[45.0, 50.0], [55.0, 50.0]]),
        ];
        let (all, idle) = apply(&objects, &edits);
        assert!(idle.is_empty());
        assert_eq!(all.len(), 2);
        let whole = object_at(&all, [50.0, 50.0]).unwrap();
        assert!(
            (whole.area_px / objects[0].area_px - 1.0).abs() < 0.01,
            "{}",
            whole.area_px
        );
        assert!(
            (whole.feret_max_px - 40.0).abs() < 0.5,
            "{}",
            whole.feret_max_px
        );
    }

    #[test]
    fn objects_near_each_other_are_joined_and_far_ones_are_not() {
        let near = [disc(1, [50.0, 50.0], 20.0), disc(2, [93.0, 50.0], 20.0)];
        let join = |other: f64| Edit::Merge(vec![[50.0, 50.0], [other, 50.0]]);
        let (all, idle) = apply(&near, &[join(93.0)]);
        assert!(idle.is_empty());
        let sum = near.iter().map(|one| one.area_px).sum::<f64>();
        assert_eq!(all.len(), 1);
        assert!(
            (1.0..1.1).contains(&(all[0].area_px / sum)),
            "{}",
            all[0].area_px / sum
        );
        let far = [disc(1, [50.0, 50.0], 20.0), disc(2, [150.0, 50.0], 20.0)];
        assert_eq!(apply(&far, &[join(150.0)]).1, [0]);
    }

    #[test]
    fn a_drawn_outline_becomes_an_object_and_a_dot_does_not() {
        let square = vec![[10.0, 10.0], [30.0, 10.0], [30.0, 30.0], [10.0, 30.0]];
        let (all, _) = apply(&[], &[Edit::Add(square)]);
        assert!((all[0].area_px - 400.0).abs() < 1e-9 && all[0].by_hand);
        let dot = vec![[10.0, 10.0], [11.0, 10.0], [11.0, 11.0]];
        assert_eq!(apply(&[], &[Edit::Add(dot)]).1, [0]);
    }

    #[test]
    fn a_bent_object_has_a_place_inside() {
        let bow = vec![
            [0.0, 0.0],
            [60.0, 0.0],
            [60.0, 60.0],
            [0.0, 60.0],
            [0.0, 50.0],
            [50.0, 50.0],
            [50.0, 10.0],
            [0.0, 10.0],
        ];
        let bow = object(1, bow, 0.1, [false, false], 1.0).unwrap();
        assert!(!holds(&bow, bow.centre));
        assert!(holds(&bow, place_in(&bow)));
    }
}
