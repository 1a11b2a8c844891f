//! The Measure tab: objects and quantities of the shown micrograph, changed by hand where they are
//! wrong, and written to files.
//!
//! [`desk::Desk`] is its state as plain data, [`panel`] draws it. What is sent to the worker and
//! what the panels ask for is carried out here, between two frames.

mod desk;
mod entry;
mod form;
mod histogram;
mod numbers;
mod objects;
mod panel;
mod steps;

use super::AskemWindow;
use super::command::Command;
use super::dialog::{FileDialog, PickFiles, PickTarget};
use super::path_field::path_from_typed;
use super::record::Grounds;
use super::shortcuts::Action;
use super::side::Tab;
use super::state::{Image, Notice, Session};
use super::viewer::{Outlines, Viewer};
use crate::measure::edit::{Edit, Point};
use crate::measure::recipe::{Recipe, Sizes, counts};
use crate::measure::table::{Numbers, Table};
use crate::measure::{Measurement, Polarity};
use crate::micrograph::Region;
use crate::questions::Category;
use crate::worker::{Event, RequestId, View};
use desk::{Desk, News, Part, Subject};
use egui::{Context, Ui};
use entry::{Basis, Column, Entry, Stage};
use form::Purpose;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the tab asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Measure the shown micrograph.
    Start,
    /// End that.
    Stop,
    /// Bright or dark objects, or what the image says.
    Polarity(Option<Polarity>),
    /// Part objects from the ground at this grey, or each at its own.
    Threshold(Option<f32>),
    /// A limit of sizes is being dragged.
    DragSizes(Sizes),
    /// The drag has ended.
    SettleSizes,
    /// Sizes that count.
    Sizes(Sizes),
    /// Choose the object at a place of the image; besides the others, if so.
    ChooseAt(Point, bool),
    /// Choose an object of the list; besides the others, if so.
    Choose(u32, bool),
    /// Choose these objects and no others.
    ChooseAll(Vec<u32>),
    /// List the objects by a column.
    OrderBy(Column),
    /// Take the chosen objects away.
    Remove,
    /// Join the chosen objects.
    Join,
    /// Change objects in a step that can be undone.
    Edit(Edit),
    /// A step back.
    Undo,
    /// A step forth.
    Redo,
    /// Ask for a file or folder.
    NameFile(Purpose),
    /// Choose it in the system's dialog.
    ChooseFile,
    /// Do with it what it was asked for.
    UseFile,
    /// End the measuring of a folder.
    StopFolder,
}

/// What a number of an answer rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Objects, by the numbers they have in a measurement of the same view and category; none
    /// where it rests on all that was found.
    pub ids: Vec<u32>,
    /// The part that was asked about.
    pub region: Option<Region>,
    /// The category it was asked with.
    pub category: Option<Category>,
}

/// Whether what a number rests on can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Shown,
    /// It has to be measured first.
    Missing,
    /// It is being measured.
    Busy,
    /// What was measured since is another part, category or search, or was changed by hand: its
    /// objects have other numbers.
    Other,
    /// Measuring has failed.
    Failed,
}

/// The tab.
pub struct Measuring {
    desk: Desk,
    pick_target: PickTarget,
    pick_folder: PickFiles,
}

impl Measuring {
    /// Nothing is measured yet.
    pub fn new(pick_target: PickTarget, pick_folder: PickFiles) -> Self {
        Self {
            desk: Desk::default(),
            pick_target,
            pick_folder,
        }
    }

