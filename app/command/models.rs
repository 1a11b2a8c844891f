//! `askem models`: which models there are, and how they come in and go out.
//!
//! Installed models are folders of the user's own (`answer::Installed`); the factory model is
//! inside the program and is only shown, checked and exported.

use super::output::{Output, printable, shown};
use super::{Done, Options, Stop, interrupt};
use crate::answer::{FACTORY, Installed, InstalledError, card_of, named};
use askem_model::{Facts, Kind, ModelFiles, check, export, glance};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The arguments of `askem models`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Name the models that are installed, and which one is in use
    List,
    /// Say what a model is
    Show(Model),
    /// Use a model wherever none is named
    Use(Name),
    /// Delete an installed model
    Remove(Name),
    /// Install a copy of a model folder: one that was trained here, or a BLIP that answers
    /// questions, as Hugging Face writes it
    Import(Import),
    /// Write a model folder for other programs: a BLIP for transformers, others with a file for
    /// PyTorch
    Export(Export),
    /// Look whether models are whole
    Check(Models),
}

#[derive(Args)]
struct Model {
    /// A model: its name or its folder
    #[arg(value_name = "NAME|DIR")]
    model: String,
}

#[derive(Args)]
struct Models {
    /// Models: their names or folders
    #[arg(value_name = "NAME|DIR", required = true)]
    models: Vec<String>,
}

#[derive(Args)]
struct Name {
    /// The name of a model
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Args)]
struct Import {
    /// The model folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What it will be called [default: the name of the folder]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

#[derive(Args)]
struct Export {
    /// A model: its name or its folder
    #[arg(value_name = "NAME|DIR")]
    model: String,
    /// The folder to write; must be empty or not yet there
    #[arg(value_name = "DIR")]
    out: PathBuf,
}

/// One line of `--json`: a model. What a list does not look up is null.
#[derive(Default, Serialize)]
struct Row {
    name: String,
    folder: Option<String>,
    kind: Option<&'static str>,
    preset: Option<String>,
    parameters: Option<usize>,
    image_px: Option<usize>,
    tokens: Option<usize>,
    bytes: Option<u64>,
    in_use: bool,
    error: Option<String>,
}

/// Runs one of the actions.
pub fn run(arguments: &Arguments, _: &Options, output: &mut Output) -> Result<Done, Stop> {
    let installed = Installed::of_user();
    let here = || {
        let nowhere = || Stop::Failed(format!("{}.", InstalledError::Nowhere));
        installed.as_ref().ok_or_else(nowhere)
    };
    match &arguments.action {
        Action::List => list(installed.as_ref(), output),
        Action::Show(Model { model }) => show(model, installed.as_ref(), output),
        Action::Use(Name { name }) => {
            here()?.take_into_use(name).map_err(failed)?;
            told(&listed(name, installed.as_ref()), "is in use", output)
        }
        Action::Remove(Name { name }) => {
            let row = listed(name, installed.as_ref());
            here()?.remove(name).map_err(failed)?;
            told(
                &Row {
                    in_use: false,
                    ..row
                },
                "is removed",
                output,
            )
        }
        Action::Import(Import { folder, name }) => {
            let own = folder.file_name().map(|name| name.to_string_lossy());
            let own = own.unwrap_or_default().into_owned();
            let name = name.as_ref().unwrap_or(&own);
            let facts = here()?.import(folder, name).map_err(failed)?;
            let row = listed(name, installed.as_ref()).with(facts);
            told(&row, "is installed", output)
        }
        Action::Export(Export { model, out }) => {
            refuse_full(out)?;
            let (name, files) = open(model)?;
            let card = installed
                .as_ref()
                .and_then(|installed| installed.folder(model));
            let card = match (model.as_str(), card) {
                (FACTORY, _) => askem_assets::factory::CARD.to_owned(),
                (_, Some(folder)) => card_of(&folder),
                (_, None) => card_of(Path::new(model)),
            };
            let facts =
                export(&files, out, &card).map_err(|why| Stop::Failed(format!("{why}.")))?;
            let row = Row {
                name,
                folder: Some(out.to_string_lossy().into_owned()),
                bytes: Some(size_of(out)),
                ..Row::default()
            };
            told(
                &row.with(facts),
                &format!("is written to {}", shown(out)),
                output,
            )
        }
        Action::Check(Models { models }) => check_all(models, installed.as_ref(), output),
    }
}

fn failed(why: InstalledError) -> Stop {
    Stop::Failed(format!("{why}."))
}

fn open(model: &str) -> Result<(String, ModelFiles<'static>), Stop> {
    named(Some(model)).map_err(|why| Stop::Failed(why.to_string()))
}

impl Row {
    fn with(self, facts: Facts) -> Self {
        Self {
            kind: Some(name_of(facts.kind)),
            preset: Some(facts.preset),
            parameters: Some(facts.parameters),
            image_px: Some(facts.image_px),
            tokens: Some(facts.tokens),
            ..self
        }
    }
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Askem => "askem",
        Kind::Blip => "blip",
    }
}

