//! Weighs the matches of a typed question, clause by clause: "how big are they and do they touch"
//! asks two things.
//!
//! Reads no tables itself. Called by `typed::read`.

use super::lexicon::{Class, Match, lexicon};
use super::words::{JOINS, STOP};
use crate::questions::Key;
use std::collections::{BTreeMap, HashSet};

/// The vote a clause needs to be read at all.
const NEEDED: f32 = 1.5;
/// The vote a clause needs to be read beside a stronger one.
const NEEDED_BESIDE: f32 = 3.0;
/// What a word in no table takes off the vote: the text may be about something else.
const UNKNOWN_COST: f32 = 2.5;
/// What an unknown name takes off: "How big is Texas?"
const NAME_COST: f32 = 6.0;
/// What further matches of a class add, as a share of their weight.
const FURTHER_SHARE: f32 = 0.25;

/// What a clause was taken for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clause {
    /// The winner, if the vote reaches what is needed.
    pub class: Option<Class>,
    vote: f32,
    /// Whether a single word decided and a joining word stands beside it: "... and shape".
    bare: bool,
}

/// Splits the words into clauses and reads each. `names` are those of the words that are written
/// like names.
pub(super) fn read(words: &[String], names: &HashSet<String>) -> Vec<Clause> {
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
            let within = |m: &&Match| m.words.iter().all(|word| (start..place).contains(word));
            let within: Vec<&Match> = matches.iter().filter(within).collect();
            let cost = words[start..place]
                .iter()
                .map(|word| unknown_cost(word, names))
                .sum();
            clauses.push(read_clause(&within, cost, join_beside));
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

/// What a word in no table takes off the vote.
fn unknown_cost(word: &str, names: &HashSet<String>) -> f32 {
    if word.chars().count() < 2 || lexicon().knows(word) {
        0.0
    } else if names.contains(word) {
        NAME_COST
    } else if lexicon().guesses(word) {
        0.0
    } else {
        UNKNOWN_COST
    }
}

/// Weighs the matches inside a clause.
fn read_clause(matches: &[&Match], cost: f32, join_beside: bool) -> Clause {
    let mut votes: BTreeMap<Class, BTreeMap<&[usize], f32>> = BTreeMap::new();
    for found in matches.iter().filter(|m| m.class != Class::Nothing) {
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
