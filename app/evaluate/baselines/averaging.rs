//! Images averaged down, and how much of their variance lies at which scale.
//!
//! Never loses grey: each pixel goes into the average with its whole area. Called by `appearance`.

use super::greys::Greys;

/// Scales the variance is divided among.
pub const BANDS: usize = 8;

/// Side of the squares of averages the scales are counted from.
const SIDE: usize = 1 << (BANDS - 1);

/// Averages over `width` times `height` equal parts of an image; of a smaller image they repeat.
/// Empty where there is nothing to average.
pub fn averaged(image: &Greys, width: usize, height: usize) -> Vec<f64> {
    let columns = averaged_and_turned(image.pixels, image.width, width);
    averaged_and_turned(&columns, image.height, height)
}

/// Rows of `length` averaged to `parts` each, with rows and columns exchanged.
fn averaged_and_turned<T: Copy + Into<f64>>(values: &[T], length: usize, parts: usize) -> Vec<f64> {
    if length == 0 {
        return Vec::new();
    }
    let rows = values.len() / length;
    let mut averages = vec![0.0; rows * parts];
    for (y, row) in values.chunks_exact(length).enumerate() {
        for part in 0..parts {
            averages[part * rows + y] = average(row, part, parts);
        }
    }
    averages
}

/// The average over one of `parts` equal parts of a row.
fn average<T: Copy + Into<f64>>(row: &[T], part: usize, parts: usize) -> f64 {
    // Lengths in units of a pixel over `parts`: all of them whole numbers, and sums of greys exact.
    let (start, end) = (part * row.len(), (part + 1) * row.len());
    let pixels = start / parts..end.div_ceil(parts);
    let weighted = pixels.map(|at| {
        let inside = end.min((at + 1) * parts) - start.max(at * parts);
        inside as f64 * row[at].into()
    });
    weighted.sum::<f64>() / row.len() as f64
}

/// Shares of the variance at each scale, finest first, adding up to 1: below 1/128 of the sides,
/// then from 1/128 to 1/64, and so on up to from 1/2 to the whole. All 0 in a flat image.
///
/// A band is what is lost of the variance where averages over parts are averaged by two and two
/// (the energies of a Haar pyramid: Burt and Adelson 1983 with the plainest filter). The parts of
/// an oblong image are oblong.
pub fn bands(image: &Greys, variance: f64) -> [f64; BANDS] {
    let mut shares = [0.0; BANDS];
    if variance <= 0.0 {
        return shares;
    }
    let mut left = variance;
    let mut averages = averaged(image, SIDE, SIDE);
    for (band, share) in shares.iter_mut().enumerate() {
        let side = SIDE >> band;
        let coarser = variance_of(&averages);
        *share = (left - coarser).max(0.0) / variance;
        left = coarser;
        averages = averaged_and_turned(&averages, side, side.div_ceil(2));
        averages = averaged_and_turned(&averages, side, side.div_ceil(2));
    }
    shares
}

fn variance_of(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    squares.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(width: usize, height: usize, grey: impl Fn(usize, usize) -> u8) -> [f64; BANDS] {
        let pixels = (0..width * height).map(|at| grey(at % width, at / width));
        let pixels: Vec<f64> = pixels.map(f64::from).collect();
        let greys: Vec<u8> = pixels.iter().map(|grey| *grey as u8).collect();
        bands(&Greys::new(&greys, width, height), variance_of(&pixels))
    }

    #[test]
    fn parts_of_pixels_count_by_their_area() {
        let image = Greys::new(&[0, 30, 60, 0, 30, 60], 3, 2);
        assert_eq!(averaged(&image, 2, 1), [10.0, 50.0]);
        assert_eq!(averaged(&image, 6, 1), [0.0, 0.0, 30.0, 30.0, 60.0, 60.0]);
        assert_eq!(averaged(&image, 1, 2), [30.0, 30.0]);
        assert!(averaged(&Greys::new(&[], 0, 0), 2, 2).is_empty());
    }

    #[test]
    fn stripes_lie_in_the_band_of_their_width() {
        for (band, stripe) in [1, 2, 4, 8, 16, 32, 64, 128].into_iter().enumerate() {
            let found = shares(256, 256, |x, _| if x / stripe % 2 == 0 { 0 } else { 200 });
            assert!((found[band] - 1.0).abs() < 1e-9, "{stripe}: {found:?}");
        }
    }

    #[test]
    fn shares_add_up_to_1_at_any_size() {
        for (width, height) in [(2, 1), (5, 7), (128, 128), (300, 77), (1, 500)] {
            let found = shares(width, height, |x, y| {
                ((x * 37 + y * 91 + x * y) % 251) as u8
            });
            assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{found:?}");
        }
    }
}
