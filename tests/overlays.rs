//! What was drawn over a micrograph is found, and no specimen is taken for it.

mod figures;

use askem::micrograph::{Edits, Limits, Mask, Micrograph, OverlayKind, Prepared, Printed};
use askem::micrograph::{read, read_bytes};
use figures::{Figure, Mark, clean, drawn};
use rayon::prelude::*;
use std::path::Path;

/// Pictures of each mark, and pictures without any.
const OF_EACH: u64 = 20;
const CLEAN: u64 = 60;
/// A mark counts as found if this part of its ink is left out, and an overlay as a false alarm
/// if it holds less ink than this part of the box around all ink near it.
const COVERED: f64 = 0.8;

fn micrograph(figure: &Figure) -> Micrograph {
    read_bytes(&figure.jpeg(), "figure", Limits::default()).unwrap()
}

/// Keeps a figure to be looked at, in the folder that ASKEM_FIGURES names.
fn keep(figure: &Figure, name: &str) {
    if let Some(folder) = std::env::var_os("ASKEM_FIGURES") {
        std::fs::write(Path::new(&folder).join(name), figure.jpeg()).unwrap();
    }
}

/// The part of the ink that is left out, and the overlays that have no ink.
fn scored(figure: &Figure, printed: &Printed) -> (f64, usize) {
    let size = [figure.width, figure.height];
    let mask = Mask::of(size, printed, &Edits::default());
    let (mut ink, mut out) = (0_u32, 0_u32);
    for (index, _) in figure.marks.iter().enumerate().filter(|(_, is)| **is) {
        let index = index as u32;
        ink += 1;
        out += u32::from(!mask.is_specimen(index % figure.width, index / figure.width));
    }
    let has_ink = |[x0, y0, x1, y1]: [u32; 4]| {
        (y0..y1).any(|y| (x0..x1).any(|x| figure.marks[(y * figure.width + x) as usize]))
    };
    let places = printed.overlays.iter().map(|overlay| overlay.rect);
    let false_alarms = places.filter(|place| !has_ink(*place)).count();
    (f64::from(out) / f64::from(ink.max(1)), false_alarms)
}

#[test]
fn marks_drawn_over_micrographs_are_found_and_specimens_are_left() {
    // The least part of each that must be found.
    let floors = [
        (Mark::PanelLetter, 0.6),
        (Mark::Words, 0.6),
        (Mark::Arrow, 0.6),
        (Mark::Box, 0.85),
        (Mark::DashedBox, 0.5),
        (Mark::ColouredBox, 0.9),
        (Mark::ColouredArrow, 0.9),
        (Mark::Inset, 0.7),
        (Mark::Gutter, 0.9),
        (Mark::Frame, 0.9),
    ];
    assert_eq!(floors.map(|floor| floor.0), Mark::ALL);
    let mut false_alarms = 0;
    let mut failed = Vec::new();
    for (mark, floor) in floors {
        let scores: Vec<(f64, usize)> = (0..OF_EACH)
            .into_par_iter()
            .map(|number| {
                let figure = drawn(mark, number);
                keep(&figure, &format!("{mark:?}-{number:02}.jpg"));
                scored(&figure, &Printed::of(&micrograph(&figure)))
            })
            .collect();
        let found = scores.iter().filter(|score| score.0 >= COVERED).count();
        let alarms: usize = scores.iter().map(|score| score.1).sum();
        false_alarms += alarms;
        eprintln!("{mark:?}: {found} of {OF_EACH} found, {alarms} false alarms");
        if (found as f64) < floor * OF_EACH as f64 {
            let missed = (0..OF_EACH).zip(&scores).filter(|(_, s)| s.0 < COVERED);
            let missed: Vec<u64> = missed.map(|(number, _)| number).collect();
            failed.push((mark, found, missed));
        }
    }
    let alarmed: Vec<(u64, Printed)> = (0..CLEAN)
        .into_par_iter()
        .map(|number| {
            let figure = clean(number);
            keep(&figure, &format!("clean-{number:02}.jpg"));
            (number, Printed::of(&micrograph(&figure)))
        })
        .filter(|(_, printed)| !printed.overlays.is_empty())
        .collect();
    eprintln!("clean: {} of {CLEAN} with a false alarm", alarmed.len());
    assert!(failed.is_empty(), "{failed:?}");
    assert!(alarmed.is_empty(), "{alarmed:?}");
    assert!(false_alarms <= 1, "{false_alarms}");
}

#[test]
fn a_composite_figure_has_its_panels() {
    let figure = drawn(Mark::Frame, 4);
    let printed = Printed::of(&micrograph(&figure));
    let panels = printed.panels([figure.width, figure.height]);
    assert_eq!(panels.len(), 4, "{panels:?}");
    let clean = clean(4);
    let printed = Printed::of(&micrograph(&clean));
    let whole = [0, 0, clean.width, clean.height];
    assert_eq!(printed.panels([clean.width, clean.height]), [whole]);
}

