//! The directories of a TIFF or BigTIFF file as raw tags, for the texts that instruments leave.
//!
//! Takes any file: a directory or value that lies outside it, runs in a circle or is too large
//! counts as absent, so there are no errors. Values stay bytes, because what vendors declare as
//! ASCII often is not. Reads no pixels. Called by `metadata.rs` and the readers in `vendor/`.

use std::io::{Read, Seek, SeekFrom};

/// Directories that are looked at: the instrument's text is on the first or second page.
const PAGES_MAX: usize = 64;
/// Tags of a directory that are looked at.
const ENTRIES_MAX: u64 = 4096;
/// Bytes of one value that are read.
const VALUE_BYTES_MAX: u64 = 4 << 20;
/// Bytes of all values that are read from one file.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// A TIFF file as pages of tags.
pub(super) struct Tags<'r, R> {
    reader: &'r mut R,
    length: u64,
    left: u64,
    is_little_endian: bool,
    is_big: bool,
    pages: Vec<Vec<Entry>>,
}

/// One tag: what it says about itself and where its value lies.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: u16,
    kind: u16,
    bytes: u64,
    at: u64,
}

impl<'r, R: Read + Seek> Tags<'r, R> {
    /// Follows the directories; `None` for anything but a TIFF file.
    pub fn open(reader: &'r mut R) -> Option<Self> {
        let length = reader.seek(SeekFrom::End(0)).ok()?;
        let mut tags = Self {
            reader,
            length,
            left: FILE_BYTES_MAX,
            is_little_endian: true,
            is_big: false,
            pages: Vec::new(),
        };
        let start = tags.read_at(0, 16);
        tags.is_little_endian = match start.get(..4)? {
            b"II\x2a\0" | b"II\x2b\0" => true,
            b"MM\0\x2a" | b"MM\0\x2b" => false,
            _ => return None,
        };
        tags.is_big = start.get(..4)?.contains(&0x2b);
        let first = if tags.is_big { 8 } else { 4 };
        let mut next = tags.number_in(start.get(first..)?, tags.offset_bytes());
        let mut seen = Vec::new();
        while let Some(at) = next.filter(|at| *at != 0 && !seen.contains(at)) {
            if seen.len() == PAGES_MAX {
                break;
            }
            seen.push(at);
            next = tags.directory(at);
        }
        Some(tags)
    }

    /// Puts a page before all others, so that it is asked first.
    pub fn begin_with(&mut self, page: usize) {
        if let Some(before) = self.pages.get_mut(..=page) {
            before.rotate_right(1);
        }
    }

    /// The first page that has a tag.
    pub fn page_with(&self, id: u16) -> Option<usize> {
        (0..self.pages.len()).find(|page| self.has(*page, id))
    }

    /// Whether a page has a tag.
    pub fn has(&self, page: usize, id: u16) -> bool {
        self.entry(page, id).is_some()
    }

    /// The bytes of a tag's value, as they stand in the file.
    pub fn bytes(&mut self, page: usize, id: u16) -> Option<Vec<u8>> {
        let entry = self.entry(page, id)?;
        Some(self.read_at(entry.at, entry.bytes))
    }

    /// A whole number, the first one where a tag has several.
    pub fn number(&mut self, page: usize, id: u16) -> Option<u64> {
        let entry = self.entry(page, id)?;
        let width = match entry.kind {
            1 => 1,
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => return None,
        };
        let value = self.read_at(entry.at, width as u64);
        self.number_in(&value, width)
    }

    /// A fraction, as numerator and denominator.
    pub fn rational(&mut self, page: usize, id: u16) -> Option<[u64; 2]> {
        let entry = self.entry(page, id).filter(|entry| entry.kind == 5)?;
        let value = self.read_at(entry.at, 8);
        Some([
            self.number_in(&value, 4)?,
            self.number_in(value.get(4..)?, 4)?,
        ])
    }

    /// A floating-point number of eight bytes.
    pub fn double(&mut self, page: usize, id: u16) -> Option<f64> {
        let entry = self.entry(page, id).filter(|entry| entry.kind == 12)?;
        let value = self.read_at(entry.at, 8);
        Some(f64::from_bits(self.number_in(&value, 8)?))
    }

    /// Width and height of a page, in pixels.
    pub fn size_px(&mut self, page: usize) -> Option<[u32; 2]> {
        let side = |id| u32::try_from(self.number(page, id)?).ok();
        let [width, height] = [256, 257].map(side);
        Some([width?, height?])
    }

    /// Bytes from anywhere in the file, fewer where it or the reader's budget ends.
    pub fn read_at(&mut self, at: u64, bytes: u64) -> Vec<u8> {
        let bytes = bytes
            .min(VALUE_BYTES_MAX)
            .min(self.length.saturating_sub(at))
            .min(self.left);
        self.left -= bytes;
        let mut read = Vec::new();
        if self.reader.seek(SeekFrom::Start(at)).is_ok() {
            // What can't be read is absent.
            let _ = self.reader.by_ref().take(bytes).read_to_end(&mut read);
        }
        read
    }

    /// The last bytes of the file.
    pub fn tail(&mut self, bytes: u64) -> Vec<u8> {
        self.read_at(self.length.saturating_sub(bytes), bytes)
    }

