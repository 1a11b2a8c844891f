//! Tests of the notebook's file: what goes in comes out, and what damages it harms nothing else.

use super::*;
use crate::answer::{Description, Sentence, Slot, SlotKind, Timing};
use crate::micrograph::{Calibration, Source};
use crate::notebook::{
    Annotation, CategorySource, Facts, FolderScale, NoteId, StopReason, Turn, TurnState,
};
use crate::questions::{Category, Key};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

/// A folder with a notebook in it.
struct Desk {
    folder: TempDir,
    notebook: Notebook,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let notebook = Notebook::open(&folder.path().join("deep/notebook.sqlite")).unwrap();
        Self { folder, notebook }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("deep/notebook.sqlite")
    }

    fn note(&mut self, hash: &str, note: Note) {
        self.notebook.note(&subject(hash), &note).unwrap();
    }

    fn recall(&self, hash: &str) -> Notes {
        self.notebook.recall(hash).unwrap()
    }

    fn number(&self, query: &str) -> i64 {
        let connection = &self.notebook.connection;
        connection.query_row(query, [], |row| row.get(0)).unwrap()
    }
}

fn subject(hash: &str) -> Subject {
    Subject {
        hash: hash.into(),
        name: format!("{hash}.tif"),
        path: Some(PathBuf::from(format!("/images/{hash}.tif"))),
    }
}

fn turn(state: TurnState) -> Turn {
    Turn {
        id: NoteId::new(),
        asked: SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_000_123_457),
        key: Some(Key::SizeRange),
        typed: Some("how large, in µm?".into()),
        region: None,
        category: Some((Category::Films, CategorySource::User)),
        text: "Some text.".into(),
        state,
    }
}

fn facts() -> Facts {
    Facts {
        text_with_slots: String::new(),
        slots: Vec::new(),
        sentences: Vec::new(),
        match_score: Some(0.82),
        confidence: None,
        timing: Timing {
            encode_ms: 0.0,
            first_token_ms: 12.25,
            total_ms: 340.5,
        },
        warnings: vec!["One sentence was left out.".into(), "\"Two\"".into()],
        by: Description {
            model: "factory".into(),
            device: "cuda:0".into(),
            fallback: None,
        },
    }
}

/// The same with slots of every kind and numbers that are hard to write down.
fn facts_with_slots() -> Facts {
    let kinds = [
        SlotKind::Measured,
        SlotKind::Metadata,
        SlotKind::ScaleBar,
        SlotKind::Typed,
        SlotKind::Predicted,
        SlotKind::Read,
        SlotKind::Unavailable,
    ];
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut number = || f64::from_bits(random.random::<u64>() >> 2);
    let slot = |(place, kind): (usize, SlotKind)| Slot {
        name: "size.median".into(),
        kind,
        value: (place > 0).then(&mut number),
        unit: "µm".into(),
        uncertainty: (place > 1).then_some(1.0 / 3.0),
        text: "1.2 ± 0.1\u{a0}µm, \"about\"".into(),
        n: place * 1000,
        evidence: (0..place as u32 * 40).map(|id| id * 3).collect(),
        note: "Of 12 objects; 'D50'.".into(),
        place: (place < 6).then_some([place, place + 4]),
    };
    Facts {
        text_with_slots: "They are {size.median} wide.\n{count} of them.".into(),
        slots: kinds.into_iter().enumerate().map(slot).collect(),
        sentences: vec![
            Sentence {
                place: [0, 10],
                with_slots: "They are {size.median} wide.".into(),
                fits: Some(0.1 + 0.2),
            },
            Sentence {
                place: [11, 40],
                with_slots: String::new(),
                fits: None,
            },
        ],
        ..facts()
    }
}

