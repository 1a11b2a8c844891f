//! Local binary patterns: which neighbours of a pixel are at least as bright as it.
//!
//! Never says where in the image a pattern is, nor which way it is turned. Called by
//! `appearance`.

use super::averaging::averaged;
use super::greys::Greys;

/// Kinds of patterns: 0 to 8 bright neighbours side by side, and all others.
pub const PATTERNS: usize = 10;

/// Longest side patterns are read at, px: larger images are averaged down to it, so that a
/// micrograph's patterns do not hang on its camera's pixels.
const LONGEST_PX: usize = 256;

/// 1/√2 in hundred-thousandths: how far a neighbour on a diagonal lies towards the next pixel.
const DIAGONAL: i32 = 70_711;
const WHOLE: i32 = 100_000;

/// Share of each kind of pattern among the pixels that are not at the border; all 0 where there
/// is none.
///
/// The uniform, rotation invariant patterns of 8 neighbours at a radius of 1 px, those on diagonals
/// interpolated bilinearly (Ojala, Pietikäinen and Mäenpää 2002). They are those of scikit-image's
/// `local_binary_pattern(image, 8, 1, "uniform")`, but exact where greys are equal.
pub fn patterns(image: &Greys) -> [f64; PATTERNS] {
    let longest = image.width.max(image.height);
    if longest <= LONGEST_PX {
        return shares(image);
    }
    let short = |side: usize| ((2 * side * LONGEST_PX + longest) / (2 * longest)).max(1);
    let (width, height) = (short(image.width), short(image.height));
    let averages = averaged(image, width, height);
    let pixels: Vec<u8> = averages.iter().map(|grey| grey.round() as u8).collect();
    shares(&Greys::new(&pixels, width, height))
}

fn shares(image: &Greys) -> [f64; PATTERNS] {
    let mut counts = [0_usize; PATTERNS];
    for y in 1..image.height.saturating_sub(1) {
        for x in 1..image.width.saturating_sub(1) {
            counts[kind(brighter(image, x, y))] += 1;
        }
    }
    let total = counts.iter().sum::<usize>().max(1);
    counts.map(|count| count as f64 / total as f64)
}

/// A bit for each of the neighbours around a pixel, set where it is at least as bright.
fn brighter(image: &Greys, x: usize, y: usize) -> u8 {
    let grey = |x: usize, y: usize| i32::from(image.pixels[y * image.width + x]);
    let here = grey(x, y);
    let sides = [(x + 1, y), (x, y - 1), (x - 1, y), (x, y + 1)];
    let sides = sides.map(|(x, y)| grey(x, y) - here);
    let corners = [
        (x + 1, y - 1),
        (x - 1, y - 1),
        (x - 1, y + 1),
        (x + 1, y + 1),
    ];
    let corners = corners.map(|(x, y)| grey(x, y) - here);
    let mut bits = 0;
    for at in 0..4 {
        let beside = sides[at] + sides[(at + 1) % 4];
        // The interpolated difference, times WHOLE² / DIAGONAL: its sign is exact.
        let between = (WHOLE - DIAGONAL) * beside + DIAGONAL * corners[at];
        bits |= u8::from(sides[at] >= 0) << (2 * at);
        bits |= u8::from(between >= 0) << (2 * at + 1);
    }
    bits
}

/// The number of set bits where they are side by side in the circle, else the last kind.
fn kind(bits: u8) -> usize {
    let changes = (bits ^ bits.rotate_left(1)).count_ones();
    if changes <= 2 {
        bits.count_ones() as usize
    } else {
        PATTERNS - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_told_by_their_bright_neighbours() {
        assert_eq!([0, 0b1000_0001, 0b111, 0xff].map(kind), [0, 2, 3, 8]);
        assert_eq!([0b101, 0b1001_0001].map(kind), [9, 9]);
    }

    #[test]
    fn a_flat_image_has_one_pattern_and_a_tiny_one_none() {
        let mut flat = [0.0; PATTERNS];
        flat[8] = 1.0;
        assert_eq!(patterns(&Greys::new(&[73; 700 * 40], 700, 40)), flat);
        for (width, height) in [(0, 0), (1, 1), (2, 9), (9, 2), (1000, 1), (4, 4000)] {
            let pixels = vec![5; width * height];
            let found = patterns(&Greys::new(&pixels, width, height));
            let is_none = found == [0.0; PATTERNS];
            assert!(is_none || width > 2 && height > 2, "{width} {height}");
        }
    }

    #[test]
    fn a_bright_dot_has_no_bright_neighbour_and_an_edge_has_five() {
        let dot = patterns(&Greys::new(&[0, 0, 0, 0, 9, 0, 0, 0, 0], 3, 3));
        assert_eq!(dot[0], 1.0);
        let edge = patterns(&Greys::new(&[0, 9, 9, 0, 9, 9, 0, 9, 9], 3, 3));
        assert_eq!(edge[5], 1.0);
    }

    #[test]
    fn opposite_slopes_leave_a_diagonal_neighbour_equal() {
        let bits = brighter(&Greys::new(&[0, 105, 100, 0, 100, 95, 0, 0, 0], 3, 3), 1, 1);
        assert_eq!(bits & 0b111, 0b110);
    }
}
