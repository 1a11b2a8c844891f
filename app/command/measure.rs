//! `askem measure`: what images show, measured, as text, JSON, a table and an overlay.
//!
//! Measures through [`crate::measure`] on all cores and writes what it gives; it computes no
//! number of its own. The model has no part in it.

mod canvas;
mod files;
mod json;
mod overlay;

use super::images::{Page, ms_since};
use super::output::{Output, printable, shown};
use super::{Done, Stop, interrupt};
use crate::measure::quantity::Quantity;
use crate::measure::table::Table;
use crate::measure::tilt::Tilt;
use crate::measure::{self, Field, Measurement, Polarity, Search, Structure};
use crate::micrograph::{self, Edits, Limits, Mask, Micrograph, Printed};
use crate::questions::Category;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The arguments of `askem measure`.
#[derive(Args)]
pub struct Arguments {
    /// Image files
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// The material, such as Porous_Sponge: it says which structures are usual and what is given
    #[arg(long, value_name = "CATEGORY")]
    category: Option<Category>,
    /// Whether objects are brighter than what is around them [default: decided from the image]
    #[arg(long, value_enum)]
    polarity: Option<Choice>,
    /// The grey that parts objects from the ground, in the units of the file [default: each object
    /// has its own]
    #[arg(long, value_name = "GREY", allow_negative_numbers = true, value_parser = grey)]
    threshold: Option<f32>,
    /// Tilt about the image's x axis in degrees, as you confirm it; 0 is a top view [default:
    /// what the file states, and then lengths across the axis wait for your word]
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true, value_parser = tilt_degrees)]
    tilt: Option<f64>,
    /// Draw what was measured over the image, of one image
    #[arg(long, value_name = "PNG")]
    overlay: Option<PathBuf>,
    /// Write everything that was measured one by one, of all images, as a table
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    page: Page,
}

/// A tilt short of looking along the surface.
fn tilt_degrees(text: &str) -> Result<f64, String> {
    let degrees: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if degrees.abs() <= 85.0 {
        Ok(degrees)
    } else {
        Err("a tilt lies between -85 and 85 degrees".to_owned())
    }
}

/// A grey that there can be.
fn grey(text: &str) -> Result<f32, String> {
    let grey: Option<f32> = text.parse().ok();
    let grey = grey.filter(|grey| grey.is_finite());
    grey.ok_or_else(|| "it is no number".to_owned())
}

/// Bright or dark objects.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    /// Brighter than what is around them
    Bright,
    /// Darker
    Dark,
}

impl From<Choice> for Polarity {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Bright => Polarity::Bright,
            Choice::Dark => Polarity::Dark,
        }
    }
}

/// An image and what was measured on it.
struct Measured {
    micrograph: Micrograph,
    measurement: Measurement,
    category: Option<Category>,
    warnings: Vec<String>,
}

/// Measures every image; a file that cannot be read does not stop the others.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Done, Stop> {
    if arguments.overlay.is_some() && arguments.images.len() != 1 {
        return Err(Stop::Usage(
            "--overlay draws one image: name one.".to_owned(),
        ));
    }
    let mut done = Done::All;
    let mut table = Table::new();
    for (place, file) in arguments.images.iter().enumerate() {
        interrupt::check()?;
        let all = arguments.images.len();
        output.progress(format_args!("{} of {all}: {}", place + 1, shown(file)));
        let began = Instant::now();
        match measured(file, arguments) {
            Ok(measured) => {
                table.add(file, &measured.measurement);
                if let Some(path) = &arguments.overlay {
                    overlay::write(path, &measured.micrograph, &measured.measurement)
                        .map_err(|error| Stop::Failed(error.to_string()))?;
                }
                if output.json {
                    output.row(&json::Row::new(file, measured, ms_since(began)))?;
                    continue;
                }
                if place > 0 {
                    output.line("")?;
                }
                for line in lines(file, &measured) {
                    output.line(line)?;
                }
            }
            Err(error) => {
                output.file_error(file, error)?;
                done = Done::SomeFailed;
            }
        }
    }
    if let Some(path) = &arguments.csv {
        files::write(path, table.text().as_bytes())
            .map_err(|error| Stop::Failed(error.to_string()))?;
    }
    Ok(done)
}

