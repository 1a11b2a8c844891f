//! How texts are cut into words: at white space for BLEU and METEOR, into runs of letters and
//! digits for ROUGE; and into sentences.

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

/// The sentences: each ends with `.`, `!` or `?` before white space, or where the text ends.
pub fn sentences(text: &str) -> Vec<&str> {
    let ends = text.char_indices().filter(|(place, c)| {
        let next = text[place + c.len_utf8()..].chars().next();
        matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace)
    });
    let ends: Vec<usize> = ends
        .map(|(place, _)| place + 1)
        .chain([text.len()])
        .collect();
    let starts = [0].into_iter().chain(ends.iter().copied());
    starts
        .zip(&ends)
        .map(|(start, end)| text[start..*end].trim())
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_white_space_follows() {
        let text = " Round grains, {size.median} wide.  They touch! And\n";
        assert_eq!(
            sentences(text),
            ["Round grains, {size.median} wide.", "They touch!", "And"]
        );
        assert!(sentences(" ").is_empty());
    }

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
