//! From a question to a finished answer: the engine writes, slots are filled, and what is said of
//! print over the image stands at the end.
//!
//! The one way to an answer, whichever engine writes it. Called by `worker` and `command`.

use super::facts::Facts;
use super::fill::Filler;
use super::{Answer, AnswerError, Answerer, Flow, Piece, Prompt, found, ms_since};
use crate::micrograph::Prepared;
use std::time::Instant;

/// Asks an engine and hands over whole sentences, filled. `on_piece` is called at every token,
/// mostly with an empty piece, and says whether to go on.
pub fn tell(
    engine: &mut dyn Answerer,
    image: &Prepared,
    prompt: &Prompt,
    facts: &mut Facts<'_>,
    on_piece: &mut dyn FnMut(Piece) -> Flow,
) -> Result<Answer, AnswerError> {
    let began = Instant::now();
    let mut first_words_ms = None;
    let mut hand_over = |text: String| {
        if !text.is_empty() {
            first_words_ms.get_or_insert_with(|| ms_since(began));
        }
        on_piece(Piece { text })
    };
    let mut filler = Filler::new(facts);
    let mut answer = engine.answer(image, prompt, &mut |piece| {
        hand_over(filler.push(&piece.text))
    })?;
    if answer.stopped {
        filler.forget_open();
    }
    let (last, mut filled) = filler.end();
    hand_over(last);
    for sentence in &mut filled.sentences {
        if !sentence.with_slots.is_empty() {
            sentence.fits = engine.fits(image, prompt, &sentence.with_slots)?;
        }
    }
    if !answer.stopped
        && let Some(sentence) = found::sentence(prompt.key, &image.mask)
    {
        hand_over(filled.add_own(&sentence));
    }
    answer.warnings.extend(filled.reasons);
    answer.timing.total_ms = ms_since(began);
    answer.timing.first_token_ms = first_words_ms.unwrap_or(answer.timing.total_ms);
    Ok(Answer {
        text: filled.text,
        text_with_slots: filled.text_with_slots.trim().to_owned(),
        slots: filled.slots,
        sentences: filled.sentences,
        ..answer
    })
}
