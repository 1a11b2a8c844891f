//! Writes the view to a PNG or TIFF file, or puts it on the clipboard.
//!
//! The card asks where and what; a thread makes the picture and writes it beside the target
//! before it is renamed. Never writes over a micrograph that is open.

use super::burn::{Burnt, Picture, View};
use super::{Viewer, shown};
use crate::micrograph::{Calibration, Region};
use crate::window::dialog::{DialogAnswer, FileDialog};
use crate::window::icons::Icon;
use crate::window::path_field::path_from_typed;
use crate::window::state::{Image, ImageId, Notice, Session};
use crate::window::theme::{self, Palette};
use crate::window::widgets;
use crate::worker::Opened;
use egui::{Align2, ColorImage, Context, Id, Label, Margin, RichText, TextEdit, Ui, Window, vec2};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// What the card asks.
pub struct ExportCard {
    path: String,
    whole: bool,
    bar: bool,
    marks: bool,
    problem: Option<String>,
    /// The dialog that asks where to write, while it may be open.
    dialog: Option<FileDialog>,
    /// The file that the user was told is there already.
    may_replace: Option<PathBuf>,
}

/// What a thread is making.
pub enum Job {
    /// A file; gives back its path or a sentence.
    File(JoinHandle<Result<PathBuf, String>>),
    /// The clipboard's picture.
    Clipboard(JoinHandle<Result<ColorImage, String>>),
}

impl Viewer {
    /// Opens the card for the shown micrograph.
    pub fn open_export(&mut self, image: &Image) {
        self.export = Some(ExportCard {
            path: proposal(image).display().to_string(),
            whole: false,
            bar: true,
            marks: true,
            problem: None,
            dialog: None,
            may_replace: None,
        });
    }

    /// Copies what is seen of the shown micrograph.
    pub fn copy_view(&mut self, ctx: &Context, image: &Image) {
        let Some(view) = self.view_of(image, false, true, true) else {
            return;
        };
        let ctx = ctx.clone();
        self.jobs.push(Job::Clipboard(std::thread::spawn(move || {
            let picture = view.burn();
            ctx.request_repaint();
            picture.map(|picture| picture.to_image())
        })));
    }

    /// Takes in what threads have finished; what the user should be told.
    pub fn take_in_jobs(&mut self, ctx: &Context) -> Vec<Notice> {
        let mut told = Vec::new();
        let mut going = Vec::new();
        for job in self.jobs.drain(..) {
            if !job.is_finished() {
                going.push(job);
                continue;
            }
            let crashed = || Err("Askem met a fault of its own while writing the view.".to_owned());
            let done = match job {
                Job::File(thread) => thread
                    .join()
                    .unwrap_or_else(|_| crashed())
                    .map(|path| format!("View written to {}", path.display())),
                Job::Clipboard(thread) => {
                    let image = thread.join().unwrap_or_else(|_| {
                        Err("Askem met a fault of its own while copying the view.".to_owned())
                    });
                    image.map(|image| {
                        ctx.copy_image(image);
                        "View copied".to_owned()
                    })
                }
            };
            told.push(match done {
                Ok(text) => Notice {
                    is_error: false,
                    text,
                },
                Err(text) => Notice {
                    is_error: true,
                    text,
                },
            });
        }
        self.jobs = going;
        told
    }

    /// Waits for files that are being written, so that the window leaves none half done.
    pub fn finish_jobs(&mut self) {
        for job in self.jobs.drain(..) {
            if let Job::File(thread) = job {
                // What it says can't be shown any more.
                let _ = thread.join();
            }
        }
    }

