//! What was measured one by one, as rows: objects, pores, strands, lines, layers, a tip, cracks.
//!
//! One list for tables and for `--json`, in pixels; what a kind of thing does not have stays
//! empty. It measures nothing. Called by `table.rs`, `command` and `window`.

use super::{Measurement, Structure};

/// One thing, lengths in pixels of the image, places from the centre of its first pixel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thing {
    /// Its number, from 1.
    pub id: u32,
    /// What it is, in one word.
    pub kind: &'static str,
    /// Its middle; the apex of a tip.
    pub at: [f64; 2],
    /// Area.
    pub area: Option<f64>,
    /// Diameter of equal area; of a tip, that of the circle through its apex.
    pub diameter: Option<f64>,
    /// Longest Feret diameter.
    pub feret: Option<f64>,
    /// Shortest Feret diameter.
    pub min_feret: Option<f64>,
    /// Length of the outline.
    pub perimeter: Option<f64>,
    /// Median width of a strand, mean width of a line, thickness of a layer.
    pub width: Option<f64>,
    /// Seen length.
    pub length: Option<f64>,
    /// Longest over shortest Feret diameter.
    pub aspect: Option<f64>,
    /// 4πA/P².
    pub form_factor: Option<f64>,
    /// Area over that of the convex hull.
    pub solidity: Option<f64>,
    /// Direction in degrees from the x axis, counter-clockwise, from 0 to 180.
    pub angle_deg: Option<f64>,
    /// Whether the frame cuts it, or part of it is hidden.
    pub is_cut: bool,
    /// Whether it was split from others that it touches.
    pub is_split: bool,
}

/// All things of a measurement.
pub fn of(measurement: &Measurement) -> Vec<Thing> {
    let mut all = objects(measurement);
    all.extend(strands(measurement));
    all.extend(lines(measurement));
    all.extend(layers(measurement));
    all.extend(tip(measurement));
    all.extend(cracks(measurement));
    // Objects have numbers already, which stay when others are taken away.
    for (thing, id) in all.iter_mut().filter(|thing| thing.id == 0).zip(1..) {
        thing.id = id;
    }
    all
}

fn objects(measurement: &Measurement) -> Vec<Thing> {
    let kind = if measurement.structure == Structure::Pores {
        "pore"
    } else {
        "object"
    };
    let of = |object: &super::Object| Thing {
        id: object.id,
        kind,
        at: object.centre.map(|place| place - 0.5),
        area: Some(object.area_px),
        diameter: Some(object.diameter_px),
        feret: Some(object.feret_max_px),
        min_feret: Some(object.feret_min_px),
        perimeter: Some(object.perimeter_px),
        aspect: Some(object.aspect()),
        form_factor: Some(object.form_factor()),
        solidity: Some(object.solidity),
        angle_deg: Some(object.angle_deg),
        is_cut: object.is_cut,
        is_split: object.is_split,
        ..Thing::default()
    };
    measurement.objects.iter().map(of).collect()
}

fn strands(measurement: &Measurement) -> Vec<Thing> {
    let Some(found) = &measurement.fibres else {
        return Vec::new();
    };
    let of = |fibre: &super::fibres::Fibre| {
        let points = fibre.middle_px.iter().flatten();
        let (mut sum, mut count) = ([0.0, 0.0], 0.0);
        for (x, y) in points {
            sum = [sum[0] + f64::from(*x), sum[1] + f64::from(*y)];
            count += 1.0;
        }
        Thing {
            kind: "strand",
            at: sum.map(|sum| sum / f64::max(count, 1.0)),
            width: Some(fibre.width_px).filter(|width| width.is_finite()),
            length: Some(fibre.length_px),
            angle_deg: Some((180.0 - fibre.angle_deg).rem_euclid(180.0)),
            is_cut: fibre.is_partly_hidden,
            ..Thing::default()
        }
    };
    found.fibres.iter().map(of).collect()
}

fn lines(measurement: &Measurement) -> Vec<Thing> {
    let Some(found) = &measurement.lines else {
        return Vec::new();
    };
    let of = |line: &super::lines::Line| {
        let row = 0.5 * (line.rows.start + line.rows.end) as f64;
        Thing {
            kind: "line",
            at: if found.is_along_x {
                [row, line.middle_px]
            } else {
                [line.middle_px, row]
            },
            width: Some(line.width_px),
            length: Some(line.rows.len() as f64),
            angle_deg: Some(if found.is_along_x {
                (-found.angle_deg).rem_euclid(180.0)
            } else {
                90.0 + found.angle_deg
            }),
            ..Thing::default()
        }
    };
    found.lines.iter().map(of).collect()
}

fn layers(measurement: &Measurement) -> Vec<Thing> {
    let Some(found) = &measurement.layers else {
        return Vec::new();
    };
    let pairs = found.interfaces.windows(2).zip(&found.layers);
    let of = |(pair, layer): (&[super::layers::Interface], &super::layers::Layer)| {
        let across = 0.5 * pair.iter().map(|interface| interface.at_px).sum::<f64>();
        let steps = pair
            .first()
            .map_or(0, |interface| interface.traced_px.len()) as f64;
        Thing {
            kind: "layer",
            at: if found.is_along_x {
                [0.5 * steps, across]
            } else {
                [across, 0.5 * steps]
            },
            width: Some(layer.thickness_px),
            length: Some(steps),
            ..Thing::default()
        }
    };
    pairs.map(of).collect()
}

fn tip(measurement: &Measurement) -> Option<Thing> {
    let tip = measurement.tip.as_ref()?;
    Some(Thing {
        kind: "tip",
        at: [tip.apex_px.0, tip.apex_px.1],
        diameter: Some(2.0 * tip.radius_px),
        length: Some(tip.length_px),
        is_cut: true,
        ..Thing::default()
    })
}

fn cracks(measurement: &Measurement) -> Vec<Thing> {
    let Some(found) = &measurement.surface else {
        return Vec::new();
    };
    let of = |crack: &super::surface::Crack| {
        let count = crack.points_px.len().max(1) as f64;
        let sum = crack
            .points_px
            .iter()
            .fold([0.0, 0.0], |sum, (x, y)| [sum[0] + x, sum[1] + y]);
        Thing {
            kind: "crack",
            at: sum.map(|sum| sum / count),
            length: Some(crack.length_px),
            ..Thing::default()
        }
    };
    found.cracks.iter().map(of).collect()
}
