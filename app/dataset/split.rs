//! Which images are learned from and which are kept for validation: by specimen, never by image.
//!
//! Two images of one specimen look alike, so a specimen on both sides would flatter the model.
//! Reads no files. Called by `dataset::read_folder`.

use super::warnings::Warnings;
use super::{DatasetError, Example, Found, Part};
use std::collections::BTreeMap;
use std::path::Path;

/// The share of specimens kept for validation.
const VAL_SHARE: f64 = 0.1;

/// File-name prefixes that instruments and cameras write before a running number; they name no
/// specimen.
const NO_SPECIMEN: [&str; 12] = [
    "image",
    "img",
    "micrograph",
    "nffa",
    "photo",
    "pic",
    "picture",
    "scan",
    "sem",
    "snap",
    "tile",
    "untitled",
];

/// A part with the line that gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub part: Part,
    pub line: usize,
}

impl Part {
    pub(super) fn parse(text: &str) -> Option<Part> {
        match text.trim().to_ascii_lowercase().as_str() {
            "train" | "training" => Some(Part::Train),
            "val" | "valid" | "validation" | "dev" => Some(Part::Val),
            "test" => Some(Part::Test),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Val => "validation",
            Part::Test => "test",
        }
    }
}

/// One part of a cross-validation: the specimens in order of their hash are dealt into `of`
/// folds, and the fold of this number is kept apart, whatever parts the data gives. What it marks
/// as a final test stays out of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Counted from 1.
    pub number: usize,
    /// Folds in all, 2 or more.
    pub of: usize,
}

/// How specimens come to their parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deal {
    /// As the data says; the others by a hash of their name, one in ten for validation.
    #[default]
    AsGiven,
    /// A fold is kept for validation, the others are learned from.
    Validation(Fold),
    /// A fold is tested on; of the others one specimen in ten is kept for validation.
    Test(Fold),
}

/// Gives every image its specimen and part; with folds, images given to a final test are left out.
pub(super) fn assign(
    found: Vec<Found>,
    seed: u64,
    deal: Deal,
    warnings: &mut Warnings,
) -> Result<Vec<Example>, DatasetError> {
    let mut given: BTreeMap<String, Option<Given>> = BTreeMap::new();
    let mut by_file_name = 0;
    let mut images = Vec::with_capacity(found.len());
    for mut image in found {
        let specimen = image.specimen.take().unwrap_or_else(|| {
            by_file_name += 1;
            specimen_of(&image.relative)
        });
        let known = given.entry(specimen.clone()).or_default();
        match (*known, image.given) {
            (Some(first), Some(second)) if first.part != second.part => {
                return Err(DatasetError::SplitSpecimen {
                    specimen,
                    first: told(first),
                    second: told(second),
                });
            }
            (None, now) => *known = now,
            _ => {}
        }
        images.push((image, specimen));
    }
    warn_of_few_specimens(by_file_name, given.len(), warnings);

    let parts = match deal {
        Deal::AsGiven => parts_of(&given, seed),
        Deal::Validation(fold) => folded(&given, seed, fold, Part::Val),
        Deal::Test(fold) => tested(&given, seed, fold),
    };
    let of_final_test = |specimen: &str| {
        let given = given.get(specimen).copied().flatten();
        given.is_some_and(|given| given.part == Part::Test)
    };
    let mut in_test = 0;
    let mut examples = Vec::with_capacity(images.len());
    for (image, specimen) in images {
        in_test += usize::from(of_final_test(&specimen));
        let Some(part) = parts.get(&specimen).copied() else {
            continue;
        };
        let Found {
            image,
            relative,
            category,
            known,
            answers,
            ..
        } = image;
        examples.push(Example {
            image,
            file: relative,
            category,
            specimen,
            part,
            known,
            answers,
        });
    }
    if in_test > 0 {
        warnings.add(format!(
            "{in_test} images are marked test and were left out of training and validation."
        ));
    }
    Ok(examples)
}

