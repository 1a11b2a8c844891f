//! Textile bundles, crossing fibres, spun mats, grooved single fibres and weaves.
//!
//! Called by `scenes`; draws on a field and notes the facts.

use std::f32::consts::{FRAC_PI_2, TAU};

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Knot, Skin, tube, wander};
use super::super::field::Field;
use super::super::shade::Look;
use super::super::truth::{Align, Ground, Layout, Texture, Touch, Truth};
use super::{flat_ground, ground_of, maybe_debris, usual_look};

/// Draws one of the fibre scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    look.depth = dice.range(0.35, 0.75);
    match truth.kind {
        Kind::FibreMat => mat(field, dice, truth),
        Kind::Weave => weave(field, dice, truth),
        Kind::GroovedFibres => bundle(field, dice, truth, 2..4, true),
        Kind::CrossingFibres => crossing(field, dice, truth),
        _ => bundle(field, dice, truth, 6..16, false),
    }
    truth.charging = dice.chance(0.12);
    look
}

/// Fibres side by side in layers that sweep across the frame along a common curve.
fn bundle(
    field: &mut Field,
    dice: &mut Dice,
    truth: &mut Truth,
    across: std::ops::Range<usize>,
    grooved: bool,
) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::Black, 0.05);
    let seen = dice.int(across.start, across.end);
    let radius = 0.5 * field.w().max(field.h()) / seen as f32;
    let lead = dice.angle();
    let layers = dice.int(2, 3);
    let (mut sizes, mut angles) = (Vec::new(), Vec::new());
    let flat = dice.range(0.0, 0.5);
    let curved = dice.chance(0.65);
    for layer in 0..layers {
        let turn = lead + layer_turn(dice, layer, layers);
        let sweep = if curved { dice.range(-2.2, 2.2) } else { 0.0 };
        let (twist, fan) = (
            if curved { dice.range(-2.5, 2.5) } else { 0.0 },
            dice.range(-0.25, 0.25),
        );
        let (sin, cos) = turn.sin_cos();
        let mut offset = -0.75 * field.w().hypot(field.h()) * 0.5;
        while offset < 0.4 * field.w().hypot(field.h()) {
            let r = dice.spread_around(radius, 0.12);
            let skip = layer + 1 == layers && dice.chance(0.12);
            offset += r;
            if !skip {
                let tone = dice.range(0.42, 0.56);
                let groove = if grooved {
                    dice.range(0.08, 0.2)
                } else {
                    dice.range(0.0, 0.04)
                };
                let long = field.w().hypot(field.h()) * 1.3;
                let lean = dice.range(-0.04, 0.04) + fan * offset / short;
                let lift = layer as f32 * 1.7 * radius + dice.range(-0.4, 0.4) * radius;
                let axis: Vec<Knot> = (0..=48)
                    .map(|step| {
                        let t = step as f32 / 48.0 - 0.5;
                        let along = t * long;
                        let side =
                            offset + short * (sweep * t * t + twist * t * t * t) + lean * along;
                        Knot {
                            x: 0.5 * field.w() + along * cos - side * sin,
                            y: 0.5 * field.h() + along * sin + side * cos,
                            z: lift + r,
                            r,
                        }
                    })
                    .collect();
                tube(
                    field,
                    &axis,
                    Skin {
                        tone,
                        groove,
                        grooves: 4.0,
                        flat,
                        seed: dice.bits(),
                    },
                );
                sizes.push(2.0 * r);
                angles.push(turn);
            }
            offset += r * dice.range(0.75, 1.15);
        }
    }
    field.mottle(dice.bits(), 0.006 * short, 0.05, 2);
    truth.note_sizes(&sizes, short);
    truth.align = Align::of(&angles);
    truth.layout = Layout::Filled;
    truth.touch = Touch::Mostly;
    truth.texture = if grooved {
        Texture::Grooved
    } else {
        Texture::Smooth
    };
    truth.variant = curved && !grooved;
    maybe_debris(field, dice, truth, 0.45);
}

fn layer_turn(dice: &mut Dice, layer: usize, layers: usize) -> f32 {
    if layer + 1 == layers {
        0.0
    } else {
        dice.pick(&[0.1, 0.3, 0.8, 1.4]) * dice.sign()
    }
}

