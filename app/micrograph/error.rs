//! Why a file could not be read: every way it can fail, as a sentence with what to do next.
//!
//! Made by the readers of this folder, shown as it stands by the window and the command line.

use std::path::Path;

/// Why a file could not be read. Its text is a sentence for the user.
#[derive(Debug, thiserror::Error)]
#[allow(
    missing_docs,
    reason = "`file` is the file's name everywhere; the texts say the rest"
)]
pub enum ReadError {
    /// The system refused.
    #[error(
        "{file} could not be read ({cause}). Check that it is still there and that you may read it."
    )]
    System { file: String, cause: std::io::Error },
    /// A folder, a pipe, a device or the like.
    #[error(
        "{file} is {what}, not a file with an image. Choose a TIFF, PNG, JPEG, BMP, WebP or DigitalMicrograph file."
    )]
    NotAFile { file: String, what: &'static str },
    /// No bytes at all.
    #[error("{file} is empty. Copy it again from the microscope or from your backup.")]
    Empty { file: String },
    /// The content is none of the formats.
    #[error(
        "{file} holds no TIFF, PNG, JPEG, BMP, WebP or DigitalMicrograph image, whatever its name says. Save the image as TIFF and open that."
    )]
    UnknownFormat { file: String },
    /// More bytes than are read.
    #[error(
        "{file} has {gib:.1} GiB; files of up to {limit_gib} GiB are read. Save the image you need in a file of its own."
    )]
    HugeFile {
        file: String,
        gib: f64,
        limit_gib: u64,
    },
    /// More pixels than are read.
    #[error(
        "{file} is {width} x {height} pixels; images of up to {side_px} pixels a side and {megapixels} megapixels are read. Crop it or reduce it and open the copy."
    )]
    TooLarge {
        file: String,
        width: u32,
        height: u32,
        side_px: u32,
        megapixels: u64,
    },
    /// An image without extent.
    #[error(
        "{file} says it is {width} x {height} pixels, so there is nothing to see. Save the image again."
    )]
    NoPixels {
        file: String,
        width: u32,
        height: u32,
    },
    /// A flavour of a known format that is not read.
    #[error(
        "{file} cannot be shown: {what} not supported. Save it as 8-bit or 16-bit grey TIFF without compression and open that."
    )]
    Unsupported { file: String, what: String },
    /// A page was asked for that the file has not.
    #[error("{file} has no page {page}: it has {pages}. Ask for a page from 1 to {pages}.")]
    NoSuchPage { file: String, page: u64, pages: u32 },
    /// Cut short or scrambled.
    #[error("{file} is damaged or cut short ({cause}). Copy it again from where it came from.")]
    Damaged { file: String, cause: String },
    /// The machine has not enough memory.
    #[error(
        "{file} needs {mebibytes} MiB of memory, more than this machine can give now. Close other programs and open it again."
    )]
    Memory { file: String, mebibytes: u64 },
    /// Somebody asked for something else meanwhile.
    #[error("Reading {file} was cancelled. Open it again to see it.")]
    Cancelled { file: String },
}

/// Whether a character ends a line, steers a terminal or turns the reading direction of what
/// follows: texts from outside are shown without them.
pub fn steers_text(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The name by which a message calls a file: printable, and short enough for a line.
pub(super) fn shown_name(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let printable = |c: char| if steers_text(c) { '\u{fffd}' } else { c };
    name.chars().take(200).map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        assert_eq!(
            shown_name(Path::new("/data/a\nb\x1b[31m.tif")),
            "a\u{fffd}b\u{fffd}[31m.tif"
        );
        assert_eq!(shown_name(Path::new("a\u{202e}fit")), "a\u{fffd}fit");
        assert_eq!(shown_name(Path::new(&"x".repeat(900))).len(), 200);
        assert_eq!(shown_name(Path::new("/")), "/");
    }
}
