//! Where an edge is, to a part of a pixel.
//!
//! The signal rises at edges, so an edge is a bright rim or a step. Its position is where the
//! unsmoothed profile, walked from the background, is halfway to the rim crest, or to the
//! plateau where there is no rim (outer 50 %). Used by `lines`, `fibres`, `layers` and `tip`.

use super::house::{edges as house, fitness};

/// A straight rise through a profile, background first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Position of the halfway level, in samples of the profile.
    pub at: f64,
    /// Level of the local background.
    pub background: f64,
    /// Level of the rim crest or of the plateau.
    pub crest: f64,
    /// Samples from 10 to 90 %.
    pub width: f64,
    /// Steepest slope there, grey a sample.
    pub slope: f64,
}

impl Edge {
    /// The halfway level.
    pub fn level(&self) -> f64 {
        self.background + house::LEVEL * (self.crest - self.background)
    }

    /// Standard uncertainty of the position in one profile with this noise, in samples.
    pub fn uncertainty(&self, noise: f64) -> f64 {
        (noise / self.slope.abs().max(1e-12)).max(house::FLOOR_PX)
    }

    /// How far the position may be off by the rule that places it, in samples: a limit, common
    /// to all edges of an image. Where the crest is clipped at a grey, twice as far.
    pub fn rule(&self, clipped_at: Option<f64>) -> f64 {
        let near = house::CLIPPED_NEAR * (self.crest - self.background);
        let is_clipped = clipped_at.is_some_and(|end| self.crest >= end - near);
        let times = if is_clipped { 2.0 } else { 1.0 };
        times * house::RULES_DIFFER * self.width / fitness::EDGE_WIDTHS_OF_SIGMA
    }
}

/// The value of a profile between samples; its ends go on for ever.
pub fn sample(profile: &[f64], at: f64) -> f64 {
    let last = profile.len().saturating_sub(1);
    let at = at.clamp(0.0, last as f64);
    let left = at.floor() as usize;
    let (Some(&a), Some(&b)) = (profile.get(left), profile.get((left + 1).min(last))) else {
        return 0.0;
    };
    a + (at - left as f64) * (b - a)
}

/// The crossings of a level between two samples of a profile, upward if `is_rising`, in order.
pub fn crossings(
    profile: &[f64],
    from: usize,
    to: usize,
    level: f64,
    is_rising: bool,
) -> impl Iterator<Item = f64> {
    let to = to.min(profile.len());
    (from + 1..to).filter_map(move |right| {
        let (a, b) = (profile[right - 1] - level, profile[right] - level);
        let crosses = if is_rising {
            a < 0.0 && b >= 0.0
        } else {
            a >= 0.0 && b < 0.0
        };
        crosses.then(|| (right - 1) as f64 + a / (a - b))
    })
}

/// The edge of an object that lies on the right of its background, near a sample. `before` and
/// `after` say how many samples belong to the background and to the object; the profile should
/// be an average, as its highest sample is taken for the crest.
///
/// None where the profile does not rise.
pub fn rising_edge(profile: &[f64], near: f64, before: f64, after: f64) -> Option<Edge> {
    let last = profile.len().checked_sub(1)?;
    let clamp = |at: f64| at.round().clamp(0.0, last as f64) as usize;
    let (start, middle, end) = (clamp(near - before), clamp(near), clamp(near + after));
    if start >= middle || middle >= end {
        return None;
    }
    // Downhill from the steepest place to the foot, uphill to the crest.
    let steepest = (start..end).max_by(|&a, &b| {
        let rise = |at: usize| profile[at + 1] - profile[at];
        rise(a).total_cmp(&rise(b))
    })?;
    let slope = profile[steepest + 1] - profile[steepest];
    if slope <= 0.0 {
        return None;
    }
    let background = background_before(profile, steepest, start)?;
    let crest_at = crest_from(profile, steepest + 1, end, background);
    let crest = profile[crest_at];
    if crest <= background {
        return None;
    }
    let level_at = |share: f64| {
        let level = background + share * (crest - background);
        let mut at = crest_at;
        while at > start && profile[at - 1] >= level {
            at -= 1;
        }
        let low = at.checked_sub(1).filter(|_| at > start)?;
        let (a, b) = (profile[low] - level, profile[at] - level);
        Some(low as f64 + a / (a - b))
    };
    let at = level_at(house::LEVEL)?;
    let width = level_at(0.9)? - level_at(0.1)?;
    Some(Edge {
        at,
        background,
        crest,
        width,
        slope,
    })
}

/// The first maximum from a sample on that is followed by a fall of a tenth of its height over
/// the foot, or the highest sample where there is none.
fn crest_from(profile: &[f64], from: usize, end: usize, foot: f64) -> usize {
    let mut best = from;
    for at in from..=end {
        if profile[at] > profile[best] {
            best = at;
        } else if profile[best] - profile[at] > 0.1 * (profile[best] - foot) {
            break;
        }
    }
    best
}