#[test]
fn the_engines_do_not_see_what_was_drawn() {
    let figure = drawn(Mark::Gutter, 5);
    let image = micrograph(&figure);
    let whole = Prepared::masked(&image, &Mask::default());
    let masked = Prepared::new(&image);
    assert_eq!(masked.grey.len(), whole.grey.len());
    let white = |prepared: &Prepared| {
        let paper = figure.marks.iter().zip(&prepared.grey);
        let paper: Vec<u8> = paper.filter_map(|(is, grey)| is.then_some(*grey)).collect();
        paper.iter().filter(|grey| **grey >= 250).count() as f64 / paper.len() as f64
    };
    assert!(
        white(&whole) > 0.9 && white(&masked) < 0.2,
        "{}",
        white(&masked)
    );
    assert_eq!(masked.micrograph_hash(), whole.hash);
    assert_ne!(masked.hash, whole.hash);
    assert_eq!(
        Prepared::new(&image).grey,
        masked.grey,
        "the same every time"
    );
}

#[test]
fn pictures_of_any_kind_are_looked_through_at_once() {
    // Stripes, nested diagonals, dots and noise: as many pieces of ink as there can be.
    let (width, height) = (1536_u32, 1152_u32);
    let patterns: [fn(u32, u32) -> bool; 5] = [
        |x, y| (x / 2 + y / 2).is_multiple_of(2),
        |x, y| (x + y) % 7 < 3,
        |x, y| x % 6 < 3 && y % 6 < 3,
        |x, y| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) & 512 == 0,
        |x, y| x % 40 < 2 || y % 40 < 2,
    ];
    for (number, pattern) in patterns.iter().enumerate() {
        let at = |i: u32| {
            if pattern(i % width, i / width) {
                255
            } else {
                0
            }
        };
        let grey: Vec<u8> = (0..width * height).map(at).collect();
        let mut png = Vec::new();
        image::ImageEncoder::write_image(
            image::codecs::png::PngEncoder::new(&mut png),
            &grey,
            width,
            height,
            image::ExtendedColorType::L8,
        )
        .unwrap();
        let image = read_bytes(&png, "pattern", Limits::default()).unwrap();
        let began = std::time::Instant::now();
        let printed = Printed::of(&image);
        let seconds = began.elapsed().as_secs_f64();
        assert!(seconds < 20.0, "pattern {number} took {seconds} s");
        assert!(printed.overlays.len() <= 256);
    }
}

/// Real micrographs on which something was drawn outside the banner, found by looking.
const DRAWN_ON: [&str; 7] = [
    "nffa-0024",
    "nffa-0036",
    "oth-0024",
    "oth-0044",
    "oth-0045",
    "oth-0046",
    "oth-0076",
];

#[test]
fn real_micrographs_keep_their_specimen() {
    let Some(data) = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty()) else {
        eprintln!("skipped: ASKEM_DATA is not set");
        return;
    };
    let data = Path::new(&data);
    let list = std::fs::read_to_string(data.join("real/images.jsonl")).unwrap();
    let (mut found, mut alarms) = (Vec::new(), Vec::new());
    let mut count = 0;
    for line in list.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = row["id"].as_str().unwrap();
        let path = data.join("real").join(row["file"].as_str().unwrap());
        let printed = Printed::of(&read(&path, Limits::default()).unwrap());
        count += 1;
        if printed.overlays.is_empty() {
            continue;
        }
        let kinds: Vec<&str> = printed.overlays.iter().map(|o| o.kind.word()).collect();
        eprintln!("{name}: {}", kinds.join(", "));
        if DRAWN_ON.contains(&name) {
            found.push(name.to_owned());
        } else {
            alarms.push(name.to_owned());
        }
    }
    eprintln!(
        "{} of {} found, false alarms in {} of {}",
        found.len(),
        DRAWN_ON.len(),
        alarms.len(),
        count - DRAWN_ON.len()
    );
    assert_eq!(count, 131);
    found.sort();
    assert_eq!(found, DRAWN_ON);
    assert!(alarms.is_empty(), "{alarms:?}");
}

#[test]
fn instrument_files_have_nothing_drawn_on_them() {
    let Some(data) = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty()) else {
        eprintln!("skipped: ASKEM_DATA is not set");
        return;
    };
    let mut looked_at = 0;
    for vendor in ["fei", "gatan", "hitachi", "jeol", "tescan", "zeiss"] {
        for entry in std::fs::read_dir(Path::new(&data).join("vendor").join(vendor)).unwrap() {
            let path = entry.unwrap().path();
            let Ok(image) = read(&path, Limits::default()) else {
                continue;
            };
            looked_at += 1;
            let printed = Printed::of(&image);
            // Print beside a banner that was not taken for one is no specimen either.
            let drawn = printed.overlays.iter().filter(|overlay| {
                matches!(
                    overlay.kind,
                    OverlayKind::Inset
                        | OverlayKind::Outline
                        | OverlayKind::Arrow
                        | OverlayKind::Gutter
                        | OverlayKind::Coloured
                )
            });
            assert_eq!(
                drawn.count(),
                0,
                "{}: {:?}",
                path.display(),
                printed.overlays
            );
        }
    }
    eprintln!("{looked_at} instrument files");
    assert!(looked_at >= 10, "{looked_at}");
}
