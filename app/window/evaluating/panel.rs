//! Draws the Evaluate tab: what to test on; then how far it is; then what the model is worth.
//!
//! Reads and edits the desk's choices, and pushes wishes for everything else.

use super::desk::{CELL_IMAGES, Desk, Part, Run, Shown};
use super::{Whereto, Wish, answers, plots, tables};
use crate::evaluate::judged::TruthFigures;
use crate::evaluate::page::{Block, Mark, Page, Plot, Section, Sentence};
use crate::evaluate::record::Setting;
use crate::questions::Category;
use crate::window::command::Command;
use crate::window::folder_field::{self, FolderState, Pressed};
use crate::window::icons::Icon;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use crate::worker::SmallPicture;
use egui::{
    Color32, ColorImage, Frame, Label, Margin, ProgressBar, RichText, ScrollArea, TextureHandle,
    TextureOptions, Ui, vec2,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Choices of how many answers are asked for, with their words.
const ANSWERS: [(usize, &str); 4] = [
    (50, "50"),
    (200, "200"),
    (1000, "1000"),
    (usize::MAX, "All"),
];

/// Sections of a report by the part of the tab they are shown in; the others are in the summary.
const SECTIONS: [(Part, &[&str]); 2] = [
    (Part::Material, &["Which material", "By category"]),
    (Part::Answers, &["Answers", "By question and category"]),
];

/// Draws the tab. `in_use` names the model that answers.
pub fn show(
    ui: &mut Ui,
    desk: &mut Desk,
    pictures: &mut HashMap<String, TextureHandle>,
    in_use: &str,
    out: &mut Vec<Command>,
) {
    let mut wishes = Vec::new();
    let margin = Margin {
        right: theme::SPACE_L as i8,
        ..Margin::ZERO
    };
    let is_running = desk.run.as_ref().is_some_and(|run| run.failed.is_none());
    // It goes back below: what is typed beside it is the desk's.
    let mut result = desk.result.take();
    // Each part keeps its own place.
    let part = result.as_ref().map(|shown| shown.part);
    let scroll = ScrollArea::vertical()
        .id_salt(("evaluating", part))
        .auto_shrink(false)
        .content_margin(margin);
    // The scroll bar lies in the right margin.
    let right = Margin {
        right: 0,
        ..Margin::same(theme::SPACE_L as i8)
    };
    Frame::new().inner_margin(right).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::SPACE_S;
        match &mut result {
            Some(shown) => {
                for picture in shown.arrived.drain(..) {
                    pictures.insert(picture.file.clone(), texture(ui, &picture));
                }
                Frame::new()
                    .inner_margin(margin)
                    .show(ui, |ui| head(ui, shown, &mut wishes));
                scroll.show(ui, |ui| {
                    widgets::name_scroll(ui, "Evaluation");
                    let target = &mut desk.target;
                    result_part(ui, shown, target, pictures, &mut wishes, out);
                });
            }
            None => {
                scroll.show(ui, |ui| {
                    widgets::name_scroll(ui, "Evaluation");
                    match desk.run.as_ref().filter(|_| is_running) {
                        Some(run) => running(ui, run, in_use, &mut wishes),
                        None => choices(ui, desk, in_use, &mut wishes),
                    }
                });
            }
        }
    });
    if let Some(shown) = result {
        desk.result = Some(shown);
    }
    out.extend(wishes.into_iter().map(Command::Evaluate));
}

fn texture(ui: &Ui, picture: &SmallPicture) -> TextureHandle {
    let greys = picture.grey.iter().map(|grey| Color32::from_gray(*grey));
    let image = ColorImage::new(picture.size, greys.collect());
    ui.ctx()
        .load_texture(&picture.file, image, TextureOptions::LINEAR)
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(theme::SPACE_L);
    widgets::section_title(ui, title);
}

