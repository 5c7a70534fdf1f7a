//! Networks over titles against PyTorch: fixtures of `tests/fixtures/text-*`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use brasa_models::{
    Bag, Input, Model, Network, NetworkConfig, TextConfig, TextReader, load_weights, save_weights,
    select_device,
};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    frozen: bool,
    words: usize,
    dims: usize,
    length: usize,
    reader: TextReader,
    titles: Vec<Vec<i32>>,
    logits: Vec<Vec<f32>>,
    embedding_gradient: Option<Vec<Vec<f32>>>,
    output_gradient: Vec<Vec<f32>>,
    reader_gradient: Vec<Vec<f32>>,
}

fn fixture_path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/fixtures").join(name)
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(fixture_path("text-net.json")).unwrap();
    serde_json::from_str::<Fixture>(&text).unwrap().cases
}

impl Case {
    fn config(&self) -> NetworkConfig {
        NetworkConfig::Text(TextConfig {
            dims: self.dims,
            length: self.length,
            frozen: self.frozen,
            ..TextConfig::new(self.words, self.reader.clone(), self.logits[0].len())
        })
    }

    fn network(&self, device: &Device) -> Network {
        let path = fixture_path(&format!("text-{}.safetensors", self.name));
        load_weights(self.config().init(0, device).unwrap(), &path, &[]).unwrap()
    }

    fn inputs(&self, device: &Device) -> Tensor<2, Int> {
        Tensor::from_data(TensorData::new(self.titles.concat(), [self.titles.len(), self.length]), device)
    }
}

fn assert_close(found: Tensor<2>, expected: &[Vec<f32>], tolerance: f32, what: &str) {
    assert_eq!(found.dims(), [expected.len(), expected[0].len()], "{what}");
    let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
    for (found, expected) in found.iter().zip(expected.concat()) {
        assert!(
            (found - expected).abs() < tolerance * expected.abs().max(1.0),
            "{what}: {found} for {expected}"
        );
    }
}

/// Gradients by the names of their parameters, the last axes together; none for a parameter that is frozen.
struct Gradients<'a> {
    of: &'a burn::tensor::Gradients,
    path: Vec<String>,
    found: BTreeMap<String, Option<Tensor<2>>>,
}

impl ModuleVisitor for Gradients<'_> {
    fn enter_module(&mut self, name: &str, _kind: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _kind: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if D >= 2 {
            let rows = param.dims()[0] as i32;
            let gradient = param.val().grad(self.of).map(|gradient| gradient.reshape([rows, -1]));
            self.found.insert(self.path.join("."), gradient);
        }
    }
}

#[test]
fn logits_and_gradients_agree() {
    let device = select_device("flex").unwrap().autodiff();
    for case in cases() {
        let what = &case.name;
        let network = case.network(&device);
        let logits = network.forward(&Input::ids(case.inputs(&device)));
        assert_close(logits.clone().inner(), &case.logits, 1e-5, what);
        let loss = (log_softmax(logits, 1) * Tensor::<2>::eye(4, &device)).sum().neg().div_scalar(4.0);
        let of = loss.backward();
        let mut gradients = Gradients { of: &of, path: Vec::new(), found: BTreeMap::new() };
        network.visit(&mut gradients);
        let mut take = |end: &str| {
            let key = gradients.found.keys().find(|key| key.ends_with(end)).cloned();
            gradients.found.remove(&key.unwrap_or_else(|| panic!("no {end}"))).unwrap()
        };
        // Linear layers keep the transpose of PyTorch's matrix.
        assert_close(take("output.weight").unwrap().transpose(), &case.output_gradient, 1e-4, what);
        let reader = match case.reader {
            TextReader::Cnn { .. } => take("convs.2.weight").unwrap(),
            TextReader::Mlp { .. } => take("hidden.0.weight").unwrap().transpose(),
            TextReader::Transformer { .. } => take("layers.0.linear1.weight").unwrap(),
        };
        assert_close(reader, &case.reader_gradient, 1e-4, what);
        match (take("embedding"), &case.embedding_gradient) {
            (Some(found), Some(expected)) => assert_close(found, expected, 1e-4, what),
            (found, expected) => assert_eq!(found.is_some(), expected.is_some(), "{what}"),
        }
    }
}

#[test]
fn weights_survive_saving() {
    let device = select_device("flex").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let path = folder.path().join("weights.safetensors");
        save_weights(&case.network(&device), &path).unwrap();
        let network = load_weights(case.config().init(1, &device).unwrap(), &path, &[]).unwrap();
        assert_close(network.forward(&Input::ids(case.inputs(&device))), &case.logits, 1e-5, &case.name);
    }
}

#[test]
fn a_new_word_reads_like_the_word_whose_vector_it_is_given() {
    let device = select_device("flex").unwrap();
    for case in cases() {
        let Network::Text(network) = case.network(&device) else { panic!("a text network") };
        let words = case.titles.concat();
        // Word 5 stands under the next free number.
        let table = load_table(&case);
        let vector = table[5 * case.dims..6 * case.dims].to_vec();
        let network = network.with_more_words(vector).unwrap();
        assert_eq!(network.words(), case.words + 2);
        let renamed = words.iter().map(|&word| if word == 5 { 12 } else { word }).collect::<Vec<_>>();
        let input = Tensor::from_data(TensorData::new(renamed, [case.titles.len(), case.length]), &device);
        assert_close(network.forward(input), &case.logits, 1e-5, &case.name);
    }
}

