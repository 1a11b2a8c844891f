//! The rules of the threads, one test each: how requests end, what cancels what, and that
//! nothing waits for what it should not wait for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod look;

use crate::scripted::{Desk, Script, TOKENS, ask, image, job, services};
use askem::answer::{FACTORY, Prompt, open_engine};
use askem::questions::{Category, Key};
use askem::simulate::scene;
use askem::worker::{AskJob, Opened, Outcome, Progress, Request, Services, TrainJob, What, Worker};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_millis(100);

fn opened(what: What) -> Arc<Opened> {
    match what {
        What::Finished(Outcome::Opened(opened)) => opened,
        other => panic!("not opened but {other:?}"),
    }
}

#[test]
fn every_request_ends_exactly_once() {
    let mut random = ChaCha8Rng::seed_from_u64(20);
    let script = Script::with_token_ms(1);
    let mut desk = Desk::with(&script);
    let mut ids = Vec::new();
    for _ in 0..300 {
        let picture = image(random.random_range(0..4));
        let request = match random.random_range(0..12) {
            0 => Request::OpenSample,
            1 => Request::Open(PathBuf::from("no such file.tif")),
            2 => Request::Describe,
            3 => Request::Train(job()),
            4 => Request::Train(TrainJob {
                data: Vec::new(),
                ..job()
            }),
            5 | 6 => Request::Classify(Arc::clone(&picture.prepared)),
            _ => ask(&picture, random.random_range(0..22)),
        };
        match random.random_range(0..20) {
            0 => script.panics_next.store(true, Ordering::SeqCst),
            1 => script.fails_next.store(true, Ordering::SeqCst),
            2 => script.load_fails_next.store(true, Ordering::SeqCst),
            _ => {}
        }
        ids.push(desk.send(request));
        if random.random_bool(0.5) {
            let chosen = ids[random.random_range(0..ids.len())];
            desk.worker.cancel(chosen);
        }
        if random.random_bool(0.3) {
            desk.note(Duration::from_millis(random.random_range(0..8)));
        }
    }
    for id in &ids {
        desk.end_of(*id);
    }
    while desk.note(Duration::from_millis(200)) {}
    let mut kinds = [0; 3];
    for id in &ids {
        let events = &desk.book[id];
        assert_eq!(desk.ends(*id).len(), 1, "{id:?}: {events:?}");
        match &events.last().unwrap().1 {
            What::Finished(_) => kinds[0] += 1,
            What::Failed(sentence) => {
                assert!(sentence.ends_with('.'), "no sentence: {sentence}");
                kinds[1] += 1;
            }
            What::Cancelled => kinds[2] += 1,
            What::Progress(_) => panic!("{id:?} goes on after its end: {events:?}"),
        }
    }
    assert!(
        kinds.iter().all(|count| *count >= 10),
        "one kind of end was hardly tried: {kinds:?}"
    );
}

#[test]
fn cancelled_is_reported_at_once_while_the_engine_is_inside_a_token() {
    let script = Script::with_token_ms(400);
    let mut desk = Desk::with(&script);
    let id = desk.send(ask(&image(1), 0));
    desk.wait_for_progress(id, 1);
    std::thread::sleep(Duration::from_millis(50));
    let asked = Instant::now();
    desk.worker.cancel(id);
    assert!(matches!(desk.end_of(id), What::Cancelled));
    assert!(asked.elapsed() < SOON, "took {:?}", asked.elapsed());
}

#[test]
fn cancelled_is_reported_at_once_while_still_queued() {
    let mut desk = Desk::with(&Script::with_token_ms(100));
    let running = desk.send(ask(&image(1), 0));
    let queued = desk.send(ask(&image(1), 1));
    desk.wait_for_progress(running, 1);
    desk.worker.cancel(queued);
    let asked = Instant::now();
    assert!(matches!(desk.end_of(queued), What::Cancelled));
    assert!(asked.elapsed() < SOON, "took {:?}", asked.elapsed());
    assert!(
        matches!(desk.end_of(running), What::Finished(_)),
        "another request was cancelled too"
    );
}

