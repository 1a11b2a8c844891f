//! The engine of an imported BLIP. It was not made for micrographs: it has no threshold of
//! "none of these" and no matching head, and the numbers that it writes are not measured.

use super::kept::Kept;
use super::{
    Answer, AnswerError, Answerer, Classification, Description, Fallback, Flow, Piece, Prompt,
    Timing, ms_since,
};
use crate::micrograph::Prepared;
use crate::questions::Category;
use askem_model::ModelError;
use askem_model::blip::{BlipAssistant, EncodedImage};
use std::time::Instant;

/// The longest answer, in tokens.
const MOST_TOKENS: usize = 64;

/// What it is asked where the material is wanted.
const WHICH: &str = "What does this electron micrograph show?";

/// Answers with a BLIP.
pub struct BlipEngine {
    name: String,
    assistant: BlipAssistant,
    fallback: Option<Fallback>,
    kept: Kept<EncodedImage>,
}

impl BlipEngine {
    /// Takes a loaded model.
    pub fn new(name: String, assistant: BlipAssistant) -> Self {
        Self {
            name,
            assistant,
            fallback: None,
            kept: Kept::nothing(),
        }
    }

    fn rank(&mut self, image: &Prepared) -> Result<Classification, ModelError> {
        let assistant = &self.assistant;
        let (encoded, _) = self
            .kept
            .encoded(image, |view| assistant.encode_image(view))?;
        let words = Category::ALL.map(Category::words);
        let ranked = assistant.rank(encoded, WHICH, &words)?;
        let mut probabilities = [0.0; 10];
        let pairs = probabilities.iter_mut().zip(ranked);
        pairs.for_each(|(to, from)| *to = from);
        let best = probabilities.iter().fold(0f32, |most, p| most.max(*p));
        Ok(Classification {
            probabilities,
            // Without a threshold from validation only what outweighs all others together counts.
            none_of_these: best <= 0.5,
        })
    }

    /// Has the engine say why it is on the CPU.
    pub fn with_fallback(mut self, fallback: Option<Fallback>) -> Self {
        self.fallback = fallback;
        self
    }

    fn write(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, ModelError> {
        let began = Instant::now();
        let assistant = &self.assistant;
        let (encoded, encode_ms) = self
            .kept
            .encoded(image, |view| assistant.encode_image(view))?;
        let mut first_token_ms = None;
        let mut hand_over = |text: &str| {
            first_token_ms.get_or_insert_with(|| ms_since(began));
            let text = text.to_owned();
            on_piece(Piece { text }) == Flow::Continue
        };
        let written = assistant.answer(encoded, &prompt.text(), MOST_TOKENS, &mut hand_over)?;
        let total_ms = ms_since(began);
        Ok(Answer {
            text: written.text,
            tokens: written.tokens,
            stopped: written.stopped,
            timing: Timing {
                encode_ms,
                first_token_ms: first_token_ms.unwrap_or(total_ms),
                total_ms,
            },
            ..Answer::default()
        })
    }
}

impl Answerer for BlipEngine {
    fn describe(&self) -> Description {
        Description {
            model: self.name.clone(),
            device: self.assistant.device(),
            fallback: self.fallback.clone(),
        }
    }

    fn classify(&mut self, image: &Prepared) -> Result<Classification, AnswerError> {
        let ranked = self.rank(image);
        ranked.map_err(|why| AnswerError::Model(why.to_string()))
    }

    fn answer(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, AnswerError> {
        let written = self.write(image, prompt, on_piece);
        written.map_err(|why| AnswerError::Model(why.to_string()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// model/pytorch/train_distributed.py teaches a BLIP what it is asked here.
    #[test]
    fn a_blip_is_taught_on_a_cluster_what_it_is_asked_here() {
        let words = include_str!("../../model/pytorch/questions.json");
        let words: serde_json::Value = serde_json::from_str(words).unwrap();
        assert_eq!(words["which"], WHICH);
    }
}
