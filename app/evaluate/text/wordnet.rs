//! WordNet 3.0, the part that METEOR needs: which single words share a synset with a word, found
//! through its rules of inflection.
//!
//! Read from the packed table in assets/ (`assets/recipe/wordnet.py` makes it and says how it is
//! written). It knows no meanings and no words of several parts. Called by `meteor`.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::sync::LazyLock;

/// The table that ships with the program.
static SHIPPED: LazyLock<WordNet> = LazyLock::new(|| WordNet::read(&unpacked()));

/// Endings of inflected forms and what stands there in the base form, by part of speech in the
/// order of the table: nouns, verbs, adjectives, adverbs (WordNet's morphy).
const RULES: [&[(&str, &str)]; 4] = [
    &[
        ("s", ""),
        ("ses", "s"),
        ("ves", "f"),
        ("xes", "x"),
        ("zes", "z"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("ies", "y"),
    ],
    &[
        ("s", ""),
        ("ies", "y"),
        ("es", "e"),
        ("es", ""),
        ("ed", "e"),
        ("ed", ""),
        ("ing", "e"),
        ("ing", ""),
    ],
    &[("er", ""), ("est", ""), ("er", "e"), ("est", "e")],
    &[],
];

/// The words of a part of speech.
#[derive(Default)]
struct Part {
    /// The synsets that a word finds.
    synsets: HashMap<String, Vec<u32>>,
    /// Inflected forms that no rule applies to, and their base forms.
    exceptions: HashMap<String, Vec<String>>,
}

/// Words and their synsets.
#[derive(Default)]
pub struct WordNet {
    parts: [Part; 4],
    /// The members of every synset.
    members: Vec<Vec<String>>,
}

impl WordNet {
    /// The one that ships with the program.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads a table; a line that is none of its kinds is passed over.
    fn read(text: &str) -> Self {
        let mut found = Self::default();
        let mut part = 0;
        let mut parts_begun = 0;
        for line in text.lines() {
            if line.starts_with('=') {
                part = parts_begun;
                parts_begun += 1;
                continue;
            }
            let Some(into) = found.parts.get_mut(part) else {
                continue;
            };
            if let Some(exception) = line.strip_prefix('!') {
                let mut words = exception.split(' ').map(str::to_owned);
                if let Some(form) = words.next() {
                    into.exceptions.insert(form, words.collect());
                }
                continue;
            }
            let synset = found.members.len() as u32;
            let words = line.split(' ').filter(|word| !word.is_empty());
            for word in words.filter(|word| *word != "/") {
                let synsets = into.synsets.entry(word.to_owned()).or_default();
                synsets.push(synset);
            }
            let members = line.split(" / ").next().unwrap_or_default();
            let members = members
                .split(' ')
                .filter(|word| !word.is_empty() && *word != "/");
            found.members.push(members.map(str::to_owned).collect());
        }
        found
    }

    /// A word with all that share a synset with one of its base forms, in order. The relation is
    /// not symmetric: only this word is looked up through its inflections.
    pub fn synonyms<'a>(&'a self, word: &'a str) -> BTreeSet<&'a str> {
        let mut all = BTreeSet::from([word]);
        for (part, rules) in self.parts.iter().zip(RULES) {
            for form in part.base_forms(word, rules) {
                let synsets = part.synsets.get(&form).into_iter().flatten();
                let members = synsets.filter_map(|synset| self.members.get(*synset as usize));
                all.extend(members.flatten().map(String::as_str));
            }
        }
        all
    }
}

impl Part {
    /// The word and what it may be an inflection of.
    fn base_forms(&self, word: &str, rules: &[(&str, &str)]) -> Vec<String> {
        let mut forms = vec![word.to_owned()];
        match self.exceptions.get(word) {
            Some(bases) => forms.extend(bases.iter().cloned()),
            None => forms.extend(rules.iter().filter_map(|(ending, base)| {
                let rest = word.strip_suffix(ending)?;
                Some(format!("{rest}{base}"))
            })),
        }
        forms
    }
}

/// The text of the table; empty if the asset is damaged, which a test would see.
fn unpacked() -> String {
    let mut text = String::new();
    let mut packed = flate2::read::ZlibDecoder::new(askem_assets::WORDNET);
    match packed.read_to_string(&mut text) {
        Ok(_) => text,
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_what_shares_a_synset_through_their_inflections() {
        let net = WordNet::shipped();
        assert!(net.synonyms("shows").contains("depict"));
        assert!(net.synonyms("geese").contains("goose"));
        // Found by its lower case, but no member of it.
        assert!(!net.synonyms("paris").contains("Paris"));
        assert_eq!(net.synonyms("zzz"), BTreeSet::from(["zzz"]));
    }
}
