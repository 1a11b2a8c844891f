//! TESCAN microscopes: a chain of binary blocks in tag 50431, some of which are lines of key
//! and value.
//!
//! Angles are in degrees here, all else in SI units. Called by `mod.rs`.

use super::quantity::{Order, date, number};
use super::table::{Field, METRE, OURS, Offer, Row, SECOND, Unit, VOLT, apply, choose, row};
use super::text::{Entries, decode};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "TESCAN";

const TAG: u16 = 50431;
/// Blocks of text by their type, under the names that TESCAN's own header files give them.
const TEXT_BLOCKS: [(u16, &str); 3] = [(2, "MAIN"), (3, "SEM"), (5, "FIB")];
/// Blocks of one tag that are looked at.
const BLOCKS_MAX: usize = 64;

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row(Field::Voltage, "[SEM] HV", VOLT, "the landing energy; `TubeVoltage` is inside the column"),
    row(Field::Voltage, "[FIB] HV", VOLT, "images of the ion beam"),
    row(Field::WorkingDistance, "[SEM] WD", METRE, "the only key"),
    row(Field::WorkingDistance, "[FIB] WD", METRE, "images of the ion beam"),
    row(Field::Magnification, "[MAIN] Magnification", OURS, "the only key"),
    row(Field::Detector, "[SEM] Detector", Unit::Text, "`Detector0` and on are its channels"),
    row(Field::Detector, "[FIB] Detector", Unit::Text, "images of the ion beam"),
    row(Field::Dwell, "[SEM] DwellTime", SECOND, "`ScanSpeed` is an index"),
    row(Field::Dwell, "[FIB] DwellTime", SECOND, "images of the ion beam"),
    row(Field::StageTilt, "[SEM] StageTilt", OURS, "degrees"),
    row(Field::StageTilt, "[FIB] StageTilt", OURS, "degrees"),
    row(Field::TiltCorrection, "[SEM] TiltCorrection", Unit::Switch, "the angle; 0 is off"),
    row(Field::ScanRotation, "[SEM] ScanRotation", OURS, "degrees"),
    row(Field::ScanRotation, "[FIB] ScanRotation", OURS, "degrees"),
];

/// Reads the file if it has such blocks.
pub(super) fn read<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let page = tags.page_with(TAG)?;
    let bytes = tags.bytes(page, TAG)?;
    let mut entries = Entries::default();
    for (name, text) in text_blocks(&bytes, tags.is_little_endian()) {
        entries.push_ini(&format!("[{name}]\n{text}"));
    }
    entries
        .get("[MAIN] PixelSizeX")
        .or(entries.get("[MAIN] Device"))?;
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    apply(TABLE, &mut metadata, |key| entries.get(key));
    metadata.instrument = entries.get("[MAIN] Device").map(|device| {
        let model = entries.get("[MAIN] DeviceModel").unwrap_or("");
        format!("{device} {model}").trim().to_owned()
    });
    metadata.date = entries
        .get("[MAIN] Date")
        .and_then(|day| date(day, entries.get("[MAIN] Time").unwrap_or(""), Order::Ymd));
    let nm = |key: &str| Some(number(entries.get(key)?)? * 1e9);
    let size_nm = nm("[MAIN] PixelSizeX").zip(nm("[MAIN] PixelSizeY"));
    let from = "[MAIN] PixelSizeX and PixelSizeY, tag 50431";
    choose(
        &mut metadata,
        [Offer::of_image(size_nm.map(<[f64; 2]>::from), from)],
    );
    let strip = entries
        .get("[MAIN] ImageStripSize")
        .and_then(|rows| rows.parse().ok());
    let height = tags.size_px(page).map(|[_, height]| height);
    metadata.data_bar_rows = strip.filter(|rows| *rows > 0 && height.is_some_and(|h| *rows < h));
    metadata.entries = entries.into_list();
    Some(metadata)
}

/// The texts in a chain of blocks: four bytes of size, two of type, then the rest of the size.
fn text_blocks(mut bytes: &[u8], is_little_endian: bool) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for _ in 0..BLOCKS_MAX {
        let Some((size, rest)) = bytes.split_first_chunk::<4>() else {
            break;
        };
        let size = if is_little_endian {
            u32::from_le_bytes(*size)
        } else {
            u32::from_be_bytes(*size)
        } as usize;
        let Some((block, after)) = rest.split_at_checked(size) else {
            break;
        };
        let Some((kind, text)) = block.split_first_chunk::<2>() else {
            break;
        };
        let kind = if is_little_endian {
            u16::from_le_bytes(*kind)
        } else {
            u16::from_be_bytes(*kind)
        };
        if let Some((_, name)) = TEXT_BLOCKS.iter().find(|(known, _)| *known == kind) {
            found.push((*name, decode(text)));
        }
        if kind == 0 {
            break;
        }
        bytes = after;
    }
    found
}
