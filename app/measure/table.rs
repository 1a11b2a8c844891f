//! Measurements as tables of comma-separated values: a row a thing, or a row a quantity, for all
//! images, with the unit in every header.
//!
//! What has no unit says so by (1), what is text or yes and no by that. Makes texts and writes no
//! file. Called by `command` and `worker`.

use super::Measurement;
use super::quantity::Unit;
use super::things::{self, Thing};
use std::fmt::Write as _;
use std::path::Path;

/// The columns, in order.
const COLUMNS: [&str; 26] = [
    "file (text)",
    "id (1)",
    "kind (text)",
    "x (px)",
    "y (px)",
    "area (px2)",
    "diameter (px)",
    "feret (px)",
    "min feret (px)",
    "perimeter (px)",
    "width (px)",
    "length (px)",
    "area (nm2)",
    "diameter (nm)",
    "feret (nm)",
    "min feret (nm)",
    "perimeter (nm)",
    "width (nm)",
    "length (nm)",
    "aspect (1)",
    "form factor (1)",
    "solidity (1)",
    "angle (deg)",
    "cut (yes or no)",
    "split (yes or no)",
    "pixel size (nm)",
];

/// The things of all images.
pub struct Table {
    text: String,
}

impl Table {
    /// The headers.
    pub fn new() -> Self {
        Self {
            text: format!("{}\n", COLUMNS.join(",")),
        }
    }

    /// Adds what was measured on an image.
    pub fn add(&mut self, file: &Path, measurement: &Measurement) {
        let file = quoted(&file.to_string_lossy());
        for thing in things::of(measurement) {
            let cells = cells(&file, &thing, measurement.scale.nm_from_px);
            // Writing to a string cannot fail.
            let _ = writeln!(self.text, "{}", cells.join(","));
        }
    }

    /// The table so far.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The quantities of all images, a row each, with the reason of those without a value.
pub struct Numbers {
    text: String,
}

impl Numbers {
    /// The headers. Every value stands in the unit of its row.
    pub fn new() -> Self {
        let text = "file (text),quantity (text),value (see unit),uncertainty U about 95 % (see unit),\
                    unit (text),measured on (1),note (text)\n";
        Self {
            text: text.to_owned(),
        }
    }

    /// Adds the quantities of an image.
    pub fn add(&mut self, file: &Path, measurement: &Measurement) {
        let file = quoted(&file.to_string_lossy());
        for one in &measurement.quantities {
            let number = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:.6}"));
            let note = match one.reason() {
                Some(reason) => reason.to_string(),
                None => [Some(one.note.clone()), one.limited.clone()]
                    .into_iter()
                    .flatten()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("; "),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                self.text,
                "{file},{},{},{},{},{},{}",
                one.slot,
                number(one.value),
                number(one.uncertainty),
                unit_name(one.unit),
                one.n,
                quoted(&note),
            );
        }
    }

    /// The table so far.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Default for Numbers {
    fn default() -> Self {
        Self::new()
    }
}

/// The name of a unit in plain letters.
pub fn unit_name(unit: Unit) -> &'static str {
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

fn cells(file: &str, thing: &Thing, nm_from_px: Option<f64>) -> [String; COLUMNS.len()] {
    let number = |value: Option<f64>, decimals: usize| {
        value.map_or(String::new(), |value| format!("{value:.decimals$}"))
    };
    let px = |value: Option<f64>| number(value, 3);
    let nm = |value: Option<f64>, power: i32| {
        let value = value.zip(nm_from_px).map(|(px, nm)| px * nm.powi(power));
        number(value, 5)
    };
    let is = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    [
        file.to_owned(),
        thing.id.to_string(),
        thing.kind.to_owned(),
        px(Some(thing.at[0])),
        px(Some(thing.at[1])),
        px(thing.area),
        px(thing.diameter),
        px(thing.feret),
        px(thing.min_feret),
        px(thing.perimeter),
        px(thing.width),
        px(thing.length),
        nm(thing.area, 2),
        nm(thing.diameter, 1),
        nm(thing.feret, 1),
        nm(thing.min_feret, 1),
        nm(thing.perimeter, 1),
        nm(thing.width, 1),
        nm(thing.length, 1),
        number(thing.aspect, 4),
        number(thing.form_factor, 4),
        number(thing.solidity, 4),
        number(thing.angle_deg, 2),
        is(thing.is_cut),
        is(thing.is_split),
        number(nm_from_px, 6),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_field() {
        assert_eq!(quoted("a.png"), "a.png");
        assert_eq!(quoted("a, \"b\".png"), "\"a, \"\"b\"\".png\"");
        assert_eq!(quoted("=1+1.png"), "'=1+1.png");
    }

    #[test]
    fn every_header_has_its_unit() {
        for column in COLUMNS {
            assert!(column.ends_with(')') && column.contains(" ("), "{column}");
        }
    }
}
