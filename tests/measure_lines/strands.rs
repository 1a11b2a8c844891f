//! Strands that cross, drawn as round bodies with bright rims, and counted and measured.

use askem::measure::quantity::{Reason, Scale};
use askem::measure::{Field, Fitness, fibres};

use super::draw::{Dice, blur};

fn measured(field: &Field<'_>) -> Result<fibres::Fibres, Reason> {
    fibres::measure(field, &Fitness::of(field), &Scale::default(), 1)
}

/// What is drawn.
#[derive(Clone, Copy)]
struct Plan {
    size: (usize, usize),
    count: usize,
    width: f64,
    /// Coefficient of variation of the widths.
    spread: f64,
    /// Standard deviation of the directions about one, in radians; none for all directions.
    aligned: Option<f64>,
    blur: f64,
    noise: f64,
}

struct Drawn {
    field: Field<'static>,
    /// Widths, lengths in view and directions of the strands of which enough is seen.
    seen: Vec<(f64, f64, f64)>,
}

/// Straight strands through the frame, later ones over earlier ones.
fn draw(plan: &Plan, seed: u64) -> Drawn {
    let mut dice = Dice::new(seed);
    let (width, height) = plan.size;
    let mut grey = vec![30.0f64; width * height];
    let mut owner = vec![usize::MAX; width * height];
    let lead = dice.uniform() * std::f64::consts::PI;
    let mut strands = Vec::new();
    for index in 0..plan.count {
        let angle = match plan.aligned {
            Some(spread) => lead + spread * dice.normal(),
            None => dice.uniform() * std::f64::consts::PI,
        };
        let own = plan.width * (plan.spread * dice.normal()).exp();
        let (x0, y0) = (
            dice.uniform() * width as f64,
            dice.uniform() * height as f64,
        );
        let (sin, cos) = angle.sin_cos();
        let tone = 110.0 + 20.0 * dice.normal();
        for y in 0..height {
            for x in 0..width {
                // Four parts of a pixel, so that edges are where they are.
                let mut sum = 0.0;
                let mut parts = 0.0;
                for (dx, dy) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
                    let side = (x as f64 + dx - x0) * sin - (y as f64 + dy - y0) * cos;
                    let across = 2.0 * side / own;
                    if across.abs() < 1.0 {
                        let slope = (1.0 / (1.0 - across * across).sqrt().max(0.25) - 1.0) / 3.0;
                        sum += tone * (1.0 + 0.8 * slope);
                        parts += 1.0;
                    }
                }
                if parts > 0.0 {
                    let place = y * width + x;
                    grey[place] = (sum + (4.0 - parts) * grey[place]) / 4.0;
                    if parts > 2.0 {
                        owner[place] = index;
                    }
                }
            }
        }
        strands.push((own, angle));
    }
    let mut areas = vec![0.0; plan.count];
    for index in owner {
        if index != usize::MAX {
            areas[index] += 1.0;
        }
    }
    blur(&mut grey, width, height, plan.blur);
    let grey = grey
        .iter()
        .map(|value| (value + plan.noise * dice.normal()) as f32)
        .collect();
    let seen = strands
        .iter()
        .zip(&areas)
        .filter(|((own, _), area)| **area > 2.0 * own * own)
        .map(|((own, angle), area)| (*own, area / own, *angle))
        .collect();
    Drawn {
        field: Field::from_values(width, height, grey).unwrap(),
        seen,
    }
}

impl Drawn {
    /// The median width by seen length.
    fn width(&self) -> f64 {
        let mut sorted = self.seen.clone();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let half = 0.5 * sorted.iter().map(|strand| strand.1).sum::<f64>();
        let mut sum = 0.0;
        sorted
            .iter()
            .find(|strand| {
                sum += strand.1;
                sum >= half
            })
            .unwrap()
            .0
    }

    fn order(&self) -> f64 {
        let (mut c, mut s, mut total) = (0.0, 0.0, 0.0);
        for (_, length, angle) in &self.seen {
            c += length * (2.0 * angle).cos();
            s += length * (2.0 * angle).sin();
            total += length;
        }
        c.hypot(s) / total
    }
}

const WIRES: Plan = Plan {
    size: (640, 480),
    count: 22,
    width: 9.0,
    spread: 0.12,
    aligned: None,
    blur: 1.0,
    noise: 8.0,
};

const FIBRES: Plan = Plan {
    count: 12,
    width: 30.0,
    ..WIRES
};

const THICK: Plan = Plan {
    count: 5,
    width: 90.0,
    aligned: Some(0.25),
    blur: 1.5,
    ..WIRES
};

fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn strands_are_counted_and_measured_at_every_width_and_noise() {
    eprintln!("strands noise median_width_error median_count_error refused order_error");
    let (mut all_widths, mut all_counts) = (Vec::new(), Vec::new());
    for (name, plan) in [("wires", WIRES), ("fibres", FIBRES), ("thick", THICK)] {
        for noise in [3.0, 8.0, 16.0] {
            let (mut widths, mut counts, mut orders) = (Vec::new(), Vec::new(), Vec::new());
            let mut refused = 0;
            for seed in 0..5 {
                let drawn = draw(&Plan { noise, ..plan }, 100 + seed);
                let Ok(found) = measured(&drawn.field) else {
                    refused += 1;
                    continue;
                };
                let value = |slot| {
                    let quantity = found.quantities.iter().find(|q| q.slot == slot).unwrap();
                    quantity.value
                };
                if let Some(width) = value("width.median") {
                    widths.push((width / drawn.width() - 1.0).abs());
                }
                match value("count") {
                    Some(count) => {
                        let truth = drawn.seen.len() as f64;
                        counts.push((count - truth).abs() / truth);
                    }
                    None => refused += 1,
                }
                orders.push((found.order - drawn.order()).abs());
            }
            eprintln!(
                "{name} {noise} {:.1} % {:.1} % {refused} {:.3}",
                100.0 * middle(&mut widths),
                100.0 * middle(&mut counts),
                middle(&mut orders)
            );
            if name == "wires" {
                assert!(middle(&mut widths) <= 0.1, "{noise}: {widths:?}");
            } else {
                all_widths.extend(widths);
            }
            all_counts.extend(counts);
        }
    }
    let (width, count) = (middle(&mut all_widths), middle(&mut all_counts));
    eprintln!(
        "all: width of fibres {:.1} %, count {:.1} %",
        100.0 * width,
        100.0 * count
    );
    assert!(width <= 0.05, "{width}");
    assert!(count <= 0.15, "{count}");
}

#[test]
fn parallel_strands_have_a_direction_and_crossing_ones_of_all_directions_have_none() {
    let parallel = Plan {
        aligned: Some(0.03),
        count: 8,
        ..FIBRES
    };
    let drawn = draw(&parallel, 5);
    let found = measured(&drawn.field).unwrap();
    assert!(found.order > 0.95, "{}", found.order);
    let mean = drawn.seen.iter().map(|strand| strand.2).sum::<f64>() / drawn.seen.len() as f64;
    let turn = (found.angle_deg - mean.to_degrees()).rem_euclid(180.0);
    assert!(turn.min(180.0 - turn) < 2.0, "{turn}");
}

#[test]
fn what_shows_no_strands_is_refused() {
    let nothing = Plan { count: 0, ..WIRES };
    let drawn = draw(&nothing, 9);
    let reason = measured(&drawn.field).unwrap_err();
    assert!(
        reason
            .to_string()
            .starts_with("Could not tell strands apart"),
        "{reason}"
    );
}
