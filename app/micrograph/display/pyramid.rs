//! A micrograph at half, a quarter, an eighth… of its size, so that any zoom has pixels of
//! about the right size and nobody needs a texture larger than a tile.
//!
//! Each level averages two by two pixels of the one before, in the depth of the file. Level 0
//! is the micrograph itself. Made by the readers, cut into tiles by the tiler of `worker`.

use super::map::Table;
use crate::micrograph::stretch::Range;
use crate::micrograph::{Micrograph, Pixels};

/// The smallest level is at most this wide and high.
const SMALLEST_SIDE: u32 = 512;

/// The smaller levels of a micrograph.
#[derive(Clone, Debug)]
pub struct Pyramid {
    /// Level 0 of what no screen has the depth for: floating-point samples as levels of 16
    /// bits, 16-bit colours in 8.
    base: Option<Pixels>,
    levels: Vec<Level>,
}

#[derive(Clone, Debug)]
struct Level {
    size: [u32; 2],
    pixels: Pixels,
}

/// A rectangle of one level, in pixels of that level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// 0 is the micrograph itself, each further level half as large.
    pub level: usize,
    /// Left and top.
    pub corner: [u32; 2],
    /// Width and height.
    pub size: [u32; 2],
}

impl Pyramid {
    /// Builds the smaller levels; `None` when `go_on` says no in between.
    pub fn of(micrograph: &Micrograph, go_on: &dyn Fn() -> bool) -> Option<Self> {
        let base = base(&micrograph.pixels);
        let mut levels: Vec<Level> = Vec::new();
        let mut size = [micrograph.width(), micrograph.height()];
        while size[0].max(size[1]) > SMALLEST_SIDE {
            if !go_on() {
                return None;
            }
            let first = base.as_ref().unwrap_or(&micrograph.pixels);
            let pixels = levels.last().map_or(first, |level| &level.pixels);
            let pixels = halved(pixels, size);
            size = size.map(|side| side.div_ceil(2));
            levels.push(Level { size, pixels });
        }
        Some(Self { base, levels })
    }

    /// The number of levels, the micrograph itself among them.
    pub fn levels(&self) -> usize {
        self.levels.len() + 1
    }

    /// Bytes of the smaller levels.
    pub fn bytes(&self) -> usize {
        let levels = self.levels.iter().map(|level| &level.pixels);
        levels.chain(&self.base).map(Pixels::bytes).sum()
    }

    /// The level whose pixels are at least as fine as the screen's and the least of those;
    /// `zoom` is display pixels a micrograph pixel.
    pub fn level_for(&self, zoom: f32) -> usize {
        let halvings = (1.0 / zoom.max(1e-6)).log2().floor();
        (halvings.max(0.0) as usize).min(self.levels.len())
    }

    /// Width and height of a level.
    pub fn size(&self, micrograph: &Micrograph, level: usize) -> [u32; 2] {
        match level
            .checked_sub(1)
            .and_then(|level| self.levels.get(level))
        {
            Some(level) => level.size,
            None => [micrograph.width(), micrograph.height()],
        }
    }

    /// The shown colours of a place, row by row; black where it leaves the level.
    pub fn cut(&self, micrograph: &Micrograph, place: Place, table: &Table) -> Vec<[u8; 3]> {
        let size = self.size(micrograph, place.level);
        let pixels = match place.level.checked_sub(1).and_then(|l| self.levels.get(l)) {
            Some(level) => &level.pixels,
            None => self.base.as_ref().unwrap_or(&micrograph.pixels),
        };
        let [width, height] = place.size.map(|side| side as usize);
        let [left, top] = place.corner.map(|start| start as usize);
        let row_len = size[0] as usize;
        let mut colours = Vec::with_capacity(width * height);
        for y in top..top + height {
            let span = y * row_len + left..y * row_len + (left + width).min(row_len);
            match pixels {
                Pixels::Grey8(samples) => {
                    let row = samples.get(span).unwrap_or_default();
                    colours.extend(row.iter().map(|&sample| table.narrow(sample)));
                }
                Pixels::Grey16(samples) => {
                    let row = samples.get(span).unwrap_or_default();
                    colours.extend(row.iter().map(|&sample| table.wide(sample)));
                }
                Pixels::Rgb8(samples) => {
                    let row = samples
                        .get(span.start * 3..span.end * 3)
                        .unwrap_or_default();
                    colours.extend(
                        row.chunks_exact(3)
                            .map(|pixel| table.colour([pixel[0], pixel[1], pixel[2]])),
                    );
                }
                // These have a base of another kind.
                Pixels::Rgb16(_) | Pixels::Float32(_) => {}
            }
            colours.resize((y + 1 - top) * width, [0; 3]);
        }
        colours
    }
}

fn base(pixels: &Pixels) -> Option<Pixels> {
    match pixels {
        Pixels::Float32(samples) => {
            let range = Range::of(samples);
            let levels = samples.iter().map(|value| range.level(*value));
            Some(Pixels::Grey16(levels.collect()))
        }
        Pixels::Rgb16(samples) => {
            let narrow = samples.iter().map(|sample| (sample >> 8) as u8);
            Some(Pixels::Rgb8(narrow.collect()))
        }
        Pixels::Grey8(_) | Pixels::Grey16(_) | Pixels::Rgb8(_) => None,
    }
}

fn halved(pixels: &Pixels, size: [u32; 2]) -> Pixels {
    match pixels {
        Pixels::Grey8(samples) => Pixels::Grey8(means(samples, size, 1, |sum| sum as u8)),
        Pixels::Grey16(samples) => Pixels::Grey16(means(samples, size, 1, |sum| sum as u16)),
        Pixels::Rgb8(samples) => Pixels::Rgb8(means(samples, size, 3, |sum| sum as u8)),
        Pixels::Rgb16(samples) => Pixels::Rgb16(means(samples, size, 3, |sum| sum as u16)),
        Pixels::Float32(_) => halved(&base(pixels).unwrap_or(Pixels::Grey16(Vec::new())), size),
    }
}

