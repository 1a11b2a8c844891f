//! `askem bench`: speed and memory on this machine, each beside its budget; best of three.
//!
//! Measures what users wait for: an image opening, the first word of an answer, a folder being
//! classified. The engine is opened as every other command opens it, and asked afresh each
//! time, so that nothing kept from the last try flatters the next.

mod answering;
mod training;

use super::images::{Loader, open_engine, rounded_ms};
use super::output::Output;
use super::{Done, Options, Stop, interrupt};
use crate::answer::{self, AnswerError, Answerer, Flow, Piece, Prompt};
use crate::micrograph::{self, Limits, Prepared};
use crate::questions::Key;
use crate::simulate;
use crate::worker::{Outcome, Request, Services, What, Worker};
use clap::Args;
use image::{ImageBuffer, Luma};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tries of each measurement; the best counts, as the others were disturbed.
const TRIES: usize = 3;
/// Simulated images where none are given, and their longest side in pixels.
const SIMULATED: (usize, u32) = (20, 1024);
/// The answer length that the budget is about.
const ANSWER_TOKENS: f64 = 40.0;

/// The arguments of `askem bench`.
#[derive(Args)]
pub struct Arguments {
    /// Image files to measure with [default: simulated ones]
    #[arg(value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Only read this file, content hash included, and say how long each time took
    #[arg(long, value_name = "IMAGE", conflicts_with = "images")]
    decode: Option<PathBuf>,
    #[command(flatten)]
    answering: answering::AnswerArguments,
    #[command(flatten)]
    training: training::StepArguments,
}

/// One line of `--json`. `budget` is null where there is none, `value` where it is unknown here.
#[derive(Serialize)]
struct Row {
    what: &'static str,
    value: Option<f64>,
    unit: &'static str,
    budget: Option<f64>,
    at_most: bool,
    holds: Option<bool>,
}

/// What is measured, in which unit, and the bound it should keep.
#[derive(Clone, Copy)]
enum Budget {
    AtMost(f64),
    AtLeast(f64),
    None,
}

impl Row {
    fn new(what: &'static str, value: Option<f64>, unit: &'static str, budget: Budget) -> Self {
        let (bound, at_most) = match budget {
            Budget::AtMost(bound) => (Some(bound), true),
            Budget::AtLeast(bound) => (Some(bound), false),
            Budget::None => (None, true),
        };
        let value = value.map(rounded_ms);
        let holds = value.zip(bound).map(|(value, bound)| {
            if at_most {
                value <= bound
            } else {
                value >= bound
            }
        });
        Self {
            what,
            value,
            unit,
            budget: bound,
            at_most,
            holds,
        }
    }

    fn line(&self) -> String {
        let digits = if self.unit == "s" { 3 } else { 1 };
        let value = self.value.map_or("unknown".to_owned(), |value| {
            format!("{value:.digits$} {}", self.unit)
        });
        let sign = if self.at_most { "at most" } else { "at least" };
        let budget = self.budget.map_or(String::new(), |bound| {
            format!("{sign} {bound} {}", self.unit)
        });
        let verdict = self
            .holds
            .map_or("", |holds| if holds { "holds" } else { "MISSED" });
        format!("{:44}  {value:>16}  {budget:20}  {verdict}", self.what)
            .trim_end()
            .to_owned()
    }
}

/// Measures and prints each number as soon as it is known.
pub fn run(arguments: &Arguments, options: &Options, output: &mut Output) -> Result<Done, Stop> {
    if cfg!(debug_assertions) {
        output.note("This is a debug build: its numbers say nothing about the program.");
    }
    if let Some(file) = &arguments.decode {
        return decoding(file, output);
    }
    if let Some(model) = &arguments.answering.answer {
        return answering::answers(model, &arguments.answering, options, output);
    }
    if let Some(preset) = arguments.training.train {
        return training::steps(preset, &arguments.training, options, output);
    }
    let scratch = tempfile::tempdir().map_err(failed)?;
    let loader = Loader::start()?;
    let (files, done) = usable_images(&arguments.images, scratch.path(), &loader, output)?;
    let mut bench = Bench { loader, output };

    let began = Instant::now();
    let mut engine = open_engine(options, bench.output)?;
    bench.report(Row::new(
        "model ready",
        Some(began.elapsed().as_secs_f64()),
        "s",
        Budget::None,
    ))?;
    let first = files
        .first()
        .ok_or_else(|| Stop::Failed("None of the images could be read.".to_owned()))?;
    bench.asking(engine.as_mut(), first)?;
    bench.report(Row::new(
        "memory with one image asked",
        memory_mb("VmRSS"),
        "MB",
        Budget::AtMost(300.0),
    ))?;
    bench.classifying(engine.as_mut(), &files)?;
    drop(engine);
    bench.opening(scratch.path(), options)?;
    bench.report(Row::new(
        "peak memory of this run",
        memory_mb("VmHWM"),
        "MB",
        Budget::None,
    ))?;
    training::rate(options, &mut bench)?;
    Ok(done)
}

