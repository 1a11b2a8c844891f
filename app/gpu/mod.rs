//! The program's other half: `askem-cuda`, the same program linked to CUDA.
//!
//! A binary that is linked to CUDA does not start where CUDA's libraries are absent, so the plain
//! `askem` computes on the CPU, looks for `askem-cuda` ([`find`]), tries its device in a process
//! of its own with a time limit ([`probe`]), and can have it take over ([`launch`]). Nothing here
//! computes; nothing here is trusted: a program that hangs, crashes or talks nonsense becomes a
//! sentence. Called by the window and by the command line; knows neither.

mod find;
mod launch;
mod probe;

pub use find::program;
pub use launch::{Luggage, launch, say_open};
pub use probe::{ProbeError, probe};

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the program with CUDA.
pub const PROGRAM: &str = "askem-cuda";

/// The environment variable that says where it is. Empty: it is not looked for.
pub const VARIABLE: &str = "ASKEM_CUDA";

/// How long it may take to try its GPUs. A machine with eight that sleep needs some ten seconds.
pub const PROBE_MAX: Duration = Duration::from_secs(30);

/// Whether this very program is the one with CUDA.
pub const IS_OWN: bool = cfg!(feature = "cuda");

/// The version of both.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One row of `askem devices --json`: where can be computed, or why not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// "cpu", "cuda:N".
    pub device: String,
    /// What its maker calls it.
    pub name: Option<String>,
    /// Its memory.
    pub bytes: Option<u64>,
    /// Whether it multiplies 16-bit bfloats, as `--precision bf16` wants.
    pub bf16: bool,
    /// The program that computes there.
    pub program: String,
    /// Its version.
    pub version: String,
    /// Why it can't be used, as a sentence.
    pub error: Option<String>,
}

/// A GPU that `askem-cuda` has computed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpu {
    /// The program.
    pub program: PathBuf,
    /// "cuda:N".
    pub device: String,
    /// What its maker calls it.
    pub name: String,
}

/// What looking for a GPU comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// There is no `askem-cuda`, or nobody wants it.
    Absent,
    /// It is there and can't be used.
    Unusable(ProbeError),
    /// It is there and its GPU computes.
    Ready(Gpu),
}

/// Looks for `askem-cuda` and tries it; waits as long as [`PROBE_MAX`].
pub fn look() -> Look {
    match program() {
        Some(program) => look_at(&program),
        None => Look::Absent,
    }
}

fn look_at(program: &Path) -> Look {
    let found = probe(program, PROBE_MAX).and_then(|rows| {
        let gpu = |row: &DeviceRow| Gpu {
            program: program.to_owned(),
            device: row.device.clone(),
            name: row.name.clone().unwrap_or_else(|| "NVIDIA GPU".into()),
        };
        let usable = rows.iter().find(|row| row.error.is_none());
        usable
            .map(gpu)
            .ok_or_else(|| ProbeError::no_device(program, &rows))
    });
    match found {
        Ok(gpu) => Look::Ready(gpu),
        Err(why) => Look::Unusable(why),
    }
}
