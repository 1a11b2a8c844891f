//! How probable it is that an answer is true, from what the network says of it: a logistic
//! function that was fitted on validation images, kept in `config.json`.
//!
//! Fits nothing itself; `tests/confidence.rs` of the program does, by a documented command.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Probabilities are kept off 0 and 1 by this much before their logits are taken.
const OFF_THE_ENDS: f32 = 1e-3;
/// Questions that a fit may name; more are refused with the model.
const QUESTIONS_MAX: usize = 64;

/// The fitted function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    /// The logit of an answer of which nothing else is known.
    pub base: f32,
    /// What is added for each unit of the mean logarithm of the words' probabilities.
    pub words: f32,
    /// What is added for each unit of the logit of the matching head.
    pub fit: f32,
    /// What is added for a question, by its wording.
    pub questions: BTreeMap<String, f32>,
}

impl Confidence {
    /// The probability that every sentence of an answer is true: of the question's wording, the
    /// mean probability of its words and the matching head's score, both 0 to 1.
    pub fn of(&self, question: &str, words: f32, fit: f32) -> f32 {
        let question = self.questions.get(question).copied().unwrap_or(0.0);
        let [words, fit] = features(words, fit);
        let logit = self.base + question + self.words * words + self.fit * fit;
        1.0 / (1.0 + (-logit).exp())
    }

    /// Whether it can be used: finite, and of no absurd size.
    pub fn is_sound(&self) -> bool {
        let mut all = self.questions.values().copied();
        let own = [self.base, self.words, self.fit];
        self.questions.len() <= QUESTIONS_MAX
            && own.iter().all(|weight| weight.is_finite())
            && all.all(f32::is_finite)
    }
}

/// What the function weighs: the logarithm of the words' mean probability and the logit of the
/// matching head's score.
pub fn features(words: f32, fit: f32) -> [f32; 2] {
    let within = |share: f32| share.clamp(OFF_THE_ENDS, 1.0 - OFF_THE_ENDS);
    let (words, fit) = (within(words), within(fit));
    [words.ln(), (fit / (1.0 - fit)).ln()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_with_what_speaks_for_an_answer() {
        let fitted = Confidence {
            base: 1.0,
            words: 2.0,
            fit: 0.5,
            questions: [("How large?".to_owned(), -1.0)].into(),
        };
        let known = fitted.of("How large?", 0.9, 0.8);
        assert!(known < fitted.of("Another?", 0.9, 0.8));
        assert!(known > fitted.of("How large?", 0.5, 0.8));
        assert!(known > fitted.of("How large?", 0.9, 0.2));
        assert!((0.0..=1.0).contains(&fitted.of("How large?", 0.0, 1.0)));
        assert!(fitted.is_sound());
        let broken = Confidence {
            fit: f32::NAN,
            ..fitted
        };
        assert!(!broken.is_sound());
    }
}
