//! Scale bars and banners: drawn ones in every form, pictures that have none or leave it in
//! doubt, and the real micrographs where ASKEM_DATA names them.

mod drawing;

use askem::micrograph::{Limits, Micrograph, Printed, Source, read, read_bytes};
use drawing::{Bar, Drawing, Ends, LABELS, Place};
use std::path::Path;

/// The bar of the built-in sample, counted in the picture.
const SAMPLE_BAR_PX: f64 = 132.5;

fn printed(drawing: &Drawing) -> Printed {
    Printed::of(&micrograph(drawing))
}

fn micrograph(drawing: &Drawing) -> Micrograph {
    read_bytes(&drawing.jpeg(), "drawn.jpg", Limits::default()).unwrap()
}

/// What was read, if it is what was drawn; a sentence if not.
fn check(drawing: &Drawing, bar: &Bar) -> Result<(), String> {
    let (text, nm) = LABELS[bar.label];
    let Some(read) = printed(drawing).scale_bar else {
        return Err(format!("{text} is not read"));
    };
    let truth = nm / bar.length;
    let error = read.nm_per_px / truth - 1.0;
    let at_most = f64::max(1.0 / bar.length, 0.01);
    if error.abs() > at_most {
        return Err(format!(
            "{text} is read as {} over {} px",
            read.label, read.length_px
        ));
    }
    if (read.x0 - bar.x).abs() > 1.5 || (read.y0 - bar.y).abs() > bar.thick + 1.5 {
        return Err(format!("{text}: the bar is at {bar:?}, not at {read:?}"));
    }
    Ok(())
}

