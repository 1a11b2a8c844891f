//! A field for the path of a folder, with a button that takes what was typed and one for the
//! desktop's dialog; and what is known of a data folder that was chosen.
//!
//! Draws and reads one text. Called by the Train and the Evaluate tab.

use super::state::Notice;
use super::theme::{self, Palette};
use crate::worker::{RequestId, Survey};
use egui::{Button, Id, Key, Margin, RichText, TextEdit, Ui, vec2};
use std::path::PathBuf;

/// A data folder.
#[derive(Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// What is known of it.
    pub state: FolderState,
}

/// What is known of a folder.
#[derive(Debug)]
pub enum FolderState {
    /// It is being counted.
    Counting(RequestId),
    /// It was counted.
    Known(Survey),
    /// It cannot be used, with a sentence.
    Refused(String),
}

/// What was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Take this path.
    Typed(String),
    /// Show the desktop's dialog.
    Dialog,
}

/// Draws the field; `verb` stands on the button that takes what was typed.
pub fn show(ui: &mut Ui, name: &str, typed: &mut String, verb: &str) -> Option<Pressed> {
    let mut pressed = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::SPACE_S;
        let (choose, take) = (92.0, 56.0);
        let width = ui.available_width() - choose - take - 2.0 * theme::SPACE_S;
        ui.visuals_mut().widgets.inactive.bg_stroke.color = Palette::of(ui).outline;
        let field = TextEdit::singleline(typed)
            .id(Id::unique(name))
            .hint_text(RichText::new("Path of a folder").color(Palette::of(ui).muted))
            .margin(Margin::symmetric(theme::SPACE_M as i8, 7))
            .desired_width(width.max(60.0));
        let response = ui.add(field).accessible_name(name);
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let is_empty = typed.trim().is_empty();
        let size = vec2(take, theme::CONTROL_HEIGHT);
        let button = ui.add_enabled_ui(!is_empty, |ui| ui.add_sized(size, Button::new(verb)));
        if (entered || button.inner.clicked()) && !is_empty {
            pressed = Some(Pressed::Typed(typed.clone()));
        }
        let size = vec2(choose, theme::CONTROL_HEIGHT);
        if ui.add_sized(size, Button::new("Choose…")).clicked() {
            pressed = Some(Pressed::Dialog);
        }
    });
    pressed
}

/// What is said where there is no dialog for folders.
pub fn no_dialog() -> Notice {
    Notice {
        is_error: false,
        text: "This desktop offers no file dialog. Type or paste the folder's path.".into(),
    }
}
