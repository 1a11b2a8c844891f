//! The card that asks for the length of a line drawn along the scale bar.
//!
//! Draws and keeps what is typed; [`Viewer::set_scale`](super::Viewer) sets the scale.

use super::Viewer;
use super::geometry::Point;
use crate::window::command::Command;
use crate::window::state::Image;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use egui::{Area, Frame, Id, Key, Label, Margin, Order, Rect, RichText, TextEdit, Ui, vec2};

/// A line whose length is being typed.
pub struct ScaleEntry {
    /// Its ends, in pixels.
    pub line: [Point; 2],
    typed: String,
    problem: Option<String>,
    has_focus: bool,
}

impl ScaleEntry {
    /// Nothing is typed yet.
    pub fn new(line: [Point; 2]) -> Self {
        Self {
            line,
            typed: String::new(),
            problem: None,
            has_focus: false,
        }
    }
}

/// What the user did with the card.
#[derive(PartialEq)]
enum Done {
    No,
    Set,
    Dropped,
}

/// Draws the card while a line waits for its length.
pub fn show(ui: &mut Ui, viewer: &mut Viewer, screen: Rect, image: &Image, out: &mut Vec<Command>) {
    let Some(mut entry) = viewer.entry.take() else {
        return;
    };
    let width = (screen.width() - 2.0 * theme::SPACE_L).min(380.0);
    let done = Area::new(Id::unique("set the scale"))
        .order(Order::Foreground)
        .pivot(egui::Align2::CENTER_TOP)
        .fixed_pos(screen.center_top() + vec2(0.0, theme::SPACE_L))
        .constrain_to(screen)
        .show(ui.ctx(), |ui| {
            Frame::popup(ui.style())
                .inner_margin(Margin::same(theme::SPACE_L as i8))
                .show(ui, |ui| card(ui, &mut entry, width))
                .inner
        })
        .inner;
    match done {
        Done::Dropped => {}
        Done::No => viewer.entry = Some(entry),
        Done::Set => match viewer.set_scale(image, entry.line, &entry.typed) {
            Ok(told) => out.push(Command::Tell(told)),
            Err(problem) => {
                entry.problem = Some(problem);
                entry.has_focus = false;
                viewer.entry = Some(entry);
            }
        },
    }
}

fn card(ui: &mut Ui, entry: &mut ScaleEntry, width: f32) -> Done {
    let palette = Palette::of(ui);
    let mut done = Done::No;
    ui.set_width(width - 2.0 * theme::SPACE_L);
    let [from, to] = entry.line;
    let length_px = (to[0] - from[0]).hypot(to[1] - from[1]);
    ui.label(RichText::new("How long is this line?").font(theme::semibold(theme::TEXT_BODY)));
    widgets::muted(
        ui,
        format!("It is {length_px:.1} px long in the micrograph."),
    );
    ui.horizontal(|ui| {
        let buttons = 76.0 + 76.0 + 2.0 * theme::SPACE_M;
        let hint = RichText::new("500 nm, 2 µm, 30 Å…").color(palette.muted);
        ui.visuals_mut().widgets.inactive.bg_stroke.color = palette.outline;
        let response = ui
            .add(
                TextEdit::singleline(&mut entry.typed)
                    .id(Id::unique("length of the line"))
                    .hint_text(hint)
                    .char_limit(40)
                    .margin(Margin::symmetric(theme::SPACE_M as i8, 7))
                    .desired_width(ui.available_width() - buttons),
            )
            .accessible_name("Length of the line");
        if !entry.has_focus {
            response.request_focus();
            entry.has_focus = true;
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let size = vec2(76.0, theme::CONTROL_HEIGHT);
        let has_text = !entry.typed.trim().is_empty();
        if widgets::primary(ui, has_text, None, "Set scale", size).clicked() || entered {
            done = Done::Set;
        }
        if ui.add_sized(size, egui::Button::new("Cancel")).clicked() {
            done = Done::Dropped;
        }
    });
    if let Some(problem) = &entry.problem {
        let words = RichText::new(problem).color(palette.error);
        ui.add(Label::new(words.size(theme::TEXT_SMALL)).wrap());
    }
    done
}
