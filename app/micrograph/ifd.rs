//! The directories of a TIFF file: which tags each page has, and the values of those asked for.
//!
//! Everything is bounded: pages, tags, bytes of a value; pages that run in a circle are an
//! error. Interprets no tag and reads no pixels. Called by `tiff.rs`.

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
    tags: Vec<Entry>,
}

/// A tag: what it is, and where its value stands.
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    value_at: u64,
}

impl Entry {
    /// Bytes of the value; `None` for a type that does not exist.
    fn bytes(&self) -> Option<u64> {
        let of_one = match self.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => return None,
        };
        self.count.checked_mul(of_one)
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
    /// Reads the file's first words.
    pub fn open(reader: &'r mut R) -> io::Result<Self> {
        reader.rewind()?;
        let mut start = [0; 4];
        reader.read_exact(&mut start)?;
        let length = length(reader)?;
        Ok(Self {
            reader,
            length,
            is_little_endian: start[0] == b'I',
            is_big: start.contains(&43),
        })
    }

    /// All directories, following the file from its first one; an error if they leave the file
    /// or run in a circle.
    pub fn directories(&mut self, job: &Job<'_>) -> Result<Vec<Directory>, ReadError> {
        let system = |e| job.system(e);
        let start = if self.is_big { 8 } else { 4 };
        self.reader.seek(SeekFrom::Start(start)).map_err(system)?;
        let mut next = self.offset().map_err(system)?;
        let mut seen = HashSet::new();
        let mut pages = Vec::new();
        let mut tags = 0;
        while next != 0 && pages.len() < PAGES {
            if !seen.insert(next) {
                return Err(job.damaged("its pages run in a circle"));
            }
            self.reader.seek(SeekFrom::Start(next)).map_err(system)?;
            let count = self
                .number(if self.is_big { 8 } else { 2 })
                .map_err(system)?;
            tags += usize::try_from(count).unwrap_or(TAGS);
            if count > PAGE_TAGS || tags > TAGS {
                return Err(job.damaged("a page has too many tags"));
            }
            pages.push(self.directory(count).map_err(system)?);
            next = self.offset().map_err(system)?;
        }
        if pages.is_empty() {
            return Err(job.damaged("it has no page"));
        }
        Ok(pages)
    }

    /// The directory whose first tag comes next.
    fn directory(&mut self, count: u64) -> io::Result<Directory> {
        let (bytes, inline) = if self.is_big { (20, 8) } else { (12, 4) };
        let mut table = vec![0; (count * bytes) as usize];
        let table_at = self.reader.stream_position()?;
        self.reader.read_exact(&mut table)?;
        let entries = table.chunks_exact(bytes as usize).zip(0_u64..);
        let tags = entries.map(|(entry, index)| {
            let (head, value) = entry.split_at(entry.len() - inline);
            let mut entry = Entry {
                tag: self.join(&head[..2]) as u16,
                kind: self.join(&head[2..4]) as u16,
                count: self.join(&head[4..]),
                value_at: table_at + index * bytes + head.len() as u64,
            };
            if entry.bytes().is_none_or(|bytes| bytes > inline as u64) {
                entry.value_at = self.join(value);
            }
            entry
        });
        Ok(Directory {
            tags: tags.collect(),
        })
    }

    /// The unsigned whole numbers of a tag; `None` where the page does not have it.
    pub fn numbers(&mut self, page: &Directory, tag: u16, most: usize) -> io::Result<Numbers> {
        let Some(entry) = page.tags.iter().find(|entry| entry.tag == tag) else {
            return Ok(None);
        };
        let of_one = match entry.kind {
            1 => 1,
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => return Err(invalid("a tag that should be a number is none")),
        };
        let count = entry.count.min(most as u64);
        let bytes = self.value(entry.value_at, count * of_one)?;
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
        let Some(entry) = page.tags.iter().find(|entry| entry.tag == tag) else {
            return Ok(None);
        };
        match entry.bytes() {
            Some(bytes) if bytes <= most => self.value(entry.value_at, bytes).map(Some),
            _ => Err(invalid("a tag is too long")),
        }
    }

    fn value(&mut self, at: u64, bytes: u64) -> io::Result<Vec<u8>> {
        if at.checked_add(bytes).is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.reader.seek(SeekFrom::Start(at))?;
        let mut value = vec![0; bytes as usize];
        self.reader.read_exact(&mut value)?;
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

    fn join(&self, bytes: &[u8]) -> u64 {
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
