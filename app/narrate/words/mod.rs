//! The nouns and set phrases of each kind of scene.
//!
//! Tables only: what a microscopist calls the parts, in the category's own vocabulary. Called by
//! the other files of `narrate`.

mod biological;
mod fibres;
mod films;
mod mems;
mod nanowires;
mod particles;
mod patterned;
mod porous;
mod powder;
mod tips;

use crate::questions::Category;
use crate::simulate::Kind;

/// What the structures of a kind are called.
#[derive(Clone, Copy)]
pub struct Words {
    /// One of them.
    pub unit: &'static str,
    /// Several of them.
    pub units: &'static str,
    /// Names of the kind for `basics.type`.
    pub types: &'static [&'static str],
    /// Sentences on form for `morphology.shape`.
    pub shapes: &'static [&'static str],
    /// Sentences on parts for `function.regions`.
    pub regions: &'static [&'static str],
}

/// The words of a kind in a category; `variant` is the scene's flag of the same name.
pub fn words(category: Category, kind: Kind, variant: bool) -> Words {
    match category {
        Category::Biological => biological::words(kind, variant),
        Category::Fibres => fibres::words(kind, variant),
        Category::Films => films::words(kind, variant),
        Category::Mems => mems::words(kind, variant),
        Category::Nanowires => nanowires::words(kind, variant),
        Category::Particles => particles::words(kind, variant),
        Category::Patterned => patterned::words(kind, variant),
        Category::Porous => porous::words(kind),
        Category::Powder => powder::words(kind, variant),
        Category::Tips => tips::words(kind, variant),
    }
}

/// Usual uses of such structures, as general sentences.
pub fn uses(category: Category) -> &'static [&'static str] {
    match category {
        Category::Biological => &[
            "cells and tissues like these are often studied in biology and medicine",
            "such specimens are often imaged to study how cells grow and attach",
        ],
        Category::Fibres => &[
            "fibres like these are often used in textiles and filters",
            "such fibres often serve as cloth, filters or reinforcement",
        ],
        Category::Films => &[
            "coatings like these are often used to protect or to conduct",
            "such films often serve as protective or electronic layers",
        ],
        Category::Mems => &[
            "devices like these are often used as sensors or actuators",
            "such electrodes and beams often serve in sensors and circuits",
        ],
        Category::Nanowires => &[
            "wires like these are often studied for sensors and electronics",
            "such wires are often studied for light, power and sensing devices",
        ],
        Category::Particles => &[
            "inks, catalysts and medicines often use such particles",
            "particles like these are often studied as catalysts or carriers",
        ],
        Category::Patterned => &[
            "patterns like these are often used in lithography tests and optics",
            "such patterns often serve as gratings, masks or test fields",
        ],
        Category::Porous => &[
            "such sponges often serve as filters, supports or scaffolds",
            "porous bodies like these are often used to filter or to insulate",
        ],
        Category::Powder => &[
            "powders like these are often pressed, printed or used in batteries",
            "such powders often serve as feedstock for sintering or printing",
        ],
        Category::Tips => &[
            "such tips often serve as probes in microscopes",
            "tips like these are often used to probe or emit",
        ],
    }
}
