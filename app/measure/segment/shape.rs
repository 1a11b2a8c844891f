//! The outline of a set of pixels: what it encloses, its convex hull, and its polygon.
//!
//! Works on pixel corners, so that a set one pixel wide is one pixel wide. Called by `parts.rs`
//! and `objects.rs`.

/// A set of pixels in the smallest box around it, with its holes filled.
#[derive(Clone, Debug)]
pub struct Extent {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    inside: Vec<bool>,
}

impl Extent {
    /// Of pixels given as places in a plane of `plane_width`; there is at least one.
    pub fn of(plane_width: usize, pixels: &[u32]) -> Self {
        let spot = |pixel: &u32| (*pixel as usize % plane_width, *pixel as usize / plane_width);
        let start = (usize::MAX, usize::MAX, 0, 0);
        let (left, top, right, bottom) = pixels.iter().map(spot).fold(start, |b, (x, y)| {
            (b.0.min(x), b.1.min(y), b.2.max(x + 1), b.3.max(y + 1))
        });
        let (left, top) = (left.min(right), top.min(bottom));
        let (width, height) = (right - left, bottom - top);
        let mut inside = vec![false; width * height];
        for (x, y) in pixels.iter().map(spot) {
            inside[(y - top) * width + x - left] = true;
        }
        fill_holes(&mut inside, width, height);
        Self {
            left,
            top,
            width,
            height,
            inside,
        }
    }

    /// Width of the box.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height of the box.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Left and top of the box.
    pub fn corner(&self) -> [usize; 2] {
        [self.left, self.top]
    }

    /// Whether a pixel of the box, counted from its corner, is inside.
    pub fn is_inside(&self, x: isize, y: isize) -> bool {
        let within = x >= 0 && y >= 0 && x < self.width as isize && y < self.height as isize;
        within && self.inside[y as usize * self.width + x as usize]
    }

    /// Pixels, those of holes included.
    pub fn filled_area(&self) -> usize {
        self.inside.iter().filter(|is| **is).count()
    }

    /// The pixels as places in the plane, those of holes included, row by row.
    pub fn filled(&self, plane_width: usize) -> Vec<u32> {
        let mut pixels = Vec::new();
        for (y, row) in self.inside.chunks_exact(self.width.max(1)).enumerate() {
            let start = (self.top + y) * plane_width + self.left;
            let inside = row.iter().enumerate().filter(|(_, is)| **is);
            pixels.extend(inside.map(|(x, _)| (start + x) as u32));
        }
        pixels
    }
}

/// Marks all that the frame of the box cannot reach.
fn fill_holes(inside: &mut [bool], width: usize, height: usize) {
    let mut is_outside = vec![false; inside.len()];
    let mut open = Vec::new();
    let reach = |at: usize, is_outside: &mut Vec<bool>, open: &mut Vec<usize>| {
        if !inside[at] && !is_outside[at] {
            is_outside[at] = true;
            open.push(at);
        }
    };
    for x in 0..width {
        reach(x, &mut is_outside, &mut open);
        reach((height - 1) * width + x, &mut is_outside, &mut open);
    }
    for y in 0..height {
        reach(y * width, &mut is_outside, &mut open);
        reach(y * width + width - 1, &mut is_outside, &mut open);
    }
    while let Some(at) = open.pop() {
        let (x, y) = (at % width, at / width);
        if x > 0 {
            reach(at - 1, &mut is_outside, &mut open);
        }
        if x + 1 < width {
            reach(at + 1, &mut is_outside, &mut open);
        }
        if y > 0 {
            reach(at - width, &mut is_outside, &mut open);
        }
        if y + 1 < height {
            reach(at + width, &mut is_outside, &mut open);
        }
    }
    for (inside, is_outside) in inside.iter_mut().zip(is_outside) {
        *inside = !is_outside;
    }
}

/// The convex hull of points, counter-clockwise in an image whose y points down (Andrew's
/// monotone chain); fewer than three where they lie on a line.
pub fn hull(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let cross = |o: [f64; 2], a: [f64; 2], b: [f64; 2]| {
        (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
    };
    let half = |points: &mut dyn Iterator<Item = [f64; 2]>| {
        let mut chain: Vec<[f64; 2]> = Vec::new();
        for point in points {
            while let [.., o, a] = chain[..]
                && cross(o, a, point) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut around = half(&mut points.iter().copied());
    around.extend(half(&mut points.iter().rev().copied()));
    around
}

/// The area within a polygon.
pub fn polygon_area(corners: &[[f64; 2]]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    let twice: f64 = corners
        .iter()
        .zip(next)
        .map(|(a, b)| a[0] * b[1] - b[0] * a[1])
        .sum();
    (0.5 * twice).abs()
}
