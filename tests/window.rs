//! The window, driven through its accessibility tree as a user drives it: by the words on its
//! buttons, by keys and by typing. A scripted engine answers, so that every answer says which
//! micrograph, question and category it is about.

mod answers;
mod completion;
mod drawer;
mod evaluating;
mod folder_scale;
mod frames;
mod gpu;
mod harness;
mod hostile;
mod layout;
mod left_out;
mod measuring;
mod metadata;
mod notebook;
mod pages;
mod save_as;
mod single;
mod training;
mod viewer;

use askem::questions::{Category, Key, Topic};
use askem::window::{PickFiles, Store, ThemeChoice};
use eframe::App;
use egui::accesskit::Role;
use egui::{Modifiers, Rect};
use egui_kittest::kittest::Queryable;
use harness::{Script, Setup, expected, micrograph, opened_with, sample};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn a_first_start_shows_the_sample_and_its_category() {
    let window = sample();
    assert!(window.shows("Particles"));
    assert!(window.shows("Model scripted on CPU"));
    assert!(window.shows("7.547 nm per pixel, read from the scale bar"));
    for topic in Topic::ALL {
        window.button(topic.title());
    }
}

#[test]
fn a_file_opens_through_the_path_field() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = micrograph(folder.path(), "grid.png", 1);
    let mut window = sample();
    window.open_path(&path);
    window.wait_ready("grid.png");
    assert!(window.shows("160 × 120 px   8-bit grey   PNG"));
    assert!(!window.shows("Close the path field"));
}

#[test]
fn a_category_of_questions_asks_all_its_keys_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (path, hash) = micrograph(folder.path(), "a.png", 1);
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    window.wait_ready("a.png");
    window.press(Topic::Size.title());
    let answers: Vec<String> = Topic::Size
        .keys()
        .map(|key| expected(&hash, key, Some(Category::Particles)))
        .collect();
    for answer in &answers {
        window.wait(answer);
    }
    let tops: Vec<f32> = answers
        .iter()
        .map(|text| window.harness.get_by_label(text).rect().top())
        .collect();
    assert!(tops.is_sorted(), "{tops:?}");
    assert!(window.shows(Key::SizeRange.wording()));
    window.wait_gone("Answering");
    let facts = "Fits 82\u{a0}%  ·  Confidence 74\u{a0}%  ·  ";
    let shown = window.harness.query_all_by_label_contains(facts);
    assert_eq!(shown.count(), answers.len());
}

#[test]
fn a_typed_question_is_read_as_a_key_and_answered() {
    let mut window = sample();
    window.type_into("Question", "how big are they?");
    window.wait("Answer to size.range about");
    assert!(window.shows("how big are they?"));
    assert!(window.shows("Read as size.range"));
    let field = window
        .harness
        .get_by_role_and_label(Role::TextInput, "Question");
    assert_eq!(
        field.value().unwrap_or_default(),
        "",
        "the field is ready for the next question"
    );
    assert!(field.is_focused());
}

#[test]
fn a_question_that_no_key_covers_is_declined_with_a_reason() {
    let mut window = sample();
    window.type_into("Question", "Who won the match?");
    window.wait("Who won the match?");
    window.step();
    assert!(
        !window.shows("Answer to"),
        "nothing may be answered by force"
    );
    let sentence = match askem::questions::typed::read("Who won the match?", None) {
        askem::questions::typed::Reading::Declined(sentence) => sentence,
        other => panic!("{other:?}"),
    };
    assert!(window.shows(&sentence));
}

