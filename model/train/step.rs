//! The three losses on one batch, their gradients, and the drawing of hard negatives between.
//!
//! On the CPU a batch is cut into shards of a few images, which run side by side: their tensors
//! stay in the processor's cache, and the memory of a step is that of the shards at work. Only
//! the contrastive loss looks across images; it gets the vectors of all shards and hands each
//! its gradient back. How a batch is cut does not depend on the number of threads, so neither
//! does any value. Called by the training loop.

use super::batch::{Asked, Batch};
use super::crew::Crew;
use super::settings::Learned;
use crate::config::Config;
use crate::error::Result;
use crate::generate::pad;
use crate::layers::Dropout;
use crate::losses;
use crate::network::{Network, TEMPERATURE};
use crate::ops::Visible;
use crate::text::{Sight, Texts};
use crate::tokenizer::{CLS, ENCODE};
use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::ops::Range;
use std::sync::Arc;

/// The losses itc, itm, lm of a batch, and the gradients of their sum (each has weight 1, as in
/// the paper): that of a variable is the sum over the stores.
pub(super) type Gradients = ([f32; 3], Vec<GradStore>);

/// What a step runs with.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    pub learned: Learned,
    pub dropout: &'a Dropout,
    pub crew: &'a Crew,
    pub device: &'a Device,
    /// Seed of the negatives and of what is dropped.
    pub seed: u64,
}

/// A step of our own network.
pub(super) struct Step<'a> {
    pub network: &'a Network,
    pub config: &'a Config,
    pub how: How<'a>,
}

/// What a shard knows of its images and statements.
struct Looked {
    /// Its images, by their place in the batch.
    images: Range<usize>,
    /// States of the images, [n, S, D].
    states: Tensor,
    /// The projected image and text vectors, [n, D] each; None without the contrastive loss.
    vectors: Option<[Tensor; 2]>,
    dropout: Dropout,
}

/// What the contrastive loss says of the whole batch.
struct Contrast {
    loss: f32,
    /// [B][B], what hard negatives are drawn by.
    similarities: Vec<Vec<f32>>,
    /// Of image and text vectors, [B, D] each, and of the temperature.
    gradients: Option<([Tensor; 2], GradStore)>,
}

/// The pairs that are matched, by place in the batch.
#[derive(Default)]
pub(super) struct Pairs {
    pub images: Vec<usize>,
    pub texts: Vec<usize>,
    /// 1 where image and text belong together.
    pub labels: Vec<f32>,
}

