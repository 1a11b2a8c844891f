//! A window under test: a scripted engine, a way to press and type, and patience.

use askem::answer::{
    Answer, AnswerError, Answerer, Classification, Description, Flow, HeatMap, Installed, Piece,
    Prompt, Sentence, Slot, SlotKind, Timing,
};
use askem::micrograph::{Limits, Prepared};
use askem::questions::{Category, Key};
use askem::window::{
    AskemWindow, PickFiles, PickTarget, Settings, Start, Store, ThemeChoice, Ways,
};
use askem::worker::Services;
use egui::accesskit::Role;
use egui::{Modifiers, Pos2, Rect, Vec2, vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, Node};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for something that is to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the scripted engine behaves.
#[derive(Clone, Copy, PartialEq)]
pub enum Script {
    /// Answers at once.
    Quick,
    /// Writes until it is stopped.
    Endless,
    /// Fails at every question.
    Broken,
    /// Can't be loaded.
    Unloadable,
    /// Tells where it looks, too.
    Slots,
}

struct Engine(Script);

/// What the scripted engine answers: everything that must not be mixed up.
pub fn expected(image: &str, key: Key, category: Option<Category>) -> String {
    let category = category.map_or("no category", Category::words);
    let part = image.split_once('#').map_or("", |(_, part)| part);
    let name = lettered(&format!("{}{part}", &image[..8]));
    format!("Answer to {key} about {name} as {category}.")
}

/// Letters in place of digits: a model may not say numbers of its own.
pub fn lettered(text: &str) -> String {
    let letter = |c: char| match c.to_digit(10) {
        Some(digit) => char::from(b'g' + digit as u8),
        None => c,
    };
    text.chars().map(letter).collect()
}

/// An answer with a slot of each kind.
pub fn with_slots() -> Answer {
    let mut answer = Answer {
        match_score: Some(0.82),
        tokens: 9,
        warnings: ["No lines were found.", "No scale is known."]
            .map(|why| format!("A sentence was left out. {why}"))
            .to_vec(),
        ..Answer::default()
    };
    let slot = |name: &str, kind, text: &str, evidence: &[u32]| Slot {
        name: name.into(),
        kind,
        value: None,
        unit: String::new(),
        uncertainty: None,
        text: text.into(),
        n: evidence.len(),
        evidence: evidence.to_vec(),
        note: format!("A note about {name}."),
        place: None,
    };
    let sentences: [(&str, Vec<Slot>, Option<f32>); 4] = [
        (
            "Round discs are {size.median} wide.",
            vec![slot(
                "size.median",
                SlotKind::Measured,
                "28.2 ± 0.4 px",
                &[1, 2, 3],
            )],
            Some(0.83),
        ),
        (
            "They cover {coverage} of the micrograph.",
            vec![slot("coverage", SlotKind::Measured, "34 ± 1\u{a0}%", &[])],
            Some(0.64),
        ),
        (
            "It was taken at {kV} with a scale of {scale.pixel}.",
            vec![
                slot("kV", SlotKind::Metadata, "15 kV", &[]),
                slot("scale.pixel", SlotKind::ScaleBar, "2 nm", &[]),
            ],
            None,
        ),
        ("A cat sits on them.", Vec::new(), Some(0.12)),
    ];
    for (written, slots, fits) in sentences {
        if !answer.text.is_empty() {
            answer.text.push(' ');
            answer.text_with_slots.push(' ');
        }
        answer.text_with_slots += written;
        let start = answer.text.len();
        let mut rest = written;
        for mut slot in slots {
            let token = format!("{{{}}}", slot.name);
            let (before, behind) = rest.split_once(&token).unwrap();
            answer.text += before;
            let from = answer.text.len();
            answer.text += &slot.text;
            slot.place = Some([from, answer.text.len()]);
            answer.slots.push(slot);
            rest = behind;
        }
        answer.text += rest;
        answer.sentences.push(Sentence {
            place: [start, answer.text.len()],
            with_slots: written.to_owned(),
            fits,
        });
    }
    answer
}

impl Answerer for Engine {
    fn describe(&self) -> Description {
        Description {
            model: "scripted".into(),
            device: "cpu".into(),
            fallback: None,
        }
    }

    fn classify(&mut self, _: &Prepared) -> Result<Classification, AnswerError> {
        let mut probabilities = [0.01; 10];
        probabilities[Category::Particles.index()] = 0.91;
        Ok(Classification {
            probabilities,
            none_of_these: false,
        })
    }

