//! Coloured marks on a grey image: on a micrograph colour was drawn.
//!
//! An image that is coloured all over is a false-colour one; nothing is found in it. Called by
//! `mod`.

use super::place::Place;
use crate::micrograph::scale_bar::Plane;

/// Saturation (the most less the least of red, green and blue) from which on a pixel has a
/// colour, and which a mark must reach somewhere.
const TINTED: u8 = 40;
const COLOURED: u8 = 80;
/// The part of an image that must be grey, and how saturated grey may be: the compression of
/// colours leaves some.
const GREY_PART: f32 = 0.85;
const GREY: u8 = 14;
/// The fewest pixels of a mark.
const SMALLEST: usize = 12;
/// Marks looked at in one image.
const MOST: usize = 400;

/// The places of coloured marks.
pub fn coloured(plane: Plane, saturation: &[u8]) -> Vec<Place> {
    let (width, height) = (plane.width(), plane.height());
    if saturation.len() != width * height {
        return Vec::new();
    }
    let mut tinted: Vec<bool> = saturation.iter().map(|value| *value >= TINTED).collect();
    let grey = saturation.iter().filter(|value| **value <= GREY).count();
    if (grey as f32) < GREY_PART * saturation.len() as f32 {
        return Vec::new();
    }
    let mut places = Vec::new();
    let mut open = Vec::new();
    for start in 0..tinted.len() {
        if !std::mem::take(&mut tinted[start]) {
            continue;
        }
        open.push(start);
        let mut pixels = Vec::new();
        let mut most = 0;
        while let Some(index) = open.pop() {
            let (x, y) = (index % width, index / width);
            most = most.max(saturation[index]);
            pixels.push((x, y));
            for ny in y.saturating_sub(1)..(y + 2).min(height) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    if std::mem::take(&mut tinted[ny * width + nx]) {
                        open.push(ny * width + nx);
                    }
                }
            }
        }
        if most >= COLOURED && pixels.len() >= SMALLEST && places.len() < MOST {
            cover(&mut pixels, &mut places);
        }
    }
    places
}

/// Cuts a mark into places that it mostly fills, so that what a coloured outline encloses stays.
fn cover(pixels: &mut [(usize, usize)], places: &mut Vec<Place>) {
    let Some(place) = bounds(pixels) else {
        return;
    };
    let is_full = pixels.len() * 20 >= place.area() * 7;
    if is_full || place.longer() <= 16 || places.len() >= MOST {
        places.push(place);
        return;
    }
    // Each cut halves the longer side, so that this goes no deeper than that has bits.
    let is_wide = place.width() >= place.height();
    let middle = if is_wide {
        place.x0 + place.width() / 2
    } else {
        place.y0 + place.height() / 2
    };
    let side = |pixel: &(usize, usize)| if is_wide { pixel.0 } else { pixel.1 };
    pixels.sort_unstable_by_key(side);
    let split = pixels.partition_point(|pixel| side(pixel) < middle);
    let (first, second) = pixels.split_at_mut(split);
    cover(first, places);
    cover(second, places);
}

fn bounds(pixels: &[(usize, usize)]) -> Option<Place> {
    let place = |(x, y): &(usize, usize)| Place {
        x0: *x,
        y0: *y,
        x1: x + 1,
        y1: y + 1,
    };
    pixels
        .iter()
        .map(place)
        .reduce(|all, pixel| all.with(&pixel))
}