#[test]
fn cancelled_work_stops_at_the_next_token() {
    let script = Script::with_token_ms(20);
    let mut desk = Desk::with(&script);
    let id = desk.send(ask(&image(1), 0));
    desk.wait_for_progress(id, 2);
    desk.worker.cancel(id);
    let written = script.tokens.load(Ordering::SeqCst);
    desk.run(Request::Describe);
    let after = script.tokens.load(Ordering::SeqCst);
    assert!(
        after <= written + 1 && after < TOKENS,
        "{written} tokens, then {after}"
    );
}

#[test]
fn a_panic_becomes_failed_and_the_next_question_works() {
    let script = Script::with_token_ms(0);
    let mut desk = Desk::with(&script);
    let before = desk.text(ask(&image(9), 3));
    script.panics_next.store(true, Ordering::SeqCst);
    let What::Failed(sentence) = desk.run(ask(&image(9), 3)) else {
        panic!("no failure")
    };
    assert!(sentence.contains("scripted panic"), "{sentence}");
    assert_eq!(desk.text(ask(&image(9), 3)), before);
    assert_eq!(
        script.made.load(Ordering::SeqCst),
        2,
        "what panicked must not be used again"
    );
}

#[test]
fn a_failure_of_the_engine_is_told_and_the_engine_kept() {
    let script = Script::with_token_ms(0);
    let mut desk = Desk::with(&script);
    script.fails_next.store(true, Ordering::SeqCst);
    let What::Failed(sentence) = desk.run(Request::Classify(Arc::clone(&image(3).prepared))) else {
        panic!()
    };
    assert!(sentence.contains("scripted failure"), "{sentence}");
    assert!(matches!(
        desk.run(Request::Classify(Arc::clone(&image(3).prepared))),
        What::Finished(_)
    ));
    assert_eq!(script.made.load(Ordering::SeqCst), 1);
}

