//! Networks that branch: sums and rows of branches, as residual blocks and Inception modules are written.

use brasa_kernels::{ActivationKind, Epilogue, PoolOptions, activation, global_avg_pool, max_pool2d};
use brasa_models::layers::{Conv2d, Conv2dConfig, LinearConfig};
use brasa_models::{
    Init, Initializer, KeyRename, LayerSpec, Model, Network, NetworkConfig, SequentialConfig, load_weights,
    save_weights,
};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

/// The layers of a recipe's list.
fn layers(list: &str) -> Vec<LayerSpec> {
    let table: std::collections::BTreeMap<String, Vec<LayerSpec>> =
        toml::from_str(&format!("layers = [{list}]")).unwrap();
    table.into_values().next().unwrap()
}

fn config(list: &str, input: [usize; 3]) -> SequentialConfig {
    SequentialConfig { layers: layers(list), ..SequentialConfig::new(input.to_vec(), 3) }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn wave(rows: usize, [channels, height, width]: [usize; 3], device: &Device) -> Tensor<2> {
    let features = channels * height * width;
    let numbers: Vec<f32> = (0..rows * features).map(|i| (i as f32 * 0.37).sin() * 1.5).collect();
    Tensor::from_data(TensorData::new(numbers, [rows, features]), device)
}

fn assert_close(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5 * expected.abs().max(1.0), "{what}: {found} for {expected}");
    }
}

/// What a `residual 6 stride=2` is made of.
const BLOCK: &str = r#"{ add = [
    ["conv 6 3x3 stride=2 bias=no", "batch-norm", "relu", "conv 6 3x3 bias=no", "batch-norm"],
    ["conv 6 1x1 stride=2 bias=no", "batch-norm"],
] }, "relu""#;

#[test]
fn a_basic_block_of_resnet_is_the_residual_layer_with_the_same_weights() {
    let shape = [4, 9, 9];
    let tracked = Device::default().autodiff();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("block.safetensors");
    let whole =
        NetworkConfig::Sequential(config(r#""residual 6 stride=2""#, shape)).init(5, &tracked).unwrap();
    // Running statistics that differ from the first ones.
    for step in 0..3 {
        whole.forward_train(&wave(4, shape, &tracked).into(), step);
    }
    save_weights(&whole, &path).unwrap();
    let renames = [("conv1", "0.0"), ("bn1", "0.1"), ("conv2", "0.3"), ("bn2", "0.4")]
        .map(|(from, to)| KeyRename::new(format!("^layers.0.{from}."), format!("layers.0.add.{to}.")));
    let short = [("conv", "1.0"), ("norm", "1.1")].map(|(from, to)| {
        KeyRename::new(format!("^layers.0.downsample.{from}."), format!("layers.0.add.{to}."))
    });
    let parts = NetworkConfig::Sequential(config(BLOCK, shape)).init(6, &tracked).unwrap();
    let parts = load_weights(parts, &path, &[&renames[..], &short].concat()).unwrap();

    let x = wave(4, shape, &Device::default());
    let found = [&parts, &whole].map(|network| values(network.valid().forward(&x.clone().into())));
    assert_close(&found[0], &found[1], "evaluation");
    let x = || wave(4, shape, &tracked).require_grad();
    let gradient = |network: &Network| {
        let x = x();
        let loss = network.forward_train(&x.clone().into(), 1).powf_scalar(2.0).sum();
        values(x.grad(&loss.backward()).unwrap())
    };
    assert_close(&gradient(&parts), &gradient(&whole), "gradient");
}

/// An Inception module by hand, in the order in which a recipe draws its weights.
#[derive(Module, Debug)]
struct Inception {
    stem: Conv2d,
    ones: Conv2d,
    narrow: Conv2d,
    threes: Conv2d,
    pooled: Conv2d,
    output: Linear,
}

impl Inception {
    fn new(seed: u64, device: &Device) -> Self {
        let mut weights = Initializer::new(Init::Pytorch, seed, device);
        let mut conv = |channels: [usize; 2], kernel: usize| {
            let conv = Conv2dConfig::new(channels, [kernel; 2]).with_padding([kernel / 2; 2]);
            conv.init_with(&mut weights).unwrap()
        };
        let (stem, ones, narrow) = (conv([2, 5], 3), conv([5, 4], 1), conv([5, 3], 1));
        let (threes, pooled) = (conv([3, 6], 3), conv([5, 2], 1));
        let output = LinearConfig::new(12, 3).init_with(&mut weights).unwrap();
        Self { stem, ones, narrow, threes, pooled, output }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = self.stem.forward_then(x, Epilogue::Relu);
        let window = PoolOptions { kernel: [3, 3], stride: [1, 1], padding: [1, 1] };
        let ends = vec![
            self.ones.forward(x.clone()),
            self.threes.forward(self.narrow.forward_then(x.clone(), Epilogue::Relu)),
            self.pooled.forward(max_pool2d(x, window)),
        ];
        let maps = activation(Tensor::cat(ends, 1), ActivationKind::Relu);
        self.output.forward(global_avg_pool(maps))
    }
}

const INCEPTION: &str = r#""conv 5 3x3", "relu", { concat = [
    ["conv 4 1x1"],
    ["conv 3 1x1", "relu", "conv 6 3x3"],
    ["max-pool 3 stride=1 padding=1", "conv 2 1x1"],
] }, "relu", "global-avg-pool""#;

