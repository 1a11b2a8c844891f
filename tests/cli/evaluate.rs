//! `askem evaluate` and `askem ablate` as a reviewer uses them: reports that come out the same
//! twice, what stands in them, and what is said of data that cannot be tested on.

use super::world::{
    ABLATE, ABLATE_VARIANT, EVALUATE, EVALUATE_TEXT, Ran, World, assert_fields, assert_sentence,
};
use serde_json::{Value, json};

/// A folder `data` with two simulated images of each category.
fn simulated() -> World {
    let world = World::new();
    let size = ["--count", "20", "--seed", "3", "--size", "160"];
    world
        .run(&[&["simulate", "--out", "data"][..], &size].concat())
        .expect(0);
    world
}

fn report(world: &World, folder: &str) -> (String, String, Value) {
    let read = |name: &str| std::fs::read_to_string(world.path(folder).join(name)).unwrap();
    let object = serde_json::from_str(&read("report.json")).unwrap();
    (read("report.html"), read("report.md"), object)
}

/// Runs `askem evaluate --data data --report NAME` with more arguments, to the end.
fn evaluate(world: &World, folder: &str, more: &[&str]) -> Ran {
    let begin = ["evaluate", "--data", "data", "--report", folder];
    world.run(&[&begin[..], more].concat()).expect(0)
}

#[test]
fn a_report_says_what_the_model_is_worth_and_comes_out_the_same_twice() {
    let world = simulated();
    let arguments = ["--folds", "2", "--baselines", "--answers", "24", "--json"];
    let [row] = &evaluate(&world, "first", &arguments).rows()[..] else {
        panic!("one row");
    };
    assert_fields(row, EVALUATE);
    assert_eq!(row["images"], 20);
    let texts = row["texts"].as_array().unwrap();
    texts
        .iter()
        .for_each(|text| assert_fields(text, EVALUATE_TEXT));
    // The model and two baselines in two settings, three controls in one.
    assert_eq!(texts.len(), 9);
    let (html, markdown, object) = report(&world, "first");
    for words in [
        "Most frequent answer",
        "Nearest training image's answer",
        "Model, another specimen's image",
        "Model, blank image",
        "Model, noise",
        "Most frequent category",
        "5 nearest by image statistics",
        "Linear probe on its image encoder",
        "Measured numbers",
        "Best",
        "24 of 440 answers were drawn",
    ] {
        let in_html = words.replace('\'', "&#39;");
        assert!(html.contains(words) || html.contains(&in_html), "{words}");
        assert!(markdown.contains(words), "{words}");
    }
    assert!(!html.contains("<script") && html.contains("data:image/jpeg;base64,"));
    let figures = &object["figures"];
    let confusion: u64 = figures["confusion"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|cell| cell.as_u64().unwrap())
        .sum();
    assert_eq!(confusion, 20);
    assert_eq!(figures["runs"], 2);
    let top1 = &figures["guesses"][0]["top1"];
    assert!(
        top1["sd"].is_number() && top1["interval"].is_array(),
        "{top1}"
    );
    assert_eq!(object["images"].as_array().unwrap().len(), 20);
    assert!(
        object["images"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["blake3"].is_string())
    );
    evaluate(&world, "second", &arguments);
    let again = report(&world, "second");
    assert!((html, markdown, object) == again, "two runs differ");
}

#[test]
fn what_a_person_judged_becomes_a_row() {
    let world = simulated();
    evaluate(&world, "report", &["--answers", "2"]);
    let (html, _, object) = report(&world, "report");
    assert!(!html.contains("judged by a person"));
    let answer = &object["answers"][0];
    let file = &answer["file"];
    let images = object["images"].as_array().unwrap();
    let image = images.iter().find(|image| image["file"] == *file).unwrap();
    let text = answer["category_given"].as_str().unwrap();
    let sentence = text.split_inclusive(". ").next().unwrap().trim();
    let judged = json!({
        "image": image["blake3"], "key": answer["key"], "sentence": sentence, "verdict": "false",
    });
    let path = world.path("report").join("judged.jsonl");
    std::fs::write(&path, format!("{judged}\n")).unwrap();
    evaluate(&world, "report", &["--answers", "2"]);
    let (html, _, object) = report(&world, "report");
    assert!(html.contains("judged by a person"));
    assert_eq!(object["figures"]["truth"][0][1]["found_false"], 1);

    std::fs::write(&path, "{\"verdict\": 3}\n").unwrap();
    let ran = world
        .run(&["evaluate", "--data", "data", "--report", "report"])
        .expect(1);
    assert_sentence(&ran.stderr);
    assert!(ran.stderr.contains("judged.jsonl line 1"), "{}", ran.stderr);
}

#[test]
fn a_model_is_no_better_than_itself() {
    let world = simulated();
    let more = [
        "--answers",
        "4",
        "--model",
        "factory",
        "--against",
        "factory",
        "--json",
    ];
    let rows = evaluate(&world, "report", &more).rows();
    assert_eq!(rows[0]["verdict"], "undecided");
    let page = std::fs::read_to_string(world.path("report/comparison.html")).unwrap();
    assert!(page.contains("Undecided: factory "), "{page}");
}

