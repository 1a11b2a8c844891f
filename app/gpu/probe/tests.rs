//! Programs that pretend to be `askem-cuda` and answer, hang, crash or talk nonsense.

use super::super::{Gpu, Look, PROGRAM, VERSION, look_at};
use super::*;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// A shell script under the name of the program.
fn pretender(script: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join(PROGRAM);
    // Written under another name and closed before it gets its own: a file that is open for
    // writing, in this process or in one that was just forked, can't be started.
    std::fs::write(
        folder.path().join("script"),
        format!("#!/bin/sh\n{script}\n"),
    )
    .unwrap();
    std::fs::copy(folder.path().join("script"), &program).unwrap();
    let may_run = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(&program, may_run).unwrap();
    (folder, program)
}

fn row(device: &str, error: Option<&str>) -> String {
    let row = DeviceRow {
        device: device.into(),
        name: Some("NVIDIA Pretender".into()),
        bytes: Some(8 << 30),
        bf16: true,
        program: "askem-cuda".into(),
        version: VERSION.into(),
        error: error.map(str::to_owned),
    };
    serde_json::to_string(&row).unwrap()
}

const LIMIT: Duration = Duration::from_secs(20);

fn tried(script: &str) -> Result<Vec<DeviceRow>, ProbeError> {
    let (_folder, program) = pretender(script);
    // Now and then the system still holds a new file as being written.
    for _ in 0..50 {
        match probe(&program, LIMIT) {
            Err(ProbeError::NotStarted { why, .. }) if why.contains("busy") => {
                std::thread::sleep(Duration::from_millis(20));
            }
            tried => return tried,
        }
    }
    panic!("the script can't be started");
}

#[test]
fn one_that_answers_is_believed_and_asked_for_its_own_devices_alone() {
    let script = format!(
        "[ \"$*\" = 'devices --own --json' ] || exit 9\necho '{}'\necho '{}'",
        row("cpu", None),
        row("cuda:0", None)
    );
    let rows = tried(&script).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].device, "cuda:0");
    assert_eq!(rows[0].name.as_deref(), Some("NVIDIA Pretender"));
    assert!(rows[0].program.ends_with(PROGRAM) && rows[0].program.starts_with('/'));
}

#[test]
fn the_first_gpu_that_works_is_offered_and_none_without_one() {
    let echo = |rows: &[String]| {
        let lines = rows.iter().map(|row| format!("echo '{row}'\n"));
        lines.collect::<String>()
    };
    let broken = row("cuda:0", Some("built for another GPU."));
    let (_folder, program) = pretender(&echo(&[broken.clone(), row("cuda:1", None)]));
    let ready = Gpu {
        program: program.clone(),
        device: "cuda:1".into(),
        name: "NVIDIA Pretender".into(),
    };
    assert_eq!(look_at(&program), Look::Ready(ready));
    for (rows, sign) in [
        (vec![broken], "built for another GPU."),
        (vec![row("cpu", None)], "built without CUDA"),
    ] {
        let (_folder, program) = pretender(&echo(&rows));
        match look_at(&program) {
            Look::Unusable(why) => {
                assert_eq!(why.word(), "no GPU found");
                assert!(why.to_string().contains(sign), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_that_hangs_is_stopped_in_time_even_with_children_that_hold_on() {
    for script in ["sleep 60", "sleep 60 & wait", "trap '' TERM; sleep 60"] {
        let (_folder, program) = pretender(script);
        let began = Instant::now();
        let limit = Duration::from_millis(400);
        let why = probe(&program, limit).unwrap_err();
        assert!(matches!(why, ProbeError::Silent { .. }), "{why}");
        assert!(began.elapsed() < Duration::from_secs(5), "{script}");
    }
}

#[test]
fn one_that_leaves_a_child_behind_is_not_waited_for() {
    let began = Instant::now();
    let script = format!("echo '{}'\nsleep 60 &\nexit 0", row("cuda:0", None));
    // What it said can't be told from what its child may still say.
    let said = tried(&script);
    assert!(matches!(said, Err(ProbeError::Nonsense { .. })), "{said:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn one_that_fails_is_told_with_its_reason() {
    let loader = "echo \"$0: error while loading shared libraries: libcublas.so.13: cannot open shared object file: \
                  No such file or directory\" >&2; exit 127";
    let cases = [
        (loader, "libcublas.so.13 is missing"),
        ("kill -SEGV $$", "signal: 11"),
        (
            "echo 'the driver is asleep' >&2; exit 3",
            "the driver is asleep",
        ),
        ("exit 1", "exit status: 1"),
        ("printf '\\033[2Jboo\\n' >&2; exit 1", "[2Jboo"),
    ];
    for (script, sign) in cases {
        let why = tried(script).unwrap_err();
        let told = why.to_string();
        assert!(told.contains(sign), "{script}: {told}");
        assert!(!told.contains(char::is_control), "{told:?}");
        assert_eq!(why.word(), "askem-cuda can't be used");
    }
}

#[test]
fn one_that_talks_nonsense_is_not_believed() {
    let other_device = format!("echo '{}'", row("cuda:$(reboot)", None));
    for script in [
        "echo hello",
        "exit 0",
        "echo '{}'",
        "head -c 3000000 /dev/zero",
        "yes '{\"device\":\"cuda:0\"}' | head -n 100000",
        &other_device,
    ] {
        let why = tried(script).unwrap_err();
        assert!(matches!(why, ProbeError::Nonsense { .. }), "{why}");
    }
    let old = row("cuda:0", None).replace(VERSION, "0.0.7");
    let why = tried(&format!("echo '{old}'")).unwrap_err();
    assert!(why.to_string().contains("version 0.0.7"), "{why}");
}

#[test]
fn what_is_no_program_at_all_is_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(PROGRAM);
    let gone = probe(&file, LIMIT).unwrap_err();
    std::fs::write(&file, "no program").unwrap();
    let not_run = probe(&file, LIMIT).unwrap_err();
    for why in [gone, not_run] {
        assert!(matches!(why, ProbeError::NotStarted { .. }), "{why}");
    }
}
