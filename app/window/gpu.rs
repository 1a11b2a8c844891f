//! The offer to go on on a GPU: looks for `askem-cuda` in the background, offers it in a row below
//! the menu bar, has it take over, and says for good why there is no GPU where one was expected.
//!
//! Nothing here waits: looking and starting are done on threads of their own. This window ends
//! only once the other one is open, so that a failure costs nothing. Where both come from is
//! given by [`Ways`], which tests replace.

use super::AskemWindow;
use super::command::Command;
use super::icons::{self, Icon};
use super::shortcuts::Action;
use super::state::{Model, Notice, Origin};
use super::theme::{self, Palette};
use super::widgets;
use crate::answer::Fallback;
use crate::gpu::{Gpu, Look, Luggage, ProbeError};
use egui::{Context, Frame, Label, Margin, Panel, RichText, Sense, Ui, ViewportCommand, vec2};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// Height of the row, in points.
const ROW_HEIGHT: f32 = 38.0;
/// How long the notebook may take to be up to date before the other window starts.
const NOTING_MAX: Duration = Duration::from_secs(2);

/// Looks for `askem-cuda`; may take its time.
pub type LookFn = Arc<dyn Fn() -> Look + Send + Sync>;
/// Starts `askem-cuda`, and returns when its window is open or with a sentence why not.
pub type LaunchFn = Arc<dyn Fn(&Gpu, Luggage) -> Result<(), String> + Send + Sync>;

/// How a GPU is looked for and gone to.
#[derive(Clone)]
pub struct Ways {
    /// Looks.
    pub look: LookFn,
    /// Goes.
    pub launch: LaunchFn,
}

enum State {
    /// Nobody looks.
    Off,
    Looking(Receiver<Look>),
    Unusable(ProbeError),
    Ready(Gpu),
    /// Chosen; what is to be noted is noted first.
    Packing(Gpu, Instant),
    Leaving(Gpu, Receiver<Result<(), String>>),
    /// The other window is open.
    Left,
}

/// What polling comes to.
enum News {
    /// `askem-cuda` is there and can't be used.
    Unusable(String),
    /// It did not take over.
    Stayed(String),
    /// It has taken over.
    Left,
}

/// The offer.
pub struct Offer {
    ways: Option<Ways>,
    state: State,
}

impl Offer {
    /// Begins to look, where there is a way to.
    pub fn new(ctx: &Context, ways: Option<Ways>) -> Self {
        let state = match &ways {
            Some(ways) => {
                let look = Arc::clone(&ways.look);
                State::Looking(in_background(ctx, move || look()))
            }
            None => State::Off,
        };
        Self { ways, state }
    }

    /// The GPU that can be gone to.
    pub fn gpu(&self) -> Option<&Gpu> {
        match &self.state {
            State::Ready(gpu) => Some(gpu),
            _ => None,
        }
    }

    /// Why there is no GPU although `askem-cuda` is there.
    pub fn fallback(&self) -> Option<Fallback> {
        match &self.state {
            State::Unusable(why) => Some(Fallback {
                word: why.word().to_owned(),
                // It becomes a part of a sentence.
                why: why.to_string().trim_end_matches('.').to_owned(),
            }),
            _ => None,
        }
    }

    fn poll(&mut self) -> Option<News> {
        match &self.state {
            State::Looking(answer) => {
                let look = match answer.try_recv() {
                    Err(TryRecvError::Empty) => return None,
                    // The thread is gone without a word: there is nothing to offer.
                    Err(TryRecvError::Disconnected) => Look::Absent,
                    Ok(look) => look,
                };
                let (state, news) = match look {
                    Look::Absent => (State::Off, None),
                    Look::Ready(gpu) => (State::Ready(gpu), None),
                    Look::Unusable(why) => {
                        let news = News::Unusable(why.to_string());
                        (State::Unusable(why), Some(news))
                    }
                };
                self.state = state;
                news
            }
            State::Leaving(gpu, answer) => {
                let answer = match answer.try_recv() {
                    Err(TryRecvError::Empty) => return None,
                    Err(TryRecvError::Disconnected) => {
                        Err("askem-cuda could not be started. This window goes on.".to_owned())
                    }
                    Ok(answer) => answer,
                };
                let (state, news) = match answer {
                    Ok(()) => (State::Left, News::Left),
                    Err(why) => (State::Ready(gpu.clone()), News::Stayed(why)),
                };
                self.state = state;
                Some(news)
            }
            _ => None,
        }
    }

    /// Chosen: goes as soon as all is noted.
    fn pack(&mut self) {
        if let State::Ready(gpu) = &self.state {
            self.state = State::Packing(gpu.clone(), Instant::now());
        }
    }

    /// Since when things are packed.
    fn packing(&self) -> Option<Instant> {
        match &self.state {
            State::Packing(_, since) => Some(*since),
            _ => None,
        }
    }

    fn go(&mut self, ctx: &Context, luggage: Luggage) {
        if let (State::Packing(gpu, _), Some(ways)) = (&self.state, &self.ways) {
            let (launch, to) = (Arc::clone(&ways.launch), gpu.clone());
            let answer = in_background(ctx, move || launch(&to, luggage));
            self.state = State::Leaving(gpu.clone(), answer);
        }
    }

