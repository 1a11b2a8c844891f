//! The image that `--overlay` writes: what was measured drawn over the micrograph, and below it
//! a legend in plain words and a small scale bar.
//!
//! The micrograph keeps its pixels: nothing but the lines is drawn over it, as the legend stands
//! on a strip of its own. It measures nothing. Called by `measure.rs`.

use super::canvas::{self, Canvas};
use super::files::{self, WriteError};
use crate::measure::evidence::Outline;
use crate::measure::{Field, Measurement, Structure, readings};
use crate::micrograph::{Mask, Micrograph, shown_length};
use image::{ImageFormat, Rgb};
use std::f64::consts::TAU;
use std::io;
use std::path::Path;

const STRAND: Rgb<u8> = Rgb([255, 190, 40]);
const LOW_EDGE: Rgb<u8> = Rgb([60, 200, 255]);
const HIGH_EDGE: Rgb<u8> = Rgb([255, 140, 60]);
const CIRCLE: Rgb<u8> = Rgb([255, 70, 70]);
const VECTOR: Rgb<u8> = Rgb([255, 80, 200]);
const CRACK: Rgb<u8> = Rgb([255, 70, 70]);
/// Pixels of the image a pixel of a line, on its longest side.
const PIXELS_A_LINE: usize = 1400;

/// Writes the image of a measurement.
pub fn write(
    file: &Path,
    micrograph: &Micrograph,
    measurement: &Measurement,
) -> Result<(), WriteError> {
    let picture = draw(micrograph, measurement);
    let mut coded = io::Cursor::new(Vec::new());
    picture
        .write_to(&mut coded, ImageFormat::Png)
        .map_err(|error| WriteError::Image {
            file: file.to_owned(),
            error,
        })?;
    files::write(file, coded.get_ref())
}

/// What was measured over the micrograph, and the legend below.
pub fn draw(micrograph: &Micrograph, measurement: &Measurement) -> image::RgbImage {
    let field = Field::of(micrograph, &Mask::default());
    let weight = 1 + field.width.max(field.height) / PIXELS_A_LINE;
    let mut canvas = Canvas::of(&field, weight as u32);
    let mut legend = vec![measurement.summary.clone()];
    objects(&mut canvas, measurement, &mut legend);
    strands(&mut canvas, measurement, &mut legend);
    lines(&mut canvas, measurement, &mut legend);
    layers(&mut canvas, measurement, &mut legend);
    tip(&mut canvas, measurement, &mut legend);
    cracks(&mut canvas, measurement, &mut legend);
    pattern(&mut canvas, measurement, &field, &mut legend);
    if measurement.structure == Structure::Unclear {
        legend.push("Nothing is drawn: no structure could be told apart.".to_owned());
    }
    legend.extend(measurement.disagreement.clone());
    let bar = measurement
        .scale
        .nm_from_px
        .and_then(|nm| canvas::bar(nm, field.width));
    canvas.with_legend(&legend, bar)
}

fn length_text(measurement: &Measurement, px: f64) -> String {
    match measurement.scale.nm_from_px {
        Some(nm) => shown_length(px * nm),
        None => format!("{px:.0} px"),
    }
}

fn objects(canvas: &mut Canvas, measurement: &Measurement, legend: &mut Vec<String>) {
    let sizes = measurement.objects.iter().map(|object| object.diameter_px);
    let (low, high) = sizes.fold((f64::MAX, 0.0f64), |(a, b), px| (a.min(px), b.max(px)));
    if measurement.objects.is_empty() {
        return;
    }
    let outlines = readings::object_outlines(&measurement.objects);
    for (object, outline) in measurement.objects.iter().zip(outlines) {
        // Half as large is a step of its own, whatever the sizes are.
        let part = (object.diameter_px / low).ln() / (high / low).max(1.0 + 1e-9).ln();
        let colour = canvas::ramp(part);
        if object.is_cut {
            canvas.dotted(&outline.points, true, colour);
        } else {
            canvas.polyline(&outline.points, true, colour);
        }
    }
    legend.push(format!(
        "Outlines by size: blue is the smallest, {}; yellow the largest, {}. Dotted: cut by the frame, not among the sizes.",
        length_text(measurement, low),
        length_text(measurement, high)
    ));
}

