//! Hitachi microscopes: a text file beside the image, and a short extract of it in tag 40092
//! with the model in 40093.
//!
//! Values carry their units; pixel size and marker are bare nanometres. Called by `mod.rs`.

use super::quantity::{Order, date, is_ambiguous, number};
use super::table::{
    Field, OURS, Offer, Row, Unit, apply, choose, drop_if_resized, row, size_px as size_of,
};
use super::text::{Entries, decode_utf16le};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "Hitachi";

const COMMENT: u16 = 40092;
const MODEL: u16 = 40093;

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row(Field::Voltage, "AcceleratingVoltage", Unit::Written, "`Vacc` of `Condition` is rounded"),
    row(Field::Voltage, "Vacc", Unit::Written, "in tag 40092, which has no other"),
    row(Field::WorkingDistance, "WorkingDistance", Unit::Written, "`WD` of `Condition` is rounded"),
    row(Field::WorkingDistance, "WD", Unit::Written, "in tag 40092, which has no other"),
    row(Field::Magnification, "Magnification", OURS, "the only key of its own"),
    row(Field::Magnification, "Mag", OURS, "in tag 40092, which has no other"),
    row(Field::Detector, "SignalName", Unit::Text, "`DisplaySignalName` may be a mix for the screen"),
    row(Field::StageTilt, "StagePositionT", OURS, "degrees"),
    row(Field::TiltCorrection, "TiltCompensation", Unit::Switch, "0 is off"),
    row(Field::ScanRotation, "RasterRotation", OURS, "degrees"),
    row(Field::ScanRotation, "Rotation", OURS, "table-top instruments"),
];

/// Reads the extract in the tags.
pub(super) fn read<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let page = tags.page_with(COMMENT)?;
    let text = decode_utf16le(&tags.bytes(page, COMMENT)?);
    if !text.contains("PixelSize=") && !text.contains("Condition=Vacc") {
        return None;
    }
    let mut entries = Entries::default();
    entries.push_ini(&text);
    let model = tags.bytes(page, MODEL).map(|bytes| decode_utf16le(&bytes));
    Some(metadata_of(entries, model, tags.size_px(page), "tag 40092"))
}

/// Reads the text file.
pub(super) fn of_sidecar(text: &str, size_px: Option<[u32; 2]>) -> Option<Metadata> {
    let first = text.lines().find(|line| !line.trim().is_empty())?.trim();
    let is_table_top = text.contains("InstructName=") && text.contains("PixelSize=");
    if first != "[SemImageFile]" && !is_table_top {
        return None;
    }
    let mut entries = Entries::default();
    // All keys are in one section, whose line table-top instruments leave out.
    entries.push_ini(&text.replacen("[SemImageFile]", "", 1));
    let model = entries.get("InstructName").map(str::to_owned);
    Some(metadata_of(entries, model, size_px, "the .txt file"))
}

fn metadata_of(
    entries: Entries,
    model: Option<String>,
    size_px: Option<[u32; 2]>,
    place: &str,
) -> Metadata {
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    let condition: Vec<(&str, &str)> = entries
        .get("Condition")
        .unwrap_or("")
        .split_whitespace()
        .filter_map(|part| part.split_once('='))
        .collect();
    let value_of = |key: &str| {
        entries.get(key).or_else(|| {
            let (_, value) = condition.iter().find(|(name, _)| *name == key)?;
            Some(value.trim_start_matches('x'))
        })
    };
    apply(TABLE, &mut metadata, value_of);
    metadata.instrument = model.map(|model| with_maker(&model));
    set_date(&entries, &mut metadata);
    let size_nm = entries.get("PixelSize").and_then(number);
    choose(
        &mut metadata,
        [Offer::of_image(
            size_nm.map(|nm| [nm; 2]),
            format!("PixelSize, {place}"),
        )],
    );
    let taken_px = entries.get("DataSize").and_then(size_of);
    drop_if_resized(&mut metadata, size_px, taken_px);
    metadata.entries = entries.into_list();
    metadata
}

fn with_maker(model: &str) -> String {
    let model = model.trim();
    if model.starts_with(NAME) {
        model.to_owned()
    } else {
        format!("{NAME} {model}")
    }
}

/// Instruments differ in the order of day and month; what both could mean is unknown.
fn set_date(entries: &Entries, metadata: &mut Metadata) {
    let Some(day) = entries.get("Date") else {
        return;
    };
    let time = entries.get("Time").unwrap_or("");
    if is_ambiguous(day) {
        metadata.warnings.push(format!(
            "The date {day} could be day or month first, so that it is left out."
        ));
        return;
    }
    metadata.date = date(day, time, Order::Mdy).or_else(|| date(day, time, Order::Dmy));
}
