//! Draws what was done, step by step, and what can be done with it: keep it as a recipe, use it on
//! a folder, export the numbers.
//!
//! Edits the path in the field, and pushes wishes for everything else.

use super::Wish;
use super::desk::Desk;
use super::entry::Entry;
use super::form::{Form, Purpose};
use crate::measure::{Measurement, edit};
use crate::window::icons::Icon;
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use egui::{Button, Id, Key, Label, Margin, ProgressBar, RichText, ScrollArea, TextEdit, Ui, vec2};

/// Draws it.
pub fn show(
    ui: &mut Ui,
    desk: &mut Desk,
    hash: &str,
    numbers: &Measurement,
    scrolls: bool,
    wishes: &mut Vec<Wish>,
) {
    let has_focus = ui.input(|input| input.viewport().focused.unwrap_or(true));
    if desk.form.as_mut().is_some_and(|form| form.poll(has_focus)) {
        wishes.push(Wish::UseFile);
    }
    if scrolls {
        return contents(ui, desk, hash, numbers, wishes);
    }
    let margin = Margin {
        right: theme::SPACE_S as i8,
        ..Margin::ZERO
    };
    let scroll = ScrollArea::vertical()
        .id_salt("recipe")
        .auto_shrink(false)
        .content_margin(margin);
    scroll.show(ui, |ui| {
        widgets::name_scroll(ui, "Recipe");
        contents(ui, desk, hash, numbers, wishes);
    });
}

fn contents(
    ui: &mut Ui,
    desk: &mut Desk,
    hash: &str,
    numbers: &Measurement,
    wishes: &mut Vec<Wish>,
) {
    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
    if let Some(entry) = desk.entry(hash) {
        for (place, step) in steps(entry, numbers).iter().enumerate() {
            line(ui, place + 1, step);
        }
    }
    ui.add_space(theme::SPACE_M);
    widgets::section_title(ui, "Tables with units");
    buttons(
        ui,
        desk.form.as_ref(),
        &[
            (Purpose::Objects, "Export objects…"),
            (Purpose::Quantities, "Export numbers…"),
        ],
        wishes,
    );
    field(
        ui,
        &mut desk.form,
        &[Purpose::Objects, Purpose::Quantities],
        wishes,
    );
    ui.add_space(theme::SPACE_M);
    widgets::section_title(ui, "Recipe");
    widgets::muted(
        ui,
        "Category, polarity and sizes. A region and changes by hand belong to this micrograph alone.",
    );
    buttons(
        ui,
        desk.form.as_ref(),
        &[
            (Purpose::SaveRecipe, "Save recipe…"),
            (Purpose::OpenRecipe, "Open recipe…"),
        ],
        wishes,
    );
    field(
        ui,
        &mut desk.form,
        &[Purpose::SaveRecipe, Purpose::OpenRecipe],
        wishes,
    );
    ui.add_space(theme::SPACE_M);
    widgets::section_title(ui, "All micrographs of a folder");
    folder(ui, desk, wishes);
}

/// What was done, and what counts.
fn steps(entry: &Entry, numbers: &Measurement) -> Vec<String> {
    let recipe = entry.recipe();
    let category = recipe
        .category
        .map_or("none".to_owned(), |it| it.words().to_owned());
    let mut steps = vec![format!("category: {category}")];
    steps.extend(numbers.steps.iter().cloned());
    let has = |steps: &[String], words: &String| steps.contains(words);
    let sizes = recipe.sizes.words();
    if !recipe.sizes.are_all() && !has(&steps, &sizes) {
        steps.push(sizes);
    }
    if let Some(words) = edit::words(&entry.plan().edits)
        && !has(&steps, &words)
    {
        steps.push(words);
    }
    steps
}

fn line(ui: &mut Ui, number: usize, step: &str) {
    let palette = Palette::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme::SPACE_S;
        let number = RichText::new(format!("{number}.")).size(theme::TEXT_SMALL);
        ui.add_sized(
            vec2(20.0, 16.0),
            Label::new(number.color(palette.muted)).selectable(false),
        );
        let words = RichText::new(step).size(theme::TEXT_SMALL);
        ui.add(Label::new(words).wrap());
    });
}

fn buttons(ui: &mut Ui, form: Option<&Form>, all: &[(Purpose, &str)], wishes: &mut Vec<Wish>) {
    let gaps = theme::SPACE_M * (all.len() as f32 - 1.0);
    let size = vec2(
        (ui.available_width() - gaps) / all.len() as f32,
        theme::CONTROL_HEIGHT,
    );
    ui.horizontal(|ui| {
        for (purpose, words) in all {
            let is_open = form.is_some_and(|form| form.purpose == *purpose);
            let button = Button::new(*words).min_size(size).selected(is_open);
            if ui.add_sized(size, button).clicked() {
                wishes.push(Wish::NameFile(*purpose));
            }
        }
    });
}

fn folder(ui: &mut Ui, desk: &mut Desk, wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    let Some(run) = desk.folder else {
        widgets::muted(
            ui,
            "Measures each by this recipe and writes two tables into the folder.",
        );
        let words = "Measure a folder…";
        buttons(ui, desk.form.as_ref(), &[(Purpose::Folder, words)], wishes);
        field(ui, &mut desk.form, &[Purpose::Folder], wishes);
        return;
    };
    let share = run.done as f32 / run.of.max(1) as f32;
    ui.scope(|ui| {
        ui.visuals_mut().extreme_bg_color = palette.pressed;
        ui.add(
            ProgressBar::new(share)
                .desired_height(8.0)
                .fill(palette.accent)
                .corner_radius(4.0),
        );
    });
    widgets::two_ends(
        ui,
        24.0,
        |ui| {
            widgets::muted(ui, format!("{} of {} measured", run.done, run.of));
        },
        |ui| {
            if widgets::link(ui, "Stop the folder").clicked() {
                wishes.push(Wish::StopFolder);
            }
        },
    );
}

/// The field for a path, where it is open for one of these.
fn field(ui: &mut Ui, form: &mut Option<Form>, purposes: &[Purpose], wishes: &mut Vec<Wish>) {
    let Some(form) = form
        .as_mut()
        .filter(|form| purposes.contains(&form.purpose))
    else {
        return;
    };
    let palette = Palette::of(ui);
    let before = form.path.clone();
    let label = form.purpose.label();
    let response = ui
        .scope(|ui| {
            ui.visuals_mut().widgets.inactive.bg_stroke.color = palette.outline;
            let field = TextEdit::singleline(&mut form.path)
                .id(Id::unique("measuring path"))
                .margin(Margin::symmetric(theme::SPACE_M as i8, 7))
                .desired_width(ui.available_width());
            ui.add(field).accessible_name(label)
        })
        .inner;
    if form.path != before {
        form.typed();
    }
    if let Some(problem) = &form.problem {
        let color = match form.asks() {
            true => palette.warning,
            false => palette.error,
        };
        widgets::sentence(ui, Icon::Warning, color, problem);
    }
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let has_path = !form.path.trim().is_empty();
    let size = vec2(110.0, theme::CONTROL_HEIGHT);
    ui.horizontal(|ui| {
        let verb = form.verb();
        let pressed = widgets::primary(ui, has_path, None, verb, size).clicked();
        if (pressed || entered) && has_path {
            wishes.push(Wish::UseFile);
        }
        if form.purpose != Purpose::OpenRecipe {
            let choose = Button::new("Choose…").min_size(size);
            if ui.add_enabled(form.dialog.is_none(), choose).clicked() {
                wishes.push(Wish::ChooseFile);
            }
        }
    });
}
