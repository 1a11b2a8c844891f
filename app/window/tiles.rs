//! A shown micrograph on the graphics card, in tiles of the level of its pyramid that suits
//! the zoom.
//!
//! Tiles are made by a thread of `worker` and uploaded a few a frame, so that no frame waits
//! for a large micrograph or a new contrast. A new contrast is shown once all that can be seen
//! of it is there, so that it never appears in patches. One a pane of the viewer.

use crate::micrograph::display::{DisplayMap, Place};
use crate::worker::{Opened, Tile, Tiler, Wishes};
use egui::{
    Color32, ColorImage, Context, Mesh, Painter, Rect, Shape, TextureFilter, TextureHandle,
    TextureOptions, TextureWrapMode, pos2, vec2,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Side of a tile, in pixels of its level.
const TILE_SIDE: u32 = 512;

/// Tiles uploaded in one frame.
const UPLOADS_MAX: usize = 8;

/// Tiles kept that can't be seen at the moment.
const SPARE_MAX: usize = 64;

/// The tiles of one micrograph.
#[derive(Default)]
pub struct Tiles {
    tiler: Option<Tiler<ColorImage>>,
    opened: Option<Arc<Opened>>,
    /// What the newest wishes are made with, and their number.
    map: DisplayMap,
    version: u64,
    /// The version that is painted.
    shown: u64,
    asked: Vec<Place>,
    textures: HashMap<(u64, Place), TextureHandle>,
}

/// What a frame shows of a micrograph.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// The whole micrograph on the screen, in points.
    pub image_rect: Rect,
    /// What can be seen, in points.
    pub clip: Rect,
    /// Display pixels a micrograph pixel.
    pub zoom: f32,
    /// How levels become colours.
    pub map: DisplayMap,
}

impl Tiles {
    /// Turns to a micrograph, takes in what the thread has made and asks for what is missing.
    pub fn prepare(&mut self, ctx: &Context, opened: &Arc<Opened>, scene: &Scene) {
        let is_same = self
            .opened
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, opened));
        if !is_same {
            self.textures.clear();
            self.opened = Some(Arc::clone(opened));
            self.renew(scene.map);
            self.shown = self.version;
        } else if self.map != scene.map && self.shown == self.version {
            self.renew(scene.map);
        }
        self.take_in(ctx);
        let wanted = wanted(opened, scene);
        self.ask(ctx, opened, &wanted);
        let is_whole = |place| self.textures.contains_key(&(self.version, place));
        if self.shown != self.version && wanted.iter().copied().all(is_whole) {
            self.shown = self.version;
            let version = self.version;
            self.textures.retain(|(of, _), _| *of == version);
            if self.map != scene.map {
                ctx.request_repaint();
            }
        }
        if self.textures.len() > wanted.len() * 2 + SPARE_MAX {
            self.textures.retain(|(_, place), _| wanted.contains(place));
        }
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        *self = Self {
            tiler: self.tiler.take(),
            version: self.version,
            ..Self::default()
        };
    }

    fn renew(&mut self, map: DisplayMap) {
        self.map = map;
        self.version += 1;
        self.asked.clear();
    }

    fn take_in(&mut self, ctx: &Context) {
        let Some(tiler) = &self.tiler else { return };
        for uploads in 0.. {
            if uploads == UPLOADS_MAX {
                ctx.request_repaint();
                break;
            }
            let Some(tile) = tiler.try_tile() else { break };
            let Tile {
                version,
                place,
                made,
            } = tile;
            self.asked.retain(|asked| *asked != place);
            if version == self.version {
                let options = options(place.level);
                let texture = ctx.load_texture("tile", made, options);
                self.textures.insert((version, place), texture);
            }
        }
    }

    fn ask(&mut self, ctx: &Context, opened: &Arc<Opened>, wanted: &[Place]) {
        let is_missing = |place: &&Place| !self.textures.contains_key(&(self.version, **place));
        let missing: Vec<Place> = wanted.iter().filter(is_missing).copied().collect();
        if missing.iter().all(|place| self.asked.contains(place)) {
            return;
        }
        let tiler = self.tiler.get_or_insert_with(|| {
            let ctx = ctx.clone();
            Tiler::start(image_of, move || ctx.request_repaint())
        });
        tiler.wish(Wishes {
            opened: Arc::clone(opened),
            map: self.map,
            version: self.version,
            places: missing.clone(),
        });
        self.asked = missing;
    }

    /// Paints what is there, the coarse below the fine.
    pub fn paint(&self, painter: &Painter, scene: &Scene) {
        let Some(opened) = &self.opened else { return };
        let finest = opened.pyramid.level_for(scene.zoom);
        let painter = painter.with_clip_rect(scene.image_rect.intersect(painter.clip_rect()));
        let mut tiles: Vec<(&Place, &TextureHandle)> = self
            .textures
            .iter()
            .filter(|((version, place), _)| *version == self.shown && place.level >= finest)
            .map(|((_, place), texture)| (place, texture))
            .collect();
        tiles.sort_by_key(|(place, _)| std::cmp::Reverse(place.level));
        for (place, texture) in tiles {
            let rect = on_screen(opened, place, scene.image_rect);
            if rect.intersects(painter.clip_rect()) {
                let mut mesh = Mesh::with_texture(texture.id());
                let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                mesh.add_rect_with_uv(rect, uv, Color32::WHITE);
                painter.add(Shape::mesh(mesh));
            }
        }
    }
}

/// The whole at its smallest, then the visible tiles of the level that suits the zoom.
fn wanted(opened: &Opened, scene: &Scene) -> Vec<Place> {
    let smallest = opened.pyramid.levels() - 1;
    let level = opened.pyramid.level_for(scene.zoom);
    let mut places = grid(opened, smallest);
    if level != smallest {
        places.extend(
            grid(opened, level)
                .into_iter()
                .filter(|place| on_screen(opened, place, scene.image_rect).intersects(scene.clip)),
        );
    }
    places
}

fn grid(opened: &Opened, level: usize) -> Vec<Place> {
    let [width, height] = opened.pyramid.size(&opened.micrograph, level);
    let mut places = Vec::new();
    for top in (0..height).step_by(TILE_SIDE as usize) {
        for left in (0..width).step_by(TILE_SIDE as usize) {
            places.push(Place {
                level,
                corner: [left, top],
                size: [TILE_SIDE.min(width - left), TILE_SIDE.min(height - top)],
            });
        }
    }
    places
}

fn on_screen(opened: &Opened, place: &Place, image_rect: Rect) -> Rect {
    let width = opened.micrograph.width().max(1) as f32;
    let points_per_px = image_rect.width() / width * (1_u32 << place.level.min(31)) as f32;
    let [left, top] = place.corner.map(|start| start as f32 * points_per_px);
    let [width, height] = place.size.map(|side| side as f32 * points_per_px);
    Rect::from_min_size(image_rect.min + vec2(left, top), vec2(width, height))
}

fn image_of(size: [u32; 2], colours: Vec<[u8; 3]>) -> ColorImage {
    let pixels = colours
        .into_iter()
        .map(|[red, green, blue]| Color32::from_rgb(red, green, blue))
        .collect();
    ColorImage::new(size.map(|side| side as usize), pixels)
}

/// Hard pixels when enlarged, smooth when reduced; a coarse level that stands in is smooth.
fn options(level: usize) -> TextureOptions {
    TextureOptions {
        magnification: if level == 0 {
            TextureFilter::Nearest
        } else {
            TextureFilter::Linear
        },
        minification: TextureFilter::Linear,
        wrap_mode: TextureWrapMode::ClampToEdge,
        mipmap_mode: None,
    }
}