#[test]
fn a_model_that_does_not_load_is_tried_again_at_the_next_request() {
    let script = Script::with_token_ms(0);
    let mut desk = Desk::with(&script);
    script.load_fails_next.store(true, Ordering::SeqCst);
    let What::Failed(sentence) = desk.run(Request::Describe) else {
        panic!("no failure")
    };
    assert!(sentence.contains("no model"), "{sentence}");
    match desk.run(Request::Describe) {
        What::Finished(Outcome::Ready(who)) => assert_eq!(who.model, "scripted"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn answers_do_not_depend_on_what_was_asked_before() {
    let script = Script::with_token_ms(0);
    let mut desk = Desk::with(&script);
    let (a, b) = (image(10), image(200));
    let fresh: Vec<_> = (0..22)
        .map(|key| Desk::with(&script).text(ask(&a, key)))
        .collect();
    for key in (0..22).rev() {
        desk.text(ask(&b, key / 2));
        desk.run(Request::Classify(Arc::clone(&b.prepared)));
        assert_eq!(desk.text(ask(&a, key)), fresh[key]);
    }
}

/// Opens a file and asks the model that ships with the program about it: the material and the
/// answers, each with its scores.
fn opened_and_asked(desk: &mut Desk, file: &Path) -> Vec<(String, String)> {
    let image = opened(desk.run(Request::Open(file.to_owned())));
    let What::Finished(Outcome::Classified(class, who)) =
        desk.run(Request::Classify(Arc::clone(&image.prepared)))
    else {
        panic!("not classified")
    };
    assert_eq!(who.model, FACTORY);
    let material = class.best().0.name().to_owned();
    let mut told = vec![(material, format!("{class:?}"))];
    for key in [Key::BasicsType, Key::MorphologyShape, Key::SurfaceTexture] {
        let prompt = Prompt {
            key,
            category: None,
        };
        match desk.run(Request::Ask(Box::new(AskJob::about(
            Arc::clone(&image),
            prompt,
        )))) {
            What::Finished(Outcome::Answered(answer, _)) => {
                let scores = format!("{:?} {:?}", answer.match_score, answer.confidence);
                told.push((answer.text, scores));
            }
            other => panic!("no answer but {other:?}"),
        }
    }
    told
}

#[test]
fn a_then_b_then_a() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = |category: Category| {
        let made = scene(category, 1, 384);
        let file = folder.path().join(format!("{}.png", category.name()));
        let (width, height) = (made.width, made.height);
        image::save_buffer(&file, &made.grey, width, height, image::ColorType::L8).unwrap();
        file
    };
    let (a, b) = (
        simulated(Category::Particles),
        simulated(Category::Patterned),
    );
    let mut desk = Desk::serving(Services {
        evaluate: askem::worker::evaluate_on("cpu", None),
        engine: Arc::new(|_| open_engine(Some("factory"), "cpu")),
        ..services(&Script::with_token_ms(0), 1)
    });
    let first = opened_and_asked(&mut desk, &a);
    let between = opened_and_asked(&mut desk, &b);
    let again = opened_and_asked(&mut desk, &a);
    assert_eq!(first, again);
    let texts = |told: &[(String, String)]| -> Vec<String> {
        told.iter().map(|(text, _)| text.clone()).collect()
    };
    assert_ne!(texts(&first), texts(&between), "B is answered as A");
    // Two answers may share their words by chance, never all their scores.
    for ((of_a, scores_a), (_, scores_b)) in first.iter().zip(&between) {
        assert_ne!(scores_a, scores_b, "B has A's scores for {of_a:?}");
    }
}

#[test]
fn the_pieces_are_the_answer() {
    let mut desk = Desk::with(&Script::with_token_ms(0));
    let id = desk.send(ask(&image(5), 4));
    let What::Finished(Outcome::Answered(answer, who)) = desk.end_of(id) else {
        panic!()
    };
    let pieces: String = desk.book[&id]
        .iter()
        .filter_map(|(_, what)| match what {
            What::Progress(Progress::Piece(text)) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(pieces, answer.text);
    assert_eq!(who.model, "scripted");
}

#[test]
fn a_newer_image_cancels_running_and_queued_work_of_the_older() {
    let script = Script::with_token_ms(30);
    let mut desk = Desk::with(&script);
    let older: Vec<_> = (0..5).map(|key| desk.send(ask(&image(1), key))).collect();
    let classify = desk.send(Request::Classify(Arc::clone(&image(1).prepared)));
    let training = desk.send(Request::Train(job()));
    desk.wait_for_progress(older[0], 1);
    let open = desk.send(Request::OpenSample);
    let newer = opened(desk.end_of(open));
    for id in older.into_iter().chain([classify]) {
        assert!(matches!(desk.end_of(id), What::Cancelled), "{id:?}");
    }
    assert!(matches!(desk.run(ask(&newer, 0)), What::Finished(_)));
    assert!(
        matches!(desk.end_of(training), What::Finished(_)),
        "training is about no image"
    );
    let written = script.tokens.load(Ordering::SeqCst);
    assert!(
        written <= TOKENS + 3,
        "cancelled questions were worked on: {written} tokens"
    );
}

#[test]
fn only_the_newest_of_many_images_is_opened() {
    let mut desk = Desk::with(&Script::with_token_ms(0));
    let ids: Vec<_> = (0..50).map(|_| desk.send(Request::OpenSample)).collect();
    let (last, earlier) = ids.split_last().unwrap();
    opened(desk.end_of(*last));
    let finished = earlier
        .iter()
        .filter(|id| matches!(desk.ends(**id)[..], [What::Finished(_)]));
    assert!(finished.count() <= 2, "older images were read to the end");
}

#[test]
fn training_never_blocks_asking() {
    let mut desk = Desk::serving(services(&Script::with_token_ms(0), 2000));
    let training = desk.send(Request::Train(job()));
    desk.wait_for_progress(training, 1);
    let started = Instant::now();
    for key in 0..22 {
        desk.text(ask(&image(2), key));
    }
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "took {:?}",
        started.elapsed()
    );
    assert!(
        desk.ends(training).is_empty(),
        "training was over before the questions were"
    );
    desk.worker.cancel(training);
    assert!(matches!(desk.end_of(training), What::Cancelled));
}

#[test]
fn one_training_run_at_a_time() {
    let mut desk = Desk::serving(services(&Script::with_token_ms(0), 200));
    let first = desk.send(Request::Train(job()));
    let What::Failed(sentence) = desk.run(Request::Train(job())) else {
        panic!("two runs")
    };
    assert!(sentence.contains("already"), "{sentence}");
    desk.worker.cancel(first);
    let next = desk.send(Request::Train(job()));
    assert!(matches!(
        desk.end_of(next),
        What::Finished(Outcome::Trained(_))
    ));
    assert!(matches!(desk.end_of(first), What::Cancelled));
}

#[test]
fn a_panic_in_training_becomes_failed_and_the_next_run_works() {
    let mut desk = Desk::with(&Script::with_token_ms(0));
    let broken = Request::Train(TrainJob {
        data: Vec::new(),
        ..job()
    });
    assert!(matches!(desk.run(broken), What::Failed(_)));
    assert!(matches!(
        desk.run(Request::Train(job())),
        What::Finished(Outcome::Trained(_))
    ));
}

#[test]
fn answers_are_computed_in_a_pool_of_their_own() {
    let script = Script::with_token_ms(0);
    Desk::with(&script).text(ask(&image(1), 0));
    assert_eq!(script.pool_threads.load(Ordering::SeqCst), 1);
}

#[test]
fn the_waker_is_called_after_every_event() {
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&woken);
    let wake = Arc::new(move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let worker = Worker::start(services(&Script::with_token_ms(0), 1), wake);
    worker.send(ask(&image(1), 0));
    let mut events = 0;
    while let Some(event) = worker.wait_event(Duration::from_secs(20)) {
        events += 1;
        if matches!(event.what, What::Finished(_)) {
            break;
        }
    }
    assert_eq!(events, TOKENS + 1);
    // The last call comes after its event.
    let deadline = Instant::now() + Duration::from_secs(5);
    while woken.load(Ordering::SeqCst) < events && Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert_eq!(woken.load(Ordering::SeqCst), events);
}

#[test]
fn dropping_the_worker_ends_its_threads_within_a_second() {
    let script = Script::with_token_ms(100);
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(|| {});
    let services = services(&script, 100_000);
    let (engine, train) = (Arc::clone(&services.engine), Arc::clone(&services.train));
    let worker = Worker::start(services, Arc::clone(&wake));
    for key in 0..5 {
        worker.send(ask(&image(1), key));
    }
    worker.send(Request::Train(job()));
    std::thread::sleep(Duration::from_millis(150));
    worker.send(Request::OpenSample);
    let started = Instant::now();
    drop(worker);
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "took {:?}",
        started.elapsed()
    );
    // Every thread holds one of these as long as it lives.
    assert_eq!(
        script.dropped.load(Ordering::SeqCst),
        script.made.load(Ordering::SeqCst)
    );
    let held = [
        Arc::strong_count(&engine),
        Arc::strong_count(&train),
        Arc::strong_count(&wake),
    ];
    assert_eq!(held, [1; 3]);
}

#[test]
fn dropping_the_worker_leaves_a_stuck_engine_behind() {
    let script = Script::with_token_ms(4000);
    let desk = Desk::with(&script);
    desk.worker.send(ask(&image(1), 0));
    std::thread::sleep(Duration::from_millis(50));
    let started = Instant::now();
    drop(desk);
    assert!(
        started.elapsed() < Duration::from_millis(1500),
        "took {:?}",
        started.elapsed()
    );
}
