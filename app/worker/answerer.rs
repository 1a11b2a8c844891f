//! The answerer: the thread that owns the engine and answers one question at a time.
//!
//! Loads the engine at the first request, and anew after a failure or a panic. Keeps nothing
//! between questions but the engine itself. Called through a lane by [`super::Worker`].

use super::EngineFactory;
use super::lane::{Hands, Lane, Plan};
use super::numbers::Numbers;
use super::protocol::{AskJob, LookJob, Looked, Opened, Outcome, Progress, View};
use super::ticket::Ticket;
use crate::answer::{self, AnswerError, Answerer, Facts};
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
    /// Which material.
    Classify(Arc<Prepared>),
    /// The same from a view of it.
    ClassifyView(Arc<Opened>, View),
    /// A question about a view of an image.
    Ask(Box<AskJob>),
    /// Where it looks when it writes a word.
    Look(Box<LookJob>),
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
            numbers: Numbers::default(),
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
    numbers: Numbers,
}

impl Room {
    fn answer(&mut self, ticket: &Ticket, question: &Question) -> Result<Outcome, String> {
        let Self {
            factory,
            chosen,
            engine,
            pool,
            numbers,
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
            put(question, engine.as_mut(), numbers, ticket)
        })
    }
}

fn put(
    question: &Question,
    engine: &mut dyn Answerer,
    numbers: &mut Numbers,
    ticket: &Ticket,
) -> Result<Outcome, String> {
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
        Question::Classify(image) => classify(image, engine),
        Question::ClassifyView(image, view) => classify(&image.prepared(view), engine),
        Question::Ask(job) => ask(job, engine, numbers, ticket),
        Question::Look(job) => look(job, engine),
    };
    outcome.map_err(|e| e.to_string())
}

fn ask(
    job: &AskJob,
    engine: &mut dyn Answerer,
    numbers: &mut Numbers,
    ticket: &Ticket,
) -> Result<Outcome, AnswerError> {
    let image = match job.view == View::default() {
        true => Arc::clone(&job.opened.prepared),
        false => Arc::new(job.opened.prepared(&job.view)),
    };
    let micrograph = &job.opened.micrograph;
    let mut facts = Facts {
        metadata: &micrograph.metadata,
        calibration: job.calibration.as_ref(),
        scale_bar: job.opened.printed.scale_bar.as_ref(),
        width_px: match job.view.region {
            Some(region) => region.size()[0],
            None => micrograph.width(),
        },
        category: job
            .prompt
            .category
            .map(|category| (category, job.category_from)),
        measure: &mut || numbers.of(job, ticket),
    };
    let answer = answer::tell(
        engine,
        &image,
        &job.prompt,
        &mut facts,
        &mut |piece| match piece.text.is_empty() {
            true => ticket.go_on(),
            false => ticket.progress(Progress::Piece(piece.text)),
        },
    )?;
    Ok(Outcome::Answered(answer, engine.describe()))
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

fn start_pool() -> Result<ThreadPool, String> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .thread_name(|_| "askem-answering".into());
    pool.build().map_err(|e| {
        format!("The system gave Askem no thread to answer in ({e}). Close other programs and ask again.")
    })
}
