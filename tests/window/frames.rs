//! The time the UI thread itself spends on a frame, while a long transcript grows and a large
//! micrograph is shown.

use super::harness::{Script, Setup, Window};
use askem::questions::Topic;
use std::time::Duration;

/// The budget of the 99th percentile.
const FRAME_TIME_MAX: Duration = Duration::from_millis(8);

/// Time this thread has spent on a processor; `None` where the system does not say.
fn thread_time() -> Option<Duration> {
    // The kernel brings its account up to date when the thread leaves the processor.
    std::thread::sleep(Duration::from_micros(100));
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = line.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

fn frame_times(
    window: &mut Window,
    frames: usize,
    mut act: impl FnMut(&mut Window, usize),
) -> Option<Vec<Duration>> {
    let mut times = Vec::with_capacity(frames);
    for frame in 0..frames {
        act(window, frame);
        let before = thread_time()?;
        window.harness.step();
        let shapes = window.harness.output().shapes.clone();
        let triangles = window.harness.ctx.tessellate(shapes, 1.0);
        assert!(!triangles.is_empty());
        times.push(thread_time()?.saturating_sub(before));
    }
    times.sort();
    Some(times)
}

#[test]
fn frames_stay_within_their_budget() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.png");
    let pixels = image::GrayImage::from_fn(4096, 3072, |x, y| image::Luma([(x ^ y) as u8]));
    pixels.save(&path).unwrap();
    let mut window = Setup {
        script: Script::Quick,
        files: vec![path],
        ..Setup::default()
    }
    .open();
    // From the first frame on: the tiles of the large micrograph are uploaded meanwhile.
    let Some(opening) = frame_times(&mut window, 300, |_, _| {}) else {
        eprintln!("skipped: the system does not tell a thread's time");
        return;
    };
    window.wait_ready("large.png");
    for topic in Topic::ALL {
        window.press(topic.title());
    }
    window.wait("Answer to application.origin");
    window.wait_gone("Answering");
    let Some(reading) = frame_times(&mut window, 300, |_, _| {}) else {
        return;
    };
    // A new contrast, zoom or place every few frames: tiles are made and uploaded all along.
    window.key(egui::Modifiers::NONE, egui::Key::B);
    let keys = [
        egui::Key::I,
        egui::Key::Plus,
        egui::Key::M,
        egui::Key::Minus,
    ];
    let looking = frame_times(&mut window, 300, |window, frame| {
        if frame % 6 == 0 {
            window.harness.key_press(keys[frame / 6 % keys.len()]);
        }
    });
    let Some(looking) = looking else { return };
    let all = [
        ("opening", opening),
        ("reading", reading),
        ("looking", looking),
    ];
    for (what, times) in all {
        let (middle, high) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        eprintln!("{what}: median {middle:?}, 99th percentile {high:?}");
        assert!(high <= FRAME_TIME_MAX, "{what}: {high:?}");
    }
}
