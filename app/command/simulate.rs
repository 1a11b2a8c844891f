//! `askem simulate`: micrographs with their truth, in a folder.

use super::images::ms_since;
use super::output::Output;
use super::{Done, Stop, interrupt};
use crate::questions::Category;
use crate::simulate;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// The arguments of `askem simulate`.
#[derive(Args)]
pub struct Arguments {
    /// The folder to write; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many images
    #[arg(long, value_name = "N")]
    count: usize,
    /// The same seed gives the same images, byte for byte
    #[arg(long, value_name = "S")]
    seed: u64,
    /// One material only, such as Nanowires [default: all ten in turn]
    #[arg(long, value_name = "CATEGORY")]
    category: Option<Category>,
    /// Longest side of the images, in pixels
    #[arg(long, value_name = "PX", default_value_t = 512, value_parser = clap::value_parser!(u32).range(32..=8192))]
    size: u32,
}

/// The one line of `--json`.
#[derive(Serialize)]
struct Row {
    out: String,
    truth: String,
    images: usize,
    seed: u64,
    ms: f64,
}

/// Writes the images and `truth.jsonl`.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Done, Stop> {
    let Arguments {
        out,
        count,
        seed,
        category,
        size,
    } = arguments;
    let began = Instant::now();
    let mut progress = |written: usize| {
        output.progress(format_args!("{written} of {count} images"));
        !interrupt::requested()
    };
    let written = simulate::write_folder(out, *count, *seed, *category, *size, &mut progress);
    interrupt::check()?;
    written.map_err(|error| Stop::Failed(error.to_string()))?;
    let truth = out.join("truth.jsonl");
    if output.json {
        output.row(&Row {
            out: out.to_string_lossy().into_owned(),
            truth: truth.to_string_lossy().into_owned(),
            images: *count,
            seed: *seed,
            ms: ms_since(began),
        })?;
    } else {
        output.line(format_args!(
            "{count} images and their truth are in {}",
            out.display()
        ))?;
    }
    Ok(Done::All)
}
