//! The menu bar: every action of [`shortcuts`](super::shortcuts) with its key beside it.

use super::command::Command;
use super::settings::{Settings, TEXT_SIZES_PERCENT, ThemeChoice};
use super::shortcuts::{Action, Menu};
use super::state::Session;
use super::theme::{self, Palette};
use super::viewer::{Kind, Tool, Viewer, is_in_doubt};
use crate::micrograph::Source;
use crate::questions::Topic;
use egui::{Button, Frame, Margin, MenuBar, Panel, RichText, Ui};

/// What is there besides the session.
#[derive(Clone, Copy)]
pub struct There {
    /// A notebook that could be kept.
    pub has_notebook: bool,
    /// A GPU that could be gone to.
    pub gpu: bool,
}

/// Draws the menu bar.
pub fn show(
    ui: &mut Ui,
    session: &Session,
    settings: &Settings,
    viewer: &Viewer,
    there: There,
    out: &mut Vec<Command>,
) {
    let frame = Frame::new()
        .fill(Palette::of(ui).panel)
        .inner_margin(Margin::symmetric(theme::SPACE_S as i8, 0));
    Panel::top("menu")
        .exact_size(theme::BAR_HEIGHT)
        .frame(frame)
        .show(ui, |ui| {
            MenuBar::new().ui(ui, |ui| {
                ui.spacing_mut().button_padding = egui::vec2(theme::SPACE_M, theme::SPACE_S);
                for menu in Menu::ALL {
                    ui.menu_button(menu.title(), |ui| {
                        ui.spacing_mut().item_spacing.y = 0.0;
                        match menu {
                            Menu::File => file(ui, session, settings, there, out),
                            Menu::Edit => edit(ui, session, viewer, out),
                            Menu::View => view(ui, session, settings, viewer, out),
                            Menu::Measure => measure(ui, session, viewer, out),
                            Menu::Ask => ask(ui, session, out),
                            Menu::Help => items(
                                ui,
                                &[Action::Keys, Action::Log, Action::About],
                                true,
                                "",
                                out,
                            ),
                        }
                    });
                }
            });
        });
}

const NO_IMAGE: &str = "Open a micrograph first";

fn file(ui: &mut Ui, session: &Session, settings: &Settings, there: There, out: &mut Vec<Command>) {
    items(
        ui,
        &[Action::Open, Action::TypePath, Action::OpenSample],
        true,
        "",
        out,
    );
    ui.menu_button("Open recent", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if settings.recent.is_empty() {
            ui.add_enabled(false, Button::new("No files yet"));
        }
        for path in &settings.recent {
            let name = path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy();
            let button = ui.add(Button::new(name).truncate());
            if button.on_hover_text(path.display().to_string()).clicked() {
                out.push(Command::Open(vec![path.clone()]));
            }
        }
    });
    let has_recent = !settings.recent.is_empty();
    items(
        ui,
        &[Action::OpenLast, Action::ForgetRecent],
        has_recent,
        "No files have been opened yet",
        out,
    );
    ui.separator();
    let is_shown = session
        .current()
        .is_some_and(|image| image.opened.is_some());
    items(ui, &[Action::Export], is_shown, NO_IMAGE, out);
    ui.separator();
    notebook(ui, session, settings, there.has_notebook, out);
    ui.separator();
    if there.gpu {
        items(ui, &[Action::ContinueOnGpu], true, "", out);
        ui.separator();
    }
    items(
        ui,
        &[Action::Close],
        session.current().is_some(),
        NO_IMAGE,
        out,
    );
    items(ui, &[Action::Quit], true, "", out);
}

fn notebook(
    ui: &mut Ui,
    session: &Session,
    settings: &Settings,
    has_notebook: bool,
    out: &mut Vec<Command>,
) {
    item(
        ui,
        Action::KeepNotebook,
        has_notebook,
        "This session keeps nothing",
        has_notebook && settings.keep_notebook,
        out,
    );
    let current = session.current();
    let record = current.and_then(|image| session.record(image.id));
    items(
        ui,
        &[Action::Forget],
        record.is_some_and(|record| !record.turns.is_empty()),
        "Nothing has been asked yet",
        out,
    );
    items(
        ui,
        &[Action::BringBack],
        record.is_some_and(|record| !record.forgotten.is_empty()),
        "Nothing was forgotten in this session",
        out,
    );
}

