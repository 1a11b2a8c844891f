//! Tests of reading whole folders, hostile ones included. Never touches anything outside its
//! temporary folder.

use super::*;
use std::fmt::Write as _;

/// A folder holding `img/a.png` to `img/e.png` and the given files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("img")).unwrap();
    for name in ["a", "b", "c", "d", "e"] {
        std::fs::write(
            dir.path().join(format!("img/{name}.png")),
            b"not decoded here",
        )
        .unwrap();
    }
    for (name, content) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    dir
}

fn read_pairs(list: &[u8]) -> Result<Dataset, DatasetError> {
    read_folder(folder(&[("pairs.jsonl", list)]).path(), 7, Deal::AsGiven)
}

/// The warnings of a list whose first line is good.
fn warnings_of(rows: &[u8]) -> Vec<String> {
    let good = br#"{"image": "img/a.png", "category": "Powder"}"#;
    let dataset = read_pairs(&[good, &b"\n"[..], rows].concat()).unwrap();
    assert_eq!(dataset.examples.len(), 1, "{:?}", dataset.warnings);
    dataset.warnings
}

/// One bad line gives one warning that names line 2 and holds `reason`.
fn check_skipped(row: &str, reason: &str) {
    let warnings = warnings_of(row.as_bytes());
    let [warning] = warnings.as_slice() else {
        panic!("{row}: {warnings:?}")
    };
    assert!(
        warning.starts_with("pairs.jsonl line 2: ") && warning.contains(reason),
        "{warning}"
    );
}

#[test]
fn rows_of_one_image_become_one_example() {
    let list = br#"{"image": "img/b.png", "key": "size.range", "answer": "Small\n grains.", "category": "Powder", "specimen": "s2", "split": "val", "caption": "x"}
{"file": "img/a.png", "question": "comment on any aggregation or  bundling visible.", "answer": "None.", "part": "train"}

{"image": "./img/b.png", "question": "surface.texture", "answer": "Rough."}
{"image": "img\\b.png", "question": "surface.texture", "answer": "Rough."}
{"image": "img/c.png", "category": "Films and coated surface"}
"#;
    let dir = folder(&[("pairs.jsonl", list)]);
    let dataset = read_folder(dir.path(), 7, Deal::AsGiven).unwrap();
    assert_eq!(dataset.warnings, [""; 0]);
    let [b, a, c] = dataset.examples.as_slice() else {
        panic!("{dataset:?}")
    };
    assert_eq!(
        b.image,
        dir.path().canonicalize().unwrap().join("img/b.png")
    );
    assert_eq!(
        (b.category, b.specimen.as_str(), b.part),
        (Some(Category::Powder), "s2", Part::Val)
    );
    assert_eq!(
        b.answers,
        [
            (Key::SizeRange, "Small grains.".into()),
            (Key::SurfaceTexture, "Rough.".into())
        ]
    );
    assert_eq!(
        (a.category, a.specimen.as_str(), a.part),
        (None, "img/a.png", Part::Train)
    );
    assert_eq!(a.answers, [(Key::SizeAggregation, "None.".into())]);
    assert_eq!((c.category, c.answers.len()), (Some(Category::Films), 0));
    assert_eq!(read_folder(dir.path(), 7, Deal::AsGiven).unwrap(), dataset);
    assert_eq!(
        dataset.name,
        dir.path().file_name().unwrap().to_str().unwrap()
    );
}

#[test]
fn the_simulators_truth_is_read() {
    let list = br#"{"file": "img/a.png", "category": "Particles", "specimen": "sim-7-0", "seed": 7, "kind": "spheres", "truth": {"count": 3, "sizes": [1, 2.5]}, "answers": {"size.range": "Alike.", "morphology.shape": "Round.", "basics.scale": null, "size.nonsense": "x"}}"#;
    let dataset = read_folder(
        folder(&[("truth.jsonl", list), ("other.jsonl", b"")]).path(),
        7,
        Deal::AsGiven,
    )
    .unwrap();
    let [example] = dataset.examples.as_slice() else {
        panic!("{dataset:?}")
    };
    assert_eq!(
        (example.category, example.specimen.as_str()),
        (Some(Category::Particles), "sim-7-0")
    );
    assert_eq!(
        example.answers,
        [
            (Key::SizeRange, "Alike.".into()),
            (Key::MorphologyShape, "Round.".into())
        ]
    );
    let [warning] = dataset.warnings.as_slice() else {
        panic!("{dataset:?}")
    };
    assert!(
        warning.starts_with("truth.jsonl line 1: ") && warning.contains("size.nonsense"),
        "{warning}"
    );
}

