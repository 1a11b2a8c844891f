//! Who is at work on which image: enough to cancel by name or by image.
//!
//! Shared by [`super::Worker`] and its readers; held for moments only.

use super::protocol::RequestId;
use super::ticket::Handle;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// An image that is being opened.
    Opening,
    /// The open image of this hash.
    Image(String),
    /// No image.
    Nothing,
}

/// All requests that have not ended.
#[derive(Default)]
pub(super) struct Registry {
    open: Mutex<Vec<(Arc<Handle>, About)>>,
}

impl Registry {
    /// Adds a request. One that opens an image cancels all work on earlier images.
    pub fn add(&self, handle: Arc<Handle>, about: About) {
        if about == About::Opening {
            self.cancel_where(|earlier| *earlier != About::Nothing);
        }
        let mut open = self.lock();
        open.retain(|(handle, _)| handle.ended_for().is_none());
        open.push((handle, about));
    }

    /// Cancels one request.
    pub fn cancel(&self, id: RequestId) {
        if let Some(handle) = self.handle(id) {
            handle.cancel();
        }
    }

    /// Asks the work of one request to end early, with what it has.
    pub fn wind_up(&self, id: RequestId) {
        if let Some(handle) = self.handle(id) {
            handle.wind_up();
        }
    }

    fn handle(&self, id: RequestId) -> Option<Arc<Handle>> {
        let open = self.lock();
        let found = open.iter().find(|(handle, _)| handle.id() == id);
        found.map(|(handle, _)| Arc::clone(handle))
    }

    /// Cancels what was asked about every image but this one.
    pub fn cancel_other_images(&self, hash: &str) {
        self.cancel_where(|about| matches!(about, About::Image(other) if other != hash));
    }

    /// Cancels everything.
    pub fn cancel_all(&self) {
        self.cancel_where(|_| true);
    }

    /// Cancels outside the lock, since cancelling calls the waker, which may call back.
    fn cancel_where(&self, chosen: impl Fn(&About) -> bool) {
        let handles: Vec<_> = self
            .lock()
            .iter()
            .filter(|(_, about)| chosen(about))
            .map(|(handle, _)| Arc::clone(handle))
            .collect();
        for handle in handles {
            handle.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Arc<Handle>, About)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
