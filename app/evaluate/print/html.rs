//! A report as one HTML file: styles, images and plots inside, to be read, mailed and printed.
//!
//! Never fetches or runs anything: no script, no link, and a policy in its head that forbids both.
//! Every text is escaped, for names come from files. Called through `print`.

use super::svg::{escaped, svg};
use super::{CROSS, NOTHING, is_of_numbers, number, parted};
use crate::evaluate::page::{
    Block, Cell, Mark, Page, Piece, Plot, Row, Section, Sentence, Shown, Table,
};
use std::fmt::Write;

/// Columns from which a table is set more tightly.
const WIDE: usize = 6;
/// Rows from which a table may go on on the next sheet.
const LONG: usize = 30;

/// `page` as a file of its own.
pub fn html(page: &Page) -> String {
    let mut html = String::new();
    let title = escaped(&page.title);
    let _ = write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; img-src data:\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>{title}</h1>\n"
    );
    sentences(&mut html, &page.summary);
    about(&mut html, &page.about);
    html.push_str("</header>\n");
    for part in &page.sections {
        section(&mut html, part);
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn sentences(html: &mut String, sentences: &[Sentence]) {
    for sentence in sentences {
        let _ = writeln!(html, "<p>{}</p>", marked(&sentence.text, sentence.mark));
    }
}

fn marked(text: &str, mark: Mark) -> String {
    let text = escaped(text);
    match mark {
        _ if text.is_empty() => text,
        Mark::Plain => text,
        Mark::Good => format!("<strong>{text}</strong>"),
        Mark::Bad => format!("<strong class=\"bad\">{CROSS}{text}</strong>"),
        Mark::Muted => format!("<em class=\"muted\">{text}</em>"),
    }
}

fn about(html: &mut String, about: &[(String, String)]) {
    if about.is_empty() {
        return;
    }
    html.push_str("<dl>\n");
    for (name, value) in about {
        let (name, value) = (escaped(name), escaped(value));
        let _ = writeln!(html, "<dt>{name}</dt><dd>{value}</dd>");
    }
    html.push_str("</dl>\n");
}

fn section(html: &mut String, section: &Section) {
    let _ = writeln!(html, "<section>\n<h2>{}</h2>", escaped(&section.heading));
    sentences(html, &section.words);
    for block in &section.blocks {
        match block {
            Block::Table(block) => table(html, block),
            Block::Plot(block) => plot(html, block),
            Block::Answers(block) => answers(html, block),
        }
    }
    html.push_str("</section>\n");
}

fn table(html: &mut String, table: &Table) {
    let wide = if table.columns.len() >= WIDE {
        " wide"
    } else {
        ""
    };
    let long = if table.rows.len() >= LONG {
        " long"
    } else {
        ""
    };
    let _ = writeln!(html, "<div class=\"table{wide}{long}\">\n<table>");
    if !table.caption.is_empty() {
        let _ = writeln!(html, "<caption>{}</caption>", escaped(&table.caption));
    }
    let aligned: Vec<&str> = (0..table.columns.len())
        .map(|column| match is_of_numbers(table, column) {
            true => "",
            false => " class=\"words\"",
        })
        .collect();
    html.push_str("<thead>\n<tr>");
    for (column, class) in table.columns.iter().zip(&aligned) {
        let _ = write!(html, "<th scope=\"col\"{class}>{}</th>", head(column));
    }
    html.push_str("</tr>\n</thead>\n<tbody>\n");
    for line in &table.rows {
        row(html, line, &aligned);
    }
    html.push_str("</tbody>\n</table>\n");
    if table.rows.is_empty() {
        let _ = writeln!(html, "<p class=\"note\">{NOTHING}</p>");
    }
    for note in &table.notes {
        let _ = writeln!(html, "<p class=\"note\">{}</p>", escaped(note));
    }
    html.push_str("</div>\n");
}

/// The name of a column, which breaks between words but not at a hyphen.
fn head(name: &str) -> String {
    let word = |word: &str| match word.contains('-') && word.len() < 16 {
        true => format!("<span>{}</span>", escaped(word)),
        false => escaped(word),
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn row(html: &mut String, row: &Row, aligned: &[&str]) {
    let class = if row.is_apart { " class=\"apart\"" } else { "" };
    let _ = write!(html, "<tr{class}>");
    let empty = Cell::default();
    for (column, class) in aligned.iter().enumerate() {
        let inside = cell(row.cells.get(column).unwrap_or(&empty));
        let _ = match column {
            0 => write!(html, "<th scope=\"row\"{class}>{inside}</th>"),
            _ => write!(html, "<td{class}>{inside}</td>"),
        };
    }
    html.push_str("</tr>\n");
}

fn cell(cell: &Cell) -> String {
    let text = marked(&cell.text, cell.mark);
    match cell.small.as_str() {
        "" => text,
        small => format!("{text} <small>{}</small>", escaped(small)),
    }
}

fn plot(html: &mut String, plot: &Plot) {
    let (Plot::Confusion { caption, .. }
    | Plot::Reliability { caption, .. }
    | Plot::Bars { caption, .. }) = plot;
    let _ = writeln!(html, "<figure>\n{}", svg(plot));
    if !caption.is_empty() {
        let _ = writeln!(html, "<figcaption>{}</figcaption>", escaped(caption));
    }
    html.push_str("</figure>\n");
}

fn answers(html: &mut String, answers: &[Shown]) {
    if answers.is_empty() {
        let _ = writeln!(html, "<p class=\"note\">{NOTHING}</p>");
        return;
    }
    html.push_str(
        "<p class=\"note key\"><u>Underlined</u>: words of the reference that the answer lacks. \
         <mark>Shaded</mark>: words of the answer that the reference lacks.</p>\n",
    );
    for group in answers.chunk_by(|one, next| one.group == next.group) {
        if let Some(first) = group.first().filter(|first| !first.group.is_empty()) {
            let _ = writeln!(html, "<h3>{}</h3>", escaped(&first.group));
        }
        html.push_str("<div class=\"cards\">\n");
        for shown in group {
            card(html, shown);
        }
        html.push_str("</div>\n");
    }
}

fn card(html: &mut String, shown: &Shown) {
    html.push_str("<article>\n");
    let file = escaped(&shown.file);
    let _ = match shown.jpeg.as_slice() {
        [] => writeln!(html, "<div class=\"blank\">no image</div>"),
        jpeg => writeln!(
            html,
            "<img alt=\"Micrograph {file}\" src=\"data:image/jpeg;base64,{}\">",
            base64(jpeg)
        ),
    };
    let _ = writeln!(html, "<div>\n<p class=\"file\">{file}</p>");
    if !shown.question.is_empty() {
        let _ = writeln!(html, "<p><em>{}</em></p>", escaped(&shown.question));
    }
    compared(html, "Reference", &shown.reference, "u");
    compared(html, "Answer", &shown.answer, "mark");
    scores(html, &shown.scores);
    html.push_str("</div>\n</article>\n");
}

/// A text with what the other lacks inside `tag`.
fn compared(html: &mut String, name: &str, pieces: &[Piece], tag: &str) {
    let _ = write!(html, "<p><span class=\"name\">{name}</span> ");
    if pieces.iter().all(|piece| piece.text.trim().is_empty()) {
        html.push_str("<em class=\"muted\">no text</em>");
    }
    for piece in pieces {
        let (before, words, behind) = parted(&piece.text);
        let [before, words, behind] = [before, words, behind].map(escaped);
        let _ = if piece.is_shared || words.is_empty() {
            write!(html, "{before}{words}{behind}")
        } else {
            write!(html, "{before}<{tag}>{words}</{tag}>{behind}")
        };
    }
    html.push_str("</p>\n");
}

fn scores(html: &mut String, scores: &[(String, f64)]) {
    if scores.is_empty() {
        return;
    }
    let scores = scores.iter().map(|(name, value)| {
        let (name, value) = (escaped(name), number(*value));
        format!("<span>{name}&nbsp;{value}</span>")
    });
    let scores = scores.collect::<Vec<_>>().join(" · ");
    let _ = writeln!(html, "<p class=\"scores\">{scores}</p>");
}

/// `bytes` in the letters of RFC 4648, padded.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | usize::from(three.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            match at <= three.len() {
                true => text.push(char::from(LETTERS[bits >> (18 - 6 * at) & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

/// How it looks: a laboratory report, on screens light and dark and on paper.
const STYLE: &str = r#"
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --grey: #5b6570; --rule: #c9cfd6;
  --bad: #b3001b; --amber: #fdeab5; --bar: #4a92c6; --line: #08519c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #e3e6e8; --grey: #9ba5ae; --rule: #3b434b;
    --bad: #ff8a80; --amber: #5c4400; --bar: #3f86bb; --line: #8ec4ee;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
  -webkit-text-size-adjust: 100%;
}
main { max-width: 70rem; margin: 0 auto; padding: 3.5rem 2rem 5rem; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.01em; margin: 0 0 1rem; }
h2 {
  font-size: 1.3rem; line-height: 1.3; margin: 3.5rem 0 1rem;
  padding-top: 1rem; border-top: 1px solid var(--rule);
}
h3 { font-size: 1rem; margin: 2rem 0 .75rem; }
p { margin: 0 0 .75rem; max-width: 46rem; }
strong { font-weight: 600; }
.bad { color: var(--bad); }
.muted { color: var(--grey); }
small { font-size: .8em; color: var(--grey); white-space: nowrap; }
.note { font-size: .85rem; color: var(--grey); margin: .5rem 0 0; }
dl {
  display: grid; grid-template-columns: max-content 1fr; gap: .3rem 2rem;
  margin: 1.75rem 0 0; font-size: .925rem;
}
dt { color: var(--grey); max-width: 16rem; }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.table { margin: 2rem 0; overflow-x: auto; }
table {
  border-collapse: collapse; font-size: .925rem; line-height: 1.4;
  border-bottom: 1.5px solid var(--ink);
}
caption { caption-side: top; text-align: left; padding: 0 0 .6rem; font-size: .925rem; font-weight: 600; }
th, td { padding: .38rem 0 .38rem 1.75rem; text-align: right; vertical-align: baseline; font-weight: 400; }
thead th { vertical-align: bottom; font-weight: 600; border-bottom: 1px solid var(--ink); }
thead tr { border-top: 1.5px solid var(--ink); }
th:first-child { padding-left: 0; }
.words { text-align: left; }
td { white-space: nowrap; }
td.words { white-space: normal; }
tbody tr + tr { border-top: 1px solid color-mix(in srgb, var(--rule) 45%, transparent); }
tbody tr.apart { border-top: 1px solid var(--ink); }
.wide table { font-size: .875rem; }
.wide th, .wide td { padding-left: 1.1rem; }
.wide th:first-child { padding-left: 0; min-width: 9rem; }
.wide small { display: block; line-height: 1.2; }
figure { margin: 2rem 0; }
svg { display: block; max-width: 100%; height: auto; }
figcaption { margin-top: .75rem; max-width: 46rem; font-size: .925rem; color: var(--grey); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
article {
  display: grid; grid-template-columns: 160px minmax(0, 1fr); gap: 1.1rem; align-items: start;
  padding: 1rem; border: 1px solid var(--rule); border-radius: 4px; font-size: .9rem; line-height: 1.5;
}
article p { margin: 0 0 .5rem; }
article p:last-child { margin: 0; }
img { display: block; width: 100%; max-height: 160px; object-fit: contain; object-position: top; }
.blank {
  height: 120px; display: grid; place-items: center;
  border: 1px dashed var(--rule); color: var(--grey); font-size: .8rem;
}
.file {
  font: .78rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  color: var(--grey); overflow-wrap: anywhere;
}
.name { display: block; font-size: .78rem; font-weight: 600; color: var(--grey); }
u { text-decoration-thickness: 1.5px; text-underline-offset: 3px; }
mark { background: var(--amber); color: var(--ink); padding: 0 .15em; border-radius: 2px; }
.scores { font-size: .82rem; color: var(--grey); padding-top: .15rem; }
.scores span, thead span { white-space: nowrap; }
@media (max-width: 40rem) {
  main { padding: 1.5rem 1rem 3rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
  article { grid-template-columns: 96px minmax(0, 1fr); gap: .8rem; }
}
@page { size: A4; margin: 16mm; }
@media print {
  :root { color-scheme: light; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  html { font-size: 9.5pt; }
  body { font-size: 9.5pt; line-height: 1.45; }
  main { max-width: none; padding: 0; }
  h2 { margin-top: 2rem; }
  h1, h2, h3, caption, .key { break-after: avoid; }
  p { orphans: 3; widows: 3; }
  .table, figure, article, tr, dl { break-inside: avoid; }
  .table { overflow: visible; margin: 1.5rem 0; }
  .long { break-inside: auto; }
  th, td { padding-top: .25rem; padding-bottom: .25rem; }
  thead { display: table-header-group; }
  .wide table { font-size: 7.5pt; width: 100%; }
  .wide th, .wide td { padding-left: .5rem; }
  .wide td { overflow-wrap: anywhere; }
  .cards { grid-template-columns: 1fr; gap: .75rem; }
  article { grid-template-columns: 34mm minmax(0, 1fr); padding: .75rem; }
  img { max-height: 34mm; }
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "<script>alert('1')</script>\"&.tif";

    fn piece(text: &str, is_shared: bool) -> Piece {
        Piece {
            text: text.into(),
            is_shared,
        }
    }

    fn shown(text: &str) -> Shown {
        Shown {
            group: text.into(),
            file: text.into(),
            jpeg: vec![0xff, 0xd8, 0xff],
            question: text.into(),
            reference: vec![piece("grey ", true), piece(text, false)],
            answer: vec![piece(text, false), piece(" grey", true)],
            scores: vec![(text.into(), 0.625)],
        }
    }

    /// A page with `text` wherever a text can stand.
    fn page(text: &str) -> Page {
        let cell = |mark| Cell {
            text: text.into(),
            small: text.into(),
            mark,
        };
        let table = Table {
            caption: text.into(),
            columns: vec![text.into(), text.into()],
            rows: vec![Row {
                cells: vec![cell(Mark::Bad), cell(Mark::Muted)],
                is_apart: true,
            }],
            notes: vec![text.into()],
        };
        let confusion = Plot::Confusion {
            caption: text.into(),
            labels: vec![text.into(), "Tips".into()],
            counts: vec![vec![3, 1], vec![0, 0]],
        };
        let bars = Plot::Bars {
            caption: text.into(),
            bars: vec![(text.into(), 0.5, Some((0.4, 0.6)))],
        };
        Page {
            title: text.into(),
            summary: vec![Sentence::marked(text, Mark::Bad)],
            about: vec![(text.into(), text.into())],
            sections: vec![Section {
                heading: text.into(),
                words: vec![Sentence::marked(text, Mark::Good)],
                blocks: vec![
                    Block::Table(table),
                    Block::Plot(confusion),
                    Block::Plot(bars),
                    Block::Answers(vec![shown(text)]),
                ],
            }],
        }
    }

    /// The names of the tags, in order.
    fn tags(html: &str) -> Vec<&str> {
        let opened = html.split('<').skip(1);
        opened
            .map(|tag| tag.split(['>', ' ', '\n']).next().unwrap_or_default())
            .collect()
    }

    #[test]
    fn a_hostile_text_adds_no_tag_anywhere() {
        let html = html(&page(HOSTILE));
        assert!(!html.contains("<script"));
        assert!(!html.contains("alert('"));
        assert_eq!(tags(&html), tags(&super::html(&page("harmless"))));
        assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;.tif"));
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xd8, 0xff, 0xfb, 0xef, 0xbe]), "/9j/++++");
    }

    #[test]
    fn the_same_page_gives_the_same_bytes() {
        assert_eq!(html(&page(HOSTILE)), html(&page(HOSTILE)));
    }

    #[test]
    fn nothing_is_fetched_and_nothing_runs() {
        let html = html(&page("plain")).replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        for way in ["http:", "https:", "<link", "<script", "url(", "@import"] {
            assert!(!html.contains(way), "{way}");
        }
        assert!(html.contains("default-src 'none'"));
    }

    #[test]
    fn an_empty_page_is_a_page() {
        let html = html(&Page::default());
        assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
        assert!(html.contains("<title></title>"));
        assert!(html.ends_with("</html>\n"));
    }

    #[test]
    fn a_bad_cell_is_told_by_more_than_colour_and_a_missing_one_is_empty() {
        let table = Table {
            columns: ["model", "share", "rest"].map(String::from).to_vec(),
            rows: vec![Row {
                cells: vec![
                    Cell::plain("small"),
                    Cell {
                        small: "0.38–0.44".into(),
                        ..Cell::plain("0.41").marked(Mark::Bad)
                    },
                ],
                is_apart: true,
            }],
            ..Table::default()
        };
        let mut html = String::new();
        super::table(&mut html, &table);
        assert!(html.contains(
            "<tr class=\"apart\"><th scope=\"row\" class=\"words\">small</th>\
             <td><strong class=\"bad\">✗ 0.41</strong> <small>0.38–0.44</small></td><td></td></tr>"
        ));
    }

    #[test]
    fn only_what_is_not_shared_is_marked_and_its_blanks_are_not() {
        let mut html = String::new();
        let pieces = [piece("a wire", true), piece(" of gold ", false)];
        compared(&mut html, "Answer", &pieces, "mark");
        assert!(html.ends_with("a wire <mark>of gold</mark> </p>\n"));
    }

    #[test]
    fn answers_stand_under_their_groups_and_need_no_image() {
        let shown = |group: &str| Shown {
            jpeg: Vec::new(),
            answer: Vec::new(),
            ..shown(group)
        };
        let mut html = String::new();
        answers(&mut html, &[shown("best"), shown("best"), shown("worst")]);
        assert_eq!(html.matches("<h3>best</h3>").count(), 1);
        assert_eq!(html.matches("<h3>").count(), 2);
        assert_eq!(html.matches("no image").count(), 3);
        assert_eq!(html.matches("no text").count(), 3);
        assert!(!html.contains("<img"));
    }
}
