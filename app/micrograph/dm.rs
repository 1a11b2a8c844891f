//! Gatan DigitalMicrograph files, DM3 and DM4: the image that was recorded. Its
//! calibration is read by `vendor`.
//!
//! Header first: the tree of tags (`dm/tags.rs`) says where the pixels are and what they are;
//! they are read row by row. Called by `read.rs`.

mod tags;

use super::Pixels;
use super::error::ReadError;
use super::read::{Header, Job, length};
use super::tiff::page::Format;
use super::tiff::rows::{Encoding, Sample};
use std::io::{Read, Seek, SeekFrom};
pub(super) use tags::{Tags, Value};

impl Tags {
    /// The path of the image that was recorded: the first that is not a thumbnail.
    pub fn image(&self) -> Option<String> {
        let thumbnails: Vec<usize> = (0..)
            .map_while(|index| self.whole(&format!("Thumbnails.{index}.ImageIndex")))
            .map(|index| index as usize)
            .collect();
        let path = |index| format!("ImageList.{index}");
        let is_there = |index: &usize| {
            let data = format!("ImageList.{index}.ImageData.Data");
            matches!(self.get(&data), Some(Value::Array(_)))
        };
        let images = (0..).take_while(|index| {
            let size = format!("ImageList.{index}.ImageData.Dimensions.0");
            self.get(&size).is_some()
        });
        let mut images: Vec<usize> = images.filter(is_there).collect();
        if images.len() > 1 {
            images.retain(|index| !thumbnails.contains(index));
        }
        images.first().copied().map(path)
    }
}

/// Reads the header.
pub(super) fn header(reader: &mut (impl Read + Seek), job: &Job<'_>) -> Result<Header, ReadError> {
    Ok(Image::find(&Tags::read(reader, job)?, job)?.header)
}

/// Reads the pixels of the image, or of one of its pages if it is a stack.
pub(super) fn decode(
    reader: &mut (impl Read + Seek),
    job: &Job<'_>,
) -> Result<(Header, Pixels), ReadError> {
    let file_bytes = length(reader).map_err(|e| job.system(e))?;
    let tags = Tags::read(reader, job)?;
    let image = Image::find(&tags, job)?;
    job.check_claim(&image.header, file_bytes)?;
    let pixels = image.pixels(reader, job)?;
    Ok((image.header, pixels))
}

/// The image that was recorded.
struct Image {
    header: Header,
    /// How a sample is written; `None` for colours of blue, green, red and nothing.
    encoding: Option<Encoding>,
    /// Where the page begins.
    at: u64,
}

impl Image {
    fn find(tags: &Tags, job: &Job<'_>) -> Result<Self, ReadError> {
        let path = tags
            .image()
            .ok_or_else(|| job.damaged("it holds no image"))?;
        let part = |name: &str| tags.whole(&format!("{path}.ImageData.{name}"));
        let [width, height] = [part("Dimensions.0"), part("Dimensions.1")].map(|s| s.unwrap_or(1));
        job.check_size(width, height)?;
        let deeper = (2..8).map_while(|axis| part(&format!("Dimensions.{axis}")));
        let pages = deeper.fold(1, u32::saturating_mul).max(1);
        let page = job.page.unwrap_or(0);
        if page >= pages {
            return Err(job.no_such_page(pages));
        }
        let (bits, samples, format) = match part("DataType") {
            Some(1) => (16, 1, Some(Format::Signed)),
            Some(2) => (32, 1, Some(Format::Float)),
            Some(6 | 14) => (8, 1, Some(Format::Unsigned)),
            Some(7) => (32, 1, Some(Format::Signed)),
            Some(8 | 23) => (8, 4, None),
            Some(9) => (8, 1, Some(Format::Signed)),
            Some(10) => (16, 1, Some(Format::Unsigned)),
            Some(11) => (32, 1, Some(Format::Unsigned)),
            Some(12) => (64, 1, Some(Format::Float)),
            Some(3 | 13 | 27 | 28) => return Err(job.unsupported("complex samples are")),
            other => {
                let number = other.map_or("none".into(), |number| number.to_string());
                return Err(job.unsupported(format!("pixels of type {number} are")));
            }
        };
        let page_bytes = u64::from(width) * u64::from(height) * samples * bits / 8;
        let Some(Value::Array(data)) = tags.get(&format!("{path}.ImageData.Data")) else {
            return Err(job.damaged("it holds no pixels"));
        };
        let skipped = page_bytes.saturating_mul(page.into());
        if skipped.saturating_add(page_bytes) > data.bytes {
            return Err(job.damaged("it holds fewer pixels than it says"));
        }
        let header = Header {
            format: tags.format,
            width,
            height,
            bits: bits as u8,
            samples: samples as u8,
            pages,
            page,
        };
        let encoding = format.map(|format| Encoding {
            bits: bits as u16,
            format,
            is_little_endian: tags.is_little_endian,
        });
        Ok(Self {
            header,
            encoding,
            at: data.at.saturating_add(skipped),
        })
    }

    fn pixels(&self, reader: &mut (impl Read + Seek), job: &Job<'_>) -> Result<Pixels, ReadError> {
        reader
            .seek(SeekFrom::Start(self.at))
            .map_err(|e| job.system(e))?;
        let row_bytes = self.header.width as usize
            * usize::from(self.header.samples)
            * usize::from(self.header.bits / 8);
        let mut rows = Rows {
            reader,
            row: job.zeroed(row_bytes)?,
            job,
        };
        let size = self.header.width as usize * self.header.height as usize;
        let width = self.header.width as usize;
        Ok(match self.encoding {
            None => {
                let mut rgb = job.zeroed(size * 3)?;
                for to in rgb.chunks_exact_mut(width * 3) {
                    let from = rows.next()?.chunks_exact(4);
                    for (to, from) in to.chunks_exact_mut(3).zip(from) {
                        to.copy_from_slice(&[from[2], from[1], from[0]]);
                    }
                }
                Pixels::Rgb8(rgb)
            }
            Some(encoding) => match (encoding.format, encoding.bits) {
                (Format::Unsigned, 8) => Pixels::Grey8(rows.samples(encoding, size, width)?),
                (Format::Unsigned, 16) => Pixels::Grey16(rows.samples(encoding, size, width)?),
                _ => Pixels::Float32(rows.samples(encoding, size, width)?),
            },
        })
    }
}

/// Rows that follow each other in a file.
struct Rows<'r, R> {
    reader: &'r mut R,
    row: Vec<u8>,
    job: &'r Job<'r>,
}

impl<R: Read> Rows<'_, R> {
    fn next(&mut self) -> Result<&[u8], ReadError> {
        self.job.go_on()?;
        self.reader
            .read_exact(&mut self.row)
            .map_err(|e| self.job.system(e))?;
        Ok(&self.row)
    }

    fn samples<T: Sample>(
        &mut self,
        encoding: Encoding,
        size: usize,
        width: usize,
    ) -> Result<Vec<T>, ReadError> {
        let mut samples = self.job.zeroed(size)?;
        for to in samples.chunks_exact_mut(width) {
            T::read_row(encoding, self.next()?, to);
        }
        Ok(samples)
    }
}
