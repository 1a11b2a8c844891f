//! Comb fingers, interdigitated electrodes, pads and tracks, cantilevers, membranes, spirals.
//!
//! Called by `scenes`; draws on a field and notes the facts. The mask holds the device.

use std::f32::consts::TAU;

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::{Knot, Outline, Plate};
use super::super::field::{Field, Span};
use super::super::shade::Look;
use super::super::truth::{
    Align, Defect, Ground, Layout, LineWidth, Relative, Spread, Texture, Touch, Truth,
};
use super::{maybe_debris, usual_look};

/// Draws one of the device scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    look.hollow *= 0.5;
    look.edge = dice.range(0.25, 0.9);
    let tone = dice.range(0.12, 0.5);
    truth.ground = if tone < 0.3 {
        Ground::FlatDark
    } else {
        Ground::FlatGrey
    };
    field.tone.fill(tone);
    let tilted = field.tilt > 0.0;
    truth.layout = Layout::Designed;
    truth.spread = Spread::None;
    truth.touch = Touch::Separate;
    let zoom = dice.pick(&[0.55, 0.8, 1.0, 1.0, 1.3, 1.8]);
    under_layer(field, dice, zoom);
    let metal = Metal {
        z: field.short()
            * if tilted {
                dice.range(0.02, 0.09)
            } else {
                dice.range(0.008, 0.04)
            },
        tone: if dice.chance(0.85) {
            (tone + dice.range(0.12, 0.5)).min(0.95)
        } else {
            tone * 0.5
        },
        turn: if dice.chance(0.6) {
            0.0
        } else {
            dice.range(-0.5, 0.5)
        },
        centre: (
            field.w() * dice.range(0.36, 0.64),
            field.h() * dice.range(0.38, 0.62),
        ),
        zoom,
    };
    match truth.kind {
        Kind::Interdigitated => fingers(field, dice, truth, &metal, false),
        Kind::PadsAndTracks => pads(field, dice, truth, &metal),
        Kind::Cantilevers => cantilevers(field, dice, truth, &metal),
        Kind::Membrane => membrane(field, dice, truth, &metal),
        Kind::Spiral => spiral(field, dice, truth, &metal),
        Kind::Meander => meander(field, dice, truth, &metal),
        Kind::FacingTips => facing_tips(field, dice, truth, &metal),
        _ => fingers(field, dice, truth, &metal, true),
    }
    if dice.chance(0.35) {
        let fine = field.short() * dice.range(0.005, 0.012);
        field.roughen(dice.bits(), fine, 0.2 * fine, 2);
        truth.texture = Texture::FineGrain;
    }
    maybe_debris(field, dice, truth, 0.35);
    truth.charging = dice.chance(0.12);
    look
}

/// The layer devices are made of and how the layout lies in the frame.
struct Metal {
    z: f32,
    tone: f32,
    turn: f32,
    centre: (f32, f32),
    zoom: f32,
}

impl Metal {
    /// A box by centre and half sides in layout coordinates around the middle of the frame.
    fn bar(&self, field: &mut Field, x: f32, y: f32, half_w: f32, half_h: f32) {
        self.plate(Outline::Box(half_w, half_h, 0.0), x, y)
            .raise(field);
    }

    fn plate(&self, outline: Outline, x: f32, y: f32) -> Plate {
        let (sin, cos) = self.turn.sin_cos();
        let (px, py) = (
            self.centre.0 + x * cos - y * sin,
            self.centre.1 + x * sin + y * cos,
        );
        Plate {
            outline,
            x: px,
            y: py,
            angle: self.turn,
            z: self.z,
            bevel: 0.12 * self.z + 0.8,
            tone: self.tone,
        }
    }
}

