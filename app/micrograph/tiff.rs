//! TIFF and BigTIFF, by the crate `tiff`, one strip or tile at a time.
//!
//! Reads the first page; counts the others. Checks before decoding that every strip lies in
//! the file and that no JPEG inside is larger than its strip. Called by `read.rs`.

use super::error::ReadError;
use super::read::{Header, Job, length};
use super::{Pixels, whole};
use ::tiff::ColorType;
use ::tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use ::tiff::tags::{CompressionMethod, Tag};
use ::tiff::{TiffError, TiffFormatError};
use std::collections::HashSet;
use std::io::{BufRead, Read, Seek, SeekFrom};

/// Pages that are counted at most.
const PAGES: usize = 10_000;
/// Bytes of one tag's value at most: the offsets of a million strips.
const TAG_BYTES: usize = 8 << 20;

/// Reads the header.
pub(super) fn header<R: BufRead + Seek>(
    reader: &mut R,
    job: &Job<'_>,
) -> Result<Header, ReadError> {
    let pages = count_pages(reader, job)?;
    let mut decoder = open(reader, job)?;
    Ok(layout(&mut decoder, pages, job)?.header)
}

/// Reads the pixels of the first page.
pub(super) fn decode<R: BufRead + Seek>(
    reader: &mut R,
    job: &Job<'_>,
) -> Result<(Header, Pixels), ReadError> {
    let pages = count_pages(reader, job)?;
    let file_length = length(reader).map_err(|e| job.system(e))?;
    let mut decoder = open(reader, job)?;
    let layout = layout(&mut decoder, pages, job)?;
    check_chunks(&mut decoder, file_length, job)?;
    let Header {
        width,
        height,
        bits,
        samples,
        ..
    } = layout.header;
    let len = width as usize * height as usize * usize::from(samples);
    let pixels = if bits == 16 {
        let take = |chunk| match chunk {
            DecodingResult::U16(samples) => Some(samples),
            _ => None,
        };
        Pixels::Grey16(fill(&mut decoder, job.zeroed(len)?, &layout, take, job)?)
    } else {
        let take = |chunk| match chunk {
            DecodingResult::U8(samples) => Some(samples),
            _ => None,
        };
        let filled = fill(&mut decoder, job.zeroed(len)?, &layout, take, job)?;
        if samples == 1 {
            Pixels::Grey8(filled)
        } else {
            Pixels::Rgb8(filled)
        }
    };
    Ok((layout.header, pixels))
}

/// How the samples of a page lie in its strips or tiles.
struct Layout {
    header: Header,
    /// Samples a pixel in the file, of which the first `header.samples` are kept.
    stored_samples: usize,
}

fn open<'r, R: BufRead + Seek>(
    reader: &'r mut R,
    job: &Job<'_>,
) -> Result<Decoder<&'r mut R>, ReadError> {
    reader.rewind().map_err(|e| job.system(e))?;
    let mut limits = Limits::default();
    limits.ifd_value_size = TAG_BYTES;
    // One strip may hold the whole image.
    let most = usize::try_from(job.limits.pixels.saturating_mul(4)).unwrap_or(usize::MAX);
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    Ok(Decoder::new(reader)
        .map_err(|e| explain(e, job))?
        .with_limits(limits))
}

