//! The kinds of structure, and which of them and which quantities belong to a material category.
//!
//! Tables only; what an image shows is decided in `decide`. Read by everything in `measure` and
//! by whoever prints a measurement.

use super::quantity::Unit;
use crate::questions::Category;

/// What kind of structure was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Structure {
    /// Compact objects: particles, grains, cells.
    Objects,
    /// Holes in a body.
    Pores,
    /// Fibres or wires.
    Fibres,
    /// Lines and spaces.
    Lines,
    /// Objects or holes on a lattice.
    Pattern,
    /// Layers of a section.
    Layers,
    /// One tip seen from the side.
    Tip,
    /// The surface of a film: grains and cracks.
    Surface,
    /// Nothing that could be told apart.
    Unclear,
}

impl Structure {
    /// Its name as `measure --json` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Pores => "pores",
            Self::Fibres => "fibres",
            Self::Lines => "lines",
            Self::Pattern => "pattern",
            Self::Layers => "layers",
            Self::Tip => "tip",
            Self::Surface => "surface",
            Self::Unclear => "unclear",
        }
    }

    /// Its geometry in words, without a claim about the material.
    pub fn words(self) -> &'static str {
        match self {
            Self::Objects => "compact objects",
            Self::Pores => "holes in a body",
            Self::Fibres => "long strands",
            Self::Lines => "straight lines and spaces",
            Self::Pattern => "a pattern that repeats in two directions",
            Self::Layers => "layers of a section",
            Self::Tip => "one body that narrows to a tip",
            Self::Surface => "a surface with grain-like features or cracks",
            Self::Unclear => "nothing that could be told apart",
        }
    }
}

/// The kinds of structure that images of a category mostly show.
pub fn usual(category: Category) -> &'static [Structure] {
    use Structure::{Fibres, Layers, Lines, Objects, Pattern, Pores, Surface, Tip};
    match category {
        Category::Biological => &[Objects, Fibres, Pattern],
        Category::Fibres | Category::Nanowires => &[Fibres, Lines, Pattern],
        Category::Films => &[Surface, Layers, Pores, Objects],
        Category::Mems => &[Lines, Objects, Pattern],
        Category::Particles | Category::Powder => &[Objects],
        Category::Patterned => &[Lines, Pattern, Objects],
        Category::Porous => &[Pores, Pattern],
        Category::Tips => &[Tip],
    }
}

/// A slot and the unit it has before a scale is known.
pub type Wanted = (&'static str, Unit);

/// What is given of every image of a category.
pub fn wanted(category: Category) -> &'static [Wanted] {
    use Unit::{Count, Degree, PerPx, Px, Ratio, Share};
    match category {
        Category::Biological => &[
            ("size.median", Px),
            ("count", Count),
            ("spacing.median", Px),
            ("period", Px),
        ],
        Category::Fibres => &[
            ("width.median", Px),
            ("length.median", Px),
            ("count", Count),
            ("orientation.order", Ratio),
            ("orientation.angle", Degree),
            ("porosity", Share),
        ],
        Category::Films => &[
            ("grain.median", Px),
            ("crack.density", PerPx),
            ("defect.count", Count),
            ("thickness", Px),
        ],
        Category::Mems => &[("linewidth", Px), ("gap.median", Px), ("pitch", Px)],
        Category::Nanowires => &[
            ("width.median", Px),
            ("length.median", Px),
            ("count", Count),
            ("orientation.order", Ratio),
            ("orientation.angle", Degree),
            ("coverage", Share),
        ],
        Category::Particles => &[
            ("size.median", Px),
            ("size.p10", Px),
            ("size.p90", Px),
            ("size.cv", Share),
            ("count", Count),
            ("aspect.median", Ratio),
            ("spacing.median", Px),
            ("spacing.ratio", Ratio),
            ("aggregate.share", Share),
            ("coverage", Share),
        ],
        Category::Patterned => &[
            ("linewidth", Px),
            ("size.median", Px),
            ("pitch", Px),
            ("lwr", Px),
            ("defect.count", Count),
        ],
        Category::Porous => &[
            ("pore.median", Px),
            ("count", Count),
            ("porosity", Share),
            ("width.median", Px),
        ],
        Category::Powder => &[
            ("size.median", Px),
            ("count", Count),
            ("aspect.median", Ratio),
            ("aggregate.share", Share),
        ],
        Category::Tips => &[
            ("tip.radius", Px),
            ("tip.angle", Degree),
            ("length.median", Px),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::slots;

    #[test]
    fn every_wanted_slot_is_one_of_the_tokenizer() {
        for category in Category::ALL {
            assert!(!usual(category).is_empty());
            for (slot, _) in wanted(category) {
                assert!(slots::ALL.contains(slot), "{slot} of {category}");
            }
        }
    }
}
