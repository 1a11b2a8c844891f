//! What answers are filled from: the measurement of the micrograph that is asked about.
//!
//! Measures in a pool of its own, so that a question can be cancelled meanwhile, and keeps the
//! last measurement, as many questions are asked about one image. Called by `answerer.rs`.

use super::measurer::measured;
use super::protocol::{AskJob, View};
use super::ticket::Ticket;
use crate::measure::Measurement;
use crate::measure::recipe::Recipe;
use crate::micrograph::Calibration;
use crate::questions::Category;
use crossbeam_channel::{RecvTimeoutError, bounded};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// How often a waiting question looks whether it was cancelled.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a measurement depends on.
#[derive(PartialEq)]
struct Basis {
    hash: String,
    view: View,
    calibration: Option<Calibration>,
    category: Option<Category>,
}

/// Measures for answers.
#[derive(Default)]
pub(super) struct Numbers {
    pool: Option<ThreadPool>,
    kept: Option<(Basis, Arc<Measurement>)>,
}

impl Numbers {
    /// The measurement that a question is answered from; a sentence where there is none.
    pub fn of(&mut self, job: &AskJob, ticket: &Ticket) -> Result<Arc<Measurement>, String> {
        if let Some(measured) = &job.measured {
            return Ok(Arc::clone(measured));
        }
        let basis = Basis {
            hash: job.opened.micrograph.hash.clone(),
            view: job.view.clone(),
            calibration: job.calibration.clone(),
            category: job.prompt.category,
        };
        if let Some((_, kept)) = self.kept.as_ref().filter(|(of, _)| *of == basis) {
            return Ok(Arc::clone(kept));
        }
        let measured = Arc::new(self.measure(job, ticket)?);
        self.kept = Some((basis, Arc::clone(&measured)));
        Ok(measured)
    }

    fn measure(&mut self, job: &AskJob, ticket: &Ticket) -> Result<Measurement, String> {
        let pool = match &self.pool {
            Some(pool) => pool,
            None => self.pool.insert(start_pool()?),
        };
        let (send, receive) = bounded(1);
        let job = job.clone();
        pool.spawn(move || {
            let recipe = Recipe {
                category: job.prompt.category,
                ..Recipe::default()
            };
            let measure = || measured(&job.opened, &job.view, job.calibration.as_ref(), &recipe);
            if let Ok(measurement) = catch_unwind(AssertUnwindSafe(measure)) {
                // Nobody waits any more where the question was cancelled.
                let _ = send.send(measurement);
            }
        });
        loop {
            match receive.recv_timeout(LOOK_EVERY) {
                Ok(measurement) => return Ok(measurement),
                Err(RecvTimeoutError::Timeout) if !ticket.is_ended() => {}
                Err(RecvTimeoutError::Timeout) => return Err("the question was stopped".into()),
                Err(RecvTimeoutError::Disconnected) => return Err("measuring it failed".into()),
            }
        }
    }
}

fn start_pool() -> Result<ThreadPool, String> {
    let pool = ThreadPoolBuilder::new().thread_name(|_| "askem-numbers".into());
    pool.build()
        .map_err(|why| format!("the system gave no thread to measure in ({why})"))
}
