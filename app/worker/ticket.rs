//! One request's life: open until its one end, whoever ends it first.
//!
//! A [`Ticket`] travels with the work, a [`Handle`] stays with the [`super::Worker`] so that the
//! request can be cancelled from outside. Whatever happens, exactly one of Finished, Failed and
//! Cancelled is queued, nothing of a request is queued after its end, and a ticket that is lost
//! unfinished ends as Failed. Waits for nothing and knows no work.

use super::protocol::{Event, Outcome, Progress, RequestId, What};
use crate::answer::Flow;
use crossbeam_channel::Sender;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Where events go, and whom to tell that one has come.
#[derive(Clone)]
pub(super) struct Outbox {
    /// The queue that [`super::Worker::try_event`] empties.
    pub events: Sender<Event>,
    /// Called after each event was queued.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

/// The outside end of a request: enough to cancel it.
pub(super) struct Handle {
    id: RequestId,
    outbox: Outbox,
    /// When the request ended; `None` while it is open.
    ended: Mutex<Option<Instant>>,
    /// Whether the work should end early, with what it has.
    winding_up: AtomicBool,
}

impl Handle {
    /// Ends the request as cancelled, at once. Does nothing after its end.
    pub fn cancel(&self) {
        self.end(What::Cancelled);
    }

    /// Asks the work to end at its next sign of life, with what it has by then.
    pub fn wind_up(&self) {
        self.winding_up.store(true, Ordering::Relaxed);
    }

    /// How long ago the request ended; `None` while it is open.
    pub fn ended_for(&self) -> Option<Duration> {
        self.lock().map(|at| at.elapsed())
    }

    /// The request's name.
    pub fn id(&self) -> RequestId {
        self.id
    }

    fn end(&self, what: What) {
        let mut ended = self.lock();
        if ended.is_none() {
            *ended = Some(Instant::now());
            self.queue(ended, what);
        }
    }

    /// Queues under the lock, so that nothing slips in behind the end, and wakes after it, so
    /// that the waker may call back into the worker.
    fn queue(&self, held: MutexGuard<'_, Option<Instant>>, what: What) {
        // A send fails only when nobody listens any more, and then nobody misses it.
        let _ = self.outbox.events.send(Event {
            request: self.id,
            what,
        });
        drop(held);
        (self.outbox.wake)();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The working end of a request. Dropped unfinished, it ends as Failed.
pub(super) struct Ticket(Arc<Handle>);

impl Ticket {
    /// Opens a request.
    pub fn new(id: RequestId, outbox: Outbox) -> Self {
        Self(Arc::new(Handle {
            id,
            outbox,
            ended: Mutex::new(None),
            winding_up: AtomicBool::new(false),
        }))
    }

    /// The end to keep for cancelling.
    pub fn handle(&self) -> Arc<Handle> {
        Arc::clone(&self.0)
    }

    /// Reports a sign of life and says whether to go on; nothing is reported after the end.
    pub fn progress(&self, progress: Progress) -> Flow {
        let ended = self.0.lock();
        if ended.is_some() {
            return Flow::Stop;
        }
        self.0.queue(ended, What::Progress(progress));
        self.wound_up()
    }

    /// Says whether to go on, without reporting anything.
    pub fn go_on(&self) -> Flow {
        match self.is_ended() {
            true => Flow::Stop,
            false => self.wound_up(),
        }
    }

    fn wound_up(&self) -> Flow {
        match self.0.winding_up.load(Ordering::Relaxed) {
            true => Flow::Stop,
            false => Flow::Continue,
        }
    }

    /// Whether the work may stop, because somebody cancelled it.
    pub fn is_ended(&self) -> bool {
        self.0.ended_for().is_some()
    }

    /// Ends the request with its result.
    pub fn end(self, result: Result<Outcome, String>) {
        self.0.end(match result {
            Ok(outcome) => What::Finished(outcome),
            Err(sentence) => What::Failed(sentence),
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.end(What::Failed(
            "The program lost track of this request. Try it again.".into(),
        ));
    }
}
