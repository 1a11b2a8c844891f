//! Pixels for the screen: a pyramid to zoom in, a histogram, and the mapping of recorded
//! levels to colours.
//!
//! For eyes only: nothing is measured or asked on these, and the recorded pixels are never
//! changed. Called by the readers and the tiler of `worker`, and by the viewer of `window`.

mod colours;
mod histogram;
mod map;
mod pyramid;

pub use colours::ColourMap;
pub use histogram::Histogram;
pub use map::{DisplayMap, FULL_SCALE, GAMMA_RANGE, Table};
pub use pyramid::{Place, Pyramid};

use super::shrink::{fitted, levels};
use super::stretch::Stretch;
use super::{Micrograph, Pixels};

/// The longest side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE: u32 = 160;

/// RGBA pixels, opaque, and their width and height.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Row by row, four samples a pixel.
    pub rgba: Vec<u8>,
    /// Width and height in pixels.
    pub size: [u32; 2],
}

/// A small copy of all of it, at most [`THUMBNAIL_SIDE`] wide and high.
pub fn thumbnail(micrograph: &Micrograph) -> Shown {
    let full = [micrograph.width(), micrograph.height()];
    let size = fitted(full, THUMBNAIL_SIDE);
    let samples = micrograph.pixels.samples();
    let levels = levels(micrograph, samples, size);
    let stretch = match micrograph.pixels {
        Pixels::Rgb8(_) => Stretch::NONE,
        _ => Stretch::of(&levels),
    };
    Shown {
        rgba: rgba(&levels, samples, stretch),
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
    fn thumbnails_are_small() {
        let wide = micrograph(
            9000,
            2,
            Pixels::Grey8((0..18_000).map(|i| i as u8).collect()),
        );
        let small = thumbnail(&wide);
        assert_eq!((small.size, small.rgba.len()), ([160, 1], 160 * 4));
    }

    #[test]
    fn thumbnails_keep_colours() {
        let red = micrograph(320, 200, Pixels::Rgb8([250, 20, 0].repeat(320 * 200)));
        let small = thumbnail(&red);
        assert_eq!(
            (small.size, &small.rgba[..4]),
            ([160, 100], &[250, 20, 0, 255][..])
        );
    }
}
