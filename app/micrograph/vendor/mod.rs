//! The texts of instruments, one file a vendor: which key stands for which of our fields, in
//! which unit, and why that key.
//!
//! Tags go before text files beside the image, and a vendor's own tags before those of programs
//! that may have written over them. Reads no pixels. Called by `metadata.rs`.

mod fei;
mod gatan;
mod gatan_tags;
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

/// Reads what a file of any kind says about itself.
pub(super) fn read<R: Read + Seek>(
    reader: &mut R,
    sidecar_of: Option<&Path>,
    size_px: Option<[u32; 2]>,
) -> Metadata {
    let mut metadata = Metadata::default();
    let mut size_px = size_px;
    let mut editor = None;
    if let Some(mut tags) = Tags::open(reader) {
        size_px = tags.size_px(0).or(size_px);
        metadata = of_tiff(&mut tags);
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
