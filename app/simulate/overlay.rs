//! What instruments print: data bars, scale bars, burnt-in text and measurement boxes.
//!
//! Draws on finished 8-bit grey and says what it drew. The printed values are invented and
//! belong to no specimen. Called by `mod`.

use super::dice::Dice;
use super::font::glyph;
use super::truth::Bar;
use super::typeface::Typeface;

/// An image being printed on.
pub struct Page<'a> {
    /// Grey, row by row.
    pub grey: &'a mut [u8],
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// What text is printed in.
    pub letters: Letters,
}

/// Letters for a page.
pub enum Letters {
    /// 5 x 7 dots, as older instruments have them.
    Dots,
    /// A typeface.
    Typeface(Typeface),
}

impl Letters {
    /// Dots or one of the bundled typefaces, by lot.
    pub fn choose(dice: &mut Dice) -> Self {
        let font = match dice.int(0, 9) {
            0..=2 => return Self::Dots,
            3..=6 => askem_assets::FONT_WIDE,
            7 | 8 => askem_assets::FONT_REGULAR,
            _ => askem_assets::FONT_SEMIBOLD,
        };
        Typeface::new(font).map_or(Self::Dots, Self::Typeface)
    }

    /// The width of words, in pixels; `size` is a dot, a seventh of a capital's height.
    fn width(&self, words: &str, size: f32) -> f32 {
        match self {
            Self::Dots => words.chars().count() as f32 * 6.0 * size,
            Self::Typeface(typeface) => typeface.width(words, 7.0 * size),
        }
    }
}

/// Kinds of bar with how often each is used, in hundredths.
const STYLES: [(Bar, u32); 5] = [
    (Bar::None, 40),
    (Bar::White, 14),
    (Bar::Black, 20),
    (Bar::Floating, 14),
    (Bar::Burnt, 12),
];

/// Draws the style of a scene's bar by lot.
pub fn choose(dice: &mut Dice) -> Bar {
    let mut left = dice.int(0, 99) as u32;
    for (bar, share) in STYLES {
        if left < share {
            return bar;
        }
        left -= share;
    }
    Bar::None
}

/// The rows the strip takes, if the style has one.
pub fn strip_rows(bar: Bar, height: usize, dice: &mut Dice) -> Option<std::ops::Range<usize>> {
    let rows = |part: f32| ((height as f32 * part) as usize).max(3);
    let strip = match bar {
        Bar::None | Bar::Burnt => return None,
        Bar::White | Bar::Black => {
            let strip = rows(dice.range(0.055, 0.115));
            height - strip..height
        }
        Bar::Floating => {
            let (strip, below) = (rows(dice.range(0.075, 0.105)), rows(dice.range(0.02, 0.18)));
            height - strip - below..height - below
        }
    };
    Some(strip)
}

/// Prints the bar.
pub fn print(page: &mut Page, bar: Bar, strip: Option<std::ops::Range<usize>>, dice: &mut Dice) {
    let size = (page.height as f32 / 300.0).max(0.34);
    match (bar, strip) {
        (Bar::Burnt, _) => print_burnt(page, size, dice),
        (_, Some(rows)) => {
            let (paper, ink) = match bar {
                Bar::Black => (dice.range(0.0, 12.0) as u8, dice.range(215.0, 255.0) as u8),
                _ => (dice.range(240.0, 255.0) as u8, dice.range(0.0, 70.0) as u8),
            };
            page.grey[rows.start * page.width..rows.end * page.width].fill(paper);
            if dice.chance(0.4) {
                page.line((0, rows.start), (page.width - 1, rows.start), 1, ink);
            }
            print_strip(page, rows, ink, dice);
        }
        _ => {}
    }
}

