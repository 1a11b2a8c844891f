//! The page of an evaluation.

use super::{answers, classes, heads, number, row};
use crate::evaluate::figures::Figures;
use crate::evaluate::judged::TruthFigures;
use crate::evaluate::numbers::NumberFigures;
use crate::evaluate::page::{Block, Cell, Mark, Page, Section, Sentence, Table};
use crate::evaluate::paper::paper;
use crate::evaluate::record::{Measured, Record, Setting};

/// Gives the small picture of a file, as the bytes of a JPEG; nothing where there is none.
pub type Pictures<'a> = &'a dyn Fn(&str) -> Vec<u8>;

/// The page of an evaluation.
pub fn evaluation(record: &Record, figures: &Figures, pictures: Pictures) -> Page {
    let about = &record.about;
    let paper = paper().filter(|_| about.is_nffa);
    let sections = [
        answers::texts(figures, paper),
        classes::classification(figures, paper),
        classes::categories(figures, paper),
        answers::parts(figures),
        numbers(&figures.numbers),
        truth(&figures.truth),
        answers::listed(figures, record, pictures),
        notes(&record.notes),
    ];
    let mut summary = answers::summary(figures);
    summary.extend(classes::summary(figures));
    Page {
        title: format!("{} on {}", about.model, about.data),
        summary,
        about: described(record, figures),
        sections: sections.into_iter().flatten().collect(),
    }
}

/// What was evaluated and how.
pub(super) fn described(record: &Record, figures: &Figures) -> Vec<(String, String)> {
    let about = &record.about;
    let mut lines = vec![
        ("Program".to_owned(), format!("Askem {}", about.version)),
        ("Model".to_owned(), about.model.clone()),
        ("Model's BLAKE3".to_owned(), about.model_hashes.join(" ")),
        ("Device".to_owned(), about.device.clone()),
        ("Data".to_owned(), about.data.clone()),
        ("Data's BLAKE3".to_owned(), about.data_hash.clone()),
        (
            "Tested".to_owned(),
            format!(
                "{} images of {} specimens in {} run(s)",
                figures.images, figures.specimens, figures.runs
            ),
        ),
        (
            "Intervals".to_owned(),
            "95 of 100 draws of specimens, 1000 draws; sd over runs".to_owned(),
        ),
    ];
    lines.extend(about.settings.iter().cloned());
    lines
}

fn numbers(numbers: &[NumberFigures]) -> Option<Section> {
    let percent = |share: Option<f64>| {
        Cell::plain(share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share)))
    };
    let rows = numbers.iter().map(|figures| {
        row(vec![
            Cell::plain(match figures.of {
                Measured::Size => "Usual size",
                Measured::Count => "Count",
            }),
            Cell::plain(figures.known.to_string()),
            Cell::plain(figures.refused.to_string()),
            percent(figures.median_error),
            percent(figures.within_fifth),
            percent(figures.mean_error),
            percent(figures.within_uncertainty),
        ])
    });
    (!numbers.is_empty()).then(|| Section {
        heading: "Measured numbers".into(),
        words: vec![Sentence::plain(
            "Numbers in answers are measured, never written by the model; here they are held against known ones.",
        )],
        blocks: vec![Block::Table(Table {
            caption: "Error as a share of the known number.".into(),
            columns: heads([
                "",
                "Known",
                "Not said",
                "Median error",
                "Within 20 %",
                "Mean error (of 3 at least)",
                "Within the uncertainty",
            ]),
            rows: rows.collect(),
            notes: vec!["Not said: the program refuses a number that it cannot stand for.".into()],
        })],
    })
}

fn truth(truth: &[(Setting, TruthFigures)]) -> Option<Section> {
    let rows = truth.iter().map(|(setting, found)| {
        let per_hundred = found.false_per_hundred();
        row(vec![
            Cell::plain(capital(setting.words())),
            Cell::plain(found.found_true.to_string()),
            Cell::plain(found.found_false.to_string()),
            Cell::plain(found.undecidable.to_string()),
            Cell::plain(found.unjudged.to_string()),
            per_hundred.map_or_else(
                || Cell::plain("–"),
                |(share, [low, high])| Cell {
                    text: format!("{share:.1}"),
                    small: format!("{low:.1} to {high:.1}"),
                    mark: Mark::Plain,
                },
            ),
        ])
    });
    (!truth.is_empty()).then(|| Section {
        heading: "Truth, judged by a person".into(),
        words: Vec::new(),
        blocks: vec![Block::Table(Table {
            caption: "The model's sentences, each once an image and question.".into(),
            columns: heads([
                "",
                "True",
                "False",
                "Undecidable",
                "Not judged",
                "False statements per hundred",
            ]),
            rows: rows.collect(),
            notes: vec!["Per hundred of those found true or false.".into()],
        })],
    })
}

fn notes(notes: &[String]) -> Option<Section> {
    (!notes.is_empty()).then(|| Section {
        heading: "What to know".into(),
        words: notes.iter().map(Sentence::plain).collect(),
        blocks: Vec::new(),
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A share as a number, for who reads it in a line of text.
pub(super) fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}
