//! The readings of a field: as objects, strands, lines, pattern, layers, tip and surface, each
//! with how well it fits the edges in view.
//!
//! Every kind of structure is looked for by the module that knows it; nothing is chosen here
//! (`decide` does that). Called by `measure`.

use super::evidence::{Edges, Fit, Outline};
use super::fibres::{self, Fibres};
use super::house::{objects, structure as house};
use super::kind::{Structure, usual};
use super::layers::{self, Layers};
use super::lines::{self, Lines};
use super::pattern::{self, Lattice, Pattern};
use super::quantity::{Reason, Scale};
use super::segment::{Levels, Search};
use super::surface::{self, Surface};
use super::tip::{self, Tip};
use super::uncertainty::median;
use super::{Field, Fitness, Options, Polarity, blobs};
use crate::questions::Category;

/// The seed of what is drawn by chance.
const SEED: u64 = 0x5eed;
/// Share of the specimen in a row from which it belongs to the part that tips and layers are
/// looked for in.
const ROW_SHARE: f64 = 0.9;

/// What speaks for one kind of structure.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The kind.
    pub structure: Structure,
    /// How well it fits the edges.
    pub fit: Fit,
    /// What counts when kinds are compared, 0 to 1.
    pub score: f64,
    /// Why it is ruled out, if it is.
    pub ruled_out: Option<String>,
}

/// All readings.
pub struct Readings {
    /// As compact objects or pores.
    pub blobs: blobs::Blobs,
    /// As strands.
    pub fibres: Result<Fibres, Reason>,
    /// As lines and spaces.
    pub lines: Result<Lines, Reason>,
    /// As a pattern.
    pub pattern: Result<Pattern, Reason>,
    /// As layers of a section.
    pub layers: Result<Layers, Reason>,
    /// As one tip.
    pub tip: Result<Tip, Reason>,
    /// As the surface of a film.
    pub surface: Result<Surface, Reason>,
    /// What speaks for each of them.
    pub evidence: Vec<Evidence>,
}

impl Readings {
    /// Reads a field in all ways.
    pub fn of(field: &Field<'_>, fitness: &Fitness, options: &Options, scale: &Scale) -> Self {
        let category = options.category;
        // The pattern waits for the levels: they keep all cores busy, and what follows does not.
        let (levels, (surface, edges)) = rayon::join(
            || Levels::of(field, fitness, options.search),
            || {
                rayon::join(
                    || {
                        of_film(category, "No grains or cracks", || {
                            surface::measure(field, fitness, scale)
                        })
                    },
                    || Edges::of(field, fitness.noise),
                )
            },
        );
        let (found, pattern) = rayon::join(
            || blobs::find(levels, field, fitness, category),
            || pattern::measure(field, scale),
        );
        let fit = edges.fit(&object_outlines(&found.objects));
        let mut blobs = found.measured(field, fitness, fit, scale);
        if !blobs.is_clear && may_be_textured(options) {
            let found = blobs::find_textured(field, fitness, category);
            let fit = edges.fit(&object_outlines(&found.objects));
            let textured = found.measured(field, fitness, fit, scale);
            if textured.is_clear {
                blobs = textured;
            }
        }
        let of_objects = of_objects(&blobs);
        let are_sure = options.search.threshold.is_some()
            || of_objects.ruled_out.is_none()
                && of_objects.score >= house::SURE
                && category.is_none_or(|category| {
                    category != Category::Films && usual(category).contains(&Structure::Objects)
                });
        let Others {
            fibres,
            lines,
            tip,
            layers,
        } = if are_sure {
            Others::not_looked_for()
        } else {
            Others::of(field, fitness, category, edges.coherence, scale)
        };
        let mut readings = Self {
            blobs,
            fibres,
            lines,
            pattern,
            layers,
            tip,
            surface,
            evidence: Vec::new(),
        };
        readings.evidence = vec![
            of_objects,
            readings.of_fibres(&edges, category),
            readings.of_lines(&edges),
            readings.of_pattern(),
            readings.of_layers(&edges),
            readings.of_tip(&edges),
        ];
        readings
    }

