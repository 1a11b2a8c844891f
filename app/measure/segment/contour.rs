//! Walks around a connected set of pixels along their sides.
//!
//! What is found so costs as much as the outline is long, however large the set: its border, the
//! area it encloses with its holes, its box and the corners of its hull. Called by `parts.rs`,
//! and by `shape.rs` for polygons.

/// What lies at a place, seen from a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A pixel of the set.
    Inside,
    /// Specimen outside of it.
    Ground,
    /// What it was split from.
    Cut,
    /// Nothing, or no specimen.
    Frame,
}

/// What was met around a set.
#[derive(Clone, Debug, Default)]
pub struct Contour {
    /// Sides of pixels towards the ground.
    pub sides: u32,
    /// Towards what it was split from.
    pub cut: u32,
    /// At the frame or at what is no specimen.
    pub frame: u32,
    /// Sum of the gradient along `sides` and `cut`.
    pub steepness: f32,
    /// Pixels within, those of holes included.
    pub area: u32,
    /// The corners where the way turns, in order.
    pub corners: Vec<[i32; 2]>,
    /// Left, top, right and bottom, the latter two beyond the last pixel.
    pub bounds: [i32; 4],
}

impl Contour {
    /// Walks around the set whose first pixel, row by row, is `first`, with the set to the right.
    /// `look` tells what lies at a place, `slope` the gradient between two pixels.
    pub fn around(
        first: [i32; 2],
        look: impl Fn([i32; 2]) -> Place,
        slope: impl Fn([i32; 2], [i32; 2]) -> f32,
    ) -> Self {
        let mut found = Self {
            bounds: [first[0], first[1], first[0] + 1, first[1] + 1],
            corners: vec![first],
            ..Self::default()
        };
        let (mut at, mut step, mut twice_closed) = (first, [1, 0], 0i64);
        loop {
            let (inside, outside) = beside(at, step);
            match look(outside) {
                Place::Frame => found.frame += 1,
                Place::Cut => {
                    found.cut += 1;
                    found.steepness += slope(inside, outside);
                }
                Place::Inside | Place::Ground => {
                    found.sides += 1;
                    found.steepness += slope(inside, outside);
                }
            }
            // Areas above ways to the left, less those above ways to the right.
            twice_closed -= i64::from(step[0]) * i64::from(at[1]);
            at = [at[0] + step[0], at[1] + step[1]];
            if at == first {
                break;
            }
            let (right, left) = beside(at, step);
            let next = if look(right) != Place::Inside {
                [-step[1], step[0]]
            } else if look(left) == Place::Inside {
                [step[1], -step[0]]
            } else {
                step
            };
            if next != step {
                found.corners.push(at);
                let [left, top, right, bottom] = found.bounds;
                found.bounds = [
                    left.min(at[0]),
                    top.min(at[1]),
                    right.max(at[0]),
                    bottom.max(at[1]),
                ];
                step = next;
            }
        }
        found.area = twice_closed.unsigned_abs() as u32;
        found
    }

    /// The area of its convex hull, in pixels.
    pub fn hull_area(&self) -> f32 {
        let [left, top, right, bottom] = self.bounds;
        // The outermost corners at each height, from the top down: those of a hull are among them.
        let mut ends = vec![[right, left]; (bottom - top) as usize + 1];
        for [x, y] in &self.corners {
            let [least, most] = &mut ends[(y - top) as usize];
            (*least, *most) = ((*least).min(*x), (*most).max(*x));
        }
        // A height without corners keeps least above most: it takes no part.
        let side = |end: usize, sign: i64| -> i64 {
            let mut chain: Vec<[i64; 2]> = Vec::with_capacity(ends.len());
            for (y, row) in ends.iter().enumerate().filter(|(_, row)| row[0] <= row[1]) {
                let point = [sign * i64::from(row[end]), y as i64];
                while let [.., a, b] = chain[..]
                    && (b[0] - a[0]) * (point[1] - b[1]) <= (point[0] - b[0]) * (b[1] - a[1])
                {
                    chain.pop();
                }
                chain.push(point);
            }
            // Twice the area between the chain and the axis.
            let steps = chain.iter().zip(chain.iter().skip(1));
            steps.map(|(a, b)| (a[0] + b[0]) * (b[1] - a[1])).sum()
        };
        0.5 * (side(1, 1) + side(0, -1)) as f32
    }

    /// Its box, holes filled, with a rim of one pixel around it: width, height, and whether a
    /// place is inside, row by row.
    pub fn filled(&self) -> (usize, usize, Vec<bool>) {
        let [left, top, right, bottom] = self.bounds;
        let (width, height) = ((right - left) as usize + 2, (bottom - top) as usize + 2);
        let mut filled = vec![false; width * height];
        // Where the way goes up or down, inside and outside change.
        let next = self.corners.iter().cycle().skip(1);
        for (from, to) in self.corners.iter().zip(next) {
            let x = (from[0] - left) as usize + 1;
            for y in from[1].min(to[1])..from[1].max(to[1]) {
                let place = ((y - top) as usize + 1) * width + x;
                filled[place] = !filled[place];
            }
        }
        for row in filled.chunks_exact_mut(width) {
            let mut is_inside = false;
            for place in row {
                is_inside ^= *place;
                *place = is_inside;
            }
        }
        (width, height, filled)
    }
}

/// The pixels to the right and to the left of a step from a corner.
fn beside([x, y]: [i32; 2], step: [i32; 2]) -> ([i32; 2], [i32; 2]) {
    match step {
        [1, _] => ([x, y], [x, y - 1]),
        [-1, _] => ([x - 1, y - 1], [x - 1, y]),
        [_, 1] => ([x - 1, y], [x, y]),
        _ => ([x, y - 1], [x - 1, y - 1]),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    const PICTURE: [&str; 6] = [
        "..##....", //
        ".####.#.", ".#..##..", ".#.###..", ".####...", "........",
    ];

    fn look([x, y]: [i32; 2]) -> Place {
        let row = usize::try_from(y).ok().and_then(|y| PICTURE.get(y));
        let byte = row.and_then(|row| row.as_bytes().get(usize::try_from(x).ok()?));
        match byte {
            None => Place::Frame,
            Some(b'#') => Place::Inside,
            Some(_) => Place::Ground,
        }
    }

    #[test]
    fn an_outline_has_its_sides_its_area_and_its_box() {
        let found = Contour::around([2, 0], look, |_, _| 0.5);
        // The pixel that touches by a corner alone is another set; the hole of three is within.
        assert_eq!(found.area, 20);
        assert_eq!((found.frame, found.cut, found.sides), (2, 0, 18));
        assert_eq!(found.bounds, [1, 0, 6, 5]);
        assert!((found.steepness - 9.0).abs() < 1e-6);
        // The box of 5 by 5 without two triangles above and one below.
        assert!(
            (found.hull_area() - 22.0).abs() < 1e-6,
            "{}",
            found.hull_area()
        );
        let (width, height, filled) = found.filled();
        assert_eq!((width, height), (7, 7));
        assert_eq!(filled.iter().filter(|is| **is).count(), 20);
        assert!(filled[3 * width + 3], "a hole is within");
    }
}
