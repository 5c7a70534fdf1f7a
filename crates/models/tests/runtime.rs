//! Every architecture as an ONNX graph, judged by the checker of the onnx package and run by ONNX Runtime beside this crate. The
//! variable `BRASA_ONNX_PYTHON` names a Python with both: `.ci/run` installs it and runs the tests, `cargo test` leaves them out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

use brasa_models::{
    Activation, ArchitectureRecipe, BagConfig, BoostedTrees, BoostedTreesConfig, Cell, DataSizes, Input,
    Link, MlpConfig, Model, Network, NetworkConfig, PerceptronConfig, Pool, RealMlpConfig, RecurrentConfig,
    Rocket, RocketConfig, RocketFeatures, RocketTargets, SequentialConfig, TabmConfig, TextConfig,
    TextReader, Tree, TreeNode, WeightType, read_back,
};
use brasa_onnx::{Dim, Element, Graph, Opset};
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde_json::{Value as Json, json};

/// What a network is given.
enum Given {
    Numbers(Vec<usize>),
    /// Numbers of words: how many words there are, and how many a text has.
    Words(usize, usize),
    /// Columns, of which some hold levels, so many.
    Columns(Vec<usize>),
}

struct Case {
    name: String,
    config: NetworkConfig,
    network: Network,
    given: Given,
}

fn case(name: impl Into<String>, config: NetworkConfig, given: Given) -> Case {
    let device = Device::default();
    let network = config.init(3, &device).unwrap();
    Case { name: name.into(), config, network, given }
}

/// A network whose running statistics are not the first ones.
fn trained(name: impl Into<String>, config: NetworkConfig, shape: &[usize]) -> Case {
    let device = Device::default().autodiff();
    let network: Network = config.init(3, &device).unwrap();
    for step in 0..2 {
        let input = numbers(4, shape, step as f32, &device);
        network.forward_train(&Input::numbers(input, shape), step);
    }
    Case { name: name.into(), config, network: network.valid(), given: Given::Numbers(shape.to_vec()) }
}

fn wave(count: usize, phase: f32) -> Vec<f32> {
    (0..count).map(|at| (at as f32 * 0.37 + phase).sin() * 1.5).collect()
}

fn numbers(batch: usize, shape: &[usize], phase: f32, device: &Device) -> Tensor<2> {
    let features: usize = shape.iter().product();
    Tensor::from_data(TensorData::new(wave(batch * features, phase), [batch, features]), device)
}

fn recipe(text: &str, shape: &[usize]) -> NetworkConfig {
    let mut entries = brasa_keys::Entries::new(text.parse().unwrap());
    let recipe = ArchitectureRecipe::take(&mut entries, &[]).unwrap();
    recipe.kind().network(&DataSizes { shape: shape.to_vec(), outputs: 5, ..DataSizes::default() }, 0)
}

fn layers(list: &[&str], shape: &[usize]) -> NetworkConfig {
    let layers = list.iter().map(|layer| layer.parse().unwrap()).collect();
    NetworkConfig::Sequential(SequentialConfig { layers, ..SequentialConfig::new(shape.to_vec(), 5) })
}

/// Rows as nested lists of this shape.
fn nested(values: &[f32], shape: &[usize]) -> Json {
    match shape {
        [] => json!(values.first()),
        [_, rest @ ..] => {
            let size = rest.iter().product::<usize>().max(1);
            values.chunks(size).map(|part| nested(part, rest)).collect()
        }
    }
}