/// A file to pixels and their hash, nothing else: what other programs call opening it.
fn decoding(file: &Path, output: &mut Output) -> Result<Done, Stop> {
    let loader = Loader::start()?;
    let mut bench = Bench { loader, output };
    for _ in 0..TRIES {
        let began = Instant::now();
        micrograph::read(file, Limits::default()).map_err(failed)?;
        let took_ms = began.elapsed().as_secs_f64() * 1e3;
        bench.report(Row::new("decode", Some(took_ms), "ms", Budget::None))?;
    }
    Ok(Done::All)
}

/// The images given that can be read, or simulated ones.
fn usable_images(
    given: &[PathBuf],
    scratch: &Path,
    loader: &Loader,
    output: &mut Output,
) -> Result<(Vec<PathBuf>, Done), Stop> {
    let mut done = Done::All;
    if given.is_empty() {
        let (count, longest_px) = SIMULATED;
        let mut progress = |written: usize| {
            output.progress(format_args!("simulating image {written} of {count}"));
            !interrupt::requested()
        };
        let folder = scratch.join("simulated");
        let written = simulate::write_folder(&folder, count, 1, None, longest_px, &mut progress);
        interrupt::check()?;
        written.map_err(failed)?;
        return Ok((images_in(&folder)?, done));
    }
    let mut files = Vec::new();
    for file in given {
        interrupt::check()?;
        match loader.load(file, None) {
            Ok(_) => files.push(file.clone()),
            Err(error) => {
                output.file_error(file, error)?;
                done = Done::SomeFailed;
            }
        }
    }
    Ok((files, done))
}

/// The images below a folder of ours, sorted, so that every run takes the same.
fn images_in(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(images_in(&path)?);
        } else if path.extension().is_some_and(|ending| ending != "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

struct Bench<'a> {
    loader: Loader,
    output: &'a mut Output,
}

impl Bench<'_> {
    fn report(&mut self, row: Row) -> Result<(), Stop> {
        interrupt::check()?;
        if self.output.json {
            self.output.row(&row)
        } else {
            self.output.line(row.line())
        }
    }

    /// First token, 40 tokens and the first token of a second question about the same image.
    fn asking(&mut self, engine: &mut dyn Answerer, file: &Path) -> Result<(), Stop> {
        let prepared = self.loader.load(file, None).map_err(failed)?.prepared;
        let (mut first, mut second, mut token) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
        for attempt in 0..TRIES {
            self.output
                .progress(format_args!("asking, {} of {TRIES}", attempt + 1));
            // Engines keep their encoding under the hash: another one makes them encode again.
            let unseen = Prepared {
                hash: format!("{}-{attempt}", prepared.hash),
                ..prepared.clone()
            };
            let fresh = ask(engine, &unseen, Key::MorphologyShape)?;
            let again = ask(engine, &unseen, Key::SurfaceTexture)?;
            first = first.min(fresh.first_token_s);
            second = second.min(again.first_token_s);
            token = token.min(fresh.token_s).min(again.token_s);
        }
        self.report(Row::new(
            "ask: first token",
            Some(first),
            "s",
            Budget::AtMost(0.2),
        ))?;
        let answer = first + (ANSWER_TOKENS - 1.0) * token;
        self.report(Row::new(
            "ask: 40 tokens, at the rate measured",
            Some(answer),
            "s",
            Budget::AtMost(0.6),
        ))?;
        self.report(Row::new(
            "ask: first token of a second question",
            Some(second),
            "s",
            Budget::AtMost(0.05),
        ))?;
        self.report(Row::new(
            "ask: tokens a second",
            Some(token.recip()),
            "1/s",
            Budget::None,
        ))
    }

    /// A folder, decoding included, as `askem classify` does it.
    fn classifying(&mut self, engine: &mut dyn Answerer, files: &[PathBuf]) -> Result<(), Stop> {
        let mut best = f64::INFINITY;
        for attempt in 0..TRIES {
            self.output.progress(format_args!(
                "classifying {} images, {} of {TRIES}",
                files.len(),
                attempt + 1
            ));
            let began = Instant::now();
            self.loader.each(files, None, |_, _, loaded| {
                let prepared = loaded.map_err(failed)?.prepared;
                engine.classify(&prepared).map(|_| ()).map_err(failed)
            })?;
            best = best.min(began.elapsed().as_secs_f64());
        }
        let rate = files.len() as f64 / best;
        self.report(Row::new(
            "classify: images a second, decoding included",
            Some(rate),
            "1/s",
            Budget::AtLeast(20.0),
        ))
    }

    /// A large 16-bit TIFF, from the request to pixels that can be shown.
    fn opening(&mut self, scratch: &Path, options: &Options) -> Result<(), Stop> {
        let tiff = scratch.join("large.tif");
        write_large_tiff(&tiff)?;
        let (model, device) = (options.model.clone(), options.device.clone());
        let services = Services {
            evaluate: crate::worker::evaluate_on("cpu", None),
            engine: Arc::new(move |_| answer::open_engine(model.as_deref(), &device)),
            train: Arc::new(|_, _| Err("Nothing is trained here.".to_owned())),
            limits: Limits::default(),
            notebook: None,
        };
        let worker = Worker::start(services, Arc::new(|| {}));
        let mut best = f64::INFINITY;
        for attempt in 0..TRIES {
            self.output.progress(format_args!(
                "opening a large TIFF, {} of {TRIES}",
                attempt + 1
            ));
            let began = Instant::now();
            open(&worker, &tiff)?;
            best = best.min(began.elapsed().as_secs_f64());
        }
        self.report(Row::new(
            "open a 4096x3072 16-bit TIFF",
            Some(best),
            "s",
            Budget::AtMost(0.5),
        ))
    }
}

