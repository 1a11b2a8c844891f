//! Power spectra of edges, and what of their variance is noise.
//!
//! Rows are measured one by one, so the noise of single positions is white and shows as a flat
//! floor of the spectrum at high frequencies, over which the roughness falls off as 1/f². The
//! floor times the bandwidth is the variance of the noise. Used by `lines`.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

/// The fewest samples of a sequence for a spectrum.
pub const LEAST_SAMPLES: usize = 64;

/// The mean spectrum of sequences of equal step, one-sided, so that its sum times its step of
/// frequency is the variance. Sequences are cut to the shortest of them and seen through a Hann
/// window. None if one is shorter than [`LEAST_SAMPLES`] or if there is none.
pub fn mean_spectrum(sequences: &[Vec<f64>]) -> Option<Spectrum> {
    let length = sequences.iter().map(Vec::len).min()?;
    if length < LEAST_SAMPLES {
        return None;
    }
    let window: Vec<f64> = (0..length)
        .map(|at| {
            let phase = std::f64::consts::TAU * (at as f64 + 0.5) / length as f64;
            0.5 - 0.5 * phase.cos()
        })
        .collect();
    let weight: f64 = window.iter().map(|value| value * value).sum();
    let fft = FftPlanner::new().plan_fft_forward(length);
    let mut power = vec![0.0; length / 2];
    let mut buffer = vec![Complex::new(0.0, 0.0); length];
    for sequence in sequences {
        let mean = sequence[..length].iter().sum::<f64>() / length as f64;
        for ((slot, value), weight) in buffer.iter_mut().zip(sequence).zip(&window) {
            *slot = Complex::new((value - mean) * weight, 0.0);
        }
        fft.process(&mut buffer);
        for (sum, value) in power.iter_mut().zip(&buffer[1..]) {
            *sum += 2.0 * value.norm_sqr() / (weight * sequences.len() as f64);
        }
    }
    Some(Spectrum {
        power,
        step: 1.0 / length as f64,
    })
}

/// A one-sided spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Power at one step of frequency, at two, and so on, up to half a cycle a sample.
    pub power: Vec<f64>,
    /// Step of frequency, cycles a sample.
    pub step: f64,
}

/// The floor of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// Variance of white noise of that floor.
    pub variance: f64,
    /// True when the upper half of the spectrum is mostly floor.
    pub is_flat: bool,
}

impl Spectrum {
    /// The white floor under a tail that falls as 1/f², fitted to the upper half of the
    /// frequencies.
    pub fn floor(&self) -> Floor {
        let from = self.power.len() / 2;
        let points: Vec<(f64, f64)> = self
            .power
            .iter()
            .enumerate()
            .skip(from)
            .map(|(index, power)| {
                let frequency = (index + 1) as f64 * self.step;
                (1.0 / (frequency * frequency), *power)
            })
            .collect();
        let count = points.len() as f64;
        let mean_power = points.iter().map(|point| point.1).sum::<f64>() / count;
        let mean_tail = points.iter().map(|point| point.0).sum::<f64>() / count;
        let (mut with_power, mut with_self) = (0.0, 0.0);
        for (tail, power) in &points {
            with_power += (tail - mean_tail) * (power - mean_power);
            with_self += (tail - mean_tail).powi(2);
        }
        let slope = (with_power / with_self.max(1e-300)).max(0.0);
        let floor = (mean_power - slope * mean_tail).max(0.0);
        // Noise that neighbouring rows share falls toward the highest frequencies.
        let quarter = points.len() / 2;
        let level = |part: &[(f64, f64)]| {
            part.iter()
                .map(|(tail, power)| power - slope * tail)
                .sum::<f64>()
                / part.len().max(1) as f64
        };
        let (lower, upper) = (level(&points[..quarter]), level(&points[quarter..]));
        let is_level = (lower - upper).abs() < 0.4 * floor;
        Floor {
            variance: 0.5 * floor,
            is_flat: floor > 0.5 * mean_power && is_level,
        }
    }

