//! Looking at micrographs and measuring in them: tools, the scale, contrast, regions, two side
//! by side, and what is written to files.

use super::harness::{Setup, Window, expected, lettered, micrograph};
use askem::questions::{Category, Key as Question, Topic};
use egui::accesskit::Role;
use egui::{Color32, ColorImage, Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Opens micrographs of 160 × 120 px, the first at actual size.
fn open(folder: &Path, names: &[&str]) -> (Window, Vec<PathBuf>, String) {
    let made: Vec<(PathBuf, String)> = names
        .iter()
        .enumerate()
        .map(|(seed, name)| micrograph(folder, name, seed as u32 + 1))
        .collect();
    let files: Vec<PathBuf> = made.iter().map(|(path, _)| path.clone()).collect();
    let mut window = Setup {
        files: files.clone(),
        ..Setup::default()
    }
    .open();
    window.wait_ready(names[0]);
    window.key(NONE, Key::Num1);
    (window, files, made[0].1.clone())
}

/// The middle of a micrograph at actual size, on a pixel's corner.
fn middle(window: &Window, name: &str) -> Pos2 {
    window.pane(name).center().round()
}

/// Draws along 100 pixels.
fn draw_100_px(window: &mut Window, at: Pos2) {
    window.drag(at - vec2(50.0, 10.0), at + vec2(50.0, -10.0));
}

fn set_scale(window: &mut Window, at: Pos2, length: &str) {
    window.key(NONE, Key::S);
    draw_100_px(window, at);
    window.wait("How long is this line?");
    window.type_into("Length of the line", length);
}

#[test]
fn a_distance_is_drawn_listed_undone_redone_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    window.key(NONE, Key::D);
    draw_100_px(&mut window, at);
    window.wait("1 Distance: Length 100.0 px");
    window.key(CTRL, Key::Z);
    window.wait_gone("1 Distance");
    window.key(CTRL, Key::Y);
    window.wait("1 Distance: Length 100.0 px");
    window.press("Delete 1 Distance");
    window.wait_gone("1 Distance: ");
    window.key(CTRL, Key::Z);
    window.press("1 Distance: Length 100.0 px");
    window.key(NONE, Key::Delete);
    window.wait_gone("1 Distance: ");
}

#[test]
fn a_scale_set_by_hand_makes_lengths_real_and_can_be_undone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    assert!(window.shows("Scale not known"));
    window.key(NONE, Key::D);
    draw_100_px(&mut window, at);
    set_scale(&mut window, at, "500");
    window.wait("Add a unit");
    window.type_into("Length of the line", " nm");
    window.wait("5 nm per pixel, set by you");
    assert!(!window.shows("How long is this line?"));
    window.wait("1 Distance: Length 500 nm");
    assert!(window.shows("set by you"));
    window.harness.hover_at(at);
    window.step();
    assert!(window.shows("   402 nm, "), "the place in real units");
    window.key(CTRL, Key::Z);
    window.wait("Scale not known");
    window.wait("1 Distance: Length 100.0 px");
}

#[test]
fn the_scale_bar_is_round_and_follows_the_zoom() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    // Off and on again.
    window.key(NONE, Key::G);
    window.key(NONE, Key::G);
    window.wait("The scale bar appears once the scale is known");
    assert!(!window.shows("Scale bar 500 nm"));
    set_scale(&mut window, at, "500 nm");
    window.wait("Scale bar 500 nm");
    for _ in 0..10 {
        window.key(NONE, Key::Plus);
    }
    window.wait("Scale bar 50 nm");
    window.key(NONE, Key::G);
    assert!(!window.shows("Scale bar 50 nm"));
}

#[test]
fn esc_drops_the_line_then_the_tool() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    window.key(NONE, Key::S);
    draw_100_px(&mut window, at);
    window.wait("How long is this line?");
    window.harness.key_press(Key::Escape);
    window.wait_gone("How long is this line?");
    draw_100_px(&mut window, at);
    window.wait("How long is this line?");
    window.press("Cancel");
    assert!(!window.shows("How long is this line?"));
    window.harness.key_press(Key::Escape);
    window.step();
    draw_100_px(&mut window, at);
    assert!(
        !window.shows("How long is this line?"),
        "the tool is put away"
    );
    assert!(window.shows("Scale not known"));
}

