//! The outline of an object: a polygon around its pixels, then moved to where the edge is at
//! full size.
//!
//! The edge is where the grey is halfway between the local background and the crest of the rim,
//! on a line across the outline, between pixels; where the crest is clipped, halfway is unknown
//! and the steepest place is taken. Where no edge is seen, as between objects that touch, the
//! polygon stays where its neighbours are. Called by `segment`.

use super::super::Field;
use super::super::house::edges as house;
use super::shape::Extent;

/// Points around an outline at most.
const POINTS_MAX: usize = 240;
/// How far across the outline the edge is looked for, as a part of the diameter.
const REACH: f32 = 0.12;
/// The same in pixels of the field, at least and at most.
const REACH_PX: (f32, f32) = (3.0, 24.0);
/// Contrast across an edge that counts, as a part of what is usual around the object.
const CONTRAST_MIN: f32 = 0.35;
/// The way between samples on a line across the outline, in pixels.
const SAMPLE_PX: f32 = 0.5;
/// How near to the end of the greys a crest is clipped, as a part of its contrast.
const CLIPPED_NEAR: f32 = 0.02;
/// Height over slope of a Gaussian edge, in units of its sigma.
const HEIGHT_TO_SLOPE: f32 = 2.506_628;

/// A closed outline, in pixels of the field, corners of pixels at whole numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Its corners in order.
    pub points: Vec<[f64; 2]>,
    /// Standard uncertainty of the position of its edge by noise, in pixels.
    pub edge_px: f64,
    /// How far the edge may be off all around by the rule that places it, in pixels.
    pub rule_px: f64,
    /// Share of it along which an edge is seen.
    pub seen: f64,
    /// Grey between background and crest, in the units of the file; above 0.
    pub contrast: f32,
}

/// The polygon around a set: along the sides of its pixels, in order.
pub fn around(extent: &Extent) -> Vec<[f64; 2]> {
    let [left, top] = extent.corner();
    let Some(start) = (0..extent.width() as isize).find(|x| extent.is_inside(*x, 0)) else {
        return Vec::new();
    };
    let start = (start, 0isize);
    let (mut at, mut step) = (start, (1isize, 0isize));
    let mut points = Vec::new();
    let most = 4 * (extent.width() + 1) * (extent.height() + 1);
    for _ in 0..most {
        points.push([(left as isize + at.0) as f64, (top as isize + at.1) as f64]);
        at = (at.0 + step.0, at.1 + step.1);
        // The set lies to the right of the way. Its pixels ahead, right and left of the corner:
        let (ahead_right, ahead_left) = match step {
            (1, _) => ((at.0, at.1), (at.0, at.1 - 1)),
            (-1, _) => ((at.0 - 1, at.1 - 1), (at.0 - 1, at.1)),
            (_, 1) => ((at.0 - 1, at.1), (at.0, at.1)),
            _ => ((at.0, at.1 - 1), (at.0 - 1, at.1 - 1)),
        };
        let is_right = extent.is_inside(ahead_right.0, ahead_right.1);
        let is_left = extent.is_inside(ahead_left.0, ahead_left.1);
        step = match (is_right, is_left) {
            (false, _) => (-step.1, step.0),
            (true, true) => (step.1, -step.0),
            (true, false) => step,
        };
        if at == start {
            break;
        }
    }
    points
}

/// A polygon with its points the same distance apart, each the mean of the way around it, so
/// that the corners of pixels do not show.
pub fn evened(points: &[[f64; 2]], count: usize) -> Vec<[f64; 2]> {
    let len = points.len();
    let window = (len / count).max(3);
    let half = window as f64 / 2.0;
    let mean = |i: usize| {
        let middle = i as f64 * len as f64 / count as f64;
        let first = (middle - half).floor() as isize;
        let last = (middle + half).ceil() as isize;
        let (mut sum, mut n) = ([0.0, 0.0], 0.0);
        for place in first..=last {
            let point = points[place.rem_euclid(len as isize) as usize];
            sum = [sum[0] + point[0], sum[1] + point[1]];
            n += 1.0;
        }
        [sum[0] / n, sum[1] / n]
    };
    (0..count).map(mean).collect()
}

/// What was seen on a line across an outline.
#[derive(Clone, Copy)]
struct Crossing {
    /// How far outward the edge lies, in pixels.
    offset: f32,
    /// How far inward of it the grey is steepest, in pixels.
    steepest_inward: f32,
    is_clipped: bool,
    contrast: f32,
    slope: f32,
}

