//! Balls apart, packed or in clusters, specks, lumps, cubes, dark spots and balls on grains.
//!
//! Called by `scenes`; draws on a field and notes the facts.

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Blob, Crystal};
use super::super::field::{Field, Span};
use super::super::shade::Look;
use super::super::truth::{Defect, Ground, Layout, Relative, Spread, Texture, Touch, Truth};
use super::{flat_ground, ground_of, maybe_debris, scatter, touching_share, usual_look};

/// Draws one of the particle scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    truth.residue = matches!(truth.kind, Kind::DispersedBalls) && dice.chance(0.3);
    match truth.kind {
        Kind::PackedBalls => packed(field, dice, truth),
        Kind::BallClusters => clusters(field, dice, truth),
        Kind::BrightSpecks => specks(field, dice, truth),
        Kind::IrregularParticles => irregular(field, dice, truth),
        Kind::Cubes => cubes(field, dice, truth),
        Kind::DarkSpots => {
            look.edge *= 0.3;
            dark_spots(field, dice, truth);
        }
        Kind::BallsOnGrains => balls_on_grains(field, dice, truth),
        _ => dispersed(field, dice, truth),
    }
    truth.charging = dice.chance(0.12);
    look
}

/// A dark or bright ring of dried residue around a particle.
fn halo(field: &mut Field, x: f32, y: f32, reach: f32, gain: f32) {
    field.edit(Span::around(x, y, reach), |px, py, z, tone, mask| {
        let part = (px - x).hypot(py - y) / reach;
        if part < 1.0 && !*mask && *z < 2.0 {
            *tone *= 1.0 + gain * (1.0 - part);
        }
    });
}

fn finish(truth: &mut Truth, field: &Field, discs: &[(f32, f32, f32)]) {
    truth.note_sizes(
        &discs.iter().map(|d| 2.0 * d.2).collect::<Vec<_>>(),
        field.short(),
    );
    truth.touch = if discs.len() < 2 {
        Touch::Alone
    } else {
        Touch::of(touching_share(discs))
    };
    if discs.len() < 2 {
        truth.layout = Layout::OneBody;
    }
}

fn dispersed(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    flat_ground(field, dice, truth);
    let short = field.short();
    let radius = short * dice.pick(&[0.008, 0.012, 0.02, 0.03, 0.045, 0.07]) * dice.range(0.8, 1.3);
    let most = (0.2 * field.w() * field.h() / (4.0 * radius * radius)) as usize;
    let count = dice.int(3, most.clamp(4, 140));
    let uneven = dice.pick(&[0.03, 0.07, 0.2, 0.45]);
    let chains = dice.chance(0.45);
    let tone = dice.range(0.5, 0.8);
    let (flat, dimple) = (dice.chance(0.25), dice.chance(0.15));
    let mut discs: Vec<(f32, f32, f32)> = Vec::new();
    for (x, y) in scatter(field, dice, count, 2.1 * radius) {
        let r = dice.spread_around(radius, uneven);
        discs.push((x, y, r));
        if chains && dice.chance(0.35) {
            let (mut cx, mut cy, turn) = (x, y, dice.angle());
            for _ in 0..dice.int(1, 4) {
                let next = turn + dice.range(-0.9, 0.9);
                cx += 2.0 * r * next.cos();
                cy += 2.0 * r * next.sin();
                discs.push((cx, cy, r));
            }
        }
    }
    for &(x, y, r) in &discs {
        if truth.residue {
            halo(field, x, y, 2.2 * r, -0.4);
        }
        let mut ball = Blob::ball(x, y, r, tone);
        ball.radii.2 = if flat { 0.35 * r } else { r };
        ball.z = if flat { 0.05 * r } else { 0.8 * r };
        ball.draw(field);
        if dimple {
            field.edit(Span::around(x, y, 0.6 * r), |px, py, _, tone, _| {
                if (px - x).hypot(py - y) < 0.55 * r {
                    *tone *= 0.7;
                }
            });
        }
    }
    truth.variant = chains;
    finish(truth, field, &discs);
    maybe_debris(field, dice, truth, 0.2);
}

