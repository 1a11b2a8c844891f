//! What the tests of the command line share: a folder of its own for each, the program run in
//! it, and what it left.

use image::{GrayImage, Luma};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The fields of every `--json` row, in their order. docs/CLI.md holds the same lines.
pub const INSPECT: &str = "file format width height bits samples pages vendor instrument pixel_size scale_bar banner \
    overlays overlay_kinds accelerating_voltage_kV working_distance_mm magnification detector dwell_us date stage_tilt_deg \
    tilt_correction scan_rotation_deg metadata warnings";
pub const MEASURE: &str = "file calibrated unit structure category disagreement evidence fitness polarity objects \
    lattice quantities noise blur_px clipped steps warnings ms";
pub const CLASSIFY: &str = "file category probabilities none_of_these technique model device ms";
pub const ASK: &str = "file question key read_as category category_source answer text_with_slots slots sentences match \
    confidence technique tokens ms model device warnings";
pub const ASK_MS: &str = "load encode first_token total";
pub const SIMULATE: &str = "out truth images seed ms";
pub const SCORE: &str = "id bleu1 bleu2 bleu3 bleu4 rouge1 rouge2 rougeL meteor";
pub const SCORE_CORPUS: &str = "bleu1 bleu2 bleu3 bleu4 rouge1 rouge2 rougeL meteor";
pub const EVALUATE: &str = "report model images top1 top5 macro_f1 texts verdict ms";
pub const EVALUATE_TEXT: &str = "setting teller answers bleu2 bleu4 rouge1 rouge2 rougeL meteor";
pub const ABLATE: &str = "report variants ms";
pub const ABLATE_VARIANT: &str = "variant bleu4 rougeL meteor precision recall f1";
pub const TRAIN: &str = "model device seed ms";
pub const DEVICES: &str = "device name bytes bf16 program version error";
pub const MODELS: &str = "name folder kind preset parameters image_px tokens bytes in_use error";
pub const FILE_ERROR: &str = "file error";

pub const CATEGORIES: &str = "Biological Fibres Films_Coated_Surface MEMS_devices_and_electrodes Nanowires Particles \
    Patterned_surface Porous_Sponge Powder Tips";

/// A folder of its own, with the program's settings inside it and no display.
pub struct World {
    pub folder: TempDir,
}

/// What a run left.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, in the folder. Nothing of the user's own settings reaches it.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_askem"));
        command.args(arguments);
        self.confine(&mut command);
        command
    }

    /// Has a command run in the folder, without the user's settings and without a display.
    pub fn confine(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("HOME", self.folder.path());
        // Whatever is installed here: a test that wants an askem-cuda names one.
        command.env("ASKEM_CUDA", "");
        for name in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "WAYLAND_SOCKET",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
        ] {
            command.env_remove(name);
        }
    }

    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// An 8-bit PNG with bright discs on a dark ground, and its name.
    pub fn micrograph(&self, name: &'static str) -> &'static str {
        let disc =
            |x: u32, y: u32| (x % 40).abs_diff(20).pow(2) + (y % 40).abs_diff(20).pow(2) < 144;
        let pixels = GrayImage::from_fn(160, 120, |x, y| {
            Luma([if disc(x, y) { 200 } else { 40 + (x % 7) as u8 }])
        });
        pixels.save(self.path(name)).unwrap();
        name
    }

    pub fn file(&self, name: &'static str, bytes: &[u8]) -> &'static str {
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
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    pub fn rows(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[track_caller]
pub fn assert_fields(row: &Value, fields: &str) {
    let found: Vec<&str> = row
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(found, fields.split_whitespace().collect::<Vec<_>>());
}

#[track_caller]
pub fn assert_sentence(text: &str) {
    let text = text.trim();
    assert!(
        text.contains(' ') && text.ends_with(['.', '?']),
        "not a sentence: {text}"
    );
}

/// Files that no reader should trust, the last two of which only lie about their pixels.
pub fn hostile_files(world: &World) -> Vec<&'static str> {
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
pub fn assert_others_done(world: &World, command: &[&str], bad: &[&str], fields: &str) {
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