    /// What speaks for a kind.
    pub fn evidence_for(&self, structure: Structure) -> Option<&Evidence> {
        let sought = match structure {
            Structure::Pores => Structure::Objects,
            other => other,
        };
        self.evidence.iter().find(|one| one.structure == sought)
    }

    fn of_fibres(&self, edges: &Edges, category: Option<Category>) -> Evidence {
        let Ok(fibres) = &self.fibres else {
            return none(Structure::Fibres, self.fibres.as_ref().err());
        };
        let fit = edges.fit(&strand_outlines(fibres));
        let mut lengths: Vec<f64> = fibres
            .fibres
            .iter()
            .filter(|fibre| fibre.width_px.is_finite() && fibre.width_px > 0.0)
            .map(|fibre| fibre.length_px / fibre.width_px)
            .collect();
        let typical = median(&mut lengths);
        let is_usual = |kind| category.is_some_and(|category| usual(category).contains(&kind));
        let least = if is_usual(Structure::Fibres) && !is_usual(Structure::Objects) {
            house::STRAND_LENGTHS_USUAL
        } else {
            house::STRAND_LENGTHS
        };
        let are_long = typical >= least;
        let ruled_out = (!are_long).then(|| {
            format!("they are {typical:.1} times as long as wide, strands are {least} times")
        });
        evidence(Structure::Fibres, fit, ruled_out)
    }

    fn of_lines(&self, edges: &Edges) -> Evidence {
        match &self.lines {
            Ok(lines) => {
                let fit = edges.fit(&line_outlines(lines));
                let is_one = lines.lines.len() < 2;
                evidence(
                    Structure::Lines,
                    fit,
                    is_one.then(|| "there is one line alone".to_owned()),
                )
            }
            Err(reason) => none(Structure::Lines, Some(reason)),
        }
    }

    fn of_pattern(&self) -> Evidence {
        match &self.pattern {
            Ok(pattern) => Evidence {
                structure: Structure::Pattern,
                fit: Fit::default(),
                score: pattern.peak.clamp(0.0, 1.0),
                ruled_out: if pattern.lattice == Lattice::Lines {
                    Some("it repeats in one direction".to_owned())
                } else if self.blobs.objects.len() < objects::LATTICE_COUNT {
                    Some(format!("{} objects lie on it", self.blobs.objects.len()))
                } else {
                    None
                },
            },
            Err(reason) => none(Structure::Pattern, Some(reason)),
        }
    }

    fn of_layers(&self, edges: &Edges) -> Evidence {
        match &self.layers {
            Ok(layers) => {
                let fit = edges.fit(&interface_outlines(layers));
                let are_off = fit.supported < house::INTERFACES_ON_EDGES;
                let ruled_out = are_off.then(|| "few of its interfaces lie on edges".to_owned());
                evidence(Structure::Layers, fit, ruled_out)
            }
            Err(reason) => none(Structure::Layers, Some(reason)),
        }
    }

    fn of_tip(&self, edges: &Edges) -> Evidence {
        match &self.tip {
            Ok(tip) => evidence(Structure::Tip, edges.fit(&[tip_outline(tip)]), None),
            Err(reason) => none(Structure::Tip, Some(reason)),
        }
    }
}

/// Whether bodies may be looked for by their texture: cells lie on a smoother ground, while of
/// other materials the ground is as often the rough part. Nobody must have said by which greys
/// they are told.
fn may_be_textured(options: &Options) -> bool {
    options.category == Some(Category::Biological) && options.search == Search::default()
}

fn of_objects(blobs: &blobs::Blobs) -> Evidence {
    let fit = blobs.fit;
    let ruled_out = if !blobs.is_clear {
        Some("they could not be told apart")
    } else if are_parts_of_strands(&blobs.objects) {
        Some("they are long and leave the view, as parts of strands do")
    } else {
        None
    };
    Evidence {
        score: fit.score().max(blobs.plausible),
        ..evidence(Structure::Objects, fit, ruled_out.map(str::to_owned))
    }
}

fn are_parts_of_strands(objects: &[super::Object]) -> bool {
    let sum = |value: &dyn Fn(&super::Object) -> f64| {
        objects.iter().map(|o| o.area_px * value(o)).sum::<f64>()
    };
    let area = sum(&|_| 1.0).max(1.0);
    let cut = sum(&|object| f64::from(u8::from(object.is_cut))) / area;
    let aspect = sum(&super::Object::aspect) / area;
    cut >= objects::STRAND_CUT && aspect >= objects::STRAND_ASPECT
}

