//! The apex of a tip in a side view: its radius and the angle between its flanks.
//!
//! The outline is found where the profile across the tip is halfway between the ground and the
//! body; a circle is fitted to the arc that bends, straight lines to the flanks behind it. A
//! radius under five pixels is an upper bound. Called by whatever knows, or tries, that an image
//! shows a tip.

use super::Field;
use super::house::edges;
use super::house::structure::NARROWING;
use super::quantity::{Bound, Quantity, Reason, Scale, Unit};
use super::uncertainty::{Parts, from_limit, median, quantile};

/// A tip as measured, in pixels of the field.
#[derive(Clone, Debug, PartialEq)]
pub struct Tip {
    /// Where the tip ends.
    pub apex_px: (f64, f64),
    /// Radius of the circle through the apex.
    pub radius_px: f64,
    /// Its centre.
    pub centre_px: (f64, f64),
    /// Angle between the flanks, in degrees.
    pub angle_deg: f64,
    /// Visible length from the apex to the frame.
    pub length_px: f64,
    /// Its outline: up one flank, over the apex, down the other.
    pub outline_px: Vec<(f64, f64)>,
    /// `tip.radius`, `tip.angle` and `length.median`.
    pub quantities: Vec<Quantity>,
}

/// Which side of the field the tip points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    Left,
    Right,
}

/// One row across the tip: distance from the apex's side, and both edges.
#[derive(Clone, Copy)]
struct Row {
    deep: f64,
    low: f64,
    high: f64,
}

/// Measures the one tip of a field, brighter than its ground, whose edges are blurred by so many
/// pixels (standard deviation).
///
/// # Errors
/// The reason why no single tip could be told.
pub fn measure(field: &Field<'_>, blur_px: f64, scale: &Scale) -> Result<Tip, Reason> {
    let level = level(field)?;
    let (way, rows) = [Way::Up, Way::Down, Way::Left, Way::Right]
        .into_iter()
        .map(|way| (way, rows(field, way, level)))
        .filter(|(_, rows)| rows.len() >= 12)
        .max_by(|a, b| narrowing(&a.1).total_cmp(&narrowing(&b.1)))
        .ok_or_else(|| refused("no body that narrows to one end was found"))?;
    if narrowing(&rows) < NARROWING {
        return Err(refused("the body does not narrow to one end"));
    }
    let arc = arc(&rows).ok_or_else(|| refused("the apex is too small to be fitted"))?;
    let flanks = flanks(&rows, &arc).ok_or_else(|| refused("the flanks are not straight"))?;
    let length_px = rows.last().map_or(0.0, |row| row.deep - arc.apex_deep);
    let quantities = vec![
        radius(&arc, blur_px, scale),
        angle(&flanks),
        Quantity::bound("length.median", length_px, Unit::Px, Bound::AtLeast, 1)
            .noted("visible length, from the apex to the frame")
            .scaled(scale),
    ];
    Ok(Tip {
        apex_px: place(field, way, arc.centre.1, arc.apex_deep),
        centre_px: place(field, way, arc.centre.1, arc.centre.0),
        radius_px: arc.radius,
        angle_deg: flanks.angle_deg,
        length_px,
        outline_px: outline(field, way, &rows),
        quantities,
    })
}

/// The edges of the rows in pixels of the field: up one flank and down the other.
fn outline(field: &Field<'_>, way: Way, rows: &[Row]) -> Vec<(f64, f64)> {
    let up = rows.iter().rev().map(|row| (row.low, row.deep));
    let down = rows.iter().map(|row| (row.high, row.deep));
    up.chain(down)
        .map(|(side, deep)| place(field, way, side, deep))
        .collect()
}

fn refused(why: &str) -> Reason {
    let help = "Choose a region with one tip alone, seen from the side";
    Reason::new("No tip radius", why, help)
}

fn radius(arc: &Arc, blur_px: f64, scale: &Scale) -> Quantity {
    if arc.radius < edges::TIP_RADIUS_PX {
        let bound = edges::TIP_RADIUS_PX;
        return Quantity::bound("tip.radius", bound, Unit::Px, Bound::AtMost, 1)
            .noted("under 5 px")
            .scaled(scale);
    }
    let parts = Parts {
        // An outline that lies too far out all around has a radius too large by as much.
        edge: arc
            .uncertainty
            .hypot(from_limit(edges::RULES_DIFFER * blur_px)),
        ..Parts::default()
    };
    Quantity::measured("tip.radius", arc.radius, Unit::Px, parts, 1)
        .noted("circle through the apex, from the outline")
        .scaled(scale)
}

