//! `askem measure`: objects and quantities of images, as text, JSON, CSV and an overlay.
//!
//! Measures through [`crate::measure`] on all cores and writes what it gives; it computes no
//! number of its own. The model has no part in it.

mod files;

use super::images::{Page, ms_since, rounded_ms};
use super::output::{Output, printable, shown};
use super::{Done, Stop, interrupt};
use crate::measure::quantity::{Quantity, Unit};
use crate::measure::{self, Field, Measurement, Object, Polarity, Structure};
use crate::micrograph::{self, Edits, Limits, Mask, Micrograph, Printed};
use crate::questions::Category;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The arguments of `askem measure`.
#[derive(Args)]
pub struct Arguments {
    /// Image files
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// The material, such as Porous_Sponge: it decides whether dark objects are pores
    #[arg(long, value_name = "CATEGORY")]
    category: Option<Category>,
    /// Whether objects are brighter than what is around them [default: decided from the image]
    #[arg(long, value_enum)]
    polarity: Option<Choice>,
    /// Draw the outlines over the image, of one image
    #[arg(long, value_name = "PNG")]
    overlay: Option<PathBuf>,
    /// Write the objects of all images as a table
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    page: Page,
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

/// One line of `--json`.
#[derive(Serialize)]
struct Row {
    file: String,
    calibrated: bool,
    unit: &'static str,
    structure: &'static str,
    polarity: &'static str,
    objects: Vec<ObjectRow>,
    quantities: Map<String, Value>,
    noise: f32,
    blur_px: [Option<f32>; 2],
    clipped: f64,
    steps: Vec<String>,
    warnings: Vec<String>,
    ms: f64,
}

/// An object: its centre in pixels of the image, the rest in the unit of the row.
#[derive(Serialize)]
struct ObjectRow {
    id: u32,
    kind: &'static str,
    x: f64,
    y: f64,
    area: f64,
    diameter: f64,
    feret: f64,
    min_feret: f64,
    perimeter: f64,
    aspect: f64,
    form_factor: f64,
    solidity: f64,
    angle: f64,
    cut: bool,
    split: bool,
}

impl ObjectRow {
    fn new(object: &Object, structure: Structure, unit_from_px: f64) -> Self {
        let digits = |value: f64| (value * 1e4).round() / 1e4;
        let length = |px: f64| digits(px * unit_from_px);
        Self {
            id: object.id,
            kind: if structure == Structure::Pores {
                "pore"
            } else {
                "object"
            },
            x: digits(object.centre[0]),
            y: digits(object.centre[1]),
            area: digits(object.area_px * unit_from_px.powi(2)),
            diameter: length(object.diameter_px),
            feret: length(object.feret_max_px),
            min_feret: length(object.feret_min_px),
            perimeter: length(object.perimeter_px),
            aspect: digits(object.aspect()),
            form_factor: digits(object.form_factor()),
            solidity: digits(object.solidity),
            angle: digits(object.angle_deg),
            cut: object.is_cut,
            split: object.is_split,
        }
    }
}

/// An image and what was measured on it.
struct Measured {
    micrograph: Micrograph,
    measurement: Measurement,
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
    let mut table = files::Table::new();
    for (place, file) in arguments.images.iter().enumerate() {
        interrupt::check()?;
        let all = arguments.images.len();
        output.progress(format_args!("{} of {all}: {}", place + 1, shown(file)));
        let began = Instant::now();
        match measured(file, arguments) {
            Ok(measured) => {
                table.add(file, &measured.measurement);
                if let Some(path) = &arguments.overlay {
                    files::overlay(path, &measured.micrograph, &measured.measurement)
                        .map_err(|error| Stop::Failed(error.to_string()))?;
                }
                if output.json {
                    output.row(&row(file, measured, ms_since(began)))?;
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
        table
            .write(path)
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
    if micrograph
        .metadata
        .stage_tilt_deg
        .is_some_and(|tilt| tilt.abs() > measure::house::planes::TILT_TO_ASK_DEG)
    {
        warnings
            .push("The stage was tilted: lengths along y and areas are foreshortened.".to_owned());
    }
    let mask = Mask::of(size, &printed, &Edits::default());
    let options = measure::Options {
        category: arguments.category,
        polarity: arguments.polarity.map(Polarity::from),
        bar_px,
    };
    let measurement = measure::measure(&Field::of(&micrograph, &mask), &options);
    Ok(Measured {
        micrograph,
        measurement,
        warnings,
    })
}

fn row(file: &Path, measured: Measured, ms: f64) -> Row {
    let Measured {
        measurement,
        warnings,
        ..
    } = measured;
    let nm = measurement.scale.nm_from_px;
    let quantities = measurement.quantities.iter();
    Row {
        file: file.to_string_lossy().into_owned(),
        calibrated: nm.is_some(),
        unit: if nm.is_some() { "nm" } else { "px" },
        structure: measurement.structure.name(),
        polarity: measurement.polarity.name(),
        objects: measurement
            .objects
            .iter()
            .map(|object| ObjectRow::new(object, measurement.structure, nm.unwrap_or(1.0)))
            .collect(),
        quantities: quantities
            .map(|quantity| (quantity.slot.to_owned(), quantity_json(quantity)))
            .collect(),
        noise: measurement.fitness.noise,
        blur_px: measurement.fitness.blur_px,
        clipped: measurement.fitness.clipped,
        steps: measurement.steps,
        warnings,
        ms: rounded_ms(ms),
    }
}

fn quantity_json(quantity: &Quantity) -> Value {
    json!({
        "value": quantity.value,
        "unit": unit_name(quantity.unit),
        "uncertainty": quantity.uncertainty,
        "n": quantity.n,
        "kind": quantity.kind.name(),
        "text": quantity.text(),
        "note": quantity.note,
        "limited": quantity.limited,
        "reason": quantity.reason().map(ToString::to_string),
    })
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Nm => "nm",
        Unit::Px => "px",
        Unit::Nm2 => "nm^2",
        Unit::Px2 => "px^2",
        Unit::PerNm => "1/nm",
        Unit::PerPx => "1/px",
        Unit::PerNm2 => "1/nm^2",
        Unit::PerPx2 => "1/px^2",
        Unit::Share => "share",
        Unit::Degree => "deg",
        Unit::Ratio => "ratio",
        Unit::Count => "count",
    }
}

/// What was measured, for people: the file, how fit it is, then a line a quantity.
fn lines(file: &Path, measured: &Measured) -> Vec<String> {
    let measurement = &measured.measurement;
    let fact = |name: &str, value: &str| printable(&format!("  {name:18}{value}"));
    let whole = measurement
        .objects
        .iter()
        .filter(|object| !object.is_cut)
        .count();
    let mut lines = vec![
        shown(file),
        fact(
            "Structure",
            &format!(
                "{}, {}; {} found, {whole} whole",
                measurement.structure.name(),
                measurement.polarity.name(),
                measurement.objects.len(),
            ),
        ),
    ];
    for quantity in &measurement.quantities {
        lines.push(fact(quantity.slot, &quantity.text_with_note()));
        if let Some(why) = &quantity.limited {
            lines.push(fact("", &format!("limited: {why}")));
        }
    }
    lines.extend(
        measured
            .warnings
            .iter()
            .map(|warning| fact("Warning", warning)),
    );
    lines
}
