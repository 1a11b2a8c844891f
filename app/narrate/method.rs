//! Answers on technique, processing, function, dynamics, use and origin.
//!
//! Called by `narrate`.

use super::{Teller, join, sentence, words};
use crate::simulate::truth::{Defect, Level, View};

impl Teller<'_> {
    pub(super) fn technique_method(&mut self) -> String {
        let sign = match self.truth.view {
            View::Section => self.say(&["flat section with grey bands", "grey bands of a section"]),
            View::Tilted => self.say(&[
                "bright edges and relief in a tilted view",
                "relief seen at a tilt with bright rims",
            ]),
            View::Side => self.say(&[
                "bright edges and depth in side view",
                "depth of focus and bright edges from the side",
            ]),
            _ => self.say(&[
                "bright edges and shaded relief",
                "shaded relief with bright rims",
                "edge brightening and surface relief",
            ]),
        };
        let file = self.say(&[
            "The file names {instrument}.",
            "The instrument is {instrument}, by the file.",
        ]);
        let beam = self.say(&[
            "The beam was at {voltage}.",
            "The signal came from {detector}, at {voltage}.",
        ]);
        let looks = match self.dice.int(0, 2) {
            0 => format!("Looks like SEM: {sign}."),
            1 => format!("Scanning electron microscopy, judged by {sign}."),
            _ => format!("SEM is likely, as the image shows {sign}."),
        };
        join(&[looks, file, beam])
    }

    pub(super) fn technique_processing(&mut self) -> String {
        let grey = self.say(&[
            "A grey image; what was drawn over it is left out of view.",
            "Plain grey levels are seen; print and drawn marks are looked at apart.",
        ]);
        let contrast = if self.truth.flat_contrast {
            self.say(&["Its contrast is low.", "The grey range is narrow."])
        } else {
            String::new()
        };
        let limit = self.say(&[
            "No false colour is seen.",
            "No colour or rendering is seen; subtle edits cannot be excluded.",
        ]);
        let clipped = self.say(&["Of the pixels, {clip.share} are clipped.", ""]);
        join(&[grey, contrast, clipped, limit])
    }

    pub(super) fn function_regions(&mut self) -> String {
        let seen = self.dice.pick(self.words.regions).to_owned();
        let measured = self.measured_parts();
        join(&[seen, measured])
    }

    pub(super) fn function_dynamics(&mut self) -> String {
        let seen = self.traces();
        let measured = if self.truth.has(Defect::Cracks) && !self.truth.drift {
            self.cracks()
        } else {
            String::new()
        };
        join(&[seen, measured])
    }

    fn traces(&mut self) -> String {
        if self.truth.drift {
            self.say(&[
                "Static; the shaken or skewed lines look like drift during the scan.",
                "A still frame, in which displaced scan lines point to vibration or drift.",
            ])
        } else if self.truth.has(Defect::Cracks) {
            self.say(&[
                "Static; the cracks record past stress, but when is unknown.",
                "A still frame: cracks are traces of an earlier event, not motion.",
            ])
        } else if self.truth.charging {
            self.say(&[
                "Static; the streaks come from charging during the scan.",
                "A still frame; charging streaks are the only trace of a process.",
            ])
        } else if self.truth.has(Defect::Broken) || self.truth.has(Defect::Bent) {
            self.say(&[
                "Static; broken or bent parts are traces of earlier events.",
                "A still frame: damage is seen, but not how it came about.",
            ])
        } else {
            self.say(&[
                "Static: a still frame of the [units], without a trace of a process.",
                "The image is static; one frame shows no motion.",
                "Static; nothing in this single frame points to a process.",
            ])
        }
    }

    pub(super) fn application_use(&mut self) -> String {
        let usual = self.dice.pick(words::uses(self.truth.category));
        let limit = self.say(&[
            "The use is not in the image.",
            "Intent is not visible.",
            "The image does not show a purpose.",
        ]);
        match self.dice.int(0, 1) {
            0 => join(&[limit, sentence(&format!("{usual}."))]),
            _ => join(&[sentence(&format!("{usual}.")), limit]),
        }
    }

    pub(super) fn application_origin(&mut self) -> String {
        let noise = match self.truth.noise {
            Level::Low => self.say(&["Little noise is seen", "The noise is faint"]),
            Level::Moderate => {
                self.say(&["Noise like that of a scan is seen", "Scan noise is visible"])
            }
            Level::Strong => self.say(&["Strong noise is seen", "The image is noisy"]),
        };
        let verdict = self.say(&[
            "it looks like a recorded image of an experimental sample, which is not proof.",
            "this points to an experimental image; a simulation cannot be excluded.",
            "it looks recorded rather than drawn, though an image alone cannot prove it.",
        ]);
        let file = self.say(&["The file names {instrument}.", ""]);
        join(&[format!("{noise}; {verdict}"), file])
    }
}
