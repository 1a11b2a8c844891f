//! Two small windows of the Help menu: what the program is, and its keys. Neither blocks.

use super::shortcuts::{Action, Menu};
use super::theme::{self, Palette};
use super::widgets;
use egui::{Align2, Context, Grid, RichText, ScrollArea, Window, vec2};

/// Which of the two are open.
#[derive(Debug, Default)]
pub struct HelpWindows {
    /// What the program is.
    pub about: bool,
    /// The list of keys.
    pub keys: bool,
}

impl HelpWindows {
    /// Draws those that are open.
    pub fn show(&mut self, ctx: &Context) {
        let room = ctx.content_rect().size() - vec2(2.0 * theme::SPACE_XL, 2.0 * theme::SPACE_XL);
        let frame = |title: &str| {
            Window::new(title.to_owned())
                .collapsible(false)
                .resizable(false)
                .pivot(Align2::CENTER_CENTER)
                .default_pos(ctx.content_rect().center())
                .max_size(room)
        };
        frame("About Askem").open(&mut self.about).default_width(360.0_f32.min(room.x)).show(ctx, |ui| {
            let palette = Palette::of(ui);
            ui.set_width(360.0_f32.min(room.x - 2.0 * theme::SPACE_L));
            ui.label(RichText::new(concat!("Askem ", env!("CARGO_PKG_VERSION"))).font(theme::semibold(theme::TEXT_TITLE)));
            ui.label("Answers questions about electron micrographs on your own machine.");
            ui.label(
                "The model is small and can be wrong. It measures nothing: take its words as a hint, \
                 and look at the micrograph.",
            );
            ui.label("Nothing leaves this computer, and your files are never changed.");
            ui.add_space(theme::SPACE_S);
            ui.label(RichText::new("Licence: MIT or Apache-2.0").size(theme::TEXT_SMALL).color(palette.muted));
            ui.label(
                RichText::new("Fonts: Inter (SIL Open Font License), DejaVu Sans (Bitstream Vera licence)")
                    .size(theme::TEXT_SMALL)
                    .color(palette.muted),
            );
        });
        frame("Keys").open(&mut self.keys).default_width(380.0_f32.min(room.x)).show(ctx, |ui| {
            ScrollArea::vertical().max_height((room.y - 80.0).max(120.0)).show(ui, keys);
        });
    }
}

fn keys(ui: &mut egui::Ui) {
    for menu in Menu::ALL {
        widgets::section_title(ui, menu.title());
        Grid::new(menu.title()).num_columns(2).spacing(vec2(theme::SPACE_XL, theme::SPACE_S)).show(ui, |ui| {
            for action in Action::all().filter(|action| action.menu() == menu) {
                ui.spacing_mut().interact_size.y = 18.0;
                ui.add_sized(
                    vec2(250.0, 18.0),
                    egui::Label::new(action.title().trim_end_matches('…')).halign(egui::Align::Min),
                );
                widgets::muted(ui, action.key_text(ui.ctx()));
                ui.end_row();
            }
        });
        ui.add_space(theme::SPACE_M);
    }
    widgets::section_title(ui, "Mouse, on the micrograph");
    for words in ["Scroll: zoom to the pointer", "Drag: move", "Double-click: fit to window"] {
        ui.label(words);
    }
}
