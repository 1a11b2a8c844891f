//! Micrographs that an expert sized and counted, or whose lines were measured, as a table. Needs
//! the folder named by ASKEM_DATA; is skipped with a word without it.

use std::path::{Path, PathBuf};

use askem::measure::quantity::Scale;
use askem::measure::{Field, Fitness, fibres, lines};
use askem::micrograph::{Edits, Limits, Mask, Printed, read};

fn folder() -> Option<PathBuf> {
    let data = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty());
    if data.is_none() {
        eprintln!("skipped: ASKEM_DATA is not set");
    }
    data.map(|data| Path::new(&data).join("sizes"))
}

fn rows(folder: &Path, object: &str) -> Vec<serde_json::Value> {
    let list = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    list.lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|row| row["object"] == object)
        .collect()
}

/// The specimen of a micrograph, above the row that the list of truths ends at.
fn field(folder: &Path, row: &serde_json::Value) -> Field<'static> {
    let path = folder.join(row["file"].as_str().unwrap());
    let micrograph = read(&path, Limits::default()).unwrap();
    let size = [micrograph.width(), micrograph.height()];
    let mask = Mask::of(size, &Printed::of(&micrograph), &Edits::default());
    let mut field = Field::of(&micrograph, &mask);
    let end = row["count_region_px"][3]
        .as_u64()
        .map_or(field.height, |end| end as usize);
    field.height = end.min(field.height);
    let count = field.width * field.height;
    Field {
        grey: field.grey[..count].to_vec().into(),
        valid: field.valid[..count].to_vec(),
        ..field
    }
}

fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 {
        values[half]
    } else {
        0.5 * (values[half - 1] + values[half])
    }
}

#[test]
fn fibres_sized_and_counted_by_an_expert() {
    let Some(folder) = folder() else { return };
    let (mut sizes, mut counts, mut refused, mut all) = (Vec::new(), Vec::new(), 0, 0);
    eprintln!("file true_count count true_width_px width_px");
    for row in rows(&folder, "fibre") {
        let field = field(&folder, &row);
        let found = fibres::measure(&field, &Fitness::of(&field), &Scale::default(), 1);
        let value = |slot| {
            let found = found.as_ref().ok()?;
            found.quantities.iter().find(|q| q.slot == slot)?.value
        };
        let true_count = row["count"].as_f64().unwrap();
        let true_width = row["size_um"].as_f64().zip(row["px_size_nm"].as_f64());
        let true_width = true_width.map(|(um, nm)| um * 1e3 / nm);
        let (count, width) = (value("count"), value("width.median"));
        let file = row["file"].as_str().unwrap();
        eprintln!(
            "{} {true_count} {count:?} {true_width:?} {width:?}",
            &file[..8]
        );
        all += 1;
        match count {
            Some(count) => counts.push((count - true_count).abs() / true_count),
            None => refused += 1,
        }
        if let (Some(truth), Some(width)) = (true_width, width) {
            sizes.push((width / truth - 1.0).abs());
        }
    }
    let (size, count) = (middle(&mut sizes), middle(&mut counts));
    eprintln!(
        "median error: size {:.1} % of {}, count {:.1} % of {} ({refused} of {all} refused)",
        100.0 * size,
        sizes.len(),
        100.0 * count,
        counts.len()
    );
    assert_eq!(all, 12);
    assert!(sizes.len() == 4 && size <= 0.15, "{sizes:?}");
    assert!(count <= 0.2, "{counts:?}");
}

#[test]
fn lines_and_spaces_have_their_pitch_and_width() {
    let Some(folder) = folder() else { return };
    eprintln!("file lines true_width_nm width_nm true_pitch_nm pitch_nm");
    for row in rows(&folder, "line") {
        let field = field(&folder, &row);
        let found = lines::measure(&field, &Fitness::of(&field), &Scale::default(), 1).unwrap();
        let nm = row["px_size_nm"].as_f64().unwrap();
        let truth = |key: &str| row[key].as_f64().unwrap();
        let sum: f64 = found.lines.iter().map(|line| line.width_px).sum();
        let width = sum / found.lines.len() as f64 * nm;
        let (pitch, periods) = found.pitch_px.unwrap();
        let file = row["file"].as_str().unwrap();
        eprintln!(
            "{file} {} {} {width:.0} {} {:.0}",
            found.lines.len(),
            truth("width_nm"),
            truth("pitch_nm"),
            pitch * nm
        );
        for quantity in &found.quantities {
            eprintln!("  {}: {}", quantity.slot, quantity.text_with_note());
        }
        assert_eq!(found.lines.len() as f64, truth("lines"));
        let pitch_error = pitch * nm / truth("pitch_nm") - 1.0;
        // A few periods of soft lines are worth less than many.
        let at_most = if periods >= 5 { 3e-3 } else { 1e-2 };
        assert!(pitch_error.abs() < at_most, "{pitch_error}");
        // The second one's soft edges have a shoulder at their foot; the printed width says so.
        assert!((width / truth("width_nm") - 1.0).abs() < 0.13, "{width}");
    }
}
