//! The component tree of a plane: every connected part of every set of pixels at or above a
//! level, nested as they are.
//!
//! Built by union-find over pixels sorted by level (Berger et al. 2007). Because each part has
//! a level of its own, no threshold of the whole image is needed: shading and objects of
//! different brightness do no harm. Called by `parts.rs`.

use super::plane::Plane;

/// Steps of grey between the darkest and the brightest pixel.
const LEVELS: usize = 512;
/// No pixel.
pub const NONE: u32 = u32::MAX;

/// The tree; a part is named by one of its pixels, the one that joined it last.
pub struct Tree {
    /// The pixel that each pixel hangs on, [`NONE`] for roots and for what is no specimen.
    pub parent: Vec<u32>,
    /// Level of each pixel, from 1; 0 for what is no specimen.
    pub level: Vec<u16>,
    scale: Scale,
    /// The pixels from the highest level down: children before their parents.
    pub order: Vec<u32>,
    /// What is true of the part each pixel names.
    pub about: Vec<About>,
}

/// What adds up over the pixels of a part.
#[derive(Clone, Copy, Default)]
pub struct About {
    /// Pixels.
    pub area: u32,
    /// Sides of pixels towards specimen outside of the part.
    pub sides: u32,
    /// Sides at the frame or at what is no specimen.
    pub frame_sides: u32,
    /// Sum of the gradient along `sides`.
    pub steepness: f32,
    /// The first of its pixels, row by row.
    pub first: u32,
}

impl Tree {
    /// The tree of the bright parts of a plane, or of the dark ones.
    pub fn of(plane: &Plane, gradient: &[f32], bright: bool) -> Self {
        let scale = Scale::of(plane, bright);
        let level = scale.levels(plane);
        let order = sorted(&level);
        let mut tree = Self {
            parent: vec![NONE; level.len()],
            about: vec![About::default(); level.len()],
            level,
            scale,
            order,
        };
        tree.join(plane, gradient);
        tree.straighten();
        tree.add_up();
        tree
    }

    /// The lowest level that lies beyond a grey.
    pub fn level_of(&self, grey: f32) -> u16 {
        self.scale.up(grey).ceil().clamp(0.0, LEVELS as f32) as u16 + 1
    }

    /// Whether a pixel names a part: it hangs on a lower level, or on nothing.
    pub fn is_part(&self, pixel: u32) -> bool {
        let parent = self.parent[pixel as usize];
        parent == NONE || self.level[parent as usize] != self.level[pixel as usize]
    }

    fn join(&mut self, plane: &Plane, gradient: &[f32]) {
        let (width, height) = (plane.width, plane.height);
        let mut sets = Sets::new(self.level.len());
        for i in 0..self.order.len() {
            let pixel = self.order[i];
            let place = pixel as usize;
            let mut own = sets.add(pixel);
            let (x, y) = (place % width, place / width);
            let neighbours = [
                (x > 0).then(|| place - 1),
                (x + 1 < width).then(|| place + 1),
                (y > 0).then(|| place - width),
                (y + 1 < height).then(|| place + width),
            ];
            let mut about = About {
                area: 1,
                first: pixel,
                ..About::default()
            };
            let (mut sides, mut steepness) = (0i32, 0.0f32);
            for neighbour in neighbours {
                let Some(other) = neighbour.filter(|other| plane.valid[*other]) else {
                    about.frame_sides += 1;
                    continue;
                };
                let slope = 0.5 * (gradient[place] + gradient[other]);
                let Some(root) = sets.root(other as u32) else {
                    (sides, steepness) = (sides + 1, steepness + slope);
                    continue;
                };
                (sides, steepness) = (sides - 1, steepness - slope);
                if root != own {
                    self.parent[sets.last[root as usize] as usize] = pixel;
                    own = sets.join(root, own, pixel);
                }
            }
            // A pixel between others takes more sides away than it adds: the sums wrap, and
            // are right once all of the part is added.
            about.sides = sides as u32;
            about.steepness = steepness;
            self.about[place] = about;
        }
    }

    /// Makes all pixels of a level of a part hang on the pixel that names it.
    fn straighten(&mut self) {
        for i in (0..self.order.len()).rev() {
            let pixel = self.order[i] as usize;
            let parent = self.parent[pixel];
            if parent == NONE {
                continue;
            }
            let beyond = self.parent[parent as usize];
            if beyond != NONE && self.level[beyond as usize] == self.level[parent as usize] {
                self.parent[pixel] = beyond;
            }
        }
    }