fn measured(file: &Path, arguments: &Arguments) -> Result<Measured, micrograph::ReadError> {
    let mut micrograph = micrograph::read_page(file, arguments.page.index(), Limits::default())?;
    let printed = Printed::of(&micrograph);
    let size = [micrograph.width(), micrograph.height()];
    let mut warnings = micrograph.metadata.warnings.clone();
    let mut bar_px = None;
    if micrograph.calibration.is_none() {
        micrograph.calibration = printed.calibration();
        bar_px = printed.scale_bar.as_ref().map(|bar| bar.length_px);
    }
    match &micrograph.calibration {
        None => warnings.push("No scale: lengths are in pixels.".to_owned()),
        Some(_) if bar_px.is_some() => {
            warnings.push("The scale was read from the bar in the image: check it.".to_owned());
        }
        Some(_) => {}
    }
    if printed.panels(size).len() > 1 {
        warnings.push("The image has panels: they were measured together.".to_owned());
    }
    let tilt = tilt(arguments, &micrograph);
    if tilt.is_to_be_asked() {
        warnings.push(format!(
            "The file states a stage tilt of {:.0}°: confirm it by --tilt, or say --tilt 0 for a top view.",
            tilt.angle_deg.abs()
        ));
    }
    let mask = Mask::of(size, &printed, &Edits::default());
    let options = measure::Options {
        category: arguments.category,
        search: Search {
            polarity: arguments.polarity.map(Polarity::from),
            threshold: arguments.threshold,
        },
        bar_px,
        tilt: Some(tilt),
    };
    let measurement = measure::measure(&Field::of(&micrograph, &mask), &options);
    Ok(Measured {
        micrograph,
        measurement,
        category: arguments.category,
        warnings,
    })
}

/// The direction of view: yours, or what the file states.
fn tilt(arguments: &Arguments, micrograph: &Micrograph) -> Tilt {
    let metadata = &micrograph.metadata;
    let is_corrected = metadata.tilt_correction.unwrap_or(false);
    match arguments.tilt {
        Some(angle_deg) => Tilt {
            is_confirmed: true,
            ..Tilt::stated(angle_deg, is_corrected)
        },
        None => Tilt::stated(metadata.stage_tilt_deg.unwrap_or(0.0), is_corrected),
    }
}

/// What was measured, for people: the file, the line on fitness, a line a quantity, then what
/// was not measured and why.
fn lines(file: &Path, measured: &Measured) -> Vec<String> {
    let measurement = &measured.measurement;
    let fact = |name: &str, value: &str| printable(&format!("  {name:18}{value}"));
    let mut lines = vec![
        shown(file),
        printable(&format!("  {}", measurement.summary)),
        fact("Structure", &structure(measurement)),
    ];
    if let Some(disagreement) = &measurement.disagreement {
        lines.push(fact("Note", &format!("{disagreement}.")));
    }
    let (said, unsaid): (Vec<&Quantity>, Vec<&Quantity>) = measurement
        .quantities
        .iter()
        .partition(|quantity| quantity.value.is_some());
    for quantity in said {
        lines.push(fact(quantity.slot, &quantity.text_with_note()));
    }
    for quantity in unsaid {
        lines.push(fact(
            quantity.slot,
            &format!("not measured. {}", quantity.text_with_note()),
        ));
    }
    lines.extend(
        measured
            .warnings
            .iter()
            .map(|warning| fact("Warning", warning)),
    );
    lines
}

/// The kind of structure in words.
fn structure(measurement: &Measurement) -> String {
    let words = measurement.structure.words();
    match measurement.structure {
        Structure::Objects | Structure::Pores | Structure::Pattern => {
            let polarity = measurement.polarity.name();
            let all = measurement.objects.len();
            format!("{words}; {all} {polarity} ones found")
        }
        Structure::Unclear => "could not be told apart".to_owned(),
        _ => words.to_owned(),
    }
}