fn choices(ui: &mut Ui, desk: &mut Desk, in_use: &str, wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    if let Some(why) = desk.run.as_ref().and_then(|run| run.failed.as_ref()) {
        widgets::sentence(ui, Icon::Warning, palette.error, why);
        ui.add_space(theme::SPACE_S);
    }
    widgets::section_title(ui, "Test on");
    if desk.folder.is_none() {
        for words in [
            "Choose a folder of micrographs of which you know the material or the answers: one sub-folder for each category, or images with a list.",
            "Askem says what the model is worth on it, beside guesses that need no model, and how sure that is.",
        ] {
            widgets::running_text(ui, RichText::new(words).color(palette.muted));
        }
        ui.add_space(theme::SPACE_S);
    }
    folder_card(ui, desk, wishes);
    match folder_field::show(ui, "Path of a folder to test on", &mut desk.typed, "Take") {
        Some(Pressed::Typed(path)) => wishes.push(Wish::Take(path)),
        Some(Pressed::Dialog) => wishes.push(Wish::Choose(Whereto::Data)),
        None => {}
    }

    section(ui, "Tested");
    let parts = [
        (
            None,
            "What the folder keeps for tests",
            "Baselines learn from the rest",
        ),
        (
            Some(5),
            "Every image, in 5 folds",
            "Baselines learn from the other four; the model stays as it is",
        ),
    ];
    for (folds, words, note) in parts {
        if widgets::choice(ui, desk.folds == folds, words, note).clicked() {
            desk.folds = folds;
        }
    }

    section(ui, "Answers at most");
    ui.horizontal(|ui| {
        for (answers, words) in ANSWERS {
            ui.selectable_value(&mut desk.answers, answers, words);
        }
    });
    ui.add_space(theme::SPACE_S);
    ui.checkbox(&mut desk.baselines, "Beside guesses that need no model");

    let others = desk.others(in_use);
    if !others.is_empty() {
        section(ui, "Compare with");
        let none = std::iter::once((None, "No other model".to_owned()));
        for (name, words) in none.chain(others.into_iter().map(|name| (Some(name.clone()), name))) {
            if widgets::choice(ui, desk.against == name, &words, "").clicked() {
                desk.against = name;
            }
        }
    }

    ui.add_space(theme::SPACE_L);
    let obstacle = desk.obstacle();
    let size = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    let words = format!("Evaluate {in_use}");
    let start = widgets::primary(ui, obstacle.is_none(), None, &words, size);
    if start
        .on_disabled_hover_text(obstacle.unwrap_or_default())
        .clicked()
    {
        wishes.push(Wish::Start);
    }
}

fn folder_card(ui: &mut Ui, desk: &Desk, wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    let Some(folder) = &desk.folder else { return };
    let name = folder.path.file_name().unwrap_or(folder.path.as_os_str());
    let name: String = name
        .to_string_lossy()
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            let title = RichText::new(&name).font(theme::semibold(theme::TEXT_BODY));
            let label = ui.add(Label::new(title).truncate());
            label.on_hover_text(folder.path.to_string_lossy());
        },
        |ui| {
            let words = format!("Take {name} off");
            if widgets::icon_button(ui, Icon::Cross, &words).clicked() {
                wishes.push(Wish::Remove);
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
            let words = format!(
                "{} images of {} specimens, {} answers. {} are kept for tests.",
                survey.train + survey.validation + survey.test,
                survey.with_test[0],
                survey.with_test[1],
                if survey.test > 0 {
                    survey.test
                } else {
                    survey.validation
                },
            );
            widgets::muted(ui, words);
        }
    }
    ui.add_space(theme::SPACE_S);
}

fn running(ui: &mut Ui, run: &Run, in_use: &str, wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    let title = RichText::new(format!("Evaluating {in_use}"));
    ui.label(title.font(theme::semibold(theme::TEXT_HEADING)));
    ui.add_space(theme::SPACE_S);
    let (round, of) = run.round;
    let done = (round as f32 - 1.0 + run.done) / of.max(1) as f32;
    ui.scope(|ui| {
        ui.visuals_mut().extreme_bg_color = palette.pressed;
        ui.add(
            ProgressBar::new(done)
                .desired_height(8.0)
                .fill(palette.accent)
                .corner_radius(4.0),
        );
    });
    let fold = match of {
        1 => String::new(),
        of => format!("Fold {round} of {of}. "),
    };
    widgets::muted(ui, format!("{fold}{}", run.words));
    ui.add_space(theme::SPACE_S);
    let size = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    if ui.add_sized(size, egui::Button::new("Stop")).clicked() {
        wishes.push(Wish::Stop);
    }
}

