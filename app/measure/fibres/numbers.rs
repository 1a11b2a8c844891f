//! Quantities of strands, with their uncertainties and refusals.
//!
//! Called by `fibres`.

use super::super::house::{Fitness, edges, fitness};
use super::super::printing::range;
use super::super::quantity::{Bound, Quantity, Reason, Scale, Unit};
use super::super::uncertainty::{
    Parts, bootstrap, from_limit, median, quantile, standard_deviation,
};
use super::super::words::chance_order;
use super::super::{Field, Fitness as FieldFitness};
use super::strands::{Piece, Strand};
use super::width::{Greys, Local, along, to_field};
use super::{Fibre, Fibres, Found, refused};

/// Makes quantities of what a level showed.
pub fn of(
    field: &Field<'_>,
    fitness: &FieldFitness,
    found: &Found,
    scale: &Scale,
    seed: u64,
) -> Result<Fibres, Reason> {
    let factor = found.factor;
    let greys = Greys {
        noise: noise(field),
        clipped_at: fitness.clipped_at[1].map(f64::from),
    };
    let mut locals = Vec::new();
    let mut fibres: Vec<Fibre> = found
        .strands
        .iter()
        .map(|strand| {
            let (fibre, own) = fibre(field, strand, found, greys);
            locals.extend(own);
            fibre
        })
        .collect();
    fibres.extend(found.hidden.iter().map(|piece| hidden(piece, factor)));
    fibres.sort_by(|a, b| {
        let width = |fibre: &Fibre| {
            if fibre.width_px.is_finite() {
                fibre.width_px
            } else {
                0.0
            }
        };
        width(b).total_cmp(&width(a))
    });
    let reserve = (edges::STRANDS_TOLD_APART.at_least(found.told_apart) != Fitness::Fit)
        .then(|| RESERVE.to_owned());
    let (angle_deg, order) = direction(&fibres);
    let quantities = vec![
        width(&fibres, &locals, scale, seed, reserve.clone()),
        count(&fibres, found.told_apart),
        order_quantity(&fibres, order, seed).limited(reserve.clone()),
        angle_quantity(&fibres, angle_deg, order).limited(reserve),
        length(&fibres, scale),
    ];
    Ok(Fibres {
        fibres,
        order,
        angle_deg,
        told_apart: found.told_apart,
        quantities,
    })
}

/// Why a number about strands is limited.
const RESERVE: &str = "many edges in view belong to no strand that could be told";

fn noise(field: &Field<'_>) -> f64 {
    let step = (field.grey.len() / 100_000).max(1);
    let mut differences: Vec<f64> = (1..field.grey.len().saturating_sub(1))
        .step_by(step)
        .filter(|&place| (place - 1..=place + 1).all(|near| field.valid[near]))
        .map(|place| {
            f64::from(field.grey[place - 1] - 2.0 * field.grey[place] + field.grey[place + 1]).abs()
        })
        .collect();
    let found = median(&mut differences) / (0.6745 * 6f64.sqrt());
    if found.is_finite() { found } else { 0.0 }
}

fn middle_line(piece: &Piece, factor: usize) -> Vec<(f32, f32)> {
    let points = piece.middle.iter().map(|point| to_field(*point, factor));
    points.map(|(x, y)| (x as f32, y as f32)).collect()
}

/// Length, and the sum of doubled directions weighted by length, of pieces.
fn course<'a>(pieces: impl Iterator<Item = &'a Piece>, factor: usize) -> (f64, f64) {
    let (mut length, mut c, mut s) = (0.0, 0.0, 0.0);
    for piece in pieces {
        length += f64::from(piece.length()) * factor as f64;
        for pair in piece.middle.windows(2) {
            let (dx, dy) = (
                f64::from(pair[1].0 - pair[0].0),
                f64::from(pair[1].1 - pair[0].1),
            );
            let way = dx.hypot(dy).max(1e-9);
            c += (dx * dx - dy * dy) / way;
            s += 2.0 * dx * dy / way;
        }
    }
    (length, (0.5 * s.atan2(c)).to_degrees().rem_euclid(180.0))
}

fn fibre(field: &Field<'_>, strand: &Strand, found: &Found, greys: Greys) -> (Fibre, Vec<Local>) {
    let factor = found.factor;
    let locals: Vec<Local> = strand
        .pieces
        .iter()
        .flat_map(|piece| along(field, piece, factor, found.is_rimmed, greys))
        .collect();
    let mut widths: Vec<f64> = locals.iter().map(|local| local.width_px).collect();
    let (length_px, angle_deg) = course(strand.pieces.iter(), factor);
    let width_px = median(&mut widths);
    let mut sought: Vec<f64> = strand
        .pieces
        .iter()
        .flat_map(|piece| piece.width.iter().map(|width| f64::from(*width)))
        .collect();
    let px_from_sought = (width_px / median(&mut sought).max(1e-9)) as f32;
    let fibre = Fibre {
        middle_px: strand
            .pieces
            .iter()
            .map(|p| middle_line(p, factor))
            .collect(),
        course_px: strand
            .pieces
            .iter()
            .map(|p| p.width.iter().map(|width| width * px_from_sought).collect())
            .collect(),
        width_px,
        width_sd_px: standard_deviation(&widths),
        places: widths.len(),
        length_px,
        angle_deg,
        is_partly_hidden: false,
    };
    (fibre, locals)
}

