//! The bodies scenes are built of: balls, lumps, tubes, crystals, plates and holes.
//!
//! Each stamps one body on a [`Field`]; sizes are pixels. Nothing here decides what a scene
//! means. Called by `scenes`.

use super::dice::Dice;
use super::field::{Field, Span};
use super::noise::Noise;
use super::truth::Strand;

/// A rounded body with an optional bumpy skin and an irregular outline.
#[derive(Clone, Copy)]
pub struct Blob {
    /// Centre in pixels.
    pub x: f32,
    /// Centre in pixels.
    pub y: f32,
    /// Height of the centre above the ground.
    pub z: f32,
    /// Half axes in pixels: along, across, up.
    pub radii: (f32, f32, f32),
    /// Direction of the first axis, radians.
    pub angle: f32,
    /// Grey of the body.
    pub tone: f32,
    /// Irregularity of the outline, 0 an ellipse to about 0.4.
    pub wobble: f32,
    /// Height of skin bumps as a part of the radius.
    pub bump: f32,
    /// Size of skin bumps as a part of the radius.
    pub grain: f32,
    /// Seed of outline and skin.
    pub seed: u32,
}

impl Blob {
    /// A smooth ball resting on the ground.
    pub fn ball(x: f32, y: f32, radius: f32, tone: f32) -> Self {
        Self {
            x,
            y,
            z: radius * 0.8,
            radii: (radius, radius, radius),
            angle: 0.0,
            tone,
            wobble: 0.0,
            bump: 0.0,
            grain: 0.3,
            seed: 1,
        }
    }

    /// Stamps it.
    pub fn draw(&self, field: &mut Field) {
        let (along, across, up) = self.radii;
        let reach = along.max(across) * (1.0 + self.wobble * 1.4) + 1.0;
        let (sin, cos) = self.angle.sin_cos();
        let noise = Noise(self.seed);
        let grain = (self.grain * along.min(across)).max(0.8);
        field.stamp(Span::around(self.x, self.y, reach), |x, y| {
            let (dx, dy) = (x - self.x, y - self.y);
            let mut u = (dx * cos + dy * sin) / along;
            let mut v = (dy * cos - dx * sin) / across;
            let mut rise = 0.0;
            if self.wobble > 0.0 {
                let length = (u * u + v * v).sqrt().max(1e-3);
                let bend = noise.octaves(1.3 * u / length + 7.0, 1.3 * v / length + 7.0, 2);
                let swell = 1.0 + self.wobble * bend;
                u /= swell;
                v /= swell;
            }
            let left = 1.0 - u * u - v * v;
            if left <= 0.0 {
                return None;
            }
            if self.bump > 0.0 {
                rise = self.bump * along.min(across) * noise.octaves(x / grain, y / grain, 2);
            }
            Some((
                self.z + up * left.sqrt() + rise * left.sqrt().sqrt(),
                self.tone,
            ))
        });
    }
}

/// A point of a tube's axis: place, height and radius in pixels.
#[derive(Clone, Copy)]
pub struct Knot {
    /// Across.
    pub x: f32,
    /// Down.
    pub y: f32,
    /// Height of the axis.
    pub z: f32,
    /// Radius.
    pub r: f32,
}

/// How a tube's skin looks.
#[derive(Clone, Copy, Default)]
pub struct Skin {
    /// Grey of the tube.
    pub tone: f32,
    /// Depth of lengthwise grooves as a part of the radius.
    pub groove: f32,
    /// Number of grooves seen across.
    pub grooves: f32,
    /// Flattening of the top, 0 round to 1 flat.
    pub flat: f32,
    /// Seed of the grooves.
    pub seed: u32,
}

/// Stamps a tube along an axis; segments should not be much longer than a few radii.
pub fn tube(field: &mut Field, axis: &[Knot], skin: Skin) {
    let body = field.as_one(|field| segments(field, axis, skin));
    let mut widths: Vec<f32> = axis.iter().map(|knot| 2.0 * knot.r).collect();
    widths.sort_by(f32::total_cmp);
    let width_px = widths.get(widths.len() / 2).copied().unwrap_or(0.0);
    field.drawn.strands.push(Strand { body, width_px });
}

