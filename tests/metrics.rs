//! Scores against values of independent implementations.
//!
//! `fixtures/text_metrics.jsonl` holds 50 of 300 pairs computed with the NLTK 3.10.4, rouge-score
//! 0.1.2 and WordNet 3.0 and recomputed by a second implementation; all 300, and lists of stems
//! and synonyms, are used where ASKEM_DATA names a data folder that has `metrics` beside it.

use askem::answer::{Classification, Flow};
use askem::evaluate::text::{
    Bleu, CorpusScores, EPSILON, Meteor, Scorer, Unit, WordNet, alphanumeric, rouge, stem,
};
use askem::evaluate::{Accuracy, Rouge, mean_rouge_l};
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

fn is_near(name: &str, ours: &[f64], theirs: &Value, row: &Value) {
    let theirs: Vec<f64> = match theirs {
        Value::Array(all) => all.iter().map(|one| one.as_f64().unwrap()).collect(),
        one => vec![one.as_f64().unwrap()],
    };
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!(
            (ours - theirs).abs() < TOLERANCE,
            "{name}: {ours} for {theirs} in {row}"
        );
    }
}

/// Every metric of a pair against what is written beside it.
fn check_pair(row: &Value) {
    let hypothesis = row["hypothesis"].as_str().unwrap();
    let references = strings(&row["references"]);
    let bleu = Bleu::of(hypothesis, &references);
    is_near("BLEU", &bleu.scores(0.0), &row["bleu"], row);
    is_near("smoothed", &bleu.scores(EPSILON), &row["bleu_eps"], row);
    for (name, unit) in [
        ("rouge1", Unit::Words(1)),
        ("rouge2", Unit::Words(2)),
        ("rougeL", Unit::Order),
    ] {
        for (name, stemmed) in [(name.to_owned(), false), (format!("{name}_stem"), true)] {
            let Rouge {
                precision,
                recall,
                f1,
            } = rouge(hypothesis, &references, unit, stemmed);
            is_near(&name, &[precision, recall, f1], &row[name.as_str()], row);
        }
    }
    let mut meteor = Meteor::default();
    let found = meteor.score(hypothesis, &references);
    is_near("METEOR", &[found.score], &row["meteor"], row);
    let aligned = [
        found.exact,
        found.stem,
        found.synonym,
        found.chunks,
        found.reference,
    ];
    let theirs: Vec<usize> = row["meteor_alignment"]
        .as_array()
        .unwrap()
        .iter()
        .map(|count| count.as_u64().unwrap() as usize)
        .collect();
    assert_eq!(aligned[..], theirs, "{row}");
    let references: Vec<Vec<String>> = references.iter().map(|text| alphanumeric(text)).collect();
    let found = meteor.score_words(&alphanumeric(hypothesis), &references);
    is_near(
        "letters and digits",
        &[found.score],
        &row["meteor_alnum"],
        row,
    );
}

#[test]
fn all_text_metrics_equal_the_reference_values() {
    let rows = rows(include_str!("fixtures/text_metrics.jsonl"));
    assert_eq!(rows.len(), 50);
    rows.iter().for_each(check_pair);
}

/// A file of the reference values, if there are any on this machine.
fn reference(name: &str) -> Option<String> {
    let data = std::env::var("ASKEM_DATA").unwrap_or_default();
    let text = std::fs::read_to_string(format!("{data}/../metrics/{name}")).ok();
    let text = text.filter(|_| !data.is_empty());
    if text.is_none() {
        eprintln!("skipped: ASKEM_DATA names no folder with metrics/{name} beside it");
    }
    text
}

#[test]
fn all_reference_values_are_met_of_pairs_and_of_corpora() {
    let Some(text) = reference("reference.jsonl") else {
        return;
    };
    let rows = rows(&text);
    let (pairs, groups): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row["kind"] == "pair");
    assert_eq!((pairs.len(), groups.len()), (300, 3));
    pairs.iter().for_each(check_pair);
    let mut scorer = Scorer::default();
    for group in groups {
        let members = strings(&group["members"]);
        let is_member = |row: &&Value| members.contains(&row["id"].as_str().unwrap());
        let scores: Vec<_> = pairs
            .iter()
            .filter(is_member)
            .map(|row| {
                let hypothesis = row["hypothesis"].as_str().unwrap();
                scorer.score(hypothesis, &strings(&row["references"]))
            })
            .collect();
        assert_eq!(scores.len(), members.len());
        let corpus = CorpusScores::of(&scores).unwrap();
        is_near("corpus", &corpus.bleu, &group["corpus_bleu"], &group);
        let pooled: Bleu = scores.iter().map(|one| one.bleu).sum();
        is_near(
            "smoothed",
            &pooled.scores(EPSILON),
            &group["corpus_bleu_eps"],
            &group,
        );
        for (name, mean) in [
            ("mean_rouge1_f", corpus.rouge1),
            ("mean_rouge2_f", corpus.rouge2),
            ("mean_rougeL_f", corpus.rouge_l),
            ("mean_meteor", corpus.meteor),
        ] {
            is_near(name, &[mean], &group[name], &group);
        }
    }
}