#[test]
fn clicks_make_angles_circles_walls_and_closed_lines() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    let corners = [(40.0, 0.0), (0.0, 0.0), (0.0, -40.0), (40.0, -40.0)];
    let click = |window: &mut Window, count: usize| {
        for (dx, dy) in &corners[..count] {
            window.click_at(at + vec2(*dx, *dy));
        }
    };
    window.key(NONE, Key::A);
    click(&mut window, 3);
    window.wait("1 Angle: Angle 90.0°");
    window.key(NONE, Key::O);
    click(&mut window, 3);
    window.wait("2 Circle: Diameter 56.6 px");
    window.key(NONE, Key::K);
    click(&mut window, 3);
    window.wait("3 Parallel lines: Apart 40.0 px");
    window.key(NONE, Key::W);
    click(&mut window, 4);
    window.wait("4 Sidewall angle: Angle 180.0°");
    window.key(NONE, Key::P);
    click(&mut window, 4);
    click(&mut window, 1);
    window.wait("5 Polyline: Area 1600 px², Outline 160.0 px");
    click(&mut window, 3);
    window.key(NONE, Key::Enter);
    window.wait("6 Polyline: Length 80.0 px");
}

#[test]
fn rectangles_and_ellipses_have_areas() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    window.key(NONE, Key::R);
    window.drag(at, at + vec2(60.0, 40.0));
    window.wait("1 Rectangle: Area 2400 px², Width 60.0 px, Height 40.0 px");
    window.key(NONE, Key::E);
    window.drag(at, at + vec2(60.0, 40.0));
    window.wait("2 Ellipse: Area 1885 px²");
}

#[test]
fn marks_can_be_chosen_moved_and_nudged() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    window.key(NONE, Key::D);
    draw_100_px(&mut window, at);
    window.wait("1 Distance: Length 100.0 px");
    window.key(NONE, Key::V);
    // Its right end, 20 pixels further.
    window.drag(at + vec2(50.0, -10.0), at + vec2(70.0, -10.0));
    window.wait("1 Distance: Length 120.0 px");
    window.key(CTRL, Key::Z);
    window.wait("1 Distance: Length 100.0 px");
    // The whole line, away from where it was: its length stays.
    window.drag(at + vec2(0.0, -10.0), at + vec2(0.0, 20.0));
    window.wait("1 Distance: Length 100.0 px");
    window.click_at(at + vec2(0.0, -40.0));
    window.drag(at + vec2(50.0, 20.0), at + vec2(60.0, 20.0));
    assert!(
        window.shows("1 Distance: Length 100.0 px"),
        "moved as a whole"
    );
}

#[test]
fn a_caliper_and_a_profile_show_their_plot() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bar.png");
    image::GrayImage::from_fn(160, 120, |x, _| {
        image::Luma([if (50..110).contains(&x) { 220 } else { 30 }])
    })
    .save(&path)
    .unwrap();
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    window.wait_ready("bar.png");
    window.key(NONE, Key::Num1);
    let at = middle(&window, "bar.png");
    window.key(NONE, Key::C);
    // The bar is 60 wide; drawn about 66.
    window.drag(at - vec2(33.0, 0.0), at + vec2(33.0, 0.0));
    window.wait("1 Caliper: Width 60.0 px, As drawn 66.0 px");
    window.wait("Plot of the profile");
    window.key(NONE, Key::L);
    draw_100_px(&mut window, at);
    window.wait("2 Line profile: Length 100.0 px");
    window.wait("Plot of the profile");
}

#[test]
fn a_region_is_asked_about_by_itself_and_the_transcript_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _, hash) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    window.key(NONE, Key::Q);
    window.drag(at - vec2(20.0, 20.0), at + vec2(44.0, 12.0));
    window.wait("About a region of 64 × 32 px");
    window.press(Topic::Basics.title());
    window.wait("About a region of 64 × 32 px at ");
    // The engine was given the part: its name is in the answer.
    let name = lettered(&format!("{}64 × 32 px at ", &hash[..8]));
    window.wait(&format!("Answer to basics.scale about {name}"));
    window.press("Ask about the whole");
    window.wait_gone("Ask about the whole");
    window.press(Topic::Application.title());
    let whole = expected(&hash, Question::ApplicationUse, Some(Category::Particles));
    window.wait(&whole);
}

#[test]
fn two_micrographs_are_shown_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png", "b.png"]);
    window.key(CTRL, Key::D);
    window.wait("Micrograph b.png");
    let (left, right) = (window.pane("a.png"), window.pane("b.png"));
    assert!(left.max.x < right.min.x && (left.width() - right.width()).abs() < 1.0);
    window.key(NONE, Key::Num1);
    window.key(NONE, Key::Plus);
    window.click_at(right.center());
    window.wait_ready("b.png");
    assert!(window.shows("125\u{a0}%"), "the other one zooms with it");
    window.key(CTRL, Key::D);
    assert!(!window.shows("Micrograph a.png"));
}

#[test]
fn contrast_changes_what_is_shown_and_never_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, files, _) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    let before = std::fs::read(&files[0]).unwrap();
    let value = |window: &mut Window| {
        window.harness.hover_at(at);
        window.step();
        let node = window
            .harness
            .query_all_by_label_contains("   grey ")
            .next()
            .unwrap();
        node.accesskit_node().value().unwrap()
    };
    let recorded = value(&mut window);
    window.key(NONE, Key::B);
    window.wait("Histogram with black and white");
    window.harness.get_by_label("Invert").click();
    window.step();
    window.press("Violet to yellow");
    window.press("Auto");
    window.key(NONE, Key::I);
    assert_eq!(value(&mut window), recorded);
    assert_eq!(std::fs::read(&files[0]).unwrap(), before);
    window.press("As recorded");
    window.press("Close brightness and contrast");
    assert!(!window.shows("Histogram with black and white"));
}

