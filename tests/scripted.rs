//! An engine that follows a script, and a listener that keeps book of every request: what the
//! tests of the worker play with.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use askem::answer::{
    Answer, AnswerError, Answerer, Classification, Description, Flow, HeatMap, Piece, Prompt,
    Timing,
};
use askem::micrograph::{Header, Limits, Mask, Micrograph, Pixels, Prepared};
use askem::questions::Key;
use askem::worker::{
    AskJob, EngineFactory, Event, Opened, Outcome, Request, RequestId, Services, TrainFn, TrainJob,
    TrainingSign, What, Worker,
};
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What the scripted engine does, and what it did.
#[derive(Default)]
pub struct Script {
    /// Milliseconds it takes for each token.
    pub token_ms: AtomicUsize,
    /// It panics at the next question.
    pub panics_next: AtomicBool,
    /// It fails at the next question.
    pub fails_next: AtomicBool,
    /// The next engine cannot be made.
    pub load_fails_next: AtomicBool,
    /// Engines made so far.
    pub made: AtomicUsize,
    /// Engines dropped so far.
    pub dropped: AtomicUsize,
    /// Tokens written by all engines.
    pub tokens: AtomicUsize,
    /// Threads of the pool it was called in.
    pub pool_threads: AtomicUsize,
}

/// Tokens of a whole answer.
pub const TOKENS: usize = 10;

struct Scripted(Arc<Script>);

impl Drop for Scripted {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Scripted {
    fn begin(&self) -> Result<(), AnswerError> {
        self.0
            .pool_threads
            .store(rayon::current_num_threads(), Ordering::SeqCst);
        if self.0.panics_next.swap(false, Ordering::SeqCst) {
            panic!("scripted panic");
        }
        if self.0.fails_next.swap(false, Ordering::SeqCst) {
            return Err(AnswerError::Model("scripted failure".into()));
        }
        Ok(())
    }

    fn pause(&self) {
        let ms = self.0.token_ms.load(Ordering::SeqCst) as u64;
        std::thread::sleep(Duration::from_millis(ms));
    }
}

impl Answerer for Scripted {
    fn describe(&self) -> Description {
        Description {
            model: "scripted".into(),
            device: "cpu".into(),
            fallback: None,
        }
    }

    fn classify(&mut self, image: &Prepared) -> Result<Classification, AnswerError> {
        self.begin()?;
        self.pause();
        let mut probabilities = [0.0; 10];
        probabilities[brightness(image) % 10] = 1.0;
        Ok(Classification {
            probabilities,
            none_of_these: false,
        })
    }

    fn answer(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, AnswerError> {
        self.begin()?;
        let (mut text, mut stopped) = (String::new(), false);
        for token in 0..TOKENS {
            self.pause();
            let place = letters(token);
            let piece = format!(
                "{}:{}:{place}. ",
                letters(brightness(image)),
                prompt.key.name()
            );
            self.0.tokens.fetch_add(1, Ordering::SeqCst);
            text += &piece;
            if on_piece(Piece { text: piece }) == Flow::Stop {
                stopped = true;
                break;
            }
        }
        Ok(Answer {
            text,
            match_score: None,
            confidence: None,
            tokens: TOKENS,
            stopped,
            timing: Timing::default(),
            ..Answer::default()
        })
    }

    fn look(
        &mut self,
        _: &Prepared,
        _: &Prompt,
        text: &str,
        word: Range<usize>,
    ) -> Result<HeatMap, AnswerError> {
        self.begin()?;
        self.pause();
        // How long the word is, and how long the text is.
        let values = [word.len(), text.len()].map(|length| length as f32 / 100.0);
        HeatMap::new(2, 1, values.to_vec())
            .ok_or_else(|| AnswerError::Look("Scripted: no map".into()))
    }
}

/// A number in letters: what a model may not say in digits.
fn letters(number: usize) -> String {
    let letter = |digit: char| char::from(b'a' + digit.to_digit(10).unwrap() as u8);
    number.to_string().chars().map(letter).collect()
}

fn brightness(image: &Prepared) -> usize {
    image.grey.iter().map(|grey| usize::from(*grey)).sum()
}

impl Script {
    /// A script whose engine takes that long for each token.
    pub fn with_token_ms(ms: usize) -> Arc<Self> {
        let script = Self::default();
        script.token_ms.store(ms, Ordering::SeqCst);
        Arc::new(script)
    }

