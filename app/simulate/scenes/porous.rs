//! Open foams, strut networks, irregular pores and isolated pores in a face.
//!
//! Called by `scenes`; draws on a field and notes the facts. The mask holds the solid.

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Blob, Knot, Skin, tube};
use super::super::field::{Field, Span};
use super::super::noise::{Cells, Noise};
use super::super::shade::Look;
use super::super::truth::{Defect, Ground, Layout, Relative, Spread, Texture, Touch, Truth};
use super::{ground_of, maybe_debris, scatter, usual_look};

/// Draws one of the porous scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    look.depth = dice.range(0.3, 0.7);
    truth.layout = Layout::OneBody;
    truth.touch = Touch::Joined;
    truth.ground = Ground::None;
    match truth.kind {
        Kind::StrutNetwork => struts(field, dice, truth),
        Kind::IrregularPores => irregular(field, dice, truth),
        Kind::IsolatedPores => isolated(field, dice, truth),
        _ => foam(field, dice, truth),
    }
    truth.charging = dice.chance(0.15);
    look
}

/// Cells cut open with thin walls; smaller windows lead into the cells behind.
fn foam(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::None, 0.05);
    let size = short * dice.range(0.09, 0.32);
    let cells = Cells {
        seed: dice.bits(),
        jitter: dice.range(0.6, 1.0),
    };
    let bend = Noise(dice.bits());
    let wall = dice.range(0.05, 0.16);
    let stretch = dice.range(0.7, 1.4);
    field.edit(field.whole(), |x, y, z, tone, mask| {
        let (u, v) = (x / size * stretch, y / size / stretch);
        let cell = cells.at(
            u + 0.12 * bend.octaves(2.0 * u, 2.0 * v, 2),
            v + 0.12 * bend.octaves(2.0 * v + 7.0, 2.0 * u, 2),
        );
        let rim = cell.second - cell.nearest;
        let top = (1.0 - (rim / wall).min(3.0) / 3.0).powi(2);
        let bowl = -(1.0 - (cell.nearest / 0.75).min(1.0).powi(2)).sqrt() * 0.9;
        *z = size
            * if rim < wall {
                0.3 + 0.15 * top
            } else {
                0.25 + bowl
            };
        *tone = if rim < wall { 0.62 } else { 0.42 };
        *mask = true;
    });
    let windows = ((field.w() * field.h()) / (size * size) * 2.2) as usize;
    for (x, y) in scatter(field, dice, windows.clamp(4, 240), 0.34 * size) {
        let place = (y.max(0.0) as usize).min(field.height - 1) * field.width
            + (x.max(0.0) as usize).min(field.width - 1);
        if field.z[place] < 0.05 * size {
            let r = size * dice.range(0.07, 0.2);
            hole(field, dice, (x, y), r, -1.6 * size, 0.15);
        }
    }
    if dice.chance(0.5) {
        field.roughen(dice.bits(), 0.05 * size, 0.02 * size, 2);
        truth.texture = Texture::FineGrain;
    }
    truth.objects = (field.w() * field.h() / (size * size)) as u32;
    truth.relative = Relative::of(size / short);
    truth.spread = Spread::Moderate;
    maybe_debris(field, dice, truth, 0.15);
}

/// A hole with an irregular rim, marked as pore in the mask.
fn hole(field: &mut Field, dice: &mut Dice, at: (f32, f32), r: f32, floor: f32, wobble: f32) {
    let (seed, squeeze, turn) = (Noise(dice.bits()), dice.range(0.75, 1.0), dice.angle());
    let (sin, cos) = turn.sin_cos();
    field.carve(
        Span::around(at.0, at.1, r * (1.3 + wobble)),
        false,
        |x, y| {
            let (dx, dy) = (x - at.0, y - at.1);
            let (u, v) = (
                (dx * cos + dy * sin) / r,
                (dy * cos - dx * sin) / (r * squeeze),
            );
            let length = u.hypot(v).max(1e-3);
            let edge = 1.0
                + wobble * 1.6 * seed.octaves(1.5 * u / length + 5.0, 1.5 * v / length + 5.0, 2);
            (length < edge).then_some((floor, 0.04))
        },
    );
}

/// Rounded struts that join at nodes, in layers of depth.
fn struts(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::Black, 0.03);
    let pitch = short * dice.range(0.06, 0.22);
    let layers = dice.int(2, 4);
    let thick = pitch * dice.range(0.09, 0.2);
    let knobby = dice.chance(0.4);
    for layer in 0..layers {
        let depth = layer as f32 * pitch * 0.8;
        let shrink = 0.75 + 0.25 * layer as f32 / layers as f32;
        let nodes = scatter(
            field,
            dice,
            (field.w() * field.h() / (pitch * pitch) * 1.3) as usize,
            0.7 * pitch,
        );
        let tone = 0.3 + 0.3 * (layer + 1) as f32 / layers as f32;
        let heights: Vec<f32> = nodes
            .iter()
            .map(|_| depth + dice.range(-0.3, 0.3) * pitch)
            .collect();
        for (index, &(x, y)) in nodes.iter().enumerate() {
            let mut near: Vec<(f32, usize)> = nodes
                .iter()
                .enumerate()
                .map(|(other, p)| ((p.0 - x).hypot(p.1 - y), other))
                .collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0));
            for &(distance, other) in near.iter().skip(1).take(3) {
                if distance > 2.0 * pitch {
                    continue;
                }
                let (bx, by) = nodes[other];
                let r = dice.spread_around(thick * shrink, 0.25);
                let bow = dice.range(-0.12, 0.12);
                let axis: Vec<Knot> = (0..=8)
                    .map(|step| {
                        let t = step as f32 / 8.0;
                        let waist = 1.0 + 0.35 * (2.0 * t - 1.0).powi(2);
                        let side = bow * 4.0 * t * (1.0 - t);
                        Knot {
                            x: x + t * (bx - x) - side * (by - y),
                            y: y + t * (by - y) + side * (bx - x),
                            z: heights[index] + t * (heights[other] - heights[index]),
                            r: r * waist,
                        }
                    })
                    .collect();
                tube(
                    field,
                    &axis,
                    Skin {
                        tone,
                        groove: if knobby { 0.25 } else { 0.0 },
                        grooves: 1.5,
                        flat: 0.0,
                        seed: dice.bits(),
                    },
                );
            }
        }
    }
    truth.objects = 1;
    truth.relative = Relative::of(pitch / short);
    truth.spread = Spread::Moderate;
    truth.texture = if knobby {
        Texture::Coarse
    } else {
        Texture::Smooth
    };
    maybe_debris(field, dice, truth, 0.1);
}

