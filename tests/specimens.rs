//! Small files of every kind that is read, written here byte by byte or by an independent
//! encoder, with the samples that a reader has to find in them.
//!
//! `formats.rs` compares, `hostile.rs` scrambles them. The samples are noise from a formula.

mod dm;
mod fax;
mod tiff;
mod tiff_writer;

use image::codecs::{bmp::BmpEncoder, jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// Width and height of the specimens in pixels; no multiple of anything.
pub const SIZE: [usize; 2] = [37, 29];
/// Pixels of a specimen.
pub const PIXELS: usize = SIZE[0] * SIZE[1];

/// A file and what is in it.
pub struct Specimen {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// The samples of the page that is read: grey, or red, green, blue.
    pub samples: Vec<f64>,
    /// How far a sample may be off.
    pub tolerance: f64,
    /// Bits a sample and samples a pixel, as stored.
    pub stored: (u8, u8),
    pub pages: u32,
    pub page: u32,
}

impl Specimen {
    fn new(name: &'static str, bytes: Vec<u8>, samples: Vec<f64>, stored: (u8, u8)) -> Self {
        Self {
            name,
            bytes,
            samples,
            tolerance: 0.0,
            stored,
            pages: 1,
            page: 0,
        }
    }

    fn within(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    fn on_page(mut self, page: u32, pages: u32) -> Self {
        (self.page, self.pages) = (page, pages);
        self
    }
}

/// All of them.
pub fn all() -> Vec<Specimen> {
    let mut all = plain();
    all.extend(tiff::all());
    all.extend(dm::all());
    all
}

/// Noise of so many bits, `count` numbers.
pub fn noise(bits: u32, count: usize) -> Vec<u32> {
    let hash = |i: usize| (i as u32 + 1).wrapping_mul(2_654_435_761);
    (0..count)
        .map(|i| (hash(i) ^ hash(i) >> 15) >> (32 - bits))
        .collect()
}

/// The same numbers as another type.
pub fn as_f64<T: Copy + Into<f64>>(samples: &[T]) -> Vec<f64> {
    samples.iter().map(|sample| (*sample).into()).collect()
}

pub fn as_u8(samples: &[u32]) -> Vec<u8> {
    samples.iter().map(|sample| *sample as u8).collect()
}

/// A slope without sharp edges, which JPEG keeps: grey, or three colours a pixel.
pub fn slope(samples: usize) -> Vec<u8> {
    let value = |i: usize| {
        let (pixel, colour) = (i / samples, i % samples);
        (60 + pixel % SIZE[0] + pixel / SIZE[0] * 2 + 30 * colour) as u8
    };
    (0..PIXELS * samples).map(value).collect()
}

/// A JPEG of the slope.
pub fn jpeg(samples: usize) -> Vec<u8> {
    let colour = if samples == 1 {
        ExtendedColorType::L8
    } else {
        ExtendedColorType::Rgb8
    };
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 98);
    let [width, height] = SIZE.map(|side| side as u32);
    encoder
        .write_image(&slope(samples), width, height, colour)
        .unwrap();
    bytes
}

fn plain() -> Vec<Specimen> {
    let [width, height] = SIZE.map(|side| side as u32);
    let png = |samples: &[u8], colour| {
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new(&mut bytes);
        encoder.write_image(samples, width, height, colour).unwrap();
        bytes
    };
    let grey = noise(8, PIXELS);
    let colour = noise(8, PIXELS * 3);
    let deep = noise(16, PIXELS);
    let deep_colour = noise(16, PIXELS * 3);
    let words = |samples: &[u32]| -> Vec<u8> {
        let words = samples.iter().map(|sample| *sample as u16);
        words.flat_map(u16::to_ne_bytes).collect()
    };
    let with_alpha: Vec<u8> = as_u8(&colour)
        .chunks(3)
        .flat_map(|c| [c[0], c[1], c[2], c[0] / 2])
        .collect();
    let mut bmp = Vec::new();
    BmpEncoder::new(&mut bmp)
        .encode(&as_u8(&colour), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    let mut webp = Vec::new();
    WebPEncoder::new_lossless(&mut webp)
        .encode(&as_u8(&colour), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    use ExtendedColorType as Colour;
    vec![
        Specimen::new(
            "grey.png",
            png(&as_u8(&grey), Colour::L8),
            as_f64(&grey),
            (8, 1),
        ),
        Specimen::new(
            "deep.png",
            png(&words(&deep), Colour::L16),
            as_f64(&deep),
            (16, 1),
        ),
        Specimen::new(
            "colour.png",
            png(&as_u8(&colour), Colour::Rgb8),
            as_f64(&colour),
            (8, 3),
        ),
        Specimen::new(
            "alpha.png",
            png(&with_alpha, Colour::Rgba8),
            as_f64(&colour),
            (8, 4),
        ),
        Specimen::new(
            "deep-colour.png",
            png(&words(&deep_colour), Colour::Rgb16),
            as_f64(&deep_colour),
            (16, 3),
        ),
        Specimen::new("grey.jpg", jpeg(1), as_f64(&slope(1)), (8, 1)).within(3.0),
        Specimen::new("colour.jpg", jpeg(3), as_f64(&slope(3)), (8, 3)).within(8.0),
        Specimen::new("colour.bmp", bmp, as_f64(&colour), (8, 3)),
        Specimen::new("colour.webp", webp, as_f64(&colour), (8, 3)),
    ]
}
