//! What is left out of a micrograph's questions and measurements: shown as hatched rectangles,
//! and edited by hand.
//!
//! Found places can be taken back and further ones drawn; both are steps of the sheet, kept in
//! the notebook among the annotations. Changes no pixel. Called by the other files of `viewer`.

use super::geometry::Point;
use super::marks::Drawing;
use super::paint::Canvas;
use super::{Viewer, act::Told};
use crate::micrograph::{Edits, Mask};
use crate::notebook::{Annotation, NoteId};
use crate::window::state::Image;
use crate::window::theme;
use crate::worker::Opened;
use egui::{Color32, Pos2, Rect, Shape, Stroke, Ui, WidgetInfo, pos2};

/// Left, top, right, bottom in pixels.
type Place = [u32; 4];

/// The shortest side of a drawn place, in pixels.
const SHORTEST_PX: u32 = 2;
/// Between two lines of the hatching, in points, and the most lines of one place.
const HATCH: f32 = 9.0;
const MOST_HATCHES: usize = 400;
/// The words of the notebook.
const ADDED: &str = "left out";
const KEPT: &str = "not left out";

/// What is left out of a micrograph now.
pub(super) fn mask(opened: &Opened, edits: &Edits) -> Mask {
    let micrograph = &opened.micrograph;
    let size = [micrograph.width(), micrograph.height()];
    Mask::of(size, &opened.printed, edits)
}

impl Viewer {
    /// Shows what is left out, or no more.
    pub(super) fn toggle_left_out(&mut self, image: &Image) -> Told {
        self.options.left_out = !self.options.left_out;
        let opened = image.opened.as_ref().filter(|_| self.options.left_out)?;
        let edits = self.sheet(image).map(|sheet| &sheet.now().edits);
        let is_none = mask(opened, edits.unwrap_or(&Edits::default()))
            .left_out()
            .is_empty();
        is_none.then(|| "Nothing is left out: no banner and nothing drawn was found".to_owned())
    }

    /// Goes back to what was found.
    pub(super) fn restore_found(&mut self, image: &Image) -> Told {
        let sheet = self.sheet_mut(image)?;
        sheet.change(|drawing| drawing.edits = Edits::default());
        None
    }

    /// Leaves out the rectangle between two corners.
    pub(super) fn leave_out(&mut self, image: &Image, corners: [Point; 2]) -> Told {
        let opened = image.opened.as_ref()?;
        let size = [opened.micrograph.width(), opened.micrograph.height()];
        let Some(place) = between(corners, size) else {
            return Some("Drag from corner to corner around what is not the specimen".to_owned());
        };
        let sheet = self.sheet_mut(image)?;
        sheet.change(|drawing| drawing.edits.added.push(place));
        self.options.left_out = true;
        None
    }

    /// Takes the smallest left-out place at a point back into the specimen. Says whether there
    /// was one.
    pub(super) fn take_back(&mut self, image: &Image, at: Point) -> bool {
        let Some(opened) = &image.opened else {
            return false;
        };
        let Some(sheet) = self.sheet(image) else {
            return false;
        };
        let mask = mask(opened, &sheet.now().edits);
        let holds = |place: &&Place| {
            let [x, y] = at;
            let [x0, y0, x1, y1] = place.map(f64::from);
            (x0..x1).contains(&x) && (y0..y1).contains(&y)
        };
        let area = |place: &&Place| u64::from(place[2] - place[0]) * u64::from(place[3] - place[1]);
        let Some(place) = mask
            .left_out()
            .iter()
            .filter(holds)
            .min_by_key(area)
            .copied()
        else {
            return false;
        };
        if let Some(sheet) = self.sheet_mut(image) {
            sheet.change(|drawing| take_back(&mut drawing.edits, place));
        }
        true
    }

