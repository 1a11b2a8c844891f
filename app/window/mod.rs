//! The window: a micrograph in the middle, the micrographs of the session at its left, and
//! questions and answers at its right.
//!
//! The UI thread draws and never waits: it reads no image file, decodes nothing and calls no
//! model. [`AskemWindow::logic`] takes in the worker's events, [`AskemWindow::ui`] draws the
//! [`state`], panels push [`command::Command`]s, and `execute` carries them out once a frame.
//! Called by the program's `main` through [`run`] and by the tests through [`AskemWindow::new`].

mod about;
mod ask;
mod category;
mod command;
mod completion;
mod dialog;
mod evaluating;
mod execute;
mod folder_field;
mod gpu;
mod icons;
mod log;
mod looking;
mod measuring;
mod menu;
mod metadata;
mod paste;
mod path_field;
mod record;
mod settings;
mod shortcuts;
mod side;
pub mod single;
mod state;
mod status;
mod strip;
mod theme;
mod tiles;
mod toast;
mod training;
mod transcript;
mod view;
mod viewer;
mod widgets;

pub use dialog::{PickFiles, PickTarget};
pub use gpu::{LaunchFn, LookFn, Ways};
pub use settings::{Settings, Store, ThemeChoice};

use crate::answer::Installed;
use crate::worker::{Services, Worker};
use command::Command;
use dialog::{DialogAnswer, FileDialog};
use eframe::{App, Frame};
use egui::{Context, Ui, ViewportBuilder};
use side::Tab;
use state::{Notice, Origin, Session};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use training::News;

/// Time for taking in events in one frame; the rest waits for the next.
const EVENT_TIME: Duration = Duration::from_millis(2);

/// How long the window before this one may take to close.
const INHERITING_MAX: Duration = Duration::from_secs(60);

/// Below this width, in points, the strip gives its room to the micrograph.
const STRIP_WINDOW_WIDTH: f32 = 900.0;

/// Why the window could not be opened, as a sentence with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// The system gave no window or no OpenGL.
    #[error(
        "The window could not be opened: {0}. Check that a display with OpenGL 2.1 or newer is available; \
         without one, use the command line: `askem --help`."
    )]
    Open(String),
}

/// What the window is started with.
pub struct Start {
    /// What the worker needs.
    pub services: Services,
    /// Files to open; none opens the sample.
    pub files: Vec<PathBuf>,
    /// Where settings are kept.
    pub store: Store,
    /// The dialog for files to open.
    pub pick_files: PickFiles,
    /// The dialog for a folder to train on.
    pub pick_folder: PickFiles,
    /// Where models trained here go; None where the system names no place.
    pub models: Option<Installed>,
    /// The dialog for a file to write.
    pub pick_target: PickTarget,
    /// How a GPU is looked for and gone to; None where the CPU is meant, or this is on a GPU.
    pub gpu: Option<Ways>,
}

impl Start {
    /// The window of a user, with the desktop's dialogs.
    pub fn of_user(services: Services, store: Store, files: Vec<PathBuf>) -> Self {
        Self {
            services,
            files,
            store,
            pick_files: dialog::of_desktop(),
            pick_folder: dialog::folder_of_desktop(),
            models: Installed::of_user(),
            pick_target: dialog::target_of_desktop(),
            gpu: None,
        }
    }
}

/// The whole window.
pub struct AskemWindow {
    worker: Worker,
    /// Whether there is a notebook that could be kept.
    has_notebook: bool,
    session: Session,
    settings: Settings,
    saved: Settings,
    store: Store,
    saving: Option<JoinHandle<Result<(), String>>>,
    commands: Vec<Command>,
    dialog: FileDialog,
    path_field: Option<path_field::PathField>,
    viewer: viewer::Viewer,
    pasting: paste::Pasting,
    strip: strip::Strip,
    side: side::Side,
    ask_panel: ask::AskPanel,
    measuring: measuring::Measuring,
    looking: looking::Looking,
    training: training::Training,
    evaluating: evaluating::Evaluating,
    toasts: toast::Toasts,
    log: log::Log,
    metadata: metadata::MetadataPanel,
    help: about::HelpWindows,
    remembered: HashSet<PathBuf>,
    title: String,
    /// Hears of later starts of the program.
    listener: Option<single::Listener>,
    /// Will hear of them once the window that did has ended.
    heir: Option<Receiver<single::Listener>>,
    offer: gpu::Offer,
    /// Called once, when the window is there.
    on_open: Option<Box<dyn FnOnce()>>,
}

