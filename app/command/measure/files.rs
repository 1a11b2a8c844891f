//! The files that `askem measure` writes: a table of objects, and an image with their outlines.
//!
//! A file is whole or not there: it is written beside its place and then moved. Called by
//! `measure.rs`.

use crate::measure::{Field, Measurement, Object};
use crate::micrograph::{Mask, Micrograph};
use image::{ImageFormat, Rgb, RgbImage};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system refused.
    #[error("{} could not be written: {error}. Name a folder that is there and may be written to.", file.display())]
    System {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The image could not be coded.
    #[error("{} could not be written as PNG: {error}.", file.display())]
    Image {
        /// The file.
        file: PathBuf,
        /// What the encoder said.
        error: image::ImageError,
    },
}

/// Writes bytes so that the file is whole or not there.
fn write(file: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |error| WriteError::System {
        file: file.to_owned(),
        error,
    };
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut beside = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    beside.write_all(bytes).map_err(failed)?;
    beside.as_file().sync_all().map_err(failed)?;
    beside.persist(file).map_err(|kept| failed(kept.error))?;
    Ok(())
}

/// The objects of all images, a row each.
pub struct Table {
    text: String,
}

impl Table {
    /// The columns. Lengths stand in pixels, and in nanometres where the scale is known.
    pub fn new() -> Self {
        let text = "file,id,structure,x (px),y (px),area (px2),diameter (px),feret (px),\
                    min feret (px),perimeter (px),area (nm2),diameter (nm),feret (nm),\
                    min feret (nm),aspect (1),form factor (1),solidity (1),angle (deg),cut,split\n";
        Self {
            text: text.to_owned(),
        }
    }

    /// Adds the objects of an image.
    pub fn add(&mut self, file: &Path, measurement: &Measurement) {
        let file = quoted(&file.to_string_lossy());
        let structure = measurement.structure.name();
        for object in &measurement.objects {
            let nm = |px: f64, power: i32| {
                let nm = measurement.scale.nm_from_px;
                nm.map_or(String::new(), |nm| format!("{:.5}", px * nm.powi(power)))
            };
            let Object {
                id,
                centre: [x, y],
                area_px,
                diameter_px,
                feret_max_px,
                feret_min_px,
                ..
            } = object;
            // Writing to a string cannot fail.
            let _ = writeln!(
                self.text,
                "{file},{id},{structure},{x:.3},{y:.3},{area_px:.3},{diameter_px:.3},\
                 {feret_max_px:.3},{feret_min_px:.3},{:.3},{},{},{},{},{:.4},{:.4},{:.4},{:.2},{},{}",
                object.perimeter_px,
                nm(*area_px, 2),
                nm(*diameter_px, 1),
                nm(*feret_max_px, 1),
                nm(*feret_min_px, 1),
                object.aspect(),
                object.form_factor(),
                object.solidity,
                object.angle_deg,
                object.is_cut,
                object.is_split,
            );
        }
    }

    /// Writes the table.
    pub fn write(&self, file: &Path) -> Result<(), WriteError> {
        write(file, self.text.as_bytes())
    }
}

/// A field of a table in quotes, if it needs them. A leading sign that spreadsheets take for a
/// formula is kept from them.
fn quoted(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    let text = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Writes the image, stretched, with the outlines of the objects over it.
pub fn overlay(
    file: &Path,
    micrograph: &Micrograph,
    measurement: &Measurement,
) -> Result<(), WriteError> {
    let field = Field::of(micrograph, &Mask::default());
    let mut picture = grey(&field);
    let largest = measurement
        .objects
        .iter()
        .map(|o| o.diameter_px)
        .fold(0.0, f64::max);
    for object in &measurement.objects {
        draw(
            &mut picture,
            &object.outline,
            colour(object.diameter_px / largest.max(1e-9)),
        );
    }
    let mut coded = io::Cursor::new(Vec::new());
    picture
        .write_to(&mut coded, ImageFormat::Png)
        .map_err(|error| WriteError::Image {
            file: file.to_owned(),
            error,
        })?;
    write(file, coded.get_ref())
}

/// The field as 8-bit grey, its darkest and brightest half per cent clipped.
fn grey(field: &Field<'_>) -> RgbImage {
    let mut some: Vec<f32> = field
        .grey
        .iter()
        .step_by(field.grey.len() / 100_000 + 1)
        .copied()
        .collect();
    some.sort_by(f32::total_cmp);
    let at = |share: usize| {
        some.get((some.len().saturating_sub(1)) * share / 1000)
            .copied()
            .unwrap_or(0.0)
    };
    let (low, high) = (at(5), at(995));
    let scale = 255.0 / (high - low).max(f32::MIN_POSITIVE);
    let shade =
        |x: u32, y: u32| ((field.at(x as isize, y as isize) - low) * scale).clamp(0.0, 255.0) as u8;
    RgbImage::from_fn(field.width as u32, field.height as u32, |x, y| {
        Rgb([shade(x, y); 3])
    })
}

/// From blue for the smallest over green to yellow for the largest.
fn colour(size: f64) -> Rgb<u8> {
    let part = size.clamp(0.0, 1.0);
    let mix = |from: f64, to: f64| (from + (to - from) * part) as u8;
    Rgb([mix(40.0, 255.0), mix(150.0, 225.0), mix(255.0, 40.0)])
}

/// Draws a closed line through points whose corners of pixels are at whole numbers.
fn draw(picture: &mut RgbImage, points: &[[f64; 2]], colour: Rgb<u8>) {
    for (place, from) in points.iter().enumerate() {
        let to = points[(place + 1) % points.len()];
        let steps = (to[0] - from[0]).hypot(to[1] - from[1]).ceil().max(1.0) as u32 * 2;
        for step in 0..steps {
            let part = f64::from(step) / f64::from(steps);
            let [x, y] = [0, 1].map(|axis| from[axis] + part * (to[axis] - from[axis]) - 0.5);
            let (x, y) = (x.round(), y.round());
            if x >= 0.0
                && y >= 0.0
                && x < f64::from(picture.width())
                && y < f64::from(picture.height())
            {
                picture.put_pixel(x as u32, y as u32, colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_field() {
        assert_eq!(quoted("a.png"), "a.png");
        assert_eq!(quoted("a, \"b\".png"), "\"a, \"\"b\"\".png\"");
        assert_eq!(quoted("=1+1.png"), "'=1+1.png");
    }
}
