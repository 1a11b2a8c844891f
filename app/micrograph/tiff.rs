//! TIFF and BigTIFF: the page with the science, strip by strip or tile by tile, row by row.
//!
//! Nothing is allocated but the image itself and some rows. `tiff/page.rs` says what can be
//! read, `tiff/unpack.rs` unpacks, `tiff/rows.rs` makes samples of bytes. Called by `read.rs`.

mod fax;
pub(super) mod page;
pub(super) mod rows;
mod unpack;
mod ycbcr;

use super::Pixels;
use super::error::ReadError;
use super::ifd::{Directory, Tiff};
use super::palette::Palette;
use super::read::{Header, Job};
use page::{Chunks, Colours, Format, Packing, Page};
use rows::{Encoding, Sample};
use std::io::{ErrorKind, Read, Seek, SeekFrom};

/// Pages among which the one with the science is looked for.
const PAGES_LOOKED_AT: usize = 16;

/// Reads the header of the page that [`decode`] reads.
pub(super) fn header<R: Read + Seek>(reader: &mut R, job: &Job<'_>) -> Result<Header, ReadError> {
    let mut tiff = Tiff::open(reader).map_err(|e| job.system(e))?;
    let pages = tiff.directories(job)?;
    Ok(choose(&mut tiff, &pages, job)?.0)
}

/// Reads the pixels of the page that was asked for, or of the one with the science.
pub(super) fn decode<R: Read + Seek>(
    reader: &mut R,
    job: &Job<'_>,
) -> Result<(Header, Pixels), ReadError> {
    let mut tiff = Tiff::open(reader).map_err(|e| job.system(e))?;
    let pages = tiff.directories(job)?;
    let (header, page) = choose(&mut tiff, &pages, job)?;
    let directory = pages
        .get(header.page as usize)
        .ok_or_else(|| job.damaged("it has no page"))?;
    job.check_claim(&header, tiff.length)?;
    let palette = match page.colours {
        Colours::Palette => Some(page.colour_map(&mut tiff, directory, job)?),
        _ => None,
    };
    let chunks = page.chunks(&mut tiff, directory, job)?;
    drop(pages);
    let mut image = Image {
        tiff,
        page: &page,
        chunks,
        job,
    };
    let pixels = image.pixels()?;
    Ok((header, page.as_meant(pixels, palette, job)?))
}

/// The page to read, and its header.
fn choose<R: Read + Seek>(
    tiff: &mut Tiff<'_, R>,
    pages: &[Directory],
    job: &Job<'_>,
) -> Result<(Header, Page), ReadError> {
    let index = match job.page {
        Some(page) => page as usize,
        None => page_with_the_science(tiff, pages, job),
    };
    let directory = pages
        .get(index)
        .ok_or_else(|| job.no_such_page(pages.len() as u32))?;
    let page = Page::read(tiff, directory, job)?;
    let header = Header {
        format: "TIFF",
        width: page.width,
        height: page.height,
        bits: page.bits as u8,
        samples: page.samples as u8,
        pages: pages.len() as u32,
        page: index as u32,
    };
    Ok((header, page))
}

/// The first page, unless it is a preview: marked as one, or an 8-bit colour copy of a grey page
/// that has more bits and is no smaller (Olympus keeps a JPEG in front of its data).
fn page_with_the_science<R: Read + Seek>(
    tiff: &mut Tiff<'_, R>,
    pages: &[Directory],
    job: &Job<'_>,
) -> usize {
    if pages.len() == 1 {
        return 0;
    }
    let looked_at = pages.iter().take(PAGES_LOOKED_AT);
    let read: Vec<Option<Page>> = looked_at
        .map(|page| Page::read(tiff, page, job).ok())
        .collect();
    let Some(Some(first)) = read.first() else {
        return 0;
    };
    let is_science = |page: &Page| {
        let is_grey = matches!(page.colours, Colours::Grey { .. });
        let is_copied = first.colours != Colours::Palette
            && first.kept() == 3
            && first.bits == 8
            && is_grey
            && page.bits > 8
            && (page.width, page.height) >= (first.width, first.height);
        !page.is_reduced && (first.is_reduced || is_copied)
    };
    let found = read
        .iter()
        .skip(1)
        .position(|page| page.as_ref().is_some_and(is_science));
    found.map_or(0, |behind_first| behind_first + 1)
}

impl Page {
    /// The pixels with white bright and indices looked up.
    fn as_meant(
        &self,
        pixels: Pixels,
        palette: Option<Vec<u16>>,
        job: &Job<'_>,
    ) -> Result<Pixels, ReadError> {
        let is_inverted = self.colours
            == Colours::Grey {
                white_is_zero: true,
            };
        let white = u16::MAX >> (16 - self.bits.min(16));
        match (pixels, palette) {
            (Pixels::Grey8(indices), Some(map)) => Palette::from_map(&map, self.bits)
                .ok_or_else(|| job.damaged("its colour map is too short"))?
                .apply(indices, job),
            (Pixels::Grey8(mut samples), _) if is_inverted => {
                samples.iter_mut().for_each(|s| *s = white as u8 - *s);
                Ok(Pixels::Grey8(samples))
            }
            (Pixels::Grey16(mut samples), _) if is_inverted => {
                samples.iter_mut().for_each(|s| *s = white - *s);
                Ok(Pixels::Grey16(samples))
            }
            (pixels, _) => Ok(pixels),
        }
    }
}

