//! The encoding of the last image, kept under its content hash, so that every further question
//! about it starts at once. For the engines.

use super::ms_since;
use crate::micrograph::Prepared;
use askem_model::{GreyView, ModelError};
use std::time::Instant;

/// At most one encoding.
pub(super) struct Kept<T>(Option<(String, T)>);

impl<T> Kept<T> {
    pub(super) fn nothing() -> Self {
        Self(None)
    }

    /// The encoding of `image`, and the milliseconds it took: 0 where it was kept.
    pub(super) fn encoded(
        &mut self,
        image: &Prepared,
        encode: impl FnOnce(GreyView) -> Result<T, ModelError>,
    ) -> Result<(&T, f64), ModelError> {
        let began = Instant::now();
        let (kept, ms) = match self.0.take() {
            Some(same) if same.0 == image.hash => (self.0.insert(same), 0.0),
            _ => {
                let encoding = encode(GreyView {
                    grey: &image.grey,
                    width: image.width as usize,
                    height: image.height as usize,
                })?;
                let kept = self.0.insert((image.hash.clone(), encoding));
                (kept, ms_since(began))
            }
        };
        Ok((&kept.1, ms))
    }
}
