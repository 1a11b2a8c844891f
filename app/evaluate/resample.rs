//! How sure a figure is: intervals by resampling specimens, and paired tests of two sets of figures.
//!
//! Two images of one specimen are no two witnesses, so specimens are drawn, never images. Every
//! draw has its seed. Called by `figures` and `compare`.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

/// How often specimens are drawn anew for an interval.
pub const REPLICATES: usize = 1000;
/// How often signs are drawn anew for a test.
pub const SHUFFLES: usize = 9999;
/// The seed of all draws.
const SEED: u64 = 1;

/// Sums that a figure is made of.
pub trait Sums: Clone + Default + Send + Sync {
    /// Adds the sums of others, so many times.
    fn add(&mut self, other: &Self, times: u32);
}

/// A figure with how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The figure over all that was tested.
    pub value: f64,
    /// Where it lies in 95 of 100 draws of specimens; none with fewer than two specimens.
    pub interval: Option<[f64; 2]>,
    /// Standard deviation over the folds and seeds; none with fewer than two.
    pub sd: Option<f64>,
}

/// A difference of two figures on the same specimens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The first less the second.
    pub value: f64,
    /// Where it lies in 95 of 100 draws of specimens.
    pub interval: Option<[f64; 2]>,
}

impl Difference {
    /// Whether the first is better beyond doubt: its interval lies above 0.
    pub fn is_above(&self) -> bool {
        self.interval.is_some_and(|[low, _]| low > 0.0)
    }

    /// Whether the first is worse beyond doubt: its interval lies below 0.
    pub fn is_below(&self) -> bool {
        self.interval.is_some_and(|[_, high]| high < 0.0)
    }
}

/// Sums over all, over each run and over each draw of specimens.
#[derive(Clone, Debug)]
pub struct Estimate<S> {
    /// Over all.
    pub total: S,
    specimens: Vec<S>,
    runs: Vec<S>,
    replicates: Vec<S>,
}

impl<S: Sums> Estimate<S> {
    /// Of the sums of each specimen and of each run. Two estimates over the same specimens in the
    /// same order draw the same, so that they can be compared.
    pub fn of(specimens: &[S], runs: Vec<S>) -> Self {
        let mut total = S::default();
        specimens.iter().for_each(|one| total.add(one, 1));
        let draws = if specimens.len() < 2 { 0 } else { REPLICATES };
        let replicate = |number: usize| {
            let mut sums = S::default();
            for (one, times) in specimens.iter().zip(drawn(specimens.len(), number)) {
                if times > 0 {
                    sums.add(one, times);
                }
            }
            sums
        };
        Self {
            total,
            specimens: specimens.to_vec(),
            runs,
            replicates: (0..draws).into_par_iter().map(replicate).collect(),
        }
    }

    /// A figure of the sums, where they give one; one specimen alone says nothing of the others.
    pub fn figure(&self, of: impl Fn(&S) -> Option<f64>) -> Option<Figure> {
        let runs: Vec<f64> = self.runs.iter().filter_map(&of).collect();
        let witnesses = self.specimens.iter().filter(|one| of(one).is_some());
        let has_several = witnesses.take(2).count() > 1;
        let drawn = || interval(self.replicates.iter().filter_map(&of).collect());
        Some(Figure {
            value: of(&self.total)?,
            interval: if has_several { drawn() } else { None },
            sd: standard_deviation(&runs),
        })
    }

    /// By how much a figure of these sums is above that of others over the same specimens.
    pub fn less(&self, other: &Self, of: impl Fn(&S) -> Option<f64>) -> Option<Difference> {
        let difference = |a: &S, b: &S| Some(of(a)? - of(b)?);
        let differences = |ours: &[S], others: &[S]| -> Vec<f64> {
            let pairs = ours.iter().zip(others);
            pairs.filter_map(|(a, b)| difference(a, b)).collect()
        };
        let has_several = differences(&self.specimens, &other.specimens).len() > 1;
        let drawn = || interval(differences(&self.replicates, &other.replicates));
        Some(Difference {
            value: difference(&self.total, &other.total)?,
            interval: if has_several { drawn() } else { None },
        })
    }
}

/// How often each of `count` specimens is in a draw.
fn drawn(count: usize, number: usize) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    rng.set_stream(number as u64);
    let mut times = vec![0; count];
    for _ in 0..count {
        times[rng.random_range(0..count)] += 1;
    }
    times
}

/// From the 2.5th to the 97.5th hundredth of values, between neighbours in proportion.
fn interval(mut values: Vec<f64>) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1).filter(|last| *last > 0)?;
    let at = |share: f64| {
        let place = share * last as f64;
        let below = values[place.floor() as usize];
        let above = values[place.ceil() as usize];
        below + (above - below) * place.fract()
    };
    Some([at(0.025), at(0.975)])
}

/// Standard deviation of a sample; none of fewer than two.
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt())
}