fn evidence(structure: Structure, fit: Fit, ruled_out: Option<String>) -> Evidence {
    Evidence {
        structure,
        fit,
        score: fit.score(),
        ruled_out,
    }
}

/// The readings that are left out where compact objects fit well.
struct Others {
    fibres: Result<Fibres, Reason>,
    lines: Result<Lines, Reason>,
    tip: Result<Tip, Reason>,
    layers: Result<Layers, Reason>,
}

impl Others {
    /// `coherence` says how much the directions of the edges agree.
    fn of(
        field: &Field<'_>,
        fitness: &Fitness,
        category: Option<Category>,
        coherence: f64,
        scale: &Scale,
    ) -> Self {
        let lines = if coherence >= house::LINES_COHERENCE {
            lines::measure(field, fitness, scale, SEED)
        } else {
            Err(Reason::new(
                "No linewidth",
                "the edges in view have no common direction",
                "Choose a region with lines alone",
            ))
        };
        let (core, top) = core(field);
        let blur_px = fitness.blur().map_or(1.0, f64::from);
        Self {
            fibres: fibres::measure(field, fitness, scale, SEED),
            lines,
            tip: tip::measure(&core, blur_px, scale).map(|tip| lowered_tip(tip, top)),
            layers: of_film(category, "No thickness", || layers::measure(&core, scale))
                .map(|layers| lowered_layers(layers, top)),
        }
    }

    fn not_looked_for() -> Self {
        let reason = |missing: &str| {
            Reason::new(
                missing,
                "compact objects fit the edges in view",
                "Name another category, or choose a region without them",
            )
        };
        Self {
            fibres: Err(reason("No width")),
            lines: Err(reason("No linewidth")),
            tip: Err(reason("No tip radius")),
            layers: Err(reason("No thickness")),
        }
    }
}

/// What is looked for in films only: elsewhere the same edges mean something else.
fn of_film<T>(
    category: Option<Category>,
    missing: &str,
    measure: impl FnOnce() -> Result<T, Reason>,
) -> Result<T, Reason> {
    if category == Some(Category::Films) {
        return measure();
    }
    Err(Reason::new(
        missing,
        "it is looked for in images of films only",
        "Name the category, if this is a film or its section",
    ))
}

fn none(structure: Structure, why: Option<&Reason>) -> Evidence {
    let why = why.map_or("nothing was found", |reason| reason.why.as_str());
    evidence(structure, Fit::default(), Some(why.to_owned()))
}

/// The largest run of rows that are specimen nearly from side to side, and its first row.
fn core(field: &Field<'_>) -> (Field<'static>, usize) {
    let width = field.width.max(1);
    let is_whole: Vec<bool> = field
        .valid
        .chunks_exact(width)
        .map(|row| row.iter().filter(|is| **is).count() as f64 >= ROW_SHARE * width as f64)
        .collect();
    let mut best = 0..0;
    let mut start = None;
    for (row, is_whole) in is_whole.iter().copied().chain([false]).enumerate() {
        match (start, is_whole) {
            (None, true) => start = Some(row),
            (Some(from), false) => {
                if row - from > best.len() {
                    best = from..row;
                }
                start = None;
            }
            _ => {}
        }
    }
    if best.is_empty() {
        best = 0..field.height;
    }
    let part = best.start * width..best.end * width;
    let core = Field {
        width: field.width,
        height: best.len(),
        grey: field.grey[part.clone()].to_vec().into(),
        valid: field.valid[part].to_vec(),
        calibration: field.calibration.clone(),
    };
    (core, best.start)
}

fn lowered_tip(mut tip: Tip, rows: usize) -> Tip {
    let rows = rows as f64;
    tip.apex_px.1 += rows;
    tip.centre_px.1 += rows;
    tip.outline_px.iter_mut().for_each(|point| point.1 += rows);
    tip
}

