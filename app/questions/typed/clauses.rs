//! Weighs the matches of a typed question, clause by clause: "how big are they and do they touch"
//! asks two things.
//!
//! Reads no tables itself. Called by `typed::read`.

use super::lexicon::{Class, Match, lexicon};
use super::words::STOP;
use crate::questions::Key;
use std::collections::BTreeMap;

/// The vote a clause needs to be read at all.
const NEEDED: f32 = 1.5;
/// The vote a clause needs to be read beside a stronger one.
const NEEDED_BESIDE: f32 = 3.0;
/// What a word in no table takes off the vote: the text may be about something else.
const UNKNOWN_COST: f32 = 1.0;
/// What further matches of a class add, as a share of their weight.
const FURTHER_SHARE: f32 = 0.5;

/// Words that join clauses; each side may ask something of its own.
const JOINS: [&str; 5] = ["also", "and", "but", "plus", "then"];

/// What a clause was taken for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clause {
    /// The winner, if the vote reaches what is needed.
    pub class: Option<Class>,
    vote: f32,
    /// Whether a single word decided and a joining word stands beside it: "... and shape".
    bare: bool,
}

/// Splits the words into clauses and reads each.
pub(super) fn read(words: &[String]) -> Vec<Clause> {
    let matches = lexicon().matches(words);
    let mut clauses = Vec::new();
    let mut start = 0;
    let mut joined = false;
    for place in 0..=words.len() {
        let cut = cut_at(words, place, &matches);
        if cut == Cut::None {
            continue;
        }
        let join_beside = joined || cut == Cut::Join;
        if start < place {
            clauses.push(read_clause(words, start, place, &matches, join_beside));
        }
        joined = cut == Cut::Join;
        start = place + 1;
    }
    let strongest = clauses.iter().map(|clause| clause.vote).fold(0.0, f32::max);
    clauses.retain(|clause| clause.vote >= NEEDED_BESIDE || clause.vote == strongest);
    clauses
}

/// The keys asked for, in the order asked.
pub(super) fn keys(clauses: &[Clause]) -> Vec<Key> {
    let key_of = |clause: &Clause| match clause.class {
        Some(Class::Key(key)) => Some(key),
        _ => None,
    };
    // "uniform in size and shape" asks about neither the size nor the shape
    let consistency = clauses
        .iter()
        .any(|clause| key_of(clause) == Some(Key::MorphologyConsistency));
    let mut keys = Vec::new();
    for clause in clauses {
        let Some(key) = key_of(clause) else { continue };
        let of_consistency =
            consistency && clause.bare && matches!(key, Key::SizeRange | Key::MorphologyShape);
        if !of_consistency && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    None,
    Join,
    Stop,
}

/// Whether a clause ends before the word at `place`. "touching, or apart" stays in one piece, and
/// so does what a pattern spans.
fn cut_at(words: &[String], place: usize, matches: &[Match]) -> Cut {
    let Some(word) = words.get(place) else {
        return Cut::Stop;
    };
    if word == STOP {
        let goes_on = words.get(place + 1).is_some_and(|next| next == "or");
        return if goes_on { Cut::None } else { Cut::Stop };
    }
    let spans = |m: &Match| {
        m.words.first().is_some_and(|f| *f < place) && m.words.last().is_some_and(|l| *l > place)
    };
    let takes = |m: &Match| m.words.contains(&place) && m.words.len() > 1;
    let join = JOINS.contains(&word.as_str()) && !matches.iter().any(|m| spans(m) || takes(m));
    if join { Cut::Join } else { Cut::None }
}

fn read_clause(
    words: &[String],
    start: usize,
    end: usize,
    matches: &[Match],
    join_beside: bool,
) -> Clause {
    let within = |m: &&Match| m.words.iter().all(|place| (start..end).contains(place));
    let mut votes: BTreeMap<Class, BTreeMap<&[usize], f32>> = BTreeMap::new();
    for found in matches
        .iter()
        .filter(within)
        .filter(|m| m.class != Class::Nothing)
    {
        let weight = votes
            .entry(found.class)
            .or_default()
            .entry(&found.words)
            .or_default();
        *weight = weight.max(found.weight);
    }
    // on a tie the first class wins: reasons to decline stand before keys
    let mut best: Option<(Class, f32)> = None;
    for (class, weights) in &votes {
        let most = weights.values().copied().fold(0.0, f32::max);
        let vote = most + FURTHER_SHARE * (weights.values().sum::<f32>() - most);
        if best.is_none_or(|(_, highest)| vote > highest) {
            best = Some((*class, vote));
        }
    }
    let unknown = |word: &&String| !lexicon().knows(word) && !lexicon().guesses(word);
    let cost = UNKNOWN_COST * words[start..end].iter().filter(unknown).count() as f32;
    let (class, vote) = best.map_or((None, 0.0), |(class, vote)| (Some(class), vote - cost));
    let decided_by = class
        .and_then(|class| votes.get(&class))
        .map_or(0, |w| w.keys().map(|k| k.len()).sum());
    Clause {
        class: class.filter(|_| vote >= NEEDED),
        vote,
        bare: join_beside && decided_by == 1,
    }
}
