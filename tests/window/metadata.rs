//! The metadata panel and the scale in the status bar.

use super::harness::{Setup, Window, micrograph};
use crate::instrument::microscope_tiff;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

const PANEL: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

fn opened(window: &mut Window) {
    window.key(PANEL, Key::I);
    window.wait("Close the metadata");
}

#[test]
fn what_the_file_says_is_listed_found_and_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shot.tif");
    std::fs::write(&path, microscope_tiff()).unwrap();
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    window.wait_ready("shot.tif");
    assert!(window.shows("5.00 nm × 6.00 nm per pixel, from the file"));
    assert!(!window.shows("Helios 660"), "the panel is closed at first");
    opened(&mut window);
    for words in [
        "Helios 660",
        "5 kV",
        "4 mm",
        "[Beam] HV",
        "[Detectors] Name",
    ] {
        assert!(window.shows(words), "{words}");
    }
    window.type_into("Search the metadata", "wd 0.004");
    window.wait_gone("Helios 660");
    assert!(window.shows("[EBeam] WD"));
    assert!(window.shows("The file's own words, 1 of"));
    window.press("Copy the metadata");
    window.wait("Metadata copied");
    window.press("Close the metadata");
    window.wait_gone("Search the metadata");
}

#[test]
fn a_file_that_says_nothing_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = micrograph(folder.path(), "plain.png", 1);
    let mut window = Setup {
        files: vec![path],
        ..Setup::default()
    }
    .open();
    window.wait_ready("plain.png");
    assert!(window.shows("Scale not known"));
    opened(&mut window);
    assert!(window.shows("The file says nothing about how the micrograph was taken."));
    assert!(window.harness.query_by_label("Copy the metadata").is_none());
}
