//! Olympus Soft Imaging cameras on transmission microscopes: a structure that tag 33560 points
//! at, often on the second page, behind a preview.
//!
//! Called by `mod.rs`.

use super::table::{Offer, choose};
use super::text::{Entries, decode};
use crate::micrograph::metadata::Metadata;
use crate::micrograph::tags::Tags;
use std::io::{Read, Seek};

pub(super) const NAME: &str = "Olympus SIS";

pub(super) const TAG: u16 = 33560;
const MODEL: u16 = 272;
const HEAD_BYTES: u64 = 60;
/// Sections of the structure that are looked at.
const SECTIONS_MAX: u16 = 64;
/// The section with the pixel size.
const SIZE_SECTION: u16 = 1;

/// Reads the file if it has such a structure.
pub(super) fn read<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Option<Metadata> {
    let page = tags.page_with(TAG)?;
    let at = tags.number(page, TAG)?;
    let head = tags.read_at(at, HEAD_BYTES);
    if !head.starts_with(b"SIS0") {
        return None;
    }
    let mut metadata = Metadata {
        vendor: Some(NAME),
        date: date_of(&head),
        ..Metadata::default()
    };
    let mut entries = Entries::default();
    let sections = word(&head, 58)?.min(SECTIONS_MAX);
    let table = tags.read_at(at.checked_add(HEAD_BYTES)?, 8 * u64::from(sections));
    for section in table.chunks_exact(8) {
        if word(section, 0) == Some(SIZE_SECTION) {
            let offset = u32::from_le_bytes(*section.get(4..)?.first_chunk()?);
            size_of(
                &tags.read_at(u64::from(offset), 44),
                &mut entries,
                &mut metadata,
            );
        }
    }
    let camera = tags.bytes(page, MODEL).map(|bytes| decode(&bytes));
    metadata.instrument = camera.filter(|name| !name.trim().is_empty()).map(|name| {
        // No light microscope has pixels below a nanometre.
        let is_tem = metadata.calibration.as_ref().is_some_and(|c| c.x_nm < 1.0);
        format!(
            "{} camera{}",
            name.trim(),
            if is_tem { " (TEM)" } else { "" }
        )
    });
    metadata.entries = entries.into_list();
    Some(metadata)
}

/// The power of ten and the sizes, in metres; then the magnification.
fn size_of(section: &[u8], entries: &mut Entries, metadata: &mut Metadata) -> Option<()> {
    let power = word(section, 10)? as i16;
    let factor = 10_f64.powi(i32::from(power));
    let double = |at: usize| Some(f64::from_le_bytes(*section.get(at..)?.first_chunk()?));
    let (x, y) = (double(12)? * factor, double(20)? * factor);
    entries.push("PixelSizeX", format!("{x:e} m"));
    entries.push("PixelSizeY", format!("{y:e} m"));
    choose(
        metadata,
        [Offer::of_image(
            Some([x * 1e9, y * 1e9]),
            "pixel size of section 1, tag 33560",
        )],
    );
    let magnification = double(36)?;
    entries.push("Magnification", magnification.to_string());
    metadata.magnification = Some(magnification).filter(|times| (1e-3..=1e9).contains(times));
    Some(())
}

/// Second, minute, hour, day, month from 0 and year from 1900.
fn date_of(head: &[u8]) -> Option<String> {
    let part = |at| word(head, at);
    let (second, minute, hour) = (part(8)?, part(10)?, part(12)?);
    let (day, month, year) = (
        part(14)?,
        part(16)?.checked_add(1)?,
        part(18)?.checked_add(1900)?,
    );
    super::quantity::date(
        &format!("{year:04}-{month}-{day}"),
        &format!("{hour}:{minute}:{second}"),
        super::quantity::Order::Ymd,
    )
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
