//! How fast a model answers here: encoding one image, reading a question, writing token by token.
//!
//! The image and the question are made up and only the time is of interest. Writes nothing and
//! prints nothing. Called by `askem bench --answer`, which tests/speed/answering.py holds
//! against PyTorch.

use crate::blip::BlipAssistant;
use crate::config::{Config, Preset};
use crate::error::Result;
use crate::files::{Kind, ModelFiles};
use crate::folder::Model;
use crate::generate::{Assistant, Generated};
use crate::network::Network;
use crate::parameters::Parameters;
use crate::preprocess::{GreyView, Preprocessor};
use crate::tokenizer::{EOS, Tokenizer};
use crate::whole::check;
use candle_core::{Device, Tensor};
use std::time::Instant;

/// What is asked.
const QUESTION: &str = "What is the size of the particles and how are they distributed?";
/// Tokens in the vocabulary of a made-up model.
const VOCABULARY: usize = 3000;
/// Added to the logit of \[EOS\] of a made-up model, so that it writes as much as it is let.
const NEVER: f32 = -1e4;

/// Times of one try, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct AnswerTimes {
    /// From grey pixels of the network's size to the states that all questions share.
    pub encode_s: f64,
    /// The question and the first token.
    pub first_token_s: f64,
    /// Each token after the first.
    pub token_s: f64,
    /// Tokens written.
    pub tokens: usize,
}

/// A model of this preset with random weights, which never ends an answer by itself.
pub fn made_up(preset: Preset) -> Result<ModelFiles<'static>> {
    let words: Vec<String> = (0..VOCABULARY).map(word).collect();
    let tokenizer = Tokenizer::train(&[QUESTION.into()], &words, VOCABULARY)?;
    let config = Config::of(preset, tokenizer.vocab_size(), vec![QUESTION.into()]);
    let parameters = Parameters::seeded(1);
    Network::new(&config, parameters.builder(&Device::Cpu))?;
    let mut weights = parameters.snapshot()?;
    let mut bias = vec![0f32; config.vocab_size];
    if let Some(end) = bias.get_mut(EOS as usize) {
        *end = NEVER;
    }
    let bias = Tensor::from_vec(bias, config.vocab_size, &Device::Cpu)?;
    weights.insert("text.output_bias".into(), bias);
    let preprocessor = Preprocessor::of(&config);
    let model = Model {
        config,
        tokenizer,
        preprocessor,
        weights,
    };
    model.files()
}

/// Answers a made-up question about a made-up image so many times, each of at most `tokens`
/// tokens.
pub fn time_answers(
    files: &ModelFiles,
    tokens: usize,
    tries: usize,
    device: &Device,
) -> Result<Vec<AnswerTimes>> {
    let side = check(files)?.image_px;
    let grey: Vec<u8> = (0..side * side)
        .map(|i| ((i % side * 7 + i / side * 13) % 256) as u8)
        .collect();
    let view = GreyView {
        grey: &grey,
        width: side,
        height: side,
    };
    match files.kind()? {
        Kind::Askem => {
            let assistant = Assistant::load(files, device)?;
            let encode = || assistant.encode_image(view);
            timed(tries, tokens, encode, |image, most| {
                assistant.answer(image, QUESTION, most, &mut |_| true)
            })
        }
        Kind::Blip => {
            let assistant = BlipAssistant::load(files, device)?;
            let encode = || assistant.encode_image(view);
            timed(tries, tokens, encode, |image, most| {
                assistant.answer(image, QUESTION, most, &mut |_| true)
            })
        }
    }
}

/// The time of a token is the difference between a long answer and one of a single token, as it
/// can be taken of any other program too.
fn timed<M>(
    tries: usize,
    tokens: usize,
    encode: impl Fn() -> Result<M>,
    answer: impl Fn(&M, usize) -> Result<Generated>,
) -> Result<Vec<AnswerTimes>> {
    let mut all = Vec::with_capacity(tries);
    for _ in 0..tries {
        let began = Instant::now();
        let image = encode()?;
        let encode_s = began.elapsed().as_secs_f64();
        let began = Instant::now();
        answer(&image, 1)?;
        let first_token_s = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let written = answer(&image, tokens)?.tokens;
        let further = written.saturating_sub(1).max(1) as f64;
        all.push(AnswerTimes {
            encode_s,
            first_token_s,
            token_s: (began.elapsed().as_secs_f64() - first_token_s) / further,
            tokens: written,
        });
    }
    Ok(all)
}

/// A word of letters for each number.
fn word(mut number: usize) -> String {
    let mut letters = String::from("w");
    for _ in 0..3 {
        letters.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    letters
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_made_up_model_writes_as_much_as_it_is_let() {
        let files = made_up(Preset::Paper).unwrap();
        let times = time_answers(&files, 9, 2, &Device::Cpu).unwrap();
        assert!(times.len() == 2 && times.iter().all(|time| time.tokens == 9));
        assert!(times.iter().all(|time| time.encode_s > 0.0));
    }

    #[test]
    fn a_blip_is_timed_as_well() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/parity/blip");
        let files = ModelFiles::read(&folder).unwrap();
        let times = time_answers(&files, 5, 1, &Device::Cpu).unwrap();
        assert!(times[0].tokens > 0 && times[0].first_token_s > 0.0);
    }
}
