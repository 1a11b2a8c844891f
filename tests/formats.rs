//! Image files of every kind, compared sample by sample with what an independent decoder found.
//!
//! The instrument files themselves are in the folder ASKEM_DATA; files that the tests make are
//! compared beside the code in app/micrograph.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use crate::specimens;
use askem::micrograph::{Limits, Micrograph, Pixels, Source, inspect, read, read_bytes, read_page};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder with data from outside, if there is one.
pub fn data() -> Option<PathBuf> {
    let data = std::env::var_os("ASKEM_DATA")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from);
    if data.is_none() {
        println!("skipped: ASKEM_DATA is not set");
    }
    data
}

/// The records of the instrument files, and their folder.
fn expected() -> Option<(PathBuf, Vec<Value>)> {
    let vendor = data()?.join("vendor");
    let text = fs::read_to_string(vendor.join("expected.json")).unwrap();
    Some((vendor, serde_json::from_str(&text).unwrap()))
}

/// All samples, row by row.
fn samples_of(micrograph: &Micrograph) -> Vec<f64> {
    match &micrograph.pixels {
        Pixels::Grey8(samples) | Pixels::Rgb8(samples) => specimens::as_f64(samples),
        Pixels::Grey16(samples) | Pixels::Rgb16(samples) => specimens::as_f64(samples),
        Pixels::Float32(samples) => specimens::as_f64(samples),
    }
}

/// The samples as the file stores them; of colours looked up in a palette, the reds.
fn stored_samples(micrograph: &Micrograph, record: &Value) -> Vec<f64> {
    let mut samples = samples_of(micrograph);
    if !record["palette"].is_null() {
        samples = samples
            .into_iter()
            .step_by(micrograph.pixels.samples())
            .collect();
    }
    if record["format"].as_str().unwrap().contains("MinIsWhite") {
        let white = f64::from((1_u32 << micrograph.header.bits) - 1);
        samples.iter_mut().for_each(|value| *value = white - *value);
    }
    samples
}

fn compare(path: &Path, record: &Value) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let micrograph = read(path, Limits::default()).unwrap_or_else(|e| panic!("{e}"));
    let header = &micrograph.header;
    assert_eq!(&inspect(path, Limits::default()).unwrap(), header, "{name}");
    assert_eq!(header.width, record["width"], "{name}");
    assert_eq!(header.height, record["height"], "{name}");
    assert_eq!(header.bits, record["bits"], "{name}");
    assert_eq!(header.samples, record["samples"], "{name}");
    assert_eq!(header.pages, record["pages"], "{name}");
    let raw = &record["raw_samples"];
    if raw.is_null() {
        return;
    }
    assert_eq!(header.page, raw["page"], "{name}");
    let mut samples = stored_samples(&micrograph, record);
    if name == "i_trns.png" {
        // The other decoder turned the transparent grey, 255, into alpha behind each sample.
        let with_alpha = |grey: f64| [grey, if grey == 255.0 { 0.0 } else { 65_535.0 }];
        samples = samples.into_iter().flat_map(with_alpha).collect();
    }
    let mean = samples.iter().sum::<f64>() / samples.len() as f64;
    let palette = &record["palette"];
    if !palette.is_null() {
        let reds = palette["red_after_map_mean"].as_f64().unwrap();
        assert!((mean - reds).abs() < 1e-3, "{name}: {mean}, not {reds}");
        return;
    }
    // Two JPEG decoders may round differently.
    let is_jpeg = record["format"]
        .as_str()
        .unwrap()
        .to_lowercase()
        .contains("jpeg");
    let (of_mean, of_one) = if is_jpeg { (0.1, 3.0) } else { (1e-6, 1e-9) };
    let near = |read: f64, expected: &Value, tolerance: f64| {
        let expected = expected.as_f64().unwrap();
        assert!(
            (read - expected).abs() <= tolerance * expected.abs().clamp(1.0, 100.0),
            "{name}: {read}, not {expected}"
        );
    };
    near(mean, &raw["mean"], of_mean);
    near(
        samples.iter().copied().fold(f64::INFINITY, f64::min),
        &raw["min"],
        of_one,
    );
    near(
        samples.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        &raw["max"],
        of_one,
    );
    for (read, expected) in samples.iter().zip(raw["first"].as_array().unwrap()) {
        near(*read, expected, of_one);
    }
}

