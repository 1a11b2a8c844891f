//! Typed text becomes plain words: lower case, no hidden characters, one spelling for `µ`.
//!
//! Knows no meaning. Called by `typed` and, for the tables, by `lexicon`.

use std::collections::HashSet;

/// A mark that ends a clause, kept among the words.
pub(super) const STOP: &str = ";";

/// Words that join clauses; each side may ask something of its own.
pub(super) const JOINS: [&str; 5] = ["also", "and", "but", "plus", "then"];

/// The words of a text in order, with [`STOP`] where a punctuation mark ends a clause.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().flat_map(char::to_lowercase).peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        match c {
            'µ' | 'μ' => plain.push('u'),
            '\'' | '’' | '`' => plain.push('\''),
            // a decimal point or comma ends nothing
            '.' | ','
                if before.is_ascii_digit() && rest.peek().is_some_and(char::is_ascii_digit) =>
            {
                plain.push('_')
            }
            // nor does the point of a key's name
            '.' if before.is_alphanumeric() && rest.peek().is_some_and(|c| c.is_alphanumeric()) => {
                plain.push(' ')
            }
            '.' | ',' | ';' | ':' | '?' | '!' | '(' | ')' | '\n' => plain.push_str(" ; "),
            c if is_hidden(c) => {}
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
        before = c;
    }
    plain
        .split_whitespace()
        .flat_map(expand)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Words written like names: one capital, not where a sentence begins. None where half of the words are.
pub(super) fn names(text: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    let (mut begins, mut all) = (true, 0);
    for written in text.split_whitespace() {
        let word = written.trim_matches(|c: char| !c.is_alphanumeric());
        let mut letters = word.chars();
        let capital = letters.next().is_some_and(char::is_uppercase);
        if capital && !begins && word.len() >= 3 && letters.all(char::is_lowercase) {
            names.insert(word.to_lowercase());
        }
        begins = written.ends_with(['.', '?', '!', ':', ';']);
        all += 1;
    }
    if names.len() * 2 >= all {
        HashSet::new()
    } else {
        names
    }
}

/// Characters that show nothing or turn the direction of writing.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// "what's" is two words, "yesterday's" and "isn't" are one; "isnt" stands for the latter.
fn expand(word: &str) -> Vec<String> {
    let Some((head, tail)) = word.split_once('\'') else {
        return match word {
            "whats" | "wheres" | "hows" | "whos" | "thats" => {
                vec![word[..word.len() - 1].into(), "is".into()]
            }
            _ => vec![word.into()],
        };
    };
    match (head, tail) {
        ("what" | "where" | "how" | "who" | "that" | "it" | "there" | "which" | "here", "s") => {
            vec![head.into(), "is".into()]
        }
        (_, "re") => vec![head.into(), "are".into()],
        (_, "s" | "") => vec![head.into()],
        ("", _) => vec![tail.replace('\'', "")],
        _ => vec![word.replace('\'', "")],
    }
}

/// Whether one slip makes `a` of `b`: a letter left out, added or changed, or two neighbours
/// exchanged.
pub(super) fn within_one_slip(a: &[char], b: &[char]) -> bool {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    match (a, b) {
        ([], []) => true,
        ([x0, x1, x @ ..], [y0, y1, y @ ..]) if x0 == y1 && x1 == y0 && x == y => true,
        ([_, x @ ..], [_, y @ ..]) if x == y => true,
        ([_, x @ ..], _) if x == b => true,
        (_, [_, y @ ..]) if a == y => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_plain_words() {
        assert_eq!(
            words("What’s the FIELD?"),
            ["what", "is", "the", "field", ";"]
        );
        assert_eq!(words("2.5 µm, 3,000 μm"), ["2_5", "um", ";", "3_000", "um"]);
        assert_eq!(
            words("core-shell size.range"),
            ["core", "shell", "size", "range"]
        );
        assert_eq!(words("a\u{202e}b\u{0}c d\u{feff}"), ["abc", "d"]);
        assert_eq!(
            words("yesterday's isn't they're"),
            ["yesterday", "isnt", "they", "are"]
        );
        assert!(words(" \t'").is_empty());
    }

    #[test]
    fn names_are_seen_by_their_capital() {
        let check = |text: &str, expected: &[&str]| {
            let expected: HashSet<_> = expected.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(names(text), expected, "{text}");
        };
        check("How tall is the Eiffel tower? Tall.", &["eiffel"]);
        check("is SiO2 on TiN? SEM or FIB", &[]);
        check("What Is The Scale", &[]);
        check("WHAT IS THIS", &[]);
    }

    #[test]
    fn one_slip_is_seen_and_two_are_not() {
        let check = |a: &str, b: &str| {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            let forth = within_one_slip(&letters(a), &letters(b));
            assert_eq!(forth, within_one_slip(&letters(b), &letters(a)), "{a} {b}");
            forth
        };
        for typo in [
            "textur", "ttexture", "texturr", "etxture", "textuer", "texture",
        ] {
            assert!(check(typo, "texture"), "{typo}");
        }
        for other in ["textu", "etxtuer", "mixture", "", "t"] {
            assert!(!check(other, "texture"), "{other}");
        }
    }
}
