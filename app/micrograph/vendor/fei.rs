//! FEI and Thermo Fisher microscopes: a text of sections in tag 34682 or 34680, or behind the
//! image in old files.
//!
//! Numbers are in SI units, angles in radians; any value may be empty or no number. Called by
//! `mod.rs`.

use super::quantity::{Order, date, number};
use super::table::{
    Field, METRE, Offer, RADIAN, Row, SECOND, Unit, VOLT, apply, choose, drop_if_resized, row,
};
use super::text::{Entries, decode};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "FEI / Thermo";

const TAGS: [u16; 2] = [34682, 34680];
/// How far from the end of an old file its text begins at most.
const TAIL_BYTES: u64 = 64 << 10;

/// `[EBeam]` stands for the section of the beam in use, which `[Beam] Beam` names.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row(Field::Instrument, "[System] SystemType", Unit::Text, "the model; `Type` says only DualBeam"),
    row(Field::Voltage, "[EBeam] HV", VOLT, "the beam in use"),
    row(Field::Voltage, "[Beam] HV", VOLT, "where the beam has no section"),
    row(Field::WorkingDistance, "[EBeam] WD", METRE, "the beam in use"),
    row(Field::WorkingDistance, "[Stage] WorkingDistance", METRE, "where the beam has no section"),
    row(Field::Detector, "[Detectors] Name", Unit::Text, "the only key"),
    row(Field::Dwell, "[Scan] Dwelltime", SECOND, "the scan of this image"),
    row(Field::StageTilt, "[Stage] StageT", RADIAN, "`StageTa` is the same, as the beam's section has it"),
    row(Field::TiltCorrection, "[EBeam] TiltCorrectionIsOn", Unit::Switch, "`TiltCorrectionAngle` is stored even when off"),
    row(Field::ScanRotation, "[Beam] ScanRotation", RADIAN, "the rotation in effect"),
];

/// Reads the file if it has such a text.
pub(super) fn read<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let (text, place) = text_of(tags)?;
    let size_px = tags.size_px(0);
    let mut entries = Entries::default();
    entries.push_ini(&text);
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    let beam = entries.get("[Beam] Beam").unwrap_or("EBeam");
    let beam = format!("[{beam}]");
    let value_of = |key: &str| entries.get(&key.replace("[EBeam]", &beam));
    apply(TABLE, &mut metadata, value_of);
    if let Some(instrument) = &mut metadata.instrument {
        // The trade mark sign comes out as a quotation mark.
        instrument.retain(|c| !matches!(c, '"' | '™' | '®'));
    }
    metadata.date = date_of(&entries);
    let taken_px = taken_size(&entries);
    pixel_size(&entries, &beam, &place, taken_px, &mut metadata);
    drop_if_resized(&mut metadata, size_px, taken_px);
    metadata.data_bar_rows = size_px.zip(taken_px).and_then(|([width, height], taken)| {
        let rows = height.checked_sub(taken[1]).filter(|rows| *rows > 0);
        rows.filter(|_| width == taken[0])
    });
    metadata.entries = entries.into_list();
    Some(metadata)
}

fn text_of<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<(String, String)> {
    for id in TAGS {
        if let Some(bytes) = tags.page_with(id).and_then(|page| tags.bytes(page, id)) {
            let text = decode(&bytes);
            if text.contains("[User]") || text.contains("[Scan]") || text.contains("[Beam]") {
                return Some((text, format!("tag {id}")));
            }
        }
    }
    let tail = tags.tail(TAIL_BYTES);
    let at = tail
        .windows(10)
        .position(|at| at.starts_with(b"[User]\r\nDa") || at.starts_with(b"[User]\nDat"))?;
    Some((
        decode(tail.get(at..)?),
        "the text behind the image".to_owned(),
    ))
}

/// The day in `[User]` is month first, or as the computer has it; the other one is always day
/// first.
fn date_of(entries: &Entries) -> Option<String> {
    if let Some((day, time)) = entries
        .get("[PrivateFei] TimeOfCreation")
        .and_then(|text| text.split_once(' '))
        && let Some(date) = date(day, time, Order::Dmy)
    {
        return Some(date);
    }
    let (day, time) = (
        entries.get("[User] Date")?,
        entries.get("[User] Time").unwrap_or(""),
    );
    date(day, time, Order::Mdy).or_else(|| date(day, time, Order::Dmy))
}

/// The size the instrument took, without the data bar.
fn taken_size(entries: &Entries) -> Option<[u32; 2]> {
    let side = |key| {
        let side: u32 = entries.get(key)?.parse().ok()?;
        (side > 0).then_some(side)
    };
    Some([side("[Image] ResolutionX")?, side("[Image] ResolutionY")?])
}

fn pixel_size(
    entries: &Entries,
    beam: &str,
    place: &str,
    taken_px: Option<[u32; 2]>,
    metadata: &mut Metadata,
) {
    let nm = |key: &str| Some(number(entries.get(key)?)? * 1e9);
    let pixel = |section: &str| {
        let size = [
            nm(&format!("{section} PixelWidth")),
            nm(&format!("{section} PixelHeight")),
        ];
        let size_nm = size[0].zip(size[1]).map(<[f64; 2]>::from);
        Offer::of_image(
            size_nm,
            format!("{section} PixelWidth and PixelHeight, {place}"),
        )
    };
    let scan = format!("[{}]", entries.get("[Beam] Scan").unwrap_or("EScan"));
    let width = taken_px.map(|[width, _]| f64::from(width));
    let field = |key: &str| {
        let size = nm(key).zip(width).map(|(field, width)| field / width);
        Offer::of_image(
            size.map(|size| [size; 2]),
            format!("{key} / [Image] ResolutionX, {place}"),
        )
    };
    choose(
        metadata,
        [pixel("[Scan]"), pixel(&scan), field(&format!("{beam} HFW"))],
    );
}
