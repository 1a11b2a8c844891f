//! The outlines of what was measured, over the micrograph: objects coloured by their size, with
//! the chosen ones and those that a number rests on lit; other structures in one colour.
//!
//! Paints no more points than can be seen, so that thousands of objects cost little. Measures
//! nothing.

use super::Viewer;
use super::geometry::Point;
use super::paint::Canvas;
use crate::measure::recipe::counts;
use crate::measure::{Measurement, Object, readings};
use crate::window::state::{Image, ImageId};
use crate::window::theme;
use egui::{Color32, Pos2, Rect, Shape, Stroke, pos2, vec2};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Points of the screen between two points of an outline.
const STEP: f32 = 3.0;
/// The cosine of the turn beyond which a corner is the end of a hairpin.
const HAIRPIN: f32 = -0.85;
/// Above so many in view, outlines have no halo: they would be one blur.
const HALO_MAX: usize = 600;
/// Kept free around an object that is to be seen.
const MARGIN: f32 = 48.0;

/// What was measured on a micrograph, as far as it is painted.
#[derive(Clone, Debug)]
pub struct Outlines {
    /// The content that it was measured on.
    pub hash: String,
    /// The objects.
    pub objects: Arc<Vec<Object>>,
    /// The least and the greatest diameter that count, in pixels.
    pub limits_px: [f64; 2],
    /// The diameters at the ends of the colours, in pixels.
    pub range_px: [f64; 2],
    /// The chosen objects.
    pub chosen: BTreeSet<u32>,
    /// Objects that a number rests on, while the pointer is on it.
    pub lit: Vec<u32>,
    /// Whether those alone are painted: a number of an answer is pointed at.
    pub only_lit: bool,
    /// The rest: strands, lines, layers, a tip.
    pub numbers: Option<Arc<Measurement>>,
}

/// The colour of a size, from 0 for the smallest to 1 for the largest: blue over green to yellow.
pub fn size_colour(share: f64) -> Color32 {
    const STOPS: [[f64; 3]; 4] = [
        [82.0, 140.0, 255.0],
        [60.0, 200.0, 220.0],
        [120.0, 225.0, 110.0],
        [255.0, 226.0, 64.0],
    ];
    let share = if share.is_nan() { 0.0 } else { share };
    let place = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let low = (place as usize).min(STOPS.len() - 2);
    let part = place - low as f64;
    let [r, g, b] = [0, 1, 2].map(|channel| {
        let (from, to) = (STOPS[low][channel], STOPS[low + 1][channel]);
        (from + (to - from) * part) as u8
    });
    Color32::from_rgb(r, g, b)
}

impl Outlines {
    /// Paints them.
    pub fn paint(&self, canvas: &Canvas<'_>) {
        let seen = canvas.painter.clip_rect();
        let in_view = |one: &&Object| {
            let [left, top, right, bottom] = one.bounds;
            let rect = Rect::from_two_pos(canvas.at([left, top]), canvas.at([right, bottom]));
            seen.intersects(rect)
        };
        let counted = self
            .objects
            .iter()
            .filter(|one| counts(one, self.limits_px));
        let objects: Vec<&Object> = counted.filter(in_view).collect();
        let has_halo = objects.len() <= HALO_MAX;
        let [low, high] = self.range_px;
        for object in objects.iter().filter(|_| !self.only_lit) {
            let share = (object.diameter_px - low) / (high - low).max(1e-9);
            line(canvas, &object.outline, true, size_colour(share), has_halo);
        }
        // Above the others.
        for object in objects {
            let is_chosen = self.chosen.contains(&object.id);
            if is_chosen || self.lit.binary_search(&object.id).is_ok() {
                light(canvas, &object.outline, is_chosen);
            }
        }
        if let Some(numbers) = &self.numbers {
            others(canvas, numbers);
        }
    }
}

/// The points that can be told apart on the screen.
fn on_screen(canvas: &Canvas<'_>, outline: &[Point]) -> Vec<Pos2> {
    told_apart(outline.iter().map(|point| canvas.at(*point)))
}

/// Drops what lies too close, and the ends of hairpins: the corner of a broad line shoots far
/// out there.
fn told_apart(all: impl Iterator<Item = Pos2>) -> Vec<Pos2> {
    let mut points: Vec<Pos2> = Vec::new();
    for at in all {
        let is_far = points
            .last()
            .is_none_or(|last| (at - *last).length_sq() >= STEP * STEP);
        if !is_far {
            continue;
        }
        if let [.., before, last] = points[..]
            && (last - before).normalized().dot((at - last).normalized()) < HAIRPIN
        {
            points.pop();
        }
        points.push(at);
    }
    points
}