/// Faint wide tracks and steps below the device, as other layers of a chip leave them.
fn under_layer(field: &mut Field, dice: &mut Dice, zoom: f32) {
    if dice.chance(0.4) {
        return;
    }
    let short = field.short() * zoom;
    let floor = field.tone[0];
    for _ in 0..dice.int(1, 5) {
        let half = (short * dice.range(0.03, 0.4), short * dice.range(0.03, 0.4));
        let track = Plate {
            outline: Outline::Box(half.0, half.1, 0.0),
            x: dice.range(0.0, field.w()),
            y: dice.range(0.0, field.h()),
            angle: 0.0,
            z: short * dice.range(0.001, 0.006),
            bevel: 1.0,
            tone: (floor * dice.range(0.7, 1.5)).min(0.7),
        };
        track.raise(field);
    }
    field.mask.fill(false);
}

/// Fingers of opposite spines that reach between each other, once or as a comb pair with a
/// shuttle and springs.
fn fingers(field: &mut Field, dice: &mut Dice, truth: &mut Truth, metal: &Metal, comb: bool) {
    let (w, h) = (field.w() * metal.zoom, field.h() * metal.zoom);
    let short = field.short() * metal.zoom;
    let pitch = short * dice.range(0.05, 0.17);
    let wide = pitch * dice.range(0.25, 0.42) * 0.5;
    let reach = h * dice.range(0.18, 0.42);
    let span = w * if dice.chance(0.6) {
        0.8
    } else {
        dice.range(0.25, 0.42)
    };
    let overlap = dice.range(0.5, 0.9);
    let spine = short * dice.range(0.03, 0.12);
    let count = (2.0 * span / pitch) as i32;
    field.drawn.lines = Some(LineWidth {
        width_px: 2.0 * wide,
        gap_px: pitch - 2.0 * wide,
    });
    let broken = dice.chance(0.15);
    for index in 0..=count {
        let x = -span + index as f32 * pitch;
        let side = if index % 2 == 0 { 1.0 } else { -1.0 };
        let cut = if broken && dice.chance(0.15) {
            dice.range(0.3, 0.7)
        } else {
            1.0
        };
        let half = reach * overlap * cut;
        let base = side * reach;
        metal.bar(field, x, base - side * half, wide, half);
    }
    metal.bar(field, 0.0, -reach - spine, span + wide, spine);
    metal.bar(field, 0.0, reach + spine, span + wide, spine);
    if comb {
        let arm = short * dice.range(0.012, 0.03);
        for side in [-1.0f32, 1.0] {
            metal.bar(
                field,
                side * (span * 0.8),
                -reach - 3.0 * spine,
                arm,
                2.5 * spine,
            );
            metal.bar(
                field,
                side * 0.5 * span,
                -reach - 5.5 * spine,
                0.5 * span,
                arm,
            );
        }
        metal.bar(field, 0.0, -reach - 7.0 * spine, 2.0 * spine, 2.0 * spine);
        if dice.chance(0.5) {
            release_holes(field, dice, metal, spine, span, -reach - spine);
            truth.variant = true;
        }
    } else {
        let lead = short * dice.range(0.02, 0.06);
        metal.bar(
            field,
            span * dice.range(-0.8, 0.8),
            -reach - spine - 0.5 * h,
            lead,
            0.5 * h,
        );
        metal.bar(
            field,
            span * dice.range(-0.8, 0.8),
            reach + spine + 0.5 * h,
            lead,
            0.5 * h,
        );
    }
    if broken {
        truth.defects.push(Defect::Broken);
    }
    truth.objects = count.max(1) as u32;
    truth.relative = Relative::of(2.0 * wide / field.short());
    truth.spread = Spread::Narrow;
    truth.align = Align::Strong;
    truth.layout = Layout::Rows;
}

fn release_holes(field: &mut Field, _dice: &mut Dice, metal: &Metal, half: f32, span: f32, y: f32) {
    let count = (span / half) as i32;
    for index in -count..=count {
        let hole = Plate {
            z: 0.0,
            tone: 0.08,
            ..metal.plate(
                Outline::Box(0.25 * half, 0.25 * half, 0.0),
                index as f32 * half,
                y,
            )
        };
        hole.cut(field, false);
    }
}

