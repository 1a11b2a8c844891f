//! The measurer: objects and quantities of a micrograph, of all micrographs of a folder, and the
//! files that come of them, off the UI thread.
//!
//! Works in a pool of its own, so that it holds up no answer. What was found once is given back
//! with the next request, and objects that were changed by hand are measured without looking for
//! them anew. Never writes over a file that it was not told to replace. Called through a lane by
//! [`super::Worker`].

use super::lane::{Hands, Lane, Plan};
use super::protocol::{
    FolderJob, FolderReport, MeasureJob, Measured, Opened, Outcome, Progress, View,
};
use super::ticket::Ticket;
use super::whole::put;
use crate::answer::Flow;
use crate::measure::recipe::{Recipe, counts};
use crate::measure::table::{Numbers, Table};
use crate::measure::{self, Field, Measurement, Object, Options, edit};
use crate::micrograph::{self, Calibration, Edits, Limits, Mask, Metadata, Micrograph, Printed};
use crossbeam_channel::Sender;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// One for what is shown, one for a folder.
const WIDTH: usize = 2;
/// A measurement cannot be stopped inside; one that nobody waits for runs out by itself.
const PATIENCE: Duration = Duration::from_millis(50);
/// A recipe is a few lines.
const RECIPE_BYTES_MAX: u64 = 64 << 10;
/// Endings of what is measured of a folder.
const ENDINGS: [&str; 9] = [
    "tif", "tiff", "png", "jpg", "jpeg", "bmp", "webp", "dm3", "dm4",
];

/// What to do.
pub(super) enum Task {
    /// Measure a micrograph.
    Measure(Box<MeasureJob>),
    /// Measure all micrographs of a folder.
    Folder(FolderJob),
    /// Write a text.
    Write(PathBuf, String),
    /// Read a recipe.
    Recipe(PathBuf),
}

/// Opens the lane of the measurer.
pub(super) fn lane(limits: Limits, alive: &Sender<()>) -> Lane<Task> {
    let make_hands = move || -> Hands<Task> {
        let mut pool = None;
        Box::new(move |ticket, task| {
            let pool = match &pool {
                Some(pool) => pool,
                None => &*pool.insert(start_pool()?),
            };
            pool.install(|| work(ticket, task, limits))
        })
    };
    let plan = Plan {
        name: "askem-measurer",
        width: WIDTH,
        patience: Some(PATIENCE),
        even_if_cancelled: false,
        make_hands: Arc::new(make_hands),
    };
    Lane::open(plan, alive)
}

fn start_pool() -> Result<ThreadPool, String> {
    let pool = ThreadPoolBuilder::new().thread_name(|_| "askem-measuring".into());
    pool.build().map_err(|e| {
        format!("The system gave Askem no thread to measure in ({e}). Close other programs and measure again.")
    })
}

fn work(ticket: &Ticket, task: Task, limits: Limits) -> Result<Outcome, String> {
    match task {
        Task::Measure(job) => Ok(Outcome::Measured(Arc::new(shown(ticket, &job)))),
        Task::Folder(job) => folder(ticket, &job, limits).map(Outcome::MeasuredFolder),
        Task::Write(path, text) => {
            write(&path, text.as_bytes(), true)?;
            Ok(Outcome::Written(path))
        }
        Task::Recipe(path) => recipe(&path).map(Outcome::RecipeRead),
    }
}

/// Measures a micrograph as the window wants it; its objects are told before their numbers.
fn shown(ticket: &Ticket, job: &MeasureJob) -> Measured {
    let calibration = job.calibration.as_ref();
    let (field, options) = seen(&job.opened, &job.view, calibration, &job.recipe);
    let found = match &job.found {
        Some(found) => Arc::clone(found),
        None => Arc::new(measure::measure(&field, &options)),
    };
    let may_edit = measure::has_objects(found.structure);
    let edits = if may_edit { &job.edits[..] } else { &[] };
    let (objects, idle) = edit::apply(&found.objects, edits);
    let objects: Arc<Vec<Object>> = Arc::new(objects.into_owned());
    ticket.progress(Progress::Objects(Arc::clone(&objects)));
    let is_as_found = edits.len() == idle.len() && job.recipe.sizes.are_all();
    let numbers = if is_as_found || !may_edit {
        Arc::clone(&found)
    } else {
        Arc::new(numbers(&field, &options, &found, &objects, job))
    };
    Measured {
        found,
        objects,
        numbers,
        idle,
    }
}

/// What a view shows, and how it is measured.
fn seen<'a>(
    opened: &'a Opened,
    view: &View,
    calibration: Option<&Calibration>,
    recipe: &Recipe,
) -> (Field<'a>, Options) {
    let micrograph = &opened.micrograph;
    let size = [micrograph.width(), micrograph.height()];
    let mask = Mask::of(size, &opened.printed, &view.edits);
    let mut field = Field::of(micrograph, &mask);
    field.calibration = calibration.cloned();
    if let Some(region) = view.region {
        field.keep_within(region);
    }
    let options = options(recipe, calibration, &opened.printed, &micrograph.metadata);
    (field, options)
}

/// Measures a view as found, without changes by hand.
pub(super) fn measured(
    opened: &Opened,
    view: &View,
    calibration: Option<&Calibration>,
    recipe: &Recipe,
) -> Measurement {
    let (field, options) = seen(opened, view, calibration, recipe);
    measure::measure(&field, &options)
}