fn line(canvas: &Canvas<'_>, outline: &[Point], is_closed: bool, color: Color32, has_halo: bool) {
    let points = on_screen(canvas, outline);
    let shape = |stroke: Stroke| match is_closed {
        true => Shape::closed_line(points.clone(), stroke),
        false => Shape::line(points.clone(), stroke),
    };
    let width = canvas.text / 8.0;
    if points.len() < 3 {
        if let Some(at) = points.first() {
            canvas.painter.circle_filled(*at, width, color);
        }
        return;
    }
    if has_halo {
        let below = Stroke::new(width * 2.0, theme::MARK_HALO);
        canvas.painter.add(shape(below));
    }
    canvas.painter.add(shape(Stroke::new(width, color)));
}

/// An object that stands out: a broad line, and its inside a little lighter.
fn light(canvas: &Canvas<'_>, outline: &[Point], is_chosen: bool) {
    let points = on_screen(canvas, outline);
    if points.len() < 3 {
        return;
    }
    let width = canvas.text / 8.0;
    let color = match is_chosen {
        true => theme::MARK_CHOSEN,
        false => Color32::WHITE,
    };
    let halo = Stroke::new(width * 3.4, theme::MARK_HALO);
    canvas.painter.add(Shape::closed_line(points.clone(), halo));
    let stroke = Stroke::new(width * 1.8, color);
    canvas.painter.add(Shape::closed_line(points, stroke));
}

/// What is no object, in the colour of marks.
fn others(canvas: &Canvas<'_>, numbers: &Measurement) {
    let mut all = Vec::new();
    if let Some(found) = &numbers.fibres {
        all.extend(readings::strand_outlines(found));
    }
    if let Some(found) = &numbers.lines {
        all.extend(readings::line_outlines(found));
    }
    if let Some(found) = &numbers.layers {
        all.extend(readings::interface_outlines(found));
    }
    all.extend(numbers.tip.as_ref().map(readings::tip_outline));
    for outline in all {
        // Centres of pixels lie at whole numbers there, corners here.
        let points: Vec<Point> = outline
            .points
            .iter()
            .map(|at| at.map(|v| v + 0.5))
            .collect();
        line(canvas, &points, outline.is_closed, theme::MARK, true);
    }
    for crack in numbers.surface.iter().flat_map(|found| &found.cracks) {
        for (x, y) in &crack.points_px {
            let at = canvas.at([x + 0.5, y + 0.5]);
            canvas.painter.circle_filled(at, 1.2, theme::MARK);
        }
    }
}

impl Viewer {
    /// What was measured on a micrograph, if that is to be seen.
    pub(super) fn outlines_of(&self, image: &Image) -> Option<&Outlines> {
        let outlines = self.outlines.as_ref()?;
        (Some(outlines.hash.as_str()) == image.hash()).then_some(outlines)
    }

    /// Whether objects of the shown micrograph can be chosen and changed.
    pub fn has_objects(&self, image: &Image) -> bool {
        self.outlines_of(image)
            .is_some_and(|outlines| !outlines.only_lit)
    }

    /// Moves a micrograph so that a part of it is seen: left, top, right and bottom in pixels.
    pub fn show_part(&mut self, id: ImageId, [left, top, right, bottom]: [f64; 4]) {
        let Some((place, stage)) = self.stage_of(id) else {
            return;
        };
        let view = self.views.get(&id).copied().unwrap_or_default();
        let origin = view.image_on_screen(stage).min;
        let per_px = view.zoom(stage) / stage.pixels_per_point;
        let at = |x: f64, y: f64| origin + vec2(x as f32, y as f32) * per_px;
        let part = Rect::from_two_pos(at(left, top), at(right, bottom));
        let room = stage
            .screen
            .shrink(MARGIN.min(stage.screen.size().min_elem() / 4.0));
        if room.contains_rect(part) {
            return;
        }
        let by = stage.screen.center() - pos2(part.center().x, part.center().y);
        self.change_view(place, |view, stage| view.pan(stage, by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_hairpins_are_dropped_and_corners_stay() {
        let line = [
            (0.0, 0.0),
            (10.0, 0.0),
            (40.0, 0.5),
            (10.0, 1.5),
            (10.0, 12.0),
        ];
        let points = told_apart(line.into_iter().map(|(x, y)| pos2(x, y)));
        assert!(!points.contains(&pos2(40.0, 0.5)), "{points:?}");
        assert!(points.contains(&pos2(10.0, 0.0)) && points.contains(&pos2(10.0, 12.0)));
        let square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)];
        let points = told_apart(square.into_iter().map(|(x, y)| pos2(x, y)));
        assert_eq!(points.len(), 4);
    }

    #[test]
    fn colours_go_from_blue_to_yellow_and_stay_bright() {
        let [small, large] = [size_colour(0.0), size_colour(1.0)];
        assert!(small.b() > small.r() && large.r() > large.b());
        for step in 0..=20 {
            let color = size_colour(f64::from(step) / 20.0);
            let brightest = color.r().max(color.g()).max(color.b());
            assert!(brightest >= 200, "{color:?} is lost on grey");
        }
        assert_eq!(size_colour(f64::NAN), size_colour(0.0));
    }
}
