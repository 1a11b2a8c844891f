//! The bytes of a strip or tile, unpacked as they are read: none is ever held twice.
//!
//! Deflate, LZW and PackBits are streams; JPEG and fax have to be decoded whole, within the
//! size of their strip. Knows nothing of what the samples mean. Called by `tiff.rs`.

use super::page::{Colours, Packing, Page};
use super::{fax, ycbcr};
use crate::micrograph::whole::walk_jpeg;
use flate2::read::ZlibDecoder;
use std::io::{Cursor, Error, ErrorKind, Read, Result};
use weezl::BitOrder;
use weezl::decode::Configuration;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Bytes that are taken from the file at a time.
const STEP: usize = 1 << 14;

/// A strip or tile whose rows can be read one after the other. `rows` of it lie in the image;
/// colours come as RGB.
pub(super) fn open<'f>(
    file: impl Read + 'f,
    page: &Page,
    rows: u32,
    jpeg_tables: &[u8],
) -> Result<Box<dyn Read + 'f>> {
    let file: Box<dyn Read + 'f> = if page.is_reversed && page.packing != Packing::Jpeg {
        Box::new(Reversed(file))
    } else {
        Box::new(file)
    };
    let unpacked: Box<dyn Read + 'f> = match page.packing {
        Packing::None => file,
        Packing::Deflate => Box::new(ZlibDecoder::new(file)),
        Packing::Lzw => Box::new(Lzw::new(file)),
        Packing::PackBits => Box::new(PackBits {
            packed: file,
            left: 0,
            repeated: None,
        }),
        Packing::Jpeg => return Ok(Box::new(Cursor::new(jpeg(file, page, rows, jpeg_tables)?))),
        Packing::Fax2 | Packing::Fax3 | Packing::Fax4 => {
            let mut bytes = Vec::new();
            let mut file = file;
            file.read_to_end(&mut bytes)?;
            let size = [page.chunk[0], rows];
            let unpacked = fax::decode(&bytes, size, page.packing, page.t4_options)?;
            Box::new(Cursor::new(unpacked))
        }
    };
    if page.colours == Colours::YCbCr {
        return Ok(Box::new(ycbcr::Rgb::new(
            unpacked,
            page.chunk[0],
            page.subsampling,
        )));
    }
    Ok(unpacked)
}

fn invalid(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, cause)
}

/// Bytes whose lowest bit comes first.
struct Reversed<R>(R);

impl<R: Read> Read for Reversed<R> {
    fn read(&mut self, to: &mut [u8]) -> Result<usize> {
        let got = self.0.read(to)?;
        for byte in to.iter_mut().take(got) {
            *byte = byte.reverse_bits();
        }
        Ok(got)
    }
}

/// Calls of the LZW decoder that may take and give no byte: it holds up to 64 bits, and a code
/// may stand for nothing.
const IDLE_CALLS: u32 = 16;

/// LZW as TIFF has it: codes from the highest bit, one code early.
struct Lzw<R> {
    packed: R,
    decoder: weezl::decode::Decoder,
    step: Vec<u8>,
    /// Which part of `step` is still to be decoded.
    waiting: std::ops::Range<usize>,
}

impl<R: Read> Lzw<R> {
    fn new(packed: R) -> Self {
        let configuration = Configuration::with_tiff_size_switch(BitOrder::Msb, 8);
        Self {
            packed,
            decoder: configuration.with_yield_on_full_buffer(true).build(),
            step: vec![0; STEP],
            waiting: 0..0,
        }
    }
}

impl<R: Read> Read for Lzw<R> {
    fn read(&mut self, to: &mut [u8]) -> Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        for _ in 0..IDLE_CALLS {
            if self.waiting.is_empty() {
                self.waiting = 0..self.packed.read(&mut self.step)?;
            }
            let waiting = self.step.get(self.waiting.clone()).unwrap_or_default();
            let done = self.decoder.decode_bytes(waiting, to);
            self.waiting.start += done.consumed_in;
            if done.consumed_out > 0 {
                return Ok(done.consumed_out);
            }
            match done.status {
                Err(cause) => return Err(invalid(cause.to_string())),
                Ok(weezl::LzwStatus::Done) => break,
                Ok(_) => {}
            }
        }
        Ok(0)
    }
}

/// PackBits: a count, then so many bytes or one byte so many times.
struct PackBits<R> {
    packed: R,
    /// Bytes of the present run that are still to come.
    left: usize,
    /// The byte that is repeated in it.
    repeated: Option<u8>,
}