/// The median of the flat part before an edge: what is left of the place where the profile,
/// walked downhill, stops to fall.
fn background_before(profile: &[f64], steepest: usize, start: usize) -> Option<f64> {
    let mut foot = steepest;
    while foot > start && profile[foot - 1] < profile[foot] {
        foot -= 1;
    }
    let mut flat = profile.get(start..=foot)?.to_vec();
    Some(super::uncertainty::median(&mut flat))
}

/// The same for an object on the left of its background: the profile is read from its end.
pub fn falling_edge(profile: &[f64], near: f64, before: f64, after: f64) -> Option<Edge> {
    let last = profile.len().checked_sub(1)? as f64;
    let reversed: Vec<f64> = profile.iter().rev().copied().collect();
    let edge = rising_edge(&reversed, last - near, after, before)?;
    Some(Edge {
        at: last - edge.at,
        ..edge
    })
}

/// Smooths a profile with a Gaussian of so many samples; its ends go on for ever.
pub fn smoothed(profile: &[f64], sigma: f64) -> Vec<f64> {
    if sigma <= 0.0 || profile.is_empty() {
        return profile.to_vec();
    }
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f64> = (0..=reach)
        .map(|at| (-0.5 * (at as f64 / sigma).powi(2)).exp())
        .collect();
    let total = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    let last = profile.len() - 1;
    (0..profile.len())
        .map(|at| {
            let sides: f64 = (1..=reach)
                .map(|step| {
                    weights[step]
                        * (profile[at.saturating_sub(step)] + profile[(at + step).min(last)])
                })
                .sum();
            (weights[0] * profile[at] + sides) / total
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    /// A step of unit height at `wall`, blurred by `sigma`, with a rim of height `rim` inside.
    fn blurred(wall: f64, sigma: f64, rim: f64) -> Vec<f64> {
        let fine = 20;
        let sharp = |at: f64| {
            let depth = at - wall;
            if depth < 0.0 {
                0.0
            } else {
                1.0 + rim * (-depth / (2.0 * sigma)).exp()
            }
        };
        (0..120)
            .map(|pixel| {
                let (mut sum, mut total) = (0.0, 0.0);
                for step in -6 * fine..=6 * fine {
                    let offset = f64::from(step) / f64::from(fine) * sigma;
                    let weight = (-0.5 * (offset / sigma).powi(2)).exp();
                    sum += weight * sharp(f64::from(pixel) + offset);
                    total += weight;
                }
                sum / total
            })
            .collect()
    }

    #[test]
    fn a_step_is_found_at_its_wall_and_its_width_is_that_of_the_blur() {
        for wall in [60.0, 60.25, 60.5, 60.9] {
            let edge = rising_edge(&blurred(wall, 2.0, 0.0), 58.0, 25.0, 25.0).unwrap();
            assert!((edge.at - wall).abs() < 0.06, "{} for {wall}", edge.at);
            assert!(
                (edge.width / (2.56 * 2.0) - 1.0).abs() < 0.06,
                "{}",
                edge.width
            );
        }
    }

    #[test]
    fn a_rim_moves_the_edge_outward_by_a_quarter_of_the_blur() {
        let edge = rising_edge(&blurred(60.0, 2.0, 1.5), 58.0, 25.0, 25.0).unwrap();
        let offset = (edge.at - 60.0) / 2.0;
        assert!((-0.35..-0.1).contains(&offset), "{offset}");
        assert!(edge.crest > 1.4, "the crest and not the plateau counts");
    }

    #[test]
    fn falling_edges_are_rising_ones_read_from_the_end() {
        let profile = blurred(60.3, 2.0, 1.0);
        let reversed: Vec<f64> = profile.iter().rev().copied().collect();
        let rising = rising_edge(&profile, 58.0, 25.0, 25.0).unwrap();
        let falling = falling_edge(&reversed, 61.0, 25.0, 25.0).unwrap();
        assert!((119.0 - rising.at - falling.at).abs() < 1e-9);
    }

    #[test]
    fn no_rise_is_no_edge() {
        assert_eq!(rising_edge(&[1.0; 40], 20.0, 10.0, 10.0), None);
        let falling: Vec<f64> = (0..40).map(|at| -f64::from(at)).collect();
        assert_eq!(rising_edge(&falling, 20.0, 10.0, 10.0), None);
        assert_eq!(rising_edge(&[], 0.0, 1.0, 1.0), None);
    }

    #[test]
    fn crossings_are_interpolated() {
        let profile = [0.0, 1.0, 0.0, 4.0];
        let up: Vec<f64> = crossings(&profile, 0, 4, 0.5, true).collect();
        assert_eq!(up, [0.5, 2.125]);
        let down: Vec<f64> = crossings(&profile, 0, 4, 0.5, false).collect();
        assert_eq!(down, [1.5]);
    }

    #[test]
    fn smoothing_keeps_the_mean() {
        let mut profile = vec![0.0; 41];
        profile[20] = 1.0;
        let smooth = smoothed(&profile, 2.0);
        assert!((smooth.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!((smooth[20] - 0.1995).abs() < 2e-3);
    }
}