    /// What a picture of a micrograph is made of.
    fn view_of(&mut self, image: &Image, whole: bool, bar: bool, marks: bool) -> Option<View> {
        let (_, opened) = shown(image)?;
        let micrograph = &opened.micrograph;
        let size = [micrograph.width(), micrograph.height()];
        let end = size.map(f64::from);
        let visible = self.visible(image.id).filter(|_| !whole);
        let [from, to] = visible.unwrap_or([[0.0; 2], end]);
        let part =
            Region::between(from, to, size).or_else(|| Region::between([0.0; 2], end, size))?;
        let drawn = match self.sheet(image) {
            Some(sheet) if marks => sheet.now().marks.clone(),
            _ => Vec::new(),
        };
        let marks = drawn
            .into_iter()
            .map(|mark| {
                let readings = self.readings(image, opened, &mark);
                let label = readings.into_iter().next().map(|(_, text)| text);
                Burnt {
                    edges: self.edges_px(image, opened, &mark),
                    label: label.unwrap_or_default(),
                    mark,
                }
            })
            .collect();
        Some(View {
            opened: Arc::clone(opened),
            map: self.map(image),
            part,
            scale: self.calibration(image).cloned(),
            bar,
            marks,
        })
    }

    /// The corners of what is seen of a micrograph, in its pixels.
    fn visible(&self, id: ImageId) -> Option<[[f64; 2]; 2]> {
        let (_, stage) = self.stage_of(id)?;
        let view = self.views.get(&id).copied().unwrap_or_default();
        let place = |at| {
            let place = view.image_from_screen(stage, at);
            [f64::from(place.x), f64::from(place.y)]
        };
        Some([place(stage.screen.min), place(stage.screen.max)])
    }
}

impl Job {
    fn is_finished(&self) -> bool {
        match self {
            Job::File(thread) => thread.is_finished(),
            Job::Clipboard(thread) => thread.is_finished(),
        }
    }
}

/// Beside the micrograph, under a name of its own; among the user's pictures where it is no file.
fn proposal(image: &Image) -> PathBuf {
    let stem = match image.origin.path() {
        Some(path) => path.with_extension(""),
        None => {
            let dirs = directories::UserDirs::new();
            let folder = dirs.map(|dirs| {
                let pictures = dirs.picture_dir().filter(|folder| folder.is_dir());
                pictures.unwrap_or(dirs.home_dir()).to_owned()
            });
            folder.unwrap_or_default().join("micrograph")
        }
    };
    let mut name = stem.file_name().unwrap_or(stem.as_os_str()).to_owned();
    if let Some((page, pages)) = image.pages().filter(|(_, pages)| *pages > 1) {
        // As wide as the last one's, so that a folder sorts them.
        let width = pages.to_string().len();
        name.push(format!(" page {:0width$}", u64::from(page) + 1));
    }
    name.push(" view.png");
    stem.with_file_name(name)
}

/// What the user did with the card.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    None,
    Write,
    Choose,
}

/// Draws the card while it is open.
pub fn show(
    ui: &mut Ui,
    viewer: &mut Viewer,
    session: &Session,
    image: &Image,
    opened: &Arc<Opened>,
) {
    let Some(mut card) = viewer.export.take() else {
        return;
    };
    let was_chosen = take_in_dialog(ui.ctx(), &mut card);
    let room = ui.ctx().content_rect().size() - vec2(48.0, 48.0);
    let width = 440.0_f32.min(room.x);
    let mut open = true;
    let mut wish = Wish::None;
    Window::new("Export view")
        .id(Id::unique("export view"))
        .collapsible(false)
        .resizable(false)
        .pivot(Align2::CENTER_CENTER)
        .default_pos(ui.ctx().content_rect().center())
        .max_size(room)
        .default_width(width)
        .open(&mut open)
        .show(ui.ctx(), |ui| {
            ui.set_width(width - 2.0 * theme::SPACE_L);
            wish = fields(ui, viewer, &mut card, image, opened);
        });
    if wish == Wish::Choose {
        ask_where(ui.ctx(), viewer, &mut card);
    }
    if wish == Wish::Write || was_chosen {
        match start(ui.ctx(), viewer, session, image, &mut card) {
            Ok(()) => return,
            Err(problem) => card.problem = Some(problem),
        }
    }
    if open {
        viewer.export = Some(card);
    }
}

/// Opens the desktop's dialog with what stands in the field.
fn ask_where(ctx: &Context, viewer: &Viewer, card: &mut ExportCard) {
    let pick = Arc::clone(&viewer.pick_target);
    let proposal = path_from_typed(&card.path, std::env::home_dir().as_deref());
    let mut dialog = FileDialog::new(Arc::new(move || Some(vec![pick(&proposal)?])));
    let ctx = ctx.clone();
    dialog.open(move |after| ctx.request_repaint_after(after));
    card.dialog = Some(dialog);
}