    /// Variance in all frequencies.
    pub fn variance(&self) -> f64 {
        self.power.iter().sum::<f64>() * self.step
    }
}

/// The lag at which the autocorrelation of sequences falls to 1/e of what it is at the smallest
/// lags, white noise left out; at most a quarter of their length.
pub fn correlation_length(sequences: &[Vec<f64>]) -> f64 {
    let most = sequences.iter().map(|s| s.len() / 4).min().unwrap_or(0);
    let at_lag = |lag: usize| {
        let (mut sum, mut count) = (0.0, 0.0);
        for sequence in sequences {
            let mean = sequence.iter().sum::<f64>() / sequence.len() as f64;
            for (a, b) in sequence.iter().zip(&sequence[lag..]) {
                sum += (a - mean) * (b - mean);
                count += 1.0;
            }
        }
        sum / f64::max(count, 1.0)
    };
    if most < 3 {
        return most as f64;
    }
    // Lag 0 holds the noise; what it would be without is on the line through lags 1 and 2.
    let (one, two) = (at_lag(1), at_lag(2));
    let start = (2.0 * one - two).max(one);
    let mut before = start;
    for lag in 1..most {
        let here = at_lag(lag);
        let target = start / std::f64::consts::E;
        if here <= target {
            let part = (before - target) / (before - here).max(1e-300);
            return (lag as f64 - 1.0 + part.clamp(0.0, 1.0)).max(0.5);
        }
        before = here;
    }
    most as f64
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn white(rng: &mut ChaCha8Rng) -> f64 {
        (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
    }

    /// A first-order autoregressive sequence of variance 1: its correlation falls as exp(-lag / length).
    fn rough(rng: &mut ChaCha8Rng, count: usize, length: f64) -> Vec<f64> {
        let keep = (-1.0 / length).exp();
        let mut value = white(rng);
        (0..count)
            .map(|_| {
                value = keep * value + (1.0 - keep * keep).sqrt() * white(rng);
                value
            })
            .collect()
    }

    #[test]
    fn the_sum_of_a_spectrum_is_the_variance() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let sequences: Vec<Vec<f64>> = (0..40).map(|_| rough(&mut rng, 1000, 8.0)).collect();
        let spectrum = mean_spectrum(&sequences).unwrap();
        assert!(
            (spectrum.variance() - 1.0).abs() < 0.06,
            "{}",
            spectrum.variance()
        );
        assert_eq!(mean_spectrum(&[vec![0.0; 63]]), None);
        assert_eq!(mean_spectrum(&[]), None);
    }

    #[test]
    fn the_floor_is_the_noise_that_was_added() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let noisy = |rng: &mut ChaCha8Rng| {
            let mut sequence = rough(rng, 1000, 12.0);
            sequence
                .iter_mut()
                .for_each(|value| *value += 0.6 * white(rng));
            sequence
        };
        let sequences: Vec<Vec<f64>> = (0..24).map(|_| noisy(&mut rng)).collect();
        let floor = mean_spectrum(&sequences).unwrap().floor();
        assert!((floor.variance / 0.36 - 1.0).abs() < 0.08, "{floor:?}");
        assert!(floor.is_flat);
        let length = correlation_length(&sequences);
        assert!((length / 12.0 - 1.0).abs() < 0.15, "{length}");
    }

    #[test]
    fn what_is_smoothed_along_the_edge_has_no_flat_floor() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let smooth = |rng: &mut ChaCha8Rng| {
            let noise: Vec<f64> = (0..1002).map(|_| white(rng)).collect();
            noise
                .windows(3)
                .map(|w| (w[0] + w[1] + w[2]) / 3.0)
                .collect::<Vec<f64>>()
        };
        let sequences: Vec<Vec<f64>> = (0..24).map(|_| smooth(&mut rng)).collect();
        assert!(!mean_spectrum(&sequences).unwrap().floor().is_flat);
    }
}
