//! Text in a typeface for the simulated data bars: outlines become the part of each pixel that
//! they cover.
//!
//! No hinting and no kerning, so that the same words are the same everywhere. Called by
//! `overlay`, beside the 5 x 7 letters of `font`.

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::TableProvider;
use skrifa::{FontRef, MetadataProvider};

/// Lines in which each row of pixels is looked at.
const LINES: usize = 4;
/// Straight pieces that a curve becomes.
const PIECES: u16 = 8;

/// A typeface whose capitals are one high.
pub struct Typeface {
    font: FontRef<'static>,
    /// Size of the em square, in heights of a capital.
    em: f32,
}

/// Words as covered pixels.
pub struct Words {
    /// Width and height in pixels.
    pub size: [usize; 2],
    /// Covered share of each, row by row.
    pub cover: Vec<f32>,
    /// The first pixel, from the place where the words were to begin: left and top.
    pub corner: [i32; 2],
}

impl Typeface {
    /// From a font file; `None` if it is none.
    pub fn new(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        let units = f32::from(font.head().ok()?.units_per_em());
        let stated = font.os2().ok().and_then(|table| table.s_cap_height());
        // Older fonts do not state the height of their capitals.
        let measured = || {
            let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
            Some(metrics.bounds(font.charmap().map('H')?)?.y_max)
        };
        let capitals = stated.map(f32::from).or_else(measured);
        let em = units / capitals.filter(|tall| *tall > 0.0)?;
        Some(Self { font, em })
    }

    /// The width of words whose capitals are so many pixels high.
    pub fn width(&self, words: &str, capital_px: f32) -> f32 {
        let size = Size::new(self.em * capital_px);
        let metrics = self.font.glyph_metrics(size, LocationRef::default());
        let map = self.font.charmap();
        let glyphs = words.chars().filter_map(|letter| map.map(letter));
        glyphs
            .filter_map(|glyph| metrics.advance_width(glyph))
            .sum()
    }

    /// Words from `x` on whose capitals reach from `y` down to `y + capital_px`, in pixels.
    pub fn draw(&self, words: &str, [x, y]: [f32; 2], capital_px: f32) -> Words {
        let size = Size::new(self.em * capital_px);
        let metrics = self.font.glyph_metrics(size, LocationRef::default());
        let (map, outlines) = (self.font.charmap(), self.font.outline_glyphs());
        let mut edges = Edges {
            origin: [x, y + capital_px],
            ..Edges::default()
        };
        for glyph in words.chars().filter_map(|letter| map.map(letter)) {
            if let Some(outline) = outlines.get(glyph) {
                let settings = DrawSettings::unhinted(size, LocationRef::default());
                // A glyph that cannot be drawn stays blank.
                let _ = outline.draw(settings, &mut edges);
            }
            edges.origin[0] += metrics.advance_width(glyph).unwrap_or_default();
        }
        edges.filled()
    }
}

/// The outlines of letters as straight edges, in pixels from the top left.
#[derive(Default)]
struct Edges {
    /// Where the present letter stands on its line.
    origin: [f32; 2],
    first: [f32; 2],
    last: [f32; 2],
    list: Vec<[[f32; 2]; 2]>,
}

impl Edges {
    /// A point of the font, which counts upwards, on the page.
    fn at(&self, x: f32, y: f32) -> [f32; 2] {
        [self.origin[0] + x, self.origin[1] - y]
    }

    fn to(&mut self, point: [f32; 2]) {
        self.list.push([self.last, point]);
        self.last = point;
    }

    /// Pixels covered by what lies inside, by the rule that windings add up.
    fn filled(&self) -> Words {
        let points = || self.list.iter().flatten();
        let span = |axis: usize| {
            let low = points().fold(f32::INFINITY, |low, point| low.min(point[axis]));
            let high = points().fold(f32::NEG_INFINITY, |high, point| high.max(point[axis]));
            if low > high {
                (0, 0)
            } else {
                (low.floor() as i32, high.ceil() as i32)
            }
        };
        let ((left, right), (top, bottom)) = (span(0), span(1));
        let size = [(right - left) as usize, (bottom - top) as usize];
        let mut cover = vec![0.0; size[0] * size[1]];
        for (line, row) in cover.chunks_mut(size[0].max(1)).enumerate() {
            for part in 0..LINES {
                let y = (line * LINES + part) as f32 / LINES as f32 + 0.5 / LINES as f32;
                self.fill(y + top as f32, left as f32, row);
            }
        }
        Words {
            size,
            cover,
            corner: [left, top],
        }
    }

    /// Adds what one line across the letters covers of a row.
    fn fill(&self, y: f32, left: f32, row: &mut [f32]) {
        let crosses = |[from, to]: &[[f32; 2]; 2]| {
            let is_down = from[1] <= y && y < to[1];
            let is_up = to[1] <= y && y < from[1];
            let x = from[0] + (y - from[1]) / (to[1] - from[1]) * (to[0] - from[0]) - left;
            (is_down || is_up).then_some((x, if is_down { 1 } else { -1 }))
        };
        let mut crossings: Vec<(f32, i32)> = self.list.iter().filter_map(crosses).collect();
        crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut winding = 0;
        for pair in crossings.windows(2) {
            winding += pair[0].1;
            if winding == 0 {
                continue;
            }
            let (from, to) = (pair[0].0.max(0.0), pair[1].0.max(0.0));
            for (pixel, share) in row.iter_mut().enumerate().skip(from as usize) {
                let inside = to.min(pixel as f32 + 1.0) - from.max(pixel as f32);
                if inside <= 0.0 {
                    break;
                }
                *share += inside / LINES as f32;
            }
        }
    }
}

