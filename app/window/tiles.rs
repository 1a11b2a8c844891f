//! The shown micrograph on the graphics card, in tiles that are uploaded a few a frame so that
//! no frame waits for a large one.
//!
//! Only the shown micrograph has tiles; leaving it frees them.

use super::state::ImageId;
use crate::worker::protocol::Opened;
use egui::{
    Color32, ColorImage, Context, Mesh, Painter, Rect, Shape, TextureFilter, TextureHandle,
    TextureOptions, TextureWrapMode, pos2, vec2,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Side of a tile, in display pixels of [`Opened::display_rgba`].
const TILE_SIDE: usize = 1024;

/// Time for making tiles in one frame.
const UPLOAD_TIME: Duration = Duration::from_millis(3);

/// Hard pixels when enlarged, smooth when reduced.
const OPTIONS: TextureOptions = TextureOptions {
    magnification: TextureFilter::Nearest,
    minification: TextureFilter::Linear,
    wrap_mode: TextureWrapMode::ClampToEdge,
    mipmap_mode: Some(TextureFilter::Linear),
};

/// The tiles of one micrograph.
#[derive(Default)]
pub struct Tiles {
    shown: Option<(ImageId, Arc<Opened>)>,
    tiles: Vec<Tile>,
}

struct Tile {
    /// In pixels of the display image: left, top, width, height.
    place: [usize; 4],
    texture: Option<TextureHandle>,
}

impl Tiles {
    /// Turns to a micrograph, or to none, and makes as many missing tiles as this frame has
    /// time for. Asks for another frame while some are missing.
    pub fn turn_to(&mut self, ctx: &Context, image: Option<(ImageId, &Arc<Opened>)>) {
        let is_same = match (&self.shown, image) {
            (Some((id, opened)), Some((new_id, new))) => *id == new_id && Arc::ptr_eq(opened, new),
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            self.shown = image.map(|(id, opened)| (id, Arc::clone(opened)));
            let side = TILE_SIDE.min(ctx.input(|input| input.max_texture_side));
            self.tiles = self
                .shown
                .as_ref()
                .map(|(_, opened)| grid(opened, side))
                .unwrap_or_default();
        }
        let Some((_, opened)) = &self.shown else {
            return;
        };
        let began = Instant::now();
        for tile in self.tiles.iter_mut().filter(|tile| tile.texture.is_none()) {
            if began.elapsed() > UPLOAD_TIME {
                ctx.request_repaint();
                break;
            }
            let name = format!("tile {:?}", tile.place);
            tile.texture = Some(ctx.load_texture(name, cut(opened, tile.place), OPTIONS));
        }
    }

    /// Paints the tiles so that the whole micrograph fills `rect`.
    pub fn paint(&self, painter: &Painter, rect: Rect) {
        let Some((_, opened)) = &self.shown else {
            return;
        };
        let [width, height] = opened.display_size.map(|side| side.max(1) as f32);
        let scale = vec2(rect.width() / width, rect.height() / height);
        for tile in &self.tiles {
            let Some(texture) = &tile.texture else {
                continue;
            };
            let [left, top, tile_width, tile_height] = tile.place.map(|value| value as f32);
            let tile_rect = Rect::from_min_size(
                rect.min + vec2(left, top) * scale,
                vec2(tile_width, tile_height) * scale,
            );
            if tile_rect.intersects(painter.clip_rect()) {
                let mut mesh = Mesh::with_texture(texture.id());
                let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                mesh.add_rect_with_uv(tile_rect, uv, Color32::WHITE);
                painter.add(Shape::mesh(mesh));
            }
        }
    }
}

fn grid(opened: &Opened, side: usize) -> Vec<Tile> {
    let [width, height] = opened.display_size.map(|side| side as usize);
    let side = side.max(1);
    let mut tiles = Vec::new();
    for top in (0..height).step_by(side) {
        for left in (0..width).step_by(side) {
            tiles.push(Tile {
                place: [left, top, side.min(width - left), side.min(height - top)],
                texture: None,
            });
        }
    }
    tiles
}

fn cut(opened: &Opened, [left, top, width, height]: [usize; 4]) -> ColorImage {
    let row_bytes = opened.display_size[0] as usize * 4;
    let mut pixels = Vec::with_capacity(width * height);
    for y in top..top + height {
        let start = y * row_bytes + left * 4;
        let row = opened
            .display_rgba
            .get(start..start + width * 4)
            .unwrap_or_default();
        pixels.extend(
            row.chunks_exact(4)
                .map(|p| Color32::from_rgb(p[0], p[1], p[2])),
        );
    }
    pixels.resize(width * height, Color32::BLACK);
    ColorImage::new([width, height], pixels)
}
