//! Forests from the side, arrays from above, lying, tangled, slanted and single wires.
//!
//! Called by `scenes`; draws on a field and notes the facts.

use std::f32::consts::{FRAC_PI_2, PI};

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Blob, Crystal, Knot, Skin, tube, wander};
use super::super::field::Field;
use super::super::shade::Look;
use super::super::truth::{
    Align, Defect, Ground, Layout, Relative, Spread, Texture, Touch, Truth, View,
};
use super::{Thread, flat_ground, ground_of, maybe_debris, scatter, thread, usual_look};

/// Draws one of the nanowire scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    match truth.kind {
        Kind::WireForest => {
            look.depth = dice.range(0.3, 0.6);
            forest(field, dice, truth);
        }
        Kind::WireArray => array(field, dice, truth),
        Kind::WireTangle => tangle(field, dice, truth),
        Kind::SlantedWires => slanted(field, dice, truth),
        Kind::SingleWires => single(field, dice, truth),
        _ => lying(field, dice, truth),
    }
    truth.charging = dice.chance(0.12);
    look
}

/// Upright wires in side view on a base: rows from back to front.
fn forest(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let dark = dice.range(0.02, 0.14);
    ground_of(field, dice, truth, Ground::Black, dark);
    truth.view = View::Side;
    let carpet = dice.chance(0.25);
    let base_y = field.h() * if carpet { 1.1 } else { dice.range(0.72, 0.98) };
    let tall = field.h()
        * if carpet {
            dice.range(0.9, 1.3)
        } else {
            dice.range(0.35, 0.7)
        };
    let r = short * dice.range(0.004, 0.014);
    let rows = dice.int(4, 9);
    let lean = dice.range(0.02, 0.2);
    let bend = dice.range(0.0, 0.05);
    truth.variant = dice.chance(0.4);
    let (mut sizes, mut angles) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let foot = base_y - (rows - 1 - row) as f32 * 0.035 * short;
        let mut x = -0.05 * field.w() + dice.range(0.0, 6.0) * r;
        while x < 1.05 * field.w() {
            let wire = dice.spread_around(r, 0.2);
            let direction = -FRAC_PI_2 + lean * dice.normal();
            let z = row as f32 * 3.0 * r + dice.range(0.0, r);
            let shape = Thread {
                z: (z, z),
                r: (wire * 1.15, wire * 0.85),
                bend,
                tone: 0.35 + 0.3 * row as f32 / rows as f32,
            };
            let length = tall * dice.range(0.75, 1.08);
            let knots = thread(field, dice, (x, foot), direction, length, shape);
            if let (true, Some(tip)) = (truth.variant, knots.last()) {
                let mut cap = Blob::ball(tip.x, tip.y, wire * 1.5, 0.85);
                cap.z = z + wire;
                cap.draw(field);
            }
            sizes.push(2.0 * wire);
            angles.push(direction);
            x += r * dice.range(3.0, 9.0);
        }
    }
    let base = super::super::field::Span {
        corners: (0.0, base_y, field.w(), field.h()),
    };
    let rough = super::super::noise::Noise(dice.bits());
    let top = rows as f32 * 3.0 * r + 2.0 * r;
    field.edit(base, |x, y, z, tone, mask| {
        if y > base_y + 2.0 * rough.at(x / 6.0, 0.0) {
            *z = top + 0.02 * short * rough.octaves(x / (0.05 * short), y / (0.02 * short), 3);
            *tone = 0.35;
            *mask = false;
        }
    });
    truth.note_sizes(&sizes, short);
    truth.align = Align::of(&angles);
    truth.touch = if lean > 0.1 {
        Touch::Partly
    } else {
        Touch::Separate
    };
    truth.layout = Layout::Random;
    truth.ground = Ground::Black;
}

fn lying(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let dense = dice.chance(0.6);
    if dense {
        ground_of(field, dice, truth, Ground::Black, 0.05);
    } else {
        flat_ground(field, dice, truth);
    }
    let r = short * dice.range(0.005, 0.022);
    let count = if dense {
        dice.int(90, 260)
    } else {
        dice.int(12, 60)
    };
    let faceted = dice.chance(0.35);
    let lead = dice.angle();
    let aligned = dice.chance(0.2);
    let curved = !faceted && dice.chance(0.3);
    let aspect = dice.range(12.0, 60.0);
    let (mut sizes, mut angles) = (Vec::new(), Vec::new());
    for index in 0..count {
        let wire = dice.spread_around(r, 0.25);
        let long = wire * 2.0 * aspect * dice.range(0.5, 1.3);
        let direction = if aligned {
            lead + 0.3 * dice.normal()
        } else {
            dice.angle()
        };
        let (x, y) = (dice.range(0.0, field.w()), dice.range(0.0, field.h()));
        let depth = if dense {
            index as f32 / count as f32 * 14.0 * r
        } else {
            dice.range(0.0, 2.0) * r
        };
        let half = (0.5 * long * direction.cos(), 0.5 * long * direction.sin());
        let rise = if dense {
            dice.range(-3.0, 3.0) * r
        } else {
            0.0
        };
        let shape = Thread {
            z: (depth + wire - rise, depth + wire + rise),
            r: (wire, wire),
            bend: if curved { 0.05 } else { 0.0 },
            tone: dice.range(0.45, 0.65),
        };
        if faceted {
            faceted_wire(field, (x, y), half, shape);
        } else {
            thread(
                field,
                dice,
                (x - half.0, y - half.1),
                direction,
                long,
                shape,
            );
        }
        sizes.push(2.0 * wire);
        angles.push(direction);
    }
    truth.note_sizes(&sizes, short);
    truth.align = Align::of(&angles);
    truth.touch = Touch::Crossing;
    truth.texture = if faceted {
        Texture::Faceted
    } else {
        Texture::Smooth
    };
    truth.variant = curved;
    maybe_debris(field, dice, truth, 0.3);
}

