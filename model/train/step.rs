//! The three losses on one batch, and the drawing of hard negatives between them.

use super::batch::Batch;
use super::settings::Learned;
use crate::config::Config;
use crate::error::Result;
use crate::generate::pad;
use crate::layers::Dropout;
use crate::losses;
use crate::network::{Network, TEMPERATURE};
use crate::ops::Visible;
use crate::text::Texts;
use crate::tokenizer::{CLS, ENCODE, PAD};
use candle_core::{Device, Tensor};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The losses of one batch, still attached to their graph.
pub struct Losses {
    /// Image-text contrastive.
    pub itc: Tensor,
    /// Image-text matching.
    pub itm: Tensor,
    /// Language modelling.
    pub lm: Tensor,
}

impl Losses {
    /// Their sum, each with weight 1 as in the paper.
    pub fn sum(&self) -> Result<Tensor> {
        Ok(((&self.itc + &self.itm)? + &self.lm)?)
    }

    /// The three values, in the order itc, itm, lm.
    pub fn values(&self) -> Result<[f32; 3]> {
        let stacked = Tensor::stack(&[&self.itc, &self.itm, &self.lm], 0)?.to_vec1::<f32>()?;
        Ok([stacked[0], stacked[1], stacked[2]])
    }
}

/// Runs the network on a batch: the image once, then the losses that are learned from; the
/// others are 0.
pub(super) fn losses(
    network: &Network,
    config: &Config,
    batch: &Batch,
    learned: Learned,
    dropout: &Dropout,
    rng: &mut ChaCha8Rng,
    device: &Device,
) -> Result<Losses> {
    #[cfg(test)]
    super::scarcity::of_a_part(batch.size)?;
    let shape = (
        batch.size,
        config.patches(),
        config.patch_size * config.patch_size,
    );
    let patches = Tensor::from_slice(&batch.patches, shape, device)?;
    let images = network.image.forward(&patches, dropout)?;
    let none = Tensor::zeros((), candle_core::DType::F32, device)?;
    let (itc, similarities) = match learned.itc {
        true => contrastive(network, batch, &images, dropout, device)?,
        // Without the contrastive loss nothing says what is hard: all negatives are equal.
        false => (none.clone(), vec![vec![0.0; batch.size]; batch.size]),
    };
    let itm = match learned.itm {
        true => matching(network, batch, &images, &similarities, dropout, rng, device)?,
        false => none.clone(),
    };
    let lm = match learned.lm {
        true => language(network, batch, &images, dropout, device)?,
        false => none,
    };
    Ok(Losses { itc, itm, lm })
}

/// ITC, and the similarities [B][B] that hard negatives are drawn by.
fn contrastive(
    network: &Network,
    batch: &Batch,
    images: &Tensor,
    dropout: &Dropout,
    device: &Device,
) -> Result<(Tensor, Vec<Vec<f32>>)> {
    let texts = begun(&batch.statements, CLS, device)?;
    let v = network.image_vector(images)?;
    let t = network.text_vector(&texts, dropout)?;
    let (low, high) = TEMPERATURE;
    let temperature = network.temperature.clamp(low, high)?;
    let similarities = v.matmul(&t.t()?)?.broadcast_div(&temperature)?;
    let targets: Vec<f32> = batch
        .positives
        .iter()
        .map(|yes| f32::from(u8::from(*yes)))
        .collect();
    let targets = Tensor::from_vec(targets, (batch.size, batch.size), device)?;
    let loss = losses::contrastive(&similarities, &targets)?;
    Ok((loss, similarities.detach().to_vec2()?))
}

/// ITM over each matched pair, one hard negative image a text and one hard negative text an image.
fn matching(
    network: &Network,
    batch: &Batch,
    images: &Tensor,
    similarities: &[Vec<f32>],
    dropout: &Dropout,
    rng: &mut ChaCha8Rng,
    device: &Device,
) -> Result<Tensor> {
    let (image_rows, text_rows, labels) = pairs(batch, similarities, rng);
    let statements: Vec<Vec<u32>> = text_rows
        .iter()
        .map(|j| batch.statements[*j].clone())
        .collect();
    let texts = begun(&statements, ENCODE, device)?;
    let rows: Vec<u32> = image_rows.iter().map(|i| *i as u32).collect();
    let images = images.index_select(&Tensor::new(rows, device)?, 0)?;
    let logits = network.match_logit(&texts, &images, dropout)?;
    Ok(losses::matching(&logits, &Tensor::new(labels, device)?)?)
}