fn angle(flanks: &Flanks) -> Quantity {
    let parts = Parts {
        edge: flanks.uncertainty_deg,
        ..Parts::default()
    };
    Quantity::measured("tip.angle", flanks.angle_deg, Unit::Degree, parts, 1)
        .noted("between the flanks, as seen")
}

/// Halfway between ground and body, from the two ends of the grey values.
fn level(field: &Field<'_>) -> Result<f64, Reason> {
    let step = (field.grey.len() / 200_000).max(1);
    let mut sample: Vec<f64> = (0..field.grey.len())
        .step_by(step)
        .filter(|&place| field.valid[place])
        .map(|place| f64::from(field.grey[place]))
        .collect();
    let (low, high) = (quantile(&mut sample, 0.02), quantile(&mut sample, 0.98));
    let middle = 0.5 * (low + high);
    let (mut ground, mut body): (Vec<f64>, Vec<f64>) =
        sample.iter().partition(|value| **value < middle);
    if ground.is_empty() || body.is_empty() {
        return Err(refused("no body stands out from its ground"));
    }
    Ok(0.5 * (median(&mut ground) + median(&mut body)))
}

fn place(field: &Field<'_>, way: Way, side: f64, deep: f64) -> (f64, f64) {
    match way {
        Way::Up => (side, deep),
        Way::Down => (side, (field.height - 1) as f64 - deep),
        Way::Left => (deep, side),
        Way::Right => ((field.width - 1) as f64 - deep, side),
    }
}

/// Rows from the apex on, following the body that the deepest row shows. Each row is the average
/// of three across the way, so that single bright pixels are no body.
fn rows(field: &Field<'_>, way: Way, level: f64) -> Vec<Row> {
    let (depth, span) = match way {
        Way::Up | Way::Down => (field.height, field.width),
        Way::Left | Way::Right => (field.width, field.height),
    };
    let at = |deep: usize, side: usize| {
        let (x, y) = place(field, way, side as f64, deep as f64);
        f64::from(field.at(x as isize, y as isize))
    };
    let mut rows: Vec<Row> = Vec::new();
    for deep in (0..depth).rev() {
        let values: Vec<f64> = (0..span)
            .map(|side| {
                let (before, behind) = (deep.saturating_sub(1), (deep + 1).min(depth - 1));
                (at(before, side) + 2.0 * at(deep, side) + at(behind, side)) / 4.0
            })
            .collect();
        let values = super::profile::smoothed(&values, 1.0);
        let runs = runs(&values, level);
        let best = match rows.last() {
            None => runs
                .into_iter()
                .max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0))),
            Some(last) => runs
                .into_iter()
                .filter(|run| run.0 < last.high && run.1 > last.low)
                .max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0))),
        };
        let Some((low, high)) = best else {
            break;
        };
        rows.push(Row {
            deep: deep as f64,
            low,
            high,
        });
    }
    rows.reverse();
    // A body that fills the last row from side to side, or starts at the frame, is no tip.
    let is_whole = rows.first().is_some_and(|row| row.deep > 1.0);
    if is_whole { rows } else { Vec::new() }
}

/// Runs above a level.
fn runs(values: &[f64], level: f64) -> Vec<(f64, f64)> {
    let mut runs = Vec::new();
    let mut start = values
        .first()
        .is_some_and(|value| *value >= level)
        .then_some(0.0);
    for right in 1..values.len() {
        let (a, b) = (values[right - 1] - level, values[right] - level);
        let crossing = (right - 1) as f64 + a / (a - b);
        if a < 0.0 && b >= 0.0 {
            start = Some(crossing);
        } else if a >= 0.0
            && b < 0.0
            && let Some(from) = start.take()
        {
            runs.push((from, crossing));
        }
    }
    if let Some(from) = start {
        runs.push((from, (values.len() - 1) as f64));
    }
    runs
}

/// How much narrower a body is at its end than at its root, 0 to 1.
fn narrowing(rows: &[Row]) -> f64 {
    let width = |part: &[Row]| {
        let mut widths: Vec<f64> = part.iter().map(|row| row.high - row.low).collect();
        median(&mut widths)
    };
    let quarter = rows.len() / 4;
    if quarter == 0 {
        return 0.0;
    }
    1.0 - width(&rows[..quarter]) / width(&rows[rows.len() - quarter..]).max(1e-9)
}

/// The circle at the apex: centre as (deep, side).
struct Arc {
    centre: (f64, f64),
    radius: f64,
    apex_deep: f64,
    uncertainty: f64,
}

