//! Which parts of a component tree are objects: compact, with a steep border, and better so
//! than what they are made of.
//!
//! Every part gets a worth, its area times the steepness of its border times how convex it is,
//! and of a part and the parts within it those are taken that are worth more together: one
//! object with a textured face stays one, two that touch come apart where the grey between
//! them dips. Called by `segment`.

use super::plane::Plane;
use super::shape::{Extent, hull_area};
use super::split::split;
use super::tree::{NONE, Tree};
use rayon::prelude::*;

/// Area over that of the hull from which an outline counts as convex.
const SOLID: f32 = 0.96;

/// How even an outline must be at least: the sides of the box around it over its own.
const EVEN_MIN: f32 = 0.5;
/// How much of the border of what was split off may lie at the cut.
const CUT_SHARE_MAX: f32 = 0.4;
/// How much larger a part must be than the last one looked at within it.
const GROWTH: f32 = 1.04;
/// The same, for taking it apart, which costs more.
const GROWTH_SPLIT: f32 = 1.12;
/// What is taken apart may take so much of the specimen.
const AREA_SHARE_SPLIT: f32 = 0.9;
/// How many times the boxes of what is taken apart cover the plane at most.
const SPLIT_PLANES: f32 = 24.0;
/// What is taken apart may have so many of its sides at the frame.
const FRAME_SHARE_SPLIT: f32 = 0.25;

/// What an object must be.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Pixels of the plane at least.
    pub area_min: u32,
    /// Part of the specimen at most.
    pub area_share_max: f32,
    /// Gradient along the border at least, in grey per pixel of the plane.
    pub steepness_min: f32,
    /// Part of its sides that lie at the frame at most.
    pub frame_share_max: f32,
    /// Half the width of a part that is split off at least, in pixels of the plane.
    pub half_width_min: f32,
    /// How convex it must be: area over that of its hull.
    pub solidity_min: f32,
}

/// A part that was found to be an object.
#[derive(Clone, Debug)]
pub struct Part {
    /// The pixels of the plane that belong to it, holes filled.
    pub pixels: Vec<u32>,
    /// Mean gradient along its border, in grey per pixel of the plane.
    pub steepness: f32,
    /// Area over that of its hull.
    pub solidity: f32,
    /// Area times steepness to the power 1.5 times how convex and even its outline is.
    pub worth: f32,
    /// Whether it was split from others that it touches.
    pub is_split: bool,
    /// Whether it touches the frame or what is no specimen.
    pub touches_frame: bool,
}

/// A part that might be an object, or several that touch.
struct Candidate {
    part: u32,
    worth: f32,
    bodies: Vec<Part>,
}

/// The objects of a tree, none within another.
pub fn objects(plane: &Plane, gradient: &[f32], tree: &Tree, rules: &Rules) -> Vec<Part> {
    let scene = Scene {
        plane,
        gradient,
        tree,
        rules,
    };
    let mut likely = scene.likely();
    allow_splits(plane, tree, &mut likely);
    let candidates: Vec<Candidate> = likely
        .par_iter()
        .filter_map(|likely| scene.weigh(likely))
        .collect();
    let chosen = chosen(tree, &candidates);
    chosen
        .into_iter()
        .flat_map(|of| of.bodies.iter().cloned())
        .collect()
}

/// A part whose sums do not rule it out.
struct Likely {
    part: u32,
    steepness: f32,
    /// Whether it may be taken apart.
    may_split: bool,
    /// Pixels of the last part of its chain that may be.
    last_split: u32,
}

/// What parts are judged by.
struct Scene<'a> {
    plane: &'a Plane,
    gradient: &'a [f32],
    tree: &'a Tree,
    rules: &'a Rules,
}

