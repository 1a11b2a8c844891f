//! The state of the Measure tab: what is measured on which micrograph, and the files that come
//! of it. Plain data that events of the worker change.
//!
//! Names no egui and reads no file; everything is asked of the worker by name. An [`Entry`] is
//! kept by content hash, so that numbers of one micrograph never appear under another.

use super::entry::{Basis, Entry, Stage};
use super::form::{Form, Purpose};
use crate::measure::recipe::Recipe;
use crate::questions::Category;
use crate::window::state::{Notice, Send};
use crate::worker::{Event, FolderJob, Opened, Outcome, Progress, Request, RequestId, What};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The parts of the tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Quantities.
    #[default]
    Numbers,
    /// The list of objects.
    Objects,
    /// The steps, as a recipe.
    Steps,
}

impl Part {
    /// All, from left to right.
    pub const ALL: [Self; 3] = [Self::Numbers, Self::Objects, Self::Steps];

    /// The word on it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Numbers => "Numbers",
            Self::Objects => "Objects",
            Self::Steps => "Recipe",
        }
    }
}

/// The micrograph that is shown, as far as measuring is concerned.
pub struct Subject {
    /// Its content.
    pub hash: String,
    /// Its pixels, unless they are still being read.
    pub opened: Option<Arc<Opened>>,
    /// What a measurement of it rests on; `None` while its category is still being predicted.
    pub basis: Option<Basis>,
}

/// What an event comes to.
#[derive(Debug)]
pub enum News {
    /// Something to tell the user.
    Told(Notice),
    /// A recipe is in use for the micrograph of this content, and names a category.
    Recipe(String, Option<Category>),
}

/// What a request is for, other than measuring.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Errand {
    Write,
    Recipe(String),
    Folder,
}

/// A folder being measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderRun {
    request: RequestId,
    /// So many are measured.
    pub done: usize,
    /// Of so many; 0 until they are counted.
    pub of: usize,
}

/// The state of the tab.
#[derive(Default)]
pub struct Desk {
    entries: HashMap<String, Entry>,
    errands: HashMap<RequestId, Errand>,
    /// The part that is shown.
    pub part: Part,
    /// A file or folder being named.
    pub form: Option<Form>,
    /// The folder that is being measured.
    pub folder: Option<FolderRun>,
    /// Objects that a number rests on, while the pointer is on it.
    pub lit: Vec<u32>,
}

impl Desk {
    /// What is known of a micrograph.
    pub fn entry(&self, hash: &str) -> Option<&Entry> {
        self.entries.get(hash)
    }

    /// The same, to change it.
    pub fn entry_mut(&mut self, hash: &str) -> &mut Entry {
        self.entries.entry(hash.to_owned()).or_default()
    }

    /// Wants a micrograph measured, from now on with every change.
    pub fn want(&mut self, hash: &str) {
        self.entry_mut(hash).want();
    }

    /// Ends what is under way. Returns the request to cancel.
    pub fn stop(&mut self, hash: &str) -> Option<RequestId> {
        let entry = self.entries.get_mut(hash)?;
        let stage = std::mem::replace(&mut entry.stage, Stage::Idle);
        entry.end();
        match stage {
            Stage::Running(request) => Some(request),
            _ => None,
        }
    }

    /// Ends the measuring of a folder. Returns the request to cancel.
    pub fn stop_folder(&mut self) -> Option<RequestId> {
        let run = self.folder.take()?;
        self.errands.remove(&run.request);
        Some(run.request)
    }

    /// Measures the shown micrograph where that is wanted and something has changed since. Returns a request
    /// that nobody waits for any more.
    pub fn pump(&mut self, subject: &Subject, send: Send<'_>) -> Option<RequestId> {
        let (Some(opened), Some(basis)) = (&subject.opened, &subject.basis) else {
            return None;
        };
        let entry = self.entries.get_mut(&subject.hash)?;
        if !entry.is_stale(basis) {
            return None;
        }
        let in_vain = match entry.stage {
            Stage::Running(request) if entry.is_in_vain(basis) => Some(request),
            // Other numbers of the same objects wait until these are there.
            Stage::Running(_) => return None,
            _ => None,
        };
        let job = entry.job(basis.clone(), opened);
        entry.stage = Stage::Running(send(Request::Measure(Box::new(job))));
        in_vain
    }