    fn add_up(&mut self) {
        for i in 0..self.order.len() {
            let pixel = self.order[i] as usize;
            let parent = self.parent[pixel];
            if parent == NONE {
                continue;
            }
            let from = self.about[pixel];
            let to = &mut self.about[parent as usize];
            to.area += from.area;
            to.sides = to.sides.wrapping_add(from.sides);
            to.frame_sides += from.frame_sides;
            to.steepness += from.steepness;
            to.first = to.first.min(from.first);
        }
    }
}

/// The parts so far, as sets of pixels with a root each (union by rank).
struct Sets {
    /// The pixel that each hangs on, itself for roots, [`NONE`] for those not added yet.
    above: Vec<u32>,
    rank: Vec<u8>,
    /// Of roots: the pixel that joined the part last and names it.
    last: Vec<u32>,
}

impl Sets {
    fn new(len: usize) -> Self {
        Self {
            above: vec![NONE; len],
            rank: vec![0; len],
            last: vec![NONE; len],
        }
    }

    /// A new part of one pixel, which is its root.
    fn add(&mut self, pixel: u32) -> u32 {
        self.above[pixel as usize] = pixel;
        self.last[pixel as usize] = pixel;
        pixel
    }

    /// The root of the part of a pixel, halving the way to it; none if it was not added yet.
    fn root(&mut self, mut pixel: u32) -> Option<u32> {
        let above = &mut self.above;
        if above[pixel as usize] == NONE {
            return None;
        }
        while above[pixel as usize] != pixel {
            let next = above[above[pixel as usize] as usize];
            above[pixel as usize] = next;
            pixel = next;
        }
        Some(pixel)
    }

    /// Joins the parts of two roots to one that a pixel names, and returns its root.
    fn join(&mut self, a: u32, b: u32, pixel: u32) -> u32 {
        let of = |root: u32| self.rank[root as usize];
        let (root, under) = if of(a) > of(b) { (a, b) } else { (b, a) };
        if of(a) == of(b) {
            self.rank[root as usize] += 1;
        }
        self.above[under as usize] = root;
        self.last[root as usize] = pixel;
        root
    }
}

/// How levels follow from greys: from the darkest pixel up, or for dark parts from the brightest
/// down.
struct Scale {
    /// The grey of the lowest level.
    from: f32,
    /// Levels a grey; below 0 for dark parts.
    slope: f32,
}

impl Scale {
    fn of(plane: &Plane, bright: bool) -> Self {
        let seen = plane.grey.iter().zip(&plane.valid).filter(|(_, is)| **is);
        let (least, most) = seen.fold((f32::MAX, f32::MIN), |(least, most), (value, _)| {
            (least.min(*value), most.max(*value))
        });
        let slope = (LEVELS - 1) as f32 / (most - least).max(f32::MIN_POSITIVE);
        if bright {
            Self { from: least, slope }
        } else {
            Self {
                from: most,
                slope: -slope,
            }
        }
    }

    /// Levels above the lowest one.
    fn up(&self, grey: f32) -> f32 {
        (grey - self.from) * self.slope
    }

    fn levels(&self, plane: &Plane) -> Vec<u16> {
        let level = |(value, is_valid): (&f32, &bool)| {
            let level = self.up(*value).clamp(0.0, (LEVELS - 1) as f32) as u16 + 1;
            if *is_valid { level } else { 0 }
        };
        plane.grey.iter().zip(&plane.valid).map(level).collect()
    }
}

/// The pixels of the specimen from the highest level to the lowest, row by row within one.
fn sorted(level: &[u16]) -> Vec<u32> {
    let seen = || level.iter().enumerate().filter(|(_, level)| **level > 0);
    let mut starts = vec![0usize; LEVELS + 2];
    for (_, level) in seen() {
        starts[LEVELS + 1 - usize::from(*level)] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut order = vec![0; *starts.last().unwrap_or(&0)];
    for (place, level) in seen() {
        let at = &mut starts[LEVELS - usize::from(*level)];
        order[*at] = place as u32;
        *at += 1;
    }
    order
}