#[test]
fn stop_ends_the_answer_and_the_questions_behind_it() {
    let mut window = Setup {
        script: Script::Endless,
        ..Setup::default()
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.press(Topic::Morphology.title());
    window.wait("And on");
    assert!(window.shows("Answering, 2 more to come"));
    window.harness.key_press(egui::Key::Escape);
    let began = Instant::now();
    window.wait_gone("Answering");
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(
        window.harness.query_all_by_label("Stopped by you").count(),
        3
    );
    assert!(window.shows("And on"), "what was written stays");
    assert!(window.shows("Ask again"));
}

#[test]
fn stop_can_be_pressed_beside_the_question() {
    let mut window = Setup {
        script: Script::Endless,
        ..Setup::default()
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.press(Topic::Basics.title());
    window.wait("And on");
    let stops: Vec<Rect> = window
        .harness
        .query_all_by_label("Stop")
        .map(|node| node.rect())
        .collect();
    assert_eq!(
        stops.len(),
        2,
        "one beside the question, one in the status bar"
    );
    window
        .harness
        .query_all_by_label("Stop")
        .next()
        .unwrap()
        .click();
    window.step();
    window.wait("Stopped by you");
}

#[test]
fn a_corrected_category_is_used_until_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (path, hash) = micrograph(folder.path(), "a.png", 1);
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    window.wait_ready("a.png");
    window.press("Show all ten");
    window.press("Nanowires");
    window.wait("set by you");
    window.press(Topic::Basics.title());
    window.wait(&expected(
        &hash,
        Key::BasicsScale,
        Some(Category::Nanowires),
    ));
    window.press("Use the prediction");
    window.wait_gone("set by you");
    window.press(Topic::Application.title());
    window.wait(&expected(
        &hash,
        Key::ApplicationUse,
        Some(Category::Particles),
    ));
}

#[test]
fn answers_stay_with_their_micrograph_and_come_back_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (first, first_hash) = micrograph(folder.path(), "a.png", 1);
    let (second, second_hash) = micrograph(folder.path(), "b.png", 2);
    assert_ne!(first_hash, second_hash);
    let mut window = Setup {
        files: vec![first],
        ..Setup::default()
    }
    .open();
    window.wait_ready("a.png");
    window.press(Topic::Surface.title());
    let about_first = expected(&first_hash, Key::SurfaceTexture, Some(Category::Particles));
    window.wait(&about_first);

    window.open_path(&second);
    window.wait_ready("b.png");
    assert!(
        !window.shows("Answer to"),
        "the new micrograph has an empty transcript"
    );
    window.press(Topic::Surface.title());
    window.wait(&expected(
        &second_hash,
        Key::SurfaceImperfections,
        Some(Category::Particles),
    ));
    assert!(!window.shows(&about_first));

    window.press("a.png");
    window.wait(&about_first);
    assert!(!window.shows(&second_hash[..8]));
}

#[test]
fn an_answer_under_way_never_appears_under_the_next_micrograph() {
    let folder = tempfile::tempdir().unwrap();
    let (first, _) = micrograph(folder.path(), "a.png", 1);
    let (second, _) = micrograph(folder.path(), "b.png", 2);
    let mut window = Setup {
        script: Script::Endless,
        files: vec![first],
        ..Setup::default()
    }
    .open();
    window.wait_ready("a.png");
    window.press(Topic::Function.title());
    window.wait("And on");
    window.open_path(&second);
    window.wait_ready("b.png");
    assert!(!window.shows("And on"));
    window.press("a.png");
    window.wait("Stopped because another micrograph was opened");
    assert!(window.shows("And on"));
}

#[test]
fn several_files_are_all_read_and_the_first_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = (0..4)
        .map(|index| micrograph(folder.path(), &format!("f{index}.png"), index).0)
        .collect();
    let mut window = Setup {
        files,
        ..Setup::default()
    }
    .open();
    window.wait_ready("f0.png");
    window.key(Modifiers::COMMAND, egui::Key::PageUp);
    window.wait_ready("f3.png");
    window.key(Modifiers::COMMAND, egui::Key::PageDown);
    window.wait_ready("f0.png");
    window.key(Modifiers::COMMAND, egui::Key::W);
    window.wait_ready("f1.png");
    assert!(window.harness.query_by_label("f0.png").is_none() || window.shows("Recent"));
}