#[test]
fn instrument_files_are_read_as_an_independent_decoder_does() {
    let Some((vendor, expected)) = expected() else {
        return;
    };
    for record in &expected {
        let path = vendor.join(record["file"].as_str().unwrap());
        let refused = || read(&path, Limits::default()).unwrap_err().to_string();
        match path.extension().and_then(|kind| kind.to_str()) {
            Some("txt") => assert!(refused().contains("holds no TIFF"), "{path:?}"),
            _ if path.ends_with("hopper_lzma.tif") => {
                assert!(refused().contains("LZMA compression is not supported"));
            }
            _ => compare(&path, record),
        }
    }
}

#[test]
fn the_page_with_the_science_is_read_and_the_preview_can_be() {
    let Some((vendor, expected)) = expected() else {
        return;
    };
    let with_preview = |record: &&Value| !record["science_page"].is_null();
    let record = expected.iter().find(with_preview).unwrap();
    let path = vendor.join(record["file"].as_str().unwrap());
    let science = read(&path, Limits::default()).unwrap();
    assert_eq!(science.header.page, record["science_page"]);
    let preview = read_page(&path, Some(0), Limits::default()).unwrap();
    assert!(matches!(preview.pixels, Pixels::Rgb8(_)));
    let error = read_page(&path, Some(2), Limits::default()).unwrap_err();
    assert!(
        error.to_string().contains("no page 3: it has 2."),
        "{error}"
    );
}

#[test]
fn made_files_are_read_sample_by_sample() {
    for made in specimens::all() {
        let name = made.name;
        let micrograph = read_bytes(&made.bytes, name, Limits::default());
        let micrograph = micrograph.unwrap_or_else(|error| panic!("{error}"));
        let header = &micrograph.header;
        assert_eq!(
            [header.width, header.height].map(|s| s as usize),
            specimens::SIZE,
            "{name}"
        );
        assert_eq!((header.bits, header.samples), made.stored, "{name}");
        assert_eq!(
            (header.page, header.pages),
            (made.page, made.pages),
            "{name}"
        );
        let samples = samples_of(&micrograph);
        assert_eq!(samples.len(), made.samples.len(), "{name}");
        let off = samples
            .iter()
            .zip(&made.samples)
            .map(|(read, made)| (read - made).abs());
        let (at, most) =
            off.enumerate().fold(
                (0, 0.0),
                |most, (at, off)| if off > most.1 { (at, off) } else { most },
            );
        assert!(
            most <= made.tolerance,
            "{name}: sample {at} is off by {most}"
        );
    }
}

#[test]
fn a_digital_micrograph_says_how_large_its_pixels_are() {
    let made = specimens::all();
    let file = made.iter().find(|made| made.name == "float.dm4").unwrap();
    let read = read_bytes(&file.bytes, file.name, Limits::default()).unwrap();
    let calibration = read.calibration.unwrap();
    assert_eq!((calibration.x_nm, calibration.y_nm), (2.0, 500.0));
    assert_eq!(calibration.source, Source::Metadata);
}

#[test]
fn gatan_files_are_calibrated_as_expected() {
    let Some((vendor, expected)) = expected() else {
        return;
    };
    let is_gatan = |record: &&Value| record["file"].as_str().unwrap().starts_with("gatan/");
    for record in expected.iter().filter(is_gatan) {
        let path = vendor.join(record["file"].as_str().unwrap());
        let calibration = read(&path, Limits::default()).unwrap().calibration;
        let sizes = ["pixel_size_x_nm", "pixel_size_y_nm"].map(|key| record[key].as_f64());
        let read = [
            calibration.as_ref().map(|c| c.x_nm),
            calibration.as_ref().map(|c| c.y_nm),
        ];
        for (read, expected) in read.into_iter().zip(sizes) {
            assert_eq!(read.is_some(), expected.is_some(), "{path:?}");
            let off = read.unwrap_or(1.0) / expected.unwrap_or(1.0) - 1.0;
            assert!(off.abs() < 1e-3, "{path:?}: {read:?}, not {expected:?}");
        }
    }
}
