//! The threads and their messages: everything that takes longer than a frame happens here.
//!
//! The window, the command line and the tests hold a [`Worker`]; it takes a [`Request`], gives
//! back a [`RequestId`] at once and never blocks. Every request ends in exactly one of
//! [`What::Finished`], [`What::Failed`] and [`What::Cancelled`]. Nothing here draws, and nothing
//! here is random.

mod answerer;
mod lane;
pub mod protocol;
mod reader;
mod registry;
mod ticket;
mod trainer;

pub use protocol::{Event, Opened, Outcome, Progress, Request, RequestId, TrainJob, What};

use crate::answer::{AnswerError, Answerer, Flow};
use crate::micrograph::Limits;
use answerer::Question;
use crossbeam_channel::{Receiver, bounded, unbounded};
use lane::Lane;
use reader::{ReadFn, Source};
use registry::{About, Registry};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use ticket::{Outbox, Ticket};
use trainer::Trainer;

/// Makes the engine. Called on the answerer's thread at the first request that needs one, and
/// again after a failure or a panic.
pub type EngineFactory = Arc<dyn Fn() -> Result<Box<dyn Answerer>, AnswerError> + Send + Sync>;

/// Trains: gets the job and a function to report a line and the share done (0 to 1), which says
/// whether to go on. Gives back the model folder, or a sentence saying why there is none.
pub type TrainFn = Arc<
    dyn Fn(&TrainJob, &mut dyn FnMut(String, f32) -> Flow) -> Result<PathBuf, String> + Send + Sync,
>;

/// What the threads work with.
pub struct Services {
    /// Makes the engine that answers.
    pub engine: EngineFactory,
    /// Trains a model.
    pub train: TrainFn,
    /// The largest image that is read.
    pub limits: Limits,
}

/// How long dropping a worker waits for its threads; one inside a foreign call is left behind.
const FAREWELL: Duration = Duration::from_secs(1);

/// The threads, seen from outside. Dropping it cancels everything and ends them.
pub struct Worker {
    /// Gone only while the worker is being dropped.
    lanes: Option<Lanes>,
    registry: Arc<Registry>,
    outbox: Outbox,
    events: Receiver<Event>,
    next_id: AtomicU64,
    /// Disconnected once all threads have ended.
    ended: Receiver<()>,
}

struct Lanes {
    readers: Lane<Source>,
    answerer: Lane<Question>,
    trainer: Trainer,
}

impl Worker {
    /// Starts the threads. `wake` is called after each event was queued, from whichever thread
    /// queued it: a window asks for a repaint there.
    pub fn start(services: Services, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let read = reader::read_with(services.limits);
        Self::start_reading_with(read, services, wake)
    }

    fn start_reading_with(
        read: ReadFn,
        services: Services,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let (alive, ended) = bounded(0);
        let (sender, events) = unbounded();
        let registry = Arc::new(Registry::default());
        let lanes = Lanes {
            readers: reader::lane(read, Arc::clone(&registry), &alive),
            answerer: answerer::lane(services.engine, &alive),
            trainer: Trainer::open(services.train, &alive),
        };
        Self {
            lanes: Some(lanes),
            registry,
            outbox: Outbox {
                events: sender,
                wake,
            },
            events,
            next_id: AtomicU64::new(1),
            ended,
        }
    }

    /// Queues a request and gives back its name; never blocks.
    pub fn send(&self, request: Request) -> RequestId {
        let id = RequestId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let ticket = Ticket::new(id, self.outbox.clone());
        self.registry.add(ticket.handle(), about(&request));
        if let Some(lanes) = &self.lanes {
            match request {
                Request::Open(path) => lanes.readers.send(ticket, Source::File(path)),
                Request::OpenSample => lanes.readers.send(ticket, Source::Sample),
                Request::Describe => lanes.answerer.send(ticket, Question::Describe),
                Request::Classify(image) => lanes.answerer.send(ticket, Question::Classify(image)),
                Request::Ask(image, prompt) => {
                    lanes.answerer.send(ticket, Question::Ask(image, prompt));
                }
                Request::Train(job) => lanes.trainer.send(ticket, job),
            }
        }
        id
    }

    /// Cancels a request: [`What::Cancelled`] is queued at once, the work stops at its next
    /// token or step. Does nothing after the request's end.
    pub fn cancel(&self, id: RequestId) {
        self.registry.cancel(id);
    }

    /// The next event, if there is one; never blocks.
    pub fn try_event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Waits for the next event: for tests and the command line, never for a window.
    pub fn wait_event(&self, timeout: Duration) -> Option<Event> {
        self.events.recv_timeout(timeout).ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.registry.cancel_all();
        self.lanes = None;
        lane::wait_for_end(&self.ended, FAREWELL);
    }
}

fn about(request: &Request) -> About {
    match request {
        Request::Open(_) | Request::OpenSample => About::Opening,
        Request::Classify(image) | Request::Ask(image, _) => About::Image(image.hash.clone()),
        Request::Describe | Request::Train(_) => About::Nothing,
    }
}
