//! `askem inspect` on files of instruments: one that the test writes, and the real ones where
//! ASKEM_DATA names them.

use super::world::{INSPECT, World, assert_fields};
use crate::instrument::microscope_tiff;
use serde_json::{Value, json};
use std::path::Path;

/// Fields of the truth that are the same in a row, and how exactly.
const NUMBERS: [&str; 6] = [
    "accelerating_voltage_kV",
    "working_distance_mm",
    "magnification",
    "dwell_us",
    "stage_tilt_deg",
    "scan_rotation_deg",
];

#[test]
fn what_the_instrument_wrote_comes_out_as_json_and_in_words() {
    let world = World::new();
    let name = world.file("a.tif", &microscope_tiff());
    let rows = world.run(&["inspect", "--json", name]).expect(0).rows();
    assert_fields(&rows[0], INSPECT);
    let row = &rows[0];
    assert_eq!(row["vendor"], "FEI / Thermo");
    assert_eq!(
        row["pixel_size"],
        json!({"x_nm": 5.0, "y_nm": 6.0, "source": "metadata",
            "from": "[Scan] PixelWidth and PixelHeight, tag 34682"})
    );
    assert_eq!(row["working_distance_mm"], 4.0);
    assert_eq!(row["date"], "2016-06-13T17:06:40");
    assert_eq!(row["metadata"]["[Beam] HV"], "5000");
    assert_eq!(row["magnification"], Value::Null);

    let words = world.run(&["inspect", name]).expect(0).stdout;
    for fact in [
        "5 nm × 6 nm, from the file",
        "Helios 660",
        "5 kV",
        "4 mm",
        "ETD",
        "2016-06-13 17:06:40",
        "2 rows at the bottom",
    ] {
        assert!(words.contains(fact), "{fact} is not in:\n{words}");
    }
}

#[test]
fn instrument_files_are_inspected_as_the_truth_says() {
    let Some(data) = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty()) else {
        eprintln!("skipped: ASKEM_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("vendor");
    let truth = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let truth: Vec<Value> = serde_json::from_str(&truth).unwrap();
    let images: Vec<&Value> = truth
        .iter()
        .filter(|record| !record["width"].is_null())
        .collect();
    let world = World::new();
    let mut arguments = vec!["inspect".to_owned(), "--json".to_owned()];
    arguments.extend(images.iter().map(|record| {
        let file = folder.join(record["file"].as_str().unwrap());
        file.to_string_lossy().into_owned()
    }));
    // One compression is refused, as a row of its own.
    let rows = world.run(&arguments).rows();
    assert_eq!(rows.len(), images.len());
    let mut compared = 0;
    for (record, row) in images.into_iter().zip(&rows) {
        if row.get("error").is_none() {
            assert_fields(row, INSPECT);
            compare(record, row);
            compared += 1;
        }
    }
    assert!(
        compared + 1 >= rows.len(),
        "only {compared} of {} were compared",
        rows.len()
    );
}

fn compare(record: &Value, row: &Value) {
    let name = &record["file"];
    for field in ["width", "height", "bits", "samples", "pages"] {
        assert_eq!(row[field], record[field], "{name}: {field}");
    }
    for field in ["vendor", "instrument", "detector", "tilt_correction"] {
        let expected = if record[field] == "none" {
            &Value::Null
        } else {
            &record[field]
        };
        assert_eq!(&row[field], expected, "{name}: {field}");
    }
    for field in NUMBERS {
        assert!(
            is_about(&row[field], &record[field], 1e-3),
            "{name}: {field}: {}",
            row[field]
        );
    }
    let day = |value: &Value| value.as_str().map(|date| date[..10].to_owned());
    assert_eq!(day(&row["date"]), day(&record["date"]), "{name}");
    let size = &row["pixel_size"];
    let tolerance = record["pixel_size_rel_tol"].as_f64().unwrap_or(1e-3);
    let is = |x: &str, y: &str| {
        is_about(&size["x_nm"], &record[x], tolerance)
            && is_about(&size["y_nm"], &record[y], tolerance)
    };
    let as_stated = is("pixel_size_x_nm", "pixel_size_y_nm");
    let as_alternative =
        !record["pixel_size_alt_nm"].is_null() && is("pixel_size_alt_nm", "pixel_size_alt_nm");
    let may_be_unknown = size.is_null() && record["accept_null_pixel_size"] == true;
    assert!(
        as_stated || as_alternative || may_be_unknown,
        "{name}: {size}"
    );
}

fn is_about(found: &Value, expected: &Value, tolerance: f64) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (None, None) => true,
        (Some(found), Some(expected)) => (found - expected).abs() <= tolerance * expected.abs(),
        _ => false,
    }
}