    /// Has a text written.
    pub fn write(&mut self, path: PathBuf, text: String, send: Send<'_>) {
        self.errands
            .insert(send(Request::Write(path, text)), Errand::Write);
    }

    /// Has a recipe read, to use it on a micrograph.
    pub fn read_recipe(&mut self, path: PathBuf, hash: &str, send: Send<'_>) {
        let errand = Errand::Recipe(hash.to_owned());
        self.errands.insert(send(Request::ReadRecipe(path)), errand);
    }

    /// Has a folder measured.
    pub fn measure_folder(&mut self, folder: PathBuf, recipe: Recipe, send: Send<'_>) {
        let request = send(Request::MeasureFolder(FolderJob { folder, recipe }));
        self.errands.insert(request, Errand::Folder);
        self.folder = Some(FolderRun {
            request,
            done: 0,
            of: 0,
        });
    }

    /// Whether a request is one of this tab.
    pub fn owns(&self, request: RequestId) -> bool {
        self.errands.contains_key(&request) || self.hash_of(request).is_some()
    }

    fn hash_of(&self, request: RequestId) -> Option<&String> {
        let mut entries = self.entries.iter();
        let is_it = |entry: &Entry| entry.stage == Stage::Running(request);
        entries.find_map(|(hash, entry)| is_it(entry).then_some(hash))
    }

    /// Takes in an event of one of its requests. Returns what the user should be told.
    pub fn apply(&mut self, event: Event) -> Option<News> {
        let Event { request, what } = event;
        if let Some(errand) = self.errands.get(&request).cloned() {
            if !matches!(what, What::Progress(_)) {
                self.errands.remove(&request);
            }
            return self.apply_errand(&errand, what);
        }
        let hash = self.hash_of(request)?.clone();
        let entry = self.entries.get_mut(&hash)?;
        match what {
            What::Progress(Progress::Objects(objects)) => {
                entry.take_objects(objects);
                None
            }
            What::Finished(Outcome::Measured(measured)) => entry.take(&measured).map(news),
            What::Failed(sentence) => {
                entry.stage = Stage::Failed(sentence.clone());
                Some(failed(sentence))
            }
            What::Cancelled => {
                entry.forget_asked();
                None
            }
            What::Progress(_) | What::Finished(_) => None,
        }
    }

    fn apply_errand(&mut self, errand: &Errand, what: What) -> Option<News> {
        if *errand == Errand::Folder && !matches!(what, What::Progress(_)) {
            self.folder = None;
        }
        match what {
            What::Progress(Progress::Files { done, of }) => {
                if let Some(run) = &mut self.folder {
                    (run.done, run.of) = (done, of);
                }
                None
            }
            What::Finished(Outcome::Written(path)) => {
                Some(news(&format!("Written to {}", path.display())))
            }
            What::Finished(Outcome::RecipeRead(recipe)) => {
                let Errand::Recipe(hash) = errand else {
                    return None;
                };
                let entry = self.entries.get_mut(hash)?;
                entry.change(usize::MAX, |plan| {
                    plan.search = recipe.search;
                    plan.sizes = recipe.sizes;
                });
                Some(News::Recipe(hash.clone(), recipe.category))
            }
            What::Finished(Outcome::MeasuredFolder(report)) => {
                let tables: Vec<String> = report
                    .written
                    .iter()
                    .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
                    .collect();
                let mut text = format!(
                    "{} micrographs measured. In the folder now: {}",
                    report.measured,
                    tables.join(" and ")
                );
                if let [first, rest @ ..] = &report.failed[..] {
                    text = format!("{text}. {} were left out: {first}", rest.len() + 1);
                }
                Some(news(&text))
            }
            What::Failed(sentence) => Some(failed(sentence)),
            What::Progress(_) | What::Finished(_) | What::Cancelled => None,
        }
    }

    /// Opens the field for a file or folder, or puts it away when it is open for the same.
    pub fn name_file(&mut self, purpose: Purpose, proposal: PathBuf) {
        let is_open = self
            .form
            .as_ref()
            .is_some_and(|form| form.purpose == purpose);
        self.form = (!is_open).then(|| Form::new(purpose, &proposal));
    }
}

fn news(text: &str) -> News {
    News::Told(Notice {
        is_error: false,
        text: text.to_owned(),
    })
}

fn failed(sentence: String) -> News {
    News::Told(Notice {
        is_error: true,
        text: sentence,
    })
}