/// A straight wire with flat sides; `half` leads from its middle to its end.
fn faceted_wire(field: &mut Field, middle: (f32, f32), half: (f32, f32), shape: Thread) {
    let axis: Vec<Knot> = (0..=12)
        .map(|step| {
            let t = step as f32 / 12.0;
            Knot {
                x: middle.0 + (2.0 * t - 1.0) * half.0,
                y: middle.1 + (2.0 * t - 1.0) * half.1,
                z: shape.z.0 + t * (shape.z.1 - shape.z.0),
                r: shape.r.0,
            }
        })
        .collect();
    tube(
        field,
        &axis,
        Skin {
            tone: shape.tone,
            flat: 0.85,
            ..Skin::default()
        },
    );
}

/// Upright wires seen end on, in a grid or at random, often slightly tilted.
fn array(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    flat_ground(field, dice, truth);
    let r = short * dice.range(0.008, 0.03);
    let pitch = r * dice.range(3.2, 7.0);
    let grid = dice.chance(0.6);
    let tilted = !grid || dice.chance(0.8);
    truth.view = if tilted { View::Tilted } else { View::Top };
    let tall = if tilted {
        r * dice.range(5.0, 16.0)
    } else {
        0.0
    };
    let hexagonal = dice.chance(0.5);
    let lean = if grid { 0.02 } else { dice.range(0.02, 0.25) };
    let mut places = Vec::new();
    if grid {
        let (rows, columns) = (
            ((field.h() + tall) / pitch) as usize + 2,
            (field.w() / pitch) as usize + 2,
        );
        for row in 0..rows {
            for column in 0..columns {
                let shift = if hexagonal && row % 2 == 1 { 0.5 } else { 0.0 };
                if !dice.chance(0.01) {
                    places.push(((column as f32 + shift) * pitch, row as f32 * pitch * 0.866));
                }
            }
        }
    } else {
        places = scatter(
            field,
            dice,
            ((field.w() * field.h()) / (pitch * pitch)) as usize,
            1.6 * r,
        );
        places.sort_by(|a, b| a.1.total_cmp(&b.1));
    }
    let (mut sizes, mut angles) = (Vec::new(), Vec::new());
    for (order, (x, y)) in places.into_iter().enumerate() {
        let wire = dice.spread_around(r, if grid { 0.05 } else { 0.2 });
        let direction = -FRAC_PI_2 + lean * dice.normal();
        let z = order as f32 * 0.002 + wire;
        if tilted {
            let length = tall * dice.range(0.9, 1.1);
            let shape = Thread {
                z: (z, z + 6.0 * wire),
                r: (wire, wire),
                bend: 0.0,
                tone: 0.5,
            };
            thread(field, dice, (x, y), direction, length, shape);
            angles.push(direction);
        }
        let mut cap = Blob::ball(x + lean * dice.normal() * r, y - tall, wire * 1.05, 0.8);
        cap.z = z + 6.0 * wire;
        cap.radii = (
            wire * 1.05,
            wire * if tilted { 0.7 } else { 1.05 },
            wire * 0.6,
        );
        cap.draw(field);
        sizes.push(2.0 * wire);
    }
    truth.note_sizes(&sizes, short);
    truth.align = if tilted {
        Align::of(&angles)
    } else {
        Align::NotApplicable
    };
    truth.layout = match (grid, hexagonal) {
        (true, true) => Layout::HexagonalGrid,
        (true, false) => Layout::SquareGrid,
        _ => Layout::Random,
    };
    truth.touch = Touch::Separate;
    maybe_debris(field, dice, truth, 0.2);
}

