//! The panel at the right and its tabs.
//!
//! Holds which tab is shown; what is in it belongs to the tab.

use super::theme::{self, Palette};
use super::widgets;
use egui::{CornerRadius, FontId, Frame, Margin, Panel, Rect, Sense, Ui, WidgetInfo, vec2};

/// A tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Questions and answers.
    #[default]
    Ask,
    /// Objects and their numbers.
    Measure,
    /// Training on own micrographs.
    Train,
    /// What the model is worth on own micrographs.
    Evaluate,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Ask, Self::Measure, Self::Train, Self::Evaluate];

    fn title(self) -> &'static str {
        match self {
            Self::Ask => "Ask",
            Self::Measure => "Measure",
            Self::Train => "Train",
            Self::Evaluate => "Evaluate",
        }
    }
}

/// The panel.
#[derive(Debug, Default)]
pub struct Side {
    /// The tab that is shown.
    pub tab: Tab,
}

impl Side {
    /// Shows a tab, or goes back to Ask when it is shown already.
    pub fn toggle(&mut self, tab: Tab) {
        self.tab = if self.tab == tab { Tab::Ask } else { tab };
    }

    /// Draws the panel: the tabs, and below them what `contents` draws of the chosen one.
    pub fn show(&mut self, ui: &mut Ui, contents: impl FnOnce(&mut Ui, Tab)) {
        let window_width = ui.ctx().content_rect().width();
        let panel = Panel::right("side")
            .resizable(true)
            .default_size((window_width * 0.31).clamp(296.0, 440.0))
            .min_size(272.0)
            .max_size((window_width * 0.5).clamp(272.0, 640.0));
        let frame = Frame::new().fill(Palette::of(ui).panel);
        panel.frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            Frame::new()
                .inner_margin(Margin::symmetric(theme::SPACE_S as i8, 0))
                .show(ui, |ui| self.tabs(ui));
            widgets::hairline(ui);
            contents(ui, self.tab);
        });
    }

    fn tabs(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for tab in Tab::ALL {
                if tab_button(ui, tab.title(), self.tab == tab) {
                    self.tab = tab;
                }
            }
        });
    }
}

fn tab_button(ui: &mut Ui, title: &str, chosen: bool) -> bool {
    let palette = Palette::of(ui);
    let font = match chosen {
        true => theme::semibold(theme::TEXT_BODY),
        false => FontId::proportional(theme::TEXT_BODY),
    };
    let painter = ui.painter().clone();
    let words = painter.layout_no_wrap(title.to_owned(), font, palette.text);
    let size = vec2(words.size().x + 2.0 * theme::SPACE_M, theme::BAR_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Tab, true, chosen, title));
    let color = match chosen || response.hovered() || response.has_focus() {
        true => palette.text,
        false => palette.muted,
    };
    painter.galley_with_override_text_color(rect.center() - words.size() / 2.0, words, color);
    if chosen || response.has_focus() {
        let line = Rect::from_min_max(
            rect.left_bottom() - vec2(-theme::SPACE_M, 2.0),
            rect.right_bottom() - vec2(theme::SPACE_M, 0.0),
        );
        painter.rect_filled(line, CornerRadius::ZERO, palette.accent);
    }
    response.clicked()
}
