//! What an image looks like in plain statistics: those anybody would try before a network.
//!
//! Learns nothing and knows nothing of what is shown. Called by `evaluate`'s runs in `worker`.

use super::averaging::{BANDS, bands};
use super::greys::Greys;
use super::pattern::{PATTERNS, patterns};
use std::f64::consts::FRAC_PI_4;

/// Statistics of the greys themselves.
const GREYS: usize = 12;
/// Statistics of the gradient.
const EDGES: usize = 4 + ORIENTATIONS;
/// Orientations of the gradient told apart.
const ORIENTATIONS: usize = 4;
/// Percentiles of the greys, %.
const PERCENTILES: [f64; 5] = [5.0, 25.0, 50.0, 75.0, 95.0];

/// Statistics [`appearance`] gives.
pub const APPEARANCE: usize = GREYS + EDGES + BANDS + PATTERNS;

/// [`APPEARANCE`] statistics of an image of 8-bit greys, row by row; all finite, and all 0 of no
/// image at all. Rows that `grey` has not or not wholly do not count. In order:
///
/// - of the greys (0 to 255): mean, standard deviation, skewness, excess kurtosis (both 0 in a flat
///   image), entropy of the histogram in bits, share of pixels that have the least grey there is
///   and share of those that have the greatest, the 5th, 25th, 50th, 75th and 95th percentile
///   (interpolated linearly between pixels);
/// - of the gradient by central differences: mean and standard deviation of its magnitude in greys
///   a pixel, share of pixels above twice that mean, coherence (0 to 1) of the structure tensor of
///   the whole image (Bigün and Granlund 1987), shares of the magnitude that point within 22.5° of
///   horizontal, of one diagonal (x and y both grow), of vertical and of the other diagonal;
/// - 8 shares of the variance by scale, finest first: within parts of 1/128 of the sides, then
///   between parts of 1/128 in parts of 1/64, and so on by powers of two;
/// - 10 shares of local binary patterns (Ojala, Pietikäinen and Mäenpää 2002), read at 256 px.
pub fn appearance(grey: &[u8], width: usize, height: usize) -> Vec<f64> {
    let image = Greys::new(grey, width, height);
    if image.pixels.is_empty() {
        return vec![0.0; APPEARANCE];
    }
    let histogram = Histogram(image.histogram());
    let mut statistics = Vec::with_capacity(APPEARANCE);
    statistics.extend(greys(&histogram));
    statistics.extend(edges(&image));
    statistics.extend(bands(&image, histogram.moment(2)));
    statistics.extend(patterns(&image));
    statistics
}

fn greys(histogram: &Histogram) -> [f64; GREYS] {
    let deviation = histogram.moment(2).sqrt();
    let (skewness, kurtosis) = if deviation > 0.0 {
        let skewness = histogram.moment(3) / deviation.powi(3);
        (skewness, histogram.moment(4) / deviation.powi(4) - 3.0)
    } else {
        (0.0, 0.0)
    };
    let mut greys = [0.0; GREYS];
    greys[..5].copy_from_slice(&[
        histogram.mean(),
        deviation,
        skewness,
        kurtosis,
        histogram.entropy(),
    ]);
    let mut ends = histogram.shares().filter(|(_, share)| *share > 0.0);
    greys[5] = ends.next().map_or(0.0, |(_, share)| share);
    greys[6] = ends.next_back().map_or(greys[5], |(_, share)| share);
    greys[7..].copy_from_slice(&PERCENTILES.map(|percent| histogram.percentile(percent)));
    greys
}

/// Pixels of each grey; at least one pixel.
struct Histogram([u64; 256]);

