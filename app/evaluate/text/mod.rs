//! Text metrics: how much of an answer's words stand in its reference, by BLEU, ROUGE and METEOR.
//!
//! Texts in, figures out, all in 64 bits and to 1e-9 of independent implementations; tokens,
//! smoothing and alignment are those that reproduce most of the paper's Table 7. It never judges
//! meaning. Called by `evaluate`, `command` and reports on trained models.

mod bleu;
mod meteor;
mod rouge;
mod stem;
mod tokens;
mod wordnet;

pub use bleu::{Bleu, EPSILON};
pub use meteor::{Alignment, Meteor};
pub use rouge::{Rouge, Unit, mean_rouge_l, rouge, rouge_l};
pub use stem::stem;
pub use tokens::{alphanumeric, sentences, words};
pub use wordnet::WordNet;

/// All metrics of a text against its references.
#[derive(Clone, Debug, PartialEq)]
pub struct TextScores {
    /// What BLEU counts, to be pooled over a corpus.
    pub bleu: Bleu,
    /// Single words.
    pub rouge1: Rouge,
    /// Pairs of words.
    pub rouge2: Rouge,
    /// Words in order.
    pub rouge_l: Rouge,
    /// METEOR, 0 to 1.
    pub meteor: f64,
}

/// Scores texts; what it learns about words it keeps for the next text.
#[derive(Default)]
pub struct Scorer {
    meteor: Meteor,
}

impl Scorer {
    /// Scores a text against one or more references; all 0 without any.
    pub fn score(&mut self, hypothesis: &str, references: &[&str]) -> TextScores {
        let rouge = |unit| rouge(hypothesis, references, unit, false);
        TextScores {
            bleu: Bleu::of(hypothesis, references),
            rouge1: rouge(Unit::Words(1)),
            rouge2: rouge(Unit::Words(2)),
            rouge_l: rouge(Unit::Order),
            meteor: self.meteor.score(hypothesis, references).score,
        }
    }
}

/// The figures of a corpus: BLEU from pooled counts, the others as means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorpusScores {
    /// BLEU-1 to BLEU-4.
    pub bleu: [f64; 4],
    /// Mean F1 of single words.
    pub rouge1: f64,
    /// Mean F1 of pairs of words.
    pub rouge2: f64,
    /// Mean F1 of words in order.
    pub rouge_l: f64,
    /// Mean METEOR.
    pub meteor: f64,
}

impl CorpusScores {
    /// The figures of scored texts; `None` without any.
    pub fn of(scores: &[TextScores]) -> Option<Self> {
        let mean = |value: fn(&TextScores) -> f64| {
            scores.iter().map(value).sum::<f64>() / scores.len() as f64
        };
        (!scores.is_empty()).then(|| Self {
            bleu: scores.iter().map(|one| one.bleu).sum::<Bleu>().scores(0.0),
            rouge1: mean(|one| one.rouge1.f1),
            rouge2: mean(|one| one.rouge2.f1),
            rouge_l: mean(|one| one.rouge_l.f1),
            meteor: mean(|one| one.meteor),
        })
    }
}