/// How a window stands to those before, beside and after it.
#[derive(Default)]
pub struct Neighbours {
    /// Files that it receives are opened in this window.
    pub listener: Option<single::Listener>,
    /// The folder of the socket that this window listens at once the one before it has ended.
    pub inherits: Option<PathBuf>,
    /// Called once, when the window is there.
    pub on_open: Option<Box<dyn FnOnce()>>,
    /// How a GPU is looked for and gone to.
    pub gpu: Option<Ways>,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// Fails when the system has no display or no OpenGL for it.
pub fn run(
    services: Services,
    store: Store,
    files: Vec<PathBuf>,
    neighbours: Neighbours,
) -> Result<(), WindowError> {
    let mut viewport = ViewportBuilder::default()
        .with_app_id("askem")
        .with_title("Askem")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([560.0, 380.0])
        .with_drag_and_drop(true);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(askem_assets::ICON_PNG) {
        viewport = viewport.with_icon(icon);
    }
    let options = eframe::NativeOptions {
        viewport,
        ..Default::default()
    };
    let start = Start {
        gpu: neighbours.gpu,
        ..Start::of_user(services, store, files)
    };
    eframe::run_native(
        "askem",
        options,
        Box::new(|cc| {
            let mut window = AskemWindow::new(&cc.egui_ctx, start);
            if let Some(listener) = neighbours.listener {
                window.listen(&cc.egui_ctx, listener);
            }
            if let Some(folder) = neighbours.inherits {
                window.inherit(&cc.egui_ctx, folder);
            }
            window.on_open = neighbours.on_open;
            Ok(Box::new(window))
        }),
    )
    .map_err(|error| WindowError::Open(error.to_string()))
}

impl AskemWindow {
    /// Builds the window in a context and starts the worker.
    pub fn new(ctx: &Context, start: Start) -> Self {
        theme::install(ctx);
        let (settings, word) = start.store.load();
        theme::choose(ctx, settings.theme);
        ctx.set_zoom_factor(settings.text_factor());
        let has_notebook = start.services.notebook.is_some();
        let waker = ctx.clone();
        let worker = Worker::start(start.services, Arc::new(move || waker.request_repaint()));
        let mut window = Self {
            worker,
            has_notebook,
            session: Session::default(),
            saved: settings.clone(),
            settings,
            store: start.store,
            saving: None,
            commands: Vec::new(),
            dialog: FileDialog::new(start.pick_files),
            path_field: None,
            viewer: viewer::Viewer::new(Arc::clone(&start.pick_target)),
            pasting: paste::Pasting::default(),
            strip: strip::Strip::default(),
            side: side::Side::default(),
            ask_panel: ask::AskPanel::default(),
            measuring: measuring::Measuring::new(start.pick_target, Arc::clone(&start.pick_folder)),
            looking: looking::Looking::default(),
            evaluating: evaluating::Evaluating::new(
                FileDialog::new(Arc::clone(&start.pick_folder)),
                start.models.clone(),
            ),
            training: training::Training::new(FileDialog::new(start.pick_folder), start.models),
            toasts: toast::Toasts::default(),
            log: log::Log::default(),
            metadata: metadata::MetadataPanel::default(),
            help: about::HelpWindows::default(),
            remembered: HashSet::new(),
            title: String::new(),
            listener: None,
            heir: None,
            offer: gpu::Offer::new(ctx, start.gpu),
            on_open: None,
        };
        if let Some(word) = word {
            window.tell(
                ctx,
                &Notice {
                    is_error: true,
                    text: word,
                },
            );
        }
        if start.files.is_empty() {
            window.session.open([Origin::Sample]);
        } else {
            window.open_files(start.files);
        }
        window.pump();
        window
    }

    /// Opens what later starts of the program hand over.
    pub fn listen(&mut self, ctx: &Context, listener: single::Listener) {
        let waker = ctx.clone();
        listener.wake_with(move || waker.request_repaint());
        self.listener = Some(listener);
    }

    /// Opens what later starts hand over, once the window that they hand it to now has ended.
    pub fn inherit(&mut self, ctx: &Context, folder: PathBuf) {
        let (sender, heir) = channel();
        let ctx = ctx.clone();
        std::thread::spawn(move || {
            if let Some(listener) = single::inherit(&folder, INHERITING_MAX) {
                let _ = sender.send(listener);
                ctx.request_repaint();
            }
        });
        self.heir = Some(heir);
    }

