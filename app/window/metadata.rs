//! The metadata panel: what the file says about how the micrograph was taken, to search and to
//! copy.
//!
//! Stands at the right of the micrograph, below it in narrow windows. Draws only the lines that
//! are seen, because some instruments write hundreds. Reads no file; what it shows came with
//! the pixels.

use super::command::Command;
use super::icons::Icon;
use super::shortcuts::Action;
use super::state::Session;
use super::theme::{self, Palette};
use super::widgets;
use crate::micrograph::{Calibration, Metadata, Source, shown_pixel_size};
use egui::{
    Align, Id, Label, Layout, Margin, Panel, RichText, ScrollArea, Sense, TextEdit, Ui, UiBuilder,
    vec2,
};

/// Below this width the panel goes under the micrograph.
const SIDE_WIDTH: f32 = 640.0;
const ROW_HEIGHT: f32 = 20.0;
const QUERY_CHARS_MAX: usize = 200;

/// The panel's own state.
#[derive(Debug, Default)]
pub struct MetadataPanel {
    /// Whether the panel is shown.
    pub open: bool,
    query: String,
    /// The lines that match, kept until the micrograph or the query changes.
    found: Found,
}

#[derive(Debug, Default)]
struct Found {
    hash: String,
    query: String,
    rows: Vec<Row>,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Row {
    Title(String),
    /// What, and what it is.
    Line(String, String),
}

impl MetadataPanel {
    /// Draws the panel while it is open.
    pub fn show(&mut self, ui: &mut Ui, session: &Session, out: &mut Vec<Command>) {
        if !self.open {
            return;
        }
        let frame = widgets::panel_frame(ui);
        let (width, height) = (ui.available_width(), ui.available_height());
        let panel = if width >= SIDE_WIDTH {
            let most = (width * 0.6).min(560.0);
            Panel::right("metadata side")
                .default_size(320.0)
                .max_size(most)
        } else {
            Panel::bottom("metadata below")
                .default_size(180.0)
                .max_size(height * 0.6)
        };
        panel
            .resizable(true)
            .min_size(120.0)
            .frame(frame)
            .show(ui, |ui| self.content(ui, session, out));
    }

    fn content(&mut self, ui: &mut Ui, session: &Session, out: &mut Vec<Command>) {
        ui.spacing_mut().item_spacing.y = theme::SPACE_S;
        let opened = session.current().and_then(|image| image.opened.as_ref());
        if let Some(opened) = opened {
            self.search(&opened.micrograph.metadata, &opened.micrograph.hash);
        }
        let says_something = opened.is_some_and(|opened| {
            let metadata = &opened.micrograph.metadata;
            metadata.vendor.is_some() || !metadata.entries.is_empty()
        });
        let rows = if says_something {
            self.found.rows.as_slice()
        } else {
            &[]
        };
        widgets::two_ends(
            ui,
            24.0,
            |ui| {
                widgets::section_title(ui, "Metadata");
            },
            |ui| {
                if widgets::icon_button(ui, Icon::Cross, "Close the metadata").clicked() {
                    out.push(Command::Do(Action::Metadata));
                }
                if !rows.is_empty()
                    && widgets::icon_button(ui, Icon::Copy, "Copy the metadata").clicked()
                {
                    let (text, what) = (as_text(rows), "Metadata");
                    out.push(Command::Copy { text, what });
                }
            },
        );
        let Some(opened) = opened else {
            widgets::muted(ui, "Open a micrograph to see what its file says.");
            return;
        };
        let metadata = &opened.micrograph.metadata;
        let color = Palette::of(ui).warning;
        for warning in &metadata.warnings {
            widgets::sentence(ui, Icon::Warning, color, warning);
        }
        if !says_something {
            widgets::muted(
                ui,
                "The file says nothing about how the micrograph was taken.",
            );
            return;
        }
        search_field(ui, &mut self.query);
        if rows.is_empty() {
            widgets::muted(ui, "No line has these words.");
        }
        ScrollArea::vertical().auto_shrink(false).show_rows(
            ui,
            ROW_HEIGHT - theme::SPACE_S,
            rows.len(),
            |ui, seen| {
                widgets::name_scroll(ui, "Metadata lines");
                for row in rows.get(seen).unwrap_or_default() {
                    line(ui, row);
                }
            },
        );
    }

    /// Finds the lines that match, once for each micrograph and query.
    fn search(&mut self, metadata: &Metadata, hash: &str) {
        if self.found.hash == hash && self.found.query == self.query {
            return;
        }
        self.found = Found {
            hash: hash.to_owned(),
            query: self.query.clone(),
            rows: rows_with(metadata, &self.query),
        };
    }
}

/// The facts, then the file's own lines, without those that lack a word of the query.
fn rows_with(metadata: &Metadata, query: &str) -> Vec<Row> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let has_all = |(key, value): &(String, String)| {
        let line = format!("{key} {value}").to_lowercase();
        words.iter().all(|word| line.contains(word))
    };
    let sections = [
        ("What the file says", facts(metadata)),
        ("The file's own words", own_words(metadata)),
    ];
    let mut rows = Vec::new();
    for (title, lines) in sections {
        let all = lines.len();
        let lines: Vec<_> = lines.into_iter().filter(has_all).collect();
        if lines.is_empty() {
            continue;
        }
        let title = match lines.len() {
            found if found < all => format!("{title}, {found} of {all}"),
            _ => title.to_owned(),
        };
        rows.push(Row::Title(title));
        rows.extend(lines.into_iter().map(|(key, value)| Row::Line(key, value)));
    }
    rows
}

