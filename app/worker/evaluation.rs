//! An evaluation from a data folder to a page: reads, trains where it is asked to, asks, counts.
//!
//! Called by the evaluator's thread, by `askem evaluate` and by `askem ablate`. Works on engines
//! of its own and writes nothing but models that it trains on the way, in a folder that is gone
//! afterwards.

mod asking;
mod fitted;
mod looks;
mod pictures;
mod tested;

use super::protocol::{EvaluateJob, EvaluationSign, SEED, TrainJob};
use super::training::{self, TrainingError};
use crate::answer::{AnswerError, Flow};
use crate::dataset::{DatasetError, Deal, Fold};
use crate::evaluate::compare::Comparison;
use crate::evaluate::figures::{Figures, truth};
use crate::evaluate::judged::{Judged, Verdicts};
use crate::evaluate::page::Page;
use crate::evaluate::pages;
use crate::evaluate::paper::is_nffa;
use crate::evaluate::record::{About, Record, Run, Seen};
use crate::questions::slots;
use asking::Crew;
use fitted::Fitted;
use looks::Looks;
pub use pictures::{small, small_picture};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use tested::{Drawn, Tested};

/// Why there is no evaluation, as a sentence with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DatasetError),
    /// The model cannot answer.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// A fold could not be learned from.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// All images are learned from.
    #[error(
        "{} keeps no image for a test: by their names all show one specimen. Add a column `specimen` or `split`; see docs/DATA.md.",
        .0.display()
    )]
    NothingToTest(PathBuf),
    /// More folds than specimens.
    #[error(
        "{folds} folds need at least as many specimens, and the folder has {specimens}. Use fewer folds, or, if it shows more, name them in a column `specimen`."
    )]
    FewSpecimens {
        /// Folds asked for.
        folds: usize,
        /// Specimens there are.
        specimens: usize,
    },
    /// No tested image is one.
    #[error("No image of {} that is kept for the test can be read. {notes}", folder.display())]
    NothingReadable {
        /// The data folder.
        folder: PathBuf,
        /// What was wrong.
        notes: String,
    },
    /// Training would choose its epoch on the images it is tested on.
    #[error(
        "To train and test on one folder, say --folds K, or mark images for the test in the column `split`: \
         else the part that chooses the epoch would be the part that is tested on."
    )]
    NoTestPart,
    /// No place for models that are trained on the way.
    #[error(
        "No folder for models that are trained on the way could be made ({0}). Make room on the disk."
    )]
    Scratch(std::io::Error),
    /// Somebody stopped it.
    #[error("Stopped before its end: there is no report.")]
    Stopped,
}

/// A finished evaluation.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The data folder, where the record's files lie.
    pub folder: PathBuf,
    /// What was written down.
    pub record: Record,
    /// What it comes to.
    pub figures: Figures,
    /// What a reader is told.
    pub page: Page,
    /// What a person had judged when it was made.
    pub judged: Vec<Judged>,
    /// The model it was compared with.
    pub against: Option<Against>,
}

/// The second model of a comparison.
#[derive(Clone, Debug)]
pub struct Against {
    /// What was written down of it.
    pub record: Record,
    /// What that comes to.
    pub figures: Figures,
    /// Both compared: the second is the one after.
    pub comparison: Comparison,
    /// What a reader is told of the comparison.
    pub page: Page,
}

/// Runs a job; `progress` gets the signs of life and says whether to go on.
pub fn run(
    job: &EvaluateJob,
    progress: &mut dyn FnMut(EvaluationSign) -> Flow,
) -> Result<Evaluation, EvaluationError> {
    let record = record(job, job.model.as_deref(), progress)?;
    let judged = of_record(&job.judged, &record);
    let verdicts = Verdicts::of(judged.iter().cloned());
    let figures = Figures::of(&record, &verdicts);
    let pictures = |file: &str| small_picture(&job.data, file);
    let page = pages::evaluation(&record, &figures, &pictures);
    let against = match &job.against {
        None => None,
        Some(other) => {
            // Beside the first one it needs no baselines of its own.
            let job = EvaluateJob {
                baselines: false,
                ..job.clone()
            };
            let after = self::record(&job, Some(other), progress)?;
            let after_figures = Figures::of(&after, &verdicts);
            let comparison = Comparison::of((&record, &figures), (&after, &after_figures));
            Some(Against {
                page: pages::comparison(&comparison, &record, &figures),
                record: after,
                figures: after_figures,
                comparison,
            })
        }
    };
    Ok(Evaluation {
        folder: job.data.clone(),
        record,
        figures,
        page,
        judged,
        against,
    })
}

