//! All processors, for networks so wide that one answer is worth them.
//!
//! The threads are the network's own: the caller's, of whom there may be one only, wait for them.
//! What is computed does not depend on their number. Called by the assistants.

use crate::error::{ModelError, Result};
use candle_core::Device;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Networks narrower than this compute faster alone than they could share.
const WIDE: usize = 128;

/// Threads of a network's own, or the caller's.
pub(crate) struct Crowd(Option<ThreadPool>);

impl Crowd {
    /// For a network with states of this width.
    pub fn of(width: usize, device: &Device) -> Result<Self> {
        if width < WIDE || !device.is_cpu() {
            return Ok(Self(None));
        }
        let pool = ThreadPoolBuilder::new().thread_name(|_| "askem-network".into());
        let pool = pool
            .build()
            .map_err(|why| ModelError::Data(format!("no thread could be started: {why}")))?;
        Ok(Self(Some(pool)))
    }

    /// Does the work and waits for it.
    pub fn share<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}