    fn answer(
        &mut self,
        image: &Prepared,
        prompt: &Prompt,
        on_piece: &mut dyn FnMut(Piece) -> Flow,
    ) -> Result<Answer, AnswerError> {
        if self.0 == Script::Broken {
            return Err(AnswerError::Model("the script says so".into()));
        }
        let mut text = String::new();
        let mut stopped = false;
        let sentence = expected(&image.hash, prompt.key, prompt.category);
        let words: Vec<String> = sentence.split_inclusive(' ').map(str::to_owned).collect();
        let endless = std::iter::repeat_n(
            " And on.".to_owned(),
            if self.0 == Script::Endless {
                100_000
            } else {
                0
            },
        );
        for word in words.into_iter().chain(endless) {
            text.push_str(&word);
            if on_piece(Piece { text: word }) == Flow::Stop {
                stopped = true;
                break;
            }
            if self.0 == Script::Endless {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let timing = Timing {
            encode_ms: 2.0,
            first_token_ms: 3.0,
            total_ms: 4.0,
        };
        let (match_score, confidence) = (Some(0.82), Some(0.74));
        Ok(Answer {
            text,
            match_score,
            confidence,
            tokens: 9,
            stopped,
            timing,
            ..Answer::default()
        })
    }

    fn look(
        &mut self,
        _: &Prepared,
        _: &Prompt,
        text: &str,
        word: Range<usize>,
    ) -> Result<HeatMap, AnswerError> {
        if self.0 != Script::Slots {
            return Err(AnswerError::Look(
                "This model does not tell where it looks".into(),
            ));
        }
        // Nothing was there when it wrote the cat.
        if &text[word] == "cat" {
            return Err(AnswerError::Look("There is no cat".into()));
        }
        let values = vec![0.1, 0.2, 0.4, 1.0];
        HeatMap::new(2, 2, values).ok_or_else(|| AnswerError::Look("No map".into()))
    }
}

pub fn services(script: Script) -> Services {
    Services {
        evaluate: askem::worker::evaluate_on("cpu", None),
        engine: Arc::new(move |_| match script {
            Script::Unloadable => Err(AnswerError::Model("the model folder is empty".into())),
            _ => Ok(Box::new(Engine(script))),
        }),
        train: Arc::new(|_, _| Err("not in this test".into())),
        limits: Limits::default(),
        notebook: None,
    }
}

/// A window under test.
pub struct Window {
    /// Where its settings are kept.
    pub store: Store,
    /// Holds the settings; removed with the window.
    pub _folder: tempfile::TempDir,
    pub harness: Harness<'static, AskemWindow>,
}

pub struct Setup {
    pub script: Script,
    pub files: Vec<PathBuf>,
    pub size_px: Vec2,
    pub settings: Settings,
    pub pick_files: PickFiles,
    pub pick_target: PickTarget,
    pub pick_folder: PickFiles,
    pub models: Option<Installed>,
    pub notebook: Option<PathBuf>,
    pub gpu: Option<Ways>,
    /// In place of the script.
    pub services: Option<Services>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            script: Script::Quick,
            files: Vec::new(),
            size_px: vec2(1280.0, 800.0),
            settings: Settings {
                theme: ThemeChoice::Dark,
                ..Settings::default()
            },
            pick_files: Arc::new(|| None),
            pick_target: Arc::new(|_| None),
            pick_folder: Arc::new(|| None),
            models: None,
            notebook: None,
            gpu: None,
            services: None,
        }
    }
}

impl Setup {
    pub fn open(self) -> Window {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("settings.json"));
        store.save(&self.settings).unwrap();
        let start = Start {
            services: Services {
                notebook: self.notebook,
                ..self.services.unwrap_or_else(|| services(self.script))
            },
            files: self.files,
            store: store.clone(),
            pick_files: self.pick_files,
            pick_target: self.pick_target,
            pick_folder: self.pick_folder,
            models: self.models,
            gpu: self.gpu,
        };
        let harness = Harness::builder()
            .with_size(self.size_px / self.settings.text_factor())
            .with_step_dt(1.0 / 60.0)
            .with_max_steps(30)
            .build_eframe(|cc| AskemWindow::new(&cc.egui_ctx, start));
        // The harness sets a theme of its own after the window has chosen.
        match self.settings.theme {
            ThemeChoice::Light => harness.ctx.set_theme(egui::Theme::Light),
            _ => harness.ctx.set_theme(egui::Theme::Dark),
        }
        let mut window = Window {
            harness,
            store,
            _folder: folder,
        };
        window.step();
        window
    }
}

