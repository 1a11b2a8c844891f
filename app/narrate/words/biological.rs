//! Words for cells and other biological structures.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
#[expect(clippy::too_many_lines, reason = "one table, an arm for each kind")]
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    match kind {
        Kind::SpreadCells if variant => Words {
            unit: "cell",
            units: "cells",
            types: &[
                "spread cells with thread-like processes",
                "cells with fine threads on a support",
            ],
            shapes: &[
                "Cell bodies of rounded to drawn-out outline send thin threads over the support.",
                "Lobed and drawn-out cells with hair-like processes lie on a flat support.",
            ],
            regions: &[
                "The cell bodies and the threads that leave them are the parts that stand out.",
                "Threads at the cell margins differ from the rounded bodies.",
            ],
        },
        Kind::SpreadCells => Words {
            unit: "cell",
            units: "cells",
            types: &["spread and rounded cells", "cells lying on a support"],
            shapes: &[
                "Cells with lobed, rounded or drawn-out bodies lie on a flat support.",
                "The cell bodies range from compact to drawn-out, with an uneven skin.",
            ],
            regions: &[
                "The raised cell bodies stand out from the flat support; no inner part is seen.",
                "Only whole cell bodies are told apart; inner parts are not visible.",
            ],
        },
        Kind::RoundCells => Words {
            unit: "cell",
            units: "cells",
            types: &["round cells on a support", "ball-like cells"],
            shapes: if variant {
                &[
                    "Ball-like cells rest on the support and send out thin, bent threads.",
                    "Round cell bodies with hair-like threads rise from a flat ground.",
                ]
            } else {
                &[
                    "Ball-like cells rest on the support, each with a rounded outline.",
                    "Round cell bodies rise from a flat ground.",
                ]
            },
            regions: &[
                "Each round body forms one region; the cell margin is the brightest part.",
                "The cell bodies stand out as raised parts; inner parts are not visible.",
            ],
        },
        Kind::CellSurface => Words {
            unit: "fold",
            units: "folds",
            types: &[
                "a cell surface seen close up",
                "the ruffled membrane of a cell",
            ],
            shapes: if variant {
                &[
                    "A close view shows a ruffled cell surface that sends thick threads over its margin.",
                    "One large body with a crumpled, knobby skin gives off long threads.",
                ]
            } else {
                &[
                    "One large cell body with a crumpled, knobby skin fills part of the field.",
                    "A close view shows a ruffled membrane made of small folds and knobs.",
                ]
            },
            regions: &[
                "The ruffled skin and the cell margin are the distinct parts.",
                "The margin of the cell, beside the bare ground, is the region that stands out.",
            ],
        },
        Kind::NeuriteNet => Words {
            unit: "neurite",
            units: "neurites",
            types: &[
                "a cell body with branching processes",
                "a nerve-like cell with a web of threads",
            ],
            shapes: &[
                "A rounded cell body sends tapering processes into a web of thin, winding threads.",
                "Thick processes leave the cell body and thin threads wind over the support.",
            ],
            regions: &[
                "The cell body, the thick processes and the thin threads are distinct parts.",
                "A bulky body stands out from the web of thin threads around it.",
            ],
        },
        Kind::Rods => Words {
            unit: "rod",
            units: "rods",
            types: &["rod-shaped cells", "short rods that look like bacteria"],
            shapes: &[
                "Short rods with rounded ends lie on the ground.",
                "The bodies are straight, sausage-like rods with round caps.",
            ],
            regions: &[
                "Each rod is one body; no distinct part is seen on it.",
                "No region stands out besides the rods and their ground.",
            ],
        },
        Kind::SpinyGrain if variant => Words {
            unit: "grain",
            units: "grains",
            types: &[
                "a spiny, pollen-like grain",
                "round biological grains with spines",
            ],
            shapes: &[
                "A round body carries many short pointed spines over its whole skin.",
                "Ball-like grains bristle with conical spines.",
            ],
            regions: &[
                "The spines are distinct from the round body that carries them.",
                "Pointed spines stand out against the plain skin between them.",
            ],
        },
        Kind::SpinyGrain => Words {
            unit: "grain",
            units: "grains",
            types: &[
                "round pollen-like grains",
                "a rounded biological grain with an uneven skin",
            ],
            shapes: &[
                "Rounded grains show a dimpled, net-like skin.",
                "The body is ball-like with a pitted skin.",
            ],
            regions: &[
                "The sculptured skin of the grain is the only distinct region.",
                "No part stands out beyond the uneven skin.",
            ],
        },
        _ => Words {
            unit: "plate",
            units: "plates",
            types: &[
                "ridged plates, as on scales or shells",
                "overlapping ridged biological plates",
            ],
            shapes: if variant {
                &[
                    "Overlapping plates carry parallel ridges with fine cross ribs.",
                    "Flat scales meet along steps, each with fine ridges and cross links.",
                ]
            } else {
                &[
                    "Overlapping plates carry fine parallel ridges.",
                    "Flat scales meet along steps and each bears closely set ridges.",
                ]
            },
            regions: &[
                "Ridged faces and the steps between plates are the distinct regions.",
                "The ridges repeat across each plate; the seams between plates stand out.",
            ],
        },
    }
}