fn segments(field: &mut Field, axis: &[Knot], skin: Skin) {
    let noise = Noise(skin.seed);
    let mut along = 0.0;
    for ends in axis.windows(2) {
        let [a, b] = [ends[0], ends[1]];
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length_squared = (dx * dx + dy * dy).max(1e-6);
        let length = length_squared.sqrt();
        let reach = a.r.max(b.r) + 1.0;
        let span = Span {
            corners: (
                a.x.min(b.x) - reach,
                a.y.min(b.y) - reach,
                a.x.max(b.x) + reach,
                a.y.max(b.y) + reach,
            ),
        };
        let from = along;
        field.stamp(span, |x, y| {
            let t = (((x - a.x) * dx + (y - a.y) * dy) / length_squared).clamp(0.0, 1.0);
            let (px, py) = (x - a.x - t * dx, y - a.y - t * dy);
            let radius = a.r + t * (b.r - a.r);
            let off = (px * px + py * py).sqrt() / radius.max(0.3);
            if off >= 1.0 {
                return None;
            }
            let round = (1.0 - off * off).sqrt();
            let top = round + skin.flat * (round.powf(0.35) - round);
            let mut rise = radius * top;
            if skin.groove > 0.0 {
                let side = (px * dy - py * dx) / length / radius.max(0.3);
                let run = (from + t * length) / (14.0 * radius.max(0.5));
                rise += radius * skin.groove * round * noise.octaves(side * skin.grooves, run, 2);
            }
            Some((a.z + t * (b.z - a.z) + rise, skin.tone))
        });
        along += length;
    }
}

/// A smooth path that starts at a place in a direction and bends at random.
/// `bend` is the change of direction per step in radians; heights follow a slow wave.
pub fn wander(
    dice: &mut Dice,
    start: Knot,
    direction: f32,
    length: f32,
    step: f32,
    bend: f32,
) -> Vec<Knot> {
    let steps = ((length / step).ceil() as usize).clamp(2, 400);
    let mut knots = Vec::with_capacity(steps + 1);
    let (mut knot, mut heading, mut turn) = (start, direction, 0.0f32);
    for _ in 0..=steps {
        knots.push(knot);
        turn = 0.8 * turn + bend * dice.normal() * 0.6;
        heading += turn;
        knot.x += step * heading.cos();
        knot.y += step * heading.sin();
    }
    knots
}

/// A convex crystal: a rotated box whose corners may be cut.
#[derive(Clone, Copy)]
pub struct Crystal {
    /// Centre: across, down, height.
    pub centre: (f32, f32, f32),
    /// Half edges in pixels.
    pub half: (f32, f32, f32),
    /// Cut of the corners, 0 none to 0.5.
    pub cut: f32,
    /// Tilt away from the vertical, 0 lying flat to 1 any direction.
    pub tumble: f32,
    /// Grey of the body.
    pub tone: f32,
}

impl Crystal {
    /// Stamps it in a random direction.
    pub fn draw(&self, field: &mut Field, dice: &mut Dice) {
        let turn = dice.angle();
        let (lean, way) = (self.tumble * dice.range(0.0, 1.3), dice.angle());
        let rotate = |v: [f32; 3]| {
            let (s, c) = turn.sin_cos();
            let v = [v[0] * c - v[1] * s, v[0] * s + v[1] * c, v[2]];
            let (s, c) = way.sin_cos();
            let v = [v[0] * c - v[1] * s, v[0] * s + v[1] * c, v[2]];
            let (sl, cl) = lean.sin_cos();
            [v[0] * cl + v[2] * sl, v[1], v[2] * cl - v[0] * sl]
        };
        let (a, b, c) = self.half;
        let mut planes: Vec<([f32; 3], f32)> = Vec::new();
        for side in [-1.0f32, 1.0] {
            planes.push((rotate([side, 0.0, 0.0]), a));
            planes.push((rotate([0.0, side, 0.0]), b));
            planes.push((rotate([0.0, 0.0, side]), c));
        }
        if self.cut > 0.0 {
            for corner in 0..8u32 {
                let sign = |bit: u32| if corner & bit == 0 { 1.0 } else { -1.0 };
                let n = [sign(1), sign(2), sign(4)].map(|part| part / 3.0f32.sqrt());
                let reach = (a + b + c) / 3.0f32.sqrt() * (1.0 - self.cut * dice.range(0.6, 1.2));
                planes.push((rotate(n), reach));
            }
        }
        let (cx, cy, cz) = self.centre;
        let reach = (a * a + b * b + c * c).sqrt();
        field.stamp(Span::around(cx, cy, reach), |x, y| {
            let (dx, dy) = (x - cx, y - cy);
            let (mut top, mut bottom) = (f32::MAX, f32::MIN);
            for (n, distance) in &planes {
                let left = distance - n[0] * dx - n[1] * dy;
                if n[2] > 1e-3 {
                    top = top.min(left / n[2]);
                } else if n[2] < -1e-3 {
                    bottom = bottom.max(left / n[2]);
                } else if left < 0.0 {
                    return None;
                }
            }
            (top > bottom).then_some((cz + top, self.tone))
        });
    }
}

