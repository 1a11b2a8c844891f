//! Every decoder against thousands of mutated files: pixels or a sentence, at once, in little
//! memory.
//!
//! The test starts itself again as a process with a limit on its memory, so that whatever
//! would take more ends it. ASKEM_MUTATIONS says how many files; without it 2,000, one seed
//! after the other, always the same.

use crate::specimens;
use askem::micrograph::{Limits, ReadError, read_bytes};
use flate2::{Compression, write::ZlibEncoder};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

/// Small enough for thousands of files.
const LIMITS: Limits = Limits {
    side_px: 2048,
    pixels: 1 << 20,
};
/// What the process may take, program and all, in KiB.
const MEMORY_KIB: u32 = 600 << 10;
/// Set in the process with limited memory.
const IS_LIMITED: &str = "ASKEM_MUTATIONS_LIMITED";
/// No file may take longer.
const LONGEST: Duration = Duration::from_secs(2);

#[test]
fn mutated_files_give_pixels_or_a_sentence_at_once_in_little_memory() {
    if std::env::var_os(IS_LIMITED).is_some() || cfg!(not(unix)) {
        return mutate_all();
    }
    let name = "mutations::mutated_files_give_pixels_or_a_sentence_at_once_in_little_memory";
    let limited = format!("ulimit -v {MEMORY_KIB} && exec \"$0\" --exact {name} --nocapture");
    let output = Command::new("sh")
        .arg("-c")
        .arg(limited)
        .arg(std::env::current_exe().unwrap())
        .env(IS_LIMITED, "1")
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// Small files that want to become large, under the usual limits.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = |bytes: usize| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let step = vec![0; 1 << 20];
        (0..bytes >> 20).for_each(|_| encoder.write_all(&step).unwrap());
        encoder.finish().unwrap()
    };
    let packed = zeros(1 << 30);
    let png = specimens::all()
        .into_iter()
        .find(|file| file.name == "grey.png");
    let png = png.unwrap().bytes;
    let with_chunk = |kind: &[u8; 4], start: &[u8]| {
        let body = [kind.as_slice(), start, &packed].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&body);
        let length = (body.len() as u32 - 4).to_be_bytes();
        // Behind the signature and the header chunk.
        let (head, rest) = png.split_at(33);
        [head, &length, &body, &crc.sum().to_be_bytes(), rest].concat()
    };
    let tiff = |width: u32, packing: u32, data: &[u8]| {
        let entry = |tag: u16, value: u32| {
            let mut entry = tag.to_le_bytes().to_vec();
            entry.extend([4, 0, 1, 0, 0, 0]);
            entry.extend(value.to_le_bytes());
            entry
        };
        let tags = [
            (256, width),
            (257, 15_000),
            (258, 16),
            (259, packing),
            (262, 1),
        ];
        let mut bytes = b"II*\0\x08\0\0\0\x07\0".to_vec();
        tags.iter()
            .for_each(|(tag, value)| bytes.extend(entry(*tag, *value)));
        bytes.extend(entry(273, 98));
        bytes.extend(entry(279, data.len() as u32));
        bytes.extend([0; 4]);
        bytes.extend(data);
        bytes
    };
    let mut groups = b"\0\0\0\x03\0\0\0\0\0\0\0\x01".to_vec();
    groups.extend(b"\x01\0\0\0\0\x01\x14\0\0".repeat(1_000_000));
    let mut pages = b"II*\0\x08\0\0\0".to_vec();
    for page in 0..2_000_000_u32 {
        pages.extend([0, 0]);
        pages.extend((8 + (page + 1) * 6).to_le_bytes());
    }
    vec![
        ("text.png", with_chunk(b"zTXt", b"Comment\0\0")),
        ("profile.png", with_chunk(b"iCCP", b"ICC\0\0")),
        ("claim.tif", tiff(30_000, 1, &[7; 300_000])),
        ("deflate.tif", tiff(30_000, 8, &zeros(1 << 20))),
        ("lzw.tif", tiff(30_000, 5, &[0x80; 100_000])),
        ("groups.dm3", groups),
        ("pages.tif", pages),
    ]
}

fn read_bombs(failures: &mut Vec<String>) {
    for (name, bytes) in bombs() {
        let started = Instant::now();
        let read = read_bytes(&bytes, name, Limits::default());
        let took = started.elapsed();
        let is_png = name.ends_with("png");
        if took > LONGEST
            || read.is_ok() && !is_png
            || matches!(read, Err(ReadError::Memory { .. }))
        {
            let error = read.err().map(|error| error.to_string());
            failures.push(format!("{name} took {took:?}: {error:?}"));
        }
    }
}

fn mutate_all() {
    let count = std::env::var("ASKEM_MUTATIONS").map_or(2000, |count| count.parse().unwrap());
    // A panic inside a decoder becomes a sentence; its message would only be in the way.
    std::panic::set_hook(Box::new(|_| {}));
    let specimens = specimens::all();
    let mut failures = Vec::new();
    read_bombs(&mut failures);
    let mut were_read = 0;
    for seed in 0..count {
        let specimen = &specimens[seed as usize % specimens.len()];
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let bytes = mutated(&mut random, &specimen.bytes);
        let started = Instant::now();
        let read = read_bytes(&bytes, specimen.name, LIMITS);
        let took = started.elapsed();
        if took > LONGEST {
            failures.push(format!("{} with seed {seed} took {took:?}", specimen.name));
        }
        match read {
            Err(ReadError::Memory { .. }) => {
                failures.push(format!("{} with seed {seed} wants memory", specimen.name));
            }
            Err(ReadError::Damaged { cause, .. }) if cause.contains("gave up") => {
                failures.push(format!("{} with seed {seed} panics", specimen.name));
            }
            Ok(_) => were_read += 1,
            Err(_) => {}
        }
    }
    // Mutations that all are noticed at once, or none, would try nothing.
    if !(count / 10..count * 9 / 10).contains(&were_read) {
        failures.push(format!("{were_read} of {count} were read"));
    }
    let _ = std::panic::take_hook();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// One to five changes: bytes, whole numbers, pieces that are cut out, doubled or moved.
fn mutated(random: &mut ChaCha8Rng, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.random_range(1..=5) {
        if bytes.len() < 16 {
            break;
        }
        let end = bytes.len() - 8;
        // Headers lie at either end of a file: half of the changes aim there.
        let at = match random.random_range(0..4) {
            0 => random.random_range(0..end.min(200)),
            1 => end - random.random_range(0..end.min(400)),
            _ => random.random_range(0..end),
        };
        match random.random_range(0..8) {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes[at] = random.random(),
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.random_range(0..5)],
            3 => {
                let edges = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0xffff, 0x10_0000];
                let number: u32 = edges[random.random_range(0..edges.len())];
                let is_little = random.random_bool(0.5);
                let word = if is_little {
                    number.to_le_bytes()
                } else {
                    number.to_be_bytes()
                };
                bytes[at..at + 4].copy_from_slice(&word);
            }
            4 => {
                let length = random.random_range(0..64).min(bytes.len() - at);
                bytes.drain(at..at + length);
            }
            5 => {
                let length = random.random_range(0..64).min(bytes.len() - at);
                let piece = bytes[at..at + length].to_vec();
                bytes.splice(at..at, piece);
            }
            6 => {
                let from = random.random_range(0..end);
                let word: [u8; 4] = bytes[from..from + 4].try_into().unwrap();
                bytes[at..at + 4].copy_from_slice(&word);
            }
            _ => bytes.truncate(random.random_range(0..bytes.len())),
        }
    }
    bytes
}
