//! The log of a run: one JSON object a line, a step or an epoch each, kept beside its checkpoint.
//!
//! What cannot be written is left out: a full disk never ends a run here. Called by `training`.

use crate::worker::protocol::TrainingSign;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// An open log.
pub(super) struct Log(Option<File>);

impl Log {
    /// The log of a run folder: a new one, or the old one to be added to.
    pub fn open(folder: &Path, add: bool) -> Self {
        let opened = std::fs::create_dir_all(folder).and_then(|()| {
            let mut options = OpenOptions::new();
            options.create(true).write(true).append(add).truncate(!add);
            options.open(folder.join("log.jsonl"))
        });
        Self(opened.ok())
    }

    /// Adds a line.
    pub fn add(&mut self, sign: &TrainingSign) {
        if let Some(file) = &mut self.0 {
            let _ = writeln!(file, "{}", object(sign));
        }
    }
}

fn object(sign: &TrainingSign) -> Value {
    match sign {
        TrainingSign::Word(text) => json!({ "word": text }),
        TrainingSign::Began { device, precision } => {
            json!({ "device": device, "precision": precision })
        }
        TrainingSign::Step {
            epoch,
            step,
            losses: [itc, itm, lm],
            learning_rate,
            images_per_s,
            ..
        } => json!({
            "epoch": epoch, "step": step, "itc": itc, "itm": itm, "lm": lm,
            "learning_rate": learning_rate, "images_per_s": images_per_s,
        }),
        TrainingSign::Epoch {
            epoch,
            train,
            validation: [itc, itm, lm],
            learning_rate,
            best,
            seconds,
        } => json!({
            "epoch": epoch,
            "train": { "itc": train[0], "itm": train[1], "lm": train[2] },
            "validation": { "itc": itc, "itm": itm, "lm": lm },
            "learning_rate": learning_rate, "best": best, "seconds": seconds,
        }),
    }
}