/// What was evaluated, and which part of the result is shown.
fn head(ui: &mut Ui, shown: &mut Shown, wishes: &mut Vec<Wish>) {
    let evaluation = Arc::clone(&shown.evaluation);
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            let title = RichText::new(&evaluation.page.title);
            ui.add(Label::new(title.font(theme::semibold(theme::TEXT_HEADING))).truncate());
        },
        |ui| {
            if widgets::link(ui, "Evaluate again").clicked() {
                wishes.push(Wish::Again);
            }
        },
    );
    let mut parts = vec![
        (Part::Summary, "Summary"),
        (Part::Material, "Material"),
        (Part::Answers, "Answers"),
        (Part::List, "List"),
    ];
    if evaluation.against.is_some() {
        parts.push((Part::Compared, "Compared"));
    }
    let titles: Vec<&str> = parts.iter().map(|(_, title)| *title).collect();
    let chosen = parts
        .iter()
        .position(|(part, _)| *part == shown.part)
        .unwrap_or(0);
    if let Some((part, _)) = widgets::segments(ui, &titles, chosen).and_then(|at| parts.get(at)) {
        shown.part = *part;
    }
    ui.add_space(theme::SPACE_S);
}

fn result_part(
    ui: &mut Ui,
    shown: &mut Shown,
    target: &mut String,
    pictures: &HashMap<String, TextureHandle>,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) {
    let evaluation = Arc::clone(&shown.evaluation);
    let page = &evaluation.page;
    match shown.part {
        Part::Summary => summary(ui, shown, page, target, wishes),
        Part::Material => sections(ui, page, Part::Material, shown, pictures, wishes, out),
        Part::Answers => sections(ui, page, Part::Answers, shown, pictures, wishes, out),
        Part::List => answers::show(ui, shown, pictures, wishes, out),
        Part::Compared => {
            if let Some(against) = &evaluation.against {
                sentences(ui, &against.page.summary);
                for section in &against.page.sections {
                    of_report(ui, section, None, &mut |_| {});
                }
            }
        }
    }
}

/// What a reader should know first, what was evaluated and how, and where the report goes.
fn summary(ui: &mut Ui, shown: &Shown, page: &Page, target: &mut String, wishes: &mut Vec<Wish>) {
    sentences(ui, &page.summary);
    ui.add_space(theme::SPACE_S);
    widgets::section_title(ui, "Report");
    widgets::muted(
        ui,
        "HTML that prints on A4, Markdown and JSON, in a folder of your choice.",
    );
    match folder_field::show(ui, "Folder for the report", target, "Save") {
        Some(Pressed::Typed(path)) => wishes.push(Wish::Save(path)),
        Some(Pressed::Dialog) => wishes.push(Wish::Choose(Whereto::Report)),
        None => {}
    }
    truth(ui, shown);
    for section in &page.sections {
        let is_elsewhere = SECTIONS
            .iter()
            .any(|(_, names)| names.contains(&section.heading.as_str()));
        let is_list = section
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Answers(_)));
        let is_truth = section.heading.starts_with("Truth");
        if !is_elsewhere && !is_list && !is_truth {
            of_report(ui, section, None, &mut |_| {});
        }
    }
    ui.add_space(theme::SPACE_M);
    widgets::section_title(ui, "What was evaluated");
    for (name, value) in &page.about {
        let words = RichText::new(format!("{name}: {value}")).size(theme::TEXT_SMALL);
        ui.add(Label::new(words.color(Palette::of(ui).muted)).wrap());
    }
}

/// What was judged until now.
fn truth(ui: &mut Ui, shown: &Shown) {
    if shown.judged.is_empty() {
        return;
    }
    section(ui, "Judged by you");
    for setting in Setting::ALL {
        let found = TruthFigures::of(&shown.evaluation.record, setting, &shown.verdicts);
        let decided = found.found_true + found.found_false;
        if decided + found.undecidable == 0 {
            continue;
        }
        let share = found.false_per_hundred();
        let share = share.map_or(String::new(), |(share, [low, high])| {
            format!(": {share:.0} false statements per hundred ({low:.0} to {high:.0})")
        });
        let words = format!(
            "With the {}, {} true, {} false, {} undecidable, {} not judged{share}.",
            setting.words(),
            found.found_true,
            found.found_false,
            found.undecidable,
            found.unjudged
        );
        widgets::running_text(ui, RichText::new(words));
    }
}