impl OutlinePen for Edges {
    fn move_to(&mut self, x: f32, y: f32) {
        self.first = self.at(x, y);
        self.last = self.first;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.to(self.at(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (from, bend, end) = (self.last, self.at(x1, y1), self.at(x, y));
        for piece in 1..=PIECES {
            let t = f32::from(piece) / f32::from(PIECES);
            let weights = [(1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t];
            self.to([0, 1].map(|axis| {
                weights[0] * from[axis] + weights[1] * bend[axis] + weights[2] * end[axis]
            }));
        }
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (from, end) = (self.last, self.at(x, y));
        let bends = [self.at(x1, y1), self.at(x2, y2)];
        for piece in 1..=PIECES {
            let t = f32::from(piece) / f32::from(PIECES);
            let s = 1.0 - t;
            let weights = [s * s * s, 3.0 * t * s * s, 3.0 * t * t * s, t * t * t];
            self.to([0, 1].map(|axis| {
                weights[0] * from[axis]
                    + weights[1] * bends[0][axis]
                    + weights[2] * bends[1][axis]
                    + weights[3] * end[axis]
            }));
        }
    }

    fn close(&mut self) {
        self.to(self.first);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn typeface() -> Typeface {
        Typeface::new(askem_assets::FONT_WIDE).unwrap()
    }

    #[test]
    fn a_capital_is_as_high_as_it_should_be_and_filled_but_for_its_hole() {
        let words = typeface().draw("I", [3.0, 5.0], 20.0);
        assert_eq!((words.corner[1], words.size[1]), (5, 20));
        let (ring, bar) = (
            typeface().draw("O", [0.0, 0.0], 40.0),
            typeface().draw("-", [0.0, 0.0], 40.0),
        );
        let middle =
            |words: &Words| words.cover[words.size[1] / 2 * words.size[0] + words.size[0] / 2];
        assert_eq!((middle(&ring), middle(&bar)), (0.0, 1.0));
        assert!(ring.cover.iter().all(|share| (0.0..=1.001).contains(share)));
    }

    #[test]
    fn all_bundled_typefaces_have_what_data_bars_say() {
        let fonts = [
            askem_assets::FONT_WIDE,
            askem_assets::FONT_REGULAR,
            askem_assets::FONT_SEMIBOLD,
        ];
        for typeface in fonts.map(|font| Typeface::new(font).unwrap()) {
            let missing = typeface.draw("\u{e000}", [0.0, 0.0], 30.0).cover;
            for letter in "AZaz09µ°.:=".chars() {
                let cover = typeface.draw(&letter.to_string(), [0.0, 0.0], 30.0).cover;
                assert!(cover.iter().sum::<f32>() > 5.0, "{letter} is blank");
                assert_ne!(cover, missing, "{letter} is lacking");
            }
            let ring = typeface.draw("O", [0.0, 0.0], 30.0);
            let ink: f32 = ring.cover.iter().sum();
            let share = ink / (ring.size[0] * ring.size[1]) as f32;
            assert!((0.2..0.6).contains(&share), "{share} of the O is ink");
        }
    }

    #[test]
    fn half_a_pixel_to_the_right_keeps_the_ink_and_moves_it() {
        let ink = |x: f32| {
            let words = typeface().draw("H", [x, 0.0], 14.0);
            let at = |place: usize| (words.corner[0] as usize + place % words.size[0]) as f32;
            let moment = |(place, cover): (usize, &f32)| at(place) * cover;
            let sum: f32 = words.cover.iter().sum();
            (
                sum,
                words.cover.iter().enumerate().map(moment).sum::<f32>() / sum,
            )
        };
        let (before, after) = (ink(4.0), ink(4.5));
        assert!((before.0 - after.0).abs() < 0.01, "{before:?}, {after:?}");
        let moved = after.1 - before.1;
        assert!((0.35..0.65).contains(&moved), "{moved}");
    }

    #[test]
    fn words_are_as_wide_as_their_letters_and_blanks_have_no_pixels() {
        let typeface = typeface();
        let width = |words| typeface.width(words, 12.0);
        assert!((width("10 µm") - width("10") - width(" µ") - width("m")).abs() < 1e-3);
        let words = typeface.draw("10 µm", [0.0, 0.0], 12.0);
        assert!(
            (words.size[0] as f32 - width("10 µm")).abs() < 4.0,
            "{}",
            words.size[0]
        );
        assert_eq!(typeface.draw("  ", [0.0, 0.0], 12.0).size, [0, 0]);
        assert!(Typeface::new(b"no font").is_none());
    }
}