    /// Draws the tab.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        viewer: &Viewer,
        out: &mut Vec<Command>,
    ) {
        panel::show(ui, &mut self.desk, session, viewer, out);
    }

    /// Whether a request is one of this tab.
    pub fn owns(&self, request: RequestId) -> bool {
        self.desk.owns(request)
    }

    /// Whether what a number rests on can be shown.
    pub fn standing(&self, hash: &str, evidence: &Evidence) -> Standing {
        let Some(entry) = self.desk.entry(hash) else {
            return Standing::Missing;
        };
        match entry.stage {
            Stage::Running(_) => Standing::Busy,
            Stage::Idle if entry.is_busy() => Standing::Busy,
            Stage::Idle => Standing::Missing,
            Stage::Failed(_) => Standing::Failed,
            Stage::Done if entry.is_as_found(evidence.region, evidence.category) => Standing::Shown,
            Stage::Done => Standing::Other,
        }
    }

    /// What a number rests on, to be painted without the rest.
    pub fn lit_by(&self, image: &Image, evidence: &Evidence) -> Option<Outlines> {
        let hash = image.hash()?;
        if self.standing(hash, evidence) != Standing::Shown {
            return None;
        }
        let entry = self.desk.entry(hash)?;
        let is_all = evidence.ids.is_empty();
        let mut lit = match is_all {
            true => entry.objects.iter().map(|one| one.id).collect(),
            false => evidence.ids.clone(),
        };
        lit.sort_unstable();
        Some(Outlines {
            hash: hash.to_owned(),
            objects: Arc::clone(&entry.objects),
            // The answer counted objects of all sizes.
            limits_px: [0.0, f64::INFINITY],
            range_px: entry.range_px,
            chosen: BTreeSet::new(),
            lit,
            only_lit: true,
            numbers: entry.numbers.clone().filter(|_| is_all),
        })
    }

    /// What is painted over a micrograph.
    pub fn outlines(&self, image: &Image) -> Option<Outlines> {
        let hash = image.hash()?;
        let entry = self.desk.entry(hash)?;
        let numbers = entry.numbers.clone();
        if numbers.is_none() && entry.objects.is_empty() {
            return None;
        }
        Some(Outlines {
            hash: hash.to_owned(),
            objects: Arc::clone(&entry.objects),
            limits_px: entry.limits_px(),
            range_px: entry.range_px,
            chosen: entry.chosen.clone(),
            lit: self.desk.lit.clone(),
            only_lit: false,
            numbers,
        })
    }
}

/// The micrograph that is shown, as far as measuring is concerned.
fn subject(session: &Session, viewer: &Viewer) -> Option<Subject> {
    let image = session.current()?;
    let record = session.record(image.id)?;
    let view = View {
        region: viewer.region(image),
        edits: record.edits.clone(),
    };
    let basis = record.category_is_settled().then(|| Basis {
        view,
        calibration: viewer.calibration(image).cloned(),
        category: record.category().map(|(category, _)| category),
    });
    Some(Subject {
        hash: image.hash()?.to_owned(),
        opened: image.opened.clone(),
        basis,
    })
}

impl AskemWindow {
    /// Tells the session what answers about the shown micrograph rest on: its scale, and the
    /// numbers of this tab, with what was changed by hand.
    pub(super) fn tell_grounds(&mut self) {
        let Some(subject) = subject(&self.session, &self.viewer) else {
            return;
        };
        let entry = self.measuring.desk.entry(&subject.hash);
        let measured = subject.basis.as_ref().and_then(|basis| {
            let numbers = entry?.current(basis)?;
            Some((basis.view.clone(), basis.category, numbers))
        });
        let id = self.session.current().map(|image| image.id);
        let shown = id.and_then(|id| self.session.image(id));
        let calibration = shown
            .and_then(|image| self.viewer.calibration(image))
            .cloned();
        if let Some(record) = id.and_then(|id| self.session.record_mut(id)) {
            record.grounds = Grounds {
                calibration,
                measured,
            };
        }
    }

    /// Measures anew what has changed since it was measured.
    pub(super) fn pump_measuring(&mut self) {
        let Some(subject) = subject(&self.session, &self.viewer) else {
            return;
        };
        let worker = &self.worker;
        let send = &mut |request| worker.send(request);
        if let Some(in_vain) = self.measuring.desk.pump(&subject, send) {
            self.worker.cancel(in_vain);
        }
    }

    /// Takes in an event of a request of this tab.
    pub(super) fn take_in_measured(&mut self, event: Event) -> Option<Notice> {
        match self.measuring.desk.apply(event)? {
            News::Told(notice) => Some(notice),
            News::Recipe(hash, category) => {
                let current = self.session.current().and_then(Image::hash);
                if category.is_some() && current == Some(hash.as_str()) {
                    self.session.set_category(category);
                }
                Some(Notice {
                    is_error: false,
                    text: "The recipe is in use for this micrograph".to_owned(),
                })
            }
        }
    }

