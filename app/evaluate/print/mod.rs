//! Writes a report as text: HTML with its plots as SVG, and Markdown.
//!
//! Turns a `Page` into a string and nothing else: it computes no score, reads and writes no file.
//! The same page gives the same bytes. Called by whoever keeps a report as a file.

mod html;
mod markdown;
mod svg;

pub use html::html;
pub use markdown::markdown;

use super::page::Table;

/// What stands before a text that is not as it should be, so that colour is not needed to see it.
const CROSS: &str = "✗ ";

/// What is said where there is nothing to show.
const NOTHING: &str = "Nothing to show.";

/// A value of a score: two decimals, a dash where it is none.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    match format!("{value:.2}") {
        text if text == "-0.00" => "0.00".into(),
        text => text,
    }
}

/// The character itself, or a stand-in for one that would steer the reader's program: names come
/// from files, and a control or a turn of the writing direction can make them read as others.
fn harmless(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        control if control.is_control() => '\u{fffd}',
        other => other,
    }
}

/// The blanks before, the words, and the blanks behind.
fn parted(text: &str) -> (&str, &str, &str) {
    let (before, rest) = text.split_at(text.len() - text.trim_start().len());
    let (words, behind) = rest.split_at(rest.trim_end().len());
    (before, words, behind)
}

/// Whether most of what stands in a column are numbers, which are set flush right.
fn is_of_numbers(table: &Table, column: usize) -> bool {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
    let texts = cells.map(|cell| cell.text.trim()).filter(|t| !t.is_empty());
    let (numbers, others): (Vec<&str>, Vec<&str>) = texts.partition(|text| is_number(text));
    column > 0 && numbers.len() >= others.len()
}

/// Whether `text` is a number, with or without a unit, or a dash for one.
fn is_number(text: &str) -> bool {
    const SIGNS: [char; 10] = ['+', '-', '−', '–', '—', '±', '<', '>', '≈', ' '];
    let unsigned = text.trim_start_matches(SIGNS);
    unsigned.is_empty() || unsigned.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::page::{Cell, Row};

    #[test]
    fn a_number_has_two_decimals_and_no_negative_zero() {
        let texts = [0.125, 1.0, -0.001, -0.5, f64::NAN, f64::INFINITY].map(number);
        assert_eq!(texts, ["0.12", "1.00", "0.00", "-0.50", "–", "–"]);
    }

    #[test]
    fn controls_and_turned_writing_are_replaced() {
        let name: String = "a\u{0}b\u{202e}gpj.exe\tc\nd"
            .chars()
            .map(harmless)
            .collect();
        assert_eq!(name, "a\u{fffd}b\u{fffd}gpj.exe c d");
    }

    #[test]
    fn a_text_is_parted_into_blanks_and_words() {
        assert_eq!(parted("  two words\n"), ("  ", "two words", "\n"));
        assert_eq!(parted("   "), ("   ", "", ""));
        assert_eq!(parted(""), ("", "", ""));
    }

    #[test]
    fn a_column_of_numbers_is_told_from_one_of_words() {
        let row = |texts: [&str; 4]| Row {
            cells: texts.map(Cell::plain).to_vec(),
            is_apart: false,
        };
        let table = Table {
            rows: vec![
                row(["1", "0.41", "sharp", ""]),
                row(["2", "–", "blurred", ""]),
                row(["3", "n/a", "2 kinds", ""]),
            ],
            ..Table::default()
        };
        let columns = [0, 1, 2, 3].map(|column| is_of_numbers(&table, column));
        assert_eq!(columns, [false, true, false, true]);
    }
}
