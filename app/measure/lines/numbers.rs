//! Quantities of traced lines, with their uncertainties and refusals.
//!
//! Called by `lines`.

use super::super::house::{Fitness, edges, fitness};
use super::super::printing::{shown_unit, to_digits};
use super::super::psd::{correlation_length, mean_spectrum};
use super::super::quantity::{Bound, Quantity, Reason, Scale, Unit};
use super::super::uncertainty::{Parts, bootstrap, from_limit, mean, median, standard_deviation};
use super::find::Across;
use super::{Line, Lines, Roughness, Trace};

/// Makes quantities of lines, which must not be none.
pub fn of(across: &Across<'_>, lines: Vec<Line>, scale: &Scale, seed: u64) -> Lines {
    let cos = 1.0 / (1.0 + across.shear * across.shear).sqrt();
    let seen = Seen {
        has_gaps: has_gaps(&lines),
        blur_px: blur_px(&lines),
    };
    let lwr = roughness(&widths(&lines, cos), &seen, "LWR");
    let ler = roughness(&residuals(&lines, cos), &seen, "LER");
    let pitch = pitch(&lines, cos);
    let quantities = vec![
        linewidth(&lines, scale, seed),
        gap(&lines, cos, scale, seed),
        pitch_quantity(pitch, scale),
        lwr_quantity(&lwr, &ler, scale),
        Quantity::count("count", lines.len()).noted("lines that lie whole in the field"),
    ];
    Lines {
        is_along_x: across.is_along_x,
        angle_deg: across.shear.atan().to_degrees(),
        pitch_px: pitch.map(|pitch| (pitch.px, pitch.periods)),
        lines,
        lwr,
        ler,
        quantities,
    }
}

/// Systematic part of an edge's position and the noise of its rows, together, for a mean over
/// rows: what is known of an edge never gets better than the house's floor.
fn edge_part(trace: &Trace) -> f64 {
    let rows = trace.at_px.len().max(1) as f64;
    (trace.uncertainty_px / rows.sqrt()).max(edges::FLOOR_PX)
}

/// What the rule that places edges may do to a width between two: both move alike.
fn rule_part(low: &Trace, high: &Trace) -> f64 {
    from_limit(low.rule_px + high.rule_px)
}

fn linewidth(lines: &[Line], scale: &Scale, seed: u64) -> Quantity {
    let widths: Vec<f64> = lines.iter().map(|line| line.width_px).collect();
    let width = mean(&widths);
    let edge_width = mean(
        &lines
            .iter()
            .flat_map(|line| [line.low.edge_width_px, line.high.edge_width_px])
            .collect::<Vec<f64>>(),
    );
    if fitness::WIDTH_PX.at_least(width) == Fitness::Refused {
        let bound = Quantity::bound(
            "linewidth",
            fitness::WIDTH_PX.refuse,
            Unit::Px,
            Bound::AtMost,
            lines.len(),
        );
        return bound.noted("too few pixels across").scaled(scale);
    }
    if fitness::EDGE_TO_OBJECT.at_most(edge_width / width) == Fitness::Refused {
        let reason = Reason::new(
            "No linewidth",
            "the edges are more than a quarter as wide as the lines",
            "Focus and take the image again, or at a higher magnification",
        );
        return Quantity::unavailable("linewidth", Unit::Px, reason);
    }
    let mut of_edges: Vec<f64> = lines
        .iter()
        .map(|line| {
            let by_noise = edge_part(&line.low).hypot(edge_part(&line.high));
            by_noise.hypot(rule_part(&line.low, &line.high))
        })
        .collect();
    let parts = Parts {
        edge: median(&mut of_edges),
        sampling: sampling(lines, &widths, seed),
        ..Parts::default()
    };
    let lines_word = if lines.len() == 1 { "line" } else { "lines" };
    Quantity::measured("linewidth", width, Unit::Px, parts, lines.len())
        .noted(format!(
            "{}, apparent; mean of {} {lines_word}",
            edges::RULE,
            lines.len()
        ))
        .limited(reserve(width, edge_width / width))
        .scaled(scale)
}

