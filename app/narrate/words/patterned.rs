//! Words for patterned surfaces.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
#[expect(clippy::too_many_lines, reason = "one table, an arm for each kind")]
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    let (unit, units, types, shapes, regions): (
        &str,
        &str,
        &'static [_],
        &'static [_],
        &'static [_],
    ) = match kind {
        Kind::Lines => (
            "line",
            "lines",
            &["a grating of parallel lines", "a line pattern on a surface"],
            if variant {
                &[
                    "Parallel straight lines fill one part of the field and stop at a straight border.",
                    "A field of straight lines lies beside an open plain area.",
                ]
            } else {
                &[
                    "Parallel straight lines alternate with trenches.",
                    "Straight raised lines run side by side across the field.",
                ]
            },
            if variant {
                &[
                    "The line field beside the open area; such areas often serve as test patterns.",
                    "Lines and the plain area next to them are distinct regions.",
                ]
            } else {
                &[
                    "Line tops and trenches are the distinct regions.",
                    "Raised lines and the floor between them alternate.",
                ]
            },
        ),
        Kind::SquareHoles | Kind::HexagonalHoles => (
            "hole",
            "holes",
            &["an array of holes in a surface", "a perforated surface"],
            if variant {
                &[
                    "Square holes are cut into the surface in an array.",
                    "An array of square openings pierces a plain sheet.",
                ]
            } else {
                &[
                    "Round holes are set into the surface in an array.",
                    "Round openings repeat across a plain sheet.",
                ]
            },
            &[
                "The holes and the solid sheet between them are distinct.",
                "Dark openings repeat in the sheet; what they are for is not visible.",
            ],
        ),
        Kind::Pillars => (
            "pillar",
            "pillars",
            &["an array of pillars", "posts set in rows on a surface"],
            if variant {
                &[
                    "Square posts stand in an array on a flat floor.",
                    "Block-like pillars repeat across the floor.",
                ]
            } else {
                &[
                    "Round pillars stand in an array on a flat floor.",
                    "Disc-topped posts repeat across the floor.",
                ]
            },
            &[
                "Pillar tops and the floor are the distinct regions.",
                "The raised tops stand out from the floor between them.",
            ],
        ),
        Kind::Rings => (
            "ring",
            "rings",
            &["an array of rings", "a surface patterned with rings"],
            &[
                "Round rings with open centres repeat in an array.",
                "Ring-shaped features stand in rows on a flat floor.",
            ],
            &[
                "Rings and their open centres are the distinct parts.",
                "The ring walls stand out from the floor.",
            ],
        ),
        Kind::FlatShapes => (
            "shape",
            "shapes",
            &[
                "a surface with drawn flat shapes",
                "a test pattern of separate shapes",
            ],
            if variant {
                &[
                    "Raised flat shapes such as bars, crosses and discs lie on a plain floor.",
                    "Crosses, bars and other flat shapes stand on the floor.",
                ]
            } else {
                &[
                    "Flat sunken shapes such as bars, crosses and discs are set in a plain ground.",
                    "Crosses, bars and discs are recessed in the surface.",
                ]
            },
            &[
                "The drawn shapes stand out from the plain ground; such marks often serve to line up masks.",
                "Bars, crosses and discs are distinct parts on one floor.",
            ],
        ),
        _ => (
            "window",
            "windows",
            &["a grid of square windows", "a mesh with square openings"],
            if variant {
                &[
                    "Crossing uneven bars frame sheets that are pierced by small round holes in rows.",
                    "Square windows hold perforated sheets between broad bars.",
                ]
            } else {
                &[
                    "Square windows are framed by crossing bars.",
                    "Crossing bars enclose square openings in a grid.",
                ]
            },
            &[
                "Bars and windows are the distinct regions; such grids often carry samples.",
                "The windows stand out between the bars.",
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