    /// Carries out a wish of the tab.
    pub(super) fn measure(&mut self, ctx: &Context, wish: Wish) {
        let Some(subject) = subject(&self.session, &self.viewer) else {
            self.news(ctx, "Open a micrograph first, then measure it");
            return;
        };
        let hash = subject.hash.clone();
        let drawn = self.steps_drawn();
        let desk = &mut self.measuring.desk;
        let mut needless = None;
        match wish {
            Wish::Start => {
                needless = desk.stop(&hash);
                desk.want(&hash);
            }
            Wish::Stop => needless = desk.stop(&hash),
            Wish::StopFolder => needless = desk.stop_folder(),
            Wish::NameFile(purpose) => {
                let proposal = self.proposal(purpose);
                self.measuring.desk.name_file(purpose, proposal);
            }
            Wish::ChooseFile => self.choose_file(ctx),
            Wish::UseFile => self.use_file(ctx, &hash),
            Wish::ChooseAt(at, more) => {
                if desk.entry_mut(&hash).choose_at(at, more) {
                    desk.part = Part::Objects;
                }
            }
            Wish::Choose(id, more) => {
                let entry = desk.entry_mut(&hash);
                entry.choose(id, more);
                entry.sought = None;
                let is_chosen = entry.chosen.contains(&id);
                let mut objects = entry.objects.iter();
                let bounds = objects.find(|one| one.id == id).map(|one| one.bounds);
                if let (true, Some(bounds), Some(image)) =
                    (is_chosen, bounds, self.session.current())
                {
                    self.viewer.show_part(image.id, bounds);
                }
            }
            Wish::Remove | Wish::Join => self.edit_chosen(ctx, &hash, &wish),
            wish => change(desk.entry_mut(&hash), wish, drawn),
        }
        if let Some(request) = needless {
            self.worker.cancel(request);
        }
    }

    /// Goes to the objects that a number of an answer rests on.
    pub(super) fn show_evidence(&mut self, ctx: &Context, evidence: Evidence) {
        self.side.tab = Tab::Measure;
        let hash = self.session.current().and_then(Image::hash);
        let Some(standing) = hash.map(|hash| self.measuring.standing(hash, &evidence)) else {
            return;
        };
        match standing {
            Standing::Missing => self.measure(ctx, Wish::Start),
            Standing::Shown if !evidence.ids.is_empty() => {
                self.measure(ctx, Wish::ChooseAll(evidence.ids));
            }
            _ => {}
        }
    }

    fn edit_chosen(&mut self, ctx: &Context, hash: &str, wish: &Wish) {
        let drawn = self.steps_drawn();
        let entry = self.measuring.desk.entry_mut(hash);
        let places = entry.chosen_places();
        match wish {
            Wish::Join if places.len() < 2 => {
                self.news(ctx, "Choose two objects or more with Shift, then join them");
            }
            Wish::Join => entry.change(drawn, |plan| plan.edits.push(Edit::Merge(places))),
            _ if places.is_empty() => self.news(ctx, "Click an object first, then take it away"),
            _ => entry.change(drawn, |plan| plan.edits.push(Edit::Remove(places))),
        }
    }

    /// Steps of drawing on the shown micrograph that can be undone.
    fn steps_drawn(&self) -> usize {
        let sheet = self.session.current().and_then(|it| self.viewer.sheet(it));
        sheet.map_or(0, |sheet| sheet.steps())
    }

    /// Undo, redo and delete go to the objects where those were changed last, or are chosen.
    /// Says whether that was so.
    pub(super) fn act_on_objects(&mut self, ctx: &Context, action: Action) -> bool {
        let Some(image) = self.session.current() else {
            return false;
        };
        let sheet = self.viewer.sheet(image);
        let has_mark = sheet.is_some_and(|sheet| sheet.chosen().is_some());
        let entry = image
            .hash()
            .and_then(|hash| self.measuring.desk.entry(hash));
        let Some(entry) = entry else {
            return false;
        };
        let drawn = self.steps_drawn();
        let wish = match action {
            Action::Undo if entry.is_last_step_here(drawn) => Wish::Undo,
            Action::Redo if entry.can_redo() => Wish::Redo,
            Action::DeleteMark if !has_mark && !entry.chosen.is_empty() => Wish::Remove,
            _ => return false,
        };
        self.measure(ctx, wish);
        true
    }

