//! What is true of a simulated scene: the facts its answers are made of.
//!
//! Scenes fill in what they drew; `mod` measures the rest (coverage, place, contrast) on the
//! pixels. Words with thresholds follow one table here. Read by `narrate` and by `output`.

use serde::{Serialize, Serializer};

use super::Kind;
use crate::questions::Category;

/// The direction of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum View {
    Top,
    Tilted,
    Side,
    Section,
}

/// Spread of sizes, by coefficient of variation: below 0.1, to 0.3, above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "thresholds above")]
pub enum Spread {
    Narrow,
    Moderate,
    Broad,
    /// Too few whole objects, or one connected body.
    None,
}

impl Spread {
    /// The word for a set of sizes; none below five of them.
    pub fn of(sizes: &[f32]) -> Self {
        if sizes.len() < 5 {
            return Spread::None;
        }
        let mean = sizes.iter().sum::<f32>() / sizes.len() as f32;
        let variance =
            sizes.iter().map(|size| (size - mean).powi(2)).sum::<f32>() / sizes.len() as f32;
        match variance.sqrt() / mean.max(1e-6) {
            cv if cv < 0.1 => Spread::Narrow,
            cv if cv <= 0.3 => Spread::Moderate,
            _ => Spread::Broad,
        }
    }
}

/// Size of the typical structure against the shorter side of the frame: below 0.02, to 0.06,
/// to 0.15, to 0.4, above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "thresholds above")]
pub enum Relative {
    Tiny,
    Small,
    Medium,
    Large,
    Filling,
}

impl Relative {
    /// The word for a size as a part of the shorter side.
    pub fn of(part: f32) -> Self {
        match part {
            part if part < 0.02 => Relative::Tiny,
            part if part < 0.06 => Relative::Small,
            part if part < 0.15 => Relative::Medium,
            part if part < 0.4 => Relative::Large,
            _ => Relative::Filling,
        }
    }
}

/// How the structures are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Layout {
    Random,
    Clustered,
    SquareGrid,
    HexagonalGrid,
    Rows,
    Filled,
    OneBody,
    Designed,
}

/// Covered part of the frame: below 0.1, to 0.4, to 0.8, above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "thresholds above")]
pub enum Cover {
    Sparse,
    Moderate,
    Dense,
    NearlyFull,
}

impl Cover {
    /// The word for a covered part.
    pub fn of(part: f32) -> Self {
        match part {
            part if part < 0.1 => Cover::Sparse,
            part if part < 0.4 => Cover::Moderate,
            part if part <= 0.8 => Cover::Dense,
            _ => Cover::NearlyFull,
        }
    }
}

/// Part of the structures that touch another: below 0.1, to 0.5, above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "thresholds above")]
pub enum Touch {
    Separate,
    Partly,
    Mostly,
    /// One connected body.
    Joined,
    /// They cross in view, which is not contact.
    Crossing,
    /// Only one structure.
    Alone,
}

impl Touch {
    /// The word for a touching share.
    pub fn of(share: f32) -> Self {
        match share {
            share if share < 0.1 => Touch::Separate,
            share if share <= 0.5 => Touch::Partly,
            _ => Touch::Mostly,
        }
    }
}

/// Common direction, by the order S of the axes: below 0.1, 0.3, 0.7, above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "thresholds above")]
pub enum Align {
    NotApplicable,
    No,
    Weak,
    Partial,
    Strong,
}

impl Align {
    /// The word for a set of directions in radians.
    pub fn of(angles: &[f32]) -> Self {
        if angles.len() < 2 {
            return Align::NotApplicable;
        }
        let count = angles.len() as f32;
        let (mut c, mut s) = (0.0, 0.0);
        for angle in angles {
            c += (2.0 * angle).cos();
            s += (2.0 * angle).sin();
        }
        match c.hypot(s) / count {
            order if order < (3.0 / count).sqrt().min(0.25) => Align::No,
            order if order < 0.3 => Align::Weak,
            order if order <= 0.7 => Align::Partial,
            _ => Align::Strong,
        }
    }
}

