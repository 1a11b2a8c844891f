//! Simulated micrographs with marks drawn over them as in published figures, and where.

use askem::questions::Category;
use askem::simulate::scene;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// What is drawn over a micrograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    PanelLetter,
    Words,
    Arrow,
    Box,
    DashedBox,
    ColouredBox,
    ColouredArrow,
    Inset,
    Gutter,
    Frame,
}

impl Mark {
    pub const ALL: [Self; 10] = [
        Self::PanelLetter,
        Self::Words,
        Self::Arrow,
        Self::Box,
        Self::DashedBox,
        Self::ColouredBox,
        Self::ColouredArrow,
        Self::Inset,
        Self::Gutter,
        Self::Frame,
    ];
}

/// The longest side of the micrographs, in pixels.
const SIDE: u32 = 720;
/// The letters of tests/fixtures/letters.png, 64 rows each.
const LETTERS: u32 = 8;
/// The lines of tests/fixtures/labels.png that are words, 48 rows each.
const WORDS: [u32; 4] = [1, 3, 10, 11];
const RED: [u8; 3] = [235, 40, 30];
const YELLOW: [u8; 3] = [255, 220, 20];

/// A picture with marks.
pub struct Figure {
    rgb: Vec<[u8; 3]>,
    pub width: u32,
    pub height: u32,
    is_coloured: bool,
    /// The inked pixels.
    pub marks: Vec<bool>,
}

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) % u64::from(end.max(1))) as u32
    }

    fn within(&mut self, from: u32, to: u32) -> u32 {
        from + self.below(to.saturating_sub(from))
    }
}

/// The simulated micrograph of a number, one on which the simulator prints nothing.
pub fn clean(number: u64) -> Figure {
    let category = Category::ALL[(number % 10) as usize];
    let bare = (0..).map(|k| scene(category, number * 1000 + k, SIDE));
    let scene = bare
        .into_iter()
        .find(|scene| !scene.truth.has_bar() && !scene.truth.callout)
        .unwrap();
    Figure {
        rgb: scene.grey.iter().map(|grey| [*grey; 3]).collect(),
        width: scene.width,
        height: scene.height,
        is_coloured: false,
        marks: vec![false; scene.grey.len()],
    }
}

