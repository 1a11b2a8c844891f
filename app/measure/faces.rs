//! Faces and borders of objects in words: how much texture stands out of the noise inside
//! their outlines, and how wide their edges are against the sharpest of the image.
//!
//! Works on a sample of the objects, at full size. Changes nothing. Called by `measure`.

use super::fitness::Fitness;
use super::house::faces as house;
use super::uncertainty::median;
use super::{Field, Object, words};

/// How far the four places around one lie that its grey is held against, in pixels: what is
/// coarser is shading.
const AROUND_PX: isize = 4;
/// What the difference of a mean of nine pixels and the mean of four such means reads of noise.
const READS: f64 = 0.373;
/// The middle of the absolute values of a normal distribution, in standard deviations.
const MIDDLE_OF_NORMAL: f64 = 0.6745;
/// How far an edge is followed to either side, in pixels.
const REACH_PX: isize = 10;

/// The word for the texture inside objects; none where no inside is wide enough.
pub fn texture(field: &Field<'_>, fitness: &Fitness, objects: &[Object]) -> Option<&'static str> {
    let margin = (house::BLURS_FROM_EDGE * f64::from(fitness.blur().unwrap_or(1.0))).max(2.0);
    let margin = margin + AROUND_PX as f64;
    let mut differences: Vec<f64> = sampled(objects)
        .flat_map(|object| inside(object, margin))
        .filter_map(|[x, y]| difference(field, x, y))
        .collect();
    if differences.len() < house::PLACES {
        return None;
    }
    let contrast = median(&mut differences) / MIDDLE_OF_NORMAL / READS;
    // Where a file's noise is less than its steps of grey, these stand for it.
    let noise = f64::from(fitness.noise).max(house::NOISE_OF_RANGE * f64::from(range(field)));
    words::texture(contrast, noise, true)
}

/// The word for the borders of objects; none where the image has no sharp edges to compare with.
pub fn border(field: &Field<'_>, fitness: &Fitness, objects: &[Object]) -> Option<&'static str> {
    let blurs = fitness.blur_px.into_iter().flatten();
    let sharpest = f64::from(blurs.min_by(f32::total_cmp)?);
    let mut widths: Vec<f64> = sampled(objects)
        .flat_map(|object| edge_widths(field, object))
        .collect();
    if widths.len() < house::EDGES {
        return None;
    }
    words::edge(median(&mut widths), sharpest)
}

/// Whole objects, evenly taken from all.
fn sampled(objects: &[Object]) -> impl Iterator<Item = &Object> {
    let every = objects.len().div_ceil(house::OBJECTS).max(1);
    let whole = |object: &&Object| !object.is_cut;
    objects.iter().step_by(every).filter(whole)
}

/// Places on a grid within the largest ellipse that an object holds for sure, off its edge.
fn inside(object: &Object, margin: f64) -> Vec<[isize; 2]> {
    let radius = 0.5 * object.feret_min_px * object.solidity - margin;
    if radius < 1.0 {
        return Vec::new();
    }
    let step = (radius / 8.0).ceil().max(1.0) as usize;
    let reach = radius as isize;
    let [cx, cy] = object.centre;
    let offsets = || (-reach..=reach).step_by(step);
    offsets()
        .flat_map(|dy| offsets().map(move |dx| [dx, dy]))
        .filter(|[dx, dy]| (dx * dx + dy * dy) as f64 <= radius * radius)
        .map(|[dx, dy]| [cx as isize + dx, cy as isize + dy])
        .collect()
}

/// How far the grey of a place is from that around it; none off the specimen.
fn difference(field: &Field<'_>, x: isize, y: isize) -> Option<f64> {
    let around = [
        [x + AROUND_PX, y],
        [x - AROUND_PX, y],
        [x, y + AROUND_PX],
        [x, y - AROUND_PX],
    ];
    let four: f64 = around
        .iter()
        .map(|[x, y]| mean_of_nine(field, *x, *y))
        .sum::<Option<f64>>()?;
    Some((mean_of_nine(field, x, y)? - 0.25 * four).abs())
}

fn mean_of_nine(field: &Field<'_>, x: isize, y: isize) -> Option<f64> {
    let is_in = |at: isize, size: usize| at >= 1 && at + 1 < size as isize;
    let place = (y * field.width as isize + x) as usize;
    if !is_in(x, field.width) || !is_in(y, field.height) || !*field.valid.get(place)? {
        return None;
    }
    let nine = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (x + dx, y + dy)));
    Some(nine.map(|(x, y)| f64::from(field.at(x, y))).sum::<f64>() / 9.0)
}

