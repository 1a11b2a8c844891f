//! `askem evaluate`: a model on a data folder, as a report in HTML, Markdown and JSON.

use super::images::ms_since;
use super::output::{Output, printable, shown};
use super::train::{self, PlanArguments};
use super::{Done, Options, Stop, interrupt};
use crate::answer::Flow;
use crate::evaluate::judged::Judged;
use crate::evaluate::page::{Mark, Sentence};
use crate::worker::evaluation::{self, Evaluation};
use crate::worker::protocol::{EvaluateJob, EvaluationSign};
use crate::worker::report::{self, ReportError};
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The arguments of `askem evaluate`.
#[derive(Args)]
pub struct Arguments {
    /// The data folder: docs/DATA.md says how it may look
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The folder to write the report to; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    report: PathBuf,
    #[command(flatten)]
    scope: Scope,
    /// A second model, to say whether it is better than the first
    #[arg(long, value_name = "NAME|DIR", conflicts_with = "preset")]
    against: Option<String>,
    /// Set the model beside baselines, and beside itself shown something else
    #[arg(long)]
    baselines: bool,
    /// Train a model in each fold, from --model or from nothing with --preset
    #[arg(long)]
    train: bool,
    #[command(flatten)]
    plan: PlanArguments,
}

/// What `evaluate` and `ablate` test on.
#[derive(Args)]
pub struct Scope {
    /// Deal the specimens into K folds and test on each in turn [default: test on what the folder
    /// keeps for a test, else for validation]
    #[arg(long, value_name = "K", value_parser = folds)]
    pub folds: Option<usize>,
    /// Repeat all with N seeds and average
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub seeds: u32,
    /// The first seed
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Answers to ask for over all folds and seeds, drawn by the seed, or `all`
    #[arg(long, value_name = "N", default_value = "1000", value_parser = answers)]
    pub answers: usize,
}

/// The one line of `--json`.
#[derive(Serialize)]
struct Row {
    report: String,
    model: String,
    images: usize,
    top1: Option<f64>,
    top5: Option<f64>,
    macro_f1: Option<f64>,
    texts: Vec<TextRow>,
    verdict: Option<&'static str>,
    ms: f64,
}

#[derive(Serialize)]
struct TextRow {
    setting: &'static str,
    teller: &'static str,
    answers: usize,
    bleu2: Option<f64>,
    bleu4: Option<f64>,
    rouge1: Option<f64>,
    rouge2: Option<f64>,
    #[serde(rename = "rougeL")]
    rouge_l: Option<f64>,
    meteor: Option<f64>,
}

/// Evaluates and writes the report.
pub fn run(arguments: &Arguments, options: &Options, output: &mut Output) -> Result<Done, Stop> {
    let job = job(arguments, options)?;
    let began = Instant::now();
    let mut place = Place::of(&arguments.report, &arguments.data);
    let evaluated = evaluation::run(&job, &mut |sign| {
        tell(&sign, output);
        place.flow()
    });
    interrupt::check()?;
    place.check()?;
    let evaluation = evaluated.map_err(|error| Stop::Failed(error.to_string()))?;
    let written = report::write(&evaluation, &arguments.report);
    let page = written.map_err(|error| Stop::Failed(error.to_string()))?;
    if output.json {
        output.row(&row(&evaluation, &arguments.report, ms_since(began)))?;
        return Ok(Done::All);
    }
    let against = evaluation.against.as_ref();
    let told = evaluation.page.summary.iter();
    for sentence in told.chain(against.iter().flat_map(|other| &other.page.summary)) {
        output.line(plain(sentence))?;
    }
    output.line(format_args!("The report is {}", shown(&page)))?;
    Ok(Done::All)
}

