//! The middle of the window: one micrograph or two side by side, with tools to measure in them;
//! or, when there is none, how to get one.
//!
//! Holds how each micrograph is shown and what the user has laid over it. Shows, never changes
//! the pixels; what takes longer than a frame is done by threads.

mod act;
mod burn;
mod contrast;
mod export;
mod folder;
mod geometry;
mod heat;
mod left_out;
mod marks;
mod noted;
mod outlines;
mod paint;
mod pane;
mod plot;
mod profile;
mod raster;
mod scale_bar;
mod scale_entry;
mod stage;
mod table;
mod tool;
mod toolbar;

pub use act::is_in_doubt;
pub use heat::Heat;
pub use marks::{Kind, Sheet};
pub use outlines::{Outlines, size_colour};
pub use tool::Tool;

use super::command::Command;
use super::dialog::PickTarget;
use super::state::{Image, ImageId, Place, Scales, Session};
use super::theme::{self, Palette};
use super::tiles::Tiles;
use super::view::{Stage, View};
use crate::micrograph::display::DisplayMap;
use crate::micrograph::{Calibration, Micrograph, Pixels, Region};
use crate::worker::Opened;
use egui::{CornerRadius, Rect, Stroke, StrokeKind, Ui, vec2};
use geometry::Scale;
use marks::{Drawing, Mark};
use profile::{Caliper, Profile, Sampling};
use std::collections::HashMap;
use std::sync::Arc;
use tool::Draft;

/// Between two micrographs side by side, in points.
const PANE_GAP: f32 = 3.0;

/// Measured profiles kept; beyond that they are measured anew.
const MEASURED_MAX: usize = 256;

/// What is shown besides the micrograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The scale bar.
    pub scale_bar: bool,
    /// The controls of brightness and contrast.
    pub contrast: bool,
    /// The list of measurements.
    pub measurements: bool,
    /// What is left out of questions and measurements.
    pub left_out: bool,
    /// Where the model looked when it wrote the word that is pointed at.
    pub looks: bool,
    /// Both micrographs zoom and move together.
    pub linked: bool,
}

/// The viewer and how each micrograph was last shown in it.
pub struct Viewer {
    views: HashMap<ImageId, View>,
    /// By content hash.
    sheets: HashMap<String, Sheet>,
    panes: [Pane; 2],
    /// The content that is being drawn on, by its hash.
    drawn_on: Option<String>,
    /// The two micrographs shown side by side.
    pair: Option<[ImageId; 2]>,
    tool: Tool,
    draft: Option<Draft>,
    held: Option<Held>,
    entry: Option<scale_entry::ScaleEntry>,
    export: Option<export::ExportCard>,
    /// The dialog for a file to write.
    pick_target: PickTarget,
    jobs: Vec<export::Job>,
    measured: HashMap<(String, u64), Measured>,
    /// The scales of folders.
    folder_scales: Scales,
    /// Scales for entries whose file is still to be read.
    scales_to_come: HashMap<ImageId, Calibration>,
    /// The user has closed the list of measurements: it does not open by itself again.
    list_was_closed: bool,
    /// What is shown besides the micrograph.
    pub options: Options,
    /// What the pointer is on.
    pub under_pointer: Option<Pointed>,
    /// What was measured on the shown micrograph, while it is to be seen.
    pub outlines: Option<Outlines>,
    /// Where the model looked, while that is to be seen.
    pub heat: Option<Heat>,
    veil: heat::Veil,
}

#[derive(Default)]
struct Pane {
    tiles: Tiles,
    shown: Option<(ImageId, Stage)>,
}

/// A mark, or a point of one, being dragged.
struct Held {
    image: ImageId,
    mark: u64,
    /// One point, or the whole mark.
    point: Option<usize>,
    /// Where the pointer was last, in pixels.
    at: geometry::Point,
    /// The drawing when the drag began.
    before: Drawing,
}

/// The profile of a mark as it was when measured.
struct Measured {
    mark: Mark,
    scale: Scale,
    profile: Profile,
    caliper: Option<Caliper>,
}

/// A place under the pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct Pointed {
    /// The pixel.
    pub px: [u32; 2],
    /// Its place on the specimen, from the top left corner, if the scale is known.
    pub place: Option<String>,
    /// What was recorded there.
    pub value: Value,
}

/// A recorded pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A grey value in the depth of the file.
    Grey(u16),
    /// A grey value that is a floating-point number.
    Float(f32),
    /// Red, green, blue.
    Rgb([u16; 3]),
}

