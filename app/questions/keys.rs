//! The ten question categories ([`Topic`]) and the 22 questions ([`Key`]) of the paper.
//!
//! One table makes the buttons, prompts, help texts and tests. The wording is the paper's
//! and is what the network always reads, whatever the user typed.

use std::fmt;
use std::str::FromStr;

/// One of the paper's ten question categories: a button in the window, a prefix of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the title of each is its documentation")]
pub enum Topic {
    Basics,
    Morphology,
    Size,
    Surface,
    Composition,
    Interactions,
    Environment,
    Technique,
    Function,
    Application,
}

impl Topic {
    /// All ten, in the paper's order.
    pub const ALL: [Topic; 10] = [
        Topic::Basics,
        Topic::Morphology,
        Topic::Size,
        Topic::Surface,
        Topic::Composition,
        Topic::Interactions,
        Topic::Environment,
        Topic::Technique,
        Topic::Function,
        Topic::Application,
    ];

    /// The prefix of its keys and its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Topic::Basics => "basics",
            Topic::Morphology => "morphology",
            Topic::Size => "size",
            Topic::Surface => "surface",
            Topic::Composition => "composition",
            Topic::Interactions => "interactions",
            Topic::Environment => "environment",
            Topic::Technique => "technique",
            Topic::Function => "function",
            Topic::Application => "application",
        }
    }

    /// The paper's title, as on the button.
    pub fn title(self) -> &'static str {
        match self {
            Topic::Basics => "Basics",
            Topic::Morphology => "Morphology and Structure",
            Topic::Size => "Size and Distribution",
            Topic::Surface => "Surface Characteristics",
            Topic::Composition => "Composition and Elements",
            Topic::Interactions => "Interactions and Boundaries",
            Topic::Environment => "External Environment",
            Topic::Technique => "Image Technique and Modifications",
            Topic::Function => "Functional Features",
            Topic::Application => "Context and Application",
        }
    }

    /// Its two or three questions, in the paper's order.
    pub fn keys(self) -> impl Iterator<Item = Key> {
        Key::ALL.into_iter().filter(move |key| key.topic() == self)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

impl FromStr for Topic {
    type Err = UnknownQuestion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |topic: &Topic| topic.name() == text;
        Topic::ALL
            .into_iter()
            .find(named)
            .ok_or_else(|| UnknownQuestion(text.to_owned()))
    }
}

/// One of the 22 questions. Its name is stable: files and transcripts are keyed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the wording of each is its documentation")]
pub enum Key {
    BasicsType,
    BasicsScale,
    MorphologyShape,
    MorphologyLayers,
    MorphologyConsistency,
    SizeRange,
    SizeDistribution,
    SizeAggregation,
    SurfaceTexture,
    SurfaceImperfections,
    CompositionContrast,
    CompositionLabels,
    InteractionsTouching,
    InteractionsBoundaries,
    EnvironmentSigns,
    EnvironmentObjects,
    TechniqueMethod,
    TechniqueProcessing,
    FunctionRegions,
    FunctionDynamics,
    ApplicationUse,
    ApplicationOrigin,
}

impl Key {
    /// All 22, in the paper's order.
    pub const ALL: [Key; 22] = [
        Key::BasicsType,
        Key::BasicsScale,
        Key::MorphologyShape,
        Key::MorphologyLayers,
        Key::MorphologyConsistency,
        Key::SizeRange,
        Key::SizeDistribution,
        Key::SizeAggregation,
        Key::SurfaceTexture,
        Key::SurfaceImperfections,
        Key::CompositionContrast,
        Key::CompositionLabels,
        Key::InteractionsTouching,
        Key::InteractionsBoundaries,
        Key::EnvironmentSigns,
        Key::EnvironmentObjects,
        Key::TechniqueMethod,
        Key::TechniqueProcessing,
        Key::FunctionRegions,
        Key::FunctionDynamics,
        Key::ApplicationUse,
        Key::ApplicationOrigin,
    ];