#[test]
fn stems_and_synonyms_are_those_of_the_reference() {
    let lines = |text: &str| -> Vec<(String, String)> {
        let pairs = text.lines().filter_map(|line| line.split_once('\t'));
        pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    };
    if let Some(text) = reference("stems.tsv") {
        for (word, expected) in lines(&text) {
            assert_eq!(stem(&word), expected, "{word}");
        }
    }
    if let Some(text) = reference("synonyms.tsv") {
        for (word, expected) in lines(&text) {
            let is_matched = |name: &&str| *name == word || **name == name.to_lowercase();
            let mut expected: Vec<&str> = expected.split(' ').filter(is_matched).collect();
            expected.sort_unstable();
            let found: Vec<&str> = WordNet::shipped().synonyms(&word).into_iter().collect();
            assert_eq!(found, expected, "{word}");
        }
    }
}

/// METEOR pairs a second on one core, of the pairs with one reference in the file that
/// ASKEM_METEOR names; `tests/speed/meteor.py` holds it beside the NLTK.
#[test]
#[ignore = "a measurement, not a check"]
fn meteor_pairs_a_second() {
    let file = std::env::var("ASKEM_METEOR").expect("ASKEM_METEOR names a file of pairs");
    let rows = rows(&std::fs::read_to_string(file).unwrap());
    let pairs: Vec<(&str, &str)> = rows
        .iter()
        .filter(|row| {
            row["references"]
                .as_array()
                .is_some_and(|all| all.len() == 1)
        })
        .map(|row| {
            let text = |value: &'static str| row[value].as_str();
            (
                text("hypothesis").unwrap(),
                row["references"][0].as_str().unwrap(),
            )
        })
        .collect();
    let mut meteor = Meteor::default();
    let mut of_all = || -> f64 {
        let scores = pairs
            .iter()
            .map(|(text, reference)| meteor.score(text, &[reference]).score);
        scores.sum()
    };
    // The first pass learns the words, as the NLTK's does.
    let expected = of_all();
    let began = std::time::Instant::now();
    let mut passes = 0;
    while began.elapsed().as_secs_f64() < 2.0 {
        assert_eq!(of_all(), expected);
        passes += 1;
    }
    let a_second = (passes * pairs.len()) as f64 / began.elapsed().as_secs_f64();
    println!("METEOR {a_second:.0} pairs a second");
}

/// The paper's Table 7 beside ours: 24 of its 30 figures agree as they are printed.
#[test]
fn table_7_of_the_paper_is_met_where_its_figures_agree_with_themselves() {
    let rows = rows(include_str!("fixtures/table7.jsonl"));
    let mut scorer = Scorer::default();
    let mut agree = 0;
    println!("row: BLEU-2, ROUGE-L, METEOR of the paper and ours");
    for row in &rows {
        let hypothesis = row["hypothesis"].as_str().unwrap();
        let scores = scorer.score(hypothesis, &strings(&row["references"]));
        let ours = [
            ("bleu2", scores.bleu.scores(0.0)[1]),
            ("rougeL", scores.rouge_l.f1),
            ("meteor", scores.meteor),
        ];
        let mut line = row["id"].as_str().unwrap().to_owned();
        for (name, ours) in ours {
            let printed = row["paper"][name].as_f64().unwrap();
            let does_agree = format!("{ours:.3}") == format!("{printed:.3}");
            assert_eq!(
                Some(does_agree),
                row["agrees_to_3_decimals"][name].as_bool(),
                "{row}"
            );
            agree += usize::from(does_agree);
            line.push_str(&format!("  {printed:.3} {ours:.6}"));
        }
        println!("{line}");
        is_near(
            "BLEU",
            &scores.bleu.scores(0.0),
            &row["computed"]["bleu"],
            row,
        );
        is_near("METEOR", &[scores.meteor], &row["computed"]["meteor"], row);
    }
    assert_eq!((rows.len(), agree), (10, 24));
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
