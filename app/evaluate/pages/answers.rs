//! The sections on answers: how close they are to their references beside what needs no model, by
//! question and category, and the best, the middle and the worst ten of them.
//!
//! Called by `evaluation`.

use super::{difference, figure, heads, number, row};
use crate::evaluate::difference::difference as compared;
use crate::evaluate::figures::{Figures, PartFigures, Scored, TextFigures};
use crate::evaluate::page::{Block, Cell, Mark, Row, Section, Sentence, Shown, Table};
use crate::evaluate::paper::{Paper, TextRow};
use crate::evaluate::record::{Record, Setting, Teller};
use crate::evaluate::resample::Difference;

/// Answers in each group of the listing.
const LISTED: usize = 10;

/// An answer that the report shows.
#[derive(Clone, Copy, Debug)]
struct Listed<'a> {
    /// "Best", "Median" or "Worst".
    group: &'static str,
    /// The answer.
    scored: &'a Scored,
}

/// The ten best, the ten in the middle and the ten worst answers by METEOR; fewer where there are
/// not thirty.
fn listing(figures: &Figures) -> Vec<Listed<'_>> {
    let mut ranked: Vec<&Scored> = figures.answers.iter().collect();
    ranked.sort_by(|a, b| {
        let place = |one: &Scored| (one.run, one.image, one.question);
        b.meteor.total_cmp(&a.meteor).then(place(a).cmp(&place(b)))
    });
    let each = LISTED.min(ranked.len().div_ceil(3));
    let middle = (ranked.len() - each) / 2;
    let worst = ranked.len() - each;
    let mut listed = Vec::new();
    for (place, scored) in ranked.into_iter().enumerate() {
        let group = match place {
            place if place < each => "Best",
            place if (middle..middle + each).contains(&place) => "Median",
            place if place >= worst => "Worst",
            _ => continue,
        };
        listed.push(Listed { group, scored });
    }
    listed
}

/// How close answers are to their references.
pub(super) fn texts(figures: &Figures, paper: Option<&Paper>) -> Option<Section> {
    let table = |setting: Setting| {
        let rows: Vec<&TextFigures> = Teller::ALL
            .into_iter()
            .filter_map(|teller| figures.text(setting, teller))
            .collect();
        let paper = paper.filter(|_| setting == Setting::Given);
        (!rows.is_empty()).then(|| Block::Table(text_table(setting, &rows, paper)))
    };
    let tables = Setting::ALL.into_iter().filter_map(table);
    let blocks: Vec<Block> = tables.chain(lengths(figures)).collect();
    (!blocks.is_empty()).then(|| Section {
        heading: "Answers".into(),
        words: vec![Sentence::plain(
            "How many of an answer's words stand in its reference. That is likeness, not truth: \
             an answer may be true in other words, or false in almost the same ones.",
        )],
        blocks,
    })
}

fn text_table(setting: Setting, rows: &[&TextFigures], paper: Option<&Paper>) -> Table {
    let mut columns = heads(["", "Answers"]);
    columns.extend(names(rows.first().map(|row| row.scores.as_slice())));
    columns.extend(heads(["Unchanged", "Lead, ROUGE-L"]));
    let mut cells: Vec<Row> = rows.iter().map(|row| text_row(row)).collect();
    if let Some(second) = cells.get_mut(1) {
        second.is_apart = true;
    }
    let quoted = paper.iter().flat_map(|paper| paper.table1_vqa.iter());
    let first_quoted = cells.len();
    cells.extend(quoted.map(paper_row));
    if let Some(first) = cells.get_mut(first_quoted) {
        first.is_apart = true;
    }
    let mut notes = vec![
        "BLEU is pooled over all answers, the others are means. Slots stand for numbers in answers and references alike."
            .to_owned(),
        "Another image, blank or noise: what of the model's answer does not come from the image. Unchanged: the share of its sentences that it says all the same."
            .to_owned(),
        "Lead: how far the model is above, on the questions that both answered.".to_owned(),
    ];
    if paper.is_some() {
        notes.push("In italics: the paper's Table 1, with its standard deviation.".into());
    }
    Table {
        caption: match setting {
            Setting::Given => "With the true category in the caption, as in the paper's Table 1.",
            Setting::Predicted => {
                "With the category that the model predicts in the caption, as in use."
            }
        }
        .into(),
        columns,
        rows: cells,
        notes,
    }
}

/// How long the model's answers are beside their references.
fn lengths(figures: &Figures) -> Option<Block> {
    let of_model = figures
        .texts
        .iter()
        .filter(|texts| texts.teller == Teller::Model);
    let rows: Vec<Row> = of_model
        .map(|texts| {
            row(vec![
                Cell::plain(format!("Model, {}", texts.setting.words())),
                Cell::plain(format!("{:.1}", texts.words)),
                Cell::plain(format!("{:.1}", texts.reference_words)),
                Cell::plain(number(texts.words / texts.reference_words)),
            ])
        })
        .collect();
    (!rows.is_empty()).then(|| {
        Block::Table(Table {
            caption: "Length of answers: METEOR is kind to long ones, BLEU to short ones.".into(),
            columns: heads(["", "Words of an answer", "Words of its reference", "Ratio"]),
            rows,
            notes: Vec::new(),
        })
    })
}

fn text_row(texts: &TextFigures) -> Row {
    let mut cells = vec![
        Cell::plain(texts.teller.words()),
        Cell::plain(texts.texts.to_string()),
    ];
    cells.extend(texts.scores.iter().map(|(_, score)| figure(score)));
    cells.push(texts.unchanged.as_ref().map_or(Cell::default(), figure));
    cells.push(texts.lead.as_ref().map_or(Cell::default(), |lead| {
        let mark = match lead.is_above() {
            true => Mark::Plain,
            false => Mark::Bad,
        };
        difference(lead).marked(mark)
    }));
    row(cells)
}

