//! A later start of the program hands its files to the window that is running.

#![cfg(unix)]

use super::harness::{Setup, micrograph};
use askem::window::single::{self, Meeting};
use egui::{ViewportCommand, ViewportId};
use std::time::Duration;

#[test]
fn files_of_a_later_start_open_here_and_the_window_comes_to_the_front() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("window");
    let (first, _) = micrograph(folder.path(), "first.png", 1);
    let (second, _) = micrograph(folder.path(), "second.png", 2);
    let (third, _) = micrograph(folder.path(), "third.png", 3);
    let mut window = Setup {
        files: vec![first],
        ..Setup::default()
    }
    .open();
    window.wait_ready("first.png");
    let Meeting::First(listener) = single::meet(&place, &[]) else {
        panic!("somebody listens in a new folder")
    };
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().listen(&ctx, listener);

    let meeting = single::meet(&place, &[second, third]);
    assert!(matches!(meeting, Meeting::HandedOver));
    let mut came = false;
    for _ in 0..200 {
        window.harness.step();
        let output = &window.harness.output().viewport_output[&ViewportId::ROOT];
        came |= output.commands.contains(&ViewportCommand::Focus);
        if came {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(came, "it stays behind");
    window.wait_ready("second.png");
    window.wait("third.png");

    drop(window);
    let alone = single::meet(&place, &[]);
    assert!(
        matches!(alone, Meeting::First(_)),
        "a closed window listens"
    );
}
