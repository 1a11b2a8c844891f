//! Sentences with slots: what is measured in a scene of a kind, without any number of it.
//!
//! The slots are filled when an image is answered about; a sentence whose slot has no value is
//! left out there. Words with thresholds (spread, layout, contact) stand here as slots alone.
//! Called by the other files of `narrate`.

use super::{Teller, join};
use crate::questions::Category;
use crate::simulate::Kind;
use crate::simulate::truth::Touch;

/// What a kind of scene is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gauge {
    /// Separate bodies: diameter, count, spacing.
    Bodies,
    /// Openings in a solid: diameter, share of the area.
    Pores,
    /// Long strands: width, direction.
    Strands,
    /// Lines and spaces.
    Lines,
    /// Sites that repeat: holes, pillars.
    Sites,
    /// Layers in a section.
    Section,
    /// Grain-like features of a surface.
    Grains,
    /// Cracks of a surface.
    Cracks,
    /// A tip from the side.
    Tip,
    /// Parallel ridges.
    Ridges,
    /// One body, of which nothing is measured without a hand.
    Nothing,
}

impl Gauge {
    pub(super) fn of(category: Category, kind: Kind) -> Self {
        match (category, kind) {
            (_, Kind::RidgedPlates) => Gauge::Ridges,
            (_, Kind::SpreadCells | Kind::RoundCells | Kind::Rods) => Gauge::Bodies,
            (Category::Biological, _) => Gauge::Nothing,
            (_, Kind::FilmSection | Kind::FractureEdge) => Gauge::Section,
            (_, Kind::GrainyFilm) => Gauge::Grains,
            (_, Kind::CrackedFilm) => Gauge::Cracks,
            (_, Kind::PinholeFilm) => Gauge::Pores,
            (Category::Films, _) => Gauge::Nothing,
            (
                _,
                Kind::Lines | Kind::Comb | Kind::Interdigitated | Kind::Meander | Kind::Cantilevers,
            ) => Gauge::Lines,
            (Category::Mems, _) => Gauge::Nothing,
            (Category::Patterned, _) => Gauge::Sites,
            (_, Kind::ApexFromAbove | Kind::Manipulator) => Gauge::Nothing,
            (Category::Tips, _) => Gauge::Tip,
            (Category::Porous, _) => Gauge::Pores,
            (Category::Fibres | Category::Nanowires, _) => Gauge::Strands,
            (Category::Particles | Category::Powder, _) => Gauge::Bodies,
        }
    }
}

