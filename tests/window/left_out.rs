//! What is left out of a micrograph: shown, taken back, drawn, undone, asked about and kept.

use super::harness::{Setup, Window, expected};
use askem::questions::Category;
use askem::questions::Key as Question;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::{Path, PathBuf};

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

/// A micrograph of 320 × 240 px in a white frame of 12 px, and its file.
fn framed(folder: &Path) -> PathBuf {
    let path = folder.join("framed.png");
    let pixels = image::GrayImage::from_fn(320, 240, |x, y| {
        let is_frame = x < 12 || y < 12 || x >= 308 || y >= 228;
        let specimen = 70 + ((x * 37) ^ (y * 91)) % 90;
        image::Luma([if is_frame { 255 } else { specimen as u8 }])
    });
    pixels.save(&path).unwrap();
    path
}

fn open(path: &Path, notebook: Option<PathBuf>) -> Window {
    let mut window = Setup {
        files: vec![path.to_owned()],
        notebook,
        ..Setup::default()
    }
    .open();
    window.wait_ready("framed.png");
    window.key(NONE, Key::Num1);
    window
}

fn middle(window: &Window) -> Pos2 {
    window.pane("framed.png").center().round()
}

/// How many places are shown as left out.
fn shown(window: &Window) -> usize {
    window
        .harness
        .query_all_by_label_contains("Left out: ")
        .count()
}

/// The corner of the place of 40 × 30 px, as its name says.
fn corner(window: &Window) -> [u32; 2] {
    let nodes = window
        .harness
        .query_all_by_label_contains("Left out: 40 × 30 px at ");
    let label = nodes.last().and_then(|node| node.accesskit_node().label());
    let label = label.unwrap();
    let (_, place) = label.split_once(" at ").unwrap();
    let sides: Vec<u32> = place
        .split(", ")
        .map(|side| side.parse().unwrap())
        .collect();
    [sides[0], sides[1]]
}

#[test]
fn what_is_left_out_is_shown_taken_back_drawn_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(&framed(folder.path()), None);
    assert_eq!(shown(&window), 0, "not before it is asked for");
    window
        .harness
        .get_by_role_and_label(Role::Button, "Show what is left out (H)")
        .click();
    window.step();
    assert_eq!(shown(&window), 4, "the four sides of the frame");
    assert!(window.shows("Left out: 320 × 12 px at 0, 0"));

    window.key(NONE, Key::X);
    let at = middle(&window);
    window.drag(at, at + vec2(40.0, 30.0));
    window.wait("Left out: 40 × 30 px at ");
    assert_eq!(shown(&window), 5);
    let [x, y] = corner(&window);
    let origin = at - vec2(x as f32, y as f32);
    window.click_at(at + vec2(20.0, 10.0));
    window.wait_gone("Left out: 40 × 30 px");
    // The upper side of the frame is specimen after all.
    window.click_at(origin + vec2(160.0, 6.0));
    window.wait_gone("Left out: 320 × 12 px at 0, 0");
    assert_eq!(shown(&window), 3);
    window.key(CTRL, Key::Z);
    window.wait("Left out: 320 × 12 px at 0, 0");
    window.key(CTRL, Key::Z);
    window.wait("Left out: 40 × 30 px at ");
    window.key(Modifiers::SHIFT, Key::X);
    window.wait_gone("Left out: 40 × 30 px");
    assert_eq!(shown(&window), 4);
    window.key(NONE, Key::H);
    assert_eq!(shown(&window), 0);
}

#[test]
fn the_next_question_is_about_what_is_left_and_a_restart_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = framed(folder.path());
    let notebook = folder.path().join("data/notebook.sqlite");
    let mut window = open(&path, Some(notebook.clone()));
    let hash = blake3::hash(&std::fs::read(&path).unwrap()).to_hex();
    window.key(NONE, Key::X);
    let at = middle(&window);
    window.drag(at, at + vec2(40.0, 30.0));
    window.wait("Left out: 40 × 30 px at ");

    // The scripted engine says under which name it sees the micrograph.
    let seen = |added: &[[u32; 4]]| {
        use askem::micrograph::{Edits, Limits, Mask, Prepared, Printed, read};
        let image = read(&path, Limits::default()).unwrap();
        let edits = Edits {
            added: added.to_vec(),
            kept: Vec::new(),
        };
        let mask = Mask::of([320, 240], &Printed::of(&image), &edits);
        Prepared::masked(&image, &mask).hash
    };
    assert!(seen(&[]).starts_with(hash.as_str()));
    let [x, y] = corner(&window);
    let edited = seen(&[[x, y, x + 40, y + 30]]);
    assert_ne!(edited, seen(&[]));
    let answer = |name: &str| expected(name, Question::BasicsType, Some(Category::Particles));
    window.key(Modifiers::ALT, Key::Num1);
    window.wait(&answer(&edited));
    drop(window);

    let mut later = open(&path, Some(notebook));
    later.key(NONE, Key::H);
    later.wait("Left out: 40 × 30 px at ");
    later.key(Modifiers::SHIFT, Key::X);
    later.wait_gone("Left out: 40 × 30 px");
    later.key(Modifiers::ALT, Key::Num1);
    later.wait(&answer(&seen(&[])));
}
