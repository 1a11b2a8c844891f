//! What the window keeps between sessions: asked and set in one window, found again in the
//! next one over the same notebook.

use super::harness::{Script, Setup, Window, expected, micrograph};
use askem::micrograph::{Calibration, Source};
use askem::notebook::{Note, NoteId, Notebook, StopReason, Subject, Turn, TurnState};
use askem::questions::{Category, Key, Topic};
use askem::window::Settings;
use eframe::App;
use egui::{Key as Button, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::PathBuf;
use std::time::SystemTime;
use tempfile::TempDir;

/// A micrograph and the place of a notebook.
struct Bench {
    folder: TempDir,
    image: PathBuf,
    hash: String,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (image, hash) = micrograph(folder.path(), "a.png", 1);
        Self {
            folder,
            image,
            hash,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("data/notebook.sqlite")
    }

    fn window(&self, script: Script) -> Window {
        self.window_with(script, Settings::default())
    }

    fn window_with(&self, script: Script, settings: Settings) -> Window {
        let mut window = Setup {
            script,
            files: vec![self.image.clone()],
            notebook: Some(self.file()),
            settings,
            ..Setup::default()
        }
        .open();
        window.wait("Micrograph a.png");
        window
    }

    fn turns(&self) -> Vec<Turn> {
        let notebook = Notebook::open(&self.file()).unwrap();
        notebook.recall(&self.hash).unwrap().turns
    }
}

/// Ends a window as its close button does.
fn close(mut window: Window) {
    window.harness.state_mut().on_exit(None);
}

const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const CTRL_ALT: Modifiers = Modifiers::COMMAND.plus(Modifiers::ALT);

#[test]
fn transcript_and_category_are_there_again_after_a_restart() {
    let bench = Bench::new();
    let mut window = bench.window(Script::Quick);
    window.wait_ready("a.png");
    window.press("Show all ten");
    window.press("Nanowires");
    window.press(Topic::Basics.title());
    let scale = expected(&bench.hash, Key::BasicsScale, Some(Category::Nanowires));
    window.wait(&scale);
    window.type_into("Question", "Who won the match?");
    window.wait_gone("Answering");
    close(window);

    let mut window = bench.window(Script::Quick);
    window.wait(&scale);
    let kind = expected(&bench.hash, Key::BasicsType, Some(Category::Nanowires));
    assert!(window.shows(&kind));
    let facts = "Fits 82\u{a0}%  ·  Confidence 74\u{a0}%";
    for part in [facts, "as Nanowires"] {
        assert!(
            window
                .harness
                .query_all_by_label_contains(part)
                .next()
                .is_some()
        );
    }
    assert!(window.shows("set by you"));
    assert!(window.shows("Who won the match?"));
    // Asked once more, both stay.
    window.press(Topic::Basics.title());
    window.wait_until("a second answer", |window| {
        window.harness.query_all_by_label(&scale).count() == 2
    });
    window.press("Use the prediction");
    window.wait_gone("Answering");
    close(window);

    let mut window = bench.window(Script::Quick);
    window.wait(&scale);
    assert_eq!(window.harness.query_all_by_label(&scale).count(), 2);
    assert!(!window.shows("set by you"));
    assert_eq!(bench.turns().len(), 5);
}

#[test]
fn another_micrograph_and_the_same_one_under_another_name() {
    let bench = Bench::new();
    let mut window = bench.window(Script::Quick);
    window.wait_ready("a.png");
    window.press(Topic::Basics.title());
    window.wait_gone("Answering");
    close(window);

    let (other, _) = micrograph(bench.folder.path(), "other.png", 2);
    let renamed = bench.folder.path().join("renamed.png");
    std::fs::rename(&bench.image, &renamed).unwrap();
    let mut window = Setup {
        files: vec![other],
        notebook: Some(bench.file()),
        ..Setup::default()
    }
    .open();
    window.wait_ready("other.png");
    window.step();
    assert!(!window.shows("Answer to"), "of another micrograph");
    window.open_path(&renamed);
    window.wait("Micrograph renamed.png");
    window.wait("Answer to basics.scale");
}

#[test]
fn an_answer_that_was_growing_comes_back_as_far_as_it_was_shown() {
    for is_closed in [true, false] {
        let bench = Bench::new();
        let mut window = bench.window(Script::Endless);
        window.wait_ready("a.png");
        window.press(Topic::Basics.title());
        window.wait("And on. And on. And on");
        let shown = window
            .harness
            .query_all_by_label_contains("And on")
            .find_map(|node| node.accesskit_node().value())
            .unwrap();
        let shown = shown.trim_end_matches(" \u{258d}");
        if is_closed {
            close(window);
        } else {
            // What a crash leaves: nothing says that it ends, and the last moment may be missing.
            window.wait_until("the notebook to follow", |_| {
                let turns = bench.turns();
                turns
                    .first()
                    .is_some_and(|turn| turn.text.starts_with(shown))
            });
            drop(window);
        }
        let turns = bench.turns();
        assert_eq!(turns.len(), 2);
        let text = &turns[0].text;
        assert!(text.starts_with(shown), "{shown} / {text}");
        let reason = if is_closed {
            StopReason::Closed
        } else {
            StopReason::Unfinished
        };
        assert_eq!(turns[0].state, TurnState::Stopped(reason));
        assert_eq!(turns[1].state, TurnState::Stopped(reason));
        let mut window = bench.window(Script::Quick);
        window.wait(if is_closed {
            "Stopped because Askem was closed"
        } else {
            "Unfinished: Askem ended before"
        });
        window.wait("Answer to basics.type");
        assert!(window.shows("Ask again"));
    }
}

#[test]
fn what_is_shown_for_a_while_is_in_the_notebook_while_it_grows() {
    let bench = Bench::new();
    let mut window = bench.window(Script::Endless);
    window.wait_ready("a.png");
    window.press(Topic::Basics.title());
    window.wait("And on. And on. And on");
    let length = |bench: &Bench| bench.turns().first().map_or(0, |turn| turn.text.len());
    let mut lengths = vec![length(&bench)];
    for _ in 0..3 {
        let before = *lengths.last().unwrap();
        window.wait_until("more text in the notebook", |_| length(&bench) > before);
        lengths.push(length(&bench));
    }
    assert!(lengths.is_sorted(), "{lengths:?}");
}

#[test]
fn what_is_forgotten_can_be_brought_back_until_the_window_is_closed() {
    let bench = Bench::new();
    let mut window = bench.window(Script::Quick);
    window.wait_ready("a.png");
    window.press(Topic::Basics.title());
    window.wait_gone("Answering");
    window.wait("Answer to basics.scale");
    close(window);
    let before = bench.turns();
    assert_eq!(before.len(), 2);

    let mut window = bench.window(Script::Quick);
    window.wait("Answer to basics.scale");
    window.key(CTRL_ALT, Button::F);
    window.wait("Forgotten. Until Askem is closed");
    assert!(!window.shows("Answer to"));
    window.wait_until("the notebook to forget", |_| bench.turns().is_empty());
    window.key(CTRL_ALT, Button::Backspace);
    window.wait("Answer to basics.scale");
    window.wait_until("the notebook to know again", |_| bench.turns() == before);
    window.key(CTRL_ALT, Button::F);
    window.step();
    close(window);

    assert!(bench.turns().is_empty());
    let mut window = bench.window(Script::Quick);
    window.wait_ready("a.png");
    assert!(!window.shows("Answer to"));
}

#[test]
fn a_growing_answer_can_be_forgotten() {
    let bench = Bench::new();
    let mut window = bench.window(Script::Endless);
    window.wait_ready("a.png");
    window.press(Topic::Basics.title());
    window.wait("And on");
    window.key(CTRL_ALT, Button::F);
    window.wait_gone("Answering");
    assert!(!window.shows("And on"));
    close(window);
    assert!(bench.turns().is_empty());
}

#[test]
fn without_keeping_a_notebook_no_file_is_made() {
    let bench = Bench::new();
    let settings = Settings {
        keep_notebook: false,
        ..Settings::default()
    };
    let mut window = bench.window_with(Script::Quick, settings);
    window.wait_ready("a.png");
    window.press(Topic::Basics.title());
    window.wait("Answer to basics.scale");
    window.wait_gone("Answering");
    assert!(!bench.file().exists());
    // From now on, not from before.
    window.key(CTRL_SHIFT, Button::N);
    window.press(Topic::Application.title());
    window.wait("Answer to application.use");
    window.wait_gone("Answering");
    close(window);
    let keys: Vec<Option<Key>> = bench.turns().iter().map(|turn| turn.key).collect();
    assert_eq!(
        keys,
        Topic::Application.keys().map(Some).collect::<Vec<_>>()
    );
}

#[test]
fn a_notebook_that_cannot_be_used_is_a_sentence_once_and_answers_go_on() {
    let bench = Bench::new();
    std::fs::write(bench.folder.path().join("data"), b"in the way").unwrap();
    let mut window = bench.window(Script::Quick);
    window.wait_ready("a.png");
    window.press(Topic::Basics.title());
    window.wait("Answer to basics.scale");
    window.wait_gone("Answering");
    window.key(Modifiers::NONE, Button::F12);
    window.wait("Log of this session");
    let lines = window
        .harness
        .query_all_by_label_contains("Askem goes on without it");
    // One message in the corner and one line in the log.
    assert_eq!(lines.count(), 2);
}

#[test]
fn a_damaged_notebook_is_replaced_and_the_user_is_told() {
    let bench = Bench::new();
    std::fs::create_dir(bench.folder.path().join("data")).unwrap();
    std::fs::write(bench.file(), "no notebook ".repeat(50)).unwrap();
    let mut window = bench.window(Script::Quick);
    window.wait("The notebook was damaged, so a new one was begun");
    window.wait_ready("a.png");
    window.press(Topic::Basics.title());
    window.wait("Answer to basics.scale");
    window.wait_gone("Answering");
    close(window);
    assert_eq!(bench.turns().len(), 2);
}

#[test]
fn a_calibration_of_the_user_is_applied_when_its_micrograph_is_opened() {
    let bench = Bench::new();
    let subject = Subject {
        hash: bench.hash.clone(),
        name: "a.png".into(),
        path: None,
    };
    let calibration = Calibration::new(2.5, 2.5, Source::User, "typed");
    let mut notebook = Notebook::open(&bench.file()).unwrap();
    notebook
        .note(&subject, &Note::Calibration(calibration))
        .unwrap();
    let failed = Turn {
        id: NoteId::new(),
        asked: SystemTime::now(),
        key: Some(Key::SizeRange),
        typed: None,
        region: None,
        category: None,
        text: String::new(),
        state: TurnState::Failed("The model was away.".into()),
    };
    notebook.note(&subject, &Note::Turn(failed)).unwrap();
    drop(notebook);
    let mut window = bench.window(Script::Quick);
    window.wait("2.5 nm per pixel, set by you");
    assert!(window.shows("The model was away."));
}
