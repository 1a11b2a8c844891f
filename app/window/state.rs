//! The session as plain data: which micrographs are open, what is known about each, and which
//! requests are under way. Events of the worker change it; the panels read it.
//!
//! Names no egui, draws nothing and reads no file. Everything about a micrograph's content
//! hangs on its hash, so an answer for one can never appear under another.

mod events;
mod folders;
mod noting;

pub use folders::{Place, Scales};

use super::record::{CategorySource, Prediction, Record, StopReason, Turn, TurnState};
use crate::answer::{CategoryFrom, Description};
use crate::micrograph::{Calibration, Prepared, Region, steers_text};
use crate::notebook::Subject;
use crate::questions::{Category, Key};
use crate::worker::{AskJob, Opened, Request, RequestId, View};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of pixels that micrographs in the background may keep; the one shown longest ago is
/// read again when it is wanted.
const BACKGROUND_BYTES_MAX: usize = 600 << 20;

/// Names an entry of the strip for the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageId(pub u64);

/// Where a micrograph came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// The sample inside the program.
    Sample,
    /// Pasted from the clipboard, with its number.
    Pasted(u64, Arc<Vec<u8>>),
}

/// One entry of the strip.
#[derive(Debug)]
pub struct Image {
    /// Its name in this session.
    pub id: ImageId,
    /// Where it came from.
    pub origin: Origin,
    /// The file's name, or "Sample micrograph".
    pub name: String,
    /// The page that is to be shown, from 0; `None` for the one with the science.
    page: Option<u32>,
    /// The read that is under way.
    pub reading: Option<RequestId>,
    /// The pixels, unless they are still being read or were put aside.
    pub opened: Option<Arc<Opened>>,
    /// What is kept even when the pixels are put aside.
    pub kept: Option<Kept>,
    shown: u64,
}

/// The small part of a micrograph that is always kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The engines' input; its hash names the record.
    pub prepared: Arc<Prepared>,
    /// RGBA, for the strip.
    pub thumbnail_rgba: Vec<u8>,
    /// Width and height of the thumbnail, in pixels.
    pub thumbnail_size: [u32; 2],
    /// The page that was read, from 0.
    pub page: u32,
    /// Pages of the file.
    pub pages: u32,
    /// Width and height of the micrograph, in pixels.
    pub size_px: [u32; 2],
    /// How large its pixels are, by the file or the scale bar in the picture.
    pub calibration: Option<Calibration>,
}

/// The model behind the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// Not asked for yet.
    #[default]
    Unknown,
    /// Being loaded.
    Loading,
    /// Ready to answer.
    Ready(Description),
    /// It could not be loaded, with a sentence.
    Failed(String),
}

/// What a running request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Purpose {
    Open(ImageId),
    Classify(String),
    Ask(String),
    Describe,
    Recall(String),
    Note,
}

/// Something the user should be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether something failed.
    pub is_error: bool,
    /// A sentence.
    pub text: String,
}

/// Sends a request to the worker.
pub type Send<'a> = &'a mut dyn FnMut(Request) -> RequestId;

/// All micrographs of the session and everything asked about them.
#[derive(Debug, Default)]
pub struct Session {
    images: Vec<Image>,
    current: Option<ImageId>,
    records: HashMap<String, Record>,
    running: HashMap<RequestId, Purpose>,
    /// Stops asked for by the user, to tell them from the worker's own.
    stopping: Vec<RequestId>,
    model: Model,
    /// Shown beside the current one: its pixels are wanted too.
    pub beside: Option<ImageId>,
    last_id: u64,
    clock: u64,
    folders: folders::Folders,
    /// What has been said about the notebook.
    notebook_words: Vec<String>,
}

impl Session {
    /// The entries of the strip, in the order they were opened.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The micrograph that is shown.
    pub fn current(&self) -> Option<&Image> {
        self.current.and_then(|id| self.image(id))
    }

    /// An entry of the strip.
    pub fn image(&self, id: ImageId) -> Option<&Image> {
        self.images.iter().find(|image| image.id == id)
    }

    /// What is known about the content of an entry, once it has been read.
    pub fn record(&self, id: ImageId) -> Option<&Record> {
        self.records.get(self.image(id)?.hash()?)
    }

