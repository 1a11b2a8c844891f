//! Asks engines about tested images, several at once, each on a processor of its own.
//!
//! What is written down of an image depends on it and the model alone, never on which engine took
//! it or what that was asked before. Called by `evaluation`.

use super::fitted::Fitted;
use super::looks::Look;
use super::tested::{Question, Test};
use super::{EvaluationError, tell};
use crate::answer::{AnswerError, Answerer, Flow, Prompt, named, open_engine};
use crate::dataset::Known;
use crate::evaluate::record::{Asked, Check, Guesser, Measured, Said, Seen, Setting, Teller};
use crate::measure::quantity::Bound;
use crate::measure::{self, Field, Measurement, Options};
use crate::micrograph::{self, Edits, Limits, Mask, Micrograph, Prepared, Printed};
use crate::questions::{Category, slots};
use crate::worker::protocol::EvaluationSign;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPoolBuilder;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Engines at most: each holds the model's weights.
const MOST_ENGINES: usize = 8;
/// The side of the images that show nothing, in pixels: as many as networks usually see.
const NOTHING_PX: u32 = 224;
/// How long is waited for a result before the listener is asked whether to go on.
const TICK: Duration = Duration::from_millis(50);
/// The slots that hold the usual size, the first that was measured counts.
const SIZES: [&str; 4] = ["size.median", "pore.median", "width.median", "linewidth"];

/// The engines of one model.
pub(super) struct Crew {
    model: Option<String>,
    wanted_device: String,
    /// Engines that are loaded and at no work.
    idle: Mutex<Vec<Box<dyn Answerer>>>,
    /// How many work at once.
    engines: usize,
    /// The model's name.
    pub name: String,
    /// Where it computes.
    pub device: String,
    /// BLAKE3 of its files.
    pub hash: String,
    /// Slots that its tokenizer has no word for.
    pub slots_missing: usize,
}

impl Crew {
    /// Of a model's name or folder, or the one in use.
    pub fn of(model: Option<&str>, device: &str) -> Result<Self, AnswerError> {
        let (_, files) = named(model)?;
        let mut hasher = blake3::Hasher::new();
        for bytes in [
            &files.config,
            &files.weights,
            &files.tokenizer,
            &files.preprocessor,
        ] {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        }
        let tokenizer = String::from_utf8_lossy(&files.tokenizer);
        let is_missing = |slot: &&String| !tokenizer.contains(slot.as_str());
        let slots_missing = slots::tokens().iter().filter(is_missing).count();
        let first = open_engine(model, device)?;
        let described = first.describe();
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            model: model.map(str::to_owned),
            wanted_device: device.to_owned(),
            idle: Mutex::new(vec![first]),
            engines: match described.device.as_str() {
                "cpu" => processors.min(MOST_ENGINES),
                _ => 1,
            },
            name: described.model,
            device: described.device,
            hash: hasher.finalize().to_hex().to_string(),
            slots_missing,
        })
    }

    /// Does `work` on every item, and gives back what came of it in the order of the items. The
    /// work asks its last argument at every token whether to go on.
    pub fn over<I: Sync, T: Send>(
        &self,
        what: &'static str,
        items: &[I],
        progress: &mut dyn FnMut(EvaluationSign) -> Flow,
        work: &Work<'_, I, T>,
    ) -> Result<Vec<T>, EvaluationError> {
        let (next, stops) = (AtomicUsize::new(0), AtomicBool::new(false));
        let go_on = || match stops.load(Ordering::Relaxed) {
            true => Flow::Stop,
            false => Flow::Continue,
        };
        // On one thread each: the matrices of one question are too small to share.
        let hand = |sender: Sender<Done<T>>| {
            let alone = ThreadPoolBuilder::new().num_threads(1).build();
            let alone = alone.map_err(|why| AnswerError::Model(why.to_string()));
            let (alone, mut engine) = match alone.and_then(|alone| Ok((alone, self.engine()?))) {
                Ok(both) => both,
                Err(why) => return drop(sender.send(Err(why))),
            };
            while go_on() == Flow::Continue {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(place) else {
                    break;
                };
                let result = alone.install(|| work(engine.as_mut(), item, &go_on));
                if sender.send(result.map(|result| (place, result))).is_err() {
                    break;
                }
            }
            self.idle().push(engine);
        };
        thread::scope(|scope| {
            let (sender, results) = unbounded();
            for _ in 0..self.engines.min(items.len()) {
                let (sender, hand) = (sender.clone(), &hand);
                scope.spawn(move || hand(sender));
            }
            drop(sender);
            let gathered = gathered(what, items.len(), &results, progress);
            stops.store(true, Ordering::Relaxed);
            gathered
        })
    }
}