fn check_all(drawings: Vec<(Drawing, Bar)>) {
    let failures: Vec<String> = drawings
        .iter()
        .enumerate()
        .filter_map(|(i, (drawing, bar))| {
            check(drawing, bar)
                .err()
                .map(|e| format!("{i} {bar:?}: {e}"))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        drawings.len(),
        failures.join("\n")
    );
}

#[test]
fn the_sample_shows_its_scale() {
    let sample = read_bytes(
        askem_assets::SAMPLE_MICROGRAPH,
        "sample.png",
        Limits::default(),
    );
    let printed = Printed::of(&sample.unwrap());
    let bar = printed.scale_bar.expect("its bar is read");
    assert_eq!(bar.label, "1 µm");
    assert!((bar.length_px - SAMPLE_BAR_PX).abs() < 1.0, "{bar:?}");
    assert!(
        (bar.nm_per_px * bar.length_px - 1_000.0).abs() < 1.0,
        "{bar:?}"
    );
}

#[test]
fn bars_with_every_kind_of_end_are_measured() {
    let mut drawings = Vec::new();
    for (i, ends) in [
        Ends::Plain,
        Ends::Ticks,
        Ends::Arrows,
        Ends::Ruler,
        Ends::Bracket,
    ]
    .into_iter()
    .enumerate()
    {
        for white_on_black in [false, true] {
            let mut drawing = Drawing::new(640, 480, 10 + i as u64);
            drawing.banner(420, 480, white_on_black);
            let bar = Bar {
                x: 60.0,
                y: 460.0,
                length: 117.0,
                thick: 3.0,
                ends,
                label: i,
                place: Place::Above,
                white: white_on_black,
            };
            drawing.bar(&bar);
            drawings.push((drawing, bar));
        }
    }
    check_all(drawings);
}

#[test]
fn labels_are_read_wherever_they_stand() {
    let mut drawings = Vec::new();
    for (i, place) in [
        Place::Above,
        Place::Below,
        Place::Left,
        Place::Right,
        Place::Between,
    ]
    .into_iter()
    .enumerate()
    {
        for (k, white) in [(0, false), (1, true)] {
            let mut drawing = Drawing::new(640, 480, 30 + i as u64);
            drawing.banner(410, 480, white);
            let bar = Bar {
                x: 200.0,
                y: 445.0,
                length: 222.0,
                thick: 2.0,
                ends: if k == 0 { Ends::Ticks } else { Ends::Plain },
                label: [0, 1, 2, 3, 4, 9, 6, 7, 8, 0][2 * i + k],
                place,
                white,
            };
            drawing.bar(&bar);
            drawings.push((drawing, bar));
        }
    }
    check_all(drawings);
}

#[test]
fn banners_are_found_at_either_edge_and_with_image_around_them() {
    for (top, bottom) in [(424_u32, 480_u32), (0, 52), (360, 416)] {
        for white in [false, true] {
            let mut drawing = Drawing::new(640, 480, 50);
            drawing.banner(top, bottom, white);
            drawing.label(10, 300, top + 10, white);
            drawing.label(11, 460, top + 10, white);
            let bar = Bar {
                x: 40.0,
                y: f64::from(top) + 40.0,
                length: 90.0,
                thick: 4.0,
                ends: Ends::Plain,
                label: 2,
                place: Place::Above,
                white,
            };
            drawing.bar(&bar);
            let found = printed(&drawing).banner.unwrap();
            let off = [0, top, 640, bottom]
                .iter()
                .zip(found)
                .map(|(a, b)| a.abs_diff(b))
                .max();
            assert!(off <= Some(2), "{found:?} for {top}..{bottom}");
            check(&drawing, &bar).unwrap();
        }
    }
}

#[test]
fn a_bar_burnt_into_the_image_is_read() {
    let mut drawings = Vec::new();
    for (i, ends) in [Ends::Plain, Ends::Ticks].into_iter().enumerate() {
        for label in [2, 7, 8, 9] {
            let mut drawing = Drawing::new(800, 600, 70 + label as u64);
            let bar = Bar {
                x: 560.0,
                y: 560.0,
                length: 160.0,
                thick: 5.0 - 2.0 * i as f64,
                ends,
                label,
                place: Place::Above,
                white: true,
            };
            drawing.bar(&bar);
            drawings.push((drawing, bar));
        }
    }
    check_all(drawings);
}

#[test]
fn a_very_large_image_gives_places_in_its_own_pixels() {
    let mut drawing = Drawing::new(640, 480, 90);
    drawing.banner(420, 480, true);
    let bar = Bar {
        x: 60.0,
        y: 460.0,
        length: 120.0,
        thick: 3.0,
        ends: Ends::Ticks,
        label: 2,
        place: Place::Above,
        white: true,
    };
    drawing.bar(&bar);
    let drawing = drawing.enlarged(8);
    let read = printed(&drawing).scale_bar.unwrap();
    assert!((read.length_px - 960.0).abs() < 10.0, "{read:?}");
    assert!(
        (read.x0 - 480.0).abs() < 10.0 && (read.y0 - 3680.0).abs() < 40.0,
        "{read:?}"
    );
    assert!((read.nm_per_px / (50_000.0 / 960.0) - 1.0).abs() < 0.01);
}

/// A banner with a bar at a place and a label, or none, over it.
fn with_bar(label: Option<usize>, is_drawn: bool) -> Drawing {
    let mut drawing = Drawing::new(640, 480, 5);
    drawing.banner(420, 480, false);
    if is_drawn {
        drawing.line(60.0, 460.0, 117.0, 3.0, false);
    }
    if let Some(label) = label {
        drawing.label(label, 60, 430, false);
    }
    drawing
}

#[test]
fn what_is_in_doubt_gives_no_scale() {
    assert!(printed(&with_bar(Some(0), true)).scale_bar.is_some());
    assert_eq!(printed(&with_bar(None, true)).scale_bar, None, "no label");
    assert_eq!(printed(&with_bar(Some(0), false)).scale_bar, None, "no bar");
    for other in [10, 11] {
        let drawing = with_bar(Some(other), true);
        assert_eq!(printed(&drawing).scale_bar, None, "{}", LABELS[other].0);
    }
    let mut two = with_bar(Some(0), true);
    two.label(2, 300, 430, false);
    two.line(300.0, 460.0, 117.0, 3.0, false);
    assert_eq!(
        printed(&two).scale_bar,
        None,
        "two bars that contradict each other"
    );
}

#[test]
fn specimens_without_print_have_no_banner_and_no_scale() {
    for seed in 100..112 {
        let drawing = Drawing::new(640, 480, seed);
        assert_eq!(printed(&drawing), Printed::default(), "seed {seed}");
    }
}

#[test]
fn a_read_scale_is_marked_and_always_the_same() {
    let drawing = with_bar(Some(0), true);
    let first = printed(&drawing);
    assert_eq!(first, printed(&drawing));
    let calibration = first.calibration().unwrap();
    assert_eq!(calibration.source, Source::ScaleBar);
    assert_eq!(calibration.from, "scale bar 1 µm");
    assert!((calibration.x_nm / (1000.0 / 117.0) - 1.0).abs() < 0.01);
}

#[test]
fn inspect_shows_bar_and_banner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawn.jpg");
    std::fs::write(&path, with_bar(Some(0), true).jpeg()).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_askem"))
        .args(["inspect", "--json"])
        .arg(&path)
        .output()
        .unwrap();
    let row: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let bar = row["scale_bar"].as_object().unwrap();
    let fields: Vec<&str> = bar.keys().map(String::as_str).collect();
    let documented = ["label", "length_px", "x0", "y0", "x1", "y1", "nm_per_px"];
    assert_eq!(fields, documented);
    assert_eq!(bar["label"], "1 µm");
    let near =
        |value: &serde_json::Value, truth: f64| (value.as_f64().unwrap() - truth).abs() < 2.0;
    assert!(
        near(&bar["length_px"], 117.0) && near(&bar["x0"], 60.0),
        "{row}"
    );
    assert!(
        near(&row["banner"][1], 420.0) && near(&row["banner"][3], 480.0),
        "{row}"
    );
    assert_eq!(row["pixel_size"]["source"], "scale_bar");
    assert_eq!(row["pixel_size"]["x_nm"], bar["nm_per_px"]);
}