    /// Whether numbers have their low byte first.
    pub fn is_little_endian(&self) -> bool {
        self.is_little_endian
    }

    /// The tags of a page whose values may hold a text: ASCII, bytes or undefined.
    pub fn text_ids(&self, page: usize) -> Vec<u16> {
        let entries = self.pages.get(page).map_or(&[][..], Vec::as_slice);
        let may_hold_text = |entry: &&Entry| matches!(entry.kind, 1 | 2 | 7) && entry.bytes > 4;
        entries
            .iter()
            .filter(may_hold_text)
            .map(|entry| entry.id)
            .collect()
    }

    /// Notes the tags of the directory at an offset; the offset of the next one.
    fn directory(&mut self, at: u64) -> Option<u64> {
        let (count_bytes, entry_bytes): (usize, u64) = if self.is_big { (8, 20) } else { (2, 12) };
        let count = self.read_at(at, count_bytes as u64);
        let count = self.number_in(&count, count_bytes)?;
        let first = at.checked_add(count_bytes as u64)?;
        let table = self.read_at(first, count.min(ENTRIES_MAX) * entry_bytes);
        let mut entries = Vec::new();
        for (raw, place) in table.chunks_exact(entry_bytes as usize).zip(0..) {
            if let Some(entry) = self.entry_of(raw, first.checked_add(place * entry_bytes)?) {
                entries.push(entry);
            }
        }
        self.pages.push(entries);
        let after = count.checked_mul(entry_bytes)?.checked_add(first)?;
        let next = self.read_at(after, self.offset_bytes() as u64);
        self.number_in(&next, self.offset_bytes())
    }

    fn entry_of(&self, raw: &[u8], at: u64) -> Option<Entry> {
        let id = self.number_in(raw, 2)? as u16;
        let kind = self.number_in(raw.get(2..)?, 2)? as u16;
        let count = self.number_in(raw.get(4..)?, self.offset_bytes())?;
        let unit = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => return None,
        };
        let bytes = count.checked_mul(unit)?;
        let value_at = 4 + self.offset_bytes();
        let at = if bytes <= self.offset_bytes() as u64 {
            at.checked_add(value_at as u64)?
        } else {
            self.number_in(raw.get(value_at..)?, self.offset_bytes())?
        };
        let is_inside = at < self.length;
        is_inside.then_some(Entry {
            id,
            kind,
            bytes,
            at,
        })
    }

    fn entry(&self, page: usize, id: u16) -> Option<Entry> {
        let entries = self.pages.get(page)?;
        entries.iter().copied().find(|entry| entry.id == id)
    }

    fn number_in(&self, bytes: &[u8], width: usize) -> Option<u64> {
        let bytes = bytes.get(..width)?;
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.is_little_endian {
            bytes.iter().rev().fold(0, add)
        } else {
            bytes.iter().fold(0, add)
        })
    }

    fn offset_bytes(&self) -> usize {
        if self.is_big { 8 } else { 4 }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::made::{tiff, tiff_of_pages};
    use std::io::Cursor;

    #[test]
    fn values_are_found_in_both_byte_orders_and_sizes() {
        for (is_little_endian, is_big) in
            [(true, false), (false, false), (true, true), (false, true)]
        {
            let text = b"a longer text \xb5".to_vec();
            let first = vec![(256, 4, vec![70]), (257, 3, vec![50])];
            let bytes = tiff_of_pages(
                is_little_endian,
                is_big,
                &[(first, vec![]), (vec![], vec![(34682, 2, text.clone())])],
            );
            let mut file = Cursor::new(bytes);
            let mut tags = Tags::open(&mut file).unwrap();
            assert_eq!(tags.pages.len(), 2);
            assert_eq!(tags.size_px(0), Some([70, 50]));
            assert_eq!(tags.page_with(34682), Some(1));
            assert_eq!(tags.bytes(1, 34682), Some(text));
            assert_eq!(tags.number(0, 34682), None);
        }
    }

    #[test]
    fn a_circle_of_pages_ends() {
        let mut bytes = tiff(&[(256, 4, vec![1])], &[]);
        let end = bytes.len() - 4;
        let next = 8 + 2 + 12;
        assert_eq!(next, end);
        bytes[next..].copy_from_slice(&8_u32.to_le_bytes());
        let mut file = Cursor::new(bytes);
        assert_eq!(Tags::open(&mut file).unwrap().pages.len(), 1);
    }

    #[test]
    fn a_value_that_claims_a_gigabyte_is_what_the_file_holds_of_it() {
        let mut bytes = tiff(&[], &[(34682, 2, vec![b'x'; 100])]);
        bytes[8 + 2 + 4..8 + 2 + 8].copy_from_slice(&(1_u32 << 30).to_le_bytes());
        let mut file = Cursor::new(bytes);
        let value = Tags::open(&mut file).unwrap().bytes(0, 34682).unwrap();
        assert_eq!(value, vec![b'x'; 100]);
    }

    #[test]
    fn no_other_file_is_taken_for_a_tiff() {
        for bytes in [&b""[..], b"II", b"\x89PNG\r\n\x1a\n and more", &[0; 40]] {
            assert!(Tags::open(&mut Cursor::new(bytes)).is_none());
        }
    }
}
