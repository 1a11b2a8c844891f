//! Zeiss and LEO microscopes: the text of SmartSEM in tag 34118.
//!
//! Nameless numbers in SI units come first, then pairs of lines: a key, and its label with a
//! value and unit that change from line to line. Called by `mod.rs`.

use super::quantity::{Order, date, leading_number, length_nm, number};
use super::table::{
    Field, METRE, OURS, Offer, Row, Unit, VOLT, apply, choose, drop_if_resized, drop_scale, row,
    size_px, switch,
};
use super::text::{Entries, decode, lines};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "Zeiss";

const TAG: u16 = 34118;
/// The pixel size in the text is of a line of so many pixels, however wide the image is.
const LINE_PX: f64 = 1024.0;

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row(Field::Voltage, "AP_ACTUALKV", Unit::Written, "`AP_MANUALKV` is the target"),
    row(Field::Voltage, "header line 7", VOLT, "where `AP_ACTUALKV` is missing"),
    row(Field::WorkingDistance, "header line 10", METRE, "`AP_WD` is rounded to 0.1 mm"),
    row(Field::WorkingDistance, "AP_WD", Unit::Written, "where the header is short"),
    row(Field::Magnification, "header line 5", OURS, "`AP_MAG` is rounded"),
    row(Field::Magnification, "AP_MAG", Unit::Written, "where the header is short"),
    row(Field::Detector, "DP_DETECTOR_TYPE", Unit::Text, "the detector itself"),
    row(Field::Detector, "DP_DETECTOR_CHANNEL", Unit::Text, "its channel, in older files"),
    row(Field::Dwell, "DP_DWELL_TIME", Unit::Written, "`DP_SCANRATE` is an index"),
    row(Field::StageTilt, "AP_STAGE_AT_T", Unit::Written, "`AP_TILT_ANGLE` is of the tilt correction"),
    row(Field::TiltCorrection, "DP_TILT_CORRECTION", Unit::Switch, "`AP_TILT_ANGLE` is stored even when off"),
];

/// Reads the file if it has such a text.
pub(super) fn read<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let page = tags.page_with(TAG)?;
    let text = decode(&tags.bytes(page, TAG)?);
    let size = tags.size_px(page);
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    let (entries, values) = entries_of(&text);
    apply(TABLE, &mut metadata, |key| values.get(key));
    metadata.instrument = values.get("SV_SERIAL_NUMBER").map(model);
    metadata.date = values
        .get("AP_DATE")
        .and_then(|day| date(day, values.get("AP_TIME").unwrap_or(""), Order::Dmy));
    metadata.scan_rotation_deg = scan_rotation(&values);
    pixel_size(&values, size, &mut metadata);
    // The text lists what the instrument stored before somebody made the image smaller.
    let stored_px = values.get("DP_IMAGE_STORE").and_then(size_px);
    drop_if_resized(&mut metadata, size, stored_px);
    metadata.entries = entries.into_list();
    Some(metadata)
}

/// The lines as they are shown, and the values alone.
fn entries_of(text: &str) -> (Entries, Entries) {
    let (mut shown, mut values) = (Entries::default(), Entries::default());
    let mut key = None;
    let mut is_header = true;
    for (line, place) in lines(text).zip(1_u32..) {
        let line = line.trim();
        if is_key(line) {
            is_header = false;
            key = Some(line);
        } else if let Some(key) = key.take() {
            shown.push(key, line);
            // Dates have a colon where all others have an equals sign.
            if let Some((_, value)) = line.split_once('=').or_else(|| line.split_once(':')) {
                values.push(key, value);
            }
        } else if is_header && place <= 40 {
            let key = format!("header line {place}");
            shown.push(&key, line);
            values.push(&key, line);
        }
    }
    (shown, values)
}

/// `AP_WIDTH`, `DP_SCAN_ROT`, `SV_SERIAL_NUMBER` and their like.
fn is_key(line: &str) -> bool {
    let is_name = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_';
    line.len() > 3 && line.as_bytes().get(2) == Some(&b'_') && line.bytes().all(is_name)
}

/// The name in front of the serial number: `Auriga 60-46-18` is an Auriga.
fn model(serial: &str) -> String {
    let mut words: Vec<&str> = serial.split_whitespace().collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() || !last.starts_with(|c: char| c.is_ascii_digit()) {
        words.push(last.split('-').next().unwrap_or(last));
    }
    words.join(" ")
}

/// The angle counts only while the rotation is on.
fn scan_rotation(values: &Entries) -> Option<f64> {
    match switch(values.get("DP_SCAN_ROT")?)? {
        false => Some(0.0),
        true => {
            let (angle, _) = leading_number(values.get("AP_SCANROTATION")?)?;
            (-360.0..=360.0).contains(&angle).then_some(angle)
        }
    }
}

fn pixel_size(values: &Entries, size_px: Option<[u32; 2]>, metadata: &mut Metadata) {
    let Some([width, height]) = size_px.map(|size| size.map(f64::from)) else {
        return;
    };
    let nm = |key: &str| values.get(key).and_then(length_nm);
    let square = |size: Option<f64>| size.map(|nm| [nm; 2]);
    let line = values.get("header line 4").and_then(number);
    let header_nm = line.map(|metres| metres * 1e9 * LINE_PX / width);
    let image_nm = nm("AP_IMAGE_PIXEL_SIZE");
    // Of an image of another width, the two are no longer the same.
    let is_resized = header_nm
        .zip(image_nm)
        .is_some_and(|(header, image)| (header / image - 1.0).abs() > 0.02);
    let header = Offer::of_image(
        square(header_nm),
        "header line 4 × 1024 / image width, tag 34118",
    );
    let image = Offer {
        is_comparable: !is_resized,
        ..Offer::of_image(square(image_nm), "AP_IMAGE_PIXEL_SIZE, tag 34118")
    };
    let field_nm = nm("AP_WIDTH").zip(nm("AP_HEIGHT"));
    let field_nm = field_nm.map(|(x, y)| [x / width, y / height]);
    // An image that was squeezed or cropped no longer has the proportions of its field.
    let is_stretched = field_nm.is_some_and(|[x, y]| (x / y - 1.0).abs() > 0.02);
    let field = Offer {
        is_comparable: !is_stretched,
        ..Offer::of_image(field_nm, "AP_WIDTH and AP_HEIGHT / image size, tag 34118")
    };
    let screen = Offer {
        is_comparable: false,
        ..Offer::of_image(
            square(nm("AP_PIXEL_SIZE")),
            "AP_PIXEL_SIZE, of a line of 1024 pixels, tag 34118",
        )
    };
    // With the ion beam, the nameless numbers may still be of the electron beam.
    let is_ion_image = values
        .get("DP_FIB_IMAGING")
        .is_some_and(|beam| beam.contains("FIB"));
    if is_ion_image {
        metadata.warnings.push(
            "The image was taken with the ion beam; voltage and working distance are of the \
             electron beam."
                .to_owned(),
        );
        choose(metadata, [image, field, screen]);
    } else {
        choose(metadata, [header, image, field, screen]);
    }
    if is_resized && !is_ion_image {
        drop_scale(
            metadata,
            "the pixel size that it states is not that of an image this wide, so that the image was \
             resized or cropped.",
        );
    }
    if is_stretched {
        drop_scale(
            metadata,
            "the image does not have the proportions of the field that was scanned, so that it was \
             resized or cropped.",
        );
    }
}