/// What the real micrographs came to.
#[derive(Default, Debug)]
struct Tally {
    known: u32,
    good: u32,
    abstained: u32,
    off_by_10: u32,
    wrong_labels: u32,
    invented: u32,
    banners: u32,
    banners_found: u32,
    banners_invented: u32,
}

#[test]
fn real_micrographs_give_their_scale_or_none() {
    let Some(data) = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty()) else {
        eprintln!("skipped: ASKEM_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("real");
    let list = std::fs::read_to_string(folder.join("images.jsonl")).unwrap();
    let mut tally = Tally::default();
    eprintln!("file truth_nm read_nm error_percent label read_label");
    for line in list.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let micrograph = read(
            &folder.join(row["file"].as_str().unwrap()),
            Limits::default(),
        )
        .unwrap();
        let printed = Printed::of(&micrograph);
        tally.add_scale(&row, &printed);
        tally.add_banner(&row, &printed);
    }
    eprintln!("{tally:?}");
    assert_eq!(tally.known, 83);
    assert!(tally.good >= 83, "{tally:?}");
    assert_eq!(
        (tally.off_by_10, tally.wrong_labels, tally.invented),
        (0, 0, 0),
        "{tally:?}"
    );
    assert!(
        tally.banners_found >= 79 && tally.banners_invented == 0,
        "{tally:?}"
    );
}

impl Tally {
    fn add_scale(&mut self, row: &serde_json::Value, printed: &Printed) {
        let file = row["file"].as_str().unwrap();
        let read = printed.scale_bar.as_ref();
        let Some(truth) = row["px_size_nm"].as_f64() else {
            self.invented += u32::from(read.is_some());
            return;
        };
        self.known += 1;
        let label = row["scale_label"].as_str().unwrap();
        let Some(read) = read else {
            self.abstained += 1;
            eprintln!("{file} {truth} abstained - {label}");
            return;
        };
        let error = read.nm_per_px / truth - 1.0;
        let at_most = if row["bar_px"].as_f64() < Some(56.0) {
            0.05
        } else {
            0.03
        };
        self.good += u32::from(error.abs() <= at_most);
        self.off_by_10 += u32::from(error.abs() > 0.1);
        let plain = |text: &str| text.replace(' ', "");
        self.wrong_labels += u32::from(plain(label) != plain(&read.label));
        eprintln!(
            "{file} {truth} {:.4} {:+.2} {label} {}",
            read.nm_per_px,
            error * 100.0,
            read.label
        );
    }

    fn add_banner(&mut self, row: &serde_json::Value, printed: &Printed) {
        let Some(truth) = row["databar"].as_array() else {
            self.banners_invented += u32::from(printed.banner.is_some());
            return;
        };
        self.banners += 1;
        let side = |i: usize| truth[i].as_u64().unwrap() as u32 + u32::from(i > 1);
        let is_near = |found: &[u32; 4]| (0..4).all(|i| found[i].abs_diff(side(i)) <= 4);
        self.banners_found += u32::from(printed.banner.as_ref().is_some_and(is_near));
    }
}
