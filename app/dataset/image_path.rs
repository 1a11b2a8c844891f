//! A path written in a list becomes a file inside the data folder, or a reason why not.
//!
//! Nothing outside the folder is ever reached: not by an absolute path, not by `..`, not by a
//! link that leads out. Called by `list` and `folders`.

use std::path::{Component, Path, PathBuf};

/// Longest path accepted, in bytes: the limit of the usual systems.
const MAX_PATH_BYTES: usize = 4096;

/// Why a path is not used; each finishes the sentence "line 3: ...".
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PathProblem {
    #[error("the image path is empty or too long")]
    Unusable,
    #[error("the image {0} is outside the data folder; copy it into the folder")]
    Outside(String),
    #[error("the image {0} is missing")]
    Missing(String),
    #[error("{0} is not a file")]
    NotAFile(String),
}

/// An existing regular file under `root`, and its path there written with `/`.
/// `root` must be canonical; separators of either kind are understood.
pub(super) fn resolve(root: &Path, written: &str) -> Result<(PathBuf, String), PathProblem> {
    let portable = written.trim().replace('\\', "/");
    if portable.is_empty() || portable.len() > MAX_PATH_BYTES || portable.contains('\0') {
        return Err(PathProblem::Unusable);
    }
    let shown = shown(&portable);
    let drive = portable.as_bytes().get(1) == Some(&b':');
    let stays = |c: Component| matches!(c, Component::Normal(_) | Component::CurDir);
    if drive || !Path::new(&portable).components().all(stays) {
        return Err(PathProblem::Outside(shown));
    }
    let Ok(image) = root.join(&portable).canonicalize() else {
        return Err(PathProblem::Missing(shown));
    };
    let Ok(inside) = image.strip_prefix(root) else {
        return Err(PathProblem::Outside(shown));
    };
    if !image.is_file() {
        return Err(PathProblem::NotAFile(shown));
    }
    let relative = inside.to_string_lossy().replace('\\', "/");
    Ok((image, relative))
}

/// Text from outside made fit for one line of a warning: quoted, escaped, at most 80 characters.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    let dots = if short.len() < text.len() { "..." } else { "" };
    format!("\"{}{dots}\"", short.escape_debug())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_under_the_folder() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().canonicalize().unwrap().join("data");
        std::fs::create_dir_all(root.join("img")).unwrap();
        std::fs::write(root.join("img/a.png"), b"").unwrap();
        std::fs::write(outer.path().join("secret.png"), b"").unwrap();

        let inside = resolve(&root, " ./img/a.png ").unwrap();
        assert_eq!(inside, (root.join("img/a.png"), "img/a.png".into()));
        assert_eq!(resolve(&root, r"img\a.png").unwrap(), inside);
        for out in [
            "../secret.png",
            "img/../../secret.png",
            "/etc/hostname",
            r"C:\a.png",
            r"\\server\share\a.png",
        ] {
            assert!(
                matches!(resolve(&root, out), Err(PathProblem::Outside(_))),
                "{out}"
            );
        }
        assert!(matches!(
            resolve(&root, "img/b.png"),
            Err(PathProblem::Missing(_))
        ));
        assert!(matches!(
            resolve(&root, "img"),
            Err(PathProblem::NotAFile(_))
        ));
        for unusable in ["", "  ", "a\0.png", &"a".repeat(5000)] {
            assert_eq!(resolve(&root, unusable), Err(PathProblem::Unusable));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_may_not_lead_out() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().canonicalize().unwrap().join("data");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(outer.path().join("secret.png"), b"").unwrap();
        std::fs::write(root.join("a.png"), b"").unwrap();
        std::os::unix::fs::symlink(outer.path().join("secret.png"), root.join("out.png")).unwrap();
        std::os::unix::fs::symlink(root.join("a.png"), root.join("in.png")).unwrap();
        assert!(matches!(
            resolve(&root, "out.png"),
            Err(PathProblem::Outside(_))
        ));
        assert_eq!(resolve(&root, "in.png").unwrap().1, "a.png");
    }

    #[test]
    fn warnings_show_hostile_names_on_one_line() {
        assert_eq!(shown("a\nb\u{202e}"), "\"a\\nb\\u{202e}\"");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 85);
    }
}
