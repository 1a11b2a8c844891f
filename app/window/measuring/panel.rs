//! Draws the Measure tab: what was found and how fit the image is, then numbers, objects or the
//! recipe.
//!
//! Reads the desk's state and pushes wishes; changes nothing but which part is shown and what is
//! typed.

use super::desk::{Desk, Part};
use super::entry::{Entry, Stage};
use super::{Wish, histogram, numbers, objects, steps};
use crate::measure::{Measurement, Polarity, Structure, has_objects};
use crate::window::command::Command;
use crate::window::icons::Icon;
use crate::window::shortcuts::Action;
use crate::window::state::{Image, Session};
use crate::window::theme::{self, Palette};
use crate::window::viewer::{Tool, Viewer};
use crate::window::widgets;
use egui::{
    Button, DragValue, FontId, Frame, Margin, RichText, ScrollArea, Sense, Ui, WidgetInfo, vec2,
};

/// Lower panels scroll as a whole, so that the list of objects is never squeezed away.
const WHOLE_HEIGHT: f32 = 560.0;

/// Draws the tab.
pub fn show(
    ui: &mut Ui,
    desk: &mut Desk,
    session: &Session,
    viewer: &Viewer,
    out: &mut Vec<Command>,
) {
    desk.lit.clear();
    let mut wishes = Vec::new();
    let image = session.current().filter(|image| image.hash().is_some());
    let scrolls = ui.available_height() < WHOLE_HEIGHT;
    let margin = Margin::same(theme::SPACE_L as i8);
    match image {
        None => {
            Frame::new().inner_margin(margin).show(ui, |ui| {
                widgets::muted(ui, "Open a micrograph to measure what it shows.");
            });
        }
        Some(image) if scrolls => {
            let inner = Margin {
                right: theme::SPACE_L as i8,
                ..Margin::ZERO
            };
            let scroll = ScrollArea::vertical()
                .id_salt("measuring")
                .auto_shrink(false)
                .content_margin(inner);
            let margin = Margin { right: 0, ..margin };
            Frame::new().inner_margin(margin).show(ui, |ui| {
                scroll.show(ui, |ui| {
                    widgets::name_scroll(ui, "Measuring");
                    contents(ui, desk, (image, viewer), true, &mut wishes, out);
                });
            });
        }
        Some(image) => {
            Frame::new().inner_margin(margin).show(ui, |ui| {
                contents(ui, desk, (image, viewer), false, &mut wishes, out);
            });
        }
    }
    out.extend(wishes.into_iter().map(Command::Measure));
}

fn contents(
    ui: &mut Ui,
    desk: &mut Desk,
    (image, viewer): (&Image, &Viewer),
    scrolls: bool,
    wishes: &mut Vec<Wish>,
    out: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
    let hash = image.hash().unwrap_or_default().to_owned();
    let entry = desk.entry(&hash);
    let numbers = entry.and_then(|entry| entry.numbers.clone());
    head(ui, entry, numbers.as_deref(), wishes);
    let (Some(entry), Some(numbers)) = (entry, numbers) else {
        return;
    };
    view(ui, image, viewer, out);
    if has_objects(numbers.structure) {
        polarity(ui, entry, &numbers, wishes);
        threshold(ui, entry, &numbers, wishes);
    }
    if !entry.objects.is_empty() {
        ui.add_space(theme::SPACE_M);
        histogram::show(ui, entry, &numbers, wishes);
    }
    ui.add_space(theme::SPACE_M);
    parts(ui, &mut desk.part);
    match desk.part {
        Part::Numbers => {
            let lit = numbers::show(ui, &numbers, scrolls, wishes);
            desk.lit = lit;
            desk.lit.sort_unstable();
        }
        Part::Objects => {
            if let Some(entry) = desk.entry(&hash) {
                let sought = objects::show(ui, entry, (&numbers, viewer), scrolls, wishes, out);
                if sought {
                    desk.entry_mut(&hash).sought = None;
                }
            }
        }
        Part::Steps => steps::show(ui, desk, &hash, &numbers, scrolls, wishes),
    }
}

