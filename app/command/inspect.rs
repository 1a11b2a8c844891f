//! `askem inspect`: what a file says about itself, how its image was taken, and what is printed
//! in the picture.

use super::images::Page;
use super::output::{Output, printable, shown};
use super::{Done, Stop, interrupt};
use crate::micrograph::{
    self, Calibration, Entry, Header, Limits, Metadata, Printed, ReadError, ScaleBar, Source,
    shown_pixel_size,
};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
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
    vendor: Option<&'static str>,
    instrument: Option<String>,
    pixel_size: Option<PixelSize>,
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

/// How large a pixel is and who says so.
#[derive(Serialize)]
struct PixelSize {
    x_nm: f64,
    y_nm: f64,
    source: &'static str,
    from: String,
}

impl Row {
    fn new(file: &Path, header: &Header, metadata: Metadata) -> Self {
        Self {
            file: file.to_string_lossy().into_owned(),
            format: header.format,
            width: header.width,
            height: header.height,
            bits: header.bits,
            samples: header.samples,
            pages: header.pages,
            vendor: metadata.vendor,
            instrument: metadata.instrument,
            pixel_size: metadata.calibration.map(PixelSize::from),
            scale_bar: None,
            banner: None,
            overlays: Vec::new(),
            accelerating_voltage_kV: metadata.accelerating_voltage_kv,
            working_distance_mm: metadata.working_distance_mm,
            magnification: metadata.magnification,
            detector: metadata.detector,
            dwell_us: metadata.dwell_us,
            date: metadata.date,
            stage_tilt_deg: metadata.stage_tilt_deg,
            tilt_correction: metadata.tilt_correction,
            scan_rotation_deg: metadata.scan_rotation_deg,
            metadata: raw(metadata.entries),
            warnings: metadata.warnings,
        }
    }
}

impl From<Calibration> for PixelSize {
    fn from(calibration: Calibration) -> Self {
        Self {
            x_nm: calibration.x_nm,
            y_nm: calibration.y_nm,
            source: match calibration.source {
                Source::User => "user",
                Source::Metadata => "metadata",
                Source::ScaleBar => "scale_bar",
                // Only the window knows of it.
                Source::Folder => "folder",
            },
            from: calibration.from,
        }
    }
}

/// The raw entries; a key that comes again, as on a second page, has its number behind it.
fn raw(entries: Vec<Entry>) -> Map<String, Value> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut map = Map::new();
    for Entry { key, value } in entries {
        let times = seen.entry(key.clone()).or_default();
        *times += 1;
        let key = match *times {
            1 => key,
            times => format!("{key} ({times})"),
        };
        map.insert(key, value.into());
    }
    map
}

/// What a file says and shows.
struct Inspected {
    header: Header,
    metadata: Metadata,
    printed: Printed,
    /// Whether its pixels are colours: a palette of one stored sample may stand for either.
    is_colour: bool,
}

/// Reads a file once. Where the pixels cannot be read, what it says is kept, with a warning.
fn inspected(file: &Path, page: Option<u32>) -> Result<Inspected, ReadError> {
    match micrograph::read_page(file, page, Limits::default()) {
        Ok(micrograph) => Ok(Inspected {
            printed: Printed::of(&micrograph),
            is_colour: micrograph.pixels.samples() > 1,
            header: micrograph.header,
            metadata: micrograph.metadata,
        }),
        Err(error) => {
            let (header, mut metadata) = micrograph::describe(file, page, Limits::default())?;
            metadata.warnings.push(error.to_string());
            Ok(Inspected {
                is_colour: header.samples > 1,
                header,
                metadata,
                printed: Printed::default(),
            })
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
    let mut done = Done::All;
    for (place, file) in arguments.images.iter().enumerate() {
        interrupt::check()?;
        let page = arguments.page.index();
        match inspected(file, page) {
            Ok(mut found) => {
                let stated = found.metadata.calibration.take();
                found.metadata.calibration = stated.or_else(|| found.printed.calibration());
                if output.json {
                    let mut row = Row::new(file, &found.header, found.metadata);
                    row.banner = found.printed.banner;
                    row.scale_bar = found.printed.scale_bar.as_ref().map(scale_bar);
                    output.row(&row)?;
                    continue;
                }
                if place > 0 {
                    output.line("")?;
                }
                for line in lines(file, &found) {
                    output.line(line)?;
                }
            }
            Err(error) => {
                output.file_error(file, error)?;
                done = Done::SomeFailed;
            }
        }
    }
    Ok(done)
}

/// What is known about a file, for people: its name, then a line a fact.
fn lines(file: &Path, found: &Inspected) -> Vec<String> {
    let Inspected {
        header, metadata, ..
    } = found;
    let fact = |name: &str, value: &str| printable(&format!("  {name:22}{value}"));
    let kind = if found.is_colour { "colour" } else { "grey" };
    let image = format!(
        "{} × {} pixels, {}-bit {kind}, {}{}",
        header.width,
        header.height,
        header.bits,
        header.format,
        match header.pages {
            1 => String::new(),
            pages => format!(", {pages} pages"),
        }
    );
    let mut lines = vec![shown(file), fact("Image", &image)];
    lines.push(match &metadata.calibration {
        Some(size) => fact(
            "Pixel size",
            &format!(
                "{}, from the {}",
                shown_pixel_size(size.x_nm, size.y_nm),
                match size.source {
                    Source::ScaleBar => size.from.clone(),
                    _ => format!("file ({})", size.from),
                }
            ),
        ),
        None => fact("Pixel size", "unknown"),
    });
    for rival in &metadata.rivals {
        let size = shown_pixel_size(rival.x_nm, rival.y_nm);
        lines.push(fact("  also stated", &format!("{size} ({})", rival.from)));
    }
    lines.extend(
        metadata
            .facts()
            .iter()
            .map(|(name, value)| fact(name, value)),
    );
    lines.extend(
        metadata
            .warnings
            .iter()
            .map(|warning| fact("Warning", warning)),
    );
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_comes_again_is_kept() {
        let entry = |value: &str| Entry {
            key: "AP_WD".to_owned(),
            value: value.to_owned(),
        };
        let map = raw(vec![entry("1"), entry("2"), entry("3")]);
        let keys: Vec<&str> = map.keys().map(String::as_str).collect();
        assert_eq!(keys, ["AP_WD", "AP_WD (2)", "AP_WD (3)"]);
    }
}
