//! ROUGE-L: the share of words two texts have in common in the same order (Lin, 2004).
//!
//! The text is taken whole, words are not stemmed. Never compares meaning. Called by reports on
//! trained models; held to reference values in `tests/metrics.rs`.

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

/// ROUGE-L of a text against one or more references: that of the reference with the largest F1,
/// the first of equals. All 0 where nothing can match. Time grows with the product of the lengths.
pub fn rouge_l(hypothesis: &str, references: &[&str]) -> Rouge {
    let hypothesis = tokens(hypothesis);
    let mut best = Rouge::default();
    for reference in references {
        let score = score(&hypothesis, &tokens(reference));
        if score.f1 > best.f1 {
            best = score;
        }
    }
    best
}

/// The corpus value: the mean F1 over pairs; `None` without any.
pub fn mean_rouge_l(scores: &[Rouge]) -> Option<f64> {
    let sum: f64 = scores.iter().map(|score| score.f1).sum();
    (!scores.is_empty()).then(|| sum / scores.len() as f64)
}

/// Lower case first, then every run of ASCII letters and digits: `Rod-like` is `rod`, `like`.
fn tokens(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn score(hypothesis: &[String], reference: &[String]) -> Rouge {
    let common = longest_common_subsequence(hypothesis, reference) as f64;
    if common == 0.0 {
        return Rouge::default();
    }
    let precision = common / hypothesis.len() as f64;
    let recall = common / reference.len() as f64;
    Rouge {
        precision,
        recall,
        f1: 2.0 * precision * recall / (precision + recall),
    }
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
    fn words_are_split_after_lower_casing() {
        assert_eq!(
            tokens("Rod-like, 2.5 µm \u{212a}elvin"),
            ["rod", "like", "2", "5", "m", "kelvin"]
        );
        assert!(tokens(" .,µ").is_empty());
    }

    #[test]
    fn order_counts() {
        let words = |text: &str| tokens(text);
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
