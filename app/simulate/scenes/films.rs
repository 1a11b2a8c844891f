//! Polished sections of coatings, and grainy, cracked, pinholed, wrinkled and broken films.
//!
//! Called by `scenes`; draws on a field and notes the facts. The mask holds the film.

use super::super::Kind;
use super::super::dice::Dice;
use super::super::draw::Blob;
use super::super::field::{Field, Span};
use super::super::noise::{Cells, Noise};
use super::super::shade::Look;
use super::super::truth::{Defect, Ground, Layout, Relative, Spread, Texture, Touch, Truth, View};
use super::{maybe_debris, scatter, usual_look};

/// Draws one of the film scenes.
pub fn draw(field: &mut Field, dice: &mut Dice, truth: &mut Truth) -> Look {
    let mut look = usual_look(field, dice);
    truth.ground = Ground::None;
    truth.layout = Layout::Filled;
    truth.touch = Touch::Joined;
    field.tone.fill(dice.range(0.35, 0.6));
    field.mask.fill(true);
    truth.relative = Relative::Filling;
    truth.objects = 1;
    match truth.kind {
        Kind::FilmSection => {
            look.light = 0.08;
            look.slope = 0.15;
            look.edge = 0.08;
            look.hollow = 0.2;
            look.depth = 0.0;
            section(field, dice, truth);
        }
        Kind::GrainyFilm => grainy(field, dice, truth),
        Kind::CrackedFilm => cracked(field, dice, truth),
        Kind::PinholeFilm => pinholes(field, dice, truth),
        Kind::WrinkledFilm => wrinkled(field, dice, truth),
        _ => {
            look.depth = 0.15;
            fracture(field, dice, truth);
        }
    }
    truth.charging = dice.chance(0.1);
    look
}

/// One band of a polished section.
struct Band {
    top: f32,
    tone: f32,
    voids: f32,
    void_size: f32,
    stretch: f32,
    wave: f32,
    seed: Noise,
}

fn section(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    truth.view = View::Section;
    truth.texture = Texture::Pitted;
    truth.layout = Layout::OneBody;
    let resin = dice.chance(0.4);
    truth.variant = resin;
    let bands = bands(field, dice, resin);
    let flip = dice.chance(0.15);
    let (height, tilt) = (field.h(), dice.range(-0.08, 0.08));
    field.edit(field.whole(), |x, y, z, tone, mask| {
        let y = if flip { height - y } else { y } + tilt * x;
        let mut here = 0;
        for (index, band) in bands.iter().enumerate() {
            let wave = band.wave * band.seed.octaves(x / (0.12 * short), index as f32 * 9.0, 4);
            if y > band.top + wave {
                here = index;
            }
        }
        let band = &bands[here];
        let patch = here == 0
            && !resin
            && band.seed.octaves(
                0.4 * x / band.void_size / band.stretch + 40.0,
                0.6 * y / band.void_size,
                3,
            ) > 0.5;
        let (u, v) = (x / band.void_size / band.stretch, y / band.void_size);
        let hole = band.seed.octaves(u, v, 3) > 0.62 - band.voids * 0.5;
        let shade = if here == 0 && resin {
            0.5 * (y / (0.3 * height)).min(1.3)
        } else {
            0.0
        };
        *tone = if hole {
            band.tone * 0.25
        } else {
            band.tone * (1.0 + 0.06 * band.seed.at(u * 0.3, v * 0.3) + shade)
        };
        *tone *= if patch { 0.6 } else { 1.0 };
        *z = if hole { -3.0 } else { 0.0 };
        *mask = !(hole || here == 0 && resin);
    });
    truth.defects.push(Defect::Voids);
    if dice.chance(0.5) {
        truth.defects.push(Defect::Cracks);
        section_cracks(field, dice, &bands);
    }
}

/// The bands from the top down: resin or a bright coat, the coating, the base.
fn bands(field: &Field, dice: &mut Dice, resin: bool) -> Vec<Band> {
    let short = field.short();
    let mut bands = Vec::new();
    let mut top = -1.0f32;
    let mut edge = dice.range(0.15, 0.4);
    for index in 0..3 {
        let (tone, voids, void_size) = match index {
            0 if resin => (dice.range(0.1, 0.22), 0.0, 1.0),
            0 => (
                dice.range(0.75, 0.95),
                dice.range(0.35, 0.6),
                dice.range(0.02, 0.06),
            ),
            1 => (
                dice.range(0.3, 0.55),
                dice.range(0.3, 0.6),
                dice.range(0.015, 0.05),
            ),
            _ => (
                dice.range(0.3, 0.6),
                dice.range(0.2, 0.45),
                dice.range(0.01, 0.03),
            ),
        };
        let seed = Noise(dice.bits());
        let wave = short * dice.pick(&[0.004, 0.02, 0.05, 0.08]) * dice.range(0.6, 1.3);
        bands.push(Band {
            top,
            tone,
            voids,
            void_size: void_size * short,
            stretch: dice.range(1.0, 6.0),
            wave,
            seed,
        });
        top = edge * field.h();
        edge += dice.range(0.15, 0.4);
    }
    bands
}

