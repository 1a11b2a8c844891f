//! What is chosen to train on, and the run: plain data that events of the worker change.
//!
//! Names no egui, reads no file. Everything is asked of the worker by name.

use super::News;
use crate::answer::{FACTORY, Installed, InstalledError};
use crate::window::folder_field::{Folder, FolderState};
use crate::window::state::{Notice, Send};
use crate::worker::{Event, Outcome, Progress, Request, RequestId, TrainJob, TrainingSign, What};
use askem_model::train::Trained;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Points a curve keeps; beyond, neighbours are merged.
const POINTS_MAX: usize = 1200;

/// Rank of the adapters.
const RANK: usize = 4;

/// What a run begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The model inside the program.
    Factory,
    /// The last model trained here.
    Last,
    /// Nothing.
    Nothing,
}

/// Which weights are trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Low-rank adapters.
    Adapters,
    /// The decoder alone.
    Decoder,
    /// All weights.
    All,
}

/// A run.
#[derive(Debug)]
pub struct Run {
    request: RequestId,
    /// The model's name.
    pub name: String,
    /// Losses of the steps, over the epochs done.
    pub steps: Curve,
    /// Validation losses of the epochs.
    pub epochs: Curve,
    /// The last step, as it was told.
    pub latest: Option<TrainingSign>,
    /// What was said on the way.
    pub words: Vec<String>,
    /// How it stands.
    pub state: RunState,
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq)]
pub enum RunState {
    /// At work.
    Running,
    /// Told to end; it measures what it has.
    Ending,
    /// The model is in this folder.
    Done(PathBuf),
    /// There is no model, with a sentence.
    Failed(String),
}

/// Three losses over the epochs.
#[derive(Debug, Default)]
pub struct Curve {
    points: Vec<(f32, [f32; 3])>,
    /// How many reports a point is the mean of.
    merged: usize,
    open: Vec<(f32, [f32; 3])>,
}

impl Curve {
    /// Adds a report. Old points are merged in pairs once there are too many.
    pub fn push(&mut self, at: f32, losses: [f32; 3]) {
        self.merged = self.merged.max(1);
        self.open.push((at, losses));
        if self.open.len() < self.merged {
            return;
        }
        self.points.push(mean(&self.open));
        self.open.clear();
        if self.points.len() > POINTS_MAX {
            self.points = self.points.chunks(2).map(mean).collect();
            self.merged *= 2;
        }
    }

    /// Epochs done and the losses then.
    pub fn points(&self) -> &[(f32, [f32; 3])] {
        &self.points
    }
}

fn mean(points: &[(f32, [f32; 3])]) -> (f32, [f32; 3]) {
    let share = 1.0 / points.len().max(1) as f32;
    let mut all = (0.0, [0.0; 3]);
    for (at, losses) in points {
        all.0 += at * share;
        for (sum, loss) in all.1.iter_mut().zip(losses) {
            *sum += loss * share;
        }
    }
    all
}

/// The state of the tab.
#[derive(Debug)]
pub struct Desk {
    models: Option<Installed>,
    /// The path being typed.
    pub typed: String,
    /// What to learn from.
    pub folders: Vec<Folder>,
    /// What a run begins with.
    pub base: Base,
    /// Which weights are trained.
    pub part: Part,
    /// Minutes at most.
    pub minutes: u32,
    /// Name of the new model.
    pub name: String,
    /// The run, at work or ended.
    pub run: Option<Run>,
    /// The last model trained here.
    pub last: Option<PathBuf>,
    using: Option<(RequestId, PathBuf)>,
    /// The model that was chosen here; None is the one that the program began with.
    pub in_use: Option<PathBuf>,
}

impl Desk {
    /// Nothing chosen.
    pub fn new(models: Option<Installed>) -> Self {
        Self {
            models,
            typed: String::new(),
            folders: Vec::new(),
            base: Base::Factory,
            part: Part::Adapters,
            minutes: 20,
            name: "my-model".into(),
            run: None,
            last: None,
            using: None,
            in_use: None,
        }
    }

    /// Puts a folder on the list and has it counted.
    pub fn add(&mut self, path: PathBuf, send: Send<'_>) {
        if self.folders.iter().any(|folder| folder.path == path) {
            return;
        }
        let state = FolderState::Counting(send(Request::Survey(path.clone())));
        self.folders.push(Folder { path, state });
        self.typed.clear();
    }

    /// Takes a folder off the list.
    pub fn remove(&mut self, place: usize) {
        if place < self.folders.len() {
            self.folders.remove(place);
        }
    }

    /// Where the model will be; a sentence where it cannot be.
    pub fn target(&self) -> Result<PathBuf, String> {
        let models = self.models.as_ref().ok_or(InstalledError::Nowhere);
        let place = models.and_then(|models| models.place(self.name.trim()));
        place.map_err(|why| why.to_string())
    }

