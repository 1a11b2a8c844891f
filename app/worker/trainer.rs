//! The trainer: at most one training run, in threads of its own, so that asking goes on.
//!
//! Knows nothing of how a model is trained; it calls the function it was given and passes on
//! its signs of life. Called through a lane by [`super::Worker`].

use super::TrainFn;
use super::lane::{Hands, Lane, Plan};
use super::protocol::{Outcome, Progress, SEED, TrainJob};
use super::ticket::{Handle, Ticket};
use crate::dataset;
use crossbeam_channel::Sender;
use rayon::ThreadPoolBuilder;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a folder may be counted after nobody waits for it any more: a drive that does not
/// answer is left behind.
const SURVEY_PATIENCE: Duration = Duration::from_secs(2);

/// Opens the lane that counts data folders.
pub(super) fn surveyor(alive: &Sender<()>) -> Lane<PathBuf> {
    let make_hands = || -> Hands<PathBuf> {
        Box::new(|_, folder: PathBuf| {
            let survey = dataset::survey(&folder, SEED);
            survey.map(Outcome::Surveyed).map_err(|why| why.to_string())
        })
    };
    let plan = Plan {
        name: "askem-surveyor",
        width: 1,
        patience: Some(SURVEY_PATIENCE),
        even_if_cancelled: false,
        make_hands: Arc::new(make_hands),
    };
    Lane::open(plan, alive)
}

/// The lane of the trainer, and the run that holds it.
pub(super) struct Trainer {
    lane: Lane<TrainJob>,
    run: Mutex<Option<Arc<Handle>>>,
}

impl Trainer {
    /// Opens the lane.
    pub fn open(train: TrainFn, alive: &Sender<()>) -> Self {
        let make_hands = move || -> Hands<TrainJob> {
            let train = Arc::clone(&train);
            Box::new(move |ticket, job| run(&train, ticket, &job))
        };
        // No patience: a second run beside one that is still writing could spoil its model.
        let plan = Plan {
            name: "askem-trainer",
            width: 1,
            patience: None,
            even_if_cancelled: false,
            make_hands: Arc::new(make_hands),
        };
        Self {
            lane: Lane::open(plan, alive),
            run: Mutex::new(None),
        }
    }

    /// Starts a run, or fails it where one is at work already. A run may follow a cancelled one
    /// at once; it then waits for it to wind down.
    pub fn send(&self, ticket: Ticket, job: TrainJob) {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        if run.as_ref().is_some_and(|run| run.ended_for().is_none()) {
            drop(run);
            ticket.end(Err("A training run is already at work. Wait for it to end or stop it, then train again.".into()));
            return;
        }
        *run = Some(ticket.handle());
        self.lane.send(ticket, job);
    }
}

fn run(train: &TrainFn, ticket: &Ticket, job: &TrainJob) -> Result<Outcome, String> {
    // A pool of its own, ended with the run: answers never queue behind training steps.
    let pool = ThreadPoolBuilder::new()
        .thread_name(|_| "askem-training".into())
        .build();
    let pool = pool.map_err(|e| {
        format!("The system gave Askem no threads to train in ({e}). Close other programs and train again.")
    })?;
    let mut progress = |sign| ticket.progress(Progress::Training(sign));
    pool.install(|| train(job, &mut progress))
        .map(Outcome::Trained)
}
