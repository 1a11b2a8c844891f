//! One training run from data folders to a model folder: reads, trains, measures, writes.
//!
//! Called by the trainer's thread and by `askem train`. Works on a copy of the weights of its
//! own and never touches the engine that answers.

use super::protocol::TrainJob;
use crate::answer::{AnswerError, Answerer, Flow, NetworkEngine};
use crate::dataset::{self, Dataset, DatasetError, Example, Part};
use crate::evaluate::{Reference, Validation, validate};
use crate::micrograph::{self, Limits, Mask, Prepared};
use crate::questions::{Category, Key, slots};
use askem_model::folder::Model;
use askem_model::train::{Corpus, EpochReport, Folder, Item, Report, Schedule, Settings, train};
use askem_model::{Assistant, GreyView, ModelError, ModelFiles, choose_device};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest side at which images are kept, in pixels: the network sees 224 of them, and
/// thousands of images stay in memory.
const KEPT_SIDE_PX: u32 = 512;

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
    #[error("There is no preset {0}: use paper.")]
    Preset(String),
}

/// Runs a job. `progress` gets a line and says whether to go on: with the share done, a passing
/// sign of life; without, a line worth keeping. Stopped early, the best epoch so far becomes the
/// model.
pub fn run(
    job: &TrainJob,
    progress: &mut dyn FnMut(String, Option<f32>) -> Flow,
) -> Result<PathBuf, TrainingError> {
    if let Some(preset) = job.preset.as_deref().filter(|preset| *preset != "paper") {
        return Err(TrainingError::Preset(preset.to_owned()));
    }
    let device = choose_device(&job.device)?;
    let data = read_all(&job.data, job.seed)?;
    for warning in data.iter().flat_map(|data| &data.warnings) {
        progress(warning.clone(), None);
    }
    let corpus = corpus(&data);
    let start = job
        .from
        .as_deref()
        .map(|folder| Model::parse(&ModelFiles::read(folder)?))
        .transpose()?;
    let paper = Settings::paper(job.seed);
    let settings = Settings {
        schedule: if start.is_some() {
            Schedule::Cosine
        } else {
            paper.schedule
        },
        epochs: job.epochs,
        time: job
            .minutes
            .map(|minutes| Duration::from_secs_f64(minutes * 60.0)),
        ..paper
    };
    let mut epochs = Vec::new();
    let model = train(&corpus, &settings, start, &device, &mut |report| {
        let (line, share) = told(report, &settings);
        if let Report::Epoch(epoch) = report {
            epochs.push(epoch.clone());
        }
        progress(line, share) == Flow::Continue
    })?;
    progress(
        "Measuring the new model on the validation part".into(),
        Some(0.99),
    );
    finish(&model, &data, job, &epochs, progress)
}

/// Writes the model, then measures it as it lies on disk and writes its card.
fn finish(
    model: &Model,
    data: &[Data],
    job: &TrainJob,
    epochs: &[EpochReport],
    progress: &mut dyn FnMut(String, Option<f32>) -> Flow,
) -> Result<PathBuf, TrainingError> {
    model.write(&job.out, "")?;
    let (model, figures) = measured(&job.out, data, job.seed, progress)?;
    model.write(&job.out, &card(job, &model, data, epochs, &figures))?;
    Ok(job.out.clone())
}

/// Measures a model folder on data folders, without training it.
pub fn measure(
    model: &Path,
    folders: &[PathBuf],
    seed: u64,
    progress: &mut dyn FnMut(String, Option<f32>) -> Flow,
) -> Result<Vec<Validation>, TrainingError> {
    let data = read_all(folders, seed)?;
    Ok(measured(model, &data, seed, progress)?.1)
}

/// Reads a model folder, chooses its threshold of "none of these" and measures it on the CPU.
fn measured(
    folder: &Path,
    data: &[Data],
    seed: u64,
    progress: &mut dyn FnMut(String, Option<f32>) -> Flow,
) -> Result<(Model, Vec<Validation>), TrainingError> {
    let mut model = Model::parse(&ModelFiles::read(folder)?)?;
    model.config.none_below = none_below(&model, data)?;
    let assistant = Assistant::load(&model.files()?, &choose_device("cpu")?)?;
    let mut engine = NetworkEngine::new("new".into(), assistant)?;
    // The matrices of one question are too small to share among threads.
    let alone = ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .map_err(|why| ModelError::Data(format!("no thread could be started: {why}")))?;
    let mut figures = Vec::new();
    for data in data {
        let figure = alone.install(|| data.validate(&mut engine, seed))?;
        progress(summary(&figure), None);
        figures.push(figure);
    }
    Ok((model, figures))
}

