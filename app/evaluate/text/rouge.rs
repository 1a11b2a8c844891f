//! ROUGE: the share of words, of pairs of them, or of words in the same order that two texts have
//! in common (Lin, 2004).
//!
//! The text is taken whole; words are stemmed where that is asked for. Never compares meaning.
//! Called by `text` and by reports on trained models; held to reference values in
//! `tests/metrics.rs`.

use super::stem::stem;
use super::tokens::alphanumeric;
use std::collections::HashMap;

/// How much of a hypothesis and its reference is common to both, each 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rouge {
    /// Share of the hypothesis.
    pub precision: f64,
    /// Share of the reference.
    pub recall: f64,
    /// Harmonic mean of the two: the figure that is reported.
    pub f1: f64,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Runs of so many words, ROUGE-N.
    Words(usize),
    /// The longest run of words in the same order, gaps allowed, ROUGE-L.
    Order,
}

/// ROUGE of a text against one or more references: that of the reference with the largest F1, the
/// first of equals. All 0 where nothing can match. `stemmed` compares stems of words of more than
/// three letters. Time grows with the product of the lengths.
pub fn rouge(hypothesis: &str, references: &[&str], unit: Unit, stemmed: bool) -> Rouge {
    let tokens = |text: &str| {
        let tokens = alphanumeric(text);
        if stemmed {
            let stemmed = |word: String| if word.len() > 3 { stem(&word) } else { word };
            return tokens.into_iter().map(stemmed).collect();
        }
        tokens
    };
    let hypothesis = tokens(hypothesis);
    let mut best = Rouge::default();
    for reference in references {
        let score = score(&hypothesis, &tokens(reference), unit);
        if score.f1 > best.f1 {
            best = score;
        }
    }
    best
}

/// ROUGE-L without stems, the one that is reported.
pub fn rouge_l(hypothesis: &str, references: &[&str]) -> Rouge {
    rouge(hypothesis, references, Unit::Order, false)
}

/// The corpus value: the mean F1 over pairs; `None` without any.
pub fn mean_rouge_l(scores: &[Rouge]) -> Option<f64> {
    let sum: f64 = scores.iter().map(|score| score.f1).sum();
    (!scores.is_empty()).then(|| sum / scores.len() as f64)
}

fn score(hypothesis: &[String], reference: &[String], unit: Unit) -> Rouge {
    let (common, own, theirs) = match unit {
        Unit::Words(count) => {
            let runs = |words: &[String]| (words.len() + 1).saturating_sub(count);
            let common = common_runs(hypothesis, reference, count);
            (common, runs(hypothesis), runs(reference))
        }
        Unit::Order => {
            let common = longest_common_subsequence(hypothesis, reference);
            (common, hypothesis.len(), reference.len())
        }
    };
    if common == 0 {
        return Rouge::default();
    }
    let precision = common as f64 / own as f64;
    let recall = common as f64 / theirs as f64;
    Rouge {
        precision,
        recall,
        f1: 2.0 * precision * recall / (precision + recall),
    }
}

/// Runs of so many words that both have, each as often as the one that has it less often.
fn common_runs(a: &[String], b: &[String], count: usize) -> usize {
    let mut left: HashMap<&[String], usize> = HashMap::new();
    for run in a.windows(count.max(1)) {
        *left.entry(run).or_default() += 1;
    }
    let mut common = 0;
    for run in b.windows(count.max(1)) {
        if let Some(left) = left.get_mut(run).filter(|left| **left > 0) {
            *left -= 1;
            common += 1;
        }
    }
    common
}

fn longest_common_subsequence(a: &[String], b: &[String]) -> usize {
    // lengths[j]: for the words of `a` so far and the first j words of `b`
    let mut lengths = vec![0; b.len() + 1];
    for word in a {
        let mut diagonal = 0;
        for (j, other) in b.iter().enumerate() {
            let above = lengths[j + 1];
            lengths[j + 1] = if word == other {
                diagonal + 1
            } else {
                above.max(lengths[j])
            };
            diagonal = above;
        }
    }
    lengths[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_counts() {
        let words = |text: &str| alphanumeric(text);
        assert_eq!(
            longest_common_subsequence(&words("a b c d"), &words("a c b d")),
            3
        );
        assert_eq!(
            longest_common_subsequence(&words("a b c d"), &words("d c b a")),
            1
        );
        assert_eq!(longest_common_subsequence(&words("a a"), &words("a")), 1);
    }
}