#[test]
fn a_bag_takes_new_words_into_each_network() {
    let device = select_device("flex").unwrap();
    let config =
        TextConfig { dims: 2, length: 3, ..TextConfig::new(4, TextReader::Mlp { hidden: vec![] }, 2) };
    let texts = [1, 2].map(|seed| NetworkConfig::Text(config.clone()).init(seed, &device).unwrap());
    let alone = texts.clone().map(|text| text.with_more_words(&[0.5, -0.5]).unwrap());
    let bag = Network::Bag(Bag::of(texts.to_vec())).with_more_words(&[0.5, -0.5]).unwrap();
    let input = Input::ids(Tensor::from_data(TensorData::from([[5, 1, 0]]), &device));
    let mean = alone.map(|text| text.forward(&input)).into_iter().reduce(|a, b| a + b).unwrap() / 2.0;
    let expected: Vec<Vec<f32>> = vec![mean.into_data().try_into_vec().unwrap()];
    assert_close(bag.forward(&input), &expected, 1e-6, "bag");
}

#[test]
fn the_first_words_are_read_as_if_no_others_were_there() {
    let device = select_device("flex").unwrap();
    let ids = |rows: Vec<i32>, length| Tensor::from_data(TensorData::new(rows, [2, length]), &device);
    for reader in [
        TextReader::Cnn { filter_sizes: vec![1, 2], filters: 3 },
        TextReader::Mlp { hidden: vec![4] },
        TextReader::Transformer { depth: 1, heads: 2, width: 8 },
    ] {
        let all = TextConfig { dims: 4, length: 3, ..TextConfig::new(6, reader.clone(), 5) };
        let first = TextConfig { length: 5, first: Some(3), ..all.clone() };
        let (all, first) = (all.init(1, &device).unwrap(), first.init(1, &device).unwrap());
        // 7 and more are no words.
        let expected = all.forward(ids(vec![6, 2, 0, 1, 0, 3], 3));
        let expected: Vec<f32> = expected.into_data().try_into_vec().unwrap();
        let found = first.forward(ids(vec![6, 2, 9, 1, 8, 1, 7, 3, 2, 0], 5));
        assert_close(
            found,
            &expected.chunks(5).map(<[f32]>::to_vec).collect::<Vec<_>>(),
            1e-6,
            "first words",
        );
    }
    let wrong = TextConfig { first: Some(21), ..TextConfig::new(6, TextReader::Mlp { hidden: vec![] }, 5) };
    let message = wrong.init(1, &device).unwrap_err().to_string();
    assert!(message.contains("from 1 to 20, the words of a title"), "{message}");
}

/// The vectors of all words, from the file.
fn load_table(case: &Case) -> Vec<f32> {
    struct Table(Vec<f32>);
    impl ModuleVisitor for Table {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if self.0.is_empty() {
                self.0 = param.val().into_data().try_into_vec().unwrap();
            }
        }
    }
    let mut table = Table(Vec::new());
    case.network(&Device::default()).visit(&mut table);
    table.0
}

#[test]
fn given_vectors_take_the_place_of_random_ones() {
    let device = select_device("flex").unwrap();
    for case in cases() {
        let Network::Text(network) = case.network(&device) else { panic!("a text network") };
        let zeroed = network.clone().with_embedding(vec![0.0; (case.words + 1) * case.dims]).unwrap();
        let logits: Vec<f32> =
            zeroed.clone().forward(case.inputs(&device)).into_data().try_into_vec().unwrap();
        let classes = case.logits[0].len();
        assert!(logits.chunks(classes).all(|row| row == &logits[..classes]), "{}: {logits:?}", case.name);
        let back = zeroed.with_embedding(load_table(&case)).unwrap();
        assert_close(back.forward(case.inputs(&device)), &case.logits, 1e-5, &case.name);
        assert!(network.with_embedding(vec![0.0; 5]).is_none());
    }
}

#[test]
fn the_summary_counts_what_is_trained() {
    for case in cases() {
        let summary = case.config().summary().unwrap();
        let network = case.config().init(1, &Device::default()).unwrap();
        let frozen = if case.frozen { (case.words + 1) * case.dims } else { 0 };
        assert_eq!(summary.parameters(), network.num_params() - frozen, "{}", case.name);
    }
}

#[test]
fn networks_that_cannot_be_are_refused() {
    let cnn = |filter_sizes: Vec<usize>, filters| TextReader::Cnn { filter_sizes, filters };
    let error = |reader| TextConfig::new(10, reader, 3).init(1, &Device::default()).unwrap_err().to_string();
    assert!(error(cnn(vec![2, 21], 5)).contains("filter_sizes: expected sizes from 1 to 20"));
    assert!(error(cnn(vec![], 5)).contains("filter_sizes"));
    assert!(error(cnn(vec![2], 0)).contains("filters"));
    assert!(error(TextReader::Mlp { hidden: vec![4, 0] }).contains("hidden"));
    let transformer = |heads| TextReader::Transformer { depth: 1, heads, width: 8 };
    assert!(
        error(transformer(3))
            .contains("heads: expected a divisor of 50, the numbers of a word's vector, found 3")
    );
    assert!(error(transformer(0)).contains("heads"));
    let config = TextConfig { dropout: 1.0, ..TextConfig::new(10, cnn(vec![2], 5), 3) };
    assert!(config.init(1, &Device::default()).unwrap_err().to_string().contains("dropout"));
}
