//! Two small windows of the Help menu: what the program is, and its keys. Neither blocks.

use super::shortcuts::{Action, Menu};
use super::theme::{self, Palette};
use super::widgets;
use egui::{Align2, Context, RichText, ScrollArea, Ui, Window, vec2};

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
                 look at the micrograph, and measure in it yourself.",
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
        let two_columns = room.x >= 760.0;
        let width = if two_columns {
            720.0
        } else {
            340.0_f32.min(room.x)
        };
        frame("Keys")
            .open(&mut self.keys)
            .default_width(width)
            .show(ctx, |ui| {
                ui.set_width(width);
                let height = (room.y - 80.0).max(120.0);
                ScrollArea::vertical()
                    .max_height(height)
                    .content_margin(egui::Margin {
                        right: theme::SPACE_L as i8,
                        ..egui::Margin::ZERO
                    })
                    .min_scrolled_height(height)
                    .show(ui, |ui| {
                        if two_columns {
                            ui.spacing_mut().item_spacing.x = 2.0 * theme::SPACE_XL;
                            ui.columns(2, |columns| {
                                if let [left, right] = columns {
                                    keys(left, &[Menu::File, Menu::Edit, Menu::View, Menu::Help]);
                                    keys(right, &[Menu::Measure, Menu::Ask]);
                                    mouse(right);
                                }
                            });
                        } else {
                            keys(ui, &Menu::ALL);
                            mouse(ui);
                        }
                    });
            });
    }
}

fn keys(ui: &mut Ui, menus: &[Menu]) {
    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
    for menu in menus {
        widgets::section_title(ui, menu.title());
        for action in Action::all().filter(|action| action.menu() == *menu) {
            row(
                ui,
                action.title().trim_end_matches('…'),
                &action.key_text(ui.ctx()),
            );
        }
        ui.add_space(theme::SPACE_L);
    }
}

fn mouse(ui: &mut Ui) {
    widgets::section_title(ui, "On the micrograph");
    for (what, how) in [
        ("Zoom to the pointer", "Scroll"),
        ("Move", "Drag, with a tool: middle button"),
        ("Fit to window", "Double-click"),
        ("Straight lines, squares", "Shift"),
        ("End a polyline", "Enter or double-click"),
        ("Nudge the chosen mark", "Arrow keys, Shift for 10 px"),
    ] {
        row(ui, what, how);
    }
}

fn row(ui: &mut Ui, what: &str, how: &str) {
    widgets::two_ends(
        ui,
        18.0,
        |ui| {
            ui.label(what);
        },
        |ui| {
            widgets::muted(ui, how);
        },
    );
}