fn strands(canvas: &mut Canvas, measurement: &Measurement, legend: &mut Vec<String>) {
    let Some(found) = &measurement.fibres else {
        return;
    };
    for outline in readings::strand_outlines(found) {
        canvas.polyline(&outline.points, true, LOW_EDGE);
    }
    for fibre in &found.fibres {
        for middle in &fibre.middle_px {
            let points: Vec<[f64; 2]> = middle
                .iter()
                .map(|(x, y)| [f64::from(*x), f64::from(*y)])
                .collect();
            if fibre.is_partly_hidden {
                canvas.dotted(&points, false, STRAND);
            } else {
                canvas.polyline(&points, false, STRAND);
            }
        }
    }
    legend.push(
        "Yellow: middle lines of strands; blue: their two sides. Dotted: one edge seen, no width."
            .to_owned(),
    );
}

fn lines(canvas: &mut Canvas, measurement: &Measurement, legend: &mut Vec<String>) {
    let Some(found) = &measurement.lines else {
        return;
    };
    for outline in readings::line_outlines(found) {
        let half = outline.points.len() / 2;
        let (low, high) = outline.points.split_at(half);
        canvas.polyline(low, false, LOW_EDGE);
        canvas.polyline(high, false, HIGH_EDGE);
    }
    legend.push(
        "Blue and orange: the two edges of every line that lies whole in the field.".to_owned(),
    );
}

fn layers(canvas: &mut Canvas, measurement: &Measurement, legend: &mut Vec<String>) {
    let Some(found) = &measurement.layers else {
        return;
    };
    for Outline { points, .. } in readings::interface_outlines(found) {
        canvas.polyline(&points, false, HIGH_EDGE);
    }
    legend.push("Orange: interfaces; a layer lies between two of them.".to_owned());
}

fn tip(canvas: &mut Canvas, measurement: &Measurement, legend: &mut Vec<String>) {
    let Some(tip) = &measurement.tip else {
        return;
    };
    canvas.polyline(&readings::tip_outline(tip).points, false, LOW_EDGE);
    let circle: Vec<[f64; 2]> = (0..180)
        .map(|step| {
            let (sin, cos) = (f64::from(step) / 180.0 * TAU).sin_cos();
            [
                tip.centre_px.0 + tip.radius_px * cos,
                tip.centre_px.1 + tip.radius_px * sin,
            ]
        })
        .collect();
    canvas.polyline(&circle, true, CIRCLE);
    legend.push("Blue: the outline of the tip; red: the circle through its apex.".to_owned());
}

fn cracks(canvas: &mut Canvas, measurement: &Measurement, legend: &mut Vec<String>) {
    let Some(surface) = &measurement.surface else {
        return;
    };
    for crack in &surface.cracks {
        for (x, y) in &crack.points_px {
            canvas.dot([*x, *y], CRACK);
        }
    }
    legend.push(match surface.cracks.len() {
        0 => "Nothing is drawn: grain-like features were counted along straight lines.".to_owned(),
        _ => "Red: middle lines of cracks.".to_owned(),
    });
}

fn pattern(
    canvas: &mut Canvas,
    measurement: &Measurement,
    field: &Field<'_>,
    legend: &mut Vec<String>,
) {
    let Some(pattern) = &measurement.pattern else {
        return;
    };
    let centre = [0.5 * field.width as f64, 0.5 * field.height as f64];
    // From an object, so that the arrow is seen to end on the next one.
    let off = |at: &[f64; 2]| (at[0] - centre[0]).hypot(at[1] - centre[1]);
    let centres = measurement.objects.iter().map(|object| object.centre);
    let start = centres
        .min_by(|a, b| off(a).total_cmp(&off(b)))
        .unwrap_or(centre);
    for (x, y) in [Some(pattern.first_px), pattern.second_px]
        .into_iter()
        .flatten()
    {
        canvas.arrow(start, [start[0] + x, start[1] + y], VECTOR);
    }
    legend.push(format!(
        "Pink: the vectors by which it repeats ({} lattice).",
        pattern.lattice.name()
    ));
}
