//! Whether a PNG, WebP or JPEG file is whole: decoders fill what is missing with grey, we refuse.
//!
//! Walks over marks and lengths only, decodes nothing. Called by `plain.rs` and `tiff.rs`.

use super::error::ReadError;
use super::read::{Job, length};
use std::io::{BufRead, Seek, SeekFrom};

/// Chunks of a PNG file at most; real ones hold a few KB each.
const PNG_CHUNKS: usize = 2_000_000;

/// Checks that a PNG reaches its end chunk. Leaves the reader at its start.
pub(super) fn png(reader: &mut (impl BufRead + Seek), job: &Job<'_>) -> Result<(), ReadError> {
    let system = |e| job.system(e);
    let file_length = length(reader).map_err(system)?;
    let mut at = 8;
    for _ in 0..PNG_CHUNKS {
        reader.seek(SeekFrom::Start(at)).map_err(system)?;
        let mut head = [0; 8];
        reader.read_exact(&mut head).map_err(system)?;
        let [a, b, c, d, kind @ ..] = head;
        at += 12 + u64::from(u32::from_be_bytes([a, b, c, d]));
        if at > file_length {
            return Err(job.damaged("it ends too early"));
        }
        if &kind == b"IEND" {
            return reader.rewind().map_err(system);
        }
    }
    Err(job.damaged("it has no end"))
}

/// Checks that a WebP is as long as it says. Leaves the reader at its start.
pub(super) fn webp(reader: &mut (impl BufRead + Seek), job: &Job<'_>) -> Result<(), ReadError> {
    let system = |e| job.system(e);
    let file_length = length(reader).map_err(system)?;
    let mut head = [0; 8];
    reader.rewind().map_err(system)?;
    reader.read_exact(&mut head).map_err(system)?;
    let [.., a, b, c, d] = head;
    if u64::from(u32::from_le_bytes([a, b, c, d])) + 8 > file_length {
        return Err(job.damaged("it ends too early"));
    }
    reader.rewind().map_err(system)
}

/// Checks that a JPEG reaches its end mark.
pub(super) fn jpeg(bytes: &[u8], job: &Job<'_>) -> Result<(), ReadError> {
    walk_jpeg(bytes)
        .map(|_| ())
        .ok_or_else(|| job.damaged("it ends too early"))
}

/// The frame's width and height in pixels, if the JPEG reaches its end mark.
pub(super) fn walk_jpeg(bytes: &[u8]) -> Option<(u16, u16)> {
    let mut size = None;
    let mut at = 2;
    loop {
        // Between marks there is compressed data or filling; a real mark is 0xFF and then
        // neither 0 (a stuffed byte), nor 0xFF (filling), nor a restart.
        let mark = loop {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)? + 1;
            match *bytes.get(at)? {
                0 | 0xff | 0x01 | 0xd0..=0xd8 => {}
                mark => break mark,
            }
        };
        if mark == 0xd9 {
            return size;
        }
        let segment = bytes.get(at + 1..)?;
        let [high, low] = *segment.first_chunk::<2>()?;
        if matches!(mark, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf) {
            let [_, _, _, h1, h0, w1, w0] = *segment.first_chunk::<7>()?;
            size = Some((u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0])));
        }
        at += 1 + usize::from(u16::from_be_bytes([high, low])).max(2);
    }
}

#[cfg(test)]
mod tests {
    use super::walk_jpeg;

    const FRAME: [u8; 9] = [0xff, 0xc0, 0, 8, 8, 0, 3, 0, 5];

    #[test]
    fn a_jpeg_is_whole_only_with_its_end_mark() {
        let scan = [0xff, 0xda, 0, 2, 0x12, 0xff, 0x00, 0xd9, 0xff, 0xd0, 0x34];
        let mut bytes = vec![0xff, 0xd8];
        bytes.extend(FRAME);
        bytes.push(0);
        bytes.extend(scan);
        assert_eq!(walk_jpeg(&bytes), None, "a stuffed byte is no mark");
        bytes.extend([0xff, 0xff, 0xd9]);
        assert_eq!(walk_jpeg(&bytes), Some((5, 3)));
        for cut in 0..bytes.len() {
            assert_eq!(walk_jpeg(&bytes[..cut]), None, "cut at {cut}");
        }
    }
}
