//! From the name of a model to the engine that answers with it: the factory model, an
//! installed one, or a model folder; our network or a BLIP, whichever its files describe.

use super::blip::BlipEngine;
use super::installed::{FACTORY, Installed};
use super::network::NetworkEngine;
use super::{AnswerError, Answerer};
use askem_model::blip::BlipAssistant;
use askem_model::{Assistant, Found, Kind, ModelError, ModelFiles, find_device};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Opens a model by its name or folder, or the one in use where none is named, on a device:
/// "auto", "cpu" or "cuda:N".
pub fn open_engine(model: Option<&str>, device: &str) -> Result<Box<dyn Answerer>, AnswerError> {
    let (name, files) = named(model)?;
    let unusable = |why: ModelError| unusable(&name, why);
    let found = find_device(device).map_err(|why| AnswerError::Device(why.to_string()))?;
    let Found { device, fallback } = found;
    match files.kind().map_err(unusable)? {
        Kind::Askem => {
            let assistant = Assistant::load(&files, &device).map_err(unusable)?;
            let engine = NetworkEngine::new(name.clone(), assistant).map_err(unusable)?;
            Ok(Box::new(engine.with_fallback(fallback)))
        }
        Kind::Blip => {
            let assistant = BlipAssistant::load(&files, &device).map_err(unusable)?;
            let engine = BlipEngine::new(name, assistant);
            Ok(Box::new(engine.with_fallback(fallback)))
        }
    }
}

/// Opens a model that a user chose by its name or folder, and keeps the choice where it is an
/// installed one: it is in use from then on, as after `askem models use`.
pub fn choose_engine(
    model: &str,
    device: &str,
    kept_in: Option<&Installed>,
) -> Result<Box<dyn Answerer>, AnswerError> {
    let engine = open_engine(Some(model), device)?;
    if let Some(installed) = kept_in {
        let kept = installed.keep_choice(Path::new(model));
        kept.map_err(|why| AnswerError::NotKept(why.to_string()))?;
    }
    Ok(engine)
}

/// The files of a model by its name or folder, and what it is called.
pub fn named(model: Option<&str>) -> Result<(String, ModelFiles<'static>), AnswerError> {
    let installed = Installed::of_user();
    let in_use;
    let model = match model {
        Some(model) => model,
        None => {
            in_use = installed.as_ref().map_or(FACTORY.into(), Installed::in_use);
            &in_use
        }
    };
    if model == FACTORY {
        return Ok((FACTORY.to_owned(), factory_files()));
    }
    let (name, folder) = match installed.and_then(|installed| installed.folder(model)) {
        Some(folder) => (model.to_owned(), folder),
        None if !Path::new(model).exists() => {
            return Err(AnswerError::Unusable {
                model: model.to_owned(),
                why: "no model is installed under this name, and there is no folder of it. \
                      `askem models list` shows those that are installed"
                    .into(),
            });
        }
        None => {
            let folder = PathBuf::from(model);
            let name = folder.file_name();
            let name = name.map_or(model.into(), |name| name.to_string_lossy().into_owned());
            (name, folder)
        }
    };
    let files = ModelFiles::read(&folder).map_err(|why| unusable(model, why))?;
    Ok((name, files))
}

fn unusable(model: &str, why: ModelError) -> AnswerError {
    AnswerError::Unusable {
        model: model.to_owned(),
        why: why.to_string(),
    }
}

/// The model inside the program, as files.
fn factory_files() -> ModelFiles<'static> {
    ModelFiles {
        config: Cow::Borrowed(askem_assets::factory::CONFIG),
        weights: Cow::Borrowed(askem_assets::factory::WEIGHTS),
        tokenizer: Cow::Borrowed(askem_assets::factory::TOKENIZER),
        preprocessor: Cow::Borrowed(askem_assets::factory::PREPROCESSOR),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_chosen_model_is_in_use_from_then_on() {
        let world = tempfile::tempdir().unwrap();
        let installed = Installed::at(world.path().join("models"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/factory");
        installed.import(&source, "a").unwrap();
        let choose = |model: &Path| {
            let engine = choose_engine(&model.to_string_lossy(), "cpu", Some(&installed));
            engine.map(|engine| engine.describe().model)
        };
        let folder = installed.folder("a").unwrap();
        assert_eq!(choose(&folder).unwrap(), "a");
        assert_eq!(installed.in_use(), "a");
        assert!(choose(&world.path().join("gone")).is_err());
        assert_eq!(choose(&source).unwrap(), FACTORY);
        assert_eq!(
            installed.in_use(),
            "a",
            "a folder elsewhere has no name to keep"
        );
        assert_eq!(choose(Path::new(FACTORY)).unwrap(), FACTORY);
        assert_eq!(installed.in_use(), FACTORY);
    }
}