    /// Paints what is left out, and names it for those who do not see it.
    pub(super) fn paint_left_out(
        &self,
        ui: &Ui,
        canvas: &Canvas<'_>,
        image: &Image,
        opened: &Opened,
    ) {
        if !self.options.left_out {
            return;
        }
        let edits = self.sheet(image).map(|sheet| &sheet.now().edits);
        let mask = mask(opened, edits.unwrap_or(&Edits::default()));
        let seen = canvas.painter.clip_rect();
        for (index, place) in mask.left_out().iter().enumerate() {
            let [x0, y0, x1, y1] = place.map(f64::from);
            let rect = Rect::from_min_max(canvas.at([x0, y0]), canvas.at([x1, y1]));
            if !rect.intersects(seen) {
                continue;
            }
            hatch(canvas, rect, seen);
            let id = ui.scope_id().with(("left out", image.id.0, index));
            let response = ui.interact(rect.intersect(seen), id, egui::Sense::hover());
            let words = format!(
                "Left out: {} × {} px at {}, {}",
                place[2] - place[0],
                place[3] - place[1],
                place[0],
                place[1]
            );
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &words));
        }
    }
}

/// A thin outline filled with slanted lines, seen on black and on white.
fn hatch(canvas: &Canvas<'_>, rect: Rect, seen: Rect) {
    let painter = canvas.painter;
    let ground = Color32::from_black_alpha(70);
    painter.rect_filled(rect, egui::CornerRadius::ZERO, ground);
    let line = Stroke::new(1.0, theme::MARK.gamma_multiply(0.75));
    let inner = rect.intersect(seen);
    // The lines stand at the same places whatever part of them is seen.
    let first = ((inner.min.x + inner.min.y) / HATCH).floor() as i64;
    let last = ((inner.max.x + inner.max.y) / HATCH).ceil() as i64;
    let mut shapes: Vec<Shape> = Vec::new();
    for step in (first..=last).take(MOST_HATCHES) {
        let sum = step as f32 * HATCH;
        if let Some(ends) = across(inner, sum) {
            shapes.push(Shape::line_segment(ends, line));
        }
    }
    painter.extend(shapes);
    let outline = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    let halo = Stroke::new(2.5, theme::MARK_HALO);
    painter.add(Shape::line(outline.to_vec(), halo));
    painter.add(Shape::line(outline.to_vec(), Stroke::new(1.0, theme::MARK)));
}

/// The piece of the line x + y = `sum` that lies in a rectangle.
fn across(rect: Rect, sum: f32) -> Option<[Pos2; 2]> {
    let left = rect.min.x.max(sum - rect.max.y);
    let right = rect.max.x.min(sum - rect.min.y);
    (left < right).then(|| [pos2(left, sum - left), pos2(right, sum - right)])
}

/// The whole pixels between two corners, cut to the image.
fn between([first, second]: [Point; 2], size: [u32; 2]) -> Option<Place> {
    let side = |axis: usize| {
        let end = f64::from(size[axis]);
        // `clamp` keeps a NaN, and the cast makes it 0.
        let low = first[axis].min(second[axis]).clamp(0.0, end).floor() as u32;
        let high = first[axis].max(second[axis]).clamp(0.0, end).ceil() as u32;
        (high.saturating_sub(low) >= SHORTEST_PX).then_some((low, high))
    };
    let ((x0, x1), (y0, y1)) = (side(0)?, side(1)?);
    Some([x0, y0, x1, y1])
}

fn take_back(edits: &mut Edits, place: Place) {
    let before = edits.added.len();
    edits.added.retain(|added| *added != place);
    if edits.added.len() == before {
        edits.kept.push(place);
    }
}

/// What the sheet and the record agreed on last.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    edits: Edits,
    /// The notebook's names of the edits.
    names: Vec<(&'static str, Place, NoteId)>,
}

