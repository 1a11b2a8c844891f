//! The line on fitness that stands under an image: scale, view, focus, clipping, what was found.
//!
//! Says what was checked, in words; it decides nothing. Called by `measure`.

use super::house::{Fitness as Verdict, fitness as limits};
use super::printing::{range, to_digits};
use super::quantity::Unit;
use super::tilt::Tilt;
use super::uncertainty::median;
use super::{Measurement, Structure};
use crate::micrograph::{Calibration, Source};

/// The parts of the line, with dots between them.
pub fn line(measurement: &Measurement, calibration: Option<&Calibration>, tilt: &Tilt) -> String {
    [
        scale(calibration).to_owned(),
        tilt.words(),
        focus(measurement),
        format!(
            "{} % clipped",
            to_digits(100.0 * measurement.fitness.clipped, 1)
        ),
        found(measurement),
    ]
    .join(" · ")
}

fn scale(calibration: Option<&Calibration>) -> &'static str {
    match calibration.map(|calibration| calibration.source) {
        None => "No scale, lengths in pixels",
        Some(Source::ScaleBar) => "Scale: from the bar, not confirmed",
        Some(Source::Folder) => "Scale: yours, for the folder",
        Some(Source::Metadata) => "Scale: from file",
        Some(Source::User) => "Scale: yours",
    }
}

fn focus(measurement: &Measurement) -> String {
    let [x, y] = measurement.fitness.blur_px;
    if let (Some(x), Some(y)) = (x, y) {
        let ratio = f64::from(x.max(y)) / f64::from(x.min(y)).max(1e-6);
        if ratio > limits::BLUR_RATIO {
            return format!("blur {ratio:.1} times as wide one way as the other");
        }
    }
    match measurement.fitness.blur() {
        None => "focus not known, too few edges".to_owned(),
        Some(blur) if blur <= limits::GOOD_BLUR_PX => "focus good".to_owned(),
        Some(blur) => {
            let width = limits::EDGE_WIDTHS_OF_SIGMA * f64::from(blur);
            format!("edges {width:.0} px wide")
        }
    }
}

/// What was found, with a typical size in pixels.
fn found(measurement: &Measurement) -> String {
    let counted = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    match measurement.structure {
        Structure::Objects | Structure::Pores | Structure::Pattern => {
            let is_pore = measurement.structure == Structure::Pores;
            let (one, many) = if is_pore {
                ("whole pore", "whole pores")
            } else {
                ("whole object", "whole objects")
            };
            let whole = measurement.objects.iter().filter(|object| !object.is_cut);
            let mut sizes: Vec<f64> = whole.map(|object| object.diameter_px).collect();
            let count = counted(sizes.len(), one, many);
            let typical = median(&mut sizes);
            let small = match limits::SIZE_PX.at_least(typical) {
                Verdict::Fit => "",
                _ => ", which is small",
            };
            if sizes.is_empty() {
                count
            } else {
                format!("{count}, median {typical:.0} px{small}")
            }
        }
        Structure::Fibres => measurement.fibres.as_ref().map_or(String::new(), |found| {
            let seen = found.fibres.iter().map(|fibre| fibre.width_px);
            let mut widths: Vec<f64> = seen.filter(|width| width.is_finite()).collect();
            let count = counted(widths.len(), "strand", "strands");
            format!(
                "{count} with both edges seen, median width {:.0} px",
                median(&mut widths)
            )
        }),
        Structure::Lines => measurement.lines.as_ref().map_or(String::new(), |found| {
            let mut widths: Vec<f64> = found.lines.iter().map(|line| line.width_px).collect();
            let count = counted(widths.len(), "whole line", "whole lines");
            format!("{count}, median width {:.0} px", median(&mut widths))
        }),
        Structure::Layers => measurement.layers.as_ref().map_or(String::new(), |found| {
            let thickness = found.layers.iter().map(|layer| layer.thickness_px);
            let (low, high) = thickness.fold((f64::MAX, 0.0), |(a, b): (f64, f64), v| {
                (a.min(v), b.max(v))
            });
            let count = counted(found.layers.len(), "layer", "layers");
            format!("{count} of a section, {}", range(low, high, Unit::Px, high))
        }),
        Structure::Tip => measurement.tip.as_ref().map_or(String::new(), |found| {
            format!("one tip, radius {:.0} px", found.radius_px)
        }),
        Structure::Surface => measurement.surface.as_ref().map_or(String::new(), |found| {
            let cracks = found.cracks.len();
            let grains = found
                .intercept_px
                .map(|px| format!("grain-like features about {px:.0} px wide"));
            match (cracks, grains) {
                (0, Some(grains)) => grains,
                (cracks, None) => counted(cracks, "crack", "cracks"),
                (cracks, Some(grains)) => {
                    format!("{}, {grains}", counted(cracks, "crack", "cracks"))
                }
            }
        }),
        Structure::Unclear => "nothing could be told apart".to_owned(),
    }
}
