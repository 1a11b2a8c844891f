//! The status bar: what is under the pointer, how the micrograph is shown, who answers, and
//! what is running, with a way to stop it.

use super::command::Command;
use super::metadata::scale_words;
use super::record::Prediction;
use super::shortcuts::Action;
use super::state::{Model, Session};
use super::theme::{self, Palette};
use super::viewer::{Pointed, Value, Viewer, zoom_text};
use super::widgets;
use crate::answer::Fallback;
use crate::micrograph::Header;
use egui::{
    Align, FontId, Frame, Label, Layout, Margin, Panel, RichText, Sense, Ui, UiBuilder, vec2,
};

/// Narrower bars say less about the file.
const ROOMY_WIDTH: f32 = 760.0;

/// Draws the status bar.
pub fn show(
    ui: &mut Ui,
    session: &Session,
    viewer: &Viewer,
    at_work: [Option<(String, f32)>; 2],
    fallback: Option<Fallback>,
    out: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let frame = Frame::new()
        .fill(palette.panel)
        .inner_margin(Margin::symmetric(theme::SPACE_L as i8, 0));
    Panel::bottom("status")
        .exact_size(theme::BAR_HEIGHT)
        .frame(frame)
        .show(ui, |ui| {
            ui.style_mut().interaction.selectable_labels = false;
            ui.spacing_mut().interact_size.y = 24.0;
            let height = ui.available_height();
            widgets::two_ends(
                ui,
                height,
                |ui| about_image(ui, session, viewer),
                |ui| {
                    model(ui, session, fallback);
                    let tabs = [Action::Train, Action::Evaluate];
                    for (work, tab) in at_work.into_iter().zip(tabs) {
                        if let Some((words, done)) = work {
                            at_tab(ui, &words, done, tab, out);
                        }
                    }
                    running(ui, session, out);
                },
            );
        });
}

fn about_image(ui: &mut Ui, session: &Session, viewer: &Viewer) {
    let Some(image) = session.current() else {
        widgets::muted(ui, "No micrograph open");
        return;
    };
    let Some(opened) = &image.opened else { return };
    let header = &opened.micrograph.header;
    let header = match ui.available_width() >= ROOMY_WIDTH {
        true => header_text(header),
        false => format!("{} × {} px", header.width, header.height),
    };
    // What changes while the pointer moves has fixed widths, so that nothing jumps.
    cell(ui, None, &header);
    let zoom = viewer.zoom(image.id).map(zoom_text);
    cell(ui, Some(52.0), &zoom.unwrap_or_default());
    let scale = viewer.calibration(image).map(scale_words);
    let words = scale.unwrap_or_else(|| "Scale not known".to_owned());
    cell(ui, None, &words);
    let pointed = viewer.under_pointer.as_ref().map(pointer_text);
    cell(ui, Some(330.0), &pointed.unwrap_or_default());
}

/// Words in a part of the bar, as wide as they are or of a fixed width.
fn cell(ui: &mut Ui, width: Option<f32>, words: &str) {
    let palette = Palette::of(ui);
    let width = width.unwrap_or_else(|| {
        let font = FontId::proportional(theme::TEXT_SMALL);
        let galley = ui
            .painter()
            .layout_no_wrap(words.to_owned(), font, palette.muted);
        galley.size().x.ceil() + theme::SPACE_XL
    });
    // Clear of what stands at the right end.
    let room = ui.available_width() - theme::SPACE_L;
    if room < width.min(120.0) {
        return;
    }
    let size = vec2(width.min(room), ui.available_height());
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let text = RichText::new(words)
        .size(theme::TEXT_SMALL)
        .color(palette.muted);
    let layout = Layout::left_to_right(Align::Center);
    ui.new_child(UiBuilder::new().max_rect(rect).layout(layout))
        .add(Label::new(text).truncate());
}

