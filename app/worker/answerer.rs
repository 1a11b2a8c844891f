//! The answerer: the thread that owns the engine and answers one question at a time.
//!
//! Loads the engine at the first request, and anew after a failure or a panic. Keeps nothing
//! between questions but the engine itself. Called through a lane by [`super::Worker`].

use super::EngineFactory;
use super::lane::{Hands, Lane, Plan};
use super::protocol::{LookJob, Looked, Opened, Outcome, Progress, View};
use super::ticket::Ticket;
use crate::answer::{AnswerError, Answerer, Prompt};
use crate::micrograph::Prepared;
use crossbeam_channel::Sender;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The matrices of one answer are so small that sharing them among threads makes it slower,
/// by up to nine times.
const THREADS: usize = 1;
/// How long a cancelled answer may hang inside the engine before a new engine is loaded beside
/// it; long enough for a large model to finish loading.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the engine is asked.
pub(super) enum Question {
    /// Who it is.
    Describe,
    /// Another model from here on, by its name or folder.
    Use(PathBuf),
    /// Where it looks when it writes a word.
    Look(Box<LookJob>),
    /// Which material.
    Classify(Arc<Prepared>),
    /// The same from a view of it.
    ClassifyView(Arc<Opened>, View),
    /// A question about the image.
    Ask(Arc<Prepared>, Prompt),
    /// A question about a view of it.
    AskView(Arc<Opened>, View, Prompt),
}

/// Opens the lane of the answerer.
pub(super) fn lane(factory: EngineFactory, alive: &Sender<()>) -> Lane<Question> {
    // Chosen by the user, it stays when a panic makes the room anew.
    let chosen = Arc::new(Mutex::new(None));
    let make_hands = move || -> Hands<Question> {
        let mut room = Room {
            factory: Arc::clone(&factory),
            chosen: chosen.clone(),
            engine: None,
            pool: None,
        };
        Box::new(move |ticket, question| room.answer(ticket, &question))
    };
    let plan = Plan {
        name: "askem-answerer",
        width: 1,
        patience: Some(PATIENCE),
        even_if_cancelled: false,
        make_hands: Arc::new(make_hands),
    };
    Lane::open(plan, alive)
}

/// The engine and the pool it computes in.
struct Room {
    factory: EngineFactory,
    /// The folder of the model in use; None is the one the program began with.
    chosen: Arc<Mutex<Option<PathBuf>>>,
    engine: Option<Box<dyn Answerer>>,
    pool: Option<ThreadPool>,
}

impl Room {
    fn answer(&mut self, ticket: &Ticket, question: &Question) -> Result<Outcome, String> {
        let Self {
            factory,
            chosen,
            engine,
            pool,
        } = self;
        let of_user = || chosen.lock().unwrap_or_else(PoisonError::into_inner);
        let pool = match pool {
            Some(pool) => pool,
            none => none.insert(start_pool()?),
        };
        pool.install(|| {
            let load = |folder: Option<&Path>| factory(folder).map_err(|e| e.to_string());
            if let Question::Use(model) = question {
                let loaded = engine.insert(load(Some(model))?);
                *of_user() = Some(model.clone());
                return Ok(Outcome::Ready(loaded.describe()));
            }
            let engine = match engine {
                Some(engine) => engine,
                none => {
                    let folder = of_user().clone();
                    none.insert(load(folder.as_deref())?)
                }
            };
            put(question, engine.as_mut(), ticket)
        })
    }
}

fn put(question: &Question, engine: &mut dyn Answerer, ticket: &Ticket) -> Result<Outcome, String> {
    // Loading may have taken long enough for the user to change their mind.
    if ticket.is_ended() {
        return Err("The question was cancelled.".into());
    }
    let classify = |image: &Prepared, engine: &mut dyn Answerer| {
        let found = engine.classify(image)?;
        Ok(Outcome::Classified(found, engine.describe()))
    };
    let outcome = match question {
        Question::Describe | Question::Use(_) => Ok(Outcome::Ready(engine.describe())),
        Question::Look(job) => look(job, engine),
        Question::Classify(image) => classify(image, engine),
        Question::ClassifyView(image, view) => classify(&image.prepared(view), engine),
        Question::Ask(image, prompt) => ask(image, prompt, engine, ticket),
        Question::AskView(image, view, prompt) => {
            let seen = image.prepared(view);
            ask(&seen, prompt, engine, ticket)
        }
    };
    outcome.map_err(|e| e.to_string())
}

fn ask(
    image: &Prepared,
    prompt: &Prompt,
    engine: &mut dyn Answerer,
    ticket: &Ticket,
) -> Result<Outcome, AnswerError> {
    engine
        .answer(image, prompt, &mut |piece| {
            ticket.progress(Progress::Piece(piece.text))
        })
        .map(|answer| Outcome::Answered(answer, engine.describe()))
}

fn start_pool() -> Result<ThreadPool, String> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .thread_name(|_| "askem-answering".into());
    pool.build().map_err(|e| {
        format!("The system gave Askem no thread to answer in ({e}). Close other programs and ask again.")
    })
}

fn look(job: &LookJob, engine: &mut dyn Answerer) -> Result<Outcome, AnswerError> {
    let LookJob { opened, view, .. } = job;
    let made = (*view != View::default()).then(|| opened.prepared(view));
    let seen = made.as_ref().unwrap_or(&opened.prepared);
    let heat = engine.look(seen, &job.prompt, &job.text, job.word.clone())?;
    Ok(Outcome::Looked(Arc::new(Looked {
        heat,
        rect: opened.seen(view, seen),
        left_out: seen.mask.left_out().to_vec(),
    })))
}
