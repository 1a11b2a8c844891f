//! Files with bytes at random: cut, scrambled, whole.

use super::{SMALL, files_in, read_file, sentence, specimens};
use crate::formats::data;
use crate::specimens;
use askem::micrograph::{Limits, inspect, read, read_bytes};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;
use std::time::{Duration, Instant};

#[test]
fn whole_files_are_read() {
    let made = specimens::all()
        .into_iter()
        .map(|made| (made.name, made.bytes));
    for (name, bytes) in specimens().into_iter().chain(made) {
        read_file(name, &bytes).unwrap();
    }
}

#[test]
fn files_cut_anywhere_are_refused() {
    let made = specimens::all()
        .into_iter()
        .map(|made| (made.name, made.bytes));
    for (name, bytes) in specimens().into_iter().chain(made) {
        let last_bytes = bytes.len().saturating_sub(12)..bytes.len();
        for cut in (0..bytes.len()).step_by(bytes.len() / 60).chain(last_bytes) {
            let Err(error) = read_bytes(&bytes[..cut], name, SMALL) else {
                panic!("{name} was read though cut at {cut} of {}", bytes.len())
            };
            sentence(&error, name);
        }
    }
}

/// Scrambles a file so many times; how many still gave pixels, and the slowest attempt.
fn scramble(
    random: &mut ChaCha8Rng,
    (name, bytes): (&str, &[u8]),
    attempts: usize,
) -> (usize, Duration) {
    let (mut read, mut slowest) = (0, Duration::ZERO);
    for _ in 0..attempts {
        let mut scrambled = bytes.to_vec();
        // Half of the attempts aim at headers, which lie at either end of the file.
        let reach = if random.random_bool(0.5) {
            bytes.len().min(300)
        } else {
            bytes.len()
        };
        for _ in 0..random.random_range(1..6) {
            let mut at = random.random_range(0..reach);
            if random.random_bool(0.5) {
                at = bytes.len() - 1 - at;
            }
            scrambled[at] = match random.random_range(0..4) {
                0 => 0,
                1 => 0xff,
                2 => scrambled[at] ^ (1 << random.random_range(0..8)),
                _ => random.random(),
            };
        }
        let started = Instant::now();
        match read_bytes(&scrambled, name, SMALL) {
            Ok(_) => read += 1,
            Err(error) => drop(sentence(&error, name)),
        }
        slowest = slowest.max(started.elapsed());
    }
    (read, slowest)
}

#[test]
fn scrambled_files_give_pixels_or_a_sentence() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for (name, bytes) in specimens() {
        let (read, slowest) = scramble(&mut random, (name, &bytes), 300);
        assert!(slowest < Duration::from_secs(2), "{name} took {slowest:?}");
        // PNG and deflate have check sums; the others cannot know every scrambled byte.
        let is_checked = name.ends_with("png") || name == "deflate.tif";
        let (least, most) = if is_checked { (0, 30) } else { (10, 299) };
        assert!(
            (least..=most).contains(&read),
            "{name}: {read} of 300 were read"
        );
    }
}

#[test]
fn scrambled_instrument_files_give_pixels_or_a_sentence() {
    let Some(vendor) = data().map(|data| data.join("vendor")) else {
        return;
    };
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for folder in ["fei", "zeiss", "jeol", "other", "plain", "gatan"] {
        for path in files_in(&vendor.join(folder)) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let (_, slowest) = scramble(&mut random, (name, &fs::read(&path).unwrap()), 20);
            assert!(slowest < Duration::from_secs(5), "{name} took {slowest:?}");
        }
    }
}

#[test]
fn real_micrographs_are_read() {
    let Some(data) = data() else { return };
    let files = files_in(&data.join("real/img"));
    assert!(!files.is_empty());
    for path in files {
        let micrograph = read(&path, Limits::default()).unwrap();
        let inspected = inspect(&path, Limits::default()).unwrap();
        assert_eq!(inspected, micrograph.header, "{path:?}");
    }
}
