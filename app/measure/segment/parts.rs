//! Which parts of a component tree are objects: compact, with a steep border, and better so
//! than what they are made of.
//!
//! Every part gets a worth, its area times the steepness of its border times how convex it is,
//! and of a part and the parts within it those are taken that are worth more together: one
//! object with a textured face stays one, two that touch come apart where the grey between
//! them dips. A part is judged by walking around it; only what might be worth more in pieces is
//! looked at pixel by pixel and split. Called by `segment`.

use super::contour::{Contour, Place};
use super::plane::Plane;
use super::split::split;
use super::tree::{NONE, Tree};
use rayon::prelude::*;

/// Area over that of the hull from which an outline counts as convex.
const SOLID: f32 = 0.96;
/// How much of the border of what was split off may lie at the cut.
const CUT_SHARE_MAX: f32 = 0.4;
/// Of parts one within the other whose areas differ by less than this, the steepest is judged.
const GROWTH: f32 = 1.06;
/// What is taken apart may take so much of the specimen.
const AREA_SHARE_SPLIT: f32 = 0.9;
/// How many times what is taken apart covers the plane at most: it bounds the time.
const SPLIT_PLANES: f32 = 6.0;
/// What is taken apart may have so many of its sides at the frame.
const FRAME_SHARE_SPLIT: f32 = 0.25;
/// What its pieces must be able to add, as a part of what it would be worth were it convex.
const GAIN_MIN: f32 = 0.1;

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
    /// How even its outline must be: the sides of the box around it over its own.
    pub even_min: f32,
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
    bodies: Bodies,
}

/// What a candidate consists of.
enum Bodies {
    /// The part itself; its pixels are taken once it is chosen.
    One(Contour, Verdict),
    Several(Vec<Part>),
}

/// The parts of a tree that may be objects as they are, before any is taken apart.
pub struct Wholes<'a> {
    scene: Scene<'a>,
    likely: Vec<u32>,
    candidates: Vec<Candidate>,
    /// What the candidates within each part are worth together at most.
    best: Vec<f32>,
}

impl<'a> Wholes<'a> {
    /// Parts of any level, or those of one.
    pub fn of(
        plane: &'a Plane,
        gradient: &'a [f32],
        tree: &'a Tree,
        rules: &'a Rules,
        level: Option<u16>,
    ) -> Self {
        let scene = Scene {
            plane,
            gradient,
            tree,
            rules,
        };
        let likely = match level {
            None => scene.likely(),
            Some(level) => scene.beyond(level),
        };
        let candidates: Vec<Candidate> = likely
            .par_iter()
            .filter_map(|part| scene.whole(*part))
            .collect();
        let best = best(tree, &candidates);
        Self {
            scene,
            likely,
            candidates,
            best,
        }
    }

    /// What they are worth together.
    pub fn worth(&self) -> f32 {
        let parents = self.scene.tree.parent.iter();
        let roots = parents
            .zip(&self.best)
            .filter(|(parent, _)| **parent == NONE);
        roots.map(|(_, worth)| worth).sum()
    }

    /// The objects, none within another; those that touch taken apart where `may_split`.
    pub fn objects(self, may_split: bool) -> Vec<Part> {
        let Self {
            scene,
            likely,
            mut candidates,
            best,
        } = self;
        if may_split {
            let in_pieces: Vec<Candidate> = scene
                .worth_splitting(&likely, &best)
                .par_iter()
                .filter_map(|part| scene.in_pieces(*part, best[*part as usize]))
                .collect();
            candidates.extend(in_pieces);
        }
        chosen(scene.tree, candidates)
            .into_iter()
            .flat_map(|candidate| match candidate.bodies {
                Bodies::One(contour, verdict) => vec![scene.part(&contour, verdict)],
                Bodies::Several(parts) => parts,
            })
            .collect()
    }
}

/// What is thought of a set of pixels as an object.
#[derive(Clone, Copy)]
struct Verdict {
    worth: f32,
    steepness: f32,
    solidity: f32,
    touches_frame: bool,
}

