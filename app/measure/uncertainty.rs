//! Where the uncertainty of a quantity comes from, and how its parts are added.
//!
//! Parts are standard uncertainties; what is printed is twice their root sum of squares. A part
//! that is given as a limit counts as limit / √3. The scale's part is common to all objects, so
//! it never shrinks with their number. Chance is seeded. Called by everything in `measure` that
//! makes a [`Quantity`](super::quantity::Quantity).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::house::uncertainty as house;
use crate::micrograph::{Calibration, Source};

/// The standard uncertainties of a value, in its unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// From the size of a pixel.
    pub scale: f64,
    /// From the positions of edges.
    pub edge: f64,
    /// From the choice of a threshold.
    pub threshold: f64,
    /// From the choice of objects that happen to be in view.
    pub sampling: f64,
    /// From the tilt of the view.
    pub tilt: f64,
}

impl Parts {
    /// All parts together, as one standard uncertainty.
    pub fn standard(&self) -> f64 {
        [
            self.scale,
            self.edge,
            self.threshold,
            self.sampling,
            self.tilt,
        ]
        .iter()
        .map(|part| part * part)
        .sum::<f64>()
        .sqrt()
    }

    /// What is printed behind ±: about 95 % of cases lie within.
    pub fn expanded(&self) -> f64 {
        house::COVERAGE_FACTOR * self.standard()
    }

    /// The same parts of a value that is this many times as large.
    pub fn times(&self, factor: f64) -> Self {
        let factor = factor.abs();
        Self {
            scale: self.scale * factor,
            edge: self.edge * factor,
            threshold: self.threshold * factor,
            sampling: self.sampling * factor,
            tilt: self.tilt * factor,
        }
    }
}

/// The standard uncertainty of a limit on either side, all values within being as likely.
pub fn from_limit(limit: f64) -> f64 {
    limit.abs() / 3f64.sqrt()
}

/// The part of a threshold, from the values at the lower and at the higher one.
pub fn from_range(low: f64, high: f64) -> f64 {
    from_limit(0.5 * (high - low))
}

/// The standard uncertainty of a calibration as a share of any length. `bar_px` is the length
/// of the scale bar, if it was read from one; `typed_share` the user's own limit, if one was
/// given.
pub fn of_scale(calibration: &Calibration, bar_px: Option<f64>, typed_share: Option<f64>) -> f64 {
    match calibration.source {
        Source::Metadata => from_limit(house::FILE_SCALE),
        Source::ScaleBar => {
            let ends = bar_px
                .filter(|length| *length > 0.0)
                .map_or(0.0, |length| house::BAR_ENDS_PX / length);
            from_limit(house::BAR_SCALE).hypot(from_limit(ends))
        }
        Source::User | Source::Folder => from_limit(typed_share.unwrap_or(house::TYPED_SCALE)),
    }
}

/// The most values that are drawn again and again as they are; of more, a draw has this many
/// and its scatter is scaled to all.
const MOST_DRAWN: usize = 2000;

/// The standard uncertainty that a statistic has because other objects might have been in view:
/// the standard deviation over seeded bootstrap draws, widened where values are few
/// ([`small_sample`]). 0 for fewer than two values.
pub fn bootstrap(values: &[f64], seed: u64, statistic: impl Fn(&mut [f64]) -> f64 + Sync) -> f64 {
    let count = values.len().min(MOST_DRAWN);
    let [scatter] = scatter(values.len(), seed, |dice| {
        let mut drawn: Vec<f64> = (0..count)
            .map(|_| values[dice.random_range(0..values.len())])
            .collect();
        [statistic(&mut drawn)]
    });
    scatter
}

/// The same for several statistics of the same draws: `statistics` is told how often each of
/// `len` values was drawn, so that what they need in order is ordered once.
pub fn bootstrap_counts<const N: usize>(
    len: usize,
    seed: u64,
    statistics: impl Fn(&[u32]) -> [f64; N] + Sync,
) -> [f64; N] {
    scatter(len, seed, |dice| {
        let mut counts = vec![0u32; len];
        for _ in 0..len.min(MOST_DRAWN) {
            counts[dice.random_range(0..len)] += 1;
        }
        statistics(&counts)
    })
}