    /// The same, to change it.
    pub fn record_mut(&mut self, id: ImageId) -> Option<&mut Record> {
        let hash = self.image(id)?.hash()?.to_owned();
        self.records.get_mut(&hash)
    }

    /// The model behind the answers.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Whether something is still on its way into the notebook.
    pub fn is_noting(&self) -> bool {
        self.running
            .values()
            .any(|purpose| *purpose == Purpose::Note)
    }

    /// Another model answers from here on: what was predicted is predicted anew. Answers keep
    /// the name of the model that gave them.
    pub fn model_changed(&mut self, by: Description) {
        self.model = Model::Ready(by);
        for record in self.records.values_mut() {
            // A prediction under way was asked for after the change: the worker answers in order.
            if !matches!(record.prediction, Prediction::Running) {
                record.prediction = Prediction::Unknown;
            }
        }
    }

    /// Puts files (or the sample) on the strip and shows the first of them. One that is there
    /// already is only shown. [`Session::pump`] has them read, one after the other.
    pub fn open(&mut self, origins: impl IntoIterator<Item = Origin>) {
        let mut first = None;
        for origin in origins {
            let known = self
                .images
                .iter()
                .find(|image| image.origin == origin)
                .map(|image| image.id);
            let id = known.unwrap_or_else(|| self.add(origin));
            first.get_or_insert(id);
        }
        if let Some(first) = first {
            self.select(first);
        }
    }

    fn add(&mut self, origin: Origin) -> ImageId {
        self.last_id += 1;
        let id = ImageId(self.last_id);
        let name = origin.name();
        self.images.push(Image {
            id,
            origin,
            name,
            page: None,
            reading: None,
            opened: None,
            kept: None,
            shown: 0,
        });
        id
    }

    /// Shows an entry.
    pub fn select(&mut self, id: ImageId) {
        self.clock += 1;
        if let Some(image) = self.images.iter_mut().find(|image| image.id == id) {
            image.shown = self.clock;
            self.current = Some(id);
            self.put_aside();
        }
    }

    /// Shows the entry `step` places further down the strip, around the end.
    pub fn select_neighbour(&mut self, step: isize) {
        let place = self
            .images
            .iter()
            .position(|image| Some(image.id) == self.current);
        if let Some(place) = place {
            let next = (place as isize + step).rem_euclid(self.images.len() as isize) as usize;
            self.select(self.images[next].id);
        }
    }

    /// Turns the shown micrograph `step` pages further, up to the last. What is shown stays until
    /// the other page has been read.
    pub fn turn_page(&mut self, step: i64) {
        let current = self.current;
        let Some(image) = self.images.iter_mut().find(|i| Some(i.id) == current) else {
            return;
        };
        if let Some((page, pages)) = image.pages() {
            let last = i64::from(pages) - 1;
            let page = (i64::from(page) + step).clamp(0, last.max(0));
            image.page = u32::try_from(page).ok();
        }
    }

    /// Takes an entry off the strip and shows its neighbour. Its transcript is kept for when
    /// it is opened again. Returns the requests that need not go on.
    pub fn close(&mut self, id: ImageId) -> Vec<RequestId> {
        let Some(place) = self.images.iter().position(|image| image.id == id) else {
            return Vec::new();
        };
        let mut needless = self.stop(id);
        let image = self.images.remove(place);
        needless.extend(image.reading);
        if self.current == Some(id) {
            self.current = None;
            let neighbour = self
                .images
                .get(place)
                .or(self.images.last())
                .map(|image| image.id);
            if let Some(neighbour) = neighbour {
                self.select(neighbour);
            }
        }
        needless
    }

    /// Puts a pasted micrograph, as a file's bytes, on the strip and shows it.
    pub fn open_pasted(&mut self, bytes: Arc<Vec<u8>>) {
        let number = self.last_id + 1;
        self.open([Origin::Pasted(number, bytes)]);
    }

    /// Adds questions to the transcript of the shown micrograph, about a part of it or the
    /// whole. [`Session::pump`] sends them.
    pub fn ask(&mut self, keys: &[Key], typed: Option<&str>, region: Option<Region>) {
        if let Some(record) = self.current.and_then(|id| self.record_mut(id)) {
            record.turns.extend(
                keys.iter()
                    .map(|&key| Turn::waiting(key, typed.map(str::to_owned), region)),
            );
        }
    }

