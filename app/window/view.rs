//! Where the micrograph lies in the viewer: zoom and position, and nothing that is drawn.
//!
//! Three spaces: `image` (pixels of the micrograph, origin at its top left corner), `screen`
//! (egui's points) and physical pixels of the display, in which zoom is counted, so that
//! 100 % is one micrograph pixel a display pixel on every screen.

use egui::{Pos2, Rect, Vec2, pos2};

/// Largest zoom: one micrograph pixel on 64 x 64 display pixels.
pub const ZOOM_MAX: f32 = 64.0;

/// Around a fitted micrograph, in points.
const MARGIN: f32 = 16.0;

/// Kept free below a fitted micrograph, in points.
const BUTTONS_HEIGHT: f32 = 36.0;

/// A tiny micrograph is not blown up further than this to fit.
const FIT_MAX: f32 = 8.0;

/// One press of a zoom key.
pub const ZOOM_STEP: f32 = 1.25;

/// How one micrograph is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    /// The whole micrograph, whatever the size of the viewer.
    Fit,
    /// Display pixels a micrograph pixel, and the place in the image in the viewer's middle.
    Free { zoom: f32, centre: Pos2 },
}

/// The place and size of things in this frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// The viewer on the screen, in points.
    pub screen: Rect,
    /// Size of the micrograph, in its pixels.
    pub image_px: Vec2,
    /// Display pixels a point.
    pub pixels_per_point: f32,
}

impl Default for View {
    fn default() -> Self {
        Self { mode: Mode::Fit }
    }
}

impl View {
    /// Display pixels a micrograph pixel.
    pub fn zoom(&self, stage: &Stage) -> f32 {
        match self.mode {
            Mode::Fit => stage.fit_zoom(),
            Mode::Free { zoom, .. } => zoom,
        }
    }

    /// The rectangle of the whole micrograph on the screen, in points.
    pub fn image_on_screen(&self, stage: &Stage) -> Rect {
        let zoom = self.zoom(stage);
        let (centre, middle) = match self.mode {
            Mode::Fit => ((stage.image_px / 2.0).to_pos2(), stage.room().center()),
            Mode::Free { centre, .. } => (centre, stage.screen.center()),
        };
        let points_per_px = zoom / stage.pixels_per_point;
        let corner = middle - centre.to_vec2() * points_per_px;
        // On whole display pixels, so that 1:1 shows the pixels as they are.
        let snap = |value: f32| (value * stage.pixels_per_point).round() / stage.pixels_per_point;
        Rect::from_min_size(
            pos2(snap(corner.x), snap(corner.y)),
            stage.image_px * points_per_px,
        )
    }

    /// The place in the image under a place on the screen.
    pub fn image_from_screen(&self, stage: &Stage, at: Pos2) -> Pos2 {
        let rect = self.image_on_screen(stage);
        let points_per_px = self.zoom(stage) / stage.pixels_per_point;
        ((at - rect.min) / points_per_px).to_pos2()
    }

    /// The micrograph pixel under a place on the screen, if there is one.
    pub fn pixel_at(&self, stage: &Stage, at: Pos2) -> Option<[u32; 2]> {
        let place = self.image_from_screen(stage, at);
        let inside = place.x >= 0.0
            && place.y >= 0.0
            && place.x < stage.image_px.x
            && place.y < stage.image_px.y;
        inside.then_some([place.x as u32, place.y as u32])
    }

    /// Keeps the image where it is on the screen when the viewer around it changes, unless all
    /// of it is shown.
    pub fn keep_still(&mut self, before: &Stage, now: &Stage) {
        let is_same = before.pixels_per_point == now.pixels_per_point;
        if let Mode::Free { zoom, .. } = self.mode
            && is_same
        {
            let centre = self.image_from_screen(before, now.screen.center());
            self.mode = Mode::Free { zoom, centre };
            if !now.screen.intersects(self.image_on_screen(now)) {
                let centre = now.within(centre, Pos2::ZERO);
                self.mode = Mode::Free { zoom, centre };
            }
        }
    }

    /// Shows the whole micrograph.
    pub fn fit(&mut self) {
        self.mode = Mode::Fit;
    }

    /// Changes the zoom by a factor and keeps the image still at `fixed` on the screen.
    pub fn zoom_by(&mut self, stage: &Stage, factor: f32, fixed: Pos2) {
        self.zoom_to(stage, self.zoom(stage) * factor, fixed);
    }

    /// Sets the zoom and keeps the image still at `fixed` on the screen.
    pub fn zoom_to(&mut self, stage: &Stage, zoom: f32, fixed: Pos2) {
        let held = self.image_from_screen(stage, fixed);
        let zoom = zoom.clamp(stage.zoom_min(), ZOOM_MAX);
        let points_per_px = zoom / stage.pixels_per_point;
        let before = self.image_from_screen(stage, stage.screen.center());
        let centre = held + (stage.screen.center() - fixed) / points_per_px;
        self.mode = Mode::Free {
            zoom,
            centre: stage.within(centre, before),
        };
    }

    /// Moves the image with the pointer, in points.
    pub fn pan(&mut self, stage: &Stage, by: Vec2) {
        let zoom = self.zoom(stage);
        let before = self.image_from_screen(stage, stage.screen.center());
        let centre = self.image_from_screen(stage, stage.screen.center() - by);
        self.mode = Mode::Free {
            zoom,
            centre: stage.within(centre, before),
        };
    }
}

