//! The whole network: the four parts, the projections of the contrastive loss and the
//! matching head.

use crate::config::{Ablation, Config};
use crate::layers::{Dropout, Linear};
use crate::text::{Sight, TextParts, Texts};
use crate::vision::ImageEncoder;
use candle_core::{D, Result, Tensor};
use candle_nn::{Init, VarBuilder};

/// The learned temperature stays in this range (design: as ALBEF and BLIP clamp theirs).
pub const TEMPERATURE: (f64, f64) = (0.01, 0.5);

/// All weights of a model, ready to run.
pub struct Network {
    /// Part 1.
    pub image: ImageEncoder,
    /// Parts 2, 3 and 4.
    pub text: TextParts,
    /// The divisor of the contrastive similarities, one value.
    pub temperature: Tensor,
    project_image: Linear,
    project_text: Linear,
    matching: Linear,
    /// Without self-attention [CLS] has seen nothing: the mean of all tokens stands for it.
    pools: bool,
}

impl Network {
    /// Builds or finds its variables under `vb`.
    pub fn new(config: &Config, vb: VarBuilder) -> Result<Self> {
        let width = config.width;
        Ok(Self {
            image: ImageEncoder::new(config, vb.pp("image"))?,
            text: TextParts::new(config, vb.pp("text"))?,
            temperature: vb.get_with_hints(1, "temperature", Init::Const(0.07))?,
            project_image: Linear::new(width, width, vb.pp("project_image"))?,
            project_text: Linear::new(width, width, vb.pp("project_text"))?,
            matching: Linear::new(width, 1, vb.pp("matching"))?,
            pools: !config.has(Ablation::Sa),
        })
    }

    /// v of the paper: the projected, normalised [CLS] of image states [B, S, D]. [B, D].
    pub fn image_vector(&self, states: &Tensor) -> Result<Tensor> {
        let whole = match self.pools {
            true => states.mean(1)?,
            false => first(states)?,
        };
        normalise(&self.project_image.forward(&whole)?)
    }

    /// t of the paper: the projected, normalised [CLS] of `texts`, read without the image. [B, D].
    pub fn text_vector(&self, texts: &Texts, dropout: &Dropout) -> Result<Tensor> {
        let states = self.text.encode(texts, None, dropout)?;
        let whole = match self.pools {
            true => texts.mean(&states)?,
            false => first(&states)?,
        };
        normalise(&self.project_text.forward(&whole)?)
    }

    /// The matching logit of statements beginning with [Encode] and the images they look at. [B].
    pub fn match_logit(&self, texts: &Texts, image: &Sight, dropout: &Dropout) -> Result<Tensor> {
        let states = self.text.encode(texts, Some(image), dropout)?;
        self.matching.forward(&first(&states)?)?.squeeze(D::Minus1)
    }
}

/// The state of the first token: [B, T, D] -> [B, D].
pub(crate) fn first(states: &Tensor) -> Result<Tensor> {
    states.narrow(1, 0, 1)?.squeeze(1)?.contiguous()
}

/// To unit length: [B, D] -> [B, D].
pub(crate) fn normalise(x: &Tensor) -> Result<Tensor> {
    x.broadcast_div(&(x.sqr()?.sum_keepdim(D::Minus1)? + 1e-12)?.sqrt()?)
}