fn pads(field: &mut Field, dice: &mut Dice, truth: &mut Truth, metal: &Metal) {
    let short = field.short() * metal.zoom;
    let count = dice.int(3, 9);
    let pad = short * dice.range(0.07, 0.16);
    let track = short * dice.range(0.006, 0.03);
    let ring = short * dice.range(0.42, 0.55);
    let start = dice.angle();
    let inner = short * dice.range(0.03, 0.14);
    for index in 0..count {
        let at = start + index as f32 / count as f32 * TAU;
        let (px, py) = (1.25 * ring * at.cos(), ring * at.sin());
        metal.bar(field, px, py, pad * dice.range(0.8, 1.4), pad);
        let (ex, ey) = (inner * at.cos(), inner * at.sin());
        // Tracks run straight in from the pad, then bend to the middle.
        let (mx, my) = if dice.chance(0.5) { (px, ey) } else { (ex, py) };
        for (ax, ay, bx, by) in [(px, py, mx, my), (mx, my, ex, ey)] {
            let (half_w, half_h) = (0.5 * (bx - ax).abs() + track, 0.5 * (by - ay).abs() + track);
            metal.bar(field, 0.5 * (ax + bx), 0.5 * (ay + by), half_w, half_h);
        }
    }
    truth.variant = dice.chance(0.4);
    if truth.variant {
        let knots = [
            Knot {
                x: metal.centre.0 - 1.4 * inner,
                y: metal.centre.1 - 0.3 * inner,
                z: metal.z,
                r: 0.4 * track + 0.6,
            },
            Knot {
                x: metal.centre.0 + 1.4 * inner,
                y: metal.centre.1 + 0.4 * inner,
                z: metal.z,
                r: 0.4 * track + 0.6,
            },
        ];
        let skin = super::super::draw::Skin {
            tone: 0.85,
            ..Default::default()
        };
        super::super::draw::tube(field, &knots, skin);
    }
    truth.objects = count as u32;
    truth.relative = Relative::of(2.0 * pad / field.short());
    if dice.chance(0.25) {
        truth.defects.push(Defect::Scratches);
        let (x, y, slope) = (
            dice.range(0.0, field.w()),
            dice.range(0.0, field.h()),
            dice.range(-1.0, 1.0),
        );
        field.edit(field.whole(), |px, py, _, tone, _| {
            if ((py - y) - slope * (px - x)).abs() < 1.2 {
                *tone *= 0.6;
            }
        });
    }
}

fn cantilevers(field: &mut Field, dice: &mut Dice, truth: &mut Truth, metal: &Metal) {
    let (w, h, short) = (field.w(), field.h(), field.short() * metal.zoom);
    let base = h * dice.range(0.1, 0.3) + metal.centre.1 - 0.5 * h;
    metal.bar(
        field,
        0.0,
        -0.5 * h + 0.5 * base - 0.6 * h,
        1.2 * w,
        0.5 * base + 0.6 * h,
    );
    let count = dice.int(1, 7);
    let wide = short * dice.range(0.02, 0.07);
    let pitch = if count > 1 {
        0.75 * w / count as f32
    } else {
        0.0
    };
    let grow = dice.range(-0.5, 0.8);
    let long = h * dice.range(0.3, 0.55);
    // The trench under the beams.
    let trench = Span {
        corners: (0.06 * w, 0.0, 0.94 * w, h),
    };
    if metal.turn.abs() < 0.01 && dice.chance(0.6) {
        let floor = -0.5 * metal.z - 0.03 * short;
        let (top, bottom) = (base, (base + long * 1.25).min(0.97 * h));
        let dark = field.tone[field.tone.len() - 1] * 0.5;
        field.carve(trench, false, |_, y| {
            (y > top && y < bottom).then_some((floor, dark))
        });
        // Solid again where the base was cut too.
        metal.bar(field, 0.0, -0.5 * h + 0.5 * base, 1.2 * w, 0.5 * base);
    }
    for index in 0..count {
        let part = if count > 1 {
            index as f32 / (count - 1) as f32
        } else {
            0.5
        };
        let x = (index as f32 - 0.5 * (count - 1) as f32) * pitch;
        let reach = long * (1.0 + grow * (part - 0.5)).clamp(0.4, 1.4);
        let y = -0.5 * h + base + 0.5 * reach;
        metal.bar(field, x, y, wide, 0.5 * reach);
        if truth.objects == 0 && dice.chance(0.35) {
            truth.variant = true;
        }
        if truth.variant {
            metal.bar(field, x, -0.5 * h + base + reach, 1.8 * wide, 1.2 * wide);
        }
        truth.objects += 1;
    }
    truth.align = if count > 1 {
        Align::Strong
    } else {
        Align::NotApplicable
    };
    truth.relative = Relative::of(2.0 * wide / field.short());
    truth.touch = Touch::Joined;
}