    /// A name beside the micrograph, or its folder.
    fn proposal(&self, purpose: Purpose) -> PathBuf {
        let path = self.session.current().and_then(|it| it.origin.path());
        let folder = path.and_then(Path::parent).map(Path::to_owned);
        if purpose == Purpose::Folder {
            return folder.unwrap_or_default();
        }
        let stem = path.and_then(Path::file_stem);
        let mut name = stem.unwrap_or("micrograph".as_ref()).to_owned();
        name.push(purpose.suffix());
        let home = || directories::UserDirs::new().map(|dirs| dirs.home_dir().to_owned());
        folder.or_else(home).unwrap_or_default().join(name)
    }

    /// Opens the system's dialog with what stands in the field.
    fn choose_file(&mut self, ctx: &Context) {
        let Some(form) = &mut self.measuring.desk.form else {
            return;
        };
        let mut dialog = match form.purpose {
            Purpose::Folder => FileDialog::new(Arc::clone(&self.measuring.pick_folder)),
            _ => {
                let pick = Arc::clone(&self.measuring.pick_target);
                let proposal = path_from_typed(&form.path, std::env::home_dir().as_deref());
                FileDialog::new(Arc::new(move || Some(vec![pick(&proposal)?])))
            }
        };
        let ctx = ctx.clone();
        dialog.open(move |after| ctx.request_repaint_after(after));
        form.dialog = Some(dialog);
    }

    /// Does with a file or folder what it was asked for.
    fn use_file(&mut self, ctx: &Context, hash: &str) {
        let desk = &mut self.measuring.desk;
        let Some(form) = &mut desk.form else {
            return;
        };
        let typed = path_from_typed(&form.path, std::env::home_dir().as_deref());
        let purpose = form.purpose;
        let Some(path) = form.settled(&typed) else {
            return;
        };
        desk.form = None;
        let image = self.session.current();
        let name = image.map_or_else(String::new, Image::title);
        let worker = &self.worker;
        let send = &mut |request| worker.send(request);
        let entry = desk.entry_mut(hash);
        let recipe: Recipe = entry.recipe();
        let Some(numbers) = shown(entry) else {
            self.news(ctx, "Measure the micrograph first");
            return;
        };
        match purpose {
            Purpose::Objects => {
                let mut table = Table::new();
                table.add(Path::new(&name), &numbers);
                desk.write(path, table.text().to_owned(), send);
            }
            Purpose::Quantities => {
                let mut table = Numbers::new();
                table.add(Path::new(&name), &numbers);
                desk.write(path, table.text().to_owned(), send);
            }
            Purpose::SaveRecipe => desk.write(path, recipe.text(), send),
            Purpose::OpenRecipe => desk.read_recipe(path, hash, send),
            Purpose::Folder => desk.measure_folder(path, recipe, send),
        }
    }
}

/// Changes what is wanted of a micrograph.
fn change(entry: &mut Entry, wish: Wish, drawn: usize) {
    match wish {
        Wish::Polarity(polarity) => entry.change(drawn, |plan| plan.search.polarity = polarity),
        Wish::Threshold(grey) => entry.change(drawn, |plan| plan.search.threshold = grey),
        Wish::DragSizes(sizes) => entry.drag(sizes),
        Wish::SettleSizes => entry.settle(drawn),
        Wish::Sizes(sizes) => entry.change(drawn, |plan| plan.sizes = sizes),
        Wish::ChooseAll(ids) => entry.chosen = ids.into_iter().collect(),
        Wish::OrderBy(column) => entry.order_by(column),
        Wish::Edit(edit) => entry.change(drawn, |plan| plan.edits.push(edit)),
        Wish::Undo => entry.undo(),
        Wish::Redo => entry.redo(drawn),
        _ => {}
    }
}

/// The numbers with the objects that count now, as they are written to a file.
fn shown(entry: &Entry) -> Option<Measurement> {
    let limits = entry.limits_px();
    let objects = entry.objects.iter().filter(|one| counts(one, limits));
    Some(Measurement {
        objects: objects.cloned().collect(),
        ..Measurement::clone(entry.numbers.as_ref()?)
    })
}
