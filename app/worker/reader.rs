//! The readers: files become pixels to show and the input of the engines, off the UI thread.
//!
//! Called through a lane by [`super::Worker`]. A reader that hangs in a drive or a decoder is
//! left behind by its lane; between steps it looks whether it was cancelled.

use super::lane::{Hands, Lane, Plan};
use super::protocol::{Opened, Outcome};
use super::registry::Registry;
use super::ticket::Ticket;
use crate::micrograph::{self, Limits, Micrograph, ReadError};
use crossbeam_channel::Sender;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const READERS: usize = 2;
/// How long a cancelled reader may take before another one takes its place.
const PATIENCE: Duration = Duration::from_millis(100);

/// What to read.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A page of a file, from 0; `None` for the one with the science.
    File(PathBuf, Option<u32>),
    /// The built-in sample.
    Sample,
    /// A file's bytes, with a name for messages.
    Bytes(Arc<Vec<u8>>, String),
}

/// Turns a source into pixels; tests put one that hangs here.
pub(super) type ReadFn =
    Arc<dyn Fn(&Source, &Ticket) -> Result<Micrograph, ReadError> + Send + Sync>;

/// Reads files and the built-in sample.
pub(super) fn read_with(limits: Limits) -> ReadFn {
    Arc::new(move |source, ticket| match source {
        Source::File(path, page) => {
            micrograph::read_unless(path, *page, limits, &|| ticket.is_ended())
        }
        Source::Sample => micrograph::read_bytes(askem_assets::SAMPLE_MICROGRAPH, "sample", limits),
        Source::Bytes(bytes, name) => micrograph::read_bytes(bytes, name, limits),
    })
}

/// Opens the lane of the readers.
pub(super) fn lane(read: ReadFn, registry: Arc<Registry>, alive: &Sender<()>) -> Lane<Source> {
    let make_hands = move || -> Hands<Source> {
        let (read, registry) = (Arc::clone(&read), Arc::clone(&registry));
        Box::new(move |ticket, source| {
            let micrograph = read(&source, ticket).map_err(|e| e.to_string())?;
            let opened =
                Opened::of(micrograph, &|| !ticket.is_ended()).ok_or("Opening was cancelled.")?;
            // What was asked about the image before while this one was being read.
            registry.cancel_other_images(&opened.prepared.hash);
            Ok(Outcome::Opened(Arc::new(opened)))
        })
    };
    let plan = Plan {
        name: "askem-reader",
        width: READERS,
        patience: Some(PATIENCE),
        even_if_cancelled: false,
        make_hands: Arc::new(make_hands),
    };
    Lane::open(plan, alive)
}