fn check(case: &Case, batch: usize, weights: WeightType) {
    let device = Device::default();
    let mut graph = Graph::new(&case.name);
    let (shape, element, rows, input) = match &case.given {
        Given::Numbers(shape) => {
            let values = wave(batch * shape.iter().product::<usize>(), 0.2);
            let input = Input::numbers(numbers(batch, shape, 0.2, &device), shape);
            (shape.clone(), Element::F32, values, input)
        }
        Given::Words(words, length) => {
            let ids: Vec<i32> = (0..batch * length).map(|at| ((at * 7) % (words + 1)) as i32).collect();
            let rows = ids.iter().map(|id| *id as f32).collect();
            let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [batch, *length]), &device);
            (vec![*length], Element::I64, rows, Input::ids(ids))
        }
        Given::Columns(levels) => {
            let value = |at: usize| match levels[at % levels.len()] {
                0 => (at as f32 * 0.37).sin(),
                levels => ((at * 5) % (levels + 1)) as f32,
            };
            let rows: Vec<f32> = (0..batch * levels.len()).map(value).collect();
            let input = Tensor::from_data(TensorData::new(rows.clone(), [batch, levels.len()]), &device);
            (vec![levels.len()], Element::F32, rows, Input::numbers(input, &[levels.len()]))
        }
    };
    let dims: Vec<Dim> =
        [Dim::named("batch")].into_iter().chain(shape.iter().map(|side| (*side).into())).collect();
    let value = graph.input("input", element, &dims);
    let outputs = case.config.emit_as(&case.network, &mut graph, &value, weights).unwrap();
    let network = match weights {
        WeightType::F32 => case.network.clone(),
        WeightType::Int8 => case.network.clone().with_int8_weights(),
    };
    let width = case.config.outputs();
    graph.output("outputs", &outputs, Element::F32, &[Dim::named("batch"), width.into()]);
    let found = read_back(network.forward(&input), "outputs").unwrap();

    let python = std::env::var_os("BRASA_ONNX_PYTHON").expect("BRASA_ONNX_PYTHON names a Python with onnx");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/onnx_check.py");
    let folder = tempfile::tempdir().unwrap();
    let (model, wanted) = (folder.path().join("model.onnx"), folder.path().join("case.json"));
    std::fs::write(&model, graph.finish(Opset::V17, "brasa-models", "test").unwrap()).unwrap();
    let whole: Vec<usize> = [batch].into_iter().chain(shape).collect();
    let content = json!({
        "inputs": { "input": nested(&rows, &whole) },
        "outputs": { "outputs": nested(&found, &[batch, width]) },
        "tolerance": 1e-4,
    });
    std::fs::write(&wanted, content.to_string()).unwrap();
    let output = Command::new(python).arg(script).args([model, wanted]).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}, batch {batch}, {weights:?}: {words}", case.name);
}

