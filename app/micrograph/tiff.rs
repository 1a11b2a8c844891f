//! TIFF and BigTIFF, by the crate `tiff`, one strip or tile at a time.
//!
//! Reads the first page, palettes included. Checks before decoding that every strip lies in
//! the file and that no JPEG inside is larger than its strip. Called by `read.rs`.

use super::error::ReadError;
use super::pages::{self, Pages};
use super::palette::{AsGrey, Palette};
use super::read::{Header, Job, length};
use super::{Pixels, whole};
use ::tiff::ColorType;
use ::tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use ::tiff::tags::{CompressionMethod, Tag};
use ::tiff::{TiffError, TiffFormatError};
use std::io::{BufRead, Read, Seek, SeekFrom};

/// Bytes of one tag's value at most: the offsets of a million strips.
const TAG_BYTES: usize = 8 << 20;

/// Reads the header.
pub(super) fn header<R: BufRead + Seek>(
    reader: &mut R,
    job: &Job<'_>,
) -> Result<Header, ReadError> {
    let pages = pages::follow(reader, job)?;
    let mut decoder = open(reader, &pages, job)?;
    Ok(layout(&mut decoder, &pages, job)?.header)
}

/// Reads the pixels of the first page.
pub(super) fn decode<R: BufRead + Seek>(
    reader: &mut R,
    job: &Job<'_>,
) -> Result<(Header, Pixels), ReadError> {
    let pages = pages::follow(reader, job)?;
    let file_length = length(reader).map_err(|e| job.system(e))?;
    let mut decoder = open(reader, &pages, job)?;
    let layout = layout(&mut decoder, &pages, job)?;
    job.check_claim(&layout.header, file_length)?;
    let chunks = check_chunks(&mut decoder, file_length, job)?;
    let pixels = if layout.header.bits == 16 {
        Pixels::Grey16(fill(
            &mut decoder,
            &layout,
            chunks,
            job,
            |chunk| match chunk {
                DecodingResult::U16(samples) => Some(samples),
                _ => None,
            },
        )?)
    } else {
        let mut samples = fill(&mut decoder, &layout, chunks, job, |chunk| match chunk {
            DecodingResult::U8(samples) => Some(samples),
            _ => None,
        })?;
        if let Some(palette) = &layout.palette {
            samples = palette.apply(samples);
        }
        if layout.header.samples == 1 {
            Pixels::Grey8(samples)
        } else {
            Pixels::Rgb8(samples)
        }
    };
    Ok((layout.header, pixels))
}

/// How the samples of a page lie in its strips or tiles.
struct Layout {
    header: Header,
    /// Samples a pixel in the file.
    stored: usize,
    /// The first of them that are kept.
    kept: usize,
    /// What they mean, where they are indices.
    palette: Option<Palette>,
}

fn open<'r, R: BufRead + Seek>(
    reader: &'r mut R,
    pages: &Pages,
    job: &Job<'_>,
) -> Result<Decoder<AsGrey<'r, R>>, ReadError> {
    let file = AsGrey::new(reader, pages.palette_at).map_err(|e| job.system(e))?;
    let mut limits = Limits::default();
    limits.ifd_value_size = TAG_BYTES;
    // One strip may hold the whole image.
    let most = usize::try_from(job.limits.pixels.saturating_mul(4)).unwrap_or(usize::MAX);
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    Ok(Decoder::new(file)
        .map_err(|e| explain(e, job))?
        .with_limits(limits))
}

fn layout<R: Read + Seek>(
    decoder: &mut Decoder<R>,
    pages: &Pages,
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
    let color = decoder.colortype().map_err(|e| explain(e, job))?;
    let (bits, kept, stored) = match color {
        ColorType::Gray(bits @ (8 | 16)) => (bits, 1, 1),
        ColorType::Multiband {
            bit_depth: bits @ (8 | 16),
            num_samples,
        } => (bits, 1, num_samples),
        ColorType::RGB(8) => (8, 3, 3),
        ColorType::RGBA(8) => (8, 3, 4),
        ColorType::Gray(bits) => {
            return Err(job.unsupported(format!("{bits}-bit grey samples are")));
        }
        ColorType::RGB(bits) | ColorType::RGBA(bits) => {
            return Err(job.unsupported(format!("{bits}-bit colours are")));
        }
        other => return Err(job.unsupported(format!("its kind of colours ({other:?}) is"))),
    };
    let palette = match (pages.palette_at, color) {
        (None, _) => None,
        (Some(_), ColorType::Gray(8)) => {
            let map = numbers(decoder, Tag::ColorMap)?.unwrap_or_default();
            Some(Palette::from_map(&map).ok_or_else(|| job.damaged("it has no colour map"))?)
        }
        _ => return Err(job.unsupported("palettes of other than 8 bits are")),
    };
    let samples = palette.as_ref().map_or(kept, Palette::samples);
    let header = Header {
        format: "TIFF",
        width,
        height,
        bits,
        samples,
        pages: pages.count,
    };
    Ok(Layout {
        header,
        stored: usize::from(stored),
        kept: usize::from(kept),
        palette,
    })
}