impl Crew {
    /// An engine at no work, or a new one.
    fn engine(&self) -> Result<Box<dyn Answerer>, AnswerError> {
        // Nothing may be held while an engine is loaded.
        let idle = self.idle().pop();
        match idle {
            Some(engine) => Ok(engine),
            None => open_engine(self.model.as_deref(), &self.wanted_device),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Box<dyn Answerer>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says whether to go on.
pub(super) type GoOn<'a> = dyn Fn() -> Flow + Sync + 'a;

/// What is done with an item.
type Work<'a, I, T> =
    dyn Fn(&mut dyn Answerer, &I, &GoOn<'_>) -> Result<T, AnswerError> + Sync + 'a;

/// The place of an item and what came of it.
type Done<T> = Result<(usize, T), AnswerError>;

/// Takes results as they come, and tells how many there are.
fn gathered<T>(
    what: &'static str,
    count: usize,
    results: &Receiver<Done<T>>,
    progress: &mut dyn FnMut(EvaluationSign) -> Flow,
) -> Result<Vec<T>, EvaluationError> {
    let mut all: Vec<Option<T>> = (0..count).map(|_| None).collect();
    let mut done = 0;
    loop {
        match results.recv_timeout(TICK) {
            Ok(result) => {
                let (place, result) = result?;
                if let Some(empty) = all.get_mut(place) {
                    *empty = Some(result);
                }
                done += 1;
                tell(
                    progress,
                    EvaluationSign::Images {
                        what,
                        done,
                        of: count,
                    },
                )?;
            }
            Err(RecvTimeoutError::Timeout) => tell(progress, EvaluationSign::Waiting)?,
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    Ok(all.into_iter().flatten().collect())
}

/// A tested file with all that is asked of it.
pub(super) struct Picture {
    micrograph: Micrograph,
    mask: Mask,
    printed: Printed,
    /// What engines see of it.
    pub prepared: Prepared,
}

impl Picture {
    /// Reads a file; what is wrong with it is a sentence.
    pub fn read(file: &Path) -> Result<Self, String> {
        let micrograph = micrograph::read(file, Limits::default()).map_err(|why| {
            let name = file.file_name().unwrap_or(file.as_os_str());
            format!("{}: {why}", name.to_string_lossy())
        });
        let mut micrograph = micrograph?;
        let printed = Printed::of(&micrograph);
        if micrograph.calibration.is_none() {
            micrograph.calibration = printed.calibration();
        }
        let size = [micrograph.width(), micrograph.height()];
        let mask = Mask::of(size, &printed, &Edits::default());
        Ok(Self {
            prepared: Prepared::masked(&micrograph, &mask),
            micrograph,
            mask,
            printed,
        })
    }
}

/// Everything that is written down of a tested image; a sentence where it cannot be read.
pub(super) fn seen(
    engine: &mut dyn Answerer,
    test: &Test,
    fitted: Option<&Fitted>,
    go_on: &GoOn<'_>,
) -> Result<Result<Seen, String>, AnswerError> {
    let picture = match Picture::read(&test.example.image) {
        Ok(picture) => picture,
        Err(why) => return Ok(Err(why)),
    };
    let classified = engine.classify(&picture.prepared)?;
    let predicted = (!classified.none_of_these).then(|| classified.best().0);
    let mut guesses = vec![(Guesser::Model, classified)];
    let look = match fitted {
        Some(fitted) => {
            let look = Look::of(engine, &picture.prepared)?;
            guesses.extend(fitted.guesses(&look));
            Some((fitted, look))
        }
        None => None,
    };
    let mut asker = Asker {
        engine,
        go_on,
        given: test.example.category,
        predicted,
        questions: &test.questions,
        said: test.questions.iter().map(|_| Vec::new()).collect(),
    };
    asker.ask(&picture.prepared)?;
    if let Some((fitted, look)) = &look {
        asker.guess(fitted, look);
    }
    asker.ask_of_others(test)?;
    let said = asker.said;
    let questions = test
        .questions
        .iter()
        .zip(said)
        .map(|(question, said)| Asked {
            key: question.key,
            references: question.references.clone(),
            said,
        });
    let example = &test.example;
    Ok(Ok(Seen {
        file: example.file.clone(),
        hash: picture.micrograph.hash.clone(),
        specimen: example.specimen.clone(),
        category: example.category,
        guesses,
        questions: questions.collect(),
        checks: match test.is_measured {
            true => checks(&picture, &example.known, example.category),
            false => Vec::new(),
        },
    }))
}

/// The questions about one image, while they are asked.
struct Asker<'a> {
    engine: &'a mut dyn Answerer,
    go_on: &'a GoOn<'a>,
    given: Option<Category>,
    predicted: Option<Category>,
    questions: &'a [Question],
    /// What was said to each question.
    said: Vec<Vec<Said>>,
}

impl Asker<'_> {
    /// The settings that an image can be asked about in, with what is known in each.
    fn settings(&self) -> Vec<(Setting, Option<Category>)> {
        let given = self.given.map(|category| (Setting::Given, Some(category)));
        given
            .into_iter()
            .chain([(Setting::Predicted, self.predicted)])
            .collect()
    }

    fn ask(&mut self, image: &Prepared) -> Result<(), AnswerError> {
        for (setting, category) in self.settings() {
            for place in 0..self.questions.len() {
                self.put(image, place, setting, category, Teller::Model)?;
            }
        }
        Ok(())
    }

    /// What the baselines answer: they know of the category what the setting says, and where it is
    /// predicted, nothing.
    fn guess(&mut self, fitted: &Fitted, look: &Look) {
        for (setting, _) in self.settings() {
            let category = self.given.filter(|_| setting == Setting::Given);
            for (question, said) in self.questions.iter().zip(&mut self.said) {
                let guesses = [
                    (
                        Teller::MostFrequent,
                        fitted.most_frequent(question.key, category),
                    ),
                    (
                        Teller::Nearest,
                        fitted.nearest(look, question.key, category),
                    ),
                ];
                said.extend(guesses.into_iter().filter_map(|(teller, text)| {
                    Some(Said {
                        setting,
                        teller,
                        text: text?.to_owned(),
                    })
                }));
            }
        }
    }

    /// Asks the same of images that show something else or nothing, in the first setting.
    fn ask_of_others(&mut self, test: &Test) -> Result<(), AnswerError> {
        let controls: Vec<usize> = (0..self.questions.len())
            .filter(|place| self.questions[*place].has_controls)
            .collect();
        let Some((setting, category)) = self.settings().first().copied() else {
            return Ok(());
        };
        if controls.is_empty() {
            return Ok(());
        }
        let elsewhere = test.elsewhere.as_ref();
        let elsewhere = elsewhere.and_then(|file| Picture::read(file).ok());
        let others = [
            elsewhere.map(|picture| (Teller::Elsewhere, picture.prepared)),
            Some((Teller::Blank, nothing("blank", |grey| grey.fill(128)))),
            Some((Teller::Noise, nothing("noise", noise))),
        ];
        for (teller, image) in others.into_iter().flatten() {
            for place in &controls {
                self.put(&image, *place, setting, category, teller)?;
            }
        }
        Ok(())
    }

    fn put(
        &mut self,
        image: &Prepared,
        place: usize,
        setting: Setting,
        category: Option<Category>,
        teller: Teller,
    ) -> Result<(), AnswerError> {
        let key = self.questions[place].key;
        let (go_on, prompt) = (self.go_on, Prompt { key, category });
        let answer = self.engine.answer(image, &prompt, &mut |_| go_on())?;
        self.said[place].push(Said {
            setting,
            teller,
            text: answer.text,
        });
        Ok(())
    }
}

/// An image that shows nothing.
fn nothing(name: &str, fill: impl Fn(&mut [u8])) -> Prepared {
    let mut grey = vec![0; (NOTHING_PX * NOTHING_PX) as usize];
    fill(&mut grey);
    Prepared {
        grey,
        width: NOTHING_PX,
        height: NOTHING_PX,
        hash: format!("askem-control-{name}"),
        mask: Mask::default(),
    }
}

fn noise(grey: &mut [u8]) {
    ChaCha8Rng::seed_from_u64(0).fill_bytes(grey);
}

/// Measured numbers beside known ones.
fn checks(picture: &Picture, known: &Known, category: Option<Category>) -> Vec<Check> {
    let micrograph = &picture.micrograph;
    let options = Options {
        category,
        ..Options::known(
            micrograph.calibration.as_ref(),
            picture.printed.scale_bar.as_ref(),
            &micrograph.metadata,
        )
    };
    let field = Field::of(micrograph, &picture.mask);
    // One image that measuring cannot take is no reason to lose all others.
    let found = catch_unwind(AssertUnwindSafe(|| measure::measure(&field, &options)));
    let Ok(found) = found else {
        return Vec::new();
    };
    let mut checks = Vec::new();
    if let Some(known) = known.count {
        let count = found.quantities.iter().find(|one| one.slot == "count");
        checks.push(Check {
            of: Measured::Count,
            known,
            found: count.and_then(|one| one.value),
            uncertainty: count.and_then(|one| one.uncertainty),
        });
    }
    checks.extend(size_check(&found, known, micrograph.calibration.is_some()));
    checks
}

/// The usual size, in pixels where that can be, else in nanometres.
fn size_check(found: &Measurement, known: &Known, has_scale: bool) -> Option<Check> {
    let by_px = known.size_nm.zip(known.px_size_nm).map(|(nm, px)| nm / px);
    let size_px = known.size_px.or(by_px);
    let size = SIZES.iter().find_map(|slot| {
        let mut all = found.quantities.iter();
        all.find(|one| one.slot == *slot && one.value.is_some() && one.bound == Bound::Value)
    });
    // Where a scale is known, lengths come in nanometres.
    let px = match has_scale {
        true => found.scale.nm_from_px,
        false => Some(1.0),
    };
    let (known, unit) = match (size_px, known.size_nm) {
        (Some(size_px), _) => (size_px, px?),
        (None, Some(nm)) if has_scale => (nm, 1.0),
        (None, _) => return None,
    };
    Some(Check {
        of: Measured::Size,
        known,
        found: size.and_then(|one| Some(one.value? / unit)),
        uncertainty: size.and_then(|one| Some(one.uncertainty? / unit)),
    })
}