impl Viewer {
    /// Nothing is shown yet. `pick_target` asks where to export to.
    pub fn new(pick_target: PickTarget) -> Self {
        Self {
            pick_target,
            views: HashMap::new(),
            sheets: HashMap::new(),
            panes: Default::default(),
            drawn_on: None,
            pair: None,
            tool: Tool::Move,
            draft: None,
            held: None,
            entry: None,
            export: None,
            jobs: Vec::new(),
            measured: HashMap::new(),
            folder_scales: Scales::default(),
            scales_to_come: HashMap::new(),
            list_was_closed: false,
            options: Options {
                scale_bar: true,
                contrast: false,
                measurements: false,
                left_out: false,
                looks: false,
                linked: true,
            },
            under_pointer: None,
            outlines: None,
            heat: None,
            veil: heat::Veil::default(),
        }
    }

    /// Draws what is in the middle, with a button that brings the strip back if it is put
    /// away. Returns the area it took.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        offer_strip: bool,
        out: &mut Vec<Command>,
    ) -> Rect {
        self.keep_up(session);
        let current = session.current();
        if let Some((image, opened)) = current.and_then(shown) {
            toolbar::show(ui, self, image, session, out);
            if self.options.measurements {
                table::show(ui, self, image, opened, out);
            }
        }
        let palette = Palette::of(ui);
        let screen = ui.available_rect_before_wrap();
        ui.painter()
            .rect_filled(screen, CornerRadius::ZERO, palette.surround);
        let pointed = self.under_pointer.take();
        match current {
            Some(_) => self.show_panes(ui, screen, session, out),
            None => stage::empty(ui, screen, out),
        }
        if self.under_pointer != pointed {
            // The status bar is drawn before the viewer.
            ui.ctx().request_repaint();
        }
        if let Some((image, opened)) = current.and_then(shown) {
            stage::controls(ui, screen, self.zoom(image.id), image, out);
            contrast::show(ui, self, screen, image, opened, out);
            scale_entry::show(ui, self, screen, image, out);
            export::show(ui, self, session, image, opened);
        }
        if offer_strip {
            stage::strip_button(ui, screen, out);
        }
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            stage::drop_hint(ui, screen);
        }
        screen
    }

    /// Forgets what was closed, and gives newly read micrographs their sheet.
    fn keep_up(&mut self, session: &Session) {
        self.views.retain(|id, _| session.image(*id).is_some());
        let current = session.current().map(|image| image.id);
        let content = session.current().and_then(Image::hash);
        if self.drawn_on.as_deref() != content {
            // Another micrograph, or another page of the same file.
            self.drawn_on = content.map(str::to_owned);
            self.draft = None;
            self.held = None;
            self.entry = None;
            self.export = None;
        }
        if let (Some(pair), Some(current)) = (&mut self.pair, current) {
            let is_open = |id: ImageId| session.image(id).is_some();
            if !pair.contains(&current) {
                let active = usize::from(!is_open(pair[1]));
                pair[active] = current;
            }
            if !pair.iter().all(|id| is_open(*id)) || pair[0] == pair[1] {
                self.pair = None;
            }
        } else {
            self.pair = None;
        }
        for image in session.images() {
            let Some(hash) = image.hash() else { continue };
            if let Some(scale) = self.scales_to_come.remove(&image.id) {
                let sheet = self.sheets.entry(hash.to_owned()).or_default();
                sheet.change(|drawing| drawing.scale = Some(scale));
            }
            if let Some(opened) = &image.opened {
                let sheet = self.sheets.entry(hash.to_owned()).or_default();
                sheet.display.get_or_insert_with(|| {
                    DisplayMap::at_first(&opened.micrograph, &opened.histogram)
                });
            }
        }
    }

    fn show_panes(&mut self, ui: &mut Ui, screen: Rect, session: &Session, out: &mut Vec<Command>) {
        let current = session.current().map(|image| image.id);
        let ids = match self.pair {
            Some([left, right]) => vec![left, right],
            None => current.into_iter().collect(),
        };
        let width = (screen.width() - PANE_GAP * (ids.len() as f32 - 1.0)) / ids.len() as f32;
        for (place, id) in ids.iter().enumerate() {
            let left = screen.left() + (width + PANE_GAP) * place as f32;
            let rect =
                Rect::from_min_size(egui::pos2(left, screen.top()), vec2(width, screen.height()));
            let Some(image) = session.image(*id) else {
                continue;
            };
            match &image.opened {
                Some(opened) => {
                    let is_active = Some(*id) == current;
                    self.pane(ui, rect, place, (image, opened), is_active, out);
                }
                None => {
                    self.panes[place].tiles.clear();
                    self.panes[place].shown = None;
                    stage::reading(ui, rect, image);
                }
            }
            if ids.len() == 2 {
                self.frame_pane(ui, rect, image, Some(*id) == current);
            }
        }
        for pane in &mut self.panes[ids.len()..] {
            pane.tiles.clear();
            pane.shown = None;
        }
    }

    /// Says which of two micrographs this is, and which of them is asked about.
    fn frame_pane(&self, ui: &Ui, rect: Rect, image: &Image, is_active: bool) {
        let palette = Palette::of(ui);
        let painter = ui.painter().with_clip_rect(rect);
        if is_active {
            let stroke = Stroke::new(2.0, palette.accent);
            painter.rect_stroke(rect, CornerRadius::ZERO, stroke, StrokeKind::Inside);
        }
        // Above the buttons and the scale bar, so that it is clear of both however narrow it is.
        let lift = pane::lift_of_name(rect, self.options.scale_bar, self.calibration(image));
        let at = rect.left_bottom() + vec2(theme::SPACE_L, -lift);
        pane::chip(&painter, at, egui::Align2::LEFT_BOTTOM, &image.title());
    }

    /// What was laid over a micrograph.
    pub fn sheet(&self, image: &Image) -> Option<&Sheet> {
        self.sheets.get(image.hash()?)
    }

    fn sheet_mut(&mut self, image: &Image) -> Option<&mut Sheet> {
        Some(self.sheets.entry(image.hash()?.to_owned()).or_default())
    }

    /// The calibration that holds: the user's for this micrograph, else that of its file, its
    /// folder or its scale bar, whichever is trusted most.
    pub fn calibration<'a>(&'a self, image: &'a Image) -> Option<&'a Calibration> {
        let of_file = image
            .kept
            .as_ref()
            .and_then(|kept| kept.calibration.as_ref());
        let of_folder = Place::of(image).and_then(|place| self.folder_scales.get(&place));
        let known = folder::trusted(of_file, of_folder);
        match self.sheet(image) {
            Some(sheet) => sheet.calibration(known),
            None => known,
        }
    }

    /// The part of a micrograph that questions are about; `None` for the whole.
    pub fn region(&self, image: &Image) -> Option<Region> {
        self.sheet(image)?.now().region
    }

    /// How a micrograph's levels are shown.
    pub fn map(&self, image: &Image) -> DisplayMap {
        self.sheet(image)
            .and_then(|sheet| sheet.display)
            .unwrap_or_default()
    }

    /// The tool in use.
    pub fn tool(&self) -> Tool {
        self.tool
    }

    /// Whether two micrographs are shown side by side.
    pub fn is_pair(&self) -> bool {
        self.pair.is_some()
    }

    /// The other one of two shown side by side.
    pub fn beside(&self, current: ImageId) -> Option<ImageId> {
        self.pair?.into_iter().find(|id| *id != current)
    }

    /// Display pixels a micrograph pixel, of a micrograph that is shown.
    pub fn zoom(&self, id: ImageId) -> Option<f32> {
        let (_, stage) = self.stage_of(id)?;
        Some(self.views.get(&id).copied().unwrap_or_default().zoom(stage))
    }

    fn stage_of(&self, id: ImageId) -> Option<(usize, &Stage)> {
        self.panes.iter().enumerate().find_map(|(place, pane)| {
            let (shown, stage) = pane.shown.as_ref()?;
            (*shown == id).then_some((place, stage))
        })
    }

    /// The profile and edges of a mark that has them, measured anew where something changed.
    fn measured(&mut self, image: &Image, opened: &Opened, mark: &Mark) -> Option<&Measured> {
        let scale = Scale::of(self.calibration(image));
        let &[from, to] = &mark.points[..] else {
            return None;
        };
        if !mark.kind.has_profile() {
            return None;
        }
        let key = (image.hash()?.to_owned(), mark.id);
        if self.measured.len() > MEASURED_MAX {
            self.measured.clear();
        }
        let is_fresh = self
            .measured
            .get(&key)
            .is_some_and(|known| known.mark == *mark && known.scale == scale);
        if !is_fresh {
            let micrograph = &opened.micrograph;
            let caliper = (mark.kind == Kind::Caliper)
                .then(|| Caliper::measure(micrograph, &scale, [from, to], mark.box_px));
            let profile = match &caliper {
                Some(caliper) => caliper.profile.clone(),
                None => {
                    let sampling = Sampling {
                        box_px: mark.box_px,
                        ..Sampling::LINE
                    };
                    profile::sample(micrograph, &scale, [from, to], sampling)
                }
            };
            let measured = Measured {
                mark: mark.clone(),
                scale,
                profile,
                caliper,
            };
            self.measured.insert(key.clone(), measured);
        }
        self.measured.get(&key)
    }

    /// Where a caliper has found its two edges, in pixels.
    fn edges_px(
        &mut self,
        image: &Image,
        opened: &Opened,
        mark: &Mark,
    ) -> Option<[geometry::Point; 2]> {
        let caliper = self.measured(image, opened, mark)?.caliper.as_ref()?;
        let &[from, to] = &mark.points[..] else {
            return None;
        };
        let ([Some(first), Some(second)], drawn) = (caliper.edges, caliper.drawn) else {
            return None;
        };
        let at = |edge: f64| {
            let share = edge / drawn;
            [
                from[0] + (to[0] - from[0]) * share,
                from[1] + (to[1] - from[1]) * share,
            ]
        };
        Some([at(first), at(second)])
    }

    /// What a mark measures, the main number first.
    fn readings(
        &mut self,
        image: &Image,
        opened: &Opened,
        mark: &Mark,
    ) -> Vec<(&'static str, String)> {
        let scale = Scale::of(self.calibration(image));
        let caliper = self
            .measured(image, opened, mark)
            .and_then(|measured| measured.caliper.as_ref());
        mark.readings(&scale, caliper)
    }
}

