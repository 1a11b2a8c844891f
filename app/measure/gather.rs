//! All quantities of a measurement: those of the kind that was decided on, then those of its
//! category, each with a value or the reason why it has none.
//!
//! What other readings found is used only where it does not depend on the kind: a period beside
//! objects, a share by threshold beside strands. Tilted views are corrected or asked about here.
//! Called by `measure`.

use super::Field;
use super::coverage;
use super::fitness::Fitness;
use super::house::{Fitness as Verdict, fitness as limits};
use super::kind::{Structure, Wanted, wanted};
use super::printing;
use super::quantity::{Bound, Quantity, Reason, Scale, Unit};
use super::readings::Readings;
use super::segment::plane::Plane;
use super::segment::{self, Polarity};
use super::tilt::{Plane as View, Tilt};
use super::uncertainty::{Parts, from_range};
use crate::questions::Category;

/// What quantities are gathered for.
pub struct Request<'a> {
    /// The field.
    pub field: &'a Field<'a>,
    /// How fit it is.
    pub fitness: &'a Fitness,
    /// The kind that was decided on.
    pub structure: Structure,
    /// The category, if any.
    pub category: Option<Category>,
    /// Its scale.
    pub scale: &'a Scale,
    /// The direction of view.
    pub tilt: Tilt,
}

/// The quantities, those of the kind first.
pub fn quantities(readings: &Readings, request: &Request<'_>) -> Vec<Quantity> {
    let mut all = own(readings, request);
    for (slot, unit) in request.category.map_or(&[][..], wanted) {
        if all.iter().any(|quantity| quantity.slot == *slot) {
            continue;
        }
        all.push(
            beside(readings, request, slot)
                .unwrap_or_else(|| refused(readings, request, slot, *unit)),
        );
    }
    let along_x = readings.lines.as_ref().ok().map(|found| found.is_along_x);
    all.into_iter()
        .map(|quantity| viewed(quantity, along_x, request))
        .collect()
}

/// The quantities of the kind itself.
fn own(readings: &Readings, request: &Request<'_>) -> Vec<Quantity> {
    let of = |found: Option<&Vec<Quantity>>| found.cloned().unwrap_or_default();
    match request.structure {
        Structure::Objects | Structure::Pores => readings.blobs.quantities.clone(),
        Structure::Pattern => {
            let mut all = of(readings
                .pattern
                .as_ref()
                .ok()
                .map(|found| &found.quantities));
            all.extend(readings.blobs.quantities.clone());
            all
        }
        Structure::Fibres => {
            let mut all = of(readings.fibres.as_ref().ok().map(|found| &found.quantities));
            for quantity in &mut all {
                if quantity.slot == "count" {
                    note_count_by_area(quantity, request);
                }
            }
            all
        }
        Structure::Lines => of(readings.lines.as_ref().ok().map(|found| &found.quantities)),
        Structure::Layers => of(readings.layers.as_ref().ok().map(|found| &found.quantities)),
        Structure::Tip => of(readings.tip.as_ref().ok().map(|found| &found.quantities)),
        Structure::Surface => of(readings
            .surface
            .as_ref()
            .ok()
            .map(|found| &found.quantities)),
        Structure::Unclear if request.category.is_some() => Vec::new(),
        Structure::Unclear => UNASKED
            .iter()
            .map(|(slot, unit)| refused(readings, request, slot, *unit))
            .collect(),
    }
}

/// What is refused by name where there is neither a kind nor a category.
const UNASKED: [Wanted; 3] = [
    ("size.median", Unit::Px),
    ("count", Unit::Count),
    ("coverage", Unit::Share),
];

/// How many there are by area, behind a count.
fn note_count_by_area(quantity: &mut Quantity, request: &Request<'_>) {
    let (Some(count), area) = (quantity.value, request.field.area_px() as f64) else {
        return;
    };
    let by_area = Quantity::bound(
        "count",
        count / area,
        Unit::PerPx2,
        Bound::Value,
        quantity.n,
    )
    .scaled(request.scale);
    if by_area.unit == Unit::PerNm2 {
        quantity.note.push_str(&format!("; {}", by_area.text()));
    }
}

