//! A typed question becomes one or more keys, or is declined with a reason.

use super::Key;

/// What a typed question was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The keys that answer it, most relevant first; never empty.
    Keys(Vec<Key>),
    /// No key covers it; the sentence says why and what would show it.
    Declined(String),
}

/// Reads a typed question. `previous` is the key answered last: a bare follow-up ("in nm?")
/// inherits it.
pub fn read(text: &str, previous: Option<Key>) -> Reading {
    let _ = (text, previous);
    Reading::Declined(String::new())
}
