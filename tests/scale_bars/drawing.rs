//! Drawings with a known scale bar, on a made-up specimen, as JPEG.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// The lines of tests/fixtures/labels.png, 48 rows each, and their lengths in nanometres; the
/// last two are no labels.
pub const LABELS: [(&str, f64); 12] = [
    ("1 µm", 1e3),
    ("200 nm", 200.0),
    ("50 µm", 5e4),
    ("5.00 µm", 5e3),
    ("500nm", 500.0),
    ("2 mm", 2e6),
    ("100 um", 1e5),
    ("20 µm", 2e4),
    ("10 nm", 10.0),
    ("300 µm", 3e5),
    ("WD = 4.1 mm", 0.0),
    ("Mag = 50.00 K X", 0.0),
];

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ends {
    Plain,
    Ticks,
    Arrows,
    /// Ticks downwards along the whole bar.
    Ruler,
    /// Ticks upwards at both ends.
    Bracket,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    Above,
    Below,
    Left,
    Right,
    Between,
}

/// A bar from `x` on, its middle at the row `y`, with its label.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    pub x: f64,
    pub y: f64,
    pub length: f64,
    pub thick: f64,
    pub ends: Ends,
    pub label: usize,
    pub place: Place,
    pub white: bool,
}

pub struct Drawing {
    grey: Vec<u8>,
    width: u32,
    height: u32,
}

