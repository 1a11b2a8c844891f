//! The texts of instruments, one file a vendor: which key stands for which of our fields, in
//! which unit, and why that key.
//!
//! Tags go before text files beside the image, and a vendor's own tags before those of programs
//! that may have written over them. Reads no pixels. Called by `metadata.rs`.

mod fei;
mod gatan;
mod generic;
mod hitachi;
mod imagej;
mod jeol;
mod ome;
mod quantity;
mod sidecar;
mod sis;
mod table;
mod tescan;
#[cfg(test)]
mod tests;
mod text;
mod zeiss;

use super::metadata::Metadata;
use super::tags::Tags;
use std::io::{Read, Seek};
use std::path::Path;

/// Tags in which instruments describe a page: one that has any of them speaks for itself, where
/// else the first page speaks for all.
const OWN_TAGS: [u16; 7] = [34118, 34680, 34682, 50431, 40092, sis::TAG, 65009];

/// Reads what a file of any kind says about itself.
pub(super) fn read<R: Read + Seek>(
    reader: &mut R,
    sidecar_of: Option<&Path>,
    size_px: Option<[u32; 2]>,
    other_page: Option<u32>,
) -> Metadata {
    let mut metadata = Metadata::default();
    let mut size_px = size_px;
    let mut editor = None;
    let mut text_px = None;
    if let Some(mut tags) = Tags::open(reader) {
        if let Some(page) = other_page.map(|page| page as usize)
            && OWN_TAGS.iter().any(|id| tags.has(page, *id))
        {
            tags.begin_with(page);
        }
        metadata = of_tiff(&mut tags);
        // Olympus keeps a preview in front of the page that its text is about.
        let about = match metadata.vendor {
            Some(sis::NAME) => tags.page_with(sis::TAG).unwrap_or(0),
            _ => 0,
        };
        text_px = tags.size_px(about);
        size_px = size_px.or(text_px);
        editor = generic::editor(&mut tags);
    } else if let Some(found) = gatan::read(reader) {
        return found;
    }
    // Hitachi's tags hold a few rounded values of what its text file says in full.
    if metadata.vendor.is_none_or(|vendor| vendor == hitachi::NAME)
        && let Some(path) = sidecar_of
        && let Some(text) = sidecar::text_beside(path)
        && let Some(mut found) = hitachi::of_sidecar(&text, size_px)
            .or_else(|| jeol::of_text(&text, size_px, jeol::SIDECAR))
    {
        found.entries.append(&mut metadata.entries);
        found.warnings.append(&mut metadata.warnings);
        metadata = found;
    }
    if text_px.is_some() && text_px != size_px {
        table::drop_scale(
            &mut metadata,
            "this page has another size than the one that the text is about.",
        );
    }
    if let Some(editor) = editor.filter(|_| metadata.calibration.is_some()) {
        metadata.warnings.push(generic::warning_of(editor));
    }
    let _ = reader.rewind();
    metadata
}

/// The readers of TIFF tags in the order they are asked; the first that knows the file wins.
fn of_tiff<R: Read + Seek>(tags: &mut Tags<'_, R>) -> Metadata {
    let found = fei::read(tags)
        .or_else(|| zeiss::read(tags))
        .or_else(|| tescan::read(tags))
        .or_else(|| sis::read(tags))
        .or_else(|| imagej::read(tags))
        .or_else(|| ome::read(tags))
        .or_else(|| jeol::read(tags))
        .or_else(|| gatan::of_tiff(tags))
        .or_else(|| hitachi::read(tags));
    let mut metadata = found.unwrap_or_default();
    generic::add(tags, &mut metadata);
    metadata
}