    /// Notes a typed question that no key covers.
    pub fn decline(&mut self, typed: &str, reason: String) {
        if let Some(record) = self.current.and_then(|id| self.record_mut(id)) {
            record.turns.push(Turn::declined(typed.to_owned(), reason));
        }
    }

    /// Sets the category by hand, or goes back to the prediction.
    pub fn set_category(&mut self, category: Option<Category>) {
        if let Some(record) = self.current.and_then(|id| self.record_mut(id)) {
            record.set_by_user = category;
        }
    }

    /// Lets a failed prediction be tried again, and a model that could not be loaded.
    pub fn predict_again(&mut self) {
        if matches!(self.model, Model::Failed(_)) {
            self.model = Model::Unknown;
        }
        if let Some(record) = self.current.and_then(|id| self.record_mut(id))
            && matches!(record.prediction, Prediction::Failed(_))
        {
            record.prediction = Prediction::Unknown;
        }
    }

    /// Ends the questions of an entry. Returns the requests to cancel.
    pub fn stop(&mut self, id: ImageId) -> Vec<RequestId> {
        let Some(record) = self.record_mut(id) else {
            return Vec::new();
        };
        let mut asked = Vec::new();
        for turn in &mut record.turns {
            match turn.state {
                TurnState::Waiting => turn.state = TurnState::Stopped(StopReason::User),
                TurnState::Asked(request) => asked.push(request),
                _ => {}
            }
        }
        self.stopping.extend(&asked);
        asked
    }

    /// Entries with questions under way.
    pub fn busy(&self) -> impl Iterator<Item = &Image> {
        self.images.iter().filter(|image| {
            image
                .hash()
                .and_then(|hash| self.records.get(hash))
                .is_some_and(|record| record.open_turns() > 0)
        })
    }

    /// Sends what has become possible: the file of the shown micrograph; the model; the prediction and
    /// the questions whose category is settled; and, once all is quiet, further files and the one
    /// shown beside.
    ///
    /// Reading cancels the worker's other work on images, so the two never overlap unless the
    /// user opens something new.
    pub fn pump(&mut self, send: Send<'_>) {
        if self.model == Model::Unknown {
            self.model = Model::Loading;
            self.running
                .insert(send(Request::Describe), Purpose::Describe);
        }
        let current = self.current;
        let wants_pixels = |image: &Image| {
            Some(image.id) == current
                && image.reading.is_none()
                && (image.opened.is_none() || image.is_turning())
        };
        if let Some(place) = self.images.iter().position(wants_pixels) {
            self.read(place, send);
        }
        if self.images.iter().any(|image| image.reading.is_some()) {
            return;
        }
        self.pump_questions(send);
        let is_quiet = self.running.values().all(|purpose| {
            matches!(
                purpose,
                Purpose::Describe | Purpose::Recall(_) | Purpose::Note
            )
        });
        let beside = self.beside;
        let unread = self.images.iter().position(|image| {
            image.kept.is_none() || (Some(image.id) == beside && image.opened.is_none())
        });
        if let Some(place) = unread.filter(|_| is_quiet) {
            self.read(place, send);
        }
    }

    fn read(&mut self, place: usize, send: Send<'_>) {
        let image = &mut self.images[place];
        let request = send(match (&image.origin, image.page) {
            (Origin::File(path), Some(page)) => Request::OpenPage(path.clone(), page),
            (Origin::File(path), None) => Request::Open(path.clone()),
            (Origin::Sample, _) => Request::OpenSample,
            (Origin::Pasted(_, bytes), _) => {
                Request::OpenBytes(Arc::clone(bytes), image.name.clone())
            }
        });
        image.reading = Some(request);
        self.running.insert(request, Purpose::Open(image.id));
    }

