//! Files that are broken, lie about themselves or are no files: always a sentence, never a
//! panic, never a wait.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::formats::data;
use crate::specimens;
use askem::micrograph::{Limits, ReadError, inspect, read, read_bytes};
use image::codecs::{bmp::BmpEncoder, jpeg::JpegEncoder, png::PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tiff::encoder::{Compression, Rational, TiffEncoder, colortype};

/// Small enough for thousands of attempts, large enough for the files below.
const SMALL: Limits = Limits {
    side_px: 2048,
    pixels: 1 << 20,
};

/// One small file of every kind that is read, with its name.
fn specimens() -> Vec<(&'static str, Vec<u8>)> {
    let (width, height) = (61, 47);
    let grey: Vec<u8> = (0..width * height).map(|i| (i * 7 % 251) as u8).collect();
    let colour: Vec<u8> = grey.iter().flat_map(|v| [*v, v / 2, 255 - v]).collect();
    let deep: Vec<u8> = grey.iter().flat_map(|v| [*v, v.wrapping_mul(31)]).collect();
    let (l8, l16, rgb) = (
        ExtendedColorType::L8,
        ExtendedColorType::L16,
        ExtendedColorType::Rgb8,
    );
    let encode = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        write(&mut bytes);
        bytes
    };
    let png = |data: &[u8], color| {
        encode(&|to| {
            PngEncoder::new(to)
                .write_image(data, width, height, color)
                .unwrap()
        })
    };
    let jpeg = |data: &[u8], color| {
        encode(&|to| {
            JpegEncoder::new(to)
                .write_image(data, width, height, color)
                .unwrap()
        })
    };
    vec![
        ("grey.png", png(&grey, l8)),
        ("deep.png", png(&deep, l16)),
        ("colour.png", png(&colour, rgb)),
        ("grey.jpg", jpeg(&grey, l8)),
        ("colour.jpg", jpeg(&colour, rgb)),
        (
            "colour.bmp",
            encode(&|to| {
                BmpEncoder::new(to)
                    .encode(&colour, width, height, rgb)
                    .unwrap()
            }),
        ),
        (
            "grey.tif",
            grey_tiff(width, height, Compression::Uncompressed, 2),
        ),
        ("lzw.tif", grey_tiff(width, height, Compression::Lzw, 1)),
        (
            "deflate.tif",
            grey_tiff(width, height, Compression::Deflate(Default::default()), 1),
        ),
        (
            "packbits.tif",
            grey_tiff(width, height, Compression::Packbits, 1),
        ),
    ]
}

fn grey_tiff(width: u32, height: u32, compression: Compression, pages: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes)
        .unwrap()
        .with_compression(compression);
    for page in 0..pages {
        let samples: Vec<u16> = (0..width * height)
            .map(|i| (i * 17 + page) as u16)
            .collect();
        let mut image = encoder
            .new_image::<colortype::Gray16>(width, height)
            .unwrap();
        image.rows_per_strip(10).unwrap();
        image.x_resolution(Rational { n: 72, d: 1 });
        image.write_data(&samples).unwrap();
    }
    bytes.into_inner()
}

/// The sentence of an error: with the file's name, an end, and nothing of our own insides.
fn sentence(error: &ReadError, file: &str) -> String {
    let text = error.to_string();
    assert!(text.contains(file), "no file name: {text}");
    assert!(
        text.ends_with('.') && text.len() > 40,
        "no sentence: {text}"
    );
    text
}

/// Writes a file into a folder of its own, inspects and reads it.
fn read_file(name: &str, bytes: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let inspected = inspect(&path, SMALL);
    match read(&path, SMALL) {
        Ok(micrograph) => {
            assert_eq!(inspected.unwrap(), micrograph.header, "{name}");
            Ok(())
        }
        Err(error) => Err(sentence(&error, name)),
    }
}

fn refused(name: &str, bytes: &[u8], because: &str) {
    let Err(sentence) = read_file(name, bytes) else {
        panic!("{name} was read")
    };
    assert!(sentence.contains(because), "{sentence}");
}

