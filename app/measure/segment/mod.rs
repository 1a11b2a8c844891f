//! Finds compact objects, bright or dark, that stand apart or touch.
//!
//! The field is made smaller and smoothed as its noise needs (`plane`), every connected part of
//! every level of grey is judged (`tree`, `parts`), parts that narrow are split (`split`), and
//! the outlines of what is left are placed at full size (`outline`). Called by `blobs.rs`.

mod contour;
pub mod outline;
pub mod parts;
pub mod plane;
pub mod shape;
mod split;
mod tree;

use super::{Field, Fitness};
use outline::{Look, Outline};
use parts::{Part, Rules, Wholes};
use plane::Plane;
use rayon::prelude::*;
use shape::Extent;
use tree::Tree;

/// Pixels that objects are looked for in at most; outlines are placed at full size.
pub const PIXELS_MAX: usize = 1_300_000;
/// Smoothing against noise, in pixels of the plane: the noise over the range of greys times
/// this, within limits.
const SMOOTHING: f32 = 12.0;
const SMOOTHING_PX: (f32, f32) = (0.8, 2.5);
/// What an object must be.
const AREA_MIN_PX: u32 = 14;
const AREA_SHARE_MAX: f32 = 0.4;
const FRAME_SHARE_MAX: f32 = 0.45;
const SOLIDITY_MIN: f32 = 0.75;
const EVEN_MIN: f32 = 0.5;
const HALF_WIDTH_MIN_PX: f32 = 3.0;
/// How steep a border must be against what noise makes.
const STEEPNESS_OF_NOISE: f32 = 0.35;
/// How steep a border must be against that of the objects that count most: the rest is texture.
const STEEPNESS_OF_USUAL: f32 = 0.25;
/// A part that lacks so many times as much of its hull as the usual one is ragged, and then must be
/// steeper: pieces of texture are.
const RAGGED_OF_USUAL: f32 = 4.0;
const STEEPNESS_OF_RAGGED: f32 = 0.4;
/// What the pixels of a small disc make it lack.
const HOLLOW_MIN: f32 = 0.02;
/// What is as steep as this against the borders of objects must be explained by them.
const STEEP_OF_USUAL: f32 = 0.7;
/// How near to an object it must lie, in pixels of the plane.
const NEAR_PX: usize = 4;

/// What touches is taken apart where the parts are worth so much of what those of the other
/// polarity are: splitting cannot make more of them.
const SPLIT_OF_RIVAL: f32 = 0.3;

/// Textured bodies are looked for in so many pixels at most, smoothed by so many of them; they
/// must be so many smoothings wide, their texture must rise by so much of its range a pixel along
/// their border, and they must be as present as this against the usual one.
const TEXTURE_PIXELS_MAX: usize = 400_000;
const TEXTURE_PX: f32 = 3.0;
const TEXTURE_WIDTHS: f32 = 4.0;
const TEXTURE_STEEPNESS: f32 = 0.01;
const TEXTURE_PRESENCE: f32 = 0.3;
/// Half the width up to which textured parts are hairs and bridges, in pixels of the plane.
const HAIR_PX: usize = 5;

/// Whether objects are brighter than what is around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// Brighter.
    Bright,
    /// Darker.
    Dark,
}

impl Polarity {
    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bright => "bright",
            Self::Dark => "dark",
        }
    }
}

/// What objects are looked for by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Search {
    /// Bright or dark ones; those with more evidence where it is not said.
    pub polarity: Option<Polarity>,
    /// The grey that parts them from the ground, in the units of the file; where it is not said,
    /// every object has its own.
    pub threshold: Option<f32>,
}

/// An object that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its outline in pixels of the field.
    pub outline: Outline,
    /// Whether the frame, or something that is no specimen, cuts it.
    pub is_cut: bool,
    /// Whether it was split from others that it touches.
    pub is_split: bool,
}

/// What was found in a field.
#[derive(Clone, Debug)]
pub struct Segmentation {
    /// The objects, from the top of the image down.
    pub found: Vec<Found>,
    /// Whether they are bright or dark.
    pub polarity: Polarity,
    /// How much more the other polarity would have to say: the lesser evidence over the greater.
    pub rival: f32,
    /// What they were looked for in, before it was smoothed.
    pub plane: Plane,
    /// Standard deviation of the smoothing, in pixels of the field.
    pub smoothing_px: f32,
    /// 1st and 99th hundredth of its greys.
    pub greys: [f32; 2],
    /// The share of the specimen that they cover.
    pub coverage: f64,
    /// Of the places as steep as their borders, the share that lies at or within them.
    pub explained: f32,
    /// Whether they were told from the ground by their texture and not by their grey.
    pub is_by_texture: bool,
}