fn agree(cases: impl IntoIterator<Item = Case>) {
    for case in cases {
        for (batch, weights) in [(1, WeightType::F32), (7, WeightType::F32), (7, WeightType::Int8)] {
            check(&case, batch, weights);
        }
    }
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn networks_over_images_agree() {
    let small = [3, 32, 32];
    let cases = [
        (r#"kind = "resnet""#, small),
        (
            r#"kind = "resnet"
            depth = "50""#,
            [3, 33, 33],
        ),
        (r#"kind = "cifar-resnet""#, [1, 28, 28]),
        (r#"kind = "squeezenet""#, [3, 34, 34]),
        (
            r#"kind = "mobilenet-v2"
            width = 0.25"#,
            small,
        ),
        (r#"kind = "mobilenet-v3-small""#, small),
        (r#"kind = "efficientnet""#, small),
        (
            r#"kind = "efficientnet"
            variant = "lite0""#,
            [3, 33, 47],
        ),
        (r#"kind = "convnext""#, small),
        (
            r#"kind = "vit"
            patch = 8
            depth = 2
            width = 24
            hidden = 48"#,
            small,
        ),
        (r#"kind = "nin""#, [1, 69, 69]),
        (r#"kind = "alexnet""#, [3, 63, 63]),
    ];
    agree(cases.map(|(text, shape)| trained(text, recipe(text, &shape), &shape)));
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn layers_of_every_kind_agree() {
    let lists: [&[&str]; 5] = [
        &[
            "conv 6 3x3 stride=2 groups=1",
            "group-norm 2",
            "gelu",
            "avg-pool 3 stride=2 padding=1",
            "adaptive-avg-pool 3x2",
        ],
        &[
            "residual 8 stride=2 squeeze=2",
            "mish",
            "max-pool 3 stride=2 ceil=yes",
            "layer-norm",
            "silu",
            "global-avg-pool",
        ],
        &[
            "conv 4 3x3",
            "leaky-relu",
            "layer-scale 0.5",
            "pad 1x2 0x1",
            "short-cut 7 stride=2",
            "selu",
            "linear 6",
            "batch-norm",
            "tanh",
        ],
        &[
            "conv 4 3x3",
            "relu6",
            "dropout 0.5",
            "stochastic-depth 0.5",
            "hard-sigmoid",
            "conv 4 3x3",
            "hard-swish",
            "sigmoid",
        ],
        &[
            "conv 8 4x4 stride=4",
            "class-token",
            "positions",
            "attention 2",
            "first-token",
            "layer-norm",
            "group-norm 4",
        ],
    ];
    let shape = [2, 17, 14];
    agree(lists.iter().map(|list| trained(format!("{list:?}"), layers(list, &shape), &shape)));
    let mirrored = layers(lists[0], &shape).with_test_flip().unwrap();
    agree([trained("mirrored".to_owned(), mirrored, &shape)]);
    let text = r#"kind = "inception-time"
        depth = 3
        filters = 4"#;
    agree([trained(text, recipe(text, &[20, 3]), &[20, 3])]);
    let text = "kind = \"series-resnet\"\nfilters = [4, 6, 6]";
    agree([trained(text, recipe(text, &[20, 3]), &[20, 3])]);
}

/// Fixed convolutions that were fitted to the very samples that they are asked about: their biases are quantiles of what these convolve to, so
/// that any other order of the sums would be told by values that are above their bias, or are not.
fn fitted(config: &RocketConfig, name: &str) -> Case {
    let shape = config.input.to_vec();
    let samples = wave(7 * shape.iter().product::<usize>(), 0.2);
    let (labels, targets) = ([0, 1, 2, 3, 4, 0, 1], wave(7, 0.9));
    let targets = match config.outputs {
        1 => RocketTargets::Numbers(&targets),
        _ => RocketTargets::Classes(&labels),
    };
    let rocket = Rocket::fit(config, &samples, targets, 4, &Device::default()).unwrap();
    let network = Network::Rocket(rocket);
    let config = NetworkConfig::Rocket(config.clone()).fitted(&network);
    Case { name: format!("{name} {shape:?}"), config, network, given: Given::Numbers(shape) }
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn fixed_convolutions_over_series_agree() {
    let mini = RocketFeatures::Mini { features: 500, max_dilations: 8 };
    let mut cases = Vec::new();
    for input in [[60, 1], [31, 3], [4, 2], [1, 1]] {
        for outputs in [5, 1] {
            cases.push(fitted(&RocketConfig::new(input, outputs, mini), "mini"));
        }
    }
    for input in [[40, 1], [19, 4], [2, 1], [1, 2]] {
        cases.push(fitted(&RocketConfig::new(input, 5, RocketFeatures::HydraMulti), "hydra and multi"));
    }
    agree(cases);
}

#[test]
fn series_of_several_lengths_have_no_graph() {
    let mini = RocketFeatures::Mini { features: 84, max_dilations: 2 };
    let mut config = RocketConfig::new([12, 2], 5, mini);
    config.masked = true;
    let Case { config, network, .. } = fitted(&config, "masked");
    let mut graph = Graph::new("masked");
    let value = graph.input("input", Element::F32, &[Dim::named("batch"), 12.into(), 2.into()]);
    let message = config.emit(&network, &mut graph, &value).unwrap_err().to_string();
    assert!(message.contains("series of several lengths"), "{message}");
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn networks_over_series_texts_and_tables_agree() {
    let mut cases = Vec::new();
    for (cell, both, pool) in [
        (Cell::Lstm, false, Pool::Last),
        (Cell::Lstm, true, Pool::Mean),
        (Cell::Gru, true, Pool::Last),
        (Cell::Gru, false, Pool::Mean),
    ] {
        let base = RecurrentConfig::new([9, 4], 5);
        let config = RecurrentConfig { cell, hidden: vec![6, 4], bidirectional: both, pool, ..base };
        let name = format!("{cell:?} {both} {pool:?}");
        cases.push(case(name, NetworkConfig::Recurrent(config), Given::Numbers(vec![9, 4])));
    }
    for reader in [
        TextReader::Cnn { filter_sizes: vec![2, 3], filters: 4 },
        TextReader::Mlp { hidden: vec![8] },
        TextReader::Transformer { depth: 2, heads: 3, width: 8 },
    ] {
        let config = TextConfig { dims: 6, length: 9, ..TextConfig::new(11, reader, 5) };
        // The same over the first words, of which it knows some.
        let some = TextConfig { words: 6, first: Some(5), ..config.clone() };
        cases.push(case("text of some words", NetworkConfig::Text(some), Given::Words(11, 9)));
        cases.push(case("text", NetworkConfig::Text(config), Given::Words(11, 9)));
    }
    for activation in Activation::ALL {
        let config = MlpConfig { hidden: vec![8, 6], activation, batch_norm: true, ..MlpConfig::new(7, 5) };
        cases.push(trained(format!("{activation:?}"), NetworkConfig::Mlp(config), &[7]));
    }
    let levels = vec![0, 2, 4, 30, 0, 1];
    let real = NetworkConfig::RealMlp(RealMlpConfig::new(levels.clone(), 5));
    cases.push(case("real-mlp", real.clone(), Given::Columns(levels.clone())));
    let base = TabmConfig {
        hidden: vec![12, 8],
        members: 3,
        bins: 6,
        dims: 4,
        ..TabmConfig::new(levels.clone(), 5)
    };
    for (name, columns, bins) in
        [("tabm", levels.clone(), 6), ("tabm plain", levels.clone(), 0), ("tabm numbers", vec![0; 4], 6)]
    {
        let config = TabmConfig { columns: columns.clone(), bins, one_hot: 8, ..base.clone() };
        cases.push(case(name, NetworkConfig::Tabm(config), Given::Columns(columns)));
    }
    let bag = NetworkConfig::Bag(BagConfig::of(vec![real.clone(), real]));
    cases.push(case("bag", bag, Given::Columns(levels)));
    cases.push(case(
        "perceptron",
        NetworkConfig::Perceptron(PerceptronConfig { inputs: 3 }),
        Given::Numbers(vec![3]),
    ));
    agree(cases);
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn trees_agree() {
    let tree = |sum: usize, feature: usize, threshold: f32| Tree {
        sum,
        nodes: vec![
            TreeNode::Split { feature, threshold, left: 1, right: 2 },
            TreeNode::Leaf(-0.5),
            TreeNode::Split { feature: 0, threshold: 0.7, left: 3, right: 4 },
            TreeNode::Leaf(0.25),
            TreeNode::Leaf(2.0),
        ],
    };
    for (link, outputs) in [(Link::Identity, 2), (Link::LogOdds, 2), (Link::OneAgainstRest, 3)] {
        let config = BoostedTreesConfig { link, ..BoostedTreesConfig::new(3, outputs) };
        let sums = link.sums(outputs);
        let trees: Vec<_> = (0..sums * 2).map(|at| tree(at % sums, 1 + at % 2, 0.1 * at as f32)).collect();
        let network = BoostedTrees::of(&config, &vec![0.5; sums], &trees, &Device::default()).unwrap();
        let network = Network::BoostedTrees(network);
        let config = NetworkConfig::BoostedTrees(config).fitted(&network);
        agree([Case { name: format!("{link:?}"), config, network, given: Given::Numbers(vec![3]) }]);
    }
}