fn lowered_layers(mut layers: Layers, rows: usize) -> Layers {
    let rows = rows as f64;
    for interface in &mut layers.interfaces {
        if layers.is_along_x {
            interface.at_px += rows;
            interface.traced_px.iter_mut().for_each(|at| *at += rows);
        } else {
            // Steps run down the image: those above the part that was looked at are unknown.
            let mut traced = vec![f64::NAN; rows as usize];
            traced.append(&mut interface.traced_px);
            interface.traced_px = traced;
        }
    }
    layers
}

/// The outlines of objects.
pub fn object_outlines(objects: &[super::Object]) -> Vec<Outline> {
    // Corners of pixels lie at whole numbers there, centres here.
    let centred = |point: &[f64; 2]| [point[0] - 0.5, point[1] - 0.5];
    objects
        .iter()
        .map(|object| Outline {
            points: object.outline.iter().map(centred).collect(),
            is_closed: true,
        })
        .collect()
}

/// The two sides of every strand that shows both.
pub fn strand_outlines(fibres: &Fibres) -> Vec<Outline> {
    let seen = fibres
        .fibres
        .iter()
        .filter(|fibre| fibre.width_px.is_finite());
    seen.flat_map(|fibre| {
        fibre
            .middle_px
            .iter()
            .zip(&fibre.course_px)
            .map(|(middle, course)| strand_outline(middle, course))
    })
    .filter(|outline| outline.points.len() > 3)
    .collect()
}

/// Points along which the direction of a middle line is taken.
const DIRECTION_POINTS: usize = 6;

fn strand_outline(middle: &[(f32, f32)], course_px: &[f32]) -> Outline {
    let side = |sign: f64| {
        (0..middle.len()).filter_map(move |at| {
            let from = middle.get(at.saturating_sub(DIRECTION_POINTS))?;
            let to = middle.get((at + DIRECTION_POINTS).min(middle.len() - 1))?;
            let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
            let length = dx.hypot(dy);
            let (x, y) = middle.get(at)?;
            let half_px = 0.5 * f64::from(*course_px.get(at)?);
            let reach = sign * half_px / length.max(1e-9);
            (length > 0.0).then(|| [f64::from(*x) - reach * dy, f64::from(*y) + reach * dx])
        })
    };
    let mut points: Vec<[f64; 2]> = side(1.0).collect();
    points.extend(side(-1.0).collect::<Vec<_>>().into_iter().rev());
    Outline {
        points,
        is_closed: true,
    }
}

/// The outlines of lines, between their two edges.
pub fn line_outlines(lines: &Lines) -> Vec<Outline> {
    let placed = |row: usize, at: f64| {
        if lines.is_along_x {
            [row as f64, at]
        } else {
            [at, row as f64]
        }
    };
    lines
        .lines
        .iter()
        .map(|line| {
            let edge = |at_px: &[f64]| {
                let rows = line.rows.clone().zip(at_px);
                rows.filter(|(_, at)| at.is_finite())
                    .map(|(row, at)| placed(row, *at))
                    .collect::<Vec<_>>()
            };
            let mut points = edge(&line.low.at_px);
            points.extend(edge(&line.high.at_px).into_iter().rev());
            Outline {
                points,
                is_closed: true,
            }
        })
        .collect()
}

/// The interfaces of layers.
pub fn interface_outlines(layers: &Layers) -> Vec<Outline> {
    let placed = |step: usize, at: f64| {
        if layers.is_along_x {
            [step as f64, at]
        } else {
            [at, step as f64]
        }
    };
    let points = |traced: &[f64]| {
        let known = traced.iter().enumerate().filter(|(_, at)| at.is_finite());
        known.map(|(step, at)| placed(step, *at)).collect()
    };
    layers
        .interfaces
        .iter()
        .map(|interface| Outline {
            points: points(&interface.traced_px),
            is_closed: false,
        })
        .collect()
}

/// The outline of a tip, open where it leaves the frame.
pub fn tip_outline(tip: &Tip) -> Outline {
    Outline {
        points: tip.outline_px.iter().map(|(x, y)| [*x, *y]).collect(),
        is_closed: false,
    }
}

/// Whether the objects of a reading are dark holes.
pub fn are_dark(blobs: &blobs::Blobs) -> bool {
    blobs.segmentation.polarity == Polarity::Dark
}
