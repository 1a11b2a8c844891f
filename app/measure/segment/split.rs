//! Splits a set of pixels where it narrows: the watershed of its distance transform.
//!
//! Two parts come apart only where the neck between them is narrow against both of them, so
//! that an uneven outline splits nothing. Called by `parts.rs`.

use super::shape::Extent;

/// How wide a neck may be against the thinner part, for the parts to come apart.
const NECK_MAX: f32 = 0.75;
/// Steps of distance in a pixel.
const STEPS_FROM_PX: f32 = 16.0;

/// The parts of a set, each as places in the plane, if it comes apart into parts whose half
/// width is at least `half_width_min_px`.
pub fn split(extent: &Extent, plane_width: usize, half_width_min_px: f32) -> Option<Vec<Vec<u32>>> {
    // A rim of one pixel outside makes the frame of the box a border.
    let (width, height) = (extent.width() + 2, extent.height() + 2);
    let distance = distance(extent, width, height);
    let mut flood = Flood::of(&distance, width);
    flood.run(&distance, half_width_min_px);
    let mut number = vec![usize::MAX; flood.basins.len()];
    let mut parts: Vec<Vec<u32>> = Vec::new();
    let [left, top] = extent.corner();
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let Some(basin) = flood.basin_of(y * width + x) else {
                continue;
            };
            if number[basin] == usize::MAX {
                number[basin] = parts.len();
                parts.push(Vec::new());
            }
            parts[number[basin]].push(((top + y - 1) * plane_width + left + x - 1) as u32);
        }
    }
    (parts.len() > 1).then_some(parts)
}

/// The distance of every pixel's centre to the border of the set, in pixels; 0 outside
/// (Felzenszwalb and Huttenlocher's exact transform, columns first).
fn distance(extent: &Extent, width: usize, height: usize) -> Vec<f32> {
    let far = ((width + height) * (width + height)) as f32;
    let mut square = vec![0.0f32; width * height];
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            if extent.is_inside(x as isize - 1, y as isize - 1) {
                square[y * width + x] = far;
            }
        }
    }
    let mut line = Line::new(width.max(height));
    let mut column = vec![0.0; height];
    for x in 0..width {
        for (y, value) in column.iter_mut().enumerate() {
            *value = square[y * width + x];
        }
        for (y, value) in line.lowest(&column).iter().enumerate() {
            square[y * width + x] = *value;
        }
    }
    for row in square.chunks_exact_mut(width) {
        let lowest = line.lowest(row);
        row.copy_from_slice(lowest);
    }
    // From a centre to the border of the nearest pixel outside is half a pixel less.
    square
        .iter()
        .map(|square| (square.sqrt() - 0.5).max(0.0))
        .collect()
}

/// The lower envelope of parabolas over a line.
struct Line {
    vertex: Vec<usize>,
    from: Vec<f32>,
    lowest: Vec<f32>,
}

impl Line {
    fn new(length: usize) -> Self {
        Self {
            vertex: vec![0; length],
            from: vec![0.0; length + 1],
            lowest: vec![0.0; length],
        }
    }

    fn lowest(&mut self, values: &[f32]) -> &[f32] {
        let meets = |a: usize, b: usize| {
            let (at_a, at_b) = (values[a] + (a * a) as f32, values[b] + (b * b) as f32);
            (at_b - at_a) / (2.0 * (b as f32 - a as f32))
        };
        let mut last = 0;
        (self.vertex[0], self.from[0], self.from[1]) = (0, f32::MIN, f32::MAX);
        for place in 1..values.len() {
            let mut start = meets(self.vertex[last], place);
            while last > 0 && start <= self.from[last] {
                last -= 1;
                start = meets(self.vertex[last], place);
            }
            last += 1;
            self.vertex[last] = place;
            self.from[last] = start;
            self.from[last + 1] = f32::MAX;
        }
        let mut current = 0;
        for place in 0..values.len() {
            while self.from[current + 1] < place as f32 {
                current += 1;
            }
            let apart = place as f32 - self.vertex[current] as f32;
            self.lowest[place] = apart * apart + values[self.vertex[current]];
        }
        &self.lowest[..values.len()]
    }
}

/// Basins that grow from the widest places down to the border.
struct Flood {
    width: usize,
    order: Vec<u32>,
    label: Vec<u32>,
    basins: Vec<Basin>,
}

struct Basin {
    /// The basin it has become part of, or itself.
    within: usize,
    /// Its greatest distance to the border.
    peak: f32,
}

impl Flood {
    fn of(distance: &[f32], width: usize) -> Self {
        let mut order: Vec<u32> = (0..distance.len() as u32)
            .filter(|at| distance[*at as usize] > 0.0)
            .collect();
        order.sort_by_key(|at| std::cmp::Reverse((distance[*at as usize] * STEPS_FROM_PX) as u32));
        Self {
            width,
            order,
            label: vec![u32::MAX; distance.len()],
            basins: Vec::new(),
        }
    }

    fn root(&self, mut basin: usize) -> usize {
        while self.basins[basin].within != basin {
            basin = self.basins[basin].within;
        }
        basin
    }

    fn basin_of(&self, at: usize) -> Option<usize> {
        let label = self.label[at];
        (label != u32::MAX).then(|| self.root(label as usize))
    }

    fn run(&mut self, distance: &[f32], peak_min: f32) {
        for at in std::mem::take(&mut self.order) {
            let at = at as usize;
            let width = self.width;
            let around = [
                at - 1,
                at + 1,
                at - width,
                at + width,
                at - width - 1,
                at - width + 1,
                at + width - 1,
                at + width + 1,
            ];
            let mut best: Option<usize> = None;
            for other in around {
                let Some(basin) = self.basin_of(other) else {
                    continue;
                };
                let Some(before) = best.filter(|before| *before != basin) else {
                    best = Some(basin);
                    continue;
                };
                let (low, high) = if self.basins[before].peak < self.basins[basin].peak {
                    (before, basin)
                } else {
                    (basin, before)
                };
                let thin = self.basins[low].peak;
                if distance[at] > NECK_MAX * thin || thin < peak_min {
                    self.basins[low].within = high;
                }
                best = Some(high);
            }
            let label = best.unwrap_or_else(|| {
                self.basins.push(Basin {
                    within: self.basins.len(),
                    peak: distance[at],
                });
                self.basins.len() - 1
            });
            self.label[at] = label as u32;
        }
    }
}