/// The two-sided probability that a mean difference as large as this comes about by chance alone:
/// a permutation test that turns the sign of each specimen's difference (Fisher). `sums` holds one
/// sum of differences a specimen. All turns are tried where there are few enough, else
/// [`SHUFFLES`] drawn ones.
pub fn sign_test(sums: &[f64]) -> f64 {
    let sums: Vec<f64> = sums.iter().copied().filter(|sum| *sum != 0.0).collect();
    let observed = sums.iter().sum::<f64>().abs();
    // What differs by rounding alone counts as equal.
    let reaches = |sum: f64| sum.abs() >= observed * (1.0 - 1e-12);
    if sums.len() < 14 {
        let turns = 1usize << sums.len();
        let sum = |turn: usize| -> f64 {
            let signed = sums.iter().enumerate();
            signed
                .map(|(place, sum)| if turn >> place & 1 == 1 { -sum } else { *sum })
                .sum()
        };
        return (0..turns).filter(|turn| reaches(sum(*turn))).count() as f64 / turns as f64;
    }
    let shuffle = |number: usize| {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        rng.set_stream(number as u64);
        let sum: f64 = sums
            .iter()
            .map(|sum| if rng.random::<bool>() { -sum } else { *sum })
            .sum();
        reaches(sum)
    };
    let reached = (0..SHUFFLES)
        .into_par_iter()
        .filter(|n| shuffle(*n))
        .count();
    (reached + 1) as f64 / (SHUFFLES + 1) as f64
}

/// Probabilities of several tests, each made as large as it must be so that one of them by chance
/// alone stays as rare as one of one (Holm, 1979).
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
    let mut adjusted = vec![1.0; probabilities.len()];
    let mut least = 0f64;
    for (rank, place) in order.into_iter().enumerate() {
        let left = (probabilities.len() - rank) as f64;
        least = least.max((probabilities[place] * left).min(1.0));
        adjusted[place] = least;
    }
    adjusted
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Mean {
        sum: f64,
        count: f64,
    }

    impl Sums for Mean {
        fn add(&mut self, other: &Self, times: u32) {
            self.sum += other.sum * f64::from(times);
            self.count += other.count * f64::from(times);
        }
    }

    fn of(mean: &Mean) -> Option<f64> {
        (mean.count > 0.0).then(|| mean.sum / mean.count)
    }

    fn specimens(count: usize) -> Vec<Mean> {
        let one = |i: usize| Mean {
            sum: (i * 37 % 100) as f64,
            count: 1.0,
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn an_interval_is_as_wide_as_theory_says() {
        let estimate = Estimate::of(&specimens(100), Vec::new());
        let figure = estimate.figure(of).unwrap();
        let [low, high] = figure.interval.unwrap();
        // 0 to 99 once each: the mean 49.5, its standard error 28.9 / 10.
        assert_eq!(figure.value, 49.5);
        assert!(
            (high - low - 2.0 * 1.96 * 2.887).abs() < 0.8,
            "{low} {high}"
        );
        assert_eq!(figure.sd, None);
    }

    #[test]
    fn one_specimen_tells_no_interval_however_many_images_it_has() {
        let one = Mean {
            sum: 50.0,
            count: 100.0,
        };
        let figure = Estimate::of(&[one], Vec::new()).figure(of).unwrap();
        assert_eq!((figure.value, figure.interval), (0.5, None));
    }

    #[test]
    fn a_figure_that_rests_on_one_specimen_of_several_tells_no_interval() {
        let mut all = vec![Mean::default(); 5];
        all[2] = Mean {
            sum: 9.0,
            count: 10.0,
        };
        let estimate = Estimate::of(&all, Vec::new());
        assert_eq!(estimate.figure(of).unwrap().interval, None);
        let nothing = Estimate::of(&vec![Mean::default(); 5], Vec::new());
        assert_eq!(nothing.less(&estimate, of), None);
        assert!(!estimate.less(&estimate, of).unwrap().is_above());
    }

    #[test]
    fn a_difference_that_all_specimens_share_is_sure_however_they_vary() {
        let (low, mut high) = (specimens(40), specimens(40));
        high.iter_mut().for_each(|one| one.sum += 1.0);
        let (low, high) = (
            Estimate::of(&low, Vec::new()),
            Estimate::of(&high, Vec::new()),
        );
        let difference = high.less(&low, of).unwrap();
        let [from, to] = difference.interval.unwrap();
        assert!((from - 1.0).abs() < 1e-9 && (to - 1.0).abs() < 1e-9);
        assert!(difference.is_above());
        assert!(!low.less(&low, of).unwrap().is_above());
    }

    #[test]
    fn runs_give_the_deviation() {
        let run = |sum| Mean { sum, count: 1.0 };
        let estimate = Estimate::of(&specimens(3), vec![run(1.0), run(3.0)]);
        assert_eq!(estimate.figure(of).unwrap().sd, Some(2f64.sqrt()));
    }

    /// scipy.stats.permutation_test((x,), np.mean, permutation_type='samples') gives these.
    #[test]
    fn the_test_of_signs_is_that_of_scipy() {
        let few = [0.3, -0.1, 0.4, 0.2, 0.25];
        assert!(
            (sign_test(&few) - 0.125).abs() < 1e-12,
            "{}",
            sign_test(&few)
        );
        assert_eq!(sign_test(&[]), 1.0);
        assert_eq!(sign_test(&[0.0, 0.0]), 1.0);
        assert_eq!(sign_test(&[1.0]), 1.0);
        let many: Vec<f64> = (0..30).map(|i| ((i * 7 % 11) as f64) - 3.5).collect();
        let found = sign_test(&many);
        assert!((found - 0.0147).abs() < 0.004, "{found}");
    }

    #[test]
    fn several_tests_share_the_chance() {
        let adjusted = holm(&[0.01, 0.04, 0.03]);
        let expected = [0.03, 0.06, 0.06];
        assert!(
            adjusted
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-12)
        );
        assert_eq!(holm(&[]), Vec::<f64>::new());
    }
}
