//! What can be measured in a simulated micrograph and what is true of it: sizes and counts of what
//! is seen, in the slots that a measurement fills.
//!
//! Taken from what was drawn and from what of it is seen, before shading, blur and noise. Called
//! by `output`, and by the test of measuring against the simulated truth.

use super::truth::{Touch, View};
use super::{Kind, Scene};
use crate::questions::Category;

/// Pixels of a body that is seen at all.
const SEEN_PX: usize = 14;
/// The part of what a body takes up in view that must be seen of it: of one that is mostly
/// covered by others nobody could give a size, and hardly its number.
const SEEN_SHARE: f64 = 0.5;
/// A body below this part of the usual area is dirt or a splinter, and does not count, unless the
/// frame cuts it.
const USUAL_SHARE: f64 = 0.2;
/// Whole bodies that a median needs.
const MEDIAN_COUNT: usize = 5;

/// Scenes of bodies, of strands, of lines and of tips that have the facts. Fibres of a bundle lie
/// on each other along their whole length, so that none shows its width.
pub const MEASURED: &[Kind] = &[
    Kind::RoundCells,
    Kind::Rods,
    Kind::CrossingFibres,
    Kind::FibreMat,
    Kind::PinholeFilm,
    Kind::Comb,
    Kind::Interdigitated,
    Kind::Meander,
    Kind::LyingWires,
    Kind::WireTangle,
    Kind::SlantedWires,
    Kind::SingleWires,
    Kind::DispersedBalls,
    Kind::PackedBalls,
    Kind::BrightSpecks,
    Kind::IrregularParticles,
    Kind::Cubes,
    Kind::DarkSpots,
    Kind::SquareHoles,
    Kind::HexagonalHoles,
    Kind::Pillars,
    Kind::IsolatedPores,
    Kind::MetalSpheres,
    Kind::AngularGrains,
    Kind::Needle,
    Kind::Cone,
    Kind::EtchedWire,
];

/// A length or an angle that a measurement may give.
pub struct Known {
    /// The slots that it may stand in.
    pub slots: &'static [&'static str],
    /// What is true, in pixels or degrees.
    pub value: f64,
}

/// What is true of a scene.
#[derive(Default)]
pub struct Seen {
    /// Lengths and angles.
    pub known: Vec<Known>,
    /// Bodies or strands, where they are counted.
    pub count: Option<usize>,
    /// Whether they touch, cross or overlap.
    pub touch: bool,
}

impl Seen {
    /// The usual size in pixels: of bodies, strands or lines.
    pub fn size_px(&self) -> Option<f64> {
        let is_size = |known: &&Known| {
            let slots = ["size.median", "width.median", "linewidth"];
            known.slots.iter().any(|slot| slots.contains(slot))
        };
        self.known.iter().find(is_size).map(|known| known.value)
    }
}

/// Whether there is a length to measure in a scene, in focus and as it was drawn: tilted ones show
/// walls, which belong to no body, and foreshortened lines. Slanted wires are drawn as seen.
pub fn has_facts(scene: &Scene) -> bool {
    let is_as_drawn = scene.truth.view != View::Tilted || scene.truth.kind == Kind::SlantedWires;
    MEASURED.contains(&scene.truth.kind)
        && !scene.truth.soft
        && is_as_drawn
        && !of(scene).known.is_empty()
}

/// What is true of a scene.
pub fn of(scene: &Scene) -> Seen {
    let touch = scene.truth.touch != Touch::Separate;
    let drawn = &scene.drawn;
    if let Some(tip) = drawn.tip {
        let angle = tip.angle_deg.map(|angle| known(&["tip.angle"], angle));
        return Seen {
            known: [known(&["tip.radius"], tip.radius_px)]
                .into_iter()
                .chain(angle)
                .collect(),
            ..Seen::default()
        };
    }
    if let Some(lines) = drawn.lines {
        return Seen {
            known: vec![
                known(&["linewidth"], lines.width_px),
                known(&["gap.median"], lines.gap_px),
            ],
            ..Seen::default()
        };
    }
    let bodies = bodies(scene);
    match scene.truth.category {
        Category::Fibres | Category::Nanowires => Seen {
            known: strand_width(scene, &bodies).into_iter().collect(),
            count: Some(strands(scene, &bodies)),
            touch,
        },
        _ => Seen {
            known: size(&bodies).into_iter().collect(),
            count: Some(bodies.iter().filter(|body| body.counts).count()),
            touch,
        },
    }
}