    /// Why no run can begin yet, as a sentence.
    pub fn obstacle(&self) -> Option<String> {
        if self.folders.is_empty() {
            return Some("Choose a folder first.".into());
        }
        let mut images = 0;
        let mut answers = 0;
        for folder in &self.folders {
            match &folder.state {
                FolderState::Counting(_) => {
                    return Some("The folder is still being counted.".into());
                }
                FolderState::Refused(_) => {
                    return Some("Take off the folder that cannot be used.".into());
                }
                FolderState::Known(survey) => {
                    images += survey.train;
                    answers += survey.answers;
                }
            }
        }
        if images < 2 || answers == 0 {
            let why = "At least two images to learn from, and some answers, are needed.";
            return Some(why.into());
        }
        self.target().err()
    }

    /// Begins a run, unless something is in its way.
    pub fn start(&mut self, send: Send<'_>) {
        let Ok(out) = self.target() else { return };
        if self.obstacle().is_some() || self.is_at_work() {
            return;
        }
        let data = self.folders.iter().map(|folder| folder.path.clone());
        let job = TrainJob {
            from: match (self.base, &self.last) {
                (Base::Nothing, _) => None,
                (Base::Last, Some(last)) => Some(last.clone()),
                (Base::Factory | Base::Last, _) => Some(PathBuf::from(FACTORY)),
            },
            trained: match self.part {
                // A network from nothing has all to learn.
                _ if self.base == Base::Nothing => Trained::All,
                Part::Adapters => Trained::Adapters { rank: RANK },
                Part::Decoder => Trained::Decoder,
                Part::All => Trained::All,
            },
            epochs: 1000,
            minutes: Some(f64::from(self.minutes)),
            checkpoint: Duration::from_secs(60),
            ..TrainJob::new(data.collect(), out)
        };
        self.run = Some(Run {
            request: send(Request::Train(job)),
            name: self.name.trim().to_owned(),
            steps: Curve::default(),
            epochs: Curve::default(),
            latest: None,
            words: Vec::new(),
            state: RunState::Running,
        });
    }

    /// The request to end, where a run is at work.
    pub fn stop(&mut self) -> Option<RequestId> {
        let run = self
            .run
            .as_mut()
            .filter(|run| run.state == RunState::Running)?;
        run.state = RunState::Ending;
        Some(run.request)
    }

    /// Puts an ended run away.
    pub fn put_away(&mut self) {
        if !self.is_at_work() {
            self.run = None;
        }
    }

    /// Has the worker answer with another model.
    pub fn use_model(&mut self, model: PathBuf, send: Send<'_>) {
        let request = send(Request::UseModel(model.clone()));
        self.using = Some((request, model));
    }

    /// Whether a run is under way.
    pub fn is_at_work(&self) -> bool {
        let run = self.run.as_ref();
        run.is_some_and(|run| matches!(run.state, RunState::Running | RunState::Ending))
    }

    /// A run at work in a few words, with the share done.
    pub fn at_work(&self) -> Option<(String, f32)> {
        let run = self.run.as_ref().filter(|_| self.is_at_work())?;
        let done = match &run.latest {
            Some(TrainingSign::Step { done, .. }) => *done,
            _ => 0.0,
        };
        Some((format!("Training {}", run.name), done))
    }

    /// Whether a request is one of this tab.
    pub fn owns(&self, request: RequestId) -> bool {
        let counting =
            |folder: &Folder| matches!(folder.state, FolderState::Counting(id) if id == request);
        self.is_of_use(request)
            || self.run.as_ref().is_some_and(|run| run.request == request)
            || self.folders.iter().any(counting)
    }

    fn is_of_use(&self, request: RequestId) -> bool {
        self.using
            .as_ref()
            .is_some_and(|(asked, _)| *asked == request)
    }

    /// Takes in an event of one of its requests.
    pub fn apply(&mut self, event: Event) -> Option<News> {
        if self.is_of_use(event.request) {
            let chosen = self.using.take().map(|(_, model)| model);
            return match event.what {
                What::Finished(Outcome::Ready(by)) => {
                    self.in_use = chosen;
                    Some(News::Model(by))
                }
                What::Failed(text) => Some(News::Told(Notice {
                    is_error: true,
                    text,
                })),
                _ => None,
            };
        }
        if let Some(run) = self.run.as_mut().filter(|run| run.request == event.request) {
            let notice = run.apply(event.what);
            if let RunState::Done(folder) = &run.state {
                self.last = Some(folder.clone());
            }
            return notice.map(News::Told);
        }
        let counting = |folder: &&mut Folder| matches!(folder.state, FolderState::Counting(id) if id == event.request);
        if let Some(folder) = self.folders.iter_mut().find(counting) {
            match event.what {
                What::Finished(Outcome::Surveyed(survey)) => {
                    folder.state = FolderState::Known(survey);
                }
                What::Failed(sentence) => folder.state = FolderState::Refused(sentence),
                _ => {}
            }
        }
        None
    }
}

impl Run {
    fn apply(&mut self, what: What) -> Option<Notice> {
        match what {
            What::Progress(Progress::Training(sign)) => self.sign(sign),
            What::Finished(Outcome::Trained(folder)) => {
                self.state = RunState::Done(folder);
                return Some(Notice {
                    is_error: false,
                    text: format!("{} is trained", self.name),
                });
            }
            What::Failed(text) => {
                self.state = RunState::Failed(text.clone());
                return Some(Notice {
                    is_error: true,
                    text,
                });
            }
            What::Cancelled => self.state = RunState::Failed("The run was stopped.".into()),
            _ => {}
        }
        None
    }

