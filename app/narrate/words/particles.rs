//! Words for particles.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
#[expect(clippy::too_many_lines, reason = "one table, an arm for each kind")]
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::DispersedBalls => (
            &[
                "round particles on a flat ground",
                "dispersed ball-like particles",
            ],
            if variant {
                &[
                    "Round particles lie alone or in short chains on a flat ground.",
                    "Rounded particles sit on the ground, some lined up in short rows.",
                ]
            } else {
                &[
                    "Round particles lie scattered on a flat ground.",
                    "Ball-like particles rest on the support.",
                ]
            },
            &[
                "No region stands out; each particle looks alike.",
                "Only particles and bare ground are told apart.",
            ],
        ),
        Kind::PackedBalls => (
            &[
                "closely packed round particles",
                "a layer of ball-like particles",
            ],
            if variant {
                &[
                    "Equal balls form a packed layer with more balls on top.",
                    "Round particles are packed in a layer, with an incomplete layer above.",
                ]
            } else {
                &[
                    "Equal balls form a packed layer.",
                    "Round particles lie side by side in a close layer.",
                ]
            },
            &[
                "Gaps and missing places in the packing stand out.",
                "The packed balls form one region; vacant places show darker.",
            ],
        ),
        Kind::BallClusters => (
            &[
                "clusters of round particles",
                "ball-like particles gathered in heaps",
            ],
            if variant {
                &[
                    "Round particles are heaped in one cluster.",
                    "A single heap of ball-like particles rises from the ground.",
                ]
            } else {
                &[
                    "Round particles gather in several heaps.",
                    "Ball-like particles form separate clusters with bare ground between.",
                ]
            },
            &[
                "The clusters stand out from the bare ground; no functional part is seen.",
                "Heaps and bare ground are the distinct regions.",
            ],
        ),
        Kind::BrightSpecks => (
            &[
                "small bright particles on a dark ground",
                "bright specks on a dark support",
            ],
            &[
                "Small bright particles, mostly round, lie on a dark ground.",
                "Compact bright dots are strewn over a dark support.",
            ],
            &[
                "The bright specks are the only distinct parts.",
                "No region stands out besides the specks.",
            ],
        ),
        Kind::IrregularParticles => (
            &[
                "irregular particles on a ground",
                "lumpy particles of mixed outline",
            ],
            if variant {
                &[
                    "Angular particles with flat faces lie on the ground.",
                    "Broken-looking, faceted particles of mixed outline are seen.",
                ]
            } else {
                &[
                    "Lumpy particles with uneven outlines lie on the ground.",
                    "Irregular rounded lumps with a bumpy skin are seen.",
                ]
            },
            &[
                "Larger lumps stand out from smaller ones; their role is not visible.",
                "No functional region is seen on the particles.",
            ],
        ),
        Kind::Cubes => (
            &[
                "cube-like particles",
                "faceted particles with square outlines",
            ],
            if variant {
                &[
                    "Faceted particles look like cubes with cut corners.",
                    "Block-like particles with truncated corners are seen.",
                ]
            } else {
                &[
                    "Particles with straight edges and square outlines look like cubes.",
                    "Cube-like blocks show flat faces and pointed corners.",
                ]
            },
            &[
                "Flat faces, edges and corners are distinct; edges are brightest.",
                "The faces of each block differ in brightness with their direction.",
            ],
        ),
        Kind::DarkSpots => (
            &[
                "dark spots on a bright ground",
                "small dark particles or pits on a bright surface",
            ],
            if variant {
                &[
                    "Small dark spots and a few round bright-rimmed particles lie on a bright ground.",
                    "A bright surface carries dark dots and some larger balls.",
                ]
            } else {
                &[
                    "Small dark spots lie on a bright, flat ground.",
                    "A bright surface is dotted with compact dark marks.",
                ]
            },
            &[
                "Dark spots are the only distinct parts.",
                "The dots stand out by their darkness; what they are is not visible.",
            ],
        ),
        _ => (
            &[
                "bright particles on a bed of grains",
                "round particles over a granular ground",
            ],
            &[
                "Bright rounded particles lie over a bed of fine dark grains.",
                "Larger bright particles sit on a granular ground.",
            ],
            &[
                "Bright particles and the bed of grains are the distinct regions.",
                "The larger particles stand out from the fine bed below.",
            ],
        ),
    };
    Words {
        unit: "particle",
        units: "particles",
        types,
        shapes,
        regions,
    }
}
