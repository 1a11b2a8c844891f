//! Tests of which maps are asked for, and when no more.

use super::*;
use crate::answer::{Description, HeatMap, Timing};
use crate::micrograph::{Header, Micrograph, Pixels};
use crate::questions::Key;
use crate::window::record::Facts;

const TEXT: &str = "Thin wires touch.";

fn by(model: &str) -> Description {
    Description {
        model: model.into(),
        device: "cpu".into(),
        fallback: None,
    }
}

fn opened() -> Arc<Opened> {
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
        hash: "a".into(),
        source: "x".into(),
    };
    Arc::new(Opened::of(micrograph, &|| true).unwrap())
}

/// An answered question with a worker that only writes down what it is sent.
struct Desk {
    looking: Looking,
    turn: Turn,
    opened: Arc<Opened>,
    model: Model,
    view: View,
    sent: Vec<Request>,
}

impl Desk {
    fn new() -> Self {
        let mut turn = Turn::waiting(Key::SizeRange, None, None);
        turn.text = TEXT.into();
        turn.state = TurnState::Answered(Facts {
            text_with_slots: String::new(),
            slots: Vec::new(),
            sentences: Vec::new(),
            match_score: None,
            confidence: None,
            timing: Timing::default(),
            warnings: Vec::new(),
            by: by("m"),
        });
        let mut looking = Looking::default();
        looking.toggle();
        Self {
            looking,
            turn,
            opened: opened(),
            model: Model::Ready(by("m")),
            view: View::default(),
            sent: Vec::new(),
        }
    }

    fn word(&self, word: &str) -> Word {
        let start = TEXT.find(word).unwrap();
        Word {
            hash: "a".into(),
            turn: self.turn.id,
            place: start..start + word.len(),
        }
    }

    fn point(&mut self, word: Option<&str>) -> Option<u64> {
        let word = word.map(|word| self.word(word));
        self.looking.point(Some("a"), word);
        self.pump()
    }

    /// The number of a request that is cancelled.
    fn pump(&mut self) -> Option<u64> {
        let asked = Asked {
            turn: &self.turn,
            opened: &self.opened,
            view: self.view.clone(),
            model: &self.model,
        };
        let sent = &mut self.sent;
        let in_vain = self.looking.pump(Some(asked), &mut |request| {
            sent.push(request);
            RequestId(sent.len() as u64)
        });
        in_vain.map(|request| request.0)
    }

    fn tell(&mut self, request: u64, what: What) {
        let request = RequestId(request);
        self.looking.apply(Event { request, what });
    }

    fn found(&self, word: &str) -> Option<&Found> {
        self.looking.found(&self.word(word), &self.view)
    }
}

fn looked() -> What {
    What::Finished(Outcome::Looked(Arc::new(Looked {
        heat: HeatMap::new(1, 1, vec![1.0]).unwrap(),
        rect: [0, 0, 1, 1],
        left_out: Vec::new(),
    })))
}

#[test]
fn one_word_is_asked_about_at_a_time_and_what_is_known_is_not_asked_again() {
    let mut desk = Desk::new();
    assert_eq!(desk.point(Some("wires")), None);
    assert_eq!(desk.point(Some("wires")), None);
    match &desk.sent[..] {
        [Request::Look(job)] => assert_eq!(&job.text[job.word.clone()], "wires"),
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.point(Some("touch")), Some(1), "nobody waits for wires");
    assert_eq!(desk.sent.len(), 2);
    assert!(desk.looking.owns(RequestId(2)) && !desk.looking.owns(RequestId(1)));
    desk.tell(1, looked());
    desk.tell(2, looked());
    assert!(desk.found("touch").is_some() && desk.found("wires").is_none());
    assert_eq!(desk.point(Some("touch")), None);
    assert_eq!(desk.sent.len(), 2);
    desk.point(Some("wires"));
    // A newer image pushed it back: it is asked for again.
    desk.tell(3, What::Cancelled);
    desk.pump();
    assert_eq!(desk.sent.len(), 4);
    desk.tell(4, What::Failed("No.".into()));
    assert_eq!(desk.found("wires").unwrap().as_ref().unwrap_err(), "No.");
    // What is left out has changed since.
    desk.view.edits.added.push([0, 0, 1, 1]);
    desk.pump();
    assert_eq!(desk.sent.len(), 5);
    desk.looking.toggle();
    assert_eq!(desk.pump(), Some(5));
}

#[test]
fn a_held_word_is_shown_until_it_is_clicked_again_or_another_micrograph_comes() {
    let mut desk = Desk::new();
    let wires = desk.word("wires");
    desk.looking.hold(wires.clone());
    assert_eq!(desk.looking.wanted(), Some(&wires));
    desk.point(Some("touch"));
    assert_eq!(desk.looking.wanted(), Some(&desk.word("touch")));
    desk.point(None);
    assert_eq!(desk.looking.wanted(), Some(&wires));
    desk.looking.hold(wires.clone());
    assert_eq!(desk.looking.wanted(), None);
    desk.looking.hold(wires.clone());
    assert!(desk.looking.point(Some("b"), Some(wires)));
    assert_eq!((desk.looking.wanted(), desk.looking.held()), (None, None));
}

#[test]
fn what_another_model_wrote_is_not_asked_about() {
    let mut desk = Desk::new();
    desk.model = Model::Ready(by("other"));
    desk.point(Some("wires"));
    assert!(desk.sent.is_empty());
    let sentence = desk.found("wires").unwrap().as_ref().unwrap_err();
    assert!(sentence.contains("model m") && sentence.contains("other is in use"));
    desk.looking.forget();
    desk.model = Model::Ready(by("m"));
    desk.pump();
    assert_eq!(desk.sent.len(), 1);
}

#[test]
fn places_that_are_not_in_the_answer_are_a_sentence() {
    let mut desk = Desk::new();
    for place in [0..4000, 3..3, usize::MAX - 1..usize::MAX] {
        let word = Word {
            place,
            ..desk.word("wires")
        };
        desk.looking.point(Some("a"), Some(word.clone()));
        desk.pump();
        assert!(matches!(
            desk.looking.found(&word, &desk.view),
            Some(Err(_))
        ));
    }
    assert!(desk.sent.is_empty());
}
