//! How far measured numbers are from known ones: sizes and counts of a person or of the simulator.
//!
//! Called by `figures`.

use super::record::{Check, Measured, Record};
use serde::Serialize;

/// What the numbers of one kind are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumberFigures {
    /// Sizes or counts.
    pub of: Measured,
    /// Numbers that are known.
    pub known: usize,
    /// Those of them that the program would not say.
    pub refused: usize,
    /// Median error of the others, as a share of what is known.
    pub median_error: Option<f64>,
    /// Share of the others with an error of at most a fifth.
    pub within_fifth: Option<f64>,
    /// Mean error as a share of what is known, or of three objects where there are fewer.
    pub mean_error: Option<f64>,
    /// Share of those with an uncertainty that lie within it.
    pub within_uncertainty: Option<f64>,
}

impl NumberFigures {
    /// Sizes and counts, where any is known; an image tested in several runs counts once.
    pub fn of(record: &Record) -> Vec<Self> {
        let mut images: Vec<(&str, &[Check])> = record
            .images()
            .map(|(_, image)| (image.hash.as_str(), image.checks.as_slice()))
            .filter(|(_, checks)| !checks.is_empty())
            .collect();
        images.sort_by_key(|(hash, _)| *hash);
        images.dedup_by_key(|(hash, _)| *hash);
        let of = |kind: &Measured| {
            let checks = images.iter().flat_map(|(_, checks)| checks.iter());
            Self::of_kind(*kind, checks.filter(|check| check.of == *kind))
        };
        [Measured::Size, Measured::Count]
            .iter()
            .filter_map(of)
            .collect()
    }

    fn of_kind<'a>(of: Measured, checks: impl Iterator<Item = &'a Check>) -> Option<Self> {
        let checks: Vec<&Check> = checks.collect();
        let errors: Vec<(f64, f64)> = checks
            .iter()
            .filter_map(|check| {
                let off = (check.found? - check.known).abs();
                let unit = if check.known > 0.0 { check.known } else { 1.0 };
                Some((off / unit, off / check.known.max(3.0)))
            })
            .collect();
        let inside: Vec<bool> = checks
            .iter()
            .filter_map(|check| Some((check.found? - check.known).abs() <= check.uncertainty?))
            .collect();
        let mut sorted: Vec<f64> = errors.iter().map(|(error, _)| *error).collect();
        sorted.sort_by(f64::total_cmp);
        let count = errors.len();
        let mean = errors.iter().map(|(_, error)| error).sum::<f64>() / count as f64;
        let is_count = of == Measured::Count;
        (!checks.is_empty()).then(|| Self {
            of,
            known: checks.len(),
            refused: checks.len() - count,
            median_error: median(&sorted),
            within_fifth: share(&sorted, |error| *error <= 0.2),
            mean_error: Some(mean).filter(|_| is_count && count > 0),
            within_uncertainty: share(&inside, |is_inside| *is_inside),
        })
    }
}

fn share<T>(values: &[T], is: impl Fn(&T) -> bool) -> Option<f64> {
    let count = values.iter().filter(|value| is(value)).count();
    (!values.is_empty()).then(|| count as f64 / values.len() as f64)
}

fn median(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        even if even % 2 == 0 => Some(0.5 * (sorted[half - 1] + sorted[half])),
        _ => Some(sorted[half]),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::evaluate::record::{Run, Seen};

    fn check(of: Measured, known: f64, found: Option<f64>, uncertainty: Option<f64>) -> Check {
        Check {
            of,
            known,
            found,
            uncertainty,
        }
    }

    #[test]
    fn what_is_not_said_is_no_error_but_is_told() {
        let image = |hash: &str, checks: &[Check]| Seen {
            hash: hash.into(),
            checks: checks.to_vec(),
            ..Seen::default()
        };
        let images = vec![
            image("a", &[check(Measured::Size, 10.0, Some(11.0), Some(2.0))]),
            image("b", &[check(Measured::Size, 10.0, Some(15.0), Some(2.0))]),
            image("c", &[check(Measured::Size, 10.0, None, None)]),
            image("d", &[check(Measured::Count, 1.0, Some(2.0), None)]),
            image("a", &[check(Measured::Size, 10.0, Some(11.0), Some(2.0))]),
        ];
        let run = Run {
            images,
            ..Run::default()
        };
        let record = Record {
            runs: vec![run],
            ..Record::default()
        };
        let [sizes, counts] = NumberFigures::of(&record).try_into().unwrap();
        assert_eq!((sizes.known, sizes.refused), (3, 1));
        assert!((sizes.median_error.unwrap() - 0.3).abs() < 1e-12);
        assert_eq!(sizes.within_fifth, Some(0.5));
        assert_eq!(sizes.within_uncertainty, Some(0.5));
        assert_eq!(
            (counts.median_error, counts.mean_error),
            (Some(1.0), Some(1.0 / 3.0))
        );
        assert_eq!(counts.within_uncertainty, None);
    }
}
