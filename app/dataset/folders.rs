//! Reads category folders, laid out as the NFFA-EUROPE data set: one folder a category, images
//! in it, no answers.
//!
//! Goes no deeper than the category folders and opens no image. Called by `dataset::read_folder`.

use super::image_path::{self, shown};
use super::warnings::Warnings;
use super::{DatasetError, Found, Known};
use crate::questions::Category;
use std::ffi::OsString;
use std::path::Path;

/// Endings of the image files that are taken; the file's content is checked when it is opened.
const IMAGE_ENDINGS: [&str; 9] = [
    "bmp", "dm3", "dm4", "jpeg", "jpg", "png", "tif", "tiff", "webp",
];

/// Reads the folders among `names` (sorted) of the canonical folder `root` that are categories.
pub(super) fn read(
    root: &Path,
    names: &[OsString],
    warnings: &mut Warnings,
) -> Result<Vec<Found>, DatasetError> {
    let mut found = Vec::new();
    let mut categories = 0;
    let mut others = Vec::new();
    for name in names {
        let Some(name) = name.to_str().filter(|name| root.join(name).is_dir()) else {
            continue;
        };
        match name.parse::<Category>() {
            Ok(category) => {
                categories += 1;
                read_category(root, name, category, &mut found, warnings)?;
            }
            Err(_) => others.push(name),
        }
    }
    if categories == 0 {
        return Err(DatasetError::NoData { path: root.into() });
    }
    for name in others {
        warnings.add(format!(
            "The folder {} is left out: its name is no material category.",
            shown(name)
        ));
    }
    Ok(found)
}

fn read_category(
    root: &Path,
    folder: &str,
    category: Category,
    found: &mut Vec<Found>,
    warnings: &mut Warnings,
) -> Result<(), DatasetError> {
    let path = root.join(folder);
    let unreadable = |error: std::io::Error| DatasetError::Unreadable {
        path: path.clone(),
        reason: error.to_string(),
    };
    if !path.canonicalize().map_err(unreadable)?.starts_with(root) {
        warnings.add(format!(
            "The folder {} is left out: it leads out of the data folder.",
            shown(folder)
        ));
        return Ok(());
    }
    let mut names = Vec::new();
    for entry in path.read_dir().map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name());
    }
    names.sort();
    let mut others = 0;
    for name in &names {
        let ending = Path::new(name)
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        let Some(name) = name
            .to_str()
            .filter(|_| IMAGE_ENDINGS.iter().any(|e| ending.eq_ignore_ascii_case(e)))
        else {
            others += 1;
            continue;
        };
        match image_path::resolve(root, &format!("{folder}/{name}")) {
            Ok((image, relative)) => found.push(Found {
                image,
                relative,
                category: Some(category),
                specimen: None,
                given: None,
                known: Known::default(),
                answers: Vec::new(),
            }),
            Err(problem) => warnings.add(format!("Skipped, {problem}.")),
        }
    }
    if others > 0 {
        warnings.add(format!(
            "{others} entries of the folder {} are no image files.",
            shown(folder)
        ));
    }
    Ok(())
}
