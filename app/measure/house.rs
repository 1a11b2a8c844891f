//! The house thresholds: every limit and convention that Askem chose for itself, in one table.
//!
//! None of them is a law of nature; what a standard or the literature fixes stands in the code
//! that follows it. Lengths are in pixels, shares from 0 to 1, unless a name says otherwise. It
//! computes nothing. Read by everything in `measure`, and by whoever prints what it found.

/// A limit with two steps: fit up to (or from) the first, to be refused beyond the second, and
/// in between printed together with its reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Up to here (or from here on) a quantity is printed as it is.
    pub fit: f64,
    /// Beyond this it is refused.
    pub refuse: f64,
}

/// What a [`Limit`] says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fitness {
    /// Printed as it is.
    Fit,
    /// Printed with its reason.
    Limited,
    /// Not printed; the reason is.
    Refused,
}

impl Limit {
    /// Judges a value of which less is better, such as clipping. A value that is not a number
    /// is refused.
    pub fn at_most(self, value: f64) -> Fitness {
        if value <= self.fit {
            Fitness::Fit
        } else if value <= self.refuse {
            Fitness::Limited
        } else {
            Fitness::Refused
        }
    }

    /// Judges a value of which more is better, such as contrast. A value that is not a number
    /// is refused.
    pub fn at_least(self, value: f64) -> Fitness {
        if value >= self.fit {
            Fitness::Fit
        } else if value >= self.refuse {
            Fitness::Limited
        } else {
            Fitness::Refused
        }
    }
}

/// Whether an image is good enough for a quantity.
pub mod fitness {
    use super::Limit;

    /// Two sources of scale may differ by this share before both are shown.
    pub const SCALES_DIFFER: f64 = 0.02;
    /// Edge width, 10 to 90 %, against the width of the object; at most.
    pub const EDGE_TO_OBJECT: Limit = Limit {
        fit: 0.1,
        refuse: 0.25,
    };
    /// Edge width from 10 to 90 % of a Gaussian edge, in units of its sigma.
    pub const EDGE_WIDTHS_OF_SIGMA: f64 = 2.56;
    /// Standard deviation of the blur of a good focus, in pixels.
    pub const GOOD_BLUR_PX: f32 = 2.0;
    /// Blur in one axis against the other, beyond which neither orientation nor roughness is
    /// said (astigmatism, drift).
    pub const BLUR_RATIO: f64 = 1.5;
    /// Share of clipped pixels, overlays excluded; at most. Beyond: no area by threshold.
    pub const CLIPPED: Limit = Limit {
        fit: 0.01,
        refuse: 0.05,
    };
    /// Contrast to noise; at least.
    pub const CONTRAST_TO_NOISE: Limit = Limit {
        fit: 5.0,
        refuse: 2.0,
    };
    /// Pixels across an object whose size is said; at least.
    pub const SIZE_PX: Limit = Limit {
        fit: 10.0,
        refuse: 6.0,
    };
    /// Pixels across an object whose shape is said (aspect, form factor); at least.
    pub const SHAPE_PX: Limit = Limit {
        fit: 20.0,
        refuse: 10.0,
    };
    /// Pixels across a layer, gap or wire; at least. Below: "at or below so many pixels".
    pub const WIDTH_PX: Limit = Limit {
        fit: 8.0,
        refuse: 4.0,
    };
    /// Share of objects cut by the border; at most. Beyond: no distribution.
    pub const CUT_BY_BORDER: Limit = Limit {
        fit: 0.2,
        refuse: 0.5,
    };
    /// One object larger than this share of the short side: no distribution.
    pub const LARGEST_OF_SHORT_SIDE: f64 = 0.5;
    /// Whole objects from which a median is said without reserve.
    pub const MEDIAN_COUNT: usize = 30;
    /// Whole objects from which D10, D90 and the shape of a distribution are said.
    pub const TAILS_COUNT: usize = 100;
    /// Fewer whole objects are listed one by one.
    pub const LISTED_COUNT: usize = 5;
    /// Valley between two grey classes against the lower of their peaks; at most.
    pub const VALLEY: Limit = Limit {
        fit: 0.5,
        refuse: 0.8,
    };
}

