//! Cells, threads, rods, spiny grains and ridged plates.
//!
//! Called by `scenes`; draws on a field and notes the facts.

use std::f32::consts::{PI, TAU};

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Blob, Knot, Skin, tube};
use super::super::field::Field;
use super::super::noise::{Cells, Noise};
use super::super::shade::Look;
use super::super::truth::{Align, Defect, Ground, Layout, Relative, Spread, Texture, Touch, Truth};
use super::{
    Thread, flat_ground, ground_of, maybe_debris, scatter, thread, touching_share, usual_look,
};

/// Draws one of the biological scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let look = usual_look(field, dice);
    match truth.kind {
        Kind::RoundCells => cells(field, dice, truth, true),
        Kind::CellSurface => surface(field, dice, truth),
        Kind::NeuriteNet => neurites(field, dice, truth),
        Kind::Rods => rods(field, dice, truth),
        Kind::SpinyGrain => spiny(field, dice, truth),
        Kind::RidgedPlates => plates(field, dice, truth),
        _ => cells(field, dice, truth, false),
    }
    truth.charging = dice.chance(0.15);
    look
}

fn cells(field: &mut Field, dice: &mut Dice, truth: &mut Truth, only_round: bool) {
    let short = field.short();
    let tone = dice.range(0.18, 0.36);
    let ground = if tone < 0.28 {
        Ground::FlatDark
    } else {
        Ground::FlatGrey
    };
    ground_of(field, dice, truth, ground, tone);
    field.roughen(dice.bits(), 0.02 * short, 0.002 * short, 2);
    let radius = short * dice.pick(&[0.028, 0.045, 0.06, 0.09, 0.16]) * dice.range(0.85, 1.2);
    let fill = dice.range(0.15, 0.55);
    let count = ((fill * field.w() * field.h() / (PI * radius * radius)) as usize).clamp(3, 70);
    let mut discs = Vec::new();
    let (mut sizes, mut angles) = (Vec::new(), Vec::new());
    truth.texture = if dice.chance(0.6) {
        Texture::Ruffled
    } else {
        Texture::FineGrain
    };
    truth.variant = dice.chance(0.6);
    for (x, y) in scatter(field, dice, count, 1.5 * radius) {
        let r = dice.spread_around(radius, 0.22);
        let long = if only_round || dice.chance(0.55) {
            dice.range(1.0, 1.15)
        } else {
            dice.range(1.4, 3.0)
        };
        let angle = dice.angle();
        let body = (tone + dice.range(0.08, 0.22)).min(0.6);
        if truth.variant {
            for _ in 0..dice.int(6, 26) {
                let out = dice.angle();
                let from = (x + 0.7 * r * out.cos(), y + 0.7 * r * out.sin());
                let hair = (0.022 * r).max(0.45);
                let shape = Thread {
                    z: (0.3 * r, hair),
                    r: (hair * 1.4, hair * 0.6),
                    bend: 0.09,
                    tone: body * 1.15,
                };
                let length = r * dice.range(0.6, 2.0);
                let way = out + dice.range(-0.4, 0.4);
                // A hair is no cell.
                field.as_no_body(|field| {
                    thread(field, dice, from, way, length, shape);
                });
            }
        }
        let cell = Blob {
            x,
            y,
            z: 0.1 * r,
            radii: (r * long, r / long.sqrt(), r * dice.range(0.6, 1.0)),
            angle,
            tone: body,
            wobble: if only_round {
                0.1
            } else {
                dice.range(0.1, 0.45)
            },
            bump: if truth.texture == Texture::Ruffled {
                dice.range(0.12, 0.24)
            } else {
                0.06
            },
            grain: dice.range(0.1, 0.22),
            seed: dice.bits(),
        };
        cell.draw(field);
        discs.push((x, y, r));
        sizes.push(2.0 * r);
        angles.push(angle);
    }
    truth.note_sizes(&sizes, short);
    truth.touch = Touch::of(touching_share(&discs));
    truth.layout = Layout::Random;
    if !only_round {
        truth.align = Align::of(&angles);
    }
    maybe_debris(field, dice, truth, 0.4);
}

