//! `askem bench --train PRESET`: seconds of training steps on a made-up batch, one row a step.

use super::{Bench, Budget, Row, failed};
use crate::command::images::Loader;
use crate::command::output::Output;
use crate::command::{Done, Options, Stop, interrupt};
use askem_model::config::Preset;
use askem_model::train::{StepSizes, time_steps};
use askem_model::{Found, Precision, find_device};
use clap::Args;

/// What a step is made of.
#[derive(Args)]
pub struct StepArguments {
    /// Only time training steps of this preset, each on a made-up batch
    #[arg(long, value_name = "PRESET", value_parser = preset, conflicts_with = "images")]
    pub train: Option<Preset>,
    /// Steps to time
    #[arg(long, value_name = "N", default_value_t = 3, requires = "train")]
    steps: usize,
    /// Images a step
    #[arg(long, value_name = "N", default_value_t = 48, requires = "train")]
    batch: usize,
    /// Questions about each image
    #[arg(long, value_name = "N", default_value_t = 8, requires = "train")]
    questions: usize,
    /// Side of the images, in pixels [default: the preset's]
    #[arg(long, value_name = "PX", requires = "train")]
    image_px: Option<usize>,
    /// Tokens of each prompt and answer
    #[arg(long, value_name = "N", default_value_t = 18, requires = "train")]
    text: usize,
    /// Numbers that linear maps multiply: f32 or bf16
    #[arg(long, value_name = "P", default_value = "f32", value_parser = precision, requires = "train")]
    precision: Precision,
}

/// Times steps of a preset.
pub fn steps(
    preset: Preset,
    arguments: &StepArguments,
    options: &Options,
    output: &mut Output,
) -> Result<Done, Stop> {
    let mut bench = Bench {
        loader: Loader::start()?,
        output,
    };
    let sizes = StepSizes {
        batch: arguments.batch,
        questions: arguments.questions,
        image_px: arguments.image_px,
        tokens: [14, arguments.text, arguments.text],
        precision: arguments.precision,
        ..StepSizes::default()
    };
    let device = found(options, bench.output)?.device;
    let timed = bench
        .loader
        .install(|| time_steps(preset, &sizes, arguments.steps, &device));
    for seconds in timed.map_err(failed)? {
        interrupt::check()?;
        bench.report(Row::new("training step", Some(seconds), "s", Budget::None))?;
    }
    Ok(Done::All)
}

/// Images a second in training at the paper's setting; best of a few steps.
pub fn rate(options: &Options, bench: &mut Bench) -> Result<(), Stop> {
    bench.output.progress("training");
    let (sizes, steps) = (StepSizes::default(), 3);
    let device = found(options, bench.output)?.device;
    let timed = bench
        .loader
        .install(|| time_steps(Preset::Paper, &sizes, steps, &device));
    let seconds = timed.map_err(failed)?;
    let best = seconds.into_iter().fold(f64::INFINITY, f64::min);
    bench.report(Row::new(
        "train: images a second, 8 questions each",
        Some(sizes.batch as f64 / best),
        "1/s",
        Budget::None,
    ))
}

/// The device that the options name; says so where it is the CPU for want of a GPU.
fn found(options: &Options, output: &mut Output) -> Result<Found, Stop> {
    let found = find_device(&options.device).map_err(failed)?;
    if let Some(fallback) = &found.fallback {
        output.note(fallback);
    }
    Ok(found)
}

fn precision(text: &str) -> Result<Precision, String> {
    let found = Precision::ALL.into_iter().find(|p| p.name() == text);
    found.ok_or_else(|| "use f32 or bf16".to_owned())
}

fn preset(text: &str) -> Result<Preset, String> {
    let found = Preset::ALL.into_iter().find(|preset| preset.name() == text);
    found.ok_or_else(|| "use paper or standard".to_owned())
}
