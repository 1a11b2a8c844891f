//! What the viewer does for the actions of menus and keys, and with finished figures.
//!
//! Changes the viewer's own state; what the user should be told is given back as [`Told`].

use super::geometry::{Point, Scale};
use super::tool::{Figure, Tool};
use super::{Viewer, marks, scale_entry::ScaleEntry, shown};
use crate::measure::edit::Edit;
use crate::micrograph::display::{ColourMap, DisplayMap};
use crate::micrograph::{Calibration, Region, Source};
use crate::window::command::Command;
use crate::window::measuring::Wish;
use crate::window::shortcuts::Action;
use crate::window::state::{Image, ImageId, Session};
use crate::window::view::ZOOM_STEP;

/// A lower viewer does not give room to the list of measurements by itself, in points.
const ROOMY_HEIGHT: f32 = 380.0;

/// A sentence for the user.
pub type Told = Option<String>;

impl Viewer {
    /// Carries out an action for the shown micrograph.
    pub fn act(&mut self, action: Action, session: &Session) -> Told {
        match action {
            Action::Contrast => self.options.contrast = !self.options.contrast,
            Action::ScaleBar => return self.toggle_bar(session),
            Action::Measurements => {
                self.options.measurements = !self.options.measurements;
                self.list_was_closed = !self.options.measurements;
            }
            Action::LinkZoom => self.options.linked = !self.options.linked,
            Action::Compare => return self.compare(session),
            _ => {
                let image = session.current()?;
                return self.act_on(action, image, session);
            }
        }
        None
    }

    fn act_on(&mut self, action: Action, image: &Image, session: &Session) -> Told {
        match action {
            Action::ZoomIn | Action::ZoomOut | Action::Fit | Action::ActualSize => {
                self.zoom_action(action, image.id);
            }
            Action::Pick(tool) => {
                self.tool = tool;
                self.draft = None;
                self.entry = None;
                let has_room = self
                    .stage_of(image.id)
                    .is_some_and(|(_, stage)| stage.screen.height() >= ROOMY_HEIGHT);
                // Before anything is drawn, so that nothing moves under the pointer.
                if tool == Tool::LeaveOut {
                    self.options.left_out = true;
                }
                if matches!(tool, Tool::Measure(_)) && has_room && !self.list_was_closed {
                    self.options.measurements = true;
                }
            }
            Action::AutoContrast | Action::AsRecorded | Action::Invert | Action::NextColours => {
                return self.show_as(action, image);
            }
            Action::Undo | Action::Redo | Action::DeleteMark | Action::DeleteMarks => {
                return self.step(action, image);
            }
            Action::LeftOut => return self.toggle_left_out(image),
            Action::RestoreFound => return self.restore_found(image),
            Action::WholeImage => {
                let sheet = self.sheet_mut(image)?;
                sheet.change(|drawing| drawing.region = None);
            }
            Action::ConfirmScale => return self.confirm_scale(image),
            Action::ForgetScale => {
                let sheet = self.sheet_mut(image)?;
                sheet.change(|drawing| drawing.scale = None);
            }
            Action::ScaleForAll => return self.spread_scale(image, session),
            Action::ScaleForFolder => return self.scale_for_folder(image, session),
            Action::ForgetFolderScale => return self.forget_folder_scale(image),
            _ => {}
        }
        None
    }

    fn zoom_action(&mut self, action: Action, id: ImageId) {
        let Some((place, _)) = self.stage_of(id) else {
            return;
        };
        self.change_view(place, |view, stage| {
            let middle = stage.screen.center();
            match action {
                Action::ZoomIn => view.zoom_by(stage, ZOOM_STEP, middle),
                Action::ZoomOut => view.zoom_by(stage, 1.0 / ZOOM_STEP, middle),
                Action::ActualSize => view.zoom_to(stage, 1.0, middle),
                _ => view.fit(),
            }
        });
    }

