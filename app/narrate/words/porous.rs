//! Words for sponges and foams.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
pub(super) fn words(kind: Kind) -> Words {
    let (types, shapes, regions): (&'static [_], &'static [_], &'static [_]) = match kind {
        Kind::OpenFoam => (
            &["a sponge of open cells", "a cellular foam"],
            &[
                "Rounded cells open into each other through thin walls with small windows.",
                "Many-sided cells share thin bright walls, and windows lead deeper.",
            ],
            &[
                "Cell walls, cell floors and dark windows are distinct parts.",
                "Bright walls frame the cells; dark windows lead deeper.",
            ],
        ),
        Kind::StrutNetwork => (
            &[
                "an open network of struts and holes",
                "a sponge made of struts",
            ],
            &[
                "Rounded struts meet at nodes and leave open holes.",
                "A network of short struts branches in depth around dark pores.",
            ],
            &[
                "Struts, thick nodes and open pores are distinct parts.",
                "Nodes stand out as thicker places in the network.",
            ],
        ),
        Kind::IrregularPores => (
            &[
                "a porous solid with irregular holes",
                "a sponge-like body riddled with pores",
            ],
            &[
                "An uneven solid is riddled with irregular pores.",
                "Winding walls enclose pores of uneven outline.",
            ],
            &[
                "Solid walls and dark pores are the distinct regions.",
                "The dark pores stand out from the uneven solid.",
            ],
        ),
        _ => (
            &[
                "a solid face with separate pores",
                "a matrix with rounded hollows",
            ],
            &[
                "Rounded pores of many sizes lie apart in a flat face.",
                "A flat face is broken by round to oval hollows, like bubbles cut open.",
            ],
            &[
                "The flat face and the hollows in it are the distinct regions.",
                "Large hollows stand out; some show an inner wall, others look black.",
            ],
        ),
    };
    Words {
        unit: "pore",
        units: "pores",
        types,
        shapes,
        regions,
    }
}
