//! Ink: pixels that are nearly white or nearly black and stand out from what is around them,
//! and the pieces they form.
//!
//! Knows no shapes; `words`, `arrow` and `outline` do.

use super::place::Place;
use crate::micrograph::scale_bar::Plane;

/// Bright ink is at least this bright, dark ink at most this dark.
const BRIGHT: u8 = 195;
const DARK: u8 = 60;
/// How far ink is from the mean around it.
const APART: i32 = 45;
/// Pieces smaller than this are dust.
const SMALLEST: usize = 6;
/// Pieces of one ink that are kept; a texture has more, and no print is found in it.
const MOST: usize = 20_000;
/// A step this large within two pixels is an edge that was drawn.
const STEP: i32 = 40;

/// The mean grey around every pixel.
pub struct Means {
    sums: Vec<u32>,
    width: usize,
    height: usize,
    reach: usize,
}

impl Means {
    /// Over squares a twentieth of the longer side wide.
    pub fn of(plane: Plane) -> Self {
        let (width, height) = (plane.width(), plane.height());
        let mut sums = vec![0_u32; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0_u32;
            let (above, here) = sums.split_at_mut((y + 1) * (width + 1));
            let above = &above[y * (width + 1)..];
            for (x, grey) in plane.row(y).iter().enumerate() {
                row = row.wrapping_add(u32::from(*grey));
                here[x + 1] = above[x + 1].wrapping_add(row);
            }
        }
        Self {
            sums,
            width,
            height,
            reach: (width.max(height) / 40).max(12),
        }
    }

    fn at(&self, x: usize, y: usize) -> i32 {
        let (x0, x1) = (
            x.saturating_sub(self.reach),
            (x + self.reach).min(self.width),
        );
        let (y0, y1) = (
            y.saturating_sub(self.reach),
            (y + self.reach).min(self.height),
        );
        let corner = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        // Differences of sums that have wrapped around are right again.
        let sum = corner(x1, y1)
            .wrapping_sub(corner(x0, y1))
            .wrapping_sub(corner(x1, y0))
            .wrapping_add(corner(x0, y0));
        (sum / ((x1 - x0) * (y1 - y0)).max(1) as u32) as i32
    }
}

/// Connected ink.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// Its box.
    pub place: Place,
    /// Its pixels.
    pub area: usize,
    /// The part of its outline that ends within two pixels, 0 to 1.
    pub sharp: f32,
    label: u32,
}

/// All ink of one sign.
pub struct Ink {
    /// Whether it is darker than its surroundings.
    pub is_dark: bool,
    /// 0 for paper, else the number of the piece.
    labels: Vec<u32>,
    width: usize,
    height: usize,
    pieces: Vec<Piece>,
}

impl Ink {
    /// The bright or the dark ink of a plane.
    pub fn of(plane: Plane, means: &Means, is_dark: bool) -> Self {
        let (width, height) = (plane.width(), plane.height());
        let mut labels = vec![0_u32; width * height];
        for y in 0..height {
            let labels = &mut labels[y * width..][..width];
            for (x, (label, grey)) in labels.iter_mut().zip(plane.row(y)).enumerate() {
                let is_ink = if is_dark {
                    *grey <= DARK && means.at(x, y) - i32::from(*grey) >= APART
                } else {
                    *grey >= BRIGHT && i32::from(*grey) - means.at(x, y) >= APART
                };
                // Not numbered yet.
                *label = if is_ink { u32::MAX } else { 0 };
            }
        }
        let mut ink = Self {
            is_dark,
            labels,
            width,
            height,
            pieces: Vec::new(),
        };
        ink.number();
        ink.measure_edges(plane);
        ink
    }

    /// Width and height of the plane.
    pub fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// The pieces, from the top.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether a pixel is ink.
    pub fn holds(&self, x: usize, y: usize) -> bool {
        x < self.width && self.labels.get(y * self.width + x).is_some_and(|l| *l != 0)
    }

    /// The pixels of a piece.
    pub fn pixels<'a>(&'a self, piece: &'a Piece) -> impl Iterator<Item = (usize, usize)> + 'a {
        let Place { x0, y0, x1, y1 } = piece.place;
        (y0..y1)
            .flat_map(move |y| (x0..x1).map(move |x| (x, y)))
            .filter(|(x, y)| self.labels[y * self.width + x] == piece.label)
    }