/// A micrograph with a mark, both from a number.
pub fn drawn(mark: Mark, number: u64) -> Figure {
    let mut figure = clean(number);
    let mut dice = Dice((number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        dice.below(2);
    }
    let (width, height) = (figure.width, figure.height);
    let x = dice.within(60, width - 260);
    let y = dice.within(60, height - 220);
    let size = [dice.within(70, 180), dice.within(60, 150)];
    match mark {
        Mark::PanelLetter => {
            let corner = [(10, 8), (width - 100, 8), (10, height - 58)];
            let (x, y) = corner[dice.below(3) as usize];
            figure.letter(dice.below(LETTERS), x, y);
        }
        Mark::Words => figure.words(WORDS[dice.below(4) as usize], x, y),
        Mark::Arrow => {
            let ink = figure.ink_at(x, y, size);
            figure.arrow(&mut dice, [x, y], ink);
        }
        Mark::ColouredArrow => figure.arrow(&mut dice, [x, y], RED),
        Mark::Box => {
            let ink = figure.ink_at(x, y, size);
            figure.outline([x, y], size, dice.within(2, 5), None, ink);
        }
        Mark::DashedBox => {
            let ink = figure.ink_at(x, y, size);
            let dashes = [dice.within(8, 12), dice.within(5, 9)];
            figure.outline([x, y], size, dice.within(2, 4), Some(dashes), ink);
        }
        Mark::ColouredBox => figure.outline([x, y], size, dice.within(2, 5), None, YELLOW),
        Mark::Inset => figure.inset(&clean(number + 3), &mut dice),
        Mark::Gutter => return composite(&figure, &clean(number + 3), dice.within(3, 12), false),
        Mark::Frame => return composite(&figure, &clean(number + 3), dice.within(3, 12), true),
    }
    figure
}

/// Two micrographs, each shown twice, with paper between and around them.
fn composite(first: &Figure, second: &Figure, gap: u32, framed: bool) -> Figure {
    let (wide, tall) = (SIDE / 2, first.height.min(second.height) / 2);
    let edge = if framed { gap } else { 0 };
    let (width, height) = (2 * wide + gap + 2 * edge, 2 * tall + gap + 2 * edge);
    let mut figure = Figure {
        rgb: vec![[255; 3]; (width * height) as usize],
        width,
        height,
        is_coloured: false,
        marks: vec![true; (width * height) as usize],
    };
    for panel in 0..4 {
        let from = if panel % 3 == 0 { first } else { second };
        let left = edge + panel % 2 * (wide + gap);
        let top = edge + panel / 2 * (tall + gap);
        for y in 0..tall {
            for x in 0..wide {
                let index = ((top + y) * width + left + x) as usize;
                figure.rgb[index] = from.at(x + panel * 7, y);
                figure.marks[index] = false;
            }
        }
    }
    figure
}

impl Figure {
    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        self.rgb[(y.min(self.height - 1) * self.width + x.min(self.width - 1)) as usize]
    }

    /// White or black, whichever is seen better on a place.
    fn ink_at(&self, x: u32, y: u32, size: [u32; 2]) -> [u8; 3] {
        let (mut sum, mut count) = (0_u32, 0);
        for y in y..y + size[1] {
            for x in x..x + size[0] {
                sum += u32::from(self.at(x, y)[0]);
                count += 1;
            }
        }
        if sum / count < 128 { [255; 3] } else { [0; 3] }
    }

    fn put(&mut self, x: i64, y: i64, share: f64, ink: [u8; 3]) {
        let (width, height) = (i64::from(self.width), i64::from(self.height));
        if share <= 0.0 || !(0..width).contains(&x) || !(0..height).contains(&y) {
            return;
        }
        let index = (y * width + x) as usize;
        for (value, ink) in self.rgb[index].iter_mut().zip(ink) {
            *value = (f64::from(*value) * (1.0 - share) + f64::from(ink) * share).round() as u8;
        }
        self.marks[index] |= share >= 0.5;
        self.is_coloured |= ink[0] != ink[2];
    }

    fn fill(&mut self, [x, y]: [u32; 2], [wide, tall]: [u32; 2], ink: [u8; 3]) {
        for y in y..y + tall {
            for x in x..x + wide {
                self.put(i64::from(x), i64::from(y), 1.0, ink);
            }
        }
    }

    /// Rows of a sheet of print, as large as they are there.
    fn print(&mut self, sheet: &[u8], rows: std::ops::Range<u32>, x: u32, y: u32) {
        let sheet = image::load_from_memory(sheet).unwrap().to_luma8();
        let ink = self.ink_at(x, y, [90, 40]);
        for row in rows.clone() {
            for column in 0..sheet.width() {
                let share = 1.0 - f64::from(sheet.get_pixel(column, row).0[0]) / 255.0;
                let (x, y) = (x + column, y + row - rows.start);
                self.put(i64::from(x), i64::from(y), share, ink);
            }
        }
    }

    fn letter(&mut self, letter: u32, x: u32, y: u32) {
        let sheet = include_bytes!("../fixtures/letters.png");
        self.print(sheet, 64 * letter..64 * (letter + 1), x, y);
    }

    fn words(&mut self, line: u32, x: u32, y: u32) {
        let sheet = include_bytes!("../fixtures/labels.png");
        self.print(sheet, 48 * line..48 * (line + 1), x, y);
    }

    fn arrow(&mut self, dice: &mut Dice, [x, y]: [u32; 2], ink: [u8; 3]) {
        let angle = f64::from(dice.below(628)) / 100.0;
        let (long, thick) = (f64::from(dice.within(45, 90)), f64::from(dice.within(3, 6)));
        let (sin, cos) = angle.sin_cos();
        let head = (3.0 * thick).max(10.0);
        let from = [f64::from(x) + 80.0, f64::from(y) + 80.0];
        let reach = long as i64 + 8;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let mut inside = 0;
                for sub in 0..9 {
                    let (sx, sy) = (f64::from(sub % 3 - 1) / 3.0, f64::from(sub / 3 - 1) / 3.0);
                    let (px, py) = (dx as f64 + sx, dy as f64 + sy);
                    let (along, across) = (px * cos + py * sin, (py * cos - px * sin).abs());
                    let in_shaft = (0.0..=long - head).contains(&along) && across <= thick / 2.0;
                    let in_head =
                        (long - head..=long).contains(&along) && across <= (long - along) * 0.45;
                    inside += i32::from(in_shaft || in_head);
                }
                let place = [from[0] as i64 + dx, from[1] as i64 + dy];
                self.put(place[0], place[1], f64::from(inside) / 9.0, ink);
            }
        }
    }

    fn outline(
        &mut self,
        [x, y]: [u32; 2],
        [wide, tall]: [u32; 2],
        thick: u32,
        dashes: Option<[u32; 2]>,
        ink: [u8; 3],
    ) {
        let [dash, gap] = dashes.unwrap_or([wide.max(tall), 0]);
        for start in (0..wide).step_by((dash + gap) as usize) {
            let long = dash.min(wide - start);
            self.fill([x + start, y], [long, thick], ink);
            self.fill([x + start, y + tall - thick], [long, thick], ink);
        }
        for start in (0..tall).step_by((dash + gap) as usize) {
            let long = dash.min(tall - start);
            self.fill([x, y + start], [thick, long], ink);
            self.fill([x + wide - thick, y + start], [thick, long], ink);
        }
    }

    /// Another micrograph in a frame, at a corner or near it.
    fn inset(&mut self, other: &Self, dice: &mut Dice) {
        let (wide, tall) = (self.width * 3 / 10, self.height * 3 / 10);
        let frame = dice.within(2, 5);
        let apart = dice.below(2) * 14;
        let left = if dice.below(2) == 0 {
            apart
        } else {
            self.width - wide - apart
        };
        let top = if dice.below(2) == 0 {
            apart
        } else {
            self.height - tall - apart
        };
        let ink = self.ink_at(left, top, [wide, tall]);
        self.fill([left, top], [wide, tall], ink);
        for y in frame..tall - frame {
            for x in frame..wide - frame {
                let index = ((top + y) * self.width + left + x) as usize;
                self.rgb[index] = other.at(2 * x, 2 * y);
            }
        }
    }

    /// The picture as a JPEG of quality 90, in grey unless it has colours.
    pub fn jpeg(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
        let (width, height) = (self.width, self.height);
        if self.is_coloured {
            let samples: Vec<u8> = self.rgb.iter().flatten().copied().collect();
            encoder.write_image(&samples, width, height, ExtendedColorType::Rgb8)
        } else {
            let samples: Vec<u8> = self.rgb.iter().map(|rgb| rgb[0]).collect();
            encoder.write_image(&samples, width, height, ExtendedColorType::L8)
        }
        .unwrap();
        bytes
    }
}
