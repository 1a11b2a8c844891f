//! JEOL scanning microscopes: lines of `$KEY values` in a text file beside the image, or of
//! `$KEY=values` inside the TIFF file of newer instruments.
//!
//! The pixel size is that of the printed scale bar, whose length is whole pixels. Called by
//! `mod.rs`.

use super::quantity::{Order, date, length_nm, number};
use super::table::{
    Field, OURS, Offer, Row, Unit, apply, choose, drop_if_resized, row, size_px as size_of,
};
use super::text::{Entries, decode, decode_utf16le, lines};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "JEOL";
pub(super) const SIDECAR: &str = "the .txt file";

/// A stated magnification is of a photograph this wide.
const PHOTOGRAPH_NM: f64 = 120e6;
/// How far from the end of a file its text begins at most.
const TAIL_BYTES: u64 = 64 << 10;

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row(Field::Voltage, "$CM_ACCEL_VOLT", OURS, "`$SM_GB_GUN_VOLT` is before deceleration"),
    row(Field::WorkingDistance, "$$SM_WD", OURS, "millimetres"),
    row(Field::WorkingDistance, "$SM_WD", OURS, "the same key in newer files"),
    row(Field::Magnification, "$CM_MAG", OURS, "the only key"),
    row(Field::Detector, "$CM_DETECTOR", Unit::Text, "the detector itself"),
    row(Field::Detector, "$CM_SIGNAL", Unit::Text, "where no detector is named"),
    row(Field::ScanRotation, "$$SM_SCAN_ROTATION", OURS, "degrees"),
    row(Field::ScanRotation, "$SM_SCAN_ROTATION", OURS, "the same key in newer files"),
];

/// Reads the text inside a TIFF file.
pub(super) fn read<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let size_px = tags.size_px(0);
    for id in tags.text_ids(0) {
        let bytes = tags.bytes(0, id)?;
        let from = format!("tag {id}");
        if let Some(found) = text_in(&bytes).and_then(|text| of_text(&text, size_px, &from)) {
            return Some(found);
        }
    }
    let tail = tags.tail(TAIL_BYTES);
    of_text(&text_in(&tail)?, size_px, "the text behind the image")
}

/// A text that begins with a key of JEOL, in ASCII or UTF-16.
fn text_in(bytes: &[u8]) -> Option<String> {
    let wide: Vec<u8> = b"$CM_FORMAT".iter().flat_map(|byte| [*byte, 0]).collect();
    if let Some(at) = bytes.windows(wide.len()).position(|part| part == wide) {
        return Some(decode_utf16le(bytes.get(at..)?));
    }
    let at = bytes.windows(10).position(|part| part == b"$CM_FORMAT")?;
    Some(decode(bytes.get(at..)?))
}

/// Reads the text, wherever it stands.
pub(super) fn of_text(text: &str, size_px: Option<[u32; 2]>, place: &str) -> Option<Metadata> {
    if !text.contains("$SEM_DATA_VERSION") && !text.contains("$CM_FORMAT") {
        return None;
    }
    let mut entries = Entries::default();
    for line in lines(text).filter(|line| line.starts_with('$')) {
        let (key, value) = line.split_once([' ', '=']).unwrap_or((line, ""));
        entries.push(key, value);
    }
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    apply(TABLE, &mut metadata, |key| entries.get(key));
    metadata.instrument =
        entries
            .get("$CM_INSTRUMENT")
            .map(|model| match model.starts_with(NAME) {
                true => model.to_owned(),
                false => format!("{NAME} {model}"),
            });
    metadata.date = entries
        .get("$CM_DATE")
        .and_then(|day| date(day, entries.get("$CM_TIME").unwrap_or(""), Order::Ymd));
    // x, y, z, rotation, tilt.
    metadata.stage_tilt_deg = entries
        .get("$CM_STAGE_POS")
        .and_then(|text| number(text.split_whitespace().nth(4)?))
        .filter(|tilt| tilt.abs() <= 360.0);
    let full_px = ["$CM_FULL_SIZE", "$CM_IMAGE_SIZE"]
        .into_iter()
        .find_map(|key| size_of(entries.get(key)?));
    pixel_size(&entries, full_px, place, &mut metadata);
    drop_if_resized(&mut metadata, size_px, full_px);
    metadata.data_bar_rows = size_px.zip(full_px).and_then(|(size, full)| {
        let rows = size[1].checked_sub(full[1]).filter(|rows| *rows > 0);
        rows.filter(|_| size[0] == full[0])
    });
    metadata.entries = entries.into_list();
    Some(metadata)
}

fn pixel_size(entries: &Entries, full_px: Option<[u32; 2]>, place: &str, metadata: &mut Metadata) {
    let either = |long: &str| entries.get(long).or_else(|| entries.get(long.get(1..)?));
    let marker = either("$$SM_MICRON_MARKER").and_then(length_nm);
    let bar = either("$$SM_MICRON_BAR")
        .and_then(number)
        .filter(|px| *px >= 1.0);
    let by_bar = marker.zip(bar).map(|(nm, px)| [nm / px; 2]);
    let magnification = metadata.magnification.zip(full_px);
    // Never alone: a printed magnification is no calibration.
    let by_width = magnification
        .filter(|_| by_bar.is_some())
        .map(|(times, [width, _])| [PHOTOGRAPH_NM / times / f64::from(width); 2]);
    choose(
        metadata,
        [
            Offer::of_image(
                by_bar,
                format!("$$SM_MICRON_MARKER / $$SM_MICRON_BAR, {place}"),
            ),
            // A bar of few pixels is off by more than rounding elsewhere.
            Offer {
                is_comparable: bar.is_some_and(|px| px >= 30.0),
                ..Offer::of_image(
                    by_width,
                    format!("120 mm / $CM_MAG / $CM_FULL_SIZE, {place}"),
                )
            },
        ],
    );
}
