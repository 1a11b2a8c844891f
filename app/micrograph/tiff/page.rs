//! One page of a TIFF file as its tags describe it, checked for what can be read.
//!
//! Reads tags, no pixels. What no reader is written for is refused by its name here, so that
//! the code behind may rely on what it gets. Called by `tiff.rs`.

use crate::micrograph::error::ReadError;
use crate::micrograph::ifd::{Directory, Tiff};
use crate::micrograph::read::Job;
use std::io::{Read, Seek};

const SUBFILE: u16 = 254;
const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const FILL_ORDER: u16 = 266;
const STRIP_OFFSETS: u16 = 273;
const SAMPLES: u16 = 277;
const ROWS_PER_STRIP: u16 = 278;
const STRIP_BYTES: u16 = 279;
const PLANAR: u16 = 284;
const T4_OPTIONS: u16 = 292;
const PREDICTOR: u16 = 317;
const COLOUR_MAP: u16 = 320;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTES: u16 = 325;
const SAMPLE_FORMAT: u16 = 339;
const JPEG_TABLES: u16 = 347;
const SUBSAMPLING: u16 = 530;

/// Tiles are at least this wide and high, or opening each would take longer than its pixels.
const TILE_SIDE: u32 = 8;
/// Samples a pixel at most: what is kept is the first one or the first three.
const SAMPLES_MOST: u64 = 64;
/// Bytes of the tables that the JPEGs of a page share, at most.
const JPEG_TABLE_BYTES: u64 = 1 << 16;

/// How the bytes of strips and tiles are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    /// CCITT, one-dimensional, without line ends.
    Fax2,
    /// CCITT Group 3.
    Fax3,
    /// CCITT Group 4.
    Fax4,
    Lzw,
    Jpeg,
    Deflate,
    PackBits,
}

/// What a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::micrograph) enum Format {
    Unsigned,
    Signed,
    Float,
}

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Grey { white_is_zero: bool },
    Rgb,
    Palette,
    YCbCr,
}

/// A page that can be read.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub width: u32,
    pub height: u32,
    /// Bits a sample.
    pub bits: u16,
    /// Samples a pixel, as stored.
    pub samples: u16,
    pub format: Format,
    pub colours: Colours,
    pub packing: Packing,
    /// 1: none, 2: differences of samples, 3: differences of bytes of floating-point samples.
    pub predictor: u64,
    /// One plane a sample instead of all samples of a pixel together.
    pub is_planar: bool,
    /// The lowest bit of a byte comes first.
    pub is_reversed: bool,
    pub t4_options: u64,
    /// Width and height of a strip or tile.
    pub chunk: [u32; 2],
    pub is_tiled: bool,
    /// Pixels that share a colour, across and down.
    pub subsampling: [u32; 2],
    /// Marked as a smaller copy of another page, or as a mask.
    pub is_reduced: bool,
}

/// Where the bytes of a page are.
pub(super) struct Chunks {
    /// Offset and length of each strip or tile, plane after plane.
    pub places: Vec<(u64, u64)>,
    /// The tables that the JPEGs share.
    pub jpeg_tables: Vec<u8>,
}

impl Page {
    /// Reads what the tags say.
    pub fn read<R: Read + Seek>(
        tiff: &mut Tiff<'_, R>,
        page: &Directory,
        job: &Job<'_>,
    ) -> Result<Self, ReadError> {
        let mut number = |tag, without| {
            tiff.number_or(page, tag, without)
                .map_err(|e| job.system(e))
        };
        let side = |side: u64| u32::try_from(side).unwrap_or(u32::MAX);
        let (width, height) = (side(number(WIDTH, 0)?), side(number(HEIGHT, 0)?));
        job.check_size(width, height)?;
        let samples = number(SAMPLES, 1)?;
        if samples == 0 || samples > SAMPLES_MOST {
            return Err(job.unsupported(format!("{samples} samples a pixel are")));
        }
        let packing = packing(number(COMPRESSION, 1)?, job)?;
        let photometric = number(PHOTOMETRIC, if samples < 3 { 1 } else { 2 })?;
        let tile = [side(number(TILE_WIDTH, 0)?), side(number(TILE_HEIGHT, 0)?)];
        let is_tiled = tile != [0, 0];
        if is_tiled && tile.iter().any(|s| *s < TILE_SIDE || *s > 1 << 16) {
            return Err(job.damaged("its tiles have no sensible size"));
        }
        let rows = side(number(ROWS_PER_STRIP, u64::from(height))?).clamp(1, height);
        let read = Self {
            width,
            height,
            bits: 1,
            samples: samples as u16,
            format: Format::Unsigned,
            colours: colours(photometric, job)?,
            packing,
            predictor: number(PREDICTOR, 1)?,
            is_planar: samples > 1 && number(PLANAR, 1)? == 2,
            is_reversed: number(FILL_ORDER, 1)? == 2,
            t4_options: number(T4_OPTIONS, 0)?,
            chunk: if is_tiled { tile } else { [width, rows] },
            is_tiled,
            subsampling: [2, 2],
            is_reduced: number(SUBFILE, 0)? & 5 != 0,
        };
        read.with_samples(tiff, page, job)?.checked(job)
    }

