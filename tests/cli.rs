//! The command line, driven as a user's script does: through the binary, its exit code, its
//! stdout and its stderr.

mod answers;
mod evaluate;
#[cfg(unix)]
mod gpu;
mod inspect;
mod measure;
mod models;
mod score;
pub mod world;

use crate::specimens;
use image::{ImageBuffer, Luma};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use world::{
    ABLATE, ABLATE_VARIANT, ASK, ASK_MS, CATEGORIES, CLASSIFY, DEVICES, EVALUATE, EVALUATE_TEXT,
    FILE_ERROR, INSPECT, MEASURE, MODELS, Ran, SCORE, SIMULATE, TRAIN, World, assert_fields,
    assert_others_done, assert_sentence, hostile_files,
};

#[test]
fn usage_errors_exit_with_2() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let cases: [&[&str]; 18] = [
        &["ask", image],
        &["ask", "--about", "size"],
        &["ask", image, "--about", "size", "-q", "how big?"],
        &["ask", image, "--about", "colour"],
        &["ask", image, "--about", "size", "--category", "Glass"],
        &["ask", image, "--about", "size", "--device", "gpu"],
        &["classify"],
        &["classify", image, "--loud"],
        &["inspect"],
        &["simulate", "--count", "1", "--seed", "1"],
        &["simulate", "--out", "o", "--count", "many", "--seed", "1"],
        &[
            "simulate", "--out", "o", "--count", "1", "--seed", "1", "--size", "1",
        ],
        &["train", "--out", "m"],
        &["train", "--data", "d", "--out", "m", "--epochs", "0"],
        &["train", "--data", "d", "--out", "m", "--minutes=-1"],
        &["train", "--data", "d", "--out", "m", "--model", "n"],
        &["clasify", image],
        &["--device", "cuda:x"],
    ];
    for arguments in cases {
        let ran = world.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert!(
            ran.stdout.is_empty() && !ran.stderr.is_empty(),
            "{arguments:?}"
        );
    }
    assert!(
        !world.path("o").exists() && !world.path("m").exists(),
        "a usage error wrote something"
    );
}

#[test]
fn help_and_version_go_to_stdout() {
    let world = World::new();
    let version = world.run(&["--version"]).expect(0);
    assert!(
        version
            .stdout
            .starts_with(concat!("askem ", env!("CARGO_PKG_VERSION"), " (")),
        "{}",
        version.stdout
    );
    let help = world.run(&["--help"]).expect(0);
    for command in [
        "ask", "classify", "inspect", "simulate", "train", "bench", "models",
    ] {
        assert!(
            help.stdout
                .lines()
                .any(|line| line.trim_start().starts_with(command)),
            "{command}: {}",
            help.stdout
        );
        assert!(
            world
                .run(&[command, "--help"])
                .expect(0)
                .stdout
                .contains("--json"),
            "{command}"
        );
    }
}

#[test]
fn without_a_display_a_sentence_says_what_to_do() {
    let world = World::new();
    let image = world.micrograph("a.png");
    for arguments in [&[][..], &[image]] {
        let ran = world.run(arguments).expect(1);
        assert!(ran.stdout.is_empty());
        assert_sentence(&ran.stderr);
        assert!(ran.stderr.contains("askem ask"), "{}", ran.stderr);
    }
}