fn layout<R: BufRead + Seek>(
    decoder: &mut Decoder<R>,
    pages: u32,
    job: &Job<'_>,
) -> Result<Layout, ReadError> {
    let (width, height) = decoder.dimensions().map_err(|e| explain(e, job))?;
    job.check_size(width, height)?;
    let numbers = |decoder: &mut Decoder<R>, tag| {
        decoder
            .find_tag_unsigned_vec::<u16>(tag)
            .map_err(|e| explain(e, job))
    };
    if numbers(decoder, Tag::PlanarConfiguration)?.is_some_and(|planes| planes.contains(&2)) {
        return Err(job.unsupported("colours in separate planes are"));
    }
    if numbers(decoder, Tag::SampleFormat)?.is_some_and(|of| of.iter().any(|f| *f != 1 && *f != 4))
    {
        return Err(job.unsupported("signed or floating-point samples are"));
    }
    let (bits, samples, stored_samples) = match decoder.colortype().map_err(|e| explain(e, job))? {
        ColorType::Gray(bits @ (8 | 16)) => (bits, 1, 1),
        ColorType::Multiband {
            bit_depth: bits @ (8 | 16),
            num_samples,
        } => (bits, 1, num_samples),
        ColorType::RGB(8) => (8, 3, 3),
        ColorType::RGBA(8) => (8, 3, 4),
        other => return Err(job.unsupported(format!("its kind of pixels ({other:?}) is"))),
    };
    let header = Header {
        format: "TIFF",
        width,
        height,
        bits,
        samples,
        pages,
    };
    Ok(Layout {
        header,
        stored_samples: usize::from(stored_samples),
    })
}

/// Decodes strip by strip, tile by tile, into `image`.
fn fill<R: BufRead + Seek, T: Copy>(
    decoder: &mut Decoder<R>,
    mut image: Vec<T>,
    layout: &Layout,
    take: impl Fn(DecodingResult) -> Option<Vec<T>>,
    job: &Job<'_>,
) -> Result<Vec<T>, ReadError> {
    let odd = || job.damaged("its strips do not fit its size");
    let (kept, stored) = (usize::from(layout.header.samples), layout.stored_samples);
    let width = layout.header.width as usize;
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    let across = layout.header.width.div_ceil(chunk_width.max(1));
    for index in 0..chunk_count(decoder, job)? {
        job.go_on()?;
        let chunk =
            take(decoder.read_chunk(index).map_err(|e| explain(e, job))?).ok_or_else(odd)?;
        let (data_width, data_height) = decoder.chunk_data_dimensions(index);
        let (x, y) = (
            (index % across) * chunk_width,
            (index / across) * chunk_height,
        );
        let from_rows = chunk.chunks_exact(data_width as usize * stored);
        for (row, from) in from_rows.take(data_height as usize).enumerate() {
            let start = ((y as usize + row) * width + x as usize) * kept;
            let to = image
                .get_mut(start..start + data_width as usize * kept)
                .ok_or_else(odd)?;
            if kept == stored {
                to.copy_from_slice(from);
            } else {
                for (to, from) in to.chunks_exact_mut(kept).zip(from.chunks_exact(stored)) {
                    to.copy_from_slice(&from[..kept]);
                }
            }
        }
    }
    Ok(image)
}

fn chunk_count<R: BufRead + Seek>(
    decoder: &mut Decoder<R>,
    job: &Job<'_>,
) -> Result<u32, ReadError> {
    match decoder.get_chunk_type() {
        ChunkType::Strip => decoder.strip_count(),
        ChunkType::Tile => decoder.tile_count(),
    }
    .map_err(|e| explain(e, job))
}

