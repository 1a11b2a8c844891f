//! Numbers, sentences and words of finished answers: what they rest on lights up, how well they
//! fit is said, and where the model looked is painted over the micrograph.

use super::harness::{Script, Setup, Window, micrograph, with_slots};
use super::layout::check_layout;
use super::measuring;
use askem::answer::{Answer, Description, Slot, Timing};
use askem::notebook::{CategorySource, Facts, Note, NoteId, Notebook, Subject, Turn, TurnState};
use askem::questions::{Category, Key as Question};
use askem::window::Settings;
use egui::accesskit::{Role, Toggled};
use egui::epaint::{ColorMode, Shape};
use egui::{Color32, Key, Modifiers, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const MEDIAN: &str = "28.2 ± 0.4 px, measured here";
const COVERAGE: &str = "34 ± 1\u{a0}%, measured here";

/// A window in which the discs were asked about; the answer begins with `words`.
fn answered(script: Script, words: &str) -> (tempfile::TempDir, Window) {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Setup {
        script,
        files: vec![measuring::micrograph(folder.path(), "discs.png")],
        ..Setup::default()
    }
    .open();
    window.wait_ready("discs.png");
    window.type_into("Question", "how big are they?");
    window.wait(words);
    window.wait_gone("Answering");
    (folder, window)
}

/// A window whose notebook holds the answer of [`with_slots`] about the discs.
fn asked() -> (tempfile::TempDir, Window) {
    recalled(Settings::default())
}

fn recalled(settings: Settings) -> (tempfile::TempDir, Window) {
    let folder = tempfile::tempdir().unwrap();
    let path = measuring::micrograph(folder.path(), "discs.png");
    let category = Some((Category::Particles, CategorySource::Predicted));
    let notebook = noted(&path, with_slots(), category);
    let mut window = Setup {
        script: Script::Slots,
        files: vec![path],
        notebook: Some(notebook),
        settings,
        ..Setup::default()
    }
    .open();
    window.wait_ready("discs.png");
    window.wait("Round discs are ");
    window.wait_until("the micrograph painted", |window| veils(window) > 0);
    window.harness.run_steps(40);
    (folder, window)
}

/// A notebook beside a micrograph that holds an answer about it.
fn noted(path: &Path, answer: Answer, category: Option<(Category, CategorySource)>) -> PathBuf {
    let hash = blake3::hash(&std::fs::read(path).unwrap()).to_hex();
    let file = path.with_file_name("notebook.sqlite");
    let turn = Turn {
        id: NoteId::new(),
        asked: SystemTime::now(),
        key: Some(Question::SizeRange),
        typed: None,
        region: None,
        category,
        text: answer.text,
        state: TurnState::Answered(Facts {
            text_with_slots: answer.text_with_slots,
            slots: answer.slots,
            sentences: answer.sentences,
            match_score: answer.match_score,
            confidence: None,
            timing: Timing::default(),
            warnings: answer.warnings,
            by: Description {
                model: "scripted".into(),
                device: "cpu".into(),
                fallback: None,
            },
        }),
    };
    let subject = Subject {
        hash: hash.to_string(),
        name: "discs.png".into(),
        path: None,
    };
    let mut notebook = Notebook::open(&file).unwrap();
    notebook.note(&subject, &Note::Turn(turn)).unwrap();
    file
}

fn link(window: &Window, name: &str) -> Rect {
    let node = window.harness.get_by_role_and_label(Role::Link, name);
    node.rect()
}

fn point_at(window: &mut Window, at: Pos2) {
    window.harness.hover_at(at);
    window.step();
    // Tooltips wait a moment.
    window.harness.run_steps(40);
}

fn nowhere(window: &mut Window) {
    let at = window.pane("discs.png").left_bottom() + vec2(3.0, -3.0);
    point_at(window, at);
}

/// Closed lines over the micrograph: the white ones of what is lit, and those in other colours.
fn outlines(window: &Window) -> [usize; 2] {
    let pane = window.pane("discs.png");
    let mut count = [0; 2];
    for clipped in &window.harness.output().shapes {
        if let Shape::Path(path) = &clipped.shape
            && path.closed
            && path.points.len() > 8
            && path.points.iter().all(|at| pane.contains(*at))
            && let ColorMode::Solid(color) = path.stroke.color
            && color.a() == 255
        {
            count[usize::from(color != Color32::WHITE)] += 1;
        }
    }
    count
}

#[test]
fn a_number_in_an_answer_lights_up_its_objects_and_leads_to_them() {
    let (_folder, mut window) = asked();
    assert_eq!(outlines(&window), [0, 0]);
    let median = link(&window, MEDIAN);
    point_at(&mut window, median.center());
    window.wait_until("three lit objects", |window| outlines(window) == [3, 0]);
    window.harness.run_steps(40);
    assert!(window.shows("Measured here, n\u{a0}=\u{a0}3"));
    assert!(window.shows("A note about size.median."));
    assert!(window.shows("Click for all of what was measured"));
    nowhere(&mut window);
    assert_eq!(outlines(&window), [0, 0]);
    assert!(!window.shows("A note about"));
    // One without objects of its own rests on all of them.
    let coverage = link(&window, COVERAGE);
    point_at(&mut window, coverage.center());
    assert_eq!(outlines(&window), [35, 0]);
    nowhere(&mut window);
    // By keyboard alone.
    let node = window.harness.get_by_role_and_label(Role::Link, MEDIAN);
    node.focus();
    window.step();
    assert_eq!(outlines(&window), [3, 0]);
    assert!(window.shows("A note about size.median."));
    window.key(NONE, Key::Tab);
    assert!(window.shows("A note about coverage."));
    let node = window.harness.get_by_role_and_label(Role::Link, MEDIAN);
    node.click();
    window.step();
    window.wait("35 objects");
    let tab = window.harness.get_by_role_and_label(Role::Tab, "Objects");
    tab.click();
    window.wait(", 3 chosen");
}

#[test]
fn objects_are_not_lit_once_they_are_others_than_those_of_the_answer() {
    let (_folder, mut window) = asked();
    let median = link(&window, MEDIAN);
    point_at(&mut window, median.center());
    window.wait_until("three lit objects", |window| outlines(window) == [3, 0]);
    nowhere(&mut window);
    let pane = window.pane("discs.png");
    // Takes the focus out of the question.
    window.click_at(pane.left_bottom() + vec2(3.0, -3.0));
    window.key(NONE, Key::Q);
    window.drag(pane.center() - vec2(90.0, 90.0), pane.center());
    window.wait("About a region of ");
    window.step();
    let median = link(&window, MEDIAN);
    point_at(&mut window, median.center());
    window.wait("Its objects cannot be shown");
    assert_eq!(outlines(&window), [0, 0]);
}

#[test]
fn what_the_file_and_the_scale_bar_say_leads_there() {
    let (_folder, mut window) = asked();
    let follow = |window: &mut Window, name: &str| {
        let node = window.harness.get_by_role_and_label(Role::Link, name);
        // It may stand in two rows, with nothing in the middle between them.
        node.click_accesskit();
        window.step();
        window.step();
    };
    follow(&mut window, "2 nm, read from the scale bar");
    let tool = window.button("Set the scale (S)");
    assert_eq!(tool.accesskit_node().toggled(), Some(Toggled::True));
    follow(&mut window, "15 kV, stated by the file");
    assert!(window.shows("Close the metadata"));
    follow(&mut window, "15 kV, stated by the file");
    assert!(window.shows("Close the metadata"), "it is never closed so");
}

#[test]
fn a_sentence_says_how_well_it_fits_and_a_doubtful_one_is_marked() {
    let (_folder, mut window) = asked();
    assert!(window.shows("A cat sits on them.\u{a0}(does not seem to fit)"));
    assert!(window.shows("Fits 82\u{a0}%"));
    assert!(!window.shows("Confidence"), "it was not calibrated");
    let answer = window.harness.query_all_by_label_contains("Round discs");
    let at = answer.map(|node| node.rect()).next().unwrap();
    point_at(&mut window, at.left_top() + vec2(8.0, 8.0));
    assert!(window.shows("Fits this image: 83\u{a0}%, by the model's matching head"));
}

#[test]
fn what_was_left_out_is_a_line_that_unfolds() {
    let (_folder, mut window) = asked();
    assert!(!window.shows("No lines were found."));
    window.press("Left out: 2 sentences");
    assert!(window.shows("No lines were found.") && window.shows("No scale is known."));
    window.press("Left out: 2 sentences");
    assert!(!window.shows("No lines were found."));
}

/// Where a word of the first answer stands, by its letters.
fn word(window: &Window, part: &str) -> Pos2 {
    let shapes = &window.harness.output().shapes;
    let found = shapes.iter().find_map(|clipped| {
        let Shape::Text(text) = &clipped.shape else {
            return None;
        };
        let whole = text.galley.text();
        let at = whole.find(part).filter(|_| whole.starts_with("Round"))?;
        let cursor = whole[..at].chars().count() + 1;
        let cursor = egui::text::CCursor::new(cursor);
        let rect = text.galley.pos_from_cursor(cursor);
        Some(text.pos + rect.center().to_vec2() + vec2(2.0, 0.0))
    });
    found.unwrap_or_else(|| panic!("{part} is in no answer"))
}

/// Pictures that are stretched over a part of the micrograph.
fn veils(window: &Window) -> usize {
    let shapes = &window.harness.output().shapes;
    let is_veil = |shape: &Shape| match shape {
        Shape::Mesh(mesh) => mesh.texture_id != egui::TextureId::default(),
        _ => false,
    };
    let pane = window.pane("discs.png");
    let veils = shapes.iter().filter(|clipped| is_veil(&clipped.shape));
    let inside = |clipped: &&egui::epaint::ClippedShape| {
        let rect = clipped.shape.visual_bounding_rect();
        pane.contains_rect(rect) && rect.width() > 100.0
    };
    veils.filter(inside).count()
}

#[test]
fn the_words_of_an_answer_show_where_the_model_looked() {
    let (_folder, mut window) = asked();
    let without = veils(&window);
    window.key(CTRL.plus(Modifiers::SHIFT), Key::H);
    window.wait("Point at a word of an answer");
    let discs = word(&window, "discs");
    point_at(&mut window, discs);
    window.wait("Where the model looked when it wrote “discs”. Brighter is more.");
    assert_eq!(veils(&window), without + 1);
    nowhere(&mut window);
    assert_eq!(veils(&window), without);
    window.click_at(discs);
    nowhere(&mut window);
    assert!(window.shows("when it wrote “discs”"), "it was clicked");
    let median = link(&window, MEDIAN);
    point_at(&mut window, median.center());
    window.wait("when it wrote “28.2 ± 0.4 px”");
    let cat = word(&window, "cat");
    point_at(&mut window, cat);
    window.wait("“cat”: There is no cat.");
    assert_eq!(veils(&window), without);
    nowhere(&mut window);
    assert_eq!(veils(&window), without + 1);
    window.key(NONE, Key::Escape);
    assert!(!window.shows("when it wrote") && veils(&window) == without);
    point_at(&mut window, discs);
    assert!(!window.shows("when it wrote"));
}

#[test]
fn where_the_model_looked_goes_with_the_micrograph_and_may_not_be_known() {
    let (folder, mut window) = answered(Script::Quick, "Answer to ");
    let (other, _) = micrograph(folder.path(), "b.png", 3);
    window.press("Show where the model looks (Ctrl+Shift+H)");
    let answer = window.harness.query_all_by_label_contains("Answer to ");
    let at = answer.map(|node| node.rect()).next().unwrap();
    window.click_at(at.left_top() + vec2(8.0, 8.0));
    nowhere(&mut window);
    window.wait("“Answer”: This model does not tell where it looks.");
    window.open_path(&other);
    window.wait_ready("b.png");
    assert!(!window.shows("“Answer”"));
    assert!(window.shows("Point at a word of an answer"));
    window.key(CTRL.plus(Modifiers::SHIFT), Key::H);
    assert!(!window.shows("Point at a word of an answer"));
}

#[test]
fn answers_come_back_with_their_numbers_and_hostile_places_draw_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = measuring::micrograph(folder.path(), "discs.png");
    let mut answer = with_slots();
    answer.match_score = Some(f32::MAX);
    let bad = |place| Slot {
        place: Some(place),
        text: "bad".into(),
        evidence: vec![u32::MAX; 3],
        ..answer.slots[0].clone()
    };
    // Beyond the text, backwards, and within a character.
    let plus = answer.text.find('±').unwrap();
    let bad = [[usize::MAX - 1, usize::MAX], [9, 4], [plus + 1, plus + 4]].map(bad);
    answer.slots.extend(bad);
    let file = noted(&path, answer, None);
    let mut window = Setup {
        script: Script::Slots,
        files: vec![path],
        notebook: Some(file),
        ..Setup::default()
    }
    .open();
    window.wait_ready("discs.png");
    window.wait("Round discs are ");
    assert!(window.shows(MEDIAN) && window.shows("15 kV, stated by the file"));
    assert!(!window.shows("bad, measured here"));
    // Asked without a category, so that its objects may be others.
    let median = link(&window, MEDIAN);
    point_at(&mut window, median.center());
    window.wait("Its objects cannot be shown");
}

#[test]
fn links_and_notes_stay_in_their_panel_at_all_text_sizes() {
    for text_percent in [100, 150, 200] {
        let (_folder, mut window) = recalled(Settings {
            text_percent,
            ..Settings::default()
        });
        let unfold = window.button("Left out: 2 sentences");
        unfold.scroll_to_me();
        window.step();
        window.press("Left out: 2 sentences");
        window.key(CTRL.plus(Modifiers::SHIFT), Key::H);
        window.wait("Point at a word of an answer");
        check_layout(&window, &format!("{text_percent} %, an answer with links"));
        let answer = window.harness.query_all_by_label_contains("Round discs");
        let answer = answer.map(|node| node.rect()).next().unwrap();
        let links = window.harness.query_all_by_role(Role::Link);
        let links: Vec<Rect> = links.map(|node| node.rect()).collect();
        assert_eq!(links.len(), 4);
        for link in links {
            assert!(
                answer.expand(1.0).contains_rect(link),
                "{link:?} leaves {answer:?}"
            );
        }
    }
}
