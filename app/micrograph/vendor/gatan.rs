//! Gatan DigitalMicrograph: the tags of DM3 and DM4 files, and the private tags of its TIFF
//! export.
//!
//! Each axis has a unit of its own; 1/nm is a diffraction pattern and no length. Called by
//! `mod.rs`.

use super::quantity::{Order, ambiguity, date, is_ambiguous, nm_from};
use super::table::{Field, OURS, Offer, Row, Unit, VOLT, apply, choose, row};
use super::text::{Entries, decode};
use crate::micrograph::Limits;
use crate::micrograph::dm::{Tags as Tree, Value};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::read::Job;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "Gatan";
pub(super) const EXPORT_NAME: &str = "Gatan (TIFF export)";

/// Scale and unit of x and y in a TIFF export.
const SCALES: [u16; 2] = [65009, 65010];
const UNITS: [u16; 2] = [65003, 65004];

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row(Field::Instrument, "ImageTags.Microscope Info.Name", Unit::Text, "`Session Info` is typed by the user"),
    row(Field::Voltage, "ImageTags.Microscope Info.Voltage", VOLT, "`Formatted Voltage` is rounded"),
    row(Field::Magnification, "ImageTags.Microscope Info.Indicated Magnification", OURS, "`Formatted Indicated Mag` is rounded"),
    row(Field::Dwell, "ImageTags.DigiScan.Sample Time", OURS, "microseconds; cameras have none"),
    row(Field::StageTilt, "ImageTags.Microscope Info.Stage Position.Stage Alpha", OURS, "the main axis, degrees"),
];

/// Reads the file if it is DM3 or DM4.
pub(super) fn read<R: Read + Seek>(reader: &mut R) -> Option<Metadata> {
    let tree = tree_of(reader)?;
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    let entries = entries_of(&tree);
    apply(TABLE, &mut metadata, |key| entries.get(key));
    let illumination = entries.get("ImageTags.Microscope Info.Illumination Mode");
    metadata.instrument = metadata.instrument.map(|name| {
        let name = name.trim_end_matches(" Remote");
        let is_stem = illumination.is_some_and(|mode| mode.starts_with("STEM"));
        format!("{name}{}", if is_stem { " (STEM)" } else { "" })
    });
    set_date(&entries, &mut metadata);
    let axis = |axis: usize| {
        let start = format!("ImageData.Calibrations.Dimension.{axis}");
        let scale = entries.get(&format!("{start}.Scale"))?.parse().ok()?;
        nm_from(scale, entries.get(&format!("{start}.Units"))?)
    };
    let from = "ImageData.Calibrations.Dimension, Scale with its own Units";
    let size_nm = axis(0).zip(axis(1)).map(<[f64; 2]>::from);
    choose(&mut metadata, [Offer::of_image(size_nm, from)]);
    metadata.entries = entries.into_list();
    Some(metadata)
}

fn tree_of<R: Read + Seek>(reader: &mut R) -> Option<Tree> {
    let mut start = [0; 4];
    reader.rewind().ok()?;
    reader.read_exact(&mut start).ok()?;
    let is_dm = matches!(start, [0, 0, 0, 3 | 4]);
    let job = Job::new(String::new(), Limits::default(), &|| false);
    is_dm.then(|| Tree::read(reader, &job).ok())?
}

/// The numbers and texts of the image that was recorded.
fn entries_of(tree: &Tree) -> Entries {
    let mut entries = Entries::default();
    let Some(image) = tree.image() else {
        return entries;
    };
    let start = format!("{image}.");
    for (path, value) in tree.all() {
        let Some(key) = path.strip_prefix(&start) else {
            continue;
        };
        match value {
            Value::Number(number) => entries.push(key, number.to_string()),
            Value::Text(text) => entries.push(key, text),
            Value::Numbers(_) | Value::Array(_) => {}
        }
    }
    entries
}

/// The day is written as the computer does; the system's own clock tells day and month apart.
fn set_date(entries: &Entries, metadata: &mut Metadata) {
    let Some(day) = entries.get("ImageTags.DataBar.Acquisition Date") else {
        return;
    };
    let time = entries
        .get("ImageTags.DataBar.Acquisition Time")
        .unwrap_or("");
    let mut dates = [Order::Mdy, Order::Dmy]
        .into_iter()
        .filter_map(|order| date(day, time, order));
    if !is_ambiguous(day) {
        metadata.date = dates.next();
        return;
    }
    let clock = entries.get("ImageTags.DataBar.Acquisition Time (OS)");
    let ticks: Option<f64> = clock.and_then(|ticks| ticks.parse().ok());
    let days_of_clock = ticks.map(|ticks| ticks / 864e9 - DAYS_1601_TO_1970);
    metadata.date = dates.find(|date| {
        days_of(date)
            .zip(days_of_clock)
            .is_some_and(|(days, clock)| (days - clock).abs() < 2.0)
    });
    if metadata.date.is_none() {
        metadata.warnings.push(ambiguity(day));
    }
}

/// Windows counts from 1601.
const DAYS_1601_TO_1970: f64 = 134_774.0;

/// Days from 1970 to the day of a date in our form.
fn days_of(date: &str) -> Option<f64> {
    let part = |from: usize, to: usize| date.get(from..to)?.parse::<i32>().ok();
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    // Years begin in March here, so that the day of a leap year is the last.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    Some(f64::from(days - 719_469))
}

/// Reads the scale of a TIFF export.
pub(super) fn of_tiff<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let page = tags.page_with(SCALES[0])?;
    let mut entries = Entries::default();
    let mut axis = |place: usize| {
        let (scale, unit) = (*SCALES.get(place)?, *UNITS.get(place)?);
        let scale = tags.double(page, scale)?;
        let unit = decode(&tags.bytes(page, unit)?);
        entries.push(
            ["Scale x", "Scale y"].get(place)?,
            format!("{scale} {unit}"),
        );
        Some((scale, unit))
    };
    let (x, y) = (axis(0)?, axis(1)?);
    let mut metadata = Metadata {
        vendor: Some(EXPORT_NAME),
        ..Metadata::default()
    };
    let size_nm = nm_from(x.0, &x.1)
        .zip(nm_from(y.0, &y.1))
        .map(<[f64; 2]>::from);
    let from = "tags 65009 and 65010 with their units in 65003 and 65004";
    choose(&mut metadata, [Offer::of_image(size_nm, from)]);
    metadata.entries = entries.into_list();
    Some(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (date, days) in [
            ("1970-01-01", 0.0),
            ("2000-02-29", 11_016.0),
            ("2000-03-01", 11_017.0),
            ("2016-08-08T16:26:37", 17_021.0),
        ] {
            assert_eq!(days_of(date), Some(days), "{date}");
        }
    }
}
