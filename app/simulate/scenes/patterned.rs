//! Line gratings, hole and pillar arrays, rings, flat shapes and window grids.
//!
//! Called by `scenes`; draws on a field and notes the facts. The mask holds the features.

use std::f32::consts::TAU;

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Outline, Plate};
use super::super::field::Field;
use super::super::noise::Noise;
use super::super::shade::Look;
use super::super::truth::{Align, Defect, Ground, Layout, Relative, Spread, Texture, Touch, Truth};
use super::{maybe_debris, scatter, usual_look};

/// Draws one of the patterned scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    look.hollow *= 0.6;
    look.edge = dice.range(0.2, 0.8);
    let tone = dice.range(0.2, 0.65);
    truth.ground = if tone < 0.3 {
        Ground::FlatDark
    } else {
        Ground::FlatGrey
    };
    field.tone.fill(tone);
    truth.touch = Touch::Separate;
    match truth.kind {
        Kind::Lines => lines(field, dice, truth),
        Kind::FlatShapes => shapes(field, dice, truth),
        Kind::Grid => grid(field, dice, truth),
        _ => array(field, dice, truth),
    }
    if dice.chance(0.3) {
        let fine = field.short() * dice.range(0.006, 0.02);
        field.roughen(dice.bits(), fine, 0.25 * fine, 2);
        truth.texture = Texture::FineGrain;
    }
    maybe_debris(field, dice, truth, 0.25);
    truth.charging = dice.chance(0.1);
    look
}

fn lines(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let pitch = short * dice.range(0.035, 0.22);
    let duty = dice.range(0.3, 0.7);
    let turn = if dice.chance(0.6) {
        dice.pick(&[0.0, TAU / 4.0])
    } else {
        dice.range(0.0, TAU / 2.0)
    };
    let (sin, cos) = turn.sin_cos();
    let rough = Noise(dice.bits());
    let wave = pitch * dice.range(0.0, 0.07);
    let tall = pitch * dice.range(0.3, 1.0);
    let floor = field.tone[0];
    let top = (floor + dice.range(-0.12, 0.4)).clamp(0.1, 0.9);
    let broken = dice.chance(0.2);
    let bridge = !broken && dice.chance(0.2);
    let spots = scatter(field, dice, 3, 0.2 * short);
    // A part of the frame without lines, as beside a line field.
    let border = if dice.chance(0.3) {
        dice.range(0.6, 0.85) * field.w()
    } else {
        f32::MAX
    };
    field.stamp(field.whole(), |x, y| {
        let (along, across) = (x * cos + y * sin, y * cos - x * sin);
        let line = (across / pitch).floor();
        let shift = wave * rough.octaves(along / (0.4 * pitch), line * 3.7, 3);
        let shift_other = wave * rough.octaves(along / (0.4 * pitch), line * 3.7 + 50.0, 3);
        let place = across - line * pitch;
        let near = spots.iter().any(|p| (p.0 - x).hypot(p.1 - y) < 0.7 * pitch);
        let inside = place > shift.max(0.0) && place < duty * pitch + shift_other;
        let inside = (inside && !(broken && near)) || (bridge && near && place > 0.0);
        (inside && x < border).then_some((tall, top))
    });
    if broken {
        truth.defects.push(Defect::Missing);
    }
    if bridge {
        truth.defects.push(Defect::Bridge);
    }
    truth.objects = (field.h() / pitch) as u32;
    truth.relative = Relative::of(duty * pitch / short);
    truth.spread = Spread::Narrow;
    truth.layout = Layout::Rows;
    truth.align = Align::Strong;
    truth.variant = border < f32::MAX;
}