    /// Draws the row below the menu bar, unless the user declined this GPU. `obstacle` says why
    /// one can't go yet, `lost` what would not come along.
    pub fn show(
        &self,
        ui: &mut Ui,
        declined: Option<&str>,
        obstacle: Option<&str>,
        lost: Option<&str>,
        out: &mut Vec<Command>,
    ) {
        let (gpu, is_going) = match &self.state {
            State::Ready(gpu) if declined != Some(&gpu.name) => (gpu, false),
            State::Packing(gpu, _) | State::Leaving(gpu, _) => (gpu, true),
            _ => return,
        };
        let palette = Palette::of(ui);
        let frame = Frame::new()
            .fill(palette.accent_soft)
            .inner_margin(Margin::symmetric(theme::SPACE_L as i8, 0));
        Panel::top("gpu-offer")
            .exact_size(ROW_HEIGHT)
            .frame(frame)
            .show(ui, |ui| {
                let height = ui.available_height();
                widgets::two_ends(
                    ui,
                    height,
                    |ui| words(ui, gpu, is_going, lost),
                    |ui| buttons(ui, is_going, obstacle, out),
                );
            });
    }
}

fn words(ui: &mut Ui, gpu: &Gpu, is_going: bool, lost: Option<&str>) {
    let palette = Palette::of(ui);
    let (rect, _) =
        ui.allocate_exact_size(vec2(theme::ICON, ui.available_height()), Sense::hover());
    icons::paint(ui.painter(), Icon::Info, rect, palette.accent);
    let mut words = match is_going {
        true => format!("Going over to {}…", gpu.name),
        false => format!(
            "A GPU is ready: {}. Answers and training can go on there.",
            gpu.name
        ),
    };
    if let (Some(lost), false) = (lost, is_going) {
        words = format!("{words} {lost}");
    }
    let text = RichText::new(&words).color(palette.text);
    let whole = format!(
        "{words}\nThis window closes once that of {} is open.",
        gpu.program.display()
    );
    ui.add(Label::new(text).truncate()).on_hover_text(whole);
}

fn buttons(ui: &mut Ui, is_going: bool, obstacle: Option<&str>, out: &mut Vec<Command>) {
    if is_going {
        return;
    }
    if widgets::icon_button(ui, Icon::Cross, "Stay on the CPU").clicked() {
        out.push(Command::DeclineGpu);
    }
    let size = vec2(132.0, theme::CONTROL_HEIGHT - 2.0);
    let button = widgets::primary(ui, obstacle.is_none(), None, "Continue on it", size);
    let button = match obstacle {
        Some(obstacle) => button.on_disabled_hover_text(obstacle),
        None => button,
    };
    if button.clicked() {
        out.push(Command::Do(Action::ContinueOnGpu));
    }
}

/// Does work on a thread and wakes the window when it is done.
fn in_background<T: Send + 'static>(
    ctx: &Context,
    work: impl FnOnce() -> T + Send + 'static,
) -> Receiver<T> {
    let (sender, receiver) = channel();
    let ctx = ctx.clone();
    std::thread::spawn(move || {
        let _ = sender.send(work());
        ctx.request_repaint();
    });
    receiver
}

impl AskemWindow {
    /// Goes over to the GPU, or says why not.
    pub(super) fn continue_on_gpu(&mut self, ctx: &Context) {
        let obstacle = match self.offer.gpu() {
            None => Some("There is no GPU to go over to"),
            Some(_) => self.gpu_obstacle(),
        };
        match obstacle {
            Some(obstacle) => self.news(ctx, obstacle),
            None => self.offer.pack(),
        }
    }

    /// Why one can't go over to the GPU now.
    pub(super) fn gpu_obstacle(&self) -> Option<&'static str> {
        if self.training.at_work().is_some() {
            Some("A training run is at work: stop it first, or wait for its end")
        } else if self.session.busy().next().is_some() {
            Some("A question is being answered: stop it first, or wait for its end")
        } else {
            None
        }
    }

    /// What would not come along to the GPU, as a sentence.
    pub(super) fn lost_on_the_way(&self) -> Option<&'static str> {
        let images = self.session.images();
        let is_pasted = |origin: &Origin| matches!(origin, Origin::Pasted(..));
        if images.iter().any(|image| is_pasted(&image.origin)) {
            return Some("Pasted micrographs do not come along.");
        }
        let is_kept = self.has_notebook && self.settings.keep_notebook;
        let records = images
            .iter()
            .filter_map(|image| self.session.record(image.id));
        let has_asked = records.into_iter().any(|record| !record.turns.is_empty());
        (has_asked && !is_kept)
            .then_some("What was asked here is not kept and does not come along.")
    }

    /// Takes in what was found, and leaves once everything is noted.
    pub(super) fn follow_gpu(&mut self, ctx: &Context) {
        match self.offer.poll() {
            Some(News::Unusable(sentence)) => self.log.push_once(&sentence),
            Some(News::Stayed(text)) => self.tell(
                ctx,
                &Notice {
                    is_error: true,
                    text,
                },
            ),
            Some(News::Left) => ctx.send_viewport_cmd(ViewportCommand::Close),
            None => {}
        }
        // So that the log has it, however long the status bar is.
        if let Model::Ready(by) = self.session.model()
            && let Some(fallback) = &by.fallback
        {
            self.log.push_once(&fallback.to_string());
        }
        if let Some(since) = self.offer.packing() {
            if self.session.is_noting() && since.elapsed() < NOTING_MAX {
                ctx.request_repaint_after(Duration::from_millis(50));
            } else {
                let luggage = self.luggage();
                self.offer.go(ctx, luggage);
            }
        }
    }

    fn luggage(&self) -> Luggage {
        let current = self.session.current().map(|image| image.id);
        let mut images: Vec<_> = self.session.images().iter().collect();
        images.sort_by_key(|image| Some(image.id) != current);
        let files = images.iter().filter_map(|image| image.origin.path());
        Luggage {
            files: files.map(std::path::Path::to_owned).collect(),
            model: self.training.model_in_use(),
            ..Luggage::default()
        }
    }
}
