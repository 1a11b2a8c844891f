//! One training run from data folders to a model folder: reads, trains, measures, writes.
//!
//! Called by the trainer's thread and by `askem train`. Works on a copy of the weights of its
//! own and never touches the engine that answers. Beside the model folder stands one with the
//! ending `.training`: the checkpoint to go on from, and the log.

mod card;
mod data;
mod log;
mod trainee;

use super::protocol::{TrainJob, TrainingSign};
use crate::answer::{AnswerError, Flow};
use crate::dataset::{DatasetError, Deal};
use crate::evaluate::{Reference, Validation};
use crate::questions::Category;
use askem_model::config::Preset;
use askem_model::device::device_name;
use askem_model::folder::Model;
use askem_model::train::{Checkpoint, EpochReport, Keep, Report, Schedule, Settings, Trained};
use askem_model::{
    Assistant, Found, GreyView, Kind, ModelError, ModelFiles, Precision, choose_device,
    find_device, has_bf16,
};
use card::{card, summary};
use data::{Data, corpus, read_all};
use log::Log;
use rayon::ThreadPoolBuilder;
use std::path::{Path, PathBuf};
use std::time::Duration;
use trainee::{Begin, Trainee};

/// The share of correctly classified validation images that "none of these" may cost.
const NONE_COSTS: f64 = 0.03;

/// Why a run gave no model, as a sentence with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// A data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DatasetError),
    /// The network cannot be trained.
    #[error("Training failed: {0}.")]
    Model(#[from] ModelError),
    /// The new model cannot be measured.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The preset is not known.
    #[error("There is no preset {0}: use paper or standard.")]
    Preset(String),
    /// There is no run to go on with.
    #[error("No run was left at {}: train without --resume.", .0.display())]
    NothingLeft(PathBuf),
}

/// Where a run keeps its checkpoint and its log: beside the model, never in it.
pub fn run_folder(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".training");
    PathBuf::from(name)
}

/// A time as people say it: `40 s`, `12 min`, `3 h 5 min`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Runs a job. `progress` gets the signs of life and says whether to go on. Stopped early, the
/// best epoch so far becomes the model.
pub fn run(
    job: &TrainJob,
    progress: &mut dyn FnMut(TrainingSign) -> Flow,
) -> Result<PathBuf, TrainingError> {
    let folder = run_folder(&job.out);
    if job.resume && !Checkpoint::is_in(&folder) {
        return Err(TrainingError::NothingLeft(job.out.clone()));
    }
    let (begin, left_at) = Begin::of(job, &folder)?;
    let mut settings = settings(job, begin.kind())?;
    let Found { device, fallback } = find_device(&job.device)?;
    let data = read_all(&job.data, job.seed, job.deal)?;
    let mut log = Log::open(&folder, job.resume);
    let mut epochs = Vec::new();
    let mut sign = |sign: TrainingSign| {
        log.add(&sign);
        if matches!(sign, TrainingSign::Epoch { .. }) {
            epochs.push(sign.clone());
        }
        progress(sign)
    };
    if let Some(fallback) = fallback {
        sign(TrainingSign::Word(fallback.to_string()));
    }
    if settings.precision == Precision::Bf16 && !has_bf16(&device) {
        settings.precision = Precision::F32;
        let word = "This device does not multiply in bf16, so training is in 32 bits.";
        sign(TrainingSign::Word(word.into()));
    }
    sign(TrainingSign::Began {
        device: device_name(&device),
        precision: settings.precision.name(),
    });
    for warning in data.iter().flat_map(|data| &data.warnings) {
        sign(TrainingSign::Word(warning.clone()));
    }
    if let Some((steps, epoch)) = left_at {
        sign(TrainingSign::Word(format!(
            "Going on after {steps} steps, in epoch {epoch}"
        )));
    }
    let keep = Keep {
        folder,
        every: job.checkpoint,
    };
    let mut pace = Pace::default();
    let mut model = begin.train(
        &corpus(&data),
        &settings,
        &keep,
        &job.device,
        &mut |report| sign(pace.told(report, &settings)) == Flow::Continue,
    )?;
    if let (Some(from), true) = (&job.from, job.blend > 0.0) {
        model.blend(&Trainee::named(from)?, job.blend)?;
    }
    model.write(&job.out, "")?;
    if !job.is_measured {
        return Ok(job.out.clone());
    }
    sign(TrainingSign::Word(
        "Measuring the new model on the validation part".into(),
    ));
    drop(model);
    let (model, figures) = measured(&job.out, &data, job.seed, &mut sign)?;
    model.write(
        &job.out,
        &card(job, &model.about(), &data, &epochs, &figures),
    )?;
    Ok(job.out.clone())
}

/// The settings that a job comes to.
fn settings(job: &TrainJob, kind: Kind) -> Result<Settings, TrainingError> {
    if kind == Kind::Blip {
        return Ok(settings_of_blip(job));
    }
    let preset = match &job.preset {
        Some(name) => Preset::ALL
            .into_iter()
            .find(|preset| preset.name() == name)
            .ok_or_else(|| TrainingError::Preset(name.clone()))?,
        None => Preset::Paper,
    };
    Ok(as_asked(Settings::of(preset, job.seed), job))
}

/// What a BLIP is trained with: the rates are those that its authors tuned whole ones with, and
/// a higher one for the few weights of adapters.
fn settings_of_blip(job: &TrainJob) -> Settings {
    let of_kind = Settings {
        learning_rate: match job.trained {
            Trained::Adapters { .. } => 5e-4,
            Trained::All | Trained::Decoder => 2e-5,
        },
        batch: 4,
        questions: 4,
        decay: 0.05,
        clip: Some(1.0),
        ..Settings::paper(job.seed)
    };
    as_asked(of_kind, job)
}