/// A page whose strips or tiles are being put together.
struct Image<'i, R> {
    tiff: Tiff<'i, R>,
    page: &'i Page,
    chunks: Chunks,
    job: &'i Job<'i>,
}

impl<R: Read + Seek> Image<'_, R> {
    /// All samples that are kept, as they are stored.
    fn pixels(&mut self) -> Result<Pixels, ReadError> {
        let Page { bits, format, .. } = *self.page;
        let is_grey = self.page.kept() == 1;
        Ok(match (format, bits) {
            (Format::Unsigned, 1..=8) if is_grey => Pixels::Grey8(self.put_together()?),
            (Format::Unsigned, 9..=16) if is_grey => Pixels::Grey16(self.put_together()?),
            (Format::Unsigned, 1..=8) => Pixels::Rgb8(self.put_together()?),
            (Format::Unsigned, 9..=16) => Pixels::Rgb16(self.put_together()?),
            _ => Pixels::Float32(self.put_together()?),
        })
    }

    fn put_together<T: Sample>(&mut self) -> Result<Vec<T>, ReadError> {
        let page = self.page;
        let [across, down] = page.grid();
        let planes = if page.is_planar { page.kept() } else { 1 };
        let size = page.width as usize * page.height as usize * page.kept();
        let mut image = self.job.zeroed(size)?;
        let mut index = 0;
        for plane in 0..planes {
            for y in 0..down {
                for x in 0..across {
                    let place = self.chunks.places.get(index).copied();
                    let place = place.ok_or_else(|| self.job.damaged("it lacks strips"))?;
                    let [left, top] = [x * page.chunk[0], y * page.chunk[1]];
                    self.put_chunk(place, [left, top], plane, &mut image)?;
                    index += 1;
                }
            }
        }
        Ok(image)
    }

    /// Reads a strip or tile into its place in the image.
    fn put_chunk<T: Sample>(
        &mut self,
        (at, length): (u64, u64),
        [left, top]: [u32; 2],
        plane: usize,
        image: &mut [T],
    ) -> Result<(), ReadError> {
        let (page, job) = (self.page, self.job);
        let columns = (page.width - left).min(page.chunk[0]) as usize;
        let rows = (page.height - top).min(page.chunk[1]);
        let mut encoding = Encoding {
            bits: page.bits,
            format: page.format,
            is_little_endian: self.tiff.is_little_endian,
        };
        let (kept, together) = (page.kept(), usize::from(page.together()));
        let is_whole = kept == together && !page.is_planar;
        let length = if page.packing == Packing::None {
            u64::MAX
        } else {
            length
        };
        let reader = &mut *self.tiff.reader;
        reader
            .seek(SeekFrom::Start(at))
            .map_err(|e| job.system(e))?;
        let tables = &self.chunks.jpeg_tables;
        let mut chunk =
            unpack::open(reader.take(length), page, rows, tables).map_err(|e| job.system(e))?;
        let mut bytes = job.zeroed(page.row_bytes())?;
        let mut scratch = Vec::new();
        let mut samples = job.zeroed(if is_whole { 0 } else { columns * together })?;
        for row in 0..rows {
            job.go_on()?;
            chunk.read_exact(&mut bytes).map_err(|e| job.system(e))?;
            if page.is_predicted() && page.predictor == 3 {
                rows::add_up_bytes(page.bits, together, &mut bytes, &mut scratch);
                encoding.is_little_endian = false;
            } else if page.is_predicted() {
                rows::add_up(encoding, together, &mut bytes);
            }
            let start = ((top + row) as usize * page.width as usize + left as usize) * kept;
            let to = image
                .get_mut(start..start + columns * kept)
                .ok_or_else(|| job.damaged("its strips do not fit its size"))?;
            if is_whole {
                T::read_row(encoding, &bytes, to);
                continue;
            }
            T::read_row(encoding, &bytes, &mut samples);
            let pixels = to
                .chunks_exact_mut(kept)
                .zip(samples.chunks_exact(together));
            if page.is_planar {
                pixels.for_each(|(to, from)| to[plane] = from[0]);
            } else {
                pixels.for_each(|(to, from)| to.copy_from_slice(&from[..kept]));
            }
        }
        // Deflate has a check sum behind the last row.
        match chunk.read(&mut [0]) {
            Err(e) if e.kind() != ErrorKind::UnexpectedEof && page.packing == Packing::Deflate => {
                Err(job.system(e))
            }
            _ => Ok(()),
        }
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
    fn sixteen_bit_colours_keep_their_depth() {
        let samples = [1, 40_000, 65_535, 7, 8, 9];
        for predictor in [Predictor::None, Predictor::Horizontal] {
            let from = encoded::<colortype::RGB16>([2, 1], &samples, Compression::Lzw, predictor);
            let micrograph = read(&from);
            assert_eq!((micrograph.header.bits, micrograph.header.samples), (16, 3));
            assert!(matches!(micrograph.pixels, Pixels::Rgb16(read) if read == samples));
        }
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
        assert_eq!(micrograph.header.samples, 1);
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
