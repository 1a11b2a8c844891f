//! `askem ask`: answers questions about images, each answer streamed as it is written.
//!
//! Without `--category` the predicted material becomes the caption of the prompt, unless the
//! image looks like none of the ten.

use super::images::{Loader, Page, Whole, open_engine, percent, rounded_ms, rounded_share};
use super::output::{Output, printable, shown};
use super::{Done, Options, Stop, interrupt};
use crate::answer::{
    self, Answer, AnswerError, Answerer, CategoryFrom, Description, Facts, Flow, Piece, Prompt,
    Sentence, Slot,
};
use crate::measure::{self, Field, Measurement};
use crate::micrograph::{self, Limits, Prepared};
use crate::questions::typed::{self, Reading};
use crate::questions::{Category, Key, Topic, UnknownQuestion};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// The arguments of `askem ask`.
#[derive(Args)]
#[command(after_help = questions_help(), after_long_help = questions_help())]
pub struct Arguments {
    /// Image files
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    question: Question,
    /// The material, where you know it, such as Nanowires [default: predicted]
    #[arg(long, value_name = "CATEGORY")]
    category: Option<Category>,
}

/// What is asked: one of the two.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Question {
    /// A question such as size.range, or a category of them such as size
    #[arg(long, value_name = "KEY|TOPIC")]
    about: Option<About>,
    /// A question in your own words
    #[arg(short = 'q', long = "question", value_name = "TEXT")]
    typed: Option<String>,
}

/// The ten question categories with their keys.
fn questions_help() -> String {
    let line = |topic: Topic| {
        let keys = topic.keys().map(Key::name).collect::<Vec<_>>().join(" ");
        format!("  {:14}{keys}", topic.name())
    };
    let lines: Vec<String> = Topic::ALL.into_iter().map(line).collect();
    format!("Topics and their keys:\n{}", lines.join("\n"))
}

/// The keys that `--about` names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct About(Vec<Key>);

impl FromStr for About {
    type Err = UnknownQuestion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<Topic>() {
            Ok(topic) => Ok(About(topic.keys().collect())),
            Err(_) => text.parse().map(|key| About(vec![key])),
        }
    }
}

/// One line of `--json`: an image and a key. Of a declined question only the first three and
/// the answer are known.
#[derive(Default, Serialize)]
struct Row {
    file: String,
    question: String,
    key: Option<&'static str>,
    read_as: Option<&'static str>,
    category: Option<&'static str>,
    category_source: Option<&'static str>,
    answer: String,
    text_with_slots: Option<String>,
    slots: Vec<Value>,
    sentences: Vec<Value>,
    #[serde(rename = "match")]
    match_score: Option<f64>,
    confidence: Option<f64>,
    technique: Option<Map<String, Value>>,
    tokens: Option<usize>,
    ms: Milliseconds,
    model: Option<String>,
    device: Option<String>,
    warnings: Vec<String>,
}

#[derive(Default, Serialize)]
struct Milliseconds {
    load: Option<f64>,
    encode: Option<f64>,
    first_token: Option<f64>,
    total: Option<f64>,
}

/// Answers every question about every image; one that fails does not stop the others.
pub fn run(arguments: &Arguments, options: &Options, output: &mut Output) -> Result<Done, Stop> {
    let keys = match (&arguments.question.about, &arguments.question.typed) {
        (Some(About(keys)), _) => keys.clone(),
        (None, Some(text)) => match typed::read(text, None) {
            Reading::Keys(keys) => keys,
            Reading::Declined(reason) => return decline(arguments, text, &reason, output),
        },
        (None, None) => {
            return Err(Stop::Usage(
                "Give a question with --about or -q.".to_owned(),
            ));
        }
    };
    let loader = Loader::start()?;
    let mut asking = Asking {
        loader: &loader,
        keys,
        typed: arguments.question.typed.as_deref(),
        category: arguments.category,
        engine: open_engine(options, output)?,
        output,
        done: Done::All,
    };
    for (index, file) in arguments.images.iter().enumerate() {
        interrupt::check()?;
        asking.output.progress(format_args!(
            "{} of {}: {}",
            index + 1,
            arguments.images.len(),
            shown(file)
        ));
        match loader.load_whole(file, arguments.page.index()) {
            Ok(loaded) => asking.image(file, &loaded)?,
            Err(error) => asking.failed(file, error)?,
        }
    }
    Ok(asking.done)
}

