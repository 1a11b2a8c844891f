//! The confidence of answers: how often answers that are said to be true with a probability are,
//! on simulated micrographs that nothing was learned from.
//!
//! A sentence is true where the truth of the scene is told in it by some seed; an answer is where
//! all its sentences are. `ASKEM_CALIBRATE=N` looks at N images of each category, fits the
//! factory model's confidence anew on half of them and prints it with the reliability on the
//! other half; `ASKEM_PLOT=FILE` draws that as SVG.

use askem::narrate;
use askem::questions::{Category, Key};
use askem::simulate::scene;
use askem_model::confidence::{Confidence, features};
use askem_model::{Assistant, GreyView, ModelFiles, choose_device};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

/// Seeds that a truth is told with.
const TELLINGS: u64 = 60;
/// The longest answer, in tokens, as the program has it.
const MOST_TOKENS: usize = 96;
/// Bins of the reliability.
const BINS: usize = 10;

/// An answer as it was judged.
struct Judged {
    key: Key,
    words: f32,
    fit: f32,
    is_true: bool,
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(". ")
        .map(str::trim)
        .filter(|one| !one.is_empty())
}

/// Every question about a simulated image, half of them with its category named.
fn judged(assistant: &Assistant, category: Category, seed: u64) -> Vec<Judged> {
    let made = scene(category, seed, 384);
    let mut told: BTreeMap<Key, HashSet<String>> = BTreeMap::new();
    for telling in 0..TELLINGS {
        for (key, text) in narrate::answers(&made.truth, seed + 1000 * telling) {
            let known = told.entry(key).or_default();
            known.extend(sentences(&text).map(str::to_owned));
        }
    }
    // Shown to the model as the program shows it: without the strip below the specimen.
    let rows = made.truth.strip.map_or(made.height, |(from, _)| from) as usize;
    let width = made.width as usize;
    let memory = assistant
        .encode_image(GreyView {
            grey: &made.grey[..rows * width],
            width,
            height: rows,
        })
        .unwrap();
    let ask = |key: Key| {
        let caption = match (seed + key as u64) % 2 {
            0 => format!("{} ", category.caption()),
            _ => String::new(),
        };
        let prompt = format!("{caption}{}", key.wording());
        let written = assistant
            .answer(&memory, &prompt, MOST_TOKENS, &mut |_| true)
            .unwrap();
        let statement = format!("{caption}{}", written.text);
        Judged {
            key,
            words: written.confidence,
            fit: assistant.match_score(&memory, &statement).unwrap(),
            is_true: sentences(&written.text).all(|one| told[&key].contains(one)),
        }
    };
    Key::ALL.into_iter().map(ask).collect()
}

/// Fits the function by gradient descent on the logistic loss, with a weak pull to nought.
fn fit(judged: &[Judged]) -> Confidence {
    let (steps, rate, pull) = (8000, 0.1, 1e-3f64);
    let mut weights = vec![0.0f64; 3 + Key::ALL.len()];
    let row = |one: &Judged| {
        let [words, fit] = features(one.words, one.fit).map(f64::from);
        (words, fit, 3 + one.key as usize)
    };
    for _ in 0..steps {
        let mut slope: Vec<f64> = weights.iter().map(|weight| pull * weight).collect();
        for one in judged {
            let (words, fit, key) = row(one);
            let logit = weights[0] + weights[1] * words + weights[2] * fit + weights[key];
            let off = 1.0 / (1.0 + (-logit).exp()) - f64::from(u8::from(one.is_true));
            let off = off / judged.len() as f64;
            slope[0] += off;
            slope[1] += off * words;
            slope[2] += off * fit;
            slope[key] += off * 1.0;
        }
        for (weight, slope) in weights.iter_mut().zip(slope) {
            *weight -= rate * slope;
        }
    }
    let rounded = |weight: f64| ((weight * 1e3).round() / 1e3) as f32;
    let questions = Key::ALL
        .into_iter()
        .map(|key| (key.wording().to_owned(), rounded(weights[3 + key as usize])));
    Confidence {
        base: rounded(weights[0]),
        words: rounded(weights[1]),
        fit: rounded(weights[2]),
        questions: questions.collect(),
    }
}

