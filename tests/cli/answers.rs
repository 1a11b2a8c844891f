//! The commands that need a model: ask, classify and train.

use super::world::{
    ASK, CLASSIFY, TRAIN, World, assert_fields, assert_others_done, assert_sentence, hostile_files,
};
use serde_json::Value;

#[test]
fn the_original_is_never_written_to() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let before = std::fs::read(world.path(image)).unwrap();
    world.run(&["inspect", image]).expect(0);
    world.run(&["classify", image]).expect(0);
    assert_eq!(std::fs::read(world.path(image)).unwrap(), before);
    assert_eq!(
        std::fs::read_dir(world.folder.path()).unwrap().count(),
        1,
        "something was left beside the image"
    );
}

#[test]
fn hostile_files_do_not_stop_asking_and_classifying() {
    let world = World::new();
    let mut bad = hostile_files(&world);
    let good = std::fs::read(world.path("good.png")).unwrap();
    bad.push(world.file("cut.png", &good[..good.len() / 2]));
    assert_others_done(&world, &["classify"], &bad, CLASSIFY);
    assert_others_done(&world, &["ask", "--about", "application.use"], &bad, ASK);
}

#[test]
fn probabilities_of_the_ten_add_up_to_one() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let rows = world.run(&["classify", "--json", image]).expect(0).rows();
    let probabilities = rows[0]["probabilities"].as_object().unwrap();
    let each: Vec<f64> = probabilities
        .values()
        .map(|p| p.as_f64().unwrap())
        .collect();
    assert!((each.iter().sum::<f64>() - 1.0).abs() < 1e-4, "{each:?}");
    let (best, _) = probabilities
        .iter()
        .max_by(|a, b| a.1.as_f64().unwrap().total_cmp(&b.1.as_f64().unwrap()))
        .unwrap();
    let expected = if rows[0]["none_of_these"] == true {
        Value::Null
    } else {
        best.as_str().into()
    };
    assert_eq!(rows[0]["category"], expected);
}

#[test]
fn a_topic_asks_all_its_keys_and_a_given_category_is_used() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let rows = world
        .run(&[
            "ask",
            image,
            "--about",
            "size",
            "--category",
            "Particles",
            "--json",
        ])
        .expect(0)
        .rows();
    let keys: Vec<&str> = rows
        .iter()
        .map(|row| row["key"].as_str().unwrap())
        .collect();
    assert_eq!(
        keys,
        ["size.range", "size.distribution", "size.aggregation"]
    );
    for row in &rows {
        assert_eq!(
            (row["category"].as_str(), row["category_source"].as_str()),
            (Some("Particles"), Some("given"))
        );
        assert!(!row["answer"].as_str().unwrap().trim().is_empty());
        assert_eq!(row["question"], row["read_as"]);
    }
    let predicted = world
        .run(&["ask", image, "--about", "size.range", "--json"])
        .expect(0)
        .rows();
    let source = if predicted[0]["category"].is_null() {
        Value::Null
    } else {
        "predicted".into()
    };
    assert_eq!(predicted[0]["category_source"], source);
}

#[test]
fn the_same_question_gets_the_same_answer_streamed_or_not() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let answer = |about: &str| {
        let rows = world
            .run(&["ask", image, "--about", about, "--json"])
            .expect(0)
            .rows();
        rows.last().unwrap()["answer"].as_str().unwrap().to_owned()
    };
    let alone = answer("size.aggregation");
    assert_eq!(answer("size.aggregation"), alone);
    assert_eq!(
        answer("size"),
        alone,
        "an answer depends on what was asked before"
    );
    let streamed = world
        .run(&["ask", image, "--about", "size.aggregation"])
        .expect(0);
    assert!(
        streamed
            .stdout
            .contains(&format!("size.aggregation  {alone}\n")),
        "{}\n{alone}",
        streamed.stdout
    );
}

