//! The page of an ablation: the network without each of its parts, beside the paper's Tables 5
//! and 6.

use super::evaluation::{described, shown};
use super::{figure, heads, number, row};
use crate::evaluate::figures::{CategoryFigures, Figures};
use crate::evaluate::page::{Block, Cell, Mark, Page, Row, Section, Sentence, Table};
use crate::evaluate::paper::paper;
use crate::evaluate::record::{Record, Setting, Teller};
use crate::evaluate::resample::Figure;

/// One network with what came of it.
pub struct Variant {
    /// What it is, such as "without ITC"; the whole one is the last of the paper's rows.
    pub name: &'static str,
    /// What it wrote.
    pub record: Record,
    /// Its figures.
    pub figures: Figures,
}

impl Variant {
    /// A figure of its answers with the category given, by its name.
    pub fn score(&self, name: &str) -> Option<f64> {
        self.text_figure(name).map(|figure| figure.value)
    }

    fn text_figure(&self, name: &str) -> Option<&Figure> {
        let texts = self.figures.text(Setting::Given, Teller::Model)?;
        let mut scores = texts.scores.iter();
        scores
            .find(|(one, _)| *one == name)
            .map(|(_, figure)| figure)
    }

    /// The mean of a figure over the categories that were there or were predicted; one that has
    /// none, such as the precision of what was never predicted, counts as 0.
    pub fn mean(&self, of: fn(&CategoryFigures) -> Option<Figure>) -> Option<f64> {
        let categories = self
            .figures
            .categories
            .iter()
            .filter(|one| one.f1.is_some());
        let value = |one| of(one).map_or(0.0, |figure| figure.value);
        let values: Vec<f64> = categories.map(value).collect();
        let sum: f64 = values.iter().sum();
        (!values.is_empty()).then(|| sum / values.len() as f64)
    }
}

/// The page of an ablation; the whole network is the last of the variants, in the paper's order.
pub fn ablation(variants: &[Variant]) -> Page {
    let last = variants.last();
    let about = last.map_or(Vec::new(), |whole| described(&whole.record, &whole.figures));
    let data = last.map_or("", |whole| whole.record.about.data.as_str());
    let mut notes: Vec<&String> = variants.iter().flat_map(|one| &one.record.notes).collect();
    notes.sort();
    notes.dedup();
    let words = |texts: Vec<&String>| {
        texts
            .into_iter()
            .map(|text| Sentence::plain(text.as_str()))
            .collect()
    };
    Page {
        title: format!("What each part is for, on {data}"),
        summary: vec![Sentence::plain(
            "The same network, trained anew without one of its losses or attentions each time. \
             The paper's figures are of the NFFA-EUROPE set; elsewhere only the order can be compared.",
        )],
        about,
        sections: vec![
            Section {
                heading: "Answers: the paper's Table 5".into(),
                words: Vec::new(),
                blocks: vec![Block::Table(answers(variants))],
            },
            Section {
                heading: "Classification: the paper's Table 6".into(),
                words: Vec::new(),
                blocks: vec![Block::Table(classes(variants))],
            },
            Section {
                heading: "What to know".into(),
                words: words(notes),
                blocks: Vec::new(),
            },
        ]
        .into_iter()
        .filter(|section| !section.words.is_empty() || !section.blocks.is_empty())
        .collect(),
    }
}

fn answers(variants: &[Variant]) -> Table {
    let printed = paper().map_or(&[][..], |paper| &paper.table5_ablation_vqa);
    let rows = variants.iter().enumerate().map(|(place, variant)| {
        let score = |wanted: &str| {
            let found = variant.text_figure(wanted);
            found.map_or_else(|| Cell::plain("–"), figure)
        };
        let mut cells = vec![
            Cell::plain(variant.name),
            score("BLEU-4"),
            score("ROUGE-L"),
            score("METEOR"),
        ];
        if let Some(printed) = printed.get(place) {
            cells.extend(quoted([printed.bleu4, printed.rouge_l, printed.meteor]));
        }
        apart(place + 1 == variants.len(), cells)
    });
    Table {
        caption: "With the true category in the caption.".into(),
        columns: heads([
            "",
            "BLEU-4",
            "ROUGE-L",
            "METEOR",
            "BLEU-4, printed",
            "ROUGE-L, printed",
            "METEOR, printed",
        ]),
        rows: rows.collect(),
        notes: vec![
            "In italics: as the paper prints them. It calls the matching loss (ITM) CTC.".into(),
        ],
    }
}

fn classes(variants: &[Variant]) -> Table {
    let printed = paper().map_or(&[][..], |paper| &paper.table6_ablation_classification);
    let rows = variants.iter().enumerate().map(|(place, variant)| {
        let means = [
            variant.mean(|category| category.precision),
            variant.mean(|category| category.recall),
            variant.mean(|category| category.f1),
        ];
        let mut cells = vec![Cell::plain(variant.name)];
        cells.extend(means.map(|mean| Cell::plain(shown(mean))));
        if let Some(printed) = printed.get(place) {
            cells.extend(quoted([printed.precision, printed.recall, printed.f1]));
        }
        apart(place + 1 == variants.len(), cells)
    });
    Table {
        caption: "Told by looking alone: no caption names the category. Means over categories.".into(),
        columns: heads([
            "",
            "Precision",
            "Recall",
            "F1",
            "Precision, printed",
            "Recall, printed",
            "F1, printed",
        ]),
        rows: rows.collect(),
        notes: vec![
            "Without ITC nothing teaches the vectors that categories are told by, so that this is chance here; the paper does not say how it told them then.".into(),
        ],
    }
}

fn quoted(values: [f64; 3]) -> [Cell; 3] {
    values.map(|value| Cell::plain(number(value)).marked(Mark::Muted))
}

fn apart(is_apart: bool, cells: Vec<Cell>) -> Row {
    Row {
        is_apart,
        ..row(cells)
    }
}