impl Window {
    pub fn step(&mut self) {
        self.harness.run_ok();
    }

    /// Runs frames until the words are there, in full or as part.
    pub fn wait(&mut self, words: &str) {
        self.wait_until(&format!("\"{words}\" to appear"), |window| {
            window.shows(words)
        });
    }

    pub fn wait_gone(&mut self, words: &str) {
        self.wait_until(&format!("\"{words}\" to go"), |window| !window.shows(words));
    }

    pub fn wait_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(
                began.elapsed() < PATIENCE,
                "waited in vain for {what} in\n{:?}",
                self.harness
            );
            std::thread::sleep(Duration::from_millis(5));
            self.step();
        }
    }

    pub fn shows(&self, words: &str) -> bool {
        self.harness
            .query_all_by_label_contains(words)
            .next()
            .is_some()
    }

    pub fn button<'a>(&'a self, words: &'a str) -> Node<'a> {
        self.harness.get_by_role_and_label(Role::Button, words)
    }

    pub fn press(&mut self, words: &str) {
        self.button(words).click();
        self.step();
    }

    pub fn key(&mut self, modifiers: Modifiers, key: egui::Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.step();
    }

    pub fn type_into(&mut self, field: &'static str, text: &str) {
        self.harness
            .get_by_role_and_label(Role::TextInput, field)
            .focus();
        self.step();
        self.harness
            .get_by_role_and_label(Role::TextInput, field)
            .type_text(text);
        self.step();
        self.key(Modifiers::NONE, egui::Key::Enter);
    }

    pub fn open_path(&mut self, path: &Path) {
        self.key(Modifiers::COMMAND, egui::Key::L);
        self.type_into("Path", &path.display().to_string());
    }

    /// The place of the viewer that shows a micrograph.
    pub fn pane(&self, name: &str) -> Rect {
        let label = format!("Micrograph {name}");
        self.harness.get_by_label(&label).rect()
    }

    /// Presses, moves and lets go of the pointer, as a hand does: in several steps.
    pub fn drag(&mut self, from: Pos2, to: Pos2) {
        self.harness.hover_at(from);
        self.step();
        self.harness.drag_at(from);
        self.step();
        for share in [0.3, 0.7, 1.0] {
            self.harness.hover_at(from + (to - from) * share);
            self.step();
        }
        self.harness.drop_at(to);
        self.step();
    }

    pub fn click_at(&mut self, at: Pos2) {
        self.harness.hover_at(at);
        self.step();
        self.harness.drag_at(at);
        self.step();
        self.harness.drop_at(at);
        self.step();
        // Two clicks in a row are no double click.
        self.harness.run_steps(30);
    }

    /// Waits until the micrograph is shown and its category predicted.
    pub fn wait_ready(&mut self, name: &str) {
        self.wait(&format!("Micrograph {name}"));
        self.wait("91\u{a0}%");
    }
}

/// Writes a small micrograph whose pixels depend on `seed` and returns its file and hash.
pub fn micrograph(folder: &Path, name: &str, seed: u32) -> (PathBuf, String) {
    let path = folder.join(name);
    let pixels = image::GrayImage::from_fn(160, 120, |x, y| {
        image::Luma([(x.wrapping_mul(seed + 3) ^ y.wrapping_mul(7)) as u8])
    });
    pixels.save(&path).unwrap();
    let hash = blake3::hash(&std::fs::read(&path).unwrap())
        .to_hex()
        .to_string();
    (path, hash)
}

pub fn sample() -> Window {
    let mut window = Setup::default().open();
    window.wait_ready("Sample micrograph");
    window
}

/// A window with the settings that lie in `folder`, whatever they are.
pub fn opened_with(store: Store, folder: tempfile::TempDir) -> Window {
    let start = Start {
        services: services(Script::Quick),
        files: Vec::new(),
        store: store.clone(),
        pick_files: Arc::new(|| None),
        pick_target: Arc::new(|_| None),
        pick_folder: Arc::new(|| None),
        models: None,
        gpu: None,
    };
    let harness = Harness::builder()
        .with_size(vec2(1280.0, 800.0))
        .with_step_dt(1.0 / 60.0)
        .build_eframe(|cc| AskemWindow::new(&cc.egui_ctx, start));
    Window {
        harness,
        store,
        _folder: folder,
    }
}