    /// Makes engines that follow this script.
    pub fn factory(self: &Arc<Self>) -> EngineFactory {
        let script = Arc::clone(self);
        Arc::new(move |_| {
            if script.load_fails_next.swap(false, Ordering::SeqCst) {
                return Err(AnswerError::Model("scripted: no model".into()));
            }
            script.made.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(Scripted(Arc::clone(&script))))
        })
    }
}

/// Trains in so many steps of 5 ms; a job without data panics.
pub fn train_in_steps(steps: usize) -> TrainFn {
    Arc::new(move |job, progress| {
        assert!(!job.data.is_empty(), "scripted panic in training");
        for step in 1..=steps {
            std::thread::sleep(Duration::from_millis(5));
            let word = TrainingSign::Word(format!("step {step} of {steps}"));
            if progress(word) == Flow::Stop {
                return Err("stopped".into());
            }
        }
        Ok(job.out.clone())
    })
}

/// A training job for [`train_in_steps`].
pub fn job() -> TrainJob {
    TrainJob::new(vec![PathBuf::from("data")], PathBuf::from("out"))
}

/// An image of one grey, named after it.
pub fn image(grey: u8) -> Arc<Opened> {
    let hash = format!("grey {grey}");
    let micrograph = Micrograph {
        calibration: None,
        metadata: Default::default(),
        pixels: Pixels::Grey8(vec![grey; 64]),
        header: Header {
            format: "PNG",
            width: 8,
            height: 8,
            bits: 8,
            samples: 1,
            pages: 1,
            page: 0,
        },
        hash: hash.clone(),
        source: "x".into(),
    };
    let mut opened = Opened::of(micrograph, &|| true).unwrap();
    opened.prepared = Arc::new(Prepared {
        grey: vec![grey; 64],
        width: 8,
        height: 8,
        hash,
        mask: Mask::default(),
    });
    Arc::new(opened)
}

/// Asks one key about an image.
pub fn ask(image: &Arc<Opened>, key: usize) -> Request {
    let key = Key::ALL[key % Key::ALL.len()];
    let prompt = Prompt {
        key,
        category: None,
    };
    Request::Ask(Box::new(AskJob::about(Arc::clone(image), prompt)))
}

/// A worker and the book of its requests.
pub struct Desk {
    pub worker: Worker,
    /// Events of each request, in order, with the time they were seen.
    pub book: HashMap<RequestId, Vec<(Instant, What)>>,
}

impl Desk {
    /// A worker with a scripted engine and a training of 50 steps.
    pub fn with(script: &Arc<Script>) -> Self {
        Self::serving(services(script, 50))
    }

    /// A worker with services of any kind.
    pub fn serving(services: Services) -> Self {
        Self {
            worker: Worker::start(services, Arc::new(|| {})),
            book: HashMap::new(),
        }
    }

    /// Sends a request.
    pub fn send(&mut self, request: Request) -> RequestId {
        let id = self.worker.send(request);
        self.book.entry(id).or_default();
        id
    }

    /// Takes the next event into the book; false if none comes in time.
    pub fn note(&mut self, timeout: Duration) -> bool {
        let Some(Event { request, what }) = self.worker.wait_event(timeout) else {
            return false;
        };
        self.book
            .entry(request)
            .or_default()
            .push((Instant::now(), what));
        true
    }

    /// The end of a request, waited for.
    pub fn end_of(&mut self, id: RequestId) -> What {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(end) = self.ends(id).into_iter().next() {
                return end;
            }
            assert!(
                Instant::now() < deadline,
                "{id:?} did not end: {:?}",
                self.book[&id]
            );
            self.note(Duration::from_millis(100));
        }
    }

    /// Sends a request and waits for its end.
    pub fn run(&mut self, request: Request) -> What {
        let id = self.send(request);
        self.end_of(id)
    }

    /// Asks and gives back the answer's text.
    pub fn text(&mut self, request: Request) -> String {
        match self.run(request) {
            What::Finished(Outcome::Answered(answer, _)) => answer.text,
            other => panic!("no answer but {other:?}"),
        }
    }

    /// Waits until a request has shown so many signs of life.
    pub fn wait_for_progress(&mut self, id: RequestId, signs: usize) {
        while self.book[&id].len() < signs {
            assert!(
                self.note(Duration::from_secs(20)),
                "{id:?} shows no sign of life"
            );
        }
    }

    /// All ends noted for a request; more than one is a fault.
    pub fn ends(&self, id: RequestId) -> Vec<What> {
        let whats = self.book[&id].iter().map(|(_, what)| what);
        whats
            .filter(|what| !matches!(what, What::Progress(_)))
            .cloned()
            .collect()
    }
}

/// Services with a scripted engine and a training of so many steps.
pub fn services(script: &Arc<Script>, train_steps: usize) -> Services {
    let limits = Limits::default();
    Services {
        evaluate: askem::worker::evaluate_on("cpu", None),
        engine: script.factory(),
        train: train_in_steps(train_steps),
        limits,
        notebook: None,
    }
}