fn edit(ui: &mut Ui, session: &Session, viewer: &Viewer, out: &mut Vec<Command>) {
    let sheet = session.current().and_then(|image| viewer.sheet(image));
    let can_undo = sheet.is_some_and(|sheet| sheet.can_undo());
    items(
        ui,
        &[Action::Undo],
        can_undo,
        "Nothing has been drawn yet",
        out,
    );
    let can_redo = sheet.is_some_and(|sheet| sheet.can_redo());
    items(ui, &[Action::Redo], can_redo, "Nothing was undone", out);
    ui.separator();
    let is_chosen = sheet.is_some_and(|sheet| sheet.chosen().is_some());
    items(
        ui,
        &[Action::DeleteMark],
        is_chosen,
        "Click a mark first",
        out,
    );
    let has_marks = sheet.is_some_and(|sheet| !sheet.now().marks.is_empty());
    items(
        ui,
        &[Action::DeleteMarks],
        has_marks,
        "Nothing has been drawn yet",
        out,
    );
    ui.separator();
    items(
        ui,
        &[Action::CopyView],
        session.current().is_some(),
        NO_IMAGE,
        out,
    );
    items(ui, &[Action::Paste], true, "", out);
}

fn measure(ui: &mut Ui, session: &Session, viewer: &Viewer, out: &mut Vec<Command>) {
    let image = session.current().filter(|image| image.opened.is_some());
    let has_image = image.is_some();
    let tools = [Tool::Move]
        .into_iter()
        .chain(Kind::ALL.map(Tool::Measure))
        .chain([Tool::SetScale, Tool::Region]);
    for tool in tools {
        let is_chosen = viewer.tool() == tool;
        item(ui, Action::Pick(tool), has_image, NO_IMAGE, is_chosen, out);
    }
    ui.separator();
    let region = image.and_then(|image| viewer.region(image));
    let why_not = "No region is chosen: questions are about the whole micrograph";
    items(ui, &[Action::WholeImage], region.is_some(), why_not, out);
    ui.separator();
    let tool = Tool::LeaveOut;
    let is_chosen = viewer.tool() == tool;
    item(ui, Action::Pick(tool), has_image, NO_IMAGE, is_chosen, out);
    let sheet = image.and_then(|image| viewer.sheet(image));
    let is_edited = sheet.is_some_and(|sheet| !sheet.now().edits.is_empty());
    let why_not = "What was found is left out as it was found";
    items(ui, &[Action::RestoreFound], is_edited, why_not, out);
    ui.separator();
    let scale = image.and_then(|image| viewer.calibration(image));
    let is_in_doubt = scale.is_some_and(is_in_doubt);
    let why_not = "The scale is not known, or in no doubt";
    items(ui, &[Action::ConfirmScale], is_in_doubt, why_not, out);
    let is_set = scale.is_some_and(|scale| scale.source == Source::User);
    items(
        ui,
        &[Action::ForgetScale],
        is_set,
        "No scale was set by hand",
        out,
    );
    let for_all = [Action::ScaleForAll, Action::ScaleForFolder];
    items(ui, &for_all, scale.is_some(), "Set the scale first", out);
    let has_folder_scale = image.is_some_and(|image| viewer.folder_scale(image).is_some());
    let why_not = "No scale was set for its folder";
    items(
        ui,
        &[Action::ForgetFolderScale],
        has_folder_scale,
        why_not,
        out,
    );
    ui.separator();
    let is_open = viewer.options.measurements;
    item(ui, Action::Measurements, true, "", is_open, out);
    ui.separator();
    items(ui, &[Action::MeasureObjects], has_image, NO_IMAGE, out);
    let are_shown = image.is_some_and(|image| viewer.has_objects(image));
    let why_not = "Measure objects first";
    items(ui, &[Action::JoinObjects], are_shown, why_not, out);
    for tool in [Tool::CutObjects, Tool::DrawObject] {
        let is_chosen = viewer.tool() == tool;
        item(ui, Action::Pick(tool), are_shown, why_not, is_chosen, out);
    }
}

