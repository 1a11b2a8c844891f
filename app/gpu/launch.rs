//! Has `askem-cuda` take over: starts it with what is open here and waits until its window is
//! there. Until then nothing of this window ends, so that a failure costs nothing.
//!
//! The new window says so with one line on its output ([`say_open`]). Called by the window, on a
//! thread of its own.

use super::Gpu;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// What a window that has opened says.
const OPEN: &str = "askem: the window is open";
/// How long a window may take to open.
const OPEN_MAX: Duration = Duration::from_secs(60);
/// Bytes of what it may say before that.
const SAID_MAX: u64 = 64 << 10;

/// What goes along.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Luggage {
    /// The files that are open, the one that is shown first.
    pub files: Vec<PathBuf>,
    /// The model in use, where it is another than usual.
    pub model: Option<PathBuf>,
    /// Whether nothing is to be kept.
    pub private: bool,
    /// Whether the window stands apart from those that later starts mean.
    pub apart: bool,
}

impl Luggage {
    fn arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = vec!["--take-over".into()];
        if self.private {
            arguments.push("--private".into());
        }
        if self.apart {
            arguments.push("--new-window".into());
        }
        if let Some(model) = &self.model {
            arguments.push("--model".into());
            arguments.push(model.clone().into());
        }
        if !self.files.is_empty() {
            arguments.push("--".into());
        }
        arguments.extend(self.files.iter().map(|file| file.clone().into()));
        arguments
    }
}

/// Starts `askem-cuda` and returns when its window is open, or with a sentence why not.
pub fn launch(gpu: &Gpu, luggage: &Luggage) -> Result<(), String> {
    launch_within(gpu, luggage, OPEN_MAX)
}

fn launch_within(gpu: &Gpu, luggage: &Luggage, limit: Duration) -> Result<(), String> {
    let name = gpu.program.display();
    let mut command = Command::new(&gpu.program);
    command
        .args(luggage.arguments())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    // A Ctrl-C in the terminal of this window is not meant for the next one.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .spawn()
        .map_err(|why| format!("{name} could not be started: {why}. This window goes on."))?;
    let (sender, opened) = channel();
    if let Some(pipe) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut lines = BufReader::new(pipe.take(SAID_MAX)).lines();
            if lines.any(|line| line.is_ok_and(|line| line == OPEN)) {
                let _ = sender.send(());
            }
        });
    }
    let deadline = Instant::now() + limit;
    loop {
        match opened.recv_timeout(Duration::from_millis(50)) {
            Ok(()) => {
                // Its end is not waited for; where this window stays, it shall not be a zombie.
                std::thread::spawn(move || child.wait());
                return Ok(());
            }
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Ok(Some(status)) = child.try_wait()
            && opened.try_recv().is_err()
        {
            return Err(format!(
                "{name} ended before its window opened ({status}). This window goes on."
            ));
        }
        if Instant::now() >= deadline {
            give_up(child);
            return Err(format!(
                "{name} opened no window within {} s and was stopped. This window goes on.",
                limit.as_secs()
            ));
        }
    }
}

fn give_up(mut child: Child) {
    let _ = child.kill();
    std::thread::spawn(move || child.wait());
}

/// Said by a window that takes over, to the one that it was started by.
pub fn say_open(output: &mut dyn Write) {
    // Nobody may be listening any more.
    let _ = writeln!(output, "{OPEN}").and_then(|()| output.flush());
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn gpu(folder: &Path, script: &str) -> Gpu {
        let program = folder.join("askem-cuda");
        std::fs::write(folder.join("script"), format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::copy(folder.join("script"), &program).unwrap();
        let may_run = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&program, may_run).unwrap();
        Gpu {
            program,
            device: "cuda:0".into(),
            name: "NVIDIA Pretender".into(),
        }
    }

    fn luggage() -> Luggage {
        Luggage {
            files: vec!["/data/a b.tif".into(), "/data/-c.png".into()],
            model: Some("/models/mine".into()),
            private: true,
            apart: true,
        }
    }

    #[test]
    fn it_gets_what_is_open_and_is_waited_for_until_its_window_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let script = format!(
            "for word in \"$@\"; do echo \"$word\"; done > '{0}.part'; mv '{0}.part' '{0}'\n\
             echo something else; sleep 0.3; echo '{OPEN}'; exec sleep 2",
            told.display()
        );
        let gpu = gpu(folder.path(), &script);
        let began = Instant::now();
        launch(&gpu, &luggage()).unwrap();
        assert!(began.elapsed() >= Duration::from_millis(290));
        let told = std::fs::read_to_string(told).unwrap();
        let words = "--take-over\n--private\n--new-window\n--model\n/models/mine\n--\n/data/a b.tif\n/data/-c.png\n";
        assert_eq!(told, words);
        assert_eq!(Luggage::default().arguments(), ["--take-over"]);
    }

    #[test]
    fn one_that_opens_no_window_is_a_sentence_in_time() {
        let limit = Duration::from_millis(600);
        for (script, sign) in [
            ("exit 7", "exit status: 7"),
            ("echo nonsense; exec sleep 60", "opened no window within"),
            ("exec >&-; exec sleep 60", "opened no window within"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let began = Instant::now();
            let why = launch_within(&gpu(folder.path(), script), &luggage(), limit).unwrap_err();
            assert!(why.contains(sign) && why.ends_with("goes on."), "{why}");
            assert!(began.elapsed() < Duration::from_secs(5));
        }
        let folder = tempfile::tempdir().unwrap();
        let gone = Gpu {
            program: folder.path().join("gone"),
            ..gpu(folder.path(), "")
        };
        let why = launch(&gone, &luggage()).unwrap_err();
        assert!(why.contains("could not be started"), "{why}");
    }

    #[test]
    fn a_window_that_opens_says_the_word_that_is_waited_for() {
        let mut said = Vec::new();
        say_open(&mut said);
        assert_eq!(said, format!("{OPEN}\n").into_bytes());
    }
}
