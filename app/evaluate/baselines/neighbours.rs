//! The baseline that remembers: the classes of the training rows most like a row.
//!
//! Never scales features: give it rows that [`Standard`](super::Standard) has scaled. Called by
//! `evaluate`'s runs in `worker`.

use super::{CLASSES, UNIFORM, examples};

/// Training rows that vote on a row; all of them where there are fewer.
pub const NEIGHBOURS: usize = 5;

/// Share of the probability left to classes without a vote: far less than one vote is worth.
pub const REMAINDER: f64 = 1e-3;

/// k-nearest neighbours by Euclidean distance, each with one vote (Fix and Hodges 1951; the votes
/// are those of scikit-learn's `KNeighborsClassifier(5)`).
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours {
    examples: Vec<(Vec<f64>, usize)>,
}

impl Neighbours {
    /// Remembers `rows` with their `classes`; rows of no class are left out.
    pub fn fit(rows: &[Vec<f64>], classes: &[usize]) -> Self {
        let examples = examples(rows, classes);
        Neighbours {
            examples: examples.map(|(row, class)| (row.to_vec(), class)).collect(),
        }
    }

    /// Probability of each class, 0 to 1, adding up to 1; all alike without any training row.
    ///
    /// Classes among the [`NEIGHBOURS`] nearest rows have their shares of the votes, of equally
    /// near rows the earlier votes. Of the other classes seen in training, if any, n in number and
    /// ranked by their nearest rows, the one of rank r = 1, 2, ..., n has the part
    /// (n + 1 - r) / (1 + 2 + ... + n) of [`REMAINDER`], by which the shares of the votes are
    /// lessened. Classes never seen have 0.
    pub fn predict(&self, row: &[f64]) -> [f64; CLASSES] {
        let order = self.classes_by_distance(row);
        let (voters, others) = order.split_at(order.len().min(NEIGHBOURS));
        if voters.is_empty() {
            return UNIFORM;
        }
        let mut probabilities = [0.0; CLASSES];
        for class in voters {
            probabilities[*class] += 1.0 / voters.len() as f64;
        }
        let unvoted = firsts(others, &probabilities);
        if unvoted.is_empty() {
            return probabilities;
        }
        let mut probabilities = probabilities.map(|share| share * (1.0 - REMAINDER));
        let parts = unvoted.len() * (unvoted.len() + 1) / 2;
        for (rank, class) in unvoted.iter().enumerate() {
            let part = (unvoted.len() - rank) as f64 / parts as f64;
            probabilities[*class] = REMAINDER * part;
        }
        probabilities
    }

    fn classes_by_distance(&self, row: &[f64]) -> Vec<usize> {
        let examples = self.examples.iter();
        let mut order: Vec<(f64, usize)> = examples
            .map(|(example, class)| (squared_distance(row, example), *class))
            .collect();
        // Stable, so that of equally near rows the earlier stays before.
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        order.into_iter().map(|(_, class)| class).collect()
    }
}

/// The classes of `order` that have no share yet, each once, in the order of their first.
fn firsts(order: &[usize], shares: &[f64; CLASSES]) -> Vec<usize> {
    let mut firsts = Vec::new();
    for class in order {
        if shares[*class] == 0.0 && !firsts.contains(class) {
            firsts.push(*class);
        }
    }
    firsts
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let common = a.len().min(b.len());
    let shared = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    let alone = a[common..].iter().chain(&b[common..]);
    shared.sum::<f64>() + alone.map(|value| value.powi(2)).sum::<f64>()
}

/// The index given beside the row of `among` that has the greatest cosine similarity to `row`,
/// the first of equal ones; a row of zeros has similarity 0 to any. `None` without rows.
pub fn nearest<'a>(row: &[f64], among: impl Iterator<Item = (usize, &'a [f64])>) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (index, other) in among {
        let similarity = cosine(row, other);
        if best.is_none_or(|(_, greatest)| similarity > greatest) {
            best = Some((index, similarity));
        }
    }
    best.map(|(index, _)| index)
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let similarity = dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt());
    if similarity.is_finite() {
        similarity
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_a_line(places: &[f64]) -> Vec<Vec<f64>> {
        places.iter().map(|place| vec![*place]).collect()
    }

    #[test]
    fn classes_without_a_vote_rank_by_their_nearest_row() {
        let rows = on_a_line(&[0.0, 1.0, 2.0, 3.0, 4.0, 30.0, 20.0, 40.0, 21.0]);
        let found = Neighbours::fit(&rows, &[1, 1, 1, 2, 2, 7, 4, 0, 7]).predict(&[0.0]);
        assert!((found[1] - 0.6 * (1.0 - REMAINDER)).abs() < 1e-15);
        assert!((found[2] - 0.4 * (1.0 - REMAINDER)).abs() < 1e-15);
        let parts = [found[4], found[7], found[0]].map(|part| part / REMAINDER * 6.0);
        for (part, expected) in parts.into_iter().zip([3.0, 2.0, 1.0]) {
            assert!((part - expected).abs() < 1e-12, "{part} for {expected}");
        }
        assert_eq!(found[9], 0.0);
        assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn of_equally_near_rows_the_earlier_votes() {
        let rows = on_a_line(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
        let found = Neighbours::fit(&rows, &[0, 1, 2, 3, 4, 5]).predict(&[0.0]);
        assert!(found[4] > 0.19 && found[5] < 0.01, "{found:?}");
    }

    #[test]
    fn few_rows_all_vote_and_none_leave_all_classes_alike() {
        let rows = on_a_line(&[1.0, 2.0]);
        let found = Neighbours::fit(&rows, &[3, 8]).predict(&[]);
        assert_eq!((found[3], found[8]), (0.5, 0.5));
        assert_eq!(Neighbours::fit(&[], &[]).predict(&[1.0]), UNIFORM);
        assert_eq!(Neighbours::fit(&rows, &[10, 11]).predict(&[1.0]), UNIFORM);
    }

    #[test]
    fn what_a_short_row_lacks_counts_as_0() {
        assert_eq!(squared_distance(&[1.0], &[1.0, 2.0]), 4.0);
        assert_eq!(squared_distance(&[1.0, 2.0], &[]), 5.0);
    }

    #[test]
    fn the_greatest_cosine_is_nearest_and_the_first_of_equal_ones() {
        let rows: [&[f64]; 5] = [&[0.0, 0.0], &[-1.0, 0.0], &[8.0, 8.0], &[1.0, 1.0], &[]];
        let among = |of: &[usize]| -> Vec<(usize, &[f64])> {
            of.iter().map(|index| (*index, rows[*index])).collect()
        };
        let found = |row: &[f64], of: &[usize]| nearest(row, among(of).into_iter());
        assert_eq!(found(&[2.0, 2.0], &[0, 1, 2, 3, 4]), Some(2));
        assert_eq!(found(&[2.0, 2.0], &[3, 2]), Some(3));
        assert_eq!(found(&[1.0, 0.0], &[1, 4, 0]), Some(4));
        assert_eq!(found(&[0.0, 0.0], &[1, 2]), Some(1));
        assert_eq!(found(&[1.0], &[]), None);
    }
}