#[test]
fn slots_and_sentences_are_recalled_to_the_last_bit_and_go_with_their_turn() {
    let mut desk = Desk::new();
    // A notebook that never held any has no table for them.
    desk.note("a", Note::Turn(turn(TurnState::Answered(facts()))));
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'answer'";
    assert_eq!(desk.number(tables), 0);
    let written = turn(TurnState::Answered(facts_with_slots()));
    desk.note("a", Note::Turn(written.clone()));
    desk.note("a", Note::Turn(written.clone()));
    desk.note(
        "b",
        Note::Turn(turn(TurnState::Answered(facts_with_slots()))),
    );
    assert_eq!(desk.number("SELECT count(*) FROM answer"), 2);
    let recalled = desk.recall("a").turns;
    let hash = |turn: &Turn| blake3::hash(format!("{turn:?}").as_bytes());
    let found = recalled.iter().find(|turn| turn.id == written.id).unwrap();
    assert_eq!(hash(found), hash(&written));
    assert_eq!(found, &written);
    assert_eq!(recalled.len(), 2, "the plain one is there too");
    desk.note("a", Note::ForgetTurns);
    assert_eq!(desk.number("SELECT count(*) FROM answer"), 1);
    desk.note("a", Note::Turn(written.clone()));
    assert_eq!(desk.recall("a").turns, std::slice::from_ref(&written));
    // Its parts are gone where it has none any more.
    let plain = Turn {
        state: TurnState::Answered(facts()),
        ..written
    };
    desk.note("a", Note::Turn(plain.clone()));
    assert_eq!(desk.recall("a").turns, [plain]);
    assert_eq!(desk.number("SELECT count(*) FROM answer"), 1);
    // As a program deletes turns that does not know the table.
    let all = "DELETE FROM turn";
    desk.notebook.connection.execute(all, []).unwrap();
    assert_eq!(desk.number("SELECT count(*) FROM answer"), 0);
}

#[test]
fn slots_that_make_no_sense_leave_the_answer_without_them() {
    let mut desk = Desk::new();
    desk.note(
        "a",
        Note::Turn(turn(TurnState::Answered(facts_with_slots()))),
    );
    let deep = "[".repeat(100_000);
    for odd in [
        "{",
        "null",
        "[{}]",
        "[1]",
        "",
        "[{\"place\": [0, -1]}]",
        &deep,
        "[{\"value\": \"many\"}]",
        "[{\"place\": [0, 1e300], \"with_slots\": \"\", \"fits\": null}]",
    ] {
        let connection = &desk.notebook.connection;
        let update = "UPDATE answer SET slots = ?1, sentences = ?1";
        connection.execute(update, [odd]).unwrap();
        let turns = desk.recall("a").turns;
        let TurnState::Answered(facts) = &turns[0].state else {
            panic!("{turns:?}")
        };
        assert_eq!((&facts.slots[..], &facts.sentences[..]), (&[][..], &[][..]));
        assert_eq!(facts.text_with_slots, facts_with_slots().text_with_slots);
    }
    // Not even our table.
    for other in [
        "CREATE TABLE answer (note, text_with_slots, slots, sentences)",
        "CREATE TABLE answer (cake TEXT)",
    ] {
        let connection = &desk.notebook.connection;
        connection.execute("DROP TABLE answer", []).unwrap();
        connection.execute(other, []).unwrap();
        if !other.contains("cake") {
            let odd = "INSERT INTO answer SELECT note, x'ff', 7, CAST(x'ff' AS TEXT) FROM turn";
            connection.execute(odd, []).unwrap();
        }
        assert_eq!(
            desk.recall("a").turns[0].state,
            TurnState::Answered(facts())
        );
    }
}

#[test]
fn everything_noted_is_recalled_as_it_was() {
    let mut desk = Desk::new();
    let turns = [
        turn(TurnState::Answered(facts())),
        turn(TurnState::Stopped(StopReason::User)),
        turn(TurnState::Stopped(StopReason::NewerImage)),
        turn(TurnState::Stopped(StopReason::Closed)),
        turn(TurnState::Failed("The model could not answer.".into())),
        Turn {
            key: None,
            category: None,
            text: String::new(),
            ..turn(TurnState::Declined("No image shows a taste.".into()))
        },
        // The same question once more: both stay.
        turn(TurnState::Answered(facts())),
    ];
    for turn in &turns {
        desk.note("a", Note::Turn(turn.clone()));
    }
    let calibration = Calibration::new(1.25, 1.5, Source::User, "500 nm over 400 px");
    desk.note("a", Note::Calibration(calibration.clone()));
    desk.note("a", Note::Category(Some(Category::Mems)));
    let annotation = Annotation {
        id: NoteId::new(),
        kind: "length".into(),
        points_px: vec![[0.5, 1e-9], [4095.25, 1.0 / 3.0]],
        label: "the \"neck\"".into(),
        details: serde_json::json!({"closed": true, "box_px": 15.5}),
    };
    desk.note("a", Note::Annotation(annotation.clone()));
    let file = desk.file();
    drop(desk.notebook);
    let notebook = Notebook::open(&file).unwrap();
    assert_eq!(notebook.put_aside(), None);
    let expected = Notes {
        category: Some(Category::Mems),
        calibration,
        turns: turns.to_vec(),
        annotations: vec![annotation],
        folder_scales: Vec::new(),
    };
    assert_eq!(notebook.recall("a").unwrap(), expected);
    assert_eq!(notebook.recall("b").unwrap(), Notes::default());
}

