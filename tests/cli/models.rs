//! The command `models`: a model comes in, answers, goes out and is removed.

use super::world::{ASK, CLASSIFY, FILE_ERROR, MODELS, World, assert_fields, assert_sentence};
use std::path::Path;

/// A tiny BLIP as transformers wrote it (tests/parity/make_blip.py).
const BLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/blip");
const FACTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/factory");

#[test]
fn an_imported_blip_answers_until_it_is_removed() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let row = &world
        .run(&["models", "import", BLIP, "--name", "tiny", "--json"])
        .expect(0)
        .rows()[0];
    assert_fields(row, MODELS);
    assert_eq!(
        (&row["kind"], &row["preset"]),
        (&"blip".into(), &"blip".into())
    );
    assert_eq!((&row["image_px"], &row["tokens"]), (&24.into(), &79.into()));
    assert!(row["in_use"] == false && row["error"].is_null());
    let taken = world
        .run(&["models", "import", BLIP, "--name", "tiny"])
        .expect(1);
    assert_sentence(&taken.stderr);

    let ask = ["ask", image, "--about", "morphology.shape", "--json"];
    let named = world
        .run(&[&ask[..], &["--model", "tiny"]].concat())
        .expect(0)
        .rows();
    assert_fields(&named[0], ASK);
    assert!(named[0]["model"] == "tiny" && named[0]["match"].is_null());
    assert!(named[0]["tokens"].as_u64().unwrap() > 0);
    let by_folder = world
        .run(&[&ask[..], &["--model", BLIP]].concat())
        .expect(0)
        .rows();
    assert!(by_folder[0]["model"] == "blip");
    assert_eq!(by_folder[0]["answer"], named[0]["answer"]);
    let classified = world
        .run(&["classify", image, "--model", "tiny", "--json"])
        .expect(0);
    assert_fields(&classified.rows()[0], CLASSIFY);

    let of_factory = world.run(&ask).expect(0).rows();
    assert!(of_factory[0]["model"] == "factory");
    world.run(&["models", "use", "tiny"]).expect(0);
    assert_eq!(
        world.run(&ask).expect(0).rows()[0]["answer"],
        named[0]["answer"]
    );
    let listed = world.run(&["models", "list", "--json"]).expect(0).rows();
    let in_use: Vec<_> = listed
        .iter()
        .map(|row| (&row["name"], &row["in_use"]))
        .collect();
    let expected = [
        (&"factory".into(), &false.into()),
        (&"tiny".into(), &true.into()),
    ];
    assert_eq!(in_use, expected);

    world.run(&["models", "remove", "tiny"]).expect(0);
    assert!(world.run(&ask).expect(0).rows()[0]["model"] == "factory");
    let gone = world.run(&["models", "remove", "tiny"]).expect(1);
    assert_sentence(&gone.stderr);
    assert!(Path::new(BLIP).join("model.safetensors").exists());
}

#[test]
fn exported_models_are_whole_and_those_that_were_cut_are_named() {
    let world = World::new();
    for (model, beside) in [
        ("factory", "modeling_askem.py"),
        (BLIP, "tokenizer_config.json"),
    ] {
        let out = if model == BLIP { "b" } else { "f" };
        let row = &world
            .run(&["models", "export", model, out, "--json"])
            .expect(0)
            .rows()[0];
        assert_fields(row, MODELS);
        assert!(world.path(out).join(beside).exists());
        let again = world.run(&["models", "export", model, out]).expect(1);
        assert_sentence(&again.stderr);
    }
    let card = std::fs::read(world.path("f").join("README.md")).unwrap();
    assert_eq!(
        card,
        std::fs::read(Path::new(FACTORY).join("README.md")).unwrap()
    );
    let weights = world.path("f").join("model.safetensors");
    let whole = std::fs::read(&weights).unwrap();
    std::fs::write(&weights, &whole[..whole.len() - 9]).unwrap();
    let ran = world
        .run(&["models", "check", "factory", "f", "b", "nowhere", "--json"])
        .expect(1);
    let rows = ran.rows();
    assert_eq!(rows.len(), 4);
    assert_fields(&rows[0], MODELS);
    assert_fields(&rows[1], FILE_ERROR);
    assert!(
        rows[1]["error"]
            .as_str()
            .unwrap()
            .contains("model.safetensors")
    );
    assert_fields(&rows[2], MODELS);
    assert!(rows[3]["error"].as_str().unwrap().contains("models list"));
    let refused = world.run(&["models", "import", "f"]).expect(1);
    assert_sentence(&refused.stderr);
    assert_eq!(
        world
            .run(&["models", "list", "--json"])
            .expect(0)
            .rows()
            .len(),
        1
    );
}

#[test]
fn a_blip_is_tuned_by_adapters_to_a_whole_model_that_answers() {
    let world = World::new();
    std::fs::create_dir(world.path("d")).unwrap();
    let mut list = String::new();
    for (name, split) in [
        ("d/a.png", "train"),
        ("d/b.png", "train"),
        ("d/c.png", "val"),
    ] {
        world.micrograph(name);
        list += &format!(
            "{{\"image\": \"{}\", \"category\": \"Powder\", \"split\": \"{split}\", \
             \"key\": \"size.range\", \"answer\": \"round grains\"}}\n",
            &name[2..]
        );
    }
    std::fs::write(world.path("d/pairs.jsonl"), list).unwrap();
    let tune = ["train", "--data", "d", "--out", "m", "--from", BLIP];
    let settings = ["--part", "adapters", "--rank", "2", "--epochs", "2"];
    world.run(&[&tune[..], &settings].concat()).expect(0);
    let row = &world
        .run(&["models", "check", "m", "--json"])
        .expect(0)
        .rows()[0];
    assert_eq!(row["kind"], "blip");
    let card = std::fs::read_to_string(world.path("m/README.md")).unwrap();
    assert!(
        card.contains("A BLIP") && card.contains("ROUGE-L"),
        "{card}"
    );
    let base = std::fs::read(Path::new(BLIP).join("model.safetensors")).unwrap();
    let tuned = std::fs::read(world.path("m/model.safetensors")).unwrap();
    assert!(base.len().abs_diff(tuned.len()) < 1000 && base != tuned);
    let ask = [
        "ask",
        "d/c.png",
        "--about",
        "size.range",
        "--model",
        "m",
        "--json",
    ];
    assert!(
        world.run(&ask).expect(0).rows()[0]["tokens"]
            .as_u64()
            .unwrap()
            > 0
    );
    // Left after its end, it is gone on with by the same command.
    let more = [
        "--part", "adapters", "--rank", "2", "--epochs", "3", "--resume",
    ];
    world.run(&[&tune[..], &more].concat()).expect(0);
}