impl Scene<'_> {
    /// The parts whose sums alone do not rule them out; along a chain of parts one within the
    /// other only those that differ by more than a few per cent of area.
    fn likely(&self) -> Vec<Likely> {
        let (tree, rules) = (self.tree, self.rules);
        // The likely part last met below each pixel: the largest of them where several join.
        let mut last = vec![NONE; tree.level.len()];
        let mut likely: Vec<Likely> = Vec::new();
        let area = |part: u32| tree.about[part as usize].area;
        let area_max = AREA_SHARE_SPLIT * tree.order.len() as f32;
        for &pixel in &tree.order {
            let mut below = last[pixel as usize];
            if tree.is_part(pixel) {
                let about = tree.about[pixel as usize];
                let steepness = about.steepness / (about.sides as f32).max(1.0);
                let is_likely = about.area >= rules.area_min
                    && about.area as f32 <= area_max
                    && about.sides > 0
                    && steepness >= rules.steepness_min;
                let within = likely.get(below as usize);
                let before = within.map_or(0, |within| area(within.part));
                if is_likely && about.area as f32 > GROWTH * before as f32 {
                    let last_split = within.map_or(0, |within| within.last_split);
                    let may_split = about.area as f32 > GROWTH_SPLIT * last_split as f32;
                    below = likely.len() as u32;
                    likely.push(Likely {
                        part: pixel,
                        steepness,
                        may_split,
                        last_split: if may_split { about.area } else { last_split },
                    });
                }
            }
            let parent = tree.parent[pixel as usize];
            if parent != NONE && below != NONE {
                let above = &mut last[parent as usize];
                let size = |place: u32| likely.get(place as usize).map_or(0, |l| area(l.part));
                if size(below) > size(*above) {
                    *above = below;
                }
            }
        }
        likely
    }

    /// What a part is worth, as one object or as several that touch, if it may be either.
    fn weigh(&self, likely: &Likely) -> Option<Candidate> {
        let part = likely.part;
        let width = self.plane.width;
        let extent = Extent::of(width, self.tree.pixels_of(part));
        let one = self.body(extent.filled(width), &extent, None);
        let mut bodies = vec![one];
        if likely.may_split && bodies[0].solidity < SOLID {
            let several = split(&extent, width, self.rules.half_width_min).unwrap_or_default();
            let several: Vec<Part> = several
                .into_iter()
                .filter(|pixels| pixels.len() >= self.rules.area_min as usize)
                .map(|pixels| self.body(pixels.clone(), &Extent::of(width, &pixels), Some(&extent)))
                .filter(|body| body.worth > 0.0)
                .collect();
            let worth: f32 = several.iter().map(|body| body.worth).sum();
            if worth > bodies[0].worth {
                bodies = several;
            }
        }
        let worth = bodies.iter().map(|body| body.worth).sum();
        (worth > 0.0).then_some(Candidate {
            part,
            worth,
            bodies,
        })
    }

    /// A set of pixels as an object; `of` is what it was split from.
    fn body(&self, pixels: Vec<u32>, extent: &Extent, of: Option<&Extent>) -> Part {
        let rules = self.rules;
        let border = self.border(extent, of);
        let area = pixels.len() as f32;
        let solidity = area / hull_area(extent).max(1.0);
        let convex = (solidity - rules.solidity_min) / (SOLID - rules.solidity_min);
        // A convex outline has as many sides as the box around it.
        let outline = 2.0 * (extent.width() + extent.height()) as f32;
        let sides = (border.sides + border.frame + border.cut) as f32;
        let even = (outline / sides - EVEN_MIN) / (1.0 - EVEN_MIN);
        let steepness = border.steepness / (border.sides + border.cut).max(1) as f32;
        let may_be = border.sides > 0
            && steepness >= rules.steepness_min
            && border.frame as f32 <= rules.frame_share_max * sides
            && border.cut as f32 <= CUT_SHARE_MAX * sides
            && area <= rules.area_share_max * self.tree.order.len() as f32;
        let worth = area * steepness.powf(1.5) * convex.clamp(0.0, 1.0) * even.clamp(0.0, 1.0);
        Part {
            worth: if may_be { worth } else { 0.0 },
            pixels,
            steepness,
            solidity,
            is_split: of.is_some(),
            touches_frame: border.frame > 0,
        }
    }

    fn border(&self, extent: &Extent, of: Option<&Extent>) -> Border {
        let (plane, mut border) = (self.plane, Border::default());
        let [left, top] = extent.corner();
        for y in 0..extent.height() as isize {
            for x in 0..extent.width() as isize {
                if !extent.is_inside(x, y) {
                    continue;
                }
                for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                    if extent.is_inside(x + dx, y + dy) {
                        continue;
                    }
                    let (px, py) = (left as isize + x, top as isize + y);
                    let (qx, qy) = (px + dx, py + dy);
                    let inside = qx >= 0
                        && qy >= 0
                        && qx < plane.width as isize
                        && qy < plane.height as isize;
                    let at = |x: isize, y: isize| y as usize * plane.width + x as usize;
                    if !inside || !plane.valid[at(qx, qy)] {
                        border.frame += 1;
                        continue;
                    }
                    let is_cut = of.is_some_and(|of| {
                        let [of_left, of_top] = of.corner();
                        of.is_inside(qx - of_left as isize, qy - of_top as isize)
                    });
                    border.steepness +=
                        0.5 * (self.gradient[at(px, py)] + self.gradient[at(qx, qy)]);
                    if is_cut {
                        border.cut += 1;
                    } else {
                        border.sides += 1;
                    }
                }
            }
        }
        border
    }
}

