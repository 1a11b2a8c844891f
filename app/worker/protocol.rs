//! Every message between the window and the threads, as plain data.

use super::evaluation::Evaluation;
use crate::answer::{Answer, CategoryFrom, Classification, Description, HeatMap, Prompt};
use crate::dataset::{Deal, Survey};
use crate::evaluate::judged::Judged;
use crate::measure::edit::Edit;
use crate::measure::recipe::Recipe;
use crate::measure::{Measurement, Object};
use crate::micrograph::display::{self, Histogram, Pyramid};
use crate::micrograph::{Calibration, Edits, Mask, Micrograph, Prepared, Printed, Region};
use crate::notebook::{Note, Notes, Subject};
use askem_model::Precision;
use askem_model::config::Ablation;
use askem_model::train::{Learned, Trained};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Names one request for as long as the worker lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// What can be asked of the worker.
#[derive(Clone, Debug)]
pub enum Request {
    /// Read a micrograph, make its display pixels and its prepared form. Becoming the newest
    /// image, it cancels queued and running work on earlier ones: when it is sent, and again
    /// just before it ends in [`Outcome::Opened`], for what was asked meanwhile.
    Open(PathBuf),
    /// The same for another page of a file, counted from 0.
    OpenPage(PathBuf, u32),
    /// The built-in sample. Ends in [`Outcome::Opened`].
    OpenSample,
    /// A micrograph from memory, as a file's bytes with a name for messages. Ends in
    /// [`Outcome::Opened`].
    OpenBytes(Arc<Vec<u8>>, String),
    /// Wait for the model. Ends in [`Outcome::Ready`].
    Describe,
    /// Count what data folders hold, without reading an image. Ends in [`Outcome::Surveyed`].
    Survey(PathBuf),
    /// Train a model; at most one run at a time. Ends in [`Outcome::Trained`].
    Train(TrainJob),
    /// Test a model on a data folder. Ends in [`Outcome::Evaluated`].
    Evaluate(Box<EvaluateJob>),
    /// Write the report of an evaluation into a folder, with what a person judged. Ends in
    /// [`Outcome::Written`].
    SaveReport(Arc<Evaluation>, Vec<Judged>, PathBuf),
    /// Small copies of files of a data folder. Ends in [`Outcome::Pictures`].
    Pictures(PathBuf, Vec<String>),
    /// Keep what a person found of a sentence. Ends in [`Outcome::Noted`].
    Judge(Judged),
    /// Answer from here on with the model of this name or folder. A model that cannot be loaded
    /// changes nothing. Ends in [`Outcome::Ready`].
    UseModel(PathBuf),
    /// Predict the material. Ends in [`Outcome::Classified`].
    Classify(Arc<Prepared>),
    /// The same from what a view says, which is made of the image before. Ends in
    /// [`Outcome::Classified`].
    ClassifyView(Arc<Opened>, View),
    /// Answer a question; whole sentences come as [`Progress::Piece`]. Ends in
    /// [`Outcome::Answered`].
    Ask(Box<AskJob>),
    /// Everything noted about a micrograph, by its hash. Ends in [`Outcome::Recalled`].
    Recall(String),
    /// Write something about a micrograph into the notebook. Ends in [`Outcome::Noted`]; done
    /// even where it is cancelled. Notes and recalls are done in the order they are sent.
    Note(Arc<Subject>, Note),
    /// Tell where the model looks when it writes a word. Ends in [`Outcome::Looked`].
    Look(Box<LookJob>),
    /// Measure a micrograph; its objects come first, as [`Progress::Objects`]. Opening another
    /// one does not cancel it. Ends in [`Outcome::Measured`].
    Measure(Box<MeasureJob>),
    /// Measure all micrographs of a folder by a recipe; how far it is comes as
    /// [`Progress::Files`]. Ends in [`Outcome::MeasuredFolder`].
    MeasureFolder(FolderJob),
    /// Write a text to a file, in place of what is there. Ends in [`Outcome::Written`].
    Write(PathBuf, String),
    /// Read a recipe. Ends in [`Outcome::RecipeRead`].
    ReadRecipe(PathBuf),
}

/// Something happened to a request.
#[derive(Clone, Debug)]
pub struct Event {
    /// The request it belongs to.
    pub request: RequestId,
    /// What happened.
    pub what: What,
}

/// What happened to a request.
#[derive(Clone, Debug)]
pub enum What {
    /// It goes on.
    Progress(Progress),
    /// It ended well.
    Finished(Outcome),
    /// It ended badly: a sentence for the user.
    Failed(String),
    /// It was cancelled: by [`super::Worker::cancel`] or by a newer image.
    Cancelled,
}