#[test]
fn a_turn_grows_in_its_place_and_one_left_open_comes_back_as_unfinished() {
    let mut desk = Desk::new();
    let mut first = turn(TurnState::Open);
    first.text.clear();
    desk.note("a", Note::Turn(first.clone()));
    desk.note("a", Note::Turn(turn(TurnState::Open)));
    first.text = "Half an".into();
    desk.note("a", Note::Turn(first.clone()));
    let unfinished = TurnState::Stopped(StopReason::Unfinished);
    let recalled = desk.recall("a").turns;
    assert_eq!(recalled.len(), 2);
    assert_eq!(
        (&*recalled[0].text, &recalled[0].state),
        ("Half an", &unfinished)
    );
    first.text = "Half an answer, and the rest.".into();
    first.state = TurnState::Answered(facts());
    desk.note("a", Note::Turn(first.clone()));
    assert_eq!(desk.recall("a").turns[0], first);
}

#[test]
fn a_scale_of_a_folder_comes_with_every_micrograph_until_it_is_taken_back() {
    let mut desk = Desk::new();
    assert_eq!(desk.recall("a").folder_scales, []);
    let scale = |nm| FolderScale {
        folder: "/lab/run 3".into(),
        size_px: [1024, 768],
        calibration: Calibration::new(nm, nm, Source::User, "the scale of a.tif"),
    };
    desk.note("a", Note::FolderScale(scale(2.0)));
    desk.note("a", Note::FolderScale(scale(2.5)));
    assert_eq!(desk.recall("a").folder_scales, [scale(2.5)]);
    assert_eq!(desk.recall("never seen").folder_scales, [scale(2.5)]);
    let gone = FolderScale {
        calibration: None,
        ..scale(2.5)
    };
    desk.note("a", Note::FolderScale(gone));
    assert_eq!(desk.recall("a").folder_scales, []);
}

#[test]
fn what_is_taken_back_is_gone_and_leaves_no_row() {
    let mut desk = Desk::new();
    desk.note("a", Note::Category(Some(Category::Tips)));
    let calibration = Calibration::new(1.0, 1.0, Source::User, "typed");
    desk.note("a", Note::Calibration(calibration));
    let annotation = Annotation {
        id: NoteId::new(),
        kind: "arrow".into(),
        points_px: Vec::new(),
        label: String::new(),
        details: serde_json::Value::Null,
    };
    desk.note("a", Note::Annotation(annotation.clone()));
    desk.note("b", Note::Category(Some(Category::Tips)));
    assert_eq!(desk.number("SELECT count(*) FROM micrograph"), 2);
    desk.note("a", Note::RemoveAnnotation(annotation.id));
    desk.note("a", Note::Calibration(None));
    desk.note("a", Note::Category(None));
    assert_eq!(desk.recall("a"), Notes::default());
    assert_eq!(desk.number("SELECT count(*) FROM micrograph"), 1);
}