/// A flat outline: rotated boxes, discs, rings and polygons.
#[derive(Clone)]
pub enum Outline {
    /// Half width, half height, rounding of the corners.
    Box(f32, f32, f32),
    /// Radius.
    Disc(f32),
    /// Radius of the middle line and half its width.
    Ring(f32, f32),
    /// Corners around the centre, in order, convex or not.
    Polygon(Vec<(f32, f32)>),
}

impl Outline {
    /// Signed distance in pixels at an offset from the centre, negative inside; exact on the
    /// outline, approximate elsewhere.
    pub fn distance(&self, x: f32, y: f32) -> f32 {
        match self {
            Outline::Box(a, b, round) => {
                let (qx, qy) = (x.abs() - a + round, y.abs() - b + round);
                qx.max(0.0).hypot(qy.max(0.0)) + qx.max(qy).min(0.0) - round
            }
            Outline::Disc(radius) => x.hypot(y) - radius,
            Outline::Ring(radius, half) => (x.hypot(y) - radius).abs() - half,
            Outline::Polygon(corners) => polygon_distance(corners, x, y),
        }
    }

    fn reach(&self) -> f32 {
        match self {
            Outline::Box(a, b, _) => a.hypot(*b),
            Outline::Disc(radius) => *radius,
            Outline::Ring(radius, half) => radius + half,
            Outline::Polygon(corners) => corners.iter().map(|c| c.0.hypot(c.1)).fold(0.0, f32::max),
        }
    }
}

fn polygon_distance(corners: &[(f32, f32)], x: f32, y: f32) -> f32 {
    let (mut nearest, mut inside) = (f32::MAX, false);
    for (index, &(ax, ay)) in corners.iter().enumerate() {
        let (bx, by) = corners[(index + 1) % corners.len()];
        let (ex, ey) = (bx - ax, by - ay);
        let t = (((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey).max(1e-6)).clamp(0.0, 1.0);
        nearest = nearest.min((x - ax - t * ex).hypot(y - ay - t * ey));
        if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
            inside = !inside;
        }
    }
    if inside { -nearest } else { nearest }
}

/// A flat plate standing on the ground, or with a negative height a hole in it.
#[derive(Clone)]
pub struct Plate {
    /// Its outline around the centre.
    pub outline: Outline,
    /// Centre in pixels.
    pub x: f32,
    /// Centre in pixels.
    pub y: f32,
    /// Direction of the outline's first axis.
    pub angle: f32,
    /// Height of its top, or floor when it is a hole.
    pub z: f32,
    /// Width of the sloping edge in pixels.
    pub bevel: f32,
    /// Grey of the top or floor.
    pub tone: f32,
}

impl Plate {
    fn span(&self) -> Span {
        Span::around(self.x, self.y, self.outline.reach() + 1.0)
    }

    fn depth_in(&self, x: f32, y: f32) -> f32 {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = (x - self.x, y - self.y);
        -self
            .outline
            .distance(dx * cos + dy * sin, dy * cos - dx * sin)
    }

    /// Stamps it as a raised plate.
    pub fn raise(&self, field: &mut Field) {
        let bevel = self.bevel.max(0.5);
        field.stamp(self.span(), |x, y| {
            let inside = self.depth_in(x, y);
            (inside > 0.0).then(|| {
                (
                    self.z - 0.5 * bevel * (1.0 - (inside / bevel).min(1.0)).powi(2),
                    self.tone,
                )
            })
        });
    }

    /// Cuts it out of what is there; `is_specimen` says what the mask holds at the floor.
    pub fn cut(&self, field: &mut Field, is_specimen: bool) {
        let bevel = self.bevel.max(0.5);
        let floor = self.z;
        field.carve(self.span(), is_specimen, |x, y| {
            let inside = self.depth_in(x, y);
            (inside > 0.0).then(|| {
                (
                    floor + 0.5 * bevel * (1.0 - (inside / bevel).min(1.0)).powi(2),
                    self.tone,
                )
            })
        });
    }
}
