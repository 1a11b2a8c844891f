//! Learning word pieces: byte-pair merges (Sennrich et al. 2016) over whole words, most
//! frequent pair first, ties broken by the alphabet. Called by `tokenizer` alone.

use std::collections::{BTreeMap, HashSet};

/// At most `most` pieces of `words` (with their counts): all letters, then the merges.
/// A piece that continues a word begins with "##".
pub(crate) fn learn(words: &BTreeMap<String, usize>, most: usize) -> Vec<String> {
    let mut spelled: Vec<(Vec<String>, usize)> =
        words.iter().map(|(word, n)| (letters(word), *n)).collect();
    let mut pieces: Vec<String> = spelled
        .iter()
        .flat_map(|(pieces, _)| pieces.clone())
        .collect();
    pieces.sort();
    pieces.dedup();
    pieces.truncate(most);
    let mut known: HashSet<String> = pieces.iter().cloned().collect();
    while pieces.len() < most {
        let Some((left, right)) = most_frequent_pair(&spelled) else {
            break;
        };
        let merged = format!("{left}{}", right.trim_start_matches("##"));
        for (word, _) in &mut spelled {
            merge(word, &left, &right, &merged);
        }
        // The same piece can come from two pairs, as "abc" from "a ##bc" and from "ab ##c".
        if known.insert(merged.clone()) {
            pieces.push(merged);
        }
    }
    pieces
}

fn letters(word: &str) -> Vec<String> {
    let piece = |(i, letter): (usize, char)| {
        if i == 0 {
            letter.to_string()
        } else {
            format!("##{letter}")
        }
    };
    word.chars().enumerate().map(piece).collect()
}

/// A pair that stands only once in the corpus is not worth a piece.
fn most_frequent_pair(words: &[(Vec<String>, usize)]) -> Option<(String, String)> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (word, n) in words {
        for pair in word.windows(2) {
            *counts.entry((&pair[0], &pair[1])).or_insert(0) += n;
        }
    }
    let better =
        |a: &((&str, &str), usize), b: &((&str, &str), usize)| a.1.cmp(&b.1).then(b.0.cmp(&a.0));
    let (pair, n) = counts.into_iter().max_by(better)?;
    (n > 1).then(|| (pair.0.to_owned(), pair.1.to_owned()))
}

fn merge(word: &mut Vec<String>, left: &str, right: &str, merged: &str) {
    let mut i = 0;
    while i + 1 < word.len() {
        if word[i] == left && word[i + 1] == right {
            merged.clone_into(&mut word[i]);
            word.remove(i + 1);
        }
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_pairs_become_pieces_first() {
        let words = BTreeMap::from([
            ("aab".to_owned(), 3),
            ("ab".to_owned(), 1),
            ("c".to_owned(), 9),
        ]);
        assert_eq!(learn(&words, 99), ["##a", "##b", "a", "c", "##ab", "aab"]);
        assert_eq!(learn(&words, 5).len(), 5);
    }
}