/// What parts are judged by.
struct Scene<'a> {
    plane: &'a Plane,
    gradient: &'a [f32],
    tree: &'a Tree,
    rules: &'a Rules,
}

impl Scene<'_> {
    /// What a part would be worth were it convex, by its sums alone.
    fn promise(&self, part: u32) -> f32 {
        let about = self.tree.about[part as usize];
        let steepness = about.steepness / (about.sides as f32).max(1.0);
        about.area as f32 * steepness.max(0.0).powf(1.5)
    }

    /// The parts of a level.
    fn beyond(&self, level: u16) -> Vec<u32> {
        let tree = self.tree;
        let is_beyond = |pixel: u32| tree.level[pixel as usize] >= level;
        let is_one = |pixel: &u32| {
            let parent = tree.parent[*pixel as usize];
            is_beyond(*pixel)
                && (parent == NONE || !is_beyond(parent))
                && tree.about[*pixel as usize].area >= self.rules.area_min
        };
        tree.order.iter().copied().filter(is_one).collect()
    }

    /// The parts whose sums alone do not rule them out, children before their parents; of a
    /// chain of parts one within the other only the most promising of each few per cent of area.
    fn likely(&self) -> Vec<u32> {
        let (tree, rules) = (self.tree, self.rules);
        let area = |part: u32| tree.about[part as usize].area;
        let area_max = AREA_SHARE_SPLIT * tree.order.len() as f32;
        // The step of its chain last met below each pixel: of the largest where several join.
        let mut last = vec![NONE; tree.level.len()];
        let mut steps: Vec<Step> = Vec::new();
        for &pixel in &tree.order {
            let mut below = last[pixel as usize];
            if tree.is_part(pixel) {
                let about = tree.about[pixel as usize];
                let steepness = about.steepness / (about.sides as f32).max(1.0);
                let is_likely = about.area >= rules.area_min
                    && about.area as f32 <= area_max
                    && about.sides > 0
                    && steepness >= rules.steepness_min;
                if is_likely {
                    let promise = self.promise(pixel);
                    let step = Step {
                        part: pixel,
                        promise,
                        area_from: about.area,
                    };
                    match steps.get_mut(below as usize) {
                        Some(open) if about.area as f32 <= GROWTH * open.area_from as f32 => {
                            if promise > open.promise {
                                (open.part, open.promise) = (pixel, promise);
                            }
                        }
                        _ => {
                            below = steps.len() as u32;
                            steps.push(step);
                        }
                    }
                }
            }
            let parent = tree.parent[pixel as usize];
            if parent != NONE && below != NONE {
                let above = &mut last[parent as usize];
                let size = |step: u32| steps.get(step as usize).map_or(0, |step| area(step.part));
                if size(below) > size(*above) {
                    *above = below;
                }
            }
        }
        steps.into_iter().map(|step| step.part).collect()
    }

    /// Whether a pixel belongs to the part of a level, seen from a pixel of that part.
    fn look(&self, [x, y]: [i32; 2], level: u16) -> Place {
        let (width, height) = (self.plane.width as i32, self.plane.height as i32);
        if x < 0 || y < 0 || x >= width || y >= height {
            return Place::Frame;
        }
        match self.tree.level[(y * width + x) as usize] {
            0 => Place::Frame,
            here if here >= level => Place::Inside,
            _ => Place::Ground,
        }
    }

    fn slope(&self, a: [i32; 2], b: [i32; 2]) -> f32 {
        let at = |[x, y]: [i32; 2]| self.gradient[y as usize * self.plane.width + x as usize];
        0.5 * (at(a) + at(b))
    }

    fn contour(&self, part: u32) -> Contour {
        let level = self.tree.level[part as usize];
        let first = self.tree.about[part as usize].first as usize;
        let first = [
            (first % self.plane.width) as i32,
            (first / self.plane.width) as i32,
        ];
        Contour::around(
            first,
            |place| self.look(place, level),
            |a, b| self.slope(a, b),
        )
    }

    /// A part as one object, if it may be one.
    fn whole(&self, part: u32) -> Option<Candidate> {
        let about = self.tree.about[part as usize];
        if about.area as f32 > self.rules.area_share_max * self.tree.order.len() as f32 {
            return None;
        }
        let contour = self.contour(part);
        let verdict = self.judged(&contour);
        (verdict.worth > 0.0).then_some(Candidate {
            part,
            worth: verdict.worth,
            bodies: Bodies::One(contour, verdict),
        })
    }

    /// What a set is worth by its outline.
    fn judged(&self, border: &Contour) -> Verdict {
        let rules = self.rules;
        let area = border.area as f32;
        let [left, top, right, bottom] = border.bounds;
        // A convex outline has as many sides as the box around it.
        let outline = 2.0 * (right - left + bottom - top) as f32;
        let sides = (border.sides + border.frame + border.cut) as f32;
        let even = (outline / sides - rules.even_min) / (1.0 - rules.even_min);
        let steepness = border.steepness / (border.sides + border.cut).max(1) as f32;
        let may_be = even > 0.0
            && border.sides > 0
            && steepness >= rules.steepness_min
            && border.frame as f32 <= rules.frame_share_max * sides
            && border.cut as f32 <= CUT_SHARE_MAX * sides
            && area <= rules.area_share_max * self.tree.order.len() as f32;
        let mut verdict = Verdict {
            worth: 0.0,
            steepness,
            solidity: 0.0,
            touches_frame: border.frame > 0,
        };
        if may_be {
            verdict.solidity = area / border.hull_area().max(1.0);
            let convex = (verdict.solidity - rules.solidity_min) / (SOLID - rules.solidity_min);
            verdict.worth = area * steepness.powf(1.5) * convex.clamp(0.0, 1.0) * even.min(1.0);
        }
        verdict
    }

    /// The parts that may be worth more in pieces than what was found within them, those that
    /// could gain most a pixel first, as many as time allows.
    fn worth_splitting(&self, likely: &[u32], best: &[f32]) -> Vec<u32> {
        let least = 8.0 * self.rules.half_width_min.powi(2);
        let mut promising: Vec<(f32, u32)> = likely
            .iter()
            .filter_map(|&part| {
                let about = self.tree.about[part as usize];
                let sides = (about.sides + about.frame_sides) as f32;
                let promise = self.promise(part);
                let gain = promise - best[part as usize];
                let may = about.area as f32 >= least
                    && about.frame_sides as f32 <= FRAME_SHARE_SPLIT * sides
                    && gain > GAIN_MIN * promise;
                may.then_some((gain / about.area as f32, part))
            })
            .collect();
        promising.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut pixels_left = SPLIT_PLANES * (self.plane.width * self.plane.height) as f32;
        let affordable = promising.into_iter().take_while(|(_, part)| {
            pixels_left -= self.tree.about[*part as usize].area as f32;
            pixels_left > 0.0
        });
        affordable.map(|(_, part)| part).collect()
    }

    /// A part as several objects that touch, if they are worth more than `best`.
    fn in_pieces(&self, part: u32, best: f32) -> Option<Candidate> {
        let contour = self.contour(part);
        if self.judged(&contour).solidity >= SOLID {
            return None;
        }
        let (width, _, inside) = contour.filled();
        let basins = split(&inside, width, self.rules.half_width_min)?;
        // Places in the box have a rim of one around them.
        let [left, top] = [contour.bounds[0] - 1, contour.bounds[1] - 1];
        let local = |[x, y]: [i32; 2]| {
            let (x, y) = (
                usize::try_from(x - left).ok()?,
                usize::try_from(y - top).ok()?,
            );
            (x < width)
                .then(|| basins.label.get(y * width + x))
                .flatten()
        };
        let pieces: Vec<(Contour, Verdict)> = (1u32..)
            .zip(&basins.first)
            .map(|(own, first)| {
                let first = [left + (first % width) as i32, top + (first / width) as i32];
                let look = |place: [i32; 2]| match local(place) {
                    Some(label) if *label == own => Place::Inside,
                    Some(label) if *label > 0 => Place::Cut,
                    _ => match self.look(place, u16::MAX) {
                        Place::Frame => Place::Frame,
                        _ => Place::Ground,
                    },
                };
                Contour::around(first, look, |a, b| self.slope(a, b))
            })
            .filter(|contour| contour.area >= self.rules.area_min)
            .map(|contour| {
                let verdict = self.judged(&contour);
                (contour, verdict)
            })
            .filter(|(_, verdict)| verdict.worth > 0.0)
            .collect();
        let worth: f32 = pieces.iter().map(|(_, verdict)| verdict.worth).sum();
        let parts = pieces.into_iter().map(|(contour, verdict)| Part {
            is_split: true,
            ..self.part(&contour, verdict)
        });
        (worth > best).then(|| Candidate {
            part,
            worth,
            bodies: Bodies::Several(parts.collect()),
        })
    }

    /// The pixels within an outline, as an object.
    fn part(&self, contour: &Contour, verdict: Verdict) -> Part {
        let (width, _, inside) = contour.filled();
        let [left, top] = [contour.bounds[0] as usize, contour.bounds[1] as usize];
        let mut pixels = Vec::with_capacity(contour.area as usize);
        // The rim of the box is outside.
        for (y, row) in inside.chunks_exact(width).enumerate().skip(1) {
            let start = (top + y - 1) * self.plane.width + left;
            let within = row.iter().enumerate().filter(|(_, is)| **is);
            pixels.extend(within.map(|(x, _)| (start + x - 1) as u32));
        }
        Part {
            pixels,
            steepness: verdict.steepness,
            solidity: verdict.solidity,
            worth: verdict.worth,
            is_split: false,
            touches_frame: verdict.touches_frame,
        }
    }
}

