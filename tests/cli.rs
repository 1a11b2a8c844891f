//! The command line, driven as a user's script does: through the binary, its exit code, its
//! stdout and its stderr.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

use image::{GrayImage, ImageBuffer, Luma};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The fields of every `--json` row, in their order. docs/CLI.md holds the same lines.
const INSPECT: &str = "file format width height bits samples pages vendor instrument pixel_size scale_bar banner \
    overlays accelerating_voltage_kV working_distance_mm magnification detector dwell_us date stage_tilt_deg \
    tilt_correction scan_rotation_deg metadata warnings";
const CLASSIFY: &str = "file category probabilities none_of_these technique model device ms";
const ASK: &str = "file question key read_as category category_source answer text_with_slots slots match confidence \
    technique tokens ms model device warnings";
const ASK_MS: &str = "load encode first_token total";
const SIMULATE: &str = "out truth images seed ms";
const TRAIN: &str = "model seed ms";
const FILE_ERROR: &str = "file error";

const CATEGORIES: &str = "Biological Fibres Films_Coated_Surface MEMS_devices_and_electrodes Nanowires Particles \
    Patterned_surface Porous_Sponge Powder Tips";

/// A folder of its own, with the program's settings inside it and no display.
struct World {
    folder: TempDir,
}

/// What a run left.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl World {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, in the folder. Nothing of the user's own settings reaches it.
    fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_askem"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command.env("HOME", self.folder.path());
        for name in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "WAYLAND_SOCKET",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
        ] {
            command.env_remove(name);
        }
        command
    }

    fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// An 8-bit PNG with bright discs on a dark ground, and its name.
    fn micrograph(&self, name: &'static str) -> &'static str {
        let disc =
            |x: u32, y: u32| (x % 40).abs_diff(20).pow(2) + (y % 40).abs_diff(20).pow(2) < 144;
        let pixels = GrayImage::from_fn(160, 120, |x, y| {
            Luma([if disc(x, y) { 200 } else { 40 + (x % 7) as u8 }])
        });
        pixels.save(self.path(name)).unwrap();
        name
    }

    fn file(&self, name: &'static str, bytes: &[u8]) -> &'static str {
        std::fs::write(self.path(name), bytes).unwrap();
        name
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let ran = Ran {
            code: output
                .status
                .code()
                .expect("the program was killed by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        ran
    }
}

impl Ran {
    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    fn rows(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[track_caller]
fn assert_fields(row: &Value, fields: &str) {
    let found: Vec<&str> = row
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(found, fields.split_whitespace().collect::<Vec<_>>());
}

#[track_caller]
fn assert_sentence(text: &str) {
    let text = text.trim();
    assert!(
        text.contains(' ') && text.ends_with(['.', '?']),
        "not a sentence: {text}"
    );
}

#[test]
fn usage_errors_exit_with_2() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let cases: [&[&str]; 17] = [
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
        &["train", "--data", "d", "--out", "m", "--minutes", "-1"],
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
    for command in ["ask", "classify", "inspect", "simulate", "train", "bench"] {
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

    let table = world.run(&["inspect", name]).expect(0);
    let lines: Vec<&str> = table.stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[1].split_whitespace().rev().collect::<Vec<_>>()[..6],
        ["1", "1", "16", "50", "70", "TIFF"]
    );
    assert_eq!(
        lines[0].chars().count(),
        lines[1].chars().count(),
        "columns stand under their heads"
    );
}

#[test]
fn the_original_is_never_written_to() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let before = std::fs::read(world.path(image)).unwrap();
    world.run(&["inspect", image]).expect(0);
    world.run(&["classify", image]).expect(0);
    assert_eq!(std::fs::read(world.path(image)).unwrap(), before);
    assert_eq!(
        std::fs::read_dir(world.folder.path()).unwrap().count(),
        1,
        "something was left beside the image"
    );
}

/// Files that no reader should trust, the last two of which only lie about their pixels.
fn hostile_files(world: &World) -> Vec<&'static str> {
    let good = std::fs::read(world.path(world.micrograph("good.png"))).unwrap();
    // A bitmap of 54 bytes that claims 60,000 x 60,000 pixels.
    let mut bomb = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bomb.extend(60_000_i32.to_le_bytes());
    bomb.extend(60_000_i32.to_le_bytes());
    bomb.extend(b"\x01\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    std::fs::create_dir(world.path("folder.png")).unwrap();
    vec![
        world.file("empty.png", b""),
        world.file("text.tif", b"This is no image at all.\n"),
        world.file(
            "noise.jpg",
            &good.iter().map(|byte| byte ^ 0x5a).collect::<Vec<_>>(),
        ),
        world.file("loop.tif", b"II*\0\x08\0\0\0\0\0\x08\0\0\0"),
        world.file("bomb.bmp", &bomb),
        world.file("stub.png", &good[..20]),
        "folder.png",
        "missing.png",
    ]
}

/// Every bad file gets its row and its sentence, and the good ones at both ends are done.
#[track_caller]
fn assert_others_done(world: &World, command: &[&str], bad: &[&str], fields: &str) {
    let files: Vec<&str> = ["good.png"]
        .iter()
        .chain(bad)
        .chain(&["good.png"])
        .copied()
        .collect();
    let ran = world
        .run(&[command, &["--json"], &files].concat())
        .expect(1);
    let rows = ran.rows();
    assert_eq!(rows.len(), files.len(), "{}", ran.stdout);
    for (row, file) in rows.iter().zip(&files) {
        assert_eq!(row["file"], **file);
        if *file == "good.png" {
            assert_fields(row, fields);
        } else {
            assert_fields(row, FILE_ERROR);
            assert_sentence(row["error"].as_str().unwrap());
            assert!(
                ran.stderr.lines().any(|line| line.contains(file)),
                "{file}: {}",
                ran.stderr
            );
        }
    }
    let text = world.run(&[command, &files].concat()).expect(1);
    assert_eq!(text.stderr.lines().count(), bad.len(), "{}", text.stderr);
}

#[test]
fn hostile_files_are_sentences_and_the_others_are_done() {
    let world = World::new();
    let bad = hostile_files(&world);
    assert_others_done(&world, &["inspect"], &bad, INSPECT);
}

#[test]
fn hostile_files_do_not_stop_asking_and_classifying() {
    let world = World::new();
    let mut bad = hostile_files(&world);
    let good = std::fs::read(world.path("good.png")).unwrap();
    bad.push(world.file("cut.png", &good[..good.len() / 2]));
    assert_others_done(&world, &["classify"], &bad, CLASSIFY);
    assert_others_done(&world, &["ask", "--about", "size.range"], &bad, ASK);
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
        INSPECT, CLASSIFY, ASK, ASK_MS, SIMULATE, TRAIN, FILE_ERROR, CATEGORIES,
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
fn probabilities_of_the_ten_add_up_to_one() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let rows = world.run(&["classify", "--json", image]).expect(0).rows();
    let probabilities = rows[0]["probabilities"].as_object().unwrap();
    let each: Vec<f64> = probabilities
        .values()
        .map(|p| p.as_f64().unwrap())
        .collect();
    assert!((each.iter().sum::<f64>() - 1.0).abs() < 1e-4, "{each:?}");
    let (best, _) = probabilities
        .iter()
        .max_by(|a, b| a.1.as_f64().unwrap().total_cmp(&b.1.as_f64().unwrap()))
        .unwrap();
    let expected = if rows[0]["none_of_these"] == true {
        Value::Null
    } else {
        best.as_str().into()
    };
    assert_eq!(rows[0]["category"], expected);
}

#[test]
fn a_topic_asks_all_its_keys_and_a_given_category_is_used() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let rows = world
        .run(&[
            "ask",
            image,
            "--about",
            "size",
            "--category",
            "Particles",
            "--json",
        ])
        .expect(0)
        .rows();
    let keys: Vec<&str> = rows
        .iter()
        .map(|row| row["key"].as_str().unwrap())
        .collect();
    assert_eq!(
        keys,
        ["size.range", "size.distribution", "size.aggregation"]
    );
    for row in &rows {
        assert_eq!(
            (row["category"].as_str(), row["category_source"].as_str()),
            (Some("Particles"), Some("given"))
        );
        assert!(!row["answer"].as_str().unwrap().trim().is_empty());
        assert_eq!(row["question"], row["read_as"]);
    }
    let predicted = world
        .run(&["ask", image, "--about", "size.range", "--json"])
        .expect(0)
        .rows();
    let source = if predicted[0]["category"].is_null() {
        Value::Null
    } else {
        "predicted".into()
    };
    assert_eq!(predicted[0]["category_source"], source);
}

#[test]
fn the_same_question_gets_the_same_answer_streamed_or_not() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let answer = |about: &str| {
        let rows = world
            .run(&["ask", image, "--about", about, "--json"])
            .expect(0)
            .rows();
        rows.last().unwrap()["answer"].as_str().unwrap().to_owned()
    };
    let alone = answer("size.aggregation");
    assert_eq!(answer("size.aggregation"), alone);
    assert_eq!(
        answer("size"),
        alone,
        "an answer depends on what was asked before"
    );
    let streamed = world
        .run(&["ask", image, "--about", "size.aggregation"])
        .expect(0);
    assert!(
        streamed
            .stdout
            .contains(&format!("size.aggregation  {alone}\n")),
        "{}\n{alone}",
        streamed.stdout
    );
}

#[test]
fn typed_questions_are_read_as_keys_or_declined() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let typed = "how are they spread";
    let rows = world
        .run(&["ask", image, "-q", typed, "--json"])
        .expect(0)
        .rows();
    assert!(
        rows.iter()
            .any(|row| row["key"] == "size.distribution" && row["question"] == typed),
        "{rows:?}"
    );

    let declined = world
        .run(&["ask", image, "-q", "Who won the match?", "--json"])
        .expect(0)
        .rows();
    assert!(declined[0]["key"].is_null() && declined[0]["model"].is_null());
    assert_sentence(declined[0]["answer"].as_str().unwrap());
    let missing = world
        .run(&["ask", "gone.png", "-q", "Who won the match?"])
        .expect(1);
    assert!(missing.stderr.contains("gone.png"));
}

#[test]
fn a_model_that_is_not_there_is_a_sentence() {
    let world = World::new();
    let image = world.micrograph("a.png");
    world.file("config.json", b"{}");
    for model in ["no-such-model", "."] {
        let ran = world.run(&["classify", image, "--model", model]).expect(1);
        assert!(ran.stdout.is_empty());
        assert_sentence(&ran.stderr);
    }
}

#[test]
fn piped_output_holds_data_and_stderr_is_silent() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let ran = world.run(&["classify", image, image]).expect(0);
    assert_eq!(ran.stdout.lines().count(), 2);
    assert_eq!(ran.stderr, "", "progress is for terminals");
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
fn a_trained_model_answers() {
    let world = World::new();
    world
        .run(&[
            "simulate", "--out", "data", "--count", "20", "--seed", "5", "--size", "64",
        ])
        .expect(0);
    let train = [
        "train", "--data", "data", "--out", "model", "--epochs", "1", "--seed", "1", "--json",
    ];
    let rows = world.run(&train).expect(0).rows();
    assert_fields(&rows[0], TRAIN);
    for file in [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "preprocessor_config.json",
        "README.md",
    ] {
        assert!(world.path("model").join(file).is_file(), "{file}");
    }
    let image = world.micrograph("a.png");
    let row = world
        .run(&["classify", image, "--model", "model", "--json"])
        .expect(0)
        .rows()
        .remove(0);
    assert_fields(&row, CLASSIFY);
    assert_eq!(row["model"], "model");
}

#[test]
fn training_without_data_is_a_sentence() {
    let world = World::new();
    std::fs::create_dir(world.path("empty")).unwrap();
    for data in ["nowhere", "empty"] {
        let ran = world
            .run(&["train", "--data", data, "--out", "model"])
            .expect(1);
        assert_sentence(&ran.stderr);
        assert!(!world.path("model").exists(), "half a model was left");
    }
}

#[test]
fn real_micrographs_are_read() {
    let Some(data) = std::env::var_os("ASKEM_DATA") else {
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
