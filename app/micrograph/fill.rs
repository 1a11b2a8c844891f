//! Fills holes in a grey image smoothly from what surrounds them, so that nothing of what was
//! there, and no hard edge, is left to be seen.
//!
//! Known pixels are averaged to ever smaller images until every pixel is known, and the holes of
//! each are then filled from the next smaller one. Known pixels are never changed. Called by
//! `prepare`.

/// An image of which some pixels are known.
struct Level {
    values: Vec<f32>,
    /// How much of each pixel is known, 0 to 1.
    known: Vec<f32>,
    size: [usize; 2],
}

/// Gives the pixels that are not known the grey of their surroundings; middle grey where none is
/// known.
pub fn fill(grey: &mut [u8], size: [usize; 2], is_known: &[bool]) {
    if is_known.iter().all(|is| *is) || grey.len() != is_known.len() {
        return;
    }
    if !is_known.iter().any(|is| *is) {
        grey.fill(128);
        return;
    }
    let first = Level {
        values: grey.iter().copied().map(f32::from).collect(),
        known: is_known.iter().map(|is| f32::from(u8::from(*is))).collect(),
        size,
    };
    let mut levels = vec![first];
    while let Some(last) = levels.last() {
        if last.known.iter().all(|known| *known > 0.0) || last.size == [1, 1] {
            break;
        }
        levels.push(smaller(last));
    }
    while let Some(small) = levels.pop() {
        match levels.last_mut() {
            Some(large) => fill_from(large, &small),
            None => {
                for (grey, (value, is)) in grey.iter_mut().zip(small.values.iter().zip(is_known)) {
                    if !is {
                        *grey = value.round().clamp(0.0, 255.0) as u8;
                    }
                }
            }
        }
    }
}

/// Half as large, from the known pixels alone.
fn smaller(level: &Level) -> Level {
    let [width, height] = level.size;
    let size = [width.div_ceil(2), height.div_ceil(2)];
    let mut small = Level {
        values: Vec::with_capacity(size[0] * size[1]),
        known: Vec::with_capacity(size[0] * size[1]),
        size,
    };
    for y in 0..size[1] {
        for x in 0..size[0] {
            let (mut sum, mut known) = (0.0, 0.0);
            for old_y in 2 * y..(2 * y + 2).min(height) {
                for old_x in 2 * x..(2 * x + 2).min(width) {
                    let index = old_y * width + old_x;
                    sum += level.values[index] * level.known[index];
                    known += level.known[index];
                }
            }
            small
                .values
                .push(if known > 0.0 { sum / known } else { 0.0 });
            small.known.push((known / 4.0).min(1.0));
        }
    }
    small
}

/// Fills a level from the next smaller one, between whose pixels values go over evenly.
fn fill_from(large: &mut Level, small: &Level) {
    let [width, _] = large.size;
    for (index, known) in large.known.iter().enumerate() {
        if *known > 0.0 {
            continue;
        }
        let (x, y) = (index % width, index / width);
        large.values[index] = between(small, x, y);
    }
}

/// The value of a smaller level at a pixel of the one twice as large.
fn between(small: &Level, x: usize, y: usize) -> f32 {
    let [width, height] = small.size;
    let place = |at: usize, side: usize| {
        let at = (at as f32 + 0.5) / 2.0 - 0.5;
        let first = at.floor().max(0.0) as usize;
        let second = (first + 1).min(side - 1);
        (
            first.min(side - 1),
            second,
            (at - first as f32).clamp(0.0, 1.0),
        )
    };
    let (left, right, to_right) = place(x, width);
    let (top, bottom, to_bottom) = place(y, height);
    let row = |y: usize| {
        small.values[y * width + left] * (1.0 - to_right)
            + small.values[y * width + right] * to_right
    };
    row(top) * (1.0 - to_bottom) + row(bottom) * to_bottom
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_take_the_grey_around_them_and_known_pixels_stay() {
        let (width, height) = (64, 48);
        let ramp = |i: usize| (i % width * 4) as u8;
        let mut grey: Vec<u8> = (0..width * height).map(ramp).collect();
        let is_known: Vec<bool> = (0..width * height)
            .map(|i| !((20..40).contains(&(i % width)) && (10..30).contains(&(i / width))))
            .collect();
        for (grey, is) in grey.iter_mut().zip(&is_known) {
            if !is {
                *grey = 255;
            }
        }
        fill(&mut grey, [width, height], &is_known);
        for (index, (grey, is)) in grey.iter().zip(&is_known).enumerate() {
            let most = if *is { 0 } else { 24 };
            assert!(grey.abs_diff(ramp(index)) <= most, "{index}: {grey}");
        }
    }

    #[test]
    fn a_hole_at_the_edge_and_an_image_that_is_all_hole_are_filled() {
        let mut grey = [9, 9, 0, 0, 0];
        fill(&mut grey, [5, 1], &[true, true, false, false, false]);
        assert_eq!(grey, [9; 5]);
        let mut grey = [7; 6];
        fill(&mut grey, [3, 2], &[false; 6]);
        assert_eq!(grey, [128; 6]);
    }
}
