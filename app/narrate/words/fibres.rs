//! Words for fibres.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    let (types, regions): (&'static [_], &'static [_]) = match kind {
        Kind::FibreBundle => (
            &[
                "a bundle of textile-like fibres",
                "fibres lying side by side in a bundle",
            ],
            &[
                "Upper fibres and the darker layers below are told apart by depth only.",
                "No functional part is seen; the fibres differ only in depth.",
            ],
        ),
        Kind::CrossingFibres => (
            &[
                "thick fibres that cross each other",
                "a loose net of crossing fibres",
            ],
            &[
                "Crossings and open gaps are the parts that stand out.",
                "The crossings of fibres and the dark pores between them are distinct.",
            ],
        ),
        Kind::FibreMat => (
            &["a mat of fine fibres", "a nonwoven, spun-like fibre mat"],
            &[
                "The mesh of fibres encloses open pores; no other part stands out.",
                "Pores between the threads are the only distinct regions.",
            ],
        ),
        Kind::GroovedFibres => (
            &[
                "thick fibres with lengthwise grooves",
                "a close view of grooved fibres",
            ],
            &[
                "The grooved skins and the dark gaps between fibres are distinct.",
                "Grooves along the fibres stand out; their role is not visible.",
            ],
        ),
        _ => (
            &["a woven cloth of fibre yarns", "a weave of fibre bundles"],
            &[
                "Warp and weft yarns and the small openings between them are distinct.",
                "The crossings of yarns stand out as raised blocks.",
            ],
        ),
    };
    Words {
        unit: "fibre",
        units: "fibres",
        types,
        shapes: shapes(kind, variant),
        regions,
    }
}

/// Sentences on the form of a kind.
fn shapes(kind: Kind, variant: bool) -> &'static [&'static str] {
    match kind {
        Kind::FibreBundle => {
            if variant {
                &[
                    "Plain rounded fibres sweep across the field side by side in gentle curves.",
                    "Long fibres curve together like strands of a yarn.",
                ]
            } else {
                &[
                    "Plain rounded fibres run across the field side by side.",
                    "Long, nearly straight fibres lie next to each other in layers.",
                ]
            }
        }
        Kind::CrossingFibres => &[
            "Thick round fibres cross at many angles and hide each other.",
            "Long cylindrical fibres lie over each other with dark gaps between.",
        ],
        Kind::FibreMat => {
            if variant {
                &[
                    "Fine long fibres with bead-like swellings form an open mat.",
                    "Thin threads cross in a mat, and beads thicken them here and there.",
                ]
            } else {
                &[
                    "Fine long fibres cross and form an open mat.",
                    "Thin continuous threads overlie each other in a mat.",
                ]
            }
        }
        Kind::GroovedFibres => &[
            "Broad fibres with grooves along their length fill the view.",
            "A few thick fibres run across the field, their skin grooved lengthwise.",
        ],
        _ => &[
            "Yarns made of parallel fibres pass over and under each other in a weave.",
            "Fibre yarns cross at right angles in a plain weave.",
        ],
    }
}