/// Takes in what the dialog says. Whether the user has chosen a file there.
fn take_in_dialog(ctx: &Context, card: &mut ExportCard) -> bool {
    let has_focus = ctx.input(|input| input.viewport().focused.unwrap_or(true));
    let Some(dialog) = &mut card.dialog else {
        return false;
    };
    let answer = dialog.poll(has_focus);
    if !dialog.is_open() {
        card.dialog = None;
    }
    match answer {
        Some(DialogAnswer::Files(files)) => {
            let Some(chosen) = files.into_iter().next() else {
                return false;
            };
            let mut path = chosen.clone();
            if kind_of(&path).is_err() {
                path.as_mut_os_string().push(".png");
            }
            card.path = path.display().to_string();
            // The dialog has asked whether to replace it, under that name.
            card.may_replace = (path == chosen).then_some(path);
            true
        }
        Some(DialogAnswer::Missing(_)) => {
            let words = "No file dialog answers. Type above where to write, then press Export.";
            card.problem = Some(words.to_owned());
            false
        }
        None => false,
    }
}

fn fields(
    ui: &mut Ui,
    viewer: &Viewer,
    card: &mut ExportCard,
    image: &Image,
    opened: &Opened,
) -> Wish {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = theme::SPACE_M;
    ui.spacing_mut().interact_size.y = 24.0;
    super::contrast::visible_controls(ui);
    let micrograph = &opened.micrograph;
    let whole = [micrograph.width(), micrograph.height()];
    let visible = viewer
        .visible(image.id)
        .and_then(|[from, to]| Region::between(from, to, whole))
        .map_or(whole, Region::size);
    let words = |what: &str, [width, height]: [u32; 2]| format!("{what} ({width} × {height} px)");
    ui.radio_value(&mut card.whole, false, words("What is seen", visible));
    ui.radio_value(&mut card.whole, true, words("Whole micrograph", whole));
    let is_calibrated = viewer.calibration(image).is_some();
    ui.add_enabled_ui(is_calibrated, |ui| {
        ui.checkbox(&mut card.bar, "Scale bar");
    })
    .response
    .on_disabled_hover_text("The scale is not known. Press S to set it.");
    ui.checkbox(&mut card.marks, "Marks");
    ui.label("File (.png or .tif)");
    ui.visuals_mut().widgets.inactive.bg_stroke.color = palette.outline;
    let before = card.path.clone();
    ui.add(
        TextEdit::singleline(&mut card.path)
            .id(Id::unique("export path"))
            .margin(Margin::symmetric(theme::SPACE_M as i8, 7))
            .desired_width(ui.available_width()),
    )
    .accessible_name("File to write");
    if card.path != before {
        card.problem = None;
        card.may_replace = None;
    }
    if let Some(problem) = &card.problem {
        let color = if card.may_replace.is_some() {
            palette.warning
        } else {
            palette.error
        };
        ui.add(Label::new(RichText::new(problem).color(color)).wrap());
    }
    let verb = if card.may_replace.is_some() {
        "Replace"
    } else {
        "Export"
    };
    let has_path = !card.path.trim().is_empty();
    let size = vec2(110.0, theme::CONTROL_HEIGHT);
    let mut wish = Wish::None;
    ui.horizontal(|ui| {
        if widgets::primary(ui, has_path, Some(Icon::Export), verb, size).clicked() {
            wish = Wish::Write;
        }
        let save_as = egui::Button::new("Save as…").min_size(size);
        if ui
            .add_enabled(card.dialog.is_none(), save_as)
            .on_hover_text("Choose in the system's file dialog")
            .on_disabled_hover_text("The file dialog is open")
            .clicked()
        {
            wish = Wish::Choose;
        }
    });
    wish
}

