//! The tags of a TIFF file for the texts that instruments leave.
//!
//! Takes any file: a page or value that is not there, lies outside the file or is too large
//! counts as absent, so there are no errors. Values stay bytes, because what vendors declare as
//! ASCII often is not. Walks no directory itself (`ifd.rs` does) and reads no pixels. Called by
//! the readers in `vendor/`.

use super::ifd::{Directory, Entry, Tiff};
use std::io::{Read, Seek};

/// Directories that are looked at: the instrument's text is on the first or second page.
const PAGES_MAX: usize = 64;
/// Bytes of one value that are read.
const VALUE_BYTES_MAX: u64 = 4 << 20;
/// Bytes of all values that are read from one file.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// A TIFF file as pages of tags.
pub(super) struct Tags<'r, R> {
    tiff: Tiff<'r, R>,
    left: u64,
    pages: Vec<Directory>,
}

impl<'r, R: Read + Seek> Tags<'r, R> {
    /// Finds the pages as far as they can be followed; `None` for anything but a TIFF file.
    pub fn open(reader: &'r mut R) -> Option<Self> {
        let mut tiff = Tiff::open(reader).ok()?;
        let (pages, _) = tiff.walk(PAGES_MAX);
        Some(Self {
            tiff,
            left: FILE_BYTES_MAX,
            pages,
        })
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
        Some(self.read_at(entry.at, entry.bytes()?))
    }

    /// A whole number, the first one where a tag has several.
    pub fn number(&mut self, page: usize, id: u16) -> Option<u64> {
        let entry = self.entry(page, id)?;
        self.number_at(entry.at, entry.number_bytes()?)
    }

    /// A fraction, as numerator and denominator.
    pub fn rational(&mut self, page: usize, id: u16) -> Option<[u64; 2]> {
        let entry = self.entry(page, id).filter(|entry| entry.kind == 5)?;
        let denominator_at = entry.at.checked_add(4)?;
        Some([
            self.number_at(entry.at, 4)?,
            self.number_at(denominator_at, 4)?,
        ])
    }

    /// A floating-point number of eight bytes.
    pub fn double(&mut self, page: usize, id: u16) -> Option<f64> {
        let entry = self.entry(page, id).filter(|entry| entry.kind == 12)?;
        Some(f64::from_bits(self.number_at(entry.at, 8)?))
    }

    /// Width and height of a page, in pixels.
    pub fn size_px(&mut self, page: usize) -> Option<[u32; 2]> {
        let side = |id| u32::try_from(self.number(page, id)?).ok();
        let [width, height] = [256, 257].map(side);
        Some([width?, height?])
    }

    /// Bytes from anywhere in the file, fewer where it or the reader's budget ends.
    pub fn read_at(&mut self, at: u64, bytes: u64) -> Vec<u8> {
        let bytes = bytes.min(VALUE_BYTES_MAX).min(self.left);
        let read = self.tiff.part(at, bytes).unwrap_or_default();
        self.left = self.left.saturating_sub(read.len() as u64);
        read
    }

    /// The last bytes of the file.
    pub fn tail(&mut self, bytes: u64) -> Vec<u8> {
        self.read_at(self.tiff.length.saturating_sub(bytes), bytes)
    }

    /// Whether numbers have their low byte first.
    pub fn is_little_endian(&self) -> bool {
        self.tiff.is_little_endian
    }

    /// The tags of a page whose values may hold a text: ASCII, bytes or undefined.
    pub fn text_ids(&self, page: usize) -> Vec<u16> {
        let entries = self.pages.get(page).map_or(&[][..], Directory::entries);
        let may_hold_text = |entry: &&Entry| {
            matches!(entry.kind, 1 | 2 | 7) && entry.bytes().is_some_and(|bytes| bytes > 4)
        };
        entries
            .iter()
            .filter(may_hold_text)
            .map(|entry| entry.tag)
            .collect()
    }

    /// The tag of a page, unless its value begins outside the file or is of no type that exists.
    fn entry(&self, page: usize, id: u16) -> Option<Entry> {
        let entry = self.pages.get(page)?.entry(id)?;
        let is_sound = entry.at < self.tiff.length && entry.bytes().is_some();
        is_sound.then_some(entry)
    }

    fn number_at(&mut self, at: u64, bytes: u64) -> Option<u64> {
        let value = self.read_at(at, bytes);
        (value.len() as u64 == bytes).then(|| self.tiff.join(&value))
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