/// The most promising part of a few per cent of area along a chain.
struct Step {
    part: u32,
    promise: f32,
    /// Area that the step begins at.
    area_from: u32,
}

/// What the candidates within each part are worth together at most, for each pixel that names
/// one.
fn best(tree: &Tree, candidates: &[Candidate]) -> Vec<f32> {
    let mut best = vec![0.0f32; tree.level.len()];
    let mut own = vec![0.0f32; tree.level.len()];
    for candidate in candidates {
        let own = &mut own[candidate.part as usize];
        *own = own.max(candidate.worth);
    }
    for &pixel in &tree.order {
        let at = pixel as usize;
        best[at] = best[at].max(own[at]);
        let parent = tree.parent[at];
        if parent != NONE {
            best[parent as usize] += best[at];
        }
    }
    best
}

/// Of nested candidates, those that are worth most together.
fn chosen(tree: &Tree, candidates: Vec<Candidate>) -> Vec<Candidate> {
    let best = best(tree, &candidates);
    // Where a part is a candidate whole and in pieces, the more worth counts.
    let mut place = vec![NONE; tree.level.len()];
    for (i, candidate) in candidates.iter().enumerate() {
        let before = &mut place[candidate.part as usize];
        let is_more = candidates
            .get(*before as usize)
            .is_none_or(|other| candidate.worth > other.worth);
        if candidate.worth >= best[candidate.part as usize] && is_more {
            *before = i as u32;
        }
    }
    // From the root up: what lies within a taken part is not an object of its own.
    let mut is_within = vec![false; tree.level.len()];
    let mut is_taken = vec![false; candidates.len()];
    for &pixel in tree.order.iter().rev() {
        let at = pixel as usize;
        let parent = tree.parent[at];
        if parent != NONE && is_within[parent as usize] {
            is_within[at] = true;
        } else if let Some(is_taken) = is_taken.get_mut(place[at] as usize) {
            (is_within[at], *is_taken) = (true, true);
        }
    }
    let taken = candidates.into_iter().zip(is_taken);
    taken.filter_map(|(one, is)| is.then_some(one)).collect()
}