/// Rows of images, rows of texts and labels: all matched pairs, then what could be drawn.
pub(super) fn pairs(
    batch: &Batch,
    similarities: &[Vec<f32>],
    rng: &mut ChaCha8Rng,
) -> (Vec<usize>, Vec<usize>, Vec<f32>) {
    let n = batch.size;
    let mut images: Vec<usize> = (0..n).collect();
    let mut texts = images.clone();
    let mut labels = vec![1f32; n];
    let mut add = |image: usize, text: usize| {
        images.push(image);
        texts.push(text);
        labels.push(0.0);
    };
    for (own, row) in similarities.iter().enumerate() {
        let wrong_text = |j: usize| (!batch.positives[own * n + j]).then_some(row[j]);
        if let Some(text) = draw_hard((0..n).map(wrong_text), rng) {
            add(own, text);
        }
        let wrong_image =
            |i: usize| (!batch.positives[i * n + own]).then_some(similarities[i][own]);
        if let Some(image) = draw_hard((0..n).map(wrong_image), rng) {
            add(image, own);
        }
    }
    (images, texts, labels)
}

/// Draws one of the candidates in proportion to the exponential of its similarity.
fn draw_hard(candidates: impl Iterator<Item = Option<f32>>, rng: &mut ChaCha8Rng) -> Option<usize> {
    let candidates: Vec<(usize, f32)> = candidates
        .enumerate()
        .filter_map(|(i, similarity)| Some((i, similarity?)))
        .collect();
    let top = candidates
        .iter()
        .map(|(_, s)| *s)
        .fold(f32::NEG_INFINITY, f32::max);
    let weight = |similarity: f32| f64::from((similarity - top).exp()) + 1e-6;
    let sum: f64 = candidates.iter().map(|(_, s)| weight(*s)).sum();
    let mut at = rng.random::<f64>() * sum;
    for (i, similarity) in &candidates {
        at -= weight(*similarity);
        if at <= 0.0 {
            return Some(*i);
        }
    }
    candidates.last().map(|(i, _)| *i)
}

/// LM: every asked question's answer, given the image and the prompt grounded in it.
fn language(
    network: &Network,
    batch: &Batch,
    images: &Tensor,
    dropout: &Dropout,
    device: &Device,
) -> Result<Tensor> {
    if batch.asked.is_empty() {
        return Ok(Tensor::zeros((), candle_core::DType::F32, device)?);
    }
    let prompts: Vec<Vec<u32>> = batch
        .asked
        .iter()
        .map(|asked| asked.prompt.clone())
        .collect();
    let inputs: Vec<Vec<u32>> = batch
        .asked
        .iter()
        .map(|asked| asked.input.clone())
        .collect();
    let rows: Vec<u32> = batch.asked.iter().map(|asked| asked.image as u32).collect();
    let images = images.index_select(&Tensor::new(rows, device)?, 0)?;
    let prompts = pad(&prompts, device)?;
    let grounded = network.text.encode(&prompts, Some(&images), dropout)?;
    let memory = Tensor::cat(&[&images, &grounded], 1)?;
    let image_tokens = images.dim(1)?;
    let lengths = batch
        .asked
        .iter()
        .map(|asked| image_tokens + asked.prompt.len())
        .collect();
    let visible = Visible {
        lengths: Some(Arc::new(lengths)),
        causal: false,
    };
    let inputs = pad(&inputs, device)?;
    let memory = network.text.cross_memory(&memory)?;
    let states = network
        .text
        .decode(&inputs.ids, &memory, &visible, None, dropout)?;
    let (places, targets) = targets(batch, inputs.ids.dim(1)?);
    let states = states
        .flatten_to(1)?
        .index_select(&Tensor::new(places, device)?, 0)?;
    Ok(losses::language(&network.text.logits(&states)?, &targets)?)
}

/// The places of all target tokens in the flattened [B * T] states, and the tokens.
fn targets(batch: &Batch, longest: usize) -> (Vec<u32>, Vec<u32>) {
    let mut places = Vec::new();
    let mut targets = Vec::new();
    for (row, asked) in batch.asked.iter().enumerate() {
        for (t, id) in asked
            .target
            .iter()
            .enumerate()
            .filter(|(_, id)| **id != PAD)
        {
            places.push((row * longest + t) as u32);
            targets.push(*id);
        }
    }
    (places, targets)
}

/// Statements behind their first token, padded.
fn begun(statements: &[Vec<u32>], first: u32, device: &Device) -> Result<Texts> {
    let begin = |ids: &Vec<u32>| std::iter::once(first).chain(ids.iter().copied()).collect();
    pad(&statements.iter().map(begin).collect::<Vec<_>>(), device)
}