fn array(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let pitch = short * dice.range(0.045, 0.24);
    let r = pitch * dice.range(0.2, 0.4);
    let turn = if dice.chance(0.5) {
        0.0
    } else {
        dice.range(0.0, TAU / 4.0)
    };
    let (sin, cos) = turn.sin_cos();
    let hexagonal = match truth.kind {
        Kind::SquareHoles => false,
        Kind::HexagonalHoles => true,
        _ => dice.chance(0.4),
    };
    let rows = (field.w().hypot(field.h()) / pitch) as i32 + 2;
    let floor = field.tone[0];
    let tone = (floor + dice.range(0.05, 0.4)).min(0.9);
    let square = dice.chance(0.25);
    let missing = if dice.chance(0.35) { 0.02 } else { 0.0 };
    let deep = r * dice.range(0.6, 2.5);
    let is_hole = matches!(truth.kind, Kind::SquareHoles | Kind::HexagonalHoles);
    let (mut sizes, mut lost) = (Vec::new(), false);
    for row in -rows / 2..=rows / 2 {
        for column in -rows / 2..=rows / 2 {
            let shift = if hexagonal && row.rem_euclid(2) == 1 {
                0.5
            } else {
                0.0
            };
            let step = if hexagonal { 0.866 } else { 1.0 };
            let (u, v) = ((column as f32 + shift) * pitch, row as f32 * step * pitch);
            let (x, y) = (
                0.5 * field.w() + u * cos - v * sin,
                0.5 * field.h() + u * sin + v * cos,
            );
            if x < -r || y < -r || x > field.w() + r || y > field.h() + r {
                continue;
            }
            if dice.chance(missing) {
                lost = true;
                continue;
            }
            let size = dice.spread_around(r, 0.02);
            let outline = match truth.kind {
                Kind::Rings => Outline::Ring(size, 0.3 * size),
                _ if square => Outline::Box(size, size, 0.2 * size),
                _ => Outline::Disc(size),
            };
            let plate = Plate {
                outline,
                x,
                y,
                angle: turn,
                z: deep,
                bevel: 0.15 * size,
                tone,
            };
            if is_hole {
                Plate {
                    z: -deep,
                    tone: 0.3 * floor,
                    ..plate
                }
                .cut(field, true);
            } else {
                plate.raise(field);
            }
            sizes.push(2.0 * size);
        }
    }
    if lost {
        truth.defects.push(Defect::Missing);
    }
    truth.note_sizes(&sizes, short);
    truth.layout = if hexagonal {
        Layout::HexagonalGrid
    } else {
        Layout::SquareGrid
    };
    truth.variant = square && truth.kind != Kind::Rings;
}

fn shapes(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let raised = dice.chance(0.6);
    let floor = field.tone[0];
    let tone = if raised {
        (floor + dice.range(0.1, 0.4)).min(0.9)
    } else {
        floor * dice.range(0.3, 0.8)
    };
    let z = short * dice.range(0.005, 0.05) * if raised { 1.0 } else { -1.0 };
    let turn = if dice.chance(0.6) {
        0.0
    } else {
        dice.range(-0.3, 0.3)
    };
    let size = short * dice.range(0.05, 0.12);
    let mut count = 0;
    for (x, y) in scatter(field, dice, 14, 2.8 * size) {
        count += 1;
        for (outline, down, angle) in design(dice, size, turn) {
            let plate = Plate {
                outline,
                x,
                y: y + down,
                angle,
                z,
                bevel: 0.01 * short,
                tone,
            };
            if raised {
                plate.raise(field)
            } else {
                plate.cut(field, true)
            }
        }
    }
    truth.objects = count;
    truth.relative = Relative::of(2.0 * size / short);
    truth.spread = Spread::None;
    truth.layout = Layout::Designed;
    truth.variant = raised;
}

