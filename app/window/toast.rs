//! Short messages in the corner of the window: what went wrong or was done, in a sentence.
//!
//! They never block and never take the focus; every one also stands in the log.

use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::widgets;
use egui::{Align2, Area, Context, Frame, Id, Label, Margin, Order, RichText, Sense, Stroke, vec2};
use std::time::Duration;

/// Seconds that news stay.
const NEWS_SECONDS: f64 = 4.0;
/// Seconds that errors stay.
const ERROR_SECONDS: f64 = 12.0;
/// Messages shown at a time.
const SHOWN_MAX: usize = 4;

#[derive(Debug)]
struct Toast {
    id: u64,
    is_error: bool,
    text: String,
    ends_at: f64,
}

/// The messages being shown.
#[derive(Debug, Default)]
pub struct Toasts {
    items: Vec<Toast>,
    last_id: u64,
}

impl Toasts {
    /// Adds a message at time `now`, in seconds.
    pub fn push(&mut self, is_error: bool, text: &str, now: f64) {
        self.items.retain(|toast| toast.text != text);
        self.last_id += 1;
        let seconds = if is_error {
            ERROR_SECONDS
        } else {
            NEWS_SECONDS
        };
        self.items.push(Toast {
            id: self.last_id,
            is_error,
            text: text.to_owned(),
            ends_at: now + seconds,
        });
        let surplus = self.items.len().saturating_sub(SHOWN_MAX);
        self.items.drain(..surplus);
    }

    /// Draws them above the bottom right corner of `room`, the area of the micrograph.
    pub fn show(&mut self, ctx: &Context, room: egui::Rect) {
        let now = ctx.input(|input| input.time);
        self.items.retain(|toast| toast.ends_at > now);
        let Some(next_end) = self
            .items
            .iter()
            .map(|toast| toast.ends_at)
            .reduce(f64::min)
        else {
            return;
        };
        ctx.request_repaint_after(Duration::from_secs_f64(
            (next_end - now).clamp(0.0, 60.0) + 0.02,
        ));

        let mut dismissed = None;
        let width = (room.width() - 2.0 * theme::SPACE_L).clamp(160.0, 400.0);
        let corner = room.right_bottom() - vec2(theme::SPACE_L, theme::SPACE_L);
        Area::new(Id::unique("toasts"))
            .order(Order::Foreground)
            .pivot(Align2::RIGHT_BOTTOM)
            .fixed_pos(corner)
            .show(ctx, |ui| {
                ui.set_width(width);
                for toast in &mut self.items {
                    let hovered = show_one(ui, toast, &mut dismissed);
                    if hovered {
                        toast.ends_at = toast.ends_at.max(now + 2.0);
                    }
                }
            });
        if let Some(id) = dismissed {
            self.items.retain(|toast| toast.id != id);
        }
    }
}

fn show_one(ui: &mut egui::Ui, toast: &Toast, dismissed: &mut Option<u64>) -> bool {
    let palette = Palette::of(ui);
    let (icon, color) = if toast.is_error {
        (Icon::Warning, palette.error)
    } else {
        (Icon::Check, palette.accent)
    };
    let frame = Frame::popup(ui.style())
        .inner_margin(Margin::same(theme::SPACE_L as i8))
        .stroke(Stroke::new(1.0, color));
    let response = frame
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(theme::ICON, 20.0), Sense::hover());
                icons::paint(ui.painter(), icon, rect, color);
                let text_width = ui.available_width() - 24.0 - theme::SPACE_M;
                ui.allocate_ui_with_layout(
                    vec2(text_width, 20.0),
                    egui::Layout::top_down(egui::Align::Min),
                    |ui| {
                        ui.set_width(text_width);
                        ui.add(Label::new(RichText::new(&toast.text).color(palette.text)).wrap());
                    },
                );
                if widgets::icon_button(ui, Icon::Cross, "Dismiss").clicked() {
                    *dismissed = Some(toast.id);
                }
            });
        })
        .response;
    response.contains_pointer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_messages_are_shown_and_none_twice() {
        let mut toasts = Toasts::default();
        for index in 0..10 {
            toasts.push(true, &format!("Error {}", index % 7), f64::from(index));
        }
        let texts: Vec<&str> = toasts
            .items
            .iter()
            .map(|toast| toast.text.as_str())
            .collect();
        assert_eq!(texts, ["Error 6", "Error 0", "Error 1", "Error 2"]);
    }
}