/// What another reading says of a slot that does not depend on the kind.
fn beside(readings: &Readings, request: &Request<'_>, slot: &'static str) -> Option<Quantity> {
    let is_unclear = request.structure == Structure::Unclear;
    let among = |found: &[Quantity]| {
        let one = found.iter().find(|quantity| quantity.slot == slot)?;
        one.value.map(|_| one.clone())
    };
    match slot {
        "period" | "pitch" => among(&readings.pattern.as_ref().ok()?.quantities),
        "porosity" => share(request, slot, Polarity::Dark),
        "coverage" if !is_unclear => share(request, slot, Polarity::Bright),
        "grain.median" | "crack.density" if request.category == Some(Category::Films) => {
            let found = &readings.surface.as_ref().ok()?.quantities;
            found.iter().find(|quantity| quantity.slot == slot).cloned()
        }
        _ => None,
    }
}

/// The share of the field that is darker, or brighter, by threshold.
fn share(request: &Request<'_>, slot: &'static str, polarity: Polarity) -> Option<Quantity> {
    let refuse = |why: String, help: &str| {
        let reason = Reason::new("No area by threshold", why, help);
        Some(Quantity::unavailable(slot, Unit::Share, reason))
    };
    if limits::CLIPPED.at_most(request.fitness.clipped) == Verdict::Refused {
        return refuse(
            format!(
                "{:.0} % of the pixels are clipped",
                100.0 * request.fitness.clipped
            ),
            "Lower the contrast and take the image again",
        );
    }
    let plane = Plane::of(request.field, segment::PIXELS_MAX).smoothed(1.0);
    let found = coverage::share(&plane, polarity)
        .filter(|found| limits::VALLEY.at_most(found.valley) != Verdict::Refused);
    let Some(found) = found else {
        return refuse(
            "there are no two greys to tell apart".to_owned(),
            "Take the image with more contrast between the two",
        );
    };
    let parts = Parts {
        threshold: from_range(found.range[0], found.range[1]),
        ..Parts::default()
    };
    let shallow = (limits::VALLEY.at_most(found.valley) != Verdict::Fit)
        .then(|| "the two greys are not well apart".to_owned());
    let range = printing::range(found.range[0], found.range[1], Unit::Share, found.range[1]);
    let what = match polarity {
        Polarity::Dark => "dark part of the image, which is not always a hole",
        Polarity::Bright => "bright part of the image",
    };
    let quantity = Quantity::measured(slot, found.share, Unit::Share, parts, 1)
        .noted(format!("{range} with threshold; {what}"))
        .limited(shallow);
    Some(quantity)
}

/// Why a slot of the category has no value.
fn refused(readings: &Readings, request: &Request<'_>, slot: &'static str, unit: Unit) -> Quantity {
    let missing = format!("No {}", words(slot));
    let owner = owner(slot);
    if let Some(one) = owner.and_then(|owner| reason_of(readings, owner, slot)) {
        let reason = Reason { missing, ..one };
        return Quantity::unavailable(slot, unit, reason);
    }
    let reason = match (slot, request.structure) {
        ("thickness", _) => Reason::new(
            &missing,
            "a top view shows no thickness, and no layers of a section were found",
            "Take an image of a section or a fracture edge",
        ),
        ("defect.count", _) => Reason::new(
            &missing,
            "what is a defect was not told from what belongs to the specimen",
            "Count them by hand in the viewer",
        ),
        (_, Structure::Unclear) => Reason::new(
            &missing,
            "no kind of structure could be told from the edges in view",
            "Measure a region where single structures stand apart, or name the category",
        ),
        (_, structure) => Reason::new(
            &missing,
            format!("the image was read as {}", structure.words()),
            "Name another category if that is wrong, or measure a region that shows them alone",
        ),
    };
    Quantity::unavailable(slot, unit, reason)
}

/// Which reading measures a slot.
fn owner(slot: &str) -> Option<Structure> {
    Some(match slot {
        "linewidth" | "gap.median" | "lwr" => Structure::Lines,
        "period" | "pitch" => Structure::Pattern,
        "width.median" | "length.median" | "orientation.order" | "orientation.angle" => {
            Structure::Fibres
        }
        "tip.radius" | "tip.angle" => Structure::Tip,
        _ => return None,
    })
}

