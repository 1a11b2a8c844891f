//! Which kind of structure an image shows: the reading that fits its edges, weighed with the
//! material category.
//!
//! The category says which kinds are usual; it wins a draw and loses against clear evidence,
//! and then the disagreement is said. A wrong kind is worse than none, so each needs a least
//! fit. Called by `measure`.

use super::house::structure as house;
use super::kind::{Structure, usual};
use super::readings::Evidence;
use crate::questions::Category;

/// What was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The kind.
    pub structure: Structure,
    /// What is said where category and evidence disagree.
    pub disagreement: Option<String>,
}

/// What is known of an image beside the evidence for each kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// The objects that were found are darker than what is around them.
    pub are_objects_dark: bool,
    /// The surface has grain-like features or cracks.
    pub has_surface: bool,
    /// It has cracks.
    pub has_cracks: bool,
}

/// Decides on the kind of structure.
pub fn decide(evidence: &[Evidence], seen: Seen, category: Option<Category>) -> Decision {
    let Some(category) = category else {
        return unasked(evidence, seen);
    };
    let usual = usual(category);
    let score = |structure: Structure| score(evidence, structure);
    let best = |is_usual: bool| {
        evidence
            .iter()
            .filter(|one| one.ruled_out.is_none() && can_be_seen(one.structure))
            .filter(|one| !are_gaps(one.structure, seen, usual))
            .map(|one| called(one.structure, seen, Some(category)))
            .filter(|structure| usual.contains(structure) == is_usual)
            .max_by(|a, b| score(*a).total_cmp(&score(*b)))
    };
    if category == Category::Films {
        return film(evidence, seen);
    }
    let least = |structure: Structure| match structure {
        Structure::Fibres if !usual.contains(&Structure::Objects) => house::SCORE_STRANDS,
        _ => house::SCORE,
    };
    let own = best(true).filter(|structure| score(*structure) >= least(*structure));
    let other = best(false).filter(|structure| score(*structure) >= house::SCORE_UNASKED);
    match (own, other) {
        (Some(own), Some(other)) if score(other) > score(own) + house::BEYOND_CATEGORY => {
            against(other, category)
        }
        (Some(own), _) => agreed(with_lattice(own, evidence, usual)),
        (None, Some(other)) => against(other, category),
        (None, None) => agreed(Structure::Unclear),
    }
}

/// What is seen where somebody named the grey that parts objects from the ground: those objects.
pub fn beyond_threshold(seen: Seen, category: Option<Category>) -> Decision {
    agreed(called(Structure::Objects, seen, category))
}

/// Without a category: the reading that fits best, if it fits well.
fn unasked(evidence: &[Evidence], seen: Seen) -> Decision {
    let best = evidence
        .iter()
        .filter(|one| one.ruled_out.is_none() && can_be_seen(one.structure))
        .filter(|one| one.score >= house::SCORE_UNASKED)
        .max_by(|a, b| a.score.total_cmp(&b.score));
    let structure = best.map_or(Structure::Unclear, |one| called(one.structure, seen, None));
    agreed(with_lattice(structure, evidence, &[Structure::Pattern]))
}

/// A film: layers where interfaces cross the view, cracks and grains where its face shows them,
/// else holes or particles on it.
fn film(evidence: &[Evidence], seen: Seen) -> Decision {
    let of_layers = score(evidence, Structure::Layers);
    let of_objects = score(evidence, Structure::Objects);
    if of_layers >= house::SCORE && of_layers >= of_objects {
        return agreed(Structure::Layers);
    }
    if seen.has_cracks {
        return agreed(Structure::Surface);
    }
    if of_objects >= house::SCORE {
        return agreed(called(Structure::Objects, seen, Some(Category::Films)));
    }
    agreed(if seen.has_surface {
        Structure::Surface
    } else {
        Structure::Unclear
    })
}

fn agreed(structure: Structure) -> Decision {
    Decision {
        structure,
        disagreement: None,
    }
}

fn against(structure: Structure, category: Category) -> Decision {
    Decision {
        structure,
        disagreement: Some(format!(
            "The category is {}, but the edges in view fit {} better, and that was measured",
            category.words(),
            structure.words()
        )),
    }
}

