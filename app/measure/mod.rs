//! Measures what a micrograph shows: objects and quantities, each with an uncertainty.
//!
//! Pure: no files, no window, no model. The same field and options give the same measurement,
//! whatever the number of threads; work is shared among the threads of the caller's pool.
//! Called by `command` and `worker`.

pub mod bins;
mod blobs;
mod chosen;
mod coverage;
pub mod decide;
pub mod edit;
pub mod evidence;
mod faces;
pub mod fibres;
mod field;
mod fitness;
mod gather;
mod group;
mod hidden;
pub mod house;
pub mod kind;
pub mod layers;
pub mod lines;
pub mod objects;
pub mod pattern;
pub mod printing;
pub mod profile;
pub mod psd;
pub mod quantity;
pub mod readings;
pub mod recipe;
pub mod segment;
mod spacing;
mod summary;
pub mod surface;
pub mod table;
pub mod things;
pub mod tilt;
pub mod tip;
pub mod uncertainty;
pub mod words;

pub use chosen::{chosen, has_objects};
pub use field::Field;
pub use fitness::Fitness;
pub use kind::Structure;
pub use objects::Object;
pub use segment::{Polarity, Search};

use crate::micrograph::{Calibration, Metadata, ScaleBar, Source};
use crate::questions::Category;
use decide::{Seen, beyond_threshold, decide};
use quantity::{Quantity, Scale};
use readings::{Evidence, Readings};
use tilt::Tilt;

/// What is asked of a measurement.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The material category, as predicted or corrected.
    pub category: Option<Category>,
    /// What objects are looked for by.
    pub search: Search,
    /// Length of the scale bar that the scale was read from, in pixels.
    pub bar_px: Option<f64>,
    /// The direction of view, where the file or somebody says it; a top view otherwise.
    pub tilt: Option<Tilt>,
}