/// The rounded mean of two by two pixels; at an odd edge, of those there are.
fn means<T: Copy + Into<u32>>(
    samples: &[T],
    [width, height]: [u32; 2],
    channels: usize,
    narrow: impl Fn(u32) -> T,
) -> Vec<T> {
    let (width, height) = (width as usize, height as usize);
    let row_len = width * channels;
    let mut out = Vec::with_capacity(width.div_ceil(2) * height.div_ceil(2) * channels);
    for y in (0..height).step_by(2) {
        let row = |y: usize| {
            samples
                .get(y * row_len..(y + 1) * row_len)
                .unwrap_or_default()
        };
        let (upper, lower) = (row(y), row((y + 1).min(height - 1)));
        let pairs = upper.chunks(2 * channels).zip(lower.chunks(2 * channels));
        for (upper, lower) in pairs {
            let second = upper.len() - channels;
            for channel in 0..channels {
                let sum: u32 = upper[channel].into()
                    + upper[second + channel].into()
                    + lower[channel].into()
                    + lower[second + channel].into();
                out.push(narrow((sum + 2) / 4));
            }
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::display::{DisplayMap, Histogram};
    use crate::micrograph::made::micrograph;

    fn go_on() -> bool {
        true
    }

    #[test]
    fn levels_halve_down_to_a_tile_and_keep_the_mean() {
        let samples = (0..2001 * 1000_u32)
            .map(|i| (i % 2) as u16 * 60_000)
            .collect();
        let image = micrograph(2001, 1000, Pixels::Grey16(samples));
        let pyramid = Pyramid::of(&image, &go_on).unwrap();
        let sizes: Vec<_> = (0..pyramid.levels())
            .map(|level| pyramid.size(&image, level))
            .collect();
        assert_eq!(sizes, [[2001, 1000], [1001, 500], [501, 250]]);
        let Pixels::Grey16(last) = &pyramid.levels[1].pixels else {
            unreachable!()
        };
        let inner = last.iter().take(500);
        assert!(inner.clone().all(|&level| level == 30_000), "{last:?}");
    }

    #[test]
    fn odd_edges_and_colours_keep_their_places() {
        let mean = means(&[10_u8, 20, 30, 40, 50, 90], [3, 2], 1, |sum| sum as u8);
        assert_eq!(mean, [30, 60]);
        let mean = means(&[10_u8, 20, 30, 30, 40, 50], [2, 1], 3, |sum| sum as u8);
        assert_eq!(mean, [20, 30, 40]);
    }

    #[test]
    fn the_level_is_as_fine_as_the_screen() {
        let image = micrograph(4096, 4, Pixels::Grey8(vec![0; 4096 * 4]));
        let pyramid = Pyramid::of(&image, &go_on).unwrap();
        let levels = [8.0, 1.0, 0.6, 0.5, 0.26, 0.125, 1e-9].map(|zoom| pyramid.level_for(zoom));
        assert_eq!(levels, [0, 0, 0, 1, 1, 3, 3]);
    }

    #[test]
    fn a_place_is_cut_from_its_level_and_black_outside() {
        let image = micrograph(3, 2, Pixels::Grey8(vec![1, 2, 3, 4, 5, 6]));
        let pyramid = Pyramid::of(&image, &go_on).unwrap();
        let table = Table::new(DisplayMap::default(), &image);
        let place = Place {
            level: 0,
            corner: [1, 1],
            size: [3, 2],
        };
        let cut = pyramid.cut(&image, place, &table);
        assert_eq!(
            cut.iter().map(|colour| colour[0]).collect::<Vec<_>>(),
            [5, 6, 0, 0, 0, 0]
        );
        let Pixels::Grey8(kept) = &image.pixels else {
            unreachable!()
        };
        assert_eq!(kept[..], [1, 2, 3, 4, 5, 6], "showing changed the data");
        assert_eq!(Histogram::of(&image).bins(1, [0, u16::MAX]), [6]);
    }

    #[test]
    fn building_stops_when_told() {
        let image = micrograph(4096, 1, Pixels::Grey8(vec![0; 4096]));
        assert!(Pyramid::of(&image, &|| false).is_none());
    }

    #[test]
    fn floats_and_deep_colours_are_shown_and_their_data_kept() {
        let shown = |image: &Micrograph, size: [u32; 2]| {
            let pyramid = Pyramid::of(image, &|| true).unwrap();
            let map = DisplayMap::at_first(image, &Histogram::of(image));
            let place = Place {
                level: 0,
                corner: [0, 0],
                size,
            };
            pyramid.cut(image, place, &Table::new(map, image))
        };
        let float = micrograph(3, 1, Pixels::Float32(vec![-0.1, 0.0, 0.1]));
        assert_eq!(shown(&float, [3, 1]), [[0; 3], [128; 3], [255; 3]]);
        assert!(matches!(float.pixels, Pixels::Float32(data) if data == [-0.1, 0.0, 0.1]));
        let colour = micrograph(2, 1, Pixels::Rgb16(vec![0, 4096, 4096, 4096, 0, 0]));
        assert_eq!(shown(&colour, [2, 1]), [[0, 255, 255], [255, 0, 0]]);
        let wide = micrograph(1024, 2, Pixels::Float32(vec![0.5; 2048]));
        assert_eq!(Pyramid::of(&wide, &|| true).unwrap().levels(), 2);
    }
}