#[test]
fn whole_files_are_read() {
    for (name, bytes) in specimens() {
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

#[test]
fn a_text_file_is_no_image_whatever_its_name() {
    refused(
        "notes.png",
        b"beam current 0.1 nA, sample 7\n",
        "no TIFF, PNG, JPEG, BMP",
    );
    refused("notes.tif", b"II", "no TIFF, PNG, JPEG, BMP");
}

#[test]
fn the_content_decides_not_the_name() {
    let specimens = specimens();
    for (index, (_, bytes)) in specimens.iter().enumerate() {
        let (other_name, _) = &specimens[(index + 5) % specimens.len()];
        read_file(other_name, bytes).unwrap();
    }
}

#[test]
fn an_empty_file_is_called_empty() {
    refused("blank.tif", b"", "is empty");
}

#[test]
fn headers_that_claim_too_much_are_refused_before_anything_is_allocated() {
    for (name, bytes) in specimens() {
        if name.ends_with("jpg") {
            continue;
        }
        let huge = with_size(name, &bytes, 60_000, 60_000);
        refused(name, &huge, "60000 x 60000");
        // Within the limits of the product, but not with these few bytes.
        let error = read_bytes(
            &with_size(name, &bytes, 30_000, 15_000),
            name,
            Limits::default(),
        );
        sentence(&error.unwrap_err(), name);
    }
    let mut jpeg = specimens().remove(3).1;
    let frame = jpeg
        .windows(2)
        .position(|mark| mark == [0xff, 0xc0])
        .unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    refused("huge.jpg", &jpeg, "60000 x 60000");
}

/// The same file with another width and height in its (first) header.
fn with_size(name: &str, bytes: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match name.rsplit('.').next() {
        Some("png") => {
            bytes[16..20].copy_from_slice(&width.to_be_bytes());
            bytes[20..24].copy_from_slice(&height.to_be_bytes());
            let mut crc = u32::MAX;
            for byte in &bytes[12..29] {
                crc ^= u32::from(*byte);
                for _ in 0..8 {
                    crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
                }
            }
            bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        }
        Some("bmp") => {
            bytes[18..22].copy_from_slice(&width.to_le_bytes());
            bytes[22..26].copy_from_slice(&height.to_le_bytes());
        }
        _ => {
            set_tag(&mut bytes, 256, width);
            set_tag(&mut bytes, 257, height);
            // One strip, so that the strips still fit the height.
            let rows = tag_value(&bytes, 278).unwrap();
            let strips = 47_u32.div_ceil(bytes[rows].into());
            set_tag(&mut bytes, 278, height.div_ceil(strips));
        }
    }
    bytes
}

/// Where the first directory of a little-endian TIFF has its entries.
fn entries(bytes: &[u8]) -> std::iter::StepBy<std::ops::Range<usize>> {
    let directory = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let count = usize::from(u16::from_le_bytes(
        bytes[directory..directory + 2].try_into().unwrap(),
    ));
    (directory + 2..directory + 2 + 12 * count).step_by(12)
}

fn tag_value(bytes: &[u8], tag: u16) -> Option<usize> {
    entries(bytes)
        .find(|at| bytes[*at..*at + 2] == tag.to_le_bytes())
        .map(|at| at + 8)
}

/// Makes a tag one LONG with that value.
fn set_tag(bytes: &mut [u8], tag: u16, value: u32) {
    let at = tag_value(bytes, tag).expect("the tag is there");
    bytes[at - 6..at - 4].copy_from_slice(&4_u16.to_le_bytes());
    bytes[at - 4..at].copy_from_slice(&1_u32.to_le_bytes());
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn one_pixel_is_an_image_and_none_is_not() {
    let tiny = grey_tiff(1, 1, Compression::Uncompressed, 1);
    read_file("tiny.tif", &tiny).unwrap();
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&[7], 1, 1, ExtendedColorType::L8)
        .unwrap();
    read_file("tiny.png", &png).unwrap();
    refused("none.png", &with_size("none.png", &png, 0, 1), "none.png");
    let mut none = tiny;
    set_tag(&mut none, 256, 0);
    refused("none.tif", &none, "0 x 1 pixels");
}

#[test]
fn tiff_pages_that_run_in_a_circle_end() {
    let mut bytes = grey_tiff(5, 5, Compression::Uncompressed, 1);
    let next = entries(&bytes).next_back().unwrap() + 12;
    let first = bytes[4..8].to_vec();
    bytes[next..next + 4].copy_from_slice(&first);
    refused("circle.tif", &bytes, "circle");
}

#[test]
fn tiff_strips_outside_the_file_are_refused() {
    let bytes = grey_tiff(5, 5, Compression::Uncompressed, 1);
    for value in [4_000_000_000, u32::MAX, bytes.len() as u32 - 49] {
        let mut broken = bytes.clone();
        set_tag(&mut broken, 273, value);
        refused("strips.tif", &broken, "damaged");
    }
    // Pixels without compression are read by their number: a wrong length does no harm.
    for value in [4, u32::MAX] {
        let mut odd = bytes.clone();
        set_tag(&mut odd, 279, value);
        read_file("strips.tif", &odd).unwrap();
    }
    let packed = grey_tiff(5, 5, Compression::Lzw, 1);
    for (tag, value) in [(273, u32::MAX), (279, u32::MAX), (279, 4)] {
        let mut broken = packed.clone();
        set_tag(&mut broken, tag, value);
        refused("strips.tif", &broken, "damaged");
    }
}

#[test]
fn folders_pipes_and_devices_are_named_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &Path, name: &str, what: &str| {
        let started = Instant::now();
        let text = sentence(&read(path, SMALL).unwrap_err(), name);
        assert!(text.contains(what), "{text}");
        sentence(&inspect(path, SMALL).unwrap_err(), name);
        assert!(started.elapsed() < Duration::from_secs(2));
    };
    let inner = folder.path().join("images.tif");
    fs::create_dir(&inner).unwrap();
    check(&inner, "images.tif", "a folder");
    check(
        &folder.path().join("gone.tif"),
        "gone.tif",
        "could not be read",
    );
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe.tif");
        let made = std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap();
        assert!(made.success());
        check(&pipe, "pipe.tif", "a pipe");
        let socket = folder.path().join("socket.tif");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        check(&socket, "socket.tif", "a socket");
        let link = folder.path().join("link.tif");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        check(&link, "link.tif", "a device");
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

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}
