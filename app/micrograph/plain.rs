//! PNG, JPEG and BMP, by the crate `image`.
//!
//! Takes care of what the decoders let pass: files that were cut short, and alpha, which is
//! dropped because it says nothing about the specimen. Called by `read.rs`.

use super::error::ReadError;
use super::read::{Header, Job, Kind};
use super::{Pixels, whole};
use image::codecs::bmp::BmpDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError};
use std::io::{BufRead, Cursor, Seek};

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
    if kind == Kind::Png {
        whole::png(reader, job)?;
    }
    let (header, decoder) = open(reader, kind, job)?;
    job.go_on()?;
    let decoded = DynamicImage::from_decoder(decoder).map_err(|e| explain(e, job))?;
    let pixels = match decoded {
        DynamicImage::ImageLuma8(image) => Pixels::Grey8(image.into_raw()),
        DynamicImage::ImageLuma16(image) => Pixels::Grey16(image.into_raw()),
        DynamicImage::ImageRgb8(image) => Pixels::Rgb8(image.into_raw()),
        DynamicImage::ImageLumaA8(image) => Pixels::Grey8(first_of(2, 1, image.into_raw())),
        DynamicImage::ImageLumaA16(image) => Pixels::Grey16(first_of(2, 1, image.into_raw())),
        DynamicImage::ImageRgba8(image) => Pixels::Rgb8(first_of(4, 3, image.into_raw())),
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
        _ => Box::new(BmpDecoder::new(reader).map_err(explain)?),
    };
    let (width, height) = decoder.dimensions();
    job.check_size(width, height)?;
    let (bits, samples) = match decoder.color_type() {
        ColorType::L8 | ColorType::La8 => (8, 1),
        ColorType::L16 | ColorType::La16 => (16, 1),
        ColorType::Rgb8 | ColorType::Rgba8 => (8, 3),
        ColorType::Rgb16 | ColorType::Rgba16 => return Err(job.unsupported("16-bit colours are")),
        _ => return Err(job.unsupported("its colours are")),
    };
    let format = match kind {
        Kind::Png => "PNG",
        Kind::Jpeg => "JPEG",
        _ => "BMP",
    };
    Ok((
        Header {
            format,
            width,
            height,
            bits,
            samples,
            pages: 1,
        },
        decoder,
    ))
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
mod tests {
    use super::*;

    #[test]
    fn alpha_is_dropped_and_the_rest_keeps_its_order() {
        assert_eq!(
            first_of(4, 3, vec![1, 2, 3, 0, 4, 5, 6, 0]),
            [1, 2, 3, 4, 5, 6]
        );
        assert_eq!(first_of(2, 1, vec![7u16, 0, 9, 0]), [7, 9]);
    }
}
