//! How far apart objects stand, against chance.
//!
//! The mean distance to the nearest neighbour is held against random placements of the same
//! discs in the same specimen, none overlapping, for discs of a size keep apart by themselves.
//! Chance is seeded. Called by `blobs.rs`.

use super::house::edges::PLACEMENTS;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Tries to find room for a disc before it is put where it overlaps.
const TRIES: usize = 60;
/// More objects than this are not placed at random: it would take too long.
const OBJECTS_MAX: usize = 4000;

/// What the spacing of objects says.
#[derive(Clone, Debug, PartialEq)]
pub struct Spacing {
    /// Distance to the nearest neighbour from centre to centre, of each object, in pixels.
    pub nearest_px: Vec<f64>,
    /// The mean distance over that of points at random, with Donnelly's correction for the
    /// border.
    pub ratio: f64,
    /// The same of random placements: 2.5 %, mean and 97.5 %; none for too many objects.
    pub by_chance: Option<[f64; 3]>,
}

/// A disc: centre and radius in pixels.
pub type Disc = ([f64; 2], f64);

/// The spacing of discs within the specimen: `frame` is left, top, right, bottom of the box
/// around it, `is_specimen` tells about a place. `None` for fewer than two.
pub fn spacing(
    discs: &[Disc],
    frame: [f64; 4],
    is_specimen: impl Fn(f64, f64) -> bool + Sync,
    seed: u64,
) -> Option<Spacing> {
    if discs.len() < 2 {
        return None;
    }
    let centres: Vec<[f64; 2]> = discs.iter().map(|(centre, _)| *centre).collect();
    let nearest_px = nearest(&centres, frame);
    let ratio = mean(&nearest_px) / expected(discs.len(), frame);
    let by_chance = (discs.len() <= OBJECTS_MAX).then(|| {
        // The largest first: they find room while there is some.
        let mut radii: Vec<f64> = discs.iter().map(|(_, radius)| *radius).collect();
        radii.sort_by(|a, b| b.total_cmp(a));
        let placement = |i: usize| {
            let mut dice = ChaCha8Rng::seed_from_u64(seed.wrapping_add(i as u64));
            let centres = placed(&radii, frame, &is_specimen, &mut dice);
            mean(&nearest(&centres, frame)) / expected(discs.len(), frame)
        };
        let mut ratios: Vec<f64> = (0..PLACEMENTS).into_par_iter().map(placement).collect();
        ratios.sort_by(f64::total_cmp);
        let at = |share: f64| ratios[((ratios.len() - 1) as f64 * share).round() as usize];
        [at(0.025), mean(&ratios), at(0.975)]
    });
    Some(Spacing {
        nearest_px,
        ratio,
        by_chance,
    })
}

