//! `askem score` as a script uses it: the reference's figures, every line of its rows, and what is
//! said of files that do not go together.

use super::world::{SCORE, SCORE_CORPUS, World, assert_fields, assert_sentence};

const TEXTS: &str = r#"{"id": "a", "text": "bright spheres on a dark ground"}
{"id": "b", "text": "a mat of crossing fibres"}
"#;
const REFERENCES: &str = r#"{"id": "b", "texts": ["fibres crossing in a mat", "a mat of fibres"]}
{"id": "a", "texts": ["bright spheres on a dark ground"]}
"#;

fn world(texts: &str, references: &str) -> World {
    let world = World::new();
    std::fs::write(world.path("texts.jsonl"), texts).unwrap();
    std::fs::write(world.path("references.jsonl"), references).unwrap();
    world
}

const ARGUMENTS: [&str; 5] = [
    "score",
    "--hypotheses",
    "texts.jsonl",
    "--references",
    "references.jsonl",
];

#[test]
fn every_text_has_a_row_and_the_corpus_the_last_one() {
    // As spreadsheets write it: a mark at the beginning, both ends of lines.
    let texts = format!("\u{feff}{}\n", TEXTS.replace('\n', "\r\n"));
    let world = world(&texts, REFERENCES);
    let rows = world
        .run(&[&ARGUMENTS[..], &["--json"]].concat())
        .expect(0)
        .rows();
    let [a, b, corpus] = &rows[..] else {
        panic!("{rows:?}");
    };
    assert_fields(a, SCORE);
    assert_fields(b, SCORE);
    assert_fields(&corpus["corpus"], SCORE_CORPUS);
    assert_eq!((a["id"].as_str(), b["id"].as_str()), (Some("a"), Some("b")));
    for exact in [
        "bleu1", "bleu2", "bleu3", "bleu4", "rouge1", "rouge2", "rougeL",
    ] {
        assert_eq!(a[exact].as_f64(), Some(1.0), "{exact}");
    }
    let meteor = a["meteor"].as_f64().unwrap();
    assert!((meteor - (1.0 - 0.5 / 216.0)).abs() < 1e-12, "{meteor}");
    // Every word of b stands in one of its references, and one of them is as long.
    let bleu1 = corpus["corpus"]["bleu1"].as_f64().unwrap();
    assert!((bleu1 - 1.0).abs() < 1e-12, "{bleu1}");
    let plain = world.run(&ARGUMENTS).expect(0).stdout;
    assert!(
        plain.contains("a  BLEU-1 to -4 1.000") && plain.contains("all 2"),
        "{plain}"
    );
}

#[test]
fn a_text_without_references_does_not_stop_the_others() {
    let texts = format!("{TEXTS}{}\n", r#"{"id": "c", "text": "nobody knows"}"#);
    let ran = world(&texts, REFERENCES).run(&ARGUMENTS).expect(1);
    assert!(ran.stderr.contains("c has no references"), "{}", ran.stderr);
    assert!(ran.stdout.contains("all 2"), "{}", ran.stdout);
}

#[test]
fn what_cannot_be_scored_is_a_sentence_with_its_line() {
    for (texts, references, what) in [
        ("", REFERENCES, "same ids"),
        (TEXTS, "{\"id\": \"a\", \"texts\": []}\n", "has no texts"),
        ("{\"id\": \"a\"}\n", REFERENCES, "line 1 is not understood"),
        (
            "{\"id\": \"a\", \"text\": \"\"}\n[1\n",
            REFERENCES,
            "line 2",
        ),
    ] {
        let ran = world(texts, references).run(&ARGUMENTS).expect(1);
        assert!(ran.stderr.contains(what), "{what}: {}", ran.stderr);
        assert_sentence(ran.stderr.trim_end());
    }
    let world = world(TEXTS, REFERENCES);
    std::fs::write(world.path("texts.jsonl"), [0xff, 0xfe, b'{']).unwrap();
    let ran = world.run(&ARGUMENTS).expect(1);
    assert!(ran.stderr.contains("UTF-8"), "{}", ran.stderr);
    world
        .run(&["score", "--hypotheses", "texts.jsonl"])
        .expect(2);
}
