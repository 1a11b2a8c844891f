//! Where the view is exported to is asked in the desktop's dialog, where there is one.

use super::harness::{Setup, Window, micrograph};
use egui::{Key, Modifiers};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A window whose dialog gives this answer, and what it is proposed.
fn open(folder: &Path, answer: Option<PathBuf>) -> (Window, Arc<Mutex<Vec<PathBuf>>>, PathBuf) {
    let (file, _) = micrograph(folder, "a.png", 1);
    let proposals = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&proposals);
    let mut window = Setup {
        files: vec![file.clone()],
        pick_target: Arc::new(move |proposal| {
            asked.lock().unwrap().push(proposal.to_owned());
            answer.clone()
        }),
        ..Setup::default()
    }
    .open();
    window.wait_ready("a.png");
    window.key(Modifiers::COMMAND, Key::E);
    window.wait("File (.png or .tif)");
    (window, proposals, file)
}

#[test]
fn what_the_dialog_says_is_written_at_once_even_over_an_older_file() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("figure 1.tif");
    std::fs::write(&target, "old").unwrap();
    let (mut window, proposals, _) = open(folder.path(), Some(target.clone()));
    window.press("Save as…");
    window.wait("View written to ");
    assert!(!window.shows("File (.png or .tif)"), "the card stays");
    assert_eq!(
        *proposals.lock().unwrap(),
        [folder.path().join("a view.png")]
    );
    assert_eq!(std::fs::read(&target).unwrap()[..2], *b"II");
}

#[test]
fn a_name_without_an_ending_is_a_png_and_is_asked_about_where_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("figure.png");
    std::fs::write(&taken, "old").unwrap();
    let (mut window, ..) = open(folder.path(), Some(folder.path().join("figure")));
    window.press("Save as…");
    window.wait("There is a file of that name already.");
    assert_eq!(std::fs::read(&taken).unwrap(), b"old");
    window.press("Replace");
    window.wait("View written to ");
    assert_ne!(std::fs::read(&taken).unwrap(), b"old");
}

#[test]
fn a_micrograph_is_not_written_over_whatever_the_dialog_says() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _, file) = open(folder.path(), Some(folder.path().join("a.png")));
    let before = std::fs::read(&file).unwrap();
    window.press("Save as…");
    window.wait("That file is an open micrograph, which is never written over.");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn where_no_dialog_answers_the_card_says_so_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, ..) = open(folder.path(), None);
    window.press("Save as…");
    window.wait("No file dialog answers.");
    window.press("Export");
    window.wait("View written to ");
    assert!(folder.path().join("a view.png").exists());
}

#[test]
fn an_answer_that_comes_after_the_card_was_closed_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = micrograph(folder.path(), "a.png", 1);
    let target = folder.path().join("late.png");
    let answer = target.clone();
    let mut window = Setup {
        files: vec![file],
        pick_target: Arc::new(move |_| {
            std::thread::sleep(Duration::from_millis(100));
            Some(answer.clone())
        }),
        ..Setup::default()
    }
    .open();
    window.wait_ready("a.png");
    window.key(Modifiers::COMMAND, Key::E);
    window.press("Save as…");
    window.key(Modifiers::NONE, Key::Escape);
    window.wait_gone("File (.png or .tif)");
    std::thread::sleep(Duration::from_millis(200));
    window.step();
    assert!(!target.exists());
}
