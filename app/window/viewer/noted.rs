//! What is drawn goes into the record of its micrograph, which the notebook follows, and comes
//! back from there.
//!
//! Marks and the scale set by hand; the region asked about belongs to the session alone. Called
//! once between two frames, draws nothing.

use super::marks::{BOX_PX, Drawing, Kind, Mark, Sheet};
use super::{Session, Viewer};
use crate::micrograph::Calibration;
use crate::notebook::{Annotation, NoteId};
use crate::window::record::Record;
use crate::window::state::Place;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// The words of the notebook, which stay whatever the buttons say.
const WORDS: [(Kind, &str); 10] = [
    (Kind::Distance, "distance"),
    (Kind::Angle, "angle"),
    (Kind::Rectangle, "rectangle"),
    (Kind::Ellipse, "ellipse"),
    (Kind::Polyline, "polyline"),
    (Kind::Profile, "profile"),
    (Kind::Caliper, "caliper"),
    (Kind::Parallels, "parallels"),
    (Kind::Circle, "circle"),
    (Kind::Sidewall, "sidewall"),
];

/// What sheet and record agreed on last.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    marks: Vec<Mark>,
    scale: Option<Calibration>,
    annotations: Vec<Annotation>,
    /// The scale of the folder.
    pub(super) folder: Option<Calibration>,
    /// The notebook's names of the marks.
    names: HashMap<u64, NoteId>,
    /// Annotations of a kind that is not known here; kept as they are.
    strangers: Vec<Annotation>,
}

impl Viewer {
    /// Exchanges what is new between what is drawn and the records.
    pub fn exchange(&mut self, session: &mut Session) {
        let read = session.images().iter();
        let read: Vec<_> = read
            .filter_map(|image| Some((image.id, image.hash()?.to_owned(), Place::of(image))))
            .collect();
        for (id, hash, place) in read {
            let sheet = self.sheets.entry(hash).or_default();
            if let Some(record) = session.record_mut(id) {
                sheet.exchange(record);
            }
            if let Some(place) = place.filter(|_| sheet.now().folder != sheet.agreed.folder) {
                // Where another micrograph has spoken for the folder meanwhile, that holds.
                if session.folder_scales().get(&place) == sheet.agreed.folder.as_ref() {
                    session.set_folder_scale(place, sheet.now().folder.clone());
                }
                sheet.agreed.folder = sheet.now().folder.clone();
            }
        }
        self.folder_scales = Arc::clone(session.folder_scales());
    }
}

impl Sheet {
    fn exchange(&mut self, record: &mut Record) {
        if record.annotations != self.agreed.annotations || record.calibration != self.agreed.scale
        {
            self.take_in(record);
        }
        if self.now().marks != self.agreed.marks || self.now().scale != self.agreed.scale {
            self.give_out(record);
        }
    }

    /// Adds what came from the notebook to the drawing and to all its earlier and later states:
    /// it was there before them.
    fn take_in(&mut self, record: &Record) {
        let mut marks = Vec::new();
        for annotation in &record.annotations {
            let known = self.agreed.names.values().any(|id| *id == annotation.id)
                || self.agreed.strangers.iter().any(|a| a.id == annotation.id);
            if known {
                continue;
            }
            match mark_of(annotation, self.next_id()) {
                Some(mark) => {
                    self.agreed.names.insert(mark.id, annotation.id);
                    marks.push(mark);
                }
                None => self.agreed.strangers.push(annotation.clone()),
            }
        }
        let scale = &record.calibration;
        self.revise(|drawing: &mut Drawing| {
            drawing.marks.splice(0..0, marks.iter().cloned());
            if drawing.scale.is_none() {
                drawing.scale.clone_from(scale);
            }
        });
        self.agreed.annotations.clone_from(&record.annotations);
        self.agreed.scale.clone_from(scale);
    }

    fn give_out(&mut self, record: &mut Record) {
        let marks = self.now().marks.clone();
        let names = &mut self.agreed.names;
        let drawn = marks.iter().map(|mark| {
            let id = *names.entry(mark.id).or_insert_with(NoteId::new);
            annotation_of(mark, id)
        });
        let strangers = self.agreed.strangers.iter().cloned();
        record.annotations = strangers.chain(drawn).collect();
        record.calibration.clone_from(&self.now().scale);
        self.agreed.annotations.clone_from(&record.annotations);
        self.agreed.scale.clone_from(&record.calibration);
        self.agreed.marks = marks;
    }
}

