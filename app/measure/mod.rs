//! Measures what a micrograph shows: objects and quantities, each with an uncertainty.
//!
//! Pure: no files, no window, no model. The same field and options give the same measurement,
//! whatever the number of threads; work is shared among the threads of the caller's pool.
//! Called by `command` and `worker`.

mod blobs;
mod coverage;
pub mod fibres;
mod field;
mod fitness;
pub mod house;
pub mod layers;
pub mod lines;
pub mod objects;
pub mod pattern;
pub mod printing;
pub mod profile;
pub mod psd;
pub mod quantity;
pub mod segment;
mod spacing;
pub mod tilt;
pub mod tip;
pub mod uncertainty;
pub mod words;

pub use field::Field;
pub use fitness::Fitness;
pub use objects::Object;
pub use segment::Polarity;

use crate::questions::Category;
use quantity::{Quantity, Scale};

/// What is asked of a measurement.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The material category, as predicted or corrected.
    pub category: Option<Category>,
    /// Whether objects are bright or dark; decided from the image where it is not said.
    pub polarity: Option<Polarity>,
    /// Length of the scale bar that the scale was read from, in pixels.
    pub bar_px: Option<f64>,
}

/// What kind of structure was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// Compact objects: particles, grains, cells.
    Objects,
    /// Holes in a body.
    Pores,
    /// Nothing that could be told apart.
    Unclear,
}

impl Structure {
    /// Its name as `measure --json` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Pores => "pores",
            Self::Unclear => "unclear",
        }
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// The kind of structure.
    pub structure: Structure,
    /// The objects, from the top of the image down; empty where they could not be told apart.
    pub objects: Vec<Object>,
    /// The quantities, in nanometres where the scale is known.
    pub quantities: Vec<Quantity>,
    /// How fit the field is.
    pub fitness: Fitness,
    /// Nanometres a pixel, if known, and how well.
    pub scale: Scale,
    /// Whether the objects are bright or dark.
    pub polarity: Polarity,
    /// Of the places as steep as the borders of the objects, the share that they explain; where
    /// it is small, they could not be told apart.
    pub explained: f32,
    /// What was done, in order, for people.
    pub steps: Vec<String>,
}

/// Measures a field.
pub fn measure(field: &Field<'_>, options: &Options) -> Measurement {
    let fitness = Fitness::of(field);
    let scale = Scale::of(field.calibration.as_ref(), options.bar_px);
    let are_pores = matches!(options.category, Some(Category::Porous | Category::Films));
    let found = blobs::measure(field, &fitness, options.polarity, are_pores, &scale);
    let segmentation = &found.segmentation;
    let structure = match (found.is_clear, segmentation.polarity) {
        (false, _) => Structure::Unclear,
        (true, Polarity::Dark) if are_pores => Structure::Pores,
        (true, _) => Structure::Objects,
    };
    let steps = vec![
        format!("noise {:.2} grey levels in flat areas", fitness.noise),
        format!(
            "looked at 1 in {} pixels, smoothed by {:.1} px",
            segmentation.plane.step.pow(2),
            segmentation.smoothing_px
        ),
        format!(
            "{} objects, by {}",
            segmentation.polarity.name(),
            if options.polarity.is_some() {
                "your choice"
            } else {
                "evidence"
            }
        ),
        format!("outlines at the {} at full size", house::edges::RULE),
    ];
    Measurement {
        structure,
        polarity: segmentation.polarity,
        explained: segmentation.explained,
        objects: if found.is_clear {
            found.objects
        } else {
            Vec::new()
        },
        quantities: found.quantities,
        fitness,
        scale,
        steps,
    }
}