#[test]
fn what_is_forgotten_is_in_no_file_any_more() {
    let mut desk = Desk::new();
    let secret = Turn {
        typed: Some("is this the Koh-i-Noor?".into()),
        ..turn(TurnState::Open)
    };
    desk.note("a", Note::Turn(secret.clone()));
    desk.note("b", Note::Turn(turn(TurnState::Open)));
    let holds_secret = |desk: &Desk| {
        fs::read_dir(desk.file().parent().unwrap())
            .unwrap()
            .map(|entry| fs::read(entry.unwrap().path()).unwrap())
            .any(|bytes| bytes.windows(11).any(|part| part == b"Koh-i-Noor?"))
    };
    assert!(holds_secret(&desk));
    desk.note("a", Note::ForgetTurns);
    assert!(!holds_secret(&desk));
    assert!(desk.recall("a").turns.is_empty());
    assert_eq!(desk.recall("b").turns.len(), 1);
    desk.note("a", Note::Turn(secret.clone()));
    assert_eq!(desk.recall("a").turns.len(), 1, "bringing it back");
}

#[test]
fn times_and_names_are_readable_by_other_programs() {
    let mut desk = Desk::new();
    desk.note("a", Note::Turn(turn(TurnState::Open)));
    let row: (String, String, String, String) = desk
        .notebook
        .connection
        .query_row(
            "SELECT asked, turn.category, path, noted FROM turn JOIN micrograph ON micrograph = micrograph.id",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    assert_eq!(row.0, "2026-11-18T11:08:43.457Z");
    assert_eq!(row.1, "Films_Coated_Surface");
    assert_eq!(row.2, "/images/a.tif");
    assert!(row.3.len() == 24 && row.3.ends_with('Z'), "{}", row.3);
}

#[test]
fn a_row_that_makes_no_sense_takes_no_other_with_it() {
    let mut desk = Desk::new();
    for _ in 0..6 {
        desk.note("a", Note::Turn(turn(TurnState::Open)));
    }
    let connection = &desk.notebook.connection;
    for odd in [
        "UPDATE turn SET state = 'stopped', reason = 'a whim' WHERE id = 1",
        "UPDATE turn SET asked = 'yesterday' WHERE id = 2",
        "UPDATE turn SET key = 'size.of.the.moon', typed = NULL WHERE id = 3",
        "UPDATE turn SET text = CAST(x'ff' AS TEXT) WHERE id = 5",
        "UPDATE turn SET category = 'Cheese', warnings = '{' WHERE id = 4",
    ] {
        connection.execute(odd, []).unwrap();
    }
    let turns = desk.recall("a").turns;
    assert_eq!(turns.len(), 2);
    assert_eq!(turns[0].category, None);
}

#[test]
fn a_damaged_notebook_is_put_aside_and_a_new_one_begun() {
    let mut whole = Desk::new();
    for _ in 0..200 {
        whole.note("a", Note::Turn(turn(TurnState::Open)));
    }
    whole
        .notebook
        .connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let sound = fs::read(whole.file()).unwrap();
    let mut scrambled = sound.clone();
    scrambled[8192..16_384].fill(0x5a);
    let cases: [&[u8]; 4] = [
        b"This is no notebook, but it is longer than the header of one would be: a hundred bytes.",
        &sound[..sound.len() / 2],
        &scrambled,
        &[0; 4096],
    ];
    for (case, bytes) in cases.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notebook.sqlite");
        fs::write(&file, bytes).unwrap();
        let mut notebook = Notebook::open(&file).unwrap_or_else(|e| panic!("case {case}: {e}"));
        let kept = notebook.put_aside().expect("not put aside").to_owned();
        assert_eq!(fs::read(kept).unwrap(), bytes, "case {case}");
        assert_eq!(notebook.recall("a").unwrap(), Notes::default());
        notebook
            .note(&subject("a"), &Note::Category(Some(Category::Tips)))
            .unwrap();
        drop(notebook);
        assert_eq!(Notebook::open(&file).unwrap().put_aside(), None);
    }
}

