//! What is printed in a micrograph and drawn over it: its banner, the scale bar with its label,
//! and overlays.
//!
//! Works on 8-bit grey made from the pixels, smaller where the image is very large, and gives
//! places in pixels of the image. Called by the readers of `worker` and by `command`.

use super::banner::{Banner, around, banner};
use super::overlay::{self, Known, Overlay};
use super::scale_bar::{self, Plane, ScaleBar};
use super::shrink::{LEVELS_FROM_8_BIT, fitted, levels, shrink};
use super::{Calibration, Micrograph, Pixels, Source};

/// The longest side that print is looked for at, in pixels; it is still easily read there.
const READING_SIDE: u32 = 2560;
/// The longest side that overlays are looked for at: they are larger than letters in a banner.
const OVERLAY_SIDE: u32 = 1280;

/// The print of a micrograph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Printed {
    /// The information banner.
    pub banner: Option<Banner>,
    /// The scale bar, where it and its label are beyond doubt.
    pub scale_bar: Option<ScaleBar>,
    /// What was drawn over the specimen, outside the banner.
    pub overlays: Vec<Overlay>,
}

impl Printed {
    /// Looks for banner, scale bar and overlays. The same pixels always give the same.
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
        let overlays = overlays(micrograph, (&grey, size), banner, bar.as_ref());
        Self {
            overlays,
            banner: banner.map(|places| enlarged(places, scale, full)),
            scale_bar: bar.map(|bar| bar.enlarged(scale, full)),
        }
    }

    /// The panels of a composite figure of `size`: left, top, right and bottom, row by row; one
    /// where the image is no such figure.
    pub fn panels(&self, size: [u32; 2]) -> Vec<[u32; 4]> {
        overlay::panels(&self.overlays, size)
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

/// The overlays, found in an image that may be smaller than the one that print was read in.
fn overlays(
    micrograph: &Micrograph,
    (grey, read): (&[u8], [u32; 2]),
    banner: Option<Banner>,
    bar: Option<&ScaleBar>,
) -> Vec<Overlay> {
    let full = [micrograph.width(), micrograph.height()];
    let size = fitted(full, OVERLAY_SIDE);
    let width = read[0] as usize;
    let small = shrink(read, size, 1, |y, row| {
        for (level, grey) in row.iter_mut().zip(&grey[y * width..]) {
            *level = u16::from(*grey);
        }
    });
    let small: Vec<u8> = small
        .into_iter()
        .map(|level| level.min(255) as u8)
        .collect();
    let Some(plane) = Plane::new(&small, size[0] as usize, size[1] as usize) else {
        return Vec::new();
    };
    let down = [0, 1].map(|side| f64::from(size[side]) / f64::from(read[side]));
    let up = [0, 1].map(|side| f64::from(full[side]) / f64::from(size[side]));
    let bar = bar.cloned().map(|bar| bar.enlarged(down, size));
    let known = Known {
        banner: banner.map(|banner| enlarged(banner, down, size)),
        scale_bar: bar.as_ref(),
    };
    let saturation = saturation(micrograph, size);
    let found = overlay::find(plane, saturation.as_deref(), known);
    let enlarge = |overlay: Overlay| Overlay {
        rect: enlarged(overlay.rect, up, full),
        ..overlay
    };
    found.into_iter().map(enlarge).collect()
}

/// How coloured every pixel is: the most less the least of red, green and blue, as 8 bits. None
/// for grey images.
fn saturation(micrograph: &Micrograph, size: [u32; 2]) -> Option<Vec<u8>> {
    if micrograph.pixels.samples() != 3 {
        return None;
    }
    let levels = levels(micrograph, 3, size);
    let of = |rgb: &[u16]| {
        let most = rgb.iter().max().copied().unwrap_or(0);
        let least = rgb.iter().min().copied().unwrap_or(0);
        ((most - least) >> 8) as u8
    };
    Some(levels.chunks_exact(3).map(of).collect())
}

/// 8-bit grey; deeper pixels from the darkest to the brightest.
fn grey(micrograph: &Micrograph, size: [u32; 2]) -> Vec<u8> {
    let levels = levels(micrograph, 1, size);
    let (least, most) = match micrograph.pixels {
        Pixels::Grey16(_) | Pixels::Rgb16(_) => (
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
