//! What the notebook is told of the session and what it brings back.
//!
//! Nobody reports changes: [`Session::follow`] compares every record with what was noted of it
//! last and notes the difference. A growing answer is noted a few times a second, its end at
//! once. Sends requests and waits for nothing.

use super::{Notice, Purpose, Send, Session};
use crate::notebook::{self, Note, Notes};
use crate::window::record::{NotedTurn, Record, StopReason, Turn, TurnState};
use crate::worker::{Outcome, Progress, Request, RequestId, What};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A growing answer is noted at most this often.
const GROWING_EVERY: Duration = Duration::from_millis(300);

impl Session {
    /// Recalls and notes what has become necessary. Where nothing is to be kept, what is in the
    /// notebook is still shown, finished and forgotten, and what is new is left out for good.
    pub fn follow(&mut self, keep: bool, now: Instant, send: Send<'_>) {
        for (hash, record) in &mut self.records {
            if !record.noted.recall_asked {
                record.noted.recall_asked = true;
                let request = send(Request::Recall(hash.clone()));
                self.running.insert(request, Purpose::Recall(hash.clone()));
            }
            let Some(subject) = record.subject.clone() else {
                continue;
            };
            for note in due(record, keep, now) {
                let request = send(Request::Note(Arc::clone(&subject), note));
                self.running.insert(request, Purpose::Note);
            }
        }
        self.note_folder_scales(keep, send);
    }

    /// Takes everything asked about the shown micrograph out of its transcript and out of the
    /// notebook. Returns the requests that need not go on.
    pub fn forget(&mut self) -> Vec<RequestId> {
        let Some(id) = self.current else {
            return Vec::new();
        };
        let needless = self.stop(id);
        if let Some(record) = self.record_mut(id) {
            for mut turn in std::mem::take(&mut record.turns) {
                if turn.is_open() {
                    turn.state = TurnState::Stopped(StopReason::User);
                }
                record.forgotten.push(turn);
            }
            record.noted.forget = true;
        }
        needless
    }

    /// Brings back what was forgotten about the shown micrograph, here and in the notebook.
    pub fn bring_back(&mut self) {
        if let Some(record) = self.current.and_then(|id| self.record_mut(id)) {
            let mut turns = std::mem::take(&mut record.forgotten);
            for turn in &mut turns {
                if matches!(turn.noted, NotedTurn::As(..)) {
                    turn.noted = NotedTurn::No;
                }
            }
            record.turns.splice(0..0, turns);
        }
    }

    /// The window is closing: what is still open ends here.
    pub fn end_open_turns(&mut self) {
        let turns = self.records.values_mut().flat_map(|r| &mut r.turns);
        for turn in turns.filter(|turn| turn.is_open()) {
            turn.state = TurnState::Stopped(StopReason::Closed);
        }
    }

    pub(super) fn apply_recall(&mut self, hash: &str, what: What) -> Option<Notice> {
        match what {
            What::Finished(Outcome::Recalled(mut notes)) => {
                self.recall_folder_scales(std::mem::take(&mut notes.folder_scales));
                if let Some(record) = self.records.get_mut(hash) {
                    merge(record, notes);
                }
                None
            }
            other => self.apply_note(other),
        }
    }

    /// A sentence about the notebook is said once, however often its cause is met.
    pub(super) fn apply_note(&mut self, what: What) -> Option<Notice> {
        let (What::Failed(text) | What::Progress(Progress::Word(text))) = what else {
            return None;
        };
        if self.notebook_words.contains(&text) {
            return None;
        }
        self.notebook_words.push(text.clone());
        Some(Notice {
            is_error: true,
            text,
        })
    }
}

/// Puts what was recalled before what has been asked meanwhile; what the user has set
/// meanwhile stays.
fn merge(record: &mut Record, notes: Notes) {
    if record.set_by_user.is_none() && record.noted.category.is_none() {
        record.set_by_user = notes.category;
        record.noted.category = notes.category;
    }
    if record.calibration.is_none() && record.noted.calibration.is_none() {
        record.calibration.clone_from(&notes.calibration);
        record.noted.calibration = notes.calibration;
    }
    record.noted.annotations.extend(notes.annotations.clone());
    record.annotations.splice(0..0, notes.annotations);
    let known: Vec<_> = record.turns.iter().map(|turn| turn.id).collect();
    let turns = notes.turns.into_iter();
    let new = turns.filter(|turn| !known.contains(&turn.id));
    record.turns.splice(0..0, new.map(Turn::recalled));
}

