//! PNG, JPEG, BMP and WebP, by the crate `image`.
//!
//! Takes care of what the decoders let pass: files that were cut short, and alpha, which is
//! dropped because it says nothing about the specimen. Called by `read.rs`.

use super::error::ReadError;
use super::read::{Header, Job, Kind, length};
use super::{Pixels, whole};
use image::codecs::bmp::BmpDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageError};
use std::io::{self, BufRead, Cursor, Read, Seek};

/// What a decoder may allocate besides the pixels, in bytes: some rows and the texts.
const SCRATCH: u64 = 64 << 20;

/// Reads the header.
pub(super) fn header<R: BufRead + Seek>(
    reader: &mut R,
    kind: Kind,
    job: &Job<'_>,
) -> Result<Header, ReadError> {
    Ok(open(reader, kind, job)?.0)
}

/// Reads the pixels.
pub(super) fn decode<R: BufRead + Seek>(
    reader: &mut R,
    kind: Kind,
    job: &Job<'_>,
) -> Result<(Header, Pixels), ReadError> {
    match kind {
        Kind::Png => whole::png(reader, job)?,
        Kind::WebP => whole::webp(reader, job)?,
        _ => {}
    }
    let file_bytes = length(reader).map_err(|e| job.system(e))?;
    let (header, decoder) = open(reader, kind, job)?;
    job.check_claim(&header, file_bytes)?;
    job.go_on()?;
    let decoded = DynamicImage::from_decoder(decoder).map_err(|e| explain(e, job))?;
    let pixels = match decoded {
        DynamicImage::ImageLuma8(image) => Pixels::Grey8(image.into_raw()),
        DynamicImage::ImageLuma16(image) => Pixels::Grey16(image.into_raw()),
        DynamicImage::ImageRgb8(image) => Pixels::Rgb8(image.into_raw()),
        DynamicImage::ImageRgb16(image) => Pixels::Rgb16(image.into_raw()),
        DynamicImage::ImageLumaA8(image) => Pixels::Grey8(first_of(2, 1, image.into_raw())),
        DynamicImage::ImageLumaA16(image) => Pixels::Grey16(first_of(2, 1, image.into_raw())),
        DynamicImage::ImageRgba8(image) => Pixels::Rgb8(first_of(4, 3, image.into_raw())),
        DynamicImage::ImageRgba16(image) => Pixels::Rgb16(first_of(4, 3, image.into_raw())),
        _ => return Err(job.unsupported("its colours are")),
    };
    Ok((header, pixels))
}

type Decoder<'r> = Box<dyn ImageDecoder + 'r>;

fn open<'r, R: BufRead + Seek>(
    reader: &'r mut R,
    kind: Kind,
    job: &Job<'_>,
) -> Result<(Header, Decoder<'r>), ReadError> {
    let explain = |e| explain(e, job);
    let depth = match kind {
        Kind::Png => Some(png_depth(reader).map_err(|e| job.system(e))?),
        _ => None,
    };
    let decoder: Decoder<'r> = match kind {
        Kind::Png => {
            let mut limits = image::Limits::no_limits();
            limits.max_alloc = Some(SCRATCH);
            Box::new(PngDecoder::with_limits(reader, limits).map_err(explain)?)
        }
        Kind::Jpeg => {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map_err(|e| job.system(e))?;
            whole::jpeg(&bytes, job)?;
            Box::new(JpegDecoder::new(Cursor::new(bytes)).map_err(explain)?)
        }
        Kind::WebP => Box::new(WebPDecoder::new(reader).map_err(explain)?),
        _ => Box::new(BmpDecoder::new(reader).map_err(explain)?),
    };
    let (width, height) = decoder.dimensions();
    job.check_size(width, height)?;
    let (bits, samples) = depth.unwrap_or_else(|| stored(decoder.as_ref()));
    let format = match kind {
        Kind::Png => "PNG",
        Kind::Jpeg => "JPEG",
        Kind::WebP => "WebP",
        _ => "BMP",
    };
    let header = Header {
        format,
        width,
        height,
        bits,
        samples,
        pages: 1,
        page: 0,
    };
    match job.page {
        Some(1..) => Err(job.no_such_page(1)),
        _ => Ok((header, decoder)),
    }
}

/// Bits a sample and samples a pixel in a PNG: the decoder adds alpha and looks palettes up.
fn png_depth(reader: &mut (impl Read + Seek)) -> io::Result<(u8, u8)> {
    let mut start = [0; 26];
    reader.read_exact(&mut start)?;
    reader.rewind()?;
    let samples = match start[25] {
        0 | 3 => 1,
        4 => 2,
        6 => 4,
        _ => 3,
    };
    Ok((start[24], samples))
}

/// Bits a sample and samples a pixel in a file of another kind.
fn stored(decoder: &dyn ImageDecoder) -> (u8, u8) {
    match decoder.original_color_type() {
        ExtendedColorType::L1 => (1, 1),
        ExtendedColorType::L4 => (4, 1),
        ExtendedColorType::Cmyk8 => (8, 4),
        _ => (8, decoder.color_type().channel_count()),
    }
}

/// Keeps the first `keep` of every `of` samples.
fn first_of<T: Copy>(of: usize, keep: usize, samples: Vec<T>) -> Vec<T> {
    samples
        .chunks_exact(of)
        .flat_map(|pixel| pixel.iter().take(keep).copied())
        .collect()
}

