//! What training images look like, for baselines: statistics of their greys, and what a model's
//! image encoder makes of them. Kept, so that folds of one model look at each image once.
//!
//! Called by `evaluation`.

use super::EvaluationError;
use super::asking::{Crew, Picture};
use crate::answer::{AnswerError, Answerer, Flow};
use crate::dataset::Example;
use crate::evaluate::baselines::appearance;
use crate::micrograph::Prepared;
use crate::worker::protocol::EvaluationSign;
use std::collections::HashMap;

/// What an image looks like.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// Statistics of its greys.
    pub appearance: Vec<f64>,
    /// What the image encoder makes of it, where the model has one.
    pub features: Option<Vec<f64>>,
}

impl Look {
    /// Looks at a prepared image.
    pub fn of(engine: &mut dyn Answerer, image: &Prepared) -> Result<Self, AnswerError> {
        let features = engine.features(image)?;
        let to_f64 = |features: Vec<f32>| features.into_iter().map(f64::from).collect();
        Ok(Self {
            appearance: appearance(&image.grey, image.width as usize, image.height as usize),
            features: features.map(to_f64),
        })
    }
}

/// Looks by file.
#[derive(Default)]
pub(super) struct Looks(HashMap<String, Look>);

impl Looks {
    /// Forgets all, where another model looks from now on.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// The look of a file, if it was taken.
    pub fn of(&self, file: &str) -> Option<&Look> {
        self.0.get(file)
    }

    /// Looks at those of the training images that it has not seen; what cannot be read is noted.
    pub fn take(
        &mut self,
        crew: &Crew,
        training: &[Example],
        notes: &mut Vec<String>,
        progress: &mut dyn FnMut(EvaluationSign) -> Flow,
    ) -> Result<(), EvaluationError> {
        let new = training
            .iter()
            .filter(|one| !self.0.contains_key(&one.file));
        let new: Vec<&Example> = new.collect();
        let looked = crew.over(
            "Looking",
            &new,
            progress,
            &|engine, example, _| match Picture::read(&example.image) {
                Ok(picture) => Look::of(engine, &picture.prepared).map(Ok),
                Err(why) => Ok(Err(why)),
            },
        )?;
        let mut unread = Vec::new();
        for (example, look) in new.into_iter().zip(looked) {
            match look {
                Ok(look) => {
                    self.0.insert(example.file.clone(), look);
                }
                Err(why) => unread.push(why),
            }
        }
        if let Some(first) = unread.first() {
            notes.push(format!(
                "{} training images could not be read and teach the baselines nothing, the first: {first}",
                unread.len()
            ));
        }
        Ok(())
    }
}