fn membrane(field: &mut Field, dice: &mut Dice, truth: &mut Truth, metal: &Metal) {
    let short = field.short() * metal.zoom;
    let half = short * dice.range(0.2, 0.36);
    let round = dice.chance(0.4);
    let outline = |size: f32| {
        if round {
            Outline::Disc(size)
        } else {
            Outline::Box(size, size, 0.03 * short)
        }
    };
    metal.plate(outline(1.25 * half), 0.0, 0.0).raise(field);
    let recess = Plate {
        z: 0.25 * metal.z,
        tone: metal.tone * 0.75,
        ..metal.plate(outline(half), 0.0, 0.0)
    };
    recess.cut(field, true);
    let arms = dice.int(2, 4);
    for arm in 0..arms {
        let side = if arm % 2 == 0 { 1.0 } else { -1.0 };
        if arm < 2 {
            metal.bar(
                field,
                side * (1.2 * half + 0.5 * short),
                0.0,
                0.5 * short,
                0.08 * half,
            );
        } else {
            metal.bar(
                field,
                0.0,
                side * (1.2 * half + 0.5 * short),
                0.08 * half,
                0.5 * short,
            );
        }
    }
    truth.variant = dice.chance(0.5);
    if truth.variant {
        let step = half * dice.range(0.2, 0.35);
        let reach = (0.8 * half / step) as i32;
        for row in -reach..=reach {
            for column in -reach..=reach {
                let (x, y) = (column as f32 * step, row as f32 * step);
                if !round || x.hypot(y) < 0.85 * half {
                    Plate {
                        z: -metal.z,
                        tone: 0.06,
                        ..metal.plate(Outline::Disc(0.22 * step), x, y)
                    }
                    .cut(field, false);
                }
            }
        }
    }
    truth.objects = 1;
    truth.relative = Relative::of(2.0 * half / field.short());
    truth.touch = Touch::Joined;
    if dice.chance(0.2) {
        truth.defects.push(Defect::Stain);
        let spot = (
            metal.centre.0 + dice.range(-0.5, 0.5) * half,
            metal.centre.1 + dice.range(-0.5, 0.5) * half,
        );
        field.edit(
            Span::around(spot.0, spot.1, 0.3 * half),
            |x, y, _, tone, _| {
                if (x - spot.0).hypot(y - spot.1) < 0.28 * half {
                    *tone *= 0.7;
                }
            },
        );
    }
}