/// Cracks that run through the coating.
fn section_cracks(field: &mut Field, dice: &mut Dice, bands: &[Band]) {
    let short = field.short();
    let (from, to) = (bands[1].top.max(0.0), bands[2].top.max(0.2 * field.h()));
    for _ in 0..dice.int(1, 4) {
        let (x, bend) = (dice.range(0.0, field.w()), Noise(dice.bits()));
        let wide = short * dice.range(0.002, 0.007);
        let span = Span {
            corners: (x - 0.2 * short, from, x + 0.2 * short, to),
        };
        field.edit(span, |px, py, z, tone, mask| {
            let off = 0.05 * short * bend.octaves(py / (0.08 * short), 3.0, 3);
            if (px - x - off).abs() < wide {
                *tone *= 0.3;
                *z -= 2.0;
                *mask = false;
            }
        });
    }
}

fn grainy(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let size = short * dice.pick(&[0.012, 0.02, 0.035, 0.06, 0.1]) * dice.range(0.8, 1.25);
    let cells = Cells {
        seed: dice.bits(),
        jitter: 1.0,
    };
    let bend = Noise(dice.bits());
    let style = dice.int(0, 2);
    let relief = dice.range(0.15, 0.55);
    field.edit(field.whole(), |x, y, z, tone, _| {
        let (u, v) = (x / size, y / size);
        let cell = cells.at(u + 0.2 * bend.at(u, v), v + 0.2 * bend.at(v + 31.0, u));
        let rim = cell.second - cell.nearest;
        let form = match style {
            0 => (1.0 - cell.nearest * cell.nearest).max(0.0).sqrt(),
            1 => {
                (rim * 3.0).min(1.0) * 0.5
                    + 0.35
                        * (cell.offset.0 * (cell.id * 40.0).cos()
                            + cell.offset.1 * (cell.id * 40.0).sin())
            }
            _ => (rim * 5.0).min(1.0) * 0.25,
        };
        *z = size * relief * (form + 0.6 * cell.id);
        *tone *= if style == 2 {
            0.75 + 0.5 * cell.id
        } else {
            0.95 + 0.1 * cell.id
        };
    });
    truth.objects = (field.w() * field.h() / (size * size)) as u32;
    truth.relative = Relative::of(size / short);
    truth.spread = Spread::Moderate;
    truth.texture = if style == 1 {
        Texture::Faceted
    } else {
        Texture::FineGrain
    };
    truth.touch = Touch::Mostly;
    truth.variant = style == 2;
    if dice.chance(0.3) {
        holes(field, dice, truth, size * 0.6, 10);
    }
    maybe_debris(field, dice, truth, 0.35);
}

fn holes(field: &mut Field, dice: &mut Dice, truth: &mut Truth, radius: f32, most: usize) {
    truth.defects.push(Defect::Pits);
    let count = dice.int(2, most);
    for (x, y) in scatter(field, dice, count, radius) {
        let r = dice.spread_around(radius, 0.4);
        let bend = Noise(dice.bits());
        field.carve(Span::around(x, y, 1.5 * r), false, |px, py| {
            let (u, v) = ((px - x) / r, (py - y) / r);
            let edge = 1.0 + 0.25 * bend.at(1.5 * u, 1.5 * v);
            (u.hypot(v) < edge).then_some((-1.5 * r, 0.12))
        });
    }
}

fn cracked(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let size = short * dice.range(0.12, 0.5);
    let cells = Cells {
        seed: dice.bits(),
        jitter: 1.0,
    };
    let bend = Noise(dice.bits());
    let wide = dice.range(0.01, 0.05) * (0.2 * short / size).clamp(0.5, 2.0);
    let curl = dice.range(0.0, 0.12);
    let partial = dice.chance(0.4);
    let thick = 0.03 * short;
    let (fine, grain) = (Noise(dice.bits()), 0.012 * short);
    field.edit(field.whole(), |x, y, z, tone, mask| {
        let (u, v) = (x / size, y / size);
        let cell = cells.at(
            u + 0.2 * bend.octaves(u * 2.0, v * 2.0, 3),
            v + 0.2 * bend.octaves(v * 2.0 + 5.0, u * 2.0, 3),
        );
        let rim = cell.second - cell.nearest;
        let open = wide
            * if partial {
                (0.5 + 1.2 * bend.at(u * 0.7 + 3.0, v * 0.7)).max(0.0)
            } else {
                1.0
            };
        let skin = 0.12 * grain * fine.octaves(x / grain, y / grain, 2);
        if rim < open {
            *z = -thick;
            *tone *= 0.3;
            *mask = false;
        } else {
            *z = skin
                + 0.4 * curl * size * (open / wide).min(1.0) * (1.0 - (rim / 0.2).min(1.0)).powi(2)
                + 0.02 * thick * cell.id;
        }
    });
    truth.defects.push(Defect::Cracks);
    truth.texture = if dice.chance(0.5) {
        Texture::Smooth
    } else {
        Texture::FineGrain
    };
    if truth.texture == Texture::FineGrain {
        field.roughen(dice.bits(), 0.015 * short, 0.006 * short, 2);
    }
    truth.relative = Relative::of(size / short);
    truth.objects = (field.w() * field.h() / (size * size)).max(1.0) as u32;
    truth.variant = partial;
    maybe_debris(field, dice, truth, 0.3);
}