#[test]
fn an_inception_module_is_the_one_written_by_hand() {
    let shape = [2, 8, 7];
    let device = Device::default().autodiff();
    let network = config(INCEPTION, shape).init(9, &device).unwrap();
    let by_hand = Inception::new(9, &device);
    assert_eq!(network.num_params(), by_hand.num_params());
    let (x, y) = (wave(3, shape, &device).require_grad(), wave(3, shape, &device).require_grad());
    let ours = network.forward_train(x.clone(), 1);
    let theirs = by_hand.forward(y.clone().reshape([3, 2, 8, 7]));
    assert_close(&values(ours.clone()), &values(theirs.clone()), "logits");
    let ours = ours.powf_scalar(2.0).sum().backward();
    let theirs = theirs.powf_scalar(2.0).sum().backward();
    assert_close(&values(x.grad(&ours).unwrap()), &values(y.grad(&theirs).unwrap()), "input's gradient");
    let kernels = network.first_kernels().unwrap().grad(&ours).unwrap();
    assert_close(
        &values(kernels),
        &values(by_hand.stem.weight.val().grad(&theirs).unwrap()),
        "gradient of the weights before the branches",
    );
}

#[test]
fn a_summary_names_the_layers_of_each_branch_and_counts_what_there_is() {
    let config = config(INCEPTION, [2, 8, 7]);
    let summary = config.summary().unwrap();
    let rows: Vec<_> =
        summary.layers.iter().map(|row| (row.name.as_str(), row.output.clone(), row.parameters)).collect();
    assert_eq!(
        rows[2..8],
        [
            ("layers.2.concat.0.0 conv 4 1x1", vec![4, 8, 7], 4 * 6),
            ("layers.2.concat.1.0 conv 3 1x1", vec![3, 8, 7], 3 * 6),
            ("layers.2.concat.1.1 relu", vec![3, 8, 7], 0),
            ("layers.2.concat.1.2 conv 6 3x3", vec![6, 8, 7], 6 * 28),
            ("layers.2.concat.2.0 max-pool 3 stride=1 padding=1", vec![5, 8, 7], 0),
            ("layers.2.concat.2.1 conv 2 1x1", vec![2, 8, 7], 2 * 6),
        ]
    );
    assert_eq!(rows[8], ("layers.2 concat", vec![12, 8, 7], 0));
    let network = config.init(1, &Device::default()).unwrap();
    assert_eq!(summary.parameters(), network.num_params());
    let sum = self::config(BLOCK, [4, 9, 9]).summary().unwrap();
    let row = sum.layers.iter().find(|row| row.name == "layers.0 add").unwrap();
    assert_eq!(row.flops, 6 * 5 * 5);
}

#[test]
fn weights_of_branches_survive_saving_under_the_names_of_the_summary() {
    let shape = [2, 8, 7];
    let nested = r#"{ concat = [[{ add = [["conv 2 3x3", "batch-norm"], []] }], ["conv 3 1x1"]] }"#;
    let config = NetworkConfig::Sequential(config(nested, shape));
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let network = config.init(1, &device).unwrap();
    save_weights(&network, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let header = String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]).into_owned();
    for name in [
        "layers.0.concat.0.0.add.0.0.weight",
        "layers.0.concat.0.0.add.0.1.running_mean",
        "layers.0.concat.1.0.bias",
    ] {
        assert!(header.contains(&format!("\"{name}\"")), "{name} in {header}");
    }
    let again = load_weights(config.init(2, &device).unwrap(), &path, &[]).unwrap();
    let x = wave(2, shape, &device);
    assert_eq!(values(again.forward(&x.clone().into())), values(network.forward(&x.into())));
}