/// What the lines in view say of others: draws of lines, or, of fewer than five, the roughness
/// of the width along them.
fn sampling(lines: &[Line], widths: &[f64], seed: u64) -> f64 {
    if lines.len() >= fitness::LISTED_COUNT {
        return bootstrap(widths, seed, |drawn| mean(drawn));
    }
    let along: Vec<f64> = lines
        .iter()
        .map(|line| {
            let local: Vec<f64> = line
                .low
                .at_px
                .iter()
                .zip(&line.high.at_px)
                .map(|(a, b)| b - a)
                .filter(|width| width.is_finite())
                .collect();
            let length = correlation_length(std::slice::from_ref(&local)).max(1.0);
            let independent = (local.len() as f64 / (2.0 * length)).max(1.0);
            standard_deviation(&local) / independent.sqrt()
        })
        .collect();
    let within = mean(&along) / (lines.len() as f64).sqrt();
    let between = standard_deviation(widths) / (lines.len() as f64).sqrt();
    within.max(between)
}

fn reserve(width_px: f64, edge_share: f64) -> Option<String> {
    if fitness::WIDTH_PX.at_least(width_px) == Fitness::Limited {
        Some("few pixels across".to_owned())
    } else if fitness::EDGE_TO_OBJECT.at_most(edge_share) == Fitness::Limited {
        Some("soft edges".to_owned())
    } else {
        None
    }
}

fn gap(lines: &[Line], cos: f64, scale: &Scale, seed: u64) -> Quantity {
    let mut gaps: Vec<f64> = lines
        .windows(2)
        .filter_map(|pair| {
            let free = (pair[1].middle_px - pair[0].middle_px) * cos
                - 0.5 * (pair[0].width_px + pair[1].width_px);
            (free > 0.0).then_some(free)
        })
        .collect();
    if gaps.is_empty() {
        let reason = Reason::new(
            "No space between lines",
            "fewer than two lines lie whole in the field",
            "Take the image at a lower magnification",
        );
        return Quantity::unavailable("gap.median", Unit::Px, reason);
    }
    let (low, high) = (&lines[0].low, &lines[0].high);
    let parts = Parts {
        edge: (edge_part(low) * 2f64.sqrt()).hypot(rule_part(low, high)),
        sampling: bootstrap(&gaps, seed, median),
        ..Parts::default()
    };
    let value = median(&mut gaps);
    let spaces = if gaps.len() == 1 { "space" } else { "spaces" };
    Quantity::measured("gap.median", value, Unit::Px, parts, gaps.len())
        .noted(format!(
            "{}, apparent; median of {} {spaces}",
            edges::RULE,
            gaps.len()
        ))
        .limited(reserve(value, 0.0))
        .scaled(scale)
}

/// A pitch from like edges.
#[derive(Clone, Copy)]
struct Pitch {
    px: f64,
    periods: usize,
    uncertainty_px: f64,
}

/// The slope of middles against their index. A missing line counts in the index.
fn pitch(lines: &[Line], cos: f64) -> Option<Pitch> {
    let at: Vec<f64> = lines.iter().map(|line| line.middle_px * cos).collect();
    let mut steps: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if steps.is_empty() {
        return None;
    }
    let step = median(&mut steps);
    if step <= 0.0 {
        return None;
    }
    let index: Vec<f64> = at
        .iter()
        .map(|at| ((at - lines[0].middle_px * cos) / step).round())
        .collect();
    let (mean_index, mean_at) = (mean(&index), mean(&at));
    let (mut with_at, mut with_self) = (0.0, 0.0);
    for (index, at) in index.iter().zip(&at) {
        with_at += (index - mean_index) * (at - mean_at);
        with_self += (index - mean_index).powi(2);
    }
    let px = with_at / with_self;
    let residual: f64 = index
        .iter()
        .zip(&at)
        .map(|(index, at)| (at - mean_at - px * (index - mean_index)).powi(2))
        .sum();
    let free = at.len().saturating_sub(2).max(1) as f64;
    // The middle of a line rests on two edges, whose common part a pitch is free of.
    let middle = (residual / free).sqrt().max(edges::FLOOR_PX / 2f64.sqrt());
    let periods = index.last().map_or(0.0, |last| last - index[0]) as usize;
    Some(Pitch {
        px,
        periods,
        uncertainty_px: middle / with_self.sqrt(),
    })
}

