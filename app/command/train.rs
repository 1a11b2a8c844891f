//! `askem train`: trains a model on folders, offline, and writes a model folder.

use super::images::ms_since;
use super::output::{Output, printable};
use super::{Done, Options, Stop, interrupt};
use crate::answer::Flow;
use crate::dataset::{Deal, Fold};
use crate::worker::protocol::{TrainJob, TrainingSign};
use crate::worker::training;
use askem_model::Precision;
use askem_model::config::Ablation;
use askem_model::train::{Learned, Trained};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The arguments of `askem train`.
#[derive(Args)]
pub struct Arguments {
    /// Folders with training data: one folder a category, or images with a list. One that is
    /// named twice is drawn twice as often
    #[arg(long, required = true, num_args = 1.., value_name = "DIR")]
    data: Vec<PathBuf>,
    /// The model folder to write
    #[arg(long, value_name = "MODEL")]
    out: PathBuf,
    /// Size of the network, and how it is trained: paper or standard [default: paper]
    #[arg(long, value_name = "P", conflicts_with = "from")]
    preset: Option<String>,
    /// A model folder to go on from, instead of from nothing
    #[arg(long, value_name = "MODEL")]
    from: Option<PathBuf>,
    /// Which weights are trained; adapters suit folders of a few images
    #[arg(long, value_name = "PART", value_enum, default_value_t = PartArgument::All)]
    part: PartArgument,
    /// Rank of the adapters
    #[arg(long, value_name = "R", default_value_t = 4, value_parser = at_least_one)]
    rank: usize,
    /// Share of the model of --from in the weights of the new one, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share, requires = "from")]
    blend: f32,
    /// Do without this loss or attention, as in the paper's ablations
    #[arg(long, value_name = "PART", value_enum)]
    without: Vec<AblationArgument>,
    /// Keep fold K of N of the specimens for validation, as in N-fold cross-validation
    #[arg(long, value_name = "K/N", value_parser = fold)]
    fold: Option<Fold>,
    /// Passes over the data at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = at_least_one)]
    epochs: usize,
    /// Minutes at most
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Images a step [default: that of the preset, 48]
    #[arg(long, value_name = "N", value_parser = at_least_two)]
    batch: Option<usize>,
    /// Compute each step in so many parts, one after the other, to save memory
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    parts: usize,
    /// Numbers that linear maps multiply: f32, or bf16 where the GPU has it
    #[arg(long, value_name = "P", value_enum, default_value_t = PrecisionArgument::F32)]
    precision: PrecisionArgument,
    /// Go on with the run that was left at MODEL
    #[arg(long)]
    resume: bool,
    /// Seconds between two checkpoints; 0 writes one after every step
    #[arg(long, value_name = "S", default_value_t = 60)]
    checkpoint: u64,
    /// Seed of everything random
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

/// How `evaluate` and `ablate` train a model in each fold.
#[derive(Args)]
pub struct PlanArguments {
    /// Train from nothing: paper or standard
    #[arg(long, value_name = "P")]
    preset: Option<String>,
    /// Passes over the data of a fold at most [default: 50]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    epochs: Option<usize>,
    /// Minutes for each fold at most
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<f64>,
    /// Images a step [default: that of the preset, 48]
    #[arg(long, value_name = "N", value_parser = at_least_two)]
    batch: Option<usize>,
}

impl PlanArguments {
    /// Whether any of them was given.
    pub fn says_anything(&self) -> bool {
        let Self {
            preset,
            epochs,
            minutes,
            batch,
        } = self;
        preset.is_some() || epochs.is_some() || minutes.is_some() || batch.is_some()
    }

    /// Whether a model begins from nothing.
    pub fn has_preset(&self) -> bool {
        self.preset.is_some()
    }