#[test]
fn typed_questions_are_read_as_keys_or_declined() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let typed = "how are they spread";
    let rows = world
        .run(&["ask", image, "-q", typed, "--json"])
        .expect(0)
        .rows();
    assert!(
        rows.iter()
            .any(|row| row["key"] == "size.distribution" && row["question"] == typed),
        "{rows:?}"
    );

    let declined = world
        .run(&["ask", image, "-q", "Who won the match?", "--json"])
        .expect(0)
        .rows();
    assert!(declined[0]["key"].is_null() && declined[0]["model"].is_null());
    assert_sentence(declined[0]["answer"].as_str().unwrap());
    let missing = world
        .run(&["ask", "gone.png", "-q", "Who won the match?"])
        .expect(1);
    assert!(missing.stderr.contains("gone.png"));
}

#[test]
fn slots_say_what_they_are_filled_with_and_where_they_stand() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let ask = [
        "ask",
        image,
        "--about",
        "basics",
        "--category",
        "Particles",
        "--json",
    ];
    let rows = world.run(&ask).expect(0).rows();
    let [of_type, of_scale] = &rows[..] else {
        panic!("{rows:?}")
    };
    let text = of_type["answer"].as_str().unwrap();
    let slots = of_type["slots"].as_array().unwrap();
    let category = slots
        .iter()
        .find(|slot| slot["slot"] == "category")
        .unwrap();
    let place = ["from", "to"].map(|end| category[end].as_u64().unwrap() as usize);
    assert_eq!(&text[place[0]..place[1]], "particles (you)");
    assert_eq!(category["kind"], "typed");
    assert!(
        of_type["text_with_slots"]
            .as_str()
            .unwrap()
            .contains("{category}")
    );
    for sentence in of_type["sentences"].as_array().unwrap() {
        let fits = sentence["fits"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&fits), "{sentence}");
    }
    // Nothing is known of the scale: the reason is the answer.
    let slots = of_scale["slots"].as_array().unwrap();
    assert!(!slots.is_empty() && slots.iter().all(|slot| slot["kind"] == "unavailable"));
    assert!(
        slots
            .iter()
            .all(|slot| slot["reason"].is_string() && slot["value"].is_null())
    );
    assert!(of_scale["answer"].as_str().unwrap().contains("No scale"));
}

#[test]
fn a_model_that_is_not_there_is_a_sentence() {
    let world = World::new();
    let image = world.micrograph("a.png");
    world.file("config.json", b"{}");
    for model in ["no-such-model", "."] {
        let ran = world.run(&["classify", image, "--model", model]).expect(1);
        assert!(ran.stdout.is_empty());
        assert_sentence(&ran.stderr);
    }
}

#[test]
fn piped_output_holds_data_and_stderr_is_silent() {
    let world = World::new();
    let image = world.micrograph("a.png");
    let ran = world.run(&["classify", image, image]).expect(0);
    assert_eq!(ran.stdout.lines().count(), 2);
    assert_eq!(ran.stderr, "", "progress is for terminals");
}

#[test]
fn a_trained_model_answers() {
    let world = World::new();
    world
        .run(&[
            "simulate", "--out", "data", "--count", "12", "--seed", "5", "--size", "64",
        ])
        .expect(0);
    let train = [
        "train", "--data", "data", "--out", "model", "--epochs", "1", "--seed", "1", "--json",
    ];
    let rows = world.run(&train).expect(0).rows();
    assert_fields(&rows[0], TRAIN);
    for file in [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "preprocessor_config.json",
        "README.md",
    ] {
        assert!(world.path("model").join(file).is_file(), "{file}");
    }
    let image = world.micrograph("a.png");
    let row = world
        .run(&["classify", image, "--model", "model", "--json"])
        .expect(0)
        .rows()
        .remove(0);
    assert_fields(&row, CLASSIFY);
    assert_eq!(row["model"], "model");
}

#[test]
fn training_without_data_is_a_sentence() {
    let world = World::new();
    std::fs::create_dir(world.path("empty")).unwrap();
    for data in ["nowhere", "empty"] {
        let ran = world
            .run(&["train", "--data", data, "--out", "model"])
            .expect(1);
        assert_sentence(&ran.stderr);
        assert!(!world.path("model").exists(), "half a model was left");
    }
}