fn known(slots: &'static [&'static str], value: f32) -> Known {
    Known {
        slots,
        value: f64::from(value),
    }
}

/// A body as it is seen.
pub struct Body {
    /// Its number.
    pub number: u32,
    /// Pixels that are seen of it.
    pub seen_px: f64,
    /// Whether the frame or the strip of a data bar cuts it.
    pub is_cut: bool,
    /// Whether it counts.
    pub counts: bool,
}

/// The bodies in view. What lies beyond a data bar is cropped off with it where that is a quarter
/// of the height or less.
pub fn bodies(scene: &Scene) -> Vec<Body> {
    let (width, height) = (scene.width as usize, scene.height as usize);
    let strip = scene
        .truth
        .strip
        .map_or(height..height, |(from, to)| from as usize..to as usize);
    let rows = if 4 * (height - strip.end) <= height {
        0..strip.start
    } else if 4 * strip.start <= height {
        strip.end..height
    } else {
        0..height
    };
    let mut seen = vec![(0usize, false); scene.extents.len() + 1];
    for (place, number) in scene.bodies.iter().enumerate() {
        let (x, y) = (place % width, place / width);
        if !rows.contains(&y) {
            continue;
        }
        let is_cut = x == 0
            || x + 1 == width
            || y == rows.start
            || y + 1 == rows.end
            || y + 1 == strip.start
            || y == strip.end;
        if let Some(body) = seen.get_mut(*number as usize)
            && *number > 0
        {
            *body = (body.0 + 1, body.1 || is_cut);
        }
    }
    let mut all: Vec<Body> = (0u32..)
        .zip(seen)
        .filter(|(_, (area, _))| *area >= SEEN_PX)
        .map(|(number, (area, is_cut))| Body {
            number,
            seen_px: area as f64,
            is_cut,
            counts: false,
        })
        .collect();
    let mut areas: Vec<f64> = all.iter().map(|body| body.seen_px).collect();
    let usual = median(&mut areas);
    for body in &mut all {
        let extent = f64::from(scene.extents[body.number as usize - 1]);
        let is_seen = body.seen_px >= SEEN_SHARE * extent;
        body.counts = is_seen && (body.is_cut || body.seen_px >= USUAL_SHARE * usual);
    }
    all
}

/// The median diameter of equal area of what is seen of those that nothing cuts.
fn size(bodies: &[Body]) -> Option<Known> {
    let whole = bodies.iter().filter(|body| body.counts && !body.is_cut);
    let mut sizes: Vec<f64> = whole
        .map(|body| 2.0 * (body.seen_px / std::f64::consts::PI).sqrt())
        .collect();
    (sizes.len() >= MEDIAN_COUNT).then(|| Known {
        slots: &["size.median", "pore.median"],
        value: median(&mut sizes),
    })
}

fn strands(scene: &Scene, bodies: &[Body]) -> usize {
    let counts = |body: &&Body| body.counts && is_strand(scene, body.number);
    bodies.iter().filter(counts).count()
}

fn is_strand(scene: &Scene, number: u32) -> bool {
    let strands = &scene.drawn.strands;
    strands.iter().any(|strand| strand.body == number)
}

/// The median width of strands, each by its seen length.
fn strand_width(scene: &Scene, bodies: &[Body]) -> Option<Known> {
    let mut widths: Vec<(f64, f64)> = scene
        .drawn
        .strands
        .iter()
        .filter_map(|strand| {
            let body = bodies.iter().find(|body| body.number == strand.body)?;
            let width = f64::from(strand.width_px);
            Some((width, body.seen_px / width))
        })
        .collect();
    widths.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * widths.iter().map(|(_, length)| length).sum::<f64>();
    let mut sum = 0.0;
    let middle = widths.into_iter().find(|(_, length)| {
        sum += length;
        sum >= half
    });
    middle.map(|(value, _)| Known {
        slots: &["width.median"],
        value,
    })
}

/// The middle value; not a number where there is none.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[half],
        _ => 0.5 * (values[half - 1] + values[half]),
    }
}
