//! The files of real instruments, where ASKEM_DATA names them, against what independent readers
//! found in them. Needs no pixels, so that files are compared whose pixels are not read yet.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use crate::micrograph::{Metadata, metadata};
use serde_json::Value;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

#[test]
fn instrument_files_say_what_independent_readers_found() {
    let Some(data) = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty()) else {
        println!("skipped: ASKEM_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("vendor");
    let expected = fs::read(folder.join("expected.json")).unwrap();
    let records: Vec<Value> = serde_json::from_slice(&expected).unwrap();
    let copies = tempfile::tempdir().unwrap();
    let mut findings = Vec::new();
    for record in &records {
        let name = record["file"].as_str().unwrap();
        let metadata = if name.ends_with(".txt") {
            beside_an_image(&folder.join(name), copies.path())
        } else {
            let path = folder.join(name);
            let mut reader = BufReader::new(File::open(&path).unwrap());
            metadata::read(&mut reader, Some(&path), None, None)
        };
        findings.extend(
            differences(record, &metadata)
                .into_iter()
                .map(|what| format!("{name}: {what}")),
        );
    }
    assert!(records.len() > 40, "{}", records.len());
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// A copy of a text file, read as that of an image without tags, 1280 pixels wide.
fn beside_an_image(text: &Path, folder: &Path) -> Metadata {
    fs::copy(text, folder.join("a.txt")).unwrap();
    let image = folder.join("a.png");
    fs::write(&image, b"\x89PNG\r\n\x1a\n").unwrap();
    let mut reader = BufReader::new(File::open(&image).unwrap());
    let found = metadata::read(&mut reader, Some(&image), Some([1280, 960]), None);
    fs::remove_file(folder.join("a.txt")).unwrap();
    found
}

/// Every field that is not as the record says.
fn differences(record: &Value, found: &Metadata) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |field: &str, expected: String, found: String| {
        if expected != found {
            wrong.push(format!("{field} is {found}, not {expected}"));
        }
    };
    let word = |value: &Value| match value.as_str() {
        None | Some("none") => "unknown".to_owned(),
        Some(text) => text.to_owned(),
    };
    let or_unknown = |text: Option<&str>| text.unwrap_or("unknown").to_owned();
    check("vendor", word(&record["vendor"]), or_unknown(found.vendor));
    check(
        "instrument",
        word(&record["instrument"]),
        or_unknown(found.instrument.as_deref()),
    );
    check(
        "detector",
        word(&record["detector"]),
        or_unknown(found.detector.as_deref()),
    );
    check(
        "tilt_correction",
        record["tilt_correction"].to_string(),
        Value::from(found.tilt_correction).to_string(),
    );
    let day = |text: String| text.chars().take(10).collect::<String>();
    check(
        "date",
        day(word(&record["date"])),
        day(or_unknown(found.date.as_deref())),
    );
    for (field, number) in [
        ("accelerating_voltage_kV", found.accelerating_voltage_kv),
        ("working_distance_mm", found.working_distance_mm),
        ("magnification", found.magnification),
        ("dwell_us", found.dwell_us),
        ("stage_tilt_deg", found.stage_tilt_deg),
        ("scan_rotation_deg", found.scan_rotation_deg),
    ] {
        if !is_about(&record[field], number, 1e-3) {
            wrong.push(format!("{field} is {number:?}, not {}", record[field]));
        }
    }
    let rows = record["info_band_rows"].as_u64();
    if found.data_bar_rows.map(u64::from) != rows {
        wrong.push(format!(
            "{:?} rows of data bar, not {rows:?}",
            found.data_bar_rows
        ));
    }
    wrong.extend(size_difference(record, found));
    wrong
}

fn size_difference(record: &Value, found: &Metadata) -> Option<String> {
    let size = found.calibration.as_ref().map(|c| [c.x_nm, c.y_nm]);
    let tolerance = record["pixel_size_rel_tol"].as_f64().unwrap_or(1e-3);
    let fits = |fields: [&str; 2]| {
        let sides = fields.iter().zip([0, 1]);
        sides
            .into_iter()
            .all(|(field, side)| is_about(&record[field], size.map(|size| size[side]), tolerance))
    };
    let as_stated = fits(["pixel_size_x_nm", "pixel_size_y_nm"]);
    let as_alternative = !record["pixel_size_alt_nm"].is_null() && fits(["pixel_size_alt_nm"; 2]);
    let may_be_unknown = size.is_none() && record["accept_null_pixel_size"] == true;
    (!as_stated && !as_alternative && !may_be_unknown)
        .then(|| format!("pixel size is {size:?}, not {}", record["pixel_size_x_nm"]))
}

fn is_about(expected: &Value, found: Option<f64>, tolerance: f64) -> bool {
    match (expected.as_f64(), found) {
        (None, None) => true,
        (Some(expected), Some(found)) => (found - expected).abs() <= tolerance * expected.abs(),
        _ => false,
    }
}
