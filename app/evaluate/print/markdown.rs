//! A report as GitHub-flavoured Markdown, to be read as text and put into a repository.
//!
//! Never shows an image: plots become tables, answers lists. Every text is escaped, for names come
//! from files. Lines between rows are lost, for Markdown has none. Called through `print`.

use super::{CROSS, NOTHING, harmless, is_of_numbers, number, parted};
use crate::evaluate::page::{
    Block, Cell, Mark, Page, Piece, Plot, Row, Section, Sentence, Shown, Table,
};
use std::fmt::Write;

/// `page` as Markdown.
pub fn markdown(page: &Page) -> String {
    let mut text = String::new();
    paragraph(&mut text, &format!("# {}", escaped(&page.title)));
    sentences(&mut text, &page.summary);
    about(&mut text, &page.about);
    for part in &page.sections {
        section(&mut text, part);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// `text` on one line, with nothing in it that Markdown or HTML would take as theirs.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.trim().chars().map(harmless) {
        if "\\`*_[]<>|~&#$".contains(character) {
            safe.push('\\');
        }
        safe.push(character);
    }
    // GitHub makes links of bare addresses.
    safe.replace("://", ":\\//").replace("www.", "www\\.")
}

/// The same where it begins a line: no list, rule or underline of a heading.
fn escaped_line(text: &str) -> String {
    let safe = escaped(text);
    let digits = safe.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = safe.split_at(digits);
    let behind = rest.strip_prefix(['.', ')']);
    let is_item = behind.is_some_and(|behind| !behind.starts_with(char::is_alphanumeric));
    match number {
        "" if rest.starts_with(['-', '+', '=']) => format!("\\{rest}"),
        "" => safe,
        _ if is_item => format!("{number}\\{rest}"),
        _ => safe,
    }
}

fn paragraph(text: &mut String, words: &str) {
    if !words.is_empty() {
        let _ = write!(text, "{words}\n\n");
    }
}

fn sentences(text: &mut String, sentences: &[Sentence]) {
    for sentence in sentences {
        let words = match sentence.mark {
            Mark::Plain => escaped_line(&sentence.text),
            mark => marked(&sentence.text, mark),
        };
        paragraph(text, &words);
    }
}

fn marked(text: &str, mark: Mark) -> String {
    let text = escaped(text);
    match mark {
        _ if text.is_empty() => text,
        Mark::Plain => text,
        Mark::Good => format!("**{text}**"),
        Mark::Bad => format!("**{CROSS}{text}**"),
        Mark::Muted => format!("*{text}*"),
    }
}

fn about(text: &mut String, about: &[(String, String)]) {
    let rows = about.iter().map(|(name, value)| vec![name, value]);
    let table = Table {
        columns: vec!["What".into(), "Value".into()],
        rows: rows.map(plain_row).collect(),
        ..Table::default()
    };
    if !about.is_empty() {
        grid(text, &table, &[false, false]);
    }
}

fn section(text: &mut String, section: &Section) {
    paragraph(text, &format!("## {}", escaped(&section.heading)));
    sentences(text, &section.words);
    for block in &section.blocks {
        match block {
            Block::Table(block) => table(text, block),
            Block::Plot(block) => table(text, &plotted(block)),
            Block::Answers(block) => answers(text, block),
        }
    }
}

fn table(text: &mut String, table: &Table) {
    paragraph(text, &escaped_line(&table.caption));
    let columns = 0..table.columns.len();
    let is_right: Vec<bool> = columns.map(|at| is_of_numbers(table, at)).collect();
    match table.rows.is_empty() {
        true => paragraph(text, NOTHING),
        false => grid(text, table, &is_right),
    }
    for note in &table.notes {
        paragraph(text, &escaped_line(note));
    }
}