/// A rough solid riddled with irregular holes at every scale.
fn irregular(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::None, 0.45);
    let size = short * dice.pick(&[0.04, 0.07, 0.12, 0.2]) * dice.range(0.8, 1.3);
    let small_pores = if dice.chance(0.5) {
        dice.range(0.2, 0.6)
    } else {
        0.0
    };
    let (noise, fine) = (Noise(dice.bits()), Noise(dice.bits()));
    let level = dice.range(-0.3, 0.15);
    let rough = dice.range(0.1, 0.5);
    let ridged = dice.chance(0.5);
    field.edit(field.whole(), |x, y, z, tone, mask| {
        let (u, v) = (x / size, y / size);
        let value = noise.octaves(u, v, 4);
        let value = if ridged {
            0.55 - 1.4 * value.abs()
        } else {
            value
        };
        let small = (fine.octaves(4.0 * u + 9.0, 4.0 * v, 2) - 0.25).max(0.0);
        let solid = value - level - small_pores * 2.0 * small;
        let skin = rough * 0.12 * fine.octaves(6.0 * u, 6.0 * v, 2);
        *z = size
            * if solid > 0.0 {
                0.9 * solid.sqrt() + skin
            } else {
                (2.6 * solid).max(-1.6) + skin
            };
        *tone = if solid > 0.0 { 0.55 } else { 0.3 };
        *mask = solid > -0.06;
    });
    truth.objects = 1;
    truth.relative = Relative::of(size / short);
    truth.spread = Spread::Broad;
    truth.texture = if rough > 0.25 {
        Texture::Coarse
    } else {
        Texture::Smooth
    };
    maybe_debris(field, dice, truth, 0.15);
}

/// Round hollows of many sizes in a flat face.
fn isolated(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::None, 0.42);
    field.mask.fill(true);
    let face = short * 0.004;
    field.roughen(dice.bits(), 0.012 * short, face * dice.range(0.1, 0.6), 3);
    let base = short * dice.range(0.015, 0.05);
    let count = dice.int(15, 150);
    let mut sizes: Vec<f32> = (0..count).map(|_| dice.spread_around(base, 0.7)).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    let mut placed: Vec<(f32, f32, f32)> = Vec::new();
    for &r in &sizes {
        let (x, y) = (dice.range(0.0, field.w()), dice.range(0.0, field.h()));
        if placed
            .iter()
            .any(|p| (p.0 - x).hypot(p.1 - y) < (p.2 + r) * 1.05)
        {
            continue;
        }
        placed.push((x, y, r));
        let deep = dice.chance(0.3);
        let (long, turn) = (dice.range(1.0, 1.5), dice.angle());
        let (sin, cos) = turn.sin_cos();
        let bend = Noise(dice.bits());
        field.carve(Span::around(x, y, 1.7 * r), false, |px, py| {
            let (dx, dy) = (px - x, py - y);
            let (u, v) = (
                (dx * cos + dy * sin) / (r * long),
                (dy * cos - dx * sin) / r,
            );
            let length = u.hypot(v).max(1e-3)
                * (1.0
                    + 0.12
                        * bend.octaves(
                            2.0 * u / u.hypot(v).max(0.01),
                            2.0 * v / u.hypot(v).max(0.01),
                            2,
                        ));
            let left = 1.0 - length * length;
            let wrinkle = 0.05 * r * bend.octaves(3.0 * u, 9.0 * v, 2);
            (left > 0.0).then(|| {
                if deep {
                    (-2.0 * r, 0.06)
                } else {
                    (-1.1 * r * left.sqrt() + wrinkle, 0.36)
                }
            })
        });
    }
    if dice.chance(0.4) {
        for &(x, y, r) in placed.iter().filter(|p| p.2 > 1.4 * base).take(12) {
            let off = (
                0.5 * r * dice.range(-1.0, 1.0),
                0.5 * r * dice.range(-1.0, 1.0),
            );
            let mut inner = Blob::ball(x + off.0, y + off.1, r * dice.range(0.06, 0.16), 0.55);
            inner.wobble = 0.4;
            inner.seed = dice.bits();
            inner.z = -r;
            inner.draw(field);
        }
        truth.defects.push(Defect::Debris);
    }
    truth.note_sizes(&placed.iter().map(|p| 2.0 * p.2).collect::<Vec<_>>(), short);
    truth.touch = Touch::Separate;
    truth.layout = Layout::Random;
    truth.texture = Texture::Pitted;
    maybe_debris(field, dice, truth, 0.3);
}
