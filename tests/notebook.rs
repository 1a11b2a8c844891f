//! The notebook from outside: a writer that is killed in the middle, and the worker that owns
//! one.

use crate::scripted::{Desk, Script, services};
use askem::notebook::{Note, NoteId, Notebook, Notes, StopReason, Subject, Turn, TurnState};
use askem::questions::{Category, Key};
use askem::worker::{Outcome, Progress, Request, Services, What};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Tells the test binary, started anew, that it is the writer, and where to write.
const WRITER: &str = "ASKEM_TEST_NOTEBOOK_WRITER";

fn subject() -> Arc<Subject> {
    Arc::new(Subject {
        hash: "a".into(),
        name: "a.tif".into(),
        path: None,
    })
}

fn turn(text: &str, state: TurnState) -> Turn {
    Turn {
        id: NoteId::new(),
        asked: SystemTime::now(),
        key: Some(Key::SizeRange),
        typed: None,
        region: None,
        category: None,
        text: text.into(),
        state,
    }
}

/// Not a test: the process that `killed_while_writing` kills. Writes turns that grow, and says
/// after each note what is in the notebook.
#[test]
#[ignore = "started by killed_while_writing_everything_up_to_the_last_commit_is_there"]
fn writer() {
    let Some(file) = std::env::var_os(WRITER) else {
        return;
    };
    let mut notebook = Notebook::open(Path::new(&file)).unwrap();
    let mut out = std::io::stderr();
    for number in 0.. {
        let mut turn = turn("", TurnState::Open);
        turn.typed = Some(format!("{} {number}", std::process::id()));
        for words in 0..20 {
            turn.text = sentence(words);
            notebook
                .note(&subject(), &Note::Turn(turn.clone()))
                .unwrap();
            writeln!(out, "noted {number} {}", turn.text.len()).unwrap();
        }
    }
}

/// So many words, each with its number.
fn sentence(words: usize) -> String {
    (0..words).map(|word| format!("word {word} ")).collect()
}

#[test]
fn killed_while_writing_everything_up_to_the_last_commit_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notebook.sqlite");
    let mut random = ChaCha8Rng::seed_from_u64(7);
    // By writer and number of the turn: the text that was certainly written.
    let mut written: HashMap<String, usize> = HashMap::new();
    for _ in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["notebook::writer", "--exact", "--ignored", "--nocapture"])
            .env(WRITER, &file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut left = random.random_range(20..200);
        let mut noted = 0;
        for line in lines {
            let line = line.unwrap();
            let words: Vec<&str> = line.split(' ').collect();
            if let ["noted", number, length] = words[..] {
                let name = format!("{} {number}", child.id());
                written.insert(name, length.parse().unwrap());
                noted += 1;
            }
            left -= 1;
            if left == 0 {
                // SIGKILL on Unix. What it said before is still read.
                child.kill().unwrap();
            }
        }
        assert!(!child.wait().unwrap().success());
        assert!(noted >= 19, "{noted} notes");
    }
    let notebook = Notebook::open(&file).unwrap();
    assert_eq!(notebook.put_aside(), None, "it was damaged");
    let turns = notebook.recall("a").unwrap().turns;
    let whole: Vec<String> = (0..20).map(sentence).collect();
    for turn in &turns {
        let name = turn.typed.as_ref().unwrap();
        let least = written.remove(name).unwrap_or_default();
        assert!(turn.text.len() >= least, "{name} lost text");
        assert!(whole.contains(&turn.text), "{name} is torn: {}", turn.text);
        assert_eq!(turn.state, TurnState::Stopped(StopReason::Unfinished));
    }
    assert!(written.is_empty(), "lost: {written:?}");
}

fn desk(notebook: Option<PathBuf>) -> Desk {
    Desk::serving(Services {
        evaluate: askem::worker::evaluate_on("cpu", None),
        notebook,
        ..services(&Script::with_token_ms(0), 1)
    })
}

fn recalled(desk: &mut Desk, hash: &str) -> Notes {
    match desk.run(Request::Recall(hash.into())) {
        What::Finished(Outcome::Recalled(notes)) => notes,
        other => panic!("not recalled but {other:?}"),
    }
}