fn crossing(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::Black, 0.04);
    let radius = short * dice.range(0.03, 0.08);
    let count = dice.int(10, 26);
    let lean = dice.angle();
    let aligned = dice.chance(0.35);
    let (mut sizes, mut angles) = (Vec::new(), Vec::new());
    let groove = if dice.chance(0.4) {
        dice.range(0.08, 0.2)
    } else {
        0.02
    };
    let bend = dice.range(0.0, 0.05);
    for index in 0..count {
        let r = dice.spread_around(radius, 0.18);
        let direction = if aligned {
            lean + 0.35 * dice.normal()
        } else {
            dice.angle()
        };
        let z = index as f32 / count as f32 * radius * 6.0;
        let centre = (dice.range(0.0, field.w()), dice.range(0.0, field.h()));
        let long = 1.3 * field.w().hypot(field.h());
        let start = Knot {
            x: centre.0 - 0.5 * long * direction.cos(),
            y: centre.1 - 0.5 * long * direction.sin(),
            z,
            r,
        };
        let mut axis = wander(dice, start, direction, long, 2.0 * r, bend);
        let (phase, wave) = (dice.angle(), dice.range(0.0, 1.0) * radius);
        for (step, knot) in axis.iter_mut().enumerate() {
            knot.z += wave * (phase + step as f32 * 0.15).sin();
        }
        tube(
            field,
            &axis,
            Skin {
                tone: dice.range(0.42, 0.6),
                groove,
                grooves: 4.0,
                flat: 0.1,
                seed: dice.bits(),
            },
        );
        sizes.push(2.0 * r);
        angles.push(direction);
    }
    truth.note_sizes(&sizes, short);
    truth.align = Align::of(&angles);
    truth.touch = Touch::Crossing;
    truth.layout = Layout::Random;
    truth.texture = if groove > 0.05 {
        Texture::Grooved
    } else {
        Texture::Smooth
    };
    maybe_debris(field, dice, truth, 0.35);
}

fn mat(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    if dice.chance(0.3) {
        flat_ground(field, dice, truth);
    } else {
        ground_of(field, dice, truth, Ground::Black, 0.05);
    }
    let radius = short * dice.range(0.006, 0.025);
    let count = (dice.range(0.6, 2.0) * field.w().hypot(field.h()) / (4.0 * radius)) as usize;
    let count = count.clamp(20, 130);
    let beads = dice.chance(0.25);
    let lead = dice.angle();
    let aligned = dice.chance(0.25);
    let bend = if dice.chance(0.5) { 0.015 } else { 0.07 };
    let (mut sizes, mut angles) = (Vec::new(), Vec::new());
    let uneven = dice.range(0.05, 0.4);
    for index in 0..count {
        let r = dice.spread_around(radius, uneven);
        let direction = if aligned {
            lead + 0.25 * dice.normal()
        } else {
            dice.angle()
        };
        let long = 1.25 * field.w().hypot(field.h());
        let (x, y) = (dice.range(0.0, field.w()), dice.range(0.0, field.h()));
        let z = r + index as f32 / count as f32 * radius * 10.0;
        let start = Knot {
            x: x - 0.5 * long * direction.cos(),
            y: y - 0.5 * long * direction.sin(),
            z,
            r,
        };
        let mut axis = wander(dice, start, direction, long, (4.0 * r).max(4.0), bend);
        if beads {
            for knot in &mut axis {
                if dice.chance(0.01) {
                    knot.r *= 2.6;
                }
            }
        }
        tube(
            field,
            &axis,
            Skin {
                tone: dice.range(0.45, 0.62),
                ..Skin::default()
            },
        );
        sizes.push(2.0 * r);
        angles.push(direction);
    }
    truth.note_sizes(&sizes, short);
    truth.align = Align::of(&angles);
    truth.touch = Touch::Crossing;
    truth.layout = Layout::Random;
    truth.texture = Texture::Smooth;
    truth.variant = beads;
    maybe_debris(field, dice, truth, 0.2);
}

fn weave(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::Black, 0.04);
    let yarn = short * dice.range(0.14, 0.3);
    let strands = dice.int(4, 8);
    let r = 0.55 * yarn / strands as f32;
    let turn = dice.range(-0.4, 0.4);
    let mut sizes = Vec::new();
    for way in 0..2 {
        let direction = turn + way as f32 * FRAC_PI_2;
        let (sin, cos) = direction.sin_cos();
        let yarns = (field.w().hypot(field.h()) / (1.15 * yarn)) as i32 + 1;
        for line in -yarns / 2..=yarns / 2 {
            for strand in 0..strands {
                let inner = (strand as f32 / (strands - 1) as f32 - 0.5) * (yarn - 2.0 * r);
                let phase = if (line + way).rem_euclid(2) == 0 {
                    0.0
                } else {
                    TAU / 2.0
                };
                let (shake, wave) = (dice.angle(), dice.range(0.0, 0.6) * r);
                let dome = (1.0 - (2.0 * inner / yarn).powi(2)).max(0.0).sqrt() * 0.35 * yarn;
                let axis: Vec<Knot> = (0..=180)
                    .map(|step| {
                        let along = (step as f32 / 180.0 - 0.5) * 1.3 * field.w().hypot(field.h());
                        let side = line as f32 * 1.15 * yarn
                            + inner
                            + wave * (shake + along / yarn * 2.0).sin();
                        let up = (along / (1.15 * yarn) * TAU / 2.0 + phase).cos() * 0.4 * yarn;
                        Knot {
                            x: 0.5 * field.w() + along * cos - side * sin,
                            y: 0.5 * field.h() + along * sin + side * cos,
                            z: up + dome,
                            r,
                        }
                    })
                    .collect();
                tube(
                    field,
                    &axis,
                    Skin {
                        tone: 0.5,
                        ..Skin::default()
                    },
                );
                sizes.push(2.0 * r);
            }
        }
    }
    truth.note_sizes(&sizes, short);
    truth.align = Align::NotApplicable;
    truth.layout = Layout::Designed;
    truth.touch = Touch::Mostly;
    truth.texture = Texture::Smooth;
    maybe_debris(field, dice, truth, 0.35);
}