/// Decodes strip by strip, tile by tile; `take` unwraps samples of the expected depth.
fn fill<R: Read + Seek, T: Copy + Default>(
    decoder: &mut Decoder<R>,
    layout: &Layout,
    chunks: u32,
    job: &Job<'_>,
    take: impl Fn(DecodingResult) -> Option<Vec<T>>,
) -> Result<Vec<T>, ReadError> {
    let odd = || job.damaged("its strips do not fit its size");
    let Layout { kept, stored, .. } = *layout;
    let width = layout.header.width as usize;
    let len = width * layout.header.height as usize * kept;
    let read = |decoder: &mut Decoder<R>, index| {
        take(decoder.read_chunk(index).map_err(|e| explain(e, job))?).ok_or_else(odd)
    };
    if chunks == 1 && kept == stored {
        let whole = read(decoder, 0)?;
        // A tile may be larger than the image.
        if whole.len() == len {
            return Ok(whole);
        }
    }
    let mut image = job.zeroed(len)?;
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    let across = layout.header.width.div_ceil(chunk_width.max(1));
    for index in 0..chunks {
        job.go_on()?;
        let chunk = read(decoder, index)?;
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

/// Checks that all strips or tiles lie in the file, and that JPEGs in them are no larger than
/// they: their own headers would decide how much is allocated. Gives their number back; the
/// decoder's own count fails on a single strip of the whole height, written as 2^32 - 1 rows.
fn check_chunks<R: Read + Seek>(
    decoder: &mut Decoder<R>,
    file_length: u64,
    job: &Job<'_>,
) -> Result<u32, ReadError> {
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
    let chunks = offsets.len();
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
    u32::try_from(chunks).map_err(|_| job.damaged("it has too many strips"))
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use crate::micrograph::{Limits, Micrograph, Pixels, read_bytes};
    use ::tiff::encoder::{Compression, Predictor, TiffEncoder, TiffValue, colortype};
    use ::tiff::tags::Tag;
    use std::io::Cursor;

    fn read(bytes: &[u8]) -> Micrograph {
        read_bytes(bytes, "made.tif", Limits::default()).unwrap()
    }

    fn encoded<C: colortype::ColorType>(
        [width, height]: [u32; 2],
        samples: &[C::Inner],
        compression: Compression,
        predictor: Predictor,
    ) -> Vec<u8>
    where
        [C::Inner]: TiffValue,
    {
        let mut bytes = Cursor::new(Vec::new());
        let encoder = TiffEncoder::new(&mut bytes).unwrap();
        let mut encoder = encoder
            .with_compression(compression)
            .with_predictor(predictor);
        let mut image = encoder.new_image::<C>(width, height).unwrap();
        image.rows_per_strip(3).unwrap();
        image.write_data(samples).unwrap();
        bytes.into_inner()
    }

    /// A little-endian TIFF of one page, from its tags and the bytes they point to; a tag's
    /// value is an offset into `data` where `is_offset` says so.
    fn by_hand(tags: &[(u16, u16, u32, u32, bool)], data: &[u8]) -> Vec<u8> {
        let data_at = 8 + 2 + tags.len() as u32 * 12 + 4;
        let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
        bytes.extend((tags.len() as u16).to_le_bytes());
        for (tag, kind, count, value, is_offset) in tags {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            bytes.extend((value + if *is_offset { data_at } else { 0 }).to_le_bytes());
        }
        bytes.extend([0; 4]);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn grey_and_colour_of_every_depth_and_compression() {
        let size = [7, 8];
        let grey: Vec<u8> = (0..56).map(|i| i * 4).collect();
        let deep: Vec<u16> = (0..56).map(|i| i * 1111).collect();
        let colour: Vec<u8> = (0..168).collect();
        for (how, (compression, predictor)) in [
            (Compression::Uncompressed, Predictor::None),
            (Compression::Lzw, Predictor::None),
            (Compression::Lzw, Predictor::Horizontal),
            (
                Compression::Deflate(Default::default()),
                Predictor::Horizontal,
            ),
            (Compression::Packbits, Predictor::None),
        ]
        .into_iter()
        .enumerate()
        {
            let from = encoded::<colortype::Gray8>(size, &grey, compression, predictor);
            let Micrograph { pixels, header, .. } = read(&from);
            assert!(
                matches!(pixels, Pixels::Grey8(read) if read == grey),
                "with {how}"
            );
            assert_eq!((header.format, header.width, header.height), ("TIFF", 7, 8));
            assert_eq!((header.bits, header.samples, header.pages), (8, 1, 1));

            let from = encoded::<colortype::Gray16>(size, &deep, compression, predictor);
            let Micrograph { pixels, header, .. } = read(&from);
            assert!(
                matches!(pixels, Pixels::Grey16(read) if read == deep),
                "with {how}"
            );
            assert_eq!((header.bits, header.samples), (16, 1));

            let from = encoded::<colortype::RGB8>(size, &colour, compression, predictor);
            let Micrograph { pixels, header, .. } = read(&from);
            assert!(
                matches!(pixels, Pixels::Rgb8(read) if read == colour),
                "with {how}"
            );
            assert_eq!((header.bits, header.samples), (8, 3));
        }
    }

    #[test]
    fn alpha_is_dropped() {
        let from = encoded::<colortype::RGBA8>(
            [2, 1],
            &[1, 2, 3, 90, 4, 5, 6, 91],
            Compression::Uncompressed,
            Predictor::None,
        );
        assert!(matches!(read(&from).pixels, Pixels::Rgb8(read) if read == [1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn sixteen_bit_colour_is_refused_by_name() {
        let from = encoded::<colortype::RGB16>(
            [1, 1],
            &[1, 2, 3],
            Compression::Uncompressed,
            Predictor::None,
        );
        let error = read_bytes(&from, "made.tif", Limits::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("16-bit colours are") && error.contains("made.tif"),
            "{error}"
        );
    }

    /// Zeiss says "all rows in one strip" by the largest number there is.
    #[test]
    fn white_is_zero_is_turned_round_and_one_strip_may_have_no_end() {
        let tags = [
            (256, 3, 1, 2, false),
            (257, 3, 1, 1, false),
            (258, 3, 1, 8, false),
            (262, 3, 1, 0, false),
            (273, 4, 1, 0, true),
            (278, 4, 1, u32::MAX, false),
            (279, 4, 1, 2, false),
        ];
        let pixels = read(&by_hand(&tags, &[0, 200])).pixels;
        assert!(matches!(pixels, Pixels::Grey8(read) if read == [255, 55]));
    }

    #[test]
    fn tiles_are_put_in_their_places() {
        let (width, height, side) = (21_u32, 18_u32, 16_u32);
        let grey = |x: u32, y: u32| (x * 11 + y * 5) as u8;
        let mut data = Vec::new();
        for tile in 0..4 {
            let (left, top) = (tile % 2 * side, tile / 2 * side);
            data.extend((0..side * side).map(|i| grey(left + i % side, top + i / side)));
        }
        let lists = data.len() as u32;
        let tags = [
            (256, 3, 1, width, false),
            (257, 3, 1, height, false),
            (258, 3, 1, 8, false),
            (262, 3, 1, 1, false),
            (322, 3, 1, side, false),
            (323, 3, 1, side, false),
            (324, 4, 4, lists, true),
            (325, 4, 4, lists + 16, true),
        ];
        let data_at = 8 + 2 + tags.len() as u32 * 12 + 4;
        (0..4).for_each(|tile| data.extend((data_at + tile * side * side).to_le_bytes()));
        (0..4).for_each(|_| data.extend((side * side).to_le_bytes()));
        let expected: Vec<u8> = (0..width * height)
            .map(|i| grey(i % width, i / width))
            .collect();
        let pixels = read(&by_hand(&tags, &data)).pixels;
        assert!(matches!(pixels, Pixels::Grey8(read) if read == expected));
    }

    #[test]
    fn palettes_are_looked_up() {
        let mut data = vec![0, 1, 2, 255];
        for part in 0..3_u16 {
            for index in 0..256_u16 {
                let value = if (index, part) == (2, 0) {
                    255
                } else {
                    255 - index
                };
                data.extend((value * 257).to_le_bytes());
            }
        }
        let tags = [
            (256, 3, 1, 4, false),
            (257, 3, 1, 1, false),
            (258, 3, 1, 8, false),
            (262, 3, 1, 3, false),
            (273, 4, 1, 0, true),
            (278, 3, 1, 1, false),
            (279, 4, 1, 4, false),
            (320, 3, 768, 4, true),
        ];
        let micrograph = read(&by_hand(&tags, &data));
        let expected = [255, 255, 255, 254, 254, 254, 255, 253, 253, 0, 0, 0];
        assert!(matches!(micrograph.pixels, Pixels::Rgb8(read) if read == expected));
        assert_eq!(micrograph.header.samples, 3);
    }

    #[test]
    fn all_pages_are_counted_and_the_first_is_read() {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        for page in 0..3_u8 {
            let mut image = encoder.new_image::<colortype::Gray8>(2, 1).unwrap();
            image
                .encoder()
                .write_tag(Tag::ImageDescription, "a page")
                .unwrap();
            image.write_data(&[page, page + 10]).unwrap();
        }
        let micrograph = read(&bytes.into_inner());
        assert_eq!(micrograph.header.pages, 3);
        assert!(matches!(micrograph.pixels, Pixels::Grey8(read) if read == [0, 10]));
    }

    #[test]
    fn big_tiff_is_read() {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new_big(&mut bytes).unwrap();
        encoder
            .write_image::<colortype::Gray16>(2, 2, &[1, 2, 3, 40_000])
            .unwrap();
        let micrograph = read(&bytes.into_inner());
        assert_eq!(micrograph.header.pages, 1);
        assert!(matches!(micrograph.pixels, Pixels::Grey16(read) if read == [1, 2, 3, 40_000]));
    }
}
