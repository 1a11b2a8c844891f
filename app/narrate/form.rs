//! Answers on type, scale, shape, layers and consistency.
//!
//! Called by `narrate`.

use super::measured::Gauge;
use super::{Teller, join};
use crate::questions::Category;
use crate::simulate::Kind;
use crate::simulate::truth::{Align, Cover, Defect, Ground, Layout, Spread, Touch, View};

impl Teller<'_> {
    pub(super) fn basics_type(&mut self) -> String {
        let name = self.dice.pick(self.words.types);
        let seen = match self.dice.int(0, 1) {
            0 => format!("This looks like {name}."),
            _ => format!("The image shows {name}."),
        };
        let class = self.say(&[
            "The class is {category}.",
            "By its form the class is {category}.",
        ]);
        let limit = self.say(&[
            "What it is made of is not visible.",
            "The material itself cannot be told from the image.",
            "The form is seen; the chemistry is not.",
        ]);
        join(&[seen, class, limit])
    }

    pub(super) fn basics_scale(&mut self) -> String {
        let pixel = self.say(&[
            "One pixel is {scale.pixel} wide, and the field is {field.width}.",
            "The field is {field.width} wide, at {scale.pixel} per pixel.",
        ]);
        let bar = self.say(&[
            "The bar in the image stands for {scale.bar}.",
            "The scale bar stands for {scale.bar}.",
        ]);
        join(&[pixel, bar])
    }

    pub(super) fn morphology_shape(&mut self) -> String {
        let shape = self.dice.pick(self.words.shapes).to_owned();
        let more = if self.truth.align == Align::NotApplicable {
            match self.truth.view {
                View::Tilted => self.say(&[
                    "The view is tilted.",
                    "They are seen at a slant.",
                    "The surface is viewed obliquely.",
                ]),
                View::Side => {
                    self.say(&["It is seen from the side.", "The view is from the side."])
                }
                View::Section => self.say(&["The view is a section.", "It is seen in section."]),
                View::Top => self.say(&[
                    "The view is from above.",
                    "It is seen from above.",
                    "The surface is viewed face-on.",
                ]),
            }
        } else {
            String::new()
        };
        let measured = self.measured_form();
        let lie = self.lie();
        join(&[shape, measured, more, lie])
    }

    /// Where the structures lie and how thickly, when bare ground is seen.
    fn lie(&mut self) -> String {
        if matches!(self.truth.ground, Ground::None | Ground::Black)
            || self.truth.layout == Layout::OneBody
        {
            return String::new();
        }
        let ground = self.ground();
        match self.truth.cover {
            Cover::Sparse => self.say(&[
                "They lie thinly on [ground].",
                "Most of [ground] stays bare.",
            ]),
            Cover::Moderate => self.say(&[
                "They lie on [ground].",
                "Much of [ground] is seen between them.",
            ]),
            _ => self.say(&["They hide most of [ground].", "Little of [ground] is seen."]),
        }
        .replace("[ground]", ground)
    }

    /// The ground with its article.
    pub(super) fn ground(&self) -> &'static str {
        match self.truth.ground {
            Ground::FlatDark => "the flat dark ground",
            Ground::FlatGrey => "the flat grey ground",
            Ground::FlatBright => "the flat bright ground",
            Ground::Rough => "the uneven ground",
            Ground::Black => "the dark background",
            Ground::None => "the surrounding face",
        }
    }

    pub(super) fn morphology_layers(&mut self) -> String {
        let seen = self.layers_seen();
        if self.gauge() != Gauge::Section {
            return seen;
        }
        let counted = self.say(&[
            "Layers told apart by their borders: {layer.count}.",
            "The count of layers between borders is {layer.count}.",
        ]);
        let thickness = self.measured_size();
        join(&[seen, counted, thickness])
    }

    fn layers_seen(&mut self) -> String {
        match (self.truth.kind, self.truth.category) {
            (Kind::FilmSection, _) if self.truth.variant => self.say(&[
                "The section shows a dark featureless region on top, a grey band with voids and a base below it.",
                "From top to bottom: dark mounting-like material, a grey layer with voids, and a base of another grey.",
            ]),
            (Kind::FilmSection, _) => self.say(&[
                "The section shows a bright top band, a grey middle band and a base, told apart by their grey and voids.",
                "From top to bottom: a bright layer with voids, a grey band and a base; the borders are wavy.",
            ]),
            (Kind::FractureEdge, _) => self.say(&[
                "One layer is seen on its base, brighter than the base; finer layers inside it are not resolved.",
                "The edge shows a film over a base; each appears as one plain band.",
            ]),
            (_, Category::Patterned) => self.say(&[
                "The [units] and the floor form separate levels, told apart by their edges and grey.",
                "Raised and lower levels are seen at the [units]; a top view hides further layers.",
                "The pattern has an upper level and a floor; no other domain is seen.",
            ]),
            (_, Category::Mems) => self.say(&[
                "A raised structured layer lies on a lower ground; edges mark the step between them.",
                "The device layer stands out from the substrate; more layers below are hidden in this view.",
            ]),
            (_, Category::Porous) => self.say(&[
                "No separate layers are seen; solid and open pores are the only domains.",
                "The solid forms one phase in grey, and the pores are dark by depth.",
            ]),
            (_, Category::Films) => self.say(&[
                "Only the surface of the film is seen; a top view hides the layers below.",
                "No layers are seen from above; the film shows one grey class besides its defects.",
            ]),
            (Kind::BallsOnGrains, _) => self.say(&[
                "Bright particles lie above a bed of darker grains; inside the particles no layer is seen.",
                "The bed and the particles on it form distinct levels; no shell is seen.",
            ]),
            _ => self.say(&[
                "No layers are seen; each [unit] shows the same grey throughout, which does not exclude an inner structure.",
                "The [units] appear as one kind of domain; layers inside them would not show in this view.",
                "No separate phase is told apart within the [units]; the image shows only their outer faces.",
            ]),
        }
    }

    pub(super) fn morphology_consistency(&mut self) -> String {
        if self.truth.touch == Touch::Alone {
            return self.say(&[
                "Only a single [unit] is seen, so no spread can be given.",
                "One [unit] is in view; consistency cannot be judged from it.",
            ]);
        }
        let is_one = self.truth.touch == Touch::Joined && self.truth.objects < 2;
        let seen = match (self.truth.spread, self.gauge()) {
            (Spread::None, _) if is_one => self.say(&[
                "The structure is seen as one body, so a spread of sizes cannot be stated.",
                "One connected structure is in view; a spread of separate parts does not apply.",
            ]),
            (Spread::None, _) => self.say(&[
                "Few whole [units] are in view to judge their spread.",
                "The [units] differ, but few are whole in this field.",
            ]),
            (Spread::Narrow, _) => self.say(&[
                "The [units] look alike, and their outlines repeat.",
                "Size and shape of the [units] hardly vary to the eye.",
            ]),
            (Spread::Moderate, _) => self.say(&[
                "The [units] are similar in shape but differ somewhat in size.",
                "Shapes are similar among the [units], and sizes less so.",
            ]),
            (Spread::Broad, _) => self.say(&[
                "Large and small [units] lie side by side.",
                "A few large [units] stand among many small ones.",
            ]),
        };
        let measured = if is_one {
            String::new()
        } else {
            self.measured_spread()
        };
        let odd = if self.truth.has(Defect::Missing) {
            self.say(&[
                "A few places in the order are vacant.",
                "Some [units] are missing from the array.",
            ])
        } else if self.truth.has(Defect::Broken) {
            self.say(&[
                "Some [units] are broken or torn.",
                "A few broken [units] stand out.",
            ])
        } else if self.truth.has(Defect::Bridge) {
            self.say(&["A bridge between neighbours breaks the pattern."])
        } else {
            String::new()
        };
        join(&[seen, measured, odd])
    }
}
