//! Training as a user's script does it: through the program, killed at any moment, resumed, and
//! in the end the same model as if nothing had happened.

use image::{GrayImage, Luma};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How often a run is killed; `ASKEM_KILLS=50` for the long check.
const KILLS: usize = 20;

/// A folder with data and a place for models.
pub struct Bench {
    pub folder: tempfile::TempDir,
}

impl Bench {
    /// Eight images, with stripes or without, and an answer for each in the folder `data`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        let mut list = String::new();
        for i in 0..8_u32 {
            let striped = i % 2 == 0;
            let grey = |x: u32, _| match striped && (x / 4).is_multiple_of(2) {
                true => Luma([220]),
                false => Luma([20 + 10 * i as u8]),
            };
            let name = format!("specimen{i}.png");
            GrayImage::from_fn(64, 48, grey)
                .save(data.join(&name))
                .unwrap();
            let (category, shape) = match striped {
                true => ("Patterned_surface", "Straight lines stand side by side."),
                false => ("Films_Coated_Surface", "A smooth film without structure."),
            };
            let split = if i < 6 { "train" } else { "val" };
            let line = serde_json::json!({
                "image": name, "category": category, "split": split,
                "key": "morphology.shape", "answer": shape,
            });
            list += &format!("{line}\n");
        }
        fs::write(data.join("pairs.jsonl"), list).unwrap();
        Self { folder }
    }

    pub fn model(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn train(&self, model: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_askem"));
        command.env("HOME", self.folder.path());
        command
            .arg("train")
            .arg("--data")
            .arg(self.folder.path().join("data"));
        command.arg("--out").arg(self.model(model)).args(more);
        command.args(["--epochs", "8", "--batch", "3", "--checkpoint", "0"]);
        command.args(["--device", "cpu"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn weights(&self, model: &str) -> Vec<u8> {
        fs::read(self.model(model).join("model.safetensors")).unwrap()
    }

    fn has_checkpoint(&self, model: &str) -> bool {
        let folder = self.model(&format!("{model}.training"));
        folder.join("checkpoint.safetensors").is_file()
    }
}

fn done(output: &Output) -> bool {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

/// Kills after so long; whether the run was still at work.
fn killed_after(mut run: Child, time: Duration) -> bool {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if let Some(status) = run.try_wait().unwrap() {
            assert!(status.success(), "the run failed before it was killed");
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    true
}

#[test]
fn killed_at_any_moment_a_run_resumes_and_ends_in_the_same_model() {
    let bench = Bench::new();
    let began = Instant::now();
    assert!(done(&bench.train("whole", &[]).output().unwrap()));
    let whole_run = began.elapsed();
    let whole = bench.weights("whole");

    let kills = std::env::var("ASKEM_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let (mut killed, mut resumed) = (0, 0);
    while killed < kills {
        let resume: &[&str] = match bench.has_checkpoint("parted") {
            true => &["--resume"],
            false => &[],
        };
        resumed += resume.len();
        let run = bench.train("parted", resume).spawn().unwrap();
        if killed_after(run, whole_run.mul_f64(random.random_range(0.0..0.6))) {
            killed += 1;
        } else {
            assert!(whole == bench.weights("parted"), "after {killed} kills");
            fs::remove_dir_all(bench.model("parted")).unwrap();
            fs::remove_dir_all(bench.model("parted.training")).unwrap();
        }
    }
    assert!(resumed > kills / 2, "only {resumed} runs were resumed");
    if !bench.has_checkpoint("parted") {
        assert!(done(&bench.train("parted", &[]).output().unwrap()));
    }
    assert!(done(
        &bench.train("parted", &["--resume"]).output().unwrap()
    ));
    assert!(whole == bench.weights("parted"), "after the last kill");
}

#[test]
fn every_step_and_epoch_is_in_the_log() {
    let bench = Bench::new();
    assert!(done(&bench.train("model", &[]).output().unwrap()));
    let log = fs::read_to_string(bench.model("model.training").join("log.jsonl")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<serde_json::Value> = lines.collect();
    let steps = lines.iter().filter(|line| line["lm"].is_number());
    let epochs = lines.iter().filter(|line| line["validation"].is_object());
    assert_eq!((steps.count(), epochs.count()), (16, 8), "{log}");
}

#[test]
fn what_cannot_be_resumed_is_refused_with_what_to_do() {
    let bench = Bench::new();
    let refused = |more: &[&str]| {
        let output = bench.train("model", more).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&["--resume"]).contains("without --resume"));
    assert!(done(&bench.train("model", &[]).output().unwrap()));
    let why = refused(&["--resume", "--seed", "3"]);
    assert!(why.contains("other settings"), "{why}");
    let file = bench.model("model.training").join("checkpoint.safetensors");
    halve(&file);
    let why = refused(&["--resume"]);
    assert!(why.contains("checkpoint is not valid"), "{why}");
}

fn halve(file: &Path) {
    let bytes = fs::read(file).unwrap();
    fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
}
