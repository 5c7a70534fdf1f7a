//! Networks with a name against torchvision: `tests/fixtures/architectures.json`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use brasa_models::{
    ArchitectureRecipe, DataSizes, LoadOptions, Model, Network, NetworkConfig, StoredWeights,
    load_stored_weights, save_weights_as, select_device,
};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
    sizes: Vec<Size>,
}

#[derive(Deserialize)]
struct Case {
    recipe: toml::Table,
    side: usize,
    tensors: usize,
    names: String,
    eval_logits: Vec<Vec<f32>>,
    train_logits: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Size {
    name: String,
    recipe: toml::Table,
    parameters: usize,
    multiply_adds: f64,
}

fn fixture() -> Fixture {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/fixtures");
    serde_json::from_str(&std::fs::read_to_string(folder.join("architectures.json")).unwrap()).unwrap()
}

fn config(recipe: &toml::Table, side: usize, outputs: usize) -> NetworkConfig {
    let mut entries = brasa_keys::Entries::new(recipe.clone());
    let recipe = ArchitectureRecipe::take(&mut entries, &[]).unwrap();
    recipe.kind().check_shape(&[3, side, side]).unwrap();
    recipe.kind().network(&DataSizes { shape: vec![3, side, side], outputs, ..DataSizes::default() }, 0)
}

/// Numbers from -1 to 1 by the name, as the fixture's script has them.
pub(crate) fn noise(name: &str, count: usize) -> Vec<f32> {
    let seed = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let number = |index: u64| {
        let z = seed.wrapping_add(index.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let z = z ^ (z >> 31);
        ((z >> 40) as f64 / f64::from(1 << 23) - 1.0) as f32
    };
    (1..=count as u64).map(number).collect()
}

fn filled(name: &str, shape: &[usize]) -> Vec<f32> {
    let values = noise(name, shape.iter().product());
    let ends = |with: &str| name.ends_with(with);
    let learned = ends("class_token") || ends("pos_embedding") || ends("layer_scale");
    let bound = (6.0 / shape.iter().skip(1).product::<usize>() as f64).sqrt() as f32;
    let of = |value: f32| match () {
        () if shape.len() >= 2 && !learned => value * bound,
        () if ends("running_var") => 1.0 + 0.5 * value,
        () if ends("weight") => 1.0 + 0.2 * value,
        () => 0.1 * value,
    };
    values.into_iter().map(of).collect()
}

/// What torch would have saved for the network.
fn weights_of_torch(config: &NetworkConfig, case: &Case) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".safetensors").tempfile().unwrap();
    let drawn: Network = config.init(1, &Device::default()).unwrap();
    save_weights_as(&drawn, file.path(), &config.torch_names()).unwrap();
    let stored = StoredWeights::open(file.path()).unwrap();
    let tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)> = stored
        .shapes()
        .map(|(name, shape)| {
            let bytes = filled(name, &shape).iter().flat_map(|value| value.to_le_bytes()).collect();
            (name.to_string(), (shape, bytes))
        })
        .collect();
    let names: Vec<_> = tensors.iter().map(|(name, (shape, _))| format!("{name} {shape:?}")).collect();
    assert_eq!(tensors.len(), case.tensors, "{:?}: {names:?}", case.recipe);
    assert_eq!(digest(&names.join("\n")), case.names, "{:?}: {names:?}", case.recipe);
    let views = tensors.iter().map(|(name, (shape, bytes))| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize_to_file(views, None, file.path()).unwrap();
    file
}

fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn assert_close(found: Tensor<2>, expected: &[Vec<f32>], what: &str) {
    let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
    let expected = expected.concat();
    let largest = expected.iter().fold(1.0_f32, |largest, value| largest.max(value.abs()));
    for (found, expected) in found.iter().zip(&expected) {
        assert!(
            (found - expected).abs() < 1e-4 * largest,
            "{what}: {found} for {expected}, largest {largest}"
        );
    }
}

#[test]
fn names_shapes_and_logits_are_torchvisions() {
    for case in fixture().cases {
        let mut recipe = case.recipe.clone();
        for key in ["dropout", "stochastic_depth"] {
            let mut entries = brasa_keys::Entries::new(recipe.clone());
            let known = ArchitectureRecipe::take(&mut entries, &[]).unwrap();
            if format!("{known:?}").contains(&format!("{key}:")) {
                recipe.insert(key.into(), 0.0.into());
            }
        }
        let config = config(&recipe, case.side, 7);
        let file = weights_of_torch(&config, &case);
        let stored = StoredWeights::open(file.path()).unwrap();
        let input = noise("input", 2 * 3 * case.side * case.side);
        let device = select_device("flex").unwrap();
        for (device, expected) in
            [(device.clone(), &case.eval_logits), (device.autodiff(), &case.train_logits)]
        {
            let names = config.torch_names();
            let options = LoadOptions { torch_names: &names, ..LoadOptions::default() };
            let loaded = load_stored_weights(config.init(2, &device).unwrap(), &stored, options).unwrap();
            assert!(loaded.unexpected.is_empty() && loaded.new_head.is_empty(), "{:?}", loaded.unexpected);
            let features = input.len() / 2;
            let input: Tensor<2> = Tensor::from_data(TensorData::new(input.clone(), [2, features]), &device);
            let logits = loaded.network.forward_train(&input.into(), 3);
            let logits = if device.is_autodiff() { logits.inner() } else { logits };
            assert_close(logits, expected, &format!("{:?}", case.recipe));
        }
    }
}

#[test]
fn parameters_and_multiply_adds_are_those_that_torchvision_tells() {
    for size in fixture().sizes {
        let name = &size.name;
        let summary = config(&size.recipe, 224, 1000).summary().unwrap();
        assert_eq!(summary.parameters(), size.parameters, "{name}");
        // Ours counts a multiply-add as two, and what is no product besides.
        let found = summary.flops() as f64 / 2e9;
        let ratio = found / size.multiply_adds;
        assert!((0.99..1.06).contains(&ratio), "{name}: {found} for {}", size.multiply_adds);
    }
}

#[test]
fn a_depth_is_a_number_in_quotes_or_without() {
    let take = |text: &str| {
        let mut entries = brasa_keys::Entries::new(text.parse().unwrap());
        ArchitectureRecipe::take(&mut entries, &[])
    };
    let [quoted, plain] =
        ["\"34\"", "34"].map(|depth| take(&format!("kind = \"resnet\"\ndepth = {depth}")).unwrap());
    assert_eq!(quoted, plain);
    let message = take("kind = \"vgg\"\ndepth = 18").unwrap_err().to_string();
    assert!(message.contains("expected one of \"11\", \"13\", \"16\", \"19\", found \"18\""), "{message}");
}
