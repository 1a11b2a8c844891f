//! Numbers in answers, through the worker: measured once, in time, and what was changed by hand
//! counts.

use crate::scripted::{Desk, Script, services};
use askem::answer::{
    Answer, AnswerError, Answerer, Classification, Description, Flow, Piece, Prompt, SlotKind,
};
use askem::measure::Measurement;
use askem::micrograph::{Limits, Prepared, read};
use askem::questions::{Category, Key};
use askem::simulate::scene;
use askem::worker::{AskJob, Opened, Outcome, Request, Services, What};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Writes the same sentence about everything.
struct Same(&'static str);

impl Answerer for Same {
    fn describe(&self) -> Description {
        Description {
            model: "same".into(),
            device: "cpu".into(),
            fallback: None,
        }
    }

    fn classify(&mut self, _: &Prepared) -> Result<Classification, AnswerError> {
        Err(AnswerError::Model("not asked here".into()))
    }

    fn answer(
        &mut self,
        _: &Prepared,
        _: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, AnswerError> {
        for word in self.0.split_inclusive(' ') {
            let text = word.to_owned();
            let _ = on_piece(Piece { text });
        }
        Ok(Answer {
            text: self.0.to_owned(),
            ..Answer::default()
        })
    }
}

fn desk(sentence: &'static str) -> Desk {
    Desk::serving(Services {
        evaluate: askem::worker::evaluate_on("cpu", None),
        engine: Arc::new(move |_| Ok(Box::new(Same(sentence)))),
        ..services(&Script::with_token_ms(0), 0)
    })
}

/// A simulated micrograph of particles, `side_px` wide.
fn particles(side_px: u32) -> Arc<Opened> {
    let made = scene(Category::Particles, 3, side_px);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("particles.png");
    image::save_buffer(
        &file,
        &made.grey,
        made.width,
        made.height,
        image::ColorType::L8,
    )
    .unwrap();
    Arc::new(Opened::of(read(&file, Limits::default()).unwrap(), &|| true).unwrap())
}

fn job(opened: &Arc<Opened>, measured: Option<Arc<Measurement>>) -> Request {
    let prompt = Prompt {
        key: Key::SizeRange,
        category: Some(Category::Particles),
    };
    Request::Ask(Box::new(AskJob {
        measured,
        ..AskJob::about(Arc::clone(opened), prompt)
    }))
}

fn answered(what: What) -> Answer {
    match what {
        What::Finished(Outcome::Answered(answer, _)) => answer,
        other => panic!("no answer but {other:?}"),
    }
}

#[test]
fn numbers_are_measured_for_an_answer_and_what_was_measured_by_hand_counts() {
    let opened = particles(512);
    let mut desk = desk("They are counted: {count}. The signal is that of {detector}.");
    let answer = answered(desk.run(job(&opened, None)));
    let [count, detector] = &answer.slots[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(count.kind, SlotKind::Measured);
    assert!(count.value.unwrap() >= 5.0 && !count.evidence.is_empty());
    assert_eq!(answer.text, format!("They are counted: {}.", count.text));
    assert_eq!(detector.kind, SlotKind::Unavailable);
    assert_eq!(answer.warnings.len(), 1);
    assert_eq!(answered(desk.run(job(&opened, None))).slots, answer.slots);

    let mut by_hand = askem::measure::measure(
        &askem::measure::Field::of(&opened.micrograph, &opened.prepared.mask),
        &askem::measure::Options::default(),
    );
    for quantity in &mut by_hand.quantities {
        if quantity.slot == "count" {
            quantity.value = Some(4711.0);
        }
    }
    let answer = answered(desk.run(job(&opened, Some(Arc::new(by_hand)))));
    assert_eq!(answer.text, "They are counted: 4711.");
}

#[test]
fn a_question_is_cancelled_at_once_while_its_number_is_measured() {
    let opened = particles(3000);
    let mut desk = desk("They are counted: {count}.");
    let id = desk.send(job(&opened, None));
    std::thread::sleep(Duration::from_millis(150));
    let asked = Instant::now();
    desk.worker.cancel(id);
    assert!(matches!(desk.end_of(id), What::Cancelled));
    assert!(asked.elapsed() < Duration::from_millis(100));
    let answer = answered(desk.run(job(&particles(256), None)));
    assert_eq!(answer.slots.len(), 1, "{answer:?}");
}