/// The sides of pixels around a body.
#[derive(Default)]
struct Border {
    /// Towards the ground.
    sides: u32,
    /// Towards what it was split from.
    cut: u32,
    /// At the frame or at what is no specimen.
    frame: u32,
    /// Sum of the gradient along `sides` and `cut`.
    steepness: f32,
}

/// Lets only so many parts be taken apart that their boxes cover the plane a few times, the
/// steepest first: it bounds the time.
fn allow_splits(plane: &Plane, tree: &Tree, likely: &mut [Likely]) {
    let mut by_weight: Vec<(f32, usize)> = likely
        .iter()
        .enumerate()
        .filter(|(_, likely)| {
            let about = tree.about[likely.part as usize];
            let sides = (about.sides + about.frame_sides) as f32;
            likely.may_split && about.frame_sides as f32 <= FRAME_SHARE_SPLIT * sides
        })
        .map(|(place, likely)| {
            let area = tree.about[likely.part as usize].area as f32;
            (area * likely.steepness.powf(1.5), place)
        })
        .collect();
    likely
        .iter_mut()
        .for_each(|likely| likely.may_split = false);
    by_weight.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut pixels_left = SPLIT_PLANES * (plane.width * plane.height) as f32;
    for (_, place) in by_weight {
        // A part's box is seldom more than twice as large as it is.
        pixels_left -= 2.0 * tree.about[likely[place].part as usize].area as f32;
        likely[place].may_split = pixels_left > 0.0;
    }
}

/// Of nested candidates, those that are worth most together.
fn chosen<'a>(tree: &Tree, candidates: &'a [Candidate]) -> Vec<&'a Candidate> {
    let mut place = vec![NONE; tree.level.len()];
    for (i, candidate) in candidates.iter().enumerate() {
        place[candidate.part as usize] = i as u32;
    }
    // From the top down: the best within each part so far, and whether it is the part itself.
    let mut best = vec![0.0f32; tree.level.len()];
    let mut is_taken = vec![false; candidates.len()];
    for &pixel in &tree.order {
        let at = pixel as usize;
        if let Some(candidate) = candidates.get(place[at] as usize)
            && candidate.worth >= best[at]
        {
            best[at] = candidate.worth;
            is_taken[place[at] as usize] = true;
        }
        let parent = tree.parent[at];
        if parent != NONE {
            best[parent as usize] += best[at];
        }
    }
    // From the root up: what lies within a taken part is not an object of its own.
    let mut is_within = vec![false; tree.level.len()];
    let mut chosen = Vec::new();
    for &pixel in tree.order.iter().rev() {
        let at = pixel as usize;
        let parent = tree.parent[at];
        if parent != NONE && is_within[parent as usize] {
            is_within[at] = true;
            continue;
        }
        if place[at] != NONE && is_taken[place[at] as usize] {
            is_within[at] = true;
            chosen.push(&candidates[place[at] as usize]);
        }
    }
    chosen
}
