//! The models that the user installed: one folder each under a name, in the system's folder for
//! data of programs, and which of them is in use where none is named.
//!
//! Only whole models come in, copied, with a manifest of their hashes. Knows no network.

use askem_model::{Facts, ModelError, ModelFiles, export};
use std::path::{Path, PathBuf};

/// The name of the model inside the program.
pub const FACTORY: &str = "factory";

/// The file that names the model in use.
const IN_USE: &str = "in-use.txt";
const MOST_NAME_BYTES: usize = 64;

/// Why something could not be done with installed models, as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum InstalledError {
    /// Not a name.
    #[error(
        "\"{0}\" cannot be the name of a model: use letters, digits, -, _, blanks and dots within it, at most 64"
    )]
    Name(String),
    /// The name is the factory model's.
    #[error("\"{FACTORY}\" is the model inside the program: choose another name")]
    Factory,
    /// The name is taken.
    #[error(
        "A model {0} is installed already: choose another name with --name, or remove it first"
    )]
    Taken(String),
    /// There is none.
    #[error("No model {0} is installed: `askem models list` shows those that are")]
    Unknown(String),
    /// The model is not whole.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The system refused.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The system names no folder for data.
    #[error(
        "This system names no folder for the data of programs: give model folders with --model DIR"
    )]
    Nowhere,
}

/// The folder of installed models.
#[derive(Clone, Debug)]
pub struct Installed {
    folder: PathBuf,
}

impl Installed {
    /// The user's; `None` where the system names no folder for data.
    pub fn of_user() -> Option<Self> {
        let dirs = directories::ProjectDirs::from("", "", "askem")?;
        Some(Self::at(dirs.data_local_dir().join("models")))
    }

    /// Those in a folder, which need not exist yet.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The names of all, in order, without the factory model.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| self.folder(name).is_some_and(|folder| is_model(&folder)))
            .collect();
        names.sort();
        names
    }

    /// Where a model of this name is, or would be.
    pub fn place(&self, name: &str) -> Result<PathBuf, InstalledError> {
        Ok(self.folder.join(checked(name)?))
    }

    /// The folder of an installed model.
    pub fn folder(&self, name: &str) -> Option<PathBuf> {
        let folder = self.folder.join(checked(name).ok()?);
        // Beside a model that was trained here stands the folder of its training.
        folder.join("config.json").exists().then_some(folder)
    }

    /// The name of the model in use where none is named.
    pub fn in_use(&self) -> String {
        let named = std::fs::read_to_string(self.folder.join(IN_USE));
        let named = named.map(|text| text.trim().to_owned());
        let there = |name: &String| self.folder(name).is_some();
        named.ok().filter(there).unwrap_or(FACTORY.into())
    }

    /// Makes a model the one in use.
    pub fn take_into_use(&self, name: &str) -> Result<(), InstalledError> {
        if name == FACTORY {
            return match std::fs::remove_file(self.folder.join(IN_USE)) {
                Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
                    Err(self.failed(IN_USE)(why))
                }
                _ => Ok(()),
            };
        }
        self.required(name)?;
        let mut file =
            tempfile::NamedTempFile::new_in(&self.folder).map_err(self.failed(IN_USE))?;
        std::io::Write::write_all(&mut file, name.as_bytes()).map_err(self.failed(IN_USE))?;
        file.persist(self.folder.join(IN_USE))
            .map_err(|error| self.failed(IN_USE)(error.error))?;
        Ok(())
    }

    /// Makes a model the one in use where it is the factory model, by name, or the folder of an
    /// installed one; nothing changes where it is neither.
    pub fn keep_choice(&self, model: &Path) -> Result<(), InstalledError> {
        let name = model.file_name().map(|name| name.to_string_lossy());
        let name = name.unwrap_or_default();
        if model == Path::new(FACTORY) || self.folder(&name).is_some_and(|own| own == model) {
            return self.take_into_use(&name);
        }
        Ok(())
    }

    /// Copies a whole model folder in under a name.
    pub fn import(&self, from: &Path, name: &str) -> Result<Facts, InstalledError> {
        let target = self.folder.join(checked(name)?);
        if target.exists() {
            return Err(InstalledError::Taken(name.to_owned()));
        }
        let files = ModelFiles::read(from)?;
        std::fs::create_dir_all(&self.folder).map_err(self.failed(name))?;
        let part = tempfile::Builder::new()
            .prefix(".import")
            .tempdir_in(&self.folder)
            .map_err(self.failed(name))?;
        let facts = export(&files, part.path(), &card_of(from))?;
        std::fs::rename(part.path(), &target).map_err(self.failed(name))?;
        Ok(facts)
    }

    /// Deletes an installed model.
    pub fn remove(&self, name: &str) -> Result<(), InstalledError> {
        let folder = self.required(name)?;
        let was_in_use = self.in_use() == name;
        std::fs::remove_dir_all(&folder).map_err(self.failed(name))?;
        if was_in_use {
            self.take_into_use(FACTORY)?;
        }
        Ok(())
    }

    fn required(&self, name: &str) -> Result<PathBuf, InstalledError> {
        checked(name)?;
        let unknown = || InstalledError::Unknown(name.to_owned());
        self.folder(name).ok_or_else(unknown)
    }

    fn failed(&self, name: &str) -> impl Fn(std::io::Error) -> InstalledError + use<> {
        let path = self.folder.join(name);
        move |why| InstalledError::File {
            path: path.clone(),
            why,
        }
    }
}

