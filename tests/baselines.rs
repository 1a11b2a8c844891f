//! The baselines of an evaluation against independent implementations.
//!
//! `fixtures/baselines.json` holds what scikit-learn, SciPy and scikit-image make of two small
//! data sets and of images drawn by a formula; `parity/make_baselines.py` wrote it.

use askem::evaluate::baselines::{
    APPEARANCE, Majority, Neighbours, Probe, Standard, appearance, nearest,
};
use serde_json::Value;

/// Of everything computed in one go.
const EXACT: f64 = 1e-9;
/// Of probabilities that two optimisers came to.
const FITTED: f64 = 1e-6;

fn fixture(part: &str) -> Vec<Value> {
    let every: Value = serde_json::from_str(include_str!("fixtures/baselines.json")).unwrap();
    every[part].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
}

fn table(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    numbers(value).iter().map(|value| *value as usize).collect()
}

fn are_near(name: &str, ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let is_near = (ours - theirs).abs() < tolerance;
        assert!(is_near, "{name} {at}: {ours} for {theirs}");
    }
}

/// A data set of the fixture with its rows scaled.
struct Scaled {
    set: Value,
    rows: Vec<Vec<f64>>,
    queries: Vec<Vec<f64>>,
    classes: Vec<usize>,
}

fn scaled() -> Vec<Scaled> {
    let sets = fixture("datasets").into_iter().map(|set| {
        let rows = table(&set["rows"]);
        let standard = Standard::fit(&rows);
        let all = |rows: &[Vec<f64>]| rows.iter().map(|row| standard.apply(row)).collect();
        Scaled {
            rows: all(&rows),
            queries: all(&table(&set["queries"])),
            classes: indices(&set["classes"]),
            set,
        }
    });
    sets.collect()
}

#[test]
fn columns_are_scaled_as_scikit_learn_scales_them() {
    for Scaled { set, queries, .. } in scaled() {
        for (ours, theirs) in queries.iter().zip(table(&set["standard"])) {
            are_near("standard", ours, &theirs, EXACT);
        }
    }
}

#[test]
fn the_probe_reaches_the_optimum_of_scikit_learn() {
    for one in scaled() {
        let probe = Probe::fit(&one.rows, &one.classes);
        for (query, theirs) in one.queries.iter().zip(table(&one.set["probe"])) {
            are_near("probe", &probe.predict(query), &theirs, FITTED);
        }
    }
}

#[test]
fn the_neighbours_vote_as_those_of_scikit_learn_and_rank_the_rest_by_distance() {
    for one in scaled() {
        let neighbours = Neighbours::fit(&one.rows, &one.classes);
        let votes = table(&one.set["neighbours"]);
        let orders = table(&one.set["classes_by_nearest_row"]);
        for ((query, votes), order) in one.queries.iter().zip(votes).zip(orders) {
            let ours = neighbours.predict(query);
            let voted = |class: usize| votes[class] > 0.0;
            let left: f64 = (0..10)
                .filter(|class| voted(*class))
                .map(|class| ours[class])
                .sum();
            let shares: Vec<f64> = (0..10)
                .map(|class| {
                    if voted(class) {
                        ours[class] / left
                    } else {
                        0.0
                    }
                })
                .collect();
            are_near("votes", &shares, &votes, EXACT);
            let unvoted = order.iter().map(|class| *class as usize);
            let unvoted: Vec<f64> = unvoted.filter(|c| !voted(*c)).map(|c| ours[c]).collect();
            assert!(unvoted.is_sorted_by(|a, b| a > b), "{unvoted:?}");
            assert!(unvoted.iter().all(|share| (0.0..0.01).contains(share)));
            assert!((ours.iter().sum::<f64>() - 1.0).abs() < EXACT);
        }
    }
}

#[test]
fn the_row_of_the_greatest_cosine_is_that_of_scikit_learn() {
    for one in scaled() {
        let expected = indices(&one.set["greatest_cosine"]);
        for (query, expected) in one.queries.iter().zip(expected) {
            let rows = one.rows.iter().map(Vec::as_slice).enumerate();
            assert_eq!(nearest(query, rows), Some(expected));
        }
    }
}

#[test]
fn the_majority_is_counted() {
    for Scaled { classes, .. } in scaled() {
        let shares = Majority::fit(&classes).predict();
        for (class, share) in shares.into_iter().enumerate() {
            let count = classes.iter().filter(|one| **one == class).count();
            assert!((share - count as f64 / classes.len() as f64).abs() < EXACT);
        }
    }
}

/// The image that `drawn` of the script draws.
fn drawn(width: usize, height: usize) -> Vec<u8> {
    let grey = |x: usize, y: usize| {
        let noise = (x * 37 + y * 91 + x * y * 13) % 97;
        (40 + 2 * (x % 50) + noise + (x / 5 + y / 7) % 2 * 31).min(200) as u8
    };
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| grey(x, y)));
    rows.collect()
}

#[test]
fn an_image_looks_as_numpy_scipy_and_scikit_image_see_it() {
    for image in fixture("images") {
        let side = |name: &str| image[name].as_u64().unwrap() as usize;
        let (width, height) = (side("width"), side("height"));
        let ours = appearance(&drawn(width, height), width, height);
        assert_eq!(ours.len(), APPEARANCE);
        are_near("greys", &ours[..12], &numbers(&image["greys"]), EXACT);
        are_near("edges", &ours[12..20], &numbers(&image["edges"]), EXACT);
        are_near("bands", &ours[20..28], &numbers(&image["bands"]), EXACT);
        are_near("patterns", &ours[28..], &numbers(&image["patterns"]), EXACT);
    }
}
