//! The threads and their messages: everything that takes longer than a frame happens here.
//!
//! The window, the command line and the tests hold a [`Worker`]; it takes a [`Request`], gives
//! back a [`RequestId`] at once and never blocks. Every request ends in exactly one of
//! [`What::Finished`], [`What::Failed`] and [`What::Cancelled`]. Nothing here draws, and nothing
//! here is random.

pub mod ablation;
mod answerer;
pub mod evaluation;
mod evaluator;
mod keeper;
mod lane;
mod measurer;
mod numbers;
pub mod protocol;
mod reader;
mod registry;
pub mod report;
mod ticket;
mod tiler;
mod trainer;
pub mod training;
mod whole;

pub use crate::dataset::Survey;
pub use evaluation::{Against, Evaluation};
pub use protocol::{
    AskJob, EvaluateJob, EvaluationSign, Event, FolderJob, FolderReport, LookJob, Looked,
    MeasureJob, Measured, Opened, Outcome, Progress, Request, RequestId, SmallPicture, TrainJob,
    TrainingSign, View, What,
};
pub use tiler::{Tile, Tiler, Wishes};

use crate::answer::{AnswerError, Answerer, Flow};
use crate::micrograph::Limits;
use answerer::Question;
use crossbeam_channel::{Receiver, bounded, unbounded};
use keeper::Errand;
use lane::Lane;
use measurer::Task;
use reader::{ReadFn, Source};
use registry::{About, Registry};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use ticket::{Outbox, Ticket};
use trainer::Trainer;

/// Makes the engine of a model folder, or of the model that the program began with. Called on
/// the answerer's thread at the first request that needs one, and again after a failure or a
/// panic.
pub type EngineFactory =
    Arc<dyn Fn(Option<&Path>) -> Result<Box<dyn Answerer>, AnswerError> + Send + Sync>;

/// Trains: gets the job and a function that is told the signs of life and says whether to go
/// on. Gives back the model folder, or a sentence saying why there is none.
pub type TrainFn = Arc<
    dyn Fn(&TrainJob, &mut dyn FnMut(TrainingSign) -> Flow) -> Result<PathBuf, String>
        + Send
        + Sync,
>;

/// Tests a model: gets the job and a function that is told the signs of life and says whether to
/// go on. Gives back what the model is worth, or a sentence saying why that is not known.
pub type EvaluateFn = Arc<
    dyn Fn(&EvaluateJob, &mut dyn FnMut(EvaluationSign) -> Flow) -> Result<Evaluation, String>
        + Send
        + Sync,
>;

/// Evaluates on a device, with this model where a job names none.
pub fn evaluate_on(device: &str, model: Option<&str>) -> EvaluateFn {
    let (device, model) = (device.to_owned(), model.map(str::to_owned));
    Arc::new(move |job, progress| {
        let job = EvaluateJob {
            device: device.clone(),
            model: job.model.clone().or_else(|| model.clone()),
            ..job.clone()
        };
        evaluation::run(&job, progress).map_err(|why| why.to_string())
    })
}

/// What the threads work with.
pub struct Services {
    /// Makes the engine that answers.
    pub engine: EngineFactory,
    /// Trains a model.
    pub train: TrainFn,
    /// Tests a model.
    pub evaluate: EvaluateFn,
    /// The largest image that is read.
    pub limits: Limits,
    /// The notebook's file; without one nothing is recalled and nothing noted.
    pub notebook: Option<PathBuf>,
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
    surveyor: Lane<PathBuf>,
    trainer: Trainer,
    evaluator: Lane<evaluator::Task>,
    keeper: Lane<Errand>,
    measurer: Lane<Task>,
}

