//! Paints marks, what is being drawn and the region asked about, over the micrograph.
//!
//! The same code paints on the screen and into exported files: a [`Canvas`] says where image
//! pixels lie and how thick a line is. Changes nothing.

use super::geometry::{Point, Scale};
use super::marks::{Kind, Mark};
use crate::micrograph::Region;
use crate::window::theme;
use egui::{
    Align2, Color32, CornerRadius, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2,
    vec2,
};

/// Where and how large to paint.
pub struct Canvas<'a> {
    /// Paints.
    pub painter: &'a Painter,
    /// Where the corner of the first pixel lies.
    pub origin: Pos2,
    /// Length of a pixel.
    pub per_px: f32,
    /// Size of the labels; line widths follow it.
    pub text: f32,
    /// What a length is.
    pub scale: Scale,
}

impl Canvas<'_> {
    /// The place of an image point.
    pub fn at(&self, [x, y]: Point) -> Pos2 {
        pos2(
            (f64::from(self.origin.x) + x * f64::from(self.per_px)) as f32,
            (f64::from(self.origin.y) + y * f64::from(self.per_px)) as f32,
        )
    }

    fn thickness(&self) -> f32 {
        self.text / 8.0
    }

    fn line(&self, points: &[Point], color: Color32) {
        let points: Vec<Pos2> = points.iter().map(|&point| self.at(point)).collect();
        let width = self.thickness();
        let below = Stroke::new(width * 2.2, theme::MARK_HALO);
        self.painter.add(Shape::line(points.clone(), below));
        self.painter
            .add(Shape::line(points, Stroke::new(width, color)));
    }

    /// A mark with its ends, which for a caliper are the `edges` found; `label` stands beside
    /// it, handles show that it is chosen.
    pub fn mark(&self, mark: &Mark, edges: Option<[Point; 2]>, label: &str, is_chosen: bool) {
        let color = if is_chosen {
            theme::MARK_CHOSEN
        } else {
            theme::MARK
        };
        if mark.kind.has_profile() && mark.box_px > 1.0 {
            self.averaged_box(mark, color);
        }
        for line in mark.outline(&self.scale) {
            self.line(&line, color);
        }
        match (mark.kind, &mark.points[..]) {
            (Kind::Distance, &[from, to]) => self.end_ticks([from, to], color),
            (Kind::Caliper, _) => {
                if let Some(edges) = edges {
                    self.end_ticks(edges, color);
                }
            }
            _ => {}
        }
        if is_chosen {
            for &point in &mark.points {
                self.handle(point);
            }
        }
        self.label(mark, label);
    }

    /// A figure on its way.
    pub fn draft(&self, points: &[Point]) {
        for &point in points {
            let at = self.at(point);
            self.painter
                .circle_filled(at, self.text / 4.0, theme::MARK_HALO);
            self.painter
                .circle_filled(at, self.text / 6.0, theme::MARK_CHOSEN);
        }
    }

    /// Plain lines in the colour of what is chosen.
    pub fn lines(&self, points: &[Point]) {
        self.line(points, theme::MARK_CHOSEN);
    }

    fn handle(&self, point: Point) {
        let square = Rect::from_center_size(self.at(point), vec2(1.0, 1.0) * self.text * 0.6);
        self.painter.rect(
            square,
            CornerRadius::same(1),
            Color32::WHITE,
            Stroke::new(self.thickness(), theme::MARK_HALO),
            StrokeKind::Outside,
        );
    }

    fn end_ticks(&self, [from, to]: [Point; 2], color: Color32) {
        let along = self.at(to) - self.at(from);
        if along.length() < self.text {
            return;
        }
        let upright = along.normalized().rot90() * self.text * 0.45;
        for point in [from, to] {
            let at = self.at(point);
            let ends = [at - upright, at + upright];
            let width = self.thickness();
            self.painter
                .line_segment(ends, Stroke::new(width * 2.2, theme::MARK_HALO));
            self.painter.line_segment(ends, Stroke::new(width, color));
        }
    }

    fn averaged_box(&self, mark: &Mark, color: Color32) {
        let [from, to] = mark.points[..] else { return };
        let (a, b) = (self.scale.place(from), self.scale.place(to));
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        if length <= 0.0 {
            return;
        }
        // Upright on the specimen, as the averaging is.
        let upright = self
            .scale
            .to_px([-(b[1] - a[1]) / length, (b[0] - a[0]) / length]);
        let size = upright[0].hypot(upright[1]);
        let half = upright.map(|part| part / size * mark.box_px / 2.0);
        let corners = [(from, 1.0), (to, 1.0), (to, -1.0), (from, -1.0)]
            .map(|(point, side)| self.at([point[0] + half[0] * side, point[1] + half[1] * side]));
        let outline = Stroke::new(self.thickness() * 0.7, color.gamma_multiply(0.8));
        self.painter.add(Shape::convex_polygon(
            corners.to_vec(),
            color.gamma_multiply(0.14),
            outline,
        ));
    }

    fn label(&self, mark: &Mark, text: &str) {
        let places = mark.points.iter().map(|&point| self.at(point));
        // Beside the rightmost point, so that it does not lie on the line.
        let Some(at) = places.reduce(|a, b| if b.x > a.x { b } else { a }) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        let font = FontId::proportional(self.text);
        let galley = self
            .painter
            .layout_no_wrap(text.to_owned(), font, Color32::WHITE);
        let margin = vec2(self.text * 0.45, self.text * 0.2);
        let size = galley.size() + 2.0 * margin;
        let gap = self.text * 0.7;
        let seen = self.painter.clip_rect();
        let mut corner = at + vec2(gap, -size.y / 2.0);
        if corner.x + size.x > seen.right() {
            corner.x = at.x - gap - size.x;
        }
        let ground = Rect::from_min_size(corner, size);
        let round = CornerRadius::same((self.text * 0.35).min(40.0) as u8);
        self.painter.rect_filled(ground, round, theme::MARK_GROUND);
        let place = Align2::CENTER_CENTER.anchor_size(ground.center(), galley.size());
        self.painter.galley(place.min, galley, Color32::WHITE);
    }

    /// The region asked about: its outline, and everything around it darker.
    pub fn region(&self, region: Region, image: Rect) {
        let corner = region.corner().map(f64::from);
        let size = region.size().map(f64::from);
        let min = self.at(corner);
        let max = self.at([corner[0] + size[0], corner[1] + size[1]]);
        let inner = Rect::from_min_max(min, max);
        let shade = Color32::from_black_alpha(110);
        for around in [
            Rect::from_min_max(image.min, pos2(image.max.x, inner.min.y)),
            Rect::from_min_max(pos2(image.min.x, inner.max.y), image.max),
            Rect::from_min_max(
                pos2(image.min.x, inner.min.y),
                pos2(inner.min.x, inner.max.y),
            ),
            Rect::from_min_max(
                pos2(inner.max.x, inner.min.y),
                pos2(image.max.x, inner.max.y),
            ),
        ] {
            if around.is_positive() {
                self.painter.rect_filled(around, CornerRadius::ZERO, shade);
            }
        }
        let stroke = Stroke::new(self.thickness(), theme::MARK_CHOSEN);
        self.painter
            .rect_stroke(inner, CornerRadius::ZERO, stroke, StrokeKind::Middle);
    }
}