fn told(given: Given) -> String {
    format!("{} (line {})", given.part.name(), given.line)
}

/// The part of each specimen: as given, else by hash. With two specimens or more to decide
/// about, neither train nor validation stays empty.
fn parts_of(given: &BTreeMap<String, Option<Given>>, seed: u64) -> BTreeMap<String, Part> {
    let mut parts = BTreeMap::new();
    let mut open = Vec::new();
    for (specimen, given) in given {
        match given {
            Some(given) => {
                parts.insert(specimen.clone(), given.part);
            }
            None => open.push((hash_0_to_1(specimen, seed), specimen)),
        }
    }
    open.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    let has = |part| parts.values().any(|p| *p == part);
    let needs_val = !has(Part::Val) && open.len() > 1;
    let needs_train = !has(Part::Train) && open.len() > 1;
    let last = open.len().saturating_sub(1);
    for (rank, (hash, specimen)) in open.into_iter().enumerate() {
        let val = (hash < VAL_SHARE || needs_val && rank == 0) && !(needs_train && rank == last);
        parts.insert(specimen.clone(), if val { Part::Val } else { Part::Train });
    }
    parts
}

/// The part of each specimen in one fold of a cross-validation: `apart` in the fold, else
/// learned from. What is given to a final test has none.
fn folded(
    given: &BTreeMap<String, Option<Given>>,
    seed: u64,
    fold: Fold,
    apart: Part,
) -> BTreeMap<String, Part> {
    let is_test = |given: &Option<Given>| given.is_some_and(|given| given.part == Part::Test);
    let mut dealt: Vec<(f64, &String)> = given
        .iter()
        .filter(|(_, given)| !is_test(given))
        .map(|(specimen, _)| (hash_0_to_1(specimen, seed), specimen))
        .collect();
    dealt.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    let part = |rank: usize| match rank % fold.of.max(1) + 1 == fold.number {
        true => apart,
        false => Part::Train,
    };
    let dealt = dealt.into_iter().enumerate();
    dealt
        .map(|(rank, (_, specimen))| (specimen.clone(), part(rank)))
        .collect()
}

/// The same with the fold tested on; of the others some are kept for validation by another hash,
/// so that they are not always the neighbours of the fold.
fn tested(
    given: &BTreeMap<String, Option<Given>>,
    seed: u64,
    fold: Fold,
) -> BTreeMap<String, Part> {
    let mut parts = folded(given, seed, fold, Part::Test);
    let open = parts.iter().filter(|(_, part)| **part == Part::Train);
    let open = open.map(|(specimen, _)| (specimen.clone(), None)).collect();
    parts.extend(parts_of(&open, !seed));
    parts
}

fn hash_0_to_1(specimen: &str, seed: u64) -> f64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(specimen.as_bytes());
    let [a, b, c, d, ..] = *hasher.finalize().as_bytes();
    f64::from(u32::from_le_bytes([a, b, c, d])) / 2f64.powi(32)
}

/// The specimen by file name: what stands before the last separator (`_ - . ` or blank) if only
/// digits follow it, else the file itself.
fn specimen_of(relative: &str) -> String {
    let stem = Path::new(relative)
        .file_stem()
        .and_then(|s| s.to_str())
        .unwrap_or(relative);
    let Some((prefix, number)) = stem.rsplit_once(['_', '-', '.', ' ']) else {
        return relative.to_owned();
    };
    let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let prefix = prefix.trim_end_matches(['_', '-', '.', ' ']);
    let names_one = !prefix.is_empty()
        && !NO_SPECIMEN
            .iter()
            .any(|word| prefix.eq_ignore_ascii_case(word));
    if numbered && names_one {
        prefix.to_owned()
    } else {
        relative.to_owned()
    }
}

