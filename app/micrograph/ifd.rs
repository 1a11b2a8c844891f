//! The directories of a TIFF or BigTIFF file: which tags each page has, and their values.
//!
//! One walk for all: it gives what it found and what ended it, and the callers judge. `tiff.rs`
//! takes any trouble for a damaged file; `tags.rs` is content with what there is. Everything is
//! bounded: pages, tags, bytes of a value. Interprets no tag and reads no pixels.

use super::error::ReadError;
use super::read::{Job, length};
use std::collections::HashSet;
use std::io::{self, Read, Seek, SeekFrom};

/// Pages that are counted at most.
const PAGES: usize = 10_000;
/// Tags of one page at most; real ones have some dozens.
const PAGE_TAGS: u64 = 4096;
/// Tags of all pages at most.
const TAGS: usize = 1_000_000;

/// One page's tags, in the order of the file.
#[derive(Default)]
pub(super) struct Directory {
    entries: Vec<Entry>,
}

impl Directory {
    /// All tags.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The first tag of a number.
    pub fn entry(&self, tag: u16) -> Option<Entry> {
        self.entries.iter().copied().find(|entry| entry.tag == tag)
    }
}

/// A tag: what it says about itself, and where its value stands. Nothing of it is checked.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub tag: u16,
    pub kind: u16,
    count: u64,
    pub at: u64,
}

impl Entry {
    /// Bytes of the value; `None` for a type that does not exist.
    pub fn bytes(self) -> Option<u64> {
        let of_one = match self.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => return None,
        };
        self.count.checked_mul(of_one)
    }

    /// Bytes of each unsigned whole number; `None` where the value is something else.
    pub fn number_bytes(self) -> Option<u64> {
        match self.kind {
            1 => Some(1),
            3 => Some(2),
            4 | 13 => Some(4),
            16 | 18 => Some(8),
            _ => None,
        }
    }
}

/// A TIFF or BigTIFF file as a source of directories and values.
pub(super) struct Tiff<'r, R> {
    /// The file itself.
    pub reader: &'r mut R,
    /// Its length in bytes.
    pub length: u64,
    /// The order of the bytes in its numbers.
    pub is_little_endian: bool,
    is_big: bool,
}

impl<'r, R: Read + Seek> Tiff<'r, R> {
    /// Reads the file's first words; an error for anything but a TIFF file.
    pub fn open(reader: &'r mut R) -> io::Result<Self> {
        reader.rewind()?;
        let mut start = [0; 4];
        reader.read_exact(&mut start)?;
        let (is_little_endian, is_big) = match &start {
            b"II\x2a\0" => (true, false),
            b"II\x2b\0" => (true, true),
            b"MM\0\x2a" => (false, false),
            b"MM\0\x2b" => (false, true),
            _ => return Err(invalid("it is no TIFF file")),
        };
        let length = length(reader)?;
        Ok(Self {
            reader,
            length,
            is_little_endian,
            is_big,
        })
    }

    /// All directories; an error if there is none, or if they leave the file, hold too much or
    /// run in a circle.
    pub fn directories(&mut self, job: &Job<'_>) -> Result<Vec<Directory>, ReadError> {
        let (pages, trouble) = self.walk(PAGES);
        match trouble {
            Some(cause) => Err(job.system(cause)),
            None if pages.is_empty() => Err(job.damaged("it has no page")),
            None => Ok(pages),
        }
    }

    /// Follows the directories from the first one: at most so many, and what ended the walk
    /// before its end.
    pub fn walk(&mut self, most: usize) -> (Vec<Directory>, Option<io::Error>) {
        let mut pages = Vec::new();
        let trouble = self.follow(most, &mut pages).err();
        (pages, trouble)
    }

    fn follow(&mut self, most: usize, pages: &mut Vec<Directory>) -> io::Result<()> {
        let start = if self.is_big { 8 } else { 4 };
        self.reader.seek(SeekFrom::Start(start))?;
        let mut next = self.offset()?;
        let mut seen = HashSet::new();
        let mut tags = 0;
        while next != 0 && pages.len() < most {
            if !seen.insert(next) {
                return Err(invalid("its pages run in a circle"));
            }
            self.reader.seek(SeekFrom::Start(next))?;
            let count = self.number(if self.is_big { 8 } else { 2 })?;
            tags += usize::try_from(count).unwrap_or(TAGS).min(TAGS);
            if count > PAGE_TAGS || tags > TAGS {
                return Err(invalid("a page has too many tags"));
            }
            pages.push(self.directory(count)?);
            next = self.offset()?;
        }
        Ok(())
    }

