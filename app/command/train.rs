//! `askem train`: trains a model on folders, offline, and writes a model folder.

use super::images::ms_since;
use super::output::{Output, printable};
use super::{Done, Options, Stop, interrupt};
use crate::answer::Flow;
use crate::worker::protocol::TrainJob;
use crate::worker::training;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// The arguments of `askem train`.
#[derive(Args)]
pub struct Arguments {
    /// Folders with training data: one folder a category, or images with a truth.jsonl
    #[arg(long, required = true, num_args = 1.., value_name = "DIR")]
    data: Vec<PathBuf>,
    /// The model folder to write
    #[arg(long, value_name = "MODEL")]
    out: PathBuf,
    /// Size of the network [default: paper]
    #[arg(long, value_name = "P", conflicts_with = "from")]
    preset: Option<String>,
    /// A model folder to go on from, instead of from nothing
    #[arg(long, value_name = "MODEL")]
    from: Option<PathBuf>,
    /// Passes over the data at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = at_least_one)]
    epochs: usize,
    /// Minutes at most
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Seed of everything random
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

/// The one line of `--json`.
#[derive(Serialize)]
struct Row {
    model: String,
    seed: u64,
    ms: f64,
}

/// Trains and says where the model is.
pub fn run(arguments: &Arguments, options: &Options, output: &mut Output) -> Result<Done, Stop> {
    if options.model.is_some() {
        let sentence = "train takes no --model: give the model to go on from with --from.";
        return Err(Stop::Usage(sentence.to_owned()));
    }
    let job = TrainJob {
        data: arguments.data.clone(),
        out: arguments.out.clone(),
        preset: arguments.preset.clone(),
        from: arguments.from.clone(),
        epochs: arguments.epochs,
        minutes: arguments.minutes,
        seed: arguments.seed,
        device: options.device.clone(),
    };
    let began = Instant::now();
    let mut progress = |line: String, share: Option<f32>| {
        match share {
            Some(share) => output.progress(format_args!("{:3.0} %  {line}", share * 100.0)),
            None => output.note(printable(&line)),
        }
        if interrupt::requested() {
            Flow::Stop
        } else {
            Flow::Continue
        }
    };
    let trained = training::run(&job, &mut progress);
    if let (true, Ok(model)) = (interrupt::requested(), &trained) {
        output.note(format_args!(
            "What was learned so far is in {}.",
            model.display()
        ));
    }
    interrupt::check()?;
    let model = trained.map_err(|error| Stop::Failed(error.to_string()))?;
    if output.json {
        let model = model.to_string_lossy().into_owned();
        output.row(&Row {
            model,
            seed: job.seed,
            ms: ms_since(began),
        })?;
    } else {
        output.line(format_args!(
            "The model is in {0}\nAsk it with: askem ask IMAGE --about size --model {0}",
            model.display()
        ))?;
    }
    Ok(Done::All)
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number >= 1)
        .ok_or_else(|| "use a whole number from 1 on".to_owned())
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes: Option<f64> = text.parse().ok();
    minutes
        .filter(|number| number.is_finite() && *number > 0.0)
        .ok_or_else(|| "use a number above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_training_are_positive_numbers() {
        assert_eq!(minutes("0.5"), Ok(0.5));
        for bad in ["0", "-1", "NaN", "inf", "ten"] {
            assert!(minutes(bad).is_err(), "{bad}");
        }
        assert_eq!(at_least_one("3"), Ok(3));
        assert!(at_least_one("0").is_err());
    }
}