/// What the faces of the structures look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Texture {
    Smooth,
    FineGrain,
    Coarse,
    Grooved,
    Ridged,
    Pitted,
    Faceted,
    Folded,
    Ruffled,
    Streaked,
}

/// What interrupts a structure or lies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Defect {
    Cracks,
    Pits,
    Debris,
    Scratches,
    Missing,
    Broken,
    Voids,
    Bent,
    Stain,
    Bridge,
    Satellites,
}

/// How bright the structures are against their ground, measured on the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Contrast {
    Brighter,
    Darker,
    Similar,
    /// No ground is seen.
    NoGround,
}

/// What lies behind the structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Ground {
    FlatDark,
    FlatGrey,
    FlatBright,
    Rough,
    Black,
    None,
}

/// Where most of the structures are, measured on the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Place {
    Throughout,
    Left,
    Right,
    Upper,
    Lower,
    Centre,
}

/// A level of noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Level {
    Low,
    Moderate,
    Strong,
}

/// What the instrument printed over or under the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bar {
    /// Nothing.
    None,
    /// A white strip at the lower edge.
    White,
    /// A black strip at the lower edge.
    Black,
    /// A white strip with image below it.
    Floating,
    /// Text and a scale bar laid over the image without a strip.
    Burnt,
}

/// Lengths that were drawn, in pixels of the view from above.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// Every tube, in the order they were drawn.
    pub strands: Vec<Strand>,
    /// Lines of one width, if it shows some.
    pub lines: Option<LineWidth>,
    /// The tip, if it shows one from the side.
    pub tip: Option<Point>,
}

/// A fibre or wire.
#[derive(Clone, Copy, Debug)]
pub struct Strand {
    /// The number of its body.
    pub body: u32,
    /// Its usual width.
    pub width_px: f32,
}

/// Lines side by side.
#[derive(Clone, Copy, Debug)]
pub struct LineWidth {
    /// Their width.
    pub width_px: f32,
    /// The space between them.
    pub gap_px: f32,
}

/// The end of a tip.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Radius of its apex.
    pub radius_px: f32,
    /// Angle between its flanks, where they are straight.
    pub angle_deg: Option<f32>,
}

/// The facts of one scene.
#[derive(Clone, Debug, Serialize)]
pub struct Truth {
    /// The category it was drawn for.
    #[serde(serialize_with = "by_name")]
    pub category: Category,
    /// The sub-kind.
    pub kind: Kind,
    /// Direction of view.
    pub view: View,
    /// Structures drawn.
    pub objects: u32,
    /// Spread of their sizes.
    pub spread: Spread,
    /// Their typical size against the frame.
    pub relative: Relative,
    /// Long structures: their common direction.
    pub align: Align,
    /// Their placing.
    pub layout: Layout,
    /// Covered part of the image area, 0 to 1, measured on the mask.
    pub coverage: f32,
    /// Its word.
    pub cover: Cover,
    /// Contacts.
    pub touch: Touch,
    /// Texture of the faces.
    pub texture: Texture,
    /// Defects drawn.
    pub defects: Vec<Defect>,
    /// Brightness against the ground.
    pub contrast: Contrast,
    /// The ground, in the grey it has on the pixels.
    pub ground: Ground,
    /// Where the structures are.
    pub place: Place,
    /// Dried residue or halos around the structures.
    pub residue: bool,
    /// Streaks of charging.
    pub charging: bool,
    /// Skewed or shaken lines.
    pub drift: bool,
    /// Out of focus.
    pub soft: bool,
    /// A narrow range of greys.
    pub flat_contrast: bool,
    /// Noise of the image.
    pub noise: Level,
    /// Overlay.
    pub bar: Bar,
    /// The rows its strip takes, from and up to but not including, if it has one.
    pub strip: Option<(u32, u32)>,
    /// A text box of a measurement inside the image.
    pub callout: bool,
    /// Something in the scene that a second word is needed for: end caps, straight or curved
    /// wires, a lamella on the needle. Its meaning belongs to the kind.
    pub variant: bool,
}

fn by_name<S: Serializer>(category: &Category, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(category.name())
}

