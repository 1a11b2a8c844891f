//! Measures again the objects that somebody chose or changed, without looking for them anew.
//!
//! What does not rest on single objects, such as a period, stays as it was. Called by `worker`.

use super::gather::{self, Request};
use super::quantity::Quantity;
use super::tilt::Tilt;
use super::{Field, Measurement, Object, Options, Structure, blobs, summary};

/// The measurement of a field with other objects than were found in it: those that `objects`
/// holds. `options` are those it was measured with; the numbers of the objects stay.
pub fn chosen(
    field: &Field<'_>,
    options: &Options,
    found: &Measurement,
    objects: Vec<Object>,
) -> Measurement {
    let are_pores = blobs::are_pores(options.category);
    // What was drawn into a field of nothing clear are objects.
    let structure = match found.structure {
        Structure::Unclear if !objects.is_empty() => Structure::Objects,
        other => other,
    };
    let tilt = options.tilt.unwrap_or(Tilt::stated(0.0, false));
    let request = Request {
        field,
        fitness: &found.fitness,
        structure,
        category: options.category,
        scale: &found.scale,
        tilt,
    };
    let of_objects = blobs::of_chosen(
        field,
        &found.fitness,
        &objects,
        found.polarity,
        are_pores,
        &found.scale,
    );
    let seen = |one: Quantity| gather::viewed(one, None, &request);
    let mut quantities: Vec<Quantity> = of_objects.into_iter().map(seen).collect();
    let is_kept = |one: &&Quantity| quantities.iter().all(|new| new.slot != one.slot);
    let kept: Vec<Quantity> = found
        .quantities
        .iter()
        .filter(is_kept)
        .filter(|one| !rests_on_objects(one.slot))
        .cloned()
        .collect();
    quantities.extend(kept);
    let mut measurement = Measurement {
        structure,
        objects,
        quantities,
        ..found.clone()
    };
    measurement.summary = summary::line(&measurement, field.calibration.as_ref(), &tilt);
    measurement
}

/// Whether what is measured in a structure are single objects, which can be changed by hand.
pub fn has_objects(structure: Structure) -> bool {
    matches!(
        structure,
        Structure::Objects | Structure::Pores | Structure::Pattern | Structure::Unclear
    )
}

/// Whether a slot says something of single objects, so that its old value does not hold for
/// others.
fn rests_on_objects(slot: &str) -> bool {
    [
        "size.",
        "pore.",
        "spacing.",
        "aggregate.",
        "aspect.",
        "count",
    ]
    .iter()
    .any(|kind| slot.starts_with(kind))
}
