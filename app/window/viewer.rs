//! The middle of the window: the micrograph on its dark ground, zoomed and panned; or, when
//! there is none, how to get one.

use super::command::Command;
use super::icons::{self, Icon};
use super::shortcuts::Action;
use super::state::{Image, ImageId, Session};
use super::theme::{self, Palette};
use super::tiles::Tiles;
use super::view::{Stage, View, ZOOM_STEP};
use super::widgets;
use crate::micrograph::{Micrograph, Pixels};
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, FontId, Frame, Margin, Rect, RichText, Sense,
    Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2,
};
use std::collections::HashMap;

/// Points of scrolling that change the zoom by a factor of e.
const SCROLL_POINTS: f32 = 240.0;

/// The viewer and how each micrograph was last shown in it.
#[derive(Default)]
pub struct Viewer {
    views: HashMap<ImageId, View>,
    tiles: Tiles,
    stage: Option<(ImageId, Stage)>,
    /// What the pointer is on: x, y and the value there.
    pub under_pointer: Option<([u32; 2], Value)>,
}

/// A recorded pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A grey value in the depth of the file.
    Grey(u16),
    /// A grey value that is a floating-point number.
    Float(f32),
    /// Red, green, blue.
    Rgb([u16; 3]),
}

impl Viewer {
    /// Draws what is in the middle, with a button that brings the strip back if it is put
    /// away. Returns the area it took.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        offer_strip: bool,
        out: &mut Vec<Command>,
    ) -> Rect {
        let palette = Palette::of(ui);
        let screen = ui.available_rect_before_wrap();
        ui.painter()
            .rect_filled(screen, CornerRadius::ZERO, palette.surround);
        self.views.retain(|id, _| session.image(*id).is_some());
        self.under_pointer = None;
        let current = session.current();
        let opened =
            current.and_then(|image| image.opened.as_ref().map(|opened| (image.id, opened)));
        self.tiles.turn_to(ui.ctx(), opened);
        match (current, opened) {
            (Some(image), Some((id, opened))) => {
                self.micrograph(ui, screen, id, &image.name, &opened.micrograph);
                controls(ui, screen, self.zoom(id), out);
            }
            (Some(image), None) => reading(ui, screen, image),
            (None, _) => empty(ui, screen, out),
        }
        if offer_strip {
            strip_button(ui, screen, out);
        }
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            drop_hint(ui, screen);
        }
        screen
    }

    fn micrograph(
        &mut self,
        ui: &mut Ui,
        screen: Rect,
        id: ImageId,
        name: &str,
        micrograph: &Micrograph,
    ) {
        let stage = Stage {
            screen,
            image_px: vec2(micrograph.width() as f32, micrograph.height() as f32),
            pixels_per_point: ui.pixels_per_point(),
        };
        self.stage = Some((id, stage));
        let view = self.views.entry(id).or_default();
        let response = ui.allocate_rect(screen, Sense::click_and_drag());
        response.widget_info(|| {
            WidgetInfo::labeled(egui::Role::Image, true, format!("Micrograph {name}"))
        });
        if response.dragged() {
            view.pan(&stage, response.drag_delta());
        }
        if response.double_clicked() {
            view.fit();
        }
        if let Some(pointer) = response.hover_pos() {
            let (scroll, pinch) =
                ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = (scroll / SCROLL_POINTS).exp() * pinch;
            if factor != 1.0 {
                view.zoom_by(&stage, factor, pointer);
            }
            self.under_pointer = view
                .pixel_at(&stage, pointer)
                .and_then(|at| Some((at, value_at(micrograph, at)?)));
        }
        let painter = ui.painter().with_clip_rect(screen);
        self.tiles.paint(&painter, view.image_on_screen(&stage));
        if response.dragged() {
            ui.set_cursor_icon(CursorIcon::Grabbing);
        } else if response.hovered() {
            ui.set_cursor_icon(CursorIcon::Crosshair);
        }
    }

    /// Display pixels a micrograph pixel, of the micrograph shown last.
    pub fn zoom(&self, id: ImageId) -> Option<f32> {
        let (shown, stage) = self.stage.as_ref()?;
        (*shown == id).then(|| self.views.get(&id).copied().unwrap_or_default().zoom(stage))
    }

    /// Carries out a zoom action for the micrograph shown last.
    pub fn act(&mut self, action: Action) {
        let Some((id, stage)) = &self.stage else {
            return;
        };
        let Some(view) = self.views.get_mut(id) else {
            return;
        };
        let middle = stage.screen.center();
        match action {
            Action::ZoomIn => view.zoom_by(stage, ZOOM_STEP, middle),
            Action::ZoomOut => view.zoom_by(stage, 1.0 / ZOOM_STEP, middle),
            Action::ActualSize => view.zoom_to(stage, 1.0, middle),
            Action::Fit => view.fit(),
            _ => {}
        }
    }
}