/// Reads data folders; one that is named several times is read once and drawn as often.
fn read_all(folders: &[PathBuf], seed: u64) -> Result<Vec<Data>, DatasetError> {
    let mut data: Vec<Data> = Vec::new();
    for folder in folders {
        match data.iter_mut().find(|data| data.path == *folder) {
            Some(data) => data.times += 1,
            None => data.push(Data::read(folder, seed)?),
        }
    }
    Ok(data)
}

/// A data folder in memory.
struct Data {
    name: String,
    /// How often it was named.
    times: usize,
    path: PathBuf,
    warnings: Vec<String>,
    /// Training images with their examples.
    train: Vec<(Prepared, Example)>,
    validation: Vec<Reference>,
}

impl Data {
    /// Reads and prepares every image; one that cannot be read becomes a warning.
    fn read(path: &Path, seed: u64) -> Result<Self, DatasetError> {
        let Dataset {
            name,
            examples,
            mut warnings,
        } = dataset::read_folder(path, seed)?;
        let read = |example: Example| match micrograph::read(&example.image, Limits::default()) {
            Ok(micrograph) => {
                let mut image = Prepared::new(&micrograph).at_most(KEPT_SIDE_PX);
                // The model's own words are measured, not what is added of what was left out.
                image.mask = Mask::default();
                Ok((image, example))
            }
            Err(why) => Err(why.to_string()),
        };
        let read: Vec<_> = examples.into_par_iter().map(read).collect();
        let mut data = Self {
            name,
            times: 1,
            path: path.to_owned(),
            warnings: Vec::new(),
            train: Vec::new(),
            validation: Vec::new(),
        };
        for result in read {
            match result {
                Ok((image, example)) if example.part == Part::Train => {
                    data.train.push((image, example))
                }
                Ok((image, example)) => data.validation.push(Reference {
                    image,
                    category: example.category,
                    answers: example.answers,
                }),
                Err(why) => warnings.push(why),
            }
        }
        data.warnings = warnings;
        Ok(data)
    }

    fn validate(&self, engine: &mut dyn Answerer, seed: u64) -> Result<Validation, AnswerError> {
        let answers = |(_, example): &(Prepared, Example)| {
            let category = example.category;
            example
                .answers
                .clone()
                .into_iter()
                .map(move |(key, text)| (category, key, text))
        };
        let training: Vec<(Option<Category>, Key, String)> =
            self.train.iter().flat_map(answers).collect();
        validate(&self.name, engine, &self.validation, &training, seed)
    }
}

/// The network's view of the data: questions and categories by number.
fn corpus(data: &[Data]) -> Corpus {
    let item = |image: &Prepared, category: Option<Category>, answers: &[(Key, String)]| Item {
        grey: image.grey.clone(),
        width: image.width as usize,
        height: image.height as usize,
        category: category.map(Category::index),
        answers: answers
            .iter()
            .map(|(key, text)| (*key as usize, text.clone()))
            .collect(),
    };
    let mut folders = Vec::new();
    for data in data {
        let train = data
            .train
            .iter()
            .map(|(image, e)| item(image, e.category, &e.answers));
        let validation = data
            .validation
            .iter()
            .map(|r| item(&r.image, r.category, &r.answers));
        let folder = Folder {
            name: data.name.clone(),
            train: train.collect(),
            validation: validation.collect(),
        };
        let again = Folder {
            validation: Vec::new(),
            ..folder.clone()
        };
        folders.push(folder);
        folders.extend(std::iter::repeat_n(again, data.times - 1));
    }
    Corpus {
        questions: Key::ALL
            .iter()
            .map(|key| key.wording().to_owned())
            .collect(),
        captions: Category::ALL.map(Category::caption).to_vec(),
        reserved: slots::tokens(),
        folders,
    }
}