#[test]
fn several_lists_of_other_names_are_read_together() {
    let images = br#"{"file": "img/a.png", "category": "Fibres", "specimen": "mat", "part": "test", "count_truth": 4, "size_um": 0.5, "px_size_nm": 2}
{"file": "img/b.png", "count": "some", "size_px": 12.5}
{"file": "img/c.png", "px_size_nm": 2}"#;
    let teacher = br#"{"file": "img/a.png", "key": "morphology.shape", "answer": "Threads."}"#;
    let files: [(&str, &[u8]); 2] = [("images.jsonl", images), ("teacher.jsonl", teacher)];
    let dataset = read_folder(folder(&files).path(), 7, Deal::AsGiven).unwrap();
    let [a, b] = dataset.examples.as_slice() else {
        panic!("{dataset:?}")
    };
    assert_eq!((a.file.as_str(), a.part), ("img/a.png", Part::Test));
    assert_eq!(a.answers, [(Key::MorphologyShape, "Threads.".into())]);
    let known = Known {
        count: Some(4.0),
        size_px: None,
        size_nm: Some(500.0),
        px_size_nm: Some(2.0),
    };
    assert_eq!(a.known, known);
    assert_eq!((b.known.size_px, b.known.count), (Some(12.5), None));
    let told = dataset.warnings.join(" ");
    assert!(told.contains("images.jsonl line 2: its count"), "{told}");
    assert!(told.contains("line 3: skipped, it has neither"), "{told}");
    let fold = Fold { number: 1, of: 2 };
    let dealt = read_folder(folder(&files).path(), 7, Deal::Test(fold)).unwrap();
    assert!(
        dealt
            .examples
            .iter()
            .all(|example| example.file != "img/a.png")
    );
}

#[test]
fn category_folders_are_read() {
    let dir = folder(&[
        ("Powder/mix_2.PNG", b""),
        ("Powder/mix_1.tif", b""),
        ("Powder/notes.txt", b""),
        ("Tips/afm.jpg", b""),
        ("Tips/deeper/x.png", b""),
        ("Glass/g.png", b""),
    ]);
    let dataset = read_folder(dir.path(), 7, Deal::AsGiven).unwrap();
    let seen: Vec<_> = dataset
        .examples
        .iter()
        .map(|e| (e.category.unwrap(), e.specimen.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (Category::Powder, "mix"),
            (Category::Powder, "mix"),
            (Category::Tips, "Tips/afm.jpg")
        ]
    );
    assert!(dataset.examples.iter().all(|e| e.answers.is_empty()));
    let warnings = dataset.warnings.join("\n");
    for told in [
        "\"Glass\"",
        "\"img\"",
        "1 entries of the folder \"Powder\"",
        "1 entries of the folder \"Tips\"",
    ] {
        assert!(warnings.contains(told), "{told} in {warnings}");
    }
}

