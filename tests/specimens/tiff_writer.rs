//! Writes TIFF and BigTIFF in either order of bytes, page after page, tag by tag.

use super::SIZE;

/// A TIFF being written.
pub struct Tiff {
    pub bytes: Vec<u8>,
    is_little: bool,
    is_big: bool,
    /// Where the offset of the next page goes.
    link: usize,
}

/// The numbers of a tag.
pub type Tag<'t> = (u16, &'t [u64]);

impl Tiff {
    pub fn new(is_little: bool, is_big: bool) -> Self {
        let mut file = Self {
            bytes: if is_little { b"II" } else { b"MM" }.to_vec(),
            is_little,
            is_big,
            link: 0,
        };
        file.put(if is_big { 43 } else { 42 }, 2);
        if is_big {
            file.put(8, 2);
            file.put(0, 2);
        }
        file.link = file.bytes.len();
        file.put(0, file.offset_bytes());
        file
    }

    fn offset_bytes(&self) -> usize {
        if self.is_big { 8 } else { 4 }
    }

    fn put(&mut self, number: u64, bytes: usize) {
        let word = self.word(number, bytes);
        self.bytes.extend(word);
    }

    fn word(&self, number: u64, bytes: usize) -> Vec<u8> {
        if self.is_little {
            number.to_le_bytes()[..bytes].to_vec()
        } else {
            number.to_be_bytes()[8 - bytes..].to_vec()
        }
    }

    /// A page of strips, or of tiles if it has a tile width; `undefined` is a tag of bytes.
    pub fn page(&mut self, tags: &[Tag<'_>], chunks: &[Vec<u8>], undefined: Option<(u16, &[u8])>) {
        let is_tiled = tags.iter().any(|(tag, _)| *tag == 322);
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for chunk in chunks {
            offsets.push(self.bytes.len() as u64);
            lengths.push(chunk.len() as u64);
            self.bytes.extend(chunk);
        }
        let (width, height) = ([SIZE[0] as u64], [SIZE[1] as u64]);
        let mut all: Vec<Tag<'_>> = vec![(256, &width), (257, &height)];
        all.extend(tags);
        all.push((if is_tiled { 324 } else { 273 }, &offsets));
        all.push((if is_tiled { 325 } else { 279 }, &lengths));
        let mut written: Vec<(u16, u64, u64, Vec<u8>)> = Vec::new();
        for (tag, numbers) in all {
            let (kind, size) = if numbers.iter().all(|n| *n < 1 << 16) {
                (3, 2)
            } else {
                (4, 4)
            };
            let words = numbers.iter().flat_map(|n| self.word(*n, size)).collect();
            written.push((tag, kind, numbers.len() as u64, words));
        }
        if let Some((tag, bytes)) = undefined {
            written.push((tag, 7, bytes.len() as u64, bytes.to_vec()));
        }
        written.sort_by_key(|(tag, ..)| *tag);
        let inline = self.offset_bytes();
        let mut entries = Vec::new();
        for (tag, kind, count, mut value) in written {
            if value.len() > inline {
                let at = self.bytes.len() as u64;
                self.bytes.extend(&value);
                value = self.word(at, inline);
            }
            value.resize(inline, 0);
            entries.extend(self.word(tag.into(), 2));
            entries.extend(self.word(kind, 2));
            entries.extend(self.word(count, inline));
            entries.extend(value);
        }
        let here = self.word(self.bytes.len() as u64, inline);
        self.bytes[self.link..self.link + inline].copy_from_slice(&here);
        let entry = if self.is_big { 20 } else { 12 };
        self.put(
            (entries.len() / entry) as u64,
            if self.is_big { 8 } else { 2 },
        );
        self.bytes.extend(entries);
        self.link = self.bytes.len();
        self.put(0, inline);
    }
}