/// A sign of life.
#[derive(Clone, Debug)]
pub enum Progress {
    /// More text of an answer.
    Piece(String),
    /// Training goes on.
    Training(TrainingSign),
    /// An evaluation goes on.
    Evaluation(EvaluationSign),
    /// Something the user should be told, as a sentence.
    Word(String),
    /// The objects of a micrograph, before their numbers.
    Objects(Arc<Vec<Object>>),
    /// How many micrographs of a folder are measured.
    Files {
        /// So many are.
        done: usize,
        /// All.
        of: usize,
    },
}

/// A sign of life of a training run.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainingSign {
    /// Something worth keeping, as a sentence.
    Word(String),
    /// The run begins, or goes on.
    Began {
        /// "cpu" or "cuda:N".
        device: String,
        /// How exactly linear maps multiply: "f32" or "bf16".
        precision: &'static str,
    },
    /// A step is done.
    Step {
        /// Counted from 1.
        epoch: usize,
        /// Counted from 1.
        step: usize,
        /// Steps of the epoch.
        of: usize,
        /// itc, itm and lm of the step's images.
        losses: [f32; 3],
        /// The learning rate it was taken with.
        learning_rate: f64,
        /// Images a second since the run began or went on.
        images_per_s: f32,
        /// The share of the run that is done at most, 0 to 1: it may stop early.
        done: f32,
        /// Seconds to the end at most; None while that is anybody's guess.
        seconds_left: Option<f64>,
    },
    /// An epoch is done and measured.
    Epoch {
        /// Counted from 1.
        epoch: usize,
        /// Mean itc, itm and lm of its steps.
        train: [f32; 3],
        /// itc, itm and lm of the validation images.
        validation: [f32; 3],
        /// The learning rate of its last step.
        learning_rate: f64,
        /// Whether it is the best so far.
        best: bool,
        /// Seconds trained.
        seconds: f64,
    },
}

/// The seed of a run of which nobody says otherwise.
pub const SEED: u64 = 0;

/// What to train, on what, and where to put it.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainJob {
    /// Data folders; one that is named several times is drawn as often.
    pub data: Vec<PathBuf>,
    /// The model folder to write.
    pub out: PathBuf,
    /// Preset of the network; `None` is that of `from`, or `paper`.
    pub preset: Option<String>,
    /// A model folder to start from instead of from scratch.
    pub from: Option<PathBuf>,
    /// Which weights are trained.
    pub trained: Trained,
    /// What a network that begins from nothing does without.
    pub without: Vec<Ablation>,
    /// Which losses are learned from.
    pub learned: Learned,
    /// The share of `from` in the new model's weights, 0 to 1: 0 is the trained model as it is.
    pub blend: f32,
    /// Which specimens are learned from, and which are kept for validation.
    pub deal: Deal,
    /// Passes over the data at most.
    pub epochs: usize,
    /// Minutes at most.
    pub minutes: Option<f64>,
    /// Images a step; `None`: the preset's.
    pub batch: Option<usize>,
    /// Parts that a step is computed in, to save memory.
    pub parts: usize,
    /// Whether to go on with the run that was left at `out`.
    pub resume: bool,
    /// Time between two checkpoints.
    pub checkpoint: Duration,
    /// Seed of everything random.
    pub seed: u64,
    /// "auto", "cpu" or "cuda:N".
    pub device: String,
    /// How exactly linear maps multiply; where the device can't, in 32 bits.
    pub precision: Precision,
    /// Whether the new model is measured on the validation part, for its card.
    pub is_measured: bool,
}

impl TrainJob {
    /// The paper's run on data folders, to be written to `out`.
    pub fn new(data: Vec<PathBuf>, out: PathBuf) -> Self {
        Self {
            data,
            out,
            preset: None,
            from: None,
            trained: Trained::All,
            without: Vec::new(),
            learned: Learned::ALL,
            blend: 0.0,
            deal: Deal::AsGiven,
            epochs: 50,
            minutes: None,
            batch: None,
            parts: 1,
            resume: false,
            checkpoint: Duration::from_secs(60),
            seed: SEED,
            device: "auto".into(),
            precision: Precision::F32,
            is_measured: true,
        }
    }

    /// The losses and attentions that it does without, as the paper names them.
    pub fn left_out(&self) -> Vec<&'static str> {
        let Learned { itc, itm, lm } = self.learned;
        let losses = [(itc, "ITC"), (itm, "ITM"), (lm, "LM")];
        let losses = losses.into_iter().filter(|(is_learned, _)| !is_learned);
        let attentions = self.without.iter().map(|one| match one {
            Ablation::Sa => "SA",
            Ablation::Ca => "CA",
            Ablation::Csa => "CSA",
        });
        losses.map(|(_, name)| name).chain(attentions).collect()
    }
}

