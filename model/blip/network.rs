//! The two BLIP networks, with the names of Hugging Face: `BlipForQuestionAnswering`, which
//! answers, and `BlipForImageTextRetrieval`, whose heads compare images with texts.

use super::config::BlipConfig;
use super::text::{Head, Memory, TextStack};
use super::vision::image_encoder;
use crate::layers::{Dropout, Linear};
use crate::losses;
use crate::network::{first, normalise};
use crate::ops::Visible;
use crate::text::{Cache, Texts};
use crate::vision::ImageEncoder;
use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

/// Image -> question grounded in it -> answer.
pub struct QuestionAnswerer {
    /// Sees.
    pub image: ImageEncoder,
    /// Reads the question while looking at the image.
    pub question: TextStack,
    /// Writes the answer while looking at the question's states.
    pub decoder: TextStack,
    head: Head,
}

impl QuestionAnswerer {
    /// Builds or finds its variables under `vb`.
    pub fn new(config: &BlipConfig, vb: VarBuilder) -> Result<Self> {
        let text = &config.text_config;
        let decoder = vb.pp("text_decoder");
        Ok(Self {
            image: image_encoder(&config.vision_config, vb.pp("vision_model"))?,
            question: TextStack::new(text, vb.pp("text_encoder"))?,
            decoder: TextStack::new(text, decoder.pp("bert"))?,
            head: Head::new(text, decoder.pp("cls.predictions"))?,
        })
    }

    /// The states [B, T, D] of questions about image states [B, S, D].
    pub fn read(&self, questions: &Texts, image: &Tensor, dropout: &Dropout) -> Result<Tensor> {
        let image = self.question.look_at(image, Visible::default())?;
        self.read_with(questions, &image, dropout)
    }

    /// The same about an image that the question encoder looks at already.
    pub fn read_with(
        &self,
        questions: &Texts,
        image: &Memory,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let (ids, visible) = (&questions.ids, &questions.visible);
        self.question
            .forward(ids, visible, Some(image), None, dropout)
    }

    /// The logits [B, T, V] of what follows each token of `answers` [B, T].
    pub fn write(
        &self,
        answers: &Tensor,
        question: &Memory,
        cache: Option<&mut Cache>,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let (b, t) = answers.dims2()?;
        let states =
            self.decoder
                .forward(answers, &Visible::CAUSAL, Some(question), cache, dropout)?;
        let logits = self
            .head
            .forward(&states.flatten_to(1)?, &self.decoder.tokens)?;
        logits.reshape((b, t, ()))
    }

    /// The mean negative log-likelihood of answers [B][T], each from its first to its last
    /// token, given questions and patches [B, P, values of a patch].
    pub fn loss(
        &self,
        patches: &Tensor,
        questions: &Texts,
        answers: &[Vec<u32>],
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let image = self.image.forward(patches, dropout)?;
        let image = self.question.look_at(&image, Visible::default())?;
        self.loss_given(&image, questions, answers, dropout)
    }

    /// The same about images that the question encoder looks at already.
    pub fn loss_given(
        &self,
        image: &Memory,
        questions: &Texts,
        answers: &[Vec<u32>],
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let states = self.read_with(questions, image, dropout)?;
        let question = self.decoder.look_at(&states, questions.visible.clone())?;
        let (answers_padded, places, targets) = shifted(answers, states.device())?;
        let logits = self.write(&answers_padded, &question, None, dropout)?;
        let logits = logits.flatten_to(1)?.index_select(&places, 0)?;
        losses::language(&logits, &targets)
    }
}

/// The answers padded to one length [B, T], the places in [B * T] that have a next token, and
/// that token.
fn shifted(
    answers: &[Vec<u32>],
    device: &candle_core::Device,
) -> Result<(Tensor, Tensor, Vec<u32>)> {
    let longest = answers.iter().map(Vec::len).max().unwrap_or(0);
    let mut ids = Vec::with_capacity(answers.len() * longest);
    let (mut places, mut targets) = (Vec::new(), Vec::new());
    for (row, answer) in answers.iter().enumerate() {
        ids.extend(answer);
        ids.resize((row + 1) * longest, 0);
        for (t, next) in answer.iter().skip(1).enumerate() {
            places.push((row * longest + t) as u32);
            targets.push(*next);
        }
    }
    let ids = Tensor::from_vec(ids, (answers.len(), longest), device)?;
    Ok((ids, Tensor::new(places, device)?, targets))
}

/// How well images and texts belong together.
pub struct Retrieval {
    /// Sees.
    pub image: ImageEncoder,
    /// Reads, with the image or without.
    pub text: TextStack,
    project_image: Linear,
    project_text: Linear,
    matching: Linear,
}

impl Retrieval {
    /// Builds or finds its variables under `vb`.
    pub fn new(config: &BlipConfig, vb: VarBuilder) -> Result<Self> {
        let (width, shared) = (
            config.text_config.hidden_size,
            config.image_text_hidden_size,
        );
        Ok(Self {
            image: image_encoder(&config.vision_config, vb.pp("vision_model"))?,
            text: TextStack::new(&config.text_config, vb.pp("text_encoder"))?,
            project_image: Linear::new(width, shared, vb.pp("vision_proj"))?,
            project_text: Linear::new(width, shared, vb.pp("text_proj"))?,
            matching: Linear::new(width, 2, vb.pp("itm_head"))?,
        })
    }

    /// Cosine similarities [B images, C texts].
    pub fn similarities(&self, image: &Tensor, texts: &Texts) -> Result<Tensor> {
        let off = Dropout::off();
        let states = self
            .text
            .forward(&texts.ids, &texts.visible, None, None, &off)?;
        let images = normalise(&self.project_image.forward(&first(image)?)?)?;
        let texts = normalise(&self.project_text.forward(&first(&states)?)?)?;
        images.matmul(&texts.t()?)
    }

    /// Logits [B, 2] that each text does not, and does, match its image.
    pub fn matches(&self, image: &Tensor, texts: &Texts) -> Result<Tensor> {
        let memory = self.text.look_at(image, Visible::default())?;
        let (ids, visible) = (&texts.ids, &texts.visible);
        let states = self
            .text
            .forward(ids, visible, Some(&memory), None, &Dropout::off())?;
        self.matching.forward(&first(&states)?)
    }
}