#[test]
fn bad_lines_are_skipped_and_named() {
    check_skipped("not json", "not a row");
    check_skipped("[1, 2]", "not a row");
    check_skipped(r#"{"image": 3}"#, "not a row");
    check_skipped(r#"{"category": "Powder"}"#, "names no image");
    check_skipped(r#"{"image": "img/z.png", "category": "Powder"}"#, "missing");
    check_skipped(r#"{"image": "../x.png", "category": "Powder"}"#, "outside");
    check_skipped(
        r#"{"image": "/etc/hostname", "category": "Powder"}"#,
        "outside",
    );
    check_skipped(r#"{"image": "img", "category": "Powder"}"#, "not a file");
    check_skipped(
        r#"{"image": "img/b.png", "category": "Glass"}"#,
        "\"Glass\" is no material category",
    );
    check_skipped(
        r#"{"image": "img/b.png", "key": "size.mood", "answer": "x"}"#,
        "none of the 22",
    );
    check_skipped(r#"{"image": "img/b.png", "answer": "x"}"#, "without `key`");
    check_skipped(
        r#"{"image": "img/b.png", "key": "size.range", "answer": "  "}"#,
        "neither",
    );
    check_skipped(
        r#"{"image": "img/b.png", "category": "Powder", "split": "some"}"#,
        "\"some\"",
    );
    check_skipped(
        r#"{"image": "img/a.png", "category": "Tips"}"#,
        "earlier line Powder",
    );
    check_skipped(&"[".repeat(500_000), "not a row");
    check_skipped(
        &format!(
            r#"{{"image": "img/b.png", "truth": {}}}"#,
            "[".repeat(900_000)
        ),
        "not a row",
    );
}

#[test]
fn bytes_that_are_no_text_are_skipped_and_named() {
    let row = br#"{"image": "img/b.png", "category": "Powder\xff"}"#;
    let broken: Vec<u8> = row
        .iter()
        .copied()
        .map(|b| if b == b'w' { 0xff } else { b })
        .collect();
    assert_eq!(
        warnings_of(&broken),
        ["pairs.jsonl line 2: not UTF-8 text, skipped."]
    );
    let utf16: Vec<u8> = "\u{feff}{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(
        matches!(read_pairs(&utf16), Err(DatasetError::Unreadable { reason, .. }) if reason.contains("UTF-8"))
    );
}

#[test]
fn a_byte_order_mark_and_dos_line_ends_do_no_harm() {
    let list = "\u{feff}{\"image\": \"img/a.png\", \"category\": \"Powder\"}\r\n\r\n{\"image\": \"img/b.png\", \"category\": \"Tips\"}\r\n";
    let dataset = read_pairs(list.as_bytes()).unwrap();
    assert_eq!((dataset.examples.len(), dataset.warnings.len()), (2, 0));
}

#[test]
fn an_overlong_line_is_skipped_and_the_next_is_read() {
    let long = format!(
        "{{\"image\": \"img/b.png\", \"category\": \"Powder\", \"caption\": \"{}\"}}",
        "x".repeat(3_000_000)
    );
    let warnings = warnings_of(format!("{long}\n{{}}").as_bytes());
    assert_eq!(
        warnings,
        [
            "pairs.jsonl line 2: longer than 1048576 bytes, skipped.",
            "pairs.jsonl line 3: names no image, skipped."
        ]
    );
}

#[test]
fn a_thousand_bad_lines_give_a_hundred_warnings() {
    let warnings = warnings_of("{}\n".repeat(1000).as_bytes());
    assert_eq!(warnings.len(), 101);
    assert_eq!(warnings.last().unwrap(), "900 more warnings are not shown.");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let elsewhere = folder(&[("Powder/x.png", b"")]);
    let dir = folder(&[("Powder/mine.png", b"")]);
    std::os::unix::fs::symlink(
        elsewhere.path().join("img/a.png"),
        dir.path().join("Powder/linked.png"),
    )
    .unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("Powder"), dir.path().join("Tips")).unwrap();
    let dataset = read_folder(dir.path(), 7, Deal::AsGiven).unwrap();
    assert_eq!(dataset.examples.len(), 1, "{dataset:?}");
    let warnings = dataset.warnings.join("\n");
    assert!(
        warnings.contains("Powder/linked.png") && warnings.contains("\"Tips\""),
        "{warnings}"
    );
}

#[test]
fn a_specimen_given_two_parts_is_an_error_that_names_it() {
    let list =
        br#"{"image": "img/a.png", "category": "Powder", "specimen": "lot 4", "split": "train"}
{"image": "img/b.png", "category": "Powder", "specimen": "lot 4", "split": "test"}"#;
    let error = read_pairs(list).unwrap_err().to_string();
    assert!(
        error.contains("\"lot 4\" is in both train (line 1) and test (line 2)"),
        "{error}"
    );
}

#[test]
fn a_given_part_holds_for_the_whole_specimen() {
    let list =
        br#"{"image": "img/a.png", "category": "Powder", "specimen": "1", "split": "Validation"}
{"image": "img/b.png", "category": "Powder", "specimen": "1"}
{"image": "img/c.png", "category": "Powder", "specimen": "2", "part": "train"}
{"image": "img/d.png", "category": "Powder", "specimen": "3", "part": "test"}
{"image": "img/e.png", "category": "Powder", "specimen": "3"}"#;
    let dataset = read_pairs(list).unwrap();
    let parts: Vec<_> = dataset.examples.iter().map(|e| e.part).collect();
    use Part::{Test, Train, Val};
    assert_eq!(parts, [Val, Val, Train, Test, Test]);
    assert_eq!(
        dataset.warnings,
        ["2 images are marked test and were left out of training and validation."]
    );
}

#[test]
fn no_specimen_is_on_both_sides() {
    let dir = folder(&[]);
    let mut list = String::new();
    for specimen in 0..40 {
        for view in 0..3 {
            let name = format!("lot{specimen}_{view}.png");
            std::fs::write(dir.path().join(&name), b"").unwrap();
            writeln!(list, "{{\"image\": \"{name}\", \"category\": \"Powder\"}}").unwrap();
        }
    }
    std::fs::write(dir.path().join("mine.jsonl"), list).unwrap();
    let dataset = read_folder(dir.path(), 7, Deal::AsGiven).unwrap();
    assert_eq!(dataset.examples.len(), 120);
    let specimens = |part| -> std::collections::BTreeSet<_> {
        dataset
            .examples
            .iter()
            .filter(|e| e.part == part)
            .map(|e| e.specimen.clone())
            .collect()
    };
    let (train, val) = (specimens(Part::Train), specimens(Part::Val));
    assert_eq!(train.len() + val.len(), 40);
    assert!(train.is_disjoint(&val) && !val.is_empty());
}

#[test]
fn a_folder_that_cannot_be_used_says_why() {
    let check = |files: &[(&str, &[u8])], told: &str| {
        let error = read_folder(folder(files).path(), 7, Deal::AsGiven)
            .unwrap_err()
            .to_string();
        assert!(error.contains(told), "{error}");
    };
    check(&[], "no list (pairs.jsonl)");
    check(&[("pairs.jsonl", b"")], "no usable image");
    check(&[("pairs.jsonl", b"{}")], "line 1: names no image");
    check(&[("pairs.jsonl/x", b"")], "not a file");
    let missing = read_folder(Path::new("there/is/no/such/folder"), 7, Deal::AsGiven)
        .unwrap_err()
        .to_string();
    assert!(missing.contains("there/is/no/such/folder"), "{missing}");
}

/// The real micrographs, through the recipe, as a trainer would read them.
#[test]
fn the_recipe_makes_a_folder_that_is_read_whole() {
    let Some(data) = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty()) else {
        eprintln!("skipped: ASKEM_DATA is not set");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("real");
    let recipe = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/recipe/real_pairs.py");
    let run = std::process::Command::new("python3")
        .arg(recipe)
        .arg(Path::new(&data).join("real"))
        .arg(&out)
        .output();
    let Ok(run) = run else {
        eprintln!("skipped: no python3");
        return;
    };
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );

    let dataset = read_folder(&out, 7, Deal::AsGiven).unwrap();
    assert_eq!(
        (dataset.name.as_str(), dataset.warnings.as_slice()),
        ("real", [].as_slice())
    );
    let count = |part| dataset.examples.iter().filter(|e| e.part == part).count();
    assert_eq!((count(Part::Train), count(Part::Val)), (78, 42));
    assert!(
        dataset
            .examples
            .iter()
            .all(|e| e.category.is_some() && e.answers.len() == 9)
    );
    assert!(out.join("attributions.md").is_file());
}
