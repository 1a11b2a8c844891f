//! The Train tab: folders of one's own become a model of one's own, while asking goes on.
//!
//! [`desk::Desk`] is its state as plain data, [`panel`] draws it, [`curves`] plots a run. Where
//! folders come from and what is sent to the worker is carried out here, between two frames.

mod curves;
mod desk;
mod panel;

use super::AskemWindow;
use super::command::Command;
use super::dialog::{DialogAnswer, FileDialog};
use super::folder_field;
use super::path_field::path_from_typed;
use super::state::{Model, Notice};
use crate::answer::{Description, Installed};
use crate::worker::{Event, RequestId};
use desk::Desk;
use egui::{Context, Ui};
use std::path::PathBuf;

/// What the tab asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Choose a folder in the desktop's dialog.
    Choose,
    /// Add a folder by its path, as typed.
    Add(String),
    /// Take a folder off the list.
    Remove(usize),
    /// Begin the run.
    Start,
    /// End the run and keep what it learned.
    Stop,
    /// Put the ended run away, to begin another.
    Again,
    /// Answer with the model of this name or folder from here on, and at the next start.
    Use(PathBuf),
}

/// What an event comes to.
#[derive(Debug)]
pub enum News {
    /// Something to tell the user.
    Told(Notice),
    /// Another model answers.
    Model(Description),
}

/// The tab.
pub struct Training {
    desk: Desk,
    dialog: FileDialog,
}

impl Training {
    /// Nothing chosen; new models go into `models`, nowhere where there is no such folder.
    pub fn new(dialog: FileDialog, models: Option<Installed>) -> Self {
        Self {
            desk: Desk::new(models),
            dialog,
        }
    }

    /// Draws the tab.
    pub fn show(&mut self, ui: &mut Ui, model: &Model, out: &mut Vec<Command>) {
        let in_use = match model {
            Model::Ready(by) => Some(by.model.as_str()),
            _ => None,
        };
        panel::show(ui, &mut self.desk, in_use, out);
    }

    /// Whether a request is one of this tab.
    pub fn owns(&self, request: RequestId) -> bool {
        self.desk.owns(request)
    }

    /// Takes in an event of one of its requests.
    pub fn apply(&mut self, event: Event) -> Option<News> {
        self.desk.apply(event)
    }

    /// The model that was chosen here, if it is not the one that the program began with.
    pub fn model_in_use(&self) -> Option<PathBuf> {
        self.desk.in_use.clone()
    }

    /// A run at work in a few words, with the share done.
    pub fn at_work(&self) -> Option<(String, f32)> {
        self.desk.at_work()
    }
}

impl AskemWindow {
    /// Carries out a wish of the tab.
    pub(super) fn train(&mut self, ctx: &Context, wish: Wish) {
        let worker = &self.worker;
        let send = &mut |request| worker.send(request);
        let desk = &mut self.training.desk;
        match wish {
            Wish::Choose if self.training.dialog.is_open() => {}
            Wish::Choose => {
                let ctx = ctx.clone();
                let wake = move |after| ctx.request_repaint_after(after);
                self.training.dialog.open(wake);
            }
            Wish::Add(typed) => {
                let path = path_from_typed(&typed, std::env::home_dir().as_deref());
                desk.add(std::path::absolute(&path).unwrap_or(path), send);
            }
            Wish::Remove(place) => desk.remove(place),
            Wish::Start => desk.start(send),
            Wish::Again => desk.put_away(),
            Wish::Stop => {
                if let Some(request) = desk.stop() {
                    self.worker.wind_up(request);
                }
            }
            Wish::Use(model) => desk.use_model(model, send),
        }
    }

    /// A folder chosen in the dialog.
    pub(super) fn take_in_training_folder(&mut self, ctx: &Context) {
        let has_focus = ctx.input(|input| input.viewport().focused.unwrap_or(true));
        match self.training.dialog.poll(has_focus) {
            Some(DialogAnswer::Files(folders)) => {
                let worker = &self.worker;
                for folder in folders {
                    let send = &mut |request| worker.send(request);
                    self.training.desk.add(folder, send);
                }
            }
            Some(DialogAnswer::Missing(_)) => {
                self.tell(ctx, &folder_field::no_dialog());
            }
            None => {}
        }
    }
}
