//! Layers, patterns and tips drawn with known thickness, period, radius and angle.

use askem::measure::quantity::{Quantity, Scale};
use askem::measure::{Field, layers, pattern, tip};

use super::draw::{Dice, Look, Plan, blur, rough_edge};

/// A field of a function of the place, blurred, with noise.
fn drawn(
    size: (usize, usize),
    sigma: f64,
    noise: f64,
    seed: u64,
    of: impl Fn(f64, f64) -> f64,
) -> Field<'static> {
    const FINE: usize = 3;
    let (width, height) = size;
    let mut grey = vec![0.0; width * height];
    for (place, value) in grey.iter_mut().enumerate() {
        for part in 0..FINE * FINE {
            let offset = |index: usize| (index as f64 + 0.5) / FINE as f64 - 0.5;
            let x = (place % width) as f64 + offset(part % FINE);
            let y = (place / width) as f64 + offset(part / FINE);
            *value += of(x, y) / (FINE * FINE) as f64;
        }
    }
    blur(&mut grey, width, height, sigma);
    let mut dice = Dice::new(seed);
    let grey = grey
        .iter()
        .map(|value| (value + noise * dice.normal()) as f32)
        .collect();
    Field::from_values(width, height, grey).unwrap()
}

fn value(quantities: &[Quantity], slot: &str) -> f64 {
    quantities
        .iter()
        .find(|q| q.slot == slot)
        .unwrap()
        .value
        .unwrap()
}

#[test]
fn layers_are_as_thick_as_they_were_drawn() {
    for (index, (slope, noise)) in [(0.0, 4.0), (0.05, 10.0), (-0.12, 6.0)]
        .into_iter()
        .enumerate()
    {
        let mut dice = Dice::new(20 + index as u64);
        let depths = [60.0, 84.0, 145.0, 158.0, 200.0];
        let rough: Vec<Vec<f64>> = depths
            .iter()
            .map(|_| rough_edge(&mut dice, 400, 0.8, 10.0))
            .collect();
        let tones = [40.0, 120.0, 70.0, 160.0, 90.0, 130.0];
        let field = drawn((400, 280), 1.4, noise, index as u64, |x, y| {
            let column = (x.round().max(0.0) as usize).min(399);
            let at = |layer: usize| depths[layer] + rough[layer][column] + slope * (x - 200.0);
            tones[(0..depths.len()).take_while(|layer| y > at(*layer)).count()]
        });
        let found = layers::measure(&field, &Scale::default()).unwrap();
        assert!(found.is_along_x);
        assert_eq!(found.layers.len(), 4, "at a slope of {slope}");
        let cos = 1.0 / (1.0 + slope * slope).sqrt();
        for (layer, pair) in found.layers.iter().zip(depths.windows(2)) {
            let truth = (pair[1] - pair[0]) * cos;
            let error = layer.thickness_px / truth - 1.0;
            assert!(error.abs() <= 0.02, "{error} of {truth} at {slope}");
        }
    }
}

#[test]
fn a_field_without_interfaces_has_no_thickness() {
    let field = drawn((200, 200), 1.0, 6.0, 1, |_, _| 80.0);
    assert!(layers::measure(&field, &Scale::default()).is_err());
}

#[test]
fn lattices_are_told_and_their_periods_true_to_three_in_a_thousand() {
    let dots = |a: (f64, f64), b: (f64, f64), radius: f64| {
        move |x: f64, y: f64| {
            let determinant = a.0 * b.1 - a.1 * b.0;
            let u = (x * b.1 - y * b.0) / determinant;
            let v = (y * a.0 - x * a.1) / determinant;
            let (du, dv) = (u - u.round(), v - v.round());
            let (dx, dy) = (du * a.0 + dv * b.0, du * a.1 + dv * b.1);
            if dx.hypot(dy) < radius { 40.0 } else { 120.0 }
        }
    };
    let turn = 0.13f64;
    let at = |length: f64, angle: f64| (length * angle.cos(), length * angle.sin());
    let square = dots(
        at(31.4, turn),
        at(31.4, turn + std::f64::consts::FRAC_PI_2),
        10.0,
    );
    let hexagonal = dots(
        at(27.7, turn),
        at(27.7, turn + std::f64::consts::FRAC_PI_3),
        8.0,
    );
    for (name, lattice, period, field) in [
        (
            "square",
            pattern::Lattice::Square,
            31.4,
            drawn((420, 380), 1.2, 12.0, 3, square),
        ),
        (
            "hexagonal",
            pattern::Lattice::Hexagonal,
            27.7,
            drawn((420, 380), 1.2, 12.0, 4, hexagonal),
        ),
    ] {
        let found = pattern::measure(&field, &Scale::default()).unwrap();
        assert_eq!(found.lattice, lattice, "{name}: {found:?}");
        let error = value(&found.quantities, "period") / period - 1.0;
        assert!(error.abs() < 3e-3, "{name} {error}");
    }
    let plan = Plan {
        size: (500, 300),
        pitch: 33.3,
        line: 15.0,
        spread: 0.0,
        sigma: 0.6,
        correlation: 10.0,
        slant: 0.0,
    };
    let lines = plan.draw(&Look::USUAL, 5);
    let field = Field::from_values(lines.width, lines.height, lines.grey).unwrap();
    let found = pattern::measure(&field, &Scale::default()).unwrap();
    assert_eq!(found.lattice, pattern::Lattice::Lines, "{found:?}");
    let error = value(&found.quantities, "period") / plan.pitch - 1.0;
    assert!(error.abs() < 3e-3, "lines {error}");
}

#[test]
fn noise_has_no_period() {
    let field = drawn((300, 300), 1.5, 20.0, 6, |_, _| 80.0);
    assert!(pattern::measure(&field, &Scale::default()).is_err());
}

/// A cone with a round apex that points up: radius, full angle in degrees.
fn needle(radius: f64, angle: f64, noise: f64) -> Field<'static> {
    let half = 0.5 * angle.to_radians();
    let (cx, top) = (150.0, 60.0);
    drawn((300, 320), 1.2, noise, 8, move |x, y| {
        let (dx, dy) = (x - cx, y - (top + radius));
        // Below the tangent points the flanks, above them the circle.
        let is_cap = dy < -radius * half.sin();
        let inside = if is_cap {
            dx.hypot(dy) < radius
        } else {
            dx.abs() < radius / half.cos() + dy * half.tan()
        };
        if inside { 150.0 } else { 35.0 }
    })
}

#[test]
fn tips_have_the_radius_and_the_angle_they_were_drawn_with() {
    for (radius, angle) in [(12.0, 20.0), (25.0, 30.0), (18.0, 12.0)] {
        let found = tip::measure(&needle(radius, angle, 6.0), 1.0, &Scale::default()).unwrap();
        let error = found.radius_px / radius - 1.0;
        assert!(error.abs() < 0.1, "radius {radius}: {}", found.radius_px);
        assert!(
            (found.angle_deg - angle).abs() < 1.0,
            "angle {angle}: {}",
            found.angle_deg
        );
        assert!((found.apex_px.0 - 150.0).abs() < 1.0 && (found.apex_px.1 - 60.0).abs() < 1.5);
    }
    let sharp = tip::measure(&needle(2.5, 20.0, 6.0), 1.0, &Scale::default()).unwrap();
    assert_eq!(
        sharp.quantities[0].text_with_note(),
        "≤ 5.0 px (under 5 px)"
    );
}