#[test]
fn a_branched_network_is_read_back_as_it_was_written() {
    let config = NetworkConfig::Sequential(config(INCEPTION, [2, 8, 7]));
    let json = serde_json::to_string(&config).unwrap();
    assert!(json.contains(r#"{"concat":[["conv 4 1x1"],"#), "{json}");
    assert_eq!(serde_json::from_str::<NetworkConfig>(&json).unwrap(), config);
}

#[test]
fn maps_before_within_and_after_branches_lead_to_the_same_logits() {
    let shape = [4, 9, 9];
    let device = Device::default();
    let network =
        config(&format!(r#""conv 4 3x3", "relu", {BLOCK}, "max-pool 2""#), shape).init(3, &device).unwrap();
    let names: Vec<&str> = network.map_layers().into_iter().map(|(_, name)| name).collect();
    assert_eq!(
        names,
        ["layers.0 conv 4 3x3", "layers.1 relu", "layers.2 add", "layers.3 relu", "layers.4 max-pool 2"]
    );
    assert_eq!((network.first_computed_maps(), network.last_computed_maps()), (Some(1), Some(3)));
    let x = wave(2, shape, &device);
    let whole = values(network.forward(x.clone()));
    for (index, name) in network.map_layers() {
        let maps = network.maps(x.clone(), index).unwrap();
        assert_close(&values(network.logits_from_maps(maps, index)), &whole, name);
    }
    assert_eq!(network.grad_cam(x, 3, 1).unwrap().dims(), [2, 5, 5]);
}

#[test]
fn each_branch_draws_its_own_dropout_from_the_seed() {
    let shape = [1, 20, 20];
    let device = Device::default();
    // Where both branches drop the same numbers, the difference of the branches is 0 everywhere.
    let list = r#""linear 400", { concat = [["dropout 0.5"], ["dropout 0.5"]] }, "dropout 0.5""#;
    let network = config(list, shape).init(3, &device).unwrap();
    let x = wave(2, shape, &device);
    let logits = [1, 1, 2].map(|seed| values(network.forward_train(x.clone(), seed)));
    assert_eq!(logits[0], logits[1]);
    assert_ne!(logits[0], logits[2]);
    assert_ne!(logits[0], values(network.forward(x)), "dropout is on");
}

#[test]
fn branches_over_flat_rows_join_features() {
    let config = config(
        r#""linear 4", { concat = [["linear 5"], []] }, { add = [["linear 9", "tanh"], []] }"#,
        [1, 2, 2],
    );
    let outputs: Vec<_> = config.summary().unwrap().layers.iter().map(|row| row.output.clone()).collect();
    assert_eq!(outputs, [vec![4], vec![5], vec![9], vec![9], vec![9], vec![9], vec![3]]);
    let device = Device::default();
    let logits = config.init(1, &device).unwrap().forward(wave(3, [1, 2, 2], &device));
    assert_eq!(logits.dims(), [3, 3]);
}

#[test]
fn what_does_not_fit_is_named_with_its_branch_and_layer() {
    for (list, message) in [
        (
            r#""relu", { add = [["conv 8 3x3"], []] }"#,
            "model.layers: expected branches that end in one shape at `add` (layer 1), \
             found [8, 6, 6] from branch 0, [2, 6, 6] from branch 1",
        ),
        (
            r#"{ concat = [["conv 8 3x3 stride=2"], []] }"#,
            "model.layers: expected branches that end in maps of one size, or in flat rows at `concat` (layer 0), \
             found [8, 3, 3] from branch 0, [2, 6, 6] from branch 1",
        ),
        (
            r#""relu", { add = [["relu"], ["relu", { concat = [[], ["conv 4 9x9 padding=0"]] }]] }"#,
            "model.layers: expected maps at least as large as the kernel at `conv 4 9x9 padding=0` \
             (layer 0 in branch 1 of layer 1 in branch 1 of layer 1), found [2, 6, 6]",
        ),
        (
            r#"{ add = [["linear 4"], ["linear 4", "max-pool 2"]] }"#,
            "model.layers: expected maps, not a flat row at `max-pool 2` (layer 1 in branch 1 of layer 0), found [4]",
        ),
    ] {
        let error = config(list, [2, 6, 6]).init(1, &Device::default()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn the_smallest_batch_is_two_where_a_batch_norm_has_one_value_a_row() {
    for (list, least) in [
        (r#""conv 4 3x3", "batch-norm""#, 1),
        (r#""conv 4 6x6 padding=0", "batch-norm""#, 2),
        (r#""linear 4", "batch-norm""#, 2),
        (r#""residual 4""#, 1),
        (r#""max-pool 3", "residual 4 stride=2""#, 2),
        (r#"{ add = [["linear 4", "batch-norm"], ["linear 4"]] }"#, 2),
        (r#""linear 4", "relu""#, 1),
    ] {
        assert_eq!(config(list, [2, 6, 6]).min_batch().unwrap(), least, "{list}");
    }
}
