//! Metal spheres, fine and angular grains, cauliflower lumps, flakes and packed grains.
//!
//! Called by `scenes`; draws on a field and notes the facts.

use std::f32::consts::PI;

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Blob, Crystal};
use super::super::field::Field;
use super::super::noise::{Cells, Noise};
use super::super::shade::Look;
use super::super::truth::{Defect, Ground, Layout, Relative, Spread, Texture, Touch, Truth};
use super::{ground_of, maybe_debris, usual_look};

/// Draws one of the powder scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    look.depth = dice.range(0.2, 0.6);
    ground_of(field, dice, truth, Ground::Black, 0.06);
    truth.layout = Layout::Filled;
    truth.touch = Touch::Mostly;
    match truth.kind {
        Kind::FineGrains => fine(field, dice, truth),
        Kind::AngularGrains => heap(field, dice, truth, Grain::Angular),
        Kind::Cauliflower => cauliflower(field, dice, truth),
        Kind::Flakes => heap(field, dice, truth, Grain::Flake),
        Kind::PackedGrains => packed(field, dice, truth),
        _ => heap(field, dice, truth, Grain::Sphere),
    }
    truth.charging = dice.chance(0.15);
    look
}

#[derive(Clone, Copy, PartialEq)]
enum Grain {
    Sphere,
    Angular,
    Flake,
}

/// Grains of a broad size spread thrown on a heap, the small ones first and lowest.
fn heap(field: &mut Field, dice: &mut Dice, truth: &mut Truth, grain: Grain) {
    let short = field.short();
    let radius = short * dice.range(0.022, 0.1);
    let uneven = dice.range(0.25, 0.6);
    let fill = if grain == Grain::Sphere {
        dice.range(0.6, 2.0)
    } else {
        dice.range(1.0, 3.0)
    };
    let count = ((fill * field.w() * field.h() / (PI * radius * radius)) as usize).clamp(12, 420);
    let skin = dice.range(0.0, 0.08);
    let mut sizes = Vec::new();
    let mut radii: Vec<f32> = (0..count)
        .map(|_| dice.spread_around(radius, uneven))
        .collect();
    radii.sort_by(f32::total_cmp);
    let mut resting: Vec<(f32, f32, f32, f32)> = Vec::with_capacity(count);
    if dice.chance(0.75) {
        for place in (1..radii.len()).rev() {
            radii.swap(place, dice.int(0, place));
        }
    }
    for &r in &radii {
        let (x, y) = (dice.range(-r, field.w() + r), dice.range(-r, field.h() + r));
        let layer = rest_height(&resting, x, y, 0.92 * r);
        if layer > 4.5 * radius {
            continue;
        }
        resting.push((x, y, layer, 0.92 * r));
        let tone = dice.range(0.42, 0.6);
        match grain {
            // What sits on a sphere belongs to it.
            Grain::Sphere => {
                field.as_one(|field| sphere(field, dice, truth, (x, y, layer, r), tone, skin));
            }
            Grain::Angular => {
                let half = (r, r * dice.range(0.6, 1.0), r * dice.range(0.5, 0.9));
                Crystal {
                    centre: (x, y, layer),
                    half,
                    cut: dice.range(0.1, 0.45),
                    tumble: 1.0,
                    tone,
                }
                .draw(field, dice);
            }
            Grain::Flake => {
                let half = (
                    r * 1.2,
                    r * dice.range(0.7, 1.2),
                    r * dice.range(0.06, 0.16),
                );
                Crystal {
                    centre: (x, y, layer),
                    half,
                    cut: 0.0,
                    tumble: dice.range(0.2, 1.0),
                    tone,
                }
                .draw(field, dice);
            }
        }
        sizes.push(2.0 * r);
    }
    truth.texture = match grain {
        Grain::Sphere if skin > 0.035 => Texture::FineGrain,
        Grain::Sphere => Texture::Smooth,
        _ => Texture::Faceted,
    };
    if grain != Grain::Sphere && dice.chance(0.5) {
        field.roughen(dice.bits(), 0.01 * short, 0.002 * short, 2);
    }
    truth.note_sizes(&sizes, short);
    maybe_debris(field, dice, truth, 0.15);
}

/// Height of a ball's centre when it rests on the ground or on the balls below it.
fn rest_height(resting: &[(f32, f32, f32, f32)], x: f32, y: f32, r: f32) -> f32 {
    let mut height = r;
    for &(bx, by, bz, br) in resting {
        let (apart, reach) = ((bx - x).hypot(by - y), r + br);
        if apart < reach {
            height = height.max(bz + (reach * reach - apart * apart).sqrt());
        }
    }
    height
}

