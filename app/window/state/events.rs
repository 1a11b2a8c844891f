//! What the worker's events do to the session.
//!
//! Every event is looked up by its request, and what it brings goes to the content it was
//! asked about, whatever is shown by then.

use super::ImageId;
use super::{Kept, Model, Notice, Purpose, Session};
use crate::window::record::{Facts, Prediction, StopReason, TurnState};
use crate::worker::{Event, Opened, Outcome, Progress, RequestId, What};
use std::sync::Arc;

impl Session {
    /// Takes in one event of the worker. Returns what the user should be told.
    pub fn apply(&mut self, event: Event) -> Option<Notice> {
        let purpose = match event.what {
            What::Progress(_) => self.running.get(&event.request).cloned(),
            _ => self.running.remove(&event.request),
        }?;
        let by_user = self.stopping.contains(&event.request);
        if !matches!(event.what, What::Progress(_)) {
            self.stopping.retain(|request| *request != event.request);
        }
        match purpose {
            Purpose::Open(id) => self.apply_open(id, event.what),
            Purpose::Classify(hash) => self.apply_classify(&hash, event.what),
            Purpose::Ask(hash) => self.apply_ask(&hash, event.request, event.what, by_user),
            Purpose::Describe => self.apply_describe(event.what),
            Purpose::Recall(hash) => self.apply_recall(&hash, event.what),
            Purpose::Note => self.apply_note(event.what),
        }
    }

    fn apply_open(&mut self, id: ImageId, what: What) -> Option<Notice> {
        let place = self.images.iter().position(|image| image.id == id)?;
        match what {
            What::Finished(Outcome::Opened(opened)) => {
                self.fill(place, opened);
                None
            }
            What::Failed(sentence) => {
                let name = self.images[place].name.clone();
                self.drop_unread(place);
                let text = if sentence.contains(&name) {
                    sentence
                } else {
                    format!("{name}: {sentence}")
                };
                Some(Notice {
                    is_error: true,
                    text,
                })
            }
            What::Cancelled => {
                // A newer image pushed it back: `pump` has it read again later.
                self.images[place].reading = None;
                None
            }
            What::Progress(_) | What::Finished(_) => None,
        }
    }

    /// A file was read. Where the same content is open already under another name, that entry
    /// is shown instead of a second one.
    fn fill(&mut self, place: usize, opened: Arc<Opened>) {
        let hash = opened.micrograph.hash.clone();
        let id = self.images[place].id;
        // A page that was turned to stays in its entry, whatever is open elsewhere.
        let is_new = self.images[place].kept.is_none();
        let twin = self
            .images
            .iter()
            .position(|image| is_new && image.id != id && image.hash() == Some(&hash));
        let image = &mut self.images[place];
        image.reading = None;
        image.kept = Some(Kept {
            prepared: Arc::clone(&opened.prepared),
            thumbnail_rgba: opened.thumbnail_rgba.clone(),
            thumbnail_size: opened.thumbnail_size,
            page: opened.micrograph.header.page,
            pages: opened.micrograph.header.pages,
            size_px: [opened.micrograph.width(), opened.micrograph.height()],
            calibration: opened.micrograph.calibration.clone(),
        });
        image.opened = Some(opened);
        let subject = image.subject().map(Arc::new);
        self.records.entry(hash.clone()).or_default().subject = subject;
        if let Some(twin) = twin {
            let copy = self.images.remove(place);
            let twin = if twin > place { twin - 1 } else { twin };
            let was_current = self.current == Some(copy.id);
            let twin = &mut self.images[twin];
            twin.opened = copy.opened;
            twin.shown = copy.shown.max(twin.shown);
            if was_current {
                self.current = Some(twin.id);
            }
        }
        self.put_aside();
    }

    /// An entry could not be read: it goes, unless it had been read before.
    fn drop_unread(&mut self, place: usize) {
        let image = &mut self.images[place];
        image.reading = None;
        let id = image.id;
        // A page that can't be read leaves the one that was shown.
        image.page = image.page.and(image.kept.as_ref().map(|kept| kept.page));
        if image.kept.is_none() {
            self.images.remove(place);
        }
        if self.current == Some(id) {
            let last_shown = self
                .images
                .iter()
                .filter(|image| image.opened.is_some())
                .max_by_key(|image| image.shown);
            self.current = last_shown.map(|image| image.id);
        }
    }

