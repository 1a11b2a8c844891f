//! Tests of the canonical answers.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use super::*;
use crate::questions::Category;
use crate::simulate::scene;

const NUMBER_WORDS: [&str; 32] = [
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
    "twenty",
    "thirty",
    "fifty",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "dozen",
    "dozens",
    "half",
    "twice",
    "double",
    "pair",
    "pairs",
    "couple",
    "both",
    "triple",
    "second",
    "third",
    "quarter",
    "million",
];

fn texts(category: Category, seed: u64) -> Vec<(Key, String)> {
    let made = scene(category, seed, 64);
    answers(&made.truth, seed)
}

/// Words that a measurement decides on; they stand in answers as slots alone.
const MEASURED_WORDS: [&str; 19] = [
    "monodisperse",
    "narrow spread",
    "moderate",
    "broad spread",
    "near-round",
    "elongated",
    "sparse",
    "dense",
    "nearly full",
    "mostly separate",
    "partly touching",
    "mostly aggregated",
    "alignment",
    "evenly spaced",
    "sharp",
    "gradual",
    "smooth",
    " rough ",
    "grainy",
];

/// A text without its slots, and the names of these.
fn parted(text: &str) -> (String, Vec<String>) {
    let (mut plain, mut slots, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, behind)) = rest.split_once('{') {
        let (slot, after) = behind.split_once('}').unwrap();
        plain.push_str(before);
        slots.push(slot.to_owned());
        rest = after;
    }
    plain.push_str(rest);
    (plain, slots)
}

#[test]
fn every_key_is_answered_in_order_with_numbers_in_slots_alone() {
    let mut used = HashSet::new();
    for category in Category::ALL {
        for seed in 0..60 {
            let told = texts(category, seed);
            assert!(told.iter().map(|(key, _)| *key).eq(Key::ALL));
            for (key, text) in told {
                let count = text.split_whitespace().count();
                assert!(
                    (3..=64).contains(&count),
                    "{key}: {count} words in {text:?}"
                );
                assert!(
                    text.ends_with('.') && !text.contains("  "),
                    "{key}: {text:?}"
                );
                assert!(
                    text.starts_with(|letter: char| letter.is_uppercase() || letter == '{'),
                    "{key}: {text:?}"
                );
                let (plain, slots) = parted(&text);
                for slot in &slots {
                    assert!(
                        crate::questions::slots::ALL.contains(&slot.as_str()),
                        "{text:?}"
                    );
                }
                used.extend(slots);
                assert!(
                    !plain.contains(|letter: char| letter.is_ascii_digit() || "{}[]".contains(letter)),
                    "{text:?}"
                );
                for word in MEASURED_WORDS {
                    assert!(
                        !plain.to_lowercase().contains(word),
                        "{key}: {word} in {text:?}"
                    );
                }
                let words = plain
                    .split(|letter: char| !letter.is_alphabetic())
                    .map(str::to_lowercase);
                for word in words {
                    assert!(
                        !NUMBER_WORDS.contains(&word.as_str()),
                        "{key}: {word} in {text:?}"
                    );
                }
            }
        }
    }
    assert!(used.len() >= 40, "{used:?}");
}

#[test]
fn the_same_seed_tells_the_same_and_another_varies() {
    let made = scene(Category::Particles, 3, 64);
    assert_eq!(answers(&made.truth, 5), answers(&made.truth, 5));
    let differing = answers(&made.truth, 5)
        .iter()
        .zip(answers(&made.truth, 6))
        .filter(|(a, b)| a.1 != b.1)
        .count();
    assert!(
        differing > 5,
        "{differing} of 22 answers changed their wording"
    );
}

#[test]
fn categories_are_told_apart() {
    for key in [
        Key::BasicsType,
        Key::MorphologyShape,
        Key::FunctionRegions,
        Key::ApplicationUse,
    ] {
        let mut seen: Vec<HashSet<String>> = Vec::new();
        for category in Category::ALL {
            seen.push(
                (0..30)
                    .map(|seed| texts(category, seed).swap_remove(key as usize).1)
                    .collect(),
            );
        }
        for (index, one) in seen.iter().enumerate() {
            for other in &seen[index + 1..] {
                assert!(
                    one.is_disjoint(other),
                    "{key}: {:?}",
                    one.intersection(other).next()
                );
            }
        }
    }
}

#[test]
fn what_is_left_out_of_view_is_not_told() {
    use crate::simulate::truth::Bar;
    for category in [Category::Tips, Category::Powder] {
        let mut made = scene(category, 1, 64);
        made.truth.bar = Bar::None;
        made.truth.callout = false;
        let told = answers(&made.truth, 9);
        for bar in [Bar::White, Bar::Black, Bar::Floating, Bar::Burnt] {
            made.truth.bar = bar;
            made.truth.callout = true;
            assert_eq!(answers(&made.truth, 9), told, "{bar:?}");
        }
    }
}
