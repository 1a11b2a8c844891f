//! Answers on size, layout, aggregation, contact and borders.
//!
//! Called by `narrate`.

use super::{Teller, join};
use crate::questions::Category;
use crate::simulate::Kind;
use crate::simulate::truth::{Contrast, Layout, Place, Relative, Touch, View};

impl Teller<'_> {
    pub(super) fn size_range(&mut self) -> String {
        let seen = match self.truth.relative {
            Relative::Tiny => self.say(&[
                "The [units] are tiny against the field, only a few pixels across.",
                "Each [unit] covers a very small part of the view.",
            ]),
            Relative::Small => self.say(&[
                "The [units] are small against the field of view.",
                "Each [unit] takes up only a small part of the field.",
            ]),
            Relative::Medium => self.say(&[
                "The [units] are of medium size against the field.",
                "Each [unit] spans a modest part of the field.",
            ]),
            Relative::Large => self.say(&[
                "The [units] are large against the field of view.",
                "Each [unit] spans a large part of the field.",
            ]),
            Relative::Filling => self.say(&[
                "The structure spans much of the field or leaves it, so its full size may not be seen.",
                "Seen close up, the structure takes up much of the field of view.",
            ]),
        };
        let measured = self.measured_size();
        join(&[seen, measured])
    }

    fn place(&mut self) -> String {
        match self.truth.place {
            Place::Throughout => String::new(),
            Place::Left => self.say(&[
                "Most of them lie at the left.",
                "The left side holds more of them.",
            ]),
            Place::Right => self.say(&[
                "Most of them lie at the right.",
                "The right side holds more of them.",
            ]),
            Place::Upper => self.say(&[
                "Most of them lie in the upper part.",
                "The upper part holds more of them.",
            ]),
            Place::Lower => self.say(&[
                "Most of them lie in the lower part.",
                "The lower part holds more of them.",
            ]),
            Place::Centre => self.say(&[
                "Most of them lie near the centre.",
                "The centre holds most of them.",
            ]),
        }
    }

    pub(super) fn size_distribution(&mut self) -> String {
        let layout = match self.truth.layout {
            Layout::Random => self.say(&[
                "The [units] are scattered over the field.",
                "The [units] follow no visible order.",
            ]),
            Layout::Clustered => self.say(&[
                "The [units] gather in places and leave other areas bare.",
                "Heaps of [units] alternate with bare areas.",
            ]),
            Layout::SquareGrid => self.say(&[
                "The [units] stand on a square grid.",
                "The [units] form a square array.",
            ]),
            Layout::HexagonalGrid => self.say(&[
                "The [units] stand in staggered, hexagonal rows.",
                "The [units] form a hexagonal array.",
            ]),
            Layout::Rows => self.say(&[
                "The [units] follow each other side by side.",
                "Parallel [units] repeat across the field.",
            ]),
            Layout::Filled => self.say(&[
                "The [units] fill the field closely, without visible order.",
                "Packing is close and irregular over the whole view.",
            ]),
            Layout::OneBody => {
                return join(&[
                    self.say(&[
                        "One connected body is seen, so spacing does not apply.",
                        "A distribution does not apply to a single connected structure.",
                    ]),
                    self.one_body_place(),
                ]);
            }
            Layout::Designed => self.say(&[
                "The [units] follow a drawn layout, neither random nor clustered.",
                "The layout of the [units] is ordered by design.",
            ]),
        };
        let measured = self.measured_layout();
        let place = if self.truth.category == Category::Films {
            String::new()
        } else {
            self.place()
        };
        join(&[layout, measured, place])
    }

    fn one_body_place(&mut self) -> String {
        match self.truth.place {
            Place::Throughout => String::new(),
            Place::Left => self.say(&["It lies mainly at the left.", "Most of it is at the left."]),
            Place::Right => self.say(&[
                "It lies mainly at the right.",
                "Most of it is at the right.",
            ]),
            Place::Upper => self.say(&[
                "It lies mainly in the upper part.",
                "Most of it is in the upper part.",
            ]),
            Place::Lower => self.say(&[
                "It lies mainly in the lower part.",
                "Most of it is in the lower part.",
            ]),
            Place::Centre => {
                self.say(&["It lies near the centre.", "Most of it is at the centre."])
            }
        }
    }

    pub(super) fn size_aggregation(&mut self) -> String {
        let clumps = self.clumps();
        let measured = self.measured_touch();
        let place = if matches!(self.truth.touch, Touch::Partly | Touch::Mostly) {
            self.heap_place()
        } else {
            String::new()
        };
        join(&[clumps, measured, place])
    }

    fn clumps(&mut self) -> String {
        match self.truth.touch {
            Touch::Alone => self.say(&[
                "Nothing is clumped: a single [unit] is seen.",
                "No aggregation: only one [unit] is in view.",
            ]),
            Touch::Separate => self.say(&[
                "No clumps are seen among the [units].",
                "The [units] stand without heaps or bundles.",
            ]),
            Touch::Partly => self.say(&[
                "Some [units] form small groups, while others stand alone.",
                "Small groups of [units] are seen beside single ones.",
            ]),
            Touch::Mostly if self.truth.layout == Layout::Clustered => self.say(&[
                "The [units] lie in heaps; a few stand alone.",
                "Many [units] sit in clusters.",
            ]),
            Touch::Mostly => self.say(&[
                "The [units] lie side by side as a continuous mass.",
                "No separate clumps are seen; the [units] form one closely packed mass.",
            ]),
            Touch::Joined => self.say(&[
                "Aggregation does not apply: the parts belong to one connected structure.",
                "No clumps are seen; the structure is one connected body.",
            ]),
            Touch::Crossing => self.crossing_bundles(),
        }
    }

    /// Where the heaps or groups are, when they favour a side.
    fn heap_place(&mut self) -> String {
        match self.truth.place {
            Place::Throughout => String::new(),
            Place::Left => self.say(&["The left side is most crowded."]),
            Place::Right => self.say(&["The right side is most crowded."]),
            Place::Upper => self.say(&["The upper part is most crowded."]),
            Place::Lower => self.say(&["The lower part is most crowded."]),
            Place::Centre => self.say(&["The centre is most crowded."]),
        }
    }

    fn crossing_bundles(&mut self) -> String {
        if self.truth.kind == Kind::WireTangle {
            return self.say(&[
                "The wires wind into tangles; overlap in view need not mean contact.",
                "Tangled knots of wires are seen; true contact cannot be told from overlap.",
            ]);
        }
        self.say(&[
            "The [units] cross and overlap, but no tight bundle is seen.",
            "No bundles stand out; the [units] overlap in view, which is not contact.",
            "Crossings are many, yet the [units] keep their own outlines and form no bundle.",
        ])
    }

    pub(super) fn interactions_touching(&mut self) -> String {
        let seen = self.contacts();
        let touch = self.measured_touch();
        let gap = self.measured_gap();
        join(&[seen, touch, gap])
    }

    fn contacts(&mut self) -> String {
        match self.truth.touch {
            Touch::Alone => self.say(&[
                "The single [unit] touches nothing in view.",
                "Only one [unit] is seen, free of neighbours.",
            ]),
            Touch::Separate => self.say(&[
                "Gaps are visible between the [units].",
                "Neighbouring [units] keep a gap; no merging is seen.",
            ]),
            Touch::Partly => self.say(&[
                "Some [units] meet at their rims, others keep a gap; no fused neck is seen.",
                "Some neighbours meet edge to edge while others keep a gap.",
            ]),
            Touch::Mostly => self.say(&[
                "The [units] meet their neighbours, and their outlines stay distinct; fusion is not seen.",
                "Neighbouring [units] meet and overlap in view, with dark seams between them.",
            ]),
            Touch::Joined => self.say(&[
                "The parts are joined in one body, without a visible seam.",
                "Parts merge into each other; no separate pieces are seen.",
            ]),
            Touch::Crossing => self.say(&[
                "The [units] cross over each other; no merging is seen at the crossings.",
                "Overlapping [units] pass above and below each other, and fusion is not seen.",
            ]),
        }
    }

    pub(super) fn interactions_boundaries(&mut self) -> String {
        let border = if self.truth.soft {
            self.say(&[
                "Borders of the [units] are soft; the blur of the image sets the limit.",
                "The outlines look washed out, as the image is not quite in focus.",
            ])
        } else if self.truth.contrast == Contrast::Similar || self.truth.flat_contrast {
            self.say(&[
                "The [units] can be told apart, but the weak contrast makes some borders faint.",
                "Borders are visible though faint, as greys are close together.",
            ])
        } else {
            match self.truth.category {
                Category::Porous => self.say(&[
                    "Rims of the pores are clear; inside the solid the parts blend without a border.",
                    "Pore edges are clear, while the solid walls merge at their joints.",
                ]),
                Category::Films => self.say(&[
                    "Borders in the film show as clear grey steps.",
                    "The limits between film and its breaks are clear.",
                ]),
                Category::Patterned | Category::Mems => self.say(&[
                    "The edges of the [units] are marked by bright rims.",
                    "Bright rims part the [units] from the floor.",
                ]),
                _ => self.say(&[
                    "Outlines of the [units] are clear.",
                    "The borders of the [units] are marked by brighter rims.",
                    "Borders are clear against what lies behind.",
                ]),
            }
        };
        let more = match (self.truth.touch, self.truth.view) {
            (Touch::Mostly, _) => self.say(&[
                "Dark seams mark where [units] meet.",
                "Where [units] overlap, the border is harder to see.",
            ]),
            (Touch::Crossing, _) => self.say(&[
                "At crossings the upper one hides the lower.",
                "Deeper ones are dimmer and less distinct.",
            ]),
            (_, View::Section) => self.say(&["The interfaces run across the whole field.", ""]),
            _ => String::new(),
        };
        let measured = self.measured_borders();
        join(&[border, measured, more])
    }
}