    fn take_in_handed_over(&mut self, ctx: &Context) {
        if let Some(heir) = &self.heir {
            match heir.try_recv() {
                Ok(listener) => {
                    self.heir = None;
                    self.listen(ctx, listener);
                }
                Err(TryRecvError::Disconnected) => self.heir = None,
                Err(TryRecvError::Empty) => {}
            }
        }
        let listener = self.listener.as_ref();
        let Some(files) = listener.and_then(single::Listener::take) else {
            return;
        };
        self.open_files(files);
        for wish in [
            egui::ViewportCommand::Minimized(false),
            egui::ViewportCommand::Focus,
            // Where a program may not come to the front by itself.
            egui::ViewportCommand::RequestUserAttention(egui::UserAttentionType::Informational),
        ] {
            ctx.send_viewport_cmd(wish);
        }
        // There may be more.
        ctx.request_repaint();
    }

    fn pump(&mut self) {
        let current = self.session.current().map(|image| image.id);
        self.session.beside = current.and_then(|current| self.viewer.beside(current));
        self.tell_grounds();
        let worker = &self.worker;
        let send = &mut |request| worker.send(request);
        self.session.pump(send);
        self.viewer.exchange(&mut self.session);
        self.pump_measuring();
        self.pump_looking();
        let worker = &self.worker;
        let send = &mut |request| worker.send(request);
        if self.has_notebook {
            let keep = self.settings.keep_notebook;
            self.session.follow(keep, Instant::now(), send);
        }
    }

    fn take_in_events(&mut self, ctx: &Context) {
        let began = Instant::now();
        while let Some(event) = self.worker.try_event() {
            let notice = if self.training.owns(event.request) {
                match self.training.apply(event) {
                    Some(News::Told(notice)) => Some(notice),
                    Some(News::Model(by)) => {
                        self.session.model_changed(by);
                        self.looking.forget();
                        None
                    }
                    None => None,
                }
            } else if self.evaluating.owns(event.request) {
                self.evaluating.apply(event)
            } else if self.measuring.owns(event.request) {
                self.take_in_measured(event)
            } else if self.looking.owns(event.request) {
                self.looking.apply(event);
                None
            } else {
                self.session.apply(event)
            };
            if let Some(notice) = notice {
                self.tell(ctx, &notice);
            }
            if began.elapsed() > EVENT_TIME {
                ctx.request_repaint();
                break;
            }
        }
    }

    fn take_in_dialog(&mut self, ctx: &Context) {
        let has_focus = ctx.input(|input| input.viewport().focused.unwrap_or(true));
        match self.dialog.poll(has_focus) {
            Some(DialogAnswer::Files(files)) => {
                self.path_field = None;
                self.open_files(files);
            }
            Some(DialogAnswer::Missing(reason)) => {
                self.log.push(false, reason);
                self.path_field = Some(path_field::PathField::new(Some(reason)));
            }
            None => {}
        }
    }

    fn take_in_dropped(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> = ctx.input(|input| {
            input
                .raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_owned())
                .collect()
        });
        if !dropped.is_empty() {
            self.open_files(dropped);
        }
    }

    /// A picture pasted from the clipboard becomes a micrograph.
    fn take_in_pasted(&mut self, ctx: &Context) {
        let pasted = ctx.input(|input| {
            input.events.iter().rev().find_map(|event| match event {
                egui::Event::PasteImage(image) => Some(Arc::clone(image)),
                _ => None,
            })
        });
        if let Some(image) = pasted {
            self.pasting.begin(image, ctx);
        }
        match self.pasting.poll() {
            Some(Ok(bytes)) => self.session.open_pasted(bytes),
            Some(Err(sentence)) => self.tell(
                ctx,
                &Notice {
                    is_error: true,
                    text: sentence,
                },
            ),
            None => {}
        }
    }

