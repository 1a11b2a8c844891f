//! What a line says, if it is a length and nothing else.
//!
//! Adds up the ways in which the reader's odds spell each number with a unit. A line that may
//! well be something else, or another length, has no label. Called by `mod`.

use super::reader::Odds;
use std::collections::HashMap;

/// The least part of all readings that must agree on the length. The network's places do not
/// know of each other, so that even a clear label has rarely more than 0.8.
const SURE: f64 = 0.4;
/// The likeliest other reading, a length or not, may be at most this likely beside the best.
const RIVAL: f64 = 0.1;
/// Beginnings of a label that are followed at a time, and of any text.
const BEAM: usize = 24;
const FREE_BEAM: usize = 16;
/// Units and their lengths in nanometres.
const UNITS: [(&str, f64); 5] = [
    ("nm", 1.0),
    ("µm", 1e3),
    ("um", 1e3),
    ("mm", 1e6),
    ("Å", 0.1),
];

/// A length that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Number, space and unit; a micro sign also where "u" is printed.
    pub text: String,
    /// The length in nanometres.
    pub nm: f64,
    /// The part of all readings that say so, 0 to 1.
    pub sure: f64,
}

/// How likely a beginning is, ending in a letter or in none.
#[derive(Clone, Copy, Default)]
struct Way {
    letter: f64,
    none: f64,
}

/// The label that a line spells.
pub fn label(letters: &[char], odds: &Odds) -> Option<Label> {
    let start = Way {
        letter: 0.0,
        none: 1.0,
    };
    let mut labels = vec![(String::new(), start)];
    let mut texts = labels.clone();
    for place in odds.places() {
        let (none, place) = place.split_last()?;
        let mut here: Vec<(char, f64)> = Vec::with_capacity(letters.len());
        for (letter, odds) in letters.iter().zip(place) {
            let letter = folded(*letter);
            match here.iter_mut().find(|known| known.0 == letter) {
                Some(known) => known.1 += f64::from(*odds),
                None => here.push((letter, f64::from(*odds))),
            }
        }
        here.retain(|(_, odds)| *odds > 1e-4);
        labels = advance(&labels, &here, f64::from(*none), (BEAM, may_begin));
        texts = advance(&texts, &here, f64::from(*none), (FREE_BEAM, |_| true));
    }
    decide(labels, &texts)
}

/// Signs that look alike count as the one that a label has.
fn folded(letter: char) -> char {
    match letter {
        'O' | 'o' => '0',
        'l' | 'I' => '1',
        other => other,
    }
}

/// Goes on by one place with the beginnings that `may_be`, at most `most` of them.
fn advance(
    beam: &[(String, Way)],
    here: &[(char, f64)],
    none: f64,
    (most, may_be): (usize, fn(&str) -> bool),
) -> Vec<(String, Way)> {
    let mut next: HashMap<String, Way> = HashMap::with_capacity(beam.len() * 4);
    for (prefix, way) in beam {
        let both = way.letter + way.none;
        let last = prefix.chars().next_back();
        let stays = next.entry(prefix.clone()).or_default();
        stays.none += both * none;
        for (letter, odds) in here {
            if Some(*letter) == last {
                next.entry(prefix.clone()).or_default().letter += way.letter * odds;
            }
            let from = if Some(*letter) == last {
                way.none
            } else {
                both
            };
            let mut longer = prefix.clone();
            longer.push(*letter);
            if from > 0.0 && may_be(&longer) {
                next.entry(longer).or_default().letter += from * odds;
            }
        }
    }
    let mut beam: Vec<(String, Way)> = next.into_iter().collect();
    let total = |way: &Way| way.letter + way.none;
    // The text decides between equals, so that the order never depends on the hash map.
    beam.sort_unstable_by(|a, b| total(&b.1).total_cmp(&total(&a.1)).then(a.0.cmp(&b.0)));
    beam.truncate(most);
    beam
}

