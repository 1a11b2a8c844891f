//! Lines on a surface that was tilted by 45°, through the whole of measuring: what runs across the
//! tilt axis is longer than it looks by the root of two, what runs along it is as it looks, and
//! nothing is said of the former until somebody confirmed the tilt.

use askem::measure::quantity::Quantity;
use askem::measure::tilt::Tilt;
use askem::measure::{Field, Measurement, Options, Structure, measure};
use askem::questions::Category;

use super::draw::{Look, Plan};

/// Lines as they are on the specimen, in pixels of the image along the tilt axis.
const PITCH: f64 = 62.0;
const LINE: f64 = 30.0;

/// An image of such lines: along x, so that they are seen foreshortened, or along y.
fn image(is_along_x: bool) -> Field<'static> {
    let seen = if is_along_x {
        45f64.to_radians().cos()
    } else {
        1.0
    };
    let plan = Plan {
        size: (640, 800),
        pitch: PITCH * seen,
        line: LINE * seen,
        spread: 0.0,
        sigma: 0.5,
        correlation: 10.0,
        slant: 0.0,
    };
    let drawn = plan.draw(&Look::USUAL, 45);
    if !is_along_x {
        return Field::from_values(drawn.width, drawn.height, drawn.grey).unwrap();
    }
    Field::from_values(drawn.height, drawn.width, drawn.turned()).unwrap()
}

fn measured(is_along_x: bool, is_confirmed: bool) -> Measurement {
    let options = Options {
        category: Some(Category::Patterned),
        tilt: Some(Tilt {
            is_confirmed,
            ..Tilt::stated(45.0, false)
        }),
        ..Options::default()
    };
    let found = measure(&image(is_along_x), &options);
    assert_eq!(found.structure, Structure::Lines);
    found
}

fn quantity<'a>(found: &'a Measurement, slot: &str) -> &'a Quantity {
    let mut all = found.quantities.iter();
    all.find(|one| one.slot == slot).unwrap()
}

#[test]
fn across_the_tilt_axis_a_confirmed_tilt_is_corrected_and_said() {
    let found = measured(true, true);
    assert!(
        found
            .summary
            .contains("tilted by 45°: the scale holds along x only"),
        "{}",
        found.summary
    );
    for (slot, truth) in [("pitch", PITCH), ("linewidth", LINE)] {
        let quantity = quantity(&found, slot);
        let (value, u) = (quantity.value.unwrap(), quantity.uncertainty.unwrap());
        assert!(
            (value - truth).abs() <= u,
            "{slot} {value} ± {u} for {truth}"
        );
        assert!(
            quantity
                .note
                .contains("corrected for 45° tilt of the surface"),
            "{}",
            quantity.note
        );
        assert!(quantity.parts.tilt > 0.0, "{slot}");
    }
    let pitch = quantity(&found, "pitch").value.unwrap();
    assert!((pitch / PITCH - 1.0).abs() < 5e-3, "{pitch}");
}

#[test]
fn across_the_tilt_axis_nothing_is_said_of_a_tilt_that_nobody_confirmed() {
    let found = measured(true, false);
    for slot in ["pitch", "linewidth", "gap.median"] {
        let quantity = quantity(&found, slot);
        assert_eq!(quantity.value, None, "{slot}");
        let reason = quantity.reason().unwrap();
        assert!(
            reason.why.contains("stage tilt of 45°"),
            "{slot}: {reason:?}"
        );
    }
}

#[test]
fn along_the_tilt_axis_lengths_are_as_they_look() {
    for is_confirmed in [true, false] {
        let found = measured(false, is_confirmed);
        let pitch = quantity(&found, "pitch");
        assert!(
            (pitch.value.unwrap() / PITCH - 1.0).abs() < 5e-3,
            "{pitch:?}"
        );
        assert!(
            pitch.note.contains("along the tilt axis, 45° tilt"),
            "{}",
            pitch.note
        );
    }
}
