//! Words for films and coatings.
//!
//! A table only. Called by `words`.

use super::Words;
use crate::simulate::Kind;

/// The words of a kind of this category.
#[expect(clippy::too_many_lines, reason = "one table, an arm for each kind")]
pub(super) fn words(kind: Kind, variant: bool) -> Words {
    match kind {
        Kind::FilmSection => Words {
            unit: "void",
            units: "voids",
            types: &[
                "a coating in polished cross-section",
                "stacked coating layers seen in section",
            ],
            shapes: if variant {
                &[
                    "A polished section shows a grey layer with voids on a base, below a dark plain region.",
                    "Cross-section of a coating: a dark plain top, a grey band with voids and a base.",
                ]
            } else {
                &[
                    "A polished section shows bands of different grey with wavy borders and dark voids.",
                    "Cross-section of a coating: a bright band, a grey band and a base, with voids inside.",
                ]
            },
            regions: &[
                "The bands of the section are the distinct regions; their roles are not visible.",
                "Top band, middle band and base differ in grey and in their voids.",
            ],
        },
        Kind::GrainyFilm => Words {
            unit: "grain",
            units: "grains",
            types: &[
                "a film of small grains",
                "a film surface of closely set grains",
            ],
            shapes: if variant {
                &[
                    "The film is a flat mosaic of grain-like patches with different greys.",
                    "Flat grain-like patches fit together across the film surface.",
                ]
            } else {
                &[
                    "The film surface is a closed layer of small grains.",
                    "Closely set grain-like bumps cover the surface from edge to edge.",
                ]
            },
            regions: &[
                "No region stands out; the film of grains looks alike across the field.",
                "Grain-like features and the seams between them are the only parts seen.",
            ],
        },
        Kind::CrackedFilm => Words {
            unit: "plate",
            units: "plates",
            types: &["a cracked film", "a coating broken by a net of cracks"],
            shapes: if variant {
                &[
                    "A flat film is crossed by cracks that end within the film in places.",
                    "The coating is a plain sheet with an unfinished net of cracks.",
                ]
            } else {
                &[
                    "Cracks divide the film into irregular plates, like dried mud.",
                    "The coating is split by a net of cracks into many-sided pieces.",
                ]
            },
            regions: &[
                "Film plates and the dark cracks between them are the distinct regions.",
                "The crack net separates the coating into pieces; the base shows dark in it.",
            ],
        },
        Kind::PinholeFilm => Words {
            unit: "pinhole",
            units: "pinholes",
            types: &["a film with pinholes", "a coated surface with small holes"],
            shapes: &[
                "A flat film is interrupted by small dark holes.",
                "The surface is an even sheet with scattered pinholes.",
            ],
            regions: &[
                "Dark pinholes stand out against the closed film.",
                "The closed film and the holes in it are the distinct regions.",
            ],
        },
        Kind::WrinkledFilm => Words {
            unit: "wrinkle",
            units: "wrinkles",
            types: &["a wrinkled film", "a thin film with folds"],
            shapes: if variant {
                &[
                    "Long folds run across the film in a common direction.",
                    "The film is thrown into long wrinkles.",
                ]
            } else {
                &[
                    "Folds wind across the film and meet at junctions.",
                    "The film is thrown into a net of wrinkles.",
                ]
            },
            regions: &[
                "Bright fold crests and the plain areas between them are distinct.",
                "The raised folds stand out from the flat parts of the film.",
            ],
        },
        _ => Words {
            unit: "film edge",
            units: "film edges",
            types: &[
                "a film at its broken edge",
                "a thin layer on a base, seen in section",
            ],
            shapes: if variant {
                &[
                    "A broken edge shows the film between its top surface and the base.",
                    "A bright layer lies on a plain base, with the film's top surface behind.",
                ]
            } else {
                &[
                    "A broken edge shows a bright layer of even thickness on a plain base.",
                    "One layer lies on a base, below dark empty space.",
                ]
            },
            regions: &[
                "The layer, the base and the space above are the distinct regions.",
                "The film band stands out from the base below it.",
            ],
        },
    }
}
