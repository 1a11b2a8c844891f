//! The directories of a TIFF file, followed before anything else is: how many pages there are,
//! and where the first one says that it is a palette image.
//!
//! Looks at no pixels and no other tag. Called by `tiff.rs`.

use super::error::ReadError;
use super::palette::IS_PALETTE;
use super::read::Job;
use std::collections::HashSet;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// Pages that are counted at most.
const PAGES: usize = 10_000;
const PHOTOMETRIC_INTERPRETATION: u64 = 262;

/// What the directories say.
pub(super) struct Pages {
    /// Directories, at most 10 000.
    pub count: u32,
    /// Where the first page's photometric interpretation has its low byte, if it is a palette.
    pub palette_at: Option<u64>,
}

/// Follows the directories; an error if they leave the file or run in a circle.
pub(super) fn follow(
    reader: &mut (impl BufRead + Seek),
    job: &Job<'_>,
) -> Result<Pages, ReadError> {
    let system = |e| job.system(e);
    let mut file = Numbers::open(reader).map_err(system)?;
    let mut next = file.offset().map_err(system)?;
    let mut seen = HashSet::new();
    let mut palette_at = None;
    while next != 0 && seen.len() < PAGES {
        if !seen.insert(next) {
            return Err(job.damaged("its pages run in a circle"));
        }
        let (count_bytes, entry_bytes) = if file.is_big { (8, 20) } else { (2, 12) };
        file.reader.seek(SeekFrom::Start(next)).map_err(system)?;
        let entries = file.number(count_bytes).map_err(system)?;
        let first = next.saturating_add(count_bytes);
        if seen.len() == 1 {
            palette_at = file
                .find_palette(first, entries, entry_bytes)
                .map_err(system)?;
        }
        let after = entries
            .checked_mul(entry_bytes)
            .and_then(|skip| skip.checked_add(first));
        let after = after.ok_or_else(|| job.damaged("a page has too many tags"))?;
        file.reader.seek(SeekFrom::Start(after)).map_err(system)?;
        next = file.offset().map_err(system)?;
    }
    Ok(Pages {
        count: seen.len() as u32,
        palette_at,
    })
}

/// A TIFF file as a source of numbers.
struct Numbers<'r, R> {
    reader: &'r mut R,
    is_little_endian: bool,
    /// BigTIFF, whose offsets have eight bytes.
    is_big: bool,
}

impl<'r, R: BufRead + Seek> Numbers<'r, R> {
    /// Reads the file's first words; the offset of the first directory comes next.
    fn open(reader: &'r mut R) -> io::Result<Self> {
        reader.rewind()?;
        let mut start = [0; 4];
        reader.read_exact(&mut start)?;
        let mut file = Self {
            reader,
            is_little_endian: start[0] == b'I',
            is_big: false,
        };
        if start.contains(&43) {
            file.is_big = true;
            file.number(4)?;
        }
        Ok(file)
    }

    fn offset(&mut self) -> io::Result<u64> {
        self.number(self.offset_bytes())
    }

    fn number(&mut self, bytes: u64) -> io::Result<u64> {
        let mut read = Vec::with_capacity(8);
        if self.reader.by_ref().take(bytes).read_to_end(&mut read)? as u64 != bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if self.is_little_endian {
            read.reverse();
        }
        Ok(read
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Where a directory with its entries from `first` says "palette".
    fn find_palette(
        &mut self,
        first: u64,
        entries: u64,
        entry_bytes: u64,
    ) -> io::Result<Option<u64>> {
        for index in 0..entries {
            let entry = first.saturating_add(index.saturating_mul(entry_bytes));
            self.reader.seek(SeekFrom::Start(entry))?;
            if self.number(2)? != PHOTOMETRIC_INTERPRETATION {
                continue;
            }
            let value_at = entry + entry_bytes - self.offset_bytes();
            self.reader.seek(SeekFrom::Start(value_at))?;
            let is_palette = self.number(2)? == u64::from(IS_PALETTE);
            return Ok(is_palette.then_some(value_at + u64::from(!self.is_little_endian)));
        }
        Ok(None)
    }

    fn offset_bytes(&self) -> u64 {
        if self.is_big { 8 } else { 4 }
    }
}
