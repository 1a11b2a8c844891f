//! The sections on classification: who takes images for what, by category, and how sure it is.
//!
//! Called by `evaluation`.

use super::{difference, figure, heads, maybe, number, row};
use crate::evaluate::figures::{CategoryFigures, Figures, GuessFigures};
use crate::evaluate::page::{Block, Cell, Mark, Plot, Section, Sentence, Table};
use crate::evaluate::paper::{GuessRow, Paper};
use crate::evaluate::record::Guesser;
use crate::questions::Category;

/// Who takes images for what; nothing where no image has a category.
pub(super) fn classification(figures: &Figures, paper: Option<&Paper>) -> Option<Section> {
    let model = figures.guess(Guesser::Model)?;
    let mut rows: Vec<_> = figures.guesses.iter().map(guess_row).collect();
    if let Some(first) = rows.get_mut(1) {
        first.is_apart = true;
    }
    let mut blocks = vec![Block::Table(Table {
        caption: format!(
            "Material of {} images, told by looking alone: no caption names the category.",
            model.images
        ),
        columns: heads(["", "Top-1", "Top-5", "Macro F1", "Calibration error", "Model's lead in top-1"]),
        rows,
        notes: vec![
            "Calibration error: how far the probability of the first guess is from the share that is right, over ten bins.".into(),
        ],
    })];
    if let Some(paper) = paper {
        blocks.push(Block::Table(quoted(paper)));
    }
    Some(Section {
        heading: "Which material".into(),
        words: Vec::new(),
        blocks,
    })
}

fn guess_row(guess: &GuessFigures) -> crate::evaluate::page::Row {
    row(vec![
        Cell::plain(guess.guesser.words()),
        figure(&guess.top1),
        figure(&guess.top5),
        figure(&guess.macro_f1),
        figure(&guess.calibration_error),
        guess.lead.as_ref().map_or(Cell::default(), |lead| {
            let mark = if lead.is_above() {
                Mark::Plain
            } else {
                Mark::Bad
            };
            difference(lead).marked(mark)
        }),
    ])
}

/// What the paper and later work print of the NFFA-EUROPE set.
fn quoted(paper: &Paper) -> Table {
    let quoted = |name: String, top1: f64, top5: Option<f64>| {
        let top5 = top5.map_or_else(|| "–".to_owned(), number);
        let cells = [name, number(top1), top5];
        row(cells
            .map(|text| Cell::plain(text).marked(Mark::Muted))
            .to_vec())
    };
    let printed = |one: &GuessRow| quoted(one.method.clone(), one.top1, Some(one.top5));
    let tables = [
        &paper.table2_classification_vision,
        &paper.table3_classification_graph,
    ];
    let mut rows: Vec<_> = paper
        .later
        .iter()
        .map(|later| {
            let name = format!("{}, on {} images", later.method, later.images);
            quoted(name, later.top1, None)
        })
        .collect();
    for table in tables {
        let first = rows.len();
        rows.extend(table.iter().map(printed));
        if let Some(first) = rows.get_mut(first) {
            first.is_apart = true;
        }
    }
    Table {
        caption: "Quoted: the paper's Tables 2 and 3, and later work, on the NFFA-EUROPE set."
            .into(),
        columns: heads(["", "Top-1", "Top-5"]),
        rows,
        notes: vec!["Their folds are not known, so they are not the same as here.".into()],
    }
}

/// How well each category is told.
pub(super) fn categories(figures: &Figures, paper: Option<&Paper>) -> Option<Section> {
    if figures.categories.is_empty() {
        return None;
    }
    let mut columns = heads(["", "Images", "Precision", "Recall", "F1"]);
    if paper.is_some() {
        columns.push("F1 in the paper".into());
    }
    let of_paper = |category: &CategoryFigures| {
        let known: Category = category.category.parse().ok()?;
        let mut rows = paper?.table4_per_category.iter();
        rows.find(|row| row.category.parse() == Ok(known))
    };
    let rows = figures.categories.iter().map(|category| {
        let mut cells = vec![
            Cell::plain(category.category),
            Cell::plain(category.images.to_string()),
            maybe(category.precision.as_ref()),
            maybe(category.recall.as_ref()),
            maybe(category.f1.as_ref()),
        ];
        cells.extend(of_paper(category).map(|printed| Cell {
            text: number(printed.f1),
            small: format!("sd {}", number(printed.f1_sd)),
            mark: Mark::Muted,
        }));
        row(cells)
    });
    let few: Vec<&str> = figures
        .categories
        .iter()
        .filter(|category| {
            category
                .recall
                .is_some_and(|recall| recall.interval.is_none())
        })
        .map(|category| category.category)
        .collect();
    let mut notes = vec!["–: no image of it, or none taken for it.".to_owned()];
    if !few.is_empty() {
        notes.push(format!(
            "One specimen alone, so that its figures say nothing of others: {}.",
            few.join(", ")
        ));
    }
    Some(Section {
        heading: "By category".into(),
        words: Vec::new(),
        blocks: vec![
            Block::Table(Table {
                caption: "The model's predictions by category.".into(),
                columns,
                rows: rows.collect(),
                notes,
            }),
            Block::Plot(bars(&figures.categories)),
            Block::Plot(Plot::Confusion {
                caption: "What each category (row) was taken for (column), in images.".into(),
                labels: Category::ALL.iter().map(|one| one.name().to_owned()).collect(),
                counts: figures.confusion.iter().map(|row| row.to_vec()).collect(),
            }),
            Block::Plot(Plot::Reliability {
                caption: "How often the model's first guess was right, by how sure it was. On the line its probabilities are true.".into(),
                bins: figures.reliability.clone(),
            }),
        ],
    })
}

fn bars(categories: &[CategoryFigures]) -> Plot {
    let bar = |category: &CategoryFigures| {
        let f1 = category.f1?;
        let reach = f1.interval.map(|[low, high]| (low, high));
        Some((category.category.to_owned(), f1.value, reach))
    };
    Plot::Bars {
        caption: "F1 of each category, with its interval of 95 in 100.".into(),
        bars: categories.iter().filter_map(bar).collect(),
    }
}

/// What is said of it at the top.
pub(super) fn summary(figures: &Figures) -> Option<Sentence> {
    let model = figures.guess(Guesser::Model)?;
    let others = [Guesser::Neighbours, Guesser::Probe, Guesser::Majority];
    let ahead: Vec<&str> = others
        .into_iter()
        .filter_map(|guesser| figures.guess(guesser))
        .filter(|guess| guess.lead.is_some_and(|lead| !lead.is_above()))
        .map(|guess| guess.guesser.words())
        .collect();
    let of = format!(
        "It tells the material of {} images with top-1 {}, top-5 {}, macro F1 {}",
        model.images,
        number(model.top1.value),
        number(model.top5.value),
        number(model.macro_f1.value)
    );
    Some(match ahead.as_slice() {
        [] => Sentence::plain(format!("{of}.")),
        _ => Sentence::marked(
            format!(
                "{of}, and is not shown to beat: {}.",
                ahead.join("; ").to_lowercase()
            ),
            Mark::Bad,
        ),
    })
}