impl<R: Read> PackBits<R> {
    fn byte(&mut self) -> Result<u8> {
        let mut byte = [0];
        self.packed.read_exact(&mut byte)?;
        Ok(byte[0])
    }
}

impl<R: Read> Read for PackBits<R> {
    fn read(&mut self, to: &mut [u8]) -> Result<usize> {
        while self.left == 0 && !to.is_empty() {
            let count = self.byte()?;
            match count {
                // 128 stands for nothing.
                128 => {}
                0..128 => (self.left, self.repeated) = (usize::from(count) + 1, None),
                129.. => {
                    self.left = 257 - usize::from(count);
                    self.repeated = Some(self.byte()?);
                }
            }
        }
        let most = self.left.min(to.len());
        let to = to.get_mut(..most).unwrap_or_default();
        let got = match self.repeated {
            Some(byte) => {
                to.fill(byte);
                most
            }
            None => self.packed.read(to)?,
        };
        self.left -= got;
        Ok(got)
    }
}

/// The pixels of a JPEG: grey, or RGB.
fn jpeg(mut file: impl Read, page: &Page, rows: u32, tables: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Tables and picture both begin and end with a mark of two bytes.
    if let Some(tables) = tables.strip_suffix(&[0xff, 0xd9]) {
        bytes.extend(tables);
        file.read_exact(&mut [0; 2])?;
    }
    file.read_to_end(&mut bytes)?;
    let (width, height) =
        walk_jpeg(&bytes).ok_or_else(|| invalid("a JPEG inside it ends too early"))?;
    let [chunk_width, chunk_height] = page.chunk;
    if u32::from(width) != chunk_width || !(rows..=chunk_height).contains(&height.into()) {
        return Err(invalid("a JPEG inside it is not as large as its strip"));
    }
    let options = DecoderOptions::default()
        .set_max_width(width.into())
        .set_max_height(height.into());
    let explain = |e: zune_jpeg::errors::DecodeErrors| invalid(e.to_string());
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
    decoder.decode_headers().map_err(explain)?;
    let stored = decoder.input_colorspace().unwrap_or(ColorSpace::Unknown);
    let wanted = match (page.colours, stored) {
        (_, ColorSpace::Luma) => ColorSpace::Luma,
        // What TIFF calls RGB was not turned into YCbCr; the decoder would turn it back.
        (Colours::Rgb, other) => other,
        _ => ColorSpace::RGB,
    };
    let options = *decoder.options();
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let pixels = decoder.decode().map_err(explain)?;
    let samples = usize::from(width) * usize::from(height) * usize::from(page.samples);
    if pixels.len() != samples {
        return Err(invalid("a JPEG inside it has other colours than it says"));
    }
    Ok(pixels)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn unpacked(mut packed: impl Read, step: usize) -> Vec<u8> {
        let (mut all, mut some) = (Vec::new(), vec![0; step]);
        while let got @ 1.. = packed.read(&mut some).unwrap_or(0) {
            all.extend(&some[..got]);
        }
        all
    }

    #[test]
    fn packbits_gives_the_example_of_the_specification() {
        let packed: [u8; 15] = [
            0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7,
            0xaa,
        ];
        let mut expected = vec![0xaa, 0xaa, 0xaa, 0x80, 0, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa];
        expected.extend([0x80, 0, 0x2a, 0x22]);
        expected.extend([0xaa; 10]);
        for step in [1, 2, 3, 7, 100] {
            let packed = PackBits {
                packed: &packed[..],
                left: 0,
                repeated: None,
            };
            assert_eq!(unpacked(packed, step), expected, "{step} at a time");
        }
    }

    #[test]
    fn lzw_is_the_same_however_it_is_read() {
        let plain: Vec<u8> = (0..90_000_u32)
            .map(|i| (i % 300 * (i % 300) / 70 % 97) as u8)
            .collect();
        let packed = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
            .encode(&plain)
            .unwrap();
        for step in [1, 13, 4096, 200_000] {
            let read = unpacked(Lzw::new(&packed[..]), step);
            assert!(read == plain, "{step} at a time");
        }
    }

    #[test]
    fn bits_are_turned_round_where_the_file_says_so() {
        assert_eq!(unpacked(Reversed(&[0x01, 0xf0][..]), 8), [0x80, 0x0f]);
    }
}
