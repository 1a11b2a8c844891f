//! Lines and spaces with a known spectrum of roughness.

use askem::measure::quantity::{Quantity, Reason, Scale};
use askem::measure::{Field, Fitness, lines};

use super::draw::{Drawn, Look, Plan};

const PLAN: Plan = Plan {
    size: (640, 1024),
    pitch: 48.0,
    line: 22.0,
    spread: 0.0,
    sigma: 1.2,
    correlation: 14.0,
    slant: 0.0,
};

fn field(drawn: &Drawn) -> Field<'static> {
    Field::from_values(drawn.width, drawn.height, drawn.grey.clone()).unwrap()
}

fn measured_in(field: &Field<'_>) -> Result<lines::Lines, Reason> {
    lines::measure(field, &Fitness::of(field), &Scale::default(), 1)
}

fn measured(drawn: &Drawn) -> lines::Lines {
    measured_in(&field(drawn)).unwrap()
}

fn quantity<'a>(lines: &'a lines::Lines, slot: &str) -> &'a Quantity {
    lines.quantities.iter().find(|q| q.slot == slot).unwrap()
}

#[test]
fn linewidths_are_those_of_the_edge_rule_without_noise() {
    eprintln!("noise blur_px rim line_px offset_to_rule_px offset_to_wall_px");
    for (index, (noise, blur_px, rim)) in [
        (3.0, 1.0, 90.0),
        (8.0, 1.6, 90.0),
        (16.0, 1.6, 90.0),
        (8.0, 1.6, 0.0),
        (8.0, 2.2, 140.0),
    ]
    .into_iter()
    .enumerate()
    {
        let look = Look {
            noise,
            blur_px,
            rim,
            ..Look::USUAL
        };
        let drawn = PLAN.draw(&look, 40 + index as u64);
        let found = measured(&drawn);
        assert_eq!(found.lines.len(), drawn.lines.len());
        let line = quantity(&found, "linewidth").value.unwrap();
        let to_wall = line - drawn.line();
        let to_rule = to_wall + 2.0 * look.edge_offset(PLAN.line);
        eprintln!("{noise} {blur_px} {rim} {line:.3} {to_rule:+.3} {to_wall:+.3}");
        assert!(to_rule.abs() <= 0.5, "{to_rule}");
    }
}

#[test]
fn roughness_without_bias_is_that_of_the_true_widths() {
    eprintln!("noise sigma correlation true_lwr_px unbiased biased");
    for (index, (noise, sigma, correlation)) in [
        (4.0, 1.2, 14.0),
        (10.0, 1.2, 14.0),
        (16.0, 1.5, 20.0),
        (10.0, 1.0, 9.0),
    ]
    .into_iter()
    .enumerate()
    {
        let look = Look {
            noise,
            ..Look::USUAL
        };
        let plan = Plan {
            sigma,
            correlation,
            ..PLAN
        };
        let drawn = plan.draw(&look, 60 + index as u64);
        let found = measured(&drawn).lwr.unwrap();
        let unbiased = found.unbiased_px.unwrap();
        let error = unbiased / drawn.lwr() - 1.0;
        eprintln!(
            "{noise} {sigma} {correlation} {:.3} {unbiased:.3} ({:+.1} %) {:.3}",
            drawn.lwr(),
            100.0 * error,
            found.biased_px
        );
        assert!(error.abs() <= 0.1, "{error}");
        assert!(found.biased_px > unbiased);
    }
}

#[test]
fn roughness_lost_in_noise_is_an_upper_bound() {
    let look = Look {
        noise: 25.0,
        ..Look::USUAL
    };
    let plan = Plan {
        sigma: 0.15,
        ..PLAN
    };
    let drawn = plan.draw(&look, 70);
    let found = measured(&drawn);
    let rough = found.lwr.as_ref().unwrap();
    assert_eq!(rough.unbiased_px, None);
    assert!(rough.biased_px > drawn.lwr());
    let text = quantity(&found, "lwr").text_with_note();
    assert!(text.starts_with("≤ ") && text.contains("biased"), "{text}");
}