/// What can be said of a model without reading its weights.
fn listed(name: &str, installed: Option<&Installed>) -> Row {
    let in_use = installed.map_or(FACTORY.into(), Installed::in_use) == name;
    let row = Row {
        name: name.into(),
        in_use,
        ..Row::default()
    };
    if name == FACTORY {
        return Row {
            kind: Some("askem"),
            preset: Some("paper".into()),
            bytes: Some(askem_assets::factory::WEIGHTS.len() as u64),
            ..row
        };
    }
    let Some(folder) = installed.and_then(|installed| installed.folder(name)) else {
        return row;
    };
    let row = Row {
        folder: Some(folder.to_string_lossy().into_owned()),
        bytes: Some(size_of(&folder)),
        ..row
    };
    match glance(&folder) {
        Ok((kind, preset)) => Row {
            kind: Some(name_of(kind)),
            preset: Some(preset),
            ..row
        },
        Err(why) => Row {
            error: Some(why.to_string()),
            ..row
        },
    }
}

/// Bytes of the files of a folder, without those in folders inside it.
fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| entry.metadata().ok());
    files
        .filter(|file| file.is_file())
        .map(|file| file.len())
        .sum()
}

fn list(installed: Option<&Installed>, output: &mut Output) -> Result<Done, Stop> {
    let names = installed.map(Installed::names).unwrap_or_default();
    let names = std::iter::once(FACTORY.to_owned()).chain(names);
    let rows: Vec<Row> = names.map(|name| listed(&name, installed)).collect();
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    for row in rows {
        interrupt::check()?;
        if output.json {
            output.row(&row)?;
            continue;
        }
        let mark = if row.in_use { "*" } else { " " };
        let kind = match (&row.error, &row.preset) {
            (Some(error), _) => format!("damaged: {}", printable(error)),
            (None, preset) => printable(preset.as_deref().unwrap_or_default()),
        };
        let size = megabytes(row.bytes);
        output.line(format_args!(
            "{mark} {:width$}  {size:>10}  {kind}",
            row.name
        ))?;
    }
    Ok(Done::All)
}

fn show(model: &str, installed: Option<&Installed>, output: &mut Output) -> Result<Done, Stop> {
    let (name, files) = open(model)?;
    let facts = check(&files).map_err(|why| Stop::Failed(format!("{model}: {why}.")))?;
    let folder = installed.and_then(|installed| installed.folder(model));
    let row = match (model, &folder) {
        (FACTORY, _) | (_, Some(_)) => listed(model, installed),
        (_, None) => Row {
            name,
            folder: Some(model.to_owned()),
            bytes: Some(size_of(Path::new(model))),
            ..Row::default()
        },
    };
    let row = row.with(facts);
    if output.json {
        output.row(&row)?;
        return Ok(Done::All);
    }
    output.line(summary(&row))?;
    let card = match model {
        FACTORY => askem_assets::factory::CARD.to_owned(),
        _ => card_of(folder.as_deref().unwrap_or(Path::new(model))),
    };
    for line in card.lines() {
        output.line(printable(line))?;
    }
    Ok(Done::All)
}

/// Checks models; one that is damaged does not stop the others.
fn check_all(
    models: &[String],
    installed: Option<&Installed>,
    output: &mut Output,
) -> Result<Done, Stop> {
    let mut done = Done::All;
    for model in models {
        interrupt::check()?;
        let checked = named(Some(model)).map_err(|why| why.to_string());
        let checked = checked.and_then(|(name, files)| {
            let facts = check(&files).map_err(|why| format!("{why}."))?;
            Ok((name, facts))
        });
        match checked {
            Ok((name, facts)) => {
                let row = match installed.and_then(|installed| installed.folder(model)) {
                    Some(_) => listed(model, installed),
                    None if model == FACTORY => listed(model, installed),
                    None => Row {
                        name,
                        folder: Some(model.clone()),
                        bytes: Some(size_of(Path::new(model))),
                        ..Row::default()
                    },
                };
                told(&row.with(facts), "is whole", output)?;
            }
            Err(why) => {
                output.file_error(Path::new(model), why)?;
                done = Done::SomeFailed;
            }
        }
    }
    Ok(done)
}

/// A row, or what happened to a model in words.
fn told(row: &Row, what: &str, output: &mut Output) -> Result<Done, Stop> {
    if output.json {
        output.row(row)?;
    } else {
        output.line(format_args!("{} {what}.", printable(&row.name)))?;
        if row.parameters.is_some() {
            output.line(summary(row))?;
        }
    }
    Ok(Done::All)
}

/// "paper, 922,112 weights, 224 px, 3008 tokens, 1.9 MB".
fn summary(row: &Row) -> String {
    let thousands = row.parameters.unwrap_or(0) as f64 / 1e3;
    format!(
        "{}: {thousands:.0} thousand weights, images of {} px, {} tokens, {}",
        printable(row.preset.as_deref().unwrap_or_default()),
        row.image_px.unwrap_or(0),
        row.tokens.unwrap_or(0),
        megabytes(row.bytes)
    )
}

fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or(String::new(), |bytes| {
        format!("{:.1} MB", bytes as f64 / 1e6)
    })
}

/// A folder that holds something is not written into.
fn refuse_full(out: &Path) -> Result<(), Stop> {
    let is_empty = std::fs::read_dir(out).map(|mut entries| entries.next().is_none());
    match is_empty {
        Ok(true) => Ok(()),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(Stop::Failed(format!(
            "{} is there already: name a new folder, or an empty one.",
            shown(out)
        ))),
    }
}