fn own_words(metadata: &Metadata) -> Vec<(String, String)> {
    let entries = metadata.entries.iter();
    entries
        .map(|entry| (entry.key.clone(), entry.value.clone()))
        .collect()
}

/// Our fields, the pixel size with its rivals first.
fn facts(metadata: &Metadata) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    match &metadata.calibration {
        Some(size) => add(
            "Pixel size",
            format!("{}, {}", shown_pixel_size(size.x_nm, size.y_nm), size.from),
        ),
        None => add("Pixel size", "not stated".to_owned()),
    }
    for rival in &metadata.rivals {
        let size = shown_pixel_size(rival.x_nm, rival.y_nm);
        add("Also stated", format!("{size}, {}", rival.from));
    }
    for (name, value) in metadata.facts() {
        add(name, value);
    }
    facts
}

/// "5.2 nm per pixel, from the file": the scale and who says so, for the status bar.
pub fn scale_words(scale: &Calibration) -> String {
    let source = match scale.source {
        Source::User => "set by you",
        Source::Folder => "for its folder, unconfirmed",
        Source::Metadata => "from the file",
        Source::ScaleBar => "read from the scale bar",
    };
    format!(
        "{} per pixel, {source}",
        shown_pixel_size(scale.x_nm, scale.y_nm)
    )
}

fn search_field(ui: &mut Ui, query: &mut String) {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        ui.visuals_mut().widgets.inactive.bg_stroke.color = palette.outline;
        let field = TextEdit::singleline(query)
            .id(Id::unique("metadata search"))
            .hint_text(RichText::new("Search").color(palette.muted))
            .char_limit(QUERY_CHARS_MAX)
            .margin(Margin::symmetric(theme::SPACE_M as i8, 5))
            .desired_width(f32::INFINITY);
        ui.add(field).accessible_name("Search the metadata");
    });
}

/// One line, as high as every other; what does not fit is shown when pointed at.
fn line(ui: &mut Ui, row: &Row) {
    let (rect, _) = ui.allocate_exact_size(
        vec2(
            ui.available_width(),
            ROW_HEIGHT - ui.spacing().item_spacing.y,
        ),
        Sense::hover(),
    );
    let layout = Layout::left_to_right(Align::Center);
    let muted = Palette::of(ui).muted;
    let mut cell = |rect, text: RichText| {
        ui.new_child(UiBuilder::new().max_rect(rect).layout(layout))
            .add(Label::new(text).truncate());
    };
    match row {
        Row::Title(title) => {
            let font = theme::semibold(theme::TEXT_SMALL);
            cell(rect, RichText::new(title).font(font));
        }
        Row::Line(key, value) => {
            let (left, right) = rect.split_left_right_at_fraction(0.42);
            let left = left.with_max_x(left.right() - theme::SPACE_S);
            let key = RichText::new(key).size(theme::TEXT_SMALL);
            cell(left, key.color(muted));
            cell(right, RichText::new(value).size(theme::TEXT_SMALL));
        }
    }
}

fn as_text(rows: &[Row]) -> String {
    rows.iter()
        .map(|row| match row {
            Row::Title(title) => format!("{title}\n"),
            Row::Line(key, value) => format!("{key}: {value}\n"),
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::Entry;

    fn metadata() -> Metadata {
        let entry = |key: &str, value: &str| Entry {
            key: key.to_owned(),
            value: value.to_owned(),
        };
        Metadata {
            accelerating_voltage_kv: Some(5.0),
            calibration: Calibration::new(5.2, 5.2, Source::Metadata, "tag 34118"),
            entries: vec![
                entry("AP_WD", "WD = 5.1 mm"),
                entry("AP_STAGE_AT_T", "Stage at T = 54.0 °"),
            ],
            ..Metadata::default()
        }
    }

    #[test]
    fn all_words_of_a_query_must_be_there_in_any_case() {
        let found = |query: &str| as_text(&rows_with(&metadata(), query));
        assert_eq!(
            found("stage 54"),
            "The file's own words, 1 of 2\nAP_STAGE_AT_T: Stage at T = 54.0 °\n"
        );
        assert_eq!(found("stage wd"), "");
        let all = found("");
        assert!(
            all.starts_with("What the file says\nPixel size: 5.2 nm, tag 34118\n"),
            "{all}"
        );
        assert!(all.contains("Accelerating voltage: 5 kV\n"), "{all}");
        assert_eq!(all.lines().count(), 6);
    }

    #[test]
    fn a_scale_says_who_says_so() {
        let words = |x, y, source| scale_words(&Calibration::new(x, y, source, "").unwrap());
        assert_eq!(
            words(5.2, 5.2, Source::Metadata),
            "5.2 nm per pixel, from the file"
        );
        assert_eq!(
            words(1.0, 0.2, Source::User),
            "1 nm × 200 pm per pixel, set by you"
        );
        assert!(words(1.0, 1.0, Source::ScaleBar).ends_with("read from the scale bar"));
    }
}