fn packed(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    flat_ground(field, dice, truth);
    let short = field.short();
    let r = short * dice.range(0.014, 0.06);
    let turn = dice.range(0.0, 1.0);
    let (sin, cos) = f32::sin_cos(turn);
    let disorder = dice.pick(&[0.02, 0.06, 0.25]);
    let layers = dice.int(1, 2);
    let gap = dice.range(2.0, 2.15);
    let reach = (field.w().hypot(field.h()) / (2.0 * r)) as i32;
    let (mut discs, mut missing) = (Vec::new(), false);
    for layer in 0..layers {
        for row in -reach..=reach {
            for column in -reach..=reach {
                let u =
                    (column as f32 + 0.5 * row.rem_euclid(2) as f32 + 0.5 * layer as f32) * gap * r;
                let v = (row as f32 + 0.33 * layer as f32) * gap * r * 0.866;
                let x = 0.5 * field.w() + u * cos - v * sin + disorder * r * dice.normal();
                let y = 0.5 * field.h() + u * sin + v * cos + disorder * r * dice.normal();
                if x < -r || y < -r || x > field.w() + r || y > field.h() + r {
                    continue;
                }
                if dice.chance(if layer == 1 { 0.35 } else { 0.02 }) {
                    missing = true;
                    continue;
                }
                let ball_r = dice.spread_around(r, 0.03);
                let mut ball = Blob::ball(x, y, ball_r, 0.55);
                ball.z = r * (1.0 + 1.6 * layer as f32);
                ball.draw(field);
                discs.push((x, y, ball_r));
            }
        }
    }
    truth.note_sizes(&discs.iter().map(|d| 2.0 * d.2).collect::<Vec<_>>(), short);
    truth.touch = Touch::Mostly;
    truth.layout = if disorder < 0.1 {
        Layout::HexagonalGrid
    } else {
        Layout::Filled
    };
    if missing {
        truth.defects.push(Defect::Missing);
    }
    truth.variant = layers > 1;
    maybe_debris(field, dice, truth, 0.2);
}

fn clusters(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    flat_ground(field, dice, truth);
    let short = field.short();
    let r = short * dice.range(0.01, 0.04);
    let groups = dice.int(1, 6);
    let uneven = dice.pick(&[0.05, 0.15, 0.35]);
    let (mut discs, tone) = (Vec::new(), dice.range(0.5, 0.75));
    let bumpy = dice.chance(0.4);
    for _ in 0..groups {
        let centre = (
            field.w() * dice.range(0.15, 0.85),
            field.h() * dice.range(0.15, 0.85),
        );
        let members = dice.int(8, 60);
        let reach = r * (members as f32).sqrt() * dice.range(0.7, 1.0);
        let squeeze = dice.range(0.5, 1.0);
        for _ in 0..members {
            let (x, y) = (
                centre.0 + reach * dice.normal() * 0.7,
                centre.1 + squeeze * reach * dice.normal() * 0.7,
            );
            let near = ((x - centre.0) / reach).hypot((y - centre.1) / reach);
            let ball_r = dice.spread_around(r, uneven);
            let mut ball = Blob::ball(x, y, ball_r, tone * dice.range(0.85, 1.15));
            ball.z = ball_r + 2.2 * r * (1.2 - near).max(0.0) * dice.range(0.3, 1.0);
            ball.bump = if bumpy { 0.12 } else { 0.0 };
            ball.wobble = if bumpy { 0.15 } else { 0.0 };
            ball.seed = dice.bits();
            ball.draw(field);
            discs.push((x, y, ball_r));
        }
    }
    let loose = dice.int(0, 14);
    for (x, y) in scatter(field, dice, loose, 3.0 * r) {
        let ball = Blob::ball(x, y, dice.spread_around(r, uneven), tone);
        ball.draw(field);
        discs.push((x, y, ball.radii.0));
    }
    truth.variant = groups == 1;
    truth.texture = if bumpy {
        Texture::FineGrain
    } else {
        Texture::Smooth
    };
    finish(truth, field, &discs);
    truth.touch = Touch::Mostly;
    truth.layout = Layout::Clustered;
    maybe_debris(field, dice, truth, 0.2);
}

