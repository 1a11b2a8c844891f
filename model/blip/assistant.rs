//! Answering with a BLIP: the image is encoded once; tokens are chosen greedily with a
//! key-value cache, so the same question gives the same answer, and the same as `transformers`.

use super::config::BlipConfig;
use super::folder::BlipModel;
use super::network::QuestionAnswerer;
use super::precision::Precision;
use super::preprocess::BlipPreprocessor;
use super::text::Memory;
use crate::crowd::Crowd;
use crate::device::device_name;
use crate::error::Result;
use crate::files::ModelFiles;
use crate::generate::{Generated, pad};
use crate::layers::Dropout;
use crate::ops::Visible;
use crate::preprocess::GreyView;
use crate::text::Cache;
use crate::tokenizer::Tokenizer;
use candle_core::{D, Device, IndexOp, Tensor};

/// What all questions about one image share: its states, as each layer of the question encoder
/// looks at them.
pub struct EncodedImage(Memory);

/// A BLIP ready to answer.
pub struct BlipAssistant {
    config: BlipConfig,
    tokenizer: Tokenizer,
    preprocessor: BlipPreprocessor,
    network: QuestionAnswerer,
    device: Device,
    crowd: Crowd,
}

impl BlipAssistant {
    /// Believes the files and builds the network on `device`; on a processor with 8 bits a
    /// weight.
    pub fn load(files: &ModelFiles, device: &Device) -> Result<Self> {
        let precision = match device.is_cpu() {
            true => Precision::EightBits,
            false => Precision::Full,
        };
        Self::load_as(files, precision, device)
    }

    /// The same in a given precision. 8 bits are for the processor alone.
    pub fn load_as(files: &ModelFiles, precision: Precision, device: &Device) -> Result<Self> {
        let model = BlipModel::without_weights(files)?;
        Ok(Self {
            network: model.network_of_file(&files.weights, precision, device)?,
            crowd: Crowd::of(model.config.vision_config.hidden_size, device)?,
            config: model.config,
            tokenizer: model.tokenizer,
            preprocessor: model.preprocessor,
            device: device.clone(),
        })
    }

    /// "cpu" or "cuda:N".
    pub fn device(&self) -> String {
        device_name(&self.device)
    }

    /// Runs the image encoder.
    pub fn encode_image(&self, image: GreyView) -> Result<EncodedImage> {
        let patch_px = self.config.vision_config.patch_size;
        let values = self.preprocessor.patches(image, patch_px)?;
        let shape = (1, self.config.patches(), 3 * patch_px * patch_px);
        let patches = Tensor::from_vec(values, shape, &self.device)?;
        let network = &self.network;
        let encoded = self.crowd.share(|| {
            let states = network.image.forward(&patches, &Dropout::off())?;
            network.question.look_at(&states, Visible::default())
        });
        Ok(EncodedImage(encoded?))
    }

    /// Writes the answer to a question, at most `most` tokens, handing over each piece;
    /// `on_piece` returns whether to go on.
    pub fn answer(
        &self,
        image: &EncodedImage,
        question: &str,
        most: usize,
        on_piece: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Generated> {
        let text = &self.config.text_config;
        let memory = self.read(image, question, 1)?;
        let mut cache = Cache::default();
        let mut writer = self.tokenizer.writer();
        let mut out = Generated::default();
        let mut newest = text.bos_token_id;
        while out.tokens < most.min(text.max_position_embeddings - 1) {
            let ids = Tensor::new(&[[newest]], &self.device)?;
            let network = &self.network;
            let logits = self
                .crowd
                .share(|| network.write(&ids, &memory, Some(&mut cache), &Dropout::off()))?;
            let shares = candle_nn::ops::softmax(&logits.i((0, 0))?, 0)?.to_vec1::<f32>()?;
            let (id, probability) = most_probable(&shares);
            if id == text.sep_token_id {
                break;
            }
            out.tokens += 1;
            out.confidence += probability;
            newest = id;
            if self.tokenizer.is_mark(id) {
                continue;
            }
            let piece = writer.push(id);
            out.text.push_str(&piece);
            if !on_piece(&piece) {
                out.stopped = true;
                break;
            }
        }
        out.confidence /= out.tokens.max(1) as f32;
        Ok(out)
    }

    /// The probability of each candidate as the answer to a question, among the candidates.
    pub fn rank(
        &self,
        image: &EncodedImage,
        question: &str,
        candidates: &[&str],
    ) -> Result<Vec<f32>> {
        let text = &self.config.text_config;
        let memory = self.read(image, question, candidates.len())?;
        let ids = |candidate: &&str| {
            let mut ids = vec![text.bos_token_id];
            ids.extend(
                self.tokenizer
                    .encode(candidate, text.max_position_embeddings - 2)?,
            );
            ids.push(text.sep_token_id);
            Ok(ids)
        };
        let ids: Vec<Vec<u32>> = candidates.iter().map(ids).collect::<Result<_>>()?;
        let padded = pad(&ids, &self.device)?.ids;
        let network = &self.network;
        let logits = self
            .crowd
            .share(|| network.write(&padded, &memory, None, &Dropout::off()))?;
        let likely = candle_nn::ops::log_softmax(&logits, D::Minus1)?;
        let mut sums = Vec::with_capacity(ids.len());
        for (row, ids) in ids.iter().enumerate() {
            let mut sum = 0f32;
            for (t, next) in ids.iter().skip(1).enumerate() {
                sum += likely.i((row, t, *next as usize))?.to_scalar::<f32>()?;
            }
            sums.push(sum);
        }
        Ok(candle_nn::ops::softmax(&Tensor::new(sums, &Device::Cpu)?, 0)?.to_vec1()?)
    }

    /// The logits [T, V] of what follows each of the first tokens of an answer.
    #[cfg(test)]
    pub(super) fn logits(
        &self,
        image: &EncodedImage,
        question: &str,
        answer: &[u32],
    ) -> Result<Tensor> {
        let memory = self.read(image, question, 1)?;
        let answer = Tensor::new(answer, &self.device)?.unsqueeze(0)?;
        let logits = self
            .network
            .write(&answer, &memory, None, &Dropout::off())?;
        Ok(logits.squeeze(0)?)
    }

    /// The decoder's memory: the question's states, `times` over.
    fn read(&self, image: &EncodedImage, question: &str, times: usize) -> Result<Memory> {
        let ids = self.question_ids(question)?;
        let texts = pad(&[ids], &self.device)?;
        let network = &self.network;
        let memory = self.crowd.share(|| {
            let states = network.read_with(&texts, &image.0, &Dropout::off())?;
            let (_, t, width) = states.dims3()?;
            let states = states.expand((times, t, width))?.contiguous()?;
            network.decoder.look_at(&states, Visible::default())
        });
        Ok(memory?)
    }

    /// [CLS], the question, [SEP].
    pub(crate) fn question_ids(&self, question: &str) -> Result<Vec<u32>> {
        let most = self.config.text_config.max_position_embeddings - 2;
        let mut ids = vec![self.tokenizer.required("[CLS]")?];
        ids.extend(self.tokenizer.encode(question, most)?);
        ids.push(self.tokenizer.required("[SEP]")?);
        Ok(ids)
    }
}

/// The place of the largest share, and the share.
fn most_probable(shares: &[f32]) -> (u32, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (id, share) in (0u32..).zip(shares) {
        if *share > best.1 {
            best = (id, *share);
        }
    }
    best
}
