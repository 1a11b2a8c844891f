//! False colours for grey micrographs: paths through a perceptually even colour space, so that
//! equal steps of grey are equal steps to the eye and brighter always means more.
//!
//! Computed, not tabulated: the lightness of OKLab (B. Ottosson, 2020) rises evenly and the hue
//! turns along with it. Called by [`map`](super::map); knows no micrograph.

/// How grey levels are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ColourMap {
    /// As recorded.
    #[default]
    Grey,
    /// Dark violet over teal to yellow.
    Meadow,
    /// Black over purple and orange to pale yellow.
    Ember,
    /// Dark blue to yellow: reads alike with and without red-green blindness.
    Dusk,
}

/// A path through lightness, chroma and hue.
struct Path {
    lightness: [f32; 2],
    /// Chroma at the start, in the middle and at the end.
    chroma: [f32; 3],
    /// Degrees, start to end.
    hue: [f32; 2],
}

impl ColourMap {
    /// All, in the order of the menu.
    pub const ALL: [ColourMap; 4] = [
        ColourMap::Grey,
        ColourMap::Meadow,
        ColourMap::Ember,
        ColourMap::Dusk,
    ];

    /// The words in the menu.
    pub fn title(self) -> &'static str {
        match self {
            ColourMap::Grey => "Grey",
            ColourMap::Meadow => "Violet to yellow",
            ColourMap::Ember => "Black to pale yellow",
            ColourMap::Dusk => "Blue to yellow",
        }
    }

    /// The 256 colours from dark to bright.
    pub fn colours(self) -> [[u8; 3]; 256] {
        let mut colours = [[0; 3]; 256];
        let path = self.path();
        for (place, colour) in colours.iter_mut().enumerate() {
            *colour = match &path {
                None => [place as u8; 3],
                Some(path) => path.at(place as f32 / 255.0),
            };
        }
        colours
    }

    fn path(self) -> Option<Path> {
        match self {
            ColourMap::Grey => None,
            ColourMap::Meadow => Some(Path {
                lightness: [0.24, 0.91],
                chroma: [0.11, 0.12, 0.17],
                hue: [312.0, 108.0],
            }),
            ColourMap::Ember => Some(Path {
                lightness: [0.04, 0.97],
                chroma: [0.02, 0.20, 0.06],
                hue: [290.0, 460.0],
            }),
            ColourMap::Dusk => Some(Path {
                lightness: [0.22, 0.91],
                chroma: [0.09, 0.02, 0.15],
                hue: [262.0, 98.0],
            }),
        }
    }
}

impl Path {
    fn at(&self, share: f32) -> [u8; 3] {
        let mix = |from: f32, to: f32, share: f32| from + (to - from) * share;
        let [low, middle, high] = self.chroma;
        let chroma = if share < 0.5 {
            mix(low, middle, share * 2.0)
        } else {
            mix(middle, high, share * 2.0 - 1.0)
        };
        let lightness = mix(self.lightness[0], self.lightness[1], share);
        let hue = mix(self.hue[0], self.hue[1], share).to_radians();
        // As colourful as a screen can show at this lightness.
        let mut chroma = chroma;
        for _ in 0..64 {
            if let Some(colour) = screen_colour(lightness, chroma * hue.cos(), chroma * hue.sin()) {
                return colour;
            }
            chroma *= 0.94;
        }
        screen_colour(lightness, 0.0, 0.0).unwrap_or_default()
    }
}

/// sRGB of an OKLab colour, unless a screen can't show it.
fn screen_colour(lightness: f32, a: f32, b: f32) -> Option<[u8; 3]> {
    let long = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let medium = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let short = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let linear = [
        4.076_741_7 * long - 3.307_711_6 * medium + 0.230_969_94 * short,
        -1.268_438 * long + 2.609_757_4 * medium - 0.341_319_4 * short,
        -0.004_196_086_3 * long - 0.703_418_6 * medium + 1.707_614_7 * short,
    ];
    let shown = |value: &f32| (-0.001..=1.001).contains(value);
    linear.iter().all(shown).then(|| linear.map(encoded))
}

/// The transfer curve of sRGB.
fn encoded(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let value = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (value * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lightness of OKLab, from sRGB: the way back, written down on its own.
    fn lightness([red, green, blue]: [u8; 3]) -> f32 {
        let linear = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let (red, green, blue) = (linear(red), linear(green), linear(blue));
        let long = 0.412_221_46 * red + 0.536_332_55 * green + 0.051_445_995 * blue;
        let medium = 0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue;
        let short = 0.088_302_46 * red + 0.281_718_85 * green + 0.629_978_7 * blue;
        0.210_454_26 * long.cbrt() + 0.793_617_8 * medium.cbrt() - 0.004_072_047 * short.cbrt()
    }

    #[test]
    fn brighter_always_means_more_in_even_steps() {
        for map in [ColourMap::Meadow, ColourMap::Ember, ColourMap::Dusk] {
            let light: Vec<f32> = map.colours().into_iter().map(lightness).collect();
            let mean = (light[255] - light[0]) / 255.0;
            assert!(mean > 0.0024, "{map:?} spans too little: {mean}");
            // Ten levels at a time, since a single step is rounded to 8 bits.
            for pair in light.windows(11) {
                let step = (pair[10] - pair[0]) / 10.0;
                assert!((step - mean).abs() < mean * 0.35, "{map:?}: {step}, {mean}");
            }
        }
    }

    #[test]
    fn grey_is_grey_and_the_others_have_colour() {
        assert_eq!(ColourMap::Grey.colours()[77], [77; 3]);
        for map in [ColourMap::Meadow, ColourMap::Ember, ColourMap::Dusk] {
            let colourful = |[r, g, b]: &[u8; 3]| r.max(g).max(b) - r.min(g).min(b) > 30;
            let share = map.colours().iter().filter(|c| colourful(c)).count();
            assert!(share > 150, "{map:?}: {share}");
        }
    }
}
