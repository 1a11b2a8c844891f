//! How a BLIP is trained: by the likelihood of its answers alone, from a trained one.
//!
//! It has neither our contrastive nor our matching head; those losses are 0. Called by the loop.

use super::augment::augmented;
use super::batch::{Asked, Batch};
use super::learner::{Blueprint, Input, Learner, Marks};
use super::step::{Gradients, How};
use crate::blip::{BlipConfig, BlipModel, BlipPreprocessor, QuestionAnswerer};
use crate::error::Result;
use crate::files::ModelFiles;
use crate::generate::pad;
use crate::ops::Visible;
use crate::preprocess::{GreyView, Preprocessor};
use crate::tokenizer::Tokenizer;
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

impl Blueprint for BlipConfig {
    type Network = QuestionAnswerer;

    fn build(&self, vb: VarBuilder) -> candle_core::Result<QuestionAnswerer> {
        QuestionAnswerer::new(self, vb)
    }

    fn is_of_decoder(name: &str) -> bool {
        name.starts_with("text_decoder.")
    }

    fn initial(
        &self,
        _: u64,
        start: Option<&HashMap<String, Tensor>>,
        device: &Device,
    ) -> Result<BTreeMap<String, Tensor>> {
        let mut all = BTreeMap::new();
        for (name, weight) in start.into_iter().flatten() {
            all.insert(name.clone(), weight.to_device(device)?);
        }
        Ok(all)
    }
}

/// How a BLIP reads: its own preparation of a whole image, and ours of a changed one.
pub(super) struct BlipInput {
    preprocessor: BlipPreprocessor,
    patch_px: usize,
    marks: Marks,
}

impl Input for BlipInput {
    fn patches(&self, image: GreyView, chance: Option<&mut ChaCha8Rng>) -> Result<Vec<f32>> {
        let Some(rng) = chance else {
            return self.preprocessor.patches(image, self.patch_px);
        };
        let square = Preprocessor {
            size: self.preprocessor.size.width,
            patch_size: self.patch_px,
            image_mean: 0.0,
            image_std: 1.0,
        };
        let square = augmented(&square, image, rng)?;
        Ok(self.preprocessor.cut(&square, self.patch_px))
    }

    fn marks(&self) -> Marks {
        self.marks
    }
}

impl Learner for BlipModel {
    type Blueprint = BlipConfig;
    type Input = BlipInput;
    const LEAST_IMAGES: usize = 1;
    /// Gradients of a large one may be so small that a processor computes them many times slower.
    /// Scaled, fewer of them are, and otherwise they are the same.
    const SCALE: f64 = (1u128 << 80) as f64;

    fn blueprint(&self) -> &BlipConfig {
        &self.config
    }

    fn input(&self) -> BlipInput {
        let text = &self.config.text_config;
        // Both marks are asked for where the files are believed.
        let mark = |token| self.tokenizer.required(token).unwrap_or(text.sep_token_id);
        BlipInput {
            preprocessor: self.preprocessor.clone(),
            patch_px: self.config.vision_config.patch_size,
            marks: Marks {
                ask: mark("[CLS]"),
                asked: Some(mark("[SEP]")),
                answer: text.bos_token_id,
                end: text.sep_token_id,
            },
        }
    }

    fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// An answer is written down with both of its marks.
    fn most_tokens(&self) -> usize {
        self.config.text_config.max_position_embeddings - 1
    }

    fn losses(&self, network: &QuestionAnswerer, batch: &Batch, how: &How) -> Result<[f32; 3]> {
        let mut lm = 0.0;
        for image in 0..batch.size {
            if let Some(loss) = language(&self.config, network, batch, image, how)? {
                lm += loss.to_scalar::<f32>()?;
            }
        }
        Ok([0.0, 0.0, lm])
    }

    /// One image after the other: a step then holds the states of one alone.
    fn gradients(&self, network: &QuestionAnswerer, batch: &Batch, how: &How) -> Result<Gradients> {
        let (mut lm, mut stores) = (0.0, Vec::new());
        for image in 0..batch.size {
            if let Some(loss) = language(&self.config, network, batch, image, how)? {
                lm += loss.to_scalar::<f32>()?;
                stores.push((loss * Self::SCALE)?.backward()?);
            }
        }
        Ok(([0.0, 0.0, lm], stores))
    }

    fn files(&self) -> Result<ModelFiles<'static>> {
        Self::files(self)
    }

    fn with_weights(self, weights: HashMap<String, Tensor>) -> Self {
        let mut model = self;
        model.weights = weights;
        model
    }
}