    fn show_as(&mut self, action: Action, image: &Image) -> Told {
        let (_, opened) = shown(image)?;
        let map = self.map(image);
        let plain = DisplayMap::default();
        let colours = ColourMap::ALL;
        let next = colours.iter().position(|known| *known == map.colours)? + 1;
        let map = match action {
            Action::AutoContrast => DisplayMap { gamma: 1.0, ..map }.stretched(&opened.histogram),
            Action::AsRecorded => plain,
            Action::Invert => DisplayMap {
                invert: !map.invert,
                ..map
            },
            _ => DisplayMap {
                colours: colours[next % colours.len()],
                ..map
            },
        };
        self.sheet_mut(image)?.display = Some(map);
        let is_seen = self.options.contrast;
        (action == Action::NextColours && !is_seen)
            .then(|| format!("Colours: {}", map.colours.title()))
    }

    fn step(&mut self, action: Action, image: &Image) -> Told {
        let draft = self.draft.take();
        let sheet = self.sheet_mut(image)?;
        match action {
            // What is being drawn is the last step.
            Action::Undo if draft.is_some() => None,
            Action::Undo => (!sheet.undo()).then(|| "There is nothing to undo".to_owned()),
            Action::Redo => (!sheet.redo()).then(|| "There is nothing to redo".to_owned()),
            Action::DeleteMark => {
                match sheet.chosen {
                    Some(id) => sheet.delete(id),
                    None => return Some("Click a mark first, then delete it".to_owned()),
                }
                None
            }
            _ => {
                sheet.change(|drawing| drawing.marks.clear());
                sheet.chosen = None;
                None
            }
        }
    }

    fn toggle_bar(&mut self, session: &Session) -> Told {
        self.options.scale_bar = !self.options.scale_bar;
        let is_calibrated = session
            .current()
            .is_some_and(|image| self.calibration(image).is_some());
        (self.options.scale_bar && !is_calibrated)
            .then(|| "The scale bar appears once the scale is known. Press S to set it.".to_owned())
    }

    /// Puts the micrograph next on the strip beside the shown one, or takes it away.
    fn compare(&mut self, session: &Session) -> Told {
        if self.pair.take().is_some() {
            return None;
        }
        let images = session.images();
        let current = session.current()?.id;
        let place = images.iter().position(|image| image.id == current)?;
        if images.len() < 2 {
            return Some("Open a second micrograph first, then compare".to_owned());
        }
        self.pair = Some([current, images[(place + 1) % images.len()].id]);
        None
    }

    fn confirm_scale(&mut self, image: &Image) -> Told {
        let Some(read) = self.calibration(image).filter(|scale| is_in_doubt(scale)) else {
            return Some("No scale is to be confirmed".to_owned());
        };
        let told = match read.source {
            Source::Folder => "The scale of its folder is confirmed for this micrograph",
            _ => "The scale read from the scale bar is confirmed",
        };
        let confirmed = confirmed(read);
        let sheet = self.sheet_mut(image)?;
        sheet.change(|drawing| drawing.scale = Some(confirmed));
        Some(told.to_owned())
    }

    /// Gives the scale of a micrograph to all open ones.
    fn spread_scale(&mut self, image: &Image, session: &Session) -> Told {
        let Some(scale) = self.calibration(image).cloned() else {
            return Some("Set the scale of this micrograph first".to_owned());
        };
        let scale = Calibration {
            source: Source::User,
            from: format!("the scale of {} ({})", image.name, scale.from),
            ..scale
        };
        let others = session.images().iter();
        let others = others.filter(|other| other.id != image.id);
        let (mut count, mut replaced) = (0, 0);
        for other in others {
            count += 1;
            let known = self.calibration(other);
            replaced += usize::from(
                known.is_some_and(|known| (known.x_nm - scale.x_nm).abs() > known.x_nm * 1e-6),
            );
            match self.sheet_mut(other) {
                Some(sheet) => sheet.change(|drawing| drawing.scale = Some(scale.clone())),
                None => {
                    self.scales_to_come.insert(other.id, scale.clone());
                }
            }
        }
        Some(match (count, replaced) {
            (0, _) => "No other micrograph is open".to_owned(),
            (_, 0) => format!("This scale now holds for {count} more"),
            _ => format!(
                "This scale now holds for {count} more. {replaced} of them had another one; \
                 undo brings it back, in each by itself."
            ),
        })
    }