impl Teller<'_> {
    pub(super) fn gauge(&self) -> Gauge {
        Gauge::of(self.truth.category, self.truth.kind)
    }

    /// Outlines and directions.
    pub(super) fn measured_form(&mut self) -> String {
        match self.gauge() {
            Gauge::Bodies => self.say(&[
                "Their outlines are {word.shape}, with a median aspect of {aspect.median}.",
                "By outline they are {word.shape}; the median aspect is {aspect.median}.",
            ]),
            Gauge::Strands => self.say(&[
                "They show {word.align}, with an order of {orientation.order}.",
                "Their directions show {word.align} (order {orientation.order}).",
            ]),
            _ => String::new(),
        }
    }

    /// Lengths.
    pub(super) fn measured_size(&mut self) -> String {
        let parts: [String; 2] = match self.gauge() {
            Gauge::Bodies => [
                self.say(&[
                    "The median diameter is {size.median}.",
                    "Their diameter has a median of {size.median}.",
                ]),
                self.say(&[
                    "Most of them measure from {size.p10} to {size.p90}.",
                    "The middle of the distribution runs from {size.p10} to {size.p90}.",
                ]),
            ],
            Gauge::Pores => [
                self.say(&[
                    "The openings have a median diameter of {pore.median}.",
                    "Openings at the surface measure {pore.median} in the median.",
                ]),
                self.say(&[
                    "They take {porosity} of the visible area, which is no volume porosity.",
                    "Their share of the visible area is {porosity}.",
                ]),
            ],
            Gauge::Strands => [
                self.say(&[
                    "Their median width is {width.median}.",
                    "The [units] are {width.median} wide in the median.",
                ]),
                self.say(&[
                    "Visible lengths have a median of {length.median}.",
                    "Lengths are seen as far as {length.median} in the median, as ends leave the field.",
                ]),
            ],
            Gauge::Lines => [
                self.say(&[
                    "The [units] are {linewidth} wide.",
                    "The mean width of the [units] is {linewidth}.",
                ]),
                self.say(&[
                    "The spaces between them measure {gap.median}.",
                    "Between them lie spaces of {gap.median}.",
                ]),
            ],
            Gauge::Sites => [
                self.say(&[
                    "The median diameter is {size.median}.",
                    "Each measures {size.median} across in the median.",
                ]),
                self.say(&["They repeat every {pitch}.", "Their pitch is {pitch}."]),
            ],
            Gauge::Section => [
                self.say(&[
                    "The first layer from the top is {thickness} thick.",
                    "From the top, the first layer has a thickness of {thickness}.",
                ]),
                String::new(),
            ],
            Gauge::Grains => [self.grains(), String::new()],
            Gauge::Cracks => [self.cracks(), String::new()],
            Gauge::Tip => [
                self.say(&[
                    "The apex radius is {tip.radius}, from the outline.",
                    "From its outline the apex has a radius of {tip.radius}.",
                ]),
                self.say(&[
                    "The flanks open at {tip.angle}.",
                    "The full angle of the flanks is {tip.angle}.",
                ]),
            ],
            Gauge::Ridges => [self.ridges(), String::new()],
            Gauge::Nothing => [
                self.say(&[
                    "Its parts can be measured by hand with the length tool.",
                    "For a length of a part, draw it with the length tool.",
                ]),
                String::new(),
            ],
        };
        join(&parts)
    }

    /// Spread of sizes.
    pub(super) fn measured_spread(&mut self) -> String {
        match self.gauge() {
            Gauge::Bodies => join(&[
                self.say(&[
                    "Sizes have a {word.spread} spread.",
                    "The spread of sizes is {word.spread}.",
                ]),
                self.say(&[
                    "Their coefficient of variation is {size.cv}.",
                    "Sizes vary by {size.cv} (coefficient of variation).",
                ]),
                self.say(&[
                    "The count is {count}.",
                    "In this field {count} are counted.",
                ]),
            ]),
            Gauge::Strands => self.say(&[
                "The median width of {count} [units] is {width.median}.",
                "Over {count} [units], the median width is {width.median}.",
            ]),
            Gauge::Lines => self.say(&[
                "Their width is {linewidth}, with a roughness (LWR) of {lwr}.",
                "The roughness (LWR) is {lwr} at a width of {linewidth}.",
            ]),
            Gauge::Sites | Gauge::Pores => self.say(&["The count is {count}."]),
            _ => String::new(),
        }
    }

    /// Layout against chance, spacing and coverage.
    pub(super) fn measured_layout(&mut self) -> String {
        match self.gauge() {
            Gauge::Bodies => join(&[
                self.say(&[
                    "Against chance, their layout is this: {word.layout}.",
                    "Layout: {word.layout}.",
                ]),
                self.say(&[
                    "The median spacing is {spacing.median}.",
                    "Nearest neighbours are {spacing.median} apart in the median.",
                ]),
                self.say(&[
                    "Coverage is {word.cover}: {coverage} of the field.",
                    "They cover {coverage} of the field ({word.cover}).",
                ]),
            ]),
            Gauge::Lines | Gauge::Sites => self.say(&[
                "Layout: {word.layout}, with a pitch of {pitch}.",
                "They repeat with a pitch of {pitch}.",
            ]),
            Gauge::Strands => self.say(&[
                "They cover {coverage} of the field.",
                "Coverage is {word.cover}: {coverage} of the field.",
            ]),
            Gauge::Pores => self.say(&["Openings take {porosity} of the visible area."]),
            _ => String::new(),
        }
    }

    /// The share that touches.
    pub(super) fn measured_touch(&mut self) -> String {
        let is_counted = matches!(
            self.truth.touch,
            Touch::Separate | Touch::Partly | Touch::Mostly
        );
        if self.gauge() != Gauge::Bodies || !is_counted {
            return String::new();
        }
        self.say(&[
            "The [units] are {word.touch}: {aggregate.share} of them touch another.",
            "By contacts they are {word.touch}, with {aggregate.share} touching another.",
        ])
    }

    /// Spaces between lines.
    pub(super) fn measured_gap(&mut self) -> String {
        match self.gauge() {
            Gauge::Lines => self.say(&[
                "Neighbours are {gap.median} apart.",
                "The gap between neighbours is {gap.median}.",
            ]),
            _ => String::new(),
        }
    }

    /// Width of borders, and what lies between them.
    pub(super) fn measured_borders(&mut self) -> String {
        match self.gauge() {
            Gauge::Lines => self.say(&["The roughness of the edges (LWR) is {lwr}."]),
            Gauge::Grains => self.grains(),
            Gauge::Bodies | Gauge::Sites | Gauge::Pores => self.say(&[
                "Measured against the clearest edges of the image, borders are {word.edge}.",
                "By their width, borders are {word.edge}.",
            ]),
            _ => String::new(),
        }
    }

    /// The texture of faces.
    pub(super) fn measured_texture(&mut self) -> String {
        match self.gauge() {
            Gauge::Grains => self.grains(),
            Gauge::Ridges => self.ridges(),
            _ => self.say(&[
                "At this pixel size the faces look {word.texture}.",
                "Texture at this pixel size: {word.texture}.",
            ]),
        }
    }

    /// Functional parts by their lengths.
    pub(super) fn measured_parts(&mut self) -> String {
        match self.gauge() {
            Gauge::Lines => self.say(&[
                "The [units] are {linewidth} wide and {gap.median} apart.",
                "Widths of {linewidth} alternate with gaps of {gap.median}.",
            ]),
            Gauge::Tip => self.say(&["The apex has a radius of {tip.radius}."]),
            _ => String::new(),
        }
    }

    /// How many cracks there are.
    pub(super) fn cracks(&mut self) -> String {
        self.say(&[
            "The crack density is {crack.density}.",
            "Cracks add up to {crack.density}.",
        ])
    }

    /// The share of holes.
    pub(super) fn holes(&mut self) -> String {
        self.say(&[
            "Dark openings take {porosity} of the visible area.",
            "They make up {porosity} of the area in view.",
        ])
    }

    fn grains(&mut self) -> String {
        self.say(&[
            "Grain-like features have a mean intercept of {grain.median}.",
            "The mean intercept of grain-like features is {grain.median}.",
        ])
    }

    fn ridges(&mut self) -> String {
        self.say(&[
            "The ridges repeat every {period}.",
            "Ridges follow each other at a period of {period}.",
        ])
    }
}
