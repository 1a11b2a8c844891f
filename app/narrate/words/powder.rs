//! Words for powders.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    let (unit, units): (&str, &str) = if kind == Kind::Flakes {
        ("flake", "flakes")
    } else {
        ("grain", "grains")
    };
    let (types, regions): (&'static [_], &'static [_]) = match kind {
        Kind::MetalSpheres => (
            &["a powder of round grains", "ball-like powder grains"],
            &[
                "No functional region is seen; small balls stick to larger ones in places.",
                "Large and small grains differ only in size and depth.",
            ],
        ),
        Kind::FineGrains => (
            &["a fine powder", "a powder of small grains"],
            &[
                "No region stands out; the fine grains look alike.",
                "Raised lumps and dark gaps are the only distinct regions.",
            ],
        ),
        Kind::AngularGrains => (
            &["a powder of angular grains", "faceted powder grains"],
            &[
                "Flat faces and bright edges are distinct on the grains.",
                "No functional region is seen; facets differ in brightness.",
            ],
        ),
        Kind::Cauliflower => (
            &[
                "a powder of cauliflower-like grains",
                "lumps built of small buds",
            ],
            &[
                "Small buds make up the surface of each lump.",
                "The buds on each lump stand out; nothing else is distinct.",
            ],
        ),
        Kind::Flakes => (
            &["a powder of flakes", "plate-like powder grains"],
            &[
                "Broad faces and thin bright edges are distinct.",
                "No functional region is seen; flakes differ in tilt.",
            ],
        ),
        _ => (
            &[
                "closely packed grains",
                "grains fitted together like paving",
            ],
            &[
                "Grain tops and dark seams are the distinct regions.",
                "The seams between grains stand out.",
            ],
        ),
    };
    Words {
        unit,
        units,
        types,
        shapes: shapes(kind, variant),
        regions,
    }
}

/// Sentences on the form of a kind.
fn shapes(kind: Kind, variant: bool) -> &'static [&'static str] {
    match kind {
        Kind::MetalSpheres => {
            if variant {
                &[
                    "Ball-like grains dominate, with some drawn-out or lumpy ones among them.",
                    "Most grains are round balls; a few are drawn out or misshapen.",
                ]
            } else {
                &[
                    "Ball-like grains of many sizes lie over each other.",
                    "Round grains fill the field, small ones between large ones.",
                ]
            }
        }
        Kind::FineGrains => {
            if variant {
                &[
                    "Small rounded grains gather in crumbly lumps with dark gaps.",
                    "Fine grains heap up into loose lumps.",
                ]
            } else {
                &[
                    "Small rounded grains cover the field in a loose layer.",
                    "Fine, roundish grains lie close over the whole view.",
                ]
            }
        }
        Kind::AngularGrains => &[
            "Angular grains with flat faces and clear-cut edges lie over each other.",
            "Block-like grains with facets point in all directions.",
        ],
        Kind::Cauliflower => &[
            "Rounded lumps built of many small buds look like cauliflower.",
            "Each grain is a cluster of small balls grown together in view.",
        ],
        Kind::Flakes => &[
            "Thin flat flakes with straight edges overlap at many tilts.",
            "Plate-like pieces lie over each other, some on edge.",
        ],
        _ => &[
            "Flat-topped grains with rounded corners fit together like paving stones.",
            "Pebble-like grains lie side by side with narrow dark seams.",
        ],
    }
}