/// Why a reading failed, if it did; or why it has no value for a slot.
fn reason_of(readings: &Readings, owner: Structure, slot: &str) -> Option<Reason> {
    let of = |found: Result<&Vec<Quantity>, &Reason>| match found {
        Ok(found) => {
            let one = found.iter().find(|quantity| quantity.slot == slot)?;
            one.reason().cloned()
        }
        Err(reason) => Some(reason.clone()),
    };
    match owner {
        Structure::Lines => of(readings.lines.as_ref().map(|found| &found.quantities)),
        Structure::Pattern => of(readings.pattern.as_ref().map(|found| &found.quantities)),
        Structure::Fibres => of(readings.fibres.as_ref().map(|found| &found.quantities)),
        Structure::Tip => of(readings.tip.as_ref().map(|found| &found.quantities)),
        _ => None,
    }
}

/// A slot in words, as they stand behind "No".
fn words(slot: &str) -> &'static str {
    match slot {
        "size.median" => "median size",
        "size.p10" | "size.p90" | "size.cv" => "distribution of sizes",
        "count" => "count",
        "aspect.median" => "shape",
        "spacing.median" | "spacing.ratio" => "spacing",
        "coverage" => "covered share",
        "porosity" => "share of pores",
        "aggregate.share" => "share that touches",
        "width.median" => "width of strands",
        "length.median" => "length",
        "orientation.order" => "order of directions",
        "orientation.angle" => "common direction",
        "pitch" => "pitch",
        "period" => "period",
        "linewidth" => "linewidth",
        "gap.median" => "width of spaces",
        "lwr" => "roughness",
        "thickness" => "thickness",
        "pore.median" => "size of pores",
        "grain.median" => "size of grain-like features",
        "crack.density" => "crack density",
        "defect.count" => "count of defects",
        "tip.radius" => "tip radius",
        "tip.angle" => "tip angle",
        _ => "value",
    }
}

/// A quantity as a tilted view allows it: corrected, limited, or refused until somebody
/// confirmed the tilt.
pub fn viewed(quantity: Quantity, lines_along_x: Option<bool>, request: &Request<'_>) -> Quantity {
    let tilt = request.tilt;
    if tilt.angle_deg == 0.0 || quantity.value.is_none() {
        return quantity;
    }
    let along_x = |found: Option<bool>| match found {
        Some(false) => View::SurfaceX,
        _ => View::SurfaceY,
    };
    let plane = match (quantity.slot, request.structure) {
        (_, Structure::Lines) => along_x(lines_along_x),
        ("thickness", _) => View::Wall,
        ("width.median", _) | (_, Structure::Tip) => View::Round,
        (slot, _) if slot.starts_with("size.") && is_round(request.category) => View::Round,
        _ => View::SurfaceY,
    };
    let is_flat = plane == View::SurfaceY;
    match quantity.unit {
        // Widths across lines and heights of faces have one direction, which is known.
        Unit::Nm | Unit::Px if !is_flat || request.structure == Structure::Lines => {
            tilt.corrected(quantity, plane)
        }
        Unit::Count | Unit::Share => quantity,
        _ if !is_flat || tilt.is_corrected => quantity,
        _ if tilt.is_to_be_asked() => tilt.corrected(
            Quantity {
                unit: match quantity.unit {
                    Unit::Nm | Unit::Nm2 | Unit::PerNm | Unit::PerNm2 => Unit::Nm,
                    _ => Unit::Px,
                },
                ..quantity
            },
            View::SurfaceY,
        ),
        _ => {
            let why = format!(
                "seen foreshortened along y by a tilt of {:.0}°, which is not corrected",
                tilt.angle_deg.abs()
            );
            quantity.limited(Some(why))
        }
    }
}

/// Whether what a category shows looks alike from all sides.
fn is_round(category: Option<Category>) -> bool {
    matches!(category, Some(Category::Particles | Category::Powder))
}
