//! Where the decoder looks in the image when it writes a word.
//!
//! The text is written once more as it stands (each token is given, none is chosen), and the
//! shares of cross-attention that fall on the patches are read off. They are a hint at what
//! mattered, no evidence of it.

use super::{Assistant, ImageMemory};
use crate::config::Ablation;
use crate::error::{ModelError, Result};
use crate::tokenizer::DECODE;
use candle_core::Tensor;
use std::ops::Range;

/// The layers that are asked, counted from the last: earlier ones gather more than they say.
const LAYERS: usize = 2;

/// How much each patch of the square input was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Patches in a row, and rows.
    pub side: usize,
    /// Row by row, 0 to 1; the largest is 1.
    pub values: Vec<f32>,
}

impl Assistant {
    /// Where the network looks when it writes `word`, a range of bytes of `text`, which is an
    /// answer of its own to `prompt` with its slots unfilled.
    ///
    /// # Errors
    /// Fails where the network has no cross-attention, and where no token of the word is in the
    /// text as far as the network reads it.
    pub fn look(
        &self,
        image: &ImageMemory,
        prompt: &str,
        text: &str,
        word: Range<usize>,
    ) -> Result<Heat> {
        if !self.config.has(Ablation::Ca) {
            let why =
                "it has no cross-attention, so it does not look at the micrograph while it writes";
            return Err(ModelError::Data(why.into()));
        }
        let tokens = self
            .tokenizer
            .encode_with_places(text, self.config.max_tokens - 1)?;
        // The state behind the tokens before it is what writes a token.
        let of_word: Vec<u32> = (0..)
            .zip(&tokens)
            .filter(|(_, (_, place))| place.start < word.end && word.start < place.end)
            .map(|(at, _)| at)
            .collect();
        let Some(last) = of_word.last().copied() else {
            let why = "the word is not in the part of the answer that it reads";
            return Err(ModelError::Data(why.into()));
        };
        let before = tokens.iter().take(last as usize).map(|(id, _)| *id);
        let ids: Vec<u32> = std::iter::once(DECODE).chain(before).collect();
        let ids = Tensor::from_vec(ids, (1, last as usize + 1), &self.device)?;
        let places = Tensor::new(of_word, &self.device)?;
        let shares = self.crowd.share(|| {
            let memory = self.memory(image, prompt)?;
            let memory = self.network.text.cross_memory(&memory)?;
            let (_, layers) = self.network.text.watch(&ids, &memory)?;
            let asked = layers.iter().rev().take(LAYERS);
            // Mean over the heads and over the tokens of the word: [S] a layer.
            let asked = asked.map(|shares| shares.index_select(&places, 1)?.mean(1)?.mean(0));
            let asked = asked.collect::<candle_core::Result<Vec<_>>>()?;
            Ok::<_, ModelError>(Tensor::stack(&asked, 0)?.mean(0)?)
        })?;
        // The first token of the memory is [CLS], and behind the patches stands the prompt.
        let values = shares.narrow(0, 1, self.config.patches())?.to_vec1()?;
        let side = self.config.image_size / self.config.patch_size;
        Ok(Heat {
            side,
            values: scaled(values)?,
        })
    }
}

/// The same with 1 as the largest.
fn scaled(values: Vec<f32>) -> Result<Vec<f32>> {
    let most = values.iter().fold(0f32, |most, value| most.max(*value));
    let is_sound = most > 0.0 && values.iter().all(|value| value.is_finite());
    if !is_sound {
        let why = "what it looks at cannot be told";
        return Err(ModelError::Data(why.into()));
    }
    Ok(values.into_iter().map(|value| value / most).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::folder::Model;
    use crate::parameters::Parameters;
    use crate::preprocess::{GreyView, Preprocessor};
    use crate::tokenizer::Tokenizer;
    use candle_core::Device;

    const TEXT: &str = "Thin wires lie on {count} bright spots.";

    fn assistant(without: Vec<Ablation>) -> Assistant {
        let corpus = vec![TEXT.to_owned(), "What is there?".to_owned()];
        let tokenizer = Tokenizer::train(&corpus, &["{count}".into()], 90).unwrap();
        let config = Config {
            without,
            ..Config::paper(tokenizer.vocab_size(), vec!["A film.".into()])
        };
        let parameters = Parameters::seeded(5);
        crate::network::Network::new(&config, parameters.builder(&Device::Cpu)).unwrap();
        let model = Model {
            preprocessor: Preprocessor::of(&config),
            weights: parameters.snapshot().unwrap(),
            config,
            tokenizer,
        };
        Assistant::new(model, &Device::Cpu).unwrap()
    }

    fn image(assistant: &Assistant) -> ImageMemory {
        let grey: Vec<u8> = (0..64 * 48).map(|i| (i * 7919 % 251) as u8).collect();
        let view = GreyView {
            grey: &grey,
            width: 64,
            height: 48,
        };
        assistant.encode_image(view).unwrap()
    }

    #[test]
    fn every_word_has_a_map_of_the_patches_and_what_stands_behind_it_changes_nothing() {
        let assistant = assistant(Vec::new());
        let image = image(&assistant);
        let look = |text: &str, word: &str| {
            let start = text.find(word).unwrap();
            let word = start..start + word.len();
            assistant.look(&image, "What is there?", text, word)
        };
        let wires = look(TEXT, "wires").unwrap();
        assert_eq!((wires.side, wires.values.len()), (7, 49));
        let most = wires.values.iter().fold(0f32, |most, v| most.max(*v));
        assert!((most - 1.0).abs() < 1e-6 && wires.values.iter().all(|v| *v >= 0.0));
        assert_ne!(look(TEXT, "{count}").unwrap(), wires, "a slot is a word");
        assert_eq!(look("Thin wires", "wires").unwrap(), wires);
        assert_ne!(look("Bright wires", "wires").unwrap(), wires);
    }

    #[test]
    fn what_cannot_be_told_is_a_sentence() {
        let seeing = assistant(Vec::new());
        let seen = image(&seeing);
        for word in [TEXT.len()..TEXT.len() + 4, 4..4, usize::MAX - 1..usize::MAX] {
            assert!(seeing.look(&seen, "?", TEXT, word).is_err());
        }
        let blind = assistant(vec![Ablation::Ca]);
        let seen = image(&blind);
        let error = blind.look(&seen, "?", TEXT, 0..4).unwrap_err();
        assert!(error.to_string().contains("cross-attention"), "{error}");
        assert!(scaled(vec![0.0; 4]).is_err() && scaled(vec![1.0, f32::NAN]).is_err());
    }
}