    /// Adds what is said for each sample; all samples of a pixel have to be alike.
    fn with_samples<R: Read + Seek>(
        mut self,
        tiff: &mut Tiff<'_, R>,
        page: &Directory,
        job: &Job<'_>,
    ) -> Result<Self, ReadError> {
        let mut alike = |tag, without| {
            let numbers = tiff.numbers(page, tag, usize::from(self.samples));
            let numbers = numbers.map_err(|e| job.system(e))?.unwrap_or_default();
            let first = numbers.first().copied().unwrap_or(without);
            if numbers.iter().any(|number| *number != first) {
                return Err(job.unsupported("samples of different kinds in one pixel are"));
            }
            Ok(first)
        };
        self.bits = u16::try_from(alike(BITS, 1)?).unwrap_or(u16::MAX);
        self.format = match alike(SAMPLE_FORMAT, 1)? {
            // 4 is "undefined", which those write who never thought of it.
            1 | 4 => Format::Unsigned,
            2 => Format::Signed,
            3 => Format::Float,
            _ => return Err(job.unsupported("complex samples are")),
        };
        let shared = tiff.numbers(page, SUBSAMPLING, 2);
        if let Some([x, y]) = shared.map_err(|e| job.system(e))?.as_deref() {
            self.subsampling = [*x, *y].map(|s| u32::try_from(s).unwrap_or(0));
        }
        Ok(self)
    }

    /// Refuses by name what no reader is written for.
    fn checked(self, job: &Job<'_>) -> Result<Self, ReadError> {
        let (bits, samples) = (self.bits, self.samples);
        let is_fax = matches!(self.packing, Packing::Fax2 | Packing::Fax3 | Packing::Fax4);
        let is_known = match self.format {
            Format::Unsigned => matches!(bits, 1..=16 | 32),
            Format::Signed => matches!(bits, 8 | 16 | 32),
            Format::Float => matches!(bits, 16 | 32 | 64),
        };
        let is_colour = !matches!(self.colours, Colours::Grey { .. });
        let what = if !is_known {
            format!("samples of {bits} bits ({:?}) are", self.format)
        } else if is_colour && (self.format != Format::Unsigned || bits > 16) {
            "colours that are signed or of more than 16 bits are".into()
        } else if self.colours == Colours::Palette && (bits > 8 || samples != 1) {
            "palettes of more than 8 bits are".into()
        } else if matches!(self.colours, Colours::Rgb | Colours::YCbCr) && samples < 3 {
            format!("colours of {samples} samples are")
        } else if self.colours == Colours::YCbCr && (bits != 8 || samples != 3 || self.is_planar) {
            "YCbCr colours of other than three 8-bit samples together are".into()
        } else if self.subsampling.iter().any(|s| !matches!(s, 1 | 2 | 4)) {
            "YCbCr colours with odd subsampling are".into()
        } else if is_fax && (bits != 1 || samples != 1) {
            "fax compression of more than one bit a pixel is".into()
        } else if self.packing == Packing::Jpeg && (bits != 8 || self.format != Format::Unsigned) {
            format!("JPEGs of {bits} bits a sample inside are")
        } else if self.packing == Packing::Jpeg && !matches!(samples, 1 | 3) {
            format!("JPEGs of {samples} samples a pixel inside are")
        } else if !self.has_known_predictor() {
            format!("predictor {} for samples of {bits} bits is", self.predictor)
        } else {
            return Ok(self);
        };
        Err(job.unsupported(what))
    }

    fn has_known_predictor(&self) -> bool {
        match self.predictor {
            _ if !self.is_predicted() => true,
            2 => matches!(self.bits, 8 | 16 | 32 | 64),
            3 => self.format == Format::Float,
            _ => false,
        }
    }

    /// Whether rows are stored as differences; where it makes no sense the tag is ignored.
    pub fn is_predicted(&self) -> bool {
        let takes_it = matches!(self.packing, Packing::Lzw | Packing::Deflate);
        takes_it && self.predictor != 1
    }

    /// Samples that stand together in a strip or tile: all of a pixel, or those of one plane.
    pub fn together(&self) -> u16 {
        if self.is_planar { 1 } else { self.samples }
    }

    /// Samples a pixel that are kept: the first, or the first three.
    pub fn kept(&self) -> usize {
        match self.colours {
            Colours::Grey { .. } | Colours::Palette => 1,
            Colours::Rgb | Colours::YCbCr => 3,
        }
    }

    /// Strips or tiles of one plane: across and down.
    pub fn grid(&self) -> [u32; 2] {
        [
            self.width.div_ceil(self.chunk[0]),
            self.height.div_ceil(self.chunk[1]),
        ]
    }

    /// Bytes of one row of a strip or tile, unpacked.
    pub fn row_bytes(&self) -> usize {
        let samples = self.chunk[0] as usize * usize::from(self.together());
        (samples * usize::from(self.bits)).div_ceil(8)
    }

