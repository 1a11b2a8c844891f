//! A view as a picture of its own: the shown colours at the micrograph's own pixels, with the
//! scale bar and the marks burnt in.
//!
//! Reads the micrograph, never changes it. Runs on threads started by [`export`](super::export).

use super::geometry::{Point, Scale};
use super::marks::Mark;
use super::paint::Canvas;
use super::raster;
use super::scale_bar::{self, Look, ScaleBar};
use crate::micrograph::display::{DisplayMap, Place, Table};
use crate::micrograph::{Calibration, Printed, Region};
use crate::window::theme;
use crate::worker::Opened;
use egui::epaint::{ImageDelta, Primitive};
use egui::{
    Color32, ColorImage, Context, ImageData, LayerId, Painter, RawInput, Rect, TextureId, pos2,
    vec2,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Pixels of the largest picture.
pub const PIXELS_MAX: u64 = 120_000_000;
/// A burnt-in scale bar takes at most this share of the picture's width.
const BAR_SHARE: f64 = 0.3;
/// Height of a bar with its ground and margins, in sizes of its text.
const BAR_HEIGHT: f32 = 4.5;

/// What to make a picture of.
pub struct View {
    /// The micrograph.
    pub opened: Arc<Opened>,
    /// How its levels are shown.
    pub map: DisplayMap,
    /// The part of it.
    pub part: Region,
    /// The scale that holds.
    pub scale: Option<Calibration>,
    /// Whether to burn in a scale bar.
    pub bar: bool,
    /// What to burn in.
    pub marks: Vec<Burnt>,
}

/// A mark as it is burnt in.
pub struct Burnt {
    /// The mark.
    pub mark: Mark,
    /// The edges a caliper has found, in pixels.
    pub edges: Option<[Point; 2]>,
    /// What stands beside it.
    pub label: String,
}

/// A finished picture.
pub struct Picture {
    /// Red, green, blue, row by row.
    pub rgb: Vec<u8>,
    /// Width and height, in pixels of the micrograph.
    pub size: [u32; 2],
}

impl View {
    /// Makes the picture. The error is a sentence.
    pub fn burn(&self) -> Result<Picture, String> {
        let size = self.part.size();
        let pixels = u64::from(size[0]) * u64::from(size[1]);
        if pixels > PIXELS_MAX {
            return Err(format!(
                "The view has {} megapixels, more than the {} that can be written. Zoom in and write the visible part.",
                pixels / 1_000_000,
                PIXELS_MAX / 1_000_000
            ));
        }
        let micrograph = &self.opened.micrograph;
        let table = Table::new(self.map, micrograph);
        let place = Place {
            level: 0,
            corner: self.part.corner(),
            size,
        };
        let colours = self.opened.pyramid.cut(micrograph, place, &table);
        let mut rgb = colours.into_flattened();
        if self.bar || !self.marks.is_empty() {
            self.lay_over(&mut rgb, size);
        }
        Ok(Picture { rgb, size })
    }

    fn lay_over(&self, rgb: &mut [u8], size: [u32; 2]) {
        let ctx = Context::default();
        theme::install(&ctx);
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(size[0] as f32, size[1] as f32));
        let input = RawInput {
            screen_rect: Some(screen),
            max_texture_side: Some(8192),
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            let painter = Painter::new(ui.ctx().clone(), LayerId::background(), screen);
            self.paint(&painter, size);
        });
        let mut textures: HashMap<TextureId, ColorImage> = HashMap::new();
        for (id, deltas) in output.textures_delta.set.drain() {
            for delta in deltas {
                take_in(textures.entry(id).or_default(), &delta);
            }
        }
        let size = size.map(|side| side as usize);
        for primitive in ctx.tessellate(output.shapes, 1.0) {
            if let Primitive::Mesh(mesh) = primitive.primitive
                && let Some(texture) = textures.get(&mesh.texture_id)
            {
                raster::paint(rgb, size, &mesh, texture);
            }
        }
    }

    fn paint(&self, painter: &Painter, size: [u32; 2]) {
        let text = text_size(size);
        let corner = self.part.corner();
        let canvas = Canvas {
            painter,
            origin: pos2(-(corner[0] as f32), -(corner[1] as f32)),
            per_px: 1.0,
            text,
            scale: Scale::of(self.scale.as_ref()),
        };
        for Burnt { mark, edges, label } in &self.marks {
            canvas.mark(mark, *edges, label, false);
        }
        if let Some((bar, length_px)) = self.bar() {
            let look = Look {
                length: length_px as f32,
                text,
            };
            let margin = (text * 0.8).round();
            let corner = pos2(margin, self.floor(text * BAR_HEIGHT) - margin);
            scale_bar::paint(painter, corner, &bar, look);
        }
    }

    /// The row of the picture on which the bar stands: its lower edge, or the upper one of the
    /// instrument's banner where that has specimen above it, `room` pixels at least.
    fn floor(&self, room: f32) -> f32 {
        let micrograph = &self.opened.micrograph;
        let height = micrograph.height();
        let banner = match Printed::of(micrograph).banner {
            Some([_, top, _, bottom]) => Some([top, bottom]),
            None => {
                let rows = micrograph.metadata.data_bar_rows;
                rows.map(|rows| [height.saturating_sub(rows), height])
            }
        };
        let top = self.part.corner()[1];
        let lower_edge = self.part.size()[1] as f32;
        let from_top = |row: u32| row as f32 - top as f32;
        match banner.map(|rows| rows.map(from_top)) {
            Some([above, below])
                if above >= room && above < lower_edge && below > lower_edge - room =>
            {
                above
            }
            _ => lower_edge,
        }
    }

    /// The burnt-in bar and its length in pixels of the picture.
    fn bar(&self) -> Option<(ScaleBar, f64)> {
        let scale = self.scale.as_ref().filter(|_| self.bar)?;
        let width = f64::from(self.part.size()[0]);
        let bar = ScaleBar::fitting(width * BAR_SHARE * scale.x_nm)?;
        let length_px = bar.length_nm / scale.x_nm;
        Some((bar, length_px))
    }
}

/// Text that is read well where the picture fills a page's column.
fn text_size([width, height]: [u32; 2]) -> f32 {
    (width.max(height) as f32 / 48.0).clamp(10.0, 160.0).round()
}

fn take_in(texture: &mut ColorImage, delta: &ImageDelta) {
    let ImageData::Color(new) = &delta.image;
    let Some([left, top]) = delta.pos else {
        *texture = (**new).clone();
        return;
    };
    let width = texture.size[0];
    for (row, pixels) in new.pixels.chunks(new.size[0].max(1)).enumerate() {
        let start = (top + row) * width + left;
        if let Some(to) = texture.pixels.get_mut(start..start + pixels.len()) {
            to.copy_from_slice(pixels);
        }
    }
}

impl Picture {
    /// As the clipboard takes it.
    pub fn to_image(&self) -> ColorImage {
        let pixels = self.rgb.chunks_exact(3);
        let pixels = pixels.map(|pixel| Color32::from_rgb(pixel[0], pixel[1], pixel[2]));
        ColorImage::new(self.size.map(|side| side as usize), pixels.collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "burn_tests.rs"]
mod tests;
