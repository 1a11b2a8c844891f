//! Pixels that are no numbers, infinite, or all alike.

use super::SMALL;
use crate::cli::world::World;
use askem::micrograph::display::{DisplayMap, Histogram, Place, Pyramid, Table, thumbnail};
use askem::micrograph::{Micrograph, Pixels, Prepared, Printed, Region, read_bytes};
use serde_json::Value;
use std::io::Cursor;
use tiff::encoder::{TiffEncoder, colortype};

/// Floating-point images that have no usual range, with their names.
fn odd_images() -> Vec<(&'static str, Vec<u8>)> {
    let size = (64, 48);
    let of = |each: &dyn Fn(usize) -> f32| {
        let samples: Vec<f32> = (0..64 * 48).map(each).collect();
        encoded(size.0, size.1, &samples)
    };
    vec![
        ("nan.tif", of(&|_| f32::NAN)),
        ("infinite.tif", of(&|_| f32::INFINITY)),
        (
            "both-ends.tif",
            of(&|i| [f32::INFINITY, f32::NEG_INFINITY][i % 2]),
        ),
        ("alike.tif", of(&|_| -0.0)),
        ("largest.tif", of(&|i| [f32::MAX, f32::MIN][i % 2])),
        ("smallest.tif", of(&|i| f32::from_bits(i as u32))),
        (
            "mixed.tif",
            of(&|i| match i % 5 {
                0 => f32::NAN,
                1 => f32::INFINITY,
                2 => f32::NEG_INFINITY,
                _ => i as f32,
            }),
        ),
        ("one-nan.tif", encoded(1, 1, &[f32::NAN])),
        ("one.tif", encoded(1, 1, &[7.0])),
    ]
}

fn encoded(width: u32, height: u32, samples: &[f32]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    encoder
        .write_image::<colortype::Gray32Float>(width, height, samples)
        .unwrap();
    bytes.into_inner()
}

#[test]
fn pixels_that_are_no_numbers_give_defined_results() {
    for (name, bytes) in odd_images() {
        let micrograph: Micrograph = read_bytes(&bytes, name, SMALL).unwrap();
        assert!(matches!(micrograph.pixels, Pixels::Float32(_)));
        let [width, height] = [micrograph.width(), micrograph.height()];
        let pixels = (width * height) as usize;
        let prepared = Prepared::new(&micrograph);
        assert_eq!(prepared.grey.len(), pixels, "{name}");
        // The same pixels, the same grey: nothing undefined decides.
        assert_eq!(prepared.grey, Prepared::new(&micrograph).grey, "{name}");
        let histogram = Histogram::of(&micrograph);
        let counted: u64 = histogram.bins(256, [0, u16::MAX]).iter().sum();
        assert_eq!(counted, pixels as u64, "{name}");
        let map = DisplayMap::at_first(&micrograph, &histogram);
        let table = Table::new(map, &micrograph);
        assert!(
            map.brightness().is_finite() && map.contrast().is_finite(),
            "{name}"
        );
        let pyramid = Pyramid::of(&micrograph, &|| true).unwrap();
        let place = Place {
            level: 0,
            corner: [0, 0],
            size: [width, height],
        };
        assert_eq!(
            pyramid.cut(&micrograph, place, &table).len(),
            pixels,
            "{name}"
        );
        let small = thumbnail(&micrograph, &prepared);
        assert_eq!(
            small.rgba.len(),
            (small.size[0] * small.size[1] * 4) as usize
        );
        let printed = Printed::of(&micrograph);
        assert!(
            printed.scale_bar.is_none() && printed.calibration().is_none(),
            "{name}"
        );
        if let Some(region) = Region::new([0, 0], [width, height], [width, height]) {
            assert!(!region.prepared(&micrograph).grey.is_empty(), "{name}");
        }
    }
}

/// Every number of a row, however deep.
fn numbers(row: &Value, found: &mut Vec<f64>) {
    match row {
        Value::Number(number) => found.extend(number.as_f64()),
        Value::Array(rows) => rows.iter().for_each(|row| numbers(row, found)),
        Value::Object(rows) => rows.values().for_each(|row| numbers(row, found)),
        _ => {}
    }
}

#[test]
fn pixels_that_are_no_numbers_leave_every_row_of_output_finite() {
    let world = World::new();
    let images = odd_images();
    let names: Vec<&str> = images
        .iter()
        .map(|(name, bytes)| world.file(name, bytes))
        .collect();
    for command in [
        &["inspect"][..],
        &["classify"],
        &["ask", "--about", "size.range"],
    ] {
        let ran = world
            .run(&[command, &["--json"], &names].concat())
            .expect(0);
        let rows = ran.rows();
        assert_eq!(rows.len(), names.len());
        for row in &rows {
            let mut found = Vec::new();
            numbers(row, &mut found);
            assert!(
                found.len() > 4 && found.iter().all(|number| number.is_finite()),
                "{row}"
            );
            for field in ["match", "confidence"] {
                assert!(
                    row.get(field).is_none_or(|value| !value.is_null()),
                    "{field}: {row}"
                );
            }
            if let Some(shares) = row.get("probabilities") {
                let mut shares_of_ten = Vec::new();
                numbers(shares, &mut shares_of_ten);
                let sum: f64 = shares_of_ten.iter().sum();
                assert!(
                    shares_of_ten.len() == 10 && (sum - 1.0).abs() < 1e-4,
                    "{row}"
                );
            }
        }
    }
}
