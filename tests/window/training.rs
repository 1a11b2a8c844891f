//! The Train tab, with the network and the run that users have: a folder becomes a model, which
//! answers in place of the first, and back.

use super::harness::{Setup, Window};
use crate::training::Bench;
use askem::answer::{Installed, open_engine};
use askem::micrograph::Limits;
use askem::worker::{Services, training};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use std::sync::Arc;

fn services() -> Services {
    Services {
        evaluate: askem::worker::evaluate_on("cpu", None),
        engine: Arc::new(|folder| {
            let folder = folder.map(|folder| folder.to_string_lossy());
            open_engine(folder.as_deref().or(Some("factory")), "cpu")
        }),
        train: Arc::new(|job, progress| {
            training::run(job, progress).map_err(|why| why.to_string())
        }),
        limits: Limits::default(),
        notebook: None,
    }
}

fn window(bench: &Bench) -> Window {
    let mut window = Setup {
        services: Some(services()),
        models: Some(Installed::at(bench.model("models"))),
        ..Setup::default()
    }
    .open();
    window.wait("Micrograph Sample micrograph");
    window.wait("Model factory");
    window.key(Modifiers::COMMAND, Key::T);
    window.wait("Learn from");
    window
}

fn add(window: &mut Window, bench: &Bench, folder: &str) {
    let path = bench.folder.path().join(folder);
    window
        .harness
        .get_by_role_and_label(egui::Role::TextInput, "Path of a folder")
        .focus();
    window.step();
    window
        .harness
        .get_by_role_and_label(egui::Role::TextInput, "Path of a folder")
        .type_text(&path.display().to_string());
    window.step();
    window.key(Modifiers::NONE, Key::Enter);
}

#[test]
fn a_folder_becomes_a_model_that_answers_and_asking_goes_on_meanwhile() {
    let bench = Bench::new();
    let mut window = window(&bench);
    assert!(
        window.button("Train").accesskit_node().is_disabled(),
        "nothing is chosen yet"
    );
    add(&mut window, &bench, "data");
    window.wait("8 images of 8 specimens, 8 answers. 6 to learn from, 2 to measure on.");
    window.press("Train");
    window.wait("Training my-model");
    window.wait("LM: ");
    window.wait("on validation");

    // Asking goes on while the run is at work.
    window.key(Modifiers::COMMAND, Key::K);
    window.press("Size and Distribution");
    window.wait("Estimate size/size range");
    window.wait_gone("Answering");
    assert!(
        window.shows("Training my-model,"),
        "the status bar forgets the run"
    );

    window.key(Modifiers::COMMAND, Key::T);
    window.press("Stop and keep what it learned");
    window.wait("my-model is trained");
    window.press("Use this model");
    window.wait("Model my-model on CPU");
    window.press("Back to Askem's own");
    window.wait("Model factory on CPU");
    assert!(
        bench
            .model("models")
            .join("my-model/model.safetensors")
            .is_file()
    );
}

#[test]
fn a_folder_that_cannot_be_used_says_why_and_can_be_taken_off() {
    let bench = Bench::new();
    let mut window = window(&bench);
    add(&mut window, &bench, "nowhere");
    window.wait("is not a folder that can be read");
    assert!(window.button("Train").accesskit_node().is_disabled());
    window.press("Take nowhere off the list");
    window.wait_gone("is not a folder that can be read");
}

#[test]
fn a_folder_chosen_in_the_dialog_is_added() {
    let bench = Bench::new();
    let data = bench.folder.path().join("data");
    let mut window = Setup {
        services: Some(services()),
        models: Some(Installed::at(bench.model("models"))),
        pick_folder: Arc::new(move || Some(vec![data.clone()])),
        ..Setup::default()
    }
    .open();
    window.wait("Micrograph Sample micrograph");
    window.key(Modifiers::COMMAND, Key::T);
    window.press("Choose…");
    window.wait("8 images of 8 specimens");
    window.type_into("Name of the new model", "/");
    window.wait("cannot be the name of a model");
}
