//! Reads JSONL lists: one object a line, the simulator's `truth.jsonl` and the `pairs.jsonl` of
//! docs/DATA.md alike.
//!
//! A bad line is a warning with its number, never the end: it is bounded, checked and skipped.
//! Opens no image. Called by `dataset::read_folder`.

use super::image_path::{self, shown};
use super::known;
use super::split::Given;
use super::warnings::Warnings;
use super::{DatasetError, Found, Part};
use crate::questions::{Category, Key};
use serde::Deserialize;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Longest line read, in bytes.
const MAX_LINE_BYTES: usize = 1 << 20;
/// Most lines read.
const MAX_LINES: usize = 2_000_000;

/// A line as written. Unknown fields are passed over.
#[derive(Deserialize)]
struct Row {
    image: Option<String>,
    file: Option<String>,
    key: Option<String>,
    question: Option<String>,
    answer: Option<String>,
    answers: Option<serde_json::Map<String, serde_json::Value>>,
    category: Option<String>,
    specimen: Option<String>,
    split: Option<String>,
    part: Option<String>,
    #[serde(flatten)]
    known: known::Columns,
}

/// Reads the lists `names` in the canonical folder `root`, one after the other; several lines of
/// an image are one entry.
pub(super) fn read(
    root: &Path,
    names: &[&str],
    warnings: &mut Warnings,
) -> Result<Vec<Found>, DatasetError> {
    let mut list = List {
        root,
        name: "",
        found: Vec::new(),
        place: HashMap::new(),
    };
    for name in names {
        list.name = name;
        read_one(&mut list, warnings)?;
    }
    Ok(list.found)
}

/// Adds the lines of the list that is named.
fn read_one(list: &mut List<'_>, warnings: &mut Warnings) -> Result<(), DatasetError> {
    let (root, name) = (list.root, list.name);
    let path = root.join(name);
    let unreadable = |reason: String| DatasetError::Unreadable {
        path: path.clone(),
        reason,
    };
    if !path.is_file() {
        return Err(unreadable("it is not a file".into()));
    }
    let file = File::open(&path).map_err(|error| unreadable(error.to_string()))?;
    let mut reader = BufReader::new(file);
    let mut bytes = Vec::new();
    for line in 1.. {
        let read =
            read_line(&mut reader, &mut bytes).map_err(|error| unreadable(error.to_string()))?;
        let problem = match read {
            Line::End => break,
            _ if line > MAX_LINES => {
                return Err(unreadable(format!(
                    "it has more than {MAX_LINES} lines; split it into several folders"
                )));
            }
            Line::TooLong => Some(format!("longer than {MAX_LINE_BYTES} bytes, skipped")),
            Line::Whole
                if line == 1
                    && (bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")) =>
            {
                return Err(unreadable("it is UTF-16 text; save it as UTF-8".into()));
            }
            Line::Whole => {
                let start = if line == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
                    3
                } else {
                    0
                };
                list.take(line, bytes.get(start..).unwrap_or_default(), warnings)
                    .err()
            }
        };
        if let Some(problem) = problem {
            warnings.add(format!("{name} line {line}: {problem}."));
        }
    }
    Ok(())
}

struct List<'a> {
    root: &'a Path,
    name: &'a str,
    found: Vec<Found>,
    /// Where the entry of an image stands in `found`.
    place: HashMap<PathBuf, usize>,
}

impl List<'_> {
    /// Adds one line, or says why it is skipped.
    fn take(&mut self, line: usize, bytes: &[u8], warnings: &mut Warnings) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8 text, skipped".to_owned())?;
        if text.trim().is_empty() {
            return Ok(());
        }
        let row: Row = serde_json::from_str(text)
            .map_err(|error| format!("not a row, skipped ({})", in_row(&error)))?;
        let written = row
            .image
            .as_deref()
            .or(row.file.as_deref())
            .ok_or("names no image, skipped")?;
        let (image, relative) =
            image_path::resolve(self.root, written).map_err(|p| format!("skipped, {p}"))?;
        let category = match text_of(row.category.as_deref()) {
            Some(name) => Some(
                name.parse::<Category>()
                    .map_err(|_| unknown_category(name))?,
            ),
            None => None,
        };
        let given = match text_of(row.split.as_deref().or(row.part.as_deref())) {
            Some(name) => {
                let unknown = || {
                    format!(
                        "skipped, the split {} is none of train, val, test",
                        shown(name)
                    )
                };
                Some(Given {
                    part: Part::parse(name).ok_or_else(unknown)?,
                    line,
                })
            }
            None => None,
        };
        let answers = answers_of(&row, |problem| {
            warnings.add(format!("{} line {line}: {problem}.", self.name))
        })?;
        let known = row.known.known(|problem| {
            warnings.add(format!("{} line {line}: {problem}.", self.name));
        });
        if answers.is_empty() && category.is_none() && known.is_empty() {
            return Err("skipped, it has neither an answer nor a category".into());
        }
        let specimen = text_of(row.specimen.as_deref()).map(clean);
        let new = Found {
            image,
            relative,
            category,
            specimen,
            given,
            known,
            answers,
        };
        match self.place.get(&new.image) {
            Some(&place) => merge(&mut self.found[place], new, line),
            None => {
                self.place.insert(new.image.clone(), self.found.len());
                self.found.push(new);
                Ok(())
            }
        }
    }
}

