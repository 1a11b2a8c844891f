//! Tries `askem-cuda` in a process of its own: which GPUs it computes on, or why on none.
//!
//! Waits no longer than it is told, whatever the program does; reads no more than a little of
//! what it says. Called by [`super::look`] and by `askem devices`.

use super::{DeviceRow, VERSION};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Bytes that are read of each of its outputs.
const SAID_MAX: u64 = 64 << 10;
/// Between two looks whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(15);
/// How long what it said may take to arrive once it has ended.
const LAST_WORDS_MAX: Duration = Duration::from_millis(500);
/// Characters of what it said that are passed on.
const PASSED_ON_MAX: usize = 300;
/// What Windows ends a program with when it lacks a library.
const NO_LIBRARY_ON_WINDOWS: i32 = 0xC000_0135_u32 as i32;

/// Why `askem-cuda` can't be used, as a sentence with what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The system does not start it.
    #[error("{} could not be started: {why}. Build it again, as README.md says, or remove it.", .program.display())]
    NotStarted {
        /// It.
        program: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The system's loader does not find what it is linked to.
    #[error(
        "{} does not start because {library} is missing. Install the NVIDIA driver and the libraries of CUDA, or name \
         their folder in LD_LIBRARY_PATH.", .program.display()
    )]
    Library {
        /// The program.
        program: PathBuf,
        /// The library's name.
        library: String,
    },
    /// It did not answer in time.
    #[error(
        "{} gave no answer within {seconds} s and was stopped. See whether nvidia-smi answers; if it hangs too, restart \
         the machine.", .program.display()
    )]
    Silent {
        /// It.
        program: PathBuf,
        /// The time it had.
        seconds: u64,
    },
    /// It ended without an answer.
    #[error("{} ended without an answer ({how}). Build it again, as README.md says.", .program.display())]
    Ended {
        /// It.
        program: PathBuf,
        /// Its exit code or signal, and its last words.
        how: String,
    },
    /// Its answer is none.
    #[error(
        "{} answers what an askem-cuda would not. Build it again, as README.md says, or remove it.", .program.display()
    )]
    Nonsense {
        /// It.
        program: PathBuf,
    },
    /// It is of another version.
    #[error(
        "{} is version {theirs} and this is {VERSION}. Build it again, as README.md says.", .program.display()
    )]
    Version {
        /// It.
        program: PathBuf,
        /// What it says it is.
        theirs: String,
    },
    /// It works and has nothing to compute on.
    #[error("{program} found no GPU to compute on: {why}")]
    NoDevice {
        /// It.
        program: String,
        /// A sentence of its own.
        why: String,
    },
}

impl ProbeError {
    /// Of GPUs of which none can be used.
    pub(super) fn no_device(program: &Path, rows: &[DeviceRow]) -> Self {
        let why = rows.iter().find_map(|row| row.error.clone());
        Self::NoDevice {
            program: program.display().to_string(),
            why: why.unwrap_or_else(|| "it names none.".into()),
        }
    }

    /// A few words for a status bar.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoDevice { .. } => "no GPU found",
            _ => "askem-cuda can't be used",
        }
    }
}

/// The GPUs that a program computes on or fails to, in the order of their numbers.
pub fn probe(program: &Path, limit: Duration) -> Result<Vec<DeviceRow>, ProbeError> {
    let not_started = |error: io::Error| ProbeError::NotStarted {
        program: program.to_owned(),
        why: error.to_string(),
    };
    let mut child = Command::new(program)
        .args(["devices", "--own", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    let (said, complained) = (heard(child.stdout.take()), heard(child.stderr.take()));
    let Some(status) = ended(&mut child, limit).map_err(not_started)? else {
        // One that hangs inside the driver can't be waited for either.
        let _ = child.kill();
        std::thread::spawn(move || child.wait());
        return Err(ProbeError::Silent {
            program: program.to_owned(),
            seconds: limit.as_secs(),
        });
    };
    // What it started may hold its outputs open for ever.
    let said = said.recv_timeout(LAST_WORDS_MAX).unwrap_or_default();
    if !status.success() {
        let complained = complained.recv_timeout(LAST_WORDS_MAX).unwrap_or_default();
        return Err(failed(program, status, &complained));
    }
    understood(program, &said)
}

/// What comes out of a pipe, up to a limit, once it is closed.
fn heard(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.by_ref().take(SAID_MAX).read_to_end(&mut bytes);
            // A program that says more shall not wait for a reader.
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// How a process ended; None where it did not in time.
fn ended(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn failed(program: &Path, status: ExitStatus, complained: &str) -> ProbeError {
    let program = program.to_owned();
    // As glibc and musl say it.
    let library = complained
        .lines()
        .find_map(|line| {
            let missing = line.split("error while loading shared libraries: ").nth(1);
            missing.or_else(|| line.split("Error loading shared library ").nth(1))
        })
        .and_then(|rest| rest.split(':').next());
    if let Some(library) = library.filter(|name| !name.trim().is_empty()) {
        let library = cut(library);
        return ProbeError::Library { program, library };
    }
    if status.code() == Some(NO_LIBRARY_ON_WINDOWS) {
        let library = "a library of CUDA".into();
        return ProbeError::Library { program, library };
    }
    let words = cut(complained.trim().lines().last().unwrap_or_default());
    let how = match words.is_empty() {
        true => status.to_string(),
        false => format!("{status}: {words}"),
    };
    ProbeError::Ended { program, how }
}

/// Words of another program, made short and harmless.
fn cut(words: &str) -> String {
    let harmless = words.chars().filter(|c| !c.is_control());
    harmless
        .take(PASSED_ON_MAX)
        .collect::<String>()
        .trim()
        .to_owned()
}

fn understood(program: &Path, said: &str) -> Result<Vec<DeviceRow>, ProbeError> {
    let nonsense = || ProbeError::Nonsense {
        program: program.to_owned(),
    };
    let rows: Result<Vec<DeviceRow>, _> = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(serde_json::from_str)
        .collect();
    let mut rows = rows.map_err(|_| nonsense())?;
    if rows.is_empty() {
        return Err(nonsense());
    }
    if let Some(other) = rows.iter().find(|row| row.version != VERSION) {
        return Err(ProbeError::Version {
            program: program.to_owned(),
            theirs: cut(&other.version),
        });
    }
    let is_gpu = |device: &str| {
        let number = device.strip_prefix("cuda:");
        number.is_some_and(|number| number.parse::<u16>().is_ok())
    };
    rows.retain(|row| row.device != "cpu");
    if rows.is_empty() {
        return Err(ProbeError::NoDevice {
            program: program.display().to_string(),
            why: "it was built without CUDA. Build it again, as README.md says.".into(),
        });
    }
    for row in &mut rows {
        if !is_gpu(&row.device) {
            return Err(nonsense());
        }
        row.name = row.name.as_deref().map(cut);
        row.error = row.error.as_deref().map(cut);
        row.program = program.display().to_string();
    }
    Ok(rows)
}

#[cfg(all(test, unix))]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed operation fails the test"
)]
mod tests;
