//! ImageJ and Fiji: a description that begins with `ImageJ=`, whose unit belongs to the
//! resolution tags.
//!
//! The Info block of tag 50839 repeats what some earlier file said and is no calibration.
//! Called by `mod.rs`.

use super::quantity::nm_from;
use super::table::{Offer, choose};
use super::text::{Entries, decode};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "ImageJ";

const DESCRIPTION: u16 = 270;
const RESOLUTION: [u16; 2] = [282, 283];
const RESOLUTION_UNIT: u16 = 296;

/// Reads the file if ImageJ wrote it.
pub(super) fn read<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let text = decode(&tags.bytes(0, DESCRIPTION)?);
    if !text.starts_with("ImageJ=") {
        return None;
    }
    let mut entries = Entries::default();
    entries.push_ini(&text);
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    if let Some(unit) = entries.get("unit").map(str::to_owned) {
        pixel_size(tags, &unit, &mut metadata);
    }
    metadata.entries = entries.into_list();
    Some(metadata)
}

fn pixel_size<R: Read + Seek>(tags: &mut Tags<'_, R>, unit: &str, metadata: &mut Metadata) {
    // Inches and centimetres in the tag are ImageJ's only where its own unit is the same;
    // otherwise some other program wrote its dots per inch over the scale.
    let is_of_imagej = match tags.number(0, RESOLUTION_UNIT) {
        None | Some(1) => true,
        Some(2) => unit.starts_with("inch"),
        Some(3) => unit == "cm",
        Some(_) => false,
    };
    if !is_of_imagej {
        if nm_from(1.0, unit).is_some() {
            metadata.warnings.push(format!(
                "ImageJ's unit is {unit}, but another program wrote a print resolution over its \
                 scale. Set the scale by hand."
            ));
        }
        return;
    }
    let mut side = |id| {
        let [pixels, units] = tags.rational(0, id)?.map(|part| part as f64);
        nm_from(units / pixels, unit)
    };
    let [x, y] = RESOLUTION.map(&mut side);
    // Old versions write the horizontal one alone.
    let size_nm = x.map(|x| [x, y.unwrap_or(x)]);
    let from = format!("unit={unit} of tag 270 with tags 282 and 283");
    choose(metadata, [Offer::of_image(size_nm, from)]);
}