#[test]
fn a_scrambled_notebook_gives_notes_or_a_sentence() {
    let mut whole = Desk::new();
    for _ in 0..50 {
        whole.note("a", Note::Turn(turn(TurnState::Answered(facts()))));
    }
    let file = whole.file();
    drop(whole.notebook);
    let sound = fs::read(&file).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut put_aside = 0;
    for case in 0..200 {
        let mut bytes = sound.clone();
        for _ in 0..random.random_range(1..40) {
            let place = random.random_range(0..bytes.len());
            bytes[place] = random.random();
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notebook.sqlite");
        fs::write(&file, bytes).unwrap();
        match Notebook::open(&file) {
            Ok(notebook) => {
                put_aside += usize::from(notebook.put_aside().is_some());
                match notebook.recall("a") {
                    Ok(notes) => assert!(notes.turns.len() <= 50),
                    Err(error) => assert!(error.to_string().ends_with('.'), "case {case}"),
                }
            }
            Err(error) => assert!(
                matches!(
                    error,
                    NotebookError::Newer { .. } | NotebookError::Unusable { .. }
                ),
                "case {case}: {error:?}"
            ),
        }
    }
    assert!((20..200).contains(&put_aside), "{put_aside} of 200");
}

#[test]
fn a_database_of_another_program_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notebook.sqlite");
    let other = Connection::open(&file).unwrap();
    other
        .execute_batch("CREATE TABLE recipes (cake TEXT)")
        .unwrap();
    drop(other);
    assert!(Notebook::open(&file).unwrap().put_aside().is_some());
}

#[test]
fn a_notebook_of_a_newer_version_is_left_alone() {
    let mut desk = Desk::new();
    desk.note("a", Note::Category(Some(Category::Tips)));
    desk.notebook
        .connection
        .pragma_update(None, "user_version", 7)
        .unwrap();
    let file = desk.file();
    drop(desk.notebook);
    let before = fs::read(&file).unwrap();
    let error = Notebook::open(&file).unwrap_err();
    assert!(matches!(
        error,
        NotebookError::Newer {
            found: 7,
            known: 1,
            ..
        }
    ));
    assert!(error.to_string().contains("newer Askem"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn an_empty_file_and_a_missing_folder_become_a_notebook() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notebook.sqlite");
    fs::write(&file, b"").unwrap();
    assert_eq!(Notebook::open(&file).unwrap().put_aside(), None);
}

#[test]
fn a_place_that_cannot_be_used_is_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), b"").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    for place in ["file/notebook.sqlite", "folder"] {
        let error = Notebook::open(&folder.path().join(place)).unwrap_err();
        assert!(
            error.may_pass() && matches!(error, NotebookError::Unusable { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("Askem goes on"), "{error}");
    }
}

#[test]
fn a_full_disk_loses_nothing_that_was_written_before() {
    let mut desk = Desk::new();
    desk.note("a", Note::Turn(turn(TurnState::Open)));
    let pages = desk.number("PRAGMA page_count");
    desk.notebook
        .connection
        .query_row(
            &format!("PRAGMA max_page_count = {}", pages + 4),
            [],
            |_| Ok(()),
        )
        .unwrap();
    let long = Turn {
        text: "long ".repeat(20_000),
        ..turn(TurnState::Open)
    };
    let error = desk
        .notebook
        .note(&subject("a"), &Note::Turn(long))
        .unwrap_err();
    assert!(
        error.may_pass() && matches!(error, NotebookError::DiskFull(_)),
        "{error:?}"
    );
    desk.note("a", Note::Category(Some(Category::Powder)));
    let notes = desk.recall("a");
    assert_eq!(
        (notes.turns.len(), notes.category),
        (1, Some(Category::Powder))
    );
}

#[test]
fn two_windows_write_into_one_notebook_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notebook.sqlite");
    std::thread::scope(|scope| {
        for window in 0..4 {
            let file = &file;
            scope.spawn(move || {
                let mut notebook = Notebook::open(file).unwrap();
                for count in 0..25 {
                    let state = TurnState::Failed(format!("window {window}, {count}"));
                    notebook
                        .note(&subject("a"), &Note::Turn(turn(state)))
                        .unwrap();
                    notebook.recall("a").unwrap();
                }
            });
        }
    });
    let notebook = Notebook::open(&file).unwrap();
    assert_eq!(notebook.recall("a").unwrap().turns.len(), 100);
    assert_eq!(notebook.put_aside(), None);
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let mut desk = Desk::new();
    desk.note("a", Note::Category(Some(Category::Tips)));
    for entry in fs::read_dir(desk.file().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}: {mode:o}", entry.path());
    }
}
