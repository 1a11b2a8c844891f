//! What a line says, if it is a length and nothing else.
//!
//! Adds up the ways in which the reader's odds spell each number with a unit. A line that may
//! well be something else, or another length, has no label. Called by `mod`.

use super::reader::Odds;
use std::collections::HashMap;

/// The least part of all readings that must agree on the length.
pub const SURE: f64 = 0.55;
/// The next length may be at most this likely, beside the best.
const RIVAL: f64 = 0.12;
/// Beginnings of a label that are followed at a time.
const BEAM: usize = 24;
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
    let mut beam: Vec<(String, Way)> = vec![(
        String::new(),
        Way {
            letter: 0.0,
            none: 1.0,
        },
    )];
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
        beam = advance(&beam, &here, f64::from(*none));
    }
    decide(beam)
}

/// Signs that look alike count as the one that a label has.
fn folded(letter: char) -> char {
    match letter {
        'O' | 'o' => '0',
        'l' | 'I' => '1',
        other => other,
    }
}

fn advance(beam: &[(String, Way)], here: &[(char, f64)], none: f64) -> Vec<(String, Way)> {
    let mut next: HashMap<String, Way> = HashMap::with_capacity(beam.len() * 4);
    for (prefix, way) in beam {
        let both = way.letter + way.none;
        let last = prefix.chars().next_back();
        let stays = next.entry(prefix.clone()).or_default();
        stays.none += both * none;
        for (letter, odds) in here.iter().filter(|(_, odds)| *odds > 1e-5) {
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
            if from > 0.0 && may_begin(&longer) {
                next.entry(longer).or_default().letter += from * odds;
            }
        }
    }
    let mut beam: Vec<(String, Way)> = next.into_iter().collect();
    let total = |way: &Way| way.letter + way.none;
    // The text decides between equals, so that the order never depends on the hash map.
    beam.sort_unstable_by(|a, b| total(&b.1).total_cmp(&total(&a.1)).then(a.0.cmp(&b.0)));
    beam.truncate(BEAM);
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

fn decide(beam: Vec<(String, Way)>) -> Option<Label> {
    let mut lengths: Vec<Label> = Vec::new();
    for (text, way) in beam {
        let Some((nm, text)) = length(&text) else {
            continue;
        };
        let sure = way.letter + way.none;
        match lengths
            .iter_mut()
            .find(|known| (known.nm / nm - 1.0).abs() < 1e-9)
        {
            Some(known) => known.sure += sure,
            None => lengths.push(Label { text, nm, sure }),
        }
    }
    lengths.sort_by(|a, b| b.sure.total_cmp(&a.sure));
    let next = lengths.get(1).map_or(0.0, |rival| rival.sure);
    let best = lengths.into_iter().next()?;
    (best.sure >= SURE && next <= RIVAL * best.sure).then_some(best)
}
