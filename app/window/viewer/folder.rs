//! One scale for a whole folder: for micrographs of the same size, open or opened later.
//!
//! Micrographs of another magnification lie in the same folder, so such a scale never goes over
//! what a file or the user says, gives way to a scale bar that says otherwise, and stays marked
//! until it is confirmed. Called by the viewer for its actions.

use super::act::{Told, is_in_doubt};
use super::{Sheet, Viewer};
use crate::micrograph::{Calibration, Source};
use crate::window::state::{Image, Place, Session};

/// A scale bar and the scale of the folder that differ by more than this share contradict each
/// other.
const TOLERANCE: f64 = 0.03;

/// Which of two scales holds: that of the file or its scale bar, and that of its folder.
pub fn trusted<'a>(
    of_file: Option<&'a Calibration>,
    of_folder: Option<&'a Calibration>,
) -> Option<&'a Calibration> {
    match (of_file, of_folder) {
        (Some(file), Some(folder)) if file.source < folder.source && agree(file, folder) => {
            of_folder
        }
        (Some(_), _) => of_file,
        (None, _) => of_folder,
    }
}

fn agree(one: &Calibration, other: &Calibration) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= b * TOLERANCE;
    close(one.x_nm, other.x_nm) && close(one.y_nm, other.y_nm)
}

/// What becomes of the other micrographs of a folder.
#[derive(Default)]
struct Count {
    got_it: usize,
    keep_theirs: usize,
    other_size: usize,
}

impl Viewer {
    /// The scale that was set for the folder of a micrograph, whether it holds there or not.
    pub fn folder_scale(&self, image: &Image) -> Option<&Calibration> {
        self.folder_scales.get(&Place::of(image)?)
    }

    /// Gives the scale of a micrograph to all of its size in its folder.
    pub(super) fn scale_for_folder(&mut self, image: &Image, session: &Session) -> Told {
        let Some(place) = Place::of(image) else {
            return Some("This micrograph is in no folder".to_owned());
        };
        let scale = match self.calibration(image) {
            None => return Some("Set the scale of this micrograph first".to_owned()),
            Some(scale) if is_in_doubt(scale) => {
                return Some("Confirm the scale of this micrograph first (Ctrl+M)".to_owned());
            }
            Some(scale) => Calibration {
                source: Source::Folder,
                from: format!("the scale of {} ({})", image.title(), scale.from),
                ..scale.clone()
            },
        };
        let count = self.count(image, session, &place, &scale);
        let known = self.folder_scales.get(&place).cloned();
        let sheet = self.sheet_mut(image)?;
        sheet.set_folder_scale(known, Some(scale));
        Some(words(&count, place.size_px))
    }

    /// Takes the scale of its folder back.
    pub(super) fn forget_folder_scale(&mut self, image: &Image) -> Told {
        let Some(known) = self.folder_scale(image).cloned() else {
            return Some("No scale was set for its folder".to_owned());
        };
        let sheet = self.sheet_mut(image)?;
        sheet.set_folder_scale(Some(known), None);
        Some("The scale of its folder is forgotten; undo brings it back".to_owned())
    }

    fn count(&self, image: &Image, session: &Session, place: &Place, scale: &Calibration) -> Count {
        let mut count = Count::default();
        for other in session.images().iter().filter(|other| other.id != image.id) {
            let Some(its_place) = Place::of(other).filter(|its| its.folder == place.folder) else {
                continue;
            };
            let by_user = self.sheet(other).is_some_and(|s| s.now().scale.is_some());
            let of_file = other
                .kept
                .as_ref()
                .and_then(|kept| kept.calibration.as_ref());
            let holds = trusted(of_file, Some(scale)).map(|trusted| trusted.source);
            if its_place.size_px != place.size_px {
                count.other_size += 1;
            } else if by_user || holds != Some(Source::Folder) {
                count.keep_theirs += 1;
            } else {
                count.got_it += 1;
            }
        }
        count
    }
}

impl Sheet {
    /// Makes the change from the `known` scale of the folder to another a step of its own.
    fn set_folder_scale(&mut self, known: Option<Calibration>, scale: Option<Calibration>) {
        if self.agreed.folder != known {
            // Set by another micrograph or in an earlier session: no step here led to it.
            self.revise(|drawing| drawing.folder.clone_from(&known));
            self.agreed.folder = known;
        }
        self.change(|drawing| drawing.folder = scale);
    }
}

/// "3 other open micrographs of this folder now have this scale, unconfirmed. 1 keeps its own.…"
fn words(count: &Count, [width, height]: [u32; 2]) -> String {
    let mut words = match count.got_it {
        0 => "No other open micrograph of this folder takes this scale.".to_owned(),
        1 => "1 other open micrograph of this folder now has this scale, unconfirmed.".to_owned(),
        more => {
            format!(
                "{more} other open micrographs of this folder now have this scale, unconfirmed."
            )
        }
    };
    match count.keep_theirs {
        0 => {}
        1 => words += " 1 keeps its own.",
        more => words += &format!(" {more} keep their own."),
    }
    match count.other_size {
        0 => {}
        1 => words += " 1 has another size.",
        more => words += &format!(" {more} have another size."),
    }
    words + &format!(" Those of {width} × {height} px that are opened later get it too.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn scale(nm: f64, source: Source) -> Calibration {
        Calibration::new(nm, nm, source, "").unwrap()
    }

    #[test]
    fn the_folder_fills_gaps_and_never_goes_over_what_is_known() {
        let folder = scale(2.0, Source::Folder);
        let held = |file: Option<&Calibration>| trusted(file, Some(&folder)).cloned();
        assert_eq!(held(None), Some(folder.clone()));
        let of_file = scale(2.0, Source::Metadata);
        assert_eq!(held(Some(&of_file)), Some(of_file.clone()));
        let same_bar = scale(2.03, Source::ScaleBar);
        assert_eq!(held(Some(&same_bar)), Some(folder.clone()));
        let other_bar = scale(4.0, Source::ScaleBar);
        assert_eq!(held(Some(&other_bar)), Some(other_bar.clone()));
        assert_eq!(trusted(Some(&other_bar), None), Some(&other_bar));
        assert_eq!(trusted(None, None), None);
    }

    #[test]
    fn forgetting_a_scale_of_an_earlier_session_is_a_step_of_its_own() {
        let known = scale(2.0, Source::Folder);
        let mut sheet = Sheet::default();
        sheet.add(
            super::super::Kind::Distance,
            vec![[0.0; 2], [9.0; 2]],
            false,
        );
        sheet.set_folder_scale(Some(known.clone()), None);
        assert_eq!(sheet.now().folder, None);
        sheet.undo();
        assert_eq!(sheet.now().folder, Some(known.clone()));
        sheet.undo();
        assert!(sheet.now().marks.is_empty());
        assert_eq!(
            sheet.now().folder,
            Some(known),
            "the mark is undone, no more"
        );
    }
}
