//! The log: everything the user was told in this session, oldest first, in a panel that can
//! be opened from the Help menu.
//!
//! Kept in memory alone; it holds file names, so it is never written by itself.

use super::command::Command;
use super::icons::Icon;
use super::shortcuts::Action;
use super::theme::{self, Palette};
use super::widgets;
use egui::{Panel, RichText, ScrollArea, Ui};
use std::time::{Duration, Instant};

/// Lines that are kept.
const LINES_MAX: usize = 1000;

#[derive(Debug)]
struct Line {
    after: Duration,
    is_error: bool,
    text: String,
}

/// What the user was told.
#[derive(Debug)]
pub struct Log {
    started: Instant,
    lines: Vec<Line>,
    /// Whether the panel is shown.
    pub open: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            lines: Vec::new(),
            open: false,
        }
    }
}

impl Log {
    /// Adds a line.
    pub fn push(&mut self, is_error: bool, text: &str) {
        if self.lines.len() == LINES_MAX {
            self.lines.remove(0);
        }
        self.lines.push(Line {
            after: self.started.elapsed(),
            is_error,
            text: text.to_owned(),
        });
    }

    /// Adds an error unless the log has it already.
    pub fn push_once(&mut self, text: &str) {
        if !self.lines.iter().any(|line| line.text == text) {
            self.push(true, text);
        }
    }

    fn as_text(&self) -> String {
        self.lines
            .iter()
            .map(|line| format!("{}  {}\n", clock(line.after), line.text))
            .collect()
    }

    /// Draws the panel above the status bar while it is open.
    pub fn show(&self, ui: &mut Ui, out: &mut Vec<Command>) {
        if !self.open {
            return;
        }
        let height = ui.available_height();
        let panel = Panel::bottom("log")
            .resizable(true)
            .default_size(160.0)
            .min_size(96.0)
            .max_size(height * 0.6);
        panel.frame(widgets::panel_frame(ui)).show(ui, |ui| {
            widgets::two_ends(
                ui,
                24.0,
                |ui| {
                    widgets::section_title(ui, "Log of this session");
                },
                |ui| {
                    if widgets::icon_button(ui, Icon::Cross, "Close the log").clicked() {
                        out.push(Command::Do(Action::Log));
                    }
                    if widgets::icon_button(ui, Icon::Copy, "Copy the log").clicked() {
                        out.push(Command::Copy {
                            text: self.as_text(),
                            what: "Log",
                        });
                    }
                },
            );
            if self.lines.is_empty() {
                widgets::muted(
                    ui,
                    "Nothing to report. Messages and errors are listed here.",
                );
            }
            ScrollArea::vertical()
                .auto_shrink(false)
                .stick_to_bottom(true)
                .show(ui, |ui| {
                    widgets::name_scroll(ui, "Log");
                    ui.spacing_mut().item_spacing.y = theme::SPACE_S;
                    for line in &self.lines {
                        ui.horizontal_top(|ui| {
                            widgets::muted(ui, clock(line.after));
                            let palette = Palette::of(ui);
                            let color = if line.is_error {
                                palette.error
                            } else {
                                palette.text
                            };
                            ui.add(egui::Label::new(RichText::new(&line.text).color(color)).wrap());
                        });
                    }
                });
        });
    }
}

fn clock(after: Duration) -> String {
    let seconds = after.as_secs();
    format!(
        "{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_does_not_grow_without_end() {
        let mut log = Log::default();
        for index in 0..LINES_MAX + 5 {
            log.push(false, &index.to_string());
        }
        assert_eq!(log.lines.len(), LINES_MAX);
        assert_eq!(log.lines[0].text, "5");
        assert!(log.as_text().ends_with(&format!("{}\n", LINES_MAX + 4)));
    }

    #[test]
    fn times_read_as_hours_minutes_seconds() {
        assert_eq!(clock(Duration::from_secs(3_725)), "1:02:05");
    }
}