/// Tilted views.
pub mod planes {
    /// Stage tilt, in degrees, from which no y length or area is printed before the user was
    /// asked.
    pub const TILT_TO_ASK_DEG: f64 = 5.0;
    /// What a stage tilt is trusted to, in degrees, when nothing better is known: limits.
    pub const TILT_LIMIT_DEG: f64 = 1.0;
}

/// Edges, lines and periods.
pub mod edges {
    use super::Limit;

    /// The level of an edge between local background and rim crest or plateau.
    pub const LEVEL: f64 = 0.5;
    /// The name of that rule, printed with every width.
    pub const RULE: &str = "50 % edge";
    /// No edge is said to be known better than this, in pixels.
    pub const FLOOR_PX: f64 = 0.1;
    /// What the rules that place an edge differ by, and differ from a wall, in units of the sigma
    /// of its blur: a limit. Drawn walls with rims lie 0.33 to 0.45 inside of halfway.
    pub const RULES_DIFFER: f64 = 0.5;
    /// How near to the end of the greys an average crest was clipped in part, as a share of its
    /// height.
    pub const CLIPPED_NEAR: f64 = 0.1;
    /// Correlation lengths that a segment needs for its roughness to be said.
    pub const CORRELATION_LENGTHS: f64 = 20.0;
    /// Largest share of the biased variance that may be noise; beyond, roughness is an upper
    /// bound.
    pub const NOISE_SHARE: f64 = 0.5;
    /// Periods that a pitch needs.
    pub const PERIODS: f64 = 5.0;
    /// Height of the first repeat peak of the autocorrelation that a pitch needs.
    pub const REPEAT_PEAK: f64 = 0.3;
    /// Share of the objects split by watershed from which their size is limited.
    pub const SPLIT_SHARE: f64 = 0.3;
    /// Share of the gap between two grey modes by which a threshold is varied.
    pub const THRESHOLD_SHARE: f64 = 0.1;
    /// Random placements that a spacing is compared with, at least.
    pub const PLACEMENTS: usize = 199;
    /// Objects that a spacing needs.
    pub const SPACING_COUNT: usize = 30;
    /// Coverage beyond which no ratio of spacing is said.
    pub const SPACING_COVERAGE: f64 = 0.4;
    /// Grain boundaries that a mean intercept needs.
    pub const BOUNDARIES: usize = 50;
    /// Radius of a tip in pixels below which it is an upper bound.
    pub const TIP_RADIUS_PX: f64 = 5.0;
    /// Share of edge rows that must be found before a line is measured, and below which none is.
    pub const ROWS_FOUND: Limit = Limit {
        fit: 0.9,
        refuse: 0.6,
    };
    /// Share of the strands that may show one side only; beyond, none is counted.
    pub const STRANDS_SEEN_IN_PART: f64 = 0.5;
    /// Share of the strands in view that must be told apart; below the second, none is counted.
    pub const STRANDS_TOLD_APART: Limit = Limit {
        fit: 0.7,
        refuse: 0.5,
    };
}

/// When parts of an image are objects and no texture.
pub mod objects {
    /// What outlines are held against.
    pub struct Outline {
        /// Area over that of the hull, by area, at which objects are not plausible at all, and from
        /// which they are as plausible as their borders.
        pub solidity: [f64; 2],
        /// How plausible they must be together.
        pub plausible: f64,
        /// Whether they are less plausible the more the other polarity has to say.
        pub has_rival: bool,
    }