fn surface(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::FlatDark, 0.2);
    let (seed, fold) = (Noise(dice.bits()), short * dice.range(0.018, 0.06));
    let tilt = dice.angle();
    let (sin, cos) = tilt.sin_cos();
    let share = dice.range(-0.35, 0.35);
    let half = 0.5 * short;
    let (cx, cy) = (0.5 * field.w(), 0.5 * field.h());
    let lumps = Cells {
        seed: dice.bits(),
        jitter: 1.0,
    };
    let (sheet, pit) = (dice.range(0.0, 1.0), dice.range(0.2, 0.8));
    let second = dice.range(0.3, 0.9);
    field.stamp(field.whole(), |x, y| {
        let (u, v) = (x / fold, y / fold);
        let bend = (
            seed.octaves(0.7 * u, 0.7 * v, 2),
            seed.octaves(0.7 * v + 9.0, 0.7 * u, 2),
        );
        let across = ((y - cy) * cos - (x - cx) * sin) / half;
        let lobes = 0.4 * seed.octaves(x / half, y / half, 3)
            + second * (0.3 * (2.5 * across).cos() - 0.15);
        let side = ((x - cx) * cos + (y - cy) * sin) / half - share + lobes + 0.06 * bend.0;
        if side < 0.0 {
            return None;
        }
        let cell = lumps.at(u + 0.7 * bend.0, v * (1.0 + sheet) + 0.7 * bend.1);
        let knob = (1.0 - cell.nearest * cell.nearest).max(0.0).sqrt() * (0.4 + 1.2 * cell.id);
        let ridge = 1.0 - 2.2 * bend.1.abs();
        let dome = half * 0.45 * (1.0 - (1.0 - side.min(1.0)).powi(2)).max(0.0).sqrt();
        let swell = 1.8 * seed.octaves(0.16 * u + 5.0, 0.16 * v, 2);
        let calm = (0.75 + 0.9 * seed.at(0.1 * u, 0.1 * v + 7.0)).clamp(0.15, 1.3);
        Some((
            1.0 + dome
                + fold
                    * (swell
                        + calm
                            * (0.8 * knob + sheet * 0.5 * ridge - pit * (0.5 - cell.id).max(0.0))),
            0.45,
        ))
    });
    truth.variant = dice.chance(0.75);
    if truth.variant {
        let hair = short * dice.range(0.004, 0.012);
        for _ in 0..dice.int(10, 44) {
            let across = dice.range(-0.7, 0.7) * field.w().max(field.h());
            let from = (
                cx + share * half * cos - across * sin,
                cy + share * half * sin + across * cos,
            );
            let r = dice.spread_around(hair, 0.35);
            let shape = Thread {
                z: (0.2 * half, r),
                r: (1.3 * r, 0.8 * r),
                bend: dice.range(0.0, 0.11),
                tone: 0.58,
            };
            let length = short * dice.range(0.3, 1.1);
            let way = tilt + TAU / 2.0 + dice.range(-0.45, 0.45);
            thread(field, dice, from, way, length, shape);
        }
    }
    if dice.chance(0.5) {
        neighbours(field, dice);
    }
    truth.objects = 1;
    truth.relative = Relative::Filling;
    truth.layout = Layout::OneBody;
    truth.touch = Touch::Joined;
    truth.texture = Texture::Ruffled;
    maybe_debris(field, dice, truth, 0.2);
}

/// A few rounded bodies beside the one in view.
fn neighbours(field: &mut Field, dice: &mut Dice) {
    for _ in 0..dice.int(1, 3) {
        let r = field.short() * dice.range(0.1, 0.24);
        let body = Blob {
            x: dice.range(0.0, field.w()),
            y: dice.range(0.0, field.h()),
            z: 0.4 * r,
            radii: (r * dice.range(1.0, 1.3), r, r),
            angle: dice.angle(),
            tone: 0.45,
            wobble: 0.2,
            bump: dice.range(0.12, 0.24),
            grain: dice.range(0.1, 0.25),
            seed: dice.bits(),
        };
        body.draw(field);
    }
}

