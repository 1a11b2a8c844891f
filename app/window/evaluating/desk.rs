//! What is chosen to test on, the evaluation under way and its result: plain data that events of
//! the worker change.
//!
//! Names no egui, reads no file. Everything is asked of the worker by name.

use crate::answer::{FACTORY, Installed};
use crate::evaluate::judged::{Judged, Verdict, Verdicts};
use crate::evaluate::record::{Asked, Guesser, Seen};
use crate::questions::{Category, Key};
use crate::window::folder_field::{Folder, FolderState};
use crate::window::state::{Notice, Send};
use crate::worker::{
    EvaluateJob, Evaluation, EvaluationSign, Event, Outcome, Progress, Request, RequestId,
    SmallPicture, What,
};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Images of a cell that are shown at most.
pub const CELL_IMAGES: usize = 24;

/// An evaluation under way, or one that came to nothing.
#[derive(Debug)]
pub struct Run {
    request: RequestId,
    /// What is done now, in a few words.
    pub words: String,
    /// The share of it that is done, 0 to 1.
    pub done: f32,
    /// Which fold, of how many.
    pub round: (usize, usize),
    /// Why there is no result, as a sentence.
    pub failed: Option<String>,
}

/// Which part of a result is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Part {
    /// What a reader should know first.
    #[default]
    Summary,
    /// What images are taken for.
    Material,
    /// How close answers are to their references.
    Answers,
    /// Each answer beside its reference.
    List,
    /// The other model.
    Compared,
}

/// In which order answers are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The least like their references first.
    #[default]
    Worst,
    /// The most like first.
    Best,
}

/// A result, and what of it is shown.
#[derive(Debug)]
pub struct Shown {
    /// The result.
    pub evaluation: Arc<Evaluation>,
    /// All that was judged, the newest last.
    pub judged: Vec<Judged>,
    /// The same by sentence.
    pub verdicts: Verdicts,
    /// The part that is shown.
    pub part: Part,
    /// The chosen cell of the table of confusions.
    pub cell: Option<(usize, usize)>,
    /// The chosen answer, by its place in the figures.
    pub answer: Option<usize>,
    /// How answers are listed.
    pub order: Order,
    /// Their places in that order.
    pub listed: Vec<usize>,
    /// Small copies that have come and are not on the graphics card yet.
    pub arrived: Vec<SmallPicture>,
    asked_for: HashSet<String>,
    fetching: Option<RequestId>,
    saving: Option<RequestId>,
    keeping: HashSet<RequestId>,
}

/// The state of the tab.
#[derive(Debug)]
pub struct Desk {
    models: Option<Installed>,
    /// The path of the data folder, being typed.
    pub typed: String,
    /// The path of the report's folder, being typed.
    pub target: String,
    /// What to test on.
    pub folder: Option<Folder>,
    /// How many folds baselines are fitted in; `None`: what the folder keeps for tests is tested.
    pub folds: Option<usize>,
    /// Answers at most.
    pub answers: usize,
    /// Whether baselines and controls stand beside the model.
    pub baselines: bool,
    /// A second model, to compare with.
    pub against: Option<String>,
    /// The evaluation under way, or the last that failed.
    pub run: Option<Run>,
    /// The last result.
    pub result: Option<Shown>,
}

impl Desk {
    /// Nothing chosen.
    pub fn new(models: Option<Installed>) -> Self {
        Self {
            models,
            typed: String::new(),
            target: String::new(),
            folder: None,
            folds: None,
            answers: 200,
            baselines: true,
            against: None,
            run: None,
            result: None,
        }
    }

    /// The models that can be compared with: all but the one in use.
    pub fn others(&self, in_use: &str) -> Vec<String> {
        let names = self.models.as_ref().map_or(Vec::new(), Installed::names);
        let all = std::iter::once(FACTORY.to_owned()).chain(names);
        all.filter(|name| name != in_use).collect()
    }

    /// Takes a folder to test on and has it counted.
    pub fn take(&mut self, path: PathBuf, send: Send<'_>) {
        let state = FolderState::Counting(send(Request::Survey(path.clone())));
        self.folder = Some(Folder { path, state });
        self.typed.clear();
    }

    /// Why nothing can begin yet, as a sentence.
    pub fn obstacle(&self) -> Option<String> {
        let why = match self.folder.as_ref().map(|folder| &folder.state) {
            None => "Choose a folder first.",
            Some(FolderState::Counting(_)) => "The folder is still being counted.",
            Some(FolderState::Refused(_)) => "Choose a folder that can be used.",
            Some(FolderState::Known(_)) => return None,
        };
        Some(why.to_owned())
    }