fn range(field: &Field<'_>) -> f32 {
    let valid = field.grey.iter().zip(&field.valid).step_by(7);
    let (low, high) = valid
        .filter(|(_, is)| **is)
        .fold((f32::MAX, f32::MIN), |(low, high), (grey, _)| {
            (low.min(*grey), high.max(*grey))
        });
    (high - low).max(0.0)
}

/// The blur of an object's edge where it runs along an axis: its height over its slope, as
/// `fitness` takes it of the sharpest.
fn edge_widths(field: &Field<'_>, object: &Object) -> Vec<f64> {
    let outline = &object.outline;
    let every = (outline.len() / house::EDGES_OF_OBJECT).max(1);
    let along = (every / 2).max(2);
    (0..outline.len())
        .step_by(every)
        .filter_map(|at| {
            let next = outline.get((at + along) % outline.len())?;
            let [x, y] = outline.get(at)?;
            let (dx, dy) = ((next[0] - x).abs(), (next[1] - y).abs());
            let across = match (dx, dy) {
                _ if dx > 3.0 * dy => (0, 1),
                _ if dy > 3.0 * dx => (1, 0),
                _ => return None,
            };
            width_of_edge(field, [*x as isize, *y as isize], across)
        })
        .collect()
}

fn width_of_edge(field: &Field<'_>, [x, y]: [isize; 2], (dx, dy): (isize, isize)) -> Option<f64> {
    // Means of three along the edge calm the noise without widening it.
    let at = |i: isize| {
        let (x, y) = (x + i * dx, y + i * dy);
        (field.at(x, y) + field.at(x + dy, y + dx) + field.at(x - dy, y - dx)) / 3.0
    };
    let slope = |i: isize| 0.5 * (at(i + 1) - at(i - 1));
    let steepest = (-3..=3).max_by(|a, b| slope(*a).abs().total_cmp(&slope(*b).abs()))?;
    let (sign, most) = (slope(steepest).signum(), slope(steepest).abs());
    let up = |i: isize| sign * at(steepest + i);
    let end = |step: isize| {
        let mut i = 0;
        while i * step < REACH_PX && (up(i + step) - up(i)) * step as f32 > 0.02 * most {
            i += step;
        }
        up(i)
    };
    let height = end(1) - end(-1);
    let width = f64::from(height / (most * (2.0 * std::f32::consts::PI).sqrt()));
    (most > 0.0 && width > 0.0).then_some(width)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::super::segment::plane::gaussian;
    use super::super::{Options, measure};
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Discs of 60 pixels, blurred by `sigma`, with noise of 4 and a grain of `grain` on them.
    fn discs(sigma: f32, grain: f32) -> Field<'static> {
        let (width, height) = (480, 400);
        let mut dice = ChaCha8Rng::seed_from_u64(3);
        let mut grey = vec![60.0f32; width * height];
        let grains: Vec<f32> = (0..width * height / 9)
            .map(|_| grain * (dice.random::<f32>() - 0.5))
            .collect();
        for y in 0..height {
            for x in 0..width {
                let (cx, cy) = (x % 80, y % 80);
                let off = (cx as f32 - 40.0).hypot(cy as f32 - 40.0);
                if off < 30.0 {
                    grey[y * width + x] = 160.0 + grains[(y / 3) * (width / 3) + x / 3];
                }
            }
        }
        let mut grey = gaussian(&grey, width, height, sigma);
        for value in &mut grey {
            let sum: f32 = (0..12).map(|_| dice.random::<f32>()).sum();
            *value += 4.0 * (sum - 6.0);
        }
        Field {
            grey: grey.into(),
            valid: vec![true; width * height],
            width,
            height,
            calibration: None,
        }
    }

    #[test]
    fn faces_are_smooth_or_grainy_by_what_stands_out_of_noise() {
        for (grain, word) in [(0.0, "smooth"), (120.0, "grainy")] {
            let found = measure(&discs(1.0, grain), &Options::default());
            assert_eq!(found.texture, Some(word), "{}", found.summary);
        }
    }

    #[test]
    fn borders_are_sharp_where_nothing_is_sharper() {
        let found = measure(&discs(1.0, 0.0), &Options::default());
        assert_eq!(found.border, Some("sharp"));
        // A sharp frame beside blurred discs.
        let mut field = discs(4.0, 0.0);
        let width = field.width;
        let mut grey = field.grey.to_vec();
        for y in (0..field.height).filter(|y| y % 80 < 3) {
            grey[y * width..(y + 1) * width].fill(250.0);
        }
        field.grey = grey.into();
        let fitness = Fitness::of(&field);
        let word = border(&field, &fitness, &found.objects);
        assert_eq!(word, Some("gradual"));
    }
}