fn print_strip(page: &mut Page, rows: std::ops::Range<usize>, ink: u8, dice: &mut Dice) {
    let (top, tall) = (rows.start as f32, rows.len() as f32);
    let width = page.width as f32;
    let lines = if tall / page.height as f32 > 0.075 && dice.chance(0.75) {
        2
    } else {
        1
    };
    let size = (tall / lines as f32 / if lines == 1 { 15.0 } else { 12.5 }).max(0.3);
    let bar_left = dice.chance(0.5);
    let label = scale_label(dice);
    let label_size = (tall * 0.42 / 8.0).max(size * 0.8);
    let label_px = page.letters.width(&label, label_size);
    let bar_px = (width * dice.range(0.08, 0.22)).max(label_px);
    let logo = dice.chance(0.45);
    let side = if logo { 0.75 * tall + 3.0 } else { 0.0 };
    let bar_x = if bar_left {
        0.012 * width
    } else {
        width - bar_px - side - dice.range(0.02, 0.2) * width
    };
    page.scale_bar(
        bar_x,
        top + tall * 0.7,
        bar_px,
        (tall * 0.12).max(1.0),
        ink,
        dice,
    );
    page.text(&label, bar_x, top + tall * 0.12, label_size, ink);
    let mut x = if bar_left {
        bar_x + bar_px + 0.06 * width
    } else {
        0.015 * width
    };
    let limit = if bar_left {
        (width - side) * dice.range(0.75, 0.97)
    } else {
        bar_x - 0.02 * width
    };
    while x < limit - 16.0 * size {
        let mut widest = 0.0f32;
        for line in 0..lines {
            let words = phrase(dice);
            let wide = page.letters.width(&words, size);
            if x + wide > limit {
                continue;
            }
            let y =
                top + tall * (if lines == 1 { 0.27 } else { 0.12 } + line as f32 / lines as f32);
            page.text(&words, x, y, size, ink);
            widest = widest.max(wide);
        }
        x += widest + dice.range(8.0, 26.0) * size;
    }
    if logo {
        let side = tall * 0.7;
        page.fill(width - side - 3.0, top + tall * 0.15, side, side, ink);
    }
}

fn print_burnt(page: &mut Page, size: f32, dice: &mut Dice) {
    let (width, height) = (page.width as f32, page.height as f32);
    let ink = if dice.chance(0.85) { 255 } else { 0 };
    let size = size * dice.range(0.9, 1.5);
    let bar_px = width * dice.range(0.1, 0.3);
    let x = if dice.chance(0.6) {
        width * 0.95 - bar_px
    } else {
        width * 0.05
    };
    let y = height * dice.range(0.9, 0.96);
    page.scale_bar(
        x,
        y,
        bar_px,
        (height * dice.range(0.004, 0.016)).max(1.0),
        ink,
        dice,
    );
    page.text(
        &scale_label(dice),
        x + 0.2 * bar_px,
        y - 10.0 * size,
        size * 1.2,
        ink,
    );
    if dice.chance(0.6) {
        let other = if x > 0.4 * width {
            0.03 * width
        } else {
            0.5 * width
        };
        let words = format!("{}  {}", phrase(dice), phrase(dice));
        page.text(&words, other, y - 9.0 * size, size, ink);
        page.text(&phrase(dice), other, y, size, ink);
    }
}

/// Draws a measurement box with invented text, as some programs leave in the image.
pub fn print_callout(page: &mut Page, dice: &mut Dice) {
    let size = (page.height as f32 / 300.0).max(0.34);
    let words = format!(
        "D{} = {}.{} nm",
        dice.int(1, 9),
        dice.int(11, 480),
        dice.int(0, 99)
    );
    let x = page.width as f32 * dice.range(0.05, 0.65);
    let y = page.height as f32 * dice.range(0.1, 0.75);
    let wide = page.letters.width(&words, size) + 8.0 * size;
    page.fill(x, y, wide, 15.0 * size, 0);
    page.text(&words, x + 4.0 * size, y + 4.0 * size, size, 230);
}

fn scale_label(dice: &mut Dice) -> String {
    let value = dice.pick(&[1, 2, 5, 10, 20, 50, 100, 200, 300, 500]);
    let unit = if value > 50 && dice.chance(0.6) {
        "nm"
    } else {
        "µm"
    };
    format!("{value} {unit}")
}

fn phrase(dice: &mut Dice) -> String {
    match dice.int(0, 10) {
        0 => format!("EHT = {}.00 kV", dice.int(1, 20)),
        1 => format!("WD = {}.{} mm", dice.int(2, 15), dice.int(0, 9)),
        2 => format!("Mag = {}.{:02} K X", dice.int(1, 250), dice.int(0, 99)),
        3 => format!("Signal A = {}", dice.pick(&["InLens", "SE2", "SE1", "ESB"])),
        4 => format!(
            "Date :{} {} 20{}",
            dice.int(1, 28),
            dice.pick(&["Jan", "Mar", "Jun", "Oct"]),
            dice.int(10, 24)
        ),
        5 => format!("Stage at T = {}.0°", dice.int(0, 54)),
        6 => format!("HV {}.00 kV", dice.int(1, 30)),
        7 => format!("x{}", dice.int(2, 99) * 500),
        8 => format!("det {}", dice.pick(&["ETD", "TLD", "BSED"])),
        9 => format!("Spot {}.0", dice.int(2, 5)),
        _ => dice
            .pick(&[
                "High vacuum",
                "Noise Reduction",
                "Laboratory",
                "SEI",
                "Photo No. = 17",
            ])
            .to_owned(),
    }
}