impl Stage {
    /// Where a fitted micrograph lies: a margin all around, and the zoom buttons below.
    fn room(&self) -> Rect {
        let mut room = self.screen.shrink(MARGIN);
        room.max.y -= BUTTONS_HEIGHT;
        room
    }

    fn fit_zoom(&self) -> f32 {
        if self.image_px.x <= 0.0 || self.image_px.y <= 0.0 {
            return 1.0;
        }
        let room = self.room().size().max(Vec2::splat(1.0)) * self.pixels_per_point;
        (room / self.image_px).min_elem().min(FIT_MAX)
    }

    fn zoom_min(&self) -> f32 {
        (self.fit_zoom() / 4.0).min(1.0)
    }

    /// The middle of the view stays inside the image, so that it can't be lost; where it was
    /// outside already, it goes no further.
    fn within(&self, centre: Pos2, before: Pos2) -> Pos2 {
        centre.clamp(before.min(Pos2::ZERO), before.max(self.image_px.to_pos2()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    fn stage(pixels_per_point: f32) -> Stage {
        Stage {
            screen: Rect::from_min_size(pos2(100.0, 50.0), vec2(800.0, 600.0)),
            image_px: vec2(2000.0, 1000.0),
            pixels_per_point,
        }
    }

    fn close(a: Pos2, b: Pos2, tolerance: f32) {
        assert!((a - b).length() <= tolerance, "{a:?} is not {b:?}");
    }

    #[test]
    fn fit_shows_the_whole_image_in_the_middle() {
        for scale in [1.0, 1.5, 2.0] {
            let stage = stage(scale);
            let rect = View::default().image_on_screen(&stage);
            assert!(stage.screen.contains_rect(rect));
            close(rect.center(), stage.room().center(), 1.0);
            assert!((rect.width() - 768.0).abs() < 0.5, "{rect:?}");
        }
    }

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        let stage = stage(1.0);
        let mut view = View::default();
        let pointer = pos2(420.0, 330.0);
        let before = view.image_from_screen(&stage, pointer);
        for factor in [1.5, 3.0, 0.7] {
            view.zoom_by(&stage, factor, pointer);
            close(view.image_from_screen(&stage, pointer), before, 3.0);
        }
    }

    #[test]
    fn actual_size_is_one_display_pixel_a_micrograph_pixel() {
        let stage = stage(2.0);
        let mut view = View::default();
        view.zoom_to(&stage, 1.0, stage.screen.center());
        assert!((view.image_on_screen(&stage).width() - 1000.0).abs() < 1e-3);
        let corner = view.image_on_screen(&stage).min * 2.0;
        assert!(
            (corner.x - corner.x.round()).abs() < 1e-3
                && (corner.y - corner.y.round()).abs() < 1e-3
        );
    }

    #[test]
    fn panning_moves_with_the_pointer_and_never_loses_the_image() {
        let stage = stage(1.0);
        let mut view = View::default();
        view.zoom_to(&stage, 2.0, stage.screen.center());
        let before = view.image_on_screen(&stage).min;
        view.pan(&stage, vec2(30.0, -20.0));
        close(
            view.image_on_screen(&stage).min,
            before + vec2(30.0, -20.0),
            1.0,
        );
        view.pan(&stage, vec2(1e6, 1e6));
        assert!(stage.screen.intersects(view.image_on_screen(&stage)));
    }

    #[test]
    fn the_image_stays_where_it_is_when_a_panel_opens_below() {
        let before = stage(1.0);
        let mut view = View::default();
        view.zoom_to(&before, 1.0, before.screen.center());
        let corner = view.image_on_screen(&before).min;
        let mut now = before;
        now.screen.max.y -= 177.0;
        view.keep_still(&before, &now);
        close(view.image_on_screen(&now).min, corner, 1.0);
        let mut fitted = View::default();
        fitted.keep_still(&before, &now);
        assert!(now.screen.contains_rect(fitted.image_on_screen(&now)));
    }

    #[test]
    fn pixels_are_named_only_inside_the_image() {
        let stage = stage(1.0);
        let view = View::default();
        let rect = view.image_on_screen(&stage);
        assert_eq!(
            view.pixel_at(&stage, rect.min + vec2(0.1, 0.1)),
            Some([0, 0])
        );
        assert_eq!(
            view.pixel_at(&stage, rect.max - vec2(0.1, 0.1)),
            Some([1999, 999])
        );
        assert_eq!(view.pixel_at(&stage, rect.min - vec2(1.0, 0.0)), None);
        assert_eq!(view.pixel_at(&stage, rect.max + vec2(0.0, 1.0)), None);
    }

    #[test]
    fn zoom_has_limits() {
        let stage = stage(1.0);
        let mut view = View::default();
        view.zoom_by(&stage, 1e9, stage.screen.center());
        assert_eq!(view.zoom(&stage), ZOOM_MAX);
        view.zoom_by(&stage, 1e-9, stage.screen.center());
        assert!(view.zoom(&stage) > 0.0);
    }

    #[test]
    fn an_empty_image_breaks_nothing() {
        let stage = Stage {
            image_px: Vec2::ZERO,
            ..stage(1.0)
        };
        let mut view = View::default();
        view.zoom_by(&stage, 2.0, stage.screen.center());
        view.pan(&stage, vec2(3.0, 3.0));
        assert_eq!(view.pixel_at(&stage, stage.screen.center()), None);
    }
}
