//! A field for the path of a micrograph: opens files where no file dialog answers, and for
//! those who would rather type.

use super::command::Command;
use super::icons::Icon;
use super::theme::{self, Palette};
use super::widgets;
use egui::{Frame, Id, Key, Margin, Panel, RichText, TextEdit, Ui};
use std::path::{Path, PathBuf};

/// The field while it is shown.
#[derive(Debug, Default)]
pub struct PathField {
    text: String,
    reason: Option<&'static str>,
    wants_focus: bool,
}

impl PathField {
    /// A fresh field, with a word on why it came up if it was not asked for.
    pub fn new(reason: Option<&'static str>) -> Self {
        Self {
            text: String::new(),
            reason,
            wants_focus: true,
        }
    }

    /// Draws the field above the micrograph.
    pub fn show(&mut self, ui: &mut Ui, out: &mut Vec<Command>) {
        let palette = Palette::of(ui);
        let frame = Frame::new()
            .fill(palette.panel)
            .inner_margin(Margin::same(theme::SPACE_L as i8));
        Panel::top("path field").frame(frame).show(ui, |ui| {
            if let Some(reason) = self.reason {
                widgets::sentence(ui, Icon::Info, palette.muted, reason);
            }
            ui.horizontal(|ui| {
                let width = ui.available_width() - 76.0 - 24.0 - 2.0 * theme::SPACE_M;
                ui.visuals_mut().widgets.inactive.bg_stroke.color = palette.outline;
                let field = TextEdit::singleline(&mut self.text)
                    .id(Id::unique("path field text"))
                    .hint_text(
                        RichText::new("Path of a micrograph, such as ~/images/sample.tif")
                            .color(palette.muted),
                    )
                    .margin(Margin::symmetric(theme::SPACE_M as i8, 7))
                    .desired_width(width.max(80.0));
                let response = ui.add(field).accessible_name("Path");
                if std::mem::take(&mut self.wants_focus) {
                    response.request_focus();
                }
                let entered =
                    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                let is_empty = self.text.trim().is_empty();
                let size = egui::vec2(76.0, theme::CONTROL_HEIGHT);
                let button = widgets::primary(ui, !is_empty, None, "Open", size);
                let open = button.on_disabled_hover_text("Type a path first").clicked();
                if (entered || open) && !is_empty {
                    out.push(Command::OpenTyped(self.text.clone()));
                }
                if widgets::icon_button(ui, Icon::Cross, "Close the path field").clicked() {
                    out.push(Command::HidePathField);
                }
            });
        });
    }
}

/// The file a typed or pasted path means: quotes and `file://` are taken off, `~` is the
/// user's folder `home`.
pub fn path_from_typed(text: &str, home: Option<&Path>) -> PathBuf {
    let text = text.trim();
    let text = text
        .strip_prefix(['"', '\''])
        .and_then(|rest| rest.strip_suffix(['"', '\'']))
        .unwrap_or(text);
    if let Some(address) = text.strip_prefix("file://") {
        return PathBuf::from(percent_decoded(address));
    }
    match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

/// File managers copy addresses with `%20` for a space.
fn percent_decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match pair
            .filter(|_| *first == b'%')
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_paths_are_taken_as_people_paste_them() {
        let home = Path::new("/home/ada");
        for (typed, meant) in [
            (" /data/a b.tif\n", "/data/a b.tif"),
            ("\"/data/a.tif\"", "/data/a.tif"),
            ("'/data/a.tif'", "/data/a.tif"),
            ("file:///data/a.tif", "/data/a.tif"),
            ("file:///data/a%20%c3%a9%.tif", "/data/a \u{e9}%.tif"),
            ("~/a.tif", "/home/ada/a.tif"),
            ("relative.png", "relative.png"),
        ] {
            assert_eq!(
                path_from_typed(typed, Some(home)),
                Path::new(meant),
                "{typed}"
            );
        }
        assert_eq!(path_from_typed("~/a.tif", None), Path::new("~/a.tif"));
    }
}
