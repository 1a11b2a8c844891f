//! The engine of our own network, such as the factory model. Never reads a file.

use super::kept::Kept;
use super::{
    Answer, AnswerError, Answerer, Classification, Description, Fallback, Flow, HeatMap, Piece,
    Prompt, Timing, ms_since,
};
use crate::micrograph::Prepared;
use crate::questions::Category;
use askem_model::{Assistant, GreyView, ImageMemory, ModelError};
use std::ops::Range;
use std::time::Instant;

/// The longest answer, in tokens.
const MOST_TOKENS: usize = 96;

/// Answers with the network of `askem-model`.
pub struct NetworkEngine {
    name: String,
    assistant: Assistant,
    fallback: Option<Fallback>,
    kept: Kept<ImageMemory>,
}

impl NetworkEngine {
    /// Takes a loaded model, whose captions must be the ten categories'.
    pub fn new(name: String, assistant: Assistant) -> Result<Self, ModelError> {
        let captions = Category::ALL.map(Category::caption);
        if assistant.config().captions != captions {
            let why = "its captions are not the ten categories".into();
            return Err(ModelError::Invalid {
                file: "config.json",
                why,
            });
        }
        Ok(Self {
            name,
            assistant,
            fallback: None,
            kept: Kept::nothing(),
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
        let (memory, encode_ms) = self
            .kept
            .encoded(image, |view| assistant.encode_image(view))?;
        let mut first_token_ms = None;
        let mut hand_over = |text: &str| {
            first_token_ms.get_or_insert_with(|| ms_since(began));
            on_piece(Piece {
                text: text.to_owned(),
            }) == Flow::Continue
        };
        let written = assistant.answer(memory, &prompt.text(), MOST_TOKENS, &mut hand_over)?;
        let match_score = assistant.match_score(memory, &statement(prompt, &written.text))?;
        let fitted = assistant.config().confidence.as_ref();
        let total_ms = ms_since(began);
        Ok(Answer {
            text: written.text,
            match_score: Some(match_score),
            confidence: fitted
                .map(|fitted| fitted.of(prompt.key.wording(), written.confidence, match_score)),
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

impl Answerer for NetworkEngine {
    fn describe(&self) -> Description {
        Description {
            model: self.name.clone(),
            device: self.assistant.device(),
            fallback: self.fallback.clone(),
        }
    }

    fn classify(&mut self, image: &Prepared) -> Result<Classification, AnswerError> {
        let assistant = &self.assistant;
        let encode = |view: GreyView| assistant.encode_image(view);
        let (memory, _) = self.kept.encoded(image, encode).map_err(failed)?;
        let classified = assistant.classify(memory).map_err(failed)?;
        let mut probabilities = [0.0; 10];
        probabilities
            .iter_mut()
            .zip(classified.probabilities)
            .for_each(|(to, from)| *to = from);
        Ok(Classification {
            probabilities,
            none_of_these: classified.none_of_these,
        })
    }

    fn features(&mut self, image: &Prepared) -> Result<Option<Vec<f32>>, AnswerError> {
        let assistant = &self.assistant;
        let encode = |view: GreyView| assistant.encode_image(view);
        let (memory, _) = self.kept.encoded(image, encode).map_err(failed)?;
        assistant.features(memory).map(Some).map_err(failed)
    }

    fn answer(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, AnswerError> {
        self.write(image, prompt, on_piece).map_err(failed)
    }

    fn fits(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        sentence: &str,
    ) -> Result<Option<f32>, AnswerError> {
        let assistant = &self.assistant;
        let encode = |view: GreyView| assistant.encode_image(view);
        let (memory, _) = self.kept.encoded(image, encode).map_err(failed)?;
        let score = assistant.match_score(memory, &statement(prompt, sentence));
        score.map(Some).map_err(failed)
    }

    fn look(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        text: &str,
        word: Range<usize>,
    ) -> Result<HeatMap, AnswerError> {
        let untold = |why: String| {
            AnswerError::Look(format!("The model cannot tell where it looked: {why}"))
        };
        let assistant = &self.assistant;
        let encode = |view: GreyView| assistant.encode_image(view);
        let (memory, _) = self.kept.encoded(image, encode).map_err(failed)?;
        let looked = assistant.look(memory, &prompt.text(), text, word);
        let heat = looked.map_err(|why| untold(why.to_string()))?;
        // The whole image was squeezed into the square, so that the patches cover all of it.
        HeatMap::new(heat.side, heat.side, heat.values)
            .ok_or_else(|| untold("its map is not whole".into()))
    }
}

/// What the matching head judges: the caption, where the material is known, and a text.
fn statement(prompt: &Prompt, text: &str) -> String {
    match prompt.category.map(Category::caption) {
        Some(caption) => format!("{caption} {text}"),
        None => text.to_owned(),
    }
}

fn failed(why: ModelError) -> AnswerError {
    AnswerError::Model(why.to_string())
}
