//! The Measure tab: objects are measured, chosen in the list and in the image, limited by size,
//! changed by hand with undo, and written to files; a recipe goes over a folder.

use super::harness::{Setup, Window};
use askem::questions::Category;
use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::{Path, PathBuf};

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const SIZE: [u32; 2] = [560, 420];

/// The centre of a disc. They lie on no lattice, so that they are no pattern.
fn centre(row: u32, column: u32) -> [f64; 2] {
    let place = row * 7 + column;
    let off = |factor: u32| f64::from(place * factor % 17) - 8.0;
    [
        45.0 + 78.0 * f64::from(column) + off(37),
        48.0 + 80.0 * f64::from(row) + off(53),
    ]
}

/// Centres and radii of the discs: 35, small and large ones in turn.
fn discs() -> Vec<([f64; 2], f64)> {
    let mut all = Vec::new();
    for row in 0..5 {
        for column in 0..7 {
            let radius = if (row + column) % 2 == 0 { 14.0 } else { 22.0 };
            all.push((centre(row, column), radius));
        }
    }
    all
}

/// Bright discs on a dark ground with noise; an edge is as wide as a blur of 1 px makes it.
pub fn micrograph(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let discs = discs();
    let mut state = 7u32;
    let mut noise = move || {
        let mut sum = 0.0;
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            sum += f64::from(state >> 8) / f64::from(1 << 24);
        }
        (sum - 2.0) * 4.0
    };
    image::GrayImage::from_fn(SIZE[0], SIZE[1], |x, y| {
        let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        let inside = discs
            .iter()
            .map(|(at, radius)| radius - (at[0] - x).hypot(at[1] - y))
            .fold(f64::MIN, f64::max);
        let cover = 1.0 / (1.0 + (-1.7 * inside).exp());
        image::Luma([(60.0 + 110.0 * cover + noise()).clamp(0.0, 255.0) as u8])
    })
    .save(&path)
    .unwrap();
    path
}

/// A window in which the micrograph is measured, at actual size.
fn measured(path: &Path) -> Window {
    let mut window = Setup {
        files: vec![path.to_owned()],
        ..Setup::default()
    }
    .open();
    window.wait_ready("discs.png");
    window.key(CTRL, Key::R);
    window.wait("Median diameter: ");
    settle(&mut window);
    window.key(NONE, Key::Num1);
    window
}

/// Waits until nothing is being measured.
fn settle(window: &mut Window) {
    window.step();
    window.step();
    window.wait_gone("Measuring…");
}

/// Where a place of the image is on the screen.
fn at(window: &Window, [x, y]: [f64; 2]) -> Pos2 {
    let middle = window.pane("discs.png").center().round();
    // Above the buttons for the zoom, which are 30 points high.
    middle - vec2(0.0, 15.0)
        + vec2(
            x as f32 - SIZE[0] as f32 / 2.0,
            y as f32 - SIZE[1] as f32 / 2.0,
        )
}

/// Scrolls to a button and presses it.
fn press(window: &mut Window, words: &str) {
    window.button(words).scroll_to_me();
    window.step();
    window.step();
    window.press(words);
    window.step();
}

fn part(window: &mut Window, words: &str) {
    window
        .harness
        .get_by_role_and_label(Role::Tab, words)
        .click();
    window.step();
}

/// The rows of the list that are in view: their names, and whether they are chosen.
fn rows(window: &Window) -> Vec<(String, bool)> {
    let nodes = window.harness.query_all_by_label_contains("Object ");
    nodes
        .filter_map(|node| {
            let node = node.accesskit_node();
            let name = node.label()?;
            name.contains(": ")
                .then(|| (name, node.toggled() == Some(Toggled::True)))
        })
        .collect()
}

fn chosen(window: &Window) -> Vec<String> {
    let rows = rows(window);
    rows.into_iter()
        .filter(|row| row.1)
        .map(|row| row.0)
        .collect()
}

fn row(window: &Window, start: &str) -> String {
    let all = rows(window);
    let found = all.iter().find(|(name, _)| name.starts_with(start));
    found
        .unwrap_or_else(|| panic!("{start} is not among {all:?}"))
        .0
        .clone()
}

