//! Two texts word by word: what they share in the same order, and what only one has.
//!
//! Words count as the same as ROUGE-L takes them: without case and punctuation. Called by `pages`.

use super::page::Piece;
use super::text::alphanumeric;

/// The pieces of a reference and of an answer; those shared make up a longest common run of words.
pub fn difference(reference: &str, answer: &str) -> [Vec<Piece>; 2] {
    let (left, right) = (pieces(reference), pieces(answer));
    let names = |pieces: &[&str]| -> Vec<String> {
        pieces
            .iter()
            .map(|word| alphanumeric(word).join(" "))
            .collect()
    };
    let (left_names, right_names) = (names(&left), names(&right));
    let mut shared = [vec![false; left.len()], vec![false; right.len()]];
    for (a, b) in common(&left_names, &right_names) {
        shared[0][a] = true;
        shared[1][b] = true;
    }
    [joined(&left, &shared[0]), joined(&right, &shared[1])]
}

/// The words of a text, each with the blanks behind it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut was_blank = false;
    for (place, c) in text.char_indices() {
        if was_blank && !c.is_whitespace() {
            pieces.push(&text[start..place]);
            start = place;
        }
        was_blank = c.is_whitespace();
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

/// The pairs of a longest common subsequence; words without letters and digits match nothing.
fn common(left: &[String], right: &[String]) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    let mut longest = vec![0u32; (left.len() + 1) * width];
    let is_same = |a: usize, b: usize| left[a] == right[b] && !left[a].is_empty();
    for a in (0..left.len()).rev() {
        for b in (0..right.len()).rev() {
            longest[a * width + b] = if is_same(a, b) {
                longest[(a + 1) * width + b + 1] + 1
            } else {
                longest[(a + 1) * width + b].max(longest[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    let mut pairs = Vec::new();
    while a < left.len() && b < right.len() {
        if is_same(a, b) {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if longest[(a + 1) * width + b] >= longest[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

/// Words put together again wherever the mark stays the same.
fn joined(words: &[&str], shared: &[bool]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (word, is_shared) in words.iter().zip(shared) {
        match pieces.last_mut() {
            Some(last) if last.is_shared == *is_shared => last.text.push_str(word),
            _ => pieces.push(Piece {
                text: (*word).to_owned(),
                is_shared: *is_shared,
            }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pieces: &[Piece]) -> String {
        let told = |piece: &Piece| match piece.is_shared {
            true => piece.text.clone(),
            false => format!("[{}]", piece.text),
        };
        pieces.iter().map(told).collect()
    }

    #[test]
    fn what_differs_stands_apart() {
        let [reference, answer] = difference(
            "Round grains, mostly apart; some touch.",
            "round grains mostly touch",
        );
        assert_eq!(
            told(&reference),
            "Round grains, mostly [apart; some ]touch."
        );
        assert_eq!(told(&answer), "round grains mostly touch");
        let [reference, answer] = difference("", "All new – words");
        assert_eq!(
            (told(&reference).as_str(), told(&answer).as_str()),
            ("", "[All new – words]")
        );
    }

    #[test]
    fn the_pieces_together_are_the_text() {
        let (a, b) = ("A  b\nc d ", " x b d");
        let [left, right] = difference(a, b);
        let whole = |pieces: &[Piece]| pieces.iter().map(|p| p.text.as_str()).collect::<String>();
        assert_eq!((whole(&left).as_str(), whole(&right).as_str()), (a, b));
    }
}