    /// The stable name, such as `size.range`.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// The paper's wording: what the network reads.
    pub fn wording(self) -> &'static str {
        self.entry().1
    }

    /// The question category it belongs to: the prefix of its name.
    pub fn topic(self) -> Topic {
        match self {
            Key::BasicsType | Key::BasicsScale => Topic::Basics,
            Key::MorphologyShape | Key::MorphologyLayers | Key::MorphologyConsistency => {
                Topic::Morphology
            }
            Key::SizeRange | Key::SizeDistribution | Key::SizeAggregation => Topic::Size,
            Key::SurfaceTexture | Key::SurfaceImperfections => Topic::Surface,
            Key::CompositionContrast | Key::CompositionLabels => Topic::Composition,
            Key::InteractionsTouching | Key::InteractionsBoundaries => Topic::Interactions,
            Key::EnvironmentSigns | Key::EnvironmentObjects => Topic::Environment,
            Key::TechniqueMethod | Key::TechniqueProcessing => Topic::Technique,
            Key::FunctionRegions | Key::FunctionDynamics => Topic::Function,
            Key::ApplicationUse | Key::ApplicationOrigin => Topic::Application,
        }
    }

    #[allow(clippy::too_many_lines, reason = "a table")]
    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Key::BasicsType => (
                "basics.type",
                "This image depicts a nanomaterial. Identify the specific type of nanomaterial depicted in the image.",
            ),
            Key::BasicsScale => (
                "basics.scale",
                "Additionally, find image scale: real-world length per unit measurement.",
            ),
            Key::MorphologyShape => (
                "morphology.shape",
                "Describe the overall shape and morphology of the nanomaterials.",
            ),
            Key::MorphologyLayers => (
                "morphology.layers",
                "Identify any visible layers, phases, or distinct domains.",
            ),
            Key::MorphologyConsistency => (
                "morphology.consistency",
                "Assess consistency in size and shape, or note any variability.",
            ),
            Key::SizeRange => ("size.range", "Estimate size/size range of nanostructures."),
            Key::SizeDistribution => (
                "size.distribution",
                "Describe distribution - evenly spaced, clustered, or random.",
            ),
            Key::SizeAggregation => (
                "size.aggregation",
                "Comment on any aggregation or bundling visible.",
            ),
            Key::SurfaceTexture => (
                "surface.texture",
                "Describe surface textures - smooth, rough, distinct textures.",
            ),
            Key::SurfaceImperfections => (
                "surface.imperfections",
                "Comment on any visible imperfections like defects, pores, or impurities.",
            ),
            Key::CompositionContrast => (
                "composition.contrast",
                "Note any visible evidence of compositional variations (color, brightness, contrast differences).",
            ),
            Key::CompositionLabels => (
                "composition.labels",
                "Identify any labels or markers pointing to specific elements/compounds.",
            ),
            Key::InteractionsTouching => (
                "interactions.touching",
                "Describe visual interactions: touching, fused, or separate.",
            ),
            Key::InteractionsBoundaries => (
                "interactions.boundaries",
                "Can you distinguish boundaries between structures/phases? Or do they blend without defined borders?",
            ),
            Key::EnvironmentSigns => (
                "environment.signs",
                "Note any visible signs of interaction between nanomaterials and surroundings (solvents, polymers, etc.).",
            ),
            Key::EnvironmentObjects => (
                "environment.objects",
                "Identify and describe any non-nanomaterial structures/objects present.",
            ),
            Key::TechniqueMethod => (
                "technique.method",
                "Identify imaging technique used (SEM, TEM, etc.).",
            ),
            Key::TechniqueProcessing => (
                "technique.processing",
                "Note any visible post-processing or modifications like false coloring or 3D rendering.",
            ),
            Key::FunctionRegions => (
                "function.regions",
                "Identify any visible functional elements or regions with distinct properties.",
            ),
            Key::FunctionDynamics => (
                "function.dynamics",
                "Note if the image shows any dynamic processes, or if it is primarily static.",
            ),
            Key::ApplicationUse => (
                "application.use",
                "Identify intended use/application of nanomaterials.",
            ),
            Key::ApplicationOrigin => (
                "application.origin",
                "Are they experimental samples or theoretical/simulation-based representations?",
            ),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Key {
    type Err = UnknownQuestion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |key: &Key| key.name() == text;
        Key::ALL
            .into_iter()
            .find(named)
            .ok_or_else(|| UnknownQuestion(text.to_owned()))
    }
}

/// A name that is no key and no question category.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a question: give a category such as `morphology` or a key such as `size.range`"
)]
pub struct UnknownQuestion(pub String);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// model/pytorch/train_distributed.py reads lists that name keys and categories.
    #[test]
    fn training_on_a_cluster_knows_the_same_questions_and_categories() {
        use crate::questions::Category;
        let words = include_str!("../../model/pytorch/questions.json");
        let words: serde_json::Value = serde_json::from_str(words).unwrap();
        let list = |name: &str| -> Vec<(String, String)> {
            let pairs = words[name].as_object().unwrap().iter();
            pairs
                .map(|(key, word)| (key.clone(), word.as_str().unwrap().to_owned()))
                .collect()
        };
        let owned = |pair: (&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
        let keys = Key::ALL.map(|key| owned((key.name(), key.wording())));
        assert_eq!(list("questions"), keys);
        let categories = Category::ALL.map(|category| owned((category.name(), category.words())));
        assert_eq!(list("categories"), categories);
    }

    #[test]
    fn the_paper_has_22_questions_in_ten_categories() {
        let counts: Vec<usize> = Topic::ALL
            .iter()
            .map(|topic| topic.keys().count())
            .collect();
        assert_eq!(counts, [2, 3, 3, 2, 2, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn names_read_back_and_begin_with_their_topic() {
        for key in Key::ALL {
            assert_eq!(key.name().parse(), Ok(key));
            assert!(key.name().starts_with(key.topic().name()));
        }
        for topic in Topic::ALL {
            assert_eq!(topic.name().parse(), Ok(topic));
        }
        assert!("size".parse::<Key>().is_err());
    }
}
