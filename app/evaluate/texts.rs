//! The sums that figures of texts are made of, so that those of specimens and draws add up.
//!
//! Called by `figures` and `compare`.

use super::resample::Sums;
use super::text::{Bleu, CorpusScores, TextScores, sentences, words};
use std::collections::HashSet;

/// Sums over scored texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextSums {
    texts: usize,
    bleu: Bleu,
    rouge: [f64; 3],
    meteor: f64,
    words: usize,
    reference_words: f64,
    sentences: usize,
    kept: usize,
}

/// A figure of texts by its name.
pub type Score = (&'static str, fn(&CorpusScores) -> f64);

impl TextSums {
    /// The figures of the paper's Table 1, in its order.
    pub const SCORES: [Score; 6] = [
        ("BLEU-2", |scores| scores.bleu[1]),
        ("BLEU-4", |scores| scores.bleu[3]),
        ("ROUGE-1", |scores| scores.rouge1),
        ("ROUGE-2", |scores| scores.rouge2),
        ("ROUGE-L", |scores| scores.rouge_l),
        ("METEOR", |scores| scores.meteor),
    ];

    /// The sums of one scored text.
    pub fn of(scores: &TextScores, text: &str, references: &[&str]) -> Self {
        let lengths: usize = references.iter().map(|one| words(one).len()).sum();
        Self {
            texts: 1,
            bleu: scores.bleu,
            rouge: [scores.rouge1.f1, scores.rouge2.f1, scores.rouge_l.f1],
            meteor: scores.meteor,
            words: words(text).len(),
            reference_words: lengths as f64 / references.len().max(1) as f64,
            sentences: 0,
            kept: 0,
        }
    }

    /// Counts which sentences of the model's answer a control says too.
    pub(super) fn compare(&mut self, answer: Option<&str>, control: &str) {
        let (kept, sentences) = answer.map_or((0, 0), |answer| kept(answer, control));
        self.kept += kept;
        self.sentences += sentences;
    }

    /// Texts.
    pub fn texts(&self) -> usize {
        self.texts
    }

    /// The figures; none without texts.
    pub fn scores(&self) -> Option<CorpusScores> {
        let mean = |sum: f64| sum / self.texts as f64;
        let [rouge1, rouge2, rouge_l] = self.rouge.map(mean);
        (self.texts > 0).then(|| CorpusScores {
            bleu: self.bleu.scores(0.0),
            rouge1,
            rouge2,
            rouge_l,
            meteor: mean(self.meteor),
        })
    }

    /// Mean words of a text.
    pub fn words(&self) -> f64 {
        self.words as f64 / self.texts.max(1) as f64
    }

    /// Mean words of a reference.
    pub fn reference_words(&self) -> f64 {
        self.reference_words / self.texts.max(1) as f64
    }

    /// The share of the answers' sentences that the control says too; none where nothing was
    /// compared.
    pub fn unchanged(&self) -> Option<f64> {
        (self.sentences > 0).then(|| self.kept as f64 / self.sentences as f64)
    }
}

impl Sums for TextSums {
    fn add(&mut self, other: &Self, times: u32) {
        let (whole, real) = (times as usize, f64::from(times));
        self.texts += other.texts * whole;
        self.bleu = self.bleu + other.bleu * u64::from(times);
        for (sum, other) in self.rouge.iter_mut().zip(other.rouge) {
            *sum += other * real;
        }
        self.meteor += other.meteor * real;
        self.words += other.words * whole;
        self.reference_words += other.reference_words * real;
        self.sentences += other.sentences * whole;
        self.kept += other.kept * whole;
    }
}

/// How many sentences of `of` stand in `also` too, and how many there are.
fn kept(of: &str, also: &str) -> (usize, usize) {
    let said: HashSet<&str> = sentences(also).into_iter().collect();
    let all = sentences(of);
    let kept = all.iter().filter(|one| said.contains(*one)).count();
    (kept, all.len())
}
