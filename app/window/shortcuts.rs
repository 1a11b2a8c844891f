//! Every action of the window with its words, its menu and its key: one table that makes the
//! menus, the keyboard and the list of keys.
//!
//! Says what can be done, not how: `window/execute.rs` does it.

mod table;

use super::viewer::Tool;
use crate::questions::Topic;
use egui::{Context, Event, Key, KeyboardShortcut, Modifiers, Popup};
use table::{Row, TABLE};

/// Something the user can do without saying more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    missing_docs,
    reason = "the words of each in the table are its documentation"
)]
pub enum Action {
    Open,
    TypePath,
    OpenSample,
    OpenLast,
    ForgetRecent,
    KeepNotebook,
    Forget,
    BringBack,
    ContinueOnGpu,
    Close,
    Quit,
    Export,
    Undo,
    Redo,
    DeleteMark,
    DeleteMarks,
    CopyView,
    Paste,
    ZoomIn,
    ZoomOut,
    Fit,
    ActualSize,
    Contrast,
    AutoContrast,
    AsRecorded,
    Invert,
    NextColours,
    ScaleBar,
    Compare,
    LinkZoom,
    Next,
    Previous,
    NextPage,
    PreviousPage,
    ToggleStrip,
    Metadata,
    ThemeSystem,
    ThemeLight,
    ThemeDark,
    TextLarger,
    TextSmaller,
    TextNormal,
    Pick(Tool),
    LeftOut,
    ShowLooks,
    RestoreFound,
    WholeImage,
    ConfirmScale,
    ForgetScale,
    ScaleForAll,
    ScaleForFolder,
    ForgetFolderScale,
    Measurements,
    MeasureObjects,
    JoinObjects,
    Question,
    Correct,
    UsePrediction,
    Ask(Topic),
    Stop,
    Train,
    Evaluate,
    CopyAnswer,
    CopyTranscript,
    Keys,
    Log,
    About,
}

/// The menus, left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Opening and closing.
    File,
    /// Steps, marks and the clipboard.
    Edit,
    /// How things are shown.
    View,
    /// Tools and the scale.
    Measure,
    /// Questions and answers.
    Ask,
    /// Words about the program.
    Help,
}

impl Menu {
    /// All, left to right.
    pub const ALL: [Menu; 6] = [
        Menu::File,
        Menu::Edit,
        Menu::View,
        Menu::Measure,
        Menu::Ask,
        Menu::Help,
    ];

    /// The word in the menu bar.
    pub fn title(self) -> &'static str {
        match self {
            Menu::File => "File",
            Menu::Edit => "Edit",
            Menu::View => "View",
            Menu::Measure => "Measure",
            Menu::Ask => "Ask",
            Menu::Help => "Help",
        }
    }
}

const ALT: Modifiers = Modifiers::ALT;

const TOPIC_KEYS: [Key; 10] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
    Key::Num0,
];

impl Action {
    /// All, in the order of the menus.
    pub fn all() -> impl Iterator<Item = Action> {
        let plain = TABLE.iter().map(|row| row.0);
        plain.chain(Topic::ALL.into_iter().map(Action::Ask))
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.0 == self)
    }

    /// The words in the menu.
    pub fn title(self) -> &'static str {
        match (self, self.row()) {
            (Action::Ask(topic), _) => topic.title(),
            (_, Some(row)) => row.2,
            (_, None) => "",
        }
    }

    /// The menu it stands in.
    pub fn menu(self) -> Menu {
        self.row().map_or(Menu::Ask, |row| row.1)
    }

    fn keys(self) -> Vec<KeyboardShortcut> {
        if let Action::Ask(topic) = self {
            let place = Topic::ALL
                .into_iter()
                .position(|known| known == topic)
                .unwrap_or(0);
            return vec![KeyboardShortcut::new(ALT, TOPIC_KEYS[place])];
        }
        let keys = self.row().map_or(&[][..], |row| row.3);
        keys.iter()
            .map(|&(modifiers, key)| KeyboardShortcut::new(modifiers, key))
            .collect()
    }

    /// Whether its keys mean something of their own in a text field.
    fn belongs_to_typing(self) -> bool {
        matches!(
            self,
            Action::Undo | Action::Redo | Action::DeleteMark | Action::DeleteMarks
        )
    }

    /// The key as shown in menus and tooltips, such as "Ctrl+O".
    pub fn key_text(self, ctx: &Context) -> String {
        let text = self
            .keys()
            .first()
            .map(|key| ctx.format_shortcut(key))
            .unwrap_or_default();
        text.replace("Plus", "+")
            .replace("Minus", "−")
            .replace("Escape", "Esc")
            .replace("PageDown", "PgDn")
            .replace("PageUp", "PgUp")
    }
}

/// The actions whose keys were pressed in this frame. Keys without Ctrl or Alt belong to the
/// text field while one has the focus, and so do those of undoing and deleting.
pub fn pressed(ctx: &Context) -> Vec<Action> {
    let typing = ctx.text_edit_focused();
    // Esc closes an open menu before it stops anything.
    let menu_is_open = Popup::is_any_open(ctx);
    let mut keys: Vec<(KeyboardShortcut, Action)> = Action::all()
        .flat_map(|action| action.keys().into_iter().map(move |key| (key, action)))
        .collect();
    // The more modifiers a key has, the earlier it must be looked for: egui lets Ctrl+L be
    // matched by Ctrl+Shift+L.
    keys.sort_by_key(|(key, _)| std::cmp::Reverse(modifier_count(key.modifiers)));
    let mut pressed = Vec::new();
    ctx.input_mut(|input| {
        for (key, action) in keys {
            let plain = !key.modifiers.command && !key.modifiers.ctrl && !key.modifiers.alt;
            let is_function_key = matches!(key.logical_key, Key::F1 | Key::F12 | Key::Escape);
            if key.logical_key == Key::Escape && menu_is_open {
                continue;
            }
            if typing && action.belongs_to_typing() {
                continue;
            }
            if (!plain || !typing || is_function_key)
                && input.consume_shortcut(&key)
                && !pressed.contains(&action)
            {
                pressed.push(action);
                // Some systems send what a key with Alt would write besides.
                if key.modifiers.alt {
                    let events = &mut input.events;
                    events.retain(|event| !matches!(event, Event::Text(_)));
                }
            }
        }
    });
    pressed
}

fn modifier_count(modifiers: Modifiers) -> u8 {
    [
        modifiers.alt,
        modifiers.shift,
        modifiers.ctrl || modifiers.command,
    ]
    .into_iter()
    .map(u8::from)
    .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_has_words_and_a_key_of_its_own() {
        let mut keys = HashSet::new();
        for action in Action::all() {
            assert!(!action.title().is_empty(), "{action:?}");
            assert!(!action.keys().is_empty(), "{action:?}");
            for key in action.keys() {
                assert!(keys.insert(key), "{action:?} shares a key");
            }
        }
        assert_eq!(Action::all().count(), TABLE.len() + 10);
    }

    #[test]
    fn words_are_in_sentence_case_without_a_full_stop() {
        for (_, _, words, _) in TABLE {
            assert!(
                words.starts_with(char::is_uppercase) && !words.ends_with('.'),
                "{words}"
            );
        }
    }
}
