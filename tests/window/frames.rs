//! The time the UI thread itself spends on a frame, while a long transcript grows and a large
//! micrograph is shown.

use super::harness::{Script, Setup, Window};
use askem::questions::Topic;
use egui::{Key, Modifiers, vec2};
use std::io::{BufWriter, Write};
use std::path::Path;
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
    window.key(Modifiers::NONE, Key::B);
    let keys = [Key::I, Key::Plus, Key::M, Key::Minus];
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

/// A frame of a screen of 60 Hz.
const FRAME: Duration = Duration::from_micros(16_667);

/// An uncompressed 16-bit TIFF of noise on a slope, written row by row.
fn write_huge_tiff(path: &Path, side: u32) {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    file.write_all(b"II*\0\x08\0\0\0\x07\0").unwrap();
    let bytes = u32::try_from(u64::from(side).pow(2) * 2).unwrap();
    let data_at = 10 + 7 * 12 + 4;
    for (id, value) in [
        (256_u16, side),
        (257, side),
        (258, 16),
        (259, 1),
        (262, 1),
        (273, data_at),
        (279, bytes),
    ] {
        file.write_all(&id.to_le_bytes()).unwrap();
        file.write_all(&[4, 0, 1, 0, 0, 0]).unwrap();
        file.write_all(&value.to_le_bytes()).unwrap();
    }
    file.write_all(&[0; 4]).unwrap();
    let mut row = Vec::new();
    for y in 0..side {
        row.clear();
        for x in 0..side {
            let noise = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b)).rotate_left(13);
            row.extend(((x + y + (noise & 0x1fff)) as u16).to_le_bytes());
        }
        file.write_all(&row).unwrap();
    }
    file.flush().unwrap();
}

/// A line of /proc/self/status in MB.
fn memory_mb(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024.0 / 1e6
}

/// Measures rather than tests:
/// `cargo test --test tests frames_with_400_megapixels -- --ignored --nocapture`
/// makes a micrograph of 20000 x 20000 pixels and prints what docs/PERFORMANCE.md lists.
#[test]
#[ignore = "takes 800 MB of disk and 1.3 GB of memory; a measurement"]
fn frames_with_400_megapixels() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.tif");
    write_huge_tiff(&path, 20_000);
    let mut window = Setup {
        script: Script::Quick,
        ..Setup::default()
    }
    .open();
    window.wait_ready("Sample micrograph");
    window.open_path(&path);
    let pace = |_: &mut Window, _| std::thread::sleep(FRAME);
    let mut loading = Vec::new();
    while !window.shows("Micrograph huge.tif") {
        loading.extend(frame_times(&mut window, 10, pace).unwrap());
    }
    // The tiles of the whole come in now.
    loading.extend(frame_times(&mut window, 60, pace).unwrap());
    window.wait_ready("huge.tif");
    window.key(Modifiers::NONE, Key::Num1);
    let middle = window.pane("huge.tif").center();
    window.harness.hover_at(middle);
    window.harness.drag_at(middle);
    let panning = frame_times(&mut window, 600, |window, frame| {
        // Fast strokes to and fro, 40 points a frame.
        let swing = (frame as f32 / 15.0).sin() * 600.0;
        window.harness.hover_at(middle + vec2(swing, swing * 0.6));
        std::thread::sleep(FRAME);
    });
    window.harness.drop_at(middle);
    let keys = [
        Key::Minus,
        Key::Minus,
        Key::Minus,
        Key::Num0,
        Key::Num1,
        Key::Plus,
    ];
    let zooming = frame_times(&mut window, 600, |window, frame| {
        if frame % 10 == 0 {
            window.harness.key_press(keys[frame / 10 % keys.len()]);
        }
        std::thread::sleep(FRAME);
    });
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let measured = [
        ("loading", loading),
        ("panning", panning.unwrap()),
        ("zooming", zooming.unwrap()),
    ];
    for (what, mut times) in measured {
        times.sort();
        let at = |share: usize| ms(times[(times.len() - 1) * share / 100]);
        println!(
            "{what}: {} frames, median {:.2} ms, 99th percentile {:.2} ms, longest {:.2} ms",
            times.len(),
            at(50),
            at(99),
            at(100)
        );
    }
    println!(
        "peak memory {:.0} MB, now {:.0} MB",
        memory_mb("VmHWM"),
        memory_mb("VmRSS")
    );
}
