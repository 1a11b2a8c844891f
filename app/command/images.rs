//! What the commands about images share: reading and preparing one file, opening the engine.

use super::output::Output;
use super::{Options, Stop, interrupt};
use crate::answer::{self, Answerer};
use crate::micrograph::{self, Edits, Limits, Mask, Micrograph, Prepared, Printed, ReadError};
use clap::Args;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Bytes of files that are read at once.
const BYTES_TOGETHER: u64 = 256 << 20;

/// Which page of a file is meant.
#[derive(Args, Clone, Copy, Debug)]
pub struct Page {
    /// The page of a file with several, from 1 [default: the one with the data, not a preview]
    #[arg(long = "page", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    from_1: Option<u32>,
}

impl Page {
    /// Its number from 0; `None` where the file decides.
    pub fn index(self) -> Option<u32> {
        self.from_1.map(|page| page - 1)
    }
}

/// A file as the engines see it.
pub struct Loaded {
    /// The engines' input.
    pub prepared: Prepared,
    /// Milliseconds for reading, decoding and preparing.
    pub load_ms: f64,
}

/// A file with all that its answers rest on.
pub struct Whole {
    /// The pixels as recorded, with the scale that holds.
    pub micrograph: Micrograph,
    /// What is printed in it.
    pub printed: Printed,
    /// What is left out.
    pub mask: Mask,
    /// The engines' input.
    pub prepared: Prepared,
    /// Milliseconds for reading, decoding and preparing.
    pub load_ms: f64,
}

/// Reads images on all cores: what answers beside it keeps to one.
pub struct Loader(ThreadPool);

impl Loader {
    /// Starts its threads.
    pub fn start() -> Result<Self, Stop> {
        let pool = ThreadPoolBuilder::new().build();
        let pool = pool.map_err(|why| Stop::Failed(format!("No thread could be started: {why}.")));
        Ok(Self(pool?))
    }

    /// Reads and prepares one image under the usual limits.
    pub fn load(&self, file: &Path, page: Option<u32>) -> Result<Loaded, ReadError> {
        self.0.install(|| {
            let began = Instant::now();
            let micrograph = micrograph::read_page(file, page, Limits::default())?;
            let prepared = Prepared::new(&micrograph);
            Ok(Loaded {
                prepared,
                load_ms: ms_since(began),
            })
        })
    }

    /// The same with the pixels as recorded and what is printed in them.
    pub fn load_whole(&self, file: &Path, page: Option<u32>) -> Result<Whole, ReadError> {
        self.0.install(|| {
            let began = Instant::now();
            let mut micrograph = micrograph::read_page(file, page, Limits::default())?;
            let printed = Printed::of(&micrograph);
            if micrograph.calibration.is_none() {
                micrograph.calibration = printed.calibration();
            }
            let size = [micrograph.width(), micrograph.height()];
            let mask = Mask::of(size, &printed, &Edits::default());
            Ok(Whole {
                prepared: Prepared::masked(&micrograph, &mask),
                micrograph,
                printed,
                mask,
                load_ms: ms_since(began),
            })
        })
    }

    /// Reads images as [`Loader::load`] does, several at once, and hands them over in order.
    pub fn each(
        &self,
        files: &[PathBuf],
        page: Option<u32>,
        mut hand_over: impl FnMut(usize, &Path, Result<Loaded, ReadError>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut first = 0;
        while first < files.len() {
            interrupt::check()?;
            let many = self.together(&files[first..]);
            let some = &files[first..first + many];
            let load = |file: &PathBuf| self.load(file, page);
            let loaded: Vec<_> = self.0.install(|| some.par_iter().map(load).collect());
            for (place, (file, loaded)) in some.iter().zip(loaded).enumerate() {
                interrupt::check()?;
                hand_over(first + place, file, loaded)?;
            }
            first += many;
        }
        Ok(())
    }

    /// How many of the next files are read at once: one a thread, fewer where they are large,
    /// so that they fit into memory together.
    fn together(&self, files: &[PathBuf]) -> usize {
        let mut bytes = 0;
        let fits = |file: &&PathBuf| {
            bytes += std::fs::metadata(file).map_or(0, |found| found.len());
            bytes <= BYTES_TOGETHER
        };
        let threads = self.0.current_num_threads();
        files.iter().take(threads).take_while(fits).count().max(1)
    }

    /// Runs what shares its work among threads.
    pub fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.0.install(work)
    }
}

/// Opens the engine that the options name; says so where it is on the CPU for want of a GPU.
pub fn open_engine(options: &Options, output: &mut Output) -> Result<Box<dyn Answerer>, Stop> {
    let engine = answer::open_engine(options.model.as_deref(), &options.device)
        .map_err(|error| Stop::Failed(error.to_string()))?;
    if let Some(fallback) = engine.describe().fallback {
        output.note(fallback);
    }
    Ok(engine)
}

/// Milliseconds since `began`, to the microsecond.
pub fn ms_since(began: Instant) -> f64 {
    rounded_ms(began.elapsed().as_secs_f64() * 1e3)
}

/// Milliseconds without digits that mean nothing.
pub fn rounded_ms(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}

/// A probability without digits that mean nothing.
pub fn rounded_share(share: f32) -> f64 {
    (f64::from(share) * 1e6).round() / 1e6
}

/// A probability for people: "93 %", "<1 %".
pub fn percent(share: f32) -> String {
    if share > 0.0 && share < 0.005 {
        "<1 %".to_owned()
    } else {
        format!("{:.0} %", share * 100.0)
    }
}
