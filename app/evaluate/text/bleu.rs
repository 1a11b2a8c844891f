//! BLEU-1 to BLEU-4 of a text or, from pooled counts, of a corpus (Papineni et al., 2002).
//!
//! Words are split at white space and keep their case. A text shorter than n words has one n-gram
//! that matches nothing. Called by `text`; held to reference values in `tests/metrics.rs`.

use super::tokens::words;
use std::collections::HashMap;
use std::iter::Sum;
use std::ops::{Add, Mul};

/// The longest n-gram.
const ORDERS: usize = 4;

/// What stands in for a numerator of 0 where BLEU is smoothed (method 1 of Chen and Cherry, 2014).
pub const EPSILON: f64 = 0.1;

/// What BLEU counts; counts of several texts add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bleu {
    /// n-grams of the text that stand in a reference, each as often as in the one with most.
    matches: [u64; ORDERS],
    /// n-grams of the text, at least one.
    all: [u64; ORDERS],
    /// Words of the text.
    length: u64,
    /// Words of the reference that is nearest in length, the shorter of two.
    reference: u64,
}

impl Bleu {
    /// The counts of a text against one or more references.
    pub fn of(hypothesis: &str, references: &[&str]) -> Self {
        let hypothesis = words(hypothesis);
        let references: Vec<Vec<&str>> = references.iter().map(|text| words(text)).collect();
        let length = hypothesis.len();
        let nearest = references
            .iter()
            .map(Vec::len)
            .min_by_key(|len| (len.abs_diff(length), *len));
        let mut counts = Self {
            length: length as u64,
            reference: nearest.unwrap_or(0) as u64,
            ..Self::default()
        };
        for order in 1..=ORDERS {
            let own = grams(&hypothesis, order);
            let theirs: Vec<_> = references.iter().map(|words| grams(words, order)).collect();
            let found = own.iter().map(|(gram, count)| {
                let most = theirs.iter().filter_map(|grams| grams.get(gram)).max();
                (*count).min(most.copied().unwrap_or(0))
            });
            counts.matches[order - 1] = found.sum();
            counts.all[order - 1] = own.values().sum::<u64>().max(1);
        }
        counts
    }

    /// BLEU-1 to BLEU-4. `epsilon` stands in for numerators of 0, unless no word matches at all;
    /// with 0 nothing is smoothed, and an order without a match makes all from it on 0.
    pub fn scores(&self, epsilon: f64) -> [f64; ORDERS] {
        if self.length == 0 || self.matches[0] == 0 {
            return [0.0; ORDERS];
        }
        let penalty = if self.length > self.reference {
            1.0
        } else {
            (1.0 - self.reference as f64 / self.length as f64).exp()
        };
        let mut sum = 0.0;
        std::array::from_fn(|order| {
            let matches = match self.matches[order] {
                0 => epsilon,
                some => some as f64,
            };
            sum += (matches / self.all[order] as f64).ln();
            penalty * (sum / (order + 1) as f64).exp()
        })
    }
}

impl Add for Bleu {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let both = |a: [u64; ORDERS], b: [u64; ORDERS]| std::array::from_fn(|i| a[i] + b[i]);
        Self {
            matches: both(self.matches, other.matches),
            all: both(self.all, other.all),
            length: self.length + other.length,
            reference: self.reference + other.reference,
        }
    }
}

/// The counts of a text that stands there several times.
impl Mul<u64> for Bleu {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self {
            matches: self.matches.map(|count| count * times),
            all: self.all.map(|count| count * times),
            length: self.length * times,
            reference: self.reference * times,
        }
    }
}

impl Sum for Bleu {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

fn grams<'a>(words: &'a [&'a str], order: usize) -> HashMap<&'a [&'a str], u64> {
    let mut counts = HashMap::new();
    for gram in words.windows(order) {
        *counts.entry(gram).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_common_is_nothing_smoothed_or_not() {
        for (text, references) in [("a b", vec!["c"]), ("", vec!["c"]), ("a", vec![])] {
            let counts = Bleu::of(text, &references);
            assert_eq!(counts.scores(0.0), [0.0; 4], "{text}");
            assert_eq!(counts.scores(EPSILON), [0.0; 4], "{text}");
        }
    }

    #[test]
    fn an_order_without_a_match_ends_the_unsmoothed_ones() {
        let scores = Bleu::of("a b c d", &["a b x c d"]).scores(0.0);
        assert!(scores[0] > 0.0 && scores[1] > 0.0, "{scores:?}");
        assert_eq!(scores[2..], [0.0, 0.0]);
    }
}