/// Layers need a section, which no image says by itself, and a pattern needs objects.
fn can_be_seen(structure: Structure) -> bool {
    !matches!(structure, Structure::Layers | Structure::Pattern)
}

/// Dark objects of a material of strands are what is seen between them.
fn are_gaps(structure: Structure, seen: Seen, usual: &[Structure]) -> bool {
    structure == Structure::Objects
        && seen.are_objects_dark
        && usual.contains(&Structure::Fibres)
        && !usual.contains(&Structure::Objects)
}

/// Dark objects are pores where the material has some.
fn called(structure: Structure, seen: Seen, category: Option<Category>) -> Structure {
    let has_pores = matches!(category, Some(Category::Porous | Category::Films));
    if structure == Structure::Objects && has_pores && seen.are_objects_dark {
        Structure::Pores
    } else {
        structure
    }
}

/// Objects on a lattice are a pattern, where patterns are usual.
fn with_lattice(structure: Structure, evidence: &[Evidence], usual: &[Structure]) -> Structure {
    let on_lattice = score(evidence, Structure::Pattern) > 0.0;
    if structure == Structure::Objects && on_lattice && usual.contains(&Structure::Pattern) {
        Structure::Pattern
    } else {
        structure
    }
}

/// How well a kind fits; 0 where it is ruled out.
fn score(evidence: &[Evidence], structure: Structure) -> f64 {
    let sought = match structure {
        Structure::Pores => Structure::Objects,
        other => other,
    };
    let one = evidence.iter().find(|one| one.structure == sought);
    one.filter(|one| one.ruled_out.is_none())
        .map_or(0.0, |one| one.score)
}

#[cfg(test)]
mod tests {
    use super::super::evidence::Fit;
    use super::*;

    fn of(scores: &[(Structure, f64)]) -> Vec<Evidence> {
        let one = |(structure, score): &(Structure, f64)| Evidence {
            structure: *structure,
            fit: Fit::default(),
            score: *score,
            ruled_out: None,
        };
        scores.iter().map(one).collect()
    }

    #[test]
    fn the_category_wins_a_draw_and_loses_against_clear_evidence() {
        let close = of(&[(Structure::Objects, 0.5), (Structure::Fibres, 0.6)]);
        let decide = |evidence: &[Evidence], category| decide(evidence, Seen::default(), category);
        let drawn = decide(&close, Some(Category::Particles));
        assert_eq!(drawn, agreed(Structure::Objects));
        assert_eq!(decide(&close, None).structure, Structure::Fibres);
        let clear = of(&[(Structure::Objects, 0.35), (Structure::Fibres, 0.9)]);
        let against = decide(&clear, Some(Category::Particles));
        assert_eq!(against.structure, Structure::Fibres);
        assert!(
            against
                .disagreement
                .is_some_and(|text| text.contains("Particles"))
        );
    }

    #[test]
    fn little_evidence_is_no_kind_and_layers_need_a_section() {
        let poor = of(&[(Structure::Objects, 0.2), (Structure::Layers, 0.9)]);
        for category in [None, Some(Category::Powder)] {
            let found = decide(&poor, Seen::default(), category);
            assert_eq!(found, agreed(Structure::Unclear));
        }
        let film = decide(&poor, Seen::default(), Some(Category::Films));
        assert_eq!(film.structure, Structure::Layers);
    }

    #[test]
    fn dark_objects_of_a_sponge_are_pores_and_dots_on_a_lattice_a_pattern() {
        let dark = Seen {
            are_objects_dark: true,
            ..Seen::default()
        };
        let dots = of(&[(Structure::Objects, 0.8), (Structure::Pattern, 0.6)]);
        let decided = |category| decide(&dots, dark, category).structure;
        assert_eq!(decided(Some(Category::Porous)), Structure::Pores);
        assert_eq!(decided(Some(Category::Patterned)), Structure::Pattern);
        assert_eq!(decided(Some(Category::Powder)), Structure::Objects);
        assert_eq!(decided(None), Structure::Pattern);
    }
}