/// The negative log-likelihood of the answers about one image: its part of the mean over all
/// tokens of the batch. The image is encoded once for all its questions.
fn language(
    config: &BlipConfig,
    network: &QuestionAnswerer,
    batch: &Batch,
    image: usize,
    how: &How,
) -> Result<Option<Tensor>> {
    let asked = batch.asked.iter().filter(|asked| asked.image == image);
    let asked: Vec<&Asked> = asked.collect();
    if !how.learned.lm || asked.is_empty() {
        return Ok(None);
    }
    let tokens: usize = asked.iter().map(|asked| asked.tokens()).sum();
    let all: usize = batch.asked.iter().map(Asked::tokens).sum();
    let dropout = how
        .dropout
        .restarted(how.seed.wrapping_add((image as u64) << 48));
    let pixels = 3 * config.vision_config.patch_size.pow(2);
    let values = config.patches() * pixels;
    let patches = &batch.patches[image * values..(image + 1) * values];
    let patches = Tensor::from_slice(patches, (1, config.patches(), pixels), how.device)?;
    let image = network.image.forward(&patches, &dropout)?;
    // One memory that all questions look at.
    let whole = [0..image.dim(1)?, 0..0];
    let visible = Visible {
        shared: Some(Arc::new(vec![whole; asked.len()])),
        ..Visible::default()
    };
    let image = network.question.look_at(&image, visible)?;
    let prompts: Vec<Vec<u32>> = asked.iter().map(|asked| asked.prompt.clone()).collect();
    // From the token that begins an answer to the one that ends it.
    let answer = |asked: &&Asked| {
        let begin = asked.input.iter().take(1);
        begin.chain(&asked.target).copied().collect()
    };
    let answers: Vec<Vec<u32>> = asked.iter().map(answer).collect();
    let prompts = pad(&prompts, how.device)?;
    let loss = network.loss_given(&image, &prompts, &answers, &dropout)?;
    Ok(Some((loss * (tokens as f64 / all as f64))?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::super::batch::{Recipe, assemble};
    use super::super::corpus::number;
    use super::super::crew::Crew;
    use super::super::settings::Learned;
    use super::super::trained::Weights;
    use super::super::{Checkpoint, Corpus, Folder, Item, Keep, Report, Schedule, Settings};
    use super::super::{Start, Trained, train_blip};
    use super::*;
    use crate::blip::{BlipAssistant, Precision};
    use crate::layers::Dropout;
    use rand::{Rng, SeedableRng};
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::time::Duration;

    const CPU: Device = Device::Cpu;
    const QUESTION: &str = "What size are the grains?";

    fn files() -> ModelFiles<'static> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/parity/blip");
        ModelFiles::read(&folder).unwrap()
    }

    fn base() -> BlipModel {
        BlipModel::parse(&files()).unwrap()
    }

    /// Bright images and dark ones, with another answer each.
    fn corpus() -> Corpus {
        let item = |i: u8| Item {
            grey: (0..48 * 40)
                .map(|p| if i.is_multiple_of(2) { 220 } else { 20 } + (p % 7) as u8)
                .collect(),
            width: 48,
            height: 40,
            category: None,
            answers: vec![(0, ["round film", "nano wire"][usize::from(i % 2)].into())],
        };
        let folder = Folder {
            name: "made".into(),
            train: (0..6).map(item).collect(),
            validation: (0..2).map(item).collect(),
        };
        Corpus {
            questions: vec![QUESTION.into()],
            captions: vec!["film".into()],
            reserved: Vec::new(),
            folders: vec![folder],
        }
    }

    fn settings(trained: Trained) -> Settings {
        Settings {
            epochs: 12,
            batch: 3,
            questions: 1,
            learning_rate: 2e-2,
            schedule: Schedule::Cosine,
            clip: Some(1.0),
            trained,
            ..Settings::paper(5)
        }
    }

    fn changed(tuned: &BlipModel) -> BTreeSet<String> {
        let base = base();
        assert_eq!(tuned.weights.len(), base.weights.len());
        let values = |weight: &Tensor| weight.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let pairs = base.weights.iter();
        let differ =
            |(name, weight): &(&String, &Tensor)| values(weight) != values(&tuned.weights[*name]);
        pairs.filter(differ).map(|(name, _)| name.clone()).collect()
    }

    #[test]
    fn adapters_lower_the_loss_and_move_nothing_but_the_maps_they_are_added_into() {
        let mut measured = Vec::new();
        let mut on_report = |report: &Report| {
            if let Report::Epoch(epoch) = report {
                assert_eq!(epoch.validation[..2], [0.0, 0.0]);
                measured.push(epoch.validation[2]);
            }
            true
        };
        let settings = settings(Trained::Adapters { rank: 2 });
        let start = Start::Model(Box::new(base()));
        let tuned = train_blip(&corpus(), &settings, start, None, &CPU, &mut on_report).unwrap();
        let least = measured.iter().copied().fold(f32::MAX, f32::min);
        assert!(least < 0.7 * measured[0], "{measured:?}");
        let maps = ["query.weight", "value.weight", "qkv.weight"];
        let adapted = base().weights.into_keys();
        let adapted = adapted.filter(|name| maps.iter().any(|map| name.ends_with(map)));
        assert_eq!(changed(&tuned), adapted.collect());
        // What it wrote is a whole model, which answers.
        let folder = tempfile::tempdir().unwrap();
        tuned.write(folder.path(), "").unwrap();
        let files = ModelFiles::read(folder.path()).unwrap();
        crate::check(&files).unwrap();
        let assistant = BlipAssistant::load_as(&files, Precision::Full, &CPU).unwrap();
        let item = &corpus().folders[0].validation[1];
        let view = GreyView {
            grey: &item.grey,
            width: item.width,
            height: item.height,
        };
        let image = assistant.encode_image(view).unwrap();
        let written = assistant.answer(&image, QUESTION, 8, &mut |_| true);
        assert!(written.unwrap().tokens > 0);
    }

    #[test]
    fn the_decoder_alone_is_trained_where_that_is_wanted() {
        let settings = Settings {
            epochs: 1,
            ..settings(Trained::Decoder)
        };
        let start = Start::Model(Box::new(base()));
        let tuned = train_blip(&corpus(), &settings, start, None, &CPU, &mut |_| true).unwrap();
        let changed = changed(&tuned);
        assert!(changed.len() > 30, "{changed:?}");
        assert!(changed.iter().all(|name| name.starts_with("text_decoder.")));
    }

    #[test]
    fn merged_adapters_give_the_loss_of_adapters_beside_the_weights() {
        let base = base();
        let trained = Trained::Adapters { rank: 2 };
        let settings = settings(trained);
        let weights = Weights::new(&base.config, &settings, Some(&base.weights), &CPU).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        for var in weights.moved().values() {
            let values = (0..var.elem_count()).map(|_| rng.random_range(-0.3f32..0.3));
            let values = Tensor::from_vec(values.collect(), var.shape(), &CPU).unwrap();
            var.set(&values).unwrap();
        }
        let batch = batch(&base);
        let loss = |network: &QuestionAnswerer| {
            let (off, crew) = (Dropout::off(), Crew::for_device(&CPU).unwrap());
            let how = How {
                learned: Learned::ALL,
                dropout: &off,
                crew: &crew,
                device: &CPU,
                seed: 1,
            };
            base.losses(network, &batch, &how).unwrap()[2]
        };
        let before = loss(&base.network(&CPU).unwrap());
        let beside = loss(&weights.network().unwrap());
        let merged = self::base().with_weights(weights.merged().unwrap());
        let merged = loss(&merged.network(&CPU).unwrap());
        assert!((before - beside).abs() > 0.01, "{before} {beside}");
        assert!((beside - merged).abs() < 1e-5, "{beside} {merged}");
    }

    fn batch(model: &BlipModel) -> Batch {
        let corpus = corpus();
        let (items, tokens) = number(&corpus, &model.tokenizer, model.most_tokens()).unwrap();
        let drawn: Vec<_> = items[0][0].iter().map(|item| (item, 0)).collect();
        let recipe = Recipe {
            questions: 1,
            max_tokens: model.most_tokens(),
            augment: false,
            epoch_seed: 0,
        };
        assemble(&drawn, &tokens, &model.input(), recipe, false, 1).unwrap()
    }

    #[test]
    fn it_is_asked_in_training_as_it_is_asked_for_answers() {
        let model = base();
        let assistant = BlipAssistant::load_as(&files(), Precision::Full, &CPU).unwrap();
        let batch = batch(&model);
        let asked = &batch.asked[0];
        assert_eq!(asked.prompt, assistant.question_ids(QUESTION).unwrap());
        let text = &model.config.text_config;
        let words = model.tokenizer.encode("round film", 9).unwrap();
        let answer = [&[text.bos_token_id], &words[..], &[text.sep_token_id]].concat();
        assert_eq!([&asked.input[..1], &asked.target].concat(), answer);
        // Unchanged, an image is prepared in training as it is for answers.
        let item = &corpus().folders[0].train[0];
        let view = GreyView {
            grey: &item.grey,
            width: item.width,
            height: item.height,
        };
        let prepared = model.preprocessor.patches(view, 8).unwrap();
        assert_eq!(batch.patches[..prepared.len()], prepared);
    }

    #[test]
    fn a_run_that_was_left_ends_as_one_that_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let keep = Keep {
            folder: folder.path().to_owned(),
            every: Duration::ZERO,
        };
        let settings = Settings {
            epochs: 3,
            ..settings(Trained::Adapters { rank: 2 })
        };
        let run = |start, keep: Option<&Keep>, steps: usize| {
            let mut left = steps;
            let mut on_report = |report: &Report| {
                left -= usize::from(matches!(report, Report::Step { .. }));
                left > 0
            };
            let tuned = train_blip(&corpus(), &settings, start, keep, &CPU, &mut on_report);
            let tuned = tuned.unwrap().weights.into_iter();
            let values = |weight: Tensor| weight.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let tuned = tuned.map(|(name, weight)| (name, values(weight)));
            tuned.collect::<BTreeMap<String, Vec<f32>>>()
        };
        let start = || Start::Model(Box::new(base()));
        let whole = run(start(), None, usize::MAX);
        run(start(), Some(&keep), 3);
        let left = Checkpoint::read(folder.path()).unwrap();
        assert_eq!(left.place().0, 3);
        let resumed = run(Start::Checkpoint(Box::new(left)), Some(&keep), usize::MAX);
        assert!(whole == resumed);
    }
}
