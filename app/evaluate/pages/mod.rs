//! From figures to pages: what stands in an evaluation, an ablation and a comparison, in words.
//!
//! Decides what a reader is told and what stands in red; computes nothing. Called by
//! `worker::evaluation` and `command`.

mod ablation;
mod answers;
mod classes;
mod comparison;
mod evaluation;

pub use ablation::{Variant, ablation};
pub use comparison::comparison;
pub use evaluation::{Pictures, evaluation};

use super::page::{Cell, Mark, Row};
use super::resample::{Difference, Figure};

/// A figure to three digits behind the point.
fn number(value: f64) -> String {
    // What rounds to nought has no sign.
    let text = format!("{value:.3}");
    match text.as_str() {
        "-0.000" => "0.000".to_owned(),
        _ => text,
    }
}

/// A figure with its interval and deviation.
fn figure(figure: &Figure) -> Cell {
    let interval = figure
        .interval
        .map(|[low, high]| format!("{}\u{2013}{}", number(low), number(high)));
    let sd = figure.sd.map(|sd| format!("sd {}", number(sd)));
    let parts: Vec<String> = interval.into_iter().chain(sd).collect();
    Cell {
        text: number(figure.value),
        small: parts.join(", "),
        mark: Mark::Plain,
    }
}

/// A figure that may be missing.
fn maybe(one: Option<&Figure>) -> Cell {
    one.map_or_else(|| Cell::plain("–"), figure)
}

/// A difference with its sign and interval.
fn difference(difference: &Difference) -> Cell {
    let signed = |value: f64| match number(value) {
        text if value > 0.0 && text != "0.000" => format!("+{text}"),
        text => text.replace('-', "\u{2212}"),
    };
    Cell {
        text: signed(difference.value),
        small: difference.interval.map_or(String::new(), |[low, high]| {
            format!("{} to {}", signed(low), signed(high))
        }),
        mark: Mark::Plain,
    }
}

/// A row of cells.
fn row(cells: Vec<Cell>) -> Row {
    Row {
        cells,
        is_apart: false,
    }
}

/// The words of column heads.
fn heads<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
