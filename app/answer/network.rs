//! The engine of our own network: the factory model or a model folder.

use super::{Answer, AnswerError, Answerer, Classification, Description, Flow, Piece, Prompt};
use crate::micrograph::Prepared;

/// Answers with the network of `askem-model`. Keeps the encoding of the last image.
pub struct NetworkEngine {}

impl Answerer for NetworkEngine {
    fn describe(&self) -> Description {
        Description { model: String::new(), device: String::new() }
    }

    fn classify(&mut self, _image: &Prepared) -> Result<Classification, AnswerError> {
        Err(AnswerError::Model("not there yet".into()))
    }

    fn answer(
        &mut self,
        _image: &Prepared,
        _prompt: &Prompt,
        _on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, AnswerError> {
        Err(AnswerError::Model("not there yet".into()))
    }
}