impl Options {
    /// What is known without asking anybody: the bar, where the scale was read from it, and the
    /// tilt that the file states.
    pub fn known(
        calibration: Option<&Calibration>,
        scale_bar: Option<&ScaleBar>,
        metadata: &Metadata,
    ) -> Self {
        let is_of_bar = calibration.is_some_and(|known| known.source == Source::ScaleBar);
        Self {
            bar_px: scale_bar.filter(|_| is_of_bar).map(|bar| bar.length_px),
            tilt: Some(Tilt::stated(
                metadata.stage_tilt_deg.unwrap_or(0.0),
                metadata.tilt_correction.unwrap_or(false),
            )),
            ..Self::default()
        }
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// The kind of structure.
    pub structure: Structure,
    /// What is said where category and evidence disagree.
    pub disagreement: Option<String>,
    /// What speaks for each kind.
    pub evidence: Vec<Evidence>,
    /// The objects, from the top of the image down; empty where there are none of them, or they
    /// could not be told apart.
    pub objects: Vec<Object>,
    /// The strands, where it shows strands.
    pub fibres: Option<fibres::Fibres>,
    /// The lines, where it shows lines.
    pub lines: Option<lines::Lines>,
    /// The pattern, where it repeats.
    pub pattern: Option<pattern::Pattern>,
    /// The layers, where it shows a section of them.
    pub layers: Option<layers::Layers>,
    /// The tip, where it shows one.
    pub tip: Option<tip::Tip>,
    /// Cracks and grains, where it shows the surface of a film.
    pub surface: Option<surface::Surface>,
    /// The word for the texture of faces, where it can be said.
    pub texture: Option<&'static str>,
    /// The word for the borders of objects, where it can be said.
    pub border: Option<&'static str>,
    /// The quantities, in nanometres where the scale is known.
    pub quantities: Vec<Quantity>,
    /// How fit the field is.
    pub fitness: Fitness,
    /// Nanometres a pixel, if known, and how well.
    pub scale: Scale,
    /// Whether the objects are bright or dark.
    pub polarity: Polarity,
    /// 1st and 99th hundredth of the greys.
    pub greys: [f32; 2],
    /// Of the places as steep as the borders of the objects, the share that they explain; where
    /// it is small, they could not be told apart.
    pub explained: f32,
    /// One line on how fit the field is: scale, view, focus, clipping and what was found.
    pub summary: String,
    /// What was done, in order, for people.
    pub steps: Vec<String>,
}

/// Measures a field.
pub fn measure(field: &Field<'_>, options: &Options) -> Measurement {
    let fitness = Fitness::of(field);
    let scale = Scale::of(field.calibration.as_ref(), options.bar_px);
    let readings = Readings::of(field, &fitness, options, &scale);
    let surface = readings.surface.as_ref().ok();
    let has_cracks = surface.is_some_and(|surface| !surface.cracks.is_empty());
    let seen = Seen {
        are_objects_dark: readings::are_dark(&readings.blobs),
        has_surface: has_cracks || surface.is_some_and(|surface| surface.intercept_px.is_some()),
        has_cracks,
    };
    let decision = match options.search.threshold {
        None => decide(&readings.evidence, seen, options.category),
        Some(_) => beyond_threshold(seen, options.category),
    };
    let structure = decision.structure;
    let tilt = options.tilt.unwrap_or(Tilt::stated(0.0, false));
    let request = gather::Request {
        field,
        fitness: &fitness,
        structure,
        category: options.category,
        scale: &scale,
        tilt,
    };
    let quantities = gather::quantities(&readings, &request);
    let steps = steps(&readings, &fitness, options, structure);
    let Readings {
        blobs,
        fibres,
        lines,
        pattern,
        layers,
        tip,
        surface,
        evidence,
    } = readings;
    let is = |kind: Structure| structure == kind;
    let has_objects = matches!(
        structure,
        Structure::Objects | Structure::Pores | Structure::Pattern
    );
    let is_periodic = has_objects || is(Structure::Lines);
    let mut measurement = Measurement {
        structure,
        disagreement: decision.disagreement,
        evidence,
        polarity: blobs.segmentation.polarity,
        greys: blobs.segmentation.greys,
        explained: blobs.segmentation.explained,
        objects: if has_objects {
            blobs.objects
        } else {
            Vec::new()
        },
        fibres: fibres.ok().filter(|_| is(Structure::Fibres)),
        lines: lines.ok().filter(|_| is(Structure::Lines)),
        pattern: pattern.ok().filter(|_| is_periodic),
        layers: layers.ok().filter(|_| is(Structure::Layers)),
        tip: tip.ok().filter(|_| is(Structure::Tip)),
        texture: None,
        border: None,
        surface: surface.ok().filter(|_| is(Structure::Surface)),
        quantities,
        fitness,
        scale,
        summary: String::new(),
        steps,
    };
    let objects = &measurement.objects;
    measurement.border = faces::border(field, &measurement.fitness, objects);
    measurement.texture = match &measurement.surface {
        Some(surface) => surface.texture,
        None => faces::texture(field, &measurement.fitness, objects),
    };
    measurement.summary = summary::line(&measurement, field.calibration.as_ref(), &tilt);
    measurement
}

/// What was done, in order.
fn steps(
    readings: &Readings,
    fitness: &Fitness,
    options: &Options,
    structure: Structure,
) -> Vec<String> {
    let segmentation = &readings.blobs.segmentation;
    let mut steps = vec![
        format!("noise {:.2} grey levels in flat areas", fitness.noise),
        format!(
            "looked at 1 in {} pixels, smoothed by {:.1} px",
            segmentation.plane.step.pow(2),
            segmentation.smoothing_px
        ),
    ];
    for one in &readings.evidence {
        let name = one.structure.name();
        steps.push(match &one.ruled_out {
            None => format!("as {name}: fits the edges by {:.2}", one.score),
            Some(why) => format!("as {name}: ruled out, {why}"),
        });
    }
    steps.push(format!("measured as {}", structure.words()));
    if matches!(
        structure,
        Structure::Objects | Structure::Pores | Structure::Pattern
    ) {
        if let Some(threshold) = options.search.threshold {
            let grey = printing::to_digits(f64::from(threshold), 4);
            steps.push(format!(
                "parted from the ground at grey {grey}, by your choice"
            ));
        }
        let who = match options.search.polarity {
            Some(_) => "your choice",
            None => "evidence",
        };
        steps.push(if segmentation.is_by_texture {
            "told from the ground by their texture".to_owned()
        } else {
            format!("{} objects, by {who}", segmentation.polarity.name())
        });
    }
    steps.push(format!("edges at the {} at full size", house::edges::RULE));
    steps
}
