//! `askem [IMAGE...]`: opens the window. Where there is none, a sentence says what to do instead.

use super::{Done, Options, Stop};
use std::path::PathBuf;

/// Opens the window with the images and returns when it is closed. What is `private` leaves no
/// trace.
pub fn run(images: &[PathBuf], private: bool, options: &Options) -> Result<Done, Stop> {
    refuse_mistyped_command(images)?;
    open_window(images, private, options)
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
fn open_window(images: &[PathBuf], private: bool, options: &Options) -> Result<Done, Stop> {
    use crate::answer;
    use crate::micrograph::Limits;
    use crate::notebook;
    use crate::window::Store;
    use crate::worker::{Services, training};
    use std::sync::Arc;

    if !has_display() {
        let sentence = "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open. \
                        On this machine use the command line, such as `askem ask IMAGE --about size`; \
                        `askem --help` lists the commands.";
        return Err(Stop::Failed(sentence.to_owned()));
    }
    let (model, device) = (options.model.clone(), options.device.clone());
    let services = Services {
        engine: Arc::new(move || answer::open_engine(model.as_deref(), &device)),
        train: Arc::new(|job, progress| {
            training::run(job, progress).map_err(|error| error.to_string())
        }),
        limits: Limits::default(),
        notebook: if private { None } else { notebook::of_user() },
    };
    let store = if private {
        Store::nowhere()
    } else {
        Store::of_user()
    };
    crate::window::run(services, store, images.to_vec())
        .map_err(|error| Stop::Failed(error.to_string()))?;
    Ok(Done::All)
}

#[cfg(not(feature = "window"))]
fn open_window(_images: &[PathBuf], _private: bool, _options: &Options) -> Result<Done, Stop> {
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