#[test]
fn a_micrograph_is_measured_with_uncertainty_reserve_and_steps() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = measured(&micrograph(folder.path(), "discs.png"));
    assert!(window.shows("35 objects"), "{:?}", window.harness);
    assert!(window.shows("No scale, lengths in pixels"));
    assert!(window.shows("Count: 35"));
    let node = window
        .harness
        .query_all_by_label_contains("Median diameter: ")
        .next()
        .unwrap();
    let text = node.accesskit_node().label().unwrap();
    assert!(text.contains(" ± ") && text.ends_with(" px"), "{text}");
    assert!(window.shows("Histogram of 35 sizes"));
    part(&mut window, "Recipe");
    assert!(window.shows("category: Particles"));
    assert!(window.shows("bright objects, by evidence"));
}

#[test]
fn list_and_image_choose_the_same_object() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = measured(&micrograph(folder.path(), "discs.png"));
    // In the lowest row: not in view in the list before.
    let last = at(&window, centre(4, 6));
    window.click_at(last);
    window.wait(", 1 chosen");
    let name = chosen(&window);
    assert_eq!(name.len(), 1, "{name:?}");
    let is_small = [": 27.", ": 28."]
        .iter()
        .any(|start| name[0].contains(start));
    assert!(is_small, "{name:?}");
    window.click_at(last);
    window.wait_gone(", 1 chosen");

    // Far into the micrograph the object of a row is out of view; choosing it brings it back.
    for _ in 0..12 {
        window.key(NONE, Key::Plus);
    }
    // The list stays where it is, at its end: there the first ones are now.
    window.press("List by No.");
    let first = row(&window, "Object 1: ");
    window.press(&first);
    window.wait(", 1 chosen");
    assert_eq!(chosen(&window), std::slice::from_ref(&first));
    let middle = window.pane("discs.png").center();
    window.click_at(middle);
    window.wait_gone(", 1 chosen");
}

#[test]
fn sizes_that_do_not_count_leave_list_and_numbers_until_it_is_undone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = measured(&micrograph(folder.path(), "discs.png"));
    let handle = |window: &Window, name: &str| window.harness.get_by_label(name).rect();
    let least = handle(&window, "Drag the smallest size");
    let most = handle(&window, "Drag the largest size");
    window.drag(
        least.center(),
        least.center() + vec2((most.left() - least.left()) / 2.0, 0.0),
    );
    window.wait("17 objects");
    settle(&mut window);
    window.wait("Count: 17");
    part(&mut window, "Objects");
    assert!(window.shows("17 of 35 count"));
    part(&mut window, "Recipe");
    assert!(window.shows("sizes from "));
    window.key(CTRL, Key::Z);
    window.wait("35 objects");
    window.key(CTRL, Key::Y);
    window.wait("17 objects");
    window.press("All sizes");
    window.wait("35 objects");
    part(&mut window, "Numbers");
    window.wait("Count: 35");
}

#[test]
fn objects_are_cut_joined_drawn_and_taken_away_with_undo() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = measured(&micrograph(folder.path(), "discs.png"));
    let [x, y] = centre(2, 3);
    // Across the disc beside the middle one.
    let beside = centre(2, 4);
    window.key(NONE, Key::Y);
    let (from, to) = (
        at(&window, [beside[0], beside[1] - 30.0]),
        at(&window, [beside[0], beside[1] + 30.0]),
    );
    window.drag(from, to);
    window.wait("36 objects");
    settle(&mut window);
    window.key(NONE, Key::V);
    window.click_at(at(&window, [beside[0] - 8.0, beside[1]]));
    window.wait(", 1 chosen");
    let other = at(&window, [beside[0] + 8.0, beside[1]]);
    window
        .harness
        .event(egui::Event::ModifiersChanged(Modifiers::SHIFT));
    window.click_at(other);
    window.harness.event(egui::Event::ModifiersChanged(NONE));
    window.wait(", 2 chosen");
    window.key(NONE, Key::J);
    window.wait("35 objects");
    settle(&mut window);

    window.click_at(at(&window, [x, y]));
    window.wait(", 1 chosen");
    window.key(NONE, Key::Delete);
    window.wait("34 objects");
    settle(&mut window);
    window.key(NONE, Key::U);
    let gap = [45.0 + 78.0 * 2.5, 48.0 + 80.0 * 2.5];
    for (dx, dy) in [(-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0)] {
        window.click_at(at(&window, [gap[0] + dx, gap[1] + dy]));
    }
    window.key(NONE, Key::Enter);
    window.wait("35 objects");
    settle(&mut window);
    part(&mut window, "Recipe");
    window.wait("by hand: 1 taken away, 1 joined, 1 cut, 1 drawn");
    for objects in ["34 objects", "35 objects", "36 objects", "35 objects"] {
        window.key(CTRL, Key::Z);
        window.wait(objects);
        settle(&mut window);
    }
    window.wait_gone("by hand: ");
    // A line that does not go through is no step, and says why.
    window.key(NONE, Key::Y);
    window.drag(
        at(&window, [gap[0] - 8.0, gap[1]]),
        at(&window, [gap[0] + 8.0, gap[1]]),
    );
    window.wait("The line runs through no object");
    assert!(window.shows("35 objects"));
}