impl Truth {
    /// The facts of an empty scene, which the scene's drawing then changes.
    pub fn new(category: Category, kind: Kind) -> Self {
        Self {
            category,
            kind,
            view: View::Top,
            objects: 0,
            spread: Spread::None,
            relative: Relative::Medium,
            align: Align::NotApplicable,
            layout: Layout::Random,
            coverage: 0.0,
            cover: Cover::Sparse,
            touch: Touch::Separate,
            texture: Texture::Smooth,
            defects: Vec::new(),
            contrast: Contrast::NoGround,
            ground: Ground::FlatDark,
            place: Place::Throughout,
            residue: false,
            charging: false,
            drift: false,
            soft: false,
            flat_contrast: false,
            noise: Level::Low,
            bar: Bar::None,
            strip: None,
            callout: false,
            variant: false,
        }
    }

    /// True when a defect was drawn.
    pub fn has(&self, defect: Defect) -> bool {
        self.defects.contains(&defect)
    }

    /// Notes sizes in pixels against the frame: count, spread and relative size.
    pub fn note_sizes(&mut self, sizes: &[f32], short_px: f32) {
        self.objects = sizes.len() as u32;
        self.spread = Spread::of(sizes);
        let mut sorted = sizes.to_vec();
        sorted.sort_by(f32::total_cmp);
        if let Some(median) = sorted.get(sorted.len() / 2) {
            self.relative = Relative::of(median / short_px);
        }
    }

    /// Measures coverage, place, contrast and the ground's grey on what is seen of the specimen.
    pub fn measure(&mut self, mask: &[bool], grey: &[u8], width: usize) {
        let area = mask.len().max(1);
        let height = area / width.max(1);
        let (mut inside, mut outside) = ((0u64, 0u64), (0u64, 0u64));
        let mut thirds = [0u64; 6];
        for (place, (&is_in, &level)) in mask.iter().zip(grey).enumerate() {
            let sum = if is_in { &mut inside } else { &mut outside };
            sum.0 += 1;
            sum.1 += u64::from(level);
            if is_in {
                thirds[place % width * 3 / width] += 1;
                thirds[3 + (place / width * 3 / height.max(1)).min(2)] += 1;
            }
        }
        self.coverage = inside.0 as f32 / area as f32;
        self.cover = Cover::of(self.coverage);
        self.place = place_of(&thirds, inside.0);
        self.contrast = if outside.0 * 50 < area as u64 || inside.0 == 0 {
            Contrast::NoGround
        } else {
            let difference =
                inside.1 as f32 / inside.0 as f32 - outside.1 as f32 / outside.0 as f32;
            if difference > 10.0 {
                Contrast::Brighter
            } else if difference < -10.0 {
                Contrast::Darker
            } else {
                Contrast::Similar
            }
        };
        if outside.0 > 0 {
            self.ground = ground_of(self.ground, outside.1 as f32 / outside.0 as f32);
        }
        if self.layout == Layout::Filled && self.coverage < 0.6 {
            self.layout = Layout::Random;
        }
    }
}

/// The ground as it looks at its mean grey level: below 80 dark, to 150 grey, above bright.
fn ground_of(drawn: Ground, level: f32) -> Ground {
    match drawn {
        Ground::None | Ground::Rough => drawn,
        Ground::Black if level < 80.0 => drawn,
        _ if level < 80.0 => Ground::FlatDark,
        _ if level < 150.0 => Ground::FlatGrey,
        _ => Ground::FlatBright,
    }
}

fn place_of(thirds: &[u64; 6], total: u64) -> Place {
    let part = |index: usize| thirds[index] as f32 / total.max(1) as f32;
    if total == 0 {
        Place::Throughout
    } else if part(1) > 0.55 && part(4) > 0.5 {
        Place::Centre
    } else if part(0) > 0.52 {
        Place::Left
    } else if part(2) > 0.52 {
        Place::Right
    } else if part(3) > 0.52 {
        Place::Upper
    } else if part(5) > 0.52 {
        Place::Lower
    } else {
        Place::Throughout
    }
}