fn hidden(piece: &Piece, factor: usize) -> Fibre {
    let (length_px, angle_deg) = course(std::iter::once(piece), factor);
    Fibre {
        middle_px: vec![middle_line(piece, factor)],
        course_px: Vec::new(),
        width_px: f64::NAN,
        width_sd_px: f64::NAN,
        places: 0,
        length_px,
        angle_deg,
        is_partly_hidden: true,
    }
}

/// The rule, over what it is the median, and how widths are spread.
fn width_note(widths: &mut [f64], median_px: f64, scale: &Scale) -> String {
    let n = widths.len();
    let strands = if n == 1 { "strand" } else { "strands" };
    let mut note = format!(
        "{}, apparent; median of {n} {strands} by seen length",
        edges::RULE
    );
    if n >= fitness::LISTED_COUNT {
        let factor = scale.nm_from_px.unwrap_or(1.0);
        let unit = match scale.nm_from_px {
            Some(_) => Unit::Nm,
            None => Unit::Px,
        };
        let (from, to, what) = if n >= fitness::MEDIAN_COUNT {
            (0.1, 0.9, "middle 80 %")
        } else {
            (0.0, 1.0, "all")
        };
        let [low, high] = [from, to].map(|share| quantile(widths, share) * factor);
        let text = range(low, high, unit, median_px * factor);
        note.push_str(&format!("; {what}: {text}"));
    }
    note
}

fn width(
    fibres: &[Fibre],
    locals: &[Local],
    scale: &Scale,
    seed: u64,
    reserve: Option<String>,
) -> Quantity {
    let mut widths: Vec<f64> = fibres
        .iter()
        .map(|fibre| fibre.width_px)
        .filter(|width| width.is_finite())
        .collect();
    let none = |why: &str| {
        let help = "Take the image at a higher magnification, in focus";
        Quantity::unavailable("width.median", Unit::Px, Reason::new("No width", why, help))
    };
    if widths.is_empty() {
        return none("no strand shows both of its edges");
    }
    let n = widths.len();
    let seen: Vec<(f64, f64)> = fibres
        .iter()
        .filter(|fibre| fibre.width_px.is_finite())
        .map(|fibre| (fibre.width_px, fibre.length_px))
        .collect();
    let value = weighted_median(&mut seen.clone());
    let middle = |of: fn(&Local) -> f64| median(&mut locals.iter().map(of).collect::<Vec<f64>>());
    let softness = fitness::EDGE_TO_OBJECT.at_most(middle(|local| local.edge_width_px) / value);
    if fitness::WIDTH_PX.at_least(value) == Fitness::Refused {
        let bound = fitness::WIDTH_PX.refuse;
        return Quantity::bound("width.median", bound, Unit::Px, Bound::AtMost, n)
            .noted("too few pixels across")
            .scaled(scale);
    }
    if softness == Fitness::Refused {
        return Quantity::bound("width.median", value, Unit::Px, Bound::AtMost, n)
            .noted("the edges are more than a quarter as wide as the strands, which blur widens")
            .scaled(scale);
    }
    // Noise of single places averages out along a strand; what is common to all edges does not.
    let along = (locals.len() as f64 / n as f64).max(1.0).sqrt();
    let parts = Parts {
        edge: (middle(|local| local.edges_px) / along)
            .max(edges::FLOOR_PX * 2f64.sqrt())
            .hypot(from_limit(middle(|local| local.rule_px))),
        sampling: if n >= 3 {
            let indices: Vec<f64> = (0..n).map(|index| index as f64).collect();
            bootstrap(&indices, seed, |drawn| {
                let mut pairs: Vec<(f64, f64)> =
                    drawn.iter().map(|index| seen[*index as usize]).collect();
                weighted_median(&mut pairs)
            })
        } else {
            let along = fibres
                .iter()
                .map(|f| f.width_sd_px)
                .filter(|sd| sd.is_finite());
            along.fold(0.0, f64::max) / (n as f64).sqrt()
        },
        ..Parts::default()
    };
    let note = width_note(&mut widths, value, scale);
    let limited = if fitness::WIDTH_PX.at_least(value) == Fitness::Limited {
        Some("few pixels across".to_owned())
    } else if softness != Fitness::Fit {
        Some("soft edges".to_owned())
    } else {
        None
    };
    Quantity::measured("width.median", value, Unit::Px, parts, n)
        .noted(note)
        .limited(reserve.or(limited))
        .scaled(scale)
}

