//! One micrograph in the viewer: what the pointer does to it, and how it is painted.

use super::geometry::{Point, Scale};
use super::marks::Mark;
use super::paint::Canvas;
use super::scale_bar::{self, Look, ScaleBar};
use super::tool::{Draft, Figure, Tool};
use super::{Held, Pointed, Viewer, value_at};
use crate::micrograph::Calibration;
use crate::window::command::Command;
use crate::window::measuring::Wish;
use crate::window::state::{Image, ImageId};
use crate::window::theme;
use crate::window::tiles::Scene;
use crate::window::view::{Stage, View};
use crate::worker::Opened;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, FontId, Key, Modifiers, Painter, PointerButton,
    Pos2, Rect, Response, Sense, Ui, Vec2, WidgetInfo, vec2,
};
use std::sync::Arc;

/// Points of scrolling that change the zoom by a factor of e.
const SCROLL_POINTS: f32 = 240.0;
/// How near the pointer must come to what it is to take hold of, in points.
const REACH: f32 = 8.0;
/// The scale bar's room, in points and as a share of the pane.
const BAR_ROOM: f32 = 180.0;
const BAR_SHARE: f32 = 0.4;
/// Narrower panes have no room for the scale bar beside the zoom buttons.
pub(super) const ROOMY_WIDTH: f32 = 620.0;
/// Lower panes show neither hint nor scale bar, so that something of the micrograph is seen.
const HINT_HEIGHT: f32 = 200.0;
/// In narrower panes a hint would take lines of it.
const HINT_WIDTH: f32 = 260.0;
/// Room for the button that brings back the strip.
const HINT_INSET: f32 = 32.0;
/// Height of the scale bar with its ground.
const BAR_HEIGHT: f32 = 38.0;
/// Height of the zoom buttons with their margin.
const BUTTONS_HEIGHT: f32 = 46.0;

type Shown<'a> = (&'a Image, &'a Arc<Opened>);

impl Viewer {
    /// Shows a micrograph in a part of the viewer. The active one is asked about.
    pub(super) fn pane(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        place: usize,
        (image, opened): Shown<'_>,
        is_active: bool,
        out: &mut Vec<Command>,
    ) {
        let micrograph = &opened.micrograph;
        let stage = Stage {
            screen: rect,
            image_px: vec2(micrograph.width() as f32, micrograph.height() as f32),
            pixels_per_point: ui.pixels_per_point(),
        };
        if let Some((id, before)) = self.panes[place].shown.replace((image.id, stage))
            && id == image.id
            && before != stage
            && let Some(view) = self.views.get_mut(&id)
        {
            if before.image_px == stage.image_px {
                view.keep_still(&before, &stage);
            } else {
                // A page of another size: the place in the one before means nothing there.
                view.fit();
            }
        }
        let response = ui.interact(
            rect,
            ui.scope_id().with(("pane", place)),
            Sense::click_and_drag(),
        );
        response.widget_info(|| {
            WidgetInfo::labeled(
                egui::Role::Image,
                true,
                format!("Micrograph {}", image.name),
            )
        });
        if (response.drag_started() || response.clicked()) && !is_active {
            out.push(Command::Select(image.id));
        }
        self.zoom_and_pan(ui, &response, place);
        if is_active {
            self.use_tool(ui, &response, &stage, image, out);
            self.nudge(ui, image);
        }
        let view = self.view(image.id);
        self.under_pointer = self.under_pointer.take().or_else(|| {
            let px = view.pixel_at(&stage, response.hover_pos()?)?;
            let calibration = self.calibration(image);
            let scale = Scale::of(calibration);
            let at = scale.place(px.map(|px| f64::from(px) + 0.5));
            let place = at.map(|length| scale.length_text(length)).join(", ");
            Some(Pointed {
                px,
                place: calibration.map(|_| place),
                value: value_at(micrograph, px)?,
            })
        });
        self.paint_pane(ui, &stage, place, (image, opened), is_active);
    }