    /// Particles, grains, cells.
    pub const GRAIN: Outline = Outline {
        solidity: [0.84, 0.96],
        plausible: 0.42,
        has_rival: true,
    };
    /// Holes, whose walls are seldom smooth, in a body that has bright parts of its own.
    pub const PORE: Outline = Outline {
        solidity: [0.75, 0.87],
        plausible: 0.45,
        has_rival: false,
    };
    /// Share of their outlines, beyond chance, that must lie on edges in view: else they are drawn
    /// around noise.
    pub const ON_EDGES: f64 = 0.4;
    /// How well outlines must fit the edges in view, and how convex they must be by area, for
    /// objects to be told from texture by that alone.
    pub const FIT_ALONE: f64 = 0.85;
    /// See [`FIT_ALONE`].
    pub const SOLID_ALONE: f64 = 0.97;
    /// Share of all edges in view, beyond chance, that must lie within or on bodies which their
    /// texture tells from the ground. Real cells on glass have 0.57 to 0.8, heaps of powder 0.03
    /// to 0.3.
    pub const HELD_TEXTURED: f64 = 0.55;
    /// How steep times wide an object must be against those that make up most of what was found:
    /// the rest is texture or dirt.
    pub const PRESENCE: f32 = 0.15;
    /// The same for powders and pores, whose small and faint ones belong to them.
    pub const PRESENCE_MIXED: f32 = 0.07;
    /// Share of its outline along which an object must show an edge for nothing to hide it.
    pub const FREE_OUTLINE: f64 = 0.9;
    /// Objects that make a pattern, at least.
    pub const LATTICE_COUNT: usize = 9;
    /// Aspect, by area, from which bodies that mostly leave the view are parts of strands.
    pub const STRAND_ASPECT: f64 = 1.8;
    /// Share of their area in those that leave it.
    pub const STRAND_CUT: f64 = 0.6;
}

/// Which kind of structure an image shows.
pub mod structure {
    /// How well a reading must fit the edges, 0 to 1, for anything to be said of it.
    pub const SCORE: f64 = 0.3;
    /// The same where nobody named a category that the reading is usual for.
    pub const SCORE_UNASKED: f64 = 0.4;
    /// How well compact objects must fit for strands and lines not to be looked for.
    pub const SURE: f64 = 0.7;
    /// The same for strands where the category says that they are what is in view: fibres lie on
    /// fibres, and most edges are of those below.
    pub const SCORE_STRANDS: f64 = 0.1;
    /// By how much more a reading must fit than the best one that is usual for the category.
    pub const BEYOND_CATEGORY: f64 = 0.2;
    /// Share of its interfaces that must lie on edges, beyond chance, for a section of layers.
    pub const INTERFACES_ON_EDGES: f64 = 0.6;
    /// Median seen length over width from which strands are strands; below they are objects.
    pub const STRAND_LENGTHS: f64 = 4.0;
    /// The same where the category says that strands are usual: thick ones leave the view.
    pub const STRAND_LENGTHS_USUAL: f64 = 1.5;
    /// Agreement of the directions of edges, 0 to 1, from which lines are looked for.
    pub const LINES_COHERENCE: f64 = 0.3;
    /// An edge that a reading is held against is as steep as this against the steepest hundredth
    /// of all places.
    pub const EDGE_OF_STEEPEST: f32 = 0.2;
    /// And as steep as this against what noise makes.
    pub const EDGE_OF_NOISE: f32 = 5.0;
    /// By how much of its width at the root a tip is narrower near its end, at least.
    pub const NARROWING: f64 = 0.3;
    /// Angle, in degrees, by which a lattice may be off a right one or one of 60.
    pub const LATTICE_DEG: f64 = 5.0;
    /// Share by which the two vectors of a square or hexagonal lattice may differ.
    pub const LATTICE_LENGTH: f64 = 0.06;
    /// Depth of a boundary or crack against noise, at least.
    pub const DIP_OF_NOISE: f64 = 5.0;
    /// Depth of a crack against the scatter of the surface around it.
    pub const CRACK_DEPTH: f64 = 4.0;
    /// Length of a crack against the short side of the field, at least.
    pub const CRACK_LENGTH: f64 = 0.1;
    /// Depth of a boundary between grains against the range of greys.
    pub const BOUNDARY_DEPTH: f64 = 0.15;
    /// Intercepts in one direction against those in another, at most: beyond, a texture has a
    /// direction and no grains.
    pub const INTERCEPT_RATIO: f64 = 1.6;
    /// Mean intercept of grains against the short side of the field, at most: beyond, the dips are
    /// a few single valleys.
    pub const INTERCEPT_OF_SIDE: f64 = 0.2;
}

