//! Splits a set of pixels where it narrows: the watershed of its distance transform.
//!
//! Two parts come apart only where the neck between them is narrow against both of them, so
//! that an uneven outline splits nothing. Called by `parts.rs`.

/// How wide a neck may be against the thinner part, for the parts to come apart.
const NECK_MAX: f32 = 0.75;
/// Steps of distance in a pixel.
const STEPS_FROM_PX: f32 = 16.0;

/// The parts that a set comes apart into.
pub struct Basins {
    /// The part of each place, from 1; 0 outside of the set.
    pub label: Vec<u32>,
    /// The first place of each part.
    pub first: Vec<usize>,
}

/// The parts of a set given row by row with a rim of places outside, if it comes apart into
/// parts whose half width is at least `half_width_min_px`.
pub fn split(inside: &[bool], width: usize, half_width_min_px: f32) -> Option<Basins> {
    let distance = distance(inside, width);
    let mut flood = Flood {
        label: vec![0; inside.len()],
        basins: Vec::new(),
    };
    flood.run(&distance, width, half_width_min_px);
    let mut number = vec![0u32; flood.basins.len()];
    let mut first = Vec::new();
    for at in 0..inside.len() {
        if flood.label[at] == 0 {
            continue;
        }
        let root = root(&mut flood.basins, flood.label[at] - 1) as usize;
        if number[root] == 0 {
            first.push(at);
            number[root] = first.len() as u32;
        }
        flood.label[at] = number[root];
    }
    (first.len() > 1).then_some(Basins {
        label: flood.label,
        first,
    })
}

/// The distance of every pixel's centre to the border of the set, in pixels; 0 outside
/// (exact: along the columns first, then the lower envelope of parabolas along each run of a
/// row, as Meijster and others do; nothing beyond the end of a run is nearer than its end).
fn distance(inside: &[bool], width: usize) -> Vec<f32> {
    let height = inside.len() / width;
    let mut rows = vec![0.0f32; inside.len()];
    for y in 1..height {
        let (before, from) = rows.split_at_mut(y * width);
        let above = &before[(y - 1) * width..];
        let is = &inside[y * width..(y + 1) * width];
        for ((to, above), is) in from.iter_mut().zip(above).zip(is) {
            *to = if *is { above + 1.0 } else { 0.0 };
        }
    }
    for y in (0..height - 1).rev() {
        let (before, from) = rows.split_at_mut((y + 1) * width);
        for (to, below) in before[y * width..].iter_mut().zip(from) {
            *to = to.min(*below + 1.0);
        }
    }
    let mut line = Line::new(width);
    for row in rows.chunks_exact_mut(width) {
        let mut from = 0;
        while let Some(ahead) = row[from..].iter().position(|value| *value > 0.0) {
            let start = from + ahead;
            let run = row[start..].iter().position(|value| *value == 0.0);
            let end = run.map_or(width, |length| start + length);
            line.lowest(&mut row[start - 1..(end + 1).min(width)]);
            from = end;
        }
    }
    rows
}

/// The lower envelope of parabolas over a line.
struct Line {
    square: Vec<f32>,
    vertex: Vec<usize>,
    from: Vec<f32>,
}

impl Line {
    fn new(length: usize) -> Self {
        Self {
            square: vec![0.0; length],
            vertex: vec![0; length],
            from: vec![0.0; length + 1],
        }
    }