/// What the edges of a field are looked for with.
#[derive(Clone, Copy)]
pub struct Look {
    /// Whether the objects are brighter than their surroundings.
    pub is_bright: bool,
    /// Standard deviation of the noise.
    pub noise: f32,
    /// The end of the greys on the side of the objects, if what lies beyond is clipped there.
    pub clipped_at: Option<f32>,
}

/// The outline of a set of the plane, refined on the field. `step` pixels of the field make one
/// of the plane.
pub fn refined(field: &Field<'_>, extent: &Extent, step: usize, look: Look) -> Outline {
    let corners = around(extent);
    let diameter = 2.0 * (extent.filled_area() as f32 / std::f32::consts::PI).sqrt() * step as f32;
    let count = corners.len().clamp(8, POINTS_MAX).min(corners.len().max(1));
    let scale = step as f64;
    let mut points: Vec<[f64; 2]> = evened(&corners, count)
        .into_iter()
        .map(|[x, y]| [x * scale, y * scale])
        .collect();
    if points.len() < 8 {
        let points = corners
            .iter()
            .map(|[x, y]| [x * scale, y * scale])
            .collect();
        return Outline {
            points,
            edge_px: 0.5 * scale,
            rule_px: 0.5 * scale,
            seen: 1.0,
            contrast: f32::MIN_POSITIVE,
        };
    }
    let reach = (REACH * diameter)
        .clamp(REACH_PX.0, REACH_PX.1)
        .max(1.5 * step as f32);
    let normals = normals(&points);
    let mut crossings: Vec<Option<Crossing>> = points
        .iter()
        .zip(&normals)
        .map(|(point, normal)| crossing(field, *point, *normal, reach, look))
        .collect();
    let mut contrasts: Vec<f32> = crossings.iter().flatten().map(|c| c.contrast).collect();
    contrasts.sort_by(f32::total_cmp);
    let usual = contrasts.get(contrasts.len() / 2).copied().unwrap_or(0.0);
    for found in &mut crossings {
        let is_seen =
            |c: &Crossing| c.contrast >= CONTRAST_MIN * usual && c.contrast >= 2.0 * look.noise;
        *found = found.filter(is_seen);
    }
    let rule_px = placed(&mut crossings);
    let offsets = smoothed(&crossings);
    for ((point, normal), offset) in points.iter_mut().zip(&normals).zip(&offsets) {
        point[0] += normal[0] * f64::from(*offset);
        point[1] += normal[1] * f64::from(*offset);
    }
    let seen: Vec<&Crossing> = crossings.iter().flatten().collect();
    let slope = seen.iter().map(|c| c.slope).sum::<f32>() / seen.len().max(1) as f32;
    let edge_px = if seen.is_empty() {
        scale
    } else {
        f64::from(look.noise / slope.max(1e-6)).min(scale.max(1.0))
    };
    Outline {
        seen: seen.len() as f64 / points.len() as f64,
        points,
        edge_px,
        rule_px: rule_px.map_or(scale, f64::from),
        contrast: usual.max(f32::MIN_POSITIVE),
    }
}

/// Moves edges to the steepest place where crests are clipped, and says how far all of them may
/// be off by the choice of a rule, if there are any: by what rules differ on a blurred edge, or
/// by what halfway and steepest differ here.
fn placed(crossings: &mut [Option<Crossing>]) -> Option<f32> {
    let seen = || crossings.iter().flatten();
    let count = seen().count();
    if count == 0 {
        return None;
    }
    let mut inward: Vec<f32> = seen().map(|one| one.steepest_inward).collect();
    inward.sort_by(f32::total_cmp);
    let inward = inward[count / 2];
    let mean = |of: fn(&Crossing) -> f32| seen().map(of).sum::<f32>() / count as f32;
    let height_over_slope = mean(|one| one.contrast) / mean(|one| one.slope).max(1e-6);
    let by_rule = house::RULES_DIFFER as f32 * height_over_slope / HEIGHT_TO_SLOPE;
    let clipped = seen().filter(|one| one.is_clipped).count();
    if 2 * clipped <= count || inward <= 0.0 {
        return Some(by_rule.max(inward.abs()));
    }
    for one in crossings.iter_mut().flatten() {
        one.offset -= inward;
    }
    // What is seen is the foot of an edge whose crest lies beyond: however high that is, the true
    // edge lies no farther in than the height of the foot over its slope.
    Some(by_rule.max(height_over_slope))
}

/// Directions out of a polygon that goes around its inside clockwise, as seen on the screen.
fn normals(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let len = points.len();
    let normal = |i: usize| {
        let (before, after) = (points[(i + len - 2) % len], points[(i + 2) % len]);
        let (dx, dy) = (after[0] - before[0], after[1] - before[1]);
        let length = dx.hypot(dy).max(1e-9);
        [dy / length, -dx / length]
    };
    (0..len).map(normal).collect()
}