/// The numbers of the objects that count.
fn numbers(
    field: &Field<'_>,
    options: &Options,
    found: &Measurement,
    objects: &[Object],
    job: &MeasureJob,
) -> Measurement {
    let mut numbers = chosen(field, options, found, objects, &job.recipe);
    numbers.steps.extend(edit::words(&job.edits));
    numbers
}

fn chosen(
    field: &Field<'_>,
    options: &Options,
    found: &Measurement,
    objects: &[Object],
    recipe: &Recipe,
) -> Measurement {
    // Limits that are lengths say nothing where the scale is not known.
    let limits = recipe.sizes.in_px(found.scale.nm_from_px);
    let is_in = |object: &&Object| limits.is_none_or(|limits| counts(object, limits));
    let objects = objects.iter().filter(is_in).cloned().collect();
    let mut numbers = measure::chosen(field, options, found, objects);
    if !recipe.sizes.are_all() {
        numbers.steps.push(match limits {
            Some(_) => recipe.sizes.words(),
            None => "all sizes, as limits in nm need a scale".to_owned(),
        });
    }
    numbers
}

fn options(
    recipe: &Recipe,
    calibration: Option<&Calibration>,
    printed: &Printed,
    metadata: &Metadata,
) -> Options {
    Options {
        category: recipe.category,
        search: recipe.search,
        ..Options::known(calibration, printed.scale_bar.as_ref(), metadata)
    }
}

/// Measures a micrograph that nobody looks at.
fn unseen(mut micrograph: Micrograph, recipe: &Recipe) -> Measurement {
    let printed = Printed::of(&micrograph);
    if micrograph.calibration.is_none() {
        micrograph.calibration = printed.calibration();
    }
    let size = [micrograph.width(), micrograph.height()];
    let mask = Mask::of(size, &printed, &Edits::default());
    let field = Field::of(&micrograph, &mask);
    let calibration = micrograph.calibration.as_ref();
    let options = options(recipe, calibration, &printed, &micrograph.metadata);
    let found = measure::measure(&field, &options);
    if recipe.sizes.are_all() || !measure::has_objects(found.structure) {
        return found;
    }
    chosen(&field, &options, &found, &found.objects, recipe)
}

/// Measures the micrographs that lie in a folder, and writes two tables into it.
fn folder(ticket: &Ticket, job: &FolderJob, limits: Limits) -> Result<FolderReport, String> {
    let files = files_of(&job.folder)?;
    let (mut things, mut quantities) = (Table::new(), Numbers::new());
    let mut report = FolderReport::default();
    for (done, file) in files.iter().enumerate() {
        let of = files.len();
        if ticket.progress(Progress::Files { done, of }) == Flow::Stop {
            return Err("Measuring the folder was stopped. Nothing was written.".to_owned());
        }
        let name = Path::new(file.file_name().unwrap_or(file.as_os_str()));
        match micrograph::read_unless(file, None, limits, &|| ticket.is_ended()) {
            Ok(micrograph) => {
                let measurement = unseen(micrograph, &job.recipe);
                things.add(name, &measurement);
                quantities.add(name, &measurement);
                report.measured += 1;
            }
            Err(error) => report.failed.push(error.to_string()),
        }
    }
    if report.measured == 0 {
        let first = report.failed.into_iter().next().unwrap_or_default();
        return Err(format!(
            "No micrograph in the folder could be read. {first}"
        ));
    }
    // Nothing is written for whoever has stopped it meanwhile.
    if ticket.is_ended() {
        return Err("Measuring the folder was stopped.".to_owned());
    }
    for (name, text) in [
        ("askem objects", things.text()),
        ("askem quantities", quantities.text()),
    ] {
        let path = unused(&job.folder, name);
        write(&path, text.as_bytes(), false)?;
        report.written.push(path);
    }
    Ok(report)
}

/// The image files of a folder, by name.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let refused = |why: &dyn std::fmt::Display| {
        format!(
            "{} could not be listed: {why}. Choose a folder of micrographs.",
            folder.display()
        )
    };
    let entries = std::fs::read_dir(folder).map_err(|why| refused(&why))?;
    let is_image = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        path.is_file() && ENDINGS.iter().any(|known| ending == *known)
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = paths.filter(is_image).collect();
    files.sort();
    if files.is_empty() {
        return Err(refused(&"it holds no image files"));
    }
    Ok(files)
}

/// A name in a folder that no file has yet.
fn unused(folder: &Path, name: &str) -> PathBuf {
    let numbered = (2..).map(|number| folder.join(format!("{name} {number}.csv")));
    let mut all = std::iter::once(folder.join(format!("{name}.csv"))).chain(numbered);
    all.find(|path| !path.exists()).unwrap_or_default()
}

/// Writes a file so that it is whole or not there.
fn write(path: &Path, bytes: &[u8], may_replace: bool) -> Result<(), String> {
    put(path, bytes, may_replace).map_err(|why| {
        format!(
            "{} could not be written: {why}. Check the folder, or choose another.",
            path.display()
        )
    })
}

fn recipe(path: &Path) -> Result<Recipe, String> {
    let refused = |why: &dyn std::fmt::Display| {
        format!(
            "{} could not be read: {why}. Choose another file.",
            path.display()
        )
    };
    let file = std::fs::File::open(path).map_err(|why| refused(&why))?;
    let mut text = String::new();
    let mut part = file.take(RECIPE_BYTES_MAX);
    part.read_to_string(&mut text)
        .map_err(|why| refused(&why))?;
    Recipe::from_text(&text).map_err(|why| why.to_string())
}
