//! A typed question becomes one or more keys, or is declined with a reason.
//!
//! Tables of words and phrases (`typed/*.tsv`) vote for the keys and, on equal terms, for the
//! reasons to decline; the best vote of each clause counts. The same text gives the same
//! reading, and which words decided can be looked up. It never takes the nearest key by force and
//! looks at no image. Called by `command` and `window` before anything is asked of an engine.

mod clauses;
mod lexicon;
mod words;

use super::{Key, Topic};
use lexicon::{Class, lexicon};

/// Longest typed question, in characters; more is a report, not a question.
pub const MAX_CHARACTERS: usize = 1000;

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
    let text = text.trim();
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        return declined("This is too long for one question; ask again in a sentence.");
    }
    let words = words::words(text);
    if let Some(keys) = quoted(&words) {
        return Reading::Keys(keys);
    }
    let readings = clauses::read(&words, &words::names(text));

    let keys = clauses::keys(&readings);
    if !keys.is_empty() {
        return Reading::Keys(keys);
    }
    let reason = readings.iter().find_map(|clause| match clause.class {
        Some(Class::Reason(reason)) => Some(reason),
        _ => None,
    });
    if let Some(reason) = reason {
        return declined(lexicon().sentence(reason));
    }
    let follows_up = readings
        .iter()
        .any(|clause| clause.class == Some(Class::FollowUp));
    match (follows_up, previous) {
        (true, Some(key)) => Reading::Keys(vec![key]),
        (true, None) => {
            declined("Nothing was asked before that this could follow; ask a whole question.")
        }
        _ if words.iter().any(|word| lexicon().knows(word)) => {
            declined("This is none of the questions I can answer about this micrograph.")
        }
        _ => declined("This was not understood; ask again, in English."),
    }
}

/// The keys of a text that is, word for word, a key's name or wording or the title of a question
/// category.
fn quoted(typed: &[String]) -> Option<Vec<Key>> {
    let same = |text: &str| {
        let marks = |word: &&String| *word != words::STOP;
        words::words(text)
            .iter()
            .filter(marks)
            .eq(typed.iter().filter(marks))
    };
    if let Some(key) = Key::ALL
        .into_iter()
        .find(|key| same(key.name()) || same(key.wording()))
    {
        return Some(vec![key]);
    }
    let topic = Topic::ALL.into_iter().find(|topic| same(topic.title()))?;
    Some(topic.keys().collect())
}

/// The sentence with the offer of the ten question categories.
fn declined(sentence: &str) -> Reading {
    let [most @ .., last] = Topic::ALL.map(Topic::name);
    Reading::Declined(format!(
        "{sentence} You can ask about {} or {last}.",
        most.join(", ")
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn check(text: &str, keys: &[Key]) {
        assert_eq!(read(text, None), Reading::Keys(keys.to_vec()), "{text}");
    }

    fn check_declined(text: &str, told: &str) {
        match read(text, None) {
            Reading::Declined(sentence) => {
                assert!(sentence.contains(told), "{text}: {sentence}");
                assert!(sentence.ends_with("function or application."), "{sentence}");
                assert!(!sentence.contains('\n'));
            }
            Reading::Keys(keys) => panic!("{text}: {keys:?}"),
        }
    }

    #[test]
    fn the_papers_wordings_and_key_names_read_as_themselves() {
        for key in Key::ALL {
            check(key.wording(), &[key]);
            check(key.name(), &[key]);
        }
        for topic in Topic::ALL {
            check(topic.title(), &topic.keys().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_no_key_covers_is_declined_with_what_would_show_it() {
        for (text, told) in [
            (
                "Who won the match?",
                "I answer questions about this micrograph.",
            ),
            (
                "Write me a poem",
                "I answer questions about this micrograph.",
            ),
            (
                "Translate this report",
                "I answer questions about this micrograph.",
            ),
            ("asdf", "not understood; ask again"),
            ("", "not understood; ask again"),
            (" \u{202e}\u{7}\n ", "not understood; ask again"),
            ("Price per gram?", "not in an image"),
            ("Is it toxic?", "need testing"),
            ("Which element is it?", "EDS"),
            ("What's the band gap?", "optical or electrical"),
            ("Anatase or rutile?", "XRD or Raman"),
            ("Tube chirality?", "electron diffraction"),
            ("BET area?", "gas sorption"),
            ("Ra in nm?", "AFM"),
            ("Who prepared it?", "not in the image"),
            ("Will it fail in use?", "no prediction"),
            ("Better than yesterday's?", "open both"),
            ("Same batch as mine?", "cannot be decided"),
            ("Recipe to make it?", "cannot be derived"),
            ("What is behind that grain?", "does not reach the detector"),
        ] {
            check_declined(text, told);
        }
    }

    #[test]
    fn a_covered_question_keeps_its_key_though_the_number_cannot_be_known() {
        check("Film thickness? (top view)", &[Key::SizeRange]);
        check("Just guess the size", &[Key::SizeRange]);
    }

    #[test]
    fn two_topics_give_two_keys_in_the_order_asked() {
        check(
            "how big are they and are they touching?",
            &[Key::SizeRange, Key::InteractionsTouching],
        );
        check(
            "Any cracks? Also, SEM or TEM?",
            &[Key::SurfaceImperfections, Key::TechniqueMethod],
        );
        check(
            "are they uniform in size and shape",
            &[Key::MorphologyConsistency],
        );
    }

    #[test]
    fn a_bare_follow_up_inherits_the_key_before() {
        for text in [
            "in nm?",
            "in µm",
            "why?",
            "are you sure?",
            "tell me more",
            "and the smaller ones?",
        ] {
            let reading = read(text, Some(Key::SurfaceTexture));
            assert_eq!(reading, Reading::Keys(vec![Key::SurfaceTexture]), "{text}");
            check_declined(text, "ask a whole question");
        }
        let reading = read("and are there cracks?", Some(Key::SizeRange));
        assert_eq!(reading, Reading::Keys(vec![Key::SurfaceImperfections]));
        assert!(matches!(
            read("Is it toxic?", Some(Key::SizeRange)),
            Reading::Declined(_)
        ));
    }

    #[test]
    fn single_typos_are_forgiven() {
        check("agregation?", &[Key::SizeAggregation]);
        check("diamter", &[Key::SizeRange]);
        check("surface textrue", &[Key::SurfaceTexture]);
        check("any defetcs", &[Key::SurfaceImperfections]);
        check_declined("is it toxix", "need testing");
    }

    #[test]
    fn hostile_text_is_bounded() {
        check_declined(&"how big ".repeat(200_000), "too long");
        check_declined(&"x".repeat(1_000_000), "too long");
        check("how\u{202e} big\u{0} are\u{200b} they", &[Key::SizeRange]);
        check_declined(&"?".repeat(900), "not understood");
        let _ = read(&"how what is the _ ".repeat(55), None);
    }
}
