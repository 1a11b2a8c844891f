//! TIFF files whose tags, strips and directories contradict the file they stand in.

use super::{
    SMALL, entries, grey_tiff, read_file, refused, sentence, set_tag, tag_value, tiff_with,
};
use crate::specimens::{self, noise};
use askem::micrograph::{Pixels, read_bytes};
use std::time::{Duration, Instant};
use tiff::encoder::Compression;

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
fn a_tag_without_a_value_gives_pixels_or_a_sentence() {
    let mut were_read = 0;
    for compression in [Compression::Uncompressed, Compression::Lzw] {
        let whole = grey_tiff(9, 7, compression, 1);
        for entry in entries(&whole) {
            // No value, a value without a type, and one of more bytes than any file has.
            for (kind, count) in [(None, 0), (Some(0), 1), (Some(99), 1), (Some(12), u32::MAX)] {
                let mut bytes = whole.clone();
                if let Some(kind) = kind {
                    bytes[entry + 2..entry + 4].copy_from_slice(&u16::to_le_bytes(kind));
                }
                bytes[entry + 4..entry + 8].copy_from_slice(&u32::to_le_bytes(count));
                match read_bytes(&bytes, "empty.tif", SMALL) {
                    Ok(read) => {
                        assert_eq!(read.pixels.len(), (read.width() * read.height()) as usize);
                        were_read += 1;
                    }
                    Err(error) => drop(sentence(&error, "empty.tif")),
                }
            }
        }
    }
    let mut none = grey_tiff(9, 7, Compression::Uncompressed, 1);
    let width = tag_value(&none, 256).unwrap();
    none[width - 4..width].fill(0);
    refused("empty.tif", &none, "0 x 7 pixels");
    // Resolution and the like are not needed.
    assert!(were_read > 10, "{were_read}");
}

#[test]
fn pages_are_counted_to_a_limit_and_the_first_is_read() {
    let first = tiff_with([3, 2], &[]);
    let mut bytes = first.clone();
    let directory = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let (mut link, directory) = (bytes.len() - 4, bytes[directory..].to_vec());
    for _ in 0..20_000 {
        let at = (bytes.len() as u32).to_le_bytes();
        bytes[link..link + 4].copy_from_slice(&at);
        bytes.extend(&directory);
        link = bytes.len() - 4;
    }
    let began = Instant::now();
    let read = read_bytes(&bytes, "stack.tif", SMALL).unwrap();
    assert_eq!((read.header.page, read.header.pages), (0, 10_000));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn every_depth_is_read_exactly_or_refused_by_name() {
    let [width, height] = specimens::SIZE;
    for bits in 1..=70_u32 {
        let samples = noise(bits.min(16), width * height);
        // Each row begins with a byte of its own, the highest bit first.
        let mut strip = Vec::new();
        for row in samples.chunks(width) {
            let digits = row.iter().flat_map(|sample| {
                (0..bits)
                    .rev()
                    .map(move |bit| bit < 32 && sample >> bit & 1 == 1)
            });
            let mut digits: Vec<bool> = digits.collect();
            digits.resize(digits.len().div_ceil(8) * 8, false);
            let byte =
                |eight: &[bool]| eight.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
            strip.extend(digits.chunks(8).map(byte));
        }
        // Highest byte first, so that 16 bits are a row of bits as well.
        let entry = |id: u16, value: u32| {
            [
                &id.to_be_bytes()[..],
                &[0, 4, 0, 0, 0, 1],
                &value.to_be_bytes(),
            ]
            .concat()
        };
        let mut bytes = b"MM\0*\0\0\0\x08\0\x06".to_vec();
        let data_at = 10 + 6 * 12 + 4;
        for (id, value) in [
            (256, width as u32),
            (257, height as u32),
            (258, bits),
            (262, 1),
            (273, data_at),
            (279, strip.len() as u32),
        ] {
            bytes.extend(entry(id, value));
        }
        bytes.extend([0; 4]);
        bytes.extend(strip);
        let read = read_bytes(&bytes, "deep.tif", SMALL);
        if !matches!(bits, 1..=16 | 32) {
            let text = sentence(&read.unwrap_err(), "deep.tif");
            assert!(
                text.contains(&format!("samples of {bits} bits are")),
                "{text}"
            );
            continue;
        }
        let read = read.unwrap();
        assert_eq!(u32::from(read.header.bits), bits);
        let values: Vec<u32> = match &read.pixels {
            Pixels::Grey8(values) => values.iter().map(|value| u32::from(*value)).collect(),
            Pixels::Grey16(values) => values.iter().map(|value| u32::from(*value)).collect(),
            Pixels::Float32(values) => values.iter().map(|value| *value as u32).collect(),
            other => panic!("{other:?}"),
        };
        assert_eq!(values, samples, "{bits} bits");
    }
}

#[test]
fn numbers_near_the_largest_in_a_big_tiff_are_refused() {
    let whole = specimens::all();
    let whole = &whole
        .iter()
        .find(|file| file.name == "big.tif")
        .unwrap()
        .bytes;
    let directory = u64::from_le_bytes(whole[8..16].try_into().unwrap()) as usize;
    let count = u64::from_le_bytes(whole[directory..directory + 8].try_into().unwrap()) as usize;
    let entries = (0..count).map(|index| directory + 8 + index * 20);
    // The first directory, its number of tags, and count and value of every tag.
    let places: Vec<usize> = [8, directory]
        .into_iter()
        .chain(entries.flat_map(|entry| [entry + 4, entry + 12]))
        .collect();
    let mut refusals = 0;
    for at in places {
        for number in [u64::MAX, u64::MAX - 7, 1 << 63, i64::MAX as u64, 1 << 40] {
            let mut bytes = whole.clone();
            bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
            let began = Instant::now();
            if let Err(error) = read_bytes(&bytes, "big.tif", SMALL) {
                sentence(&error, "big.tif");
                refusals += 1;
            }
            assert!(began.elapsed() < Duration::from_secs(1), "{at} as {number}");
        }
    }
    assert!(refusals > 20, "{refusals}");
}

#[test]
fn directories_inside_directories_are_never_followed() {
    // EXIF, GPS and sub-images that point back at the directory they stand in.
    let long = |id: u16| (id, 4, vec![0; 4]);
    let mut bytes = tiff_with([3, 2], &[long(330), long(34665), long(34853)]);
    let first: [u8; 4] = bytes[4..8].try_into().unwrap();
    for id in [330, 34665, 34853] {
        let at = tag_value(&bytes, id).unwrap();
        bytes[at..at + 4].copy_from_slice(&first);
    }
    let read = read_bytes(&bytes, "loop.tif", SMALL).unwrap();
    assert_eq!(read.header.pages, 1);

    // The same in the EXIF of a JPEG, which is a TIFF inside it.
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend(b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0");
    let jpeg = specimens::jpeg(1);
    let mut looped = vec![0xff, 0xd8, 0xff, 0xe1];
    looped.extend((exif.len() as u16 + 2).to_be_bytes());
    looped.extend(&exif);
    looped.extend(&jpeg[2..]);
    read_file("loop.jpg", &looped).unwrap();
}