/// What was found, how fit the image is, and the button that measures or stops.
fn head(ui: &mut Ui, entry: Option<&Entry>, numbers: Option<&Measurement>, wishes: &mut Vec<Wish>) {
    let palette = Palette::of(ui);
    let stage = entry.map_or(Stage::Idle, |entry| entry.stage.clone());
    let is_running = entry.is_some_and(Entry::is_busy);
    if let Some(numbers) = numbers {
        widgets::two_ends(
            ui,
            24.0,
            |ui| {
                let title = RichText::new(title(entry, numbers));
                ui.add(
                    egui::Label::new(title.font(theme::semibold(theme::TEXT_HEADING))).truncate(),
                );
            },
            |ui| {
                if is_running {
                    if widgets::link(ui, "Stop").clicked() {
                        wishes.push(Wish::Stop);
                    }
                    widgets::muted(ui, "Measuring…");
                } else if stage == Stage::Idle && widgets::link(ui, "Measure again").clicked() {
                    wishes.push(Wish::Start);
                }
            },
        );
        let line = RichText::new(&numbers.summary).size(theme::TEXT_SMALL);
        ui.add(egui::Label::new(line.color(palette.muted)).wrap());
        if let Some(words) = &numbers.disagreement {
            widgets::sentence(ui, Icon::Info, palette.warning, &format!("{words}."));
        }
    } else {
        let words = "Askem looks for what the micrograph shows, such as particles, pores, fibres, lines or layers, and measures it. Each number has its uncertainty, or the reason why there is none.";
        widgets::running_text(ui, RichText::new(words).color(palette.muted));
        ui.add_space(theme::SPACE_S);
        let size = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
        if is_running {
            if ui.add_sized(size, Button::new("Stop measuring")).clicked() {
                wishes.push(Wish::Stop);
            }
            widgets::muted(ui, "Measuring…");
        } else if widgets::primary(ui, true, None, "Measure this micrograph", size).clicked() {
            wishes.push(Wish::Start);
        }
    }
    if let Stage::Failed(why) = &stage {
        widgets::sentence(ui, Icon::Warning, palette.error, why);
        if numbers.is_some() && widgets::link(ui, "Measure again").clicked() {
            wishes.push(Wish::Start);
        }
    }
}

/// What was found, as a heading.
fn title(entry: Option<&Entry>, numbers: &Measurement) -> String {
    let counted = entry.map_or(0, |entry| entry.listed().len());
    let of = |one: &str, many: &str| match counted {
        1 => format!("1 {one}"),
        counted => format!("{counted} {many}"),
    };
    match numbers.structure {
        Structure::Objects => of("object", "objects"),
        Structure::Pores => of("pore", "pores"),
        Structure::Pattern => of("object of a pattern", "objects in a pattern"),
        Structure::Fibres => "Fibres or wires".to_owned(),
        Structure::Lines => "Lines and spaces".to_owned(),
        Structure::Layers => "Layers of a section".to_owned(),
        Structure::Tip => "A tip".to_owned(),
        Structure::Surface => "A surface".to_owned(),
        Structure::Unclear => "Nothing told apart".to_owned(),
    }
}

/// Which part of the micrograph is measured.
fn view(ui: &mut Ui, image: &Image, viewer: &Viewer, out: &mut Vec<Command>) {
    let region = viewer.region(image);
    row(
        ui,
        "Part",
        |ui| {
            let words = match region.map(|region| region.size()) {
                Some([width, height]) => format!("Region of {width} × {height} px"),
                None => "Whole micrograph".to_owned(),
            };
            ui.label(words);
        },
        |ui| {
            let (words, action) = match region {
                Some(_) => ("Measure the whole", Action::WholeImage),
                None => ("Choose a region", Action::Pick(Tool::Region)),
            };
            if widgets::link(ui, words).clicked() {
                out.push(Command::Do(action));
            }
        },
    );
}

