//! The scenes of the ten categories: each draws one sub-kind on a field and notes the facts.
//!
//! A scene never shades, prints or adds noise. Called by `simulate::scene`.

mod biological;
mod fibres;
mod films;
mod mems;
mod nanowires;
mod particles;
mod patterned;
mod porous;
mod powder;
mod tips;

use super::Kind;
use super::dice::Dice;
use super::draw::{Blob, Crystal, Knot, Skin, tube, wander};
use super::field::Field;
use super::shade::Look;
use super::truth::{Defect, Ground, Truth};
use crate::questions::Category;

/// Draws the scene that `truth` names, completes the facts and says how to light it.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    match truth.category {
        Category::Biological => biological::draw(field, dice, truth),
        Category::Fibres => fibres::draw(field, dice, truth),
        Category::Films => films::draw(field, dice, truth),
        Category::Mems => mems::draw(field, dice, truth),
        Category::Nanowires => nanowires::draw(field, dice, truth),
        Category::Particles => particles::draw(field, dice, truth),
        Category::Patterned => patterned::draw(field, dice, truth),
        Category::Porous => porous::draw(field, dice, truth),
        Category::Powder => powder::draw(field, dice, truth),
        Category::Tips => tips::draw(field, dice, truth),
    }
}

/// The angle a kind is viewed at, by lot: 0 from above, else in radians from the vertical.
pub fn tilt(dice: &mut Dice, kind: Kind) -> f32 {
    let (chance, low, high) = match kind {
        Kind::Comb
        | Kind::Interdigitated
        | Kind::PadsAndTracks
        | Kind::Cantilevers
        | Kind::Membrane
        | Kind::Spiral
        | Kind::Meander
        | Kind::FacingTips => (0.45, 0.35, 1.0),
        Kind::Lines
        | Kind::SquareHoles
        | Kind::HexagonalHoles
        | Kind::Pillars
        | Kind::Rings
        | Kind::FlatShapes
        | Kind::Grid => (0.4, 0.3, 0.9),
        Kind::Probe => (0.55, 0.6, 1.1),
        Kind::GrainyFilm | Kind::CrackedFilm | Kind::PinholeFilm => (0.15, 0.3, 0.9),
        _ => (0.0, 0.0, 0.0),
    };
    if dice.chance(chance) {
        dice.range(low, high)
    } else {
        0.0
    }
}

/// A usual secondary-electron look with a detector at one side.
fn usual_look(field: &Field, dice: &mut Dice) -> Look {
    Look {
        slope: dice.range(0.35, 1.1),
        edge: dice.range(0.1, 0.55),
        hollow: dice.range(0.45, 0.85),
        light: dice.range(0.1, 0.55),
        from: dice.angle(),
        depth: dice.range(0.05, 0.35),
        rim: (0.006 * field.short()).max(0.8),
    }
}

/// A flat support of a random grey; the truth notes which.
fn flat_ground(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let (ground, tone) = match dice.int(0, 9) {
        0..=4 => (Ground::FlatDark, dice.range(0.12, 0.28)),
        5..=7 => (Ground::FlatGrey, dice.range(0.32, 0.48)),
        8 => (Ground::FlatBright, dice.range(0.6, 0.8)),
        _ => (Ground::Black, dice.range(0.0, 0.05)),
    };
    ground_of(field, dice, truth, ground, tone);
}

/// A support of a given kind and grey with faint unevenness.
fn ground_of(field: &mut Field, dice: &mut Dice, truth: &mut Truth, ground: Ground, tone: f32) {
    truth.ground = ground;
    field.tone.fill(tone);
    if ground == Ground::Rough {
        let size = field.short() * dice.range(0.01, 0.04);
        field.roughen(dice.bits(), size, size * dice.range(0.3, 0.7), 3);
    } else if dice.chance(0.6) {
        field.mottle(
            dice.bits(),
            field.short() * dice.range(0.05, 0.5),
            dice.range(0.02, 0.12),
            3,
        );
    }
}