    fn number(&mut self) {
        let mut open = Vec::new();
        let mut next = 0;
        for start in 0..self.labels.len() {
            if self.labels[start] != u32::MAX {
                continue;
            }
            next += 1;
            self.labels[start] = next;
            open.push(start);
            let at = |index: usize| (index % self.width, index / self.width);
            let (x, y) = at(start);
            let mut place = Place {
                x0: x,
                y0: y,
                x1: x + 1,
                y1: y + 1,
            };
            let mut area = 0;
            while let Some(index) = open.pop() {
                let (x, y) = at(index);
                area += 1;
                place = Place {
                    x0: place.x0.min(x),
                    y0: place.y0.min(y),
                    x1: place.x1.max(x + 1),
                    y1: place.y1.max(y + 1),
                };
                for ny in y.saturating_sub(1)..(y + 2).min(self.height) {
                    for nx in x.saturating_sub(1)..(x + 2).min(self.width) {
                        let neighbour = ny * self.width + nx;
                        if self.labels[neighbour] == u32::MAX {
                            self.labels[neighbour] = next;
                            open.push(neighbour);
                        }
                    }
                }
            }
            if area >= SMALLEST && self.pieces.len() < MOST {
                self.pieces.push(Piece {
                    place,
                    area,
                    sharp: 0.0,
                    label: next,
                });
            }
        }
    }

    /// Finds the part of each piece's outline at which the grey has changed wholly two pixels
    /// away, in one pass.
    fn measure_edges(&mut self, plane: Plane) {
        let most = self.pieces.last().map_or(0, |piece| piece.label as usize);
        let mut edges = vec![[0_u32; 2]; most + 1];
        for y in 0..self.height {
            let row = &self.labels[y * self.width..][..self.width];
            let inked = row.iter().enumerate().filter(|(_, label)| **label != 0);
            for (x, label) in inked {
                if let Some([all, sharp]) = edges.get_mut(*label as usize) {
                    for step in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                        if let Some(is_sharp) = self.is_sharp(plane, (x as i32, y as i32), step) {
                            *all += 1;
                            *sharp += u32::from(is_sharp);
                        }
                    }
                }
            }
        }
        for piece in &mut self.pieces {
            let [all, sharp] = edges[piece.label as usize];
            piece.sharp = sharp as f32 / all.max(1) as f32;
        }
    }

    /// Whether ink ends sharply in a direction; None where it does not end.
    fn is_sharp(&self, plane: Plane, (x, y): (i32, i32), (dx, dy): (i32, i32)) -> Option<bool> {
        let (nx, ny) = (x + dx, y + dy);
        if !plane.holds(nx, ny) || self.holds(nx as usize, ny as usize) {
            return None;
        }
        let sign = if self.is_dark { -1 } else { 1 };
        let level = |k: i32| sign * i32::from(plane.at(x + k * dx, y + k * dy));
        let ink = level(0).max(level(-1));
        let (near, far) = (level(2), level(4));
        // Another stroke may stand at the other side of a narrow gap.
        let paper = if ink - far < STEP { near } else { far };
        Some(ink - near >= STEP && (ink - near) * 4 >= (ink - paper) * 3)
    }

    /// Places that hold a piece and little else: what is round or slanted is cut into several.
    pub fn cover(&self, piece: &Piece) -> Vec<Place> {
        let mut places = Vec::new();
        let mut open = vec![piece.place];
        while let Some(place) = open.pop() {
            let Some((tight, area)) = self.tight(piece, place) else {
                continue;
            };
            let is_full = area * 20 >= tight.area() * 7;
            if is_full || tight.longer() <= 16 || places.len() + open.len() >= 48 {
                places.push(tight);
                continue;
            }
            let (mut first, mut second) = (tight, tight);
            if tight.width() >= tight.height() {
                let middle = tight.x0 + tight.width() / 2;
                (first.x1, second.x0) = (middle, middle);
            } else {
                let middle = tight.y0 + tight.height() / 2;
                (first.y1, second.y0) = (middle, middle);
            }
            open.extend([second, first]);
        }
        places
    }

    /// The box and the number of a piece's pixels in a place.
    fn tight(&self, piece: &Piece, within: Place) -> Option<(Place, usize)> {
        let mut found: Option<Place> = None;
        let mut area = 0;
        for y in within.y0..within.y1 {
            for x in within.x0..within.x1 {
                if self.labels[y * self.width + x] != piece.label {
                    continue;
                }
                let pixel = Place {
                    x0: x,
                    y0: y,
                    x1: x + 1,
                    y1: y + 1,
                };
                found = Some(found.map_or(pixel, |place| place.with(&pixel)));
                area += 1;
            }
        }
        Some((found?, area))
    }
}
