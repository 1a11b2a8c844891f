//! Words for tips and needles.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
#[expect(clippy::too_many_lines, reason = "one table, an arm for each kind")]
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    let (unit, units): (&str, &str) = match kind {
        Kind::Probe | Kind::ProbeFromSide | Kind::ApexFromAbove => ("tip", "tips"),
        Kind::Cone => ("cone", "cones"),
        _ => ("needle", "needles"),
    };
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::Needle => (
            &[
                "a needle that tapers to an apex",
                "one pointed tip in side view",
            ],
            if variant {
                &[
                    "One straight needle narrows steadily to a rounded, blunt apex.",
                    "A single needle tapers to a visibly rounded end.",
                ]
            } else {
                &[
                    "One straight needle narrows steadily to a fine apex.",
                    "A single needle tapers in straight flanks to a point.",
                ]
            },
            &[
                "The apex is the part that stands out; such apexes often touch or probe a surface.",
                "Shank, flanks and apex are the distinct parts.",
            ],
        ),
        Kind::Probe => (
            &[
                "a probe tip on a lever",
                "a cantilever with a tip at its end",
            ],
            &[
                "A flat lever ends in a beak and carries a small tip near its end.",
                "A straight cantilever with a pointed end bears a small pyramid or cone.",
            ],
            &[
                "Lever and tip are distinct; such probes often scan surfaces.",
                "The small tip near the lever's end stands out.",
            ],
        ),
        Kind::ProbeFromSide => (
            &[
                "a probe tip on a lever, seen from the side",
                "a cantilever with a standing tip",
            ],
            &[
                "A thin lever, seen on edge, carries one pointed tip near its end.",
                "A single tip stands off the end of a flat lever.",
            ],
            &[
                "The tip and the lever's edge are distinct; such probes often scan surfaces.",
                "The pointed tip near the lever's end stands out.",
            ],
        ),
        Kind::Cone => (
            &["a single cone in side view", "a cone-shaped tip on a base"],
            &[
                "One cone rises from the base and narrows to an apex.",
                "A single upright cone stands on an uneven base.",
            ],
            &[
                "Apex, flanks and foot of the cone are the distinct parts.",
                "The apex stands out above the broad foot.",
            ],
        ),
        Kind::ApexFromAbove => (
            &[
                "a tip seen from above",
                "a pyramid or cone seen along its axis",
            ],
            if variant {
                &[
                    "A square-based pyramid is seen from above, its apex a small bright spot.",
                    "Flat flanks meet along ridges at a bright central apex.",
                ]
            } else {
                &[
                    "A round cone is seen from above, its apex a small bright spot.",
                    "A circular foot rises to a bright central apex.",
                ]
            },
            &[
                "The bright apex at the centre is the part that stands out.",
                "Apex, flanks and the surrounding flat are distinct.",
            ],
        ),
        Kind::Manipulator => (
            &["a manipulator needle", "a needle reaching into the field"],
            if variant {
                &[
                    "A bright streaked needle tapers to a narrow end that carries a small block.",
                    "A tapering needle reaches in and holds a little block at its end.",
                ]
            } else {
                &[
                    "A bright streaked needle reaches in and tapers to a narrow end.",
                    "A tapering needle with lengthwise streaks enters from the side.",
                ]
            },
            if variant {
                &[
                    "The needle's end and the block on it are the distinct parts.",
                    "Needle and attached block differ in brightness; such needles often lift samples.",
                ]
            } else {
                &[
                    "The needle's end is the part that stands out; such needles often lift samples.",
                    "Shank and narrow end are the distinct parts.",
                ]
            },
        ),
        _ => (
            &["an etched wire tip", "a wire that narrows to a curved tip"],
            if variant {
                &[
                    "A wire narrows in a curve to a slim, rounded end.",
                    "The flanks curve inward to a slender tip with a blunt end.",
                ]
            } else {
                &[
                    "A wire narrows in a curve to a slim, fine apex.",
                    "The flanks curve inward to a slender, fine tip.",
                ]
            },
            &[
                "The slim end and the thick shank are distinct parts.",
                "The apex stands out; such tips often serve as probes.",
            ],
        ),
    };
    Words {
        unit,
        units,
        types,
        shapes,
        regions,
    }
}