fn neurites(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    flat_ground(field, dice, truth);
    let bodies = dice.int(1, 2);
    let (mut sizes, mut places) = (Vec::new(), Vec::new());
    for _ in 0..bodies {
        places.push((
            field.w() * dice.range(0.2, 0.8),
            field.h() * dice.range(0.2, 0.8),
            short * dice.range(0.1, 0.2),
        ));
    }
    let fine = short * dice.range(0.003, 0.008);
    let strands = dice.int(20, 80);
    for _ in 0..strands {
        let (x, y) = (dice.range(0.0, field.w()), dice.range(0.0, field.h()));
        let r = dice.spread_around(fine, 0.5);
        let shape = Thread {
            z: (r, r * 2.0),
            r: (r, r),
            bend: 0.12,
            tone: 0.5,
        };
        let (direction, length) = (dice.angle(), short * dice.range(0.3, 1.4));
        for knot in thread(field, dice, (x, y), direction, length, shape) {
            if dice.chance(0.06) {
                let mut bead = Blob::ball(knot.x, knot.y, r * dice.range(1.5, 3.0), 0.55);
                bead.z = r;
                bead.draw(field);
            }
        }
    }
    for &(x, y, r) in &places {
        for _ in 0..dice.int(3, 7) {
            let shape = Thread {
                z: (0.3 * r, 2.0 * fine),
                r: (0.28 * r, 1.6 * fine),
                bend: 0.07,
                tone: 0.52,
            };
            let (direction, length) = (dice.angle(), short * dice.range(0.4, 1.0));
            thread(field, dice, (x, y), direction, length, shape);
        }
        let body = Blob {
            x,
            y,
            z: 0.1 * r,
            radii: (r * dice.range(1.0, 1.4), r, 0.8 * r),
            angle: dice.angle(),
            tone: 0.55,
            wobble: 0.2,
            bump: 0.04,
            grain: 0.2,
            seed: dice.bits(),
        };
        body.draw(field);
        sizes.push(2.0 * r);
    }
    truth.objects = bodies as u32;
    truth.relative = Relative::of(sizes[0] / short);
    truth.variant = bodies > 1;
    truth.touch = Touch::Joined;
    truth.layout = Layout::Random;
    truth.texture = Texture::Smooth;
    maybe_debris(field, dice, truth, 0.4);
}

fn rods(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    flat_ground(field, dice, truth);
    let radius = short * dice.range(0.015, 0.05);
    let crowded = dice.chance(0.4);
    let gap = if crowded { 1.3 * radius } else { 3.0 * radius };
    let count = ((field.w() * field.h() / (radius * radius) * if crowded { 0.09 } else { 0.02 })
        as usize)
        .clamp(4, 160);
    let (mut sizes, mut angles, mut discs) = (Vec::new(), Vec::new(), Vec::new());
    let lead = dice.angle();
    let aligned = dice.chance(0.3);
    for (x, y) in scatter(field, dice, count, gap) {
        let r = dice.spread_around(radius, 0.08);
        let length = r * dice.range(2.0, 5.0);
        let angle = if aligned {
            lead + 0.3 * dice.normal()
        } else {
            dice.angle()
        };
        let lift = if crowded {
            dice.range(0.0, 2.0) * r
        } else {
            0.0
        };
        let axis: Vec<Knot> = (0..=6)
            .map(|step| {
                let t = step as f32 / 6.0 - 0.5;
                let bow = (0.25 - t * t) * r * dice.range(0.0, 0.4);
                Knot {
                    x: x + t * length * angle.cos() - bow * angle.sin(),
                    y: y + t * length * angle.sin() + bow * angle.cos(),
                    z: r * 0.8 + lift,
                    r,
                }
            })
            .collect();
        tube(
            field,
            &axis,
            Skin {
                tone: 0.58,
                groove: 0.06,
                grooves: 2.0,
                flat: 0.0,
                seed: dice.bits(),
            },
        );
        sizes.push(length + 2.0 * r);
        angles.push(angle);
        discs.push((x, y, 0.5 * length));
    }
    truth.note_sizes(&sizes, short);
    truth.align = Align::of(&angles);
    truth.touch = Touch::of(touching_share(&discs));
    truth.texture = Texture::Smooth;
    truth.residue = dice.chance(0.3);
    if truth.residue {
        field.mottle(dice.bits(), 0.1 * short, 0.35, 3);
    }
    maybe_debris(field, dice, truth, 0.3);
}

