//! The lowest point of a smooth convex function, by L-BFGS.
//!
//! Draws nothing at random: the same function gives the same point. Called by `probe`.

use std::collections::VecDeque;

/// Steps taken at most.
const MOST_STEPS: usize = 2000;
/// Steps remembered to guess the curvature.
const REMEMBERED: usize = 10;
/// Halvings of a step before it counts as leading nowhere.
const MOST_HALVINGS: usize = 40;
/// Share of the fall promised by the slope that a step has to keep.
const KEPT: f64 = 1e-4;
/// Relative difference of two values that may be rounding.
const ROUNDING: f64 = 1e-12;

/// A place with the function's value and gradient there.
struct Place {
    at: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// Where `function`, which gives its value and gradient, is lowest: the first place without a
/// component of the gradient of `enough` or more, or the last one reached.
///
/// Limited-memory BFGS with backtracking (Nocedal 1980; Liu and Nocedal 1989).
pub fn lowest(
    function: impl Fn(&[f64]) -> (f64, Vec<f64>),
    start: Vec<f64>,
    enough: f64,
) -> Vec<f64> {
    let place = |at: Vec<f64>| {
        let (value, gradient) = function(&at);
        Place {
            at,
            value,
            gradient,
        }
    };
    let mut here = place(start);
    let mut memory = Memory::default();
    for _ in 0..MOST_STEPS {
        if here.gradient.iter().all(|slope| slope.abs() < enough) {
            break;
        }
        let direction = memory.direction(&here.gradient);
        match below(&here, &direction, place) {
            Some(next) => {
                memory.remember(&here, &next);
                here = next;
            }
            None if memory.steps.is_empty() => break,
            None => memory.steps.clear(),
        }
    }
    here.at
}

/// The first place that is low enough, from the full step along `direction` backwards.
fn below(here: &Place, direction: &[f64], place: impl Fn(Vec<f64>) -> Place) -> Option<Place> {
    let slope = dot(&here.gradient, direction);
    let mut length = 1.0;
    for _ in 0..MOST_HALVINGS {
        let at = here.at.iter().zip(direction);
        let next = place(at.map(|(at, along)| at + length * along).collect());
        let has_fallen = next.value <= here.value + KEPT * length * slope;
        // Near the bottom the values differ by rounding alone, the slopes still tell.
        let is_level = next.value <= here.value + ROUNDING * here.value.abs();
        if has_fallen || is_level && dot(&next.gradient, direction) <= -0.8 * slope {
            return Some(next);
        }
        length *= 0.5;
    }
    None
}

/// The last steps, oldest first.
#[derive(Default)]
struct Memory {
    steps: VecDeque<Step>,
}

/// How far a step went, by how much the gradient changed, and the product of both.
struct Step {
    moved: Vec<f64>,
    turned: Vec<f64>,
    curvature: f64,
}

impl Memory {
    /// Leaves out a step along which the function is not curved.
    fn remember(&mut self, from: &Place, to: &Place) {
        let moved = difference(&to.at, &from.at);
        let turned = difference(&to.gradient, &from.gradient);
        let curvature = dot(&moved, &turned);
        if curvature > f64::EPSILON * dot(&turned, &turned) {
            if self.steps.len() == REMEMBERED {
                self.steps.pop_front();
            }
            self.steps.push_back(Step {
                moved,
                turned,
                curvature,
            });
        }
    }

    /// The gradient times the guessed inverse curvature, downwards; a step of length 1 without
    /// memory.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
        let mut shares = Vec::with_capacity(self.steps.len());
        for step in self.steps.iter().rev() {
            let share = dot(&step.moved, &direction) / step.curvature;
            add(&mut direction, -share, &step.turned);
            shares.push(share);
        }
        let scale = match self.steps.back() {
            Some(step) => step.curvature / dot(&step.turned, &step.turned),
            None => 1.0 / dot(gradient, gradient).sqrt(),
        };
        direction.iter_mut().for_each(|along| *along *= scale);
        for (step, share) in self.steps.iter().zip(shares.into_iter().rev()) {
            let back = dot(&step.turned, &direction) / step.curvature;
            add(&mut direction, share - back, &step.moved);
        }
        direction
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    to.iter_mut()
        .zip(what)
        .for_each(|(to, what)| *to += times * what);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_long_valley_is_found() {
        let scales = [1.0, 100.0, 1e4];
        let valley = |at: &[f64]| {
            let off = difference(at, &[3.0, -2.0, 0.5]);
            let gradient: Vec<f64> = off.iter().zip(scales).map(|(o, s)| o * s).collect();
            (0.5 * dot(&off, &gradient), gradient)
        };
        let found = lowest(valley, vec![0.0; 3], 1e-9);
        for (found, expected) in found.into_iter().zip([3.0, -2.0, 0.5]) {
            assert!((found - expected).abs() < 1e-8, "{found} for {expected}");
        }
    }

    #[test]
    fn a_function_without_a_bottom_or_without_sense_ends() {
        let slope = |at: &[f64]| (at[0], vec![1.0]);
        assert!(lowest(slope, vec![0.0], 1e-9)[0] < -1.0);
        let nonsense = |_: &[f64]| (f64::NAN, vec![f64::NAN]);
        assert_eq!(lowest(nonsense, vec![2.0], 1e-9), [2.0]);
        assert!(lowest(|_| (0.0, Vec::new()), Vec::new(), 1e-9).is_empty());
    }
}