#[test]
fn pitches_are_true_to_three_in_a_thousand_whatever_the_slant() {
    for (index, slant) in [0.0, 0.02, -0.09, 0.3].into_iter().enumerate() {
        let plan = Plan {
            slant,
            pitch: 41.3,
            size: (700, 500),
            ..PLAN
        };
        let drawn = plan.draw(&Look::USUAL, 80 + index as u64);
        let found = measured(&drawn);
        let cos = 1.0 / (1.0 + slant * slant).sqrt();
        let pitch = quantity(&found, "pitch").value.unwrap();
        let error = pitch / (plan.pitch * cos) - 1.0;
        assert!(error.abs() < 3e-3, "{error} at {slant}");
        let line = quantity(&found, "linewidth").value.unwrap();
        let to_rule = line - (drawn.line() - 2.0 * Look::USUAL.edge_offset(plan.line)) * cos;
        assert!(to_rule.abs() < 0.5, "{to_rule} at {slant}");
    }
}

#[test]
fn lines_along_x_are_the_same_lines_turned() {
    let drawn = PLAN.draw(&Look::USUAL, 90);
    let field = Field::from_values(drawn.height, drawn.width, drawn.turned()).unwrap();
    let turned = measured_in(&field).unwrap();
    let straight = measured(&drawn);
    assert!(turned.is_along_x && !straight.is_along_x);
    let width = |lines: &lines::Lines| quantity(lines, "linewidth").value.unwrap();
    assert!((width(&turned) - width(&straight)).abs() < 1e-3);
}

#[test]
fn stated_uncertainties_of_lines_cover_the_truth_in_19_of_20_cases() {
    let plan = Plan {
        size: (420, 256),
        spread: 0.8,
        sigma: 0.8,
        correlation: 8.0,
        ..PLAN
    };
    let (mut line, mut pitch, mut lwr, mut unbiased) = (0, 0, 0, 0);
    const REPEATS: u64 = 100;
    for seed in 0..REPEATS {
        let drawn = plan.draw(&Look::USUAL, 1000 + seed);
        let found = measured(&drawn);
        let covers = |slot: &str, truth: f64| {
            let quantity = quantity(&found, slot);
            let Some(uncertainty) = quantity.uncertainty else {
                return 0;
            };
            u32::from((quantity.value.unwrap() - truth).abs() <= uncertainty)
        };
        line += covers("linewidth", plan.line);
        pitch += covers("pitch", plan.pitch);
        if found
            .lwr
            .as_ref()
            .is_ok_and(|lwr| lwr.unbiased_px.is_some())
        {
            unbiased += 1;
            lwr += covers("lwr", 3.0 * 2f64.sqrt() * plan.sigma);
        }
    }
    eprintln!("covered: linewidth {line}, pitch {pitch} of {REPEATS}; lwr {lwr} of {unbiased}");
    // Of the walls; the rule that places edges is off the same way in all drawings.
    assert!(line >= 90, "linewidth {line}");
    assert!((90..=99).contains(&pitch), "pitch {pitch}");
    assert!(
        unbiased > 50 && lwr * 100 >= 90 * unbiased,
        "lwr {lwr} of {unbiased}"
    );
}

#[test]
fn what_shows_no_lines_is_refused() {
    let noise = Plan {
        size: (300, 300),
        ..PLAN
    };
    let flat = super::draw::draw(
        300,
        300,
        Vec::new(),
        &Look::USUAL,
        &mut super::draw::Dice::new(3),
    );
    assert!(measured_in(&field(&flat)).is_err());
    let few = Plan {
        pitch: 120.0,
        ..noise
    };
    let found = measured(&few.draw(&Look::USUAL, 4));
    assert!(
        quantity(&found, "pitch").reason().is_some(),
        "two periods are no pitch"
    );
    assert!(quantity(&found, "linewidth").value.is_some());
}
