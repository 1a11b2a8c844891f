//! What any TIFF file may say: who wrote it, when, at which print resolution.
//!
//! None of it is a calibration. Tells when an image editor saved the file after the instrument
//! did, because what it changed, the instrument's text does not know. Called by `mod.rs`.

use super::text::{Entries, decode};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

const SOFTWARE: u16 = 305;
const PHOTOSHOP: u16 = 34377;
const TEXTS: [(u16, &str); 6] = [
    (270, "ImageDescription"),
    (271, "Make"),
    (272, "Model"),
    (SOFTWARE, "Software"),
    (306, "DateTime"),
    (315, "Artist"),
];
const RESOLUTIONS: [(u16, &str); 2] = [(282, "XResolution"), (283, "YResolution")];
/// Programs that change images and keep the tags of those they opened.
const EDITORS: [&str; 8] = [
    "Photoshop",
    "GIMP",
    "IrfanView",
    "Paint.NET",
    "XnView",
    "CorelDRAW",
    "ImageMagick",
    "Picasa",
];

/// Adds the plain tags of the first page.
pub(super) fn add<R: Read + Seek>(tags: &mut Tags<'_, R>, metadata: &mut Metadata) {
    let mut entries = Entries::default();
    for (id, name) in TEXTS {
        let text = tags.bytes(0, id).map(|bytes| decode(&bytes));
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            entries.push(format!("TIFF {name}"), text);
        }
    }
    let unit = match tags.number(0, 296) {
        Some(1) => "per unit",
        Some(3) => "per cm",
        _ => "per inch",
    };
    for (id, name) in RESOLUTIONS {
        if let Some([pixels, units]) = tags.rational(0, id) {
            let per_unit = pixels as f64 / units as f64;
            entries.push(format!("TIFF {name}"), format!("{per_unit:.4} {unit}"));
        }
    }
    metadata.entries.extend(entries.into_list());
}

/// The image editor that saved the file last, if it left its name.
pub(super) fn editor<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<&'static str> {
    let software = tags.bytes(0, SOFTWARE).unwrap_or_default();
    let software = decode(&software).to_ascii_lowercase();
    let named = |editor: &&str| software.contains(&editor.to_ascii_lowercase());
    EDITORS
        .into_iter()
        .find(named)
        .or_else(|| tags.has(0, PHOTOSHOP).then_some("Photoshop"))
}

/// What to tell of a calibrated file that an editor saved.
pub(super) fn warning_of(editor: &str) -> String {
    format!(
        "{editor} saved this file after the microscope did. If the image was resized there, its \
         scale no longer holds; check it against the scale bar."
    )
}