impl Step<'_> {
    /// The losses of a batch, 0 for those that are not learned from.
    pub fn losses(&self, batch: &Batch) -> Result<[f32; 3]> {
        Ok(self.run(batch, false)?.0)
    }

    /// The same with their gradients.
    pub fn gradients(&self, batch: &Batch) -> Result<Gradients> {
        self.run(batch, true)
    }

    fn run(&self, batch: &Batch, learn: bool) -> Result<Gradients> {
        #[cfg(test)]
        super::scarcity::of_a_part(batch.size)?;
        let shards = self.shards(batch);
        let looked = self
            .how
            .crew
            .map(&shards, |_, shard| self.look(batch, shard));
        let looked: Vec<Looked> = looked.into_iter().collect::<Result<_>>()?;
        let contrast = self.contrast(batch, &looked, learn)?;
        let mut rng = ChaCha8Rng::seed_from_u64(self.how.seed);
        let pairs = match self.how.learned.itm {
            true => pairs(batch, &contrast.similarities, &mut rng),
            false => Pairs::default(),
        };
        let done = self.how.crew.map(&looked, |_, looked| {
            self.shard(batch, looked, &pairs, &contrast, learn)
        });
        let mut losses = [contrast.loss, 0.0, 0.0];
        let mut stores = Vec::new();
        for done in done {
            let ([itm, lm], store) = done?;
            losses[1] += itm;
            losses[2] += lm;
            stores.extend(store);
        }
        stores.extend(contrast.gradients.map(|(_, store)| store));
        Ok((losses, stores))
    }

    fn shards(&self, batch: &Batch) -> Vec<Range<usize>> {
        let shard = self.how.crew.shard.clamp(1, batch.size.max(1));
        let starts = (0..batch.size).step_by(shard);
        starts
            .map(|start| start..(start + shard).min(batch.size))
            .collect()
    }

    /// Encodes a shard's images, and its statements where they are contrasted.
    fn look(&self, batch: &Batch, shard: &Range<usize>) -> Result<Looked> {
        let dropout = self
            .how
            .dropout
            .restarted(self.how.seed.wrapping_add((shard.start as u64) << 48));
        let (patches, pixels) = (self.config.patches(), self.config.patch_size.pow(2));
        let image = patches * pixels;
        let values = &batch.patches[shard.start * image..shard.end * image];
        let values = Tensor::from_slice(values, (shard.len(), patches, pixels), self.how.device)?;
        let states = self.network.image.forward(&values, &dropout)?;
        let vectors = match self.how.learned.itc {
            true => {
                let texts = begun(&batch.statements[shard.clone()], CLS, self.how.device)?;
                let image = self.network.image_vector(&states)?;
                Some([image, self.network.text_vector(&texts, &dropout)?])
            }
            false => None,
        };
        Ok(Looked {
            images: shard.clone(),
            states,
            vectors,
            dropout,
        })
    }

    /// ITC over the vectors of all shards.
    fn contrast(&self, batch: &Batch, looked: &[Looked], learn: bool) -> Result<Contrast> {
        let vectors: Option<Vec<&[Tensor; 2]>> = looked
            .iter()
            .map(|looked| looked.vectors.as_ref())
            .collect();
        let Some(vectors) = vectors.filter(|_| self.how.learned.itc) else {
            // Without the contrastive loss nothing says what is hard: all negatives are equal.
            return Ok(Contrast {
                loss: 0.0,
                similarities: vec![vec![0.0; batch.size]; batch.size],
                gradients: None,
            });
        };
        let all = |which: usize| {
            let parts: Vec<Tensor> = vectors.iter().map(|v| v[which].detach()).collect();
            Var::from_tensor(&Tensor::cat(&parts, 0)?)
        };
        let (v, t) = (all(0)?, all(1)?);
        let (low, high) = TEMPERATURE;
        let temperature = self.network.temperature.clamp(low, high)?;
        let similarities = v.matmul(&t.t()?)?.broadcast_div(&temperature)?;
        let targets = batch.positives.iter().map(|yes| f32::from(u8::from(*yes)));
        let targets: Vec<f32> = targets.collect();
        let targets = Tensor::from_vec(targets, (batch.size, batch.size), self.how.device)?;
        let loss = losses::contrastive(&similarities, &targets)?;
        let gradients = match learn {
            true => {
                let mut store = loss.backward()?;
                let mut of = |var: &Var| match store.remove(var) {
                    Some(gradient) => Ok(gradient.detach()),
                    None => var.as_detached_tensor().zeros_like(),
                };
                let gradients = [of(&v)?, of(&t)?];
                Some((gradients, store))
            }
            false => None,
        };
        Ok(Contrast {
            loss: loss.to_scalar()?,
            similarities: similarities.detach().to_vec2()?,
            gradients,
        })
    }

    /// A shard's shares of ITM and LM, and the gradients of all that it took part in.
    fn shard(
        &self,
        batch: &Batch,
        looked: &Looked,
        pairs: &Pairs,
        contrast: &Contrast,
        learn: bool,
    ) -> Result<([f32; 2], Option<GradStore>)> {
        let mut sum = Tensor::zeros((), DType::F32, self.how.device)?;
        let mut values = [0f32; 2];
        let itm = self.matching(batch, looked, pairs)?;
        let lm = match self.how.learned.lm {
            true => self.language(batch, looked)?,
            false => None,
        };
        for (value, loss) in values.iter_mut().zip([itm, lm]) {
            if let Some(loss) = loss {
                *value = loss.to_scalar()?;
                sum = (sum + loss)?;
            }
        }
        if !learn {
            return Ok((values, None));
        }
        // A vector times its gradient has that gradient: what ITC wants reaches the encoders.
        if let (Some(vectors), Some((gradients, _))) = (&looked.vectors, &contrast.gradients) {
            for (vectors, gradients) in vectors.iter().zip(gradients) {
                let own = gradients.narrow(0, looked.images.start, looked.images.len())?;
                sum = (sum + (vectors * own)?.sum_all()?)?;
            }
        }
        Ok((values, Some(sum.backward()?)))
    }

    /// ITM over the pairs of a shard's images: its part of the mean over all pairs.
    fn matching(&self, batch: &Batch, looked: &Looked, pairs: &Pairs) -> Result<Option<Tensor>> {
        let own: Vec<usize> = (0..pairs.images.len())
            .filter(|pair| looked.images.contains(&pairs.images[*pair]))
            .collect();
        if own.is_empty() {
            return Ok(None);
        }
        let statements: Vec<Vec<u32>> = own
            .iter()
            .map(|pair| batch.statements[pairs.texts[*pair]].clone())
            .collect();
        let images: Vec<usize> = own.iter().map(|pair| pairs.images[*pair]).collect();
        let labels: Vec<f32> = own.iter().map(|pair| pairs.labels[*pair]).collect();
        let texts = begun(&statements, ENCODE, self.how.device)?;
        let memory = looked.memory()?;
        let sight = looked.sight(&memory, &images)?;
        let logits = self.network.match_logit(&texts, &sight, &looked.dropout)?;
        let loss = losses::matching(&logits, &Tensor::new(labels, self.how.device)?)?;
        Ok(Some(
            (loss * (own.len() as f64 / pairs.images.len() as f64))?,
        ))
    }

    /// LM over the answers about a shard's images, given the image and the prompt grounded in
    /// it: its part of the mean over all tokens of the batch.
    fn language(&self, batch: &Batch, looked: &Looked) -> Result<Option<Tensor>> {
        let asked = batch.asked.iter();
        let asked: Vec<&Asked> = asked
            .filter(|asked| looked.images.contains(&asked.image))
            .collect();
        let (places, targets, inputs) = answers(&asked, self.how.device)?;
        if targets.is_empty() {
            return Ok(None);
        }
        let all: usize = batch.asked.iter().map(Asked::tokens).sum();
        let text = &self.network.text;
        let prompts: Vec<Vec<u32>> = asked.iter().map(|asked| asked.prompt.clone()).collect();
        let prompts = pad(&prompts, self.how.device)?;
        let images: Vec<usize> = asked.iter().map(|asked| asked.image).collect();
        let memory = looked.memory()?;
        let sight = looked.sight(&memory, &images)?;
        let grounded = text.encode(&prompts, Some(&sight), &looked.dropout)?;
        let visible = both(&sight.visible, &asked, memory.dim(1)?, grounded.dim(1)?);
        let (rows, longest, width) = grounded.dims3()?;
        let grounded = grounded.reshape((1, rows * longest, width))?;
        let memory = text.cross_memory(&Tensor::cat(&[&memory, &grounded], 1)?)?;
        let states = text.decode(&inputs.ids, &memory, &visible, None, &looked.dropout)?;
        let states = states
            .flatten_to(1)?
            .index_select(&Tensor::new(places, self.how.device)?, 0)?;
        let share = targets.len() as f64 / all as f64;
        let loss = text.loss(&states, &targets)?;
        Ok(Some((loss * share)?))
    }
}

