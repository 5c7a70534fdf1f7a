//! Layers alone: what they say of wrong sizes, and that they are those of the networks that use them.

use brasa_kernels::{Epilogue, max_over_time};
use brasa_models::layers::{
    BatchNormConfig, Conv1dConfig, Conv2dConfig, Directions, EmbeddingConfig, GruConfig, LinearConfig,
    LstmConfig, ResidualConfig, SqueezeExciteConfig, linear,
};
use brasa_models::{
    Cell, Init, Initializer, Pool, RecurrentConfig, Sequential, SequentialConfig, TextConfig, TextReader,
};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};

const SEED: u64 = 11;

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Numbers in [-1, 1].
fn wave<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let count = shape.iter().product();
    let numbers: Vec<f32> = (0..count).map(|i| (i as f32 * 0.7).sin()).collect();
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

/// The network of one layer over `[3, 9, 9]`, with weights from `SEED`.
fn network(layer: &str, device: &Device) -> Sequential {
    let config = SequentialConfig {
        layers: vec![layer.parse().unwrap()],
        init: Init::HeNormal,
        ..SequentialConfig::new(vec![3, 9, 9], 2)
    };
    config.init(SEED, device).unwrap()
}

#[test]
fn layers_over_images_are_those_of_a_sequential_network() {
    let device = Device::default();
    let maps = wave([2, 3, 9, 9], &device);
    let of_network = |layer: &str| {
        let maps = network(layer, &device).maps(maps.clone().flatten(1, 3), 0).unwrap();
        (maps.dims(), values(maps))
    };
    let seen = |maps: Tensor<4>| (maps.dims(), values(maps));

    let conv = Conv2dConfig::new([3, 6], [3, 5]).with_stride([2, 2]).with_padding([1, 2]).with_groups(3);
    let conv = conv.with_init(Init::HeNormal).with_seed(SEED).init(&device).unwrap();
    assert_eq!(seen(conv.forward(maps.clone())), of_network("conv 6 3x5 stride=2 groups=3"));
    assert_eq!(conv.forward(maps.clone()).dims(), [2, 6, 5, 5]);
    let positive = values(conv.forward_then(maps.clone(), Epilogue::Relu));
    let all = values(conv.forward(maps.clone()));
    assert!(positive.iter().zip(all).all(|(positive, any)| *positive == any.max(0.0)));

    let block = ResidualConfig::new([3, 8]).with_stride(2).with_squeeze(4);
    let block = block.with_init(Init::HeNormal).with_seed(SEED).init(&device).unwrap();
    assert_eq!(seen(block.forward(maps.clone())), of_network("residual 8 stride=2 squeeze=4"));
    assert_eq!(block.forward(maps.clone()).dims(), [2, 8, 5, 5]);

    let norm = BatchNormConfig::new(3).init(&device).unwrap();
    assert_eq!(seen(norm.forward(maps.clone())), of_network("batch-norm"));
}

#[test]
fn a_linear_layer_is_the_output_of_a_network_without_layers() {
    let device = Device::default();
    let layer = LinearConfig::new(6, 4).with_seed(SEED).init(&device).unwrap();
    let network = SequentialConfig::new(vec![6, 1, 1], 4).init(SEED, &device).unwrap();
    let x = wave([5, 6], &device);
    assert_eq!(
        values(linear(&layer, x.clone())),
        values(network.logits_from_maps(x.reshape([5, 6, 1, 1]), 0))
    );
}

#[test]
fn recurrent_layers_are_those_of_a_recurrent_network() {
    let device = Device::default();
    let x = wave([3, 7, 4], &device);
    for cell in [Cell::Lstm, Cell::Gru] {
        for directions in [Directions::Forward, Directions::Both] {
            let mut weights = Initializer::new(Init::Pytorch, SEED, &device);
            let states = match cell {
                Cell::Lstm => {
                    let layers = LstmConfig::new(4, 5).with_layers(2).with_directions(directions);
                    layers.init_with(&mut weights).unwrap().forward(x.clone())
                }
                Cell::Gru => {
                    let layers = GruConfig::new(4, 5).with_layers(2).with_directions(directions);
                    layers.init_with(&mut weights).unwrap().forward(x.clone())
                }
            };
            let width = if directions == Directions::Both { 10 } else { 5 };
            assert_eq!(states.dims(), [3, 7, width]);
            let output = LinearConfig::new(width, 2).init_with(&mut weights).unwrap();
            let ours = linear(&output, states.mean_dim(1).reshape([3, width]));

            let config = RecurrentConfig {
                cell,
                hidden: vec![5, 5],
                bidirectional: directions == Directions::Both,
                pool: Pool::Mean,
                ..RecurrentConfig::new([7, 4], 2)
            };
            let network = config.init(SEED, &device).unwrap();
            assert_eq!(values(ours), values(network.forward(x.clone().flatten(1, 2))));
        }
    }
}