fn sphere(
    field: &mut Field,
    dice: &mut Dice,
    truth: &mut Truth,
    place: (f32, f32, f32, f32),
    tone: f32,
    skin: f32,
) {
    let (x, y, z, r) = place;
    let mut ball = Blob::ball(x, y, r, tone);
    ball.z = z;
    ball.bump = skin;
    ball.grain = 0.16;
    ball.seed = dice.bits();
    let odd = dice.chance(0.08);
    if odd {
        ball.radii = (r * dice.range(1.2, 1.7), r, r);
        ball.angle = dice.angle();
        ball.wobble = 0.15;
        ball.bump = 0.14;
        truth.variant = true;
    }
    ball.draw(field);
    if dice.chance(0.3) {
        for _ in 0..dice.int(1, 4) {
            let turn = dice.angle();
            let small = r * dice.range(0.12, 0.3);
            let reach = r * dice.range(0.5, 1.0);
            let mut bead = Blob::ball(
                x + reach * turn.cos(),
                y + reach * turn.sin(),
                small,
                tone * 1.1,
            );
            bead.z = z + (r * r - reach * reach).max(0.0).sqrt();
            bead.draw(field);
        }
        if !truth.has(Defect::Satellites) {
            truth.defects.push(Defect::Satellites);
        }
    }
}

/// Many small grains that gather in crumbly lumps.
fn fine(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let radius = short * dice.range(0.007, 0.022);
    let count = ((1.5 * field.w() * field.h() / (PI * radius * radius)) as usize).clamp(200, 2600);
    let hills = Noise(dice.bits());
    let reach = short * dice.range(0.06, 0.3);
    let relief = dice.range(1.0, 7.0);
    let uneven = dice.range(0.15, 0.4);
    let mut sizes = Vec::new();
    let lumpy = dice.chance(0.5);
    for _ in 0..count {
        let (x, y) = (dice.range(0.0, field.w()), dice.range(0.0, field.h()));
        let hill = hills.octaves(x / reach, y / reach, 3);
        if relief > 4.0 && hill < -0.35 {
            continue;
        }
        let r = dice.spread_around(radius, uneven);
        let mut grain = Blob::ball(x, y, r, dice.range(0.4, 0.62));
        grain.z = radius * (relief * hill + dice.range(0.0, 1.5)) + 2.0 * radius;
        grain.wobble = if lumpy { 0.3 } else { 0.08 };
        grain.seed = dice.bits();
        grain.draw(field);
        sizes.push(2.0 * r);
    }
    truth.variant = relief > 4.0;
    truth.texture = Texture::FineGrain;
    truth.note_sizes(&sizes, short);
    maybe_debris(field, dice, truth, 0.2);
}

/// Lumps made of many small buds.
fn cauliflower(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let lump = short * dice.range(0.06, 0.2);
    let bud = lump * dice.range(0.12, 0.26);
    let count = ((1.3 * field.w() * field.h() / (PI * lump * lump)) as usize).clamp(4, 90);
    let mut sizes = Vec::new();
    for _ in 0..count {
        let r = dice.spread_around(lump, 0.3);
        let (x, y) = (dice.range(0.0, field.w()), dice.range(0.0, field.h()));
        let z = dice.range(0.0, 1.5) * lump;
        let buds = ((r / bud).powi(2) * 3.5) as usize;
        for _ in 0..buds.clamp(10, 120) {
            let (turn, up) = (dice.angle(), dice.range(0.0, 1.0));
            let side = (1.0 - up * up).max(0.0).sqrt();
            let small = dice.spread_around(bud, 0.25);
            let mut part = Blob::ball(
                x + r * side * turn.cos(),
                y + r * side * turn.sin(),
                small,
                dice.range(0.45, 0.6),
            );
            part.z = z + r * up;
            part.draw(field);
        }
        sizes.push(2.0 * r);
    }
    truth.texture = Texture::Coarse;
    truth.note_sizes(&sizes, short);
    maybe_debris(field, dice, truth, 0.15);
}

/// Grains that fit together like paving, with dark seams.
fn packed(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let size = short * dice.range(0.05, 0.16);
    let cells = Cells {
        seed: dice.bits(),
        jitter: dice.range(0.7, 1.0),
    };
    let (bend, flat) = (Noise(dice.bits()), dice.range(0.3, 1.0));
    let seam = dice.range(0.03, 0.12);
    field.stamp(field.whole(), |x, y| {
        let (u, v) = (x / size, y / size);
        let warp = 0.22;
        let cell = cells.at(
            u + warp * bend.octaves(u, v, 2),
            v + warp * bend.octaves(v + 9.0, u, 2),
        );
        let inside = cell.second - cell.nearest - seam;
        if inside < 0.0 {
            return None;
        }
        let dome = (1.0 - (1.0 - (inside / (0.5 * flat + 0.1)).min(1.0)).powi(2)).sqrt();
        let lean = 0.25 * (cell.id - 0.5) * (cell.offset.0 + cell.offset.1);
        Some((
            0.2 * size + size * (0.35 * dome + 0.5 * cell.id + lean),
            0.42 + 0.15 * cell.id,
        ))
    });
    if dice.chance(0.6) {
        field.roughen(dice.bits(), 0.08 * size, 0.02 * size, 2);
    }
    truth.objects = (field.w() * field.h() / (size * size)) as u32;
    truth.spread = Spread::Moderate;
    truth.relative = Relative::of(size / short);
    truth.texture = Texture::FineGrain;
    maybe_debris(field, dice, truth, 0.3);
}