/// What to evaluate, on what and how.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluateJob {
    /// The data folder.
    pub data: PathBuf,
    /// The model's name or folder; `None` is the one in use, or, where models are trained from a
    /// preset, none.
    pub model: Option<String>,
    /// A second one to compare with it.
    pub against: Option<String>,
    /// Into how many folds specimens are dealt; `None`: as the data says.
    pub folds: Option<usize>,
    /// How often everything is repeated, each time with the next seed.
    pub seeds: usize,
    /// The first seed.
    pub seed: u64,
    /// Answers asked for at most, over all folds and seeds.
    pub answers: usize,
    /// Whether baselines and controls stand beside the model.
    pub baselines: bool,
    /// How a model is trained in each fold; data, model folder, deal, seed and device are set by
    /// the evaluation. `None`: the model as it is.
    pub train: Option<TrainJob>,
    /// What a person found true and false.
    pub judged: Vec<Judged>,
    /// "auto", "cpu" or "cuda:N".
    pub device: String,
}

impl EvaluateJob {
    /// The model in use, as it is, on what a folder keeps for tests.
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            model: None,
            against: None,
            folds: None,
            seeds: 1,
            seed: SEED,
            answers: 1000,
            baselines: true,
            train: None,
            judged: Vec::new(),
            device: "auto".into(),
        }
    }
}

/// A small copy of a tested image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallPicture {
    /// Its file in the data folder.
    pub file: String,
    /// Width and height, in pixels.
    pub size: [usize; 2],
    /// Its greys, row by row.
    pub grey: Vec<u8>,
}

/// A sign of life of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum EvaluationSign {
    /// A fold of a seed begins.
    Round {
        /// Counted from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// Nothing has come since the last sign; asks whether to go on.
    Waiting,
    /// A model is being trained.
    Training(TrainingSign),
    /// Images are being looked at or asked about.
    Images {
        /// What is done with them, in a word.
        what: &'static str,
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
}

/// The result of a request.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A micrograph, ready to be shown and asked about.
    Opened(Arc<Opened>),
    /// The model is loaded.
    Ready(Description),
    /// What a data folder holds.
    Surveyed(Survey),
    /// A model folder was written.
    Trained(PathBuf),
    /// What a model is worth on a data folder.
    Evaluated(Arc<Evaluation>),
    /// Small copies of files; those that cannot be read are missing.
    Pictures(Vec<SmallPicture>),
    /// The predicted material, and who predicted it.
    Classified(Classification, Description),
    /// A finished answer, and who gave it.
    Answered(Answer, Description),
    /// Where the model looks when it writes a word.
    Looked(Arc<Looked>),
    /// What the notebook holds about a micrograph.
    Recalled(Notes),
    /// It is in the notebook.
    Noted,
    /// What was measured on a micrograph.
    Measured(Arc<Measured>),
    /// What became of the micrographs of a folder.
    MeasuredFolder(FolderReport),
    /// The file is written.
    Written(PathBuf),
    /// What a recipe holds.
    RecipeRead(Recipe),
}

/// A question, and what its answer may be filled from.
#[derive(Clone, Debug)]
pub struct AskJob {
    /// The micrograph.
    pub opened: Arc<Opened>,
    /// What of it is asked about.
    pub view: View,
    /// The question.
    pub prompt: Prompt,
    /// Who says which material it is, where the prompt names one.
    pub category_from: CategoryFrom,
    /// How large its pixels are.
    pub calibration: Option<Calibration>,
    /// What was measured of the view already; `None` has it measured where the answer needs it.
    pub measured: Option<Arc<Measurement>>,
}

impl AskJob {
    /// A question about a whole micrograph as it was read.
    pub fn about(opened: Arc<Opened>, prompt: Prompt) -> Self {
        Self {
            calibration: opened.micrograph.calibration.clone(),
            opened,
            view: View::default(),
            prompt,
            category_from: CategoryFrom::Prediction,
            measured: None,
        }
    }
}

/// A word of an answer.
#[derive(Clone, Debug)]
pub struct LookJob {
    /// The micrograph.
    pub opened: Arc<Opened>,
    /// What of it was asked about.
    pub view: View,
    /// The question.
    pub prompt: Prompt,
    /// The answer as the model wrote it, with its slots unfilled.
    pub text: String,
    /// From which byte of the text to which the word stands.
    pub word: Range<usize>,
}

