//! Scores against values of independent implementations.
//!
//! `fixtures/rouge_l.jsonl` holds 50 of 300 pairs computed with rouge-score 0.1.2 (no stemming) and
//! recomputed by a second implementation; all 300 are used where ASKEM_DATA names a data folder
//! that has `metrics` beside it.

use askem::answer::{Classification, Flow};
use askem::evaluate::{Accuracy, Rouge, mean_rouge_l, rouge_l};
use askem::questions::Category;
use askem::worker::TrainingSign;
use askem::worker::training::measure;
use serde_json::Value;
use std::path::{Path, PathBuf};

const TOLERANCE: f64 = 1e-9;

fn strings(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect()
}

fn rows(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn rouge_of(row: &Value) -> Rouge {
    rouge_l(
        row["hypothesis"].as_str().unwrap(),
        &strings(&row["references"]),
    )
}

fn check_row(row: &Value) {
    let Rouge {
        precision,
        recall,
        f1,
    } = rouge_of(row);
    for (ours, theirs) in [precision, recall, f1]
        .iter()
        .zip(row["rougeL"].as_array().unwrap())
    {
        let theirs = theirs.as_f64().unwrap();
        assert!(
            (ours - theirs).abs() < TOLERANCE,
            "{ours} for {theirs} in {row}"
        );
    }
}

#[test]
fn rouge_l_equals_the_reference_values() {
    let rows = rows(include_str!("fixtures/rouge_l.jsonl"));
    assert_eq!(rows.len(), 50);
    rows.iter().for_each(check_row);
}

#[test]
fn rouge_l_equals_all_reference_values() {
    let data = std::env::var("ASKEM_DATA").unwrap_or_default();
    if data.is_empty() {
        eprintln!("skipped: ASKEM_DATA is not set");
        return;
    }
    let Ok(text) = std::fs::read_to_string(format!("{data}/../metrics/reference.jsonl")) else {
        eprintln!("skipped: no metrics/reference.jsonl beside {data}");
        return;
    };
    let rows = rows(&text);
    let (pairs, groups): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row["kind"] == "pair");
    assert_eq!((pairs.len(), groups.len()), (300, 3));
    pairs.iter().for_each(check_row);
    for group in groups {
        let members = strings(&group["members"]);
        let is_member = |row: &&Value| members.contains(&row["id"].as_str().unwrap());
        let scores: Vec<_> = pairs.iter().filter(is_member).map(rouge_of).collect();
        assert_eq!(scores.len(), members.len());
        let mean = mean_rouge_l(&scores).unwrap();
        assert!(
            (mean - group["mean_rougeL_f"].as_f64().unwrap()).abs() < TOLERANCE,
            "{mean} for {}",
            group["id"]
        );
    }
}

#[test]
fn no_pairs_have_no_mean() {
    assert_eq!(mean_rouge_l(&[]), None);
    let half = Rouge {
        precision: 1.0,
        recall: 0.0,
        f1: 0.5,
    };
    assert_eq!(mean_rouge_l(&[half, Rouge::default()]), Some(0.25));
}

/// A prediction with the given categories as the most probable ones, in that order.
fn ranking(first: &[Category]) -> Classification {
    let mut probabilities = [0.0; 10];
    for (rank, category) in first.iter().enumerate() {
        probabilities[category.index()] = 0.5_f32.powi(rank as i32 + 1);
    }
    Classification {
        probabilities,
        none_of_these: false,
    }
}

#[test]
fn accuracy_counts_by_hand() {
    use Category::{Fibres, Films, Mems, Nanowires, Powder, Tips};
    let predictions = [
        (Powder, ranking(&[Powder])),
        (Powder, ranking(&[Powder, Tips])),
        (Powder, ranking(&[Tips, Fibres, Films, Mems, Powder])),
        (Tips, ranking(&[Tips])),
        (
            Fibres,
            ranking(&[Powder, Tips, Films, Mems, Nanowires, Fibres]),
        ),
    ];
    let accuracy = Accuracy::of(&predictions).unwrap();
    let near = |a: f64, b: f64| assert!((a - b).abs() < TOLERANCE, "{a} for {b}");
    assert_eq!(accuracy.images, 5);
    near(accuracy.top1, 3.0 / 5.0);
    near(accuracy.top5, 4.0 / 5.0);
    // Powder: precision 2/3, recall 2/3; Tips: precision 1/2, recall 1; Fibres: recall 0
    near(accuracy.macro_f1, (2.0 / 3.0 + 2.0 / 3.0 + 0.0) / 3.0);
    let row = |category: Category| accuracy.categories[category.index()];
    near(row(Powder).precision().unwrap(), 2.0 / 3.0);
    near(row(Tips).recall().unwrap(), 1.0);
    near(row(Fibres).f1().unwrap(), 0.0);
    assert_eq!((row(Fibres).precision(), row(Mems).f1()), (None, None));
    let table = accuracy.to_string();
    assert_eq!(table.lines().count(), 12);
    assert!(
        table.ends_with("5 images: top-1 0.600, top-5 0.800, macro F1 0.444"),
        "{table}"
    );
    assert_eq!(Accuracy::of(&[]), None);
}

#[test]
fn the_factory_model_knows_real_micrographs_better_than_chance() {
    let Some(folder) = std::env::var_os("ASKEM_PAIRS").filter(|folder| !folder.is_empty()) else {
        eprintln!("skipped: ASKEM_PAIRS names no folder made by assets/recipe/real_pairs.py");
        return;
    };
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/factory");
    let mut say = |sign| {
        if let TrainingSign::Word(line) = sign {
            eprintln!("{line}");
        }
        Flow::Continue
    };
    let figures = measure(&model, &[PathBuf::from(folder)], 2, &mut say).unwrap();
    let accuracy = figures[0].accuracy.as_ref().unwrap();
    assert!(accuracy.top1 > 0.5 && accuracy.top5 > 0.8, "{accuracy}");
}