/// The README.md of a model folder, at most a megabyte of it; empty where there is none.
pub fn card_of(folder: &Path) -> String {
    const MOST_BYTES: u64 = 1 << 20;
    let path = folder.join("README.md");
    let mut card = Vec::new();
    if path.is_file()
        && let Ok(file) = std::fs::File::open(path)
    {
        // A card that cannot be read is none; the model does not need it.
        let _ = std::io::Read::read_to_end(&mut std::io::Read::take(file, MOST_BYTES), &mut card);
    }
    String::from_utf8_lossy(&card).into_owned()
}

/// Beside a model trained here lies the folder of its run, which is none.
fn is_model(folder: &Path) -> bool {
    folder.join("config.json").is_file()
}

/// A name that is one plain part of a path on every system.
fn checked(name: &str) -> Result<&str, InstalledError> {
    let plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    if name.eq_ignore_ascii_case(FACTORY) {
        return Err(InstalledError::Factory);
    }
    if name.is_empty()
        || name.len() > MOST_NAME_BYTES
        || name.starts_with(['.', ' '])
        || name.ends_with(['.', ' '])
        || name == IN_USE
        || !name.chars().all(plain)
    {
        return Err(InstalledError::Name(name.to_owned()));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_are_one_plain_part_of_a_path() {
        for good in ["blip", "lab-7_b.2", "A", "Labor 7 µ"] {
            assert!(checked(good).is_ok(), "{good}");
        }
        let long = "x".repeat(65);
        for bad in [
            "", ".", "..", "a/b", "a\\b", ".hidden", "a.", " a", "c:", "a\nb", "factory", IN_USE,
            &long,
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn models_come_in_whole_are_taken_into_use_and_go_again() {
        let world = tempfile::tempdir().unwrap();
        let installed = Installed::at(world.path().join("models"));
        assert!(installed.names().is_empty() && installed.in_use() == FACTORY);
        assert!(matches!(
            installed.take_into_use("a"),
            Err(InstalledError::Unknown(_))
        ));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/factory");
        let facts = installed.import(&source, "a").unwrap();
        assert_eq!(facts.preset, "paper");
        assert!(matches!(
            installed.import(&source, "a"),
            Err(InstalledError::Taken(_))
        ));
        assert!(installed.import(world.path(), "b").is_err());
        assert_eq!(installed.names(), ["a"]);
        installed.take_into_use("a").unwrap();
        assert_eq!(installed.in_use(), "a");
        assert_eq!(card_of(&installed.folder("a").unwrap()), card_of(&source));
        installed.remove("a").unwrap();
        assert!(installed.names().is_empty() && installed.in_use() == FACTORY);
        assert!(source.join("config.json").exists());
    }

    #[test]
    fn half_a_model_and_the_folder_of_a_training_are_no_models() {
        let world = tempfile::tempdir().unwrap();
        let installed = Installed::at(world.path().join("models"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/factory");
        installed.import(&source, "a").unwrap();
        std::fs::create_dir(world.path().join("models/a.training")).unwrap();
        assert_eq!(installed.names(), ["a"]);
        let folder = installed.folder("a").unwrap();
        let weights = std::fs::read(folder.join("model.safetensors")).unwrap();
        std::fs::write(
            folder.join("model.safetensors"),
            &weights[..weights.len() / 2],
        )
        .unwrap();
        let error = ModelFiles::read(&folder).err().unwrap().to_string();
        assert!(
            error.contains("model.safetensors") && error.contains("bytes"),
            "{error}"
        );
    }
}