/// The median of values with weights: short fragments count for little.
fn weighted_median(pairs: &mut [(f64, f64)]) -> f64 {
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * pairs.iter().map(|pair| pair.1).sum::<f64>();
    let mut sum = 0.0;
    for (index, (value, weight)) in pairs.iter().enumerate() {
        sum += weight;
        if sum >= half {
            // Between two values where the half falls on the border of their weights.
            let next = pairs.get(index + 1).filter(|_| sum - half < 1e-9 * half);
            return next.map_or(*value, |next| 0.5 * (value + next.0));
        }
    }
    f64::NAN
}

fn count(fibres: &[Fibre], told_apart: f64) -> Quantity {
    let fitness = edges::STRANDS_TOLD_APART.at_least(told_apart);
    if fitness == Fitness::Refused {
        let reason = refused("most edges in view belong to no strand that shows both of its sides");
        return Quantity::unavailable("count", Unit::Count, reason);
    }
    let partly = fibres.iter().filter(|fibre| fibre.is_partly_hidden).count();
    if partly as f64 > edges::STRANDS_SEEN_IN_PART * fibres.len() as f64 {
        let reason = refused("most strands show one of their sides only, or are none");
        return Quantity::unavailable("count", Unit::Count, reason);
    }
    let note = match partly {
        0 => "strands told apart in view".to_owned(),
        _ => format!("strands told apart in view, {partly} of them seen in part only"),
    };
    Quantity::count("count", fibres.len())
        .noted(note)
        .limited((fitness == Fitness::Limited).then(|| RESERVE.to_owned()))
}

/// Common direction in degrees and order S, weighted by length.
fn direction(fibres: &[Fibre]) -> (f64, f64) {
    let (mut c, mut s, mut total) = (0.0, 0.0, 0.0);
    for fibre in fibres {
        let (sin, cos) = (2.0 * fibre.angle_deg.to_radians()).sin_cos();
        c += fibre.length_px * cos;
        s += fibre.length_px * sin;
        total += fibre.length_px;
    }
    let angle = (0.5 * f64::atan2(s, c)).to_degrees().rem_euclid(180.0);
    (angle, c.hypot(s) / f64::max(total, 1e-9))
}

fn order_quantity(fibres: &[Fibre], order: f64, seed: u64) -> Quantity {
    if fibres.len() < fitness::LISTED_COUNT {
        let why = "fewer than five strands are in view";
        let reason = Reason::new("No order", why, "Take the image at a lower magnification");
        return Quantity::unavailable("orientation.order", Unit::Ratio, reason);
    }
    // Draws of strands: indices drawn as numbers.
    let indices: Vec<f64> = (0..fibres.len()).map(|index| index as f64).collect();
    let sampling = bootstrap(&indices, seed, |drawn| {
        let (mut c, mut s, mut total) = (0.0, 0.0, 0.0);
        for index in drawn.iter() {
            let fibre = &fibres[*index as usize];
            let (sin, cos) = (2.0 * fibre.angle_deg.to_radians()).sin_cos();
            c += fibre.length_px * cos;
            s += fibre.length_px * sin;
            total += fibre.length_px;
        }
        c.hypot(s) / f64::max(total, 1e-9)
    });
    let parts = Parts {
        sampling,
        ..Parts::default()
    };
    let note = format!(
        "0 is none, 1 is parallel; chance alone stays below {:.2}",
        chance_order(fibres.len())
    );
    Quantity::measured("orientation.order", order, Unit::Ratio, parts, fibres.len()).noted(note)
}

fn angle_quantity(fibres: &[Fibre], angle_deg: f64, order: f64) -> Quantity {
    if fibres.len() >= 2 && order < chance_order(fibres.len()) {
        let reason = Reason::new(
            "No common direction",
            "the strands are no more aligned than chance would have it",
            "Take more strands into view",
        );
        return Quantity::unavailable("orientation.angle", Unit::Degree, reason);
    }
    let deviations: Vec<f64> = fibres
        .iter()
        .map(|fibre| {
            let turn = (fibre.angle_deg - angle_deg).rem_euclid(180.0);
            if turn > 90.0 { turn - 180.0 } else { turn }
        })
        .collect();
    let parts = Parts {
        edge: 0.5,
        sampling: standard_deviation(&deviations) / (fibres.len() as f64).sqrt(),
        ..Parts::default()
    };
    Quantity::measured(
        "orientation.angle",
        angle_deg,
        Unit::Degree,
        parts,
        fibres.len(),
    )
    .noted("to the right edge of the image, clockwise")
}

fn length(fibres: &[Fibre], scale: &Scale) -> Quantity {
    let mut lengths: Vec<f64> = fibres
        .iter()
        .filter(|fibre| !fibre.is_partly_hidden)
        .map(|fibre| fibre.length_px)
        .collect();
    let n = lengths.len();
    if n == 0 {
        let why = "no strand shows both of its edges";
        let reason = Reason::new("No length", why, "Take the image at a lower magnification");
        return Quantity::unavailable("length.median", Unit::Px, reason);
    }
    Quantity::bound(
        "length.median",
        median(&mut lengths),
        Unit::Px,
        Bound::AtLeast,
        n,
    )
    .noted("seen length; ends leave the field, are covered or point out of the plane")
    .scaled(scale)
}