/// The verdicts on tested images, each sentence's last one: those on others are nobody's business
/// here.
fn of_record(judged: &[Judged], record: &Record) -> Vec<Judged> {
    let tested: HashSet<&str> = record
        .images()
        .map(|(_, image)| image.hash.as_str())
        .collect();
    let mut seen = HashSet::new();
    let mut last: Vec<Judged> = judged
        .iter()
        .rev()
        .filter(|one| tested.contains(one.image.as_str()))
        .filter(|one| seen.insert((&one.image, &one.key, &one.sentence)))
        .cloned()
        .collect();
    last.reverse();
    last
}

/// The same with what a person has judged by now.
pub fn judged_anew(evaluation: &Evaluation, judged: &[Judged]) -> Evaluation {
    let judged = of_record(judged, &evaluation.record);
    let verdicts = Verdicts::of(judged.iter().cloned());
    let figures = Figures {
        truth: truth(&evaluation.record, &verdicts),
        ..evaluation.figures.clone()
    };
    let pictures = |file: &str| small_picture(&evaluation.folder, file);
    Evaluation {
        page: pages::evaluation(&evaluation.record, &figures, &pictures),
        figures,
        judged,
        ..evaluation.clone()
    }
}

/// Asks a model about every image that is kept apart, in every fold and for every seed.
pub fn record(
    job: &EvaluateJob,
    model: Option<&str>,
    progress: &mut dyn FnMut(EvaluationSign) -> Flow,
) -> Result<Record, EvaluationError> {
    let mut record = Record {
        about: about(job, model),
        ..Record::default()
    };
    let mut looks = Looks::default();
    let (mut crew, mut scratch) = (None, None);
    let rounds = rounds(job);
    let (mut answers, mut checks) = (Drawn::default(), Drawn::default());
    for (number, round) in rounds.iter().enumerate() {
        let tested = Tested::read(job, round, (number, rounds.len()), &mut record.notes)?;
        answers = answers.and(tested.answers);
        checks = checks.and(tested.checks);
        let of = rounds.len();
        if of > 1 {
            tell(
                progress,
                EvaluationSign::Round {
                    number: number + 1,
                    of,
                },
            )?;
        }
        if let Some(plan) = &job.train {
            // The last model makes room for the next, in memory and on the disk.
            drop((crew.take(), scratch.take()));
            looks.forget();
            let folder = tempfile::tempdir().map_err(EvaluationError::Scratch)?;
            let out = scratch.insert(folder).path().join("model");
            learn(plan, job, model, round, &out, progress)?;
            crew = Some(Crew::of(Some(&out.to_string_lossy()), &job.device)?);
        }
        let crew = match &mut crew {
            Some(crew) => crew,
            none => none.insert(Crew::of(model, &job.device)?),
        };
        add_model(&mut record, crew, job.train.is_some());
        let images = images(job, crew, &tested, &mut looks, &mut record.notes, progress)?;
        record.runs.push(Run {
            seed: round.seed,
            fold: round.fold(),
            images,
        });
    }
    if record.images().next().is_none() {
        return Err(EvaluationError::NothingReadable {
            folder: job.data.clone(),
            notes: record.notes.join(" "),
        });
    }
    note_draws(answers, checks, &mut record.notes);
    record.notes.extend(job.train.as_ref().and_then(cut_short));
    record
        .notes
        .extend(may_have_learned(job, model).map(str::to_owned));
    record.about.data_hash = data_hash(&record);
    record.about.is_nffa = is_nffa(record.images().map(|(_, image)| image.file.as_str()));
    let mut seen = HashSet::new();
    record.notes.retain(|note| seen.insert(note.clone()));
    Ok(record)
}