/// Settings with what the job says otherwise.
fn as_asked(of_preset: Settings, job: &TrainJob) -> Settings {
    Settings {
        // A trained model is gone on with to the end of the run, not to a plateau.
        schedule: match job.from {
            Some(_) => Schedule::Cosine,
            None => of_preset.schedule,
        },
        epochs: job.epochs,
        time: job
            .minutes
            .map(|minutes| Duration::from_secs_f64(minutes * 60.0)),
        batch: job.batch.unwrap_or(of_preset.batch),
        parts: job.parts,
        trained: job.trained,
        without: job.without.clone(),
        learned: job.learned,
        precision: job.precision,
        ..of_preset
    }
}

/// Measures a model folder on data folders, without training it.
pub fn measure(
    model: &Path,
    folders: &[PathBuf],
    seed: u64,
    progress: &mut dyn FnMut(TrainingSign) -> Flow,
) -> Result<Vec<Validation>, TrainingError> {
    let data = read_all(folders, seed, Deal::AsGiven)?;
    Ok(measured(model, &data, seed, progress)?.1)
}

/// Reads a model folder and measures it on the CPU.
fn measured(
    folder: &Path,
    data: &[Data],
    seed: u64,
    progress: &mut dyn FnMut(TrainingSign) -> Flow,
) -> Result<(Trainee, Vec<Validation>), TrainingError> {
    let files = ModelFiles::read(folder)?;
    let mut model = Trainee::parse(&files)?;
    let references: Vec<&Reference> = data.iter().flat_map(|data| &data.validation).collect();
    let mut engine = model.engine(&files, &references)?;
    drop(files);
    // The matrices of one question are too small to share among threads.
    let alone = ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .map_err(|why| ModelError::Data(format!("no thread could be started: {why}")))?;
    let mut figures = Vec::new();
    for data in data {
        let figure = alone.install(|| data.validate(engine.as_mut(), seed))?;
        progress(TrainingSign::Word(summary(&figure)));
        figures.push(figure);
    }
    Ok((model, figures))
}

/// The similarity that all but [`NONE_COSTS`] of the correctly classified validation images
/// reach; `None` when there are too few of them to tell.
fn none_below(model: &Model, validation: &[&Reference]) -> Result<Option<f32>, ModelError> {
    let assistant = Assistant::load(&model.files()?, &choose_device("cpu")?)?;
    let mut reached = Vec::new();
    for reference in validation {
        let view = GreyView {
            grey: &reference.image.grey,
            width: reference.image.width as usize,
            height: reference.image.height as usize,
        };
        let classified = assistant.classify(&assistant.encode_image(view)?)?;
        let best = (0..)
            .zip(&classified.probabilities)
            .max_by(|a, b| a.1.total_cmp(b.1));
        if reference.category.is_some()
            && best.map(|(i, _)| i) == reference.category.map(Category::index)
        {
            reached.push(classified.best_similarity);
        }
    }
    reached.sort_by(f32::total_cmp);
    Ok(reached
        .get((reached.len() as f64 * NONE_COSTS) as usize)
        .copied()
        .filter(|_| reached.len() >= 30))
}

/// How fast a run goes, from the reports since it began or went on.
#[derive(Default)]
struct Pace {
    /// Seconds trained and share done when the first report came.
    first: Option<(f64, f32)>,
    images: usize,
}

impl Pace {
    /// A report as a sign of life.
    fn told(&mut self, report: &Report, settings: &Settings) -> TrainingSign {
        match report {
            Report::Step {
                of,
                step,
                epoch,
                losses,
                learning_rate,
                images,
                seconds,
            } => {
                let done = done(*epoch, *step as f32 / *of as f32, *seconds, settings);
                let (from, done_before) = *self.first.get_or_insert((*seconds, done));
                let spent = seconds - from;
                let gained = f64::from(done - done_before);
                // The first step is the zero of the clock.
                if spent > 0.0 {
                    self.images += images;
                }
                TrainingSign::Step {
                    epoch: *epoch,
                    step: *step,
                    of: *of,
                    losses: *losses,
                    learning_rate: *learning_rate,
                    images_per_s: (self.images as f64 / spent.max(1e-3)) as f32,
                    done,
                    seconds_left: (spent > 2.0 && gained > 0.0)
                        .then(|| spent / gained * f64::from(1.0 - done)),
                }
            }
            Report::Epoch(EpochReport {
                epoch,
                train,
                validation,
                learning_rate,
                best,
                seconds,
            }) => TrainingSign::Epoch {
                epoch: *epoch,
                train: *train,
                validation: *validation,
                learning_rate: *learning_rate,
                best: *best,
                seconds: *seconds,
            },
            Report::Halved { parts, images } => TrainingSign::Word(format!(
                "The device has not memory enough: each step is now computed in {parts} parts of up to {images} images, \
                 and is still a step of {}",
                settings.batch
            )),
        }
    }
}

/// The share of a run that is done, by its epochs or its time.
fn done(epoch: usize, of_epoch: f32, seconds: f64, settings: &Settings) -> f32 {
    let epochs = (epoch as f32 - 1.0 + of_epoch) / settings.epochs.max(1) as f32;
    let time = settings
        .time
        .map_or(0.0, |time| (seconds / time.as_secs_f64().max(1e-3)) as f32);
    epochs.max(time).min(1.0)
}
