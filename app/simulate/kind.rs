//! The sub-kinds of scene the simulator draws in each category.
//!
//! A table only. Called by `simulate::scene`, by the scenes and by `narrate`.

use serde::Serialize;

use crate::questions::Category;

/// Sub-kinds of scene, a few in each category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say what is drawn")]
pub enum Kind {
    SpreadCells,
    RoundCells,
    CellSurface,
    NeuriteNet,
    Rods,
    SpinyGrain,
    RidgedPlates,
    FibreBundle,
    CrossingFibres,
    FibreMat,
    GroovedFibres,
    Weave,
    FilmSection,
    GrainyFilm,
    CrackedFilm,
    PinholeFilm,
    WrinkledFilm,
    FractureEdge,
    Comb,
    Interdigitated,
    PadsAndTracks,
    Cantilevers,
    Membrane,
    Spiral,
    Meander,
    FacingTips,
    WireForest,
    LyingWires,
    WireArray,
    WireTangle,
    SlantedWires,
    SingleWires,
    DispersedBalls,
    PackedBalls,
    BallClusters,
    BrightSpecks,
    IrregularParticles,
    Cubes,
    DarkSpots,
    BallsOnGrains,
    Lines,
    SquareHoles,
    HexagonalHoles,
    Pillars,
    Rings,
    FlatShapes,
    Grid,
    OpenFoam,
    StrutNetwork,
    IrregularPores,
    IsolatedPores,
    MetalSpheres,
    FineGrains,
    AngularGrains,
    Cauliflower,
    Flakes,
    PackedGrains,
    Needle,
    Probe,
    Cone,
    ApexFromAbove,
    Manipulator,
    EtchedWire,
    ProbeFromSide,
}

impl Kind {
    /// The sub-kinds of a category, in a fixed order.
    pub fn of(category: Category) -> &'static [Kind] {
        match category {
            Category::Biological => BIOLOGICAL,
            Category::Fibres => FIBRES,
            Category::Films => FILMS,
            Category::Mems => MEMS,
            Category::Nanowires => NANOWIRES,
            Category::Particles => PARTICLES,
            Category::Patterned => PATTERNED,
            Category::Porous => POROUS,
            Category::Powder => POWDER,
            Category::Tips => TIPS,
        }
    }
}

const BIOLOGICAL: &[Kind] = &[
    Kind::SpreadCells,
    Kind::RoundCells,
    Kind::CellSurface,
    Kind::NeuriteNet,
    Kind::Rods,
    Kind::SpinyGrain,
    Kind::RidgedPlates,
];

const FIBRES: &[Kind] = &[
    Kind::FibreBundle,
    Kind::CrossingFibres,
    Kind::FibreMat,
    Kind::GroovedFibres,
    Kind::Weave,
];

const FILMS: &[Kind] = &[
    Kind::FilmSection,
    Kind::GrainyFilm,
    Kind::CrackedFilm,
    Kind::PinholeFilm,
    Kind::WrinkledFilm,
    Kind::FractureEdge,
];

const MEMS: &[Kind] = &[
    Kind::Comb,
    Kind::Interdigitated,
    Kind::PadsAndTracks,
    Kind::Cantilevers,
    Kind::Membrane,
    Kind::Spiral,
    Kind::Meander,
    Kind::FacingTips,
];

const NANOWIRES: &[Kind] = &[
    Kind::WireForest,
    Kind::LyingWires,
    Kind::WireArray,
    Kind::WireTangle,
    Kind::SlantedWires,
    Kind::SingleWires,
];

const PARTICLES: &[Kind] = &[
    Kind::DispersedBalls,
    Kind::PackedBalls,
    Kind::BallClusters,
    Kind::BrightSpecks,
    Kind::IrregularParticles,
    Kind::Cubes,
    Kind::DarkSpots,
    Kind::BallsOnGrains,
];

const PATTERNED: &[Kind] = &[
    Kind::Lines,
    Kind::SquareHoles,
    Kind::HexagonalHoles,
    Kind::Pillars,
    Kind::Rings,
    Kind::FlatShapes,
    Kind::Grid,
];

const POROUS: &[Kind] = &[
    Kind::OpenFoam,
    Kind::StrutNetwork,
    Kind::IrregularPores,
    Kind::IsolatedPores,
];

const POWDER: &[Kind] = &[
    Kind::MetalSpheres,
    Kind::FineGrains,
    Kind::AngularGrains,
    Kind::Cauliflower,
    Kind::Flakes,
    Kind::PackedGrains,
];

const TIPS: &[Kind] = &[
    Kind::Needle,
    Kind::Probe,
    Kind::Cone,
    Kind::ApexFromAbove,
    Kind::Manipulator,
    Kind::EtchedWire,
    Kind::ProbeFromSide,
];
