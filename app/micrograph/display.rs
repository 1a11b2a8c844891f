//! Pixels for the screen: RGBA, small enough for any GPU, bright enough to see.
//!
//! For eyes only: nothing is measured or asked on these. Called by the readers of `worker`.

use super::prepare::Prepared;
use super::shrink::{LEVELS_FROM_8_BIT, fitted, levels, shrink};
use super::stretch::Stretch;
use super::{Micrograph, Pixels};

/// The longest side on screen, in pixels: what every GPU takes as one texture.
pub const SCREEN_SIDE: u32 = 4096;
/// The longest side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE: u32 = 160;
/// An 8-bit image that uses less of its scale than this is stretched for showing.
const LOW_CONTRAST: f32 = 0.5;

/// RGBA pixels, opaque, and their width and height.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Row by row, four samples a pixel.
    pub rgba: Vec<u8>,
    /// Width and height in pixels.
    pub size: [u32; 2],
}

/// A micrograph at most [`SCREEN_SIDE`] wide and high. Those of more than 8 bits are stretched,
/// others only where their contrast is low.
pub fn for_screen(micrograph: &Micrograph) -> Shown {
    let size = fitted([micrograph.width(), micrograph.height()], SCREEN_SIDE);
    let samples = micrograph.pixels.samples();
    let levels = levels(micrograph, samples, size);
    let stretch = Stretch::of(&levels);
    let is_even = stretch.share() == 0.0;
    let stretch = match micrograph.pixels {
        Pixels::Grey16(_) | Pixels::Rgb16(_) | Pixels::Float32(_) => stretch,
        _ if stretch.share() < LOW_CONTRAST && !is_even => stretch,
        _ => Stretch::NONE,
    };
    Shown {
        rgba: rgba(&levels, samples, stretch),
        size,
    }
}

/// A small copy, at most [`THUMBNAIL_SIDE`] wide and high.
pub fn thumbnail(micrograph: &Micrograph, prepared: &Prepared) -> Shown {
    let full = [micrograph.width(), micrograph.height()];
    let size = fitted(full, THUMBNAIL_SIDE);
    if micrograph.pixels.samples() == 3 {
        let levels = levels(micrograph, 3, size);
        let stretch = match micrograph.pixels {
            Pixels::Rgb16(_) => Stretch::of(&levels),
            _ => Stretch::NONE,
        };
        return Shown {
            rgba: rgba(&levels, 3, stretch),
            size,
        };
    }
    let width = prepared.width as usize;
    let levels = shrink([prepared.width, prepared.height], size, 1, |y, row| {
        for (level, grey) in row.iter_mut().zip(&prepared.grey[y * width..]) {
            *level = u16::from(*grey) * LEVELS_FROM_8_BIT;
        }
    });
    Shown {
        rgba: rgba(&levels, 1, Stretch::NONE),
        size,
    }
}

fn rgba(levels: &[u16], samples: usize, stretch: Stretch) -> Vec<u8> {
    let table = stretch.table();
    let shade = |level: &u16| table[usize::from(*level)];
    let mut rgba = vec![255; levels.len() / samples * 4];
    let pixels = rgba.chunks_exact_mut(4).zip(levels.chunks_exact(samples));
    for (to, from) in pixels {
        match from {
            [grey] => to[..3].fill(shade(grey)),
            [red, green, blue] => {
                to[..3].copy_from_slice(&[shade(red), shade(green), shade(blue)]);
            }
            _ => {}
        }
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::made::micrograph;

    #[test]
    fn good_8_bit_contrast_is_shown_as_recorded() {
        let shown = for_screen(&micrograph(3, 1, Pixels::Grey8(vec![10, 100, 250])));
        assert_eq!(
            shown.rgba,
            [10, 10, 10, 255, 100, 100, 100, 255, 250, 250, 250, 255]
        );
        let shown = for_screen(&micrograph(2, 1, Pixels::Rgb8(vec![0, 9, 200, 255, 80, 7])));
        assert_eq!(shown.rgba, [0, 9, 200, 255, 255, 80, 7, 255]);
        let even = for_screen(&micrograph(1, 1, Pixels::Grey8(vec![7])));
        assert_eq!(even.rgba, [7, 7, 7, 255]);
    }

    #[test]
    fn low_contrast_and_16_bits_are_stretched_and_the_data_kept() {
        let dim = micrograph(2, 1, Pixels::Grey8(vec![10, 20]));
        assert_eq!(for_screen(&dim).rgba, [0, 0, 0, 255, 255, 255, 255, 255]);
        let deep = micrograph(3, 1, Pixels::Grey16(vec![100, 200, 300]));
        assert_eq!(for_screen(&deep).rgba[4], 128);
        assert!(matches!(deep.pixels, Pixels::Grey16(data) if data == [100, 200, 300]));
    }

    #[test]
    fn nothing_is_larger_than_a_texture_may_be() {
        let wide = micrograph(
            9000,
            2,
            Pixels::Grey8((0..18_000).map(|i| i as u8).collect()),
        );
        let shown = for_screen(&wide);
        assert_eq!((shown.size, shown.rgba.len()), ([4096, 1], 4096 * 4));
        let small = thumbnail(&wide, &Prepared::new(&wide));
        assert_eq!((small.size, small.rgba.len()), ([160, 1], 160 * 4));
    }

    #[test]
    fn thumbnails_keep_colours() {
        let red = micrograph(320, 200, Pixels::Rgb8([250, 20, 0].repeat(320 * 200)));
        let small = thumbnail(&red, &Prepared::new(&red));
        assert_eq!(
            (small.size, &small.rgba[..4]),
            ([160, 100], &[250, 20, 0, 255][..])
        );
    }
}
