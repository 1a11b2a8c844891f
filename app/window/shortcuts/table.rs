//! The table of actions: menu, words and keys of each, in the order of the menus.
//!
//! Holds no code; read by [`shortcuts`](super).

use super::{Action, Menu};
use crate::window::viewer::{Kind, Tool};
use egui::{Key, Modifiers};

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const CTRL_ALT: Modifiers = Modifiers::COMMAND.plus(Modifiers::ALT);
const SHIFT: Modifiers = Modifiers::SHIFT;
const NONE: Modifiers = Modifiers::NONE;

/// An action, its menu, its words and its keys.
pub(super) type Row = (Action, Menu, &'static str, &'static [(Modifiers, Key)]);

/// All actions but the ten questions, in the order of the menus. The first key is the one
/// that is shown.
pub(super) const TABLE: &[Row] = &[
    (Action::Open, Menu::File, "Open…", &[(CTRL, Key::O)]),
    (
        Action::TypePath,
        Menu::File,
        "Open by path…",
        &[(CTRL, Key::L)],
    ),
    (
        Action::OpenSample,
        Menu::File,
        "Open sample",
        &[(CTRL_SHIFT, Key::S)],
    ),
    (
        Action::OpenLast,
        Menu::File,
        "Open last file",
        &[(CTRL_SHIFT, Key::O)],
    ),
    (
        Action::ForgetRecent,
        Menu::File,
        "Clear recent files",
        &[(CTRL_SHIFT, Key::Delete)],
    ),
    (
        Action::KeepNotebook,
        Menu::File,
        "Keep a notebook",
        &[(CTRL_SHIFT, Key::N)],
    ),
    (
        Action::Forget,
        Menu::File,
        "Forget what was asked about this micrograph",
        &[(CTRL_ALT, Key::F)],
    ),
    (
        Action::BringBack,
        Menu::File,
        "Bring back what was forgotten",
        &[(CTRL_ALT, Key::Backspace)],
    ),
    (
        Action::Export,
        Menu::File,
        "Export view…",
        &[(CTRL, Key::E)],
    ),
    (
        Action::ContinueOnGpu,
        Menu::File,
        "Continue on the GPU",
        &[(CTRL_ALT, Key::G)],
    ),
    (Action::Close, Menu::File, "Close", &[(CTRL, Key::W)]),
    (Action::Quit, Menu::File, "Quit", &[(CTRL, Key::Q)]),
    (Action::Undo, Menu::Edit, "Undo", &[(CTRL, Key::Z)]),
    (
        Action::Redo,
        Menu::Edit,
        "Redo",
        &[(CTRL, Key::Y), (CTRL_SHIFT, Key::Z)],
    ),
    (
        Action::DeleteMark,
        Menu::Edit,
        "Delete what is chosen",
        &[(NONE, Key::Delete), (NONE, Key::Backspace)],
    ),
    (
        Action::DeleteMarks,
        Menu::Edit,
        "Delete all marks",
        &[(CTRL, Key::Delete)],
    ),
    (
        Action::CopyView,
        Menu::Edit,
        "Copy view",
        &[(CTRL_SHIFT, Key::E)],
    ),
    (
        Action::Paste,
        Menu::Edit,
        "Paste micrograph",
        &[(CTRL, Key::V)],
    ),
    (
        Action::ZoomIn,
        Menu::View,
        "Zoom in",
        &[(NONE, Key::Plus), (NONE, Key::Equals)],
    ),
    (
        Action::ZoomOut,
        Menu::View,
        "Zoom out",
        &[(NONE, Key::Minus)],
    ),
    (
        Action::Fit,
        Menu::View,
        "Fit to window",
        &[(NONE, Key::Num0), (NONE, Key::F)],
    ),
    (
        Action::ActualSize,
        Menu::View,
        "Actual size (1:1)",
        &[(NONE, Key::Num1)],
    ),
    (
        Action::Contrast,
        Menu::View,
        "Brightness and contrast",
        &[(NONE, Key::B)],
    ),
    (
        Action::AutoContrast,
        Menu::View,
        "Automatic contrast",
        &[(NONE, Key::N)],
    ),
    (
        Action::AsRecorded,
        Menu::View,
        "Contrast as recorded",
        &[(SHIFT, Key::N)],
    ),
    (Action::Invert, Menu::View, "Invert", &[(NONE, Key::I)]),
    (
        Action::NextColours,
        Menu::View,
        "Next false colours",
        &[(NONE, Key::M)],
    ),
    (Action::ScaleBar, Menu::View, "Scale bar", &[(NONE, Key::G)]),
    (
        Action::LeftOut,
        Menu::View,
        "Show what is left out",
        &[(NONE, Key::H)],
    ),
    (
        Action::ShowLooks,
        Menu::View,
        "Show where the model looks",
        &[(CTRL_SHIFT, Key::H)],
    ),
    (
        Action::Compare,
        Menu::View,
        "Side by side",
        &[(CTRL, Key::D)],
    ),
    (
        Action::LinkZoom,
        Menu::View,
        "Link zoom of both",
        &[(CTRL_SHIFT, Key::K)],
    ),
    (
        Action::Next,
        Menu::View,
        "Next micrograph",
        &[(CTRL, Key::PageDown)],
    ),
    (
        Action::Previous,
        Menu::View,
        "Previous micrograph",
        &[(CTRL, Key::PageUp)],
    ),
    (
        Action::NextPage,
        Menu::View,
        "Next page",
        &[(NONE, Key::PageDown), (NONE, Key::Period)],
    ),
    (
        Action::PreviousPage,
        Menu::View,
        "Previous page",
        &[(NONE, Key::PageUp), (NONE, Key::Comma)],
    ),
    (
        Action::ToggleStrip,
        Menu::View,
        "Micrograph strip",
        &[(CTRL, Key::B)],
    ),
    (
        Action::Metadata,
        Menu::View,
        "Metadata",
        &[(CTRL_SHIFT, Key::I)],
    ),
    (
        Action::ThemeSystem,
        Menu::View,
        "Theme of the desktop",
        &[(CTRL_SHIFT, Key::Y)],
    ),
    (
        Action::ThemeLight,
        Menu::View,
        "Light theme",
        &[(CTRL_SHIFT, Key::L)],
    ),
    (
        Action::ThemeDark,
        Menu::View,
        "Dark theme",
        &[(CTRL_SHIFT, Key::D)],
    ),
    (
        Action::TextLarger,
        Menu::View,
        "Larger text",
        &[(CTRL, Key::Plus), (CTRL, Key::Equals)],
    ),
    (
        Action::TextSmaller,
        Menu::View,
        "Smaller text",
        &[(CTRL, Key::Minus)],
    ),
    (
        Action::TextNormal,
        Menu::View,
        "Normal text",
        &[(CTRL, Key::Num0)],
    ),
    (
        Action::Pick(Tool::Move),
        Menu::Measure,
        "Move and choose",
        &[(NONE, Key::V)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Distance)),
        Menu::Measure,
        "Distance",
        &[(NONE, Key::D)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Angle)),
        Menu::Measure,
        "Angle",
        &[(NONE, Key::A)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Rectangle)),
        Menu::Measure,
        "Rectangle",
        &[(NONE, Key::R)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Ellipse)),
        Menu::Measure,
        "Ellipse",
        &[(NONE, Key::E)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Polyline)),
        Menu::Measure,
        "Polyline",
        &[(NONE, Key::P)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Profile)),
        Menu::Measure,
        "Line profile",
        &[(NONE, Key::L)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Caliper)),
        Menu::Measure,
        "Caliper",
        &[(NONE, Key::C)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Parallels)),
        Menu::Measure,
        "Parallel lines",
        &[(NONE, Key::K)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Circle)),
        Menu::Measure,
        "Circle",
        &[(NONE, Key::O)],
    ),
    (
        Action::Pick(Tool::Measure(Kind::Sidewall)),
        Menu::Measure,
        "Sidewall angle",
        &[(NONE, Key::W)],
    ),
    (
        Action::Pick(Tool::SetScale),
        Menu::Measure,
        "Set the scale",
        &[(NONE, Key::S)],
    ),
    (
        Action::Pick(Tool::Region),
        Menu::Measure,
        "Ask about a region",
        &[(NONE, Key::Q)],
    ),
    (
        Action::WholeImage,
        Menu::Measure,
        "Ask about the whole micrograph",
        &[(SHIFT, Key::Q)],
    ),
    (
        Action::Pick(Tool::LeaveOut),
        Menu::Measure,
        "Leave out a rectangle",
        &[(NONE, Key::X)],
    ),
    (
        Action::RestoreFound,
        Menu::Measure,
        "Restore what was found",
        &[(SHIFT, Key::X)],
    ),
    (
        Action::ConfirmScale,
        Menu::Measure,
        "Confirm the scale",
        &[(CTRL, Key::M)],
    ),
    (
        Action::ForgetScale,
        Menu::Measure,
        "Forget the scale set by hand",
        &[(CTRL_SHIFT, Key::Backspace)],
    ),
    (
        Action::ScaleForAll,
        Menu::Measure,
        "Use this scale for all open",
        &[(CTRL_SHIFT, Key::M)],
    ),
    (
        Action::ScaleForFolder,
        Menu::Measure,
        "Use this scale for its folder",
        &[(CTRL_SHIFT, Key::F)],
    ),
    (
        Action::ForgetFolderScale,
        Menu::Measure,
        "Forget the scale of its folder",
        &[(CTRL_ALT, Key::M)],
    ),
    (
        Action::Measurements,
        Menu::Measure,
        "List of measurements",
        &[(NONE, Key::T)],
    ),
    (
        Action::MeasureObjects,
        Menu::Measure,
        "Measure objects",
        &[(CTRL, Key::R)],
    ),
    (
        Action::JoinObjects,
        Menu::Measure,
        "Join the chosen objects",
        &[(NONE, Key::J)],
    ),
    (
        Action::Pick(Tool::CutObjects),
        Menu::Measure,
        "Cut objects in two",
        &[(NONE, Key::Y)],
    ),
    (
        Action::Pick(Tool::DrawObject),
        Menu::Measure,
        "Draw an object",
        &[(NONE, Key::U)],
    ),
    (
        Action::Question,
        Menu::Ask,
        "Type a question",
        &[(CTRL, Key::K)],
    ),
    (
        Action::Stop,
        Menu::Ask,
        "Stop answering",
        &[(NONE, Key::Escape)],
    ),
    (
        Action::Correct,
        Menu::Ask,
        "Correct the category",
        &[(CTRL, Key::G)],
    ),
    (
        Action::UsePrediction,
        Menu::Ask,
        "Use the predicted category",
        &[(CTRL_SHIFT, Key::G)],
    ),
    (Action::Train, Menu::Ask, "Train a model", &[(CTRL, Key::T)]),
    (
        Action::Evaluate,
        Menu::Ask,
        "Evaluate the model",
        &[(CTRL_SHIFT, Key::T)],
    ),
    (
        Action::CopyAnswer,
        Menu::Ask,
        "Copy the last answer",
        &[(CTRL_SHIFT, Key::A)],
    ),
    (
        Action::CopyTranscript,
        Menu::Ask,
        "Copy transcript",
        &[(CTRL_SHIFT, Key::C)],
    ),
    (Action::Keys, Menu::Help, "Keys", &[(NONE, Key::F1)]),
    (Action::Log, Menu::Help, "Log", &[(NONE, Key::F12)]),
    (Action::About, Menu::Help, "About Askem", &[(CTRL, Key::I)]),
];