/// What is to be said where the model may have learned from what it is tested on.
fn may_have_learned(job: &EvaluateJob, model: Option<&str>) -> Option<&'static str> {
    let is_given = job
        .train
        .as_ref()
        .is_none_or(|plan| plan.preset.is_none() && model.is_some());
    let is_dealt_anew = job.folds.is_some() || job.seeds > 1 || job.seed != SEED;
    (is_given && is_dealt_anew).then_some(
        "The folds say what baselines learn from. The model that was given may have learned from tested images before, if it was ever trained on this folder.",
    )
}

/// The passes over the data that the paper trains with.
const PAPERS_EPOCHS: usize = 50;

/// What is to be said of training that ends sooner than the paper's.
fn cut_short(plan: &TrainJob) -> Option<String> {
    let minutes = plan
        .minutes
        .map_or(String::new(), |minutes| format!(" or {minutes} minutes"));
    (plan.epochs < PAPERS_EPOCHS || plan.minutes.is_some()).then(|| {
        format!(
            "Cut short: each model was trained for at most {} epochs{minutes}, where the paper trains for {PAPERS_EPOCHS}.",
            plan.epochs
        )
    })
}

/// Notes what was left out by drawing.
fn note_draws(answers: Drawn, checks: Drawn, notes: &mut Vec<String>) {
    if answers.leaves_some() {
        notes.push(format!(
            "{} of {} answers were drawn by the seed, over all folds and seeds, as many as were asked for.",
            answers.drawn, answers.of
        ));
    }
    if checks.leaves_some() {
        notes.push(format!(
            "Known numbers of {} of {} images were checked, drawn by the seed.",
            checks.drawn, checks.of
        ));
    }
}

/// One test: which images are kept apart, by which seed.
struct Round {
    seed: u64,
    deal: Deal,
}

impl Round {
    fn fold(&self) -> Option<(usize, usize)> {
        match self.deal {
            Deal::Test(Fold { number, of }) => Some((number, of)),
            Deal::AsGiven | Deal::Validation(_) => None,
        }
    }
}

/// Every fold of every seed.
fn rounds(job: &EvaluateJob) -> Vec<Round> {
    let seeds = (0..job.seeds.max(1) as u64).map(|more| job.seed.wrapping_add(more));
    let of_seed = |seed| {
        let deals: Vec<Deal> = match job.folds {
            None => vec![Deal::AsGiven],
            Some(of) => (1..=of)
                .map(|number| Deal::Test(Fold { number, of }))
                .collect(),
        };
        deals.into_iter().map(move |deal| Round { seed, deal })
    };
    seeds.flat_map(of_seed).collect()
}

/// Trains a model on what is not tested on.
fn learn(
    plan: &TrainJob,
    job: &EvaluateJob,
    model: Option<&str>,
    round: &Round,
    out: &Path,
    progress: &mut dyn FnMut(EvaluationSign) -> Flow,
) -> Result<(), EvaluationError> {
    let from = model.filter(|_| plan.preset.is_none()).map(PathBuf::from);
    let plan = TrainJob {
        data: vec![job.data.clone()],
        out: out.to_owned(),
        from,
        deal: round.deal,
        seed: round.seed,
        device: job.device.clone(),
        is_measured: false,
        ..plan.clone()
    };
    let mut is_stopped = false;
    training::run(&plan, &mut |sign| {
        let flow = progress(EvaluationSign::Training(sign));
        is_stopped |= flow == Flow::Stop;
        flow
    })?;
    match is_stopped {
        true => Err(EvaluationError::Stopped),
        false => Ok(()),
    }
}

