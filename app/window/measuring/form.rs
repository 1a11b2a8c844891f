//! The field that asks for a file to write, a recipe to read or a folder to measure.
//!
//! Holds what is typed and says what is wrong with it. Reads and writes no content.

use crate::window::dialog::{DialogAnswer, FileDialog};
use std::path::{Path, PathBuf};

/// What the file or folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The objects, as a table.
    Objects,
    /// The quantities, as a table.
    Quantities,
    /// The recipe, to keep it.
    SaveRecipe,
    /// A recipe, to use it.
    OpenRecipe,
    /// A folder, to measure all of it.
    Folder,
}

impl Purpose {
    /// The name of the field.
    pub fn label(self) -> &'static str {
        match self {
            Self::Objects => "Table of objects (.csv)",
            Self::Quantities => "Table of numbers (.csv)",
            Self::SaveRecipe => "Recipe to write (.json)",
            Self::OpenRecipe => "Recipe to read (.json)",
            Self::Folder => "Folder to measure",
        }
    }

    /// The word on the button.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Objects | Self::Quantities => "Export",
            Self::SaveRecipe => "Save",
            Self::OpenRecipe => "Open",
            Self::Folder => "Measure all",
        }
    }

    /// How the name of the file must end; `None` for a folder.
    fn ending(self) -> Option<&'static str> {
        match self {
            Self::Objects | Self::Quantities => Some("csv"),
            Self::SaveRecipe | Self::OpenRecipe => Some("json"),
            Self::Folder => None,
        }
    }

    /// What stands behind the name of the micrograph in a proposal.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Objects => " objects.csv",
            Self::Quantities => " numbers.csv",
            Self::SaveRecipe | Self::OpenRecipe => " recipe.json",
            Self::Folder => "",
        }
    }

    fn writes(self) -> bool {
        matches!(self, Self::Objects | Self::Quantities | Self::SaveRecipe)
    }
}

/// The field while it is open.
pub struct Form {
    /// What for.
    pub purpose: Purpose,
    /// What is typed.
    pub path: String,
    /// What is wrong with it, as a sentence.
    pub problem: Option<String>,
    /// The file that the user was told is there already.
    may_replace: Option<PathBuf>,
    /// The system's dialog, while it may be open.
    pub dialog: Option<FileDialog>,
}

impl Form {
    /// A field with a proposal.
    pub fn new(purpose: Purpose, proposal: &Path) -> Self {
        Self {
            purpose,
            path: proposal.display().to_string(),
            problem: None,
            may_replace: None,
            dialog: None,
        }
    }

    /// Something else was typed.
    pub fn typed(&mut self) {
        self.problem = None;
        self.may_replace = None;
    }

    /// The word on the button.
    pub fn verb(&self) -> &'static str {
        match self.may_replace {
            Some(_) => "Replace",
            None => self.purpose.verb(),
        }
    }

    /// Whether it asks to replace a file rather than complains.
    pub fn asks(&self) -> bool {
        self.may_replace.is_some()
    }

    /// The path that is meant, if it can be used; says why not otherwise.
    pub fn settled(&mut self, path: &Path) -> Option<PathBuf> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if let Some(ending) = self.purpose.ending() {
            let is_it = path
                .extension()
                .is_some_and(|it| it.eq_ignore_ascii_case(ending));
            if !is_it {
                self.problem = Some(format!("The name must end in .{ending}."));
                return None;
            }
        }
        if self.purpose.writes() && path.exists() && self.may_replace.as_ref() != Some(&path) {
            self.may_replace = Some(path);
            self.problem = Some("There is a file of that name already.".to_owned());
            return None;
        }
        Some(path)
    }

    /// Takes in what the dialog says. Whether the user has chosen something there.
    pub fn poll(&mut self, window_has_focus: bool) -> bool {
        let Some(dialog) = &mut self.dialog else {
            return false;
        };
        let answer = dialog.poll(window_has_focus);
        if !dialog.is_open() {
            self.dialog = None;
        }
        match answer {
            Some(DialogAnswer::Files(files)) => {
                let Some(mut path) = files.into_iter().next() else {
                    return false;
                };
                // The dialog has asked whether to replace a file, under that name.
                let chosen = path.clone();
                if let Some(ending) = self.purpose.ending()
                    && path.extension().is_none()
                {
                    path.set_extension(ending);
                }
                self.typed();
                self.may_replace = (path == chosen && self.purpose.writes()).then_some(chosen);
                self.path = path.display().to_string();
                true
            }
            Some(DialogAnswer::Missing(_)) => {
                self.problem =
                    Some("No file dialog answers. Type the path above instead.".to_owned());
                false
            }
            None => false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_after_the_question() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a objects.csv");
        let mut form = Form::new(Purpose::Objects, &path);
        assert_eq!(form.settled(&path), Some(path.clone()));
        std::fs::write(&path, "old").unwrap();
        assert_eq!(form.settled(&path), None);
        assert_eq!(form.verb(), "Replace");
        assert_eq!(form.settled(&path), Some(path.clone()));
        form.typed();
        assert_eq!(
            form.settled(&path),
            None,
            "something else was typed meanwhile"
        );
    }

    #[test]
    fn a_table_is_never_written_over_a_micrograph() {
        let mut form = Form::new(Purpose::Objects, Path::new("/a.tif"));
        assert_eq!(form.settled(Path::new("/a.tif")), None);
        assert_eq!(form.problem.as_deref(), Some("The name must end in .csv."));
    }
}
