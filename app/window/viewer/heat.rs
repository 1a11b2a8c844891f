//! Where the model looked when it wrote a word, as a veil over the micrograph, and a word about it.
//!
//! The veil covers what the model saw and leaves the rest as it is. Its colours rise evenly in
//! lightness, and what was hardly looked at stays clear. Computes nothing but the picture.

use super::Viewer;
use super::paint::Canvas;
use crate::micrograph::display::ColourMap;
use crate::window::state::Image;
use crate::window::theme;
use crate::window::view::Stage;
use crate::worker::Looked;
use egui::{
    Align2, Color32, ColorImage, CornerRadius, FontId, Mesh, Painter, Rect, Sense, Shape,
    TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// Points of the picture across a cell of the map, and in all at most.
const POINTS_OF_CELL: usize = 20;
const POINTS_MAX: usize = 320;
/// How much of the micrograph is covered where most was looked at.
const COVER: f32 = 0.78;
/// The part of the path of colours that is used: its dark end would look like the micrograph.
const COLOURS: [f32; 2] = [0.25, 1.0];
/// The colours beside the words.
const SCALE_WIDTH: f32 = 64.0;
const SCALE_HEIGHT: f32 = 8.0;
/// The words wrap at this width.
const WORDS_WIDTH: f32 = 380.0;
/// Lower panes show the veil alone.
const WORDS_HEIGHT: f32 = 140.0;
/// Height of the hint of a tool with the space below it.
const HINT_HEIGHT: f32 = 32.0;
/// Room for the button that brings back the strip.
const INSET: f32 = 32.0;

/// Where the model looked, and what is said about it.
#[derive(Clone, Debug)]
pub struct Heat {
    /// The content it is about.
    pub hash: String,
    /// Where; none while that is not known.
    pub looked: Option<Arc<Looked>>,
    /// In words.
    pub words: String,
}

/// The picture of the map that was painted last.
#[derive(Default)]
pub(super) struct Veil(Option<(Arc<Looked>, TextureHandle)>);

impl Veil {
    fn of(&mut self, ui: &Ui, looked: &Arc<Looked>) -> TextureHandle {
        match &self.0 {
            Some((of, texture)) if Arc::ptr_eq(of, looked) => texture.clone(),
            _ => {
                let options = TextureOptions::LINEAR;
                let texture = ui.ctx().load_texture("veil", picture(looked), options);
                self.0 = Some((Arc::clone(looked), texture.clone()));
                texture
            }
        }
    }
}

/// The colour of a share, from 0 to 1: clear, then ever brighter and covering more.
fn veil_colour(colours: &[[u8; 3]; 256], share: f32) -> Color32 {
    let share = if share.is_nan() {
        0.0
    } else {
        share.clamp(0.0, 1.0)
    };
    let [low, high] = COLOURS;
    let place = (low + (high - low) * share) * 255.0;
    let [r, g, b] = colours.get(place as usize).copied().unwrap_or_default();
    Color32::from_rgba_unmultiplied(r, g, b, (share * COVER * 255.0).round() as u8)
}

/// The map as a picture that is stretched over what it covers.
fn picture(looked: &Looked) -> ColorImage {
    let colours = ColourMap::Ember.colours();
    let size = looked
        .heat
        .size()
        .map(|cells| (cells * POINTS_OF_CELL).min(POINTS_MAX));
    let [width, height] = size;
    let [left, top, right, bottom] = looked.rect.map(f64::from);
    let mut pixels = Vec::with_capacity(width * height);
    for row in 0..height {
        let y = (row as f64 + 0.5) / height as f64;
        for column in 0..width {
            let x = (column as f64 + 0.5) / width as f64;
            let px = [left + (right - left) * x, top + (bottom - top) * y].map(|at| at as u32);
            let is_left_out = looked
                .left_out
                .iter()
                .any(|[x0, y0, x1, y1]| (*x0..*x1).contains(&px[0]) && (*y0..*y1).contains(&px[1]));
            pixels.push(match is_left_out {
                true => Color32::TRANSPARENT,
                false => veil_colour(&colours, looked.heat.at(x as f32, y as f32)),
            });
        }
    }
    ColorImage::new(size, pixels)
}

impl Viewer {
    fn heat_of(&self, image: &Image) -> Option<&Heat> {
        let heat = self.heat.as_ref()?;
        (Some(heat.hash.as_str()) == image.hash()).then_some(heat)
    }

    /// Paints the veil over a micrograph.
    pub(super) fn paint_heat(&mut self, ui: &Ui, canvas: &Canvas<'_>, image: &Image) {
        let looked = self.heat_of(image).and_then(|heat| heat.looked.clone());
        let Some(looked) = looked else { return };
        let texture = self.veil.of(ui, &looked);
        let [left, top, right, bottom] = looked.rect.map(f64::from);
        let rect = Rect::from_min_max(canvas.at([left, top]), canvas.at([right, bottom]));
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        canvas
            .painter
            .image(texture.id(), rect, whole, Color32::WHITE);
    }

    /// Says what the veil is, above in the pane.
    pub(super) fn say_heat(&self, ui: &Ui, painter: &Painter, stage: &Stage, image: &Image) {
        let Some(heat) = self.heat_of(image) else {
            return;
        };
        let screen = stage.screen;
        if screen.height() < WORDS_HEIGHT {
            return;
        }
        let margin = vec2(theme::SPACE_L, theme::SPACE_M);
        let room = screen.width() - 2.0 * (margin.x + theme::SPACE_L + INSET);
        let font = FontId::proportional(theme::TEXT_SMALL);
        let width = room.clamp(80.0, WORDS_WIDTH);
        let words = painter.layout(heat.words.clone(), font, Color32::WHITE, width);
        let has_scale = heat.looked.is_some();
        let scale = match has_scale {
            true => SCALE_HEIGHT + theme::SPACE_S + 2.0,
            false => 0.0,
        };
        let size = words.size() + vec2(0.0, scale) + 2.0 * margin;
        let below = match self.says_hint(stage) {
            true => theme::SPACE_M + HINT_HEIGHT,
            false => theme::SPACE_M,
        };
        // Clear of the card at the right and of the button at the left, as hints of tools are.
        let ground = if self.options.contrast {
            let corner = screen.left_top() + vec2(theme::SPACE_M + INSET, below);
            Align2::LEFT_TOP.anchor_size(corner, size)
        } else {
            let middle = screen.center_top() + vec2(0.0, below);
            Align2::CENTER_TOP.anchor_size(middle, size)
        };
        let round = CornerRadius::same(theme::RADIUS_CARD);
        painter.rect_filled(ground, round, theme::MARK_GROUND);
        let at = ground.min + margin;
        let under = at + vec2(0.0, words.size().y + theme::SPACE_S + 2.0);
        painter.galley(at, words, Color32::WHITE);
        if has_scale {
            let bar = Rect::from_min_size(under, vec2(SCALE_WIDTH, SCALE_HEIGHT));
            painter.add(scale_of_colours(bar));
        }
        let id = ui.scope_id().with(("heat", image.id.0));
        let response = ui.interact(ground, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &heat.words));
    }
}