fn tangle(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let open = dice.chance(0.4);
    if open {
        flat_ground(field, dice, truth);
    } else {
        ground_of(field, dice, truth, Ground::Black, 0.05);
    }
    let r = short * dice.range(0.003, 0.01);
    let count = if open {
        dice.int(15, 50)
    } else {
        dice.int(80, 170)
    };
    let bend = dice.range(0.1, 0.35);
    let centre = (
        field.w() * dice.range(0.3, 0.7),
        field.h() * dice.range(0.3, 0.7),
    );
    let mut sizes = Vec::new();
    for index in 0..count {
        let wire = dice.spread_around(r, 0.3);
        let start = if open {
            (
                centre.0 + 0.2 * field.w() * dice.normal(),
                centre.1 + 0.2 * field.h() * dice.normal(),
            )
        } else {
            (dice.range(0.0, field.w()), dice.range(0.0, field.h()))
        };
        let z = wire + index as f32 / count as f32 * 16.0 * r;
        let knot = Knot {
            x: start.0,
            y: start.1,
            z,
            r: wire,
        };
        let direction = dice.angle();
        let length = short * dice.range(0.5, 1.4);
        let mut axis = wander(dice, knot, direction, length, (2.5 * wire).max(2.5), bend);
        let phase = dice.angle();
        for (step, knot) in axis.iter_mut().enumerate() {
            knot.z += 3.0 * r * (phase + step as f32 * 0.2).sin();
        }
        tube(
            field,
            &axis,
            Skin {
                tone: dice.range(0.5, 0.7),
                ..Skin::default()
            },
        );
        sizes.push(2.0 * wire);
    }
    truth.note_sizes(&sizes, short);
    truth.align = Align::No;
    truth.touch = Touch::Crossing;
    truth.layout = if open {
        Layout::Clustered
    } else {
        Layout::Filled
    };
    truth.variant = true;
    maybe_debris(field, dice, truth, 0.25);
}

/// Straight wires that all point one way out of a rugged floor.
fn slanted(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    ground_of(field, dice, truth, Ground::Rough, 0.2);
    truth.view = View::Tilted;
    let r = short * dice.range(0.003, 0.009);
    let lead = -FRAC_PI_2 + dice.range(-1.1, 1.1);
    let count = ((field.w() * field.h()) / (r * r * dice.range(90.0, 300.0))) as usize;
    let long = short * dice.range(0.06, 0.25);
    let (mut sizes, mut angles) = (Vec::new(), Vec::new());
    let strays = if dice.chance(0.4) { 0.08 } else { 0.0 };
    let mut places = scatter(field, dice, count.min(420), 0.0);
    places.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (order, (x, y)) in places.into_iter().enumerate() {
        let wire = dice.spread_around(r, 0.35);
        let stray = if dice.chance(strays) { 0.6 } else { 0.04 };
        let direction = lead + stray * dice.normal();
        let z = order as f32 * 0.01 + 4.0 * r;
        let shape = Thread {
            z: (z, z + 0.4 * long),
            r: (wire, 0.8 * wire),
            bend: 0.0,
            tone: 0.55,
        };
        let length = dice.spread_around(long, 0.4);
        thread(field, dice, (x, y), direction, length, shape);
        sizes.push(length);
        angles.push(direction);
    }
    truth.note_sizes(&sizes, short);
    truth.relative = Relative::of(2.0 * r / short);
    truth.align = Align::of(&angles);
    truth.touch = Touch::Separate;
    truth.texture = Texture::Smooth;
    if strays > 0.0 {
        truth.defects.push(Defect::Bent);
    }
}

/// One to four wires that stand or lie apart, some beside faceted bodies.
fn single(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    flat_ground(field, dice, truth);
    let count = dice.int(1, 4);
    truth.variant = dice.chance(0.5);
    let (mut angles, mut widths) = (Vec::new(), Vec::new());
    if dice.chance(0.5) {
        let bodies = dice.int(2, 8);
        for (x, y) in scatter(field, dice, bodies, 0.1 * short) {
            let size = short * dice.range(0.02, 0.06);
            let body = Crystal {
                centre: (x, y, 0.3 * size),
                half: (size * dice.range(0.8, 3.0), size * 0.7, 0.5 * size),
                cut: 0.2,
                tumble: 0.1,
                tone: dice.range(0.35, 0.5),
            };
            body.draw(field, dice);
        }
    }
    for _ in 0..count {
        let r = short * dice.range(0.008, 0.025);
        let direction = dice.range(0.0, PI);
        let long = short * dice.range(0.35, 1.1);
        let (x, y) = (
            field.w() * dice.range(0.2, 0.8),
            field.h() * dice.range(0.2, 0.8),
        );
        let start = (
            x - 0.5 * long * direction.cos(),
            y - 0.5 * long * direction.sin(),
        );
        let shape = Thread {
            z: (1.5 * r, 1.5 * r),
            r: (r, r * dice.range(0.6, 1.0)),
            bend: if dice.chance(0.3) { 0.02 } else { 0.0 },
            tone: 0.6,
        };
        let knots = thread(field, dice, start, direction, long, shape);
        if let (true, Some(tip)) = (truth.variant, knots.last()) {
            let mut cap = Blob::ball(tip.x, tip.y, r * dice.range(1.4, 2.2), 0.75);
            cap.z = 2.0 * r;
            cap.draw(field);
        }
        angles.push(direction);
        widths.push(2.0 * r);
    }
    truth.note_sizes(&widths, short);
    truth.spread = Spread::None;
    truth.align = Align::of(&angles);
    truth.touch = if count == 1 {
        Touch::Alone
    } else {
        Touch::Separate
    };
    truth.layout = if count == 1 {
        Layout::OneBody
    } else {
        Layout::Random
    };
    maybe_debris(field, dice, truth, 0.3);
}
