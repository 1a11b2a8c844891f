//! The outline of an object: a polygon around its pixels, then moved to where the edge is at
//! full size.
//!
//! The edge is where the grey is halfway between the local background and the crest of the rim,
//! on a line across the outline, between pixels. Where no edge is seen, as between objects that
//! touch, the polygon stays where its neighbours are. Called by `segment`.

use super::super::Field;
use super::shape::Extent;

/// Points around an outline at most.
const POINTS_MAX: usize = 240;
/// How far across the outline the edge is looked for, as a part of the diameter.
const REACH: f32 = 0.12;
/// The same in pixels of the field, at least and at most.
const REACH_PX: (f32, f32) = (3.0, 24.0);
/// Contrast across an edge that counts, as a part of what is usual around the object.
const CONTRAST_MIN: f32 = 0.35;

/// A closed outline, in pixels of the field, corners of pixels at whole numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Its corners in order.
    pub points: Vec<[f64; 2]>,
    /// Standard uncertainty of the position of its edge, in pixels.
    pub edge_px: f64,
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
    contrast: f32,
    slope: f32,
}

/// The outline of a set of the plane, refined on the field. `step` pixels of the field make one
/// of the plane; the object is brighter than its surroundings or darker.
pub fn refined(
    field: &Field<'_>,
    extent: &Extent,
    step: usize,
    bright: bool,
    noise: f32,
) -> Outline {
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
        .map(|(point, normal)| crossing(field, *point, *normal, reach, bright))
        .collect();
    let mut contrasts: Vec<f32> = crossings.iter().flatten().map(|c| c.contrast).collect();
    contrasts.sort_by(f32::total_cmp);
    let usual = contrasts.get(contrasts.len() / 2).copied().unwrap_or(0.0);
    for found in &mut crossings {
        let is_seen =
            |c: &Crossing| c.contrast >= CONTRAST_MIN * usual && c.contrast >= 2.0 * noise;
        *found = found.filter(is_seen);
    }
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
        f64::from(noise / slope.max(1e-6)).min(scale.max(1.0))
    };
    Outline {
        points,
        edge_px,
        contrast: usual.max(f32::MIN_POSITIVE),
    }
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
    bright: bool,
) -> Option<Crossing> {
    let sample_px = 0.5f32;
    let half = (reach / sample_px).ceil() as isize;
    let sign = if bright { 1.0 } else { -1.0 };
    let profile: Vec<f32> = (-half..=half)
        .map(|i| {
            let t = i as f32 * sample_px;
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
    Some(Crossing {
        offset: (at - half as f32) * sample_px,
        contrast,
        slope: drop / sample_px,
    })
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
