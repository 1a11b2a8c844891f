//! The baseline that weighs: a linear probe, that is multinomial logistic regression.
//!
//! Never scales features: give it rows that [`Standard`](super::Standard) has scaled. Called by
//! `evaluate`'s runs in `worker`.

use super::descent::lowest;
use super::{CLASSES, UNIFORM, examples, feature, width};
use rayon::prelude::*;

/// Greatest component of the gradient left, a training row.
const ENOUGH: f64 = 1e-10;
/// Training rows summed at a time; fixed, so that sums do not depend on the number of threads.
const ROWS_AT_A_TIME: usize = 128;

/// One number a class.
type Scores = [f64; CLASSES];

/// A linear classifier: the weights W and intercepts with the least sum of log losses + |W|² / 2.
///
/// It is the objective of scikit-learn's `LogisticRegression(C=1.0)` for three classes or more
/// (Pedregosa et al. 2011); for two, scikit-learn's single weight vector is penalised twice as
/// much. Intercepts are not penalised.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// A row a feature, and one of intercepts.
    weights: Vec<Scores>,
    /// The classes there were in training.
    seen: [bool; CLASSES],
}

impl Probe {
    /// Fits to `rows` and their `classes`; what a short row lacks counts as 0, rows of no class
    /// are left out.
    pub fn fit(rows: &[Vec<f64>], classes: &[usize]) -> Self {
        let training = Training::new(rows, classes);
        let start = vec![0.0; training.columns * CLASSES];
        let enough = ENOUGH * training.classes.len() as f64;
        let weights = lowest(|weights| training.loss(weights), start, enough);
        Probe {
            weights: weights.as_chunks().0.to_vec(),
            seen: training.seen,
        }
    }

    /// Probability of each class, 0 to 1, adding up to 1; 0 for classes never seen, all alike
    /// without any training row.
    pub fn predict(&self, row: &[f64]) -> [f64; CLASSES] {
        let features = self.weights.len().saturating_sub(1);
        let columns = (0..features).map(|column| feature(row, column));
        let columns: Vec<f64> = columns.chain([1.0]).collect();
        match softmax(scores(&columns, &self.weights), &self.seen) {
            Some((probabilities, _)) => probabilities,
            None => UNIFORM,
        }
    }
}

/// The training rows one after the other, each with a 1 at its end for the intercept.
struct Training {
    values: Vec<f64>,
    columns: usize,
    classes: Vec<usize>,
    seen: [bool; CLASSES],
}

impl Training {
    fn new(rows: &[Vec<f64>], classes: &[usize]) -> Training {
        let features = width(examples(rows, classes).map(|(row, _)| row));
        let mut training = Training {
            values: Vec::with_capacity(rows.len() * (features + 1)),
            columns: features + 1,
            classes: Vec::with_capacity(rows.len()),
            seen: [false; CLASSES],
        };
        for (row, class) in examples(rows, classes) {
            let row = (0..features).map(|column| feature(row, column));
            training.values.extend(row.chain([1.0]));
            training.classes.push(class);
            training.seen[class] = true;
        }
        training
    }

    /// The objective at `weights` and its gradient there.
    fn loss(&self, weights: &[f64]) -> (f64, Vec<f64>) {
        let (rows, _) = weights.as_chunks();
        let values = self.values.par_chunks(self.columns * ROWS_AT_A_TIME);
        let classes = self.classes.par_chunks(ROWS_AT_A_TIME);
        let parts: Vec<(f64, Vec<Scores>)> = values
            .zip(classes)
            .map(|(values, classes)| self.loss_of(values, classes, rows))
            .collect();
        let penalised = weights.len() - CLASSES;
        let mut gradient = weights.to_vec();
        gradient[penalised..].fill(0.0);
        let mut loss = 0.5 * gradient.iter().map(|weight| weight.powi(2)).sum::<f64>();
        for (part, slopes) in parts {
            loss += part;
            let slopes = slopes.as_flattened().iter();
            gradient
                .iter_mut()
                .zip(slopes)
                .for_each(|(to, of)| *to += of);
        }
        (loss, gradient)
    }

    /// Log losses of some rows, added up, and their gradient.
    fn loss_of(&self, values: &[f64], classes: &[usize], weights: &[Scores]) -> (f64, Vec<Scores>) {
        let mut loss = 0.0;
        let mut gradient = vec![[0.0; CLASSES]; weights.len()];
        for (row, class) in values.chunks_exact(self.columns).zip(classes) {
            let scores = scores(row, weights);
            let Some((mut residual, evidence)) = softmax(scores, &self.seen) else {
                continue;
            };
            loss += evidence - scores[*class];
            residual[*class] -= 1.0;
            for (slopes, value) in gradient.iter_mut().zip(row) {
                for (slope, residual) in slopes.iter_mut().zip(residual) {
                    *slope += value * residual;
                }
            }
        }
        (loss, gradient)
    }
}

