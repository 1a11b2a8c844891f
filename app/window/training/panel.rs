//! Draws the Train tab: what to learn from and how; then the run; then its model.
//!
//! Reads and edits the desk's choices, and pushes wishes for everything else.

use super::desk::{Base, Desk, Part, Run, RunState, name_of};
use super::{Wish, curves};
use crate::answer::FACTORY;
use crate::window::command::Command;
use crate::window::folder_field::{self, Folder, FolderState, Pressed};
use crate::window::icons::Icon;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use crate::worker::{TrainingSign, training};
use egui::{
    Frame, Id, Label, Margin, ProgressBar, RichText, ScrollArea, Stroke, TextEdit, Ui, vec2,
};

/// Choices of the longest time, in minutes, with their words.
const TIMES: [(u32, &str); 4] = [(5, "5 min"), (20, "20 min"), (60, "1 h"), (240, "4 h")];

/// What can be trained, with when that is right.
const PARTS: [(Part, &str, &str); 3] = [
    (
        Part::Adapters,
        "Small adapters",
        "For some dozens of images",
    ),
    (
        Part::Decoder,
        "How answers are worded",
        "Categories stay exactly as they are",
    ),
    (Part::All, "Everything", "For hundreds of images or more"),
];

/// Draws the tab. `in_use` names the model that answers.
pub fn show(ui: &mut Ui, desk: &mut Desk, in_use: Option<&str>, out: &mut Vec<Command>) {
    let mut wishes = Vec::new();
    let margin = Margin {
        right: theme::SPACE_L as i8,
        ..Margin::ZERO
    };
    let scroll = ScrollArea::vertical()
        .id_salt("training")
        .auto_shrink(false)
        .content_margin(margin);
    // The scroll bar lies in the right margin.
    let margin = Margin {
        right: 0,
        ..Margin::same(theme::SPACE_L as i8)
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        scroll.show(ui, |ui| {
            widgets::name_scroll(ui, "Training");
            ui.spacing_mut().item_spacing.y = theme::SPACE_S;
            match &desk.run {
                Some(run) => about_run(ui, run, in_use, &mut wishes),
                None => choices(ui, desk, in_use, &mut wishes),
            }
        });
    });
    out.extend(wishes.into_iter().map(Command::Train));
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(theme::SPACE_L);
    widgets::section_title(ui, title);
}

fn choices(ui: &mut Ui, desk: &mut Desk, in_use: Option<&str>, wishes: &mut Vec<Wish>) {
    widgets::section_title(ui, "Learn from");
    if desk.folders.is_empty() {
        let palette = Palette::of(ui);
        for words in [
            "Choose a folder of your own micrographs: one sub-folder for each category, or images with a list of questions and answers.",
            "Askem learns from them on this computer. Nothing is sent anywhere, and the folder stays as it is.",
        ] {
            widgets::running_text(ui, RichText::new(words).color(palette.muted));
        }
        ui.add_space(theme::SPACE_S);
    }
    for (place, folder) in desk.folders.iter().enumerate() {
        folder_card(ui, place, folder, wishes);
    }
    match folder_field::show(ui, "Path of a folder", &mut desk.typed, "Add") {
        Some(Pressed::Typed(path)) => wishes.push(Wish::Add(path)),
        Some(Pressed::Dialog) => wishes.push(Wish::Choose),
        None => {}
    }

    section(ui, "Begin with");
    let last = desk.last.as_deref().map(name_of);
    let bases = [
        Some((Base::Factory, "The model inside Askem".to_owned(), "")),
        last.map(|name| (Base::Last, format!("{name}, trained here"), "")),
        Some((
            Base::Nothing,
            "Nothing".to_owned(),
            "Needs thousands of images and hours",
        )),
    ];
    for (base, words, note) in bases.into_iter().flatten() {
        if widgets::choice(ui, desk.base == base, &words, note).clicked() {
            desk.base = base;
        }
    }

    if desk.base != Base::Nothing {
        section(ui, "Train");
        for (part, words, note) in PARTS {
            if widgets::choice(ui, desk.part == part, words, note).clicked() {
                desk.part = part;
            }
        }
    }

    section(ui, "For at most");
    ui.horizontal(|ui| {
        for (minutes, words) in TIMES {
            ui.selectable_value(&mut desk.minutes, minutes, words);
        }
    });

    section(ui, "Name of the new model");
    ui.scope(|ui| {
        ui.visuals_mut().widgets.inactive.bg_stroke.color = Palette::of(ui).outline;
        let field = TextEdit::singleline(&mut desk.name)
            .id(Id::unique("model name"))
            .char_limit(40)
            .margin(Margin::symmetric(theme::SPACE_M as i8, 7))
            .desired_width(ui.available_width());
        ui.add(field).accessible_name("Name of the new model");
    });
    if let Err(why) = desk.target() {
        widgets::sentence(ui, Icon::Warning, Palette::of(ui).warning, &why);
    }

    ui.add_space(theme::SPACE_L);
    let obstacle = desk.obstacle();
    let size = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    let start = widgets::primary(ui, obstacle.is_none(), None, "Train", size);
    if start
        .on_disabled_hover_text(obstacle.unwrap_or_default())
        .clicked()
    {
        wishes.push(Wish::Start);
    }
    model_in_use(ui, in_use, wishes);
}

/// A way back, while another model than the one inside the program answers.
fn model_in_use(ui: &mut Ui, in_use: Option<&str>, wishes: &mut Vec<Wish>) {
    let Some(name) = in_use.filter(|name| *name != FACTORY) else {
        return;
    };
    ui.add_space(theme::SPACE_S);
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            widgets::muted(ui, format!("{name} answers"));
        },
        |ui| {
            if widgets::link(ui, "Back to Askem's own").clicked() {
                wishes.push(Wish::Use(FACTORY.into()));
            }
        },
    );
}