/// The lines of a table; `is_right` says which columns are set flush right.
fn grid(text: &mut String, table: &Table, is_right: &[bool]) {
    let heads: Vec<String> = table.columns.iter().map(|column| escaped(column)).collect();
    let rules = is_right.iter().map(|right| match right {
        true => "---:",
        false => ":---",
    });
    let rules: Vec<&str> = rules.collect();
    let _ = writeln!(text, "| {} |\n| {} |", heads.join(" | "), rules.join(" | "));
    let empty = Cell::default();
    for row in &table.rows {
        let columns = 0..table.columns.len();
        let cells = columns.map(|at| cell(row.cells.get(at).unwrap_or(&empty)));
        let _ = writeln!(text, "| {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    text.push('\n');
}

fn cell(cell: &Cell) -> String {
    let parts = [marked(&cell.text, cell.mark), escaped(&cell.small)];
    parts.join(" ").trim().into()
}

fn plain_row<T: Into<String>>(cells: Vec<T>) -> Row {
    Row {
        cells: cells.into_iter().map(Cell::plain).collect(),
        is_apart: false,
    }
}

/// What a plot shows as a table.
fn plotted(plot: &Plot) -> Table {
    let (caption, columns, rows): (&String, Vec<String>, Vec<Vec<String>>) = match plot {
        Plot::Confusion {
            caption,
            labels,
            counts,
        } => {
            let first = ["true ↓ predicted →".to_string()];
            let row = |(at, label): (usize, &String)| {
                let counts = counts.get(at).into_iter().flatten().map(usize::to_string);
                [label.clone()].into_iter().chain(counts).collect()
            };
            (
                caption,
                first.into_iter().chain(labels.iter().cloned()).collect(),
                labels.iter().enumerate().map(row).collect(),
            )
        }
        Plot::Reliability { caption, bins } => {
            let columns = ["mean probability", "share right", "count"];
            let row = |(probability, right, count): &(f64, f64, usize)| {
                vec![number(*probability), number(*right), count.to_string()]
            };
            (
                caption,
                columns.map(String::from).to_vec(),
                bins.iter().map(row).collect(),
            )
        }
        Plot::Bars { caption, bars } => {
            let columns = ["name", "value", "from", "to"];
            let row = |(name, value, ends): &(String, f64, Option<(f64, f64)>)| {
                let (low, high) = ends.unwrap_or((f64::NAN, f64::NAN));
                vec![name.clone(), number(*value), number(low), number(high)]
            };
            (
                caption,
                columns.map(String::from).to_vec(),
                bars.iter().map(row).collect(),
            )
        }
    };
    Table {
        caption: caption.clone(),
        columns,
        rows: rows.into_iter().map(plain_row).collect(),
        notes: Vec::new(),
    }
}

fn answers(text: &mut String, answers: &[Shown]) {
    if answers.is_empty() {
        paragraph(text, NOTHING);
        return;
    }
    paragraph(text, "In bold: words that the other text lacks.");
    for group in answers.chunk_by(|one, next| one.group == next.group) {
        if let Some(first) = group.first().filter(|first| !first.group.is_empty()) {
            paragraph(text, &format!("### {}", escaped(&first.group)));
        }
        for shown in group {
            answer(text, shown);
        }
        text.push('\n');
    }
}

fn answer(text: &mut String, shown: &Shown) {
    let _ = writeln!(text, "- File: {}", escaped(&shown.file));
    if !shown.question.is_empty() {
        let question = marked(&shown.question, Mark::Muted);
        let _ = writeln!(text, "  - Question: {question}");
    }
    let _ = writeln!(text, "  - Reference: {}", compared(&shown.reference));
    let _ = writeln!(text, "  - Answer: {}", compared(&shown.answer));
    let score = |(name, value): &(String, f64)| format!("{} {}", escaped(name), number(*value));
    let scores: Vec<String> = shown.scores.iter().map(score).collect();
    if !scores.is_empty() {
        let _ = writeln!(text, "  - Scores: {}", scores.join(" · "));
    }
}

/// A text with what the other lacks in bold.
fn compared(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        let (before, words, behind) = parted(&piece.text);
        let is_plain = piece.is_shared || words.is_empty();
        let words = match is_plain {
            true => escaped(words),
            false => bold(words),
        };
        for part in [before, &words, behind] {
            // One blank is all that Markdown shows of several, and of a new line.
            match part.trim() {
                "" if part.is_empty() || text.ends_with(' ') => (),
                "" => text.push(' '),
                _ => text.push_str(part),
            }
        }
    }
    match text.trim() {
        "" => "*no text*".into(),
        text => text.into(),
    }
}

/// `words` in bold wherever they stand: stars do not work between a letter and a sign.
fn bold(words: &str) -> String {
    let is_safe =
        words.starts_with(char::is_alphanumeric) && words.ends_with(char::is_alphanumeric);
    match is_safe {
        true => format!("**{}**", escaped(words)),
        false => format!("<b>{}</b>", escaped(words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str, is_shared: bool) -> Piece {
        Piece {
            text: text.into(),
            is_shared,
        }
    }

    fn of_blocks(blocks: Vec<Block>) -> String {
        markdown(&Page {
            title: "Report".into(),
            sections: vec![Section {
                heading: "Part".into(),
                blocks,
                ..Section::default()
            }],
            ..Page::default()
        })
    }

    #[test]
    fn a_table_survives_pipes_new_lines_and_missing_cells() {
        let table = Table {
            caption: "Scores".into(),
            columns: ["file", "F1", "rest"].map(String::from).to_vec(),
            rows: vec![Row {
                cells: vec![
                    Cell::plain("a|b\n| c | d |\n<script>.tif"),
                    Cell {
                        small: "0.38–0.44".into(),
                        ..Cell::plain("0.41").marked(Mark::Bad)
                    },
                ],
                is_apart: true,
            }],
            notes: vec!["- no list".into()],
        };
        assert_eq!(
            of_blocks(vec![Block::Table(table)]),
            "# Report\n\n## Part\n\nScores\n\n\
             | file | F1 | rest |\n| :--- | ---: | ---: |\n\
             | a\\|b \\| c \\| d \\| \\<script\\>.tif | **✗ 0.41** 0.38–0.44 |  |\n\n\
             \\- no list\n"
        );
    }

    #[test]
    fn nothing_in_a_text_is_taken_as_markdown_or_html() {
        for (text, safe) in [
            ("*a* _b_ `c` [d](e)", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e)"),
            ("<b>&amp;$x$~~y~~", "\\<b\\>\\&amp;\\$x\\$\\~\\~y\\~\\~"),
            ("see http://x and www.y", "see http:\\//x and www\\.y"),
            ("a\u{202e}b\r\n# c", "a\u{fffd}b  \\# c"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }

    #[test]
    fn a_line_is_no_list_and_no_rule() {
        for (text, safe) in [
            ("- a", "\\- a"),
            ("+ a", "\\+ a"),
            ("===", "\\==="),
            ("12. a", "12\\. a"),
            ("3) a", "3\\) a"),
            ("12 images", "12 images"),
            ("0.41 is low", "0.41 is low"),
            ("", ""),
        ] {
            assert_eq!(escaped_line(text), safe);
        }
    }

    #[test]
    fn marks_are_told_apart() {
        let sentences = [Mark::Plain, Mark::Good, Mark::Bad, Mark::Muted]
            .map(|mark| Sentence::marked(" few images ", mark));
        let page = Page {
            title: "Report".into(),
            summary: sentences.to_vec(),
            about: vec![("Model".into(), "a|b".into())],
            ..Page::default()
        };
        assert_eq!(
            markdown(&page),
            "# Report\n\nfew images\n\n**few images**\n\n**✗ few images**\n\n*few images*\n\n\
             | What | Value |\n| :--- | :--- |\n| Model | a\\|b |\n"
        );
    }

    #[test]
    fn plots_become_tables_also_when_they_are_empty() {
        let caption = || String::from("Shown");
        let counts = of_blocks(vec![Block::Plot(Plot::Confusion {
            caption: caption(),
            labels: vec!["Tips".into(), "Powder".into()],
            counts: vec![vec![0, 0], vec![1, 3]],
        })]);
        assert!(counts.contains("| Tips | 0 | 0 |\n| Powder | 1 | 3 |\n"));
        let bins = of_blocks(vec![Block::Plot(Plot::Reliability {
            caption: caption(),
            bins: vec![(0.25, 0.5, 8), (f64::NAN, f64::NAN, 0)],
        })]);
        assert!(bins.contains("| 0.25 | 0.50 | 8 |\n| – | – | 0 |\n"));
        let bars = of_blocks(vec![Block::Plot(Plot::Bars {
            caption: caption(),
            bars: vec![("BLEU-2".into(), 0.5, None)],
        })]);
        assert!(bars.contains("| BLEU-2 | 0.50 | – | – |\n"));
        let empty = Plot::Confusion {
            caption: caption(),
            labels: Vec::new(),
            counts: Vec::new(),
        };
        assert!(of_blocks(vec![Block::Plot(empty)]).ends_with("Shown\n\nNothing to show.\n"));
    }

    #[test]
    fn an_answer_shows_what_is_not_shared() {
        let shown = Shown {
            group: "best".into(),
            file: "a_b.tif".into(),
            jpeg: vec![0xff],
            question: "What is it?".into(),
            reference: vec![piece("grey ", true), piece(" wires", false)],
            answer: vec![piece("grey", true), piece(". Of gold", false)],
            scores: vec![("BLEU-2".into(), 0.41), ("ROUGE-L".into(), 0.625)],
        };
        assert_eq!(
            of_blocks(vec![Block::Answers(vec![shown])]),
            "# Report\n\n## Part\n\nIn bold: words that the other text lacks.\n\n### best\n\n\
             - File: a\\_b.tif\n  - Question: *What is it?*\n\
             \x20 - Reference: grey **wires**\n  - Answer: grey<b>. Of gold</b>\n\
             \x20 - Scores: BLEU-2 0.41 · ROUGE-L 0.62\n"
        );
    }

    #[test]
    fn the_same_page_gives_the_same_bytes_and_one_new_line_at_its_end() {
        let page = Page::default();
        assert_eq!(markdown(&page), markdown(&page));
        assert_eq!(
            of_blocks(vec![Block::Answers(Vec::new())])
                .matches("\n\n")
                .count(),
            2
        );
        assert!(of_blocks(Vec::new()).ends_with("## Part\n"));
    }
}