    /// What becomes of a finished figure.
    pub(super) fn finish(&mut self, image: &Image, figure: Figure, out: &mut Vec<Command>) {
        match (figure.tool, &figure.points[..]) {
            (Tool::Measure(kind), _) => {
                if let Some(sheet) = self.sheet_mut(image) {
                    sheet.add(kind, figure.points, figure.closed);
                }
            }
            (Tool::CutObjects, &[from, to]) => {
                out.push(Command::Measure(Wish::Edit(Edit::Split([from, to]))));
            }
            (Tool::DrawObject, _) => {
                out.push(Command::Measure(Wish::Edit(Edit::Add(figure.points))));
            }
            (Tool::SetScale, &[from, to]) => {
                self.entry = Some(ScaleEntry::new([from, to]));
            }
            (Tool::LeaveOut, &[first, second]) => {
                let told = self.leave_out(image, [first, second]);
                out.extend(told.map(Command::Tell));
            }
            (Tool::Region, &[first, second]) => {
                let size = image.opened.as_ref().map(|opened| {
                    let micrograph = &opened.micrograph;
                    [micrograph.width(), micrograph.height()]
                });
                let region = size.and_then(|size| Region::between(first, second, size));
                match (region, self.sheet_mut(image)) {
                    (Some(region), Some(sheet)) => {
                        sheet.change(|drawing| drawing.region = Some(region));
                        self.tool = Tool::Move;
                        out.push(Command::AskAboutRegion);
                    }
                    _ => out.push(Command::Tell(format!(
                        "A region must be at least {0} × {0} px to be asked about",
                        Region::SIDE_MIN
                    ))),
                }
            }
            _ => {}
        }
    }

    /// Sets the scale so that a line is as long as typed. The error is a sentence.
    pub(super) fn set_scale(
        &mut self,
        image: &Image,
        line: [Point; 2],
        typed: &str,
    ) -> Result<String, String> {
        let length_nm = marks::length_from_typed(typed)?;
        let known = self.calibration(image).cloned();
        let scale = marks::calibration_from(line, length_nm, known.as_ref(), typed.trim())
            .ok_or("The line has no length. Draw it along the scale bar.")?;
        let px = Scale::of(Some(&scale)).length_text(scale.x_nm);
        if let Some(sheet) = self.sheet_mut(image) {
            sheet.change(|drawing| drawing.scale = Some(scale));
        }
        self.tool = Tool::Move;
        Ok(format!("The scale is set: 1 px is {px}"))
    }

    /// Esc: drops what is being drawn, or puts away what is open over the micrograph. Says
    /// whether there was any of it.
    pub fn drop_draft(&mut self) -> bool {
        self.draft.take().is_some() || self.entry.take().is_some() || self.export.take().is_some()
    }

    /// Esc, when there is nothing else to end: the tool is put away, then the choice.
    pub fn put_away(&mut self, session: &Session) {
        if self.tool != Tool::Move {
            self.tool = Tool::Move;
        } else if let Some(sheet) = session.current().and_then(|image| self.sheet_mut(image))
            && sheet.chosen.is_some()
        {
            sheet.chosen = None;
        } else {
            self.options.contrast = false;
        }
    }
}

/// Whether a scale stays marked until the user confirms it.
pub fn is_in_doubt(scale: &Calibration) -> bool {
    matches!(scale.source, Source::ScaleBar | Source::Folder)
}

/// A scale read from a scale bar, or that of the folder, once the user has said that it is right.
fn confirmed(read: &Calibration) -> Calibration {
    Calibration {
        source: Source::User,
        from: format!("confirmed: {}", read.from),
        ..read.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmed_scale_is_the_users_and_as_large() {
        let read = Calibration::new(2.0, 2.5, Source::ScaleBar, "500 nm over 250 px");
        let confirmed = read.as_ref().map(confirmed);
        let confirmed = confirmed.as_ref();
        assert_eq!(confirmed.map(|c| (c.x_nm, c.y_nm)), Some((2.0, 2.5)));
        assert_eq!(confirmed.map(|c| c.source), Some(Source::User));
        assert!(confirmed.is_some_and(|c| c.from.contains("500 nm over 250 px")));
    }
}
