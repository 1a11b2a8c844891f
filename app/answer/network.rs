//! The engine of our own network: the factory model or a model folder.
//!
//! Keeps the encoding of the last image, so that every further question about it starts at
//! once. Never reads a micrograph file.

use super::{
    Answer, AnswerError, Answerer, Classification, Description, Flow, Piece, Prompt, Timing, found,
};
use crate::micrograph::Prepared;
use crate::questions::Category;
use askem_model::{Assistant, GreyView, ImageMemory, ModelError, ModelFiles, choose_device};
use std::borrow::Cow;
use std::path::Path;
use std::time::Instant;

/// The name of the model inside the program.
pub const FACTORY: &str = "factory";

/// The longest answer, in tokens.
const MOST_TOKENS: usize = 96;

/// Opens the factory model (`None` or "factory") or a model folder, on a device: "auto",
/// "cpu" or "cuda:N".
pub fn open_engine(model: Option<&str>, device: &str) -> Result<Box<dyn Answerer>, AnswerError> {
    let (name, files) = match model {
        None | Some(FACTORY) => (FACTORY.to_owned(), factory_files()),
        Some(folder) => {
            let path = Path::new(folder);
            let name = path
                .file_name()
                .map_or(folder.into(), |name| name.to_string_lossy().into_owned());
            (name, ModelFiles::read(path).map_err(unusable(folder))?)
        }
    };
    let device = choose_device(device).map_err(|why| AnswerError::Device(why.to_string()))?;
    let assistant = Assistant::load(&files, &device).map_err(unusable(&name))?;
    Ok(Box::new(
        NetworkEngine::new(name, assistant).map_err(unusable(FACTORY))?,
    ))
}

fn unusable(model: &str) -> impl Fn(ModelError) -> AnswerError {
    move |why| AnswerError::Unusable {
        model: model.to_owned(),
        why: why.to_string(),
    }
}

fn factory_files() -> ModelFiles<'static> {
    ModelFiles {
        config: Cow::Borrowed(askem_assets::factory::CONFIG),
        weights: Cow::Borrowed(askem_assets::factory::WEIGHTS),
        tokenizer: Cow::Borrowed(askem_assets::factory::TOKENIZER),
        preprocessor: Cow::Borrowed(askem_assets::factory::PREPROCESSOR),
    }
}

/// Answers with the network of `askem-model`.
pub struct NetworkEngine {
    name: String,
    assistant: Assistant,
    kept: Option<Kept>,
}

/// The encoding of the last image, under its content hash.
struct Kept {
    hash: String,
    memory: ImageMemory,
}

impl NetworkEngine {
    /// Takes a loaded model, whose captions must be the ten categories'.
    pub fn new(name: String, assistant: Assistant) -> Result<Self, ModelError> {
        let captions = Category::ALL.map(Category::caption);
        if assistant.config().captions != captions {
            let why = "its captions are not the ten categories".into();
            return Err(ModelError::Invalid {
                file: "config.json",
                why,
            });
        }
        Ok(Self {
            name,
            assistant,
            kept: None,
        })
    }

    /// The encoding of `image`, and the milliseconds it took: 0 where it was kept.
    fn encode<'a>(
        assistant: &Assistant,
        kept: &'a mut Option<Kept>,
        image: &Prepared,
    ) -> Result<(&'a ImageMemory, f64), ModelError> {
        let began = Instant::now();
        let (kept, ms) = match kept.take() {
            Some(same) if same.hash == image.hash => (kept.insert(same), 0.0),
            _ => {
                let view = GreyView {
                    grey: &image.grey,
                    width: image.width as usize,
                    height: image.height as usize,
                };
                let memory = assistant.encode_image(view)?;
                (
                    kept.insert(Kept {
                        hash: image.hash.clone(),
                        memory,
                    }),
                    ms_since(began),
                )
            }
        };
        Ok((&kept.memory, ms))
    }

    fn write(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, ModelError> {
        let began = Instant::now();
        let (memory, encode_ms) = Self::encode(&self.assistant, &mut self.kept, image)?;
        let caption = prompt.category.map(Category::caption);
        let asked = match &caption {
            Some(caption) => format!("{caption} {}", prompt.key.wording()),
            None => prompt.key.wording().to_owned(),
        };
        let mut first_token_ms = None;
        let mut hand_over = |text: &str| {
            first_token_ms.get_or_insert_with(|| ms_since(began));
            on_piece(Piece {
                text: text.to_owned(),
            }) == Flow::Continue
        };
        let written = self
            .assistant
            .answer(memory, &asked, MOST_TOKENS, &mut hand_over)?;
        let statement = match &caption {
            Some(caption) => format!("{caption} {}", written.text),
            None => written.text.clone(),
        };
        let match_score = Some(self.assistant.match_score(memory, &statement)?);
        let mut text = written.text;
        if let Some(found) = found::sentence(prompt.key, &image.mask).filter(|_| !written.stopped) {
            let piece = if text.is_empty() {
                found
            } else {
                format!(" {found}")
            };
            text.push_str(&piece);
            on_piece(Piece { text: piece });
        }
        let total_ms = ms_since(began);
        Ok(Answer {
            text,
            match_score,
            confidence: Some(written.confidence),
            tokens: written.tokens,
            stopped: written.stopped,
            timing: Timing {
                encode_ms,
                first_token_ms: first_token_ms.unwrap_or(total_ms),
                total_ms,
            },
            warnings: Vec::new(),
        })
    }
}

impl Answerer for NetworkEngine {
    fn describe(&self) -> Description {
        Description {
            model: self.name.clone(),
            device: self.assistant.device(),
        }
    }

    fn classify(&mut self, image: &Prepared) -> Result<Classification, AnswerError> {
        let (memory, _) = Self::encode(&self.assistant, &mut self.kept, image).map_err(failed)?;
        let classified = self.assistant.classify(memory).map_err(failed)?;
        let mut probabilities = [0.0; 10];
        probabilities
            .iter_mut()
            .zip(classified.probabilities)
            .for_each(|(to, from)| *to = from);
        Ok(Classification {
            probabilities,
            none_of_these: classified.none_of_these,
        })
    }

    fn answer(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, AnswerError> {
        self.write(image, prompt, on_piece).map_err(failed)
    }
}

fn failed(why: ModelError) -> AnswerError {
    AnswerError::Model(why.to_string())
}

fn ms_since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
