//! The rules of the source tree, as ordinary tests: who may name whom, how long a file gets,
//! what never enters the repository. docs/ARCHITECTURE.md names these tests beside each rule.
//!
//! Reads the files git knows, and new ones it does not ignore; looks at code with comments and
//! string literals taken out, so that talking about a rule does not break it.

mod source;

use source::{File, code_of, files, modules_named, words};
use std::collections::BTreeSet;

/// Lines a source file has at most.
const MAX_LINES: usize = 600;
/// Bytes a file outside assets/ has at most.
const MAX_BYTES: u64 = 1_000_000;

/// Which modules of app/ a module may name. Arrows go one way; `tests/` and `main.rs` may name all.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("questions", &[]),
    ("gpu", &[]),
    ("micrograph", &[]),
    ("measure", &["questions", "micrograph"]),
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
            "evaluate",
            "notebook",
            "worker",
            "gpu",
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
            "gpu",
        ],
    ),
];

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
fn nothing_names_the_network() {
    let sockets = [
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "ToSocketAddrs",
        "SocketAddrV4",
        "SocketAddrV6",
    ];
    let mut findings = Vec::new();
    for file in files().into_iter().filter(File::is_rust) {
        if file.name.starts_with("tests/") {
            continue;
        }
        let code: String = file.code().split_whitespace().collect();
        // Local sockets are shut down with a word that lives among those of the network.
        let code = code.replace("std::net::Shutdown", "");
        let is_named = |name: &&str| words(&file.code()).contains(*name);
        if code.contains("std::net") || sockets.iter().any(is_named) {
            findings.push(file.name);
        }
    }
    assert_none("the program names no socket", findings);
}

#[test]
fn no_dependency_speaks_to_the_network() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let [lock, rules] = ["Cargo.lock", "deny.toml"]
        .map(|name| std::fs::read_to_string(format!("{root}{name}")).unwrap());
    let banned = rules.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("{ crate = \"")?;
        name.strip_suffix("\" },")
    });
    let banned: Vec<&str> = banned.collect();
    assert!(
        banned.contains(&"reqwest") && banned.len() > 20,
        "{banned:?}"
    );
    let is_locked = |name: &&str| lock.contains(&format!("name = \"{name}\"\n"));
    let locked = banned.into_iter().filter(is_locked).map(str::to_owned);
    assert_none("these crates speak to the network", locked.collect());
}

#[test]
fn the_list_of_bad_inputs_names_real_tests() {
    let all = files();
    let list = all
        .iter()
        .find(|file| file.name == "tests/hostile.rs")
        .unwrap()
        .text();
    let code: String = all
        .iter()
        .filter(|file| file.is_rust())
        .map(File::code)
        .collect();
    let list: String = list
        .lines()
        .filter(|line| line.starts_with("//!"))
        .collect();
    let quoted: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    let is_test = |name: &&&str| !name.contains(['.', '=', ' ']) && name.contains('_');
    let tests: Vec<&str> = quoted.iter().filter(is_test).copied().collect();
    assert!(tests.len() > 30, "{tests:?}");
    let gone = tests
        .iter()
        .filter(|name| !code.contains(&format!("fn {name}(")));
    assert_none(
        "tests/hostile.rs names tests that are not there",
        gone.map(|name| name.to_string()).collect(),
    );
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

/// The names in `code` on the architecture page.
fn architecture_names() -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ARCHITECTURE.md");
    let page = std::fs::read_to_string(page).unwrap();
    page.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_architecture_page_names_real_tests() {
    let is_test_name = |name: &&str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c);
        name.chars().all(plain) && name.matches('_').count() > 1 && !name.starts_with("clippy::")
    };
    let code: String = files()
        .iter()
        .filter(|file| file.is_rust())
        .map(File::code)
        .collect();
    let names = architecture_names();
    let named: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(is_test_name)
        .collect();
    assert!(named.len() > 20, "the page names its tests no more");
    let is_there = |name: &&str| {
        let function = name.rsplit("::").next().unwrap_or(name);
        code.contains(&format!("fn {function}("))
    };
    let gone = named.into_iter().filter(|name| !is_there(name));
    assert_none(
        "docs/ARCHITECTURE.md names tests that are not there",
        gone.map(str::to_owned).collect(),
    );
}

#[test]
fn every_dependency_has_its_reason() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ARCHITECTURE.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table: BTreeSet<&str> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .flat_map(|line| line.split('|').nth(1).unwrap_or("").split(", "))
        .map(str::trim)
        .collect();
    let mut wanted = BTreeSet::new();
    for file in files()
        .iter()
        .filter(|file| file.name.ends_with("Cargo.toml"))
    {
        let text = file.text();
        let mut in_dependencies = false;
        for line in text.lines() {
            if line.starts_with('[') {
                in_dependencies = line.ends_with("dependencies]");
            } else if in_dependencies && !line.starts_with('#') && line.contains('=') {
                let name = line.split(['.', '=', ' ']).next().unwrap_or("");
                wanted.insert(name.to_owned());
            }
        }
    }
    let ours = |name: &String| name.starts_with("askem");
    let silent: Vec<String> = wanted
        .iter()
        .filter(|name| !ours(name) && !table.contains(name.as_str()))
        .cloned()
        .collect();
    assert_none(
        "docs/ARCHITECTURE.md does not say what these crates are for",
        silent,
    );
    let unused = table
        .iter()
        .filter(|name| !wanted.contains(**name) && !["crate", "---"].contains(name));
    assert_none(
        "docs/ARCHITECTURE.md explains crates that are not used",
        unused.map(|name| name.to_string()).collect(),
    );
}

/// Whether a line holds a needle that is not the end of a longer word, as "/etc/" is in "net/etc/".
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
