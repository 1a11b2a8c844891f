//! Turning the pages of a file: what belongs to one never appears under another.

use super::harness::{Script, Setup, Window, expected};
use crate::pages::tiff_of;
use askem::questions::{Category, Key as Question};
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::{Path, PathBuf};

const NONE: Modifiers = Modifiers::NONE;

/// A window with a file of three pages, the last of another size.
fn open(folder: &Path, script: Script) -> (Window, PathBuf, String) {
    let pages = [(40, [160, 120]), (80, [160, 120]), (120, [80, 60])];
    let file = tiff_of(folder, "stack.tif", &pages);
    let hash = blake3::hash(&std::fs::read(&file).unwrap())
        .to_hex()
        .to_string();
    let mut window = Setup {
        files: vec![file.clone()],
        script,
        notebook: Some(folder.join("notebook.sqlite")),
        ..Setup::default()
    }
    .open();
    window.wait_ready("stack.tif");
    (window, file, hash)
}

fn is_disabled(window: &Window, button: &str) -> bool {
    window.button(button).accesskit_node().is_disabled()
}

const NEXT: &str = "Next page (PgDn)";
const PREVIOUS: &str = "Previous page (PgUp)";

#[test]
fn pages_are_turned_by_buttons_keys_and_menu_up_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), Script::Quick);
    assert!(window.shows("Page 1 of 3"));
    assert!(is_disabled(&window, PREVIOUS));
    window.press(NEXT);
    window.wait("Page 2 of 3");
    window.key(NONE, Key::PageDown);
    window.wait("Page 3 of 3");
    window.wait("80 × 60 px");
    assert!(is_disabled(&window, NEXT));
    window.key(NONE, Key::PageDown);
    assert!(window.shows("Page 3 of 3"));
    window.key(NONE, Key::Comma);
    window.wait("Page 2 of 3");
    window.wait("160 × 120 px");
    window.press("View");
    window.press("Previous page PgUp");
    window.wait("Page 1 of 3");
}

#[test]
fn a_file_of_one_page_has_no_page_buttons() {
    let mut window = super::harness::sample();
    assert!(!window.shows("Page 1"));
    window.key(NONE, Key::PageDown);
    window.wait_ready("Sample micrograph");
}

#[test]
fn answers_marks_and_scale_of_a_page_stay_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, file, hash) = open(folder.path(), Script::Quick);
    window.key(NONE, Key::Num1);
    let at = window.pane("stack.tif").center().round();
    window.key(NONE, Key::S);
    window.drag(at - vec2(50.0, 10.0), at + vec2(50.0, -10.0));
    window.type_into("Length of the line", "500 nm");
    window.wait("5 nm per pixel, set by you");
    window.key(NONE, Key::D);
    window.drag(at - vec2(50.0, 10.0), at + vec2(50.0, -10.0));
    window.wait("1 Distance: Length 500 nm");
    let answer = |hash: &str| expected(hash, Question::SizeAggregation, Some(Category::Particles));
    window.key(Modifiers::ALT, Key::Num3);
    window.wait(&answer(&hash));
    window.wait_gone("Answering");

    window.key(NONE, Key::PageDown);
    window.wait("Page 2 of 3");
    window.wait("Scale not known");
    assert!(!window.shows("1 Distance"));
    assert!(!window.shows("Answer to"));
    window.wait("91\u{a0}%");
    window.key(Modifiers::ALT, Key::Num3);
    window.wait("Answer to size.aggregation");
    window.wait_gone("Answering");

    window.key(NONE, Key::PageUp);
    window.wait("5 nm per pixel, set by you");
    window.wait("1 Distance: Length 500 nm");
    window.wait(&answer(&hash));

    // A new session begins with the page with the science, under the name it always had.
    drop(window);
    let mut window = Setup {
        files: vec![file],
        notebook: Some(folder.path().join("notebook.sqlite")),
        ..Setup::default()
    }
    .open();
    window.wait_ready("stack.tif");
    window.wait(&answer(&hash));
    window.wait("5 nm per pixel, set by you");
    window.key(NONE, Key::PageDown);
    window.wait("Page 2 of 3");
    window.wait("Scale not known");
    window.wait("Answer to size.aggregation");
    window.key(NONE, Key::PageDown);
    window.wait("Page 3 of 3");
    window.wait("80 × 60 px");
    window.wait_gone("Answer to");
}

#[test]
fn what_is_being_drawn_or_answered_ends_where_a_page_is_turned() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), Script::Endless);
    let at = window.pane("stack.tif").center().round();
    window.key(NONE, Key::S);
    window.drag(at - vec2(50.0, 10.0), at + vec2(50.0, -10.0));
    window.wait("How long is this line?");
    window.press("Cancel");
    window.key(NONE, Key::A);
    window.click_at(at);
    window.key(Modifiers::ALT, Key::Num3);
    window.wait("And on");
    window.key(NONE, Key::PageDown);
    window.wait_until("the second page", |window| {
        window.harness.query_by_label("Page 2 of 3").is_some()
    });
    assert!(!window.shows("Answering"));
    assert!(!window.shows("And on"));
    window.click_at(at - vec2(20.0, 0.0));
    window.click_at(at - vec2(0.0, 20.0));
    assert!(!window.shows("1 Angle"), "two points make no angle");
}