/// A question that no micrograph answers: the reason, for every file that could have been asked.
fn decline(
    arguments: &Arguments,
    text: &str,
    reason: &str,
    output: &mut Output,
) -> Result<Done, Stop> {
    let mut done = Done::All;
    if !output.json {
        output.line(reason)?;
    }
    for file in &arguments.images {
        if let Err(error) =
            micrograph::inspect_page(file, arguments.page.index(), Limits::default())
        {
            output.file_error(file, error)?;
            done = Done::SomeFailed;
        } else if output.json {
            let file = file.to_string_lossy().into_owned();
            output.row(&Row {
                file,
                question: text.to_owned(),
                answer: reason.to_owned(),
                ..Row::default()
            })?;
        }
    }
    Ok(done)
}

/// The material that goes into the prompt, and where it came from.
#[derive(Clone, Copy)]
enum Material {
    Given(Category),
    Predicted(Category, f32),
    Unknown,
}

impl Material {
    fn category(self) -> Option<Category> {
        match self {
            Material::Given(category) | Material::Predicted(category, _) => Some(category),
            Material::Unknown => None,
        }
    }

    fn known(self) -> Option<(Category, CategoryFrom)> {
        match self {
            Material::Given(category) => Some((category, CategoryFrom::User)),
            Material::Predicted(category, _) => Some((category, CategoryFrom::Prediction)),
            Material::Unknown => None,
        }
    }

    fn source(self) -> Option<&'static str> {
        match self {
            Material::Given(_) => Some("given"),
            Material::Predicted(..) => Some("predicted"),
            Material::Unknown => None,
        }
    }

    fn words(self) -> String {
        match self {
            Material::Given(category) => format!("{category}, as given"),
            Material::Predicted(category, p) => {
                format!("{category}, predicted with {}", percent(p))
            }
            Material::Unknown => "looks like none of the ten materials".to_owned(),
        }
    }
}

struct Asking<'a> {
    loader: &'a Loader,
    keys: Vec<Key>,
    typed: Option<&'a str>,
    category: Option<Category>,
    engine: Box<dyn Answerer>,
    output: &'a mut Output,
    done: Done,
}

impl Asking<'_> {
    /// Asks all keys about one image.
    fn image(&mut self, file: &Path, loaded: &Whole) -> Result<(), Stop> {
        let mut measured = None;
        let material = match self.material(&loaded.prepared) {
            Ok(material) => material,
            Err(error) => return self.failed(file, error),
        };
        if !self.output.json {
            self.output
                .line(format_args!("{}: {}", shown(file), material.words()))?;
        }
        for key in self.keys.clone() {
            interrupt::check()?;
            match self.answer(loaded, key, material, &mut measured)? {
                Ok(answer) if self.output.json => {
                    let who = self.engine.describe();
                    let question = self.typed.unwrap_or(key.wording());
                    let row = row(file, question, key, material, answer, who, loaded.load_ms);
                    self.output.row(&row)?;
                }
                Ok(answer) => {
                    for warning in answer.warnings {
                        self.output
                            .note(format_args!("{}: {key}: {warning}", shown(file)));
                    }
                }
                Err(error) => self.failed(file, error)?,
            }
        }
        Ok(())
    }

    fn material(&mut self, image: &Prepared) -> Result<Material, AnswerError> {
        if let Some(category) = self.category {
            return Ok(Material::Given(category));
        }
        let classified = self.engine.classify(image)?;
        let (category, p) = classified.best();
        Ok(if classified.none_of_these {
            Material::Unknown
        } else {
            Material::Predicted(category, p)
        })
    }

    /// One answer; without `--json` it is on the screen while it is written.
    fn answer(
        &mut self,
        image: &Whole,
        key: Key,
        material: Material,
        measured: &mut Option<Arc<Measurement>>,
    ) -> Result<Result<Answer, AnswerError>, Stop> {
        let streams = !self.output.json;
        if streams {
            let width = self
                .keys
                .iter()
                .map(|key| key.name().len())
                .max()
                .unwrap_or(0);
            self.output.piece(&format!("  {:width$}  ", key.name()))?;
        }
        let output = &mut *self.output;
        let mut stop = None;
        let mut on_piece = |piece: Piece| {
            if streams {
                stop = output.piece(&printable(&piece.text)).err();
            }
            if interrupt::requested() {
                stop = Some(Stop::Interrupted);
            }
            if stop.is_some() {
                Flow::Stop
            } else {
                Flow::Continue
            }
        };
        let category = material.category();
        let mut measure = || {
            let kept = measured.get_or_insert_with(|| {
                Arc::new(self.loader.install(|| measured_whole(image, category)))
            });
            Ok(Arc::clone(kept))
        };
        let mut facts = Facts {
            metadata: &image.micrograph.metadata,
            calibration: image.micrograph.calibration.as_ref(),
            scale_bar: image.printed.scale_bar.as_ref(),
            width_px: image.micrograph.width(),
            category: material.known(),
            measure: &mut measure,
        };
        let engine = self.engine.as_mut();
        let prompt = Prompt { key, category };
        let answered = answer::tell(engine, &image.prepared, &prompt, &mut facts, &mut on_piece);
        if streams && stop != Some(Stop::ReaderGone) {
            self.output.line("")?;
        }
        stop.map_or(Ok(answered), Err)
    }

    fn failed(&mut self, file: &Path, error: impl std::fmt::Display) -> Result<(), Stop> {
        self.done = Done::SomeFailed;
        self.output.file_error(file, error)
    }
}

