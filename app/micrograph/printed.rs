//! What is printed in a micrograph: its banner, and the scale bar with its label.
//!
//! Works on 8-bit grey made from the pixels, smaller where the image is very large, and gives
//! places in pixels of the image. Called by `read` and by `command`.

use super::banner::{Banner, around, banner};
use super::scale_bar::{self, Plane, ScaleBar};
use super::shrink::{LEVELS_FROM_8_BIT, fitted, levels};
use super::{Calibration, Micrograph, Pixels, Source};

/// The longest side that print is looked for at, in pixels; it is still easily read there.
const READING_SIDE: u32 = 2560;

/// The print of a micrograph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Printed {
    /// The information banner.
    pub banner: Option<Banner>,
    /// The scale bar, where it and its label are beyond doubt.
    pub scale_bar: Option<ScaleBar>,
}

impl Printed {
    /// Looks for banner and scale bar. The same pixels always give the same.
    pub fn of(micrograph: &Micrograph) -> Self {
        let full = [micrograph.width(), micrograph.height()];
        let size = fitted(full, READING_SIDE);
        let grey = grey(micrograph, size);
        let Some(plane) = Plane::new(&grey, size[0] as usize, size[1] as usize) else {
            return Self::default();
        };
        let spanning = banner(plane);
        let bar = scale_bar::find(plane, spanning);
        let banner = spanning.or_else(|| around(plane, bar.as_ref()?.box_px()));
        let scale = [0, 1].map(|side| f64::from(full[side]) / f64::from(size[side]));
        Self {
            banner: banner.map(|places| enlarged(places, scale, full)),
            scale_bar: bar.map(|bar| bar.enlarged(scale, full)),
        }
    }

    /// The calibration that the scale bar gives, for square pixels.
    pub fn calibration(&self) -> Option<Calibration> {
        let bar = self.scale_bar.as_ref()?;
        let from = format!("scale bar {}", bar.label);
        Calibration::new(bar.nm_per_px, bar.nm_per_px, Source::ScaleBar, from)
    }
}

/// Places of a smaller image, in pixels of the whole one.
pub(super) fn enlarged(places: [u32; 4], scale: [f64; 2], full: [u32; 2]) -> [u32; 4] {
    let [left, top, right, bottom] = places.map(f64::from);
    let side = |value: f64, axis: usize| (value.round().max(0.0) as u32).min(full[axis]);
    [
        side(left * scale[0], 0),
        side(top * scale[1], 1),
        side(right * scale[0], 0),
        side(bottom * scale[1], 1),
    ]
}

/// 8-bit grey; deeper pixels from the darkest to the brightest.
fn grey(micrograph: &Micrograph, size: [u32; 2]) -> Vec<u8> {
    let levels = levels(micrograph, 1, size);
    let (least, most) = match micrograph.pixels {
        Pixels::Grey16(_) => (
            levels.iter().copied().min().unwrap_or(0),
            levels.iter().copied().max().unwrap_or(u16::MAX),
        ),
        _ => (0, u16::MAX),
    };
    let range = u32::from(most - least).max(1);
    let half = u32::from(LEVELS_FROM_8_BIT) / 2;
    let shade = |level: u16| match (least, most) {
        (0, u16::MAX) => (u32::from(level).saturating_add(half) / 257).min(255) as u8,
        _ => (u32::from(level - least) * 255 / range) as u8,
    };
    levels.into_iter().map(shade).collect()
}