#[test]
fn data_that_cannot_be_tested_on_is_said_in_a_sentence() {
    let world = simulated();
    std::fs::create_dir(world.path("empty")).unwrap();
    let cases: [(&str, &[&str], &str); 4] = [
        ("empty", &[], "holds no list"),
        ("missing", &[], "is not a folder"),
        (
            "data",
            &["--folds", "30"],
            "30 folds need at least as many specimens",
        ),
        ("data", &["--train", "--preset", "paper"], "--folds K"),
    ];
    for (data, more, told) in cases {
        let begin = ["evaluate", "--data", data, "--report", "report"];
        let ran = world.run(&[&begin[..], more].concat()).expect(1);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert_sentence(&ran.stderr);
        assert!(!world.path("report").exists(), "{data}");
    }
    let usage = [
        "evaluate", "--data", "data", "--report", "report", "--epochs", "3",
    ];
    let ran = world.run(&usage).expect(2);
    assert!(ran.stderr.contains("need --train"), "{}", ran.stderr);
    let neither = [
        "evaluate", "--data", "data", "--report", "report", "--train",
    ];
    let ran = world.run(&neither).expect(2);
    assert!(ran.stderr.contains("either --model"), "{}", ran.stderr);
    let inside = ["evaluate", "--data", "data", "--report", "data"];
    let ran = world.run(&inside).expect(1);
    assert!(ran.stderr.contains("never written to"), "{}", ran.stderr);
    assert!(!world.path("data/report.html").exists());
}

#[test]
fn images_that_cannot_be_read_are_told_and_the_others_tested() {
    let world = simulated();
    std::fs::write(world.path("data/sim-000001.png"), b"no image").unwrap();
    evaluate(&world, "report", &["--folds", "2", "--answers", "2"]);
    let (html, _, object) = report(&world, "report");
    assert_eq!(object["figures"]["images"], 19);
    assert!(html.contains("tested images could not be read") && html.contains("sim-000001.png"));
    for number in 1..=20 {
        std::fs::write(
            world.path(&format!("data/sim-{number:06}.png")),
            b"no image",
        )
        .unwrap();
    }
    let ran = world
        .run(&["evaluate", "--data", "data", "--report", "none"])
        .expect(1);
    assert!(ran.stderr.contains("can be read"), "{}", ran.stderr);
    assert_sentence(&ran.stderr);
}

#[test]
fn answers_without_categories_and_categories_without_answers_are_enough() {
    let world = simulated();
    let list = |row: &dyn Fn(u32) -> Value| {
        let lines: Vec<String> = (1..=4).map(|number| row(number).to_string()).collect();
        std::fs::write(world.path("data/pairs.jsonl"), lines.join("\n")).unwrap();
    };
    std::fs::remove_file(world.path("data/truth.jsonl")).unwrap();
    list(
        &|number| json!({ "image": format!("sim-{number:06}.png"), "specimen": number.to_string(), "key": "surface.texture", "answer": "Smooth." }),
    );
    evaluate(&world, "answers", &["--folds", "2"]);
    let (html, _, object) = report(&world, "answers");
    assert_eq!(object["figures"]["guesses"], json!([]));
    assert!(!html.contains("Which material") && html.contains("category that the model predicts"));

    list(
        &|number| json!({ "image": format!("sim-{number:06}.png"), "specimen": number.to_string(), "category": "Tips" }),
    );
    evaluate(&world, "categories", &["--folds", "2", "--seeds", "2"]);
    let (html, _, object) = report(&world, "categories");
    assert_eq!(object["figures"]["texts"], json!([]));
    assert_eq!(object["figures"]["runs"], 4);
    assert!(!html.contains("NFSDense201"), "this is not the NFFA set");
    assert!(html.contains("Which material") && !html.contains("Table 7"));
}

#[test]
fn the_papers_rows_stand_beside_ours_where_the_data_is_nffa() {
    let world = simulated();
    for (number, category) in ["Tips", "Powder", "Tips", "Powder"].into_iter().enumerate() {
        std::fs::create_dir_all(world.path("nffa").join(category)).unwrap();
        let name = format!("L{number}_0a111f9bab302c27064c3d9166f2afc{number}.png");
        let from = world.path(&format!("data/sim-{:06}.png", number + 1));
        std::fs::copy(from, world.path("nffa").join(category).join(name)).unwrap();
    }
    let arguments = [
        "evaluate", "--data", "nffa", "--report", "report", "--folds", "2",
    ];
    world.run(&arguments).expect(0);
    let (html, _, _) = report(&world, "report");
    // Later work, the paper's own model, one of its baselines, and a category of its Table 4.
    for printed in ["NFSDense201", "0.971", "0.947", "T2TViT", "0.945"] {
        assert!(html.contains(printed), "{printed}");
    }
}

#[test]
fn a_model_with_another_tokenizer_is_told_of() {
    let world = simulated();
    let blip = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/blip");
    evaluate(&world, "report", &["--answers", "2", "--model", blip]);
    let (html, _, _) = report(&world, "report");
    assert!(html.contains("tokenizer has no word for"), "{html}");
}

#[test]
fn an_ablation_trains_the_network_without_each_part() {
    let world = simulated();
    let arguments = [
        "ablate",
        "--data",
        "data",
        "--report",
        "report",
        "--folds",
        "2",
        "--epochs",
        "1",
        "--answers",
        "6",
        "--json",
    ];
    let rows = world.run(&arguments).expect(0).rows();
    assert_fields(&rows[0], ABLATE);
    let variants = rows[0]["variants"].as_array().unwrap();
    variants
        .iter()
        .for_each(|one| assert_fields(one, ABLATE_VARIANT));
    let names: Vec<&str> = variants
        .iter()
        .map(|one| one["variant"].as_str().unwrap())
        .collect();
    let expected = [
        "without ITC",
        "without ITM (the paper's CTC)",
        "without SA",
        "without CA",
        "without CSA",
        "whole",
    ];
    assert_eq!(names, expected);
    assert!(variants.iter().all(|one| one["recall"].is_number()));
    let page = std::fs::read_to_string(world.path("report/ablation.html")).unwrap();
    // As the paper prints them.
    for printed in ["0.579", "0.709", "0.752", "0.964"] {
        assert!(page.contains(printed), "{printed}");
    }
}