/// Checks that all strips or tiles lie in the file, and that JPEGs in them are no larger than
/// they: their own headers would decide how much is allocated.
fn check_chunks<R: BufRead + Seek>(
    decoder: &mut Decoder<R>,
    file_length: u64,
    job: &Job<'_>,
) -> Result<(), ReadError> {
    let (offsets, lengths) = match decoder.get_chunk_type() {
        ChunkType::Strip => (Tag::StripOffsets, Tag::StripByteCounts),
        ChunkType::Tile => (Tag::TileOffsets, Tag::TileByteCounts),
    };
    let mut numbers = |tag| {
        let found = decoder
            .find_tag_unsigned_vec::<u64>(tag)
            .map_err(|e| explain(e, job))?;
        found.ok_or_else(|| job.damaged("it does not say where its pixels are"))
    };
    let (offsets, lengths) = (numbers(offsets)?, numbers(lengths)?);
    let compression = decoder
        .find_tag_unsigned::<u16>(Tag::Compression)
        .map_err(|e| explain(e, job))?;
    let is_jpeg = compression == Some(CompressionMethod::ModernJPEG.to_u16());
    let (width, height) = decoder.chunk_dimensions();
    for (offset, length) in offsets.into_iter().zip(lengths) {
        if offset
            .checked_add(length)
            .is_none_or(|end| end > file_length)
        {
            return Err(job.damaged("it ends before its pixels do"));
        }
        if is_jpeg {
            let file = decoder.inner();
            let mut jpeg = Vec::new();
            file.seek(SeekFrom::Start(offset))
                .map_err(|e| job.system(e))?;
            file.take(length)
                .read_to_end(&mut jpeg)
                .map_err(|e| job.system(e))?;
            let (jpeg_width, jpeg_height) = whole::walk_jpeg(&jpeg)
                .ok_or_else(|| job.damaged("a JPEG inside it ends too early"))?;
            if u32::from(jpeg_width) > width || u32::from(jpeg_height) > height {
                return Err(job.damaged("a JPEG inside it is larger than its strip"));
            }
        }
    }
    Ok(())
}

/// Counts the pages by following their directories, up to [`PAGES`].
fn count_pages<R: BufRead + Seek>(reader: &mut R, job: &Job<'_>) -> Result<u32, ReadError> {
    let system = |e| job.system(e);
    reader.rewind().map_err(system)?;
    let mut start = [0; 4];
    reader.read_exact(&mut start).map_err(system)?;
    let numbers = Numbers {
        little: start[0] == b'I',
        big_file: start.contains(&43),
    };
    if numbers.big_file {
        numbers.read(reader, 4).map_err(system)?;
    }
    let mut next = numbers.offset(reader).map_err(system)?;
    let mut seen = HashSet::new();
    while next != 0 && seen.len() < PAGES {
        if !seen.insert(next) {
            return Err(job.damaged("its pages run in a circle"));
        }
        reader.seek(SeekFrom::Start(next)).map_err(system)?;
        let (count_bytes, entry_bytes) = if numbers.big_file { (8, 20) } else { (2, 12) };
        let entries = numbers.read(reader, count_bytes).map_err(system)?;
        let after = entries
            .checked_mul(entry_bytes)
            .and_then(|skip| skip.checked_add(next + count_bytes));
        let after = after.ok_or_else(|| job.damaged("a page has too many tags"))?;
        reader.seek(SeekFrom::Start(after)).map_err(system)?;
        next = numbers.offset(reader).map_err(system)?;
    }
    reader.rewind().map_err(system)?;
    Ok(seen.len() as u32)
}

/// How numbers are written in a TIFF file.
struct Numbers {
    little: bool,
    /// BigTIFF, whose offsets have eight bytes.
    big_file: bool,
}

impl Numbers {
    fn offset(&self, reader: &mut impl Read) -> std::io::Result<u64> {
        self.read(reader, if self.big_file { 8 } else { 4 })
    }

    fn read(&self, reader: &mut impl Read, bytes: u64) -> std::io::Result<u64> {
        let mut read = Vec::with_capacity(8);
        if reader.take(bytes).read_to_end(&mut read)? as u64 != bytes {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if self.little {
            read.reverse();
        }
        Ok(read
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

fn explain(error: TiffError, job: &Job<'_>) -> ReadError {
    match error {
        TiffError::IoError(cause) => job.system(cause),
        TiffError::FormatError(TiffFormatError::InvalidDimensions(width, height)) => job
            .check_size(width, height)
            .err()
            .unwrap_or_else(|| job.damaged("its size is odd")),
        TiffError::UnsupportedError(what) => job.unsupported(format!("its flavour ({what}) is")),
        TiffError::LimitsExceeded => job.damaged("a part of it claims to be larger than the whole"),
        other => job.damaged(other.to_string()),
    }
}