/// Across the least that is looked for in a plane, in pixels of the field.
pub fn least_px(plane: &Plane) -> f64 {
    let across = 2.0 * (f64::from(AREA_MIN_PX) / std::f64::consts::PI).sqrt();
    across * plane.step as f64
}

/// A field made ready for the search: its plane, smoothed, and every part of every level of it.
pub struct Levels {
    /// What is looked for.
    pub search: Search,
    plane: Plane,
    sigma: f32,
    smooth: Plane,
    gradient: Vec<f32>,
    rules: Rules,
    /// Of dark and of bright parts; none where those are not asked for.
    trees: [Option<Tree>; 2],
}

impl Levels {
    /// Those of a field.
    pub fn of(field: &Field<'_>, fitness: &Fitness, search: Search) -> Self {
        let plane = Plane::of(field, PIXELS_MAX);
        let noise_of_plane = fitness.noise / plane.step as f32;
        let sigma = (SMOOTHING * noise_of_plane / plane.range().max(f32::MIN_POSITIVE))
            .clamp(SMOOTHING_PX.0, SMOOTHING_PX.1);
        let smooth = plane.smoothed(sigma);
        let gradient = smooth.gradient();
        // Beyond a threshold lie objects or the ground; what holds most of the frame is the ground.
        let polarity = search
            .polarity
            .or_else(|| Some(against_the_frame(&smooth, search.threshold?)));
        let is_asked = |bright: bool| match polarity {
            None => true,
            Some(polarity) => (polarity == Polarity::Bright) == bright,
        };
        let trees = both(|bright| is_asked(bright).then(|| Tree::of(&smooth, &gradient, bright)));
        Self {
            rules: rules(noise_of_plane, sigma, search.threshold.is_some()),
            search,
            plane,
            sigma,
            smooth,
            gradient,
            trees,
        }
    }

    /// Finds the objects: those of the polarity asked for, or of the one with more evidence;
    /// beyond a threshold, or as steep parts of any level. `presence_min` says how steep times
    /// wide an object must be against the usual one.
    pub fn find(self, field: &Field<'_>, fitness: &Fitness, presence_min: f32) -> Segmentation {
        let [of_dark, of_bright] = self.parts();
        let worth = |parts: &[Part]| parts.iter().map(|part| part.worth).sum::<f32>();
        let (dark, bright) = (worth(&of_dark), worth(&of_bright));
        let is_bright = bright >= dark && self.trees[1].is_some() || self.trees[0].is_none();
        let (parts, polarity) = if is_bright {
            (of_bright, Polarity::Bright)
        } else {
            (of_dark, Polarity::Dark)
        };
        let parts = match self.search.threshold {
            None => strong(parts, presence_min),
            Some(_) => from_the_top(parts),
        };
        let look = Look {
            is_bright,
            noise: fitness.noise,
            clipped_at: fitness.clipped_at[usize::from(is_bright)],
        };
        Segmentation {
            found: outlined(field, &self.plane, &parts, look),
            polarity,
            rival: bright.min(dark) / bright.max(dark).max(f32::MIN_POSITIVE),
            smoothing_px: self.sigma * self.plane.step as f32,
            greys: self.plane.greys(),
            coverage: coverage(&self.plane, &parts),
            explained: explained(&self.plane, &self.gradient, &parts),
            is_by_texture: false,
            plane: self.plane,
        }
    }

