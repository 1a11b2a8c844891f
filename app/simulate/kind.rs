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
}

impl Kind {
    /// The sub-kinds of a category, in a fixed order.
    pub fn of(category: Category) -> &'static [Kind] {
        use Kind as K;
        match category {
            Category::Biological => &[
                K::SpreadCells,
                K::RoundCells,
                K::CellSurface,
                K::NeuriteNet,
                K::Rods,
                K::SpinyGrain,
                K::RidgedPlates,
            ],
            Category::Fibres => &[
                K::FibreBundle,
                K::CrossingFibres,
                K::FibreMat,
                K::GroovedFibres,
                K::Weave,
            ],
            Category::Films => &[
                K::FilmSection,
                K::GrainyFilm,
                K::CrackedFilm,
                K::PinholeFilm,
                K::WrinkledFilm,
                K::FractureEdge,
            ],
            Category::Mems => &[
                K::Comb,
                K::Interdigitated,
                K::PadsAndTracks,
                K::Cantilevers,
                K::Membrane,
                K::Spiral,
            ],
            Category::Nanowires => &[
                K::WireForest,
                K::LyingWires,
                K::WireArray,
                K::WireTangle,
                K::SlantedWires,
                K::SingleWires,
            ],
            Category::Particles => &[
                K::DispersedBalls,
                K::PackedBalls,
                K::BallClusters,
                K::BrightSpecks,
                K::IrregularParticles,
                K::Cubes,
                K::DarkSpots,
                K::BallsOnGrains,
            ],
            Category::Patterned => &[
                K::Lines,
                K::SquareHoles,
                K::HexagonalHoles,
                K::Pillars,
                K::Rings,
                K::FlatShapes,
                K::Grid,
            ],
            Category::Porous => &[
                K::OpenFoam,
                K::StrutNetwork,
                K::IrregularPores,
                K::IsolatedPores,
            ],
            Category::Powder => &[
                K::MetalSpheres,
                K::FineGrains,
                K::AngularGrains,
                K::Cauliflower,
                K::Flakes,
                K::PackedGrains,
            ],
            Category::Tips => &[
                K::Needle,
                K::Probe,
                K::Cone,
                K::ApexFromAbove,
                K::Manipulator,
                K::EtchedWire,
            ],
        }
    }
}