fn specks(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let ground = if dice.chance(0.7) {
        Ground::Black
    } else {
        Ground::FlatDark
    };
    let tone = if ground == Ground::Black {
        dice.range(0.0, 0.05)
    } else {
        dice.range(0.1, 0.25)
    };
    ground_of(field, dice, truth, ground, tone);
    let short = field.short();
    let radius = short * dice.range(0.004, 0.014);
    let count = dice.int(4, 220);
    let clumpy = dice.chance(0.35);
    let centre = (
        field.w() * dice.range(0.25, 0.75),
        field.h() * dice.range(0.25, 0.75),
    );
    let uneven = dice.pick(&[0.08, 0.3, 0.6]);
    let mut discs = Vec::new();
    for (x, y) in scatter(field, dice, count, radius) {
        let (x, y) = if clumpy && dice.chance(0.6) {
            (
                centre.0 + 0.1 * short * dice.normal(),
                centre.1 + 0.1 * short * dice.normal(),
            )
        } else {
            (x, y)
        };
        let r = dice.spread_around(radius, uneven);
        let mut dot = Blob::ball(x, y, r, dice.range(0.7, 1.0));
        dot.wobble = 0.15;
        dot.seed = dice.bits();
        dot.draw(field);
        discs.push((x, y, r));
    }
    finish(truth, field, &discs);
    if clumpy {
        truth.layout = Layout::Clustered;
    }
    if dice.chance(0.15) {
        scratch(field, dice, truth);
    }
}

fn scratch(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    truth.defects.push(Defect::Scratches);
    for _ in 0..dice.int(1, 3) {
        let (x, y, turn) = (
            dice.range(0.0, field.w()),
            dice.range(0.0, field.h()),
            dice.angle(),
        );
        let (sin, cos) = turn.sin_cos();
        let (wide, gain) = (dice.range(0.7, 1.6), dice.range(-0.5, 0.6));
        field.edit(field.whole(), |px, py, _, tone, mask| {
            if !*mask && ((px - x) * sin - (py - y) * cos).abs() < wide {
                *tone = (*tone * (1.0 + gain)).max(0.0);
            }
        });
    }
}

fn irregular(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    flat_ground(field, dice, truth);
    let short = field.short();
    let radius = short * dice.range(0.02, 0.1);
    let count = dice.int(
        4,
        ((0.35 * field.w() * field.h() / (7.0 * radius * radius)) as usize).clamp(5, 70),
    );
    let faceted = dice.chance(0.4);
    let mut discs = Vec::new();
    for (x, y) in scatter(field, dice, count, 1.2 * radius) {
        let r = dice.spread_around(radius, 0.45);
        let tone = dice.range(0.45, 0.75);
        if faceted {
            let half = (r, r * dice.range(0.6, 1.0), r * dice.range(0.4, 0.9));
            let grain = Crystal {
                centre: (x, y, 0.5 * r),
                half,
                cut: 0.3,
                tumble: 0.7,
                tone,
            };
            grain.draw(field, dice);
        } else {
            let mut lump = Blob::ball(x, y, r, tone);
            lump.radii = (r * dice.range(1.0, 1.5), r, r * dice.range(0.5, 0.9));
            lump.angle = dice.angle();
            lump.z = 0.2 * r;
            lump.wobble = dice.range(0.2, 0.45);
            lump.bump = dice.range(0.08, 0.25);
            lump.grain = dice.range(0.15, 0.4);
            lump.seed = dice.bits();
            lump.draw(field);
        }
        discs.push((x, y, r));
    }
    truth.texture = if faceted {
        Texture::Faceted
    } else {
        Texture::Coarse
    };
    truth.variant = faceted;
    finish(truth, field, &discs);
    maybe_debris(field, dice, truth, 0.25);
}

