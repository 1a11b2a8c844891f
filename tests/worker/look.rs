//! Where the model looked: the part of the micrograph that a map covers, and how such requests end.

use crate::scripted::{Desk, Script, ask, image};
use askem::answer::{FACTORY, Prompt, open_engine};
use askem::micrograph::{Edits, Region};
use askem::questions::{Category, Key};
use askem::worker::{LookJob, Looked, Opened, Outcome, Request, View, What};
use std::sync::Arc;

const TEXT: &str = "Round particles lie close together.";

fn sample(desk: &mut Desk) -> Arc<Opened> {
    match desk.run(Request::OpenSample) {
        What::Finished(Outcome::Opened(opened)) => opened,
        other => panic!("not opened but {other:?}"),
    }
}

fn job(opened: &Arc<Opened>, view: View) -> LookJob {
    let prompt = Prompt {
        key: Key::ALL[0],
        category: Some(Category::Particles),
    };
    LookJob {
        opened: Arc::clone(opened),
        view,
        prompt,
        text: TEXT.into(),
        word: 6..15,
    }
}

fn looked(desk: &mut Desk, job: LookJob) -> Arc<Looked> {
    match desk.run(Request::Look(Box::new(job))) {
        What::Finished(Outcome::Looked(looked)) => looked,
        other => panic!("no map but {other:?}"),
    }
}

#[test]
fn a_map_covers_the_specimen_that_was_asked_about() {
    let mut desk = Desk::with(&Script::with_token_ms(0));
    let opened = sample(&mut desk);
    let size = [opened.micrograph.width(), opened.micrograph.height()];
    let whole = looked(&mut desk, job(&opened, View::default()));
    assert_eq!(whole.heat.values(), [0.09, TEXT.len() as f32 / 100.0]);
    let prepared = &opened.prepared;
    assert_eq!(whole.rect, opened.seen(&View::default(), prepared));
    // As wide for its height as what the engine sees.
    let shape = |[width, height]: [u32; 2]| f64::from(width) / f64::from(height);
    let [left, top, right, bottom] = whole.rect;
    let seen = shape([right - left, bottom - top]);
    assert!((seen / shape([prepared.width, prepared.height]) - 1.0).abs() < 0.01);
    // A band that the user leaves out at an edge is not covered, a rectangle inside is named.
    let left_out = vec![[0, 0, size[0], 40], [90, 90, 120, 130]];
    let edits = Edits {
        added: left_out.clone(),
        kept: Vec::new(),
    };
    let view = View {
        region: None,
        edits,
    };
    let without = looked(&mut desk, job(&opened, view));
    assert_eq!(without.rect[1], 40, "{:?}", without.rect);
    assert!(left_out.iter().all(|rect| without.left_out.contains(rect)));
    let region = Region::new([20, 60], [100, 80], size);
    let view = View {
        region,
        edits: Edits::default(),
    };
    let part = looked(&mut desk, job(&opened, view));
    assert_eq!(part.rect, [20, 60, 120, 140]);
}

#[test]
fn a_newer_image_cancels_looking_too() {
    let script = Script::with_token_ms(40);
    let mut desk = Desk::with(&script);
    let opened = sample(&mut desk);
    let running = desk.send(ask(&image(1), 0));
    let waiting = desk.send(Request::Look(Box::new(job(&opened, View::default()))));
    desk.wait_for_progress(running, 1);
    let newer = desk.send(Request::OpenSample);
    assert!(matches!(desk.end_of(waiting), What::Cancelled));
    assert!(matches!(desk.end_of(newer), What::Finished(_)));
    assert_eq!(desk.ends(waiting).len(), 1);
}

#[test]
fn the_factory_model_tells_where_it_looks_and_a_word_that_is_not_there_is_a_sentence() {
    let mut desk = Desk::serving(askem::worker::Services {
        evaluate: askem::worker::evaluate_on("cpu", None),
        engine: Arc::new(|_| open_engine(Some(FACTORY), "cpu")),
        ..crate::scripted::services(&Script::with_token_ms(0), 1)
    });
    let opened = sample(&mut desk);
    let first = looked(&mut desk, job(&opened, View::default()));
    let most = first
        .heat
        .values()
        .iter()
        .fold(0f32, |most, v| most.max(*v));
    assert!((most - 1.0).abs() < 1e-6);
    let other = LookJob {
        word: 0..5,
        ..job(&opened, View::default())
    };
    assert_ne!(looked(&mut desk, other).heat, first.heat);
    let beyond = LookJob {
        word: 500..510,
        ..job(&opened, View::default())
    };
    match desk.run(Request::Look(Box::new(beyond))) {
        What::Failed(sentence) => assert!(sentence.ends_with("it reads."), "{sentence}"),
        other => panic!("{other:?}"),
    }
}
