//! The rules of the source tree, as ordinary tests: who may name whom, how long a file gets,
//! what never enters the repository. docs/ARCHITECTURE.md names these tests beside each rule.
//!
//! Reads the files git knows, and new ones it does not ignore; looks at code with comments and
//! string literals taken out, so that talking about a rule does not break it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines a source file has at most.
const MAX_LINES: usize = 600;
/// Bytes a file outside assets/ has at most.
const MAX_BYTES: u64 = 1_000_000;

/// Which modules of app/ a module may name. Arrows go one way; `tests/` and `main.rs` may name all.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("questions", &[]),
    ("micrograph", &[]),
    ("measure", &["micrograph"]),
    ("simulate", &["questions", "micrograph"]),
    ("narrate", &["questions", "simulate"]),
    (
        "dataset",
        &["questions", "micrograph", "simulate", "narrate"],
    ),
    ("answer", &["questions", "micrograph", "measure"]),
    (
        "evaluate",
        &[
            "questions",
            "micrograph",
            "measure",
            "simulate",
            "narrate",
            "dataset",
            "answer",
        ],
    ),
    (
        "notebook",
        &["questions", "micrograph", "measure", "answer"],
    ),
    (
        "worker",
        &[
            "questions",
            "micrograph",
            "measure",
            "simulate",
            "narrate",
            "dataset",
            "answer",
            "evaluate",
            "notebook",
        ],
    ),
    (
        "window",
        &[
            "questions",
            "micrograph",
            "measure",
            "answer",
            "notebook",
            "worker",
        ],
    ),
    (
        "command",
        &[
            "questions",
            "micrograph",
            "measure",
            "simulate",
            "narrate",
            "dataset",
            "answer",
            "evaluate",
            "notebook",
            "worker",
            "window",
        ],
    ),
];

/// A file of the repository, by its path from the root, with `/`.
struct File {
    name: String,
    path: PathBuf,
}

impl File {
    fn is_rust(&self) -> bool {
        self.name.ends_with(".rs")
    }

    /// The module of app/ it belongs to.
    fn module(&self) -> Option<&str> {
        let inside = self.name.strip_prefix("app/")?;
        inside.split_once('/').map(|(module, _)| module)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.path).unwrap()).into_owned()
    }

    fn code(&self) -> String {
        code_of(&self.text())
    }
}

/// Every file that is, or could be, committed.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output();
    let names: Vec<String> = match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            String::from_utf8(output.stdout)
                .unwrap()
                .split_terminator('\0')
                .map(str::to_owned)
                .collect()
        }
        // A source archive without git.
        _ => walk(root, root),
    };
    let files: Vec<File> = names
        .into_iter()
        .map(|name| File {
            path: root.join(&name),
            name,
        })
        .collect();
    let files: Vec<File> = files
        .into_iter()
        .filter(|file| file.path.is_file())
        .collect();
    assert!(
        files.iter().any(|file| file.name == "tests/tidy.rs"),
        "the list of files lacks this one"
    );
    files
}

fn walk(root: &Path, folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        if path.is_dir() {
            if !name.starts_with("target") && name != ".git" {
                names.extend(walk(root, &path));
            }
        } else {
            names.push(name);
        }
    }
    names
}

/// Rust source without comments and without what stands in string and character literals.
fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment_len(rest)
        } else if let Some(len) = raw_string_len(rest, code.chars().last()) {
            len
        } else if first == '"' {
            quoted_len(rest, '"')
        } else if first == '\'' && is_char_literal(rest) {
            quoted_len(rest, '\'')
        } else {
            0
        };
        if skipped == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            // Lines keep their numbers; words on both sides stay apart.
            code.push(' ');
            code.extend(rest[..skipped].chars().filter(|&c| c == '\n'));
            rest = &rest[skipped..];
        }
    }
    code
}

fn block_comment_len(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Length of a raw string literal at the start of `text`, if there is one.
fn raw_string_len(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let after_r = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let body = after_r[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let body_len = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + body_len)
}

fn quoted_len(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if !escaped && c == quote {
            return at + c.len_utf8();
        }
        escaped = !escaped && c == '\\';
    }
    text.len()
}

/// Tells `'a'` and `'\n'` from the lifetime `'a`.
fn is_char_literal(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

/// The identifiers and keywords of some code.
fn words(code: &str) -> BTreeSet<&str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect()
}

/// The top-level modules that some code of app/ names: `crate::a::B`, `crate::{a, b::C}`,
/// `askem::a` and `super::super::a`.
fn modules_named(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let dense: String = code
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(" ::", "::")
        .replace(":: ", "::");
    for root in ["crate::", "askem::", "super::super::"] {
        for (at, _) in dense.match_indices(root) {
            let after = &dense[at + root.len()..];
            match after.strip_prefix('{') {
                Some(group) => named.extend(first_words_of_group(group)),
                None => named.extend(
                    words(after.split("::").next().unwrap_or(""))
                        .first()
                        .map(|word| word.to_string()),
                ),
            }
        }
    }
    named
}

/// `a, b::{C, D}, e}` gives a, b, e.
fn first_words_of_group(group: &str) -> Vec<String> {
    let mut depth = 1;
    let mut parts = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => parts.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        parts.last_mut().unwrap().push(c);
    }
    parts
        .iter()
        .filter_map(|part| {
            words(part.split("::").next().unwrap_or(""))
                .first()
                .map(|word| word.to_string())
        })
        .collect()
}

/// Fails with one line a finding.
fn assert_none(rule: &str, findings: Vec<String>) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = files()
        .into_iter()
        .filter(|file| file.is_rust() && !file.text().starts_with("//! "));
    assert_none(
        "a source file opens with a `//!` comment",
        silent.map(|file| file.name).collect(),
    );
}