fn cubes(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    flat_ground(field, dice, truth);
    let short = field.short();
    let radius = short * dice.range(0.015, 0.06);
    let crowded = dice.chance(0.45);
    let gap = if crowded { 1.5 * radius } else { 3.0 * radius };
    let most = (field.w() * field.h() / (gap * gap)) as usize;
    let count = dice.int(5, most.clamp(6, 220));
    let cut = dice.pick(&[0.0, 0.15, 0.35]);
    let mut discs = Vec::new();
    for (x, y) in scatter(field, dice, count, gap) {
        let r = dice.spread_around(radius, 0.1);
        let tumble = if crowded { 0.8 } else { 0.15 };
        let lift = if crowded {
            dice.range(0.0, 2.0) * r
        } else {
            0.0
        };
        let cube = Crystal {
            centre: (x, y, r + lift),
            half: (r, r, r),
            cut,
            tumble,
            tone: dice.range(0.45, 0.65),
        };
        cube.draw(field, dice);
        discs.push((x, y, r));
    }
    truth.texture = Texture::Faceted;
    truth.variant = cut > 0.2;
    finish(truth, field, &discs);
    maybe_debris(field, dice, truth, 0.15);
}

fn dark_spots(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let tone = dice.range(0.55, 0.85);
    ground_of(field, dice, truth, Ground::FlatBright, tone);
    let short = field.short();
    let radius = short * dice.range(0.006, 0.02);
    let count = dice.int(10, 120);
    let clumpy = dice.chance(0.5);
    let centre = (
        field.w() * dice.range(0.2, 0.8),
        field.h() * dice.range(0.2, 0.8),
    );
    let mut discs = Vec::new();
    for (x, y) in scatter(field, dice, count, 2.2 * radius) {
        let (x, y) = if clumpy {
            (
                centre.0 + 0.15 * field.w() * dice.normal(),
                centre.1 + 0.15 * field.h() * dice.normal(),
            )
        } else {
            (x, y)
        };
        let r = dice.spread_around(radius, 0.2);
        let mut dot = Blob::ball(x, y, r, dice.range(0.05, 0.25));
        dot.radii.2 = 0.2 * r;
        dot.z = 0.02;
        dot.wobble = 0.2;
        dot.seed = dice.bits();
        dot.draw(field);
        discs.push((x, y, r));
    }
    truth.variant = dice.chance(0.4);
    if truth.variant {
        for (x, y) in scatter(field, dice, 5, 0.1 * short) {
            let r = radius * dice.range(1.4, 2.4);
            halo(field, x, y, 2.0 * r, -0.4);
            Blob::ball(x, y, r, 0.75).draw(field);
            discs.push((x, y, r));
        }
    }
    if dice.chance(0.3) {
        scratch(field, dice, truth);
    }
    finish(truth, field, &discs);
    if clumpy {
        truth.layout = Layout::Clustered;
    }
}

fn balls_on_grains(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::Rough, 0.3);
    let grain = short * dice.range(0.008, 0.02);
    let cells = super::super::noise::Cells {
        seed: dice.bits(),
        jitter: 1.0,
    };
    field.edit(field.whole(), |x, y, z, tone, _| {
        let cell = cells.at(x / grain, y / grain);
        *z += grain * (1.0 - cell.nearest * cell.nearest).max(0.0).sqrt() + 0.8 * grain * cell.id;
        *tone *= 0.6 + 0.7 * cell.id;
    });
    let radius = grain * dice.range(1.4, 3.0);
    let count = dice.int(8, 60);
    let mut discs = Vec::new();
    for (x, y) in scatter(field, dice, count, 2.0 * radius) {
        let r = dice.spread_around(radius, 0.3);
        let mut ball = Blob::ball(x, y, r, dice.range(0.8, 1.05));
        ball.z = 2.0 * grain;
        ball.wobble = 0.12;
        ball.seed = dice.bits();
        ball.draw(field);
        discs.push((x, y, r));
    }
    finish(truth, field, &discs);
    truth.relative = Relative::of(2.0 * radius / short);
    if discs.len() < 5 {
        truth.spread = Spread::None;
    }
}
