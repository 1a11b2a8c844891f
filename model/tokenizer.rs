//! Texts to token ids and back: WordPiece through `tokenizers`, trained on our own corpus.
//!
//! The library's own trainer counts words in hash maps with a random seed, so that two runs
//! give two vocabularies; `wordpiece` beside this file learns the same pieces every time.
//!
//! The slot tokens (`{size.median}` and so on) come from the caller and are reserved before
//! training, so that later texts with slots need no new vocabulary. Case is kept: answers are
//! shown as they are written.

use crate::error::{ModelError, Result};
use crate::vocabulary::Vocabulary;
use crate::wordpiece;
use std::collections::BTreeMap;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{
    NormalizedString, Normalizer, NormalizerWrapper, OffsetReferential, OffsetType,
    PreTokenizedString, PreTokenizer,
};

/// Padding; never seen by a loss.
pub const PAD: u32 = 0;
/// Begins a text of the text encoder (part 2).
pub const CLS: u32 = 2;
/// Begins a text of the image-grounded encoder (part 3).
pub const ENCODE: u32 = 3;
/// Begins an answer (part 4).
pub const DECODE: u32 = 4;
/// Ends an answer.
pub const EOS: u32 = 5;

const SPECIAL: [&str; 6] = ["[PAD]", "[UNK]", "[CLS]", "[Encode]", "[Decode]", "[EOS]"];

/// A trained vocabulary.
#[derive(Clone)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

impl Tokenizer {
    /// Learns about `vocab_size` pieces from `corpus`; `reserved` become tokens of their own,
    /// straight after the special ones.
    pub fn train(corpus: &[String], reserved: &[String], vocab_size: usize) -> Result<Self> {
        let special: Vec<String> = SPECIAL
            .iter()
            .map(|&name| name.to_owned())
            .chain(reserved.iter().cloned())
            .collect();
        let mut pieces = special.clone();
        pieces.extend(wordpiece::learn(
            &words(corpus)?,
            vocab_size.saturating_sub(special.len()),
        ));
        let vocabulary = Vocabulary {
            pieces,
            marks: special,
            normalizer: normalizer(),
        };
        Ok(Self {
            inner: vocabulary.build()?,
        })
    }

    /// Reads a tokenizer.json, which must have our special tokens where we expect them.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let invalid = |why: String| ModelError::Invalid {
            file: "tokenizer.json",
            why,
        };
        let inner = Vocabulary::from_json(json)?.build()?;
        for (id, name) in (0..).zip(SPECIAL) {
            if inner.token_to_id(name) != Some(id) {
                return Err(invalid(format!("{name} is not token {id}")));
            }
        }
        Ok(Self { inner })
    }

    /// Reads the tokenizer.json of a foreign model, whose special tokens are its own.
    pub fn from_foreign_json(json: &[u8]) -> Result<Self> {
        let inner = Vocabulary::from_json(json)?.build()?;
        Ok(Self { inner })
    }

    /// Reads the vocab.txt of a foreign model: BERT's, in lower case.
    pub fn from_vocab_txt(text: &[u8]) -> Result<Self> {
        let inner = Vocabulary::from_text(text)?.build()?;
        Ok(Self { inner })
    }

    /// The tokenizer.json of this vocabulary.
    pub fn to_json(&self) -> Result<String> {
        self.inner.to_string(true).map_err(failed)
    }

    /// Tokens in the vocabulary.
    pub fn vocab_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The id of a token, such as a slot.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }

    /// The id of a token that must be there.
    pub(crate) fn required(&self, token: &str) -> Result<u32> {
        self.id(token).ok_or_else(|| ModelError::Invalid {
            file: "tokenizer.json",
            why: format!("it has no {token}"),
        })
    }

    /// Whether an answer may hold a token: text, a slot and [EOS], but no other mark, and no
    /// digit, as numbers are measured and not written.
    pub fn is_writable(&self, id: u32) -> bool {
        let is_slot = |token: &str| token.starts_with('{') && token.ends_with('}');
        let text = |token: String| is_slot(&token) || !token.contains(|c: char| c.is_ascii_digit());
        id == EOS || (id > EOS && self.inner.id_to_token(id).is_some_and(text))
    }

    /// Whether texts are read in lower case.
    pub(crate) fn lowers_case(&self) -> bool {
        let normalizer = self.inner.get_normalizer();
        matches!(normalizer, Some(NormalizerWrapper::BertNormalizer(bert)) if bert.lowercase)
    }

    /// Whether a token is a mark such as [SEP] and no text.
    pub(crate) fn is_mark(&self, id: u32) -> bool {
        let marks = self.inner.get_added_vocabulary();
        let token = self.inner.id_to_token(id);
        token.is_some_and(|token| marks.is_special_token(&token))
    }

    /// The ids of a text, at most `most`, without special tokens around it.
    pub fn encode(&self, text: &str, most: usize) -> Result<Vec<u32>> {
        let encoding = self.inner.encode_fast(text, false).map_err(failed)?;
        Ok(encoding.get_ids().iter().copied().take(most).collect())
    }

    /// The same with the bytes of the text that each id stands for.
    pub fn encode_with_places(
        &self,
        text: &str,
        most: usize,
    ) -> Result<Vec<(u32, std::ops::Range<usize>)>> {
        let encoding = self.inner.encode(text, false).map_err(failed)?;
        let ids = encoding.get_ids().iter().copied();
        let places = encoding
            .get_offsets()
            .iter()
            .map(|(start, end)| *start..*end);
        Ok(ids.zip(places).take(most).collect())
    }

    /// Starts turning ids back into text, one at a time.
    pub fn writer(&self) -> Writer<'_> {
        Writer {
            tokenizer: self,
            glue_next: true,
            quoted: false,
        }
    }
}

