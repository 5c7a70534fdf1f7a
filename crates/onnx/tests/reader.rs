//! Files of others: one of the onnx package, made by `fixtures/weights.py`, and hostile ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod foreign;

use brasa_onnx::{Data, Initializer, OnnxError, initializers, read_initializers};
use half::{bf16, f16};
use proptest::prelude::*;

use foreign::{Entry, Graph, Model, Sparse, Tensor};

const WEIGHTS: &[u8] = include_bytes!("fixtures/weights.onnx");

#[test]
fn every_type_is_read_from_either_place() {
    let values: [(&str, Data); 13] = [
        ("FLOAT", vec![0.5_f32, -2.0].into()),
        ("DOUBLE", vec![0.1_f64, -2.0].into()),
        ("FLOAT16", vec![f16::from_f32(0.5), f16::from_f32(-2.0)].into()),
        ("BFLOAT16", vec![bf16::from_f32(0.5), bf16::from_f32(-2.0)].into()),
        ("INT8", vec![i8::MIN, i8::MAX].into()),
        ("INT16", vec![i16::MIN, i16::MAX].into()),
        ("INT32", vec![i32::MIN, i32::MAX].into()),
        ("INT64", vec![i64::MIN, i64::MAX].into()),
        ("UINT8", vec![0, u8::MAX].into()),
        ("UINT16", vec![0, u16::MAX].into()),
        ("UINT32", vec![0, u32::MAX].into()),
        ("UINT64", vec![0, u64::MAX].into()),
        ("BOOL", vec![true, false].into()),
    ];
    let mut expected = Vec::new();
    let new = |name: String, shape: &[usize], data| Initializer { name, shape: shape.into(), data };
    for (name, data) in values {
        expected.push(new(format!("typed.{name}"), &[2, 1], data.clone()));
        expected.push(new(format!("raw.{name}"), &[1, 2], data));
    }
    expected.push(new("typed.STRING".into(), &[2], ["no", "sí"].as_slice().into()));
    expected.push(new("scalar".into(), &[], vec![1.5_f32].into()));
    expected.push(new("empty".into(), &[3, 0], Data::F32(Vec::new())));
    expected.push(new("condition".into(), &[], vec![true].into()));
    assert_eq!(initializers(WEIGHTS).unwrap(), expected);
    let halves = expected.iter().filter(|read| read.name.ends_with("FLOAT16"));
    assert!(halves.map(|read| read.data.to_f32()).all(|values| values == Some(vec![0.5, -2.0])));

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/weights.onnx");
    assert_eq!(read_initializers(path).unwrap(), expected);
}

#[track_caller]
fn refuses(tensor: Tensor, words: &[&str]) {
    let error = initializers(&foreign::model(vec![tensor])).unwrap_err();
    assert!(matches!(error, OnnxError::Initializer { .. }), "{error}");
    let error = error.to_string();
    assert!(words.iter().all(|word| error.contains(word)), "{error}");
}

