//! Stamps the commit into the program and checks that what ships inside it is there.
//!
//! Never uses the network and never fails for want of git: a build from a source archive
//! says "unknown".

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    stamp_commit();
    check_assets();
}

/// Sets `ASKEM_COMMIT` for the compiler: from the environment (for packagers), else from git.
fn stamp_commit() {
    println!("cargo::rerun-if-env-changed=ASKEM_COMMIT");
    let given = std::env::var("ASKEM_COMMIT")
        .ok()
        .filter(|commit| !commit.is_empty());
    let commit = given.or_else(|| git(&["rev-parse", "--short=12", "HEAD"]));
    println!(
        "cargo::rustc-env=ASKEM_COMMIT={}",
        commit.as_deref().unwrap_or("unknown")
    );
    // The log of HEAD grows with every commit and every change of branch.
    if let Some(log) =
        git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).exists())
    {
        println!("cargo::rerun-if-changed={log}");
    }
}

/// What git says to `arguments`, or nothing where there is no git or no repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Ends the build with a sentence where a file that assets/lib.rs embeds is missing or empty.
fn check_assets() {
    let list = "assets/lib.rs";
    println!("cargo::rerun-if-changed={list}");
    let text = std::fs::read_to_string(list).unwrap_or_default();
    if text.is_empty() {
        complain(list);
    }
    let embedded = text
        .split("include_bytes!(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    for asset in embedded.map(|name| format!("assets/{name}")) {
        println!("cargo::rerun-if-changed={asset}");
        if std::fs::metadata(&asset).map_or(0, |file| file.len()) == 0 {
            complain(&asset);
        }
    }
}

/// Fails the build, after the other assets were looked at too.
fn complain(asset: &str) {
    println!(
        "cargo::error={asset} is missing or empty. It ships inside the program: fetch the whole repository again."
    );
}