fn job(arguments: &Arguments, options: &Options) -> Result<EvaluateJob, Stop> {
    let Scope {
        folds,
        seeds,
        seed,
        answers,
    } = arguments.scope;
    let plan = arguments.plan.job();
    if !arguments.train && arguments.plan.says_anything() {
        let sentence = "--preset, --epochs, --minutes and the like need --train: without it the model is taken as it is.";
        return Err(Stop::Usage(sentence.to_owned()));
    }
    if arguments.train && options.model.is_some() == arguments.plan.has_preset() {
        let sentence = "--train needs either --model, to go on from it in each fold, or --preset, to begin from nothing.";
        return Err(Stop::Usage(sentence.to_owned()));
    }
    Ok(EvaluateJob {
        model: options.model.clone(),
        against: arguments.against.clone(),
        folds,
        seeds: seeds as usize,
        seed,
        answers,
        baselines: arguments.baselines,
        train: arguments.train.then_some(plan),
        judged: judged(&arguments.report)?,
        device: options.device.clone(),
        ..EvaluateJob::new(arguments.data.clone())
    })
}

/// What a person judged in an earlier report of the folder.
fn judged(folder: &Path) -> Result<Vec<Judged>, Stop> {
    let read = report::judged(folder);
    read.map_err(|error| Stop::Failed(error.to_string()))
}

/// Where the report goes: looked at once the data was read and before hours are spent on it.
pub(super) struct Place<'a> {
    report: &'a Path,
    data: &'a Path,
    checked: Option<Result<(), ReportError>>,
}

impl<'a> Place<'a> {
    pub fn of(report: &'a Path, data: &'a Path) -> Self {
        Self {
            report,
            data,
            checked: None,
        }
    }

    /// Whether to go on: nobody pressed Ctrl-C, and the report can be written.
    pub fn flow(&mut self) -> Flow {
        let check = || report::check(self.report, self.data);
        let can_be = self.checked.get_or_insert_with(check).is_ok();
        match can_be && !interrupt::requested() {
            true => Flow::Continue,
            false => Flow::Stop,
        }
    }

    /// Fails where the report cannot be written.
    pub fn check(self) -> Result<(), Stop> {
        let checked = self.checked.unwrap_or(Ok(()));
        checked.map_err(|error| Stop::Failed(error.to_string()))
    }
}

/// A passing line for images and steps, a line that stays for the rest.
pub(super) fn tell(sign: &EvaluationSign, output: &mut Output) {
    match sign {
        EvaluationSign::Round { number, of } => {
            output.note(format_args!("Fold and seed {number} of {of}"));
        }
        EvaluationSign::Waiting => {}
        EvaluationSign::Training(sign) => train::tell(sign, output),
        EvaluationSign::Images { what, done, of } => {
            output.progress(format_args!("{what}: {done} of {of} images"));
        }
    }
}

/// A sentence of a page for a terminal.
pub(super) fn plain(sentence: &Sentence) -> String {
    let text = printable(&sentence.text);
    match sentence.mark {
        Mark::Bad => format!("✗ {text}"),
        Mark::Plain | Mark::Good | Mark::Muted => text,
    }
}

fn row(evaluation: &Evaluation, report: &Path, ms: f64) -> Row {
    let figures = &evaluation.figures;
    let model = figures.guesses.first();
    let texts = figures.texts.iter().map(|one| {
        let score = |wanted: &str| {
            let found = one.scores.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, figure)| figure.value)
        };
        TextRow {
            setting: one.setting.words(),
            teller: one.teller.words(),
            answers: one.texts,
            bleu2: score("BLEU-2"),
            bleu4: score("BLEU-4"),
            rouge1: score("ROUGE-1"),
            rouge2: score("ROUGE-2"),
            rouge_l: score("ROUGE-L"),
            meteor: score("METEOR"),
        }
    });
    Row {
        report: report.to_string_lossy().into_owned(),
        model: evaluation.record.about.model.clone(),
        images: figures.images,
        top1: model.map(|model| model.top1.value),
        top5: model.map(|model| model.top5.value),
        macro_f1: model.map(|model| model.macro_f1.value),
        texts: texts.collect(),
        verdict: evaluation
            .against
            .as_ref()
            .map(|other| other.comparison.verdict.words()),
        ms,
    }
}

fn folds(text: &str) -> Result<usize, String> {
    let folds = text.parse().ok().filter(|folds| (2..=1000).contains(folds));
    folds.ok_or_else(|| "use a whole number from 2 to 1000".to_owned())
}

fn answers(text: &str) -> Result<usize, String> {
    match text {
        "all" => Ok(usize::MAX),
        text => {
            train::at_least_one(text).map_err(|_| "use a whole number from 1 on, or all".to_owned())
        }
    }
}