/// Number and unit of a text as far as it goes: digits, mark and decimals, then the unit.
fn parts(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Whether a label may begin like this.
fn may_begin(text: &str) -> bool {
    let (number, rest) = parts(text);
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let is_number = !whole.is_empty()
        && whole.len() <= 4
        && decimals.len() <= 3
        && decimals.chars().all(|c| c.is_ascii_digit())
        && (whole == "0" || !whole.starts_with('0'))
        && (rest.is_empty() || !number.ends_with(['.', ',']));
    if !is_number || (whole == "0" && decimals.is_empty() && !rest.is_empty()) {
        return false;
    }
    let unit = rest.strip_prefix(' ').unwrap_or(rest);
    UNITS.iter().any(|(name, _)| {
        name.starts_with(unit)
            || unit
                .strip_prefix(name)
                .is_some_and(|star| star.is_empty() || star == "*" || star == " " || star == " *")
    })
}

/// The length of a whole label, in nanometres, and how it is written.
fn length(text: &str) -> Option<(f64, String)> {
    let (number, rest) = parts(text);
    let unit = rest.trim_matches(|c| c == ' ' || c == '*');
    let (name, nm) = UNITS.iter().find(|(name, _)| *name == unit)?;
    // "2,000" may be two or two thousand.
    if number
        .split_once(',')
        .is_some_and(|(_, decimals)| decimals.len() == 3)
    {
        return None;
    }
    let number = number.replace(',', ".");
    let value: f64 = number.parse().ok()?;
    let name = if *name == "um" { "µm" } else { name };
    (value > 0.0 && is_round(&number)).then(|| (value * nm, format!("{number} {name}")))
}

/// Whether a number is as round as those beside scale bars: two digits that count, or three
/// that end in 5.
fn is_round(number: &str) -> bool {
    let digits = number.replace('.', "");
    let counting = digits.trim_matches('0');
    counting.len() <= 2 || (counting.len() == 3 && counting.ends_with('5'))
}

/// The likeliest length, if no other text is nearly as likely.
fn decide(labels: Vec<(String, Way)>, texts: &[(String, Way)]) -> Option<Label> {
    let mut lengths: Vec<Label> = Vec::new();
    for (text, way) in labels {
        let Some((nm, text)) = length(&text) else {
            continue;
        };
        let sure = way.letter + way.none;
        match lengths.iter_mut().find(|known| is_same(known.nm, nm)) {
            Some(known) => known.sure += sure,
            None => lengths.push(Label { text, nm, sure }),
        }
    }
    lengths.sort_by(|a, b| b.sure.total_cmp(&a.sure));
    let next = lengths.get(1).map_or(0.0, |rival| rival.sure);
    let best = lengths.into_iter().next()?;
    let differs = |text: &str| length(text.trim()).is_none_or(|(nm, _)| !is_same(nm, best.nm));
    let other = texts
        .iter()
        .filter(|(text, _)| differs(text) && !is_torn(text));
    let rival = other
        .map(|(_, way)| way.letter + way.none)
        .fold(next, f64::max);
    (best.sure >= SURE && rival <= RIVAL * best.sure).then_some(best)
}

/// Whether a text is a number with a part of a unit: the narrow letters of "nm" and "µm" are
/// the first that the network leaves out, and nobody writes that beside a bar.
fn is_torn(text: &str) -> bool {
    matches!(parts(text).1.trim(), "m" | "n" | "µ" | "u")
}

fn is_same(a_nm: f64, b_nm: f64) -> bool {
    (a_nm / b_nm - 1.0).abs() < 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters() -> Vec<char> {
        "0123456789.,*= µÅmnuWDOl".chars().collect()
    }

    fn read(text: &str) -> Option<(String, f64)> {
        let letters = letters();
        label(&letters, &Odds::spelling(&letters, text)).map(|label| (label.text, label.nm))
    }

    #[test]
    fn a_length_is_read_in_every_way_it_is_written() {
        let cases = [
            ("50 µm", "50 µm", 5e4),
            ("50um", "50 µm", 5e4),
            ("100 nm*", "100 nm", 100.0),
            ("0.25 mm", "0.25 mm", 2.5e5),
            ("1,5 µm", "1.5 µm", 1500.0),
            ("5.00 µm", "5.00 µm", 5e3),
            ("2 Å", "2 Å", 0.2),
            ("lOO nm", "100 nm", 100.0),
        ];
        for (printed, text, nm) in cases {
            let read = read(printed);
            assert!(
                read.as_ref()
                    .is_some_and(|(t, n)| t == text && (n / nm - 1.0).abs() < 1e-12),
                "{printed} is read as {read:?}"
            );
        }
    }

    #[test]
    fn what_is_no_length_beside_a_bar_is_no_label() {
        for printed in [
            "",
            "50",
            "µm",
            "50 m",
            "0 nm",
            "05 nm",
            "WD = 5 mm",
            "50 µm 5",
            "508 nm",
            "31.7 µm",
            "2,000 nm",
            "1.2.3 nm",
            "5. nm",
            "12345 nm",
        ] {
            assert_eq!(read(printed), None, "{printed:?}");
        }
    }

    #[test]
    fn two_lengths_that_are_as_likely_are_none() {
        let letters = letters();
        let one = Odds::spelling(&letters, "50 nm");
        let both = one.mixed(&Odds::spelling(&letters, "80 nm"));
        assert_eq!(label(&letters, &both), None);
    }
}