/// The similarity that all but [`NONE_COSTS`] of the correctly classified validation images
/// reach; `None` when there are too few of them to tell.
fn none_below(model: &Model, data: &[Data]) -> Result<Option<f32>, ModelError> {
    let assistant = Assistant::load(&model.files()?, &choose_device("cpu")?)?;
    let mut reached = Vec::new();
    for reference in data.iter().flat_map(|data| &data.validation) {
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

/// A line about a report; for a step, the share of the run that is done.
fn told(report: &Report, settings: &Settings) -> (String, Option<f32>) {
    match report {
        Report::Step {
            of,
            step,
            epoch,
            losses: [itc, itm, lm],
        } => {
            let line = format!(
                "Epoch {epoch}, step {step} of {of}: itc {itc:.3}, itm {itm:.3}, lm {lm:.3}"
            );
            let epochs = *epoch as f32 - 1.0 + *step as f32 / *of as f32;
            (line, Some(epochs / settings.epochs as f32))
        }
        Report::Epoch(report) => {
            let [itc, itm, lm] = report.validation;
            let best = if report.best { ", the best so far" } else { "" };
            let line = format!(
                "Epoch {} done after {:.0} s: validation itc {itc:.3}, itm {itm:.3}, lm {lm:.3}{best}",
                report.epoch, report.seconds
            );
            (line, None)
        }
    }
}

/// One line of figures.
fn summary(figures: &Validation) -> String {
    let share = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.3}"));
    let accuracy = figures.accuracy.as_ref();
    format!(
        "{}: top-1 {}, top-5 {} of {} images; ROUGE-L of {} answers {} with the category ({} taken \
         from another image), {} without ({}); a training answer drawn by chance {}, within the \
         category {}",
        figures.name,
        share(accuracy.map(|a| a.top1)),
        share(accuracy.map(|a| a.top5)),
        accuracy.map_or(0, |a| a.images),
        figures.answers,
        share(figures.rouge_captioned),
        share(figures.rouge_captioned_elsewhere),
        share(figures.rouge_bare),
        share(figures.rouge_bare_elsewhere),
        share(figures.rouge_chance),
        share(figures.rouge_category_chance),
    )
}

/// The model card: what it is, what it learned from, what it reaches.
fn card(
    job: &TrainJob,
    model: &Model,
    data: &[Data],
    epochs: &[EpochReport],
    figures: &[Validation],
) -> String {
    let mut card = String::from(
        "# Model card\n\nA vision-language network of Askem that answers questions about electron micrographs.\n\n",
    );
    let best = epochs.iter().rfind(|epoch| epoch.best);
    let weights: usize = model
        .weights
        .values()
        .map(|tensor| tensor.elem_count())
        .sum();
    let _ = writeln!(
        card,
        "- Preset {}, {weights} weights, {} tokens",
        model.config.preset, model.config.vocab_size
    );
    let _ = writeln!(
        card,
        "- Seed {}, {} epochs, the best was {}",
        job.seed,
        epochs.len(),
        best.map_or(0, |e| e.epoch)
    );
    if let Some(EpochReport {
        validation: [itc, itm, lm],
        seconds,
        ..
    }) = best
    {
        let _ = writeln!(
            card,
            "- Its validation losses: itc {itc:.3}, itm {itm:.3}, lm {lm:.3}, after {seconds:.0} s"
        );
    }
    card.push_str("\n## Data\n\n| folder | drawn | training images | validation images |\n|---|---|---|---|\n");
    for data in data {
        let _ = writeln!(
            card,
            "| {} | {} time(s) | {} | {} |",
            data.name,
            data.times,
            data.train.len(),
            data.validation.len()
        );
    }
    card.push_str("\n## Figures on the validation part\n\nNo specimen is in both parts. The validation losses chose the epoch, so these figures are not those of a test set.\n\n");
    for figures in figures {
        let _ = writeln!(card, "### {}\n\n{}\n", figures.name, summary(figures));
        if let Some(accuracy) = &figures.accuracy {
            let _ = writeln!(card, "```\n{accuracy}\n```\n");
        }
    }
    for data in data {
        if let Ok(attributions) = std::fs::read_to_string(data.path.join("attributions.md")) {
            let _ = writeln!(card, "{attributions}");
        }
    }
    card
}