/// Of each bin: answers, mean confidence, share that is true.
fn reliability(fitted: &Confidence, judged: &[Judged]) -> Vec<(usize, f64, f64)> {
    let mut bins = vec![(0, 0.0, 0.0); BINS];
    for one in judged {
        let said = f64::from(fitted.of(one.key.wording(), one.words, one.fit));
        let bin = &mut bins[((said * BINS as f64) as usize).min(BINS - 1)];
        *bin = (
            bin.0 + 1,
            bin.1 + said,
            bin.2 + f64::from(u8::from(one.is_true)),
        );
    }
    let mean = |(n, said, truth): (usize, f64, f64)| {
        let all = n.max(1) as f64;
        (n, said / all, truth / all)
    };
    bins.into_iter().map(mean).collect()
}

/// The mean distance of confidence and truth over the bins, weighted by their answers.
fn calibration_error(bins: &[(usize, f64, f64)]) -> f64 {
    let all: usize = bins.iter().map(|bin| bin.0).sum();
    let off = bins
        .iter()
        .map(|(n, said, truth)| *n as f64 * (said - truth).abs());
    off.sum::<f64>() / all.max(1) as f64
}

fn plot(bins: &[(usize, f64, f64)]) -> String {
    let all: usize = bins.iter().map(|bin| bin.0).sum();
    let (x, y) = (
        |said: f64| 60.0 + 320.0 * said,
        |truth: f64| 350.0 - 320.0 * truth,
    );
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"410\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"400\" height=\"410\" fill=\"white\"/>\n\
         <path d=\"M60 30V350H380M60 350L380 30\" fill=\"none\" stroke=\"#999\"/>\n",
    );
    for tick in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"367\" text-anchor=\"middle\">{tick}</text><text x=\"52\" y=\"{:.0}\" text-anchor=\"end\">{tick}</text>",
            x(tick),
            y(tick) + 4.0
        );
    }
    for (n, said, truth) in bins.iter().filter(|bin| bin.0 > 0) {
        let radius = 3.0 + 14.0 * (*n as f64 / all as f64).sqrt();
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\" fill=\"#3b6fb5\" fill-opacity=\"0.6\"><title>{n} answers: confidence {said:.2}, true {truth:.2}</title></circle>",
            x(*said),
            y(*truth)
        );
    }
    svg.push_str(
        "<text x=\"220\" y=\"395\" text-anchor=\"middle\">confidence</text>\n\
         <text x=\"16\" y=\"190\" text-anchor=\"middle\" transform=\"rotate(-90 16 190)\">share of answers that are true</text>\n</svg>\n",
    );
    svg
}

#[test]
fn confidence_says_how_often_answers_are_true() {
    let each: u64 = std::env::var("ASKEM_CALIBRATE").map_or(2, |text| text.parse().unwrap());
    let is_fitting = std::env::var_os("ASKEM_CALIBRATE").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/factory");
    let files = ModelFiles::read(&folder).unwrap();
    let assistant = Assistant::load(&files, &choose_device("cpu").unwrap()).unwrap();
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    for category in Category::ALL {
        for place in 0..each {
            let seed = 70_000 + place + 100 * category as u64 * each;
            let to = if place % 2 == 0 { &mut even } else { &mut odd };
            to.extend(judged(&assistant, category, seed));
        }
    }
    let fitted = if is_fitting {
        let fitted = fit(&even);
        println!("{}", serde_json::to_string_pretty(&fitted).unwrap());
        fitted
    } else {
        odd.append(&mut even);
        assistant.config().confidence.clone().expect("calibrated")
    };
    let bins = reliability(&fitted, &odd);
    println!("answers  confidence  true");
    for (n, said, truth) in &bins {
        println!("{n:7}  {said:10.2}  {truth:.2}");
    }
    let truth = odd.iter().filter(|one| one.is_true).count() as f64 / odd.len() as f64;
    let error = calibration_error(&bins);
    println!(
        "{} answers, {truth:.2} of them true; calibration error {error:.3}",
        odd.len()
    );
    if let Some(file) = std::env::var_os("ASKEM_PLOT") {
        std::fs::write(file, plot(&bins)).unwrap();
    }
    assert!(error <= if is_fitting { 0.08 } else { 0.15 }, "{error}");
}