/// The mean distance that points at random would have, the border accounted for (Donnelly 1978).
fn expected(count: usize, [left, top, right, bottom]: [f64; 4]) -> f64 {
    let n = count as f64;
    let (area, around) = (
        (right - left) * (bottom - top),
        2.0 * (right - left + bottom - top),
    );
    0.5 * (area / n).sqrt() + (0.0514 + 0.041 / n.sqrt()) * around / n
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Places discs at random, none overlapping where there is room.
fn placed(
    radii: &[f64],
    frame: [f64; 4],
    is_specimen: &impl Fn(f64, f64) -> bool,
    dice: &mut ChaCha8Rng,
) -> Vec<[f64; 2]> {
    let widest = radii.first().copied().unwrap_or(0.0);
    let mut grid = Grid::new(frame, radii.len(), 2.0 * widest);
    let mut centres: Vec<[f64; 2]> = Vec::with_capacity(radii.len());
    for radius in radii {
        let mut at = [frame[0], frame[1]];
        for _ in 0..TRIES {
            at = [0, 1].map(|axis| dice.random_range(frame[axis]..frame[axis + 2]));
            let has_room = || {
                grid.near(at, radius + widest)
                    .all(|other| square(centres[other], at) >= (radius + radii[other]).powi(2))
            };
            if is_specimen(at[0], at[1]) && has_room() {
                break;
            }
        }
        grid.add(at);
        centres.push(at);
    }
    centres
}

/// The square of the distance between two points.
fn square(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

/// The distance of each point to the nearest other one.
fn nearest(centres: &[[f64; 2]], frame: [f64; 4]) -> Vec<f64> {
    let mut grid = Grid::new(frame, centres.len(), 0.0);
    for centre in centres {
        grid.add(*centre);
    }
    let whole = (frame[2] - frame[0]).hypot(frame[3] - frame[1]);
    let of = |(i, at): (usize, &[f64; 2])| {
        let mut reach = grid.cell;
        loop {
            let others = grid.near(*at, reach).filter(|other| *other != i);
            let squares = others.map(|k| square(centres[k], *at));
            let least = squares.fold(f64::MAX, f64::min).sqrt();
            if least <= reach || reach > whole {
                return least;
            }
            reach *= 2.0;
        }
    };
    centres.iter().enumerate().map(of).collect()
}

/// Points by cells, to find those near a place.
struct Grid {
    corner: [f64; 2],
    cell: f64,
    columns: usize,
    rows: usize,
    /// The last point added to each cell, and for each point the one added to it before.
    last: Vec<usize>,
    before: Vec<usize>,
}

impl Grid {
    /// A grid with about a point a cell, the cells at least so wide.
    fn new(frame: [f64; 4], count: usize, cell_min: f64) -> Self {
        let sides = [0, 1].map(|axis| (frame[axis + 2] - frame[axis]).max(1.0));
        let cell = (sides[0] * sides[1] / count.max(1) as f64)
            .sqrt()
            .max(cell_min)
            .max(1.0);
        let [columns, rows] = sides.map(|side| (side / cell).ceil() as usize);
        Self {
            corner: [frame[0], frame[1]],
            cell,
            columns,
            rows,
            last: vec![usize::MAX; columns * rows],
            before: Vec::with_capacity(count),
        }
    }

    fn column_row(&self, at: [f64; 2]) -> [usize; 2] {
        let ends = [self.columns - 1, self.rows - 1];
        [0, 1].map(|axis| {
            (((at[axis] - self.corner[axis]) / self.cell).max(0.0) as usize).min(ends[axis])
        })
    }

    /// Adds the next point, counted from 0.
    fn add(&mut self, at: [f64; 2]) {
        let [column, row] = self.column_row(at);
        let last = &mut self.last[row * self.columns + column];
        self.before.push(*last);
        *last = self.before.len() - 1;
    }

    fn near(&self, at: [f64; 2], reach: f64) -> impl Iterator<Item = usize> + '_ {
        let [left, top] = self.column_row([at[0] - reach, at[1] - reach]);
        let [right, bottom] = self.column_row([at[0] + reach, at[1] + reach]);
        let cells = (top..=bottom)
            .flat_map(move |row| row * self.columns + left..=row * self.columns + right);
        cells.flat_map(|cell| {
            let last = self.last.get(cell).copied();
            std::iter::successors(last, |point| self.before.get(*point).copied())
                .take_while(|point| *point != usize::MAX)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    const FRAME: [f64; 4] = [0.0, 0.0, 1000.0, 800.0];

    fn of(discs: &[Disc]) -> Spacing {
        spacing(discs, FRAME, |_, _| true, 3).unwrap()
    }

    #[test]
    fn points_at_random_read_one() {
        let mut dice = ChaCha8Rng::seed_from_u64(9);
        let ratios: Vec<f64> = (0..20)
            .map(|_| {
                let centres = placed(&[0.0; 200], FRAME, &|_, _| true, &mut dice);
                mean(&nearest(&centres, FRAME)) / expected(200, FRAME)
            })
            .collect();
        assert!((mean(&ratios) - 1.0).abs() < 0.03, "{}", mean(&ratios));
    }

    #[test]
    fn a_lattice_is_even_and_heaps_are_clustered() {
        let lattice: Vec<Disc> = (0..80)
            .map(|i| {
                (
                    [
                        50.0 + 100.0 * f64::from(i % 10),
                        50.0 + 100.0 * f64::from(i / 10),
                    ],
                    10.0,
                )
            })
            .collect();
        let found = of(&lattice);
        let [_, _, high] = found.by_chance.unwrap();
        assert!(
            found.ratio > high
                && found
                    .nearest_px
                    .iter()
                    .all(|apart| (apart - 100.0).abs() < 1e-9)
        );
        let heap: Vec<Disc> = (0..80)
            .map(|i| {
                (
                    [
                        100.0 + 25.0 * f64::from(i % 10),
                        100.0 + 25.0 * f64::from(i / 10),
                    ],
                    10.0,
                )
            })
            .collect();
        let found = of(&heap);
        let [low, ..] = found.by_chance.unwrap();
        assert!(found.ratio < low);
    }

    #[test]
    fn discs_at_random_are_no_order_beyond_chance() {
        let mut dice = ChaCha8Rng::seed_from_u64(4);
        let centres = placed(&[14.0; 120], FRAME, &|_, _| true, &mut dice);
        let discs: Vec<Disc> = centres.into_iter().map(|centre| (centre, 14.0)).collect();
        let found = of(&discs);
        let [low, middle, high] = found.by_chance.unwrap();
        assert!((low..=high).contains(&found.ratio), "{found:?}");
        assert!(middle > 1.05, "discs keep apart: {middle}");
    }
}