impl Agreed {
    /// Takes an annotation in, if it is an edit; says whether it is.
    pub fn take_in(&mut self, annotation: &Annotation, into: &mut Edits) -> bool {
        let Some((word, place)) = edit_of(annotation) else {
            return false;
        };
        if !self.names.iter().any(|(_, _, id)| *id == annotation.id) {
            self.names.push((word, place, annotation.id));
            list_of(into, word).push(place);
        }
        true
    }

    /// Whether the drawing has other edits than the record.
    pub fn differs(&self, drawing: &Drawing) -> bool {
        self.edits != drawing.edits
    }

    /// The annotations of the edits of a drawing.
    pub fn give_out(&mut self, drawing: &Drawing) -> Vec<Annotation> {
        self.edits = drawing.edits.clone();
        let added = drawing.edits.added.iter().map(|place| (ADDED, *place));
        let kept = drawing.edits.kept.iter().map(|place| (KEPT, *place));
        added
            .chain(kept)
            .map(|(word, place)| {
                let known = self
                    .names
                    .iter()
                    .find(|(w, p, _)| *w == word && *p == place);
                let id = known.map_or_else(NoteId::new, |known| known.2);
                if known.is_none() {
                    self.names.push((word, place, id));
                }
                annotation_of(word, place, id)
            })
            .collect()
    }
}

fn list_of<'a>(edits: &'a mut Edits, word: &str) -> &'a mut Vec<Place> {
    if word == ADDED {
        &mut edits.added
    } else {
        &mut edits.kept
    }
}

fn annotation_of(word: &str, [x0, y0, x1, y1]: Place, id: NoteId) -> Annotation {
    Annotation {
        id,
        kind: word.to_owned(),
        points_px: vec![
            [f64::from(x0), f64::from(y0)],
            [f64::from(x1), f64::from(y1)],
        ],
        label: String::new(),
        details: serde_json::Value::Object(serde_json::Map::new()),
    }
}

fn edit_of(annotation: &Annotation) -> Option<(&'static str, Place)> {
    let word = [ADDED, KEPT]
        .into_iter()
        .find(|word| *word == annotation.kind)?;
    let &[first, second] = &annotation.points_px[..] else {
        return None;
    };
    Some((word, between([first, second], [u32::MAX; 2])?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_added_place_goes_and_a_found_one_is_kept() {
        let mut edits = Edits::default();
        edits.added.push([1, 2, 9, 9]);
        take_back(&mut edits, [1, 2, 9, 9]);
        assert!(edits.is_empty());
        take_back(&mut edits, [5, 5, 7, 7]);
        assert_eq!(edits.kept, [[5, 5, 7, 7]]);
    }

    #[test]
    fn edits_become_annotations_and_come_back_as_they_were() {
        let drawing = Drawing {
            edits: Edits {
                added: vec![[1, 2, 30, 40]],
                kept: vec![[5, 5, 7, 9]],
            },
            ..Drawing::default()
        };
        let mut agreed = Agreed::default();
        let noted = agreed.give_out(&drawing);
        assert_eq!(noted, agreed.give_out(&drawing), "under the same names");
        assert!(!agreed.differs(&drawing));
        let (mut other, mut edits) = (Agreed::default(), Edits::default());
        for annotation in &noted {
            assert!(other.take_in(annotation, &mut edits));
            assert!(other.take_in(annotation, &mut edits), "only once");
        }
        assert_eq!(edits, drawing.edits);
        let stranger = Annotation {
            kind: "distance".into(),
            ..noted[0].clone()
        };
        assert!(!other.take_in(&stranger, &mut edits));
    }

    #[test]
    fn the_lines_of_the_hatching_end_at_the_rectangle() {
        let rect = Rect::from_min_max(pos2(10.0, 20.0), pos2(40.0, 30.0));
        let [from, to] = across(rect, 45.0).unwrap();
        assert!(rect.contains(from) && rect.contains(to) && from.x + from.y == to.x + to.y);
        assert_eq!(across(rect, 5.0), None);
    }
}
