//! Where `askem-cuda` is: named by the environment variable ASKEM_CUDA, beside this program, or
//! in a folder of PATH. Never in the folder one happens to stand in: that may be full of files
//! from anywhere.

use super::{IS_OWN, PROGRAM, VARIABLE};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The program with CUDA, where this is another one.
pub fn program() -> Option<PathBuf> {
    if IS_OWN {
        return None;
    }
    let own = std::env::current_exe().ok();
    locate(
        std::env::var_os(VARIABLE),
        own.as_deref(),
        std::env::var_os("PATH"),
    )
}

fn locate(named: Option<OsString>, own: Option<&Path>, path: Option<OsString>) -> Option<PathBuf> {
    if let Some(named) = named {
        // Whether it is there is for the probe to say: somebody meant it.
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    let file = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let beside = own.and_then(Path::parent).map(Path::to_owned);
    let folders = path.iter().flat_map(std::env::split_paths);
    beside
        .into_iter()
        .chain(folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|program| program.is_file() && !is_same(program, own))
}

/// Whether a program is this one, under whatever name.
fn is_same(program: &Path, own: Option<&Path>) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    own.and_then(real)
        .is_some_and(|own| real(program) == Some(own))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;

    fn put(folder: &Path) -> PathBuf {
        std::fs::create_dir_all(folder).unwrap();
        let program = folder.join(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(&program, "").unwrap();
        program
    }

    #[test]
    fn it_is_looked_for_where_it_is_named_then_beside_then_on_the_path() {
        let made = tempfile::tempdir().unwrap();
        let [here, there, further] =
            ["here", "there", "further"].map(|name| made.path().join(name));
        std::fs::create_dir_all(&here).unwrap();
        let own = here.join("askem");
        std::fs::write(&own, "").unwrap();
        let path = || Some(std::env::join_paths([&there, &further]).unwrap());
        assert_eq!(locate(None, Some(&own), path()), None);
        let on_path = put(&further);
        assert_eq!(locate(None, Some(&own), path()), Some(on_path));
        let earlier = put(&there);
        assert_eq!(locate(None, Some(&own), path()), Some(earlier));
        let beside = put(&here);
        assert_eq!(locate(None, Some(&own), path()), Some(beside));
        let named = Some("/opt/askem-cuda".into());
        let found = locate(named, Some(&own), path());
        assert_eq!(found, Some("/opt/askem-cuda".into()));
        assert_eq!(locate(Some("".into()), Some(&own), path()), None);
    }

    #[test]
    fn neither_this_program_itself_nor_one_in_the_working_folder_is_taken() {
        let made = tempfile::tempdir().unwrap();
        let own = put(made.path());
        assert_eq!(locate(None, Some(&own), None), None);
        for relative in [".", "", "bin"] {
            assert_eq!(locate(None, None, Some(relative.into())), None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_this_program_is_this_program() {
        let made = tempfile::tempdir().unwrap();
        let own = made.path().join("askem");
        std::fs::write(&own, "").unwrap();
        std::os::unix::fs::symlink(&own, made.path().join(PROGRAM)).unwrap();
        assert_eq!(locate(None, Some(&own), None), None);
    }
}