fn pitch_quantity(pitch: Option<Pitch>, scale: &Scale) -> Quantity {
    match pitch {
        Some(pitch) if pitch.periods as f64 >= edges::PERIODS => {
            let parts = Parts {
                edge: pitch.uncertainty_px,
                ..Parts::default()
            };
            Quantity::measured("pitch", pitch.px, Unit::Px, parts, pitch.periods)
                .noted(format!("mean over {} periods", pitch.periods))
                .scaled(scale)
        }
        _ => {
            let reason = Reason::new(
                "No pitch",
                "fewer than five periods lie in the field",
                "Take the image at a lower magnification",
            );
            Quantity::unavailable("pitch", Unit::Px, reason)
        }
    }
}

/// Local widths of all lines, each against its mean, normal to the lines; gaps filled.
fn widths(lines: &[Line], cos: f64) -> Vec<Vec<f64>> {
    lines
        .iter()
        .map(|line| {
            let local = line.low.at_px.iter().zip(&line.high.at_px);
            let local: Vec<f64> = local.map(|(a, b)| (b - a) * cos).collect();
            let filled = filled(&local);
            let mean = mean(&filled);
            filled.iter().map(|width| width - mean).collect()
        })
        .collect()
}

/// Edges of all lines, each against a straight line fitted to it; gaps filled.
fn residuals(lines: &[Line], cos: f64) -> Vec<Vec<f64>> {
    lines
        .iter()
        .flat_map(|line| [&line.low, &line.high])
        .map(|trace| {
            let at = filled(&trace.at_px);
            let middle = 0.5 * (at.len() as f64 - 1.0);
            let mean = mean(&at);
            let (mut with_at, mut with_self) = (0.0, 0.0);
            for (row, at) in at.iter().enumerate() {
                with_at += (row as f64 - middle) * (at - mean);
                with_self += (row as f64 - middle).powi(2);
            }
            let slope = with_at / f64::max(with_self, 1e-9);
            at.iter()
                .enumerate()
                .map(|(row, at)| (at - mean - slope * (row as f64 - middle)) * cos)
                .collect()
        })
        .collect()
}

/// Gaps between known values filled by straight lines.
fn filled(values: &[f64]) -> Vec<f64> {
    let mut filled = values.to_vec();
    let mut last: Option<usize> = None;
    for at in 0..values.len() {
        if !values[at].is_finite() {
            continue;
        }
        match last {
            None => filled[..at].fill(values[at]),
            Some(from) => {
                let rise = (values[at] - values[from]) / (at - from) as f64;
                for (steps, value) in filled[from..at].iter_mut().enumerate().skip(1) {
                    *value = values[from] + steps as f64 * rise;
                }
            }
        }
        last = Some(at);
    }
    if let Some(from) = last {
        let value = values[from];
        filled[from..].fill(value);
    }
    filled
}

/// What the image leaves of roughness.
struct Seen {
    /// Too few rows of the edges were found.
    has_gaps: bool,
    /// Standard deviation of the blur.
    blur_px: f64,
}

fn has_gaps(lines: &[Line]) -> bool {
    let (mut found, mut all) = (0, 0);
    for trace in lines.iter().flat_map(|line| [&line.low, &line.high]) {
        found += trace.at_px.iter().filter(|at| at.is_finite()).count();
        all += trace.at_px.len();
    }
    (found as f64) < edges::ROWS_FOUND.fit * all as f64
}

/// The blur, from the width of the edges.
fn blur_px(lines: &[Line]) -> f64 {
    let traces = lines.iter().flat_map(|line| [&line.low, &line.high]);
    let mut widths: Vec<f64> = traces.map(|trace| trace.edge_width_px).collect();
    median(&mut widths) / fitness::EDGE_WIDTHS_OF_SIGMA
}