#[test]
fn a_region_and_the_polarity_are_measured_anew_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = measured(&micrograph(folder.path(), "discs.png"));
    window.key(NONE, Key::Q);
    window.drag(at(&window, [6.0, 6.0]), at(&window, [240.0, 250.0]));
    window.wait("Region of 234 × 244 px");
    window.wait("9 objects");
    window.press("Measure the whole");
    window.wait("35 objects");
    settle(&mut window);
    window.harness.get_by_label("Dark").click();
    window.step();
    settle(&mut window);
    window.wait_gone("35 objects");
    window.key(CTRL, Key::Z);
    window.wait("35 objects");
}

#[test]
fn a_threshold_is_one_step_and_measured_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = measured(&micrograph(folder.path(), "discs.png"));
    window.harness.get_by_label("One grey").click();
    window.step();
    settle(&mut window);
    part(&mut window, "Recipe");
    window.wait("parted from the ground at grey ");
    assert!(window.shows("Grey of the threshold"));
    window.wait("35 objects");
    window.key(CTRL, Key::Z);
    window.wait_gone("parted from the ground at grey ");
    window.wait("35 objects");
}

#[test]
fn tables_and_recipes_are_written_and_a_recipe_goes_over_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = micrograph(folder.path(), "discs.png");
    let mut window = measured(&path);
    part(&mut window, "Recipe");
    press(&mut window, "Export objects…");
    press(&mut window, "Export");
    window.wait("Written to ");
    let table = std::fs::read_to_string(folder.path().join("discs objects.csv")).unwrap();
    let header = table.lines().next().unwrap();
    assert!(
        header.split(',').all(|column| column.ends_with(')')),
        "{header}"
    );
    assert_eq!(table.lines().count(), 36);
    press(&mut window, "Export objects…");
    press(&mut window, "Export");
    window.wait("There is a file of that name already.");
    press(&mut window, "Export objects…");

    press(&mut window, "Export numbers…");
    press(&mut window, "Export");
    window.wait("discs numbers.csv");
    let numbers = std::fs::read_to_string(folder.path().join("discs numbers.csv")).unwrap();
    assert!(numbers.contains("discs.png,size.median,"), "{numbers}");

    window.harness.get_by_label("Bright").click();
    window.step();
    settle(&mut window);
    press(&mut window, "Save recipe…");
    press(&mut window, "Save");
    window.wait("discs recipe.json");
    let recipe = folder.path().join("discs recipe.json");
    let text = std::fs::read_to_string(&recipe).unwrap();
    assert!(text.contains("\"threshold\": null"), "{text}");
    let category = Category::Particles.name();
    assert!(
        text.contains("\"polarity\": \"bright\"") && text.contains(category),
        "{text}"
    );
    window.key(CTRL, Key::Z);
    settle(&mut window);
    press(&mut window, "Open recipe…");
    press(&mut window, "Open");
    window.wait("The recipe is in use for this micrograph");
    window.wait("bright objects, by your choice");

    micrograph(folder.path(), "more.png");
    std::fs::write(folder.path().join("broken.png"), "no image").unwrap();
    press(&mut window, "Measure a folder…");
    press(&mut window, "Measure all");
    window.wait("2 micrographs measured");
    assert!(window.shows("1 were left out"));
    let all = std::fs::read_to_string(folder.path().join("askem objects.csv")).unwrap();
    assert_eq!(all.lines().count(), 1 + 2 * 35);
    assert!(folder.path().join("askem quantities.csv").is_file());
}

#[test]
fn measuring_can_be_stopped_and_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Setup {
        files: vec![micrograph(folder.path(), "discs.png")],
        ..Setup::default()
    }
    .open();
    window.wait_ready("discs.png");
    part(&mut window, "Measure");
    window.press("Measure this micrograph");
    // It may be done by now; if not, it is stopped.
    if window.shows("Stop measuring") {
        window.press("Stop measuring");
        window.wait_gone("Measuring…");
        window.press("Measure this micrograph");
    }
    window.wait("Median diameter: ");
}