fn folder_card(ui: &mut Ui, place: usize, folder: &Folder, wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    let frame = Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.hairline))
        .corner_radius(theme::RADIUS_CARD)
        .inner_margin(Margin::symmetric(theme::SPACE_M as i8, 6));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let name = name_of(&folder.path);
        widgets::two_ends(
            ui,
            24.0,
            |ui| {
                let title = RichText::new(&name).font(theme::semibold(theme::TEXT_BODY));
                let label = ui.add(Label::new(title).truncate());
                label.on_hover_text(folder.path.to_string_lossy());
            },
            |ui| {
                let words = format!("Take {name} off the list");
                if widgets::icon_button(ui, Icon::Cross, &words).clicked() {
                    wishes.push(Wish::Remove(place));
                }
            },
        );
        match &folder.state {
            FolderState::Counting(_) => {
                widgets::muted(ui, "Counting…");
            }
            FolderState::Refused(why) => {
                widgets::sentence(ui, Icon::Warning, palette.error, why);
            }
            FolderState::Known(survey) => {
                let kinds = survey.categories.iter().filter(|count| **count > 0).count();
                let words = format!(
                    "{} of {}, {}. {} to learn from, {} to measure on.",
                    counted(survey.train + survey.validation, "image"),
                    counted(survey.specimens, "specimen"),
                    counted(survey.answers, "answer"),
                    survey.train,
                    survey.validation,
                );
                widgets::muted(ui, words);
                let categories = match kinds {
                    1 => "1 category".to_owned(),
                    kinds => format!("{kinds} categories"),
                };
                let label = widgets::muted(ui, categories);
                label.on_hover_text(listed(&survey.categories));
                if let [first, rest @ ..] = &survey.warnings[..] {
                    let more = match rest.len() {
                        0 => String::new(),
                        more => format!(" (and {more} more)"),
                    };
                    let words = format!("{first}{more}");
                    widgets::sentence(ui, Icon::Info, palette.warning, &words)
                        .on_hover_text(survey.warnings.join("\n"));
                }
            }
        }
    });
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

fn listed(categories: &[usize]) -> String {
    use crate::questions::Category;
    let each = Category::ALL.iter().zip(categories);
    let lines = each.filter(|(_, count)| **count > 0);
    let lines: Vec<String> = lines
        .map(|(category, count)| format!("{}: {count}", category.name().replace('_', " ")))
        .collect();
    lines.join("\n")
}

fn about_run(ui: &mut Ui, run: &Run, in_use: Option<&str>, wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    let title = match &run.state {
        RunState::Running => format!("Training {}", run.name),
        RunState::Ending => format!("Measuring {}", run.name),
        RunState::Done(_) => format!("{} is trained", run.name),
        RunState::Failed(_) => format!("{} was not trained", run.name),
    };
    ui.label(RichText::new(title).font(theme::semibold(theme::TEXT_HEADING)));
    match &run.state {
        RunState::Running | RunState::Ending => progress(ui, run, wishes),
        RunState::Failed(why) => {
            widgets::sentence(ui, Icon::Warning, palette.error, why);
        }
        RunState::Done(folder) => {
            let is_used = in_use.is_some_and(|name| name == name_of(folder));
            let size = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
            let words = match is_used {
                true => "It answers now",
                false => "Use this model",
            };
            if widgets::primary(ui, !is_used, None, words, size).clicked() {
                wishes.push(Wish::Use(folder.clone()));
            }
            model_in_use(ui, in_use, wishes);
        }
    }
    section(ui, "Losses, lower is better");
    ui.add_space(theme::SPACE_S);
    curves::show(ui, run);
    if !run.words.is_empty() {
        section(ui, "Notes");
        for words in &run.words {
            widgets::running_text(
                ui,
                RichText::new(words)
                    .size(theme::TEXT_SMALL)
                    .color(palette.muted),
            );
        }
    }
    if matches!(run.state, RunState::Done(_) | RunState::Failed(_)) {
        ui.add_space(theme::SPACE_M);
        if ui.button("Train another model").clicked() {
            wishes.push(Wish::Again);
        }
    }
}

fn progress(ui: &mut Ui, run: &Run, wishes: &mut Vec<Wish>) {
    let (done, words) = match &run.latest {
        Some(TrainingSign::Step {
            epoch,
            step,
            of,
            images_per_s,
            done,
            seconds_left,
            ..
        }) => {
            let left = seconds_left.map_or("Starting".to_owned(), |s| {
                let time = training::duration(s).replace(' ', "\u{a0}");
                format!("{time} left at most")
            });
            let words =
                format!("{left}. Epoch {epoch}, step {step} of {of}, {images_per_s:.0} images/s");
            (*done, words)
        }
        _ => (0.0, "Reading the images".to_owned()),
    };
    let palette = Palette::of(ui);
    ui.add_space(theme::SPACE_S);
    ui.scope(|ui| {
        ui.visuals_mut().extreme_bg_color = palette.pressed;
        ui.add(
            ProgressBar::new(done)
                .desired_height(8.0)
                .fill(palette.accent)
                .corner_radius(4.0),
        );
    });
    let ending = run.state == RunState::Ending;
    let words = match ending {
        true => "Ending: what was learned is measured and kept".to_owned(),
        false => words,
    };
    widgets::muted(ui, words);
    ui.add_space(theme::SPACE_S);
    ui.add_enabled_ui(!ending, |ui| {
        let button = egui::Button::new("Stop and keep what it learned");
        if ui
            .add_sized(vec2(ui.available_width(), theme::CONTROL_HEIGHT), button)
            .clicked()
        {
            wishes.push(Wish::Stop);
        }
    });
}