fn row(
    file: &Path,
    question: &str,
    key: Key,
    material: Material,
    answer: Answer,
    who: Description,
    load_ms: f64,
) -> Row {
    Row {
        file: file.to_string_lossy().into_owned(),
        question: question.to_owned(),
        key: Some(key.name()),
        read_as: Some(key.wording()),
        category: material.category().map(Category::name),
        category_source: material.source(),
        answer: answer.text,
        text_with_slots: Some(answer.text_with_slots),
        slots: answer.slots.iter().map(slot_json).collect(),
        sentences: answer.sentences.iter().map(sentence_json).collect(),
        match_score: answer.match_score.map(rounded_share),
        confidence: answer.confidence.map(rounded_share),
        technique: None,
        tokens: Some(answer.tokens),
        ms: Milliseconds {
            load: Some(load_ms),
            encode: Some(rounded_ms(answer.timing.encode_ms)),
            first_token: Some(rounded_ms(answer.timing.first_token_ms)),
            total: Some(rounded_ms(answer.timing.total_ms)),
        },
        model: Some(who.model),
        device: Some(who.device),
        warnings: answer.warnings,
    }
}

/// Measures an image as `askem measure` does without options but the category.
fn measured_whole(image: &Whole, category: Option<Category>) -> Measurement {
    let micrograph = &image.micrograph;
    let calibration = micrograph.calibration.as_ref();
    let bar = image.printed.scale_bar.as_ref();
    let options = measure::Options {
        category,
        ..measure::Options::known(calibration, bar, &micrograph.metadata)
    };
    measure::measure(&Field::of(micrograph, &image.mask), &options)
}

fn slot_json(slot: &Slot) -> Value {
    let is_there = slot.place.is_some();
    json!({
        "slot": slot.name,
        "value": slot.value,
        "unit": Some(&slot.unit).filter(|unit| !unit.is_empty()),
        "text": Some(&slot.text).filter(|_| is_there),
        "uncertainty": slot.uncertainty,
        "kind": slot.kind.name(),
        "n": slot.n,
        "evidence": slot.evidence,
        "note": slot.note,
        "reason": Some(&slot.text).filter(|_| !is_there),
        "from": slot.place.map(|place| place[0]),
        "to": slot.place.map(|place| place[1]),
    })
}

fn sentence_json(sentence: &Sentence) -> Value {
    json!({
        "from": sentence.place[0],
        "to": sentence.place[1],
        "with_slots": sentence.with_slots,
        "fits": sentence.fits.map(rounded_share),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_takes_a_key_or_a_whole_category() {
        assert_eq!("size.range".parse(), Ok(About(vec![Key::SizeRange])));
        let size = About(vec![
            Key::SizeRange,
            Key::SizeDistribution,
            Key::SizeAggregation,
        ]);
        assert_eq!("size".parse(), Ok(size));
        assert!("size.".parse::<About>().is_err());
    }
}