    /// The directory whose first tag comes next.
    fn directory(&mut self, count: u64) -> io::Result<Directory> {
        let (bytes, inline) = if self.is_big { (20, 8) } else { (12, 4) };
        let mut table = vec![0; (count * bytes) as usize];
        let table_at = self.reader.stream_position()?;
        self.reader.read_exact(&mut table)?;
        let entries = table.chunks_exact(bytes as usize).zip(0_u64..);
        let entries = entries.map(|(entry, index)| {
            let (head, value) = entry.split_at(entry.len() - inline);
            let mut entry = Entry {
                tag: self.join(&head[..2]) as u16,
                kind: self.join(&head[2..4]) as u16,
                count: self.join(&head[4..]),
                at: table_at + index * bytes + head.len() as u64,
            };
            if entry.bytes().is_none_or(|bytes| bytes > inline as u64) {
                entry.at = self.join(value);
            }
            entry
        });
        Ok(Directory {
            entries: entries.collect(),
        })
    }

    /// The unsigned whole numbers of a tag; `None` where the page does not have it.
    pub fn numbers(&mut self, page: &Directory, tag: u16, most: usize) -> io::Result<Numbers> {
        let Some(entry) = page.entry(tag) else {
            return Ok(None);
        };
        let of_one = entry
            .number_bytes()
            .ok_or_else(|| invalid("a tag that should be a number is none"))?;
        let count = entry.count.min(most as u64);
        let bytes = self.whole(entry.at, count * of_one)?;
        let numbers = bytes.chunks_exact(of_one as usize);
        Ok(Some(numbers.map(|number| self.join(number)).collect()))
    }

    /// The first number of a tag, or what holds without the tag.
    pub fn number_or(&mut self, page: &Directory, tag: u16, without: u64) -> io::Result<u64> {
        let numbers = self.numbers(page, tag, 1)?;
        Ok(numbers.and_then(|n| n.first().copied()).unwrap_or(without))
    }

    /// The bytes of a tag, whatever its type; `None` where the page does not have it.
    pub fn bytes(&mut self, page: &Directory, tag: u16, most: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(entry) = page.entry(tag) else {
            return Ok(None);
        };
        match entry.bytes() {
            Some(bytes) if bytes <= most => self.whole(entry.at, bytes).map(Some),
            _ => Err(invalid("a tag is too long")),
        }
    }

    /// So many bytes, all of them in the file.
    fn whole(&mut self, at: u64, bytes: u64) -> io::Result<Vec<u8>> {
        let value = self.part(at, bytes)?;
        if (value.len() as u64) < bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(value)
    }

    /// So many bytes, or those that the file has of them.
    pub fn part(&mut self, at: u64, bytes: u64) -> io::Result<Vec<u8>> {
        let bytes = bytes.min(self.length.saturating_sub(at));
        self.reader.seek(SeekFrom::Start(at))?;
        let mut value = Vec::new();
        self.reader.by_ref().take(bytes).read_to_end(&mut value)?;
        Ok(value)
    }

    fn offset(&mut self) -> io::Result<u64> {
        self.number(if self.is_big { 8 } else { 4 })
    }

    /// The number in the next bytes, at most eight.
    fn number(&mut self, bytes: usize) -> io::Result<u64> {
        let mut read = [0; 8];
        let read = read.get_mut(..bytes).unwrap_or_default();
        self.reader.read_exact(read)?;
        Ok(self.join(read))
    }

    /// The number in some bytes, at most eight.
    pub fn join(&self, bytes: &[u8]) -> u64 {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.is_little_endian {
            bytes.iter().rev().fold(0, add)
        } else {
            bytes.iter().fold(0, add)
        }
    }
}

/// Numbers of a tag that may be missing.
pub(super) type Numbers = Option<Vec<u64>>;

fn invalid(cause: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}