    /// Begins, unless something is in its way. `model` is the one that was chosen in the window.
    pub fn start(&mut self, model: Option<PathBuf>, send: Send<'_>) {
        let Some(folder) = self.folder.as_ref().filter(|_| self.obstacle().is_none()) else {
            return;
        };
        if self.at_work().is_some() {
            return;
        }
        let job = EvaluateJob {
            model: model.map(|model| model.to_string_lossy().into_owned()),
            against: self.against.clone(),
            folds: self.folds,
            answers: self.answers,
            baselines: self.baselines,
            ..EvaluateJob::new(folder.path.clone())
        };
        self.result = None;
        self.run = Some(Run {
            request: send(Request::Evaluate(Box::new(job))),
            words: "Reading the folder".to_owned(),
            done: 0.0,
            round: (1, 1),
            failed: None,
        });
    }

    /// The request to cancel, where an evaluation is under way.
    pub fn stop(&mut self) -> Option<RequestId> {
        let run = self.run.as_ref().filter(|run| run.failed.is_none())?;
        Some(run.request)
    }

    /// Puts a result away.
    pub fn put_away(&mut self) {
        self.result = None;
    }

    /// Shows the images of a cell of the table of confusions.
    pub fn show_cell(&mut self, cell: Option<(usize, usize)>) {
        if let Some(shown) = &mut self.result {
            shown.cell = cell;
        }
    }

    /// Asks for small copies that were not asked for yet, one lot at a time.
    pub fn fetch(&mut self, files: Vec<String>, send: Send<'_>) {
        let Some(shown) = self
            .result
            .as_mut()
            .filter(|shown| shown.fetching.is_none())
        else {
            return;
        };
        let new: Vec<String> = files
            .into_iter()
            .filter(|file| shown.asked_for.insert(file.clone()))
            .collect();
        if !new.is_empty() {
            let folder = shown.evaluation.folder.clone();
            shown.fetching = Some(send(Request::Pictures(folder, new)));
        }
    }

    /// Takes what the user found of a sentence, and has it kept for later where `keeps` says so.
    pub fn judge(&mut self, judged: Judged, keeps: bool, send: Send<'_>) {
        if let Some(shown) = &mut self.result {
            if keeps {
                shown.keeping.insert(send(Request::Judge(judged.clone())));
            }
            shown.judged.push(judged);
            shown.verdicts = Verdicts::of(shown.judged.iter().cloned());
        }
    }

    /// Has the report written.
    pub fn save(&mut self, folder: PathBuf, send: Send<'_>) {
        if let Some(shown) = &mut self.result {
            let request = Request::SaveReport(
                Arc::clone(&shown.evaluation),
                shown.judged.clone(),
                folder.clone(),
            );
            shown.saving = Some(send(request));
            self.target = folder.to_string_lossy().into_owned();
        }
    }

    /// An evaluation at work in a few words, with the share done.
    pub fn at_work(&self) -> Option<(String, f32)> {
        let run = self.run.as_ref().filter(|run| run.failed.is_none())?;
        let (round, of) = run.round;
        let share = (round as f32 - 1.0 + run.done) / of.max(1) as f32;
        Some(("Evaluating".to_owned(), share.clamp(0.0, 1.0)))
    }

    /// Whether a request is one of this tab.
    pub fn owns(&self, request: RequestId) -> bool {
        let of_folder = self.folder.as_ref().is_some_and(
            |folder| matches!(folder.state, FolderState::Counting(id) if id == request),
        );
        let of_result = self
            .result
            .as_ref()
            .is_some_and(|shown| shown.waits_for(request));
        of_folder || of_result || self.run.as_ref().is_some_and(|run| run.request == request)
    }

