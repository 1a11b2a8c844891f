//! Needles, cantilever probes, cones, an apex from above, manipulators and etched wires.
//!
//! Called by `scenes`; draws on a field and notes the facts.

use std::f32::consts::{FRAC_PI_2, TAU};

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Blob, Crystal, Knot, Outline, Plate, Skin, tube};
use super::super::field::Field;
use super::super::noise::Noise;
use super::super::shade::Look;
use super::super::truth::{
    Defect, Ground, Layout, Point, Relative, Spread, Texture, Touch, Truth, View,
};
use super::{ground_of, maybe_debris, usual_look};

/// Draws one of the tip scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    look.depth *= 0.4;
    look.slope = dice.range(0.6, 1.3);
    truth.objects = 1;
    truth.spread = Spread::None;
    truth.layout = Layout::OneBody;
    truth.touch = Touch::Alone;
    truth.relative = Relative::Large;
    match truth.kind {
        Kind::Probe => probe(field, dice, truth),
        Kind::Cone => cone(field, dice, truth),
        Kind::ApexFromAbove => apex(field, dice, truth),
        Kind::Manipulator => manipulator(field, dice, truth),
        Kind::EtchedWire => needle(field, dice, truth, true),
        Kind::ProbeFromSide => probe_from_side(field, dice, truth),
        _ => needle(field, dice, truth, false),
    }
    truth.charging = dice.chance(0.15);
    look
}

fn back(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let (ground, tone) = match dice.int(0, 5) {
        0..=3 => (Ground::Black, dice.range(0.0, 0.08)),
        4 => (Ground::FlatDark, dice.range(0.12, 0.25)),
        _ => (Ground::FlatGrey, dice.range(0.3, 0.5)),
    };
    ground_of(field, dice, truth, ground, tone);
}

/// A straight taper from outside the frame to an apex inside it; etched ones narrow in a curve.
fn needle(field: &mut Field, dice: &mut Dice, truth: &mut Truth, etched: bool) {
    back(field, dice, truth);
    truth.view = View::Side;
    let short = field.short();
    let direction = dice.pick(&[0.0, FRAC_PI_2, -FRAC_PI_2, TAU / 2.0, 0.8, 2.3, -0.8, -2.3])
        + dice.range(-0.25, 0.25);
    let apex = (
        field.w() * dice.range(0.35, 0.65),
        field.h() * dice.range(0.35, 0.65),
    );
    let long = field.w().hypot(field.h());
    let wide = short
        * if etched {
            dice.range(0.1, 0.3)
        } else {
            dice.range(0.08, 0.32)
        };
    let point = short * dice.pick(&[0.002, 0.004, 0.012, 0.03]);
    let power = if etched {
        dice.range(1.8, 3.2)
    } else {
        dice.range(0.85, 1.1)
    };
    let rough = if dice.chance(0.5) {
        dice.range(0.02, 0.07)
    } else {
        0.0
    };
    let axis: Vec<Knot> = (0..=90)
        .map(|step| {
            let t = (step as f32 / 90.0).powf(1.3);
            let spread = if etched {
                (t * 2.2).min(1.0).powf(power)
            } else {
                t.powf(power) * 1.6
            };
            Knot {
                x: apex.0 - t * long * direction.cos(),
                y: apex.1 - t * long * direction.sin(),
                z: short * 0.5,
                r: point + wide * spread,
            }
        })
        .collect();
    field.drawn.tip = Some(Point {
        radius_px: point,
        angle_deg: (!etched).then(|| flank_angle(&axis)),
    });
    let skin = Skin {
        tone: dice.range(0.45, 0.7),
        groove: rough,
        grooves: 5.0,
        flat: 0.0,
        seed: dice.bits(),
    };
    tube(field, &axis, skin);
    truth.texture = if rough > 0.03 {
        Texture::Streaked
    } else {
        Texture::Smooth
    };
    truth.variant = point > 0.01 * short;
    if dice.chance(0.2) {
        truth.defects.push(Defect::Debris);
        for _ in 0..dice.int(1, 4) {
            let place = axis[dice.int(0, 40)];
            let mut lump = Blob::ball(
                place.x + dice.range(-1.0, 1.0) * place.r,
                place.y,
                short * dice.range(0.008, 0.03),
                0.6,
            );
            lump.z = place.z + place.r * 0.8;
            lump.wobble = 0.3;
            lump.seed = dice.bits();
            lump.draw(field);
        }
    }
}