/// Centres at least `gap` pixels apart where there is room; fewer than asked when crowded.
fn scatter(field: &Field, dice: &mut Dice, count: usize, gap: f32) -> Vec<(f32, f32)> {
    let margin = 0.03 * field.short();
    let mut places: Vec<(f32, f32)> = Vec::with_capacity(count);
    for _ in 0..count * 6 {
        if places.len() >= count {
            break;
        }
        let x = dice.range(-margin, field.w() + margin);
        let y = dice.range(-margin, field.h() + margin);
        if places.iter().all(|p| (p.0 - x).hypot(p.1 - y) >= gap) {
            places.push((x, y));
        }
    }
    places
}

/// Part of the discs that touch or overlap another.
fn touching_share(discs: &[(f32, f32, f32)]) -> f32 {
    let touches = |index: usize| {
        let (x, y, r) = discs[index];
        discs
            .iter()
            .enumerate()
            .any(|(other, d)| other != index && (d.0 - x).hypot(d.1 - y) < (d.2 + r) * 1.04)
    };
    let count = (0..discs.len()).filter(|&index| touches(index)).count();
    count as f32 / discs.len().max(1) as f32
}

/// Now and then drops foreign matter on the scene and notes it.
fn maybe_debris(field: &mut Field, dice: &mut Dice, truth: &mut Truth, chance: f32) {
    if !dice.chance(chance) {
        return;
    }
    truth.defects.push(Defect::Debris);
    let short = field.short();
    for _ in 0..dice.int(1, 5) {
        let (x, y) = (dice.range(0.0, field.w()), dice.range(0.0, field.h()));
        let size = short * dice.range(0.008, 0.035);
        let top = field.z
            [(y as usize).min(field.height - 1) * field.width + (x as usize).min(field.width - 1)];
        if dice.chance(0.5) {
            let flake = Crystal {
                centre: (x, y, top + size * 0.5),
                half: (
                    size,
                    size * dice.range(0.3, 1.0),
                    size * dice.range(0.1, 0.4),
                ),
                cut: 0.4,
                tumble: 0.8,
                tone: dice.range(0.5, 0.9),
            };
            flake.draw(field, dice);
        } else {
            let mut lump = Blob::ball(x, y, size, dice.range(0.45, 0.9));
            lump.z = top + 0.4 * size;
            lump.wobble = 0.35;
            lump.bump = 0.2;
            lump.seed = dice.bits();
            lump.draw(field);
        }
    }
}

/// A straight or bent thread; `z` and `r` are heights and radii at its start and end.
fn thread(
    field: &mut Field,
    dice: &mut Dice,
    start: (f32, f32),
    direction: f32,
    length: f32,
    shape: Thread,
) -> Vec<Knot> {
    let steep = (shape.z.1 - shape.z.0).abs() > 0.15 * length;
    let step =
        (shape.r.0 * if steep { 0.5 } else { 2.0 }).clamp(1.0, 0.03 * field.short().max(64.0));
    let mut knots = wander(
        dice,
        Knot {
            x: start.0,
            y: start.1,
            z: shape.z.0,
            r: shape.r.0,
        },
        direction,
        length,
        step,
        shape.bend,
    );
    let last = (knots.len() - 1) as f32;
    for (index, knot) in knots.iter_mut().enumerate() {
        let t = index as f32 / last;
        knot.z = shape.z.0 + t * (shape.z.1 - shape.z.0);
        knot.r = shape.r.0 + t * (shape.r.1 - shape.r.0);
    }
    tube(
        field,
        &knots,
        Skin {
            tone: shape.tone,
            ..Skin::default()
        },
    );
    knots
}

/// The shape of a [`thread`].
#[derive(Clone, Copy)]
struct Thread {
    z: (f32, f32),
    r: (f32, f32),
    bend: f32,
    tone: f32,
}
