//! The offer to go on on a GPU, and the word that stays where there is none.

use super::harness::{Script, Setup, Window, micrograph, services};
use askem::answer::{AnswerError, Answerer, Description, Fallback};
use askem::gpu::{Gpu, Look, Luggage, ProbeError};
use askem::questions::Topic;
use askem::window::{Settings, Ways};
use askem::worker::Services;
use eframe::App;
use egui::{Key, Modifiers, ViewportCommand, ViewportId, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const OFFER: &str = "A GPU is ready: NVIDIA Pretender.";

fn gpu() -> Gpu {
    Gpu {
        program: "/opt/askem-cuda".into(),
        device: "cuda:0".into(),
        name: "NVIDIA Pretender".into(),
    }
}

/// What was sent along, and what comes of it.
#[derive(Clone, Default)]
struct Trip {
    sent: Arc<Mutex<Vec<Luggage>>>,
    /// Holds the other window back until it is set.
    may_open: Arc<AtomicBool>,
}

impl Trip {
    fn ways(&self, look: Look, ends: Result<(), String>) -> Ways {
        let trip = self.clone();
        Ways {
            look: Arc::new(move || look.clone()),
            launch: Arc::new(move |to, luggage| {
                assert_eq!(to, &gpu());
                trip.sent.lock().unwrap().push(luggage);
                while !trip.may_open.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                ends.clone()
            }),
        }
    }

    fn setup(&self, ends: Result<(), String>) -> Setup {
        Setup {
            gpu: Some(self.ways(Look::Ready(gpu()), ends)),
            ..Setup::default()
        }
    }

    fn sent(&self) -> Vec<Luggage> {
        self.sent.lock().unwrap().clone()
    }
}

/// Runs frames until the window asks to be closed.
fn closes(window: &mut Window) -> bool {
    for _ in 0..400 {
        window.harness.step();
        let output = &window.harness.output().viewport_output[&ViewportId::ROOT];
        if output.commands.contains(&ViewportCommand::Close) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

#[test]
fn going_over_to_a_gpu_takes_what_is_open_along_and_ends_this_window_when_the_other_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = micrograph(folder.path(), "a.png", 1);
    let (second, _) = micrograph(folder.path(), "b.png", 2);
    let trip = Trip::default();
    let mut window = Setup {
        files: vec![first.clone(), second.clone()],
        ..trip.setup(Ok(()))
    }
    .open();
    window.wait_ready("a.png");
    window.wait(OFFER);
    window.press("b.png");
    window.wait("Micrograph b.png");
    window.press("Continue on it");
    window.wait("Going over to NVIDIA Pretender…");
    window.wait_until("the launch", |_| !trip.sent().is_empty());
    assert!(!window.shows("Continue on it"), "it is pressed once");
    assert!(
        window.shows("Micrograph b.png"),
        "it goes on until the other is there"
    );
    assert_eq!(
        trip.sent(),
        [Luggage {
            files: vec![second, first],
            ..Luggage::default()
        }]
    );
    trip.may_open.store(true, Ordering::SeqCst);
    assert!(closes(&mut window), "two windows stay open");
}

#[test]
fn where_the_other_window_does_not_open_this_one_goes_on_and_offers_again() {
    let trip = Trip::default();
    trip.may_open.store(true, Ordering::SeqCst);
    let mut window = trip.setup(Err("It ended at once.".into())).open();
    window.wait(OFFER);
    window.press("Continue on it");
    window.wait("It ended at once.");
    window.wait(OFFER);
    window.press("Dismiss");
    window.key(Modifiers::NONE, Key::F12);
    window.wait("It ended at once.");
    window.press("Continue on it");
    window.wait_until("a second try", |_| trip.sent().len() == 2);
}

#[test]
fn an_offer_that_was_declined_is_not_made_again_but_can_be_taken_up() {
    let trip = Trip::default();
    let mut window = trip.setup(Ok(())).open();
    window.wait(OFFER);
    window.press("Stay on the CPU");
    window.wait_gone(OFFER);
    window.harness.state_mut().on_exit(None);
    let (kept, _) = window.store.load();
    assert_eq!(kept.declined_gpu.as_deref(), Some("NVIDIA Pretender"));

    let again = |declined: &str| {
        let settings = Settings {
            declined_gpu: Some(declined.into()),
            ..Settings::default()
        };
        let mut window = Setup {
            settings,
            ..trip.setup(Ok(()))
        }
        .open();
        window.wait_ready("Sample micrograph");
        window
    };
    let mut window = again("NVIDIA Pretender");
    assert!(!window.shows(OFFER));
    window.press("File");
    let entry = window
        .harness
        .query_all_by_label_contains("Continue on the GPU")
        .next();
    entry.unwrap().click();
    window.step();
    window.wait("Going over to NVIDIA Pretender…");
    again("Another GPU").wait(OFFER);
}

#[test]
fn nothing_is_interrupted_and_nothing_lost_without_a_word() {
    let trip = Trip::default();
    let mut window = Setup {
        script: Script::Endless,
        ..trip.setup(Ok(()))
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.wait(OFFER);
    assert!(!window.shows("does not come along"));
    window.press(Topic::Basics.title());
    window.wait("And on");
    assert!(
        window
            .button("Continue on it")
            .accesskit_node()
            .is_disabled()
    );
    window.key(Modifiers::COMMAND.plus(Modifiers::ALT), Key::G);
    window.wait("A question is being answered");
    assert!(trip.sent().is_empty());
    window.harness.key_press(Key::Escape);
    window.wait_gone("Answering");
    // This window has no notebook.
    window.wait("What was asked here is not kept and does not come along.");
    window.press("Continue on it");
    window.wait_until("the launch", |_| !trip.sent().is_empty());
}

#[test]
fn what_was_asked_is_in_the_notebook_before_the_other_window_starts() {
    let folder = tempfile::tempdir().unwrap();
    let notebook = folder.path().join("notebook.sqlite");
    let trip = Trip::default();
    let mut window = Setup {
        notebook: Some(notebook.clone()),
        ..trip.setup(Ok(()))
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.wait(OFFER);
    window.type_into("Question", "how big are they?");
    window.wait("Answer to size.range about");
    window.wait_gone("Answering");
    assert!(!window.shows("does not come along"));
    window.press("Continue on it");
    window.wait_until("the launch", |_| !trip.sent().is_empty());
    assert!(holds(&notebook, "how big are they?"));
}

/// Whether a text is in one of the files of a notebook.
fn holds(notebook: &Path, text: &str) -> bool {
    let name = notebook.file_name().unwrap().to_str().unwrap();
    let files = std::fs::read_dir(notebook.parent().unwrap()).unwrap();
    files
        .map(|file| file.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(name)
        })
        .any(|path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            bytes
                .windows(text.len())
                .any(|found| found == text.as_bytes())
        })
}

#[test]
fn an_askem_cuda_that_cannot_be_used_is_said_for_good() {
    let why = ProbeError::Library {
        program: "/opt/askem-cuda".into(),
        library: "libcublas.so.13".into(),
    };
    let trip = Trip::default();
    let mut window = Setup {
        gpu: Some(trip.ways(Look::Unusable(why), Ok(()))),
        ..Setup::default()
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.wait("Model scripted on CPU: askem-cuda can't be used");
    assert!(!window.shows("Continue on it"));
    window.key(Modifiers::NONE, Key::F12);
    window.wait("does not start because libcublas.so.13 is missing");
    // It stays, whatever else is done.
    window.type_into("Question", "how big are they?");
    window.wait("Answer to size.range about");
    assert!(window.shows("Model scripted on CPU: askem-cuda can't be used"));
}

/// An engine that had to do with the CPU.
struct FellBack(Box<dyn Answerer>);

impl Answerer for FellBack {
    fn describe(&self) -> Description {
        let fallback = Some(Fallback {
            word: "no CUDA device found".into(),
            why: "no NVIDIA GPU answers".into(),
        });
        Description {
            fallback,
            ..self.0.describe()
        }
    }

    fn classify(
        &mut self,
        image: &askem::micrograph::Prepared,
    ) -> Result<askem::answer::Classification, AnswerError> {
        self.0.classify(image)
    }

    fn answer(
        &mut self,
        image: &askem::micrograph::Prepared,
        prompt: &askem::answer::Prompt,
        on_piece: &mut dyn FnMut(askem::answer::Piece) -> askem::answer::Flow,
    ) -> Result<askem::answer::Answer, AnswerError> {
        self.0.answer(image, prompt, on_piece)
    }
}

#[test]
fn a_fall_back_to_the_cpu_stays_in_the_status_bar_and_in_the_log() {
    let scripted = services(Script::Quick);
    let engine = scripted.engine.clone();
    let mut window = Setup {
        services: Some(Services {
            evaluate: askem::worker::evaluate_on("cpu", None),
            engine: Arc::new(move |folder| Ok(Box::new(FellBack(engine(folder)?)))),
            ..scripted
        }),
        ..Setup::default()
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.wait("Model scripted on CPU: no CUDA device found");
    window.key(Modifiers::NONE, Key::F12);
    window.wait("On the CPU, not on a GPU: no NVIDIA GPU answers.");
    window.type_into("Question", "how big are they?");
    window.wait("Answer to size.range about");
    assert!(window.shows("Model scripted on CPU: no CUDA device found"));
}

#[test]
fn the_offer_fits_where_there_is_little_room() {
    for (size_px, text_percent) in [(vec2(700.0, 500.0), 100), (vec2(1280.0, 800.0), 200)] {
        let trip = Trip::default();
        let settings = Settings {
            text_percent,
            ..Settings::default()
        };
        let mut window = Setup {
            size_px,
            settings,
            ..trip.setup(Ok(()))
        }
        .open();
        window.wait(OFFER);
        super::layout::check_layout(&window, "with the offer");
    }
}
