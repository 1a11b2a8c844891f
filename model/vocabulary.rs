//! Vocabulary files from outside: `tokenizer.json` in one fixed schema (WordPiece with BERT's
//! splitting) and `vocab.txt`. The library that splits words is only handed what was checked
//! here: it panics, or takes forever, on files that ask for something odd.

use crate::error::{ModelError, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, HashSet};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{AddedToken, Tokenizer};

/// The most bytes, tokens and bytes of one token.
const MOST_BYTES: usize = 16 << 20;
const MOST_TOKENS: usize = 200_000;
const MOST_TOKEN_BYTES: usize = 200;

/// The marks of BERT and BLIP, which a vocab.txt does not tell from words.
const MARKS: [&str; 7] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]",
];

/// Pieces by id, the marks among them, and how texts are cleaned.
pub(crate) struct Vocabulary {
    pub(crate) pieces: Vec<String>,
    pub(crate) marks: Vec<String>,
    pub(crate) normalizer: BertNormalizer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    added_tokens: Vec<Added>,
    normalizer: Typed<Normalizer>,
    pre_tokenizer: Typed<Nothing>,
    model: Typed<Model>,
    #[serde(rename = "version")]
    _version: IgnoredAny,
    #[serde(default, rename = "truncation")]
    _truncation: IgnoredAny,
    #[serde(default, rename = "padding")]
    _padding: IgnoredAny,
    #[serde(default, rename = "post_processor")]
    _post_processor: IgnoredAny,
    #[serde(default, rename = "decoder")]
    _decoder: IgnoredAny,
}

#[derive(Deserialize)]
struct Typed<T> {
    r#type: String,
    #[serde(flatten)]
    rest: T,
}

#[derive(Deserialize)]
struct Nothing {}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
}

#[derive(Deserialize)]
struct Normalizer {
    clean_text: bool,
    handle_chinese_chars: bool,
    strip_accents: Option<bool>,
    lowercase: bool,
}

#[derive(Deserialize)]
struct Model {
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: BTreeMap<String, u32>,
}

impl Vocabulary {
    /// Reads a tokenizer.json.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self> {
        if json.len() > MOST_BYTES {
            return invalid("it is too large");
        }
        let file: File = serde_json::from_slice(json).or_else(invalid)?;
        let types = [
            (&file.normalizer.r#type, "BertNormalizer"),
            (&file.pre_tokenizer.r#type, "BertPreTokenizer"),
            (&file.model.r#type, "WordPiece"),
        ];
        for (found, wanted) in types {
            if found != wanted {
                return invalid(format!("it has a {found:?} where only a {wanted} is known"));
            }
        }
        let model = file.model.rest;
        if model.unk_token != "[UNK]"
            || model.continuing_subword_prefix != "##"
            || model.max_input_chars_per_word != 100
        {
            return invalid("its WordPiece is not that of BERT");
        }
        let marks = file.added_tokens.iter().map(|added| added.content.clone());
        let marks = marks.collect();
        let mut by_id: BTreeMap<u32, String> = BTreeMap::new();
        let mut tokens = model.vocab;
        for added in file.added_tokens {
            if added.single_word || added.lstrip || added.rstrip {
                return invalid(format!("{:?} swallows what is beside it", added.content));
            }
            if *tokens.entry(added.content.clone()).or_insert(added.id) != added.id {
                return invalid(format!("{:?} has two ids", added.content));
            }
        }
        for (token, id) in tokens {
            if let Some(other) = by_id.insert(id, token.clone()) {
                return invalid(format!("{token:?} and {other:?} have the same id"));
            }
        }
        if by_id.keys().zip(0u32..).any(|(id, place)| *id != place) {
            return invalid("its ids are not counted from 0 without a gap");
        }
        let rest = file.normalizer.rest;
        Self {
            pieces: by_id.into_values().collect(),
            marks,
            normalizer: BertNormalizer::new(
                rest.clean_text,
                rest.handle_chinese_chars,
                rest.strip_accents,
                rest.lowercase,
            ),
        }
        .checked()
    }

    /// Reads a vocab.txt: one token a line, BERT's marks among them; texts become lower case.
    pub(crate) fn from_text(text: &[u8]) -> Result<Self> {
        if text.len() > MOST_BYTES {
            return invalid("it is too large");
        }
        let text = std::str::from_utf8(text).or_else(invalid)?;
        let pieces: Vec<String> = text.lines().map(str::to_owned).collect();
        let marks = MARKS
            .into_iter()
            .filter(|mark| pieces.iter().any(|piece| piece == mark));
        Self {
            marks: marks.map(str::to_owned).collect(),
            pieces,
            normalizer: BertNormalizer::new(true, true, None, true),
        }
        .checked()
    }

    fn checked(self) -> Result<Self> {
        if self.pieces.is_empty() || self.pieces.len() > MOST_TOKENS {
            return invalid(format!("it has {} tokens", self.pieces.len()));
        }
        let mut seen = HashSet::new();
        for piece in &self.pieces {
            if piece.is_empty() || piece.len() > MOST_TOKEN_BYTES {
                return invalid("a token is empty or too long");
            }
            if !seen.insert(piece) {
                return invalid(format!("{piece:?} stands in it twice"));
            }
        }
        if !seen.contains(&"[UNK]".to_owned()) {
            return invalid("it has no [UNK]");
        }
        Ok(self)
    }

    /// The tokenizer of these pieces.
    pub(crate) fn build(self) -> Result<Tokenizer> {
        let failed = |why: tokenizers::Error| ModelError::Tokenizer(why.to_string());
        let vocab: BTreeMap<String, u32> = self.pieces.into_iter().zip(0u32..).collect();
        let model = serde_json::json!({
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocab,
        });
        let model: WordPiece = serde_json::from_str(&model.to_string()).or_else(invalid)?;
        let mut tokenizer = Tokenizer::new(model);
        tokenizer
            .with_normalizer(Some(self.normalizer))
            .map_err(failed)?
            .with_pre_tokenizer(Some(BertPreTokenizer))
            .with_decoder(Some(tokenizers::decoders::wordpiece::WordPiece::default()))
            .add_special_tokens(
                self.marks
                    .into_iter()
                    .map(|mark| AddedToken::from(mark, true)),
            )
            .map_err(failed)?;
        Ok(tokenizer)
    }
}

fn invalid<T>(why: impl std::fmt::Display) -> Result<T> {
    Err(ModelError::Invalid {
        file: "tokenizer.json",
        why: why.to_string(),
    })
}