/// The notes that are due about a record; they count as written.
fn due(record: &mut Record, keep: bool, now: Instant) -> Vec<Note> {
    let mut notes = Vec::new();
    if std::mem::take(&mut record.noted.forget) {
        notes.push(Note::ForgetTurns);
    }
    let turns = record.turns.iter_mut();
    notes.extend(turns.filter_map(|turn| due_turn(turn, keep, now)));
    let noted = &mut record.noted;
    let before = notes.len();
    if noted.category != record.set_by_user {
        noted.category = record.set_by_user;
        notes.push(Note::Category(record.set_by_user));
    }
    if noted.calibration != record.calibration {
        noted.calibration.clone_from(&record.calibration);
        notes.push(Note::Calibration(record.calibration.clone()));
    }
    if noted.annotations != record.annotations {
        let (old, new) = (&noted.annotations, &record.annotations);
        let gone = old
            .iter()
            .filter(|old| new.iter().all(|new| new.id != old.id));
        notes.extend(gone.map(|gone| Note::RemoveAnnotation(gone.id)));
        let changed = new.iter().filter(|new| !old.contains(new));
        notes.extend(changed.cloned().map(Note::Annotation));
        noted.annotations.clone_from(&record.annotations);
    }
    if !keep {
        notes.truncate(before);
    }
    notes
}

fn due_turn(turn: &mut Turn, keep: bool, now: Instant) -> Option<Note> {
    let shape = turn.shape();
    match &turn.noted {
        NotedTurn::LeftOut => return None,
        NotedTurn::No if !keep => {
            turn.noted = NotedTurn::LeftOut;
            return None;
        }
        NotedTurn::No => {}
        NotedTurn::As(noted, _) if *noted == shape => return None,
        NotedTurn::As(_, when) => {
            let is_fresh = now.saturating_duration_since(*when) < GROWING_EVERY;
            if turn.is_open() && is_fresh {
                return None;
            }
        }
    }
    turn.noted = NotedTurn::As(shape, now);
    Some(Note::Turn(as_noted(turn)))
}

