//! Models that are written here, judged by the checker of the onnx package and run by ONNX Runtime. The variable
//! `BRASA_ONNX_PYTHON` names a Python with both: `.ci/run` installs it and runs the tests, `cargo test` leaves them out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

use brasa_onnx::{Dim, Element, Graph, Operator, Opset};
use serde_json::{Value as Json, json};

/// What the script says of the model and the case.
fn check(graph: Graph, opset: Opset, inputs: Json, outputs: Json) -> (bool, String) {
    let python = std::env::var_os("BRASA_ONNX_PYTHON").expect("BRASA_ONNX_PYTHON names a Python with onnx");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/onnx_check.py");
    let folder = tempfile::tempdir().unwrap();
    let (model, case) = (folder.path().join("model.onnx"), folder.path().join("case.json"));
    std::fs::write(&model, graph.finish(opset, "brasa-onnx", env!("CARGO_PKG_VERSION")).unwrap()).unwrap();
    std::fs::write(&case, json!({ "inputs": inputs, "outputs": outputs }).to_string()).unwrap();
    let output = Command::new(python).arg(script).args([model, case]).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[track_caller]
fn agrees(graph: impl Fn() -> Graph, inputs: Json, outputs: Json) {
    for opset in [Opset::V17, Opset::V18] {
        let (agrees, words) = check(graph(), opset, inputs.clone(), outputs.clone());
        assert!(agrees, "{opset:?}: {words}");
    }
}

fn batch() -> Dim {
    Dim::named("batch")
}

/// Two layers, the softmax of their output, and the name of its largest place.
fn mlp() -> Graph {
    let mut graph = Graph::new("mlp");
    graph.doc("a small network");
    graph.metadata("classes", "no,sí");
    let x = graph.input("input", Element::F32, &[batch(), 2.into()]);
    let weights = vec![1.0_f32, -1.0, 0.5, 0.5, -1.0, 0.0];
    let w = graph.initializer("hidden.0.weight", &[3, 2], weights);
    let b = graph.initializer("hidden.0.bias", &[3], vec![0.0_f32, 1.0, 0.5]);
    let hidden = graph.node("Gemm", &[&x, &w, &b], [("transB", 1.into())]);
    let hidden = graph.node("Relu", &[&hidden], []);
    let w = graph.initializer("output.weight", &[2, 3], vec![1.0_f32, 1.0, 0.0, 0.0, 1.0, 2.0]);
    let logits = graph.node("Gemm", &[&hidden, &w], [("transB", 1.into()), ("alpha", 1.0.into())]);
    let best = graph.node("ArgMax", &[&logits], [("axis", 1.into()), ("keepdims", 0.into())]);
    let classes = graph.constant(&[2], ["no", "sí"].as_slice());
    let names = graph.node("Gather", &[&classes, &best], []);
    let shares = graph.node("Softmax", &[&logits], [("axis", (-1).into())]);
    graph.output("logits", &logits, Element::F32, &[batch(), 2.into()]);
    graph.output("shares", &shares, Element::F32, &[batch(), 2.into()]);
    graph.output("class", &names, Element::String, &[batch()]);
    // What has a name already is copied.
    graph.output("again", &logits, Element::F32, &[batch(), 2.into()]);
    graph.output("same", &x, Element::F32, &[batch(), 2.into()]);
    graph
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn an_mlp_computes_what_it_should() {
    // [3, 1]: hidden relu(2, 3, -2.5); [-1, 0]: relu(-1, 0.5, 1.5).
    let share = |a: f64, b: f64| json!([1.0 / (1.0 + (b - a).exp()), 1.0 / (1.0 + (a - b).exp())]);
    let outputs = json!({
        "logits": [[5, 3], [0.5, 3.5]],
        "shares": [share(5.0, 3.0), share(0.5, 3.5)],
        "class": ["no", "sí"],
        "again": [[5, 3], [0.5, 3.5]],
        "same": [[3, 1], [-1, 0]],
    });
    agrees(mlp, json!({ "input": [[3, 1], [-1, 0]] }), outputs);
}

/// A convolution with a stride and padding, batch normalization, and the mean of each channel.
fn cnn() -> Graph {
    let mut graph = Graph::new("cnn");
    let x = graph.input("input", Element::U8, &[batch(), 1.into(), 3.into(), 3.into()]);
    let x = graph.node("Cast", &[&x], [("to", 1.into())]);
    // The sum of a window, and its middle.
    let kernel: Vec<f32> = (0..18).map(|place| f32::from(u8::from(place < 9 || place == 13))).collect();
    let w = graph.initializer("conv.weight", &[2, 1, 3, 3], kernel);
    let attributes = [
        ("kernel_shape", [3, 3].into()),
        ("strides", [2, 2].into()),
        ("pads", [1, 1, 1, 1].into()),
        ("dilations", vec![1, 1].into()),
    ];
    let y = graph.node("Conv", &[&x, &w], attributes);
    let mut part = |name: &str, values: [f32; 2]| graph.initializer(name, &[2], values.as_slice());
    let (scale, bias) = (part("bn.gamma", [2.0, 1.0]), part("bn.beta", [1.0, 0.0]));
    let (mean, variance) = (part("bn.mean", [4.0, 0.0]), part("bn.variance", [4.0, 1.0]));
    let attributes = [("epsilon", 0.0.into())];
    let y = graph.node("BatchNormalization", &[&y, &scale, &bias, &mean, &variance], attributes);
    let largest = [("kernel_shape", [1, 2].into()), ("auto_pad", "NOTSET".into())];
    let y = graph.node("MaxPool", &[&y], largest);
    let y = graph.node("GlobalAveragePool", &[&y], []);
    let shape = graph.constant_i64(&[0, -1]);
    let y = graph.node("Reshape", &[&y, &shape], []);
    let half = graph.constant_f32(0.5);
    let y = graph.node("Mul", &[&y, &half], []);
    graph.output("output", &y, Element::F32, &[batch(), 2.into()]);
    graph
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn a_cnn_computes_what_it_should() {
    // Sums of the corners' windows: 12, 16; 24, 28. Normalized: 9, 13; 21, 25. Largest of rows: 13, 25; mean 19.
    // Middles: 1, 3; 7, 9. Largest of rows: 3, 9; mean 6.
    let input = json!({ "input": [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]] });
    agrees(cnn, input, json!({ "output": [[9.5, 3.0]] }));
}

/// One step of an LSTM without the inputs that may be left out, of which one is in the middle.
fn lstm() -> Graph {
    let mut graph = Graph::new("lstm");
    let x = graph.input("input", Element::F32, &[Dim::named("time"), batch(), 1.into()]);
    let w = graph.initializer("weight", &[1, 4, 1], vec![0.0_f32; 4]);
    let r = graph.initializer("recurrent", &[1, 4, 1], vec![0.0_f32; 4]);
    let state = graph.initializer("state", &[1, 1, 1], vec![1.0_f32]);
    let inputs = [Some(&x), Some(&w), Some(&r), None, None, None, Some(&state)];
    let outputs = graph.nodes("LSTM", &inputs, [("hidden_size", 1.into())], 3);
    graph.output("cell", &outputs[2], Element::F32, &[1.into(), batch(), 1.into()]);
    graph
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn inputs_may_be_left_out() {
    // All gates are half open.
    agrees(lstm, json!({ "input": [[[3]], [[4]]] }), json!({ "cell": [[[0.25]]] }));
}

/// One tree of one split, which sends up to 0.5 to the left.
fn tree() -> Graph {
    let mut graph = Graph::new("tree");
    let x = graph.input("input", Element::F32, &[batch(), 1.into()]);
    let attributes = [
        ("n_targets", 1.into()),
        ("nodes_treeids", [0, 0, 0].into()),
        ("nodes_nodeids", [0, 1, 2].into()),
        ("nodes_featureids", [0, 0, 0].into()),
        ("nodes_values", [0.5, 0.0, 0.0].into()),
        ("nodes_modes", ["BRANCH_LEQ", "LEAF", "LEAF"].as_slice().into()),
        ("nodes_truenodeids", [1, 0, 0].into()),
        ("nodes_falsenodeids", [2, 0, 0].into()),
        ("target_treeids", [0, 0].into()),
        ("target_nodeids", [1, 2].into()),
        ("target_ids", [0, 0].into()),
        ("target_weights", [-1.0, 2.0].into()),
    ];
    let y = graph.node(Operator::ml("TreeEnsembleRegressor"), &[&x], attributes);
    graph.output("output", &y, Element::F32, &[batch(), 1.into()]);
    graph
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn a_tree_computes_what_it_should() {
    agrees(tree, json!({ "input": [[0.5], [0.75]] }), json!({ "output": [[-1], [2]] }));
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn what_is_wrong_is_found() {
    let input = json!({ "input": [[0.5]] });
    let (agrees, words) = check(tree(), Opset::V17, input.clone(), json!({ "output": [[-1.001]] }));
    assert!(!agrees && words.contains("output: expected [[-1.001"), "{words}");
    let (agrees, words) = check(tree(), Opset::V17, input, json!({ "output": [[-1, 0]] }));
    assert!(!agrees && words.contains("shape"), "{words}");
    let mut graph = Graph::new("wrong");
    let x = graph.input("input", Element::F32, &[batch()]);
    let y = graph.node("Relu", &[&x], []);
    graph.output("output", &y, Element::F32, &[batch(), 2.into()]);
    let (agrees, words) = check(graph, Opset::V17, json!({}), json!({}));
    assert!(!agrees && words.contains("ShapeInferenceError"), "{words}");
}