/// The part of an exponentially correlated roughness that a blur along the edge hides.
fn hidden_share(blur_px: f64, correlation_px: f64) -> f64 {
    let ratio = blur_px / correlation_px;
    // erfc(x) exp(x²), to 2 in 10,000 (Abramowitz and Stegun 7.1.25, times exp(x²)).
    let t = 1.0 / (1.0 + 0.47047 * ratio);
    let seen = t * (0.348_024_2 + t * (-0.095_879_8 + t * 0.747_855_6));
    1.0 - seen.clamp(0.0, 1.0).sqrt()
}

/// Roughness of sequences with mean 0, by spectrum.
fn roughness(sequences: &[Vec<f64>], seen: &Seen, name: &str) -> Result<Roughness, Reason> {
    let refused = |why: &str, help: &str| Reason::new(&format!("No {name}"), why, help);
    if seen.has_gaps {
        return Err(refused(
            "too many rows of the edges were not found",
            "Take the image with a longer dwell time",
        ));
    }
    let spectrum = mean_spectrum(sequences).ok_or_else(|| {
        refused(
            "the lines are too short in view",
            "Choose a larger region or turn the scan along the lines",
        )
    })?;
    let squares: f64 = sequences.iter().flatten().map(|value| value * value).sum();
    let length_px = sequences.iter().map(Vec::len).min().unwrap_or(0) as f64;
    let correlation_px = correlation_length(sequences).max(1.0);
    if length_px < edges::CORRELATION_LENGTHS * correlation_px {
        return Err(refused(
            "the edges are shorter than twenty of their correlation lengths",
            "Take the image at a lower magnification",
        ));
    }
    // A mean was taken off, which takes two correlation lengths of freedom.
    let taken = 2.0 * correlation_px;
    let free: f64 = sequences.iter().map(|s| s.len() as f64 - taken).sum();
    let biased = squares / free;
    let floor = spectrum.floor();
    let is_known = floor.is_flat && floor.variance <= edges::NOISE_SHARE * biased;
    let unbiased = is_known.then(|| (biased - floor.variance).max(0.0));
    let independent = free / taken;
    let stated = 3.0 * unbiased.unwrap_or(biased).sqrt();
    Ok(Roughness {
        biased_px: 3.0 * biased.sqrt(),
        unbiased_px: unbiased.map(|variance| 3.0 * variance.sqrt()),
        correlation_px,
        length_px,
        sampling_px: stated / (2.0 * independent).sqrt(),
        hidden_px: stated * hidden_share(seen.blur_px, correlation_px),
    })
}

fn lwr_quantity(
    lwr: &Result<Roughness, Reason>,
    ler: &Result<Roughness, Reason>,
    scale: &Scale,
) -> Quantity {
    let rough = match lwr {
        Ok(rough) => rough,
        Err(reason) => return Quantity::unavailable("lwr", Unit::Px, reason.clone()),
    };
    let factor = scale.nm_from_px.unwrap_or(1.0);
    let unit = if scale.nm_from_px.is_some() {
        Unit::Nm
    } else {
        Unit::Px
    };
    let length = |px: f64| {
        let value = px * factor;
        let shown = shown_unit(unit, value);
        format!("{}{}", to_digits(value / shown.size, 2), shown.name)
    };
    let segment = format!("{} long, {} step", length(rough.length_px), length(1.0));
    let of_edges = ler.as_ref().ok().map_or(String::new(), |ler| {
        format!("; LER {}", length(ler.unbiased_px.unwrap_or(ler.biased_px)))
    });
    let Some(unbiased) = rough.unbiased_px else {
        return Quantity::bound("lwr", rough.biased_px, Unit::Px, Bound::AtMost, 1)
            .noted(format!("biased, its noise cannot be told apart; {segment}"))
            .scaled(scale);
    };
    let parts = Parts {
        // One-sided and not taken off, so all of it counts.
        edge: rough.hidden_px,
        sampling: rough.sampling_px,
        ..Parts::default()
    };
    Quantity::measured("lwr", unbiased, Unit::Px, parts, 1)
        .noted(format!(
            "unbiased; {} biased; {segment}{of_edges}",
            length(rough.biased_px)
        ))
        .scaled(scale)
}