/// The angle between the flanks of a tube that narrows evenly, in degrees: by its first quarter.
fn flank_angle(axis: &[Knot]) -> f32 {
    let (Some(end), Some(back)) = (axis.first(), axis.get(axis.len() / 4)) else {
        return 0.0;
    };
    let length = (back.x - end.x).hypot(back.y - end.y);
    2.0 * ((back.r - end.r) / length).atan().to_degrees()
}

/// A flat lever that ends in a point or carries a pyramid near its end.
fn probe(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    back(field, dice, truth);
    let short = field.short();
    let tilted = field.tilt > 0.0;
    let direction = dice.pick(&[0.0, FRAC_PI_2, -FRAC_PI_2, TAU / 2.0]) + dice.range(-0.4, 0.4);
    let half = short * dice.range(0.06, 0.24);
    let end = (
        field.w() * dice.range(0.4, 0.7),
        field.h() * dice.range(0.4, 0.7),
    );
    let long = field.w().hypot(field.h());
    let beak = half * dice.range(0.6, 1.8);
    let taper = dice.range(0.75, 1.0);
    let corners = vec![
        (beak, 0.0),
        (0.0, taper * half),
        (-long, half),
        (-long, -half),
        (0.0, -taper * half),
    ];
    let tone = dice.range(0.35, 0.6);
    let lever = Plate {
        outline: Outline::Polygon(corners),
        x: end.0,
        y: end.1,
        angle: direction,
        z: 0.12 * short,
        bevel: 0.02 * short,
        tone,
    };
    lever.raise(field);
    if dice.chance(0.3) {
        let base = Plate {
            outline: Outline::Box(0.35 * long, long, 0.0),
            x: end.0 - 0.75 * long * direction.cos(),
            y: end.1 - 0.75 * long * direction.sin(),
            ..lever.clone()
        };
        base.raise(field);
    }
    let foot = half * dice.range(0.3, 0.6);
    let at = (
        end.0 + 0.1 * beak * direction.cos(),
        end.1 + 0.1 * beak * direction.sin(),
    );
    let tall = foot
        * if tilted {
            dice.range(1.5, 3.5)
        } else {
            dice.range(1.2, 3.0)
        };
    let lean = if tilted { 0.15 * foot } else { 0.0 };
    let way = direction + dice.pick(&[0.0, FRAC_PI_2, -FRAC_PI_2]) + dice.range(-0.4, 0.4);
    pyramid(
        field,
        at,
        foot,
        tall,
        (lean * way.cos(), lean * way.sin()),
        tone * 1.2,
        dice.range(0.0, TAU),
        dice.chance(0.6),
    );
    truth.relative = Relative::of(2.0 * half / short);
    truth.variant = true;
    maybe_debris(field, dice, truth, 0.2);
}

/// A pyramid or cone whose apex may lean sideways in view.
#[allow(clippy::too_many_arguments, reason = "one body, described once")]
fn pyramid(
    field: &mut Field,
    at: (f32, f32),
    foot: f32,
    tall: f32,
    lean: (f32, f32),
    tone: f32,
    turn: f32,
    square: bool,
) {
    let base = 0.12 * field.short();
    let steps = 60;
    for step in 0..=steps {
        let t = step as f32 / steps as f32;
        let size = (foot * (1.0 - t)).max(0.8);
        let outline = if square {
            Outline::Box(size * 0.8, size * 0.8, 0.0)
        } else {
            Outline::Disc(size * 0.9)
        };
        let slice = Plate {
            outline,
            x: at.0 + t * lean.0,
            y: at.1 + t * lean.1,
            angle: turn,
            z: base + 1.0 + t * tall,
            bevel: 0.5,
            tone: tone * (0.85 + 0.3 * t),
        };
        slice.raise(field);
    }
}

