//! A measurement as one line of `--json`: every field present, null or [] where there is none.
//!
//! Called by `measure.rs`.

use super::Measured;
use crate::command::images::rounded_ms;
use crate::measure::quantity::{Bound, Quantity};
use crate::measure::readings::Evidence;
use crate::measure::table::unit_name;
use crate::measure::things::{self, Thing};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::Path;

/// One line.
#[derive(Serialize)]
pub struct Row {
    file: String,
    calibrated: bool,
    unit: &'static str,
    structure: &'static str,
    category: Option<&'static str>,
    disagreement: Option<String>,
    evidence: Vec<Value>,
    fitness: String,
    polarity: &'static str,
    objects: Vec<Value>,
    lattice: Value,
    quantities: Map<String, Value>,
    noise: f32,
    blur_px: [Option<f32>; 2],
    clipped: f64,
    steps: Vec<String>,
    warnings: Vec<String>,
    ms: f64,
}

impl Row {
    /// The row of a file that took `ms` milliseconds.
    pub fn new(file: &Path, measured: Measured, ms: f64) -> Self {
        let Measured {
            measurement,
            category,
            warnings,
            ..
        } = measured;
        let nm = measurement.scale.nm_from_px;
        let unit_from_px = nm.unwrap_or(1.0);
        let things = things::of(&measurement);
        Self {
            file: file.to_string_lossy().into_owned(),
            calibrated: nm.is_some(),
            unit: if nm.is_some() { "nm" } else { "px" },
            structure: measurement.structure.name(),
            category: category.map(|category| category.name()),
            disagreement: measurement.disagreement,
            evidence: measurement.evidence.iter().map(evidence).collect(),
            fitness: measurement.summary,
            polarity: measurement.polarity.name(),
            objects: things.iter().map(|one| thing(one, unit_from_px)).collect(),
            lattice: measurement.pattern.map_or(Value::Null, |pattern| {
                json!({
                    "name": pattern.lattice.name(),
                    "first_px": pattern.first_px,
                    "second_px": pattern.second_px,
                    "peak": pattern.peak,
                    "periods": digits(pattern.periods),
                })
            }),
            quantities: quantities(&measurement.quantities),
            noise: measurement.fitness.noise,
            blur_px: measurement.fitness.blur_px,
            clipped: measurement.fitness.clipped,
            steps: measurement.steps,
            warnings,
            ms: rounded_ms(ms),
        }
    }
}

fn digits(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn evidence(one: &Evidence) -> Value {
    json!({
        "structure": one.structure.name(),
        "score": digits(one.score),
        "explained": digits(one.fit.explained),
        "supported": digits(one.fit.supported),
        "ruled_out": one.ruled_out,
    })
}

/// A thing, its lengths in the unit of the row.
fn thing(one: &Thing, unit_from_px: f64) -> Value {
    let length = |px: Option<f64>| px.map(|px| digits(px * unit_from_px));
    json!({
        "id": one.id,
        "kind": one.kind,
        "x": digits(one.at[0]),
        "y": digits(one.at[1]),
        "area": one.area.map(|px| digits(px * unit_from_px.powi(2))),
        "diameter": length(one.diameter),
        "feret": length(one.feret),
        "min_feret": length(one.min_feret),
        "perimeter": length(one.perimeter),
        "width": length(one.width),
        "length": length(one.length),
        "aspect": one.aspect.map(digits),
        "form_factor": one.form_factor.map(digits),
        "solidity": one.solidity.map(digits),
        "angle": one.angle_deg.map(digits),
        "cut": one.is_cut,
        "split": one.is_split,
    })
}

/// One object a slot; a slot that has several values (layers) holds the first, and all in
/// `also`.
fn quantities(all: &[Quantity]) -> Map<String, Value> {
    let mut map = Map::new();
    for quantity in all {
        let value = quantity_json(quantity);
        match map.get_mut(quantity.slot) {
            None => {
                map.insert(quantity.slot.to_owned(), value);
            }
            Some(first) => {
                if let Some(also) = first.get_mut("also").and_then(Value::as_array_mut) {
                    also.push(value);
                }
            }
        }
    }
    map
}

fn quantity_json(quantity: &Quantity) -> Value {
    json!({
        "value": quantity.value,
        "unit": unit_name(quantity.unit),
        "uncertainty": quantity.uncertainty,
        "bound": match quantity.bound {
            Bound::Value => "value",
            Bound::AtMost => "at_most",
            Bound::AtLeast => "at_least",
        },
        "n": quantity.n,
        "kind": quantity.kind.name(),
        "text": quantity.text(),
        "note": quantity.note,
        "limited": quantity.limited,
        "reason": quantity.reason().map(ToString::to_string),
        "also": [],
    })
}
