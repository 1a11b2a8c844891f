//! `askem ablate`: the network trained without each of its parts, beside the paper's Tables 5 and 6.

use super::evaluate::{Place, Scope, plain, tell};
use super::images::ms_since;
use super::output::{Output, shown};
use super::train::PlanArguments;
use super::{Done, Options, Stop, interrupt};
use crate::worker::ablation;
use crate::worker::protocol::EvaluateJob;
use crate::worker::report;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// The arguments of `askem ablate`.
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
    #[command(flatten)]
    plan: PlanArguments,
}

/// The one line of `--json`.
#[derive(Serialize)]
struct Row {
    report: String,
    variants: Vec<VariantRow>,
    ms: f64,
}

#[derive(Serialize)]
struct VariantRow {
    variant: &'static str,
    bleu4: Option<f64>,
    #[serde(rename = "rougeL")]
    rouge_l: Option<f64>,
    meteor: Option<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

/// Trains and evaluates all six networks and writes the report.
pub fn run(arguments: &Arguments, options: &Options, output: &mut Output) -> Result<Done, Stop> {
    if options.model.is_some() {
        let sentence = "ablate takes no --model: it trains networks from nothing, of a --preset.";
        return Err(Stop::Usage(sentence.to_owned()));
    }
    let Scope {
        folds,
        seeds,
        seed,
        answers,
    } = arguments.scope;
    let job = EvaluateJob {
        folds,
        seeds: seeds as usize,
        seed,
        answers,
        baselines: false,
        train: Some(arguments.plan.job()),
        device: options.device.clone(),
        ..EvaluateJob::new(arguments.data.clone())
    };
    let began = Instant::now();
    let mut so_far = "";
    let mut place = Place::of(&arguments.report, &arguments.data);
    let ablated = ablation::run(&job, &mut |variant, sign| {
        if so_far != variant {
            output.note(format_args!("The network {variant}"));
            so_far = variant;
        }
        tell(&sign, output);
        place.flow()
    });
    interrupt::check()?;
    place.check()?;
    let ablated = ablated.map_err(|error| Stop::Failed(error.to_string()))?;
    let object = ablated.object();
    let written = report::write_page(&ablated.page, object, &arguments.report, "ablation");
    let page = written.map_err(|error| Stop::Failed(error.to_string()))?;
    if output.json {
        let variants = ablated.variants.iter().map(|variant| VariantRow {
            variant: variant.name,
            bleu4: variant.score("BLEU-4"),
            rouge_l: variant.score("ROUGE-L"),
            meteor: variant.score("METEOR"),
            precision: variant.mean(|category| category.precision),
            recall: variant.mean(|category| category.recall),
            f1: variant.mean(|category| category.f1),
        });
        output.row(&Row {
            report: arguments.report.to_string_lossy().into_owned(),
            variants: variants.collect(),
            ms: ms_since(began),
        })?;
        return Ok(Done::All);
    }
    for sentence in &ablated.page.summary {
        output.line(plain(sentence))?;
    }
    output.line(format_args!("The report is {}", shown(&page)))?;
    Ok(Done::All)
}