    /// The parts that may be objects, dark and bright.
    fn parts(&self) -> [Vec<Part>; 2] {
        let wholes = both(|bright| {
            let tree = self.trees[usize::from(bright)].as_ref()?;
            let level = self.search.threshold.map(|grey| tree.level_of(grey));
            let Self {
                smooth,
                gradient,
                rules,
                ..
            } = self;
            Some(Wholes::of(smooth, gradient, tree, rules, level))
        });
        let [of_dark, of_bright] = wholes
            .each_ref()
            .map(|wholes| wholes.as_ref().map_or(0.0, Wholes::worth));
        let objects = |wholes: Option<Wholes<'_>>, own: f32, other: f32| {
            let may_split = own >= SPLIT_OF_RIVAL * other;
            wholes.map_or(Vec::new(), |wholes| wholes.objects(may_split))
        };
        let [dark, bright] = wholes;
        let (dark, bright) = rayon::join(
            || objects(dark, of_dark, of_bright),
            || objects(bright, of_bright, of_dark),
        );
        [dark, bright]
    }
}

/// Finds bodies whose texture tells them from a smoother ground, whatever their grey; their
/// outlines are those of bright objects.
pub fn find_textured(field: &Field<'_>, fitness: &Fitness) -> Segmentation {
    let plane = Plane::of(field, TEXTURE_PIXELS_MAX);
    let texture = plane.texture(TEXTURE_PX).opened(HAIR_PX).smoothed(1.0);
    let gradient = texture.gradient();
    let rules = Rules {
        area_min: (TEXTURE_WIDTHS * TEXTURE_PX).powi(2) as u32,
        steepness_min: TEXTURE_STEEPNESS * texture.range(),
        half_width_min: TEXTURE_WIDTHS * TEXTURE_PX / 2.0,
        ..rules(0.0, 1.0, false)
    };
    let tree = Tree::of(&texture, &gradient, true);
    let parts = Wholes::of(&texture, &gradient, &tree, &rules, None).objects(true);
    let parts = strong(parts, TEXTURE_PRESENCE);
    let look = Look {
        is_bright: true,
        noise: fitness.noise,
        clipped_at: fitness.clipped_at[1],
    };
    let mut found = outlined(field, &plane, &parts, look);
    for one in &mut found {
        // A border of texture is known no better than what the texture was smoothed by.
        let least = f64::from(TEXTURE_PX) * plane.step as f64;
        one.outline.rule_px = one.outline.rule_px.max(least);
    }
    Segmentation {
        found,
        polarity: Polarity::Bright,
        rival: 0.0,
        smoothing_px: TEXTURE_PX * plane.step as f32,
        greys: plane.greys(),
        coverage: coverage(&plane, &parts),
        explained: explained(&texture, &gradient, &parts),
        is_by_texture: true,
        plane,
    }
}

/// Parts with their outlines at full size.
fn outlined(field: &Field<'_>, plane: &Plane, parts: &[Part], look: Look) -> Vec<Found> {
    let outlined = |part: &Part| {
        let extent = Extent::of(plane.width, &part.pixels);
        Found {
            outline: outline::refined(field, &extent, plane.step, look),
            is_cut: part.touches_frame,
            is_split: part.is_split,
        }
    };
    parts.par_iter().map(outlined).collect()
}

/// The share of the specimen that parts cover.
fn coverage(plane: &Plane, parts: &[Part]) -> f64 {
    let covered: usize = parts.iter().map(|part| part.pixels.len()).sum();
    let specimen = plane.valid.iter().filter(|is| **is).count();
    covered as f64 / specimen.max(1) as f64
}

/// Of the places that are as steep as the borders of the parts, the share that lies at or
/// within them.
fn explained(plane: &Plane, gradient: &[f32], parts: &[Part]) -> f32 {
    let steep = STEEP_OF_USUAL * weighted_median(parts, |part| part.steepness);
    let mut is_near = vec![false; gradient.len()];
    for pixel in parts.iter().flat_map(|part| &part.pixels) {
        is_near[*pixel as usize] = true;
    }
    widen(&mut is_near, plane.width);
    let (mut all, mut near) = (0u32, 0u32);
    for ((slope, is_near), is_valid) in gradient.iter().zip(is_near).zip(&plane.valid) {
        if *is_valid && *slope >= steep {
            all += 1;
            near += u32::from(is_near);
        }
    }
    near as f32 / all.max(1) as f32
}