/// The recorded pixel at x, y.
fn value_at(micrograph: &Micrograph, [x, y]: [u32; 2]) -> Option<Value> {
    let index = y as usize * micrograph.width() as usize + x as usize;
    match &micrograph.pixels {
        Pixels::Grey8(samples) => samples.get(index).map(|&value| Value::Grey(value.into())),
        Pixels::Grey16(samples) => samples.get(index).map(|&value| Value::Grey(value)),
        Pixels::Rgb8(samples) => {
            let pixel = samples.get(index * 3..index * 3 + 3)?;
            Some(Value::Rgb([pixel[0], pixel[1], pixel[2]].map(u16::from)))
        }
        Pixels::Rgb16(samples) => {
            let pixel = samples.get(index * 3..index * 3 + 3)?;
            Some(Value::Rgb([pixel[0], pixel[1], pixel[2]]))
        }
        Pixels::Float32(samples) => samples.get(index).map(|&value| Value::Float(value)),
    }
}

/// "62 %", with one decimal where it says something.
pub fn zoom_text(zoom: f32) -> String {
    let percent = zoom * 100.0;
    if percent < 10.0 {
        format!("{percent:.1}\u{a0}%")
    } else {
        format!("{percent:.0}\u{a0}%")
    }
}

fn controls(ui: &mut Ui, screen: Rect, zoom: Option<f32>, out: &mut Vec<Command>) {
    let size = vec2(
        4.0 * 24.0 + 48.0 + 4.0 * theme::SPACE_S + 2.0 * theme::SPACE_M + 12.0,
        34.0,
    );
    if screen.width() < size.x + 2.0 * theme::SPACE_L || screen.height() < 120.0 {
        return;
    }
    let rect = Rect::from_center_size(
        egui::pos2(
            screen.center().x,
            screen.bottom() - theme::SPACE_L - size.y / 2.0,
        ),
        size,
    );
    let palette = Palette::of(ui);
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        let frame = Frame::new()
            .fill(palette.raised)
            .stroke(Stroke::new(1.0, palette.hairline))
            .corner_radius(CornerRadius::same(17))
            .inner_margin(Margin::symmetric(theme::SPACE_M as i8, 4));
        frame.show(ui, |ui| {
            ui.set_min_size(size - vec2(2.0 * theme::SPACE_M + 2.0, 10.0));
            ui.horizontal_centered(|ui| {
                ui.spacing_mut().item_spacing.x = theme::SPACE_S;
                button(ui, Icon::Minus, Action::ZoomOut, out);
                let (text_rect, _) = ui.allocate_exact_size(vec2(48.0, 24.0), Sense::hover());
                ui.painter().text(
                    text_rect.center(),
                    Align2::CENTER_CENTER,
                    zoom.map(zoom_text).unwrap_or_default(),
                    FontId::proportional(theme::TEXT_SMALL),
                    palette.text,
                );
                button(ui, Icon::Plus, Action::ZoomIn, out);
                button(ui, Icon::Fit, Action::Fit, out);
                let text = RichText::new("1:1").size(theme::TEXT_SMALL);
                ui.spacing_mut().interact_size.y = 24.0;
                ui.spacing_mut().button_padding = vec2(theme::SPACE_S, 0.0);
                let one = egui::Button::new(text)
                    .frame_when_inactive(false)
                    .min_size(vec2(36.0, 24.0));
                let key = Action::ActualSize.key_text(ui.ctx());
                if ui
                    .add(one)
                    .on_hover_text(format!("{} ({key})", Action::ActualSize.title()))
                    .clicked()
                {
                    out.push(Command::Do(Action::ActualSize));
                }
            });
        });
    });
}

fn button(ui: &mut Ui, icon: Icon, action: Action, out: &mut Vec<Command>) {
    let name = format!("{} ({})", action.title(), action.key_text(ui.ctx()));
    if widgets::icon_button(ui, icon, &name).clicked() {
        out.push(Command::Do(action));
    }
}

fn strip_button(ui: &mut Ui, screen: Rect, out: &mut Vec<Command>) {
    let rect = Rect::from_min_size(
        screen.min + vec2(theme::SPACE_M, theme::SPACE_M),
        vec2(24.0, 24.0),
    );
    let mut corner = ui.new_child(UiBuilder::new().max_rect(rect));
    let ground = Palette::of(ui).raised;
    corner
        .painter()
        .rect_filled(rect, CornerRadius::same(theme::RADIUS), ground);
    let name = format!(
        "Show the strip ({})",
        Action::ToggleStrip.key_text(ui.ctx())
    );
    if widgets::icon_button(&mut corner, Icon::ChevronRight, &name).clicked() {
        out.push(Command::Do(Action::ToggleStrip));
    }
}