fn warn_of_few_specimens(by_file_name: usize, specimens: usize, warnings: &mut Warnings) {
    if by_file_name >= 2 && specimens < 2 {
        warnings.add(
            "By their file names all images show one specimen, so none is kept for validation. \
             Add a column `specimen` or `split` if they show several."
                .into(),
        );
    } else if by_file_name >= 50 && specimens < 10 {
        warnings.add(format!(
            "By their file names the {by_file_name} images show only {specimens} specimens. \
             Add a column `specimen` if they show more."
        ));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn specimens_are_read_from_file_names() {
        for (file, specimen) in [
            ("Fibres/mat_A_001.tif", "mat_A"),
            ("wafer3-12.png", "wafer3"),
            ("wafer3 - 12.png", "wafer3"),
            ("run.7.jpg", "run"),
            ("Fibres/img_0001.jpg", "Fibres/img_0001.jpg"),
            ("L7_97b73f05.jpg", "L7_97b73f05.jpg"),
            ("0001.tif", "0001.tif"),
            ("_01.tif", "_01.tif"),
            ("trailing_.tif", "trailing_.tif"),
        ] {
            assert_eq!(specimen_of(file), specimen, "{file}");
        }
    }

    fn open(count: usize) -> BTreeMap<String, Option<Given>> {
        (0..count)
            .map(|i| (format!("specimen {i}"), None))
            .collect()
    }

    fn val_names(parts: &BTreeMap<String, Part>) -> Vec<&str> {
        parts
            .iter()
            .filter(|(_, p)| **p == Part::Val)
            .map(|(s, _)| s.as_str())
            .collect()
    }

    #[test]
    fn about_one_specimen_in_ten_is_kept_and_the_seed_chooses_which() {
        let parts = parts_of(&open(2000), 1);
        let val = val_names(&parts);
        assert!((160..240).contains(&val.len()), "{}", val.len());
        assert_eq!(parts_of(&open(2000), 1), parts);
        assert_ne!(parts_of(&open(2000), 2), parts);
    }

    #[test]
    fn every_specimen_is_in_the_validation_part_of_exactly_one_fold() {
        let mut given = open(47);
        let test = Given {
            part: Part::Test,
            line: 1,
        };
        given.insert("kept back".into(), Some(test));
        let folds = (1..=10).map(|number| folded(&given, 5, Fold { number, of: 10 }, Part::Val));
        let folds: Vec<_> = folds.collect();
        for specimen in given.keys() {
            let vals = folds
                .iter()
                .filter(|parts| parts.get(specimen) == Some(&Part::Val));
            let wanted = usize::from(specimen != "kept back");
            assert_eq!(vals.count(), wanted, "{specimen}");
        }
        assert!(
            folds
                .iter()
                .all(|parts| (4..=5).contains(&val_names(parts).len()))
        );
    }

    #[test]
    fn a_fold_that_is_tested_on_leaves_some_of_the_others_for_validation() {
        let given = open(60);
        let mut tested_once = Vec::new();
        for number in 1..=3 {
            let parts = tested(&given, 5, Fold { number, of: 3 });
            let of = |wanted| parts.iter().filter(move |(_, part)| **part == wanted);
            assert_eq!(of(Part::Test).count(), 20);
            assert!((1..=10).contains(&of(Part::Val).count()));
            tested_once.extend(of(Part::Test).map(|(specimen, _)| specimen.clone()));
        }
        tested_once.sort();
        assert_eq!(tested_once, given.into_keys().collect::<Vec<_>>());
    }

    #[test]
    fn more_data_moves_no_specimen() {
        let few = parts_of(&open(500), 3);
        let many = parts_of(&open(1000), 3);
        assert!(
            few.iter()
                .all(|(specimen, part)| many.get(specimen) == Some(part))
        );
    }

    #[test]
    fn small_sets_have_both_parts() {
        for seed in 0..200 {
            for count in 2..6 {
                let parts = parts_of(&open(count), seed);
                let val = val_names(&parts).len();
                assert!(
                    val >= 1 && val < count,
                    "{count} specimens, seed {seed}: {val}"
                );
            }
        }
        assert_eq!(parts_of(&open(1), 0).len(), 1);
    }
}