/// The scatter of statistics over draws of `len` values. Every draw has a stream of chance of
/// its own, so that threads change nothing.
fn scatter<const N: usize>(
    len: usize,
    seed: u64,
    draw: impl Fn(&mut ChaCha8Rng) -> [f64; N] + Sync,
) -> [f64; N] {
    if len < 2 {
        return [0.0; N];
    }
    let results: Vec<[f64; N]> = (0..house::DRAWS as u64)
        .into_par_iter()
        .map(|stream| {
            let mut dice = ChaCha8Rng::seed_from_u64(seed);
            dice.set_stream(stream);
            draw(&mut dice)
        })
        .collect();
    let drawn = len.min(MOST_DRAWN) as f64;
    let shrink = (drawn / len as f64).sqrt();
    // The draws of n values scatter as n - 1 values would.
    let small = (drawn / (drawn - 1.0)).sqrt() * small_sample(drawn as usize);
    std::array::from_fn(|i| {
        let of_one: Vec<f64> = results.iter().map(|result| result[i]).collect();
        standard_deviation(&of_one) * shrink * small
    })
}

/// By how much twice a standard deviation falls short of 95 % when it was itself found on so
/// few values: Student's t over the normal quantile (Cornish and Fisher's expansion).
pub fn small_sample(count: usize) -> f64 {
    const Z: f64 = 1.96;
    let free = count.saturating_sub(1).max(2) as f64;
    let first = (Z.powi(2) + 1.0) / (4.0 * free);
    let second = (5.0 * Z.powi(4) + 16.0 * Z.powi(2) + 3.0) / (96.0 * free * free);
    1.0 + first + second
}

/// The mean; not a number for none.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard deviation with n - 1; 0 for fewer than two values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// The quantile `share` (0 to 1) with linear interpolation between order statistics, as numpy's
/// default; not a number for none. Sorts in place.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let at = share.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let low = at.floor() as usize;
    let (_, &mut below, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp);
    next.map_or(below, |next| below + (at - low as f64) * (next - below))
}

/// The median. Sorts in place.
pub fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    #[test]
    fn parts_add_as_squares_and_twice_their_root_is_printed() {
        let parts = Parts {
            scale: 3.0,
            edge: 4.0,
            ..Parts::default()
        };
        assert!((parts.expanded() - 10.0).abs() < 1e-12);
        assert!((parts.times(-2.0).expanded() - 20.0).abs() < 1e-12);
    }

    #[test]
    fn a_short_bar_is_worth_less_than_a_long_one() {
        let bar = Calibration::new(1.0, 1.0, Source::ScaleBar, "1 µm").unwrap();
        let file = Calibration::new(1.0, 1.0, Source::Metadata, "tag").unwrap();
        let typed = Calibration::new(1.0, 1.0, Source::User, "typed").unwrap();
        let of_file = of_scale(&file, None, None);
        assert!((of_file - 0.03 / 3f64.sqrt()).abs() < 1e-12);
        let (short, long) = (
            of_scale(&bar, Some(20.0), None),
            of_scale(&bar, Some(2000.0), None),
        );
        assert!(
            short > 1.9 * of_file && long < 1.01 * of_file,
            "{short} {long}"
        );
        assert!((of_scale(&typed, None, None) - 0.05 / 3f64.sqrt()).abs() < 1e-12);
        assert!((of_scale(&typed, None, Some(0.01)) - 0.01 / 3f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn quantiles_interpolate_as_numpy_does() {
        // numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [0.1, 0.5, 0.9]) = [1.0, 3.5, 6.9]
        let mut values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        for (share, expected) in [(0.1, 1.0), (0.5, 3.5), (0.9, 6.9)] {
            assert!((quantile(&mut values, share) - expected).abs() < 1e-9);
        }
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn a_bootstrap_finds_the_scatter_of_a_mean() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let values: Vec<f64> = (0..400)
            .map(|_| (0..12).map(|_| rng.random::<f64>()).sum::<f64>())
            .collect();
        let found = bootstrap(&values, 7, |drawn| mean(drawn));
        assert!((found / (1.0 / 20.0) - 1.0).abs() < 0.12, "{found}");
        assert_eq!(found, bootstrap(&values, 7, |drawn| mean(drawn)), "seeded");
        let many: Vec<f64> = (0..5)
            .flat_map(|_| values.iter().copied())
            .chain(values.iter().copied())
            .collect();
        let of_many = bootstrap(&many, 7, |drawn| mean(drawn));
        assert!(
            (of_many * 6f64.sqrt() / found - 1.0).abs() < 0.1,
            "{of_many}"
        );
        assert_eq!(bootstrap(&[5.0], 1, |drawn| mean(drawn)), 0.0);
    }

    #[test]
    fn few_values_are_worth_less() {
        // Student's t for 97.5 %: 2.365 at 7 degrees of freedom, 2.776 at 4.
        assert!((small_sample(8) * 1.96 - 2.365).abs() < 0.01);
        assert!((small_sample(5) * 1.96 - 2.776).abs() < 0.06);
        assert!(small_sample(1000) < 1.002);
    }
}