/// What is known of an evaluation before it begins.
fn about(job: &EvaluateJob, model: Option<&str>) -> About {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let training = job.train.as_ref().map(|plan| {
        let minutes = plan
            .minutes
            .map_or(String::new(), |minutes| format!(" or {minutes} minutes"));
        let parts: Vec<&str> = plan.left_out();
        let without = match parts.as_slice() {
            [] => String::new(),
            parts => format!(", without {}", parts.join(" and ")),
        };
        let from = match (&plan.preset, model) {
            (Some(preset), _) => format!("from nothing, preset {preset}"),
            (None, Some(model)) => format!("from {}", name(Path::new(model))),
            (None, None) => "from nothing, preset paper".to_owned(),
        };
        format!("{from}, at most {} epochs{minutes}{without}", plan.epochs)
    });
    let folds = match job.folds {
        Some(folds) => format!("{folds}, by specimen"),
        None => "none: the part of the folder that is kept for it".to_owned(),
    };
    let answers = match job.answers {
        usize::MAX => "all".to_owned(),
        most => format!("{most} at most, drawn by seed"),
    };
    About {
        version: crate::VERSION.to_owned(),
        model: match (&job.train, model) {
            (None, _) => String::new(),
            (Some(TrainJob { preset: None, .. }), Some(model)) => {
                format!("{}, trained in each fold", name(Path::new(model)))
            }
            (Some(_), _) => "Models trained in each fold".to_owned(),
        },
        data: name(&std::path::absolute(&job.data).unwrap_or_else(|_| job.data.clone())),
        settings: vec![
            ("Folds".into(), folds),
            (
                "Seeds".into(),
                format!("{} from {}", job.seeds.max(1), job.seed),
            ),
            ("Answers".into(), answers),
            (
                "Training".into(),
                training.unwrap_or_else(|| "none: the model as it is".into()),
            ),
        ],
        ..About::default()
    }
}

/// Notes which model answers, and what it cannot write.
fn add_model(record: &mut Record, crew: &Crew, is_trained: bool) {
    let about = &mut record.about;
    if !is_trained {
        about.model.clone_from(&crew.name);
    }
    about.device.clone_from(&crew.device);
    if about.model_hashes.last() != Some(&crew.hash) {
        about.model_hashes.push(crew.hash.clone());
    }
    if crew.slots_missing > 0 {
        record.notes.push(format!(
            "The model's tokenizer has no word for {} of the {} slots that stand for numbers: it cannot write \
             them whole, which costs it likeness to references that hold them.",
            crew.slots_missing,
            slots::tokens().len()
        ));
    }
}

fn data_hash(record: &Record) -> String {
    let mut lines: Vec<String> = record
        .images()
        .map(|(_, image)| format!("{}\0{}\n", image.file, image.hash))
        .collect();
    lines.sort();
    lines.dedup();
    blake3::hash(lines.concat().as_bytes()).to_hex().to_string()
}

/// Hands over a sign of life.
fn tell(
    progress: &mut dyn FnMut(EvaluationSign) -> Flow,
    sign: EvaluationSign,
) -> Result<(), EvaluationError> {
    match progress(sign) {
        Flow::Continue => Ok(()),
        Flow::Stop => Err(EvaluationError::Stopped),
    }
}

/// Asks about every tested image of a round; one that cannot be read becomes a note.
fn images(
    job: &EvaluateJob,
    crew: &Crew,
    tested: &Tested,
    looks: &mut Looks,
    notes: &mut Vec<String>,
    progress: &mut dyn FnMut(EvaluationSign) -> Flow,
) -> Result<Vec<Seen>, EvaluationError> {
    let fitted = match job.baselines {
        false => None,
        true => {
            looks.take(crew, &tested.training, notes, progress)?;
            Some(Fitted::of(&tested.training, looks))
        }
    };
    let answered = crew.over("Asking", &tested.tests, progress, &|engine, test, go_on| {
        asking::seen(engine, test, fitted.as_ref(), go_on)
    })?;
    let mut unread = Vec::new();
    let mut images = Vec::new();
    for one in answered {
        match one {
            Ok(seen) => images.push(seen),
            Err(why) => unread.push(why),
        }
    }
    if let Some(first) = unread.first() {
        notes.push(format!(
            "{} of {} tested images could not be read and are left out, the first: {first}",
            unread.len(),
            tested.tests.len()
        ));
    }
    Ok(images)
}