#[test]
fn shapes_that_lie_are_refused() {
    let of = |dims: &[i64]| Tensor { dims: dims.into(), raw: Some(vec![0; 8]), ..Tensor::floats("w") };
    assert!(initializers(&foreign::model(vec![of(&[2])])).is_ok());
    refuses(of(&[3]), &["\"w\"", "12 bytes", "found 8"]);
    refuses(of(&[1]), &["4 bytes", "found 8"]);
    refuses(of(&[0]), &["0 bytes"]);
    refuses(of(&[1 << 40]), &["4398046511104 bytes"]);
    refuses(of(&[-2, -1]), &["sizes of 0 and more", "[-2, -1]"]);
    refuses(of(&[1 << 32, 1 << 32]), &["fits a machine word"]);
    refuses(of(&[0, 1 << 62, 1 << 62]), &["fits a machine word"]);
    refuses(of(&[1 << 62, 2]), &["fewer bytes"]);
    refuses(Tensor { raw: Some(vec![0; 7]), ..of(&[2]) }, &["8 bytes", "found 7"]);
    refuses(Tensor { raw: None, ..of(&[1 << 40]) }, &["1099511627776 elements of float32", "found 0"]);
    refuses(Tensor { raw: None, floats: vec![1.0; 3], ..of(&[2]) }, &["2 elements", "found 3"]);
    refuses(Tensor { dims: vec![-1; 1000], ..of(&[]) }, &["sizes of 0"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    refuses(Tensor { name: None, ..Tensor::floats("") }, &["expected a name"]);
    refuses(Tensor { kind: Some(14), ..Tensor::floats("w") }, &["\"w\"", "data type 14"]);
    refuses(Tensor { kind: None, ..Tensor::floats("w") }, &["data type 0"]);
    let bytes = Tensor { kind: Some(2), ..Tensor::floats("w") };
    refuses(Tensor { ints: vec![256], ..bytes.clone() }, &["\"w\"", "its type"]);
    refuses(Tensor { ints: vec![-1], ..bytes.clone() }, &["its type"]);
    // A name can be as long as the file, and hold what a terminal would obey.
    let long = Tensor { ints: vec![1, 2], name: Some("\n\u{1b}".repeat(1000)), ..bytes.clone() };
    let message = initializers(&foreign::model(vec![long])).unwrap_err().to_string();
    assert!(message.len() < 1000 && !message.contains(char::is_control), "{message}");
    let text = Tensor { kind: Some(8), ..bytes };
    refuses(Tensor { texts: vec![vec![0xff]], ..text.clone() }, &["UTF-8"]);
    refuses(Tensor { raw: Some(vec![0; 4]), ..text }, &["string_data"]);
    let entry = |key: &str, value: &str| Entry { key: Some(key.into()), value: Some(value.into()) };
    let external = vec![entry("offset", "0"), entry("location", "../weights.bin")];
    let outside = Tensor { external, location: Some(1), ..Tensor::floats("w") };
    refuses(outside.clone(), &["\"w\"", "\"../weights.bin\""]);
    refuses(Tensor { location: None, ..outside }, &["\"../weights.bin\""]);
    refuses(Tensor { location: Some(1), ..Tensor::floats("w") }, &["not read"]);
}

#[test]
fn names_are_unique_and_tensors_dense() {
    let tensor = Tensor { dims: vec![0], ..Tensor::floats("w") };
    let twice = initializers(&foreign::model(vec![tensor.clone(), tensor.clone()])).unwrap_err();
    assert!(twice.to_string().contains("\"w\": expected a name of its own"), "{twice}");
    let sparse = vec![Sparse { values: Some(tensor) }];
    let graph = Graph { sparse, ..Graph::default() };
    let sparse = initializers(&foreign::bytes(&Model { graph: Some(graph) })).unwrap_err();
    assert!(sparse.to_string().contains("\"w\": expected a dense tensor"), "{sparse}");
}

#[test]
fn a_file_that_is_none_says_so() {
    let malformed = |bytes: &[u8]| matches!(initializers(bytes), Err(OnnxError::Malformed { .. }));
    assert!(malformed(b"") && malformed(b"not an ONNX file") && malformed(&[0x3a, 0x7f]));
    // A length of 2^63, and groups within groups, which the format has no use for.
    assert!(malformed(&[0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]));
    assert!(malformed(&[0x0b; 1 << 20]));
    let missing = read_initializers("/nowhere/model.onnx").unwrap_err();
    assert!(matches!(missing, OnnxError::Io { .. }) && missing.to_string().contains("/nowhere/model.onnx"));
    assert!(matches!(read_initializers(std::env::temp_dir()), Err(OnnxError::Io { .. })));
}

#[test]
fn graphs_within_graphs_cost_no_stack() {
    // A node (1) with an attribute (5) with a graph (6), and so on, around nothing.
    let mut graph = Vec::new();
    for _ in 0..2_000 {
        for key in [0x32, 0x2a, 0x0a] {
            graph = foreign::field(key, &graph);
        }
    }
    assert_eq!(initializers(&foreign::field(0x3a, &graph)).unwrap(), []);
}

#[test]
fn a_file_that_was_cut_off_never_panics() {
    // Only at the end of the graph is there something whole.
    let whole = (0..WEIGHTS.len()).filter(|length| initializers(&WEIGHTS[..*length]).is_ok()).count();
    assert!(whole <= 2, "{whole}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = initializers(&bytes);
        let _ = initializers(&foreign::field(0x3a, &bytes));
        let _ = initializers(&foreign::field(0x3a, &foreign::field(0x2a, &bytes)));
    }

    #[test]
    fn no_changed_byte_panics(place in 0..WEIGHTS.len(), byte in any::<u8>()) {
        let mut bytes = WEIGHTS.to_vec();
        bytes[place] = byte;
        for read in initializers(&bytes).into_iter().flatten() {
            prop_assert_eq!(read.shape.iter().product::<usize>(), read.data.len());
        }
    }

    #[test]
    fn any_shape_is_as_its_data_or_refused(
        dims in proptest::collection::vec(prop_oneof![-2..5_i64, any::<i64>()], 0..4),
        kind in 0..25_i32,
        length in 0..64_usize,
    ) {
        let raw = Some(vec![0; length]);
        let bytes = foreign::model(vec![Tensor { dims, kind: Some(kind), raw, ..Tensor::floats("w") }]);
        for read in initializers(&bytes).into_iter().flatten() {
            prop_assert_eq!(read.shape.iter().product::<usize>(), read.data.len());
        }
    }
}