    /// Takes in an event of one of its requests.
    pub fn apply(&mut self, event: Event) -> Option<Notice> {
        let Event { request, what } = event;
        if self.run.as_ref().is_some_and(|run| run.request == request) {
            return self.apply_to_run(what);
        }
        if let Some(shown) = &mut self.result {
            if shown.fetching == Some(request) && !matches!(what, What::Progress(_)) {
                shown.fetching = None;
                if let What::Finished(Outcome::Pictures(pictures)) = what {
                    shown.arrived.extend(pictures);
                }
                return None;
            }
            if shown.keeping.remove(&request) {
                return match what {
                    What::Failed(text) => Some(Notice {
                        is_error: true,
                        text,
                    }),
                    _ => None,
                };
            }
            if shown.saving == Some(request) {
                shown.saving = None;
                return match what {
                    What::Finished(Outcome::Written(page)) => Some(Notice {
                        is_error: false,
                        text: format!("The report is {}", page.display()),
                    }),
                    What::Failed(text) => Some(Notice {
                        is_error: true,
                        text,
                    }),
                    _ => None,
                };
            }
        }
        if let Some(folder) = &mut self.folder {
            match what {
                What::Finished(Outcome::Surveyed(survey)) => {
                    folder.state = FolderState::Known(survey);
                }
                What::Failed(sentence) => folder.state = FolderState::Refused(sentence),
                _ => {}
            }
        }
        None
    }

    fn apply_to_run(&mut self, what: What) -> Option<Notice> {
        let run = self.run.as_mut()?;
        match what {
            What::Progress(Progress::Evaluation(sign)) => run.sign(&sign),
            What::Finished(Outcome::Evaluated(evaluation)) => {
                self.run = None;
                let text = format!("{} is evaluated", evaluation.record.about.model);
                self.result = Some(Shown::of(evaluation));
                return Some(Notice {
                    is_error: false,
                    text,
                });
            }
            What::Failed(text) => {
                run.failed = Some(text.clone());
                return Some(Notice {
                    is_error: true,
                    text,
                });
            }
            What::Cancelled => self.run = None,
            _ => {}
        }
        None
    }
}

impl Run {
    fn sign(&mut self, sign: &EvaluationSign) {
        match sign {
            EvaluationSign::Round { number, of } => {
                self.round = (*number, *of);
                self.done = 0.0;
            }
            EvaluationSign::Images { what, done, of } => {
                self.words = format!("{what}: {done} of {of} images");
                self.done = *done as f32 / (*of).max(1) as f32;
            }
            EvaluationSign::Waiting | EvaluationSign::Training(_) => {}
        }
    }
}

impl Shown {
    fn of(evaluation: Arc<Evaluation>) -> Self {
        let judged = evaluation.judged.clone();
        let mut shown = Self {
            verdicts: Verdicts::of(judged.iter().cloned()),
            judged,
            part: Part::default(),
            cell: None,
            answer: None,
            order: Order::default(),
            listed: Vec::new(),
            arrived: Vec::new(),
            asked_for: HashSet::new(),
            fetching: None,
            saving: None,
            keeping: HashSet::new(),
            evaluation,
        };
        shown.sort(Order::Worst);
        shown
    }

    fn waits_for(&self, request: RequestId) -> bool {
        [self.fetching, self.saving].contains(&Some(request)) || self.keeping.contains(&request)
    }

    /// Lists the answers in an order.
    pub fn sort(&mut self, order: Order) {
        let answers = &self.evaluation.figures.answers;
        let mut listed: Vec<usize> = (0..answers.len()).collect();
        listed.sort_by(|a, b| {
            let by_score = answers[*a].meteor.total_cmp(&answers[*b].meteor);
            match order {
                Order::Worst => by_score.then(a.cmp(b)),
                Order::Best => by_score.reverse().then(a.cmp(b)),
            }
        });
        (self.order, self.listed) = (order, listed);
    }

    /// The image and the question of an answer.
    pub fn asked(&self, answer: usize) -> Option<(&Seen, &Asked)> {
        let scored = self.evaluation.figures.answers.get(answer)?;
        let image = self.evaluation.record.runs.get(scored.run)?;
        let image = image.images.get(scored.image)?;
        Some((image, image.questions.get(scored.question)?))
    }

    /// What was found of a sentence.
    pub fn verdict(&self, image: &Seen, key: Key, sentence: &str) -> Option<Verdict> {
        self.verdicts.on(&image.hash, key, sentence)
    }

    /// The files of the images of one category that the model took for another.
    pub fn files_of(&self, (truth, prediction): (usize, usize)) -> Vec<&str> {
        let is_of_cell = |image: &Seen| {
            let guess = image.guesses.iter().find(|(who, _)| *who == Guesser::Model);
            image.category.map(Category::index) == Some(truth)
                && guess.is_some_and(|(_, guess)| guess.best().0.index() == prediction)
        };
        let images = self.evaluation.record.images().map(|(_, image)| image);
        images
            .filter(|image| is_of_cell(image))
            .map(|image| image.file.as_str())
            .collect()
    }
}