fn paper_row(printed: &TextRow) -> Row {
    let scores = [
        (printed.bleu2, printed.bleu2_sd),
        (printed.bleu4, printed.bleu4_sd),
        (printed.rouge1, printed.rouge1_sd),
        (printed.rouge2, printed.rouge2_sd),
        (printed.rouge_l, printed.rouge_l_sd),
        (printed.meteor, printed.meteor_sd),
    ];
    let name = Cell::plain(format!("{}, as printed", printed.method));
    let scores = scores.map(|(value, sd)| Cell {
        text: number(value),
        small: format!("sd {}", number(sd)),
        mark: Mark::Muted,
    });
    let mut cells = vec![
        name.marked(Mark::Muted),
        Cell::plain("–").marked(Mark::Muted),
    ];
    cells.extend(scores);
    row(cells)
}

fn names(scores: Option<&[(&'static str, crate::evaluate::resample::Figure)]>) -> Vec<String> {
    let scores = scores.unwrap_or_default().iter();
    scores.map(|(name, _)| (*name).to_owned()).collect()
}

/// The model's answers by question and by category.
pub(super) fn parts(figures: &Figures) -> Option<Section> {
    let table = |caption: &str, parts: &[PartFigures]| {
        let mut columns = heads(["", "Answers"]);
        columns.extend(names(parts.first().map(|part| part.scores.as_slice())));
        let rows = parts.iter().map(|part| {
            let mut cells = vec![Cell::plain(part.part), Cell::plain(part.texts.to_string())];
            cells.extend(
                part.scores
                    .iter()
                    .map(|(_, score)| Cell::plain(number(score.value))),
            );
            row(cells)
        });
        Block::Table(Table {
            caption: caption.into(),
            columns,
            rows: rows.collect(),
            notes: Vec::new(),
        })
    };
    let mut blocks = Vec::new();
    if !figures.keys.is_empty() {
        blocks.push(table("The model's answers by question.", &figures.keys));
    }
    if !figures.by_category.is_empty() {
        blocks.push(table("The same by category.", &figures.by_category));
    }
    (!blocks.is_empty()).then(|| Section {
        heading: "By question and category".into(),
        words: Vec::new(),
        blocks,
    })
}

/// The best, the middle and the worst answers with their images.
pub(super) fn listed(
    figures: &Figures,
    record: &Record,
    pictures: &dyn Fn(&str) -> Vec<u8>,
) -> Option<Section> {
    let shown = |listed: Listed<'_>| shown(record, listed, pictures);
    let shown: Vec<Shown> = listing(figures).into_iter().filter_map(shown).collect();
    (!shown.is_empty()).then(|| Section {
        heading: "Best, median and worst answers".into(),
        words: vec![Sentence::plain(
            "By METEOR, as the paper's Table 7 lists them. Marked: words that the other text does not have in this order.",
        )],
        blocks: vec![Block::Answers(shown)],
    })
}

fn shown(
    record: &Record,
    Listed { group, scored }: Listed<'_>,
    pictures: &dyn Fn(&str) -> Vec<u8>,
) -> Option<Shown> {
    let image = record.runs.get(scored.run)?.images.get(scored.image)?;
    let asked = image.questions.get(scored.question)?;
    let reference = asked.references.first()?;
    let answer = asked.said_by(Teller::Model, scored.setting)?;
    let [reference, answer] = compared(reference, answer);
    Some(Shown {
        group: group.to_owned(),
        file: image.file.clone(),
        jpeg: pictures(&image.file),
        question: asked.key.wording().to_owned(),
        reference,
        answer,
        scores: vec![
            ("BLEU-2".into(), scored.bleu2),
            ("ROUGE-L".into(), scored.rouge_l),
            ("METEOR".into(), scored.meteor),
        ],
    })
}

/// What is said of the answers at the top, a sentence a setting.
pub(super) fn summary(figures: &Figures) -> Vec<Sentence> {
    let told = |setting: Setting| {
        let model = figures.text(setting, Teller::Model)?;
        let score = |wanted: &str| {
            let found = model.scores.iter().find(|(name, _)| *name == wanted);
            found.map_or(f64::NAN, |(_, figure)| figure.value)
        };
        let of = format!(
            "With the {}, {} answers reach BLEU-4 {}, ROUGE-L {}, METEOR {}",
            setting.words(),
            model.texts,
            number(score("BLEU-4")),
            number(score("ROUGE-L")),
            number(score("METEOR"))
        );
        let others = Teller::ALL
            .into_iter()
            .filter(|teller| *teller != Teller::Model);
        let leads: Vec<(&str, Difference)> = others
            .filter_map(|teller| figures.text(setting, teller))
            .filter_map(|row| Some((row.teller.words(), row.lead?)))
            .filter(|(_, lead)| !lead.is_above())
            .collect();
        let named = |how: &str, is_worse: bool| {
            let names: Vec<String> = leads
                .iter()
                .filter(|(_, lead)| lead.is_below() == is_worse)
                .map(|(name, _)| format!("\u{201c}{}\u{201d}", name.to_lowercase()))
                .collect();
            (!names.is_empty()).then(|| format!("{how} {}", names.join(" and ")))
        };
        let told: Vec<String> = [
            named("is worse than", true),
            named("is not shown to beat", false),
        ]
        .into_iter()
        .flatten()
        .collect();
        Some(match told.as_slice() {
            [] => Sentence::plain(format!("{of}.")),
            _ => Sentence::marked(
                format!("{of}. By ROUGE-L the model {}.", told.join(" and ")),
                Mark::Bad,
            ),
        })
    };
    Setting::ALL.into_iter().filter_map(told).collect()
}
