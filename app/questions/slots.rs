//! The slots: tokens the network writes where a number, or a word that code decides, will stand.
//!
//! Every slot has one token in the tokenizer from the first model on, so that texts with
//! numbers can be learned later without changing the vocabulary.

/// The names of all slots, without braces: numbers first, then the words fixed by code.
pub const ALL: [&str; 51] = [
    "size.median",
    "size.p10",
    "size.p90",
    "size.cv",
    "count",
    "spacing.median",
    "coverage",
    "porosity",
    "aspect.median",
    "width.median",
    "length.median",
    "orientation.angle",
    "orientation.order",
    "pitch",
    "linewidth",
    "lwr",
    "thickness",
    "period",
    "scale.pixel",
    "scale.bar",
    "field.width",
    "magnification",
    "voltage",
    "working_distance",
    "detector",
    "tilt",
    "pore.median",
    "gap.median",
    "grain.median",
    "crack.density",
    "layer.count",
    "tip.radius",
    "tip.angle",
    "defect.count",
    "region.count",
    "region.share",
    "aggregate.share",
    "aggregate.count",
    "spacing.ratio",
    "clip.share",
    "instrument",
    "label.text",
    "category",
    "word.spread",
    "word.shape",
    "word.layout",
    "word.cover",
    "word.touch",
    "word.align",
    "word.texture",
    "word.edge",
];

/// The slots as the network's tokenizer reserves them: `{size.median}` and so on.
pub fn tokens() -> Vec<String> {
    ALL.iter().map(|name| format!("{{{name}}}")).collect()
}
