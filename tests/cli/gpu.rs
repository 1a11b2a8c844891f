//! The plain program and the one with CUDA, which here is a shell script that pretends.

use super::world::{DEVICES, Ran, World, assert_fields, assert_sentence};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

/// A script under the name of the program, in a folder of its own.
fn pretender(world: &World, script: &str) -> String {
    let folder = world.path("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("askem-cuda");
    std::fs::write(folder.join("script"), format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::copy(folder.join("script"), &program).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    program.display().to_string()
}

fn run_with(world: &World, program: &str, arguments: &[&str]) -> Ran {
    let mut command: Command = world.command(arguments);
    Ran::from(command.env("ASKEM_CUDA", program).output().unwrap())
}

fn answers() -> String {
    let row = format!(
        r#"{{"device":"cuda:0","name":"NVIDIA Pretender","bytes":8000000000,"bf16":true,"program":"x","version":"{}","error":null}}"#,
        env!("CARGO_PKG_VERSION")
    );
    format!("[ \"$*\" = 'devices --own --json' ] && echo '{row}'")
}

#[test]
fn devices_are_listed_with_those_of_askem_cuda() {
    let world = World::new();
    let alone = world.run(&["devices", "--json"]).expect(0);
    let rows = alone.rows();
    assert_eq!(rows.len(), 1);
    assert_fields(&rows[0], DEVICES);
    assert_eq!(rows[0]["device"], "cpu");
    assert!(alone.stderr.contains("README.md"), "{}", alone.stderr);

    let program = pretender(&world, &answers());
    let both = run_with(&world, &program, &["devices", "--json"]).expect(0);
    let rows = both.rows();
    assert_eq!((rows.len(), both.stderr.as_str()), (2, ""));
    assert_fields(&rows[1], DEVICES);
    assert_eq!(rows[1]["device"], "cuda:0");
    assert_eq!(rows[1]["program"], program);
    let words = run_with(&world, &program, &["devices"]).expect(0).stdout;
    assert!(words.contains("NVIDIA Pretender, 8 GB, by "), "{words}");

    // Asked for its own, a program asks nobody: two plain ones would ask each other for ever.
    let own = run_with(&world, &program, &["devices", "--own", "--json"]).expect(0);
    assert_eq!(own.rows().len(), 1);
    let plain = env!("CARGO_BIN_EXE_askem");
    let rows = run_with(&world, plain, &["devices", "--json"])
        .expect(0)
        .rows();
    let why = rows[1]["error"].as_str().unwrap();
    assert!(why.contains("built without CUDA"), "{why}");
}

#[test]
fn an_askem_cuda_that_fails_is_a_row_with_a_sentence() {
    let world = World::new();
    for (script, sign) in [
        (
            "echo 'askem-cuda: error while loading shared libraries: libcudart.so.13: cannot open' >&2; exit 127",
            "libcudart.so.13 is missing",
        ),
        ("kill -SEGV $$", "ended without an answer"),
        ("echo rubbish", "answers what an askem-cuda would not"),
    ] {
        let program = pretender(&world, script);
        let ran = run_with(&world, &program, &["devices", "--json"]).expect(0);
        let rows = ran.rows();
        let error = rows[1]["error"].as_str().unwrap();
        assert!(error.contains(sign), "{error}");
        assert_sentence(error);
    }
}

#[test]
fn a_gpu_that_is_asked_for_by_number_is_an_error_with_what_to_do() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let commands: [&[&str]; 4] = [
        &["classify", image],
        &["ask", image, "--about", "size.range"],
        &["train", "--data", ".", "--out", "m"],
        &["bench"],
    ];
    for command in commands {
        let command = [command, &["--device", "cuda:0"]].concat();
        let ran = world.run(&command).expect(1);
        assert!(ran.stdout.is_empty());
        assert!(
            ran.stderr.contains("README.md says how it is had"),
            "{}",
            ran.stderr
        );
        // It is told where it is without being started.
        let program = pretender(&world, "sleep 60");
        let began = Instant::now();
        let ran = run_with(&world, &program, &command).expect(1);
        assert!(
            ran.stderr.contains(&format!("Run {program}")),
            "{}",
            ran.stderr
        );
        assert!(began.elapsed() < Duration::from_secs(20));
    }
    let ran = world.run(&["--device", "cuda:0"]).expect(1);
    assert!(ran.stderr.contains("on the CPU alone"), "{}", ran.stderr);
}

#[test]
fn a_gpu_that_could_be_used_is_said_once_unless_the_cpu_is_meant() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let other = world.micrograph("b.png");
    // A program that hangs costs no time: it is not started.
    let program = pretender(&world, "sleep 60");
    let began = Instant::now();
    let ran = run_with(&world, &program, &["classify", image, other, "--json"]).expect(0);
    assert_eq!(ran.stderr.matches(&program).count(), 1, "{}", ran.stderr);
    assert!(ran.rows().iter().all(|row| row["device"] == "cpu"));
    for silent in [&["--device", "cpu"][..], &["--quiet"]] {
        let arguments = [&["classify", image], silent].concat();
        let ran = run_with(&world, &program, &arguments).expect(0);
        assert_eq!(ran.stderr, "");
    }
    let about = run_with(&world, &program, &["inspect", image]).expect(0);
    assert_eq!(about.stderr, "", "it computes nothing");
    assert!(began.elapsed() < Duration::from_secs(40));
}
