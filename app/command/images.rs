//! What the commands about images share: reading and preparing one file, opening the engine.

use super::{Options, Stop};
use crate::answer::{self, Answerer};
use crate::micrograph::{self, Limits, Prepared, ReadError};
use clap::Args;
use std::path::Path;
use std::time::Instant;

/// Which page of a file is meant.
#[derive(Args, Clone, Copy, Debug)]
pub struct Page {
    /// The page of a file with several, from 1 [default: the one with the data, not a preview]
    #[arg(long = "page", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    from_1: Option<u32>,
}

impl Page {
    /// Its number from 0; `None` where the file decides.
    pub fn from_0(self) -> Option<u32> {
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

/// Reads and prepares one image under the usual limits.
pub fn load(file: &Path, page: Option<u32>) -> Result<Loaded, ReadError> {
    let began = Instant::now();
    let micrograph = micrograph::read_page(file, page, Limits::default())?;
    let prepared = Prepared::new(&micrograph);
    Ok(Loaded {
        prepared,
        load_ms: ms_since(began),
    })
}

/// Opens the engine that the options name.
pub fn open_engine(options: &Options) -> Result<Box<dyn Answerer>, Stop> {
    answer::open_engine(options.model.as_deref(), &options.device)
        .map_err(|error| Stop::Failed(error.to_string()))
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
