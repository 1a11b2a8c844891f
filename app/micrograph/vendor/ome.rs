//! OME-TIFF: an XML description with `PhysicalSizeX` and its unit.
//!
//! Looks for a few elements by name and expands no entity but the five of XML and numbers.
//! Called by `mod.rs`.

use super::quantity::{Order, date, nm_from, number};
use super::table::{Offer, choose, drop_if_resized};
use super::text::{Entries, decode};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "OME";

const DESCRIPTION: u16 = 270;

/// Reads the file if it has such a description.
pub(super) fn read<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let text = decode(&tags.bytes(0, DESCRIPTION)?);
    if !text.contains("<OME") {
        return None;
    }
    let pixels = element(&text, "Pixels")?;
    let mut metadata = Metadata {
        vendor: Some(NAME),
        ..Metadata::default()
    };
    let mut entries = Entries::default();
    for name in [
        "SizeX",
        "SizeY",
        "PhysicalSizeX",
        "PhysicalSizeXUnit",
        "PhysicalSizeY",
        "PhysicalSizeYUnit",
    ] {
        if let Some(value) = attribute(pixels, name) {
            entries.push(format!("Pixels {name}"), value);
        }
    }
    let side = |axis: &str| {
        let value = number(&attribute(pixels, &format!("PhysicalSize{axis}"))?)?;
        let unit = attribute(pixels, &format!("PhysicalSize{axis}Unit"));
        nm_from(value, unit.as_deref().unwrap_or("µm"))
    };
    let size_nm = side("X").zip(side("Y")).map(<[f64; 2]>::from);
    let from = "Pixels PhysicalSizeX and PhysicalSizeY, tag 270";
    choose(&mut metadata, [Offer::of_image(size_nm, from)]);
    let size = |name| attribute(pixels, name)?.parse().ok();
    let taken_px = size("SizeX").zip(size("SizeY")).map(<[u32; 2]>::from);
    let size_px = tags.size_px(0);
    drop_if_resized(&mut metadata, size_px, taken_px);
    if let Some(microscope) = element(&text, "Microscope") {
        let part = |name| attribute(microscope, name).unwrap_or_default();
        let name = format!("{} {}", part("Manufacturer"), part("Model"))
            .trim()
            .to_owned();
        entries.push("Microscope", &name);
        metadata.instrument = Some(name).filter(|name| !name.is_empty());
    }
    if let Some(taken) = content(&text, "AcquisitionDate") {
        entries.push("AcquisitionDate", taken);
        let (day, time) = taken.split_once('T').unwrap_or((taken, ""));
        metadata.date = date(day, time.get(..8).unwrap_or(time), Order::Ymd);
    }
    metadata.entries = entries.into_list();
    Some(metadata)
}

/// The attributes of the first element of a name.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let open = format!("<{name}");
    let (_, after) = text
        .match_indices(&open)
        .map(|(at, _)| text.split_at(at + open.len()))
        .find(|(_, after)| after.starts_with([' ', '\n', '\r', '\t', '>', '/']))?;
    after.split('>').next()
}

/// The text inside the first element of a name.
fn content<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, after) = text.split_once(&format!("<{name}>"))?;
    Some(after.split('<').next()?.trim())
}

fn attribute(element: &str, name: &str) -> Option<String> {
    let start = format!("{name}=");
    let (at, _) = element.match_indices(&start).find(|(at, _)| {
        element
            .get(..*at)
            .is_some_and(|before| before.ends_with(char::is_whitespace))
    })?;
    let rest = element.get(at + start.len()..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(unescaped(rest.get(1..)?.split(quote).next()?))
}

/// Text with the five entities of XML and numbered characters in their place.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').unwrap_or(("", part));
        let c = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => {
                let code = match name.strip_prefix("#x") {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => name.strip_prefix('#').and_then(|code| code.parse().ok()),
                };
                code.and_then(char::from_u32)
            }
        };
        out.extend(c);
        out.push_str(rest);
    }
    out
}