fn spiny(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let dark = dice.range(0.0, 0.08);
    ground_of(field, dice, truth, Ground::Black, dark);
    let count = if dice.chance(0.5) { 1 } else { dice.int(2, 6) };
    let base = short
        * if count == 1 {
            dice.range(0.25, 0.4)
        } else {
            dice.range(0.12, 0.2)
        };
    let mut discs = Vec::new();
    let spiny = dice.chance(0.7);
    truth.variant = spiny;
    for (x, y) in scatter(field, dice, count, 1.6 * base) {
        let (x, y) = if count == 1 {
            (0.5 * field.w(), 0.5 * field.h())
        } else {
            (x, y)
        };
        let r = dice.spread_around(base, 0.1);
        let mut ball = Blob::ball(x, y, r, 0.6);
        ball.radii = (r * dice.range(1.0, 1.25), r, r);
        ball.angle = dice.angle();
        ball.bump = if spiny { 0.03 } else { 0.1 };
        ball.grain = 0.12;
        ball.wobble = 0.05;
        ball.seed = dice.bits();
        ball.draw(field);
        if spiny {
            for _ in 0..dice.int(40, 90) {
                let (turn, up) = (dice.angle(), dice.range(-0.1, 1.0));
                let side = (1.0 - up * up).max(0.0).sqrt();
                let reach = r * dice.range(1.15, 1.3);
                let knot = |part: f32, r: f32| Knot {
                    x: x + part * side * turn.cos(),
                    y: y + part * side * turn.sin(),
                    z: 0.8 * base + part * up,
                    r,
                };
                let axis: Vec<Knot> = (0..=5)
                    .map(|s| {
                        knot(
                            0.9 * r + (reach - 0.9 * r) * s as f32 / 5.0,
                            0.07 * r * (1.0 - s as f32 / 5.5),
                        )
                    })
                    .collect();
                tube(
                    field,
                    &axis,
                    Skin {
                        tone: 0.72,
                        ..Skin::default()
                    },
                );
            }
        }
        discs.push((x, y, r));
    }
    truth.note_sizes(&discs.iter().map(|d| 2.0 * d.2).collect::<Vec<_>>(), short);
    truth.touch = if count == 1 {
        Touch::Alone
    } else {
        Touch::of(touching_share(&discs))
    };
    truth.layout = if count == 1 {
        Layout::OneBody
    } else {
        Layout::Clustered
    };
    truth.texture = if spiny {
        Texture::Smooth
    } else {
        Texture::Pitted
    };
    truth.charging = dice.chance(0.3);
}

fn plates(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::None, 0.3);
    let ridge = short * dice.range(0.01, 0.03);
    let ribs = dice.chance(0.6);
    let tile = short * dice.range(0.3, 0.8);
    let cells = Cells {
        seed: dice.bits(),
        jitter: 0.8,
    };
    let noise = Noise(dice.bits());
    let lead = dice.angle();
    field.stamp(field.whole(), |x, y| {
        let cell = cells.at(x / tile + 0.15 * noise.at(x / tile, y / tile), y / tile);
        let angle = lead + 0.8 * (cell.id - 0.5);
        let (sin, cos) = angle.sin_cos();
        let along = x * cos + y * sin + 3.0 * noise.at(x / (6.0 * ridge), y / (6.0 * ridge));
        let across = y * cos - x * sin;
        let wave = (along / ridge * TAU / 2.0).sin().abs().powf(0.7);
        let link = if ribs {
            ((across / (2.2 * ridge)) * TAU / 2.0 + 6.0 * cell.id)
                .sin()
                .powi(8)
                * 0.5
        } else {
            0.0
        };
        let lap = tile * 0.25 * (cell.id + 0.5 * (cell.offset.0 * cos + cell.offset.1 * sin));
        Some((1.0 + lap + ridge * 0.8 * (1.0 - wave).max(link), 0.5))
    });
    truth.relative = Relative::of(tile / short);
    truth.objects = (field.w() * field.h() / (tile * tile)) as u32;
    truth.spread = Spread::None;
    truth.layout = Layout::Filled;
    truth.touch = Touch::Mostly;
    truth.texture = Texture::Ridged;
    truth.variant = ribs;
    if dice.chance(0.35) {
        truth.defects.push(Defect::Broken);
        let hole = short * dice.range(0.03, 0.08);
        for (x, y) in scatter(field, dice, 3, hole) {
            let mut edge = Vec::new();
            for corner in 0..9 {
                let turn = corner as f32 / 9.0 * TAU;
                let reach = hole * dice.range(0.4, 1.2);
                edge.push((reach * turn.cos(), reach * turn.sin()));
            }
            let cut = super::super::draw::Plate {
                outline: super::super::draw::Outline::Polygon(edge),
                x,
                y,
                angle: 0.0,
                z: -0.3 * tile,
                bevel: 2.0,
                tone: 0.1,
            };
            cut.cut(field, false);
        }
    }
    maybe_debris(field, dice, truth, 0.4);
}