#[test]
fn inspect_reads_what_the_header_says() {
    let world = World::new();
    let name = "Größe 1 µm.tif";
    ImageBuffer::from_fn(70, 50, |x, y| Luma([(x * 900 + y) as u16]))
        .save(world.path(name))
        .unwrap();
    let rows = world.run(&["inspect", "--json", name]).expect(0).rows();
    assert_eq!(rows.len(), 1);
    assert_fields(&rows[0], INSPECT);
    let known = [
        "file", "format", "width", "height", "bits", "samples", "pages",
    ]
    .map(|field| rows[0][field].clone());
    let expected: [Value; 7] = [
        name.into(),
        "TIFF".into(),
        70.into(),
        50.into(),
        16.into(),
        1.into(),
        1.into(),
    ];
    assert_eq!(known, expected);
    // Nothing was calibrated: unknown is null, never a guess.
    assert!(rows[0]["pixel_size"].is_null() && rows[0]["scale_bar"].is_null());

    let words = world.run(&["inspect", name]).expect(0);
    let lines: Vec<&str> = words.stdout.lines().map(str::trim).collect();
    assert_eq!(lines[0], name);
    assert!(
        lines[1].ends_with("70 × 50 pixels, 16-bit grey, TIFF"),
        "{}",
        lines[1]
    );
    assert_eq!(
        lines[2].split_whitespace().collect::<Vec<_>>(),
        ["Pixel", "size", "unknown"]
    );
}

#[test]
fn a_page_can_be_asked_for() {
    let world = World::new();
    let stack = specimens::all()
        .into_iter()
        .find(|file| file.name == "stack.tif");
    std::fs::write(world.path("stack.tif"), stack.unwrap().bytes).unwrap();
    let bits = |page| {
        let ran = world.run(&["inspect", "--json", "--page", page, "stack.tif"]);
        ran.expect(0).rows()[0]["bits"].clone()
    };
    assert_eq!([bits("1"), bits("2"), bits("3")], [8, 16, 8]);
    let ran = world
        .run(&["inspect", "--page", "4", "stack.tif"])
        .expect(1);
    assert!(
        ran.stderr.contains("has no page 4: it has 3."),
        "{}",
        ran.stderr
    );
    world
        .run(&["inspect", "--page", "0", "stack.tif"])
        .expect(2);
}

#[test]
fn hostile_files_are_sentences_and_the_others_are_done() {
    let world = World::new();
    let bad = hostile_files(&world);
    assert_others_done(&world, &["inspect"], &bad, INSPECT);
}

#[test]
fn json_rows_have_exactly_the_documented_fields() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let one = |arguments: &[&str], fields: &str| {
        let rows = world
            .run(&[arguments, &["--json"]].concat())
            .expect(0)
            .rows();
        assert_eq!(rows.len(), 1);
        assert_fields(&rows[0], fields);
        rows[0].clone()
    };
    one(&["inspect", image], INSPECT);
    let classified = one(&["classify", image], CLASSIFY);
    assert_fields(&classified["probabilities"], CATEGORIES);
    let asked = one(&["ask", image, "--about", "size.range"], ASK);
    assert_fields(&asked["ms"], ASK_MS);
    let declined = one(&["ask", image, "-q", "Who won the match?"], ASK);
    assert_fields(&declined["ms"], ASK_MS);
    one(
        &[
            "simulate", "--out", "s", "--count", "1", "--seed", "1", "--size", "64",
        ],
        SIMULATE,
    );
}

#[test]
fn the_reference_lists_the_same_fields() {
    let reference =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CLI.md")).unwrap();
    for fields in [
        INSPECT,
        CLASSIFY,
        MEASURE,
        ASK,
        ASK_MS,
        SIMULATE,
        EVALUATE,
        EVALUATE_TEXT,
        ABLATE,
        ABLATE_VARIANT,
        SCORE,
        TRAIN,
        MODELS,
        DEVICES,
        FILE_ERROR,
        CATEGORIES,
    ] {
        let line = fields
            .split_whitespace()
            .map(|field| format!("`{field}`"))
            .collect::<Vec<_>>()
            .join(" ");
        assert!(reference.contains(&line), "docs/CLI.md lacks: {line}");
    }
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let arguments: Vec<&str> = ["inspect"]
        .into_iter()
        .chain(std::iter::repeat_n(image, 4000))
        .collect();
    let mut child = world
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap()).expect(0);
    assert_eq!(ran.stderr, "");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_130() {
    let world = World::new();
    let arguments = [
        "simulate", "--out", "s", "--count", "1000000", "--seed", "1", "--size", "64",
    ];
    let child = world
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let has_begun =
        || std::fs::read_dir(world.path("s")).is_ok_and(|mut entries| entries.next().is_some());
    let began = Instant::now();
    while !has_begun() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "the first image does not come"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    Ran::from(child.wait_with_output().unwrap()).expect(130);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_need_not_be_unicode() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let name = OsStr::from_bytes(b"caf\xe9\x1b[2J.png");
    std::fs::rename(
        world.path(world.micrograph("a.png")),
        world.folder.path().join(name),
    )
    .unwrap();
    let json = [OsStr::new("inspect"), OsStr::new("--json"), name];
    assert_fields(&world.run(&json).expect(0).rows()[0], INSPECT);
    let text = world.run(&json.map(|argument| {
        if argument == "--json" {
            OsStr::new("--quiet")
        } else {
            argument
        }
    }));
    assert!(
        !text.expect(0).stdout.contains('\x1b'),
        "a file name wrote to the terminal"
    );
}

