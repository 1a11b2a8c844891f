//! Files that want to do harm, or are broken: each is refused with a sentence that names what
//! is wrong, before it costs memory or time.

#![allow(clippy::unwrap_used, reason = "a failed operation fails the test")]

mod mutations;

use crate::error::ModelError;
use crate::files::ModelFiles;
use crate::whole::{check, export};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

fn stored() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/parity/blip")
}

fn good() -> ModelFiles<'static> {
    ModelFiles::read(&stored()).unwrap()
}

/// The error of files that must not be believed.
fn refusal(files: &ModelFiles) -> String {
    check(files).unwrap_err().to_string()
}

/// Fails unless the files are refused with these words.
fn refused(files: &ModelFiles, words: &[&str]) {
    let error = refusal(files);
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?}");
    }
}

fn with_weights(bytes: Vec<u8>) -> ModelFiles<'static> {
    ModelFiles {
        weights: Cow::Owned(bytes),
        ..good()
    }
}

/// A file with this header and so many bytes of data.
fn safetensors(header: &str, data_bytes: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data_bytes, 0);
    bytes
}

#[test]
fn weights_whose_header_lies_are_refused() {
    let tensor = |shape: &str, from: usize, to: usize| {
        format!(r#"{{"dtype":"F32","shape":{shape},"data_offsets":[{from},{to}]}}"#)
    };
    let one = |tensor: String, data: usize| safetensors(&format!(r#"{{"a":{tensor}}}"#), data);
    let two = |a: String, b: String| safetensors(&format!(r#"{{"a":{a},"b":{b}}}"#), 16);
    let cases = [
        vec![],
        vec![0xff; 8],
        [u64::MAX.to_le_bytes().as_slice(), b"{}"].concat(),
        [(1u64 << 40).to_le_bytes().as_slice(), b"{}"].concat(),
        safetensors("not json", 0),
        safetensors(&"[".repeat(100_000), 0),
        one(tensor("[4]", 0, 1 << 40), 16),
        one(tensor("[4]", 16, 0), 16),
        one(tensor("[18446744073709551615,3]", 0, 16), 16),
        one(tensor("[4294967296,4294967296,4294967296]", 0, 16), 16),
        one(tensor("[1099511627776]", 0, 16), 16),
        one(tensor("[4]", 0, 16), 17),
        one(tensor("[-4]", 0, 16), 16),
        two(tensor("[4]", 0, 16), tensor("[4]", 0, 16)),
        two(tensor("[2]", 0, 8), tensor("[1]", 12, 16)),
    ];
    for (i, bytes) in cases.into_iter().enumerate() {
        let error = refusal(&with_weights(bytes));
        assert!(
            error.starts_with("model.safetensors is not valid"),
            "{i}: {error}"
        );
    }
}

#[test]
fn truncated_weights_are_refused_wherever_they_end() {
    let whole = good().weights.into_owned();
    for share in 0..50 {
        let end = whole.len() * share / 50;
        refused(&with_weights(whole[..end].to_vec()), &["model.safetensors"]);
    }
}

#[test]
fn weights_that_are_missing_superfluous_or_misshapen_are_all_named() {
    use candle_core::{Device, Tensor};
    let change = |edit: &dyn Fn(&mut crate::weights::Weights)| {
        let mut weights = crate::weights::parse(&good().weights).unwrap();
        edit(&mut weights);
        with_weights(crate::weights::to_bytes(&weights, candle_core::DType::F32).unwrap())
    };
    let number = |value: f32| Tensor::full(value, 3, &Device::Cpu).unwrap();
    let (bias, norm) = (
        "text_decoder.cls.predictions.bias",
        "vision_model.post_layernorm.weight",
    );
    let several = change(&|weights| {
        weights.remove(bias).unwrap();
        weights.insert(norm.into(), number(1.0));
        weights.insert("pytorch.stowaway".into(), number(1.0));
    });
    let words = [
        &format!("{bias} is missing"),
        &format!("{norm} has shape [3] instead of [16]"),
        "pytorch.stowaway has no place",
    ];
    refused(&several, &words);
    let nothing = change(&|weights| weights.clear());
    refused(&nothing, &["is missing", "more"]);
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let odd = change(&|weights| {
            let positions = weights
                .get_mut("vision_model.embeddings.class_embedding")
                .unwrap();
            *positions = Tensor::full(value, (1, 1, 16), &Device::Cpu).unwrap();
        });
        refused(&odd, &["class_embedding", "not finite"]);
    }
    let whole = safetensors(
        r#"{"a":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}"#,
        16,
    );
    refused(&with_weights(whole), &["a holds whole numbers"]);
}

/// The good files with one value of a JSON file set, by its path.
fn with_json(file: &str, pointer: &str, value: Value) -> ModelFiles<'static> {
    let mut files = good();
    let bytes = match file {
        "config.json" => &mut files.config,
        "tokenizer.json" => &mut files.tokenizer,
        _ => &mut files.preprocessor,
    };
    let mut whole: Value = serde_json::from_slice(bytes).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    whole.pointer_mut(parent).unwrap()[name] = value;
    *bytes = Cow::Owned(serde_json::to_vec(&whole).unwrap());
    files
}

#[test]
fn sizes_beyond_reason_are_refused_before_anything_is_allocated() {
    let (text, vision) = ("/text_config", "/vision_config");
    for (part, name, values) in [
        (text, "vocab_size", [json!(0), json!(1u64 << 40), json!(-1)]),
        (text, "hidden_size", [json!(0), json!(1 << 30), json!(15)]),
        (
            text,
            "num_hidden_layers",
            [json!(0), json!(1 << 20), json!(1e99)],
        ),
        (
            text,
            "num_attention_heads",
            [json!(0), json!(3), json!("2")],
        ),
        (
            text,
            "intermediate_size",
            [json!(0), json!(1u64 << 40), json!(null)],
        ),
        (
            text,
            "max_position_embeddings",
            [json!(0), json!(1u64 << 40), json!([])],
        ),
        (
            text,
            "layer_norm_eps",
            [json!(-1.0), json!(7), json!("NaN")],
        ),
        (
            text,
            "bos_token_id",
            [json!(79), json!(4_000_000_000u32), json!(-1)],
        ),
        (
            vision,
            "image_size",
            [json!(0), json!(1u64 << 40), json!(25)],
        ),
        (
            vision,
            "patch_size",
            [json!(0), json!(1u64 << 40), json!(7)],
        ),
        (
            vision,
            "hidden_size",
            [json!(0), json!(1u64 << 40), json!(32)],
        ),
    ] {
        for value in values {
            let files = with_json("config.json", &format!("{part}/{name}"), value.clone());
            let error = refusal(&files);
            assert!(
                !error.contains("model.safetensors"),
                "{name} {value}: {error}"
            );
        }
    }
    let deep = "[".repeat(200_000);
    for name in ["config", "preprocessor", "tokenizer"] {
        let mut files = good();
        let bytes = Cow::Owned(format!("{{\"text_config\":{deep}").into_bytes());
        match name {
            "config" => files.config = bytes,
            "preprocessor" => files.preprocessor = bytes,
            _ => files.tokenizer = bytes,
        }
        refused(&files, &["is not valid"]);
    }
}

#[test]
fn other_models_are_told_from_damaged_ones() {
    for (pointer, value, word) in [
        ("/model_type", json!("llava"), "llava"),
        (
            "/architectures",
            json!(["BlipForConditionalGeneration"]),
            "BlipForConditionalGeneration",
        ),
        ("/text_config/hidden_act", json!("relu"), "relu"),
        ("/text_config/tie_word_embeddings", json!(false), "tied"),
    ] {
        refused(
            &with_json("config.json", pointer, value),
            &[word, "cannot be run here"],
        );
    }
    for (name, value) in [
        ("/size/height", json!(384)),
        ("/resample", json!(2)),
        ("/image_mean", json!([0.5, 0.5])),
        ("/image_std", json!([0.5, 0.0, 0.5])),
        ("/rescale_factor", json!(1e300)),
        ("/do_normalize", json!(false)),
    ] {
        let files = with_json("preprocessor_config.json", name, value);
        refused(&files, &["preprocessor_config.json"]);
    }
}

#[test]
fn vocabularies_of_another_kind_are_refused() {
    for (pointer, value) in [
        ("/model/type", json!("BPE")),
        ("/model/unk_token", json!("<unk>")),
        ("/model/continuing_subword_prefix", json!("@@")),
        ("/model/max_input_chars_per_word", json!(1u64 << 60)),
        ("/model/vocab", json!({})),
        ("/model/vocab", json!({"[UNK]": 4_000_000_000u32})),
        ("/model/vocab", json!({"[UNK]": -1})),
        ("/model/vocab", json!({"[UNK]": 1, "a": 1})),
        ("/model/vocab/film", json!(900)),
        ("/added_tokens/0/lstrip", json!(true)),
        ("/added_tokens/0/id", json!(9)),
        ("/added_tokens/0/content", json!("x".repeat(1000))),
        ("/added_tokens/0/content", json!("")),
        (
            "/normalizer",
            json!({"type": "Replace", "pattern": {"Regex": "(a*)*b"}, "content": ""}),
        ),
        ("/normalizer", json!(null)),
        (
            "/pre_tokenizer",
            json!({"type": "Split", "pattern": {"Regex": "(a*)*b"}, "behavior": "Removed", "invert": false}),
        ),
        ("/surprise", json!(1)),
    ] {
        refused(
            &with_json("tokenizer.json", pointer, value),
            &["tokenizer.json"],
        );
    }
    let plain = |text: &[u8]| ModelFiles {
        tokenizer: Cow::Owned(text.to_vec()),
        ..good()
    };
    let long = format!("[UNK]\n[CLS]\n[SEP]\n{}", "x".repeat(1 << 20));
    for text in [
        b"".as_slice(),
        b"[CLS]\n[SEP]\n",
        b"[UNK]\n[CLS]\n[SEP]\na\na\n",
        b"[UNK]\n[CLS]\n[SEP]\n\n\xff\xfe",
        b"[UNK]\n[CLS]\na\n",
        "[UNK]\n[CLS]\n[SEP]\n\na".as_bytes(),
        long.as_bytes(),
    ] {
        refused(&plain(text), &["tokenizer.json"]);
    }
    let many: String = (0..100).map(|i| format!("w{i}\n")).collect();
    let many = format!("[UNK]\n[CLS]\n[SEP]\n{many}");
    refused(&plain(many.as_bytes()), &["103 tokens", "79"]);
}

/// A copy of the good folder.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "preprocessor_config.json",
    ] {
        std::fs::copy(stored().join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn read_error(folder: &Path) -> ModelError {
    ModelFiles::read(folder).err().unwrap()
}

#[test]
fn pickles_archives_and_parts_are_never_opened() {
    for name in ["pytorch_model.bin", "model.PT", "weights.pth", "a.ckpt"] {
        let folder = copy();
        std::fs::rename(
            folder.path().join("model.safetensors"),
            folder.path().join(name),
        )
        .unwrap();
        let error = read_error(folder.path());
        assert!(matches!(error, ModelError::Pickle { .. }), "{error}");
        assert!(error.to_string().contains(name) && error.to_string().contains("save_pretrained"));
    }
    let folder = copy();
    let weights = folder.path().join("model.safetensors");
    std::fs::rename(&weights, folder.path().join("model.safetensors.index.json")).unwrap();
    assert!(
        read_error(folder.path())
            .to_string()
            .contains("several files")
    );
    let archive = folder.path().join("model.zip");
    std::fs::write(&archive, b"PK").unwrap();
    assert!(matches!(read_error(&archive), ModelError::NoFolder { .. }));
    assert!(matches!(
        read_error(&folder.path().join("gone")),
        ModelError::File { .. }
    ));
}

#[test]
fn only_regular_files_of_a_reasonable_size_are_read() {
    let folder = copy();
    let config = folder.path().join("config.json");
    std::fs::remove_file(&config).unwrap();
    std::fs::create_dir(&config).unwrap();
    assert!(
        read_error(folder.path())
            .to_string()
            .contains("no regular file")
    );
    for (name, bytes) in [("config.json", 1u64 << 30), ("model.safetensors", 5 << 30)] {
        let folder = copy();
        // Sparse: it takes no room on the disk.
        let file = std::fs::File::create(folder.path().join(name)).unwrap();
        file.set_len(bytes).unwrap();
        assert!(read_error(folder.path()).to_string().contains("too large"));
    }
    #[cfg(unix)]
    {
        let folder = copy();
        let pipe = folder.path().join("config.json");
        std::fs::remove_file(&pipe).unwrap();
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        assert!(
            read_error(folder.path())
                .to_string()
                .contains("no regular file")
        );
    }
}

#[test]
fn an_export_that_was_changed_is_refused() {
    let exported = tempfile::tempdir().unwrap();
    export(&good(), exported.path(), "A card.\n").unwrap();
    ModelFiles::read(exported.path()).unwrap();
    for (name, words) in [
        ("model.safetensors", "BLAKE3"),
        ("config.json", "BLAKE3"),
        ("tokenizer.json", "BLAKE3"),
        ("preprocessor_config.json", "BLAKE3"),
        ("manifest.json", "manifest.json"),
    ] {
        let path = exported.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut spoilt = whole.clone();
        let last = spoilt.len() - 2;
        spoilt[last] ^= 1;
        std::fs::write(&path, &spoilt).unwrap();
        let error = read_error(exported.path()).to_string();
        assert!(error.contains(name) && error.contains(words), "{error}");
        std::fs::write(&path, &whole[..last]).unwrap();
        assert!(read_error(exported.path()).to_string().contains(name));
        std::fs::write(&path, &whole).unwrap();
    }
    ModelFiles::read(exported.path()).unwrap();
    std::fs::write(exported.path().join("manifest.json"), r#"{"files":{}}"#).unwrap();
    assert!(
        read_error(exported.path())
            .to_string()
            .contains("does not list it")
    );
}
