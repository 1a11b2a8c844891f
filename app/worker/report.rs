//! The files of a report: HTML, Markdown and JSON, and what a person judged.
//!
//! Each goes by way of a temporary file, so that a report is whole or not there. Called by
//! `command` and by the evaluator's lane.

use super::evaluation::Evaluation;
use super::whole::put;
use crate::evaluate::figures::Scored;
use crate::evaluate::judged::Judged;
use crate::evaluate::page::Page;
use crate::evaluate::print::{html, markdown};
use crate::evaluate::record::{Record, Run, Seen, Setting, Teller};
use serde::Serialize;
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a person judged, one sentence a line.
const JUDGED: &str = "judged.jsonl";

/// Why a report cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The folder or a file cannot be written.
    #[error("{} cannot be written ({why}). Choose another folder for the report, or make room on the disk.", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The report would lie in the data.
    #[error("The report would lie among the data in {}, which is never written to. Choose another folder for it.", .0.display())]
    InData(PathBuf),
    /// What a person judged cannot be read.
    #[error("{} line {line} is no verdict ({why}). Put it right or take it out.", path.display())]
    Judged {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

/// Writes the report of an evaluation into a folder; gives back its page.
pub fn write(evaluation: &Evaluation, folder: &Path) -> Result<PathBuf, ReportError> {
    check(folder, &evaluation.folder)?;
    let object = json!({
        "about": evaluation.record.about,
        "notes": evaluation.record.notes,
        "figures": evaluation.figures,
        "runs": runs(&evaluation.record),
        "images": images(&evaluation.record),
        "answers": answers(&evaluation.record, &evaluation.figures.answers),
    });
    let page = write_page(&evaluation.page, object, folder, "report")?;
    if let Some(against) = &evaluation.against {
        let object = json!({
            "about": [evaluation.record.about, against.record.about],
            "comparison": against.comparison,
            "figures": [evaluation.figures, against.figures],
        });
        write_page(&against.page, object, folder, "comparison")?;
    }
    Ok(page)
}

/// Writes a page as `name`.html, .md and .json; gives back the first.
pub fn write_page(
    page: &Page,
    object: impl Serialize,
    folder: &Path,
    name: &str,
) -> Result<PathBuf, ReportError> {
    fs::create_dir_all(folder).map_err(|why| ReportError::Write {
        path: folder.to_owned(),
        why,
    })?;
    let object = serde_json::to_string_pretty(&object).map_err(|why| ReportError::Write {
        path: folder.join(format!("{name}.json")),
        why: why.into(),
    })?;
    write_file(&folder.join(format!("{name}.json")), &format!("{object}\n"))?;
    write_file(&folder.join(format!("{name}.md")), &markdown(page))?;
    let path = folder.join(format!("{name}.html"));
    write_file(&path, &html(page))?;
    Ok(path)
}

/// The seed and the fold of every run, by which images and answers name it.
fn runs(record: &Record) -> Vec<Value> {
    let run = |one: &Run| {
        let (fold, of) = one.fold.unzip();
        json!({ "seed": one.seed, "fold": fold, "of": of })
    };
    record.runs.iter().map(run).collect()
}

/// Every tested image with its hash and what the model took it for.
fn images(record: &Record) -> Vec<Value> {
    let image = |(run, image): (usize, &Seen)| {
        let model = image.guesses.first();
        json!({
            "run": run,
            "file": image.file,
            "blake3": image.hash,
            "specimen": image.specimen,
            "category": image.category.map(|one| one.name()),
            "predicted": model.map(|(_, guess)| guess.best().0.name()),
            "probability": model.map(|(_, guess)| guess.best().1),
            "checks": image.checks,
        })
    };
    record.images().map(image).collect()
}

/// Every answer of the model beside its references.
fn answers(record: &Record, scored: &[Scored]) -> Vec<Value> {
    let answer = |one: &Scored| {
        let image = record.runs.get(one.run)?.images.get(one.image)?;
        let asked = image.questions.get(one.question)?;
        Some(json!({
            "run": one.run,
            "file": image.file,
            "key": asked.key.name(),
            "references": asked.references,
            "category_given": asked.said_by(Teller::Model, Setting::Given),
            "category_predicted": asked.said_by(Teller::Model, Setting::Predicted),
            "bleu2": one.bleu2,
            "rougeL": one.rouge_l,
            "meteor": one.meteor,
        }))
    };
    scored.iter().filter_map(answer).collect()
}

fn write_file(path: &Path, text: &str) -> Result<(), ReportError> {
    put(path, text.as_bytes(), true).map_err(|why| ReportError::Write {
        path: path.to_owned(),
        why,
    })
}

/// What a person judged in the report of a folder; nothing where there is none.
pub fn judged(folder: &Path) -> Result<Vec<Judged>, ReportError> {
    let path = folder.join(JUDGED);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => {
            return Err(ReportError::Judged {
                path,
                line: 0,
                why: why.to_string(),
            });
        }
    };
    let lines = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.trim().is_empty());
    lines
        .map(|(text, line)| {
            serde_json::from_str(text).map_err(|why| ReportError::Judged {
                path: path.clone(),
                line,
                why: why.to_string(),
            })
        })
        .collect()
}

/// Adds a verdict to the report of a folder.
pub fn judge(folder: &Path, judged: &Judged) -> Result<(), ReportError> {
    let path = folder.join(JUDGED);
    let failed = |why: io::Error| ReportError::Write {
        path: path.clone(),
        why,
    };
    let line = serde_json::to_string(judged).map_err(|why| failed(why.into()))?;
    fs::create_dir_all(folder).map_err(failed)?;
    let opened = fs::OpenOptions::new().create(true).append(true).open(&path);
    let mut file = opened.map_err(failed)?;
    // In one piece: a line that is torn off could not be read again.
    file.write_all(format!("{line}\n").as_bytes())
        .map_err(failed)
}

/// Writes all verdicts of a report in place of those that are there; nothing where there are none.
pub fn write_judged(folder: &Path, judged: &[Judged]) -> Result<(), ReportError> {
    let path = folder.join(JUDGED);
    if judged.is_empty() {
        return Ok(());
    }
    let lines: Result<Vec<String>, _> = judged.iter().map(serde_json::to_string).collect();
    let lines = lines.map_err(|why| ReportError::Write {
        path: path.clone(),
        why: why.into(),
    })?;
    write_file(&path, &format!("{}\n", lines.join("\n")))
}

/// Fails where a report could not be written to a folder, before hours are spent on it.
pub fn check(folder: &Path, data: &Path) -> Result<(), ReportError> {
    if let (Ok(folder), Ok(data)) = (folder.canonicalize(), data.canonicalize())
        && folder == data
    {
        return Err(ReportError::InData(data));
    }
    let made = fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    made.map(drop).map_err(|why| ReportError::Write {
        path: folder.to_owned(),
        why,
    })
}
