//! `askem inspect`: what a file says about itself, read from its header, and with `--json` what
//! is printed in the picture.

use super::output::{Output, shown};
use super::{Done, Stop, interrupt};
use crate::micrograph::{self, Header, Limits, Printed, ScaleBar};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// The arguments of `askem inspect`.
#[derive(Args)]
pub struct Arguments {
    /// Image files
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
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

impl Row {
    /// Adds what is printed in the picture; the scale bar gives the pixel size where the file
    /// states none. Pixels that cannot be read leave a warning.
    fn add_print(&mut self, file: &Path) {
        let printed = match micrograph::read(file, Limits::default()) {
            Ok(micrograph) => Printed::of(&micrograph),
            Err(error) => {
                self.warnings.push(error.to_string());
                return;
            }
        };
        self.banner = printed.banner;
        self.scale_bar = printed.scale_bar.as_ref().map(scale_bar);
        if let (None, Some(calibration)) = (&self.pixel_size, printed.calibration()) {
            let (x_nm, y_nm) = (calibration.x_nm, calibration.y_nm);
            let size = json!({"x_nm": x_nm, "y_nm": y_nm, "source": "scale_bar", "from": calibration.from});
            self.pixel_size = size.as_object().cloned();
        }
    }
}

/// A scale bar as JSON; places and lengths to a hundredth of a pixel.
fn scale_bar(bar: &ScaleBar) -> Map<String, Value> {
    let px = |value: f64| json!((value * 100.0).round() / 100.0);
    let fields = [
        ("label", json!(bar.label)),
        ("length_px", px(bar.length_px)),
        ("x0", px(bar.x0)),
        ("y0", px(bar.y0)),
        ("x1", px(bar.x1)),
        ("y1", px(bar.y1)),
        ("nm_per_px", json!(bar.nm_per_px)),
    ];
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
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
        match micrograph::inspect(file, Limits::default()) {
            Ok(header) if output.json => {
                let mut row = Row::new(file, &header);
                row.add_print(file);
                output.row(&row)?;
            }
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
    } = header;
    format!(
        "{:width$}  {format:6}  {width_px:5}  {height_px:6}  {bits:4}  {samples:7}  {pages:5}",
        shown(file)
    )
}
