//! Simulated micrographs of the ten categories, with what is true of them.
//!
//! A scene is drawn as relief and grey on a field, shaded as secondary-electron signal, exposed
//! with the faults of an instrument and, often, printed with a data bar. The physics is a rule
//! of thumb; what counts is that the facts fit the pixels. It reads no file and no clock.
//! Called by `command` (through [`write_folder`]), by training and by tests.

mod camera;
pub(crate) mod dice;
mod draw;
mod field;
mod font;
mod kind;
mod noise;
mod output;
mod overlay;
mod scenes;
pub mod seen;
mod shade;
pub mod truth;
pub(crate) mod typeface;

pub use kind::Kind;
pub use output::{SimulateError, write_folder};
pub use truth::Truth;

use crate::questions::Category;
use camera::Exposure;
use dice::Dice;
use field::Field;
use truth::{Bar, Drawn, View};

/// A simulated micrograph and its truth.
pub struct Scene {
    /// Grey values, row by row, data bar included.
    pub grey: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The body or hole seen at each pixel, numbered from 1; 0 where there is none, and where the
    /// strip of a data bar lies over it.
    pub bodies: Vec<u32>,
    /// The pixels that each body would take up, seen from above with nothing over it, by its
    /// number less one.
    pub extents: Vec<u32>,
    /// The lengths that were drawn.
    pub drawn: Drawn,
    /// What is true of it.
    pub truth: Truth,
}

/// Simulates one micrograph of a category, `longest_px` (at least 32) on its longest side.
/// The same arguments give the same bytes on every machine of a kind.
pub fn scene(category: Category, seed: u64, longest_px: u32) -> Scene {
    let mut dice = Dice::new(seed);
    let kinds = Kind::of(category);
    let kind = kinds[dice.int(0, kinds.len() - 1)];
    scene_of(category, kind, &mut dice, longest_px)
}

fn scene_of(category: Category, kind: Kind, dice: &mut Dice, longest_px: u32) -> Scene {
    let longest = longest_px.max(32) as usize;
    let (width, height) = frame(dice, longest);
    let mut truth = Truth::new(category, kind);
    let tilt = scenes::tilt(dice, kind);
    let mut field = Field::new(width, shade::rows_for(height, tilt), tilt);
    if tilt > 0.0 {
        truth.view = View::Tilted;
    }
    let look = scenes::draw(&mut field, dice, &mut truth);
    let signal = shade::shade(&field, &look, height);
    let scale = longest as f32 / 384.0;
    let exposure = Exposure::random(dice, scale, &mut truth);
    let (mut grey, streaks) = exposure.expose(signal.grey, width, height, dice);
    truth.charging &= streaks;
    truth.bar = overlay::choose(dice);
    let strip = overlay::strip_rows(truth.bar, height, dice);
    truth.strip = strip
        .clone()
        .map(|rows| (rows.start as u32, rows.end as u32));
    let (from, to) = strip
        .clone()
        .map_or((height, height), |rows| (rows.start, rows.end));
    let seen: Vec<usize> = (0..from * width)
        .chain(to * width..height * width)
        .collect();
    let mut bodies = signal.body;
    bodies[from * width..to * width].fill(0);
    let pick = |place: &usize| (signal.mask[*place], grey[*place]);
    let (mask, levels): (Vec<bool>, Vec<u8>) = seen.iter().map(pick).unzip();
    truth.measure(&mask, &levels, width);
    truth.callout = dice.chance(0.04);
    let mut page = overlay::Page {
        grey: &mut grey,
        width,
        height,
        letters: overlay::Letters::choose(dice),
    };
    if truth.callout {
        overlay::print_callout(&mut page, dice);
    }
    overlay::print(&mut page, truth.bar, strip, dice);
    if dice.chance(0.35) {
        grey = camera::compress(grey, width, height, dice.int(60, 92) as u8);
    }
    Scene {
        grey,
        width: width as u32,
        height: height as u32,
        bodies,
        extents: field.extents,
        drawn: field.drawn,
        truth,
    }
}

/// Width and height of a frame: mostly 4:3, some 3:2, squares and others.
fn frame(dice: &mut Dice, longest: usize) -> (usize, usize) {
    let part = match dice.int(0, 9) {
        0..=5 => 0.75,
        6 | 7 => dice.range(0.64, 0.72),
        8 => 1.0,
        _ => dice.range(0.8, 0.95),
    };
    (longest, ((longest as f32 * part).round() as usize).max(24))
}

impl Truth {
    /// True when a strip of its own or text over the image was printed.
    pub fn has_bar(&self) -> bool {
        self.bar != Bar::None
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
