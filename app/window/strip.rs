//! The strip at the left: the micrographs of this session with thumbnails, and below them the
//! files opened last.

use super::command::Command;
use super::icons::{self, Icon};
use super::settings::Settings;
use super::shortcuts::Action;
use super::state::{Image, ImageId, Session};
use super::theme::{self, Palette};
use super::widgets;
use egui::{
    Align2, Color32, ColorImage, CornerRadius, FontId, Panel, Rect, RichText, ScrollArea, Sense,
    Stroke, StrokeKind, TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2,
};
use std::collections::HashMap;

/// Recent files listed below the open ones.
const RECENT_SHOWN: usize = 8;

/// The strip and its thumbnails on the graphics card.
#[derive(Default)]
pub struct Strip {
    /// Each with the hash of the content it shows.
    thumbnails: HashMap<ImageId, (String, TextureHandle)>,
}

impl Strip {
    /// Draws the strip.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        settings: &Settings,
        out: &mut Vec<Command>,
    ) {
        self.thumbnails.retain(|id, (hash, _)| {
            let image = session.image(*id);
            image.is_some_and(|image| image.hash() == Some(hash))
        });
        let panel = Panel::left("strip")
            .resizable(true)
            .default_size(168.0)
            .min_size(128.0)
            .max_size(260.0);
        let frame = widgets::panel_frame(ui).inner_margin(egui::Margin::same(theme::SPACE_M as i8));
        panel.frame(frame).show(ui, |ui| {
            widgets::two_ends(
                ui,
                24.0,
                |ui| {
                    ui.add_space(theme::SPACE_S);
                    widgets::section_title(ui, "Micrographs");
                },
                |ui| {
                    ui.spacing_mut().item_spacing.x = 0.0;
                    let key = Action::ToggleStrip.key_text(ui.ctx());
                    let name = format!("Hide the strip ({key})");
                    if widgets::icon_button(ui, Icon::ChevronLeft, &name).clicked() {
                        out.push(Command::Do(Action::ToggleStrip));
                    }
                    if widgets::icon_button(ui, Icon::Plus, "Open micrographs…").clicked() {
                        out.push(Command::Do(Action::Open));
                    }
                },
            );
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                widgets::name_scroll(ui, "Micrographs");
                ui.spacing_mut().item_spacing.y = theme::SPACE_S;
                for image in session.images() {
                    self.entry(ui, session, image, out);
                }
                if session.images().is_empty() {
                    ui.horizontal(|ui| {
                        ui.add_space(theme::SPACE_S);
                        widgets::muted(ui, "None open");
                    });
                }
                recent(ui, session, settings, out);
            });
        });
    }

    fn entry(&mut self, ui: &mut Ui, session: &Session, image: &Image, out: &mut Vec<Command>) {
        let palette = Palette::of(ui);
        let is_current = session
            .current()
            .is_some_and(|current| current.id == image.id);
        let width = ui.available_width();
        let inner = width - 2.0 * theme::SPACE_S;
        let picture_height = (inner * 0.66).round();
        let height = picture_height + 22.0 + 2.0 * theme::SPACE_S;
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
        response.widget_info(|| {
            WidgetInfo::selected(egui::Role::Button, true, is_current, &image.name)
        });
        if is_current {
            ui.painter()
                .rect_filled(rect, CornerRadius::same(theme::RADIUS), palette.accent_soft);
        } else if response.hovered() {
            ui.painter()
                .rect_filled(rect, CornerRadius::same(theme::RADIUS), palette.hover);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(
                rect,
                CornerRadius::same(theme::RADIUS),
                Stroke::new(1.5, palette.accent),
                StrokeKind::Inside,
            );
        }
        let picture = Rect::from_min_size(
            rect.min + vec2(theme::SPACE_S, theme::SPACE_S),
            vec2(inner, picture_height),
        );
        self.picture(ui, image, picture);
        self.caption(
            ui,
            session,
            image,
            Rect::from_min_max(pos2(picture.left(), picture.bottom()), rect.max),
        );
        if response.clicked() {
            out.push(Command::Select(image.id));
        }
        let close_rect =
            Rect::from_min_size(picture.right_top() - vec2(26.0, -2.0), vec2(24.0, 24.0));
        if ui.rect_contains_pointer(rect) {
            let mut corner = ui.new_child(egui::UiBuilder::new().max_rect(close_rect));
            corner.painter().rect_filled(
                close_rect,
                CornerRadius::same(theme::RADIUS),
                palette.raised,
            );
            if widgets::icon_button(&mut corner, Icon::Cross, &format!("Close {}", image.name))
                .clicked()
            {
                out.push(Command::Close(image.id));
            }
        }
        let tip = image
            .origin
            .path()
            .map_or_else(|| image.name.clone(), |path| path.display().to_string());
        response.on_hover_text(tip);
    }

    fn picture(&mut self, ui: &Ui, image: &Image, rect: Rect) {
        let palette = Palette::of(ui);
        let corner = CornerRadius::same(4);
        ui.painter().rect_filled(rect, corner, palette.surround);
        let Some(kept) = &image.kept else {
            let icon = Rect::from_center_size(rect.center(), vec2(24.0, 24.0));
            icons::paint(ui.painter(), Icon::Micrograph, icon, palette.on_surround);
            return;
        };
        let (_, texture) = self.thumbnails.entry(image.id).or_insert_with(|| {
            let [width, height] = kept.thumbnail_size.map(|side| side as usize);
            let whole = kept.thumbnail_rgba.len() == width * height * 4 && width * height > 0;
            let pixels = if whole {
                ColorImage::from_rgba_unmultiplied([width, height], &kept.thumbnail_rgba)
            } else {
                ColorImage::filled([1, 1], Color32::DARK_GRAY)
            };
            let texture = ui
                .ctx()
                .load_texture(&image.name, pixels, TextureOptions::LINEAR);
            (kept.prepared.hash.clone(), texture)
        });
        // Fills the tile and cuts what stands over, so that the strip is even.
        let size = texture.size_vec2();
        let scale = (rect.width() / size.x).max(rect.height() / size.y);
        let cut = rect.size() / (size * scale);
        let uv = Rect::from_center_size(pos2(0.5, 0.5), cut);
        egui::Image::from_texture(&*texture)
            .uv(uv)
            .corner_radius(corner)
            .paint_at(ui, rect);
    }

    fn caption(&self, ui: &Ui, session: &Session, image: &Image, rect: Rect) {
        let palette = Palette::of(ui);
        let is_busy = session
            .record(image.id)
            .is_some_and(|record| record.open_turns() > 0);
        let is_read = image.kept.is_some();
        let color = if is_read { palette.text } else { palette.muted };
        let mut room = rect.width() - if is_busy { 14.0 } else { 0.0 };
        if let Some((page, pages)) = image.pages().filter(|(_, pages)| *pages > 1) {
            let words = format!("{}/{pages}", u64::from(page) + 1);
            let font = FontId::proportional(theme::TEXT_SMALL);
            let at = pos2(rect.left() + room - theme::SPACE_S, rect.center().y);
            let painter = ui.painter();
            let drawn = painter.text(at, Align2::RIGHT_CENTER, words, font, palette.muted);
            room -= drawn.width() + theme::SPACE_M;
        }
        let mut job = egui::text::LayoutJob::simple_singleline(
            image.name.clone(),
            FontId::proportional(theme::TEXT_SMALL),
            color,
        );
        job.wrap = egui::text::TextWrapping::truncate_at_width(room - theme::SPACE_S);
        let galley = ui.painter().layout_job(job);
        let at = Align2::LEFT_CENTER
            .anchor_size(pos2(rect.left() + 2.0, rect.center().y), galley.size())
            .min;
        ui.painter().galley(at, galley, color);
        if is_busy {
            ui.painter().circle_filled(
                pos2(rect.right() - 10.0, rect.center().y),
                3.5,
                palette.accent,
            );
        }
    }
}

fn recent(ui: &mut Ui, session: &Session, settings: &Settings, out: &mut Vec<Command>) {
    let is_open = |path: &std::path::Path| {
        session
            .images()
            .iter()
            .any(|image| image.origin.path() == Some(path))
    };
    let closed: Vec<_> = settings
        .recent
        .iter()
        .filter(|path| !is_open(path))
        .take(RECENT_SHOWN)
        .collect();
    if closed.is_empty() {
        return;
    }
    ui.add_space(theme::SPACE_L);
    ui.horizontal(|ui| {
        ui.add_space(theme::SPACE_S);
        widgets::section_title(ui, "Recent");
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    for path in closed {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        let text = RichText::new(name).size(theme::TEXT_SMALL);
        let button = egui::Button::new(text)
            .frame_when_inactive(false)
            .truncate();
        ui.scope(|ui| {
            ui.spacing_mut().button_padding.x = theme::SPACE_S;
            let response = ui.add_sized(vec2(ui.available_width(), 24.0), button.right_text(""));
            if response.on_hover_text(path.display().to_string()).clicked() {
                out.push(Command::Open(vec![path.clone()]));
            }
        });
    }
}