    fn pump_questions(&mut self, send: Send<'_>) {
        for image in &self.images {
            let Some(kept) = &image.kept else { continue };
            let Some(record) = self.records.get_mut(kept.prepared.micrograph_hash()) else {
                continue;
            };
            let wanted = Some(image.id) == self.current || record.open_turns() > 0;
            let is_stale = matches!(
                record.prediction,
                Prediction::Known(_) | Prediction::Failed(_)
            ) && record.predicted_without != record.edits;
            if wanted && is_stale {
                record.prediction = Prediction::Unknown;
            }
            let request = match (&record.prediction, &image.opened) {
                (Prediction::Unknown, _) if wanted && record.edits.is_empty() => {
                    Some(Request::Classify(Arc::clone(&kept.prepared)))
                }
                (Prediction::Unknown, Some(opened)) if wanted => {
                    let view = View {
                        region: None,
                        edits: record.edits.clone(),
                    };
                    Some(Request::ClassifyView(Arc::clone(opened), view))
                }
                _ => None,
            };
            if let Some(request) = request {
                let request = send(request);
                record.prediction = Prediction::Running;
                record.predicted_without = record.edits.clone();
                self.running.insert(
                    request,
                    Purpose::Classify(kept.prepared.micrograph_hash().to_owned()),
                );
            }
            if !record.category_is_settled() {
                continue;
            }
            let category = record.category();
            for turn in record
                .turns
                .iter_mut()
                .filter(|turn| matches!(turn.state, TurnState::Waiting))
            {
                let view = View {
                    region: turn.region,
                    edits: record.edits.clone(),
                };
                // Its pixels are there, or will be once it is shown again.
                let Some(opened) = &image.opened else {
                    continue;
                };
                if let Some(prompt) = turn.prompt(category) {
                    let measured = record.grounds.measured(&view, prompt.category);
                    let request = send(Request::Ask(Box::new(AskJob {
                        opened: Arc::clone(opened),
                        view,
                        prompt,
                        category_from: match category {
                            Some((_, CategorySource::User)) => CategoryFrom::User,
                            _ => CategoryFrom::Prediction,
                        },
                        calibration: record.grounds.calibration.clone(),
                        measured,
                    })));
                    turn.state = TurnState::Asked(request);
                    self.running.insert(
                        request,
                        Purpose::Ask(kept.prepared.micrograph_hash().to_owned()),
                    );
                }
            }
        }
    }

    /// Puts the pixels of background micrographs aside once they take too much room.
    fn put_aside(&mut self) {
        let wanted = [self.current, self.beside];
        let mut held: usize = 0;
        let mut background: Vec<&mut Image> = self
            .images
            .iter_mut()
            .filter(|image| !wanted.contains(&Some(image.id)))
            .collect();
        background.sort_by_key(|image| std::cmp::Reverse(image.shown));
        for image in background {
            held += image.opened.as_ref().map_or(0, |opened| bytes_of(opened));
            if held > BACKGROUND_BYTES_MAX {
                image.opened = None;
            }
        }
    }
}

fn bytes_of(opened: &Opened) -> usize {
    opened.micrograph.pixels.bytes() + opened.pyramid.bytes()
}

impl Image {
    /// How the notebook calls it, once the file has been read.
    fn subject(&self) -> Option<Subject> {
        Some(Subject {
            hash: self.hash()?.to_owned(),
            name: self.title(),
            path: self.origin.path().map(Path::to_owned),
        })
    }

    /// Its name, with the page where another than the one with the science was chosen.
    pub fn title(&self) -> String {
        match &self.kept {
            Some(kept) if self.page.is_some() && kept.pages > 1 => {
                format!("{}, page {}", self.name, u64::from(kept.page) + 1)
            }
            _ => self.name.clone(),
        }
    }

    /// The page that is shown or being turned to, from 0, and how many there are; `None` before
    /// the file has been read.
    pub fn pages(&self) -> Option<(u32, u32)> {
        let kept = self.kept.as_ref()?;
        Some((self.page.unwrap_or(kept.page), kept.pages))
    }

    /// Whether another page than the one that was read is to be shown.
    pub fn is_turning(&self) -> bool {
        let read = self.kept.as_ref().map(|kept| kept.page);
        self.page.is_some() && read.is_some() && self.page != read
    }

    /// The content hash, once the file has been read.
    pub fn hash(&self) -> Option<&str> {
        self.kept
            .as_ref()
            .map(|kept| kept.prepared.micrograph_hash())
    }
}

impl Origin {
    /// The name shown for it.
    pub fn name(&self) -> String {
        match self {
            Origin::Sample => "Sample micrograph".to_owned(),
            Origin::Pasted(number, _) => format!("Pasted micrograph {number}"),
            Origin::File(path) => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .chars()
                .filter(|c| !steers_text(*c))
                .collect(),
        }
    }

    /// The file, unless it is the sample.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Origin::File(path) => Some(path),
            Origin::Sample | Origin::Pasted(..) => None,
        }
    }
}
