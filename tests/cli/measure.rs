//! `askem measure` on images that the test draws: JSON, table, text and overlay of every kind.

use super::world::{MEASURE, World, assert_fields};
use image::{GrayImage, ImageReader, Luma};
use serde_json::Value;

/// Grey from a level of coverage, blurred by drawing it as a ramp two pixels wide, with noise
/// that depends on the place alone.
fn picture(world: &World, name: &'static str, inside: impl Fn(f64, f64) -> f64) -> &'static str {
    let image = GrayImage::from_fn(420, 340, |x, y| {
        let cover = (0.5 + 0.5 * inside(f64::from(x), f64::from(y))).clamp(0.0, 1.0);
        let mut hash =
            (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
        hash ^= hash >> 15;
        let noise = f64::from(hash % 13) - 6.0;
        Luma([(50.0 + 120.0 * cover + noise) as u8])
    });
    image.save(world.path(name)).unwrap();
    name
}

/// Discs of 12 to 20 px, none on a lattice. Positive inside, in pixels from the border.
fn discs(x: f64, y: f64) -> f64 {
    (0..48)
        .map(|i| {
            let (column, row) = (i % 8, i / 8);
            let off = |k: u32| f64::from((i * 37 + k * 101) % 17) - 8.0;
            let (cx, cy) = (
                30.0 + 51.0 * f64::from(column) + off(1),
                32.0 + 55.0 * f64::from(row) + off(2),
            );
            12.0 + f64::from(i % 5) * 2.0 - (x - cx).hypot(y - cy)
        })
        .fold(f64::MIN, f64::max)
}

fn lines(x: f64, _: f64) -> f64 {
    let across = (x - 24.0).rem_euclid(42.0);
    (9.0 - (across - 21.0).abs()).min(if (30.0..400.0).contains(&x) {
        99.0
    } else {
        -9.0
    })
}

fn needle(x: f64, y: f64) -> f64 {
    let (dx, dy) = (x - 210.0, y - 70.0);
    if dy < 0.0 {
        12.0 - dx.hypot(dy)
    } else {
        12.0 + 0.2 * dy - dx.abs()
    }
}

fn dots(x: f64, y: f64) -> f64 {
    let (dx, dy) = (x.rem_euclid(36.0) - 18.0, y.rem_euclid(36.0) - 18.0);
    9.0 - dx.hypot(dy)
}

fn strands(x: f64, y: f64) -> f64 {
    [
        (0.3, 40.0),
        (-0.2, 170.0),
        (0.05, 260.0),
        (2.2, -380.0),
        (-3.0, 900.0),
    ]
    .iter()
    .map(|(slope, start): &(f64, f64)| {
        7.0 - (y - start - slope * x).abs() / (1.0 + slope * slope).sqrt()
    })
    .fold(f64::MIN, f64::max)
}

fn cracks(x: f64, y: f64) -> f64 {
    let first = (y - 120.0 - 20.0 * (x / 70.0).sin()).abs() - 2.0;
    let second = (x - 260.0 - 15.0 * (y / 50.0).cos()).abs() - 2.0;
    first.min(second)
}

fn one(world: &World, arguments: &[&str]) -> Value {
    let arguments = [&["measure", "--json"], arguments].concat();
    world.run(&arguments).expect(0).rows().remove(0)
}

#[test]
fn every_kind_has_its_row_with_every_field() {
    let world = World::new();
    type Scene = (
        &'static str,
        fn(f64, f64) -> f64,
        &'static str,
        &'static str,
        &'static str,
    );
    let scenes: [Scene; 6] = [
        ("discs.png", discs, "Particles", "objects", "object"),
        ("lines.png", lines, "Patterned_surface", "lines", "line"),
        ("needle.png", needle, "Tips", "tip", "tip"),
        ("dots.png", dots, "Patterned_surface", "pattern", "object"),
        ("strands.png", strands, "Fibres", "fibres", "strand"),
        (
            "cracks.png",
            cracks,
            "Films_Coated_Surface",
            "surface",
            "crack",
        ),
    ];
    for (name, draw, category, structure, kind) in scenes {
        picture(&world, name, draw);
        let row = one(&world, &["--category", category, name]);
        assert_fields(&row, MEASURE);
        assert_eq!(row["structure"], structure, "{name}: {}", row["evidence"]);
        assert_eq!(row["disagreement"], Value::Null);
        assert_eq!(row["category"], category);
        assert_eq!(row["unit"], "px");
        let objects = row["objects"].as_array().unwrap();
        assert!(!objects.is_empty() && objects.iter().all(|object| object["kind"] == kind));
        assert_fields(
            &objects[0],
            "id kind x y area diameter feret min_feret perimeter width length aspect form_factor \
             solidity angle cut split",
        );
        for (slot, quantity) in row["quantities"].as_object().unwrap() {
            assert_fields(
                quantity,
                "value unit uncertainty bound n kind text note limited reason also",
            );
            assert_eq!(
                quantity["value"].is_null(),
                quantity["reason"].is_string(),
                "{slot}"
            );
        }
    }
}

#[test]
fn what_is_drawn_is_what_is_measured() {
    let world = World::new();
    let value = |row: &Value, slot: &str| {
        let value = row["quantities"][slot]["value"].as_f64();
        value.unwrap_or_else(|| panic!("{slot}: {}", row["quantities"][slot]))
    };
    let row = one(
        &world,
        &[
            "--category",
            "Particles",
            picture(&world, "discs.png", discs),
        ],
    );
    assert!((value(&row, "count") - 48.0).abs() <= 1.0);
    assert!((value(&row, "size.median") - 32.0).abs() < 1.5);
    let row = one(
        &world,
        &[
            "--category",
            "Patterned_surface",
            picture(&world, "lines.png", lines),
        ],
    );
    assert!((value(&row, "linewidth") - 18.0).abs() < 0.7);
    assert!((value(&row, "pitch") - 42.0).abs() < 0.2);
    assert_eq!(value(&row, "count"), 9.0);
    let row = one(
        &world,
        &["--category", "Tips", picture(&world, "needle.png", needle)],
    );
    assert!((value(&row, "tip.radius") - 12.0).abs() < 2.0);
    let row = one(
        &world,
        &[
            "--category",
            "Patterned_surface",
            picture(&world, "dots.png", dots),
        ],
    );
    assert!((value(&row, "pitch") - 36.0).abs() < 0.3);
    assert_eq!(row["lattice"]["name"], "square");
    let row = one(
        &world,
        &[
            "--category",
            "Fibres",
            picture(&world, "strands.png", strands),
        ],
    );
    assert!((value(&row, "width.median") - 14.0).abs() < 1.5);
}

#[test]
fn the_image_speaks_against_a_category_that_does_not_fit() {
    let world = World::new();
    let name = picture(&world, "needle.png", needle);
    let row = one(&world, &["--category", "Fibres", name]);
    if row["structure"] != "unclear" {
        assert!(
            row["disagreement"].as_str().unwrap().contains("Fibres"),
            "{row}"
        );
    }
    let quantities = row["quantities"].as_object().unwrap();
    assert!(quantities["width.median"]["value"].is_null());
}

#[test]
fn the_table_has_a_row_a_thing_and_a_unit_in_every_header() {
    let world = World::new();
    let (discs, lines) = (
        picture(&world, "discs.png", discs),
        picture(&world, "lines.png", lines),
    );
    world
        .run(&["measure", discs, lines, "--csv", "all.csv"])
        .expect(0);
    let text = std::fs::read_to_string(world.path("all.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    for header in &rows[0] {
        assert!(header.contains(" (") && header.ends_with(')'), "{header}");
    }
    let column = |name: &str| rows[0].iter().position(|header| *header == name).unwrap();
    let of = |kind: &str| {
        rows.iter()
            .filter(|row| row[column("kind (text)")] == kind)
            .count()
    };
    assert!((of("object") as f64 - 48.0).abs() <= 1.0, "{text}");
    assert_eq!(of("line"), 9, "{text}");
    for row in &rows[1..] {
        assert_eq!(row.len(), rows[0].len());
        assert_eq!(row[column("diameter (nm)")], "", "no scale, no nanometres");
    }
}

#[test]
fn the_text_has_the_line_on_fitness_and_refusals_of_three_parts() {
    let world = World::new();
    let name = picture(&world, "discs.png", discs);
    let text = world
        .run(&["measure", "--category", "Particles", name])
        .expect(0)
        .stdout;
    let summary = text.lines().nth(1).unwrap();
    for part in [
        "No scale",
        "top view assumed",
        "% clipped",
        "whole objects, median 3",
    ] {
        assert!(summary.contains(part), "{summary}");
    }
    assert!(
        text.contains("size.median") && text.contains(" ± "),
        "{text}"
    );
    let even = GrayImage::from_pixel(300, 200, Luma([90]));
    even.save(world.path("even.png")).unwrap();
    let text = world
        .run(&["measure", "--category", "Tips", "even.png"])
        .expect(0)
        .stdout;
    assert!(text.contains("could not be told apart"), "{text}");
    let refusals: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("not measured. "))
        .collect();
    assert!(refusals.len() >= 3, "{text}");
    for refusal in refusals {
        let (_, reason) = refusal.split_once("not measured. ").unwrap();
        let (missing, rest) = reason.split_once(": ").unwrap();
        assert!(missing.starts_with("No "), "{refusal}");
        assert_eq!(rest.matches(". ").count(), 1, "{refusal}");
        assert!(rest.ends_with('.'), "{refusal}");
    }
}

#[test]
fn the_overlay_keeps_the_image_and_has_a_legend_below() {
    let world = World::new();
    for (name, draw, category) in [
        ("discs.png", discs as fn(f64, f64) -> f64, "Particles"),
        ("lines.png", lines, "Patterned_surface"),
        ("needle.png", needle, "Tips"),
    ] {
        picture(&world, name, draw);
        world
            .run(&[
                "measure",
                "--category",
                category,
                "--overlay",
                "over.png",
                name,
            ])
            .expect(0);
        let over = ImageReader::open(world.path("over.png"))
            .unwrap()
            .decode()
            .unwrap()
            .to_rgb8();
        assert_eq!(over.width(), 420);
        assert!(over.height() > 360, "no legend: {}", over.height());
        let is_coloured =
            |pixel: &&image::Rgb<u8>| pixel.0[0] != pixel.0[1] || pixel.0[1] != pixel.0[2];
        let drawn = over.rows().take(340).flatten().filter(is_coloured).count();
        assert!(
            (200..42_000).contains(&drawn),
            "{name}: {drawn} pixels are drawn"
        );
    }
}

#[test]
fn a_tilt_that_nobody_could_mean_is_a_mistake() {
    let world = World::new();
    let name = picture(&world, "discs.png", discs);
    world.run(&["measure", "--tilt", "90", name]).expect(2);
    world.run(&["measure", "--tilt", "45", name]).expect(0);
}
