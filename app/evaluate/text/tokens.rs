//! How texts are cut into words: at white space for BLEU and METEOR, into runs of letters and
//! digits for ROUGE.

/// The words between white space, punctuation and case as they are.
pub fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Lower case first, then every run of ASCII letters and digits: `Rod-like` is `rod`, `like`.
pub fn alphanumeric(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_after_lower_casing() {
        assert_eq!(
            alphanumeric("Rod-like, 2.5 µm \u{212a}elvin"),
            ["rod", "like", "2", "5", "m", "kelvin"]
        );
        assert!(alphanumeric(" .,µ").is_empty());
        assert_eq!(
            words(" Rod-like,\n2.5\u{a0}µm "),
            ["Rod-like,", "2.5", "µm"]
        );
    }
}