    fn apply_classify(&mut self, hash: &str, what: What) -> Option<Notice> {
        let record = self.records.get_mut(hash)?;
        match what {
            What::Finished(Outcome::Classified(classification, by)) => {
                self.model = Model::Ready(by);
                record.prediction = Prediction::Known(classification);
            }
            What::Failed(sentence) => record.prediction = Prediction::Failed(sentence),
            What::Cancelled => record.prediction = Prediction::Unknown,
            What::Progress(_) | What::Finished(_) => {}
        }
        None
    }

    fn apply_ask(
        &mut self,
        hash: &str,
        request: RequestId,
        what: What,
        by_user: bool,
    ) -> Option<Notice> {
        let turn = self.records.get_mut(hash)?.turn_of(request)?;
        let reason = if by_user {
            StopReason::User
        } else {
            StopReason::NewerImage
        };
        match what {
            What::Progress(Progress::Piece(piece)) => turn.text.push_str(&piece),
            What::Finished(Outcome::Answered(answer, by)) => {
                self.model = Model::Ready(by.clone());
                turn.text = answer.text;
                turn.state = if answer.stopped {
                    TurnState::Stopped(reason)
                } else {
                    TurnState::Answered(Facts {
                        text_with_slots: answer.text_with_slots,
                        slots: answer.slots,
                        sentences: answer.sentences,
                        match_score: answer.match_score,
                        confidence: answer.confidence,
                        timing: answer.timing,
                        warnings: answer.warnings,
                        by,
                    })
                };
            }
            What::Failed(sentence) => turn.state = TurnState::Failed(sentence),
            What::Cancelled => turn.state = TurnState::Stopped(reason),
            What::Progress(_) | What::Finished(_) => {}
        }
        None
    }