    fn view(&self, id: ImageId) -> View {
        self.views.get(&id).copied().unwrap_or_default()
    }

    /// Changes the view of a pane, and of the other one where both are linked. Places on the
    /// screen are given from the corner of the pane.
    pub(super) fn change_view(&mut self, place: usize, change: impl Fn(&mut View, &Stage)) {
        for (other, pane) in self.panes.iter().enumerate() {
            if let Some((id, stage)) = &pane.shown
                && (other == place || self.options.linked)
            {
                change(self.views.entry(*id).or_default(), stage);
            }
        }
    }

    fn zoom_and_pan(&mut self, ui: &Ui, response: &Response, place: usize) {
        let is_panning = response.dragged_by(PointerButton::Middle)
            || (response.dragged() && ui.input(|input| input.key_down(Key::Space)))
            || (response.dragged_by(PointerButton::Primary)
                && self.tool == Tool::Move
                && self.held.is_none());
        // A drag that takes hold of a mark is told apart when it starts.
        if is_panning && !response.drag_started() {
            let by = response.drag_delta();
            self.change_view(place, |view, stage| view.pan(stage, by));
        }
        if let Some(pointer) = response.hover_pos() {
            let (scroll, pinch) =
                ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = (scroll / SCROLL_POINTS).exp() * pinch;
            if factor != 1.0 {
                let from_corner = pointer - response.rect.min;
                self.change_view(place, |view, stage| {
                    view.zoom_by(stage, factor, stage.screen.min + from_corner);
                });
            }
        }
        if response.double_clicked() && self.tool == Tool::Move {
            self.change_view(place, |view, _| view.fit());
        }
        if is_panning {
            ui.set_cursor_icon(CursorIcon::Grabbing);
        } else if response.hovered() {
            ui.set_cursor_icon(match self.tool {
                Tool::Move => CursorIcon::Default,
                _ => CursorIcon::Crosshair,
            });
        }
    }