/// Pixel, place on the specimen and recorded value.
fn pointer_text(pointed: &Pointed) -> String {
    let [x, y] = pointed.px;
    let place = match &pointed.place {
        Some(place) => format!("   {place}"),
        None => String::new(),
    };
    match pointed.value {
        Value::Grey(grey) => format!("x {x}   y {y}{place}   grey {grey}"),
        Value::Float(grey) => format!("x {x}   y {y}{place}   grey {grey}"),
        Value::Rgb([red, green, blue]) => {
            format!("x {x}   y {y}{place}   RGB {red} {green} {blue}")
        }
    }
}

fn header_text(header: &Header) -> String {
    let kind = if header.samples == 1 {
        "grey"
    } else {
        "colour"
    };
    format!(
        "{} × {} px   {}-bit {kind}   {}",
        header.width, header.height, header.bits, header.format
    )
}

/// Who answers and where. A GPU that was expected and is not used stays said, with the reason to
/// be pointed at.
fn model(ui: &mut Ui, session: &Session, fallback: Option<Fallback>) {
    let palette = Palette::of(ui);
    let own = match session.model() {
        Model::Ready(by) => by.fallback.clone(),
        _ => None,
    };
    let fallback = own.or(fallback);
    let (words, color) = match (session.model(), &fallback) {
        (Model::Failed(_), _) => ("No model".to_owned(), palette.error),
        (Model::Ready(by), None) => (
            format!("Model {} on {}", by.model, by.device.to_uppercase()),
            palette.muted,
        ),
        (Model::Ready(by), Some(fallback)) => (
            format!(
                "Model {} on {}: {}",
                by.model,
                by.device.to_uppercase(),
                fallback.word
            ),
            palette.warning,
        ),
        (Model::Unknown | Model::Loading, _) => ("Loading the model…".to_owned(), palette.muted),
    };
    let response =
        ui.add(Label::new(RichText::new(words).size(theme::TEXT_SMALL).color(color)).extend());
    match (session.model(), fallback) {
        (Model::Failed(reason), _) => {
            response.on_hover_text(reason);
        }
        (_, Some(fallback)) => {
            response.on_hover_text(fallback.to_string());
        }
        _ => {}
    }
}

fn running(ui: &mut Ui, session: &Session, out: &mut Vec<Command>) {
    let busy: Vec<_> = session.busy().collect();
    let words = if let Some(image) = busy.first() {
        separator(ui);
        if widgets::link(ui, "Stop")
            .on_hover_text("Stop answering (Esc)")
            .clicked()
        {
            out.push(Command::Do(Action::Stop));
        }
        let left: usize = busy
            .iter()
            .filter_map(|image| session.record(image.id))
            .map(|r| r.open_turns())
            .sum();
        let is_elsewhere = session
            .current()
            .is_none_or(|current| current.id != image.id);
        match (is_elsewhere, left) {
            (true, _) => format!("Answering about {}", image.name),
            (false, 1) => "Answering".to_owned(),
            (false, left) => format!("Answering, {} more to come", left - 1),
        }
    } else if let Some(image) = session
        .images()
        .iter()
        .find(|image| image.reading.is_some())
    {
        separator(ui);
        format!("Reading {}", image.name)
    } else if session
        .current()
        .and_then(|image| session.record(image.id))
        .is_some_and(is_looking)
    {
        separator(ui);
        "Predicting the category".to_owned()
    } else {
        return;
    };
    let color = Palette::of(ui).text;
    ui.add(Label::new(RichText::new(words).size(theme::TEXT_SMALL).color(color)).truncate());
}

/// A run at work, and the way to its tab.
fn at_tab(ui: &mut Ui, words: &str, done: f32, tab: Action, out: &mut Vec<Command>) {
    separator(ui);
    let words = format!("{words}, {}", widgets::percent(done));
    if widgets::link(ui, &words).clicked() {
        out.push(Command::Do(tab));
    }
}

fn separator(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(1.0, 14.0), Sense::hover());
    ui.painter()
        .rect_filled(rect, egui::CornerRadius::ZERO, Palette::of(ui).outline);
}

fn is_looking(record: &super::record::Record) -> bool {
    matches!(record.prediction, Prediction::Running)
}
