//! Words for wires.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
#[expect(clippy::too_many_lines, reason = "one table, an arm for each kind")]
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::WireForest => (
            &[
                "a forest of upright wires",
                "wires standing on a base, seen from the side",
            ],
            if variant {
                &[
                    "Thin upright wires with rounded caps stand close together on a base.",
                    "A close stand of slender wires ends in small bright knobs.",
                ]
            } else {
                &[
                    "Thin upright wires stand close together on a base.",
                    "A close stand of slender wires rises from the base.",
                ]
            },
            &[
                "Wire stems, their tips and the base are distinct parts.",
                "The upper ends of the wires and the base line stand out.",
            ],
        ),
        Kind::LyingWires => (
            &[
                "wires lying across each other",
                "long thin wires on a support",
            ],
            if variant {
                &[
                    "Long, gently curved wires lie across each other.",
                    "Slender bent wires overlap on the ground.",
                ]
            } else {
                &[
                    "Long straight wires lie across each other.",
                    "Straight stiff wires overlap in several directions.",
                ]
            },
            &[
                "Crossings and free ends are the only parts that stand out.",
                "No region stands out; the wires look alike along their length.",
            ],
        ),
        Kind::WireArray => (
            &[
                "an array of standing wires",
                "upright wires on a flat ground",
            ],
            &[
                "Upright wires of equal form stand apart on a flat ground.",
                "Short pillar-like wires rise from the ground with bright tops.",
            ],
            &[
                "Bright tops, stems and the ground between the wires are distinct.",
                "The tops of the wires stand out as bright spots.",
            ],
        ),
        Kind::WireTangle => (
            &[
                "a tangle of thin wires",
                "curly wires that wind around each other",
            ],
            &[
                "Thin curly wires wind and loop over each other.",
                "Hair-thin winding wires form loops and knots.",
            ],
            &[
                "Loops and tight knots stand out from the looser parts.",
                "No region stands out besides knots in the tangle.",
            ],
        ),
        Kind::SlantedWires => (
            &[
                "slanted wires on an uneven floor",
                "straight wires that lean one way",
            ],
            &[
                "Straight needle-like wires lean in a common direction over a rugged floor.",
                "Thin straight wires point the same way out of an uneven ground.",
            ],
            &[
                "The slanted wires and the rugged floor are distinct regions.",
                "Wires stand out brightly from the uneven floor below.",
            ],
        ),
        _ => (
            &["single wires on a flat ground", "a few separate wires"],
            if variant {
                &[
                    "Single straight wires with a knob at one end lie on a flat ground.",
                    "A slender wire ends in a rounded bulb.",
                ]
            } else {
                &[
                    "Single slender wires lie on a flat ground.",
                    "A few long wires lie apart on the support.",
                ]
            },
            if variant {
                &[
                    "The bulb at the wire's end stands out; such caps are often growth seeds.",
                    "Stem and rounded end differ in form.",
                ]
            } else {
                &[
                    "The wire and its ends are the only parts seen.",
                    "No region stands out on the wire.",
                ]
            },
        ),
    };
    Words {
        unit: "wire",
        units: "wires",
        types,
        shapes,
        regions,
    }
}
