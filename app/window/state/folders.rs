//! Scales that hold for a folder: what one micrograph says of all others of its size beside it.
//!
//! Data only. The viewer sets one and asks for it, the notebook keeps it; `noting.rs` tells the
//! notebook what has changed.

use super::{Image, Purpose, Send, Session};
use crate::micrograph::{Calibration, Source};
use crate::notebook::{FolderScale, Note};
use crate::worker::Request;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Micrographs of one size in one folder: the same place on the same instrument, as far as can
/// be told without their scale.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The folder's path.
    pub folder: String,
    /// Width and height in pixels.
    pub size_px: [u32; 2],
}

/// The scales by place.
pub type Scales = Arc<HashMap<Place, Calibration>>;

/// What is known of folders, and what the notebook has of it.
#[derive(Debug, Default)]
pub(super) struct Folders {
    now: Scales,
    noted: Scales,
    /// Set or taken back in this session: the notebook's word does not count any more.
    touched: HashSet<Place>,
}

impl Place {
    /// The place of a micrograph; `None` before it has been read, and where it is no file.
    pub fn of(image: &Image) -> Option<Self> {
        let folder = image.origin.path()?.parent()?;
        Some(Self {
            folder: folder.to_string_lossy().into_owned(),
            size_px: image.kept.as_ref()?.size_px,
        })
    }
}

impl Session {
    /// The scales that hold for folders.
    pub fn folder_scales(&self) -> &Scales {
        &self.folders.now
    }

    /// Sets the scale of a folder, or takes it back.
    pub fn set_folder_scale(&mut self, place: Place, scale: Option<Calibration>) {
        let now = Arc::make_mut(&mut self.folders.now);
        match scale {
            Some(scale) => now.insert(place.clone(), scale),
            None => now.remove(&place),
        };
        self.folders.touched.insert(place);
    }

    /// Takes in what the notebook holds.
    pub(super) fn recall_folder_scales(&mut self, recalled: Vec<FolderScale>) {
        for FolderScale {
            folder,
            size_px,
            calibration,
        } in recalled
        {
            let place = Place { folder, size_px };
            let Some(calibration) = calibration.filter(|_| !self.folders.touched.contains(&place))
            else {
                continue;
            };
            let calibration = Calibration {
                source: Source::Folder,
                ..calibration
            };
            for scales in [&mut self.folders.now, &mut self.folders.noted] {
                if scales.get(&place) != Some(&calibration) {
                    Arc::make_mut(scales).insert(place.clone(), calibration.clone());
                }
            }
        }
    }

    /// Notes what has changed, unless nothing is to be kept.
    pub(super) fn note_folder_scales(&mut self, keep: bool, send: Send<'_>) {
        let Folders { now, noted, .. } = &mut self.folders;
        if Arc::ptr_eq(now, noted) {
            return;
        }
        let places: HashSet<&Place> = now.keys().chain(noted.keys()).collect();
        let changed = places.into_iter().filter(|p| now.get(p) != noted.get(p));
        let subject = self.records.values().find_map(|r| r.subject.clone());
        for place in changed {
            if let Some(subject) = subject.clone().filter(|_| keep) {
                let scale = FolderScale {
                    folder: place.folder.clone(),
                    size_px: place.size_px,
                    calibration: now.get(place).cloned(),
                };
                let request = send(Request::Note(subject, Note::FolderScale(scale)));
                self.running.insert(request, Purpose::Note);
            }
        }
        *noted = Arc::clone(now);
    }
}