    fn apply_describe(&mut self, what: What) -> Option<Notice> {
        match what {
            What::Finished(Outcome::Ready(description)) => self.model = Model::Ready(description),
            What::Failed(sentence) => {
                self.model = Model::Failed(sentence.clone());
                return Some(Notice {
                    is_error: true,
                    text: sentence,
                });
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::answer::{Answer, Classification, Description, Timing};
    use crate::micrograph::{Header, Micrograph, Pixels, Region};
    use crate::questions::{Category, Key, Topic};
    use crate::window::state::Origin;
    use crate::worker::Request;

    /// A session with a worker that only writes down what it is sent.
    struct Desk {
        session: Session,
        sent: Vec<Request>,
    }

    impl Default for Desk {
        /// The model has answered and is ready.
        fn default() -> Self {
            let mut desk = Self {
                session: Session::default(),
                sent: Vec::new(),
            };
            desk.pump();
            desk.tell(1, What::Finished(Outcome::Ready(by())));
            desk
        }
    }

    impl Desk {
        fn pump(&mut self) {
            let sent = &mut self.sent;
            self.session.pump(&mut |request| {
                sent.push(request);
                RequestId(sent.len() as u64)
            });
        }

        fn tell(&mut self, request: u64, what: What) -> Option<Notice> {
            let request = RequestId(request);
            let notice = self.session.apply(Event { request, what });
            self.pump();
            notice
        }

        fn open(&mut self, names: &[&str]) {
            self.session
                .open(names.iter().map(|name| Origin::File((*name).into())));
            self.pump();
        }

        /// The number of the last request.
        fn last(&self) -> u64 {
            self.sent.len() as u64
        }

        fn read_last(&mut self, hash: &str) {
            self.tell(
                self.last(),
                What::Finished(Outcome::Opened(Arc::new(opened(hash)))),
            );
        }

        fn classify_last(&mut self) {
            assert!(
                matches!(self.sent.last(), Some(Request::Classify(_))),
                "{:?}",
                self.sent.last()
            );
            let outcome = Outcome::Classified(classification(), by());
            self.tell(self.last(), What::Finished(outcome));
        }

        fn texts(&self, name: &str) -> Vec<String> {
            let image = self
                .session
                .images()
                .iter()
                .find(|image| image.name == name)
                .unwrap();
            let record = self.session.record(image.id).unwrap();
            record.turns.iter().map(|turn| turn.text.clone()).collect()
        }
    }

    fn by() -> Description {
        Description {
            model: "m".into(),
            device: "cpu".into(),
            fallback: None,
        }
    }

    fn classification() -> Classification {
        let mut probabilities = [0.0; 10];
        probabilities[Category::Powder.index()] = 1.0;
        Classification {
            probabilities,
            none_of_these: false,
        }
    }

    fn answer(text: &str) -> What {
        let answer = Answer {
            text: text.into(),
            match_score: None,
            confidence: None,
            tokens: 1,
            stopped: false,
            timing: Timing::default(),
            ..Answer::default()
        };
        What::Finished(Outcome::Answered(answer, by()))
    }

    fn opened(hash: &str) -> Opened {
        let header = Header {
            format: "PNG",
            width: 1,
            height: 1,
            bits: 8,
            samples: 1,
            pages: 1,
            page: 0,
        };
        let micrograph = Micrograph {
            calibration: None,
            metadata: Default::default(),
            pixels: Pixels::Grey8(vec![0]),
            header,
            hash: hash.into(),
            source: "x".into(),
        };
        Opened::of(micrograph, &|| true).unwrap()
    }

    #[test]
    fn questions_wait_for_the_category_and_are_asked_with_it() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.session.ask(&[Key::SizeRange], None, None);
        desk.pump();
        assert_eq!(desk.sent.len(), 3, "no question so far");
        desk.classify_last();
        match desk.sent.last() {
            Some(Request::Ask(job)) => assert_eq!(job.prompt.category, Some(Category::Powder)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_category_is_predicted_again_when_what_is_left_out_changes() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.classify_last();
        let id = desk.session.current().unwrap().id;
        let leave_out = |desk: &mut Desk, added: &[[u32; 4]]| {
            desk.session.record_mut(id).unwrap().edits.added = added.to_vec();
            desk.pump();
        };
        leave_out(&mut desk, &[[0, 0, 1, 1]]);
        desk.session.ask(&[Key::SizeRange], None, None);
        desk.pump();
        match desk.sent.last() {
            Some(Request::ClassifyView(_, view)) => assert_eq!(view.edits.added, [[0, 0, 1, 1]]),
            other => panic!("{other:?}"),
        }
        // Taken back while the model is looking: what it finds counts for nothing.
        leave_out(&mut desk, &[]);
        let found = Outcome::Classified(classification(), by());
        desk.tell(desk.last(), What::Finished(found));
        desk.pump();
        desk.classify_last();
        assert!(matches!(desk.sent.last(), Some(Request::Ask(..))));
    }

    #[test]
    fn a_model_that_failed_is_loaded_again_when_asked_for() {
        let mut desk = Desk::default();
        desk.session.model = Model::Failed("no".into());
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.tell(desk.last(), What::Failed("no".into()));
        desk.session.predict_again();
        desk.pump();
        let again = &desk.sent[desk.sent.len() - 2..];
        assert!(
            matches!(again, [Request::Describe, Request::Classify(_)]),
            "{again:?}"
        );
        desk.classify_last();
        assert_eq!(desk.session.model(), &Model::Ready(by()));
    }

    #[test]
    fn a_question_about_a_region_is_sent_with_it_and_says_so() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.classify_last();
        let region = Region::between([0.0; 2], [9.0; 2], [20, 20]);
        desk.session.ask(&[Key::SizeRange], None, region);
        desk.pump();
        match desk.sent.last() {
            Some(Request::Ask(job)) => assert_eq!(job.view.region, region),
            other => panic!("{other:?}"),
        }
        desk.tell(desk.last(), answer("small"));
        let record = desk
            .session
            .record(desk.session.current().unwrap().id)
            .unwrap();
        let text = record.transcript("a.png");
        assert!(
            text.contains("About a region of 9 × 9 px at 0, 0"),
            "{text}"
        );
    }

    #[test]
    fn the_one_shown_beside_is_read_again_once_all_is_answered() {
        let mut desk = Desk::default();
        desk.open(&["/a.png", "/b.png"]);
        desk.read_last("a");
        desk.classify_last();
        desk.read_last("b");
        desk.session.images[1].opened = None;
        desk.session.ask(&[Key::SizeRange], None, None);
        desk.pump();
        let asked = desk.last();
        desk.session.beside = Some(desk.session.images()[1].id);
        desk.pump();
        assert_eq!(desk.last(), asked, "reading would end the answer");
        desk.tell(asked, answer("done"));
        assert!(matches!(desk.sent.last(), Some(Request::Open(path)) if path.ends_with("b.png")));
    }

    #[test]
    fn a_failed_prediction_lets_questions_through_without_a_category() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.session.ask(&[Key::SizeRange], None, None);
        desk.tell(3, What::Failed("no".into()));
        match desk.sent.last() {
            Some(Request::Ask(job)) => assert_eq!(job.prompt.category, None),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn late_events_go_to_the_micrograph_they_are_about() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.classify_last();
        desk.session
            .ask(&Topic::Surface.keys().collect::<Vec<_>>(), None, None);
        desk.pump();
        let (first, second) = (desk.last() - 1, desk.last());
        desk.tell(first, What::Progress(Progress::Piece("half ".into())));
        desk.open(&["/b.png"]);
        let reading = desk.last();
        desk.tell(first, What::Progress(Progress::Piece("more".into())));
        desk.tell(second, What::Cancelled);
        desk.tell(
            reading,
            What::Finished(Outcome::Opened(Arc::new(opened("b")))),
        );
        desk.tell(first, answer("half more"));
        assert_eq!(desk.texts("a.png"), ["half more", ""]);
        assert!(desk.texts("b.png").is_empty());
    }

    #[test]
    fn further_files_wait_until_the_first_is_predicted_and_answered() {
        let mut desk = Desk::default();
        desk.open(&["/a.png", "/b.png", "/c.png"]);
        desk.read_last("a");
        desk.session.ask(&[Key::SizeRange], None, None);
        desk.classify_last();
        assert!(matches!(desk.sent.last(), Some(Request::Ask(..))));
        desk.tell(desk.last(), answer("done"));
        assert!(matches!(desk.sent.last(), Some(Request::Open(path)) if path.ends_with("b.png")));
        desk.read_last("b");
        desk.read_last("c");
        assert_eq!(desk.session.current().unwrap().name, "a.png");
        assert_eq!(
            desk.session
                .images()
                .iter()
                .filter(|image| image.kept.is_some())
                .count(),
            3
        );
        assert_eq!(
            desk.sent.len(),
            6,
            "the others are not predicted before they are shown"
        );
    }

    #[test]
    fn a_reading_pushed_back_by_a_newer_image_is_done_later() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.open(&["/b.png"]);
        desk.tell(2, What::Cancelled);
        desk.tell(3, What::Finished(Outcome::Opened(Arc::new(opened("b")))));
        desk.classify_last();
        assert!(matches!(desk.sent.last(), Some(Request::Open(path)) if path.ends_with("a.png")));
    }

    #[test]
    fn closing_keeps_the_transcript_for_the_next_opening() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.classify_last();
        desk.session.ask(&[Key::SizeRange], None, None);
        desk.pump();
        desk.tell(desk.last(), answer("kept"));
        let id = desk.session.current().unwrap().id;
        assert!(desk.session.close(id).is_empty());
        assert!(desk.session.current().is_none());
        desk.open(&["/elsewhere/a.png"]);
        desk.read_last("a");
        assert_eq!(desk.texts("a.png"), ["kept"]);
    }

    #[test]
    fn closing_names_the_requests_that_need_not_go_on() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.classify_last();
        desk.session
            .ask(&[Key::SizeRange, Key::BasicsType], None, None);
        desk.pump();
        let id = desk.session.current().unwrap().id;
        assert_eq!(desk.session.close(id), [RequestId(4), RequestId(5)]);
    }

    #[test]
    fn a_file_that_cannot_be_read_leaves_what_was_shown() {
        let mut desk = Desk::default();
        desk.open(&["/a.png"]);
        desk.read_last("a");
        desk.classify_last();
        desk.open(&["/broken.png"]);
        let notice = desk
            .tell(desk.last(), What::Failed("It is damaged.".into()))
            .unwrap();
        assert_eq!(
            notice,
            Notice {
                is_error: true,
                text: "broken.png: It is damaged.".into()
            }
        );
        assert_eq!(desk.session.current().unwrap().name, "a.png");
        assert_eq!(desk.session.images().len(), 1);
    }
}
