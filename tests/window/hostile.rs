//! Micrographs, names and settings that would break a careless window. The list of all such
//! inputs stands in tests/hostile.rs.

use super::harness::{Setup, Window, micrograph, opened_with};
use askem::questions::Topic;
use askem::window::{Settings, Store};
use egui::{Key, Modifiers, OutputCommand, vec2};
use std::path::Path;
use tiff::encoder::{TiffEncoder, colortype};

const NONE: Modifiers = Modifiers::NONE;

/// Steps frame by frame until one has copied a text.
fn copied_text(window: &mut Window) -> String {
    for _ in 0..20 {
        window.harness.step();
        let commands = &window.harness.output().platform_output.commands;
        let text = commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        if let Some(text) = text {
            return text;
        }
    }
    panic!("nothing was copied");
}

#[test]
fn wider_than_any_texture_is_shown_in_tiles() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.png");
    let pixels = image::GrayImage::from_fn(20_000, 40, |x, y| image::Luma([(x ^ y) as u8]));
    pixels.save(&path).unwrap();
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    let most_px = window.harness.ctx.input(|input| input.max_texture_side);
    assert!(most_px < 20_000, "{most_px}");
    // The whole, its own pixels, and the whole again; the harness refuses what no card takes.
    let mut tiles = 0;
    let mut is_ready = false;
    for frame in 0..2000 {
        if frame % 100 == 50 {
            let key = [Key::Num1, Key::Num0][frame / 100 % 2];
            window.harness.key_press(key);
        }
        window.harness.step();
        let manager = window.harness.ctx.tex_manager();
        let manager = manager.read();
        let all = || manager.allocated().map(|(_, about)| about);
        for about in all() {
            assert!(about.size.iter().all(|side| *side <= most_px), "{about:?}");
        }
        tiles = tiles.max(all().filter(|about| about.name == "tile").count());
        drop(manager);
        is_ready |= window.shows("Micrograph long.png");
        if is_ready && tiles > 1 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(is_ready && tiles > 1, "{tiles} tiles");
}

#[test]
fn pixels_that_are_no_numbers_are_shown_and_measured_without_nonsense() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("nan.tif", f32::NAN),
        ("endless.tif", f32::INFINITY),
        ("alike.tif", 3.0),
    ] {
        let path = folder.path().join(name);
        let samples = vec![value; 160 * 120];
        let mut encoder = TiffEncoder::new(std::fs::File::create(&path).unwrap()).unwrap();
        encoder
            .write_image::<colortype::Gray32Float>(160, 120, &samples)
            .unwrap();
        drop(encoder);
        let mut window = Setup {
            files: vec![path],
            ..Setup::default()
        }
        .open();
        window.wait_ready(name);
        window.key(NONE, Key::Num1);
        let at = window.pane(name).center().round();
        // A distance, a profile, a caliper, areas; contrast by hand and by itself.
        for (tool, title, below) in [
            (Key::D, "1 Distance: Length 100.0 px", 0.0),
            (Key::L, "2 Line profile", 0.0),
            (Key::C, "3 Caliper", 0.0),
            (Key::R, "4 Rectangle", 30.0),
            (Key::E, "5 Ellipse", 30.0),
        ] {
            window.key(NONE, tool);
            window.drag(at - vec2(50.0, 10.0), at + vec2(50.0, below - 10.0));
            window.wait(title);
        }
        window.key(NONE, Key::B);
        window.step();
        for nonsense in [" NaN", "NaN ", " inf", "-inf", "-0 "] {
            // The value under the pointer is what the file says, and said to be no number.
            let is_shown = window.shows(nonsense) && !window.shows(&format!("grey{nonsense}"));
            assert!(
                !is_shown,
                "{name} shows {nonsense:?} in\n{:?}",
                window.harness
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_copied_keeps_a_name_on_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let odd = "=cmd()\n<b>\u{202e}\u{1b}[2J.png";
    let (path, _) = micrograph(folder.path(), odd, 1);
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    let shown = "=cmd()<b>[2J.png";
    window.wait_ready(shown);
    window.key(NONE, Key::Num1);
    let at = window.pane(shown).center().round();
    window.key(NONE, Key::D);
    window.drag(at - vec2(50.0, 0.0), at + vec2(50.0, 0.0));
    window.wait("1 Distance: Length");
    window.button("Copy the measurements").click();
    let text = copied_text(&mut window);
    let lines: Vec<&str> = text.lines().collect();
    // Name, scale, one mark; a spreadsheet takes no cell for a formula.
    assert_eq!(lines.len(), 3, "{text:?}");
    let cells = text.split(['\n', '\t']);
    for cell in cells {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell:?}");
        assert!(!cell.contains(askem::micrograph::steers_text), "{cell:?}");
    }
    window.press(Topic::Basics.title());
    window.wait("Answer to basics.scale");
    window.wait_gone("Answering");
    window.button("Copy transcript").click();
    let text = copied_text(&mut window);
    assert!(text.starts_with(&format!("{shown}\n")), "{text:?}");
}

#[test]
fn settings_that_make_no_sense_are_kept_and_told() {
    let whole = serde_json::to_string(&Settings::default()).unwrap();
    let newer = whole.replace("\"system\"", "\"sepia\"");
    assert_ne!(newer, whole);
    for text in [&whole[..whole.len() / 2], &newer, "", "[[[[", "\u{feff}{}"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        std::fs::write(&file, text).unwrap();
        let mut window = opened_with(Store::at(file.clone()), folder);
        window.wait("The settings could not be read");
        window.wait_ready("Sample micrograph");
        let kept = file.with_extension("json.unreadable");
        assert_eq!(std::fs::read_to_string(kept).unwrap(), text);
    }
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries.map(|entry| name(entry.unwrap())).collect()
}

#[test]
fn settings_that_cannot_be_written_are_told_and_the_old_ones_kept() {
    let folder = tempfile::tempdir().unwrap();
    // The last step, putting the new file in the place of the old one, fails: as on a disk that
    // is full or read-only, the old one stays and nothing is left beside it.
    let file = folder.path().join("settings.json");
    std::fs::create_dir(&file).unwrap();
    std::fs::write(file.join("old"), "kept").unwrap();
    let sentence = Store::at(file.clone())
        .save(&Settings::default())
        .unwrap_err();
    assert!(
        sentence.contains("could not be saved") && sentence.ends_with('.'),
        "{sentence}"
    );
    assert_eq!(names(folder.path()), ["settings.json"]);
    assert_eq!(std::fs::read_to_string(file.join("old")).unwrap(), "kept");
    // Before the first step: there is no folder to write into.
    let nowhere = folder.path().join("a file");
    std::fs::write(&nowhere, "").unwrap();
    let mut window = opened_with(Store::at(nowhere.join("settings.json")), folder);
    window.wait_ready("Sample micrograph");
}