/// A cone standing on a base, in side view.
fn cone(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    back(field, dice, truth);
    truth.view = View::Side;
    let (w, h, short) = (field.w(), field.h(), field.short());
    let base_y = h * dice.range(0.65, 0.95);
    let tall = h * dice.range(0.4, 0.62);
    let foot = short * dice.range(0.06, 0.26);
    let x = w * dice.range(0.35, 0.65);
    let lean = dice.range(-0.15, 0.15);
    let power = dice.pick(&[1.0, 1.0, 1.3, 0.75, 1.7, 2.4]);
    let point = short * dice.range(0.002, 0.012);
    let axis: Vec<Knot> = (0..=70)
        .map(|step| {
            let t = step as f32 / 70.0;
            Knot {
                x: x + lean * tall * t,
                y: base_y - tall * t,
                z: 0.5 * short,
                r: point + foot * (1.0 - t).powf(power),
            }
        })
        .collect();
    field.drawn.tip = Some(Point {
        radius_px: point,
        angle_deg: (power == 1.0).then(|| 2.0 * (foot / tall).atan().to_degrees()),
    });
    let groove = if dice.chance(0.4) { 0.05 } else { 0.0 };
    tube(
        field,
        &axis,
        Skin {
            tone: dice.range(0.5, 0.7),
            groove,
            grooves: 4.0,
            flat: 0.0,
            seed: dice.bits(),
        },
    );
    let rough = Noise(dice.bits());
    let bumps = short * dice.range(0.002, 0.02);
    let tone = dice.range(0.25, 0.45);
    field.edit(field.whole(), |px, py, z, grey, mask| {
        let edge = base_y + bumps * rough.octaves(px / (0.08 * short), 1.0, 3);
        if py > edge {
            *z = 0.55 * short
                + foot
                + 0.3 * bumps * rough.octaves(px / (0.05 * short), py / (0.03 * short), 3)
                + 0.1 * (py - edge);
            *grey = tone;
            *mask = false;
        }
    });
    truth.texture = if groove > 0.0 {
        Texture::Streaked
    } else {
        Texture::Smooth
    };
    truth.relative = Relative::of(tall / short);
    truth.variant = false;
    maybe_debris(field, dice, truth, 0.15);
}

/// A pyramid or cone seen along its axis, often on a lever.
fn apex(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let tone = dice.range(0.25, 0.45);
    ground_of(field, dice, truth, Ground::FlatGrey, tone);
    truth.view = View::Top;
    let at = (
        field.w() * dice.range(0.4, 0.6),
        field.h() * dice.range(0.4, 0.6),
    );
    let foot = short * dice.range(0.18, 0.42);
    let square = dice.chance(0.65);
    let (turn, tall) = (dice.range(0.0, TAU / 4.0), foot * dice.range(0.9, 1.6));
    let (sin, cos) = turn.sin_cos();
    field.stamp(field.whole(), |x, y| {
        let (dx, dy) = (x - at.0, y - at.1);
        let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
        let off = if square {
            u.abs().max(v.abs())
        } else {
            u.hypot(v)
        } / foot;
        (off < 1.0).then_some((tall * (1.0 - off) + 1.0, 0.5))
    });
    let mut point = Blob::ball(at.0, at.1, short * dice.range(0.005, 0.015), 1.0);
    point.z = tall;
    point.draw(field);
    truth.relative = Relative::of(2.0 * foot / short);
    truth.texture = if square {
        Texture::Faceted
    } else {
        Texture::Smooth
    };
    truth.variant = square;
    maybe_debris(field, dice, truth, 0.25);
}

