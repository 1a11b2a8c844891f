//! One window at a time: a program that is started while a window runs hands its files to that
//! window and ends.
//!
//! Over a local socket in a folder that only the user can enter; never over a network. Which
//! window listens is decided by a lock that the system lets go of when its holder ends, however
//! it ends, so that a crash leaves nothing behind that has to be understood. What comes in is
//! checked as if it came from a stranger. Where there are no such sockets, or anything about
//! them goes wrong, there is a second window. Called by `command/open.rs`; the window takes in
//! what [`Listener`] has received.

use std::path::PathBuf;

/// How a start goes on.
pub enum Meeting {
    /// Another window has taken the files: nothing is left to do.
    HandedOver,
    /// This is the window that others hand their files to.
    First(Listener),
    /// This is a window that nobody hands anything to.
    Apart,
}

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::{Listener, inherit, meet};

/// The folder of the socket: the system's for what lasts as long as a login, else that for data
/// which stays on this machine; `None` where neither is named.
pub fn of_user() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "askem")?;
    let folder = dirs.runtime_dir().unwrap_or(dirs.data_local_dir());
    Some(folder.join("window"))
}

#[cfg(not(unix))]
mod elsewhere {
    use super::Meeting;
    use std::path::{Path, PathBuf};

    /// Nobody hands anything over here.
    pub struct Listener(std::convert::Infallible);

    impl Listener {
        /// Never called: there is no listener.
        pub fn wake_with(&self, _wake: impl Fn() + Send + Sync + 'static) {}

        /// Nothing.
        pub fn take(&self) -> Option<Vec<PathBuf>> {
            None
        }
    }

    /// Nothing to inherit.
    pub fn inherit(_folder: &Path, _patience: std::time::Duration) -> Option<Listener> {
        None
    }

    /// A window of its own.
    pub fn meet(_folder: &Path, _files: &[PathBuf]) -> Meeting {
        Meeting::Apart
    }
}
#[cfg(not(unix))]
pub use elsewhere::{Listener, inherit, meet};