    fn sign(&mut self, sign: TrainingSign) {
        match sign {
            TrainingSign::Word(text) => self.words.push(text),
            // The CPU is what is expected; where it is not, a word has said so.
            TrainingSign::Began { device, .. } if device == "cpu" => {}
            TrainingSign::Began { device, precision } => {
                self.words
                    .push(format!("On {} in {precision}", device.to_uppercase()));
            }
            TrainingSign::Step {
                epoch,
                step,
                of,
                losses,
                ..
            } => {
                let at = epoch as f32 - 1.0 + step as f32 / of.max(1) as f32;
                self.steps.push(at, losses);
                self.latest = Some(sign);
            }
            TrainingSign::Epoch {
                epoch, validation, ..
            } => self.epochs.push(epoch as f32, validation),
        }
    }
}

/// The last part of a path, for a title.
pub fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .chars()
        .filter(|c| !c.is_control())
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::worker::Survey;

    fn survey(train: usize, answers: usize) -> Survey {
        Survey {
            path: "/data".into(),
            name: "data".into(),
            train,
            validation: 1,
            test: 0,
            with_test: [3, answers],
            specimens: 3,
            answers,
            categories: [0; 10],
            warnings: Vec::new(),
        }
    }

    /// A desk with one counted folder, and what was sent.
    fn desk(train: usize, answers: usize) -> (Desk, Vec<Request>) {
        let mut desk = Desk::new(Some(Installed::at("/models".into())));
        let mut sent = Vec::new();
        desk.add("/data".into(), &mut |request| {
            sent.push(request);
            RequestId(1)
        });
        let counted = What::Finished(Outcome::Surveyed(survey(train, answers)));
        let event = Event {
            request: RequestId(1),
            what: counted,
        };
        assert!(desk.owns(RequestId(1)) && desk.apply(event).is_none());
        (desk, sent)
    }

    fn job(desk: &mut Desk) -> Option<TrainJob> {
        let mut job = None;
        desk.start(&mut |request| {
            if let Request::Train(sent) = request {
                job = Some(sent);
            }
            RequestId(2)
        });
        job
    }

    #[test]
    fn a_run_begins_only_when_nothing_is_in_its_way() {
        let mut empty = Desk::new(Some(Installed::at("/models".into())));
        assert!(empty.obstacle().is_some() && job(&mut empty).is_none());
        assert!(desk(1, 5).0.obstacle().is_some());
        assert!(desk(9, 0).0.obstacle().is_some());
        let (mut ready, sent) = desk(9, 20);
        assert!(matches!(&sent[..], [Request::Survey(path)] if path == Path::new("/data")));
        assert_eq!(ready.obstacle(), None);
        for name in ["", "a/b", "../x", "factory"] {
            ready.name = name.into();
            assert!(job(&mut ready).is_none(), "{name}");
        }
        ready.name = "steel-3".into();
        let sent = job(&mut ready).unwrap();
        assert_eq!(sent.out, Path::new("/models/steel-3"));
        assert_eq!(sent.from.as_deref(), Some(Path::new(FACTORY)));
        assert_eq!(sent.trained, Trained::Adapters { rank: RANK });
        assert!(job(&mut ready).is_none(), "one run at a time");
    }

    #[test]
    fn from_nothing_all_weights_are_trained() {
        let (mut desk, _) = desk(9, 20);
        desk.base = Base::Nothing;
        let job = job(&mut desk).unwrap();
        assert_eq!((job.from, job.trained), (None, Trained::All));
    }

    #[test]
    fn a_stopped_run_ends_with_its_model() {
        let (mut desk, _) = desk(9, 20);
        job(&mut desk).unwrap();
        assert_eq!(desk.stop(), Some(RequestId(2)));
        assert_eq!(desk.stop(), None);
        assert!(desk.is_at_work());
        let what = What::Finished(Outcome::Trained("/models/my-model".into()));
        let event = Event {
            request: RequestId(2),
            what,
        };
        assert!(desk.apply(event).is_some());
        assert!(!desk.is_at_work());
        assert_eq!(desk.last.as_deref(), Some(Path::new("/models/my-model")));
        assert!(!desk.owns(RequestId(9)));
    }

    #[test]
    fn a_long_run_keeps_a_curve_of_bounded_size() {
        let mut curve = Curve::default();
        for i in 0..100_000 {
            curve.push(i as f32, [i as f32, 1.0, 2.0]);
        }
        let points = curve.points();
        assert!((POINTS_MAX / 2..=POINTS_MAX).contains(&points.len()));
        assert!(points.is_sorted_by(|a, b| a.0 < b.0));
        assert!(
            points
                .iter()
                .all(|(at, losses)| (at - losses[0]).abs() < 16.0)
        );
        assert!(points.last().unwrap().0 > 99_000.0);
    }
}