/// A needle of an instrument with a block at its end, before a dark or perforated ground.
fn manipulator(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let mesh = dice.chance(0.4);
    if mesh {
        ground_of(field, dice, truth, Ground::Rough, 0.42);
        let pitch = short * dice.range(0.03, 0.06);
        let turn = dice.range(0.0, 1.0);
        let (sin, cos) = f32::sin_cos(turn);
        field.edit(field.whole(), |x, y, z, tone, _| {
            let (u, v) = ((x * cos + y * sin) / pitch, (y * cos - x * sin) / pitch);
            if (u - u.round()).hypot(v - v.round()) < 0.28 {
                *z -= 4.0;
                *tone = 0.06;
            }
        });
    } else {
        back(field, dice, truth);
    }
    truth.view = View::Tilted;
    let direction = dice.pick(&[-0.6, 0.6, 2.5, -2.5, -1.3]) + dice.range(-0.2, 0.2);
    let apex = (
        field.w() * dice.range(0.4, 0.65),
        field.h() * dice.range(0.35, 0.65),
    );
    let long = field.w().hypot(field.h());
    let wide = short * dice.range(0.1, 0.2);
    let axis: Vec<Knot> = (0..=70)
        .map(|step| {
            let t = step as f32 / 70.0;
            Knot {
                x: apex.0 - t * long * direction.cos(),
                y: apex.1 - t * long * direction.sin(),
                z: 0.6 * short,
                r: 0.01 * short + 1.6 * wide * t,
            }
        })
        .collect();
    tube(
        field,
        &axis,
        Skin {
            tone: dice.range(0.75, 0.95),
            groove: 0.12,
            grooves: 5.0,
            flat: 0.0,
            seed: dice.bits(),
        },
    );
    truth.variant = dice.chance(0.6);
    if truth.variant {
        let half = short * dice.range(0.025, 0.06);
        let block = Crystal {
            centre: (
                apex.0 + half * direction.cos(),
                apex.1 + half * direction.sin(),
                0.6 * short,
            ),
            half: (half, half * dice.range(0.3, 0.8), half * 0.5),
            cut: 0.0,
            tumble: 0.4,
            tone: 0.45,
        };
        block.draw(field, dice);
    }
    truth.texture = Texture::Streaked;
    truth.relative = Relative::of(wide / short);
}

/// A lever seen on edge with its tip standing off at the end.
fn probe_from_side(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    back(field, dice, truth);
    truth.view = View::Side;
    let short = field.short();
    let direction = dice.pick(&[0.0, TAU / 2.0]) + dice.range(-0.3, 0.3);
    let up = direction + FRAC_PI_2 * dice.sign();
    let end = (
        field.w() * dice.range(0.4, 0.65),
        field.h() * dice.range(0.45, 0.6),
    );
    let long = field.w().hypot(field.h());
    let half = short * dice.range(0.02, 0.08);
    let slant = dice.range(0.0, 2.5) * half;
    let corners = vec![(0.0, -half), (slant, half), (-long, half), (-long, -half)];
    let tone = dice.range(0.35, 0.6);
    let bevel = 0.6 * half;
    let lever = Outline::Polygon(corners);
    Plate {
        outline: lever,
        x: end.0,
        y: end.1,
        angle: direction,
        z: 0.4 * short,
        bevel,
        tone,
    }
    .raise(field);
    let tall = short * dice.range(0.14, 0.36);
    let foot = (tall * dice.range(0.14, 0.4)).min(1.7 * half);
    let inward = dice.range(0.6, 2.0) * foot;
    let at = (
        end.0 - inward * direction.cos(),
        end.1 - inward * direction.sin(),
    );
    let root = (foot - half).max(0.2 * half);
    let lean = dice.range(-0.25, 0.25);
    let power = dice.pick(&[1.0, 1.0, 1.5, 2.2]);
    let axis: Vec<Knot> = (0..=60)
        .map(|step| {
            let t = step as f32 / 60.0;
            Knot {
                x: at.0 + (root + t * tall) * (up + lean * t).cos(),
                y: at.1 + (root + t * tall) * (up + lean * t).sin(),
                z: 0.3 * short,
                r: 0.003 * short + foot * (1.0 - t).powf(power),
            }
        })
        .collect();
    tube(
        field,
        &axis,
        Skin {
            tone: (tone * 1.15).min(0.8),
            ..Skin::default()
        },
    );
    truth.relative = Relative::of(tall / short);
    truth.variant = true;
    maybe_debris(field, dice, truth, 0.15);
}