    /// The run they make, without data and without a folder for the model.
    pub fn job(&self) -> TrainJob {
        let nowhere = TrainJob::new(Vec::new(), PathBuf::new());
        TrainJob {
            preset: self.preset.clone(),
            epochs: self.epochs.unwrap_or(nowhere.epochs),
            minutes: self.minutes,
            batch: self.batch,
            // A fold that is cut short is begun anew.
            checkpoint: Duration::from_secs(600),
            ..nowhere
        }
    }
}

/// Which weights are trained, as it is spelled.
#[derive(Clone, Copy, ValueEnum)]
enum PartArgument {
    /// All weights.
    All,
    /// Only the decoder's own; classification stays as it is.
    Decoder,
    /// Low-rank adapters beside the attention.
    Adapters,
}

/// How exactly linear maps multiply, as it is spelled.
#[derive(Clone, Copy, ValueEnum)]
enum PrecisionArgument {
    /// 32-bit floats.
    F32,
    /// 16-bit bfloats, summed in 32 bits; weights stay in 32 bits.
    Bf16,
}

/// What can be done without, as it is spelled.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum AblationArgument {
    /// The image-text contrastive loss.
    Itc,
    /// The image-text matching loss; the paper calls this one CTC.
    Itm,
    /// The language-modelling loss.
    Lm,
    /// Self-attention of the image encoder and the text encoder.
    Sa,
    /// Cross-attention to the image.
    Ca,
    /// Causal self-attention of the decoder.
    Csa,
}

/// The one line of `--json`.
#[derive(Serialize)]
struct Row {
    model: String,
    device: String,
    seed: u64,
    ms: f64,
}