    /// Bytes of so many rows of a strip or tile that is not packed.
    fn stored_bytes(&self, rows: u32) -> u64 {
        if self.colours != Colours::YCbCr {
            return u64::from(rows) * self.row_bytes() as u64;
        }
        let [across, down] = self.subsampling;
        let blocks = self.chunk[0].div_ceil(across) * rows.div_ceil(down);
        u64::from(blocks) * u64::from(across * down + 2)
    }

    /// The colour map: all reds, all greens, all blues, of 16 bits each.
    pub fn colour_map<R: Read + Seek>(
        &self,
        tiff: &mut Tiff<'_, R>,
        page: &Directory,
        job: &Job<'_>,
    ) -> Result<Vec<u16>, ReadError> {
        let numbers = tiff.numbers(page, COLOUR_MAP, 3 << self.bits.min(8));
        let numbers = numbers.map_err(|e| job.system(e))?;
        let numbers = numbers.ok_or_else(|| job.damaged("it has no colour map"))?;
        Ok(numbers.iter().map(|number| *number as u16).collect())
    }

    /// Where the strips or tiles are: as many as the size needs, all within the file.
    pub fn chunks<R: Read + Seek>(
        &self,
        tiff: &mut Tiff<'_, R>,
        page: &Directory,
        job: &Job<'_>,
    ) -> Result<Chunks, ReadError> {
        let [across, down] = self.grid().map(|side| side as usize);
        let planes = if self.is_planar { self.kept() } else { 1 };
        let count = across.saturating_mul(down).saturating_mul(planes);
        let (offsets, lengths) = if self.is_tiled {
            (TILE_OFFSETS, TILE_BYTES)
        } else {
            (STRIP_OFFSETS, STRIP_BYTES)
        };
        let mut numbers = |tag| tiff.numbers(page, tag, count).map_err(|e| job.system(e));
        let offsets = numbers(offsets)?.unwrap_or_default();
        let mut lengths = numbers(lengths)?.unwrap_or_default();
        if offsets.len() < count {
            return Err(job.damaged("it does not say where its pixels are"));
        }
        if self.packing == Packing::None {
            // Known from the size; what the file says is often wrong and never needed.
            let rows = (0..count).map(|index| {
                let top = (index / across % down) as u32 * self.chunk[1];
                (self.height - top).min(self.chunk[1])
            });
            lengths = rows.map(|rows| self.stored_bytes(rows)).collect();
        } else if lengths.len() < count {
            return Err(job.damaged("it does not say how long its strips are"));
        }
        let ends = |(at, length): (&u64, &u64)| at.checked_add(*length);
        if offsets.iter().zip(&lengths).any(|place| {
            let end = ends(place);
            end.is_none_or(|end| end > tiff.length)
        }) {
            return Err(job.damaged("it ends before its pixels do"));
        }
        // Strips may share bytes, but not so that a small file becomes endless work.
        let total = lengths.iter().fold(0_u64, |sum, l| sum.saturating_add(*l));
        if total > tiff.length.saturating_mul(8) {
            return Err(job.damaged("its strips lie over each other"));
        }
        let jpeg_tables = if self.packing == Packing::Jpeg {
            tiff.bytes(page, JPEG_TABLES, JPEG_TABLE_BYTES)
                .map_err(|e| job.system(e))?
                .unwrap_or_default()
        } else {
            Vec::new()
        };
        Ok(Chunks {
            places: offsets.into_iter().zip(lengths).collect(),
            jpeg_tables,
        })
    }
}

fn packing(number: u64, job: &Job<'_>) -> Result<Packing, ReadError> {
    let name = match number {
        1 => return Ok(Packing::None),
        2 => return Ok(Packing::Fax2),
        3 => return Ok(Packing::Fax3),
        4 => return Ok(Packing::Fax4),
        5 => return Ok(Packing::Lzw),
        7 => return Ok(Packing::Jpeg),
        8 | 32946 => return Ok(Packing::Deflate),
        32773 => return Ok(Packing::PackBits),
        6 => "the old JPEG compression",
        9 | 10 | 34661 => "JBIG compression",
        33003 | 33005 | 34712 => "JPEG 2000 compression",
        34887 => "LERC compression",
        34925 => "LZMA compression",
        50000 => "Zstandard compression",
        50001 => "WebP compression",
        50002 => "JPEG XL compression",
        _ => return Err(job.unsupported(format!("compression number {number} is"))),
    };
    Err(job.unsupported(format!("{name} is")))
}

fn colours(number: u64, job: &Job<'_>) -> Result<Colours, ReadError> {
    let what = match number {
        0 => {
            return Ok(Colours::Grey {
                white_is_zero: true,
            });
        }
        // 4 is a mask: one bit, as good as grey.
        1 | 4 => {
            return Ok(Colours::Grey {
                white_is_zero: false,
            });
        }
        2 => return Ok(Colours::Rgb),
        3 => return Ok(Colours::Palette),
        6 => return Ok(Colours::YCbCr),
        5 => "inks (CMYK) are".into(),
        8..=10 => "Lab colours are".into(),
        32803 | 34892 => "raw camera data are".into(),
        _ => format!("the colours (number {number}) are"),
    };
    Err(job.unsupported(what))
}
