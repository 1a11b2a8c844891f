//! The Evaluate tab: what the model is worth on a folder of one's own, and the report of it.
//!
//! [`desk::Desk`] is its state as plain data, [`panel`] draws it; [`tables`] and [`plots`] draw
//! what the report holds, [`answers`] lists answers beside their references. What is sent to the
//! worker is carried out here, between two frames.

mod answers;
mod desk;
mod panel;
mod plots;
mod tables;

use super::AskemWindow;
use super::command::Command;
use super::dialog::{DialogAnswer, FileDialog};
use super::folder_field;
use super::path_field::path_from_typed;
use super::state::{Model, Notice};
use crate::answer::Installed;
use crate::evaluate::judged::Judged;
use crate::worker::{Event, RequestId};
use desk::Desk;
use egui::{Context, TextureHandle, Ui};
use std::collections::HashMap;
use std::path::PathBuf;

/// What the tab asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Choose a folder in the desktop's dialog: the data, or where the report goes.
    Choose(Whereto),
    /// Take a data folder by its path, as typed.
    Take(String),
    /// Take the data folder off again.
    Remove,
    /// Begin.
    Start,
    /// End it without a result.
    Stop,
    /// Put the result away, to begin another.
    Again,
    /// Show the images of a cell of the table of confusions: truth and prediction, by their places.
    Cell(Option<(usize, usize)>),
    /// Small copies of these files are needed.
    Pictures(Vec<String>),
    /// Keep what the user found of a sentence.
    Judge(Judged),
    /// Write the report into a folder, as typed.
    Save(String),
}

/// What a folder is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereto {
    /// To be tested on.
    Data,
    /// To write the report to.
    Report,
}

/// The tab.
pub struct Evaluating {
    desk: Desk,
    dialog: FileDialog,
    asks_for: Whereto,
    /// Small copies on the graphics card, by file.
    pictures: HashMap<String, TextureHandle>,
}

impl Evaluating {
    /// Nothing chosen; models to compare with come from `models`.
    pub fn new(dialog: FileDialog, models: Option<Installed>) -> Self {
        Self {
            desk: Desk::new(models),
            dialog,
            asks_for: Whereto::Data,
            pictures: HashMap::new(),
        }
    }

    /// Draws the tab.
    pub fn show(&mut self, ui: &mut Ui, model: &Model, out: &mut Vec<Command>) {
        let in_use = match model {
            Model::Ready(by) => by.model.as_str(),
            _ => "the model in use",
        };
        if self.desk.result.is_none() {
            self.pictures.clear();
        }
        panel::show(ui, &mut self.desk, &mut self.pictures, in_use, out);
    }

    /// Whether a request is one of this tab.
    pub fn owns(&self, request: RequestId) -> bool {
        self.desk.owns(request)
    }

    /// Takes in an event of one of its requests.
    pub fn apply(&mut self, event: Event) -> Option<Notice> {
        self.desk.apply(event)
    }

    /// An evaluation at work in a few words, with the share done.
    pub fn at_work(&self) -> Option<(String, f32)> {
        self.desk.at_work()
    }
}

impl AskemWindow {
    /// Carries out a wish of the tab.
    pub(super) fn evaluate(&mut self, ctx: &Context, wish: Wish) {
        let model = self.training.model_in_use();
        let worker = &self.worker;
        let send = &mut |request| worker.send(request);
        let tab = &mut self.evaluating;
        match wish {
            Wish::Choose(_) if tab.dialog.is_open() => {}
            Wish::Choose(whereto) => {
                tab.asks_for = whereto;
                let ctx = ctx.clone();
                tab.dialog
                    .open(move |after| ctx.request_repaint_after(after));
            }
            Wish::Take(typed) => tab.desk.take(absolute(&typed), send),
            Wish::Remove => tab.desk.folder = None,
            Wish::Start => tab.desk.start(model, send),
            Wish::Again => tab.desk.put_away(),
            Wish::Cell(cell) => tab.desk.show_cell(cell),
            Wish::Pictures(files) => tab.desk.fetch(files, send),
            Wish::Judge(judged) => {
                let keeps = self.has_notebook && self.settings.keep_notebook;
                tab.desk.judge(judged, keeps, send);
            }
            Wish::Save(typed) => tab.desk.save(absolute(&typed), send),
            Wish::Stop => {
                if let Some(request) = tab.desk.stop() {
                    self.worker.cancel(request);
                }
            }
        }
    }

    /// A folder chosen in the dialog.
    pub(super) fn take_in_evaluation_folder(&mut self, ctx: &Context) {
        let has_focus = ctx.input(|input| input.viewport().focused.unwrap_or(true));
        match self.evaluating.dialog.poll(has_focus) {
            Some(DialogAnswer::Files(folders)) => {
                let Some(folder) = folders.into_iter().next() else {
                    return;
                };
                let typed = folder.to_string_lossy().into_owned();
                let wish = match self.evaluating.asks_for {
                    Whereto::Data => Wish::Take(typed),
                    Whereto::Report => Wish::Save(typed),
                };
                self.evaluate(ctx, wish);
            }
            Some(DialogAnswer::Missing(_)) => {
                self.tell(ctx, &folder_field::no_dialog());
            }
            None => {}
        }
    }
}

fn absolute(typed: &str) -> PathBuf {
    let path = path_from_typed(typed, std::env::home_dir().as_deref());
    std::path::absolute(&path).unwrap_or(path)
}