impl Looked {
    /// The states of all its images in one row, [1, n * S, D].
    fn memory(&self) -> Result<Tensor> {
        let (n, s, d) = self.states.dims3()?;
        Ok(self.states.reshape((1, n * s, d))?)
    }

    /// What texts see that each look at one of its images, named by place in the batch.
    fn sight<'a>(&self, memory: &'a Tensor, images: &[usize]) -> Result<Sight<'a>> {
        let tokens = self.states.dim(1)?;
        let stretch = |image: &usize| {
            let image = image - self.images.start;
            [image * tokens..(image + 1) * tokens, 0..0]
        };
        let visible = Visible {
            shared: Some(Arc::new(images.iter().map(stretch).collect())),
            ..Visible::default()
        };
        Ok(Sight {
            states: memory,
            visible,
        })
    }
}

/// What the decoder sees where all images' states are followed by those of the padded prompts.
fn both(images: &Visible, asked: &[&Asked], behind: usize, longest: usize) -> Visible {
    let images = images.shared.iter().flat_map(|shared| shared.iter());
    let stretch = |(row, ([image, _], asked)): (usize, (&[Range<usize>; 2], &&Asked))| {
        let start = behind + row * longest;
        [image.clone(), start..start + asked.prompt.len()]
    };
    let stretches = images.zip(asked).enumerate().map(stretch);
    Visible {
        shared: Some(Arc::new(stretches.collect())),
        ..Visible::default()
    }
}

/// The places of all target tokens in the flattened [B * T] states, the tokens, and the inputs.
fn answers(asked: &[&Asked], device: &Device) -> Result<(Vec<u32>, Vec<u32>, Texts)> {
    let inputs: Vec<Vec<u32>> = asked.iter().map(|asked| asked.input.clone()).collect();
    let longest = inputs.iter().map(Vec::len).max().unwrap_or(1);
    let (mut places, mut targets) = (Vec::new(), Vec::new());
    for (row, asked) in asked.iter().enumerate() {
        for (place, id) in asked.target.iter().enumerate() {
            places.push((row * longest + place) as u32);
            targets.push(*id);
        }
    }
    Ok((places, targets, pad(&inputs, device)?))
}

/// All matched pairs, one hard negative image a text and one hard negative text an image, as far
/// as there are any.
pub(super) fn pairs(batch: &Batch, similarities: &[Vec<f32>], rng: &mut ChaCha8Rng) -> Pairs {
    let n = batch.size;
    let mut pairs = Pairs {
        images: (0..n).collect(),
        texts: (0..n).collect(),
        labels: vec![1.0; n],
    };
    let mut add = |image: usize, text: usize| {
        pairs.images.push(image);
        pairs.texts.push(text);
        pairs.labels.push(0.0);
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
    pairs
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

/// Statements behind their first token, padded.
fn begun(statements: &[Vec<u32>], first: u32, device: &Device) -> Result<Texts> {
    let begin = |ids: &Vec<u32>| std::iter::once(first).chain(ids.iter().copied()).collect();
    pad(&statements.iter().map(begin).collect::<Vec<_>>(), device)
}
