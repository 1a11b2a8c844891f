//! `askem inspect`: what a file says about itself, read from its header; nothing is decoded.

use super::images::Page;
use super::output::{Output, shown};
use super::{Done, Stop, interrupt};
use crate::micrograph::{self, Header, Limits};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The arguments of `askem inspect`.
#[derive(Args)]
pub struct Arguments {
    /// Image files
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    #[command(flatten)]
    page: Page,
}

/// One line of `--json`. What nothing reads yet is null: unknown, never guessed.
#[derive(Serialize)]
#[allow(non_snake_case, reason = "the field's unit is the kilovolt")]
struct Row {
    file: String,
    format: &'static str,
    width: u32,
    height: u32,
    bits: u8,
    samples: u8,
    pages: u32,
    vendor: Option<String>,
    instrument: Option<String>,
    pixel_size: Option<Map<String, Value>>,
    scale_bar: Option<Map<String, Value>>,
    banner: Option<[u32; 4]>,
    overlays: Vec<[u32; 4]>,
    accelerating_voltage_kV: Option<f64>,
    working_distance_mm: Option<f64>,
    magnification: Option<f64>,
    detector: Option<String>,
    dwell_us: Option<f64>,
    date: Option<String>,
    stage_tilt_deg: Option<f64>,
    tilt_correction: Option<bool>,
    scan_rotation_deg: Option<f64>,
    metadata: Map<String, Value>,
    warnings: Vec<String>,
}

impl Row {
    fn new(file: &Path, header: &Header) -> Self {
        Self {
            file: file.to_string_lossy().into_owned(),
            format: header.format,
            width: header.width,
            height: header.height,
            bits: header.bits,
            samples: header.samples,
            pages: header.pages,
            vendor: None,
            instrument: None,
            pixel_size: None,
            scale_bar: None,
            banner: None,
            overlays: Vec::new(),
            accelerating_voltage_kV: None,
            working_distance_mm: None,
            magnification: None,
            detector: None,
            dwell_us: None,
            date: None,
            stage_tilt_deg: None,
            tilt_correction: None,
            scan_rotation_deg: None,
            metadata: Map::new(),
            warnings: Vec::new(),
        }
    }
}

/// Inspects every image; a file that cannot be read does not stop the others.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Done, Stop> {
    let width = arguments
        .images
        .iter()
        .map(|file| shown(file).chars().count())
        .max()
        .unwrap_or(0)
        .max(4);
    let mut done = Done::All;
    if !output.json {
        output.line(format_args!(
            "{:width$}  format  width  height  bits  samples  pages",
            "file"
        ))?;
    }
    for file in &arguments.images {
        interrupt::check()?;
        match micrograph::inspect_page(file, arguments.page.index(), Limits::default()) {
            Ok(header) if output.json => output.row(&Row::new(file, &header))?,
            Ok(header) => output.line(line(file, &header, width))?,
            Err(error) => {
                output.file_error(file, error)?;
                done = Done::SomeFailed;
            }
        }
    }
    Ok(done)
}

fn line(file: &Path, header: &Header, width: usize) -> String {
    let Header {
        format,
        width: width_px,
        height: height_px,
        bits,
        samples,
        pages,
        ..
    } = header;
    format!(
        "{:width$}  {format:6}  {width_px:5}  {height_px:6}  {bits:4}  {samples:7}  {pages:5}",
        shown(file)
    )
}