/// Every file below a folder with its bytes, by name.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(
                contents(&path)
                    .into_iter()
                    .map(|(name, bytes)| (Path::new(path.file_name().unwrap()).join(name), bytes)),
            );
        } else {
            found.push((
                path.file_name().unwrap().into(),
                std::fs::read(&path).unwrap(),
            ));
        }
    }
    found.sort();
    found
}

#[test]
fn simulate_gives_the_same_bytes_for_the_same_seed() {
    let world = World::new();
    let simulate = |out: &str, seed: &str| {
        world
            .run(&[
                "simulate", "--out", out, "--count", "4", "--seed", seed, "--size", "96",
            ])
            .expect(0);
        contents(&world.path(out))
    };
    let first = simulate("a", "7");
    assert_eq!(first.len(), 5, "four images and truth.jsonl");
    assert!(first == simulate("b", "7"), "the same seed, other bytes");
    assert!(first != simulate("c", "8"), "another seed, the same bytes");
    let truth = std::fs::read_to_string(world.path("a/truth.jsonl")).unwrap();
    assert_eq!(
        truth
            .lines()
            .filter(|line| serde_json::from_str::<Value>(line).is_ok())
            .count(),
        4
    );
}

#[test]
fn simulate_makes_the_category_and_size_asked_for() {
    let world = World::new();
    world
        .run(&[
            "simulate",
            "--out",
            "s",
            "--count",
            "2",
            "--seed",
            "3",
            "--category",
            "Tips",
            "--size",
            "100",
        ])
        .expect(0);
    let truth = std::fs::read_to_string(world.path("s/truth.jsonl")).unwrap();
    assert!(truth.lines().all(|line| line.contains("Tips")), "{truth}");
    for (name, _) in contents(&world.path("s"))
        .iter()
        .filter(|(name, _)| name.extension() != Some(OsStr::new("jsonl")))
    {
        let row = world
            .run(&[
                OsStr::new("inspect"),
                OsStr::new("--json"),
                world.path("s").join(name).as_os_str(),
            ])
            .expect(0)
            .rows();
        assert_eq!(
            row[0]["width"].as_u64().max(row[0]["height"].as_u64()),
            Some(100)
        );
    }
}

#[test]
fn real_micrographs_are_read() {
    let Some(data) = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty()) else {
        eprintln!("skipped: ASKEM_DATA is not set");
        return;
    };
    let images: Vec<PathBuf> = std::fs::read_dir(Path::new(&data).join("real/img"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let world = World::new();
    let mut arguments = vec![OsStr::new("inspect"), OsStr::new("--json")];
    arguments.extend(images.iter().map(|path| path.as_os_str()));
    let rows = world.run(&arguments).expect(0).rows();
    assert_eq!(rows.len(), images.len());
    for row in rows {
        assert_fields(&row, INSPECT);
        assert!(
            row["width"].as_u64() > Some(63) && row["height"].as_u64() > Some(63),
            "{row}"
        );
    }
}