#[test]
fn dropout_between_recurrent_layers_is_a_function_of_the_seed() {
    let device = Device::default();
    let x = wave([3, 7, 4], &device);
    let one = LstmConfig::new(4, 5).with_dropout(0.5).init(&device).unwrap();
    assert_eq!(
        values(one.forward_train(x.clone(), 1)),
        values(one.forward(x.clone())),
        "only between layers"
    );
    let two = LstmConfig::new(4, 5).with_layers(2).with_dropout(0.5).init(&device).unwrap();
    let drawn = [1, 1, 2].map(|seed| values(two.forward_train(x.clone(), seed)));
    assert_eq!(drawn[0], drawn[1]);
    assert_ne!(drawn[0], drawn[2]);
}

#[test]
fn an_embedding_and_convolutions_over_time_are_those_of_a_text_network() {
    let device = Device::default();
    let ids = Tensor::<2, Int>::from_ints([[1, 5, 3, 0, 0, 0], [2, 2, 4, 1, 5, 0]], &device);
    let mut weights = Initializer::new(Init::Pytorch, SEED, &device);
    let words = EmbeddingConfig::new(6, 4).with_padding(0).init_with(&mut weights).unwrap();
    let convs: Vec<_> =
        [2, 3].map(|words| Conv1dConfig::new([4, 5], words).init_with(&mut weights).unwrap()).into();
    let output = LinearConfig::new(10, 3).init_with(&mut weights).unwrap();
    let vectors = words.forward(ids.clone());
    assert_eq!(vectors.dims(), [2, 6, 4]);
    let vectors = vectors.swap_dims(1, 2);
    let largest = convs.iter().map(|conv| max_over_time(conv.forward_then(vectors.clone(), Epilogue::Relu)));
    let ours = linear(&output, Tensor::cat(largest.collect(), 1));

    let reader = TextReader::Cnn { filter_sizes: vec![2, 3], filters: 5 };
    let config = TextConfig { dims: 4, length: 6, ..TextConfig::new(5, reader, 3) };
    let network = config.init(SEED, &device).unwrap();
    assert_eq!(values(ours), values(network.forward(ids)));
}