fn start(
    ctx: &Context,
    viewer: &mut Viewer,
    session: &Session,
    image: &Image,
    card: &mut ExportCard,
) -> Result<(), String> {
    let path = path_from_typed(&card.path, std::env::home_dir().as_deref());
    let path = std::path::absolute(&path).unwrap_or(path);
    kind_of(&path)?;
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let target = real(&path);
    let is_original = session
        .images()
        .iter()
        .filter_map(|image| image.origin.path())
        .any(|original| real(original) == target);
    if is_original {
        return Err(
            "That file is an open micrograph, which is never written over. Choose another name."
                .to_owned(),
        );
    }
    if path.exists() && card.may_replace.as_ref() != Some(&path) {
        card.may_replace = Some(path);
        return Err("There is a file of that name already.".to_owned());
    }
    let view = viewer
        .view_of(image, card.whole, card.bar, card.marks)
        .ok_or("The micrograph is still being read. Try again in a moment.")?;
    let ctx = ctx.clone();
    viewer.jobs.push(Job::File(std::thread::spawn(move || {
        let written = view
            .burn()
            .and_then(|picture| write(&picture, view.scale.as_ref(), &path));
        ctx.request_repaint();
        written.map(|()| path)
    })));
    Ok(())
}

/// The kinds of file that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileKind {
    Png,
    Tiff,
}

fn kind_of(path: &Path) -> Result<FileKind, String> {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    match ending.to_str() {
        Some("png") => Ok(FileKind::Png),
        Some("tif" | "tiff") => Ok(FileKind::Tiff),
        _ => Err("The name must end in .png or .tif.".to_owned()),
    }
}

/// Writes a picture beside the target, flushes it and renames it. A TIFF carries its scale.
/// The error is a sentence.
pub fn write(picture: &Picture, scale: Option<&Calibration>, path: &Path) -> Result<(), String> {
    let bytes = match kind_of(path)? {
        FileKind::Png => png(picture),
        FileKind::Tiff => tiff(picture, scale),
    }
    .map_err(|why| format!("The view could not be encoded ({why}). Try the other format."))?;
    let put = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut new = readable_by_others(&mut tempfile::Builder::new()).tempfile_in(folder)?;
        new.write_all(&bytes)?;
        new.as_file().sync_all()?;
        new.persist(path)?;
        Ok(())
    };
    put().map_err(|why| {
        format!(
            "{} could not be written: {why}. Check the folder, or choose another.",
            path.display()
        )
    })
}

/// A temporary file is its owner's alone; one that stays is as readable as any other.
fn readable_by_others<'a>(
    builder: &'a mut tempfile::Builder<'static, 'static>,
) -> &'a mut tempfile::Builder<'static, 'static> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666))
    }
    #[cfg(not(unix))]
    builder
}

fn png(picture: &Picture) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    let [width, height] = picture.size;
    image::ImageEncoder::write_image(
        encoder,
        &picture.rgb,
        width,
        height,
        image::ExtendedColorType::Rgb8,
    )
    .map_err(|why| why.to_string())?;
    Ok(bytes)
}

/// Uncompressed, with the scale as ImageJ reads it: its unit in the description, pixels a unit
/// as the resolution.
fn tiff(picture: &Picture, scale: Option<&Calibration>) -> Result<Vec<u8>, String> {
    use tiff::encoder::{Rational, TiffEncoder, colortype::RGB8};
    use tiff::tags::Tag;
    let text = |why: tiff::TiffError| why.to_string();
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).map_err(text)?;
    let [width, height] = picture.size;
    let mut image = encoder.new_image::<RGB8>(width, height).map_err(text)?;
    if let Some(scale) = scale {
        let pixels_per_um = |nm: f64| Rational {
            n: (1000.0 / nm * 1000.0)
                .round()
                .clamp(1.0, f64::from(u32::MAX)) as u32,
            d: 1000,
        };
        let tags = image.encoder();
        tags.write_tag(Tag::ImageDescription, "ImageJ=1.53\nunit=micron\n")
            .map_err(text)?;
        tags.write_tag(Tag::XResolution, pixels_per_um(scale.x_nm))
            .map_err(text)?;
        tags.write_tag(Tag::YResolution, pixels_per_um(scale.y_nm))
            .map_err(text)?;
        tags.write_tag(Tag::ResolutionUnit, 1_u16).map_err(text)?;
    }
    image.write_data(&picture.rgb).map_err(text)?;
    Ok(bytes.into_inner())
}