    fn use_tool(
        &mut self,
        ui: &Ui,
        response: &Response,
        stage: &Stage,
        image: &Image,
        out: &mut Vec<Command>,
    ) {
        let view = self.view(image.id);
        let place = |at: Pos2| within(view.image_from_screen(stage, at), stage.image_px);
        let px_per_point = f64::from(stage.pixels_per_point / view.zoom(stage));
        let reach_px = f64::from(REACH) * px_per_point;
        if ui.input(|input| input.key_down(Key::Space)) {
            return;
        }
        let origin = ui.input(|input| input.pointer.press_origin()).map(place);
        let here = response.interact_pointer_pos().map(place);
        if self.tool == Tool::Move {
            self.move_marks(response, image, origin, here, reach_px);
            let has_mark = self.sheet(image).is_some_and(|it| it.chosen.is_some());
            if let (true, false, Some(at)) = (response.clicked(), has_mark, here)
                && self.has_objects(image)
            {
                let more = ui.input(|input| input.modifiers.shift || input.modifiers.command);
                out.push(Command::Measure(Wish::ChooseAt(at, more)));
            }
            return;
        }
        if self.tool == Tool::LeaveOut
            && self.options.left_out
            && self.draft.is_none()
            && response.clicked()
            && here.is_some_and(|at| self.take_back(image, at))
        {
            return;
        }
        let straight = ui.input(|input| input.modifiers.shift);
        if let (Some(draft), Some(at)) = (
            &mut self.draft,
            response.hover_pos().or(response.interact_pointer_pos()),
        ) {
            draft.lead(place(at), straight);
        }
        let is_primary =
            |is: fn(&Response, PointerButton) -> bool| is(response, PointerButton::Primary);
        let mut figure = None;
        if response.double_clicked() {
            figure = self.draft.as_ref().and_then(Draft::end);
        } else if is_primary(Response::drag_started_by) {
            figure = origin.and_then(|at| self.set_point(image.id, at, straight, reach_px));
            if let (Some(draft), Some(at)) = (&mut self.draft, here) {
                draft.lead(at, straight);
            }
        } else if is_primary(Response::drag_stopped_by) || is_primary(Response::clicked_by) {
            let is_new = response.clicked() || self.draft.is_some();
            figure = here
                .filter(|_| is_new)
                .and_then(|at| self.set_point(image.id, at, straight, reach_px));
        }
        let ends = ui
            .ctx()
            .memory(|memory| memory.focused().is_none_or(|id| id == response.id));
        if ends && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
            figure = figure.or(self.draft.as_ref().and_then(Draft::end));
        }
        if let Some(figure) = figure {
            self.draft = None;
            self.finish(image, figure, out);
        }
    }

    fn set_point(
        &mut self,
        image: ImageId,
        at: Point,
        straight: bool,
        near_px: f64,
    ) -> Option<Figure> {
        match &mut self.draft {
            Some(draft) if draft.tool == self.tool => {
                draft.lead(at, straight);
                draft.set(near_px)
            }
            _ => {
                self.draft = Some(Draft::begin(image, self.tool, at));
                None
            }
        }
    }

    fn move_marks(
        &mut self,
        response: &Response,
        image: &Image,
        origin: Option<Point>,
        here: Option<Point>,
        reach_px: f64,
    ) {
        let scale = Scale::of(self.calibration(image));
        let Some(sheet) = self.sheet_mut(image) else {
            return;
        };
        if response.drag_started_by(PointerButton::Primary)
            && let Some(at) = origin
        {
            let grip = sheet.chosen().and_then(|mark| grip_of(mark, at, reach_px));
            let hit = grip
                .or_else(|| hit(&sheet.now().marks, &scale, at, reach_px).map(|mark| (mark, None)));
            if let Some((mark, point)) = hit {
                sheet.chosen = Some(mark);
                let before = sheet.now().clone();
                self.held = Some(Held {
                    image: image.id,
                    mark,
                    point,
                    at,
                    before,
                });
            }
        } else if response.clicked()
            && let Some(at) = here
        {
            sheet.chosen = hit(&sheet.now().marks, &scale, at, reach_px);
        }
        let Some(mut held) = self.held.take_if(|held| held.image == image.id) else {
            return;
        };
        let Some(sheet) = self.sheet_mut(image) else {
            return;
        };
        if let Some(at) = here {
            let by = [at[0] - held.at[0], at[1] - held.at[1]];
            sheet.adjust(|drawing| {
                if let Some(mark) = drawing.marks.iter_mut().find(|mark| mark.id == held.mark) {
                    match held.point {
                        Some(point) => mark.points[point] = at,
                        None => shift(mark, by),
                    }
                }
            });
            held.at = at;
        }
        if response.dragged() {
            self.held = Some(held);
        } else {
            sheet.keep(held.before);
        }
    }

    /// Moves the chosen mark by the arrow keys, unless they belong to a control.
    fn nudge(&mut self, ui: &Ui, image: &Image) {
        let is_free = ui.ctx().memory(|memory| memory.focused().is_none());
        if !is_free
            || self
                .sheet(image)
                .is_none_or(|sheet| sheet.chosen().is_none())
        {
            return;
        }
        let mut by = [0.0; 2];
        ui.input_mut(|input| {
            for (key, dx, dy) in [
                (Key::ArrowLeft, -1.0, 0.0),
                (Key::ArrowRight, 1.0, 0.0),
                (Key::ArrowUp, 0.0, -1.0),
                (Key::ArrowDown, 0.0, 1.0),
            ] {
                for (modifiers, step) in [(Modifiers::SHIFT, 10.0), (Modifiers::NONE, 1.0)] {
                    let presses = input.count_and_consume_key(modifiers, key) as f64;
                    by = [by[0] + dx * step * presses, by[1] + dy * step * presses];
                }
            }
        });
        if by != [0.0; 2]
            && let Some(sheet) = self.sheet_mut(image)
            && let Some(chosen) = sheet.chosen
        {
            sheet.change(|drawing| {
                for mark in drawing.marks.iter_mut().filter(|mark| mark.id == chosen) {
                    shift(mark, by);
                }
            });
        }
    }

    fn paint_pane(
        &mut self,
        ui: &Ui,
        stage: &Stage,
        place: usize,
        (image, opened): Shown<'_>,
        is_active: bool,
    ) {
        let view = self.view(image.id);
        let image_rect = view.image_on_screen(stage);
        let scene = Scene {
            image_rect,
            clip: stage.screen,
            zoom: view.zoom(stage),
            map: self.map(image),
        };
        let painter = ui.painter().with_clip_rect(stage.screen);
        let tiles = &mut self.panes[place].tiles;
        tiles.prepare(ui.ctx(), opened, &scene);
        tiles.paint(&painter, &scene);
        let canvas = Canvas {
            painter: &painter,
            origin: image_rect.min,
            per_px: scene.zoom / stage.pixels_per_point,
            text: theme::TEXT_SMALL,
            scale: Scale::of(self.calibration(image)),
        };
        self.paint_left_out(ui, &canvas, image, opened);
        self.paint_heat(ui, &canvas, image);
        if let Some(region) = self.region(image) {
            canvas.region(region, image_rect.intersect(stage.screen));
        }
        if let Some(outlines) = self.outlines_of(image) {
            outlines.paint(&canvas);
        }
        let (marks, chosen) = match self.sheet(image) {
            Some(sheet) => (sheet.now().marks.clone(), sheet.chosen),
            None => (Vec::new(), None),
        };
        for mark in &marks {
            let edges = self.edges_px(image, opened, mark);
            let readings = self.readings(image, opened, mark);
            let label = readings.first().map_or("", |(_, text)| text.as_str());
            canvas.mark(mark, edges, label, chosen == Some(mark.id));
        }
        if is_active {
            self.paint_draft(&canvas, stage);
        }
        if self.options.scale_bar {
            self.paint_bar(ui, &painter, stage, &scene, image);
        }
        self.say_heat(ui, &painter, stage, image);
    }

    fn paint_draft(&self, canvas: &Canvas<'_>, stage: &Stage) {
        if let Some(entry) = &self.entry {
            canvas.lines(&entry.line);
            canvas.draft(&entry.line);
        }
        if let Some(draft) = &self.draft {
            let points = draft.preview();
            let whole = match draft.tool {
                Tool::Measure(kind) if kind.points().is_none_or(|count| count == points.len()) => {
                    let mark = Mark {
                        id: 0,
                        kind,
                        points: points.clone(),
                        closed: false,
                        box_px: super::marks::first_box_px(kind),
                    };
                    let readings = mark.readings(&canvas.scale, None);
                    // Edges are looked for once the line is drawn.
                    let label = readings.first().map(|(_, text)| text.clone());
                    canvas.mark(&mark, None, &label.unwrap_or_default(), true);
                    true
                }
                Tool::Region | Tool::LeaveOut => {
                    let (a, c) = (points[0], draft.next);
                    canvas.lines(&[a, [c[0], a[1]], c, [a[0], c[1]], a]);
                    true
                }
                _ => false,
            };
            if !whole {
                canvas.lines(&points);
            }
            canvas.draft(&points);
        }
        if self.says_hint(stage) {
            // Clear of the card at the right and of the button at the left.
            let (at, align) = if self.options.contrast {
                let aside = vec2(theme::SPACE_M + HINT_INSET, theme::SPACE_M);
                (stage.screen.left_top() + aside, Align2::LEFT_TOP)
            } else {
                let below = vec2(0.0, theme::SPACE_M);
                (stage.screen.center_top() + below, Align2::CENTER_TOP)
            };
            chip(canvas.painter, at, align, self.tool.hint());
        }
    }

    /// Whether the tool says what to do with it.
    pub(super) fn says_hint(&self, stage: &Stage) -> bool {
        let has_room = stage.screen.height() >= HINT_HEIGHT && stage.screen.width() >= HINT_WIDTH;
        self.tool != Tool::Move && self.entry.is_none() && has_room
    }

    fn paint_bar(&self, ui: &Ui, painter: &Painter, stage: &Stage, scene: &Scene, image: &Image) {
        let has_room = stage.screen.height() >= HINT_HEIGHT;
        let Some(known) = self.calibration(image).filter(|_| has_room) else {
            return;
        };
        let points_per_px = f64::from(scene.zoom / stage.pixels_per_point);
        let room = f64::from(BAR_ROOM.min(stage.screen.width() * BAR_SHARE));
        let Some(bar) = ScaleBar::fitting(room / points_per_px * known.x_nm) else {
            return;
        };
        let look = Look {
            length: (bar.length_nm / known.x_nm * points_per_px) as f32,
            text: theme::TEXT_BODY,
        };
        let lift = if stage.screen.width() < ROOMY_WIDTH || self.is_pair() {
            BUTTONS_HEIGHT
        } else {
            0.0
        };
        let corner = stage.screen.left_bottom() + vec2(theme::SPACE_L, -theme::SPACE_L - lift);
        let ground = scale_bar::paint(painter, corner, &bar, look);
        let id = ui.scope_id().with(("scale bar", image.id.0));
        let response = ui.interact(ground, id, Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(egui::Role::Image, true, format!("Scale bar {}", bar.label))
        });
    }
}

