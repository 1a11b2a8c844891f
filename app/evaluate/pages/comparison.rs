//! The page that says whether one model is better than another, and where.

use super::evaluation::described;
use super::{heads, number, row};
use crate::evaluate::compare::{Compared, Comparison, LEVEL, Verdict};
use crate::evaluate::figures::Figures;
use crate::evaluate::page::{Block, Cell, Mark, Page, Row, Section, Sentence, Table};
use crate::evaluate::record::Record;

/// The page of a comparison; record and figures are those of the model before.
pub fn comparison(compared: &Comparison, record: &Record, figures: &Figures) -> Page {
    let Comparison {
        before,
        after,
        verdict,
        whole,
        parts,
    } = compared;
    let mark = match verdict {
        Verdict::Better => Mark::Good,
        Verdict::Worse => Mark::Bad,
        Verdict::Undecided | Verdict::Mixed => Mark::Plain,
    };
    let told = match verdict {
        Verdict::Better => format!("{after} is better than {before}."),
        Verdict::Worse => format!("{after} is worse than {before}."),
        Verdict::Undecided => format!(
            "Undecided: {after} and {before} differ by no more than chance may bring about."
        ),
        Verdict::Mixed => {
            format!("{after} is better than {before} by some measures and worse by others.")
        }
    };
    let mut about = described(record, figures);
    about.push(("Compared with".into(), after.clone()));
    Page {
        title: format!("{before} and {after}"),
        summary: vec![Sentence::marked(told, mark), where_it_is(parts)],
        about,
        sections: vec![
            section("On the whole", whole, before, after),
            section("By category and question", parts, before, after),
        ],
    }
}

/// The parts in which it is better or worse.
fn where_it_is(parts: &[Compared]) -> Sentence {
    let names = |verdict: Verdict| -> Vec<&str> {
        let found = parts.iter().filter(|one| one.verdict == verdict);
        found.map(|one| one.part.as_str()).collect()
    };
    let (better, worse) = (names(Verdict::Better), names(Verdict::Worse));
    let list = |words: &str, names: &[&str]| match names {
        [] => None,
        _ => Some(format!("{words} in {}", names.join(", "))),
    };
    let lists = [list("Better", &better), list("Worse", &worse)];
    let lists: Vec<String> = lists.into_iter().flatten().collect();
    match lists.as_slice() {
        [] => Sentence::plain("No category and no question alone decides it."),
        _ => Sentence::plain(format!("{}.", lists.join(". "))),
    }
}

fn section(heading: &str, compared: &[Compared], before: &str, after: &str) -> Section {
    let mut columns = heads(["", "Measure", "Compared", "Specimens"]);
    columns.extend([before.to_owned(), after.to_owned()]);
    columns.extend(heads(["Difference", "p", "Verdict"]));
    Section {
        heading: heading.to_owned(),
        words: Vec::new(),
        blocks: vec![Block::Table(Table {
            caption: "Means over the same images and answers.".into(),
            columns,
            rows: compared.iter().map(compared_row).collect(),
            notes: vec![format!(
                "p: how probable such a difference is by chance, by turning the signs of specimens' differences, and held to all tests of the table (Holm). Below {LEVEL} it counts."
            )],
        })],
    }
}

fn compared_row(compared: &Compared) -> Row {
    let mark = match compared.verdict {
        Verdict::Better => Mark::Good,
        Verdict::Worse => Mark::Bad,
        Verdict::Undecided | Verdict::Mixed => Mark::Muted,
    };
    let part = match compared.part.as_str() {
        "" => "All",
        part => part,
    };
    let difference = compared.after - compared.before;
    let signed = match number(difference) {
        text if difference > 0.0 && text != "0.000" => format!("+{text}"),
        text => text.replace('-', "\u{2212}"),
    };
    row(vec![
        Cell::plain(part),
        Cell::plain(compared.measure),
        Cell::plain(compared.count.to_string()),
        Cell::plain(compared.specimens.to_string()),
        Cell::plain(number(compared.before)),
        Cell::plain(number(compared.after)),
        Cell::plain(signed),
        Cell::plain(match compared.probability {
            p if p < 0.001 => "< 0.001".to_owned(),
            p => number(p),
        }),
        Cell::plain(compared.verdict.words()).marked(mark),
    ])
}
