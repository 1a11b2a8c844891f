//! Questions and file names that are made to steer, to flood or to run.

use crate::cli::world::{World, assert_sentence};
use askem::questions::typed::{self, Reading};
use std::time::{Duration, Instant};

#[test]
fn questions_that_are_none_are_declined_at_once_on_one_line() {
    let long = "how big are the particles ".repeat(40_000);
    let nested = "((((".repeat(250);
    for text in [
        "",
        " \t\n ",
        "\u{0}\u{1b}[2J\u{7}",
        "\u{202e}\u{2066}\u{200b}\u{feff}",
        "?!?!...",
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE turns; --",
        &nested,
        &long,
    ] {
        let began = Instant::now();
        let Reading::Declined(reason) = typed::read(text, None) else {
            panic!(
                "{} was taken for a question",
                text.chars().take(40).collect::<String>()
            );
        };
        assert!(began.elapsed() < Duration::from_millis(500));
        assert!(
            !reason.contains(char::is_control) && reason.len() < 1000,
            "{reason}"
        );
        assert_sentence(&reason);
    }
    // Hidden characters inside a real question do not change it.
    let hidden = typed::read("how b\u{202e}ig\u{0} are the part\u{200b}icles?", None);
    assert_eq!(hidden, typed::read("how big are the particles?", None));
}

#[test]
fn a_question_on_the_command_line_cannot_steer_the_terminal() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let question = "how big\u{202e} are the particles\u{1b}[2J?";
    let text = world.run(&["ask", image, "-q", question]).expect(0);
    for stream in [&text.stdout, &text.stderr] {
        assert!(!stream.contains(['\u{1b}', '\u{202e}']), "{stream:?}");
    }
    let rows = world
        .run(&["ask", "--json", image, "-q", question])
        .expect(0)
        .rows();
    assert_eq!(rows[0]["question"], question, "data stay as they are");
}

#[cfg(unix)]
#[test]
fn names_stay_on_their_line_and_come_back_as_they_are() {
    let world = World::new();
    let good = std::fs::read(world.path(world.micrograph("good.png"))).unwrap();
    let names = [
        "<b onload=x>.png",
        "=cmd|' _C calc'!A0.png",
        "+1+1.png",
        "@SUM(A1).png",
        "--help.png",
        "-q",
        "two\nlines\r.png",
        "tab\there.png",
        "bell\u{7}\u{1b}]0;title\u{7}.png",
        "turned\u{202e}gnp.fit",
        "\"quoted\\.png",
        " ",
        "%s%n.png",
        "a;b,c.png",
    ];
    for name in names {
        world.file(name, &good);
    }
    std::fs::remove_file(world.path("good.png")).unwrap();
    let broken = "broken\n\u{202e}\u{1b}[2J.png";
    world.file(broken, b"no image");
    let all: Vec<&str> = names.iter().copied().chain([broken]).collect();
    for command in ["inspect", "classify"] {
        let ran = world
            .run(&[&[command, "--json", "--"][..], &all].concat())
            .expect(1);
        let rows = ran.rows();
        let named: Vec<&str> = rows
            .iter()
            .map(|row| row["file"].as_str().unwrap())
            .collect();
        assert_eq!(named, all, "one row a file, under its own name");
        let text = world.run(&[&[command, "--"][..], &all].concat()).expect(1);
        for line in text.stdout.lines().chain(text.stderr.lines()) {
            let steers = |c: char| {
                c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(!line.contains(steers), "{command}: {line:?}");
        }
        assert_eq!(text.stderr.lines().count(), 1, "{}", text.stderr);
    }
}
