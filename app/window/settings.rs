//! What the user chose and expects to find again: theme, text size, recent files, panels, and
//! whether a notebook is kept.
//!
//! A small JSON file in the user's configuration folder. A file that can't be read never
//! stops the window: it opens with the defaults and says so. Used by `window` alone.

use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The text sizes on offer, in per cent.
pub const TEXT_SIZES_PERCENT: [u16; 6] = [100, 115, 130, 150, 175, 200];

/// Recent files that are remembered.
const RECENT_FILES: usize = 12;

/// A settings file larger than this was not written by us.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Which theme to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the desktop has it.
    #[default]
    System,
    /// Light panels.
    Light,
    /// Dark panels.
    Dark,
}

/// The settings as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light, dark or as the desktop.
    pub theme: ThemeChoice,
    /// Size of the whole interface, one of [`TEXT_SIZES_PERCENT`].
    pub text_percent: u16,
    /// Files opened last, newest first.
    pub recent: Vec<PathBuf>,
    /// Whether the strip of micrographs is shown.
    pub strip_open: bool,
    /// Whether all ten categories are listed.
    pub all_categories: bool,
    /// Whether questions, answers and corrections are kept in the notebook.
    pub keep_notebook: bool,
    /// The GPU that the user does not want to go over to.
    pub declined_gpu: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            text_percent: 100,
            recent: Vec::new(),
            strip_open: true,
            all_categories: false,
            keep_notebook: true,
            declined_gpu: None,
        }
    }
}

impl Settings {
    /// The interface's scale as a factor.
    pub fn text_factor(&self) -> f32 {
        f32::from(self.text_percent) / 100.0
    }

    /// The next larger (`+1`) or smaller (`-1`) text size; stays at the ends.
    pub fn step_text(&mut self, step: isize) {
        let now = TEXT_SIZES_PERCENT
            .iter()
            .position(|&size| size >= self.text_percent)
            .unwrap_or(0);
        let next = now
            .saturating_add_signed(step)
            .min(TEXT_SIZES_PERCENT.len() - 1);
        self.text_percent = TEXT_SIZES_PERCENT[next];
    }

    /// Puts a file first among the recent ones.
    pub fn remember(&mut self, path: &Path) {
        self.recent.retain(|known| known != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(RECENT_FILES);
    }

    fn repaired(mut self) -> Self {
        if !TEXT_SIZES_PERCENT.contains(&self.text_percent) {
            self.text_percent = 100;
        }
        self.recent.truncate(RECENT_FILES);
        self
    }
}

/// Where settings are kept.
#[derive(Clone, Debug, Default)]
pub struct Store {
    file: Option<PathBuf>,
}

impl Store {
    /// The user's configuration folder, or nowhere if the system names none.
    pub fn of_user() -> Self {
        let dirs = directories::ProjectDirs::from("", "", "askem");
        Self {
            file: dirs.map(|dirs| dirs.config_dir().join("settings.json")),
        }
    }

    /// A file of the caller's choice.
    pub fn at(file: PathBuf) -> Self {
        Self { file: Some(file) }
    }

    /// Kept for the session and forgotten.
    pub fn nowhere() -> Self {
        Self::default()
    }

    /// The stored settings, and a sentence when they could not be read.
    pub fn load(&self) -> (Settings, Option<String>) {
        let Some(file) = &self.file else {
            return (Settings::default(), None);
        };
        match read_small(file) {
            Ok(None) => (Settings::default(), None),
            Ok(Some(settings)) => (settings.repaired(), None),
            Err(reason) => {
                let kept = file.with_extension("json.unreadable");
                let kept = std::fs::rename(file, &kept).map(|()| kept);
                let word = match kept {
                    Ok(kept) => format!(
                        "The settings could not be read ({reason}), so the defaults are used. The old file is kept as {}.",
                        kept.display()
                    ),
                    Err(_) => format!(
                        "The settings could not be read ({reason}), so the defaults are used."
                    ),
                };
                (Settings::default(), Some(word))
            }
        }
    }

    /// Writes the settings: a temporary file, flushed, then renamed.
    ///
    /// # Errors
    /// Returns a sentence when the folder or file can't be written.
    pub fn save(&self, settings: &Settings) -> Result<(), String> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        write_whole(file, settings).map_err(|error| {
            format!("The settings could not be saved to {}: {error}. Check that the folder can be written to.", file.display())
        })
    }
}

fn read_small(file: &Path) -> Result<Option<Settings>, String> {
    let length = match std::fs::metadata(file) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if length > FILE_BYTES_MAX {
        return Err("the file is too large".to_owned());
    }
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| error.to_string())
}

fn write_whole(file: &Path, settings: &Settings) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    let text = serde_json::to_string_pretty(settings).map_err(std::io::Error::other)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_saved() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("deep/settings.json"));
        assert_eq!(store.load(), (Settings::default(), None));
        let mut settings = Settings {
            theme: ThemeChoice::Light,
            text_percent: 150,
            ..Settings::default()
        };
        settings.remember(Path::new("/images/a.tif"));
        store.save(&settings).unwrap();
        assert_eq!(store.load(), (settings, None));
    }

    #[test]
    fn an_unreadable_file_gives_the_defaults_a_word_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        for broken in ["{", "[7]", "{\"theme\":7}", "\u{0}"] {
            std::fs::write(&file, broken).unwrap();
            let (settings, word) = Store::at(file.clone()).load();
            assert_eq!(settings, Settings::default());
            assert!(word.unwrap().contains("defaults"), "{broken}");
            assert_eq!(
                std::fs::read_to_string(file.with_extension("json.unreadable")).unwrap(),
                broken
            );
            assert!(!file.exists());
        }
    }

    #[test]
    fn odd_values_and_unknown_fields_are_repaired() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        std::fs::write(&file, r#"{"text_percent": 5000, "from_the_future": true}"#).unwrap();
        assert_eq!(Store::at(file).load(), (Settings::default(), None));
    }

    #[test]
    fn text_steps_stay_within_the_sizes_on_offer() {
        let mut settings = Settings::default();
        settings.step_text(-1);
        assert_eq!(settings.text_percent, 100);
        for expected in [115, 130, 150, 175, 200, 200] {
            settings.step_text(1);
            assert_eq!(settings.text_percent, expected);
        }
    }

    #[test]
    fn recent_files_are_few_and_named_once() {
        let mut settings = Settings::default();
        for index in 0..30 {
            settings.remember(Path::new(&format!("/{}", index % 20)));
        }
        assert_eq!(settings.recent.len(), RECENT_FILES);
        assert_eq!(settings.recent[0], Path::new("/9"));
        settings.remember(Path::new("/8"));
        assert_eq!(settings.recent.len(), RECENT_FILES);
        assert_eq!(
            settings.recent[..2],
            [PathBuf::from("/8"), PathBuf::from("/9")]
        );
    }
}