fn pinholes(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    truth.texture = if dice.chance(0.5) {
        Texture::Smooth
    } else {
        Texture::FineGrain
    };
    if truth.texture == Texture::FineGrain {
        field.roughen(
            dice.bits(),
            short * dice.range(0.008, 0.02),
            0.003 * short,
            3,
        );
    } else {
        field.roughen(dice.bits(), 0.1 * short, 0.004 * short, 2);
    }
    let radius = short * dice.range(0.006, 0.025);
    holes(field, dice, truth, radius, 70);
    if dice.chance(0.4) {
        let count = dice.int(2, 20);
        for (x, y) in scatter(field, dice, count, 0.05 * short) {
            let mut bump = Blob::ball(x, y, radius * dice.range(0.8, 2.5), 0.6);
            bump.z = 0.0;
            bump.radii.2 *= 0.5;
            bump.draw(field);
        }
        truth.variant = true;
    }
    truth.relative = Relative::of(2.0 * radius / short);
    maybe_debris(field, dice, truth, 0.35);
}

fn wrinkled(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    let size = short * dice.range(0.05, 0.2);
    let (turn, stretch) = (dice.angle(), dice.range(1.0, 5.0));
    let (sin, cos) = turn.sin_cos();
    let (noise, bend) = (Noise(dice.bits()), Noise(dice.bits()));
    let relief = dice.range(0.1, 0.35);
    field.edit(field.whole(), |x, y, z, _, _| {
        let (along, across) = (
            (x * cos + y * sin) / size,
            (y * cos - x * sin) / size / stretch,
        );
        let u = along + 0.5 * bend.octaves(along * 0.6, across, 3);
        let fold = 1.0 - noise.octaves(u, across, 3).abs() * 2.6;
        *z = size
            * relief
            * (fold.max(0.0).powi(2) + 0.15 * bend.octaves(2.0 * along, 2.0 * across, 2));
    });
    truth.texture = Texture::Folded;
    truth.relative = Relative::of(size / short);
    truth.variant = stretch > 2.5;
    maybe_debris(field, dice, truth, 0.3);
}

/// A broken edge: base, a film of upright columns or plain, and the space above.
fn fracture(field: &mut Field, dice: &mut Dice, truth: &mut Truth) {
    let short = field.short();
    truth.view = View::Section;
    truth.layout = Layout::OneBody;
    let (top, thick) = (
        field.h() * dice.range(0.25, 0.5),
        field.h() * dice.range(0.06, 0.35),
    );
    let columns = dice.chance(0.6);
    let size = (0.2 * thick).clamp(0.008 * short, 0.04 * short);
    let (noise, fine) = (Noise(dice.bits()), Noise(dice.bits()));
    let void = dice.range(0.02, 0.12);
    let (film, base) = (dice.range(0.5, 0.8), dice.range(0.2, 0.42));
    let surface = dice.chance(0.5);
    let grains = Cells {
        seed: dice.bits(),
        jitter: 1.0,
    };
    field.edit(field.whole(), |x, y, z, tone, mask| {
        let edge = top + 0.12 * size * noise.octaves(x / size, 1.0, 3);
        *mask = false;
        if y < edge {
            if surface {
                let cell = grains.at(x / size, y / (0.5 * size));
                *z = 0.2 * thick - (edge - y) * 0.3
                    + 0.4 * size * (1.0 - cell.nearest * cell.nearest).max(0.0);
                *tone = film * (1.0 - 0.6 * (edge - y) / top.max(1.0));
                *mask = true;
            } else {
                *z = -0.3 * short;
                *tone = void;
            }
        } else if y < top + thick + 0.05 * size * noise.at(x / size, 5.0) {
            let bend = x + 0.3 * size * fine.at(y / (3.0 * size), x / (4.0 * size));
            *z = 0.1 * size
                + if columns {
                    size * 0.5 * (noise.octaves(bend / (0.5 * size), y / (9.0 * size), 2))
                } else {
                    0.15 * size * fine.octaves(x / (0.5 * size), y / (0.5 * size), 2)
                };
            *tone = film;
            *mask = true;
        } else {
            *z = 0.12
                * size
                * fine.octaves(
                    (x + 0.5 * y) / (4.0 * size),
                    (y - 0.3 * x) / (9.0 * size),
                    2,
                );
            *tone = base;
        }
    });
    truth.texture = if columns {
        Texture::Ridged
    } else {
        Texture::FineGrain
    };
    truth.relative = Relative::of(thick / short);
    truth.variant = surface;
    maybe_debris(field, dice, truth, 0.25);
}