    fn name_window(&mut self, ctx: &Context) {
        let title = match self.session.current() {
            Some(image) => format!("Askem – {}", image.title()),
            None => "Askem".to_owned(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    fn draw(&mut self, ui: &mut Ui) {
        let (gpu_obstacle, gpu_lost) = (self.gpu_obstacle(), self.lost_on_the_way());
        let out = &mut self.commands;
        let has_notebook = self.has_notebook;
        let gpu = self.offer.gpu().is_some();
        menu::show(
            ui,
            &self.session,
            &self.settings,
            &self.viewer,
            menu::There { has_notebook, gpu },
            out,
        );
        let declined = self.settings.declined_gpu.as_deref();
        self.offer.show(ui, declined, gpu_obstacle, gpu_lost, out);
        let at_work = [self.training.at_work(), self.evaluating.at_work()];
        let fallback = self.offer.fallback();
        status::show(ui, &self.session, &self.viewer, at_work, fallback, out);
        let region = self
            .session
            .current()
            .and_then(|image| self.viewer.region(image));
        let (session, settings) = (&self.session, &self.settings);
        let (ask, train) = (&mut self.ask_panel, &mut self.training);
        let (measuring, viewer) = (&mut self.measuring, &self.viewer);
        let evaluating = &mut self.evaluating;
        let looking = &self.looking;
        ask.pointed = transcript::Pointed::default();
        self.side.show(ui, |ui, tab| match tab {
            Tab::Ask => {
                let around = ask::Around {
                    session,
                    settings,
                    region,
                    measuring,
                    looking,
                };
                ask.show(ui, &around, out);
            }
            Tab::Measure => measuring.show(ui, session, viewer, out),
            Tab::Train => train.show(ui, session.model(), out),
            Tab::Evaluate => evaluating.show(ui, session.model(), out),
        });
        let has_room = ui.ctx().content_rect().width() >= STRIP_WINDOW_WIDTH;
        if self.settings.strip_open && has_room {
            self.strip.show(ui, &self.session, &self.settings, out);
        }
        let offer_strip = has_room && !self.settings.strip_open;
        if let Some(field) = &mut self.path_field {
            field.show(ui, out);
        }
        self.log.show(ui, out);
        self.metadata.show(ui, &self.session, out);
        self.light_up(ui);
        let out = &mut self.commands;
        let room = egui::CentralPanel::no_frame()
            .show(ui, |ui| {
                self.viewer.show(ui, &self.session, offer_strip, out)
            })
            .inner;
        self.toasts.show(ui.ctx(), room);
        self.help.show(ui.ctx());
    }

    /// Has the viewer show what was measured, or what is pointed at in the answers.
    fn light_up(&mut self, ui: &Ui) {
        let (measuring, pointed) = (&self.measuring, &self.ask_panel.pointed);
        let image = self.session.current();
        self.viewer.outlines = image.and_then(|image| match self.side.tab {
            Tab::Measure => measuring.outlines(image),
            Tab::Ask => measuring.lit_by(image, pointed.evidence.as_ref()?),
            Tab::Train | Tab::Evaluate => None,
        });
        if self.follow_word() {
            ui.ctx().request_repaint();
        }
    }
}

impl App for AskemWindow {
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        self.take_in_events(ctx);
        self.take_in_dialog(ctx);
        self.take_in_training_folder(ctx);
        self.take_in_evaluation_folder(ctx);
        self.take_in_handed_over(ctx);
        self.follow_up();
        self.follow_gpu(ctx);
        for notice in self.viewer.take_in_jobs(ctx) {
            self.tell(ctx, &notice);
        }
        self.pump();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let ctx = ui.ctx().clone();
        self.take_in_dropped(&ctx);
        self.take_in_pasted(&ctx);
        let pressed = shortcuts::pressed(&ctx);
        self.commands.extend(pressed.into_iter().map(Command::Do));
        self.draw(ui);
        let commands = std::mem::take(&mut self.commands);
        let has_news = !commands.is_empty();
        for command in commands {
            self.execute(&ctx, command);
        }
        if has_news {
            self.pump();
            ctx.request_repaint();
        }
        self.name_window(&ctx);
        if let Some(tell) = self.on_open.take() {
            tell();
        }
    }

    /// Writes changed settings on a thread of its own: flushing a disk can take long.
    fn save(&mut self, _storage: &mut dyn eframe::Storage) {
        if let Some(saving) = self.saving.take_if(|saving| saving.is_finished())
            && let Ok(Err(sentence)) = saving.join()
        {
            self.log.push_once(&sentence);
        }
        if self.settings != self.saved && self.saving.is_none() {
            let (store, settings) = (self.store.clone(), self.settings.clone());
            self.saved = settings.clone();
            self.saving = Some(std::thread::spawn(move || store.save(&settings)));
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        // From here on a start opens a window of its own.
        self.listener = None;
        self.viewer.finish_jobs();
        self.session.end_open_turns();
        self.pump();
        if let Some(saving) = self.saving.take() {
            // What it says can't be shown any more.
            let _ = saving.join();
        }
        if self.settings != self.saved {
            let _ = self.store.save(&self.settings);
        }
    }
}