#[test]
fn padding_has_no_vector_and_learns_none() {
    let device = Device::default().autodiff();
    let words = EmbeddingConfig::new(3, 2).with_padding(1).init(&device).unwrap();
    let ids = Tensor::<2, Int>::from_ints([[0, 1, 2]], &device);
    let vectors = words.forward(ids);
    assert_eq!(values(vectors.clone())[2..4], [0.0, 0.0]);
    let gradients = vectors.sum().backward();
    assert_eq!(values(words.weight.val().grad(&gradients).unwrap()), [1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    let frozen = EmbeddingConfig::new(3, 2).frozen().init(&device).unwrap();
    assert!(!frozen.weight.val().is_require_grad());
}

#[test]
fn a_strided_convolution_over_time_sees_what_it_should() {
    let device = Device::default();
    let conv =
        Conv1dConfig::new([1, 1], 2).with_stride(2).with_padding(1).without_bias().init(&device).unwrap();
    let [first, second] = values(conv.weight.val())[..] else { panic!("two taps") };
    let y = values(conv.forward(Tensor::from_floats([[[1.0, 10.0, 100.0]]], &device)));
    let expected = [second, 10.0 * first + 100.0 * second];
    assert!(
        y.iter().zip(expected).all(|(y, expected)| (y - expected).abs() < 1e-4),
        "{y:?} for {expected:?}"
    );
    assert_eq!(y.len(), 2);
}

#[test]
fn squeeze_and_excitation_weighs_each_channel() {
    let device = Device::default();
    let maps = wave([2, 4, 3, 3], &device);
    let squeeze = SqueezeExciteConfig::new(4, 2).with_seed(SEED).init(&device).unwrap();
    let weights = values(squeeze.weights(maps.clone()));
    let weighed = values(squeeze.forward(maps.clone()));
    for (index, (weighed, value)) in weighed.iter().zip(values(maps)).enumerate() {
        assert_eq!(*weighed, value * weights[index / 9]);
    }
}

/// One value for each feature has no variance.
#[test]
fn a_batch_norm_learns_nothing_from_one_value() {
    let device = Device::default().autodiff();
    let norm = BatchNormConfig::new(2).init(&device).unwrap();
    let y = norm.forward(Tensor::<2>::from_floats([[3.0, -5.0]], &device));
    assert_eq!(values(y), [0.0, 0.0]);
    assert_eq!(values(norm.running_mean.value()), [0.0, 0.0]);
    assert_eq!(values(norm.running_var.value()), [1.0, 1.0]);
}

/// Burn holds an update back until it is asked for.
#[test]
fn the_running_statistics_are_those_of_the_last_step_for_those_who_save_in_training() {
    let device = Device::default().autodiff();
    let norm = BatchNormConfig::new(1).init(&device).unwrap();
    norm.forward(Tensor::<2>::from_floats([[1.0], [3.0]], &device));
    struct Means(Vec<f32>);
    impl ModuleVisitor for Means {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(values(param.val()));
        }
    }
    let mut seen = Means(vec![]);
    norm.visit(&mut seen);
    // Scale, shift, a tenth of the mean 2, 0.9 and a tenth of the unbiased variance 2.
    let expected = [1.0, 0.0, 0.2, 1.1];
    assert!(
        seen.0.iter().zip(expected).all(|(seen, expected)| (seen - expected).abs() < 1e-6),
        "{:?}",
        seen.0
    );
    assert_eq!(seen.0.len(), 4);
}

#[test]
fn impossible_layers_are_named() {
    let device = Device::default();
    let messages = [
        Conv2dConfig::new([3, 0], [3, 3]).init(&device).unwrap_err(),
        Conv2dConfig::new([3, 4], [3, 0]).init(&device).unwrap_err(),
        Conv2dConfig::new([4, 6], [3, 3]).with_groups(4).init(&device).unwrap_err(),
        Conv1dConfig::new([4, 6], 3).with_groups(0).init(&device).unwrap_err(),
        Conv1dConfig::new([4, 6], 3).with_stride(0).init(&device).unwrap_err(),
        BatchNormConfig::new(3).with_momentum(1.5).init(&device).unwrap_err(),
        BatchNormConfig::new(3).with_epsilon(0.0).init(&device).unwrap_err(),
        ResidualConfig::new([3, 8]).with_squeeze(9).init(&device).unwrap_err(),
        LinearConfig::new(0, 8).init(&device).unwrap_err(),
        EmbeddingConfig::new(3, 8).with_padding(3).init(&device).unwrap_err(),
        LstmConfig::new(3, 8).with_layers(0).init(&device).unwrap_err(),
        GruConfig::new(3, 8).with_dropout(1.0).init(&device).unwrap_err(),
    ];
    let expected = [
        "Conv2dConfig.channels: expected at least 1, found 0",
        "Conv2dConfig.kernel: expected at least 1, found 0",
        "Conv2dConfig.groups: expected a divisor of 4 and 6 channels, found 4",
        "Conv1dConfig.groups: expected a divisor of 4 and 6 channels, found 0",
        "Conv1dConfig.stride: expected at least 1, found 0",
        "BatchNormConfig.momentum: expected 0 to 1, found 1.5",
        "BatchNormConfig.epsilon: expected a number above 0, found 0",
        "SqueezeExciteConfig.reduction: expected 1 to 8, the channels, found 9",
        "LinearConfig.inputs: expected at least 1, found 0",
        "EmbeddingConfig.padding: expected an id below 3, found 3",
        "LstmConfig.layers: expected at least 1, found 0",
        "GruConfig.dropout: expected 0 to below 1, found 1",
    ];
    assert_eq!(messages.map(|error| error.to_string()), expected);
}