/// Where the model looks when it writes a word.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// How much at each place of `rect`.
    pub heat: HeatMap,
    /// The part of the micrograph that the model saw: left, top, right and bottom in pixels.
    pub rect: [u32; 4],
    /// Places that were filled from around them before the model saw it.
    pub left_out: Vec<[u32; 4]>,
}

/// What to measure, and how.
#[derive(Clone, Debug)]
pub struct MeasureJob {
    /// The micrograph.
    pub opened: Arc<Opened>,
    /// What of it.
    pub view: View,
    /// How large its pixels are.
    pub calibration: Option<Calibration>,
    /// Material, what objects are looked for by, and sizes.
    pub recipe: Recipe,
    /// What was changed by hand, the first change first.
    pub edits: Vec<Edit>,
    /// What was found in the same view with the same scale, material and search: objects are
    /// then not looked for anew.
    pub found: Option<Arc<Measurement>>,
}

/// What was measured on a micrograph.
#[derive(Debug)]
pub struct Measured {
    /// As found, before anything was chosen or changed by hand.
    pub found: Arc<Measurement>,
    /// The objects with what was changed by hand, of all sizes.
    pub objects: Arc<Vec<Object>>,
    /// The numbers, of the objects whose size counts.
    pub numbers: Arc<Measurement>,
    /// The edits that changed nothing, by their place.
    pub idle: Vec<usize>,
}

/// A folder to measure.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderJob {
    /// Where the micrographs lie, and where the tables go.
    pub folder: PathBuf,
    /// Material, what objects are looked for by, and sizes.
    pub recipe: Recipe,
}

/// What became of the micrographs of a folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FolderReport {
    /// So many were measured.
    pub measured: usize,
    /// A sentence for each that could not be read.
    pub failed: Vec<String>,
    /// The tables.
    pub written: Vec<PathBuf>,
}

/// A micrograph as the window needs it.
#[derive(Debug)]
pub struct Opened {
    /// The pixels as recorded.
    pub micrograph: Micrograph,
    /// What is printed in it and drawn over it.
    pub printed: Printed,
    /// What the engines see of it, without that.
    pub prepared: Arc<Prepared>,
    /// Smaller levels to zoom in; `micrograph` keeps the data.
    pub pyramid: Pyramid,
    /// How often each level occurs.
    pub histogram: Histogram,
    /// A small copy for the folder strip, RGBA.
    pub thumbnail_rgba: Vec<u8>,
    /// Size of the thumbnail: width and height in pixels.
    pub thumbnail_size: [u32; 2],
}

/// What of a micrograph is asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// A part of it; `None` for the whole.
    pub region: Option<Region>,
    /// What the user has changed in what is left out.
    pub edits: Edits,
}

impl Opened {
    /// The engines' input for a view.
    pub fn prepared(&self, view: &View) -> Prepared {
        let micrograph = &self.micrograph;
        let size = [micrograph.width(), micrograph.height()];
        let mask = Mask::of(size, &self.printed, &view.edits);
        match view.region {
            Some(region) => region.prepared(micrograph, &mask),
            None => Prepared::masked(micrograph, &mask),
        }
    }

    /// The part of the micrograph that the engines' input for a view is made of: left, top, right
    /// and bottom in pixels.
    pub fn seen(&self, view: &View, prepared: &Prepared) -> [u32; 4] {
        let whole = [0, 0, self.micrograph.width(), self.micrograph.height()];
        let part = view.region.map_or(whole, |region| {
            let [left, top, right, bottom] = region.rect();
            [left, top, right.min(whole[2]), bottom.min(whole[3])]
        });
        let is_part = part[0] < part[2] && part[1] < part[3];
        prepared.mask.cropped(if is_part { part } else { whole })
    }

    /// Makes everything the window needs of a micrograph; `None` when `go_on` says no in
    /// between.
    pub fn of(mut micrograph: Micrograph, go_on: &dyn Fn() -> bool) -> Option<Self> {
        let going = || go_on().then_some(());
        going()?;
        let printed = Printed::of(&micrograph);
        if micrograph.calibration.is_none() {
            micrograph.calibration = printed.calibration();
        }
        going()?;
        let size = [micrograph.width(), micrograph.height()];
        let mask = Mask::of(size, &printed, &Edits::default());
        let prepared = Arc::new(Prepared::masked(&micrograph, &mask));
        going()?;
        let pyramid = Pyramid::of(&micrograph, go_on)?;
        let histogram = Histogram::of(&micrograph);
        let thumbnail = display::thumbnail(&micrograph);
        going()?;
        Some(Self {
            micrograph,
            printed,
            prepared,
            pyramid,
            histogram,
            thumbnail_size: thumbnail.size,
            thumbnail_rgba: thumbnail.rgba,
        })
    }
}