#[test]
fn one_scale_can_hold_for_all_open_micrographs() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png", "b.png", "c.png"]);
    let at = middle(&window, "a.png");
    set_scale(&mut window, at, "1 µm");
    window.wait("10 nm per pixel, set by you");
    window.key(CTRL_SHIFT, Key::M);
    window.wait("This scale now holds for 2 more");
    window.press("b.png");
    window.wait_ready("b.png");
    window.wait("10 nm per pixel, set by you");
    window.key(CTRL, Key::Z);
    window.wait("Scale not known");
    window.press("c.png");
    window.wait_ready("c.png");
    window.wait("10 nm per pixel, set by you");
}

#[test]
fn the_view_is_written_to_a_file_and_never_over_a_micrograph() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, files, _) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    let original = std::fs::read(&files[0]).unwrap();
    set_scale(&mut window, at, "500 nm");
    window.wait("5 nm per pixel, set by you");
    window.key(CTRL, Key::E);
    window.wait("File (.png or .tif)");
    let proposed = folder.path().join("a view.png");
    window
        .harness
        .get_by_label("Whole micrograph (160 × 120 px)")
        .click();
    window.step();
    window.press("Export");
    window.wait("View written to ");
    let written = image::open(&proposed).unwrap();
    assert_eq!((written.width(), written.height()), (160, 120));

    window.key(CTRL, Key::E);
    window.press("Export");
    window.wait("There is a file of that name already.");
    std::fs::write(&proposed, "old").unwrap();
    window.press("Replace");
    window.wait_until("the file to be replaced", |_| {
        std::fs::read(&proposed).unwrap() != b"old"
    });

    std::fs::remove_file(&proposed).unwrap();
    let link = proposed;
    std::fs::hard_link(&files[0], folder.path().join("other.png")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&files[0], &link).unwrap();
    window.key(CTRL, Key::E);
    window.press("Export");
    window.wait("That file is an open micrograph, which is never written over.");
    assert_eq!(std::fs::read(&files[0]).unwrap(), original);
}

#[test]
fn the_view_goes_to_the_clipboard_and_a_picture_comes_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    // Frame by frame: what is copied stands in the output of one frame alone, and the harness
    // runs several for a key that it presses itself.
    window.harness.input_mut().events.push(egui::Event::Key {
        key: Key::E,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: CTRL_SHIFT,
    });
    let mut copied = None;
    for _ in 0..2000 {
        std::thread::sleep(std::time::Duration::from_millis(5));
        window.harness.step();
        let commands = &window.harness.output().platform_output.commands;
        copied = commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyImage(image) => Some(image.size),
            _ => None,
        });
        if copied.is_some() {
            break;
        }
    }
    assert_eq!(copied, Some([160, 120]));

    let picture = ColorImage::filled([40, 30], Color32::from_gray(90));
    let paste = egui::Event::PasteImage(Arc::new(picture));
    window.harness.input_mut().events.push(paste);
    window.step();
    window.wait("Micrograph Pasted micrograph");
    assert!(window.shows("40 × 30 px   8-bit grey   PNG"));
}

#[test]
fn keys_of_undoing_and_deleting_belong_to_a_text_field_while_it_has_the_focus() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), &["a.png"]);
    let at = middle(&window, "a.png");
    window.key(NONE, Key::D);
    draw_100_px(&mut window, at);
    window.wait("1 Distance: Length 100.0 px");
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Question")
        .focus();
    window.step();
    for (modifiers, key) in [(CTRL, Key::Delete), (CTRL, Key::Z), (NONE, Key::Delete)] {
        window.key(modifiers, key);
    }
    assert!(window.shows("1 Distance: Length 100.0 px"));
}

#[test]
fn every_tool_has_its_letter_and_its_button() {
    let folder = tempfile::tempdir().unwrap();
    let (window, ..) = open(folder.path(), &["a.png"]);
    for name in [
        "Move and choose (V)",
        "Distance (D)",
        "Angle (A)",
        "Rectangle (R)",
        "Ellipse (E)",
        "Polyline (P)",
        "Line profile (L)",
        "Caliper (C)",
        "Parallel lines (K)",
        "Circle (O)",
        "Sidewall angle (W)",
        "Set the scale (S)",
        "Ask about a region (Q)",
        "Undo (Ctrl+Z)",
        "Export view… (Ctrl+E)",
    ] {
        window.harness.get_by_role_and_label(Role::Button, name);
    }
}