/// The outlines of one drawn shape, each with its way down from the middle and its angle.
fn design(dice: &mut Dice, size: f32, turn: f32) -> Vec<(Outline, f32, f32)> {
    let one = |outline| vec![(outline, 0.0, turn)];
    match dice.int(0, 5) {
        0 => (0..dice.int(3, 5))
            .map(|step| {
                let bar = Outline::Box(1.1 * size, 0.13 * size, 0.02 * size);
                (bar, (step as f32 - 1.5) * 0.5 * size, turn)
            })
            .collect(),
        1 => vec![
            (Outline::Box(size, 0.28 * size, 0.1 * size), 0.0, turn),
            (Outline::Box(0.28 * size, size, 0.1 * size), 0.0, turn),
        ],
        2 => vec![(Outline::Disc(0.8 * size), 0.0, 0.0)],
        3 => {
            let corners = (0..10).map(|corner| {
                let (reach, at) = (
                    if corner % 2 == 0 { 1.0 } else { 0.45 },
                    corner as f32 / 10.0 * TAU,
                );
                (reach * size * at.cos(), reach * size * at.sin())
            });
            one(Outline::Polygon(corners.collect()))
        }
        4 => one(Outline::Polygon(vec![
            (-size, 0.8 * size),
            (size, 0.8 * size),
            (0.0, -0.8 * size),
        ])),
        _ => one(Outline::Box(1.3 * size, 0.5 * size, 0.05 * size)),
    }
}

/// Square windows between crossing bars, some with torn membranes.
fn grid(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let pitch = short * dice.range(0.1, 0.35);
    let open = pitch * dice.range(0.3, 0.42);
    let turn = dice.range(0.0, TAU / 4.0);
    let (sin, cos) = turn.sin_cos();
    let floor = field.tone[0];
    let perforated = dice.chance(0.4);
    let torn = !perforated && dice.chance(0.5);
    let rows = (field.w().hypot(field.h()) / pitch) as i32 + 2;
    field.mask.fill(false);
    let mut sizes = Vec::new();
    for row in -rows / 2..=rows / 2 {
        for column in -rows / 2..=rows / 2 {
            let (u, v) = (column as f32 * pitch, row as f32 * pitch);
            let (x, y) = (
                0.5 * field.w() + u * cos - v * sin,
                0.5 * field.h() + u * sin + v * cos,
            );
            if x < -open || y < -open || x > field.w() + open || y > field.h() + open {
                continue;
            }
            let outline = Outline::Box(open, open, 0.15 * open);
            let tone = if torn && dice.chance(0.6) {
                floor * dice.range(0.6, 1.5)
            } else {
                0.15 * floor
            };
            let tone = if perforated {
                (1.5 * floor).min(0.75)
            } else {
                tone
            };
            Plate {
                outline,
                x,
                y,
                angle: turn,
                z: -0.3 * open,
                bevel: 0.15 * open,
                tone,
            }
            .cut(field, true);
            if torn && dice.chance(0.5) {
                let corners = (0..7).map(|corner| {
                    let (reach, at) = (dice.range(0.2, 0.8) * open, corner as f32 / 7.0 * TAU);
                    (reach * at.cos(), reach * at.sin())
                });
                let outline = Outline::Polygon(corners.collect());
                Plate {
                    outline,
                    x,
                    y,
                    angle: turn,
                    z: -0.9 * open,
                    bevel: 1.0,
                    tone: 0.05,
                }
                .cut(field, true);
            }
            sizes.push(2.0 * open);
        }
    }
    if perforated {
        perforate(field, dice, pitch, turn);
        truth.variant = true;
    }
    if torn {
        truth.defects.push(Defect::Broken);
    }
    truth.note_sizes(&sizes, short);
    truth.layout = Layout::SquareGrid;
    truth.texture = Texture::FineGrain;
}

/// Small round holes in rows through the sheets in the windows, and a rough skin on the bars.
fn perforate(field: &mut Field, dice: &mut Dice, pitch: f32, turn: f32) {
    let step = (pitch * dice.range(0.07, 0.14)).max(3.5);
    let radius = step * dice.range(0.26, 0.38);
    let (sin, cos) = (turn + 0.785 * dice.range(0.0, 1.0)).sin_cos();
    let rough = Noise(dice.bits());
    field.edit(field.whole(), |x, y, z, tone, mask| {
        let (u, v) = ((x * cos + y * sin) / step, (y * cos - x * sin) / step);
        let off = (u - u.round()).hypot(v - v.round()) * step;
        if *mask && off < radius {
            *z -= 0.25 * pitch;
            *tone = 0.04;
        } else if !*mask {
            *z += 0.05 * pitch * rough.octaves(x / (0.08 * pitch), y / (0.08 * pitch), 3);
        }
    });
}