/// A row with a name, what it is, and what can be done about it.
fn row(ui: &mut Ui, name: &str, value: impl FnOnce(&mut Ui), action: impl FnOnce(&mut Ui)) {
    widgets::two_ends(
        ui,
        26.0,
        |ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(60.0, 20.0), Sense::hover());
            let font = FontId::proportional(theme::TEXT_SMALL);
            let color = Palette::of(ui).muted;
            let words = ui.painter().layout_no_wrap(name.to_owned(), font, color);
            let at = rect.left_center() - vec2(0.0, words.size().y / 2.0);
            ui.painter().galley(at, words, color);
            value(ui);
        },
        action,
    );
}

/// The room around words to choose among in a row.
fn of_choices(ui: &mut Ui) {
    let spacing = ui.spacing_mut();
    spacing.item_spacing.x = theme::SPACE_S;
    spacing.interact_size.y = 24.0;
    spacing.button_padding = vec2(theme::SPACE_M, 2.0);
}

fn polarity(ui: &mut Ui, entry: &Entry, numbers: &Measurement, wishes: &mut Vec<Wish>) {
    let chosen = entry.plan().search.polarity;
    row(
        ui,
        "Objects",
        |ui| {
            of_choices(ui);
            for (polarity, words) in [
                (None, "Automatic"),
                (Some(Polarity::Bright), "Bright"),
                (Some(Polarity::Dark), "Dark"),
            ] {
                let response = ui.selectable_label(chosen == polarity, words);
                if response.clicked() && chosen != polarity {
                    wishes.push(Wish::Polarity(polarity));
                }
            }
        },
        |ui| {
            if chosen.is_none() && numbers.structure != Structure::Unclear {
                widgets::muted(ui, format!("{} ones", numbers.polarity.name()));
            }
        },
    );
}

/// Each object at a grey of its own, or all at one. It is measured anew when the number is let go.
fn threshold(ui: &mut Ui, entry: &Entry, numbers: &Measurement, wishes: &mut Vec<Wish>) {
    let chosen = entry.plan().search.threshold;
    let [least, most] = numbers.greys;
    let id = ui.scope_id().with("threshold");
    row(
        ui,
        "Threshold",
        |ui| {
            of_choices(ui);
            let own = ui.selectable_label(chosen.is_none(), "Automatic");
            if own.clicked() && chosen.is_some() {
                wishes.push(Wish::Threshold(None));
            }
            let one = ui.selectable_label(chosen.is_some(), "One grey");
            if one.clicked() && chosen.is_none() {
                wishes.push(Wish::Threshold(Some(0.5 * (least + most))));
            }
            let Some(chosen) = chosen else {
                return;
            };
            let held = ui.data(|data| data.get_temp::<f32>(id));
            let mut grey = held.unwrap_or(chosen);
            let value = DragValue::new(&mut grey)
                .speed((most - least).max(f32::MIN_POSITIVE) / 200.0)
                .max_decimals(if most - least > 20.0 { 0 } else { 3 });
            let response = ui.add(value);
            response.widget_info(|| {
                WidgetInfo::labeled(egui::Role::SpinButton, true, "Grey of the threshold")
            });
            if response.dragged() || response.has_focus() {
                ui.data_mut(|data| data.insert_temp(id, grey));
            } else {
                ui.data_mut(|data| data.remove_temp::<f32>(id));
                if grey != chosen {
                    wishes.push(Wish::Threshold(Some(grey)));
                }
            }
        },
        |ui| {
            if chosen.is_none() {
                widgets::muted(ui, "each object its own");
            }
        },
    );
}

fn parts(ui: &mut Ui, part: &mut Part) {
    let chosen = Part::ALL.iter().position(|one| one == part).unwrap_or(0);
    let titles = Part::ALL.map(Part::title);
    if let Some(one) = widgets::segments(ui, &titles, chosen).and_then(|at| Part::ALL.get(at)) {
        *part = *one;
    }
    ui.add_space(theme::SPACE_S);
}
