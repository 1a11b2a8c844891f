//! The three losses of the paper, each a pure function.

use candle_core::{D, Result, Tensor};

/// Image-text contrastive loss (ITC). `similarities` [B, B] are image-by-text cosine
/// similarities divided by the temperature; `targets` [B, B] hold 1 where image and text
/// belong together. Each row's (and each column's) target mass is spread over its ones.
pub fn contrastive(similarities: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let one_way = |similarities: &Tensor, targets: &Tensor| -> Result<Tensor> {
        let spread = targets.broadcast_div(&targets.sum_keepdim(D::Minus1)?)?;
        let log_shares = candle_nn::ops::log_softmax(similarities, D::Minus1)?;
        (log_shares * spread)?.sum(D::Minus1)?.mean_all()?.neg()
    };
    let images_to_texts = one_way(similarities, targets)?;
    let texts_to_images = one_way(
        &similarities.t()?.contiguous()?,
        &targets.t()?.contiguous()?,
    )?;
    (images_to_texts + texts_to_images)? * 0.5
}

/// Image-text matching loss (ITM): mean binary cross-entropy of logits [M] against labels
/// [M] of 0 and 1, in the form that does not overflow.
pub fn matching(logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
    let softplus = ((logits.abs()?.neg()?.exp()? + 1.0)?.log()? + logits.relu()?)?;
    (softplus - (logits * labels)?)?.mean_all()
}

/// Language-modelling loss (LM): mean negative log-likelihood of the target tokens [N] under
/// logits [N, V]. Padding is left out by the caller.
pub fn language(logits: &Tensor, targets: &[u32]) -> Result<Tensor> {
    crate::ops::cross_entropy(logits, targets)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use crate::test_device::{absent, device};

    fn close(a: &Tensor, b: f32) {
        let a = a.to_scalar::<f32>().unwrap();
        assert!((a - b).abs() < 1e-5, "{a} against {b}");
    }

    #[test]
    fn contrastive_of_equal_similarities_is_the_logarithm_of_the_batch() {
        if absent() {
            return;
        }
        let equal = Tensor::zeros((4, 4), candle_core::DType::F32, &device()).unwrap();
        let own = Tensor::eye(4, candle_core::DType::F32, &device()).unwrap();
        close(&contrastive(&equal, &own).unwrap(), 4f32.ln());
    }

    #[test]
    fn contrastive_spreads_the_target_over_all_positives() {
        if absent() {
            return;
        }
        // Row 0 has both texts as positives; by hand: -(ln .75 + ln .25)/2 for the row.
        let s = Tensor::new(&[[3f32.ln(), 0.0], [0.0, 0.0]], &device()).unwrap();
        let targets = Tensor::new(&[[1f32, 1.0], [0.0, 1.0]], &device()).unwrap();
        let rows = (-(0.75f32.ln() + 0.25f32.ln()) / 2.0 + 2f32.ln()) / 2.0;
        let columns = (-(0.75f32.ln()) + 2f32.ln()) / 2.0;
        close(&contrastive(&s, &targets).unwrap(), (rows + columns) / 2.0);
    }

    #[test]
    fn matching_is_binary_cross_entropy_and_survives_large_logits() {
        if absent() {
            return;
        }
        let logits = Tensor::new(&[0f32, 200.0, -200.0], &device()).unwrap();
        let labels = Tensor::new(&[1f32, 1.0, 1.0], &device()).unwrap();
        close(
            &matching(&logits, &labels).unwrap(),
            (2f32.ln() + 0.0 + 200.0) / 3.0,
        );
    }

    #[test]
    fn language_is_the_mean_negative_log_likelihood() {
        if absent() {
            return;
        }
        let logits = Tensor::new(&[[0f32, 3f32.ln()], [0.0, 0.0]], &device()).unwrap();
        close(
            &language(&logits, &[1, 0]).unwrap(),
            (-(0.75f32.ln()) + 2f32.ln()) / 2.0,
        );
    }
}
