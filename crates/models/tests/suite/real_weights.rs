//! Published weights, where `BRASA_DATA` has them: `tests/fixtures/real_weights.json`.

use std::path::{Path, PathBuf};

use brasa_models::{ArchitectureKind, DataSizes, NetworkConfig};
use brasa_models::{
    CifarResNetRecipe, EfficientNetRecipe, EfficientNetVariant, LoadOptions, LoadedWeights, Network,
    SqueezeNetRecipe, StoredWeights, load_stored_weights, select_device,
};
use burn::tensor::{Tensor, TensorData};
use serde::Deserialize;

use crate::architectures::{assert_close, noise};

#[derive(Deserialize)]
struct Fixture {
    cifar: Vec<Cifar>,
    lite0: Vec<Vec<f32>>,
    squeezenet: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Cifar {
    file: String,
    blocks: usize,
    logits: Vec<Vec<f32>>,
}

fn fixture() -> Fixture {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/fixtures");
    serde_json::from_str(&std::fs::read_to_string(folder.join("real_weights.json")).unwrap()).unwrap()
}

/// The files of `folder` whose names begin so.
fn files(folder: &str, begin: &str) -> Option<Vec<PathBuf>> {
    let data = Path::new(&std::env::var_os("BRASA_DATA")?).join(folder);
    let data = if data.is_absolute() {
        data
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(data)
    };
    let entries = std::fs::read_dir(data).ok()?.map(|entry| entry.unwrap().path());
    let named =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_str().unwrap().starts_with(begin));
    Some(entries.filter(named).collect())
}

fn config(kind: &dyn ArchitectureKind, side: usize, outputs: usize) -> NetworkConfig {
    kind.network(&DataSizes { shape: vec![3, side, side], outputs, ..DataSizes::default() }, 0)
}

fn load(config: &NetworkConfig, path: &Path, new_head: bool) -> LoadedWeights<Network> {
    let device = select_device("flex").unwrap();
    let (names, head) = (config.torch_names(), config.head());
    let options = LoadOptions {
        torch_names: &names,
        new_head: if new_head { &head } else { &[] },
        ..LoadOptions::default()
    };
    load_stored_weights(config.init(1, &device).unwrap(), &StoredWeights::open(path).unwrap(), options)
        .unwrap()
}

fn images(side: usize) -> Tensor<2> {
    let values = noise("input", 2 * 3 * side * side);
    Tensor::from_data(TensorData::new(values, [2, 3 * side * side]), &select_device("flex").unwrap())
}

#[test]
fn cifars_residual_networks_load_straight_from_both_kinds_of_file() {
    for case in fixture().cifar {
        let Some(paths) = files("cifar10-resnet-weights", &case.file) else { return };
        assert_eq!(paths.len(), 2, "{paths:?}");
        for path in paths {
            let recipe = CifarResNetRecipe { blocks: case.blocks, ..CifarResNetRecipe::default() };
            let loaded = load(&config(&recipe, 32, 10), &path, false);
            assert!(loaded.unexpected.is_empty(), "{:?}", loaded.unexpected);
            let logits = brasa_models::Model::forward(&loaded.network, &images(32).into());
            assert_close(logits, &case.logits, &path.display().to_string());
        }
    }
}

#[test]
fn efficientnet_lite_loads_straight_and_a_head_for_other_classes_stays_new() {
    let Some(paths) = files("imagenet-weights", "efficientnet-lite0") else { return };
    let recipe = EfficientNetRecipe { variant: EfficientNetVariant::Lite0, ..EfficientNetRecipe::default() };
    let loaded = load(&config(&recipe, 224, 1000), &paths[0], false);
    let logits = brasa_models::Model::forward(&loaded.network, &images(224).into());
    assert_close(logits.narrow(1, 0, 64), &fixture().lite0, "lite0");
    let loaded = load(&config(&recipe, 64, 10), &paths[0], true);
    assert_eq!(loaded.new_head, ["output.weight", "output.bias"]);
    assert!(loaded.unexpected.is_empty(), "{:?}", loaded.unexpected);
}

#[test]
fn layers_without_a_classifier_are_enough_for_squeezenet() {
    let Some(paths) = files("imagenet-weights", "squeezenet") else { return };
    let config = config(&SqueezeNetRecipe::default(), 224, 10);
    let loaded = load(&config, &paths[0], true);
    assert_eq!(loaded.new_head.len(), 2, "{:?}", loaded.new_head);
    let network = loaded.network.as_sequential().unwrap();
    let last = network.map_layers().iter().rposition(|(_, name)| name.contains("concat")).unwrap();
    let features = network.maps(images(224), last).unwrap();
    let [batch, maps, ..] = features.dims();
    let found: Tensor<2> = features.mean_dim(2).mean_dim(3).reshape([batch, maps]);
    let expected = fixture().squeezenet;
    assert!(expected.concat().iter().filter(|mean| **mean > 0.1).count() > 100);
    assert_close(found, &expected, "squeezenet");
}