#[test]
fn the_worker_notes_and_recalls() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notebook.sqlite");
    let turn = turn("Text.", TurnState::Failed("It failed.".into()));
    let mut desk = desk(Some(file.clone()));
    assert_eq!(recalled(&mut desk, "a"), Notes::default());
    let end = desk.run(Request::Note(subject(), Note::Turn(turn.clone())));
    assert!(matches!(end, What::Finished(Outcome::Noted)), "{end:?}");
    let mut other = self::desk(Some(file));
    let turns = recalled(&mut other, "a").turns;
    assert_eq!(turns.len(), 1);
    assert_eq!((&turns[0].text, &turns[0].state), (&turn.text, &turn.state));
    assert_eq!(recalled(&mut other, "b"), Notes::default());
}

#[test]
fn what_is_noted_last_is_written_even_though_the_worker_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notebook.sqlite");
    let mut desk = desk(Some(file.clone()));
    for count in 0..50 {
        let note = Note::Turn(turn(&count.to_string(), TurnState::Open));
        desk.send(Request::Note(subject(), note));
    }
    drop(desk);
    let turns = Notebook::open(&file).unwrap().recall("a").unwrap().turns;
    let texts: Vec<String> = turns.into_iter().map(|turn| turn.text).collect();
    let expected: Vec<String> = (0..50).map(|count| count.to_string()).collect();
    assert_eq!(texts, expected);
}

#[test]
fn without_a_notebook_nothing_is_noted_and_nothing_fails() {
    let mut desk = desk(None);
    let note = Note::Category(Some(Category::Tips));
    let end = desk.run(Request::Note(subject(), note));
    assert!(matches!(end, What::Finished(Outcome::Noted)), "{end:?}");
    assert_eq!(recalled(&mut desk, "a"), Notes::default());
}

#[test]
fn what_could_not_be_written_is_written_once_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("place");
    std::fs::write(&place, b"a file where a folder is wanted").unwrap();
    let file = place.join("notebook.sqlite");
    let mut desk = desk(Some(file));
    let growing = turn("Half", TurnState::Open);
    let whole = Turn {
        text: "Half and half.".into(),
        ..growing.clone()
    };
    let notes = [
        Note::Turn(growing),
        Note::Category(Some(Category::Tips)),
        Note::Turn(whole.clone()),
    ];
    for note in notes {
        match desk.run(Request::Note(subject(), note)) {
            What::Failed(sentence) => assert!(sentence.contains("Askem goes on"), "{sentence}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(
        desk.run(Request::Recall("a".into())),
        What::Failed(_)
    ));
    std::fs::remove_file(&place).unwrap();
    let notes = recalled(&mut desk, "a");
    assert_eq!(notes.category, Some(Category::Tips));
    assert_eq!(notes.turns.len(), 1);
    assert_eq!(notes.turns[0].text, whole.text);
}

#[test]
fn a_damaged_notebook_is_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notebook.sqlite");
    std::fs::write(&file, "damaged ".repeat(100)).unwrap();
    let mut desk = desk(Some(file));
    for expected in [1, 0] {
        let id = desk.send(Request::Recall("a".into()));
        let end = desk.end_of(id);
        assert!(
            matches!(end, What::Finished(Outcome::Recalled(_))),
            "{end:?}"
        );
        let is_word = |what: &What| matches!(what, What::Progress(Progress::Word(word)) if word.contains("kept as"));
        let words = desk.book[&id].iter().filter(|(_, what)| is_word(what));
        assert_eq!(words.count(), expected);
    }
}

#[test]
fn a_slow_answer_never_holds_up_the_notebook() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::serving(Services {
        evaluate: askem::worker::evaluate_on("cpu", None),
        notebook: Some(folder.path().join("notebook.sqlite")),
        ..services(&Script::with_token_ms(500), 1)
    });
    let asked = desk.send(crate::scripted::ask(&crate::scripted::image(1), 0));
    desk.wait_for_progress(asked, 1);
    let began = std::time::Instant::now();
    recalled(&mut desk, "a");
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(desk.ends(asked).is_empty(), "the answer was over already");
}