impl Page<'_> {
    fn fill(&mut self, x: f32, y: f32, wide: f32, tall: f32, ink: u8) {
        let clip = |value: f32, most: usize| value.max(0.0).min(most as f32) as usize;
        let (left, right) = (clip(x, self.width), clip(x + wide.max(1.0), self.width));
        for row in clip(y, self.height)..clip(y + tall.max(1.0), self.height) {
            self.grey[row * self.width + left..row * self.width + right.max(left)].fill(ink);
        }
    }

    fn line(&mut self, from: (usize, usize), to: (usize, usize), thick: usize, ink: u8) {
        let (wide, tall) = (to.0 - from.0 + 1, to.1 - from.1 + thick);
        self.fill(from.0 as f32, from.1 as f32, wide as f32, tall as f32, ink);
    }

    fn scale_bar(&mut self, x: f32, y: f32, long: f32, thick: f32, ink: u8, dice: &mut Dice) {
        match dice.int(0, 2) {
            0 => self.fill(x, y, long, thick, ink),
            1 => {
                self.fill(x, y, long, (thick * 0.4).max(1.0), ink);
                let tick = (thick * 0.4).max(1.0);
                self.fill(x, y - thick, tick, 2.4 * thick, ink);
                self.fill(x + long - tick, y - thick, tick, 2.4 * thick, ink);
            }
            _ => {
                for tick in 0..=10 {
                    let tick_x = x + long * tick as f32 / 10.0;
                    self.fill(
                        tick_x,
                        y - 0.5 * thick,
                        (thick * 0.3).max(1.0),
                        1.5 * thick,
                        ink,
                    );
                }
            }
        }
    }

    /// Prints a line of text whose capitals are 7 dots of `size` pixels high, mixed with the
    /// paper by the part of each pixel they cover.
    fn text(&mut self, words: &str, x: f32, y: f32, size: f32, ink: u8) {
        let Letters::Typeface(typeface) = &self.letters else {
            return self.dots(words, x, y, size, ink);
        };
        let drawn = typeface.draw(words, [x, y], 7.0 * size);
        for (place, cover) in drawn.cover.iter().enumerate() {
            let column = drawn.corner[0] + (place % drawn.size[0]) as i32;
            let row = drawn.corner[1] + (place / drawn.size[0]) as i32;
            if let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row))
                && column < self.width
                && row < self.height
            {
                self.mix(row * self.width + column, *cover, ink);
            }
        }
    }

    fn mix(&mut self, place: usize, cover: f32, ink: u8) {
        let paper = &mut self.grey[place];
        *paper = (f32::from(*paper) * (1.0 - cover) + f32::from(ink) * cover) as u8;
    }

    /// The same in dots, 6 x 8 a letter with its blanks.
    fn dots(&mut self, words: &str, x: f32, y: f32, size: f32, ink: u8) {
        for (index, letter) in words.chars().enumerate() {
            let rows = glyph(letter);
            let left = x + index as f32 * 6.0 * size;
            let (last_column, last_row) = ((left + 5.0 * size).ceil(), (y + 7.0 * size).ceil());
            for row in y.max(0.0) as usize..(last_row.max(0.0) as usize).min(self.height) {
                for column in
                    left.max(0.0) as usize..(last_column.max(0.0) as usize).min(self.width)
                {
                    let cover = glyph_cover(&rows, (column as f32 - left, row as f32 - y), size);
                    self.mix(row * self.width + column, cover, ink);
                }
            }
        }
    }
}

/// The part of a pixel at an offset that a letter's strokes cover, by nine samples.
fn glyph_cover(rows: &[u8; 7], offset: (f32, f32), size: f32) -> f32 {
    let mut hits = 0;
    for sample in 0..9 {
        let u = (offset.0 + (sample % 3) as f32 / 3.0 + 0.17) / size;
        let v = (offset.1 + (sample / 3) as f32 / 3.0 + 0.17) / size;
        if (0.0..5.0).contains(&u)
            && (0.0..7.0).contains(&v)
            && rows[v as usize] >> (4 - u as usize) & 1 == 1
        {
            hits += 1;
        }
    }
    hits as f32 / 9.0
}
