//! The Evaluate tab, with the network that users have: a folder is tested on, and what came of it
//! can be looked into, judged and written down.

use super::harness::{Setup, Window};
use askem::answer::open_engine;
use askem::micrograph::Limits;
use askem::simulate;
use askem::worker::{Services, evaluate_on};
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn services() -> Services {
    Services {
        engine: Arc::new(|_| open_engine(Some("factory"), "cpu")),
        train: Arc::new(|_, _| Err("not in this test".into())),
        evaluate: evaluate_on("cpu", Some("factory")),
        limits: Limits::default(),
        notebook: None,
    }
}

/// A window that shows the tab, and a folder with a simulated image of each category.
fn window() -> (Window, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    simulate::write_folder(&data, 10, 3, None, 128, &mut |_| true).unwrap();
    let mut window = Setup {
        services: Some(services()),
        ..Setup::default()
    }
    .open();
    window.wait("Model factory");
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.wait("Test on");
    (window, folder)
}

fn press(window: &mut Window, role: Role, words: &str) {
    // It may lie below what is seen of the panel.
    window
        .harness
        .get_by_role_and_label(role, words)
        .click_accesskit();
    window.step();
}

/// Evaluating takes its time where other tests run beside it.
fn wait_for_result(window: &mut Window) {
    let began = Instant::now();
    while !window.shows("factory on data") {
        assert!(
            began.elapsed() < Duration::from_secs(180),
            "no result in\n{:?}",
            window.harness
        );
        std::thread::sleep(Duration::from_millis(20));
        window.step();
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// The label of the first node that has these words.
fn label_with(window: &Window, words: &str) -> String {
    let nodes = window.harness.get_all_by_label_contains(words);
    let mut labels = nodes.filter_map(|node| node.accesskit_node().label());
    labels.next().unwrap()
}

#[test]
fn a_folder_is_tested_on_and_the_result_can_be_looked_into_judged_and_written_down() {
    let (mut window, folder) = window();
    window.type_into(
        "Path of a folder to test on",
        &text(&folder.path().join("data")),
    );
    window.wait("10 images of 10 specimens, 220 answers.");
    press(&mut window, Role::RadioButton, "Every image, in 5 folds");
    window.press("50");
    window.press("Evaluate factory");
    window.wait("Evaluating,");
    wait_for_result(&mut window);
    assert!(window.shows("It tells the material of 10 images"));

    // A cell of the confusions leads to its images.
    press(&mut window, Role::Tab, "Material");
    let cell = label_with(&window, "1 of Tips taken for");
    press(&mut window, Role::Button, &cell);
    window.wait("Open sim-");

    // An answer beside its reference, judged.
    press(&mut window, Role::Tab, "Answers");
    window.wait("Most frequent answer");
    press(&mut window, Role::Tab, "List");
    let row = label_with(&window, "sim-0000");
    press(&mut window, Role::ListBoxOption, &row);
    window.wait("Is it true?");
    let sentence = label_with(&window, "True: ");
    press(&mut window, Role::RadioButton, &sentence);
    press(&mut window, Role::Tab, "Summary");
    window.wait("Judged by you");
    window.wait("1 true, 0 false");

    // The report, with the verdict beside it.
    let report = folder.path().join("report");
    window.type_into("Folder for the report", &text(&report));
    window.wait("The report is");
    let page = std::fs::read_to_string(report.join("report.html")).unwrap();
    assert!(
        page.contains("judged by a person"),
        "the verdict is not in the report"
    );
    assert!(report.join("judged.jsonl").is_file() && report.join("report.json").is_file());
}

#[test]
fn a_folder_that_cannot_be_used_is_told_and_a_run_can_be_stopped() {
    let (mut window, folder) = window();
    window.type_into("Path of a folder to test on", &text(folder.path()));
    window.wait("holds no list");
    window.type_into(
        "Path of a folder to test on",
        &text(&folder.path().join("data")),
    );
    window.wait("10 images of 10 specimens");
    press(&mut window, Role::RadioButton, "Every image, in 5 folds");
    window.press("All");
    window.press("Evaluate factory");
    window.wait("Fold 1 of 5");
    window.press("Stop");
    window.wait("Test on");
}
