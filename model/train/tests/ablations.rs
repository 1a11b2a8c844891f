//! The paper's three structural ablations: what is switched off is gone, and nothing else is.

use super::super::{Settings, Start, train};
use super::{corpus, settings, view};
use crate::config::{Ablation, Config};
use crate::generate::{Assistant, pad};
use crate::layers::Dropout;
use crate::network::Network;
use crate::ops::Visible;
use crate::parameters::Parameters;
use crate::preprocess::Preprocessor;
use crate::test_device::{absent, device};
use crate::text::Sight;
use candle_core::Tensor;

fn network(without: &[Ablation]) -> (Network, Parameters) {
    let config = Config {
        without: without.to_vec(),
        ..Config::paper(60, Vec::new())
    };
    let parameters = Parameters::seeded(5);
    let network = Network::new(&config, parameters.builder(&device())).unwrap();
    (network, parameters)
}

/// Patches of two images that differ.
fn images() -> Tensor {
    let values = (0..2 * 49 * 1024).map(|i| ((i as f32) * 0.37).sin());
    Tensor::from_vec(values.collect::<Vec<_>>(), (2, 49, 1024), &device()).unwrap()
}

fn rows(tensor: &Tensor) -> Vec<Vec<f32>> {
    tensor.to_vec2().unwrap()
}

/// States of the text encoder for one text.
fn read(network: &Network, ids: &[u32]) -> Vec<Vec<f32>> {
    let texts = pad(&[ids.to_vec()], &device()).unwrap();
    let states = network.text.encode(&texts, None, &Dropout::off()).unwrap();
    rows(&states.squeeze(0).unwrap())
}

/// States of the decoder for one text that looks at the first of `images`.
fn write(network: &Network, ids: &[u32], images: &Tensor) -> Vec<Vec<f32>> {
    let off = Dropout::off();
    let ids = pad(&[ids.to_vec()], &device()).unwrap().ids;
    let states = network.image.forward(images, &off).unwrap();
    let memory = network
        .text
        .cross_memory(&states.narrow(0, 0, 1).unwrap())
        .unwrap();
    let decoded = network
        .text
        .decode(&ids, &memory, &Visible::default(), None, &off);
    rows(&decoded.unwrap().squeeze(0).unwrap())
}

#[test]
fn without_self_attention_no_token_of_the_encoders_sees_another() {
    if absent() {
        return;
    }
    let (whole, all) = network(&[]);
    assert_ne!(read(&whole, &[7, 8, 9])[0], read(&whole, &[7, 8, 10])[0]);
    let (network, parameters) = network(&[Ablation::Sa]);
    assert_eq!(
        read(&network, &[7, 8, 9])[0],
        read(&network, &[7, 8, 10])[0]
    );
    let is_own = |name: &&String| name.starts_with("image.") && name.contains("attention");
    assert!(all.all().keys().any(|name| is_own(&name)));
    assert!(!parameters.all().keys().any(|name| is_own(&name)));
    // The mean stands for the whole, so that a change anywhere is seen in the vectors.
    let off = Dropout::off();
    let vector = |ids: &[u32]| {
        let texts = pad(&[ids.to_vec(), vec![3; 6]], &device()).unwrap();
        rows(&network.text_vector(&texts, &off).unwrap())[0].clone()
    };
    assert_ne!(vector(&[7, 8, 9]), vector(&[7, 8, 10]));
    let states = network.image.forward(&images(), &off).unwrap();
    let vectors = rows(&network.image_vector(&states).unwrap());
    assert_ne!(vectors[0], vectors[1]);
}

#[test]
fn padding_has_no_part_in_the_mean() {
    if absent() {
        return;
    }
    let (network, _) = network(&[Ablation::Sa]);
    let off = Dropout::off();
    let vector = |texts: &[Vec<u32>]| {
        let texts = pad(texts, &device()).unwrap();
        rows(&network.text_vector(&texts, &off).unwrap())[0].clone()
    };
    let (alone, beside) = (
        vector(&[vec![7, 8, 9]]),
        vector(&[vec![7, 8, 9], vec![3; 9]]),
    );
    assert!(alone.iter().zip(&beside).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn without_cross_attention_no_text_depends_on_the_image() {
    if absent() {
        return;
    }
    let off = Dropout::off();
    let logits = |network: &Network| {
        let states = network.image.forward(&images(), &off).unwrap();
        let texts = pad(&[vec![7, 8], vec![7, 8]], &device()).unwrap();
        network
            .match_logit(&texts, &Sight::whole(&states), &off)
            .unwrap()
            .to_vec1::<f32>()
            .unwrap()
    };
    let other = images().flip(&[0]).unwrap();
    let (whole, _) = network(&[]);
    assert_ne!(logits(&whole)[0], logits(&whole)[1]);
    assert_ne!(
        write(&whole, &[4, 8], &images()),
        write(&whole, &[4, 8], &other)
    );
    let (blind, parameters) = network(&[Ablation::Ca]);
    assert_eq!(logits(&blind)[0], logits(&blind)[1]);
    assert_eq!(
        write(&blind, &[4, 8], &images()),
        write(&blind, &[4, 8], &other)
    );
    assert!(!parameters.all().keys().any(|name| name.contains("cross")));
}

#[test]
fn without_causal_attention_no_token_of_an_answer_sees_another() {
    if absent() {
        return;
    }
    let (whole, _) = network(&[]);
    let (network, parameters) = network(&[Ablation::Csa]);
    let images = images();
    let last = |network: &Network, ids: &[u32]| write(network, ids, &images)[2].clone();
    assert_ne!(last(&whole, &[4, 8, 9]), last(&whole, &[4, 11, 9]));
    assert_eq!(last(&network, &[4, 8, 9]), last(&network, &[4, 11, 9]));
    for network in [&whole, &network] {
        let first = |ids: &[u32]| write(network, ids, &images)[0].clone();
        assert_eq!(
            first(&[4, 8, 9]),
            first(&[4, 8, 12]),
            "a later token is seen"
        );
    }
    assert!(!parameters.all().keys().any(|name| name.contains("causal")));
}

#[test]
fn every_ablation_trains_and_answers_and_keeps_what_it_is() {
    if absent() {
        return;
    }
    let corpus = corpus();
    for ablation in [Ablation::Sa, Ablation::Ca, Ablation::Csa] {
        let settings = Settings {
            without: vec![ablation],
            ..settings(2)
        };
        let start = Start::Nothing;
        let model = train(&corpus, &settings, start, None, &device(), &mut |_| true);
        let folder = tempfile::tempdir().unwrap();
        model.unwrap().write(folder.path(), "").unwrap();
        let files = crate::ModelFiles::read(folder.path()).unwrap();
        let assistant = Assistant::load(&files, &device()).unwrap();
        let memory = assistant
            .encode_image(view(&corpus.folders[0].validation[0]))
            .unwrap();
        let answer = assistant.answer(&memory, &corpus.questions[0], 8, &mut |_| true);
        assert!(answer.unwrap().tokens > 0, "{ablation:?}");
        let model = crate::folder::Model::parse(&files).unwrap();
        assert_eq!(model.config.without, [ablation]);
        assert_eq!(Preprocessor::of(&model.config), model.preprocessor);
    }
}