/// Uncertainty.
pub mod uncertainty {
    /// Limit of a scale stated by the file, as a share.
    pub const FILE_SCALE: f64 = 0.03;
    /// Limit of a scale bar as drawn, as a share, beside [`BAR_ENDS_PX`].
    pub const BAR_SCALE: f64 = 0.03;
    /// Limit of the length of a bar, in pixels.
    pub const BAR_ENDS_PX: f64 = 1.0;
    /// Limit of a scale that was typed without a figure of its own, as a share.
    pub const TYPED_SCALE: f64 = 0.05;
    /// What is printed is this many standard uncertainties.
    pub const COVERAGE_FACTOR: f64 = 2.0;
    /// Bootstrap draws.
    pub const DRAWS: usize = 1000;
    /// Correlation lengths across a tile of an area that is drawn again.
    pub const TILE_CORRELATION_LENGTHS: f64 = 3.0;
}

/// Words that need numbers.
pub mod words {
    /// Coefficient of variation below which a spread is "monodisperse".
    pub const MONODISPERSE: f64 = 0.05;
    /// Below which it is narrow.
    pub const NARROW: f64 = 0.1;
    /// Up to which it is moderate.
    pub const MODERATE_SPREAD: f64 = 0.3;
    /// Objects that a word of spread needs.
    pub const SPREAD_COUNT: usize = 30;
    /// Aspect below which, with [`ROUND_FORM`], an outline is near-round.
    pub const ROUND_ASPECT: f64 = 1.2;
    /// Form factor above which it is.
    pub const ROUND_FORM: f64 = 0.85;
    /// Aspect up to which it is elongated.
    pub const ELONGATED: f64 = 2.0;
    /// Aspect up to which it is a rod; beyond, a fibre or wire.
    pub const ROD: f64 = 10.0;
    /// Smallest dimension, in nanometres, below which "nano-" is said.
    pub const NANO_NM: f64 = 100.0;
    /// Up to which it is sub-micron, in nanometres.
    pub const SUB_MICRON_NM: f64 = 1e3;
    /// Up to which it is micron-sized, in nanometres.
    pub const MICRON_NM: f64 = 1e5;
    /// Coverage below which a field is sparse.
    pub const SPARSE: f64 = 0.1;
    /// Up to which it is moderate.
    pub const MODERATE_COVER: f64 = 0.4;
    /// Up to which it is dense; beyond, nearly full.
    pub const DENSE: f64 = 0.8;
    /// Touching share below which objects are mostly separate.
    pub const SEPARATE: f64 = 0.1;
    /// Up to which they are partly touching; beyond, mostly aggregated.
    pub const PARTLY_TOUCHING: f64 = 0.5;
    /// Order below which alignment is weak.
    pub const WEAK_ALIGNMENT: f64 = 0.3;
    /// Up to which it is partial; beyond, strong.
    pub const PARTIAL_ALIGNMENT: f64 = 0.7;
    /// Order times the root of the count below which there is no alignment beyond chance, squared.
    pub const CHANCE_ORDER_SQUARED: f64 = 3.0;
    /// Width of a border against the sharpest edges of the image, below which it is sharp.
    pub const SHARP: f64 = 1.5;
    /// Contrast of a texture against noise above which a face is rough or grainy.
    pub const ROUGH: f64 = 3.0;
}

/// Faces and borders of objects.
pub mod faces {
    /// Objects that are looked at, at most.
    pub const OBJECTS: usize = 120;
    /// Places inside objects that a word needs.
    pub const PLACES: usize = 200;
    /// Blurs that a place lies off the edge.
    pub const BLURS_FROM_EDGE: f64 = 3.0;
    /// Noise that is taken at least, as a share of the greys that occur.
    pub const NOISE_OF_RANGE: f64 = 0.004;
    /// Edges that a word needs.
    pub const EDGES: usize = 40;
    /// Edges that are looked at of an object.
    pub const EDGES_OF_OBJECT: usize = 24;
}
