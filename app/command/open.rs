//! `askem [IMAGE...]`: opens the window. Where there is none, a sentence says what to do instead.

#[cfg(feature = "window")]
use super::DEVICE;
use super::{Done, Options, Stop};
use std::path::PathBuf;

/// Which window to open.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(feature = "window"),
    allow(dead_code, reason = "there is no window to open")
)]
pub struct Kind {
    /// One that leaves no trace.
    pub private: bool,
    /// Another one, whatever is running.
    pub new: bool,
    /// One that takes over from the window that started it, which ends when this one is there.
    pub takes_over: bool,
}

/// Hands the images to the window that is running, or opens one with them and returns when it is
/// closed.
pub fn run(images: &[PathBuf], kind: Kind, options: &Options) -> Result<Done, Stop> {
    refuse_mistyped_command(images)?;
    open_window(images, kind, options)
}

/// `askem clasify a.png`: a bare word that is no file was meant as a command.
fn refuse_mistyped_command(images: &[PathBuf]) -> Result<(), Stop> {
    let Some(first) = images.first().filter(|first| !first.exists()) else {
        return Ok(());
    };
    let word = first.to_string_lossy();
    if word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(Stop::Usage(format!(
            "\"{word}\" is neither a command nor a file. `askem --help` lists the commands."
        )));
    }
    Ok(())
}

#[cfg(feature = "window")]
fn open_window(images: &[PathBuf], kind: Kind, options: &Options) -> Result<Done, Stop> {
    use crate::answer::{self, Installed};
    use crate::gpu;
    use crate::micrograph::Limits;
    use crate::notebook;
    use crate::window::single::{self, Meeting};
    use crate::window::{Neighbours, Store};
    use crate::worker::{Services, TrainJob, evaluate_on, training};
    use std::path::Path;
    use std::sync::Arc;

    if !has_display() {
        let sentence = "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open. \
                        On this machine use the command line, such as `askem ask IMAGE --about size`; \
                        `askem --help` lists the commands.";
        return Err(Stop::Failed(sentence.to_owned()));
    }
    // One that leaves no trace, or answers with a model of its own, is not the window that other
    // starts mean.
    let has_own_model = options.model.is_some() && !kind.takes_over;
    let is_apart = kind.private || kind.new || has_own_model || options.device != DEVICE;
    let folder = single::of_user().filter(|_| !is_apart);
    let images: Vec<PathBuf> = images
        .iter()
        .map(|image| std::path::absolute(image).unwrap_or_else(|_| image.clone()))
        .collect();
    let mut neighbours = Neighbours::default();
    if kind.takes_over {
        neighbours.inherits = folder;
        neighbours.on_open = Some(Box::new(super::output::say_open));
    } else {
        match folder.map(|folder| single::meet(&folder, &images)) {
            Some(Meeting::HandedOver) => return Ok(Done::All),
            Some(Meeting::First(listener)) => neighbours.listener = Some(listener),
            Some(Meeting::Apart) | None => {}
        }
    }
    // On a GPU already, or told where to compute: there is nothing to offer.
    if !gpu::IS_OWN && options.device == DEVICE {
        neighbours.gpu = Some(ways(kind, is_apart, options));
    }
    let (model, device) = (options.model.clone(), options.device.clone());
    // A window that leaves no trace keeps no choice of a model either.
    let models = Installed::of_user().filter(|_| !kind.private);
    let training_device = device.clone();
    let services = Services {
        evaluate: evaluate_on(&device, model.as_deref()),
        engine: Arc::new(move |chosen| match chosen.map(Path::to_string_lossy) {
            Some(chosen) => answer::choose_engine(&chosen, &device, models.as_ref()),
            None => answer::open_engine(model.as_deref(), &device),
        }),
        train: Arc::new(move |job, progress| {
            let job = TrainJob {
                device: training_device.clone(),
                ..job.clone()
            };
            training::run(&job, progress).map_err(|error| error.to_string())
        }),
        limits: Limits::default(),
        notebook: if kind.private {
            None
        } else {
            notebook::of_user()
        },
    };
    let store = if kind.private {
        Store::nowhere()
    } else {
        Store::of_user()
    };
    crate::window::run(services, store, images, neighbours)
        .map_err(|error| Stop::Failed(error.to_string()))?;
    Ok(Done::All)
}

/// How this window looks for `askem-cuda`, and what goes along with what the window itself packs.
#[cfg(feature = "window")]
fn ways(kind: Kind, is_apart: bool, options: &Options) -> crate::window::Ways {
    use crate::gpu::{self, Luggage};
    use std::sync::Arc;

    let model = options.model.clone().map(PathBuf::from);
    crate::window::Ways {
        look: Arc::new(gpu::look),
        launch: Arc::new(move |to, luggage| {
            let luggage = Luggage {
                model: luggage.model.or(model.clone()),
                private: kind.private,
                apart: is_apart && !kind.private,
                ..luggage
            };
            gpu::launch(to, &luggage)
        }),
    }
}

#[cfg(not(feature = "window"))]
fn open_window(_images: &[PathBuf], _kind: Kind, _options: &Options) -> Result<Done, Stop> {
    let sentence = "This askem was built without its window. Use the command line, such as \
                    `askem ask IMAGE --about size`; `askem --help` lists the commands.";
    Err(Stop::Failed(sentence.to_owned()))
}

/// Whether this machine has a display to open a window on. Elsewhere than on Unix it always has.
#[cfg(feature = "window")]
fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(all(unix, not(target_os = "macos")))
        || is_set("DISPLAY")
        || is_set("WAYLAND_DISPLAY")
        || is_set("WAYLAND_SOCKET")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_command_is_told_from_a_file() {
        let refused = |name: &str| refuse_mistyped_command(&[PathBuf::from(name)]).is_err();
        assert!(refused("clasify"));
        assert!(!refused("gone.png"));
        assert!(!refused("folder/gone"));
        assert!(!refused(env!("CARGO_MANIFEST_DIR")));
        assert!(refuse_mistyped_command(&[]).is_ok());
    }
}
