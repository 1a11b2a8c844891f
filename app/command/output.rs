//! The only place that writes to stdout and stderr.
//!
//! Data goes to stdout; progress, warnings and errors go to stderr; progress only to a terminal.
//! A reader that closes stdout early (`askem ... | head`) ends the command, quietly.

use super::Stop;
use crate::micrograph::steers_text;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// Characters of a progress line at most; the narrowest usual terminal has 80.
const PROGRESS_WIDTH: usize = 79;

/// Where a command's words go.
pub struct Output {
    stdout: io::Stdout,
    stderr: io::Stderr,
    /// One JSON object a line instead of text.
    pub json: bool,
    quiet: bool,
    shows_progress: bool,
    progress_on_screen: bool,
}

impl Output {
    /// Output to the process's own stdout and stderr.
    pub fn new(json: bool, quiet: bool) -> Self {
        let stderr = io::stderr();
        let shows_progress = !quiet && stderr.is_terminal();
        Self {
            stdout: io::stdout(),
            stderr,
            json,
            quiet,
            shows_progress,
            progress_on_screen: false,
        }
    }

    /// A line of text on stdout.
    pub fn line(&mut self, text: impl Display) -> Result<(), Stop> {
        self.clear_progress();
        writeln!(self.stdout, "{text}").map_err(stop_of)
    }

    /// Text on stdout that is seen at once: an answer while it is written.
    pub fn piece(&mut self, text: &str) -> Result<(), Stop> {
        self.clear_progress();
        write!(self.stdout, "{text}")
            .and_then(|()| self.stdout.flush())
            .map_err(stop_of)
    }

    /// A JSON object on a line of its own.
    pub fn row(&mut self, row: &impl Serialize) -> Result<(), Stop> {
        let text = serde_json::to_string(row).map_err(|error| Stop::Failed(error.to_string()))?;
        self.line(text)
    }

    /// What went wrong with one file: a sentence on stderr and, with `--json`, a row.
    pub fn file_error(&mut self, file: &Path, error: impl Display) -> Result<(), Stop> {
        let error = error.to_string();
        self.error(format_args!("{}: {error}", shown(file)));
        if self.json {
            self.row(&FileError {
                file: file.to_string_lossy().into_owned(),
                error,
            })?;
        }
        Ok(())
    }

    /// A sentence on stderr that `--quiet` does not silence.
    pub fn error(&mut self, text: impl Display) {
        self.clear_progress();
        // Nobody is left to tell when stderr itself is gone.
        let _ = writeln!(self.stderr, "askem: {text}");
    }

    /// A sentence on stderr, unless `--quiet`.
    pub fn note(&mut self, text: impl Display) {
        if !self.quiet {
            self.clear_progress();
            let _ = writeln!(self.stderr, "{text}");
        }
    }

    /// Replaces the progress line on a terminal; writes nothing elsewhere.
    pub fn progress(&mut self, text: impl Display) {
        if self.shows_progress {
            // A line that wraps could not be taken away again.
            let text: String = text.to_string().chars().take(PROGRESS_WIDTH).collect();
            let _ = write!(self.stderr, "\r\x1b[K{text}").and_then(|()| self.stderr.flush());
            self.progress_on_screen = true;
        }
    }

    /// Takes the progress line away.
    pub fn clear_progress(&mut self) {
        if self.progress_on_screen {
            let _ = write!(self.stderr, "\r\x1b[K").and_then(|()| self.stderr.flush());
            self.progress_on_screen = false;
        }
    }

    /// Writes out what is still buffered.
    pub fn finish(&mut self) -> Result<(), Stop> {
        self.clear_progress();
        self.stdout.flush().map_err(stop_of)
    }
}

#[derive(Serialize)]
struct FileError {
    file: String,
    error: String,
}

fn stop_of(error: io::Error) -> Stop {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Stop::ReaderGone,
        _ => Stop::Failed(format!("The output could not be written: {error}.")),
    }
}

/// What a window that takes over says to the one that started it.
#[cfg(feature = "window")]
pub fn say_open() {
    crate::gpu::say_open(&mut io::stdout());
}

/// A file name for a terminal: characters that could move its cursor or turn it round are replaced.
pub fn shown(file: &Path) -> String {
    printable(&file.to_string_lossy())
}

/// Text from outside for a terminal, without characters that steer it.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if steers_text(c) { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_move_the_cursor() {
        assert_eq!(
            shown(Path::new("a\x1b[2Jb\n.png")),
            "a\u{fffd}[2Jb\u{fffd}.png"
        );
        assert_eq!(shown(Path::new("µm 1.tif")), "µm 1.tif");
    }
}
