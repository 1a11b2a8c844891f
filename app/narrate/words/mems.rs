//! Words for devices and electrodes.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
#[expect(clippy::too_many_lines, reason = "one table, an arm for each kind")]
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    let (unit, units): (&str, &str) = match kind {
        Kind::Comb | Kind::Interdigitated => ("finger", "fingers"),
        Kind::PadsAndTracks => ("pad", "pads"),
        Kind::Cantilevers => ("beam", "beams"),
        Kind::Membrane => ("plate", "plates"),
        Kind::FacingTips => ("electrode", "electrodes"),
        _ => ("track", "tracks"),
    };
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::Comb => (
            &[
                "a micro-device with comb fingers",
                "a comb structure of a micro-device",
            ],
            if variant {
                &[
                    "Straight comb fingers reach between each other, and the spine carries small square holes.",
                    "Comb fingers interlock between spines; a row of square holes runs along one spine.",
                ]
            } else {
                &[
                    "Straight comb fingers from opposite spines reach between each other.",
                    "A comb of parallel fingers interlocks with the facing comb, held by narrow arms.",
                ]
            },
            &[
                "Interlocking combs, spines and arms; such combs often drive or sense motion.",
                "The finger combs stand out; structures like these often serve as actuators or sensors.",
            ],
        ),
        Kind::Interdigitated => (
            &["interdigitated electrodes", "finger electrodes on a chip"],
            &[
                "Parallel electrode fingers from opposite sides alternate across the gap.",
                "Flat finger electrodes interlock, each side joined by a broad bar.",
            ],
            &[
                "Finger field, bus bars and leads; such electrodes often sense or apply a field.",
                "Fingers and the gaps between them form the active-looking area; its role is not visible.",
            ],
        ),
        Kind::PadsAndTracks => (
            &["contact pads with tracks", "electrodes with leads and pads"],
            if variant {
                &[
                    "Square pads send narrow tracks to the middle, where a short bright wire lies across.",
                    "Tracks run from the pads to a central gap that a bright rod bridges in view.",
                ]
            } else {
                &[
                    "Flat pads of rectangular outline send narrow tracks to the middle.",
                    "Rectangular pads around the field narrow into bent leads that end near the centre.",
                ]
            },
            &[
                "Pads, leads and the central gap; such pads usually take probes or bonds.",
                "Broad pads and narrow tracks are distinct; pads like these usually serve as contacts.",
            ],
        ),
        Kind::Cantilevers => (
            &[
                "cantilever beams on a base",
                "a micro-device with free-ended beams",
            ],
            if variant {
                &[
                    "Straight beams with paddle-like ends reach out from a base.",
                    "Narrow beams widen into plates at their free ends.",
                ]
            } else {
                &[
                    "Straight beams reach out from a solid base and end freely.",
                    "Narrow flat beams stand out from a base edge.",
                ]
            },
            &[
                "Base, beams and free ends; such beams often bend as sensors.",
                "The free ends of the beams stand out; whether they are released is not visible.",
            ],
        ),
        Kind::Membrane => (
            &[
                "a framed membrane of a micro-device",
                "a device with a plate on arms",
            ],
            if variant {
                &[
                    "A framed plate with rows of small holes is held by narrow arms.",
                    "A perforated plate sits in a raised frame on arms.",
                ]
            } else {
                &[
                    "A recessed plate sits in a raised frame held by narrow arms.",
                    "A plain plate with a raised rim hangs on straight arms.",
                ]
            },
            &[
                "Frame, plate and arms; plates like these often serve as membranes or heaters.",
                "The central plate and its arms stand out; their role is not visible.",
            ],
        ),
        Kind::Meander => (
            &[
                "a meander track between pads",
                "a folded track of a micro-device",
            ],
            &[
                "A narrow track folds back and forth in parallel turns and ends in pads.",
                "Parallel straight turns of a track form a meander between pads.",
            ],
            &[
                "The folded track and its end pads; such meanders often serve as heaters or sensors.",
                "Meander turns and pads are distinct; tracks like these often act as resistors.",
            ],
        ),
        Kind::FacingTips => (
            &[
                "pointed electrodes facing each other",
                "electrodes with a narrow gap",
            ],
            if variant {
                &[
                    "Tapered electrodes from all sides point at a small central gap.",
                    "Electrodes in a cross narrow toward a tiny gap at the middle.",
                ]
            } else {
                &[
                    "Tapered electrodes from opposite sides point at each other across a small gap.",
                    "Facing electrodes narrow to tips and leave a thin gap.",
                ]
            },
            &[
                "The narrow gap between the electrode tips stands out; such gaps often hold a small sample.",
                "Broad leads and fine tips are distinct; the gap is the part that stands out.",
            ],
        ),
        _ => (
            &["a spiral track of a device", "a planar coil"],
            if variant {
                &[
                    "A flat track winds inward with square corners.",
                    "Square turns of a flat track form a coil.",
                ]
            } else {
                &[
                    "A flat track winds inward in a round spiral.",
                    "Round turns of a flat track form a coil.",
                ]
            },
            &[
                "The turns, the centre pad and the lead; such spirals often act as coils.",
                "Coil turns and the outer lead are distinct; coils like these often carry current.",
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