fn as_noted(turn: &Turn) -> notebook::Turn {
    notebook::Turn {
        id: turn.id,
        asked: turn.asked,
        key: turn.key,
        typed: turn.typed.clone(),
        region: turn.region,
        category: turn.category,
        text: turn.text.clone(),
        state: match &turn.state {
            TurnState::Waiting | TurnState::Asked(_) => notebook::TurnState::Open,
            TurnState::Answered(facts) => notebook::TurnState::Answered(facts.clone()),
            TurnState::Stopped(reason) => notebook::TurnState::Stopped(*reason),
            TurnState::Failed(sentence) => notebook::TurnState::Failed(sentence.clone()),
            TurnState::Declined(sentence) => notebook::TurnState::Declined(sentence.clone()),
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::micrograph::{Calibration, Source};
    use crate::notebook::{Annotation, NoteId, Subject};
    use crate::questions::{Category, Key};
    use crate::worker::Event;

    /// A session with one record, and what it has sent.
    struct Desk {
        session: Session,
        sent: Vec<Request>,
        began: Instant,
    }

    impl Desk {
        fn new() -> Self {
            let subject = Subject {
                hash: "a".into(),
                name: "a.tif".into(),
                path: None,
            };
            let record = Record {
                subject: Some(Arc::new(subject)),
                ..Record::default()
            };
            let mut session = Session::default();
            session.records.insert("a".into(), record);
            Self {
                session,
                sent: Vec::new(),
                began: Instant::now(),
            }
        }

        fn record(&mut self) -> &mut Record {
            self.session.records.get_mut("a").unwrap()
        }

        /// What is sent at a time, in milliseconds.
        fn follow(&mut self, keep: bool, at_ms: u64) -> &[Request] {
            let before = self.sent.len();
            let sent = &mut self.sent;
            let now = self.began + Duration::from_millis(at_ms);
            self.session.follow(keep, now, &mut |request| {
                sent.push(request);
                RequestId(sent.len() as u64)
            });
            &self.sent[before..]
        }

        fn notes(&mut self, at_ms: u64) -> Vec<Note> {
            let sent = self.follow(true, at_ms).iter();
            sent.filter_map(|request| match request {
                Request::Note(_, note) => Some(note.clone()),
                _ => None,
            })
            .collect()
        }

        fn tell(&mut self, request: u64, what: What) -> Option<Notice> {
            let request = RequestId(request);
            self.session.apply(Event { request, what })
        }
    }

    fn recalled(category: Category) -> What {
        let mut turn = Turn::waiting(Key::SizeRange, None, None);
        turn.text = "of old".into();
        What::Finished(Outcome::Recalled(Notes {
            category: Some(category),
            turns: vec![as_noted(&turn)],
            ..Notes::default()
        }))
    }

    #[test]
    fn a_growing_answer_is_noted_a_few_times_a_second_and_its_end_at_once() {
        let mut desk = Desk::new();
        desk.record()
            .turns
            .push(Turn::waiting(Key::SizeRange, None, None));
        let mut noted = desk.notes(0).len();
        for at_ms in 1..=1000 {
            desk.record().turns[0].text.push('a');
            noted += desk.notes(at_ms).len();
        }
        assert_eq!(noted, 1 + 3);
        desk.record().turns[0].state = TurnState::Stopped(StopReason::User);
        match &desk.notes(1001)[..] {
            [Note::Turn(turn)] => assert_eq!(turn.text.len(), 1000),
            other => panic!("{other:?}"),
        }
        assert!(desk.notes(9000).is_empty(), "nothing has changed");
    }

    #[test]
    fn what_was_recalled_stands_before_what_was_asked_meanwhile_and_is_not_noted_again() {
        let mut desk = Desk::new();
        assert!(matches!(desk.follow(true, 0), [Request::Recall(hash)] if hash == "a"));
        desk.record()
            .turns
            .push(Turn::waiting(Key::BasicsType, None, None));
        assert_eq!(desk.notes(1).len(), 1);
        assert_eq!(desk.tell(1, recalled(Category::Tips)), None);
        let texts: Vec<&str> = desk.record().turns.iter().map(|turn| &*turn.text).collect();
        assert_eq!(texts, ["of old", ""]);
        assert_eq!(desk.record().set_by_user, Some(Category::Tips));
        assert!(desk.notes(9000).is_empty());
    }

    #[test]
    fn a_category_set_before_the_notebook_answers_stays() {
        let mut desk = Desk::new();
        desk.follow(true, 0);
        desk.record().set_by_user = Some(Category::Powder);
        assert_eq!(desk.notes(1), [Note::Category(Some(Category::Powder))]);
        desk.tell(1, recalled(Category::Tips));
        assert_eq!(desk.record().set_by_user, Some(Category::Powder));
    }

    #[test]
    fn calibrations_and_annotations_are_noted_as_they_change() {
        let mut desk = Desk::new();
        let calibration = Calibration::new(2.0, 2.0, Source::User, "typed");
        desk.record().calibration.clone_from(&calibration);
        let annotation = |label: &str| Annotation {
            id: NoteId::new(),
            kind: "length".into(),
            points_px: vec![[1.0, 2.0]],
            label: label.into(),
            details: serde_json::Value::Null,
        };
        let (one, two) = (annotation("one"), annotation("two"));
        desk.record().annotations = vec![one.clone(), two.clone()];
        let expected = [
            Note::Calibration(calibration),
            Note::Annotation(one.clone()),
            Note::Annotation(two.clone()),
        ];
        assert_eq!(desk.notes(0), expected);
        let moved = Annotation {
            points_px: vec![[3.0, 4.0]],
            ..two
        };
        desk.record().annotations = vec![moved.clone()];
        let expected = [Note::RemoveAnnotation(one.id), Note::Annotation(moved)];
        assert_eq!(desk.notes(1), expected);
        assert!(desk.notes(2).is_empty());
    }

    #[test]
    fn what_begins_while_nothing_is_kept_is_never_noted() {
        let mut desk = Desk::new();
        desk.record()
            .turns
            .push(Turn::waiting(Key::SizeRange, None, None));
        desk.record().set_by_user = Some(Category::Tips);
        assert!(matches!(desk.follow(false, 0), [Request::Recall(_)]));
        desk.record().turns[0].text.push_str("text");
        assert!(desk.notes(1000).is_empty());
    }

    #[test]
    fn what_is_wrong_with_the_notebook_is_said_once() {
        let mut desk = Desk::new();
        desk.record().set_by_user = Some(Category::Tips);
        assert_eq!(desk.follow(true, 0).len(), 2);
        let failed = || What::Failed("The disk is full.".into());
        assert!(desk.tell(1, failed()).is_some_and(|notice| notice.is_error));
        assert_eq!(desk.tell(2, failed()), None);
    }
}