impl Drawing {
    /// A specimen: smooth hills and noise from a seed.
    pub fn new(width: u32, height: u32, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut dice = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f64 / f64::from(1 << 24)
        };
        let waves: Vec<[f64; 4]> = (0..14)
            .map(|_| {
                [
                    dice() * 0.12,
                    dice() * 0.12,
                    dice() * 6.3,
                    6.0 + 12.0 * dice(),
                ]
            })
            .collect();
        let middle = 70.0 + 60.0 * dice();
        let mut grey = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            for x in 0..width {
                let hills: f64 = waves
                    .iter()
                    .map(|[a, b, c, high]| high * (a * f64::from(x) + b * f64::from(y) + c).sin())
                    .sum();
                grey.push((middle + hills + 24.0 * (dice() - 0.5)).clamp(0.0, 255.0) as u8);
            }
        }
        Self {
            grey,
            width,
            height,
        }
    }

    /// The band of paper for white or black print in the rows `top..bottom`.
    pub fn banner(&mut self, top: u32, bottom: u32, white_on_black: bool) {
        let paper = if white_on_black { 0 } else { 255 };
        let row = |y: u32| (y * self.width) as usize;
        self.grey[row(top)..row(bottom)].fill(paper);
    }

    fn ink(&mut self, x: i64, y: i64, share: f64, white: bool) {
        if x < 0 || y < 0 || x >= i64::from(self.width) || y >= i64::from(self.height) {
            return;
        }
        let pixel = &mut self.grey[y as usize * self.width as usize + x as usize];
        let ink = if white { 255.0 } else { 0.0 };
        *pixel = (f64::from(*pixel) * (1.0 - share) + ink * share).round() as u8;
    }

    /// A filled box, its edges mixed with the paper.
    fn fill(&mut self, x0: f64, y0: f64, x1: f64, y1: f64, white: bool) {
        let part = |from: f64, to: f64, at: i64| {
            (to.min(at as f64 + 1.0) - from.max(at as f64)).clamp(0.0, 1.0)
        };
        for y in y0.floor() as i64..y1.ceil() as i64 {
            for x in x0.floor() as i64..x1.ceil() as i64 {
                self.ink(x, y, part(x0, x1, x) * part(y0, y1, y), white);
            }
        }
    }

    /// A plain line from `x` on, its middle at the row `y`.
    pub fn line(&mut self, x: f64, y: f64, length: f64, thick: f64, white: bool) {
        self.fill(x, y - thick / 2.0, x + length, y + thick / 2.0, white);
    }

    /// A line of the fixture with its upper left corner at a place; its size in pixels.
    pub fn label(&mut self, label: usize, x: u32, y: u32, white: bool) -> [u32; 2] {
        let [left, top, right, bottom] = ink_of(label);
        let sheet = sheet();
        for row in top..bottom {
            for column in left..right {
                let share = 1.0 - f64::from(sheet.get_pixel(column, row).0[0]) / 255.0;
                let (to_x, to_y) = (x + column - left, y + row - top);
                self.ink(i64::from(to_x), i64::from(to_y), share, white);
            }
        }
        [right - left, bottom - top]
    }

    /// A bar with its ends and its label.
    pub fn bar(&mut self, bar: &Bar) {
        let Bar {
            x,
            y,
            length,
            thick,
            ends,
            label,
            place,
            white,
        } = *bar;
        let [left, top, right, bottom] = ink_of(label);
        let (wide, tall) = (f64::from(right - left), f64::from(bottom - top));
        if place == Place::Between {
            let half = (length - wide - 16.0) / 2.0;
            self.line(x, y, half, thick, white);
            self.line(x + length - half, y, half, thick, white);
        } else {
            self.line(x, y, length, thick, white);
        }
        let marks: Vec<f64> = match ends {
            Ends::Plain | Ends::Arrows => Vec::new(),
            Ends::Ticks | Ends::Bracket => vec![x, x + length],
            Ends::Ruler => (0..=5).map(|k| x + length * f64::from(k) / 5.0).collect(),
        };
        for mark in marks {
            let (up, down) = match ends {
                Ends::Ruler => (0.0, 7.0),
                Ends::Bracket => (9.0, 0.0),
                _ => (7.0, 7.0),
            };
            let (up, down) = (y - thick / 2.0 - up, y + thick / 2.0 + down);
            self.fill(mark - 1.0, up, mark + 1.0, down, white);
        }
        if ends == Ends::Arrows {
            for k in 0..8 {
                let (k, open) = (f64::from(k), f64::from(k) * 0.6 + 0.5);
                self.fill(x + k, y - open, x + k + 1.0, y + open, white);
                self.fill(
                    x + length - k - 1.0,
                    y - open,
                    x + length - k,
                    y + open,
                    white,
                );
            }
        }
        let (label_x, label_y) = match place {
            Place::Above => (x + 10.0, y - 12.0 - tall),
            Place::Below => (x + 0.5 * (length - wide), y + 11.0),
            Place::Left => (x - wide - 14.0, y - tall / 2.0),
            Place::Right => (x + length + 14.0, y - tall / 2.0),
            Place::Between => (x + 0.5 * (length - wide), y - tall / 2.0),
        };
        self.label(label, label_x as u32, label_y as u32, white);
    }

    /// Every pixel as `times * times` pixels.
    pub fn enlarged(&self, times: u32) -> Self {
        let (width, height) = (self.width * times, self.height * times);
        let at = |i: u32| {
            let (x, y) = (i % width / times, i / width / times);
            self.grey[(y * self.width + x) as usize]
        };
        Self {
            grey: (0..width * height).map(at).collect(),
            width,
            height,
        }
    }

    /// The drawing as a JPEG of quality 88.
    pub fn jpeg(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 88)
            .write_image(&self.grey, self.width, self.height, ExtendedColorType::L8)
            .unwrap();
        bytes
    }
}

fn sheet() -> image::GrayImage {
    let bytes = include_bytes!("../fixtures/labels.png");
    image::load_from_memory(bytes).unwrap().to_luma8()
}

/// The box of a label's ink in the fixture.
fn ink_of(label: usize) -> [u32; 4] {
    let sheet = sheet();
    let rows = 48 * label as u32..48 * (label as u32 + 1);
    let inked: Vec<(u32, u32)> = rows
        .flat_map(|y| (0..sheet.width()).map(move |x| (x, y)))
        .filter(|(x, y)| sheet.get_pixel(*x, *y).0[0] < 128)
        .collect();
    let least = |of: fn(&(u32, u32)) -> u32| inked.iter().map(of).min().unwrap();
    let most = |of: fn(&(u32, u32)) -> u32| inked.iter().map(of).max().unwrap() + 1;
    [least(|p| p.0), least(|p| p.1), most(|p| p.0), most(|p| p.1)]
}
