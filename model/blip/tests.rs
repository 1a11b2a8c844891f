//! Held against `transformers`: the stored values are made by tests/parity/make_blip.py.

#![allow(clippy::unwrap_used, reason = "a failed operation fails the test")]

use super::*;
use crate::files::{Kind, ModelFiles};
use crate::generate::pad;
use crate::layers::Dropout;
use crate::ops::Visible;
use crate::preprocess::GreyView;
use crate::test_device::{absent, device};
use crate::text::{Cache, Texts};
use crate::weights;
use candle_core::{DType, IndexOp, Tensor, Var};
use candle_nn::VarBuilder;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

fn stored(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/parity")
        .join(name)
}

fn expected(name: &str) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(stored(name), &device()).unwrap()
}

fn files() -> ModelFiles<'static> {
    ModelFiles::read(&stored("blip")).unwrap()
}

fn model() -> BlipModel {
    BlipModel::parse(&files()).unwrap()
}

/// The same picture as `picture` of the script makes.
fn picture(width: usize, height: usize) -> Vec<u8> {
    let value = |i: usize| {
        let (x, y) = (i % width, i / width);
        ((x * 7 + y * 13 + x * y) % 256) as u8
    };
    (0..width * height).map(value).collect()
}

fn values(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.to_dtype(DType::F32).unwrap().contiguous().unwrap();
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn largest_difference(a: &Tensor, b: &Tensor) -> f32 {
    assert_eq!(a.dims(), b.dims());
    let pairs = values(a).into_iter().zip(values(b));
    pairs.fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

fn close(what: &str, ours: &Tensor, theirs: &Tensor, most: f32) {
    let difference = largest_difference(ours, theirs);
    let size = values(theirs)
        .iter()
        .fold(0f32, |most, v| most.max(v.abs()));
    assert!(size > 0.01, "{what}: nothing is compared");
    assert!(difference <= most, "{what} differs by {difference}");
}

/// Pixels [B, 3, H, W] -> patches [B, P, 3 * pixels of a patch].
fn patches(pixels: &Tensor, patch: usize) -> Tensor {
    let (b, c, h, w) = pixels.dims4().unwrap();
    let (rows, columns) = (h / patch, w / patch);
    let split = pixels
        .reshape(vec![b, c, rows, patch, columns, patch])
        .unwrap();
    let split = split.permute(vec![0, 2, 4, 1, 3, 5]).unwrap();
    split
        .reshape((b, rows * columns, c * patch * patch))
        .unwrap()
}

/// Rows of ids without the padding behind them.
fn rows(ids: &Tensor) -> Vec<Vec<u32>> {
    let rows = ids.to_dtype(DType::U32).unwrap().to_vec2::<u32>().unwrap();
    let unpadded = |mut row: Vec<u32>| {
        while row.last() == Some(&0) {
            row.pop();
        }
        row
    };
    rows.into_iter().map(unpadded).collect()
}

fn texts(ids: &Tensor) -> Texts {
    pad(&rows(ids), &device()).unwrap()
}

#[test]
fn every_part_gives_the_values_of_transformers() {
    if absent() {
        return;
    }
    let network = model().network(&device()).unwrap();
    let expected = expected("blip_expected.safetensors");
    let off = Dropout::off();
    let image = network
        .image
        .forward(&patches(&expected["pixels"], 8), &off)
        .unwrap();
    close("image", &image, &expected["image_states"], 1e-4);
    let questions = texts(&expected["questions"]);
    let states = network.read(&questions, &image, &off).unwrap();
    let answers = texts(&expected["answers"]);
    let memory = network
        .decoder
        .look_at(&states, questions.visible.clone())
        .unwrap();
    let logits = network.write(&answers.ids, &memory, None, &off).unwrap();
    let without_padding = |states: &Tensor, ids: &Tensor| {
        let rows = rows(ids).into_iter().enumerate();
        let words = rows.map(|(row, ids)| states.i((row, ..ids.len())).unwrap());
        Tensor::cat(&words.collect::<Vec<_>>(), 0).unwrap()
    };
    let states = without_padding(&states, &expected["questions"]);
    close("question", &states, &expected["question_states"], 1e-4);
    let logits = without_padding(&logits, &expected["answers"]);
    close("answer", &logits, &expected["logits"], 1e-4);
}

#[test]
fn loss_and_every_gradient_are_those_of_transformers() {
    if absent() {
        return;
    }
    let model = model();
    let vars: HashMap<String, Var> = model
        .weights
        .iter()
        .map(|(name, weight)| {
            let weight = weight.to_device(&device()).unwrap();
            (name.clone(), Var::from_tensor(&weight).unwrap())
        })
        .collect();
    let tensors = vars
        .iter()
        .map(|(name, var)| (name.clone(), var.as_tensor().clone()));
    let vb = VarBuilder::from_tensors(tensors.collect(), DType::F32, &device());
    let network = QuestionAnswerer::new(&model.config, vb).unwrap();
    let expected = expected("blip_expected.safetensors");
    let questions = texts(&expected["questions"]);
    let answers = rows(&expected["answers"]);
    let pixels = patches(&expected["pixels"], 8);
    let loss = network
        .loss(&pixels, &questions, &answers, &Dropout::off())
        .unwrap();
    close("loss", &loss.reshape(1).unwrap(), &expected["loss"], 1e-5);
    let gradients = loss.backward().unwrap();
    let theirs: Vec<&String> = expected
        .keys()
        .filter(|name| name.starts_with("gradient."))
        .collect();
    assert_eq!(theirs.len(), vars.len());
    let most_of_all = theirs
        .iter()
        .flat_map(|name| values(&expected[*name]))
        .fold(0f32, |m, v| m.max(v.abs()));
    for name in theirs {
        let weight = name.trim_start_matches("gradient.");
        let ours = gradients.get(&vars[weight]).unwrap();
        let size = values(&expected[name])
            .iter()
            .fold(0f32, |most, v| most.max(v.abs()));
        // The bias of keys has no effect: what is there is rounding.
        let size = size.max(1e-3 * most_of_all);
        let difference = largest_difference(ours, &expected[name]);
        assert!(
            difference <= 1e-3 * size,
            "{weight}: {difference} of {size}"
        );
    }
}

#[test]
fn the_retrieval_heads_give_the_values_of_transformers() {
    if absent() {
        return;
    }
    let bytes = std::fs::read(stored("blip-retrieval/model.safetensors")).unwrap();
    let weights = weights::parse(&bytes).unwrap();
    let config = BlipConfig {
        image_text_hidden_size: 8,
        ..model().config
    };
    let network = weights::network(&weights, &device(), |vb| Retrieval::new(&config, vb)).unwrap();
    let expected = expected("blip_retrieval_expected.safetensors");
    let image = network
        .image
        .forward(&patches(&expected["pixels"], 8), &Dropout::off())
        .unwrap();
    let texts = texts(&expected["texts"]);
    close(
        "itm",
        &network.matches(&image, &texts).unwrap(),
        &expected["matching"],
        1e-4,
    );
    close(
        "itc",
        &network.similarities(&image, &texts).unwrap(),
        &expected["contrast"],
        1e-4,
    );
}

#[test]
fn images_are_prepared_as_pillow_does() {
    if absent() {
        return;
    }
    let model = model();
    let (width, height) = (90, 57);
    let grey = picture(width, height);
    let view = GreyView {
        grey: &grey,
        width,
        height,
    };
    let ours = model.preprocessor.patches(view, 8).unwrap();
    let theirs = values(&patches(
        &expected("blip_expected.safetensors")["prepared"],
        8,
    ));
    assert_eq!(ours.len(), theirs.len());
    // One level of 255 is 0.015; Pillow's whole-number weights may round the other way.
    let off = ours
        .iter()
        .zip(&theirs)
        .filter(|(a, b)| (*a - *b).abs() > 1e-4)
        .count();
    let most = ours
        .iter()
        .zip(&theirs)
        .fold(0f32, |m, (a, b)| m.max((a - b).abs()));
    assert!(
        most < 0.016 && off * 100 <= ours.len(),
        "{off} values, at most {most}"
    );
}

#[derive(serde::Deserialize)]
struct Told {
    question: String,
    ids: Vec<u32>,
    text: String,
    texts: Vec<Encoded>,
}

#[derive(serde::Deserialize)]
struct Encoded {
    text: String,
    ids: Vec<u32>,
}

fn told() -> Told {
    serde_json::from_slice(&std::fs::read(stored("blip_expected.json")).unwrap()).unwrap()
}

/// The folder with its vocab.txt in place of tokenizer.json.
fn with_vocab_txt() -> ModelFiles<'static> {
    ModelFiles {
        tokenizer: Cow::Owned(std::fs::read(stored("blip/vocab.txt")).unwrap()),
        ..files()
    }
}

#[test]
fn texts_become_the_ids_of_transformers_from_either_vocabulary() {
    if absent() {
        return;
    }
    for files in [files(), with_vocab_txt()] {
        let assistant = BlipAssistant::load_as(&files, Precision::Full, &device()).unwrap();
        for Encoded { text, ids } in told().texts {
            let ours = assistant.question_ids(&text).unwrap();
            assert_eq!(ours, ids, "{text:?}");
        }
    }
}

#[test]
fn the_answer_is_the_one_of_transformers() {
    if absent() {
        return;
    }
    let told = told();
    for files in [files(), with_vocab_txt()] {
        let assistant = BlipAssistant::load_as(&files, Precision::Full, &device()).unwrap();
        let grey = picture(90, 57);
        let view = GreyView {
            grey: &grey,
            width: 90,
            height: 57,
        };
        let image = assistant.encode_image(view).unwrap();
        let mut heard = String::new();
        let mut listen = |piece: &str| {
            heard.push_str(piece);
            true
        };
        let written = assistant
            .answer(&image, &told.question, 12, &mut listen)
            .unwrap();
        assert!(written.tokens == told.ids.len() - 2 && !written.stopped);
        assert!(
            written.text == told.text && heard == told.text,
            "{written:?}"
        );
        assert!(written.confidence > 0.0 && written.confidence <= 1.0);
    }
}

#[test]
fn a_cache_changes_no_logit() {
    if absent() {
        return;
    }
    let network = model().network(&device()).unwrap();
    let expected = expected("blip_expected.safetensors");
    let off = Dropout::off();
    let image = expected["image_states"].i(0..1).unwrap();
    let questions = pad(&rows(&expected["questions"])[..1], &device()).unwrap();
    let states = network.read(&questions, &image, &off).unwrap();
    let memory = network
        .decoder
        .look_at(&states, Visible::default())
        .unwrap();
    let answer = Tensor::new(&[[77u32, 12, 9, 30, 3]], &device()).unwrap();
    let at_once = network.write(&answer, &memory, None, &off).unwrap();
    let mut cache = Cache::default();
    for t in 0..5 {
        let one = answer.narrow(1, t, 1).unwrap();
        let logits = network
            .write(&one, &memory, Some(&mut cache), &off)
            .unwrap();
        close("token", &logits, &at_once.narrow(1, t, 1).unwrap(), 1e-4);
    }
}

#[test]
fn candidates_are_ranked_by_their_likelihood() {
    if absent() {
        return;
    }
    let assistant = BlipAssistant::load_as(&files(), Precision::Full, &device()).unwrap();
    let grey = picture(90, 57);
    let view = GreyView {
        grey: &grey,
        width: 90,
        height: 57,
    };
    let image = assistant.encode_image(view).unwrap();
    let ranked = assistant
        .rank(&image, "What size?", &["film", "nano wire", "round grains"])
        .unwrap();
    assert!((ranked.iter().sum::<f32>() - 1.0).abs() < 1e-5 && ranked.iter().all(|p| *p > 0.0));
    let other_order = assistant
        .rank(&image, "What size?", &["round grains", "film", "nano wire"])
        .unwrap();
    for (a, b) in [(0, 1), (1, 2), (2, 0)] {
        assert!(
            (ranked[a] - other_order[b]).abs() < 1e-5,
            "{ranked:?} {other_order:?}"
        );
    }
    let written = assistant
        .answer(&image, "What size?", 9, &mut |_| true)
        .unwrap();
    let best = assistant
        .rank(&image, "What size?", &["film", &written.text])
        .unwrap();
    assert!(best[1] > best[0] || written.tokens > 4, "{best:?}");
}

#[test]
fn weights_stored_twice_must_be_tied() {
    if absent() {
        return;
    }
    let model = model();
    let bias = "text_decoder.cls.predictions.bias";
    let copy = "text_decoder.cls.predictions.decoder.bias";
    let stored = |value: Tensor| {
        let mut weights = model.weights.clone();
        weights.insert(copy.into(), value);
        let bytes = weights::to_bytes(&weights, DType::F32).unwrap();
        ModelFiles {
            weights: Cow::Owned(bytes),
            ..files()
        }
    };
    let same = model.weights[bias].clone();
    let other = (&same + 1.0).unwrap();
    let again = BlipModel::parse(&stored(same)).unwrap();
    again.network(&device()).unwrap();
    assert!(!again.weights.contains_key(copy));
    let error = BlipModel::parse(&stored(other)).err().unwrap().to_string();
    assert!(error.contains(copy) && error.contains("tied"), "{error}");
}

#[test]
fn the_input_may_stand_in_the_file_of_the_processor() {
    if absent() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["config.json", "model.safetensors", "vocab.txt"] {
        std::fs::copy(stored("blip").join(name), folder.path().join(name)).unwrap();
    }
    let input = std::fs::read_to_string(stored("blip/preprocessor_config.json")).unwrap();
    let processor =
        format!("{{\"processor_class\": \"BlipProcessor\", \"image_processor\": {input}}}");
    std::fs::write(folder.path().join("processor_config.json"), processor).unwrap();
    let read = BlipModel::parse(&ModelFiles::read(folder.path()).unwrap()).unwrap();
    assert_eq!(read.preprocessor, model().preprocessor);
}

#[test]
fn a_written_folder_is_read_again_with_the_same_weights() {
    if absent() {
        return;
    }
    let model = model();
    let folder = tempfile::tempdir().unwrap();
    model.write(folder.path(), "A card.\n").unwrap();
    let original = files();
    let files = ModelFiles::read(folder.path()).unwrap();
    assert_eq!(files.kind().unwrap(), Kind::Blip);
    // Neither a name more nor one less than transformers writes.
    let names = |bytes: &[u8]| {
        let whole = safetensors::SafeTensors::deserialize(bytes).unwrap();
        let names: BTreeSet<String> = whole.names().into_iter().map(str::to_owned).collect();
        names
    };
    assert_eq!(names(&files.weights), names(&original.weights));
    let again = BlipModel::parse(&files).unwrap();
    assert_eq!(again.config, model.config);
    assert_eq!(again.preprocessor, model.preprocessor);
    assert_eq!(again.weights.len(), model.weights.len());
    for (name, weight) in &model.weights {
        assert_eq!(
            largest_difference(weight, &again.weights[name]),
            0.0,
            "{name}"
        );
    }
}

/// The logits of one answer, with a cache, as an assistant computes them.
fn logits(precision: Precision) -> Tensor {
    let model = model();
    let network = model
        .network_of_file(&files().weights, precision, &device())
        .unwrap();
    let expected = expected("blip_expected.safetensors");
    let off = Dropout::off();
    let pixels = patches(&expected["pixels"], 8).i(..1).unwrap();
    let image = network.image.forward(&pixels, &off).unwrap();
    let questions = pad(&rows(&expected["questions"])[..1], &device()).unwrap();
    let states = network.read(&questions, &image, &off).unwrap();
    let memory = network
        .decoder
        .look_at(&states, Visible::default())
        .unwrap();
    let answer = texts(&expected["answers"].i(..1).unwrap());
    network.write(&answer.ids, &memory, None, &off).unwrap()
}

/// The network is far harder to round than a trained one: every weight is drawn alike.
#[test]
fn eight_bits_cost_little_of_the_logits_and_32_bits_nothing() {
    let theirs = &expected("blip_expected.safetensors")["logits"];
    let full = logits(Precision::Full).squeeze(0).unwrap();
    let of_row = theirs.i(..full.dim(0).unwrap()).unwrap();
    close("32 bits", &full, &of_row, 1e-4);
    let rounded = logits(Precision::EightBits).squeeze(0).unwrap();
    let square = |x: &Tensor| {
        x.sqr()
            .unwrap()
            .mean_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap()
    };
    let lost = (square(&(&rounded - &full).unwrap()) / square(&full)).sqrt();
    assert!(lost > 1e-4 && lost < 0.03, "{lost} of the logits");
}

/// What 8 bits cost a folder of any size: `ASKEM_BLIP=DIR cargo test -p askem-model --release
/// eight_bits_of_a_folder -- --nocapture`.
#[test]
#[allow(clippy::print_stdout, reason = "its figures are asked for")]
fn eight_bits_of_a_folder_cost_little_of_its_logits() {
    let Some(folder) = std::env::var_os("ASKEM_BLIP") else {
        return println!("skipped: ASKEM_BLIP names no folder of a BLIP");
    };
    let files = ModelFiles::read(&PathBuf::from(folder)).unwrap();
    let grey = picture(640, 480);
    let view = GreyView {
        grey: &grey,
        width: 640,
        height: 480,
    };
    let [full, rounded] = [Precision::Full, Precision::EightBits].map(|precision| {
        let assistant = BlipAssistant::load_as(&files, precision, &device()).unwrap();
        let image = assistant.encode_image(view).unwrap();
        assistant
            .logits(&image, "what is this", &[7, 50, 21, 90, 33, 8, 61])
            .unwrap()
    });
    let square = |x: &Tensor| {
        x.sqr()
            .unwrap()
            .mean_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap()
    };
    let lost = (square(&(&rounded - &full).unwrap()) / square(&full)).sqrt();
    let most = largest_difference(&rounded, &full);
    let best = |x: &Tensor| x.argmax(1).unwrap().to_vec1::<u32>().unwrap();
    let same = best(&full)
        .iter()
        .zip(best(&rounded))
        .filter(|(a, b)| **a == *b)
        .count();
    println!(
        "8 bits: the logits are off by {:.3} of their size (root mean square), by {most:.4} at most; the most probable token is the same in {same} of {} places",
        lost,
        full.dim(0).unwrap()
    );
    assert!(lost < 0.05);
}