fn sentences(ui: &mut Ui, sentences: &[Sentence]) {
    let palette = Palette::of(ui);
    for sentence in sentences {
        match sentence.mark {
            Mark::Bad => {
                widgets::sentence(ui, Icon::Warning, palette.error, &sentence.text);
            }
            Mark::Plain | Mark::Good | Mark::Muted => {
                widgets::running_text(ui, RichText::new(&sentence.text));
            }
        }
    }
}

fn sections(
    ui: &mut Ui,
    page: &Page,
    part: Part,
    shown: &mut Shown,
    pictures: &HashMap<String, TextureHandle>,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) {
    let names = SECTIONS.iter().find(|(one, _)| *one == part);
    let names = names.map_or(&[][..], |(_, names)| *names);
    let mut there = page
        .sections
        .iter()
        .filter(|section| names.contains(&section.heading.as_str()))
        .peekable();
    if there.peek().is_none() {
        let words = match part {
            Part::Material => "No tested image has a known material.",
            _ => "The folder holds no answers to compare with.",
        };
        widgets::muted(ui, words);
    }
    for section in there {
        let clicked = of_report(ui, section, shown.cell, &mut |ui| {
            if let Some(cell) = shown.cell {
                images_of(ui, shown, cell, pictures, wishes, out);
            }
        });
        if let Some(cell) = clicked {
            wishes.push(Wish::Cell(
                Some(cell).filter(|cell| shown.cell != Some(*cell)),
            ));
        }
    }
}

/// A section of the report; gives back the cell of a plot that was clicked. What belongs to the
/// chosen cell is drawn below its plot.
fn of_report(
    ui: &mut Ui,
    section: &Section,
    cell: Option<(usize, usize)>,
    of_cell: &mut dyn FnMut(&mut Ui),
) -> Option<(usize, usize)> {
    let mut clicked = None;
    ui.add_space(theme::SPACE_S);
    widgets::section_title(ui, &section.heading);
    sentences(ui, &section.words);
    for block in &section.blocks {
        match block {
            Block::Table(table) => tables::show(ui, table),
            Block::Plot(plot) => {
                clicked = plots::show(ui, plot, cell).or(clicked);
                if matches!(plot, Plot::Confusion { .. }) {
                    of_cell(ui);
                }
            }
            Block::Answers(_) => {}
        }
    }
    clicked
}

/// The images of a cell of the table of confusions.
fn images_of(
    ui: &mut Ui,
    shown: &Shown,
    (truth, prediction): (usize, usize),
    pictures: &HashMap<String, TextureHandle>,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) {
    let name = |place: usize| {
        Category::ALL
            .get(place)
            .map_or("", |one| one.name())
            .replace('_', " ")
    };
    let files = shown.files_of((truth, prediction));
    let more = match files.len().saturating_sub(CELL_IMAGES) {
        0 => String::new(),
        more => format!(", {more} more not shown"),
    };
    let words = format!(
        "{} taken for {}: {}{more}",
        name(truth),
        name(prediction),
        files.len()
    );
    widgets::section_title(ui, &words);
    let files: Vec<&str> = files.into_iter().take(CELL_IMAGES).collect();
    let missing = files.iter().filter(|file| !pictures.contains_key(**file));
    let missing: Vec<String> = missing.map(|file| (*file).to_owned()).collect();
    if !missing.is_empty() {
        wishes.push(Wish::Pictures(missing));
    }
    ui.horizontal_wrapped(|ui| {
        for file in files {
            if let Some(texture) = pictures.get(file)
                && answers::small_picture(ui, texture, file, 84.0)
            {
                out.push(Command::Open(vec![shown.evaluation.folder.join(file)]));
            }
        }
    });
}