/// Times of one question.
struct Asked {
    first_token_s: f64,
    /// Each token after the first.
    token_s: f64,
}

fn ask(engine: &mut dyn Answerer, image: &Prepared, key: Key) -> Result<Asked, Stop> {
    let began = Instant::now();
    let mut first = None;
    let mut on_piece = |_: Piece| {
        first.get_or_insert_with(|| began.elapsed().as_secs_f64());
        if interrupt::requested() {
            Flow::Stop
        } else {
            Flow::Continue
        }
    };
    let answer = engine.answer(
        image,
        &Prompt {
            key,
            category: None,
        },
        &mut on_piece,
    );
    let total = began.elapsed().as_secs_f64();
    interrupt::check()?;
    let answer = answer.map_err(failed)?;
    let (Some(first_token_s), true) = (first, answer.tokens > 1) else {
        return Err(failed(AnswerError::Model(
            "it wrote less than two tokens".to_owned(),
        )));
    };
    Ok(Asked {
        first_token_s,
        token_s: (total - first_token_s) / (answer.tokens - 1) as f64,
    })
}

fn open(worker: &Worker, file: &Path) -> Result<(), Stop> {
    let request = worker.send(Request::Open(file.to_owned()));
    loop {
        interrupt::check()?;
        let Some(event) = worker.wait_event(Duration::from_millis(50)) else {
            continue;
        };
        match event.what {
            _ if event.request != request => {}
            What::Finished(Outcome::Opened(_)) => return Ok(()),
            What::Failed(sentence) => return Err(Stop::Failed(sentence)),
            What::Cancelled => return Err(Stop::Interrupted),
            What::Finished(_) | What::Progress(_) => {}
        }
    }
}

/// 4096 x 3072 pixels of grain on a slope: no two rows alike, as in a recorded image.
fn write_large_tiff(file: &Path) -> Result<(), Stop> {
    let pixels = ImageBuffer::from_fn(4096, 3072, |x: u32, y: u32| {
        let grain = x
            .wrapping_mul(0x9e37_79b9)
            .wrapping_add(y.wrapping_mul(0x85eb_ca6b))
            .rotate_left(13)
            & 0x1fff;
        Luma([u16::try_from(x * 8 + y * 4 + grain).unwrap_or(u16::MAX)])
    });
    pixels
        .save_with_format(file, image::ImageFormat::Tiff)
        .map_err(failed)
}

/// A line of /proc/self/status in megabytes; unknown where there is no such file.
fn memory_mb(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

fn failed(error: impl std::fmt::Display) -> Stop {
    Stop::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_holds_from_its_own_side() {
        let holds = |value, budget| Row::new("", Some(value), "s", budget).holds;
        assert_eq!(holds(0.2, Budget::AtMost(0.2)), Some(true));
        assert_eq!(holds(0.3, Budget::AtMost(0.2)), Some(false));
        assert_eq!(holds(19.0, Budget::AtLeast(20.0)), Some(false));
        assert_eq!(holds(19.0, Budget::None), None);
        assert_eq!(Row::new("", None, "MB", Budget::AtMost(1.0)).holds, None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_uses_some_memory_and_its_peak_is_no_less() {
        let (now, peak) = (memory_mb("VmRSS"), memory_mb("VmHWM"));
        assert!(now.is_some_and(|mb| mb > 1.0), "{now:?}");
        assert!(peak >= now, "{peak:?} {now:?}");
    }
}