    /// Distances along the columns become distances; the first and the last are outside.
    fn lowest(&mut self, values: &mut [f32]) {
        for (square, value) in self.square.iter_mut().zip(values.iter()) {
            *square = value * value;
        }
        let square = &self.square;
        let meets = |a: usize, b: usize| {
            let (at_a, at_b) = (square[a] + (a * a) as f32, square[b] + (b * b) as f32);
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
        for (place, value) in values.iter_mut().enumerate() {
            while self.from[current + 1] < place as f32 {
                current += 1;
            }
            let apart = place as f32 - self.vertex[current] as f32;
            // From a centre to the border of the nearest pixel outside is half a pixel less.
            let whole = (apart * apart + square[self.vertex[current]]).sqrt();
            *value = (whole - 0.5).max(0.0);
        }
    }
}

/// Basins that grow from the widest places down to the border.
struct Flood {
    /// The basin of each place, from 1.
    label: Vec<u32>,
    basins: Vec<Basin>,
}

struct Basin {
    /// The basin it has become part of, or itself.
    within: u32,
    /// Its greatest distance to the border.
    peak: f32,
}

fn root(basins: &mut [Basin], mut basin: u32) -> u32 {
    while basins[basin as usize].within != basin {
        let next = basins[basins[basin as usize].within as usize].within;
        basins[basin as usize].within = next;
        basin = next;
    }
    basin
}

impl Flood {
    fn run(&mut self, distance: &[f32], width: usize, peak_min: f32) {
        for at in falling(distance) {
            let at = at as usize;
            let mut best: Option<u32> = None;
            for other in [at - 1, at + 1, at - width, at + width] {
                let label = self.label[other];
                if label == 0 {
                    continue;
                }
                let basin = root(&mut self.basins, label - 1);
                let Some(before) = best.filter(|before| *before != basin) else {
                    best = Some(basin);
                    continue;
                };
                let peak = |basin: u32| self.basins[basin as usize].peak;
                let (low, high) = if peak(before) < peak(basin) {
                    (before, basin)
                } else {
                    (basin, before)
                };
                let thin = peak(low);
                if distance[at] > NECK_MAX * thin || thin < peak_min {
                    self.basins[low as usize].within = high;
                }
                best = Some(high);
            }
            let basin = best.unwrap_or_else(|| {
                let basin = self.basins.len() as u32;
                self.basins.push(Basin {
                    within: basin,
                    peak: distance[at],
                });
                basin
            });
            self.label[at] = basin + 1;
        }
    }
}

/// The places inside, from the widest down, row by row where they are as wide.
fn falling(distance: &[f32]) -> Vec<u32> {
    let step = |distance: f32| (distance * STEPS_FROM_PX) as usize;
    let most = distance.iter().copied().fold(0.0, f32::max);
    let mut starts = vec![0u32; step(most) + 2];
    let seen = || distance.iter().enumerate().filter(|(_, d)| **d > 0.0);
    for (_, d) in seen() {
        starts[step(most) - step(*d) + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut order = vec![0u32; starts.last().copied().unwrap_or(0) as usize];
    for (at, d) in seen() {
        let start = &mut starts[step(most) - step(*d)];
        order[*start as usize] = at as u32;
        *start += 1;
    }
    order
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    const WIDTH: usize = 64;

    fn discs(discs: &[[f32; 3]]) -> Vec<bool> {
        let place = |i: usize| [(i % WIDTH) as f32 + 0.5, (i / WIDTH) as f32 + 0.5];
        (0..WIDTH * 40)
            .map(|i| {
                let [x, y] = place(i);
                discs.iter().any(|[u, v, r]| (x - u).hypot(y - v) < *r)
            })
            .collect()
    }

    #[test]
    fn distances_are_those_to_the_nearest_pixel_outside() {
        let inside = discs(&[[20.0, 18.0, 14.0], [44.0, 22.0, 11.0]]);
        let found = distance(&inside, WIDTH);
        let spot = |i: usize| [(i % WIDTH) as f32, (i / WIDTH) as f32];
        for at in (0..inside.len()).filter(|at| inside[*at]) {
            let [x, y] = spot(at);
            let outside = (0..inside.len()).filter(|i| !inside[*i]).map(spot);
            let least = outside
                .map(|[u, v]| (u - x).hypot(v - y))
                .fold(1e9, f32::min);
            assert!((found[at] - (least - 0.5)).abs() < 1e-4, "{at}");
        }
    }

    #[test]
    fn two_discs_come_apart_and_one_stays_whole() {
        let two = discs(&[[18.0, 20.0, 12.0], [40.0, 20.0, 12.0]]);
        let found = split(&two, WIDTH, 3.0).unwrap();
        assert_eq!(found.first.len(), 2);
        let share = |label: u32| found.label.iter().filter(|is| **is == label).count() as f32;
        let ratio = share(1) / share(2);
        assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
        assert!(split(&discs(&[[30.0, 20.0, 15.0]]), WIDTH, 3.0).is_none());
    }
}
