//! Compact objects and pores: found, measured each on its outline, and held plausible or not.
//!
//! What is said of them together is in `group`. Called by `readings`, and by `chosen` for what
//! somebody chose or changed.

use super::Field;
use super::evidence::Fit;
use super::fitness::Fitness;
use super::group::{Group, slots};
use super::house::objects as house;
use super::objects::Object;
use super::quantity::{Quantity, Scale};
use super::segment::plane::Plane;
use super::segment::{self, Levels, Polarity, Search, Segmentation};
use crate::questions::Category;

/// Compact objects and what was measured on them.
pub struct Blobs {
    /// All that were found, those cut by the frame too.
    pub objects: Vec<Object>,
    /// The quantities, in the unit of the scale.
    pub quantities: Vec<Quantity>,
    /// How they were found.
    pub segmentation: Segmentation,
    /// How plausible it is that these are objects and no texture, 0 to 1.
    pub plausible: f64,
    /// How well their outlines fit the edges in view.
    pub fit: Fit,
    /// Whether they can be told apart.
    pub is_clear: bool,
}

/// Whether dark objects of a material are holes.
pub fn are_pores(category: Option<Category>) -> bool {
    matches!(category, Some(Category::Porous | Category::Films))
}

/// Compact objects that were found, and are not judged yet.
pub struct Candidates {
    /// All of them, those cut by the frame too.
    pub objects: Vec<Object>,
    segmentation: Segmentation,
    search: Search,
    are_pores: bool,
}

/// Finds the compact objects of a field of a material among its levels.
pub fn find(
    levels: Levels,
    field: &Field<'_>,
    fitness: &Fitness,
    category: Option<Category>,
) -> Candidates {
    let presence_min = match category {
        Some(Category::Porous | Category::Films | Category::Powder) => house::PRESENCE_MIXED,
        _ => house::PRESENCE,
    };
    let search = levels.search;
    let segmentation = levels.find(field, fitness, presence_min);
    Candidates::of(segmentation, search, category)
}

/// Finds bodies that their texture tells from a smooth ground.
pub fn find_textured(
    field: &Field<'_>,
    fitness: &Fitness,
    category: Option<Category>,
) -> Candidates {
    Candidates::of(
        segment::find_textured(field, fitness),
        Search::default(),
        category,
    )
}

impl Candidates {
    fn of(mut segmentation: Segmentation, search: Search, category: Option<Category>) -> Self {
        let found = std::mem::take(&mut segmentation.found);
        let objects = found
            .into_iter()
            .filter_map(|found| Object::of(0, found))
            .zip(1..)
            .map(|(object, id)| Object { id, ..object })
            .collect();
        Self {
            objects,
            segmentation,
            search,
            are_pores: are_pores(category),
        }
    }

    /// Judges them by how well their outlines fit the edges in view, and measures what they are
    /// together.
    pub fn measured(self, field: &Field<'_>, fitness: &Fitness, fit: Fit, scale: &Scale) -> Blobs {
        let Self {
            objects,
            segmentation,
            search,
            are_pores,
        } = self;
        let polarity = segmentation.polarity;
        let outline = if are_pores && polarity == Polarity::Dark {
            house::PORE
        } else {
            house::GRAIN
        };
        let by_texture = segmentation.is_by_texture;
        let (plausible, are_objects) = if by_texture {
            (fit.held, fit.held >= house::HELD_TEXTURED)
        } else {
            let solidity = solidity(&objects);
            let plausible = plausible(&segmentation, solidity, &outline);
            let fit_alone = fit.score() >= house::FIT_ALONE && solidity >= house::SOLID_ALONE;
            let is_enough = plausible >= outline.plausible || fit_alone;
            (plausible, is_enough && fit.supported >= house::ON_EDGES)
        };
        // Whoever names a threshold has told them apart.
        let is_told = search.threshold.is_some() || are_objects;
        let is_clear = !objects.is_empty() && is_told;
        let slots = slots(polarity, are_pores);
        let group = Group::of(field, fitness, &segmentation.plane, &objects, slots);
        // Beyond a threshold of somebody's own, what is covered is what was found there, and
        // bodies told by their texture have no grey of their own.
        let group = match search.threshold {
            _ if by_texture => group.textured(),
            None => group.thresholded(segmentation.coverage, polarity),
            Some(_) => group,
        };
        let quantities = if is_clear {
            group.quantities()
        } else {
            group.refused()
        };
        Blobs {
            quantities: quantities
                .into_iter()
                .map(|quantity| quantity.scaled(scale))
                .collect(),
            objects,
            segmentation,
            plausible,
            fit,
            is_clear,
        }
    }
}

/// How plausible it is that what was found are objects: of the steep places, the share at their
/// borders, times how little there is to say for the other polarity, times how convex they are by
/// area. A texture is as well bright bodies as dark ones, and neither are convex.
fn plausible(segmentation: &Segmentation, solidity: f64, outline: &house::Outline) -> f64 {
    let [least, most] = outline.solidity;
    let convex = ((solidity - least) / (most - least)).clamp(0.0, 1.0);
    let unrivalled = if outline.has_rival {
        1.0 - f64::from(segmentation.rival)
    } else {
        1.0
    };
    f64::from(segmentation.explained) * unrivalled * convex
}

/// How convex objects are: their area over that of their hulls, by area.
fn solidity(objects: &[Object]) -> f64 {
    let area: f64 = objects.iter().map(|object| object.area_px).sum();
    let solid: f64 = objects.iter().map(|o| o.area_px * o.solidity).sum();
    solid / area.max(1.0)
}

/// The quantities of objects that somebody chose or changed, in the unit of the scale. What they
/// cover is taken from their outlines: a threshold would count the others too.
pub fn of_chosen(
    field: &Field<'_>,
    fitness: &Fitness,
    objects: &[Object],
    polarity: Polarity,
    are_pores: bool,
    scale: &Scale,
) -> Vec<Quantity> {
    let plane = Plane::of(field, segment::PIXELS_MAX);
    let group = Group::of(field, fitness, &plane, objects, slots(polarity, are_pores));
    let quantities = if objects.is_empty() {
        group.refused()
    } else {
        group.quantities()
    };
    let scaled = quantities.into_iter().map(|one| one.scaled(scale));
    scaled.collect()
}