#[test]
fn the_same_content_under_two_names_is_one_micrograph() {
    let folder = tempfile::tempdir().unwrap();
    let (path, hash) = micrograph(folder.path(), "a.png", 1);
    let copy = folder.path().join("copy.png");
    std::fs::copy(&path, &copy).unwrap();
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    window.wait_ready("a.png");
    window.press(Topic::Basics.title());
    let answer = expected(&hash, Key::BasicsScale, Some(Category::Particles));
    window.wait(&answer);
    window.open_path(&copy);
    window.wait_gone("Reading");
    window.wait(&answer);
    assert!(window.shows("Micrograph a.png"));
}

#[test]
fn a_broken_file_is_reported_and_logged_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.tif");
    std::fs::write(&broken, b"II*\0garbage").unwrap();
    let mut window = sample();
    window.open_path(&broken);
    window.wait("broken.tif is ");
    window.wait("Micrograph Sample micrograph");
    window.press("Dismiss");
    window.wait_gone("broken.tif");
    window.key(Modifiers::NONE, egui::Key::F12);
    window.wait("Log of this session");
    assert!(window.shows("broken.tif is "), "the log keeps it");
}

#[test]
fn a_failing_model_says_so_under_the_question() {
    let mut window = Setup {
        script: Script::Broken,
        ..Setup::default()
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.press(Topic::Basics.title());
    window.wait("The model could not answer: the script says so.");
    assert!(window.shows("Ask again"));
}

#[test]
fn a_model_that_cannot_be_loaded_leaves_the_micrograph_and_a_reason() {
    let mut window = Setup {
        script: Script::Unloadable,
        ..Setup::default()
    }
    .open();
    window.wait("No model");
    window.wait("Micrograph Sample micrograph");
    assert!(window.shows("the model folder is empty"));
}

#[test]
fn without_a_file_dialog_the_path_field_comes_up_with_a_word() {
    let mut window = sample();
    window.key(Modifiers::COMMAND, egui::Key::O);
    window.wait("This desktop offers no file dialog.");
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Path");
}

#[test]
fn files_chosen_in_the_dialog_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = micrograph(folder.path(), "chosen.png", 1);
    let pick: PickFiles = Arc::new(move || Some(vec![path.clone()]));
    let mut window = Setup {
        pick_files: pick,
        ..Setup::default()
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.key(Modifiers::COMMAND, egui::Key::O);
    window.wait_ready("chosen.png");
}

#[test]
fn closing_the_last_micrograph_teaches_how_to_open_one() {
    let mut window = sample();
    window.key(Modifiers::COMMAND, egui::Key::W);
    window.wait("Drop a micrograph here");
    window.press("Open sample");
    window.wait_ready("Sample micrograph");
}

#[test]
fn every_menu_opens_and_its_entries_work() {
    let mut window = sample();
    for (menu, entry) in [
        ("File", "Open by path… Ctrl+L"),
        ("View", "Actual size (1:1) 1"),
        ("Help", "About Askem Ctrl+I"),
    ] {
        window.press(menu);
        window.press(entry);
    }
    window
        .harness
        .get_all_by_role_and_label(Role::Button, "Ask")
        .next()
        .unwrap()
        .click();
    window.step();
    window.press("Correct the category Ctrl+G");
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Path");
    assert!(window.shows("100\u{a0}%"), "shown at actual size");
    window.button("Tips");
    assert!(window.shows("Nothing leaves this computer, and your files are never changed."));
}

#[test]
fn zoom_keys_change_the_zoom_and_do_not_type() {
    let mut window = sample();
    window.key(Modifiers::NONE, egui::Key::Num1);
    assert!(window.shows("100\u{a0}%"));
    window.key(Modifiers::NONE, egui::Key::Plus);
    assert!(window.shows("125\u{a0}%"));
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Question")
        .focus();
    window.step();
    window.key(Modifiers::NONE, egui::Key::Plus);
    assert!(window.shows("125\u{a0}%"), "plain keys belong to the field");
}

#[test]
fn copying_puts_the_transcript_on_the_clipboard() {
    let mut window = sample();
    window.press(Topic::Basics.title());
    window.wait("Answer to basics.scale");
    window.wait_gone("Answering");
    window.button("Copy transcript").click();
    let mut copied = None;
    for _ in 0..4 {
        window.harness.step();
        copied = copied.or(window
            .harness
            .output()
            .platform_output
            .commands
            .iter()
            .find_map(|c| match c {
                egui::OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            }));
    }
    let text = copied.unwrap();
    assert!(
        text.starts_with("Sample micrograph\nCategory: Particles (predicted)\n"),
        "{text}"
    );
    assert!(
        text.contains(Key::BasicsType.wording()) && text.contains("Answer to basics.type"),
        "{text}"
    );
    window.wait("Transcript copied");
}

#[test]
fn an_idle_window_asks_for_no_frames() {
    let mut window = sample();
    window.press(Topic::Basics.title());
    window.wait("Answer to basics.scale");
    window.wait_gone("Answering");
    // The answer's last event may still be on its way.
    window.wait_until("a window at rest", |window| {
        let outputs = window.harness.output().viewport_output.values();
        let delay = outputs.map(|output| output.repaint_delay).min();
        delay.is_some_and(|delay| delay > Duration::from_secs(60))
    });
}

#[test]
fn text_size_can_be_changed_by_keys() {
    let mut window = sample();
    let before = window.harness.ctx.pixels_per_point();
    window.key(Modifiers::COMMAND, egui::Key::Plus);
    assert!((window.harness.ctx.pixels_per_point() / before - 1.15).abs() < 1e-3);
    window.key(Modifiers::COMMAND, egui::Key::Num0);
    assert!((window.harness.ctx.pixels_per_point() / before - 1.0).abs() < 1e-3);
}

#[test]
fn what_was_chosen_and_opened_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = micrograph(folder.path(), "a.png", 1);
    let mut window = Setup {
        files: vec![path.clone()],
        ..Setup::default()
    }
    .open();
    window.wait_ready("a.png");
    window.key(Modifiers::COMMAND, egui::Key::Plus);
    window.key(Modifiers::COMMAND.plus(Modifiers::SHIFT), egui::Key::L);
    window.harness.state_mut().on_exit(None);
    let (settings, word) = window.store.load();
    assert_eq!(word, None);
    assert_eq!(settings.text_percent, 115);
    assert_eq!(settings.theme, ThemeChoice::Light);
    assert_eq!(settings.recent, [path]);
}