/// Adds a further line about an image. The first line's category and specimen stand.
fn merge(entry: &mut Found, new: Found, line: usize) -> Result<(), String> {
    if let (Some(first), Some(now)) = (entry.given, new.given)
        && first.part != now.part
    {
        let image = shown(&entry.relative);
        return Err(format!(
            "skipped, it puts {image} into another part than line {}",
            first.line
        ));
    }
    if let (Some(first), Some(now)) = (entry.category, new.category)
        && first != now
    {
        return Err(format!(
            "skipped, it calls {} {now}, an earlier line {first}",
            shown(&entry.relative)
        ));
    }
    if let (Some(first), Some(now)) = (&entry.specimen, &new.specimen)
        && first != now
    {
        let (image, now, first) = (shown(&entry.relative), shown(now), shown(first));
        return Err(format!(
            "skipped, it gives {image} the specimen {now}, an earlier line {first}, at line {line}"
        ));
    }
    entry.given = entry.given.or(new.given);
    entry.category = entry.category.or(new.category);
    entry.known = entry.known.or(new.known);
    if entry.specimen.is_none() {
        entry.specimen = new.specimen;
    }
    for answer in new.answers {
        if !entry.answers.contains(&answer) {
            entry.answers.push(answer);
        }
    }
    Ok(())
}

/// The answers of a row: its `answers` object, or its one `key` or `question` with `answer`.
fn answers_of(row: &Row, mut warn: impl FnMut(String)) -> Result<Vec<(Key, String)>, String> {
    let mut answers = Vec::new();
    for (name, value) in row.answers.iter().flatten() {
        match (key_of(name), value.as_str().map(clean)) {
            (Some(key), Some(text)) if !text.is_empty() => answers.push((key, text)),
            (Some(_), _) => {}
            (None, _) => warn(format!(
                "the answer to {} is left out, no such question",
                shown(name)
            )),
        }
    }
    if let Some(text) = text_of(row.answer.as_deref()).map(clean) {
        let asked = text_of(row.key.as_deref()).or(text_of(row.question.as_deref()));
        let asked = asked.ok_or("skipped, an answer without `key` or `question`")?;
        let unknown = || {
            format!(
                "skipped, {} is none of the 22 questions; use a key such as size.range",
                shown(asked)
            )
        };
        answers.push((key_of(asked).ok_or_else(unknown)?, text));
    }
    Ok(answers)
}

/// A key by its name or by the paper's wording, whatever the capitals and blanks.
fn key_of(text: &str) -> Option<Key> {
    let plain = |text: &str| clean(text).to_lowercase();
    let wanted = plain(text);
    Key::ALL
        .into_iter()
        .find(|key| key.name() == wanted || plain(key.wording()) == wanted)
}

fn unknown_category(name: &str) -> String {
    let known = Category::ALL.map(Category::name).join(", ");
    format!(
        "skipped, {} is no material category (use one of {known})",
        shown(name)
    )
}

/// The text, unless it is missing or blank.
fn text_of(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// On one line, single blanks, no control or direction characters.
fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.split(|c: char| c.is_whitespace() || hidden(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// serde_json's reason without its "at line 1 column n": the line is named already.
fn in_row(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) => format!("{reason}, character {}", error.column()),
        None => text,
    }
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// Reads the next line without its line break into `bytes`; an overlong one is passed over.
fn read_line(reader: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<Line> {
    bytes.clear();
    let limit = MAX_LINE_BYTES as u64 + 1;
    if reader.by_ref().take(limit).read_until(b'\n', bytes)? == 0 {
        return Ok(Line::End);
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    } else if bytes.len() > MAX_LINE_BYTES {
        reader.skip_until(b'\n')?;
        return Ok(Line::TooLong);
    }
    Ok(Line::Whole)
}