fn spiral(field: &mut Field, dice: &mut Dice, truth: &mut Truth, metal: &Metal) {
    let short = field.short() * metal.zoom;
    let turns = dice.int(2, 6);
    let pitch = short * 0.42 / turns as f32;
    let half = pitch * dice.range(0.2, 0.34);
    let square = dice.chance(0.6);
    if square {
        let mut reach = 0.42 * short;
        for _ in 0..turns {
            metal.bar(field, 0.0, -reach, reach + half, half);
            metal.bar(field, reach, 0.0, half, reach + half);
            metal.bar(field, -0.5 * pitch, reach, reach - 0.5 * pitch + half, half);
            metal.bar(field, -reach, 0.5 * pitch, half, reach - 0.5 * pitch);
            reach -= pitch;
        }
    } else {
        let (z, tone, centre) = (metal.z, metal.tone, metal.centre);
        let most = turns as f32 * pitch;
        field.stamp(field.whole(), |x, y| {
            let (dx, dy) = (x - centre.0, y - centre.1);
            let radius = dx.hypot(dy);
            let place = radius / pitch - dy.atan2(dx) / TAU;
            let off = (place - place.round()).abs() * pitch;
            (off < half && radius > 0.8 * pitch && radius < most).then_some((z, tone))
        });
    }
    metal.bar(field, 0.0, 0.0, 0.35 * pitch, 0.35 * pitch);
    metal.bar(field, 0.5 * field.w(), 0.42 * short, 0.5 * field.w(), half);
    truth.objects = 1;
    truth.relative = Relative::of(2.0 * half / field.short());
    truth.variant = square;
    truth.touch = Touch::Joined;
}

/// A track folded back and forth between pads.
fn meander(field: &mut Field, dice: &mut Dice, truth: &mut Truth, metal: &Metal) {
    let short = field.short() * metal.zoom;
    let turns = dice.int(4, 12);
    let pitch = short * 0.8 / turns as f32;
    let half = pitch * dice.range(0.15, 0.32);
    let tall = short * dice.range(0.18, 0.36);
    let start = -0.5 * (turns - 1) as f32 * pitch;
    field.drawn.lines = Some(LineWidth {
        width_px: 2.0 * half,
        gap_px: pitch - 2.0 * half,
    });
    for turn in 0..turns {
        let x = start + turn as f32 * pitch;
        metal.bar(field, x, 0.0, half, tall);
        if turn + 1 < turns {
            let side = if turn % 2 == 0 { 1.0 } else { -1.0 };
            metal.bar(
                field,
                x + 0.5 * pitch,
                side * tall,
                0.5 * pitch + half,
                half,
            );
        }
    }
    let pad = short * dice.range(0.07, 0.18);
    for (side, edge) in [
        (-1.0f32, -tall),
        (1.0, if turns.is_multiple_of(2) { -tall } else { tall }),
    ] {
        let x = side * start.abs();
        metal.bar(field, x + side * (0.4 * short), edge, 0.4 * short, half);
        metal.bar(field, x + side * (0.25 * short + pad), edge, pad, pad);
    }
    truth.objects = turns as u32;
    truth.relative = Relative::of(2.0 * half / field.short());
    truth.spread = Spread::Narrow;
    truth.align = Align::Strong;
    truth.touch = Touch::Joined;
}

/// Electrodes that narrow toward each other and leave a small gap.
fn facing_tips(field: &mut Field, dice: &mut Dice, truth: &mut Truth, metal: &Metal) {
    let short = field.short() * metal.zoom;
    let gap = short * dice.range(0.008, 0.05);
    let (neck, wide) = (
        short * dice.range(0.008, 0.04),
        short * dice.range(0.12, 0.4),
    );
    let reach = wide + short * dice.range(0.05, 0.3);
    let far = field.w().hypot(field.h());
    truth.variant = dice.chance(0.45);
    let sides: &[f32] = if truth.variant {
        &[0.0, 0.5, 1.0, 1.5]
    } else {
        &[0.0, 1.0]
    };
    for quarter in sides {
        let turn = quarter * 0.5 * TAU;
        let corners = vec![
            (gap, -neck),
            (gap, neck),
            (gap + reach, wide),
            (far, wide),
            (far, -wide),
            (gap + reach, -wide),
        ];
        let outline = Outline::Polygon(corners);
        let plate = metal.plate(outline, 0.0, 0.0);
        Plate {
            angle: metal.turn + turn,
            ..plate
        }
        .raise(field);
    }
    truth.objects = sides.len() as u32;
    truth.relative = Relative::of(2.0 * wide / field.short());
}