fn view(
    ui: &mut Ui,
    session: &Session,
    settings: &Settings,
    viewer: &Viewer,
    out: &mut Vec<Command>,
) {
    let has_image = session.current().is_some();
    items(
        ui,
        &[
            Action::ZoomIn,
            Action::ZoomOut,
            Action::Fit,
            Action::ActualSize,
        ],
        has_image,
        NO_IMAGE,
        out,
    );
    ui.separator();
    how_it_is_shown(ui, session, viewer, out);
    ui.separator();
    let has_more = session.images().len() > 1;
    let why_not = "Only one micrograph is open";
    let is_pair = viewer.is_pair();
    item(ui, Action::Compare, has_more, why_not, is_pair, out);
    let is_linked = viewer.options.linked;
    item(
        ui,
        Action::LinkZoom,
        is_pair,
        "Only one micrograph is shown",
        is_linked,
        out,
    );
    items(
        ui,
        &[Action::Next, Action::Previous],
        has_more,
        "Only one micrograph is open",
        out,
    );
    let pages = session.current().and_then(|image| image.pages());
    let (page, last) = pages.map_or((0, 0), |(page, pages)| (page, pages.saturating_sub(1)));
    let why_not = "This is the last page of the file";
    items(ui, &[Action::NextPage], page < last, why_not, out);
    let why_not = "This is the first page of the file";
    items(ui, &[Action::PreviousPage], page > 0, why_not, out);
    item(ui, Action::ToggleStrip, true, "", settings.strip_open, out);
    items(ui, &[Action::Metadata], true, "", out);
    ui.separator();
    for (action, theme) in [
        (Action::ThemeSystem, ThemeChoice::System),
        (Action::ThemeLight, ThemeChoice::Light),
        (Action::ThemeDark, ThemeChoice::Dark),
    ] {
        item(ui, action, true, "", settings.theme == theme, out);
    }
    ui.separator();
    ui.menu_button("Text size", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for percent in TEXT_SIZES_PERCENT {
            let chosen = settings.text_percent == percent;
            if ui
                .add(Button::selectable(chosen, format!("{percent} %")))
                .clicked()
            {
                out.push(Command::TextSize(percent));
            }
        }
    });
    items(
        ui,
        &[Action::TextLarger, Action::TextSmaller, Action::TextNormal],
        true,
        "",
        out,
    );
}

fn how_it_is_shown(ui: &mut Ui, session: &Session, viewer: &Viewer, out: &mut Vec<Command>) {
    let image = session.current().filter(|image| image.opened.is_some());
    let has_image = image.is_some();
    let is_open = viewer.options.contrast;
    item(ui, Action::Contrast, has_image, NO_IMAGE, is_open, out);
    let two = [Action::AutoContrast, Action::AsRecorded];
    items(ui, &two, has_image, NO_IMAGE, out);
    let is_inverted = image.is_some_and(|image| viewer.map(image).invert);
    item(ui, Action::Invert, has_image, NO_IMAGE, is_inverted, out);
    items(ui, &[Action::NextColours], has_image, NO_IMAGE, out);
    let has_bar = viewer.options.scale_bar;
    item(ui, Action::ScaleBar, has_image, NO_IMAGE, has_bar, out);
    let is_shown = viewer.options.left_out;
    item(ui, Action::LeftOut, has_image, NO_IMAGE, is_shown, out);
    let looks = viewer.options.looks;
    item(ui, Action::ShowLooks, has_image, NO_IMAGE, looks, out);
}

fn ask(ui: &mut Ui, session: &Session, out: &mut Vec<Command>) {
    let current = session.current();
    let record = current.and_then(|image| session.record(image.id));
    let topics = Topic::ALL.map(Action::Ask);
    items(ui, &topics, record.is_some(), NO_IMAGE, out);
    items(ui, &[Action::Question], true, "", out);
    items(
        ui,
        &[Action::Stop],
        session.busy().next().is_some(),
        "Nothing is being answered",
        out,
    );
    ui.separator();
    items(ui, &[Action::Correct], record.is_some(), NO_IMAGE, out);
    let is_corrected = record.is_some_and(|record| record.set_by_user.is_some());
    items(
        ui,
        &[Action::UsePrediction],
        is_corrected,
        "The category is the predicted one",
        out,
    );
    ui.separator();
    let has_turns = record.is_some_and(|record| !record.turns.is_empty());
    items(
        ui,
        &[Action::CopyAnswer, Action::CopyTranscript],
        has_turns,
        "Nothing has been asked yet",
        out,
    );
}

fn items(ui: &mut Ui, actions: &[Action], enabled: bool, why_not: &str, out: &mut Vec<Command>) {
    for &action in actions {
        item(ui, action, enabled, why_not, false, out);
    }
}

fn item(
    ui: &mut Ui,
    action: Action,
    enabled: bool,
    why_not: &str,
    chosen: bool,
    out: &mut Vec<Command>,
) {
    let key = RichText::new(action.key_text(ui.ctx()))
        .color(Palette::of(ui).muted)
        .size(theme::TEXT_SMALL);
    let button = Button::selectable(chosen, action.title()).shortcut_text(key);
    let response = ui
        .add_enabled(enabled, button)
        .on_disabled_hover_text(why_not);
    if response.clicked() {
        out.push(Command::Do(action));
        ui.close();
    }
}