impl Lanes {
    /// Puts a request into its lane.
    fn take(&self, ticket: Ticket, request: Request) {
        match request {
            Request::Open(path) => self.readers.send(ticket, Source::File(path, None)),
            Request::OpenPage(path, page) => {
                self.readers.send(ticket, Source::File(path, Some(page)));
            }
            Request::OpenSample => self.readers.send(ticket, Source::Sample),
            Request::OpenBytes(bytes, name) => {
                self.readers.send(ticket, Source::Bytes(bytes, name));
            }
            Request::Describe => self.answerer.send(ticket, Question::Describe),
            Request::Classify(image) => self.answerer.send(ticket, Question::Classify(image)),
            Request::ClassifyView(image, view) => {
                let question = Question::ClassifyView(image, view);
                self.answerer.send(ticket, question);
            }
            Request::Ask(job) => self.answerer.send(ticket, Question::Ask(job)),
            Request::Look(job) => self.answerer.send(ticket, Question::Look(job)),
            Request::UseModel(model) => self.answerer.send(ticket, Question::Use(model)),
            Request::Survey(folder) => self.surveyor.send(ticket, folder),
            Request::Train(job) => self.trainer.send(ticket, job),
            Request::Evaluate(job) => self.evaluator.send(ticket, evaluator::Task::Evaluate(job)),
            Request::SaveReport(done, judged, folder) => {
                self.evaluator
                    .send(ticket, evaluator::Task::Save(done, judged, folder));
            }
            Request::Pictures(folder, files) => {
                self.evaluator
                    .send(ticket, evaluator::Task::Pictures(folder, files));
            }
            Request::Judge(judged) => self.keeper.send(ticket, Errand::Judge(judged)),
            Request::Recall(hash) => self.keeper.send(ticket, Errand::Recall(hash)),
            Request::Measure(job) => self.measurer.send(ticket, Task::Measure(job)),
            Request::MeasureFolder(job) => self.measurer.send(ticket, Task::Folder(job)),
            Request::Write(path, text) => self.measurer.send(ticket, Task::Write(path, text)),
            Request::ReadRecipe(path) => self.measurer.send(ticket, Task::Recipe(path)),
            Request::Note(subject, note) => {
                self.keeper
                    .send(ticket, Errand::Note(subject, Box::new(note)));
            }
        }
    }
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
            surveyor: trainer::surveyor(&alive),
            trainer: Trainer::open(services.train, &alive),
            evaluator: evaluator::lane(services.evaluate, services.notebook.as_deref(), &alive),
            keeper: keeper::lane(services.notebook, &alive),
            measurer: measurer::lane(services.limits, &alive),
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
            lanes.take(ticket, request);
        }
        id
    }

    /// Cancels a request: [`What::Cancelled`] is queued at once, the work stops at its next
    /// token or step. Does nothing after the request's end.
    pub fn cancel(&self, id: RequestId) {
        self.registry.cancel(id);
    }

    /// Asks a request's work to end at its next token or step with what it has by then: an
    /// answer as far as it goes, the best model so far. It still ends in Finished or Failed.
    pub fn wind_up(&self, id: RequestId) {
        self.registry.wind_up(id);
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
        Request::Open(_) | Request::OpenPage(..) | Request::OpenSample | Request::OpenBytes(..) => {
            About::Opening
        }
        Request::Classify(image) => About::Image(image.micrograph_hash().to_owned()),
        Request::ClassifyView(image, _) => About::Image(image.micrograph.hash.clone()),
        Request::Ask(job) => About::Image(job.opened.micrograph.hash.clone()),
        Request::Look(job) => About::Image(job.opened.micrograph.hash.clone()),
        Request::Describe
        | Request::UseModel(_)
        | Request::Survey(_)
        | Request::Train(_)
        | Request::Evaluate(_)
        | Request::SaveReport(..)
        | Request::Pictures(..)
        | Request::Judge(_)
        | Request::Recall(_)
        | Request::Note(..)
        | Request::Measure(_)
        | Request::MeasureFolder(_)
        | Request::Write(..)
        | Request::ReadRecipe(_) => About::Nothing,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::answer::{Answer, Classification, Description, Piece, Prompt, Timing};
    use crate::micrograph::{self, Prepared};
    use crate::questions::Key;
    use std::time::Instant;

    /// Answers with the grey of the image, after 200 pieces of 5 ms.
    struct Slow;

    impl Answerer for Slow {
        fn describe(&self) -> Description {
            Description {
                model: "slow".into(),
                device: "cpu".into(),
                fallback: None,
            }
        }

        fn classify(&mut self, _: &Prepared) -> Result<Classification, AnswerError> {
            Err(AnswerError::Model("not asked here".into()))
        }

        fn answer(
            &mut self,
            image: &Prepared,
            _: &Prompt,
            on_piece: &mut dyn FnMut(Piece) -> Flow,
        ) -> Result<Answer, AnswerError> {
            let mut tokens = 0;
            for _ in 0..200 {
                std::thread::sleep(Duration::from_millis(5));
                tokens += 1;
                if on_piece(Piece {
                    text: format!("{}. ", image.hash.replace(|c: char| !c.is_alphabetic(), "")),
                }) == Flow::Stop
                {
                    break;
                }
            }
            Ok(Answer {
                text: String::new(),
                match_score: None,
                confidence: None,
                tokens,
                stopped: tokens < 200,
                timing: Timing::default(),
                ..Answer::default()
            })
        }
    }

    /// A worker whose reader treats files with `read` and knows the built-in sample.
    fn worker(read: impl Fn(&PathBuf) + Send + Sync + 'static) -> Worker {
        let limits = Limits::default();
        let read: ReadFn = Arc::new(move |source, _| {
            if let Source::File(path, _) = source {
                read(path);
            }
            micrograph::read_bytes(askem_assets::SAMPLE_MICROGRAPH, "sample", limits)
        });
        let services = Services {
            evaluate: evaluate_on("cpu", None),
            engine: Arc::new(|_| Ok(Box::new(Slow))),
            train: Arc::new(|job, _| Ok(job.out.clone())),
            limits,
            notebook: None,
        };
        Worker::start_reading_with(read, services, Arc::new(|| {}))
    }

    /// Waits for the end of a request and gives back all that came until then.
    fn until_end_of(worker: &Worker, id: RequestId, limit: Duration) -> Vec<Event> {
        let deadline = Instant::now() + limit;
        let mut events = Vec::new();
        while let Some(event) =
            worker.wait_event(deadline.saturating_duration_since(Instant::now()))
        {
            let is_end = event.request == id && !matches!(event.what, What::Progress(_));
            events.push(event);
            if is_end {
                return events;
            }
        }
        panic!("{id:?} did not end in {limit:?}: {events:?}");
    }

    #[cfg(unix)]
    #[test]
    fn readers_stuck_in_a_foreign_call_are_left_behind_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.tif");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let worker = worker(|path| drop(std::fs::File::open(path)));
        for _ in 0..5 {
            let stuck = worker.send(Request::Open(pipe.clone()));
            std::thread::sleep(Duration::from_millis(30));
            let asked = Instant::now();
            worker.cancel(stuck);
            let events = until_end_of(&worker, stuck, Duration::from_millis(100));
            assert!(
                matches!(
                    events[..],
                    [Event {
                        what: What::Cancelled,
                        ..
                    }]
                ),
                "{events:?}"
            );
            assert!(asked.elapsed() < Duration::from_millis(100));
        }
        let sample = worker.send(Request::OpenSample);
        let events = until_end_of(&worker, sample, Duration::from_secs(5));
        assert!(
            matches!(
                events[..],
                [Event {
                    what: What::Finished(_),
                    ..
                }]
            ),
            "{events:?}"
        );
        // The pipe's other end lets the stuck readers go, so that this test leaves none behind.
        drop(worker);
        drop(std::fs::OpenOptions::new().write(true).open(&pipe));
    }

    #[test]
    fn what_is_asked_before_or_while_another_image_is_read_is_cancelled_before_that_opens() {
        let (release, wait) = bounded::<()>(0);
        let worker = worker(move |_| wait.recv().unwrap_or_default());
        let limits = Limits::default();
        let sample = askem_assets::SAMPLE_MICROGRAPH;
        let mut shown = micrograph::read_bytes(sample, "a", limits).unwrap();
        shown.hash = "a".into();
        let shown = Opened::of(shown, &|| true).unwrap();
        let prompt = Prompt {
            key: Key::ALL[0],
            category: None,
        };
        let ask = Request::Ask(Box::new(AskJob::about(Arc::new(shown), prompt)));
        let early = worker.send(ask.clone());
        let open = worker.send(Request::Open("b.tif".into()));
        let events = until_end_of(&worker, early, Duration::from_millis(100));
        assert!(
            matches!(
                events.last(),
                Some(Event {
                    what: What::Cancelled,
                    ..
                })
            ),
            "{events:?}"
        );
        let late = worker.send(ask);
        worker.wait_event(Duration::from_secs(5)).unwrap();
        release.send(()).unwrap();
        let events = until_end_of(&worker, open, Duration::from_secs(5));
        let ends: Vec<_> = events
            .iter()
            .filter(|e| !matches!(e.what, What::Progress(_)))
            .collect();
        let [
            Event {
                request,
                what: What::Cancelled,
            },
            Event {
                what: What::Finished(_),
                ..
            },
        ] = ends[..]
        else {
            panic!("{ends:?}")
        };
        assert_eq!(*request, late);
        assert!(
            worker.wait_event(Duration::from_millis(100)).is_none(),
            "A is answered under B"
        );
    }
}
