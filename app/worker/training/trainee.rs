//! The two kinds of model that can be trained, ours and a BLIP, as one.
//!
//! Called by `training` alone; what differs between them stands here and nowhere else of it.

use super::card::About;
use super::{TrainingError, none_below};
use crate::answer::{Answerer, BlipEngine, NetworkEngine, named};
use crate::evaluate::Reference;
use crate::worker::protocol::TrainJob;
use askem_model::blip::{BlipAssistant, BlipModel};
use askem_model::folder::Model;
use askem_model::train::{Checkpoint, Corpus, Keep, Report, Settings, Start, train, train_blip};
use askem_model::{Assistant, Kind, ModelError, ModelFiles, choose_device};
use std::path::Path;

/// Where a run begins.
pub(super) enum Begin {
    Askem(Start<Model>),
    Blip(Start<BlipModel>),
}

impl Begin {
    /// The checkpoint of the run that is resumed, the model of the job, or nothing; and, of a
    /// checkpoint, the steps done and the epoch.
    pub fn of(
        job: &TrainJob,
        folder: &Path,
    ) -> Result<(Self, Option<(usize, usize)>), TrainingError> {
        if job.resume {
            let left = Checkpoint::read(folder)?;
            let place = left.place();
            let begin = match left.kind()? {
                Kind::Askem => Self::Askem(Start::Checkpoint(Box::new(left))),
                Kind::Blip => Self::Blip(Start::Checkpoint(Box::new(left))),
            };
            return Ok((begin, Some(place)));
        }
        let begin = match &job.from {
            None => Self::Askem(Start::Nothing),
            Some(from) => match Trainee::named(from)? {
                Trainee::Askem(model) => Self::Askem(Start::Model(model)),
                Trainee::Blip(model) => Self::Blip(Start::Model(model)),
            },
        };
        Ok((begin, None))
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Askem(_) => Kind::Askem,
            Self::Blip(_) => Kind::Blip,
        }
    }

    /// Trains to the end, or until `on_report` says stop.
    pub fn train(
        self,
        corpus: &Corpus,
        settings: &Settings,
        keep: &Keep,
        device: &str,
        on_report: &mut dyn FnMut(&Report) -> bool,
    ) -> Result<Trainee, ModelError> {
        let (device, keep) = (choose_device(device)?, Some(keep));
        match self {
            Self::Askem(start) => train(corpus, settings, start, keep, &device, on_report)
                .map(|model| Trainee::Askem(Box::new(model))),
            Self::Blip(start) => train_blip(corpus, settings, start, keep, &device, on_report)
                .map(|model| Trainee::Blip(Box::new(model))),
        }
    }
}

/// A model of either kind.
pub(super) enum Trainee {
    Askem(Box<Model>),
    Blip(Box<BlipModel>),
}

impl Trainee {
    /// The one under a name or in a folder.
    pub fn named(model: &Path) -> Result<Self, TrainingError> {
        let (_, files) = named(Some(&model.to_string_lossy()))?;
        Ok(Self::parse(&files)?)
    }

    pub fn parse(files: &ModelFiles) -> Result<Self, ModelError> {
        match files.kind()? {
            Kind::Askem => Model::parse(files).map(|model| Self::Askem(Box::new(model))),
            Kind::Blip => BlipModel::parse(files).map(|model| Self::Blip(Box::new(model))),
        }
    }

    /// Mixes `share` of the model it began from into it.
    pub fn blend(&mut self, base: &Self, share: f32) -> Result<(), ModelError> {
        match (self, base) {
            (Self::Askem(model), Self::Askem(base)) => model.blend(base, share),
            (Self::Blip(model), Self::Blip(base)) => model.blend(base, share),
            _ => Err(ModelError::Data(
                "the two models cannot be blended: they are not of one kind".into(),
            )),
        }
    }

    /// Writes the model folder.
    pub fn write(&self, folder: &Path, card: &str) -> Result<(), ModelError> {
        match self {
            Self::Askem(model) => model.write(folder, card),
            Self::Blip(model) => model.write(folder, card),
        }
    }

    /// What the card says of it.
    pub fn about(&self) -> About {
        let (kind, weights, tokens) = match self {
            Self::Askem(model) => (
                format!("Preset {}", model.config.preset),
                &model.weights,
                model.config.vocab_size,
            ),
            Self::Blip(model) => (
                "A BLIP".to_owned(),
                &model.weights,
                model.config.text_config.vocab_size,
            ),
        };
        let weights = weights.values().map(|weight| weight.elem_count()).sum();
        About {
            kind,
            weights,
            tokens,
        }
    }

    /// An engine of its files on the CPU. Ours first gets its threshold of "none of these" from the
    /// validation images; a BLIP has none.
    pub fn engine(
        &mut self,
        files: &ModelFiles,
        validation: &[&Reference],
    ) -> Result<Box<dyn Answerer>, ModelError> {
        let (name, cpu) = ("new".to_owned(), choose_device("cpu")?);
        match self {
            Self::Askem(model) => {
                model.config.none_below = none_below(model, validation)?;
                // That of the model it began with says nothing about these weights.
                model.config.confidence = None;
                let assistant = Assistant::load(&model.files()?, &cpu)?;
                Ok(Box::new(NetworkEngine::new(name, assistant)?))
            }
            Self::Blip(_) => {
                let assistant = BlipAssistant::load(files, &cpu)?;
                Ok(Box::new(BlipEngine::new(name, assistant)))
            }
        }
    }
}
