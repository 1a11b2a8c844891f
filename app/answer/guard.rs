//! What a model may not say by itself: numbers, counts in words, and praise that nothing
//! measures.
//!
//! Looks at one sentence without its slots. Changes nothing; `fill.rs` leaves out what is
//! refused here.

/// Counts and shares in words, from two up. "One" and "a" may stay, and so may "second", which
/// is mostly no number.
const NUMBER_WORDS: [&str; 51] = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "billions",
    "dozen",
    "dozens",
    "half",
    "halves",
    "third",
    "thirds",
    "quarter",
    "quarters",
    "pair",
    "pairs",
    "couple",
    "twice",
    "thrice",
    "double",
    "triple",
    "quadruple",
    "tens",
];

/// Words that no measurement backs.
const UNBACKED: [&str; 8] = [
    "perfect",
    "perfectly",
    "flawless",
    "excellent",
    "ideal",
    "uniform",
    "uniformly",
    "defect-free",
];

/// Dimensions, which are no counts.
const DIMENSIONS: [&str; 4] = ["0d", "1d", "2d", "3d"];

/// Why a sentence may not be shown, as a sentence; none where it may.
pub(super) fn refusal(plain: &str) -> Option<String> {
    let words = || plain.split(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)));
    if let Some(word) = words().find(|word| is_number(word)) {
        return Some(format!(
            "A sentence was left out: its number, {}, was not measured.",
            word.trim_matches(['.', '-', '_'])
        ));
    }
    let lower = |word: &str| word.trim_matches(['.', '-', '_']).to_lowercase();
    let unbacked = words()
        .map(lower)
        .find(|word| UNBACKED.contains(&word.as_str()));
    unbacked.map(|word| {
        format!("A sentence was left out: nothing measured backs \u{201c}{word}\u{201d}.")
    })
}

/// Whether a word is, or holds, a number: digits but for those of 2D and of formulae, and the
/// words above, in compounds such as "twenty-two" as well.
fn is_number(word: &str) -> bool {
    let word = word.trim_matches(['.', '-', '_']);
    if word.chars().any(char::is_numeric) {
        return !(DIMENSIONS.contains(&word.to_lowercase().as_str()) || is_formula(word));
    }
    word.split('-')
        .any(|part| NUMBER_WORDS.contains(&part.to_lowercase().as_str()))
}

/// Whether a word is read as a formula or a name: a capital first, and each digit behind a
/// letter or another digit, as in Fe3O4 or SE2.
fn is_formula(word: &str) -> bool {
    let starts = word.starts_with(|c: char| c.is_ascii_uppercase());
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric());
    starts && plain && word.len() <= 12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_models_own_are_refused() {
        for text in [
            "The wires are 40 nm wide.",
            "About 3.5 µm across.",
            "Two layers are seen.",
            "Some twenty-two cells lie apart.",
            "Dozens of grains touch.",
            "Half of the field is covered.",
            "The area is 4 µm².",
            "It covers ½ of the view.",
            "They are 12nm thick.",
            "A ratio of 1:3 is seen.",
        ] {
            assert!(refusal(text).is_some(), "{text}");
        }
    }

    #[test]
    fn formulae_dimensions_and_a_single_one_may_stay() {
        for text in [
            "A 2D sheet or a 3D network.",
            "Such particles are often Fe3O4 or TiO2.",
            "One needle tapers to a point.",
            "A second layer lies below.",
            "The SE2 detector shows relief.",
            "Threads leave the tenuous web.",
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    #[test]
    fn praise_is_refused() {
        assert!(refusal("A perfect, defect-free film.").is_some());
        assert!(refusal("The coating is uniform.").is_some());
        assert_eq!(refusal("No defects are seen in this field."), None);
    }
}