#[test]
fn unreadable_settings_give_the_defaults_and_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.json");
    std::fs::write(&file, "not json").unwrap();
    let store = Store::at(file);
    let mut window = opened_with(store, folder);
    window.wait("The settings could not be read");
    window.wait_ready("Sample micrograph");
}

/// Every sign an answer or a unit may hold is in the bundled fonts: the harness panics on a
/// missing one.
#[test]
fn the_fonts_have_the_signs_of_the_field() {
    let folder = tempfile::tempdir().unwrap();
    let name = "µm Å Ω αβγδθλπσφω → ≤ ≥ ± × ° ² ³ ⁻¹ ₂ √ ∞ ≈ ≠ ½ ⊥ ‰.png";
    let (path, _) = micrograph(folder.path(), name, 1);
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    window.wait_ready(name);
}

#[test]
fn the_strip_can_be_put_away_and_brought_back() {
    let mut window = sample();
    window.press("Hide the strip (Ctrl+B)");
    window.wait_gone("Open micrographs…");
    window.press("Show the strip (Ctrl+B)");
    window.wait("Open micrographs…");
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window must leave reading to the worker".into())
    }
}

#[test]
fn dropped_files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = sample();
    window.harness.input_mut().dropped_files = (0..3)
        .map(|index| {
            let (path, _) = micrograph(folder.path(), &format!("d{index}.png"), index);
            Arc::new(Dropped(path)) as egui::DroppedFileHandle
        })
        .collect();
    window.step();
    window.wait_ready("d0.png");
    window.wait_until("all three to be read", |window| {
        ["d1.png", "d2.png"]
            .iter()
            .all(|name| window.harness.query_by_label(name).is_some())
    });
    window.press("d2.png");
    window.wait_ready("d2.png");
}