#[test]
fn no_source_file_is_longer_than_600_lines() {
    let long = files()
        .into_iter()
        .filter(|file| file.is_rust() && file.text().lines().count() > MAX_LINES);
    assert_none("split these files", long.map(|file| file.name).collect());
}

#[test]
fn only_model_names_candle() {
    let outside = files()
        .into_iter()
        .filter(|file| file.is_rust() && !file.name.starts_with("model/"));
    let naming = outside.filter(|file| {
        words(&file.code())
            .iter()
            .any(|word| word.starts_with("candle"))
    });
    assert_none(
        "only model/ names candle",
        naming.map(|file| file.name).collect(),
    );
}

#[test]
fn only_the_window_names_egui() {
    let toolkit = |word: &&str| word.starts_with("egui") || *word == "eframe" || *word == "rfd";
    let inside = |name: &str| name.starts_with("app/window/") || name.starts_with("tests/");
    let outside = files()
        .into_iter()
        .filter(|file| file.is_rust() && !inside(&file.name));
    let naming = outside.filter(|file| words(&file.code()).iter().any(toolkit));
    assert_none(
        "only app/window names egui",
        naming.map(|file| file.name).collect(),
    );
}

#[test]
fn model_knows_nothing_of_the_program() {
    let model = files()
        .into_iter()
        .filter(|file| file.is_rust() && file.name.starts_with("model/"));
    let naming = model.filter(|file| words(&file.code()).contains("askem"));
    assert_none(
        "model/ does not name askem",
        naming.map(|file| file.name).collect(),
    );
}

#[test]
fn arrows_go_one_way() {
    let mut findings = Vec::new();
    for file in files().into_iter().filter(File::is_rust) {
        let Some(module) = file.module() else {
            continue;
        };
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == module) else {
            findings.push(format!(
                "{}: the module `{module}` has no row in MAY_NAME",
                file.name
            ));
            continue;
        };
        let modules = MAY_NAME
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| *name != module);
        let named = modules_named(&file.code());
        for wrong in modules.filter(|other| named.contains(*other) && !allowed.contains(other)) {
            findings.push(format!("{}: `{module}` names `{wrong}`", file.name));
        }
    }
    assert_none("a module names only what stands below it", findings);
}

#[test]
fn no_unsafe_code() {
    let naming = files()
        .into_iter()
        .filter(|file| file.is_rust() && words(&file.code()).contains("unsafe"));
    assert_none("no unsafe code", naming.map(|file| file.name).collect());
}

#[test]
fn big_files_are_assets() {
    let size = |file: &File| file.path.metadata().unwrap().len();
    let big = files()
        .into_iter()
        .filter(|file| !file.name.starts_with("assets/") && size(file) > MAX_BYTES);
    assert_none(
        "a file over 1 MB belongs into assets/",
        big.map(|file| file.name).collect(),
    );
}

#[test]
fn nothing_unfinished_and_no_private_path_is_committed() {
    // Put together here, so that this file does not hold them.
    let needles = [
        concat!("..", "/shared"),
        concat!("/wor", "k/"),
        concat!("/roo", "t/"),
        concat!("todo", "!"),
        concat!("unimple", "mented!"),
        concat!("place", "holder"),
    ];
    let mut findings = Vec::new();
    for file in files()
        .into_iter()
        .filter(|file| !file.name.starts_with("assets/") || file.is_rust())
    {
        for (number, line) in file.text().lines().enumerate() {
            let line = line.to_lowercase();
            for needle in needles.iter().filter(|needle| holds(&line, needle)) {
                findings.push(format!("{}:{}: {needle}", file.name, number + 1));
            }
        }
    }
    assert_none("these words do not enter the repository", findings);
}

/// Whether a line holds a needle that is not the end of a longer word, as in "net/work/".
fn holds(line: &str, needle: &str) -> bool {
    line.match_indices(needle)
        .any(|(at, _)| !line[..at].ends_with(char::is_alphanumeric))
}

#[test]
fn a_needle_is_found_where_a_path_begins() {
    assert!(holds("in /etc/x", "/etc/") && holds("\"/etc/x\"", "/etc/"));
    assert!(!holds("net/etc/x", "/etc/"));
    assert!(holds("net/etc/x /etc/y", "/etc/"));
}

#[test]
fn code_is_told_from_what_is_said_about_it() {
    let cases = [
        ("let a = 1; // unsafe", "let a = 1;"),
        ("a /* x /* unsafe */ y */ b", "a b"),
        (r#"f("crate::window \" unsafe", b)"#, "f( , b)"),
        ("f(r#\"unsafe \"quoted\" \"#, b)", "f( , b)"),
        ("x: &'a str = '\\'', '\"', y", "x: &'a str = , , y"),
        ("for r in rows {}", "for r in rows {}"),
    ];
    for (source, expected) in cases {
        let code = code_of(source)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(code, expected, "{source}");
    }
}

#[test]
fn names_are_found_in_every_way_of_writing_them() {
    let cases: [(&str, &[&str]); 5] = [
        ("use crate::answer::{Answer, Flow};", &["answer"]),
        (
            "use crate::{answer::Answer, worker::{self, Request}, window};",
            &["answer", "window", "worker"],
        ),
        ("fn f() { askem :: command :: main() }", &["command"]),
        ("super::super::window::run()", &["window"]),
        ("use super::window; let crate_window = 1;", &[]),
    ];
    for (code, expected) in cases {
        assert_eq!(
            modules_named(code).into_iter().collect::<Vec<_>>(),
            expected,
            "{code}"
        );
    }
}
