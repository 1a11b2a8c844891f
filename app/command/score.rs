//! `askem score`: text metrics of answers against references, without a model and without images.

use super::output::{Output, printable, shown};
use super::{Done, Stop};
use crate::evaluate::text::{CorpusScores, Scorer, TextScores};
use clap::Args;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The arguments of `askem score`.
#[derive(Args)]
pub struct Arguments {
    /// The texts to score, one JSON object a line: {"id": ..., "text": ...}
    #[arg(long, value_name = "FILE")]
    hypotheses: PathBuf,
    /// What they are held against, by the same ids: {"id": ..., "texts": [...]}
    #[arg(long, value_name = "FILE")]
    references: PathBuf,
}

/// A line of the texts.
#[derive(Deserialize)]
struct Hypothesis {
    id: String,
    text: String,
}

/// A line of the references.
#[derive(Deserialize)]
struct Reference {
    id: String,
    texts: Vec<String>,
}

/// One line of `--json`.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    #[serde(flatten)]
    figures: Figures,
}

/// The last line of `--json`.
#[derive(Serialize)]
struct Corpus {
    corpus: Figures,
}

#[derive(Serialize)]
struct Figures {
    bleu1: f64,
    bleu2: f64,
    bleu3: f64,
    bleu4: f64,
    rouge1: f64,
    rouge2: f64,
    #[serde(rename = "rougeL")]
    rouge_l: f64,
    meteor: f64,
}

impl Figures {
    fn of(scores: &TextScores) -> Self {
        Self::from(CorpusScores {
            bleu: scores.bleu.scores(0.0),
            rouge1: scores.rouge1.f1,
            rouge2: scores.rouge2.f1,
            rouge_l: scores.rouge_l.f1,
            meteor: scores.meteor,
        })
    }

    /// "BLEU-1 to -4 0.889 0.824 0.752 0.690  ROUGE-1, -2, -L ...  METEOR 0.944".
    fn line(&self) -> String {
        format!(
            "BLEU-1 to -4 {:.3} {:.3} {:.3} {:.3}  ROUGE-1, -2, -L {:.3} {:.3} {:.3}  METEOR {:.3}",
            self.bleu1,
            self.bleu2,
            self.bleu3,
            self.bleu4,
            self.rouge1,
            self.rouge2,
            self.rouge_l,
            self.meteor
        )
    }
}

impl From<CorpusScores> for Figures {
    fn from(scores: CorpusScores) -> Self {
        let [bleu1, bleu2, bleu3, bleu4] = scores.bleu;
        Self {
            bleu1,
            bleu2,
            bleu3,
            bleu4,
            rouge1: scores.rouge1,
            rouge2: scores.rouge2,
            rouge_l: scores.rouge_l,
            meteor: scores.meteor,
        }
    }
}

/// Scores every text that has references; one without does not stop the others.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Done, Stop> {
    let hypotheses: Vec<Hypothesis> = rows(&arguments.hypotheses, r#"{"id": "a", "text": "..."}"#)?;
    let references: Vec<Reference> =
        rows(&arguments.references, r#"{"id": "a", "texts": ["..."]}"#)?;
    let mut left = by_id(&references, &arguments.references)?;
    let mut done = Done::All;
    let mut scorer = Scorer::default();
    let mut all = Vec::new();
    for Hypothesis { id, text } in &hypotheses {
        let Some(texts) = left.remove(id.as_str()) else {
            let id = printable(id);
            output.error(format_args!(
                "{id} has no references left, or stands there twice: it was not scored."
            ));
            done = Done::SomeFailed;
            continue;
        };
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let scores = scorer.score(text, &texts);
        let figures = Figures::of(&scores);
        if output.json {
            output.row(&Row { id, figures })?;
        } else {
            output.line(format_args!("{}  {}", printable(id), figures.line()))?;
        }
        all.push(scores);
    }
    if !left.is_empty() {
        output.note(format_args!(
            "{} references have no text to score; they count for nothing.",
            left.len()
        ));
    }
    let Some(corpus) = CorpusScores::of(&all).map(Figures::from) else {
        return Err(Stop::Failed(format!(
            "No text of {} has references: give the same ids in both files.",
            shown(&arguments.hypotheses)
        )));
    };
    if output.json {
        output.row(&Corpus { corpus })?;
    } else {
        output.line(format_args!("all {}  {}", all.len(), corpus.line()))?;
    }
    Ok(done)
}

/// References by their ids, which must be one each.
fn by_id<'a>(
    references: &'a [Reference],
    file: &Path,
) -> Result<HashMap<&'a str, &'a [String]>, Stop> {
    let mut by_id = HashMap::new();
    for Reference { id, texts } in references {
        let what = if texts.is_empty() {
            "has no texts"
        } else if by_id.insert(id.as_str(), texts.as_slice()).is_some() {
            "stands there twice"
        } else {
            continue;
        };
        return Err(Stop::Failed(format!(
            "{}: {} {what}. Give each id once, with one text or more.",
            shown(file),
            printable(id)
        )));
    }
    Ok(by_id)
}

/// The objects of a file, one a line.
fn rows<T: DeserializeOwned>(file: &Path, form: &str) -> Result<Vec<T>, Stop> {
    let failed = |what: String| Stop::Failed(format!("{}: {what}", shown(file)));
    let bytes = std::fs::read(file).map_err(|error| failed(format!("cannot be read: {error}.")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| failed("its bytes are no UTF-8 text. Save it as UTF-8.".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().zip(1..);
    lines
        .filter(|(line, _)| !line.trim().is_empty())
        .map(|(line, number)| {
            serde_json::from_str(line).map_err(|error| {
                failed(format!(
                    "line {number} is not understood ({error}). A line is {form}."
                ))
            })
        })
        .collect()
}
