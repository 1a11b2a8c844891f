//! The files of the repository as the rules see them: which there are, their code without
//! comments and literals, and the modules that some code names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the repository, by its path from the root, with `/`.
pub struct File {
    pub name: String,
    pub path: PathBuf,
}

impl File {
    pub fn is_rust(&self) -> bool {
        self.name.ends_with(".rs")
    }

    /// The module of app/ it belongs to.
    pub fn module(&self) -> Option<&str> {
        let inside = self.name.strip_prefix("app/")?;
        inside.split_once('/').map(|(module, _)| module)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.path).unwrap()).into_owned()
    }

    pub fn code(&self) -> String {
        code_of(&self.text())
    }
}

/// Every file that is, or could be, committed.
pub fn files() -> Vec<File> {
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
pub fn code_of(source: &str) -> String {
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
pub fn words(code: &str) -> BTreeSet<&str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect()
}

/// The top-level modules that some code of app/ names: `crate::a::B`, `crate::{a, b::C}`,
/// `askem::a` and `super::super::a`.
pub fn modules_named(code: &str) -> BTreeSet<String> {
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