fn scores(row: &[f64], weights: &[Scores]) -> Scores {
    let mut scores = [0.0; CLASSES];
    for (value, weights) in row.iter().zip(weights) {
        for (score, weight) in scores.iter_mut().zip(weights) {
            *score += value * weight;
        }
    }
    scores
}

/// Probabilities of the seen classes, 0 for others, with the logarithm of what they were divided
/// by; `None` where no class was seen.
fn softmax(scores: Scores, seen: &[bool; CLASSES]) -> Option<(Scores, f64)> {
    let scored = scores.into_iter().zip(seen);
    let greatest = scored
        .filter_map(|(score, seen)| seen.then_some(score))
        .reduce(f64::max)?;
    let mut powers = [0.0; CLASSES];
    for ((power, score), seen) in powers.iter_mut().zip(scores).zip(seen) {
        if *seen {
            *power = (score - greatest).exp();
        }
    }
    let total: f64 = powers.iter().sum();
    Some((powers.map(|power| power / total), greatest + total.ln()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    /// Rows of features that tell `classes` apart about as well as their noise lets them.
    fn made_up(classes: &[usize]) -> Vec<Vec<f64>> {
        let mut state = 1_u64;
        let mut noise = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 40) as f64 / (1 << 24) as f64 - 0.5
        };
        let row = |class: &usize| vec![*class as f64 + 3.0 * noise(), noise(), noise()];
        classes.iter().map(row).collect()
    }

    #[test]
    fn the_gradient_is_that_of_the_objective() {
        let classes: Vec<usize> = (0..300).map(|row| [1, 4, 7][row % 3]).collect();
        let training = Training::new(&made_up(&classes), &classes);
        let at: Vec<f64> = (0..40).map(|i| (i as f64).sin() / 5.0).collect();
        let (_, gradient) = training.loss(&at);
        for (i, slope) in gradient.into_iter().enumerate() {
            let moved = |by: f64| {
                let mut at = at.clone();
                at[i] += by;
                training.loss(&at).0
            };
            let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((slope - expected).abs() < 1e-4, "{slope} for {expected}");
        }
    }

    #[test]
    fn the_optimum_is_reached_and_unseen_classes_get_0() {
        let classes: Vec<usize> = (0..300).map(|row| [1, 4, 7][row % 3]).collect();
        let rows = made_up(&classes);
        let probe = Probe::fit(&rows, &classes);
        let (_, gradient) = Training::new(&rows, &classes).loss(probe.weights.as_flattened());
        assert!(gradient.iter().all(|slope| slope.abs() < 300.0 * ENOUGH));
        let found = probe.predict(&[7.0, 0.0, 0.0]);
        assert!(found[7] > 0.5 && found[1] > 0.0, "{found:?}");
        assert_eq!((found[0], found[9]), (0.0, 0.0));
        assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let classes: Vec<usize> = (0..1000).map(|row| row % CLASSES).collect();
        let rows = made_up(&classes);
        let fitted = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let fit = || Probe::fit(&rows, &classes);
            pool.build().unwrap().install(fit)
        };
        assert_eq!(fitted(1), fitted(3));
    }

    #[test]
    fn without_rows_all_classes_are_alike_and_one_class_is_certain() {
        assert_eq!(Probe::fit(&[], &[]).predict(&[1.0]), UNIFORM);
        assert_eq!(Probe::fit(&[vec![1.0]], &[10]).predict(&[]), UNIFORM);
        let found = Probe::fit(&[vec![1.0], vec![2.0]], &[6, 6]).predict(&[9.0]);
        assert_eq!((found[6], found[5]), (1.0, 0.0));
    }

    #[test]
    fn what_a_short_row_lacks_counts_as_0() {
        let classes = [0, 1, 2, 0, 1, 2];
        let [long, short] = [vec![0.0, 0.0], vec![]].map(|empty| {
            let rows = [empty, vec![1.0, 0.5], vec![0.5, 2.0]];
            Probe::fit(&[rows.clone(), rows].concat(), &classes)
        });
        assert_eq!(long, short);
        assert_eq!(long.predict(&[1.0]), long.predict(&[1.0, 0.0, 5.0]));
    }

    #[test]
    fn separable_and_huge_features_leave_probabilities() {
        let rows = [vec![1e6], vec![-1e6], vec![0.0]];
        let found = Probe::fit(&rows, &[0, 1, 2]).predict(&[1e12]);
        assert!(found.iter().all(|share| share.is_finite()), "{found:?}");
        assert!(found[0] > 0.99, "{found:?}");
    }
}