/// A micrograph whose pixels are there.
fn shown(image: &Image) -> Option<(&Image, &Arc<Opened>)> {
    Some((image, image.opened.as_ref()?))
}

/// The recorded pixel at x, y.
fn value_at(micrograph: &Micrograph, [x, y]: [u32; 2]) -> Option<Value> {
    let index = y as usize * micrograph.width() as usize + x as usize;
    match &micrograph.pixels {
        Pixels::Grey8(samples) => samples.get(index).map(|&value| Value::Grey(value.into())),
        Pixels::Grey16(samples) => samples.get(index).map(|&value| Value::Grey(value)),
        Pixels::Rgb8(samples) => {
            let pixel = samples.get(index * 3..index * 3 + 3)?;
            Some(Value::Rgb([pixel[0], pixel[1], pixel[2]].map(u16::from)))
        }
        Pixels::Rgb16(samples) => {
            let pixel = samples.get(index * 3..index * 3 + 3)?;
            Some(Value::Rgb([pixel[0], pixel[1], pixel[2]]))
        }
        Pixels::Float32(samples) => samples.get(index).map(|&value| Value::Float(value)),
    }
}

/// "62 %", with one decimal where it says something.
pub fn zoom_text(zoom: f32) -> String {
    let percent = zoom * 100.0;
    if percent < 10.0 {
        format!("{percent:.1}\u{a0}%")
    } else {
        format!("{percent:.0}\u{a0}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::Header;

    #[test]
    fn pixel_values_are_the_recorded_ones() {
        let header = Header {
            format: "PNG",
            width: 2,
            height: 2,
            bits: 16,
            samples: 1,
            pages: 1,
            page: 0,
        };
        let mut micrograph = Micrograph {
            calibration: None,
            metadata: Default::default(),
            pixels: Pixels::Grey16(vec![1, 2, 3, 40_000]),
            header,
            hash: String::new(),
            source: std::path::PathBuf::new(),
        };
        assert_eq!(value_at(&micrograph, [1, 1]), Some(Value::Grey(40_000)));
        assert_eq!(value_at(&micrograph, [0, 2]), None);
        micrograph.pixels = Pixels::Rgb8((0..12).collect());
        assert_eq!(value_at(&micrograph, [1, 0]), Some(Value::Rgb([3, 4, 5])));
    }

    #[test]
    fn zoom_reads_in_per_cent() {
        assert_eq!(zoom_text(0.625), "62\u{a0}%");
        assert_eq!(zoom_text(0.031), "3.1\u{a0}%");
        assert_eq!(zoom_text(16.0), "1600\u{a0}%");
    }
}