fn annotation_of(mark: &Mark, id: NoteId) -> Annotation {
    let word = WORDS.iter().find(|(kind, _)| *kind == mark.kind);
    Annotation {
        id,
        kind: word.map_or("", |(_, word)| word).to_owned(),
        points_px: mark.points.clone(),
        label: String::new(),
        details: json!({ "closed": mark.closed, "box_px": mark.box_px }),
    }
}

/// The mark of an annotation; `None` for what no tool here draws.
fn mark_of(annotation: &Annotation, id: u64) -> Option<Mark> {
    let (kind, _) = WORDS.iter().find(|(_, word)| *word == annotation.kind)?;
    let count = annotation.points_px.len();
    let is_whole = kind.points().map_or(count >= 2, |points| points == count);
    let is_sound = annotation.points_px.iter().flatten().all(|v| v.is_finite());
    let box_px = annotation.details["box_px"].as_f64().unwrap_or(BOX_PX);
    (is_whole && is_sound).then(|| Mark {
        id,
        kind: *kind,
        points: annotation.points_px.clone(),
        closed: annotation.details["closed"].as_bool().unwrap_or(false),
        box_px: box_px.clamp(1.0, 1000.0),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::Source;

    #[test]
    fn what_is_drawn_goes_into_the_record_and_comes_back_in_a_new_session() {
        let scale = Calibration::new(2.0, 2.0, Source::User, "by hand");
        let mut record = Record::default();
        let mut sheet = Sheet::default();
        sheet.add(
            Kind::Polyline,
            vec![[1.0, 2.0], [3.0, 4.0], [5.0, 0.0]],
            true,
        );
        sheet.change(|drawing| drawing.scale = scale.clone());
        sheet.exchange(&mut record);
        assert_eq!(record.annotations.len(), 1);
        assert_eq!(record.calibration, scale);

        let stranger = Annotation {
            kind: "arrow".into(),
            id: NoteId::new(),
            ..record.annotations[0].clone()
        };
        let mut later = Record {
            annotations: vec![stranger.clone(), record.annotations[0].clone()],
            calibration: record.calibration.clone(),
            ..Record::default()
        };
        let mut fresh = Sheet::default();
        fresh.add(Kind::Distance, vec![[0.0, 0.0], [9.0, 9.0]], false);
        fresh.exchange(&mut later);
        let kinds: Vec<Kind> = fresh.now().marks.iter().map(|mark| mark.kind).collect();
        assert_eq!(kinds, [Kind::Polyline, Kind::Distance]);
        assert!(fresh.now().marks[0].closed);
        assert_eq!(fresh.now().scale, scale);
        assert_eq!(later.annotations.len(), 3);
        assert!(later.annotations.contains(&stranger));
        assert!(later.annotations.contains(&record.annotations[0]));

        assert!(fresh.undo());
        fresh.exchange(&mut later);
        assert_eq!(fresh.now().marks.len(), 1);
        assert_eq!(later.annotations.len(), 2);
        fresh.change(|drawing| drawing.scale = None);
        fresh.exchange(&mut later);
        assert_eq!((later.calibration, fresh.now().scale.clone()), (None, None));
    }

    #[test]
    fn an_annotation_without_its_points_is_kept_but_not_drawn() {
        let mut record = Record {
            annotations: vec![Annotation {
                id: NoteId::new(),
                kind: "angle".into(),
                points_px: vec![[0.0, 0.0]],
                label: String::new(),
                details: serde_json::Value::Null,
            }],
            ..Record::default()
        };
        let before = record.annotations.clone();
        let mut sheet = Sheet::default();
        sheet.exchange(&mut record);
        assert!(sheet.now().marks.is_empty());
        sheet.add(Kind::Distance, vec![[0.0, 0.0], [9.0, 9.0]], false);
        sheet.exchange(&mut record);
        assert!(record.annotations.contains(&before[0]));
    }
}