/// Turns token ids into text as they come, with the blanks English puts between them.
pub struct Writer<'a> {
    tokenizer: &'a Tokenizer,
    glue_next: bool,
    quoted: bool,
}

impl Writer<'_> {
    /// The text that `id` adds to what came before.
    pub fn push(&mut self, id: u32) -> String {
        let Some(token) = self.tokenizer.inner.id_to_token(id) else {
            return String::new();
        };
        if let Some(rest) = token.strip_prefix("##") {
            self.glue_next = false;
            return rest.to_owned();
        }
        let joins = matches!(token.as_str(), "-" | "'" | "’" | "/");
        let opens = matches!(token.as_str(), "(" | "[") || (token == "\"" && !self.quoted);
        let closes = matches!(
            token.as_str(),
            "." | "," | ";" | ":" | "!" | "?" | ")" | "]" | "%"
        ) || (token == "\"" && self.quoted);
        if token == "\"" {
            self.quoted = !self.quoted;
        }
        let blank = if self.glue_next || joins || closes {
            ""
        } else {
            " "
        };
        self.glue_next = joins || opens;
        format!("{blank}{token}")
    }
}

/// Case and accents are kept; control characters go.
fn normalizer() -> BertNormalizer {
    BertNormalizer::new(true, false, Some(false), false)
}

/// The words of a corpus as the tokenizer splits them, and how often each stands there.
fn words(corpus: &[String]) -> Result<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    for text in corpus {
        let mut normalized = NormalizedString::from(text.as_str());
        normalizer().normalize(&mut normalized).map_err(failed)?;
        let mut split = PreTokenizedString::from(normalized);
        BertPreTokenizer.pre_tokenize(&mut split).map_err(failed)?;
        for (word, _, _) in split.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
            *counts.entry(word.to_owned()).or_insert(0) += 1;
        }
    }
    Ok(counts)
}

fn failed(why: impl std::fmt::Display) -> ModelError {
    ModelError::Tokenizer(why.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;

    const TEXTS: [&str; 3] = [
        "Near-round grains touch; their borders (where seen) don't blend.",
        "The image carries \"a label\", quoted, not checked. SEM looks like it.",
        "Size {size.median}: wires and/or fibres, mostly free-standing.",
    ];

    fn trained() -> Tokenizer {
        let corpus: Vec<String> = TEXTS
            .iter()
            .flat_map(|t| [(*t).to_owned(), (*t).to_owned()])
            .collect();
        Tokenizer::train(&corpus, &["{size.median}".into(), "{count}".into()], 200).unwrap()
    }

    #[test]
    fn texts_come_back_as_they_were() {
        let tokenizer = trained();
        for text in TEXTS {
            let mut writer = tokenizer.writer();
            let ids = tokenizer.encode(text, 500).unwrap();
            let back: String = ids.into_iter().map(|id| writer.push(id)).collect();
            assert_eq!(back, text);
        }
    }

    #[test]
    fn slots_are_one_token_each_straight_after_the_special_ones() {
        let tokenizer = trained();
        assert_eq!(tokenizer.id("{size.median}"), Some(6));
        assert_eq!(tokenizer.encode("{count}", 9).unwrap(), [7]);
    }

    #[test]
    fn every_token_names_the_bytes_it_stands_for() {
        let tokenizer = trained();
        let text = "Size {size.median}: µ wires";
        let tokens = tokenizer.encode_with_places(text, 500).unwrap();
        let ids: Vec<u32> = tokens.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, tokenizer.encode(text, 500).unwrap());
        let slot = tokens.iter().find(|(id, _)| *id == 6).unwrap();
        assert_eq!(&text[slot.1.clone()], "{size.median}");
        assert_eq!(tokens.last().unwrap().1.end, text.len());
        assert!(tokens.iter().all(|(_, at)| text.get(at.clone()).is_some()));
    }

    #[test]
    fn training_and_saving_give_the_same_vocabulary_every_time() {
        let json = trained().to_json().unwrap();
        assert_eq!(trained().to_json().unwrap(), json);
        assert_eq!(
            Tokenizer::from_json(json.as_bytes())
                .unwrap()
                .to_json()
                .unwrap(),
            json
        );
    }

    #[test]
    fn a_foreign_tokenizer_is_refused() {
        let json = trained().to_json().unwrap().replace("[EOS]", "[END]");
        assert!(Tokenizer::from_json(json.as_bytes()).is_err());
        assert!(Tokenizer::from_json(b"{}").is_err());
    }
}