fn explain(error: ImageError, job: &Job<'_>) -> ReadError {
    match error {
        ImageError::IoError(cause) => job.system(cause),
        ImageError::Unsupported(what) => job.unsupported(format!("its flavour ({what}) is")),
        other => job.damaged(other.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::{Limits, Micrograph, read_bytes};
    use image::codecs::{bmp::BmpEncoder, jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
    use image::{ExtendedColorType, ImageEncoder};

    fn read(bytes: &[u8]) -> Micrograph {
        read_bytes(bytes, "made", Limits::default()).unwrap()
    }

    fn png(samples: &[u8], size: [u32; 2], color: ExtendedColorType) -> Micrograph {
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes)
            .write_image(samples, size[0], size[1], color)
            .unwrap();
        read(&bytes)
    }

    #[test]
    fn alpha_is_dropped_and_the_rest_keeps_its_order() {
        let rgba = png(&[1, 2, 3, 0, 4, 5, 6, 0], [2, 1], ExtendedColorType::Rgba8);
        assert!(matches!(rgba.pixels, Pixels::Rgb8(read) if read == [1, 2, 3, 4, 5, 6]));
        let grey = png(&[7, 0, 9, 0], [1, 2], ExtendedColorType::La8);
        assert!(matches!(grey.pixels, Pixels::Grey8(read) if read == [7, 9]));
    }

    #[test]
    fn png_keeps_its_depth() {
        let grey = png(&[0, 100, 255], [3, 1], ExtendedColorType::L8);
        assert!(matches!(grey.pixels, Pixels::Grey8(read) if read == [0, 100, 255]));
        assert_eq!(
            (grey.header.format, grey.header.bits, grey.header.samples),
            ("PNG", 8, 1)
        );
        let samples = [1_u16, 40_000, 65_535];
        let bytes: Vec<u8> = samples
            .iter()
            .flat_map(|sample| sample.to_ne_bytes())
            .collect();
        let deep = png(&bytes, [3, 1], ExtendedColorType::L16);
        assert!(matches!(deep.pixels, Pixels::Grey16(read) if read == samples));
        assert_eq!((deep.header.bits, deep.header.samples), (16, 1));
        let colour = png(&[1, 2, 3], [1, 1], ExtendedColorType::Rgb8);
        assert!(matches!(colour.pixels, Pixels::Rgb8(read) if read == [1, 2, 3]));
        assert_eq!((colour.header.bits, colour.header.samples), (8, 3));
    }

    #[test]
    fn sixteen_bit_colours_keep_their_depth() {
        let samples = [1_u16, 40_000, 65_535];
        let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_ne_bytes()).collect();
        let deep = png(&bytes, [1, 1], ExtendedColorType::Rgb16);
        assert!(matches!(deep.pixels, Pixels::Rgb16(read) if read == samples));
        assert_eq!((deep.header.bits, deep.header.samples), (16, 3));
    }

    #[test]
    fn webp_without_loss_comes_back() {
        let colour: Vec<u8> = (0..18).collect();
        let mut bytes = Vec::new();
        WebPEncoder::new_lossless(&mut bytes)
            .encode(&colour, 3, 2, ExtendedColorType::Rgb8)
            .unwrap();
        let micrograph = read(&bytes);
        assert!(matches!(micrograph.pixels, Pixels::Rgb8(read) if read == colour));
        assert_eq!(micrograph.header.format, "WebP");
    }

    #[test]
    fn jpeg_grey_stays_grey_and_colour_colour() {
        let (grey, colour) = ([90; 64], [200, 40, 40].repeat(64));
        let mut bytes = Vec::new();
        JpegEncoder::new(&mut bytes)
            .write_image(&grey, 8, 8, ExtendedColorType::L8)
            .unwrap();
        let micrograph = read(&bytes);
        assert!(matches!(micrograph.pixels, Pixels::Grey8(read) if read == grey));
        assert_eq!(
            (micrograph.header.format, micrograph.header.samples),
            ("JPEG", 1)
        );
        let mut bytes = Vec::new();
        JpegEncoder::new(&mut bytes)
            .write_image(&colour, 8, 8, ExtendedColorType::Rgb8)
            .unwrap();
        let Pixels::Rgb8(read) = read(&bytes).pixels else {
            unreachable!("not colour")
        };
        assert!(
            read.iter()
                .zip(&colour)
                .all(|(read, made)| read.abs_diff(*made) < 5),
            "{read:?}"
        );
    }

    #[test]
    fn bmp_has_its_rows_and_colours_in_order() {
        let colour: Vec<u8> = (0..18).collect();
        let mut bytes = Vec::new();
        BmpEncoder::new(&mut bytes)
            .encode(&colour, 3, 2, ExtendedColorType::Rgb8)
            .unwrap();
        let micrograph = read(&bytes);
        assert!(matches!(micrograph.pixels, Pixels::Rgb8(read) if read == colour));
        assert_eq!(
            (micrograph.header.format, micrograph.header.pages),
            ("BMP", 1)
        );
    }

    #[test]
    fn the_hash_is_that_of_the_file() {
        let mut bytes = Vec::new();
        let color = ExtendedColorType::L8;
        PngEncoder::new(&mut bytes)
            .write_image(&[1], 1, 1, color)
            .unwrap();
        assert_eq!(read(&bytes).hash, blake3::hash(&bytes).to_hex().as_str());
    }
}
