//! A folder of simulated micrographs: PNG files and `truth.jsonl`.
//!
//! Images are made in parallel, but names, order and bytes depend on the arguments alone. The
//! list of truths appears whole or not at all. Called by `askem simulate`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::dice::seed_of;
use super::{Scene, scene, seen};
use crate::narrate;
use crate::questions::Category;

/// Why a folder could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The folder or a file in it cannot be written.
    #[error("{} cannot be written ({source}): check the folder's rights and the free space, then run it again.", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An image could not be stored as PNG.
    #[error("{} cannot be stored as PNG ({source}): run it again with another size.", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the encoder said.
        source: image::ImageError,
    },
    /// The caller asked to stop.
    #[error(
        "Stopped on request: the images made so far are in the folder, but truth.jsonl was not written."
    )]
    Stopped,
}

/// The list of truths in the folder.
const TRUTH: &str = "truth.jsonl";

/// How many images are made between two calls of `progress`.
const BATCH: usize = 32;

/// Writes `count` images as `sim-000001.png` and so on, then `truth.jsonl` with one object a
/// line in the same order: file, category, specimen, seed, kind, truth, count and size where they
/// can be measured, and answers.
///
/// Without a category the ten take turns. `progress` hears how many images are done and
/// returns false to stop. A list of an earlier run in the folder is removed first.
///
/// # Errors
/// [`SimulateError`] when the folder cannot be written or `progress` stops the run; then
/// `truth.jsonl` is not written.
pub fn write_folder(
    out: &Path,
    count: usize,
    seed: u64,
    category: Option<Category>,
    longest_px: u32,
    progress: &mut dyn FnMut(usize) -> bool,
) -> Result<(), SimulateError> {
    fs::create_dir_all(out).map_err(|source| SimulateError::Write {
        path: out.to_owned(),
        source,
    })?;
    remove_truth(out)?;
    let mut lines = Vec::with_capacity(count);
    for start in (0..count).step_by(BATCH) {
        let end = (start + BATCH).min(count);
        let failure = Mutex::new(None);
        let batch: Vec<String> = (start..end)
            .into_par_iter()
            .filter_map(
                |index| match write_image(out, index, seed, category, longest_px) {
                    Ok(line) => Some(line),
                    Err(error) => {
                        if let Ok(mut first) = failure.lock() {
                            first.get_or_insert(error);
                        }
                        None
                    }
                },
            )
            .collect();
        if let Ok(Some(error)) = failure.into_inner() {
            return Err(error);
        }
        lines.extend(batch);
        if !progress(end) {
            return Err(SimulateError::Stopped);
        }
    }
    write_truth(out, &lines)
}

fn write_image(
    out: &Path,
    index: usize,
    seed: u64,
    category: Option<Category>,
    longest_px: u32,
) -> Result<String, SimulateError> {
    let category = category.unwrap_or(Category::ALL[index % Category::ALL.len()]);
    let own_seed = seed_of(seed, index as u64);
    let made = scene(category, own_seed, longest_px);
    let stem = format!("sim-{:06}", index + 1);
    let path = out.join(format!("{stem}.png"));
    let line = truth_line(&stem, own_seed, &made);
    let Scene {
        grey,
        width,
        height,
        ..
    } = made;
    image::save_buffer_with_format(
        &path,
        &grey,
        width,
        height,
        image::ColorType::L8,
        image::ImageFormat::Png,
    )
    .map_err(|source| SimulateError::Encode { path, source })?;
    Ok(line)
}

fn truth_line(stem: &str, seed: u64, made: &Scene) -> String {
    let answers: Map<String, Value> = narrate::answers(&made.truth, seed)
        .into_iter()
        .map(|(key, text)| (key.name().to_owned(), Value::String(text)))
        .collect();
    let mut line = json!({
        "file": format!("{stem}.png"),
        "category": made.truth.category.name(),
        "specimen": stem,
        "seed": seed,
        "kind": made.truth.kind,
        "truth": made.truth,
    });
    if seen::has_facts(made) {
        let seen = seen::of(made);
        line["count"] = json!(seen.count);
        line["size_px"] = json!(seen.size_px());
    }
    line["answers"] = Value::Object(answers);
    line.to_string()
}

fn write_truth(out: &Path, lines: &[String]) -> Result<(), SimulateError> {
    let (path, part) = (out.join(TRUTH), out.join(format!("{TRUTH}.part")));
    let write = || -> io::Result<()> {
        let mut file = io::BufWriter::new(fs::File::create(&part)?);
        for line in lines {
            writeln!(file, "{line}")?;
        }
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        fs::rename(&part, &path)
    };
    write().map_err(|source| SimulateError::Write {
        path: path.clone(),
        source,
    })
}

/// Removes the list of an earlier run, which would not fit the images of this one.
fn remove_truth(out: &Path) -> Result<(), SimulateError> {
    let path = out.join(TRUTH);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(SimulateError::Write { path, source })
        }
        _ => Ok(()),
    }
}