/// Fits a circle to the outline as deep as most of its radius, again and again until that holds.
fn arc(rows: &[Row]) -> Option<Arc> {
    let first = rows.first()?;
    let mut reach = (0.25 * rows.len() as f64).max(4.0);
    let mut best = None;
    for _ in 0..20 {
        let points: Vec<(f64, f64)> = rows
            .iter()
            .take_while(|row| row.deep - first.deep <= reach)
            .flat_map(|row| [(row.deep, row.low), (row.deep, row.high)])
            .collect();
        if points.len() < 6 {
            break;
        }
        let (centre, radius, scatter) = circle(&points)?;
        let uncertainty = (scatter / (points.len() as f64 / 3.0).sqrt())
            .max(edges::FLOOR_PX)
            // An arc of a third of a turn shows its radius a few times less well than its edge.
            * 3.0;
        best = Some(Arc {
            centre,
            radius,
            apex_deep: centre.0 - radius,
            uncertainty,
        });
        let next = (0.6 * radius).max(3.0);
        if (next - reach).abs() < 0.5 {
            break;
        }
        reach = 0.5 * (reach + next);
    }
    best
}

/// The circle of least squares of its equation (Kåsa), and the scatter about it.
fn circle(points: &[(f64, f64)]) -> Option<((f64, f64), f64, f64)> {
    let count = points.len() as f64;
    let (mx, my) = points.iter().fold((0.0, 0.0), |sum, p| {
        (sum.0 + p.0 / count, sum.1 + p.1 / count)
    });
    let (mut xx, mut xy, mut yy, mut xz, mut yz) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in points.iter().map(|p| (p.0 - mx, p.1 - my)) {
        let z = x * x + y * y;
        xx += x * x;
        xy += x * y;
        yy += y * y;
        xz += x * z;
        yz += y * z;
    }
    let determinant = xx * yy - xy * xy;
    if determinant.abs() < 1e-9 {
        return None;
    }
    let a = 0.5 * (xz * yy - yz * xy) / determinant;
    let b = 0.5 * (yz * xx - xz * xy) / determinant;
    let radius = (a * a + b * b + (xx + yy) / count).sqrt();
    let centre = (a + mx, b + my);
    let squares: f64 = points
        .iter()
        .map(|p| ((p.0 - centre.0).hypot(p.1 - centre.1) - radius).powi(2))
        .sum();
    Some((centre, radius, (squares / (count - 3.0).max(1.0)).sqrt()))
}

struct Flanks {
    angle_deg: f64,
    uncertainty_deg: f64,
}

/// Straight lines through both edges behind the arc, as deep as they stay straight: from one and
/// a half radii on, over at most ten. What the angle near the apex and the one farther off
/// differ by is a limit of how straight they are.
fn flanks(rows: &[Row], arc: &Arc) -> Option<Flanks> {
    let from = arc.apex_deep + 1.5 * arc.radius;
    let to = from + (10.0 * arc.radius).max(30.0);
    let part: Vec<Row> = rows
        .iter()
        .copied()
        .filter(|row| row.deep >= from && row.deep <= to)
        .collect();
    if part.len() < 8 {
        return None;
    }
    let (angle_deg, by_noise) = between(&part);
    let (near, far) = part.split_at(part.len() / 2);
    let bend = (between(near).0 - between(far).0).abs();
    Some(Flanks {
        angle_deg,
        uncertainty_deg: by_noise.hypot(from_limit(bend)).max(0.1),
    })
}

/// The angle between straight lines through both edges of rows, and its standard uncertainty by
/// their scatter, in degrees.
fn between(rows: &[Row]) -> (f64, f64) {
    let line = |side: fn(&Row) -> f64| {
        let count = rows.len() as f64;
        let mean_deep = rows.iter().map(|row| row.deep).sum::<f64>() / count;
        let mean_side = rows.iter().map(side).sum::<f64>() / count;
        let (mut with_side, mut with_self) = (0.0, 0.0);
        for row in rows {
            with_side += (row.deep - mean_deep) * (side(row) - mean_side);
            with_self += (row.deep - mean_deep).powi(2);
        }
        let slope = with_side / with_self;
        let squares: f64 = rows
            .iter()
            .map(|row| (side(row) - mean_side - slope * (row.deep - mean_deep)).powi(2))
            .sum();
        let scatter = (squares / (count - 2.0)).sqrt().max(edges::FLOOR_PX);
        (slope.atan(), scatter / with_self.sqrt())
    };
    let (low, of_low) = line(|row| row.low);
    let (high, of_high) = line(|row| row.high);
    (
        (high - low).to_degrees(),
        of_low.hypot(of_high).to_degrees(),
    )
}