/// Marks what lies as near as [`NEAR_PX`] to what is marked, along either axis.
fn widen(marked: &mut [bool], width: usize) {
    for row in marked.chunks_exact_mut(width) {
        let marks: Vec<usize> = (0..width).filter(|x| row[*x]).collect();
        let mut from = 0;
        for x in marks {
            let to = (x + NEAR_PX + 1).min(width);
            row[x.saturating_sub(NEAR_PX).max(from)..to].fill(true);
            from = to;
        }
    }
    // Rows to go on with marks, downward and then upward.
    let height = marked.len() / width;
    let mut left = vec![0usize; width];
    let mut pass = |rows: &mut dyn Iterator<Item = usize>, original: &[bool], to: &mut [bool]| {
        left.fill(0);
        for y in rows {
            let from = &original[y * width..(y + 1) * width];
            for ((left, is), to) in left.iter_mut().zip(from).zip(&mut to[y * width..]) {
                *left = if *is {
                    NEAR_PX + 1
                } else {
                    left.saturating_sub(1)
                };
                *to |= *left > 0;
            }
        }
    };
    let original = marked.to_vec();
    pass(&mut (0..height), &original, marked);
    pass(&mut (0..height).rev(), &original, marked);
}

/// What an object must be; with a threshold, all that lies beyond it, whatever its outline.
fn rules(noise_of_plane: f32, sigma: f32, is_by_threshold: bool) -> Rules {
    let rules = Rules {
        area_min: AREA_MIN_PX,
        area_share_max: AREA_SHARE_MAX,
        steepness_min: STEEPNESS_OF_NOISE * noise_of_plane / sigma.powi(2),
        frame_share_max: FRAME_SHARE_MAX,
        half_width_min: HALF_WIDTH_MIN_PX,
        solidity_min: SOLIDITY_MIN,
        even_min: EVEN_MIN,
    };
    if !is_by_threshold {
        return rules;
    }
    Rules {
        area_share_max: 1.0,
        steepness_min: 0.0,
        frame_share_max: 1.0,
        solidity_min: 0.0,
        even_min: 0.0,
        ..rules
    }
}

/// The same for dark and for bright, side by side.
fn both<T: Send>(of: impl Fn(bool) -> T + Sync) -> [T; 2] {
    let (dark, bright) = rayon::join(|| of(false), || of(true));
    [dark, bright]
}

/// The polarity that most of the specimen along the frame does not have.
fn against_the_frame(plane: &Plane, threshold: f32) -> Polarity {
    let (width, height) = (plane.width, plane.height);
    let rows = [0, height.saturating_sub(1)].map(|y| y * width..(y + 1) * width);
    let columns = (0..height).flat_map(|y| [y * width, (y + 1) * width - 1]);
    let (mut above, mut all) = (0u32, 0u32);
    for place in rows.into_iter().flatten().chain(columns) {
        if plane.valid[place] {
            all += 1;
            above += u32::from(plane.grey[place] >= threshold);
        }
    }
    if 2 * above > all {
        Polarity::Dark
    } else {
        Polarity::Bright
    }
}

fn from_the_top(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by_key(|part| part.pixels.first().copied());
    parts
}

/// The parts without those that are faint against the ones that make up most of what was found,
/// or both less steep and far less convex, from the top of the image down.
fn strong(mut parts: Vec<Part>, presence_min: f32) -> Vec<Part> {
    let presence = |part: &Part| part.steepness * (part.pixels.len() as f32).sqrt();
    let hollow = |part: &Part| 1.0 - part.solidity;
    let usual_presence = weighted_median(&parts, presence);
    let usual_steepness = weighted_median(&parts, |part| part.steepness);
    let usual_hollow = weighted_median(&parts, hollow).max(HOLLOW_MIN);
    parts.retain(|part| {
        let steepness = part.steepness / usual_steepness.max(f32::MIN_POSITIVE);
        let is_ragged = hollow(part) > RAGGED_OF_USUAL * usual_hollow;
        presence(part) >= presence_min * usual_presence
            && steepness >= STEEPNESS_OF_USUAL
            && (steepness >= STEEPNESS_OF_RAGGED || !is_ragged)
    });
    from_the_top(parts)
}

/// The value below which the parts hold half of all worth.
fn weighted_median(parts: &[Part], value: impl Fn(&Part) -> f32) -> f32 {
    let mut values: Vec<(f32, f32)> = parts.iter().map(|part| (value(part), part.worth)).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half: f32 = 0.5 * values.iter().map(|(_, worth)| worth).sum::<f32>();
    let mut sum = 0.0;
    for (value, worth) in &values {
        sum += worth;
        if sum >= half {
            return *value;
        }
    }
    0.0
}