/// How high above the lower edge of a pane its name stands.
pub(super) fn lift_of_name(pane: Rect, has_bar: bool, scale: Option<&Calibration>) -> f32 {
    let above_buttons = theme::SPACE_L + BUTTONS_HEIGHT;
    if has_bar && scale.is_some() && pane.height() >= HINT_HEIGHT {
        above_buttons + BAR_HEIGHT + theme::SPACE_S
    } else {
        above_buttons
    }
}

/// Words on the micrograph, on a dark ground.
pub(super) fn chip(painter: &Painter, at: Pos2, align: Align2, words: &str) {
    let font = FontId::proportional(theme::TEXT_SMALL);
    let width = (painter.clip_rect().width() - 4.0 * theme::SPACE_L).max(80.0);
    let galley = painter.layout(words.to_owned(), font, Color32::WHITE, width);
    let margin = Vec2::new(theme::SPACE_M, theme::SPACE_S);
    let ground = align.anchor_size(at, galley.size() + 2.0 * margin);
    let round = CornerRadius::same(theme::RADIUS);
    painter.rect_filled(ground, round, theme::MARK_GROUND);
    painter.galley(ground.min + margin, galley, Color32::WHITE);
}

/// A place on the screen as a place in the image, kept inside it.
fn within(at: Pos2, size: Vec2) -> Point {
    [
        f64::from(at.x.clamp(0.0, size.x.max(0.0))),
        f64::from(at.y.clamp(0.0, size.y.max(0.0))),
    ]
}

/// The point of a mark that is within reach.
fn grip_of(mark: &Mark, at: Point, reach_px: f64) -> Option<(u64, Option<usize>)> {
    let distance = |point: &Point| (point[0] - at[0]).hypot(point[1] - at[1]);
    let nearest = mark
        .points
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))?;
    (distance(nearest.1) <= reach_px).then_some((mark.id, Some(nearest.0)))
}

/// The mark that is nearest, if within reach.
fn hit(marks: &[Mark], scale: &Scale, at: Point, reach_px: f64) -> Option<u64> {
    marks
        .iter()
        .map(|mark| (mark.id, mark.distance_px(scale, at)))
        .filter(|(_, distance)| *distance <= reach_px)
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(id, _)| id)
}

fn shift(mark: &mut Mark, by: [f64; 2]) {
    for point in &mut mark.points {
        *point = [point[0] + by[0], point[1] + by[1]];
    }
}