fn reading(ui: &mut Ui, screen: Rect, image: &Image) {
    let palette = Palette::of(ui);
    ui.scope_builder(UiBuilder::new().max_rect(screen), |ui| {
        ui.centered_and_justified(|ui| {
            ui.label(RichText::new(format!("Reading {}…", image.name)).color(palette.on_surround));
        });
    });
}

fn empty(ui: &mut Ui, screen: Rect, out: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let size = vec2(
        (screen.width() - 32.0).clamp(120.0, 420.0),
        220.0_f32.min(screen.height()),
    );
    let rect = Rect::from_center_size(screen.center(), size);
    ui.painter().add(egui::Shape::dashed_line(
        &[
            rect.left_top(),
            rect.right_top(),
            rect.right_bottom(),
            rect.left_bottom(),
            rect.left_top(),
        ],
        Stroke::new(1.0, palette.outline),
        6.0,
        6.0,
    ));
    ui.scope_builder(
        UiBuilder::new().max_rect(rect.shrink(theme::SPACE_L)),
        |ui| {
            ui.vertical_centered(|ui| {
                ui.add_space(((size.y - 190.0) / 2.0).max(0.0));
                let (icon, _) = ui.allocate_exact_size(vec2(32.0, 32.0), Sense::hover());
                icons::paint(ui.painter(), Icon::Micrograph, icon, palette.on_surround);
                ui.add_space(theme::SPACE_S);
                let title = RichText::new("Drop a micrograph here")
                    .font(theme::semibold(theme::TEXT_TITLE));
                ui.label(title.color(Color32::WHITE));
                ui.label(
                    RichText::new(
                        "TIFF, PNG, JPEG, BMP, WebP, DM3 or DM4. Nothing leaves this computer.",
                    )
                    .color(palette.on_surround),
                );
                ui.add_space(theme::SPACE_M);
                let width = 116.0;
                ui.horizontal(|ui| {
                    ui.add_space(
                        ((ui.available_width() - 2.0 * width - theme::SPACE_M) / 2.0).max(0.0),
                    );
                    ui.spacing_mut().interact_size.x = width;
                    if ui
                        .add_sized(
                            vec2(width, theme::CONTROL_HEIGHT),
                            egui::Button::new("Open…"),
                        )
                        .clicked()
                    {
                        out.push(Command::Do(Action::Open));
                    }
                    if ui
                        .add_sized(
                            vec2(width, theme::CONTROL_HEIGHT),
                            egui::Button::new("Open sample"),
                        )
                        .clicked()
                    {
                        out.push(Command::Do(Action::OpenSample));
                    }
                });
            });
        },
    );
}

fn drop_hint(ui: &Ui, screen: Rect) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    painter.rect_filled(screen, CornerRadius::ZERO, Color32::from_black_alpha(170));
    let edge = CornerRadius::same(theme::RADIUS_CARD);
    painter.rect_stroke(
        screen.shrink(theme::SPACE_M),
        edge,
        Stroke::new(2.0, palette.accent),
        StrokeKind::Inside,
    );
    painter.text(
        screen.center(),
        Align2::CENTER_CENTER,
        "Drop to open",
        theme::semibold(theme::TEXT_TITLE),
        Color32::WHITE,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::Header;

    #[test]
    fn pixel_values_are_the_recorded_ones() {
        let header = Header {
            format: "PNG",
            width: 2,
            height: 2,
            bits: 16,
            samples: 1,
            pages: 1,
            page: 0,
        };
        let mut micrograph = Micrograph {
            calibration: None,
            metadata: Default::default(),
            pixels: Pixels::Grey16(vec![1, 2, 3, 40_000]),
            header,
            hash: String::new(),
            source: std::path::PathBuf::new(),
        };
        assert_eq!(value_at(&micrograph, [1, 1]), Some(Value::Grey(40_000)));
        assert_eq!(value_at(&micrograph, [0, 2]), None);
        micrograph.pixels = Pixels::Rgb8((0..12).collect());
        assert_eq!(value_at(&micrograph, [1, 0]), Some(Value::Rgb([3, 4, 5])));
    }

    #[test]
    fn zoom_reads_in_per_cent() {
        assert_eq!(zoom_text(0.625), "62\u{a0}%");
        assert_eq!(zoom_text(0.031), "3.1\u{a0}%");
        assert_eq!(zoom_text(16.0), "1600\u{a0}%");
    }
}