impl Histogram {
    fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Each grey with its share of the pixels.
    fn shares(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> {
        let total = self.total() as f64;
        let shares = (0..256_usize).zip(self.0);
        shares.map(move |(grey, count)| (grey as f64, count as f64 / total))
    }

    fn mean(&self) -> f64 {
        let greys = (0..256_u64).zip(self.0);
        let sum: u64 = greys.map(|(grey, count)| grey * count).sum();
        sum as f64 / self.total() as f64
    }

    /// The central moment of an order.
    fn moment(&self, order: i32) -> f64 {
        let mean = self.mean();
        let shares = self.shares();
        shares
            .map(|(grey, share)| share * (grey - mean).powi(order))
            .sum()
    }

    fn entropy(&self) -> f64 {
        let shares = self.shares().filter(|(_, share)| *share > 0.0);
        shares.map(|(_, share)| share * (1.0 / share).log2()).sum()
    }

    fn percentile(&self, percent: f64) -> f64 {
        let place = percent / 100.0 * (self.total() - 1) as f64;
        let [below, above] = [place.floor(), place.ceil()].map(|rank| self.ranked(rank as u64));
        below + (above - below) * place.fract()
    }

    /// The grey of a rank among all pixels, 0 the darkest.
    fn ranked(&self, rank: u64) -> f64 {
        let mut seen = 0;
        let grey = self.0.iter().position(|count| {
            seen += count;
            seen > rank
        });
        grey.unwrap_or(0) as f64
    }
}

fn edges(image: &Greys) -> [f64; EDGES] {
    let gradients = || {
        let rows = 0..image.height;
        rows.flat_map(|y| (0..image.width).map(move |x| image.gradient(x, y)))
    };
    let (mut sum, mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0, 0.0);
    let mut along = [0.0; ORIENTATIONS];
    for (x, y) in gradients() {
        let magnitude = (x * x + y * y).sqrt();
        sum += magnitude;
        (xx, yy, xy) = (xx + x * x, yy + y * y, xy + x * y);
        along[orientation(x, y)] += magnitude;
    }
    let pixels = image.pixels.len() as f64;
    let mean = sum / pixels;
    let variance = ((xx + yy) / pixels - mean * mean).max(0.0);
    let strong = gradients().filter(|(x, y)| (x * x + y * y).sqrt() > 2.0 * mean);
    let mut edges = [0.0; EDGES];
    edges[..3].copy_from_slice(&[mean, variance.sqrt(), strong.count() as f64 / pixels]);
    if sum > 0.0 {
        let anisotropy = ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt();
        edges[3] = (anisotropy / (xx + yy)).min(1.0);
        edges[4..].copy_from_slice(&along.map(|magnitude| magnitude / sum));
    }
    edges
}

/// Which eighth of a turn, and its opposite, a gradient points nearest to.
fn orientation(x: f64, y: f64) -> usize {
    let eighths = (y.atan2(x) / FRAC_PI_4).round() as i32;
    eighths.rem_euclid(ORIENTATIONS as i32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: usize, height: usize, grey: impl Fn(usize, usize) -> u8) -> Vec<f64> {
        let pixels = (0..width * height).map(|at| grey(at % width, at / width));
        appearance(&pixels.collect::<Vec<u8>>(), width, height)
    }

    #[test]
    fn any_image_has_the_same_number_of_finite_statistics() {
        let noisy = |x: usize, y: usize| (x * 37 + y * 91 + x * y * 13) as u8;
        let sizes = [(1, 1), (1, 7), (7, 1), (2, 2), (3, 3), (300, 5), (301, 299)];
        for (width, height) in sizes {
            for found in [image(width, height, noisy), image(width, height, |_, _| 9)] {
                assert_eq!(found.len(), APPEARANCE);
                assert!(found.iter().all(|value| value.is_finite()), "{found:?}");
            }
        }
    }

    #[test]
    fn no_image_has_statistics_of_0() {
        for (pixels, width, height) in [(&[] as &[u8], 0, 0), (&[], 9, 9), (&[1, 2], 3, 1)] {
            assert_eq!(appearance(pixels, width, height), vec![0.0; APPEARANCE]);
        }
    }

    #[test]
    fn a_flat_image_has_a_grey_and_nothing_else() {
        let found = image(20, 10, |_, _| 200);
        assert_eq!(found[..5], [200.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(found[5..7], [1.0, 1.0]);
        assert_eq!(found[7..12], [200.0; 5]);
        assert_eq!(found[12..28], [0.0; 16]);
    }

    #[test]
    fn shares_at_the_ends_are_of_the_greys_there_are() {
        let found = appearance(&[10, 10, 20, 30], 2, 2);
        assert_eq!(found[5..7], [0.5, 0.25]);
    }

    #[test]
    fn ramps_are_coherent_and_point_their_way() {
        let ramps: [fn(usize, usize) -> u8; 4] = [
            |x, _| 3 * x as u8,
            |x, y| (3 * x + 3 * y) as u8,
            |_, y| 3 * y as u8,
            |x, y| (100 + 3 * x - 3 * y) as u8,
        ];
        for (way, ramp) in ramps.into_iter().enumerate() {
            let found = image(20, 20, ramp);
            assert!((found[15] - 1.0).abs() < 1e-12, "{found:?}");
            assert!((found[16 + way] - 1.0).abs() < 1e-12, "{found:?}");
        }
    }
}