/// The colours from little to much, on grey as they lie on a micrograph.
fn scale_of_colours(bar: Rect) -> Shape {
    const STEPS: usize = 24;
    let colours = ColourMap::Ember.colours();
    let mut mesh = Mesh::default();
    let grey = Color32::from_gray(96);
    for step in 0..=STEPS {
        let share = step as f32 / STEPS as f32;
        let color = grey.blend(veil_colour(&colours, share));
        let x = bar.left() + bar.width() * share;
        mesh.colored_vertex(pos2(x, bar.top()), color);
        mesh.colored_vertex(pos2(x, bar.bottom()), color);
    }
    for step in 0..STEPS as u32 {
        let first = step * 2;
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first + 1, first + 2, first + 3);
    }
    Shape::mesh(mesh)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::answer::HeatMap;

    #[test]
    fn the_picture_has_the_shape_of_the_map_and_spares_what_was_left_out() {
        let looked = Looked {
            heat: HeatMap::new(2, 1, vec![0.0, 1.0]).unwrap(),
            rect: [100, 50, 300, 150],
            left_out: vec![[280, 0, 400, 150]],
        };
        let picture = picture(&looked);
        assert_eq!(picture.size, [2 * POINTS_OF_CELL, POINTS_OF_CELL]);
        let at = |x: usize, y: usize| picture.pixels[y * picture.size[0] + x];
        assert_eq!(at(0, 5), Color32::TRANSPARENT, "nobody looked there");
        let most = at(31, 10);
        assert!(most.a() > 190 && most.r() > 190, "{most:?}");
        // Pixel 280 is nine tenths of the way.
        assert_ne!(at(35, 10), Color32::TRANSPARENT);
        assert_eq!(at(36, 10), Color32::TRANSPARENT);
    }

    #[test]
    fn more_is_brighter_and_covers_more() {
        let colours = ColourMap::Ember.colours();
        let light = |share: f32| {
            let on_black = veil_colour(&colours, share);
            f32::from(on_black.r()) + f32::from(on_black.g()) + f32::from(on_black.b())
        };
        for step in 0..20 {
            let (less, more) = (step as f32 / 20.0, (step + 1) as f32 / 20.0);
            assert!(light(more) > light(less), "{less} to {more}");
            assert!(veil_colour(&colours, more).a() > veil_colour(&colours, less).a());
        }
        assert_eq!(veil_colour(&colours, f32::NAN), Color32::TRANSPARENT);
    }
}