/// Trains and says where the model is.
pub fn run(arguments: &Arguments, options: &Options, output: &mut Output) -> Result<Done, Stop> {
    if options.model.is_some() {
        let sentence = "train takes no --model: give the model to go on from with --from.";
        return Err(Stop::Usage(sentence.to_owned()));
    }
    let job = job(arguments, options);
    let began = Instant::now();
    let mut on = String::new();
    let mut progress = |sign: TrainingSign| {
        if let TrainingSign::Began { device, .. } = &sign {
            on.clone_from(device);
        }
        tell(&sign, output);
        if interrupt::requested() {
            Flow::Stop
        } else {
            Flow::Continue
        }
    };
    let trained = training::run(&job, &mut progress);
    if let (true, Ok(model)) = (interrupt::requested(), &trained) {
        output.note(format_args!(
            "What was learned so far is in {}. Go on with the same command and --resume.",
            model.display()
        ));
    }
    interrupt::check()?;
    let model = trained.map_err(|error| Stop::Failed(error.to_string()))?;
    if output.json {
        let model = model.to_string_lossy().into_owned();
        output.row(&Row {
            model,
            device: on,
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

fn job(arguments: &Arguments, options: &Options) -> TrainJob {
    let learned = |loss| !arguments.without.contains(&loss);
    let without = arguments.without.iter().filter_map(|part| match part {
        AblationArgument::Sa => Some(Ablation::Sa),
        AblationArgument::Ca => Some(Ablation::Ca),
        AblationArgument::Csa => Some(Ablation::Csa),
        AblationArgument::Itc | AblationArgument::Itm | AblationArgument::Lm => None,
    });
    TrainJob {
        preset: arguments.preset.clone(),
        from: arguments.from.clone(),
        trained: match arguments.part {
            PartArgument::All => Trained::All,
            PartArgument::Decoder => Trained::Decoder,
            PartArgument::Adapters => Trained::Adapters {
                rank: arguments.rank,
            },
        },
        learned: Learned {
            itc: learned(AblationArgument::Itc),
            itm: learned(AblationArgument::Itm),
            lm: learned(AblationArgument::Lm),
        },
        without: without.collect(),
        blend: arguments.blend,
        deal: arguments.fold.map_or(Deal::AsGiven, Deal::Validation),
        epochs: arguments.epochs,
        minutes: arguments.minutes,
        batch: arguments.batch,
        parts: arguments.parts,
        resume: arguments.resume,
        checkpoint: Duration::from_secs(arguments.checkpoint),
        seed: arguments.seed,
        device: options.device.clone(),
        precision: match arguments.precision {
            PrecisionArgument::F32 => Precision::F32,
            PrecisionArgument::Bf16 => Precision::Bf16,
        },
        ..TrainJob::new(arguments.data.clone(), arguments.out.clone())
    }
}

/// A passing line for a step, a line that stays for the rest.
pub(super) fn tell(sign: &TrainingSign, output: &mut Output) {
    match sign {
        TrainingSign::Word(text) => output.note(printable(text)),
        TrainingSign::Began { device, precision } => {
            output.note(format_args!("Training on {device} in {precision}"));
        }
        TrainingSign::Step {
            epoch,
            step,
            of,
            losses: [itc, itm, lm],
            images_per_s,
            done,
            seconds_left,
            ..
        } => {
            let left = seconds_left.map_or(String::new(), |s| {
                format!(", {} left", training::duration(s))
            });
            output.progress(format_args!(
                "{} {:3.0} %{left}  {images_per_s:.0} images/s  epoch {epoch} {step}/{of}  itc {itc:.2} itm {itm:.2} lm {lm:.2}",
                bar(*done), done * 100.0
            ));
        }
        TrainingSign::Epoch {
            epoch,
            validation: [itc, itm, lm],
            best,
            seconds,
            ..
        } => {
            let best = if *best { ", the best so far" } else { "" };
            output.note(format_args!(
                "Epoch {epoch} done after {seconds:.0} s: validation itc {itc:.3}, itm {itm:.3}, lm {lm:.3}{best}"
            ));
        }
    }
}

/// Ten cells, filled by the share done.
fn bar(done: f32) -> String {
    let full = (done.clamp(0.0, 1.0) * 10.0).round() as usize;
    format!("{}{}", "█".repeat(full), "░".repeat(10 - full))
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    at_least(1, text)
}

fn at_least_two(text: &str) -> Result<usize, String> {
    at_least(2, text)
}

fn at_least(least: usize, text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number >= least)
        .ok_or_else(|| format!("use a whole number from {least} on"))
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes: Option<f64> = text.parse().ok();
    minutes
        .filter(|number| number.is_finite() && *number > 0.0)
        .ok_or_else(|| "use a number above 0".to_owned())
}

fn share(text: &str) -> Result<f32, String> {
    let share: Option<f32> = text.parse().ok();
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "use a number from 0 to 1".to_owned())
}

fn fold(text: &str) -> Result<Fold, String> {
    let parsed = text.split_once('/').and_then(|(number, of)| {
        Some(Fold {
            number: number.trim().parse().ok()?,
            of: of.trim().parse().ok()?,
        })
    });
    parsed
        .filter(|fold| fold.of >= 2 && (1..=fold.of).contains(&fold.number))
        .ok_or_else(|| "use a fold such as 3/10".to_owned())
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
        assert!(at_least_two("1").is_err());
        assert_eq!(share("0.25"), Ok(0.25));
        assert!(share("1.5").is_err() && share("NaN").is_err());
    }

    #[test]
    fn folds_are_counted_from_one() {
        assert_eq!(fold("3/10"), Ok(Fold { number: 3, of: 10 }));
        for bad in ["0/10", "11/10", "1/1", "3", "a/b", "-1/5"] {
            assert!(fold(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn progress_is_told_in_few_characters() {
        assert_eq!(bar(0.0), "░░░░░░░░░░");
        assert_eq!(bar(0.52), "█████░░░░░");
        assert_eq!(bar(1.0), "██████████");
        assert_eq!(training::duration(41.0), "41 s");
        assert_eq!(training::duration(754.0), "12 min");
        assert_eq!(training::duration(3.0 * 3600.0 + 301.0), "3 h 5 min");
    }
}
