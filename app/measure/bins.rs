//! Sizes in classes, for a histogram whose classes begin at round numbers.
//!
//! Draws nothing. Called by `window`.

/// Classes at least and at most.
const CLASSES: (f64, f64) = (8.0, 36.0);

/// How many values lie in each of equally wide classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    /// Where the first class begins.
    pub low: f64,
    /// How wide each is.
    pub width: f64,
    /// Values in each; a value on the border counts in the upper one.
    pub counts: Vec<usize>,
}

impl Bins {
    /// The classes of values, of a width after Freedman and Diaconis, made round: 1, 2 or 5 times
    /// a power of ten. `None` where there is no finite value.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        let wide = 2.0 * (at(0.75) - at(0.25)) / (sorted.len() as f64).cbrt();
        let range = (last - first).max(last.abs() * 1e-3).max(f64::MIN_POSITIVE);
        let width = round(wide.clamp(range / CLASSES.1, range / CLASSES.0));
        let low = (first / width).floor() * width;
        let class = |value: f64| ((value - low) / width).floor().max(0.0) as usize;
        let mut counts = vec![0; class(last) + 1];
        for value in &sorted {
            if let Some(count) = counts.get_mut(class(*value)) {
                *count += 1;
            }
        }
        Some(Self { low, width, counts })
    }

    /// Where the last class ends.
    pub fn high(&self) -> f64 {
        self.low + self.width * self.counts.len() as f64
    }
}

/// The greatest of 1, 2 and 5 times a power of ten that is not above a width.
fn round(width: f64) -> f64 {
    let power = 10f64.powf(width.log10().floor());
    let fits = |step: &&f64| **step * power <= width * (1.0 + 1e-9);
    let step = [5.0, 2.0, 1.0];
    step.iter().find(fits).copied().unwrap_or(1.0) * power
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_one_class_and_classes_are_round() {
        let values: Vec<f64> = (0..200)
            .map(|i| 20.0 + f64::from(i * i % 997) * 0.1)
            .collect();
        let bins = Bins::of(&values).unwrap();
        assert_eq!(bins.counts.iter().sum::<usize>(), 200);
        assert_eq!((bins.low, bins.width), (20.0, 10.0));
        for (class, count) in bins.counts.iter().enumerate() {
            let from = bins.low + bins.width * class as f64;
            let within = values
                .iter()
                .filter(|v| (from..from + bins.width).contains(*v));
            assert_eq!(within.count(), *count);
        }
    }

    #[test]
    fn one_value_and_equal_values_have_a_class_and_none_has_none() {
        for values in [&[31.0][..], &[31.0; 50], &[0.0]] {
            let bins = Bins::of(values).unwrap();
            assert_eq!(bins.counts.iter().sum::<usize>(), values.len());
            assert!(bins.low <= values[0] && values[0] < bins.high());
        }
        assert_eq!(Bins::of(&[f64::NAN]), None);
    }
}
