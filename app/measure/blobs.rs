//! Compact objects and pores: found, measured each on its outline, and held plausible or not.
//!
//! What is said of them together is in `group`. Called by `readings`, and by `chosen` for what
//! somebody chose or changed.

use super::Field;
use super::fitness::Fitness;
use super::group::{Group, slots};
use super::house::objects as house;
use super::objects::Object;
use super::quantity::{Quantity, Scale};
use super::segment::plane::Plane;
use super::segment::{self, Polarity, Search, Segmentation};
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
    /// Whether they can be told apart.
    pub is_clear: bool,
}

/// Whether dark objects of a material are holes.
pub fn are_pores(category: Option<Category>) -> bool {
    matches!(category, Some(Category::Porous | Category::Films))
}

/// Finds and measures the compact objects of a field of a material.
pub fn measure(
    field: &Field<'_>,
    fitness: &Fitness,
    search: Search,
    category: Option<Category>,
    scale: &Scale,
) -> Blobs {
    let are_pores = are_pores(category);
    let presence_min = match category {
        Some(Category::Porous | Category::Films | Category::Powder) => house::PRESENCE_MIXED,
        _ => house::PRESENCE,
    };
    let mut segmentation = segment::find(field, fitness, search, presence_min);
    let found = std::mem::take(&mut segmentation.found);
    let objects: Vec<Object> = found
        .into_iter()
        .filter_map(|found| Object::of(0, found))
        .zip(1..)
        .map(|(object, id)| Object { id, ..object })
        .collect();
    let polarity = segmentation.polarity;
    let outline = if are_pores && polarity == Polarity::Dark {
        house::PORE
    } else {
        house::GRAIN
    };
    let plausible = plausible(&segmentation, &objects, &outline);
    // Whoever names a threshold has told them apart.
    let is_told = search.threshold.is_some() || plausible >= outline.plausible;
    let is_clear = !objects.is_empty() && is_told;
    let slots = slots(polarity, are_pores);
    let group = Group::of(field, fitness, &segmentation.plane, &objects, slots);
    // Beyond a threshold of somebody's own, what is covered is what was found there.
    let group = match search.threshold {
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
        is_clear,
    }
}

/// How plausible it is that what was found are objects: of the steep places, the share at their
/// borders, times how little there is to say for the other polarity, times how convex they are by
/// area. A texture is as well bright bodies as dark ones, and neither are convex.
fn plausible(segmentation: &Segmentation, objects: &[Object], outline: &house::Outline) -> f64 {
    let area: f64 = objects.iter().map(|object| object.area_px).sum();
    let solid: f64 = objects.iter().map(|o| o.area_px * o.solidity).sum();
    let [least, most] = outline.solidity;
    let convex = ((solid / area.max(1.0) - least) / (most - least)).clamp(0.0, 1.0);
    let unrivalled = if outline.has_rival {
        1.0 - f64::from(segmentation.rival)
    } else {
        1.0
    };
    f64::from(segmentation.explained) * unrivalled * convex
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