/// The edge on a line across the outline: from the outline outward to the lowest grey, inward
/// to the crest, and halfway between.
fn crossing(
    field: &Field<'_>,
    point: [f64; 2],
    normal: [f64; 2],
    reach: f32,
    look: Look,
) -> Option<Crossing> {
    let half = (reach / SAMPLE_PX).ceil() as isize;
    let sign = if look.is_bright { 1.0 } else { -1.0 };
    let profile: Vec<f32> = (-half..=half)
        .map(|i| {
            let t = i as f32 * SAMPLE_PX;
            // Centres of pixels are half a pixel from their corners.
            let x = point[0] as f32 + normal[0] as f32 * t - 0.5;
            let y = point[1] as f32 + normal[1] as f32 * t - 0.5;
            field
                .is_specimen(x.round() as isize, y.round() as isize)
                .then(|| sign * field.between(x, y))
        })
        .collect::<Option<_>>()?;
    // A mean of three takes off what noise does to lowest and highest.
    let calm: Vec<f32> = (0..profile.len())
        .map(|i| {
            let last = profile.len() - 1;
            (profile[i.saturating_sub(1)] + profile[i] + profile[(i + 1).min(last)]) / 3.0
        })
        .collect();
    let middle = half as usize;
    // Outward as long as it gets darker: beyond lies something else.
    let mut low = middle;
    for i in middle..calm.len() {
        if calm[i] < calm[low] {
            low = i;
        } else if calm[i] > calm[low] + 0.3 * (calm[middle] - calm[low]).abs() && i > low + 4 {
            break;
        }
    }
    let mut high = middle;
    for i in (0..=middle).rev() {
        if calm[i] > calm[high] {
            high = i;
        } else if calm[i] < calm[high] - 0.3 * (calm[high] - calm[middle]).abs() && i + 4 < high {
            break;
        }
    }
    let contrast = calm[high] - calm[low];
    if contrast <= 0.0 {
        return None;
    }
    let level = 0.5 * (calm[high] + calm[low]);
    let place = (high..low).find(|i| calm[*i] >= level && calm[i + 1] < level)?;
    let drop = (calm[place] - calm[place + 1]).max(1e-9);
    let at = place as f32 + (calm[place] - level) / drop;
    let steepest = steepest(&calm, high, low).unwrap_or(at);
    let is_clipped = look
        .clipped_at
        .is_some_and(|end| calm[high] >= sign * end - CLIPPED_NEAR * contrast);
    Some(Crossing {
        offset: (at - half as f32) * SAMPLE_PX,
        steepest_inward: (at - steepest) * SAMPLE_PX,
        is_clipped,
        contrast,
        slope: drop / SAMPLE_PX,
    })
}

/// Where a profile falls fastest from a crest to what is low, between samples.
fn steepest(calm: &[f32], high: usize, low: usize) -> Option<f32> {
    let falls = |i: usize| match (i.checked_sub(1), calm.get(i + 1)) {
        (Some(before), Some(after)) => calm[before] - after,
        _ => 0.0,
    };
    let at = (high..=low).max_by(|a, b| falls(*a).total_cmp(&falls(*b)))?;
    let [before, here, after] = [
        at.checked_sub(1).map_or(0.0, falls),
        falls(at),
        falls(at + 1),
    ];
    // The crest of a parabola through three.
    let bend = before - 2.0 * here + after;
    let shift = if bend < 0.0 {
        (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
    } else {
        0.0
    };
    Some(at as f32 + shift)
}

/// Offsets around an outline: the median of those near, so that one wrong one does nothing;
/// between seen ones, in proportion.
fn smoothed(crossings: &[Option<Crossing>]) -> Vec<f32> {
    let len = crossings.len() as isize;
    let near = |i: isize, reach: isize| {
        let mut offsets: Vec<f32> = (i - reach..=i + reach)
            .filter_map(|k| crossings[k.rem_euclid(len) as usize].map(|c| c.offset))
            .collect();
        offsets.sort_by(f32::total_cmp);
        offsets.get(offsets.len() / 2).copied()
    };
    let medians: Vec<f32> = (0..len)
        .map(|i| near(i, 2).or_else(|| near(i, 6)).unwrap_or(0.0))
        .collect();
    (0..len)
        .map(|i| {
            (-1..=1)
                .map(|k| medians[(i + k).rem_euclid(len) as usize])
                .sum::<f32>()
                / 3.0
        })
        .collect()
}
