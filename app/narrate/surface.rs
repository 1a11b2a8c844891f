//! Answers on texture, imperfections, contrast, labels and surroundings.
//!
//! Called by `narrate`.

use super::{Teller, join};
use crate::questions::Category;
use crate::simulate::truth::{Contrast, Defect, Ground, Level, Texture};

impl Teller<'_> {
    pub(super) fn surface_texture(&mut self) -> String {
        let seen = match self.truth.texture {
            Texture::Smooth => self.say(&[
                "Faces show soft shading and no relief of their own.",
                "Only soft shading is seen on the [units].",
            ]),
            Texture::FineGrain => self.say(&[
                "A fine grain covers the surface.",
                "Faces show a fine, granular relief.",
            ]),
            Texture::Coarse => {
                self.say(&["The surface is lumpy.", "A coarse, bumpy relief is seen."])
            }
            Texture::Grooved => self.say(&[
                "Fine grooves run along the [units].",
                "The skin is marked by lengthwise lines and grooves.",
            ]),
            Texture::Ridged => self.say(&[
                "Parallel ridges give the surface a striped texture.",
                "The surface is ribbed by fine ridges.",
            ]),
            Texture::Pitted => self.say(&[
                "The face is flat but pitted.",
                "Pits interrupt an otherwise plain face.",
            ]),
            Texture::Faceted => self.say(&[
                "Flat facets meet at straight edges.",
                "The faces are flat, with straight edges between them.",
            ]),
            Texture::Folded => self.say(&[
                "The surface is folded into raised wrinkles.",
                "Raised folds stand on an otherwise plain surface.",
            ]),
            Texture::Ruffled => self.say(&[
                "The skin is strongly ruffled, with knobs and folds.",
                "A crumpled, knobby skin is seen.",
            ]),
            Texture::Streaked => self.say(&[
                "Lengthwise streaks mark the surface.",
                "Fine streaks run along it toward the end.",
            ]),
        };
        let limit = match (self.truth.noise, self.truth.soft) {
            (Level::Strong, _) => self.say(&[
                "Strong noise hides finer detail.",
                "Noise limits what can be said of finer texture.",
            ]),
            (_, true) => self.say(&[
                "Blur hides finer detail.",
                "Finer texture is lost in the blur.",
            ]),
            _ => self.say(&[
                "Finer texture than a pixel cannot be seen.",
                "Heights are not measured in one image.",
                "",
            ]),
        };
        let measured = self.measured_texture();
        join(&[seen, measured, limit])
    }

    pub(super) fn surface_imperfections(&mut self) -> String {
        let mut found = Vec::new();
        for defect in self.truth.defects.clone() {
            if found.len() == 4 {
                break;
            }
            found.push(self.defect(defect));
            found.push(match defect {
                Defect::Cracks => self.cracks(),
                Defect::Pits | Defect::Voids => self.holes(),
                _ => String::new(),
            });
        }
        if found.is_empty() {
            found.push(self.say(&[
                "No cracks, pits or foreign matter are seen in this field.",
                "None seen in this field.",
                "No defect stands out on the [units] in this field.",
                "The [units] in view show no visible break or impurity.",
            ]));
        }
        if self.truth.charging {
            found
                .push(self.say(&["Bright or dark streaks look like charging, an imaging effect."]));
        }
        join(&found)
    }

    fn defect(&mut self, defect: Defect) -> String {
        match defect {
            Defect::Cracks => self.say(&[
                "Dark cracks are visible.",
                "Cracks run through the structure.",
            ]),
            Defect::Pits => self.say(&[
                "Small dark holes interrupt the surface.",
                "Scattered pits or pinholes are seen.",
            ]),
            Defect::Debris => self.say(&[
                "Stray bright bits look like debris.",
                "A few foreign particles lie on the surface.",
                "Some loose debris is present.",
            ]),
            Defect::Scratches => self.say(&[
                "A thin straight line crosses the ground like a scratch.",
                "Scratch-like lines are visible.",
            ]),
            Defect::Missing => self.say(&[
                "Some places in the array are vacant.",
                "A few [units] are missing from their places.",
            ]),
            Defect::Broken => self.say(&[
                "Some parts are broken or torn.",
                "Broken or torn parts are visible.",
            ]),
            Defect::Voids => self.say(&[
                "Dark voids are scattered in the bands.",
                "The section holds many dark voids.",
            ]),
            Defect::Bent => self.say(&[
                "Some [units] are bent out of line.",
                "A few [units] deviate from the common direction.",
            ]),
            Defect::Stain => self.say(&[
                "A darker stain lies on the surface.",
                "One patch is darker, like a stain.",
            ]),
            Defect::Bridge => self.say(&[
                "Neighbouring lines are bridged at a spot.",
                "A bridge joins adjacent lines in places.",
            ]),
            Defect::Satellites => self.say(&[
                "Small balls stick to larger grains.",
                "Some grains carry small attached balls.",
            ]),
        }
    }

    pub(super) fn composition_contrast(&mut self) -> String {
        let ground = self.ground();
        let seen = match self.truth.contrast {
            Contrast::Brighter => self.say(&[
                "The [units] are brighter than [ground], with the brightest parts at the edges.",
                "Bright [units] stand out against [ground].",
                "Against [ground] the [units] look bright, most of all at their rims.",
            ]),
            Contrast::Darker => self.say(&[
                "The [units] are darker than [ground].",
                "Dark [units] contrast with [ground].",
            ]),
            Contrast::Similar => self.say(&[
                "The [units] and [ground] are close in grey; mainly the rims differ.",
                "Greys of the [units] and [ground] are similar, and rims stand out.",
            ]),
            Contrast::NoGround => self.say(&[
                "The greys follow the relief: raised parts are bright, gaps and hollows dark.",
                "Bright edges and dark gaps follow the form of the [units].",
            ]),
        }
        .replace("[ground]", ground);
        let seen = if self.truth.category == Category::Porous {
            self.say(&[
                "Solid parts are grey with bright rims, and the pores are dark by depth.",
                "Bright rims frame dark pores; the dark is depth, not another material.",
            ])
        } else if self.truth.category == Category::Films && self.truth.has(Defect::Voids) {
            self.say(&[
                "The bands differ clearly in grey, and the voids are dark.",
                "Bright, grey and dark areas mark the bands and voids of the section.",
            ])
        } else {
            seen
        };
        let limit = self.say(&[
            "Edges, height and charging can cause this, so no material difference follows.",
            "This may come from shape and edges and does not prove another material.",
            "Grey alone does not show composition.",
        ]);
        let signal = self.say(&["The signal is that of {detector}.", ""]);
        join(&[seen, limit, signal])
    }

    pub(super) fn composition_labels(&mut self) -> String {
        self.say(&[
            "No element or compound is marked on the specimen itself; print and drawn marks are left out of view.",
            "None on the specimen: what is printed or drawn over an image is looked at apart from it.",
            "The specimen carries no label, and letters of a data bar would name no element.",
        ])
    }

    pub(super) fn environment_signs(&mut self) -> String {
        if self.truth.residue {
            return self.say(&[
                "Darker marks around the [units] suggest dried residue; what it is cannot be told.",
                "Uneven dark patches on the ground look like drying marks; their chemistry is not visible.",
            ]);
        }
        if self.truth.charging {
            return self.say(&[
                "Streaks along the scan lines look like charging, an imaging effect; no residue is seen.",
                "No solvent or matrix is seen; the bright or dark streaks point to charging.",
            ]);
        }
        match self.truth.ground {
            Ground::None => self.say(&[
                "No liquid, residue or embedding is seen at the surface.",
                "No sign of a solvent or matrix is seen; the chemistry would not show here.",
            ]),
            Ground::Black => self.say(&[
                "None seen; the [units] stand free against a dark background.",
                "No residue or matrix is seen around the [units].",
            ]),
            _ => self.say(&[
                "None seen: the [units] lie on the ground without halo or film.",
                "No residue, meniscus or matrix is seen around the [units].",
                "The [units] and their ground show no sign of a reaction or a solvent.",
            ]),
        }
    }

    pub(super) fn environment_objects(&mut self) -> String {
        let ground = match self.truth.ground {
            Ground::FlatDark => self.say(&[
                "The flat dark ground is the support.",
                "A plain dark support lies behind.",
            ]),
            Ground::FlatGrey => self.say(&[
                "The flat grey ground is the support.",
                "A plain grey support lies behind.",
            ]),
            Ground::FlatBright => self.say(&[
                "The flat bright ground is the support.",
                "A plain bright support lies behind.",
            ]),
            Ground::Rough => self.say(&[
                "An uneven ground lies behind.",
                "The uneven ground is the support.",
            ]),
            Ground::Black => self.say(&[
                "The background is dark and shows no object.",
                "Behind lies only dark background.",
            ]),
            Ground::None => self.say(&[
                "The specimen fills the view, and no support is seen.",
                "No support is seen, as the specimen fills the field.",
            ]),
        };
        let debris = if self.truth.has(Defect::Debris) {
            self.say(&["Stray bits look foreign.", "Some debris is present."])
        } else {
            self.say(&[
                "No foreign object is seen.",
                "Nothing foreign stands out.",
                "",
            ])
        };
        join(&[ground, debris])
    }
}
