//! Gatan DigitalMicrograph: the tags of DM3 and DM4 files, and the private tags of its TIFF
//! export.
//!
//! Each axis has a unit of its own; 1/nm is a diffraction pattern and no length. Called by
//! `mod.rs`.

use super::gatan_tags::{Leaf, Value, walk};
use super::quantity::{Order, date, is_ambiguous, nm_from};
use super::table::{Field, OURS, Offer, Row, Unit, VOLT, apply, choose, row};
use super::text::{Entries, decode};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "Gatan";
pub(super) const EXPORT_NAME: &str = "Gatan (TIFF export)";

/// Scale and unit of x and y in a TIFF export.
const SCALES: [u16; 2] = [65009, 65010];
const UNITS: [u16; 2] = [65003, 65004];

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row(Field::Instrument, "ImageTags/Microscope Info/Name", Unit::Text, "`Session Info` is typed by the user"),
    row(Field::Voltage, "ImageTags/Microscope Info/Voltage", VOLT, "`Formatted Voltage` is rounded"),
    row(Field::Magnification, "ImageTags/Microscope Info/Indicated Magnification", OURS, "`Formatted Indicated Mag` is rounded"),
    row(Field::Dwell, "ImageTags/DigiScan/Sample Time", OURS, "microseconds; cameras have none"),
    row(Field::StageTilt, "ImageTags/Microscope Info/Stage Position/Stage Alpha", OURS, "the main axis, degrees"),
];

/// Reads the file if it is DM3 or DM4.
pub(super) fn read<R: Read + Seek>(reader: &mut R) -> Option<Metadata> {
    let leaves = walk(reader)?;
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    let entries = entries_of(&leaves);
    apply(TABLE, &mut metadata, |key| entries.get(key));
    let illumination = entries.get("ImageTags/Microscope Info/Illumination Mode");
    metadata.instrument = metadata.instrument.map(|name| {
        let name = name.trim_end_matches(" Remote");
        let is_stem = illumination.is_some_and(|mode| mode.starts_with("STEM"));
        format!("{name}{}", if is_stem { " (STEM)" } else { "" })
    });
    metadata.date = date_of(&entries);
    let axis = |axis: usize| {
        let start = format!("ImageData/Calibrations/Dimension/{axis}");
        let scale = entries.get(&format!("{start}/Scale"))?.parse().ok()?;
        nm_from(scale, entries.get(&format!("{start}/Units"))?)
    };
    let from = "ImageData/Calibrations/Dimension, Scale with its own Units";
    let size_nm = axis(0).zip(axis(1)).map(<[f64; 2]>::from);
    choose(&mut metadata, [Offer::of_image(size_nm, from)]);
    metadata.entries = entries.into_list();
    Some(metadata)
}

/// The tags of the last image, which is the first one that is no thumbnail.
fn entries_of(leaves: &[Leaf]) -> Entries {
    let image_of = |path: &str| -> Option<u64> {
        let (place, rest) = path.strip_prefix("ImageList/")?.split_once('/')?;
        rest.starts_with("ImageData/Dimensions/")
            .then(|| place.parse().ok())?
    };
    let last = leaves.iter().filter_map(|(path, _)| image_of(path)).max();
    let start = format!("ImageList/{}/", last.unwrap_or(0));
    let mut entries = Entries::default();
    for (path, value) in leaves {
        let Some(key) = path.strip_prefix(&start) else {
            continue;
        };
        match value {
            Value::Number(number) => entries.push(key, number.to_string()),
            Value::Text(text) => entries.push(key, text),
        }
    }
    entries
}

/// The day is written as the computer does; the system's own clock tells day and month apart.
fn date_of(entries: &Entries) -> Option<String> {
    let day = entries.get("ImageTags/DataBar/Acquisition Date")?;
    let time = entries
        .get("ImageTags/DataBar/Acquisition Time")
        .unwrap_or("");
    let month_first = date(day, time, Order::Mdy);
    let day_first = date(day, time, Order::Dmy);
    if !is_ambiguous(day) {
        return month_first.or(day_first);
    }
    let ticks: f64 = entries
        .get("ImageTags/DataBar/Acquisition Time (OS)")?
        .parse()
        .ok()?;
    let days_of_clock = ticks / 864e9 - DAYS_1601_TO_1970;
    [month_first, day_first]
        .into_iter()
        .flatten()
        .find(|date| days_of(date).is_some_and(|days| (days - days_of_clock).abs() < 2.0))
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
